"""The scorecard: the month on one page. Everybody may read it; leaders make links to it."""

import streamlit as st

from scorecard.output.theme import escape_sentence
from scorecard.ui import block, export_menu, filters, share_menu, state, views
from scorecard.worker import Worker

page = state.page("read_scorecard")
shown = views.month(page)


def here(store, identity: str):
    """The job done in place, where no worker of a server does it."""
    return Worker(store, lambda: page.today).do(identity)


with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="top", gap="small"):
    with st.container(gap="xxsmall", width="content"):
        # Beside the choice of a scorecard, which names it, the filters have room for one word.
        st.title("Scorecard" if len(page.scorecards) > 1 else f"{escape_sentence(shown.name)} scorecard", anchor=False)
        st.caption(escape_sentence(shown.second_line))
    with st.container(horizontal=True, width="content", gap="xsmall", key="filters"):
        filters.scorecards(page.scorecards)
        filters.months(shown.periods, shown.latest)
        filters.segments(shown.segments)
        export_menu.draw(page, shown.id, shown.period, here)
        share_menu.draw(page, shown)

block.draw(shown.html, key="board")

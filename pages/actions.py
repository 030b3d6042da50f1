"""Actions: mine, what is late, what is under way for each measure, what kinds work. Everybody reads, members write."""

import streamlit as st

from scorecard.output import action_tables, tables
from scorecard.ui import action_forms, action_views, block, state

page = state.page("read_scorecard")
shown = action_views.board(page)
lists = action_views.lists(shown)

with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="top", gap="small"):
    with st.container(gap="xxsmall", width="content"):
        st.title("Actions", anchor=False)
        st.caption(action_tables.second_line(shown))
    with st.container(horizontal=True, width="content", gap="xsmall", key="filters"):
        chosen = st.segmented_control(
            "Which actions",
            list(lists),
            default=action_views.asked_list(),
            required=True,
            format_func=lists.get,
            key="list of actions",
            label_visibility="collapsed",
        )
        action_forms.button(page, type="primary")


def opened(id: str) -> str:
    """The address of an action."""
    return block.address("actions", action=id)


def measured(name: str) -> str:
    """The address of a measure."""
    return block.address("measure", measure=name)


block.draw(tables.says(shown.sentences), key="told")
block.draw(action_tables.listed(shown, chosen, opened, measured), key="list")
writes = action_forms.may_write(page)
block.draw(
    action_tables.by_measure(shown, measured, (lambda name: block.address("actions", new=name)) if writes else None),
    key="by measure",
)
block.draw(action_tables.kinds(shown.yearly), key="kinds")
action_forms.asked(page)

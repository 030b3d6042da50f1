"""The monthly review: agenda, decisions, actions, signing; signed, it is read from the frozen copy. Leaders decide."""

import streamlit as st

from scorecard import access
from scorecard.output import review_tables, tables
from scorecard.output.theme import escape_sentence
from scorecard.ui import block, drafting, export_menu, filters, review_item, review_meeting, review_style, review_views, state
from scorecard.worker import Worker

page = state.page("read_scorecard")
review_style.draw()
asked = review_views.asked(page)
view = review_views.review(page, asked)
month, leads = view.month, access.may(page.actor, "decide")
said = review_views.clock(page)


def here(store, identity: str):
    """The job done in place, where no worker of a server does it."""
    return Worker(store, lambda: page.today).do(identity)


def opened(item: str) -> str:
    """The address that opens an item, or closes the one that is open."""
    return block.address("review", item="none" if item == chosen else item)


if st.query_params.get(review_views.PRESENT):
    review_style.alone()
    st.title(f"{month.period.label} review", anchor=False)
    block.draw(review_tables.present(view, said), key="present")
    if st.button("Close", type="tertiary", key="close"):
        st.switch_page(block.page_file("review"))
    st.stop()

with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="top", gap="small"):
    st.title(f"{month.period.label} review", anchor=False, width="content")
    with st.container(horizontal=True, width="content", gap="xsmall", key="filters"):
        filters.scorecards(page.scorecards)
        review_views.choosers(page, asked)
        if st.button("Present", icon=":material/slideshow:", key="open present"):
            st.switch_page(block.page_file("review"), query_params={review_views.PRESENT: "1"})
        export_menu.draw(page, month.scorecard, month.period, here, link=asked.kind == review_views.MONTH)

if asked.kind == review_views.TEAMS:
    cards = review_views.overview(page, asked.period)
    block.draw(
        review_tables.overview(cards, lambda card: block.address("review", scorecard=card, kind=review_views.MONTH)), key="teams"
    )
    st.stop()

with st.container(horizontal=True, gap="small", vertical_alignment="center", key="when"):
    st.caption(escape_sentence(review_tables.second_line(view, review_views.sent(page, view))), width="content")
    if leads and view.state != "signed" and st.button("Change", type="tertiary", key="open meeting"):
        review_meeting.meeting(page, view)

if view.state == "signed":
    block.draw(review_tables.signed(view, said), key="signed")
    left, right = st.columns((2, 1), gap="large")
    with left:
        block.draw(review_tables.signed_foot(month), key="signed foot")
    with right:
        review_meeting.beside(page, view)
    drafting.listen(page)
    st.stop()

block.draw(tables.says(view.headline), key="headline")
if asked.kind == review_views.QUARTER:
    block.draw(review_tables.quarter(view.months, review_views.address), key="quarter months")
items, names = month.items, review_tables.names_of(month)
chosen = review_item.chosen(view)
left, right = st.columns((2.6, 1), gap="medium")
with left:
    with st.container(gap=None, key="agenda"):
        at = next((n for n, item in enumerate(items) if item.id == chosen), len(items))
        block.draw(review_tables.agenda_head(view) + review_tables.agenda(items[:at], names, opened), key="before")
        if at < len(items):
            review_item.draw(page, view, items[at], opened)
        rest = review_tables.agenda(items[at + 1 :], names, opened)
        block.draw(rest + review_tables.foot(view), key="after")
    if leads and st.button("Add an item", type="tertiary", icon=":material/add:", key="open add item"):
        review_meeting.add_item(page, view)
    review_meeting.commentary(page, view)
    drafting.listen(page)
with right:
    review_meeting.signing(page, view, review_views.address)
    review_meeting.last_actions(page, view)
with st.expander("Routine measures, and how past reviews were kept", key="more", on_change="rerun") as more:
    if more.open:
        block.draw(review_tables.also(view), key="also")

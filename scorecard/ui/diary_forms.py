"""The tab Calendar of the page Settings: what is planned, held and missed, and the forms that change it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import streamlit as st

from scorecard import access, diary
from scorecard.core.periods import day
from scorecard.diary import KINDS, Entry
from scorecard.organisation import Person
from scorecard.output import message_tables
from scorecard.reviews import recorded
from scorecard.store.engine import Store
from scorecard.ui import block, forms
from scorecard.ui.state import Page

PAST_DAYS = 365
MOST_PAST = 24
NOBODY = "nobody"


def draw(page: Page, people: tuple[Person, ...]) -> None:
    """The whole tab."""
    with page.store.read() as tx:
        found = diary.listed(tx)
    names = {one.id: one.name for one in people}
    past = [one for one in found if one.planned < page.today and page.today - one.planned <= timedelta(days=PAST_DAYS)]
    shown = past[-MOST_PAST:] + [one for one in found if one.planned >= page.today]
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.header("Calendar", anchor=False, width="content")
        if access.may(page.actor, "log_records"):
            _menus(page, [one for one in shown if _may_change(page, one)], names)
    if shown:
        block.draw(message_tables.calendar(shown, names, page.today), key="calendar")
    else:
        st.caption("Nothing is planned yet. Choose the day of the monthly review under General, or plan an entry.")


def _may_change(page: Page, one: Entry) -> bool:
    """As the commands see it: a leader any, another his own that is no review."""
    own = one.owner == page.actor.person and one.kind not in diary.REVIEWS
    return one.open and (own or access.may(page.actor, "decide"))


def _menus(page: Page, found: list[Entry], names: dict[str, str]) -> None:
    with st.container(horizontal=True, width="content", gap="xsmall"):
        if found:
            with st.popover("Held, missed or moved", icon=":material/event_available:"):
                change(page, found)
        with st.popover("Plan an entry", icon=":material/add:"):
            plan(page, names)


def plan(page: Page, names: dict[str, str]) -> None:
    """The form of a new entry; `names` are people by id."""
    kinds = [kind for kind in KINDS if kind not in diary.REVIEWS or access.may(page.actor, "decide")]
    people = {"": NOBODY} | names
    with st.form("entry", border=False):
        kind = st.selectbox("What", kinds, kinds.index("other"), format_func=KINDS.get, key="entry kind")
        title = st.text_input("Title", max_chars=200, key="entry title", placeholder="as its kind")
        left, right = st.columns(2, gap="small")
        on = left.date_input("On", page.today, key="entry day")
        begins = right.text_input("At", max_chars=5, key="entry time", placeholder="14:00")
        ends = left.date_input("Until", None, key="entry end", help="Only for what takes weeks, such as the annual plan.")
        owner = st.selectbox("Owner", list(people), list(people).index(page.actor.person) if page.actor.person in people else 0,
                             format_func=people.get, key="entry owner")
        if st.form_submit_button("Plan it", type="primary"):
            forms.save("entry", page.store, lambda store: _add(
                store, page, kind=kind, title=title, planned=on, begins=begins, owner=owner, ends=ends), f"Planned for {day(on)}.")


def _add(store: Store, page: Page, **said: Any) -> None:
    diary.add(store, page.actor, **said)
    recorded.calendar_changed(store, page.actor, page.today)


def changeable(page: Page, found: list[Entry]) -> list[Entry]:
    """The entries of a year back and of all time ahead that this person may call held or missed, or move."""
    return [one for one in found if page.today - one.planned <= timedelta(days=PAST_DAYS) and _may_change(page, one)]


def change(page: Page, found: list[Entry]) -> None:
    """The form that says of an entry that it was held or missed, or moves it."""
    known = {one.id: one for one in found}
    first = next((one.id for one in found if one.planned >= page.today), found[-1].id)
    id = st.selectbox("Entry", list(known), list(known).index(first), format_func=lambda id: f"{known[id].title}, {day(known[id].planned)}",
                      key="changed entry")
    one = known[id]
    how = st.radio("It", ["was held", "was missed", "is moved"], horizontal=True, key="entry how")
    on = st.date_input("On", min(one.planned, page.today) if how == "was held" else one.planned, key=f"entry on {id} {how}")
    note = st.text_input("Why", max_chars=200, key="entry note") if how == "was missed" else ""
    if st.button("Save the entry", type="primary", key="save entry"):
        forms.save("change entry", page.store, lambda store: _save(store, page, one, how, on, note), "The calendar is saved.")


def _save(store: Store, page: Page, one: Entry, how: str, on: date, note: str) -> None:
    if how == "was held":
        diary.held(store, page.actor, one.id, on, one.version, page.today)
    elif how == "was missed":
        diary.missed(store, page.actor, one.id, one.version, note)
    else:
        diary.move(store, page.actor, one.id, on, one.version)
    recorded.calendar_changed(store, page.actor, page.today)

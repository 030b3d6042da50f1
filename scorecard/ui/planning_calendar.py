"""The calendar on the page Planning and review: the picture of twelve months, and the forms that plan, hold, miss and move."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import streamlit as st

from scorecard import access, diary, organisation
from scorecard.core.reading import Sentence
from scorecard.output import planning_calendar
from scorecard.planning import calendar
from scorecard.planning.calendar import Meeting, Year
from scorecard.store.engine import Store
from scorecard.ui import block, diary_forms
from scorecard.ui.kept import kept
from scorecard.ui.state import Page

KEPT = 16
PAGES = {"feedback_session": "sensory", "partner_review": "work", "assumption": "sensory"}


@dataclass(frozen=True)
class Shown:
    """The calendar of one version of the data: its sentences and its drawing."""

    found: Year
    sentences: tuple[Sentence, ...]
    drawn: str


def shown(page: Page) -> Shown:
    """The calendar with the reviews of the page's scorecard, read once for each version of the data."""
    return _shown(page.store, page.today, page.scorecard)


@kept(KEPT)
def _shown(store: Store, today: date, scorecard: str) -> Shown:
    found = calendar.read(store, today, scorecard)
    return Shown(found, tuple(calendar.sentences(found)), planning_calendar.section(found, _address, block.address("measure", measure=calendar.MEASURE)))


def _address(one: Meeting) -> str:
    """Where a meeting is written: its register, the review, the maturity cycle, else the calendar in the settings."""
    if one.source in PAGES:
        return block.address(PAGES[one.source], record=f"{one.source}:{one.id}")
    page = {"maturity": "maturity", "sponsor_review": "sponsors", "leadership_feedback": "leadership", **dict.fromkeys(diary.REVIEWS, "review")}.get(one.kind)
    return block.address(page) if page else block.address("settings")


def sentences(page: Page) -> tuple[Sentence, ...]:
    """What the page says first about meetings."""
    return shown(page).sentences


def draw(page: Page) -> None:
    """The picture, and the ways to change what stands in it."""
    block.draw(shown(page).drawn, key="planning calendar")
    if not access.may(page.actor, "log_records"):
        return
    with st.container(horizontal=True, gap="xsmall", key="calendar menus"):
        if st.button("Plan a meeting", icon=":material/add:", key="plan meeting"):
            _plan(page)
        if st.button("Held, missed or moved", icon=":material/event_available:", key="change meeting"):
            _change(page)


@st.dialog("Plan a meeting", width="medium")
def _plan(page: Page) -> None:
    diary_forms.plan(page, {one.id: one.name for one in organisation.people(page.store)})


@st.dialog("Held, missed or moved", width="medium")
def _change(page: Page) -> None:
    with page.store.read() as tx:
        found = diary_forms.changeable(page, diary.listed(tx))
    if found:
        diary_forms.change(page, found)
    else:
        st.caption("Nothing that you may change is open in the calendar.")


def calendar_file(page: Page) -> bytes:
    """The calendar as an iCalendar file, reviews of all scorecards."""
    return calendar.file(calendar.read(page.store, page.today), page.now)

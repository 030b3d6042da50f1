"""Which view of Sensory the address asks for, its heading, and the overview, drawn once for each version of the data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import streamlit as st

from scorecard.output import sensory_tables
from scorecard.output.sensory_tables import Ways
from scorecard.output.theme import escape_markdown
from scorecard.sensory import page as overview
from scorecard.sensory import scoring
from scorecard.sensory.page import Overview
from scorecard.store.engine import Store
from scorecard.ui import block, filters, register_forms, sensory_export, state
from scorecard.ui.kept import kept
from scorecard.ui.state import Page

VIEW, ACCOUNT, THEME = "view", "account", "theme"
KEPT = 32
FURTHER = {"comments": "Comments", "posts": "Listening posts", "findings": "Findings and sessions", "environment": "Environment",
           "assumptions": "Assumptions", "rules": "Rules of the score", "report": "Report card"}
RECORDS = {"listening_post": "posts", "comment": "comments", "finding": "findings", "feedback_session": "findings", "environment": "environment",
           "assumption": "assumptions"}


@dataclass(frozen=True)
class Shown:
    """What the overview shows: its second line and its drawing."""

    second_line: str
    drawn: str


def address(view: str = "", **query: str) -> str:
    """The address of a view of Sensory."""
    return block.address("sensory", view=view, **query)


def ways() -> Ways:
    """Where the overview leads."""
    return Ways(
        lambda id: address(account=id),
        lambda id: address(theme=id),
        lambda id: address("findings", record=f"finding:{id}"),
        lambda id: address("posts", record=f"listening_post:{id}"),
        address,
    )


def draw(page: Page) -> None:
    """The overview."""
    names, segment = segments(page), chosen(page)
    shown = _shown(page.store, page.today, segment)
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="top", gap="small"):
        with st.container(gap="xxsmall", width="content"):
            st.title("Sensory", anchor=False)
            st.caption(escape_markdown(shown.second_line))
        with st.container(horizontal=True, width="content", gap="xsmall", key="filters"):
            filters.segments(names)
            register_forms.button(page, "comment", "Log a comment", key="log a comment")
            sensory_export.draw(page, segment)
    block.draw(sensory_tables.further(FURTHER, address), key="further")
    block.draw(shown.drawn, key="overview")


def head(page: Page, title: str, second: str = "", above: Sequence[tuple[str, str]] = (), by_segment: bool = False) -> None:
    """The heading of a view below the overview, with the way back; `by_segment` with the segment that narrows its figures."""
    block.draw(sensory_tables.crumbs((("Sensory", address()), *above), title), key="crumbs")
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="top", gap="small"):
        with st.container(gap="xxsmall", width="content"):
            st.title(escape_markdown(title), anchor=False)
            if second:
                st.caption(escape_markdown(second))
        if by_segment:
            filters.segments(segments(page))


def chosen(page: Page) -> str:
    """The segment of the address where there is one of that name, else "": all of them."""
    return page.segment if page.segment in segments(page) else ""


def segments(page: Page) -> tuple[str, ...]:
    """The segments of the accounts, by name."""
    return _segments(page.store, page.today)


def found(page: Page, segment: str) -> Overview:
    """The page, as it was put together from the data as they stand."""
    return _found(page.store, page.today, segment)


# Kept as they are, not copied: they are frozen.
@kept(KEPT)
def _segments(store: Store, today: date) -> tuple[str, ...]:
    month = scoring.latest(store)
    return tuple(sorted(name for name in scoring.segments(store, month, month) if name)) if month else ()


@kept(KEPT)
def _found(store: Store, today: date, segment: str) -> Overview:
    return overview.read(store, today, segment)


@kept(KEPT)
def _shown(store: Store, today: date, segment: str) -> Shown:
    made = _found(store, today, segment)
    symbol = state.house(store).organisation.currency
    until = made.month.end if made.month else None
    return Shown(sensory_tables.second_line(made, until), sensory_tables.page(made, ways(), symbol))


def asked() -> str:
    """The view of the address; an entry that it opens stands on the view of its register, which the address then keeps."""
    view, register = st.query_params.get(VIEW, "")[:40], st.query_params.get(register_forms.RECORD, "").partition(":")[0]
    if not view and register in RECORDS and not st.query_params.get(ACCOUNT) and not st.query_params.get(THEME):
        view = st.query_params[VIEW] = RECORDS[register]
    return view

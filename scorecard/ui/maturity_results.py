"""The results of a cycle on the page: chosen top right, drawn once for each version of the data, a system opened to its practices."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import streamlit as st

from scorecard import access, maturity, places
from scorecard.core.periods import day
from scorecard.errors import NotAllowed
from scorecard.maturity import Cycle, Model, Results
from scorecard.maturity.results import admit
from scorecard.output import maturity_practices, maturity_tables, maturity_twins
from scorecard.output.maturity_tables import Noted, Ways
from scorecard.output.theme import escape_markdown
from scorecard.store.engine import Store
from scorecard.ui import block
from scorecard.ui.state import Page

KEPT = 64
SYSTEM = "system"


@dataclass(frozen=True)
class Shown:
    """What the page shows of a cycle: words and drawings, small and quick to keep."""

    second_line: str
    top: str
    after: str


def address(view: str = "results", **query: str) -> str:
    """The address of a view of maturity."""
    return block.address("maturity", view=view, **query)


def draw(page: Page, cycle: str, beneath: Callable[[], None] = lambda: None) -> None:
    """The results of a cycle, or of one system of it when the address names one; without a cycle, of the newest closed one.

    `beneath` draws what stands below the title.
    """
    offered = choices(page)
    chosen = cycle or next((one.id for one in offered), "")
    if not chosen:
        st.title("Maturity of the seven systems", anchor=False)
        beneath()
        st.info("No cycle is closed yet. Results appear when one is.")
        return
    try:
        admit(page.store, page.actor, chosen)
    except NotAllowed as refusal:
        st.title("Maturity of the seven systems", anchor=False)
        beneath()
        st.info(str(refusal))
        return
    asked = st.query_params.get(SYSTEM, "")[:40]
    if asked in {one.system for one in results(page, chosen).systems}:
        _system(page, chosen, asked)
    else:
        _whole(page, chosen, offered, beneath)


def _whole(page: Page, chosen: str, offered: tuple[Cycle, ...], beneath: Callable[[], None]) -> None:
    shown = _shown(page.store, page.actor, *_key(page), page.actor.role, chosen)
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="top", gap="small"):
        with st.container(gap="xxsmall", width="content"):
            st.title("Maturity of the seven systems", anchor=False)
            st.caption(escape_markdown(shown.second_line))
        with st.container(horizontal=True, width="content", gap="xsmall", key="filters"):
            _choose(chosen, offered)
            if st.button("Cycles", icon=":material/event_repeat:", key="to cycles"):
                block.follow(address("cycles"))
    beneath()
    block.draw(shown.top, key="levels now")
    block.draw(shown.after, key="over the cycles")
    _numbers(page, chosen)


def _system(page: Page, chosen: str, system: str) -> None:
    """One system with its practices."""
    found = results(page, chosen)
    one = next(part for part in found.systems if part.system == system)
    block.draw(maturity_practices.heading(one, found, address(cycle=chosen)), key="system head")
    block.draw(_practices(page.store, page.actor, *_key(page), page.actor.role, chosen, system), key="practices")


def choices(page: Page) -> tuple[Cycle, ...]:
    """The cycles whose results the reader may see, the newest first."""
    known = _cycles(page.store, places.state_place(), page.store.data_version)
    return tuple(one for one in known if not one.open or (not one.anonymous and _may_see(page, one)))


def _may_see(page: Page, cycle: Cycle) -> bool:
    try:
        return admit(page.store, page.actor, cycle.id) is not None
    except NotAllowed:
        return False


def _choose(chosen: str, offered: tuple[Cycle, ...]) -> None:
    """The select box of cycles; a choice opens its address."""
    titles = named(offered)
    if len(titles) < 2 or chosen not in titles:
        return
    picked = st.selectbox(
        "Cycle", list(titles), index=list(titles).index(chosen), format_func=titles.get, key=f"cycle {chosen}",
        label_visibility="collapsed", width=170,
    )  # fmt: skip
    if picked != chosen:
        block.follow(address(cycle=picked))


def named(offered: tuple[Cycle, ...]) -> dict[str, str]:
    """Title by id; where several have the same, with the day on which each began."""
    often = Counter(one.title for one in offered)
    return {one.id: one.title if often[one.title] == 1 else f"{one.title}, {day(one.opens)}, {one.id[:4]}" for one in offered}


def _numbers(page: Page, chosen: str) -> None:
    """The table of every practice, and the same as a file."""
    found = results(page, chosen)
    with st.expander("Numbers of every practice", key="numbers", on_change="rerun") as numbers:
        if not numbers.open:
            return
        block.draw(maturity_twins.table(found), key="numbers table")
        st.download_button(
            "Numbers as CSV",
            data=lambda: maturity_twins.csv(found),
            file_name=f"maturity-{chosen}-{page.store.data_version}.csv",
            mime="text/csv",
            icon=":material/csv:",
            type="tertiary",
            on_click="ignore",
            key="numbers csv",
        )


# --- what is kept while the data stay the same -----------------------------------------------------------------------


def results(page: Page, cycle: str) -> Results:
    """The results of a cycle. Whoever calls has asked `admit`: what is kept is the same for everybody who may see it."""
    return _results(page.store, page.actor, *_key(page), cycle)


def _key(page: Page) -> tuple[str, int, date]:
    return places.state_place(), page.store.data_version, page.today


# Kept as they are, not copied: they are frozen.
@st.cache_resource(max_entries=KEPT, show_spinner=False)
def _results(_store: Store, _actor: access.Actor, place: str, version: int, today: date, cycle: str) -> Results:
    return maturity.results(_store, _actor, cycle)


@st.cache_resource(max_entries=KEPT, show_spinner=False)
def _cycles(_store: Store, place: str, version: int) -> tuple[Cycle, ...]:
    with _store.read() as tx:
        return tuple(reversed(maturity.cycles(tx)))


@st.cache_resource(max_entries=KEPT, show_spinner=False)
def _shown(_store: Store, _actor: access.Actor, place: str, version: int, today: date, role: str, cycle: str) -> Shown:
    found = _results(_store, _actor, place, version, today, cycle)
    names = _model(_store, found).level_names
    ways, noted = _ways(found), Noted()
    top = maturity_tables.page(found, names, noted, ways)
    after = maturity_tables.progress(found) + maturity_tables.parts(found) + maturity_tables.apart(found)
    return Shown(maturity_tables.second_line(found), top, after)


@st.cache_resource(max_entries=KEPT, show_spinner=False)
def _practices(_store: Store, _actor: access.Actor, place: str, version: int, today: date, role: str, cycle: str, system: str) -> str:
    found = _results(_store, _actor, place, version, today, cycle)
    one = next(part for part in found.systems if part.system == system)
    return maturity_practices.page(one, found, _model(_store, found), Noted(), _ways(found))


def _model(store: Store, found: Results) -> Model:
    with store.read() as tx:
        return maturity.model_at(tx, found.cycle.model)


def _ways(found: Results) -> Ways:
    """What a reader may follow from here."""
    if found.cycle.kind != "full":
        return Ways()
    return Ways(system=lambda system: address(cycle=found.cycle.id, system=system))

"""The results of a cycle on the page: chosen top right, drawn once for each version of the data, a system opened to its practices."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

import streamlit as st

from scorecard import access, maturity, projects
from scorecard.access import Actor
from scorecard.core.periods import day
from scorecard.errors import NotAllowed
from scorecard.maturity import Cycle, Model, PracticeResult, Results, beside, loop, records, session, talk
from scorecard.maturity.records import Records
from scorecard.maturity.results import admit
from scorecard.output import maturity_beside, maturity_practices, maturity_session, maturity_tables, maturity_twins
from scorecard.output.maturity_tables import Noted, Ways
from scorecard.output.theme import escape_markdown, escape_sentence
from scorecard.store import definitions
from scorecard.store.engine import Store
from scorecard.ui import block, downloads, forms, maturity_exchange, maturity_roadmap
from scorecard.ui.kept import kept
from scorecard.ui.state import Page

KEPT = 64
SYSTEM, TALK, PROJECT = "system", "talk", "project"


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
        _admit(page, chosen, offered)
    except NotAllowed as refusal:
        st.title("Maturity of the seven systems", anchor=False)
        beneath()
        st.info(escape_sentence(refusal))
        return
    asked = st.query_params.get(SYSTEM, "")[:40]
    if asked in {one.system for one in results(page, chosen).systems}:
        _system(page, chosen, asked)
    else:
        _whole(page, chosen, offered, beneath)


def _admit(page: Page, chosen: str, offered: tuple[Cycle, ...]) -> None:
    """Nothing, when the results may be shown. Those of a closed cycle may be seen by everybody who reads the scorecard."""
    access.require(page.actor, "read_scorecard")
    if not any(one.id == chosen and not one.open for one in offered):
        admit(page.store, page.actor, chosen)


def _whole(page: Page, chosen: str, offered: tuple[Cycle, ...], beneath: Callable[[], None]) -> None:
    shown = _shown(page.store, page.actor, page.today, page.actor.role, chosen)
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="top", gap="small"):
        with st.container(gap="xxsmall", width="content"):
            st.title("Maturity of the seven systems", anchor=False)
            st.caption(escape_markdown(shown.second_line))
        with st.container(horizontal=True, width="content", gap="xsmall", key="filters"):
            _choose(chosen, offered)
            maturity_exchange.export(page, chosen)
            if st.button("Cycles", icon=":material/event_repeat:", key="to cycles"):
                block.follow(address("cycles"))
    beneath()
    _session_line(page, chosen)
    block.draw(shown.top, key="levels now")
    block.draw(shown.after, key="over the cycles")
    _numbers(page, chosen)
    _asked(page, chosen)


def _system(page: Page, chosen: str, system: str) -> None:
    """One system with its practices."""
    found = results(page, chosen)
    one = next(part for part in found.systems if part.system == system)
    block.draw(maturity_practices.heading(one, found, address(cycle=chosen)), key="system head")
    block.draw(_practices(page.store, page.actor, page.today, page.actor.role, chosen, system), key="practices")
    _asked(page, chosen)


def _session_line(page: Page, chosen: str) -> None:
    """Says that a session is under way, and leads to it."""
    if access.may(page.actor, "assess") and _talking(page.store, page.today, chosen):
        block.draw(maturity_session.line(address("session", cycle=chosen)), key="session line")


def _asked(page: Page, chosen: str) -> None:
    """Opens what a followed link asks for: a practice into the review, or into a project; a link is followed once."""
    talked, started = (st.query_params.get(name, "")[:40] for name in (TALK, PROJECT))
    known = {one.practice: one for one in results(page, chosen).practices}
    if talked in known:
        del st.query_params[TALK]
        if access.may(page.actor, "decide"):
            _into_review(page, chosen, known[talked])
    elif started in known:
        del st.query_params[PROJECT]
        if projects.may_steer(page.actor):
            maturity_roadmap.new(page, known[started], chosen)


@st.dialog("Add to the next review")
def _into_review(page: Page, cycle: str, one: PracticeResult) -> None:
    """One button: the practice becomes an item of the agenda."""
    with page.store.read() as tx:
        _, period = talk.next_review(tx, page.today)
    st.markdown(f"**{escape_markdown(one.practice)} {escape_markdown(one.title)}** becomes an item of the {period.label} review.")
    if st.button("Add to the review", type="primary", key="add to review"):
        forms.save(
            f"talk {cycle} {one.practice}",
            page.store,
            lambda store: talk.add(store, page.actor, cycle, one.practice, today=page.today),
            f"{one.practice} is on the agenda of the {period.label} review.",
        )


def choices(page: Page) -> tuple[Cycle, ...]:
    """The cycles whose results the reader may see, the newest first."""
    known = _cycles(page.store)
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
        downloads.button("Numbers as CSV", lambda: maturity_twins.csv(found), f"maturity-{chosen}.csv", icon=":material/csv:", type="tertiary", key="numbers csv")


# --- what is kept while the data stay the same -----------------------------------------------------------------------


def results(page: Page, cycle: str) -> Results:
    """The results of a cycle. Whoever calls has asked `admit`: what is kept is the same for everybody who may see it."""
    return _results(page.store, page.actor, page.today, cycle)


# Kept as they are, not copied: they are frozen.
@kept(KEPT)
def _results(store: Store, _actor: Actor, today: date, cycle: str) -> Results:
    return maturity.results(store, _actor, cycle)


@kept(KEPT)
def _cycles(store: Store) -> tuple[Cycle, ...]:
    with store.read() as tx:
        return tuple(reversed(maturity.cycles(tx)))


@kept(KEPT)
def _talking(store: Store, today: date, cycle: str) -> bool:
    """Whether a session is under way: its beginning and its end are told to every cache."""
    return session.under_way(store, cycle) is not None


@kept(KEPT)
def _shown(store: Store, _actor: Actor, today: date, role: str, cycle: str) -> Shown:
    found = _results(store, _actor, today, cycle)
    known = records.records(store, today)
    told, said = records.contradictions(known, found), [one.again for one in loop.again(store, today)]
    top = maturity_tables.page(found, _model(store, found).level_names, _noted(found, known), _ways(store, _actor, found, today))
    after = (
        maturity_beside.again(said)
        + maturity_tables.progress(found)
        + maturity_beside.section(beside.beside(store, found, today), [(name, beside.words_of(name)) for name in beside.MODES], _measured)
        + maturity_beside.against(told, lambda practice: _opened(found, practice))
        + maturity_tables.parts(found)
        + maturity_tables.apart(found)
    )
    return Shown(maturity_tables.second_line(found), top, after)


@kept(KEPT)
def _practices(store: Store, _actor: Actor, today: date, role: str, cycle: str, system: str) -> str:
    found = _results(store, _actor, today, cycle)
    one = next(part for part in found.systems if part.system == system)
    noted = _noted(found, records.records(store, today))
    return maturity_practices.page(one, found, _model(store, found), noted, _ways(store, _actor, found, today, system))


def _model(store: Store, found: Results) -> Model:
    with store.read() as tx:
        return maturity.model_at(tx, found.cycle.model)


def _noted(found: Results, known: Mapping[str, Records]) -> Noted:
    """What the records say about the practices of a cycle. A quick cycle asks about whole systems: none is kept for those."""
    against = {one.practice: one.sentence for one in records.contradictions(known, found)}
    return Noted({one.practice: known[one.practice].lines for one in found.practices if one.practice in known}, against)


def _ways(store: Store, actor: Actor, found: Results, today: date, system: str = "") -> Ways:
    """What this reader may follow from here."""
    pages = {"session": address("session", cycle=found.cycle.id) if access.may(actor, "assess") else "", "roadmap": address("roadmap")}
    if found.cycle.kind != "full":
        return Ways(**pages)
    here = {"cycle": found.cycle.id, "system": system}
    with store.read() as tx:
        running = frozenset(one.practice for one in projects.listed(tx, open_only=True))
        cards = any(card.measures for card in definitions.scorecards(tx))
        added = talk.added(tx, found.cycle.id, today) if cards else frozenset()
    return Ways(
        lambda name: address(cycle=found.cycle.id, system=name),
        (lambda practice: address(**here, talk=practice)) if cards and access.may(actor, "decide") else None,
        (lambda practice: address(**here, project=practice)) if projects.may_steer(actor) else None,
        added,
        running,
        **pages,
    )


def _measured(name: str) -> str:
    return block.address("measure", measure=name)


def _opened(found: Results, practice: str) -> str:
    return address(cycle=found.cycle.id, system=next(one.system for one in found.practices if one.practice == practice))

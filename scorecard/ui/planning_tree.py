"""The goal tree on the page Planning and review, for the year that is asked for, drawn once for each version of the data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import streamlit as st

from scorecard import metrics, registers
from scorecard.core.reading import Sentence
from scorecard.output import planning_tree
from scorecard.output.planning_tree import Ways
from scorecard.planning import plans, tree
from scorecard.planning.plans import Plan
from scorecard.planning.tree import Tree
from scorecard.store.engine import Store
from scorecard.ui import block, register_forms, state
from scorecard.ui.kept import kept
from scorecard.ui.state import Page

KEPT, YEAR = 16, "year"
ONE_YEAR = timedelta(365)


@dataclass(frozen=True)
class Shown:
    """The plan in force for a year: its second line, sentences, the tree and its drawing; without a plan, nothing of these."""

    plan: Plan | None
    second_line: str
    sentences: tuple[Sentence, ...]
    taking_part: tuple[Sentence, ...]
    tree: Tree | None
    drawn: str


def shown(page: Page) -> Shown:
    """The tree of the year in the address, as it was put together for this version of the data."""
    return of_year(page, chosen(page))


def of_year(page: Page, year: int | None) -> Shown:
    """The tree of a year, None for all years of the plan."""
    return _shown(page.store, page.today, year)


def plan(page: Page) -> Plan | None:
    """The plan in force."""
    return of_year(page, None).plan


@kept(KEPT)
def _shown(store: Store, today: date, year: int | None) -> Shown:
    rows = metrics.rows_now(store, tree.measures(store), today)
    found = tree.read(store, rows, year, today=today)
    if found is None:
        return Shown(None, "Nothing is planned yet", (), (), None, "")
    with store.read() as tx:
        agreed = plans.agreed_with(found.plan, plans.standing(tx, found.plan))
        rhythm = plans.rhythm(tx, today - ONE_YEAR)
        part = plans.part_sentence(plans.taking_part(tx, date(found.plan.first_year - 1, 1, 1))), plans.proposal_sentence(tx)
    line = f"Plan {found.plan.span}, version {found.plan.edition}, {agreed}" + (f" · {rhythm}" if rhythm else "")
    drawn = planning_tree.section(found, ways(), today, state.house(store).organisation.currency)
    return Shown(found.plan, line, tree.sentences(found, today), tuple(filter(None, part)), found, drawn)


def ways() -> Ways:
    """Where the tree leads."""
    return Ways(lambda register, id: block.address("planning", record=f"{register}:{id}"), lambda id: block.address("measure", measure=id),
                lambda id: block.address("improvement", project=id))  # fmt: skip


# -- the year


def years(page: Page) -> dict[str, int | None]:
    """What can be chosen: `Plan 2026` -> 2026 for each year of the plan, and all years together."""
    found = plan(page)
    if found is None:
        return {}
    single = {f"Plan {year}": year for year in found.years}
    return single | {f"Plan {found.span}": None} if len(single) > 1 else single


def chosen(page: Page) -> int | None:
    """The year of the address; this year without one, or the nearest year of the plan."""
    offered = years(page)
    asked = str(st.session_state.get(YEAR) or st.query_params.get(YEAR, ""))[:40]
    return offered[asked] if asked in offered else offered.get(_this(page, offered))


def _this(page: Page, offered: dict[str, int | None]) -> str:
    single = {words: year for words, year in offered.items() if year is not None}
    return min(single, key=lambda words: abs(single[words] - page.today.year), default="")


def choose(page: Page) -> None:
    """The select box of years; nothing without a plan."""
    offered = years(page)
    if not offered:
        return
    if st.session_state.get(YEAR, next(iter(offered))) not in offered:
        st.session_state.pop(YEAR)
    st.selectbox("Year of the plan", list(offered), index=list(offered).index(_this(page, offered)), key=YEAR, bind="query-params",
                 label_visibility="collapsed", width=160)  # fmt: skip


# -- the section


def draw(page: Page) -> None:
    """The tree; where nothing is planned, what it is for and the first step."""
    found = shown(page)
    if found.plan is None:
        st.subheader("From objective to tactic", anchor=False)
        st.caption(registers.register(plans.PLAN).help + " Objectives, goals, strategies and tactics stand under it.")
        register_forms.button(page, plans.PLAN, "Write the plan", key="first plan")
        return
    block.draw(found.drawn, key="tree")

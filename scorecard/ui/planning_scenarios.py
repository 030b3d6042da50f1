"""Scenarios on the page Planning and review: what could come and what it would do, computed from how the measures stand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import streamlit as st

from scorecard import metrics
from scorecard.core.scenarios import Level, Tie, level
from scorecard.output import planning_scenarios, sensory_tables
from scorecard.planning import scenarios
from scorecard.planning.scenarios import REGISTER, Scenario
from scorecard.store.engine import Store
from scorecard.ui import block, register_board, register_forms
from scorecard.ui.kept import kept
from scorecard.ui.state import Page

KEPT, VIEW = 16, "scenarios"
RECORDS = {REGISTER: VIEW}


@dataclass(frozen=True)
class Shown:
    """The scenarios of one version of the data, and their drawing."""

    found: tuple[Scenario, ...]
    drawn: str


def address(**query: str) -> str:
    """The address of the register of scenarios."""
    return block.address("planning", view=VIEW, **query)


def shown(page: Page) -> Shown:
    """Every scenario, computed once for each version of the data."""
    return _shown(page.store, page.today)


@kept(KEPT)
def _shown(store: Store, today: date) -> Shown:
    found = computed(store, today)
    drawn = planning_scenarios.section(found, lambda id: block.address("planning", record=f"{REGISTER}:{id}"), lambda id: block.address("measure", measure=id))
    return Shown(found, drawn)


def computed(store: Store, today: date) -> tuple[Scenario, ...]:
    """Every scenario with what it does."""
    named = scenarios.measures(store)
    if not named:
        return scenarios.read(store, {}, (), today)
    rows = metrics.rows_now(store, tuple(dict.fromkeys((*named, *scenarios.on_scorecards(store)))), today)
    levels = {name: _level(row) for name, row in rows.items()}
    return scenarios.read(store, levels, _ties(store, levels, named, today), today)


def _level(row: metrics.Row) -> Level:
    goal = row.reading.goal
    return level(row.measure, row.chart, goal.value if goal else None)


def _ties(store: Store, levels: Mapping[str, Level], named: tuple[str, ...], today: date) -> list[Tie]:
    """The links from the named measures that the figures support."""
    found = [link for name in named if name in levels for link in metrics.measure_links(store, name, None, today).links if link.cause == name]
    return [Tie(link.cause, link.effect, link.lag, link.evidence) for link in found if link.evidence.verdict == "supported"]


def draw(page: Page) -> None:
    """The scenarios, or what to write first."""
    found = shown(page)
    if found.drawn:
        more = f'<p class="cap hf-more"><a href="{address()}">All scenarios</a></p>'
        block.draw(found.drawn + more, key="scenarios")
        return
    st.subheader("Scenarios", anchor=False)
    st.caption("None is written yet: name what could come, and the page shows which goals it takes and which triggers it trips.")
    register_forms.button(page, REGISTER, "Write the first scenario", key="first scenario")


def records(page: Page) -> None:
    """The register of scenarios."""
    block.draw(sensory_tables.crumbs((("Planning and review", block.address("planning")),), "Scenarios"), key="crumbs")
    st.title("Scenarios", anchor=False)
    register_board.board(page, REGISTER)

"""The page Improvement: its frame, the parts that the address asks for, and what is kept of projects while the data stay the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

import streamlit as st

from scorecard import projects
from scorecard.core.definition import Definition
from scorecard.core.reading import Sentence
from scorecard.improvement import projects as portfolio
from scorecard.improvement.projects import Case, Line
from scorecard.output import improvement_board, tables
from scorecard.store.engine import Store
from scorecard.ui import action_views, block, improvement_export, improvement_parts, improvement_project, improvement_simulation, maturity_roadmap, state, study_drivers, study_experiments
from scorecard.ui.kept import kept
from scorecard.ui.state import Page

VIEW, PROJECT = "view", "project"
OVERVIEW, IMPACT, FAULTS, COST, ADVOCACY, SIMULATION = "", "portfolio", "faults", "cost", "advocacy", "simulation"
KEPT = 16


def draw(page: Page) -> None:
    """The project that the address names, else the part that it asks for, else the overview."""
    view, project = st.query_params.get(VIEW, ""), st.query_params.get(PROJECT, "")[:80]
    found = lines(page)
    chosen = next((one for one in found if one.project.id == project), None)
    if chosen:
        improvement_project.draw(page, chosen, address(OVERVIEW))
        return
    known = view if view in SHOWN else OVERVIEW
    _head(page, known, found)
    SHOWN[known](page, found)


def _head(page: Page, view: str, found: Sequence[Line]) -> None:
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="top", gap="small"):
        with st.container(gap="xxsmall", width="content"):
            st.title("Improvement", anchor=False)
            st.caption("What drives churn, what we are doing about it, and what it was worth")
        with st.container(horizontal=True, width="content", gap="xsmall"):
            study_experiments.button(page)
            if projects.may_steer(page.actor) and st.button("New project", icon=":material/add:", type="primary", key="improvement new project"):
                maturity_roadmap.new(page, None, "")
            improvement_export.draw(page, found)
    block.draw(improvement_board.nav(view, tuple(SHOWN), address), key="improvement parts")


def _overview(page: Page, found: Sequence[Line]) -> None:
    currency = currency_of(page)
    said: list[Sentence | None] = [study_drivers.news(page), study_experiments.news(page), portfolio.sentence(found, currency)]
    if any(said):
        block.draw(tables.says([one for one in said if one]), key="improvement news")
    left, right = st.columns((1.35, 1), gap="large")
    with left:
        study_drivers.draw(page)
    with right:
        study_experiments.draw(page)
    board = improvement_board.board(portfolio.columns(found), portfolio.stopped(found), currency, opened)
    block.draw(board, key="projects board")


def _impact(page: Page, found: Sequence[Line]) -> None:
    currency = currency_of(page)
    block.draw(improvement_board.portfolio(portfolio.portfolio(found, currency), currency, opened), key="portfolio")


# The parts of the page in the order of the links; each draws what stands below them.
SHOWN: dict[str, Callable[[Page, Sequence[Line]], None]] = {
    OVERVIEW: _overview,
    IMPACT: _impact,
    FAULTS: lambda page, _: improvement_parts.draw_faults(page),
    COST: lambda page, _: improvement_parts.draw_cost(page),
    ADVOCACY: lambda page, _: improvement_parts.draw_advocacy(page),
    SIMULATION: lambda page, _: improvement_simulation.draw(page),
}


def address(view: str = "", **query: str) -> str:
    """The address of a part of the page."""
    return block.address("improvement", view=view, **query)


def opened(project: str) -> str:
    """The address of a project."""
    return block.address("improvement", project=project)


def currency_of(page: Page) -> str:
    """The symbol of the organisation's currency."""
    return state.house(page.store).organisation.currency


# --- what is kept while the data stay the same -----------------------------------------------------------------------


def lines(page: Page) -> tuple[Line, ...]:
    """Every project with its case and its value, in the order in which they were started."""
    measures: dict[str, Definition] = action_views.choices(page).measures
    return portfolio.lines(maturity_roadmap.standings(page), _cases(page.store, page.today), measures)


@kept(KEPT)
def _cases(store: Store, today: date) -> dict[str, Case]:
    with store.read() as tx:
        return portfolio.cases(tx)

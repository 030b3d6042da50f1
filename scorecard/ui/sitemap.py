"""The pages that exist, in their groups, for Streamlit's navigation."""

from __future__ import annotations

from copy import copy
from functools import lru_cache

import streamlit as st

from scorecard.ui import block


def sections(empty: bool) -> dict[str, list]:
    """The pages that exist, in their groups, as this run's own: Streamlit notes in a page that it was chosen."""
    return {title: [copy(page) for page in pages] for title, pages in _sections(empty).items()}


@lru_cache
def _sections(empty: bool) -> dict[str, list]:
    """Found once: where the files of two dozen pages are takes a tenth of a run to ask.

    With an empty store these are the ways to begin, and maturity, which needs no figures.
    """
    start = _page("start", "Start", "flag_circle", "Two ways to begin", default=empty, hidden=not empty)
    review = _page("review", "Monthly review", "event_available", "Agenda, decisions, signing", hidden=empty)
    actions = _page("actions", "Actions", "check_circle", "Who does what, and what came of it", hidden=empty)
    maturity = _page("maturity", "Maturity", "stairs", "How mature each system is, and where people disagree")
    answer = _page("answer", "Answer", "stairs", "The form behind a personal link", hidden=True)
    board = _page("scorecard", "Scorecard", "monitoring", "The month on one page", default=not empty, hidden=empty)
    sensory = _page("sensory", "Sensory", "hearing", "What customers do and say, and whether the score tells the truth", hidden=empty)
    people = _page("people", "People", "group", "Figures in their context, skills, staffing, growth", hidden=empty)
    planning = _page("planning", "Planning and review", "flag", "From objective to tactic, and what would change the plan", hidden=empty)
    work = _page("work", "Work", "account_tree", "How value reaches the customer, and where hand-offs fail", hidden=empty)
    metrics = _page("metrics", "Metrics", "query_stats", "All measures, ten slots", hidden=empty)
    improvement = _page("improvement", "Improvement", "science", "What drives churn, what was tried, what it was worth", hidden=empty)
    leadership = _page("leadership", "Leadership", "explore", "Direction, recognition, accountability and feedback", hidden=empty)
    ledgers = _page("ledger", "Account ledgers", "handshake", "What we gave and asked, and whether we may ask", hidden=empty)
    sponsors = _page("sponsors", "Sponsors", "supervised_user_circle", "Both sides of the most important accounts", hidden=empty)
    advocacy = _page("advocacy", "Advocacy", "campaign", "Who speaks for us, and one ask prepared", hidden=empty)
    measure = _page("measure", "Measure", "show_chart", "One measure", hidden=True)
    log = _page("log", "Log", "edit_square", "A touch, a deposit, a promise or a hand-off, in seconds", hidden=True)
    marks = _page("marks", "What the marks mean", "help", "Every mark, icon and word", hidden=True)
    data = _page("data", "Data", "database", "Load figures, see what came in")
    audit = _page("audit", "Audit", "history", "Who changed what, and whether every row still holds", hidden=empty)
    settings = _page("settings", "Settings", "settings", "Organisation, members, share links")
    if empty:
        return {"": [start, maturity, data, audit, settings, board, review, actions, answer, sensory, planning, people, work, metrics, improvement, leadership, ledgers, sponsors, advocacy, measure, log, marks]}
    return {"Operate": [board, review, actions, maturity, answer, start, measure, log, marks], "Seven systems": [sensory, planning, people, work, metrics, improvement, leadership], "Relationships": [ledgers, sponsors, advocacy], "Set up": [data, audit, settings]}


def of_guests() -> dict[str, list]:
    """The one page of who came by a personal link."""
    return {"": [_page("answer", "Answer", "stairs", "", default=True)]}


def _page(name: str, title: str, icon: str, help: str, default: bool = False, hidden: bool = False):
    return st.Page(
        block.page_file(name),
        title=title,
        icon=f":material/{icon}:",
        url_path=name,
        default=default,
        visibility="hidden" if hidden else "visible",
        help=help,
    )

"""One project on the page Improvement: its case, its causes drawn, its actions, and the value that somebody else verifies."""

from __future__ import annotations

from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from scorecard import maturity, plan_links, projects, registers
from scorecard.core import fmt
from scorecard.improvement import projects as portfolio
from scorecard.improvement.projects import Case, Line
from scorecard.output import improvement_board, improvement_causes, improvement_project
from scorecard.output.theme import escape_markdown
from scorecard.plan_links import Place
from scorecard.registers import Entry
from scorecard.store.engine import Store
from scorecard.ui import action_forms, block, forms, maturity_roadmap, register_forms, state
from scorecard.ui.action_forms import Origin
from scorecard.ui.kept import kept
from scorecard.ui.state import Page

KEPT = 32
IMPACTS = {"financial": "Financial impact", "strategic": "Strategic impact"}


def draw(page: Page, line: Line, back: str) -> None:
    """The project with all that belongs to it; `back` is the address of the page."""
    project = line.project
    block.draw(improvement_project.crumbs(back), key="project crumbs")
    _head(page, line)
    history, analyses, served = _told(page.store, project.id, line.case.goal if line.case else "")
    of = registers.register(portfolio.ANALYSES)
    opened = {one.id: register_forms.address(of, one) + f"&project={project.id}" for one in analyses}
    currency = state.house(page.store).organisation.currency
    measured = block.address("measure", measure=project.measure)
    left = improvement_project.problem(line.case) + improvement_causes.section(analyses, opened)
    step = f"Worth of {portfolio.step_words(line.measure)}" if line.measure else "Worth of one step"
    right = improvement_project.facts(line, _practice(page, project.practice), measured, step, currency, [(one.words, block.address("planning", record=f"{one.register}:{one.id}")) for one in served])
    right += improvement_project.actions(line, lambda id: block.address("actions", action=id))
    block.draw(improvement_project.stages(portfolio.stages(project, history)) + improvement_project.page(line, left, right), key="project")


def _head(page: Page, line: Line) -> None:
    project = line.project
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="top", gap="small"):
        st.title(escape_markdown(project.title), anchor=False, width="content")
        with st.container(horizontal=True, width="content", gap="xsmall"):
            if portfolio.may_verify(page.actor, project) and line.seen and project.outcome != "stopped":
                if st.button("Verify the value", icon=":material/fact_check:", key="verify value"):
                    _verify(page, line)
            if projects.may_steer(page.actor) and st.button("The case", icon=":material/edit:", key="edit case"):
                _case(page, line)
            register_forms.button(page, portfolio.ANALYSES, "Cause analysis", given=_given(line), key="new analysis")
            action_forms.button(page, project.measure, Origin(project.origin, f"Project {project.title}"))
            if projects.may_move(page.actor, project) and st.button("Move or change", type="primary", key="move or change"):
                maturity_roadmap.change(page, project.id)


def _given(line: Line) -> dict[str, Any]:
    problem = {"problem": line.case.problem} if line.case else {}
    return {"project": line.project.id, "measure": line.project.measure} | problem


@st.dialog("The case of the project", width="medium")
def _case(page: Page, line: Line) -> None:
    case_form(page, line)


def case_form(page: Page, line: Line) -> None:
    """The form of the problem, the worth of a step, its assumptions and the effort."""
    case = line.case
    key = f"case {line.project.id}"
    problem = st.text_input("Problem", case.problem if case else "", max_chars=300, key=f"{key} problem",
                            help="What is wrong, where and since when; not what to do about it.")
    impact = st.segmented_control("Chosen for", list(IMPACTS), default=case.impact if case else "financial", required=True, format_func=IMPACTS.get, key=f"{key} impact")
    currency = state.house(page.store).organisation.currency
    if line.measure:
        st.caption(escape_markdown(f"What {portfolio.step_words(line.measure)} is worth a year, in {currency}: low, base and high"))
    worth = _three(case, key)
    assumptions = st.text_area("Assumptions", case.assumptions if case else "", height=90, key=f"{key} assumptions", help="What has to be true for these figures, and where they come from.")
    left, right = st.columns(2)
    serves = _serves(page, case, left, key)
    effort = right.number_input("Effort, days of work", 0.0, value=float(case.effort) if case and case.effort is not None else None, format="%g", key=f"{key} effort")
    if st.button("Save the case", type="primary", key=f"{key} save"):
        written = {"problem": problem, "impact": impact, "assumptions": assumptions, "effort": effort, **serves, **worth}
        seen = case.entry.version if case else 0
        forms.save(key, page.store, lambda store: portfolio.save_case(
            store, page.actor, line.project.id, written, seen_version=seen, today=page.today), "The case is saved.")


def _serves(page: Page, case: Case | None, place: DeltaGenerator, key: str) -> dict[str, str]:
    """The goal of the plan; in words where the tree has none, or where words stand there already."""
    with place:
        offered, said = register_forms.choices(page, "entry:plan_goal"), {}
        if offered:
            said["goal"] = register_forms.field(page, portfolio.REGISTER, "goal", case.goal if case else "", f"{key} goal") or ""
        if not offered or (case and case.plan):
            said["plan"] = st.text_input("Serves, in words" if offered else "Serves which goal of the plan", case.plan if case else "", key=f"{key} plan")
    return said


def _three(case: Case | None, key: str) -> dict[str, float | None]:
    said = case.worth if case else None
    found: dict[str, float | None] = {}
    for column, (name, label, value) in zip(st.columns(3), (("worth_low", "Low", said.low if said else None), ("worth", "Base", said.base if said else None),
                                                            ("worth_high", "High", said.high if said else None)), strict=True):
        found[name] = column.number_input(label, 0.0, value=value if value is None else float(value), format="%g", key=f"{key} {name}")
    return found


@st.dialog("Verify the value", width="medium")
def _verify(page: Page, line: Line) -> None:
    """What the chart shows and what that is worth; saved under the name of who checked it."""
    verdict, currency = line.standing.verdict, state.house(page.store).organisation.currency
    st.markdown(escape_markdown(f"{verdict.sentence.bold} {verdict.sentence.rest}"))
    value = line.seen if verdict.verdict == "worked" else portfolio.Value(0.0, 0.0, 0.0)
    told = f"{fmt.change(verdict.size, line.measure)} are worth {improvement_board.between(value, currency)}."
    st.markdown(escape_markdown(told if verdict.verdict == "worked" else f"{fmt.change(verdict.size, line.measure)}: nothing is verified."))
    by = st.text_input("Verified by", page.actor.name, max_chars=portfolio.LONGEST_NAME, key="verified by", help="Who looked at it, for example somebody of Finance.")
    if st.button("Record the verified value", type="primary", key="record verified"):
        seen = line.case.entry.version if line.case else 0
        forms.save(f"verify {line.project.id}", page.store, lambda store: portfolio.verify(
            store, page.actor, line, by, page.today, seen_version=seen), "The value is verified.")


# --- what is kept while the data stay the same -----------------------------------------------------------------------


@kept(KEPT)
def _told(store: Store, id: str, goal: str) -> tuple[list, list[Entry], tuple[Place, ...]]:
    with store.read() as tx:
        return projects.history(tx, id), portfolio.analyses(tx, id), plan_links.of_project(tx, id, goal)


def _practice(page: Page, id: str) -> str:
    if not id:
        return ""
    return f"{id} {_titles(page.store).get(id, '')}".strip()


@kept(KEPT)
def _titles(store: Store) -> dict[str, str]:
    with store.read() as tx:
        return {id: one.title for id, one in maturity.model(tx)[1].practices.items()}

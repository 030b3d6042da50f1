"""Projects on the page: started from a gap, planned by quarter, taken from step to step, ended."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import streamlit as st

from scorecard import maturity, projects
from scorecard.core.definition import Definition
from scorecard.core.periods import Period, containing
from scorecard.errors import StaleEdit
from scorecard.maturity import PracticeResult, loop
from scorecard.maturity.loop import Standing
from scorecard.output import maturity_beside, maturity_roadmap
from scorecard.output.theme import escape_markdown
from scorecard.projects import STAGES, Project
from scorecard.store.engine import Store
from scorecard.ui import action_forms, action_views, block, forms
from scorecard.ui.kept import kept
from scorecard.ui.state import Page

KEPT = 16
OPEN, SEEN = "open", "seen project "
AHEAD = 8


def address(**query: str) -> str:
    """The address of the roadmap."""
    return block.address("maturity", view="roadmap", **query)


def draw(page: Page) -> None:
    """The roadmap, and the project that the address names."""
    block.draw(maturity_roadmap.crumbs(block.address("maturity", view="results")), key="crumbs")
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="top", gap="small"):
        st.title("Roadmap", anchor=False, width="content")
        if projects.may_steer(page.actor) and st.button("New project", icon=":material/add:", key="open new project"):
            new(page, None, "")
    found = standings(page)
    titles = _titles(page.store, page.today)
    now = containing(page.today, "quarter")
    drawn = maturity_roadmap.page(
        found, now, titles, action_views.choices(page).measures, lambda id: address(open=id), lambda name: block.address("measure", measure=name)
    )
    block.draw(maturity_beside.again([one.again for one in found if one.again]) + drawn, key="roadmap")
    asked = st.query_params.get(OPEN, "")[:80]
    if asked:
        del st.query_params[OPEN]
        change(page, asked)


def standings(page: Page) -> tuple[Standing, ...]:
    """Every project with what its measure says, in the order in which they were started."""
    return _standings(page.store, page.today)


def change(page: Page, id: str) -> None:
    """The dialog of a project: its stage, its fields, its end. Nothing for an id that no project has."""
    chosen = next((one for one in standings(page) if one.project.id == id), None)
    if chosen:
        st.session_state[SEEN + id] = chosen.project.version
        _edit(page, id)


@st.dialog("Start a project", width="medium")
def new(page: Page, gap: PracticeResult | None, cycle: str) -> None:
    """A new project, from a gap or of its own; the form stays open until it is saved."""
    key = f"project {gap.practice if gap else 'new'}"
    if gap and gap.gap:
        st.caption(f"{escape_markdown(gap.practice)} {escape_markdown(gap.title)}: now {gap.score.median:.1f}, target {gap.target:.1f}.")
    written = _fields(page, key, None, gap.title if gap else "", gap.system if gap else "")
    if st.button("Start the project", type="primary", key=f"{key} save"):
        forms.save(
            key,
            page.store,
            lambda store: projects.start(
                store, page.actor, practice=gap.practice if gap else "", cycle=cycle, today=page.today, **written
            ),
            "The project is started. It stands on the roadmap.",
        )


def _fields(page: Page, key: str, old: Project | None, title: str = "", system: str = "") -> dict[str, Any]:
    """The fields of a project as they stand in the form."""
    written: dict[str, Any] = {
        "title": st.text_input("What is to be better", old.title if old else title, max_chars=projects.LONGEST_TITLE, key=f"{key} title")
    }
    left, right = st.columns(2)
    with left:
        written["owner"] = _owner(page, key, old)
    with right:
        written["phase"] = _phase(page, key, old)
    measures = action_views.choices(page).measures
    names = sorted(measures, key=lambda name: (measures[name].system != system, measures[name].label))
    if old and old.measure not in measures:
        names.append(old.measure)
    at = names.index(old.measure) if old else (0 if names and system and measures[names[0]].system == system else None)
    written["measure"] = st.selectbox(
        "Measure it should move", names, index=at, placeholder="Choose a measure",
        format_func=lambda name: measures[name].label if name in measures else name, key=f"{key} measure",
    ) or ""  # fmt: skip
    return written | _effect(key, old, measures.get(written["measure"]) or Definition(written["measure"] or "x", ""))


def _owner(page: Page, key: str, old: Project | None) -> str:
    people = action_views.people(page)
    if old and old.owner not in people:
        people[old.owner] = old.owner_name
    chosen = old.owner if old else page.actor.person
    return st.selectbox(
        "Owner", list(people), index=list(people).index(chosen), format_func=people.get, key=f"{key} owner"
    )


def _phase(page: Page, key: str, old: Project | None) -> str:
    now = containing(page.today, "quarter")
    quarters: list[Period | None] = [None, *(now.shift(n) for n in range(AHEAD))]
    chosen = old.quarter if old else now.shift(1)
    if chosen not in quarters:
        quarters.insert(1, chosen)
    at = st.selectbox(
        "Planned for", quarters, index=quarters.index(chosen), format_func=lambda one: one.label if one else "not planned yet",
        key=f"{key} phase",
    )  # fmt: skip
    return str(at) if at else ""


def _effect(key: str, old: Project | None, measure: Definition) -> dict[str, Any]:
    """What is expected, in the unit of the measure, and until when."""
    same = old if old and old.measure == measure.name else None
    left, right = st.columns(2)
    effect = left.number_input(
        f"Expected effect{action_forms.unit_of(measure)}", value=action_forms.shown_effect(same.effect, measure) if same else None,
        format="%g", key=f"{key} effect {measure.name}", placeholder="+4 or −8",
    )  # fmt: skip
    by = right.date_input("Expected by", same.effect_by if same else None, key=f"{key} by {measure.name}")
    return {"effect": action_forms.stored_effect(effect, measure), "effect_by": by}


# --- one project -----------------------------------------------------------------------------------------------------


@st.dialog("Project", width="medium")
def _edit(page: Page, id: str) -> None:
    """One project: how far it is, what it says, its end."""
    one = next(found for found in standings(page) if found.project.id == id)
    project = one.project
    block.draw(maturity_roadmap.told(one), key="project told")
    if project.open and projects.may_move(page.actor, project):
        _move(page, project)
    if projects.may_steer(page.actor):
        if project.open:
            with st.expander("Change the project"):
                _change(page, project)
        elif st.button("Take it up again", key="reopen project"):
            _save(page, project, lambda store, seen: projects.reopen(store, page.actor, project.id, seen), "The project is under way again.")


def _save(page: Page, project: Project, work: Callable[[Store, int], Any], said: str) -> None:
    """Saves over the version that this person saw; when another was first, the next try is over theirs."""

    def tried(store: Store) -> None:
        try:
            work(store, st.session_state.get(SEEN + project.id, project.version))
        except StaleEdit:
            st.session_state[SEEN + project.id] = project.version
            raise

    forms.save(f"project {project.id}", page.store, tried, said)


def _move(page: Page, project: Project) -> None:
    """How far it is, and its end."""
    stage = st.segmented_control(
        "How far it is", list(STAGES), default=project.stage, required=True, format_func=STAGES.get, key=f"stage {project.id}"
    )
    on = st.date_input("Since", page.today, max_value=page.today, key=f"on {project.id}", width=150)
    with st.container(horizontal=True, gap="small"):
        moved = st.button("Save the step", type="primary", disabled=stage == project.stage, key="move project")
        done = st.button("Finish it", key="finish project")
    if moved:
        _save(page, project, lambda store, seen: projects.move(store, page.actor, project.id, stage, on, seen), f"The project is at {STAGES[stage].lower()}.")
    if done:
        _save(page, project, lambda store, seen: projects.finish(store, page.actor, project.id, on, seen), "The project is finished.")
    with st.expander("Stop it"):
        reason = st.text_input("Why", max_chars=projects.LONGEST_REASON, key=f"why {project.id}")
        if st.button("Stop the project", key="stop project"):
            _save(page, project, lambda store, seen: projects.stop(store, page.actor, project.id, reason, on, seen), "The project is stopped.")


def _change(page: Page, project: Project) -> None:
    written = _fields(page, f"edit {project.id}", project)
    if project.began:
        written["began"] = st.date_input("Work changed on", project.began, max_value=page.today, key=f"began {project.id}", width=150,
                                         help="The verdict reads the months after it.")
    if st.button("Save the project", key="save project"):
        _save(page, project, lambda store, seen: projects.edit(store, page.actor, project.id, seen, **written), "The project is saved.")


# --- what is kept while the data stay the same -----------------------------------------------------------------------


@kept(KEPT)
def _standings(store: Store, today: date) -> tuple[Standing, ...]:
    return loop.standings(store, today)


@kept(KEPT)
def _titles(store: Store, today: date) -> dict[str, str]:
    """The titles of practices in the model that is in force."""
    with store.read() as tx:
        return {id: one.title for id, one in maturity.model(tx)[1].practices.items()}

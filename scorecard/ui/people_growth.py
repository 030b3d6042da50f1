"""Skills, staffing, feedback and development plans on the page People, and the registers behind them.

Counts of the team are kept for each version of the data. What is about one person is read in each run for who asks, and kept nowhere.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import streamlit as st

from scorecard import looking, registers, whose
from scorecard.output import people_growth, people_skills, sensory_tables
from scorecard.output.part_tables import Table
from scorecard.output.theme import escape_markdown
from scorecard.people import feedback, growth, named, positions, skills, staffing
from scorecard.people import page as people_page
from scorecard.people.growth import Growth
from scorecard.people.page import Counts, Found
from scorecard.store.engine import Store
from scorecard.ui import block, forms, own_reads, register_board, register_forms, state
from scorecard.ui.kept import kept
from scorecard.ui.state import Page

KEPT, MOST_BUTTONS = 8, 6
SKILLS, STAFFING, GROWING, TALKS, HIRING = "skills", "staffing", "growth", "feedback", "hiring"
# The registers of each view, and where a record of the address is shown.
REGISTERS = {
    SKILLS: (skills.SKILL, skills.LEVEL, growth.TRAINING), STAFFING: (positions.REGISTER, staffing.PLAN, staffing.SUCCESSION),
    GROWING: (growth.PLAN, growth.STEP, growth.INDUCTION), TALKS: (feedback.REGISTER,),
}  # fmt: skip
RECORDS = {register: view for view, own in REGISTERS.items() for register in own}
TITLES = {SKILLS: "Skills", STAFFING: "Positions and staffing", GROWING: "Development plans, induction and training", TALKS: "Feedback", HIRING: "Hiring"}


def address(view: str, **query: str) -> str:
    """The address of the registers of a part."""
    return block.address("people", view=view, **query)


def read(page: Page) -> Found:
    """What the reader sees. What is about one person in it is held for nobody else; the look at it is in the audit."""
    found = own_reads.read(page, "people", lambda: _read(page))
    looking.at_people(page.store, page.actor, found.people, page.today)
    return found


def _read(page: Page) -> Found:
    return people_page.read(page.store, page.actor, page.today, _counts(page.store, page.today))


@kept(KEPT)
def _counts(store: Store, today: date) -> Counts:
    return people_page.counts(store, today)


def tables(page: Page) -> dict[str, Callable[[], Table]]:
    """The same as tables for the menu Export, of those whom this reader sees."""
    return {
        people_skills.SKILLS: lambda: people_skills.skills_table(read(page).skills), people_skills.STAFFING: lambda: people_skills.staffing_table(read(page).staffing),
        people_skills.LEVELS_TITLE: lambda: people_skills.levels_table(read(page).skills), people_growth.FEEDBACK: lambda: people_growth.feedback_table(read(page).feedback),
        people_growth.PLANS: lambda: people_growth.plans_table(read(page).growth),
    }  # fmt: skip


def draw(page: Page, here: Found) -> None:
    """Skills beside staffing, then feedback beside development plans."""
    drawn = people_skills.both(here.skills, here.staffing, lambda id: address(SKILLS, record=f"{skills.SKILL}:{id}"),
                               lambda id: address(STAFFING, record=f"{positions.REGISTER}:{id}"))  # fmt: skip
    block.draw(drawn + people_growth.more((TITLES[view], address(view)) for view in (SKILLS, STAFFING, HIRING)), key="skills and staffing")
    _begin(page, here)
    grown = people_growth.both(here.feedback, here.growth, here.steps, _who, lambda id: address(GROWING, record=f"{growth.PLAN}:{id}"), here.measured)
    block.draw(grown + people_growth.more((TITLES[view], address(view)) for view in (TALKS, GROWING)), key="growing")
    if unread := whose.unread(page.actor, state.house(page.store).members.values()):
        st.caption(escape_markdown(unread))
    if here.feedback.lines:
        register_forms.button(page, feedback.REGISTER, "Write down a talk", key="write a talk")


def _begin(page: Page, here: Found) -> None:
    """The first step where nothing is written, for who may take it."""
    with st.container(horizontal=True, gap="xsmall"):
        if not here.skills.lines and registers.may_write(page.actor, skills.SKILL):
            register_forms.button(page, skills.SKILL, "Write the first skill", key="first skill")
        if not here.staffing.lines and registers.may_write(page.actor, positions.REGISTER):
            register_forms.button(page, positions.REGISTER, "Write the first position plan", key="first position")


# -- the views


def _head(view: str) -> None:
    block.draw(sensory_tables.crumbs((("People", block.address("people")),), TITLES[view]), key="crumbs")
    st.title(TITLES[view], anchor=False)


def _boards(page: Page, view: str, **narrow: Any) -> None:
    for register in REGISTERS[view]:
        register_board.board(page, register, page_name="people", **narrow)


def skill_records(page: Page) -> None:
    """Skills, who can what, and trainings."""
    _head(SKILLS)
    _boards(page, SKILLS)


def staffing_records(page: Page) -> None:
    """Position plans with what they lack, staffing plans, succession."""
    _head(STAFFING)
    with page.store.read() as tx:
        lacking = people_skills.lacking(positions.read(tx), page.today)
    if lacking:
        block.draw(lacking, key="lacking")
    _boards(page, STAFFING)


def talk_records(page: Page) -> None:
    """Feedback talks, of one person where the address says whom."""
    _head(TALKS)
    here, who = read(page).feedback, st.query_params.get("who", "")[:80]
    one = tuple(line for line in here.lines if line.id == who)
    if one:
        block.draw(people_growth.regularity(replace(here, lines=one), _who) + people_growth.more([("Talks with everybody", address(TALKS))]), key="one person's talks")
        _boards(page, TALKS, person=who, given={"person": who})
        return
    block.draw(people_growth.regularity(here, _who), key="talks of all")
    _boards(page, TALKS)


def _who(id: str) -> str:
    return address(TALKS, who=id)


def growth_records(page: Page) -> None:
    """Development plans with their steps and the yes of both sides, induction and training."""
    _head(GROWING)
    here = read(page)
    block.draw(people_growth.development(here.growth, here.steps, lambda id: address(GROWING, record=f"{growth.PLAN}:{id}"), here.measured), key="plans")
    _agreeing(page, here.growth)
    with page.store.read() as tx:
        team, offered = named.team(tx), {one.id: one.name for one in positions.read(tx) if one.induction}
        learned = growth.learning(tx, page.actor, page.today, team.people)
    if learned:
        looking.at_people(page.store, page.actor, {one.person for one in learned}, page.today)
        block.draw(people_growth.learning(learned), key="learning")
    _inducting(page, offered, {one.id: one.name for one in team.led_by(page.actor)})
    _boards(page, GROWING)


def _agreeing(page: Page, here: Growth) -> None:
    """A button for each plan that waits for the reader's own yes."""
    waiting = growth.waiting_for(here, page.actor)
    for one in waiting[:MOST_BUTTONS]:
        if st.button(f"Agree to the plan of {escape_markdown(one.name)}: {escape_markdown(one.aim)}", key=f"agree {one.id}", icon=":material/check:"):
            forms.save(f"agree {one.id}", page.store, lambda store, one=one: growth.agree(store, page.actor, one.id, page.today), "Your yes is written down.")


def _inducting(page: Page, offered: dict[str, str], people: dict[str, str]) -> None:
    """The steps of a position's induction planned for a newcomer, by their leader."""
    if not offered or not people:
        return
    with st.popover("Plan an induction", icon=":material/person_add:"):
        person = st.selectbox("Who", list(people), format_func=people.get, key="induction person")
        position = st.selectbox("Position", list(offered), format_func=offered.get, key="induction position")
        first = st.date_input("First day", page.today, format="DD/MM/YYYY", key="induction first")
        if st.button("Plan its steps", type="primary", key="induction save"):
            forms.save(f"induction {person} {position}", page.store, lambda store: growth.begin_induction(store, page.actor, position, person, first, page.today), "The steps are planned.")


VIEWS = {SKILLS: skill_records, STAFFING: staffing_records, TALKS: talk_records, GROWING: growth_records}

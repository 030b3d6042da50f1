"""Hiring on the page People: open positions, what is asked, and the form in which one interviewer scores one candidate."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from scorecard import looking
from scorecard.core.periods import day
from scorecard.output import people_hiring, sensory_tables, tables
from scorecard.output.part_tables import Table
from scorecard.output.theme import escape_markdown
from scorecard.people import hiring
from scorecard.people.hiring import Candidate, Opening, Question
from scorecard.store.engine import Store
from scorecard.ui import block, drafting, forms, own_reads, register_board
from scorecard.ui.state import Page

VIEW, TITLE = "hiring", "Hiring"
REGISTERS = (hiring.OPENING, hiring.CANDIDATE, hiring.SCORE)
RECORDS = dict.fromkeys(REGISTERS, VIEW)
SCALE = list(range(hiring.LEAST, hiring.MOST + 1))


def address() -> str:
    """The address of hiring."""
    return block.address("people", view=VIEW)


def export(page: Page) -> dict[str, Callable[[], Table]]:
    """The scores that this reader may see, for the menu Export."""
    return {people_hiring.TITLE: lambda: people_hiring.scores_table(_read(page))}


def _read(page: Page) -> tuple[Opening, ...]:
    """What the reader sees; their look at the files of the candidates is in the audit."""
    found = own_reads.read(page, "hiring", lambda: hiring.read(page.store, page.actor))
    looking.at_files(page.store, page.actor, (f"{hiring.CANDIDATE}:{each.id}" for one in found for each in one.candidates), page.today)
    return found


def records(page: Page) -> None:
    """Each open position with its candidates, then the registers."""
    block.draw(sensory_tables.crumbs((("People", block.address("people")),), TITLE), key="crumbs")
    st.title(TITLE, anchor=False)
    found = _read(page)
    if said := hiring.sentences(found):
        block.draw(tables.says(said), key="hiring says")
    for one in found:
        block.draw(people_hiring.opening(one), key=f"opening {one.id}")
        _buttons(page, one)
    for register in REGISTERS:
        register_board.board(page, register, page_name="people")


def _buttons(page: Page, one: Opening) -> None:
    """A button for each candidate who waits for this interviewer's score."""
    waiting = [each for each in one.candidates if each.own_missing]
    if not waiting:
        return
    with st.container(horizontal=True, gap="xsmall"):
        for each in waiting:
            if st.button(f"Score {escape_markdown(each.name)}", key=f"score {each.id}", icon=":material/rate_review:"):
                st.dialog(f"Score {escape_markdown(each.name)}", width="medium")(_form)(page, one, each)


def _form(page: Page, one: Opening, candidate: Candidate) -> None:
    """The structured form: the same for everybody, and saved before the others' are seen."""
    key = f"score {candidate.id}"
    st.caption("From 1 to 5: 1 nothing of it was heard, 3 enough for the position, 5 more than it asks.")
    education = _scale("Education", f"{key} education")
    experience = _scale("Experience", f"{key} experience")
    answers = {each.trait: _trait(each, f"{key} {n}") for n, each in enumerate(one.questions)}
    recommend = st.segmented_control("You recommend", list(people_hiring.RECOMMENDS), format_func=people_hiring.RECOMMENDS.get, key=f"{key} recommend")
    words = drafting.alone(page, key, "In a few words :gray[(optional)]", max_chars=500)
    if not st.button("Save", type="primary", key=f"{key} save"):
        return
    if None in (education, experience, recommend, *(score for score, _ in answers.values())):
        st.error("One score is missing. Everybody is asked the same, so that answers can be read side by side.")
        return

    def work(store: Store) -> None:
        hiring.score(store, page.actor, candidate.id, education=education, experience=experience, traits=answers, recommend=recommend, words=words, today=page.today)

    forms.save(key, page.store, drafting.ending(page, key, work), f"Your score is kept since {day(page.today)}. The scores of the others are shown now.")


def _scale(label: str, key: str) -> int | None:
    return st.segmented_control(label, SCALE, key=key)


def _trait(one: Question, key: str) -> tuple[int | None, str]:
    score = st.segmented_control(escape_markdown(one.trait), SCALE, key=key, help=escape_markdown(one.good) or None)
    if one.question:
        st.caption(escape_markdown(one.question))
    return score, st.text_input("What was heard :gray[(optional)]", max_chars=200, key=f"{key} heard")


VIEWS = {VIEW: records}

"""The quick form: one question a system, under two minutes, saved as it is chosen."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from scorecard.maturity import Draft, Part, Sheet, answering
from scorecard.output import assess_tables
from scorecard.output.theme import escape_markdown, escape_sentence
from scorecard.ui import block, forms, maturity_assess, maturity_style, saving
from scorecard.ui.maturity_assess import UNSURE, Desk
from scorecard.ui.saving import Saving

CHOICES = (1, 2, 3, 4, 5, UNSURE)
HIGHEST = "Choose the highest level that is true today."
LEFT_OUT = "Left out: it does not count as 1."


def draw(desk: Desk, sheet: Sheet, crumbs: Sequence[tuple[str, str]]) -> None:
    """The whole form."""
    sheet = _caught_up(desk, sheet)
    second = f"{escape_markdown(sheet.cycle.opened_by)} asks the team between the full cycles. {assess_tables.TODAY_NOT_SHOULD}"
    progress = assess_tables.progress(sheet.answered, sheet.questions, sheet.seconds_left)
    maturity_assess.head(crumbs, f"{_number(sheet.questions)} under two minutes", second, progress)
    with st.container(key="quick", gap=None):
        for part in sheet.parts:
            _row(desk, sheet, part)
    _foot(desk, sheet)
    block.draw(assess_tables.quick_foot(sheet, desk.alone), key="quick foot")


def _number(count: int) -> str:
    words = {1: "One question,", 7: "Seven questions,", 8: "Eight questions,"}
    return words.get(count, f"{count} questions,")


def _row(desk: Desk, sheet: Sheet, part: Part) -> None:
    system, draft = part.system, sheet.drafts.get(part.system.id, Draft(part.system.id, None))
    key, name, saves = desk.key(system.id, "level"), desk.key(system.id), saving.of_tab()
    if name not in saves.troubles and saves.versions.get(name) != draft.version:
        st.session_state[key] = maturity_assess.choice(draft)
        saves.take(name, draft.version)
    st.session_state.setdefault(key, maturity_assess.choice(draft))
    now = next((one.system.id for one in sheet.parts if not one.done), "") == system.id
    with st.container(key=f"quick-{'now' if now else 'row'}-{system.id}"):
        left, right = st.columns((1, 1.62), gap="small")
        with left:
            block.draw(assess_tables.question(part), key=f"question {system.id}")
        with right:
            _choose(desk, sheet, part, draft, key)
    saves.shown(name, st.session_state[key])


def _choose(desk: Desk, sheet: Sheet, part: Part, draft: Draft, key: str) -> None:
    names = sheet.model.level_names

    def word(of: int | str) -> str:
        return "I don’t know" if of == UNSURE else f"{of} {escape_markdown(names[of - 1])}"

    st.segmented_control(
        maturity_style.plain(f"{part.system.label}, {part.system.question}"), CHOICES, format_func=word, key=key, required=True,
        label_visibility="collapsed", on_change=_keep, args=(desk, part.system.id, saving.of_tab()), width="stretch",
    )  # fmt: skip
    chosen = st.session_state[key]
    st.caption(LEFT_OUT if chosen == UNSURE else HIGHEST if chosen is None else escape_markdown(part.system.levels[chosen - 1]))
    trouble = saving.of_tab().troubles.get(desk.key(part.system.id))
    if trouble:
        _trouble(desk, part.system.id, draft, *trouble)


def _keep(desk: Desk, system: str, saves: Saving, over: bool = False) -> None:
    """Saves what is chosen for a system; what is refused stays chosen, with the reason."""

    def save(level: int | str, seen: int) -> int:
        before = desk.sheet().drafts.get(system)
        return desk.save(system, None if over else seen, chosen=level if isinstance(level, int) else None, evidence=before.evidence if before else "")

    saves.keep(desk.key(system), lambda: st.session_state.get(desk.key(system, "level")), save)


def _caught_up(desk: Desk, sheet: Sheet) -> Sheet:
    """The sheet once everything chosen in this tab is saved: a run that was stopped may not have come to it."""
    saves = saving.of_tab()
    systems = [part.system.id for part in sheet.parts]
    waiting = [id for id in systems if saves.missed(desk.key(id), st.session_state.get(desk.key(id, "level")))]
    for system in waiting:
        _keep(desk, system, saves)
    return desk.sheet() if waiting else sheet


def _trouble(desk: Desk, system: str, draft: Draft, words: str, stale: bool) -> None:
    st.error(escape_sentence(words))
    if not stale:
        return
    with st.container(horizontal=True, gap="small"):
        st.button("Save mine over it", key=f"save mine {system}", on_click=_keep, args=(desk, system, saving.of_tab(), True))
        if st.button("Take what is saved", key=f"take theirs {system}", type="tertiary"):
            del st.session_state[desk.key(system, "level")]
            saving.of_tab().take(desk.key(system), draft.version)
            st.rerun()


def _foot(desk: Desk, sheet: Sheet) -> None:
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key="assess foot"):
        if st.button("Send", type="primary", key="finish"):
            maturity_assess.finish(desk, sheet)
        if st.button("Add a word or two", key="add words", disabled=not sheet.drafts):
            words(desk, sheet)
        again = "" if desk.window is not None else f" You can come back until {assess_tables.near(sheet.cycle.closes)}."
        st.caption(maturity_assess.saved(desk, sheet) + again)


@st.dialog("A word or two")
def words(desk: Desk, sheet: Sheet) -> None:
    """A few words to one of the answers."""
    answered = {part.system.id: part.system.label for part in sheet.parts if part.done}
    about = st.selectbox("About", list(answered), format_func=answered.get, key="words about")
    text = st.text_area("What would convince a colleague", sheet.drafts[about].evidence, max_chars=answering.LONGEST_TEXT // 2, key=f"words of {about}")
    if st.button("Save the words", type="primary", key="save words"):
        draft = sheet.drafts[about]
        forms.save(f"words {about}", desk.page.store, lambda store: desk.save(about, draft.version, chosen=draft.chosen, evidence=text), "The words are saved.")

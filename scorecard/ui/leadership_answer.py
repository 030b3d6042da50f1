"""The form of a feedback round: on the page Leadership saved as it is chosen, behind a personal link kept in its window; sent once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import streamlit as st

from scorecard.core.feedback_form import LEVELS, Item, Question
from scorecard.errors import ScorecardError
from scorecard.leadership import round_answers
from scorecard.leadership.round_answers import LONGEST_TEXT, Sheet
from scorecard.leadership.rounds import still_open
from scorecard.output import assess_tables, leadership_rounds
from scorecard.output.theme import escape_markdown, escape_sentence
from scorecard.store.engine import Store
from scorecard.store.feedback import Draft
from scorecard.ui import block, forms, maturity_assess, maturity_style, review_views, saving
from scorecard.ui.saving import Saving
from scorecard.ui.state import Page

UNSURE = "unsure"
CHOICES = (*LEVELS, UNSURE)
LEFT_OUT = "Left out: it does not count as 1."
HEIGHT = 88


@dataclass(frozen=True)
class Desk:
    """Where somebody answers: the state of the run and how it is read anew, the round.

    `alone` is behind a personal link: others may hold it too, so what was begun there is read back from nowhere.
    """

    page: Page
    again: Callable[[], Page]
    round: str
    alone: bool = False

    def key(self, item: str) -> str:
        """The name of a field: another person at the same keyboard has other fields."""
        return f"feedback {self.round} {self.page.actor.person} {item}"

    def sheet(self) -> Sheet:
        """The sheet as it stands in the store; behind a link as it stands in this window."""
        found = round_answers.sheet(self.page.store, self.page.actor, self.round)
        return replace(found, drafts=_typed(self, found)) if self.alone else found


def draw(desk: Desk, crumbs: tuple[tuple[str, str], ...] = ()) -> None:
    """The whole form, or the thanks when everything is sent."""
    maturity_style.draw()
    sheet = desk.sheet()
    if sheet.finished:
        if crumbs:
            block.draw(assess_tables.crumbs(crumbs), key="crumbs")
        block.draw(leadership_rounds.sent(sheet), key="feedback sent")
        return
    if _is_over(desk, sheet, crumbs):
        return
    if not desk.alone:
        sheet = _caught_up(desk, sheet)
    name = escape_markdown(sheet.name)
    title = "How do you lead?" if sheet.own else f"How does {name} lead?"
    second = f"{len(sheet.form.items)} statements, 1 is {escape_markdown(sheet.form.lowest)}, 5 is {escape_markdown(sheet.form.highest)}. {assess_tables.TODAY_NOT_SHOULD}"
    maturity_assess.head(crumbs, title, second, assess_tables.progress(sheet.answered, len(sheet.form.items), sheet.seconds_left))
    now = next((item.id for item in sheet.form.items if item.id not in sheet.drafts), "")
    with st.container(key="quick", gap=None):
        for item in sheet.form.items:
            _row(desk, sheet, item, item.id == now)
    for question in sheet.form.questions:
        _words(desk, sheet, question)
    _foot(desk, sheet)
    block.draw(leadership_rounds.foot(sheet, desk.alone), key="feedback foot")


def _is_over(desk: Desk, sheet: Sheet, crumbs: tuple[tuple[str, str], ...]) -> bool:
    """Whether nobody answers any more, which is said first; what this window holds and could not save stays below it."""
    try:
        still_open(sheet.round, desk.page.today)
    except ScorecardError as refusal:
        st.info(f"{escape_sentence(str(refusal))} Nobody answers any more.")
    else:
        return False
    held = any(st.session_state.get(desk.key(each.id)) not in (None, "") for each in (*sheet.form.items, *sheet.form.questions))
    if not held and crumbs:
        block.draw(assess_tables.crumbs(crumbs), key="crumbs")
    return not held


def _typed(desk: Desk, sheet: Sheet) -> dict[str, Draft]:
    """What is chosen and written in this window."""
    said = {each.id: st.session_state.get(desk.key(each.id)) for each in (*sheet.form.items, *sheet.form.questions)}
    return {id: Draft(id, value if isinstance(value, int) else None, value if isinstance(value, str) and value != UNSURE else "", version=1)
            for id, value in said.items() if value not in (None, "")}  # fmt: skip


def _choice(draft: Draft) -> int | str | None:
    """The button of a stored answer; None when there is none yet."""
    return None if not draft.version else UNSURE if draft.level is None else draft.level


def _row(desk: Desk, sheet: Sheet, item: Item, now: bool) -> None:
    draft, key, saves = sheet.drafts.get(item.id, Draft(item.id, None)), desk.key(item.id), saving.of_tab()
    _begin(desk, key, draft, _choice(draft))
    with st.container(key=f"quick-{'now' if now else 'row'}-{item.id}"):
        left, right = st.columns((1, 1.62), gap="small")
        with left:
            block.draw(leadership_rounds.statement(item, bool(draft.version)), key=f"statement {item.id}")
        with right:
            st.segmented_control(maturity_style.plain(item.label), CHOICES, format_func=lambda of: "I cannot say" if of == UNSURE else str(of), key=key, required=True,
                                 label_visibility="collapsed", on_change=_keep, args=(desk, item.id, saves), width="stretch")  # fmt: skip
            if st.session_state[key] == UNSURE:
                st.caption(LEFT_OUT)
            _trouble(desk, item.id, draft)
    saves.shown(key, st.session_state[key])


def _begin(desk: Desk, key: str, draft: Draft, stored: int | str | None) -> None:
    """The field says what is stored, unless this tab holds something that could not be saved."""
    saves = saving.of_tab()
    if not desk.alone and key not in saves.troubles and saves.versions.get(key) != draft.version:
        st.session_state[key] = stored
        saves.take(key, draft.version)
    st.session_state.setdefault(key, stored)


def _words(desk: Desk, sheet: Sheet, question: Question) -> None:
    draft, key, saves = sheet.drafts.get(question.id, Draft(question.id, None)), desk.key(question.id), saving.of_tab()
    _begin(desk, key, draft, draft.text)
    st.text_area(f"{escape_markdown(question.question)} (optional)", key=key, height=HEIGHT, max_chars=LONGEST_TEXT, on_change=_keep, args=(desk, question.id, saves))
    _trouble(desk, question.id, draft)
    saves.shown(key, st.session_state[key])


def _keep(desk: Desk, item: str, saves: Saving, over: bool = False) -> None:
    """Saves what is chosen or written; what is refused stays on the screen, with the reason."""
    if desk.alone:
        return

    def save(said: int | str, seen: int) -> int:
        page = desk.again()
        if page.actor.person != desk.page.actor.person:
            raise ScorecardError(f"Not saved: {page.actor.name} sits at the keyboard now, and this answer is another person's.")
        told = {"text": said} if item in {each.id for each in desk.sheet().form.questions} else {"level": said if isinstance(said, int) else None}
        return round_answers.save(page.store, page.actor, desk.round, item, today=page.today, seen_version=None if over else seen, **told).version

    saves.keep(desk.key(item), lambda: st.session_state.get(desk.key(item)), save)


def _caught_up(desk: Desk, sheet: Sheet) -> Sheet:
    """The sheet once everything chosen in this tab is saved: a run that was stopped may not have come to it."""
    saves = saving.of_tab()
    waiting = [each.id for each in (*sheet.form.items, *sheet.form.questions) if saves.missed(desk.key(each.id), st.session_state.get(desk.key(each.id)))]
    for item in waiting:
        _keep(desk, item, saves)
    return desk.sheet() if waiting else sheet


def _trouble(desk: Desk, item: str, draft: Draft) -> None:
    """What could not be saved, and the way out: keep mine, or take what the other tab saved."""
    words, stale = saving.of_tab().troubles.get(desk.key(item), ("", False))
    if not words:
        return
    st.error(escape_sentence(words))
    if not stale:
        return
    with st.container(horizontal=True, gap="small"):
        st.button("Save mine over it", key=f"save mine {item}", on_click=_keep, args=(desk, item, saving.of_tab(), True))
        if st.button("Take what is saved", key=f"take theirs {item}", type="tertiary"):
            del st.session_state[desk.key(item)]
            saving.of_tab().take(desk.key(item), draft.version)
            st.rerun()


def _foot(desk: Desk, sheet: Sheet) -> None:
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key="assess foot"):
        if st.button("Send", type="primary", key="send feedback"):
            forms.save(f"send {desk.round}", desk.page.store, lambda store: _send(desk, sheet, store), "Your feedback is sent.")
        st.caption(f"{_kept(desk, sheet)} {maturity_assess.FINAL}")


def _send(desk: Desk, sheet: Sheet, store: Store) -> None:
    page = desk.page
    if not desk.alone:
        round_answers.finish(store, page.actor, desk.round, page.today)
        return
    items = {each.id for each in sheet.form.items}
    given = {id: draft.level if id in items else draft.text for id, draft in sheet.drafts.items()}
    round_answers.send(store, page.actor, desk.round, given, page.today)


def _kept(desk: Desk, sheet: Sheet) -> str:
    """Where what was chosen is until it is sent."""
    if desk.alone:
        return "What you choose stays in this window until you send it: nobody else with this link could read it."
    told = "Every answer is saved as you choose it." if sheet.saved_at is None else f"Saved as you choose, last at {review_views.clock(desk.page)(sheet.saved_at)}."
    return f":material/cloud_done: {told} You can come back until {assess_tables.near(sheet.round.closes)}."

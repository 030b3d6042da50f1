"""Assessing: one rater answers one system after the other. Every answer is saved as it is chosen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from scorecard import maturity
from scorecard.errors import ScorecardError, UsageError
from scorecard.maturity import Draft, Part, Practice, Sheet, answering, records
from scorecard.output import assess_tables
from scorecard.output.theme import escape_markdown, escape_sentence
from scorecard.store.engine import Store
from scorecard.store.maturity import Invitation
from scorecard.ui import block, forms, maturity_style, review_views, saving
from scorecard.ui.saving import Saving
from scorecard.ui.state import Page

SYSTEM, PRACTICE = "system", "practice"
UNSURE, NOT_OURS = "unsure", "not applicable"
CHOICES = (1, 2, 3, 4, 5, UNSURE, NOT_OURS)
WIDTHS = (3.05, 1.0)
WORDS = "words:"
FINAL = "Sending is final: what was sent is no longer changed."


@dataclass(frozen=True)
class Desk:
    """Where somebody answers: the state of the run and how it is read anew, the cycle, the address of a practice.

    `window` holds the answers behind a personal `link` until they are sent: others may hold the link too, so the server keeps none.
    """

    page: Page
    again: Callable[[], Page]
    cycle: str
    href: Callable[..., str]
    leave: Callable[[], None] | None = None
    alone: bool = False
    window: dict[str, Draft] | None = None
    link: Invitation | None = None

    def sheet(self) -> Sheet:
        """The sheet as it stands in the store, or in this window."""
        return maturity.sheet(self.page.store, self.page.actor, self.cycle, self.window)

    def save(self, practice: str, seen: int | None, **said: Any) -> int:
        """The version of the answer that is kept now. Raises ScorecardError when somebody else sits here, or it cannot be kept."""
        page = same_person(self)
        if self.window is None:
            return maturity.save(page.store, page.actor, self.cycle, practice, seen_version=seen, **said).version
        before = self.window.get(practice)
        self.window[practice] = replace(answering.draft(practice, **said), version=before.version + 1 if before else 1)
        return self.window[practice].version

    def send(self, store: Store) -> None:
        """Nothing; everything is sent, and this window holds nothing of it any more."""
        maturity.finish(store, self.page.actor, self.cycle, self.window, self.link)
        if self.window is not None:
            self.window.clear()

    def key(self, practice: str, field: str = "") -> str:
        """The name of a field of the form of a practice: another person at the same keyboard has other fields."""
        return f"answer {self.cycle} {self.page.actor.person} {practice} {field}"


def draw(desk: Desk, sheet: Sheet, crumbs: Sequence[tuple[str, str]]) -> None:
    """The whole view: one system of a full cycle."""
    sheet = _caught_up(desk, sheet)
    part = sheet.part(st.query_params.get(SYSTEM, "")[:80])
    _head(part, sheet, crumbs)
    left, right = st.columns(WIDTHS, gap="large")
    with left:
        _practices(desk, sheet, part)
        _foot(desk, sheet, part)
    with right:
        days = answering.suggested(sheet, part.system.id, desk.page.today)
        block.draw(assess_tables.beside(sheet, part.system.id, days, lambda id: desk.href(system=id), desk.alone), key="beside")


def _head(part: Part, sheet: Sheet, crumbs: Sequence[tuple[str, str]]) -> None:
    left_over = answering.seconds(sheet.cycle, len(part.practices) - part.answered)
    head(
        crumbs, f"How do we run {escape_markdown(part.system.label)}?", assess_tables.purpose(part, answering.seconds(sheet.cycle, len(part.practices))),
        assess_tables.progress(part.answered, len(part.practices), left_over),
    )  # fmt: skip


def head(crumbs: Sequence[tuple[str, str]], title: str, second: str, progress: str) -> None:
    """The title with its second line, and the progress beside it."""
    with st.container(key="assess-head"):
        left, right = st.columns(WIDTHS, gap="large")
        with left:
            if crumbs:
                block.draw(assess_tables.crumbs(crumbs), key="crumbs")
            st.title(title, anchor=False)
            st.caption(second)
        with right:
            block.draw(progress, key="progress")


# --- the practices ---------------------------------------------------------------------------------------------------


def opened(desk: Desk, sheet: Sheet, part: Part) -> str:
    """The practice whose form is open: that of the address, else the one that was open, else the first without an answer."""
    ids = [one.id for one in part.practices]
    asked, kept = st.query_params.get(PRACTICE, "")[:80], f"open practice {desk.cycle} {part.system.id}"
    if asked == "none":
        return ""
    if asked not in ids:
        first = next((one for one in ids if one not in sheet.drafts), "")
        asked = st.session_state.get(kept, first)
    st.session_state[kept] = asked
    return asked


def _practices(desk: Desk, sheet: Sheet, part: Part) -> None:
    chosen = opened(desk, sheet, part)
    at = next((n for n, one in enumerate(part.practices) if one.id == chosen), len(part.practices))

    def href(id: str) -> str:
        return desk.href(system=part.system.id, practice="none" if id == chosen else id)

    with st.container(key="practices", gap=None):
        block.draw(f'<div class="a-first">{assess_tables.practices(sheet, part.practices[: at + 1], href, chosen)}</div>', key="before")
        if at < len(part.practices):
            _form(desk, sheet, part.practices[at])
        if part.practices[at + 1 :]:
            block.draw(assess_tables.practices(sheet, part.practices[at + 1 :], href), key="after")
    maturity_style.focus(desk.key(chosen, "level") if chosen and st.query_params.get(PRACTICE) else "")


def _form(desk: Desk, sheet: Sheet, practice: Practice) -> None:
    """The open practice: which line is true, its criteria, what would convince a colleague, what the records show."""
    draft = sheet.drafts.get(practice.id, Draft(practice.id, None))
    _begin(desk, practice, draft)
    with st.container(key="practice", gap="small"):
        _trouble(desk, practice, draft)
        _levels(desk, sheet, practice, draft)
        _criteria(desk, sheet, practice, draft)
        left, right = st.columns((2.1, 1), gap="medium")
        with left:
            _reason(desk, practice, draft)
            _evidence(desk, sheet, practice, draft)
        with right:
            chosen = st.session_state[desk.key(practice.id, "level")]
            block.draw(assess_tables.records(*_records(desk, practice.id, chosen)), key="records")
    saving.of_tab().shown(desk.key(practice.id), _said(desk, practice, draft.met))


def _records(desk: Desk, practice: str, chosen: int | str | None) -> tuple[tuple[str, ...], str]:
    """(lines, what contradicts the chosen level) of our own records about a practice."""
    known = records.records(desk.page.store, desk.page.today)
    level = chosen if isinstance(chosen, int) else None
    lines = known[practice].lines if practice in known else (records.NOTHING,)
    return lines, records.contradicted(known, practice, level)


def _begin(desk: Desk, practice: Practice, draft: Draft) -> None:
    """The fields are as stored, unless this tab holds something that could not be saved."""
    saves, name = saving.of_tab(), desk.key(practice.id)
    if name not in saves.troubles and saves.versions.get(name) != draft.version:
        _forget(desk, practice.id)
        saves.take(name, draft.version)


def _forget(desk: Desk, practice: str) -> None:
    for name in [name for name in st.session_state if str(name).startswith(desk.key(practice))]:
        del st.session_state[name]


def choice(draft: Draft) -> int | str | None:
    """The line of a stored answer; None when there is none yet."""
    if not draft.version:
        return None
    return draft.chosen if draft.chosen is not None else UNSURE if draft.applicable else NOT_OURS


def _levels(desk: Desk, sheet: Sheet, practice: Practice, draft: Draft) -> None:
    key = desk.key(practice.id, "level")
    st.session_state.setdefault(key, choice(draft))
    names = sheet.model.level_names

    def line(of: int | str) -> str:
        if of == UNSURE:
            return "I don’t know: this answer is left out, it does not count as 1"
        if of == NOT_OURS:
            return "It does not apply to us: left out, with a reason"
        return f"{of} **{escape_markdown(names[of - 1])}** {escape_markdown(practice.levels[of - 1])}"

    with st.container(key="levels"):
        st.caption(f"{escape_markdown(practice.question)} Choose the highest line that is true in full.")
        st.radio(
            f"{maturity_style.plain(practice.title)}: which line is most like us today?", CHOICES, format_func=line, key=key, index=None,
            label_visibility="collapsed", on_change=_keep, args=(desk, practice, saving.of_tab()),
        )  # fmt: skip


def _criteria(desk: Desk, sheet: Sheet, practice: Practice, draft: Draft) -> None:
    """The criteria of the levels up to the chosen one as checks, and the level that stands."""
    chosen = st.session_state[desk.key(practice.id, "level")]
    gates = _gates(practice, chosen)
    if not gates:
        return
    with st.container(key="criteria", gap="xxsmall"):
        st.caption("Is this so today? A level stands when its criteria, and those below it, are met.")
        for n, (level, text) in enumerate(gates):
            key = desk.key(practice.id, f"met {n}")
            st.session_state.setdefault(key, text in draft.met)
            st.checkbox(f"{escape_markdown(text)} :gray[level {level}]", key=key, on_change=_keep, args=(desk, practice, saving.of_tab()))
        said = replace(draft, chosen=chosen, met=_met(desk, practice, draft.met))
        stands = answering.gated(practice, said)
        told = assess_tables.standing(chosen, stands, answering.missing(practice, said), sheet.model.level_names)
        block.draw(told, key="standing")


def _gates(practice: Practice, chosen: int | str | None) -> list[tuple[int, str]]:
    """(level, criterion) of every level up to the chosen one."""
    if not isinstance(chosen, int):
        return []
    return [(level, text) for level, texts in practice.gates.items() if level <= chosen for text in texts]


def _met(desk: Desk, practice: Practice, met: Sequence[str]) -> tuple[str, ...]:
    """The criteria that are ticked: those of the chosen level and below; others as they were."""
    gates = enumerate(text for _, text in _gates(practice, 5))
    return tuple(text for n, text in gates if st.session_state.get(desk.key(practice.id, f"met {n}"), text in met))


def _reason(desk: Desk, practice: Practice, draft: Draft) -> None:
    if st.session_state[desk.key(practice.id, "level")] != NOT_OURS:
        return
    key = desk.key(practice.id, "reason")
    st.session_state.setdefault(key, draft.reason)
    st.text_input("Why it does not apply (needed; saved as you leave the field)", key=key, max_chars=300, on_change=_keep, args=(desk, practice, saving.of_tab()))


# --- evidence --------------------------------------------------------------------------------------------------------


def _evidence(desk: Desk, sheet: Sheet, practice: Practice, draft: Draft) -> None:
    words, attached = answering.parted(draft.evidence)
    key, kept = desk.key(practice.id, "words"), WORDS + desk.key(practice.id)
    st.session_state.setdefault(key, st.session_state.get(kept, words) if not draft.version else words)
    level = st.session_state[desk.key(practice.id, "level")]
    needed = isinstance(level, int) and level > answering.EVIDENCE_ABOVE
    st.text_area(
        f"Evidence ({'needed above level 3' if needed else 'optional'}): what would convince a colleague?", key=key, height=88,
        max_chars=answering.LONGEST_TEXT // 2, placeholder=practice.evidence, on_change=_keep, args=(desk, practice, saving.of_tab()),
    )  # fmt: skip
    lines = st.session_state.setdefault(desk.key(practice.id, "attached"), attached)
    if level is None and st.session_state[key]:
        st.caption("Not saved yet: choose a line, and your words are saved with it.")
    if lines:
        block.draw(assess_tables.attached(lines), key="attached")
    with st.container(horizontal=True, gap="xsmall", key="attach"):
        _attach_link(desk, practice, lines)
        _attach_record(desk, practice, lines)
        _detach(desk, practice, lines)


def _attach_link(desk: Desk, practice: Practice, lines: tuple[str, ...]) -> None:
    with st.popover("Attach a link", icon=":material/link:"), st.form(desk.key(practice.id, "link form"), border=False, clear_on_submit=True):
        text = st.text_input("Address of a page", placeholder="https://", max_chars=answering.LONGEST_LINK, key=desk.key(practice.id, "link"))
        if st.form_submit_button("Attach it"):
            try:
                told = answering.link(text)
            except UsageError as refusal:
                st.error(escape_sentence(refusal))
                return
            _attach(desk, practice, (*lines, told))


def _attach_record(desk: Desk, practice: Practice, lines: tuple[str, ...]) -> None:
    found = _records(desk, practice.id, None)[0]
    offered = [line for line in found if line != records.NOTHING and answering.RECORD + line not in lines]
    if not offered:
        return
    with st.popover("Choose from our records", icon=":material/database:"):
        for n, line in enumerate(offered):
            if st.button(escape_markdown(line), key=desk.key(practice.id, f"record {n} {len(lines)}"), type="tertiary", icon=":material/add:"):
                _attach(desk, practice, (*lines, answering.RECORD + line))


def _detach(desk: Desk, practice: Practice, lines: tuple[str, ...]) -> None:
    if lines and st.button("Take the last one off", type="tertiary", key=desk.key(practice.id, f"detach {len(lines)}")):
        _attach(desk, practice, lines[:-1])


def _attach(desk: Desk, practice: Practice, lines: tuple[str, ...]) -> None:
    st.session_state[desk.key(practice.id, "attached")] = lines
    _keep(desk, practice, saving.of_tab())
    st.rerun()


# --- saving ----------------------------------------------------------------------------------------------------------


def _keep(desk: Desk, practice: Practice, saves: Saving, over: bool = False) -> None:
    """Saves the form of a practice as it stands in this tab; what is refused stays on the screen, with the reason."""

    def read() -> dict[str, Any] | None:
        st.session_state[WORDS + desk.key(practice.id)] = st.session_state.get(desk.key(practice.id, "words"), "")
        return _stands(desk, practice, saves)

    def save(said: dict[str, Any], seen: int) -> int:
        return desk.save(practice.id, None if over else seen, **said)

    saves.keep(desk.key(practice.id), read, save)


def _caught_up(desk: Desk, sheet: Sheet) -> Sheet:
    """The sheet once everything chosen in this tab is saved: a run that was stopped may not have come to it."""
    saves = saving.of_tab()
    waiting = [one for part in sheet.parts for one in part.practices if saves.missed(desk.key(one.id), _stands(desk, one, saves))]
    for practice in waiting:
        _keep(desk, practice, saves)
    return desk.sheet() if waiting else sheet


def same_person(desk: Desk) -> Page:
    """The state of this run. Raises ScorecardError when somebody else sits at the keyboard by now."""
    page = desk.again()
    if page.actor.person != desk.page.actor.person:
        raise ScorecardError(f"Not saved: {page.actor.name} sits at the keyboard now, and this answer is another person's.")
    return page


def _stands(desk: Desk, practice: Practice, saves: Saving) -> dict[str, Any] | None:
    """The answer as it stands in this tab; criteria that are not drawn are met when they were before."""
    before = saves.handled(desk.key(practice.id))
    return _said(desk, practice, before["met"] if before else ())


def _said(desk: Desk, practice: Practice, met: Sequence[str]) -> dict[str, Any] | None:
    """The answer as it stands in the form; None when it is not one yet: no line chosen, or a reason still to come."""
    fields = {name: st.session_state.get(desk.key(practice.id, name)) for name in ("level", "reason", "words", "attached")}
    level, reason = fields["level"], fields["reason"] or ""
    if level is None or (level == NOT_OURS and not reason.strip()):
        return None
    chosen = level if isinstance(level, int) else None
    evidence = answering.joined(fields["words"] or "", fields["attached"] or ())
    return {"chosen": chosen, "applicable": level != NOT_OURS, "met": _met(desk, practice, met), "reason": reason if level == NOT_OURS else "", "evidence": evidence}


def _trouble(desk: Desk, practice: Practice, draft: Draft) -> None:
    """What could not be saved, and the way out: keep mine, or take what the other tab saved."""
    name, saves = desk.key(practice.id), saving.of_tab()
    if name not in saves.troubles:
        return
    words, stale = saves.troubles[name]
    st.error(escape_sentence(words))
    if not stale:
        return
    with st.container(horizontal=True, gap="small"):
        st.button("Save mine over it", key="save mine", on_click=_keep, args=(desk, practice, saves, True))
        if st.button("Take what is saved", key="take theirs", type="tertiary"):
            _forget(desk, practice.id)
            saves.take(name, draft.version)
            st.rerun()


def in_trouble(desk: Desk) -> bool:
    """Whether this tab holds an answer that could not be saved."""
    return any(name.startswith(f"answer {desk.cycle} {desk.page.actor.person} ") for name in saving.of_tab().troubles)


def unsaved() -> list[tuple[str, str]]:
    """(practice, words) of what was typed in this tab and could not be saved."""
    found = [(name.split()[3], st.session_state.get(WORDS + name, "")) for name in saving.of_tab().troubles if name.startswith("answer ")]
    return [(practice, text) for practice, text in found if text]


# --- the way on ------------------------------------------------------------------------------------------------------


def _foot(desk: Desk, sheet: Sheet, part: Part) -> None:
    others = [one for one in sheet.parts if not one.done and one.system.id != part.system.id]
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key="assess foot"):
        if others:
            if st.button(f"Save and go on to {escape_markdown(others[0].system.label)}", type="primary" if part.done else "secondary", key="go on"):
                block.follow(desk.href(system=others[0].system.id))
        elif st.button("Save and finish", type="primary", key="finish"):
            finish(desk, sheet)
        if desk.leave and st.button("Save, finish later", key="later"):
            desk.leave()
        st.caption(saved(desk, sheet) + ("" if others else f" {FINAL}"))


def finish(desk: Desk, sheet: Sheet) -> None:
    """Sends everything; what is missing is said, and nothing is sent."""
    forms.save(f"finish {desk.cycle}", desk.page.store, desk.send, f"Your answers to {sheet.cycle.title} are sent.")


def saved(desk: Desk, sheet: Sheet) -> str:
    """That every answer is saved, and when the last one was; behind a personal link where they are until they are sent."""
    if desk.window is not None:
        return "What you choose stays in this browser until you send it. Signed in, on the page Maturity, it is saved as you choose it."
    last = f" Last saved {review_views.clock(desk.page)(sheet.saved_at)}." if sheet.saved_at else ""
    return f":material/cloud_done: Every answer is saved as you choose it.{last}"

"""Answering: one rater alone, in any order, saved as it is chosen, sent when all is answered."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from scorecard import access
from scorecard.access import Actor
from scorecard.core import rubric
from scorecard.core.maturity_file import Model, Practice, System
from scorecard.core.periods import day
from scorecard.errors import NotAllowed, ScorecardError, UsageError
from scorecard.maturity.cycles import model_at, one
from scorecard.store import maturity as rows
from scorecard.store.engine import Store, Tx
from scorecard.store.maturity import Asked, Cycle, Draft, Given, Invitation

EVIDENCE_ABOVE = 3
SECONDS = {"full": 45, "quick": 15}
LONGEST_TEXT, LONGEST_LINK = 2000, 500
RECORD = "Our records: "
# What a browser keeps of an answer behind a personal link, and of which types it is.
KEPT: dict[str, tuple[type, ...]] = {"chosen": (int, type(None)), "applicable": (bool,), "met": (list,), "reason": (str,), "evidence": (str,)}
_LINK = re.compile(r"https?://[^\s/?#<>\"']+[^\s<>\"']*")


@dataclass(frozen=True)
class Part:
    """One system of the sheet with its questions. In a quick cycle the system itself is the question."""

    system: System
    practices: tuple[Practice, ...]
    answered: int

    @property
    def done(self) -> bool:
        return self.answered == len(self.practices)


@dataclass(frozen=True)
class Sheet:
    """What one rater has to answer in a cycle, and has answered. `saved_at` (UTC) is the last time something was kept.

    `link_by` is who made the personal link by which everything was sent; "" without one, and where nobody's name stands with an answer.
    """

    cycle: Cycle
    model: Model
    parts: tuple[Part, ...]
    drafts: dict[str, Draft]
    finished: bool
    asked: int
    have_finished: int
    saved_at: datetime | None
    link_by: str = ""

    @property
    def answered(self) -> int:
        return sum(part.answered for part in self.parts)

    @property
    def questions(self) -> int:
        return sum(len(part.practices) for part in self.parts)

    @property
    def seconds_left(self) -> int:
        """About how long the rest takes."""
        return (self.questions - self.answered) * SECONDS[self.cycle.kind]

    def part(self, system: str) -> Part:
        """The system with this id, else the first one that is not done, else the first."""
        named = next((one for one in self.parts if one.system.id == system), None)
        return named or next((one for one in self.parts if not one.done), self.parts[0])

    def lacks_evidence(self, practice: str) -> bool:
        """Whether an answer is above the level from which evidence is needed, and has none."""
        draft = self.drafts.get(practice)
        return self.cycle.kind == "full" and draft is not None and (draft.chosen or 0) > EVIDENCE_ABOVE and not draft.evidence


@dataclass(frozen=True)
class Left:
    """An open cycle that waits for somebody."""

    cycle: Cycle
    answered: int
    questions: int


def questions(model: Model, cycle: Cycle) -> dict[str, tuple[Practice, ...]]:
    """What a cycle asks, by system."""
    if cycle.kind == "full":
        return {system: model.of(system) for system in cycle.systems}
    return {id: (_as_question(model.systems[id]),) for id in cycle.systems}


def seconds(cycle: Cycle, practices: int) -> int:
    """About how long so many practices take in a cycle."""
    return practices * SECONDS[cycle.kind]


def suggested(sheet: Sheet, current: str, today: date) -> dict[str, date]:
    """A day for each system that is still to be done, but the current one: one every few days until the cycle closes."""
    left = [part.system.id for part in sheet.parts if not part.done and part.system.id != current]
    days = max((sheet.cycle.closes - today).days, 0)
    return {system: today + timedelta(days=days * n // (len(left) + 1)) for n, system in enumerate(left, 1)}


def _as_question(system: System) -> Practice:
    return Practice(system.id, system.id, system.label, system.question, system.levels, target=system.target)


def waiting(store: Store, person: str, today: date) -> tuple[Left, ...]:
    """The open cycles in which a person has not finished, the one that ends first before the others."""
    with store.read() as tx:
        found = []
        for cycle in (one_ for one_ in rows.cycles(tx) if one_.open and one_.closes >= today):
            asked = rows.asked(tx, cycle.id).get(person)
            if asked and not asked.finished:
                total = sum(len(own) for own in questions(model_at(tx, cycle.model), cycle).values())
                found.append(Left(cycle, len(rows.drafts(tx, cycle.id, person)), total))
    return tuple(sorted(found, key=lambda left: (left.cycle.closes, left.cycle.opens)))


def sheet(store: Store, actor: Actor, cycle_id: str, written: Mapping[str, Draft] | None = None) -> Sheet:
    """The rater's own sheet; what is `written` elsewhere, by practice, stands in place of what is kept. Raises NotAllowed for somebody who was not asked."""
    access.require(actor, "assess")
    with store.read() as tx:
        cycle = one(tx, cycle_id)
        everybody = rows.asked(tx, cycle_id)
        mine = _mine(everybody, actor, cycle)
        model = model_at(tx, cycle.model)
        drafts = rows.drafts(tx, cycle_id, actor.person) if written is None else dict(written)
        link_by = rows.sent_by_link_of(tx, cycle_id, actor.person) if mine.finished else ""
    parts = tuple(
        Part(model.systems[system], own, sum(practice.id in drafts for practice in own) if not mine.finished else len(own))
        for system, own in questions(model, cycle).items()
    )
    saved = max((draft.saved_at for draft in drafts.values() if draft.saved_at), default=None)
    finished = sum(one_.finished for one_ in everybody.values())
    return Sheet(cycle, model, parts, drafts, mine.finished, len(everybody), finished, saved, link_by)


def _mine(everybody: dict[str, Asked], actor: Actor, cycle: Cycle) -> Asked:
    mine = everybody.get(actor.person)
    if mine is None:
        raise NotAllowed(f"{actor.name} was not asked in {cycle.title}. A leader opens cycles and chooses whom to ask.")
    return mine


def draft(practice: str, *, chosen: int | None, applicable: bool = True, met: Sequence[str] = (), reason: str = "", evidence: str = "") -> Draft:
    """An answer, checked and clean, that is kept nowhere yet. Raises UsageError."""
    if chosen is not None and chosen not in rubric.LEVELS:
        raise UsageError(f"{chosen!r} is no level from 1 to {len(rubric.LEVELS)}.")
    if not applicable and not reason.strip():
        raise UsageError("Say why it does not apply: what does not apply is left out, and counted.")
    return Draft(practice, chosen if applicable else None, applicable, tuple(met), _text(reason), _text(evidence))


def taken_up(sheet: Sheet, told: Any) -> dict[str, Draft]:
    """The answers to this sheet, by practice, among what a browser says that it kept; what is none is left out."""
    asked = {one_.id for part in sheet.parts for one_ in part.practices}
    found = {practice: _told(practice, said) for practice, said in told.items() if practice in asked} if isinstance(told, dict) else {}
    return {practice: one_ for practice, one_ in found.items() if one_ is not None}


def _told(practice: str, said: Any) -> Draft | None:
    if not isinstance(said, dict) or set(said) != set(KEPT) or any(type(said[name]) not in kinds for name, kinds in KEPT.items()):
        return None
    try:
        return replace(draft(practice, **said | {"met": tuple(str(text) for text in said["met"])}), version=1)
    except UsageError:
        return None


def save(
    store: Store,
    actor: Actor,
    cycle_id: str,
    practice: str,
    *,
    chosen: int | None,
    applicable: bool = True,
    met: Sequence[str] = (),
    reason: str = "",
    evidence: str = "",
    seen_version: int | None = None,
) -> Draft:
    """The answer as it is kept until it is sent. `chosen` None is "I don't know"; what does not apply needs a reason.

    Raises ScorecardError when the cycle was closed, or everything was sent, meanwhile.
    """
    access.require(actor, "assess")
    kept = draft(practice, chosen=chosen, applicable=applicable, met=met, reason=reason, evidence=evidence)

    def work(tx: Tx) -> Draft:
        cycle = _answering(tx, actor, cycle_id)
        _known(model_at(tx, cycle.model), cycle, practice)
        # Nothing about the answer: drafts are a person's own until they are sent.
        return rows.put_draft(tx, cycle_id, actor.person, kept, seen_version)

    # Nothing that others read has changed: what is kept of their pages stays.
    return store.write(work, actor.name, quiet=True)


def _text(text: str) -> str:
    clean = "".join(sign for sign in text if sign.isprintable() or sign == "\n").strip()
    if len(clean) > LONGEST_TEXT:
        raise UsageError(f"That is {len(clean):,} signs; at most {LONGEST_TEXT:,}.")
    return clean


def _answering(tx: Tx, actor: Actor, cycle_id: str) -> Cycle:
    """The cycle, open for this rater; its version grows, so that nothing is saved beside its end."""
    rows.take_cycle(tx, cycle_id)
    cycle = one(tx, cycle_id)
    if not cycle.open:
        raise ScorecardError(f"Not saved: {cycle.title} was closed by {cycle.closed_by} on {day(cycle.closed_at.date())}. "
                             "Your text is kept here; tell it to whoever runs the cycle.")
    if _mine(rows.asked(tx, cycle_id), actor, cycle).finished:
        raise ScorecardError(f"You have finished {cycle.title}: what was sent is no longer changed.")
    return cycle


def _known(model: Model, cycle: Cycle, practice: str) -> None:
    known = {one_.id for own in questions(model, cycle).values() for one_ in own}
    if practice not in known:
        raise UsageError(f"{practice[:40]!r} is not asked in {cycle.title}.")


def finish(store: Store, actor: Actor, cycle_id: str, written: Mapping[str, Draft] | None = None, link: Invitation | None = None) -> None:
    """Nothing; everything the rater answered is sent, or at once what is `written` and never stood under a name. Raises ScorecardError
    that names what is missing.

    Where names stand with answers, the audit says that these came by a personal `link`, and who made it.
    """
    access.require(actor, "assess")

    def work(tx: Tx) -> None:
        cycle = _answering(tx, actor, cycle_id)
        model = model_at(tx, cycle.model)
        drafts = rows.drafts(tx, cycle_id, actor.person) if written is None else dict(written)
        asked = [practice for own in questions(model, cycle).values() for practice in own]
        _check_complete(asked, drafts, cycle)
        part = rows.asked(tx, cycle_id)[actor.person].part
        rater = secrets.token_hex(16) if cycle.anonymous else actor.person
        rows.submit(tx, cycle, actor.person, [_given(one_, drafts[one_.id], rater, part) for one_ in asked])
        came = {"link": link.id, "made_by": link.made_by} if link and not cycle.anonymous else {}
        tx.audit("answered", f"cycle:{cycle_id}", None, {"person": actor.person} | came)

    store.write(work, actor.name)


def _check_complete(asked: Sequence[Practice], drafts: dict[str, Draft], cycle: Cycle) -> None:
    open_ones = [one_.title if cycle.kind == "quick" else one_.id for one_ in asked if one_.id not in drafts]
    if open_ones:
        raise ScorecardError(f"Not sent: {_named(open_ones)} {'has' if len(open_ones) == 1 else 'have'} no answer yet. "
                             "Choose “I don’t know” where you do not.")
    bare = [one_.id for one_ in asked if cycle.kind == "full" and (drafts[one_.id].chosen or 0) > EVIDENCE_ABOVE
            and not drafts[one_.id].evidence]
    if bare:
        raise ScorecardError(f"Not sent: above level {EVIDENCE_ABOVE} say what would convince a colleague. "
                             f"Evidence is missing for {_named(bare)}.")


def _named(ids: Sequence[str], most: int = 8) -> str:
    shown = list(ids[:most]) + ([f"{len(ids) - most} more"] if len(ids) > most else [])
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"


def _given(practice: Practice, draft: Draft, rater: str, part: str) -> Given:
    return Given(rater, practice.id, part, draft.chosen, gated(practice, draft), draft.applicable, draft.reason, draft.evidence)


def parted(evidence: str) -> tuple[str, tuple[str, ...]]:
    """(words, attached lines) of an evidence text: links and lines of our own records stand at its end, one a line."""
    lines = evidence.split("\n")
    end = len(lines)
    while end and _is_attached(lines[end - 1]):
        end -= 1
    return "\n".join(lines[:end]).strip(), tuple(lines[end:])


def joined(words: str, attached: Sequence[str]) -> str:
    """The evidence text of words and attached lines."""
    return "\n".join(filter(None, (words.strip(), *dict.fromkeys(attached))))


def link(text: str) -> str:
    """A link as it is attached. Raises UsageError when it is not the address of a page."""
    told = text.strip()
    if not _LINK.fullmatch(told) or len(told) > LONGEST_LINK:
        raise UsageError("A link begins with https:// or http:// and has no spaces, such as https://wiki.company.example/hand-overs.")
    return told


def _is_attached(line: str) -> bool:
    return line.startswith(RECORD) or _LINK.fullmatch(line) is not None


def gated(practice: Practice, draft: Draft) -> int | None:
    """The level that stands: the chosen one, or the one below the first whose criteria are not all met."""
    if draft.chosen is None:
        return None
    criteria = {level: [text in draft.met for text in texts] for level, texts in practice.gates.items()}
    return rubric.reached(criteria, draft.chosen)


def missing(practice: Practice, draft: Draft) -> tuple[str, ...]:
    """The criteria of the level above the one that stands which are not met; nothing when the chosen level stands."""
    stands = gated(practice, draft)
    if stands is None or stands == draft.chosen:
        return ()
    return tuple(text for text in practice.gates.get(stands + 1, ()) if text not in draft.met)

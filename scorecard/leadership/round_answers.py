"""Answering a feedback round: alone, saved as it is chosen, sent once, and never with a name."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from scorecard import access
from scorecard.access import Actor
from scorecard.core.feedback import SELF, SUPERIORS, Answer, Words
from scorecard.core.feedback_form import LEVELS, Form
from scorecard.core.rubric import THRESHOLD
from scorecard.errors import NotAllowed, ScorecardError, UsageError
from scorecard.leadership.rounds import counts, form_of, one, still_open
from scorecard.store import feedback as rows
from scorecard.store import members
from scorecard.store.engine import Store, Tx
from scorecard.store.feedback import Asked, Draft, Round

LONGEST_TEXT = 1000
SECONDS = 12


@dataclass(frozen=True)
class Left:
    """An open round that waits for somebody: about whom (a name), how much is answered."""

    round: Round
    name: str
    answered: int
    items: int


@dataclass(frozen=True)
class Sheet:
    """What one person has to answer about `name`, and has. `small` says whether their group is below five whoever answers."""

    round: Round
    form: Form
    name: str
    group: str
    drafts: dict[str, Draft]
    finished: bool
    asked: int
    have_finished: int
    small: bool
    hand_to: str

    @property
    def answered(self) -> int:
        """How many statements have an answer."""
        return sum(item.id in self.drafts for item in self.form.items)

    @property
    def seconds_left(self) -> int:
        """About how long the rest takes."""
        return (len(self.form.items) - self.answered) * SECONDS

    @property
    def saved_at(self) -> datetime | None:
        """The last moment (UTC) at which something was kept."""
        return max((each.saved_at for each in self.drafts.values() if each.saved_at), default=None)

    @property
    def own(self) -> bool:
        """Whether the person answers about themselves."""
        return self.group == SELF


def waiting(store: Store, actor: Actor, today: date) -> tuple[Left, ...]:
    """The open rounds in which the actor has not finished, the one that ends first before the others."""
    with store.read() as tx:
        return waiting_in(tx, actor, today)


def waiting_in(tx: Tx, actor: Actor, today: date) -> tuple[Left, ...]:
    """The same, in a transaction of the caller."""
    found = [each for each, done in rows.asks(tx, actor.person) if not done and each.closes >= today]
    return tuple(_left(tx, each, actor.person) for each in found)


def _left(tx: Tx, found: Round, person: str) -> Left:
    form, drafts = form_of(found), rows.drafts(tx, found.id, person)
    return Left(found, members.person(tx, found.person).name, sum(item.id in drafts for item in form.items), len(form.items))


def sheet(store: Store, actor: Actor, id: str) -> Sheet:
    """The actor's own sheet. Raises NotAllowed for somebody who is not asked."""
    access.require(actor, "own_data")
    with store.read() as tx:
        found = one(tx, id)
        everybody = rows.asked(tx, id)
        mine = _mine(everybody, actor, found)
        drafts = rows.drafts(tx, id, actor.person)
        name = members.person(tx, found.person).name
        hand_to = members.person(tx, found.hand_to) if found.hand_to and mine.group == SUPERIORS else None
    of = counts(everybody)
    finished = sum(done for _, done in of.values())
    small = not mine.group == SELF and of[mine.group][0] < THRESHOLD
    return Sheet(found, form_of(found), name, mine.group, drafts, mine.finished, len(everybody), finished, small, hand_to.name if hand_to else "")


def _mine(everybody: dict[str, Asked], actor: Actor, found: Round) -> Asked:
    mine = everybody.get(actor.person)
    if mine is None:
        raise NotAllowed(f"{actor.name} is not asked in {found.title}.")
    return mine


def save(
    store: Store, actor: Actor, id: str, item: str, *, level: int | None = None, text: str = "", today: date, seen_version: int | None = None
) -> Draft:
    """The answer as it is kept until it is sent: of a statement a level or None for "I cannot say", of a question a text."""
    access.require(actor, "own_data")
    if level is not None and level not in LEVELS:
        raise UsageError(f"{level!r} is no level from {LEVELS[0]} to {LEVELS[-1]}.")
    written = _clean(text)

    def work(tx: Tx) -> Draft:
        found, _ = _answering(tx, actor, id, today)
        form = form_of(found)
        if item in {each.id for each in form.items}:
            kept = Draft(item, level)
        elif item in {each.id for each in form.questions}:
            kept = Draft(item, None, written)
        else:
            raise UsageError(f"{item[:40]!r} is not asked in {found.title}.")
        return rows.put_draft(tx, id, actor.person, kept, seen_version)

    # Nothing that others read has changed: what is kept of their pages stays.
    return store.write(work, actor.name, quiet=True)


def _clean(text: str) -> str:
    kept = "".join(sign for sign in text if sign.isprintable() or sign == "\n").strip()
    if len(kept) > LONGEST_TEXT:
        raise UsageError(f"That is {len(kept):,} signs; at most {LONGEST_TEXT:,}.")
    return kept


def _answering(tx: Tx, actor: Actor, id: str, today: date | None) -> tuple[Round, Asked]:
    """The round, open for this person; its version grows, so that nothing is saved beside its end."""
    rows.take(tx, id)
    found = one(tx, id)
    try:
        still_open(found, today)
    except ScorecardError as refusal:
        raise ScorecardError(f"Not saved: {refusal} Your text is kept here.") from None
    mine = _mine(rows.asked(tx, id), actor, found)
    if mine.finished:
        raise ScorecardError(f"You have finished {found.title}: what was sent is no longer changed.")
    return found, mine


def finish(store: Store, actor: Actor, id: str, today: date | None = None) -> None:
    """Nothing; everything the person answered is sent. Raises ScorecardError that names what is missing."""
    access.require(actor, "own_data")

    def work(tx: Tx) -> None:
        found, mine = _answering(tx, actor, id, today)
        _send(tx, found, mine, rows.drafts(tx, id, actor.person))

    store.write(work, actor.name)


def send(store: Store, actor: Actor, id: str, given: Mapping[str, int | str | None], today: date | None = None) -> None:
    """Nothing; these answers (a level or None by statement, a text by question) are sent at once, and never stood under a name.

    So it is behind a personal link: whoever made the link, or finds it, reads nothing that was begun.
    """
    access.require(actor, "own_data")

    def work(tx: Tx) -> None:
        found, mine = _answering(tx, actor, id, today)
        items = {each.id for each in form_of(found).items}
        if wrong := [value for item, value in given.items() if item in items and value is not None and value not in LEVELS]:
            raise UsageError(f"{wrong[0]!r} is no level from {LEVELS[0]} to {LEVELS[-1]}.")
        _send(tx, found, mine, {item: Draft(item, value) if item in items else Draft(item, None, _clean(str(value or ""))) for item, value in given.items()})

    store.write(work, actor.name)


def _send(tx: Tx, found: Round, mine: Asked, drafts: Mapping[str, Draft]) -> None:
    form = form_of(found)
    if missing := [item.label for item in form.items if item.id not in drafts]:
        verb = "has" if len(missing) == 1 else "have"
        raise ScorecardError(f"Not sent: {_listed(missing)} {verb} no answer yet. Choose “I cannot say” where you cannot.")
    rater = secrets.token_hex(16)
    given = [Answer(rater, mine.group, item.id, drafts[item.id].level) for item in form.items]
    written = [Words(mine.group, each.id, drafts[each.id].text) for each in form.questions if each.id in drafts and drafts[each.id].text]
    rows.submit(tx, found.id, mine.person, given, written)
    tx.audit("answered", f"feedback:{found.id}", None, {"person": mine.person})


def _listed(labels: list[str], most: int = 3) -> str:
    quoted = [f"“{label}”" for label in labels[:most]] + ([f"{len(labels) - most} more"] if len(labels) > most else [])
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"

"""What people do in a review. Each asks `access`, writes in one transaction, and refuses once the month is signed."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any, TypeVar

from scorecard import access, diary
from scorecard.access import Actor
from scorecard.core import frozen, periods
from scorecard.core.frozen import Signature
from scorecard.core.periods import Period, day
from scorecard.errors import ScorecardError, StaleEdit, UsageError
from scorecard.planning import triggers
from scorecard.reviews import agenda, habits, recorded
from scorecard.reviews.commentary import MOST, draft, words
from scorecard.reviews.model import START, Month, decisions_for
from scorecard.reviews.month import canonical, month_in, next_day, warnings_of
from scorecard.reviews.words import numbers, plural
from scorecard.store import definitions, members, reviews
from scorecard.store.engine import Store, Tx
from scorecard.store.reviews import ItemRow, Meeting

T = TypeVar("T")
LONGEST_TEXT = 2000
LONGEST_TITLE = 120
LONGEST_MEETING = 24 * 60


def _change(
    store: Store, actor: Actor, scorecard: str, period: Period, work: Callable[[Tx, Meeting], T], now: datetime | None = None
) -> T:
    """The result of `work` on an open review. Everything about one review is in turn: its version grows each time.

    `now` (UTC) is the moment that is recorded, None for the present one.
    """

    def whole(tx: Tx) -> T:
        _known(tx, scorecard)
        _still_open(tx, scorecard, period)
        return work(tx, reviews.take(tx, scorecard, period))

    return store.write(whole, actor.name, now)


def _known(tx: Tx, scorecard: str) -> None:
    if definitions.scorecard(tx, scorecard) is None:
        raise UsageError(f"There is no scorecard '{scorecard}'.")


def _still_open(tx: Tx, scorecard: str, period: Period) -> None:
    found = reviews.signature(tx, scorecard, period)
    if found:
        raise ScorecardError(
            f"{period.label} is signed and frozen, by {found.name} on {day(found.signed_at.date())}. "
            f"Add a note beside it, or correct it in {period.shift(1).label}."
        )


def open_review(
    store: Store,
    actor: Actor,
    scorecard: str,
    period: Period,
    *,
    held_on: date | None = None,
    begins: str = "",
    minutes: int = 60,
    chair: str = "",
    attendees: Sequence[str] = (),
    now: datetime | None = None,
) -> Meeting:
    """The meeting, opened: from now on its commitments are those written before this moment."""
    return save_meeting(store, actor, scorecard, period, held_on=held_on, begins=begins, minutes=minutes, chair=chair,
                        attendees=attendees, seen_version=None, now=now)


def save_meeting(
    store: Store,
    actor: Actor,
    scorecard: str,
    period: Period,
    *,
    held_on: date | None,
    begins: str,
    minutes: int,
    chair: str,
    attendees: Sequence[str],
    seen_version: int | None,
    now: datetime | None = None,
) -> Meeting:
    """The meeting with its day, time (14:00), length in minutes, chair and people (ids).

    `seen_version` is the version that the person saw (None: whatever stands); another one meanwhile is a StaleEdit.
    """
    access.require(actor, "decide")

    def work(tx: Tx, found: Meeting) -> Meeting:
        if seen_version is not None and seen_version != found.version - 1:
            raise StaleEdit("Not saved: somebody changed this review meanwhile. Look at it again, then save.")
        new = replace(found, held_on=held_on, begins=_clock(begins), minutes=_minutes(minutes), chair=_person(tx, chair),
                      attendees=tuple(dict.fromkeys(_person(tx, one) for one in attendees if one)))
        if held_on and held_on < next_day(period):
            raise UsageError(f"A review is held after the {period.grain} it is about: from {day(next_day(period))} on.")
        reviews.save_meeting(tx, scorecard, period, new)
        recorded.write_figures(tx, tx.now.date())
        tx.audit("save_meeting", reviews.name_of(scorecard, period), _plain(found), _plain(new))
        return reviews.meeting(tx, scorecard, period)

    return _change(store, actor, scorecard, period, work, now)


def _plain(found: Meeting) -> dict[str, Any]:
    held = found.held_on.isoformat() if found.held_on else None
    return {"held_on": held, "begins": found.begins, "minutes": found.minutes, "chair": found.chair,
            "attendees": list(found.attendees)}


def _clock(text: str) -> str:
    """`14:00`, or "". Raises UsageError."""
    wanted = text.strip()
    try:
        return datetime.strptime(wanted, "%H:%M").strftime("%H:%M") if wanted else ""
    except ValueError as error:
        raise UsageError(f"{wanted[:20]!r} is not a time. Write it as 14:00.") from error


def _minutes(value: int) -> int:
    if not 1 <= value <= LONGEST_MEETING:
        raise UsageError("A review takes at least one minute and at most a day.")
    return int(value)


def _person(tx: Tx, person: str) -> str:
    if person and members.person(tx, person) is None:
        raise UsageError(f"There is no person '{person}'.")
    return person


def _write_item(
    store: Store, actor: Actor, scorecard: str, period: Period, item: str, seen: int | None, action: str,
    edit: Callable[[Tx, ItemRow], ItemRow], now: datetime | None = None,
) -> ItemRow:
    def work(tx: Tx, found: Meeting) -> ItemRow:
        before = reviews.items(tx, scorecard, period).get(item, ItemRow(item))
        after = reviews.put_item(tx, scorecard, period, edit(tx, before), seen)
        tx.audit(action, f"{reviews.name_of(scorecard, period)}:{item}", _kept(before), _kept(after))
        return after

    return _change(store, actor, scorecard, period, work, now)


def _kept(row: ItemRow) -> dict[str, Any] | None:
    if not row.version:
        return None
    return {"discussion": row.discussion, "decision": row.decision, "settle": row.settle, "minutes": row.minutes}


def discuss(
    store: Store, actor: Actor, scorecard: str, period: Period, item: str, text: str, seen_version: int | None,
    now: datetime | None = None,
) -> ItemRow:
    """The item with what was said about it. Members may write too: what is said is not yet decided."""
    access.require(actor, "assess")
    said = _text(text)
    return _write_item(
        store, actor, scorecard, period, item, seen_version, "discuss", lambda tx, row: replace(row, discussion=said), now
    )


def decide(
    store: Store, actor: Actor, scorecard: str, period: Period, item: str, decision: str, settle: str, title: str,
    seen_version: int | None, now: datetime | None = None,
) -> ItemRow:
    """The item, decided; a response plan that it starts is under way from now on. `settle` says what would settle it, and is asked for when it is watched one more month."""
    access.require(actor, "decide")
    kind = item.partition(":")[0]
    allowed = decisions_for("disagreement" if kind in agenda.DISAGREE else kind)
    if decision not in allowed:
        raise UsageError(f"'{decision[:40]}' is no decision here. There is: {', '.join(allowed)}.")
    said = _text(settle)
    if decision == "watch" and not said:
        raise UsageError("Say what would settle it: watching without a question is waiting.")

    def edit(tx: Tx, row: ItemRow) -> ItemRow:
        return replace(row, decision=decision, settle=said, title=row.title or title[:LONGEST_TITLE], decided_by=actor.name,
                       decided_at=tx.now)

    def edit_and_start(tx: Tx, row: ItemRow) -> ItemRow:
        if decision == START:
            triggers.start_plan(store, tx, actor, item, tx.now.date())
        return edit(tx, row)

    return _write_item(store, actor, scorecard, period, item, seen_version, "decide", edit_and_start, now)


def undo(store: Store, actor: Actor, scorecard: str, period: Period, item: str, seen_version: int | None) -> ItemRow:
    """The item, open again; its discussion and its actions stay."""
    access.require(actor, "decide")
    return _write_item(store, actor, scorecard, period, item, seen_version, "undo_decision",
                       lambda tx, row: replace(row, decision="", settle="", decided_by="", decided_at=None))


def set_minutes(store: Store, actor: Actor, scorecard: str, period: Period, item: str, minutes: int) -> ItemRow:
    """The item with the time it is given."""
    access.require(actor, "decide")
    length = _minutes(minutes)
    return _write_item(store, actor, scorecard, period, item, None, "set_minutes", lambda tx, row: replace(row, minutes=length))


def reorder(store: Store, actor: Actor, scorecard: str, period: Period, order: Sequence[str]) -> None:
    """The agenda in the leader's order; items that are not named follow in the product's own."""
    access.require(actor, "decide")

    def work(tx: Tx, found: Meeting) -> None:
        before = reviews.items(tx, scorecard, period)
        for place, item in enumerate(dict.fromkeys(order), 1):
            reviews.put_item(tx, scorecard, period, replace(before.get(item, ItemRow(item)), place=place))
        tx.audit("reorder_agenda", reviews.name_of(scorecard, period), None, {"order": list(order)})

    _change(store, actor, scorecard, period, work)


def add_item(store: Store, actor: Actor, scorecard: str, period: Period, title: str, measure: str = "") -> str:
    """The id of an item of one's own; for a measure it is the item of that measure."""
    access.require(actor, "decide")
    named = _text(title)[:LONGEST_TITLE]
    if not named and not measure:
        raise UsageError("Say what the item is about.")
    id = f"measure:{measure}" if measure else f"own:{secrets.token_hex(4)}"

    def edit(tx: Tx, row: ItemRow) -> ItemRow:
        known = definitions.current(tx)
        if measure and measure not in known:
            raise UsageError(f"There is no measure '{measure}'.")
        return replace(row, title=named or known[measure].label)

    _write_item(store, actor, scorecard, period, id, None, "add_item", edit)
    return id


def bring(
    store: Store, actor: Actor, scorecard: str, period: Period, item: str, title: str, now: datetime | None = None
) -> bool:
    """True when an item that another part of the product found is new on the agenda; False when it stands there already."""
    access.require(actor, "decide")
    with store.read() as tx:
        if item in reviews.items(tx, scorecard, period):
            return False
    _write_item(store, actor, scorecard, period, item, 0, "add_item", lambda tx, row: replace(row, title=title[:LONGEST_TITLE]), now)
    return True


def remove_item(store: Store, actor: Actor, scorecard: str, period: Period, item: str) -> None:
    """Takes off an item that was added by hand and not decided."""
    access.require(actor, "decide")

    def work(tx: Tx, found: Meeting) -> None:
        row = reviews.items(tx, scorecard, period).get(item)
        if row is None or not row.title or row.decision:
            raise UsageError("Only an item that was added by hand, and has no decision yet, can be taken off.")
        reviews.remove_item(tx, scorecard, period, item)
        tx.audit("remove_item", f"{reviews.name_of(scorecard, period)}:{item}", {"title": row.title}, None)

    _change(store, actor, scorecard, period, work)


def actions_read(store: Store, actor: Actor, scorecard: str, period: Period, now: datetime | None = None) -> None:
    """Says that last month's actions were read in the meeting."""
    access.require(actor, "decide")

    def work(tx: Tx, found: Meeting) -> None:
        reviews.mark_actions_read(tx, scorecard, period, actor.name)
        tx.audit("actions_read", reviews.name_of(scorecard, period), None, {"by": actor.name})

    _change(store, actor, scorecard, period, work, now)


def save_commentary(store: Store, actor: Actor, scorecard: str, period: Period, text: str, seen_version: int | None) -> int:
    """The version of the commentary; empty takes the draft again."""
    access.require(actor, "decide")
    said = text.strip()[: LONGEST_TEXT * 2]
    if words(said) > MOST:
        raise UsageError(f"The commentary has {words(said)} words; at most {MOST}.")

    def work(tx: Tx, found: Meeting) -> int:
        before, version, author = reviews.commentary(tx, scorecard, period)
        if seen_version is not None and version != seen_version:
            raise StaleEdit(f"Not saved: {author} changed the commentary meanwhile. Theirs begins: {before[:80]}")
        tx.audit("save_commentary", reviews.name_of(scorecard, period), {"text": before}, {"text": said})
        return reviews.add_commentary(tx, scorecard, period, said)

    return _change(store, actor, scorecard, period, work)


def sign(
    store: Store, actor: Actor, scorecard: str, period: Period, today: date, now: datetime | None = None
) -> Signature:
    """The signature: the month is frozen as it stands now. Raises ScorecardError while an item has no decision."""
    access.require(actor, "decide")
    if today < next_day(period):
        raise UsageError(f"{period.label} is not over. It can be signed from {day(next_day(period))} on.")
    warnings = warnings_of(store, scorecard, period, today)

    def work(tx: Tx, found: Meeting) -> Signature:
        if found.held_on is None:
            reviews.save_meeting(tx, scorecard, period, replace(found, held_on=today, chair=found.chair or actor.person))
        recorded.write_figures(tx, today)
        told = month_in(tx, scorecard, period, today, warnings)
        _check_decided(told)
        if not told.commentary:
            told = replace(told, commentary=draft(told.view, told.changes, told.actions))
        body = canonical(told)
        mark = frozen.fingerprint(body)
        reviews.add_signed(tx, scorecard, period, body, mark, actor.person, actor.role)
        tx.audit("sign_review", reviews.name_of(scorecard, period), None, {"fingerprint": mark, "items": len(told.items)})
        kind = "quarterly_review" if period.grain == "quarter" else "monthly_review"
        diary.record_held(
            tx, kind=kind, title=f"{diary.KINDS[kind]}, {told.view.name}", object=reviews.name_of(scorecard, period),
            on=told.held_on or today, owner=found.chair or actor.person,
        )
        habits.write_figures(tx, scorecard, today)
        return Signature(actor.name, actor.person, actor.role, tx.now, mark)

    return _change(store, actor, scorecard, period, work, now)


def _check_decided(told: Month) -> None:
    if all(row.value is None for row in told.view.rows):
        raise ScorecardError(f"There are no figures for {told.period.label}: there is nothing to sign.")
    missing = agenda.undecided(told.items)
    if missing:
        raise ScorecardError(
            f"Not signed: {plural(len(missing), 'item has', 'items have')} no decision yet. Decide on {numbers(missing)}."
        )


def add_note(
    store: Store, actor: Actor, scorecard: str, period: Period, text: str, now: datetime | None = None
) -> str:
    """The id of a note beside a signed month; it never changes the copy."""
    access.require(actor, "assess")
    said = _text(text)
    if not said:
        raise UsageError("Write the note first.")
    id = secrets.token_hex(8)

    def work(tx: Tx) -> str:
        if reviews.signature(tx, scorecard, period) is None:
            raise UsageError(f"{period.label} is not signed. Write beside its items.")
        reviews.add_later(tx, id, scorecard, period, "note", said)
        tx.audit("add_note", reviews.name_of(scorecard, period), None, {"text": said})
        return id

    return store.write(work, actor.name, now)


def _text(text: str) -> str:
    """The text without control signs and spaces around it. Raises UsageError when it is too long."""
    clean = "".join(sign for sign in text if sign.isprintable() or sign == "\n").strip()
    if len(clean) > LONGEST_TEXT:
        raise UsageError(f"That is {len(clean):,} signs; at most {LONGEST_TEXT:,}.")
    return clean


def period_of(text: str) -> Period:
    """`2026-10`, `2026-Q4` as a period. Raises UsageError."""
    found = periods.parse(text)
    if found is None or found[0] not in ("month", "quarter", "week"):
        raise UsageError(f"{text[:40]!r} is not a period. Write 2026-10 or 2026-Q4.")
    return periods.containing(found[1], found[0])

"""The calendar: what is planned on which day, who owns it, and whether it was held, missed or moved.

Everybody who logs records may add an entry and change their own; a leader changes any. Reviews plan themselves from the
organisation's monthly review day.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date, datetime

from scorecard import access
from scorecard.access import Actor
from scorecard.core import names, periods
from scorecard.core.periods import Period
from scorecard.core.rhythm import ReviewDay, review_day
from scorecard.errors import ScorecardError, UsageError
from scorecard.store import definitions, members
from scorecard.store import diary as rows
from scorecard.store.diary import Entry
from scorecard.store.engine import Store, Tx

__all__ = ["KINDS", "REVIEWS", "Entry", "add", "held", "listed", "missed", "move", "next", "plan", "record_held"]

KINDS = {
    "monthly_review": "Monthly review",
    "quarterly_review": "Quarterly review",
    "maturity": "Maturity cycle",
    "assumption": "Assumptions and blind spots",
    "sponsor_review": "Sponsor review",
    "feedback": "Feedback session",
    "planning": "Planning",
    "trigger_dry_run": "Trigger dry run",
    "other": "Other",
}
REVIEWS = ("monthly_review", "quarterly_review")
AHEAD = 3
BY_RULE = "on the review day of the organisation"
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


# -- reads, inside a transaction


def listed(tx: Tx, kind: str = "") -> list[Entry]:
    """All entries, of one kind or of all, by day."""
    return rows.every(tx, kind)


def next(tx: Tx, kind: str, today: date, object: str = "") -> Entry | None:
    """The next entry of a kind that is still to come, today's included; `object` is how its object begins."""
    found = (one for one in rows.every(tx, kind) if one.open and one.planned >= today and one.object.startswith(object))
    return min(found, key=lambda one: (one.planned, one.begins), default=None)


# -- commands


def add(
    store: Store,
    actor: Actor,
    *,
    kind: str,
    title: str,
    planned: date,
    object: str = "",
    begins: str = "",
    owner: str = "",
    ends: date | None = None,
    now: datetime | None = None,
    id: str = "",
) -> Entry:
    """The new entry, planned; `ends` is the last day of one that takes weeks, `id` its own unless one is given. `now` (UTC) is the moment that is recorded, None for the present one."""
    access.require(actor, "decide" if kind in REVIEWS else "log_records")
    return store.write(lambda tx: _add(tx, kind, title, object, planned, begins, owner, ends=ends, id=id), actor.name, now)


def held(
    store: Store, actor: Actor, id: str, on: date, seen_version: int, today: date | None = None, now: datetime | None = None
) -> Entry:
    """The entry, held on a day; with `today`, a day that is still to come is refused. `now` as for `add`."""
    if today is not None and on > today:
        raise ScorecardError(f"{periods.day(on)} is still to come. Move the entry instead.")
    return _change(store, actor, id, seen_version, "hold entry", lambda old: {"state": "held", "held_on": on}, now)


def missed(store: Store, actor: Actor, id: str, seen_version: int, note: str = "", now: datetime | None = None) -> Entry:
    """The entry, missed: it stays on its day, and is not made up by another one."""
    told = names.clean(note, "note")
    return _change(store, actor, id, seen_version, "miss entry", lambda old: {"state": "missed", "held_on": None, "note": told}, now)


def move(
    store: Store, actor: Actor, id: str, to: date, seen_version: int, begins: str | None = None, now: datetime | None = None
) -> Entry:
    """The entry on another day, a span as long as it was. The day on which it was planned at first is kept."""
    time = None if begins is None else _time(begins)

    def moved(old: Entry) -> dict[str, object]:
        if not old.open:
            raise ScorecardError(f"{old.title} was {old.state} already. What happened is not moved.")
        return _moved(old, to) | {"begins": old.begins if time is None else time}

    return _change(store, actor, id, seen_version, "move entry", moved, now)


def _moved(old: Entry, to: date) -> dict[str, object]:
    first = old.moved_from or old.planned
    return {"planned": to, "state": "moved" if to != first else "planned", "moved_from": first if to != first else None,
            "ends": old.ends and to + (old.ends - old.planned)}


def _change(
    store: Store, actor: Actor, id: str, seen: int, action: str, fields: Callable[[Entry], dict[str, object]],
    now: datetime | None = None,
) -> Entry:
    access.require(actor, "log_records")

    def work(tx: Tx) -> Entry:
        old = rows.one(tx, id)
        _require_own(actor, old)
        return _put(tx, replace(old, version=seen), action, **fields(old))

    return store.write(work, actor.name, now)


def _require_own(actor: Actor, entry: Entry) -> None:
    """Nothing, when the entry is the actor's own or the actor may decide."""
    if entry.kind in REVIEWS or not (actor.person and entry.owner == actor.person):
        access.require(actor, "decide")


# -- inside the transaction of another command


def record_held(
    tx: Tx, *, kind: str, title: str, object: str, on: date, begins: str = "", owner: str = "", planned: date | None = None
) -> Entry:
    """The entry about an object, held on a day; made when nobody had planned it. Who calls this has asked for permission."""
    entry = rows.about(tx, object) or _add(tx, kind, title, object, planned or on, begins, owner)
    if entry.state == "held" and entry.held_on == on:
        return entry
    return _put(tx, entry, "hold entry", state="held", held_on=on, begins=begins or entry.begins, owner=owner or entry.owner)


def record_moved(
    tx: Tx, *, kind: str, title: str, object: str, to: date, begins: str = "", owner: str = ""
) -> Entry:
    """The open entry about an object, on that day; made when nobody had planned it. Held and missed ones stay."""
    entry = rows.about(tx, object)
    if entry is None:
        return _add(tx, kind, title, object, to, begins, owner)
    fields = _moved(entry, to) | {"begins": begins or entry.begins, "owner": owner or entry.owner}
    if not entry.open or replace(entry, **fields) == entry:
        return entry
    return _put(tx, entry, "move entry", **fields)


def _add(tx: Tx, kind: str, title: str, object: str, planned: date, begins: str, owner: str, note: str = "", ends: date | None = None, id: str = "") -> Entry:
    if kind not in KINDS:
        raise UsageError(f"{kind!r} is not a kind of calendar entry. Use {', '.join(KINDS)}.")
    if not rows.owner_exists(tx, owner):
        raise UsageError(f"There is no person {owner!r} to own this. List people with: python -m scorecard member list")
    if ends is not None and ends <= planned:
        raise UsageError(f"{periods.day(ends)} is not after {periods.day(planned)}. Leave the last day out for what takes one day.")
    named = names.required(title or KINDS[kind], "title")
    entry = Entry(id or secrets.token_hex(4), kind, named, names.clean(object, "object"), planned, _time(begins), owner, "planned",
                  None, None, note, tx.actor, tx.now, tx.actor, tx.now, 1, ends)
    rows.insert(tx, entry)
    tx.audit("plan entry", f"diary:{entry.id}", None, described(entry))
    return entry


def _put(tx: Tx, old: Entry, action: str, **fields: object) -> Entry:
    rows.update(tx, replace(old, **fields))
    after = rows.one(tx, old.id)
    tx.audit(action, f"diary:{old.id}", described(old), described(after))
    return after


def _time(text: str) -> str:
    """`14:00`, or nothing."""
    told = text.strip()
    if told and not _TIME.fullmatch(told):
        raise UsageError(f"{text!r} is not a time. Write one such as 14:00, or leave it out.")
    return told


def described(entry: Entry) -> dict:
    """The entry as text, for the audit and for `--json`."""
    plain = {name: value.isoformat() if isinstance(value, date | datetime) else value for name, value in vars(entry).items()}
    return {name: value for name, value in plain.items() if name not in ("made_at", "changed_at", "changed_by")}


# -- reviews plan themselves


def plan(store: Store, actor: Actor, today: date, ahead: int = AHEAD) -> list[Entry]:
    """The reviews that were planned, put on another day, taken out or called missed, so that the calendar follows the settings.

    The next `ahead` monthly reviews and the next quarterly one of each scorecard stand on the organisation's review day;
    what somebody moved stays where it is. A review that was not held when the next one came is missed.
    """
    access.require(actor, "decide")
    with store.read() as tx:
        if not _work_to_plan(tx, today, ahead):
            return []
    return store.write(lambda tx: _plan(tx, today, ahead), actor.name)


def _work_to_plan(tx: Tx, today: date, ahead: int) -> bool:
    wanted, known = _wanted(tx, today, ahead), rows.every(tx)
    return bool(_overtaken(known, today) or _superfluous(known, wanted, today) or _differing(known, wanted))


def _plan(tx: Tx, today: date, ahead: int) -> list[Entry]:
    wanted, known = _wanted(tx, today, ahead), rows.every(tx)
    done = [_put(tx, one, "miss entry", state="missed") for one in _overtaken(known, today)]
    for one in _superfluous(known, wanted, today):
        rows.delete(tx, one)
        tx.audit("take out entry", f"diary:{one.id}", described(one), None)
        done.append(one)
    held_before = {one.object: one for one in known}
    for object, (kind, title, day) in _differing(known, wanted).items():
        old = held_before.get(object)
        done.append(_planned(tx, known, kind, title, object, day) if old is None else _put(tx, old, "plan entry", planned=day))
    return done


def _planned(tx: Tx, known: Iterable[Entry], kind: str, title: str, object: str, day: date) -> Entry:
    """A new review, at the time and with the owner of the last one that was held, else with the first leader."""
    before = [one for one in known if one.kind == kind and one.state == "held" and _series(one.object) == _series(object)]
    if before:
        return _add(tx, kind, title, object, day, before[-1].begins, before[-1].owner, BY_RULE)
    leaders = [one.person.id for one in members.members(tx) if one.active and one.role == "leader"]
    return _add(tx, kind, title, object, day, "", leaders[0] if leaders else "", BY_RULE)


def _wanted(tx: Tx, today: date, ahead: int) -> dict[str, tuple[str, str, date]]:
    """Object -> (kind, title, day) of each review that should stand in the calendar from today on."""
    here = members.organisation(tx)
    day = review_day(here.review_day) if here else None
    cards = [card for card in definitions.scorecards(tx) if card.slots]
    return {
        f"review:{card.id}:{period}": (kind, f"{KINDS[kind]}, {card.name}", held_on)
        for card in cards
        for kind, period, held_on in (upcoming(day, today, ahead) if day else ())
    }


def upcoming(day: ReviewDay, today: date, ahead: int) -> list[tuple[str, Period, date]]:
    """(kind, period under review, day) of the next monthly reviews and the next quarterly one, from today on."""
    this = periods.containing(today, "month")
    months = [month for month in (this.shift(n) for n in range(ahead + 1)) if day.of(month) >= today][:ahead]
    found = [("monthly_review", month.shift(-1), day.of(month)) for month in months]
    first = [month for month in (this.shift(n) for n in range(4)) if month.start.month % 3 == 1 and day.of(month) >= today]
    quarters = [("quarterly_review", periods.containing(month.shift(-1).start, "quarter"), day.of(month)) for month in first]
    return found + quarters[:1]


def foreseen(tx: Tx, today: date, months: int) -> list[tuple[str, str, str, date]]:
    """(kind, title, object, day) of the reviews that the review day asks for in so many months, and that do not stand in the calendar yet."""
    here = members.organisation(tx)
    day = review_day(here.review_day) if here else None
    known = {one.object for one in rows.every(tx)}
    found = []
    for card in [card for card in definitions.scorecards(tx) if card.slots] if day else ():
        for month in (periods.containing(today, "month").shift(n) for n in range(months)):
            quarter = [("quarterly_review", periods.containing(month.shift(-1).start, "quarter"))] if month.start.month % 3 == 1 else []
            for kind, period in [("monthly_review", month.shift(-1)), *quarter]:
                object = f"review:{card.id}:{period}"
                if day.of(month) >= today and object not in known:
                    found.append((kind, f"{KINDS[kind]}, {card.name}", object, day.of(month)))
    return found


def _differing(known: Iterable[Entry], wanted: dict[str, tuple[str, str, date]]) -> dict[str, tuple[str, str, date]]:
    """What is wanted and not there, or planned (not moved by anybody) for another day."""
    there = {one.object: one for one in known}
    return {
        object: told
        for object, told in wanted.items()
        if object not in there or (_by_rule(there[object]) and there[object].planned != told[2])
    }


def _by_rule(entry: Entry) -> bool:
    """Whether the entry stands where the review day put it, and nobody touched it since."""
    return entry.state == "planned" and entry.note == BY_RULE


def _superfluous(known: Iterable[Entry], wanted: dict[str, tuple[str, str, date]], today: date) -> list[Entry]:
    """Reviews to come that the review day put there and no longer asks for. Those that people put there, or moved, stay."""
    last: dict[tuple[str, str], date] = {}
    for object, (kind, _, day) in wanted.items():
        last[kind, _series(object)] = max(day, last.get((kind, _series(object)), day))
    return [
        one for one in known
        if _by_rule(one) and one.planned > today and one.object not in wanted
        and one.planned > last.get((one.kind, _series(one.object)), today)
    ]


def _series(object: str) -> str:
    """What the reviews of one scorecard have in common: their object without its period."""
    return object.rpartition(":")[0]


def _overtaken(known: Iterable[Entry], today: date) -> list[Entry]:
    """Reviews that nobody held before the next one of the same scorecard was due."""
    reviews = [one for one in known if one.kind in REVIEWS and one.object.startswith("review:")]
    return [
        one for one in reviews
        if one.open and any(
            later.kind == one.kind and _series(later.object) == _series(one.object)
            and one.planned < later.planned <= today
            for later in reviews
        )
    ]

"""Accountability: commitments made and kept, the leaders' own first, then everybody together. No total of one person."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from scorecard import actions, registers
from scorecard.core import names
from scorecard.core.periods import day
from scorecard.core.reading import Sentence
from scorecard.store import members

if TYPE_CHECKING:
    from scorecard.actions import Action
    from scorecard.registers import Entry
    from scorecard.store.engine import Store
    from scorecard.store.tx import Tx

PLAN, STEP = "development_plan", "development_step"
DRAFT, DROPPED, DONE = "draft", "dropped", "kept"
ACTIONS, PROMISES, STEPS = "actions", "promises to customers", "development steps"
KINDS = (ACTIONS, PROMISES, STEPS)
WINDOW_DAYS = 365
LEAST_PEOPLE = 5  # below it what is about people's own growth is not shown, nor when the rest would reveal it
Due = tuple[str, date, date | None]


@dataclass(frozen=True)
class Kept:
    """Of one kind: how many were kept by their day, of how many that were due; `hidden` when too few people stand behind it."""

    kind: str
    kept: int
    due: int
    hidden: bool = False


@dataclass(frozen=True)
class Own:
    """A leader's own action that is open: who, what, until when, how many days late (0: not yet)."""

    id: str
    who: str
    what: str
    due: date
    late: int


@dataclass(frozen=True)
class Overview:
    """What was due between `since` and `today`: of the leaders (how many they are), of everybody together; the leaders' open actions, the earliest due first."""

    leaders: tuple[Kept, ...]
    leader_count: int
    together: tuple[Kept, ...]
    own: tuple[Own, ...]
    since: date
    today: date
    sentences: tuple[Sentence, ...]


def read(store: Store, today: date) -> Overview:
    """Commitments as of a day."""
    since = today - timedelta(WINDOW_DAYS)
    with store.read() as tx:
        leaders = {one.person.id: one.person.name for one in members.members(tx) if one.active and one.role == "leader"}
        known = {names.bare(one.name): one.id for one in members.people(tx)}
        acts = [one for one in actions.listed(tx) if one.state != "dropped"]
        written = registers.entries(tx, "promise", order="date")
        grown = _steps(tx)
    loaded = _loaded(store, since, today)
    due = {ACTIONS: [(one.owner, one.due, one.ended if one.state == "done" else None) for one in acts],
           PROMISES: _promises(loaded, written, known), STEPS: grown}  # fmt: skip
    found = {kind: [one for one in rows if since <= one[1] < today] for kind, rows in due.items()}
    own = _own(acts, leaders, today)
    told = tuple(_kept(kind, [one for one in found[kind] if one[0] in leaders]) for kind in KINDS[:2])
    return Overview(told, len(leaders), tuple(_together(found)), own, since, today, tuple(_sentences(own, told)))


def _steps(tx: Tx) -> list[Due]:
    """(person, due, done) of every step of plans that both agreed to: read for counts of the whole team only."""
    rows = tx.all(
        """SELECT s.person, s.happened, s.state, s.body FROM register_entry AS s
           JOIN register_value AS p ON p.register = s.register AND p.entry = s.id AND p.version = s.version AND p.field = 'plan'
           JOIN register_entry AS o ON o.register = $2 AND o.id = p.value AND o.state <> $3
           WHERE s.register = $1 AND s.state <> $4""",
        [STEP, PLAN, DRAFT, DROPPED],
    )
    return [(person, due, _done(body) if state == DONE else None) for person, due, state, body in rows]


def _done(body: str) -> date | None:
    said = json.loads(body).get("done_on")
    return date.fromisoformat(said) if said else None


def _loaded(store: Store, since: date, today: date) -> list[tuple[str, str, date, date | None]]:
    """(number, CSM, due, kept) of the promises that exports bring."""
    with store.read_facts() as tx:
        return tx.all("SELECT promise_id, COALESCE(csm, ''), due_on, kept_on FROM promise WHERE due_on >= $1 AND due_on < $2", [since, today])


def _promises(loaded: Iterable[tuple[str, str, date, date | None]], written: Sequence[Entry], known: dict[str, str]) -> list[Due]:
    """Each promise once: one that is written down says what became of that with its number."""
    own = {str(one.values["number"]): one for one in written if one.values.get("number")}
    found = [(known.get(names.bare(csm), ""), due, _kept_on(own[number]) if number in own else kept) for number, csm, due, kept in loaded]
    return found + [(one.person, one.at, _kept_on(one)) for one in written if not one.values.get("number")]


def _kept_on(one: Entry) -> date | None:
    done = one.values.get("done_on")
    return date.fromisoformat(done) if done and one.state != "broken" else None


def _kept(kind: str, rows: Sequence[Due]) -> Kept:
    return Kept(kind, sum(done is not None and done <= due for _, due, done in rows), len(rows))


def _together(found: dict[str, list[Due]]) -> Iterable[Kept]:
    for kind in KINDS:
        one = _kept(kind, found[kind])
        few = kind == STEPS and 0 < len({person for person, _, _ in found[kind]}) < LEAST_PEOPLE
        yield Kept(kind, 0, 0, True) if few else one


def _own(acts: Sequence[Action], leaders: dict[str, str], today: date) -> tuple[Own, ...]:
    open_ = sorted((one for one in acts if one.open and one.owner in leaders), key=lambda one: (one.due, one.id))
    return tuple(Own(one.id, leaders[one.owner], one.title, one.due, one.days_late(today)) for one in open_)


def _sentences(own: Sequence[Own], told: Sequence[Kept]) -> list[Sentence]:
    late = [one for one in own if one.late]
    if not late:
        return []
    acted, one = told[0], late[0]
    kept = f"{acted.kept} of {acted.due} that were due in twelve months {'was' if acted.kept == 1 else 'were'} done by the day." if acted.due else ""
    what = f"“{one.what}” was due on {day(one.due)}."
    return [Sentence(f"{len(late)} of the leaders' own actions {'is' if len(late) == 1 else 'are'} late.", f"{what} {kept}".strip())]

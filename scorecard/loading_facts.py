"""Loading facts: what a file of an export would bring is shown first, then stored as a whole or left.

A file may bring several kinds. Facts of unknown accounts are kept and said; refused rows stay in quarantine with their
reasons; the same file twice changes nothing; a corrected one restates, and what was said before is kept.
"""

from __future__ import annotations

import importlib
import importlib.util
import threading
import uuid
from collections.abc import Callable, Sequence
from collections.abc import Mapping as Dictionary
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeVar

from scorecard import access, loading
from scorecard.access import Actor
from scorecard.core import periods
from scorecard.core.mapping import Mapping, as_json
from scorecard.errors import FileRefused
from scorecard.intake import reader, typing, warehouse
from scorecard.intake.reader import Watch
from scorecard.intake.table import COMMAND_LINE, UPLOAD, Limits, Table
from scorecard.intake.typing import Part, Typed
from scorecard.intake.warehouse import Found
from scorecard.store import facts, loads, members
from scorecard.store.engine import Store, Tx
from scorecard.store.facts import Difference, Orphans, Put, Staged
from scorecard.store.loads import Load
from scorecard.store.members import Organisation

COMPUTED, SCORED, RECORDED = "scorecard.metrics.computed", "scorecard.sensory.scoring", "scorecard.reviews.recorded"
SHAPE = "facts"
TRY_SECONDS = 2.0
T = TypeVar("T")
# Facts have no keys in the database: two loads at once would both find a row to be new.
_one_at_a_time = threading.Lock()


@dataclass(frozen=True)
class Share:
    """What a file brings of one kind: its typed rows, how they compare with the store, some of what changes, who is unknown."""

    part: Part
    put: Put
    changes: tuple[Difference, ...]
    orphans: tuple[Orphans, ...]


@dataclass(frozen=True)
class Proposal:
    """What accepting a file of facts would do. Nothing of it is stored yet."""

    table: Table
    mappings: tuple[Mapping, ...]
    typed: Typed
    shares: tuple[Share, ...]
    notices: tuple[tuple[str, str], ...]
    before: Load | None = None

    @property
    def new(self) -> int:
        return sum(share.put.new for share in self.shares)

    @property
    def changed(self) -> int:
        return sum(share.put.changed for share in self.shares)

    @property
    def known(self) -> int:
        return sum(share.put.known for share in self.shares)

    @property
    def refused(self) -> int:
        """Rows of the file that go to quarantine."""
        return self.typed.refused

    @property
    def ready(self) -> int:
        """How many facts accepting would store."""
        return self.new + self.changed

    @property
    def open(self) -> bool:
        """Whether something has to be answered first."""
        return bool(self.typed.questions)

    @property
    def covers(self) -> tuple[date | None, date | None]:
        """First and last day of what the file brings."""
        days = [day for share in self.shares for day in (share.part.first, share.part.last) if day]
        return (min(days), max(days)) if days else (None, None)


@dataclass(frozen=True)
class Accepted:
    """What accepting did. `load` is the record of it, of the first time when the file was known; None when it never was."""

    load: Load | None
    new: int
    changed: int
    known: int
    refused: int
    kinds: tuple[str, ...]

    @property
    def changed_nothing(self) -> bool:
        return not self.new and not self.changed


# -- before anything is stored

def tables(store: Store, actor: Actor, place: Path, limits: Limits = COMMAND_LINE, watch: Watch = reader.unwatched) -> list[Found]:
    """The tables of a DuckDB file, or of a folder of Parquet files, that a loader keeps beside us."""
    access.require(actor, "load_files")
    _refuse_own(store, place)
    return warehouse.tables(place, store.staging, limits, watch)


def read_in_place(store: Store, actor: Actor, place: Path, table: str, limits: Limits = COMMAND_LINE,
                  watch: Watch = reader.unwatched) -> Table:
    """One table of such a place, staged as text, not yet understood."""
    access.require(actor, "load_files")
    _refuse_own(store, place)
    return warehouse.read(place, table, store.staging, limits, watch)


def _refuse_own(store: Store, place: Path) -> None:
    if str(place.resolve()) in {str(Path(engine.place).resolve()) for engine in store.engines}:
        raise FileRefused(f"{place.name} is this product's own store. Name the file that your loader fills.")


def propose(store: Store, actor: Actor, table: Table, mappings: Sequence[Mapping], limits: Limits = UPLOAD,
            sample: bool = False, watch: Watch = reader.unwatched) -> Proposal:
    """What a staged file would bring, read by these mappings. Raises FileRefused when it cannot be those facts.

    The staged text stays with the caller, who may propose again; `discard` deletes what this made.
    """
    access.require(actor, "load_files")
    if not mappings:
        raise FileRefused(f"{table.name}: nothing says what its columns mean.")
    with store.read() as tx:
        loading.refuse_beside_sample(tx, sample)
        before, last = loads.by_content(tx, table.sha256), _last_of(tx, table.name)
    typed = typing.read(table, mappings, limits, watch)
    try:
        watch()
        with store.facts() as tx:
            shares = _compared(tx, typed)
        proposal = Proposal(table, tuple(mappings), typed, shares, (), before)
        return replace(proposal, notices=tuple(_notices(proposal, last)))
    except BaseException:
        typing.discard(typed)
        raise


def discard(proposal: Proposal) -> None:
    """Deletes everything staged for a proposal, its text too."""
    typing.discard(proposal.typed)
    reader.discard(proposal.table)


def _compared(tx: Tx, typed: Typed) -> tuple[Share, ...]:
    accounts = [_staged(part) for part in typed.parts if part.kind.table == "account"]
    return tuple(_share(tx, part, accounts) for part in typed.parts)


def _share(tx: Tx, part: Part, accounts: Sequence[Staged]) -> Share:
    put = facts.compare(tx, part.kind, _staged(part))
    changes = facts.differences(tx, part.kind, _staged(part)) if put.changed else []
    return Share(part, put, tuple(changes), tuple(facts.staged_orphans(tx, part.kind, _staged(part), accounts)))


def _staged(part: Part) -> Staged:
    return Staged(part.path, part.reading)


def _last_of(tx: Tx, name: str) -> Load | None:
    """The last load of facts from the same source."""
    wanted = loading.source_of(name)
    return next((one for one in loads.recent(tx) if loading.source_of(one.file_name) == wanted
                 and one.understood.get("shape") == SHAPE), None)


def _notices(proposal: Proposal, last: Load | None) -> list[tuple[str, str]]:
    said = []
    if proposal.before and not proposal.ready:
        said.append(("The same file was loaded before,", f"on {periods.day(proposal.before.loaded_at.date())} by "
                     f"{proposal.before.author}. Twice is one load."))
    elif last:
        said += _against(proposal, last)
    for share in proposal.shares:
        said += _repeats(share.part) + [orphan_notice(one) for one in share.orphans]
    return said


def _against(proposal: Proposal, last: Load) -> list[tuple[str, str]]:
    """Fewer rows, or other columns, than the last load of the same source."""
    said = []
    rows, day = last.understood.get("rows", 0), periods.day(last.loaded_at.date())
    if proposal.table.rows < rows:
        said.append(("Fewer rows than last time:", f"{proposal.table.rows:,}, and {rows:,} on {day}."))
    old, new = set(last.understood.get("columns", ())), set(proposal.table.columns)
    if old and old != new:
        parts = [f"new: {', '.join(sorted(new - old))}"] * bool(new - old) + [f"missing: {', '.join(sorted(old - new))}"] * bool(old - new)
        said.append(("The columns changed since last time.", f"{'; '.join(parts).capitalize()}."))
    return said


def _repeats(part: Part) -> list[tuple[str, str]]:
    said = []
    if part.repeated:
        said.append((f"{part.kind.label}: {part.repeated:,} {'row' if part.repeated == 1 else 'rows'} said the same again", "and count once."))
    if part.older:
        said.append((f"{part.kind.label}: {part.older:,} older {'state' if part.older == 1 else 'states'}", "of the same rows were passed over."))
    return said


def orphan_notice(one: Orphans) -> tuple[str, str]:
    """(what, rest) in words: facts that name an account or a subscription which is not in the store."""
    noun = "account" if one.column == "account_id" else "subscription"
    shown = ", ".join(one.examples) + (" …" if one.names > len(one.examples) else "")
    return (f"{facts.KINDS[one.kind].label}: {one.rows:,} {'row names' if one.rows == 1 else 'rows name'} "
            f"{one.names:,} {noun if one.names == 1 else noun + 's'} that {'is' if one.names == 1 else 'are'} not in the store",
            f"({shown}). They are kept, and count once the {noun} is there.")


# -- accepting

def accept(store: Store, actor: Actor, proposal: Proposal, today: date, sample: bool = False,
           watch: Watch = reader.unwatched, now: datetime | None = None, compute: bool = True) -> Accepted:
    """What was stored: all that is in order, or nothing. Compared again inside the transaction, so that a second click, or
    the same file twice, changes nothing. Measures are computed anew after it, unless the caller does so after several
    files. What `watch` raises undoes all of it."""
    access.require(actor, "load_files")
    _refuse_open(proposal)
    identity = uuid.uuid4().hex
    with _one_at_a_time:
        done = _stored(store, actor, identity, proposal, sample, watch, now)
    if compute and not done.changed_nothing:
        refresh(store, actor, today, done.kinds)
    discard(proposal)
    return done


class _Undone(Exception):  # noqa: N818  It carries an answer out of a transaction that is rolled back by it.
    pass


def tried(store: Store, proposal: Proposal, ask: Callable[[Tx], T]) -> T | None:
    """What `ask` says of the facts as they would be, none of which stays; None while another file is being stored."""
    if not _one_at_a_time.acquire(timeout=TRY_SECONDS):
        return None
    try:
        with store.facts() as tx:
            puts = _put(tx, proposal, "tried", reader.unwatched, None)
            _record_kinds(tx, "tried", proposal, puts, None)
            raise _Undone(ask(tx))
    except _Undone as undone:
        return undone.args[0]
    finally:
        _one_at_a_time.release()


def _refuse_open(proposal: Proposal) -> None:
    if proposal.typed.questions:
        one = proposal.typed.questions[0]
        words = "; ".join(words for _, words in one.options)
        raise FileRefused(f"{proposal.table.name}: a question is open. {one.text} ({words})")
    if not any(share.part.rows for share in proposal.shares):
        first = f" {proposal.typed.reasons[0].text}." if proposal.typed.reasons else ""
        raise FileRefused(f"{proposal.table.name}: no row is in order.{first} Nothing is stored.")


def _stored(store: Store, actor: Actor, identity: str, proposal: Proposal, sample: bool, watch: Watch,
            now: datetime | None) -> Accepted:
    """The facts and the record of the load. The record is committed just before the facts: should the machine stop between
    the two, loading the file again stores what is missing."""
    kinds = tuple(dict.fromkeys(share.part.kind.table for share in proposal.shares))
    with store.facts() as tx:
        puts = _put(tx, proposal, identity, watch, now)
        total = [sum(getattr(put, name) for put in puts) for name in ("new", "changed", "known")]
        if not total[0] and not total[1]:
            return Accepted(proposal.before, *total, proposal.refused, ())
        _record_kinds(tx, identity, proposal, puts, now)
        if proposal.refused:
            facts.quarantine(tx, identity, proposal.typed.refused_path)
        watch()
        load = store.write(lambda state: _record(state, identity, proposal, total, sample), actor.name, now)
    return Accepted(load, *total, proposal.refused, kinds)


def _put(tx: Tx, proposal: Proposal, identity: str, watch: Watch, now: datetime | None) -> list[Put]:
    puts = []
    for share in proposal.shares:
        watch()
        puts.append(facts.put(tx, share.part.kind, _staged(share.part), identity, now))
    return puts


def _record_kinds(tx: Tx, identity: str, proposal: Proposal, puts: Sequence[Put], now: datetime | None) -> None:
    """The ledger of the facts store: one row a kind, also when two mappings of the file bring the same kind."""
    by_kind: dict[str, tuple[Part, Put, list[date]]] = {}
    for share, put in zip(proposal.shares, puts):
        part, days = share.part, [day for day in (share.part.first, share.part.last) if day]
        _, had, before = by_kind.get(part.kind.table, (part, Put(0, 0, 0), []))
        summed = Put(had.new + put.new, had.changed + put.changed, had.known + put.known)
        by_kind[part.kind.table] = (part, summed, [*before, *days])
    for part, put, days in by_kind.values():
        reach = (min(days), max(days)) if days else (None, None)
        facts.record(tx, part.kind, identity, proposal.table.name, proposal.table.sha256, put, reach, now)


def _record(tx: Tx, identity: str, proposal: Proposal, total: Sequence[int], sample: bool) -> Load:
    loading.refuse_beside_sample(tx, sample)
    organisation = members.organisation(tx) or Organisation("")
    new, changed, known = total
    load = Load(identity, proposal.table.name, proposal.table.sha256, _understood(proposal), new, changed, known, proposal.refused,
                *proposal.covers, "", organisation.time_zone, organisation.fiscal_start, None)
    loads.add(tx, load)
    return replace(load, author=tx.actor, loaded_at=tx.now)


def _understood(proposal: Proposal) -> Dictionary[str, Any]:
    kinds = {}
    for share in proposal.shares:
        had = kinds.setdefault(share.part.kind.table, {"rows": 0, "repeated": 0, "older": 0})
        kinds[share.part.kind.table] = {name: had[name] + getattr(share.part, name) for name in had}
    return {"shape": SHAPE, "grain": "", "rows": proposal.table.rows, "columns": list(proposal.table.columns), "kinds": kinds,
            "mappings": [as_json(one) for one in proposal.mappings], "seen": dict(proposal.table.seen),
            "refused": [[reason.rows, reason.text] for reason in proposal.typed.reasons[:20]],
            "warnings": [" ".join(notice) for notice in proposal.notices]}


def refresh(store: Store, actor: Actor, today: date, tables: Sequence[str]) -> Any:
    """What computing did (`Refreshed`): the measures that are computed from these kinds say what the facts now say.

    Health scores of months that the facts complete are recorded after it, then the measures that come from records.
    """
    done = [importlib.import_module(name).refresh(store, actor, today, tuple(tables)) for name in (COMPUTED, SCORED, RECORDED) if importlib.util.find_spec(name)]
    return done[0] if done else None


def orphans(store: Store) -> list[Orphans]:
    """Facts in the store that name an account or a subscription which is not there."""
    with store.facts() as tx:
        return [one for kind in facts.KINDS.values() for one in facts.orphans(tx, kind)]

"""The two stores, and the only code that opens a database.

`store.read()` is a snapshot, `store.write(work, actor)` a transaction that is done again on a conflict, `store.facts()`
a transaction on the facts. Each has a cursor of its own.
"""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar
from weakref import WeakValueDictionary

from scorecard import logs
from scorecard.errors import AlreadyDone, ConstraintBroken, StoreBusy, StoreError
from scorecard.store import audit, condition, facts_head, migrations, opening
from scorecard.store.kept import AUDIT, EVERYTHING, Kept
from scorecard.store.places import MEMORY, is_postgres
from scorecard.store.turns import Turns
from scorecard.store.tx import Tx, utc_now
from scorecard.store.unit import Conflict, Engine, Lost, SameKey, Unit

T = TypeVar("T")
PATIENCE = 15.0
STATE, FACTS = "state", "facts"
FREE_ATTEMPTS = 2
log = logging.getLogger("scorecard.store")


class Store:
    """State and facts, opened once by the one process that owns the files."""

    def __init__(self, parts: opening.Parts):
        self._parts, self._state, self._facts = parts, parts.state, parts.facts
        self.folder, self.head, self.facts_head, self.notices = parts.folder, parts.head, parts.facts_head, list(parts.notices)
        self.kept, self._turns, self._chain = Kept(), Turns(), audit.Chain()
        self.closed = False
        self.condition = condition.Watch(self.backups)
        # Rung when a job waits; whether a background worker of this process listens.
        self.bell, self.attended = threading.Event(), False

    @property
    def data_version(self) -> int:
        """Grows by one with each committed write that is not quiet."""
        return self.kept.changes.told

    @property
    def mode(self) -> str:
        """`open`; `read-only` while the disk refuses writes; `safe` once damage was found."""
        return self.condition.now.mode

    @property
    def trouble(self) -> str:
        """The sentence that says why the mode is not `open`, for people; "" when it is."""
        return self.condition.now.sentence

    @property
    def backups(self) -> Path:
        """The folder of backups."""
        return self.folder / "backups"

    @property
    def staging(self) -> Path:
        """The folder from which the databases may read files (Parquet made by the reader of imports)."""
        return self.folder / "staging"

    @property
    def place(self) -> str:
        """Where the state is, for people."""
        return self._state.place

    @property
    def engines(self) -> tuple[Engine, Engine]:
        """State and facts, for `scorecard.store` itself."""
        return self._state, self._facts

    @contextmanager
    def read(self) -> Iterator[Tx]:
        """A snapshot of the state store; nothing can be written in it."""
        begun = self.kept.changes.now
        try:
            with self.condition.reading(), self._state.unit(read_only=True) as unit:
                yield Tx(unit.cursor, engine=self._state, kept=self.kept, begun=begun, among=migrations.STATE_TABLES)
        except Lost as lost:
            self._recover(self._state, lost)
            raise

    def write(self, work: Callable[[Tx], T], actor: str, now: datetime | None = None, nonce: str = "",
              quiet: bool = False) -> T:
        """What `work(tx)` returns, committed; done again on a conflict, rolled back on any BaseException.

        `work` may run several times: it changes nothing but through `tx`. A `nonce` (one for each form shown) makes a
        double click one action: its second use raises AlreadyDone. A `quiet` write changes no figure and nothing that
        people said (the progress of a job), and leaves `data_version` as it is.
        """
        with self.condition.writing(STATE):
            return self._until_done(work, actor, now or utc_now(), nonce, quiet)

    def _until_done(self, work: Callable[[Tx], T], actor: str, moment: datetime, nonce: str, quiet: bool) -> T:
        until, attempt, lost_once = time.monotonic() + PATIENCE, 0, False
        while True:
            tried = _Attempt(work, actor, moment, nonce, quiet)
            try:
                with self._in_turn(attempt):
                    return self._attempt(tried)
            except Conflict as conflict:
                attempt += 1
                _wait_or_give_up(conflict, attempt, until)
            except Lost as lost:
                self._recover(self._state, lost)
                if self._was_committed(tried):
                    return tried.result
                if lost_once:
                    raise
                lost_once = True

    @contextmanager
    def facts(self) -> Iterator[Tx]:
        """A transaction on the facts store, committed at the end of the block."""
        try:
            with self.condition.writing(FACTS), self._facts.unit() as unit:
                tx = Tx(unit.cursor, engine=self._facts)
                yield tx
                _whole(tx)
                commit = facts_head.mark(tx) if tx.changed else ""
                unit.commit()
            if commit:
                self.condition.written(FACTS)
                self.kept.changes.add(tx.wrote)
                self._keep_facts_head(commit)
        except Lost as lost:
            self._recover(self._facts, lost)
            raise

    @contextmanager
    def read_facts(self) -> Iterator[Tx]:
        """A snapshot of the facts store; nothing can be written in it."""
        try:
            with self.condition.reading(), self._facts.unit(read_only=True) as unit:
                yield Tx(unit.cursor, engine=self._facts, among=migrations.FACTS_TABLES)
        except Lost as lost:
            self._recover(self._facts, lost)
            raise

    def verify(self) -> audit.Verdict:
        """The whole audit chain, read and computed again, and compared with the head outside the store."""
        kept = self.head.read()
        with self.read() as tx:
            verdict = audit.verify(tx)
            if kept is not None and not audit.holds(tx, kept):
                missing = (
                    f"The head kept outside the store (row {kept.seq}) is not in the chain: rows were lost or replaced."
                )
                return audit.Verdict(verdict.rows, verdict.head, (*verdict.problems, missing))
        return verdict

    def try_again(self) -> bool:
        """Whether writing works: each part that refused the last write is written to, with no more than a mark."""
        for part in self.condition.refusing:
            try:
                if part == STATE:
                    self.write(lambda tx: _touch(tx), "server", quiet=True)
                else:
                    with self.facts() as tx:
                        tx.run("UPDATE migration SET applied_at = applied_at WHERE name = (SELECT MIN(name) FROM migration)")
            except StoreError:
                return False
        return self.mode == condition.OPEN

    def close(self) -> None:
        """Close both; another process may have the files then."""
        if not self.closed:
            self.closed = True
            self._parts.close()

    def _in_turn(self, attempt: int) -> AbstractContextManager:
        return self._turns.alone() if attempt >= FREE_ATTEMPTS else self._turns.together()

    def _attempt(self, tried: _Attempt) -> Any:
        self._know_the_chain()
        with self._state.unit() as unit:
            tx = Tx(unit.cursor, tried.actor, tried.now, self._state)
            _claim(tx, tried.nonce)
            tried.result = tried.work(tx)
            self._commit(unit, tx, tried)
        if tx.changed or tx.entries:
            self.condition.written(STATE)
        self._keep_head(tried)
        return tried.result

    def _commit(self, unit: Unit, tx: Tx, tried: _Attempt) -> None:
        _whole(tx)
        try:
            if not tx.entries:
                unit.commit()
                return
            with self._chain.lock:
                if not self._chain.known:
                    raise Conflict("Not saved: the audit chain is being read again. Try again.")
                self._chain.known = False
                rows = audit.rows_after(self._chain.mark, tx.entries, tx.actor, tx.now)
                tried.mark = audit.Mark(rows[-1][0], rows[-1][-1])
                tx.many("INSERT INTO audit VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)", rows)
                unit.commit()
                self._chain.mark, self._chain.known = tried.mark, True
        finally:
            marks = {mark for entry in tx.entries for mark in (AUDIT, f"{AUDIT} {entry.action}")}
            self.kept.changes.add(tx.wrote | marks, tried.quiet)

    def _know_the_chain(self) -> None:
        """The newest mark is in memory: read again after a commit that failed."""
        if self._chain.known:
            return
        with self._chain.lock:
            if not self._chain.known:
                with self._state.unit(read_only=True) as unit:
                    self._chain.mark = audit.newest(Tx(unit.cursor, engine=self._state))
                self._chain.known = True

    def _keep_head(self, tried: _Attempt) -> None:
        if tried.mark is None:
            return
        try:
            self.head.save(tried.mark)
        except OSError as error:
            # The change is committed: refusing it now would be a lie. The head may be behind.
            self._tell(f"Saved, but the head of the audit chain could not be written to {self.head.path}: {error}.")

    def _keep_facts_head(self, commit: str) -> None:
        try:
            self.facts_head.save(commit)
        except OSError as error:
            self._tell(f"Saved, but the note of it could not be written to {self.facts_head.path}: {error}.")

    def _recover(self, engine: Engine, lost: Lost) -> None:
        self._chain.known = False
        if engine.reopen(lost.generation):
            self.kept.changes.add([EVERYTHING])
            self._tell(f"{engine.place} had to be opened again: {lost}")

    def _was_committed(self, tried: _Attempt) -> bool:
        """True when the attempt that broke at its end had been saved after all."""
        if tried.mark is None:
            return False
        with self.read() as tx:
            saved = audit.holds(tx, tried.mark)
        if saved:
            self._keep_head(tried)
        return saved

    def _tell(self, notice: str) -> None:
        log.warning("the store says: %s", logs.Ours(logs.without_words(notice)))
        self.notices.append(notice)


class _Attempt:
    """One try of a write: what it was asked, what came of it."""

    def __init__(self, work: Callable[[Tx], Any], actor: str, now: datetime, nonce: str, quiet: bool = False):
        self.work, self.actor, self.now, self.nonce, self.quiet = work, actor, now, nonce, quiet
        self.result: Any = None
        self.mark: audit.Mark | None = None


def _touch(tx: Tx) -> None:
    tx.run("DELETE FROM nonce WHERE id = 'room'")
    tx.run("INSERT INTO nonce VALUES ('room', $1)", (tx.now,))


def _claim(tx: Tx, nonce: str) -> None:
    if not nonce:
        return
    if tx.one("SELECT 1 FROM nonce WHERE id = $1", (nonce,)):
        raise AlreadyDone("This form was sent before; it was done once, and nothing was done again.")
    tx.run("INSERT INTO nonce VALUES ($1, $2)", (nonce, tx.now))


def _whole(tx: Tx) -> None:
    # DuckDB goes on after some failed statements; half a change is never committed.
    if tx.failed:
        raise StoreError("Not saved: a statement before had failed, and the whole change was undone.")


def _wait_or_give_up(conflict: Conflict, attempt: int, until: float) -> None:
    if isinstance(conflict, SameKey) and attempt > FREE_ATTEMPTS:
        raise ConstraintBroken(str(conflict)) from conflict
    if time.monotonic() > until:
        raise StoreBusy("Not saved: other people kept changing the same rows. Try again.") from conflict
    time.sleep(random.uniform(0, min(0.002 * 2**attempt, 0.1)))


def open_store(state: str | Path, facts: str | Path) -> Store:
    """The store at these places, locked for this process, checked and migrated; `:memory:` is a store for tests."""
    store = Store(opening.prepare(state, facts, utc_now()))
    _open_here[_key(state, facts)] = store
    return store


_open_here: WeakValueDictionary[tuple[str, str], Store] = WeakValueDictionary()


def open_here(state: str | Path, facts: str | Path) -> Store | None:
    """The store at these places, when this process has it open."""
    store = _open_here.get(_key(state, facts))
    return store if store is not None and not store.closed and str(state) != MEMORY else None


def _key(state: str | Path, facts: str | Path) -> tuple[str, str]:
    return tuple(str(place) if is_postgres(place) else str(Path(place).absolute()) for place in (state, facts))

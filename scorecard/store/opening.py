"""From two places to two open databases: locked, checked against the audit's head, migrated after a backup."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from scorecard.errors import StoreDamaged, StoreNewer
from scorecard.store import audit, backup, facts_head, migrations
from scorecard.store.duck import DuckFile
from scorecard.store.facts_head import FactsHead
from scorecard.store.lock import cannot_write, make_folder
from scorecard.store.places import MEMORY, data_folder, head_file, is_postgres
from scorecard.store.tx import Tx
from scorecard.store.unit import Engine

NONCE_DAYS = 7


@dataclass
class Parts:
    """What an open store is made of."""

    state: Engine
    facts: Engine
    folder: Path
    head: audit.Head
    facts_head: FactsHead
    notices: list[str] = field(default_factory=list)
    cleaning: ExitStack = field(default_factory=ExitStack)

    def close(self) -> None:
        """Close both databases and remove what was temporary."""
        self.cleaning.close()


def prepare(state: str | Path, facts: str | Path, now: datetime) -> Parts:
    """Both databases, open. Raises StoreBusy, StoreDamaged or StoreError with nothing changed."""
    with ExitStack() as stack:
        folder = _folder(state, facts, stack)
        folders = tuple(make_folder(folder / name) for name in ("backups", "staging"))
        opened = _opened_state(state, folders)
        stack.callback(opened.close)
        opened_facts = DuckFile(facts, folders, alone=True)
        stack.callback(opened_facts.close)
        backup.sweep(folder)
        parts = Parts(opened, opened_facts, folder, audit.Head(head_file(state, folder)), FactsHead(facts))
        _compare_with_head(parts)
        _compare_facts(parts)
        _migrate(parts, now)
        _keep_head(parts)
        _keep_facts_head(parts)
        _forget_old_nonces(parts, now)
        parts.cleaning = stack.pop_all()
        return parts
    raise AssertionError("unreachable")


def _folder(state: str | Path, facts: str | Path, stack: ExitStack) -> Path:
    known = data_folder(state, facts)
    if known is not None:
        return make_folder(known)
    return Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="scorecard-")))


def _opened_state(state: str | Path, folders: tuple[Path, ...]) -> Engine:
    if not is_postgres(state):
        return DuckFile(state, folders)
    # Imported only when asked for: the embedded default needs no PostgreSQL driver.
    from scorecard.store.postgres import PostgresDatabase

    return PostgresDatabase(str(state))


def _compare_with_head(parts: Parts) -> None:
    """The chain in the store contains the head kept outside; a store that lost commits does not."""
    kept = parts.head.read()
    if kept is None or kept == audit.Mark():
        return
    last = 0
    if parts.state.has("audit"):
        with parts.state.unit(read_only=True) as unit:
            tx = Tx(unit.cursor, engine=parts.state)
            if audit.holds(tx, kept):
                return
            last = audit.newest(tx).seq
    raise StoreDamaged(
        f"{parts.state.place} has lost changes that were saved: its audit ends at row {last}, and row {kept.seq} was "
        f"written ({parts.head.path}). Nothing was changed. {backup.advice(parts.folder / 'backups')}"
    )


def _compare_facts(parts: Parts) -> None:
    """The facts hold the commit that was noted beside them; a file that lost commits does not."""
    kept = parts.facts_head.read()
    if not kept:
        return
    if parts.facts.has(facts_head.TABLE):
        with parts.facts.unit(read_only=True) as unit:
            if facts_head.holds(Tx(unit.cursor, engine=parts.facts), kept):
                return
    raise StoreDamaged(
        f"{parts.facts.place} has lost facts that were saved: the newest commit that was noted ({parts.facts_head.path}) is not in it. "
        f"Nothing was changed. {backup.advice(parts.folder / 'backups')}"
    )


def _keep_facts_head(parts: Parts) -> None:
    """The note beside the facts is as new as they are, which it may be behind after a crash."""
    if parts.facts_head.path is None:
        return
    with parts.facts.unit() as unit:
        tx = Tx(unit.cursor, engine=parts.facts)
        newest = facts_head.newest(tx)
        facts_head.forget_before(tx, newest)
        unit.commit()
    if newest != parts.facts_head.read():
        try:
            parts.facts_head.save(newest)
        except OSError as error:
            raise cannot_write(parts.facts_head.path, error) from error


def _migrate(parts: Parts, now: datetime) -> None:
    """Every pending migration, each in its own transaction; first a verified backup of what the files hold."""
    try:
        todo = [(engine, _pending(engine, steps, now)) for engine, steps in
                ((parts.state, migrations.STATE), (parts.facts, migrations.FACTS))]
    except StoreNewer as error:
        raise StoreNewer(f"{error} {_way_back(parts.folder / 'backups')}".rstrip()) from error
    new = [engine for engine, steps in todo if steps]
    if new and any(_applied(engine) for engine, _ in todo) and not _any_in_memory(parts):
        first = next(steps[0][0] for _, steps in todo if steps)
        made = backup.make((parts.state, parts.facts), parts.folder / "backups", now, f"before-{first}", _doubts(parts.state))
        parts.notices.append(f"The store was brought to this version of the program ({sum(len(steps) for _, steps in todo)} steps). "
                             f"As it was before, it is in the backup {made.path.name}, which the version before can restore.")
    for engine, steps in todo:
        for step in steps:
            with engine.unit() as unit:
                migrations.apply(Tx(unit.cursor, engine=engine), step, now)
                unit.commit()


def _way_back(folder: Path) -> str:
    """The newest backup that this older program can read, as advice; "" without one."""
    for path in backup.every(folder):
        try:
            found = backup.read(path)
            for name, steps in zip(backup.NAMES, (migrations.STATE, migrations.FACTS), strict=True):
                with backup.opened(path / name) as tx:
                    migrations.pending(migrations.applied(tx), steps, str(path))
        except (StoreDamaged, StoreNewer):
            continue
        return (f"Or go back to {found.made_at:%-d %B %Y %H:%M} UTC, without what was written since: "
                f"python -m scorecard restore {path}")
    return ""


def _doubts(state: Engine) -> tuple[str, ...]:
    """What does not hold of an audit that is read at once; a long one was verified when a server started last."""
    if not state.has("audit"):
        return ()
    with state.unit(read_only=True) as unit:
        tx = Tx(unit.cursor, engine=state)
        return audit.verify(tx).problems if audit.newest(tx).seq <= audit.AT_START else ()


def _any_in_memory(parts: Parts) -> bool:
    return MEMORY in (parts.state.place, parts.facts.place)


def _pending(engine: Engine, steps: tuple[migrations.Step, ...], now: datetime) -> list[migrations.Step]:
    with engine.unit() as unit:
        migrations.prepare(Tx(unit.cursor, engine=engine))
        unit.commit()
    return migrations.pending(_applied(engine), steps, engine.place)


def _applied(engine: Engine) -> list[str]:
    with engine.unit(read_only=True) as unit:
        return migrations.applied(Tx(unit.cursor, engine=engine))


def _keep_head(parts: Parts) -> None:
    """The head outside is as new as the chain, which it may be behind after a crash."""
    with parts.state.unit(read_only=True) as unit:
        newest = audit.newest(Tx(unit.cursor, engine=parts.state))
    kept = parts.head.read()
    if kept is None and newest.seq and parts.head.path is not None:
        parts.notices.append(
            f"The head of the audit chain was missing ({parts.head.path}); it was written again from the store, "
            "so a loss of changes before this start could not be seen."
        )
    if kept != newest:
        try:
            parts.head.save(newest, again=True)
        except OSError as error:
            raise cannot_write(parts.head.path, error) from error


def _forget_old_nonces(parts: Parts, now: datetime) -> None:
    with parts.state.unit() as unit:
        before = now - timedelta(days=NONCE_DAYS)
        Tx(unit.cursor, engine=parts.state).run("DELETE FROM nonce WHERE used_at < $1", (before,))
        unit.commit()

"""A backup becomes the store again. What it replaces is kept aside; no server may run meanwhile."""

from __future__ import annotations

import fcntl
import shutil
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from scorecard.errors import StoreBusy, StoreDamaged, StoreError
from scorecard.store import audit, backup, facts_head, migrations, signin, verifying
from scorecard.store.engine import Store, open_store
from scorecard.store.lock import FileLock, cannot_write, make_folder
from scorecard.store.places import beside, data_folder, is_postgres
from scorecard.store.tx import Tx
from scorecard.store.unit import Engine


RESTORING = "restore"


@dataclass(frozen=True)
class Restored:
    """What was restored, and where what it replaced is now."""

    backup: backup.Backup
    kept: tuple[Path, ...]


@dataclass(frozen=True)
class Drill:
    """A backup that was made, restored beside the store, opened and compared."""

    backup: backup.Backup
    tables: int
    rows: int
    audit_rows: int


def restore(state: str | Path, facts: str | Path, source: Path, actor: str, now: datetime) -> Restored:
    """The store at these places holds what the backup holds, and an audit row that says so.

    Raises StoreBusy while a server or another program has the files, StoreDamaged when the backup does not verify.
    """
    found = backup.read(source)
    _known(found, source)
    folder = data_folder(state, facts)
    if folder is None:
        raise StoreError("A store in memory cannot be restored; name files with SCORECARD_STATE and SCORECARD_FACTS.")
    stamp = f"replaced-{now:%Y%m%dT%H%M%SZ}"
    # A server in safe mode looks for this lock before it opens what lies in the place of the files.
    alone = FileLock(make_folder(folder) / RESTORING)
    try:
        kept = _restore_files(state, facts, found, folder, stamp, now)
        _noted(state, facts, found, source.name, actor, now)
    except OSError as error:
        raise cannot_write(folder, error) from error
    finally:
        alone.release()
    return Restored(found, tuple(kept))


def _noted(state: str | Path, facts: str | Path, found: backup.Backup, name: str, actor: str, now: datetime) -> None:
    store = open_store(state, facts)
    try:
        after = {"rows": found.total, "head": found.head.seq}
        store.write(lambda tx: _begun_anew(tx, name, after), actor, now)
    finally:
        store.close()


def _begun_anew(tx: Tx, name: str, after: dict[str, int]) -> None:
    signin.close_all(tx, "a backup was put back")
    tx.audit("restore", f"backup:{name}", None, after)


def under_way(folder: Path) -> bool:
    """Whether a backup is being restored into this folder at the moment."""
    try:
        FileLock(folder / RESTORING).release()
    except StoreBusy:
        return True
    return False


def _known(found: backup.Backup, source: Path) -> None:
    """Nothing when this program knows every migration that the copies have had."""
    for name, steps in zip(backup.NAMES, backup.STEPS, strict=True):
        with backup.opened(source / name) as tx:
            migrations.pending(migrations.applied(tx), steps, str(source / name))


def _restore_files(state: str | Path, facts: str | Path, found: backup.Backup, folder: Path, stamp: str,
                   now: datetime) -> list[Path]:
    copies = [found.path / name for name in backup.NAMES]
    kept: list[Path] = []
    with ExitStack() as stack:
        if is_postgres(state):
            kept += _into_postgres(str(state), copies[0], folder / "backups", now)
        else:
            kept += _into_file(Path(state), copies[0], stamp, stack)
        kept += _into_file(Path(facts), copies[1], stamp, stack)
        head = audit.Head(beside(state, folder, "head"))
        head.save(found.head, again=True)
        with backup.opened(copies[1]) as tx:
            facts_head.FactsHead(facts).save(facts_head.newest(tx) if facts_head.is_kept(tx) else "")
    return kept


def _into_file(target: Path, source: Path, stamp: str, stack: ExitStack) -> list[Path]:
    """The file is the copy; the old one and its log have the stamp in their names."""
    make_folder(target.parent)
    lock = FileLock(target)
    stack.callback(lock.release)
    _nobody_has(target)
    fresh = target.with_name(target.name + ".new")
    shutil.copyfile(source, fresh)
    audit.synchronise(fresh)
    kept = []
    for old in (target, target.with_name(target.name + ".wal")):
        if old.exists():
            kept.append(old.rename(_free(old.with_name(f"{old.name}.{stamp}"))))
    fresh.rename(target)
    audit.synchronise(target.parent)
    return kept


def _free(path: Path) -> Path:
    """The path, or the first of `-2`, `-3` … that is not taken: what was kept before is never replaced."""
    names = [path.name, *(f"{path.name}-{number}" for number in range(2, 1000))]
    return next(path.with_name(name) for name in names if not path.with_name(name).exists())


def _nobody_has(path: Path) -> None:
    """Raises StoreBusy when a program has the database open. This process has not: reading the file drops no lock."""
    if not path.exists():
        return
    with path.open("rb+") as file:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise StoreBusy(
                f"{path} is held by a program that is not our server. Close that program, then try again."
            ) from error


def _into_postgres(url: str, source: Path, backups: Path, now: datetime) -> list[Path]:
    """The database holds the copy's rows; what it held before is a copy of its own."""
    from scorecard.store.postgres import PostgresDatabase

    database = PostgresDatabase(url)
    try:
        kept = _kept_copy(database, make_folder(backups), now)
        with backup.opened(source) as copied, database.unit() as unit:
            _replace_rows(copied, Tx(unit.cursor, engine=database))
            unit.commit()
        return kept
    finally:
        database.close()


def _kept_copy(database: Engine, backups: Path, now: datetime) -> list[Path]:
    with database.unit() as unit:
        migrations.prepare(Tx(unit.cursor, engine=database))
        unit.commit()
    with database.unit(read_only=True) as unit:
        done = migrations.applied(Tx(unit.cursor, engine=database))
    migrations.pending(done, migrations.STATE, database.place)
    if not done:
        return []
    target = _free(backups / f"replaced-{now:%Y%m%dT%H%M%SZ}.duckdb")
    backup.copy(database, migrations.STATE, target)
    return [target]


def _replace_rows(source: Tx, target: Tx) -> None:
    for table in backup.tables(target):
        target.run(f"DROP TABLE {table}")
    backup.create(target, migrations.STATE, migrations.applied(source))
    for table in backup.tables(target):
        backup.pour(source, target, table)


def drill(store: Store, now: datetime) -> Drill:
    """A backup is made, restored into a temporary place, opened, its chain verified and its rows compared."""
    made = verifying.backed_up(store, now, "drill")
    with tempfile.TemporaryDirectory(prefix="drill-", dir=store.folder) as place:
        files = (Path(place) / "state.duckdb", Path(place) / "facts.duckdb")
        restore(*files, made.path, "drill", now)
        trial = open_store(*files)
        try:
            audit_rows = _compare(trial, made)
        finally:
            trial.close()
    return Drill(made, sum(len(tables) for tables in made.rows.values()), made.total, audit_rows)


def _compare(trial: Store, made: backup.Backup) -> int:
    """How many audit rows the restored store verified, its own row about the drill left out."""
    verdict = trial.verify()
    if not verdict.ok:
        raise StoreDamaged(f"The drill failed: {verdict.problems[0]}")
    expected = {name: dict(rows) for name, rows in made.rows.items()}
    expected[backup.NAMES[0]]["audit"] += 1
    for engine, name in zip(trial.engines, backup.NAMES, strict=True):
        with engine.unit(read_only=True) as unit:
            found = backup.counted(Tx(unit.cursor, engine=engine))
        if found != expected[name]:
            raise StoreDamaged(f"The drill failed: {name} restored from {made.path} does not hold the same rows.")
    return verdict.rows - 1

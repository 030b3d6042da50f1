"""Backups: a verified copy of both stores in a folder of its own, restored the same way back, tried by a drill.

The live files are never opened, read or copied here: that would drop DuckDB's lock on them. A copy is made by
`COPY FROM DATABASE` in one snapshot (from PostgreSQL: row by row in one snapshot, into the same tables), opened
read-only, counted, and only then renamed into place.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from scorecard.errors import StoreDamaged
from scorecard.store import audit, migrations
from scorecard.store.duck import CREATION, DuckFile
from scorecard.store.lock import cannot_write
from scorecard.store.tx import Tx
from scorecard.store.unit import Engine

RECORD = "backup.json"
NAMES = ("state.duckdb", "facts.duckdb")
STEPS = (migrations.STATE, migrations.FACTS)
PAGE = 5_000
# A backup outlives what is deleted when an answer without a name is sent, or votes without names are shown. So what still
# stands under a name then never gets into one.
UNDER_A_NAME = {
    "maturity_draft": "cycle IN (SELECT id FROM maturity_cycle WHERE mode = 'anonymous')",
    "feedback_draft": "TRUE",
    "form_draft": "TRUE",
    "maturity_vote": "NOT shown AND session IN (SELECT id FROM maturity_session WHERE NOT named)",
}


@dataclass(frozen=True)
class Contents:
    """What a database holds: rows by table, a fingerprint by table (0 where the source has none), the audit head."""

    rows: dict[str, int]
    fingerprints: dict[str, int]
    head: audit.Mark

    def same(self, other: Contents) -> bool:
        """True when both hold the same; fingerprints are compared where both have them."""
        common = self.fingerprints.keys() & other.fingerprints.keys()
        return (self.rows, self.head) == (other.rows, other.head) and all(
            self.fingerprints[table] == other.fingerprints[table] for table in common)


@dataclass(frozen=True)
class Backup:
    """A verified backup: its folder, when it was made (UTC), its rows by file and table, the audit head.

    `problems` is what did not hold of the audit when it was made: it is a true copy, of a store that was tampered with.
    """

    path: Path
    made_at: datetime
    rows: dict[str, dict[str, int]]
    head: audit.Mark
    problems: tuple[str, ...] = ()

    @property
    def total(self) -> int:
        """Rows in all tables."""
        return sum(count for tables in self.rows.values() for count in tables.values())


def make(engines: tuple[Engine, Engine], folder: Path, now: datetime, why: str = "", problems: tuple[str, ...] = ()) -> Backup:
    """A new verified backup in `folder`, which the databases may reach. Raises StoreError and leaves nothing.

    `problems` is what does not hold of the audit: the record says it, and a backup without any is preferred.
    """
    name = _free_name(folder, "-".join(part for part in (f"{now:%Y%m%dT%H%M%SZ}", why) if part))
    partial = folder / f".partial-{name}"
    try:
        partial.mkdir(parents=True)
        wanted = zip(engines, STEPS, NAMES, strict=True)
        copies = [without_names(partial / file, copy(engine, steps, partial / file)) for engine, steps, file in wanted]
        _record(partial, now, copies, engines[0].place, problems)
        partial.rename(folder / name)
        audit.synchronise(folder)
    except OSError as error:
        raise cannot_write(folder / name, error) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return read(folder / name)


def _free_name(folder: Path, name: str) -> str:
    names = [name, *(f"{name}-{number}" for number in range(2, 1000))]
    return next(each for each in names if not (folder / each).exists() and not (folder / f".partial-{each}").exists())


def copy(engine: Engine, steps: tuple[migrations.Step, ...], target: Path) -> Contents:
    """What the new DuckDB file at `target` holds, made from one snapshot of the database and compared with it."""
    wanted = _copy_duck(engine, target) if isinstance(engine, DuckFile) else _copy_rows(engine, steps, target)
    found = contents(target)
    if not found.same(wanted):
        raise StoreDamaged(
            f"The copy of {engine.place} does not hold what the original holds; it was thrown away. Try again."
        )
    audit.synchronise(target)
    return found


def without_names(target: Path, held: Contents) -> Contents:
    """What a copy holds, without what people wrote under their names where no name may stand with an answer."""
    there = {table: where for table, where in UNDER_A_NAME.items() if table in held.rows}
    with opened(target) as tx:
        out = {table: tx.one(f"SELECT COUNT(*) FROM {table} WHERE {where}")[0] for table, where in there.items()}
    if not any(out.values()):
        return held
    _copy_without(target, there)
    rows = {table: count - out.get(table, 0) for table, count in held.rows.items()}
    marks = {table: mark for table, mark in held.fingerprints.items() if table not in out}
    found = contents(target)
    if not found.same(Contents(rows, marks, held.head)):
        raise StoreDamaged(f"The copy {target.name} does not hold what it should; it was thrown away. Try again.")
    audit.synchronise(target)
    return found


def _copy_without(target: Path, there: dict[str, str]) -> None:
    """Nothing; the file holds no such rows. It is written anew: deleted rows would stay readable in its blocks."""
    fresh = target.with_name(f"fresh-{target.name}")
    with duckdb.connect() as connection:
        for path, alias in ((target, "whole"), (fresh, "fresh")):
            place = str(path.resolve()).replace("'", "''")
            connection.execute(f"ATTACH '{place}' AS {alias} (STORAGE_VERSION '{CREATION['storage_compatibility_version']}')")
        connection.execute("USE whole")
        for table, where in there.items():
            connection.execute(f"DELETE FROM {table} WHERE {where}")
        connection.execute("COPY FROM DATABASE whole TO fresh")
        connection.execute("USE memory")
        connection.execute("DETACH fresh")
        connection.execute("DETACH whole")
    fresh.replace(target)


def _copy_duck(engine: DuckFile, target: Path) -> Contents:
    alias = f"copy_{hashlib.sha256(str(target).encode()).hexdigest()[:12]}"
    with engine.session() as cursor:
        source = cursor.execute("SELECT current_database()").fetchone()[0].replace('"', '""')
        path = str(target.resolve()).replace("'", "''")
        cursor.execute(f"ATTACH '{path}' AS {alias} (STORAGE_VERSION '{CREATION['storage_compatibility_version']}')")
        try:
            cursor.execute("BEGIN TRANSACTION")
            cursor.execute(f'COPY FROM DATABASE "{source}" TO {alias}')
            wanted = _contents(Tx(cursor, engine=engine), fingerprints=True)
            cursor.execute("COMMIT")
        finally:
            with suppress(duckdb.Error):
                cursor.execute("ROLLBACK")
            cursor.execute(f"DETACH {alias}")
    return wanted


def _copy_rows(engine: Engine, steps: tuple[migrations.Step, ...], target: Path) -> Contents:
    with engine.unit(read_only=True) as unit, _new_file(target) as copied:
        source = Tx(unit.cursor, engine=engine)
        create(copied, steps, migrations.applied(source))
        for table in tables(copied):
            pour(source, copied, table)
        return _contents(source, fingerprints=False)


@contextmanager
def _new_file(target: Path) -> Iterator[Tx]:
    """A transaction on a new file, committed at the end."""
    file = DuckFile(target, ())
    try:
        with file.unit() as unit:
            yield Tx(unit.cursor, engine=file)
            unit.commit()
    finally:
        file.close()
        target.with_name(target.name + ".lock").unlink(missing_ok=True)


def create(tx: Tx, steps: tuple[migrations.Step, ...], done: list[str]) -> None:
    """The tables as they were after these migrations."""
    migrations.prepare(tx)
    for name, statements in steps:
        for statement in statements if name in done else ():
            tx.run(statement)


def pour(source: Tx, target: Tx, table: str) -> None:
    """Every row of a table, whose columns are the same in both and in this order."""
    columns = _columns(target, table)
    values = ", ".join(f"${number}" for number, _ in enumerate(columns, start=1))
    source.cursor.execute(f"SELECT {', '.join(columns)} FROM {table}")
    while page := source.cursor.fetchmany(PAGE):
        target.many(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({values})", page)


def tables(tx: Tx) -> list[str]:
    """The names of our tables, in alphabetical order. Others in the same schema are nobody's business here."""
    found = tx.all("SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()"
                   " AND table_catalog = current_database() ORDER BY table_name")
    return [name for (name,) in found if name in migrations.TABLES]


def _columns(tx: Tx, table: str) -> list[str]:
    return [name for (name,) in tx.all(
        "SELECT column_name FROM information_schema.columns WHERE table_schema = current_schema()"
        " AND table_catalog = current_database() AND table_name = $1 ORDER BY ordinal_position", (table,))]


def _contents(tx: Tx, fingerprints: bool) -> Contents:
    rows = counted(tx)
    marked = rows if fingerprints else ()
    marks = {table: tx.one(f"SELECT COALESCE(BIT_XOR(HASH(t)), 0) FROM {table} AS t")[0] for table in marked}
    return Contents(rows, marks, audit.newest(tx) if "audit" in rows else audit.Mark())


def counted(tx: Tx) -> dict[str, int]:
    """Rows by table."""
    return {table: tx.one(f"SELECT COUNT(*) FROM {table}")[0] for table in tables(tx)}


def contents(path: Path) -> Contents:
    """What a copy holds. Never for a live file."""
    with opened(path) as tx:
        return _contents(tx, fingerprints=True)


@contextmanager
def opened(path: Path) -> Iterator[Tx]:
    """A copy, to be read only. Never for a live file."""
    try:
        connection = duckdb.connect(str(path), read_only=True)
        try:
            yield Tx(connection)
        finally:
            connection.close()
    except duckdb.Error as error:
        raise StoreDamaged(f"{path} cannot be read as a backup: {str(error).splitlines()[0]}") from error


def _record(folder: Path, now: datetime, copies: list[Contents], place: str, problems: tuple[str, ...]) -> None:
    """The record beside the copies: what they hold and their SHA-256."""
    held = dict(zip(NAMES, copies, strict=True))
    files = {name: {"sha256": _sha256(folder / name), "rows": held[name].rows} for name in NAMES}
    head = {"seq": copies[0].head.seq, "hash": copies[0].head.hash}
    record = {"made_at": now.isoformat(timespec="seconds"), "source": place, "files": files, "head": head,
              "audit": {"problems": list(problems)}}
    audit.write_whole(folder / RECORD, json.dumps(record, indent=1) + "\n")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read(path: Path) -> Backup:
    """The backup in this folder, every file compared with its record. Raises StoreDamaged with what differs."""
    try:
        record = json.loads((path / RECORD).read_text("utf-8"))
        for name, file in record["files"].items():
            if name not in NAMES or _sha256(path / name) != file["sha256"]:
                raise StoreDamaged(
                    f"The backup {path} is damaged: {name} is not as it was written. Use another backup."
                )
        rows = {name: file["rows"] for name, file in record["files"].items()}
        head = audit.Mark(record["head"]["seq"], record["head"]["hash"])
        problems = tuple(str(one) for one in record.get("audit", {}).get("problems", ()))
        return Backup(path, datetime.fromisoformat(record["made_at"]), rows, head, problems)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StoreDamaged(f"{path} is not a backup: it holds no readable {RECORD} with the files it names.") from error


def remove(path: Path) -> None:
    """Nothing; the backup is gone. It is no backup from the first moment on, however far the deletion comes."""
    aside = path.with_name(f".gone-{path.name}")
    try:
        path.rename(aside)
        shutil.rmtree(aside)
    except OSError as error:
        raise cannot_write(path, error) from error


def sweep(folder: Path) -> None:
    """Nothing; what a killed process left half made is gone: copies, deletions, drills. Asked by who has the store alone."""
    for path in (*folder.glob("backups/.partial-*"), *folder.glob("backups/.gone-*"), *folder.glob("drill-*")):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)


def every(folder: Path) -> list[Path]:
    """The folders of backups, newest first."""
    found = [path.parent for path in folder.glob(f"*/{RECORD}") if not path.parent.name.startswith(".")]
    return sorted(found, key=lambda path: path.name, reverse=True)


def newest(folder: Path) -> Backup | None:
    """The newest backup that still verifies, or None. One whose audit did not hold counts only where there is no other."""
    doubtful = None
    for path in every(folder):
        try:
            found = read(path)
        except StoreDamaged:
            continue
        if not found.problems:
            return found
        doubtful = doubtful or found
    return doubtful


def advice(folder: Path) -> str:
    """What to do when the files are damaged, with the newest verified backup named."""
    return advice_of(newest(folder), folder)


def advice_of(found: Backup | None, folder: Path) -> str:
    """The same, of the backup that was found in this folder."""
    if found is None:
        return f"There is no verified backup in {folder}; take the files from your own copies."
    return (f"The newest verified backup is {found.path}, made {found.made_at:%-d %B %Y %H:%M} UTC. "
            f"Restore it with: python -m scorecard restore {found.path}")

"""A store moves from its DuckDB file into PostgreSQL: all of it or nothing, and every row is read back and compared.

The file stays as it was. The database takes everything in one transaction, in which each table is compared row for row
and the audit is verified; a process that dies before its end leaves an empty database.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg

from scorecard.errors import StoreBusy, StoreDamaged, StoreError, UsageError
from scorecard.store import audit, backup, migrations
from scorecard.store.engine import Store, open_store
from scorecard.store.places import data_folder, head_file, is_postgres, shown
from scorecard.store.postgres import PostgresDatabase, PostgresUnit
from scorecard.store.tx import Tx

PAGE = 5_000
WHOLE = 2**53
Tell = Callable[[str], None]


@dataclass(frozen=True)
class Moved:
    """What was moved where: rows by table, and the head of the audit, which holds a row about the move."""

    place: str
    rows: dict[str, int]
    head: audit.Mark

    @property
    def total(self) -> int:
        """Rows in all tables."""
        return sum(self.rows.values())


def move(state: str | Path, facts: str | Path, target: str, actor: str, now: datetime, tell: Tell = lambda step: None) -> Moved:
    """The database at `target` holds what the state file holds. `tell` hears of each step.

    Raises StoreBusy while a server has the store, StoreDamaged when its audit does not hold, StoreError when the database is
    not empty or refuses something; the database is empty then, as it was before.
    """
    _check_places(state, target)
    source = _opened(state, facts)
    try:
        tell("the audit is verified")
        verdict = source.verify()
        if not verdict.ok:
            raise StoreDamaged(f"Nothing was moved: the audit of {state} does not hold. {verdict.problems[0]}")
        database = PostgresDatabase(target)
        try:
            moved = _moved(source, database, actor, now, tell)
        finally:
            database.close()
    finally:
        source.close()
    _keep_head(target, facts, moved)
    return moved


def _check_places(state: str | Path, target: str) -> None:
    if not is_postgres(target):
        raise UsageError("Name the database as --to postgresql://user@host:5432/database.")
    if is_postgres(state):
        raise UsageError(f"{shown(state)} is in PostgreSQL already. To bring it elsewhere: python -m scorecard backup, then restore there.")
    if not Path(state).is_file():
        raise UsageError(f"There is no store at {state}. SCORECARD_STATE names the file that moves.")


def _opened(state: str | Path, facts: str | Path) -> Store:
    try:
        return open_store(state, facts)
    except StoreBusy as busy:
        raise StoreBusy(f"Nothing was moved: nobody may write while the store moves. Stop the server first. {busy}") from busy


def _moved(source: Store, database: PostgresDatabase, actor: str, now: datetime, tell: Tell) -> Moved:
    with source.read() as old, database.unit() as unit:
        new = Tx(unit.cursor, actor, now, database)
        _check_empty(new, database.place)
        backup.create(new, migrations.STATE, migrations.applied(old))
        rows = {}
        for number, table in enumerate(names := backup.tables(old), start=1):
            tell(f"table {number} of {len(names)}: {table}")
            _pour(old, unit, table)
            rows[table] = _compare(old, unit, table)
        tell("the audit is verified in the database")
        before = audit.newest(old)
        verdict = audit.verify(new)
        if not verdict.ok or verdict.head != before:
            raise StoreDamaged(f"Nothing was moved: the audit in {database.place} is not the one of {source.place}.")
        head = _told(new, before, source.place, sum(rows.values()))
        unit.commit()
    return Moved(database.place, rows, head)


def _check_empty(new: Tx, place: str) -> None:
    """Nothing for a database without tables that writes Unicode. Raises StoreError otherwise."""
    found = [name for (name,) in new.all(
        "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema() ORDER BY table_name")]
    if found:
        raise StoreError(f"Nothing was moved: {place} is not empty (it has the tables {', '.join(found[:3])}{' …' if found[3:] else ''}). "
                         "Name a new database: createdb --encoding=UTF8 --template=template0 scorecard")
    (encoding,) = new.one("SHOW server_encoding")
    if encoding != "UTF8":
        raise StoreError(f"Nothing was moved: {place} writes {encoding}, which has not every letter. Make one with --encoding=UTF8.")


def _pour(old: Tx, unit: PostgresUnit, table: str) -> None:
    """Every row of a table, by COPY: the columns are the same in both."""
    columns = ", ".join(_columns(old, table))
    try:
        with unit.cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
            for row in _old_rows(old, f"SELECT {columns} FROM {table}"):
                copy.write_row(row)
    except psycopg.DataError as error:
        raise StoreError(f"Nothing was moved: the table {table} holds a text that PostgreSQL cannot hold "
                         f"({str(error).splitlines()[0]}). Change that entry, then move again.") from error


def _columns(old: Tx, table: str) -> list[str]:
    return [name for (name,) in old.all(
        "SELECT column_name FROM information_schema.columns WHERE table_schema = current_schema()"
        " AND table_catalog = current_database() AND table_name = $1 ORDER BY ordinal_position", (table,))]


def _old_rows(old: Tx, sql: str) -> Iterator[tuple]:
    old.cursor.execute(sql)
    while page := old.cursor.fetchmany(PAGE):
        yield from page


def _new_rows(unit: PostgresUnit, sql: str) -> Iterator[tuple]:
    with unit.cursor.connection.cursor(name="moved_rows") as rows:
        rows.itersize = PAGE
        rows.execute(sql)
        yield from rows


def _compare(old: Tx, unit: PostgresUnit, table: str) -> int:
    """How many rows a table holds, the same ones on both sides. Raises StoreDamaged with how many differ."""
    sql = f"SELECT {', '.join(_columns(old, table))} FROM {table}"
    there, here = (sorted(map(digest, rows)) for rows in (_old_rows(old, sql), _new_rows(unit, sql)))
    if there != here:
        lost, more = (len(a) - len(set(a) & set(b)) for a, b in ((there, here), (here, there)))
        raise StoreDamaged(f"Nothing was moved: the table {table} is not the same in the database: {lost:,} of {len(there):,} rows "
                           f"are not there as they were, {more:,} are there and were not.")
    return len(there)


def digest(row: tuple) -> bytes:
    """The fingerprint of a row: the same for the same values, however a database hands them out."""
    return hashlib.blake2b(json.dumps([_plain(value) for value in row], ensure_ascii=False).encode(), digest_size=16).digest()


def _plain(value: Any) -> Any:
    if isinstance(value, float | Decimal) and not isinstance(value, bool):
        number = float(value)
        return int(number) if number.is_integer() and abs(number) < WHOLE else repr(number)
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).hex()
    return [_plain(one) for one in value] if isinstance(value, list | tuple) else value


def _told(new: Tx, before: audit.Mark, place: str, count: int) -> audit.Mark:
    """The head of the audit after its row about the move, which stands in the same transaction."""
    rows = audit.rows_after(before, [audit.entry("move", "store", {"place": Path(place).name}, {"rows": count})], new.actor, new.now)
    new.many("INSERT INTO audit VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)", rows)
    return audit.Mark(rows[-1][0], rows[-1][-1])


def _keep_head(target: str, facts: str | Path, moved: Moved) -> None:
    """The head outside the store is that of the database: what an older one of its name may have left counts no more."""
    folder = data_folder(target, facts)
    if folder is not None:
        audit.Head(head_file(target, folder)).save(moved.head, again=True)

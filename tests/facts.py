"""Facts for tests: rows by column, put into the tables without a file, and copied to PostgreSQL."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from itertools import groupby
from typing import Any

from scorecard.core.facts import KINDS
from scorecard.store import migrations
from scorecard.store.engine import Store
from scorecard.store.tx import Tx

LOADED = datetime(2026, 11, 2, 6, 10)


def put(store: Store, loaded: datetime = LOADED, **tables: Sequence[Mapping[str, Any]]) -> None:
    """Nothing; the rows of each kind are in the facts store, as one load at a moment (UTC)."""
    with store.facts() as tx:
        for table, rows in tables.items():
            insert(tx, table, rows)
            tx.run("INSERT INTO fact_load VALUES ($1, $2, 'f.csv', 's', $3, 0, 0, NULL, NULL, $4)",
                   [uuid.uuid4().hex, table, len(rows), loaded])


def insert(tx: Tx, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Nothing; the rows are in the table, with a key where they have none."""
    columns = [column.name for column in KINDS[table].columns]
    key = KINDS[table].key[0]
    full = [{key: f"{table}-{number}", **row} for number, row in enumerate(rows)]
    for names, alike in groupby(full, tuple):
        assert not set(names) - set(columns), set(names) - set(columns)
        places = ", ".join(f"${number}" for number in range(1, len(names) + 3))
        tx.many(f"INSERT INTO {table} ({', '.join(names)}, load, row_number) VALUES ({places})", [(*row.values(), "l", 1) for row in alike])


def copy_to(server: Tx, tx: Tx) -> None:
    """Nothing; PostgreSQL has the same tables of facts with the same rows, and account_month as a table."""
    steps = [text for _, statements in migrations.FACTS for text in statements if text.startswith("CREATE TABLE")]
    for text in steps:
        server.run(re.sub(r"\bDOUBLE\b", "DOUBLE PRECISION", text))
    server.run("CREATE TABLE account_month (account_id VARCHAR, month DATE, mrr_start DOUBLE PRECISION, mrr_end DOUBLE PRECISION)")
    for table in (*KINDS, "fact_load", "account_month"):
        for row in tx.all(f"SELECT * FROM {table}"):
            places = ", ".join(f"${number}" for number in range(1, len(row) + 1))
            server.run(f"INSERT INTO {table} VALUES ({places})", list(row))


def day(text: str) -> date:
    return date.fromisoformat(text)

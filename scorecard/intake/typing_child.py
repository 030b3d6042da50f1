"""The child process that turns staged text into facts: typed Parquet for each kind, and the rows that were refused.

`python -m scorecard.intake.typing_child` reads one job as JSON on standard input and answers with one JSON object.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Collection, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from scorecard.core.facts import KINDS, NATURAL_KEYS, ROW_CHECKS, Column
from scorecard.core.mapping import Mapping, from_json
from scorecard.errors import FileRefused
from scorecard.intake import casts, cells
from scorecard.intake.casts import Cast, literal
from scorecard.intake.cells import Way
from scorecard.intake.native import duckdb
from scorecard.intake.parser import confine
from scorecard.intake.table import Limits
from scorecard.intake.telling import Teller, measurable

SPACES = " \t\r\n\u00a0\u2009\u202f\u2007"
MOST_TEXT = 2_000
MOST_GROUPS = 200
SHOWN_ROWS = 5
STANDS_FROM = 50_000  # rows: below, writing them once more costs nothing


class Part:
    """One mapping of a file on its way to typed rows."""

    def __init__(self, number: int, mapping: Mapping, columns: Sequence[str], plain: bool = False):
        self.number, self.mapping, self.kind = number, mapping, KINDS[mapping.kind]
        self.file_columns, self.plain = list(columns), plain
        self.constants = {name: casts.constant(self.kind.column(name), rule)[0]
                          for name, rule in mapping.rules.items() if rule.constant}
        self.casts = [self._cast(column) for column in self.kind.columns
                      if column.name in mapping.brings and column.name not in self.constants]
        self.rows, self.bytes_of_a_row = 0, 0.0
        _refuse_missing(self)

    def _cast(self, column: Column) -> Cast:
        rule = self.mapping.rule(column.name)
        way = Way(column.type, rule, month=column.name == "month", long=column.name in cells.LONG)
        place = self.mapping.columns.get(column.name, "")
        return Cast(column, f"t_{column.name}", way, place, column.required or column.name in self.kind.key, self.plain and bool(place))

    @property
    def source(self) -> str:
        return f"part_{self.number}"

    @property
    def brought(self) -> list[str]:
        """The fact columns that the typed rows have, without a key that has still to be made."""
        return [column.name for column in self.kind.columns if column.name in self.mapping.brings]

    @property
    def makes_key(self) -> bool:
        return self.kind.key[0] not in self.mapping.brings

    @property
    def whole(self) -> bool:
        """Whether every row of the file is one of this part, under a key of its own."""
        mapping = self.mapping
        return not (mapping.where or mapping.where_not or mapping.only_when or mapping.spread or self.makes_key)

    @property
    def values(self) -> dict[str, str]:
        """SQL of the value of each column that is brought."""
        found = {cast.name: cast.value_sql for cast in self.casts} | self.constants
        return {name: found[name] for name in self.brought}

    def cell(self, name: str) -> str:
        """SQL of the text in a file column."""
        try:
            return f"c{self.file_columns.index(name)}"
        except ValueError:
            raise FileRefused(f"the mapping names a column '{name}', and the file has none of that name. "
                              f"It has: {', '.join(self.file_columns[:12])}.") from None

    def create(self, con: duckdb.DuckDBPyConnection, path: Path) -> None:
        """Nothing; the view of this part holds the texts of its rows."""
        spread = self.mapping.spread
        first = "" if spread and spread.into == "month" else "-01"  # where a day is needed, a month is its first one
        sides = [(literal(text + first), self.cell(name)) for name, text in spread.columns.items()] if spread else [("''", "''")]
        rows = " UNION ALL ".join(self._side(path, *side) for side in sides)
        con.execute(f"CREATE VIEW {self.source} AS SELECT * FROM ({rows}) AS sides WHERE {self._wanted()}")

    def _side(self, path: Path, into: str, value: str) -> str:
        spread = self.mapping.spread
        texts = {cast.name: self.cell(cast.file_column) for cast in self.casts if cast.file_column}
        texts |= {spread.into: into, spread.value: value} if spread else {}
        asked = "".join(f", {text} AS t_{name}" for name, text in texts.items())
        where = [f"{'NOT ' * negated}lower(trim({self.cell(name)}, {literal(SPACES)})) IN ({', '.join(literal(v.strip().lower()) for v in values)})"
                 for negated, wanted in ((False, self.mapping.where), (True, self.mapping.where_not))
                 for name, values in wanted.items()]
        if spread:
            where.append(f"trim({value}, {literal(SPACES)}) <> ''")
        return f"SELECT row AS row_number{asked} FROM read_parquet({literal(str(path))}) WHERE {' AND '.join(where) or 'TRUE'}"

    def _wanted(self) -> str:
        filled = [f"trim(t_{name}, {literal(SPACES)}) <> ''" for name in self.mapping.only_when if name not in self.constants]
        # A row without anything in it is no row.
        return " AND ".join([*filled, "(" + " OR ".join(f"{cast.text} <> ''" for cast in self.casts) + ")"])


def _refuse_missing(part: Part) -> None:
    if not part.casts:
        raise FileRefused(f"no column goes to {part.kind.label}.")
    if part.mapping.part:
        return
    made = set(part.kind.key[:1]) if part.kind.table in NATURAL_KEYS else set()
    lacking = [column.label for column in part.kind.columns if column.required and column.name not in {*part.mapping.brings, *made}]
    if lacking:
        raise FileRefused(f"{part.kind.label}: no column goes to {' and '.join(lacking)}, which every row needs.")


# -- rows that can be taken as they stand

def reading(mapping: Mapping, columns: Sequence[str], blank: Collection[str]) -> tuple[tuple[str, str], ...]:
    """(name, SQL over the staged text) of every column of a part that stands; `blank` are those with blank cells."""
    part = Part(0, mapping, columns)
    read = {cast.name: casts.plain_sql(replace(cast, text=part.cell(cast.file_column), blank=int(cast.name in blank))) for cast in part.casts}
    values = read | part.constants
    return ("row_number", "row"), *((name, values[name]) for name in part.brought)


def _standing(con: duckdb.DuckDBPyConnection, part: Part) -> dict[str, Any] | None:
    """What came of a part whose staged text can be taken as it stands: each cell in its plainest form, each key once, all
    rows in order; None when it has to be typed. A moment depends on the zone of the database that reads it."""
    days = {cast.name: (cast.least, cast.most) for cast in part.casts if cast.column.type == "date"}
    if not part.whole or part.rows < STANDS_FROM or part.kind.dated_by not in days:
        return None
    if any(cast.others or cast.faults() or cast.column.type == "moment" for cast in part.casts):
        return None
    typed = f"(SELECT row_number, {', '.join(f'{value} AS {name}' for name, value in part.values.items())} FROM {part.source}) AS typed"
    if _breaks_a_rule(con, part, typed) or _has_repeats(con, part, typed):
        return None
    first, last = (day and day.isoformat() for day in days[part.kind.dated_by])
    blank = [cast.name for cast in part.casts if cast.blank]
    return {"stands": True, "blank": blank, "repeated": 0, "older": 0, "rows": part.rows, "first": first, "last": last}


# -- typed rows

def type_part(con: duckdb.DuckDBPyConnection, part: Part, out: Path) -> dict[str, Any]:
    """What came of one part: its typed rows are in `out` or stand in the text, its refused rows in the table `refused`."""
    told = _standing(con, part) or _typed(con, part, out)
    return {"kind": part.kind.table, "brings": [*part.kind.key[:1] * part.makes_key, *part.brought], **told}


def _typed(con: duckdb.DuckDBPyConnection, part: Part, out: Path) -> dict[str, Any]:
    for number, cast in enumerate(part.casts):
        if cast.others:
            casts.look_up(con, cast, f"seen_{part.number}_{number}")
    first = out.with_suffix(".first.parquet")
    faults = _write_typed(con, part, first)
    typed = f"read_parquet({literal(str(first))})"
    if not faults and not part.makes_key and not _breaks_a_rule(con, part, typed) and not _has_repeats(con, part, typed):
        first.rename(out)
        told = {"repeated": 0, "older": 0}
    else:
        told = _sift(con, part, typed, faults, out)
        first.unlink()
    return {"stands": False, **told, **_reach(con, part, out)}


def _write_typed(con: duckdb.DuckDBPyConnection, part: Part, out: Path) -> bool:
    """Whether a cell may be at fault; the file has a column `fault` then."""
    asked = "".join(f", {value} AS {name}" for name, value in part.values.items())
    joins = "".join(f" LEFT JOIN {cast.dictionary} ON {cast.dictionary}.text = {cast.text}" for cast in part.casts if cast.others)
    faults = [fault for cast in part.casts for fault in cast.faults()]
    fault = f", concat_ws('; ', {', '.join(faults)}) AS fault" if faults else ""
    options = casts.as_parquet(part.bytes_of_a_row)
    con.execute(f"COPY (SELECT row_number{asked}{fault} FROM {part.source}{joins}) TO {literal(str(out))} (FORMAT parquet, {options})")
    return bool(faults)


def _row_faults(part: Part) -> list[str]:
    """SQL of the rules that a whole row has to keep to: NULL, or the words."""
    there = set(part.brought)
    in_order = [f"CASE WHEN {first} > {last} THEN {literal(part.kind.column(last).label + ' ')} || strftime({last}, '%Y-%m-%d') || "
                f"{literal(' lies before ' + part.kind.column(first).label + ' ')} || strftime({first}, '%Y-%m-%d') END"
                for first, last in part.kind.in_order if {first, last} <= there]
    return in_order + [f"CASE WHEN {broken} THEN {literal(words)} END" for broken, words in ROW_CHECKS.get(part.kind.table, ())
                       if all(column.name in there for column in part.kind.columns if column.name in broken)]


def _breaks_a_rule(con: duckdb.DuckDBPyConnection, part: Part, typed: str) -> bool:
    rules = _row_faults(part)
    return bool(rules) and con.execute(
        f"SELECT 1 FROM {typed} WHERE {' OR '.join(f'({rule}) IS NOT NULL' for rule in rules)} LIMIT 1").fetchall() != []


def _has_repeats(con: duckdb.DuckDBPyConnection, part: Part, typed: str) -> bool:
    key = ", ".join(part.kind.key)
    return con.execute(f"SELECT 1 FROM {typed} GROUP BY {key} HAVING COUNT(*) > 1 LIMIT 1").fetchall() != []


# -- rows that are refused, repeated, or without an id of their own

def _sift(con: duckdb.DuckDBPyConnection, part: Part, typed: str, faults: bool, out: Path) -> dict[str, int]:
    """How many rows were repeated, and how many an older state; each key once is in `out`, refused rows in `refused`."""
    said = [*(["nullif(fault, '')"] if faults else []), *_row_faults(part)]
    judged, names = f"judged_{part.number}", ", ".join(part.brought)
    con.execute(f"CREATE TABLE {judged} AS SELECT row_number, {names}, nullif(concat_ws('; ', {', '.join(said) or 'NULL'}), '') AS reason FROM {typed}")
    con.execute(f"INSERT INTO refused SELECT row_number, reason FROM {judged} WHERE reason IS NOT NULL")
    good = f"SELECT row_number, {names} FROM {judged} WHERE reason IS NULL"
    if part.makes_key:
        good = _with_key(part, good)
        names = f"{part.kind.key[0]}, {names}"
    con.execute(f"CREATE TABLE good_{part.number} AS {good}")
    told = _one_a_key(con, part, f"good_{part.number}", names)
    con.execute(f"COPY (SELECT row_number, {names} FROM good_{part.number}) TO {literal(str(out))} (FORMAT parquet, COMPRESSION snappy)")
    con.execute(f"DROP TABLE {judged}")
    con.execute(f"DROP TABLE good_{part.number}")
    return told


def _with_key(part: Part, good: str) -> str:
    """The rows with a key made of what names them; rows that are named alike are counted, in an order that is theirs and
    not the file's."""
    wanted = part.mapping.key_from or NATURAL_KEYS[part.kind.table]
    named = [name for name in wanted if name in part.brought] or part.brought
    before = part.mapping.rule(part.kind.key[0]).prefix
    text = f"{literal(before)} || concat_ws('|', {', '.join(f'CAST({name} AS VARCHAR)' for name in named)})"
    others = ", ".join([*(name for name in part.brought if name not in named), "row_number"])
    return (f"SELECT row_number, {text} || CASE WHEN nth = 1 THEN '' ELSE '#' || nth END AS {part.kind.key[0]}, {', '.join(part.brought)} FROM ("
            f"SELECT *, row_number() OVER (PARTITION BY {', '.join(named)} ORDER BY {others}) AS nth FROM ({good}) AS good) AS counted")


def _one_a_key(con: duckdb.DuckDBPyConnection, part: Part, good: str, names: str) -> dict[str, int]:
    """How many rows said the same again, and how many were an older state. Keys that contradict themselves are refused."""
    key = ", ".join(part.kind.key)
    on_key = " AND ".join(f"row_of.{name} = several.{name}" for name in part.kind.key)
    before = con.execute(f"SELECT COUNT(*) FROM {good}").fetchall()[0][0]
    con.execute(f"""DELETE FROM {good} WHERE row_number IN (
        SELECT row_number FROM (SELECT row_number, row_number() OVER (PARTITION BY {names} ORDER BY row_number) AS nth
                                FROM {good} AS row_of WHERE EXISTS (SELECT 1 FROM (SELECT {key} FROM {good} GROUP BY {key} HAVING COUNT(*) > 1)
                                                                    AS several WHERE {on_key})) AS counted WHERE nth > 1)""")
    repeated = before - con.execute(f"SELECT COUNT(*) FROM {good}").fetchall()[0][0]
    older = _drop_older(con, part, good) if part.mapping.latest_by in part.brought else 0
    shown = " || ' ' || ".join(f"CAST(row_of.{name} AS VARCHAR)" for name in part.kind.key)
    several = f"(SELECT {key}, COUNT(*) AS rows, MIN(row_number) AS first, MAX(row_number) AS last FROM {good} GROUP BY {key} HAVING COUNT(*) > 1) AS several"
    con.execute(f"""INSERT INTO refused SELECT row_of.row_number, {literal(part.kind.column(part.kind.key[0]).label + ' ')} || '''' || {shown} || ''''
                        || ' has ' || several.rows || ' rows that differ (' || several.first || ' to ' || several.last || ')'
                    FROM {good} AS row_of JOIN {several} ON {on_key}""")
    con.execute(f"DELETE FROM {good} AS row_of USING {several} WHERE {on_key}")
    return {"repeated": repeated, "older": older}


def _drop_older(con: duckdb.DuckDBPyConnection, part: Part, good: str) -> int:
    by, on_key = part.mapping.latest_by, " AND ".join(f"row_of.{name} = latest.{name}" for name in part.kind.key)
    before = con.execute(f"SELECT COUNT(*) FROM {good}").fetchall()[0][0]
    con.execute(f"""DELETE FROM {good} AS row_of USING (
                        SELECT {', '.join(part.kind.key)}, MAX({by}) AS day FROM {good} GROUP BY {', '.join(part.kind.key)} HAVING COUNT(*) > 1) AS latest
                    WHERE {on_key} AND row_of.{by} IS DISTINCT FROM latest.day""")
    return before - con.execute(f"SELECT COUNT(*) FROM {good}").fetchall()[0][0]


def _reach(con: duckdb.DuckDBPyConnection, part: Part, out: Path) -> dict[str, Any]:
    day = part.kind.dated_by
    days = f"CAST(CAST(MIN({day}) AS DATE) AS VARCHAR), CAST(CAST(MAX({day}) AS DATE) AS VARCHAR)" if day in part.brought else "NULL, NULL"
    rows, first, last = con.execute(f"SELECT COUNT(*), {days} FROM read_parquet({literal(str(out))})").fetchall()[0]
    return {"rows": rows, "first": first, "last": last}


# -- the whole file

def type_file(con: duckdb.DuckDBPyConnection, job: dict[str, Any]) -> dict[str, Any]:
    """The answer to one job. Raises FileRefused."""
    path, outs = Path(job["path"]), [Path(out) for out in job["outs"]]
    parts = [Part(number, from_json(said), job["columns"], job["plain"]) for number, said in enumerate(job["mappings"])]
    for part in parts:
        part.create(con, path)
        part.rows = casts.look(con, part.source, part.casts)
        part.bytes_of_a_row = path.stat().st_size / max(part.rows, 1)
    everything = [cast for part in parts for cast in part.casts]
    questions = casts.decide(everything, job["typed"])
    if questions:
        return {"questions": [asdict(one) for one in questions]}
    for part in parts:
        with_comma = [cast for cast in part.casts if cast.way.decimal == "," and cast.column.type in ("number", "money")]
        if with_comma:
            casts.look(con, part.source, with_comma)
    con.execute("CREATE TABLE refused (row_number BIGINT, reason VARCHAR)")
    told = [type_part(con, part, out) for part, out in zip(parts, outs)]
    for part, one in zip(parts, told):
        one["read"] = part.rows
    return {"parts": told, **_write_refused(con, job, path)}


def _write_refused(con: duckdb.DuckDBPyConnection, job: dict[str, Any], path: Path) -> dict[str, Any]:
    """How many rows of the file were refused, by reason; they are in the file `refused`, with their text."""
    if job["odd"]:
        con.executemany("INSERT INTO refused VALUES (?, ?)", [(number, reason) for number, _, reason in job["odd"]])
    con.execute("CREATE TABLE odd (row_number BIGINT, text VARCHAR)")
    if job["odd"]:
        con.executemany("INSERT INTO odd VALUES (?, ?)", [(number, text) for number, text, _ in job["odd"]])
    cells_text = ", ".join(f"c{i}" for i in range(len(job["columns"])))
    con.execute(f"""COPY (
        SELECT said.row_number, left(COALESCE(odd.text, concat_ws(',', {cells_text}), ''), {MOST_TEXT}) AS text, said.reason
        FROM (SELECT row_number, string_agg(DISTINCT reason, '; ' ORDER BY reason) AS reason FROM refused GROUP BY row_number) AS said
        LEFT JOIN odd ON odd.row_number = said.row_number
        LEFT JOIN read_parquet({literal(str(path))}) AS whole ON whole.row = said.row_number
        ORDER BY said.row_number) TO {literal(job["refused"])} (FORMAT parquet, COMPRESSION snappy)""")
    count = con.execute("SELECT COUNT(DISTINCT row_number) FROM refused").fetchall()[0][0]
    groups = con.execute(f"""SELECT COUNT(*), MIN_BY(reason, row_number), MIN(row_number, {SHOWN_ROWS}) FROM refused
        GROUP BY regexp_replace(regexp_replace(reason, '''[^'']*''', '', 'g'), '[0-9][0-9.,-]*', '', 'g')
        ORDER BY COUNT(*) DESC, MIN(row_number) LIMIT {MOST_GROUPS}""").fetchall()
    return {"refused_rows": count, "reasons": groups}


def connect(limits: Limits, spill: Path) -> duckdb.DuckDBPyConnection:
    """A database in memory within the limits, that reaches the staging folder and nothing else."""
    con = duckdb.connect()
    measurable(con)
    con.execute(f"SET memory_limit = '{limits.memory // 2 // 1_000_000}MB'")
    con.execute("SET threads = 2")
    con.execute("SET TimeZone = 'UTC'")
    con.execute(f"SET temp_directory = {literal(str(spill))}")
    con.execute(f"SET allowed_directories = [{literal(str(spill.parent) + '/')}]")
    con.execute("SET enable_external_access = false")
    con.execute("SET lock_configuration = true")
    return con


def main() -> None:
    """One job in, one answer out; a refusal is an answer."""
    job = json.loads(sys.stdin.read())
    limits = Limits(**job["limits"])
    confine(limits)
    try:
        con = connect(limits, Path(job["spill"]))
        with Teller(job.get("tell")).following(con, job["rows"]):
            answer = type_file(con, job)
    except FileRefused as error:
        answer = {"refused": str(error)}
    except (MemoryError, duckdb.OutOfMemoryException):
        answer = {"refused": f"typing it takes more than {limits.memory / 1e6:,.0f} MB of memory. Split it."}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()

"""Figures and what people decided about them: goals, phases, limits, exclusions, notes, recorded readings.

Nothing here is overwritten: a changed figure, goal, limit or exclusion is a new row, and the newest one counts.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from scorecard.core.definition import Goal
from scorecard.core.periods import Period
from scorecard.core.rollup import StoredFigure
from scorecard.store.engine import Tx

CHUNK = 100


@dataclass(frozen=True)
class GoalRecord:
    """A goal from a period on; `value` None takes the goal of that start back."""

    measure: str
    start: Period
    version: int
    value: float | None
    red: float | None
    yellow: float | None
    source: str
    reason: str
    author: str
    recorded_at: datetime


@dataclass(frozen=True)
class PhaseTitle:
    """A decision about a new phase; `answers` are the four questions, in their order in `QUESTIONS`."""

    measure: str
    segment: str
    start: Period
    title: str
    author: str
    answers: dict[str, bool]
    recorded_at: datetime

    @property
    def approved(self) -> bool:
        """True when all four answers were yes: only then are there new limits from `start` on."""
        return bool(self.answers) and all(self.answers.values())


@dataclass(frozen=True)
class LimitsRecord:
    """Limits that were locked: who, when, why, from which figures. The highest version of a start is in force."""

    measure: str
    segment: str
    version: int
    start: Period
    end: Period | None
    baseline_from: Period
    baseline_to: Period
    n: int
    excluded: tuple[Period, ...]
    centre: float
    lower: float | None
    upper: float | None
    range_centre: float | None
    range_upper: float | None
    sigma_z: float | None
    factor: float
    method: str
    author: str
    reason: str
    baseline_hash: str
    recorded_at: datetime


@dataclass(frozen=True)
class Exclusion:
    """A period that counts towards no limit (`excluded`), or does again, with the written cause."""

    measure: str
    segment: str
    period: Period
    version: int
    excluded: bool
    cause: str
    author: str
    recorded_at: datetime


@dataclass(frozen=True)
class Note:
    """What happened on a day, beside the figures of a period."""

    id: str
    measure: str
    period: Period
    happened: date
    text: str
    author: str
    recorded_at: datetime
    withdrawn_at: datetime | None


def _places(count: int, first: int = 1) -> str:
    return ", ".join(f"${n}" for n in range(first, first + count))


def figures(tx: Tx, measures: Sequence[str], as_of: datetime | None = None) -> list[StoredFigure]:
    """The newest figure of every measure, period, segment, team and person, in one query, in order of time.

    With `as_of`, the newest that was loaded by that moment.
    """
    if not measures:
        return []
    rows = tx.all(
        f"""SELECT measure, grain, starts, segment, team, csm, value, numerator, denominator, load, loaded_at,
                   COALESCE(partial, FALSE), place
            FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY measure, starts, segment, team, csm
                                               ORDER BY loaded_at DESC, load DESC) AS place
                  FROM figure
                  WHERE measure IN ({_places(len(measures), 2)}) AND loaded_at <= $1) AS ranked
            WHERE place <= 2
            ORDER BY measure, starts, segment, team, csm, place""",
        [as_of or datetime.max, *measures],
    )
    return _with_earlier(rows)


def _with_earlier(rows: Sequence[tuple]) -> list[StoredFigure]:
    """The newest figure of each place; the one before it, where there is one, is the next row."""
    periods: dict[tuple[date, str], Period] = {}
    found: list[StoredFigure] = []
    for row in rows:
        if row[-1] == 1:
            found.append(_figure(row, periods))
        elif not row[-2]:  # A figure in part that becomes whole is no restatement.
            found[-1] = found[-1]._replace(earlier=row[6:9])
    return found


def every_figure(tx: Tx, measure: str, since: date) -> list[StoredFigure]:
    """Every whole figure of a measure, of periods since a day, that was ever loaded, in the order in which they came: what was known when."""
    rows = tx.all(
        """SELECT grain, starts, segment, team, csm, value, numerator, denominator, load, loaded_at FROM figure
           WHERE measure = $1 AND starts >= $2 AND NOT COALESCE(partial, FALSE) ORDER BY loaded_at, load""",
        [measure, since],
    )
    return [StoredFigure(measure, Period(starts, grain), *rest) for grain, starts, *rest in rows]


class PersonCount(NamedTuple):
    """What one person came to in one period: the newest figure, of the whole or of its parts added up."""

    measure: str
    period: Period
    csm: str
    numerator: float | None
    denominator: float | None
    partial: bool


def with_people(tx: Tx, until: date) -> dict[str, date]:
    """The measures that have figures of single people, each with the first day of its last period that began by the day."""
    return dict(tx.all("SELECT measure, MAX(starts) FROM figure WHERE csm <> '' AND starts <= $1 GROUP BY measure ORDER BY measure", [until]))


def person_counts(tx: Tx, measures: Sequence[str], since: date, until: date) -> list[PersonCount]:
    """The counts of each person in the periods that began from a day to a day: the row of the person alone, else the sum of its parts."""
    if not measures:
        return []
    rows = tx.all(
        f"""SELECT measure, grain, starts, csm, segment, team, numerator, denominator, COALESCE(partial, FALSE)
            FROM figure WHERE csm <> '' AND starts >= $1 AND starts <= $2 AND measure IN ({_places(len(measures), 3)})
            ORDER BY loaded_at, load""",
        [since, until, *measures],
    )
    newest = {row[:6]: row[6:] for row in rows}  # of the same place the newest load comes last
    parts: dict[tuple, list[tuple]] = {}
    for (*place, segment, team), said in newest.items():
        parts.setdefault((*place, bool(segment or team)), []).append(said)
    return _alone_or_together(parts)


def _alone_or_together(parts: Mapping[tuple, list[tuple]]) -> list[PersonCount]:
    periods: dict[tuple[date, str], Period] = {}
    found = []
    for (measure, grain, starts, csm, divided), said in sorted(parts.items(), key=lambda one: one[0]):
        if divided and (measure, grain, starts, csm, False) in parts:
            continue
        tops, bottoms, partial = zip(*said, strict=True)
        period = periods.get((starts, grain)) or periods.setdefault((starts, grain), Period(starts, grain))
        found.append(PersonCount(measure, period, csm, _sum(tops), _sum(bottoms), any(partial)))
    return found


def _sum(parts: Sequence[float | None]) -> float | None:
    return None if None in parts else sum(parts)


def grain(tx: Tx, measure: str) -> str | None:
    """The grain of a measure's figures, None before the first."""
    row = tx.one("SELECT MIN(grain) FROM figure WHERE measure = $1", [measure])
    return row[0] if row else None


def parts(tx: Tx) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Measure -> (grain, segments with "" for all together) of every measure that has figures."""
    found: dict[str, tuple[str, tuple[str, ...]]] = {}
    for measure, grain, segment in tx.all("SELECT DISTINCT measure, grain, segment FROM figure ORDER BY 1, 3"):
        found[measure] = (grain, (*found.get(measure, ("", ()))[1], segment))
    return found


def _figure(row: tuple, periods: dict[tuple[date, str], Period]) -> StoredFigure:
    """One figure; periods that were met before are used again, since hashing and comparing them is most of the cost."""
    measure, grain, starts, segment, team, csm, value, numerator, denominator, load, at, partial, _ = row
    period = periods.get((starts, grain)) or periods.setdefault((starts, grain), Period(starts, grain))
    return StoredFigure(measure, period, segment, team, csm, value, numerator, denominator, load, at, None, partial)


def add_goal(
    tx: Tx,
    measure: str,
    start: Period,
    value: float | None,
    red: float | None,
    yellow: float | None,
    source: str,
    reason: str,
) -> int:
    """The version of a goal that counts from `start` on."""
    (version,) = tx.one(
        "SELECT COALESCE(MAX(version), 0) + 1 FROM goal WHERE measure = $1 AND starts = $2", [measure, start.start]
    )
    tx.run(
        """INSERT INTO goal (measure, starts, version, value, red, yellow, source, reason, author, recorded_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)""",
        [measure, start.start, version, value, red, yellow, source, reason, tx.actor, tx.now],
    )
    return version


def add_first_goals(tx: Tx, found: Mapping[str, Sequence[Goal]], reason: str) -> None:
    """Nothing; goals by measure are recorded as the first versions, in a store that has none."""
    tx.many(
        """INSERT INTO goal (measure, starts, version, value, red, yellow, source, reason, author, recorded_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)""",
        [
            (name, one.start, 1, one.value, one.red, one.yellow, one.source, reason, tx.actor, tx.now)
            for name, goals in found.items()
            for one in goals
        ],
    )


def goals(tx: Tx, grains: Mapping[str, str]) -> list[GoalRecord]:
    """Every version of every goal of these measures (name -> grain), the oldest start first."""
    if not grains:
        return []
    rows = tx.all(
        f"""SELECT measure, starts, version, value, red, yellow, source, reason, author, recorded_at
            FROM goal WHERE measure IN ({_places(len(grains))}) ORDER BY measure, starts, version""",
        list(grains),
    )
    return [GoalRecord(row[0], Period(row[1], grains[row[0]]), *row[2:]) for row in rows]


def put_phase(tx: Tx, measure: str, segment: str, start: Period, title: str, answers: Mapping[str, bool]) -> None:
    """A decision about a new phase, in place of an earlier one about the same start."""
    tx.run("DELETE FROM phase WHERE measure = $1 AND segment = $2 AND starts = $3", [measure, segment, start.start])
    tx.run(
        """INSERT INTO phase (measure, segment, starts, title, answers, author, recorded_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7)""",
        [measure, segment, start.start, title, json.dumps(dict(answers)), tx.actor, tx.now],
    )


def phases(tx: Tx, grains: Mapping[str, str]) -> list[PhaseTitle]:
    """Every decision about a new phase of these measures (name -> grain), the oldest first."""
    if not grains:
        return []
    rows = tx.all(
        f"""SELECT measure, segment, starts, title, author, answers, recorded_at
            FROM phase WHERE measure IN ({_places(len(grains))}) ORDER BY measure, segment, starts""",
        list(grains),
    )
    return [
        PhaseTitle(m, segment, Period(starts, grains[m]), title, author, json.loads(answers), at)
        for m, segment, starts, title, author, answers, at in rows
    ]


def add_limits(tx: Tx, record: LimitsRecord) -> LimitsRecord:
    """The record as it was stored: with its version, author and time."""
    (version,) = tx.one(
        "SELECT COALESCE(MAX(version), 0) + 1 FROM limits WHERE measure = $1 AND segment = $2",
        [record.measure, record.segment],
    )
    r = record
    tx.run(
        """INSERT INTO limits (measure, segment, version, starts, ends, baseline_from, baseline_to, n, excluded,
                               centre, lower_limit, upper_limit, range_centre, range_upper, sigma_z, factor, method,
                               author, reason, baseline_hash, recorded_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)""",
        [
            r.measure,
            r.segment,
            version,
            r.start.start,
            r.end and r.end.start,
            r.baseline_from.start,
            r.baseline_to.start,
            r.n,
            json.dumps([str(p.start) for p in r.excluded]),
            r.centre,
            r.lower,
            r.upper,
            r.range_centre,
            r.range_upper,
            r.sigma_z,
            r.factor,
            r.method,
            r.author,
            r.reason,
            r.baseline_hash,
            tx.now,
        ],
    )
    return LimitsRecord(**{**vars(record), "version": version, "recorded_at": tx.now})


def end_limits(tx: Tx, measure: str, segment: str, last: Period) -> None:
    """Writes into the open records of earlier phases which period was their last."""
    tx.run(
        "UPDATE limits SET ends = $3 WHERE measure = $1 AND segment = $2 AND starts <= $3 AND ends IS NULL",
        [measure, segment, last.start],
    )


def limits(tx: Tx, grains: Mapping[str, str]) -> list[LimitsRecord]:
    """Every version of every limits record of these measures (name -> grain), in order of version."""
    if not grains:
        return []
    rows = tx.all(
        f"""SELECT measure, segment, version, starts, ends, baseline_from, baseline_to, n, excluded, centre,
                   lower_limit, upper_limit, range_centre, range_upper, sigma_z, factor, method, author, reason,
                   baseline_hash, recorded_at
            FROM limits WHERE measure IN ({_places(len(grains))}) ORDER BY measure, segment, version""",
        list(grains),
    )
    return [_limits(row, grains[row[0]]) for row in rows]


def _limits(row: tuple, grain: str) -> LimitsRecord:
    measure, segment, version, starts, ends, first, last, n, excluded, *rest = row
    ghosts = tuple(Period(date.fromisoformat(text), grain) for text in json.loads(excluded))
    return LimitsRecord(
        measure,
        segment,
        version,
        Period(starts, grain),
        ends and Period(ends, grain),
        Period(first, grain),
        Period(last, grain),
        n,
        ghosts,
        *rest,
    )


def add_exclusion(tx: Tx, measure: str, segment: str, period: Period, excluded: bool, cause: str) -> int:
    """The version of the newest word on whether a period counts towards limits."""
    (version,) = tx.one(
        "SELECT COALESCE(MAX(version), 0) + 1 FROM exclusion WHERE measure = $1 AND segment = $2 AND starts = $3",
        [measure, segment, period.start],
    )
    tx.run(
        """INSERT INTO exclusion (measure, segment, starts, version, excluded, cause, author, recorded_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8)""",
        [measure, segment, period.start, version, excluded, cause, tx.actor, tx.now],
    )
    return version


def exclusions(tx: Tx, grains: Mapping[str, str]) -> list[Exclusion]:
    """Every word on exclusions of these measures (name -> grain), in order of version."""
    if not grains:
        return []
    rows = tx.all(
        f"""SELECT measure, segment, starts, version, excluded, cause, author, recorded_at
            FROM exclusion WHERE measure IN ({_places(len(grains))}) ORDER BY measure, segment, starts, version""",
        list(grains),
    )
    return [Exclusion(row[0], row[1], Period(row[2], grains[row[0]]), *row[3:]) for row in rows]


def add_note(tx: Tx, id: str, measure: str, period: Period, happened: date, text: str) -> None:
    """Stores a note; its author and time are the transaction's."""
    tx.run(
        """INSERT INTO note (id, measure, starts, happened, text, author, recorded_at, withdrawn_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, NULL)""",
        [id, measure, period.start, happened, text, tx.actor, tx.now],
    )


def withdraw_note(tx: Tx, id: str) -> None:
    """Marks a note as withdrawn; it stays readable in the audit."""
    tx.run("UPDATE note SET withdrawn_at = $2 WHERE id = $1 AND withdrawn_at IS NULL", [id, tx.now])


def note(tx: Tx, id: str) -> Note | None:
    """The note with this id, withdrawn or not; its period is the day it starts on."""
    row = tx.one(
        "SELECT id, measure, starts, happened, text, author, recorded_at, withdrawn_at FROM note WHERE id = $1", [id]
    )
    return Note(row[0], row[1], Period(row[2], "day"), *row[3:]) if row else None


def notes(tx: Tx, grains: Mapping[str, str]) -> list[Note]:
    """The notes of these measures (name -> grain) that were not withdrawn, by the day they are about."""
    if not grains:
        return []
    rows = tx.all(
        f"""SELECT id, measure, starts, happened, text, author, recorded_at, withdrawn_at
            FROM note WHERE measure IN ({_places(len(grains))}) AND withdrawn_at IS NULL
            ORDER BY happened, recorded_at, id""",
        list(grains),
    )
    return [Note(row[0], row[1], Period(row[2], grains[row[1]]), *row[3:]) for row in rows]


def recorded(
    tx: Tx, measures: Sequence[str], starts: Iterable[date] | None = None, segment: str | None = None
) -> dict[tuple[str, str, date], str]:
    """What periods said: (measure, segment, first day) -> body. Of all periods and segments, or of these."""
    days = None if starts is None else sorted(set(starts))
    if not measures or days == []:
        return {}
    sql = f"SELECT measure, segment, starts, body FROM reading WHERE measure IN ({_places(len(measures))})"
    params: list = list(measures)
    if days:
        sql += f" AND starts IN ({_places(len(days), len(params) + 1)})"
        params += days
    if segment is not None:
        sql += f" AND segment = ${len(params) + 1}"
        params.append(segment)
    return {(measure, part, start): body for measure, part, start, body in tx.all(sql, params)}


def recorded_keys(tx: Tx, measures: Sequence[str]) -> set[tuple[str, str, date]]:
    """Which (measure, segment, first day) have a recorded reading."""
    if not measures:
        return set()
    return set(
        tx.all(
            f"SELECT measure, segment, starts FROM reading WHERE measure IN ({_places(len(measures))})", list(measures)
        )
    )


def record_readings(tx: Tx, bodies: Mapping[tuple[str, str, date], str]) -> None:
    """Stores what periods said. A period that has a record keeps it: the first word stays."""
    rows = [(*key, body, tx.now) for key, body in bodies.items()]
    for first in range(0, len(rows), CHUNK):
        chunk = rows[first : first + CHUNK]
        groups = ", ".join(f"({_places(5, 1 + 5 * n)})" for n in range(len(chunk)))
        tx.run(
            f"""INSERT INTO reading (measure, segment, starts, body, recorded_at) VALUES {groups}
                ON CONFLICT (measure, segment, starts) DO NOTHING""",
            [value for row in chunk for value in row],
        )


def forget_reading(tx: Tx, measure: str, start: date) -> None:
    """Removes the record of a period that is still the latest one: until a newer one closes it, it has none."""
    tx.run("DELETE FROM reading WHERE measure = $1 AND starts = $2", [measure, start])


def set_rules(tx: Tx, scorecard: str, rule_set: str | None) -> None:
    """Gives a scorecard its own rule set, or (None) the organisation's."""
    tx.run("UPDATE scorecard SET rule_set = $2, version = version + 1 WHERE id = $1", [scorecard, rule_set])


def organisation(tx: Tx) -> tuple[str, str, bool]:
    """(rule set, time zone, whether the figures are the sample's); defaults before the first start."""
    return tx.one("SELECT rule_set, time_zone, sample FROM organisation WHERE id = 1") or ("wheeler", "UTC", False)


def definition_versions(tx: Tx) -> dict[str, int]:
    """The newest version of every definition by measure."""
    return dict(tx.all("SELECT measure, MAX(version) FROM definition GROUP BY measure"))


def load_of(tx: Tx, load: str) -> tuple[str, datetime] | None:
    """(file name, when) of one load."""
    return tx.one("SELECT file_name, loaded_at FROM load WHERE id = $1", [load])


def has_figures(tx: Tx) -> bool:
    """Whether any figure was ever loaded."""
    return tx.one("SELECT 1 FROM figure LIMIT 1") is not None

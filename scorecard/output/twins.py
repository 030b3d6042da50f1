"""The CSV and JSON twins of what a page shows: the same figures in full precision, the same words."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from scorecard.core.reading import STATUSES, goal_of, to_json
from scorecard.metrics import MeasureView, Row, ScorecardView

_INVISIBLE = (
    " \u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u200b\u200c\u200d\u2060\u3000\ufeff"
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")

ROW_COLUMNS = (
    "slot",
    "measure",
    "label",
    "kind",
    "system",
    "owner",
    "unit",
    "period",
    "value",
    "numerator",
    "denominator",
    "goal",
    "centre",
    "lower",
    "upper",
    "baseline",
    "variation",
    "capability",
    "status",
    "was_status",
    "signal",
    "since",
    "verb",
    "sentence",
    "carried_by",
    "restated",
    "partial",
    "read_then",
)
POINT_COLUMNS = (
    "period",
    "value",
    "numerator",
    "denominator",
    "range",
    "centre",
    "lower",
    "upper",
    "goal",
    "excluded",
    "partial",
    "phase",
    "signals",
)


def guarded(value: Any) -> Any:
    """A cell of a CSV file: text that a spreadsheet could run as a formula gets a leading apostrophe.

    One that has apostrophes before its formula gets one more, so that `unguarded` gives each text back.
    """
    if not isinstance(value, str):
        return value
    return "'" + value if value.lstrip(_INVISIBLE + "'").startswith(_FORMULA) else value


def unguarded(value: str) -> str:
    """A cell of a CSV file as it was before `guarded`."""
    bare = value[1:]
    return bare if value.startswith("'") and guarded(bare) != bare else value


def csv_text(columns: Iterable[str], rows: Iterable[Iterable[Any]]) -> str:
    """A CSV file with a head line; empty cells for what is missing, numbers as numbers."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([guarded(column) for column in columns])
    for row in rows:
        writer.writerow(["" if cell is None else guarded(_plain(cell)) for cell in row])
    return out.getvalue()


def json_text(body: dict) -> str:
    """One JSON object; NaN and infinity are refused, dates are ISO text."""
    return json.dumps(body, default=_plain, allow_nan=False, ensure_ascii=False)


def _plain(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    return value if isinstance(value, (int, float, str)) else str(value)


def row_json(row: Row) -> dict:
    """One measure of the scorecard: figures in full precision and the words on screen."""
    measure, reading = row.measure, row.reading
    point = next((p for p in reversed(row.chart.points) if p.period == row.period), None)
    return {
        "slot": row.slot,
        "measure": measure.name,
        "label": measure.label,
        "kind": measure.kind,
        "system": measure.system,
        "owner": measure.owner,
        "unit": measure.unit,
        "period": str(row.period),
        "value": row.value,
        "numerator": row.numerator,
        "denominator": row.denominator,
        "goal": reading.goal.value if reading.goal else None,
        "centre": point.centre if point else None,
        "lower": point.lower if point else None,
        "upper": point.upper if point else None,
        "baseline": row.chart.phases[-1].baseline.state if row.chart.phases else "none",
        "variation": reading.variation,
        "capability": reading.capability,
        "status": reading.status,
        "was_status": row.was_status,
        "signal": reading.signal,
        "since": str(reading.since) if reading.since else None,
        "verb": reading.verb,
        "sentence": reading.sentence.text,
        "carried_by": row.carried_by or None,
        "restated": row.restated,
        "partial": row.partial,
        "read_then": row.read_then,
    }


def scorecard_json(view: ScorecardView) -> dict:
    """The scorecard as one object: what the page says, and every row."""
    return {
        "scorecard": view.id,
        "name": view.name,
        "period": str(view.period),
        "segment": view.segment or "All",
        "data_to": view.data_to,
        "loaded_at": view.loaded_at,
        "rule_set": view.rule_set,
        "sample": view.sample,
        "sentences": [sentence.text for sentence in view.sentences],
        "counts": {STATUSES[status]: count for status, count in view.counts.items()},
        "measures": [row_json(row) for row in (*view.results, *view.drivers)],
        "footer": [sentence.text for sentence in view.footer],
        "notices": list(view.notices),
        "periods": [str(period) for period in view.periods],
        "segments": list(view.segments),
    }


def scorecard_csv(view: ScorecardView) -> str:
    """The scorecard as CSV: one line a measure."""
    rows = [row_json(row) for row in (*view.results, *view.drivers)]
    return csv_text(ROW_COLUMNS, ([row[column] for column in ROW_COLUMNS] for row in rows))


def measure_json(view: MeasureView) -> dict:
    """A measure as one object: its chart as `chart --json` prints it, with goals, notes, segments and changes."""
    chart = to_json(view.row.chart, view.row.reading)
    return chart | {
        "measure": row_json(view.row),
        "definition_version": view.definition_version,
        "source": view.source,
        "process_changes": [
            {"from": phase.start, "title": phase.title, "author": phase.author} for phase in view.phases
        ],
        "goals": [
            {"from": goal.start, "value": goal.value, "source": goal.source, "author": goal.author}
            for goal in view.goals
        ],
        "notes": [
            {
                "happened": note.happened,
                "text": note.text,
                "author": note.author,
                "withdrawn": note.withdrawn_at is not None,
            }
            for note in view.notes
        ],
        "segments": [
            {
                "segment": part.name,
                "variation": part.reading.variation,
                "value": part.reading.value,
                "sentence": part.reading.sentence.text,
            }
            for part in view.segments
        ],
        "changes": [
            {"when": change.when, "who": change.who, "what": change.what, "reason": change.reason}
            for change in view.history
        ],
        "notices": [*chart.get("notices", []), *view.notices],
    }


def measure_csv(view: MeasureView) -> str:
    """A measure as CSV: one line a period, missing periods with an empty value."""
    return csv_text(POINT_COLUMNS, (_point(view, point) for point in view.row.chart.points))


def _point(view: MeasureView, point: Any) -> list[Any]:
    goal = goal_of(view.row.measure.targets, point.period)
    signals = " ".join(dict.fromkeys(signal.rule for signal in point.signals))
    return [
        str(point.period),
        point.value,
        point.numerator,
        point.denominator,
        point.range,
        point.centre,
        point.lower,
        point.upper,
        goal.value if goal else None,
        point.excluded,
        point.partial,
        point.phase,
        signals,
    ]

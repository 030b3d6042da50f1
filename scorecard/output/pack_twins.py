"""The JSON and CSV of a pack: every figure in full precision, the words, the decisions and the signature."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from scorecard.actions import Action
from scorecard.core.frozen import Signature
from scorecard.output import twins
from scorecard.reviews.model import Beside, Changes, Item, Maturity, Month, Told

CSV_COLUMNS = (*twins.ROW_COLUMNS, "decision", "settle", "actions", "signed_by", "signed_at", "fingerprint")


def as_json(month: Month) -> str:
    """The month as one JSON object with a line end; the same month gives the same bytes."""
    body = {
        "organisation": month.organisation,
        "kind": month.kind,
        **twins.scorecard_json(month.view),
        "measure_pages": [twins.measure_json(view) for view in month.measures if not view.segment],
        "segment_scorecards": [twins.scorecard_json(view) for view in month.scorecards[1:]],
        "meeting": {
            "held_on": month.held_on,
            "begins": month.begins,
            "minutes": month.minutes,
            "chair": month.chair,
            "attendees": list(month.attendees),
        },
        "agenda": [_item(item) for item in month.items],
        "actions": [_told(told) for told in told_of(month)],
        "changes": _changes(month.changes),
        "commentary": month.commentary,
        "maturity": _maturity(month.maturity) if month.maturity else None,
        "signature": _signature(month.signature) if month.signature else None,
        "added_later": [_beside(one) for one in month.beside],
    }
    return twins.json_text(body) + "\n"


def told_of(month: Month) -> tuple[Told, ...]:
    """What was decided to be done, without a verdict yet, then what was under way before."""
    earlier = {told.action.id for told in month.actions}
    now = {one.id: Told(one, None) for item in month.items for one in item.actions if one.id not in earlier}
    return (*now.values(), *month.actions)


def as_csv(month: Month) -> str:
    """The month as CSV: one line a measure, with what was decided about it."""
    by_measure = {item.measure: item for item in reversed(month.items) if item.measure}
    signed = month.signature
    stamp = (signed.name, signed.signed_at, signed.fingerprint) if signed else (None, None, None)
    rows = []
    for row in month.view.rows:
        values, item = twins.row_json(row), by_measure.get(row.measure.name)
        decided = (item.decision, item.settle, "; ".join(a.title for a in item.actions)) if item else (None, None, None)
        rows.append([*(values[column] for column in twins.ROW_COLUMNS), *decided, *stamp])
    return twins.csv_text(CSV_COLUMNS, rows)


def _item(item: Item) -> dict[str, Any]:
    return {
        "id": item.id,
        "kind": item.kind,
        "measure": item.measure or None,
        "title": item.title,
        "why": item.why,
        "status": item.status,
        "minutes": item.minutes,
        "state": item.state,
        "discussion": item.discussion,
        "decision": item.decision or None,
        "settle": item.settle,
        "suggested": item.suggested or None,
        "decided_by": item.decided_by or None,
        "decided_at": item.decided_at,
        "commitment": item.commitment,
        "followed": item.followed,
        "actions": [action.id for action in item.actions],
    }


def _action(action: Action) -> dict[str, Any]:
    return {
        "id": action.id,
        "title": action.title,
        "kind": action.kind,
        "owner": action.owner_name,
        "due": action.due,
        "measure": action.measure or None,
        "segment": action.segment or None,
        "effect": action.effect,
        "effect_by": action.effect_by,
        "first_reading": str(action.first_reading) if action.first_reading else None,
        "state": action.state,
        "started": action.started,
        "ended": action.ended,
        "origin": action.origin_words or None,
    }


def _told(told: Told) -> dict[str, Any]:
    verdict = told.verdict
    if verdict is None:
        return _action(told.action) | {"verdict": None}
    said = {
        "verdict": verdict.verdict,
        "months": verdict.months,
        "wanted": verdict.wanted,
        "completed": str(verdict.completed) if verdict.completed else None,
        "old_centre": verdict.old_centre,
        "mean": verdict.mean,
        "size": verdict.size,
        "sentence": verdict.sentence.text,
    }
    return _action(told.action) | {"verdict": said}


def _maturity(told: Maturity) -> dict[str, Any]:
    """The newest cycle that was closed when the month was over, with the five widest disagreements and the five largest gaps."""
    return asdict(told) | {"sentences": [one.text for one in told.sentences], "not_shown": told.hidden or None}


def _changes(changes: Changes) -> dict[str, Any]:
    return {
        "since": str(changes.since) if changes.since else None,
        "moved": [{"measure": one.measure, "before": one.before, "now": one.now} for one in changes.moved],
        "unchanged": changes.unchanged,
        "new_signals": list(changes.new_signals),
        "ended_signals": list(changes.ended_signals),
        "restated": list(changes.restated),
        "limits": list(changes.limits),
        "goals": list(changes.goals),
        "actions": list(changes.actions),
    }


def _signature(signed: Signature) -> dict[str, Any]:
    return {
        "name": signed.name,
        "role": signed.role,
        "signed_at": signed.signed_at,
        "fingerprint": signed.fingerprint,
        "audit": signed.audit,
        "matches": signed.matches,
    }


def _beside(one: Beside) -> dict[str, Any]:
    return {"kind": one.kind, "text": one.text, "author": one.author, "recorded_at": one.recorded_at}

"""Signed periods: their scorecard and measures come from the frozen copy, whatever was loaded or changed since."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from scorecard.core import fmt, record
from scorecard.core.periods import Period, day
from scorecard.metrics.book import Book
from scorecard.metrics.row import Row
from scorecard.store import reviews
from scorecard.store.engine import Tx

KEPT = 8
BROKEN = "The frozen copy of {period} does not give its fingerprint any more: somebody changed it outside the product."


def kept(tx: Tx, card: str, period: Period, part: str, kind: Any, wanted: Callable[[Any], bool]) -> Any:
    """One view of a part as it was signed, with its signature; None when the period is not signed, or has no such view."""
    found = reviews.copy(tx, card, period)
    if found is None:
        return None
    signature, body = found
    view = next((one for one in parts(body, part, tuple[kind, ...]) if wanted(one)), None)
    broken = () if signature.matches else (BROKEN.format(period=period.label),)
    return view and replace(view, signature=signature, notices=broken + view.notices)


@lru_cache(maxsize=KEPT)
def parts(body: str, name: str, kind: Any) -> Any:
    """One part of a frozen copy, as the classes it was made of."""
    return record.unpack(kind, json.loads(body)[name])


def restated(book: Book, rows: Sequence[Row], segment: str) -> tuple[str, ...]:
    """A sentence for each figure of a signed period that a later load changed."""
    found = []
    for row in rows:
        point = book.point(row.measure.name, segment, row.period)
        if point is None or row.value is None or point.value is None or point.value == row.value:
            continue
        now = fmt.with_unit(point.value, row.measure)
        found.append(
            f"{row.measure.label}: {row.value_text} as signed, {now} since the load of {day(point.loaded_at.date())}. "
            "The signed copy keeps its figure."
        )
    return tuple(found)

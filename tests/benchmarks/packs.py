"""What a pack of ten measures costs in each format: from the month in hand to the bytes of the file."""

from __future__ import annotations

import os
from statistics import median

from scorecard.output.pack_files import Format
from scorecard.reviews.model import Month
from tests.benchmarks.costs import CARD, ROUNDS, TODAY, Cost, cpu_seconds, sample_store

BUDGETS = {"pdf": 1.0, "pptx": 1.0, "xlsx": 0.3, "html": 0.2, "json": 0.05, "csv": 0.02}
FIRST = 1.5


def every_format() -> list[Cost]:
    """The sample company's latest month, read once, then written as each kind of file."""
    from scorecard import metrics, reviews
    from scorecard.output import pack_files
    from scorecard.ui import state

    with sample_store():
        store = state.store()
        period = metrics.scorecard_view(store, CARD, None, "", TODAY).period
        month = reviews.month(store, CARD, period, TODAY)
        assert len(month.view.rows) == 10
        read = cpu_seconds(lambda: reviews.month(store, CARD, period, TODAY), ROUNDS)
        found = [Cost("a month of ten measures with their segments, read for a pack", read, 2.0)]
        for kind, one in pack_files.FORMATS.items():
            first = _spent(one, month)
            again = median(_spent(one, month) for _ in range(ROUNDS))
            found.append(Cost(f"a pack of ten measures as {kind}, the first with its libraries", first, FIRST))
            found.append(Cost(f"a pack of ten measures as {kind}, again", again, BUDGETS[kind]))
        return found


def _spent(one: Format, month: Month) -> float:
    """CPU seconds of one file, with those of the process that lays out a PDF."""
    begin = sum(os.times()[:4])
    one.build(month)
    return sum(os.times()[:4]) - begin


ALL = (every_format,)

"""Larkfield, a fictional company that makes rota-planning software: 412 accounts, twelve customer success managers.

`figures` draws its months, `planted` says what was planted in them, `writing` writes the files of the sample.
"""

from scorecard.larkfield.figures import (BASELINE, CONTACTS_DUE_IN_A_YEAR, FIRST, LAST, MEASURES, MONTHS, SEED, SEGMENTS,
                                         generate, totals)
from scorecard.larkfield.planted import FACTS
from scorecard.larkfield.writing import write

__all__ = ["BASELINE", "CONTACTS_DUE_IN_A_YEAR", "FACTS", "FIRST", "LAST", "MEASURES", "MONTHS", "SEED", "SEGMENTS",
           "generate", "totals", "write"]

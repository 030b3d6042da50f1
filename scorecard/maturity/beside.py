"""Maturity beside results: the score of each system, and the newest readings of its own measures. Nothing is said about causes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from scorecard.core.periods import Period
from scorecard.core.reading import count_word
from scorecard.maturity.results import Results, SystemResult
from scorecard.metrics import Row
from scorecard.metrics.book import ALL, read_book
from scorecard.metrics.page import latest_of, records_of, rows_of
from scorecard.store import definitions
from scorecard.store.engine import Store, Tx
from scorecard.store.kept import DAYS

# A median from HIGH_SCORE on says that most of the way to level 4 is gone; one up to LOW_SCORE, that level 3 is not reached.
HIGH_SCORE, LOW_SCORE = 3.5, 2.5
GOOD_ON_PAPER, HEROICS = "good on paper", "heroics"
MODES = {
    GOOD_ON_PAPER: "A score of {high} or more, while most of its measures get worse or cannot reach their goal.",
    HEROICS: "A score of {low} or less, while most of its measures are on course.",
}
ASKS = {GOOD_ON_PAPER: "Ask what the answers rest on.", HEROICS: "Ask whether the results would stay with other people."}


@dataclass(frozen=True)
class Beside:
    """One system: its median, the rows of its measures with a reading, and which of them are bad or on course.

    `mode` is "good on paper", "heroics" or ""; `period` the newest of the readings, None without one.
    """

    system: str
    label: str
    score: float | None
    rows: tuple[Row, ...]
    bad: tuple[Row, ...]
    good: tuple[Row, ...]
    period: Period | None
    mode: str
    sentence: str


def beside(store: Store, results: Results, today: date) -> tuple[Beside, ...]:
    """Every system of the results with the readings of the newest complete period of its measures that are on a scorecard."""
    with store.read() as tx:
        rows = tx.once("readings beside maturity", lambda: _rows(tx, today), today, DAYS)
    return tuple(_beside(one, [row for row in rows if row.measure.system == one.system]) for one in results.systems)


def _rows(tx: Tx, today: date) -> list[Row]:
    """The readings of all measures in use; one that stands on several scorecards is read as on the first of them."""
    cards = [card for card in definitions.scorecards(tx) if card.measures]
    book = read_book(tx, list(dict.fromkeys(name for card in cards for name in card.measures)), today)
    found: dict[str, Row] = {}
    if any(book.series.values()):
        period = latest_of(book)
        records = records_of(tx, book, ALL, period)
        for card in cards:
            for row in rows_of(book, card, records, ALL, period):
                found.setdefault(row.measure.name, row)
    return list(found.values())


def is_bad(row: Row) -> bool:
    """Whether a measure gets worse, cannot reach its goal, or is on Act."""
    return row.reading.variation == "worsening" or row.reading.capability == "will_miss" or row.reading.status == "act"


def is_good(row: Row) -> bool:
    """Whether a measure is on course."""
    return row.reading.status == "on_course" and not is_bad(row)


def mode_of(score: float | None, readable: int, bad: int, good: int) -> str:
    """The failure mode of a score beside that many readings, "" where there is none. Most is more than half."""
    if score is None or not readable:
        return ""
    if score >= HIGH_SCORE and bad * 2 > readable:
        return GOOD_ON_PAPER
    if score <= LOW_SCORE and good * 2 > readable:
        return HEROICS
    return ""


def words_of(mode: str) -> str:
    """What a mode means, with its threshold."""
    return MODES[mode].format(high=HIGH_SCORE, low=LOW_SCORE)


def _beside(system: SystemResult, rows: Sequence[Row]) -> Beside:
    readable = [row for row in rows if row.value is not None and row.reading.status != "not_yet"]
    bad, good = [row for row in readable if is_bad(row)], [row for row in readable if is_good(row)]
    score = system.score.median
    mode = mode_of(score, len(readable), len(bad), len(good))
    period = max((row.period for row in readable), key=lambda one: one.end, default=None)
    return Beside(system.system, system.label, score, tuple(readable), tuple(bad), tuple(good), period, mode,
                  _sentence(system.label, score, mode, readable, bad, good))  # fmt: skip


def _sentence(label: str, score: float | None, mode: str, rows: Sequence[Row], bad: Sequence[Row], good: Sequence[Row]) -> str:
    if score is None:
        return f"{label} has no score to lay beside its measures."
    stands = f"{label} stands at {score:.1f}"
    if not rows:
        return f"{stands}; no measure of its own on a scorecard has a reading."
    total = f"its {count_word(len(rows))} measures" if len(rows) > 1 else "its measure"
    if mode == GOOD_ON_PAPER:
        return f"Good on paper: {stands}, and {_part(bad, rows, total)} worse or short of {_their(bad)} goal: {_named(bad)}. {ASKS[mode]}"
    if mode == HEROICS:
        return f"Heroics: {stands}, and {_part(good, rows, total)} on course: {_named(good)}. {ASKS[mode]}"
    return f"{stands}; {_course(rows, bad, good, total)}"


def _course(rows: Sequence[Row], bad: Sequence[Row], good: Sequence[Row], total: str) -> str:
    """How many of the measures are on course, where no mode is named."""
    if len(rows) == 1:
        return f"{total} is {'on' if good else 'not on'} course."
    on = f"{count_word(len(good)) if good else 'none'} of {total} {'is' if len(good) == 1 else 'are'} on course"
    return on + (f", {count_word(len(bad))} worse or short of {_their(bad)} goal." if bad else ".")


def _part(some: Sequence[Row], rows: Sequence[Row], total: str) -> str:
    if len(some) == len(rows):
        return f"{total} is" if len(rows) == 1 else f"all {total} are".replace("all its", "all of its")
    return f"{count_word(len(some))} of {total} {'is' if len(some) == 1 else 'are'}"


def _their(rows: Sequence[Row]) -> str:
    return "its" if len(rows) == 1 else "their"


def _named(rows: Sequence[Row]) -> str:
    names = [f"{row.measure.label} ({row.value_text})" for row in rows]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"

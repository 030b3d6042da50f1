"""The critical few: what the scorecard and each measure say, and what people decide about them."""

from scorecard.core.record import Said
from scorecard.metrics.acting import Meant
from scorecard.metrics.behind import Behind, behind, figures
from scorecard.metrics.board import Board, Doing, UnderWay, board, of_person, rows_now
from scorecard.metrics.changes import (
    QUESTIONS,
    add_note,
    exclude,
    include,
    lock_limits,
    rebase,
    set_goal,
    set_rule_set,
    withdraw_note,
)
from scorecard.metrics.computed import Refreshed, refresh
from scorecard.metrics.keeping import after_load, before_change, freeze_readings
from scorecard.metrics.links import LinkMap, LinkView, Standing, measure_links
from scorecard.metrics.measure import Change, MeasureView, SegmentView, last_signals, measure_view
from scorecard.metrics.overview import MeasureLine, Overview, measure_lines, overview
from scorecard.metrics.page import ScorecardView, latest_period, scorecard_view
from scorecard.metrics.rollups import Carrier, Part, Rollup, Upward, teams_of
from scorecard.metrics.row import ActionLine, Row
from scorecard.metrics.verdicts import KindLine, Yearly, verdicts, yearly
from scorecard.store.measures import Exclusion, GoalRecord, LimitsRecord, Note, PhaseTitle

__all__ = [
    "QUESTIONS",
    "ActionLine",
    "Board",
    "Doing",
    "UnderWay",
    "board",
    "of_person",
    "rows_now",
    "KindLine",
    "Meant",
    "Yearly",
    "verdicts",
    "yearly",
    "Behind",
    "Change",
    "Standing",
    "Rollup",
    "Upward",
    "Part",
    "Overview",
    "LinkView",
    "LinkMap",
    "Carrier",
    "Exclusion",
    "GoalRecord",
    "LimitsRecord",
    "MeasureLine",
    "MeasureView",
    "Note",
    "PhaseTitle",
    "Refreshed",
    "Row",
    "Said",
    "ScorecardView",
    "SegmentView",
    "add_note",
    "after_load",
    "before_change",
    "behind",
    "exclude",
    "figures",
    "freeze_readings",
    "include",
    "last_signals",
    "lock_limits",
    "measure_lines",
    "measure_links",
    "measure_view",
    "overview",
    "rebase",
    "refresh",
    "latest_period",
    "scorecard_view",
    "set_goal",
    "set_rule_set",
    "teams_of",
    "withdraw_note",
]

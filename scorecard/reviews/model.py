"""The shapes of a review: its agenda, what was decided, and the month as it is signed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from scorecard.actions import Action
from scorecard.core.frozen import Signature
from scorecard.core.periods import Period
from scorecard.core.reading import Sentence
from scorecard.core.verdict import Verdict
from scorecard.metrics import MeasureView, Row, ScorecardView

DECISIONS = {
    "find_the_cause": ("Find the cause", "One thing happened once"),
    "change_the_process": ("Change the process", "The way of working must change"),
    "change_the_goal": ("Change the goal", "The goal is not right"),
    "spread_what_works": ("Spread what works", "Write it down, do it everywhere"),
    "set_new_limits": ("Set new limits", "The change is known, wanted and will last"),
    "correct_the_figures": ("Correct the figures", "The data are wrong"),
    "watch": ("Watch one more month", "Say what would settle it"),
    "start_the_plan": ("Start the response plan", "The trigger fired: its answer begins today"),
}
START = "start_the_plan"
SPONSOR = "sponsor:"  # how the item of a sponsored account begins
ITEM_KINDS = ("signal", "unreachable", "overdue", "disagreement", "data", "trigger", "own")


OFFERED = {
    "overdue": ("find_the_cause", "change_the_process", "change_the_goal", "watch"),
    "disagreement": ("find_the_cause", "change_the_process", "correct_the_figures", "watch"),
    "data": ("correct_the_figures", "find_the_cause", "watch"),
    "trigger": (START, "change_the_process", "change_the_goal", "watch"),
}


def decisions_for(kind: str) -> tuple[str, ...]:
    """The decisions that an item of a kind offers, in their order on the page."""
    return OFFERED.get(kind, tuple(one for one in DECISIONS if one != START))


STANDINGS = {"on_course": "On course", "watch": "Watch", "act": "Act", "signal": "A signal"}


@dataclass(frozen=True)
class Commitment:
    """What one colour, or a signal, of a measure commits the team to: in words, with the decisions that keep to it.

    Without `decisions` any decision keeps to it; `action` asks for an action as well.
    """

    text: str
    decisions: tuple[str, ...] = ()
    action: bool = False


@dataclass(frozen=True)
class Contract:
    """The commitments of a measure by standing (on_course, watch, act, signal), with who wrote them when and why."""

    measure: str
    version: int
    commitments: dict[str, Commitment]
    author: str
    reason: str
    recorded_at: datetime


@dataclass(frozen=True)
class Item:
    """One item of the agenda. `id` is "measure:<name>", "overdue", "link:<cause>:<effect>", "plan:<name>", "data",
    "maturity:<cycle>", "trigger:<trigger>:<month>", "practice:<cycle>:<practice>", "sponsor:<sponsored account>" or "own:<mark>".

    `state` is not_started, in_discussion or decided; `why` says what put it on the agenda; `followed` what the written
    commitments asked for and whether the decision keeps to them ("" without a commitment).
    """

    id: str
    place: int
    kind: str
    measure: str
    title: str
    why: str
    status: str
    minutes: int
    state: str
    discussion: str
    decision: str
    settle: str
    suggested: str
    suggested_why: str
    decided_by: str
    decided_at: datetime | None
    version: int
    actions: tuple[Action, ...]
    row: Row | None
    commitment: str = ""
    followed: str = ""

    @property
    def by_hand(self) -> bool:
        """Whether somebody put it on the agenda, and may take it off."""
        return self.id.startswith(("own:", "practice:", SPONSOR))

    @property
    def of_maturity(self) -> bool:
        """Whether it is about how people assess the systems."""
        return self.id.startswith(("maturity:", "practice:"))

    @property
    def stays_inside(self) -> bool:
        """Whether people without the product never read it: how people assess the systems, and accounts by name."""
        return self.of_maturity or self.id.startswith(SPONSOR)


@dataclass(frozen=True)
class Check:
    """A line of the sign-off: what has to be done first."""

    done: bool
    text: str


@dataclass(frozen=True)
class Told:
    """An action and what its measure says about it; `verdict` is None when it has no measure or no start."""

    action: Action
    verdict: Verdict | None


@dataclass(frozen=True)
class Moved:
    """A measure whose status changed since the review before."""

    measure: str
    label: str
    before: str
    now: str


@dataclass(frozen=True)
class Changes:
    """What changed since the last review; texts are whole sentences."""

    since: Period | None
    moved: tuple[Moved, ...]
    unchanged: int
    new_signals: tuple[str, ...]
    ended_signals: tuple[str, ...]
    restated: tuple[str, ...]
    limits: tuple[str, ...]
    goals: tuple[str, ...]
    actions: tuple[str, ...]


@dataclass(frozen=True)
class Beside:
    """What was added after signing: a note, or a figure that was restated later. It never changes the copy."""

    id: str
    kind: str
    text: str
    author: str
    recorded_at: datetime


@dataclass(frozen=True)
class Goal:
    """A goal as one month read it."""

    label: str
    goal: str
    value: str
    status: str


@dataclass(frozen=True)
class MonthOfQuarter:
    """What one month of a quarter decided, and how it stood against its goals. `signed` is None before the signature."""

    period: Period
    signed: Signature | None
    items: tuple[Item, ...]
    goals: tuple[Goal, ...]


@dataclass(frozen=True)
class Habit:
    """One review of the past: counts of what was asked and what was kept; `on_time` is None without a planned day."""

    period: Period
    held_on: date | None
    planned: date | None
    on_time: bool | None
    items: int
    decided: int
    actions: int
    closed: int
    commitments: int
    followed: int
    signed: bool

    @property
    def kept(self) -> int:
        """How many of the promises were kept: the day, the decisions, the actions by their date, the commitments."""
        return bool(self.on_time) + self.decided + self.closed + self.followed

    @property
    def due(self) -> int:
        """How many promises there were."""
        return (self.on_time is not None) + self.items + self.actions + self.commitments


@dataclass(frozen=True)
class MaturitySystem:
    """A system as a cycle of maturity left it: levels from 1 to 5, `middle` the ends of the middle half, `talk` practices without agreement."""

    label: str
    now: float | None
    lowest: float | None
    highest: float | None
    middle: tuple[float, float] | None
    last: float | None
    target: float | None
    talk: int
    hidden: bool


@dataclass(frozen=True)
class MaturityPractice:
    """A practice that people see differently, or that is far from its target; `counts` how many chose each level."""

    id: str
    title: str
    system: str
    now: float
    spread: float
    counts: tuple[int, ...]
    target: float | None
    gap: float | None


@dataclass(frozen=True)
class Maturity:
    """The newest cycle of maturity that was closed when a month was over. Nothing is in it that may not be shown of a group."""

    cycle: str
    title: str
    kind: str
    closed_on: date
    asked: int
    answered: int
    questions: int
    last_title: str
    sentences: tuple[Sentence, ...]
    hidden: str
    percent: float | None
    systems: tuple[MaturitySystem, ...]
    talk: tuple[MaturityPractice, ...]
    gaps: tuple[MaturityPractice, ...]


@dataclass(frozen=True)
class Month:
    """Everything about one month of one scorecard: what is frozen when it is signed, and what every export is made of.

    `scorecards` holds the view of each segment, "" (all) first; `measures` the page of each measure of the scorecard.
    `beside` and `signature` stand outside the canonical content.
    """

    organisation: str
    sample: bool
    scorecard: str
    period: Period
    kind: str
    held_on: date | None
    begins: str
    minutes: int
    chair: str
    attendees: tuple[str, ...]
    scorecards: tuple[ScorecardView, ...]
    measures: tuple[MeasureView, ...]
    items: tuple[Item, ...]
    actions: tuple[Told, ...]
    changes: Changes
    commentary: str
    signature: Signature | None = None
    beside: tuple[Beside, ...] = ()
    maturity: Maturity | None = None

    @property
    def view(self) -> ScorecardView:
        """The scorecard of all segments together."""
        return self.scorecards[0]


@dataclass(frozen=True)
class ReviewView:
    """One review as its page shows it. `state` is not_opened, open or signed; people are (id, name)."""

    month: Month
    state: str
    chair: tuple[str, str] | None
    attendees: tuple[tuple[str, str], ...]
    routine: tuple[Row, ...]
    headline: tuple[Sentence, ...]
    checks: tuple[Check, ...]
    last_signed: Signature | None
    last_period: Period | None
    budget: str
    commentary_draft: str
    commentary_version: int
    version: int
    months: tuple[MonthOfQuarter, ...] = ()
    habits: tuple[Habit, ...] = ()

    @property
    def decided(self) -> int:
        """How many items have a decision."""
        return sum(item.state == "decided" for item in self.month.items)

"""Give and take with one account: balance, asks without a deposit before them, promises, acceptance, policies, corners.

Days decide, never the order in which somebody wrote things down. A deposit of a day stands before the asks of later days
only; it belongs to the next day on which something was asked, and to no other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from scorecard.core import experiments
from scorecard.core.experiments import Arm, Reading
from scorecard.core.intervals import gap_by_chance, wilson
from scorecard.core.periods import Period, containing

HEALTHY = (0.4, 0.6)
FEWEST = 5  # deposits and asks together: below it nothing is called one-sided
CLOSE_DAYS, MOMENT_DAYS, WAIT_DAYS = 14, 60, 30
FELL, LOW_HEALTH = 10, 50
PLANNED, MADE, ANSWERED = "planned", ("asked", "agreed", "declined"), ("agreed", "declined")
FEWEST_CASES = 5
SURE = 0.05
NEARLY = 1e-9  # weights such as 0.1 add up with a last digit too many
NEW_YEAR = (1, 1)
MUTUAL, OURS, THEIRS, FEW, NOTHING = "mutual", "ours", "theirs", "few", "nothing"
SIDES = {MUTUAL: "mutual", OURS: "one-sided: we mostly give", THEIRS: "one-sided: we mostly ask", FEW: "too few to say", NOTHING: "nothing yet"}
YES, NO, CAUTION = "yes", "no", "caution"


@dataclass(frozen=True)
class Deposit:
    """Something that we gave on a day; `weight` is how much it counts."""

    id: str
    on: date
    weight: float = 1.0


@dataclass(frozen=True)
class Ask:
    """Something that we asked for on a day, or plan to ask; `state` is planned, asked, agreed, declined or withdrawn."""

    id: str
    on: date
    state: str
    weight: float = 1.0

    @property
    def made(self) -> bool:
        return self.state in MADE


# -- balance


@dataclass(frozen=True)
class Balance:
    """How many deposits and asks there were, what they weigh, and our share of both (0 to 1, None without any)."""

    given: int
    asked: int
    gave: float
    took: float

    @property
    def ours(self) -> float | None:
        whole = self.gave + self.took
        return self.gave / whole if whole > 0 else None

    @property
    def theirs(self) -> float | None:
        whole = self.gave + self.took
        return self.took / whole if whole > 0 else None

    @property
    def side(self) -> str:
        """A key of SIDES."""
        if self.ours is None:
            return NOTHING
        if self.given + self.asked < FEWEST:
            return FEW
        low, high = HEALTHY
        return MUTUAL if low - NEARLY <= self.ours <= high + NEARLY else OURS if self.ours > high else THEIRS

    @property
    def shown(self) -> str:
        """`58 / 42`; both add up to 100. A share that is rounded onto the edge of the band from outside stands one point off it."""
        if self.ours is None:
            return ""
        whole, (low, high) = round(self.ours * 100), HEALTHY
        whole += (whole == round(high * 100) and self.ours > high + NEARLY) - (whole == round(low * 100) and self.ours < low - NEARLY)
        return f"{whole} / {100 - whole}"


def balance(deposits: Iterable[Deposit], asks: Iterable[Ask], since: date, until: date) -> Balance:
    """Give and take between two days, both included. What is planned or was not asked does not count."""
    gifts = [one for one in deposits if since <= one.on <= until]
    made = [one for one in asks if one.made and since <= one.on <= until]
    return Balance(len(gifts), len(made), sum(one.weight for one in gifts), sum(one.weight for one in made))


# -- what stands before an ask


def last_ask(on: date, asks: Iterable[Ask]) -> date | None:
    """The last day before this one on which something was asked."""
    return max((one.on for one in asks if one.made and one.on < on), default=None)


def before(on: date, deposits: Iterable[Deposit], asks: Iterable[Ask]) -> tuple[Deposit, ...]:
    """The deposits that stand before an ask of this day: of earlier days, and not before the last ask; by day."""
    since = last_ask(on, asks) or date.min
    return tuple(sorted((one for one in deposits if since <= one.on < on), key=lambda one: (one.on, one.id)))


def unprepared(deposits: Sequence[Deposit], asks: Sequence[Ask]) -> frozenset[str]:
    """The ids of the asks that were made without a deposit before them."""
    return frozenset(one.id for one in asks if one.made and not before(one.on, deposits, asks))


def made_for(on: date, deposits: Iterable[Deposit]) -> bool:
    """Whether deposits before an ask look as if they were made for it: most of them stand close before its day."""
    days = [(on - one.on).days for one in deposits]
    return 2 * sum(count < CLOSE_DAYS for count in days) > len(days)


def bunched(deposits: Sequence[Deposit], asks: Sequence[Ask]) -> frozenset[str]:
    """The ids of the asks, made or planned, before which deposits are bunched."""
    return frozenset(one.id for one in asks if (one.made or one.state == PLANNED) and made_for(one.on, before(one.on, deposits, asks)))


def asks_near(on: date, asks: Iterable[Ask]) -> tuple[Ask, ...]:
    """The planned asks before which a deposit of this day would look like a price; the nearest first."""
    near = [one for one in asks if one.state == PLANNED and 0 <= (one.on - on).days < CLOSE_DAYS]
    return tuple(sorted(near, key=lambda one: (one.on, one.id)))


# -- may we ask


@dataclass(frozen=True)
class Signs:
    """What is known beside the ledger: days of good moments, severe tickets open (None: not known), health and what it was."""

    moments: tuple[date, ...] = ()
    severe: int | None = None
    health: int | None = None
    health_was: int | None = None


CHECKS = ("gave", "moment", "severe", "quarter", "motive", "health")


@dataclass(frozen=True)
class Readiness:
    """The six checks of one ask (a key of CHECKS -> yes, no or caution), and from which day the quarter allows it."""

    ask: Ask
    checks: Mapping[str, str]
    before: tuple[Deposit, ...]
    since: date | None
    moment: date | None
    other: Ask | None
    free_from: date | None

    @property
    def may(self) -> bool:
        """A caution does not stop an ask, it changes how it begins."""
        return NO not in self.checks.values()

    @property
    def apart(self) -> int | None:
        """Days between the last deposit and the ask."""
        return (self.ask.on - self.before[-1].on).days if self.before else None


def readiness(ask: Ask, deposits: Sequence[Deposit], asks: Sequence[Ask], signs: Signs, first_month: int = 1) -> Readiness:
    """The six checks of an ask on its day, from what is known now; the quarters are those of a year that starts in `first_month`."""
    others = [one for one in asks if one.id != ask.id]
    own = before(ask.on, deposits, others)
    moment = max((one for one in signs.moments if 0 <= (ask.on - one).days <= MOMENT_DAYS), default=None)
    other = same_quarter(ask, others, first_month)
    found = {
        "gave": YES if own else NO,
        "moment": YES if moment else NO,
        "severe": NO if signs.severe else CAUTION if signs.severe is None else YES,
        "quarter": NO if other else YES,
        "motive": NO if made_for(ask.on, own) else YES,
        "health": _health(signs),
    }
    free = first_working_day(next_quarter(ask.on, first_month)) if other else None
    return Readiness(ask, found, own, last_ask(ask.on, others), moment, other, free)


def same_quarter(ask: Ask, others: Iterable[Ask], first_month: int = 1) -> Ask | None:
    """The ask that was made in the quarter of this one, or is planned in it for a day that is not later; the latest of them."""
    ends = next_quarter(ask.on, first_month)
    own = [one for one in others if next_quarter(one.on, first_month) == ends and (one.made or one.state == PLANNED and one.on <= ask.on)]
    return max(own, key=lambda one: (one.on, one.id), default=None)


def next_quarter(on: date, first_month: int = 1) -> date:
    """The first day of the quarter after that of a day, in a year that starts in `first_month`."""
    ahead = 3 - (on.month - first_month) % 3
    return containing(on, "month").shift(ahead).start


def first_working_day(on: date) -> date:
    """This day, or the next one that is neither Saturday, Sunday nor the first of January."""
    while on.weekday() > 4 or (on.month, on.day) == NEW_YEAR:
        on += timedelta(1)
    return on


def fell(signs: Signs) -> int | None:
    """By how many points health fell; None when one of the months is not known, or it did not."""
    if signs.health is None or signs.health_was is None or signs.health >= signs.health_was:
        return None
    return signs.health_was - signs.health


def _health(signs: Signs) -> str:
    if signs.health is None or signs.health < LOW_HEALTH or (fell(signs) or 0) >= FELL:
        return CAUTION
    return YES


# -- acceptance


def acceptance(ledgers: Iterable[tuple[Sequence[Deposit], Sequence[Ask]]]) -> tuple[Arm, Arm]:
    """(without, with a deposit before it): how many of the asks that were answered were agreed to, over all these accounts."""
    counts: Counter[tuple[bool, bool]] = Counter()
    for deposits, asks in ledgers:
        bare = unprepared(deposits, asks)
        counts.update((one.id not in bare, one.state == "agreed") for one in asks if one.state in ANSWERED)
    without, given = (Arm(counts[way, True], counts[way, True] + counts[way, False]) for way in (False, True))
    return without, given


def association(without: Arm, given: Arm) -> Reading | None:
    """The difference in acceptance with its interval, None while one side has no case."""
    return experiments.read(without, given) if without.n and given.n else None


# -- measures


def give_first(ledgers: Iterable[tuple[Sequence[Deposit], Sequence[Ask]]], last: Period) -> dict[Period, tuple[float, float, float]]:
    """Month -> (share, asks with a deposit before them, asks made), of whole months up to the `last` one."""
    made: Counter[Period] = Counter()
    ready: Counter[Period] = Counter()
    for deposits, asks in ledgers:
        bare = unprepared(deposits, asks)
        for one in asks:
            if one.made and one.on <= last.end:
                made[containing(one.on, "month")] += 1
                ready[containing(one.on, "month")] += one.id not in bare
    return {month: (ready[month] / count, float(ready[month]), float(count)) for month, count in made.items()}


def reciprocity(deposits: Iterable[Deposit], asks: Iterable[Ask], last: Period) -> dict[Period, tuple[float, float, float]]:
    """Month -> (our share of what was given and asked, weighted; what we gave; both), up to the `last` month."""
    gave: dict[Period, list[float]] = {}
    for one in deposits:
        if one.on <= last.end:
            gave.setdefault(containing(one.on, "month"), [0.0, 0.0])[0] += one.weight
    for one in asks:
        if one.made and one.on <= last.end:
            gave.setdefault(containing(one.on, "month"), [0.0, 0.0])[1] += one.weight
    return {month: (ours / (ours + theirs), ours, ours + theirs) for month, (ours, theirs) in gave.items() if ours + theirs > 0}


# -- promises

KEPT, LATE, BROKEN, OVERDUE, OPEN = "kept", "late", "broken", "overdue", "open"


def promise(due: date, done: date | None, today: date, broken: bool = False) -> str:
    """What became of a promise: kept by its day, late, broken (given up, or open for more than WAIT_DAYS), overdue or open."""
    if broken:
        return BROKEN
    if done is not None:
        return KEPT if done <= due else LATE
    if (today - due).days > WAIT_DAYS:
        return BROKEN
    return OVERDUE if today > due else OPEN


def kept_by_month(promises: Iterable[tuple[date, date | None]], last: Period) -> dict[Period, tuple[float, float, float]]:
    """Month of the day due -> (share, promises kept by their day, promises due), up to the `last` month; pairs are (due, done)."""
    due: Counter[Period] = Counter()
    kept: Counter[Period] = Counter()
    for day, done in promises:
        if day <= last.end:
            due[containing(day, "month")] += 1
            kept[containing(day, "month")] += done is not None and done <= day
    return {month: (kept[month] / count, float(kept[month]), float(count)) for month, count in due.items()}


# -- policies


@dataclass(frozen=True)
class Fair:
    """Exceptions to policies in a segment: how many of how many cases, the 95% interval of the share, and whether it differs
    from the other segments beyond chance (None: too few cases to say)."""

    segment: str
    exceptions: int
    cases: int
    interval: tuple[float, float] | None
    differs: bool | None


def fairness(cases: Iterable[tuple[str, bool]]) -> tuple[Fair, ...]:
    """One line a segment, alphabetical, out of (segment, exception). The bar is as much higher as there are segments."""
    total: Counter[str] = Counter()
    hits: Counter[str] = Counter()
    for segment, exception in cases:
        total[segment] += 1
        hits[segment] += exception
    whole, all_hits = sum(total.values()), sum(hits.values())
    return tuple(_fair(name, hits[name], total[name], all_hits - hits[name], whole - total[name], len(total)) for name in sorted(total))


def _fair(name: str, hits: int, n: int, other_hits: int, other_n: int, segments: int) -> Fair:
    if n < FEWEST_CASES or other_n < FEWEST_CASES:
        return Fair(name, hits, n, wilson(hits, n) if n >= FEWEST_CASES else None, None)
    return Fair(name, hits, n, wilson(hits, n), gap_by_chance(hits, n, other_hits, other_n) < SURE / segments)


# -- use beside trust


CORNERS = ("trust_without_use", "use_and_trust", "neither", "use_without_trust")


def corner(use: float, trust: float, use_line: float, trust_line: float) -> str:
    """Which of CORNERS a point stands in; on a line counts as above it."""
    if trust >= trust_line:
        return "use_and_trust" if use >= use_line else "trust_without_use"
    return "use_without_trust" if use >= use_line else "neither"


def corners(points: Iterable[tuple[float, float]], use_line: float, trust_line: float) -> dict[str, int]:
    """How many points (use, trust) stand in each corner; together they are all of them."""
    counts = Counter(corner(use, trust, use_line, trust_line) for use, trust in points)
    return {name: counts[name] for name in CORNERS}

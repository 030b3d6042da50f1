"""Trust over all accounts: what customers answered, use beside trust in four corners, and whether policies are the same for all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median

from scorecard import registers
from scorecard.core import ledger
from scorecard.core.intervals import mean_score, wilson
from scorecard.core.ledger import Fair
from scorecard.core.periods import Period, containing
from scorecard.core.reading import Sentence
from scorecard.registers import Entry
from scorecard.relations import trust
from scorecard.relations.ledger import number, year_before
from scorecard.relations.trust import PROMISE, RECOVERY, Promise
from scorecard.store import ledger as rows
from scorecard.store.engine import Store

POLICY, NO_SEGMENT = "policy_case", "No segment"
USE_LINE, TRUST_LINE = 1.0, 7.5  # its own usual; the middle of 5 and 10
MONTHS = 6
FEWEST_ANSWERS, FEWEST_OF_POLICY = 5, 10


@dataclass(frozen=True)
class Answers:
    """The answers on trust of a segment in six months: how many, the mean of 0 to 10 with its 95% interval, the mean before."""

    segment: str
    n: int
    mean: float
    interval: tuple[float, float] | None
    before: float | None

    @property
    def few(self) -> bool:
        return self.n < FEWEST_ANSWERS


@dataclass(frozen=True)
class Point:
    """An account: its use against its own usual, its trust, and the corner it stands in."""

    account: str
    name: str
    use: float
    trust: float

    @property
    def corner(self) -> str:
        return ledger.corner(self.use, self.trust, USE_LINE, TRUST_LINE)


@dataclass(frozen=True)
class Corners:
    """Use beside trust of a month; `watched` are the accounts that use the product as ever and do not trust, alphabetical."""

    month: Period | None
    segment: str
    points: tuple[Point, ...]

    @property
    def counts(self) -> dict[str, int]:
        return ledger.corners(((one.use, one.trust) for one in self.points), USE_LINE, TRUST_LINE)

    @property
    def watched(self) -> tuple[Point, ...]:
        return tuple(one for one in self.points if one.corner == "use_without_trust")


@dataclass(frozen=True)
class Policies:
    """Exceptions by segment over all policies, and for each policy with enough cases; `since` begins twelve months before."""

    since: date
    cases: int
    together: tuple[Fair, ...]
    each: tuple[tuple[str, tuple[Fair, ...]], ...]


@dataclass(frozen=True)
class Promised:
    """The promises of a segment that were due in twelve months: kept by their day, late, broken; the rest is overdue. Of those late
    or broken that were written down, how many were told before their day."""

    segment: str
    due: int
    kept: int
    late: int
    broken: int
    told_before: int = 0
    told: int = 0

    @property
    def interval(self) -> tuple[float, float] | None:
        """The 95% interval of the share kept by their day."""
        return wilson(self.kept, self.due)


@dataclass(frozen=True)
class Mended:
    """What went wrong in twelve months: how many, owned up to by the next day, median times told unasked and days to solve, still open."""

    cases: int
    owned: int
    words: float | None
    days: float | None
    open: int


@dataclass(frozen=True)
class Confidence:
    """The page Trust: answers by segment and of all, corners, promises, recoveries, policies. `until` is the last day on which trust was asked."""

    until: date | None
    answers: tuple[Answers, ...]
    whole: Answers | None
    corners: Corners
    policies: Policies
    promised: tuple[Promised, ...] = ()
    mended: Mended | None = None


def read(store: Store, today: date, segment: str = "") -> Confidence:
    """Trust over all accounts, or those of a segment; fairness always compares all segments."""
    with store.read_facts() as tx:
        asked = rows.trust_months(tx)
    until = min(asked[1], today) if asked else None
    found = answers(store, until) if until else ()
    whole = _whole(store, until, segment) if until else None
    kept = tuple(one for one in promised(store, today) if not segment or one.segment == segment)
    return Confidence(until, tuple(one for one in found if not segment or one.segment == segment), whole, corners(store, segment), policies(store, today), kept, mended(store, today, segment))


# -- answers


def answers(store: Store, until: date) -> tuple[Answers, ...]:
    """The answers of six months up to a day by segment, alphabetical."""
    now, before = _sums(store, until)
    return tuple(_answers(name, now[name], before.get(name)) for name in sorted(now))


def _whole(store: Store, until: date, segment: str) -> Answers | None:
    now, before = _sums(store, until)
    kept = [one for name, one in now.items() if not segment or name == segment]
    was = [one for name, one in before.items() if not segment or name == segment]
    return _answers(segment or "All", _added(kept), _added(was) if was else None) if kept else None


def _added(found: Sequence[tuple[int, float, float]]) -> tuple[int, float, float]:
    return sum(one[0] for one in found), sum(one[1] for one in found), sum(one[2] for one in found)


def _sums(store: Store, until: date) -> tuple[dict, dict]:
    """(answers of the six months up to a day, those of the six before), each segment -> (n, sum, sum of squares)."""
    first = containing(until, "month").shift(1 - MONTHS)
    with store.read_facts() as tx:
        spans = ((first.start, until), (first.shift(-MONTHS).start, first.shift(-1).end))
        now, before = ({name: tuple(rest) for name, *rest in rows.trust_sums(tx, *span)} for span in spans)
    return now, before


def _answers(segment: str, now: tuple[int, float, float], before: tuple[int, float, float] | None) -> Answers:
    n, total, squares = now
    return Answers(segment, n, total / n, mean_score(total, squares, n), before[1] / before[0] if before and before[0] >= FEWEST_ANSWERS else None)


# -- promises and recoveries


def promised(store: Store, today: date) -> tuple[Promised, ...]:
    """Promises due in twelve months by segment, alphabetical: those of the exports, and those written down, each once."""
    since, lost = year_before(today), today - timedelta(ledger.WAIT_DAYS)
    with store.read() as tx:
        written = registers.entries(tx, PROMISE)
    accounts, numbers = {one.id: one.account for one in written}, [str(one.values["number"]) for one in written if one.values.get("number")]
    with store.read_facts() as tx:
        loaded, own = rows.promises_due(tx, since, today - timedelta(1), lost, numbers), rows.promises_numbered(tx, numbers)
        segments = rows.segment_of(tx, sorted(set(accounts.values()))) if written else {}
    found = {segment or NO_SEGMENT: Promised(segment or NO_SEGMENT, *counts) for segment, *counts in loaded}
    for one in trust.promises(own, written, {}, today):  # joined as on the page of an account
        if one.entry and since <= one.due <= today and one.became != ledger.OPEN:
            name = segments.get(accounts[one.entry]) or NO_SEGMENT
            found[name] = _with(found.get(name) or Promised(name, 0, 0, 0, 0), one)
    return tuple(found[name] for name in sorted(found))


def _with(one: Promised, said_of: Promise) -> Promised:
    became = said_of.became
    said = (said_of.told or None) if became in (ledger.LATE, ledger.BROKEN) else None
    return Promised(one.segment, one.due + 1, one.kept + (became == ledger.KEPT), one.late + (became == ledger.LATE), one.broken + (became == ledger.BROKEN),
                    one.told_before + (said == "before"), one.told + (said is not None))


def mended(store: Store, today: date, segment: str = "") -> Mended | None:
    """How things that went wrong in twelve months were set right, at all accounts or those of a segment; None when nothing is written down."""
    with store.read() as tx:
        found = registers.entries(tx, RECOVERY, since=year_before(today), until=today)
    if segment and found:
        with store.read_facts() as tx:
            own = rows.segment_of(tx, sorted({one.account for one in found}))
        found = [one for one in found if own.get(one.account) == segment]
    if not found:
        return None
    owned = [(date.fromisoformat(one.values["taken_on"]) - one.at).days for one in found if one.values.get("taken_on")]
    days = [(date.fromisoformat(one.values["solved_on"]) - one.at).days for one in found if one.values.get("solved_on")]
    words = [one.values["words"] for one in found if one.values.get("words") is not None]
    return Mended(len(found), sum(count <= 1 for count in owned), median(words) if words else None, median(days) if days else None, len(found) - len(days))


# -- use beside trust


def corners(store: Store, segment: str = "") -> Corners:
    """Use and trust of each account in the last month that has a health score."""
    with store.read_facts() as tx:
        month, found = rows.use_and_trust(tx, segment)
    return Corners(Period(month, "month") if month else None, segment, tuple(Point(*one) for one in found))


# -- policies


def policies(store: Store, today: date) -> Policies:
    """Exceptions to policies in twelve months, by the segment of their accounts."""
    since = year_before(today)
    with store.read() as tx:
        found = registers.entries(tx, POLICY, since=since, until=today)
    with store.read_facts() as tx:
        segments = rows.segment_of(tx, sorted({one.account for one in found})) if found else {}
    return told(found, segments, since)


def told(found: Sequence[Entry], segments: Mapping[str, str], since: date) -> Policies:
    """The same of entries and of the segment of each account."""
    cases = [(one.values["policy"], segments.get(one.account) or NO_SEGMENT, one.values["applied"] == "exception") for one in found]
    by_policy = {policy: [(segment, exception) for name, segment, exception in cases if name == policy] for policy in sorted({case[0] for case in cases})}
    labels = registers.register(POLICY).field("policy").choices or {}
    several = by_policy if len(by_policy) > 1 else {}
    each = tuple((labels.get(policy, policy), ledger.fairness(own)) for policy, own in several.items() if len(own) >= FEWEST_OF_POLICY)
    return Policies(since, len(cases), ledger.fairness([case[1:] for case in cases]), each)


# -- sentences


def sentences(found: Confidence) -> list[Sentence]:
    """What trust says first: answers, the accounts to watch, policies."""
    return [one for one in (_of_answers(found), _of_promises(found.promised), watched(found.corners), _of_policies(found.policies)) if one]


def _of_promises(found: Sequence[Promised]) -> Sentence | None:
    due, kept, broken = (sum(getattr(one, name) for one in found) for name in ("due", "kept", "broken"))
    if not due:
        return None
    low, high = wilson(kept, due)
    return Sentence(f"{kept:,} of {due:,} promises were kept by their day,", f"{kept / due:.0%} ({low:.0%} to {high:.0%} is possible); {broken:,} were broken.")


def _of_answers(found: Confidence) -> Sentence | None:
    one = found.whole
    if one is None:
        return None
    span = f" ({one.interval[0]:.1f} to {one.interval[1]:.1f} is possible)" if one.interval else ""
    was = f" It was {one.before:.1f} in the six months before." if one.before is not None else ""
    return Sentence(f"Trust stands at {one.mean:.1f} of 10{span},", f"{one.n:,} answers in six months.{was}")


def watched(found: Corners) -> Sentence | None:
    """`Watch the 9 with use and without trust: heavy users notice faults first.`"""
    count = found.counts["use_without_trust"]
    if not found.points:
        return None
    if not count:
        return Sentence("Nobody uses the product as ever without trust.", "")
    return Sentence(f"Watch the {count:,} with use and without trust:" if count > 1 else "Watch the one with use and without trust:", "heavy users notice faults first.")


def _of_policies(found: Policies) -> Sentence | None:
    if not found.cases:
        return None
    differing = [one for one in found.together if one.differs]
    if not differing:
        few = all(one.differs is None for one in found.together)
        if few:
            return Sentence("Too few policy cases to tell whether segments are treated alike.", f"{found.cases:,} in twelve months.")
        return Sentence("Policies are applied alike, as far as chance lets us see.", f"{found.cases:,} cases in twelve months.")
    one = differing[0]
    more = f" {number(len(differing) - 1)} more below." if len(differing) > 1 else ""
    return Sentence(f"{one.segment} is treated differently beyond chance:", f"{one.exceptions:,} exceptions in {one.cases:,} cases.{more} Ask whether the policy says so.")

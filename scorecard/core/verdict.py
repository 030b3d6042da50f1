"""What a measure's own chart says about an action (the rule is in `read`)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from scorecard.core import fmt, spc
from scorecard.core.definition import Definition
from scorecard.core.periods import Period, containing, noun
from scorecard.core.reading import SHAPES, Sentence, count_word
from scorecard.core.spc import Chart, Figure, Phase, Point, Signal

VERDICTS = {"worked": "Worked", "no_evidence": "No evidence yet", "worse": "Worse", "too_few": "Too few months"}
NEEDED = 3
# The period that holds the start counts when no more of it than this had passed: in a month, the first week.
PASSED = 0.25


@dataclass(frozen=True)
class Verdict:
    """`months` counts the points after the start, `wanted` those that are needed before a verdict.

    `size` is the mean since the start minus the old centre, in the unit of the measure; `shared` names the other
    actions that overlap on it.
    """

    verdict: str
    months: int
    wanted: int
    completed: Period | None
    rule: str
    old_centre: float | None
    mean: float | None
    size: float | None
    sentence: Sentence
    figures: str
    later: str = ""
    shared: tuple[str, ...] = ()


@dataclass(frozen=True)
class Span:
    """What of a series may speak about an action: the periods from `first` on.

    Signals whose window begins after `last` are those of the action that began then, as `followed` says; `withdrawn`
    says when the action was taken back, after which there are no figures to read. `wanted` counts periods.
    """

    first: Period
    last: Period | None = None
    followed: str = ""
    withdrawn: str = ""
    wanted: int = NEEDED


@dataclass(frozen=True)
class _Signal:
    """A signal that was completed after the start, the points of its window, and which way it points."""

    signal: Signal
    window: tuple[Point, ...]
    completed: Period
    better: bool


def first_period(start: date, grain: str) -> Period:
    """The first period that counts: the one of the start when at most a quarter of it had passed, else the next."""
    own = containing(start, grain)
    days = (own.end - own.start).days + 1
    return own if (start - own.start).days <= PASSED * days else own.shift(1)


def periods_until(first: Period, reading: Period | None) -> int:
    """How many periods are wanted: three, or as many as there are up to the stated first reading."""
    return max(NEEDED, reading.ordinal - first.ordinal + 1) if reading else NEEDED


def read(
    before: Chart, figures: Sequence[Figure], excluded: frozenset[Period], span: Span, measure: Definition
) -> Verdict:
    """The verdict on an action: `before` is the chart up to the period before its start, `figures` those from then on.

    The limits in force before the start stay, and the rules see the points after it alone: no window reaches back. The
    first signal in the wanted direction is "worked", in the other "worse"; none is "no evidence yet", and fewer than
    three points are "too few months". The size is the mean since the start minus the old centre.
    """
    own = sorted((one for one in figures if one.period >= span.first), key=lambda one: one.period)
    phase = before.phases[-1] if before.phases else None
    after = _after(before, phase, own, excluded)
    found = _signals(after, measure)
    first = next((one for one in found if span.last is None or one.window[0].period <= span.last), None)
    # Without a signal of its own, an action is not measured by what the next one brought.
    last = span.last if first is None else None
    counted = spc.usable(after.points) if after else _uncharted(own, excluded)
    points = [point for point in counted if last is None or point.period <= last]
    base = _base(points, phase, span)
    limitless = phase is None or phase.baseline.state == "none"
    if base.months < NEEDED or limitless and before.options.window == "period":
        return _too_few(base, phase, span)
    if first is None:
        return _no_evidence(base, before, points, phase, span, measure)
    return _told(base, first, found, points, span, measure)


def unread(state: str, started: bool) -> Verdict:
    """The verdict on work that has not changed yet, or whose measure has no figures; `state` is that of the action."""
    figures = "no figures" if started else "not started" if state == "not_started" else "not finished"
    rest = "the measure has no figures." if started else f"the work has not changed yet, the action is {figures}."
    return Verdict("too_few", 0, NEEDED, None, "", None, None, None, Sentence("Too few months:", rest), figures)


def _after(before: Chart, phase: Phase | None, own: list[Figure], excluded: frozenset[Period]) -> Chart | None:
    """The points after the start against the limits from before; None where there are no limits or no points."""
    if phase is None or phase.centre is None or not any(one.value is not None for one in own):
        return None
    axis = {one.period for one in own}
    fixed = replace(_with_both_limits(phase, before.type), start=own[0].period)
    options = replace(before.options, locked=(fixed,), rebase=(), baseline=None,
                      exclude=frozenset(one for one in excluded if one in axis))  # fmt: skip
    chart = spc.read_series(own, options)
    limitless = phase.constant or phase.sigma is None
    return replace(chart, points=tuple(replace(p, signals=()) for p in chart.points)) if limitless else chart


def _with_both_limits(phase: Phase, type: str) -> spc.LockedLimits:
    """The record of a phase; limits that its bounds hide are written out, or it would be taken for a constant one."""
    fixed = replace(spc.locked_from(phase), state=phase.baseline.state)
    if phase.sigma is None or type == "t":
        return fixed
    reach = spc.SIGMAS * phase.sigma
    lower = phase.centre - reach if fixed.lower is None else fixed.lower
    return replace(fixed, lower=lower, upper=phase.centre + reach if fixed.upper is None else fixed.upper)


def _uncharted(own: Sequence[Figure], excluded: frozenset[Period]) -> list[Point]:
    """The points that count where there are no limits to read them against."""
    points = [
        Point(
            one.period,
            one.value,
            None,
            None,
            None,
            None,
            one.period in excluded,
            one.partial,
            (),
            one.numerator,
            one.denominator,
            0,
        )
        for one in own
    ]
    return spc.usable(points)


def _base(points: Sequence[Point], phase: Phase | None, span: Span) -> Verdict:
    mean = math.fsum(p.value for p in points) / len(points) if points else None
    centre = phase.centre if phase else None
    size = mean - centre if mean is not None and centre is not None else None
    return Verdict("", len(points), span.wanted, None, "", centre, mean, size, Sentence(""), "")


def _signals(chart: Chart | None, measure: Definition) -> list[_Signal]:
    """The signals with a side, in the order in which they were completed; of one period the strongest first."""
    if chart is None or measure.improvement_direction == "neutral":
        return []
    ids = spc.RULE_SETS[chart.rules]
    found = [
        _Signal(signal, _window(chart, at, signal), point.period, _better(signal, measure))
        for at, point in enumerate(chart.points)
        for signal in point.signals
        if signal.completes and signal.side != "either" and not spc.RULES[signal.rule].on_ranges
    ]
    return sorted(
        found, key=lambda one: (one.completed, spc.STRENGTHS.index(one.signal.strength), ids.index(one.signal.rule))
    )


def _better(signal: Signal, measure: Definition) -> bool:
    return (signal.side == "above") == (measure.improvement_direction == "increase")


def _window(chart: Chart, at: int, signal: Signal) -> tuple[Point, ...]:
    """The successive points that carry the signal, up to the one at which it was complete."""
    if spc.RULES[signal.rule].window == 1:
        return (chart.points[at],)
    window: list[Point] = []
    for point in reversed(chart.points[: at + 1]):
        if not any(s.rule == signal.rule and s.side in (signal.side, "either") for s in point.signals):
            break
        window.append(point)
    return tuple(reversed(window))


# ---- words ---------------------------------------------------------------------------------------------------------


def moved(old: float, new: float, measure: Definition) -> str:
    """`58 → 68%`, `31 → 26 days`: with as many decimals as it takes to see a difference."""
    left, right = _short(old, measure), _short(new, measure)
    if left == right:
        left, right = fmt.value(old, measure), fmt.value(new, measure)
    shown = f"{left.removesuffix('%')} → {right}"
    word = fmt.unit_word(measure)
    return f"{shown} {word}" if word else shown


def _short(x: float, measure: Definition) -> str:
    if measure.unit == "percent":
        return f"{fmt.plain(x * 100, 0)}%"
    return fmt.value(x, measure)


def since_words(first: Period, latest: Period) -> str:
    """`since August`, with the year when it is another than that of the latest period."""
    return f"since {first.bare if first.start.year == latest.start.year else first.label}"


def _too_few(base: Verdict, phase: Phase | None, span: Span) -> Verdict:
    unit = span.first.grain
    run = f"{base.months} of {base.wanted} {noun(unit, base.wanted)} run"
    if base.months >= NEEDED:
        n = phase.baseline.n if phase else 0
        rest = f"{count_word(n)} {noun(unit, n)} before the start are too few for limits to read it against."
        return replace(base, verdict="too_few", size=None, figures=f"{n} {noun(unit, n)} before it",
                       sentence=Sentence("Too few months:", rest))  # fmt: skip
    n = count_word(base.months)
    rest = f"{n} {noun(unit, base.months)} since the start; {count_word(NEEDED)} are needed.{_ending(span)}"
    return replace(base, verdict="too_few", figures=run, sentence=Sentence("Too few months:", rest))


def _no_evidence(
    base: Verdict, before: Chart, points: Sequence[Point], phase: Phase, span: Span, measure: Definition
) -> Verdict:
    unit = span.first.grain
    figures = since_words(points[0].period, points[-1].period)
    if span.followed or span.withdrawn:
        figures = f"{points[0].period.bare} to {points[-1].period.label}"
    elif base.wanted > base.months:
        figures = f"{base.months} of {base.wanted} {noun(unit, base.wanted)} run"
    n = f"{count_word(base.months)} {noun(unit, base.months)}"
    rest = f"{n} {_quiet(before, points, phase, measure)}.{_ending(span)}"
    return replace(base, verdict="no_evidence", figures=figures, sentence=Sentence("No evidence yet:", rest))


def _ending(span: Span) -> str:
    return "".join(f" {text[:1].upper()}{text[1:]}." for text in (span.followed, span.withdrawn) if text)


def _quiet(before: Chart, points: Sequence[Point], phase: Phase, measure: Definition) -> str:
    """Why so many months show nothing."""
    if before.options.window != "period":
        return "of a figure that shares periods with the one before, which gives no signals"
    if measure.improvement_direction == "neutral":
        return "of a measure without a wanted direction"
    if phase.constant or phase.sigma is None:
        return "against a past without variation, which gives no limits"
    return "without a signal, all inside the limits"


def _told(
    base: Verdict, first: _Signal, found: Sequence[_Signal], points: Sequence[Point], span: Span, measure: Definition
) -> Verdict:
    verdict = "worked" if first.better else "worse"
    rest = f"{_evidence(first, points, measure)}; {fmt.with_unit(base.old_centre, measure)} before, " \
           f"{fmt.with_unit(base.mean, measure)} on average since, {fmt.change(base.size, measure)}."  # fmt: skip
    against = next((one for one in found if one.completed > first.completed and one.better != first.better), None)
    later = _later(against) if against else ""
    rest += _ending(replace(span, followed=""))
    return replace(
        base, verdict=verdict, completed=first.completed, rule=first.signal.rule, later=later,
        figures=moved(base.old_centre, base.mean, measure),
        sentence=Sentence(f"{VERDICTS[verdict]}:", f"{rest} {later}".strip()),
    )  # fmt: skip


def _evidence(found: _Signal, points: Sequence[Point], measure: Definition) -> str:
    """What was seen after the start, in the words of the rule that saw it."""
    side, unit = found.signal.side, found.completed.grain
    limit = "upper" if side == "above" else "lower"
    if SHAPES[found.signal.rule] == "outside":
        beyond = [p for p in points if _beyond(p, side)]
        if len(beyond) == len(points):
            return f"all {count_word(len(points))} {noun(unit, len(points))} {side} the old {limit} limit"
        return f"{found.completed.label} {side} the old {limit} limit"
    if SHAPES[found.signal.rule] == "near":
        return f"{spc.RULES[found.signal.rule].title}, {limit} side, complete in {found.completed.label}"
    if SHAPES[found.signal.rule] == "shift":
        n = len(found.window)
        return f"{count_word(n)} {noun(unit, n)} {side} the old centre, up to {found.completed.label}"
    return f"{spc.RULES[found.signal.rule].title}, complete in {found.completed.label}"


def _beyond(point: Point, side: str) -> bool:
    if side == "above":
        return point.upper is not None and point.value > point.upper
    return point.lower is not None and point.value < point.lower


def _later(against: _Signal) -> str:
    way = "in the wanted direction" if against.better else "in the other direction"
    return f"Later, in {against.completed.label}, a signal {way}: {spc.RULES[against.signal.rule].title}."

"""One reading for each measure: variation, capability, status, verb and one sentence, from the latest complete point.

The words of every closed list are here, once; page, share link, file and API import them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from scorecard.core import fmt, spc
from scorecard.core.definition import Definition, Goal
from scorecard.core.periods import PER_YEAR, Period, noun
from scorecard.core.spc import Chart, Phase, Point, Signal

VARIATIONS = {
    "improving": "Improving signal", "worsening": "Worsening signal", "changing": "Changing, no wanted direction",
    "routine": "Routine variation", "not_assessable": "Not assessable yet",
}
CAPABILITIES = {
    "will_meet": "Will reach it", "hit_or_miss": "May hit or miss it", "will_miss": "Will not reach it", "cannot_say": "Cannot say yet",
}
STATUSES = {"on_course": "On course", "watch": "Watch", "act": "Act", "not_yet": "Not yet"}
VERBS = {
    "spread_what_works": "Spread what works", "find_the_cause": "Find the cause", "leave_alone": "Leave it alone",
    "change_the_process": "Change the process", "wait": "Wait for more figures",
}
NUMBER_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
RECENT_PERIODS = 3
_LADDER = ("act", "watch", "on_course")
SHAPES = {"beyond_limit": "outside", "western_electric_1": "outside", "nelson_1": "outside", "near_limit_3_of_4": "near",
           "near_limit_2_of_3": "near", "western_electric_2": "near", "western_electric_3": "near", "nelson_5": "near",
           "nelson_6": "near", "run_of_8": "shift", "run_of_7": "shift", "western_electric_4": "shift", "nelson_2": "shift",
           "trend_of_7": "trend", "nelson_3": "trend", "nelson_4": "pattern", "nelson_7": "pattern", "nelson_8": "pattern"}


@dataclass(frozen=True)
class Sentence:
    """The news in bold, then the evidence."""

    bold: str
    rest: str = ""

    @property
    def text(self) -> str:
        return f"{self.bold} {self.rest}".strip()


@dataclass(frozen=True)
class Reading:
    """What one chart says about its latest complete period. `hits` is the share (0 to 1) of baseline points that met the goal."""

    period: Period | None
    value: float | None
    goal: Goal | None
    variation: str
    reason: str
    capability: str
    hits: float | None
    status: str
    basis: str
    verb: str
    signal: str | None
    shape: str
    side: str
    since: Period | None
    completed: Period | None
    behaviour: tuple[str, str]
    against_goal: tuple[str, str]
    sentence: Sentence
    evidence: str
    notices: tuple[str, ...]

    @property
    def full_sentence(self) -> str:
        """The sentence with the rule behind it and how strong its signal is."""
        return f"{self.sentence.text} {self.evidence}".strip()


@dataclass(frozen=True)
class _Found:
    """The signal that decides the reading, and the stretch of points that carry it."""

    signal: Signal
    window: tuple[Point, ...]
    completed: Period | None


def goal_of(goals: Sequence[Goal], period: Period | None) -> Goal | None:
    """The goal of a period: the last one that starts in or before it."""
    if period is None:
        return None
    begun = [goal for goal in goals if goal.start <= period.end]
    return max(begun, key=lambda goal: goal.start) if begun else None


def read(chart: Chart, measure: Definition, goals: Sequence[Goal] = ()) -> Reading:
    """The reading of the latest complete point of a chart."""
    point = spc.latest(chart)
    goal = goal_of(goals, point.period if point else None)
    phase = chart.phases[point.phase] if point else chart.phases[-1]
    found = _deciding(chart, point)
    variation, reason = _variation(chart, point, phase, found, measure)
    capability, hits = _capability(chart, point, phase, goal, measure)
    status, basis = _status(point, goal, variation, capability, found, measure)
    base = Reading(
        point.period if point else None, point.value if point else None, goal, variation, reason, capability, hits, status, basis,
        _verb(variation, capability, goal, measure, phase), found.signal.rule if found else None, _shape(found, variation, phase, point),
        found.signal.side if found else "", found.window[0].period if found else None, found.completed if found else None,
        ("", ""), ("", ""), Sentence(""), "", ())
    return replace(base, behaviour=_behaviour(base, chart, phase, point, measure), against_goal=_against_goal(base, goal, chart),
                   sentence=_sentence(base, chart, phase, point, found, measure), evidence=_evidence(found),
                   notices=_reading_notices(base, chart, point, phase, found, measure))


# ---- variation -------------------------------------------------------------------------------------------------


def _deciding(chart: Chart, point: Point | None) -> _Found | None:
    """The strongest signal that the latest point belongs to; signals of the moving range mark the chart only."""
    told = [s for s in point.signals if not spc.RULES[s.rule].on_ranges] if point else []
    if not told:
        return None
    ids = spc.RULE_SETS[chart.rules]
    signal = min(told, key=lambda s: (spc.STRENGTHS.index(s.strength), ids.index(s.rule)))
    window = _window(chart, point, signal)
    completed = next((p.period for p in reversed(window) if any(s.rule == signal.rule and s.completes for s in p.signals)), None)
    return _Found(signal, window, completed)


def _window(chart: Chart, point: Point, signal: Signal) -> tuple[Point, ...]:
    """The successive points up to this one that carry the same signal; a single point for a rule about single points.

    A peak belongs to the rise before it and to the fall after it, so it carries both.
    """
    if spc.RULES[signal.rule].window == 1:
        return (point,)
    window = []
    for other in reversed([p for p in chart.points if p.phase == point.phase and p.period <= point.period]):
        if not any(s.rule == signal.rule and s.side in (signal.side, "either") for s in other.signals):
            break
        window.append(other)
    return tuple(reversed(window))


def _variation(chart: Chart, point: Point | None, phase: Phase, found: _Found | None, measure: Definition) -> tuple[str, str]:
    if point is None:
        return "not_assessable", "There is no complete figure yet."
    if chart.options.window != "period":
        return "not_assessable", spc.window_notice(chart.options.window)
    if point.excluded:
        return "not_assessable", f"{point.period.label} is excluded from the chart."
    if phase.constant:
        return "routine", ""
    if phase.baseline.state == "none":
        return "not_assessable", _too_few(phase, chart)
    if _no_limits(phase):
        return "not_assessable", "The baseline gives limits of no width."
    if found is None:
        return "routine", ""
    if measure.improvement_direction == "neutral" or found.signal.side == "either":
        return "changing", ""
    better = (found.signal.side == "above") == (measure.improvement_direction == "increase")
    return ("improving" if better else "worsening"), ""


def _no_limits(phase: Phase) -> bool:
    return not phase.constant and phase.sigma is None


def _too_few(phase: Phase, chart: Chart) -> str:
    n, unit = phase.baseline.n, phase.start.grain
    if phase is chart.phases[0]:
        return f"{n} {noun(unit, n)} so far, too few for limits; {spc.TRIAL_FROM} give trial limits."
    return f"{n} {noun(unit, n)} since the new start, too few for limits; {spc.REBASED_FROM} give trial limits."


def _shape(found: _Found | None, variation: str, phase: Phase, point: Point | None) -> str:
    if found:
        return SHAPES[found.signal.rule]
    if variation != "routine":
        return "none"
    return "new_level" if point and point.phase > 0 else "routine"


# ---- capability and status ------------------------------------------------------------------------------------


def _meets(value: float, goal: float, direction: str) -> bool:
    slack = 1e-12 * max(abs(value), abs(goal))
    return value >= goal - slack if direction == "increase" else value <= goal + slack


def _limits_with_bounds(chart: Chart, point: Point) -> tuple[float, float]:
    low, high = spc.natural_bounds(chart.options)
    lower = point.lower if point.lower is not None else (-math.inf if low is None else low)
    upper = point.upper if point.upper is not None else (math.inf if high is None else high)
    return lower, upper


def _capability(chart: Chart, point: Point | None, phase: Phase, goal: Goal | None, measure: Definition) -> tuple[str, float | None]:
    direction = measure.improvement_direction
    if point is None or goal is None or direction == "neutral" or chart.options.window != "period":
        return "cannot_say", None
    if phase.constant:
        return ("will_meet" if _meets(point.value, goal.value, direction) else "will_miss"), None
    if phase.baseline.state == "none" or _no_limits(phase):
        return "cannot_say", None
    lower, upper = _limits_with_bounds(chart, point)
    good, bad = (lower > goal.value, upper < goal.value) if direction == "increase" else (upper < goal.value, lower > goal.value)
    if good or bad:
        return ("will_meet" if good else "will_miss"), None
    return "hit_or_miss", _hits(chart, phase, goal, direction)


def _baseline_points(chart: Chart, phase: Phase) -> list[Point]:
    ends = phase.baseline.start, phase.baseline.end
    return [p for p in spc.usable(chart.points) if ends[0] is not None and ends[0] <= p.period <= ends[1] and chart.phases[p.phase] is phase]


def _hits(chart: Chart, phase: Phase, goal: Goal, direction: str) -> float | None:
    points = _baseline_points(chart, phase)
    return sum(_meets(p.value, goal.value, direction) for p in points) / len(points) if points else None


def _status(point: Point | None, goal: Goal | None, variation: str, capability: str, found: _Found | None,
            measure: Definition) -> tuple[str, str]:
    """One rule: the goal sets it, an improving signal lifts it one step, a worsening one lowers it one step."""
    if point is not None and goal is not None and goal.red is not None and goal.yellow is not None:
        return plan_status(point.value, goal, measure.improvement_direction), "plan"
    if goal is not None and measure.improvement_direction != "neutral":
        if capability == "cannot_say":
            return "not_yet", "goal"
        step = {"will_meet": 2, "hit_or_miss": 1, "will_miss": 0}[capability]
        step += {"improving": 1, "worsening": -1}.get(variation, 0)
        return _LADDER[min(2, max(0, step))], "goal"
    if variation == "not_assessable":
        return "not_yet", "history"
    if variation == "worsening":
        return ("act" if found.signal.strength == "strong" else "watch"), "history"
    return ("watch" if variation == "changing" else "on_course"), "history"


def plan_status(value: float, goal: Goal, direction: str) -> str:
    """The colour that the plan's own thresholds give: at or past yellow On course, at or past red Watch, else Act."""
    wanted = "decrease" if direction == "decrease" else "increase"
    if _meets(value, goal.yellow, wanted):
        return "on_course"
    return "watch" if _meets(value, goal.red, wanted) else "act"


def flicker(chart: Chart, goal: Goal | None, direction: str) -> float | None:
    """How often a stable process would change colour from one period to the next (0 to 1) with the plan's thresholds.

    For independent normal figures around the centre, sigma a third of the way to a limit: 1 − Σ p², p the chance of each colour.
    """
    phase = chart.phases[-1]
    if goal is None or goal.red is None or goal.yellow is None or phase.centre is None or not phase.sigma:
        return None
    edges = [0.5 * (1 + math.erf((x - phase.centre) / phase.sigma / math.sqrt(2))) for x in sorted((goal.red, goal.yellow))]
    shares = (edges[0], edges[1] - edges[0], 1 - edges[1])
    return 1 - sum(p * p for p in shares)


def _verb(variation: str, capability: str, goal: Goal | None, measure: Definition, phase: Phase) -> str:
    if variation == "improving":
        return "spread_what_works"
    if variation in ("worsening", "changing"):
        return "find_the_cause"
    if variation == "not_assessable":
        return "wait"
    if capability in ("hit_or_miss", "will_miss"):
        return "change_the_process"
    return "leave_alone"


# ---- words -------------------------------------------------------------------------------------------------------


def count_word(n: int) -> str:
    """Small counts in words."""
    return NUMBER_WORDS[n] if 0 <= n < len(NUMBER_WORDS) else f"{n:,}"


def plural(label: str) -> bool:
    """Whether a measure's name takes `have`: its head noun, before `of`, `kept`, `over` …, ends in s."""
    words = label.lower().split()
    stops = {"to", "of", "for", "per", "over", "under", "in", "on", "at", "with", "by", "through", "after", "before", "kept", "sent", "open", "held", "lost", "won", "within"}
    head = next((words[i - 1] for i, word in enumerate(words) if i and (word in stops or word.endswith("ed"))), words[-1] if words else "")
    return head.endswith("s") and not head.endswith(("ss", "us", "is"))


def _have(measure: Definition) -> str:
    return "have" if plural(measure.label) else "has"


def _its(measure: Definition) -> str:
    return "their" if plural(measure.label) else "its"


def _normal(point: Point, measure: Definition, dash: bool = False) -> str:
    return fmt.range_text(point.lower, point.upper, measure, dash)


def _behaviour(r: Reading, chart: Chart, phase: Phase, point: Point | None, measure: Definition) -> tuple[str, str]:
    if r.variation == "not_assessable":
        return "Not assessable yet", _short_reason(chart, phase, point)
    if phase.constant:
        n, still = _unchanged(chart, phase, point)
        return f"{'Unchanged' if still else 'Was unchanged'} for {n} {noun(phase.start.grain, n)}", fmt.with_unit(phase.centre, measure)
    normal = f"{_normal(point, measure, dash=True)} is normal"
    if not r.signal:
        if r.shape == "new_level":
            return "Routine, new level", f"{_normal(point, measure, dash=True)} since {phase.start.short}"
        return "Routine variation", normal
    count = _span(r)
    since = f"{fmt.with_unit(point.centre, measure)}, since {r.since.short}"
    unit = noun(point.period.grain, count)
    return {
        "outside": ("Above its limits" if r.side == "above" else "Below its limits", normal),
        "shift": (f"{count} {unit} {r.side} centre", since),
        "trend": (f"{'Rising' if r.side == 'above' else 'Falling'} {count} {unit} running", f"since {r.since.short}"),
        "near": (f"Close to the {'upper' if r.side == 'above' else 'lower'} limit", normal),
        "pattern": ("A pattern that chance rarely gives", f"since {r.since.short}"),
    }[r.shape]


def _span(r: Reading) -> int:
    return r.period.ordinal - r.since.ordinal + 1


def _short_reason(chart: Chart, phase: Phase, point: Point | None) -> str:
    if point is None:
        return "no complete figure yet"
    if chart.options.window != "period":
        return "shares periods with the one before"
    if point.excluded:
        return f"{point.period.short} is excluded"
    n = phase.baseline.n
    return f"{n} {noun(phase.start.grain, n)}, too few for limits" if phase.baseline.state == "none" else "limits would have no width"


def _against_goal(r: Reading, goal: Goal | None, chart: Chart) -> tuple[str, str]:
    if goal is None:
        return "No goal set", "behaviour only"
    per_year = PER_YEAR[r.period.grain]
    detail = {"will_miss": "unless changed"}.get(r.capability, "")
    if r.capability == "hit_or_miss" and r.hits is not None and not r.signal:
        hit = round(r.hits * per_year)
        detail = f"in {'no' if hit == 0 else hit} {noun(r.period.grain, 2 if hit > 1 else 1)} of {per_year}"
    return CAPABILITIES[r.capability], detail


def _sentence(r: Reading, chart: Chart, phase: Phase, point: Point | None, found: _Found | None, measure: Definition) -> Sentence:
    label = measure.label
    if r.variation == "not_assessable":
        return Sentence(f"{label}: not assessable yet.", r.reason)
    if phase.constant:
        return _constant_sentence(r, chart, phase, point, measure)
    if found:
        return _SIGNAL_SENTENCES[r.shape](r, point, found, measure)
    normal = _normal(point, measure)
    if r.capability == "will_miss":
        return Sentence(f"{label} will not reach {fmt.goal_value(r.goal.value, measure)}", f"as the work is done now: {normal} is all it can give.")
    if r.shape == "new_level":
        return _level_sentence(chart, phase, point, measure)
    if r.capability == "hit_or_miss":
        return Sentence(f"{label}: routine variation.", f"{_upper_first(normal)} is normal. May hit or miss {fmt.goal_value(r.goal.value, measure)} by chance.")
    tail = " Will reach the goal while the work stays as it is." if r.capability == "will_meet" else ""
    return Sentence(f"{label}: routine variation.", f"{_upper_first(normal)} is normal. Nothing to explain.{tail}")


def _upper_first(text: str) -> str:
    return text[:1].upper() + text[1:]


def _unchanged(chart: Chart, phase: Phase, point: Point) -> tuple[int, bool]:
    """How many periods of a constant phase have its value, up to the latest one or the first that differs, and whether the latest has it."""
    values = [p.value for p in spc.usable(chart.points) if chart.phases[p.phase] is phase and p.period <= point.period]
    same = [math.isclose(value, phase.centre, rel_tol=1e-12) for value in values]
    if False not in same:
        return len(same), True
    return (same[::-1].index(False) if same[-1] else same.index(False)), same[-1]


def _constant_sentence(r: Reading, chart: Chart, phase: Phase, point: Point, measure: Definition) -> Sentence:
    n, still = _unchanged(chart, phase, point)
    months, level = f"{n} {noun(phase.start.grain, n)}", fmt.with_unit(phase.centre, measure)
    rest = {"will_meet": " It meets its goal.", "will_miss": " It does not meet its goal."}.get(r.capability, "")
    if still:
        return Sentence(f"{measure.label}: unchanged for {months}", f"at {level}.{rest}")
    return Sentence(f"{measure.label}: {fmt.with_unit(point.value, measure)} in {point.period.bare}", f"after {months} at {level}.{rest}")


def _level_sentence(chart: Chart, phase: Phase, point: Point, measure: Definition) -> Sentence:
    before = chart.phases[point.phase - 1]
    n = point.period.ordinal - phase.start.ordinal + 1
    return Sentence(f"{measure.label} moved from {fmt.with_unit(before.centre, measure)} to {fmt.with_unit(phase.centre, measure)}",
                    f"in {phase.start.label} and {_have(measure)} held for {count_word(n)} {noun(phase.start.grain, n)}: "
                    f"{_normal(point, measure)} is normal now.")


def _outside_sentence(r: Reading, point: Point, found: _Found, measure: Definition) -> Sentence:
    moved = "jumped" if r.side == "above" else "fell"
    ask = f"Ask what happened in {point.period.bare}."
    if r.variation == "improving":
        ask = f"Find out what happened in {point.period.bare} and keep it."
    return Sentence(f"{measure.label} {moved} to {fmt.with_unit(point.value, measure)}",
                    f"in {point.period.bare}; {_normal(point, measure)} is normal. {ask}")


def _shift_sentence(r: Reading, point: Point, found: _Found, measure: Definition) -> Sentence:
    n = len(found.window)
    mean = math.fsum(p.value for p in found.window) / n
    unit = noun(point.period.grain, n)
    where = "higher" if r.side == "above" else "lower"
    ask = " Find out why and keep it." if r.variation == "improving" else ""
    return Sentence(f"{measure.label} {_have(measure)} settled {where}:",
                    f"{n} {unit} {r.side} {_its(measure)} centre of {fmt.with_unit(point.centre, measure)}, "
                    f"now {fmt.with_unit(mean, measure)} on average.{ask}")


def _trend_sentence(r: Reading, point: Point, found: _Found, measure: Definition) -> Sentence:
    n = len(found.window)
    moved = "risen" if r.side == "above" else "fallen"
    return Sentence(f"{measure.label} {_have(measure)} {moved} {n} {noun(point.period.grain, n)} running,",
                    f"from {r.since.label} to {point.period.label}.")


def _near_sentence(r: Reading, point: Point, found: _Found, measure: Definition) -> Sentence:
    limit = "upper" if r.side == "above" else "lower"
    ask = "Find out why and keep it." if r.variation == "improving" else "Watch for a change in the work."
    passed = any(SHAPES.get(s.rule) == "outside" for p in found.window for s in p.signals)
    return Sentence(f"{measure.label} {_have(measure)} been close to the {limit} limit{' or beyond it' if passed else ''}",
                    f"since {r.since.label}; {_normal(point, measure)} is normal. {ask}")


def _pattern_sentence(r: Reading, point: Point, found: _Found, measure: Definition) -> Sentence:
    return Sentence(f"{measure.label} {_have(measure)} shown a pattern that chance rarely gives",
                    f"since {r.since.label}. Look for what changed in the work or in the counting.")


_SIGNAL_SENTENCES = {"outside": _outside_sentence, "shift": _shift_sentence, "trend": _trend_sentence, "near": _near_sentence,
                     "pattern": _pattern_sentence}


def _evidence(found: _Found | None) -> str:
    if not found:
        return ""
    rule = spc.RULES[found.signal.rule]
    since = f" since {found.window[0].period.label}" if rule.window > 1 else ""
    return f"Rule{since}: {rule.title}, a {rule.strength} signal."


def _reading_notices(r: Reading, chart: Chart, point: Point | None, phase: Phase, found: _Found | None, measure: Definition) -> tuple[str, ...]:
    notices = list(chart.notices)
    if point is None:
        return tuple(notices)
    unit = point.period.grain
    if found is None and r.variation == "routine":
        last = _last_completed(chart, point)
        if last:
            ago = point.period.ordinal - last.ordinal
            notices.append(f"The last signal was {count_word(ago)} {noun(unit, ago)} ago, in {last.label}.")
    if any(spc.RULES[s.rule].on_ranges for s in point.signals):
        notices.append(f"The change from one {unit} to the next was larger than usual in {point.period.label}.")
    state = phase.baseline.state
    if state in ("trial", "provisional") and not phase.constant:
        notices.append(_state_notice(state, phase, chart))
    return tuple(notices)


def _state_notice(state: str, phase: Phase, chart: Chart) -> str:
    n, unit = phase.baseline.n, phase.start.grain
    lock = chart.options.lock_after or spc.LOCK_AFTER[unit]
    if state == "trial":
        return f"{n} {noun(unit, n)} so far: trial limits, and only a point beyond one is a signal. {spc.PROVISIONAL_FROM} give firmer limits."
    return f"{n} {noun(unit, n)} so far: provisional limits, computed again with each new {unit} until they lock at {lock}."


def _last_completed(chart: Chart, point: Point) -> Period | None:
    """The month in which the last signal within three periods before this one was complete."""
    for other in reversed(chart.points):
        ago = point.period.ordinal - other.period.ordinal
        if 0 < ago <= RECENT_PERIODS and any(s.completes and not spc.RULES[s.rule].on_ranges for s in other.signals):
            return other.period
    return None


# ---- JSON --------------------------------------------------------------------------------------------------------


def to_json(chart: Chart, reading: Reading) -> dict:
    """The chart and its reading as plain values: the answer of `chart --json` and of the API."""
    return {
        "type": chart.type, "rules": chart.rules,
        "phases": [_phase_json(phase) for phase in chart.phases],
        "points": [_point_json(point) for point in chart.points],
        "variation": reading.variation, "capability": reading.capability, "status": reading.status, "verb": reading.verb,
        "sentence": reading.full_sentence, "notices": list(reading.notices),
    }


def _phase_json(phase: Phase) -> dict:
    base = phase.baseline
    out = {
        "from": str(phase.start), "to": str(phase.end), "centre": phase.centre, "lower": phase.lower, "upper": phase.upper,
        "range_centre": phase.range_centre, "range_upper": phase.range_upper,
        "baseline": {"from": str(base.start) if base.start else None, "to": str(base.end) if base.end else None,
                     "n": base.n, "state": base.state},
    }
    return out | ({"sigma_z": phase.sigma_z} if phase.sigma_z is not None else {})


def _point_json(point: Point) -> dict:
    out = {
        "period": str(point.period), "value": point.value, "range": point.range, "centre": point.centre,
        "lower": point.lower, "upper": point.upper, "excluded": point.excluded,
        "signals": [{"rule": s.rule, "strength": s.strength, "completes": s.completes} for s in point.signals],
    }
    return out | ({"partial": True} if point.partial else {})

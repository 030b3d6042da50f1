"""The page "What the marks mean", written from the rules that are in force, so that it cannot say otherwise."""

from __future__ import annotations

from datetime import date

from scorecard.core import spc
from scorecard.core.definition import Goal
from scorecard.core.periods import Period, from_ordinal
from scorecard.core.reading import SHAPES, VERBS
from scorecard.output import causes, marks
from scorecard.output.marks import Scale, svg
from scorecard.output.theme import escape

TITLE = "What the marks mean"
SET_NAMES = {
    "limits-only": "limits only",
    "wheeler": "Wheeler",
    "nhs": "NHS (Making Data Count)",
    "western-electric": "Western Electric",
    "nelson": "Nelson",
}
SHAPE_NAMES = {
    "outside": "Outside the limits",
    "near": "Close to a limit",
    "shift": "Shift",
    "trend": "Trend",
    "pattern": "Pattern",
}
LADDER = ("act", "watch", "on_course")
_STEPS = (
    ("improving", "Improving signal", 1),
    ("routine", "Routine variation", 0),
    ("worsening", "Worsening signal", -1),
)
_CAPABLE = (
    ("will_meet", "Will reach it", 0.0),
    ("hit_or_miss", "May hit or miss", 0.62),
    ("will_miss", "Will not", 1.4),
)
_REACH = {"will_meet": 2, "hit_or_miss": 1, "will_miss": 0}


def page(rules: str = "wheeler") -> str:
    """What every mark, icon and word means, for this rule set."""
    head = (
        f'<header><h1>{TITLE}</h1><p class="second" style="margin-top:6px">One page, one minute. The same marks mean '
        'the same thing on '
        "every page, in every export and on every screen.</p></header>"
    )
    left = (
        f"<section><h2>A chart</h2>{_scrolled(chart_picture(rules))}</section><section><h2>Behaviour: is something "
        "new happening?</h2>"
        f"{behaviour_table(rules)}</section><section><h2>How firm are the limits?</h2>{limits_table()}</section>"
    )
    right = (
        f"<section><h2>Status: two readings, one rule</h2>{status_table()}</section>"
        f"<section><h2>People: each beside the team</h2>{people_marks()}</section>"
        f"<section><h2>Other marks</h2>{other_marks()}</section>"
    )
    return f'{head}<div class="pair"><div class="stack">{left}</div><div class="stack">{right}</div></div>'


def _scrolled(picture: str) -> str:
    """A picture whose words stay readable on a phone: it scrolls there, by touch and by keyboard."""
    return f'<div class="scroll" tabindex="0" role="region" aria-label="The parts of a chart">{picture}</div>'


# --- status ----------------------------------------------------------------------------------------------------------


def status_of(variation: str, capability: str) -> str:
    """The status of two readings: the goal sets it, a signal moves it one step."""
    step = _REACH[capability] + next(move for name, _, move in _STEPS if name == variation)
    return LADDER[min(2, max(0, step))]


def verb_of(variation: str, capability: str) -> str:
    """What to do about two readings, in words."""
    if variation != "routine":
        return VERBS["spread_what_works" if variation == "improving" else "find_the_cause"]
    return VERBS["leave_alone" if capability == "will_meet" else "change_the_process"]


def status_table() -> str:
    """Three behaviours by three readings against the goal."""
    heads = "".join(
        f'<th scope="col"><span class="two">{marks.capability_mark(0, 1, _goal_at(at), "increase")}<span '
        f'class="head">{words}</span>'
        "</span></th>"
        for _, words, at in _CAPABLE
    )
    rows = "".join(_status_row(*one) for one in _STEPS)
    return (
        '<table class="rules nine"><caption class="vh">Status by behaviour and by reading against the goal'
        f'</caption><thead><tr><td></td>{heads}</tr></thead>'
        f'<tbody>{rows}</tbody></table><p class="cap after">What the limits promise sets the status. An improving '
        'signal lifts it one step, a '
        "worsening signal lowers it one step. Nobody paints a status by hand, and past months are never repainted.</p>"
        '<p class="cap after">Without a goal the behaviour alone decides: routine or improving is On course, a '
        'strong worsening signal is Act, '
        "a weaker one is Watch. Where the annual plan states its own red and yellow, those decide. Without limits "
        "there is no status yet.</p>"
    )


def _goal_at(share: float) -> float:
    return -0.2 if share == 0 else share


def _status_row(variation: str, words: str, move: int) -> str:
    picture = {
        1: marks.icon("trend", "above", "better"),
        0: marks.icon("routine"),
        -1: marks.icon("outside", "below", "worse"),
    }[move]
    cells = "".join(
        f"<td>{marks.status(status_of(variation, cap))}<span class='sub'>{verb_of(variation, cap)}</span></td>"
        for cap, _, _ in _CAPABLE
    )
    return f'<tr><th scope="row"><span class="two">{picture}<span>{words}</span></span></th>{cells}</tr>'


# --- behaviour -------------------------------------------------------------------------------------------------------


def behaviour_table(rules: str) -> str:
    """The rules in force, the strongest first, with the words that the product writes for each."""
    ordered = sorted(spc.RULE_SETS[rules], key=lambda id: spc.STRENGTHS.index(spc.RULES[id].strength))
    rows = "".join(_rule_row(spc.RULES[id]) for id in ordered if not spc.RULES[id].on_ranges)
    rows += _behaviour_row(
        marks.icon("routine"), "Routine variation", "none of these", "", "Routine variation, 60–85% is normal"
    )
    on_ranges = [spc.RULES[id].title for id in spc.RULE_SETS[rules] if spc.RULES[id].on_ranges]
    also = f" Marked on the moving-range chart only: {'; '.join(on_ranges)}." if on_ranges else ""
    return (
        '<table class="dense rules five"><thead><tr><th scope="col">Icon</th><th scope="col">Name</th><th '
        'scope="col">Rule</th>'
        f'<th scope="col">Signal</th><th scope="col">What we write</th></tr></thead><tbody>{rows}</tbody></table>'
        f'<p class="cap after">Rule set in force: {SET_NAMES[rules]}. Colour tells better from worse, direction '
        'tells up from down: fewer days to '
        "first value is a falling line in blue. The latest complete month decides, the strongest signal first. "
        f"Points left out and months without a figure break every pattern.{also}</p>"
        f'<p class="cap after">{false_alarms(rules)}</p>'
    )


def _rule_row(rule: spc.Rule) -> str:
    shape = SHAPES[rule.id]
    icons = f'<span class="icons">{marks.icon(shape, "above", "better")}{marks.icon(shape, "below", "worse")}</span>'
    return _behaviour_row(icons, SHAPE_NAMES[shape], rule.title, rule.strength, _written(shape, rule.window))


def _behaviour_row(icons: str, name: str, rule: str, strength: str, words: str) -> str:
    return (
        f'<tr><td>{icons}</td><th scope="row">{escape(name)}</th><td>{escape(rule)}</td><td>{escape(strength)}</td>'
        f'<td class="mut">“{escape(words)}”</td></tr>'
    )


def _written(shape: str, window: int) -> str:
    """The words of the column Behaviour for a shape."""
    return {
        "outside": "Above its limits, 34–59 is normal",
        "shift": f"{window} months below centre, 90.8%, since Mar 2026",
        "trend": f"Rising {window} months running, since May 2026",
        "near": "Close to the lower limit, 62–75% is normal",
        "pattern": "A pattern that chance rarely gives, since May 2026",
    }[shape]


def false_alarms(rules: str, measures: int = 10, baseline: int = 24) -> str:
    """How often chance alone gives a signal, in words."""
    share = spc.false_alarm_budget(rules, measures, baseline)
    return (
        f"False alarms: with {measures} stable measures and limits from {baseline} months, chance alone gives at "
        "least one signal in about "
        f"{round(share * 100)} months of 100."
    )


# --- limits ----------------------------------------------------------------------------------------------------------


def limits_table() -> str:
    """What the number of figures allows: none, trial, provisional, locked."""
    trial, provisional, lock = spc.TRIAL_FROM, spc.PROVISIONAL_FROM, spc.LOCK_AFTER
    rows = (
        (f"under {trial}", "no limits", "dots and their median; no signal, no status"),
        (f"{trial} to {provisional - 1}", "trial limits, dashed", "only a point beyond a limit is a signal"),
        (
            f"{provisional} to {lock['month'] - 1}",
            "provisional limits, dashed",
            "all rules; recomputed with each new month",
        ),
        (
            f"from {lock['month']}",
            "locked limits, solid",
            f"new figures never move them; weeks and quarters lock at {lock['week']}",
        ),
    )
    body = "".join(
        f'<tr><th scope="row">{n}</th><td>{escape(state)}</td><td class="mut">{escape(told)}</td></tr>'
        for n, state, told in rows
    )
    return (
        '<table class="dense rules three"><thead><tr><th scope="col">Months</th><th scope="col">Limits</th><th '
        'scope="col">What follows</th></tr></thead>'
        f'<tbody>{body}</tbody></table><p class="cap after">Limits are the mean ± {spc.MEAN_RANGE_FACTOR} × the mean '
        'moving range, the upper limit of the '
        f"moving range {spc.MEAN_RANGE_UPPER} × its mean, unless a measure says otherwise. A new start after a "
        "process change has no limits before "
        f"{spc.REBASED_FROM} months. Who locked limits, when and why stands on the page of each measure.</p>"
    )


# --- other marks -----------------------------------------------------------------------------------------------------


def other_marks() -> str:
    """The marks that the tables above leave open."""
    bar = svg(16, 16, '<path class="m-change" d="M8 1V15"/>')
    note = svg(16, 16, '<path class="m-note" d="M8 1V15"/>')
    latest = svg(16, 16, '<circle class="m-dot" cx="8" cy="8" r="3.7"/>')
    rows = (
        (latest, "large dot", "the latest period"),
        (marks.mark("hollow_dot"), "hollow dot", "left out with a written cause, or not complete"),
        (marks.mark("changed_dot"), "black dot", "a signal of a measure without a wanted direction"),
        (bar, "solid vertical line", "a process change: new limits from here"),
        (note, "fine dotted line", "a note, with its day"),
        (marks.status_shape("not_yet"), "grey dash", "Not yet: too few figures for limits"),
        (causes.swatch("supported"), "solid blue line", "a stated link that the figures support"),
        (causes.swatch("no_evidence_yet"), "dashed grey line", "a stated link without evidence yet"),
        (causes.swatch("contradicted"), "solid orange line", "a stated link that the figures contradict"),
        (marks.mark("thick"), "thick grey bar", "the middle half of the others; a benchmark sets no status"),
        (marks.mark("hatched"), "hatched", "no measure looks here"),
        (marks.mark("padlock"), "padlock", "read only"),
    )
    body = "".join(
        f'<tr><td class="icon">{icon}</td><th scope="row">{name}</th><td>{told}</td></tr>' for icon, name, told in rows
    )
    return (
        f'<table class="dense rules plain"><tbody>{body}</tbody></table><p class="cap after">“was Watch” under a '
        'status: it changed since the period '
        "before. “Small business carries it”: only that segment alone shows the signal.</p>"
    )


def people_marks() -> str:
    """How a person's figure is read: against limits for their own number of cases, never against another person."""
    dot, ring = '<circle class="m-dot" cx="8" cy="8" r="3.7"/>', '<circle class="m-ink" cx="8" cy="8" r="6.6"/>'
    rows = (
        (marks.legend_band(), "inside the band", "95% limits: where chance alone puts nearly everybody"),
        (marks.mark("hollow_dot"), "hollow dot", "outside 95%, inside 99.8%: with many people chance does that often"),
        (svg(16, 16, dot + ring), "dot in a ring", "outside 99.8%: differs from the team beyond chance; ask what is different in the work"),
        (svg(16, 16, '<path class="m-change" d="M8 1V15"/>'), "upright line", "the whole team: all cases together, never the mean of rates"),
        (marks.status_shape("not_yet"), "too few accounts to tell", "a difference worth noticing would not be noticed; it does not say that all is well"),
    )
    body = "".join(f'<tr><td class="icon">{icon}</td><th scope="row">{name}</th><td>{told}</td></tr>' for icon, name, told in rows)
    return f'<table class="dense rules plain"><tbody>{body}</tbody></table><p class="cap after">Names stand in alphabetical order everywhere; nobody is ranked.</p>'


# --- the picture of a chart ------------------------------------------------------------------------------------------

_VALUES = (
    61,
    58,
    62,
    57,
    63,
    66,
    60,
    64,
    57,
    61,
    55,
    62,
    59,
    63,
    60,
    57,
    62,
    65,
    59,
    61,
    56,
    63,
    60,
    62,
    58,
    46,
    47.5,
    59,
    80,
    85,
    77,
    84,
    75,
    79,
    82,
    83,
    75,
)
_CHANGE = 28
_WIDTH, _HEIGHT, _LEFT, _RIGHT = 640, 278, 4, 490


def example(rules: str) -> spc.Chart:
    """An invented measure: 24 months that lock the limits, a bad spell, then a process change with nine months."""
    first = Period(date(2023, 10, 1), "month")
    figures = [spc.Figure(from_ordinal(first.ordinal + i, "month"), float(v)) for i, v in enumerate(_VALUES)]
    return spc.read_series(figures, spc.Options(rules=rules, direction="increase", rebase=(figures[_CHANGE].period,)))


def chart_picture(rules: str) -> str:
    """An annotated chart, drawn from the engine's own limits and signals."""
    chart, goal = example(rules), Goal(date(2023, 10, 1), 66.5)
    y = Scale([v for p in chart.points for v in (p.value, p.lower, p.upper)], 40, 226)
    step = (_RIGHT - _LEFT - 16) / (len(chart.points) - 1)
    xs = [_LEFT + 8 + i * step for i in range(len(chart.points))]
    change = (xs[_CHANGE - 1] + xs[_CHANGE]) / 2
    parts = [
        *_limits(chart, y, change),
        f'<path class="m-goal" d="M{_LEFT} {y(goal.value):.1f}H{_RIGHT}"/>',
        f'<path class="m-change" d="M{change:.1f} 16V240"/>',
        *marks.data_line(chart.points, xs, y),
        *marks.dots(chart.points, xs, y, "increase", 1.2),
        *_words(chart, xs, y, change, goal.value),
    ]
    return svg(
        _WIDTH,
        _HEIGHT,
        "".join(parts),
        "A chart with natural limits, goal, a signal and a process change, each named.",
        "picture",
    )


def _limits(chart: spc.Chart, y: Scale, change: float) -> list[str]:
    parts = []
    for phase, (left, right) in zip(chart.phases, ((_LEFT, change), (change, _RIGHT)), strict=True):
        edge = "m-edge" if phase.baseline.state == "locked" else "m-trial"
        top, bottom = y(phase.upper), y(phase.lower)
        parts.append(
            f'<rect class="m-band" x="{left:.1f}" y="{top:.1f}" width="{right - left:.1f}" '
            f'height="{bottom - top:.1f}"/>'
            f'<path class="{edge}" d="M{left:.1f} {top:.1f}H{right:.1f}M{left:.1f} {bottom:.1f}H{right:.1f}"/>'
            f'<path class="m-centre" d="M{left:.1f} {y(phase.centre):.1f}H{right:.1f}"/>'
        )
    return parts


def _words(chart: spc.Chart, xs: list[float], y: Scale, change: float, goal: float) -> list[str]:
    before, after = chart.phases
    low, last = chart.points[25], chart.points[-1]
    bracket = f"M{xs[0]:.1f} 246V252H{xs[before.baseline.n - 1]:.1f}V246"
    right = _RIGHT + 9
    return [
        _word(change - 8, 24, "process change: new limits from here", "end", True),
        _word(_LEFT + 2, y(before.upper) - 9, "natural limits: what this way of working gives"),
        _word(right, y(after.upper) - 3, "trial limit, dashed:"),
        _word(right, y(after.upper) + 12, f"fewer than {spc.PROVISIONAL_FROM} months"),
        _word(right, y(after.centre) + 2, "centre: the mean"),
        _word(right, y(last.value) + 4, "large dot: latest month"),
        _word(right, y(goal) + 4, "goal, dotted", bold=True),
        _word(xs[25] - 10, y(low.value) + 5, "signal: worsening", "end", kind="m-worse"),
        f'<path class="m-edge" d="{bracket}"/>',
        _word(_LEFT + 4, 270, f"locked baseline: the first {before.baseline.n} months set the limits"),
    ]


def _word(x: float, y: float, text: str, anchor: str = "start", bold: bool = False, kind: str = "") -> str:
    look = kind or ("m-inkfill" if bold else "m-text")
    weight = ' font-weight="600"' if bold or kind else ""
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"'
    return f'<text class="{look}" {place} font-size="12"{weight}>{escape(text)}</text>'

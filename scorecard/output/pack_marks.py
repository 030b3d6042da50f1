"""What the marks mean, in words and small drawings, for files that have no page of their own for it."""

from __future__ import annotations

from dataclasses import dataclass

from scorecard.core import spc
from scorecard.core.reading import SHAPES, STATUSES
from scorecard.output import grammar, marks

TITLE = grammar.TITLE


@dataclass(frozen=True)
class Explained:
    """A mark with what it means; `icon` is SVG."""

    icon: str
    name: str
    told: str


def explained(rules: str) -> tuple[tuple[str, tuple[Explained, ...]], ...]:
    """The marks in groups, for a rule set."""
    return (
        ("Status: two readings, one rule", _statuses()),
        ("Behaviour: is something new happening?", _behaviours(rules)),
        ("Against the goal", _capabilities()),
        ("On a chart", _chart()),
        ("How firm are the limits?", _limits()),
    )


def _statuses() -> tuple[Explained, ...]:
    told = {
        "on_course": "will reach the goal, or may hit it and improves",
        "watch": "may hit or miss the goal by chance; or will reach it and worsens; or cannot reach it and improves",
        "act": "will not reach the goal as the work is done now, or may miss it and worsens",
        "not_yet": "too few figures for limits",
    }
    rows = tuple(Explained(marks.status_shape(status), STATUSES[status], words) for status, words in told.items())
    without = "without a goal the behaviour alone decides; where the annual plan states red and yellow, those decide"
    was = Explained("", "was Watch", "the status of the period before, when it changed")
    return (*rows, was, Explained("", "No goal", without))


def _behaviours(rules: str) -> tuple[Explained, ...]:
    """The rules in force, the strongest first."""
    own = sorted(spc.RULE_SETS[rules], key=lambda id: spc.STRENGTHS.index(spc.RULES[id].strength))
    rows = [_behaviour(spc.RULES[id]) for id in own if not spc.RULES[id].on_ranges]
    routine = Explained(marks.icon("routine"), "Routine variation", "none of these: nothing to explain")
    colours = Explained("", "Colours", "blue is better, orange is worse; up and down as in the data")
    return (
        *rows,
        routine,
        colours,
        Explained("", "False alarms", grammar.false_alarms(rules).removeprefix("False alarms: ")),
    )


def _behaviour(rule: spc.Rule) -> Explained:
    shape = SHAPES[rule.id]
    told = f"{rule.title}; a {rule.strength} signal"
    return Explained(marks.icon(shape, "below", "worse"), grammar.SHAPE_NAMES[shape], told)


def _capabilities() -> tuple[Explained, ...]:
    return (
        Explained(marks.capability_mark(0, 1, -0.2, "increase"), "Will reach it", "all of the natural range meets it"),
        Explained(marks.capability_mark(0, 1, 0.62, "increase"), "May hit or miss it", "the filled part meets it"),
        Explained(marks.capability_mark(0, 1, 1.4, "increase"), "Will not reach it", "none of the natural range does"),
    )


def _chart() -> tuple[Explained, ...]:
    return (
        Explained(
            marks.legend_band(), "grey band", "natural limits: what this way of working gives; the line is its centre"
        ),
        Explained(marks.legend_goal(), "dotted line", "the goal of the period"),
        Explained(marks.mark("better_dot"), "blue dot", "part of a signal, improving"),
        Explained(marks.mark("worse_dot"), "orange dot", "part of a signal, worsening"),
        Explained(marks.mark("changed_dot"), "black dot", "a signal of a measure without a wanted direction"),
        Explained(marks.mark("hollow_dot"), "hollow dot", "left out with a written cause, or not complete"),
        Explained(marks.mark("bar"), "solid vertical line", "a process change: new limits from here"),
    )


def _limits() -> tuple[Explained, ...]:
    trial, provisional, lock = spc.TRIAL_FROM, spc.PROVISIONAL_FROM, spc.LOCK_AFTER["month"]
    how = f"mean ± {spc.MEAN_RANGE_FACTOR} × the mean moving range, unless a measure says otherwise"
    return (
        Explained("", f"Under {trial} months", "no limits, no signal, no status"),
        Explained(
            marks.legend_band(trial=True),
            f"{trial} to {provisional - 1}",
            "trial limits, dashed: only a point beyond is a signal",
        ),
        Explained(
            marks.legend_band(trial=True), f"{provisional} to {lock - 1}", "provisional limits, dashed: all rules"
        ),
        Explained(marks.legend_band(), f"From {lock}", "locked limits: new figures never move them"),
        Explained("", "Limits are", how),
    )

"""Experiments as they are read: two arms with their intervals, the difference below, what was agreed, what was decided; the CSV twins."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

from scorecard.core import experiments as core
from scorecard.core.intervals import wilson
from scorecard.core.periods import day
from scorecard.core.reading import Sentence
from scorecard.improvement.experiments import rule_words, said_of
from scorecard.output import marks, twins
from scorecard.output.theme import escape

if TYPE_CHECKING:
    from scorecard.core.experiments import Arm, Placed
    from scorecard.improvement.experiments import Experiment, Guarded, Sizing, Told, Volume
    from scorecard.store.studies import Look, Version

EDGE_LEFT, EDGE_RIGHT, DAYS = 4.0, 6.0, 365.25 / 12
WORDS = {"adopt": "Worked", "worse": "Worse", "keep": "Keep what is", "no_evidence": "No evidence", "broken": "Cannot be read", "go_on": "Under way", "stopped": "Stopped"}
MARKS = {"adopt": "worked", "worse": "worse", "no_evidence": "no_evidence"}
INK = {"adopt": "better", "worse": "worse", "no_evidence": "none"}
HELD = {"held": "no change for the worse", "worse": "worse", "cannot say": "cannot say yet", "no figures": "no figures yet"}
FIGURES = ("experiment", "state", "arm", "name", "hits", "n", "share", "lower", "upper", "difference", "difference_lower", "difference_upper", "p", "method",
           "smallest_effect", "rule", "fingerprint", "verdict", "decision", "looks_not_agreed")


def verdict(told: Told) -> str:
    """A key of WORDS: what the rule said when it was concluded, or says now."""
    of = told.experiment
    if of.state == "stopped":
        return "stopped"
    found = of.conclusion.verdict if of.conclusion else told.decision.verdict if told.decision else "go_on"
    sign = 1 if of.design.better == "up" else -1
    against = told.reading is not None and told.reading.difference * sign < 0 and told.reading.p < core.ALPHA
    return "worse" if found == "keep" and against else found


def news(told: Told) -> Sentence | None:
    """What the experiment says, for the sentences at the top of the page; None before it may be read."""
    of, seen = told.experiment.design, told.reading
    if seen is None or told.experiment.state == "stopped":
        return None
    figures = f"{seen.b.share:.0%} against {seen.a.share:.0%} {said_of(of)}."
    rest = {"adopt": "It meets the rule set before the test.", "worse": "It went the wrong way.", "no_evidence": "No evidence of a difference: keep what is.",
            "broken": "The arms cannot be compared: find out why first."}.get(verdict(told), told.decision.sentence if told.decision else "")
    return Sentence(f"{of.change} instead of {of.control[:1].lower()}{of.control[1:]}:", f"{figures} {rest}".strip())


# -- the section


def section(told: Told, href: Callable[[str], str] | None = None) -> str:
    """The experiment: heading, arms and difference where they may be read, what was agreed and decided, looks."""
    of = told.experiment
    found = verdict(told)
    mark = f'<span class="verdict v-{INK.get(found, "none")}">{marks.mark(MARKS[found]) if found in MARKS else ""}{escape(WORDS[found] if of.state != "draft" else "Draft")}</span>'
    head = f'<div class="sechead"><h2>Experiment: {escape(of.design.title)}</h2>{mark}</div><p class="cap">{escape(second_line(told))}</p>'
    if not told.intact:
        wrong = '<p class="notice">The rule is not the one that was frozen: its fingerprint differs. Nothing of it is read.</p>'
        return f'<section class="sec" data-verdict="broken">{head}{wrong}{facts(told, href)}</section>'
    body = figures(told) if told.reading else f'<p class="sd-none-found">{escape(waiting(told))}</p>'
    return f'<section class="sec" data-verdict="{found}">{head}{body}{facts(told, href)}{_foot(told)}</section>'


def second_line(told: Told) -> str:
    """`Small business, 1 Apr 2026 to 30 Sep 2026, 206 accounts drawn at random`."""
    of = told.experiment.design
    drawn = f"{len(told.units):,} accounts drawn at random" if told.units else "counts typed in" if of.metric == "counts" else "nobody drawn yet"
    return f"{of.segment or 'All segments'}, {day(of.starts)} to {day(of.ends)}, {drawn}"


def waiting(told: Told) -> str:
    """Why no difference is shown yet."""
    of = told.experiment
    if of.state == "draft":
        return "A draft. A leader freezes the rule before the start; then accounts are drawn."
    if told.counts is None or not (told.counts.a.n or told.counts.b.n):
        return "No outcome is in yet." if told.units or of.design.metric == "counts" else "Draw the accounts: chance says who goes where, balanced within each stratum."
    if told.decision is None:
        return "One arm has no outcome yet."
    return told.decision.sentence if told.decision.verdict == "broken" else f"{told.decision.sentence} The difference is not shown before, so that nobody stops at a lucky moment."


def figures(told: Told) -> str:
    """Both arms and the difference, drawn on their axes."""
    seen, of = told.reading, told.experiment.design
    ends = [end for arm in (seen.a, seen.b) for end in wilson(arm.hits, arm.n)]
    shares, points = _Axis(min(ends), max(ends), 0.0, 1.0), _Axis(min(0.0, seen.lower), max(0.0, seen.upper), -1.0, 1.0)
    rows = "".join(_arm(name, arm, shares, said_of(of)) for name, arm in ((of.change, seen.b), (of.control, seen.a)))
    axis = f'<tr class="se-axis" aria-hidden="true"><td class="se-name"></td><td>{shares.ticks(lambda x: f"{x:.0%}")}</td></tr>'
    return (f'<table class="se"><caption class="vh">Both arms with 95% intervals, and their difference</caption><tbody>{rows}{axis}{_difference(told, points)}'
            f'<tr class="se-axis" aria-hidden="true"><td class="se-name"></td><td>{points.ticks(_signed)}</td></tr></tbody></table>')


def _arm(name: str, arm: Arm, axis: _Axis, hits: str) -> str:
    low, high = wilson(arm.hits, arm.n)
    drawn = axis.interval(low, high, arm.share, "se-arm", "m-inkfill", f"{arm.share:.1%}", "")
    label = f"{name}: {arm.share:.1%}, 95% interval {low:.1%} to {high:.1%}."
    return (f'<tr><th scope="row" class="se-name">{escape(name)}<span class="sub">{arm.hits:,} of {arm.n:,} {escape(hits)}</span></th>'
            f"<td>{_wide(46, axis.grid(46) + drawn, label)}</td></tr>")


def _difference(told: Told, axis: _Axis) -> str:
    seen = told.reading
    sign = 1 if told.experiment.design.better == "up" else -1
    clear = seen.p < core.ALPHA and not seen.lower <= 0 <= seen.upper and not seen.mismatched
    way = ("worked" if seen.difference * sign > 0 else "worse") if clear else "none"
    bar, dot = {"worked": ("se-worked", "se-worked-dot"), "worse": ("se-worse", "se-worse-dot"), "none": ("se-arm", "m-inkfill")}[way]
    zero = f'<line class="sd-one" x1="{axis.place(0):.2f}%" x2="{axis.place(0):.2f}%" y1="0" y2="46"/>'
    drawn = axis.interval(seen.lower, seen.upper, seen.difference, bar, dot, f"{_signed(seen.difference, 1)} points", way)
    label = f"Difference {_signed(seen.difference, 1)} points, 95% interval {_signed(seen.lower, 1)} to {_signed(seen.upper, 1)}."
    return f'<tr><th scope="row" class="se-name">Difference<span class="sub">95% interval</span></th><td>{_wide(46, axis.grid(46) + zero + drawn, label)}</td></tr>'


def _signed(x: float, digits: int = 0) -> str:
    text = f"{x * 100:+.{digits}f}".replace("-", "−")
    return "0" if digits == 0 and round(x * 100) == 0 else text


class _Axis:
    """A straight axis as wide as its cell, with a few round ticks; places are percents."""

    def __init__(self, low: float, high: float, least: float, most: float) -> None:
        room = max(high - low, 0.01)
        self.step = next((step for step in (0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 0.5) if room / step <= 4), 0.5)
        self.low = max(least, math.floor(low / self.step + 1e-9) * self.step)
        self.high = min(most, math.ceil(high / self.step - 1e-9) * self.step)

    def place(self, value: float) -> float:
        return EDGE_LEFT + (value - self.low) / (self.high - self.low) * (100 - EDGE_LEFT - EDGE_RIGHT)

    def marks(self) -> list[float]:
        return [self.low + n * self.step for n in range(round((self.high - self.low) / self.step) + 1)]

    def grid(self, height: int) -> str:
        return "".join(f'<line class="sd-grid" x1="{self.place(x):.2f}%" x2="{self.place(x):.2f}%" y1="0" y2="{height}"/>' for x in self.marks())

    def ticks(self, told: Callable[[float], str]) -> str:
        last = 100 - EDGE_RIGHT - 0.01
        return _wide(20, "".join(f'<text x="{100 if self.place(x) > last else self.place(x):.2f}%" y="14" text-anchor="{"end" if self.place(x) > last else "middle"}">{escape(told(x))}</text>'
                                 for x in self.marks()))

    def interval(self, low: float, high: float, middle: float, bar: str, dot: str, text: str, tone: str) -> str:
        at = self.place(middle)
        anchor = "start" if at < 14 else "end" if at > 86 else "middle"
        return (f'<rect class="{bar}" x="{self.place(low):.2f}%" width="{max(0.2, self.place(high) - self.place(low)):.2f}%" y="26" height="5"/>'
                f'<circle class="{dot}" cx="{at:.2f}%" cy="28.5" r="5.5"/><text class="se-value {tone}" x="{at:.2f}%" y="16" text-anchor="{anchor}">{escape(text)}</text>')


def _wide(height: int, content: str, label: str = "") -> str:
    named = f'role="img" aria-label="{escape(label)}"' if label else 'aria-hidden="true"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" class="se" width="100%" height="{height}" {named}>{content}</svg>'


# -- what was agreed, and what came of it


def facts(told: Told, href: Callable[[str], str] | None = None) -> str:
    """Rule, size, smallest effect, guardrails, decision: a line each."""
    lines = [_rule(told), ("Smallest effect it could find", _smallest(told)), *_guards(told), *_decided(told, href)]
    body = "".join(f'<tr><th scope="row">{escape(head)}</th><td>{text}</td></tr>' for head, text in lines)
    return f'<table class="dense se-facts"><caption class="vh">What was agreed and decided</caption><tbody>{body}</tbody></table>'


def _rule(told: Told) -> tuple[str, str]:
    of = told.experiment
    if of.frozen is None:
        return "Rule, not frozen yet", escape(rule_words(of.design))
    when = datetime.fromisoformat(of.frozen.at).date()
    return f"Rule set on {day(when)}", f'{escape(of.frozen.words)}<span class="sub">{escape(of.frozen.by)} · fingerprint {escape(of.frozen.fingerprint[:12])}</span>'


def _smallest(told: Told) -> str:
    of = told.experiment.design
    found = "no change at all" if told.smallest is None else f"{told.smallest * 100:.0f} points"
    return f"{found} with {of.per_arm:,} accounts in each group, from {of.base:.0%}, {of.power:.0%} power"


def _guards(told: Told) -> list[tuple[str, str]]:
    of = told.experiment.design
    if not of.guards:
        return []
    if not told.guards:
        return [("Guardrails", escape("; ".join(f"{one.name}, better {one.better}, {one.margin:g} borne" for one in of.guards)))]
    return [("Guardrails", "<br/>".join(escape(_guard(one)) for one in told.guards))]


def _guard(one: Guarded) -> str:
    """`tickets 1.1 against 1.2 (−0.3 to 0.1): no change for the worse`."""
    if one.difference is None:
        return f"{one.guard.name}: {HELD['no figures']}"
    span = f"{one.difference.lower:+.1f} to {one.difference.upper:+.1f}".replace("-", "−")
    return f"{one.guard.name} {one.b.mean:.1f} against {one.a.mean:.1f} ({span}): {HELD[one.state]}"


def _decided(told: Told, href: Callable[[str], str] | None) -> list[tuple[str, str]]:
    of, found = told.experiment, []
    if told.decision and told.reading and of.state == "frozen":
        found.append(("What the rule says now", escape(_named(told.decision.sentence, told))))
    if of.conclusion:
        link = f' · <a href="{escape(href(of.conclusion.project))}">project</a>' if href and of.conclusion.project else ""
        found.append(("Decision" if of.state == "concluded" else "Stopped", f"<b>{escape(of.conclusion.words)}</b>, {escape(of.conclusion.by)}, "
                      f"{escape(day(date.fromisoformat(of.conclusion.on)))}{link}<span class=\"sub\">{escape(_named(of.conclusion.sentence, told))}</span>"))
    if told.actions:
        found.append(("What follows", "<br/>".join(f'<a href="actions?action={escape(one.id)}">{escape(one.title)}</a> <span class="mut">{escape(one.owner_name)}, {escape(day(one.due))}</span>' for one in told.actions)))
    return found


def _named(sentence: str, told: Told) -> str:
    """A sentence about arm b, with what was changed."""
    return sentence.replace("b is ", f"{told.experiment.design.change} is ", 1) if sentence.startswith("b is ") else sentence


def _foot(told: Told) -> str:
    said = []
    if told.reading:
        said.append(f"{told.reading.method[:1].upper()}{told.reading.method[1:]}; Newcombe's interval. Sizes of the arms against those drawn: p = {told.reading.mismatch:.2g}. Every account counts in the arm it was drawn into.")
    if told.early:
        said.append(f"{told.early} {'look was' if told.early == 1 else 'looks were'} taken before the moment agreed: {'it' if told.early == 1 else 'they'} decided nothing, and no false alarm is hidden by it.")
    if _typed_anew(told):
        said.append("The figures were typed anew after the size was reached: the last ones count, all are listed.")
    lines = "".join(f"<li>{escape(one)}</li>" for one in said)
    looks = "".join(f"<li>{escape(_look(one))}</li>" for one in told.looks)
    return f'<ul class="sd-said">{lines}{looks}</ul>' if lines or looks else ""


def _typed_anew(told: Told) -> bool:
    full = [one.body["counts"] for one in told.looks if one.body["agreed"] and one.body["share"] >= 1]
    return told.experiment.design.metric == "counts" and any((one["a"], one["b"]) != (full[0]["a"], full[0]["b"]) for one in full)


def _look(one: Look) -> str:
    """`Look 1, 5 Oct 2026, Rana Amari: 100% of the size, 94 of 104 against 80 of 102`; without the figures of one that was not agreed."""
    (hits_a, a), (hits_b, b) = one.body["counts"]["a"], one.body["counts"]["b"]
    seen = f", {hits_b:,} of {b:,} against {hits_a:,} of {a:,}" if one.body["agreed"] else ", not agreed"
    return f"Look {one.number}, {day(one.on)}, {one.author}: {one.body['share']:.0%} of the size{seen}"


def sizes(found: Sizing, past: Volume, days: int) -> str:
    """What the design costs: accounts an arm, months at past volumes, what the accounts there are would notice; `days` is its span."""
    plan = found.plan
    parts = [f"<b>{plan.per_arm:,} an arm</b> ({2 * plan.per_arm:,} in all) to notice {plan.base:.1%} becoming {plan.to:.1%} with power {plan.power:.0%} and {plan.alpha:.0%} false alarms."]
    if found.duration:
        slow = f"{found.duration.slow}" if found.duration.slow else "no end"
        parts.append(f"At the volume of the last {len(past.months)} months ({past.cases:,} outcomes) that takes about {found.duration.usual} months, {found.duration.fast} to {slow}.")
        if found.duration.usual * DAYS > days + DAYS / 2:
            parts.append(f"<b>The span chosen is {days / DAYS:.0f} months:</b> it would end before they are in. Choose a later end, or a larger change to notice.")
    below, above = found.smallest
    ends = " or ".join(text for text in (below is not None and f"{below:.1%} or less", above is not None and f"{above:.1%} or more") if text)
    parts.append(f"{found.eligible:,} accounts can be drawn: they would notice {ends or 'no change at all'}." if found.eligible else
                 "No account can be drawn yet: none is loaded whose outcome falls into this span and is ahead.")
    return f'<p>{" ".join(parts)}</p>'


def history(found: Sequence[Version]) -> str:
    """Every version, the newest first: when, what, why, who."""
    rows = "".join(f'<tr><td class="nw">{escape(day(one.recorded_at.date()))}, {one.recorded_at:%H:%M}</td><td>version {one.version}, {escape(one.state)}</td>'
                   f'<td class="mut">{escape(one.reason)}</td><td class="mut">{escape(one.author)}</td></tr>' for one in found)
    head = "".join(f'<th scope="col">{text}</th>' for text in ("When, UTC", "What", "Why", "Who"))
    return f'<div class="scroll"><table class="dense"><caption class="vh">History</caption><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'


# -- the CSV twins


def csv(told: Told) -> str:
    """Both arms in full precision with the difference and the decision; figures are empty while they must not be read."""
    of, seen = told.experiment, told.reading
    words = of.conclusion.words if of.conclusion else ""
    rest = (told.smallest, of.frozen.words if of.frozen else "", of.frozen.fingerprint if of.frozen else "", verdict(told), words, told.early)
    lines = []
    for arm, name in (("a", of.design.control), ("b", of.design.change)):
        own: Arm | None = getattr(seen, arm) if seen else None
        low, high = wilson(own.hits, own.n) if own else (None, None)
        difference = (seen.difference, seen.lower, seen.upper, seen.p, seen.method) if seen else (None,) * 5
        lines.append([of.design.title, of.state, arm, name, own.hits if own else None, own.n if own else None, own.share if own else None, low, high, *difference, *rest])
    return twins.csv_text(FIGURES, lines)


def arms_csv(of: Experiment, placed: Sequence[Placed], known: dict[str, tuple[str, str]]) -> str:
    """Who was drawn into which arm, in the order of the accounts: for the CRM, so that the right people do the right thing."""
    arms = {"a": of.design.control, "b": of.design.change}
    return twins.csv_text(("account", "name", "csm", "stratum", "arm", "what_they_get"),
                          ([one.unit, *known.get(one.unit, ("", "")), one.stratum, one.arm, arms[one.arm]] for one in placed))

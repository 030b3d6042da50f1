"""Churn drivers as they are read: odds ratios with their intervals on one axis, what is said of them, and the CSV twin."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from scorecard.core import drivers as core
from scorecard.core.drivers import INTERCEPT, NAMES, Study, Term, times
from scorecard.core.periods import day
from scorecard.core.reading import Sentence
from scorecard.improvement.drivers import COUNTED
from scorecard.output import marks, twins
from scorecard.output.theme import escape

if TYPE_CHECKING:
    from scorecard.core.calibration import Band
    from scorecard.core.driver_groups import Comparison
    from scorecard.improvement.drivers import Answer, Question, Scored
    from scorecard.store.studies import KeptModel

EDGE, WIDEST = 4.0, 64.0
COLUMNS = ("driver", "level", "compared_with", "step", "odds_ratio", "lower", "upper", "p", "coefficient", "standard_error", "clear",
           "odds_ratio_other_method", "lower_other_method", "upper_other_method", "p_other_method")
KINDS = {"more": "more lost", "fewer": "fewer lost", "none": "no evidence either way"}


def kind(term: Term) -> str:
    """`more`, `fewer` or `none`: which way a clear driver goes; a key of KINDS."""
    if not term.clear or term.odds_ratio is None:
        return "none"
    return "more" if term.odds_ratio > 1 else "fewer"


def drawn(study: Study) -> list[Term]:
    """The terms in the order of the drawing: from more lost to fewer; an estimate that does not exist comes last."""
    terms = [one for one in study.terms if one.predictor != INTERCEPT]
    return sorted(terms, key=lambda one: (one.odds_ratio is None, -(one.odds_ratio or 0)))


def news(answer: Answer) -> Sentence | None:
    """What the study says, for the sentences at the top of the page; None when it was refused."""
    study = answer.study
    if study.verdict == "refused":
        return None
    if study.verdict == "no evidence" or not study.ranking:
        return Sentence("No driver of churn is in evidence:", f"{study.events:,} of {study.n:,} were {COUNTED[answer.question.outcome]}, and what was known beforehand tells no one driver from chance.")
    best = [next(one for one in study.terms if one.name == name) for name in study.ranking[:2]]
    names = " and ".join(_short(one) for one in best)
    odds = " and ".join(times(one.odds_ratio) for one in best)
    return Sentence(f"{names[:1].upper()}{names[1:]} {'goes' if len(best) == 1 else 'go'} with churn most clearly:",
                    f"the odds of {study.outcome} are {odds} times as high, all else equal. Association, not proof.")


def _short(one: Term) -> str:
    if one.words.endswith((" against no", " against not said")):
        return one.predictor.lower() if one.predictor[1:2].islower() else one.predictor
    return f"{one.predictor.lower()} ({one.words})"


# -- the section


def section(answer: Answer, heading: str = "Churn drivers") -> str:
    """The study: heading with its counts, the drawing or the refusal, and what has to be said of it."""
    study = answer.study
    head = f'<div class="sechead"><h2>{escape(heading)}</h2><span class="cap">{escape(counts(answer))}</span></div>'
    if study.verdict != "evidence":
        return f'<section class="sec">{head}<p class="sd-none-found" data-verdict="{escape(study.verdict)}">{escape(study.sentence)}</p>{_said(answer)}</section>'
    return f'<section class="sec">{head}{table(study)}<p class="foot">{escape(foot(study))}</p>{_said(answer)}{_numbers(study)}</section>'


def counts(answer: Answer) -> str:
    """`909 renewals of 456 accounts, 68 lost, 23 for each driver`."""
    study, what = answer.study, "renewals" if answer.question.cohort == "renewals" else "accounts"
    parts = [f"{study.n:,} {what}", f"{study.events:,} {COUNTED[answer.question.outcome]}"]
    if study.events_per_driver is not None:
        parts.append(f"{study.events_per_driver:.0f} for each driver")
    span = f" · {day(answer.first)} to {day(answer.last)}" if answer.first and answer.last else ""
    known = f", as known {answer.question.ahead} days before" if answer.question.cohort == "renewals" else ", as known on the first day"
    return ", ".join(parts) + span + (known if span else "")


def table(study: Study) -> str:
    """The drivers on one axis of odds ratios."""
    terms = drawn(study)
    scale = _Scale(terms)
    body = "".join(_row(one, scale, study.outcome) for one in terms)
    return (
        '<table class="sd"><caption class="vh">Odds ratios of the drivers with 95% intervals</caption><thead><tr>'
        f'<th scope="col" class="sd-name">Driver</th><th scope="col" class="sd-axis">{scale.head()}<span class="vh">Odds ratio, drawn</span></th>'
        '<th scope="col" class="r sd-num">Odds ratio, 95%</th></tr></thead>'
        f'<tbody>{body}</tbody><tfoot><tr><td class="sd-name"></td><td class="sd-axis">{scale.foot()}</td><td class="sd-num"></td></tr></tfoot></table>'
    )


def _row(one: Term, scale: _Scale, outcome: str) -> str:
    name = one.level if one.level else one.predictor
    words = f"{one.predictor}, against {one.reference}" if one.level else one.words
    said = f"{times(one.odds_ratio)}" if one.odds_ratio is not None else "none"
    span = f"{_end(one.lower)} to {_end(one.upper)}" if one.odds_ratio is not None else "no finite estimate"
    label = f"{core.in_words(one, outcome)}; {KINDS[kind(one)]}."
    return (
        f'<tr data-driver="{escape(one.name)}" data-kind="{kind(one)}"><th scope="row" class="sd-name">{escape(name)}<span class="sub">{escape(words)}</span></th>'
        f'<td class="sd-axis">{scale.bar(one, label)}</td><td class="r sd-num"><b>{said}</b> {escape(span)}</td></tr>'
    )


def _end(ratio: float | None) -> str:
    return "no limit" if ratio is None else times(ratio)


class _Scale:
    """An axis of odds ratios by their logarithm, as wide as its cell: places are percents."""

    def __init__(self, terms: Sequence[Term]) -> None:
        ends = [end for one in terms for end in (one.lower, one.upper, one.odds_ratio) if end and 1 / WIDEST <= end <= WIDEST]
        self.low = math.floor(math.log2(min([*ends, 0.9])) * 2) / 2
        self.high = math.ceil(math.log2(max([*ends, 1.1])) * 2) / 2

    def place(self, ratio: float) -> float:
        share = (math.log2(ratio) - self.low) / (self.high - self.low)
        return EDGE + min(1.0, max(0.0, share)) * (100 - 2 * EDGE)

    def ticks(self) -> list[float]:
        powers = range(math.ceil(self.low), math.floor(self.high) + 1)
        step = math.ceil(len(powers) / 6)
        return [2.0**n for n in powers if n % step == 0]

    def head(self) -> str:
        at = self.place(1)
        left = f'<text class="sd-side" x="{at - 2:.2f}%" y="13" text-anchor="end">← fewer lost</text>' if at > 30 else ""
        right = f'<text class="sd-side" x="{at + 2:.2f}%" y="13">more lost →</text>' if at < 70 else ""
        return _wide(18, left + right)

    def foot(self) -> str:
        return _wide(20, "".join(f'<text x="{self.place(one):.2f}%" y="14" text-anchor="middle">{_tick(one)}</text>' for one in self.ticks()))

    def bar(self, one: Term, label: str) -> str:
        grid = "".join(f'<line class="{"sd-one" if tick == 1 else "sd-grid"}" x1="{self.place(tick):.2f}%" x2="{self.place(tick):.2f}%" y1="0" y2="40"/>'
                       for tick in sorted({*self.ticks(), 1.0}))
        return _wide(40, grid + (self._interval(one) if one.odds_ratio is not None else ""), label)

    def _interval(self, one: Term) -> str:
        low = self.place(one.lower) if one.lower else EDGE
        high = self.place(one.upper) if one.upper else 100 - EDGE
        way, middle = kind(one), self.place(one.odds_ratio)
        ends = "".join(f'<line class="sd-bar sd-{way}" x1="{x:.2f}%" x2="{x:.2f}%" y1="15" y2="25"/>' for x, end in ((low, one.lower), (high, one.upper))
                       if end and 1 / WIDEST <= end <= WIDEST)
        return (f'<line class="sd-bar sd-{way}" x1="{low:.2f}%" x2="{high:.2f}%" y1="20" y2="20"/>{ends}'
                f'<svg x="{middle:.2f}%" y="20" overflow="visible"><rect class="sd-{way}-dot" x="-4.5" y="-4.5" width="9" height="9"/></svg>')


def _tick(ratio: float) -> str:
    return "1, no effect" if ratio == 1 else f"{ratio:g}" if ratio >= 0.1 else f"1/{1 / ratio:g}"


def _wide(height: int, content: str, label: str = "", look: str = "sd") -> str:
    named = f'role="img" aria-label="{escape(label)}"' if label else 'aria-hidden="true"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" class="{look}" width="100%" height="{height}" {named}>{content}</svg>'


def foot(study: Study) -> str:
    """What the marks mean, how well the model tells lost from kept, and what it is not."""
    unclear = [one.name for one in drawn(study) if kind(one) == "none"]
    grey = f" Grey: the interval includes 1, no evidence either way ({_and(unclear)})." if unclear else ""
    held = f", {study.auc_held_out.value:.2f} on rows left out of the model" if study.auc_held_out else ""
    apart = f" Telling lost from kept: {study.auc.value:.2f}{held} (0.5 is a coin, 1 is perfect; {study.auc.lower:.2f} to {study.auc.upper:.2f})." if study.auc else ""
    return (f"Logistic regression by {NAMES[study.method]}, all drivers together. Blue: fewer lost. Orange: more lost.{grey}{apart} "
            "Association, not proof: test it.")


def _and(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _said(answer: Answer) -> str:
    lines = "".join(f"<li>{escape(one)}</li>" for one in (*answer.notices, *answer.study.notices))
    return f'<ul class="sd-said">{lines}</ul>' if lines else ""


# -- what stands behind it


def _numbers(study: Study) -> str:
    other = next(name for name in NAMES if name != study.method)
    test = f"Likelihood-ratio test of the whole model: {study.statistic:.2f} on {study.df}, p {_p(study.p)}; log likelihood {study.log_likelihood:.2f}.".replace(" -", " −")
    return (f'<details class="sd-more-below"><summary>The numbers, by both methods, and calibration</summary><div>{_both(study, other)}'
            f'<p class="foot">{escape(test)}</p>{calibration(study.calibration)}</div></details>')


def _both(study: Study, other: str) -> str:
    beside = {one.name: one for one in study.beside}
    rows = "".join(f'<tr><th scope="row">{escape(one.name)}<span class="sub">{escape(one.words)}</span></th>{_cells(one)}{_cells(beside[one.name])}</tr>' for one in drawn(study))
    head = "".join(f'<th scope="col" class="r">{escape(text)}</th>' for text in (_first(study.method), "p", _first(other), "p"))
    return f'<div class="scroll"><table class="dense"><caption class="vh">Odds ratios by both methods</caption><thead><tr><th scope="col">Driver</th>{head}</tr></thead><tbody>{rows}</tbody></table></div>'


def _first(method: str) -> str:
    return NAMES[method][:1].upper() + NAMES[method][1:]


def _cells(one: Term) -> str:
    if one.odds_ratio is None:
        return '<td class="r mut">no finite estimate</td><td class="r mut">–</td>'
    return f'<td class="r nw">{times(one.odds_ratio)} ({escape(_end(one.lower))} to {escape(_end(one.upper))})</td><td class="r nw">{escape(_p(one.p))}</td>'


def _p(p: float | None) -> str:
    return "–" if p is None else "< 0.001" if p < 0.001 else f"{p:.3f}"


def calibration(bands: Sequence[Band]) -> str:
    """Predicted against observed by bands of like chance; on the dotted line the model says what happens."""
    if not bands:
        return ""
    most = max(0.02, *(one.upper for one in bands), *(one.predicted for one in bands)) * 1.05
    x, y = (lambda v: 34 + v / most * 250), (lambda v: 190 - v / most * 170)
    parts = [f'<line class="sd-perfect" x1="{x(0):.1f}" y1="{y(0):.1f}" x2="{x(most):.1f}" y2="{y(most):.1f}"/>',
             '<path class="m-edge" d="M34 20V190H284"/>',
             f'<text x="34" y="12">observed, up to {most:.0%}</text><text x="284" y="206" text-anchor="end">predicted, up to {most:.0%}</text>']
    for one in bands:
        parts.append(f'<line class="sd-bar sd-none" x1="{x(one.predicted):.1f}" x2="{x(one.predicted):.1f}" y1="{y(one.lower):.1f}" y2="{y(one.upper):.1f}"/>'
                     f'<circle class="m-inkfill" cx="{x(one.predicted):.1f}" cy="{y(one.observed):.1f}" r="4"/>')
    said = "; ".join(f"predicted {one.predicted:.0%}, observed {one.observed:.0%} ({one.events:,} of {one.n:,})" for one in bands)
    return f'<h3>Does what it predicts come true?</h3>{marks.svg(300, 212, "".join(parts), f"Calibration. {said}.", "sd")}<p class="foot">{escape(said)}.</p>'


# -- segments


def segments(found: Comparison, counted: str = "lost") -> str:
    """Each segment's own study beside the others, and whether a driver differs between them."""
    names = list(dict.fromkeys(one.name for study in found.studies.values() for one in study.terms if one.predictor != INTERCEPT))
    head = "".join(f'<th scope="col" class="r">{escape(group)}<span class="sub">{study.n:,}, {study.events:,} {escape(counted)}</span></th>' for group, study in found.studies.items())
    rows = "".join(f'<tr><th scope="row">{escape(name)}</th>' + "".join(f'<td class="r">{_in_segment(study, name)}</td>' for study in found.studies.values()) + "</tr>" for name in names)
    body = (f'<div class="scroll"><table class="dense"><caption class="vh">Odds ratios by segment</caption><thead><tr><th scope="col">Driver</th>{head}</tr></thead><tbody>{rows}</tbody></table></div>'
            if rows else "")
    refused = "".join(f"<li>{escape(group)}: {escape(study.sentence)}</li>" for group, study in found.studies.items() if study.verdict != "evidence")
    tests = "".join(f"<li>{escape(one.predictor)}: {'differs' if one.differs else 'no evidence of a difference'} (p {escape(_p(one.p))})</li>" for one in found.differences)
    return (f'<section class="sec"><div class="sechead"><h2>Drivers by segment</h2></div><p>{escape(found.sentence)}</p>{body}'
            f'<ul class="sd-said">{refused}{tests}</ul></section>')


def _in_segment(study: Study, name: str) -> str:
    one = next((term for term in study.terms if term.name == name), None)
    if study.verdict != "evidence" or one is None or one.odds_ratio is None:
        return '<span class="mut">–</span>'
    text = f"{times(one.odds_ratio)} ({escape(_end(one.lower))} to {escape(_end(one.upper))})"
    return f"<b>{text}</b>" if one.clear else f'<span class="mut">{text}</span>'


# -- the CSV twin


def csv(answer: Answer) -> str:
    """The drivers in the order asked, both methods, unrounded; empty where there is no evidence, with why in the first line."""
    study = answer.study
    if study.verdict != "evidence":
        return twins.csv_text(("verdict", "sentence"), [(study.verdict, study.sentence)])
    beside = {one.name: one for one in study.beside}
    return twins.csv_text(COLUMNS, (_line(one, beside[one.name]) for one in study.terms if one.predictor != INTERCEPT))


def _line(one: Term, other: Term) -> list:
    return [one.predictor, one.level, one.reference, one.words, one.odds_ratio, one.lower, one.upper, one.p, one.coef, one.se, one.clear,
            other.odds_ratio, other.lower, other.upper, other.p]


# -- those at stake now


def model(one: KeptModel, question: Question, now: str) -> str:
    """What a kept model says, of what it was made, and whether the figures have changed since."""
    since = "" if one.made_from == now else f" Since then: {now}. The model stays as it was; keep a new one to use them."
    known = f"As known today; it was made of what was known {question.ahead} days before each renewal." if question.cohort == "renewals" else "As known today."
    return (f'<p>{escape(one.body["study"]["sentence"])}</p><p class="foot">{escape(one.name)}, kept by {escape(one.made_by)} on {escape(day(one.made_at.date()))}. '
            f"Made from {escape(one.made_from)}.{escape(since)} {escape(known)}</p>")


def more(count: int, shown: int) -> str:
    """How many are in the file only, "" when none."""
    return f'<p class="foot">and {count - shown:,} more in the CSV</p>' if count > shown else ""


def scores(found: Sequence[Scored], currency: str = "$", counted: str = "lost") -> str:
    """Those at stake with their chance of being lost and its interval, in the order given: no ranking by chance."""
    rows = "".join(f'<tr><th scope="row">{escape(one.name)}</th><td data-head="due">{escape(day(one.due))}</td>'
                   f'<td class="r" data-head="due value">{escape(f"{currency}{one.value:,.0f}" if one.value else "–")}</td><td class="r" data-head="chance">{_chance(one)}</td></tr>' for one in found)
    chance = "Chance of losing it, 95%" if counted == "lost" else f"Chance of being {counted}, 95%"
    head = f'<th scope="col">Account</th><th scope="col">Due</th><th scope="col" class="r">Value due</th><th scope="col" class="r">{escape(chance)}</th>'
    return f'<table class="dense stacks"><caption class="vh">Accounts at stake</caption><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'


def _chance(one: Scored) -> str:
    if one.chance is None:
        return '<span class="mut">something is not known</span>'
    return f"<b>{one.chance.value:.0%}</b> {one.chance.lower:.0%} to {one.chance.upper:.0%}"


def scores_csv(found: Sequence[Scored]) -> str:
    """The same as CSV, unrounded."""
    lines = ([one.account, one.name, one.due, one.value, *((one.chance.value, one.chance.lower, one.chance.upper) if one.chance else (None, None, None))] for one in found)
    return twins.csv_text(("account", "name", "due", "value_due", "chance_of_loss", "lower", "upper"), lines)

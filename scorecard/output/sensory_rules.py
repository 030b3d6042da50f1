"""The rules of the health score as they are read: curves, weights, history, a proposal; and the report card in full."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from scorecard.core.health_score import BANDS, MISSING, READINGS
from scorecard.core.periods import day
from scorecard.output import marks, twins
from scorecard.output.sensory_marks import money, share
from scorecard.output.theme import escape
from scorecard.sensory import report_card

if TYPE_CHECKING:
    from scorecard.core.calibration import Interval
    from scorecard.core.health_score import Input, Rule
    from scorecard.core.intervals import Share
    from scorecard.core.score_check import Proposal
    from scorecard.sensory.report_card import ReportCard

WIDTH, HEIGHT = 150.0, 46.0


def number(value: float) -> str:
    """A reading without idle decimals."""
    return f"{value:g}"


def curve_words(one: Input) -> str:
    """`0.5: 0%, 1: 80%, 1.2: 100%`."""
    return ", ".join(f"{number(x)}: {100 * y:g}%" for x, y in one.curve)


def curve(one: Input) -> str:
    """The share of the points over the reading, drawn."""
    xs, room = [x for x, _ in one.curve], 6.0
    low, span = xs[0], (xs[-1] - xs[0]) or 1.0
    places = [(room + 14 + (WIDTH - 2 * room - 28) * (x - low) / span, HEIGHT - room - (HEIGHT - 2 * room) * y) for x, y in one.curve]
    path = f"M0 {places[0][1]:.1f}" + "".join(f"L{x:.1f} {y:.1f}" for x, y in places) + f"L{WIDTH:.0f} {places[-1][1]:.1f}"
    dots = "".join(f'<circle class="m-dot" cx="{x:.1f}" cy="{y:.1f}" r="2.4"/>' for x, y in places)
    ends = f'<path class="sn-rule" d="M0 {HEIGHT - room}H{WIDTH}M0 {room}H{WIDTH}"/>'
    return marks.svg(WIDTH, HEIGHT, f'{ends}<path class="m-line" d="{path}"/>{dots}', f"{one.label}: {curve_words(one)}")


def rule(found: Rule) -> str:
    """The inputs with weight, curve and what a missing one does; the bands."""
    heads = "".join(f'<th scope="col"{side}>{text}</th>' for text, side in (
        ("Input", ""), ("Weight", ' class="r"'), ("Share of the points by reading", ""), ("", ""), ("When it is missing", ""), ("What is read", "")))
    rows = "".join(_input(one) for one in found.inputs)
    bands = f'<p class="foot">{BANDS["green"]} from {found.green}, {BANDS["yellow"].lower()} from {found.yellow}, {BANDS["red"].lower()} below.</p>'
    return f'<table class="dense stacks sn-rules"><caption class="vh">Rules of the score</caption><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>{bands}'


def _input(one: Input) -> str:
    weight = str(one.weight) if one.weight else "watched"
    read = READINGS[one.reading]
    return (f'<tr><th scope="row">{escape(one.label)}</th><td class="r" data-head="weight"><b>{weight}</b></td><td>{curve(one)}</td>'
            f'<td class="mut">{escape(curve_words(one))}</td><td>{escape(MISSING[one.missing])}</td><td class="mut">{escape(read.words)}</td></tr>')


def history(found: Sequence[Rule]) -> str:
    """Every version of the rule, the newest first."""
    if not found:
        return '<p class="mut">The rule is as shipped. It is kept as version 1 when the first month is recorded.</p>'
    rows = "".join(_version(one) for one in found)
    heads = "".join(f'<th scope="col">{text}</th>' for text in ("Version", "Date", "By", "Reason", "Weights", "Green from"))
    return f'<table class="dense"><caption class="vh">History of the rule</caption><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>'


def _version(one: Rule) -> str:
    weights = ", ".join(f"{part.label} {part.weight}" for part in one.counted)
    when = day(one.recorded_at.date()) if one.recorded_at else ""
    return (f'<tr><th scope="row">{one.version}</th><td>{when}</td><td>{escape(one.author)}</td><td>{escape(one.reason)}</td>'
            f"<td>{escape(weights)}</td><td>{one.green}</td></tr>")


def proposal(found: Proposal, current: Rule) -> str:
    """Weights that outcomes propose, told as a proposal: nothing is changed by it."""
    title = "<h2>What outcomes propose</h2>"
    if found.refusal:
        return f'{title}<p class="mut">{escape(found.refusal)}</p>'
    rows = "".join(f'<tr><th scope="row">{escape(one.label)}</th><td class="r">{one.weight}</td><td class="r"><b>{weight}</b></td></tr>'
                   for one, weight in zip(current.counted, found.weights, strict=False))
    table = ('<table class="dense sn-proposal"><thead><tr><th scope="col">Input</th><th scope="col" class="r">Now</th><th scope="col" class="r">Proposed</th></tr></thead>'
             f"<tbody>{rows}</tbody></table>")
    return f"{title}{table}<p class=\"foot\">{_tried(found)} A proposal only: nothing changes until somebody saves it with a reason.</p>"


def _tried(found: Proposal) -> str:
    said = f"Inputs half a year before each renewal. Learned from the {found.learned:,} losses of the older outcomes, tried on the {found.losses - found.learned:,} later ones."
    if found.proposed and found.current and found.gain:
        better = "it told more apart" if found.better else "no evidence that it tells more apart"
        said += (f" On these, which it was not learned from: AUC {found.proposed.value:.2f} against {found.current.value:.2f} now, "
                 f"difference {interval(found.gain)}: {better}.")
    return said


def interval(one: Interval | None) -> str:
    """`0.69 (0.61 to 0.76)`, with true minus signs."""
    return "–" if one is None else f"{_two(one.value)} ({_two(one.lower)} to {_two(one.upper)})".replace("-", "−")


def _two(value: float) -> str:
    """Two decimals; more where they would hide on which side of zero a value lies."""
    return f"{value:.2f}" if value == 0 or abs(value) >= 0.005 else f"{value:.1g}"


# --- the report card in full -----------------------------------------------------------------------------------------


def horizons(cards: Sequence[ReportCard], verdicts: dict[str, str]) -> str:
    """The report card 30, 60, 90 and 180 days ahead, a row each."""
    heads = "".join(f'<th scope="col"{side}>{text}</th>' for text, side in (
        ("Days before", ""), ("Renewals", ' class="r"'), ("Lost", ' class="r"'), ("AUC, 95% interval", ' class="r"'), ("One simple rule", ' class="r"'),
        ("Difference", ' class="r"'), ("Precision", ' class="r"'), ("Recall", ' class="r"'), ("Green and lost", ' class="r"'), ("", "")))
    rows = "".join(_horizon(one, verdicts) for one in cards)
    return f'<table class="dense stacks sn-heads"><caption class="vh">Report card by days before the renewal</caption><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>'


def _horizon(one: ReportCard, verdicts: dict[str, str]) -> str:
    cells = (("renewals", f"{one.renewals:,}"), ("lost", f"{one.lost.hits:,}"), ("AUC", interval(one.auc)), ("simple rule", interval(one.simple)),
             ("difference", interval(one.gain)), ("precision", counted(one.precision)), ("recall", counted(one.recall)), ("green and lost", f"{len(one.missed):,}"))
    figures = "".join(f'<td class="r nw" data-head="{head}">{text}</td>' for head, text in cells)
    return f'<tr><th scope="row">{one.days}<span class="sn-days"> days before</span></th>{figures}<td>{escape(verdicts[one.verdict])}</td></tr>'


def counted(one: Share) -> str:
    """`15% (37 of 255)`."""
    return f"{share(one.value)} ({one.hits:,} of {one.n:,})" if one.n else "–"


def missed(card: ReportCard, href: Callable[[str], str], symbol: str) -> str:
    """The green accounts that were lost, with what the score did not see."""
    if not card.missed:
        return '<h2>Green and lost</h2><p class="mut">No green account was lost.</p>'
    rows = "".join(
        f'<tr><th scope="row"><a class="quiet" href="{escape(href(one.outcome.account))}">{escape(one.outcome.name)}</a></th><td>{escape(one.outcome.segment)}</td>'
        f'<td>{day(one.outcome.due_on)}</td><td class="r" data-head="score">{one.outcome.score}</td><td class="r" data-head="due">{money(one.outcome.value, symbol)}</td><td>{escape(one.unseen)}</td></tr>'
        for one in sorted(card.missed, key=lambda one: -one.outcome.value)
    )  # fmt: skip
    heads = ('<th scope="col">Account</th><th scope="col">Segment</th><th scope="col">Renewal</th><th scope="col" class="r">Score then</th>'
             '<th scope="col" class="r">Value due</th><th scope="col">What the score did not see</th>')
    told = f"{len(card.missed):,} accounts with {money(card.missed_value, symbol)} due"
    return (f'<div class="sechead"><h2>Green and lost</h2><span class="cap">{told}</span></div><table class="dense stacks sn-heads"><caption class="vh">Green accounts that were lost</caption>'
            f"<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>")


def how(card: ReportCard) -> str:
    """What the figures mean and what they leave out."""
    lines = " or ".join(map(str, card.thresholds))
    then = ", where green began by the rule of its time" if len(card.thresholds) > 1 else ", where green began when the score was recorded"
    parts = [f"Flagged: below {lines}{then}. Precision, of those flagged, lost: {_with_interval(card.precision)}. Recall, of those lost, flagged: {_with_interval(card.recall)}."]
    if card.without_score:
        parts.append(f"{card.without_score:,} decided renewals had no score so early and are left out.")
    if card.from_history:
        parts.append(f"{card.from_history:,} of the scores were recorded from history, by the same rule, from facts up to the end of their own month.")
    return f'<p class="foot">{" ".join(parts)}</p>'


def _with_interval(one: Share) -> str:
    """`16%, 95% interval 12 to 21%`."""
    low, high = one.interval or (0.0, 1.0)
    return f"{share(one.value)}, 95% interval {100 * low:.0f} to {100 * high:.0f}%" if one.n else "none"


def beside(card: ReportCard, calibration: str) -> str:
    """The calibration of a report card with what it means beside it, and what the score did not see."""
    unseen = "".join(f'<tr><th scope="row">{escape(name)}</th><td class="r"><b>{count:,}</b></td></tr>' for name, count in report_card.unseen(card))
    head = f"What the score did not see in the {len(card.missed):,} it missed"
    table = (f'<table class="dense sn-unseen"><thead><tr><th scope="col">{head}</th><th scope="col" class="r"><span class="vh">Accounts</span></th></tr></thead>'
             f"<tbody>{unseen}</tbody></table>") if unseen else ""
    title = f'<p class="cap sn-ink"><b>Lost at renewal by the score {card.days} days before, {card.renewals:,} renewals; bar = 95% interval</b></p>'
    return f'<div class="sn-low"><section>{title}{calibration}</section><section>{how(card)}{table}</section></div>'


def csv(found: Sequence[Rule]) -> str:
    """Every version of the rule, a line an input."""
    rows = [[one.version, one.recorded_at, one.author, one.reason, one.green, one.yellow, part.label, part.reading, part.weight, part.missing, curve_words(part)]
            for one in found for part in one.inputs]
    return twins.csv_text(("version", "recorded_at", "author", "reason", "green_from", "yellow_from", "input", "reading", "weight", "missing_rule", "curve"), rows)

"""The lifecycle as a map: stages with accounts now, median days with limits, who came and went, and two versions side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from scorecard.core import fmt
from scorecard.core.lifecycle import CHANNELS, WANTED, mark_words
from scorecard.core.periods import day
from scorecard.core.reading import Sentence, count_word
from scorecard.output import marks, review_tables
from scorecard.output.theme import escape
from scorecard.work.lifecycle import CHANNEL_DAYS, measure

if TYPE_CHECKING:
    from scorecard.core.lifecycle import LifecycleMap, Stage
    from scorecard.work.lifecycle import Lifecycle, Standing
    from scorecard.work.redesign import Compared

TONES = {"improving": "better", "worsening": "worse"}
ORDER = ("worsening", "changing", "improving")
TOO_FEW = "too few for limits"


def second_line(found: Lifecycle) -> str:
    """What stands under the heading of the page."""
    since = f", in force since {day(found.map.since)}" if found.map.since else ""
    version = f"map version {found.map.version}{since}" if found.map.version else "map as shipped"
    return f"How value reaches the customer · {found.accounts:,} accounts on {day(found.day)} · {version}"


def sentences(found: Lifecycle) -> list[Sentence]:
    """Stages with a signal by name, the worse ones first; then the others together."""
    told = [one for one in found.stages if one.reading and one.reading.variation in ORDER]
    said = [_signal(one) for one in sorted(told, key=lambda one: ORDER.index(one.reading.variation))]
    rest = _rest(found, len(told))
    return [*said[:-1], Sentence(said[-1].bold, f"{said[-1].rest} {rest}".rstrip())] if said else [Sentence(rest)] if rest else []


def _rest(found: Lifecycle, told: int) -> str:
    """What is said of the stages without a signal: those of which too little is known do not run as usual, nor otherwise."""
    usual = sum(one.reading is not None and one.reading.variation == "routine" for one in found.stages)
    unknown = len(found.stages) - told - usual
    if not unknown:
        return ("All other stages run as usual." if told else "Every stage runs as usual.") if usual else ""
    if not usual:
        return "Of the other stages too few months are known to say what is usual." if told else "Too few months are known to say what is usual in any stage."
    known = f"{count_word(usual).capitalize()}{' other' if told else ''} {'stage runs' if usual == 1 else 'stages run'} as usual"
    return f"{known}; of {count_word(unknown)} too few months are known to say."


def _signal(one: Standing) -> Sentence:
    found, of = one.reading, measure(one.stage)
    if found.shape == "outside":
        normal = f"{fmt.range_text(*one.limits, of)} days are normal" if one.limits else "no limits yet"
        return Sentence(f"{one.stage.name} takes {fmt.with_unit(found.value, of)}", f"for those who came in {found.period.label}; {normal}.")
    words = {"above": "slower", "below": "faster"} if one.stage.wanted == "fewer" else {"above": "longer", "below": "shorter"}
    word = words.get(found.side, "different")
    return Sentence(f"{one.stage.name} got {word}:", f"{found.behaviour[0].lower()}, {found.behaviour[1]}.")


def section(found: Lifecycle) -> str:
    """The map: a column a stage, a line for each thing that is told of it."""
    heads = "".join(f'<th scope="col"><span class="lc-stage"><b>{escape(one.stage.name)}</b> <span>{one.now:,}</span></span></th>' for one in found.stages)
    lines = (
        ("Median days", [_median(one) for one in found.stages]), ("24 months", [_spark(one) for one in found.stages]),
        (f"Came and went in {found.month.bare}", [_flow(one) for one in found.stages]), ("Left us there, 12 months", [_lost(one) for one in found.stages]),
        (f"Channels, {CHANNEL_DAYS} days", [_used(one) for one in found.stages]),
    )  # fmt: skip
    rows = "".join(f'<tr><th scope="row">{escape(name)}</th>{"".join(f"<td>{cell}</td>" for cell in cells)}</tr>' for name, cells in lines)
    return (f'<div class="hf-wide" tabindex="0" role="region" aria-label="Customer lifecycle"><table class="lc-map"><caption class="vh">Customer lifecycle</caption>'
            f'<thead><tr><th scope="col">Accounts now</th>{heads}</tr></thead><tbody>{rows}</tbody></table></div>')


def more(href: str) -> str:
    """The way to the rules of the map and its versions."""
    return f'<p class="cap hf-more"><a href="{escape(href)}">What begins and ends each stage, versions of the map, the last redesign</a></p>'


def _median(one: Standing) -> str:
    words = f'<span class="sub">{escape(one.stage.words)}</span>' if one.stage.words else ""
    if one.latest is None:
        return f'<span class="mut">not known yet</span>{words}'
    tone = TONES.get(one.reading.variation if one.reading else "", "")
    return f'<b class="lc-days {tone}">{fmt.value(one.latest.value, measure(one.stage))}</b>{words}'


def _spark(one: Standing) -> str:
    if one.chart is None:
        return f'<span class="sub">{TOO_FEW}</span>'
    of = measure(one.stage)
    told = marks.describe(one.chart, fmt.with_unit(one.latest.value if one.latest else None, of))
    drawn = marks.sparkline(one.chart, None, of.improvement_direction, width=110, height=30, label=told)
    return f'{drawn}<span class="sub">{escape(fmt.range_text(*one.limits, of, dash=True)) if one.limits else TOO_FEW}</span>'


def _flow(one: Standing) -> str:
    slow = f'<span class="sub lc-slow">{one.slow:,} {"waits" if one.slow == 1 else "wait"} longer than 9 of 10 did ({one.long:.0f} days)</span>' if one.slow else ""
    return f"{one.flow.came:,} in, {one.flow.out:,} out{slow}"


def _lost(one: Standing) -> str:
    return f"{one.lost:,}" if one.lost else '<span class="mut">none</span>'


def _used(one: Standing) -> str:
    """The channels that were used most; those the map plans, where none was."""
    if one.used:
        total = sum(n for _, n in one.used)
        return escape(", ".join(f"{CHANNELS.get(name, name)} {n / total:.0%}" for name, n in one.used[:2]))
    planned = ", ".join(CHANNELS.get(name, name) for name in one.stage.channels[:2])
    return f'<span class="mut">{escape(f"planned: {planned}" if planned else "none")}</span>'


def rules(found: LifecycleMap) -> str:
    """What begins and ends each stage, by which channels it is meant to go, and what is wanted of its days."""
    heads = "".join(f'<th scope="col">{text}</th>' for text in ("Stage", "Begins", "Ends", "Channels", "Wanted"))
    rows = "".join(
        f'<tr><th scope="row">{escape(one.name)}{_kind(one)}</th><td>{escape(mark_words(one.begin))}</td><td>{escape(mark_words(one.end, True))}</td>'
        f'<td>{escape(", ".join(CHANNELS.get(name, name) for name in one.channels))}</td><td>{escape(WANTED[one.wanted])}</td></tr>' for one in found.stages)  # fmt: skip
    return f'<table class="dense stacks"><caption class="vh">Stages of the map</caption><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>'


def _kind(one: Stage) -> str:
    told = "who is in no other stage stands here" if one.rest else "runs beside the others" if one.beside else ""
    return f'<span class="sub">{told}</span>' if told else ""


def versions(found: Sequence[LifecycleMap]) -> str:
    """Every saved version, the newest first."""
    rows = "".join(f'<li><b>Version {one.version}</b>, {escape(one.author)}{f", in force since {day(one.since)}" if one.since else ""}'
                   f'<span class="sub">{escape(one.reason)}</span></li>' for one in found)
    return f'<section class="sec"><div class="sechead"><h2>Versions</h2></div><ul class="hf-list">{rows}</ul></section>'


# -- two versions side by side


def redesign(found: Sequence[Compared], older: LifecycleMap, newer: LifecycleMap) -> str:
    """What was changed at each stage, its days before and since, and the verdict."""
    heads = "".join(f'<th scope="col">{escape(text)}</th>' for text in ("Stage", f"Version {older.version} → {newer.version}", "Days before", "Days since", "Verdict"))
    rows = "".join(_compared(one) for one in found)
    since = f"since {day(newer.since)}, by {newer.author}" if newer.since else f"by {newer.author}"
    return (f'<section class="sec"><div class="sechead"><h2>Two versions side by side</h2><span class="cap">{escape(since)}</span></div>'
            f'<p class="cap">{escape(newer.reason)}</p><table class="dense stacks"><caption class="vh">Two versions side by side</caption>'
            f"<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></section>")


def _compared(one: Compared) -> str:
    changed = "<br>".join(escape(text) for text in one.changed) or '<span class="mut">as it was</span>'
    told = one.verdict
    was, now = (f"{value:.0f}" if value is not None else "–" for value in ((told.old_centre, told.mean) if told else (None, None)))
    word = review_tables.verdict_mark(told) if told and one.changed else '<span class="mut">not changed</span>' if not one.changed else "no figures"
    said = f'<span class="sub">{escape(told.figures)}</span>' if told and told.figures and one.changed else ""
    return (f'<tr><th scope="row">{escape(one.name)}</th><td>{changed}</td><td data-head="before">{was}</td><td data-head="since">{now}</td>'
            f"<td>{word}{said}</td></tr>")

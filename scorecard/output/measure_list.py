"""The list of all measures: ten slots, those kept without one, and what the list as a whole says."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from scorecard.core.definition import SYSTEMS
from scorecard.core.reading import Sentence, count_word
from scorecard.metrics import MeasureLine
from scorecard.output import marks, tables
from scorecard.output.theme import escape

SLOTS = 10
LONG = 24
_TONES = {"improving": "m-better", "worsening": "m-worse", "changing": "m-changed"}


def slotted(lines: Sequence[MeasureLine]) -> list[MeasureLine]:
    """The measures with a slot, in slot order."""
    return sorted((line for line in lines if line.slot), key=lambda line: line.slot)


def silent(line: MeasureLine) -> bool:
    """Whether a measure gave no signal and reached no new level in its last 24 periods, of which it has figures."""
    latest, told = line.reading.period, [at for at in (line.last_signal, line.new_level) if at]
    return latest is not None and all(latest.ordinal - at.ordinal >= LONG for at in told)


def sentences(lines: Sequence[MeasureLine]) -> list[Sentence]:
    """What the list says: slots that gave and led to nothing, systems without a measure or without a result."""
    quiet = [line.measure.label for line in slotted(lines) if silent(line) and not line.led_to]
    found = []
    if quiet:
        found.append(
            Sentence(
                f"{_upper(count_word(len(quiet)))} of {count_word(len(slotted(lines)))} slots gave no signal in "
                f"{LONG} periods and led to no action:",
                ", ".join(quiet) + ".",
            )
        )
    return found + _gaps(lines)


def _gaps(lines: Sequence[MeasureLine]) -> list[Sentence]:
    """The systems that no measure looks at, and those that have drivers and no result."""
    kinds: dict[str, set[str]] = {}
    for line in lines:
        kinds.setdefault(line.measure.system, set()).add(line.measure.kind)
    names = {key: name for key, name in SYSTEMS.items() if key != "all"}
    empty = [name for key, name in names.items() if key not in kinds]
    drivers = [name for key, name in names.items() if kinds.get(key) == {"leading"}]
    rest = (
        f"{_and(drivers)} {'has' if len(drivers) == 1 else 'have'} drivers and no result of their own."
        if drivers
        else ""
    )
    if not empty:
        return [Sentence("Every system has a measure.", rest)] if rest else []
    have = "system has" if len(empty) == 1 else "systems have"
    return [Sentence(f"{_upper(count_word(len(empty)))} {have} no measure at all:", f"{_and(empty)}. {rest}".strip())]


def _and(names: Sequence[str]) -> str:
    return " and ".join(part for part in (", ".join(names[:-1]), names[-1] if names else "") if part)


def table(lines: Sequence[MeasureLine], href: Callable[[str], str], more: Sequence[Sentence] = ()) -> str:
    """All measures, those with a slot first; above them what they say together, and `more`."""
    inside, outside = slotted(lines), [line for line in lines if not line.slot]
    slot = '<span class="vh">Slot</span>'
    heads = (slot, "Measure", "Owner", "System", "Kind", "Last signal", "What it led to", "Status")
    head = "".join(f'<th scope="col">{text}</th>' for text in heads)
    body = _group("Ten slots", f"{count_word(len(inside))} of ten used", inside, href)
    body += _group("Kept without a slot", "computed and charted, not on the scorecard", outside, href)
    return (
        f'{tables.says([*sentences(lines), *more])}<table class="list all" style="margin-top:12px">'
        f"<thead><tr>{head}</tr></thead>{body}</table>"
    )


def _group(title: str, told: str, lines: Sequence[MeasureLine], href: Callable[[str], str]) -> str:
    if not lines:
        return ""
    head = f'<tr class="group"><th colspan="8" scope="rowgroup"><b>{title}</b> · {escape(told)}</th></tr>'
    return f"<tbody>{head}{''.join(_row(line, href) for line in lines)}</tbody>"


def _row(line: MeasureLine, href: Callable[[str], str]) -> str:
    one = line.measure
    return (
        f'<tr data-measure="{escape(one.name)}" class="{"used" if line.slot else "rest"}">'
        f'<td class="slot">{line.slot or ""}</td>'
        f'<th scope="row"><div class="named"><a class="name" href="{escape(href(one.name))}">{escape(one.label)}</a>'
        f"{_definition(line)}</div></th>"
        f'<td class="ink2">{escape(one.owner)}</td><td class="mut">{escape(SYSTEMS.get(one.system, one.system))}</td>'
        f'<td class="mut">{one.kind}</td><td>{_last(line)}</td>{_led_to(line)}'
        f"<td>{_status(line)}</td></tr>"
    )


def _led_to(line: MeasureLine) -> str:
    """The newest action that was meant to move the measure, and how many more there are."""
    if not line.led_to:
        return '<td class="mut">nothing</td>'
    more, first = len(line.led_to) - 1, escape(line.led_to[0])
    rest = f'<span class="mut"><span aria-hidden="true">+{more}</span><span class="vh">and {more} more</span></span>' if more else ""
    return f'<td class="ink2"><div class="led"><span title="{first}">{first}</span>{rest}</div></td>'


def _status(line: MeasureLine) -> str:
    """The status of a measure with a slot; those without one are charted and not judged here."""
    return marks.status(line.reading.status) if line.slot else '<span class="vh">no slot, no status</span>'


def _definition(line: MeasureLine) -> str:
    """A small button that opens what is counted, with what the narrow list leaves out."""
    one = line.measure
    parts = [SYSTEMS.get(one.system, one.system), one.kind, f"owner {one.owner}" if one.owner else "nobody owns it yet"]
    parts.append(f"on {', '.join(line.used_on)}" if line.used_on else "on no scorecard")
    counted = (
        f"{one.numerator_label} ÷ {one.denominator_label}" if one.numerator_label and one.denominator_label else ""
    )
    body = "".join(
        f"<p>{escape(text)}</p>" for text in (one.description or "No definition is written yet.", counted) if text
    )
    return (
        f'<details class="why def" name="why"><summary><span aria-hidden="true">?</span>'
        f'<span class="vh">What {escape(one.label)} counts</span></summary>'
        f'<div class="pop">{body}<p class="mut">{escape(" · ".join(parts))}</p></div></details>'
    )


def _last(line: MeasureLine) -> str:
    if line.reading.period is None:
        return '<span class="mut">no figures yet</span>'
    if line.reading.variation == "not_assessable" and line.last_signal is None:
        return '<span class="mut">too few periods</span>'
    if line.new_level and not silent(line):
        return f'<span class="sig">new level, {escape(line.new_level.short)}</span>'
    if silent(line) or line.last_signal is None:
        return f'<span class="mut">none in {LONG} periods</span>'
    dot = marks.svg(
        9, 9, f'<circle class="{_TONES.get(line.last_side, "m-changed")}" cx="4.5" cy="4.5" r="4"/>', line.last_side
    )
    return f'<span class="sig">{dot}{escape(line.last_signal.label)}</span>'


def balance(lines: Sequence[MeasureLine]) -> str:
    """Which systems have leading and lagging measures: filled with a slot, hollow without, hatched where none is."""
    shown = {
        key: name
        for key, name in SYSTEMS.items()
        if key != "all" or any(line.measure.system == "all" for line in lines)
    }
    rows = "".join(
        f'<tr><th scope="row">{escape(name)}</th><td>{_squares(lines, key, "leading")}</td>'
        f"<td>{_squares(lines, key, 'lagging')}</td></tr>"
        for key, name in shown.items()
    )
    head = '<th scope="col"><span class="vh">System</span></th><th scope="col">Leading</th><th scope="col">Lagging</th>'
    legend = (
        f'<div class="legend" style="justify-content:flex-start"><span>{_square(True)}has a slot</span>'
        f"<span>{_square(False)}without a slot</span></div>"
    )
    return f'<h2>Balance</h2><table class="dense balance"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>{legend}'


def _squares(lines: Sequence[MeasureLine], system: str, kind: str) -> str:
    found = sorted(
        (line for line in lines if (line.measure.system, line.measure.kind) == (system, kind)),
        key=lambda line: line.slot or SLOTS + 1,
    )
    if not found:
        return "" if system == "all" else '<span class="hatch"><span>none</span></span>'
    inside = sum(line.slot is not None for line in found)
    return (
        f'<span class="squares" role="img" aria-label="{inside} with a slot, {len(found) - inside} without">'
        f"{''.join(_square(line.slot is not None) for line in found)}</span>"
    )


def _square(filled: bool) -> str:
    return marks.svg(12, 12, f'<rect class="{"m-fill" if filled else "m-hollow"}" x="1" y="1" width="10" height="10"/>')


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]

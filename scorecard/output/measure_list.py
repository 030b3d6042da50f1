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
    """Whether a measure gave no signal in its last 24 periods, of which it has figures."""
    latest = line.reading.period
    return latest is not None and (line.last_signal is None or latest.ordinal - line.last_signal.ordinal >= LONG)


def sentences(lines: Sequence[MeasureLine]) -> list[Sentence]:
    """What the list says: slots without a signal, systems without a measure."""
    quiet = [line.measure.label for line in slotted(lines) if silent(line)]
    empty = [
        name for key, name in SYSTEMS.items() if key != "all" and key not in {line.measure.system for line in lines}
    ]
    found = []
    if quiet:
        found.append(
            Sentence(
                f"{_upper(count_word(len(quiet)))} of {count_word(len(slotted(lines)))} slots gave no signal in "
                f"{LONG} periods:",
                ", ".join(quiet) + ".",
            )
        )
    if empty:
        have = "system has" if len(empty) == 1 else "systems have"
        found.append(Sentence(f"{_upper(count_word(len(empty)))} {have} no measure at all:", ", ".join(empty) + "."))
    return found


def table(lines: Sequence[MeasureLine], href: Callable[[str], str]) -> str:
    """All measures, those with a slot first."""
    inside, outside = slotted(lines), [line for line in lines if not line.slot]
    heads = ("", "Measure", "Owner", "System", "Kind", "Last signal", "Status")
    head = "".join(f'<th scope="col">{text or "<span class=vh>Slot</span>"}</th>' for text in heads)
    body = _group("Ten slots", f"{count_word(len(inside))} of ten used", inside, href)
    body += _group("Kept without a slot", "computed and charted, not on the scorecard", outside, href)
    return (
        f'{tables.says(sentences(lines))}<div class="scroll" style="margin-top:12px"><table class="list">'
        f"<thead><tr>{head}</tr></thead>{body}</table></div>"
    )


def _group(title: str, told: str, lines: Sequence[MeasureLine], href: Callable[[str], str]) -> str:
    if not lines:
        return ""
    head = f'<tr class="group"><th colspan="7" scope="rowgroup"><b>{title}</b> · {escape(told)}</th></tr>'
    return f"<tbody>{head}{''.join(_row(line, href) for line in lines)}</tbody>"


def _row(line: MeasureLine, href: Callable[[str], str]) -> str:
    one = line.measure
    return (
        f'<tr data-measure="{escape(one.name)}"><td class="slot">{line.slot or ""}</td>'
        f'<th scope="row"><a class="name" href="{escape(href(one.name))}">{escape(one.label)}</a></th>'
        f'<td class="ink2">{escape(one.owner)}</td><td class="mut">{escape(SYSTEMS.get(one.system, one.system))}</td>'
        f'<td class="mut">{one.kind}</td><td>{_last(line)}</td><td>{marks.status(line.reading.status)}</td></tr>'
    )


def _last(line: MeasureLine) -> str:
    if line.reading.period is None:
        return '<span class="mut">no figures yet</span>'
    if line.reading.variation == "not_assessable" and line.last_signal is None:
        return '<span class="mut">too few periods</span>'
    if silent(line) or line.last_signal is None:
        return f'<span class="mut">none in {LONG} periods</span>'
    dot = marks.svg(
        9, 9, f'<circle class="{_TONES.get(line.last_side, "m-changed")}" cx="4.5" cy="4.5" r="4"/>', line.last_side
    )
    return f'<span class="sig">{dot}{escape(line.last_signal.label)}</span>'


def balance(lines: Sequence[MeasureLine]) -> str:
    """Which systems have leading and lagging measures: filled with a slot, hollow without, "none" where there is none."""
    rows = "".join(
        f'<tr><th scope="row">{escape(name)}</th><td>{_squares(lines, key, "leading")}</td>'
        f"<td>{_squares(lines, key, 'lagging')}</td></tr>"
        for key, name in SYSTEMS.items()
    )
    head = '<th scope="col"><span class="vh">System</span></th><th scope="col">Leading</th><th scope="col">Lagging</th>'
    legend = (
        f'<div class="legend" style="justify-content:flex-start"><span>{_square(True)}has a slot</span>'
        f"<span>{_square(False)}without a slot</span></div>"
    )
    return f'<h2>Balance</h2><table class="dense" style="max-width:560px"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>{legend}'


def _squares(lines: Sequence[MeasureLine], system: str, kind: str) -> str:
    found = sorted(
        (line for line in lines if (line.measure.system, line.measure.kind) == (system, kind)),
        key=lambda line: line.slot or SLOTS + 1,
    )
    if not found:
        return '<span class="mut">none</span>'
    inside = sum(line.slot is not None for line in found)
    return (
        f'<span style="display:inline-flex;gap:4px" role="img" aria-label="{inside} with a slot, {len(found) - inside} without">'
        f"{''.join(_square(line.slot is not None) for line in found)}</span>"
    )


def _square(filled: bool) -> str:
    return marks.svg(12, 12, f'<rect class="{"m-fill" if filled else "m-hollow"}" x="1" y="1" width="10" height="10"/>')


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]

"""How one figure goes up: its parts, the whole recomputed from their counts, the scorecards that show it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from scorecard.core.reading import count_word
from scorecard.metrics import Carrier, Part, Rollup, Upward
from scorecard.output.theme import escape

KINDS = {"segment": "By segment", "team": "By team"}


def heading(rollups: Sequence[Rollup]) -> str:
    """The head of the section; what is missing where nothing rolls up yet."""
    period = rollups[0].period.bare if rollups else ""
    none = "" if rollups else '<p class="mut">No figures by segment or by team yet, and no second scorecard.</p>'
    return f'<div class="sechead upper"><h2>Linked scorecards</h2><span class="cap">{escape(period)}</span></div>{none}'


def table(found: Rollup, card: str) -> str:
    """The parts of a figure, then the scorecards it stands on; `card` is the one that is looked at."""
    kinds = [kind for kind in KINDS if any(part.kind == kind for part in found.parts) and not _said_already(kind, found.parts)]
    body = "".join(_group(kind, found.parts, titled=len(kinds) > 1) for kind in kinds)
    ordered = sorted(found.carriers, key=lambda one: (bool(one.under), not one.team, one.id != card))
    body += "".join(_carrier(one, card) for one in ordered)
    caption = f'<caption class="vh">{escape(found.measure.label)}, {escape(found.period.label)}</caption>'
    heads = "".join(f'<th scope="col">{text}</th>' for text in ("Part", "Counts", "Figure"))
    table = f'{caption}<thead class="vh"><tr>{heads}</tr></thead><tbody>{body}</tbody>'
    return f'<table class="dense goesup">{table}</table><p class="cap foot">{escape(" ".join([told(found), *gaps(found)]))}</p>'


def _said_already(kind: str, parts: Sequence[Part]) -> bool:
    """Whether the teams are the segments under the same names: one group says it."""
    segments, teams = ([(part.name, part.counted, part.value_text) for part in parts if part.kind == one] for one in KINDS)
    return kind == "team" and segments == teams


def _group(kind: str, parts: Iterable[Part], titled: bool) -> str:
    head = f'<tr class="group"><th colspan="3" scope="rowgroup"><b>{KINDS[kind]}</b></th></tr>' if titled else ""
    return head + "".join(_row(part.name, part.counted, part.value_text) for part in parts if part.kind == kind)


def _row(name: str, counted: str, value: str, bold: bool = False) -> str:
    head = f"<b>{escape(name)}</b>" if bold else escape(name)
    cells = f'<td class="ink2">{escape(counted)}</td><td class="r"><b>{escape(value)}</b></td>'
    return f'<tr><th scope="row">{head}</th>{cells}</tr>'


def _carrier(one: Carrier, card: str) -> str:
    """A scorecard: of a team with the team's part, else the whole; how many measures it takes from this one."""
    part = one.part
    if one.id == card and part:
        return _row(one.name, part.counted, part.value_text, bold=True)
    if one.team and part is None:
        return _row(one.name, f"no figure of the team {one.team} yet", "", bold=True)
    value = part.value_text if part else ""
    said = f"of the team {one.team}" if one.team and not one.under else shared(one)
    return _row(one.name, f"{said}, this one as {one.called}" if one.called else said, value, bold=True)


def shared(one: Carrier) -> str:
    """`takes 4 of these ten`: how many of the measures here stand on the other scorecard."""
    return f"takes {one.shared} of these {count_word(one.of)}" if one.of > 1 else "takes this measure"


def gaps(found: Rollup) -> list[str]:
    """Where the scorecards below come to another figure than the one above them shows."""
    return [f"{one.name} shows {one.part.value_text}; {' and '.join(one.under)} below it come to {one.below.value_text}"
            + (f" ({one.below.counted})." if one.below.counted else ".")
            for one in found.carriers if one.differs]


def upwards(found: Sequence[Upward]) -> str:
    """Which scorecard rolls up into which, and with which measures."""
    return "".join(f'<p class="cap foot"><b>{escape(one.child)} rolls up into {escape(one.parent)}</b>: {escape(_named(one))}.</p>'
                   for one in found)


def _named(one: Upward) -> str:
    """`Renewal rate, Team NPS as NPS`."""
    names = [here if here == there else f"{here} as {there}" for here, there in one.measures]
    return ", ".join(names) or "none of its measures stands there"


def told(found: Rollup) -> str:
    """How the whole is made, and the mean that is never used."""
    one, count = found.measure, sum(part.kind == "segment" for part in found.parts)
    if one.aggregate == "sum":
        return "Added up from its parts."
    if one.aggregate == "none":
        return "It cannot be added up: the figure of the whole comes from all its rows."
    made = f"Rolled up from {one.numerator_label or 'numerators'} and {one.denominator_label or 'denominators'}."
    return (
        f"{made} The mean of the {count_word(count)} rates, {found.mean_text}, is never used."
        if found.mean_text
        else made
    )


def offered(rollups: Sequence[Rollup]) -> dict[str, str]:
    """The measures that can be looked at, by id: ratios that lag first, since what they roll up from says most."""
    ordered = sorted(rollups, key=lambda one: (one.measure.aggregate != "ratio", one.measure.kind != "lagging"))
    return {one.measure.name: one.measure.label for one in ordered}

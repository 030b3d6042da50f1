"""Recognition as it is read: a row a person, a mark for each time, the last 90 days shaded; no counts by person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from scorecard.core.periods import day
from scorecard.output import marks
from scorecard.output.part_tables import Table
from scorecard.output.theme import escape

if TYPE_CHECKING:
    from scorecard.leadership.recognition import Coverage, Given, Line

WIDTH, HEIGHT, SIZE, APART = 420.0, 28.0, 5.4, 13.0
SIDES = {"leader": "by the leader", "colleague": "by a colleague", "customer": "by a customer"}
EMPTY = ('<p class="mut"><b>Nobody was recognised yet.</b> Who is never thanked stops trying, and those who stand out least are forgotten first. '
         "Begin with somebody whose work others rest on.</p>")  # fmt: skip
NO_LINES = '<p class="mut">Nobody has a row here yet. Under Settings, say who leads whom, or name the CSMs of accounts as members.</p>'


def section(found: Coverage, all_href: str) -> str:
    """The picture of coverage, or what to do first."""
    if not any(one.given for one in found.lines):
        return f'<section class="sec">{_head("")}{_nobody(found)}{_foot(found, all_href) if found.ever else ""}</section>'
    head = f'<tr><th scope="col"><span class="vh">Person</span></th><th scope="col">{_months(found)}</th></tr>'
    rows = "".join(f'<tr><th scope="row">{escape(one.name)}</th><td>{_track(one, found)}</td></tr>' for one in found.lines)
    table = f'<table class="ld-recognition"><caption class="vh">Recognition by month, names in alphabetical order</caption><thead>{head}</thead><tbody>{rows}</tbody></table>'
    return f'<section class="sec">{_head(f"names in alphabetical order, last {_recent(found)} days shaded")}{table}{_legend(found)}{_foot(found, all_href)}</section>'


def _nobody(found: Coverage) -> str:
    """What stands where no row has a mark: nobody was ever recognised, nobody has a row, or others were."""
    if not found.ever:
        return EMPTY
    return f'<p class="mut"><b>Nobody of {size(found)} was recognised</b> in the last {len(found.months)} months.</p>' if found.lines else NO_LINES


def size(found: Coverage) -> str:
    """How many stand in the picture: `12 CSMs`, `1 person`; "" for none."""
    n, called = len(found.lines), found.called
    one = "person" if called == "people" else called.removesuffix("s")
    return "" if not n else f"{n:,} {called if n > 1 else one}"


def _recent(found: Coverage) -> int:
    return (found.today - found.recent_since).days


def _head(told: str) -> str:
    return f'<div class="sechead"><h2>Recognition</h2><span class="cap">{escape(told)}</span></div>'


def _at(found: Coverage, on: date) -> float:
    """Where a day stands on the track: from the first day of the first month to the last of the last."""
    first, last = found.months[0].start, found.months[-1].end
    return WIDTH * ((on - first).days + 0.5) / ((last - first).days + 1)


def _months(found: Coverage) -> str:
    width = WIDTH / len(found.months)
    texts = "".join(f'<text class="ld-axis" x="{(n + 0.5) * width:.1f}" y="13" text-anchor="middle">{one.short.split()[0]}</text>' for n, one in enumerate(found.months))
    return marks.svg(WIDTH, 18, texts, f"From {found.months[0].label} to {found.months[-1].label}", "ld-track")


def _track(one: Line, found: Coverage) -> str:
    left, right = max(_at(found, found.recent_since), 0.0), _at(found, found.today)
    shade = f'<rect class="m-band" x="{left:.1f}" y="0" width="{right - left:.1f}" height="{HEIGHT:g}"/>'
    shown = [each for each in one.given if each.on >= found.months[0].start]
    places = _apart([_at(found, each.on) for each in shown])
    drawn = "".join(_mark(each.side, x, HEIGHT / 2, _said(each)) for each, x in zip(shown, places, strict=True))
    none = "" if one.recent else _none(left, right)
    return marks.svg(WIDTH, HEIGHT, shade + none + drawn, _words(one, found), "ld-track")


def _apart(places: Sequence[float]) -> list[float]:
    """The places, each at least APART from the one before it and within the track, in the same order."""
    step = min(APART, (WIDTH - 2 * SIZE) / max(len(places), 1))
    moved: list[float] = []
    for x in places:
        moved.append(max(x, moved[-1] + step) if moved else max(x, SIZE + 1))
    for n in range(len(moved) - 1, -1, -1):
        moved[n] = min(moved[n], WIDTH - SIZE - 1 if n == len(moved) - 1 else moved[n + 1] - step)
    return moved


def _mark(side: str, x: float, y: float, said: str = "") -> str:
    title = f"<title>{escape(said)}</title>" if said else ""
    if side == "customer":
        return f'<rect class="m-inkfill" x="{x - SIZE + 0.4:.1f}" y="{y - SIZE + 0.4:.1f}" width="{2 * SIZE - 0.8:.1f}" height="{2 * SIZE - 0.8:.1f}">{title}</rect>'
    kind = "ld-hollow" if side == "colleague" else "m-inkfill"
    return f'<circle class="{kind}" cx="{x:.1f}" cy="{y:.1f}" r="{SIZE - (0.7 if side == "colleague" else 0)}">{title}</circle>'


def _none(left: float, right: float) -> str:
    middle = (left + right) / 2
    return (f'<rect class="ld-none" x="{left + 3:.1f}" y="5" width="{right - left - 6:.1f}" height="{HEIGHT - 10:g}" rx="4"/>'
            f'<text class="ld-word" x="{middle:.1f}" y="18" text-anchor="middle">none</text>')  # fmt: skip


def _said(one: Given) -> str:
    return f"{day(one.on)}, {SIDES[one.side]}{f': {one.value}' if one.value else ''}"


def _words(one: Line, found: Coverage) -> str:
    told = "; ".join(_said(each) for each in one.given) or f"none since {found.months[0].label}"
    return told if one.recent else f"{told}. None in the last {_recent(found)} days"


def _legend(found: Coverage) -> str:
    items = "".join(f"<span>{marks.svg(14, 14, _mark(side, 7, 7))}{SIDES[side]} {n}</span>" for side, n in found.sides.items())
    return f'<p class="ld-legend">{items}</p>'


def _foot(found: Coverage, href: str) -> str:
    """What the team's values have to do with it, who works beside the CSMs, and the way to all of it."""
    lines = []
    if found.values:
        named = ", ".join(f"{escape(name)} {n}" for name, n in found.values.items())
        lines.append(f"By value, {len(found.months)} months: {named}.")
    if found.beside or found.beside_not:
        told = [f"recognised {_names(found.beside)}" if found.beside else "", f"not yet {_names(found.beside_not)}" if found.beside_not else ""]
        lines.append(f"Beside the {escape(found.called)}, last {_recent(found)} days: {'; '.join(filter(None, told))}.")
    if found.strangers:
        lines.append(f"{found.strangers} {'CSM' if found.strangers == 1 else 'CSMs'} of accounts {'is no member' if found.strangers == 1 else 'are no members'} here, and missing above: add them under Settings.")
    return f'<p class="cap ld-foot">{" ".join(lines)} <a href="{escape(href)}">All recognition</a></p>'


def _names(found: Sequence[str]) -> str:
    return escape(found[0] if len(found) == 1 else f"{', '.join(found[:-1])} and {found[-1]}")


def tables(found: Coverage) -> list[Table]:
    """Coverage by person, and each recognition of a CSM; people in alphabetical order."""
    since = day(found.recent_since)
    return [Table("Recognition coverage", ("person", f"recognised since {since}"), [[one.name, "yes" if one.recent else "not yet"] for one in found.lines], "Nobody yet."),
            Table("Recognition", ("person", "date", "from", "value"), [[one.name, each.on, SIDES[each.side].removeprefix("by "), each.value] for one in found.lines for each in one.given],
                  "Nobody was recognised yet.")]  # fmt: skip

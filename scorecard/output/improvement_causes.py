"""Cause analyses drawn: a Pareto, five whys, cause and effect. One analysis in words of its entry, nothing invented."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from scorecard.core.periods import day
from scorecard.output import marks, review_tables
from scorecard.output.theme import escape

if TYPE_CHECKING:
    from scorecard.registers import Entry

Row = Mapping[str, Any]
BRANCHES = {"people": "People", "process": "Process", "product": "Product", "data": "Data and measuring", "customer": "Customer", "environment": "Environment"}
FOUND = {"open": "not checked yet", "yes": "is a cause", "no": "is none"}
PROVEN = {"not_yet": "not proven yet", "data": "proven by data", "trial": "proven by a trial", "experiment": "proven by an experiment"}
NONE = "No cause analysis yet. Five whys, cause and effect, or a Pareto of counts say where to look first."
WIDTH, BAR, NAMES = 720, 24, 210
MOST_BARS, VITAL = 12, 0.8
LONGEST, LETTER = 34, 6.1


def section(found: Sequence[Entry], href: Mapping[str, str]) -> str:
    """Every analysis of a project, each drawn by its methods. `href` maps an entry to the address that opens it."""
    if not found:
        return review_tables.section("Causes", f'<p class="mut">{NONE}</p>')
    return "".join(analysis(one, href.get(one.id, "")) for one in found)


def analysis(entry: Entry, href: str) -> str:
    """One analysis: its root cause, then what was drawn from."""
    said = entry.values
    owner = f'<a href="{escape(href)}">change</a>' if href else ""
    head = f'<div class="sechead"><h2>{escape(entry.title)}</h2><span class="cap">{day(date.fromisoformat(said["done_on"]))} {owner}</span></div>'
    root = said.get("root_cause")
    proven = PROVEN.get(said.get("proven", "not_yet"), "")
    told = f"<p><b>Root cause: {escape(root)}</b> <span class=\"mut\">{escape(proven)}</span></p>" if root else '<p class="mut">No root cause is named yet.</p>'
    parts = (pareto(said.get("counts") or ()), whys(said.get("whys") or ()), fishbone(said.get("causes") or (), entry.title))
    return f'<section class="sec">{head}{told}{"".join(part for part in parts if part)}</section>'


# -- five whys


def whys(rows: Sequence[Row]) -> str:
    """The chain of answers; each is the next question, the last one is the cause that is kept."""
    items = "".join(_why(row, place == len(rows)) for place, row in enumerate(rows, 1))
    return f'<h3 class="ip-h3">Five whys</h3><ol class="ip-whys">{items}</ol>' if items else ""


def _why(row: Row, last: bool) -> str:
    evidence = f'<span class="sub">{escape(row["evidence"])}</span>' if row.get("evidence") else ""
    return f'<li class="{"ip-last" if last else ""}">{escape(row["why"])}{evidence}</li>'


# -- Pareto


def ordered(rows: Sequence[Row], by: str = "count") -> list[tuple[str, float, float]]:
    """(category, amount, share of all up to and with it), the largest first; equal ones alphabetical. Same names are added up."""
    sums: dict[str, float] = defaultdict(float)
    for row in rows:
        sums[row["category"]] += row.get(by) or 0
    whole, so_far, found = sum(sums.values()), 0.0, []
    for name, amount in sorted(sums.items(), key=lambda one: (-one[1], one[0])):
        so_far += amount
        found.append((name, amount, so_far / whole if whole else 0.0))
    return found


def vital(found: Sequence[tuple[str, float, float]]) -> int:
    """How many categories make up four fifths of the whole."""
    return next((place for place, (*_, share) in enumerate(found, 1) if share >= VITAL - 1e-9), len(found))


def pareto(rows: Sequence[Row]) -> str:
    """Bars of counts, the largest first, with the share that they make up together, and a sentence."""
    found = ordered(rows)
    if not found:
        return ""
    few = vital(found)
    whole = sum(amount for _, amount, _ in found)
    sentence = f"{few} of {len(found)} {'category makes' if few == 1 else 'categories make'} up {found[few - 1][2] * 100:.0f}% of {whole:,.0f}."
    if len(found) == 1:
        sentence = f"All {whole:,.0f} are {found[0][0]}."
    costs = {name: amount for name, amount, _ in ordered(rows, "cost") if amount}
    shown = _with_rest(found)
    most = max(amount for _, amount, _ in shown) or 1
    lines = "".join(_bar(place, one, most, costs) for place, one in enumerate(shown))
    height = len(shown) * BAR + 6
    drawn = marks.svg(WIDTH, height, lines, f"Pareto. {sentence}", "ip-draw")
    return f'<h3 class="ip-h3">Pareto</h3><p class="cap">{escape(sentence)}</p><div class="ip-wide" tabindex="0">{drawn}</div>'


def _with_rest(found: Sequence[tuple[str, float, float]]) -> list[tuple[str, float, float]]:
    if len(found) <= MOST_BARS:
        return list(found)
    rest = found[MOST_BARS - 1 :]
    return [*found[: MOST_BARS - 1], (f"{len(rest)} others", sum(amount for _, amount, _ in rest), 1.0)]


def _bar(place: int, one: tuple[str, float, float], most: float, costs: Mapping[str, float]) -> str:
    name, amount, share = one
    y, room = place * BAR + 4, WIDTH - NAMES - 190
    cost = f" · cost {costs[name]:,.0f}" if name in costs else ""
    return (
        f'<text x="0" y="{y + 13}">{escape(_cut(name))}</text><rect class="ip-bar" x="{NAMES}" y="{y}" width="{max(room * amount / most, 1):.1f}" height="16"/>'
        f'<text class="strong" x="{NAMES + room * amount / most + 8:.1f}" y="{y + 13}">{amount:,.0f}</text>'
        f'<text class="mut" x="{WIDTH}" y="{y + 13}" text-anchor="end">{share * 100:.0f}% together{escape(cost)}</text>'
    )


def _cut(text: str, most: int = LONGEST) -> str:
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


# -- cause and effect


def fishbone(rows: Sequence[Row], problem: str) -> str:
    """Branches with their causes on one spine that leads to the problem; a cause behind another hangs below it."""
    if not rows:
        return ""
    branches = [(label, [row for row in rows if row["branch"] == id]) for id, label in BRANCHES.items() if any(row["branch"] == id for row in rows)]
    pairs = [branches[at : at + 2] for at in range(0, len(branches), 2)]
    above, below = (max((_depth(pair[side][1]) for pair in pairs if len(pair) > side), default=0) for side in (0, 1))
    spine, column = 48 + above * 17, (WIDTH - 150) / len(pairs)
    bones = "".join(_bone(own, place * column, column, spine, 1 if side else -1) for place, pair in enumerate(pairs) for side, own in enumerate(pair))
    height = spine + 26 + below * 17 + 22
    box = _box(problem, WIDTH - 146, spine)
    drawn = marks.svg(WIDTH, height, f'<path class="spine" d="M0 {spine}H{WIDTH - 146}"/>{bones}{box}', _told(branches, problem), "ip-draw")
    key = "Filled: checked, is a cause. Hollow: not checked yet. Struck through: checked, is none."
    return f'<h3 class="ip-h3">Cause and effect</h3><div class="ip-wide" tabindex="0">{drawn}</div><p class="cap">{key}</p>'


def _depth(rows: Sequence[Row]) -> int:
    return sum(2 if row.get("behind") else 1 for row in rows)


def _bone(branch: tuple[str, Sequence[Row]], left: float, width: float, spine: float, side: int) -> str:
    """One branch: a slanted bone with its name at the end and its causes beside it. `side` is -1 above, 1 below the spine."""
    name, rows = branch
    reach = 26 + _depth(rows) * 17
    top, foot = spine + side * reach, left + width - 6
    tip = foot - min(26.0, width / 5)
    parts = [f'<path class="bone" d="M{foot:.1f} {spine:.1f}L{tip:.1f} {top:.1f}"/>',
             f'<text class="strong" x="{tip:.1f}" y="{top - 5 if side < 0 else top + 15:.1f}" text-anchor="middle">{escape(name)}</text>']
    y = top + (16 if side < 0 else -6 - (_depth(rows) - 1) * 17)
    for row in rows:
        room = int((tip + (foot - tip) * (y - top) / (spine - top) - left - 26) / LETTER)
        parts.append(_cause(row, left + 8, y, room))
        y += 17
        if row.get("behind"):
            parts.append(f'<text class="mut" x="{left + 26:.1f}" y="{y:.1f}">↳ {escape(_cut(row["behind"], room - 2))}</text>')
            y += 17
    return "".join(parts)


def _cause(row: Row, left: float, y: float, room: int) -> str:
    state = row.get("found") or "open"
    dot = f'<circle class="{"dot" if state == "yes" else "hollow"}" cx="{left + 4:.1f}" cy="{y - 4:.1f}" r="3.5"/>'
    return f'{dot}<text class="{"no" if state == "no" else ""}" x="{left + 14:.1f}" y="{y:.1f}">{escape(_cut(row["cause"], room))}</text>'


def _box(problem: str, left: float, spine: float) -> str:
    lines = _wrapped(problem, 20, 4)
    height = 14 + len(lines) * 16
    words = "".join(f'<text class="strong" x="{left + 10}" y="{spine - height / 2 + 19 + 16 * place:.1f}">{escape(line)}</text>' for place, line in enumerate(lines))
    return f'<rect class="box" x="{left}" y="{spine - height / 2:.1f}" width="146" height="{height}" rx="5"/>{words}'


def _wrapped(text: str, width: int, most: int) -> list[str]:
    lines: list[str] = [""]
    for word in text.split():
        if len(lines[-1]) + len(word) + 1 > width and lines[-1]:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return [_cut(line, width) for line in lines[:most]] if len(lines) <= most else [*(_cut(line, width) for line in lines[: most - 1]), f"{_cut(lines[most - 1], width - 1)}…"]


def _told(branches: Sequence[tuple[str, Sequence[Row]]], problem: str) -> str:
    """The drawing in words, for who does not see it."""
    said = "; ".join(f"{name}: " + ", ".join(_said(row) for row in rows) for name, rows in branches)
    return f"Causes of {problem}. {said}."


def _said(row: Row) -> str:
    behind = f", behind it {row['behind']}" if row.get("behind") else ""
    return f"{row['cause']} ({FOUND[row.get('found') or 'open']}{behind})"

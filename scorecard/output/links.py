"""The table of share links."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from types import MappingProxyType

from scorecard.core.periods import Period, day
from scorecard.output.theme import escape
from scorecard.sharing import Share


Signed = frozenset[tuple[str, Period]]
Days = Mapping[str, Sequence[tuple[date, int]]]
MOST_DAYS = 31


def shows(share: Share, names: Mapping[str, str], signed: Signed = frozenset()) -> str:
    """What a link shows: `October 2026, signed, Customer Success`, `Live scorecard, Enterprise`, `Wall, Support room`."""
    card = names.get(share.scorecard, share.scorecard) or "all scorecards"
    if share.wall:
        first = ("Wall",)
    elif share.live:
        first = ("Live scorecard",)
    else:
        first = (share.period.label, "signed" if (share.scorecard, share.period) in signed else "")
    return ", ".join(part for part in (*first, share.label, card, share.segment) if part)


def table(found: Sequence[Share], names: Mapping[str, str], today: date, signed: Signed = frozenset(), days: Days = MappingProxyType({})) -> str:
    """One row a link, the newest first; ended and revoked ones in grey. `days` are the openings of each by their day."""
    heads = "".join(f'<th scope="col">{head}</th>' for head in ("What it shows", "Made by", "Ends", "Openings"))
    rows = "".join(_row(share, shows(share, names, signed), today, days.get(share.id, ())) for share in found)
    return (
        f'<div class="scroll"><table class="list"><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>'
        '<p class="cap" style="margin-top:10px">A link is read-only, ends on its date, and never shows people data or '
        "comments. Openings are counted without names; a wall that refreshes itself is one opening.</p>"
    )


def _row(share: Share, shown: str, today: date, days: Sequence[tuple[date, int]]) -> str:
    weight = "b" if share.open_on(today) else "span"
    return (
        f"<tr><td><{weight}>{escape(shown)}</{weight}></td>"
        f'<td class="mut">{escape(share.made_by)}, {day(share.made_at.date())}</td>'
        f"<td>{_ends(share, today)}</td><td>{_openings(share, days)}</td></tr>"
    )


def _ends(share: Share, today: date) -> str:
    if share.revoked_at:
        return f'<span class="mut">revoked {day(share.revoked_at.date())}</span>'
    if not share.open_on(today):
        return f'<span class="mut">ended {day(share.ends_on)}</span>'
    return day(share.ends_on)


def _openings(share: Share, days: Sequence[tuple[date, int]]) -> str:
    if not share.openings or share.last_opened is None:
        return '<span class="mut">none yet</span>'
    told = f"{share.openings:,}, last {_moment(share.last_opened)}"
    if len(days) < 2:
        return told
    each = "".join(f"<br>{day(on)}: {n:,}" for on, n in days[:MOST_DAYS])
    return f'<details><summary>{told}</summary><span class="mut">by day{each}</span></details>'


def _moment(value: datetime) -> str:
    return f"{day(value.date())} {value:%H:%M} UTC"

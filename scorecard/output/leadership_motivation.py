"""What people share of what moves them, a line each in alphabetical order, for the one reader who may see it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import TYPE_CHECKING

from scorecard.core.periods import day
from scorecard.output.theme import escape

if TYPE_CHECKING:
    from scorecard.leadership.motivation import Shared

Href = Callable[[str], str]
WITH = {"leader": "shared with you as their leader", "team": "shared with the team"}


def way(href: str) -> str:
    """What stands on the view of its own, and the way there."""
    return ('<section class="sec"><div class="sechead"><h2>What moves us</h2><span class="cap">said by each person for themselves, seen by whom they choose: nobody, their leader, their team</span></div>'
            f'<p><a href="{escape(href)}">Say what moves you, and read what others share with you</a></p></section>')  # fmt: skip


def table(found: Sequence[Shared], fit: Href, today: date) -> str:
    """The lines of those who share; nothing without any."""
    if not found:
        return ""
    rows = "".join(_row(one, fit, today) for one in found)
    head = "".join(f'<th scope="col">{text}</th>' for text in ("Person", "What moves them", "Has it in", "Wants more of", "Agreed, so that work fits"))
    return f'<table class="dense ld-moves"><caption class="vh">What people share of what moves them, in alphabetical order</caption><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'


def _row(one: Shared, fit: Href, today: date) -> str:
    words = f'<span class="sub">“{escape(one.words)}”</span>' if one.words else ""
    return (f'<tr><th scope="row">{escape(one.name)}<span class="sub">{WITH.get(one.share_with, "")}, {day(one.on)}</span></th><td data-head="What moves them">{escape(", ".join(one.moves))}{words}</td>'
            f'<td data-head="Has it in">{escape(one.fits) or "–"}</td><td data-head="Wants more of">{escape(one.more) or "–"}</td><td data-head="Agreed">{_fit(one, fit, today)}</td></tr>')  # fmt: skip


def _fit(one: Shared, href: Href, today: date) -> str:
    if one.fit is None:
        return '<span class="mut">nothing yet</span>'
    on = one.fit.values.get("look_on")
    look = date.fromisoformat(on) if on else None
    words = f'<span class="sub{" ld-late" if look <= today else ""}">{"look again since" if look <= today else "look again"} {day(look)}</span>' if look else ""
    return f'<a href="{escape(href(one.fit.id))}">{escape(one.fit.title)}</a>{words}'

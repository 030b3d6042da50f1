"""Accountability as it is read: the leaders' own commitments first, then what everybody together kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from scorecard.core.periods import day
from scorecard.output import marks
from scorecard.output.part_tables import Table
from scorecard.output.theme import escape

if TYPE_CHECKING:
    from scorecard.leadership.accountability import Kept, Overview, Own

Href = Callable[[str], str]
MOST = 8
HIDDEN = "hidden: fewer than five people"


def section(found: Overview, action: Href, all_href: str) -> str:
    """Both tables side by side; nothing where nothing was ever due."""
    if not (found.own or any(one.due for one in found.together)):
        return ""
    head = '<div class="sechead"><h2>Accountability</h2><span class="cap">kept by their day, of all that were due in twelve months; the leaders’ own first</span></div>'
    return f'<section class="sec">{head}<div class="sp-two"><div>{_counts(found)}</div><div>{_own(found.own, action, all_href)}</div></div></section>'


def _counts(found: Overview) -> str:
    heads = "".join(f'<th scope="col">{escape(one.kind.capitalize())}</th>' for one in found.together)
    leaders = "1 leader" if found.leader_count == 1 else f"{found.leader_count} leaders together"
    own = "".join(_cell(one) for one in found.leaders) + '<td class="mut">theirs alone</td>' * (len(found.together) - len(found.leaders))
    rows = (f'<tr><th scope="row">The leaders’ own<span class="sub">{leaders}</span></th>{own}</tr>'
            f'<tr><th scope="row">Everybody together<span class="sub">one team, no list of people</span></th>{"".join(_cell(one) for one in found.together)}</tr>')  # fmt: skip
    return f'<table class="dense ld-kept"><caption class="vh">Commitments kept of those due since {day(found.since)}</caption><thead><tr><th scope="col"><span class="vh">Whose</span></th>{heads}</tr></thead><tbody>{rows}</tbody></table>'


def _cell(one: Kept) -> str:
    if one.hidden:
        return f'<td>{marks.mark("eye_struck", HIDDEN)}<span class="sub">{HIDDEN}</span></td>'
    if not one.due:
        return '<td class="mut">none due</td>'
    return f'<td><b>{one.kept / one.due * 100:.0f}%</b><span class="sub">{one.kept:,} of {one.due:,}</span></td>'


def _own(found: Sequence[Own], action: Href, all_href: str) -> str:
    if not found:
        return '<h3>Open, of the leaders themselves</h3><p class="mut">Nothing is open.</p>'
    rows = "".join(f'<tr><th scope="row"><a class="name" href="{escape(action(one.id))}">{escape(one.what)}</a></th><td>{escape(one.who)}</td><td class="nw">{_due(one)}</td></tr>' for one in found[:MOST])
    more = f'<p class="cap ld-foot"><a href="{escape(all_href)}">All {len(found)}</a></p>' if len(found) > MOST else ""
    return (f'<h3>Open, of the leaders themselves</h3><table class="dense ld-open"><caption class="vh">The leaders’ open actions, the earliest due first</caption>'
            f'<thead><tr><th scope="col">What</th><th scope="col">Who</th><th scope="col">Due</th></tr></thead><tbody>{rows}</tbody></table>{more}')  # fmt: skip


def _due(one: Own) -> str:
    return f'<span class="ld-late ld-word-mark">{marks.mark("clock")}{day(one.due)}, late</span>' if one.late else day(one.due)


def tables(found: Overview) -> list[Table]:
    """What was kept, the leaders' own first; the leaders' open actions."""
    rows = [[who, one.kind, *([None, None, HIDDEN] if one.hidden else [one.kept, one.due, ""])] for who, kept in (("the leaders", found.leaders), ("everybody together", found.together)) for one in kept]
    return [Table("Accountability", ("whose", "what", "kept by their day", "due", "note"), rows), _open(found.own)]


def _open(found: Sequence[Own]) -> Table:
    return Table("Open actions of leaders", ("action", "who", "due", "days late"), [[one.what, one.who, one.due, one.late] for one in found], "Nothing is open.")

"""The list of accounts on the page Account ledgers: how each stands, and what to look at first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from scorecard.core import ledger
from scorecard.core.periods import day
from scorecard.output.theme import escape

if TYPE_CHECKING:
    from scorecard.relations.book import Row, Standing

EMPTY = "<b>No account is loaded yet.</b> A ledger belongs to an account. <a href=\"data\">Load accounts</a>"


def accounts(found: Sequence[Row], href: Callable[[str], str]) -> str:
    """The accounts of one page of the list, alphabetical."""
    heads = ('<th scope="col">Account</th><th scope="col">CSM</th><th scope="col" class="r">Given</th><th scope="col" class="r">Asked</th>'
             '<th scope="col">Share, 40 to 60 is mutual</th><th scope="col">Last deposit</th><th scope="col">Next ask</th><th scope="col">Look at</th>')
    body = "".join(_row(one, href) for one in found)
    return f'<table class="dense stacks lg-list"><caption class="vh">Accounts and how each stands</caption><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>'


def _row(one: Row, href: Callable[[str], str]) -> str:
    name = f'<th scope="row"><a class="name" href="{escape(href(one.id))}">{escape(one.name)}</a><span class="sub">{escape(one.segment)}</span></th>'
    return f'<tr data-measure="{escape(one.id)}">{name}<td data-head="CSM">{escape(one.csm)}</td>{_cells(one.standing)}</tr>'


def _cells(one: Standing | None) -> str:
    if one is None:
        return '<td class="r mut" data-head="given">0</td><td class="r mut" data-head="asked">0</td><td class="mut">nothing yet</td><td></td><td></td><td></td>'
    own = one.balance
    last, following = (escape(day(value)) if value else "" for value in (one.last, one.next))
    return (f'<td class="r" data-head="given">{own.given:,}</td><td class="r" data-head="asked">{own.asked:,}</td><td>{share(one)}</td>'
            f'<td class="nw" data-head="last deposit">{last}</td><td class="nw" data-head="next ask">{following}</td><td>{look(one)}</td>')


def share(one: Standing) -> str:
    """`58 / 42` with a small line of both sides."""
    own = one.balance
    if own.ours is None:
        return '<span class="mut">nothing in twelve months</span>'
    low, high = (100 * edge for edge in ledger.HEALTHY)
    return (f'<span class="lg-small"><b>{own.shown}</b><span class="lg-bar" role="img" aria-label="Our share {100 * own.ours:.0f} of 100">'
            f'<i style="left:{low:.0f}%;width:{high - low:.0f}%"></i><b style="left:{100 * own.ours:.1f}%"></b></span></span>')


def look(one: Standing) -> str:
    """What asks for a look: one-sided, or asks without giving."""
    said = []
    if one.balance.side in (ledger.OURS, ledger.THEIRS):
        said.append(ledger.SIDES[one.balance.side])
    if one.bare:
        said.append(f"{one.bare:,} {'ask' if one.bare == 1 else 'asks'} without a deposit before")
    return f'<span class="bad">{escape("; ".join(said))}</span>' if said else ""

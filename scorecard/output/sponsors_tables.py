"""The page Sponsors as it is read: both sides' commitments by account, the balance, one account opened, and its twins."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scorecard.core.commitments import BAND, KEPT, LEAST_DUE, MISSED
from scorecard.core.periods import day
from scorecard.output import tables
from scorecard.output.part_tables import Table
from scorecard.output.sensory_marks import money
from scorecard.output.theme import escape
from scorecard.relations import sponsors
from scorecard.relations.sponsors import MOST_ACCOUNTS, OURS, THEIRS

if TYPE_CHECKING:
    from scorecard.core.commitments import Side
    from scorecard.relations.sponsors import Commitment, Programme, Sponsored

Href = Callable[[str], str]
MOST_MARKS, MOST_LINES = 12, 8
EMPTY = ("<p class=\"mut\"><b>No account has a sponsor yet.</b> A sponsor of ours and an executive of theirs who know each other carry an account through "
         "hard months. Begin with the one account that would hurt most to lose.</p>")  # fmt: skip
FOOT = (f"Nothing is coloured before {('zero one two three four five six').split()[LEAST_DUE]} commitments were due. Balance counts what was kept. "
        f"A sponsor may hold {('zero one two three').split()[MOST_ACCOUNTS]} accounts at most. The more strategic the account, the more evidence of reciprocity is due.")  # fmt: skip
HEADS = ("account", "name", "segment", "revenue a year", "sponsor", "sponsor's role", "customer executive", "executive's role", "why chosen", "chosen on",
         "ours kept", "ours due", "ours planned", "theirs kept", "theirs due", "theirs planned", "our share of what was kept", "one-sided", "last review", "next review")  # fmt: skip
LINES = ("account", "name", "whose", "commitment", "who", "due", "state", "evidence", "link")


@dataclass(frozen=True)
class Ways:
    """The addresses that lead on: an account opened, its form, one commitment."""

    account: Href
    form: Href
    commitment: Href


def second_line(found: Programme, shown: Sequence[Sponsored], currency: str) -> str:
    """`7 accounts, $2.3M a year · to 20 Nov 2026`."""
    worth = sum(one.revenue for one in shown)
    n = "1 account" if len(shown) == 1 else f"{len(shown)} accounts"
    ended = f" · {found.ended} ended" if found.ended else ""
    return f"{n}, {money(worth, currency)} a year · to {day(found.today)}{ended}"


def page(found: Programme, shown: Sequence[Sponsored], opened: str, ways: Ways, currency: str) -> str:
    """The sentences, the notices and the table of the programme."""
    if not found.accounts:
        return EMPTY
    said = tables.says(sponsors.sentences(found)) + tables.notices(sponsors.notices(found))
    return f'{said}<section class="sec" style="margin-top:20px">{_head()}{board(shown, opened, ways, currency)}<p class="foot">{FOOT}</p></section>'


def _head() -> str:
    legend = (f'<span class="sp-legend"><span>{_mark(KEPT)}kept</span><span>{_mark(MISSED)}missed</span><span>{_mark("planned")}planned</span>'
              f'<span>{_balance_mark(None)}balance: ours / theirs, {BAND[0] * 100:.0f} to {BAND[1] * 100:.0f} shaded</span></span>')  # fmt: skip
    return f'<div class="sechead"><h2>Both sides’ commitments</h2>{legend}</div>'


def board(shown: Sequence[Sponsored], opened: str, ways: Ways, currency: str) -> str:
    """A row for each account, by name."""
    if not shown:
        return '<p class="mut">This sponsor holds no account now.</p>'
    heads = "".join(f'<th scope="col">{one}</th>' for one in ("Account", "Sponsor, customer executive", "Why chosen", "Ours", "Theirs", "Balance", "Next review"))
    rows = "".join(_row(one, one.id == opened, ways, currency) for one in shown)
    return f'<table class="sp-board"><caption class="vh">Both sides’ commitments by account</caption><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>'


def _row(one: Sponsored, opened: bool, ways: Ways, currency: str) -> str:
    here = ' aria-current="true"' if opened else ""
    who = f'{_who(one.sponsor_name, one.sponsor_role)}<span class="sub">{_who(one.executive, one.executive_role)}</span>'
    review = escape(day(one.next_review)) if one.next_review else f'<a class="above" href="{escape(ways.account(one.id))}">set a date</a>'
    return (
        f'<tr data-measure="{escape(one.id)}"{here}><th scope="row"><a class="name" href="{escape(ways.account(one.id))}">{escape(one.name)}</a>'
        f'<span class="sub">{escape(money(one.revenue, currency))} a year</span></th><td data-head="Sponsor, customer executive">{who}</td>'
        f'<td class="mut" data-head="Why chosen">{escape(one.why)}</td><td data-head="Ours">{_side(one, OURS)}</td><td data-head="Theirs">{_side(one, THEIRS)}</td>'
        f'<td data-head="Balance">{_balance(one)}</td><td class="nw" data-head="Next review">{review}</td></tr>'
    )  # fmt: skip


def _who(name: str, role: str) -> str:
    return escape(name) + (f' <span class="mut">· {escape(role)}</span>' if role else "")


def _side(one: Sponsored, side: str) -> str:
    counts: Side = getattr(one, side)
    told = f"{counts.kept} of {counts.due} due were kept" if counts.due else "none was due yet"
    own = one.of(side)
    marks = "".join(_mark(c.state, one.too_few) for c in own[-MOST_MARKS:])
    before = f'<span class="cap">+{len(own) - MOST_MARKS}</span>' if len(own) > MOST_MARKS else ""
    spoken = f"{told}, {counts.planned} planned"
    return f'<span class="sp-marks" role="img" aria-label="{escape(spoken)}">{before}{marks}</span><span class="sub">{told}</span>'


def _mark(state: str, plain: bool = False) -> str:
    """A disc kept, a cross missed (orange only when enough was due), a circle planned."""
    if state == MISSED:
        return f'<svg viewBox="0 0 12 12" aria-hidden="true"><path class="sp-miss{" plain" if plain else ""}" d="M2.2 2.2 9.8 9.8M9.8 2.2 2.2 9.8"/></svg>'
    return f'<svg viewBox="0 0 12 12" aria-hidden="true"><circle class="{"sp-kept" if state == KEPT else "sp-plan"}" cx="6" cy="6" r="{5.2 if state == KEPT else 4.6}"/></svg>'


def _balance_mark(share: float | None) -> str:
    at = f'<rect class="at" x="{share * 117:.1f}" y="0" width="3" height="16"/>' if share is not None else ""
    left, width = BAND[0] * 120, (BAND[1] - BAND[0]) * 120
    return f'<svg class="sp-balance" viewBox="0 0 120 16" preserveAspectRatio="none" aria-hidden="true"><rect class="ground" y="3" width="120" height="10"/><rect class="mid" x="{left:.0f}" y="3" width="{width:.0f}" height="10"/>{at}</svg>'


def _balance(one: Sponsored) -> str:
    if one.too_few:
        return '<span class="cap">too few yet</span>'
    if one.share is None:
        return '<span class="cap">nothing was kept</span>'
    told = f"<b>{shares(one)}</b>" + (" one-sided" if one.one_sided else "")
    return f'{_balance_mark(one.share)}<span class="sp-share{" out" if one.one_sided else ""}">{told}</span>'


def shares(one: Sponsored) -> str:
    """`55 / 45`: ours and theirs of what was kept."""
    ours = round((one.share or 0) * 100)
    return f"{ours} / {100 - ours}"


# -- one account


def account_line(one: Sponsored) -> str:
    """`chosen 9 Jan 2026: merger in 2027 · sponsor Rana Amari · last review 10 Sep 2026`."""
    last = f" · last review {day(one.last_review)}" if one.last_review else " · no review held yet"
    due = f" · renewal {day(one.renewal)}" if one.renewal else ""
    return f"chosen {day(one.chosen_on)}: {one.why} · sponsor {one.sponsor_name}{last}{due}"


def account(one: Sponsored, ways: Ways) -> str:
    """What each side committed to, with evidence."""
    sides = "".join(f"<div><h3>{title}</h3>{_list(one, side, ways)}</div>" for side, title in ((OURS, "What we committed to"), (THEIRS, "What they committed to")))
    return f'<div class="sp-two">{sides}</div>'


def _list(one: Sponsored, side: str, ways: Ways) -> str:
    own = one.of(side)
    if not own:
        return '<p class="mut">Nothing is written yet. A commitment has a day, so that both can see whether it was kept.</p>'
    heads = "".join(f'<th scope="col">{head}</th>' for head in ("Commitment", "Who", "Due", '<span class="vh">State</span>', "Evidence"))
    rows = "".join(_line(c, one, ways) for c in own[-MOST_LINES:])
    return f'<div class="sp-list-wide" tabindex="0"><table class="sp-list"><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>{_earlier(own[:-MOST_LINES])}'


def _line(c: Commitment, one: Sponsored, ways: Ways) -> str:
    word = "not said yet" if c.unsaid(one.today) else c.state
    colour = " out" if c.state == MISSED and not one.too_few else ""
    evidence = f'<a href="{escape(c.link)}" target="_blank" rel="noopener noreferrer">{escape(c.evidence or "read it")}</a>' if c.link else f'<span class="mut">{escape(c.evidence)}</span>'
    return (
        f'<tr><th scope="row"><a href="{escape(ways.commitment(c.id))}">{escape(c.what)}</a></th><td class="mut">{escape(c.who)}</td><td class="nw">{escape(day(c.due))}</td>'
        f'<td><span class="st-word{colour}">{_mark(c.state, one.too_few)}{word}</span></td><td>{evidence}</td></tr>'
    )


def _earlier(before: Sequence[Commitment]) -> str:
    if not before:
        return ""
    kept, missed = (sum(c.state == state for c in before) for state in (KEPT, MISSED))
    told = [f"{kept} kept"] * bool(kept) + [f"{missed} missed"] * bool(missed) + ["the rest planned"] * (kept + missed < len(before))
    return f'<p class="foot">{len(before)} earlier {"commitment" if len(before) == 1 else "commitments"}: {", ".join(told)}.</p>'


def suggested(one: Sponsored) -> str:
    """What to say in the next review."""
    return f'<div class="sp-suggest"><b>Suggested for the next review</b><p>{escape(sponsors.suggestion(one))}</p></div>'


# -- twins


def programme(found: Programme) -> Table:
    """The programme, a line an account, in the order of the page."""
    rows = [
        [one.account, one.name, one.segment, one.revenue, one.sponsor_name, one.sponsor_role, one.executive, one.executive_role, one.why, one.chosen_on, one.ours.kept, one.ours.due,
         one.ours.planned, one.theirs.kept, one.theirs.due, one.theirs.planned, one.share, None if one.share is None else one.one_sided, one.last_review, one.next_review]
        for one in found.accounts
    ]  # fmt: skip
    return Table("Programme", HEADS, rows)


def every(found: Programme) -> Table:
    """Every commitment, by account, side and day."""
    rows = [[one.account, one.name, c.side, c.what, c.who, c.due, c.state, c.evidence, c.link] for one in found.accounts for side in (OURS, THEIRS) for c in one.of(side)]
    return Table("Commitments", LINES, rows)

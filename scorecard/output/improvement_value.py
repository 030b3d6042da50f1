"""Faults, cost to serve and the worth of advocacy, drawn: tables with every assumption, low, base and high."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from scorecard.core.periods import day
from scorecard.core.value import ORIGINS
from scorecard.improvement import faults as stages
from scorecard.improvement.value import VOLUMES
from scorecard.output import review_tables, tables
from scorecard.output.improvement_board import money
from scorecard.output.theme import escape

if TYPE_CHECKING:
    from scorecard.core.value import Assumption, Served
    from scorecard.improvement.faults import Faults
    from scorecard.improvement.value import Serving
    from scorecard.worth import Advocacy

NO_FAULTS = "No fault and no request is written down yet."
NO_COSTS = "No costs are loaded yet. Load a file with the month, the amount and the activity of each cost on the page Data, and accounts with their segments."
STUDY = ("The published study’s composite company: 20,000 customers, $25,000 a customer a year, 12% margin, 80% retention; $3,279,799 of retention value in "
         "three years. How much retention it gained was not published: it is solved for from that value.")


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]], last: bool = False) -> str:
    """A table of texts whose first column names the row; with `last` the last row is the sum."""
    head = "".join(f"<th>{escape(one)}</th>" for one in heads)
    body = "".join(
        f'<tr class="{"all" if last and place == len(rows) else ""}"><th>{row[0]}</th>' + "".join(f"<td>{cell}</td>" for cell in row[1:]) + "</tr>"
        for place, row in enumerate(rows, 1)
    )
    return f'<div class="ip-wide" tabindex="0"><table class="ip-num"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


# -- faults and requests


def faults(found: Faults, currency: str) -> str:
    """Sentences, what became of what was reported, where faults were caught, what late ones cost."""
    if not found.entries:
        return f'<p class="mut">{NO_FAULTS}</p>'
    said = tables.says(stages.sentences(found, currency))
    return f'{said}<div class="ip-two"><div>{_fates(found, currency)}</div><div>{_caught(found)}</div></div>'


def _fates(found: Faults, currency: str) -> str:
    heads = ["", *(label.capitalize() for label in stages.STATES.values())]
    rows = [
        [escape(stages.KINDS[one.kind]), *(f'{one.counts[state]}<span class="sub">{money(one.revenue[state], currency) if one.revenue[state] else ""}</span>' for state in stages.STATES)]
        for one in found.fates
    ]
    return review_tables.section("What became of them", _table(heads, rows), "count, and revenue a year behind them; each account once in a cell")


def _caught(found: Faults) -> str:
    one = found.caught
    if not one.cells:
        return review_tables.section("Where faults were caught", '<p class="mut">No fault says yet where it was caught and where it could have been.</p>')
    columns = list(stages.STAGES)
    rows = [[escape(stages.STAGES[row]), *(str(one.cells.get((row, column), "")) for column in columns)] for row in columns if any((row, c) in one.cells for c in columns)]
    heads = ["Could have been in", *(stages.STAGES[column] for column in columns)]
    late = found.downstream
    foot = f'<p class="foot">{late.earlier} of {late.faults} faults that customers met could have been caught before: {late.tickets:,.0f} tickets, {late.hours:,.0f} hours in all.</p>'
    return review_tables.section("Where faults were caught", _table(heads, rows) + (foot if late.faults else ""), "counts")


# -- cost to serve


def serving(found: Serving | None, currency: str) -> str:
    """Cost by segment and activity, for each account and as a share of revenue, low to high."""
    if found is None:
        return review_tables.section("Cost to serve", f'<p class="mut">{NO_COSTS}</p>')
    heads = ["Segment", *(one.capitalize() for one in found.activities), "In all", "Accounts", "For each account", "Share of revenue"]
    rows = [_served(one, place, found, currency) for place, one in enumerate(found.served)]
    rows.append(_all(found, currency))
    by = "; ".join(f"{activity}: {VOLUMES[shared]}" for activity, shared in found.shared.items())
    notes = "".join(f'<p class="foot">{escape(one)}</p>' for one in found.notes)
    foot = f'<p class="foot">Shared out by: {escape(by)}. Accounts are all that were customers at some time in these months. Under a figure stand low and high, where a rule states them.</p>'
    return review_tables.section("Cost to serve", _table(heads, rows, True) + foot + notes, f"{day(found.first)} to {day(found.last)}")


def _served(one: Served, place: int, found: Serving, currency: str) -> list[str]:
    low, high = (found.by_case[case][place] for case in ("low", "high"))
    parts = [money(one.by_activity.get(activity, 0.0), currency) for activity in found.activities]
    each = money(one.each, currency) if one.each is not None else "–"
    share = f"{one.share_of_revenue * 100:.1f}%" if one.share_of_revenue is not None else "–"
    return [escape(one.group), *parts, f"{money(one.cost, currency)}{_range(low.cost, high.cost, currency)}", f"{one.accounts:,}", each, share]


def _all(found: Serving, currency: str) -> list[str]:
    served = found.served
    whole, accounts, revenue = sum(one.cost for one in served), sum(one.accounts for one in served), sum(one.revenue for one in served)
    parts = [money(sum(one.by_activity.get(activity, 0.0) for one in served), currency) for activity in found.activities]
    low, high = (sum(one.cost for one in found.by_case[case]) for case in ("low", "high"))
    share = f"{whole / revenue * 100:.1f}%" if revenue else "–"
    return ["All", *parts, f"{money(whole, currency)}{_range(low, high, currency)}", f"{accounts:,}", money(whole / accounts, currency) if accounts else "–", share]


def _range(low: float, high: float, currency: str) -> str:
    if low == high:
        return ""
    return f'<span class="sub">{money(low, currency)} to {money(high, currency)}</span>'


# -- what advocacy is worth


def advocacy(found: Advocacy, currency: str) -> str:
    """What it comes to under low, base and high, every assumption with its origin, and what a tenth of each changes."""
    base, low, high = (found.worth[case] for case in ("base", "low", "high"))
    years = found.worth["base"].years
    said = (f'<div class="says"><p><b>{money(base.total, currency)} over {len(years)} years, {money(low.total, currency)} to {money(high.total, currency)},</b> '
            f"of which {money(base.retention, currency)} are customers who stay longer.</p></div>")
    own = '<p class="foot">What advocacy was worth to this team in twelve months, out of its own records: <a href="advocacy">Advocacy</a></p>'
    return said + f'<div class="ip-two"><div>{_assumptions(found, currency)}</div><div>{_years(found, currency)}</div></div><p class="foot">{STUDY}</p>{own}'


def amount(one: Assumption, value: float, currency: str) -> str:
    """A figure of an assumption in its unit."""
    if one.unit == "share":
        return f"{value * 100:.2f}".rstrip("0").rstrip(".") + "%"
    return money(value, currency) if one.unit == "money" else f"{value:,.0f}"


def _assumptions(found: Advocacy, currency: str) -> str:
    rows = []
    for one in found.assumptions:
        source = found.sources.get(one.id)
        origin = f"{ORIGINS[one.origin]}: {source}" if source else ORIGINS[one.origin]
        less, more = found.sensitivity.get(one.id, (None, None))
        moves = f"{money(less, currency)} to {money(more, currency)}" if less is not None and more is not None else "–"
        rows.append([f'{escape(one.label)}<span class="sub">{escape(origin)}</span>', *(amount(one, one.value(case), currency) for case in ("low", "base", "high")), moves])
    return review_tables.section("Assumptions", _table(["", "Low", "Base", "High", "A tenth less or more gives"], rows), "low and high are those of the worth, all together")


def _years(found: Advocacy, currency: str) -> str:
    rows = [[f"Year {one.year}", f"{one.without:,.0f}", f"{one.with_advocacy:,.0f}", money(one.value, currency)] for one in found.worth["base"].years]
    base = found.worth["base"]
    rows += [["All other value", "", "", money(base.other, currency)], ["In all", "", "", money(base.total, currency)]]
    return review_tables.section("Year by year", _table(["", "Kept without", "Kept with", "Worth"], rows, True), "base")

"""What stands behind a number: where it comes from, its rules and SQL, what belongs beside it, and its rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from scorecard import access, looking, whose
from scorecard.access import Actor
from scorecard.core import fmt, intervals
from scorecard.core.definition import Definition
from scorecard.core.periods import Period
from scorecard.core.rollup import StoredFigure, pooled
from scorecard.core.unit_rows import DIMENSIONS, FIRST_VALUE_DAYS, Source, source
from scorecard.errors import DefinitionError, NotAllowed, UsageError
from scorecard.metrics.book import Book, read_book
from scorecard.store import catalogue
from scorecard.store.catalogue import Covered
from scorecard.store.engine import Store, Tx
from scorecard.whose import Sight

ROWS, PERSON = 200, "csm"
BRIDGED = ("gross_revenue_retention", "renewal_rate")
HOW = {
    "ratio": "Sum of numerators over sum of denominators, recomputed at every roll-up and never averaged.",
    "share": "Rows that count over all rows, recomputed at every roll-up and never averaged.",
    "nps": "Percent of promoters minus percent of detractors, recomputed from the answers at every roll-up.",
    "sum": "The sum of its rows.", "count": "The number of its rows.",
    "median": "The median of its rows, recomputed at every roll-up; medians are never averaged.",
    "kaplan_meier": "Kaplan-Meier median of its rows; who is still on the way counts until the last day that is known.",
}
CLOCKS = {"account": "the day the account became a customer", "subscription": "the start of the first subscription",
          "milestone": "the clock of the milestone"}


@dataclass(frozen=True)
class Behind:
    """Everything one click behind a number. `rows` is None for who may not read them; `problem` says why there are none."""

    words: str
    rules: tuple[str, ...]
    sql: str
    beside: tuple[str, ...]
    columns: tuple[str, ...]
    rows: tuple[tuple, ...] | None
    more: bool
    problem: str = ""


def behind(store: Store, actor: Actor, measure: Definition, period: Period, segment: str = "", limit: int = ROWS) -> Behind:
    """What stands behind a measure in a period, of the whole or of a segment. Rows ask for more than reading the scorecard."""
    access.require(actor, "read_scorecard")
    own = source(measure)
    if own is None:
        return Behind("Loaded as figures; nothing is computed.", (), "", (), (), None, False)
    with store.read() as tx:
        sight = whose.sight(tx, actor)
    with store.read_facts() as tx:
        reaches = catalogue.covered(tx)
        if period not in catalogue.months_of(own, reaches):
            return Behind(f"Computed from {own.words}, once these facts are loaded.", _rules(own), own.sql, (), (), None, False,
                          f"There are no {own.words} for {period.label}.")
        try:
            return _of_whom(_computed(tx, actor, measure, own, period, segment, reaches, limit), sight)
        except DefinitionError as error:
            return Behind(f"Computed from {own.words}.", _rules(own), own.sql, (), (), None, False, f"Not computed: {error}")


def _computed(tx: Tx, actor: Actor, measure: Definition, own: Source, period: Period, segment: str,
              reaches: Mapping[str, Covered], limit: int) -> Behind:
    columns, rows = catalogue.unit_rows(tx, own, period, reaches, "segment", segment, limit + 1)
    beside = [*_classes(tx, own, period, reaches, segment), *_interval(tx, own, period, reaches, segment)]
    if measure.name == "contact_schedule_kept":
        beside += _with_schedule(tx, period, segment)
    if measure.name in BRIDGED:
        beside += bridge_words(catalogue.bridge(tx, period, segment), measure)
    may = access.may(actor, "log_records")
    return Behind(f"Computed from {own.words}.", _rules(own), catalogue.shown(own, period, reaches), tuple(beside), tuple(columns),
                  tuple(rows[:limit]) if may else None, len(rows) > limit)


def _of_whom(found: Behind, sight: Sight) -> Behind:
    """The same with the names of those CSMs only whose figures the reader may see: rows with a name add up to a person's figure."""
    if found.rows is None or PERSON not in found.columns:
        return found
    at = found.columns.index(PERSON)
    return replace(found, rows=tuple(row if sight.may_see(row[at] or "") else (*row[:at], None, *row[at + 1:]) for row in found.rows))


def _rules(own: Source) -> tuple[str, ...]:
    rules = [HOW[own.compute]]
    if own.event and own.clock:
        kind, _, name = own.event.partition(":")
        event = {"usage": "use of the product", "milestone": "a milestone"}[kind]
        rules.append(f"Event: {f'{name.strip()} ({event})' if name else 'any ' + event.removeprefix('a ')}. Clock: {CLOCKS[own.clock]}.")
    if own.compute == "kaplan_meier":
        rules.append(f"Partial until half have reached it or {FIRST_VALUE_DAYS} days have passed, then not reached.")
    rules.append(f"A month is partial until the facts ({own.words}) reach its end. Segment, team and CSM are those of the account today, "
                 "unless a row names its own.")
    return tuple(rules)


def _classes(tx: Tx, own: Source, period: Period, reaches: Mapping[str, Covered], segment: str) -> list[str]:
    found = catalogue.classes(tx, own, period, reaches, segment)
    return [", ".join(f"{name}: {count:,}" for name, count in found) + "."] if found else []


def _interval(tx: Tx, own: Source, period: Period, reaches: Mapping[str, Covered], segment: str) -> list[str]:
    cells = catalogue.cells(tx, own, [period], reaches) if own.compute in ("share", "nps", "median", "kaplan_meier") else []
    cell = next((one for one in cells if (one.dimension, one.name) == (("segment", segment) if segment else ("", ""))), None)
    if cell is None:
        return []
    if own.compute in ("median", "kaplan_meier"):
        return [f"n = {cell.n:,}" + (f"; half had not reached it within {FIRST_VALUE_DAYS} days." if cell.value is None else ".")]
    ends = ends_of(own.compute, cell.numerator, cell.denominator, cell.squares)
    if ends is None:
        return []
    low, high = (f"{end * 100:.1f}%" if own.compute == "share" else fmt.plain(end, 0) for end in ends)
    return [f"95% interval {low} to {high}, n = {cell.n:,}."]


def ends_of(compute: str, top: float | None, bottom: float | None, squares: float | None) -> tuple[float, float] | None:
    """The 95% interval of a share (Wilson) or of NPS, None for what has none."""
    if top is None or not bottom:
        return None
    if compute == "share":
        return intervals.wilson(top, bottom)
    return intervals.mean_score(top, squares, bottom) if compute == "nps" and squares is not None else None


def _with_schedule(tx: Tx, period: Period, segment: str) -> list[str]:
    have, all_of = catalogue.with_schedule(tx, period, segment)
    share = f" ({100 * have / all_of:.0f}%)" if all_of else ""
    return [f"{have:,} of {all_of:,} accounts{share} have a schedule: a contact due in the last 12 months or planned."]


def bridge_words(found: catalogue.Bridge | None, measure: Definition) -> list[str]:
    """The steps from the renewal rate to gross revenue retention, in points; nothing without renewals and revenue."""
    if found is None:
        return []

    def money(x: float) -> str:
        return f"{measure.symbol}{fmt.plain(x, 0)}"
    said = [f"Renewal rate {found.renewal_rate:.1%}: {money(found.renewed)} of {money(found.due)} due for renewal."]
    rate = found.renewal_rate
    if found.kept_due_rate is not None:
        said.append(f"{_points(found.kept_due_rate - rate)} as the same accounts lost MRR: {money(found.kept_due)} of "
                    f"{money(found.start_due)} at the start was kept.")
        rate = found.kept_due_rate
    said.append(f"{_points(found.gross - rate)} from accounts that were not due: {money(found.kept_other)} of "
                f"{money(found.start_other)} was kept.")
    return [*said, f"Gross revenue retention {found.gross:.1%}."]


def _points(x: float) -> str:
    return f"{'−' if x < 0 else '+'}{abs(100 * x):.1f} points"


# -- figures by period

def figures(store: Store, actor: Actor, measure: str, by: str, first: Period | None, last: Period | None, today: date) -> dict[str, Any]:
    """A measure's figures by period, of the whole or by segment, team or CSM, as JSON can carry them.

    By CSM they are those of the actor and of the people whom the actor leads.
    """
    access.require(actor, "read_scorecard")
    if by and by not in DIMENSIONS:
        raise UsageError(f"There is no roll-up by {by!r}. Use {', '.join(DIMENSIONS)}.")
    if by == PERSON and not actor.person:
        raise NotAllowed(f"{actor.name} is nobody's leader: figures of single people are for the person and their leader. Ask as one of them, with --as PERSON.")
    with store.read() as tx:
        book, sight = read_book(tx, [measure], today), whose.sight(tx, actor)
    one = book.definitions[measure]
    own = source(one)
    squares = _squares(store, own) if own and own.compute == "nps" else {}
    rows = [row for row in (_by_name(book, one, by) if by else _by_segment(book, measure))
            if (by != PERSON or sight.may_see(row[PERSON])) and (first is None or row["at"].start >= first.start) and (last is None or row["at"].end <= last.end)]
    if by == PERSON:
        looking.at_people(store, actor, {sight.person(row[PERSON]).id for row in rows}, today)
    rows = [_finished(row, by, own, squares) for row in rows]
    return {"measure": measure, "label": one.label, "definition": one.description, "unit": one.unit, "by": by,
            "computed_from": own.words if own else "", "compute": own.compute if own else "", "event": own.event if own else "",
            "clock": own.clock if own else "", "sql": own.sql if own else "", "rows": rows}


def _by_segment(book: Book, measure: str) -> list[dict[str, Any]]:
    return [{"at": p.period, "value": p.value, "numerator": p.numerator, "denominator": p.denominator, "partial": book.is_partial(p)}
            for p in book.points(measure, "")]


def _by_name(book: Book, one: Definition, by: str) -> list[dict[str, Any]]:
    """The figures of each name of a dimension, in the order of names; parts of it are pooled."""
    parts: dict[tuple[str, Period], list[StoredFigure]] = {}
    for row in book.figures.get(one.name, ()):
        if name := getattr(row, by):
            parts.setdefault((name, row.period), []).append(row)
    found = []
    for (name, period), rows in sorted(parts.items(), key=lambda item: (item[0][0].casefold(), item[0][1].start)):
        alone = [row for row in rows if sum(bool(getattr(row, other)) for other in DIMENSIONS) == 1]
        said = pooled([(row.value, row.numerator, row.denominator) for row in alone or rows], "one" if alone else one.aggregate)
        partial = period.end >= book.today or any(row.partial for row in alone or rows)
        found.append({by: name, "at": period, **dict(zip(("value", "numerator", "denominator"), said)), "partial": partial})
    return found


def _squares(store: Store, own: Source) -> dict[tuple[Period, str, str], float]:
    with store.read_facts() as tx:
        reaches = catalogue.covered(tx)
        cells = catalogue.cells(tx, own, catalogue.months_of(own, reaches), reaches)
    return {(cell.period, cell.dimension, cell.name): cell.squares for cell in cells if cell.squares is not None}


def _finished(row: dict[str, Any], by: str, own: Source | None, squares: Mapping[tuple, float]) -> dict[str, Any]:
    period = row.pop("at")
    row = {"period": str(period), **row}
    if own is None:
        return row
    ends = ends_of(own.compute, row["numerator"], row["denominator"], squares.get((period, by, row.get(by, ""))))
    if ends:
        row["low"], row["high"] = ends
    if own.compute in ("median", "kaplan_meier"):
        row["n"] = row["denominator"]
    if own.compute == "kaplan_meier":
        row["not_reached"] = row["value"] is None and not row["partial"]
    return row


def both_words(from_facts: int, from_files: Sequence[str]) -> str:
    """That a measure is computed and was loaded as well; "" when only one is true."""
    if not from_facts or not from_files:
        return ""
    return (f"Computed from facts, and also loaded as figures ({', '.join(from_files[:3])}): of one month the newer counts, "
            "and a new load of facts computes it again.")

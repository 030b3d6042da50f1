"""Data health: what arrives and from how many accounts, what the facts say against one another, what changed later.

Everything here is read; nothing is repaired. What the product does about a finding stands in `DID`, a closed list.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from statistics import median
from typing import Any

from scorecard import access, sources
from scorecard.access import Actor
from scorecard.core import fmt, periods, record
from scorecard.core.definition import Definition
from scorecard.core.facts import KINDS
from scorecard.core.periods import Period
from scorecard.core.unit_rows import NEEDS, REVENUE, Source, source, table_of
from scorecard.errors import DefinitionError, UsageError
from scorecard.intake.table import clean_name
from scorecard.metrics.book import read_book, said_by
from scorecard.store import catalogue, definitions, facts, health, loads, measures
from scorecard.store.catalogue import STATES, Covered
from scorecard.store.engine import Store, Tx
from scorecard.store.health import Check, Found, Settled
from scorecard.store.loads import Load
from scorecard.sources import Brings

MONTH = "month"
MOST_MONTHS, HEARD_DAYS, ROWS = 24, 90, 50
# A month is in part when it has under this share of the rows that its neighbours have, and those have enough to tell.
IN_PART, NEIGHBOURS, ENOUGH = 0.4, 6, 10
MOST_NOTE = 500
MOST_COUNTED = 2_000_000  # Above that many rows counting the other way takes longer than anybody waits.
COMPLETE, PART, NOTHING = "complete", "part", "nothing"
FIGURES = "figures"
KIND_WORDS = {"contradiction": "Contradictions", "orphan": "Orphans", "duplicate": "Duplicates", "unmapped": "Unmapped",
              "gap": "Gaps", "refused": "Refused"}
DID = {
    "date_wins": "The date wins: counted as resolved on it",
    "subscription_wins": "Revenue follows the end of the subscription",
    "revenue_wins": "Revenue follows the loaded revenue table",
    "from_its_clock": "Kept; use counts from the day a measure’s clock starts",
    "use_counts": "Kept; use counts whatever the contract says",
    "as_it_came": "Kept as it came, counted in its month",
    "in_totals": "Kept; counts in totals, in no segment",
    "until_account": "Kept, not counted until the account is there",
    "until_subscription": "Kept, not counted until the subscription is there",
    "row_counts": "Kept; counts by its own account",
    "both_count": "Nothing merged; both count",
    "once": "Counted once",
    "latest": "The latest state counts, older ones are passed over",
    "proposed": "Nothing merged, proposed only",
    "as_open": "Open until it has a resolved date",
    "left_out": "Left out: not open, and no day it was resolved",
    "totals_only": "Shown in totals only",
    "left_blank": "Left blank; nothing is filled in",
    "quarantine": "In quarantine, not counted",
}
# How the figure beside a finding was counted; where nothing stands here, without the rows.
OTHERWISE = {"lost_in_three_ways": "as the accounts say", "marked_lost_and_runs": "ended as marked", "open_with_resolved_date": "counted as open", "ticket_closed_without_date": "counted as open", "tickets_twice": "counted once"}
# Facts that count through their account only; the others count in the total without one.
THROUGH_ACCOUNT = ("usage", "milestone")


@dataclass(frozen=True)
class Coverage:
    """One source: what arrived in each month, customers heard of all, the last day it tells of, the measures on it."""

    id: str
    label: str
    months: tuple[str, ...]
    heard: int | None
    fresh_to: date | None
    touches: tuple[str, ...]
    stale: bool = False


@dataclass(frozen=True)
class Finding:
    """One finding: `what` is its news, `detail` the rest, `did` a key of DID, `difference` the figure counted otherwise."""

    id: str
    kind: str
    count: int
    what: str
    detail: str
    touches: tuple[str, ...]
    did: str
    difference: str = ""
    rows: bool = True
    owner: str = ""
    settled: Settled | None = None

    @property
    def by_rule(self) -> bool:
        """Whether a rule of the product settles it: what is said twice counts once."""
        return self.did in ("once", "latest")

    @property
    def since(self) -> int:
        """How many rows more than when it was settled; 0 when it is as settled then."""
        return max(self.count - self.settled.found, 0) if self.settled and self.settled.settled else 0

    @property
    def is_open(self) -> bool:
        """Whether it waits for an answer: nobody settled it, or it has grown since."""
        return not self.by_rule and (self.settled is None or not self.settled.settled or self.since > 0)


@dataclass(frozen=True)
class Change:
    """One line of restated history: what, when it was for, was and is, when and by whom, why, what became of it.

    `signals` compares the reading that was recorded with what the period says now; "" where none was recorded.
    """

    what: str
    month: str
    was: str
    now: str
    at: datetime
    author: str
    why: str
    outcome: str
    signals: str = ""


@dataclass(frozen=True)
class Health:
    """The whole page. `until` is the last day that any source tells of; `customers` those of the 90 days to it."""

    months: tuple[Period, ...]
    coverage: tuple[Coverage, ...]
    customers: int
    until: date | None
    findings: tuple[Finding, ...]
    quarantined: int
    changes: tuple[Change, ...]
    sentences: tuple[tuple[str, str], ...]
    checked_at: datetime | None


@dataclass(frozen=True)
class _Known:
    """What the questions are asked with: definitions, those of them computed, the ten first, how far facts reach."""

    measures: dict[str, Definition]
    sources: dict[str, Source]
    slots: tuple[str, ...]
    reaches: dict[str, Covered]
    loads: dict[str, tuple[str, str, datetime]]
    revenue: str
    brings: Brings = Brings()
    figures: dict[str, float | None] = field(default_factory=dict)  # of the latest month, asked once

    def label(self, name: str) -> str:
        return self.measures[name].label


def look(store: Store, actor: Actor, today: date) -> Health:
    """The health of everything that is loaded."""
    access.require(actor, "read_scorecard")
    with store.read() as tx:
        known = _known(tx)
        loaded = health.loaded_figures(tx)
        figures = health.restated_figures(tx)
        standing, past = health.standing(tx, known.slots), loads.recent(tx)
        stands, signals = health.stands(tx), _signals(tx, figures, today)
    with store.read_facts() as tx:
        known = replace(known, reaches=catalogue.covered(tx), revenue=_revenue(tx))
        until = _until(known, loaded, today)
        months = _months(known, loaded, until, today)
        after = until - timedelta(days=HEARD_DAYS) if until else None
        coverage = _coverage(tx, known, loaded, months, after, until)
        customers = health.customers(tx, after, until) if until else 0
        findings = _findings(tx, known, loaded, months, coverage, past)
        changed = health.restated(tx)
        quarantined = health.refused_count(tx)
    changes = _changes(known, figures, changed, stands, signals)
    sentences = _sentences(known, standing, findings, quarantined, today)
    checked = max((at for *_, at in known.loads.values()), default=None)
    return Health(months, coverage, customers, until, findings, quarantined, changes, sentences, checked)


def _known(tx: Tx) -> _Known:
    measures = definitions.current(tx)
    slots = tuple(dict.fromkeys(name for card in definitions.scorecards(tx)[:1] for name in card.measures if name in measures))
    ordered = {name: measures[name] for name in (*slots, *(name for name in measures if name not in slots))}
    found = {name: own for name, one in ordered.items() if (own := source(one))}
    return _Known(ordered, found, slots, {}, health.load_names(tx), "", sources.who_brings(tx))


def _revenue(tx: Tx) -> str:
    """The table that recurring revenue comes from: the first of them that has rows."""
    return next((table for table in NEEDS[REVENUE] if not facts.is_empty(tx, KINDS[table])), "")


def touches(known: _Known, tables: Sequence[str]) -> tuple[str, ...]:
    """The measures that need one of these tables, those of the scorecard first."""
    return tuple(name for name, own in known.sources.items() if any(_stands_on(known, own, table) for table in tables))


def _stands_on(known: _Known, own: Source, table: str) -> bool:
    if table in NEEDS[REVENUE] and NEEDS[REVENUE] in own.needs:
        return table == known.revenue
    return any(table == table_of(name) for group in own.needs if group != NEEDS[REVENUE] for name in group)


# -- what arrives

def _until(known: _Known, loaded: Sequence[tuple[str, date, date]], today: date) -> date | None:
    """The last day up to today that anything tells of."""
    days = [min(one.last, today) for one in known.reaches.values()]
    days += [min(periods.containing(starts, MONTH).end, today) for _, starts, _ in loaded]
    return max(days, default=None)


def _months(known: _Known, loaded: Sequence[tuple[str, date, date]], until: date | None, today: date) -> tuple[Period, ...]:
    """The last 24 complete months that anything tells of."""
    if until is None:
        return ()
    last = periods.containing(until, MONTH)
    last = last.shift(-1) if last.end >= today else last
    first = min([one.first for one in known.reaches.values()] + [starts for _, starts, _ in loaded])
    begun = max(periods.containing(first, MONTH), last.shift(1 - MOST_MONTHS), key=lambda one: one.start)
    return tuple(periods.between(begun, last)) if begun.start <= last.start else ()


def _coverage(tx: Tx, known: _Known, loaded: Sequence[tuple[str, date, date]], months: Sequence[Period], after: date | None,
              until: date | None) -> tuple[Coverage, ...]:
    found = []
    for table, reach in known.reaches.items():
        kind = KINDS[table]
        names = tuple(known.measures) if table == "account" else touches(known, [table])
        counted = dict(health.months(tx, kind))
        cells = tuple(_state(table, month, reach, counted) for month in months)
        found.append(Coverage(table, kind.label, cells, health.heard(tx, kind, after, until), min(reach.last, until), names,
                              bool(months) and reach.last < months[-1].start))
    return tuple(found) + _loaded_coverage(loaded, months)


def _loaded_coverage(loaded: Sequence[tuple[str, date, date]], months: Sequence[Period]) -> tuple[Coverage, ...]:
    """Figures that came as files are one source; a month is in part while a measure that began before has none in it."""
    if not loaded:
        return ()
    starts: dict[str, set[Period]] = {}
    for measure, day, _ in loaded:
        starts.setdefault(measure, set()).add(periods.containing(day, MONTH))
    cells = []
    for month in months:
        begun = [days for days in starts.values() if min(days, key=lambda one: one.start).start <= month.start]
        have = sum(month in days for days in begun)
        cells.append(NOTHING if not have else COMPLETE if have == len(begun) else PART)
    last = max((day for days in starts.values() for day in days), key=lambda one: one.start)
    return (Coverage(FIGURES, "Monthly figures", tuple(cells), None, last.end, tuple(sorted(starts)),
                     bool(months) and last.start < months[-1].start),)


def _state(table: str, month: Period, reach: Covered, counted: Mapping[date, int]) -> str:
    """Complete, in part or nothing: what arrived of a source in a month."""
    if month.end < reach.first or month.start > reach.last:
        return NOTHING
    if table in STATES:
        return COMPLETE if reach.reaches(month.end) else PART
    rows = counted.get(month.start, 0)
    if not rows:
        return NOTHING
    if not reach.reaches(month.end) or thin(month, counted):
        return PART
    return COMPLETE


def thin(month: Period, counted: Mapping[date, int]) -> bool:
    """Whether a month has so few rows beside its neighbours that some must be missing."""
    near = [counted[day] for step in range(-NEIGHBOURS, NEIGHBOURS + 1) if step and (day := month.shift(step).start) in counted]
    return len(near) >= 3 and median(near) >= ENOUGH and counted.get(month.start, 0) < IN_PART * median(near)


# -- findings

def _findings(tx: Tx, known: _Known, loaded: Sequence[tuple[str, date, date]], months: Sequence[Period],
              coverage: Sequence[Coverage], past: Sequence[Load]) -> tuple[Finding, ...]:
    month = months[-1] if months else None
    found = [_finding(tx, known, one, month) for check in health.every_check()
             if known.reaches.get(check.table) and (one := health.find(tx, check)).rows]
    found += [_gap(one, months) for one in coverage if one.id != FIGURES and _holes(one)]
    found += _missing_figures(known, loaded)
    found += _refused(tx, known) + [one for load in past for one in _repeats(known, load)]
    order = list(KIND_WORDS)
    found = [replace(one, owner=_owner(known, one)) for one in found]
    return tuple(sorted(found, key=lambda one: order.index(one.kind)))


def _owner(known: _Known, one: Finding) -> str:
    """Whom to ask: who brings the files that the finding is in."""
    head, _, rest = one.id.partition(":")
    if head in ("refused", "repeated", "older"):
        return known.brings.by_load.get(rest.partition(":")[0], "")
    if head == "gap":
        return known.brings.by_kind.get(rest.partition(":")[0], "")
    table = next((check.table for check in health.every_check() if check.id == one.id), "")
    return known.brings.by_kind.get(table, "")


def _finding(tx: Tx, known: _Known, found: Found, month: Period | None) -> Finding:
    check = found.check
    kind, what, detail, did = _words(tx, known, found)
    names = touches(known, [check.table])
    if check.id in ("accounts_alike", "account_without_segment", "lost_in_three_ways"):
        names = touches(known, ["account", *check.beside])
    return Finding(check.id, kind, found.rows, what, detail, names, did, _difference(tx, known, check, names, month))


def _words(tx: Tx, known: _Known, found: Found) -> tuple[str, str, str, str]:
    """(kind, what, detail, did) of a finding."""
    n, head = found.rows, found.check.id.split(":")[0]
    accounts = counted(found.names, "account") if found.names else ""
    span = _span(found)
    if head == "lost_in_three_ways":
        did = "subscription_wins" if known.revenue == "subscription" else "revenue_wins"
        return ("contradiction", f"Three fields disagree whether {counted(n, 'account')} left",
                "marked as lost, customer until, end of the last subscription", did)
    if head in _PLAIN:
        kind, words, did = _PLAIN[head]
        return kind, words.format(n=n, noun="row" if n == 1 else "rows", s="" if n == 1 else "s", has="has" if n == 1 else "have",
                                  was="was" if n == 1 else "were"), _joined(accounts, span), did
    if head == "accounts_alike":
        pairs, _, first = health.alike(tx)
        return "duplicate", f"{counted(pairs, 'pair')} of accounts look alike", f"by name: {' and '.join(first)}", "proposed"
    if head == "ticket_status_unknown":
        named = ", ".join(f"“{status}” {number:,}" for status, number in health.unknown_statuses(tx))
        return "unmapped", f"{counted(n, 'ticket')} in a status of no known meaning", named, "as_open"
    return _by_kind(found, accounts, span)


_PLAIN = {
    "open_with_resolved_date": ("contradiction", "{n:,} open ticket{s} {has} a resolved date", "date_wins"),
    "use_before_subscription": ("contradiction", "{n:,} {noun} of use before the subscription began", "from_its_clock"),
    "use_after_subscription": ("contradiction", "{n:,} {noun} of use after the subscription ended", "use_counts"),
    "ticket_before_customer": ("contradiction", "{n:,} ticket{s} {was} opened before the account was a customer", "as_it_came"),
    "marked_lost_and_runs": ("contradiction", "{n:,} subscription{s} marked as lost {has} no end", "subscription_wins"),
    "tickets_twice": ("duplicate", "{n:,} ticket{s} {was} sent twice under another number", "both_count"),
    "ticket_closed_without_date": ("unmapped", "{n:,} closed ticket{s} {has} no resolved date", "left_out"),
    "account_without_segment": ("unmapped", "{n:,} account{s} {has} no segment", "totals_only"),
}


def _by_kind(found: Found, accounts: str, span: str) -> tuple[str, str, str, str]:
    """Words of the checks that every kind of fact has: dates in the wrong order, orphans."""
    kind, (head, *rest) = KINDS[found.check.table], found.check.id.split(":")
    n = counted(found.rows, "row")
    if head == "order":
        before, after = (kind.column(name).label.lower() for name in rest[1:])
        return "contradiction", f"{kind.label}: {n}, {after} before {before}", _joined(accounts, span), "as_it_came"
    through = found.check.table in THROUGH_ACCOUNT
    if head == "nobody":
        return "orphan", f"{kind.label}: {n} without an account", span, "until_account" if through else "in_totals"
    if rest[1] == "account":
        return "orphan", f"{kind.label}: {n} of {counted(found.names, 'unknown account')}", span, "until_account" if through else "in_totals"
    return "orphan", f"{kind.label}: {n} of unknown subscriptions", span, "until_subscription" if not found.names else "row_counts"


def counted(number: int, noun: str) -> str:
    """`1 row`, `531 rows`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _joined(*parts: str) -> str:
    return ", ".join(part for part in parts if part)


def _span(found: Found) -> str:
    if found.first is None:
        return ""
    first, last = (periods.containing(day, MONTH).short for day in (found.first, found.last))
    return first if first == last else f"{first} to {last}"


def _difference(tx: Tx, known: _Known, check: Check, names: Sequence[str], month: Period | None) -> str:
    """`67; counted as open 76`: the first measure that it touches whose figure of the latest month would be another."""
    if check.id == "accounts_alike":
        pairs, accounts, _ = health.alike(tx)
        return f"{accounts:,} accounts; merged {accounts - pairs:,}"
    if check.id == "account_without_segment":
        return "none in the whole"
    instead = health.instead_of(tx, check)
    if not check.instead or month is None or not names or health.size(tx, check) > MOST_COUNTED:
        return ""
    for name in names:
        own, one = known.sources[name], known.measures[name]
        try:
            if name not in known.figures:
                known.figures[name] = _whole(catalogue.cells(tx, own, [month], known.reaches))
            now, otherwise = known.figures[name], _whole(catalogue.cells(tx, own, [month], known.reaches, instead))
        except DefinitionError:
            continue
        if _differs(now, otherwise):
            return f"{one.label} {fmt.value(now, one)}; {OTHERWISE.get(check.id, 'without them')} {fmt.value(otherwise, one)}"
    return f"none in {month.label}"


def _differs(now: float | None, otherwise: float | None) -> bool:
    if now is None or otherwise is None:
        return now is not otherwise
    return not math.isclose(now, otherwise, rel_tol=1e-9, abs_tol=1e-9)


def _whole(cells: Sequence[catalogue.Cell]) -> float | None:
    return next((cell.value for cell in cells if not cell.dimension), None)


def _holes(one: Coverage) -> list[int]:
    """Months in which less arrived than should have, after the first and before the last that came."""
    came = [place for place, state in enumerate(one.months) if state != NOTHING]
    return [place for place in range(came[0], came[-1] + 1) if one.months[place] != COMPLETE] if came else []


def _gap(one: Coverage, months: Sequence[Period]) -> Finding:
    holes = [months[place] for place in _holes(one)]
    none = sum(one.months[place] == NOTHING for place in _holes(one))
    words = f"nothing arrived in {counted(none, 'month')}" if none == len(holes) else f"{counted(len(holes), 'month')} in part"
    named = ", ".join(month.short for month in holes[:4]) + (" …" if len(holes) > 4 else "")
    return Finding(f"gap:{one.id}", "gap", len(holes), f"{one.label}: {words}", named, one.touches, "left_blank", rows=False)


def _missing_figures(known: _Known, loaded: Sequence[tuple[str, date, date]]) -> list[Finding]:
    """Months that a measure loaded as figures lacks between its first and its last."""
    had: dict[str, list[Period]] = {}
    for measure, day, _ in loaded:
        had.setdefault(measure, []).append(periods.containing(day, MONTH))
    found = []
    for measure, ours in had.items():
        gone = [month for month in periods.between(min(ours, key=_start), max(ours, key=_start)) if month not in set(ours)]
        if gone and measure in known.measures and len(gone) < len(ours):
            named = ", ".join(month.short for month in gone[:4]) + (" …" if len(gone) > 4 else "")
            found.append(Finding(f"gap:figures:{measure}", "gap", len(gone), f"{known.label(measure)}: {counted(len(gone), 'month')} without a figure",
                                 named, (measure,), "left_blank", rows=False))
    return found


def _start(month: Period) -> date:
    return month.start


def _refused(tx: Tx, known: _Known) -> list[Finding]:
    """Refused rows, one finding for each load: its file, how many, the commonest reason."""
    by_load: dict[str, list[tuple[str, int]]] = {}
    for load, reason, number in health.refused(tx):
        by_load.setdefault(load, []).append((reason, number))
    found = []
    for load, reasons in by_load.items():
        file, _, at = known.loads.get(load, ("a file", "", None))
        more = f", and {counted(len(reasons) - 1, 'other reason')}" if len(reasons) > 1 else ""
        tables = [kind for kind, in tx.all("SELECT kind FROM fact_load WHERE load = $1", [load])]
        found.append(Finding(f"refused:{load}", "refused", sum(number for _, number in reasons),
                             f"{counted(sum(number for _, number in reasons), 'row')} of {file} {'was' if sum(n for _, n in reasons) == 1 else 'were'} refused",
                             f"{reasons[0][0]}{more}", touches(known, tables), "quarantine",
                             "not known: the rows cannot be read"))
    return found


def _repeats(known: _Known, load: Load) -> list[Finding]:
    """Rows of a file of facts that said the same again, or an older state of the same thing: counted at the load, not kept."""
    found = []
    for table, counts in load.understood.get("kinds", {}).items():
        for name, words, did in (("repeated", "said the same again", "once"), ("older", "told an older state", "latest")):
            if number := counts.get(name, 0):
                found.append(Finding(f"{name}:{load.id}:{table}", "duplicate", number, f"{counted(number, 'row')} of {load.file_name} {words}",
                                     f"{KINDS[table].label}, {periods.day(load.loaded_at.date())}", touches(known, [table]), did,
                                     "none: it counts once" if did == "once" else "none: the latest counts", rows=False))
    return found


def rows(store: Store, actor: Actor, identity: str, limit: int = ROWS) -> tuple[tuple[str, ...], tuple[tuple[Any, ...], ...]]:
    """(columns, the first rows) of a finding, with the file and the row where each stood. For members and up."""
    access.require(actor, "log_records")
    with store.read() as tx:
        files = {load: name for load, (name, *_) in health.load_names(tx).items()}
    with store.read_facts() as tx:
        if identity.startswith("refused:"):
            load = identity.partition(":")[2]
            found = health.refused_rows(tx, load, limit)
            return ("row", "reason", "text", "file"), tuple((*row, files.get(load, "")) for row in found)
        check = next((one for one in health.every_check() if one.id == identity), None)
        if check is None:
            raise UsageError("This finding has no rows to show.")
        columns, found = health.rows_of(tx, check, limit)
    names = (*(name for name in columns if name not in ("load", "row_number")), "file", "row")
    return names, tuple(_placed(dict(zip(columns, row)), names, files) for row in found)


def _placed(row: dict[str, Any], names: Sequence[str], files: Mapping[str, str]) -> tuple[Any, ...]:
    return tuple({**row, "file": files.get(row["load"], ""), "row": row["row_number"]}[name] for name in names)


# -- what changed later

def _signals(tx: Tx, figures: Sequence[dict[str, Any]], today: date) -> dict[tuple[str, str, date], str]:
    """How the signals of restated periods compare: (measure, segment, first day) -> words, where a reading was recorded."""
    wanted = {(one["measure"], one["segment"], one["starts"]): one["grain"] for one in figures
              if one["was_read"] and not (one["team"] or one["csm"])}
    if not wanted:
        return {}
    names = sorted({name for name, *_ in wanted})
    book, bodies = read_book(tx, names, today), measures.recorded(tx, names, [day for *_, day in wanted])
    keys = {place: (*place[:2], Period(place[2], grain), book.default_rules) for place, grain in wanted.items()
            if place[0] in book.series and place in bodies}
    book.prepare(keys.values())
    return {place: _compared(said_by(record.loads(bodies[place]), definitions.FIRST_SCORECARD, book.default_rules), book.said(key))
            for place, key in keys.items()}


def _compared(then: record.Said | None, now: record.Said) -> str:
    was, says = (one.reading.shape if one and one.reading.signal else "" for one in (then, now))
    if was == says:
        return says or "none"
    return f"{was or 'none'} → {says or 'none'}"


def _changes(known: _Known, figures: Sequence[dict[str, Any]], changed: Sequence[health.Restated], stands: health.Stands,
             signals: Mapping[tuple[str, str, date], str]) -> tuple[Change, ...]:
    said = [_figure_change(known.measures[one["measure"]], one, stands, signals) for one in figures if one["measure"] in known.measures]
    said += [_fact_change(known, one) for one in changed]
    return tuple(sorted(said, key=lambda one: one.at, reverse=True))


def _figure_change(measure: Definition, one: dict[str, Any], stands: health.Stands,
                   signals: Mapping[tuple[str, str, date], str]) -> Change:
    was, now = (fmt.value(_value(one[value], one[top], one[bottom]), measure)
                for value, top, bottom in (("was", "was_top", "was_bottom"), ("value", "top", "bottom")))
    now = f"{now}, by less than is shown" if was == now else now
    if one["csm"]:  # a figure of one person is for them and their leader: that it changed is for all
        was = now = "not shown here"
    place = ", ".join(part for part in (one["segment"], one["team"], "one person" if one["csm"] else "") if part)
    outcome = f"signed: {was} stays, {now} stands beside it" if not place and (measure.name, one["starts"]) in stands.signed else \
        "inside the locked baseline, limits unchanged" if one["in_baseline"] else \
        "read before: that reading stays as it was" if one["was_read"] else "changed before it was recorded"
    return Change(f"{measure.label}, {place}" if place else measure.label, Period(one["starts"], one["grain"]).short, was, now,
                  one["at"], one["author"], "the facts behind it changed" if one["computed"] else f"corrected in {one['file']}", outcome,
                  signals.get((measure.name, one["segment"], one["starts"]), ""))


def _value(value: float | None, top: float | None, bottom: float | None) -> float | None:
    return top / bottom if value is None and top is not None and bottom else value


def _fact_change(known: _Known, one: health.Restated) -> Change:
    kind = KINDS[one.table]
    file, author, at = known.loads.get(one.load, ("a file", "", one.at))
    label = kind.column(one.column).label
    blank = f"{one.blank:,} of them blank before" if one.blank and one.blank < one.rows else "blank before" if one.blank else ""
    return Change(f"{kind.label}: {label}", counted(one.rows, "row"), one.was or "(blank)", one.now or "(blank)", at, author,
                  f"{file}" + (f"; {blank}" if blank else ""), f"the old value is kept; shown: {one.key}")


# -- in sentences

def _sentences(known: _Known, standing: Mapping[str, tuple[str, date]], findings: Sequence[Finding], quarantined: int,
               today: date) -> tuple[tuple[str, str], ...]:
    return tuple(one for one in (_stand(known, standing, today), _largest(findings), _sum(known, findings, quarantined)) if one)


def _stand(known: _Known, standing: Mapping[str, tuple[str, date]], today: date) -> tuple[str, str] | None:
    """On which day the scorecard's measures stand on complete figures, and which do not."""
    ends = {name: Period(starts, grain).end for name, (grain, starts) in standing.items() if Period(starts, grain).end < today}
    if not ends:
        return None
    last = max(ends.values())
    whole = [name for name in known.slots if ends.get(name) == last]
    behind = [known.label(name) for name in known.slots if name not in whole]
    if not behind:
        return f"All {len(whole)} scorecard measures stand on complete figures to {periods.day(last)}.", ""
    shown = ", ".join(behind[:3]) + (f" and {len(behind) - 3} more" if len(behind) > 3 else "")
    return (f"{len(whole)} of {len(known.slots)} scorecard measures stand on complete figures to {periods.day(last)}.",
            f"Not yet: {shown}.")


def _largest(findings: Sequence[Finding]) -> tuple[str, str] | None:
    """The first finding that makes a difference, else the contradiction with the most rows."""
    moved = [one for one in findings if one.difference and not one.difference.startswith(("none", "not known"))]
    chosen = moved or sorted((one for one in findings if one.kind == "contradiction"), key=lambda one: -one.count)
    if not chosen:
        return None
    one = chosen[0]
    return f"{one.what}.", f"{DID[one.did]}{'. ' + one.difference if one.difference else ''}."


def _sum(known: _Known, findings: Sequence[Finding], quarantined: int) -> tuple[str, str]:
    touched = {name for one in findings for name in one.touches} & set(known.slots)
    kept = f"No row was dropped: {quarantined:,} {'is' if quarantined == 1 else 'are'} in quarantine." if quarantined else "No row was dropped or refused."
    if not findings:
        return "Nothing speaks against itself.", kept
    return f"{counted(len(findings), 'finding')}, touching {len(touched)} of {len(known.slots)} scorecard measures.", kept


# -- settling

def with_words(store: Store, view: Health) -> Health:
    """The same with what people said about the findings, read anew: a word changes no figure."""
    with store.read() as tx:
        said = health.settled(tx)
    found = tuple(replace(one, settled=said.get(one.id)) for one in view.findings)
    waiting = sum(one.is_open for one in found)
    if not found:
        return view
    bold, rest = view.sentences[-1]
    told = f"{len(found) - waiting:,} {'is' if len(found) - waiting == 1 else 'are'} settled, {waiting:,} {'waits' if waiting == 1 else 'wait'} for an answer."
    return replace(view, findings=found, sentences=(*view.sentences[:-1], (bold, f"{told} {rest}")))


def settle(store: Store, actor: Actor, finding: Finding, note: str) -> None:
    """Keeps that a finding is settled as it is now: with a note, by whom and when. It is open again when it grows."""
    access.require(actor, "load_files")
    text = clean_name(note)
    if not text:
        raise UsageError("Say in a few words why it is settled.")
    if len(text) > MOST_NOTE:
        raise UsageError(f"A note has at most {MOST_NOTE} letters; this one has {len(text)}.")
    store.write(lambda tx: health.say(tx, finding.id, True, finding.count, text), actor.name, quiet=True)


def open_again(store: Store, actor: Actor, finding: Finding) -> None:
    """Keeps that a finding waits for an answer again."""
    access.require(actor, "load_files")
    store.write(lambda tx: health.say(tx, finding.id, False, finding.count, ""), actor.name, quiet=True)

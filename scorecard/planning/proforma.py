"""The plan in money: what was assumed, what that comes to, and what was billed and spent, quarter by quarter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from scorecard import registers
from scorecard.core import fmt, pro_forma
from scorecard.core.definition import Definition
from scorecard.core.periods import Period, containing
from scorecard.core.pro_forma import LINES, SHARES, Assumption, Quarter
from scorecard.core.reading import Sentence, count_word
from scorecard.registers import Entry
from scorecard.store import members, proforma
from scorecard.store.engine import Store
from scorecard.store.members import Organisation

REGISTER = "pro_forma"
PAST = "past"
MONTHS = 3


@dataclass(frozen=True)
class Span:
    """One quarter of a pro-forma: its first month and its name, such as `Q1 2026` or `Feb to Apr 2026`."""

    first: Period
    label: str

    @property
    def last(self) -> Period:
        return self.first.shift(MONTHS - 1)


@dataclass(frozen=True)
class Off:
    """A line that came out beyond what was assumed in any case: `side` is above or below."""

    line: str
    span: Span
    value: float
    assumption: Assumption
    side: str


@dataclass(frozen=True)
class ProForma:
    """One pro-forma. `cases` maps low, base and high to their quarters, empty while a line is `lacking`; `actuals` are those of the
    quarters that are over, None for the others."""

    id: str
    title: str
    state: str
    owner_name: str
    spans: tuple[Span, ...]
    assumptions: tuple[Assumption, ...]
    lacking: tuple[str, ...]
    cases: dict[str, tuple[Quarter, ...]]
    actuals: tuple[Quarter | None, ...]
    off: tuple[Off, ...]
    currency: str

    @property
    def over(self) -> int:
        """How many quarters are over and known."""
        return sum(one is not None for one in self.actuals)


def read(store: Store, today: date) -> tuple[ProForma, ...]:
    """The pro-formas that are not past, the one that began last first."""
    with store.read() as tx:
        found = [one for one in registers.entries(tx, REGISTER) if one.state != PAST]
        people = {one.id: one.name for one in members.people(tx)}
        here = members.organisation(tx)
    return tuple(_made(store, one, people.get(str(one.values.get("owner", "")), ""), here, today) for one in found)


def _made(store: Store, one: Entry, owner: str, here: Organisation | None, today: date) -> ProForma:
    first = containing(date.fromisoformat(f"{one.values['first']}-01"), "month")
    quarters = int(one.values["quarters"])
    spans = tuple(_span(first.shift(MONTHS * n), here.fiscal_start if here else 1) for n in range(quarters))
    assumptions = tuple(_assumption(row) for row in one.values["assumptions"])
    lacking = pro_forma.lacking(assumptions)
    actuals = _actuals(store, first, quarters, today)
    off = () if lacking else _off(assumptions, spans, actuals)
    cases = {} if lacking else pro_forma.cases(assumptions, quarters)
    return ProForma(one.id, one.title, one.state, owner, spans, assumptions, lacking, cases, actuals, off, here.currency if here else "$")


def _span(first: Period, fiscal_start: int) -> Span:
    """The quarter by its name where it can be only one; by its months where the company counts from another one than January."""
    if first.start.month % MONTHS == fiscal_start == 1:
        return Span(first, containing(first.start, "quarter").label)
    return Span(first, f"{first.short.split()[0]} to {first.shift(MONTHS - 1).short}")


def _assumption(row: dict) -> Assumption:
    """A row of the table: shares are typed in percent."""
    scale = 100 if row["line"] in SHARES else 1
    return Assumption(row["line"], int(row.get("quarter") or 1), row["low"] / scale, row["base"] / scale, row["high"] / scale, row["source"])


def _actuals(store: Store, first: Period, quarters: int, today: date) -> tuple[Quarter | None, ...]:
    """What was billed and spent, of the quarters that are over and of which the facts have every end."""
    with store.read_facts() as tx:
        reach = proforma.last_month(tx)
        if reach is None:
            return (None,) * quarters
        billed = {one.quarter: one for one in proforma.billed(tx, first.start, quarters)}
        spent = proforma.spent(tx, first.start, quarters)
    return tuple(_actual(billed.get(n), spent.get(n), first.shift(MONTHS * (n + 1) - 1), reach, today) for n in range(quarters))


def _actual(billed: proforma.Billed | None, spent: tuple[float, int] | None, last: Period, reach: date, today: date) -> Quarter | None:
    if billed is None or last.end >= today or last.start > reach or not billed.opening:
        return None
    cost = spent[0] if spent and spent[1] == MONTHS else None
    return Quarter(12 * billed.opening, 12 * billed.kept, 12 * billed.expansion, 12 * billed.new, cost)


def _off(assumptions: Sequence[Assumption], spans: Sequence[Span], actuals: Sequence[Quarter | None]) -> tuple[Off, ...]:
    found = []
    for number, (span, quarter) in enumerate(zip(spans, actuals, strict=True), 1):
        held = pro_forma.in_force(assumptions, number) if quarter else {}
        for line in LINES:
            if line not in held or line == "opening" and held[line].quarter != number:
                continue
            value = pro_forma.actual(line, quarter)
            if side := pro_forma.outside(held[line], value):
                found.append(Off(line, span, value, held[line], side))
    return tuple(found)


# -- what is said about it


def shown(line: str, value: float | None, currency: str) -> str:
    """A figure of a line: `97.2%`, `$36.5M`."""
    return fmt.value(value, _measure(line, currency))


def _measure(line: str, currency: str) -> Definition:
    return Definition(line, LINES.get(line, line), unit="percent" if line in SHARES else "money", currency=currency)


def sentences(found: Sequence[ProForma]) -> list[Sentence]:
    """Where revenue stands against the cases of the newest pro-forma, and which assumptions did not hold."""
    one = next((each for each in found if each.cases), None)
    if one is None or not one.over:
        return []
    at = max(n for n, quarter in enumerate(one.actuals) if quarter)
    low, high = pro_forma.span(one.cases, at, "closing")
    closing, base = one.actuals[at].closing, one.cases["base"][at].closing
    place = "above what was hoped for" if closing > high else "below the cautious case" if closing < low else f"{'above' if closing >= base else 'below'} the base case"
    money = [shown("closing", value, one.currency) for value in (closing, low, high)]
    head = f"Revenue of {money[0]} a year at the end of {one.spans[at].label} is {place}:"
    return [Sentence(head, f"the plan expected {money[1]} to {money[2]}. {_held(one)}")]


def _held(one: ProForma) -> str:
    if not one.off:
        return f"Every assumption held in {count_word(one.over)} {'quarter' if one.over == 1 else 'quarters'}."
    told = [f"{LINES[each.line].lower()} in {each.span.label} ({shown(each.line, each.value, one.currency)}, {each.side} "
            f"{shown(each.line, each.assumption.most if each.side == 'above' else each.assumption.least, one.currency)})" for each in one.off[:2]]  # fmt: skip
    more = f" and {len(one.off) - 2} more" if len(one.off) > 2 else ""
    return f"Outside what was assumed: {', '.join(told)}{more}."

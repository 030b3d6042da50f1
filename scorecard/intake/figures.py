"""What a file of figures says: which measures, periods and values, which rows are refused and why, what to ask.

Pure: a table and the definitions in, everything that was understood out. Nothing is guessed in silence.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from scorecard.core import fmt, periods
from scorecard.core.definition import Definition
from scorecard.core.periods import Period
from scorecard.errors import FileRefused
from scorecard.intake import columns, dates, guesses, units
from scorecard.intake.columns import DIMENSIONS, Layout
from scorecard.intake.numbers import Number, decimal_mark, is_blank, read_number
from scorecard.intake.table import Question, Table, clean_name, name_fault

MOST_FIGURES = 2_000_000
ALL_NAMES = {"all", "total", "all segments", "all accounts", "overall"}


@dataclass(frozen=True)
class FigureRow:
    """One figure as it would be stored. Shares are fractions; `rows` are the rows of the file that say it."""

    measure: str
    period: Period
    segment: str
    team: str
    csm: str
    value: float | None
    numerator: float | None
    denominator: float | None
    rows: tuple[int, ...]

    @property
    def key(self) -> tuple[str, date, str, str, str]:
        return self.measure, self.period.start, self.segment, self.team, self.csm

    @property
    def says(self) -> tuple[float | None, float | None, float | None]:
        return self.value, self.numerator, self.denominator


@dataclass(frozen=True)
class Refused:
    """A row (in a wide file, one cell of it) that is not accepted, and why."""

    row: int
    reason: str
    column: str = ""


@dataclass(frozen=True)
class Column:
    """Where a column goes: its name, samples, the words for its target, whether that is sure, what was seen in it."""

    name: str
    samples: tuple[str, ...]
    goes_to: str
    sure: bool
    seen: str


@dataclass(frozen=True)
class Unknown:
    """A measure that no definition has: as written, what a first definition would be, how many figures, a near name."""

    text: str
    guess: Definition
    count: int
    hint: str


@dataclass(frozen=True)
class Understood:
    """A file of figures, read. It can be accepted when `questions` and `unknown` are empty."""

    name: str
    sha256: str
    shape: str
    grain: str
    rows: int
    facts: tuple[tuple[str, str, str], ...] = ()
    columns: tuple[Column, ...] = ()
    figures: tuple[FigureRow, ...] = ()
    refused: tuple[Refused, ...] = ()
    questions: tuple[Question, ...] = ()
    unknown: tuple[Unknown, ...] = ()
    new_measures: tuple[Definition, ...] = ()
    blank: int = 0
    twice: int = 0
    notices: tuple[str, ...] = ()


@dataclass
class _Cell:
    """One figure on its way: texts read as numbers, not yet scaled or checked."""

    row: int
    column: str
    written: str
    period: Period
    names: tuple[str, str, str]
    value: Number | None
    numerator: Number | None
    denominator: Number | None


@dataclass
class _Work:
    """What is collected while a table is read."""

    refused: list[Refused] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    facts: list[tuple[str, str, str]] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    scales: dict[str, str] = field(default_factory=dict)
    blank: int = 0

    def refuse(self, row: int, reason: str, column: str = "") -> None:
        self.refused.append(Refused(row, reason, column))


def understand(table: Table, definitions: Mapping[str, Definition], choices: Mapping[str, str] | None = None,
               today: date | None = None) -> Understood:
    """What the table says. Raises FileRefused when the file as a whole cannot be figures; odd rows are refused one by one."""
    try:
        return _understand(table, definitions, choices or {}, today)
    except FileRefused as error:
        raise FileRefused(f"{table.name}: {error}") from None


def _understand(table: Table, definitions: Mapping[str, Definition], choices: Mapping[str, str], today: date | None) -> Understood:
    if table.questions:
        return Understood(table.name, table.sha256, "", "", table.rows, questions=table.questions)
    columns.refuse_headless(table)
    layout = columns.lay_out(table, definitions, choices)
    if layout.questions:
        return Understood(table.name, table.sha256, layout.shape, "", table.rows, questions=layout.questions)
    _check_size(table, layout)
    work = _Work()
    for odd in table.odd:
        work.refuse(odd.number, odd.reason)
    work.facts.append(_kind_fact(table, layout))
    dated = _periods(table, layout, choices, work)
    mark = _decimal(table, layout, choices, work)
    if work.questions:
        return Understood(table.name, table.sha256, layout.shape, "", table.rows, tuple(work.facts),
                          refused=tuple(work.refused), questions=tuple(work.questions))
    cells = _cells(table, layout, dated, mark, choices, work)
    return _measured(table, layout, cells, definitions, choices, today, work)


def _check_size(table: Table, layout: Layout) -> None:
    wide = max(1, len(layout.wide) + len(layout.unknown))
    if table.rows * wide > MOST_FIGURES:
        raise FileRefused(f"it holds {table.rows * wide:,} figures; {MOST_FIGURES:,} are allowed in one file. Split it.")


def _kind_fact(table: Table, layout: Layout) -> tuple[str, str, str]:
    shape = "One row a figure" if layout.shape == "long" else "One column a measure"
    seen = table.seen
    if table.kind == "xlsx":
        how = f"Excel workbook, sheet '{seen['sheet']}', {table.rows:,} rows."
    elif table.kind == "parquet":
        how = f"Parquet, {table.rows:,} rows."
    else:
        fits = "All" if not table.odd else f"{table.rows:,} of"
        total = table.rows + len(table.odd)
        how = f"{seen['delimiter'].capitalize()}, {seen['encoding']}. {fits} {total:,} rows have {len(table.columns)} fields."
    titles = f" Left out above the column names: {'; '.join(seen['titles'])}." if seen.get("titles") else ""
    return "Kind of file", f"{shape}.", how + titles


# -- periods

def _periods(table: Table, layout: Layout, choices: Mapping[str, str], work: _Work) -> dict[int, tuple[int, Period]]:
    """The period of every row that has one: position -> (row number, period)."""
    column = layout.roles["period"]
    texts, numbers = table.column(column), table.numbers()
    order = dates.order_of(texts, choices.get("dates", ""))
    if order.order == "?":
        work.questions.append(_ask_order(column, dates.example(texts)))
        return {}
    serial = dates.all_serial(texts)
    cells = []
    for position, (row, text) in enumerate(zip(numbers, texts)):
        found = dates.written(text, order.order, serial)
        if found:
            cells.append((position, row, found))
        else:
            shown = "a blank cell" if is_blank(text) else f"'{text.strip()[:60]}'"
            work.refuse(row, f"{shown} is not a date or period ({column})", column)
    if not cells:
        first = next((text for text in texts if not is_blank(text)), "")
        raise FileRefused(f"row {numbers[0]:,}: '{first[:60]}' is not a date or period ({column}), and no other row has one. "
                          "Write months as 2026-10, weeks as 2026-W42, quarters as 2026-Q4, or full dates.")
    grain = dates.grain_of([(row, found) for _, row, found in cells], choices.get("grain", ""))
    work.facts.append(_date_fact(order, serial, texts, grain))
    return {position: (row, dates.period_of(found, grain)) for position, row, found in cells}


def _ask_order(column: str, shown: str) -> Question:
    first, second = (dates.written(shown, order).day for order in dates.ORDERS)
    options = (("day-first", f"{shown} is {periods.day(first)}"), ("month-first", f"{shown} is {periods.day(second)}"))
    return Question("dates", f"{column}: the column does not say whether the day or the month stands first.", options, "--dates")


def _date_fact(order: dates.Order, serial: bool, texts: list[str], grain: str) -> tuple[str, str, str]:
    rest = f"By {grain}."
    if order.order:
        bold = f"{'Day' if order.order == 'day-first' else 'Month'} first,"
        rest = f"{order.words}. {rest}"
    elif serial:
        bold, rest = "Excel day numbers.", rest
    else:
        bold = {"month": "Months.", "week": "Weeks.", "quarter": "Quarters."}[grain]
        rest = "" if not order.count else rest
    if dates.short_years(texts):
        rest += " Years of two digits are 2000 to 2099."
    return "Dates", bold, rest.strip()


# -- numbers

def _number_columns(layout: Layout) -> list[str]:
    if layout.shape == "wide":
        return [*layout.wide, *layout.unknown]
    return [layout.roles[role] for role in ("value", "numerator", "denominator") if role in layout.roles]


def _decimal(table: Table, layout: Layout, choices: Mapping[str, str], work: _Work) -> str:
    if table.typed:
        return "."
    if choices.get("decimal") in (".", ","):
        return choices["decimal"]
    mark, shown = ".", ""
    texts: list[str] = []
    for column in _number_columns(layout):
        texts += table.column(column)
    mark = decimal_mark(texts)
    if mark in "?!":
        shown = next(t.strip() for t in texts if decimal_mark([t]) == "?" or mark == "!" and decimal_mark([t]) in ",." and "," in t)
        options = tuple((m, f"{shown} is {_said(shown, m)}") for m in ".,")
        why = "the file does not say which mark is the decimal one" if mark == "?" else "commas and points both stand as decimal marks"
        work.questions.append(Question("decimal", f"Numbers: {why}.", options, "--decimal"))
    elif mark == ",":
        work.facts.append(("Numbers", "Decimal comma.", ""))
    return mark


def _said(text: str, mark: str) -> str:
    number = read_number(text, mark)
    return "not a number" if number is None else f"{number.value:,.10g}"


def _cells(table: Table, layout: Layout, dated: Mapping[int, tuple[int, Period]], mark: str, choices: Mapping[str, str],
           work: _Work) -> dict[str, list[_Cell]]:
    """Every figure by the written name of its measure (of a long file) or its column (of a wide one)."""
    named = _Names(table, layout, work)
    found: dict[str, list[_Cell]] = {}
    for position, column, measure, texts in _written(table, layout, choices):
        if position not in dated:
            continue
        row, period = dated[position]
        if all(is_blank(text) for text in texts.values()):
            work.blank += 1
            continue
        names = named.at(position, row)
        numbers = _read(texts, mark, row, work) if names is not None else None
        if numbers is not None:
            found.setdefault(measure, []).append(_Cell(row, column, measure, period, names, *numbers))
    return found


def _written(table: Table, layout: Layout, choices: Mapping[str, str]) -> Iterator[tuple[int, str, str, dict[str, str]]]:
    """(position, column, written measure, texts by the column they stand in) of every figure."""
    if layout.shape == "wide":
        for column in [*layout.wide, *layout.unknown]:
            for position, text in enumerate(table.column(column)):
                yield position, column, column, {column: text}
        return
    parts = [role for role in ("value", "numerator", "denominator") if role in layout.roles]
    texts = [table.column(layout.roles[role]) for role in parts]
    measures = table.column(layout.roles["measure"]) if "measure" in layout.roles else [choices["measure"]] * table.rows
    for position, (measure, *row) in enumerate(zip(measures, *texts)):
        yield position, "", clean_name(measure), dict(zip(parts, row))


def _read(texts: Mapping[str, str], mark: str, row: int, work: _Work) -> tuple[Number | None, ...] | None:
    """(value, numerator, denominator), or None when one is no number; the row is then refused."""
    read: dict[str, Number | None] = {}
    for column, text in texts.items():
        role = column if column in ("numerator", "denominator") else "value"
        read[role] = None if is_blank(text) else read_number(text, mark)
        if read[role] is None and not is_blank(text):
            work.refuse(row, f"'{text.strip()[:60]}' is not a number ({column})", column)
            return None
    if (read.get("numerator") is None) != (read.get("denominator") is None):
        there, lacking = ("numerator", "denominator") if read.get("numerator") else ("denominator", "numerator")
        work.refuse(row, f"a {there} without a {lacking}", lacking)
        return None
    return read.get("value"), read.get("numerator"), read.get("denominator")


class _Names:
    """Segment, team and CSM of a row; a row with a crooked name is refused once."""

    def __init__(self, table: Table, layout: Layout, work: _Work):
        self.columns = [table.column(layout.roles[role]) if role in layout.roles else None for role in DIMENSIONS]
        self.work, self.seen = work, {}

    def at(self, position: int, row: int) -> tuple[str, str, str] | None:
        names = []
        for role, texts in zip(DIMENSIONS, self.columns):
            name = clean_name(texts[position]) if texts else ""
            fault = name_fault(name)
            if fault:
                if position not in self.seen:
                    self.work.refuse(row, f"the {role} {fault}", role)
                self.seen[position] = True
                return None
            names.append("" if name.casefold() in ALL_NAMES else name)
        return tuple(names)


# -- measures, units, rules

def _measured(table: Table, layout: Layout, cells: dict[str, list[_Cell]], definitions: Mapping[str, Definition],
              choices: Mapping[str, str], today: date | None, work: _Work) -> Understood:
    known = columns.index(definitions)
    matched: dict[str, Definition] = {}
    unknown: list[Unknown] = []
    for text, found in cells.items():
        name = layout.wide.get(text) or known.get(columns.normal(text)) or (text if text in definitions else "")
        if name:
            matched[text] = definitions[name]
        elif not text:
            for cell in found:
                work.refuse(cell.row, "no measure is named")
        else:
            unknown.append(_unknown(text, found, definitions))
    new = _defined(unknown, matched, definitions, choices, work)
    if new or choices.get("unknown") == "leave":
        unknown = []
    rows = [row for text, one in matched.items() for row in _figures(text, one, cells[text], choices, work)]
    kept, twice = _once(rows, definitions | {d.name: d for d in new}, work)
    kept = _begun(kept, today, work)
    grain = next((one.period.grain for found in cells.values() for one in found), "")
    _say_units(matched, work)
    _say_span(kept, today, work)
    return Understood(table.name, table.sha256, layout.shape, grain, table.rows + len(table.odd), tuple(work.facts),
                      _columns(table, layout, matched, unknown, definitions), tuple(kept),
                      tuple(sorted(work.refused, key=lambda r: r.row)), tuple(work.questions), tuple(unknown), new,
                      work.blank, twice, tuple(work.notices))


def _unknown(text: str, found: list[_Cell], definitions: Mapping[str, Definition]) -> Unknown:
    numbers = [cell.value for cell in found if cell.value is not None]
    pairs = [(c.numerator.value, c.denominator.value) for c in found if c.numerator is not None and c.denominator is not None]
    return Unknown(text, guesses.guess(text, numbers, pairs), len(found), columns.nearest(text, definitions))


def _defined(unknown: list[Unknown], matched: dict[str, Definition], definitions: Mapping[str, Definition],
             choices: Mapping[str, str], work: _Work) -> tuple[Definition, ...]:
    """First definitions of unknown measures, when somebody asked for them; they are matched from here on."""
    if choices.get("unknown") != "define":
        return ()
    made: dict[str, Definition] = {}
    for one in unknown:
        if one.guess.name in definitions or name_fault(one.text):
            raise FileRefused(f"'{one.text}' cannot become a measure: its name is taken or crooked. Rename it in the file.")
        made[one.guess.name] = one.guess
        matched[one.text] = one.guess
    return tuple(made.values())


def _figures(text: str, measure: Definition, cells: list[_Cell], choices: Mapping[str, str], work: _Work) -> list[FigureRow]:
    """The figures of one measure that keep its rules, scaled; the others are refused."""
    numbers = [cell.value for cell in cells if cell.value is not None]
    scale = units.scale_of(measure, numbers, units.told_for(measure.name, columns.bracketed(text), choices))
    if scale.question:
        work.questions.append(scale.question)
        return []
    work.scales[measure.name] = scale.words
    figures = []
    for cell in cells:
        reason = _fault(measure, cell)
        value, numerator, denominator = (None, None, None) if reason else _values(cell, scale.divide)
        reason = reason or _broken_rule(measure, value, cell, scale.divide)
        if reason:
            work.refuse(cell.row, reason, cell.column)
        else:
            figures.append(FigureRow(measure.name, cell.period, *cell.names, value, numerator, denominator, (cell.row,)))
    return figures


def _fault(measure: Definition, cell: _Cell) -> str:
    """Why the numbers of a cell do not fit the unit of the measure, or nothing."""
    parts = [n for n in (cell.value, cell.numerator, cell.denominator) if n is not None]
    if cell.value is not None and cell.value.percent and not measure.is_share:
        return f"a % sign, and {measure.label} is no share (it is {measure.unit})"
    money = next((n.currency for n in parts if n.currency), "")
    own = measure.currency.strip()
    if money and own and measure.unit == "money" and money != own:
        return f"an amount in {money}, and {measure.label} is in {own}"
    if measure.unit != "money" and cell.value is not None and cell.value.currency:
        return f"an amount in {cell.value.currency}, and {measure.label} is {measure.unit}"
    if cell.denominator is not None and cell.denominator.value < 0:
        return "a denominator below zero"
    if cell.numerator is not None and cell.denominator.value == 0 and cell.numerator.value:
        return f"a denominator of 0 with a numerator of {cell.numerator.value:g}"
    return ""


def _values(cell: _Cell, divide: float) -> tuple[float | None, float | None, float | None]:
    """(value, numerator, denominator): a ratio is computed from its parts, and is missing when the denominator is zero."""
    if cell.numerator is None:
        return (cell.value.value if cell.value.percent else cell.value.value / divide), None, None
    top, bottom = cell.numerator.value, cell.denominator.value
    return (top / bottom if bottom else None), top, bottom


def _broken_rule(measure: Definition, value: float | None, cell: _Cell, divide: float) -> str:
    """Which rule of the measure a figure breaks, in words, or nothing."""
    if value is None:
        return ""
    low, high = measure.bounds
    if high is not None and value > high + 1e-9:
        if cell.numerator is not None and high == 1:
            return f"numerator {cell.numerator.value:g} above denominator {cell.denominator.value:g} ({measure.label})"
        return f"{fmt.value(value, measure)} is above {fmt.goal_value(high, measure)}, the most that {measure.label} can be"
    if low is not None and value < low - 1e-9:
        return f"{fmt.value(value, measure)} is below {fmt.goal_value(low, measure)}, the least that {measure.label} can be"
    if cell.numerator is not None and cell.value is not None:
        said = cell.value.value if cell.value.percent else cell.value.value / divide
        if not math.isclose(said, value, rel_tol=0.01, abs_tol=0.0051 if measure.is_share else 0.051):
            return (f"the value {fmt.value(said, measure)} is not numerator divided by denominator, "
                    f"{fmt.value(value, measure)} ({measure.label})")
    return ""


def _once(rows: list[FigureRow], definitions: Mapping[str, Definition], work: _Work) -> tuple[list[FigureRow], int]:
    """Each figure once. Rows that say the same are one; rows that differ are all refused, each naming the others."""
    groups: dict[tuple, list[FigureRow]] = {}
    for row in rows:
        groups.setdefault(row.key, []).append(row)
    kept, twice = [], 0
    for group in groups.values():
        first = group[0]
        if any(other.says != first.says for other in group):
            _refuse_group(group, definitions[first.measure], work)
            continue
        twice += len(group) - 1
        kept.append(first if len(group) == 1 else
                    FigureRow(*first.key[:1], first.period, *first.key[2:], *first.says, tuple(r.rows[0] for r in group)))
    return kept, twice


def _begun(rows: list[FigureRow], today: date | None, work: _Work) -> list[FigureRow]:
    """The figures of periods that have begun; a later one is refused: its date is wrong, or it is a plan and no figure."""
    for row in rows:
        if today and row.period.start > today:
            work.refuse(row.rows[0], f"{row.period.label} has not begun: correct the date")
    return [row for row in rows if not (today and row.period.start > today)]


def _refuse_group(group: list[FigureRow], measure: Definition, work: _Work) -> None:
    numbers = [row.rows[0] for row in group]
    values = " and ".join(dict.fromkeys(_shown(row, measure) for row in group))
    where = " ".join(part for part in (group[0].segment, group[0].team, group[0].csm) if part)
    reason = (f"{measure.label}, {group[0].period.label}{', ' + where if where else ''}, stands more than once: "
              f"rows {_and(numbers)} say {values}")
    for number in numbers:
        work.refuse(number, reason)


def _shown(row: FigureRow, measure: Definition) -> str:
    if row.denominator is not None:
        return f"{row.numerator:g} of {row.denominator:g}"
    return fmt.NO_VALUE if row.value is None else f"{row.value * 100:.6g}%" if measure.is_share else f"{row.value:,.10g}"


def _and(numbers: list[int]) -> str:
    shown = [f"{n:,}" for n in numbers[:6]]
    more = f" and {len(numbers) - 6} more" if len(numbers) > 6 else ""
    return ", ".join(shown) + more if more or len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"


# -- what is said

def _say_units(matched: Mapping[str, Definition], work: _Work) -> None:
    scales = work.scales
    said: dict[str, list[str]] = {}
    for measure in matched.values():
        if scales.get(measure.name):
            kind = "written with a % sign" if "sign" in scales[measure.name] else scales[measure.name]
            said.setdefault(kind, []).append(measure.label)
    for words, labels in list(said.items())[:4]:
        more = f" and {len(labels) - 2} more" if len(labels) > 2 else ""
        work.facts.append(("Units", f"{', '.join(labels[:2])}{more}:", f"{words}."))


def _say_span(kept: list[FigureRow], today: date | None, work: _Work) -> None:
    if not kept:
        return
    first, last = min(row.period for row in kept), max(row.period for row in kept)
    span = first.label if first == last else f"{first.label} to {last.label}"
    told = [f"{period.label} is partial and gives no signals."
            for period in sorted({row.period for row in kept}) if today and period.end >= today]
    work.facts.append(("Period", f"{span}.", " ".join(told[:3])))


def _columns(table: Table, layout: Layout, matched: Mapping[str, Definition], unknown: list[Unknown],
             definitions: Mapping[str, Definition]) -> tuple[Column, ...]:
    roles = {column: role for role, column in layout.roles.items()}
    open_texts = {one.text for one in unknown}
    made = []
    for name in table.columns:
        texts = table.column(name)
        samples = tuple(list(dict.fromkeys(t.strip()[:40] for t in texts[:500] if not is_blank(t)))[:3])
        blank = sum(is_blank(text) for text in texts)
        seen = f"{blank / len(texts):.0%} blank" if blank else _different(len(set(texts)))
        sure = name not in open_texts
        if name in roles:
            goes_to = columns.WORDS[roles[name]]
            sure = not (roles[name] == "measure" and unknown)
            seen = "not all are measures" if not sure else seen
        elif name in matched:
            goes_to = matched[name].label
        else:
            goes_to = "left out" if sure else "no measure of this name"
            seen = layout.left_out.get(name, seen)
        made.append(Column(name, samples, goes_to, sure, seen))
    return tuple(made)


def _different(count: int) -> str:
    return "one value" if count == 1 else f"{count:,} different values"


def grouped(refused: tuple[Refused, ...]) -> list[tuple[int, str, str]]:
    """(how many rows, reason, which rows) for each reason, the most frequent first."""
    by_reason: dict[str, list[int]] = {}
    for one in refused:
        by_reason.setdefault(one.reason, []).append(one.row)
    counts = Counter({reason: len(rows) for reason, rows in by_reason.items()})
    return [(count, reason, ("row " if count == 1 else "rows ") + _and(by_reason[reason]))
            for reason, count in counts.most_common()]

"""Registers as they are read: the board, one entry, its history, a file on its way in, and the CSV twin."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scorecard import looking, registers
from scorecard.core import register_values
from scorecard.core.periods import day
from scorecard.core.registers_file import Field, Register
from scorecard.errors import FileRefused
from scorecard.intake import reader
from scorecard.intake.table import HELD, Limits
from scorecard.output import twins
from scorecard.output.theme import escape

if TYPE_CHECKING:
    from scorecard.access import Actor
    from scorecard.registers import Entry, Refused, Version
    from scorecard.store.engine import Store

Href = Callable[["Entry"], str] | None
Names = Mapping[tuple[str, str], str]
PAGE = 10_000
LONGEST_CELL = 90
MOST_REFUSED = 12
MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


# -- words


def heads(of: Register) -> list[str]:
    """The names of the board's columns."""
    return ["State" if name == "state" else of.field(name).label for name in of.shown]


def words(of: Register, entry: Entry, names: Names, currency: str = "$") -> list[str]:
    """The cells of the board for an entry, as text."""
    return [_cell(of, entry, name, names, currency) for name in of.shown]


def _cell(of: Register, entry: Entry, name: str, names: Names, currency: str) -> str:
    if name == "state":
        found = of.state(entry.state)
        return found.label if found else entry.state
    return told(of.field(name), entry.values.get(name), names, currency)


def told(field: Field, value: Any, names: Names, currency: str = "$") -> str:
    """A value as people read it: names for ids, `12 Nov 2026`, `35%`, `$12,500 a year`, `yes`; "" when nothing is said."""
    if register_values.is_missing(value):
        return ""
    if field.many:
        return ", ".join(_named(field, one, names) for one in value)
    if field.kind == "table":
        return f"{len(value)} {'row' if len(value) == 1 else 'rows'}"
    return _TELLERS.get(field.kind, lambda *_: _named(field, value, names))(field, value, currency)


def _named(field: Field, value: str, names: Names) -> str:
    if field.choices:
        return field.choices.get(value, value)
    kind = f"entry:{field.of}" if field.kind == "entry" else field.kind
    return names.get((kind, value), str(value))


def _number(field: Field, value: float, currency: str) -> str:
    amount = register_values.shown_number(field, value)
    whole = (f"−{currency}{amount[1:]}" if amount.startswith("−") else f"{currency}{amount}") if field.kind == "money" else amount
    return f"{whole} {field.unit}".strip()


def _month(field: Field, value: str, currency: str) -> str:
    return f"{MONTHS[int(value[5:]) - 1]} {value[:4]}"


_TELLERS: dict[str, Callable[[Field, Any, str], str]] = {
    "number": _number, "money": _number, "share": _number, "month": _month,
    "date": lambda field, value, currency: day(date.fromisoformat(value)),
    "yes_no": lambda field, value, currency: "yes" if value else "no",
}  # fmt: skip


# -- the board


def board(of: Register, found: Sequence[Entry], names: Names, *, currency: str = "$", href: Href = None, caption: str = "") -> str:
    """The entries as a table; `href` gives the address that opens one. Nothing is ordered here: the store has done it."""
    head = "".join(f'<th scope="col"{_side(of, name)}>{escape(text)}</th>' for name, text in zip(of.shown, heads(of), strict=True))
    body = "".join(_line(of, entry, names, currency, href) for entry in found)
    told_of = f'<caption class="vh">{escape(caption or of.label)}</caption>'
    return f'<table class="dense stacks register">{told_of}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'


def _side(of: Register, name: str) -> str:
    return ' class="r"' if name != "state" and of.field(name).kind in ("number", "money", "share") else ""


def _line(of: Register, entry: Entry, names: Names, currency: str, href: Href) -> str:
    texts = words(of, entry, names, currency)
    lead = of.title if of.title in of.shown else of.shown[0]
    cells = []
    for name, head, text in zip(of.shown, heads(of), texts, strict=True):
        shown = escape(_short(text))
        if name == lead:
            link = f'<a class="quiet" href="{escape(href(entry))}">{shown or escape(of.one)}</a>' if href else shown
            cells.append(f'<th scope="row">{link}</th>')
        else:
            cells.append(f'<td{_side(of, name)} data-head="{escape(head.lower())}">{shown}</td>')
    return f'<tr data-entry="{escape(entry.id)}">{"".join(cells)}</tr>'


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_CELL else f"{text[: LONGEST_CELL - 1].rstrip()}…"


def empty(of: Register) -> str:
    """What an empty board says: what is missing and what it is for."""
    return f'<p class="mut"><b>No {escape(of.one)} yet.</b> {escape(of.help)}</p>'


# -- one entry


def whole(of: Register, entry: Entry, names: Names, currency: str = "$") -> str:
    """Everything that an entry says, a line a field."""
    rows = "".join(_fact(field, entry.values[field.name], names, currency) for field in of.fields if field.name in entry.values)
    state = of.state(entry.state)
    first = f"<tr>{_label('State')}<td><b>{escape(state.label)}</b> since {escape(day(entry.since.date()))}</td></tr>" if state else ""
    foot = f"Written by {entry.made_by} on {day(entry.made_at.date())}" + (
        f", changed by {entry.author} on {day(entry.recorded_at.date())}, version {entry.version}" if entry.version > 1 else "")
    return f'<table class="dense"><tbody>{first}{rows}</tbody></table><p class="foot">{escape(foot)}</p>'


def _label(text: str) -> str:
    return f'<th scope="row" class="mut" style="width:30%;font-weight:400;color:var(--mut)">{escape(text)}</th>'


def _fact(field: Field, value: Any, names: Names, currency: str) -> str:
    if field.kind == "table":
        return f"<tr>{_label(field.label)}<td>{_rows(field, value, currency)}</td></tr>"
    text = "<br/>".join(escape(line) for line in told(field, value, names, currency).split("\n"))
    if field.kind == "link":
        text = f'<a href="{escape(value)}" rel="noreferrer noopener" target="_blank">{text}</a>'
    return f"<tr>{_label(field.label)}<td>{text}</td></tr>"


def _rows(field: Field, value: Sequence[Mapping[str, Any]], currency: str) -> str:
    head = "".join(f'<th scope="col">{escape(column.label)}</th>' for column in field.columns)
    body = "".join("<tr>" + "".join(f"<td>{escape(told(column, row.get(column.name), {}, currency))}</td>" for column in field.columns) + "</tr>"
                   for row in value)
    return f'<table class="dense"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'


def history(of: Register, found: Sequence[Version], names: Names, currency: str = "$") -> str:
    """Every version, the newest first: when, who, what changed, why."""
    older = [*found[1:], None]
    rows = "".join(
        f'<tr><td class="nw">{_moment(one.entry.recorded_at)}</td><td>{_changed(of, one, before, names, currency)}</td>'
        f'<td class="mut">{escape(one.reason)}</td><td class="mut nw">{escape(one.entry.author)}</td></tr>'
        for one, before in zip(found, older, strict=True)
    )
    head = "".join(f'<th scope="col">{text}</th>' for text in ("When, UTC", "What", "Why", "Who"))
    return f'<div class="scroll"><table class="dense"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'


def _moment(at: datetime) -> str:
    return f"{day(at.date())}, {at:%H:%M}"


def _changed(of: Register, one: Version, before: Version | None, names: Names, currency: str) -> str:
    if one.withdrawn:
        return "Withdrawn"
    if before is None:
        return "Written"
    if before.withdrawn:
        return "Brought back"
    fields = registers.differences(of, before.entry, one.entry)
    parts = [_difference(of, name, before.entry, one.entry, names, currency) for name in fields]
    return "; ".join(parts)


def _difference(of: Register, name: str, before: Entry, after: Entry, names: Names, currency: str) -> str:
    label = "State" if name == "state" else of.field(name).label
    now, was = (escape(_short(_cell(of, entry, name, names, currency))) or "nothing" for entry in (after, before))
    return f"{escape(label)}: <b>{now}</b>, was {was}"


# -- a file on its way in


def read_file(store: Store, actor: Actor, register: str, source: Path | bytes, name: str, limits: Limits = HELD) -> tuple[list[dict[str, str]], list[int]]:
    """(rows by the names of their columns, their numbers in the file). Raises FileRefused for a file that cannot be lined up."""
    if not registers.may_write(actor, register):
        raise FileRefused(f"{name}: {registers.register(register).label} are written by others. Ask who may.")
    table = reader.read(source, name, store.staging, limits)
    try:
        if table.questions:
            raise FileRefused(f"{name}: {table.questions[0].text} Save it as CSV with commas, UTF-8.")
        if table.odd:
            raise FileRefused(f"{name}: row {table.odd[0].number:,}: {table.odd[0].reason}.")
        columns = {column: table.column(column) for column in table.columns}
        found = [dict(zip(columns, map(twins.unguarded, cells), strict=True)) for cells in zip(*columns.values(), strict=True)]
        return found, table.numbers()
    finally:
        reader.discard(table)


def outcome(of: Register, added: int, changed: int, known: int, refused: int, stored: bool) -> str:
    """`3 new, 1 changed, 2 known, 1 refused.`"""
    verb = "stored" if stored else "ready"
    return f"{of.label}: {added:,} new and {changed:,} changed are {verb}; {known:,} known already, {refused:,} refused."


def refused(found: Sequence[Refused]) -> str:
    """The refused rows with their reasons, the first of them."""
    rows = "".join(f'<tr><td class="nw">{one.row:,}</td><td>{escape(one.reason)}</td></tr>' for one in found[:MOST_REFUSED])
    more = f'<p class="foot">and {len(found) - MOST_REFUSED:,} more</p>' if len(found) > MOST_REFUSED else ""
    head = '<thead><tr><th scope="col">Row</th><th scope="col">Why it is refused</th></tr></thead>'
    return f'<table class="dense">{head}<tbody>{rows}</tbody></table>{more}' if found else ""


# -- the CSV twin


def columns(of: Register) -> list[str]:
    """The columns of the CSV: fields by their names, the words for ids beside them; what `record import` reads again."""
    fields = [name for field in of.fields for name in ((field.name, f"{field.name}_name") if field.kind in registers.NAMED else (field.name,))]
    return ["id", "version", *(["state"] if of.states else []), *fields, "author", "recorded_at"]


def csv(store: Store, actor: Actor | None, register: str, today: date, **wanted: Any) -> str:
    """A register as CSV, in its order, safe to open in a spreadsheet. `wanted` is as for `registers.entries`.

    Of people's own rows those that the actor sees, whose files were looked at today.
    """
    of = registers.register(register)
    return twins.csv_text(columns(of), _csv_rows(store, actor, of, today, wanted))


def _csv_rows(store: Store, actor: Actor | None, of: Register, today: date, wanted: Mapping[str, Any]) -> Iterator[list[Any]]:
    at = 0
    while True:
        with store.read() as tx:
            found = registers.entries(tx, of.id, **wanted, actor=actor, limit=PAGE, offset=at)
        if actor is not None:
            looking.looked(store, actor, of, found, today)
        names = registers.labels(store, of, found, actor)
        yield from (_csv_row(of, entry, names) for entry in found)
        at += PAGE
        if len(found) < PAGE:
            return


def _csv_row(of: Register, entry: Entry, names: Names) -> list[Any]:
    cells: list[Any] = [entry.id, entry.version, *([entry.state] if of.states else [])]
    for field in of.fields:
        value = entry.values.get(field.name)
        plain = field.kind in ("number", "share", "money") and value is not None
        cells.append(value if plain else register_values.words(field, value))
        if field.kind in registers.NAMED:
            cells.append(told(field, value, names))
    return [*cells, entry.author, entry.recorded_at]


"""Entries written and changed from any page: one form made from the declaration of a register, its dialogs, its history."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

import streamlit as st

from scorecard import looking, registers
from scorecard.core import register_values
from scorecard.core.registers_file import NUMBERS, REFERENCES, Field, Register
from scorecard.errors import ScorecardError, StaleEdit
from scorecard.output import register_tables
from scorecard.output.theme import escape_markdown
from scorecard.registers import Entry
from scorecard.reviews import recorded
from scorecard.store.drafts import Draft
from scorecard.store.engine import Store
from scorecard.ui import block, drafting, forms, own_reads, state
from scorecard.ui.kept import kept
from scorecard.ui.state import Page

RECORD, LOG = "record", "log"
# The version that is changed, and the one that stood in the form when it was opened: what differs from that is what somebody typed.
SEEN, BASE, ROUND = "seen record ", "base of record ", "round of record "
FEW, MOST_OFFERED, KEPT = 7, 3_000, 64
NARROW = (*NUMBERS, "date", "month", "person", "team", "department", "segment", "measure", "practice", "project", "yes_no")
NOTHING, TYPED = "none", ("text", "lines")
YES_NO = {True: "yes", False: "no"}


# ---- ways in ---------------------------------------------------------------------------------------------------------


def button(page: Page, register: str, label: str = "", given: Mapping[str, Any] | None = None, key: str = "", **look: Any) -> None:
    """The button that opens the form of a new entry, for who may write; `given` are values to begin with."""
    of = registers.register(register)
    if own_reads.read(page, ("may begin", register), lambda: registers.may_begin(page.store, page.actor, register)) and st.button(
        label or f"New {of.one}", icon=":material/add:", key=key or f"new {register}", **look
    ):
        new(page, register, given)


def new(page: Page, register: str, given: Mapping[str, Any] | None = None) -> None:
    """The dialog of a new entry; it stays open until it is saved."""
    of = registers.register(register)
    drafting.opened(page, draft_of(register, None, given or {}))
    st.dialog(f"New {of.one}", width="medium")(form)(page, register, None, given or {}, f"new {register}")


def open_entry(page: Page, register: str, id: str) -> None:
    """The dialog of one entry: what it says, its form, its history."""
    of = registers.register(register)
    version = _stored(page, of, id).version
    for mark in (SEEN, BASE):
        st.session_state[f"{mark}{register}:{id}"] = version
    drafting.opened(page, f"{register}:{id}")
    st.dialog(of.one[:1].upper() + of.one[1:], width="large")(_entry)(page, of, id)


def asked(page: Page) -> None:
    """Opens what the address asks for: `record=<register>:<id>` or `log=<register>`; a link is followed once."""
    record, log = st.query_params.get(RECORD, "")[:160], st.query_params.get(LOG, "")[:80]
    if record:
        del st.query_params[RECORD]
        register, _, id = record.partition(":")
        open_entry(page, register, id)
    elif log:
        del st.query_params[LOG]
        if registers.may_write(page.actor, log):
            new(page, log)


def address(of: Register, entry: Entry, page_name: str = "") -> str:
    """The address that opens an entry on its page."""
    return block.address(page_name or of.page, record=f"{of.id}:{entry.id}")


# ---- the form --------------------------------------------------------------------------------------------------------


def form(page: Page, register: str, entry: Entry | None = None, given: Mapping[str, Any] | None = None, key: str = "") -> None:
    """The form of a new entry, or of one that stands, for a dialog or a place of its own; `key` tells forms apart.

    A new entry shows the fields of the quick form; the others are one click away, with their defaults.
    """
    of = registers.register(register)
    name = f"{key or register} {st.session_state.get(ROUND + (key or register), 0)}"
    base = _base(page, of, entry) if entry else None
    begin = dict(base.values) if base else register_values.defaults(of.fields, page.today, page.actor.person) | dict(given or {})
    draft = draft_of(register, entry, given)
    begin |= _typed(of, drafting.begun(page, draft))
    drafting.told(page, draft, lambda: _anew(key or register))
    chosen = _chosen(page, of, begin, name)
    asked = [field for field in of.fields if field.name not in chosen and registers.is_asked(field, chosen)]
    with st.form(name, border=False):
        written = _unasked(of, asked, base) | chosen | _fields(page, of, asked, base, begin, name)
        state_now = _state(of, base, name)
        reason = st.text_input("Why it is changed", max_chars=registers.LONGEST_REASON, key=f"{name} reason") if entry else ""
        pressed = st.form_submit_button("Save", type="primary", help="Enter saves, from any line.")
    drafting.watch(page, draft, {_label(field): field.name for field in asked if field.kind in TYPED})
    if pressed and base:
        _change(page, of, entry, base, written, state_now, reason, draft)
    elif pressed:
        _add(page, of, written, state_now, key or register, draft)


def draft_of(register: str, entry: Entry | None, given: Mapping[str, Any] | None) -> str:
    """The name of the draft of a form: of one entry, or of a new one that begins with the same."""
    if entry:
        return f"{register}:{entry.id}"
    begun = hashlib.sha256(repr(sorted((given or {}).items())).encode()).hexdigest()[:12] if given else ""
    return f"{register}:new:{begun}"


def _typed(of: Register, draft: Draft | None) -> dict[str, str]:
    """The values of a draft that the form still has fields for."""
    fields = {field.name for field in of.fields if field.kind in TYPED}
    return {name: text for name, text in draft.content.items() if name in fields} if draft else {}


def _anew(key: str) -> None:
    st.session_state[ROUND + key] = st.session_state.get(ROUND + key, 0) + 1


def _add(page: Page, of: Register, written: Mapping[str, Any], state_now: str | None, key: str, draft: str) -> None:
    def saved(store: Store) -> None:
        registers.add(store, page.actor, of.id, written, state=state_now, today=page.today)
        settle(page, of)
        drafting.done(page, draft)
        _anew(key)

    forms.save(f"record {key}", page.store, saved, f"The {of.one} is saved.")


def _change(page: Page, of: Register, entry: Entry, base: Entry, written: Mapping[str, Any], state_now: str | None, reason: str, draft: str) -> None:
    """Saves what this person changed, over the version they saw; when another was first, the next try is over theirs."""
    mark = f"{of.id}:{entry.id}"
    seen = st.session_state.get(SEEN + mark, entry.version)
    changed = {name: value for name, value in written.items() if not _same(of.field(name), value, base.values.get(name))}
    chosen = None if state_now == base.state else state_now

    def tried(store: Store) -> None:
        try:
            registers.change(store, page.actor, of.id, entry.id, changed, seen_version=seen, reason=reason, state=chosen, today=page.today)
            settle(page, of)
        except StaleEdit:
            st.session_state[SEEN + mark] = entry.version
            raise
        for word in (SEEN, BASE):
            st.session_state.pop(word + mark, None)
        drafting.done(page, draft)

    forms.save(f"record {entry.id}", page.store, tried, f"The {of.one} is saved.")


def settle(page: Page, of: Register) -> None:
    """Writes what the measures that come from a register say now. After each change of an entry, outside its transaction."""
    recorded.entry_changed(page.store, page.actor, of.id, page.today)


def _base(page: Page, of: Register, entry: Entry) -> Entry:
    """The entry as it was when this person opened it."""
    mark = f"{of.id}:{entry.id}"
    st.session_state.setdefault(SEEN + mark, entry.version)
    opened = st.session_state.setdefault(BASE + mark, entry.version)
    if entry.version == opened:
        return entry
    with page.store.read() as tx:
        return next((one.entry for one in registers.history(tx, of.id, entry.id, page.actor) if one.entry.version == opened), entry)


def _same(field: Field, written: Any, before: Any) -> bool:
    try:
        return register_values.read(field, written) == before
    except ScorecardError:
        return False  # the command refuses it in words


def _chosen(page: Page, of: Register, begin: Mapping[str, Any], name: str) -> dict[str, Any]:
    """What is chosen before the form, since it says which fields the form has."""
    deciding = {each for field in of.fields for each in field.asked_while or ()}
    return {field.name: _widget(page, field, begin.get(field.name), f"{name} {field.name}") for field in of.fields if field.name in deciding}


def _unasked(of: Register, asked: Sequence[Field], base: Entry | None) -> dict[str, Any]:
    """Nothing in each field that the form does not ask for: an entry that stands says no longer what belongs to another choice."""
    return {field.name: None for field in of.fields if field.asked_while and field not in asked} if base else {}


def _fields(page: Page, of: Register, fields: Sequence[Field], entry: Entry | None, begin: Mapping[str, Any], name: str) -> dict[str, Any]:
    short = [field for field in fields if field.name in of.short or field.required and field.name not in begin]
    others = [field for field in fields if field not in short]
    if entry or not others:
        return _group(page, fields, begin, name)
    written = _group(page, short, begin, name)
    with st.expander("More"):
        return written | _group(page, others, begin, name)


def _group(page: Page, fields: Sequence[Field], begin: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The fields in their order; two narrow ones that follow one another stand side by side."""
    written, waiting = {}, list(fields)
    while waiting:
        pair = waiting[:2] if len(waiting) > 1 and _is_narrow(waiting[0]) and _is_narrow(waiting[1]) else waiting[:1]
        for place, field in zip(st.columns(len(pair)) if len(pair) > 1 else [st.container()], pair, strict=True):
            with place:
                written[field.name] = _widget(page, field, begin.get(field.name), f"{name} {field.name}")
        waiting = waiting[len(pair) :]
    return written


def _is_narrow(field: Field) -> bool:
    return field.kind in NARROW and not field.many


def _state(of: Register, entry: Entry | None, name: str) -> str | None:
    """The state in the form: of one that stands, and of a new one where its quick form asks."""
    if not of.states or not (entry or "state" in of.short):
        return None
    words = {one.id: one.label for one in of.states}
    now = entry.state if entry and entry.state in words else of.states[0].id
    return st.segmented_control("State", list(words), default=now, required=True, format_func=words.get, key=f"{name} state")


def field(page: Page, register: str, name: str, value: Any, key: str) -> Any:
    """What stands in one field of a register, for a form of another shape."""
    return _widget(page, registers.register(register).field(name), value, key)


# ---- a widget for each kind ------------------------------------------------------------------------------------------


def _widget(page: Page, field: Field, value: Any, key: str) -> Any:
    return _WIDGETS.get(field.kind, _text)(page, field, _label(field), value, key)


def _label(field: Field) -> str:
    return f"{field.label} :gray[(optional)]" if field.kind in TYPED and not field.required else field.label


def _text(page: Page, field: Field, label: str, value: Any, key: str) -> Any:
    placeholder = {"link": "https://", "month": f"{page.today:%Y-%m}"}.get(field.kind)
    return st.text_input(label, value or "", max_chars=field.longest, key=key, help=field.help or None, placeholder=placeholder)


def _lines(page: Page, field: Field, label: str, value: Any, key: str) -> Any:
    return st.text_area(label, value or "", max_chars=field.longest, height=88, key=key, help=field.help or None)


def _choice(page: Page, field: Field, label: str, value: Any, key: str) -> Any:
    offered = dict(field.choices or {})
    chosen = [one for one in ([value] if isinstance(value, str) else value or []) if one]
    offered |= {one: one for one in chosen if one not in offered}
    if field.many:
        return st.pills(label, list(offered), selection_mode="multi", default=chosen, format_func=offered.get, key=key, help=field.help or None)
    first = chosen[0] if chosen else None
    if len(offered) <= FEW:
        return st.pills(label, list(offered), default=first, required=bool(field.required and first), format_func=offered.get, key=key,
                        help=field.help or None)
    return _select(label, offered, first, field, key)


def _select(label: str, offered: Mapping[str, str], chosen: str | None, field: Field, key: str) -> Any:
    return st.selectbox(label, list(offered), index=list(offered).index(chosen) if chosen in offered else None, format_func=offered.get, key=key,
                        help=field.help or None, placeholder=NOTHING)


def _reference(page: Page, field: Field, label: str, value: Any, key: str) -> Any:
    offered = dict(choices(page, f"entry:{field.of}" if field.kind == "entry" else field.kind, field.only))
    chosen = [value] if isinstance(value, str) else list(value or [])
    if len(offered) > MOST_OFFERED:
        return _typed_reference(field, label, chosen, key)
    offered |= {one: one for one in chosen if one not in offered}
    if field.many:
        return st.multiselect(label, list(offered), chosen, format_func=offered.get, key=key, help=field.help or None, placeholder=NOTHING)
    return _select(label, offered, chosen[0] if chosen else None, field, key)


def _typed_reference(field: Field, label: str, chosen: Sequence[str], key: str) -> Any:
    """Too many to send to the browser: a name or id is typed, and looked up when the form is saved."""
    between = f", {register_values.BETWEEN} between several" if field.many else ""
    return st.text_input(label, f" {register_values.BETWEEN} ".join(chosen), key=key, help=f"The name or the id{between}. {field.help}".strip())


def _date(page: Page, field: Field, label: str, value: Any, key: str) -> Any:
    return st.date_input(label, date.fromisoformat(value) if value else None, min_value=date(1990, 1, 1), max_value=date(2099, 12, 31), key=key,
                         help=field.help or None, format="YYYY-MM-DD")


def _number(page: Page, field: Field, label: str, value: Any, key: str) -> Any:
    times, unit = (100, "%") if field.kind == "share" else (1, _currency(page) if field.kind == "money" else "")
    least, most = (None if bound is None else float(bound * times) for bound in (field.least, field.most))
    told = ", ".join(part for part in (" ".join(filter(None, (unit, field.unit))),) if part)
    given = st.number_input(f"{label}, {told}" if told else label, least, most, None if value is None else round(float(value) * times, 9), format="%g",
                            key=key, help=field.help or None, placeholder=NOTHING)
    return None if given is None else round(given / times, 12)


def _yes_no(page: Page, field: Field, label: str, value: Any, key: str) -> Any:
    return st.segmented_control(label, list(YES_NO), default=value, format_func=YES_NO.get, key=key, help=field.help or None)


def _table(page: Page, field: Field, label: str, value: Any, key: str) -> Any:
    """One row a line: a grid cannot be typed into in a dialog of this Streamlit, and not with a thumb."""
    columns = f" {register_values.BETWEEN} ".join(column.label for column in field.columns)
    offered = "; ".join(f"{column.label}: {', '.join(column.choices.values())}" for column in field.columns if column.choices)
    told = f"One row a line: {columns}. {field.help} {offered}".strip()
    lines = "\n".join(f" {register_values.BETWEEN} ".join(_cell(column, row) for column in field.columns) for row in value or ())
    return st.text_area(label, lines, height=112, key=key, help=told, placeholder=columns)


def _cell(column: Field, row: Mapping[str, Any]) -> str:
    value = row.get(column.name)
    return column.choices.get(value, value or "") if column.choices else register_values.cell(column, row)


_WIDGETS: dict[str, Callable[..., Any]] = {
    "lines": _lines, "choice": _choice, "department": _choice, "date": _date, "yes_no": _yes_no, "table": _table,
    **dict.fromkeys(NUMBERS, _number), **dict.fromkeys(REFERENCES, _reference),
}  # fmt: skip


def _currency(page: Page) -> str:
    return state.house(page.store).organisation.currency


def choices(page: Page, kind: str, only: Mapping[str, str] | None = None) -> dict[str, str]:
    """What a form offers of a kind, id -> name, kept while the data stay the same."""
    if kind.startswith("entry:") and registers.register(kind.removeprefix("entry:")).rows != "all":
        return registers.offered(page.store, kind, page.actor, only)
    return _offered(page.store, kind, tuple((only or {}).items()))


@kept(KEPT)
def _offered(store: Store, kind: str, only: tuple[tuple[str, str], ...]) -> dict[str, str]:
    return registers.offered(store, kind, only=dict(only))


# ---- one entry -------------------------------------------------------------------------------------------------------


def _stored(page: Page, of: Register, id: str) -> Entry:
    with page.store.read() as tx:
        return registers.one(tx, of.id, id, page.actor)


def _entry(page: Page, of: Register, id: str) -> None:
    entry = _stored(page, of, id)
    st.markdown(f"**{escape_markdown(entry.title)}**")
    looking.looked(page.store, page.actor, of, [entry], page.today)
    names = registers.labels(page.store, of, [entry], page.actor)
    block.draw(register_tables.whole(of, entry, names, _currency(page)), key="record told")
    if registers.may_change(page.store, page.actor, entry):
        with st.expander(f"Change the {of.one}"):
            form(page, of.id, entry, key=f"edit {id}")
    if registers.may_withdraw(page.store, page.actor, entry):
        _withdraw(page, of, entry)
    with st.expander("History"):
        _history(page, of, id)


def _history(page: Page, of: Register, id: str) -> None:
    with page.store.read() as tx:
        found = registers.history(tx, of.id, id, page.actor)
    names = registers.labels(page.store, of, [one.entry for one in found], page.actor)
    block.draw(register_tables.history(of, found, names, _currency(page)), key="record history")


def _withdraw(page: Page, of: Register, entry: Entry) -> None:
    with st.popover("Withdraw", type="tertiary"):
        st.caption(f"The {of.one} goes from every list; its history stays, and it can be brought back.")
        reason = st.text_input("Why", max_chars=registers.LONGEST_REASON, key=f"withdraw {entry.id} reason")
        if st.button(f"Withdraw the {of.one}", key=f"withdraw {entry.id}"):
            def withdrawn(store: Store) -> None:
                registers.withdraw(store, page.actor, of.id, entry.id, seen_version=entry.version, reason=reason)
                settle(page, of)

            forms.save(f"withdraw {entry.id}", page.store, withdrawn, f"The {of.one} is withdrawn.")

"""Registers as they are written in `data/registers.toml`: what people write down, its fields, states and who may."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from scorecard.core import facts
from scorecard.core.names import LIMIT
from scorecard.errors import DefinitionError

KINDS = {
    "text": "one line", "lines": "text of several lines", "choice": "one of its choices", "choices": "several of its choices",
    "person": "a person", "team": "a team", "department": "a department", "account": "an account", "segment": "a segment",
    "measure": "a measure", "practice": "a practice", "project": "a project", "entry": "an entry of another register",
    "date": "a day", "month": "a month", "number": "a number", "share": "a share", "money": "an amount", "link": "an address",
    "yes_no": "yes or no", "table": "rows of its columns",
}  # fmt: skip
# What can be looked up and counted by its value; each may be `many`.
REFERENCES = ("person", "team", "account", "segment", "measure", "practice", "project", "entry")
CLOSED = ("choice", "department", *REFERENCES)
NUMBERS = ("number", "share", "money")
IN_TABLES = ("text", "choice", "number", "share", "money", "date", "yes_no")
ABOUT = ("account", "person", "team")
ROWS = {"all": "everybody who may read the register", "own": "the person it is about and their leader"}
# Who writes an entry of people's own rows; `readers` are those whom its `through` entry, or its own fields, name.
WRITERS = {"person": "the person it is about", "leader": "their leader", "author": "who wrote it", "readers": "those who read it"}
# What a person says about who sees their entry beside themselves: words of a `share` field.
SHARES = ("leader", "team", "nobody")
KEPT_MONTHS = 36
LONGEST = {"text": LIMIT, "link": 500, "lines": 5_000}
ID = re.compile(r"[a-z][a-z0-9_]{0,59}")
OWN_NAMES = ("id", "version", "state", "reason", "register", "author", "recorded")
_TOP = ("departments",)
_REGISTER = {"label", "one", "page", "practices", "help", "order", "write", "read", "rows", "title", "date", "account", "person", "team",
             "shown", "short", "states", "fields", "author", "readers", "through", "share", "blind", "writers", "keep_months", "speaks", "answers", "once"}  # fmt: skip
_FIELD = {"name", "label", "kind", "required", "many", "help", "choices", "default", "of", "only", "least", "most", "longest", "columns", "unit", "by", "past", "after",
          "percent", "unit_of", "unit_in", "while"}  # fmt: skip
_STATE = {"label", "needs", "past", "ended"}
_DEFAULTS = {"date": "today", "person": "me", "month": "today"}


@dataclass(frozen=True)
class Field:
    """One field. `choices` maps what is stored to what is read; `of` is the register of an `entry`; `columns` those of a table.

    A share is a fraction, `least` and `most` too; `only` keeps to entries whose choices say so; `default` is text, `today` or `me`. `by` names the step that alone writes it.
    A day that is `past` cannot lie ahead; one that comes `after` another field does not lie before that. `percent` maps a choice of the same row
    and its values to where the percents of this column usually lie; `unit_of` names what holds the measure in whose unit a number is, `unit_in`
    the choice in which somebody says that points are meant. `asked_while` maps a choice to the value with which the field is asked.
    """

    name: str
    label: str
    kind: str
    required: bool = False
    many: bool = False
    help: str = ""
    choices: Mapping[str, str] | None = None
    default: str = ""
    of: str = ""
    least: float | None = None
    most: float | None = None
    longest: int = LIMIT
    columns: tuple[Field, ...] = ()
    unit: str = ""
    by: str = ""
    only: Mapping[str, str] | None = None
    past: bool = False
    after: str = ""
    percent: Mapping[str, Mapping[str, tuple[float, float]]] | None = None
    unit_of: str = ""
    unit_in: str = ""
    asked_while: Mapping[str, str] | None = None


@dataclass(frozen=True)
class State:
    """A state of an entry: its words, the fields that it `needs`, the days that are `past` in it, whether the entry has `ended` in it."""

    id: str
    label: str
    needs: tuple[str, ...] = ()
    ended: bool = False
    past: tuple[str, ...] = ()


@dataclass(frozen=True)
class Register:
    """One kind of record. `title` is the field that names an entry; `date`, `account`, `person` and `team` are the fields that
    say when it happened and whom it is about ("" when there is none); `order` is a field, with `-` the last first; `shown` are
    the fields of the table, `short` those of the quick form; `rows` says who sees an entry (a key of ROWS).

    Of people's own rows: `author` is the field of who wrote it, who sees it too; `readers` are fields whose people see it; with
    `through` it is seen by who sees that entry, or by the people whom the `readers` fields of that entry name; `share` is the field
    in which a person says whether their leader or team sees it; `blind` the field within which an author sees the others' entries
    only after their own; `writers` are keys of WRITERS. `keep_months` after the last word an entry is deleted; 0 of others, never.

    Of rows that all see: `speaks` is the field that says in whose name an entry speaks, which they alone and leaders write and take
    back; the fields of `answers`, and the state, are everybody's who writes. Of the values of `once` together one entry stands.
    """

    id: str
    label: str
    one: str
    page: str
    fields: tuple[Field, ...]
    practices: tuple[str, ...] = ()
    help: str = ""
    states: tuple[State, ...] = ()
    order: str = ""
    write: str = "log_records"
    read: str = "read_scorecard"
    rows: str = "all"
    title: str = ""
    date: str = ""
    account: str = ""
    person: str = ""
    team: str = ""
    shown: tuple[str, ...] = ()
    short: tuple[str, ...] = ()
    author: str = ""
    readers: tuple[str, ...] = ()
    through: str = ""
    share: str = ""
    blind: str = ""
    writers: tuple[str, ...] = ()
    keep_months: int = 0
    speaks: str = ""
    answers: tuple[str, ...] = ()
    once: tuple[str, ...] = ()

    def field(self, name: str) -> Field:
        """The field of this name. Raises KeyError when there is none."""
        return next((one for one in self.fields if one.name == name), None) or _missing(name)

    def state(self, id: str) -> State | None:
        """The state of this id."""
        return next((one for one in self.states if one.id == id), None)

    @property
    def newest_first(self) -> bool:
        return self.order.startswith("-")

    @property
    def by_date(self) -> bool:
        """Whether the order is that of the day, and not that of the title."""
        return self.order.removeprefix("-") == self.date or not self.order


def _missing(name: str) -> Any:
    raise KeyError(name)


def parse(text: str, name: str = "registers.toml", actions: Iterable[str] = ()) -> dict[str, Register]:
    """The registers of a file by their ids. Raises DefinitionError with a line for each fault.

    `actions` are those that access knows; without them any is taken.
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise DefinitionError(f"{name} is not TOML: {error}") from error
    faults: list[str] = []
    departments = _choices(data.get("departments", {}), "departments", faults)
    tables = {id: one for id, one in data.items() if id not in _TOP}
    found = {id: _register(id, one, departments, tables, faults) for id, one in tables.items() if _is_register(id, one, faults)}
    for one in found.values():
        faults += _unknown_actions(one, tuple(actions))
    if faults:
        raise DefinitionError("\n".join(f"{name}: {fault}" for fault in faults))
    return found


def _is_register(id: str, one: Any, faults: list[str]) -> bool:
    if isinstance(one, dict) and ID.fullmatch(id):
        return True
    faults.append(f"'{id}' is no register: it needs a table [{id}], its name of small letters, figures and _")
    return False


def _unknown_actions(one: Register, actions: tuple[str, ...]) -> list[str]:
    return [f"{one.id}.{key}: {_meant(value, actions)}" for key, value in (("write", one.write), ("read", one.read))
            if actions and value not in actions]


def _register(id: str, one: dict[str, Any], departments: dict[str, str], registers: Mapping[str, Any], faults: list[str]) -> Register:
    _unknown(one, _REGISTER, id, faults)
    fields = tuple(_field(f"{id}.fields[{n}]", each, departments, registers, faults) for n, each in enumerate(_list(one, "fields", id, faults), 1))
    names = [field.name for field in fields]
    days = [field.name for field in fields if field.kind == "date"]
    faults += [f"{id}.{field.name}: only a day is past, and after another day" for field in fields if (field.past or field.after) and field.kind != "date"]
    faults += [f"{id}.{field.name}.after: {_meant(field.after, days)}" for field in fields if field.after and field.after not in days]
    faults += [f"{id}: two fields are called '{name}'" for name in sorted({name for name in names if names.count(name) > 1})]
    faults += [f"{id}: a field cannot be called '{name}', which every entry has" for name in names if name in OWN_NAMES]
    faults += _unit_faults(id, fields) + _while_faults(id, fields)
    states = _states(one.get("states", {}), id, names, faults)
    roles = {role: _role(id, one, role, fields, faults) for role in ("title", "date", *ABOUT)}
    rows = one.get("rows", "all")
    if rows not in ROWS:
        faults.append(f"{id}.rows: {_meant(rows, ROWS)}")
    own = _own(id, one, rows, roles["person"], fields, registers, faults)
    return Register(
        id, _text(one, "label", id, faults), _text(one, "one", id, faults), _text(one, "page", id, faults), fields,
        tuple(one.get("practices", ())), str(one.get("help", "")), states, _order(id, one, roles, faults),
        str(one.get("write", "log_records")), str(one.get("read", "read_scorecard")), rows, **roles,
        shown=_named(id, one, "shown", names, faults) or tuple(name for name in names if _fits(fields, name))[:5],
        short=_named(id, one, "short", names, faults) or tuple(field.name for field in fields if field.required),
        keep_months=_kept(id, one, rows, faults), **own, **_spoken(id, one, rows, fields, faults), once=_once(id, one, fields, faults),
    )  # fmt: skip


def _unit_faults(id: str, fields: Iterable[Field]) -> list[str]:
    """What is wrong in how numbers are read: by what stands beside them, in the entry or in a row of a table."""
    found, beside = [], {field.name: field for field in fields}
    for field in fields:
        found += _unit_faults(f"{id}.{field.name}", field.columns) if field.columns else []
        named = [*(field.percent or {}), *filter(None, (field.unit_of, field.unit_in))]
        found += [f"{id}.{field.name}: only a number is read by what stands beside it"] if named and field.kind != "number" else []
        found += [f"{id}.{field.name}: {_meant(name, beside)}" for name in named if name not in beside]
        found += [f"{id}.{field.name}.percent: {_meant(value, beside[name].choices or ())}" for name, usual in (field.percent or {}).items() if name in beside
                  for value in usual if value not in (beside[name].choices or ())]  # fmt: skip
    return found


def _while_faults(id: str, fields: Iterable[Field]) -> list[str]:
    """What is wrong in when a field is asked: a choice that comes before it, and one of its values."""
    found, before = [], {}
    for field in fields:
        for name, value in (field.asked_while or {}).items():
            offered = before[name].choices or {} if name in before else {}
            if value not in offered:
                found.append(f"{id}.{field.name}.while: {_meant(name, before) if name not in before else _meant(str(value), offered)}. It names a choice that comes before it")
            elif field.required:
                found.append(f"{id}.{field.name}.while: a required field is always asked")
        before[field.name] = field
    return found


def _own(id: str, one: dict[str, Any], rows: str, person: str, fields: tuple[Field, ...], registers: Mapping[str, Any], faults: list[str]) -> dict[str, Any]:
    """What is said about who sees and writes people's own rows; a register that all read says none of it."""
    by_name = {field.name: field for field in fields}
    found: dict[str, Any] = {key: str(one.get(key, "")) for key in ("author", "through", "share", "blind")}
    found |= {key: tuple(one.get(key, ())) for key in ("readers", "writers")}
    if rows != "own":
        faults += [f"{id}.{key}: only a register whose rows are own has it" for key, said in found.items() if said]
        return found
    people = [field.name for field in fields if field.kind == "person"]
    through = by_name.get(found["through"])
    if not through and not (person and by_name[person].required):
        faults.append(f"{id}.rows is own, and no field says which person an entry is about: it needs a required field of kind person, or through")
    fitting = {"author": [name for name in people if not by_name[name].many], "through": [field.name for field in fields if _is_one(field, "entry")],
               "share": [field.name for field in fields if _is_one(field, "choice") and set(field.choices or ()) <= set(SHARES)],
               "blind": [field.name for field in fields if _is_one(field, "entry")]}
    faults += [f"{id}.{key}: {_meant(found[key], known)}" for key, known in fitting.items() if found[key] and found[key] not in known]
    faults += [f"{id}.{key}: the field {found[key]} must be required" for key in ("author", "through", "share") if found[key] in by_name and not by_name[found[key]].required]
    faults += [f"{id}.readers: {_meant(name, known)}" for known in [_people_of(registers, through.of) if through else people] for name in found["readers"] if name not in known]
    faults += [f"{id}.writers: {_meant(name, WRITERS)}" for name in found["writers"] if name not in WRITERS]
    if found["blind"] and not found["author"]:
        faults.append(f"{id}.blind: it needs an author")
    return found | {"writers": found["writers"] or _writers(found)}


def _spoken(id: str, one: dict[str, Any], rows: str, fields: tuple[Field, ...], faults: list[str]) -> dict[str, Any]:
    """In whose name an entry speaks, and what others may answer in it."""
    speaks, answers = str(one.get("speaks", "")), tuple(one.get("answers", ()))
    people, known = [field.name for field in fields if field.kind == "person" and not field.many], [field.name for field in fields]
    if speaks and rows == "own":
        faults.append(f"{id}.speaks: of people's own rows, writers says who writes them")
    elif speaks and speaks not in people:
        faults.append(f"{id}.speaks: {_meant(speaks, people)}")
    if answers and not speaks:
        faults.append(f"{id}.answers: only a register that speaks in somebody's name has them")
    faults += [f"{id}.answers: {_meant(name, known)}" for name in answers if name not in known]
    return {"speaks": speaks, "answers": answers}


def _once(id: str, one: dict[str, Any], fields: tuple[Field, ...], faults: list[str]) -> tuple[str, ...]:
    given, known = tuple(one.get("once", ())), [field.name for field in fields if field.required and not field.many and field.kind != "table"]
    faults += [f"{id}.once: {_meant(name, known)}. It is a required field with one value" for name in given if name not in known]
    return given


def _is_one(field: Field, kind: str) -> bool:
    return field.kind == kind and not field.many and field.required


def _people_of(registers: Mapping[str, Any], register: str) -> list[str]:
    return [str(field.get("name")) for field in registers.get(register, {}).get("fields", ()) if isinstance(field, dict) and field.get("kind") == "person"]


def _writers(own: Mapping[str, Any]) -> tuple[str, ...]:
    """Who writes where nothing else is said: an author alone what they wrote, a person alone what they share."""
    if own["author"]:
        return ("author",)
    if own["share"]:
        return ("person",)
    return ("readers",) if own["through"] else ("person", "leader")


def _kept(id: str, one: dict[str, Any], rows: str, faults: list[str]) -> int:
    if rows != "own":
        faults += [f"{id}.keep_months: only a register whose rows are own has it; of others the audit keeps every word"] if "keep_months" in one else []
        return 0
    given = one.get("keep_months", KEPT_MONTHS)
    if isinstance(given, bool) or not isinstance(given, int) or not 1 <= given <= 600:
        faults.append(f"{id}.keep_months is a whole number of months from 1 to 600; people's own rows are not kept for good")
        return KEPT_MONTHS
    return given


def _fits(fields: tuple[Field, ...], name: str) -> bool:
    return next(one.kind for one in fields if one.name == name) not in ("lines", "table", "link")


def _role(id: str, one: dict[str, Any], role: str, fields: tuple[Field, ...], faults: list[str]) -> str:
    """The field that names an entry, dates it or says whom it is about: the stated one, else the first of its kind."""
    kinds = {"title": ("text", "lines"), "date": ("date", "month")}.get(role, (role,))
    fitting = [field.name for field in fields if field.kind in kinds and not field.many]
    stated = one.get(role)
    if stated is None:
        if role == "title" and not fitting:
            faults.append(f"{id}: it has no field of text that names an entry")
        return fitting[0] if fitting else ""
    if stated and stated not in fitting:
        faults.append(f"{id}.{role}: {_meant(stated, fitting)}. It is a field of kind {' or '.join(kinds)}")
    return stated


def _order(id: str, one: dict[str, Any], roles: Mapping[str, str], faults: list[str]) -> str:
    order = str(one.get("order", "-" + roles["date"] if roles["date"] else "-"))
    allowed = [name for name in (roles["title"], roles["date"]) if name]
    if order.removeprefix("-") not in ("", *allowed):
        faults.append(f"{id}.order: {_meant(order, allowed)}. Entries stand in the order of {' or '.join(allowed)}; - is the last first")
    return order


def _named(id: str, one: dict[str, Any], key: str, names: list[str], faults: list[str]) -> tuple[str, ...]:
    given = tuple(one.get(key, ()))
    faults += [f"{id}.{key}: {_meant(name, [*names, 'state'])}" for name in given if name not in (*names, "state")]
    return given


def _states(given: Any, id: str, names: list[str], faults: list[str]) -> tuple[State, ...]:
    found = []
    for state, one in (given.items() if isinstance(given, dict) else ()):
        where, told = f"{id}.states.{state}", one if isinstance(one, dict) else {"label": str(one)}
        _unknown(told, _STATE, where, faults)
        if not ID.fullmatch(state):
            faults.append(f"{where}: a state is named with small letters, figures and _")
        faults += [f"{where}.needs: {_meant(name, names)}" for name in told.get("needs", ()) if name not in names]
        faults += [f"{where}.past: {_meant(name, names)}" for name in told.get("past", ()) if name not in names]
        found.append(State(state, _text(told, "label", where, faults), tuple(told.get("needs", ())), bool(told.get("ended", False)), tuple(told.get("past", ()))))
    return tuple(found)


def _field(where: str, one: Any, departments: dict[str, str], registers: Mapping[str, Any], faults: list[str]) -> Field:
    one = one if isinstance(one, dict) else {}
    where = f"{where} {one.get('name', '')}".strip()
    _unknown(one, _FIELD, where, faults)
    name, kind = str(one.get("name", "")), str(one.get("kind", ""))
    if not ID.fullmatch(name):
        faults.append(f"{where}: a field is named with small letters, figures and _")
    if kind not in KINDS:
        faults.append(f"{where}.kind: {_meant(kind, KINDS)}")
    many = bool(one.get("many", False)) or kind == "choices"
    plain = "choice" if kind == "choices" else kind
    if many and plain not in CLOSED:
        faults.append(f"{where}: a field of kind {kind} is not many; use one of: {', '.join(CLOSED)}")
    _check_of(where, one, plain, registers, faults)
    return Field(
        name, _text(one, "label", where, faults), plain, bool(one.get("required", False)), many, str(one.get("help", "")),
        _offered(where, one, plain, departments, faults), _default(where, one, plain, faults), str(one.get("of", "")),
        _bound(where, one, "least", faults), _bound(where, one, "most", faults), _longest(where, one, plain, faults),
        _columns(where, one, plain, faults), str(one.get("unit", "")), str(one.get("by", "")), _only(where, one, plain, registers, faults),
        bool(one.get("past", False)), str(one.get("after", "")), one.get("percent"), str(one.get("unit_of", "")), str(one.get("unit_in", "")), one.get("while"),
    )  # fmt: skip


def _check_of(where: str, one: dict[str, Any], kind: str, registers: Mapping[str, Any], faults: list[str]) -> None:
    if kind == "entry" and one.get("of") not in registers:
        faults.append(f"{where}.of: {_meant(str(one.get('of', '')), registers)}. It names the register of the entry")
    if kind != "entry" and "of" in one:
        faults.append(f"{where}.of: only a field of kind entry is of another register")


def _only(where: str, one: dict[str, Any], kind: str, registers: Mapping[str, Any], faults: list[str]) -> dict[str, str] | None:
    """Which entries of the other register fit: fields of choices, with the value that they must have."""
    given = one.get("only")
    if given is None:
        return None
    if kind != "entry" or not isinstance(given, dict):
        faults.append(f"{where}.only: only a field of kind entry has it, as a table of fields and values")
        return None
    fields = {str(field.get("name")): field.get("choices") or {} for field in registers.get(one.get("of"), {}).get("fields", ()) if isinstance(field, dict)}
    faults += [f"{where}.only: {_meant(name, fields)}" for name in given if name not in fields]
    faults += [f"{where}.only: {_meant(str(value), fields[name])}" for name, value in given.items() if name in fields and value not in fields[name]]
    return {str(name): str(value) for name, value in given.items()}


def _offered(where: str, one: dict[str, Any], kind: str, departments: dict[str, str], faults: list[str]) -> dict[str, str] | None:
    given = one.get("choices")
    if kind == "department":
        return _choices(given, where, faults) if given else departments
    if kind != "choice":
        if given is not None:
            faults.append(f"{where}.choices: only a field of kind choice or choices has them")
        return None
    if given == "facts":
        return {table: found.label for table, found in facts.KINDS.items()}
    found = _choices(given, where, faults)
    if not found:
        faults.append(f"{where}.choices is missing: a list, or a table of what is stored and what is read")
    return found


def _choices(given: Any, where: str, faults: list[str]) -> dict[str, str]:
    pairs = given.items() if isinstance(given, dict) else ((text, text) for text in given) if isinstance(given, list) else ()
    found = {str(stored): str(read) for stored, read in pairs}
    faults += [f"{where}: the choice '{stored}' is empty or longer than {LIMIT} signs" for stored, read in found.items()
               if not (stored.strip() and read.strip()) or len(stored) > LIMIT]
    return found


def _default(where: str, one: dict[str, Any], kind: str, faults: list[str]) -> str:
    default = str(one.get("default", ""))
    wanted = _DEFAULTS.get(kind)
    if wanted and default not in ("", wanted):
        faults.append(f"{where}.default of a {kind} is '{wanted}' or nothing")
    offered = one.get("choices")
    if kind == "choice" and default and isinstance(offered, dict | list) and default not in offered:
        faults.append(f"{where}.default: {_meant(default, offered)}")
    return default


def _bound(where: str, one: dict[str, Any], key: str, faults: list[str]) -> float | None:
    given = one.get(key)
    if given is None:
        return None
    if isinstance(given, bool) or not isinstance(given, int | float):
        faults.append(f"{where}.{key} is a number")
        return None
    return float(given)


def _longest(where: str, one: dict[str, Any], kind: str, faults: list[str]) -> int:
    given = one.get("longest", LONGEST.get(kind, LIMIT))
    if isinstance(given, bool) or not isinstance(given, int) or not 1 <= given <= 50_000:
        faults.append(f"{where}.longest is a whole number from 1 to 50,000")
        return LIMIT
    return given


def _columns(where: str, one: dict[str, Any], kind: str, faults: list[str]) -> tuple[Field, ...]:
    if kind != "table":
        return ()
    found = tuple(_field(f"{where}.columns[{n}]", each, {}, {}, faults) for n, each in enumerate(_list(one, "columns", where, faults), 1))
    faults += [f"{where}: a column cannot be {'many' if column.many else 'of kind ' + column.kind}; use one of: {', '.join(IN_TABLES)}"
               for column in found if column.many or column.kind not in IN_TABLES]
    return found


def _list(one: dict[str, Any], key: str, where: str, faults: list[str]) -> list[Any]:
    given = one.get(key)
    if not isinstance(given, list) or not given:
        faults.append(f"{where}.{key} is missing: a list of tables")
        return []
    return given


def _text(one: dict[str, Any], key: str, where: str, faults: list[str]) -> str:
    text = str(one.get(key, "")).strip()
    if not text:
        faults.append(f"{where}.{key} is missing")
    return text


def _unknown(given: Mapping[str, Any], known: set[str], where: str, faults: list[str]) -> None:
    faults.extend(f"{where}: {_meant(key, known)}" for key in given if key not in known)


def _meant(key: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(str(key), list(known), 1)
    return f"'{key}' is unknown" + (f", did you mean '{near[0]}'?" if near else "")

"""The audit as it is read: whether it holds, in a sentence, and a table of who changed what, with what differs in plain words."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

from scorecard import registers
from scorecard.auditing import State
from scorecard.core.periods import SHORT_MONTHS, day
from scorecard.core.reading import Sentence
from scorecard.output import tables
from scorecard.output.theme import escape
from scorecard.store.audit_rows import Row
from scorecard.store.verifying import Checked

Clock = Callable[[datetime], datetime]
Href = Callable[[str], str]
SECRET = ("Kept secret.", "What is written about people stands here only as a number that says nothing.")
SHOWN, SHORT, LONG = 3, 110, 1_500
_KINDS = {
    "diary": "Calendar entry", "cycle": "Maturity cycle", "feedback": "Feedback round", "share": "Share link", "session": "Maturity meeting",
    "map": "Map of a file", "health_rule": "Health score", "health_score": "Health scores", "theme_rule": "Comment themes", "lifecycle_map": "Lifecycle",
    "driver_model": "Churn drivers", "finding": "Finding in the data", "maturity model": "Maturity model", "register": "Register",
}  # fmt: skip
_EMPTY = object()
_FIRST = ("title", "name", "label", "text", "what", "role", "state", "value", "decision", "owner", "due", "reason")
_LAST = ("id", "made_by", "made_at", "author", "recorded_at", "sha256")
_ONE_WORD = re.compile(r"[a-z]+(_[a-z]+)+")


# -- whether it holds


def says(state: State, now: datetime, there: Clock) -> str:
    """The sentence that comes first: how many rows, when they were verified, whether the head outside agrees."""
    return tables.says(told(state, now, there))


def told(state: State, now: datetime, there: Clock) -> list[Sentence]:
    """The same as sentences."""
    checked, rows = state.checked, state.head.seq
    if checked is None:
        return [Sentence(f"{count(rows)}, not verified yet:", "nobody has asked whether each follows from the one before.")]
    moment = when(checked.at, now, there)
    if not checked.ok:
        more = f" {len(checked.problems) - 1:,} more like it." if len(checked.problems) > 1 else ""
        return [Sentence("The audit does not hold.", f"{checked.problems[0]}{more} Seen {moment}."),
                Sentence("What to do:", "keep a copy of the files as they are, find out who could write to them, and compare with a backup made before: "
                         "python -m scorecard restore lists them, and says of which the audit held.")]  # fmt: skip
    since = f" {count(state.since)} written since then." if state.since else ""
    part = "" if checked.whole_at == checked.at else f" The first row was last read {when(checked.whole_at, now, there)}."
    return [Sentence(f"Whole: {count(checked.rows)}, verified {moment};", f"{_outside(checked)}.{since}{part}")]


def _outside(checked: Checked) -> str:
    return "the head outside agrees" if checked.outside is not None else "no head is kept outside"


def count(rows: int) -> str:
    """`1 row`, `12,345 rows`."""
    return "1 row" if rows == 1 else f"{rows:,} rows"


def when(moment: datetime, now: datetime, there: Clock) -> str:
    """`today 09:12`, `on 12 Nov 09:12`, `on 3 Dec 2025`."""
    here = there(moment)
    if here.date() == there(now).date():
        return f"today {here:%H:%M}"
    return f"on {near(here.date(), there(now).date())} {here:%H:%M}"


def near(value: date, today: date) -> str:
    """`12 Nov`, with the year when it is another."""
    return f"{value.day} {SHORT_MONTHS[value.month - 1]}" if value.year == today.year else day(value)


# -- the rows


def table(rows: Sequence[Row], now: datetime, there: Clock, href: Href) -> str:
    """The rows, the newest first; `href` gives the address at which only the changes of one object are shown."""
    heads = "".join(f'<th scope="col" class="au-{name}">{text}</th>' for name, text in
                    (("when", "When"), ("who", "Who"), ("what", "What"), ("change", "Change")))
    lines = "".join(_row(row, there(now).date(), there, href) for row in rows)
    return (f'<table class="dense stacks audit"><caption class="vh">Changes, the newest first</caption><thead><tr>{heads}</tr></thead>'
            f"<tbody>{lines}</tbody></table>")


def _row(row: Row, today: date, there: Clock, href: Href) -> str:
    at = there(row.at)
    kind, name = named(row.object)
    link = f'<a href="{escape(href(row.object))}" title="All changes of this object">{escape(kind)}</a>'
    beside = f' <span class="mut au-id">{escape(name)}</span>' if name else ""
    return (f'<tr><td class="au-when"><span class="nw">{near(at.date(), today)} {at:%H:%M}</span><span class="sub">row {row.seq:,}</span></td>'
            f'<td class="au-who">{escape(row.actor)}</td><th scope="row" class="au-what">{escape(_first_up(row.action.replace("_", " ")))}'
            f'<span class="sub">{link}{beside}</span></th><td class="au-change">{_change(row)}</td></tr>')  # fmt: skip


def named(object: str) -> tuple[str, str]:
    """An object in words: what it is, and which: `Measure`, `adoption_30d`."""
    kind, _, name = object.partition(":")
    if kind == "record":
        register, _, name = name.partition(":")
        return kind_words(f"record:{register}"), name
    return kind_words(kind), name


def kind_words(kind: str) -> str:
    """`measure` as `Measure`, `record:promise` as `Promise`."""
    head, _, register = kind.partition(":")
    if head == "record" and register:
        known = registers.registers().get(register)
        return _first_up(known.one if known else register.replace("_", " "))
    return _KINDS.get(head) or _first_up(head.replace("_", " "))


def _first_up(text: str) -> str:
    return text[:1].upper() + text[1:]


# -- what differs


def _change(row: Row) -> str:
    if is_secret(row.before) or is_secret(row.after):
        return f'<span class="mut" title="{escape(SECRET[1])}">{SECRET[0]}</span>'
    found = changes(row.before, row.after)
    if not found:
        return '<span class="mut">–</span>'
    first = found if len(found) == SHOWN + 1 else found[:SHOWN]
    cut = any(len(text or "") > SHORT for _, was, then in first for text in (was, then))
    short, rest = _lines(first, SHORT), found if cut else found[len(first) :]
    if not rest:
        return short
    words = f"{len(found) - len(first)} more" if len(found) > len(first) else "all of it"
    return f'{short}<details class="earlier au-more"><summary>{words}</summary>{_lines(rest, LONG)}</details>'


def _lines(found: Sequence[tuple[str, str | None, str | None]], longest: int) -> str:
    return "".join(f'<span class="au-line">{_line(*one, longest)}</span>' for one in found)


def _line(name: str, was: str | None, then: str | None, longest: int) -> str:
    label = f'<span class="mut">{escape(name)}</span> ' if name else ""
    if was is None:
        return f"{label}{escape(_cut(then or '', longest))}"
    if then is None:
        return f'{label}<span class="mut">was</span> {escape(_cut(was, longest))}'
    return f'{label}{escape(_cut(was, longest))} <span aria-hidden="true">→</span><span class="vh">is now</span> {escape(_cut(then, longest))}'


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def is_secret(text: str | None) -> bool:
    """Whether a value is that of a record about people: a salted hash beside its version, and nothing else."""
    return bool(text) and '"sha256"' in text and set(json.loads(text)) == {"version", "sha256"}


def changes(before: str | None, after: str | None) -> list[tuple[str, str | None, str | None]]:
    """(what, before, after) of what differs between two JSON texts, in words; None where there was or is nothing."""
    old, new = (_flat(json.loads(text)) if text else {} for text in (before, after))
    names = [name for name in sorted({**old, **new}, key=_place) if old.get(name, _EMPTY) != new.get(name, _EMPTY) and name != "version"]
    found = [(name, _words(old[name]) if name in old else None, _words(new[name]) if name in new else None) for name in names]
    one_sided = not old or not new
    return [(name.replace("_", " "), was, then) for name, was, then in found if not (one_sided and (was if then is None else then) == "empty")]


def _place(name: str) -> int:
    """What says the most comes first, what only points comes last; the rest stays in its order."""
    return _FIRST.index(name) - len(_FIRST) if name in _FIRST else int(name in _LAST)


def _flat(value: Any) -> dict[str, Any]:
    """A value by its parts; what stands under `values` is told like the rest."""
    if not isinstance(value, dict):
        return {"": value}
    inner = value.get("values")
    rest = {key: part for key, part in value.items() if key != "values" or not isinstance(inner, dict)}
    return rest | {key: part for key, part in inner.items() if key not in rest} if isinstance(inner, dict) else rest


def _words(value: Any) -> str:
    if value is None or value in ("", [], {}):
        return "empty"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(_words(one) for one in value)
    if isinstance(value, dict):
        return ", ".join(f"{key.replace('_', ' ')} {_words(part)}" for key, part in value.items())
    if isinstance(value, str):
        return value.replace("_", " ") if _ONE_WORD.fullmatch(value) else value
    return json.dumps(value)

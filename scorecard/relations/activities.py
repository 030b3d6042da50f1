"""Activities that a CRM exports become touches, deposits and promises, by rules that people see and change first.

A row is known by the number that the CRM gave it, or else by what it says: a second import adds nothing, whatever the rules
have become meanwhile, and an entry that was changed or taken back here stays so.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from scorecard import access, registers
from scorecard.access import Actor
from scorecard.core import activities, names
from scorecard.core.activities import DEPOSIT, NOTHING, PROMISE, TOUCH, Rule
from scorecard.errors import FileRefused, ScorecardError, UsageError
from scorecard.intake import dates, reader
from scorecard.intake.table import HELD, Limits
from scorecard.registers import Refused
from scorecard.relations.logging import FROM_CRM
from scorecard.store.engine import Store, Tx

RULES, RULES_ID = "activity_rules", "in-force"
KEPT_IN = (TOUCH, DEPOSIT, PROMISE)
SECONDS = "second"


@dataclass(frozen=True)
class Activities:
    """A file of activities as text: its rows with their numbers, its columns, and which of them says what."""

    name: str
    header: tuple[str, ...]
    rows: tuple[Mapping[str, str], ...]
    numbers: tuple[int, ...]
    columns: Mapping[str, str]
    order: str = ""


@dataclass(frozen=True)
class Become:
    """One activity after the rules: its row, what it becomes by which rule (from 0), and the values of the entry."""

    row: int
    becomes: str
    rule: int
    id: str
    values: Mapping[str, Any]
    state: str | None = None


@dataclass(frozen=True)
class Outcome:
    """What a file comes to: new entries by register, known ones, those left out by a rule, refused rows; examples by rule."""

    new: Mapping[str, int]
    known: int
    left_out: int
    refused: tuple[Refused, ...]
    stored: bool
    by_rule: Mapping[int, Sequence[Become]] = field(default_factory=dict)

    @property
    def added(self) -> int:
        return sum(self.new.values())


# ---- the file --------------------------------------------------------------------------------------------------------


def read(store: Store, actor: Actor, source: Path | bytes, name: str, limits: Limits = HELD) -> Activities:
    """The activities in a file, with what its columns are taken for. Raises FileRefused in words."""
    access.require(actor, "log_records")
    table = reader.read(source, name, store.staging, limits)
    try:
        if table.questions:
            raise FileRefused(f"{name}: {table.questions[0].text} Save it as CSV with commas, UTF-8.")
        cells = [table.column(column) for column in table.columns]
        rows = tuple(dict(zip(table.columns, row, strict=True)) for row in zip(*cells, strict=True))
        filled = [column for column, texts in zip(table.columns, cells, strict=True) if any(text.strip() for text in texts)]
        return with_columns(Activities(name, table.columns, rows, tuple(table.numbers()), {}), activities.columns_of(filled))
    finally:
        reader.discard(table)


def with_columns(found: Activities, columns: Mapping[str, str], order: str = "") -> Activities:
    """The same file with other columns for what it says, or another order of day and month."""
    kept = {part: column for part, column in columns.items() if column in found.header and part in activities.COLUMNS}
    return Activities(found.name, found.header, found.rows, found.numbers, kept, order)


def open_order(found: Activities) -> str:
    """An example of its dates when day or month may come first, "" when the column proves it."""
    texts = _texts(found, "date")
    return dates.example(texts) if dates.order_of(texts, found.order).order == "?" else ""


def _texts(found: Activities, part: str) -> list[str]:
    column = found.columns.get(part)
    return [row[column] for row in found.rows] if column else []


# ---- the rules -------------------------------------------------------------------------------------------------------


def rules(tx: Tx) -> tuple[tuple[Rule, ...], int]:
    """(the rules in force, their version): those that somebody kept, else the shipped ones with the kinds that the team has, version 0."""
    kept = next((one for one in registers.entries(tx, RULES) if one.id == RULES_ID), None)
    if kept is not None:
        return tuple(Rule(row.get("type", ""), row.get("subject", ""), row["becomes"], row.get("kind", "")) for row in kept.values.get("rules", ())), kept.version
    kinds = {names.bare(one.title): one.title for one in registers.entries(tx, "ledger_kind", where={"side": DEPOSIT})}
    known = [one if one.becomes != DEPOSIT else Rule(one.type, one.subject, DEPOSIT, kinds.get(names.bare(one.kind), "")) for one in activities.SHIPPED]
    return tuple(known), 0


def keep_rules(store: Store, actor: Actor, found: Sequence[Rule], seen_version: int, today: date) -> None:
    """Nothing; the rules are in force for the next file. Raises StaleEdit when others changed them meanwhile."""
    rows = [{key: text for key, text in (("type", one.type), ("subject", one.subject), ("becomes", one.becomes), ("kind", one.kind)) if text} for one in found]
    values = {"name": "Rules for activities", "rules": rows}
    if seen_version:
        registers.change(store, actor, RULES, RULES_ID, values, seen_version=seen_version)
    else:
        registers.add(store, actor, RULES, values, today=today, id=RULES_ID)


# ---- what becomes of the rows ----------------------------------------------------------------------------------------


def look(store: Store, actor: Actor, found: Activities, by: Sequence[Rule], today: date) -> Outcome:
    """What storing would do; nothing is stored."""
    access.require(actor, "log_records")
    with store.read() as tx:
        return _Taking(store, tx, actor, found, by, today).done(False)


def take(store: Store, actor: Actor, found: Activities, by: Sequence[Rule], today: date) -> Outcome:
    """What was stored, all in one transaction; refused rows stay out with their reasons."""
    access.require(actor, "log_records")
    return store.write(lambda tx: _Taking(store, tx, actor, found, by, today).done(True), actor.name)


class _Taking:
    """One file on its way into three registers."""

    def __init__(self, store: Store, tx: Tx, actor: Actor, found: Activities, by: Sequence[Rule], today: date):
        lacking = [part for part in activities.NEEDED if part not in found.columns]
        if lacking:
            raise UsageError(f"{found.name}: no column says the {lacking[0]} of an activity. Its columns are: {', '.join(found.header[:12])}. {_LACKING[lacking[0]]}")
        self.store, self.tx, self.actor, self.found, self.by, self.today = store, tx, actor, found, by, today
        self.people = {key: id for id, name, mail in tx.all("SELECT id, name, email FROM person") for key in (id, names.bare(name), names.bare(mail or "")) if key}
        order = dates.order_of(_texts(found, "date"), found.order).order
        self.order = "" if order == "?" else order
        self.refused: list[Refused] = []
        self.left_out = 0

    def done(self, keep: bool) -> Outcome:
        """What came of the rows; stored, or only looked at."""
        said = [(number, self._said(row)) for number, row in zip(self.found.numbers, self.found.rows, strict=True)]
        rows = [(number, each, _id(each)) for number, each in said if any(each.values())]
        there = set().union(*(registers.used(self.tx, register, [id for _, _, id in rows]) for register in KEPT_IN))
        fresh = [one for number, each, id in rows if id not in there and (one := self._tried(number, each, id))]
        new: dict[str, int] = {}
        for register in KEPT_IN:
            own = [one for one in fresh if one.becomes == register]
            done = registers.import_in(self.store, self.tx, self.actor, register, [{"id": one.id, "state": one.state, **one.values} for one in own], self.today,
                                       numbers=[one.row for one in own], keep=keep)  # fmt: skip
            new[register] = done.added
            self.refused += done.refused
        by_rule: dict[int, list[Become]] = {}
        for one in fresh:
            by_rule.setdefault(one.rule, []).append(one)
        return Outcome(new, sum(id in there for _, _, id in rows), self.left_out, tuple(sorted(self.refused, key=lambda one: one.row)), keep, by_rule)

    def _said(self, row: Mapping[str, str]) -> dict[str, str]:
        return {part: row.get(column, "").strip() for part, column in self.found.columns.items()}

    def _tried(self, number: int, said: Mapping[str, str], id: str) -> Become | None:
        try:
            return self._become(number, said, id)
        except ScorecardError as error:
            self.refused.append(Refused(number, str(error)))
            return None

    def _become(self, number: int, said: Mapping[str, str], id: str) -> Become | None:
        decided = activities.decided(self.by, said.get("type", ""), said.get("subject", "") or said.get("text", ""))
        if decided is None or decided[1].becomes == NOTHING:
            self.left_out += 1
            return None
        place, rule = decided
        if not said["account"]:
            raise UsageError("It names no account.")
        values, state = {TOUCH: self._touch, DEPOSIT: self._deposit, PROMISE: self._promise}[rule.becomes](said, rule)
        return Become(number, rule.becomes, place, id, {"account": said["account"].split(";")[0].strip(), **values}, state)

    def _touch(self, said: Mapping[str, str], rule: Rule) -> tuple[dict[str, Any], str | None]:
        minutes = self._minutes(said)
        channel = {"channel": rule.kind} if rule.kind else {"channel": "other"}
        return {"what": _words(said, 200), "on": self._made_on(said), **self._by(said), **channel} | ({"minutes": minutes} if minutes else {}), None

    def _deposit(self, said: Mapping[str, str], rule: Rule) -> tuple[dict[str, Any], str | None]:
        return {"what": _words(said, 120), "on": self._made_on(said), **self._by(said), "kind": rule.kind}, None

    def _promise(self, said: Mapping[str, str], rule: Rule) -> tuple[dict[str, Any], str | None]:
        due = self._day(said.get("due") or said["date"], "due")
        made, done = (self._day(said[part], part) if said.get(part) else None for part in ("made", "done"))
        values = {"what": _words(said, 200), "due": due, "made_on": made, **self._by(said)}
        return (values | {"done_on": done or due}, "done") if activities.is_closed(said.get("status", "")) else (values, "open")

    def _made_on(self, said: Mapping[str, str]) -> date:
        day = self._day(said["date"], "date")
        if activities.is_open(said.get("status", "")):
            raise UsageError(f"It is not done yet: its status is '{said['status'][:40]}'.")
        if day > self.today:
            raise UsageError(f"It lies in the future, on {day}: planned, not made.")
        return day

    def _day(self, text: str, part: str) -> date:
        if not text:
            raise UsageError(f"It has no {part}.")
        written = dates.written(text, self.order)
        if written is None or written.grain != "date":
            raise UsageError(f"'{text[:40]}' is not a day.")
        return written.day

    def _by(self, said: Mapping[str, str]) -> dict[str, str]:
        owner = said.get("owner", "")
        found = self.people.get(owner) or self.people.get(names.bare(owner))
        return {"by": found} if found else {}

    def _minutes(self, said: Mapping[str, str]) -> float | None:
        text = said.get("minutes", "")
        if not text.replace(".", "", 1).isdigit():
            return None
        seconds = SECONDS in activities.column_name(self.found.columns["minutes"])
        return min(round(float(text) / (60 if seconds else 1)), 1440)


_LACKING = {
    "account": "Choose one, or add the account to the export: in HubSpot its column is Associated Company, in Salesforce Account ID or Account Name.",
    "date": "Choose one, or add the date of the activity to the export.",
}


def _words(said: Mapping[str, str], longest: int) -> str:
    text = " ".join((said.get("subject") or said.get("text") or said.get("type") or "activity").split())
    return text if len(text) <= longest else f"{text[: longest - 1].rstrip()}…"


def _id(said: Mapping[str, str]) -> str:
    """By the number of the CRM; without one, by what does not change later: account, day, type, subject."""
    text = said.get("id") or "\n".join(said.get(part, "") for part in ("account", "date", "type", "subject", "text"))
    return FROM_CRM + hashlib.sha256(text.encode()).hexdigest()[:16]


def counted(outcome: Outcome) -> Counter[str]:
    """How many refused rows have each reason, the most frequent first when asked."""
    return Counter(one.reason for one in outcome.refused)

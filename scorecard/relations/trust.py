"""Trust of one account: promises out of the exports and those written down, joined; what went wrong and how it was set right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from scorecard import registers
from scorecard.access import Actor
from scorecard.core import ledger
from scorecard.core.ledger import BROKEN, KEPT, LATE, OPEN, OVERDUE
from scorecard.core.periods import Period
from scorecard.core.reading import Sentence
from scorecard.errors import UsageError
from scorecard.registers import Entry
from scorecard.relations.ledger import number, people, year_before
from scorecard.store import ledger as rows
from scorecard.store.engine import Store
from scorecard.store.ledger import Loaded

PROMISE, RECOVERY = "promise", "recovery"
LOGGED_KEPT = "logged_promises_kept"
DONE = "done"
TOLD = {"before": "told before", "after": "told after", "not": "not told"}
WORDS = {KEPT: "kept", LATE: "late", BROKEN: "broken", OVERDUE: "overdue", OPEN: "open"}


@dataclass(frozen=True)
class Promise:
    """A promise as it stands today. `number` is that of the exports, `entry` the one written down ("" for none of them);
    `became` is a key of WORDS, `told` one of TOLD or ""."""

    number: str
    entry: str
    what: str
    to: str
    by: str
    due: date
    done: date | None
    told: str
    became: str
    given_up: bool = False

    @property
    def may_be_kept(self) -> bool:
        """Whether it is not kept yet, and nobody has said that it never will be."""
        return self.done is None and not self.given_up

    @property
    def words(self) -> str:
        """`kept`, `late, told before`, `broken, not told`."""
        said = f", {TOLD[self.told]}" if self.told and self.became in (LATE, BROKEN, OVERDUE) else ""
        return WORDS[self.became] + said

    @property
    def key(self) -> str:
        """What names it in an address: the entry, or else the number."""
        return f"entry:{self.entry}" if self.entry else f"number:{self.number}"


@dataclass(frozen=True)
class Recovery:
    """Something that went wrong: the day, who owned up to it and after how many days, how often they were told, days to solve."""

    id: str
    what: str
    on: date
    by: str
    taken: bool | None
    taken_after: int | None
    words: int | None
    days: int | None
    outcome: str


@dataclass(frozen=True)
class Trust:
    """The promises of one account due in twelve months and those still open, the last due first; what went wrong, newest first."""

    promises: tuple[Promise, ...]
    recoveries: tuple[Recovery, ...]

    @property
    def due(self) -> tuple[Promise, ...]:
        """Those that are decided: kept, late, broken or overdue."""
        return tuple(one for one in self.promises if one.became != OPEN)

    @property
    def kept(self) -> int:
        return sum(one.became == KEPT for one in self.promises)


def read(store: Store, account: str, today: date) -> Trust:
    """The promises and recoveries of an account."""
    with store.read_facts() as tx:
        loaded = rows.promises(tx, account)
    with store.read() as tx:
        written, wrong = registers.entries(tx, PROMISE, account=account), registers.entries(tx, RECOVERY, account=account)
    names, since = people(store, [*written, *wrong]), year_before(today)
    joined = [one for one in promises(loaded, written, names, today) if one.due >= since]
    return Trust(tuple(joined), tuple(_recovery(one, names) for one in wrong))


def promises(loaded: Sequence[Loaded], written: Sequence[Entry], names: Mapping[str, str], today: date) -> list[Promise]:
    """Each promise once: one that is written down says what became of that with its number; the last due first."""
    own = {str(one.values["number"]): one for one in written if one.values.get("number")}
    numbers = {one.number for one in loaded}
    found = [_joined(one, own.get(one.number), names, today) for one in loaded]
    found += [_written(one, names, today) for one in written if str(one.values.get("number", "")) not in numbers]
    return sorted(found, key=lambda one: (one.due, one.what, one.key), reverse=True)


def _joined(one: Loaded, entry: Entry | None, names: Mapping[str, str], today: date) -> Promise:
    values = entry.values if entry else {}
    done = _day(values.get("done_on")) or one.kept
    given_up = bool(entry and entry.state == BROKEN)
    became = ledger.promise(one.due, done, today, given_up)
    by = names.get(entry.person, "") if entry else ""
    return Promise(one.number, entry.id if entry else "", one.what or "A promise", str(values.get("to", "")), by or one.by, one.due, done,
                   str(values.get("told", "")), became, given_up)


def _written(one: Entry, names: Mapping[str, str], today: date) -> Promise:
    done = _day(one.values.get("done_on"))
    became = ledger.promise(one.at, done, today, one.state == BROKEN)
    return Promise(str(one.values.get("number", "")), one.id, one.title, str(one.values.get("to", "")), names.get(one.person, ""), one.at, done,
                   str(one.values.get("told", "")), became, one.state == BROKEN)


def _recovery(one: Entry, names: Mapping[str, str]) -> Recovery:
    taken, solved = _day(one.values.get("taken_on")), _day(one.values.get("solved_on"))
    return Recovery(one.id, one.title, one.at, names.get(one.person, ""), one.values.get("taken"), (taken - one.at).days if taken else None,
                    one.values.get("words"), (solved - one.at).days if solved else None, str(one.values.get("outcome", "")))


def _day(value: object) -> date | None:
    return date.fromisoformat(str(value)) if value else None


def kept_by_month(found: Sequence[Entry], last: Period) -> dict[Period, tuple[float, float, float]]:
    """Month -> (share, promises kept by their day, promises due) of those written down here; those of the exports are another measure."""
    own = ((one.at, None if one.state == BROKEN else _day(one.values.get("done_on"))) for one in found if not one.values.get("number"))
    return ledger.kept_by_month(own, last)


# -- commands


def keep(store: Store, actor: Actor, account: str, key: str, done: date, told: str, today: date) -> Entry:
    """The promise as it was kept on a day, and how it was told when it was late. One out of the exports is written down with its number.

    Raises UsageError for a promise that is not this account's, and for a day that has not come.
    """
    if done > today:
        raise UsageError("The day on which the promise was kept has not come yet. Choose today or an earlier day.")
    kind, _, id = key.partition(":")
    values = {"done_on": done.isoformat()} | ({"told": told} if told else {})
    if kind == "entry":
        return _keep_written(store, actor, account, id, values)
    with store.read_facts() as tx:
        one = rows.loaded_promise(tx, id)
    if one is None or one.account != account:
        raise UsageError(f"There is no promise '{id[:60]}' of this account.")
    given = {"account": account, "what": (one.what or "A promise")[:200], "due": one.due.isoformat(), "number": one.number} | values
    made = {"made_on": one.made.isoformat() if one.made else None, "by": None}  # who owns it stands in the exports
    return registers.add(store, actor, PROMISE, given | made, state=DONE, today=today)


def _keep_written(store: Store, actor: Actor, account: str, id: str, values: Mapping[str, str]) -> Entry:
    with store.read() as tx:
        found = registers.one(tx, PROMISE, id, actor)
    if found.account != account:
        raise UsageError(f"There is no promise '{id[:60]}' of this account.")
    return registers.change(store, actor, PROMISE, id, values, seen_version=found.version, state=DONE)


# -- sentences


def sentence(found: Trust) -> Sentence | None:
    """`7 of 9 promises were kept in 12 months. One was late and told before, one was broken: the price letter.`"""
    due = found.due
    if not due:
        return None
    verb = "was" if found.kept == 1 and len(due) == 1 else "were"
    bold = f"{found.kept} of {len(due)} promises {verb} kept in 12 months." if len(due) > 1 else f"{found.kept} of 1 promise was kept in 12 months."
    return Sentence(bold, _not_kept(due))


def _not_kept(due: Sequence[Promise]) -> str:
    parts = []
    for became in (LATE, OVERDUE, BROKEN):
        own = [one for one in due if one.became == became]
        if own:
            verb = "was" if len(own) == 1 else "were"
            told = f" and {TOLD[own[0].told]}" if len(own) == 1 and own[0].told else ""
            parts.append(f"{number(len(own))} {verb} {WORDS[became]}{told}")
    if not parts:
        return ""
    said = ", ".join(parts)
    broken = [one for one in due if one.became == BROKEN]
    which = f": {broken[0].what}" if len(broken) == 1 else ""
    return f"{said[:1].upper()}{said[1:]}{which}."

"""A touch, a deposit, a promise or a hand-off, written down in seconds: what the form offers, what it saves, what can be undone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from scorecard import access, registers
from scorecard.access import Actor
from scorecard.core import names
from scorecard.core.ledger import CLOSE_DAYS
from scorecard.errors import UsageError
from scorecard.registers import Entry
from scorecard.store.engine import Store, Tx

TOUCH, DEPOSIT, PROMISE, HANDOFF, ASK = "touch", "deposit", "promise", "handoff", "ask"
KINDS = {TOUCH: "Touch", DEPOSIT: "Deposit", PROMISE: "Promise", HANDOFF: "Hand-off"}
MARKS = ("significant", "unexpected", "personal")
SENT, ACCEPTED, RETURNED = "sent", "accepted", "returned"
MOST_USED, OWN, FOUND = 4, 60, 8
SOON = timedelta(CLOSE_DAYS - 1)
UNDONE = "Undone on the page Log"
FROM_CRM = "crm-"


@dataclass(frozen=True)
class Account:
    """An account as the search shows it; `csm` is who looks after it, `own` whether that is who asks."""

    id: str
    name: str
    segment: str
    csm: str
    own: bool


@dataclass(frozen=True)
class Choice:
    """Something to choose: a channel, a kind of deposit, a hand-off with the fields of its contract."""

    id: str
    name: str
    fields: tuple[str, ...] = ()


@dataclass(frozen=True)
class About:
    """What is told of a chosen account: its last deposit with the name of who gave it, and an ask that is planned soon."""

    account: Account
    last: date | None = None
    by: str = ""
    ask: date | None = None


@dataclass(frozen=True)
class Given:
    """What somebody filled in. `choice` is a channel, a kind or a contract, by what is logged; `mark` is that of the form."""

    kind: str
    account: str
    words: str = ""
    choice: str = ""
    marks: tuple[str, ...] = ()
    due: str = ""
    outcome: str = SENT
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class Logged:
    """An entry of today: its register, id and version, the name of its account, what it says, when it was written (UTC)."""

    register: str
    id: str
    version: int
    account: str
    title: str
    at: datetime


# ---- what the form offers --------------------------------------------------------------------------------------------


def accounts(store: Store, actor: Actor, words: str = "", limit: int = FOUND) -> list[Account]:
    """The accounts in which every word is found, own ones first, then those that begin so, then by name; at most `limit`.

    Own are those whose CSM has the name of who asks. Without words: own ones only.
    """
    asked = names.bare(words).split()[:5]
    where = [f"(POSITION(${n} IN plain) > 0 OR STARTS_WITH(LOWER(account_id), ${n}))" for n in range(4, 4 + len(asked))] or ["own"]
    with store.read_facts() as tx:
        rows = tx.all(
            f"""WITH named AS (SELECT account_id, COALESCE(NULLIF(name, ''), account_id) AS name, COALESCE(segment, '') AS segment,
                    COALESCE(csm, '') AS csm, COALESCE(csm, '') = $1 AND ended_on IS NULL AS own, LOWER(STRIP_ACCENTS(COALESCE(name, ''))) AS plain
                    FROM account)
                SELECT account_id, name, segment, csm, own FROM named WHERE {" AND ".join(where)}
                ORDER BY own DESC, STARTS_WITH(plain, $2) DESC, plain, account_id LIMIT $3""",
            [actor.name, names.bare(words).strip(), limit, *asked],
        )
    return [Account(*row) for row in rows]


def account(store: Store, actor: Actor, id: str) -> Account | None:
    """The account with this id, None when there is none."""
    with store.read_facts() as tx:
        row = tx.one("SELECT account_id, COALESCE(NULLIF(name, ''), account_id), COALESCE(segment, ''), COALESCE(csm, ''), "
                     "COALESCE(csm, '') = $2 AND ended_on IS NULL FROM account WHERE account_id = $1", [id, actor.name])
    return Account(*row) if row else None


def about(store: Store, actor: Actor, id: str, today: date) -> About | None:
    """What is told of an account when it is chosen, None when there is none."""
    found = account(store, actor, id)
    if found is None:
        return None
    with store.read() as tx:
        last = next(iter(registers.entries(tx, DEPOSIT, account=id, until=today, limit=1, order="-date")), None)
        asks = registers.entries(tx, ASK, account=id, state="planned", since=today, until=today + SOON, limit=1, order="date")
        by = tx.one("SELECT name FROM person WHERE id = $1", [last.person]) if last else None
    return About(found, last.at if last else None, by[0] if by else "", asks[0].at if asks else None)


def channels(tx: Tx, actor: Actor) -> list[Choice]:
    """The channels of a touch, those first that the actor uses most."""
    offered = registers.register(TOUCH).field("channel").choices or {}
    return _by_use(tx, TOUCH, "channel", actor, [Choice(*pair) for pair in offered.items()])


def deposit_kinds(tx: Tx, actor: Actor) -> list[Choice]:
    """The team's kinds of deposits, those first that the actor uses most."""
    found = registers.entries(tx, "ledger_kind", where={"side": DEPOSIT})
    return _by_use(tx, DEPOSIT, "kind", actor, [Choice(one.id, one.title) for one in found])


def contracts(tx: Tx, actor: Actor) -> list[Choice]:
    """The hand-offs in force with the fields of their contracts, those first that the actor records most."""
    found = registers.entries(tx, "handoff_contract", state="in_force")
    return _by_use(tx, HANDOFF, "contract", actor,
                   [Choice(one.id, one.title, tuple(row["name"] for row in one.values.get("fields", ()))) for one in found])


def _by_use(tx: Tx, register: str, field: str, actor: Actor, offered: Sequence[Choice]) -> list[Choice]:
    """As the actor uses them, then as the team does, then as they came."""
    own = tx.once(f"own use of {register}", lambda: registers.by_value(tx, register, field, person=actor.person), actor.person) if actor.person else {}
    team = tx.once(f"use of {register}", lambda: registers.by_value(tx, register, field))
    return sorted(offered, key=lambda one: (-own.get(one.id, 0), -team.get(one.id, 0)))


def days(today: date) -> tuple[date, date, date]:
    """The days that a promise is often due on: the next working day, in a week, in two weeks."""
    ahead = 7 - today.weekday() if today.weekday() >= 4 else 1
    return today + timedelta(ahead), today + timedelta(7), today + timedelta(14)


# ---- what it saves ---------------------------------------------------------------------------------------------------


def save(store: Store, actor: Actor, given: Given, today: date) -> Entry:
    """The new entry, dated today and by the actor. Raises ScorecardError in words that name what is missing."""
    access.require(actor, "log_records")
    if given.kind not in _WRITERS:
        raise UsageError(f"'{given.kind[:20]}' is nothing that is logged here. Choose one of: {', '.join(KINDS.values())}.")
    if not given.account:
        raise UsageError("The account is missing. Choose one.")
    values, state = _WRITERS[given.kind](given, today)
    return registers.add(store, actor, given.kind, {"account": given.account} | values, state=state, today=today)


def _touch(given: Given, today: date) -> tuple[dict[str, Any], str | None]:
    return {"what": given.words} | ({"channel": given.choice} if given.choice else {}), None


def _deposit(given: Given, today: date) -> tuple[dict[str, Any], str | None]:
    return {"what": given.words, "kind": given.choice} | {mark: True for mark in given.marks if mark in MARKS}, None


def _promise(given: Given, today: date) -> tuple[dict[str, Any], str | None]:
    return {"what": given.words, "due": given.due}, None


def _handoff(given: Given, today: date) -> tuple[dict[str, Any], str | None]:
    said = {"contract": given.choice, "words": given.words}
    dated = {ACCEPTED: {"accepted_on": today}, RETURNED: {"returned_on": today, "missing": "\n".join(given.missing)}}
    return said | dated.get(given.outcome, {}), given.outcome


_WRITERS: Mapping[str, Callable[[Given, date], tuple[dict[str, Any], str | None]]] = {
    TOUCH: _touch, DEPOSIT: _deposit, PROMISE: _promise, HANDOFF: _handoff,
}  # fmt: skip


# ---- today, and back -------------------------------------------------------------------------------------------------


def logged(store: Store, actor: Actor, since: datetime, limit: int = 12) -> list[Logged]:
    """What the actor wrote down since a moment (UTC), the newest first; what an import brought is left out."""
    with store.read() as tx:
        rows = tx.all(
            """SELECT register, id, version, account, title, made_at FROM register_entry
               WHERE register IN ($1, $2, $3, $4) AND made_by = $5 AND made_at >= $6 AND SUBSTRING(id, 1, 4) <> $7
               ORDER BY made_at DESC, id LIMIT $8""",
            [*KINDS, actor.name, since, FROM_CRM, limit],
        )
    named = account_names(store, {row[3] for row in rows})
    return [Logged(register, id, version, named.get(about, about), title, at) for register, id, version, about, title, at in rows]


def account_names(store: Store, ids: set[str]) -> dict[str, str]:
    """The names of accounts by their ids."""
    wanted = sorted(ids - {""})
    if not wanted:
        return {}
    with store.read_facts() as tx:
        places = ", ".join(f"${n}" for n in range(1, len(wanted) + 1))
        return {id: name or id for id, name in tx.all(f"SELECT account_id, name FROM account WHERE account_id IN ({places})", wanted)}


def undo(store: Store, actor: Actor, register: str, id: str, seen_version: int) -> None:
    """Takes back an entry of the actor's own; raises ScorecardError when it is another's, or was changed meanwhile."""
    with store.read() as tx:
        entry = registers.one(tx, register, id)
    if register not in KINDS or entry.made_by != actor.name:
        raise UsageError(f"'{entry.title}' was written by {entry.made_by}. Open it to change it.")
    registers.withdraw(store, actor, register, id, seen_version=seen_version, reason=UNDONE)

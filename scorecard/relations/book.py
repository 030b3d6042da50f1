"""All ledgers together: how each account stands, which are one-sided, and whether asks that came after giving were agreed to more."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from scorecard.core import experiments, ledger
from scorecard.core.experiments import Arm, Reading
from scorecard.core.ledger import OURS, THEIRS, Ask, Balance, Deposit
from scorecard.core.periods import Period
from scorecard.core.reading import Sentence
from scorecard.registers import Entry
from scorecard.relations.ledger import ASK, DEPOSIT, KIND, Kind, kinds, named_kinds, number, sides, year_before
from scorecard.store import ledger as rows
from scorecard.store.engine import Store

ALL, USED, PLANNED, ONE_SIDED, BARE = "", "used", "planned", "one_sided", "bare"
FILTERS = {ALL: "All", USED: "With entries", PLANNED: "Ask planned", ONE_SIDED: "One-sided", BARE: "Asked without giving"}
GIVE_FIRST, RECIPROCITY = "give_first_rate", "reciprocity_share"
REGISTERS = (DEPOSIT, ASK, KIND)
FEWEST_ASKS = 20  # answered asks, below which a share of them says too little to be called one
NAMED = 3


@dataclass(frozen=True)
class Standing:
    """How one account stands in twelve months: balance, last deposit, next planned ask, asks without a deposit before them."""

    account: str
    balance: Balance
    last: date | None
    next: date | None
    bare: int


@dataclass(frozen=True)
class Row:
    """A line of the list."""

    id: str
    name: str
    segment: str
    csm: str
    standing: Standing | None


@dataclass(frozen=True)
class Book:
    """Every ledger: the standing of each account that has one, the balance of all, acceptance without and with a deposit."""

    standings: Mapping[str, Standing]
    total: Balance
    without: Arm
    given: Arm
    reading: Reading | None
    first: tuple[int, int]

    @property
    def next_asked(self) -> str:
        """The account with the next planned ask, else the one that was given to last; "" where there is none."""
        asked = [(one.next, one.account) for one in self.standings.values() if one.next]
        given = [(one.last, one.account) for one in self.standings.values() if one.last]
        return min(asked)[1] if asked else max(given)[1] if given else ""

    def having(self, way: str) -> tuple[str, ...] | None:
        """The accounts that a filter keeps; None for all of them."""
        tests: dict[str, Any] = {
            USED: lambda one: True, PLANNED: lambda one: one.next is not None, ONE_SIDED: lambda one: one.balance.side in (OURS, THEIRS),
            BARE: lambda one: one.bare > 0,
        }  # fmt: skip
        return tuple(id for id, one in self.standings.items() if tests[way](one)) if way in tests else None


def read(store: Store, today: date, segment: str = "") -> Book:
    """All ledgers, or those of a segment."""
    with store.read() as tx:
        known, found = kinds(tx), rows.entries(tx, today)
    if segment:
        own = _segments(store, sorted({one[2] for one in found}))
        found = [one for one in found if own.get(one[2]) == segment]
    ledgers = {account: _sides(list(own), known) for account, own in groupby(found, key=lambda one: one[2])}
    return _told(ledgers, today)


def _segments(store: Store, accounts: Sequence[str]) -> dict[str, str]:
    with store.read_facts() as tx:
        return rows.segment_of(tx, accounts)


def _sides(found: Sequence[tuple], known: Mapping[str, Kind]) -> tuple[list[Deposit], list[Ask]]:
    weights = {id: kind.weight for id, kind in known.items()}
    deposits = [Deposit(id, on, weights.get(kind, 1.0)) for register, id, _, _, on, kind in found if register == DEPOSIT]
    return deposits, [Ask(id, on, state, weights.get(kind, 1.0)) for register, id, _, state, on, kind in found if register == ASK]


def _told(ledgers: Mapping[str, tuple[list[Deposit], list[Ask]]], today: date) -> Book:
    since = year_before(today)
    standings = {account: _standing(account, *own, since, today) for account, own in ledgers.items()}
    total = Balance(*(sum(getattr(one.balance, name) for one in standings.values()) for name in ("given", "asked", "gave", "took")))
    without, given = ledger.acceptance(ledgers.values())
    return Book(standings, total, without, given, ledger.association(without, given), (total.asked - sum(one.bare for one in standings.values()), total.asked))


def _standing(account: str, deposits: Sequence[Deposit], asks: Sequence[Ask], since: date, today: date) -> Standing:
    days = {one.id: one.on for one in asks}
    bare = sum(since <= days[id] <= today for id in ledger.unprepared(deposits, asks))
    return Standing(account, ledger.balance(deposits, asks, since, today), max((one.on for one in deposits), default=None),
                    min((one.on for one in asks if one.state == ledger.PLANNED), default=None), bare)


def narrowed(store: Store, book: Book, segment: str, way: str) -> tuple[str, ...] | None:
    """The accounts that a filter keeps, in alphabetical order of their names; None where it keeps all."""
    only = book.having(way)
    if only is None:
        return None
    with store.read_facts() as tx:
        return tuple(rows.account_ids(tx, segment, only))


def page(store: Store, book: Book, words: str, segment: str, only: tuple[str, ...] | None, size: int, at: int) -> tuple[int, tuple[Row, ...]]:
    """(how many accounts there are, one page of them), alphabetical; `at` is the first one of the page, `only` those of `narrowed`."""
    with store.read_facts() as tx:
        if only is not None and not words:
            total, found = len(only), rows.accounts(tx, "", "", only[at : at + size], size, 0) if only[at : at + size] else []
        else:
            total, found = rows.account_count(tx, words, segment, only), rows.accounts(tx, words, segment, only, size, at)
    return total, tuple(Row(*one, book.standings.get(one[0])) for one in found)


# -- measures


def give_first_by_month(found: Mapping[str, Sequence[Entry]], last: Period) -> dict[Period, tuple[float, float, float]]:
    """Month -> (share, asks with a deposit before them, asks made), of all accounts, up to the `last` month."""
    known = named_kinds(found[KIND])
    by_account: dict[str, list[Entry]] = defaultdict(list)
    for one in (*found[DEPOSIT], *found[ASK]):
        by_account[one.account].append(one)
    return ledger.give_first((sides(own, known) for own in by_account.values()), last)


def reciprocity_by_month(found: Mapping[str, Sequence[Entry]], last: Period) -> dict[Period, tuple[float, float, float]]:
    """Month -> (our share of give and take, what we gave, both), weighted by the catalogue, up to the `last` month."""
    return ledger.reciprocity(*sides([*found[DEPOSIT], *found[ASK]], named_kinds(found[KIND])), last)


# -- sentences


def sentences(book: Book, names: Mapping[str, str]) -> list[Sentence]:
    """What all ledgers say: the balance and one-sided accounts by name (customers that left have none), asks without giving, whether giving first went with a yes."""
    if not book.total.given and not book.total.asked:
        return [Sentence("Nothing was given or asked in twelve months.", "Give first, unasked and sincerely; then ask. The ledger of an account keeps both.")]
    return [one for one in (_balance(book, names), _first(book), accepted(book)) if one]


def _balance(book: Book, names: Mapping[str, str]) -> Sentence:
    sided = sorted((names[id] for id in book.having(ONE_SIDED) or () if id in names), key=str.lower)
    told = f"{book.total.given:,} deposits and {book.total.asked:,} asks in twelve months: {book.total.shown.replace(' / ', ' to ')}."
    if not sided:
        return Sentence(told, "No account is one-sided.")
    more = f" and {len(sided) - NAMED:,} more" if len(sided) > NAMED else ""
    which = ", ".join(sided[:NAMED]) + more
    count = number(len(sided))
    return Sentence(told, f"{count[:1].upper()}{count[1:]} {'account is' if len(sided) == 1 else 'accounts are'} one-sided: {which}.")


def _first(book: Book) -> Sentence | None:
    ready, asked = book.first
    if not asked:
        return None
    bare = asked - ready
    if not bare:
        return Sentence(f"All {asked:,} asks had a deposit before them.", "")
    return Sentence(f"{bare:,} of {asked:,} asks had no deposit before {'it' if bare == 1 and asked == 1 else 'them'}.", "Give first.")


def accepted(book: Book) -> Sentence | None:
    """Acceptance with and without a deposit before the ask: an association with its interval, never a cause."""
    answered = book.without.n + book.given.n
    if not answered:
        return None
    if book.reading is None:
        side = "All of them came after a deposit" if book.given.n else "None of them came after a deposit"
        return Sentence(f"{answered:,} asks were answered.", f"{side}, so nothing can be compared.")
    return Sentence(f"{book.given.hits:,} of {book.given.n:,} asks after a deposit were agreed to, {book.without.hits:,} of {book.without.n:,} without one:", _apart(book.reading, answered))


def _apart(found: Reading, answered: int) -> str:
    low, high, gap = (f"{100 * one:.0f}".replace("-", "−") for one in (found.lower, found.upper, found.difference))
    span = f"{gap} points apart, {low} to {high} is possible"
    few = " Few asks: read it with care." if answered < FEWEST_ASKS else ""
    if found.lower > 0 and found.p < experiments.ALPHA:
        return f"{span}. They go together; it is no proof that giving pays.{few}"
    if found.upper < 0 and found.p < experiments.ALPHA:
        return f"{span}. Asks after a deposit were agreed to less; look at how they were made.{few}"
    doubt = f", though the exact test (p = {found.p:.2f}) leaves room for chance" if found.lower > 0 or found.upper < 0 else ""
    return f"{span}{doubt}: no evidence yet that giving first goes with a yes.{few}"

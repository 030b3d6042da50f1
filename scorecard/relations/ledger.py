"""The ledger of one account: what was given and asked, by whom, what came of it, and how both sides stand. For the team only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from scorecard import registers
from scorecard.core import ledger
from scorecard.core.ledger import Ask, Balance, Deposit
from scorecard.core.reading import NUMBER_WORDS, Sentence
from scorecard.errors import ScorecardError
from scorecard.registers import Entry
from scorecard.store import ledger as rows
from scorecard.store.engine import Store, Tx
from scorecard.store.ledger import Head

DEPOSIT, ASK, KIND, LIMIT, SPONSORSHIP = "deposit", "ask", "ledger_kind", "gift_limit", "sponsorship"
MARKS = ("significant", "unexpected", "personal")
MONTHS = 12
STATES = {"planned": "planned", "asked": "asked, no answer yet", "agreed": "agreed", "declined": "declined", "withdrawn": "not asked"}


@dataclass(frozen=True)
class Kind:
    """A kind of the catalogue: its name, its side (deposit or ask), how much one counts."""

    id: str
    name: str
    side: str
    weight: float = 1.0


@dataclass(frozen=True)
class Gifts:
    """The gift policy that is in force: the most for one gift, and for one account in twelve months (None: no such limit)."""

    each: float
    year: float | None
    since: date


@dataclass(frozen=True)
class Line:
    """A deposit or an ask as it is read. `marks` are significant, unexpected, personal; `bare` says that no deposit stands
    before an ask, `bunched` that those before it stand close; `over` that a gift lies above the policy."""

    id: str
    side: str
    on: date
    what: str
    kind: str
    by: str
    state: str
    weight: float
    hours: float | None = None
    cost: float | None = None
    marks: tuple[bool, ...] = ()
    outcome: str = ""
    bare: bool = False
    bunched: bool = False
    over: bool = False

    @property
    def initials(self) -> str:
        """`JK` of Jonas Kowal."""
        words = self.by.split()
        return (words[0][:1] + (words[-1][:1] if len(words) > 1 else "")).upper() if words else ""

    @property
    def planned(self) -> bool:
        return self.state == ledger.PLANNED


@dataclass(frozen=True)
class Ledger:
    """One account from `since` to `today`: lines by day, the oldest first; `deposits` and `asks` are all that ever were."""

    head: Head
    since: date
    today: date
    lines: tuple[Line, ...]
    balance: Balance
    deposits: tuple[Deposit, ...]
    asks: tuple[Ask, ...]
    gifts: Gifts | None
    spent: float
    sponsor: str = ""

    @property
    def left(self) -> date | None:
        """The day on which the account left; None for a customer."""
        return self.head.ended if self.head.ended and self.head.ended <= self.today else None

    @property
    def planned(self) -> tuple[Line, ...]:
        """The asks that are planned, the next first."""
        return tuple(one for one in self.lines if one.side == ASK and one.planned)

    @property
    def last(self) -> Line | None:
        """The last deposit."""
        return next((one for one in reversed(self.lines) if one.side == DEPOSIT and one.on <= self.today), None)


def read(store: Store, account: str, today: date) -> Ledger:
    """The ledger of the account with this id. Raises ScorecardError when there is none."""
    with store.read_facts() as tx:
        head = rows.head(tx, account, today)
    if head is None:
        raise ScorecardError(f"There is no account '{account[:60]}'. Choose one from the list, or load accounts on the page Data.")
    with store.read() as tx:
        known, gifts = kinds(tx), policy(tx, today)
        found = [entry for register in (DEPOSIT, ASK) for entry in registers.entries(tx, register, account=head.id)]
        sponsored = registers.entries(tx, SPONSORSHIP, account=head.id, state="active", limit=1)
    names = people(store, [*found, *sponsored])
    deposits, asks = sides(found, known)
    told = _told(head, today, [_line(one, known, names) for one in found], deposits, asks, gifts)
    return replace(told, sponsor=names.get(str(sponsored[0].values["sponsor"]), "")) if sponsored else told


def _told(head: Head, today: date, lines: Sequence[Line], deposits: Sequence[Deposit], asks: Sequence[Ask], gifts: Gifts | None) -> Ledger:
    since = year_before(today)
    bare, bunched = ledger.unprepared(deposits, asks), ledger.bunched(deposits, asks)
    costs = {one.id: one.cost for one in lines if one.side == DEPOSIT and one.cost and since <= one.on <= today}
    spent = sum(costs.values())
    shown = [_flagged(one, bare, bunched, gifts) for one in lines if one.on >= since or one.planned]
    shown.sort(key=lambda one: (one.on, one.side, one.id))
    return Ledger(head, since, today, tuple(shown), ledger.balance(deposits, asks, since, today), tuple(deposits), tuple(asks), gifts, spent)


def _flagged(one: Line, bare: frozenset[str], bunched: frozenset[str], gifts: Gifts | None) -> Line:
    over = bool(gifts and one.cost and one.cost > gifts.each)
    if one.id not in bare and one.id not in bunched and not over:
        return one
    return replace(one, bare=one.id in bare, bunched=one.id in bunched, over=over)


def year_before(today: date) -> date:
    """The same day of the year before; 28 February for 29 February."""
    try:
        return today.replace(year=today.year - 1)
    except ValueError:
        return today.replace(year=today.year - 1, day=28)


# -- entries as the arithmetic takes them


def kinds(tx: Tx) -> dict[str, Kind]:
    """The catalogue by the ids of its kinds, in the order of their names."""
    return named_kinds(registers.entries(tx, KIND))


def named_kinds(found: Sequence[Entry]) -> dict[str, Kind]:
    """The same of entries of the catalogue."""
    return {one.id: Kind(one.id, one.title, one.values["side"], float(one.values.get("weight", 1))) for one in found}


def sides(found: Sequence[Entry], known: Mapping[str, Kind]) -> tuple[list[Deposit], list[Ask]]:
    """(deposits, asks) of entries of both registers."""
    deposits = [Deposit(one.id, one.at, weight(one, known)) for one in found if one.register == DEPOSIT]
    return deposits, [Ask(one.id, one.at, one.state, weight(one, known)) for one in found if one.register == ASK]


def weight(one: Entry, known: Mapping[str, Kind]) -> float:
    """How much an entry counts: as its kind says, 1 without one."""
    kind = known.get(str(one.values.get("kind", "")))
    return kind.weight if kind else 1.0


def policy(tx: Tx, today: date) -> Gifts | None:
    """The newest gift limit that has begun, None without one."""
    found = registers.entries(tx, LIMIT, until=today, limit=1)
    return Gifts(found[0].values["each"], found[0].values.get("year"), found[0].at) if found else None


def people(store: Store, found: Sequence[Entry]) -> dict[str, str]:
    """Person -> name of everybody whom these entries name."""
    named: dict[str, str] = {}
    for register in {one.register for one in found}:
        own = [one for one in found if one.register == register]
        named |= {id: name for (kind, id), name in registers.labels(store, registers.register(register), own).items() if kind == "person"}
    return named


def _line(one: Entry, known: Mapping[str, Kind], names: Mapping[str, str]) -> Line:
    values, kind = one.values, known.get(str(one.values.get("kind", "")))
    return Line(
        one.id, one.register, one.at, one.title, kind.name if kind else "", names.get(one.person, ""), one.state, kind.weight if kind else 1.0,
        values.get("hours"), values.get("cost"), tuple(bool(values.get(mark)) for mark in MARKS) if one.register == DEPOSIT else (),
        str(values.get("outcome", "")),
    )  # fmt: skip


# -- sentences


def times(count: int) -> str:
    """`once`, `twice`, `7 times`."""
    return {1: "once", 2: "twice"}.get(count, f"{count:,} times")


def number(count: int) -> str:
    """`one`, `nine`, `12`."""
    return NUMBER_WORDS[count] if count < len(NUMBER_WORDS) else f"{count:,}"


def balance_sentence(found: Ledger) -> Sentence:
    """`We gave 7 times and asked 5: 58 to 42, mutual. One ask had no deposit before it, and was declined.`"""
    own = found.balance
    if own.side == ledger.NOTHING:
        return Sentence("Nothing was given or asked in twelve months.", "Give first, unasked and sincerely; then ask.")
    bold = f"We gave {times(own.given)} and asked {own.asked:,}:" if own.given else f"We asked {times(own.asked)} and gave nothing:"
    parts = [f"{own.shown.replace(' / ', ' to ')}, {ledger.SIDES[own.side]}."]
    bare = [one for one in found.lines if one.bare]
    if bare:
        parts.append(_bare_words(bare))
    return Sentence(bold, " ".join(parts))


def _bare_words(bare: Sequence[Line]) -> str:
    declined = sum(one.state == "declined" for one in bare)
    if len(bare) == 1:
        return "One ask had no deposit before it" + (", and was declined." if declined else ".")
    told = number(len(bare))
    rest = f"; {number(declined)} of them {'was' if declined == 1 else 'were'} declined." if declined else "."
    return f"{told[:1].upper()}{told[1:]} asks had no deposit before them{rest}"


def bunched_sentence(found: Ledger) -> Sentence | None:
    """That deposits before an ask stand close before it: the motive shows."""
    near = [one for one in found.lines if one.bunched]
    if not near:
        return None
    one = near[-1]
    return Sentence(f"Deposits are bunched just before an ask: {one.what}.",
                    f"Most of what was given since the ask before it came in the {ledger.CLOSE_DAYS} days before. It can look like a price.")  # fmt: skip


def gift_sentence(found: Ledger, money: str) -> Sentence | None:
    """That a gift, or all gifts of a year, lie above the policy. `money` is the sign of the currency."""
    if found.gifts is None:
        return None
    over = [one for one in found.lines if one.over]
    if over:
        one = over[-1]
        return Sentence(f"A gift is above the policy: {one.what}, {money}{one.cost:,.0f};", f"the most for one gift is {money}{found.gifts.each:,.0f}.")
    if found.gifts.year is not None and found.spent > found.gifts.year:
        return Sentence(f"Gifts of twelve months are above the policy: {money}{found.spent:,.0f};", f"the most for one account is {money}{found.gifts.year:,.0f}.")
    return None

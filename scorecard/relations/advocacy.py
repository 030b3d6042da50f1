"""References and advocates: where each stands, who may be asked now, referrals and thanks, and what was learned from asking."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from scorecard import registers, worth
from scorecard.core import advocacy, advocacy_worth, names
from scorecard.core.advocacy import Guard, Stage, Used
from scorecard.core.advocacy_worth import Recorded
from scorecard.core.intervals import wilson
from scorecard.core.periods import day
from scorecard.core.reading import Sentence
from scorecard.core.value import CASES, Assumption
from scorecard.registers import Entry
from scorecard.store import advocacy as rows
from scorecard.store import members
from scorecard.store.advocacy import Asked
from scorecard.store.engine import Store, Tx

ADVOCATE, ASK, SHEET, THANKS, REFERRAL, RULE, DEPOSIT = "advocate", "ask", "ask_sheet", "thanks", "referral", "asking_rule", "deposit"
ACTIVE, RESTING, CANDIDATE = "active", "resting", "candidate"
ANSWERED, MADE = ("agreed", "declined"), ("asked", "agreed", "declined")
YEAR = 365
MOST_MARKS = 8


@dataclass(frozen=True)
class Reference:
    """An active advocate: the asks of twelve months (True agreed, False declined, None not answered), when the next may come.
    `gone` is the day on which the account left: nobody is asked there any more."""

    id: str
    account: str
    name: str
    who: str
    kinds: tuple[str, ...]
    owner: str
    asks: tuple[bool | None, ...]
    last: date | None
    full_until: date | None
    left: int
    gone: date | None = None


@dataclass(frozen=True)
class Referrals:
    """Referrals of twelve months by what happened in them, with the revenue a year of those won; `loaded` came with the accounts."""

    asked: int
    given: int
    won: int
    revenue: float
    loaded: int


@dataclass(frozen=True)
class Thanks:
    """Thanks of twelve months by side; `thanked` of `advocates` were thanked at least once, of those received `public` carry a name in public."""

    given: int
    received: int
    observed: int
    public: int
    thanked: int
    advocates: int


@dataclass(frozen=True)
class Planned:
    """An ask that is planned, or not answered yet: whose, what, on which day."""

    id: str
    account: str
    name: str
    what: str
    on: date


@dataclass(frozen=True)
class Board:
    """The page, for all segments or one: `since` to `today` are the twelve months that are counted."""

    since: date
    today: date
    guard: Guard
    stages: tuple[Stage, ...]
    references: tuple[Reference, ...]
    agreed: int
    answered: int
    waiting: int
    referrals: Referrals
    thanks: Thanks
    used: tuple[Used, ...]
    sheets: int
    planned: tuple[Planned, ...]
    open: tuple[Planned, ...]
    advocates: int

    @property
    def able(self) -> tuple[Reference, ...]:
        """The active references of accounts that are customers."""
        return tuple(one for one in self.references if not one.gone)

    @property
    def full(self) -> tuple[Reference, ...]:
        return tuple(one for one in self.able if one.full_until)

    @property
    def capacity(self) -> int:
        """How many asks the guard allows now, over all accounts with an active reference: two people of one are asked as one."""
        return sum({one.account: one.left for one in self.able}.values())

    @property
    def empty(self) -> bool:
        return not (self.advocates or self.answered or self.waiting or self.planned)


def guard_of(tx: Tx, today: date) -> tuple[Guard, frozenset[str]]:
    """(the rule of asking that is in force, the kinds of asks that do not count)."""
    found = registers.entries(tx, RULE, until=today, limit=1)
    if not found:
        return Guard(), frozenset()
    said = found[0].values
    needed = said.get("needed")
    return Guard(int(said["most"]), int(said["within"]), int(said["rest"]), None if needed is None else int(needed)), frozenset(said.get("uncounted") or ())


def read(store: Store, today: date, segment: str = "") -> Board:
    """The page as the records stand, of all segments or of one."""
    since = today - timedelta(YEAR)
    with store.read() as tx:
        guard, uncounted = guard_of(tx, today)
        advocates, moves = registers.entries(tx, ADVOCATE), registers.moves(tx, ADVOCATE)
        asks = rows.asks(tx, since - timedelta(guard.within + guard.rest))
        referrals, thanks = registers.entries(tx, REFERRAL), registers.entries(tx, THANKS, since=since, until=today)
        sheets = registers.entries(tx, SHEET)
        titles = _titles(tx)
        people = {one.id: one.name for one in members.people(tx)}
    accounts = {one.account for one in (*advocates, *asks, *referrals, *thanks)}
    with store.read_facts() as tx:
        known, loaded = rows.segments(tx, sorted(accounts)), rows.referred(tx, since, today)
        gone = rows.left(tx, sorted({one.account for one in advocates}), today)
    if segment:
        def own(one: Entry | Asked) -> bool:
            return known.get(one.account, ("", ""))[1] == segment

        advocates, asks, referrals, thanks = (list(filter(own, found)) for found in (advocates, asks, referrals, thanks))
    counted = [one for one in asks if one.kind not in uncounted]
    found = _board(since, today, guard, advocates, moves, counted, referrals, thanks, sheets, known, people, 0 if segment else loaded, gone)
    planned, unanswered = (tuple(Planned(one.id, one.account, _name(known, one.account), titles.get(one.id, ""), one.on) for one in asks if one.state == state)
                           for state in ("planned", "asked"))  # fmt: skip
    return replace(found, planned=planned, open=unanswered)  # those of kinds that do not count are prepared and answered as well


def segments(store: Store) -> tuple[str, ...]:
    """The segments of the accounts, by name."""
    with store.read_facts() as tx:
        return tuple(rows.named_segments(tx))


def _titles(tx: Tx) -> dict[str, str]:
    return {one.id: one.title for one in registers.entries(tx, ASK, state=("planned", "asked"))}


def _board(
    since: date, today: date, guard: Guard, advocates: Sequence[Entry], moves: Sequence[tuple], asks: Sequence[Asked], referrals: Sequence[Entry],
    thanks: Sequence[Entry], sheets: Sequence[Entry], known: Mapping[str, tuple], people: Mapping[str, str], loaded: int,
    gone: Mapping[str, date],
) -> Board:  # fmt: skip
    ids = {one.id for one in advocates}
    stages = advocacy.pipeline([(id, state, at.date()) for id, state, at in moves if id in ids], since, today)
    by: dict[str, list[Asked]] = {}
    for one in asks:
        if one.state in MADE and one.on <= today:
            by.setdefault(one.account, []).append(one)
    active = [_gone(_reference(one, by.get(one.account, ()), guard, since, today, known, people), gone.get(one.account)) for one in advocates if one.state == ACTIVE]
    year = [one for one in asks if one.state in MADE and since < one.on <= today]
    answers = {one.id: one.state == "agreed" for one in asks if one.state in ANSWERED}
    cases = [(one.values.get("used") or (), answers[one.values["ask"]]) for one in sheets if one.values["ask"] in answers]
    speaking = {one.account for one in advocates if one.state in (ACTIVE, RESTING)}
    return Board(
        since, today, guard, stages, tuple(sorted(active, key=lambda one: (names.order(one.name), one.id))), sum(one.state == "agreed" for one in year),
        sum(one.state in ANSWERED for one in year), sum(one.state == "asked" for one in year), _referrals(referrals, since, today, loaded),
        _thanks(thanks, speaking), advocacy.by_principle(cases), len(cases), (), (), sum(one.state in (ACTIVE, RESTING) for one in advocates),
    )  # fmt: skip


def _name(known: Mapping[str, tuple], account: str) -> str:
    return known[account][0] if account in known else account


def _reference(one: Entry, asks: Sequence[Asked], guard: Guard, since: date, today: date, known: Mapping[str, tuple], people: Mapping[str, str]) -> Reference:
    days = [ask.on for ask in asks]
    year = tuple(None if ask.state == "asked" else ask.state == "agreed" for ask in asks if ask.on > since)
    return Reference(
        one.id, one.account, _name(known, one.account), one.values["who"], tuple(one.values.get("kinds") or ()), people.get(one.person, ""), year,
        max(days, default=None), advocacy.full_until(days, guard, today), advocacy.left(days, guard, today),
    )  # fmt: skip


def _gone(one: Reference, on: date | None) -> Reference:
    return replace(one, gone=on, left=0) if on else one


def _referrals(found: Sequence[Entry], since: date, today: date, loaded: int) -> Referrals:
    def within(field: str) -> list[Entry]:
        days = [(one, one.values.get(field)) for one in found]
        return [one for one, on in days if on and since < date.fromisoformat(on) <= today]

    won = within("won_on")
    return Referrals(len(within("asked_on")), len(within("given_on")), len(won), sum(one.values.get("revenue") or 0.0 for one in won), loaded)


def _thanks(found: Sequence[Entry], speaking: set[str]) -> Thanks:
    sides = [one.values["side"] for one in found]
    thanked = {one.account for one in found if one.values["side"] == "given"} & speaking
    return Thanks(*(sides.count(side) for side in ("given", "received", "observed")), sum(bool(one.values.get("public")) for one in found if one.values["side"] == "received"), len(thanked), len(speaking))


# -- what is said about it


def sentences(found: Board) -> list[Sentence]:
    """What asks came to, and who may be asked."""
    return [one for one in (_asks(found), _capacity(found)) if one]


def _asks(found: Board) -> Sentence | None:
    if not found.answered:
        return Sentence("No ask was answered in twelve months.", f"{found.waiting} wait for an answer.") if found.waiting else None
    low, high = wilson(found.agreed, found.answered)
    waiting = f" {found.waiting} wait for an answer." if found.waiting else ""
    return Sentence(f"{found.agreed} of {found.answered} asks were agreed.", f"{low * 100:.0f} to {high * 100:.0f}% is possible.{waiting}")


def _capacity(found: Board) -> Sentence | None:
    n, full, away = len(found.able), found.full, len(found.references) - len(found.able)
    if not n and away:
        return Sentence("No active reference may be asked.", f"{'The account' if away == 1 else f'All {away} accounts'} left.")
    if not n:
        return Sentence("No reference is active yet.", "Name a candidate: somebody who had a good moment with us.") if found.advocates == 0 else None
    until = f" until {day(min(one.full_until for one in full))} or later" if full else ""
    head = f"{len(full)} of {n} active references {'is' if len(full) == 1 else 'are'} at their limit{until}." if full else f"All {n} active references may be asked." if n > 1 else "The active reference may be asked."
    needed = f" {found.guard.needed} are expected to be needed." if found.guard.needed is not None else ""
    gone = f" {away} more {'is' if away == 1 else 'are'} at accounts that left." if away else ""
    short = " That is more than they can give." if found.guard.needed is not None and found.guard.needed > found.capacity else ""
    return Sentence(head, f"Together they can give {found.capacity} more in {found.guard.within} days.{needed}{short}{gone}")


def principle_sentence(found: Board) -> str:
    """Whether asks with a principle were agreed to more often, or how many cases are missing."""
    read = [one for one in found.used if one.reading]
    if not read:
        return (f"Acceptance by principle needs {advocacy.FEWEST_CASES} answered asks with a principle and as many without it; {found.sheets} answered "
                f"{'ask has' if found.sheets == 1 else 'asks have'} a sheet so far.")  # fmt: skip
    beyond = [one for one in read if one.reading.lower > 0 or one.reading.upper < 0]
    if not beyond:
        return "No principle goes with more yes or no beyond chance: no evidence yet. An association, never a cause."
    named = ", ".join(advocacy.PRINCIPLES[one.principle].lower() for one in beyond)
    return f"Beyond chance: {named}. Seven comparisons are made at once, so about {(1 - 0.95 ** len(advocacy.PRINCIPLES)) * 10:.0f} of 10 such tables show one by luck. An association, never a cause."


# -- what it is worth


@dataclass(frozen=True)
class Worth:
    """What advocacy was worth in twelve months: every assumption, where changed ones come from, the parts of the sum by case."""

    assumptions: tuple[Assumption, ...]
    sources: Mapping[str, str]
    lines: Mapping[str, Mapping[str, float]]
    recorded: Recorded

    def total(self, case: str) -> float:
        return sum(self.lines[case].values())

    @property
    def empty(self) -> bool:
        """Whether there is nothing to compute it from."""
        return not (self.recorded.agreed or self.recorded.referred or self.recorded.advocates)


def worth_of_year(store: Store, found: Board) -> Worth:
    """The worth of the twelve months of a page that shows all segments. Raises StudyRefused for figures that cannot be."""
    with store.read() as tx:
        speaking = {one.account for one in registers.entries(tx, ADVOCATE, state=(ACTIVE, RESTING))}
        given = [one for one in registers.entries(tx, DEPOSIT, since=found.since, until=found.today) if one.account in speaking]
        changed = registers.entries(tx, worth.WORTH_INPUT, until=found.today)
    with store.read_facts() as tx:
        deal, revenue = rows.new_revenue(tx, found.since, found.today), rows.revenue(tx, sorted(speaking))
    hours, gifts = (sum(one.values.get(name) or 0.0 for one in given) for name in ("hours", "cost"))
    recorded = Recorded(found.agreed, deal, found.referrals.revenue, found.advocates, revenue, hours, gifts)
    made, sources = worth.replaced(advocacy_worth.assumptions(recorded), changed)
    return Worth(made, sources, {case: advocacy_worth.lines(made, case) for case in CASES}, recorded)

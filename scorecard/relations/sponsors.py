"""Executive sponsors: what both sides of the most important accounts committed to, what was kept, and when they meet next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from scorecard import access, diary, registers
from scorecard.access import Actor
from scorecard.core import commitments, icalendar, names
from scorecard.core.commitments import KEPT, MISSED, PLANNED, Side
from scorecard.core.periods import day
from scorecard.core.reading import Sentence
from scorecard.errors import ScorecardError
from scorecard.registers import Entry
from scorecard.store import members, sponsored
from scorecard.store.engine import Store, Tx
from scorecard.store.sponsored import Customer

SPONSORSHIP, COMMITMENT, REVIEW = "sponsorship", "commitment", "sponsor_review"
OURS, THEIRS = "ours", "theirs"
MOST_ACCOUNTS = 3
AGENDA = "sponsor:"  # how the id of an item of the agenda begins; reviews.model knows it as SPONSOR
MOST_NAMED = 2


@dataclass(frozen=True)
class Commitment:
    """One commitment; `state` is planned, kept or missed, `evidence` what shows it, or what happened instead."""

    id: str
    version: int
    side: str
    what: str
    who: str
    due: date
    state: str
    evidence: str
    link: str

    def unsaid(self, today: date) -> bool:
        """Whether its day has passed and nobody wrote whether it was kept."""
        return self.state == PLANNED and self.due < today


@dataclass(frozen=True)
class Sponsored:
    """One account of the programme. `revenue` is a year's; `share` is ours of all that was kept, None before six were due."""

    id: str
    version: int
    account: str
    name: str
    segment: str
    revenue: float
    renewal: date | None
    sponsor: str
    sponsor_name: str
    sponsor_role: str
    executive: str
    executive_role: str
    why: str
    chosen_on: date
    next_review: date | None
    last_review: date | None
    today: date
    commitments: tuple[Commitment, ...]
    ours: Side = field(default=Side())
    theirs: Side = field(default=Side())

    @property
    def share(self) -> float | None:
        return commitments.balance(self.ours, self.theirs)

    @property
    def one_sided(self) -> bool:
        return commitments.is_one_sided(self.share)

    @property
    def too_few(self) -> bool:
        """Whether fewer than six commitments were due: nothing is coloured then."""
        return self.ours.due + self.theirs.due < commitments.LEAST_DUE

    def of(self, side: str) -> tuple[Commitment, ...]:
        """The commitments of one side, by the day due."""
        return tuple(one for one in self.commitments if one.side == side)


@dataclass(frozen=True)
class Reviews:
    """When both sides meet next, and when they last did."""

    next: date | None
    last: date | None


@dataclass(frozen=True)
class Programme:
    """The accounts with a sponsor, by name; `crowded` maps sponsors with more than three to how many they hold."""

    accounts: tuple[Sponsored, ...]
    ended: int
    crowded: Mapping[str, int]
    today: date

    @property
    def revenue(self) -> float:
        return sum(one.revenue for one in self.accounts)

    @property
    def sponsors(self) -> dict[str, str]:
        """Id -> name of every sponsor, alphabetical."""
        pairs = {one.sponsor: one.sponsor_name for one in self.accounts}
        return dict(sorted(pairs.items(), key=lambda pair: names.order(pair[1])))

    def of(self, sponsor: str) -> tuple[Sponsored, ...]:
        """The accounts of one sponsor, all of them for ""."""
        return tuple(one for one in self.accounts if not sponsor or one.sponsor == sponsor)


def read(store: Store, today: date) -> Programme:
    """The programme as it stands."""
    with store.read() as tx:
        found = registers.entries(tx, SPONSORSHIP, state="active")
        ended = registers.count(tx, SPONSORSHIP, state="ended")
        said = _by_sponsorship(registers.entries(tx, COMMITMENT, order="date"))
        people = {one.id: one.name for one in members.people(tx)}
        reviews = {one.id: _reviews(tx, one, diary_entries) for diary_entries in [diary.listed(tx, REVIEW)] for one in found}
    with store.read_facts() as tx:
        known = sponsored.customers(tx, sorted({one.account for one in found}), today)
    made = [_sponsored(one, said.get(one.id, ()), known.get(one.account), people, reviews[one.id], today) for one in found]
    held = Counter(one.sponsor for one in made)  # two people may have one name
    called = {one.sponsor: one.sponsor_name for one in made}
    crowded = {called[id]: n for id, n in sorted(held.items(), key=lambda pair: names.order(called[pair[0]])) if n > MOST_ACCOUNTS}
    return Programme(tuple(sorted(made, key=lambda one: (names.order(one.name), one.id))), ended, crowded, today)


def _by_sponsorship(found: Iterable[Entry]) -> dict[str, list[Commitment]]:
    by: dict[str, list[Commitment]] = {}
    for one in found:
        said = one.values
        made = Commitment(one.id, one.version, said["side"], said["what"], said.get("who", ""), date.fromisoformat(said["due"]), one.state,
                          said.get("evidence", ""), said.get("link", ""))  # fmt: skip
        by.setdefault(said["sponsorship"], []).append(made)
    return by


def _sponsored(one: Entry, said: Sequence[Commitment], known: Customer | None, people: Mapping[str, str], reviews: Reviews, today: date) -> Sponsored:
    told, who = one.values, one.values["sponsor"]
    sides = {side: commitments.side([(c.state, c.due) for c in said if c.side == side], today) for side in (OURS, THEIRS)}
    return Sponsored(
        one.id, one.version, one.account, known.name if known else one.account, known.segment if known else "", 12 * known.mrr if known else 0.0,
        known.renewal if known else None, who, people.get(who, who), told.get("sponsor_role", ""), told["customer_executive"], told.get("customer_role", ""),
        told["why"], one.at, reviews.next, reviews.last, today, tuple(said), sides[OURS], sides[THEIRS],
    )  # fmt: skip


def object_of(id: str) -> str:
    """How the calendar entries about a sponsored account begin."""
    return f"{SPONSORSHIP}:{id}"


def _reviews(tx: Tx, one: Entry, entries: Sequence[diary.Entry]) -> Reviews:
    """Who spoke last about the next review counts: the calendar, or the account itself."""
    own = [entry for entry in entries if entry.object.startswith(f"{object_of(one.id)}:")]
    stated, last = (_day(one.values.get(name)) for name in ("next_review", "last_review"))
    held = [entry.held_on for entry in own if entry.held_on] + ([last] if last else [])
    there = next((entry for entry in own if entry.open), None)
    if there and (stated is None or there.planned == stated or there.changed_at >= _stated_since(tx, one)):
        stated = there.planned
    elif there is None and any(not entry.open and entry.planned == stated for entry in own):
        stated = None  # that one was held, or missed
    return Reviews(stated, max(held, default=None))


def _stated_since(tx: Tx, one: Entry) -> datetime:
    """Since when the account has named this day of its next review."""
    since = one.recorded_at
    for version in registers.history(tx, SPONSORSHIP, one.id):
        if version.entry.values.get("next_review") != one.values.get("next_review"):
            break
        since = version.entry.recorded_at
    return since


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


# -- what is said about it


def sentences(found: Programme) -> list[Sentence]:
    """What was kept on both sides, then each one-sided account, at most three, by name."""
    ours, theirs = (sum((getattr(one, side) for one in found.accounts), Side()) for side in (OURS, THEIRS))
    if not found.accounts:
        return []
    if not ours.due + theirs.due:
        return [Sentence(f"No commitment was due yet at {_accounts(len(found.accounts))}.", "The first figures come with the first dates.")]
    quiet = sum(not one.one_sided for one in found.accounts)
    head = Sentence(f"We kept {ours.kept} of {ours.due} commitments that were due, our customers {theirs.kept} of {theirs.due}.",
                    f"{quiet} of {_accounts(len(found.accounts))} show nothing to act on.")  # fmt: skip
    sided = [one for one in found.accounts if one.one_sided]
    more = [Sentence(f"{len(sided) - 3} more are one-sided.")] if len(sided) > 3 else []
    return [head, *map(_one_sided, sided[:3]), *more]


def _accounts(n: int) -> str:
    return "1 account" if n == 1 else f"{n} accounts"


def _one_sided(one: Sponsored) -> Sentence:
    when = f"The next review is on {day(one.next_review)}." if one.next_review else "No review date is set."
    if (one.share or 0) > commitments.BAND[1]:
        return Sentence(f"{one.name} is one-sided:", f"we kept {one.ours.kept} of {one.ours.due}, they kept {one.theirs.kept} of {one.theirs.due}. {when}")
    return Sentence(f"At {one.name} it is us:", f"{one.ours.kept} of {one.ours.due} kept, they kept {one.theirs.kept} of {one.theirs.due}. {when}")


def notices(found: Programme) -> list[str]:
    """Who holds more than three accounts, and what was due and never spoken about."""
    told = [f"{name} holds {n} accounts. A sponsor can be there for {MOST_ACCOUNTS} at most." for name, n in found.crowded.items()]
    unsaid = sum(one.ours.unsaid + one.theirs.unsaid for one in found.accounts)
    if unsaid:
        which = "1 commitment was" if unsaid == 1 else f"{unsaid} commitments were"
        told.append(f"{which} due, and nobody wrote yet whether {'it was' if unsaid == 1 else 'they were'} kept. Until then they count for neither side.")
    return told


def suggestion(one: Sponsored) -> str:
    """What to say in the next review: facts of the records and a question; never what somebody is thought to be due."""
    if one.too_few:
        return (f"{_count(one.ours.due + one.theirs.due, 'commitment was', 'commitments were')} due so far: too few to read. "
                f"Agree with {one.executive} on the next ones, each with a day.")  # fmt: skip
    if not one.ours.kept + one.theirs.kept:
        return f"None of {one.ours.due + one.theirs.due} commitments was kept by either side. Ask {one.executive} whether the programme still suits both."
    missed = {side: [c for c in one.of(side) if c.state == MISSED] for side in (OURS, THEIRS)}
    if not one.one_sided:
        return _even(one, missed)
    if (one.share or 0) < commitments.BAND[0]:
        return (f"Begin with us: {one.ours.kept} of our {one.ours.due} commitments were kept. Missed last: {_named(missed[OURS])}. "
                f"Say by when each will be done and who does it, before anything else is agreed.")  # fmt: skip
    kept = [c.what for c in one.of(OURS) if c.state == KEPT]
    fact = f"Say it as a fact: {one.theirs.kept} of their {one.theirs.due} commitments were kept."
    last = f" Missed last: {_named(missed[THEIRS])}." if missed[THEIRS] else ""
    since = f" since {day(missed[THEIRS][0].due)}" if missed[THEIRS] else ""
    ours = f" From our side, {kept[-1]} is done." if kept else ""
    return f"{fact}{last}{ours} Ask what changed for {one.executive}{since}, and whether the programme still suits them."


def _even(one: Sponsored, missed: Mapping[str, Sequence[Commitment]]) -> str:
    facts = f"Both sides keep what they say: {one.ours.kept} of {one.ours.due} ours, {one.theirs.kept} of {one.theirs.due} theirs."
    late = f" To be mended by us first: {_named(missed[OURS])}." if missed[OURS] else ""
    ahead = [c for c in one.commitments if c.state == PLANNED and not c.unsaid(one.today)]
    then = f" Next: {ahead[0].what}, {day(ahead[0].due)}." if ahead else " Nothing is planned: agree on what comes next."
    return f"{facts}{late}{then} Ask {one.executive} which commitment helped most."


def _named(missed: Sequence[Commitment]) -> str:
    """`Roll-out of two depots, 30 Jun 2026 (moved to 2027)`: the last that were missed."""
    return "; ".join(f"{c.what}, {day(c.due)}" + (f" ({c.evidence})" if c.evidence else "") for c in missed[-MOST_NAMED:])


def _count(n: int, one: str, many: str) -> str:
    return f"{n} {one if n == 1 else many}"


def agenda_title(one: Sponsored) -> str:
    """The item of the monthly review. The pack and signed copies carry it, so it says nothing of what was kept."""
    return f"Sponsored account: {one.name}"


def agenda_item(one: Sponsored) -> str:
    """The id of that item: the same account stands on an agenda once."""
    return f"{AGENDA}{one.id}"


def calendar(found: Iterable[Sponsored], made_at: datetime) -> bytes:
    """The review dates as an iCalendar file: the account and both names, and nothing of what was kept."""
    days = [
        icalendar.Day(f"{SPONSORSHIP}-{one.id}", one.next_review, f"Sponsor review, {one.name}", told=f"{one.sponsor_name} and {one.executive}", sequence=one.version)
        for one in found
        if one.next_review
    ]
    return icalendar.file(sorted(days, key=lambda one: (one.on, one.title)), "Sponsor reviews", made_at)


# -- commands


def plan_review(store: Store, actor: Actor, id: str, on: date, seen_version: int, today: date) -> Entry:
    """The account with its next review on a day, which stands in the calendar from then on."""
    access.require(actor, "log_records")
    if on < today:
        raise ScorecardError(f"{day(on)} has passed. Choose a day that is still to come.")
    of = registers.register(SPONSORSHIP)

    def work(tx: Tx) -> Entry:
        new = registers.alter(store, tx, actor, of, id, {"next_review": on.isoformat()}, seen_version)
        _follow(store, tx, new)
        return new

    return store.write(work, actor.name)


def review_held(store: Store, actor: Actor, id: str, on: date, seen_version: int, today: date) -> Entry:
    """The account, its review held on a day; the next one has no day until somebody sets it."""
    access.require(actor, "log_records")
    if on > today:
        raise ScorecardError(f"{day(on)} is still to come. Set it as the day of the next review instead.")
    of = registers.register(SPONSORSHIP)

    def work(tx: Tx) -> Entry:
        open_one = _open(tx, id)
        new = registers.alter(store, tx, actor, of, id, {"last_review": on.isoformat(), "next_review": None}, seen_version)
        title = f"{diary.KINDS[REVIEW]}, {_name(store, new)}"
        diary.record_held(tx, kind=REVIEW, title=title, object=open_one.object if open_one else f"{object_of(id)}:{on}", on=on, owner=new.person)
        return new

    return store.write(work, actor.name)


def keep_calendar(store: Store, actor: Actor, today: date) -> int:
    """How many calendar entries were planned or moved, so that the calendar follows what was written about the accounts."""
    with store.read() as tx:
        late = [one for one in registers.entries(tx, SPONSORSHIP, state="active") if _differs(tx, one, today)]
    if not late:
        return 0
    access.require(actor, "log_records")

    def work(tx: Tx) -> int:
        for one in late:
            _follow(store, tx, registers.one(tx, SPONSORSHIP, one.id))
        return len(late)

    return store.write(work, actor.name)


def _differs(tx: Tx, one: Entry, today: date) -> bool:
    stated = _day(one.values.get("next_review"))
    if stated is None or stated < today:
        return False
    there = _open(tx, one.id)
    return there is None or (there.planned != stated and there.changed_at < _stated_since(tx, one))


def _follow(store: Store, tx: Tx, one: Entry) -> None:
    """Nothing; the open calendar entry of the account stands on the day of its next review."""
    on, there = date.fromisoformat(one.values["next_review"]), _open(tx, one.id)
    diary.record_moved(tx, kind=REVIEW, title=f"{diary.KINDS[REVIEW]}, {_name(store, one)}", object=there.object if there else f"{object_of(one.id)}:{on}",
                       to=on, owner=one.person)  # fmt: skip


def _open(tx: Tx, id: str) -> diary.Entry | None:
    own = [one for one in diary.listed(tx, REVIEW) if one.open and one.object.startswith(f"{object_of(id)}:")]
    return own[0] if own else None


def _name(store: Store, one: Entry) -> str:
    with store.read_facts() as tx:
        known = sponsored.customers(tx, [one.account], one.at)
    return known[one.account].name if one.account in known else one.account


def settle(store: Store, actor: Actor, id: str, state: str, evidence: str, link: str, seen_version: int) -> Entry:
    """The commitment, kept or missed, with what shows it."""
    said = {"evidence": evidence} | ({"link": link} if link else {})
    return registers.change(store, actor, COMMITMENT, id, said, seen_version=seen_version, state=state)

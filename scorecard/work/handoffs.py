"""Hand-offs between departments: contracts, what was accepted at first submission, what was missing, how long it took."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from scorecard import registers
from scorecard.core import fmt, handoffs, names, reading
from scorecard.core.definition import Definition, Goal
from scorecard.core.handoffs import HandOff
from scorecard.core.intervals import Share
from scorecard.core.periods import Period, containing
from scorecard.core.reading import Reading, Sentence
from scorecard.core.spc import Chart
from scorecard.errors import UsageError

if TYPE_CHECKING:
    from scorecard.access import Actor
    from scorecard.registers import Entry
    from scorecard.store.engine import Store

CONTRACT, REGISTER, FEEDBACK = "handoff_contract", "handoff", "feedback_loop"
IN_FORCE = "in_force"
SHORT = {"success": "CS"}
SENT, ACCEPTED, RETURNED, COMPLETED = "sent", "accepted", "returned", "completed"
FIRST_PASS, DELAY = "handoff_first_pass", "handoff_delay"
RECENT_MONTHS, HISTORY_MONTHS, FEEDBACK_DAYS = 3, 60, 90
MOST_EXAMPLES, MOST_WAITING = 5, 8
_DEFECTS = Definition("", "", unit="percent", improvement_direction="decrease", bounds=(0.0, 1.0), format="0")
_DAYS = Definition("", "", unit="number", improvement_direction="decrease", bounds=(0.0, None), format="0.0")


@dataclass(frozen=True)
class Contract:
    """What one department hands to another. `needed` are the fields without which the receiver sends it back; `goal` is the share
    that may be defective, `days` the time allowed; each None where nobody said.
    """

    id: str
    what: str
    sender: str
    receiver: str
    fields: tuple[str, ...]
    needed: tuple[str, ...]
    days: float | None
    goal: float | None
    before: str
    after: str
    place: float
    owner: str
    read_on: date | None

    @property
    def way(self) -> str:
        return f"{short(self.sender)} to {short(self.receiver)}"


@dataclass(frozen=True)
class Line:
    """One hand-off of the table: its last RECENT_MONTHS whole months, its charts, what was missing, what went back to the sender.

    `reading` and `delay` are None where there are too few for a chart. `late` is (later than allowed, those of which that is known) of the
    same months: the completed ones, and the open ones whose time is over.
    """

    number: int
    contract: Contract
    share: Share
    chart: Chart | None
    reading: Reading | None
    delay_chart: Chart | None
    delay: Reading | None
    late: tuple[int, int]
    waiting: int
    overdue: int
    missing: tuple[tuple[str, int], ...]
    told_on: date | None
    told_lately: int

    @property
    def status(self) -> str:
        return self.reading.status if self.reading else "not_yet"


@dataclass(frozen=True)
class Waiting:
    """A hand-off that is not complete, with the days since it was sent and whether that is longer than allowed."""

    one: HandOff
    contract: Contract
    days: int
    overdue: bool


@dataclass(frozen=True)
class Overview:
    """All hand-offs. `until` is the end of the last whole month; `worst` is (hand-off, whether beyond chance) with its `examples`."""

    until: date
    lines: tuple[Line, ...]
    all: Share
    worst: Line | None
    beyond_chance: bool
    examples: tuple[HandOff, ...]
    waiting: tuple[Waiting, ...]
    sentences: tuple[Sentence, ...]


def label(department: str) -> str:
    """A department as it is read."""
    offered = registers.register(CONTRACT).field("sender").choices or {}
    return offered.get(department, department)


def short(department: str) -> str:
    """A department in few letters, as lanes and sentences say it."""
    return SHORT.get(department) or label(department)


# -- what is written


def contract_of(entry: Entry) -> Contract:
    """The contract that an entry says."""
    said, rows = entry.values, entry.values.get("fields", ())
    read_on = said.get("read_on")
    return Contract(
        entry.id, str(said.get("what", entry.title)), str(said.get("sender", "")), str(said.get("receiver", "")), tuple(row["name"] for row in rows),
        tuple(row["name"] for row in rows if row.get("needed", True)), said.get("days"), said.get("goal"), str(said.get("before", "")),
        str(said.get("after", "")), float(said.get("place") or 100), str(said.get("owner", "")), date.fromisoformat(read_on) if read_on else None,
    )  # fmt: skip


def handoff_of(entry: Entry) -> HandOff:
    """The hand-over that an entry says. Whatever was ever sent back, or lacked a field, is no first pass."""
    said = entry.values
    missing = handoffs.fields_of(str(said.get("missing", "")))
    defective = entry.state in (RETURNED, COMPLETED) or bool(missing) or bool(said.get("returned_on"))
    done = said.get("completed_on") if entry.state == COMPLETED else said.get("accepted_on") if entry.state == ACCEPTED else None
    return HandOff(entry.id, str(said.get("contract", "")), entry.account, entry.at, entry.state != SENT or defective, defective,
                   entry.state in (SENT, RETURNED), date.fromisoformat(done) if done else None, missing, str(said.get("words", "")))


def contracts(store: Store) -> tuple[Contract, ...]:
    """The contracts in force, in the order of the drawing."""
    with store.read() as tx:
        found = registers.entries(tx, CONTRACT, state=IN_FORCE)
    return tuple(sorted(map(contract_of, found), key=lambda one: (one.place, names.order(one.what), one.id)))


def account_names(store: Store, ids: Iterable[str]) -> dict[str, str]:
    """The names of these accounts, by id."""
    wanted = sorted({id for id in ids if id})
    if not wanted:
        return {}
    with store.read_facts() as tx:
        return dict(tx.all(f"SELECT account_id, name FROM account WHERE account_id IN ({', '.join(f'${n}' for n in range(1, len(wanted) + 1))})", wanted))


def of_segment(store: Store, segment: str) -> frozenset[str]:
    """The accounts of a segment."""
    with store.read_facts() as tx:
        return frozenset(id for (id,) in tx.all("SELECT account_id FROM account WHERE segment = $1", [segment]))


# -- commands


def record(
    store: Store, actor: Actor, contract: str, *, account: str = "", outcome: str = SENT, missing: Sequence[str] = (), words: str = "",
    today: date, sent_on: date | None = None,
) -> Entry:  # fmt: skip
    """The new hand-off: sent, accepted or sent back today. What is sent back names the fields that were missing.

    Raises UsageError when it names none, or one that the contract does not have.
    """
    if outcome not in (SENT, ACCEPTED, RETURNED):
        raise UsageError(f"'{outcome}' is no outcome of a hand-off. Use one of: {SENT}, {ACCEPTED}, {RETURNED}.")
    of = _contract(store, contract)
    values = {"contract": of.id, "account": account or None, "sent_on": (sent_on or today).isoformat(), "words": words or None}
    return registers.add(store, actor, REGISTER, values | _answer(of, outcome, missing, today), state=outcome, today=today)


def answer(store: Store, actor: Actor, id: str, outcome: str, *, missing: Sequence[str] = (), seen_version: int, today: date) -> Entry:
    """The hand-off accepted, sent back, or completed, today. Once sent back it can be completed, and is no first pass any more."""
    with store.read() as tx:
        old = registers.one(tx, REGISTER, id)
    if outcome not in (ACCEPTED, RETURNED, COMPLETED) or (outcome == COMPLETED) != (old.state == RETURNED):
        raise UsageError(f"A hand-off that is {_state(old.state)} cannot become {_state(outcome)}.")
    if outcome == COMPLETED:
        return registers.change(store, actor, REGISTER, id, {"completed_on": today.isoformat()}, state=outcome, seen_version=seen_version)
    of = _contract(store, str(old.values["contract"]))
    return registers.change(store, actor, REGISTER, id, _answer(of, outcome, missing, today), state=outcome, seen_version=seen_version)


def _state(id: str) -> str:
    found = registers.register(REGISTER).state(id)
    return found.label if found else f"'{id[:40]}'"


def _contract(store: Store, id: str) -> Contract:
    with store.read() as tx:
        return contract_of(registers.one(tx, CONTRACT, id))


def _answer(of: Contract, outcome: str, missing: Sequence[str], today: date) -> dict[str, str]:
    if outcome == ACCEPTED:
        return {"accepted_on": today.isoformat()}
    return {"returned_on": today.isoformat(), "missing": "\n".join(_named(of, missing))} if outcome == RETURNED else {}


def _named(of: Contract, missing: Sequence[str]) -> list[str]:
    """The missing fields in the words of the contract."""
    known = {handoffs.key_of(name): name for name in of.fields}
    if not missing:
        raise UsageError(f"Which field was missing? A hand-off is sent back for a field of its contract: {', '.join(of.fields) or 'it names none yet'}.")
    strange = [text for text in missing if handoffs.key_of(text) not in known]
    if strange:
        raise UsageError(f"The contract '{of.what}' has no field '{strange[0]}'. It has: {', '.join(of.fields) or 'none yet'}.")
    return list(dict.fromkeys(known[handoffs.key_of(text)] for text in missing))


# -- measures of the scorecard


def first_pass_by_month(found: Sequence[Entry], last: Period) -> Mapping[Period, handoffs.Value]:
    """First-pass yield of the hand-offs sent in each month, up to the `last` one."""
    return handoffs.first_pass(map(handoff_of, found), last)


def delay_by_month(found: Sequence[Entry], last: Period) -> Mapping[Period, handoffs.Value]:
    """Mean days of the hand-offs completed in each month, up to the `last` one."""
    return handoffs.delays(map(handoff_of, found), last)


# -- the page


def read(store: Store, today: date, accounts: frozenset[str] | None = None) -> Overview:
    """Everything that the page shows, of some accounts when they are named."""
    until = containing(today, "month").start - timedelta(days=1)
    since = containing(today, "month").shift(-HISTORY_MONTHS).start
    with store.read() as tx:
        entries = registers.entries(tx, REGISTER, since=since, order="date")
        loops = registers.entries(tx, FEEDBACK, order="date")
    found = [one for one in map(handoff_of, entries) if accounts is None or one.account in accounts]
    return told(contracts(store), found, [(str(one.values["contract"]), one.at) for one in loops], until, today)


def told(agreed: Sequence[Contract], found: Sequence[HandOff], loops: Sequence[tuple[str, date]], until: date, today: date) -> Overview:
    """The same of contracts, hand-overs and (contract, day) of what was told to senders."""
    own: dict[str, list[HandOff]] = {one.id: [] for one in agreed}
    for one in found:
        own.get(one.contract, []).append(one)
    back = {one.id: [on for contract, on in loops if contract == one.id and on <= today] for one in agreed}
    lines = tuple(_line(n, one, own[one.id], back[one.id], until, today) for n, one in enumerate(agreed, 1))
    named = handoffs.worst({one.contract.id: one.share for one in lines})
    worst = next((one for one in lines if named and one.contract.id == named[0]), None)
    examples = [one for one in _recent(own[worst.contract.id], until) if one.defective][::-1][:MOST_EXAMPLES] if worst else []
    whole = Share(sum(one.share.hits for one in lines), sum(one.share.n for one in lines))
    beyond = bool(named and named[1])
    return Overview(until, lines, whole, worst, beyond, tuple(examples), _waiting(agreed, own, today), tuple(_sentences(lines, whole, worst, beyond)))


def _recent(own: Sequence[HandOff], until: date) -> list[HandOff]:
    """Those sent in the last RECENT_MONTHS whole months."""
    first = containing(until, "month").shift(1 - RECENT_MONTHS).start
    return [one for one in own if first <= one.sent_on <= until]


def _line(number: int, of: Contract, own: Sequence[HandOff], back: Sequence[date], until: date, today: date) -> Line:
    recent = _recent(own, until)
    chart, delay_chart = handoffs.defect_chart(own, until), handoffs.delay_chart(own, until)
    done = [one.days for one in recent if one.days is not None]
    over = sum(of.days is not None and (one.waits(today) or 0) > of.days for one in recent)
    waits = [days for one in own if (days := one.waits(today)) is not None]
    return Line(
        number, of, handoffs.share(recent), chart, _read(chart, of, _DEFECTS, of.goal), delay_chart, _read(delay_chart, of, _DAYS, of.days),
        (sum(days > of.days for days in done) + over if of.days is not None else 0, len(done) + over), len(waits),
        sum(days > of.days for days in waits) if of.days is not None else 0, tuple(handoffs.most_missing(recent, of.fields)),
        max(back, default=None), sum(on > today - timedelta(days=FEEDBACK_DAYS) for on in back),
    )  # fmt: skip


def _read(chart: Chart | None, of: Contract, measure: Definition, goal: float | None) -> Reading | None:
    goals = [Goal(date(1900, 1, 1), float(goal))] if goal is not None else []
    return reading.read(chart, measure, goals) if chart else None


def _waiting(agreed: Sequence[Contract], own: Mapping[str, Sequence[HandOff]], today: date) -> tuple[Waiting, ...]:
    """Those that are not complete, the longest wait first."""
    found = [Waiting(one, of, days, of.days is not None and days > of.days) for of in agreed for one in own[of.id] if (days := one.waits(today)) is not None]
    return tuple(sorted(found, key=lambda one: (not one.overdue, -one.days, one.one.id)))


# -- sentences


def _sentences(lines: Sequence[Line], whole: Share, worst: Line | None, beyond: bool) -> list[Sentence]:
    """Signals, the worse ones first; then the worst hand-off, or that none is beyond chance where none broke either."""
    signals = [one for one in lines if one.reading and one.reading.signal]
    said = [_signal(one) for one in sorted(signals, key=lambda one: (one.reading.variation != "worsening", one.number))]
    said += [_slower(one) for one in lines if one.delay and one.delay.variation == "worsening"]
    said += [_out_of_reach(one) for one in lines if one not in signals and one.reading and one.reading.capability == "will_miss"]
    broke = any(one.reading.variation == "worsening" for one in signals)
    if worst and (beyond or not broke):
        said.append(_worst(worst, whole, beyond, told=any(one is worst for one in signals)))
    return said


def _signal(one: Line) -> Sentence:
    found, of = one.reading, one.contract
    worse = found.variation == "worsening"
    if found.shape == "outside":
        normal = fmt.range_text(*_limits(one.chart, found.period), _DEFECTS)
        return Sentence(f"{of.way} {'broke' if worse else 'did better than ever'}:",
                        f"{fmt.value(found.value, _DEFECTS)} came back in {found.period.label}, {normal} is normal.{_most(one)}")
    count = found.period.ordinal - found.since.ordinal + 1
    unit = f"{count} {found.period.grain}s" if count != 1 else f"1 {found.period.grain}"
    centre = fmt.value(one.chart.points[-1].centre, _DEFECTS)
    where = {"shift": f"{found.side} its centre of {centre}", "near": f"close to a limit, centre {centre}"}.get(found.shape, f"{found.side} its centre of {centre}")
    return Sentence(f"{of.way} got {'worse' if worse else 'better'}:", f"{unit} {where}, since {found.since.label}.{_most(one) if worse else ''}")


def _slower(one: Line) -> Sentence:
    found, (lower, upper) = one.delay, _limits(one.delay_chart, one.delay.period)
    normal = fmt.range_text(lower, upper, _DAYS)
    return Sentence(f"{one.contract.way} takes longer:", f"{fmt.value(found.value, _DAYS)} days on average in {found.period.label}, {normal} is normal.")


def _out_of_reach(one: Line) -> Sentence:
    """A hand-off that does not reach its goal as the work is done now."""
    normal = fmt.range_text(*_limits(one.chart, one.reading.period), _DEFECTS)
    return Sentence(f"{one.contract.way} will not come down to {fmt.goal_value(one.contract.goal, _DEFECTS)}", f"as the work is done now: {normal} is all it can give.")


def _limits(chart: Chart, period: Period) -> tuple[float, float | None]:
    """The natural limits of a period, the lower one 0 where none is drawn."""
    point = next(one for one in reversed(chart.points) if one.period == period)
    return point.lower or 0.0, point.upper


def _most(one: Line) -> str:
    """` Most lacked steps to reproduce.`, where one field was missing in more than half of what came back."""
    if not one.missing or not one.share.hits:
        return ""
    field, n = one.missing[0]
    return f" {'Most' if n * 2 > one.share.hits else f'{n} of {one.share.hits}'} lacked {field}."


def _worst(one: Line, whole: Share, beyond: bool, told: bool) -> Sentence:
    """The worst hand-off; what most lacked is left out where its signal has told it."""
    rest = Share(whole.hits - one.share.hits, whole.n - one.share.n)
    counted = f"{one.share.hits:,} of {one.share.n:,} came back in {RECENT_MONTHS} months"
    if not rest.n:
        return Sentence(f"{one.contract.way}: {counted}", f"({one.share.value:.0%}).{_most(one)}")
    if not beyond:
        return Sentence("No hand-off is worse than the others beyond chance.", f"{one.contract.way} stands out most: {counted}.")
    return Sentence(f"{one.contract.way} is the worst hand-off:", f"{counted} ({one.share.value:.0%}), {rest.value:.0%} of all others.{'' if told else _most(one)}")

"""Recognition: who was recognised by whom, when and for which value; who was not, in the last 90 days. Nobody is counted or ranked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from scorecard import access, registers
from scorecard.core.periods import Period, between, containing
from scorecard.core.reading import Sentence
from scorecard.errors import UsageError
from scorecard.leadership import crew
from scorecard.store import members

if TYPE_CHECKING:
    from scorecard.access import Actor
    from scorecard.registers import Entry
    from scorecard.store.engine import Store
    from scorecard.store.members import Person
    from scorecard.store.tx import Tx

REGISTER, VALUE = "recognition", "team_value"
LEADER, COLLEAGUE, CUSTOMER = "leader", "colleague", "customer"
SIDES = (LEADER, COLLEAGUE, CUSTOMER)
RECENT_DAYS, MONTHS = 90, 12
MOST_NAMED = 6
NO_CONTEST = "This shows coverage, it is not a contest."


@dataclass(frozen=True)
class Given:
    """One recognition: when, from which side, for which value ("" when none was named)."""

    id: str
    on: date
    side: str
    value: str


@dataclass(frozen=True)
class Line:
    """A person with the recognition of MONTHS, in order of time; `recent` says whether some of it lies in the last RECENT_DAYS."""

    person: str
    name: str
    given: tuple[Given, ...]
    recent: bool


@dataclass(frozen=True)
class Coverage:
    """Who was recognised since `recent_since`: a line for each CSM, in alphabetical order. `sides` and `values` count all that is
    shown, by side and by the name of the value, values in the order of the team; `beside` are the others who were recognised,
    `beside_not` those who were not; `strangers` CSMs of accounts are no members, and missing here. `ever` says whether anybody was
    recognised at any time.
    """

    lines: tuple[Line, ...]
    months: tuple[Period, ...]
    recent_since: date
    today: date
    sides: Mapping[str, int]
    values: Mapping[str, int]
    beside: tuple[str, ...]
    beside_not: tuple[str, ...]
    called: str
    strangers: int
    ever: bool
    sentences: tuple[Sentence, ...]

    @property
    def not_yet(self) -> tuple[str, ...]:
        """The names of the CSMs who were not recognised in the last RECENT_DAYS."""
        return tuple(one.name for one in self.lines if not one.recent)


def read(store: Store, today: date) -> Coverage:
    """The coverage as of a day."""
    team = crew.read(store, today)
    months = tuple(between(containing(today, "month").shift(1 - MONTHS), containing(today, "month")))
    since = today - timedelta(RECENT_DAYS)
    with store.read() as tx:
        found = [one for one in registers.entries(tx, REGISTER, since=min(months[0].start, since), until=today, order="date") if not _of_oneself(one)]
        values = {one.id: one.title for one in sorted(registers.entries(tx, VALUE), key=_place)}
        ever = bool(found) or registers.count(tx, REGISTER, until=today) > 0
    lines = tuple(_line(person, found, values, since) for person in team.csms)
    thanked = {one.person for one in found if one.at >= since}
    beside, not_beside = (tuple(one.name for one in team.others if (one.id in thanked) is told) for told in (True, False))
    shown = [one for line in lines for one in line.given]
    counted = Counter(one.value for one in shown)
    return Coverage(lines, months, since, today, {side: sum(one.side == side for one in shown) for side in SIDES},
                    {name: counted[name] for name in values.values()}, beside, not_beside, team.called, team.strangers, ever, tuple(_sentences(lines, found)))  # fmt: skip


def _of_oneself(one: Entry) -> bool:
    """Whether somebody thanked themselves, without a customer: that covers nobody."""
    return one.values.get("by") == one.person and one.values.get("side") != CUSTOMER


def _place(one: Entry) -> tuple[float, str]:
    return float(one.values.get("place", 99)), one.title


def _line(person: Person, found: Iterable[Entry], values: Mapping[str, str], since: date) -> Line:
    own = tuple(Given(one.id, one.at, str(one.values["side"]), values.get(str(one.values.get("value", "")), "")) for one in found if one.person == person.id)
    return Line(person.id, person.name, own, any(one.on >= since for one in own))


def _sentences(lines: Sequence[Line], found: Sequence[Entry]) -> list[Sentence]:
    if not lines or not found:
        return []
    not_yet = [one.name for one in lines if not one.recent]
    if not not_yet:
        who = f"All {len(lines)} people were" if len(lines) > 1 else f"{lines[0].name} was"
        return [Sentence(f"{who} recognised in the last {RECENT_DAYS} days.", NO_CONTEST if len(lines) > 1 else "")]
    if len(lines) == 1:
        return [Sentence(f"{lines[0].name} was not recognised in the last {RECENT_DAYS} days.", "")]
    done = len(lines) - len(not_yet)
    return [Sentence(f"{done} of {len(lines)} people {'was' if done == 1 else 'were'} recognised in the last {RECENT_DAYS} days.",
                     f"Not yet: {listed(not_yet)}. {NO_CONTEST}")]  # fmt: skip


def listed(who: Sequence[str]) -> str:
    """`Camila Duarte, Luc Renard and Ines Vidal`; beyond MOST_NAMED `and 4 more`."""
    if len(who) > MOST_NAMED:
        return f"{', '.join(who[:MOST_NAMED])} and {len(who) - MOST_NAMED} more"
    return who[0] if len(who) == 1 else f"{', '.join(who[:-1])} and {who[-1]}" if who else "nobody"


# -- commands


def give(store: Store, actor: Actor, values: Mapping[str, Any], *, customer: bool, today: date) -> Entry:
    """The recognition of a person, from a customer, their own leader or a colleague: which of the two, the member table says.

    `values` are fields of the register without `side`. Raises UsageError where somebody thanks themselves.
    """
    access.require(actor, registers.register(REGISTER).write)
    whole = {"by": actor.person, **values}
    if whole.get("to") == whole["by"] and not customer:
        raise UsageError("Recognition of oneself covers nobody. Choose a colleague, or pass on a customer's word.")
    with store.read() as tx:
        side = CUSTOMER if customer else _side(tx, str(whole.get("to") or ""), str(whole["by"]))
    return registers.add(store, actor, REGISTER, whole | {"side": side}, today=today)


def _side(tx: Tx, to: str, by: str) -> str:
    thanked = members.person(tx, to)
    return LEADER if thanked and thanked.leader and thanked.leader == by else COLLEAGUE

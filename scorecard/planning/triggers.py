"""Triggers: what would make us change the plan, tried on what was known month by month, and the answer that is ready for it.

A trigger fires by itself, once while its condition goes on holding. It comes on the agenda of the next review of its scorecard
and is answered by a decision there, or by a response plan that was started. Months before it was agreed are a dry run.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from scorecard import registers
from scorecard.access import Actor
from scorecard.core import fmt, rollup
from scorecard.core import triggers as conditions
from scorecard.core.definition import Definition
from scorecard.core.periods import Period, containing, noun
from scorecard.core.reading import Sentence, count_word, plural
from scorecard.core.triggers import Condition, Firing
from scorecard.registers import Entry
from scorecard.store import definitions, measures, members, reviews
from scorecard.store.definitions import Scorecard
from scorecard.store.engine import Store, Tx

TRIGGER, RESPONSE, ENVIRONMENT, ITEM = "trigger", "response_plan", "environment", "trigger"
WATCHED, MISSING, RUNNING, DONE = "watched", "missing", "running", "done"
MONTHS = 24
AGENDA_MONTHS = 3  # from the month in which it fired: a review that comes later than that is too late to be the one
STALE_DAYS = 365
# A day on which an entry was rewritten is not held against its month: what a month knew of it is its day and that it was written by then.
AS_IT_STANDS = "What is logged about the environment is read as it stands today: an entry that is changed or withdrawn later counts so for past months too. Figures of measures are read as they were known then."
KNOWN_DAYS = 31  # an entry of a month that is written by the review of that month was known of it


@dataclass(frozen=True)
class Response:
    """The plan that answers a trigger; `state` is one of its register, `steps` how many lines it has."""

    id: str
    title: str
    state: str
    label: str
    owner_name: str
    steps: int
    checked_on: date | None
    started_on: date | None

    def stale(self, today: date) -> bool:
        """Whether it is ready, and nobody went through it for a year."""
        return self.state == "ready" and self.checked_on is not None and (today - self.checked_on).days > STALE_DAYS


@dataclass(frozen=True)
class Fired:
    """A time at which a trigger fired. `item` is its item of an agenda; `dry` says that nobody watched it then.

    `stands` is the review on whose agenda somebody put it, or wrote about it, without a decision yet.
    """

    item: str
    firing: Firing
    dry: bool
    decision: str = ""
    started_on: date | None = None
    stands: Period | None = None

    @property
    def answered(self) -> bool:
        return bool(self.decision or self.started_on)

    @property
    def period(self) -> Period:
        return self.firing.fired


@dataclass(frozen=True)
class Watched:
    """One trigger: its condition in words, how far it is now, when it fired in the last two years, and the plan that answers it.

    `part` counts the periods (or entries) that are there of the `need`ed ones; `now` says it in words. `fault` says what the
    condition lacks; such a trigger watches nothing. `condition` is that on a measure of all segments.
    """

    id: str
    title: str
    told: str
    measure: str
    now: str
    latest: Period | None
    part: int
    need: int
    holds: bool
    fired: tuple[Fired, ...]
    agreed_on: date
    owner: str
    owner_name: str
    response: Response | None
    resting: bool = False
    fault: str = ""
    half: str = ""
    condition: Condition | None = None

    @property
    def watches_log(self) -> bool:
        """Whether it watches the log of the environment."""
        return not self.measure and not self.fault

    @property
    def half_way(self) -> bool:
        """Whether something is there, and not yet all that it takes."""
        return not self.holds and 0 < self.part < self.need

    @property
    def has_plan(self) -> bool:
        return self.response is not None and self.response.state != MISSING

    def overlooked(self, today: date) -> tuple[Fired, ...]:
        """When it fired while somebody watched it, and no review took it up in time."""
        last = containing(today, "month").shift(-1)
        return tuple(one for one in self.fired if not (one.dry or one.answered or one.stands) and _month(one.period).shift(AGENDA_MONTHS - 1) < last)

    def waiting(self, today: date) -> tuple[Fired, ...]:
        """When it fired, where the review that decides about it is still to come."""
        late = self.overlooked(today)
        return tuple(one for one in self.fired if not one.dry and not one.answered and one not in late)


@dataclass(frozen=True)
class Overview:
    """All triggers by title, those that rest last."""

    found: tuple[Watched, ...]
    today: date

    @property
    def watched(self) -> tuple[Watched, ...]:
        return tuple(one for one in self.found if not one.resting)


@dataclass(frozen=True)
class _Grounds:
    """What triggers are judged by, read once: definitions, decisions by item, reviews where they wait for one, plans by trigger,
    the days on which any of its plans was started, names of people."""

    today: date
    definitions: Mapping[str, Definition]
    decisions: Mapping[str, str]
    stands: Mapping[str, Period]
    responses: Mapping[str, Response]
    starts: Mapping[str, Sequence[date]]
    people: Mapping[str, str]


# -- reads


def read(store: Store, today: date) -> Overview:
    """Every trigger as it stands."""
    with store.read() as tx:
        return read_in(tx, today)


def read_in(tx: Tx, today: date) -> Overview:
    """As `read`, in a transaction of the caller."""
    found = registers.entries(tx, TRIGGER)
    if not found:
        return Overview((), today)
    grounds = _grounds(tx, today)
    told = [_watched(tx, one, grounds) for one in found]
    return Overview(tuple(sorted(told, key=lambda one: one.resting)), today)


def _grounds(tx: Tx, today: date) -> _Grounds:
    people = {one.id: one.name for one in members.people(tx)}
    written = reviews.items_about(tx, ITEM)
    decisions = {item: decision for _, _, item, decision in written if decision}
    stands = {item: period for _, period, item, decision in written if not decision}
    plans = registers.entries(tx, RESPONSE)
    starts: dict[str, list[date]] = {}
    for one in plans:
        if one.values.get("started_on"):
            starts.setdefault(one.values["trigger"], []).append(date.fromisoformat(one.values["started_on"]))
    return _Grounds(today, definitions.current(tx), decisions, stands, _responses(plans, people), starts, people)


def _responses(plans: Iterable[Entry], people: Mapping[str, str]) -> dict[str, Response]:
    """Trigger -> the plan that answers it: of several the one that is furthest, the newest of these."""
    of = registers.register(RESPONSE)
    order = [state.id for state in of.states]
    found: dict[str, Entry] = {}
    for one in plans:
        other = found.get(one.values["trigger"])
        if other is None or (_rank(order, one), one.made_at) > (_rank(order, other), other.made_at):
            found[one.values["trigger"]] = one
    return {trigger: _response(one, of.state(one.state).label, people) for trigger, one in found.items()}


def _rank(order: Sequence[str], one: Entry) -> int:
    """A plan that is done answered another time: it counts as ready."""
    return order.index("ready" if one.state == DONE else one.state)


def _response(one: Entry, label: str, people: Mapping[str, str]) -> Response:
    steps = [line for line in str(one.values.get("steps", "")).splitlines() if line.strip()]
    owner = str(one.values.get("owner", ""))
    return Response(one.id, one.title, one.state, label, people.get(owner, owner), len(steps), _day(one.values.get("checked_on")), _day(one.values.get("started_on")))


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _month(period: Period) -> Period:
    return containing(period.end, "month")


# -- one trigger


@dataclass(frozen=True)
class _Tried:
    """A condition tried on its history: the words of the condition, of now, and of what a half-way one waits for."""

    told: str
    now: str
    latest: Period | None
    part: int
    need: int
    holds: bool
    firings: tuple[Firing, ...]
    fault: str = ""
    half: str = ""
    condition: Condition | None = None


def _watched(tx: Tx, one: Entry, grounds: _Grounds) -> Watched:
    tried = _on_measure(tx, one, grounds) if one.values["watches"] == "measure" else _on_environment(tx, one, grounds)
    agreed, response = _agreed(one), grounds.responses.get(one.id)
    owner = str(one.values.get("owner", ""))
    fired = tuple(_fired(one.id, firing, agreed, grounds) for firing in tried.firings)
    measure = str(one.values.get("measure", "")) if one.values["watches"] == "measure" else ""
    return Watched(one.id, one.title, tried.told, measure, tried.now, tried.latest, tried.part, tried.need, tried.holds, fired, agreed, owner,
                   grounds.people.get(owner, owner), response, one.state != WATCHED, tried.fault, tried.half, tried.condition)  # fmt: skip


def _agreed(one: Entry) -> date:
    return date.fromisoformat(one.values["agreed_on"])


def _fired(id: str, firing: Firing, agreed: date, grounds: _Grounds) -> Fired:
    item = f"{ITEM}:{id}:{_month(firing.fired)}"
    started = min((day for day in grounds.starts.get(id, ()) if day >= firing.fired.start), default=None)
    return Fired(item, firing, firing.fired.end < agreed, grounds.decisions.get(item, ""), started, grounds.stands.get(item))


def _lacking(fault: str) -> _Tried:
    return _Tried("", "", None, 0, 1, False, (), fault)


def _on_measure(tx: Tx, one: Entry, grounds: _Grounds) -> _Tried:
    said = one.values
    measure = grounds.definitions.get(str(said.get("measure", "")))
    if measure is None or "threshold" not in said:
        return _lacking("It names no measure with a figure: it watches nothing yet.")
    condition = Condition(said.get("side", "above"), said["threshold"] / (100 if measure.is_share else 1), int(said.get("running", 1)))
    known, newest = _known(tx, measure, str(said.get("segment", "")), grounds.today, condition.running)
    last = max(known, default=None)
    told = _measure_words(measure, condition, str(said.get("segment", "")), last.grain if last else "month")
    if last is None:
        return _Tried(told, "no figures", None, 0, condition.running, False, ())
    values = known[last] | newest
    part = min(conditions.running(values, condition, last), condition.running)
    value = values[last]
    now = f"{part} of {condition.running} {noun(last.grain)}" if 0 < part < condition.running else f"{fmt.with_unit(value, measure)} in {last.bare}"
    left = condition.running - part
    until = f"if {last.shift(left).bare} is too" if left == 1 else f"if it stays so until {last.shift(left).bare}"
    half = f"{measure.label} {'were' if plural(measure.label) else 'was'} {_side(condition, measure)} in {last.bare}; {until}"
    return _Tried(told, now, last, part, condition.running, part == condition.running, _recent(conditions.firings(known, condition, _agreed(one)), grounds.today), half=half,
                  condition=None if said.get("segment") else condition)  # fmt: skip


def _measure_words(measure: Definition, condition: Condition, segment: str, grain: str) -> str:
    where = f" in {segment}" if segment else ""
    often = f"{count_word(condition.running)} {noun(grain)} running" if condition.running > 1 else f"in a {grain}"
    return f"{measure.label}{where} {_side(condition, measure)} {often}"


def _side(condition: Condition, measure: Definition) -> str:
    unit = fmt.unit_word(measure)
    return f"{condition.side} {fmt.goal_value(condition.threshold, measure)}{' ' + unit if unit else ''}"


def _recent(found: Sequence[Firing], today: date) -> tuple[Firing, ...]:
    first = containing(today, "month").shift(-MONTHS).start
    return tuple(one for one in found if one.fired.end >= first)


def known_of(tx: Tx, measure: Definition, segment: str, today: date, running: int = 1) -> dict[Period, dict[Period, float]]:
    """Period -> the figures as they were known when all of its parts had come for the first time after its end, of the last two years."""
    return _known(tx, measure, segment, today, running)[0]


def _known(tx: Tx, measure: Definition, segment: str, today: date, running: int) -> tuple[dict[Period, dict[Period, float]], dict[Period, float]]:
    """As `known_of`, and the figures as they are known now. What came before a period was over stands only until it comes again."""
    since = containing(today, "month").shift(-MONTHS - 3 * running).start
    rows = [one for one in measures.every_figure(tx, measure.name, since) if one.period.end < today]
    first: dict[tuple, rollup.StoredFigure] = {}
    for one in rows:
        if (before := first.get(_part(one))) is None or before.loaded_at.date() <= before.period.end:
            first[_part(one)] = one
    moments: dict[Period, rollup.StoredFigure] = {}
    for one in first.values():
        if one.period not in moments or one.loaded_at > moments[one.period].loaded_at:
            moments[one.period] = one
    at: dict = {}
    for period, one in moments.items():
        at.setdefault(one.loaded_at, []).append(period)
    found: dict[Period, dict[Period, float]] = {}
    newest: dict[tuple, rollup.StoredFigure] = {}
    for n, one in enumerate(rows):
        newest[_part(one)] = one
        if n + 1 == len(rows) or rows[n + 1].loaded_at != one.loaded_at:
            found.update(_known_then(newest, at.get(one.loaded_at, ()), measure, segment))
    return found, _values(newest, measure, segment)


def _part(one: rollup.StoredFigure) -> tuple:
    return one.period, one.segment, one.team, one.csm


def _values(newest: Mapping[tuple, rollup.StoredFigure], measure: Definition, segment: str) -> dict[Period, float]:
    ordered = sorted(newest.values(), key=lambda one: (one.period.start, one.segment, one.team, one.csm))
    points = rollup.series(ordered, measure.aggregate).get(segment, ())
    return {one.period: one.value for one in points if one.value is not None}


def _known_then(newest: Mapping[tuple, rollup.StoredFigure], periods: Sequence[Period], measure: Definition, segment: str) -> dict[Period, dict[Period, float]]:
    """The periods that became known at a moment, with the figures of that moment."""
    values = _values(newest, measure, segment) if periods else {}
    return {period: values for period in periods if period in values}


def _on_environment(tx: Tx, one: Entry, grounds: _Grounds) -> _Tried:
    said = one.values
    field, words, least = said.get("field", ""), str(said.get("words", "")), int(said.get("entries", 1))
    if not (field or words):
        return _lacking("It names neither a field of the environment nor words: it watches nothing yet.")
    of = registers.register(ENVIRONMENT)
    this = containing(grounds.today, "month")
    entries = registers.entries(tx, ENVIRONMENT, where={"field": field} if field else None, words=words, until=grounds.today)
    known = [containing(each.at, "month") for each in entries if each.made_at.date() <= containing(each.at, "month").end + timedelta(KNOWN_DAYS)]
    values = conditions.counts(known, this.shift(-MONTHS), this)
    fired = conditions.firings({period: values for period in values}, Condition("above", least - 1), _agreed(one))
    told = _environment_words(of.field("field").choices.get(field, "") if field else "", words, least)
    latest = this if values[this] else this.shift(-1)
    many = int(values[latest])
    soon = " so far" if latest == this else ""
    now = f"{many} {'entry' if many == 1 else 'entries'} in {latest.bare}{soon}" if many else "none in the log"
    part = min(many, least) if latest == this else 0  # a month that is over with too few is no step towards the next
    return _Tried(told, now, latest, part, least, part == least, fired, half=f"{one.title} has {now}; with {count_word(least)}")


def _environment_words(field: str, words: str, least: int) -> str:
    many = "An entry" if least == 1 else f"{count_word(least).capitalize()} entries"
    about = f" on {field}" if field else ""
    said = f" that {'says' if least == 1 else 'say'} “{words}”" if words else ""
    return f"{many}{about}{said}{'' if least == 1 else ' in a month'}"


# -- the agenda of a review


def home(tx: Tx, measure: str) -> Scorecard | None:
    """The scorecard whose review takes a trigger up: the first with its measure, else the first of all."""
    cards = definitions.scorecards(tx)
    return next((card for card in cards if measure and measure in card.measures), cards[0] if cards else None)


def on_agenda(tx: Tx, scorecard: str, period: Period, today: date, written: Iterable[str]) -> list[tuple[Watched, Fired]]:
    """What fired and is to be decided in the review of a month, in the order of time; also what was written about in it.

    It stands on one agenda: of the first review, of the month in which it fired or of the two after it, that is not signed yet.
    """
    if period.grain != "month" or not registers.count(tx, TRIGGER):
        return []
    there = set(written)
    found = [(one, each) for one in read_in(tx, today).found for each in one.fired if not each.dry]
    taken = [(one, each) for one, each in found if each.item in there or _is_due(tx, scorecard, period, today, one, each)]
    return sorted(taken, key=lambda pair: (pair[1].period, pair[0].title))


def _is_due(tx: Tx, scorecard: str, period: Period, today: date, one: Watched, each: Fired) -> bool:
    first = _month(each.period)
    elsewhere = each.stands is not None and each.stands != period
    if one.resting or each.answered or elsewhere or not first <= period <= first.shift(AGENDA_MONTHS - 1):
        return False
    card = home(tx, one.measure)
    if card is None or card.id != scorecard:
        return False
    signed = {month for id, month in reviews.signed(tx) if id == scorecard}
    opened = {month for month, meeting in reviews.meetings(tx, scorecard, "month").items() if meeting.version}
    takes_place = opened | {containing(today, "month").shift(-1)}
    reviews_then = [month for month in sorted(takes_place) if first <= month and month not in signed]
    return bool(reviews_then) and reviews_then[0] == period


def start_plan(store: Store, tx: Tx, actor: Actor, item: str, today: date) -> None:
    """Nothing; the plan that answers the trigger of an item is under way, where it is written and has an owner.

    Inside the transaction of the decision. Who calls this has asked for permission.
    """
    trigger = item.split(":")[1]
    of = registers.register(RESPONSE)
    written = [one for one in registers.entries(tx, RESPONSE, state=("ready", "draft", DONE)) if one.values["trigger"] == trigger]
    ready = [one for one in written if one.values.get("steps") and one.values.get("owner")]
    for one in sorted(ready, key=lambda one: (one.state == "ready", one.made_at))[-1:]:
        said = {"started_on": today, "ended_on": None}
        registers.alter(store, tx, actor, of, one.id, said, one.version, f"Decided in the review: {item}", RUNNING, today)


# -- what is said about it


def sentences(found: Overview) -> list[Sentence]:
    """What fired and waits, what nobody took up, what is half way, what has no plan: at most three."""
    watched, today = found.watched, found.today
    late = [(one, each) for one in watched for each in one.overlooked(today)]
    waiting = [(one, each) for one in watched for each in one.waiting(today)]
    half = [one for one in watched if one.half_way]
    said = [*_overlooked(late), *_waiting(waiting), *_half(half)]
    bare = [one for one in watched if not one.has_plan]
    if bare:
        rest = f"{_many(len(bare))} no plan: {', '.join(one.title for one in bare)}."
        said = [*said[:-1], Sentence(said[-1].bold, f"{said[-1].rest} {rest}")] if said else [Sentence(f"{_many(len(bare))} no plan:", f"{', '.join(one.title for one in bare)}.")]
    return said[:3]


def _many(n: int) -> str:
    return "One trigger has" if n == 1 else f"{count_word(n).capitalize()} triggers have"


def _overlooked(late: Sequence[tuple[Watched, Fired]]) -> list[Sentence]:
    if not late:
        return []
    one, each = late[0]
    more = f" And {len(late) - 1} more." if len(late) > 1 else ""
    plan = f"its plan, {one.response.title}, should have started" if one.has_plan else "it should have been answered"
    return [Sentence(f"{one.title} fired in {each.period.label}, and no review took it up:", f"{plan}.{more}")]


def _waiting(waiting: Sequence[tuple[Watched, Fired]]) -> list[Sentence]:
    if not waiting:
        return []
    named = ", ".join(f"{one.title} ({each.period.label})" for one, each in waiting[:3])
    verb = "One trigger fired" if len(waiting) == 1 else f"{count_word(len(waiting)).capitalize()} triggers fired"
    return [Sentence(f"{verb} and {'waits' if len(waiting) == 1 else 'wait'} for the review:", f"{named}.")]


def _half(half: Sequence[Watched]) -> list[Sentence]:
    if not half:
        return []
    head = "One trigger is half way:" if len(half) == 1 else f"{count_word(len(half)).capitalize()} triggers are half way:"
    return [Sentence(head, f"{'; '.join(_waits(one) for one in half[:2])}.")]


def _waits(one: Watched) -> str:
    return f"{one.half}, {one.response.title} starts" if one.has_plan else f"{one.half}, it fires"

"""Core competencies and partners: what was agreed to measure, the readings over time, reviews that are due (W3, W4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from scorecard import projects, registers
from scorecard.core import fmt, names
from scorecard.core.reading import Sentence, count_word
from scorecard.store import definitions, measures

if TYPE_CHECKING:
    from scorecard.registers import Entry
    from scorecard.store.engine import Store
    from scorecard.store.tx import Tx

COMPETENCY, PARTNER, REVIEW = "competency", "partner", "partner_review"
RETIRED, ENDED = "retired", "ended"
HELD, MISSED, PLANNED = "held", "missed", "planned"
RHYTHM_DAYS = {"monthly": 31, "quarterly": 92, "yearly": 366}
HISTORY = 24  # figures of a measure that stand as readings
LEAST_READINGS = 3  # readings that move one way before anything is said of a direction


@dataclass(frozen=True)
class Read:
    """A measure with its readings in order of time. `better` is `higher` or `lower`; `goal` None where none was agreed.

    `charted`: the readings are figures of a measure, whose own chart tells a direction.
    """

    name: str
    unit: str
    goal: float | None
    better: str
    readings: tuple[tuple[date, float], ...]
    charted: bool = False

    @property
    def last(self) -> float | None:
        return self.readings[-1][1] if self.readings else None

    @property
    def meets(self) -> bool | None:
        """Whether the last reading meets the goal; None without one of them."""
        if self.last is None or self.goal is None:
            return None
        return self.last <= self.goal if self.better == "lower" else self.last >= self.goal

    @property
    def slides(self) -> bool:
        """Whether each of the last LEAST_READINGS readings is worse than the one before: a count, and no proof."""
        values = [value for _, value in self.readings[-LEAST_READINGS:]]
        pairs = list(zip(values, values[1:], strict=False))
        return not self.charted and len(values) == LEAST_READINGS and all(b > a if self.better == "lower" else b < a for a, b in pairs)


@dataclass(frozen=True)
class Competency:
    """A core competency with what it rests on and its measure."""

    id: str
    name: str
    keeper: str
    teachers: tuple[str, ...]
    risk: str
    measured_by: str
    read: Read
    due: bool


@dataclass(frozen=True)
class Partner:
    """A third party with its agreed measures, the last review that was held and the day of the next, and the projects with them.

    `shared`: the readings of the last review were shared with them; `missed` counts reviews that did not take place.
    """

    id: str
    name: str
    delivers: str
    read: tuple[Read, ...]
    reviewed_on: date | None
    shared: bool
    missed: int
    next_on: date | None
    due: bool
    projects: tuple[tuple[str, str], ...]
    they_change: str


@dataclass(frozen=True)
class Overview:
    """Everything in force, by name."""

    competencies: tuple[Competency, ...]
    partners: tuple[Partner, ...]
    sentences: tuple[Sentence, ...]


def read(store: Store, today: date) -> Overview:
    """Competencies and partners as they stand."""
    with store.read() as tx:
        kept = [one for one in registers.entries(tx, COMPETENCY) if one.state != RETIRED]
        known = [one for one in registers.entries(tx, PARTNER) if one.state != ENDED]
        reviews = registers.entries(tx, REVIEW, order="date")
        figures = _figures(tx, sorted({str(one.values["measure"]) for one in kept if one.values.get("measure")}), today)
        people, titles = dict(tx.all("SELECT id, name FROM person")), {one.id: one.title for one in projects.listed(tx)}
    competencies = tuple(_competency(one, people, figures, today) for one in kept)
    partners = tuple(_partner(one, [each for each in reviews if each.values.get("partner") == one.id], titles, today) for one in known)
    return Overview(competencies, partners, tuple(_sentences(competencies, partners)))


def _due(entry: Entry, today: date) -> bool:
    on = entry.values.get("next_review")
    return bool(on) and date.fromisoformat(on) < today


@dataclass(frozen=True)
class _Figures:
    """A measure as readings: its label, the unit in which they are said, and (day, value) of each complete period."""

    label: str
    unit: str
    readings: tuple[tuple[date, float], ...]


def _figures(tx: Tx, wanted: Sequence[str], today: date) -> dict[str, _Figures]:
    """The complete figures of all accounts together, by the name of the measure; shares in percent, as goals of competencies are written."""
    known, found = definitions.current(tx), {}
    own = [name for name in wanted if name in known]
    for one in measures.figures(tx, own):
        if one.value is not None and one.period.end < today and not (one.segment or one.team or one.csm or one.partial):
            found.setdefault(one.measure, {})[one.period.end] = round(one.value * (100 if known[one.measure].unit == "percent" else 1), 1)
    return {name: _Figures(known[name].label, fmt.unit_word(known[name]) or ("%" if known[name].unit == "percent" else ""),
                           tuple(sorted(found.get(name, {}).items())[-HISTORY:])) for name in own}  # fmt: skip


def _competency(entry: Entry, people: Mapping[str, str], figures: Mapping[str, _Figures], today: date) -> Competency:
    said, own = entry.values, figures.get(str(entry.values.get("measure", "")))
    readings = own.readings if own else sorted((date.fromisoformat(row["on"]), float(row["value"])) for row in said.get("readings", ()))
    one = Read(str(said.get("measured_by", "")) or (own.label if own else ""), own.unit if own else "", said.get("goal"), str(said.get("better", "higher")), tuple(readings), own is not None)
    keeper = str(said.get("keeper", ""))
    teachers = tuple(people[id] for id in said.get("teachers", ()) if id in people)
    return Competency(entry.id, entry.title, people.get(keeper, keeper), teachers, str(said.get("risk", "")), one.name, one, _due(entry, today))


def _partner(entry: Entry, reviews: Sequence[Entry], titles: Mapping[str, str], today: date) -> Partner:
    said, held = entry.values, [one for one in reviews if one.state == HELD]
    last = held[-1] if held else None
    next_on = _next(said, reviews, last.at if last else None)
    return Partner(entry.id, entry.title, str(said.get("delivers", "")), tuple(_agreed(row, held) for row in said.get("measures", ())), last.at if last else None,
                   bool(last and last.values.get("shared")), sum(one.state == MISSED for one in reviews), next_on, next_on is not None and next_on < today,
                   tuple((id, titles[id]) for id in said.get("projects", ()) if id in titles), str(last.values.get("they_change", "")) if last else "")


def _next(said: Mapping[str, Any], reviews: Sequence[Entry], last: date | None) -> date | None:
    """The day of the next review: the first that is planned or written down after the last, else a rhythm after it."""
    written = [one.at for one in reviews if one.state == PLANNED] + ([date.fromisoformat(said["next_review"])] if said.get("next_review") else [])
    open_ = [day for day in written if day and (last is None or day > last)]
    if open_:
        return min(open_)
    rhythm = RHYTHM_DAYS.get(str(said.get("rhythm", "")))
    return last + timedelta(rhythm) if last and rhythm else None


def _agreed(row: Mapping[str, Any], reviews: Sequence[Entry]) -> Read:
    """One agreed measure with the reading of each review."""
    key = names.bare(str(row["measure"]))
    readings = [(one.at, float(each["reading"])) for one in reviews for each in one.values.get("readings", ()) if names.bare(str(each["measure"])) == key]
    return Read(str(row["measure"]), str(row.get("unit", "")), row.get("goal"), str(row.get("better", "higher")), tuple(readings))


def _sentences(competencies: Sequence[Competency], partners: Sequence[Partner]) -> list[Sentence]:
    said = []
    late = [one for one in partners if one.due]
    if late:
        who = f"{late[0].name} is" if len(late) == 1 else f"{count_word(len(late)).capitalize()} partners are"
        said.append(Sentence(f"{who} past {'its' if len(late) == 1 else 'their'} review.", "The day of the next one is over."))
    for one in competencies:
        if one.risk == "one" and (one.read.slides or one.read.meets is False):
            said.append(Sentence(f"{one.name} rests on one person", f"and its last reading is {_value(one.read)}{', worse each time' if one.read.slides else ''}."))
    for one in partners:
        missed = [each for each in one.read if each.meets is False]
        if missed:
            told = "; ".join(f"{each.name} {_value(each)}" for each in missed[:2])
            said.append(Sentence(f"{one.name} misses {count_word(len(missed))} of {count_word(len(one.read))} agreed {'measure' if len(one.read) == 1 else 'measures'}:",
                                 f"{told}.{'' if one.projects else ' No project with them is under way.'}"))
    return said


def _value(one: Read) -> str:
    """`4.2 days, goal 3`."""
    goal = f", goal {one.goal:g}" if one.goal is not None else ""
    return f"{one.last:g}{f' {one.unit}' if one.unit else ''}{goal}"

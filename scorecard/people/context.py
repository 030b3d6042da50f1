"""Figures of CSMs in their statistical context: a year of counts against the whole team, each row for who may see it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from scorecard import access, whose
from scorecard.access import Actor
from scorecard.core import fmt, funnel, names
from scorecard.core.definition import Definition
from scorecard.core.funnel import Count, Funnel, Line
from scorecard.core.periods import Period, containing
from scorecard.core.reading import Sentence, count_word
from scorecard.core.unit_rows import source
from scorecard.store import definitions, measures
from scorecard.store.engine import Store, Tx
from scorecard.store.measures import PersonCount
from scorecard.store.members import Person
from scorecard.whose import Sight

MONTHS, SPANS = 12, (12, 24, 36)
MOST_SHOWN = 3
FIRST = ("contact_schedule_kept", "contracts_renewed")
TEAM_ONLY, OWN, LED = "team", "own", "led"


@dataclass(frozen=True)
class Row:
    """A person's line, their id and name, initials, whether it is the reader's own, and their place in the alphabet."""

    person: str
    name: str
    initials: str
    own: bool
    line: Line
    place: tuple


@dataclass(frozen=True)
class Shown:
    """One measure over its last complete months, 12 unless asked otherwise. `whole` is the funnel over everybody, without its lines; `rows` are those
    that the reader may see, in alphabetical order. The counts are of everybody, of nobody in particular."""

    measure: Definition
    first: Period
    last: Period
    whole: Funnel
    rows: tuple[Row, ...]
    people: int
    differing: int
    outside_95: int
    too_few: int
    largest: float
    smallest: float

    @property
    def pooled(self) -> str:
        """The team's figure, such as `84.8%`."""
        return fmt.value(self.whole.pooled, self.measure)

    @property
    def label(self) -> str:
        """The measure's name within a sentence."""
        text = self.measure.label
        return text if text[:2].isupper() else text[:1].lower() + text[1:]

    @property
    def months(self) -> int:
        """How many months it reaches over."""
        return (self.last.end.year - self.first.start.year) * 12 + self.last.end.month - self.first.start.month + 1

    @property
    def times(self) -> str:
        """What is counted when chance is told: years, or such charts."""
        return "years" if self.months == MONTHS else "such charts"


@dataclass(frozen=True)
class Context:
    """The measures one may choose from, those chosen, what is said first.

    `sees` tells whose rows the reader sees; `strangers` counts names in figures that belong to nobody among the people.
    """

    offered: tuple[Definition, ...]
    shown: tuple[Shown, ...]
    sees: str
    strangers: int
    sentences: tuple[Sentence, ...]

    @property
    def others(self) -> tuple[str, ...]:
        """The people other than the reader of whom there is a row."""
        return tuple(sorted({row.person for one in self.shown for row in one.rows if not row.own}))


# -- which measures

def offered(tx: Tx, have: Iterable[str]) -> tuple[Definition, ...]:
    """Those of the measures that count cases, by label."""
    known = definitions.current(tx)
    return tuple(sorted((known[name] for name in have if name in known and counts(known[name])), key=lambda one: names.order(one.label)))


def counts(one: Definition) -> str:
    """`share` of cases, `rate` of events, or "" for what is not counted, as money and scores are."""
    if one.aggregate != "ratio" or one.window != "period":
        return ""
    if one.chart in ("u", "up"):
        return funnel.RATE
    own = source(one)
    return funnel.SHARE if one.unit == "percent" and (own is None or own.compute == "share") else ""


# -- what is read

def read(store: Store, actor: Actor, today: date, wanted: Sequence[str] = (), months: int = MONTHS) -> Context:
    """The wanted measures (the first two offered without any) in their context, over their last complete months."""
    access.require(actor, "read_scorecard")
    with store.read() as tx:
        have, sight = measures.with_people(tx, today), whose.sight(tx, actor)
        choice = offered(tx, have)
        chosen = [one.name for one in _chosen(choice, wanted)]
        # Two months more than asked: the last one may be in part.
        since = containing(max((have[name] for name in chosen), default=today), "month").shift(-months - 1).start
        counted = measures.person_counts(tx, chosen, since, today)
    by_name = {one.name: one for one in choice}
    found = [shown for one in map(by_name.get, chosen) if (shown := _shown(one, [row for row in counted if row.measure == one.name], sight, actor, today, months))]
    led = any(not row.own for one in found for row in one.rows)
    sees = LED if led else OWN if any(one.rows for one in found) else TEAM_ONLY
    return Context(choice, tuple(found), sees, sight.strangers({one.csm for one in counted}), sentences(found))


def _chosen(choice: Sequence[Definition], wanted: Sequence[str]) -> list[Definition]:
    by_name = {one.name: one for one in choice}
    asked = [by_name[name] for name in dict.fromkeys(wanted) if name in by_name]
    usual = [by_name[name] for name in FIRST if name in by_name]
    return asked[:MOST_SHOWN] or (usual + [one for one in choice if one.name not in FIRST])[:2]


def _shown(measure: Definition, counted: Sequence[PersonCount], sight: Sight, actor: Actor, today: date, months: int) -> Shown | None:
    """The measure over its last complete months; None without counts, or where they are no whole numbers."""
    ended = {period for period in {one.period for one in counted} if period.end < today}
    over, kind = [one for one in counted if one.period in ended and not one.partial and one.denominator], counts(measure)
    if not over or not all(_countable(one, kind) for one in over):
        return None
    periods = sorted({one.period for one in over}, key=lambda one: one.start)
    begin = containing(periods[-1].end, "month").shift(1 - months).start
    inside = [one for one in periods if one.start >= begin]
    bare = {csm: sight.key(csm) for csm in {one.csm for one in over}}
    found = [Count(bare[one.csm], one.numerator, one.denominator) for one in over if one.period.start >= begin]
    return _told(measure, inside[0], inside[-1], funnel.funnel(found, kind, measure.worth_noticing or funnel.WORTH_NOTICING), sight, actor)


def _told(measure: Definition, first: Period, last: Period, found: Funnel, sight: Sight, actor: Actor) -> Shown:
    led = sorted(((person, one) for one in found.lines if (person := sight.person(one.group))), key=lambda pair: _alphabet(pair[0]))
    rows = tuple(Row(person.id, person.name, _initials(person.name), person.id == actor.person, line, _alphabet(person)) for person, line in led) if found.enough else ()
    sizes = [one.n for one in found.lines]
    near = sum(one.outside_95 and not one.outside_998 for one in found.lines)
    return Shown(measure, first, last, replace(found, lines=()), rows, len(sizes), len(found.differing), near, len(found.too_few), max(sizes), min(sizes))


def _countable(one: PersonCount, kind: str) -> bool:
    top, bottom = one.numerator, one.denominator
    if top is None or top != round(top) or top < 0:
        return False
    return kind == funnel.RATE or bottom == round(bottom) and top <= bottom


def _alphabet(one: Person) -> tuple:
    return names.order(one.sort_name), names.order(one.name), one.id


def _initials(name: str) -> str:
    words = name.split()
    return (words[0][0] + words[-1][0]).upper() if len(words) > 1 else name[:2].upper()


# -- what is said

def sentences(found: Sequence[Shown]) -> tuple[Sentence, ...]:
    """Who differs, in numbers and never by name; where nobody does, that; how often chance does it; where too little is known."""
    compared = [one for one in found if one.whole.enough]
    said = [_differing(one) for one in compared if one.differing]
    calm = [one for one in compared if not one.differing and one.too_few < one.people]
    said += [_calm(calm)] if calm else []
    said += [_few(one) for one in compared if not one.differing and one.too_few == one.people]
    return (*said, *(_alone(one) for one in found if not one.whole.enough))


def on(one: Shown) -> str:
    """The measure and the team's figure in a sentence: `contact schedule kept (84.8%)`."""
    return f"{one.label} ({one.pooled})"


def _differing(one: Shown) -> Sentence:
    who = "One CSM differs" if one.differing == 1 else f"{count_word(one.differing).capitalize()} CSMs differ"
    return Sentence(f"{who} from the team beyond chance,", f"on {on(one)}. Ask what is different in the work before asking about the person.{_widened(one)}{_partly(one)}")


def _calm(calm: Sequence[Shown]) -> Sentence:
    named = " or on ".join(on(one) for one in calm)
    near = next((one for one in calm if one.outside_95 and one.whole.dispersion.factor == 1), None)
    rest = f"on {named}. What differs is in the system, and that is where to work."
    wide = "".join(_widened(one, len(calm) > 1) for one in calm)
    return Sentence("Nobody differs from the team beyond chance,", rest + wide + (_by_chance(near) if near else "") + "".join(_partly(one, len(calm) > 1) for one in calm))


def _widened(one: Shown, named: bool = False) -> str:
    """That people differ more than counting explains, which widens the limits."""
    spread = one.whole.dispersion
    if spread.factor <= 1:
        return ""
    where = f" on {one.label}" if named else ""
    return f" People differ{where} by more than counting alone explains, so the limits are {spread.factor:.1f} times as wide: look at what their accounts differ in."


def _by_chance(one: Shown) -> str:
    lie = "lies" if one.outside_95 == 1 else "lie"
    does = "does that" if one.outside_95 == 1 else "puts somebody there"
    return (f" {count_word(one.outside_95).capitalize()} of {count_word(one.people)} {lie} outside the 95% limits, inside the 99.8% limits. "
            f"With {count_word(one.people)} people chance alone {does} in {100 * one.whole.chance_95:.0f} {one.times} of 100: nothing to explain.")


def _partly(one: Shown, named: bool = False) -> str:
    if not one.too_few:
        return ""
    has, who = "has" if one.too_few == 1 else "have", f"{count_word(one.too_few)} of {count_word(one.people)}"
    return f" {f'On {one.label} {who}' if named else who.capitalize()} {has} too few accounts to tell."


def _few(one: Shown) -> Sentence:
    points = f"{100 * one.whole.worth_noticing:g} points"
    return Sentence("Too few accounts to tell,", f"on {on(one)}: a difference of {points} would not be noticed in any of the {count_word(one.people)}.{_widened(one)}")


def _alone(one: Shown) -> Sentence:
    return Sentence(f"Only the team is read on {on(one)}:", f"fewer than {count_word(funnel.LEAST_GROUPS)} CSMs have {funnel.LEAST_EACH} cases each.")

"""Touch points: what customers need to get done and to feel there, what we promise, how they felt; up to five critical moments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from scorecard import registers
from scorecard.core import feelings, fmt, handoffs, names, reading
from scorecard.core.definition import Definition
from scorecard.core.feelings import Feeling, Felt
from scorecard.core.intervals import Share
from scorecard.core.periods import containing
from scorecard.core.reading import Reading, Sentence, count_word
from scorecard.core.spc import Chart
from scorecard.store import definitions, measures

if TYPE_CHECKING:
    from scorecard.registers import Entry
    from scorecard.store.engine import Store
    from scorecard.store.tx import Tx

REGISTER, FEELING = "touch_point", "feeling"
RECENT_MONTHS, HISTORY_MONTHS = 12, 60
_GOOD = Definition("", "", unit="percent", improvement_direction="increase", bounds=(0.0, 1.0), format="0")


@dataclass(frozen=True)
class Measured:
    """The measure that a touch point names, with its latest figure as text and its month."""

    name: str
    label: str
    value: str
    month: str


@dataclass(frozen=True)
class TouchPoint:
    """Where the customer meets us. `felt` counts the answers of RECENT_MONTHS; `chart` is None where they are too few."""

    id: str
    name: str
    stage: str
    channel: str
    effective: str
    affective: str
    critique: str
    promise: str
    owner: str
    critical: bool
    place: float
    critiqued_on: date | None
    measure: Measured | None
    felt: Felt
    chart: Chart | None
    reading: Reading | None

    @property
    def measured(self) -> bool:
        """Whether its measure has a figure, or enough customers said how they felt."""
        return bool(self.measure and self.measure.value) or self.felt.enough

    @property
    def lacks(self) -> tuple[str, ...]:
        """What nobody wrote yet."""
        said = (("the effective need", self.effective), ("the affective need", self.affective), ("a promise", self.promise), ("a critique", self.critique))
        return tuple(name for name, text in said if not text)


@dataclass(frozen=True)
class Overview:
    """All touch points in the order in which they are met; `least` is (the one that felt good to fewest, whether beyond chance)."""

    points: tuple[TouchPoint, ...]
    least: TouchPoint | None
    beyond_chance: bool
    sentences: tuple[Sentence, ...]

    @property
    def critical(self) -> tuple[TouchPoint, ...]:
        return tuple(one for one in self.points if one.critical)


def read(store: Store, today: date, accounts: frozenset[str] | None = None) -> Overview:
    """The touch points, with the feelings of some accounts when they are named."""
    with store.read() as tx:
        entries = registers.entries(tx, REGISTER)
        answers = registers.entries(tx, FEELING, since=containing(today, "month").shift(-HISTORY_MONTHS).start, until=today, order="date")
        measured = _measured(tx, sorted({str(one.values["measure"]) for one in entries if one.values.get("measure")}))
    found = [Feeling(str(one.values["touch_point"]), one.at, int(one.values["score"])) for one in answers if accounts is None or one.account in accounts]
    return told(entries, found, measured, today)


def _measured(tx: Tx, wanted: Sequence[str]) -> dict[str, Measured]:
    """The measures by their names, with the latest complete figure of all accounts together."""
    known = definitions.current(tx)
    latest = {}
    for one in measures.figures(tx, [name for name in wanted if name in known]):
        if one.value is not None and not (one.segment or one.team or one.csm or one.partial):
            latest[one.measure] = max(latest.get(one.measure, one), one, key=lambda figure: figure.period.start)
    return {name: Measured(name, known[name].label, fmt.with_unit(latest[name].value, known[name]) if name in latest else "",
                           latest[name].period.short if name in latest else "") for name in wanted if name in known}  # fmt: skip


def told(entries: Sequence[Entry], found: Sequence[Feeling], measured: dict[str, Measured], today: date) -> Overview:
    """The same of entries, answers and measures."""
    own: dict[str, list[Feeling]] = {one.id: [] for one in entries}
    for one in found:
        own.get(one.touch_point, []).append(one)
    points = tuple(sorted((_point(one, own[one.id], measured, today) for one in entries), key=lambda one: (one.place, names.order(one.name), one.id)))
    shares = {one.id: Share(one.felt.n - one.felt.good.hits, one.felt.n) for one in points if one.felt.enough}
    named = handoffs.worst(shares) if len(shares) > 1 else None
    least = next((one for one in points if named and one.id == named[0]), None)
    beyond = bool(named and named[1])
    return Overview(points, least, beyond, tuple(_sentences(points, least, beyond)))


def _point(entry: Entry, own: Sequence[Feeling], measured: dict[str, Measured], today: date) -> TouchPoint:
    said, on = entry.values, entry.values.get("critiqued_on")
    text = {name: str(said.get(name, "")) for name in ("stage", "channel", "effective", "affective", "critique", "promise", "owner")}
    since = containing(today, "month").shift(-RECENT_MONTHS).start
    chart = feelings.chart(own, containing(today, "month").start - timedelta(days=1))
    return TouchPoint(
        entry.id, entry.title, **text, critical=said.get("critical") is True, place=float(said.get("place") or 1_000),
        critiqued_on=date.fromisoformat(on) if on else None, measure=measured.get(str(said.get("measure", ""))),
        felt=feelings.felt(one for one in own if since <= one.on <= today), chart=chart, reading=reading.read(chart, _GOOD) if chart else None,
    )  # fmt: skip


def channel(stored: str) -> str:
    """A channel as it is read."""
    return (registers.register(REGISTER).field("channel").choices or {}).get(stored, stored)


# -- sentences


def _sentences(points: Sequence[TouchPoint], least: TouchPoint | None, beyond: bool) -> list[Sentence]:
    said = [sentence for sentence in (_critical([one for one in points if one.critical]),) if sentence]
    said += [_signal(one) for one in points if one.reading and one.reading.variation in ("improving", "worsening")]
    if least and beyond:
        said.append(Sentence(f"{least.name} feels worse than the rest of the way:", f"{good_words(least.felt)}."))
    elif least:
        said.append(Sentence("No touch point feels worse than the others beyond chance."))
    return said


def _critical(critical: Sequence[TouchPoint]) -> Sentence | None:
    if not critical:
        return None
    n, without = len(critical), [one.name for one in critical if not one.measured]
    word = count_word(n).capitalize()
    if not without:
        return Sentence(f"{word} critical {'moment is' if n == 1 else 'moments are'} named, and {'it is' if n == 1 else 'all are'} measured.")
    return Sentence(f"{word} critical {'moment is' if n == 1 else 'moments are'} named, {count_word(n - len(without))} measured.",
                    f"Nothing is counted yet at {', '.join(without)}.")


def _signal(one: TouchPoint) -> Sentence:
    found = one.reading
    word = "better" if found.variation == "improving" else "worse"
    return Sentence(f"{one.name} feels {word} since {found.since.label}:", f"{fmt.value(found.value, _GOOD)} felt good in {found.period.label}, {found.behaviour[0].lower()}.")


def good_words(one: Felt) -> str:
    """`62 of 80 felt good (78%, 67 to 85%)`; below LEAST answers only how many there are."""
    if not one.enough:
        return f"{one.n} {'answer' if one.n == 1 else 'answers'}, no evidence yet" if one.n else "nobody was asked yet"
    low, high = one.good.interval
    return f"{one.good.hits:,} of {one.n:,} felt good ({one.good.value:.0%}, {100 * low:.0f} to {high:.0%})"

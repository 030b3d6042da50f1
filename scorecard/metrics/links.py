"""The stated causes of measures: how each stands now, and what the figures say of every link."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from scorecard.core import fmt, links, spc
from scorecard.core.definition import Definition, Driver
from scorecard.core.links import Evidence
from scorecard.core.periods import Period
from scorecard.metrics.book import ALL, Book, Key, read_book
from scorecard.metrics.page import Records, records_of, said_on
from scorecard.store import definitions
from scorecard.store.engine import Store, Tx

Stated = Mapping[tuple[str, str], datetime]


@dataclass(frozen=True)
class Standing:
    """A measure as a box of the map: its latest figure against its goal, and its status."""

    measure: Definition
    value_text: str
    goal_text: str
    status: str


@dataclass(frozen=True)
class LinkView:
    """A stated link with its evidence. `sign` is +1 or −1, `lag` counts periods of `grain`; `stated` is UTC."""

    number: int
    cause: str
    effect: str
    sign: int
    lag: int
    why: str
    grain: str
    stated: datetime | None
    evidence: Evidence


@dataclass(frozen=True)
class LinkMap:
    """Links, numbered from 1 in the order of their effects, and the boxes that they join."""

    standings: Mapping[str, Standing]
    links: tuple[LinkView, ...]

    def label(self, measure: str) -> str:
        return self.standings[measure].measure.label


def measure_links(store: Store, measure: str, period: Period | None, today: date, scorecard_id: str = "") -> LinkMap:
    """The links to and from one measure in a period (None: the latest of each), of all segments together."""
    with store.read() as tx:
        known = definitions.current(tx)
        near = {
            name
            for effect, driver in stated_links(known)
            for name in (effect, driver.measure)
            if measure in (effect, driver.measure)
        }
        if not near:
            return LinkMap({}, ())
        book = read_book(tx, [name for name in known if name in near], today)
        return link_map(tx, book, near_to(book, measure), period, scorecard_id)


def stated_links(known: Mapping[str, Definition]) -> list[tuple[str, Driver]]:
    """(effect, driver) of all definitions whose cause is defined, in the order of the definitions."""
    return [(name, driver) for name, one in known.items() for driver in one.drivers if driver.measure in known]


def near_to(book: Book, measure: str) -> list[tuple[str, Driver]]:
    """The links that begin or end at a measure."""
    return [
        (effect, driver) for effect, driver in stated_links(book.definitions) if measure in (effect, driver.measure)
    ]


def link_map(
    tx: Tx, book: Book, found: Sequence[tuple[str, Driver]], period: Period | None, scorecard_id: str
) -> LinkMap:
    """The map of some links, read from a book that holds all their measures."""
    names = dict.fromkeys(name for effect, driver in found for name in (driver.measure, effect))
    card = next((card for card in book.cards if card.id == scorecard_id), None)
    rules = card.rule_set if card else book.default_rules
    keys = {name: _key(book, name, period, rules) for name in names}
    book.prepare(keys.values())
    records = records_of(tx, book, ALL, period) if period else {}
    stated = definitions.stated(tx)
    views = tuple(_link(book, number, effect, driver, keys, stated) for number, (effect, driver) in enumerate(found, 1))
    return LinkMap({name: _standing(book, keys[name], scorecard_id, records) for name in names}, views)


def _key(book: Book, measure: str, period: Period | None, rules: str) -> Key:
    own = book.own_period(measure, period) if period else book.latest(measure)
    return measure, ALL, own or Period(book.today.replace(day=1), "month").shift(-1), rules


def _standing(book: Book, key: Key, card: str, records: Records) -> Standing:
    said, _ = said_on(book, card, key, records)
    measure, goal = book.definitions[key[0]], said.reading.goal
    return Standing(
        measure, fmt.with_unit(said.value, measure), fmt.goal(goal.value, measure) if goal else "", said.reading.status
    )


def _link(book: Book, number: int, effect: str, driver: Driver, keys: Mapping[str, Key], stated: Stated) -> LinkView:
    grains = [book.grains.get(name, "month") for name in (driver.measure, effect)]
    evidence = (
        _evidence(book, keys[driver.measure], keys[effect], driver)
        if grains[0] == grains[1]
        else Evidence(
            0, None, None, None, None, "no_evidence_yet", f"the cause is by {grains[0]}, the effect by {grains[1]}"
        )
    )
    return LinkView(
        number,
        driver.measure,
        effect,
        driver.sign,
        driver.lag,
        driver.why,
        grains[1],
        stated.get((effect, driver.measure)),
        evidence,
    )


def _evidence(book: Book, cause: Key, effect: Key, driver: Driver) -> Evidence:
    return links.read(_counted(book.chart(cause)), _counted(book.chart(effect)), driver.lag, driver.sign)


def _counted(chart: spc.Chart) -> dict[int, float]:
    """The values by the ordinal of their period: complete and not left out."""
    return {point.period.ordinal: point.value for point in spc.usable(chart.points)}


def causes_of(found: LinkMap, measure: str) -> tuple[LinkView, ...]:
    """The links that end at a measure."""
    return tuple(link for link in found.links if link.effect == measure)


def effects_of(found: LinkMap, measure: str) -> tuple[LinkView, ...]:
    """The links that begin at a measure."""
    return tuple(link for link in found.links if link.cause == measure)


def with_verdict(found: Iterable[LinkView], verdict: str) -> list[LinkView]:
    return [link for link in found if link.evidence.verdict == verdict]

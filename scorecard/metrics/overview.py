"""All measures on one page: lines, links, roll-ups and benchmarks of the latest period."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from scorecard import actions
from scorecard.core import fmt
from scorecard.core.definition import Definition
from scorecard.core.periods import Period
from scorecard.core.reading import Reading
from scorecard.core.record import Said
from scorecard.metrics.book import ALL, Book, Key, read_book
from scorecard.metrics.links import LinkMap, link_map, stated_links
from scorecard.metrics.page import card_of, last_signal, latest_of
from scorecard.metrics.rollups import Rollup, Upward, rollup_of, upwards
from scorecard.store import definitions, members
from scorecard.store.definitions import Scorecard
from scorecard.store.engine import Store, Tx

TWO_YEARS = timedelta(days=730)


@dataclass(frozen=True)
class MeasureLine:
    """A measure in the list of all measures; `slot` is None for one without a slot, `used_on` names its scorecards.

    `led_to` are the actions of the last two years that were meant to move it, the newest first; `new_level` is the first
    period of limits that were begun anew and have held since.
    """

    measure: Definition
    slot: int | None
    reading: Reading
    last_signal: Period | None
    last_side: str
    used_on: tuple[str, ...] = ()
    value: float | None = None
    value_text: str = fmt.NO_VALUE
    version: int = 0
    led_to: tuple[str, ...] = ()
    new_level: Period | None = None


@dataclass(frozen=True)
class Overview:
    """The page of all measures. `rollups` are by measure, of those that have parts or several scorecards.

    `changed` is (UTC, who) of the newest version of any definition.
    """

    name: str
    lines: tuple[MeasureLine, ...]
    links: LinkMap
    rollups: Mapping[str, Rollup]
    versions: int
    changed: tuple[datetime, str] | None
    upwards: tuple[Upward, ...] = ()


def measure_lines(store: Store, scorecard_id: str, today: date) -> tuple[MeasureLine, ...]:
    """Every measure with its reading of the latest period and its last signal: the slots first, then by label."""
    with store.read() as tx:
        card = card_of(tx, scorecard_id)
        return _lines(tx, read_book(tx, list(definitions.current(tx)), today), card)


def overview(store: Store, scorecard_id: str, today: date) -> Overview:
    """Everything about all measures, read with the rule set of one scorecard."""
    with store.read() as tx:
        card = card_of(tx, scorecard_id)
        book = read_book(tx, list(definitions.current(tx)), today)
        lines = _lines(tx, book, card)
        found = link_map(tx, book, stated_links({line.measure.name: line.measure for line in lines}), None, card.id)
        labels = {line.measure.name: line.measure.label for line in lines}
        return Overview(
            card.name,
            lines,
            found,
            _rollups(tx, book, card),
            *definitions.changes(tx),
            upwards=upwards(book.cards, labels),
        )


def _lines(tx: Tx, book: Book, card: Scorecard) -> tuple[MeasureLine, ...]:
    slots = {name: slot for slot, name in card.slots}
    names = sorted(book.definitions, key=lambda name: (slots.get(name, 99), book.definitions[name].label.casefold()))
    keys = {name: (name, ALL, book.latest(name) or latest_of(book), card.rule_set) for name in names}
    book.prepare(keys.values())
    led_to = _led_to(tx, book.today)
    return tuple(_line(book, slots.get(name), keys[name], led_to.get(name, ())) for name in names)


def _led_to(tx: Tx, today: date) -> dict[str, tuple[str, ...]]:
    """Measure -> the titles of the actions of the last two years that were meant to move it, the newest first."""
    found: dict[str, tuple[str, ...]] = {}
    for one in sorted(actions.listed(tx), key=lambda one: (one.made_at, one.id), reverse=True):
        if one.state != "dropped" and one.made_at.date() > today - TWO_YEARS:
            found[one.measure] = (*found.get(one.measure, ()), one.title)
    return found


def _line(book: Book, slot: int | None, key: Key, led_to: tuple[str, ...]) -> MeasureLine:
    measure, said = book.definitions[key[0]], book.said(key)
    used = tuple(card.name for card in book.cards if key[0] in card.measures)
    chart = book.chart(key)
    return MeasureLine(
        measure,
        slot,
        said.reading,
        *last_signal(chart, measure),
        used,
        said.value,
        _text(said, measure),
        book.versions.get(key[0], 0),
        led_to,
        chart.phases[-1].start if said.reading.shape == "new_level" else None,
    )


def _text(said: Said, measure: Definition) -> str:
    return fmt.with_unit(said.value, measure)


def _rollups(tx: Tx, book: Book, card: Scorecard) -> dict[str, Rollup]:
    teams = {team.id: team.name for team in members.teams(tx)}
    found = {name: rollup_of(book, name, teams, card.id) for name in book.definitions}
    return {name: one for name, one in found.items() if one and (one.parts or len(one.carriers) > 1 or _over(one))}


def _over(found: Rollup) -> bool:
    """Whether a scorecard that shows it stands over others."""
    return any(one.under for one in found.carriers)

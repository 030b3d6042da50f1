"""What every page starts from: the store, the person, the day, and what the address asks for."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

import streamlit as st

from scorecard import access, maturity, organisation, places
from scorecard.access import Actor
from scorecard.core import periods
from scorecard.core.periods import Period
from scorecard.errors import NotAllowed, StoreBusy, StoreDamaged, StoreError, StoreReadOnly
from scorecard.output.theme import escape_sentence, unescaped
from scorecard.store import condition, definitions, measures, restoring
from scorecard.store.definitions import Scorecard
from scorecard.store.engine import Store, open_store
from scorecard.store.members import Member, Organisation
from scorecard.store.places import data_folder
from scorecard.ui import gate, mode

T = TypeVar("T")
PERSON, MONTH, SEGMENT, SCORECARD, MEASURE = "person", "month", "segment", "scorecard", "measure"
KIND, QUARTER = "kind", "quarter"
FILTERS = (MONTH, SEGMENT, SCORECARD, KIND, QUARTER)
PENDING, GUESTS = "pending filters", "page of guests"
ALL = "All"
KEPT = "kept:"
_stores: dict[tuple[str, str], Store] = {}
_opening = threading.Lock()
_refusals: dict[tuple[str, str], Refusal] = {}
TRY_AGAIN = 2.0


class _AskedAnew:
    """The person of a page. Where people sign in it is asked each time: what was drawn may be clicked after the role has changed."""

    def __get__(self, page: Page | None, owner: type | None = None) -> Actor:
        if page is None:
            raise AttributeError("actor")
        if page.again is None:
            return page.__dict__["drawn for"]
        person = page.again()
        if person is None:
            raise NotAllowed("Your session is over. Load the page again, and sign in.")
        return person

    def __set__(self, page: Page, person: Actor) -> None:
        page.__dict__["drawn for"] = person


@dataclass(frozen=True)
class Page:
    """One run of one page. `period` None is the latest complete one; `segment` "" is all. `again` asks who it is now."""

    store: Store
    actor: Actor = _AskedAnew()
    today: date
    now: datetime
    scorecards: tuple[Scorecard, ...]
    scorecard: str
    period: Period | None
    segment: str
    again: Callable[[], Actor | None] | None = None


def store() -> Store:
    """The store of this process, opened and prepared once. Raises StoreError with what to do.

    Damaged files are let go, so that a backup can be put in their place; what is in their place then is opened.
    """
    place = (places.state_place(), places.facts_place())
    with _opening:
        held = _stores.get(place)
        if held is not None and held.mode == condition.SAFE:
            _stores.pop(place).close()
            _refusals[place] = Refusal(StoreDamaged(held.trouble), condition.signature(*place), time.monotonic(), held.condition.damage)
            held = None
        if held is None:
            held = _stores[place] = _opened(place)
        return held


@dataclass(frozen=True)
class Refusal:
    """Why the store could not be opened, what its files looked like, and when that was."""

    error: StoreError
    files: tuple
    at: float
    damage: condition.Damage | None

    def stands(self, place: tuple[str, str]) -> bool:
        """Whether another try would say the same: damaged files are as they were, or a full disk was tried a moment ago."""
        if isinstance(self.error, StoreReadOnly):
            return time.monotonic() < self.at + TRY_AGAIN
        return self.files == condition.signature(*place)


def _opened(place: tuple[str, str]) -> Store:
    before, folder = _refusals.get(place), data_folder(*place)
    if before is not None and before.stands(place):
        raise type(before.error)(str(before.error))
    if before is not None and folder is not None and restoring.under_way(folder):
        raise StoreBusy("A backup is being put in the place of the store. The pages come back by themselves.")
    try:
        opened = open_store(*place)
        try:
            prepare(opened)
        except BaseException:
            opened.close()
            raise
    except (StoreDamaged, StoreReadOnly) as error:
        damage = condition.damage(error, folder / "backups") if isinstance(error, StoreDamaged) and folder else None
        said = type(error)(damage.sentence) if damage else error
        _refusals[place] = Refusal(said, condition.signature(*place), time.monotonic(), damage)
        raise _refusals[place].error from error
    _refusals.pop(place, None)
    return opened


def damage() -> condition.Damage | None:
    """What is wrong with the files that could not be opened; None when nothing is known to be."""
    refusal = _refusals.get((places.state_place(), places.facts_place()))
    return refusal.damage if refusal else None


def prepare(opened: Store) -> None:
    """The first members, the definitions and the maturity model, recorded when the store has none."""
    organisation.first_start(opened)
    definitions.record_file(opened, places.measures_file(), "first start")
    maturity.record_file(opened, places.maturity_file(), "first start")


@dataclass(frozen=True)
class House:
    """What every run asks about, read once for each version of the data: a changed role counts at the next click."""

    organisation: Organisation
    members: dict[str, Member]
    scorecards: tuple[Scorecard, ...]
    measures: frozenset[str]
    empty: bool


def house(opened: Store) -> House:
    """The organisation, its active members, scorecards and measures, and whether there are figures."""
    return opened.kept.get("house", "", lambda: _read_house(opened))


def _read_house(opened: Store) -> House:
    members = {member.person.id: member for member in organisation.keyboard_members(opened)}
    with opened.read() as tx:
        cards, known = tuple(definitions.scorecards(tx)), frozenset(definitions.current(tx))
        empty = not measures.has_figures(tx)
    return House(organisation.organisation(opened), members, cards, known, empty)


def is_empty(opened: Store) -> bool:
    """Whether no figure was ever loaded."""
    return house(opened).empty


def close() -> None:
    """Every store of this process is closed."""
    with _opening:
        _refusals.clear()
        while _stores:
            _stores.popitem()[1].close()


def now() -> datetime:
    """This moment in UTC, without a zone, to the second."""
    return datetime.now(UTC).replace(tzinfo=None, microsecond=0)


def today(opened: Store) -> date:
    """The day it is where the organisation is."""
    return datetime.now(ZoneInfo(house(opened).organisation.time_zone)).date()


def actor(opened: Store) -> Actor | None:
    """Who looks: where people sign in, whoever did; else the person chosen at the foot of the sidebar, a leader by default."""
    if st.session_state.get(GUESTS):
        return None
    if not mode.current().local:
        return gate.who(opened)
    return keyboard(opened, str(st.session_state.get(PERSON, "")))


def keyboard(opened: Store, person: str = "") -> Actor | None:
    """Who sits at this machine: the person that was chosen, a leader by default, else any member; None without members."""
    members = house(opened).members
    chosen = members.get(person)
    leaders = [member for member in members.values() if member.role == "leader"]
    member = chosen or next(iter([*leaders, *members.values()]), None)
    if member is None or member.role not in access.ROLES:
        return None
    return Actor(member.person.id, member.person.name, member.role, member.person.team)


def as_drawn(build: Callable[[], T]) -> Callable[[], T]:
    """The same, for a file that is built between two runs: it raises NotAllowed once who saw the page has another role, or none."""
    opened = store()
    drawn, signed_in = actor(opened), None if mode.current().local else gate.again(opened)

    def made() -> T:
        asks = signed_in() if signed_in else drawn and house(opened).members.get(drawn.person)
        if drawn is None or asks is None or asks.role != drawn.role:
            raise NotAllowed("What you may do has changed since this page was drawn. Open it again.")
        return build()

    return made


def page(action: str, otherwise: str = "") -> Page:
    """The state of this run, for a person who may do `action`; else the page says who may, or `otherwise`, and stops."""
    opened = store()
    person = actor(opened)
    try:
        access.require(person, action)
    except NotAllowed as refusal:
        st.info(otherwise or escape_sentence(refusal))
        st.stop()
    _note_visit(opened, person)
    return quiet_page()


def guests() -> None:
    """Nothing; the page of this run asks for a personal link, and nobody else looks at it: no member, no keyboard."""
    st.session_state[GUESTS] = True


def quiet_page() -> Page | None:
    """The state of this run for what stands around every page; None when nobody is at the keyboard."""
    opened = store()
    person = actor(opened)
    if person is None:
        return None
    cards = house(opened).scorecards
    again = None if mode.current().local else gate.again(opened)
    return Page(opened, person, today(opened), now(), cards, _scorecard(cards), asked_period(), asked_segment(), again)


def _note_visit(opened: Store, person: Actor) -> None:
    """Keeps the day a member was last here: one write a day."""
    member = house(opened).members[person.person]
    if member.last_seen is None or member.last_seen.date() != now().date():
        with suppress(StoreReadOnly):  # A disk without room is said above the page; the page is shown all the same.
            organisation.seen(opened, person, now())


def take_pending() -> None:
    """Before any filter is drawn: sets those that a followed link asks for."""
    for key, value in st.session_state.pop(PENDING, {}).items():
        st.session_state[key] = value


def asked(key: str) -> str:
    """What the reader chose, or else the address asks for, or else what was chosen on another page: text, never trusted."""
    for value in (st.session_state.get(key), st.query_params.get(key), st.session_state.get(KEPT + key)):
        if value is not None:
            return str(value)[:200]
    return ""


def asked_period() -> Period | None:
    """The period in the address, by type; None when there is none or it is not a period."""
    return period_of(asked(MONTH))


def asked_measure(page: Page) -> str:
    """The id of the measure in the address, when it is defined; "" otherwise."""
    text = st.query_params.get(MEASURE, "")[:200]
    return text if text in house(page.store).measures else ""


def period_of(text: str) -> Period | None:
    """`2026-10`, `October 2026`, `2026-W42` or `2026-Q4` as a period, else None."""
    found = periods.parse(text.removeprefix("week ").strip()) if text else None
    if found is None or found[0] not in ("month", "week", "quarter"):
        return None
    return periods.containing(found[1], found[0])


def asked_segment() -> str:
    """The segment in the address; "" is all."""
    text = asked(SEGMENT) if st.session_state.get(SEGMENT) is not None else unescaped(asked(SEGMENT))
    return "" if text == ALL else text


def _scorecard(cards: tuple[Scorecard, ...]) -> str:
    """The id of the scorecard in the address (by id or name), else of the first."""
    text = asked(SCORECARD)
    for card in cards:
        if text in (card.id, card.name):
            return card.id
    return cards[0].id if cards else ""

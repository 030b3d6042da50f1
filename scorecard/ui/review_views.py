"""What the page of a review reads, kept while the data and the day stay the same, and how it words a moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import streamlit as st

from scorecard import actions, metrics, reviews
from scorecard.actions import Comment
from scorecard.core.periods import Period, between, containing
from scorecard.metrics import MeasureView
from scorecard.metrics.rollups import Part
from scorecard.output import review_tables
from scorecard.reviews import Contract, Item, ReviewView
from scorecard.store import shares
from scorecard.store.engine import Store
from scorecard.store.shares import Share
from scorecard.ui import block, filters, state, views
from scorecard.ui.kept import kept
from scorecard.ui.state import Page

KEPT = 64
MONTH, QUARTER, TEAMS = "Month", "Quarter", "All teams"
ITEM, PRESENT = "item", "present"


@dataclass(frozen=True)
class Asked:
    """Which review the address asks for. `period` is the month or the quarter of it."""

    kind: str
    period: Period
    latest: Period
    periods: tuple[Period, ...]


def asked(page: Page) -> Asked:
    """The review in the address; without one, that of the latest complete month, or quarter."""
    shown = views.month(page)
    kind = state.asked(state.KIND) if state.asked(state.KIND) in (QUARTER, TEAMS) else MONTH
    if kind != QUARTER:
        periods = _with_coming(shown.periods, shown.latest, page.today)
        return Asked(kind, page.period if page.period in periods else shown.latest, shown.latest, periods)
    quarters = tuple(dict.fromkeys(containing(one.start, "quarter") for one in shown.periods))
    quarters = tuple(one for one in quarters if one.end < page.today) or quarters[-1:]
    latest = quarters[-1] if quarters else containing(shown.latest.start, "quarter")
    chosen = state.period_of(state.asked(state.QUARTER))
    return Asked(kind, chosen if chosen in quarters else latest, latest, quarters)


def _with_coming(periods: tuple[Period, ...], latest: Period, today: date) -> tuple[Period, ...]:
    """The periods with figures and those up to today's: what became of actions is read there before the figures come."""
    now = containing(today, latest.grain)
    return tuple(dict.fromkeys((*periods, *(between(latest.shift(1), now) if latest < now else ()))))


def choosers(page: Page, found: Asked) -> None:
    """Month or quarter (or all teams, where there are several), and which one; both live in the address."""
    kinds = [MONTH, QUARTER, *([TEAMS] if len(page.scorecards) > 1 else [])]
    st.segmented_control(
        "What is reviewed", kinds, default=MONTH, required=True, key=state.KIND, bind="query-params", label_visibility="collapsed"
    )
    if found.kind != QUARTER:
        filters.months(found.periods, found.latest)
        return
    labels = [one.label for one in reversed(found.periods)]
    st.selectbox(
        "Quarter", labels, labels.index(found.latest.label), key=state.QUARTER, bind="query-params",
        label_visibility="collapsed", width=120,
    )  # fmt: skip


def address(period: str) -> str:
    """The address of the review of a month or a quarter, given as `September 2026` or `Q3 2026`."""
    if period.startswith("Q"):
        return block.address("review", quarter=period, kind=QUARTER)
    return block.address("review", month=period, kind=MONTH)


def review(page: Page, found: Asked) -> ReviewView:
    """The review of a period of the chosen scorecard."""
    kind = "quarter" if found.kind == QUARTER else "month"
    return _review(page.store, page.today, page.scorecard, str(found.period), kind)


def overview(page: Page, period: Period) -> tuple[ReviewView, ...]:
    """The reviews of all scorecards in a month."""
    return tuple(_review(page.store, page.today, card.id, str(period), "month") for card in page.scorecards if card.measures)


def open_items(page: Page) -> int:
    """How many items of the latest review of the chosen scorecard want a decision."""
    if not page.scorecard:
        return 0
    return _open_items(page.store, page.today, page.scorecard)


def open_actions(store: Store) -> int:
    """How many actions are not done."""
    return _open_actions(store)


def sent(page: Page, view: ReviewView) -> str:
    """The day on which a link to the month was first made: `9 Nov`; "" when there is none."""
    made = [one.made_at for one in _shares(page.store) if (one.scorecard, one.period) == (view.month.scorecard, view.month.period)]
    return review_tables.near(min(made).date()) if made else ""


def teams(page: Page, item: Item) -> tuple[Part, ...]:
    """The teams' figures behind an item's measure."""
    if not item.measure or item.row is None:
        return ()
    return _teams(page.store, page.today, item.measure, str(item.row.period))


def again(page: Page, view: ReviewView) -> ReviewView:
    """The same review as it stands at this moment."""
    period = view.month.period
    kind = "quarter" if period.grain == "quarter" else "month"
    return _review(page.store, page.today, view.month.scorecard, str(period), kind)


def measure(view: ReviewView, item: Item) -> MeasureView | None:
    """The page of an item's measure as the month read it."""
    return reviews.measure_page(view.month, item.measure) if item.measure else None


def comments(page: Page, object: str) -> list[Comment]:
    """What people said beside an item."""
    return _comments(page.store, object)


def contract(page: Page, measure: str) -> Contract | None:
    """What the colours of a measure commit the team to, as it was written last."""
    return _contracts(page.store).get(measure)


def people(page: Page) -> dict[str, str]:
    """Everybody who may be asked to a review: id and name."""
    return {id: one.person.name for id, one in state.house(page.store).members.items()}


def clock(page: Page):
    """A function that words a UTC moment where the organisation is: `14 Oct 16:05`, or in full with its zone."""
    zone = ZoneInfo(state.house(page.store).organisation.time_zone)

    def said(moment: datetime, whole: bool = False) -> str:
        there = moment.replace(tzinfo=UTC).astimezone(zone)
        if whole:
            day = containing(there.date(), "month")
            return f"{there.day} {day.label}, {there:%H:%M %Z}"
        return f"{review_tables.near(there.date())} {there:%H:%M}"

    return said


def seen(key: str, now: int) -> int:
    """The version that the reader saw when he pressed: that of the run before. The one of this run is noted."""
    before = st.session_state.get(f"seen:{key}", now)
    st.session_state[f"seen:{key}"] = now
    return before


# Reviews are kept as they are, not copied: they are frozen, and copying ten measures takes longer than drawing them.
@kept(KEPT)
def _review(store: Store, today: date, card: str, period: str, kind: str) -> ReviewView:
    return reviews.review_view(store, card, state.period_of(period), today, kind)


@kept(KEPT)
def _open_items(store: Store, today: date, card: str) -> int:
    latest = metrics.latest_period(store, card, today)
    return reviews.open_items(store, card, latest, today)


@kept(KEPT)
def _open_actions(store: Store) -> int:
    with store.read() as tx:
        return len(actions.listed(tx, open_only=True))


@kept(1)
def _shares(store: Store) -> list[Share]:
    with store.read() as tx:
        return shares.every(tx)


@kept()
def _comments(store: Store, object: str) -> list[Comment]:
    with store.read() as tx:
        return actions.comments(tx, object)


@kept(1)
def _contracts(store: Store) -> dict[str, Contract]:
    with store.read() as tx:
        return reviews.contracts(tx)


@kept(KEPT)
def _teams(store: Store, today: date, measure: str, period: str) -> tuple[Part, ...]:
    return metrics.teams_of(store, measure, state.period_of(period), today)

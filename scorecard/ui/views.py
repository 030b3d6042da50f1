"""Views for pages, kept while the data, the day and the reader's role stay the same."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from scorecard import digest, metrics, sources
from scorecard.core.periods import Period, day
from scorecard.metrics import LinkMap, MeasureView, Overview, ScorecardView, loaded
from scorecard.output import charts, tables
from scorecard.reviews import recorded
from scorecard.store.engine import Store
from scorecard.ui import block, state
from scorecard.ui.kept import kept
from scorecard.ui.state import Page

KEPT, CHARTS = 256, 32


@dataclass(frozen=True)
class Month:
    """What the scorecard page shows of a view: small and quick to keep, unlike the view itself."""

    id: str
    name: str
    period: Period
    latest: Period
    periods: tuple[Period, ...]
    segments: tuple[str, ...]
    second_line: str
    html: str


def month(page: Page) -> Month:
    """The scorecard that the address asks for, drawn. An unknown period or segment falls back to the latest, to all."""
    latest = _month(page.store, *_key(page), page.scorecard, "", "")
    period = page.period if page.period in latest.periods and page.period != latest.period else None
    segment = page.segment if page.segment in latest.segments else ""
    if period is None and not segment:
        return latest
    found = _month(page.store, *_key(page), page.scorecard, _text(period), segment)
    return replace(found, latest=latest.period)


def scorecard(page: Page, shown: Month) -> ScorecardView:
    """The whole view behind what is shown, for files."""
    segment = page.segment if page.segment in shown.segments else ""
    return metrics.scorecard_view(page.store, shown.id, shown.period, segment, page.today)


def beside_records(page: Page, name: str) -> str:
    """Why a measure and the records say two things for the same months, for the page; "" where they agree."""
    return _beside(page.store, page.today, name)


@kept(KEPT)
def _beside(store: Store, today: date, name: str) -> str:
    found = recorded.beside(store, name, today)
    return loaded.sentence(found) if found else ""


def measure(page: Page, name: str) -> MeasureView:
    """One measure as of the period in the address; what does not exist falls back to the latest, to all."""
    return _measure(page.store, *_key(page), name, *_shown(page, name), page.scorecard)


def chart(page: Page, name: str, mode: str) -> charts.go.Figure:
    """The chart of the same, for a light or a dark page. Nobody changes it."""
    return _chart(page.store, *_key(page), name, *_shown(page, name), page.scorecard, mode)


def _shown(page: Page, name: str) -> tuple[str, str]:
    """(the period in the address when it is another than the latest, the segment when the measure has it), else ""."""
    latest = _measure(page.store, *_key(page), name, "", "", page.scorecard)
    period = page.period if page.period in latest.periods and page.period != latest.row.period else None
    return _text(period), page.segment if page.segment in [part.name for part in latest.segments] else ""


def latest_of(page: Page, name: str) -> Period:
    """The latest complete period of a measure."""
    return _measure(page.store, *_key(page), name, "", "", page.scorecard).row.period


def overview(page: Page) -> Overview:
    """All measures, links and roll-ups, read on the chosen scorecard."""
    return _overview(page.store, *_key(page), page.scorecard)


def links(page: Page, name: str, period: Period) -> LinkMap:
    """The causes and effects of one measure in a period."""
    asked = period if period != latest_of(page, name) else None
    return _links(page.store, *_key(page), name, _text(asked), page.scorecard)


def _key(page: Page) -> tuple[str, date]:
    """What every cached view depends on: the files, the version of their data, the role, the day."""
    return page.actor.role, page.today


def _text(period: Period | None) -> str:
    return str(period) if period else ""


def second_line(view: ScorecardView, today: date) -> str:
    """`Data to 31 Oct, loaded 2 Nov`; with the year when it is another than today's."""
    data = f"Data to {_near(view.data_to, today)}" if view.data_to else "No figures yet"
    return f"{data}, loaded {_near(view.loaded_at.date(), today)}" if view.loaded_at else data


def _near(value: date, today: date) -> str:
    text = day(value)
    return text.removesuffix(f" {today.year}")


@kept(KEPT)
def _month(store: Store, role: str, today: date, card: str, period: str, segment: str
) -> Month:
    view = metrics.scorecard_view(store, card, state.period_of(period), segment, today)
    asked = state.period_of(period)
    query = {"month": asked.label if asked else "", "segment": segment}
    html = tables.sentences(view) + tables.scorecard(
        view,
        href=lambda name: block.address("measure", measure=name, **query),
        marks_href="marks",
        review_href=block.address("review", month=query["month"]),
    )
    late = () if asked else (*sources.stale_words(store, today), *digest.unsent_words(store))
    said = " · ".join((second_line(view, today), *late))
    return Month(view.id, view.name, view.period, view.period, view.periods, view.segments, said, html)


@kept(KEPT)
def _measure(store: Store, role: str, today: date, name: str, period: str, segment: str, card: str
) -> MeasureView:
    return metrics.measure_view(store, name, state.period_of(period), segment, today, card)


@kept(CHARTS)
def _chart(store: Store, role: str, today: date, name: str, period: str, segment: str, card: str, mode: str
) -> charts.go.Figure:
    return charts.measure(_measure(store, role, today, name, period, segment, card), mode)


@kept(KEPT)
def _overview(store: Store, role: str, today: date, card: str) -> Overview:
    return metrics.overview(store, card, today)


@kept(KEPT)
def _links(store: Store, role: str, today: date, name: str, period: str, card: str
) -> LinkMap:
    return metrics.measure_links(store, name, state.period_of(period), today, card)

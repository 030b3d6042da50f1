"""The numbers behind the page Sensory: segments, accounts, bands, posts and themes, as tables for CSV and Excel."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from scorecard.output import part_tables, twins
from scorecard.output.part_tables import Table

if TYPE_CHECKING:
    from scorecard.sensory.page import Bar, Overview
    from scorecard.sensory.report_card import ReportCard

COLUMNS = ("part", "name", "segment", "month", "figure", "value", "of", "lower", "upper", "said")


def csv(found: Overview) -> str:
    """Everything that the overview shows, a line a figure, in full precision."""
    return twins.csv_text(COLUMNS, _lines(found))


def _lines(found: Overview) -> Iterator[list[Any]]:
    month = str(found.month) if found.month else ""
    for one in found.segments:
        yield ["segment", one.name, one.name, month, "score", one.score, None, None, None, ""]
        yield ["segment", one.name, one.name, month, "change", one.change, None, None, None, ""]
        for point in one.chart.points if one.chart else ():
            yield ["segment", one.name, one.name, str(point.period), "mean score", point.value, point.denominator, point.lower, point.upper,
                   " ".join(signal.rule for signal in point.signals)]
        yield from _bars("segment", one.name, one.name, month, one.bars)
    for one in found.fallen:
        yield ["account", one.name, one.segment, month, "score", one.score, None, None, None, one.id]
        yield ["account", one.name, one.segment, month, "change", one.change, None, None, None, one.id]
        yield from _bars("account", one.name, one.segment, month, one.bars)
    yield from _of_card(found)
    for post in found.matrix.posts:
        for cell in post.cells:
            yield ["post", post.name, cell.segment, "", "heard", cell.heard, cell.accounts, None, None, _told(cell)]
    for line in found.lines:
        yield ["theme", line.theme.label, found.segment, "", "comments", line.theme.count, found.said.counted if found.said else None, None, None,
               f"{line.back.department}: {line.back.said}" if line.back else ""]


def json(found: Overview) -> str:
    """The same as one JSON object: the month, the segment, the sentences, and a list of figures for each part of the page."""
    parts: dict[str, list[dict[str, Any]]] = {}
    for part, *rest in _lines(found):
        parts.setdefault(part.replace(" ", "_"), []).append(dict(zip(COLUMNS[1:], rest, strict=True)))
    return twins.json_text({"month": str(found.month) if found.month else None, "segment": found.segment,
                            "sentences": [one.text for one in found.sentences], "parts": parts})


def _told(cell: Any) -> str:
    return "not meant" if not cell.meant else "silent" if cell.silent else str(cell.last or "")


def _bars(part: str, name: str, segment: str, month: str, bars: Sequence[Bar]) -> Iterator[list[Any]]:
    for bar in bars:
        yield [part, name, segment, month, f"points of {bar.name}", None if bar.missing else bar.earned, bar.possible, None, None, ""]


def _of_card(found: Overview) -> Iterator[list[Any]]:
    card = found.card
    if card is None:
        return
    for band in card.bands:
        low, high = band.lost.interval or (None, None)
        yield ["report card", band.label, found.segment, "", "lost", band.lost.hits, band.lost.n, low, high, ""]
    for name, one in (("AUC", card.auc), ("AUC of the simple rule", card.simple), ("gain", card.gain)):
        if one:
            yield ["report card", name, found.segment, "", name, one.value, None, one.lower, one.upper, ""]
    for name, one in (("precision", card.precision), ("recall", card.recall)):
        yield ["report card", name, found.segment, "", name, one.hits, one.n, *(one.interval or (None, None)), ""]
    for one in card.missed:
        yield ["green and lost", one.outcome.name, one.outcome.segment, str(one.outcome.due_on), "score", one.outcome.score, one.outcome.value, None, None,
               one.unseen]


def cards_csv(cards: Sequence[ReportCard]) -> str:
    """The report card of every number of days before the renewal, a line a figure."""
    return twins.csv_text(("days", "figure", "name", "segment", "renewal", "value", "of", "lower", "upper", "said"), [row for one in cards for row in _card_rows(one)])


def _card_rows(card: ReportCard) -> Iterator[list[Any]]:
    for name, part in (("lost", card.lost), ("precision", card.precision), ("recall", card.recall), *((f"lost, {band.label}", band.lost) for band in card.bands)):
        yield [card.days, name, "", "", "", part.hits, part.n, *(part.interval or (None, None)), ""]
    for name, one in (("AUC", card.auc), ("AUC of the simple rule", card.simple), ("gain", card.gain)):
        if one:
            yield [card.days, name, "", "", "", one.value, None, one.lower, one.upper, card.verdict if name == "gain" else ""]
    for one in card.missed:
        yield [card.days, "green and lost", one.outcome.name, one.outcome.segment, str(one.outcome.due_on), one.outcome.score, one.outcome.value, None, None, one.unseen]


def workbook(found: Overview, mark: str) -> bytes:
    """The same as Excel: a sheet a part."""
    rows = list(_lines(found))
    parts = (("segment", "Segments"), ("account", "Accounts that fell"), ("report card", "Report card"), ("green and lost", "Green and lost"), ("post", "Listening posts"), ("theme", "Themes"))
    said = Table("Sentences", ("Sentence",), [[one.text] for one in found.sentences], "No sentence.")
    return part_tables.workbook([said, *(Table(title, COLUMNS[1:], [row[1:] for row in rows if row[0] == part]) for part, title in parts)], mark)

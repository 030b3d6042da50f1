"""Sources and schedules: what is expected from where, how fresh it is, the last loads and jobs, files that wait."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from scorecard.core import periods
from scorecard.output import marks
from scorecard.output.theme import escape
from scorecard.sources import CADENCES, Line, Loaded, stale_sentence
from scorecard.store.jobs import Job
from scorecard.store.sources import Arrival, Source

MOST_SENTENCES = 4
JOB_WORDS = {"queued": "waits", "running": "runs", "done": "done", "failed": "failed", "cancelled": "stopped"}
_JOB_MARKS = {"queued": "planned", "running": "half", "done": "done", "failed": "cross", "cancelled": "open"}


def count(number: int, noun: str) -> str:
    """`1 source`, `8 sources`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def moment(value: datetime, zone: str) -> str:
    """A moment (UTC) as it is where the organisation is: `2 Nov 2026 06:10`."""
    there = value.replace(tzinfo=UTC).astimezone(ZoneInfo(zone))
    return f"{periods.day(there.date())} {there:%H:%M}"


def news(lines: Sequence[Line], waiting: Sequence[tuple[Source, Arrival]], labels: dict[str, str]) -> str:
    """How fresh everything is, in sentences. `labels` are those of the measures on a scorecard."""
    if not lines:
        return ""
    stale = [one for one in lines if one.state == "stale"]
    late = [one for one in lines if one.state == "late"]
    said = [(f"{counted(lines)}.", "" if stale or late else "Everything arrived when it was expected.")]
    said += [
        (f"{source.name}: {one.file_name} waits for you.", f"{one.message} Nothing of it is stored.")
        for source, one in waiting
    ]
    said += [(stale_sentence(one, labels), "") for one in stale]
    said += [(f"{one.name} was expected on {periods.day(one.due)}.", "") for one in late]
    said += [(f"{one.name}: {one.problem}", "Nothing can come from it.") for one in lines if one.problem]
    left = len(said) - MOST_SENTENCES
    more = [(f"And {left:,} more below.", "")] if left > 0 else []
    body = "".join(f"<p><b>{escape(bold)}</b> {escape(rest)}</p>" for bold, rest in [*said[:MOST_SENTENCES], *more])
    return f'<div class="says">{body}</div>'


def counted(lines: Sequence[Line]) -> str:
    """`8 sources, 7 fresh`, with those of which nothing came yet."""
    fresh, new = (sum(one.state == state for one in lines) for state in ("fresh", "new"))
    return f"{count(len(lines), 'source')}, {fresh:,} fresh" + (f", {new:,} without a file yet" if new else "")


def _table(title: str, names: Sequence[str], right: Sequence[str], rows: str, key: str = "") -> str:
    head = "".join(f'<th scope="col"{" class=r" if name in right else ""}>{name}</th>' for name in names)
    return (
        '<div style="margin-top:24px"><div style="display:flex;flex-wrap:wrap;align-items:center;padding-bottom:4px">'
        f'<h2>{title}</h2>{key}</div><div class="scroll"><table class="dense" style="min-width:820px">'
        f"<thead><tr>{head}</tr></thead>"
        f"<tbody>{rows}</tbody></table></div></div>"
    )


def sources(lines: Sequence[Line], zone: str) -> str:
    """Sources and their last loads: a row a source."""
    if not lines:
        return (
            '<div style="margin-top:24px"><h2>Sources and their last loads</h2><p class="mut" style="padding-top:6px">'
            "No file was loaded yet, and none is expected. Add a source, and the scorecard says when its figures "
            "are late.</p></div>"
        )
    key = (
        f'<span class="cap sig" style="margin-left:auto">{marks.mark("done")}arrived when expected'
        f"&emsp;{marks.mark('half')}late&emsp;{marks.mark('cross')}late by more than one period</span>"
    )
    names = ("Source", "Way in", "Expected", "Last load", "Covers to", "Rows", "Refused", "Freshness")
    return _table(
        "Sources and their last loads", names, ("Rows", "Refused"), "".join(_source(one, zone) for one in lines), key
    )


def _source(one: Line, zone: str) -> str:
    last = one.last
    way = f"{one.way}, {CADENCES.get(one.cadence, one.cadence)}"
    came = moment(last.loaded_at, zone) if last else "–"
    if one.waiting:
        came = f"{came}<span class='sub'>{count(one.waiting, 'file')} not accepted yet</span>"
    rows = f"{last.new + last.changed + last.known:,}" if last else "–"
    sub = escape(one.source.place or one.source.pattern) if one.source else escape(last.file_name)
    return (
        f'<tr><th scope="row">{escape(one.name)}<span class="sub">{sub}</span></th><td class="mut">{way}</td>'
        f'<td class="mut">{_expected(one)}</td><td>{came}</td><td>{_day(one.covers_to)}</td><td class="r">{rows}</td>'
        f'<td class="r">{last.refused if last else 0:,}</td><td class="nw">{_freshness(one)}</td></tr>'
    )


def _expected(one: Line) -> str:
    if one.source is None:
        return "nobody said"
    who = f" from {escape(one.owner)}" if one.owner else ""
    days = "the day after" if one.source.expected_day == 1 else f"{one.source.expected_day} days after"
    due = f'<span class="sub">next by {periods.day(one.due)}</span>' if one.due else ""
    return f"{days} each {one.cadence}{who}{due}"


def _freshness(one: Line) -> str:
    if one.problem:
        return f'<b class="sig" style="color:var(--orange)">{marks.mark("cross")}place is missing</b>'
    if one.state == "stale":
        return f'<b class="sig" style="color:var(--orange)">{marks.mark("cross")}stale, {count(one.age, "day")}</b>'
    shape, words = {
        "fresh": ("done", "fresh"),
        "late": ("half", f"late since {_day(one.due)}"),
        "new": ("planned", "nothing yet"),
        "paused": ("open", "paused"),
    }[one.state]
    return f'<span class="sig">{marks.mark(shape)}{words}</span>'


def _day(value: date | None) -> str:
    return periods.day(value) if value else "–"


def loads(past: Sequence[Loaded], zone: str) -> str:
    """The last loads: when, from where, by whom, rows, time, warnings."""
    if not past:
        return ""
    names = ("Loaded", "Source", "By", "New", "Changed", "Known", "Refused", "Took", "Warnings")
    return _table(
        "The last loads",
        names,
        ("New", "Changed", "Known", "Refused", "Took"),
        "".join(_load(one, zone) for one in past),
    )


def _load(one: Loaded, zone: str) -> str:
    load = one.load
    took = f"{one.seconds:,.0f} s" if one.seconds else "–"
    warned = "".join(f'<span style="display:block">{escape(text)}</span>' for text in one.warnings[:3])
    more = f'<span class="sub">and {len(one.warnings) - 3} more</span>' if len(one.warnings) > 3 else ""
    numbers = "".join(f'<td class="r">{number:,}</td>' for number in (load.new, load.changed, load.known, load.refused))
    return (
        f'<tr><td class="nw">{moment(load.loaded_at, zone)}</td><th scope="row">{escape(one.source)}<span class="sub">'
        f'{escape(load.file_name)}</span></th><td>{escape(load.author)}</td>{numbers}<td class="r">{took}</td>'
        f'<td class="mut">{warned}{more}</td></tr>'
    )


def jobs(past: Sequence[Job], zone: str) -> str:
    """The last jobs that are over: when, who asked, what came of them."""
    if not past:
        return ""
    return _table(
        "The last jobs", ("Asked", "By", "Outcome", "What came of it"), (), "".join(_job(one, zone) for one in past)
    )


def _job(one: Job, zone: str) -> str:
    outcome = f'<span class="sig">{marks.mark(_JOB_MARKS[one.state])}{JOB_WORDS[one.state]}</span>'
    return (
        f'<tr><td class="nw">{moment(one.asked_at, zone)}</td><td>{escape(one.asked_by)}</td>'
        f'<td class="nw">{outcome}</td><td>{escape(one.message)}</td></tr>'
    )


def progress(one: Job, now: datetime) -> str:
    """How far a job is, in words: `usage.csv: is being read, for 14 s. Asked by Jo Lind.`"""
    if one.state == "queued":
        return f"Waits for its turn. {one.message} Asked by {one.asked_by}.".replace("  ", " ")
    took = (now - one.started_at).total_seconds() if one.started_at else 0
    return f"{one.message or 'Begins'}, for {max(took, 0):,.0f} s. Asked by {one.asked_by}."


def waits(source: Source, one: Arrival, zone: str) -> str:
    """A file that waits: why, what it would bring, what is refused and warned about."""
    told = one.said
    brings = (
        f"{told.get('new', 0):,} new, {told.get('changed', 0):,} changed, {told.get('known', 0):,} known already."
        if not told.get("questions")
        else "What it would bring is known when this is answered."
    )
    why = (
        ""
        if [one.message] == [each["text"] for each in told.get("questions", ())]
        else f"<b>{escape(one.message)}</b> "
    )
    refused = "".join(
        f"<li>{escape(each['rows'])}: {escape(each['reason'])}</li>" for each in told.get("refused", ())[:5]
    )
    warned = "".join(f"<li>{escape(text)}</li>" for text in told.get("warnings", ())[:5])
    return (
        f"<h3>{escape(source.name)}: {escape(one.file_name)}</h3><p>{why}{escape(brings)}</p>"
        f'<ul class="cap">{warned}{refused}</ul><p class="cap">Found {moment(one.arrived_at, zone)}. '
        f"The file stays where it is: {escape(one.place)}</p>"
    )

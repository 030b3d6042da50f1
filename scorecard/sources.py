"""Sources: which files are expected, from where and when; how fresh each is; and the commands that change them.

A source that nobody declared is known by the names of its files. It is shown with its last load, and nothing is
expected of it until somebody says so.
"""

from __future__ import annotations

import difflib
import fnmatch
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path

from scorecard import access, arrivals, jobs, loading
from scorecard.access import Actor
from scorecard.core import periods
from scorecard.core.definition import Definition
from scorecard.core.periods import Period
from scorecard.errors import FileRefused, UsageError
from scorecard.intake.table import clean_name, name_fault
from scorecard.store import definitions, loads
from scorecard.store import jobs as job_rows
from scorecard.store import sources as rows
from scorecard.store.engine import Store, Tx
from scorecard.store.jobs import Job
from scorecard.store.loads import Load
from scorecard.store.sources import Arrival, Source

WAYS = {"file": "file", "folder": "watched folder", "warehouse": "DuckDB file or Parquet folder"}
CADENCES = {"day": "daily", "week": "weekly", "month": "monthly", "quarter": "quarterly"}
MOST_DAYS = {"day": 7, "week": 14, "month": 31, "quarter": 92}
MOST_LOADS = 1000
LISTS = frozenset({"account", "subscription", "renewal", "promise"})


@dataclass(frozen=True)
class Line:
    """A source, its last load and how fresh it is. `source` is None for one that nobody declared.

    `state` is fresh, late (expected since `due`), stale (later than one period), new (nothing came yet) or paused.
    `age` counts the days since the last day that its data cover. `touches` are measures (id) that stand on it.
    """

    name: str
    way: str
    cadence: str
    owner: str
    source: Source | None
    last: Load | None
    covers_to: date | None
    state: str
    age: int
    due: date | None
    loads: int
    touches: tuple[str, ...] = ()
    waiting: int = 0
    problem: str = ""

    @property
    def expected(self) -> bool:
        """Whether somebody waits for it: declared, or it came more than once."""
        return self.source is not None or self.loads > 1


@dataclass(frozen=True)
class Loaded:
    """One past load: its record, the source it belongs to, seconds it took when a job did it, what was warned about."""

    load: Load
    source: str
    seconds: float | None
    warnings: tuple[str, ...]


# -- how fresh everything is


def lines(store: Store, today: date) -> tuple[Line, ...]:
    """Every source by name, with its last load and how late it is."""
    with store.read() as tx:
        declared, seen, past = rows.every(tx), rows.arrivals(tx), _brought(loads.recent(tx, MOST_LOADS))
        touched = _touched(past, loads.measures_of(tx), definitions.current(tx).values())
    owners = {one.id: _owner(one, declared, seen) for one in past}
    found = [
        _declared(one, [load for load in past if owners[load.id] is one], seen, touched, today) for one in declared
    ]
    names = dict.fromkeys(loading.source_of(one.file_name) for one in past if owners[one.id] is None)
    for name in names:
        own = [one for one in past if owners[one.id] is None and loading.source_of(one.file_name) == name]
        found.append(_undeclared(name, own, touched, today))
    return tuple(sorted(found, key=lambda line: line.name.casefold()))


@dataclass(frozen=True)
class Brings:
    """Who brings what: by kind of fact (`figures` for files of figures), by load."""

    by_kind: dict[str, str] = field(default_factory=dict)
    by_load: dict[str, str] = field(default_factory=dict)


def who_brings(tx: Tx) -> Brings:
    """Whom to ask about what came: the owner of its source, else who loaded it last."""
    declared, seen, past = rows.every(tx), rows.arrivals(tx), _brought(loads.recent(tx, MOST_LOADS))
    by_kind: dict[str, str] = {}
    by_load: dict[str, str] = {}
    for one in past:
        source = _owner(one, declared, seen)
        by_load[one.id] = name = (source.owner if source else "") or one.author
        for kind in one.understood.get("kinds", ()) or ("figures",):
            by_kind.setdefault(kind, name)
    return Brings(by_kind, by_load)


def _brought(past: Iterable[Load]) -> list[Load]:
    """The loads that a file brought; those that were computed from facts have no content of their own."""
    return [one for one in past if one.sha256]


def _touched(past: Iterable[Load], figures: dict[str, set[str]], known: Iterable[Definition]) -> dict[str, set[str]]:
    """The measures that stand on a load, by its id: it brought figures of them, or facts they are computed from."""
    needing: dict[str, set[str]] = {}
    for one in known:
        for table in one.needs:
            needing.setdefault(table, set()).add(one.name)
    return {
        one.id: figures.get(one.id, set()).union(
            *(needing.get(kind, set()) for kind in one.understood.get("kinds", ()))
        )
        for one in past
    }


def _owner(load: Load, declared: Iterable[Source], seen: Iterable[Arrival]) -> Source | None:
    """The declared source of a load: the one that brought its content, else the one whose files are named so."""
    ids = {one.source for one in seen if one.load == load.id or one.sha256 == load.sha256}
    known = list(declared)
    return next((one for one in known if one.id in ids), None) or next(
        (one for one in known if _is_named(load.file_name, one)), None
    )


def _is_named(name: str, one: Source) -> bool:
    """Whether a file that somebody brought belongs to a source; a watched folder knows its files by content only."""
    pattern = "" if one.way == arrivals.FOLDER else one.pattern or Path(one.place).name
    return bool(pattern) and fnmatch.fnmatchcase(name.lower(), pattern.lower())


def _declared(one: Source, own: list[Load], seen: list[Arrival], touched: dict[str, set[str]], today: date) -> Line:
    to, due = _covers(own), None
    state, age = "new", 0
    if to:
        state, age, due = freshness(to, one.cadence, one.expected_day, today)
    mine = [arrival for arrival in seen if arrival.source == one.id]
    return Line(
        one.name,
        WAYS.get(one.way, one.way),
        one.cadence,
        one.owner,
        one,
        own[0] if own else None,
        to,
        "paused" if one.paused else state,
        age,
        due,
        len(own),
        _touches(own, touched),
        sum(arrival.outcome == "waiting" for arrival in mine),
        problem(one),
    )


def _undeclared(name: str, own: list[Load], touched: dict[str, set[str]], today: date) -> Line:
    grain, to = own[0].understood.get("grain") or "month", _covers(own)
    state, age, due = freshness(to, grain, 1, today) if to else ("fresh", 0, None)
    return Line(
        name, WAYS["file"], grain, own[0].author, None, own[0], to, state, age, due, len(own), _touches(own, touched)
    )


def _covers(own: Iterable[Load]) -> date | None:
    return max((reach for one in own if (reach := _reach(one))), default=None)


def _reach(load: Load) -> date | None:
    """The last day that a load covers, never later than the day of the load for facts, which may name days to come.

    A list of accounts or contracts says what is so when it is made, and its dates do not tell that day: one that was
    loaded within a quarter of its last date reaches to the day of its load.
    """
    kinds, day = set(load.understood.get("kinds", ())), load.loaded_at.date()
    if not kinds:
        return load.covers_to
    if _is_monthly(load):
        return min(periods.containing(load.covers_to, "month").end, day)
    if load.covers_to is None or kinds <= LISTS and (day - load.covers_to).days <= MOST_DAYS["quarter"]:
        return day
    return min(load.covers_to, day)


def _is_monthly(load: Load) -> bool:
    """Whether its first and its last day begin a month: then a row tells of a whole month (revenue, cost, use by month)."""
    first, last = load.covers_from, load.covers_to
    return first is not None and last is not None and first < last and first.day == last.day == 1


def _touches(own: Iterable[Load], touched: dict[str, set[str]]) -> tuple[str, ...]:
    return tuple(sorted(set().union(*(touched.get(one.id, set()) for one in own))))


def freshness(covers_to: date, cadence: str, expected_day: int, today: date) -> tuple[str, int, date]:
    """(fresh, late or stale; days since the data end; the day on which the next data are due).

    The data of a period are due `expected_day` days after its end; stale is later than that by more than one period. A
    period that the data cover in part is the next one.
    """
    last = _last_covered(covers_to, cadence)
    due = last.shift(1).end + timedelta(days=expected_day)
    stale = last.shift(2).end + timedelta(days=expected_day)
    state = "stale" if today > stale else "late" if today > due else "fresh"
    return state, (today - covers_to).days, due


def _last_covered(covers_to: date, cadence: str) -> Period:
    found = periods.containing(covers_to, cadence)
    return found if found.end == covers_to else found.shift(-1)


def problem(one: Source) -> str:
    """Why nothing can come from a source now; "" when its place is there."""
    if not one.place:
        return ""
    place = Path(one.place) if one.way in (arrivals.FOLDER, arrivals.WAREHOUSE) else Path(one.place).parent
    there = place.exists() if one.way == arrivals.WAREHOUSE else place.is_dir()
    return "" if there else f"{place} is not there."


def stale_words(store: Store, today: date) -> tuple[str, ...]:
    """What the scorecard says below its title: each stale source and the scorecard measures that stand on it."""
    stale = [line for line in lines(store, today) if line.state == "stale" and line.expected]
    labels = scorecard_labels(store) if stale else {}
    return tuple(stale_sentence(line, labels) for line in stale)


def scorecard_labels(store: Store) -> dict[str, str]:
    """The labels of the measures that have a slot on a scorecard, by id."""
    with store.read() as tx:
        slots = {name for card in definitions.scorecards(tx) for name in card.measures}
        return {name: one.label for name, one in definitions.current(tx).items() if name in slots}


def stale_sentence(line: Line, labels: dict[str, str]) -> str:
    """`Help desk is 81 days old; it touches NPS and CSAT.`; `labels` are those of the measures on a scorecard."""
    touched = [labels[name] for name in line.touches if name in labels]
    if not touched:
        return f"{line.name} is {line.age} days old; it touches no scorecard measure."
    shown = touched if len(touched) <= 3 else [*touched[:2], f"{len(touched) - 2} more"]
    named = shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"
    return f"{line.name} is {line.age} days old; it touches {named}."


def last_loads(store: Store, count: int = 50) -> tuple[Loaded, ...]:
    """The last loads, the newest first, with their source, time and warnings."""
    with store.read() as tx:
        past, declared, seen = _brought(loads.recent(tx, 2 * count))[:count], rows.every(tx), rows.arrivals(tx)
        took = _seconds(job_rows.recent(tx, 2 * count)) | {one.load: one.said.get("seconds") for one in seen}
    return tuple(_loaded(one, declared, seen, took.get(one.id)) for one in past)


def _seconds(done: Iterable[Job]) -> dict[str, float | None]:
    """How long accepted files took, by their load."""
    return {str(one.result.get("load")): (one.ended_at - one.started_at).total_seconds() for one in done
            if one.kind == "load_file" and one.state == "done" and one.started_at and one.ended_at}


def _loaded(one: Load, declared: list[Source], seen: list[Arrival], took: float | None) -> Loaded:
    owner = _owner(one, declared, seen)
    name = owner.name if owner else loading.source_of(one.file_name)
    return Loaded(one, name, took, tuple(one.understood.get("warnings", ())))


# -- commands


def find(store: Store, name: str) -> Source:
    """The source with this name or id. Raises UsageError with the nearest name."""
    with store.read() as tx:
        known = rows.every(tx)
    for one in known:
        if name.strip().lower() in (one.name.lower(), one.id):
            return one
    names = [one.name for one in known]
    near = difflib.get_close_matches(name, names, 1, 0.5)
    meant = f" Did you mean '{near[0]}'?" if near else ""
    listed = (
        f" There are: {', '.join(names)}."
        if names
        else " Add one with: python -m scorecard source add NAME --folder PATH"
    )
    raise UsageError(f"There is no source '{name}'.{meant}{listed}")


def add(store: Store, actor: Actor, source: Source) -> Source:
    """The new source, with its own id."""
    access.require(actor, "load_files")
    checked = _checked(replace(source, id=uuid.uuid4().hex))
    store.write(lambda tx: rows.add(tx, checked), actor.name)
    return checked


def change(store: Store, actor: Actor, source: Source) -> None:
    """Stores the fields of a source as they are now; `source.version` is the one that was read."""
    access.require(actor, "load_files")
    checked = _checked(source)
    store.write(lambda tx: rows.change(tx, checked), actor.name)


def remove(store: Store, actor: Actor, source: Source) -> None:
    """Forgets a source. What it loaded stays, and its files stay where they are."""
    access.require(actor, "load_files")
    store.write(lambda tx: rows.remove(tx, source), actor.name)


def load_now(store: Store, actor: Actor, source: Source) -> Job:
    """The job that loads what is new at the place of a source."""
    if not source.place:
        raise UsageError(
            f"{source.name} has no place: somebody brings its files, on the page Data or with: "
            "python -m scorecard load FILE"
        )
    return jobs.ask(store, actor, "load_source", {"source": source.id})


def own_folder(store: Store, name: str) -> Path:
    """The folder that a new watched source gets beside the store when nobody names another; it is there afterwards."""
    plain = "".join(letter if letter.isalnum() else "-" for letter in name.lower()).strip("-") or "source"
    folder = store.folder / "incoming" / plain[:60]
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileRefused(f"The folder {folder} cannot be made ({error.strerror}).") from None
    return folder


def new(
    name: str,
    way: str,
    place: str = "",
    pattern: str = "",
    cadence: str = "month",
    expected_day: int = 0,
    owner: str = "",
    leave_out: bool = False,
) -> Source:
    """A source as somebody describes it, not stored yet; expected a tenth of a period after its end by default."""
    usual = {"day": 1, "week": 1, "month": 3, "quarter": 9}.get(cadence, 1)
    return Source(
        "",
        clean_name(name),
        way,
        place,
        pattern,
        cadence,
        expected_day or usual,
        clean_name(owner),
        leave_out,
        {},
        "",
        None,
        False,
        0,
        "",
        None,
    )


def _checked(one: Source) -> Source:
    """The source, when its fields make sense. Raises UsageError with what is allowed."""
    if not one.name or name_fault(one.name):
        raise UsageError("A source needs a name of at most 200 visible characters.")
    if one.way not in WAYS:
        raise UsageError(f"'{one.way}' is no way in. There are: {', '.join(WAYS)}.")
    if one.cadence not in CADENCES:
        raise UsageError(f"'{one.cadence}' is no cadence. There are: {', '.join(CADENCES)}.")
    if not 1 <= one.expected_day <= MOST_DAYS[one.cadence]:
        raise UsageError(
            f"{one.name}: a {one.cadence}'s data are expected 1 to {MOST_DAYS[one.cadence]} days after its end, "
            f"not {one.expected_day}."
        )
    if one.way == arrivals.FOLDER and not one.place:
        raise UsageError(f"{one.name}: which folder is watched? Say it with --folder PATH.")
    if one.way == arrivals.WAREHOUSE and not one.place:
        raise UsageError(f"{one.name}: which DuckDB file or Parquet folder? Say it with --warehouse PATH.")
    if one.place and not Path(one.place).is_absolute():
        raise UsageError(f"{one.name}: the place has to be a whole path, not '{one.place}'.")
    return one

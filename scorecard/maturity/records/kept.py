"""Everything in the state store that speaks about how a team works, read in one snapshot."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from scorecard import registers
from scorecard.actions import Action
from scorecard.core.definition import Definition
from scorecard.core.lifecycle import LifecycleMap
from scorecard.core.periods import Period
from scorecard.core.verdict import Verdict
from scorecard.maturity.records import grown, led
from scorecard.maturity.records.facts import Facts
from scorecard.maturity.records.grown import Grown
from scorecard.maturity.records.led import Led
from scorecard.maturity.records.words import HALF, QUARTER, YEAR, months_back
from scorecard.metrics.book import ALL, Book, read_book
from scorecard.metrics.verdicts import verdicts_in
from scorecard.store import actions, definitions, diary, lifecycle, measures, members, projects, reviews, shares, sources, studies
from scorecard.store.definitions import Scorecard
from scorecard.store.diary import Entry
from scorecard.store.projects import Project
from scorecard.store.shares import Share
from scorecard.store.sources import Source
from scorecard.store.studies import KeptModel, Row
from scorecard.store.kept import DAYS
from scorecard.store.tx import Tx

READ = ("worked", "worse", "no_evidence")
# Registers whose entries have days of their own that matter here.
ASSUMPTIONS, SESSIONS, COMMENTS = "assumption", "feedback_session", "comment"
RESPONSES = "response_plan"
COMMITMENTS, ADVOCATES, TOUCH_POINTS = "commitment", "advocate", "touch_point"
# Measures of the catalogue that say how well one practice is kept.
PLANS_KEPT, PROMISES_KEPT, MEETINGS_KEPT, REVIEWS_KEPT, SCHEDULE_KEPT = (
    "development_plans_kept", "promises_kept", "meetings_held_as_planned", "review_promises_kept", "contact_schedule_kept",
)
HAND_OFFS = ("growth_leads_sent_back", "faults_sent_back")
ALL_HAND_OFFS = ("handoff_first_pass", "handoff_delay")  # of all contracts together, from their own records
GIVE_FIRST, RECIPROCITY = "give_first_rate", "reciprocity_share"
SPEAKING = (PLANS_KEPT, PROMISES_KEPT, MEETINGS_KEPT, REVIEWS_KEPT, SCHEDULE_KEPT, *HAND_OFFS, *ALL_HAND_OFFS, GIVE_FIRST, RECIPROCITY)


@dataclass(frozen=True)
class Review:
    """One review that was signed or held: of which scorecard and grain, on which day, with whom (ids)."""

    scorecard: str
    grain: str
    starts: date
    held_on: date | None
    signed_on: date | None
    attendees: tuple[str, ...]


@dataclass(frozen=True)
class Written:
    """What people wrote down: by register, how many entries stand and how many of the last twelve months.

    `challenges` are (next, last) of each assumption, None where no day is set; `sessions` are (day, state) of feedback sessions.
    `sides` are the states of commitments in sponsored accounts, ours and theirs; `stages` those of advocates;
    `answers` are the states of the plans that answer triggers. `critical` is how many touch points the team calls critical moments.
    """

    standing: dict[str, int] = field(default_factory=dict)
    recent: dict[str, int] = field(default_factory=dict)
    challenges: tuple[tuple[date | None, date | None], ...] = ()
    sessions: tuple[tuple[date, str], ...] = ()
    sides: dict[str, dict[str, int]] = field(default_factory=dict)
    stages: dict[str, int] = field(default_factory=dict)
    critical: int = 0
    answers: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Figured:
    """How many complete periods of a measure have a figure, the last of them, and its figure."""

    n: int
    last: Period
    value: float


@dataclass(frozen=True)
class Kept:
    """What the records of all practices are made of. `definitions` has every measure, `used` the names on a scorecard.

    `segments` and `by_person` say which measures have figures by segment and by person; `figures` are those of measures that
    speak about a practice; `limits` which have locked limits; `maps` are the versions of the lifecycle, the oldest first;
    `decided` are the items decided in the last year, `committed` the measures with written commitments;
    `verdicts` belong to the finished actions of the last year; `remarks` counts what the team itself wrote in it.
    """

    today: date
    facts: Facts
    definitions: dict[str, Definition]
    cards: tuple[Scorecard, ...]
    segments: dict[str, int]
    by_person: frozenset[str]
    figures: dict[str, Figured]
    limits: frozenset[str]
    actions: tuple[Action, ...]
    verdicts: dict[str, Verdict]
    reviews: tuple[Review, ...]
    decided: tuple[str, ...]
    committed: frozenset[str]
    entries: tuple[Entry, ...]
    shares: tuple[Share, ...]
    sources: tuple[Source, ...]
    projects: tuple[Project, ...]
    team: frozenset[str]
    answered: tuple[str, int, int] | None
    written: Written = Written()
    remarks: int = 0
    maps: tuple[LifecycleMap, ...] = ()
    led: Led = Led()
    grown: Grown = Grown()
    models: tuple[KeptModel, ...] = ()
    experiments: tuple[Row, ...] = ()

    @property
    def year(self) -> date:
        """The first day of the window of twelve months."""
        return months_back(self.today, YEAR)

    @property
    def half(self) -> date:
        """The first day of the window of six months."""
        return months_back(self.today, HALF)

    @property
    def quarter(self) -> date:
        """The first day of the window of three months."""
        return months_back(self.today, QUARTER)

    @property
    def used(self) -> tuple[Definition, ...]:
        """The measures that stand on a scorecard, each once."""
        names = dict.fromkeys(name for card in self.cards for name in card.measures)
        return tuple(self.definitions[name] for name in names if name in self.definitions)

    def signed(self, since: date, grain: str = "") -> tuple[Review, ...]:
        """The reviews signed since a day, of one grain or of all."""
        return tuple(one for one in self.reviews if one.signed_on and one.signed_on >= since and grain in ("", one.grain))

    def held(self, kind: str, since: date) -> tuple[Entry, ...]:
        """The calendar entries of a kind that were held since a day."""
        return tuple(one for one in self.entries if one.kind == kind and one.held_on and since <= one.held_on <= self.today)

    def ahead(self, kind: str = "") -> tuple[Entry, ...]:
        """The calendar entries that are still to come, of one kind or of all."""
        return tuple(one for one in self.entries if kind in ("", one.kind) and one.open and one.planned >= self.today)

    def challenged(self, since: date) -> int:
        """How often assumptions were challenged since a day: in a meeting of the calendar, or one by one."""
        own = sum(last is not None and since <= last <= self.today for _, last in self.written.challenges)
        return len(self.held("assumption", since)) + own

    def challenges_ahead(self) -> list[date]:
        """The days on which assumptions are to be challenged, today's included."""
        own = [day for day, _ in self.written.challenges if day and day >= self.today]
        return sorted([*own, *(one.planned for one in self.ahead("assumption"))])

    def fed_back(self, since: date) -> int:
        """How many feedback sessions were held since a day."""
        own = sum(state == "held" and since <= day <= self.today for day, state in self.written.sessions)
        return len(self.held("feedback", since)) + own

    def not_fed_back(self, since: date) -> int:
        """How many feedback sessions were written down as missed since a day."""
        return sum(state == "missed" and since <= day <= self.today for day, state in self.written.sessions)

    def sessions_ahead(self) -> list[date]:
        """The days of feedback sessions that are to come, today's included."""
        own = [day for day, state in self.written.sessions if state == "planned" and day >= self.today]
        return sorted([*own, *(one.planned for one in self.ahead("feedback"))])

    def goal(self, measure: Definition) -> bool:
        """Whether a goal of the measure is in force today."""
        return any(one.start <= self.today for one in measure.targets)

    def finished(self) -> tuple[Action, ...]:
        """The actions that were done in the last twelve months."""
        return tuple(one for one in self.actions if one.state == "done" and one.ended and self.year <= one.ended <= self.today)

    def verdict(self, action: Action) -> str:
        """The verdict on a finished action, "" while too few months have run."""
        found = self.verdicts.get(action.id)
        return found.verdict if found and found.verdict in READ else ""


def read(tx: Tx, facts: Facts, today: date) -> Kept:
    """The records of a moment, in a transaction of the caller."""
    year = months_back(today, YEAR)
    parts = measures.parts(tx)
    known, figured, verdicts = tx.once("measures of practices", lambda: _measured(tx, today), today, DAYS)
    return Kept(
        today,
        facts,
        definitions.current(tx),
        tuple(definitions.scorecards(tx)),
        {name: sum(bool(segment) for segment in own) for name, (_, own) in parts.items()},
        frozenset(name for (name,) in tx.all("SELECT DISTINCT measure FROM figure WHERE csm <> ''")),
        figured,
        frozenset(name for (name,) in tx.all("SELECT DISTINCT measure FROM limits WHERE segment = ''")),
        known,
        verdicts,
        _reviews(tx),
        _decided(tx, year),
        frozenset(reviews.commitments(tx)),
        tuple(diary.every(tx)),
        tuple(shares.every(tx)),
        tuple(sources.every(tx)),
        tuple(projects.listed(tx)),
        frozenset(one.person.id for one in members.members(tx) if one.active and one.role in ("member", "analyst", "leader")),
        _answered(tx),
        _written(tx, year, today),
        _remarks(tx, year),
        tuple(lifecycle.maps(tx)),
        led.read(tx, year, today),
        grown.read(tx, year, today),
        models=tuple(studies.models(tx)),
        experiments=tuple(studies.experiments(tx)),
    )


def _measured(tx: Tx, today: date) -> tuple[tuple[Action, ...], dict[str, Figured], dict[str, Verdict]]:
    """All actions, what the measures that speak for practices have, and what became of the actions of the last twelve months."""
    year, known = months_back(today, YEAR), tuple(actions.listed(tx))
    done = [one for one in known if one.state == "done" and one.ended and year <= one.ended <= today]
    book = read_book(tx, sorted({*SPEAKING, *(one.measure for one in done if one.measure)}), today)
    return known, {name: one for name in SPEAKING if (one := _figured(book, name))}, verdicts_in(tx, done, today, book, known)


def _figured(book: Book, measure: str) -> Figured | None:
    over = [point for point in book.points(measure, ALL) if point.value is not None and not book.is_partial(point)]
    return Figured(len(over), over[-1].period, over[-1].value) if over else None


def _reviews(tx: Tx) -> tuple[Review, ...]:
    rows = tx.all(
        """SELECT r.scorecard, r.grain, r.starts, r.held_on, s.signed_at, r.attendees
           FROM review AS r LEFT JOIN signed_month AS s
             ON s.scorecard = r.scorecard AND s.grain = r.grain AND s.starts = r.starts
           ORDER BY r.starts, r.scorecard, r.grain"""
    )
    return tuple(
        Review(scorecard, grain, starts, held, at.date() if at else None, tuple(json.loads(people)))
        for scorecard, grain, starts, held, at, people in rows
    )


def _decided(tx: Tx, since: date) -> Sequence[str]:
    rows = tx.all("SELECT item FROM review_item WHERE decision <> '' AND decided_at >= $1 ORDER BY item", [since])
    return tuple(item for (item,) in rows)


def _written(tx: Tx, since: date, today: date) -> Written:
    counts = tx.all(
        """SELECT register, COUNT(*), COUNT(CASE WHEN happened >= $1 AND happened <= $2 THEN 1 END) FROM register_entry
           GROUP BY register ORDER BY register""",
        [since, today],
    )
    standing, recent = {id: n for id, n, _ in counts}, {id: n for id, _, n in counts}
    assumptions = registers.entries(tx, ASSUMPTIONS) if standing.get(ASSUMPTIONS) else []
    sessions = registers.entries(tx, SESSIONS) if standing.get(SESSIONS) else []
    challenges = tuple((_day(one.values.get("next_challenge")), _day(one.values.get("challenged_on"))) for one in assumptions)
    sides = {side: registers.by_state(tx, COMMITMENTS, where={"side": side}) for side in ("ours", "theirs")} if standing.get(COMMITMENTS) else {}
    stages = registers.by_state(tx, ADVOCATES) if standing.get(ADVOCATES) else {}
    critical = sum(bool(one.values.get("critical")) for one in registers.entries(tx, TOUCH_POINTS)) if standing.get(TOUCH_POINTS) else 0
    answers = registers.by_state(tx, RESPONSES) if standing.get(RESPONSES) else {}
    return Written(standing, recent, challenges, tuple((one.at, one.state) for one in sessions), sides, stages, critical, answers)


def _remarks(tx: Tx, since: date) -> int:
    """How many comments, notes on figures and notes beside signed months were written and not withdrawn."""
    counts = (
        tx.one("SELECT COUNT(*) FROM comment WHERE recorded_at >= $1 AND withdrawn_at IS NULL", [since]),
        tx.one("SELECT COUNT(*) FROM note WHERE recorded_at >= $1 AND withdrawn_at IS NULL", [since]),
        tx.one("SELECT COUNT(*) FROM added_later WHERE recorded_at >= $1 AND kind = 'note'", [since]),
    )
    return sum(n for (n,) in counts)


def _day(value: object) -> date | None:
    return date.fromisoformat(str(value)) if value else None


def _answered(tx: Tx) -> tuple[str, int, int] | None:
    """(title, asked, finished) of the newest closed cycle."""
    row = tx.one("SELECT id, title FROM maturity_cycle WHERE state = 'closed' ORDER BY opens DESC, opened_at DESC, id LIMIT 1")
    if row is None:
        return None
    asked, finished = tx.one("SELECT COUNT(*), COUNT(CASE WHEN finished THEN 1 END) FROM maturity_asked WHERE cycle = $1", [row[0]])
    return row[1], asked, finished

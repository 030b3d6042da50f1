"""The calendar of a year: what was held, missed and moved, and what is to come, of everything that other records hold as well.

Reviews, maturity cycles, sponsor reviews and planning stand in the diary; feedback sessions, reviews with partners and challenges of
assumptions stand in their registers and are read from there. Nothing has to be written twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from scorecard import diary, registers
from scorecard.core import icalendar
from scorecard.core.periods import Period, between, containing
from scorecard.core.reading import Sentence
from scorecard.registers import Entry
from scorecard.store import feedback, members, reviews
from scorecard.store.engine import Store, Tx

MEASURE = "meetings_held_as_planned"
SESSION, PARTNER_REVIEW, ASSUMPTION = "feedback_session", "partner_review", "assumption"
MONTHS, BEFORE, MOST_NAMED = 12, 4, 3
STATES = {"held": "held", "missed": "missed", "planned": "planned", "moved": "moved", "unsaid": "not said yet"}
OPEN = ("planned", "moved", "unsaid")
NO_MEETING = ("other",)  # kinds of the diary that count towards no conformance
ORDER = ("monthly_review", "quarterly_review", "planning", "maturity", "feedback", "assumption", "trigger_dry_run", "sponsor_review", "partner_review", "leadership_feedback", "other")
WORDS = {"monthly_review": "review", "quarterly_review": "quarterly review", "maturity": "maturity cycle", "feedback": "feedback session",
         "assumption": "look at assumptions", "trigger_dry_run": "trigger dry run", "sponsor_review": "sponsor review", "partner_review": "partner review"}  # fmt: skip
SINGULAR = {"feedback": "Feedback session", "partner_review": "Review with a partner", "assumption": "Challenge"}
ROUNDS = "Feedback to leaders"
Figure = tuple[float, float, float]  # value, numerator, denominator


@dataclass(frozen=True)
class Meeting:
    """One entry: `planned` is the day at first, `on` the day it stands on now or was held. `state` is a key of STATES.

    `source` says where it is written, "diary" or a register; `foreseen` that only the review day asks for it,
    `about` which review it is, in the diary or foreseen.
    """

    id: str
    kind: str
    row: str
    title: str
    planned: date
    on: date
    state: str
    owner: str = ""
    begins: str = ""
    note: str = ""
    until: date | None = None
    source: str = "diary"
    foreseen: bool = False
    version: int = 1
    about: str = ""

    @property
    def counts(self) -> bool:
        """Whether it is one of the meetings that are to be held as planned."""
        return self.until is None and self.kind not in NO_MEETING

    @property
    def kept(self) -> bool:
        """Whether it was held by the day that was planned at first."""
        return self.state == "held" and self.on <= self.planned


@dataclass(frozen=True)
class Line:
    """A row of the picture: what comes again and again, by day."""

    title: str
    kind: str
    meetings: tuple[Meeting, ...]


@dataclass(frozen=True)
class Year:
    """Twelve months with the rows of the calendar; `people` maps ids to names. `ahead` are the next, in order of time."""

    months: tuple[Period, ...]
    lines: tuple[Line, ...]
    today: date
    people: Mapping[str, str]

    @property
    def past(self) -> tuple[Meeting, ...]:
        """The meetings that were to be held in these months, before today."""
        found = [one for line in self.lines for one in line.meetings if one.counts and self.months[0].start <= one.planned < self.today]
        return tuple(sorted(found, key=lambda one: (one.planned, one.title)))

    def kept(self) -> tuple[Period, int, int] | None:
        """(month, meetings held by the day planned first, meetings planned) of the last month that is over and had some."""
        found = held_by_month(self.past, containing(self.today, "month").shift(-1))
        return (max(found), int(found[max(found)][1]), int(found[max(found)][2])) if found else None

    @property
    def ahead(self) -> tuple[Meeting, ...]:
        found = [one for line in self.lines for one in line.meetings if one.state in ("planned", "moved") and one.on >= self.today]
        return tuple(sorted(found, key=lambda one: (one.on, one.title)))


# -- reads


def read(store: Store, today: date, scorecard: str = "") -> Year:
    """Four months that are over, this one and seven to come; of the reviews those of one scorecard, of all for ""."""
    first = containing(today, "month").shift(-BEFORE)
    months = tuple(between(first, first.shift(MONTHS - 1)))
    with store.read() as tx:
        found = [*meetings(tx, today, scorecard), *_foreseen(tx, today, MONTHS - BEFORE, scorecard)]
        people = {one.id: one.name for one in members.people(tx)}
    within = [one for one in found if one.on <= months[-1].end and (one.until or one.on) >= months[0].start]
    return Year(months, _lines(within), today, people)


def meetings(tx: Tx, today: date, scorecard: str = "") -> list[Meeting]:
    """Everything that was ever planned, by the day on which it stands; what two places hold stands once."""
    entries = [one for one in diary.listed(tx) if _asked(one.kind, one.object, scorecard)]
    own = _of_diary(entries, reviews.held_days(tx), today)
    days = {(one.kind, one.on) for one in own}
    of_registers = [*_sessions(tx, today), *_with_partners(tx, today), *_challenges(tx, today), *_rounds(tx, today)]
    happened = {(one.kind, one.on) for one in of_registers if one.state == "held"}
    own = [replace(one, state="held") if one.state in OPEN and (one.kind, one.on) in happened else one for one in own]
    found = own + [one for one in of_registers if (one.kind, one.on) not in days]
    return sorted(found, key=lambda one: (one.on, one.title, one.id))


def _asked(kind: str, object: str, scorecard: str) -> bool:
    return not scorecard or kind not in diary.REVIEWS or object.startswith(f"review:{scorecard}:")


def _of_diary(entries: Sequence[diary.Entry], held: Mapping[str, date], today: date) -> list[Meeting]:
    """A review that is held and waits for its signature was held."""
    entries = [replace(one, state="held", held_on=held[one.object]) if one.open and held.get(one.object, today) < today else one for one in entries]
    series = {kind: {one.object.rpartition(":")[0] for one in entries if one.kind == kind} for kind in diary.REVIEWS}
    return [_entry(one, _row(one, len(series.get(one.kind, ())) > 1), today) for one in entries]


def _row(one: diary.Entry, several: bool) -> str:
    if one.kind in ("planning", "other") or several:
        return one.title
    return diary.KINDS[one.kind]


def _entry(one: diary.Entry, row: str, today: date) -> Meeting:
    state = "unsaid" if one.open and (one.ends or one.planned) < today else one.state
    return Meeting(one.id, one.kind, row, one.title, one.moved_from or one.planned, one.held_on or one.planned, state, one.owner, one.begins,
                   "" if one.note == diary.BY_RULE else one.note, one.ends, version=one.version,
                   about=one.object if one.kind in diary.REVIEWS else "")  # fmt: skip


def _foreseen(tx: Tx, today: date, months: int, scorecard: str) -> list[Meeting]:
    found = [one for one in diary.foreseen(tx, today, months) if _asked(one[0], one[2], scorecard)]
    several = len({object.rpartition(":")[0] for _, _, object, _ in found}) > 1
    return [Meeting("", kind, title if several else diary.KINDS[kind], title, day, day, "planned", foreseen=True, version=0, about=object) for kind, title, object, day in found]


def _sessions(tx: Tx, today: date) -> list[Meeting]:
    found = registers.entries(tx, SESSION, order="date")
    labels = registers.register(SESSION).field("department").choices or {}
    named = list(dict.fromkeys(labels.get(one.values["department"], one.values["department"]) for one in found))
    row = f"Feedback to {', '.join(named)}" if 0 < len(named) <= MOST_NAMED else "Feedback sessions"
    return [_of_register(one, "feedback", row, one.at, _state(one, one.at, today), one.values.get("led_by", ""), _planned_first(tx, one)) for one in found]


def _with_partners(tx: Tx, today: date) -> list[Meeting]:
    found = registers.entries(tx, PARTNER_REVIEW, order="date")
    return [_of_register(one, "partner_review", "Reviews with partners", one.at, _state(one, one.at, today), one.values.get("led_by", ""), _planned_first(tx, one)) for one in found]


def _challenges(tx: Tx, today: date) -> list[Meeting]:
    """When assumptions are to be challenged, and when they were. A day that passed without a challenge is one nobody spoke about."""
    found = []
    for one in registers.entries(tx, ASSUMPTION):
        next_on, last = (_day(one.values.get(name)) for name in ("next_challenge", "challenged_on"))
        if last:
            found.append(_of_register(one, "assumption", diary.KINDS["assumption"], last, "held", one.person, _asked_for(tx, one, last)))
        if next_on and next_on != last:
            found.append(_of_register(one, "assumption", diary.KINDS["assumption"], next_on, _state(one, next_on, today, "planned"), one.person))
    return found


def _rounds(tx: Tx, today: date) -> list[Meeting]:
    """Rounds of feedback to leaders, from the day they open to the one they close: when people are asked, and not about whom.

    The version is none of the round, which grows with each answer."""
    return [Meeting(one.id, "leadership_feedback", ROUNDS, ROUNDS, one.opens, one.opens, _round_state(one, today), until=one.closed_at.date() if one.closed_at else one.closes,
                    source="feedback_round", version=1 if one.open else 2) for one in feedback.rounds(tx)]  # fmt: skip


def _round_state(one: feedback.Round, today: date) -> str:
    """Closed is held; open after its last day is something that nobody said yet."""
    if not one.open:
        return "held"
    return "unsaid" if one.opens <= today else "planned"


def _state(one: Entry, on: date, today: date, state: str = "") -> str:
    said = state or one.state
    return "unsaid" if said == "planned" and on < today else said if said in STATES else "held"


def _planned_first(tx: Tx, one: Entry) -> date:
    """The day for which it was planned at first, as its earlier versions say; its own day where it was never planned."""
    before = registers.history(tx, one.register, one.id) if one.version > 1 else ()
    return next((kept.entry.at for kept in reversed(before) if kept.entry.state == "planned"), one.at)


def _asked_for(tx: Tx, one: Entry, challenged: date) -> date:
    """The day for which a challenge was planned that took place, as the version before it says; its own day without one."""
    before = registers.history(tx, one.register, one.id) if one.version > 1 else ()
    planned = next((kept.entry.values.get("next_challenge") for kept in before if _day(kept.entry.values.get("challenged_on")) != challenged), None)
    return _day(planned) or challenged


def _of_register(one: Entry, kind: str, row: str, on: date, state: str, owner: str, planned: date | None = None) -> Meeting:
    """The meeting; with another day for which it was `planned` it was moved while it is to come."""
    first = planned or on
    state = "moved" if state == "planned" and first != on else state
    return Meeting(one.id, kind, row, f"{SINGULAR[kind]}: {one.title}", first, on, state, str(owner or ""), source=one.register, version=one.version)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _lines(found: Iterable[Meeting]) -> tuple[Line, ...]:
    """The rows, in the order of their kinds; feedback of the diary and of the register stand in one row."""
    rows: dict[tuple[str, str], list[Meeting]] = {}
    by_kind = {one.kind: one.row for one in found if one.kind == "feedback" and one.source == SESSION}
    for one in found:
        rows.setdefault((one.kind, by_kind.get(one.kind, one.row)), []).append(one)
    order = sorted(rows, key=lambda key: (ORDER.index(key[0]), key[1]))
    return tuple(Line(row, kind, tuple(sorted(rows[kind, row], key=lambda one: (one.on, one.title)))) for kind, row in order)


# -- conformance


def held_by_month(found: Iterable[Meeting], last: Period) -> dict[Period, Figure]:
    """The share of the meetings planned in each month, up to the `last` one, that were held by the day planned at first."""
    months: dict[Period, list[bool]] = {}
    for one in found:
        if one.counts and one.planned <= last.end:
            months.setdefault(containing(one.planned, "month"), []).append(one.kept)
    return {month: (sum(kept) / len(kept), float(sum(kept)), float(len(kept))) for month, kept in months.items()}


# -- what is said about it


def sentences(found: Year) -> list[Sentence]:
    """How many of the meetings planned in these months were held, and which were not."""
    past = found.past
    if not past:
        return []
    held = [one for one in past if one.state == "held"]
    head = f"{len(held)} of {len(past)} planned {'meeting was' if len(past) == 1 else 'meetings were'} held since {found.months[0].bare}."
    said = [f"{name}: {_named(own)}." for name, own in (("Missed", _in(past, "missed")), ("Not said yet", _in(past, "unsaid"))) if own]
    return [Sentence(head, " ".join(said))]


def _in(past: Sequence[Meeting], state: str) -> list[Meeting]:
    return [one for one in past if one.state == state]


def _named(found: Sequence[Meeting]) -> str:
    """`the August review, the October feedback session and 2 more`."""
    told = [f"the {containing(one.planned, 'month').bare} {WORDS.get(one.kind, one.title)}" for one in found]
    more = [f"{len(told) - MOST_NAMED} more"] if len(told) > MOST_NAMED else []
    parts = [*dict.fromkeys(told[:MOST_NAMED]), *more]
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


# -- the file for calendars


def file(found: Year, made_at: datetime) -> bytes:
    """What is to come, and what was held, as an iCalendar file; what was missed is left out. Nobody's name is in it."""
    days = [_event(one) for line in found.lines for one in line.meetings if one.state != "missed"]
    return icalendar.file(sorted(days, key=lambda one: (one.on, one.title, one.id)), "Planning and review", made_at)


def _event(one: Meeting) -> icalendar.Day:
    told = "On the review day; not in the calendar yet." if one.foreseen else STATES[one.state]
    return icalendar.Day(_uid(one), one.on, one.title, one.begins, told, one.version, until=one.until)


def _uid(one: Meeting) -> str:
    """What a calendar knows it by: that of a review stays when the diary takes up what was foreseen; a challenge that was held is another than the next."""
    challenged = f"-{one.on}" if one.source == ASSUMPTION and one.state == "held" else ""
    return one.about or f"{one.source}-{one.id}{challenged}"

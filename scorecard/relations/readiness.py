"""May we ask? Six checks for each planned ask, what each rests on, and the reasons to wait, with the day from when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from scorecard import registers
from scorecard.core import ledger
from scorecard.core.ledger import CAUTION, MOMENT_DAYS, NO, Ask, Deposit, Readiness, Signs
from scorecard.core.periods import MONTHS, day
from scorecard.core.reading import Sentence
from scorecard.relations.ledger import ASK, Ledger, Line
from scorecard.store import ledger as rows
from scorecard.store import members
from scorecard.store.engine import Store

COMMENT, MOST_ASKS = "comment", 3
LABELS = {
    "gave": "We gave first, and since the last ask", "moment": f"A good moment in the last {MOMENT_DAYS} days", "severe": "No severe ticket open",
    "quarter": "No other ask this quarter", "motive": "No sign of a deposit made for the ask", "health": "Health",
}  # fmt: skip


@dataclass(frozen=True)
class Moment:
    """A good moment: its day and what it was."""

    on: date
    what: str


@dataclass(frozen=True)
class Beside:
    """What is known beside the ledger: good moments by day, tickets (open, severe; None where none are loaded), health by month, the month in which the fiscal year starts."""

    moments: tuple[Moment, ...]
    tickets: tuple[int, int] | None
    health: tuple[tuple[date, int | None], ...]
    first_month: int = 1

    @property
    def signs(self) -> Signs:
        now, was = self.health_now
        return Signs(tuple(one.on for one in self.moments), self.tickets[1] if self.tickets else None, now, was[1] if was else None)

    @property
    def health_now(self) -> tuple[int | None, tuple[date, int] | None]:
        """(the last score, (month, score) of three months before it)."""
        if not self.health:
            return None, None
        month, now = self.health[0]
        then = next(((at, score) for at, score in self.health if score is not None and _months(at, month) == 3), None)
        return now, then


@dataclass(frozen=True)
class Ready:
    """A planned ask with its checks, a note on each (what it rests on), and the reasons to wait."""

    line: Line
    found: Readiness
    notes: Mapping[str, str]
    reasons: tuple[str, ...]
    fell: int | None = None
    left: date | None = None

    @property
    def may(self) -> bool:
        """Who has left is not asked, whatever the checks say."""
        return self.found.may and self.left is None

    @property
    def cautions(self) -> tuple[str, ...]:
        return tuple(name for name, answer in self.found.checks.items() if answer == CAUTION)


def read(store: Store, found: Ledger) -> tuple[Ready, ...]:
    """The next planned asks of an account, each with its checks."""
    if not found.planned:
        return ()
    known = beside(store, found)
    return tuple(_ready(one, found, known) for one in found.planned[:MOST_ASKS])


def beside(store: Store, found: Ledger) -> Beside:
    """What is known of the account beside its ledger, as of today."""
    since = found.today - timedelta(MOMENT_DAYS)
    with store.read_facts() as tx:
        told, tickets, health = rows.moments(tx, found.head.id, since), rows.open_tickets(tx, found.head.id), rows.health(tx, found.head.id, found.today)
    with store.read() as tx:
        said = registers.entries(tx, COMMENT, account=found.head.id, since=since, where={"tone": "good"})
        own = members.organisation(tx)
    moments = [Moment(on, what) for on, what in told if on <= found.today] + [Moment(one.at, "good words") for one in said if one.at <= found.today]
    moments += [Moment(one.on, one.what) for one in found.lines if one.side != ASK and since <= one.on <= found.today and (one.outcome or all(one.marks))]
    return Beside(tuple(sorted(moments, key=lambda one: (one.on, one.what))), tickets, tuple(health), own.fiscal_start if own else 1)


def on_its_day(ask: Ask, today: date) -> Ask:
    """The ask on the day on which it can be made: one whose day has passed, today."""
    return replace(ask, on=max(ask.on, today)) if ask.state == ledger.PLANNED else ask


def given_by(found: Ledger) -> tuple[Deposit, ...]:
    """What was given by today; what somebody dated ahead was not given yet."""
    return tuple(one for one in found.deposits if one.on <= found.today)


def _months(first: date, last: date) -> int:
    return (last.year - first.year) * 12 + last.month - first.month


def _ready(line: Line, found: Ledger, known: Beside) -> Ready:
    ask = on_its_day(next(one for one in found.asks if one.id == line.id), found.today)
    checked = ledger.readiness(ask, given_by(found), found.asks, known.signs, known.first_month)
    names = {one.id: one.what for one in found.lines}
    gone = (f"the account left on {day(found.left)}",) if found.left else ()
    return Ready(line, checked, _notes(checked, known, names), gone + _reasons(checked, known, names), ledger.fell(known.signs), found.left)


# -- words


def short(value: date) -> str:
    """`5 Aug`."""
    return day(value).rsplit(" ", 1)[0]


def _notes(found: Readiness, known: Beside, names: Mapping[str, str]) -> dict[str, str]:
    return {
        "gave": _gave(found), "moment": _moment(found, known), "severe": _severe(known), "quarter": _quarter(found, names),
        "motive": f"{found.apart} {'day' if found.apart == 1 else 'days'} between" if found.apart is not None else "nothing was given",
        "health": health_words(known),
    }  # fmt: skip


def _gave(found: Readiness) -> str:
    count = len(found.before)
    told = f"{count} {'deposit' if count == 1 else 'deposits'}" if count else "no deposit"
    return f"{told} since {short(found.since)}" if found.since else f"{told}, nothing was asked before" if count else "no deposit yet"


def _moment(found: Readiness, known: Beside) -> str:
    if found.moment is None:
        return f"none since {short(found.ask.on - timedelta(MOMENT_DAYS))}"
    what = next(one.what for one in known.moments if one.on == found.moment)
    return f"{what[:40]}, {short(found.moment)}"


def _severe(known: Beside) -> str:
    if known.tickets is None:
        return "no tickets are loaded"
    count, severe = known.tickets
    return "none open" if not count else f"{count:,} open, {f'{severe:,} severe' if severe else 'none severe'}"


def _quarter(found: Readiness, names: Mapping[str, str]) -> str:
    if found.other is not None:
        return f"{names.get(found.other.id, 'an ask')}, {short(found.other.on)}"
    return f"last ask {short(found.since)}" if found.since else "none was asked"


def health_words(known: Beside) -> str:
    """`48, was 59 in July`."""
    now, was = known.health_now
    if now is None:
        return "not known"
    return f"{now}, was {was[1]} in {MONTHS[was[0].month - 1]}" if was and was[1] != now else f"{now}"


def _reasons(found: Readiness, known: Beside, names: Mapping[str, str]) -> tuple[str, ...]:
    said = []
    if found.checks["gave"] == NO:
        said.append("give first" + (f": nothing was given since {short(found.since)}" if found.since else ""))
    if found.checks["moment"] == NO:
        said.append("have a good moment first")
    if found.checks["severe"] == NO:
        said.append("solve the severe ticket first" if known.tickets[1] == 1 else f"solve the {known.tickets[1]:,} severe tickets first")
    if found.other is not None:
        said.append(f"{_lower(names.get(found.other.id, 'another ask'))} is this quarter's ask; it can follow from {long_day(found.free_from)}")
    if found.checks["motive"] == NO:
        said.append(f"most of what was given came in the {ledger.CLOSE_DAYS} days before, which looks like a price")
    return tuple(said)


def long_day(value: date) -> str:
    """`24 November`."""
    return f"{value.day} {MONTHS[value.month - 1]}"


def _lower(text: str) -> str:
    """The first letter small, unless the word is written in capitals."""
    return text[:1].lower() + text[1:] if text[1:2].islower() else text


def sentence(found: Sequence[Ready], known: Beside | None = None) -> Sentence | None:
    """`The case study on 24 November is ready, with one caution: health …`, of the next planned ask."""
    if not found:
        return None
    one = found[0]
    late = one.line.on < one.found.ask.on
    head = f"{one.line.what}, planned for {long_day(one.line.on)} and not asked yet," if late else f"{one.line.what} on {long_day(one.line.on)}"
    if not one.may:
        return Sentence(f"{head.removesuffix(',')}: wait.", f"{one.reasons[0][:1].upper()}{one.reasons[0][1:]}." + (" And more: see below." if len(one.reasons) > 1 else ""))
    if not one.cautions:
        return Sentence(f"{head} is ready.", "All six checks hold.")
    first = one.cautions[0]
    told = _health_news(one) if first == "health" else one.notes[first]
    many = "one caution" if len(one.cautions) == 1 else f"{len(one.cautions)} cautions"
    return Sentence(f"{head} is ready, with {many}:", f"{told}. Ask about that first." if first == "health" else f"{told}.")


def _health_news(one: Ready) -> str:
    """`health fell 11 points in three months`, or what it is."""
    drop = one.fell
    return f"health fell {drop} points in three months" if drop and drop >= ledger.FELL else f"health is {one.notes['health']}"

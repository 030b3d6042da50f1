"""What the product keeps about each practice: counts in plain lines, and where they contradict an answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from scorecard import registers
from scorecard.core.registers_file import Register
from scorecard.maturity.records.contradictions import RULES, Rule
from scorecard.maturity.records.contradictions import found as contradictions_of
from scorecard.maturity.records.facts import counted
from scorecard.maturity.records.improvement import improvement
from scorecard.maturity.records.kept import Kept, read
from scorecard.maturity.records.leadership import leadership
from scorecard.maturity.records.metrics import metrics
from scorecard.maturity.records.model import NOTHING, Records
from scorecard.maturity.records.people import people
from scorecard.maturity.records.planning import planning
from scorecard.maturity.records.relationships import relationships
from scorecard.maturity.records.sensory import sensory
from scorecard.maturity.records.words import YEAR, months_back, plural, since
from scorecard.maturity.records.work import work
from scorecard.maturity.results import Results
from scorecard.store.engine import Store
from scorecard.store.kept import DAYS

__all__ = ["NOTHING", "RULES", "SYSTEMS", "Contradiction", "Records", "Rule", "contradicted", "contradictions", "contradictions_of",
           "none_kept", "records"]  # fmt: skip

# A later system adds its own function here.
SYSTEMS: dict[str, Callable[[Kept], list[Records]]] = {
    "sensory": sensory, "planning": planning, "people": people, "work": work, "metrics": metrics, "improvement": improvement,
    "leadership": leadership, "relationships": relationships,
}  # fmt: skip


@dataclass(frozen=True)
class Contradiction:
    """A practice on which the team's median and the records say different things. `sentence` is a whole one."""

    practice: str
    title: str
    median: float
    level: int
    sentence: str


def records(store: Store, today: date) -> dict[str, Records]:
    """Practice id -> what the records say. A practice that an organisation added itself is not in it: see `none_kept`."""
    return store.kept.get("records of practices", today, lambda: _read(store, today), DAYS)


def _read(store: Store, today: date) -> dict[str, Records]:
    facts = counted(store, months_back(today, YEAR), today)
    with store.read() as tx:
        kept = read(tx, facts, today)
    told = contradictions_of(kept)
    return {one.practice: _with(_noted(one, kept), told) for system in SYSTEMS.values() for one in system(kept)}


def _noted(one: Records, kept: Kept) -> Records:
    """The records with a line for each register that speaks for the practice. People's own registers are not counted."""
    own = [register for register in registers.registers().values() if one.practice in register.practices and register.rows == "all"]
    if not own:
        return one
    counts = [(register, _count(register, kept)) for register in own]
    if one.count is not None:
        return replace(one, lines=one.lines + tuple(_entries(register, n, kept) for register, n in counts if n))
    return replace(one, lines=tuple(_entries(register, n, kept) for register, n in counts), count=sum(n for _, n in counts))


def _count(register: Register, kept: Kept) -> int:
    return (kept.written.recent if register.date else kept.written.standing).get(register.id, 0)


def _entries(register: Register, n: int, kept: Kept) -> str:
    """`3 entries in Findings since November 2025`; of a list without days all that stand in it."""
    return f"{plural(n, 'entry', 'entries')} in {register.label}{f' {since(kept.year)}' if register.date else ''}"


def _with(one: Records, told: Mapping[str, tuple[tuple[int, str], ...]]) -> Records:
    return replace(one, contradicts=told[one.practice][0]) if one.practice in told else one


def none_kept(practice: str) -> Records:
    """The records of a practice that the product knows nothing about."""
    return Records(practice, (NOTHING,), None)


def contradicted(known: Mapping[str, Records], practice: str, level: int | None) -> str:
    """The sentence beside an answer at this level, "" when nothing contradicts it."""
    one = known.get(practice)
    if one is None or one.contradicts is None or level is None or level < one.contradicts[0]:
        return ""
    return f"Level {level}, and {one.contradicts[1]}."


def contradictions(known: Mapping[str, Records], results: Results) -> tuple[Contradiction, ...]:
    """The practices whose median stands at a level that the records contradict, in the order of the results."""
    found = []
    for one in results.practices:
        median, kept = one.score.median, known.get(one.practice)
        if kept and kept.contradicts and median is not None and median >= kept.contradicts[0]:
            level, said = kept.contradicts
            words = f"{one.practice} stands at {median:.1f}, and {said}."
            found.append(Contradiction(one.practice, one.title, median, level, words))
    return tuple(found)

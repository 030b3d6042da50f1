"""What the page People keeps, as counts: read for the whole team, never about one person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from scorecard.store.tx import Tx

QUARTER_DAYS, LEAST_PEOPLE = 92, 5


@dataclass(frozen=True)
class Grown:
    """`positions` in force, of them `agreed` and `asking` about traits; `skills` needed; `staffed` positions with a plan ahead, `followed` with
    a successor named. `openings` of the window, `scores` of interviewers, `inducted` steps of induction and training in it.

    `plans` are development plans agreed by both, `steps` those due in the window. `formal` and `informal` are talks of the window,
    `heard` how many people had one in the last quarter, None while fewer than five had any.
    """

    positions: int = 0
    agreed: int = 0
    asking: int = 0
    skills: int = 0
    staffed: int = 0
    followed: int = 0
    openings: int = 0
    scores: int = 0
    inducted: int = 0
    plans: int = 0
    steps: int = 0
    formal: int = 0
    informal: int = 0
    heard: int | None = None


def read(tx: Tx, since: date, today: date) -> Grown:
    """The counts of a moment; those of the window are between both days."""
    states = dict(tx.all("SELECT register || ' ' || state, COUNT(*) FROM register_entry WHERE register IN ('position_plan', 'skill') GROUP BY register, state"))
    bodies = [body for (body,) in tx.all("SELECT body FROM register_entry WHERE register = 'position_plan' AND state <> 'retired'")]
    recent = dict(tx.all("""SELECT register, COUNT(*) FROM register_entry WHERE register IN ('opening', 'candidate_score', 'induction_step')
                            AND happened >= $1 AND happened <= $2 GROUP BY register""", [since, today]))  # fmt: skip
    return Grown(
        len(bodies), states.get("position_plan agreed", 0), sum('"traits": [{' in body for body in bodies), states.get("skill needed", 0),
        _positions(tx, "staffing_plan", "planned", today), _positions(tx, "succession", "named", None),
        recent.get("opening", 0), recent.get("candidate_score", 0), recent.get("induction_step", 0),
        tx.one("SELECT COUNT(*) FROM register_entry WHERE register = 'development_plan' AND state = 'agreed'")[0],
        tx.one("SELECT COUNT(*) FROM register_entry WHERE register = 'development_step' AND happened >= $1 AND happened < $2", [since, today])[0],
        *_talks(tx, since, today),
    )  # fmt: skip


def _positions(tx: Tx, register: str, state: str, ahead: date | None) -> int:
    """How many positions the entries of a register name, of those ahead only where a day is given."""
    (n,) = tx.one(
        """SELECT COUNT(DISTINCT p.value) FROM register_entry AS e
           JOIN register_value AS p ON p.register = e.register AND p.entry = e.id AND p.version = e.version AND p.field = 'position'
           WHERE e.register = $1 AND e.state = $2 AND e.happened >= $3""",
        [register, state, ahead.replace(day=1) if ahead else date.min],
    )
    return n


def _talks(tx: Tx, since: date, today: date) -> tuple[int, int, int | None]:
    """(formal, in passing, people who heard something in the last quarter) of talks that were held."""
    rows = tx.all(
        """SELECT e.person, e.happened, k.value FROM register_entry AS e
           JOIN register_value AS k ON k.register = e.register AND k.entry = e.id AND k.version = e.version AND k.field = 'kind'
           WHERE e.register = 'feedback_talk' AND e.state = 'held' AND e.happened >= $1 AND e.happened <= $2""",
        [since, today],
    )
    formal, heard = sum(kind == "formal" for _, _, kind in rows), {person for person, on, _ in rows if on >= today - timedelta(QUARTER_DAYS)}
    return formal, len(rows) - formal, len(heard) if len({person for person, _, _ in rows}) >= LEAST_PEOPLE else None

"""What the page Leadership keeps, as counts: read for the whole team, never about one person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from scorecard.store import feedback
from scorecard.store.tx import Tx

EXPLAIN, NOBODY = "explain", "nobody"


@dataclass(frozen=True)
class Led:
    """`explain` people said that they can explain the purpose in force, of its version `version` (0: none is written); `values` are held.

    `changes` counts change initiatives by state, `given` recognition of the window by side; `shared` people share what moves
    them, with their leader or their team, and `fits` agreements on work that fits stand. `growing` counts what people take on to
    grow into leading, `talks` talks about somebody's work in the window, `fed` is what feedback rounds of the window came to:
    (rounds, people asked, of these answered, aims agreed).
    """

    version: int = 0
    explain: int = 0
    values: int = 0
    changes: Mapping[str, int] = field(default_factory=dict)
    given: Mapping[str, int] = field(default_factory=dict)
    shared: int = 0
    fits: int = 0
    growing: int = 0
    talks: int = 0
    fed: tuple[int, int, int, int] = (0, 0, 0, 0)


def read(tx: Tx, since: date, today: date) -> Led:
    """The counts of a moment; `given` are those between both days."""
    purposes = tx.all(
        f"SELECT e.id FROM register_entry AS e {_value('kind')} WHERE e.register = 'purpose' AND value.value = 'purpose' AND e.happened <= $1 ORDER BY e.happened, e.made_at, e.id",
        [today],
    )
    found = _counted(tx, since, today)
    (shared,) = tx.one(f"SELECT COUNT(DISTINCT e.person) FROM register_entry AS e {_value('share_with')} WHERE e.register = 'motivator' AND value.value <> $1", [NOBODY])
    explain = _explain(tx, purposes[-1][0]) if purposes else 0
    growing = sum(n for (register, state), n in found.items() if register == "leader_growth" and state != "dropped")
    return Led(len(purposes), explain, found.get(("team_value", "held"), 0), _of(found, "change_initiative"), _of(found, "recognition"), shared,
               sum(_of(found, "work_fit").values()), growing, sum(_of(found, "feedback_talk").values()), feedback.counted(tx, since))


def _counted(tx: Tx, since: date, today: date) -> dict[tuple[str, str], int]:
    """(register, state) -> entries, of recognition by side instead; of what happens again and again those of the window."""
    rows = tx.all(
        f"""SELECT e.register, COALESCE(value.value, e.state), COUNT(*) FROM register_entry AS e LEFT {_value("side")} AND e.register = 'recognition'
            WHERE e.register IN ('change_initiative', 'team_value', 'work_fit', 'leader_growth')
               OR (e.register IN ('recognition', 'feedback_talk') AND e.happened >= $1 AND e.happened <= $2)
            GROUP BY e.register, COALESCE(value.value, e.state)""",
        [since, today],
    )
    return {(register, word): n for register, word, n in rows}


def _of(found: Mapping[tuple[str, str], int], register: str) -> dict[str, int]:
    return {word: n for (own, word), n in found.items() if own == register}


def _value(field: str) -> str:
    """The join with the value of a field; its name is a fixed text."""
    return f"JOIN register_value AS value ON value.register = e.register AND value.entry = e.id AND value.version = e.version AND value.field = '{field}'"


def _explain(tx: Tx, purpose: str) -> int:
    (n,) = tx.one(
        f"""SELECT COUNT(DISTINCT e.person) FROM register_entry AS e {_value("said")}
            JOIN register_value AS about ON about.register = e.register AND about.entry = e.id AND about.version = e.version AND about.field = 'purpose'
            WHERE e.register = 'purpose_read' AND value.value = $1 AND about.value = $2""",
        [EXPLAIN, purpose],
    )
    return n

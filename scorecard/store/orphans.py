"""What refers to something that is not there. The tables have no foreign keys (they break upserts): this finds what they would."""

from __future__ import annotations

from scorecard.store.tx import Tx

_REFERENCES = (
    ("slot", "measure", "definition", "measure", "Slot of scorecard {0!r} holds measure {1!r}, which has no definition.", "scorecard"),
    ("slot", "scorecard", "scorecard", "id", "A slot belongs to scorecard {1!r}, which does not exist.", "scorecard"),
    ("figure", "measure", "definition", "measure", "Figures of measure {1!r} have no definition.", "measure"),
    ("figure", "load", "load", "id", "Figures of measure {0!r} came with load {1!r}, which is not recorded.", "measure"),
    ("goal", "measure", "definition", "measure", "A goal belongs to measure {1!r}, which has no definition.", "measure"),
    ("phase", "measure", "definition", "measure", "A phase belongs to measure {1!r}, which has no definition.", "measure"),
    ("limits", "measure", "definition", "measure", "Limits belong to measure {1!r}, which has no definition.", "measure"),
    ("exclusion", "measure", "definition", "measure", "An exclusion belongs to measure {1!r}, which has no definition.", "measure"),
    ("note", "measure", "definition", "measure", "A note belongs to measure {1!r}, which has no definition.", "measure"),
    ("reading", "measure", "definition", "measure", "A recorded month belongs to measure {1!r}, which has no definition.", "measure"),
    ("share", "scorecard", "scorecard", "id", "Share link {0!r} shows scorecard {1!r}, which does not exist.", "id"),
    ("member", "person", "person", "id", "Member {1!r} has no person.", "person"),
    ("person", "team", "team", "id", "Person {0!r} is in team {1!r}, which does not exist.", "id"),
    ("person", "leader", "person", "id", "Person {0!r} has leader {1!r}, who does not exist.", "id"),
)


def find(tx: Tx) -> list[str]:
    """A sentence for each row that refers to nothing; empty when all is well."""
    return [sentence for reference in _REFERENCES for sentence in _orphans(tx, *reference)]


def _orphans(tx: Tx, table: str, column: str, parent: str, key: str, sentence: str, named: str) -> list[str]:
    rows = tx.all(
        f"SELECT DISTINCT child.{named}, child.{column} FROM {table} AS child"
        f" WHERE child.{column} <> '' AND NOT EXISTS (SELECT 1 FROM {parent} AS parent WHERE parent.{key} = child.{column})"
        f" ORDER BY 1, 2"
    )
    return [sentence.format(*row) for row in rows]

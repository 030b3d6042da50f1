"""Rows that refer to something that is not there. The tables have no foreign keys (they break upserts)."""

from __future__ import annotations

from scorecard.store.tx import Tx

_NO_DEFINITION = {
    "slot": "Slot of scorecard {named!r} holds measure {value!r}, which has no definition.",
    "figure": "Figures of measure {value!r} have no definition.",
    "goal": "A goal belongs to measure {value!r}, which has no definition.",
    "phase": "A phase belongs to measure {value!r}, which has no definition.",
    "limits": "Limits belong to measure {value!r}, which has no definition.",
    "exclusion": "An exclusion belongs to measure {value!r}, which has no definition.",
    "note": "A note belongs to measure {value!r}, which has no definition.",
    "action": "An action should move measure {value!r}, which has no definition.",
    "project": "A project should move measure {value!r}, which has no definition.",
    "reading": "A recorded month belongs to measure {value!r}, which has no definition.",
}
# Table, column, the table and column it refers to, the column that names the row, the sentence.
_OTHERS = (
    ("slot", "scorecard", "scorecard", "id", "slot",
     "Slot {named} belongs to scorecard {value!r}, which does not exist."),
    ("scorecard", "parent", "scorecard", "id", "name",
     "Scorecard {named!r} rolls up into {value!r}, which does not exist."),
    ("figure", "load", "load", "id", "measure",
     "Figures of measure {named!r} came with load {value!r}, which is not recorded."),
    ("share", "scorecard", "scorecard", "id", "id",
     "Share link {named!r} shows scorecard {value!r}, which does not exist."),
    ("action", "owner", "person", "id", "id", "Action {named!r} is owned by person {value!r}, who does not exist."),
    ("project", "owner", "person", "id", "title", "Project {named!r} is owned by person {value!r}, who does not exist."),
    ("project", "cycle", "maturity_cycle", "id", "title", "Project {named!r} came from maturity cycle {value!r}, which does not exist."),
    ("member", "person", "person", "id", "person", "Member {value!r} has no person."),
    ("person", "team", "team", "id", "id", "Person {named!r} is in team {value!r}, which does not exist."),
    ("arrival", "source", "source", "id", "file_name",
     "File {named!r} was brought by source {value!r}, which does not exist."),
    ("arrival", "load", "load", "id", "file_name", "File {named!r} came with load {value!r}, which is not recorded."),
    ("calendar_entry", "owner", "person", "id", "title", "Calendar entry {named!r} belongs to {value!r}, who does not exist."),
    ("person", "leader", "person", "id", "id", "Person {named!r} has leader {value!r}, who does not exist."),
)

# What an entry of a register may name, the table and the column in which it stands. Accounts are facts, in another database.
_REFERRED = (("person", "person", "id"), ("team", "team", "id"), ("project", "project", "id"), ("measure", "definition", "measure"))

# What an entry is called here: by its id where its audit is salted, for it is about a person and not for everybody.
_CALLED = ("COALESCE((SELECT e.id FROM register_version AS s WHERE s.register = e.register AND s.id = e.id AND s.version = e.version AND s.salt <> ''),"
           " e.title)")


def find(tx: Tx) -> list[str]:
    """A sentence for each row that refers to nothing; empty when all is well."""
    measures = [
        (table, "measure", "definition", "measure", "scorecard" if table == "slot" else "measure", sentence)
        for table, sentence in _NO_DEFINITION.items()
    ]
    found = [sentence for reference in (*measures, *_OTHERS) for sentence in _orphans(tx, *reference)]
    return found + [sentence for reference in _REFERRED for sentence in _referred(tx, *reference)] + _entries(tx)


def _referred(tx: Tx, kind: str, parent: str, key: str) -> list[str]:
    """A sentence for each entry of a register that names a person, team, measure or project which is not there."""
    rows = tx.all(
        f"""SELECT e.register, {_CALLED}, v.value FROM register_value AS v
            JOIN register_entry AS e ON e.register = v.register AND e.id = v.entry AND e.version = v.version
            WHERE v.kind = $1 AND NOT EXISTS (SELECT 1 FROM {parent} AS parent WHERE parent.{key} = v.value) ORDER BY 1, 2, 3""",
        [kind],
    )
    return [f"Entry {title!r} of register {register} names {kind} {value!r}, which does not exist." for register, title, value in rows]


def _entries(tx: Tx) -> list[str]:
    """A sentence for each entry that refers to an entry which does not stand, and for each that has no version."""
    referring = tx.all(
        f"""SELECT e.register, {_CALLED}, v.kind, v.value FROM register_value AS v
           JOIN register_entry AS e ON e.register = v.register AND e.id = v.entry AND e.version = v.version
           WHERE SUBSTRING(v.kind, 1, 6) = 'entry:' AND NOT EXISTS (SELECT 1 FROM register_entry AS other
               WHERE 'entry:' || other.register = v.kind AND other.id = v.value) ORDER BY 1, 2, 4""")
    alone = tx.all(
        """SELECT e.register, e.title, e.version FROM register_entry AS e WHERE NOT EXISTS (SELECT 1 FROM register_version AS v
           WHERE v.register = e.register AND v.id = e.id AND v.version = e.version) ORDER BY 1, 2""")
    return [f"Entry {title!r} of register {register} refers to {kind.removeprefix('entry:')} {value!r}, which is not there."
            for register, title, kind, value in referring] + [
            f"Entry {title!r} of register {register} stands at version {version}, which its history does not have." for register, title, version in alone]


def _orphans(tx: Tx, table: str, column: str, parent: str, key: str, name: str, sentence: str) -> list[str]:
    rows = tx.all(
        f"SELECT DISTINCT child.{name}, child.{column} FROM {table} AS child WHERE child.{column} <> ''"
        f" AND NOT EXISTS (SELECT 1 FROM {parent} AS parent WHERE parent.{key} = child.{column}) ORDER BY 1, 2"
    )
    return [sentence.format(named=named, value=value) for named, value in rows]

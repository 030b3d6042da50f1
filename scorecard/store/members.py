"""Organisation, teams, people and members: their rows, read and written. Who may is asked above."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from scorecard.core import names
from scorecard.store.engine import Tx


@dataclass(frozen=True)
class Organisation:
    """The one organisation. `currency` is a symbol, `fiscal_start` a month 1 to 12, times are UTC.

    `figures_due` is the day of the month by which figures come (0: nobody said), `review_day` such as 2nd Thursday, or "".
    """

    name: str
    time_zone: str = "UTC"
    currency: str = "$"
    fiscal_start: int = 1
    week_start: str = "Monday"
    rule_set: str = "wheeler"
    sample: bool = False
    version: int = 0
    changed_by: str = ""
    changed_at: datetime | None = None
    figures_due: int = 0
    review_day: str = ""


@dataclass(frozen=True)
class Team:
    id: str
    name: str
    version: int = 0


@dataclass(frozen=True)
class Person:
    """Somebody of the organisation. `team` and `leader` are ids, empty when there is none."""

    id: str
    name: str
    sort_name: str = ""
    email: str = ""
    team: str = ""
    leader: str = ""
    version: int = 0


@dataclass(frozen=True)
class Member:
    """A person who may use the product, in a role."""

    person: Person
    role: str
    active: bool
    last_seen: datetime | None
    version: int


def organisation(tx: Tx) -> Organisation | None:
    """The organisation's row; None in a store that was never started."""
    row = tx.one("""SELECT name, time_zone, currency, fiscal_start, week_start, rule_set, sample, version,
                           changed_by, changed_at, figures_due, review_day FROM organisation WHERE id = 1""")
    return Organisation(*row) if row else None


def insert_organisation(tx: Tx, new: Organisation) -> None:
    """Nothing; the organisation's first row is written at version 1."""
    tx.run("""INSERT INTO organisation (id, name, time_zone, currency, fiscal_start, week_start, rule_set, sample, version,
                                        changed_by, changed_at, figures_due, review_day)
              VALUES (1, $1, $2, $3, $4, $5, $6, $7, 1, $8, $9, $10, $11)""",
           [new.name, new.time_zone, new.currency, new.fiscal_start, new.week_start, new.rule_set, new.sample,
            tx.actor, tx.now, new.figures_due, new.review_day])


def update_organisation(tx: Tx, new: Organisation) -> bool:
    """True when the row still had `new.version` and is changed."""
    return tx.one("""UPDATE organisation SET name = $1, time_zone = $2, currency = $3, fiscal_start = $4,
                            week_start = $5, rule_set = $6, sample = $7, changed_by = $8, changed_at = $9,
                            figures_due = $10, review_day = $11, version = version + 1
                     WHERE id = 1 AND version = $12 RETURNING version""",
                  [new.name, new.time_zone, new.currency, new.fiscal_start, new.week_start, new.rule_set,
                   new.sample, tx.actor, tx.now, new.figures_due, new.review_day, new.version]) is not None


def teams(tx: Tx) -> tuple[Team, ...]:
    """All teams in alphabetical order."""
    rows = [Team(*row) for row in tx.all("SELECT id, name, version FROM team")]
    return tuple(sorted(rows, key=lambda team: names.order(team.name)))


def insert_team(tx: Tx, team: Team) -> None:
    """Nothing; the team is written at version 1."""
    tx.run("INSERT INTO team VALUES ($1, $2, 1)", [team.id, team.name])


def update_team(tx: Tx, team: Team) -> bool:
    """True when the row still had `team.version` and is renamed."""
    return tx.one("UPDATE team SET name = $1, version = version + 1 WHERE id = $2 AND version = $3 RETURNING version",
                  [team.name, team.id, team.version]) is not None


def people(tx: Tx) -> tuple[Person, ...]:
    """Everybody, in alphabetical order of the sort name."""
    return tx.once("people", lambda: tuple(sorted((Person(*row) for row in tx.all("SELECT id, name, sort_name, email, team, leader, version FROM person")), key=_alphabet)))


def person(tx: Tx, id: str) -> Person | None:
    """The person with this id."""
    row = tx.one("SELECT id, name, sort_name, email, team, leader, version FROM person WHERE id = $1", [id])
    return Person(*row) if row else None


def insert_person(tx: Tx, new: Person) -> None:
    """Nothing; the person is written at version 1, with a sort name when none was given."""
    tx.run("INSERT INTO person VALUES ($1, $2, $3, $4, $5, $6, 1)",
           [new.id, new.name, new.sort_name or names.sort_name(new.name), new.email, new.team, new.leader])


def update_person(tx: Tx, new: Person) -> bool:
    """True when the row still had `new.version` and is changed."""
    return tx.one("""UPDATE person SET name = $1, sort_name = $2, email = $3, team = $4, leader = $5,
                            version = version + 1 WHERE id = $6 AND version = $7 RETURNING version""",
                  [new.name, new.sort_name or names.sort_name(new.name), new.email, new.team, new.leader, new.id,
                   new.version]) is not None


def members(tx: Tx) -> tuple[Member, ...]:
    """All members, suspended ones too, in alphabetical order of the sort name."""
    known = {one.id: one for one in people(tx)}
    rows = tx.all("SELECT person, role, active, last_seen, version FROM member")
    found = [Member(known[id], *rest) for id, *rest in rows if id in known]
    return tuple(sorted(found, key=lambda member: _alphabet(member.person)))


def member(tx: Tx, id: str) -> Member | None:
    """The member with this person id."""
    row = tx.one("SELECT role, active, last_seen, version FROM member WHERE person = $1", [id])
    found = person(tx, id)
    return Member(found, *row) if row and found else None


def insert_member(tx: Tx, id: str, role: str) -> None:
    """Nothing; the person becomes an active member at version 1."""
    tx.run("INSERT INTO member VALUES ($1, $2, TRUE, NULL, 1)", [id, role])


def update_member(tx: Tx, id: str, role: str, active: bool, version: int) -> bool:
    """True when the row still had this version and is changed."""
    return tx.one("""UPDATE member SET role = $1, active = $2, version = version + 1
                     WHERE person = $3 AND version = $4 RETURNING version""",
                  [role, active, id, version]) is not None


def others_in_role(tx: Tx, role: str, id: str) -> int:
    """How many other active members have the role.

    Their versions grow: under snapshot isolation two transactions that each remove "one of two" leaders would
    otherwise both succeed. (An update that changes no value is no conflict to DuckDB.)
    """
    return len(tx.all("""UPDATE member SET version = version + 1 WHERE active AND role = $1 AND person <> $2
                         RETURNING person""", [role, id]))


def touch_last_seen(tx: Tx, id: str) -> None:
    """Nothing; the member was seen now. No version: nobody edits this."""
    tx.run("UPDATE member SET last_seen = $1 WHERE person = $2", [tx.now, id])


def last_change(tx: Tx, object: str) -> tuple[str, datetime | None]:
    """Who changed the object last and when (UTC), from the audit; ("somebody", None) when it is not there."""
    row = tx.one("SELECT actor, occurred_at FROM audit WHERE object = $1 ORDER BY seq DESC LIMIT 1", [object])
    return (row[0], row[1]) if row else ("somebody", None)


def _alphabet(one: Person) -> tuple:
    return names.order(one.sort_name), names.order(one.name), one.id

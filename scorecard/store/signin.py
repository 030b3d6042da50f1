"""Sign-in as rows: sessions, personal sign-in links, and the account of a provider that a member signed in with first.

A row is known by a SHA-256, never by the secret itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from scorecard.store.engine import Tx

_SESSION = "id, person, mode, made_at, seen_at, ends_at, ended_at, ended_by, agent"
_LINK = "id, person, made_by, made_at, ends_at, used_at, revoked_at"


@dataclass(frozen=True)
class Session:
    """One sign-in of one person in one browser; times are UTC. `agent` names the browser in a few words."""

    id: str
    person: str
    mode: str
    made_at: datetime
    seen_at: datetime
    ends_at: datetime
    ended_at: datetime | None = None
    ended_by: str = ""
    agent: str = ""

    @property
    def mark(self) -> str:
        """What names the session to people: the beginning of its id, which is no secret."""
        return self.id[:10]


@dataclass(frozen=True)
class Link:
    """A personal sign-in link: it signs in once, until it ends or is revoked."""

    id: str
    person: str
    made_by: str
    made_at: datetime
    ends_at: datetime
    used_at: datetime | None = None
    revoked_at: datetime | None = None

    def open_at(self, now: datetime) -> bool:
        """Whether it still signs in."""
        return self.used_at is None and self.revoked_at is None and now < self.ends_at


@dataclass(frozen=True)
class Account:
    """The account of a provider that belongs to a person. `by_group`: a group of the provider made the person a member."""

    person: str
    issuer: str
    subject: str
    by_group: bool
    bound_at: datetime


# -- sessions

def session(tx: Tx, id: str) -> Session | None:
    """The session with this id, over or not."""
    row = tx.one(f"SELECT {_SESSION} FROM signin_session WHERE id = $1", (id,))
    return Session(*row) if row else None


def insert_session(tx: Tx, new: Session) -> None:
    """Nothing; the session is written."""
    tx.run(f"INSERT INTO signin_session ({_SESSION}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
           (new.id, new.person, new.mode, new.made_at, new.seen_at, new.ends_at, new.ended_at, new.ended_by, new.agent))


def touch(tx: Tx, id: str, seen: datetime) -> None:
    """Nothing; the person was here at this moment, if the session is not over."""
    tx.run("UPDATE signin_session SET seen_at = $1 WHERE id = $2 AND ended_at IS NULL AND seen_at < $3", (seen, id, seen))


def end(tx: Tx, id: str, by: str) -> bool:
    """True when the session ends now; False when it was over or never was."""
    return tx.one("UPDATE signin_session SET ended_at = $1, ended_by = $2 WHERE id = $3 AND ended_at IS NULL RETURNING id",
                  (tx.now, by, id)) is not None


def end_all(tx: Tx, person: str, by: str) -> int:
    """How many sessions of the person end now."""
    return len(tx.all("UPDATE signin_session SET ended_at = $1, ended_by = $2 WHERE person = $3 AND ended_at IS NULL RETURNING id",
                      (tx.now, by, person)))


def sessions(tx: Tx, person: str = "") -> tuple[Session, ...]:
    """The sessions that nobody ended, of a person or of everybody, the newest first."""
    whose, given = ("AND person = $1", (person,)) if person else ("", ())
    rows = tx.all(f"SELECT {_SESSION} FROM signin_session WHERE ended_at IS NULL {whose} ORDER BY made_at DESC, id", given)
    return tuple(Session(*row) for row in rows)


def used(tx: Tx) -> bool:
    """Whether anybody signs in here: on a machine alone there are no sessions."""
    return tx.one("SELECT 1 FROM signin_session LIMIT 1") is not None


def sweep(tx: Tx, before: datetime) -> int:
    """How many sessions are forgotten: those that began before this moment."""
    return len(tx.all("DELETE FROM signin_session WHERE made_at < $1 RETURNING id", (before,)))


# -- personal links

def insert_link(tx: Tx, new: Link, token_hash: str) -> None:
    """Nothing; the link is written; the token itself is never stored."""
    tx.run(f"INSERT INTO signin_link ({_LINK}, token_hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
           (new.id, new.person, new.made_by, new.made_at, new.ends_at, new.used_at, new.revoked_at, token_hash))


def link(tx: Tx, id: str) -> Link | None:
    """The link with this id."""
    row = tx.one(f"SELECT {_LINK} FROM signin_link WHERE id = $1", (id,))
    return Link(*row) if row else None


def link_by_hash(tx: Tx, token_hash: str) -> Link | None:
    """The link whose token has this hash, open or not."""
    row = tx.one(f"SELECT {_LINK} FROM signin_link WHERE token_hash = $1", (token_hash,))
    return Link(*row) if row else None


def use_link(tx: Tx, id: str) -> bool:
    """True when the link is used up by this; False when it was used, revoked or over."""
    return tx.one("""UPDATE signin_link SET used_at = $1
                     WHERE id = $2 AND used_at IS NULL AND revoked_at IS NULL AND ends_at > $3 RETURNING id""", (tx.now, id, tx.now)) is not None


def revoke_links(tx: Tx, person: str) -> int:
    """How many unused links of the person answer no more."""
    return len(tx.all("UPDATE signin_link SET revoked_at = $1 WHERE person = $2 AND used_at IS NULL AND revoked_at IS NULL RETURNING id",
                      (tx.now, person)))


def revoke_link(tx: Tx, id: str) -> bool:
    """True when this link answers no more."""
    return tx.one("UPDATE signin_link SET revoked_at = $1 WHERE id = $2 AND used_at IS NULL AND revoked_at IS NULL RETURNING id",
                  (tx.now, id)) is not None


def links(tx: Tx, person: str = "") -> tuple[Link, ...]:
    """The links of a person, or of everybody, the newest first."""
    whose, given = ("WHERE person = $1", (person,)) if person else ("", ())
    return tuple(Link(*row) for row in tx.all(f"SELECT {_LINK} FROM signin_link {whose} ORDER BY made_at DESC, id", given))


# -- accounts of providers

def account(tx: Tx, person: str) -> Account | None:
    """The account that the person signs in with."""
    row = tx.one("SELECT person, issuer, subject, by_group, bound_at FROM signin_account WHERE person = $1", (person,))
    return Account(row[0], row[1], row[2], bool(row[3]), row[4]) if row else None


def account_of(tx: Tx, issuer: str, subject: str) -> Account | None:
    """Whose account this is."""
    row = tx.one("SELECT person, issuer, subject, by_group, bound_at FROM signin_account WHERE issuer = $1 AND subject = $2", (issuer, subject))
    return Account(row[0], row[1], row[2], bool(row[3]), row[4]) if row else None


def bind(tx: Tx, new: Account) -> None:
    """Nothing; the account belongs to the person from now on."""
    tx.run("INSERT INTO signin_account (person, issuer, subject, by_group, bound_at) VALUES ($1, $2, $3, $4, $5)",
           (new.person, new.issuer, new.subject, new.by_group, new.bound_at))


def release(tx: Tx, person: str) -> bool:
    """True when the person had an account, which is forgotten now: the next sign-in with the e-mail is the first again."""
    return tx.one("DELETE FROM signin_account WHERE person = $1 RETURNING person", (person,)) is not None


# -- of a person, of everybody

def forget(tx: Tx, person: str) -> None:
    """Nothing; of a person who is taken out, no session, link or account is left for who gets the same id later."""
    for table in ("signin_session", "signin_link", "signin_account"):
        tx.run(f"DELETE FROM {table} WHERE person = $1", (person,))


def close_all(tx: Tx, by: str) -> None:
    """Nothing; nobody is signed in any more and no link signs in: what a backup brings back was over already for some."""
    tx.run("UPDATE signin_session SET ended_at = $1, ended_by = $2 WHERE ended_at IS NULL", (tx.now, by))
    tx.run("UPDATE signin_link SET revoked_at = $1 WHERE used_at IS NULL AND revoked_at IS NULL", (tx.now,))

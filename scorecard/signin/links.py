"""Personal sign-in links, for teams without a provider: each signs one person in once, and ends by itself.

The secret stands in the address and is shown once; its hash is kept. Opening the address shows a button and uses nothing
up, since mail programs open what they find; the button signs in.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from scorecard import access
from scorecard.access import Actor
from scorecard.errors import NotAllowed, UsageError
from scorecard.signin import modes, sessions
from scorecard.store import feedback, members, signin
from scorecard.store.engine import Store, Tx
from scorecard.store.members import Member
from scorecard.store.signin import Link, Session

TOKEN_BYTES = 32
USUAL, LONGEST = timedelta(days=3), timedelta(days=14)
PATH = "/signin"
CLOSED = "This link does not sign in. It was used, has ended, or never was: ask for a new one."


@dataclass(frozen=True)
class Made:
    """A new link for somebody. The token is shown once: only its hash is kept."""

    link: Link
    name: str
    token: str

    @property
    def path(self) -> str:
        """The path of the link below the address of the server."""
        return f"{PATH}/{self.token}"


@dataclass(frozen=True)
class Entered:
    """Somebody who has just signed in. The secret goes into the cookie of this one browser."""

    session: Session
    name: str
    secret: str


def issue(store: Store, actor: Actor, person: str, now: datetime, lasts: timedelta = USUAL) -> Made:
    """A new link for an active member; their earlier links that were not used end."""
    access.require(actor, "issue_sign_in")
    if not timedelta(minutes=5) <= lasts <= LONGEST:
        raise UsageError(f"A sign-in link lasts from five minutes to {LONGEST.days} days.")
    token = secrets.token_urlsafe(TOKEN_BYTES)

    def work(tx: Tx) -> Made:
        member = sessions.require_help(tx, actor, person)
        if not member.active:
            raise UsageError(f"{member.person.name} is suspended. Let them in again first.")
        if _is_asked_about(tx, person, actor.name):
            raise NotAllowed(f"{member.person.name} is asked for feedback about you until it is sent or the round is closed: a link of yours would let you read and answer it. Ask an admin to make the link.")
        signin.revoke_links(tx, person)
        new = Link(secrets.token_hex(4), person, actor.name, now, now + lasts)
        signin.insert_link(tx, new, sessions.key_of(token))
        tx.audit("issue sign-in link", f"member:{person}", None, {"link": new.id, "ends": new.ends_at.isoformat(timespec="minutes")})
        return Made(new, member.person.name, token)

    return store.write(work, actor.name, now)


def revoke(store: Store, actor: Actor, person: str, now: datetime | None = None) -> int:
    """How many unused links of a member answer no more."""
    access.require(actor, "issue_sign_in")

    def work(tx: Tx) -> int:
        sessions.require_help(tx, actor, person)
        ended = signin.revoke_links(tx, person)
        if ended:
            tx.audit("revoke sign-in link", f"member:{person}", {"links": ended}, None)
        return ended

    return store.write(work, actor.name, now)


def listed(store: Store, actor: Actor, now: datetime) -> list[tuple[Link, Member]]:
    """The links that still sign in, of those whom the actor may help, the newest first."""
    access.require(actor, "issue_sign_in")
    with store.read() as tx:
        found = [(one, members.member(tx, one.person)) for one in signin.links(tx) if one.open_at(now)]
    return [(one, member) for one, member in found if member is not None and sessions.may_help(actor, member)]


def opened(store: Store, token: str, now: datetime) -> Member | None:
    """Whom a link would sign in; None when it does not, whatever the reason. Nothing is used up."""
    with store.read() as tx:
        return _holder(tx, signin.link_by_hash(tx, sessions.key_of(token)), now)


def enter(store: Store, token: str, agent: str, now: datetime) -> Entered | None:
    """Signs the holder in, once; None when the link does not, whatever the reason.

    The secret of the session is made here, so that nobody can have put one into the browser before.
    """
    secret = secrets.token_urlsafe(TOKEN_BYTES)
    member = opened(store, token, now)
    if member is None:
        return None

    def work(tx: Tx) -> Entered | None:
        link = signin.link_by_hash(tx, sessions.key_of(token))
        holder = _holder(tx, link, now)
        if link is None or holder is None or not signin.use_link(tx, link.id):
            return None
        new = Session(sessions.key_of(secret), holder.person.id, modes.LINK, now, now, now + sessions.LONGEST, agent=sessions.agent_words(agent))
        return Entered(sessions.add(tx, new), holder.person.name, secret)

    return store.write(work, member.person.name, now)


def _holder(tx: Tx, link: Link | None, now: datetime) -> Member | None:
    if link is None or not link.open_at(now) or _is_asked_about(tx, link.person, link.made_by):
        return None
    member = members.member(tx, link.person)
    return member if member is not None and member.active and member.role in access.ROLES else None


def _is_asked_about(tx: Tx, person: str, by: str) -> bool:
    """Whether a person still has to say how the one leads who makes their link: with it that one could say it for them."""
    return any(members.person(tx, found.person).name == by for found, sent in feedback.asks(tx, person) if not sent)

"""Sessions: eight hours, or thirty minutes without a click; each can be ended, and an ended one never comes back.

A session is known by the SHA-256 of a secret that only the person's browser has. Rows of ended sessions are kept longer
than any cookie could live, so that an old copy of a cookie finds that its session is over.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from scorecard import access
from scorecard.access import Actor
from scorecard.errors import ConstraintBroken, NotAllowed, StoreError, UsageError
from scorecard.store import members, signin
from scorecard.store.engine import Store, Tx
from scorecard.store.members import Member
from scorecard.store.signin import Session

LONGEST, IDLE = timedelta(hours=8), timedelta(minutes=30)
TOUCH, KEPT = timedelta(minutes=1), timedelta(days=32)
IDLE_WORDS, OVER_WORDS, OUT_WORDS, SUSPENDED = "idle", "eight hours", "signed out", "suspended"
_AGENTS = ("Edg", "OPR", "Firefox", "Chrome", "Safari")
_SYSTEMS = {"Windows": "Windows", "iPhone": "iPhone", "iPad": "iPad", "Android": "Android", "Mac OS X": "Mac", "Linux": "Linux"}
_CALLED = {"Edg": "Edge", "OPR": "Opera"}


@dataclass(frozen=True)
class Seen:
    """Who a key belongs to now. `over` says why a session that there was is over; `person` is None then."""

    session: Session
    person: Actor | None
    over: str = ""


def key_of(secret: str) -> str:
    """SHA-256 of a secret, in hex; "" of no secret. The secret has 256 random bits, so no salt or stretching is needed."""
    return hashlib.sha256(secret.encode()).hexdigest() if secret else ""


def agent_words(agent: str) -> str:
    """A browser and a system in two words, such as Firefox on Linux; never the whole text, which tells too much."""
    browser = next((_CALLED.get(name, name) for name in _AGENTS if f"{name}/" in agent), "")
    system = next((words for name, words in _SYSTEMS.items() if name in agent), "")
    return " on ".join(filter(None, (browser, system))) or "unknown"


def begin(store: Store, key: str, person: str, mode: str, agent: str, now: datetime) -> Session:
    """The new session of a person. The same key a second time is no new session: it is the one that is there, over or not."""
    new = Session(key, person, mode, now, now, now + LONGEST, agent=agent_words(agent))

    def work(tx: Tx) -> Session:
        return add(tx, new)

    try:
        return store.write(work, _name(store, person), now)
    except ConstraintBroken:
        found = row(store, key)
        if found is None:
            raise
        return found


def add(tx: Tx, new: Session) -> Session:
    """The session, written in this transaction; old rows are forgotten on the way."""
    there = signin.session(tx, new.id)
    if there is not None:
        return there
    signin.sweep(tx, new.made_at - KEPT)
    signin.insert_session(tx, new)
    tx.audit("sign in", f"member:{new.person}", None, {"way": new.mode})
    return new


def row(store: Store, key: str) -> Session | None:
    """The session as stored, over or not."""
    with store.read() as tx:
        return signin.session(tx, key)


def find(store: Store, key: str, now: datetime) -> Session | None:
    """The session of a key, when it still holds and its person is an active member; and the person is seen now."""
    found = look(store, key, now)
    return found.session if found is not None and found.person is not None else None


def look(store: Store, key: str, now: datetime, clicked: bool = True) -> Seen | None:
    """Who a key belongs to, or why no more; None when there never was such a session.

    `clicked`: the person did something just now; a page that refreshes itself keeps nobody signed in. The role is read each time.
    """
    if not key:
        return None
    with store.read() as tx:
        held = signin.session(tx, key)
        member = members.member(tx, held.person) if held else None
    if held is None:
        return None
    over = _over(held, held.seen_at, now)
    if over and held.ended_at is None:
        _note(store, lambda tx: signin.end(tx, key, over), now)
    if over:
        return Seen(held, None, over)
    if member is None or not member.active or member.role not in access.ROLES:
        return Seen(held, None, SUSPENDED)
    if clicked and unseen(held, now):
        _note(store, lambda tx: signin.touch(tx, key, now), now)
        held = replace(held, seen_at=now)
    return Seen(held, Actor(member.person.id, member.person.name, member.role, member.person.team))


def unseen(held: Session, now: datetime) -> bool:
    """Whether the row does not say yet that the person is here now."""
    return now - held.seen_at >= TOUCH


def _note(store: Store, work: Callable[[Tx], object], now: datetime) -> None:
    """Nothing; written where that is possible: a full or read-only disk keeps nobody from reading."""
    try:
        store.write(work, "session", now, quiet=True)
    except StoreError:
        pass


def _over(held: Session, last: datetime, now: datetime) -> str:
    """Why the session is over; "" while it holds."""
    if held.ended_at is not None:
        return held.ended_by or OUT_WORDS
    if now >= held.ends_at:
        return OVER_WORDS
    return IDLE_WORDS if now - last >= IDLE else ""


def end(store: Store, key: str, now: datetime, by: str = OUT_WORDS) -> bool:
    """True when the session ends now; an ended session stays ended."""

    def work(tx: Tx) -> bool:
        held, ended = signin.session(tx, key), signin.end(tx, key, by)
        if held and ended:
            tx.audit("sign out", f"member:{held.person}", {"session": held.mark}, None)
        return ended

    held = row(store, key)
    return store.write(work, _name(store, held.person), now) if held else False


def may_help(actor: Actor | None, member: Member) -> bool:
    """Whether somebody may sign a member in and out: an admin everybody, a leader their own people, never one who may do more."""
    if access.may(actor, "manage_members"):
        return True
    own = actor is not None and member.person.leader in ("", actor.person)
    return own and access.may(actor, "issue_sign_in") and member.role in ("viewer", "member", "analyst")


def require_help(tx: Tx, actor: Actor, person: str) -> Member:
    """The member, when the actor may sign them in and out. Raises NotAllowed with who may instead."""
    access.require(actor, "issue_sign_in")
    member = members.member(tx, person)
    if member is None:
        raise UsageError(f"There is no member {person[:40]!r}.")
    if not may_help(actor, member):
        raise NotAllowed(f"{actor.name} ({actor.role}) may not do this for {member.person.name}: a leader does it for their own people, not for leaders and admins. Ask an admin.")
    return member


def of(store: Store, actor: Actor, person: str, now: datetime) -> tuple[Session, ...]:
    """The sessions of a person that still hold, the newest first; for oneself, and for who may end them."""
    with store.read() as tx:
        _require(tx, actor, person)
        return tuple(one for one in signin.sessions(tx, person) if not _over(one, one.seen_at, now))


def revoke(store: Store, actor: Actor, person: str, mark: str = "", now: datetime | None = None) -> int:
    """How many sessions of a person end now: the one with this mark, or all of them."""
    if actor is None:
        access.require(actor, "issue_sign_in")

    def work(tx: Tx) -> int:
        _require(tx, actor, person)
        found = [one for one in signin.sessions(tx, person) if not mark or one.mark == mark]
        if mark and not found:
            raise UsageError(f"There is no session {mark[:20]!r} of this person. List them with: python -m scorecard member sessions")
        ended = [one.mark for one in found if signin.end(tx, one.id, f"ended by {actor.name}")]
        if ended:
            tx.audit("end sessions", f"member:{person}", {"sessions": ended}, None)
        return len(ended)

    return store.write(work, actor.name, now)


def sweep(store: Store, now: datetime) -> int:
    """How many rows are forgotten: those of sessions that began longer ago than any cookie lives."""
    return store.write(lambda tx: signin.sweep(tx, now - KEPT), "session", now, quiet=True)


def _require(tx: Tx, actor: Actor, person: str) -> None:
    if not (actor and actor.person and actor.person == person):
        require_help(tx, actor, person)


def _name(store: Store, person: str) -> str:
    with store.read() as tx:
        found = members.person(tx, person)
    if found is None:
        raise NotAllowed("Nobody is signed in: this person is not a member.")
    return found.name

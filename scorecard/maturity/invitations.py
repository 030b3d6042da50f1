"""Invitations: a personal link with which one person answers one cycle, and nothing else.

The secret stands in the address and is shown once; its hash is kept. A link ends with the cycle, on its last day, when
it is revoked, and when a newer one is made for the same person.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from scorecard import access
from scorecard.access import Actor
from scorecard.core.periods import day
from scorecard.errors import NotAllowed, ScorecardError, UsageError
from scorecard.maturity.cycles import one
from scorecard.sharing import TOKEN_BYTES, hash_of
from scorecard.store import maturity as rows
from scorecard.store import members
from scorecard.store.engine import Store, Tx
from scorecard.store.maturity import Cycle, Invitation

PAGE, TOKEN = "answer", "invitation"
GUEST = "member"


@dataclass(frozen=True)
class Made:
    """A new link for somebody. The token is shown once: only its hash is kept."""

    invitation: Invitation
    name: str
    token: str

    @property
    def path(self) -> str:
        """The path of the form below the address of the server."""
        return f"/{PAGE}?{TOKEN}={self.token}"


@dataclass(frozen=True)
class Guest:
    """Who came by a link, and the only cycle that is open to them."""

    actor: Actor
    cycle: Cycle
    link: Invitation


def invite(store: Store, actor: Actor, cycle_id: str, people: Sequence[str] = (), today: date | None = None) -> list[Made]:
    """A new link for each person, without `people` for everybody who has not finished; their earlier links end."""
    access.require(actor, "decide")

    def work(tx: Tx) -> list[Made]:
        cycle = _open(one(tx, cycle_id), today)
        asked = rows.asked(tx, cycle_id)
        wanted = list(dict.fromkeys(people)) or [id for id, who in asked.items() if not who.finished]
        strangers = [id for id in wanted if id not in asked]
        if strangers:
            raise UsageError(f"{strangers[0]!r} was not asked in {cycle.title}.")
        made = [_made(tx, cycle, id) for id in wanted]
        tx.audit("invite", f"cycle:{cycle_id}", None, {"people": wanted})
        return sorted(made, key=lambda new: new.name)

    return store.write(work, actor.name)


def _made(tx: Tx, cycle: Cycle, person: str) -> Made:
    token = secrets.token_urlsafe(TOKEN_BYTES)
    rows.end_invitations(tx, cycle.id, person)
    new = Invitation(secrets.token_hex(4), cycle.id, person, tx.actor, tx.now, None)
    rows.insert_invitation(tx, new, hash_of(token))
    return Made(new, members.person(tx, person).name, token)


def listed(store: Store, actor: Actor, cycle_id: str) -> list[tuple[Invitation, str]]:
    """The links of a cycle that still answer, with the name of who has each, in alphabetical order."""
    access.require(actor, "decide")
    with store.read() as tx:
        found = [(link, members.person(tx, link.person).name) for link in rows.invitations(tx, cycle_id) if link.revoked_at is None]
    return sorted(found, key=lambda pair: pair[1])


def revoke(store: Store, actor: Actor, invitation: str) -> None:
    """Nothing; the link ends now. A second time changes nothing."""
    access.require(actor, "decide")

    def work(tx: Tx) -> None:
        link = rows.invitation(tx, invitation)
        if link is None:
            raise UsageError(f"There is no invitation {invitation[:40]!r}.")
        if link.revoked_at is None:
            rows.end_invitations(tx, link.cycle, link.person)
            tx.audit("revoke_invitation", f"cycle:{link.cycle}", {"person": link.person}, None)

    store.write(work, actor.name)


def opened(store: Store, token: str, today: date, signed_in: Actor | None = None) -> Guest:
    """Who has this link, and their cycle. Raises NotAllowed with a sentence that says what to do.

    Who is `signed_in` as somebody else, such as whoever made the link, does not answer in this person's name.
    """
    with store.read() as tx:
        found = rows.invitation_by_hash(tx, hash_of(token))
        if found is None or not hmac.compare_digest(found[1], hash_of(token)):
            raise NotAllowed("This link does not exist. Check that the address is complete, or ask for a new one.")
        link, cycle = found[0], one(tx, found[0].cycle)
        member = members.member(tx, link.person)
    _still_answers(link, cycle, today)
    # A link admits to answering only: whatever else the person may do asks for the person, not for a link.
    may = member is not None and member.active and access.may(Actor(link.person, member.person.name, member.role), "assess")
    if not may:
        raise NotAllowed(f"This link ended: you take no part any more. Ask {link.made_by}.")
    if signed_in is not None and signed_in.person != link.person:
        raise NotAllowed(f"This link is for {member.person.name} alone, and you are signed in as {signed_in.name}. Nobody answers in another's name: send the link to {member.person.name}.")
    return Guest(Actor(link.person, member.person.name, GUEST, member.person.team), cycle, link)


def _still_answers(link: Invitation, cycle: Cycle, today: date) -> None:
    if link.revoked_at is not None:
        raise NotAllowed(f"This link ended on {day(link.revoked_at.date())}. Ask {link.made_by} for a new one.")
    try:
        _open(cycle, today)
    except ScorecardError as refusal:
        raise NotAllowed(f"{refusal} Nobody answers any more.") from None


def _open(cycle: Cycle, today: date | None) -> Cycle:
    """The cycle, when it still takes answers. Raises ScorecardError."""
    if not cycle.open:
        raise ScorecardError(f"{cycle.title} was closed by {cycle.closed_by} on {day(cycle.closed_at.date())}.")
    if today is not None and cycle.closes < today:
        raise ScorecardError(f"{cycle.title} ended on {day(cycle.closes)}.")
    return cycle

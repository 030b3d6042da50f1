"""What `member` does about signing in, as the store's process runs it: plain JSON in, plain JSON out."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from scorecard import organisation
from scorecard.access import Actor
from scorecard.cli.organisation import _found, _member
from scorecard.errors import UsageError
from scorecard.signin import accounts, links, sessions
from scorecard.store.engine import Store
from scorecard.store.members import Member

_FIELDS = ("name", "email", "team", "leader")


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None, microsecond=0)


def _one(store: Store, text: str) -> Member:
    return _found(organisation.member_list(store), text)


def edit_member(store: Store, actor: Actor, today: date, member: str, role: str = "", **given: str | None) -> dict[str, Any]:
    """The member with these fields changed: name, email, team, leader, role; a team and a leader are named by id or name, "" takes them away."""
    old = _one(store, member)
    wanted = {name: text for name, text in given.items() if name in _FIELDS and text is not None}
    if wanted.get("team"):
        named = [one.id for one in organisation.teams(store) if wanted["team"].casefold() in (one.id, one.name.casefold())]
        wanted["team"] = named[0] if named else wanted["team"]
    if wanted.get("leader"):
        wanted["leader"] = _leader(store, wanted["leader"])
    new = replace(old.person, **wanted)
    return _member(organisation.save_member(store, actor, new, role or old.role, old.active, old.version))


def _leader(store: Store, text: str) -> str:
    matches = [one.id for one in organisation.people(store) if text.casefold() in (one.id, one.name.casefold(), one.email)]
    if len(matches) != 1:
        raise UsageError(f"{len(matches) or 'Nobody'} of the people {'are' if matches else 'is'} called {text!r}. Name the leader by id or e-mail.")
    return matches[0]


def make_link(store: Store, actor: Actor, today: date, member: str, hours: int) -> dict[str, Any]:
    """A new sign-in link: its path is shown this once."""
    made = links.issue(store, actor, _one(store, member).person.id, _now(), timedelta(hours=hours))
    return {"id": made.link.id, "name": made.name, "path": made.path, "ends_at": made.link.ends_at}


def list_links(store: Store, actor: Actor, today: date) -> dict[str, Any]:
    """The sign-in links that still answer; never their tokens."""
    return {"links": [{"id": one.id, "name": member.person.name, "made_by": one.made_by, "made_at": one.made_at, "ends_at": one.ends_at}
                      for one, member in links.listed(store, actor, _now())]}


def end_links(store: Store, actor: Actor, today: date, member: str) -> dict[str, Any]:
    """How many unused links of a member answer no more."""
    found = _one(store, member)
    return {"name": found.person.name, "ended": links.revoke(store, actor, found.person.id)}


def list_sessions(store: Store, actor: Actor, today: date, member: str = "") -> dict[str, Any]:
    """The sessions that hold, of a member or of everybody."""
    found = [_one(store, member)] if member else organisation.member_list(store)
    return {"sessions": [{"session": one.mark, "name": held.person.name, "way": one.mode, "browser": one.agent, "made_at": one.made_at, "seen_at": one.seen_at,
                          "ends_at": one.ends_at} for held in found for one in sessions.of(store, actor, held.person.id, _now())]}


def end_sessions(store: Store, actor: Actor, today: date, member: str, session: str = "") -> dict[str, Any]:
    """How many sessions of a member end now."""
    found = _one(store, member)
    return {"name": found.person.name, "ended": sessions.revoke(store, actor, found.person.id, session)}


def forget_account(store: Store, actor: Actor, today: date, member: str = "") -> dict[str, Any]:
    """How many accounts of a provider are forgotten: that of a member, or all of them."""
    return {"forgotten": accounts.forget(store, actor, _one(store, member).person.id if member else "")}

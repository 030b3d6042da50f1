"""The account of a provider that a member came with first, and forgetting it: a company changes its provider, an address goes to somebody else."""

from __future__ import annotations

from datetime import datetime

from scorecard import access
from scorecard.access import Actor
from scorecard.store import members, signin
from scorecard.store.engine import Store, Tx
from scorecard.store.signin import Account


def of(store: Store, actor: Actor, person: str) -> Account | None:
    """The account that a member signs in with; None before the first time."""
    access.require(actor, "manage_members")
    with store.read() as tx:
        return signin.account(tx, person)


def forget(store: Store, actor: Actor, person: str = "", now: datetime | None = None) -> int:
    """How many accounts are forgotten: that of a member, or all of them. The next sign-in with the e-mail is the first again."""
    access.require(actor, "manage_members")

    def work(tx: Tx) -> int:
        found = [person] if person else [one.person.id for one in members.members(tx)]
        gone = [one for one in found if signin.release(tx, one)]
        for one in gone:
            signin.end_all(tx, one, f"ended by {actor.name}")
            tx.audit("forget account", f"member:{one}", None, None)
        return len(gone)

    return store.write(work, actor.name, now)

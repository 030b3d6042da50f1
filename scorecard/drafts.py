"""What a person has typed into a form and not saved yet: found again after a closed tab and after a restart, by nobody else."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING

from scorecard import access
from scorecard.access import Actor
from scorecard.store import drafts
from scorecard.store.drafts import Draft

if TYPE_CHECKING:
    from scorecard.store.engine import Store

KEPT_DAYS = 30
LONGEST, MOST_FIELDS = 20_000, 60


def of(store: Store, actor: Actor, form: str) -> Draft | None:
    """The actor's own draft of a form; None for who is no person here."""
    access.require(actor, "own_data")
    if not actor.person:
        return None
    with store.read() as tx:
        return drafts.get(tx, actor.person, form)


def keep(store: Store, actor: Actor, form: str, content: Mapping[str, str]) -> None:
    """Nothing; what is typed so far is kept, and with nothing typed no draft. Drafts of a month ago are gone."""
    access.require(actor, "own_data")
    if not actor.person:
        return
    typed = {str(name)[:200]: str(text)[:LONGEST] for name, text in list(content.items())[:MOST_FIELDS] if str(text).strip()}

    def work(tx) -> None:
        drafts.forget_before(tx, tx.now - timedelta(days=KEPT_DAYS))
        if typed:
            drafts.put(tx, actor.person, form, typed)
        else:
            drafts.drop(tx, actor.person, form)

    store.write(work, actor.name, quiet=True)


def drop(store: Store, actor: Actor, form: str) -> None:
    """Nothing; the form was saved, or is begun anew."""
    if actor.person and of(store, actor, form):
        store.write(lambda tx: drafts.drop(tx, actor.person, form), actor.name, quiet=True)

"""A month as it is exported: October of the sample company, discussed, decided and signed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

from scorecard import actions, reviews
from scorecard.actions import Action
from scorecard.core.periods import Period
from scorecard.reviews.model import Item, Month
from scorecard.store.engine import Store
from tests import stores
from tests.conftest import make_actor

OCTOBER = Period(date(2026, 10, 1), "month")
CARD = "customer-success"
COMMENTARY = "Renewals fell among small businesses.\n\nThe pilot goes on, with a price talk 90 days out."
SAID = "41 of the 74 are rota-publishing faults."
SETTLE = "Whether the faults are gone by January."


def open_company(company: Path, place: Path) -> Store:
    """A store of one's own with the sample company; `company` is the folder of the fixture."""
    return stores.opened(stores.copied(company, place))


def sign_october(store: Store) -> Month:
    """October, signed by the leader with a decision on every item, an action and a note beside it."""
    leader, origin = make_actor("leader", "rana-amari"), f"review:{CARD}:{OCTOBER}"
    reviews.open_review(store, leader, CARD, OCTOBER, held_on=date(2026, 11, 12), begins="14:00", chair="rana-amari")
    agenda = reviews.month(store, CARD, OCTOBER, stores.TODAY).items
    for item in agenda:
        reviews.discuss(store, leader, CARD, OCTOBER, item.id, SAID, None)
        decision = item.suggested or reviews.decisions_for(item.kind)[0]
        reviews.decide(store, leader, CARD, OCTOBER, item.id, decision, SETTLE, item.title, None)
    actions.add(
        store, leader, title="Price talk 90 days before the renewal", kind="process", owner="amara-osei", due=date(2026, 12, 12),
        measure="renewal_rate", effect=0.015, effect_by=date(2027, 4, 30), origin=f"{origin}:{agenda[0].id}",
        origin_words="October 2026 review", today=date(2026, 11, 12))  # fmt: skip
    reviews.save_commentary(store, leader, CARD, OCTOBER, COMMENTARY, None)
    reviews.sign(store, leader, CARD, OCTOBER, stores.TODAY)
    reviews.add_note(store, leader, CARD, OCTOBER, "The churn file came late.")
    return reviews.month(store, CARD, OCTOBER, stores.TODAY)


def with_items(month: Month, **fields) -> tuple[Item, ...]:
    """The agenda of a month with other fields in its first item."""
    return (replace(month.items[0], **fields), *month.items[1:])


def with_title(action: Action, title: str, owner: str) -> Action:
    return replace(action, title=title, owner_name=owner)

"""The page Sponsors: what each role reads and may do, and an account that goes on the agenda of the monthly review."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scorecard import access, registers, reviews, shared
from scorecard.core.frozen import Signature
from scorecard.maturity import talk
from scorecard.ui import state
from tests.conftest import make_actor
from tests.pages.test_pages import BROKEN, labels, press, said
from tests.stores import TODAY

LEADER = make_actor("leader", "test-leader", "Test leader")


def add_sponsored() -> str:
    """The id of an account with a sponsor, of which neither side has anything due."""
    values = {"account": "A1001", "sponsor": "test-leader", "customer_executive": "Ola Brandt", "why": "plans 40 more wards"}
    return registers.add(state.store(), LEADER, "sponsorship", values, today=TODAY).id


@pytest.mark.parametrize(("role", "empty"), [("viewer", True), ("leader", True), ("viewer", False), ("member", False)])
def test_the_page_opens_and_offers_what_a_role_may_do(look, role, empty):
    at = look("sponsors", role, empty)
    assert not at.exception and not at.error and BROKEN not in said(at) and at.title[0].value == "Sponsors"
    assert ("Add an account" in labels(at)) is access.may(make_actor(role), "log_records") and "Put on the agenda" not in labels(at)


def test_an_account_goes_on_the_agenda_once_by_its_name_alone_and_leaves_no_share_link(see):
    see("sponsors")
    id = add_sponsored()
    at = see("sponsors", account=id)
    for _ in range(2):
        press(at, "Put on the agenda")
    assert not at.exception and not at.error
    store = state.store()
    with store.read() as tx:
        card, period = talk.next_review(tx, TODAY)
    month = reviews.month(store, card, period, TODAY)
    (item,) = [one for one in month.items if one.id == f"sponsor:{id}"]
    assert item.title.startswith("Sponsored account: ") and item.kind == "own" and item.by_hand and "kept" not in item.title + item.why
    signed = replace(month, signature=Signature("Rana", "rana", "leader", state.now(), "x"))
    assert item.id not in {one.id for one in shared.for_others(signed).items} and len(shared.for_others(signed).items) > 0

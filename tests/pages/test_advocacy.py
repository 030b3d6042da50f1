"""The page Advocacy: what each role reads and may do; an ask that is prepared, kept, put off, and marked as asked once."""

from __future__ import annotations

import pytest

from scorecard import access, registers
from scorecard.ui import state
from tests import facts
from tests.conftest import make_actor
from tests.pages.test_pages import BROKEN, labels, press, said
from tests.stores import TODAY

LEADER = make_actor("leader", "test-leader", "Test leader")


@pytest.mark.parametrize(("role", "empty"), [("viewer", True), ("leader", True), ("member", False)])
def test_the_page_opens_and_offers_what_a_role_may_do(look, role, empty):
    at = look("advocacy", role, empty)
    assert not at.exception and not at.error and BROKEN not in said(at) and at.title[0].value == "Advocacy"
    writes = access.may(make_actor(role), "log_records")
    assert ("Name a candidate" in labels(at)) is writes and ("Mark as asked" not in labels(at) or writes)


def test_an_ask_is_marked_as_asked_once_with_its_sheet_as_it_was_used(see):
    see("advocacy", empty=True)
    store = state.store()
    facts.put(store, account=[{"account_id": "A1", "name": "Brightwater Foods", "segment": "Enterprise"}])
    registers.add(store, LEADER, "deposit", {"account": "A1", "what": "Night-shift training", "on": "2026-10-12", "outcome": "11 planners came"}, today=TODAY)
    ask = registers.add(store, LEADER, "ask", {"account": "A1", "what": "Case study", "on": "2026-11-24"}, today=TODAY)
    assert "Mark as asked" not in labels(see("advocacy", "viewer", ask=ask.id)) and "There is no such ask" in said(see("advocacy", ask="nothing"))
    at = see("advocacy", ask=ask.id)
    press(at, "Mark as asked")
    assert not at.exception and not at.error and "Mark as asked" not in labels(at)
    with store.read() as tx:
        sheets = registers.entries(tx, "ask_sheet", where={"ask": ask.id})
        assert registers.one(tx, "ask", ask.id).state == "asked" and len(sheets) == 1
    assert "reciprocity" in sheets[0].values["used"] and sheets[0].values["reciprocity"].startswith("Night-shift training on 12 Oct 2026: 11 planners came.")

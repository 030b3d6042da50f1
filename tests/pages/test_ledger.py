"""The page Account ledgers in every role: the list, one account, records behind it, and a promise that is kept."""

from __future__ import annotations

import pytest

from scorecard import registers
from scorecard.ui import ledger_views, state
from tests.conftest import make_actor
from tests.pages.test_pages import BROKEN, labels, said
from tests.relations import ledgers


@pytest.fixture(scope="module")
def written() -> list[str]:
    """The stores of this file in which the ledger of A1001 stands."""
    return []


@pytest.fixture
def ledger_of(look, written):
    """Opens the page with the ledger of the design in A1001."""

    def open_page(role: str = "leader", **query: str):
        look("ledger", "viewer")
        if not written:
            ledgers.write(state.store(), make_actor("leader", person="test-leader"), "A1001")
            written.append("A1001")
        return look("ledger", role, **query)

    return open_page


@pytest.mark.parametrize("view", ["", *ledger_views.FURTHER])
def test_every_view_opens_on_an_empty_store(look, view):
    at = look("ledger", "viewer", True, view=view)
    assert not at.exception and not at.error and BROKEN not in said(at)
    assert at.title[0].value == ledger_views.FURTHER.get(view, "Account ledgers")


def test_an_account_opens_with_its_sentences_and_who_may_log_has_the_buttons(ledger_of):
    at = ledger_of(account="A1001")
    assert not at.exception and at.title[0].value == "Alderbridge Clinics" and "Enterprise" in at.caption[0].value
    assert {"Log a deposit", "Prepare an ask", "New promise"} & set(labels(at)) >= {"Log a deposit", "Prepare an ask"}
    assert "Log a deposit" not in labels(ledger_of("viewer", account="A1001"))


def test_an_unknown_account_gets_a_sentence(look):
    assert "There is no account" in said(look("ledger", account="<b>nothing</b>"))


def test_a_link_to_an_entry_opens_the_view_of_its_register(ledger_of):
    ledger_of()
    with state.store().read() as tx:
        one = registers.entries(tx, "ask")[0]
    at = ledger_of(record=f"ask:{one.id}")
    assert not at.exception and at.title[0].value == "Deposits and asks"


def test_a_deposit_close_before_a_planned_ask_is_warned_about(ledger_of):
    at = ledger_of(account="A1001")
    next(one for one in at.button if one.label == "Log a deposit").click().run()
    # The day of the test is that of the clock: after the planned days nothing is near any more.
    near = [one for one in ledgers.ASKS if one[2] == "planned" and 0 <= (ledgers.date.fromisoformat(one[1]) - state.today(state.store())).days < 14]
    assert not at.exception and bool(at.warning) is bool(near)


def test_a_promise_is_kept_with_one_click_and_a_viewer_is_not_asked(ledger_of):
    ledger_of()
    with state.store().read() as tx:
        one = registers.entries(tx, "promise", account="A1001", state="open")[0]
    assert "It is kept" not in labels(ledger_of("viewer", account="A1001", keep=f"entry:{one.id}"))
    at = ledger_of("member", account="A1001", keep=f"entry:{one.id}")
    at.query_params["keep"] = f"entry:{one.id}"  # the whole page runs again here, in a browser the dialog alone
    next(button for button in at.button if button.label == "It is kept").click().run()
    with state.store().read() as tx:
        now = registers.one(tx, "promise", one.id)
    assert (now.state, now.values["done_on"], now.author) == ("done", str(state.today(state.store())), "Test member")

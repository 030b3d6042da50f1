"""What was planted in Larkfield's relationships: one-sided accounts, asks without a deposit, a programme one side keeps, broken promises."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from scorecard import registers
from scorecard.relations import advocacy, ledger, sponsors, trust
from scorecard.relations import logging as log
from scorecard.store.engine import Store
from tests import stores
from tests.conftest import make_actor

TODAY = date(2026, 11, 22)
JONAS = make_actor("member", "jonas-kowal", "Jonas Kowal")


@pytest.fixture(scope="module")
def store(company, tmp_path_factory) -> Iterator[Store]:
    opened = stores.opened(stores.copied(company, tmp_path_factory.mktemp("relations") / "own"))
    yield opened
    opened.close()


@pytest.mark.parametrize(("account", "shown", "side"), [("A1006", "58 / 42", "mutual"), ("A1041", "14 / 86", "theirs"), ("A1039", "86 / 14", "ours")])
def test_one_sided_accounts_are_told_from_a_mutual_one(store, account, shown, side):
    found = ledger.read(store, account, TODAY)
    assert (found.balance.shown, found.balance.side) == (shown, side)


@pytest.mark.parametrize(("account", "bare"), [("A1006", ["Event talk"]), ("A1041", ["Case study", "Event talk", "Public review", "Reference call", "Executive meeting"]), ("A1024", [])])
def test_asks_without_a_deposit_before_them_are_flagged(store, account, bare):
    assert [one.what for one in ledger.read(store, account, TODAY).lines if one.bare] == bare


def test_a_gift_shortly_before_a_planned_ask_shows_and_lies_above_the_policy(store):
    found = ledger.read(store, "A1016", TODAY)
    assert "bunched just before an ask" in ledger.bunched_sentence(found).bold
    assert ledger.gift_sentence(found, "$").bold == "A gift is above the policy: Hamper for the rota team, $140;"
    assert log.about(store, JONAS, "A1016", TODAY).ask == date(2026, 11, 25), "the page Log warns about it as well"


def test_one_programme_is_kept_by_one_side_only_and_one_by_the_other(store):
    found = sponsors.read(store, TODAY)
    told = [f"{one.bold} {one.rest}" for one in sponsors.sentences(found)]
    assert "5 of 7 accounts show nothing to act on." in told[0]
    assert told[1].startswith("Fernwick Depots is one-sided: we kept 7 of 7, they kept 2 of 6.")
    assert told[2].startswith("At Glenmere Stores it is us: 3 of 7 kept, they kept 6 of 6.") and len(told) == 3
    assert [one.name for one in found.accounts if one.too_few] == ["Elmstead Care Homes"] and not found.crowded


def test_promises_were_broken_before_a_customer_left(store):
    found = [one for one in trust.read(store, "A1030", TODAY).promises if one.became == "broken"]
    with store.read_facts() as tx:
        left = tx.one("SELECT ended_on FROM account WHERE account_id = 'A1030'")[0]
    assert [one.told for one in found] == ["after", "not"] and all(one.due < left for one in found)


def test_the_pipeline_of_references_has_its_asks_thanks_and_referrals(store):
    found = advocacy.read(store, TODAY)
    assert [one.now for one in found.stages] == [22, 5, 4, 11, 6] and (found.agreed, found.answered) == (16, 24)
    assert len(found.full) == 3 and found.capacity >= found.guard.needed == 9
    assert (found.referrals.asked, found.referrals.given, found.referrals.won, found.referrals.revenue) == (14, 9, 3, 121_000)
    assert (found.thanks.given, found.thanks.received, found.thanks.observed) == (31, 12, 6) and found.thanks.thanked == found.thanks.advocates == 17
    assert found.sheets == 24 and any(one.what == "Case study" and one.account == "A1006" for one in found.planned)


def test_what_was_written_has_its_own_author_and_moment_though_it_came_at_once(store):
    with store.read() as tx:
        promise = next(one for one in registers.entries(tx, "promise", account="A1030") if one.at == date(2026, 6, 30))
        first = registers.history(tx, "promise", promise.id)[-1].entry
    assert promise.made_by == "Ines Vidal" and first.recorded_at.date() == date(2026, 5, 12) and promise.state == "broken" and promise.version == 2
    assert store.verify().problems == ()

"""What the page Log offers, saves, lists and takes back: on a store with a few accounts and what was written about them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import pytest

from scorecard import access, registers
from scorecard.errors import NotAllowed, ScorecardError
from scorecard.output import log_form
from scorecard.relations import logging as log
from scorecard.relations.logging import Account, Given
from scorecard.store.engine import Store
from scorecard.ui.forms import Once
from tests import facts, stores
from tests.conftest import make_actor

TODAY = date(2026, 11, 20)
JONAS = make_actor("member", "test-member", "Test member")
LEADER = make_actor("leader", "test-leader", "Test leader")
MIDNIGHT = datetime(2000, 1, 1)
HOSTILE = "<img src=x onerror=alert(1)>"


def make_store_with_accounts(folder) -> None:
    stores.make_beginning(folder)
    stores.add_roles(folder)
    store = stores.opened(folder)
    facts.put(store, account=[
        {"account_id": "A1", "name": "Brightwater Foods", "segment": "Enterprise", "csm": "Test member"},
        {"account_id": "A2", "name": "Bright Ferries", "segment": "Enterprise", "csm": "Ines Vidal"},
        {"account_id": "A3", "name": "Café Übersee", "segment": "Small business", "csm": "Test member"},
        {"account_id": "A4", "name": "Alder Clinics", "segment": "Mid-market", "csm": "Test member", "ended_on": date(2026, 1, 1)},
        {"account_id": "B5", "name": HOSTILE, "segment": "Enterprise", "csm": "Ines Vidal"},
    ])  # fmt: skip
    for id, name, side in (("intro", "Introduction", "deposit"), ("train", "Training", "deposit"), ("ref", "Reference", "ask")):
        registers.add(store, LEADER, "ledger_kind", {"name": name, "side": side}, today=TODAY, id=id)
    registers.add(store, LEADER, "handoff_contract", {
        "what": "Signed contract", "sender": "sales", "receiver": "success", "fields": [{"name": "Decision maker", "needed": True}]}, today=TODAY, id="signed")
    store.close()


@pytest.fixture
def store(tmp_path, tmp_path_factory) -> Iterator[Store]:
    opened = stores.opened(stores.copied(stores.once(tmp_path_factory, "accounts-to-log", make_store_with_accounts), tmp_path / "own"))
    yield opened
    opened.close()


def found(store: Store, register: str) -> list[registers.Entry]:
    with store.read() as tx:
        return registers.entries(tx, register)


@pytest.mark.parametrize(("words", "ids"), [
    ("", ["A3", "A1"]),  # own ones that are still customers, by name, and the small letters of other languages among them
    ("bright", ["A1", "A2"]),  # the own one first
    ("BRIGHT fer", ["A2"]), ("a4", ["A4"]), ("ubersee", ["A3"]), ("water", ["A1"]), ("nobody", []), ("%", []),
])  # fmt: skip
def test_the_search_finds_accounts_by_every_word_own_ones_first(store, words, ids):
    expected = ["A1", "A3"] if not words else ids
    assert [one.id for one in log.accounts(store, JONAS, words)] == expected


def test_what_is_chosen_most_comes_first(store):
    for kind in ("train", "train", "intro"):
        log.save(store, JONAS, Given("deposit", "A1", "Showed it", kind), TODAY)
    log.save(store, JONAS, Given("touch", "A1", "Call", "video"), TODAY)
    with store.read() as tx:
        assert [one.name for one in log.deposit_kinds(tx, JONAS)] == ["Training", "Introduction"], "kinds of asks are not offered"
        assert log.channels(tx, JONAS)[0].id == "video"
        assert log.contracts(tx, JONAS)[0].fields == ("Decision maker",)


@pytest.mark.parametrize(("given", "register", "state", "values"), [
    (Given("touch", "A1", "Call on rota import", "phone"), "touch", "", {"what": "Call on rota import", "channel": "phone", "on": "2026-11-20"}),
    (Given("touch", "A1"), "touch", "", {"channel": "phone", "by": "test-member"}),
    (Given("deposit", "A1", "Brought two teams together", "intro", ("significant", "unexpected", "free")), "deposit", "",
     {"what": "Brought two teams together", "kind": "intro", "significant": True, "unexpected": True, "by": "test-member", "on": "2026-11-20"}),
    (Given("promise", "A1", "Export by Friday", due="2026-11-27"), "promise", "open", {"due": "2026-11-27", "made_on": "2026-11-20"}),
    (Given("handoff", "A1", choice="signed"), "handoff", "sent", {"contract": "signed", "sent_on": "2026-11-20"}),
    (Given("handoff", "A1", choice="signed", outcome="accepted"), "handoff", "accepted", {"accepted_on": "2026-11-20"}),
    (Given("handoff", "A1", choice="signed", outcome="returned", missing=("Decision maker",)), "handoff", "returned",
     {"missing": "Decision maker", "returned_on": "2026-11-20"}),
])  # fmt: skip
def test_each_kind_is_stored_with_the_day_and_the_person(store, given, register, state, values):
    entry = log.save(store, JONAS, given, TODAY)
    (stored,) = found(store, register)
    assert stored == entry and stored.state == state and stored.account == "A1" and stored.person == "test-member"
    assert values.items() <= stored.values.items() and "free" not in stored.values


@pytest.mark.parametrize(("given", "sentence"), [
    (Given("deposit", "", "x"), "The account is missing"), (Given("deposit", "A1"), "What we gave is missing"),
    (Given("deposit", "A9", "x"), "there is no account 'A9'"), (Given("promise", "A1", "Export"), "Due is missing"),
    (Given("handoff", "A1", choice="signed", outcome="returned"), "says: Missing fields"), (Given("handoff", "A1"), "Hand-off is missing"),
    (Given("gossip", "A1", "x"), "nothing that is logged here"), (Given("deposit", "A1", "x" * 121), "characters"),
    (Given("handoff", "A1", choice="signed", outcome="lost"), "is no state"),
])  # fmt: skip
def test_what_is_missing_is_said_in_words_and_nothing_is_stored(store, given, sentence):
    with pytest.raises(ScorecardError, match=sentence):
        log.save(store, JONAS, given, TODAY)
    assert not any(found(store, register) for register in log.KINDS)


@pytest.mark.parametrize("role", access.ROLES)
def test_a_viewer_logs_nothing(store, role):
    actor = make_actor(role, f"test-{role}", f"Test {role}")
    if role == "viewer":
        with pytest.raises(NotAllowed):
            log.save(store, actor, Given("touch", "A1", "Call"), TODAY)
    else:
        assert log.save(store, actor, Given("touch", "A1", "Call"), TODAY).made_by == actor.name


def test_the_same_form_is_stored_once_however_often_it_is_sent(store):
    from scorecard.errors import AlreadyDone

    log.save(Once(store, "log jonas 1-2"), JONAS, Given("touch", "A1", "Call"), TODAY)
    with pytest.raises(AlreadyDone):
        log.save(Once(store, "log jonas 1-2"), JONAS, Given("touch", "A1", "Call"), TODAY)
    assert len(found(store, "touch")) == 1


def test_today_lists_own_entries_and_undo_takes_one_back(store):
    first = log.save(store, JONAS, Given("touch", "A1", "Call"), TODAY)
    log.save(store, LEADER, Given("touch", "A1", "Another's"), TODAY)
    registers.add(store, JONAS, "touch", {"account": "A1", "what": "From the CRM"}, today=TODAY, id=f"{log.FROM_CRM}1")
    (listed,) = log.logged(store, JONAS, MIDNIGHT)
    assert (listed.account, listed.title, listed.register) == ("Brightwater Foods", "Call", "touch")
    with pytest.raises(ScorecardError, match="was written by Test member"):
        log.undo(store, LEADER, "touch", first.id, first.version)
    log.undo(store, JONAS, "touch", listed.id, listed.version)
    assert log.logged(store, JONAS, MIDNIGHT) == []
    with store.read() as tx:
        gone = next(one for one in registers.withdrawn(tx, "touch") if one.entry.id == first.id)
    assert gone.reason == log.UNDONE


@pytest.mark.parametrize(("ahead", "told"), [(0, "on the same day"), (4, "four days before it"), (1, "one day before it"), (13, "13 days before it"), (14, "")])
def test_a_gift_shortly_before_a_planned_ask_is_warned_about(store, ahead, told):
    day = TODAY + timedelta(ahead)
    registers.add(store, LEADER, "ask", {"account": "A1", "what": "Reference", "on": day}, state="planned", today=TODAY)
    log.save(store, JONAS, Given("deposit", "A1", "Introduction"), date(2026, 10, 12))
    about = log.about(store, JONAS, "A1", TODAY)
    assert log_form.told(about, "Test member") == "yours · last deposit 12 Oct, by you"
    text = log_form.warning(about, TODAY)
    assert (told in text and f"An ask is planned for {day.day}" in text) if told else text == ""


def test_of_an_account_without_entries_the_form_says_so(store):
    assert log_form.told(log.about(store, JONAS, "A2", TODAY), "Test member") == "Ines Vidal · no deposit yet"
    assert log.about(store, JONAS, "A9", TODAY) is None


@pytest.mark.parametrize(("today", "next_working_day"), [(date(2026, 11, 19), date(2026, 11, 20)), (TODAY, date(2026, 11, 23)), (date(2026, 11, 22), date(2026, 11, 23))])
def test_a_promise_is_offered_the_next_working_day(today, next_working_day):
    assert log.days(today)[0] == next_working_day


def test_names_and_words_from_outside_are_never_markup(store):
    registers.add(store, LEADER, "ledger_kind", {"name": HOSTILE, "side": "deposit"}, today=TODAY)
    log.save(store, JONAS, Given("touch", "B5", HOSTILE), TODAY)
    with store.read() as tx:
        drawn = log_form.form(HOSTILE, TODAY, log.channels(tx, JONAS), log.deposit_kinds(tx, JONAS), log.contracts(tx, JONAS))
    drawn += log_form.options([*log.accounts(store, JONAS, "img"), Account(HOSTILE, HOSTILE, HOSTILE, HOSTILE, False)])
    drawn += log_form.entries(log.logged(store, JONAS, MIDNIGHT), str, lambda one: HOSTILE, HOSTILE)
    assert "<img" not in drawn and drawn.count("&lt;img") >= 6

"""Loading facts: shown first, all or nothing, the same file twice is one load, a corrected file restates with its history."""

from __future__ import annotations

import json
import threading
from datetime import date, datetime

import pytest

from scorecard import loading, loading_facts
from scorecard.core.facts import KINDS
from scorecard.core.mapping import Mapping, Rule
from scorecard.errors import FileRefused, NotAllowed, ScorecardError
from scorecard.intake import reader
from scorecard.store import facts, loads

TODAY, NOW = date(2026, 11, 22), datetime(2026, 11, 22, 9)
ACCOUNTS = [Mapping("account", {"account_id": "id", "name": "name", "started_on": "since"})]
TICKETS = [Mapping("ticket", {"ticket_id": "id", "account_id": "account", "opened_at": "opened", "satisfaction": "stars"}),
           Mapping("survey", {"answer_id": "id", "account_id": "account", "answered_on": "opened", "score": "stars"},
                   {"question": Rule(constant="csat"), "answer_id": Rule(prefix="ticket ")}, only_when=("score",))]
TWO = "id,name,since\na,Arden,2026-01-01\nb,Birch,2026-02-01\n"
WITH_FAULT = "id,name,since\na,Arden,2026-01-01\nb,Birch,never\n"


@pytest.fixture
def store(begun, read_here):
    return begun


def make_proposal(store, actor, text=TWO, mappings=ACCOUNTS, name="accounts-2026-11.csv", **more):
    table = loading.read(store, actor, text.encode(), name)
    return loading_facts.propose(store, actor, table, mappings, **more)


def load(store, actor, text=TWO, mappings=ACCOUNTS, name="accounts-2026-11.csv", **more):
    return loading_facts.accept(store, actor, make_proposal(store, actor, text, mappings, name), TODAY, **more)


def rows_of(store, table, *names):
    with store.facts() as tx:
        return [tuple(row[name] for name in names) for row in facts.rows(tx, KINDS[table])]


def everything(store):
    """Every row that loads wrote, in both stores."""
    with store.facts() as tx:
        tables = {name: tx.all(f"SELECT * FROM {name}") for name in (*KINDS, "fact_load", "source_row")}
    with store.read() as tx:
        return tables | {"load": tx.all("SELECT * FROM load"), "audit": tx.all("SELECT seq FROM audit")}


def test_nothing_is_stored_before_it_is_accepted(store, analyst):
    before = everything(store)
    proposal = make_proposal(store, analyst)
    assert (proposal.new, proposal.changed, proposal.known, proposal.refused, proposal.open) == (2, 0, 0, 0, False)
    assert proposal.covers == (date(2026, 1, 1), date(2026, 2, 1))
    assert everything(store) == before


def test_accepted_facts_carry_their_load_and_its_record_the_mapping(store, read_by_child, analyst):
    done = load(store, analyst, now=NOW)
    assert rows_of(store, "account", "account_id", "name", "load", "row_number") == [("a", "Arden", done.load.id, 2), ("b", "Birch", done.load.id, 3)]
    (kept,) = loading.recent(store)
    assert (kept.id, kept.file_name, kept.author, kept.new, kept.covers_to) == (done.load.id, "accounts-2026-11.csv", "Sam Whitlock", 2, date(2026, 2, 1))
    assert kept.understood["kinds"] == {"account": {"rows": 2, "repeated": 0, "older": 0}}
    assert kept.understood["mappings"][0]["columns"]["name"] == "name"
    with store.facts() as tx:
        assert facts.coverage(tx)["account"] == facts.Coverage(date(2026, 1, 1), date(2026, 2, 1), 2, done.load.id, NOW)


def test_the_same_file_twice_is_one_load(store, analyst):
    load(store, analyst)
    before = everything(store)
    again = make_proposal(store, analyst)
    assert ("The same file was loaded before,", "on 22 Nov 2026 by Sam Whitlock. Twice is one load.") in again.notices or again.before
    done = loading_facts.accept(store, analyst, again, TODAY)
    assert done.changed_nothing and done.known == 2
    assert everything(store) == before


def test_the_same_proposal_accepted_twice_is_one_load(store, analyst):
    first, second = make_proposal(store, analyst), make_proposal(store, analyst)
    loading_facts.accept(store, analyst, first, TODAY)
    assert loading_facts.accept(store, analyst, second, TODAY).changed_nothing
    assert len(rows_of(store, "account", "account_id")) == 2


def test_two_loads_at_the_same_time_store_each_fact_once(store, analyst):
    proposals = [make_proposal(store, analyst) for _ in range(4)]
    threads = [threading.Thread(target=loading_facts.accept, args=(store, analyst, one, TODAY)) for one in proposals]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert rows_of(store, "account", "account_id") == [("a",), ("b",)]


def test_a_corrected_file_restates_and_keeps_what_was_said(store, analyst):
    load(store, analyst)
    corrected = make_proposal(store, analyst, TWO.replace("Birch", "Birch & Co"))
    assert [(one.key, one.was, one.now) for share in corrected.shares for one in share.changes] == [("b", "Birch", "Birch & Co")]
    done = loading_facts.accept(store, analyst, corrected, TODAY)
    assert (done.new, done.changed, done.known) == (0, 1, 1)
    with store.facts() as tx:
        assert [(row["name"], row["superseded_by"]) for row in facts.past(tx, KINDS["account"])] == [("Birch", done.load.id)]


def test_refused_rows_stay_in_quarantine_with_their_number_text_and_reason(store, analyst):
    done = load(store, analyst, WITH_FAULT)
    assert (done.new, done.refused) == (1, 1)
    assert loading.quarantined(store, done.load.id) == [(3, "b,Birch,never", "Customer since: 'never' is not a date")]


def test_a_file_without_a_row_in_order_is_refused(store, analyst):
    before = everything(store)
    with pytest.raises(FileRefused, match="accounts-2026-11.csv: no row is in order. Customer since: 'never' is not a date. Nothing is stored."):
        load(store, analyst, "id,name,since\na,Arden,never\n")
    assert everything(store) == before


def test_an_open_question_keeps_everything_out(store, analyst):
    proposal = make_proposal(store, analyst, "id,name,since\na,Arden,01/02/2026\n")
    assert proposal.open and proposal.ready == 0
    with pytest.raises(FileRefused, match="a question is open. since: is the day or the month first in 01/02/2026"):
        loading_facts.accept(store, analyst, proposal, TODAY)


def test_one_file_brings_several_kinds_as_one_load(store, analyst):
    load(store, analyst)
    done = load(store, analyst, "id,account,opened,stars\n1,a,2026-01-05,5\n2,b,2026-01-06,\n", TICKETS, "tickets.csv")
    assert done.kinds == ("ticket", "survey") and done.new == 3
    assert rows_of(store, "survey", "answer_id", "score", "load") == [("ticket 1", 5.0, done.load.id)]


def test_facts_of_unknown_accounts_are_kept_and_said(store, analyst):
    load(store, analyst)
    text = "id,account,opened,stars\n1,a,2026-01-05,\n2,z,2026-01-06,\n"
    proposal = make_proposal(store, analyst, text, TICKETS[:1], "tickets.csv")
    assert proposal.notices == (("Tickets: 1 row names 1 account that is not in the store", "(z). They are kept, and count once the account is there."),)
    loading_facts.accept(store, analyst, proposal, TODAY)
    assert [(one.kind, one.rows, one.examples) for one in loading_facts.orphans(store)] == [("ticket", 1, ("z",))]
    load(store, analyst, "id,name,since\nz,Zest,2026-01-01\n", name="more.csv")
    assert loading_facts.orphans(store) == []


def test_the_order_of_rows_and_files_does_not_matter(store, analyst, tmp_path):
    from tests.conftest import make_store

    (tmp_path / "other").mkdir()
    other = make_store(tmp_path / "other")
    tickets = "id,account,opened,stars\n1,a,2026-01-05,5\n2,b,2026-01-06,3\n"
    files = [(TWO, ACCOUNTS, "accounts.csv"), (tickets, TICKETS, "tickets.csv"),
             ("id,lost\na,2026-05-01\n", [Mapping("account", {"account_id": "id", "ended_on": "lost"})], "lost.csv")]
    for text, mappings, name in files:
        load(store, analyst, text, mappings, name)
    for text, mappings, name in reversed(files):
        head, *rows = text.splitlines()
        load(other, analyst, "\n".join([head, *reversed(rows)]), mappings, name)
    for table in ("account", "ticket", "survey"):
        names = [column.name for column in KINDS[table].columns]
        assert rows_of(store, table, *names) == rows_of(other, table, *names)
    other.close()


def test_fewer_rows_and_other_columns_than_last_time_are_said_first(store, analyst):
    load(store, analyst, now=NOW)
    proposal = make_proposal(store, analyst, "id,name,since,owner\na,Arden,2026-01-01,x\n", name="accounts-2026-12.csv")
    assert proposal.notices == (("Fewer rows than last time:", "1, and 2 on 22 Nov 2026."), ("The columns changed since last time.", "New: owner."))


class Stop(Exception):
    pass


@pytest.mark.parametrize("at", [1, 2])
def test_a_load_that_is_stopped_leaves_nothing_behind(store, analyst, at):
    load(store, analyst, "id,name,since\na,Arden,2025-01-01\n")
    before, calls = everything(store), []

    def watch():
        calls.append(1)
        if len(calls) == at:
            raise Stop

    with pytest.raises(Stop):
        loading_facts.accept(store, analyst, make_proposal(store, analyst), TODAY, watch=watch)
    assert everything(store) == before


def test_a_load_whose_record_cannot_be_written_leaves_no_facts(store, analyst, monkeypatch):
    before = everything(store)

    def fail(*_):
        raise ScorecardError("the disk is full")

    monkeypatch.setattr(loads, "add", fail)
    with pytest.raises(ScorecardError, match="disk is full"):
        load(store, analyst, WITH_FAULT)
    assert everything(store) == before


def test_a_proposal_that_is_put_aside_leaves_no_file(store, analyst):
    loading_facts.discard(make_proposal(store, analyst, WITH_FAULT))
    assert list(store.staging.iterdir()) == []


def test_accepting_leaves_no_file(store, analyst):
    load(store, analyst, WITH_FAULT)
    assert list(store.staging.iterdir()) == []


def test_only_who_may_load_files_loads_facts(store, viewer, analyst):
    table = loading.read(store, analyst, TWO.encode(), "accounts.csv")
    with pytest.raises(NotAllowed):
        loading_facts.propose(store, viewer, table, ACCOUNTS)
    proposal = loading_facts.propose(store, analyst, table, ACCOUNTS)
    with pytest.raises(NotAllowed):
        loading_facts.accept(store, viewer, proposal, TODAY)


def test_facts_do_not_mix_with_the_sample_company(store, analyst, admin):
    store.write(lambda tx: tx.run("UPDATE organisation SET sample = TRUE"), "test")
    with pytest.raises(FileRefused, match="The sample company is loaded"):
        make_proposal(store, analyst)
    assert make_proposal(store, analyst, sample=True).new == 2


def test_measures_are_computed_anew_after_a_load_and_not_when_nothing_changed(store, analyst, monkeypatch):
    asked = []
    monkeypatch.setattr(loading_facts, "refresh", lambda store, actor, today, tables: asked.append((today, tables)))
    load(store, analyst)
    load(store, analyst)
    assert asked == [(TODAY, ("account",))]


def test_a_loads_record_is_plain_json(store, analyst):
    load(store, analyst, WITH_FAULT)
    (kept,) = loading.recent(store)
    assert kept.understood["refused"] == [[1, "Customer since: 'never' is not a date"]]
    assert json.loads(json.dumps(kept.understood)) == kept.understood


def test_the_child_is_watched_while_it_types(store, read_by_child, analyst, monkeypatch):
    table = loading.read(store, analyst, TWO.encode(), "accounts.csv")
    monkeypatch.setattr(reader, "LOOK_SECONDS", 0.01)

    def stop():
        raise Stop

    with pytest.raises(Stop):
        loading_facts.propose(store, analyst, table, ACCOUNTS, watch=stop)
    reader.discard(table)
    assert list(store.staging.iterdir()) == []


def test_a_table_that_a_loader_keeps_beside_us_is_read_in_place_and_our_own_store_is_not(store, analyst, tmp_path):
    import duckdb

    with duckdb.connect(str(tmp_path / "crm.duckdb")) as con:
        con.execute("CREATE TABLE accounts AS SELECT 'a' AS id, 'Arden' AS name, DATE '2026-01-01' AS since")
    assert [one.name for one in loading_facts.tables(store, analyst, tmp_path / "crm.duckdb")] == ["accounts"]
    table = loading_facts.read_in_place(store, analyst, tmp_path / "crm.duckdb", "accounts")
    assert loading_facts.accept(store, analyst, loading_facts.propose(store, analyst, table, ACCOUNTS), TODAY).new == 1
    with pytest.raises(FileRefused, match="this product's own store"):
        loading_facts.tables(store, analyst, tmp_path / "facts.duckdb")

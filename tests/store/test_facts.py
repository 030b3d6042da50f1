"""Facts in the store: put as a whole, restated with history, a part of a row at a time; and the revenue of a month."""

from __future__ import annotations

from datetime import date, datetime

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scorecard.core.facts import KINDS
from scorecard.store import backup, facts, migrations
from scorecard.store.engine import open_store
from scorecard.store.facts import Staged

ACCOUNT, USAGE, SUBSCRIPTION = KINDS["account"], KINDS["usage"], KINDS["subscription"]
NOW = datetime(2026, 11, 22, 12)
TYPES = {"text": "VARCHAR", "number": "DOUBLE", "money": "DOUBLE", "date": "DATE", "moment": "TIMESTAMP", "flag": "BOOLEAN"}


@pytest.fixture
def store(on_disk):
    """Facts are always kept in DuckDB, whatever keeps the state."""
    opened = on_disk.open()
    yield opened
    opened.close()


def make_staged(store, kind, names: str, *rows: tuple) -> Staged:
    """A staged Parquet file of a kind with these columns; rows are numbered from 2."""
    store.staging.mkdir(exist_ok=True)
    path = store.staging / f"{len(list(store.staging.iterdir()))}.parquet"
    columns = names.split()
    con = duckdb.connect()
    con.execute(f"CREATE TABLE staged (row_number BIGINT, {', '.join(f'{name} {TYPES[kind.column(name).type]}' for name in columns)})")
    if rows:
        con.executemany(f"INSERT INTO staged VALUES ({', '.join('?' * (len(columns) + 1))})", [(i, *row) for i, row in enumerate(rows, 2)])
    con.execute(f"COPY staged TO '{path}' (FORMAT parquet)")
    con.close()
    return Staged(path)


def put(store, kind, names, *rows, load="first", now=NOW):
    path = make_staged(store, kind, names, *rows)
    with store.facts() as tx:
        return facts.put(tx, kind, path, load, now)


def stored(store, kind, *names):
    with store.facts() as tx:
        return [tuple(row[name] for name in names) for row in facts.rows(tx, kind)]


@pytest.mark.parametrize("table", KINDS)
def test_every_kind_has_a_table_and_a_past_with_its_columns(store, table):
    wanted = [(column.name, TYPES[column.type]) for column in KINDS[table].columns] + [("load", "VARCHAR"), ("row_number", "BIGINT")]
    with store.facts() as tx:
        now, past = ([(name, type) for name, type, *_ in tx.all(f"DESCRIBE {each}")] for each in (table, f"{table}_past"))
    assert now == wanted
    assert past == [*wanted, ("superseded_by", "VARCHAR"), ("superseded_at", "TIMESTAMP")]
    assert {table, f"{table}_past"} <= migrations.TABLES


def test_the_first_rows_are_new_and_carry_their_load_and_row(store):
    assert put(store, ACCOUNT, "account_id name", ("a", "Arden"), ("b", "Birch")) == facts.Put(2, 0, 0)
    assert stored(store, ACCOUNT, "account_id", "name", "load", "row_number") == [("a", "Arden", "first", 2), ("b", "Birch", "first", 3)]


def test_the_same_rows_again_change_nothing(store):
    put(store, ACCOUNT, "account_id name", ("a", "Arden"), ("b", None))
    assert put(store, ACCOUNT, "account_id name", ("b", None), ("a", "Arden"), load="second") == facts.Put(0, 0, 2)
    assert stored(store, ACCOUNT, "account_id", "load") == [("a", "first"), ("b", "first")]
    with store.facts() as tx:
        assert facts.past(tx, ACCOUNT) == []


def test_a_corrected_row_restates_and_what_it_said_is_kept(store):
    put(store, ACCOUNT, "account_id name", ("a", "Arden"), ("b", "Birch"))
    assert put(store, ACCOUNT, "account_id name", ("a", "Arden Ltd"), ("c", "Cedar"), load="second") == facts.Put(1, 1, 0)
    assert stored(store, ACCOUNT, "account_id", "name", "load") == [("a", "Arden Ltd", "second"), ("b", "Birch", "first"), ("c", "Cedar", "second")]
    with store.facts() as tx:
        (kept,) = facts.past(tx, ACCOUNT)
    assert (kept["name"], kept["load"], kept["superseded_by"], kept["superseded_at"]) == ("Arden", "first", "second", NOW)


def test_what_a_file_does_not_bring_stays_as_it_was(store):
    put(store, ACCOUNT, "account_id name segment", ("a", "Arden", "Small"))
    put(store, ACCOUNT, "account_id ended_on", ("a", date(2026, 3, 31)), load="lost")
    assert stored(store, ACCOUNT, "name", "segment", "ended_on") == [("Arden", "Small", date(2026, 3, 31))]


def test_a_cell_that_the_file_brings_blank_becomes_blank(store):
    put(store, ACCOUNT, "account_id name", ("a", "Arden"))
    assert put(store, ACCOUNT, "account_id name", ("a", None), load="second").changed == 1
    assert stored(store, ACCOUNT, "name") == [(None,)]


def test_two_files_that_each_bring_a_part_give_the_same_rows_in_either_order(store, tmp_path):
    parts = [("account_id name", [("a", "Arden"), ("b", "Birch")]), ("account_id ended_on", [("b", date(2026, 1, 1)), ("c", date(2026, 2, 1))])]
    other = open_store(tmp_path / "other" / "state.duckdb", tmp_path / "other" / "facts.duckdb")
    for names, rows in parts:
        put(store, ACCOUNT, names, *rows)
    for names, rows in reversed(parts):
        put(other, ACCOUNT, names, *rows)
    columns = ("account_id", "name", "ended_on")
    assert stored(store, ACCOUNT, *columns) == stored(other, ACCOUNT, *columns) == [
        ("a", "Arden", None), ("b", "Birch", date(2026, 1, 1)), ("c", None, date(2026, 2, 1))]
    other.close()


def test_a_kind_is_keyed_by_all_of_its_key_columns(store):
    kind = KINDS["mrr_month"]
    put(store, kind, "account_id month mrr", ("a", date(2026, 1, 1), 10.0), ("a", date(2026, 2, 1), 10.0))
    assert put(store, kind, "account_id month mrr", ("a", date(2026, 2, 1), 12.0), ("b", date(2026, 2, 1), 1.0), load="second") == facts.Put(1, 1, 0)


def test_what_would_change_is_counted_and_shown_before_it_is_stored(store):
    put(store, ACCOUNT, "account_id name", ("a", "Arden"), ("b", "Birch"))
    path = make_staged(store, ACCOUNT, "account_id name", ("a", "Ardent"), ("b", "Birch"), ("c", "Cedar"))
    with store.facts() as tx:
        assert facts.compare(tx, ACCOUNT, path) == facts.Put(1, 1, 1)
        assert facts.differences(tx, ACCOUNT, path) == [facts.Difference(2, "a", "name", "Arden", "Ardent")]
    assert stored(store, ACCOUNT, "account_id") == [("a",), ("b",)]


def test_a_load_that_fails_leaves_nothing(store):
    path = make_staged(store, ACCOUNT, "account_id name", ("a", "Arden"))
    with pytest.raises(RuntimeError), store.facts() as tx:
        facts.put(tx, ACCOUNT, path, "first")
        raise RuntimeError
    assert stored(store, ACCOUNT, "account_id") == []


def test_loads_are_taken_back_with_what_they_restated(store):
    put(store, ACCOUNT, "account_id name", ("a", "Arden"), ("b", "Birch"))
    put(store, ACCOUNT, "account_id name", ("a", "Ardent"), load="second")
    put(store, ACCOUNT, "account_id name", ("a", "Arden again"), ("c", "Cedar"), load="third")
    with store.facts() as tx:
        facts.take_back(tx, ["second", "third"])
        assert facts.past(tx, ACCOUNT) == []
    assert stored(store, ACCOUNT, "account_id", "name", "load") == [("a", "Arden", "first"), ("b", "Birch", "first")]


def test_facts_of_unknown_accounts_are_kept_and_reported(store):
    put(store, ACCOUNT, "account_id", ("a",))
    put(store, USAGE, "usage_id account_id used_on", ("1", "a", date(2026, 1, 1)), ("2", "z", date(2026, 1, 1)), ("3", "z", date(2026, 1, 2)),
        ("4", None, date(2026, 1, 2)))
    with store.facts() as tx:
        assert facts.orphans(tx, USAGE) == [facts.Orphans("usage", "account_id", 2, 1, ("z",))]
        assert facts.counts(tx)["usage"] == 4


def test_an_account_that_the_same_load_brings_is_not_unknown(store):
    accounts = make_staged(store, ACCOUNT, "account_id", ("z",))
    usage = make_staged(store, USAGE, "usage_id account_id used_on", ("1", "z", date(2026, 1, 1)), ("2", "y", date(2026, 1, 1)))
    with store.facts() as tx:
        assert [one.examples for one in facts.staged_orphans(tx, USAGE, usage, [accounts])] == [("y",)]
        assert [one.examples for one in facts.staged_orphans(tx, USAGE, usage)] == [("y", "z")]


def test_coverage_says_how_far_each_kind_reaches(store):
    put(store, USAGE, "usage_id used_on", ("1", date(2026, 1, 5)), ("2", date(2026, 2, 7)))
    with store.facts() as tx:
        facts.record(tx, USAGE, "first", "use.csv", "0" * 64, facts.Put(2, 0, 0), (date(2026, 1, 5), date(2026, 2, 7)), NOW)
        assert facts.coverage(tx) == {"usage": facts.Coverage(date(2026, 1, 5), date(2026, 2, 7), 2, "first", NOW)}


def test_a_backup_holds_the_facts_and_the_view_over_them(store):
    put(store, ACCOUNT, "account_id", ("a",), ("b",))
    assert backup.make(store.engines, store.backups, NOW).rows["facts.duckdb"]["account"] == 2


# -- the revenue of a month

def months(store):
    with store.facts() as tx:
        found = tx.all("SELECT account_id, month, mrr_start, mrr_end FROM account_month ORDER BY account_id, month")
    return {(account, month.month): (start, end) for account, month, start, end in found}


def test_a_subscription_counts_at_the_first_instant_of_a_month_when_it_began_before_and_has_not_ended(store):
    put(store, SUBSCRIPTION, "subscription_id account_id started_on ended_on mrr trial",
        ("1", "a", date(2026, 1, 15), date(2026, 3, 31), 10.0, False), ("2", "a", date(2026, 3, 1), None, 5.0, None),
        ("3", "b", date(2026, 4, 2), None, 7.0, False), ("4", "b", date(2026, 1, 1), None, 99.0, True))
    assert months(store) == {("a", 1): (0, 10), ("a", 2): (10, 10), ("a", 3): (10, 5), ("a", 4): (5, 5), ("b", 4): (0, 7)}


def test_a_subscription_that_ends_on_the_first_of_a_month_is_lost_in_that_month(store):
    put(store, SUBSCRIPTION, "subscription_id account_id started_on ended_on mrr", ("1", "a", date(2026, 1, 1), date(2026, 3, 1), 10.0))
    assert months(store) == {("a", 1): (0, 10), ("a", 2): (10, 10), ("a", 3): (10, 0)}


def test_months_go_as_far_as_the_facts_and_never_beyond_the_day_of_the_load(store):
    put(store, SUBSCRIPTION, "subscription_id account_id started_on ended_on mrr", ("1", "a", date(2026, 9, 5), date(2031, 1, 1), 10.0))
    with store.facts() as tx:
        facts.record(tx, SUBSCRIPTION, "first", "s.csv", "", facts.Put(1, 0, 0), (date(2026, 9, 5), date(2026, 9, 5)), NOW)
    assert max(month for _, month in months(store)) == 11


def test_movements_are_added_up_to_the_first_day_of_each_month(store):
    put(store, KINDS["mrr_movement"], "movement_id account_id moved_on amount", ("1", "a", date(2026, 1, 15), 10.0),
        ("2", "a", date(2026, 3, 1), -4.0), ("3", "b", date(2026, 3, 31), 1.0))
    assert months(store) == {("a", 1): (0, 10), ("a", 2): (10, 10), ("a", 3): (10, 6), ("b", 3): (0, 1)}


def test_a_monthly_table_gives_the_end_of_a_month_and_what_it_began_with_where_the_month_before_is_there(store):
    put(store, KINDS["mrr_month"], "account_id month mrr", ("a", date(2026, 1, 1), 10.0), ("a", date(2026, 2, 1), 12.0),
        ("b", date(2026, 2, 1), 3.0), ("b", date(2026, 4, 1), 3.0))
    assert months(store) == {("a", 1): (None, 10), ("a", 2): (10, 12), ("b", 2): (0, 3), ("b", 4): (None, 3)}


def test_an_account_that_leaves_a_monthly_table_is_lost(store):
    put(store, KINDS["mrr_month"], "account_id month mrr", ("a", date(2026, 1, 1), 10.0), ("b", date(2026, 1, 1), 1.0), ("b", date(2026, 2, 1), 1.0))
    assert months(store)["a", 2] == (10, 0)


def test_the_most_direct_table_wins(store):
    put(store, SUBSCRIPTION, "subscription_id account_id started_on mrr", ("1", "a", date(2026, 1, 15), 10.0))
    put(store, KINDS["mrr_movement"], "movement_id account_id moved_on amount", ("1", "a", date(2026, 1, 15), 20.0))
    assert months(store)["a", 1] == (0, 20)
    put(store, KINDS["mrr_month"], "account_id month mrr", ("a", date(2026, 1, 1), 30.0))
    assert months(store) == {("a", 1): (None, 30)}


spans = st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 400), st.one_of(st.none(), st.integers(0, 300)), st.integers(0, 5000)), min_size=1, max_size=8)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(spans)
def test_subscriptions_give_the_same_months_as_counting_them_one_by_one(store, drawn):
    first = date(2025, 1, 1).toordinal()
    rows = [(str(i), account, date.fromordinal(first + start), None if length is None else date.fromordinal(first + start + length), cents / 100)
            for i, (account, start, length, cents) in enumerate(drawn)]
    with store.facts() as tx:
        tx.run("DELETE FROM subscription")
    put(store, SUBSCRIPTION, "subscription_id account_id started_on ended_on mrr", *rows)

    def at(account, instant):
        return sum(mrr for _, owner, start, end, mrr in rows if owner == account and start < instant and (end is None or end >= instant))

    with store.facts() as tx:
        found = tx.all("SELECT account_id, month, mrr_start, mrr_end FROM account_month")
    for account, month, start, end in found:
        after = date(month.year + month.month // 12, month.month % 12 + 1, 1)
        assert start == pytest.approx(at(account, month), abs=1e-6) and end == pytest.approx(at(account, after), abs=1e-6)
    last = max(day for _, _, start, end, _ in rows for day in (start, end) if day)
    total = sum(at(account, date(last.year + last.month // 12, last.month % 12 + 1, 1)) for account in "ab")
    assert sum(end for _, month, _, end in found if (month.year, month.month) == (last.year, last.month)) == pytest.approx(total, abs=1e-6)

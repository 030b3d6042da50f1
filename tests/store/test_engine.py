"""What a unit of work promises, on both engines."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scorecard.errors import AlreadyDone, ConstraintBroken, StoreError

NOW = datetime(2026, 11, 22, 9, 30, 15, 123456)
THREADS = 8


class StopScript(BaseException):
    """What a closed tab raises in a page, at any line."""


def add_team(name: str):
    return lambda tx: tx.run("INSERT INTO team VALUES ($1, $2, $3)", (name, name.title(), 0))


def versions(store) -> dict[str, int]:
    with store.read() as tx:
        return dict(tx.all("SELECT id, version FROM team ORDER BY id"))


def raise_version(tx) -> int:
    (old,) = tx.one("SELECT version FROM team WHERE id = $1", ("a",))
    tx.run("UPDATE team SET version = $1 WHERE id = $2", (old + 1, "a"))
    tx.audit("count", "team:a", {"version": old}, {"version": old + 1})
    return old + 1


def test_what_is_written_is_there_after_a_restart(somewhere):
    first = somewhere.open()
    first.write(add_team("support"), "Rana Amari")
    first.close()
    second = somewhere.open()
    assert versions(second) == {"support": 0}
    second.close()


def test_a_write_returns_what_its_work_returns_and_grows_the_data_version(store):
    before = store.data_version
    assert store.write(lambda tx: "done", "Rana Amari") == "done"
    assert store.data_version > before


def test_reading_leaves_the_data_version(store):
    before = store.data_version
    versions(store)
    with store.facts() as tx:
        tx.all("SELECT COUNT(*) FROM source_row")
    assert store.data_version == before


def test_facts_written_grow_the_data_version(store):
    before = store.data_version
    with store.facts() as tx:
        tx.many(
            "INSERT INTO source_row VALUES ($1, $2, $3, $4, $5)", [("l", 1, "t", "new", ""), ("l", 2, "t", "new", "")]
        )
    assert store.data_version > before
    with store.facts() as tx:
        assert tx.one("SELECT COUNT(*) FROM source_row") == (2,)


def test_facts_are_rolled_back_when_the_block_fails(store):
    with pytest.raises(StopScript), store.facts() as tx:
        tx.run("INSERT INTO source_row VALUES ($1, $2, $3, $4, $5)", ("l", 1, "t", "new", ""))
        raise StopScript
    with store.facts() as tx:
        assert tx.one("SELECT COUNT(*) FROM source_row") == (0,)


def test_a_read_is_a_snapshot(store):
    with store.read() as tx:
        assert tx.all("SELECT id FROM team") == []
        store.write(add_team("late"), "Rana Amari")
        assert tx.all("SELECT id FROM team") == []
    assert versions(store) == {"late": 0}


def test_nothing_can_be_written_while_reading(store):
    with pytest.raises(StoreError), store.read() as tx:
        tx.run("INSERT INTO team VALUES ($1, $2, $3)", ("a", "A", 0))
    assert versions(store) == {}


@given(stop_after=st.integers(0, 4), kind=st.sampled_from([StopScript, KeyboardInterrupt, GeneratorExit, ValueError]))
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_stops_a_write_nothing_of_it_remains(store, stop_after, kind):
    before, audited = versions(store), store.verify().rows

    def work(tx):
        for number in range(4):
            if number == stop_after:
                raise kind
            tx.run("INSERT INTO team VALUES ($1, $2, $3)", (f"t{number}", f"T{number}", 0))
            tx.audit("add", f"team:t{number}")
        raise kind

    with pytest.raises(kind):
        store.write(work, "Rana Amari")
    assert (versions(store), store.verify().rows) == (before, audited)
    assert store.write(lambda tx: tx.one("SELECT COUNT(*) FROM team"), "Rana Amari") == (len(before),)


def test_eight_threads_on_one_row_lose_no_update_and_keep_the_audit_chain(store):
    store.write(add_team("a"), "Rana Amari")
    start = threading.Barrier(THREADS)

    def count(number: int) -> list[int]:
        start.wait()
        return [store.write(raise_version, f"person {number}") for _ in range(15)]

    with ThreadPoolExecutor(THREADS) as pool:
        seen = [value for values in pool.map(count, range(THREADS)) for value in values]
    assert sorted(seen) == list(range(1, THREADS * 15 + 1))
    assert versions(store) == {"a": THREADS * 15}
    verdict = store.verify()
    assert (verdict.ok, verdict.rows) == (True, THREADS * 15)
    with store.read() as tx:
        assert tx.one("SELECT COUNT(DISTINCT after_json) FROM audit") == (THREADS * 15,)


def test_eight_threads_that_take_the_next_number_get_one_each(store):
    start = threading.Barrier(THREADS)

    def add_version(tx) -> int:
        (newest,) = tx.one("SELECT COALESCE(MAX(version), 0) FROM goal WHERE measure = $1", ("m",))
        tx.run(
            "INSERT INTO goal VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            ("m", date(2026, 1, 1), newest + 1, 0.5, None, None, "", "", tx.actor, tx.now),
        )
        return newest + 1

    def take(number: int) -> list[int]:
        start.wait()
        return [store.write(add_version, f"person {number}") for _ in range(5)]

    with ThreadPoolExecutor(THREADS) as pool:
        taken = [number for numbers in pool.map(take, range(THREADS)) for number in numbers]
    assert sorted(taken) == list(range(1, THREADS * 5 + 1))


def test_eight_threads_read_their_own_rows_because_each_has_a_cursor(store):
    store.write(
        lambda tx: tx.many(
            "INSERT INTO team VALUES ($1, $2, $3)", [(f"t{number}", f"T{number}", number) for number in range(THREADS)]
        ),
        "Rana Amari",
    )
    start = threading.Barrier(THREADS)
    cursors = set()

    def read(number: int) -> bool:
        start.wait()
        with store.read() as tx:
            start.wait()
            cursors.add(id(tx.cursor))
            return all(
                tx.all("SELECT version FROM team WHERE id = $1", (f"t{number}",)) == [(number,)] for _ in range(40)
            )

    with ThreadPoolExecutor(THREADS) as pool:
        assert all(pool.map(read, range(THREADS)))
    assert len(cursors) == THREADS


def test_a_cursor_is_closed_with_its_unit_of_work(somewhere, store):
    store.close()
    opened = somewhere.open()  # As the product opens it.
    with opened.read() as tx:
        tx.one("SELECT 1")
    with pytest.raises(Exception, match="closed"):
        tx.one("SELECT 1")
    opened.close()


def test_a_key_that_is_there_is_refused_plainly_and_the_store_works_on(store):
    store.write(add_team("a"), "Rana Amari")
    with pytest.raises(ConstraintBroken, match="Not saved, a rule of the tables forbids it"):
        store.write(add_team("a"), "Rana Amari")
    with pytest.raises(ConstraintBroken):
        store.write(lambda tx: tx.run("INSERT INTO slot VALUES ($1, $2, $3)", ("s", 11, "m")), "Rana Amari")
    store.write(add_team("b"), "Rana Amari")
    assert set(versions(store)) == {"a", "b"}


def test_a_form_that_is_sent_twice_is_one_action(store):
    store.write(add_team("a"), "Rana Amari", nonce="form-1")
    with pytest.raises(AlreadyDone, match="it was done once"):
        store.write(add_team("b"), "Rana Amari", nonce="form-1")
    assert set(versions(store)) == {"a"}


def test_a_form_that_failed_may_be_sent_again(store):
    with pytest.raises(ValueError):
        store.write(lambda tx: int("x"), "Rana Amari", nonce="form-1")
    store.write(add_team("a"), "Rana Amari", nonce="form-1")
    assert set(versions(store)) == {"a"}


def test_a_double_click_in_two_threads_is_one_action(store):
    start = threading.Barrier(2)

    def click(name: str) -> bool:
        start.wait()
        try:
            store.write(add_team(name), "Rana Amari", nonce="form-1")
        except AlreadyDone:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(click, ["a", "b"])) == [False, True]
    assert len(versions(store)) == 1


def test_values_come_back_as_plain_python(store):
    store.write(lambda tx: tx.run("INSERT INTO member VALUES ($1, $2, $3, $4, $5)", ("p", "leader", True, NOW, 7)), "x")
    with store.read() as tx:
        assert tx.one("SELECT person, active, last_seen, version FROM member") == ("p", True, NOW, 7)
        row = tx.one(
            "SELECT SUM(version), AVG(version), 0.25, COUNT(*), CAST(last_seen AS DATE), NULL FROM member"
            " GROUP BY last_seen"
        )
    assert row == (7, 7.0, 0.25, 1, date(2026, 11, 22), None)
    assert [type(value) for value in row] == [int, float, float, int, date, type(None)]


@pytest.mark.parametrize("zone", [UTC, timezone(timedelta(hours=5, minutes=30))])
def test_an_instant_with_a_zone_is_kept_in_utc(store, zone):
    moment = datetime(2026, 11, 22, 12, tzinfo=zone)
    store.write(
        lambda tx: tx.run("INSERT INTO member VALUES ($1, $2, $3, $4, $5)", ("p", "leader", True, moment, 1)), "x"
    )
    with store.read() as tx:
        assert tx.one("SELECT last_seen FROM member") == (moment.astimezone(UTC).replace(tzinfo=None),)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
@pytest.mark.parametrize("many", [True, False])
def test_a_value_that_is_no_number_never_enters(store, value, many):
    sql = "INSERT INTO figure VALUES ('m', 'month', $1, '', '', '', 'l', $2, NULL, NULL, $3, FALSE)"
    row = (date(2026, 1, 1), value, NOW)
    with pytest.raises(ValueError, match="is not a figure; a missing one is None"):
        store.write(lambda tx: tx.many(sql, [row]) if many else tx.run(sql, row), "x")


@pytest.mark.parametrize("count", [0, 1, 2, 1000])
def test_many_rows_are_written_as_given(store, count):
    rows = [
        (
            "m",
            "month",
            date(2026, 1, 1),
            f"s{number}",
            "",
            "",
            "l",
            None if number % 3 else number / 7,
            number,
            None,
            NOW,
            False,
        )
        for number in range(count)
    ]
    places = ", ".join(f"${number}" for number in range(1, 13))
    store.write(lambda tx: tx.many(f"INSERT INTO figure VALUES ({places})", rows), "x")
    with store.read() as tx:
        assert sorted(tx.all("SELECT * FROM figure")) == sorted(rows)


def test_many_rows_may_be_known_already(store):
    sql = "INSERT INTO team VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING"
    store.write(lambda tx: tx.many(sql, [("a", "A", 1), ("b", "B", 1)]), "x")
    store.write(lambda tx: tx.many(sql, [("a", "Z", 2), ("c", "C", 2)]), "x")
    assert versions(store) == {"a": 1, "b": 1, "c": 2}


def test_many_rows_may_replace_and_delete(store):
    store.write(lambda tx: tx.many("INSERT INTO team VALUES ($1, $2, $3)", [("a", "A", 1), ("b", "B", 1)]), "x")
    sql = "INSERT INTO team VALUES ($1, $2, $3) ON CONFLICT (id) DO UPDATE SET version = excluded.version"
    store.write(lambda tx: tx.many(sql, [("a", "A", 5), ("c", "C", 5)]), "x")
    store.write(lambda tx: tx.many("DELETE FROM team WHERE id = $1", [("b",), ("none",)]), "x")
    assert versions(store) == {"a": 5, "c": 5}


def test_two_statements_in_one_call_are_refused_before_the_first_runs(store):
    with pytest.raises(ValueError, match="One statement to a call"):
        store.write(lambda tx: tx.run("DELETE FROM team; DROP TABLE team"), "x")
    assert store.write(lambda tx: tx.one("SELECT ';' AS semicolon"), "x") == (";",)


def test_a_change_that_swallowed_a_failure_is_not_half_saved(store):
    def work(tx):
        tx.run("INSERT INTO team VALUES ($1, $2, $3)", ("a", "A", 0))
        try:
            tx.run("INSERT INTO slot VALUES ($1, $2, $3)", ("s", 99, "m"))
        except Exception:  # noqa: BLE001 - the mistake this test is about
            return

    with pytest.raises(StoreError, match="the whole change was undone"):
        store.write(work, "x")
    assert versions(store) == {}


def test_a_list_can_be_a_parameter(store):
    store.write(lambda tx: tx.many("INSERT INTO team VALUES ($1, $2, $3)", [("a", "A", 1), ("b", "B", 2)]), "x")
    with store.read() as tx:
        assert tx.all("SELECT id FROM team WHERE id = ANY($1) ORDER BY id", (["a", "b", "z"],)) == [("a",), ("b",)]
        assert tx.all("SELECT id FROM team WHERE id = ANY($1)", ([],)) == []


CHANGES = {
    "an update": "UPDATE team SET version = version + 1 WHERE id = 'n'",
    "an update that returns": "UPDATE team SET name = 'renamed', version = version + 1 WHERE id = 'n' RETURNING version",
    "an update to the same value": "UPDATE team SET name = name WHERE id = 'n'",
    "a deletion": "DELETE FROM team WHERE id = 'n'",
}


@pytest.mark.parametrize("second", CHANGES)
@pytest.mark.parametrize("first", CHANGES)
def test_two_changes_of_one_row_from_the_same_snapshot_never_pass_each_other(store, first, second):
    """DuckDB alone lets an update in place pass one that returns its row, or a deletion: one of them is lost."""
    store.write(lambda tx: tx.run("INSERT INTO team VALUES ('n', 'n', 0)"), "x")
    tried = []

    def change(tx):
        tx.all("SELECT * FROM team")
        if not tried:
            tried.append("once")
            store.write(lambda other: other.run(CHANGES[first]), "y")
        else:
            tried.append("again")
        tx.run(CHANGES[second])

    store.write(change, "x")
    assert tried == ["once", "again"]


def test_what_a_read_keeps_is_kept_until_it_changes_and_no_write_uses_it(store):
    def count(tx) -> int:
        return tx.once("teams", lambda: tx.one("SELECT COUNT(*) FROM team")[0])

    def known() -> int:
        with store.read() as tx:
            return count(tx)

    def add_and_count(tx) -> tuple[int, int]:
        before = count(tx)
        add_team("b")(tx)
        return before, count(tx)

    store.write(add_team("a"), "x")
    assert known() == 1
    with store.read() as old:
        assert old.one("SELECT COUNT(*) FROM team") == (1,)
        store.write(add_team("c"), "x")
        # A snapshot of before the write keeps nothing for those who read after it.
        assert count(old) == 1 and known() == 2
    assert store.write(add_and_count, "x") == (2, 3) and known() == 3
    with pytest.raises(StopScript):
        store.write(lambda tx: (add_team("d")(tx), count(tx), _stop()), "x")
    assert known() == 3


def _stop() -> None:
    raise StopScript

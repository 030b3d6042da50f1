"""What was read is kept until something that it was read from changes, and not longer."""

from __future__ import annotations

import re
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scorecard.store import kept, migrations
from scorecard.store.kept import EVERYTHING, REGISTERS, SOME_REGISTER, Changes, Kept

SOURCES = Path(__file__).resolve().parents[2] / "scorecard"


@pytest.mark.parametrize(("sql", "params", "marks"), [
    ("SELECT name FROM person WHERE id = $1", ["ann"], {"person"}),
    ("SELECT 1 FROM team AS t JOIN person AS p ON p.team = t.id", [], {"team", "person"}),
    ("SELECT a.id, (SELECT COUNT(*) FROM comment) FROM action AS a, goal", [], {"action", "comment", "goal"}),
    ("SELECT body FROM register_entry AS e WHERE e.register = $2 AND e.id = $1", ["7", "touch"], {"register touch"}),
    ("SELECT 1 FROM register_entry AS e JOIN register_value AS v ON v.register = e.register WHERE e.register = 'ask'", [], {"register ask"}),
    ("SELECT 1 FROM register_entry WHERE register IN ('ask', $1)", ["deposit"], {"register ask", "register deposit"}),
    ("SELECT 1 FROM register_entry AS e JOIN register_value AS v ON v.entry = e.id WHERE e.register = 'ask'", [], {REGISTERS}),
    ("SELECT 1 FROM register_version WHERE person = $1", ["ann"], {REGISTERS}),
    ("SELECT actor FROM audit WHERE action = 'sign_review'", [], {"audit sign_review"}),
    ("SELECT MAX(seq) FROM audit", [], {"audit"}),
])  # fmt: skip
def test_a_read_is_known_by_its_tables_and_of_the_registers_by_which(sql, params, marks):
    assert kept.of_reading(sql, params) == marks


def test_a_column_that_bears_the_name_of_a_table_of_the_other_database_is_not_that_table():
    sql = "SELECT account_id, comment, answered_on FROM survey"
    assert kept.of_reading(sql, [], migrations.FACTS_TABLES) == {"survey"} and not migrations.STATE_TABLES & migrations.FACTS_TABLES


def test_a_read_of_a_view_is_a_read_of_the_tables_behind_it():
    assert {"mrr_month", "mrr_movement", "subscription"} <= kept.of_reading("SELECT mrr_end FROM account_month", [])


@pytest.mark.parametrize(("sql", "rows", "marks"), [
    ("UPDATE person SET name = $1 WHERE id = $2", [("Ann", "ann")], {"person"}),
    ("INSERT INTO register_entry (register, id) VALUES ($1, $2)", [("touch", "1"), ("ask", "2")], {"register touch", "register ask"}),
    ("DELETE FROM register_entry WHERE register = $1 AND id = $2", [("touch", "1")], {"register touch"}),
    ("DELETE FROM register_version WHERE recorded_at >= $1", [("2026-01-01",)], {SOME_REGISTER}),
    ("INSERT INTO register_entry (register, id, account, person, team) VALUES ($1, $2, $3, $4, $5)", [("touch", "1", "", "", "")], {"register touch"}),
    ("INSERT INTO person SELECT * FROM team ON CONFLICT (id) DO UPDATE SET name = ''", [()], {"person"}),
    ("CHECKPOINT", [()], {EVERYTHING}),
])  # fmt: skip
def test_a_write_says_what_it_changes_and_everything_when_it_names_nothing_known(sql, rows, marks):
    assert kept.of_writing(sql, rows) == marks


@pytest.mark.parametrize(("read", "written", "falls"), [
    ({"person"}, {"person"}, True), ({"person"}, {"team"}, False), ({"register touch"}, {"register touch"}, True),
    ({"register ask"}, {"register touch"}, False), ({REGISTERS}, {"register touch"}, True), ({"register ask"}, {SOME_REGISTER}, True),
    ({REGISTERS}, {SOME_REGISTER}, True), ({"person"}, {EVERYTHING}, True), (set(), {EVERYTHING}, True), (set(), {"person"}, False),
])  # fmt: skip
def test_what_was_read_has_changed_when_one_of_it_was_written(read, written, falls):
    changes = Changes()
    changes.add({"organisation"})
    begun = changes.now
    assert not changes.since(read, begun)
    changes.add(written)
    assert changes.since(read, begun) is falls


TABLES = ("person", "team", "action")


@settings(max_examples=60, deadline=None)
@given(st.lists(st.one_of(
    st.tuples(st.just("write"), st.sampled_from(TABLES)),
    st.tuples(st.just("ask"), st.sets(st.sampled_from(TABLES), min_size=1).map(lambda found: tuple(sorted(found)))),
    st.tuples(st.just("ask both"), st.tuples(st.sampled_from(TABLES), st.sampled_from(TABLES))),
), max_size=25))  # fmt: skip
def test_a_kept_answer_is_always_what_reading_anew_would_give(steps):
    stored, values = dict.fromkeys(TABLES, 0), Kept()

    def read(names):
        for name in names:
            kept.note(f"SELECT * FROM {name}", [])
        return tuple(stored[name] for name in names)

    def both(pair):
        return tuple(values.get("one", (name,), lambda name=name: read((name,))) for name in pair)

    for what, which in steps:
        if what == "write":
            stored[which] += 1
            values.changes.add({which})
        elif what == "ask":
            assert values.get("one", which, lambda which=which: read(which)) == tuple(stored[name] for name in which)
        else:
            assert values.get("both", which, lambda which=which: both(which)) == tuple((stored[name],) for name in which)


def test_what_several_ask_for_at_once_is_worked_out_once():
    values, made = Kept(), []

    def slow() -> int:
        made.append(1)
        time.sleep(0.05)
        return len(made)

    threads = [threading.Thread(target=lambda: values.get("slow", "", slow)) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(made) == 1 and values.get("slow", "", slow) == 1


def test_a_build_that_is_cut_off_leaves_nothing_and_lets_the_next_one_in():
    values = Kept()

    def cut() -> int:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        values.get("one", "", cut)
    assert values.get("one", "", lambda: 7) == 7


def test_of_one_name_the_least_used_are_forgotten_and_others_stay():
    values = Kept()
    for key in range(3):
        values.get("few", key, lambda key=key: key, 2)
    values.get("others", 0, lambda: "here")
    assert [values.recall("few", key) for key in range(3)] == [None, 1, 2] and values.recall("others", 0) == "here"


def test_a_view_that_reads_one_register_stands_while_another_is_written(store):
    def entries(name: str) -> int:
        with store.read() as tx:
            return tx.one("SELECT COUNT(*) FROM register_entry WHERE register = $1", [name])[0]

    def add(name: str):
        columns = "register, id, version, state, state_since, account, person, team, happened, title, body, author, recorded_at, made_by, made_at, sorting, words"
        places = ", ".join(f"${n}" for n in range(1, 18))
        when, day = "2026-11-22 10:00:00", "2026-11-22"
        row = (name, "1", 1, "on", when, "", "", "", day, "", "{}", "ann", when, "ann", when, "", "")
        return lambda tx: tx.many(f"INSERT INTO register_entry ({columns}) VALUES ({places})", [row])

    asked = []

    def counted(name: str) -> int:
        return store.kept.get("entries", name, lambda: asked.append(name) or entries(name))

    assert (counted("touch"), counted("ask")) == (0, 0)
    store.write(add("touch"), "ann")
    assert (counted("touch"), counted("ask")) == (1, 0) and asked == ["touch", "ask", "touch"]


def test_a_kept_answer_never_comes_from_a_snapshot_older_than_a_change(store):
    def add(tx) -> None:
        tx.run("INSERT INTO team VALUES ($1, $1, 1)", [f"team {store.data_version}"])

    def count(tx) -> int:
        return tx.once("teams", lambda: tx.one("SELECT COUNT(*) FROM team")[0])

    with store.read() as old:
        assert old.one("SELECT COUNT(*) FROM team") == (0,)
        store.write(add, "ann")
        count(old)
    with store.read() as tx:
        assert count(tx) == 1


def test_no_statement_of_the_product_loosens_the_register_that_it_names():
    loose = re.compile(r"register\s*(?:=\s*(?:\$\d+|'\w+')|IN\s*\([^)]*\))\s+OR\s+(?!\(?\w*\.?register\b)", re.I)
    found = [path.name for path in SOURCES.rglob("*.py") if loose.search(path.read_text("utf-8"))]
    assert not found, f"{found[0]}: a statement that names a register with OR beside it reads others too"

"""Figures computed from facts: appended only when they change, on the same path as loaded ones; what stands behind them."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from scorecard import metrics, organisation, places
from scorecard.core.definition import Definition
from scorecard.core.periods import Period
from scorecard.store import catalogue, definitions, loads, measures
from scorecard.store.engine import Store
from tests.conftest import make_actor
from tests.facts import day, put

TODAY = date(2026, 11, 22)
OCTOBER = Period(date(2026, 10, 1), "month")
FIRST = Period(date(2024, 9, 1), "month")


@pytest.fixture
def started(store):
    organisation.first_start(store)
    definitions.record_file(store, places.ROOT / "data" / "measures.toml", "test")
    return store


def promises(months: int = 26, kept: int = 8) -> list[dict]:
    """Ten promises a month up to October 2026, of which about eight were kept."""
    found = []
    for n in range(months):
        start = FIRST.shift(26 - months + n).start
        found += [{"promise_id": f"{start}-{i}", "account_id": f"a{i % 3}", "due_on": start + timedelta(days=2 * i),
                   "kept_on": start + timedelta(days=2 * i) if i < kept + n % 2 else None} for i in range(10)]
    return [*found, {"promise_id": "end", "account_id": "a0", "due_on": day("2026-10-31"), "kept_on": day("2026-10-31")}]


ACCOUNTS = [{"account_id": f"a{n}", "segment": ("Small", "Large", "Large")[n], "team": "t", "csm": f"c{n}"} for n in range(3)]


def refresh(store: Store, today: date = TODAY):
    return metrics.refresh(store, make_actor("leader"), today)


def figures(store: Store, measure: str = "promises_kept"):
    with store.read() as tx:
        return measures.figures(tx, [measure])


def test_a_load_of_facts_gives_the_whole_and_every_segment_team_and_csm_by_month(started):
    put(started, account=ACCOUNTS, promise=promises())
    done = refresh(started)
    assert done.measures == ("promises_kept",) and not done.problems
    october = {(one.segment, one.team, one.csm): (one.numerator, one.denominator) for one in figures(started) if one.period == OCTOBER}
    assert october == {("", "", ""): (10, 11), ("Small", "", ""): (4, 5), ("Large", "", ""): (6, 6), ("", "t", ""): (10, 11),
                       ("", "", "c0"): (4, 5), ("", "", "c1"): (3, 3), ("", "", "c2"): (3, 3)}


def test_the_same_facts_again_write_nothing(started):
    put(started, promise=promises())
    refresh(started)
    version = started.data_version
    assert refresh(started).changed == 0
    with started.read() as tx:
        assert len(loads.computed(tx)) == 1
    assert started.data_version <= version + 1


def test_only_what_changed_is_appended_and_what_stood_before_is_kept(started):
    put(started, promise=promises())
    refresh(started)
    with started.facts() as tx:
        tx.run("UPDATE promise SET kept_on = NULL WHERE promise_id = '2026-09-01-0'")
    assert refresh(started).changed == 1
    september = next(one for one in figures(started) if one.period == OCTOBER.shift(-1))
    assert september.restated and september.numerator == september.earlier[1] - 1


def test_limits_lock_by_themselves_and_a_restated_month_keeps_its_reading(started):
    put(started, promise=promises())
    refresh(started)
    view = metrics.measure_view(started, "promises_kept", None, "", TODAY)
    assert view.limits and view.limits[0].author == "automatic" and view.row.period == OCTOBER
    put(started, datetime(2026, 12, 2), promise=[{"promise_id": "nov", "account_id": "a0", "due_on": day("2026-11-30"), "kept_on": day("2026-11-30")}])
    refresh(started, date(2026, 12, 2))
    with started.facts() as tx:
        tx.run("UPDATE promise SET kept_on = NULL WHERE due_on >= DATE '2026-10-01' AND due_on < DATE '2026-10-20'")
    refresh(started, date(2026, 12, 2))
    then = metrics.measure_view(started, "promises_kept", OCTOBER, "", date(2026, 12, 2)).row
    assert then.read_then and then.value == pytest.approx(10 / 11) and then.restated


def test_facts_that_do_not_reach_the_end_of_a_month_make_it_partial_and_give_no_signal(started):
    put(started, datetime(2026, 10, 20), promise=promises())
    refresh(started)
    october = next(one for one in figures(started) if one.period == OCTOBER)
    assert october.partial
    assert metrics.measure_view(started, "promises_kept", None, "", TODAY).row.reading.variation == "not_assessable"
    with started.facts() as tx:
        tx.run("UPDATE fact_load SET loaded_at = TIMESTAMP '2026-11-02 06:00:00'")
    refresh(started)
    october = next(one for one in figures(started) if one.period == OCTOBER)
    assert not october.partial and not october.restated


def test_an_account_that_moved_to_another_segment_leaves_no_figure_behind(started):
    put(started, account=ACCOUNTS, promise=promises(2))
    refresh(started)
    with started.facts() as tx:
        tx.run("UPDATE account SET segment = 'Large' WHERE segment = 'Small'")
    refresh(started)
    assert {one.value for one in figures(started) if one.segment == "Small"} == {None}


def test_a_measure_whose_facts_are_absent_stays_as_loaded_and_one_with_both_says_so(started, tmp_path):
    from tests.test_loading import load

    load(started, make_actor("leader"), "measure,period,numerator,denominator\nnps,2026-09,10,20\npromises_kept,2026-09,1,2\n")
    put(started, promise=promises(1))
    refresh(started)
    assert [(one.numerator, one.denominator) for one in figures(started, "nps")] == [(10, 20)]
    view = metrics.measure_view(started, "promises_kept", None, "", TODAY)
    assert any("Computed from facts, and also loaded as figures" in text for text in view.notices)
    assert view.source.startswith("computed from promises, ")


def test_sql_that_cannot_run_takes_no_other_measure_with_it(started):
    wrong = Definition("wrong", "Wrong", sql="SELECT nothing FROM promise", compute="ratio", aggregate="ratio", needs=("promise",))
    started.write(lambda tx: definitions.record(tx, wrong, "app", "test"), "x")
    put(started, promise=promises(2))
    done = refresh(started)
    assert done.measures == ("promises_kept",)
    assert len(done.problems) == 1 and done.problems[0].startswith("Wrong is not computed: its sql cannot run")


def test_computed_figures_are_no_file_among_the_loads(started):
    put(started, promise=promises(2))
    refresh(started)
    with started.read() as tx:
        assert loads.recent(tx) == []


@pytest.mark.parametrize(("role", "rows"), [("viewer", None), ("member", 11), ("analyst", 11), ("leader", 11)])
def test_everybody_may_read_the_definition_and_members_the_rows_behind(started, role, rows):
    put(started, promise=promises(2))
    refresh(started)
    with started.read() as tx:
        measure = definitions.current(tx)["promises_kept"]
    found = metrics.behind(started, make_actor(role), measure, OCTOBER)
    assert (found.rows and len(found.rows)) == rows
    assert "FROM promise" in found.sql and found.words == "Computed from promises."
    assert found.beside == ("95% interval 62.3% to 98.4%, n = 11.",)


def test_the_rows_behind_a_segment_are_its_own(started):
    put(started, account=ACCOUNTS, promise=promises(2))
    with started.read() as tx:
        measure = definitions.current(tx)["promises_kept"]
    found = metrics.behind(started, make_actor("member"), measure, OCTOBER, "Small")
    place = found.columns.index("account_id")
    assert {row[place] for row in found.rows} == {"a0"}
    assert metrics.behind(started, make_actor("member"), measure, OCTOBER, limit=3).more


def test_the_bridge_is_told_on_both_of_its_measures(started):
    months = [(day("2026-09-01"), 100), (day("2026-10-01"), 80)]
    put(started, account=ACCOUNTS, mrr_month=[{"account_id": f"a{n}", "month": month, "mrr": mrr} for n in range(2) for month, mrr in months],
        renewal=[{"account_id": "a0", "due_on": day("2026-10-09"), "value_due": 1200, "value_renewed": 1080}])
    with started.read() as tx:
        known = definitions.current(tx)
    for name in ("gross_revenue_retention", "renewal_rate"):
        told = metrics.behind(started, make_actor("viewer"), known[name], OCTOBER).beside
        assert told == ("Renewal rate 90.0%: $1,080 of $1,200 due for renewal.",
                        "−10.0 points as the same accounts lost MRR: $80 of $100 at the start was kept.",
                        "+0.0 points from accounts that were not due: $80 of $100 was kept.", "Gross revenue retention 80.0%.")


SLOW = '''
[slow]
label = "Slow"
needs = ["promise"]
compute = "count"
sql = """
SELECT DATE '2026-10-01' AS period, a.account_id AS account_id, a.promise_id AS unit, 1 AS numerator
FROM promise AS a CROSS JOIN promise AS b CROSS JOIN promise AS c CROSS JOIN promise AS d
WHERE a.promise_id || b.promise_id < c.promise_id || d.promise_id
"""
'''


def test_a_measure_whose_sql_runs_too_long_is_stopped_and_said_and_the_others_are_computed(store, tmp_path, monkeypatch):
    monkeypatch.setenv(catalogue.SECONDS, "0.5")
    file = tmp_path / "measures.toml"
    file.write_text(SLOW + (places.ROOT / "data" / "measures.toml").read_text("utf-8"), "utf-8")
    organisation.first_start(store)
    definitions.record_file(store, file, "test")
    put(store, promise=promises())
    done = refresh(store)
    assert done.measures == ("promises_kept",)
    assert done.problems == ("Slow is not computed: its sql ran longer than 0.5 seconds and was stopped. Let it read less, or allow more with "
                             "SCORECARD_MEASURE_SECONDS.",)


@pytest.mark.parametrize("text", ["soon", "0", "-5", "inf", "nan"])
def test_a_time_for_measures_that_is_no_time_is_refused_in_words(started, monkeypatch, text):
    monkeypatch.setenv(catalogue.SECONDS, text)
    put(started, promise=promises())
    assert f"SCORECARD_MEASURE_SECONDS is '{text}'. It needs a number of seconds above 0." in refresh(started).problems[0]


def test_time_that_is_over_after_a_statement_stops_no_later_one(started):
    with started.read_facts() as tx:
        tx.cursor.interrupt()
        assert tx.one("SELECT 1") == (1,)

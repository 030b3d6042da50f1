"""The measures of the catalogue: their arithmetic, who is counted, and the same figures on DuckDB and PostgreSQL."""

from __future__ import annotations

import os
import random
import uuid
from datetime import date, datetime, timedelta

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scorecard import places
from scorecard.core import measures_file
from scorecard.core.periods import Period
from scorecard.core.unit_rows import source
from scorecard.errors import DefinitionError
from scorecard.store import catalogue
from scorecard.store.engine import open_store
from scorecard.store.tx import Tx
from tests.endurance import in_full
from tests.facts import copy_to, day, insert, put

KNOWN = measures_file.parse((places.ROOT / "data" / "measures.toml").read_text("utf-8"))
COMPUTED = {name: own for name, one in KNOWN.items() if (own := source(one))}
OCTOBER, SEPTEMBER = Period(date(2026, 10, 1), "month"), Period(date(2026, 9, 1), "month")
REVENUE = ("gross_revenue_retention", "net_revenue_retention", "logo_retention", "mrr", "mrr_new", "mrr_expansion",
           "mrr_contraction", "mrr_churned")
SERVER = os.environ.get("SCORECARD_TEST_POSTGRES", "")


@pytest.fixture(scope="module")
def scratch(tmp_path_factory):
    opened = open_store(tmp_path_factory.mktemp("scratch") / "state.duckdb", ":memory:")
    yield opened
    opened.close()


@pytest.fixture
def store(scratch):
    """A store without facts: the same one for every test, emptied."""
    empty(scratch)
    return scratch


def empty(store) -> None:
    with store.facts() as tx:
        tables = tx.all("SELECT table_name FROM information_schema.tables WHERE table_type = 'BASE TABLE'"
                        " AND table_name <> 'migration'")
        for (table,) in tables:
            tx.run(f"DELETE FROM {table}")


def every_cell(tx, name: str, own=None) -> list[catalogue.Cell]:
    own, reaches = own or COMPUTED[name], catalogue.covered(tx)
    return catalogue.cells(tx, own, catalogue.months_of(own, reaches), reaches)


def cell(store, name: str, period: Period = OCTOBER, dimension: str = "", of: str = "") -> catalogue.Cell | None:
    with store.read_facts() as tx:
        found = [one for one in every_cell(tx, name) if (one.period, one.dimension, one.name) == (period, dimension, of)]
    return found[0] if found else None


def value(store, name: str, period: Period = OCTOBER) -> float | None:
    found = cell(store, name, period)
    return found.value if found else None


def two_months(**accounts: tuple[float, float]) -> dict:
    """Monthly MRR of accounts at the end of September and of October 2026."""
    rows = [{"account_id": name, "month": day(month), "mrr": mrr} for name, both in accounts.items()
            for month, mrr in zip(("2026-09-01", "2026-10-01"), both) if mrr]
    return {"mrr_month": rows, "account": [{"account_id": name, "segment": name[0]} for name in accounts]}


# -- revenue

def test_the_arithmetic_of_retention_is_that_of_the_definitions(store):
    put(store, **two_months(stays=(700, 700), churns=(60, 0), shrinks=(140, 100), grows=(100, 220), new=(0, 200)))
    assert value(store, "gross_revenue_retention") == pytest.approx(0.900)
    assert value(store, "net_revenue_retention") == pytest.approx(1.020)
    assert value(store, "logo_retention") == pytest.approx(3 / 4)
    assert [value(store, name) for name in ("mrr", "mrr_new", "mrr_expansion", "mrr_contraction", "mrr_churned")] == [1220, 200, 120, 40, 60]


AMOUNTS = st.sampled_from([0.0, 10.0, 40.0, 99.5, 250.0])
BOOKS = st.dictionaries(st.sampled_from([f"{segment}{number}" for segment in "ab" for number in range(5)]),
                        st.tuples(AMOUNTS, AMOUNTS), min_size=3)
SLOWLY = settings(max_examples=8 if in_full() else 3, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])


def afresh(store, rows: dict) -> dict[str, dict[tuple[str, str], catalogue.Cell]]:
    """October's revenue figures of these rows alone: measure -> (dimension, name) -> cell."""
    with store.facts() as tx:
        for table in ("mrr_month", "account"):
            tx.run(f"DELETE FROM {table}")
            insert(tx, table, rows[table])
    with store.read_facts() as tx:
        return {name: {(one.dimension, one.name): one for one in every_cell(tx, name) if one.period == OCTOBER} for name in REVENUE}


@SLOWLY
@given(book=BOOKS)
def test_gross_retention_is_never_above_all_nor_above_net_and_the_movements_add_up(store, book):
    found = afresh(store, two_months(**book, anchor=(1.0, 1.0)))
    whole = {name: cells["", ""] for name, cells in found.items()}
    assert whole["gross_revenue_retention"].value <= 1
    assert whole["gross_revenue_retention"].value <= whole["net_revenue_retention"].value + 1e-12
    start = whole["net_revenue_retention"].denominator
    moved = [whole[f"mrr_{kind}"].value * sign for kind, sign in (("new", 1), ("expansion", 1), ("contraction", -1), ("churned", -1))]
    assert whole["mrr"].value == pytest.approx(start + sum(moved))


@SLOWLY
@given(book=BOOKS, newcomers=st.integers(1, 4))
def test_new_customers_change_neither_retention(store, book, newcomers):
    book = {**book, "anchor": (1.0, 1.0)}
    before = afresh(store, two_months(**book))
    after = afresh(store, two_months(**book, **{f"new{number}": (0.0, 500.0) for number in range(newcomers)}))
    for name in REVENUE[:3]:
        assert after[name]["", ""].value == before[name]["", ""].value


@SLOWLY
@given(book=BOOKS)
def test_a_total_is_recomputed_from_its_segments_and_never_their_mean(store, book):
    found = afresh(store, two_months(**book, a_anchor=(1.0, 1.0)))
    for name in REVENUE[:3]:
        parts = [one for (dimension, _), one in found[name].items() if dimension == "segment"]
        assert found[name]["", ""].value == pytest.approx(sum(p.numerator for p in parts) / sum(p.denominator for p in parts))
    for name in REVENUE[3:]:
        parts = [one for (dimension, _), one in found[name].items() if dimension == "segment"]
        assert found[name]["", ""].value == pytest.approx(sum(p.value for p in parts))


@SLOWLY
@given(book=BOOKS, seed=st.integers(0, 1000))
def test_the_order_of_rows_does_not_matter(store, book, seed):
    rows = two_months(**book, anchor=(1.0, 1.0))
    before = afresh(store, rows)
    mixed = {table: random.Random(seed).sample(listed, len(listed)) for table, listed in rows.items()}
    after = afresh(store, mixed)
    for name in REVENUE:
        assert {key: one.value for key, one in after[name].items()} == pytest.approx({key: one.value for key, one in before[name].items()})


def test_a_renewal_above_the_value_due_counts_as_the_value_due(store):
    put(store, renewal=[
        {"account_id": "a", "due_on": day("2026-10-05"), "value_due": 100, "value_renewed": 150},
        {"account_id": "b", "due_on": day("2026-10-31"), "value_due": 100, "value_renewed": 60},
        {"account_id": "c", "due_on": day("2026-10-01"), "value_due": 50}])
    found = cell(store, "renewal_rate")
    assert (found.numerator, found.denominator) == (160, 250)


def test_the_bridge_leads_from_the_renewal_rate_to_gross_retention(store):
    put(store, **two_months(due=(100, 80), other=(300, 270)),
        renewal=[{"account_id": "due", "due_on": day("2026-10-09"), "value_due": 1200, "value_renewed": 1080}])
    with store.read_facts() as tx:
        found = catalogue.bridge(tx, OCTOBER)
    assert (found.renewal_rate, found.kept_due_rate, found.gross) == pytest.approx((0.9, 0.8, 350 / 400))
    assert found.gross == pytest.approx(value(store, "gross_revenue_retention"))


def test_cost_that_names_no_segment_is_shared_by_all_accounts_and_none_is_lost(store):
    put(store, **two_months(a1=(10, 10), a2=(10, 10), b1=(10, 10)), cost=[
        {"month": day("2026-10-01"), "amount": 300.0}, {"month": day("2026-10-01"), "amount": 60.0, "segment": "a"},
        {"month": day("2026-10-01"), "amount": 40.0, "segment": "nobody"}])
    assert (cell(store, "cost_to_serve").numerator, cell(store, "cost_to_serve").denominator) == (400, 3)
    assert cell(store, "cost_to_serve", dimension="segment", of="a").value == pytest.approx(130)
    assert cell(store, "cost_to_serve", dimension="segment", of="b").value == pytest.approx(100)


# -- use

def users(**starts: str) -> list[dict]:
    return [{"account_id": name, "started_on": day(start)} for name, start in starts.items()]


def used(*rows: tuple[str, str]) -> list[dict]:
    return [{"account_id": account, "used_on": day(on)} for account, on in rows]


EARLY = ("old", "2026-01-01")


def test_only_accounts_whose_day_30_fell_in_the_month_count_and_younger_ones_are_no_failures(store):
    put(store, account=users(old="2026-01-01", on_time="2026-09-10", last_day="2026-09-11", late="2026-09-20", young="2026-10-15"),
        usage=used(EARLY, ("on_time", "2026-09-30"), ("last_day", "2026-10-11"), ("late", "2026-10-21"), ("old", "2026-10-31")))
    found = cell(store, "adoption_30d")
    assert (found.numerator, found.denominator) == (2, 3)


def test_use_before_the_clock_started_is_no_adoption(store):
    put(store, account=users(old="2026-01-01", odd="2026-09-10"), usage=used(EARLY, ("odd", "2026-09-09"), ("old", "2026-10-31")))
    assert cell(store, "adoption_30d").numerator == 0


def test_use_that_names_its_subscription_only_is_the_accounts(store):
    put(store, account=users(old="2026-01-01", a="2026-09-10"),
        subscription=[{"subscription_id": "s", "account_id": "a", "started_on": day("2026-09-10"), "mrr": 1.0}],
        usage=[*used(EARLY, ("old", "2026-10-31")), {"usage_id": "x", "subscription_id": "s", "used_on": day("2026-09-12")}])
    assert cell(store, "adoption_30d").numerator == 1


def test_event_and_clock_are_chosen_and_count_users_where_the_clock_has_users(store):
    rota = {"account_id": "a", "milestone": "rota", "clock_started_on": day("2026-09-10")}
    put(store, account=users(a="2026-01-01"), milestone=[
        {**rota, "user_id": "u1", "reached_on": day("2026-09-20")}, {**rota, "user_id": "u2"},
        {**rota, "user_id": "u3", "reached_on": day("2026-10-20")},
        {"account_id": "a", "milestone": "kick-off", "clock_started_on": day("2026-09-10"), "reached_on": day("2026-10-30")}])
    own = source(measures_file.build("m", {"label": "M", "sql": KNOWN["adoption_30d"].sql, "compute": "share",
                                           "needs": ["milestone"], "event": "milestone:rota", "clock": "milestone"}))
    with store.read_facts() as tx:
        found = next(one for one in every_cell(tx, "m", own) if (one.period, one.dimension) == (OCTOBER, ""))
    assert (found.numerator, found.denominator) == (1, 3)


def test_weekly_use_asks_for_use_in_each_of_the_first_26_weeks(store):
    start = day("2026-04-20")
    weekly = [("every", str(start + timedelta(days=7 * week + 3))) for week in range(26)]
    missed = [("missed", str(start + timedelta(days=7 * week))) for week in range(26) if week != 11]
    put(store, account=users(old="2026-01-01", every=str(start), missed=str(start)), usage=used(EARLY, *weekly, *missed, ("old", "2026-10-31")))
    found = cell(store, "weekly_use_first_six_months")
    assert (found.numerator, found.denominator) == (1, 2)


@pytest.mark.parametrize("days", [("2026-04-01", "2026-05-01", "2026-10-01"), ("2026-04-30", "2026-05-31", "2026-10-31")])
def test_weekly_use_says_that_it_cannot_be_told_from_use_by_month(store, days):
    put(store, account=users(old="2026-01-01", a="2026-04-20"), usage=used(EARLY, *(("a", one) for one in days)))
    with store.read_facts() as tx, pytest.raises(DefinitionError, match="loaded by month"):
        every_cell(tx, "weekly_use_first_six_months")
    put(store, usage=[{"usage_id": "one", "account_id": "a", "used_on": day("2026-10-30")}])
    assert cell(store, "weekly_use_first_six_months").value == 0.0


@pytest.mark.parametrize("clock", ["account", "subscription", "milestone"])
def test_the_clock_brings_segment_team_and_csm_of_its_account(store, clock):
    put(store, account=[{"account_id": "a", "segment": "S", "team": "T", "csm": "C", "started_on": day("2026-09-10")}, *users(old="2026-01-01")],
        subscription=[{"subscription_id": "s", "account_id": "a", "started_on": day("2026-09-10"), "mrr": 1.0}],
        milestone=[{"account_id": "a", "milestone": "first login", "clock_started_on": day("2026-09-10")}],
        usage=used(EARLY, ("a", "2026-09-12"), ("old", "2026-10-31")))
    own = source(measures_file.build("m", {"label": "M", "sql": KNOWN["adoption_30d"].sql, "compute": "share", "needs": ["usage"], "clock": clock}))
    with store.read_facts() as tx:
        found = {(one.dimension, one.name): one.value for one in every_cell(tx, "m", own) if one.period == OCTOBER and one.name}
    assert found == {("segment", "S"): 1.0, ("team", "T"): 1.0, ("csm", "C"): 1.0}


def test_one_month_alone_says_what_it_says_among_all(store):
    put(store, **company())
    with store.read_facts() as tx:
        reaches = catalogue.covered(tx)
        for name in ("adoption_30d", "time_to_first_value", "weekly_use_first_six_months"):
            everything = every_cell(tx, name)
            for period in sorted({one.period for one in everything}):
                among = [one for one in everything if one.period == period]
                assert sorted(catalogue.cells(tx, COMPUTED[name], [period], reaches), key=str) == sorted(among, key=str)


def test_the_median_time_counts_accounts_still_on_the_way(store):
    put(store, account=users(old="2026-01-01", a="2026-10-01", b="2026-10-01", c="2026-10-01", d="2026-10-21"),
        usage=used(EARLY, ("a", "2026-10-03"), ("b", "2026-10-13"), ("old", "2026-10-31")))
    found = cell(store, "time_to_first_value")
    assert (found.value, found.n, found.partial) == (12.0, 4, False)


@pytest.mark.parametrize(("until", "partial"), [("2026-06-30", True), ("2026-10-31", False)])
def test_a_cohort_is_partial_until_90_days_have_passed_and_then_not_reached(store, until, partial):
    put(store, account=users(old="2026-01-01", a="2026-05-04", b="2026-05-06"), usage=used(EARLY, ("old", until)))
    found = cell(store, "time_to_first_value", Period(date(2026, 5, 1), "month"))
    assert (found.value, found.partial) == (None, partial)


# -- tickets, contacts, answers, promises

def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_a_ticket_with_a_resolved_date_counts_as_resolved_on_that_date(store):
    put(store, ticket=[
        {"opened_at": at("2026-10-01 09:00"), "status": "open"},
        {"opened_at": at("2026-10-01 09:00"), "resolved_at": at("2026-10-30 09:00"), "status": "open"},
        {"opened_at": at("2026-10-01 09:00"), "resolved_at": at("2026-11-01 00:00")},
        {"opened_at": at("2026-10-20 09:00"), "status": "new"},
        {"opened_at": at("2026-10-01 09:00"), "status": "Closed"}])
    assert (value(store, "ticket_backlog"), value(store, "tickets_over_14_days")) == (3, 2)


def test_first_response_and_resolution_are_median_hours_of_the_month_they_happened_in(store):
    put(store, ticket=[
        {"opened_at": at("2026-09-30 23:00"), "first_response_at": at("2026-10-01 01:00"), "resolved_at": at("2026-10-03 23:00")},
        {"opened_at": at("2026-10-05 10:00"), "first_response_minutes": 360, "resolved_at": at("2026-10-06 10:00")},
        {"opened_at": at("2026-10-05 10:00"), "first_response_at": at("2026-10-05 11:00")}])
    assert value(store, "first_response_time") == pytest.approx(2)
    assert value(store, "resolution_time") == pytest.approx((72 + 24) / 2)


def test_a_contact_that_the_customer_cancelled_is_a_class_of_its_own(store):
    due = {"account_id": "a", "due_on": day("2026-10-15"), "window_from": day("2026-10-10"), "window_to": day("2026-10-20")}
    put(store, account=[{"account_id": "a"}, {"account_id": "b"}], contact=[
        {**due, "done_on": day("2026-10-20")}, {**due, "done_on": day("2026-10-21")}, {**due, "done_on": day("2026-10-09")}, due,
        {**due, "cancelled_by_customer": True}, {"account_id": "a", "due_on": day("2026-10-15"), "done_on": day("2026-10-15")},
        {"account_id": "a", "done_on": day("2026-10-15")}])
    found = cell(store, "contact_schedule_kept")
    assert (found.numerator, found.denominator) == (2, 5)
    with store.read_facts() as tx:
        reaches = catalogue.covered(tx)
        assert dict(catalogue.classes(tx, COMPUTED["contact_schedule_kept"], OCTOBER, reaches)) == {
            "kept": 2, "outside its window": 2, "missed": 1, "cancelled by the customer": 1}
        assert catalogue.with_schedule(tx, OCTOBER) == (1, 2)


def answers(question: str, *scores: float | None) -> list[dict]:
    return [{"question": question, "score": score, "answered_on": day("2026-10-15")} for score in scores]


def test_a_blank_answer_is_no_zero(store):
    put(store, survey=[{"answer_id": f"{row['question']}{n}", **row} for n, row in enumerate(
        [*answers("nps", 10, 9, 8, 7, 6, None), *answers("csat", 5, 4, 3, None), *answers("trust", 8, 6, None)])])
    assert value(store, "nps") == pytest.approx(100 * (2 - 1) / 5)
    assert value(store, "csat") == pytest.approx(2 / 3)
    assert value(store, "trust_score") == pytest.approx(7)


def test_satisfaction_on_tickets_counts_only_where_no_survey_asks(store):
    ticket = {"opened_at": at("2026-10-05 10:00"), "satisfaction": 5}
    put(store, ticket=[ticket])
    assert value(store, "csat") == 1
    put(store, survey=answers("csat", 2, 4))
    assert value(store, "csat") == 0.5


def test_a_promise_kept_late_is_not_kept(store):
    due = {"account_id": "a", "due_on": day("2026-10-15")}
    put(store, promise=[{**due, "kept_on": day("2026-10-15")}, {**due, "kept_on": day("2026-10-16")}, due])
    assert value(store, "promises_kept") == pytest.approx(1 / 3)


def test_referrals_are_absent_where_nobody_wrote_down_who_recommended(store):
    put(store, account=users(a="2026-10-01"))
    assert cell(store, "referrals") is None
    put(store, account=[{"account_id": "b", "started_on": day("2026-10-02"), "referred_by": "a"}])
    assert (value(store, "referrals"), value(store, "referrals", SEPTEMBER)) == (1, None)


def test_a_row_of_its_own_csm_counts_for_that_csm_and_else_for_the_accounts(store):
    put(store, account=[{"account_id": "a", "csm": "Mei Lin"}],
        promise=[{"account_id": "a", "due_on": day("2026-10-15")}, {"account_id": "a", "due_on": day("2026-10-16"), "csm": "Petra Berg"}])
    assert [cell(store, "promises_kept", dimension="csm", of=name).n for name in ("Mei Lin", "Petra Berg")] == [1, 1]


# -- months that are not complete

def test_a_month_is_partial_until_its_facts_reach_the_end(store):
    daily = [{"opened_at": datetime(2026, 10, 1) + timedelta(days=n)} for n in range(20)]
    put(store, ticket=daily)
    assert cell(store, "ticket_backlog").partial
    put(store, ticket=[{"ticket_id": "last", "opened_at": at("2026-10-31 12:00")}])
    assert not cell(store, "ticket_backlog").partial


def test_a_few_quiet_days_at_the_end_are_no_gap_when_the_file_came_later(store):
    put(store, promise=[{"promise_id": str(n), "account_id": "a", "due_on": date(2026, 10, 1) + timedelta(days=7 * n)} for n in range(5)])
    assert not cell(store, "promises_kept").partial


def test_what_is_planned_for_after_the_load_makes_no_month(store):
    put(store, datetime(2026, 10, 20), contact=[{"account_id": "a", "due_on": day("2026-10-01")}, {"contact_id": "x", "account_id": "a", "due_on": day("2027-03-01")}])
    with store.read_facts() as tx:
        found = every_cell(tx, "contact_schedule_kept")
    assert {one.period for one in found} == {OCTOBER} and all(one.partial for one in found)


# -- what operators write

def made(**table) -> catalogue.Source:
    return source(measures_file.parse_tables({"m": {"label": "M", **table}})["m"])


@pytest.mark.parametrize(("table", "wanted"), [
    ({"count": {"from": "ticket", "where": [{"column": "severity", "is": "high"}]}}, 2),
    ({"count": {"from": "ticket", "where": [{"column": "severity", "in": ["low", "it's"]}]}}, 1),
    ({"count": {"from": "ticket", "where": [{"column": "severity", "is_not": "high"}]}}, 2),
    ({"count": {"from": "ticket", "where": [{"column": "opened_at", "at_least": "2026-10-02"}]}}, 3),
    ({"sum": {"from": "ticket", "of": "satisfaction"}}, 9),
    ({"share": {"from": "ticket", "of": [{"column": "satisfaction", "more_than": 3}], "where": [{"column": "satisfaction", "empty": False}]}}, 0.5),
    ({"ratio": {"from": "ticket", "over": "satisfaction", "under": "first_response_minutes"}}, 5 / 10),
], ids=lambda one: str(one)[:60])
def test_a_measure_can_be_written_without_sql(store, table, wanted):
    opened = {"opened_at": at("2026-10-02 09:00")}
    put(store, ticket=[{**opened, "severity": "high", "satisfaction": 5, "first_response_minutes": 10},
                       {**opened, "severity": "high", "satisfaction": 1},
                       {**opened, "severity": "low", "satisfaction": 3 if "share" not in table else None},
                       {"opened_at": at("2026-10-01 09:00")}])
    with store.read_facts() as tx:
        found = next(one for one in every_cell(tx, "m", made(**table)) if (one.period, one.dimension) == (OCTOBER, ""))
    assert found.value == pytest.approx(wanted)


@pytest.mark.parametrize(("line", "told"), [
    ('count = {from = "tickets"}', 'Did you mean "ticket"?'),
    ('count = {from = "ticket", where = [{column = "severty", is = "x"}]}', "column is 'severty'. Tickets have:"),
    ('count = {from = "ticket", where = [{column = "severity", like = "x"}]}', "unknown key 'like'"),
    ('count = {from = "ticket", where = [{column = "opened_at", at_least = "x\' OR 1=1"}]}', "cannot be compared with opened_at"),
    ('sum = {from = "ticket", of = "severity"}', "which is no number of ticket"),
    ('sum = {from = "ticket"}', "lacks of"),
    ('sql = "SELECT 1 FROM ticket; DROP TABLE ticket"', "not one SELECT"),
    ('sql = "DELETE FROM ticket"', "not one SELECT"),
    ('sql = "SELECT 1 FROM ticket"\ncount = {from = "ticket"}', "sql and count stand together"),
    ('sql = "SELECT 1 FROM ticket"\ncompute = "median"\naggregate = "sum"', 'rolls up as "none"'),
    ('compute = "median"', "compute stands without sql"),
    ('sql = "SELECT 1 FROM ticket"\nneeds = ["tickt"]', 'Did you mean "ticket"?'),
    ('sql = "SELECT 1 FROM ticket"\nevent = "login"', '"usage:<event>"'),
    ('sql = "SELECT 1 FROM ticket"\nclock = "contract"', 'Use "account", "subscription" or "milestone"'),
])
def test_a_mistake_in_a_computed_measure_is_told_with_the_next_step(line, told):
    with pytest.raises(DefinitionError) as refused:
        measures_file.parse(f'[m]\nlabel = "M"\n{line}\n')
    assert told in str(refused.value)


@pytest.mark.parametrize(("sql", "told"), [
    ("SELECT opened_at FROM ticket", "gives no column period, account_id, unit, numerator, denominator"),
    ("SELECT nothing FROM ticket", "cannot run"),
    ("SELECT 1) SELECT 1 FROM ticket", "cannot run"),
    ("SELECT * FROM read_csv('/etc/passwd') AS ticket", "cannot run"),
])
def test_sql_that_cannot_run_says_so_and_reaches_nothing_outside(store, sql, told):
    put(store, ticket=[{"opened_at": at("2026-10-02 09:00")}])
    with store.read_facts() as tx, pytest.raises(DefinitionError, match=told):
        every_cell(tx, "m", made(sql=sql, needs=["ticket"]))


def test_sql_of_a_measure_cannot_change_a_fact(store):
    put(store, ticket=[{"opened_at": at("2026-10-02 09:00")}])
    with pytest.raises(Exception), store.read_facts() as tx:
        tx.run("DELETE FROM ticket")
    assert value(store, "ticket_backlog") == 1


# -- one text on both engines

def company(seed: int = 7) -> dict:
    """A small company with every kind of fact, drawn."""
    draw = random.Random(seed)
    accounts = [{"account_id": f"a{n}", "segment": "sml"[n % 3], "team": f"t{n % 2}", "csm": f"c{n % 4}",
                 "started_on": date(2026, 1, 1) + timedelta(days=draw.randrange(200)), "referred_by": "b" if n % 5 == 0 else None} for n in range(24)]
    ids = [one["account_id"] for one in accounts]

    def dates(count: int):
        return [(draw.choice(ids), date(2026, 1, 1) + timedelta(days=draw.randrange(304))) for _ in range(count)]
    return {
        "account": accounts,
        "mrr_month": [{"account_id": a, "month": date(2026, m, 1), "mrr": draw.choice([0, 100, 130, 90.5])} for a in ids for m in range(1, 11)],
        "renewal": [{"account_id": a, "due_on": d, "value_due": 100, "value_renewed": draw.choice([None, 50, 120])} for a, d in dates(60)],
        "usage": [{"account_id": a, "used_on": d, "user_id": f"u{draw.randrange(4)}"} for a, d in dates(900)],
        "ticket": [{"account_id": a, "opened_at": datetime(d.year, d.month, d.day, 8), "first_response_minutes": draw.choice([None, 30, 95.5]),
                    "resolved_at": draw.choice([None, datetime(d.year, d.month, d.day, 8) + timedelta(hours=draw.randrange(1, 900))]),
                    "satisfaction": draw.choice([None, 1, 4, 5])} for a, d in dates(200)],
        "contact": [{"account_id": a, "due_on": d, "done_on": draw.choice([None, d, d + timedelta(days=3)]), "csm": draw.choice([None, "c9"]),
                     "cancelled_by_customer": draw.choice([None, True, False])} for a, d in dates(120)],
        "survey": [{"account_id": a, "answered_on": d, "question": q, "score": draw.choice([None, 1, 3, 5] if q == "csat" else [None, 2, 7, 9, 10])}
                   for q in ("nps", "csat", "trust") for a, d in dates(60)],
        "promise": [{"account_id": a, "due_on": d, "kept_on": draw.choice([None, d, d + timedelta(days=1)])} for a, d in dates(50)],
        "cost": [{"month": date(2026, m, 1), "amount": 100.0 * m, "segment": s} for m in range(1, 11) for s in (None, "s", "m")]}


@pytest.fixture(scope="module")
def both(scratch):
    """The same company in DuckDB and in PostgreSQL, for tests that only read."""
    if not SERVER:
        pytest.skip("no PostgreSQL: set SCORECARD_TEST_POSTGRES=$(.ci/postgres start)")
    empty(scratch)
    put(scratch, **company())
    with psycopg.connect(SERVER, cursor_factory=psycopg.RawCursor) as connection:
        schema = f"test_{uuid.uuid4().hex[:12]}"
        connection.execute(f"CREATE SCHEMA {schema}")
        connection.execute(f"SET search_path TO {schema}")
        made = Tx(connection.cursor())
        with scratch.read_facts() as ours:
            copy_to(made, ours)
            yield ours, made
        connection.rollback()


@pytest.mark.postgres
@pytest.mark.parametrize("name", list(COMPUTED))
def test_each_measure_says_the_same_on_both_engines(both, name):
    ours, theirs = (every_cell(tx, name) for tx in both)
    assert len(ours) > 5
    assert _comparable(theirs) == pytest.approx(_comparable(ours), nan_ok=True)


def _comparable(cells) -> dict[str, float]:
    """Every number of every figure by its place; a missing one is not a number."""
    return {f"{one.period} {one.dimension} {one.name} {part}": float("nan") if (x := getattr(one, part)) is None else float(x)
            for one in cells for part in ("value", "numerator", "denominator", "n", "partial")}


def test_every_measure_of_the_catalogue_computes_from_a_company_with_all_facts(store):
    put(store, **company())
    with store.read_facts() as tx:
        assert not [name for name in COMPUTED if not every_cell(tx, name)]

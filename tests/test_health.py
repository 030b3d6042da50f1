"""Data health: what arrives, what speaks against itself with its rows, what changed later; nothing is dropped silently."""

from __future__ import annotations

import re
from datetime import date, datetime

import pytest

from scorecard import commands, exports, health, loading, loading_facts, sources
from scorecard.core.mapping import Mapping
from scorecard.core.periods import parse, containing
from scorecard.errors import NotAllowed, UsageError
from scorecard.output import health_tables
from tests.conftest import make_actor
from tests.facts import put

TODAY = date(2026, 11, 22)
MEMBER = make_actor("member", "", "Ida Ray")
ARDEN = {"account_id": "a", "name": "Arden", "segment": "SMB", "started_on": date(2026, 1, 1)}


@pytest.fixture
def store(begun):
    return begun


def look(store, today=TODAY):
    return health.look(store, MEMBER, today)


def finding(store, identity):
    return next((one for one in look(store).findings if one.id == identity), None)


def month(text):
    return containing(parse(text)[1], "month")


def ticket(number, opened, **more):
    return {"ticket_id": str(number), "account_id": "a", "opened_at": opened, **more}


def test_an_empty_store_has_no_findings_and_drops_nothing(store):
    view = look(store)
    assert (view.coverage, view.findings, view.changes, view.until) == ((), (), (), None)
    assert view.sentences == (("Nothing speaks against itself.", "No row was dropped or refused."),)


def test_an_open_ticket_with_a_resolved_date_counts_by_its_date_and_the_other_way_is_said(store):
    put(store, account=[ARDEN], ticket=[
        ticket(1, datetime(2026, 9, 1, 9), resolved_at=datetime(2026, 9, 2, 9), status="Open"),
        ticket(2, datetime(2026, 10, 20, 9), status="open"), ticket(3, datetime(2026, 10, 31, 9), status="open")])
    found = finding(store, "open_with_resolved_date")
    assert (found.kind, found.count, found.what) == ("contradiction", 1, "1 open ticket has a resolved date")
    assert found.touches[0] == "tickets_over_14_days" and health.DID[found.did].startswith("The date wins")
    assert found.difference == "Tickets open over 14 days 0; counted as open 1"
    columns, rows = health.rows(store, MEMBER, found.id)
    assert [dict(zip(columns, row))["ticket_id"] for row in rows] == ["1"]


@pytest.mark.parametrize("account, subscription, disagrees", [
    ({"churned": True, "ended_on": date(2026, 5, 1)}, {"ended_on": date(2026, 5, 1)}, False),
    ({"churned": False}, {}, False),
    ({"churned": True}, {}, True),
    ({"churned": True, "ended_on": date(2026, 5, 1)}, {}, True),
    ({"churned": False}, {"ended_on": date(2026, 5, 1)}, True),
    ({"churned": None, "ended_on": date(2026, 5, 1)}, {}, True),
    ({"churned": False}, {"ended_on": date(2027, 5, 1)}, False),
])
def test_three_fields_that_disagree_about_a_lost_account_are_found(store, account, subscription, disagrees):
    other = {"account_id": "b", "name": "Birch", "churned": True, "ended_on": date(2026, 2, 1)}
    put(store, account=[{**ARDEN, **account}, other],
        subscription=[{"account_id": "a", "started_on": date(2026, 1, 1), "mrr": 10.0, "trial": False, **subscription}])
    assert bool(finding(store, "lost_in_three_ways")) == disagrees


def test_use_outside_its_subscription_is_found_on_both_sides(store):
    put(store, account=[ARDEN], subscription=[{"subscription_id": "s", "account_id": "a", "started_on": date(2026, 2, 1),
                                               "ended_on": date(2026, 6, 1), "mrr": 5.0}],
        usage=[{"subscription_id": "s", "used_on": day} for day in (date(2026, 1, 31), date(2026, 2, 1), date(2026, 6, 1), date(2026, 6, 2))])
    assert finding(store, "use_before_subscription").count == finding(store, "use_after_subscription").count == 1


def test_facts_of_unknown_accounts_are_orphans_and_say_whether_they_count(store):
    put(store, account=[ARDEN], ticket=[{**ticket(1, datetime(2026, 9, 1, 9)), "account_id": "z"},
                                        {**ticket(2, datetime(2026, 9, 1, 9)), "account_id": None}],
        usage=[{"account_id": "y", "used_on": date(2026, 9, 1)}])
    assert finding(store, "orphan:ticket:account").did == finding(store, "nobody:ticket").did == "in_totals"
    assert finding(store, "orphan:ticket:account").difference == "Tickets open over 14 days 2; without them 1"
    assert finding(store, "orphan:usage:account").did == "until_account"
    with store.read_facts() as tx:
        assert tx.one("SELECT COUNT(*) FROM ticket") == (2,)


def test_the_same_ticket_twice_and_accounts_that_look_alike_are_duplicates_and_nothing_is_merged(store):
    at = datetime(2026, 9, 1, 9, 30)
    put(store, account=[ARDEN, {"account_id": "b", "name": "ARDEN, Inc."}, {"account_id": "c", "name": "Ardent"}],
        ticket=[ticket(1, at, comment="slow"), ticket(2, at, comment="slow"), ticket(3, at, comment="broken"),
                ticket(4, datetime(2026, 9, 1)), ticket(5, datetime(2026, 9, 1))])
    assert finding(store, "tickets_twice").count == 1
    alike = finding(store, "accounts_alike")
    assert alike.what == "1 pair of accounts look alike" and alike.difference == "3 accounts; merged 2"
    assert len(health.rows(store, MEMBER, "accounts_alike")[1]) == 2


def test_a_status_of_no_known_meaning_is_said_with_its_count(store):
    put(store, account=[ARDEN], ticket=[ticket(number, datetime(2026, 9, 1, 9, number), status=status)
                                        for number, status in enumerate(["Misc (old)", "Misc (old)", "open", "closed", None])])
    found = finding(store, "ticket_status_unknown")
    assert (found.count, found.detail, found.did) == (2, "“Misc (old)” 2", "as_open")
    assert finding(store, "ticket_closed_without_date").count == 1


def test_a_resolved_date_before_the_opening_is_refused_in_one_file_and_found_between_two(store, analyst):
    text = "id,account,opened,resolved\n1,a,2026-03-05,2026-03-01\n2,a,2026-03-05,2026-03-06\n"
    table = loading.read(store, analyst, text.encode(), "help-desk.csv")
    maps = [Mapping("ticket", {"ticket_id": "id", "account_id": "account", "opened_at": "opened", "resolved_at": "resolved"})]
    done = loading_facts.accept(store, analyst, loading_facts.propose(store, analyst, table, maps), TODAY)
    refused = finding(store, f"refused:{done.load.id}")
    assert (refused.count, refused.did, refused.what) == (1, "quarantine", "1 row of help-desk.csv was refused")
    columns, rows = health.rows(store, MEMBER, refused.id)
    assert columns == ("row", "reason", "text", "file") and (rows[0][0], rows[0][3]) == (2, "help-desk.csv")
    put(store, account=[{**ARDEN, "ended_on": date(2025, 1, 1)}])
    assert finding(store, "order:account:started_on:ended_on").count == 1


def test_coverage_tells_complete_in_part_and_nothing_by_month(store):
    days = [date(2026, month, day) for month in (1, 2, 3, 4, 5, 7, 8, 9, 10) for day in range(1, 29 if month != 4 else 4)]
    put(store, account=[ARDEN], usage=[{"account_id": "a", "used_on": day} for day in days])
    view = look(store)
    row = next(one for one in view.coverage if one.id == "usage")
    told = {str(month): state for month, state in zip(view.months, row.months)}
    assert (told["2026-03"], told["2026-04"], told["2026-06"]) == ("complete", "part", "nothing")
    assert (row.heard, view.customers, row.fresh_to) == (1, 1, date(2026, 10, 28))
    assert "adoption_30d" in row.touches and finding(store, "gap:usage").count == 2


def test_a_customer_of_whom_nothing_was_heard_for_90_days_is_not_heard(store):
    put(store, account=[ARDEN, {"account_id": "b", "started_on": date(2026, 1, 1)}, {"account_id": "c", "ended_on": date(2026, 2, 1)}],
        ticket=[ticket(1, datetime(2026, 10, 30, 9)), {**ticket(2, datetime(2026, 7, 1, 9)), "account_id": "b"}])
    view = look(store)
    assert view.customers == 2 and next(one for one in view.coverage if one.id == "ticket").heard == 1


def test_figures_loaded_as_files_are_one_source_and_their_changes_are_history(store, analyst):
    first = b"measure,period,value\ndevelopment_plans_kept,2026-08,0.9\ndevelopment_plans_kept,2026-10,0.91\n"
    for text in (first, first.replace(b"0.91", b"0.87")):
        loading.accept(store, analyst, loading.propose(store, analyst, text, "plans-2026.csv", TODAY), TODAY)
    view = look(store)
    (row,) = view.coverage
    assert (row.label, row.heard, row.months) == ("Monthly figures", None, ("complete", "nothing", "complete"))
    (change,) = view.changes
    assert (change.month, change.was, change.now, change.author) == ("Oct 2026", "91.0%", "87.0%", "Sam Whitlock")
    assert "plans-2026.csv" in change.why


def test_facts_that_changed_are_history_with_their_load(store, analyst):
    maps = [Mapping("account", {"account_id": "id", "name": "name"})]
    for name in ("Arden", "Arden & Co"):
        table = loading.read(store, analyst, f"id,name\na,{name}\n".encode(), "crm.csv")
        loading_facts.accept(store, analyst, loading_facts.propose(store, analyst, table, maps), TODAY)
    (change,) = look(store).changes
    assert (change.what, change.month, change.was, change.now, change.why) == ("Accounts: Name", "1 row", "Arden", "Arden & Co", "crm.csv")


def test_a_row_that_says_the_same_again_counts_once_and_is_said(store, analyst):
    table = loading.read(store, analyst, b"id,name\na,Arden\na,Arden\nb,Birch\n", "crm.csv")
    loading_facts.accept(store, analyst, loading_facts.propose(store, analyst, table, [Mapping("account", {"account_id": "id", "name": "name"})]), TODAY)
    (found,) = [one for one in look(store).findings if one.kind == "duplicate"]
    assert (found.what, found.did) == ("1 row of crm.csv said the same again", "once")


def test_what_the_accounts_say_of_a_lost_one_is_counted_the_other_way(store):
    left = {"account_id": "b", "name": "Birch", "started_on": date(2026, 1, 1), "ended_on": date(2026, 10, 10), "churned": True}
    put(store, account=[ARDEN, left], subscription=[
        {"subscription_id": "s1", "account_id": "a", "started_on": date(2026, 1, 1), "mrr": 300},
        {"subscription_id": "s2", "account_id": "b", "started_on": date(2026, 1, 1), "mrr": 100},
        {"subscription_id": "s3", "account_id": "a", "started_on": date(2026, 11, 1), "mrr": 1}])
    found = finding(store, "lost_in_three_ways")
    assert found.count == 1 and "; as the accounts say " in found.difference
    measure, now, other = re.fullmatch(r"(.+?) (\S+); as the accounts say (\S+)", found.difference).groups()
    assert (measure, now, other) == ("Net revenue retention", "100.0%", "75.0%")


def test_a_finding_is_settled_with_a_note_and_waits_again_when_it_grows(store, analyst):
    put(store, account=[ARDEN], ticket=[ticket(1, datetime(2026, 9, 1, 9), resolved_at=datetime(2026, 9, 2, 9), status="Open")])
    found = health.with_words(store, look(store)).findings[0]
    assert found.is_open and found.settled is None
    with pytest.raises(UsageError, match="few words"):
        health.settle(store, analyst, found, "  ")
    health.settle(store, analyst, found, "The help desk closes them at night.")
    found = health.with_words(store, look(store)).findings[0]
    assert not found.is_open and (found.settled.author, found.settled.found) == ("Sam Whitlock", 1)
    put(store, ticket=[ticket(2, datetime(2026, 9, 1, 9), resolved_at=datetime(2026, 9, 2, 9), status="Open")])
    found = health.with_words(store, look(store)).findings[0]
    assert found.is_open and found.since == 1
    health.open_again(store, analyst, found)
    assert health.with_words(store, look(store)).findings[0].is_open
    with store.read() as tx:
        told = tx.all("SELECT actor, action, object FROM audit ORDER BY seq DESC LIMIT 2")
    assert told == [("Sam Whitlock", "open finding again", "finding:open_with_resolved_date"),
                    ("Sam Whitlock", "settle finding", "finding:open_with_resolved_date")] and store.verify().ok


def test_settling_is_for_analysts_and_up(store):
    put(store, account=[ARDEN], ticket=[ticket(1, datetime(2026, 9, 1, 9), resolved_at=datetime(2026, 9, 2, 9), status="Open")])
    for work in (lambda one: health.settle(store, MEMBER, one, "ok"), lambda one: health.open_again(store, MEMBER, one)):
        with pytest.raises(NotAllowed):
            work(look(store).findings[0])


def test_whom_to_ask_is_the_owner_of_the_source_else_who_loaded_it(store, analyst):
    text = b"Ticket ID,Account ID,Created at,Solved at,Status\n1,zz,2026-09-01 09:00,2026-09-02 09:00,open\n"
    exports.accept(store, analyst, exports.offer(store, analyst, loading.read(store, analyst, text, "help-desk-1.csv")), TODAY)
    assert {one.owner for one in look(store).findings} == {"Sam Whitlock"}
    sources.add(store, analyst, sources.new("Help desk", "file", "", "help-desk-*.csv", owner="Jo Lind"))
    assert {one.owner for one in look(store).findings} == {"Jo Lind"}


def test_the_export_guards_formulas_and_says_who_settled_what(store, analyst):
    put(store, account=[{**ARDEN, "name": "=1+1"}, {"account_id": "b", "name": "=1+1"}])
    view = health.with_words(store, look(store))
    health.settle(store, analyst, view.findings[0], "=HYPERLINK(1)")
    text = health_tables.findings_csv(health.with_words(store, look(store)), {})
    assert "'=HYPERLINK(1)" in text and "Sam Whitlock" in text and "accounts look alike" in text


def test_rows_are_for_members_and_up(store, viewer):
    put(store, account=[ARDEN], ticket=[{**ticket(1, datetime(2026, 9, 1, 9)), "account_id": "z"}])
    assert health.look(store, viewer, TODAY).findings
    with pytest.raises(NotAllowed):
        health.rows(store, viewer, "orphan:ticket:account")


def test_a_finding_that_nobody_knows_has_no_rows(store):
    with pytest.raises(UsageError):
        health.rows(store, MEMBER, "account; DROP TABLE account")


# -- real exports

RAVENSTACK = ("accounts", "churn_events", "subscriptions", "feature_usage", "support_tickets")


@pytest.fixture(scope="module")
def ravenstack(shared_data, tmp_path_factory):
    """A store with the five exports, loaded as the command line loads them, but for the measures."""
    from tests.conftest import make_store

    folder, actor = shared_data / "ravenstack", make_actor("analyst", "sam", "Sam Whitlock")
    if not folder.is_dir():
        pytest.skip(f"the example data are not beside the project ({folder})")
    store = make_store(tmp_path_factory.mktemp("ravenstack"))
    commands.prepare(store)
    for name in RAVENSTACK:
        table = loading.read(store, actor, folder / f"ravenstack_{name}.csv", f"ravenstack_{name}.csv")
        offered = exports.offer(store, actor, table)
        loading_facts.accept(store, actor, offered.proposal, TODAY, compute=False)
    yield store
    store.close()


@pytest.fixture(scope="module")
def tables(shared_data):
    """The same exports in pandas; of a use told twice in other words (same id) neither row is taken, as the product does."""
    pandas = pytest.importorskip("pandas")
    found = {name: pandas.read_csv(shared_data / "ravenstack" / f"ravenstack_{name}.csv") for name in RAVENSTACK}
    use = found["feature_usage"].drop_duplicates()
    found["feature_usage"] = use[~use["usage_id"].duplicated(keep=False)]
    return found


def test_the_contradictions_of_ravenstack_are_counted_as_pandas_counts_them(ravenstack, tables):
    accounts, contracts, use = tables["accounts"], tables["subscriptions"], tables["feature_usage"]
    used = use.merge(contracts, on="subscription_id")
    assert finding(ravenstack, "use_before_subscription").count == (used["usage_date"] < used["start_date"]).sum()
    assert finding(ravenstack, "use_after_subscription").count == (used["usage_date"] > used["end_date"].fillna("9999")).sum()
    asked = tables["support_tickets"].merge(accounts, on="account_id")
    assert finding(ravenstack, "ticket_before_customer").count == (asked["submitted_at"] < asked["signup_date"]).sum()
    assert finding(ravenstack, "use_before_subscription").difference.startswith("30-day adoption")
    refused = [one for one in look(ravenstack).findings if one.kind == "refused"]
    whole = 25_000
    assert sum(one.count for one in refused) == look(ravenstack).quarantined == whole - len(use)


def test_the_three_fields_of_ravenstack_disagree_as_often_as_in_pandas(ravenstack, tables):
    accounts = tables["accounts"].set_index("account_id")
    flag = accounts["churn_flag"]
    dated = flag.index.to_series().isin(tables["churn_events"]["account_id"])
    paid = tables["subscriptions"].query("is_trial == False")
    over = paid.groupby("account_id")["end_date"].apply(lambda ends: ends.notna().all()).reindex(flag.index)
    known = over.notna()
    differs = (flag != dated) | (known & (over.fillna(False).astype(bool) != flag)) | (known & (over.fillna(False).astype(bool) != dated))
    assert finding(ravenstack, "lost_in_three_ways").count == differs.sum() > 0


def test_what_the_churn_log_of_ravenstack_changed_is_history(ravenstack, tables):
    (change,) = [one for one in look(ravenstack).changes if one.what == "Accounts: Customer until"]
    assert change.month == f"{tables['churn_events']['account_id'].nunique():,} rows" and "blank before" in change.why

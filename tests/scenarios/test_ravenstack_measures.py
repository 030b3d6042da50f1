"""RavenStack's exports as measures by month, against figures computed independently in pandas for this purpose.

Where the exports leave a choice, the definition stands beside the figure.
"""

from __future__ import annotations

import shutil
from datetime import date, datetime

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from scorecard import metrics, organisation, places
from scorecard.store import definitions
from tests.conftest import SHARED, make_actor, make_store

TODAY = date(2026, 11, 22)
FOLDER = SHARED / "ravenstack"
FILES = ("accounts", "subscriptions", "feature_usage", "support_tickets")
MONTHS = pd.date_range("2023-01-01", "2024-12-01", freq="MS")
INTO = {
    "account": """(account_id, name, segment, started_on, churned, load, row_number)
        SELECT account_id, account_name, plan_tier, signup_date, churn_flag, 'l', 1 FROM read_csv('{}/accounts.csv')""",
    "subscription": """(subscription_id, account_id, started_on, ended_on, mrr, trial, load, row_number)
        SELECT subscription_id, account_id, start_date, end_date, mrr_amount, is_trial, 'l', 1 FROM read_csv('{}/subscriptions.csv')""",
    "usage": """(usage_id, subscription_id, used_on, event, quantity, load, row_number)
        SELECT usage_id, subscription_id, usage_date, feature_name, usage_count, 'l', 1 FROM read_csv('{}/feature_usage.csv')""",
    "ticket": """(ticket_id, account_id, opened_at, first_response_minutes, resolved_at, severity, satisfaction, load, row_number)
        SELECT ticket_id, account_id, submitted_at, first_response_time_minutes, closed_at, priority, satisfaction_score, 'l', 1
        FROM read_csv('{}/support_tickets.csv')""",
}


@pytest.fixture(scope="module")
def loaded(tmp_path_factory):
    """A store with RavenStack's facts and the measures computed from them."""
    if not FOLDER.is_dir():
        pytest.skip(f"the shared example data are not here: {FOLDER}")
    store = make_store(tmp_path_factory.mktemp("ravenstack"))
    organisation.first_start(store)
    definitions.record_file(store, places.ROOT / "data" / "measures.toml", "test")
    for name in FILES:
        shutil.copy(FOLDER / f"ravenstack_{name}.csv", store.staging / f"{name}.csv")
    with store.facts() as tx:
        for table, text in INTO.items():
            tx.run(f"INSERT INTO {table} {text.format(store.staging)}")
            tx.run("INSERT INTO fact_load VALUES ('l', $1, 'f', 's', 0, 0, 0, NULL, NULL, $2)", [table, datetime(2025, 1, 2)])
    metrics.refresh(store, make_actor("leader"), TODAY)
    yield store
    store.close()


@pytest.fixture(scope="module")
def frames():
    if not FOLDER.is_dir():
        pytest.skip(f"the shared example data are not here: {FOLDER}")
    dates = {"accounts": ["signup_date"], "subscriptions": ["start_date", "end_date"], "feature_usage": ["usage_date"],
             "support_tickets": ["submitted_at", "closed_at"]}
    return {name: pd.read_csv(FOLDER / f"ravenstack_{name}.csv", parse_dates=dates[name]) for name in FILES}


def product(store, measure: str, key: str = "value", by: str = "") -> pd.Series:
    rows = metrics.figures(store, make_actor("leader"), measure, by, None, None, TODAY)["rows"]
    keys = [(row["period"], row[by]) if by else row["period"] for row in rows]
    return pd.Series([row[key] for row in rows], index=keys, dtype=float).dropna()


def agree(ours: pd.Series, theirs: pd.Series) -> None:
    theirs = theirs.dropna()
    assert len(ours) >= 12
    assert dict(ours) == pytest.approx({key: value for key, value in theirs.items() if key in set(ours.index)})
    assert set(theirs.index) - set(ours.index) == set()


def month_of(days: pd.Series) -> pd.Series:
    return days.dt.strftime("%Y-%m")


@pytest.fixture(scope="module")
def revenue(frames) -> pd.DataFrame:
    """MRR of each account at the first instant of a month and of the next: paid subscriptions begun before it and not ended."""
    subs = frames["subscriptions"].query("not is_trial")

    def at(instant: pd.Timestamp) -> pd.Series:
        held = subs[(subs.start_date < instant) & (subs.end_date.isna() | (subs.end_date >= instant))]
        return held.groupby("account_id").mrr_amount.sum()
    both = [pd.DataFrame({"start": at(month), "end": at(month + pd.offsets.MonthBegin(1))}).fillna(0).assign(month=f"{month:%Y-%m}")
            for month in MONTHS]
    return pd.concat(both)


def test_the_three_retentions_are_those_of_pandas(loaded, revenue):
    paying = revenue[revenue.start > 0]
    sums = paying.assign(kept=paying[["start", "end"]].min(axis=1), stays=paying.end > 0).groupby("month").agg(
        start=("start", "sum"), end=("end", "sum"), kept=("kept", "sum"), stays=("stays", "mean"))
    agree(product(loaded, "gross_revenue_retention"), sums.kept / sums.start)
    agree(product(loaded, "net_revenue_retention"), sums.end / sums.start)
    agree(product(loaded, "logo_retention"), sums.stays)


def test_recurring_revenue_and_its_movements_are_those_of_pandas(loaded, revenue):
    change = revenue.end - revenue.start
    parts = {"mrr": revenue.end, "mrr_new": revenue.end.where(revenue.start == 0, 0),
             "mrr_expansion": change.where((revenue.start > 0) & (change > 0), 0),
             "mrr_contraction": (-change).where((revenue.end > 0) & (change < 0), 0),
             "mrr_churned": revenue.start.where(revenue.end == 0, 0)}
    for name, amounts in parts.items():
        agree(product(loaded, name), amounts.groupby(revenue.month).sum())


def test_satisfaction_is_the_share_of_4_and_5_by_the_month_a_ticket_was_closed(loaded, frames):
    answered = frames["support_tickets"].dropna(subset=["satisfaction_score"])
    month = month_of(answered.closed_at.fillna(answered.submitted_at))
    good = answered.satisfaction_score >= 4
    agree(product(loaded, "csat"), good.groupby(month).mean())
    tier = answered.account_id.map(frames["accounts"].set_index("account_id").plan_tier)
    agree(product(loaded, "csat", by="segment"), good.groupby([month, tier]).mean())


def test_response_and_resolution_are_median_hours_of_the_month_they_happened_in(loaded, frames):
    tickets = frames["support_tickets"]
    minutes = tickets.first_response_time_minutes
    responded = tickets.submitted_at + pd.to_timedelta(minutes, unit="min")
    agree(product(loaded, "first_response_time"), (minutes / 60).groupby(month_of(responded)).median())
    hours = (tickets.closed_at - tickets.submitted_at).dt.total_seconds() / 3600
    agree(product(loaded, "resolution_time"), hours.groupby(month_of(tickets.closed_at)).median())


def test_the_backlog_counts_tickets_open_at_the_first_instant_of_the_next_month(loaded, frames):
    tickets = frames["support_tickets"]
    ends = {f"{month:%Y-%m}": month + pd.offsets.MonthBegin(1) for month in MONTHS}

    def left(end: pd.Timestamp, age: int) -> int:
        return int(((tickets.submitted_at < end - pd.Timedelta(days=age)) & (tickets.closed_at.isna() | (tickets.closed_at >= end))).sum())
    agree(product(loaded, "ticket_backlog"), pd.Series({key: left(end, 0) for key, end in ends.items()}))
    agree(product(loaded, "tickets_over_14_days"), pd.Series({key: left(end, 14) for key, end in ends.items()}))


@pytest.fixture(scope="module")
def use(frames) -> pd.DataFrame:
    """Each day of use of an account with its sign-up; use names the subscription only."""
    owner = frames["subscriptions"].set_index("subscription_id").account_id
    days = pd.DataFrame({"account_id": frames["feature_usage"].subscription_id.map(owner), "day": frames["feature_usage"].usage_date})
    days = days.merge(frames["accounts"][["account_id", "signup_date"]], on="account_id")
    return days.assign(after=(days.day - days.signup_date).dt.days)


def test_adoption_counts_accounts_whose_30th_day_fell_in_the_month(loaded, frames, use):
    accounts = frames["accounts"]
    month = month_of(accounts.signup_date + pd.Timedelta(days=30))
    adopted = accounts.account_id.isin(use[use.after.between(0, 30)].account_id)
    wanted = adopted.groupby(month).mean()
    agree(product(loaded, "adoption_30d"), wanted[wanted.index <= "2024-12"])


def test_weekly_use_asks_for_26_weeks_of_7_days(loaded, frames, use):
    accounts = frames["accounts"]
    month = month_of(accounts.signup_date + pd.Timedelta(days=181))
    early = use[use.after.between(0, 181)]
    weeks = (early.after // 7).groupby(early.account_id).nunique()
    wanted = (accounts.account_id.map(weeks).fillna(0) == 26).groupby(month).mean()
    agree(product(loaded, "weekly_use_first_six_months"), wanted[wanted.index <= "2024-12"])


def test_the_time_to_first_value_is_the_kaplan_meier_median_of_scipy(loaded, frames, use):
    """Use after 90 days is not first value any more; an account without it is on the way until the last day of use data."""
    accounts = frames["accounts"].set_index("account_id")
    first = use[use.after.between(0, 90)].groupby("account_id").after.min().reindex(accounts.index)
    last = max(use.day.max(), frames["support_tickets"].closed_at.max().normalize())
    until = (pd.Timestamp(min(last, pd.Timestamp("2024-12-31"))) - accounts.signup_date).dt.days.clip(upper=90)
    medians = {}
    for month, ids in accounts.groupby(month_of(accounts.signup_date)).groups.items():
        done, waiting = first[ids].dropna(), until[ids][first[ids].isna()]
        curve = stats.ecdf(stats.CensoredData(uncensored=done.to_numpy(float), right=waiting.to_numpy(float))).sf
        reached = curve.quantiles[curve.probabilities <= 0.5 + 1e-12]
        medians[month] = reached.min() if len(reached) else np.nan
    agree(product(loaded, "time_to_first_value"), pd.Series(medians))


def test_months_that_the_export_covers_are_whole_and_no_later_month_is_made_up(loaded):
    for name in ("mrr", "csat", "ticket_backlog", "adoption_30d"):
        rows = metrics.figures(loaded, make_actor("leader"), name, "", None, None, TODAY)["rows"]
        assert rows[-1]["period"] == "2024-12" and not any(row["partial"] for row in rows)


def test_computing_again_changes_nothing(loaded):
    assert metrics.refresh(loaded, make_actor("leader"), TODAY).changed == 0

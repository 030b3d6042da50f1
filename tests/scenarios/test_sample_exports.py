"""The exports of the sample company come to the drawn figures: each measure recomputed here from the rows, in pandas.

The definitions of the measures stand in the docstrings, as this file reads them; nothing of the product computes here.
"""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest

from scorecard import sample
from scorecard.larkfield import MONTHS, SEGMENTS, figures

EXPORTS = sample.FOLDER / "exports"
FIGURES = ["numerator", "denominator", "value"]
MOST_BYTES = 6_000_000
FILES = ("crm_accounts.csv", "crm_renewals.csv", "billing_mrr_by_month.csv", "product_adoption.csv",
         "onboarding_milestones.csv", "helpdesk_tickets.csv", "contact_schedule.csv", "survey_answers.csv", "costs.csv",
         "product_use_by_month.csv", "product_use_first_weeks.csv", "promises.csv")
DATES = {"crm_accounts.csv": ["Customer Since", "Customer Until"], "crm_renewals.csv": ["Due date"],
         "billing_mrr_by_month.csv": ["Month"], "product_adoption.csv": ["Clock started on", "Reached on"],
         "onboarding_milestones.csv": ["Clock started on", "Reached on"], "helpdesk_tickets.csv": ["Created at", "Solved at"],
         "contact_schedule.csv": ["Due date", "Window from", "Window to", "Done on"], "survey_answers.csv": ["Response date"],
         "costs.csv": ["Month"], "product_use_by_month.csv": [], "product_use_first_weeks.csv": ["Usage date"],
         "promises.csv": ["Due on", "Made on", "Kept on"]}
ENDS = pd.DatetimeIndex([pd.Timestamp(month.start) + pd.offsets.MonthBegin(1) for month in MONTHS])


def read_exports(part: str = "Segment") -> dict[str, pd.DataFrame]:
    """The files as they are shipped; where a row names an account, with its part of the company, called its segment."""
    read = {name: pd.read_csv(EXPORTS / name, parse_dates=DATES[name]) for name in FILES}
    segments = read["crm_accounts.csv"].set_index("Account ID")[part]
    for name, table in read.items():
        if name not in ("crm_accounts.csv", "costs.csv"):
            table["Segment"] = table["Account ID"].map(segments)
            assert table["Segment"].notna().all(), f"{name} names an account that the CRM does not have."
    return read


@pytest.fixture(scope="module")
def exports() -> dict[str, pd.DataFrame]:
    return read_exports()


def by_month(rows: pd.DataFrame, day: pd.Series, **columns: pd.Series) -> pd.DataFrame:
    """Sums by month and segment."""
    keys = {"period": day.dt.strftime("%Y-%m"), "segment": rows["Segment"]}
    return pd.DataFrame(keys | columns).groupby(["period", "segment"]).sum()


def renewal_rate(exports) -> pd.DataFrame:
    """Value renewed, capped at the value due, over the value due for renewal in the month."""
    rows = exports["crm_renewals.csv"]
    capped = rows[["Value due", "Value renewed"]].min(axis=1)
    return by_month(rows, rows["Due date"], numerator=capped, denominator=rows["Value due"])


def every_month(exports) -> pd.DataFrame:
    """MRR of each account at the start and at the end of each month, 0 where it has none."""
    wide = exports["billing_mrr_by_month.csv"].pivot(index="Account ID", columns="Month", values="MRR").fillna(0)
    both = {"start": wide.shift(axis=1).stack(future_stack=True), "end": wide.stack(future_stack=True)}
    rows = pd.DataFrame(both).reset_index()
    rows["Segment"] = rows["Account ID"].map(exports["crm_accounts.csv"].set_index("Account ID")["Segment"])
    return rows


def start_and_end(exports) -> pd.DataFrame:
    """The accounts and months with MRR at the start."""
    rows = every_month(exports)
    return rows[rows["start"] > 0]


def net_revenue_retention(exports) -> pd.DataFrame:
    """MRR at the end over MRR at the start of the month, of the accounts that had some at the start."""
    rows = start_and_end(exports)
    return by_month(rows, rows["Month"], numerator=rows["end"], denominator=rows["start"])


def mrr_expansion(exports) -> pd.DataFrame:
    """MRR added in the month by accounts that had some at its start."""
    rows = start_and_end(exports)
    return by_month(rows, rows["Month"], value=(rows["end"] - rows["start"]).clip(lower=0))


def cost_to_serve(exports) -> pd.DataFrame:
    """Cost of the month over the accounts with MRR at its start or at its end."""
    cost, served = exports["costs.csv"], every_month(exports)
    found = by_month(cost, cost["Month"], numerator=cost["Amount"])
    count = by_month(served, served["Month"], n=(served["start"] > 0) | (served["end"] > 0))["n"]
    return found.assign(denominator=count.reindex(found.index))


def adoption_30d(exports) -> pd.DataFrame:
    """Users that published a rota within 30 days of going live, over those whose day 30 fell in the month."""
    rows = exports["product_adoption.csv"]
    day_30 = rows["Clock started on"] + pd.Timedelta(days=30)
    rows = rows.assign(day_30=day_30, adopted=rows["Reached on"] <= day_30)[day_30 < ENDS[-1]]
    return by_month(rows, rows["day_30"], numerator=rows["adopted"], denominator=rows["adopted"] | True)


def contact_schedule_kept(exports) -> pd.DataFrame:
    """Contacts done inside their window over contacts due in the month, without those that the customer cancelled."""
    rows = exports["contact_schedule.csv"]
    rows = rows[~rows["Cancelled by customer"]]
    kept = rows["Done on"].between(rows["Window from"], rows["Window to"])
    return by_month(rows, rows["Due date"], numerator=kept, denominator=kept | True)


def time_to_first_value(exports) -> pd.DataFrame:
    """Kaplan-Meier median of days from the start of a new site to its first value, of those started in the month."""
    rows = exports["onboarding_milestones.csv"]
    rows = rows.assign(period=rows["Clock started on"].dt.strftime("%Y-%m"),
                       reached=rows["Reached on"].notna(),
                       days=(rows["Reached on"].fillna(ENDS[-1]) - rows["Clock started on"]).dt.days)
    parts = {key: kaplan_meier_median(part) for key, part in rows.groupby(["period", "Segment"])}
    whole = {(period, ""): kaplan_meier_median(part) for period, part in rows.groupby("period")}
    return pd.DataFrame({"value": parts | whole}).rename_axis(["period", "segment"])


def kaplan_meier_median(rows: pd.DataFrame) -> float:
    """The first day on which half or less are still waiting; nan when that day has not come."""
    waiting = 1.0
    for day in sorted(rows.loc[rows["reached"], "days"].unique()):
        at_risk = (rows["days"] >= day).sum()
        waiting *= 1 - (rows["reached"] & (rows["days"] == day)).sum() / at_risk
        if waiting <= 0.5 + 1e-12:
            return day
    return float("nan")


def tickets_over_14_days(exports) -> pd.DataFrame:
    """Tickets opened more than 14 days before the end of the month and not solved by then."""
    rows = exports["helpdesk_tickets.csv"]
    opened, solved = (rows[column].dt.tz_localize(None) for column in ("Created at", "Solved at"))
    parts = []
    for end in ENDS:
        old = rows[(opened < end - pd.Timedelta(days=14)) & ~(solved < end)]
        parts.append(by_month(old, pd.Series(end - pd.Timedelta(days=1), old.index), value=old["Segment"].notna()))
    return pd.concat(parts)


def trust_score(exports) -> pd.DataFrame:
    """The sum of the answers to the trust question over their number; a blank answer is none."""
    rows = exports["survey_answers.csv"].dropna(subset="Score")
    rows = rows[rows["Question"] == "trust"]
    return by_month(rows, rows["Response date"], numerator=rows["Score"], denominator=rows["Score"].notna())


def promises_kept(exports) -> pd.DataFrame:
    """Promises kept by the day they were due over promises due in the month."""
    rows = exports["promises.csv"]
    kept = rows["Kept on"] <= rows["Due on"]
    return by_month(rows, rows["Due on"], numerator=kept, denominator=kept | True)


def nps(exports) -> pd.DataFrame:
    """100 times (answers of 9 and 10 less answers of 0 to 6) over answers in the month."""
    rows = exports["survey_answers.csv"].dropna(subset="Score")
    rows = rows[rows["Question"] == "nps"]
    worth = 100 * (rows["Score"].ge(9).astype(int) - rows["Score"].le(6).astype(int))
    return by_month(rows, rows["Response date"], numerator=worth, denominator=worth.notna())


def weekly_use_first_six_months(exports) -> pd.DataFrame:
    """New customers with a use in each of their 26 weeks over those whose last day of week 26 fell in the month."""
    accounts, use = exports["crm_accounts.csv"].set_index("Account ID"), exports["product_use_first_weeks.csv"]
    new = accounts[accounts["Customer Since"] >= pd.Timestamp(MONTHS[0].start)]
    age = (use["Usage date"] - use["Account ID"].map(new["Customer Since"])).dt.days
    weeks = (age[age.between(0, 181)] // 7).groupby(use["Account ID"]).nunique().reindex(new.index)
    last = new["Customer Since"] + pd.Timedelta(days=181)
    rows = pd.DataFrame({"Segment": use.groupby("Account ID")["Segment"].first(), "kept": weeks == 26, "last": last})
    rows = rows[rows["last"] < ENDS[-1]]
    return by_month(rows, rows["last"], numerator=rows["kept"], denominator=rows["kept"] | True)


BESIDE = (promises_kept, nps, weekly_use_first_six_months)
MEASURES: tuple[Callable[[dict], pd.DataFrame], ...] = (
    renewal_rate, net_revenue_retention, mrr_expansion, cost_to_serve, adoption_30d, contact_schedule_kept,
    time_to_first_value, tickets_over_14_days, trust_score)


def drawn(measure: str) -> pd.DataFrame:
    rows = figures.generate()
    own = rows[rows["measure"] == measure]
    return own.groupby(["period", "segment"])[FIGURES].sum(min_count=1).dropna(axis="columns", how="all")


@pytest.mark.parametrize("measure", MEASURES, ids=lambda one: one.__name__)
def test_a_measure_computed_from_the_exports_is_the_drawn_one_in_every_month_and_segment(exports, measure):
    expected = drawn(measure.__name__)
    found = measure(exports).sort_index()[list(expected.columns)].astype(float)
    pd.testing.assert_frame_equal(found, expected.sort_index(), check_exact=True)


def test_nine_of_the_ten_measures_come_from_the_exports():
    assert {one.__name__ for one in MEASURES} == set(figures.MEASURES) - {"development_plans_kept"}


def test_contacts_are_kept_by_each_csm_as_drawn(exports):
    rows = exports["contact_schedule.csv"]
    rows = rows[~rows["Cancelled by customer"]].assign(
        period=rows["Due date"].dt.strftime("%Y-%m"), kept=rows["Done on"].between(rows["Window from"], rows["Window to"]))
    found = rows.groupby(["period", "CSM"])["kept"].agg(["sum", "count"]).sort_index()
    expected = figures.generate().query("measure == 'contact_schedule_kept'")
    expected = expected.set_index(["period", "csm"])[["numerator", "denominator"]].sort_index()
    assert (found.to_numpy() == expected.to_numpy()).all()


def test_the_company_ends_with_412_accounts(exports):
    rows = exports["billing_mrr_by_month.csv"]
    counts = rows[rows["Month"] == rows["Month"].max()]["Segment"].value_counts()
    assert [counts[segment] for segment in SEGMENTS] == list(figures.ACCOUNTS)


def test_an_account_is_billed_while_it_is_a_customer_and_only_then(exports):
    accounts = exports["crm_accounts.csv"].set_index("Account ID")
    rows = exports["billing_mrr_by_month.csv"]
    month_end = rows["Month"] + pd.offsets.MonthBegin(1)
    since, until = (rows["Account ID"].map(accounts[column]) for column in ("Customer Since", "Customer Until"))
    assert (since < month_end).all() and ~(until < month_end).any() and (rows["MRR"] > 0).all()
    gone = accounts["Customer Until"].dropna()
    assert set(gone.dt.strftime("%Y-%m")) <= {str(month) for month in MONTHS} and len(gone) > 50


def test_what_is_lost_at_renewals_leaves_the_monthly_revenue_in_the_same_month(exports):
    renewals = exports["crm_renewals.csv"]
    lost = (renewals["Value due"] - renewals["Value renewed"]).clip(lower=0) / 12
    at_renewal = by_month(renewals, renewals["Due date"], lost=lost)["lost"]
    rows = start_and_end(exports)
    whole = by_month(rows, rows["Month"], lost=(rows["start"] - rows["end"]).clip(lower=0))["lost"]
    assert (whole.reindex(at_renewal.index) >= at_renewal).all()


def test_nothing_happens_after_the_last_month_or_out_of_order(exports):
    for name, table in exports.items():
        for column in DATES[name]:
            if column not in ("Window to", "Window from"):
                assert (table[column].dropna().dt.tz_localize(None) < ENDS[-1]).all(), f"{name}: {column}"
    for name, first, last in (("helpdesk_tickets.csv", "Created at", "Solved at"),
                              ("product_adoption.csv", "Clock started on", "Reached on"),
                              ("onboarding_milestones.csv", "Clock started on", "Reached on"),
                              ("promises.csv", "Made on", "Due on"), ("promises.csv", "Made on", "Kept on")):
        assert not (exports[name][last] < exports[name][first]).any(), name


@pytest.mark.parametrize("name", ["helpdesk_tickets.csv", "contact_schedule.csv", "survey_answers.csv", "product_adoption.csv",
                                  "crm_renewals.csv"])
def test_every_export_reaches_the_last_day_of_the_last_month(exports, name):
    assert exports[name][DATES[name][0]].max().strftime("%Y-%m-%d") == "2026-10-31"


def test_an_id_names_one_row(exports):
    for name, column in (("crm_accounts.csv", "Account ID"), ("crm_renewals.csv", "Renewal ID"),
                         ("helpdesk_tickets.csv", "Ticket ID"), ("contact_schedule.csv", "Contact ID"),
                         ("survey_answers.csv", "Response ID"), ("onboarding_milestones.csv", "User ID"),
                         ("product_adoption.csv", "User ID"), ("promises.csv", "Promise ID"),
                         ("product_use_by_month.csv", "Account ID")):
        assert exports[name][column].is_unique, name


def test_active_users_are_counted_in_the_months_that_an_account_began_as_a_paying_customer(exports):
    accounts = exports["crm_accounts.csv"].set_index("Account ID")
    use = exports["product_use_by_month.csv"].drop(columns="Segment").set_index("Account ID").stack().dropna()
    month = pd.to_datetime(use.index.get_level_values(1))
    since, until = (accounts[column].reindex(use.index.get_level_values(0)) for column in ("Customer Since", "Customer Until"))
    assert (since.to_numpy() <= month).all() and not (until.to_numpy() < month).any() and (use > 0).all()
    there = accounts[(accounts["Customer Since"] <= MONTHS[-1].start.isoformat()) & accounts["Customer Until"].isna()]
    assert set(there.index) <= set(use.index.get_level_values(0))


def test_a_team_looks_after_each_account_and_a_csm_is_in_one_team(exports):
    accounts = exports["crm_accounts.csv"]
    assert accounts["Team"].notna().all() and (accounts.groupby("Customer Success Manager")["Team"].nunique() == 1).all()


def test_the_exports_are_small_enough_to_ship():
    assert sorted(path.name for path in EXPORTS.iterdir()) == sorted(FILES)
    assert sum(path.stat().st_size for path in EXPORTS.iterdir()) < MOST_BYTES

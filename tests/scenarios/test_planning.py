"""What was planted in Larkfield's plan: the product's own readings find the goal without an owner and the part that nobody looked at."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from scorecard import metrics, plan_links
from scorecard.maturity import records
from scorecard.planning import plans, tree
from scorecard.store.engine import Store
from tests import stores

TODAY = date(2026, 11, 22)


@pytest.fixture(scope="module")
def store(company, tmp_path_factory) -> Iterator[Store]:
    opened = stores.opened(stores.copied(company, tmp_path_factory.mktemp("planning") / "own"))
    yield opened
    opened.close()


def test_of_all_goals_only_one_has_no_owner_and_it_is_named(store):
    found = tree.read(store, metrics.rows_now(store, tree.measures(store), TODAY), 2026)
    assert [(one.kind, one.lacks, one.named) for one in tree.gaps(found)] == [("goal", "owner", ("Contact schedule kept",))]
    told = tree.sentences(found, TODAY)
    assert told[0].text == "Every one of 8 tactics has an owner, a date and a measure. 2 of 5 goals are in Act: renewal rate and development plans kept."
    assert told[1].text == "One goal has no owner: Contact schedule kept."
    assert tree.apart_sentence(found).text.startswith("Six open projects serve no goal of the plan: ")


def test_the_goals_rise_where_the_plan_wants_more_and_this_year_is_read_against_its_own(store):
    rows = metrics.rows_now(store, tree.measures(store), TODAY)
    told = {year: {one.measure: one.goal_text for one in tree.read(store, rows, year).goals} for year in (2026, 2027, 2028)}
    rising = {name: [told[year][name] for year in (2026, 2027, 2028)] for name in told[2026] if told[2026][name] != told[2028][name]}
    assert rising == {"renewal_rate": ["≥ 93%", "≥ 94%", "≥ 95%"], "adoption_30d": ["≥ 60%", "≥ 65%", "≥ 70%"], "mrr_expansion": ["≥ $42k", "≥ $46k", "≥ $50k"]}
    assert {rows[name].goal_text for name in rising} == {"goal ≥ 93%", "goal ≥ 60%", "goal ≥ $42k"}


def test_the_part_that_nobody_looked_at_for_a_year_is_the_one_on_competition(store):
    with store.read() as tx:
        plan = plans.current(tx)
        assert [one.kind for one in plans.parts(tx, plan, TODAY) if one.old or not one.id] == ["competition"]
        standing = plans.standing(tx, plan)
    assert (plan.edition, len(standing.agreed), standing.asked) == (3, 15, 15)


def test_projects_lead_to_the_tactic_that_they_carry_out(store):
    with store.read() as tx:
        (one,) = plan_links.of_project(tx, "sample-renewal-desk", "sample-goal-renewals")
    assert one.words == "Customers stay because they want to › Renewals › Renewals without surprises › Renewal desk, Small business"


def test_every_practice_of_planning_that_the_plan_speaks_for_has_records(store):
    found = records.records(store, TODAY)
    told = {id: " ".join(found[id].lines) for id in ("P1", "P2", "P5", "P6", "P7")}
    assert told["P1"].startswith("3 objectives and 5 goals in the plan 9 parts of the plan written, 8 of them looked at since")
    assert "6 strategies and 8 tactics in the plan" in told["P2"] and "15 agreements with the plan" in told["P5"]
    assert "3 proposals to enterprise planning" in told["P6"] and "3 account plans and 2 marketing plans written" in told["P7"]

"""What is planted at Larkfield's customers is found: health that settled lower, a dead input, green accounts that were lost,
what was said before they left, and the themes of comments."""

from __future__ import annotations

from datetime import date

import pytest

from scorecard.core import spc
from scorecard.core.periods import Period
from scorecard.sensory import page, report_card, scoring, themes
from scorecard.store import definitions, measures
from tests import stores

FIRST, LAST = Period(date(2024, 2, 1), "month"), Period(date(2026, 10, 1), "month")
PLANTED = ("Price rise came as a surprise", "Rota publishing slow or failing", "Reports hard to export", "Roles unclear at the start",
           "No word on open tickets", "Payroll link breaks")


@pytest.fixture(scope="module")
def larkfield(company, tmp_path_factory):
    store = stores.opened(stores.copied(company, tmp_path_factory.mktemp("sensory")))
    yield store
    store.close()


def test_health_is_recorded_for_every_month_that_has_a_usual_before_it(larkfield):
    months = [one.month for one in scoring.segments(larkfield, FIRST, LAST)[""]]
    assert months == [FIRST.shift(n) for n in range(33)] and scoring.latest(larkfield) == LAST


@pytest.mark.parametrize("segment, lower", [("Enterprise", False), ("Mid-market", False), ("Small business", True)])
def test_only_small_business_settled_lower_from_march(larkfield, segment, lower):
    series = scoring.segments(larkfield, FIRST, LAST)[segment]
    chart = spc.read_series([spc.Figure(one.month, one.mean, None, None) for one in series], spc.Options(direction="increase"))
    before = [one.mean for one in series if one.month.start < date(2026, 3, 1)][-12:]
    since = [one.mean for one in series if one.month.start >= date(2026, 3, 1)]
    centre = chart.points[-1].centre
    assert all(one < centre for one in since) is lower
    assert (sum(since) / len(since) < sum(before) / len(before) - 2) is lower


def test_the_page_says_it_with_limits_that_are_locked(larkfield):
    found = page.read(larkfield, stores.TODAY)
    assert found.sentences[0].text == ("Small business health has settled lower: 71 on average since March 2026, was 76. "
                                       "The other two segments show routine variation.")
    assert all(one.chart.phases[-1].baseline.state == "locked" for one in found.segments)


def test_the_dead_input_is_named_and_no_other(larkfield):
    assert [one.name for one in scoring.dead(larkfield, LAST)] == ["First replies"]


def test_the_score_tells_accounts_apart_half_a_year_ahead_and_still_misses_some(larkfield):
    card = report_card.explained(larkfield, report_card.read(larkfield, stores.TODAY, 180))
    assert card.auc.lower > 0.55 and card.verdict == "better" and card.from_history == card.renewals
    assert card.bands[0].lost.value > 4 * card.bands[-1].lost.value
    assert len(card.missed) > 15 and all(one.outcome.score >= 70 and one.outcome.lost for one in card.missed)
    assert {label for label, _ in report_card.unseen(card)} == {"Price rise came as a surprise", "Our sponsor there has left", report_card.NEITHER}


def test_weights_are_proposed_from_these_losses_and_not_applied(larkfield):
    proposal = report_card.proposal(larkfield, stores.TODAY, 180)
    assert sum(proposal.weights) == 100 and proposal.losses >= 40
    assert [one.version for one in scoring.history(larkfield)] == [1]


def test_the_planted_themes_lead_what_customers_say(larkfield):
    said = themes.read(larkfield, LAST.end)
    assert {one.label for one in said.themes[:6]} == set(PLANTED)
    assert {"Night view", "Holiday calendar", "Shift swap"} <= {one.label for one in said.themes if not one.by_rule}
    assert said.themes[-1].together == pytest.approx(1) and 150 < said.comments < 300


def test_an_account_that_left_keeps_its_last_score(larkfield):
    with larkfield.read_facts() as tx:
        (gone,) = tx.one("SELECT account_id FROM account WHERE ended_on BETWEEN DATE '2025-06-01' AND DATE '2026-01-31' ORDER BY ended_on LIMIT 1")
    health = scoring.account(larkfield, gone, LAST, stores.TODAY)
    assert health.frozen is not None and health.frozen < LAST and sum(part.points or 0 for part in health.parts) == health.score


def test_findings_and_faults_are_measures_month_by_month(larkfield):
    with larkfield.read() as tx:
        found = measures.figures(tx, ["finding_age", "findings_closed", "faults_caught_upstream"])
        slots = {name for card in definitions.scorecards(tx) for name in card.measures}
    told = {(one.measure, str(one.period)[2:]): one.value if one.denominator is None else (one.numerator, one.denominator) for one in found}
    assert [told["finding_age", f"26-{n:02}"] for n in range(3, 11)] == [15, 45, 13, 43, 25, 21, 44, 68]
    assert {month: parts for (name, month), parts in told.items() if name == "findings_closed"} == {"26-06": (1, 1), "26-08": (1, 1), "26-10": (0, 1)}
    assert {month: parts for (name, month), parts in told.items() if name == "faults_caught_upstream"} == {
        "26-02": (1, 1), "26-05": (1, 1), "26-08": (0, 1), "26-09": (0, 1), "26-10": (0, 1)}  # fmt: skip
    assert len(told) == 16 and not slots & {name for name, _ in told}

"""Churn drivers out of the facts: what was known when each case began, and nothing that came after."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from scorecard.core import themes
from scorecard.errors import NotAllowed, StudyRefused, UsageError
from scorecard.improvement import drivers
from scorecard.improvement.drivers import SOURCES, Question
from scorecard.output import study_drivers as output
from scorecard.store import driver_cases
from tests import facts, stores
from tests.conftest import make_actor
from tests.endurance import some

TODAY = date(2026, 11, 22)
LEADER = make_actor()
DUE = date(2026, 6, 15)
BEGINS = DUE - timedelta(90)  # 17 March 2026
ALL = tuple(SOURCES)
ONE = Question(first=DUE, last=DUE + timedelta(1), predictors=ALL)


def month(n: int) -> date:
    """The first day of a month, counted from January 2025 as 0."""
    return date(2025 + n // 12, n % 12 + 1, 1)


def make_company(folder, count: int = 240, driver: float = 0.55):
    """A store of accounts with one renewal each; an unresolved ticket raises the chance of being lost."""
    chance = random.Random(6)
    rows: dict[str, list] = {name: [] for name in ("account", "renewal", "ticket", "contact", "usage", "survey", "mrr_month")}
    for number in range(count):
        id, tickets = f"A{number:03d}", chance.randrange(3)
        contacts, lost = chance.randrange(4), chance.random() < 0.1 + driver * tickets / 2
        rows["account"].append({"account_id": id, "name": f"Account {id}", "segment": "North" if number % 2 else "South", "started_on": date(2022, 1, 1) + timedelta(number * 3)})
        rows["renewal"].append({"account_id": id, "due_on": DUE, "value_due": 1200.0, "status": "lost" if lost else "renewed"})
        rows["ticket"] += [{"account_id": id, "opened_at": datetime(2026, 2, 1 + n), "resolved_at": datetime(2026, 5, 1) if n % 2 else None, "status": "open"} for n in range(tickets)]
        rows["contact"] += [{"account_id": id, "due_on": date(2026, 2, 1 + n), "done_on": date(2026, 2, 1 + n)} for n in range(contacts)]
        rows["usage"] += [{"account_id": id, "used_on": month(n), "event": "use", "quantity": float(80 + chance.randrange(40))} for n in range(2, 18)]
        rows["survey"].append({"account_id": id, "answered_on": date(2026, 1, 5), "question": "nps", "score": float(chance.randrange(11))})
        rows["mrr_month"] += [{"account_id": id, "month": month(n), "mrr": 100.0 if n < 8 or number % 5 else 120.0} for n in range(2, 18)]
    # Rows that say how far back each kind of facts reaches, and how far on.
    rows["ticket"].append({"account_id": "A000", "opened_at": datetime(2025, 1, 1), "resolved_at": datetime(2025, 1, 2)})
    rows["contact"] += [{"account_id": "nobody", "due_on": day, "done_on": day} for day in (date(2025, 1, 1), date(2026, 5, 1))]
    stores.begin(*(folder / name for name in stores.FILES))
    store = stores.opened(folder)
    facts.put(store, **rows)
    return store


@pytest.fixture(scope="module")
def company(tmp_path_factory):
    folder = tmp_path_factory.mktemp("drivers")
    make_company(folder).close()
    return folder


@pytest.fixture
def store(company, tmp_path):
    opened = stores.opened(stores.copied(company, tmp_path / "files"))
    yield opened
    opened.close()


def known(store, account: str, **changes) -> dict:
    made = drivers.table(store, replace(ONE, **changes), TODAY)
    at = [one.account for one in made.cases].index(account)
    return {name: cells[at] for name, cells in made.known.items()}


def test_a_planted_driver_is_found_and_no_other(store):
    answer = drivers.study(store, replace(ONE, predictors=("tickets", "contacts", "satisfaction", "tenure")), TODAY)
    assert answer.study.verdict == "evidence" and answer.study.ranking == ("Unresolved tickets",)
    assert (answer.accounts, answer.cases, answer.study.n) == (240, 240, 240)


LEAKS = {
    "tickets": ("ticket", {"opened_at": datetime(2026, 3, 17), "status": "open"}),
    "a ticket resolved on the day": ("ticket", {"opened_at": datetime(2026, 4, 1), "resolved_at": datetime(2026, 4, 2), "satisfaction": 1.0}),
    "contacts": ("contact", {"due_on": date(2026, 3, 1), "done_on": BEGINS}),
    "satisfaction": ("survey", {"answered_on": BEGINS, "question": "nps", "score": 0.0}),
    "an answer on a ticket that was resolved later": ("ticket", {"opened_at": datetime(2026, 3, 1), "resolved_at": datetime(2026, 3, 16, 23), "satisfaction": None}),
    "trust": ("survey", {"answered_on": BEGINS, "question": "trust", "score": 0.0}),
    "use of the month in which it began": ("usage", {"used_on": date(2026, 3, 1), "event": "use", "quantity": 9000.0}),
    "use afterwards": ("usage", {"used_on": date(2026, 4, 1), "event": "use", "quantity": 9000.0}),
    "price in the month in which it began": ("mrr_month", {"month": date(2026, 6, 1), "mrr": 900.0}),
    "a sponsor who left afterwards": ("survey", {"answered_on": BEGINS, "question": "csat", "score": None, "comment": "Our sponsor has left the company"}),
    "a milestone afterwards": ("milestone", {"milestone": "first value", "clock_started_on": date(2026, 2, 20), "reached_on": date(2026, 3, 30)}),
}


@pytest.mark.endurance
@pytest.mark.parametrize("leak", some(LEAKS))
def test_a_fact_from_after_the_start_moves_no_coefficient(store, leak):
    """The leak tells every lost account apart: were it read, its driver would dwarf all others."""
    asked = replace(ONE, predictors=("use", "tickets", "contacts", "satisfaction", "price", "tenure"))
    before = drivers.study(store, asked, TODAY).study
    lost = [one.account for one in drivers.table(store, asked, TODAY).cases if one.lost]
    table, row = LEAKS[leak]
    facts.put(store, **{table: [{"account_id": id, **row} for id in lost]})
    after = drivers.study(store, asked, TODAY).study
    assert [(one.name, one.coef, one.p) for one in after.terms] == [(one.name, one.coef, one.p) for one in before.terms]


def test_an_account_that_was_decided_before_its_case_began_is_no_case(store):
    """It has no contacts and no tickets any more: read as a case, its silence would foretell what had happened already."""
    asked = replace(ONE, predictors=("tickets", "contacts"))
    before = drivers.study(store, asked, TODAY)
    facts.put(store, account=[{"account_id": f"gone {n}", "started_on": date(2022, 1, 1), "ended_on": BEGINS - timedelta(1)} for n in range(30)]
              + [{"account_id": id, "started_on": date(2022, 1, 1), "ended_on": None} for id in ("early", "on the day")],
              renewal=[{"renewal_id": f"gone {n}", "account_id": f"gone {n}", "due_on": DUE, "value_due": 1.0, "status": "lost"} for n in range(30)]
              + [{"renewal_id": id, "account_id": id, "due_on": DUE, "value_due": 1.0, "renewed_on": day} for id, day in (("early", BEGINS - timedelta(1)), ("on the day", BEGINS))])
    after = drivers.study(store, asked, TODAY)
    assert after.cases == before.cases + 1 and after.study.events == before.study.events
    assert "31 renewals were decided before their case began, 90 days ahead: left out." in after.notices and not before.notices
    assert len(drivers.table(store, replace(asked, ahead=180), TODAY).cases) == before.cases + 32, "half a year before all were customers"


def test_a_renewal_for_less_and_a_lower_mrr_are_an_outcome_of_their_own(store):
    facts.put(store, account=[{"account_id": id, "started_on": date(2022, 1, 1)} for id in ("less", "same", "unsaid")],
              renewal=[{"renewal_id": id, "account_id": id, "due_on": DUE, "value_due": 100.0, "value_renewed": amount, "status": "renewed"} for id, amount in (("less", 99.0), ("same", 100.0), ("unsaid", None))],
              mrr_month=[{"account_id": id, "month": month(n), "mrr": 10.0 - (id == "less" and n == 16)} for id in ("less", "same") for n in (13, 16)])
    renewals = {one.account: one.smaller for one in drivers.table(store, ONE, TODAY).cases}
    assert (renewals["less"], renewals["same"], renewals["unsaid"]) == (True, False, None)
    period = replace(ONE, cohort="accounts", first=date(2026, 3, 1), last=date(2026, 6, 1), outcome="smaller", predictors=("tenure",))
    accounts = {one.account: (one.lost, one.smaller) for one in drivers.table(store, period, TODAY).cases}
    assert (accounts["less"], accounts["same"], accounts["unsaid"]) == ((False, True), (False, False), (False, None))
    asked = drivers.study(store, replace(ONE, outcome="smaller", predictors=("tickets",)), TODAY).study
    assert asked.outcome == "losing the account or part of it" and asked.events == sum(one is True for one in renewals.values())
    with pytest.raises(StudyRefused, match="no outcome 'luck'"):
        drivers.checked(replace(ONE, outcome="luck"))


def test_what_was_known_before_the_start_does_move_them(store):
    lost = [one.account for one in drivers.table(store, ONE, TODAY).cases if one.lost]
    asked = replace(ONE, predictors=("tickets", "contacts"))
    before = drivers.study(store, asked, TODAY).study
    facts.put(store, contact=[{"contact_id": f"c {id}", "account_id": id, "due_on": date(2026, 3, 1), "done_on": date(2026, 3, 16)} for id in lost])
    assert drivers.study(store, asked, TODAY).study.terms[2].coef > before.terms[2].coef + 0.5


def test_each_predictor_is_counted_by_hand(store):
    facts.put(store, account=[{"account_id": "H", "segment": "North", "started_on": date(2024, 3, 17)}],
              renewal=[{"renewal_id": "hand", "account_id": "H", "due_on": DUE, "value_due": 5.0, "status": "lost"}],
              usage=[{"usage_id": f"h{n}", "account_id": "H", "used_on": month(n), "event": "use", "quantity": 50.0 if n > 10 else 100.0} for n in range(4, 20)],
              ticket=[{"ticket_id": "h1", "account_id": "H", "opened_at": datetime(2026, 3, 16), "resolved_at": datetime(2026, 3, 17)},
                      {"ticket_id": "h2", "account_id": "H", "opened_at": datetime(2026, 3, 1), "resolved_at": datetime(2026, 3, 16)},
                      {"ticket_id": "h3", "account_id": "H", "opened_at": datetime(2026, 3, 1), "status": "closed"}],
              contact=[{"contact_id": f"h{n}", "account_id": "H", "due_on": day, "done_on": day} for n, day in enumerate((date(2025, 12, 15), date(2025, 12, 16), date(2026, 3, 16)))],
              survey=[{"answer_id": "h1", "account_id": "H", "answered_on": date(2026, 3, 1), "question": "nps", "score": 4.0, "comment": "Our sponsor has left the company"},
                      {"answer_id": "h2", "account_id": "H", "answered_on": date(2026, 3, 1), "question": "csat", "score": 3.0},
                      {"answer_id": "h3", "account_id": "H", "answered_on": date(2026, 3, 1), "question": "trust", "score": 7.0}],
              milestone=[{"milestone_id": f"h{n}", "account_id": "H", "milestone": "first value", "clock_started_on": date(2026, 1, 1), "reached_on": day}
                         for n, day in enumerate((date(2026, 1, 31), date(2026, 2, 1), None))]
              + [{"milestone_id": "on", "account_id": "nobody", "milestone": "first value", "clock_started_on": date(2026, 5, 1)}],
              mrr_month=[{"account_id": "H", "month": month(n), "mrr": 100.0 if n < 10 else 111.0} for n in range(2, 18)])
    found = known(store, "H")
    assert found["tickets"] == 1 and found["contacts"] == 2 and found["satisfaction"] == 4.5 and found["trust"] == 7
    assert found["tenure"] == pytest.approx(730 / 365.25) and found["price"] is True and found["sponsor"] is True
    assert found["adoption"] == pytest.approx(1 / 3) and found["segment"] == "North"
    # December to February at 50, 60 … : November has 100; the nine months before hold seven at 100 (May to November 2025).
    assert found["use"] == pytest.approx(0.5, abs=0.08)


def test_a_window_that_the_facts_do_not_reach_is_missing_not_none(store):
    assert known(store, "A001", ahead=730)["contacts"] is None and known(store, "A001", ahead=730)["tickets"] is None


def test_the_segment_is_the_one_that_stood_on_the_day(store):
    with store.facts() as tx:
        tx.run("""INSERT INTO account_past (account_id, segment, load, row_number, superseded_by, superseded_at)
                  VALUES ('A001', 'East', 'l', 1, 'm', $1)""", [datetime(2026, 5, 1)])
    assert known(store, "A001")["segment"] == "East"


def test_a_contract_with_seats_that_grew_had_no_price_rise(store):
    facts.put(store, subscription=[{"subscription_id": "s1", "account_id": "A000", "started_on": date(2024, 1, 1), "ended_on": date(2025, 12, 1), "mrr": 100.0, "seats": 10.0},
                                   {"subscription_id": "s2", "account_id": "A000", "started_on": date(2025, 12, 1), "mrr": 300.0, "seats": 30.0},
                                   {"subscription_id": "s3", "account_id": "A005", "started_on": date(2024, 1, 1), "ended_on": date(2025, 12, 1), "mrr": 100.0, "seats": 10.0},
                                   {"subscription_id": "s4", "account_id": "A005", "started_on": date(2025, 12, 1), "mrr": 120.0, "seats": 10.0}])
    assert known(store, "A000")["price"] is False and known(store, "A005")["price"] is True


def test_too_few_losses_are_refused_in_words(tmp_path):
    store = make_company(tmp_path, 60, driver=-0.1)
    answer = drivers.study(store, replace(ONE, predictors=("tickets",)), TODAY)
    store.close()
    assert answer.study.verdict == "refused" and "At least 10 with and 10 without" in answer.study.sentence
    html = output.section(answer)
    assert "Refused" in html and "<table" not in html and output.news(answer) is None
    assert output.csv(answer).startswith("verdict,sentence")


def test_without_evidence_no_driver_is_drawn_or_ranked(store):
    answer = drivers.study(store, replace(ONE, predictors=("contacts", "satisfaction")), TODAY)
    html = output.section(answer)
    assert answer.study.verdict == "no evidence" and "No evidence" in html and "data-driver" not in html
    assert "no one driver" in output.news(answer).text


def test_the_drawing_shows_both_methods_and_the_way_each_driver_goes(store):
    answer = drivers.study(store, replace(ONE, predictors=("tickets", "contacts", "segment")), TODAY)
    html = output.section(answer)
    assert 'data-driver="Unresolved tickets" data-kind="more"' in html and 'data-driver="Contacts a quarter" data-kind="none"' in html
    assert "Maximum likelihood" in html and "Association, not proof" in html and "Does what it predicts come true?" in html
    assert output.csv(answer).count("\r\n") == 4


def test_segments_are_compared_by_the_same_predictors(store):
    found = drivers.compare(store, replace(ONE, predictors=("tickets", "contacts", "segment")), TODAY)
    assert found.compared == ("North", "South") and {one.predictor for one in found.differences} == {"Unresolved tickets", "Contacts a quarter"}
    assert "North" in output.segments(found)


def test_accounts_of_a_period_are_those_that_were_customers_on_its_first_day(store):
    facts.put(store, account=[{"account_id": "gone before", "started_on": date(2024, 1, 1), "ended_on": date(2026, 1, 1)},
                              {"account_id": "lost in it", "started_on": date(2024, 1, 1), "ended_on": date(2026, 3, 1)},
                              {"account_id": "lost, nobody knows when", "started_on": date(2024, 1, 1), "churned": True},
                              {"account_id": "came later", "started_on": date(2026, 2, 1)}])
    made = drivers.table(store, Question("accounts", date(2026, 2, 1), date(2026, 11, 1), predictors=("tenure",)), TODAY)
    outcome = {one.account: one.lost for one in made.cases}
    assert "gone before" not in outcome and "came later" not in outcome
    assert outcome["lost in it"] is True and outcome["lost, nobody knows when"] is None and outcome["A000"] is False


def test_a_renewal_that_is_not_decided_or_lies_ahead_is_no_outcome(store):
    facts.put(store, renewal=[{"renewal_id": "open", "account_id": "A000", "due_on": DUE}, {"renewal_id": "later", "account_id": "A000", "due_on": TODAY + timedelta(9), "status": "renewed"}])
    assert len(drivers.table(store, replace(ONE, last=date(2999, 1, 1)), TODAY).cases) == 240


@pytest.mark.parametrize("wrong, says", [({"predictors": ()}, "at least one"), ({"predictors": ("luck",)}, "no predictor 'luck'"), ({"cohort": "x"}, "no cohort"),
                                         ({"first": TODAY}, "later end"), ({"cohort": "accounts", "first": DUE, "last": DUE}, "later end"), ({"method": "lasso"}, "no method"), ({"ahead": -1}, "0 to 730")])
def test_what_cannot_be_asked_is_refused_with_what_can(wrong, says):
    with pytest.raises(StudyRefused, match=says):
        drivers.checked(replace(ONE, **wrong))


def test_predictors_without_any_facts_are_left_out_in_words(store):
    answer = drivers.study(store, replace(ONE, predictors=("tickets", "adoption")), TODAY)
    assert answer.study.verdict == "evidence" and any("know nothing of Adoption" in one for one in answer.notices)
    with pytest.raises(StudyRefused, match="know nothing of Adoption"):
        drivers.study(store, replace(ONE, predictors=("adoption",)), TODAY)


def test_the_theme_of_a_sponsor_who_left_exists():
    assert any(rule.id == "sponsor" for rule in themes.DEFAULT) and driver_cases.PRICE_RISE == 0.1


# -- models that are kept


def test_a_model_is_kept_with_its_figures_and_scores_those_at_stake_by_name_or_date(store):
    asked = replace(ONE, predictors=("tickets", "contacts", "segment"))
    model = drivers.keep(store, LEADER, "Autumn", asked, TODAY)
    assert model.made_from.startswith("7 loads") and drivers.question_of(model) == asked
    days = (TODAY + timedelta(40), TODAY + timedelta(20))
    facts.put(store, renewal=[{"renewal_id": f"next {n}", "account_id": id, "due_on": due, "value_due": 10.0} for n, (id, due) in enumerate(zip(("A000", "A001"), days))],
              contact=[{"contact_id": "on", "account_id": "nobody", "due_on": TODAY, "done_on": TODAY}],
              ticket=[{"ticket_id": "on", "account_id": "nobody", "opened_at": datetime(2026, 11, 21), "resolved_at": datetime(2026, 11, 21, 3)},
                      *({"ticket_id": f"now {n}", "account_id": "A001", "opened_at": datetime(2026, 11, 20)} for n in range(3))])
    named = drivers.scores(store, model, TODAY)
    assert [one.account for one in named] == ["A000", "A001"] and [one.account for one in drivers.scores(store, model, TODAY, by_date=True)] == ["A001", "A000"]
    assert named[1].chance.lower < named[1].chance.value < named[1].chance.upper and named[1].chance.value > 0.5
    csv = output.scores_csv(named)
    assert csv.splitlines()[0] == "account,name,due,value_due,chance_of_loss,lower,upper" and csv.count("\r\n") == 3


def test_the_newest_kept_model_is_what_is_asked_first_and_else_the_standard_three(store):
    assert drivers.first_question(store) == Question(first=DUE, last=DUE, predictors=drivers.STANDARD)
    drivers.keep(store, LEADER, "Autumn", replace(ONE, predictors=("tickets", "price", "tenure"), ahead=80), TODAY)
    assert drivers.first_question(store) == Question(first=DUE, last=DUE, ahead=80, predictors=("tickets", "price", "tenure"))


def test_a_kept_model_stays_as_it_was_when_facts_change(store):
    model = drivers.keep(store, LEADER, "Autumn", replace(ONE, predictors=("tickets",)), TODAY)
    with store.facts() as tx:
        tx.run("DELETE FROM ticket")
    assert drivers.kept(store)[0].body == model.body
    drivers.withdraw(store, LEADER, model.id)
    assert drivers.kept(store) == []


def test_without_evidence_no_model_is_kept_and_viewers_keep_none(store):
    with pytest.raises(StudyRefused, match="Not kept. No evidence"):
        drivers.keep(store, LEADER, "Chance", replace(ONE, predictors=("contacts", "satisfaction")), TODAY)
    with pytest.raises(NotAllowed):
        drivers.keep(store, make_actor("viewer"), "Mine", ONE, TODAY)
    drivers.keep(store, LEADER, "Twice", replace(ONE, predictors=("tickets",)), TODAY)
    with pytest.raises(UsageError, match="already"):
        drivers.keep(store, LEADER, "Twice", replace(ONE, predictors=("tickets",)), TODAY)

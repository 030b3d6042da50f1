"""The agenda makes itself, in an order that the leader can change; every item is discussed, decided, acted on."""

from __future__ import annotations

from datetime import date

import pytest

from scorecard import actions, metrics, reviews
from scorecard.errors import NotAllowed, ScorecardError, StaleEdit, UsageError
from scorecard.reviews import Commitment
from tests.conftest import make_actor
from tests.reviews.conftest import CARD, OCTOBER, TODAY, restate
from tests.scorecards import month

JUMPED, LOWER, PLANS = "measure:first_reply", "measure:renewal_rate", "measure:plans_kept"


def items_of(store, period=OCTOBER):
    return {item.id: item for item in reviews.review_view(store, CARD, period, TODAY).month.items}


def test_signals_and_goals_out_of_reach_are_the_agenda_and_the_rest_is_listed_as_routine(open_month):
    view = reviews.review_view(open_month, CARD, OCTOBER, TODAY)
    assert [item.id for item in view.month.items] == [JUMPED, PLANS, LOWER]
    assert [item.kind for item in view.month.items] == ["signal", "unreachable", "signal"]
    assert [row.measure.name for row in view.routine] == ["trust"]
    assert view.headline[0].text.startswith("Three measures gave a signal or cannot reach their goal.")
    assert "trust" in view.headline[1].text.lower()


def test_a_suggestion_says_why_and_never_blames_one_month_for_routine_variation(open_month):
    found = items_of(open_month)
    assert (found[JUMPED].suggested, found[PLANS].suggested) == ("find_the_cause", "change_the_process")
    assert found[JUMPED].suggested_why == "A single point outside the limits has its own cause."
    assert "no single cause" in found[PLANS].suggested_why
    assert found[LOWER].suggested == "find_the_cause" and "2026" in found[LOWER].suggested_why


def test_an_overdue_action_is_on_the_agenda_with_its_owner_and_the_days_it_is_late(open_month, leader):
    made = actions.add(open_month, make_actor("leader", "you", "You"), title="Call ten customers", kind="cause", owner="you",
                       due=date(2026, 11, 2), measure="trust", today=date(2026, 11, 1))
    item = items_of(open_month)["overdue"]
    assert (item.kind, item.title) == ("overdue", "One action is overdue")
    assert item.why == f"Call ten customers ({made.owner_name}, 10 days)"
    assert reviews.decisions_for(item.kind)[0] == item.suggested


def test_restated_figures_are_a_warning_about_the_data_on_the_agenda(open_month):
    restate(open_month, 0.79)
    item = items_of(open_month)["data"]
    assert "restated" in item.why and item.suggested == "correct_the_figures"


def test_the_order_and_the_minutes_are_the_leaders(open_month, leader):
    reviews.reorder(open_month, leader, CARD, OCTOBER, [PLANS, LOWER])
    reviews.set_minutes(open_month, leader, CARD, OCTOBER, PLANS, 25)
    view = reviews.review_view(open_month, CARD, OCTOBER, TODAY)
    assert [item.id for item in view.month.items] == [PLANS, LOWER, JUMPED]
    assert [item.place for item in view.month.items] == [1, 2, 3]
    assert view.month.items[0].minutes == 25


def test_an_item_that_was_decided_stays_when_the_figures_no_longer_put_it_there(open_month, leader):
    reviews.decide(open_month, leader, CARD, OCTOBER, JUMPED, "correct_the_figures", "", "First reply", None)
    restate(open_month, 0.90)
    item = items_of(open_month)[JUMPED]
    assert (item.state, item.title) == ("decided", "First reply")
    assert "no longer" in item.why


def test_an_item_of_ones_own_can_be_added_and_taken_off_until_it_is_decided(open_month, leader):
    id = reviews.add_item(open_month, leader, CARD, OCTOBER, "The new price list")
    assert items_of(open_month)[id].title == "The new price list"
    reviews.remove_item(open_month, leader, CARD, OCTOBER, id)
    assert id not in items_of(open_month)
    kept = reviews.add_item(open_month, leader, CARD, OCTOBER, "The holidays")
    reviews.decide(open_month, leader, CARD, OCTOBER, kept, "change_the_process", "", "The holidays", None)
    with pytest.raises(UsageError, match="no decision yet"):
        reviews.remove_item(open_month, leader, CARD, OCTOBER, kept)


def test_only_a_leader_decides_and_a_member_may_write_what_was_said(open_month, viewer):
    member = make_actor("member", "amara", "Amara Osei")
    assert reviews.discuss(open_month, member, CARD, OCTOBER, JUMPED, "Two of five were away.", 0).discussion
    for act in (
        lambda who: reviews.decide(open_month, who, CARD, OCTOBER, JUMPED, "find_the_cause", "", "", None),
        lambda who: reviews.reorder(open_month, who, CARD, OCTOBER, [JUMPED]),
        lambda who: reviews.sign(open_month, who, CARD, OCTOBER, TODAY),
        lambda who: reviews.save_commentary(open_month, who, CARD, OCTOBER, "x", None),
        lambda who: reviews.add_item(open_month, who, CARD, OCTOBER, "x"),
    ):
        with pytest.raises(NotAllowed):
            act(member)
    with pytest.raises(NotAllowed):
        reviews.discuss(open_month, viewer, CARD, OCTOBER, JUMPED, "x", None)


def test_two_people_on_one_item_see_both_versions_and_who_was_first(open_month, leader):
    other = make_actor("leader", "nora", "Nora Falk")
    reviews.decide(open_month, other, CARD, OCTOBER, JUMPED, "find_the_cause", "", "", 0)
    with pytest.raises(StaleEdit, match="Nora Falk changed this item meanwhile. Theirs: find the cause.*change the process"):
        reviews.decide(open_month, leader, CARD, OCTOBER, JUMPED, "change_the_process", "", "", 0)
    assert items_of(open_month)[JUMPED].decision == "find_the_cause"


def test_watching_one_more_month_asks_what_would_settle_it(open_month, leader):
    with pytest.raises(UsageError, match="what would settle it"):
        reviews.decide(open_month, leader, CARD, OCTOBER, JUMPED, "watch", " ", "", None)
    kept = reviews.decide(open_month, leader, CARD, OCTOBER, JUMPED, "watch", "A second month above 85%.", "", None)
    assert kept.settle == "A second month above 85%."


@pytest.mark.parametrize("decision", ["", "fire_somebody", "FIND_THE_CAUSE"])
def test_a_decision_outside_the_closed_list_is_refused(open_month, leader, decision):
    with pytest.raises(UsageError, match="is no decision here"):
        reviews.decide(open_month, leader, CARD, OCTOBER, JUMPED, decision, "", "", None)


def test_a_decision_can_be_taken_back_and_what_was_said_stays(open_month, leader):
    reviews.discuss(open_month, leader, CARD, OCTOBER, JUMPED, "A release broke it.", 0)
    reviews.decide(open_month, leader, CARD, OCTOBER, JUMPED, "find_the_cause", "", "", 1)
    reviews.undo(open_month, leader, CARD, OCTOBER, JUMPED, 2)
    item = items_of(open_month)[JUMPED]
    assert (item.state, item.discussion) == ("in_discussion", "A release broke it.")


def test_the_commitment_that_stood_when_the_review_was_opened_says_whether_it_was_followed(open_month, leader, monkeypatch):
    agreed = {"act": Commitment("Find the cause before anything else", ("find_the_cause",), action=True)}
    reviews.set_commitment(open_month, leader, "first_reply", agreed, "Agreed in January")
    item = items_of(open_month)[JUMPED]
    assert item.commitment == "Act: Find the cause before anything else." and item.followed == ""
    reviews.decide(open_month, leader, CARD, OCTOBER, JUMPED, "change_the_goal", "", "", None)
    followed = items_of(open_month)[JUMPED].followed
    assert followed == (
        "Not followed: agreed was to find the cause, decided was to change the goal; agreed was an action, and there is none."
    )
    reviews.decide(open_month, leader, CARD, OCTOBER, JUMPED, "find_the_cause", "", "", None)
    actions.add(open_month, make_actor("leader", "you", "You"), title="Look", kind="cause", owner="you", due=date(2026, 11, 30),
                measure="first_reply", origin=f"review:{CARD}:2026-10:{JUMPED}", today=TODAY)
    assert items_of(open_month)[JUMPED].followed == "Followed."


def test_a_meeting_cannot_be_held_before_its_month_is_over(open_month, leader):
    with pytest.raises(UsageError, match="from 1 Nov 2026 on"):
        reviews.open_review(open_month, leader, CARD, OCTOBER, held_on=date(2026, 10, 30))
    kept = reviews.open_review(open_month, leader, CARD, OCTOBER, held_on=date(2026, 11, 12), begins="14:00", chair="you",
                               attendees=["you", "you", "administrator"])
    assert (kept.held_on, kept.begins, kept.chair, len(kept.attendees)) == (date(2026, 11, 12), "14:00", "you", 2)


def test_the_quarter_shows_what_each_of_its_months_decided_and_how_it_stood_against_its_goals(open_month, leader):
    reviews.decide(open_month, leader, CARD, month(2026, 9), LOWER, "change_the_process", "", "", None)
    view = reviews.review_view(open_month, CARD, month(2026, 9), TODAY, kind="quarter")
    assert [one.period.label for one in view.months] == ["July 2026", "August 2026", "September 2026"]
    assert [item.decision for item in view.months[2].items] == ["change_the_process"]
    assert {one.label for one in view.months[0].goals} >= {"Renewal rate", "Trust"}


def test_what_changed_since_the_month_before_is_told_in_sentences(open_month):
    changes = reviews.month(open_month, CARD, OCTOBER, TODAY).changes
    assert changes.since == month(2026, 9)
    assert ("first_reply", "act") in [(one.measure, one.now) for one in changes.moved]
    assert any("First reply" in text for text in changes.new_signals)
    assert len(changes.moved) + changes.unchanged == 4


def test_the_draft_of_the_commentary_has_100_to_300_words_and_takes_every_figure_from_the_data(open_month):
    view = reviews.review_view(open_month, CARD, OCTOBER, TODAY)
    text = view.commentary_draft
    assert 100 <= len(text.split()) <= 300
    for row in view.routine:
        assert f"{row.measure.label} ({row.value_text})" in text
    for row in view.month.view.rows:
        if row.measure.name in ("first_reply", "renewal_rate", "plans_kept"):
            assert row.reading.sentence.bold in text
    assert text == reviews.review_view(open_month, CARD, OCTOBER, TODAY).commentary_draft


def test_a_scorecard_without_figures_has_nothing_to_sign(open_month, leader):
    with pytest.raises(ScorecardError, match="no figures"):
        reviews.sign(open_month, leader, CARD, month(2020, 1), TODAY)


def test_reviews_of_several_scorecards_stand_side_by_side(open_month):
    from scorecard.store import definitions

    def second(tx):
        definitions.insert_scorecard(tx, "company", "Company", "")
        definitions.put_slots(tx, "company", [(1, "trust")])

    open_month.write(second, "You")
    found = reviews.overview(open_month, OCTOBER, TODAY)
    assert {(one.month.scorecard, len(one.month.items)) for one in found} == {("company", 0), (CARD, 3)}
    assert metrics.scorecard_view(open_month, "company", OCTOBER, "", TODAY).signature is None

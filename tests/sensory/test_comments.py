"""What customers say: comments of every source, their themes with counts, revenue and trend, and who is not heard at all."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from scorecard import registers
from scorecard.access import Actor
from scorecard.core.themes import PROCESS, Rule
from scorecard.errors import NotAllowed, StaleEdit
from scorecard.sensory import silence, themes
from tests.conftest import make_actor
from tests.sensory.test_scoring import SAM, TODAY, make_account, put

UNTIL, LAST = date(2026, 10, 31), date(2026, 10, 20)
ALL = (date(2026, 1, 1), UNTIL)


def tickets(*said: tuple[str, str, str]) -> list[dict]:
    return [{"ticket_id": f"t{n}", "account_id": account, "opened_at": datetime.fromisoformat(f"{day}T09:00"), "comment": text}
            for n, (account, day, text) in enumerate(said)]


@pytest.fixture
def said(store):
    put(store, account=[make_account("A"), make_account("B", segment="Large"), make_account("C", ended_on=date(2026, 5, 1))],
        mrr_month=[{"account_id": "A", "month": date(2026, 10, 1), "mrr": 100}, {"account_id": "B", "month": date(2026, 10, 1), "mrr": 1000}],
        ticket=tickets(("A", "2026-08-03", "The app is slow"), ("A", "2026-09-03", "so slow today"), ("B", "2026-10-03", "It crashed"),
                       ("A", "2026-06-03", "slow again"), ("A", "2026-02-03", "slow long ago"), ("B", "2026-10-05", "Where is the night view")),
        survey=[{"answer_id": "s1", "account_id": "B", "answered_on": LAST, "question": "nps", "score": 3, "comment": "The price went up"},
                {"answer_id": "s2", "account_id": "B", "answered_on": LAST, "question": "nps", "score": 9, "comment": "Great team"},
                {"answer_id": "s3", "account_id": "A", "answered_on": LAST, "question": "nps", "score": 5, "comment": "A night view is missing"}],
        contact=[{"contact_id": "c1", "account_id": "A", "due_on": LAST, "done_on": LAST, "comment": "Asked for the night view"}])
    return store


def lines(store, **more) -> list[tuple]:
    return [(one.label, one.count, one.before, round(one.together, 3), one.accounts, one.revenue) for one in themes.read(store, UNTIL, **more).themes]


def test_themes_come_as_a_pareto_with_trend_and_the_revenue_behind(said):
    assert lines(said) == [("Slow or failing", 3, 1, 0.429, 2, 13_200), ("Night view", 3, 0, 0.857, 2, 13_200),
                           ("Price rise came as a surprise", 1, 0, 1.0, 1, 12_000)]
    found = themes.read(said, UNTIL)
    assert (found.comments, found.praise, found.counted, found.first) == (8, 1, 7, date(2026, 8, 1))
    assert [one.kind for one in found.themes] == ["product", "", "process"] and [one.by_rule for one in found.themes] == [True, False, True]
    assert themes.sentence(found) == ("Three themes make 100% of what customers say (7 of 7): Slow or failing, Night view, "
                                      "Price rise came as a surprise.")


def test_every_theme_leads_to_its_comments(said):
    for line in themes.read(said, UNTIL).themes:
        assert len(themes.comments_of(said, line.id, UNTIL)) == line.count
    assert [(one.source, one.text) for one in themes.comments_of(said, "failing", UNTIL)] == [
        ("ticket", "It crashed"), ("ticket", "so slow today"), ("ticket", "The app is slow")]


def test_a_segment_has_its_own_themes(said):
    assert [line[:2] for line in lines(said, segment="Large")] == [("Slow or failing", 1), ("Price rise came as a surprise", 1), ("No theme", 1)]


def test_a_comment_that_was_logged_by_hand_counts_with_the_others(said):
    registers.add(said, Actor("", "Sam", "analyst"), "comment", {"account": "B", "text": "Too slow for us", "source": "call", "said_on": LAST.isoformat()}, today=TODAY)
    found = themes.read(said, UNTIL).themes[0]
    assert (found.label, found.count) == ("Slow or failing", 4)
    assert ("logged", "B Ltd", 1000) in [(one.source, one.name, one.mrr) for one in themes.comments_of(said, "failing", UNTIL)]


def test_an_account_has_what_was_logged_about_it_among_its_comments_the_newest_first(said):
    for account, text in (("B", "Too slow for us"), ("A", "Not of this account")):
        registers.add(said, Actor("", "Sam", "analyst"), "comment", {"account": account, "text": text, "source": "call", "said_on": "2026-10-10"}, today=TODAY)
    found = themes.of_account(said, "B", *ALL, SAM)
    assert [(one.source, one.text, theme) for one, theme in found if one.said_on.day >= 5 and one.source != "survey"] == [
        ("logged", "Too slow for us", "Slow or failing"), ("ticket", "Where is the night view", "")]
    assert [one.said_on for one, _ in found] == sorted((one.said_on for one, _ in found), reverse=True)


@pytest.mark.parametrize("words, found", [("night view", 3), ("NIGHT", 3), ("price up", 1), ("pri", 1), ("nothing", 0), ("", 0), ("view night missing", 1)])
def test_comments_are_searched_by_the_beginnings_of_words(said, words, found):
    assert len(themes.search(said, words, *ALL)) == found


def test_what_one_account_said_has_its_themes(said):
    assert [(one.text, label) for one, label in themes.of_account(said, "B", *ALL)][-1] == ("It crashed", "Slow or failing")


def test_changed_rules_are_kept_with_author_and_reason_and_read_at_once(said):
    made = themes.save_rules(said, SAM, [Rule("night", "No night view", PROCESS, ("night view",))], 0, "People ask for it")
    assert made == 1 and themes.read(said, UNTIL).themes[0].label == "No night view"
    assert [(one.version, one.author, one.reason) for one in themes.history(said)] == [(1, "Sam Whitlock", "People ask for it")]
    with pytest.raises(StaleEdit, match="Sam Whitlock changed the rules"):
        themes.save_rules(said, SAM, themes.DEFAULT, 0, "too late")


def test_who_may_not_edit_measures_may_not_change_the_rules(said):
    with pytest.raises(NotAllowed):
        themes.save_rules(said, make_actor("member"), themes.DEFAULT, 0, "no")


def test_nothing_said_is_said(store):
    put(store, account=[make_account("A")])
    assert themes.sentence(themes.read(store, UNTIL)) == "No customer said anything in these months."


def test_the_share_of_accounts_heard_is_told_for_each_kind_of_facts_and_segment(said):
    found = silence.read(said, UNTIL)
    assert {key: (one.heard, one.accounts) for key, one in found.items()} == {
        ("contact", "Large"): (0, 1), ("contact", "Small"): (1, 1), ("survey", "Large"): (1, 1), ("survey", "Small"): (1, 1),
        ("ticket", "Large"): (1, 1), ("ticket", "Small"): (1, 1)}
    assert found["contact", "Large"].silent and found["contact", "Small"].last == LAST
    assert silence.sentence(found) == "1 of 6 channels is silent: contacts in Large."


def test_long_ago_is_silent(said):
    assert silence.read(said, date(2027, 6, 1))["ticket", "Small"].silent

"""What was planted among Larkfield's people: a skill on one person, people missing next summer, one person without feedback for a quarter."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from scorecard.access import Actor
from scorecard.people import context, feedback, hiring, page, skills, staffing
from scorecard.store.engine import Store
from tests import stores

TODAY = date(2026, 11, 23)
RANA, KENJI, JO, LUC = Actor("rana-amari", "Rana Amari", "leader"), Actor("kenji-sato", "Kenji Sato", "member"), Actor("jo-lind", "Jo Lind", "member"), Actor("luc-renard", "Luc Renard", "leader")
# By the picture of the page: who works alone or can teach, and how many the position plans ask for.
PICTURE = {"Executive talks": (5, 5), "Facilitation": (7, 6), "Integrations": (1, 3), "Onboarding design": (10, 8), "Product depth": (12, 10), "Reading data": (6, 8), "Renewal talks": (8, 6)}


@pytest.fixture(scope="module")
def store(company, tmp_path_factory) -> Iterator[Store]:
    opened = stores.opened(stores.copied(company, tmp_path_factory.mktemp("people") / "own"))
    yield opened
    opened.close()


def test_integrations_rests_on_kenji_sato_and_his_name_is_told_to_him_and_his_leader_only(store):
    counts = skills.team(store)
    assert {one.name: (one.now, one.required) for one in counts.lines} == PICTURE and counts.source == "Source: 4 position plans, last agreed August 2026"
    assert [one.name for one in counts.lines if one.single] == ["Integrations"]
    said = {actor.person: skills.sentences(page.read(store, actor, TODAY).skills)[0].bold for actor in (RANA, KENJI, JO)}
    assert said == {"rana-amari": "Integrations rests on one person, Kenji Sato;", "kenji-sato": "Integrations rests on one person, Kenji Sato;", "jo-lind": "Integrations rests on one person;"}
    assert len(page.read(store, RANA, TODAY).skills.people) == 12 and not page.read(store, JO, TODAY).skills.people


def test_by_june_2027_one_more_person_each_is_needed_in_enterprise_and_small_business(store):
    found = page.read(store, RANA, TODAY).staffing
    assert [(one.name, one.accounts, one.now, one.required, one.planned.people, one.gap) for one in found.lines] == [
        ("Enterprise CSM", 58, 5, 5, 6, -1), ("Mid-market CSM", 148, 4, 4, 4, 0), ("Small business CSM", 206, 3, 3, 4, -1), ("Team leader", None, 1, 1, 1, 0)]  # fmt: skip
    assert found.lines[-1].successors == (("Amara Osei", "year"),)
    assert staffing.sentences(found)[0].bold == "By June 2027 the plan needs one more person each in Enterprise CSM and Small business CSM."


def test_mei_lin_had_no_feedback_for_a_quarter_and_her_leader_is_told_and_nobody_else(store):
    found = page.read(store, RANA, TODAY).feedback
    assert [one.name for one in found.quiet if one.id != RANA.person] == ["Mei Lin"]
    assert feedback.sentences(found)[0].text == "Mei Lin has had no feedback for a quarter; the last talk was on 5 Aug 2026."
    for actor in (KENJI, JO, LUC):
        assert [one.id for one in page.read(store, actor, TODAY).feedback.lines] == [actor.person] and not feedback.sentences(page.read(store, actor, TODAY).feedback)


def test_the_steps_of_development_plans_are_told_to_the_leader_by_name_and_to_others_as_a_share(store):
    found = page.read(store, RANA, TODAY).growth
    outcomes = [step.outcome for plan in found.plans for step in plan.steps]
    assert {"kept", "late", "missed", "open"} <= set(outcomes) and len({plan.person for plan in found.plans}) >= 8
    assert "Mei Lin" in found.without and not page.read(store, JO, TODAY).growth.plans
    due, kept = page.counts(store, TODAY).steps
    assert 0 < kept < due


def test_an_interviewer_sees_the_scores_of_the_candidate_whom_he_scored_and_not_of_the_other(store):
    (opening,) = hiring.read(store, LUC)
    seen = {one.name: (one.done, len(one.interviewers)) for one in opening.candidates}
    assert seen == {"Dana Whitfield": (3, 3), "Iris Coleman": (2, 0), "Tomas Revik": (0, 0)}
    assert hiring.sentences(hiring.read(store, RANA))[0].bold == "Dana Whitfield: the interviewers are far apart on Calm in trouble."
    assert not hiring.read(store, KENJI)[0].candidates


def test_contacts_tell_of_nobody_and_contracts_are_too_few_to_tell_of_marta_ruiz(store):
    found = context.read(store, RANA, TODAY)
    contacts, contracts = found.shown
    assert (contacts.measure.name, contracts.measure.name) == ("contact_schedule_kept", "contracts_renewed") and contacts.people == 12
    assert contacts.differing == contacts.too_few == 0 and len(contacts.rows) == 12
    marta = next(row.line for row in contracts.rows if row.name == "Marta Ruiz")
    assert marta.n == 11 and marta.verdict == "too few accounts to tell" and marta.rate == 1.0 and not marta.outside_998
    assert [one.bold for one in found.sentences] == ["Nobody differs from the team beyond chance,", "Too few accounts to tell,"]
    assert [[row.name for row in one.rows] for one in context.read(store, KENJI, TODAY).shown] == [["Kenji Sato"]] * 2

"""Planning and review in the frame: what each role sees, what an empty store says, who agrees with the plan."""

from __future__ import annotations

import pytest

from scorecard import registers
from scorecard.planning import plans
from scorecard.store import reviews
from scorecard.ui import planning_export, state
from tests.conftest import make_actor
from tests.pages.test_pages import labels, press, said
from tests.stores import TODAY


@pytest.mark.parametrize(("role", "way"), [("viewer", "The plan"), ("leader", "Edit the plan")])
def test_everybody_reads_the_page_and_only_who_may_is_offered_to_edit(look, role, way):
    at = look("planning", role)
    assert not at.exception and at.title[0].value == "Planning and review"
    assert any("version 3, agreed 9 Jan 2026 with 15 of" in one.value for one in at.caption)
    assert way in labels(at)
    offered = {one for one in labels(at) if one in ("Plan a meeting", "Held, missed or moved") or one.startswith("Put ")}
    assert len(offered) == (3 if role == "leader" else 0), "meetings are planned by who may log, what fired is put on the agenda by who decides"
    if role == "leader":
        _check_exports()


def _check_exports() -> None:
    """Every part leaves as a table, people in alphabetical order."""
    found = {name: build() for name, build in planning_export._parts(state.quiet_page()).items()}
    assert [len(found[name].rows) for name in ("Goal tree", "Parts of the plan", "Account and marketing plans")] == [8, 9, 16]
    people = [row[0] for row in found["Who agrees"].rows]
    assert people == sorted(people) and len(people) >= 15


def test_without_a_plan_the_page_says_what_one_is_for_and_offers_the_first_step(look):
    at = look("planning", "leader", empty=True)
    assert not at.exception and "Objectives, goals, strategies and tactics stand under it" in said(at).replace("\\", "")
    assert "Write the plan" in labels(at)


@pytest.mark.parametrize(("view", "title"), [("plan", "The plan"), ("part", "Who takes part"), ("plans", "Account and marketing plans")])
def test_each_view_below_opens(look, view, title):
    at = look("planning", "member", view=view)
    assert not at.exception and at.title[0].value == title


def test_a_year_that_the_plan_does_not_have_is_no_error(look):
    at = look("planning", "viewer", year="'; DROP")
    assert not at.exception and at.selectbox("year").value == "Plan 2026"
    assert look("planning", "viewer", year="Plan 2027").selectbox("year").value == "Plan 2027"


def test_who_is_asked_agrees_with_one_button_and_is_not_asked_again(see):
    at = see("planning", "member", view="part")
    assert "I have read it, and I agree" in labels(at)
    with state.store().read() as tx:
        plan = plans.current(tx)
    registers.change(state.store(), make_actor(), "plan", plan.id, {"edition": plan.edition + 1}, seen_version=plan.version, today=TODAY)
    at = press(at, "I have read it, and I agree")
    with state.store().read() as tx:
        assert not plans.standing(tx, plans.current(tx)).said, "a press on the version before is none on the one that nobody read yet"
    at = press(at, "I have read it, and I agree")
    assert not at.exception and not at.error
    with state.store().read() as tx:
        found = plans.standing(tx, plans.current(tx))
    assert "test-member" in found.said and len(found.agreed) == 1
    assert "I have read it, and I agree" not in labels(at.run())


def test_what_no_review_took_up_is_put_on_the_agenda_with_one_button(see):
    at = see("planning", "leader")
    (label,) = [one for one in labels(at) if one.startswith("Put Competitor")]
    at = press(at, label)
    assert not at.exception and not at.error
    with state.store().read() as tx:
        assert [item for _, _, item, _ in reviews.items_about(tx, "trigger")] == ["trigger:sample-trigger-cheaper:2026-05"]


def test_a_trigger_without_a_plan_leads_to_the_form_of_one(look):
    at = look("planning", "member", write="sample-trigger-staff-data")
    assert not at.exception and "Response" in [one.label for one in at.text_input], "the form of a new plan stands open"
    assert [one.value for one in at.selectbox if one.label == "Trigger"] == ["sample-trigger-staff-data"]

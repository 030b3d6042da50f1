"""The page Sensory in every role: what is read, what is opened, and what changes with a reason."""

from __future__ import annotations

import pytest

from scorecard import access, registers
from scorecard.sensory import scoring, themes
from scorecard.ui import sensory_views, state
from tests.conftest import make_actor
from tests.pages.test_pages import BROKEN, labels, said

TITLES = {
    "comments": "Comments", "themes": "Rules of themes", "posts": "Listening posts", "findings": "Findings and feedback sessions",
    "environment": "Environment", "assumptions": "Assumptions", "rules": "Rules of the health score", "report": "Report card of the health score",
}  # fmt: skip


@pytest.mark.parametrize("empty", [True, False], ids=["empty", "with figures"])
@pytest.mark.parametrize("view", TITLES)
def test_every_view_opens_on_an_empty_store_and_with_figures(look, view, empty):
    at = look("sensory", "viewer", empty, view=view)
    assert not at.exception and not at.error and BROKEN not in said(at) and at.title[0].value == TITLES[view]


@pytest.mark.parametrize("role", access.ROLES)
def test_rules_are_changed_by_who_may_edit_measures_and_comments_logged_by_who_logs(look, role):
    actor = make_actor(role)
    assert ("Save as a new version" in labels(look("sensory", role, view="rules"))) is access.may(actor, "edit_measures")
    assert ("Log a comment" in labels(look("sensory", role))) is registers.may_write(actor, "comment")


def test_the_overview_says_from_when_its_figures_are_and_offers_its_files(look):
    at = look("sensory")
    assert at.caption[0].value.startswith("What customers do and say · data to 31 Oct · 412 accounts")
    assert "Export" in labels(at) or any("Excel" in one.label for one in at.get("download_button"))


@pytest.mark.parametrize("segment", ["Small business", "<script>"])
def test_the_segment_of_the_address_narrows_the_page_and_a_wrong_one_does_not(look, segment):
    at = look("sensory", segment=segment)
    counted = "206 accounts" if segment == "Small business" else "412 accounts"
    assert not at.exception and counted in at.caption[0].value


def test_an_account_opens_with_two_months_to_compare(look):
    at = look("sensory", account="A1001")
    assert not at.exception and "A1001" in at.caption[0].value
    assert at.selectbox(key="to A1001").value == "October 2026"


def test_an_unknown_account_and_an_unknown_theme_get_a_sentence(look):
    assert "There is no account" in said(look("sensory", account="nothing"))
    assert "No comment has this theme" in said(look("sensory", theme="nothing"))


def test_a_theme_leads_to_its_comments_and_becomes_a_finding(look):
    at = look("sensory", theme="price")
    assert at.title[0].value == "Price rise came as a surprise" and "Make it a finding" in labels(at)


def test_a_link_to_an_entry_opens_the_view_of_its_register(look):
    look("sensory", view="findings")
    with state.store().read() as tx:
        one = registers.entries(tx, "finding")[0]
    at = look("sensory", record=f"finding:{one.id}")
    assert not at.exception and at.title[0].value == TITLES["findings"] and at.query_params[sensory_views.VIEW] == "findings"


def test_the_rule_of_the_score_is_changed_with_a_reason_once_and_without_one_it_is_refused(see):
    at = see("sensory", "analyst", view="rules")
    before = scoring.history(state.store())[0].version
    at.number_input(key=f"rule {before} green").set_value(75)
    press(at, "Save as a new version")
    assert "reason" in at.error[0].value and scoring.history(state.store())[0].version == before
    at.text_input(key=f"rule {before} reason").set_value("Too many green accounts were lost")
    press(at, "Save as a new version")
    newest = scoring.history(state.store())[0]
    assert (newest.version, newest.green, newest.reason) == (before + 1, 75, "Too many green accounts were lost")
    at.text_input(key=f"rule {newest.version} use curve").set_value("0.5: nothing")
    at.text_input(key=f"rule {newest.version} reason").set_value("A try")
    assert "is no point of a curve" in press(at, "Save as a new version").error[0].value


def test_a_theme_is_added_with_a_reason_and_stands_in_the_history(see):
    at = see("sensory", "leader", view="themes")
    version, own = themes.in_force(state.store())
    at.selectbox(key=f"theme rule {version}").set_value("new").run()
    mark = f"new {version}"
    at.text_input(key=f"label {mark}").set_value("Night view missing")
    at.text_area(key=f"phrases {mark}").set_value("night view\nnights*")
    at.text_input(key=f"reason {mark}").set_value("Asked for by care homes")
    press(at, "Save as a new version")
    now = themes.in_force(state.store())
    assert now[0] == version + 1 and now[1][-1].label == "Night view missing" and len(now[1]) == len(own) + 1
    assert themes.history(state.store())[0].reason == "Asked for by care homes"


def press(at, label: str):
    return next(one for one in at.button if one.label == label).click().run()

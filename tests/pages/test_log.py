"""The page Log in its frame: who may, what it begins with, and what the browser sends is taken by type."""

from __future__ import annotations

import pytest

from scorecard.relations.logging import Given
from scorecard.ui import log_form
from tests.pages.test_pages import BROKEN, said


@pytest.mark.parametrize("empty", [True, False], ids=["empty", "with figures"])
def test_members_log_and_a_viewer_is_told_who_may(look, empty):
    at = look("log", "member", empty)
    assert not at.exception and not at.error and not at.info and BROKEN not in said(at)
    at = look("log", "viewer", empty)
    assert "may not do this: log touches, deposits, promises" in at.info[0].value


@pytest.mark.parametrize(("role", "offered"), [("viewer", False), ("member", True)])
def test_the_foot_of_the_sidebar_leads_to_it_for_who_may(look, role, offered):
    links = [one.proto.label for one in look("start", role).sidebar.get("page_link")]
    assert ("Log a touch or deposit" in links) is offered


@pytest.mark.parametrize(("sent", "given"), [
    ({"kind": "deposit", "account": "A1", "fields": {"words": ["Hello"], "deposit": ["intro"], "marks": ["personal"]}},
     Given("deposit", "A1", "Hello", "intro", ("personal",))),
    ({"kind": "promise", "account": "A1", "fields": {"due": ["2026-11-23"], "other_day": ["2026-12-24"]}}, Given("promise", "A1", due="2026-12-24")),
    ({"kind": "handoff", "account": "A1", "fields": {"contract": ["c"], "outcome": ["returned"], "missing": ["a", "b"], "words": []}},
     Given("handoff", "A1", choice="c", outcome="returned", missing=("a", "b"))),
    ({"kind": 3, "account": None, "fields": ["x"]}, Given("3", "None")),
    ({"kind": "touch", "account": "A1", "fields": {"words": "no list", "channel": [7]}}, Given("touch", "A1", choice="7")),
])  # fmt: skip
def test_what_the_browser_sends_is_read_by_type(sent, given):
    assert log_form._given(sent) == given


def test_activities_of_the_crm_are_read_by_who_logs_with_rules_to_change(see):
    at = see("log", "member", empty=True, view="activities")
    assert not at.exception and at.title[0].value == "Activities of the CRM" and "Keep these rules" not in [one.label for one in at.button]
    assert at.get("file_uploader") and at.expander[0].label == "The rules"
    at = at.get("file_uploader")[0].upload("a.csv", b"Account,Date,Subject\nA1,2026-11-10,Call\n", "text/csv").run()
    assert not at.exception and "Nothing is new. 0 known already, 0 left out by a rule, 1 refused" in said(at).replace("\\", "")

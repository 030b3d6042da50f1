"""The page Monthly review, in every role: read, discuss, decide, sign; two people at once; once signed, frozen."""

from __future__ import annotations

from datetime import date

import pytest

from scorecard import access, reviews
from scorecard.core.periods import Period
from scorecard.ui import state
from tests.conftest import make_actor
from tests.pages.test_pages import BROKEN, labels, press, said

CARD = "customer-success"
OCTOBER = Period(date(2026, 10, 1), "month")
TICKETS, PLANS = "measure:tickets_over_14_days", "measure:dev_plans_kept"
OTHER = make_actor("leader", "petra-berg", "Petra Berg")


def now():
    """The review as the store has it."""
    return reviews.review_view(state.store(), CARD, OCTOBER, state.today(state.store()))


def item(id: str):
    return next(one for one in now().month.items if one.id == id)


def decide_all(actor=OTHER) -> None:
    """Every item that is open, decided."""
    for one in now().month.items:
        if not one.decision:
            reviews.decide(state.store(), actor, CARD, OCTOBER, one.id, one.suggested, "", one.title, None)


@pytest.mark.parametrize("role", access.ROLES)
def test_everybody_reads_the_review_and_only_leaders_decide_and_sign(see, role):
    at = see("review", role)
    assert not at.exception and BROKEN not in said(at)
    assert at.title[0].value == "October 2026 review"
    leads = role == "leader"
    assert ("Decide" in labels(at)) is leads and ("Sign off October review" in labels(at)) is leads
    assert ("A leader decides and signs." in said(at)) is not leads
    talks = any(area.key.startswith("said ") for area in at.text_area)
    assert talks is access.may(make_actor(role), "assess")


def test_the_navigation_counts_the_items_that_want_a_decision(see):
    at = see("scorecard")
    links = [one.proto.label for one in at.sidebar.get("page_link")]
    assert f"Monthly review :gray[{len(now().month.items)}]" in links

"""The page Audit: who may read it, what its address asks for, its pages, and that it says at once whether the chain holds."""

from __future__ import annotations

import pytest

from scorecard import auditing
from scorecard.store import verifying
from scorecard.ui import state
from tests.pages.test_pages import BROKEN, labels, press, said
from tests.store.test_audit import tamper


def shown(at) -> str:
    """The line under the table: `1 to 50 of 3,440`."""
    return next((one.value for one in at.caption if " of " in one.value and " to " in one.value), "")


@pytest.mark.parametrize(("role", "reads"), [("viewer", False), ("analyst", False), ("leader", True), ("admin", True)])
def test_leaders_and_admins_read_the_audit_and_are_led_to_it(look, role, reads):
    at = look("audit", role)
    assert not at.exception and not at.error and BROKEN not in said(at)
    assert bool(shown(at)) is reads and ("Verify" in labels(at)) is reads
    assert ("may not do this: read the audit. Ask a leader or an admin." in said(at)) is not reads
    assert ("Audit" in [one.label for one in at.get("page_link")]) is reads


def test_an_empty_store_has_its_first_rows(look):
    assert shown(look("audit", empty=True)).startswith("1 to ")


def test_the_address_asks_for_person_object_and_words_and_pages_lead_on(look):
    at = look("audit", by="Rana Amari")
    assert at.selectbox(key="by").value == "Rana Amari"
    (count,) = {int(shown(at).rpartition(" ")[2].replace(",", ""))}
    press(at, "Older")
    assert shown(at).startswith(f"51 to {min(100, count)} of")
    press(at, "Newer")
    assert shown(at).startswith("1 to 50 of")
    at.text_input(key="words").set_value("no such word anywhere").run()
    assert "Nothing is found." in said(at) and not at.exception


def test_the_changes_of_one_object_are_shown_and_what_is_no_object_finds_nothing(look):
    at = look("audit", only="measure:renewal_rate")
    few = shown(at)
    press(at, "Only Measure renewal\\_rate")
    assert few.startswith("1 to ") and not at.exception and shown(at).startswith("1 to 50 of")
    assert "Nothing is found." in said(look("audit", only="<script>alert(1)</script>"))


def test_verify_reads_a_short_chain_at_once_and_a_long_one_in_a_job(see, monkeypatch):
    at = see("audit", empty=True)
    press(at, "Verify")
    first = verifying.last(state.store())
    assert first.ok and not at.error and not at.exception
    monkeypatch.setattr(auditing, "AT_ONCE", 0)
    press(at, "Verify")
    assert not at.exception and verifying.last(state.store()).rows > first.rows


def test_an_audit_that_does_not_hold_is_said_above_every_page_to_who_may_read_it(see):
    see("settings", empty=True)
    tamper(state.store(), "UPDATE audit SET actor = 'Nobody' WHERE seq = 2")
    verifying.check(state.store())
    assert "The audit does not hold: Audit row 2 was changed" in said(see("settings", empty=True))
    assert "The audit does not hold" not in said(see("settings", "member", empty=True))

"""The page Improvement in a real browser: an experiment is planned, its rule frozen, and opened again."""

from __future__ import annotations

from playwright.sync_api import Browser, Page, expect

from tests.browser.driving import PATIENCE, Server, visit

expect.set_options(timeout=PATIENCE)
HOSTILE = "<img src=x onerror=alert(1)> **Call** first $x$"


def planned(page: Page) -> None:
    page.get_by_role("button", name="New experiment").click()
    form = page.get_by_role("dialog")
    expect(form).to_contain_text("an arm")
    for label, text in (("Title", HOSTILE), ("What is changed", "Call first"), ("What it is compared with", "Mail only")):
        form.get_by_label(label, exact=True).fill(text)
        form.get_by_label(label, exact=True).press("Tab")
    form.get_by_role("button", name="Save the draft").dblclick()
    expect(form).to_be_hidden()


def test_an_experiment_is_planned_once_and_its_rule_is_frozen_for_good(browser: Browser, larkfield: Server):
    with visit(browser, larkfield) as here:
        here.go("improvement")
        planned(here.page)
        drawn = here.page.locator("section[data-verdict]").filter(has_text="Call first")
        expect(drawn.get_by_role("heading")).to_have_text(f"Experiment: {HOSTILE}")
        expect(drawn).to_contain_text("Rule, not frozen yet")
        here.page.get_by_role("button", name="Freeze the rule").click()
        here.page.get_by_role("button", name="Freeze it").click()
        expect(drawn).to_contain_text("fingerprint")
        here.page.get_by_text("History", exact=True).click()
        expect(here.page.get_by_role("table", name="History")).to_contain_text("version 2, frozen")
        expect(here.page.get_by_role("button", name="Change the design")).to_have_count(0)
        here.page.get_by_role("combobox", name="Experiment").click()
        expect(here.page.get_by_role("option", name="Call")).to_have_count(1)

"""An ask in a real browser: its sheet is changed, kept, and marked as asked."""

from __future__ import annotations

import json

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from tests.browser import driving
from tests.browser.driving import PATIENCE, Server, visit
from tests.browser.test_accessibility import faults
from tests.browser.test_metrics import WIDER

expect.set_options(timeout=PATIENCE)


def test_an_ask_is_prepared_and_marked_as_asked(browser: Browser, larkfield: Server):
    made = driving.run_command(larkfield.folder, "record", "add", "ask", "account=A1001", "what=Walked case study", "on=2026-12-01", "--json")
    ask = json.loads(made)["id"]
    with visit(browser, larkfield) as here:
        here.go(f"advocacy?ask={ask}")
        expect(here.page.get_by_role("heading", name="Ask prepared: Walked case study")).to_be_visible()
        expect(here.page.get_by_role("heading", name="What advocacy is worth")).to_be_visible()
        assert faults(Axe().run(here.page)) == []
        here.page.get_by_role("button", name="Change the sheet").click()
        opened = here.page.get_by_role("dialog")
        opened.get_by_label("Liking", exact=True).fill("Both began as shift planners.")
        opened.get_by_label("Active: what they write or do themselves").fill("They write two sentences themselves.")
        opened.get_by_role("button", name="Save the sheet").click()
        expect(opened).to_be_hidden()
        row = here.page.locator("table.av-sheet tr", has_text="Liking")
        expect(row).to_contain_text("Both began as shift planners.")
        expect(row).not_to_contain_text("left out")
        expect(here.page.get_by_text("Active: They write two sentences themselves.")).to_be_visible()
        here.page.get_by_role("button", name="Mark as asked").click()
        expect(here.page.get_by_text(" · asked").first).to_be_visible()
        expect(here.page.get_by_role("button", name="Mark as asked")).to_be_hidden()
        assert here.page.evaluate(WIDER) <= 0

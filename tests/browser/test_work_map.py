"""The map of the lifecycle in a real browser: edited with a reason, the new version stands beside the old one."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, expect

from tests.browser.driving import PATIENCE, Server, visit

expect.set_options(timeout=PATIENCE)


def test_a_map_that_is_edited_with_a_reason_stands_beside_the_one_before(browser: Browser, larkfield: Server):
    with visit(browser, larkfield) as here:
        page = here.page
        here.go("work")
        page.get_by_role("button", name="Edit the map").click()
        expect(page.get_by_role("heading", name="Edit the map")).to_be_visible()
        page.get_by_text("5. Upselling").click()
        name = page.get_by_role("textbox", name="Name", exact=True).and_(page.locator("[value='Upselling']"))
        expect(name).to_be_visible()
        name.fill("Growth")
        page.get_by_role("textbox", name="Reason").fill("Growth is one way, whatever is bought")
        page.get_by_role("textbox", name="Reason").press("Tab")
        page.get_by_role("button", name=re.compile("^Save as version")).click()
        beside = page.get_by_role("table", name="Two versions side by side")
        expect(beside.get_by_role("row", name="Growth")).to_contain_text("name: Upselling → Growth")
        expect(page.get_by_text("Growth is one way, whatever is bought").first).to_be_visible()
        assert (here.outside, here.complaints) == ([], [])

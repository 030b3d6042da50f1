"""The page of actions in a real browser: by keyboard, on a phone, and an action that is written and finished."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, expect

from tests.browser.driving import PATIENCE, Server, press, visit
from tests.browser.test_first_visit import PHONE
from tests.browser.test_metrics import WIDER

expect.set_options(timeout=PATIENCE)


def test_an_action_opens_with_the_keyboard_and_closes_with_escape(browser: Browser, larkfield: Server):
    with visit(browser, larkfield) as here:
        here.go("actions")
        link = here.page.locator("tr[data-action] a.name").first
        expect(link).to_be_visible()
        title = link.inner_text()
        press(link, "Enter")
        opened = here.page.get_by_role("dialog")
        expect(opened).to_contain_text(title)
        expect(opened).to_contain_text("How far it is")
        here.page.keyboard.press("Escape")
        expect(opened).to_be_hidden()


def test_a_measure_without_an_action_offers_one_and_the_form_names_it(browser: Browser, larkfield: Server):
    with visit(browser, larkfield) as here:
        here.go("actions")
        here.page.get_by_role("link", name="add one").first.click()
        opened = here.page.get_by_role("dialog")
        expect(opened.get_by_role("combobox", name="Measure it should move")).to_have_value("Net revenue retention")
        opened.get_by_label("Action", exact=True).fill("Ask ten accounts why they left")
        opened.get_by_role("button", name="Save action").click()
        expect(opened).to_be_hidden()
        expect(here.page.locator("tr[data-measure=net_revenue_retention]").last).to_contain_text("Ask ten accounts why they left")
        expect(here.page.get_by_text(re.compile("15 open in the team, 8 of them yours"))).to_be_visible()


def test_nothing_is_cut_off_on_a_phone(browser: Browser, larkfield: Server):
    with visit(browser, larkfield, *PHONE) as here:
        here.go("actions")
        expect(here.page.locator("tr[data-action] a.name").first).to_be_visible()
        assert here.page.evaluate(WIDER) <= 0

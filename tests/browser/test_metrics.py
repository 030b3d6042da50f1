"""The page of all measures in a real browser: the map by keyboard, the figures on a phone, definitions at a press."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.driving import PATIENCE, Server, press, visit
from tests.browser.test_first_visit import PHONE

expect.set_options(timeout=PATIENCE)
WIDER = """() => { const main = document.querySelector("[data-testid=stMain]")
  const inside = [...main.querySelectorAll(".ss table, .ss svg, .ss ol")].filter(e => e.getBoundingClientRect().width)
  const cut = inside.map(e => e.getBoundingClientRect().right - innerWidth)
  return Math.max(main.scrollWidth - main.clientWidth, ...cut) }"""


def test_a_box_of_the_map_is_reached_and_opened_with_the_keyboard(browser: Browser, larkfield: Server):
    with visit(browser, larkfield) as here:
        here.go("metrics")
        box = here.page.locator("a.kbox").first
        expect(box).to_be_visible()
        spoken = box.get_attribute("aria-label")
        press(box, "Enter")
        expect(here.page).to_have_url(re.compile("measure"))
        expect(here.page.locator("h1", has_text=spoken.split(":")[0])).to_be_visible()


@pytest.mark.parametrize("page", ["metrics", "measure?measure=renewal_rate"])
def test_nothing_is_cut_off_on_a_phone_and_the_links_stand_in_words(browser: Browser, larkfield: Server, page: str):
    with visit(browser, larkfield, *PHONE) as here:
        here.go(page)
        first = here.page.locator(".klist li:visible").first
        expect(first).to_be_visible()
        expect(here.page.locator(".kmap")).to_be_hidden()
        assert here.page.evaluate(WIDER) <= 0


def test_the_definition_of_a_measure_opens_in_the_list_and_closes_with_escape(browser: Browser, larkfield: Server):
    with visit(browser, larkfield) as here:
        here.go("metrics")
        opened = here.page.locator("tr[data-measure=renewal_rate] details.def")
        press(opened.locator("summary"), "Enter")
        expect(opened.locator(".pop")).to_contain_text("value due for renewal")
        here.page.keyboard.press("Escape")
        expect(opened.locator(".pop")).to_be_hidden()


def test_earlier_months_open_under_the_latest_two_years(browser: Browser, larkfield: Server):
    with visit(browser, larkfield) as here:
        here.go("measure?measure=renewal_rate")
        earlier = here.page.locator(".wide details.earlier")
        expect(earlier).to_be_visible()
        assert here.page.locator(".wide .apart").first.evaluate("e => e.scrollWidth - e.clientWidth") <= 0
        earlier.locator("summary").click()
        expect(earlier.locator("table")).to_be_visible()

"""axe finds no serious fault on any page, light and dark."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from tests.browser.driving import Server, Visit, visit
from tests.endurance import some

PAGES = {"scorecard": "", "review": "review", "measure": "measure?measure=adoption_30d", "metrics": "metrics", "actions": "actions", "marks": "marks",
         "improvement": "improvement", "sensory": "sensory", "work": "work", "ledgers": "ledger", "ledger": "ledger?account=A1006",
         "sponsors": "sponsors", "advocacy": "advocacy", "log": "log", "leadership": "leadership", "people": "people", "planning": "planning",
         "maturity": "maturity", "cycles": "maturity?view=cycles", "practices": "maturity?view=results&system=work",
         "session": "maturity?view=session", "roadmap": "maturity?view=roadmap", "data": "data", "audit": "audit", "settings": "settings"}
IN_THE_DARK = some(PAGES, 4)  # the colours are those of all pages
GRAVE = ("serious", "critical")
COLOURS = "color-contrast"  # all that the dark theme changes
SETTLED = 500  # ms that colours take to change


def faults(results) -> list[str]:
    """Every serious fault: the rule, what it says, and the first place."""
    return [f"{one['id']}: {one['help']}: {one['nodes'][0]['html'][:160]} ({len(one['nodes'])} places)"
            for one in results.response["violations"] if one["impact"] in GRAVE]


def faults_in_the_dark(here: Visit) -> list[str]:
    """What cannot be read in the dark; looked at anew where Streamlit leaves a part in the colours of before."""
    here.page.emulate_media(color_scheme="dark")
    here.page.wait_for_timeout(SETTLED)
    found = faults(Axe().run(here.page, options={"runOnly": [COLOURS]}))
    if found:
        here.page.reload()
        here.settle()
        here.page.wait_for_timeout(SETTLED)
        found = faults(Axe().run(here.page, options={"runOnly": [COLOURS]}))
    return found


@pytest.fixture(scope="module")
def window(browser: Browser, larkfield: Server) -> Iterator[Visit]:
    """A window that looks at one page after the other: what a browser keeps of a site is read once."""
    with visit(browser, larkfield) as here:
        yield here


@pytest.mark.endurance
@pytest.mark.parametrize("page", some(PAGES, 2))
def test_a_page_has_no_serious_accessibility_fault_and_can_be_read_in_the_dark(window: Visit, page: str):
    window.page.emulate_media(color_scheme="light")
    window.go(PAGES[page])
    window.page.wait_for_timeout(SETTLED)
    assert faults(Axe().run(window.page)) == []
    assert page not in IN_THE_DARK or faults_in_the_dark(window) == []
    assert (window.outside, window.complaints) == ([], [])


def test_the_first_page_has_no_serious_accessibility_fault(browser: Browser, empty_server: Server):
    with visit(browser, empty_server) as here:
        here.go()
        assert faults(Axe().run(here.page)) == []


def test_what_scrolls_sideways_on_a_phone_can_be_scrolled_by_keyboard_and_is_no_stop_where_nothing_scrolls(browser: Browser, larkfield: Server):
    with visit(browser, larkfield, width=390, height=844) as here:
        here.go("data")
        wide = here.page.locator(".scroll[tabindex='0']").first
        wide.wait_for()
        wide.focus()
        here.page.keyboard.press("ArrowRight")
        here.page.wait_for_function("part => part.scrollLeft > 0", arg=wide.element_handle())
        here.page.set_viewport_size({"width": 1440, "height": 900})
        here.page.wait_for_function("() => !document.querySelector('.scroll[tabindex]')")

"""axe finds no serious fault on any page, light and dark."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from tests.browser.driving import Server, Visit, visit

PAGES = {"scorecard": "", "review": "review", "measure": "measure?measure=adoption_30d", "metrics": "metrics", "actions": "actions", "marks": "marks",
         "improvement": "improvement", "sensory": "sensory", "work": "work", "ledgers": "ledger", "ledger": "ledger?account=A1006",
         "sponsors": "sponsors", "advocacy": "advocacy", "log": "log", "leadership": "leadership", "people": "people", "planning": "planning",
         "maturity": "maturity", "cycles": "maturity?view=cycles", "practices": "maturity?view=results&system=work",
         "session": "maturity?view=session", "roadmap": "maturity?view=roadmap", "data": "data", "audit": "audit", "settings": "settings"}
GRAVE = ("serious", "critical")


def faults(results) -> list[str]:
    """Every serious fault: the rule, what it says, and the first place."""
    return [f"{one['id']}: {one['help']}: {one['nodes'][0]['html'][:160]} ({len(one['nodes'])} places)"
            for one in results.response["violations"] if one["impact"] in GRAVE]


@pytest.fixture(scope="module")
def windows(browser: Browser, larkfield: Server) -> Iterator[dict[str, Visit]]:
    """A window in each theme, which looks at one page after the other: what a browser keeps of a site is read once."""
    with ExitStack() as open_ones:
        yield {theme: open_ones.enter_context(visit(browser, larkfield, theme=theme)) for theme in ("light", "dark")}


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("page", PAGES)
def test_a_page_has_no_serious_accessibility_fault(windows: dict[str, Visit], page: str, theme: str):
    here = windows[theme]
    here.go(PAGES[page])
    here.page.wait_for_timeout(500)
    assert faults(Axe().run(here.page)) == []
    assert (here.outside, here.complaints) == ([], [])


def test_the_first_page_has_no_serious_accessibility_fault(browser: Browser, empty_server: Server):
    with visit(browser, empty_server) as here:
        here.go()
        assert faults(Axe().run(here.page)) == []

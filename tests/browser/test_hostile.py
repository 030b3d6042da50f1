"""The store of tests/hostile.py in a real browser: no script runs, nothing is fetched from elsewhere, no text becomes an element.

Browsers read markup that no parser of ours would: every page is asked what it has become, in its shadow roots too.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Error

from scorecard import reviews, sharing
from scorecard.core.periods import Period
from scorecard.output import html_pack
from scorecard.ui import block
from tests import hostile, stores
from tests.browser import driving
from tests.conftest import make_actor
from tests.endurance import in_full

# A tenth of the pages would cost 15 s of CPU: every other run reads the same pages without a browser, in tests/pages/test_hostile.py.
pytestmark = pytest.mark.skipif(not in_full(), reason="a browser walks the hostile store in a full run of endurance")
PAGES, FIRST = 60, ("sensory?view=rules", *block.PAGES)
OPEN = ("[data-testid=stMain] [data-testid=stTab]", "[data-testid=stMain] [data-testid=stPopover] button", "[data-testid=stMain] [data-testid=stExpander] summary")
OCTOBER = Period(date(2026, 10, 1), "month")
BEFORE = "window.__hx = () => { window.__hit = true }"
FOUND = """() => {
  const found = window.__hit ? ["a script has run"] : []
  const look = (root) => { for (const one of root.querySelectorAll("*")) {
    if (one.shadowRoot) look(one.shadowRoot)
    if (one.tagName === "IFRAME" && one.contentDocument) look(one.contentDocument)
    const own = one.children.length ? "" : one.textContent.trim(), told = (why) => found.push(`${why}: ${one.outerHTML.slice(0, 200)}`)
    if (one.hasAttribute("data-hx") || one.tagName.startsWith("HX-")) told("element")
    for (const { name, value } of one.attributes) {
      if (name.startsWith("on")) told("handler")
      if (/^(href|src|xlink:href|action|srcset|poster)$/.test(name) && /^\\s*(javascript:|mailto:|[a-z]*:?\\/\\/[^/]*evil)/i.test(value)) told("address")
      if (name === "style" && value.includes("evil")) told("style")
    }
    if (/^(STRONG|B|EM|CODE|H1|H2|LI|BLOCKQUOTE)$/.test(one.tagName) && /^hx(bold|code)?$/.test(own)) told("markdown")
    if (one.classList.contains("katex") || own === "hx" && one.dataset.testid === "stIconMaterial") told("markdown")
  } }
  look(document)
  return found
}"""
LINKS = """() => { const found = [], look = (root) => { for (const one of root.querySelectorAll("*")) {
  if (one.shadowRoot) look(one.shadowRoot)
  if (one.tagName === "A" && one.getAttribute("href")) found.push(one.getAttribute("href")) } }
  look(document); return found }"""


@dataclass
class Walked:
    """The addresses that were opened, and what came of hostile texts on them."""

    pages: list[str] = field(default_factory=list)
    found: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def place(company, tmp_path_factory) -> Iterator[tuple[driving.Server, str]]:
    """A server with the hostile store, and the path of a link to its newest month."""
    spoilt = stores.once(tmp_path_factory, "spoilt", lambda folder: hostile.make(company, folder))
    folder = stores.copied(spoilt, tmp_path_factory.mktemp("hostile served"))
    store = stores.opened(folder)
    link = sharing.make(store, make_actor("leader"), "customer-success", OCTOBER, "", date.today() + timedelta(9), date.today())
    (folder / "month.html").write_text(html_pack.page(reviews.month(store, "customer-success", OCTOBER, date.today())), "utf-8")
    store.close()
    with driving.running_server(folder) as server:
        yield server, link.path


def walk(here: driving.Visit) -> Walked:
    """What is found along the links of the pages, with their tabs, menus and folded parts opened."""
    walked, waiting, known = Walked(), list(FIRST), {hostile.key(one) for one in FIRST}
    while waiting and len(walked.pages) < PAGES:
        address = waiting.pop(0)
        here.go(address)
        walked.pages.append(address)
        walked.found += [f"{address}: {one}" for one in opened(here)]
        for link in here.page.evaluate(LINKS):
            path = urlsplit(link).path.strip("/")
            if path in block.PAGES and not urlsplit(link).netloc and hostile.key(link) not in known:
                known.add(hostile.key(link))
                waiting.append(link.lstrip("/"))
    return walked


def opened(here: driving.Visit) -> list[str]:
    """What came of hostile texts on a page, and behind what can be opened on it."""
    found = here.page.evaluate(FOUND)
    for what in OPEN:
        for place in here.page.locator(what).all()[:8]:
            try:
                place.click(timeout=3_000)
                here.settle()
            except Error:  # What was opened before may lie over it.
                here.page.keyboard.press("Escape")
            found += here.page.evaluate(FOUND)
    return list(dict.fromkeys(found))


@pytest.mark.endurance
def test_no_hostile_text_runs_fetches_or_becomes_an_element_on_any_page(browser, place):
    server, _ = place
    with driving.visit(browser, server) as here:
        here.page.add_init_script(BEFORE)
        here.page.on("dialog", lambda dialog: (here.outside.append(f"a dialog: {dialog.message}"), dialog.dismiss()))
        walked = walk(here)
    assert len(walked.pages) == PAGES and (walked.found, here.outside, here.complaints) == ([], [], [])


@pytest.mark.endurance
@pytest.mark.parametrize("page", ["link", "wall", "file"])
def test_no_hostile_text_runs_fetches_or_becomes_an_element_on_what_leaves(browser, place, page):
    server, link = place
    with driving.visit(browser, server) as here:
        here.page.add_init_script(BEFORE)
        here.page.goto({"link": server.url(link), "wall": server.url("wall"), "file": f"file://{server.folder / 'month.html'}"}[page])
        assert "evil" in here.page.content(), "no hostile text is on it"
        assert (here.page.evaluate(FOUND), here.outside, here.complaints) == ([], [], [])

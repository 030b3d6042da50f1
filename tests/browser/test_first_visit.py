"""A newcomer's first minutes, in a real browser: start, sample, scorecard, measure, note, share link on a phone."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, Locator, expect

from tests.browser.driving import PATIENCE, Server, Visit, visit

PHONE = (390, 844)
DARK = "rgb(14, 20, 27)"
expect.set_options(timeout=PATIENCE)


def open_scorecard(here: Visit) -> Locator:
    """The link of the first measure on the scorecard."""
    here.go()
    link = here.page.get_by_role("link", name=re.compile("Renewal rate")).first
    expect(link).to_be_visible()
    return link


def make_link(here: Visit) -> str:
    """The address of a new share link, made with the menu on the scorecard."""
    open_scorecard(here)
    here.page.get_by_role("button", name="Share").click()
    here.page.get_by_role("button", name="Make the link").click()
    code = here.page.get_by_text(re.compile(r"/share/[\w-]{20,}")).first
    expect(code).to_be_visible()
    return code.inner_text().strip()


def overflow(here: Visit) -> int:
    """By how many pixels the page is wider than the window."""
    return here.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")


def test_an_empty_store_offers_the_sample_and_the_sample_opens_the_scorecard(browser: Browser, empty_server: Server):
    with visit(browser, empty_server) as here:
        here.go()
        expect(here.page.get_by_role("heading", name="Nothing is loaded yet.")).to_be_visible()
        here.page.get_by_role("button", name="Look at the sample").click()
        expect(here.page.get_by_role("heading", name="Scorecard", exact=True)).to_be_visible(timeout=120_000)
        expect(here.page.get_by_text("Sample data: Larkfield")).to_be_visible()
        here.settle()
        assert (here.outside, here.complaints) == ([], [])


def test_a_measure_opens_with_the_mouse_and_with_the_keyboard(browser: Browser, larkfield: Server):
    with visit(browser, larkfield) as here:
        open_scorecard(here).click()
        expect(here.page).to_have_url(re.compile("measure"))
        expect(here.page.get_by_role("heading", name="Renewal rate").first).to_be_visible()
        expect(here.page.locator(".js-plotly-plot").first).to_be_visible()
        here.settle()
        open_scorecard(here)
        for _ in range(80):
            here.page.keyboard.press("Tab")
            if "Renewal rate" in here.page.evaluate(FOCUSED):
                break
        assert "Renewal rate" in here.page.evaluate(FOCUSED), "Tab never reaches the first measure."
        here.page.keyboard.press("Enter")
        expect(here.page.get_by_role("heading", name="Renewal rate").first).to_be_visible()
        assert (here.outside, here.complaints) == ([], [])


FOCUSED = """() => {
  let at = document.activeElement
  while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement
  return at?.innerText || ""
}"""


def test_a_deep_link_before_anything_else_shows_the_page_inside_its_frame_and_a_note_written_there_stays(browser: Browser, larkfield: Server):
    with visit(browser, larkfield) as here:
        here.go("measure?measure=trust_score")
        expect(here.page.get_by_text("no sign-in")).to_be_visible()
        here.page.get_by_role("button", name="Add a note").click()
        here.page.get_by_label("What happened").fill("Survey sent a week late")
        here.page.get_by_role("button", name="Save the note").click()
        expect(here.page.get_by_text("The note is saved.")).to_be_visible()
        here.page.reload()
        here.settle()
        expect(here.page.get_by_text("Survey sent a week late").first).to_be_attached()


def test_the_dark_page_is_dark_and_its_share_link_works_on_a_phone_without_the_product(browser: Browser, larkfield: Server):
    with visit(browser, larkfield, theme="dark") as here:
        address = make_link(here)
        assert here.page.evaluate("getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor") == DARK
    for theme in ("light", "dark"):
        with visit(browser, larkfield, *PHONE, theme=theme) as phone:
            phone.page.goto(address)
            expect(phone.page.get_by_text("Renewal rate").first).to_be_visible()
            assert overflow(phone) <= 0
            ground = phone.page.evaluate("getComputedStyle(document.body).backgroundColor")
            assert (ground == DARK) == (theme == "dark")
            assert phone.page.locator("script").count() == 0
            assert (phone.outside, phone.complaints) == ([], [])


def test_the_pages_fit_a_narrow_window(browser: Browser, larkfield: Server):
    with visit(browser, larkfield, *PHONE) as here:
        for path in ("", "measure?measure=adoption_30d", "metrics", "marks"):
            here.go(path)
            assert overflow(here) <= 0, path

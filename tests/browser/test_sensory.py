"""The page Sensory in a real browser: what customers say becomes a finding, goes to a department, is answered and closed."""

from __future__ import annotations

from playwright.sync_api import Browser, Locator, expect

from tests.browser.driving import PATIENCE, Server, Visit, visit
from tests.browser.test_first_visit import PHONE, overflow

expect.set_options(timeout=PATIENCE)
TITLE = "<b>Exports</b> leave as pictures - and (late)"


def pick(here: Visit, opened: Locator, label: str, name: str) -> None:
    opened.get_by_role("combobox", name=label).click()
    here.page.get_by_role("option", name=name, exact=True).click()
    here.settle()


def day(here: Visit, opened: Locator, label: str) -> None:
    """Types a day into a field and leaves it."""
    year = opened.get_by_role("spinbutton", name=f"year, {label}")
    year.click()
    expect(year).to_be_focused()
    here.page.keyboard.type("20261120")
    expect(opened.get_by_role("spinbutton", name=f"day, {label}")).to_have_text("20")
    here.page.keyboard.press("Tab")


def change(here: Visit, state: str) -> Locator:
    """The finding, opened with its form, and another state chosen in it."""
    here.go("sensory?view=findings")
    here.page.get_by_role("link", name=TITLE, exact=True).click()
    opened = here.page.get_by_role("dialog")
    opened.get_by_text("Change the finding").click()
    here.settle()
    opened.get_by_role("radio", name=state, exact=True).click()
    expect(opened.get_by_role("radio", name=state, exact=True)).to_be_checked()
    here.settle()
    return opened


def save(opened: Locator) -> None:
    opened.get_by_role("button", name="Save").click()


def test_what_customers_say_becomes_a_finding_that_is_sent_answered_in_a_session_and_closed_when_the_customer_was_told(browser: Browser, larkfield: Server):
    with visit(browser, larkfield, height=1400) as here:
        here.go("sensory?theme=export&segment=Small+business")
        expect(here.page.get_by_role("radio", name="Small business")).to_be_checked()
        here.page.get_by_role("button", name="Make it a finding").click()
        opened = here.page.get_by_role("dialog")
        opened.get_by_role("textbox", name="Finding").fill(TITLE)
        opened.get_by_role("button", name="Save").dblclick()
        expect(opened).to_be_hidden()
        opened = change(here, "sent")
        pick(here, opened, "Department", "Product")
        save(opened)
        expect(opened.get_by_role("alert")).to_contain_text("A finding that is sent says: Sent on.")
        day(here, opened, "Sent on")
        save(opened)
        expect(opened).to_be_hidden()
        here.page.get_by_role("button", name="New feedback session").click()
        opened = here.page.get_by_role("dialog")
        opened.get_by_role("textbox", name="Session").fill("Product, November")
        pick(here, opened, "Department", "Product")
        pick(here, opened, "Findings taken", TITLE)
        here.page.keyboard.press("Escape")
        here.page.get_by_role("dialog").get_by_role("radio", name="held", exact=True).click()
        save(here.page.get_by_role("dialog"))
        expect(here.page.get_by_role("link", name="Product, November")).to_be_visible()
        opened = change(here, "closed")
        opened.get_by_role("textbox", name="Answer").fill("A true spreadsheet in 27.1")
        day(here, opened, "Customer told on")
        save(opened)
        expect(opened).to_be_hidden()
        expect(here.page.locator("table.sn-heads tr", has_text="Product")).to_contain_text("1 held")
        assert here.page.get_by_role("link", name=TITLE, exact=True).count() == 1


def test_nothing_is_cut_off_on_a_phone(browser: Browser, larkfield: Server):
    with visit(browser, larkfield, *PHONE) as here:
        for view in ("sensory", "sensory?view=report"):
            here.go(view)
            assert overflow(here) <= 0

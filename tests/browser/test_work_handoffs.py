"""Hand-offs in a real browser: a contract is written, a rejection recorded against it, and it stands on the page."""

from __future__ import annotations

from playwright.sync_api import Browser, Page, expect

from tests.browser import driving
from tests.browser.driving import PATIENCE, Server, visit

expect.set_options(timeout=PATIENCE)


def choose(page: Page, label: str, option: str) -> None:
    driving.choose(page, page.get_by_role("dialog").get_by_role("combobox", name=label), option)


def test_a_rejection_names_what_was_missing_and_stands_on_the_page(browser: Browser, larkfield: Server):
    with visit(browser, larkfield) as here:
        page, form = here.page, here.page.get_by_role("dialog")
        here.go("work?log=handoff_contract")
        expect(form.get_by_role("button", name="Save")).to_be_visible()
        form.get_by_role("textbox", name="What is handed over").fill("Wishes for the product")
        choose(page, "From", "Customer success")
        choose(page, "To", "Product")
        form.get_by_role("textbox", name="Fields").fill("who asked | yes\nwhat it is worth | yes")
        form.get_by_role("button", name="Save").click()
        expect(form).to_be_hidden()
        page.get_by_role("button", name="Record a hand-off").click()
        here.settle()
        for answer in ("Wishes for the product", "Sent back"):
            form.get_by_role("radio", name=answer).click()
            expect(form.get_by_role("radio", name=answer)).to_be_checked()
            here.settle()
        form.get_by_role("button", name="what it is worth").click()
        expect(form.get_by_role("button", name="what it is worth")).to_have_attribute("aria-pressed", "true")
        form.get_by_role("button", name="Save").dblclick()
        expect(form).to_be_hidden()
        page.get_by_role("table", name="Hand-offs between departments").get_by_role("link", name="CS → Product").click()
        expect(page.get_by_role("heading", name="CS → Product")).to_be_visible()
        expect(page.get_by_role("table", name="Hand-offs", exact=True).get_by_role("row")).to_have_count(2)
        expect(page.get_by_role("table", name="Hand-offs", exact=True)).to_contain_text("what it is worth")
        assert (here.outside, here.complaints) == ([], [])

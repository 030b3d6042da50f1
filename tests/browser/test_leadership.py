"""Leadership in a real browser: a colleague is thanked, and says what moves them for their leader alone."""

from __future__ import annotations

from playwright.sync_api import Browser, expect

from tests.browser import driving
from tests.browser.driving import PATIENCE, Server, visit

expect.set_options(timeout=PATIENCE)


def test_a_colleague_is_thanked_and_stands_in_the_picture(browser: Browser, larkfield: Server):
    with visit(browser, larkfield) as here:
        page, form = here.page, here.page.get_by_role("dialog")
        here.go("leadership")
        row = page.get_by_role("table", name="Recognition by month").get_by_role("row", name="Camila Duarte")
        expect(row).to_contain_text("none")
        page.get_by_role("button", name="Recognise someone").click()
        driving.choose(page, form.get_by_role("combobox", name="To"), "Camila Duarte")
        form.get_by_role("textbox", name="What they did").fill("Said first what went wrong.")
        form.get_by_role("button", name="Save").dblclick()
        expect(form).to_be_hidden()
        expect(row.get_by_role("img")).not_to_contain_text("none")
        page.get_by_role("link", name="All recognition").click()
        expect(page.get_by_role("link", name="Said first what went wrong.")).to_have_count(1)
        assert (here.outside, here.complaints) == ([], [])

"""A promise is kept in a real browser, with the keyboard, from the account that it was made to."""

from __future__ import annotations

from playwright.sync_api import Browser, expect

from tests.browser.driving import PATIENCE, Server, press, visit
from tests.browser.test_first_visit import PHONE
from tests.browser.test_metrics import WIDER

expect.set_options(timeout=PATIENCE)


def test_a_promise_is_written_down_and_kept_and_nothing_is_cut_off_on_a_phone(browser: Browser, larkfield: Server):
    with visit(browser, larkfield) as here:
        here.go("ledger?account=A1040")
        here.page.get_by_role("button", name="Promise", exact=False).first.click()
        form = here.page.get_by_role("dialog")
        form.get_by_role("spinbutton", name="year, Due").click()
        expect(form.get_by_role("spinbutton", name="year, Due")).to_be_focused()
        here.page.keyboard.type("20270115")
        expect(form.get_by_role("spinbutton", name="day, Due")).to_have_text("15")
        form.get_by_label("What we promised").fill("Templates for the new wards")
        form.get_by_label("What we promised").press("Enter")
        expect(form).to_be_hidden()
        row = here.page.locator("table.lg-promises tr", has_text="Templates for the new wards")
        expect(row).to_contain_text("open")
        press(row.get_by_role("link", name="Keep it"), "Enter")
        kept = here.page.get_by_role("dialog")
        expect(kept).to_contain_text("Templates for the new wards")
        kept.get_by_role("button", name="It is kept").click()
        expect(kept).to_be_hidden()
        expect(row).to_contain_text("kept")
        expect(row.get_by_role("link", name="Keep it")).to_have_count(0)
        assert not here.outside and not here.complaints
    with visit(browser, larkfield, *PHONE) as phone:
        phone.go("ledger?account=A1040")
        expect(phone.page.locator("table.lg-promises")).to_be_visible()
        assert phone.page.evaluate(WIDER) <= 0

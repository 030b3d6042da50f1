"""A deposit is logged on a phone: few enough taps and keys for fifteen seconds, once however often, and nothing typed is lost."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser import driving
from tests.browser.driving import PATIENCE, Server, visit
from tests.browser.test_first_visit import PHONE
from tests.browser.test_metrics import WIDER

expect.set_options(timeout=PATIENCE)
ACCOUNT, NAME, WORDS = "A1043", "Maplehurst Markets", "Night-shift course"
# Seconds of a key and of a pointing by somebody of average skill: Card, Moran and Newell (1980), the keystroke-level model.
A_KEY, A_TAP, ALLOWED = 0.28, 1.1, 15
LOW = """root => [...root.querySelectorAll("label, button, a, textarea, input[type=text]")].filter(one => one.checkVisibility() && !one.closest(".field > label")
    && !one.matches(".field > label")).map(one => [one.textContent.trim(), one.getBoundingClientRect().height]).filter(([, height]) => height < 44)"""


@dataclass
class Steps:
    """What a thumb does on a page, counted."""

    page: Page
    taps: int = 0
    keys: int = 0

    def tap(self, place: Locator) -> None:
        self.taps += 1
        place.click()

    def type(self, text: str) -> None:
        self.keys += len(text)
        self.page.keyboard.type(text)

    def press(self, key: str) -> None:
        self.keys += 1
        self.page.keyboard.press(key)

    @property
    def seconds(self) -> float:
        return self.taps * A_TAP + self.keys * A_KEY


def test_a_deposit_is_logged_on_a_phone_in_fifteen_seconds_worth_of_steps(browser: Browser, larkfield: Server):
    soon = date.today() + timedelta(4)
    driving.run_command(larkfield.folder, "record", "add", "ask", f"account={ACCOUNT}", "what=Walked reference", f"on={soon}")
    with visit(browser, larkfield, *PHONE) as here:
        here.go("log")
        form, walk = here.page.locator("form.log"), Steps(here.page)
        walk.tap(form.get_by_role("combobox", name="Account"))
        walk.type("mapleh mar")
        expect(form.get_by_role("option").first).to_contain_text(NAME)
        walk.press("Enter")
        expect(form.locator(".chosen")).to_contain_text(NAME)
        walk.tap(form.locator("label", has_text="Deposit"))
        walk.tap(form.locator("[data-for=deposit] label", has_text="Training"))
        walk.tap(form.get_by_label("In a few words"))
        walk.type(WORDS)
        walk.tap(form.locator("label", has_text="unexpected"))
        expect(form.get_by_role("status").last).to_contain_text("can look like a price. Give it if you would anyway")
        assert form.evaluate(LOW) == [] and here.page.evaluate(WIDER) <= 0
        here.page.reload()
        expect(form.get_by_label("In a few words")).to_have_value(WORDS)
        here.context.set_offline(True)
        form.get_by_role("button", name="Save deposit").click()
        expect(form.get_by_role("alert")).to_contain_text("What you typed is kept here")
        here.context.set_offline(False)
        here.settle()
        walk.taps += 1
        form.get_by_role("button", name="Save deposit").dblclick()
        expect(form.get_by_text("Deposit saved.")).to_be_visible()
        assert walk.seconds < ALLOWED, f"{walk.taps} taps and {walk.keys} keys"
        row = here.page.locator(".today li", has_text=f"Deposit, {NAME}: {WORDS}")
        expect(row).to_have_count(1)
        expect(form.get_by_label("In a few words")).to_have_value("")
        row.get_by_role("button", name="Undo").click()
        expect(row).to_have_count(0)
        assert not here.outside and not here.complaints

"""Menus over a page, in a real browser: by mouse, by keyboard, closed and opened again."""

from __future__ import annotations

from playwright.sync_api import Browser, expect

from tests.browser.driving import PATIENCE, Server, Visit, visit

expect.set_options(timeout=PATIENCE)
FOCUSED = "document.activeElement.innerText"


def words(here: Visit) -> str:
    """What the focus stands on."""
    return here.page.evaluate(FOCUSED)


def test_a_menu_is_gone_through_by_keyboard_and_leaves_it_where_it_was(browser: Browser, larkfield: Server):
    with visit(browser, larkfield) as here:
        here.go()
        here.page.get_by_role("button", name="Export").focus()
        here.page.keyboard.press("Enter")
        expect(here.page.get_by_role("button", name="PDF pack")).to_be_focused()
        here.page.keyboard.press("Tab")
        assert "PowerPoint" in words(here)
        here.page.keyboard.press("Escape")
        expect(here.page.get_by_role("button", name="PDF pack")).to_have_count(0)
        assert "Export" in words(here)
        here.settle()
        assert (here.outside, here.complaints) == ([], [])


def test_a_text_typed_into_a_menu_is_there_again_and_the_menus_stand_in_one_line(browser: Browser, larkfield: Server):
    with visit(browser, larkfield) as here:
        here.go()
        tops = {round(here.page.get_by_role("button", name=name).bounding_box()["y"]) for name in ("Export", "Share")}
        assert len(tops) == 1, "beside the filters, at a width of 1440 px"
        here.page.get_by_role("button", name="Share").click()
        here.page.get_by_label("For").fill("Support room")
        here.page.get_by_role("heading", name="Scorecard", exact=True).click()
        expect(here.page.get_by_label("For")).to_have_count(0)
        here.page.get_by_role("button", name="Share").click()
        expect(here.page.get_by_label("For")).to_have_value("Support room")

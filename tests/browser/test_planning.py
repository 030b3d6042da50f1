"""Planning and review in a real browser: a year is chosen, a tactic opens over its tree, a goal is changed with its reason."""

from __future__ import annotations

from playwright.sync_api import Browser, expect

from tests.browser.driving import PATIENCE, Server, choose, visit

expect.set_options(timeout=PATIENCE)


def test_a_tactic_opens_over_the_tree_of_a_year_and_a_goal_is_changed_with_its_reason(browser: Browser, larkfield: Server):
    with visit(browser, larkfield) as here:
        page = here.page
        here.go("planning")
        tree = page.locator(".pl-tree")
        expect(tree.get_by_role("link", name="Renewal desk, Small business")).to_be_visible()
        choose(page, page.get_by_role("combobox", name="Year of the plan"), "Plan 2027")
        expect(tree.get_by_role("link", name="Renewal desk, Small business")).to_have_count(0)
        tree.get_by_role("link", name="In-app tour for admins").click()
        dialog = page.get_by_role("dialog")
        expect(dialog).to_contain_text("Value in the first month")
        expect(tree.get_by_role("link", name="In-app tour for admins")).to_have_count(1)  # The tree still stands behind it.
        dialog.get_by_role("button", name="Close").click()
        expect(dialog).to_have_count(0)
        here.settle()
        page.get_by_role("button", name="Edit the plan").click()
        page.get_by_role("button", name="Change a goal").click()
        page.get_by_role("menuitem", name="Renewal rate").click()
        dialog.get_by_role("textbox", name="Where it comes from").fill("Annual plan 2027")
        dialog.get_by_role("textbox", name="Why").fill("Two segments hold it already")
        dialog.get_by_role("textbox", name="Why").press("Tab")
        dialog.get_by_role("button", name="Save the goal").click()
        expect(page.get_by_role("table", name="Goals and their dates")).to_contain_text("Two segments hold it already")
        assert (here.outside, here.complaints) == ([], [])

"""Feedback to a leader in a real browser: asked for, answered by a personal link on a phone, closed; a group below five stays hidden."""

from __future__ import annotations

from playwright.sync_api import Browser, expect

from tests.browser.driving import PATIENCE, Server, Visit, choose, visit
from tests.browser.test_first_visit import PHONE, overflow

expect.set_options(timeout=PATIENCE)


def asked(here: Visit) -> str:
    """The path of Mei Lin's link to a round about Luc Renard, that Rana Amari asked for; made by the go-between."""
    here.go("leadership")
    here.page.get_by_role("button", name="Ask for feedback").click()
    opened = here.page.get_by_role("dialog")
    choose(here.page, opened.get_by_role("combobox", name="About"), "Luc Renard")
    expect(opened).to_contain_text("13 people and the leader")
    choose(here.page, opened.get_by_role("combobox", name="Go-between"), "Ada Brandt")
    opened.get_by_role("button", name="Ask them").dblclick()
    expect(here.page.get_by_text("is open until")).to_be_visible()
    assert here.page.get_by_role("button", name="Personal links").count() == 0
    here.settle()
    choose(here.page, here.page.get_by_role("combobox", name="Person at the keyboard"), "Ada Brandt · viewer")
    here.page.get_by_role("button", name="Personal links").click()
    here.page.get_by_role("dialog").get_by_role("button", name="Make the links").click()
    code = here.page.get_by_role("dialog").locator("code")
    expect(code).to_contain_text("Mei Lin: ")
    line = next(line for line in code.inner_text().splitlines() if line.startswith("Mei Lin: "))
    return line.rpartition("/")[2]


def test_feedback_is_asked_for_answered_by_a_link_on_a_phone_and_closed_with_a_small_group_hidden(browser: Browser, larkfield: Server):
    with visit(browser, larkfield, height=1300) as here:
        link = asked(here)
        with visit(browser, larkfield, *PHONE) as guest:
            guest.go(link)
            groups = guest.page.get_by_role("radiogroup")
            expect(groups).to_have_count(8)
            for n in range(8):
                groups.nth(n).get_by_role("radio", name="4", exact=True).click()
                expect(guest.page.get_by_text(f"{n + 1} of 8")).to_be_visible()
            assert overflow(guest) <= 0
            guest.page.get_by_role("button", name="Send").click()
            expect(guest.page.get_by_text("your feedback to Luc Renard is sent")).to_be_visible()
            assert guest.page.get_by_role("link", name="Scorecard").count() == 0
        here.go("leadership?about=luc-renard")
        here.page.get_by_role("button", name="Close the round").click()
        here.page.get_by_role("dialog").get_by_role("button", name="Close it").click()
        expect(here.page.get_by_text("Peers: not shown.")).to_be_visible()
        expect(here.page.get_by_text("One answer, fewer than five.")).to_be_visible()

"""Maturity by keyboard alone: one system answered, criteria met, sent; the form behind a personal link."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from scorecard import maturity
from scorecard.maturity import invitations, session
from tests import stores
from tests.browser.driving import PATIENCE, Server, Visit, running_server, visit
from tests.browser.test_accessibility import faults
from tests.browser.test_first_visit import PHONE, overflow
from tests.endurance import in_full_only, some
from tests.maturity.test_maturity import LEADER, PEOPLE, answer, make_team

expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="module")
def asking(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, str, str]]:
    """A server with an open cycle about Work, its id, and the path of a personal link to a quick one."""
    folder = stores.copied(stores.once(tmp_path_factory, "raters", make_team), tmp_path_factory.mktemp("asking"))
    store, today = stores.opened(folder), date.today()
    opened = {kind: maturity.open_cycle(store, LEADER, title=f"{kind} look", kind=kind, mode="named", people=["you", PEOPLE[0]],
                                        closes=today + timedelta(9), today=today, systems=["work"]) for kind in ("full", "quick")}
    talked = maturity.open_cycle(store, LEADER, title="last month", kind="quick", mode="named", people=["you", *PEOPLE[:2]],
                                 closes=today + timedelta(9), today=today, systems=["people"])
    for person, level in (("you", 3), (PEOPLE[0], 1), (PEOPLE[1], 5)):
        answer(store, talked, person, level)
    maturity.close(store, LEADER, talked.id)
    (link,) = invitations.invite(store, LEADER, opened["quick"].id, [PEOPLE[0]], today)
    store.close()
    with running_server(folder) as server:
        yield server, opened["full"].id, link.path


def press(here: Visit, *keys: str) -> None:
    for key in keys:
        here.page.keyboard.press(key)
    here.settle()


def focused(here: Visit) -> str:
    """What has the focus: the name of a link or button, or the value of a line."""
    return here.page.evaluate("""() => { let at = document.activeElement
        while (at && at.shadowRoot && at.shadowRoot.activeElement) at = at.shadowRoot.activeElement
        return (at?.innerText || at?.value || at?.getAttribute("aria-label") || "").trim() }""")


def tab_to(here: Visit, name: str, most: int = 40) -> None:
    """Presses Tab until something with this name has the focus; it is visible then."""
    seen = []
    for _ in range(most):
        here.page.keyboard.press("Tab")
        seen.append(focused(here).split("\n")[0])
        if seen[-1].startswith(name):
            return
    raise AssertionError(f"Tab does not come to {name!r}: {seen}")


def chosen(here: Visit) -> str:
    """The words of the line that is chosen."""
    return here.page.locator(".st-key-levels label:has(input:checked)").inner_text()


def test_one_system_is_answered_and_sent_by_keyboard_alone(browser: Browser, asking):
    server, cycle, _ = asking
    with visit(browser, server) as here:
        here.go(f"maturity?view=assess&cycle={cycle}&practice=W1")
        assert faults(Axe().run(here.page)) == []
        for n, title in enumerate(titles(here)):
            if n:
                tab_to(here, title)
                press(here, "Enter")
                expect(here.page.locator(f'.a-row.open[data-practice="W{n + 1}"]')).to_be_visible()
            _choose_the_second_line(here)
        expect(here.page.get_by_text("6 of 6")).to_be_visible()
        _criteria_words_and_link(here)
        assert faults(Axe().run(here.page)) == []
        tab_to(here, "Save and finish")
        press(here, "Enter")
        expect(here.page.get_by_text("are sent.").first).to_be_visible()
        assert (here.outside, here.complaints) == ([], [])


def titles(here: Visit) -> list[str]:
    return here.page.locator(".a-row .name").all_inner_texts()


def _choose_the_second_line(here: Visit) -> None:
    """The keyboard stands in the lines as soon as a practice opens; arrows choose, and the choice is saved."""
    expect(here.page.locator(".st-key-levels input").first).to_be_focused()
    here.page.keyboard.press("Space")
    here.settle()
    press(here, "ArrowDown")
    expect(here.page.locator(".st-key-levels label:has(input:checked)")).to_contain_text("Started")
    expect(here.page.locator(".a-row.open .a-mark svg").first).to_be_visible()


def _criteria_words_and_link(here: Visit) -> None:
    """On the last practice: two levels up, a criterion ticked, words typed; which level stands is said."""
    press(here, "ArrowDown", "ArrowDown")
    expect(here.page.get_by_text("stands for now:")).to_be_visible()
    criteria = here.page.locator(".st-key-criteria input")
    expect(criteria).to_have_count(2)
    for n in range(2):
        press(here, "Tab", "Space")
        expect(criteria.nth(n)).to_be_checked()
    expect(here.page.get_by_text("Level 4 Measured stands.")).to_be_visible()
    here.page.keyboard.press("Tab")
    here.page.keyboard.type("Both sides see the figures since June.")
    press(here, "Tab")


@in_full_only
def test_two_raters_and_a_facilitator_see_the_votes_at_the_same_moment(browser: Browser, asking):
    server, _, _ = asking
    with visit(browser, server) as lead, visit(browser, server) as one, visit(browser, server) as two:
        lead.go("maturity?view=session")
        lead.page.get_by_role("button", name="Open the session").click()
        expect(lead.page.get_by_text("The facilitator chooses the first practice.")).to_be_visible()
        for here, person in ((one, PEOPLE[0]), (two, PEOPLE[1])):
            here.go("maturity?view=session")
            _sit_down(here, person)
            expect(here.page.get_by_text("The facilitator chooses the first practice.")).to_be_visible()
        lead.page.get_by_role("button", name="Show it to everybody").click()
        lead.page.get_by_role("button", name="Vote again").click()
        for here, level in ((one, "2 Started"), (two, "4 Measured")):
            here.page.get_by_role("radio", name=level).click(force=True)
            here.page.get_by_role("button", name="Give your vote").click()
            expect(here.page.get_by_text(f"Your vote is kept: {level}.")).to_be_visible()
            assert here.page.get_by_text("2 people").count() == 0
        expect(lead.page.get_by_text("2 of 3 here have voted.")).to_be_visible()
        lead.page.get_by_role("button", name="Show the votes to everybody").click()
        for here in (lead, one, two):
            expect(here.page.get_by_text("median 3.0, spread 1.00, 2 people")).to_be_visible()
            assert (here.outside, here.complaints) == ([], [])


def _sit_down(here: Visit, person: str) -> None:
    """Chooses a person at the foot of the sidebar."""
    chooser = here.page.get_by_role("combobox", name="Person at the keyboard")
    chooser.click()
    here.page.get_by_role("option", name=f"{person.title()} · member").click()
    expect(chooser).to_have_value(f"{person.title()} · member")


@pytest.mark.endurance
@pytest.mark.parametrize("theme", some(["dark", "light"], 2))
def test_the_form_behind_a_personal_link_stands_alone_and_fits_a_phone(browser: Browser, asking, theme: str):
    server, _, path = asking
    with visit(browser, server, *PHONE, theme=theme) as here:
        here.go(path)
        expect(here.page.get_by_role("heading", name="One question, under two minutes")).to_be_visible()
        assert here.page.get_by_test_id("stSidebar").count() == 0 and overflow(here) <= 0
        here.page.get_by_role("radio", name="4 Measured" if theme == "light" else "3 Defined").click()
        expect(here.page.get_by_text("1 of 1")).to_be_visible()
        assert faults(Axe().run(here.page)) == []
        here.go("settings")
        here.go(path)
        expect(here.page.get_by_text("1 of 1")).to_be_visible()
        assert kept_here(here) == 1
    if theme == "dark":
        _elsewhere(browser, server, path)


def _elsewhere(browser: Browser, server: Server, path: str) -> None:
    """In another browser the same link shows nothing of what was begun; what is sent leaves nothing in the browser that sent it."""
    with visit(browser, server, *PHONE) as other:
        other.go(path)
        expect(other.page.get_by_text("0 of 1")).to_be_visible()
        other.page.get_by_role("radio", name="2 Started").click()
        expect(other.page.get_by_text("1 of 1")).to_be_visible()
        other.settle()
        before = kept_here(other)
        other.page.get_by_role("button", name="Send").click()
        expect(other.page.get_by_text("Thank you, your answers")).to_be_visible()
        other.settle()
        assert (before, kept_here(other)) == (1, 0)


def kept_here(here: Visit) -> int:
    """For how many links this browser keeps answers."""
    return here.page.evaluate("Object.keys(localStorage).filter(name => name.startsWith('seven-systems answers')).length")

"""The review as its leader holds it: open October, decide, sign, share, read it on a phone, see what worked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from scorecard import reviews
from scorecard.core.periods import Period
from scorecard.ui import drafting
from tests import stores
from tests.browser.driving import PATIENCE, Server, Visit, running_server, visit
from tests.browser.test_first_visit import PHONE, overflow
from tests.endurance import in_full_only
from tests.conftest import make_actor

CARD = "customer-success"
expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="module")
def meeting(company: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with a sample company of its own: three items of October are still to be decided, August waits for its signature."""
    folder = stores.copied(company, tmp_path_factory.mktemp("meeting"))
    store = stores.opened(folder)
    for month, left in ((8, 0), (10, 3)):
        period = Period(date(2026, month, 1), "month")
        for item in reviews.review_view(store, CARD, period, date(2026, 11, 22)).month.items[left:]:
            if not item.decision:
                reviews.decide(store, make_actor(), CARD, period, item.id, "find_the_cause", "", item.title, None)
    store.close()
    with running_server(folder) as server:
        yield server


def open_item(here: Visit, title: str) -> None:
    """Opens an item of the agenda, when it is not open, and waits until its own form stands there and not that of the one before."""
    link = here.page.get_by_role("link", name=title, exact=True).first
    if link.get_attribute("aria-expanded") != "true":
        link.click()
        expect(link).to_have_attribute("aria-expanded", "true")
    expect(here.page.locator(".st-key-item .name")).to_have_text([title])
    here.settle()


def titles(page: Page) -> list[str]:
    """The items of the agenda in their order."""
    return page.locator(".agenda .name").all_inner_texts()


def decide(here: Visit, title: str, decision: str) -> None:
    """Decides an item, and waits until the page says so."""
    open_item(here, title)
    choose(here.page, decision)
    here.page.get_by_role("button", name="Decide", exact=True).click()
    expect(here.page.locator(f'.item[data-state="decided"]:has-text("{title}")')).to_be_visible()
    here.settle()


def choose(page: Page, decision: str) -> None:
    """Chooses one of the decisions of the open item, and waits until it can be kept."""
    page.get_by_test_id("stRadioGroup").get_by_text(decision, exact=True).click()
    expect(page.get_by_role("radio", name=decision, exact=True)).to_be_checked()
    expect(page.get_by_role("button", name="Decide", exact=True)).to_be_enabled()


def kept(here: Visit, place: Locator, text: str) -> None:
    """Types a text without leaving its field, and waits as long as it takes until it is kept."""
    place.fill(text)
    here.page.wait_for_timeout(drafting.WAIT + 300)
    here.settle()


@in_full_only
def test_what_was_typed_and_not_saved_is_there_in_a_new_session_and_gone_once_it_is_saved(browser: Browser, meeting: Server):
    with visit(browser, meeting) as here:
        said, comment, typed = here.page.get_by_placeholder("What is known, what is not"), here.page.get_by_label("Your comment"), ("First of all,", "Second,")
        here.go("review")
        here.page.get_by_role("button", name="Comment", exact=False).first.click()
        kept(here, comment, typed[0])
        here.page.keyboard.press("Escape")
        kept(here, said, typed[1])
        here.go("review")
        expect(said).to_have_value(typed[1])
        expect(here.page.get_by_text("Only you see it.").first).to_be_visible()
        here.page.get_by_role("button", name="Comment", exact=False).first.click()
        expect(comment).to_have_value(typed[0])
        here.page.get_by_role("button", name="Add the comment").click()
        expect(here.page.get_by_text("The comment stands beside the item.")).to_be_visible()
        here.page.keyboard.press("Escape")
        here.page.get_by_role("button", name="Save it").click()
        expect(here.page.get_by_role("button", name="Save it")).to_have_count(0)
        here.go("review")
        expect(said).to_have_value(typed[1])
        here.page.get_by_role("button", name="Comment", exact=False).first.click()
        expect(comment).to_have_value("")
        expect(here.page.get_by_text("Only you see it.")).to_have_count(0)
        assert (here.outside, here.complaints) == ([], [])


def test_a_leader_opens_october_decides_signs_exports_shares_and_reads_what_worked(browser: Browser, meeting: Server):
    with visit(browser, meeting) as here:
        here.go("review")
        expect(here.page.get_by_role("heading", name="October 2026 review")).to_be_visible()
        items = titles(here.page)
        assert len(items) >= 5
        expect(here.page.get_by_role("button", name="Sign off October review")).to_be_disabled()
        with visit(browser, meeting) as beside:
            _two_tabs_on_one_item(here, beside, items[0])
        for title in items[1:3]:
            decide(here, title, "Find the cause")
        _sign_with_a_double_click(here)
        _export(here)
        address = _share(here)
        _read_on_a_phone(browser, meeting, address)
        _read_in_november(here)
        assert (here.outside, here.complaints) == ([], [])


def test_a_tab_closed_while_signing_signs_whole_or_not_at_all(browser: Browser, meeting: Server):
    with visit(browser, meeting) as here:
        here.go("review?month=August+2026")
        here.page.get_by_role("button", name="Sign off August review").click(no_wait_after=True)
    with visit(browser, meeting) as later:
        later.go("review?month=August+2026")
        signed = later.page.get_by_text("Signed and frozen by Rana Amari")
        ready = later.page.get_by_role("button", name="Sign off August review")
        expect(signed.or_(ready)).to_be_visible()
        if ready.count():
            ready.click()
            # The first tab's signing may end meanwhile: then this one is refused in words, and the month is signed once.
            expect(signed.or_(later.page.get_by_text("August 2026 is signed and frozen")).first).to_be_visible()
            later.go("review?month=August+2026")
            expect(signed).to_be_visible()
        expect(later.page.get_by_text("checked on opening")).to_be_visible()


def _two_tabs_on_one_item(here: Visit, beside: Visit, title: str) -> None:
    """Both choose; the first to decide wins, the second sees both and takes the first's."""
    for one, choice in ((here, "Find the cause"), (beside, "Change the goal")):
        one.go("review")
        open_item(one, title)
        choose(one.page, choice)
        one.settle()
    here.page.get_by_role("button", name="Decide", exact=True).click()
    expect(here.page.get_by_text("Decided: find the cause.")).to_be_visible()
    beside.page.get_by_role("button", name="Decide", exact=True).click()
    expect(beside.page.get_by_text("changed this item meanwhile")).to_be_visible()
    beside.page.get_by_role("button", name="Take theirs").click()
    expect(beside.page.get_by_role("radio", name="Find the cause")).to_be_checked()


def _sign_with_a_double_click(here: Visit) -> None:
    here.page.get_by_role("button", name="Sign off October review").dblclick()
    expect(here.page.get_by_text("Signed and frozen by Rana Amari")).to_be_visible()
    expect(here.page.get_by_text("checked on opening")).to_be_visible()
    here.settle()
    assert here.page.get_by_test_id("stAlert").count() == 0


FORMATS, TAKEN = ("pdf", "pptx", "xlsx", "html", "json", "csv"), ("ready-pdf", "export-csv")


def _export(here: Visit) -> None:
    """Every format stands in the menu; two are taken, each a file with its own name: the pages once they are made, the figures at once."""
    here.page.get_by_role("button", name="Export").click()
    for kind in FORMATS:
        expect(here.page.locator(f".st-key-export-{kind} button")).to_be_visible()
    here.page.locator(".st-key-export-pdf button").dblclick()
    for key in TAKEN:
        expect(here.page.locator(f".st-key-{key} button")).to_be_visible(timeout=PATIENCE)
        with here.page.expect_download(timeout=PATIENCE) as waiting:
            here.page.locator(f".st-key-{key} button").click()
        assert waiting.value.suggested_filename.endswith(f".{key.rpartition('-')[2]}")
        assert Path(waiting.value.path()).stat().st_size > 500


def _share(here: Visit) -> str:
    """The address of a read-only link made in the same menu."""
    here.page.get_by_role("button", name="Make the link").click()
    code = here.page.get_by_text(re.compile(r"/share/[\w-]{20,}")).first
    expect(code).to_be_visible()
    address = code.inner_text().strip()
    here.page.keyboard.press("Escape")
    return address


def _read_on_a_phone(browser: Browser, server: Server, address: str) -> None:
    with visit(browser, server, *PHONE) as phone:
        phone.page.goto(address)
        expect(phone.page.get_by_text("Renewal rate").first).to_be_visible()
        expect(phone.page.get_by_text(re.compile("[Ss]igned")).first).to_be_visible()
        assert overflow(phone) <= 0


def _read_in_november(here: Visit) -> None:
    """The next review, before its figures: what was decided in October, and what became of earlier actions."""
    here.go("review?month=November+2026")
    expect(here.page.get_by_text("There are no figures for November 2026 yet.")).to_be_visible()
    expect(here.page.get_by_text("Worked").first).to_be_visible()
    expect(here.page.get_by_text("October 2026: signed by Rana Amari")).to_be_visible()

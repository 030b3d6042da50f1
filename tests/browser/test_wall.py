"""The wall in a real browser: it fills the screen, can be read from far, refreshes itself and runs nothing."""

from __future__ import annotations

import time

from playwright.sync_api import Browser

from tests.browser.driving import PATIENCE, Server, visit

SMALLEST = 36
SIZES = """[...document.querySelectorAll('.wall *')]
    .filter(e => !e.closest('svg') && [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()))
    .map(e => parseFloat(getComputedStyle(e).fontSize))"""
CUT = """[...document.querySelectorAll('.wall h1, .wall .figure, .wall footer p')].filter(e => e.scrollWidth > e.clientWidth + 1).length"""


def test_the_wall_fills_the_screen_and_nothing_on_it_is_small_or_cut(browser: Browser, larkfield: Server):
    with visit(browser, larkfield, 1920, 1080) as here:
        here.page.goto(larkfield.url("wall?scorecard=customer-success"))
        assert here.page.locator(".wall li").count() == 10
        assert min(here.page.evaluate(SIZES)) >= SMALLEST and here.page.evaluate(CUT) == 0
        sides = here.page.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]")
        assert sides == [1920, 1080] and here.page.locator("script").count() == 0
        assert not here.page.locator(".stuck").is_visible()
        assert (here.outside, here.complaints) == ([], [])


def test_the_wall_asks_for_itself_again_and_is_not_sent_twice(browser: Browser, larkfield: Server):
    with visit(browser, larkfield, 1920, 1080) as here:
        session = here.page.context.new_cdp_session(here.page)
        session.send("Network.enable")
        answers: list[int] = []
        session.on("Network.responseReceivedExtraInfo", lambda event: answers.append(event["statusCode"]))
        here.page.goto(larkfield.url("wall?scorecard=customer-success&every=10"))
        with here.page.expect_navigation(timeout=30_000):
            pass
        until = time.monotonic() + PATIENCE / 1_000
        while len(answers) < 2 and time.monotonic() < until:
            here.page.wait_for_timeout(50)
        assert answers == [200, 304]

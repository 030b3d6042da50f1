"""Pages are drawn a few at a time, in the order in which they were asked for."""

from __future__ import annotations

import threading
import time

import pytest

from scorecard.ui.turns import Turns

SOON = 5.0


def started(work) -> threading.Thread:
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


def settled(turns: Turns, waiting: int) -> None:
    """Returns when so many stand in the row."""
    until = time.monotonic() + SOON
    while len(turns._waiting) != waiting and time.monotonic() < until:
        time.sleep(0.001)
    assert len(turns._waiting) == waiting


def test_no_more_are_drawn_at_once_than_help_and_the_rest_come_in_the_order_in_which_they_asked():
    turns, go, order, at_once, most = Turns(2, long=60), threading.Event(), [], [], []

    def one(number: int) -> None:
        with turns.turn():
            at_once.append(number)
            most.append(len(at_once))
            order.append(number)
            go.wait(SOON)
            at_once.remove(number)

    threads = []
    for number in range(7):
        threads.append(started(lambda number=number: one(number)))
        settled(turns, max(0, number - 1))
    assert sorted(order) == [0, 1]
    go.set()
    for thread in threads:
        thread.join(SOON)
    assert max(most) == 2 and len(order) == 7 and not turns._begun
    assert all(abs(number - place) <= 1 for place, number in enumerate(order))  # two that run at once may overtake one another


def test_a_page_that_takes_long_does_not_keep_the_others_waiting():
    turns, go, drawn = Turns(1, long=0.05), threading.Event(), threading.Event()

    def long() -> None:
        with turns.turn():
            go.wait(SOON)

    thread = started(long)
    until = time.monotonic() + SOON
    while not turns._begun and time.monotonic() < until:
        time.sleep(0.001)
    second = started(lambda: _drawn(turns, drawn))
    assert drawn.wait(SOON) and thread.is_alive()
    go.set()
    thread.join(SOON)
    second.join(SOON)


def _drawn(turns: Turns, drawn: threading.Event) -> None:
    with turns.turn():
        drawn.set()


def test_a_page_that_fails_gives_its_turn_back():
    turns = Turns(1, long=60)
    for _ in range(3):
        with pytest.raises(ValueError, match="no page"), turns.turn():
            raise ValueError("no page")
    assert not turns._begun and not turns._waiting

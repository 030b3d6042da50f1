"""The planted actions of the sample company: what came of each is read from the figures, and is what was meant."""

from __future__ import annotations

from datetime import date

import pytest

from scorecard import actions, metrics, sample
from scorecard.larkfield import actions as planted
from tests import stores

TODAY = date(2026, 11, 20)
MEANT = {title: verdict for verdict, titles in planted.VERDICTS.items() for title in titles}


@pytest.fixture(scope="module")
def board(company, tmp_path_factory):
    store = stores.opened(stores.copied(company, tmp_path_factory.mktemp("sample actions")))
    yield metrics.of_person(metrics.board(store, "customer-success", TODAY), "rana-amari")
    store.close()


def test_the_file_of_actions_is_the_one_that_is_drawn():
    assert (sample.FOLDER / sample.ACTIONS).read_text("utf-8") == planted.text()


def test_fourteen_are_open_seven_of_them_the_leaders_two_of_them_late(board):
    assert (len(board.open), len(board.mine)) == (14, 7)
    assert [one.action.days_late(TODAY) for one in board.mine if one in board.overdue] == [3, 1]


@pytest.mark.parametrize("one", planted.FINISHED, ids=lambda one: one.title)
def test_a_planted_action_gets_the_verdict_that_was_meant(board, one):
    found = next(done for done in board.done if done.action.title == one.title)
    assert found.verdict.verdict == MEANT.get(one.title, "no_evidence")
    assert found.action.state in actions.CLOSED


def test_the_year_says_what_kinds_of_action_work(board):
    year = board.yearly
    counts = {line.kind: (line.worked, line.no_evidence, line.worse, line.too_few) for line in year.lines}
    assert (year.finished, year.worked, year.work, year.people) == (24, 6, (5, 11), (0, 7))
    assert counts == {"process": (3, 3, 1, 1), "tool": (2, 2, 0, 1), "cause": (1, 2, 0, 1), "effort": (0, 3, 1, 0),
                      "training": (0, 3, 0, 0)}  # fmt: skip
    assert round(year.chance * 100) == 10


def test_the_page_opens_with_what_is_late_what_worked_and_what_is_idle(board):
    late, year, idle = (one.bold for one in board.sentences)
    assert late == "Two of your seven actions are overdue:"
    assert year == "Of 24 actions finished in 12 months, 6 worked."
    assert idle.endswith("have nothing under way:")

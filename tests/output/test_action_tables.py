"""Actions as they are read: states, lists, verdicts and kinds say what is known, safely, in words."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import replace
from datetime import date, datetime

import pytest

from scorecard.actions import Action
from scorecard.core.definition import Definition
from scorecard.core.periods import Period
from scorecard.core.reading import Sentence
from scorecard.core.verdict import Verdict
from scorecard.metrics import Board, Doing, Meant, UnderWay
from scorecard.metrics.verdicts import summed
from scorecard.output import action_tables
from scorecard.store.actions import Change, Comment
from tests.output import make

TODAY = date(2026, 11, 20)
OCTOBER = Period(date(2026, 10, 1), "month")
ROWS = {row.measure.name: row for row in make.make_rows()}
FIRST = next(iter(ROWS.values()))
HOSTILE = "<script>alert(1)</script>"


def make_action(title: str = "Renewal desk pilot", id: str = "", **fields) -> Action:
    at = datetime(2026, 10, 8, 9)
    usual = {
        "kind": "process", "owner": "amara", "owner_name": "Amara Osei", "due": date(2026, 12, 12),
        "measure": FIRST.measure.name, "segment": "", "effect": None, "effect_by": None, "first_reading": None,
        "state": "not_started", "started": None, "ended": None, "origin": "", "origin_words": "Review of September",
        "made_by": "Rana Amari", "made_at": at, "changed_by": "Rana Amari", "changed_at": at, "version": 1,
    }  # fmt: skip
    return Action(id=id or title, title=title, **(usual | fields))


def make_verdict(name: str, figures: str = "31 → 26 days") -> Verdict:
    size = 0.104 if name in ("worked", "worse") else None
    return Verdict(name, 5, 3, OCTOBER, "run_of_8", 0.5, 0.6, size, Sentence("Worked:", "all above."), figures)


def make_board(doing: list[Doing], **fields) -> Board:
    told = {one.action.id: one.verdict for one in doing if one.verdict}
    finished = [one.action for one in doing if one.action.ended]
    yearly = summed(OCTOBER.shift(-11), OCTOBER, finished, told)
    unfinished = tuple(one for one in doing if one.action.open)
    closed = tuple(one for one in doing if not one.action.open)
    return replace(Board(OCTOBER, TODAY, (), unfinished, (), unfinished, closed, (), yearly), **fields)


def parsed(text: str) -> ET.Element:
    return ET.fromstring(f"<div>{text}</div>")


def words(text: str) -> str:
    return " ".join(" ".join(parsed(text).itertext()).split())


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"due": date(2026, 11, 17)}, "3 days late"),
        ({"due": date(2026, 11, 19), "state": "in_progress"}, "1 day late"),
        ({"due": TODAY}, "not started"),
        ({"state": "in_progress"}, "in progress"),
        ({"state": "done", "due": date(2026, 11, 1)}, "done"),
        ({"state": "dropped"}, "dropped"),
    ],
)
def test_a_state_has_a_mark_and_a_word_and_says_how_late_it_is(fields, said):
    drawn = action_tables.state(make_action(**fields), TODAY)
    assert words(drawn) == said and "<svg" in drawn


@pytest.mark.parametrize(
    ("effect", "unit", "said"),
    [
        (-8, "count", "−8"), (0.2, "score", "+0.2"), (0.04, "percent", "+4 points"), (0.005, "percent", "+0.5 points"),
        (-22, "count", "−22"), (-3, "days", "−3 days"), (0, "money", "keep it as it is"), (0.10, "percent", "+10 points"),
    ],
)  # fmt: skip
def test_an_expected_effect_is_a_change_in_the_unit_of_the_measure(effect, unit, said):
    assert action_tables.effect_words(effect, Definition("m", "M", unit=unit)) == said


def test_no_change_keeps_the_goal():
    row = next(row for row in ROWS.values() if row.reading.goal)
    assert action_tables.effect_words(0, row.measure, row) == f"keep {row.goal_text.removeprefix('goal ')}"


def test_an_action_without_an_expected_effect_carries_a_link_to_state_it():
    board = make_board([Doing(make_action(), FIRST, None)])
    assert 'href="actions?action=Renewal desk pilot">state it</a>' in action_tables.listed(
        board, "mine", lambda id: f"actions?action={id}"
    )
    assert "not stated" in words(action_tables.listed(board, "mine"))


def test_a_measure_in_watch_without_an_action_says_so_and_offers_one():
    row = replace(FIRST, reading=replace(FIRST.reading, status="watch"))
    board = make_board([], measures=(UnderWay(row, (), 0, None),))
    drawn = action_tables.by_measure(board, add_href=lambda name: f"actions?new={name}")
    assert "add one Watch, and nothing is tried" in words(drawn)
    assert f"actions?new={row.measure.name}" in drawn
    assert "add one" not in words(action_tables.by_measure(board))


def test_a_measure_names_what_is_under_way_and_its_latest_verdict():
    found = tuple(make_action(title) for title in ("Renewal desk pilot", "Price talk", "CRM reminder", "Wording"))
    latest = Meant(make_action("Weekly ticket triage", state="done"), make_verdict("worse", "47 → 54"))
    board = make_board([], measures=(UnderWay(FIRST, found, 1, latest),))
    said = words(action_tables.by_measure(board))
    assert "4 1 overdue Renewal desk pilot, price talk, CRM reminder and 1 more Worse 47 → 54 after weekly ticket triage" in said


@pytest.mark.parametrize("which", ["mine", "overdue", "open", "done"])
def test_an_empty_list_says_what_is_missing(which):
    assert action_tables.EMPTY[which] in action_tables.listed(make_board([]), which)


def test_each_finished_action_is_one_square_under_its_verdict_and_the_share_has_its_interval():
    names = ("worked", "worked", "worked", "no_evidence", "no_evidence", "no_evidence", "worse", "too_few")
    ended = {"state": "done", "started": date(2026, 2, 2), "ended": date(2026, 3, 1)}
    doing = [Doing(make_action(f"a{n}", **ended), FIRST, make_verdict(name)) for n, name in enumerate(names)]
    drawn = action_tables.kinds(make_board(doing).yearly)
    labels = [node.get("aria-label") for node in parsed(drawn).iter("span") if node.get("class") == "squares"]
    assert labels == ["3 worked", "3 no evidence yet", "1 worse", "1 too few months"]
    assert "3 of 7 16 to 75%" in words(drawn)


def test_the_foot_says_how_often_chance_gives_such_a_gap():
    yearly = replace(make_board([]).yearly, finished=24, work=(5, 11), people=(0, 7), chance=0.1013)
    assert "a gap as wide as 5 of 11 against 0 of 7 comes up by chance in about 10 of 100 such comparisons" in (
        action_tables.hint(yearly)
    )
    assert action_tables.hint(replace(yearly, chance=None)).startswith("A hint, not proof. The kind is chosen")


def test_texts_of_people_are_never_markup():
    action = make_action(HOSTILE, id=HOSTILE, origin_words=HOSTILE, owner_name=HOSTILE)
    doing = Doing(action, FIRST, make_verdict("worked"))
    board = make_board([doing], measures=(UnderWay(FIRST, (action,), 0, Meant(action, doing.verdict)),))
    drawn = [action_tables.listed(board, which, lambda id: f"actions?action={id}") for which in ("mine", "open")]
    drawn += [action_tables.by_measure(board), action_tables.told_of(action, TODAY, doing)]
    at = datetime(2026, 11, 1)
    drawn.append(action_tables.comments([Comment("1", "action:1", f"{HOSTILE}\n&", HOSTILE, at, None)]))
    change = Change(at, HOSTILE, "change_action", {"title": HOSTILE}, {"title": "x"})
    drawn.append(action_tables.history([change], {}))
    assert not [text for text in drawn if "<script" in text]
    assert all(HOSTILE in words(text) for text in drawn)


def test_a_change_is_told_with_what_was_before():
    change = Change(datetime(2026, 11, 1), "Rana", "change_action", {"owner": "jo", "effect": None}, {"owner": "amara", "effect": 1})
    assert action_tables.change_words(change, {"amara": "Amara Osei", "jo": "Jo Lind"}) == (
        "owner Amara Osei, was Jo Lind; expected effect 1, was none"
    )

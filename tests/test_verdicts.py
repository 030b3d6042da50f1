"""What measures say about actions: overlaps share a verdict, the next action has its own, a year is counted by kind."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from scorecard import actions, metrics
from scorecard.store import members
from scorecard.store.members import Person
from tests.conftest import make_actor, make_store
from tests.scorecards import goal, load, make_definition, make_noise, make_scorecard, month, monthly

CARD, TODAY = "customer-success", date(2026, 11, 20)
LEADER = make_actor("leader")
# Figures from January 2024 to October 2026: noise around 90%, from March 2026 on a step up of 6 points.
COUNT, STEP = 34, 26


def stepped(size: float = 0.06) -> list[float]:
    return [x + (size if n >= STEP else 0) for n, x in enumerate(make_noise(COUNT))]


@pytest.fixture(scope="module")
def loaded(tmp_path_factory):
    """Three measures: one stepped up in March 2026, one did nothing, one fell."""
    store = make_store(tmp_path_factory.mktemp("verdicts"))
    store.write(lambda tx: members.insert_person(tx, Person("rana", "Rana Amari")), "test")
    series = {"up": stepped(), "flat": make_noise(COUNT), "down": stepped(-0.06)}
    make_scorecard(store, *(make_definition(name, targets=(goal(2024, 1, 0.85),)) for name in series))
    load(store, {(name, ""): monthly(values) for name, values in series.items()}, date(2026, 11, 2))
    yield store
    store.close()


@pytest.fixture
def store(loaded):
    """The measures without any action."""
    loaded.write(lambda tx: tx.run("DELETE FROM action"), "test")
    return loaded


def do(store, measure: str, started: str, ended: str = "", state: str = "done", **fields) -> actions.Action:
    """An action on a measure that began on a day, and ended on another."""
    usual = {"title": f"On {measure} from {started}", "kind": "process", "owner": "rana", "due": date(2026, 12, 1)}
    made = actions.add(store, LEADER, **(usual | fields), measure=measure, started=date.fromisoformat(started), today=TODAY)
    if not ended:
        return made
    return actions.set_state(store, LEADER, made.id, state, date.fromisoformat(ended), 1)


def told(store, *found) -> list[str]:
    said = metrics.verdicts(store, found, TODAY)
    return [said[one.id].verdict for one in found]


def test_the_same_work_is_judged_by_what_its_own_measure_did(store):
    found = [do(store, name, "2026-03-02", "2026-03-30") for name in ("up", "flat", "down")]
    late = do(store, "flat", "2026-09-03")
    assert told(store, *found) == ["worked", "no_evidence", "worse"]
    assert metrics.verdicts(store, [late], TODAY)[late.id].figures == "2 of 3 months run"


def test_actions_that_overlap_share_a_verdict_from_the_first_start_on(store):
    first = do(store, "up", "2026-03-02", "2026-07-30", title="First")
    second = do(store, "up", "2026-06-02", "2026-08-30", title="Second")
    said = metrics.verdicts(store, [first, second], TODAY)
    assert told(store, first, second) == ["worked", "worked"]
    assert said[second.id].months == said[first.id].months == 8
    assert (said[first.id].shared, said[second.id].shared) == (("Second",), ("First",))


def test_a_later_action_does_not_lend_its_success_to_the_one_before(store):
    before = do(store, "up", "2025-11-03", "2026-01-30", title="Before")
    after = do(store, "up", "2026-03-02", "2026-04-30", title="After")
    assert told(store, before, after) == ["no_evidence", "worked"]
    said = metrics.verdicts(store, [before], TODAY)[before.id]
    assert said.months == 4 and said.sentence.rest.endswith("'After' began in March 2026.")
    assert told(store, before) == ["no_evidence"]


def test_the_limits_of_the_time_before_the_start_are_those_it_is_read_against(store):
    # After the step the limits are locked on the old level, so a later action meets them and seems to work as well:
    # only the phase that people begin with the step gives it a level of its own.
    done = do(store, "up", "2026-03-02", "2026-04-30")
    metrics.rebase(store, LEADER, "up", "", month(2026, 3), "Step", dict.fromkeys(metrics.QUESTIONS, True))
    later = do(store, "up", "2026-08-03")
    said = metrics.verdicts(store, [done, later], TODAY)
    assert said[done.id].verdict == "worked" and said[done.id].old_centre == pytest.approx(0.9003, abs=1e-3)
    assert said[later.id].verdict == "too_few" and "before the start are too few for limits" in said[later.id].sentence.rest


def test_a_withdrawn_action_is_read_up_to_its_end(store):
    gone = do(store, "up", "2025-11-03", "2026-02-05", state="dropped")
    said = metrics.verdicts(store, [gone], TODAY)[gone.id]
    assert (said.verdict, said.months) == ("no_evidence", 4)
    assert said.sentence.rest.endswith("Withdrawn 5 Feb 2026.")


def test_work_that_has_not_begun_has_no_figures_to_read(store):
    waiting = actions.add(store, LEADER, title="Wait", kind="tool", owner="rana", due=TODAY, measure="up", today=TODAY)
    bare = actions.add(store, LEADER, title="Ask", kind="tool", owner="rana", due=TODAY, today=TODAY)
    said = metrics.verdicts(store, [waiting, bare], TODAY)
    assert said[waiting.id].figures == "not started" and bare.id not in said


def test_a_year_counts_what_was_finished_in_it_by_kind(store):
    do(store, "up", "2026-03-02", "2026-03-30", kind="process")
    do(store, "flat", "2026-03-02", "2026-03-30", kind="training")
    do(store, "down", "2025-09-02", "2025-10-31", kind="tool")
    do(store, "down", "2026-03-02", "2026-11-02", kind="tool")
    do(store, "flat", "2026-06-02", kind="effort")
    year = metrics.yearly(store, TODAY, month(2026, 10))
    assert (year.first, year.finished, year.worked) == (month(2025, 11), 2, 1)
    assert (year.work, year.people) == ((1, 1), (0, 1)) and year.chance == pytest.approx(1)
    assert {line.kind: (line.worked, line.no_evidence) for line in year.lines if line.read} == {
        "process": (1, 0),
        "training": (0, 1),
    }


def named(store, measure: str, period=None):
    view = metrics.scorecard_view(store, CARD, period, "", TODAY)
    return next(row for row in view.rows if row.measure.name == measure).action


def test_a_row_names_the_action_that_is_furthest_under_way(store):
    assert named(store, "flat") is None
    actions.add(store, LEADER, title="Wait", kind="tool", owner="rana", due=date(2026, 11, 25), measure="down", today=TODAY)
    assert named(store, "down").title == "Wait"
    do(store, "down", "2026-10-02", title="Begun")
    assert (named(store, "down").title, named(store, "down").owner_name, named(store, "down").verdict) == ("Begun", "Rana Amari", "")


def test_a_measure_on_course_names_what_brought_it_there(store):
    do(store, "up", "2026-03-02", "2026-04-30", title="Guided onboarding")
    assert (named(store, "up").title, named(store, "up").verdict) == ("Guided onboarding", "worked")


def test_a_month_long_past_does_not_name_what_was_begun_since(store):
    do(store, "flat", "2026-10-02")
    assert named(store, "flat") is not None and named(store, "flat", month(2026, 3)) is None


def test_a_measure_tells_all_that_was_meant_to_move_it_the_last_first(store):
    do(store, "up", "2026-03-02", "2026-04-30", title="First")
    do(store, "up", "2026-09-02", title="Last")
    view = metrics.measure_view(store, "up", None, "", TODAY)
    assert [(one.action.title, one.verdict.verdict) for one in view.actions] == [("Last", "too_few"), ("First", "worked")]


def test_the_board_says_what_is_late_idle_and_what_worked(store):
    do(store, "up", "2026-03-02", "2026-04-30", title="Guided onboarding")
    late = actions.add(store, LEADER, title="Late", kind="tool", owner="rana", due=date(2026, 11, 17), measure="down",
                       today=date(2026, 11, 1), now=datetime(2026, 11, 1))  # fmt: skip
    board = metrics.of_person(metrics.board(store, CARD, TODAY), "rana")
    assert [one.action for one in board.overdue] == [late] == [one.action for one in board.mine]
    first, year, idle = board.sentences
    assert first.text == "Your open action is overdue: “Late”."
    assert year.text == "Of 1 action finished in 12 months, 1 worked. New ways of working and new tools: 1 of 1 read."
    assert "has one that has not begun" in idle.text
    line = next(one for one in board.measures if one.row.measure.name == "down")
    assert (len(line.open), line.late) == (1, 1)

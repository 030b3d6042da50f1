"""Triggers on the environment log and on measures: what they count, what they lack, which plan answers them; what people wrote is escaped."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from scorecard import organisation, registers
from scorecard.core.scenarios import Level
from scorecard.output import planning_proforma, planning_scenarios, planning_triggers
from scorecard.planning import proforma, scenarios, triggers
from tests.conftest import make_actor
from tests.scorecards import load, make_definition, make_scorecard, month, monthly
from tests.stores import blank, copied, opened

TODAY, LEADER = date(2026, 11, 23), make_actor()
EVIL = "<img src=x> & co"
NOON = 12


@pytest.fixture
def store(tmp_path):
    made = opened(copied(blank(), tmp_path / "store"))
    yield made
    made.close()


def watch(store, **more) -> str:
    said = {"title": "Cheaper offers", "watches": "environment", "field": "competitor", "entries": 2, "agreed_on": "2026-01-05", "owner": None}
    return registers.add(store, LEADER, "trigger", {k: v for k, v in (said | more).items() if v is not None or k == "owner"}, today=TODAY).id


def log(store, seen_on: str, title: str = "Lost deal", field: str = "competitor", written_on: str = "") -> None:
    at = datetime.fromisoformat(f"{written_on or seen_on}T{NOON}:00")
    said = {"title": title, "field": field, "side": "threat", "seen_on": seen_on, "owner": None}
    registers.add(store, LEADER, "environment", said, today=TODAY, now=at)


def answer(store, trigger: str, title: str, state: str, **more) -> None:
    registers.add(store, LEADER, "response_plan", {"title": title, "trigger": trigger, "owner": None, **more}, state=state, today=TODAY)


def only(store) -> triggers.Watched:
    (one,) = triggers.read(store, TODAY).found
    return one


def fired(one) -> list[str]:
    return [str(each.period) for each in one.fired]


def test_as_many_entries_of_one_month_as_it_takes_make_it_fire(store):
    watch(store)
    for day in ("2026-03-30", "2026-04-02", "2026-06-01", "2026-06-20"):
        log(store, day)
    log(store, "2026-06-21", field="market")
    assert fired(only(store)) == ["2026-06"] and only(store).now == "none in the log"


def test_an_entry_that_was_written_long_after_its_month_was_not_known_of_it(store):
    """As known: by the review of the month, so within the month after it."""
    watch(store)
    log(store, "2026-06-01")
    log(store, "2026-06-20", written_on="2026-09-01")
    assert fired(only(store)) == []


def test_this_month_counts_as_soon_as_there_are_enough_and_is_half_way_before(store):
    watch(store)
    log(store, "2026-11-10")
    assert only(store).half_way and only(store).now == "1 entry in November so far"
    log(store, "2026-11-20")
    assert fired(only(store)) == ["2026-11"] and not only(store).half_way and [str(each.period) for each in only(store).waiting(TODAY)] == ["2026-11"]


def test_words_have_to_stand_in_the_entry(store):
    watch(store, words="15% cheaper", entries=None)
    log(store, "2026-05-01", "An offer 15% cheaper")
    log(store, "2026-06-01", "An offer 10% cheaper")
    assert fired(only(store)) == ["2026-05"]
    assert only(store).told == "An entry on competitor that says “15% cheaper”"


@pytest.mark.parametrize("lacks", [{"field": None, "entries": None}, {"watches": "measure"}])
def test_a_condition_that_lacks_something_says_so_and_never_fires(store, lacks):
    watch(store, **lacks)
    one = only(store)
    assert one.fault.endswith("it watches nothing yet.") and not one.fired and one.fault in planning_triggers.section(triggers.read(store, TODAY), ways())


def test_a_measure_of_one_segment_is_watched_alone_and_its_percent_is_typed_as_it_is_read(store):
    organisation.first_start(store)
    make_scorecard(store, make_definition("kept", aggregate="none"))
    series = {("kept", "A"): [0.9] * 5 + [0.7], ("kept", ""): [0.9] * 6}
    load(store, {key: monthly(values, month(2026, 5)) for key, values in series.items()}, date(2026, 11, 2))
    with store.read() as tx:
        measure = triggers.definitions.current(tx)["kept"]
        parts = {segment: triggers.known_of(tx, measure, segment, TODAY) for segment in ("", "A")}
    last = {segment: found[max(found)][max(found)] for segment, found in parts.items()}
    assert last == {"": 0.9, "A": 0.7} and str(max(parts["A"])) == "2026-10"


def test_the_plan_that_is_furthest_answers(store):
    id = watch(store)
    assert not only(store).has_plan
    answer(store, id, "Named only", "missing")
    assert not only(store).has_plan and only(store).response.title == "Named only"
    answer(store, id, "Draft", "draft", steps="One")
    answer(store, id, "Named later", "missing")
    assert only(store).response.title == "Draft" and only(store).has_plan


def ways(may: bool = True) -> planning_triggers.Ways:
    return planning_triggers.Ways(lambda id: f"planning?record=trigger:{id}", lambda id: f"planning?record=response_plan:{id}", lambda id: f"planning?write={id}", may)


def test_write_it_is_offered_to_who_may_write(store):
    watch(store)
    found = triggers.read(store, TODAY)
    assert "write it" in planning_triggers.section(found, ways()) and "write it" not in planning_triggers.section(found, ways(may=False))


def test_what_people_wrote_is_escaped_in_every_part(store):
    answer(store, watch(store, title=EVIL, words=EVIL), EVIL, "draft", steps=EVIL)
    registers.add(store, LEADER, "scenario", {"title": EVIL, "told": EVIL, "changes": [{"measure": EVIL, "change": 1, "ground": EVIL}], "owner": None}, today=TODAY)
    lines = [{"line": line, "low": 1, "base": 1, "high": 1, "source": EVIL} for line in ("opening", "retention", "expansion", "new", "cost")]
    registers.add(store, LEADER, "pro_forma", {"title": EVIL, "first": "2026-01", "quarters": 2, "assumptions": lines, "owner": None}, today=TODAY)
    levels: dict[str, Level] = {}
    drawn = [planning_triggers.section(triggers.read(store, TODAY), ways()), planning_scenarios.section(scenarios.read(store, levels, (), TODAY), str, str),
             planning_proforma.section(proforma.read(store, TODAY), str)]  # fmt: skip
    for html in drawn:
        assert "<img" not in html and "&lt;img src=x&gt; &amp; co" in html
    (one,) = proforma.read(store, TODAY)
    assert one.actuals == (None, None) and not one.lacking, "without facts nothing was billed"
    assert scenarios.read(store, levels, (), TODAY)[0].unknown == (EVIL,)

"""Triggers on the environment log and on measures: what they count, what they lack, which plan answers them; what people wrote is escaped."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from scorecard import organisation, registers
from scorecard.core import register_values
from scorecard.core.scenarios import Level
from scorecard.errors import UsageError
from scorecard.output import planning_proforma, planning_scenarios, planning_triggers
from scorecard.planning import proforma, scenarios, triggers
from scorecard.reviews import commands
from scorecard.store import loads, members
from scorecard.store.members import Person
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
    registers.add(store, LEADER, "response_plan", {"title": title, "trigger": trigger, "owner": None} | more, state=state, today=TODAY)


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
    lines = [{"line": line, "low": 60, "base": 60, "high": 60, "source": EVIL} for line in ("opening", "retention", "expansion", "new", "cost")]
    registers.add(store, LEADER, "pro_forma", {"title": EVIL, "first": "2026-01", "quarters": 2, "assumptions": lines, "owner": None}, today=TODAY)
    levels: dict[str, Level] = {}
    drawn = [planning_triggers.section(triggers.read(store, TODAY), ways()), planning_scenarios.section(scenarios.read(store, levels, (), TODAY), str, str),
             planning_proforma.section(proforma.read(store, TODAY), str)]  # fmt: skip
    for html in drawn:
        assert "<img" not in html and "&lt;img src=x&gt; &amp; co" in html
    (one,) = proforma.read(store, TODAY)
    assert one.actuals == (None, None) and not one.lacking, "without facts nothing was billed"
    assert scenarios.read(store, levels, (), TODAY)[0].unknown == (EVIL,)


def brought(store, period, value: float, on: str) -> None:
    """One figure of a measure, loaded on a day."""
    def work(tx) -> None:
        loads.add(tx, loads.Load(on, on, on, {}, 1, 0, 0, 0, period.start, period.end, "", "UTC", 1, None))
        loads.add_figures(tx, on, [("queue", period, "", "", "", value, None, None)])

    store.write(work, "Rana", datetime.fromisoformat(f"{on}T{NOON}:00"))


@pytest.fixture
def queue(store):
    """A trigger above 59 in one month, with figures up to a level that holds from August on."""
    organisation.first_start(store)
    make_scorecard(store, make_definition("queue", unit="count", bounds=(0, None), improvement_direction="decrease"))
    brought(store, month(2026, 8), 65, "2026-09-02")
    brought(store, month(2026, 9), 66, "2026-10-02")
    watch(store, title="Queue", watches="measure", measure="queue", side="above", threshold=59, running=1, agreed_on="2026-10-10", field=None, entries=None)
    return store


def test_a_figure_that_came_within_its_month_waits_for_the_whole_month_and_now_is_what_is_known_now(queue):
    brought(queue, month(2026, 10), 74, "2026-10-15")
    brought(queue, month(2026, 10), 40, "2026-11-02")
    assert fired(only(queue)) == ["2026-08"] and only(queue).now.startswith("40") and not only(queue).holds
    brought(queue, month(2026, 10), 61, "2026-11-12")
    assert fired(only(queue)) == ["2026-08"] and only(queue).now.startswith("61") and only(queue).holds, "the figure of the scorecard, and what fired then"


def test_what_held_before_anybody_watched_fires_in_the_first_month_that_is_watched_and_enters_one_agenda(queue):
    brought(queue, month(2026, 10), 67, "2026-11-02")
    assert [(str(each.period), each.dry) for each in only(queue).fired] == [("2026-08", True), ("2026-10", False)]
    (waits,) = only(queue).waiting(TODAY)
    with queue.read() as tx:
        card = triggers.home(tx, "queue").id
    commands.bring(queue, LEADER, card, month(2026, 11), waits.item, "Queue")
    with queue.read() as tx:
        there = [len(triggers.on_agenda(tx, card, period, TODAY, written)) for period, written in ((month(2026, 10), []), (month(2026, 11), [waits.item]))]
    assert there == [0, 1], "what one review has taken up does not enter an earlier one that is opened later"


def test_another_plan_written_later_does_not_undo_that_the_first_was_started(store):
    id = watch(store, entries=1)
    log(store, "2026-05-03")
    store.write(lambda tx: members.insert_person(tx, Person("rana", "Rana Amari")), "Rana")
    answer(store, id, "Value talks", "done", steps="Call", started_on="2026-05-20", ended_on="2026-07-01")
    answer(store, id, "A better answer", "ready", steps="Call", checked_on="2026-10-01", owner="rana")
    assert [each.started_on for each in only(store).fired] == [date(2026, 5, 20)] and not only(store).overlooked(TODAY)


def test_quarters_have_their_months_as_name_where_the_fiscal_year_begins_later_and_a_hole_in_the_facts_gives_no_figure(store):
    organisation.first_start(store)
    lines = [{"line": line, "low": 60, "base": 60, "high": 60, "source": "x"} for line in ("opening", "retention", "expansion", "new", "cost")]
    registers.add(store, LEADER, "pro_forma", {"title": "Money", "first": "2026-04", "quarters": 2, "assumptions": lines, "owner": None}, today=TODAY)
    assert [each.label for each in proforma.read(store, TODAY)[0].spans] == ["Q2 2026", "Q3 2026"]
    store.write(lambda tx: tx.run("UPDATE organisation SET fiscal_start = 4"), "Rana")

    with store.facts() as tx:
        for number in (3, 4, 5, 9):
            tx.run("INSERT INTO mrr_month (account_id, month, mrr, load, row_number) VALUES ('a', $1, 100, 'x', $2)", [date(2026, number, 1), number])
    (one,) = proforma.read(store, TODAY)
    assert [each.label for each in one.spans] == ["Apr to Jun 2026", "Jul to Sep 2026"]
    assert one.actuals == (None, None), "June and July are not known: nobody was lost, nobody came"
    assert "draft, not agreed" in planning_proforma.section([one], str)


# -- percents that can be read in two ways


def money(store, **lines) -> registers.Entry:
    usual = {"opening": 1000, "retention": 97, "expansion": 2, "new": 10, "cost": 5} | lines
    table = [{"line": line, "low": value, "base": value, "high": value, "source": "x"} for line, value in usual.items()]
    return registers.add(store, LEADER, "pro_forma", {"title": "Money", "first": "2026-04", "quarters": 2, "assumptions": table, "owner": None}, today=TODAY)


@pytest.mark.parametrize("typed", [0.97, 9.7, 970])
def test_a_retention_that_can_be_read_in_two_ways_is_asked_back_and_a_percent_sign_says_that_it_is_meant(store, typed):
    with pytest.raises(UsageError, match=r"row 2: Retention \(% of opening\), low: .* is read as .*%. If 97% is meant, write 97; if"):
        money(store, retention=typed)
    one = money(store, retention=f"{typed}%")
    (table,) = [field for field in registers.register("pro_forma").fields if field.name == "assumptions"]
    assert one.values["assumptions"][1]["low"] == typed
    assert register_values.read(table, register_values.words(table, one.values["assumptions"])) == one.values["assumptions"]


@pytest.mark.parametrize("typed", [0.97, 97, 9.7, 970])
def test_a_change_of_a_share_that_can_be_read_in_two_ways_is_asked_back(store, typed):
    organisation.first_start(store)
    make_scorecard(store, make_definition("kept", aggregate="none", unit="percent", bounds=(0.0, 1.0)))
    load(store, {("kept", ""): monthly([0.92] * 6, month(2026, 5))}, date(2026, 11, 2))
    said = {"title": "Less", "owner": None, "changes": [{"measure": "kept", "change": typed, "ground": "x"}]}
    with pytest.raises(UsageError, match="is read as a change of"):
        registers.add(store, LEADER, "scenario", said, today=TODAY)
    clear = [{"measure": "kept", "change": change, "how": how, "ground": "x"} for change, how in ((0.97, "points"), (-3, "units"), (-97, "percent"))]
    assert registers.add(store, LEADER, "scenario", said | {"changes": clear}, today=TODAY).version == 1
    with pytest.raises(UsageError, match="If 85% is meant, write 85"):
        watch(store, watches="measure", measure="kept", side="below", threshold=0.85, field=None, entries=None)


# -- the environment is read as it stands


def test_a_trigger_on_the_environment_reads_entries_as_they_stand_today_for_past_months_too(store):
    watch(store, words="cheaper", entries=1)
    log(store, "2026-03-30", title="A cheaper offer")
    assert fired(only(store)) == ["2026-03"] and only(store).watches_log
    with store.read() as tx:
        (one,) = registers.entries(tx, "environment")
    registers.change(store, LEADER, "environment", one.id, {"title": "A dearer offer"}, seen_version=1, today=TODAY)
    assert fired(only(store)) == [] and "as it stands today" in triggers.AS_IT_STANDS

"""Skills, staffing, development plans, feedback: counts for everybody, names for who may see them, what was agreed kept or missed."""

from __future__ import annotations

from datetime import date

import pytest

from scorecard import loading, places, registers
from scorecard.core.periods import Period
from scorecard.errors import NotAllowed, UsageError
from scorecard.maturity.records import grown
from scorecard.metrics import loaded
from scorecard.output import people_growth, people_skills
from scorecard.people import feedback, growth, named, positions, skills, staffing
from scorecard.people import page as people_page
from scorecard.reviews import recorded
from scorecard.store import definitions, measures
from tests.people.team import INES, JO, KAREN, KENJI, LUC, MEI, RANA, TODAY, ZOE, know, make_team, position
from tests.scorecards import load, make_definition, make_scorecard
from tests.stores import ANALYST, copied, once, opened


@pytest.fixture
def store(tmp_path, tmp_path_factory):
    made = opened(copied(once(tmp_path_factory, "small-team", make_team), tmp_path / "store"))
    yield made
    made.close()


def seen(store, actor) -> skills.Skills:
    return people_page.read(store, actor, TODAY).skills


# -- skills


def test_everybody_sees_how_many_can_and_only_oneself_and_the_leader_who(store):
    know(store, "kenji", "integrations", "teach")
    know(store, "mei", "integrations", "learning")
    for actor, people, on in ((RANA, ["Mei Lin", "Kenji Sato"], "Kenji Sato"), (KENJI, ["Kenji Sato"], "Kenji Sato"), (MEI, ["Mei Lin"], ""), (JO, [], ""), (KAREN, [], "")):
        line = seen(store, actor).lines[0]
        assert (line.name, line.now, line.required, line.gap, line.single, line.on) == ("Integrations", 1, 2, -1, True, on)
        assert [name for _, name in seen(store, actor).people] == sorted(people, key=lambda name: name.split()[-1]) and set(line.levels) == {one.split()[0].lower() for one in people}
    assert "Kenji" not in people_skills.both(seen(store, MEI), staffing.team(store, TODAY), str, str)


def test_the_newest_level_of_a_person_counts_and_who_left_does_not(store):
    know(store, "kenji", "renewal", "alone", "2026-01-01")
    know(store, "mei", "renewal", "alone", "2026-01-01")
    know(store, "kenji", "renewal", "learning", "2026-05-01")
    assert skills.team(store).lines[1].now == 1
    store.write(lambda tx: tx.run("UPDATE member SET active = false WHERE person = 'mei'"), "test")
    assert skills.team(store).lines[1].now == 0
    assert skills.sentences(skills.team(store))[1].bold == "Nobody works alone in Renewal talks yet;"


def test_a_skill_that_a_plan_names_and_nobody_wrote_down_is_said(store):
    with store.read() as tx:
        old = registers.one(tx, "position_plan", "csm")
    registers.change(store, RANA, "position_plan", "csm", {"skills": [{"skill": "Onbording", "people": 1}]}, seen_version=old.version, today=TODAY)
    assert skills.team(store).unknown == ("Onbording",) and "Onbording" in skills.sentences(skills.team(store))[-1].rest


def test_what_is_needed_in_two_years_stands_beside_what_is_needed_now(store):
    registers.add(store, RANA, "position_plan", position(name="Lead", holders=[], skills=[{"skill": "Integrations", "people": 1, "later": 4}]), today=TODAY)
    line = skills.team(store).lines[0]
    assert (line.required, line.later) == (3, 6)
    assert "6 in two years" in people_skills.both(skills.team(store), staffing.team(store, TODAY), str, str)


def test_a_position_plan_that_lacks_parts_or_was_to_be_read_again_is_named(store):
    registers.add(store, RANA, "position_plan", {"name": "New", "look_again": "2026-11-22"}, today=TODAY)
    with store.read() as tx:
        said = people_skills.lacking(positions.read(tx), TODAY)
    assert "<b>New</b> does not say what it is there for, how it is measured" in said and "was to be read again by 22 Nov 2026" in said


# -- staffing


def test_staffing_follows_from_what_is_planned_and_says_what_nobody_has_begun(store):
    registers.add(store, RANA, "staffing_plan", {"position": "csm", "month": "2027-06", "people": 5, "why": "growth"}, today=TODAY)
    registers.add(store, RANA, "staffing_plan", {"position": "csm", "month": "2026-02", "people": 9, "why": "past"}, today=TODAY)
    (line,) = staffing.team(store, TODAY).lines
    assert (line.now, line.required, line.planned.people, line.gap) == (3, 4, 5, -2)
    assert staffing.sentences(staffing.team(store, TODAY))[0].text == "By June 2027 the plan needs two more people in CSM. Nothing is begun yet for CSM."


def test_a_successor_is_named_to_their_leader_and_to_themselves_and_only_counted_for_others(store):
    registers.add(store, RANA, "succession", {"position": "csm", "successor": "mei"}, today=TODAY)
    found = {actor.person: people_page.read(store, actor, TODAY).staffing.lines[0] for actor in (RANA, MEI, KENJI, KAREN)}
    assert {id: line.successors for id, line in found.items()} == {"rana": (("Mei Lin", "year"),), "mei": (("Mei Lin", "year"),), "kenji": (), "karen": ()}
    assert all(line.succession for line in found.values())


# -- development plans


def make_plan(store, actor, person: str, *steps: tuple[str, str, str]) -> str:
    """The id of a plan that both agreed to, with (due, state, done on) of its steps."""
    plan = registers.add(store, actor, "development_plan", {"person": person, "aim": f"Aim of {person}"}, today=TODAY).id
    for who in (actor, RANA):
        growth.agree(store, who, plan, TODAY)
    for due, state, done in steps:
        said = {"person": person, "plan": plan, "title": f"Until {due}", "due": due} | ({"done_on": done} if done else {})
        registers.add(store, actor, "development_step", said, state=state, today=TODAY)
    return plan


def test_a_plan_is_agreed_when_the_person_and_their_leader_have_said_yes(store):
    plan = registers.add(store, MEI, "development_plan", {"person": "mei", "aim": "Teach"}, today=TODAY).id
    assert growth.waiting_for(people_page.read(store, MEI, TODAY).growth, MEI)[0].waits_for == ("the person", "the leader")
    assert growth.agree(store, RANA, plan, TODAY).state == "draft" and not growth.waiting_for(people_page.read(store, RANA, TODAY).growth, RANA)
    assert growth.agree(store, MEI, plan, TODAY).state == "agreed"
    with pytest.raises(UsageError, match="agreed on 23 Nov 2026 already"):
        growth.agree(store, MEI, plan, TODAY)


@pytest.mark.parametrize("actor", [KENJI, KAREN, JO])
def test_nobody_else_agrees_to_a_plan(store, actor):
    plan = registers.add(store, MEI, "development_plan", {"person": "mei", "aim": "Teach"}, today=TODAY).id
    with pytest.raises((NotAllowed, UsageError)):
        growth.agree(store, actor, plan, TODAY)


def test_an_aim_that_is_changed_after_the_yes_asks_both_again(store):
    plan = make_plan(store, MEI, "mei")
    with store.read() as tx:
        seen_version = registers.one(tx, growth.PLAN, plan, MEI).version
    registers.change(store, MEI, growth.PLAN, plan, {"aim": "Something else"}, seen_version=seen_version, today=TODAY)
    assert people_page.read(store, RANA, TODAY).growth.plans[0].waits_for == ("the person", "the leader")
    assert growth.agree(store, RANA, plan, TODAY).state == "draft"
    assert people_page.read(store, MEI, TODAY).growth.plans[0].waits_for == ("the person",)
    assert growth.agree(store, MEI, plan, TODAY).state == "agreed" and not people_page.read(store, MEI, TODAY).growth.plans[0].waits_for


def test_nobody_types_that_the_other_side_has_agreed(store):
    with pytest.raises(UsageError, match="agreeing to the plan"):
        registers.add(store, MEI, "development_plan", {"person": "mei", "aim": "Teach", "leader_agreed_on": "2026-11-01"}, today=TODAY)


def test_a_step_is_kept_late_missed_or_past_its_day(store):
    make_plan(store, MEI, "mei", ("2026-10-01", "kept", "2026-10-01"), ("2026-10-02", "kept", "2026-10-09"), ("2026-10-03", "missed", ""), ("2026-11-01", "open", ""), ("2026-12-01", "open", ""))
    (plan,) = people_page.read(store, RANA, TODAY).growth.plans
    assert [one.outcome for one in plan.steps] == ["kept", "late", "missed", "overdue", "open"]
    assert growth.sentences(people_page.read(store, RANA, TODAY).growth)[0].text == "One agreed step is past its day, such as Mei Lin: Until 2026-11-01, due 1 Nov 2026."
    assert not people_page.read(store, KENJI, TODAY).growth.plans and len(people_page.read(store, MEI, TODAY).growth.plans) == 1


def test_the_share_of_steps_kept_is_of_five_people_or_not_told(store):
    people = (KENJI, MEI, LUC, INES)
    for actor in people:
        make_plan(store, actor, actor.person, ("2026-10-05", "kept", "2026-10-04"))
    assert people_page.counts(store, TODAY).steps is None
    with store.read() as tx:
        assert growth.kept_by_month(tx, Period(date(2026, 10, 1), "month")) == {}
    make_plan(store, ZOE, "zoe", ("2026-10-20", "kept", "2026-10-21"), ("2026-10-21", "missed", ""))
    with store.read() as tx:
        assert growth.kept_by_month(tx, Period(date(2026, 10, 1), "month")) == {Period(date(2026, 10, 1), "month"): (4 / 6, 4.0, 6.0)}
    assert people_page.counts(store, TODAY).steps == (6, 4)


def test_where_a_file_brought_the_share_of_steps_kept_the_page_and_the_measure_say_why_they_differ(store):
    for actor in (KENJI, MEI, LUC, INES, ZOE):
        make_plan(store, actor, actor.person, ("2026-10-05", "kept", "2026-10-04"))
    make_scorecard(store, make_definition(growth.MEASURE, aggregate="ratio", unit="percent"))
    october = Period(date(2026, 10, 1), "month")
    assert recorded.beside(store, growth.MEASURE, TODAY) is None and people_page.counts(store, TODAY).measured == ""
    load(store, {(growth.MEASURE, ""): {october: (60, 84)}}, date(2026, 11, 2))
    recorded.refresh(store, RANA, TODAY)
    told = loaded.sentence(recorded.beside(store, growth.MEASURE, TODAY))
    assert told.startswith("In October 2026 the records written here say 100.0% (5 of 5), and this measure 71.4% (60 of 84)") and "came from load-2026-11-02.csv" in told
    found = people_page.counts(store, TODAY)
    assert found.steps == (5, 5) and found.measured == "The measure says 60 of 84 for the same months: its months came from load-2026-11-02.csv."
    assert found.measured in people_growth.development(people_page.read(store, RANA, TODAY).growth, found.steps, str, found.measured)


def test_an_induction_is_planned_from_the_position_by_the_leader_once(store):
    assert growth.begin_induction(store, RANA, "csm", "ines", date(2026, 12, 1), TODAY) == 2
    assert growth.begin_induction(store, RANA, "csm", "ines", date(2026, 12, 1), TODAY) == 0
    with store.read() as tx:
        learned = growth.learning(tx, INES, TODAY, named.team(tx).people)
    assert [(one.title, str(one.due)) for one in learned] == [("Meet a customer", "2026-12-06"), ("Purpose", "2026-12-11")]
    with pytest.raises(NotAllowed):
        growth.begin_induction(store, KENJI, "csm", "ines", date(2026, 12, 1), TODAY)


# -- feedback


def talk(store, person: str, on: str, kind: str = "informal", state: str = "held", by=RANA) -> None:
    registers.add(store, by, "feedback_talk", {"person": person, "kind": kind, "on": on, "words": f"Words for {person}"}, state=state, today=TODAY)


def test_who_heard_nothing_for_a_quarter_is_told_to_the_leader_in_alphabetical_order(store):
    for person in ("kenji", "luc", "ines", "zoe", "abe"):
        talk(store, person, "2026-08-23")
    talk(store, "mei", "2026-08-22")
    talk(store, "mei", "2026-12-01", "formal", "planned")
    found = people_page.read(store, RANA, TODAY).feedback
    assert [one.id for one in found.lines] == ["zoe", "rana", "mei", "luc", "kenji", "ines", "abe"]
    assert [one.name for one in found.quiet if one.id != "rana"] == ["Mei Lin"]
    assert feedback.sentences(found)[0].text == "Mei Lin has had no feedback for a quarter; the last talk was on 22 Aug 2026."
    assert next(one.planned for one in found.lines if one.id == "mei") == date(2026, 12, 1)
    assert [one.id for one in people_page.read(store, MEI, TODAY).feedback.lines] == ["mei"] and not feedback.sentences(people_page.read(store, KENJI, TODAY).feedback)


def test_a_formal_talk_stands_before_one_in_passing_and_no_words_are_drawn(store):
    talk(store, "kenji", "2026-10-05")
    talk(store, "kenji", "2026-10-09", "formal")
    talk(store, "kenji", "2026-11-02")
    found = people_page.read(store, RANA, TODAY).feedback
    line = next(one for one in found.lines if one.id == "kenji")
    assert line.months[-2:] == ("formal", "informal") and (line.last, line.last_formal) == (date(2026, 11, 2), date(2026, 10, 9))
    drawn = people_growth.both(found, people_page.read(store, RANA, TODAY).growth, None, str, str)
    assert "Words for" not in drawn and "Oct formal; Nov in passing" in drawn


# -- escaping and twins


def test_what_people_type_is_escaped_and_stands_in_the_tables_as_it_is(store):
    registers.add(store, RANA, "position_plan", position(name="<b>Bold</b>", holders=[]), today=TODAY)
    found, staffed = skills.team(store), staffing.team(store, TODAY)
    assert "<b>Bold</b>" not in people_skills.both(found, staffed, str, str)
    assert people_skills.staffing_table(staffed).rows[0][0] == "<b>Bold</b>" and len(people_skills.skills_table(found).rows) == 2


def test_the_measure_goes_on_from_the_steps_where_the_loaded_history_ends(store):
    definitions.record_file(store, places.measures_file(), "first start")
    offered = loading.propose(store, ANALYST, f"measure,period,numerator,denominator\n{growth.MEASURE},2026-09,6,10\n".encode(), "plans.csv", TODAY)
    loading.accept(store, ANALYST, offered, TODAY)
    for actor in (KENJI, MEI, LUC, INES, ZOE):
        make_plan(store, actor, actor.person, ("2026-09-05", "kept", "2026-09-04"), ("2026-10-05", "kept", "2026-10-05" if actor is not MEI else "2026-10-06"), ("2026-11-02", "missed", ""))
    recorded.entry_changed(store, RANA, growth.STEP, TODAY)
    with store.read() as tx:
        found = {str(one.period): (one.numerator, one.denominator) for one in measures.figures(tx, [growth.MEASURE])}
    assert found == {"2026-09": (6.0, 10.0), "2026-10": (4.0, 5.0)}


def test_each_record_speaks_for_its_practice_in_numbers_without_a_name(store):
    make_plan(store, MEI, "mei", ("2026-10-05", "kept", "2026-10-04"))
    talk(store, "mei", "2026-10-05", "formal")
    registers.add(store, RANA, "succession", {"position": "csm", "successor": "mei"}, today=TODAY)
    growth.begin_induction(store, RANA, "csm", "ines", date(2026, 10, 1), TODAY)
    with store.read() as tx:
        own = grown.read(tx, date(2025, 11, 1), TODAY)
    assert (own.positions, own.asking, own.skills, own.followed, own.inducted, own.plans, own.steps, own.formal, own.heard) == (1, 1, 2, 1, 2, 1, 1, 1, None)
    with store.read() as tx:
        assert all(registers.evidence(tx, id) for id in ("E1", "E2", "E3", "E5", "E6", "E7", "E8"))

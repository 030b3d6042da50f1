"""The goal tree: a goal is that of its measure, what lacks an owner, a measure or resources is named, a year shows what is worked on in it."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from datetime import date
from types import SimpleNamespace

import pytest

from scorecard import metrics, plan_links, projects, registers
from scorecard.core.periods import Period
from scorecard.errors import NotAllowed, ScorecardError, UsageError
from scorecard.improvement import projects as cases
from scorecard.output import part_tables, planning_plan, planning_tree, planning_twins
from scorecard.planning import carried, plans, tree
from scorecard.store import members
from scorecard.store.engine import Store
from scorecard.store.members import Person
from tests import stores
from tests.conftest import make_actor

TODAY = date(2026, 11, 23)
RANA, JO = make_actor("leader", "rana", "Rana Amari"), make_actor("member", "jo", "Jo Lind")
KAREN = make_actor("viewer", "karen", "Karen Holt")
WAYS = planning_tree.Ways(lambda register, id: f"planning?record={register}:{id}", lambda id: f"measure?measure={id}", lambda id: f"improvement?project={id}")


@pytest.fixture(scope="module")
def store(beginning, tmp_path_factory) -> Iterator[Store]:
    opened = stores.opened(stores.copied(beginning, tmp_path_factory.mktemp("planning") / "own"))

    def people(tx) -> None:
        for who in (RANA, JO, KAREN):
            members.insert_person(tx, Person(who.person, who.name))
            members.insert_member(tx, who.person, who.role)

    opened.write(people, "Rana")
    yield opened
    opened.close()


def make_plan(store: Store, **more) -> plans.Plan:
    said = {"title": f"Plan {secrets.token_hex(4)}", "first_year": 2026, "last_year": 2028, "edition": 1} | more
    entry = registers.add(store, RANA, "plan", said, state="agreed" if "agreed_on" in said else None, today=TODAY)
    with store.read() as tx:
        return plans.one(tx, entry.id)


def make_branch(store: Store, plan: plans.Plan, goal: dict | None = None, tactic: dict | None = None, state: str = "planned") -> SimpleNamespace:
    """One of each under a plan, complete unless said otherwise; None leaves a field out."""
    def add(register: str, said: dict, state: str | None = None) -> str:
        return registers.add(store, RANA, register, {key: value for key, value in said.items() if value is not None}, state=state, today=TODAY).id

    made = SimpleNamespace(objective=add("objective", {"plan": plan.id, "title": "Customers stay", "owner": "rana"}))
    made.goal = add("plan_goal", {"objective": made.objective, "title": "Renewals", "measure": "renewal_rate", "owner": "rana"} | (goal or {}))
    made.strategy = add("strategy", {"goal": made.goal, "title": "Talk early", "owner": "jo"})
    full = {"strategy": made.strategy, "title": "Price talk", "owner": "jo", "begins_on": "2026-03-01", "due": "2026-12-01", "people": 12, "money": 4000}
    made.tactic = add("tactic", full | (tactic or {}), state)
    return made


def read(store: Store, plan: plans.Plan, year: int | None = 2026, rows=None) -> tree.Tree:
    return tree.read(store, rows or {}, year, plan.id)


def test_the_figure_of_a_goal_is_the_dated_goal_of_its_measure_and_follows_it_with_its_reason(store):
    plan = make_plan(store)
    make_branch(store, plan)
    assert not {field.name for field in registers.register("plan_goal").fields} & {"value", "goal", "target", "figure"}
    before = read(store, plan).goals[0]
    metrics.set_goal(store, RANA, "renewal_rate", Period(date(2027, 1, 1), "month"), 0.95, "Annual plan 2027", "Two years without a miss")
    assert read(store, plan).goals[0].goal_text == before.goal_text  # The goal of 2026 stays that of 2026.
    assert read(store, plan, 2027).goals[0].words == "Renewal rate ≥ 95%"
    assert read(store, plan, None).goals[0].path.endswith(f"{before.goal_text} from January 2024, ≥ 95% from January 2027")
    with store.read() as tx:
        newest = plans.dated_goals(tx, ["renewal_rate"])[0]
    assert (newest.value, newest.source, newest.reason, newest.author) == (0.95, "Annual plan 2027", "Two years without a miss", "Rana Amari")
    metrics.set_goal(store, RANA, "renewal_rate", Period(date(2027, 1, 1), "month"), 0.94, "Annual plan 2027", "Sales agreed to less", seen=1)
    with store.read() as tx:
        now, was = plans.dated_goals(tx, ["renewal_rate"])[:2]
    assert (now.value, now.in_force, was.value, was.in_force) == (0.94, True, 0.95, False)
    assert "was ≥ 95%" in planning_plan.goals((now, was), lambda id: id)


@pytest.mark.parametrize(("goal", "tactic", "kind", "lacks"), [
    ({"owner": None}, {}, "goal", "owner"), ({"measure": None}, {}, "goal", "measure"), ({}, {"owner": None}, "tactic", "owner"),
    ({}, {"due": None}, "tactic", "date"), ({"measure": None}, {}, "tactic", "measure"), ({}, {"people": None, "money": None}, "tactic", "people or money"),
])  # fmt: skip
def test_what_lacks_an_owner_a_date_a_measure_or_resources_is_named(store, goal, tactic, kind, lacks):
    plan = make_plan(store)
    make_branch(store, plan, goal, tactic)
    found = read(store, plan)
    name = found.goals[0].title if kind == "goal" else "Price talk"
    assert [one.named for one in tree.gaps(found) if (one.kind, one.lacks) == (kind, lacks)] == [(name,)]
    told = " ".join(one.text for one in tree.sentences(found, TODAY))
    assert re.search(rf"{name}.*no {lacks}|no {lacks}:.*{name}", told), told


def test_a_complete_tree_says_so_and_has_no_gap(store):
    plan = make_plan(store)
    make_branch(store, plan)
    found = read(store, plan, rows={"renewal_rate": SimpleNamespace(value=0.9, value_text="90.0%", period=Period(date(2026, 10, 1), "month"), reading=SimpleNamespace(status="act", goal=None))})
    assert tree.gaps(found) == ()
    (one,) = tree.sentences(found, TODAY)
    assert one.bold == "The one tactic has an owner, a date and a measure." and one.rest == "The one goal that a measure tells is in Act: renewal rate."
    assert found.objectives[0].uses == tree.Resources(12, 4000)
    drawn = planning_tree.section(found, WAYS, TODAY, "$")
    assert "90.0% in October · Act" in drawn and "12 days of work, $4,000" in drawn and 'href="measure?measure=renewal_rate"' in drawn


def test_a_tactic_stands_in_the_years_in_which_it_is_worked_on_and_is_late_after_its_day(store):
    plan = make_plan(store)
    make_branch(store, plan, tactic={"begins_on": "2026-03-01", "due": "2027-02-01"})
    make_branch(store, plan, {"first_year": 2028}, {"title": "Later", "begins_on": "2028-01-10", "due": "2028-03-01"})
    make_branch(store, plan, tactic={"title": "Done", "begins_on": "2026-03-01", "due": "2026-04-01", "done_on": "2026-04-02"}, state="done")
    make_branch(store, plan, tactic={"title": "Given up"}, state="dropped")
    titles = {year: sorted(one.title for one in read(store, plan, year).tactics) for year in (2026, 2027, 2028, None)}
    assert titles == {2026: ["Done", "Price talk"], 2027: ["Price talk"], 2028: ["Later"], None: ["Done", "Later", "Price talk"]}
    assert len(read(store, plan).goals) == 3 and len(read(store, plan, 2028).goals) == 4
    late = [one.title for one in read(store, plan).tactics if one.late(date(2027, 2, 2))]
    assert late == ["Price talk"] and not any(one.late(date(2027, 2, 1)) for one in read(store, plan).tactics)
    assert tree.sentences(read(store, plan), date(2027, 2, 2))[-1].text == "One tactic is late: Price talk (Jo Lind, 1 Feb)."


def test_what_was_due_last_year_and_is_not_done_stands_in_this_one_and_what_is_done_is_never_late(store):
    plan = make_plan(store)
    make_branch(store, plan, tactic={"title": "Left over", "due": "2026-12-01"})
    make_branch(store, plan, tactic={"title": "Said by its day", "due": "2026-12-01", "done_on": "2026-11-20"}, state="running")
    then = date(2027, 1, 15)
    titles = {year: sorted(one.title for one in tree.read(store, {}, year, plan.id, then).tactics) for year in (2026, 2027, 2028)}
    assert titles == {2026: ["Left over", "Said by its day"], 2027: ["Left over"], 2028: []}
    whole = tree.read(store, {}, None, plan.id, then)
    assert [one.title for one in whole.tactics if one.late(then)] == ["Left over"]
    assert "was due 1 Dec" in planning_tree.section(tree.read(store, {}, 2027, plan.id, then), WAYS, then, "$")


def test_a_new_version_is_not_agreed_on_the_day_of_the_one_before(store):
    plan = make_plan(store, agreed_on="2026-01-09")
    assert plan.agreed_on == date(2026, 1, 9)
    with store.read() as tx:
        entry = registers.one(tx, "plan", plan.id)
    entry = registers.change(store, RANA, "plan", plan.id, {"edition": 2}, seen_version=entry.version, today=TODAY)
    with store.read() as tx:
        second = plans.one(tx, plan.id)
        assert plans.agreed_with(second, plans.standing(tx, second)) == "not agreed yet"
    registers.change(store, RANA, "plan", plan.id, {"agreed_on": "2026-11-20"}, seen_version=entry.version, today=TODAY)
    with store.read() as tx:
        assert plans.one(tx, plan.id).agreed_on == date(2026, 11, 20)


def test_what_somebody_typed_is_only_text_in_the_drawing_and_in_the_files(store):
    plan = make_plan(store)
    make_branch(store, plan, {"title": "=1+1", "measure": None}, {"title": "<script>alert(1)</script>"})
    found = read(store, plan)
    drawn = planning_tree.section(found, WAYS, TODAY, "$")
    assert "<script>" not in drawn and "&lt;script&gt;" in drawn
    assert "'=1+1" in part_tables.csv(planning_twins.tree(found)).decode("utf-8-sig")


def test_each_agrees_for_themselves_once_for_every_version(store):
    plan = make_plan(store, agreed_on="2026-01-09")
    plans.agree(store, JO, plan.id, 1, "Fewer goals: good.", TODAY)
    with store.read() as tx:
        found = plans.standing(tx, plan)
    assert "Jo Lind" in found.agreed and "Karen Holt" not in (*found.agreed, *found.waiting) and "Rana Amari" in found.waiting
    with pytest.raises(UsageError, match="agreed to version 1 already"):
        plans.agree(store, JO, plan.id, 1, "", TODAY)
    with pytest.raises(NotAllowed):
        plans.agree(store, KAREN, plan.id, 1, "", TODAY)
    registers.change(store, RANA, "plan", plan.id, {"edition": 2}, seen_version=plan.version, reason="Two goals fewer")
    with pytest.raises(ScorecardError, match="Version 2 of the plan is in force now"):
        plans.agree(store, RANA, plan.id, 1, "", TODAY)
    with store.read() as tx:
        again = plans.one(tx, plan.id)
        assert plans.standing(tx, again).agreed == () and [(one.number, one.people) for one in plans.editions(tx, again)] == [(2, 0), (1, 1)]


def reworded(store, plan) -> tuple[tuple[str, ...], list[str]]:
    with store.read() as tx:
        found = plans.standing(tx, plan)
    return found.older, [f"{one.what} {one.how}" for one in found.rewordings]


def test_who_agreed_before_the_words_changed_has_agreed_to_the_older_words_until_a_new_version_asks_again(store):
    plan = make_plan(store, agreed_on="2026-01-09")
    made = make_branch(store, plan)
    plans.agree(store, JO, plan.id, 1, "", TODAY)
    registers.add(store, JO, "plan_part", {"plan": plan.id, "part": "vision", "title": "Written down at last"}, today=TODAY)
    registers.change(store, RANA, "plan_goal", made.goal, {"owner": "jo", "people": 9}, seen_version=1)
    assert reworded(store, plan) == ((), []), "who owns a goal is no word of the plan, and a part that is written at last is none that changed"
    registers.change(store, RANA, "strategy", made.strategy, {"title": "Talk later"}, seen_version=1)
    assert reworded(store, plan) == (("Jo Lind",), ["the strategy “Talk later” changed"])
    plans.agree(store, RANA, plan.id, 1, "", TODAY)
    with store.read() as tx:
        found = plans.standing(tx, plan)
    assert found.older == ("Jo Lind",) and plans.agreed_with(plan, found).endswith("1 of them before its words changed")
    drawn = planning_plan.agreed(found, 1)
    assert "changed since Jo Lind agreed: the strategy “Talk later” was changed by Rana Amari" in drawn
    registers.change(store, RANA, "plan", plan.id, {"edition": 2}, seen_version=plan.version)
    with store.read() as tx:
        assert plans.standing(tx, plans.one(tx, plan.id)).older == ()
    plans.agree(store, JO, plan.id, 2, "", TODAY)
    registers.add(store, RANA, "objective", {"plan": plan.id, "title": "One more"}, today=TODAY)
    with store.read() as tx:
        again = plans.one(tx, plan.id)
    assert reworded(store, again) == (("Jo Lind",), ["the objective “One more” added"])


def test_nobody_agrees_for_another(store):
    plan = make_plan(store)
    said = {"plan": plan.id, "edition": 1, "person": "jo", "said_on": "2026-11-23"}
    with pytest.raises(UsageError, match="is not typed in"):
        registers.add(store, RANA, "plan_read", said, today=TODAY)
    with pytest.raises(UsageError, match="is missing"):
        registers.add(store, RANA, "plan_read", {"words": "Fine"}, today=TODAY)
    assert registers.import_rows(store, RANA, "plan_read", [said], TODAY).refused


def test_the_agreed_plan_is_in_force_before_a_draft(store):
    make_plan(store, title="A draft")
    agreed = make_plan(store, agreed_on="2026-11-22")
    with store.read() as tx:
        assert plans.current(tx).id == agreed.id
    registers.change(store, RANA, "plan", agreed.id, {}, seen_version=1, state="past")
    with store.read() as tx:
        assert plans.current(tx).id != agreed.id


def test_each_part_of_the_plan_has_its_place_and_age_those_that_are_missing_too(store):
    plan = make_plan(store)
    for part, looked in (("vision", "2026-11-01"), ("competition", "2025-11-23"), ("risk", "2025-11-24")):
        registers.add(store, JO, "plan_part", {"plan": plan.id, "part": part, "title": f"On {part}", "looked_on": looked}, today=TODAY)
    with store.read() as tx:
        found = {one.kind: one for one in plans.parts(tx, plan, TODAY)}
    assert len(found) == 9 and [kind for kind, one in found.items() if one.id] == ["vision", "competition", "risk"]
    assert {kind: (one.months, one.old) for kind, one in found.items() if one.id} == {"vision": (0, False), "competition": (12, True), "risk": (11, False)}
    drawn = planning_plan.parts(tuple(found.values()), lambda id: id, "planning?log=plan_part")
    assert drawn.count("not written yet") == 6 and "12 months ago, look again" in drawn


def test_who_brought_something_into_the_plan_is_counted_once_and_what_waits_is_said(store):
    for who, state, became in ((JO, "taken", "A tactic now"), (JO, "heard", None), (KAREN, "heard", None)):
        actor = who if who is JO else RANA
        registers.add(store, actor, "plan_voice", {"title": "An idea", "person": who.person, "about": "tactic", "became": became, "said_on": "2026-06-01"},
                      state=state, today=TODAY)  # fmt: skip
    with store.read() as tx:
        found = plans.taking_part(tx, date(2026, 1, 1))
    assert (found.people, found.contributions, found.taken, found.waiting) == (("Jo Lind",), 3, 1, 2)  # Karen only reads: she is not asked.
    assert plans.part_sentence(found).text.endswith("1 of 3 contributions were taken up. 2 wait for an answer.")


def test_an_account_or_marketing_plan_says_what_is_done_what_comes_next_and_what_is_late(store):
    steps = [{"what": "Report", "who": "Jo", "due": "2026-10-01", "done_on": "2026-10-02"}, {"what": "Offer", "who": "Jo", "due": "2026-11-20"},
             {"what": "Sign", "due": "2027-01-15"}]  # fmt: skip
    said = {"title": "Digest", "priority": "high", "aims": "Heard between renewals\nKnown by name", "begins_on": "2026-09-01"}
    registers.add(store, JO, carried.MARKETING, said | {"steps": steps}, state="running", today=TODAY)
    registers.add(store, JO, carried.MARKETING, said | {"title": "Old"}, state="done", today=TODAY)
    (one,) = carried.read(store, carried.MARKETING)
    assert (one.done, one.next.what, [late.what for late in one.late(TODAY)], len(one.aims)) == (1, "Offer", ["Offer"], 2)
    assert carried.sentence([one], TODAY).text == "1 marketing plan is under way. 1 of 3 tactics in them are done. One is late: Offer (Digest)."
    drawn = planning_plan.carried("Marketing plans", [one], lambda id: id, lambda id: id, TODAY, "None.")
    assert "1 of 3" in drawn and "was due 20 Nov" in drawn and "no goal of the plan named" in drawn


def test_a_goal_leads_upwards_and_a_project_leads_to_the_goal_that_it_serves(store):
    plan = make_plan(store)
    made = make_branch(store, plan)
    with store.read() as tx:
        assert plan_links.goals(tx, [made.goal])[made.goal].words == "Customers stay › Renewals"
        assert [one.titles for one in plan_links.of_project(tx, "none of its tactics", made.goal)] == [("Customers stay", "Renewals")]
        assert plan_links.of_project(tx, "none") == () and plan_links.goals(tx, ["gone"]) == {}


def test_who_may_not_write_the_plan_is_told_who_may(store):
    with pytest.raises(NotAllowed, match="Ask a leader"):
        registers.add(store, JO, "plan", {"title": "Mine", "first_year": 2026, "last_year": 2026}, today=TODAY)
    with pytest.raises(NotAllowed):
        registers.add(store, KAREN, carried.MARKETING, {"title": "Mine", "aims": "x"}, today=TODAY)


def test_open_projects_that_serve_no_goal_are_named_until_a_tactic_or_their_case_says_which(store):
    made = [projects.start(store, RANA, practice="", title=title, owner="jo", measure="renewal_rate", today=TODAY).id for title in ("Desk", "Levels", "Tour")]
    plan = make_plan(store)
    branch = make_branch(store, plan, tactic={"project": made[0]})
    cases.save_case(store, RANA, made[1], {"problem": "Slow", "goal": branch.goal}, seen_version=0, today=TODAY)
    found = read(store, plan)
    assert found.apart == ("Tour",) and tree.apart_sentence(found).text == "One open project serves no goal of the plan: Tour."
    assert [link.name for link in found.tactics[0].links] == ["Desk"] and 'href="improvement?project=' in planning_tree.section(found, WAYS, TODAY, "$")
    projects.stop(store, RANA, made[2], "No time", TODAY, 1)
    assert tree.apart_sentence(read(store, plan)) is None
    with store.read() as tx:
        assert [one.words for one in plan_links.of_project(tx, made[0], branch.goal)] == ["Customers stay › Renewals › Talk early › Price talk"]

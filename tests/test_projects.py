"""Projects: from a gap of the maturity results to a change that its measure shows, and back to the question."""

from __future__ import annotations

import json
from datetime import date

import pytest

from scorecard import actions, maturity, places, projects
from scorecard.errors import DefinitionError, NotAllowed, ScorecardError, StaleEdit, UsageError
from scorecard.maturity import loop
from scorecard.store import members
from scorecard.store.members import Person
from tests.conftest import make_actor, make_store
from tests.scorecards import goal, load, make_definition, make_noise, make_scorecard, monthly

TODAY = date(2026, 11, 20)
LEADER = make_actor("leader")
OWNER = make_actor("member", "luc", "Luc Renard")
# Figures from January 2024 to October 2026: noise around 90%, from March 2026 on a step up of 6 points.
COUNT, STEP = 34, 26


@pytest.fixture(scope="module")
def loaded(tmp_path_factory):
    """Two measures, of which one stepped up in March 2026; the maturity model; three people."""
    store = make_store(tmp_path_factory.mktemp("projects"))

    def people(tx):
        for id, name in (("rana", "Rana Amari"), ("luc", "Luc Renard"), ("sam", "Sam Whitlock")):
            members.insert_person(tx, Person(id, name))

    store.write(people, "test")
    maturity.record_file(store, places.ROOT / "data" / "maturity.toml", "first start")
    stepped = [x + (0.06 if n >= STEP else 0) for n, x in enumerate(make_noise(COUNT))]
    series = {"adoption": stepped, "renewals": make_noise(COUNT)}
    make_scorecard(store, *(make_definition(name, targets=(goal(2024, 1, 0.85),)) for name in series))
    load(store, {(name, ""): monthly(values) for name, values in series.items()}, date(2026, 11, 2))
    yield store
    store.close()


@pytest.fixture
def store(loaded):
    """The measures without any project, action or cycle."""
    for table in ("project", "action", "maturity_cycle"):
        loaded.write(lambda tx, table=table: tx.run(f"DELETE FROM {table}"), "test")
    return loaded


def begun(store, actor=LEADER, today=TODAY, now=None, **fields) -> projects.Project:
    usual = {"practice": "W5", "title": "Guided onboarding", "owner": "luc", "measure": "adoption", "effect": 0.06,
             "effect_by": date(2027, 3, 1)}  # fmt: skip
    return projects.start(store, actor, **(usual | fields), today=today, now=now)


def audited(store, project) -> list[str]:
    with store.read() as tx:
        return [change.what for change in projects.history(tx, project.id)]


def read_all(store) -> list[projects.Project]:
    with store.read() as tx:
        return projects.listed(tx)


def test_a_project_names_the_measure_it_should_move_and_begins_at_define(store):
    made = begun(store, phase="2027-Q1")
    assert (made.stage, made.open, made.owner_name, made.version) == ("define", True, "Luc Renard", 1)
    assert str(made.quarter) == "2027-Q1" and made.origin == f"project:{made.id}"
    with store.read() as tx:
        assert projects.of_practice(tx, "W5") == [made] and projects.of_practice(tx, "W6") == []
        assert projects.history(tx, made.id)[0].after["measure"] == "adoption"


@pytest.mark.parametrize("fields, says", [
    ({"measure": ""}, "Name the measure"),
    ({"measure": "adoptoin"}, "Did you mean 'adoption'"),
    ({"measure": "Adoption"}, "by its id: 'adoption'"),
    ({"owner": "nobody"}, "no person 'nobody'"),
    ({"practice": "Z9"}, "no practice 'Z9'"),
    ({"cycle": "gone"}, "no cycle 'gone'"),
    ({"effect": float("nan")}, "not a change"),
    ({"effect_by": date(2026, 1, 1)}, "cannot be expected by 1 Jan 2026"),
    ({"phase": "next year"}, "not a quarter"),
])  # fmt: skip
def test_what_a_project_cannot_say_is_refused_in_words(store, fields, says):
    with pytest.raises((UsageError, DefinitionError), match=says):
        begun(store, **fields)
    assert read_all(store) == []


def test_a_project_without_a_title_is_refused(store):
    with pytest.raises(DefinitionError, match="title of the project is empty"):
        begun(store, title="  ")


@pytest.mark.parametrize("role, may", [("viewer", False), ("member", False), ("analyst", True), ("leader", True), ("admin", False)])
def test_analysts_and_leaders_start_and_steer_projects(store, role, may):
    actor = make_actor(role, "sam", "Sam Whitlock")
    assert projects.may_steer(actor) is may
    if may:
        made = begun(store, actor)
        assert projects.edit(store, actor, made.id, 1, title="Another name").title == "Another name"
        assert projects.stop(store, actor, made.id, "No time", TODAY, 2).outcome == "stopped"
        return
    made = begun(store)
    for attempt in (
        lambda: begun(store, actor),
        lambda: projects.edit(store, actor, made.id, 1, title="Another name"),
        lambda: projects.move(store, actor, made.id, "measure", TODAY, 1),
        lambda: projects.finish(store, actor, made.id, TODAY, 1),
        lambda: projects.stop(store, actor, made.id, "No time", TODAY, 1),
        lambda: projects.reopen(store, actor, made.id, 1),
    ):
        with pytest.raises(NotAllowed, match="Ask an analyst or a leader"):
            attempt()
    assert [one.version for one in read_all(store)] == [1]


def test_who_owns_a_project_says_how_far_it_is_and_no_more(store):
    made = begun(store)
    moved = projects.move(store, OWNER, made.id, "analyse", TODAY, 1)
    assert moved.stage == "analyse" and projects.may_move(OWNER, moved) and not projects.may_steer(OWNER)
    with pytest.raises(NotAllowed):
        projects.edit(store, OWNER, made.id, 2, title="Mine")
    with pytest.raises(NotAllowed):
        projects.stop(store, OWNER, made.id, "No time", TODAY, 2)
    viewer = make_actor("viewer", "luc", "Luc Renard")
    assert not projects.may_move(viewer, moved)


def test_the_first_day_at_improve_is_the_day_the_work_changed(store):
    made = begun(store)
    assert projects.move(store, LEADER, made.id, "measure", date(2026, 11, 1), 1).began is None
    assert projects.move(store, LEADER, made.id, "improve", date(2026, 11, 5), 2).began == date(2026, 11, 5)
    projects.move(store, LEADER, made.id, "analyse", date(2026, 11, 8), 3)
    again = projects.move(store, LEADER, made.id, "improve", date(2026, 11, 12), 4)
    assert again.began == date(2026, 11, 5)
    assert projects.edit(store, LEADER, made.id, 5, began=date(2026, 11, 3)).began == date(2026, 11, 3)


def test_what_never_changed_the_work_cannot_be_finished_and_what_ended_does_not_move(store):
    made = begun(store)
    with pytest.raises(ScorecardError, match="has not changed the work yet"):
        projects.finish(store, LEADER, made.id, TODAY, 1)
    projects.move(store, LEADER, made.id, "improve", date(2026, 11, 5), 1)
    with pytest.raises(UsageError, match="cannot end on 1 Nov 2026"):
        projects.finish(store, LEADER, made.id, date(2026, 11, 1), 2)
    done = projects.finish(store, LEADER, made.id, TODAY, 2)
    assert (done.outcome, done.ended, done.open) == ("finished", TODAY, False)
    with pytest.raises(ScorecardError, match="is finished. Take it up again first"):
        projects.move(store, LEADER, made.id, "control", TODAY, 3)
    assert projects.reopen(store, LEADER, made.id, 3).open
    with pytest.raises(UsageError, match="Unknown stage 'verify'"):
        projects.move(store, LEADER, made.id, "verify", TODAY, 4)


def test_stopping_needs_a_reason_and_every_change_is_audited_with_what_it_changed(store):
    made = begun(store)
    with pytest.raises(DefinitionError, match="reason is empty"):
        projects.stop(store, LEADER, made.id, " ", TODAY, 1)
    projects.move(store, LEADER, made.id, "measure", TODAY, 1)
    projects.stop(store, LEADER, made.id, "Another team does it", TODAY, 2)
    assert audited(store, made) == ["stop_project", "move_project", "start_project"]
    with store.read() as tx:
        stopped = projects.history(tx, made.id)[0]
    assert stopped.before["outcome"] == "" and stopped.after["reason"] == "Another team does it"
    assert stopped.who == "Rana Amari"


def test_a_stale_edit_shows_both_versions_and_changes_nothing(store):
    made = begun(store)
    projects.edit(store, LEADER, made.id, 1, title="Guided start")
    with pytest.raises(StaleEdit, match="Rana Amari changed the project 'Guided start'.*Now stored: title Guided start. Yours: title Tour"):
        projects.edit(store, LEADER, made.id, 1, title="Tour")
    with pytest.raises(StaleEdit, match="nothing is lost"):
        projects.edit(store, LEADER, made.id, 1, title="Guided start")
    assert projects.edit(store, LEADER, made.id, 2, title="Guided start").version == 2
    with pytest.raises(UsageError, match="no field 'stage' to change"):
        projects.edit(store, LEADER, made.id, 2, stage="control")


def test_its_actions_name_it_and_stand_on_its_measure(store):
    made, other = begun(store), begun(store, title="Another")
    first = projects.act(store, LEADER, made.id, title="Write the guide", kind="tool", owner="luc", due=date(2026, 12, 1), today=TODAY)
    second = projects.act(store, OWNER, made.id, title="Ask ten customers", kind="cause", owner="luc", due=date(2026, 12, 5),
                          today=TODAY, measure="")  # fmt: skip
    assert (first.measure, first.origin, first.origin_words) == ("adoption", made.origin, "Project Guided onboarding")
    with store.read() as tx:
        assert projects.linked(tx, made.id) == [first, second] and projects.linked(tx, other.id) == []


def test_the_chart_of_its_measure_gives_the_verdict_from_the_day_the_work_changed(store):
    worked, nothing, waiting = (begun(store, title=title, measure=measure, today=date(2026, 1, 10)) for title, measure in
                                (("Worked", "adoption"), ("Nothing yet", "renewals"), ("Waits", "adoption")))  # fmt: skip
    for one in (worked, nothing):
        projects.move(store, LEADER, one.id, "improve", date(2026, 3, 2), 1)
    told = {one.project.title: one for one in loop.standings(store, TODAY)}
    assert [told[name].verdict.verdict for name in ("Worked", "Nothing yet", "Waits")] == ["worked", "no_evidence", "too_few"]
    assert told["Worked"].verdict.months == 8 and told["Worked"].label == "Adoption"
    assert told["Waits"].changed_on is None
    assert told["Waits"].verdict.sentence.text == "Too few months: the work has not changed yet."
    assert loop.standing(store, worked.id, TODAY) == told["Worked"]


def test_an_action_of_the_project_can_be_the_change_and_is_no_rival_of_its_own_project(store):
    made = begun(store, today=date(2026, 1, 10))
    own = projects.act(store, LEADER, made.id, title="New guide", kind="process", owner="luc", due=date(2026, 4, 1),
                       started=date(2026, 3, 2), today=date(2026, 1, 10))  # fmt: skip
    rival = actions.add(store, LEADER, title="Rival", kind="effort", owner="rana", due=date(2026, 12, 1), measure="adoption",
                        started=date(2026, 3, 5), today=date(2026, 3, 5))  # fmt: skip
    found = loop.standing(store, made.id, TODAY)
    assert (found.changed_on, found.verdict.verdict, found.verdict.shared) == (own.started, "worked", (rival.title,))
    assert [one.title for one in found.actions] == ["New guide"]


def test_a_stopped_project_that_changed_nothing_has_no_verdict_to_give(store):
    made = begun(store)
    projects.stop(store, LEADER, made.id, "No time", TODAY, 1)
    found = loop.standing(store, made.id, TODAY)
    assert found.verdict.verdict == "too_few" and found.again == ""


def test_a_verdict_asks_to_assess_the_practice_again_until_a_cycle_was_opened_since(store):
    made = begun(store, today=date(2026, 1, 10))
    projects.move(store, LEADER, made.id, "improve", date(2026, 3, 2), 1)
    begun(store, title="On the flat one", measure="renewals")
    assert [one.again for one in loop.again(store, TODAY)] == [
        "“Guided onboarding” has its verdict, worked, since March 2026: assess W5 again."]  # fmt: skip
    open_cycle(store, "quick", "work", date(2026, 12, 1))
    open_cycle(store, "full", "people", date(2026, 12, 1))
    open_cycle(store, "full", "work", date(2026, 3, 31))
    assert len(loop.again(store, TODAY)) == 1, "none of them asked about W5 since"
    open_cycle(store, "full", "work", date(2026, 4, 1))
    assert loop.again(store, TODAY) == ()


def open_cycle(store, kind: str, system: str, opens: date) -> None:
    maturity.open_cycle(store, LEADER, title=f"{kind} {system}", kind=kind, mode="named", people=_two(store),
                        closes=date(2026, 12, 20), systems=[system], today=opens)  # fmt: skip


def _two(store) -> list[str]:
    def members_too(tx):
        for id in ("luc", "sam"):
            if members.member(tx, id) is None:
                members.insert_member(tx, id, "member")

    store.write(members_too, "test")
    return ["luc", "sam"]


def test_the_command_line_starts_moves_and_tells_of_projects(store):
    from scorecard.cli import project as cli

    made = cli.start_project(store, LEADER, TODAY, title="Guided onboarding", owner="luc", measure="adoption", effect=0.06,
                             effect_by="2027-03-01", practice="W5", cycle="", phase="2027-Q1")  # fmt: skip
    assert (made["stage"], made["effect_by"], made["phase"]) == ("define", "2027-03-01", "2027-Q1")
    moved = cli.move_project(store, LEADER, TODAY, id=made["id"], stage="improve", on="2026-03-02")
    assert moved["began"] == "2026-03-02"
    cli.edit_project(store, LEADER, TODAY, id=made["id"], fields={"title": "Guided start", "effect_by": "2027-04-01"})
    listed = cli.list_projects(store, LEADER, TODAY, which="open")["projects"]
    assert [(one["title"], one["verdict"], one["again"][-16:]) for one in listed] == [("Guided start", "worked", "assess W5 again.")]
    assert cli.end_project(store, LEADER, TODAY, id=made["id"], outcome="finished", reason="", on="2026-11-01")["outcome"] == "finished"
    assert cli.list_projects(store, LEADER, TODAY, which="open")["projects"] == []
    assert json.dumps(cli.show_project(store, LEADER, TODAY, id=made["id"]))

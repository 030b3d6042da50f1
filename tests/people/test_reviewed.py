"""What a second reader of the page People found: who stands in a row, who still works here, what is said where little is known."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scorecard import registers
from scorecard.core import funnel
from scorecard.errors import NotAllowed
from scorecard.output import people_funnel, people_growth
from scorecard.people import context, feedback, growth
from scorecard.people import page as people_page
from scorecard.store import members
from scorecard.store.members import Person
from scorecard.ui import downloads, part_menu, people_context, state
from tests.people import test_context as figures
from tests.people.team import MEI, RANA, TODAY, know
from tests.people.test_growing import make_plan, store, talk  # noqa: F401

counted = figures.store


def test_two_people_of_one_name_keep_their_own_rows_when_figures_call_them_by_address(counted):
    def two(tx) -> None:
        for id in ("ada-zorn", "ada-2"):
            one = members.person(tx, id) or Person(id, "Ada Zorn", leader="lee")
            members.insert_person(tx, replace(one, email="two@x.example")) if id == "ada-2" else members.update_person(tx, replace(one, email="one@x.example"))

    counted.write(two, "test")
    kept = {name: pair for name, pair in figures.usual().items() if name != "Ada Zorn"}
    figures.put(counted, {**kept, "one@x.example": (36, 40)})
    figures.put(counted, {**kept, "two@x.example": (33, 40)}, measure="promises_kept")
    drawn = people_funnel.table(context.read(counted, figures.LEADER, figures.TODAY, [figures.COUNTED, "promises_kept"]))
    rows = [row for row in drawn.split("<tr>") if '<th scope="row">Ada Zorn</th>' in row]
    assert len(rows) == 2 and all(row.count("no cases") == 1 for row in rows)
    assert [name for name in drawn.split('<th scope="row">')[1:]][-1].startswith("Ada Zorn") and drawn.count('<th scope="row">') == 7


def test_a_person_whom_figures_call_by_name_and_by_address_is_one_person(counted):
    counted.write(lambda tx: members.update_person(tx, replace(members.person(tx, "cy-xu"), email="cy@x.example")), "test")
    figures.put(counted, figures.usual())
    figures.put(counted, {"CY@x.example": (20, 40)}, figures.MONTHS[:1])
    shown = figures.one(counted, figures.LEADER)
    assert shown.people == 6 and next(row.line.n for row in shown.rows if row.name == "Cy Xu") == 13 * 40
    assert figures.one(counted, figures.VIEWER).people == 6


@pytest.mark.parametrize(("chart", "key"), [(people_funnel.drawn, "Band: 95% limits. Dashes: 99.8% limits."), (people_funnel.means, "Band: decision limits.")])
def test_what_the_right_edge_names_stands_above_a_narrow_chart_too(counted, chart, key):
    figures.put(counted, figures.usual())
    assert chart(figures.one(counted, figures.VIEWER)).startswith(f'<p class="cap pf-key">Line: the team, 85.0%. {key}</p>')


def test_chance_is_told_of_somebody_where_two_lie_outside(counted):
    figures.put(counted, dict.fromkeys(figures.CSMS, (68, 80)) | {"Bo Yang": (70, 80), "Eve Vale": (66, 80)})
    found = context.read(counted, figures.VIEWER, figures.TODAY, [figures.COUNTED])
    assert found.shown[0].outside_95 == 2 and "chance alone puts somebody there in" in found.sentences[0].rest


def test_who_left_stands_in_no_square_no_plan_and_is_no_successor(store):  # noqa: F811
    for person in ("kenji", "mei"):
        know(store, person, "integrations", "alone")
    registers.add(store, RANA, "succession", {"position": "csm", "successor": "mei"}, today=TODAY)
    make_plan(store, MEI, "mei", ("2026-10-01", "open", ""))
    store.write(lambda tx: tx.run("UPDATE member SET active = false WHERE person = 'mei'"), "test")
    found = people_page.read(store, RANA, TODAY)
    assert found.skills.people == (("kenji", "Kenji Sato"),) and found.skills.lines[0].on == "Kenji Sato"
    assert not found.staffing.lines[0].succession and not found.staffing.lines[0].successors
    assert not found.growth.plans and not growth.sentences(found.growth)


def test_on_the_first_day_nobody_is_said_to_have_heard_nothing(store):  # noqa: F811
    found = people_page.read(store, RANA, TODAY).feedback
    assert [one.bold for one in feedback.sentences(found)] == ["No talk with six people is written down in 12 months."]
    assert "nothing for a quarter" not in people_growth.regularity(found, str)
    for person in ("kenji", "luc", "ines", "zoe"):
        talk(store, person, "2026-11-01")
    talk(store, "mei", "2026-07-01")
    assert [one.bold for one in feedback.sentences(people_page.read(store, RANA, TODAY).feedback)] == [
        "Mei Lin has had no feedback for a quarter;", "No talk with Abe Young is written down in 12 months."]  # fmt: skip


def test_groups_too_small_to_be_compared_are_said_to_be_so_beside_one_that_differs():
    found = funnel.funnel([funnel.Count(name, hits, 19) for name, hits in zip("ABCDE", (19, 2, 15, 16, 17), strict=True)])
    assert not found.enough and funnel.says(found).text.endswith("Fewer than five have 20 cases each: read the whole over time, not its parts.")


@pytest.mark.parametrize("changed", ["UPDATE member SET role = 'viewer' WHERE person = 'rana'", "UPDATE member SET active = false WHERE person = 'rana'"])
def test_a_file_is_built_for_who_may_still_see_it(store, monkeypatch, changed):  # noqa: F811
    monkeypatch.setattr(state, "store", lambda: store)
    monkeypatch.setattr(state, "actor", lambda opened: RANA)
    offered: list = []
    monkeypatch.setattr(downloads.st, "download_button", lambda label, data, **given: offered.append(data))
    part_menu.files("people-1", [part_menu.File("CSV", "-people.csv", lambda: b"rows of people")])
    (build,) = offered
    assert build() == b"rows of people"
    store.write(lambda tx: tx.run(changed), "test")
    with pytest.raises(NotAllowed):
        build()


def test_files_hold_the_measures_and_the_months_that_were_on_the_page(monkeypatch):
    asked: list[tuple] = []
    monkeypatch.setattr(people_context, "_read", lambda page, *chosen: asked.append(chosen))
    monkeypatch.setattr(people_context.people_funnel, "people_table", lambda found: found)
    session = {people_context.MEASURES: ["csat"], people_context.SPAN: 24}
    monkeypatch.setattr(people_context.st, "session_state", session)
    build = people_context.tables(None)[people_funnel.PEOPLE]
    session.clear()
    build()
    assert asked == [(("csat",), 24)]

"""Figures of CSMs in their context: which measures, which months, whose rows somebody sees, and what is said of everybody."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest

from scorecard import health, loading, measures, metrics, whose
from scorecard.access import Actor
from scorecard.core.funnel import DIFFERS, TOO_FEW, WITHIN
from scorecard.core.periods import Period
from scorecard.errors import NotAllowed
from scorecard.output import intake_tables, people_funnel
from scorecard.people import context
from scorecard.store import loads, members
from scorecard.store.engine import Store
from scorecard.store.members import Person
from tests import facts, stores

TODAY = date(2026, 11, 23)
MONTHS = [Period(date(2025, 11, 1), "month").shift(n) for n in range(12)]
CSMS = ("Ada Zorn", "Bo Yang", "Cy Xu", "Dee Wolf", "Eve Vale", "Flo Usher")
LEADER, OTHER = Actor("lee", "Lee Able", "leader"), Actor("max", "Max Other", "leader")
ADA, ANALYST, VIEWER = Actor("ada-zorn", "Ada Zorn", "member"), Actor("ann", "Ann", "analyst"), Actor("vi", "Vi", "viewer")
COUNTED, MONEY = "development_plans_kept", "renewal_rate"


@pytest.fixture
def store(beginning, tmp_path) -> Iterator[Store]:
    opened = stores.opened(stores.copied(beginning, tmp_path))

    def people(tx) -> None:
        for id, name, leader in [("lee", "Lee Able", ""), ("max", "Max Other", ""), *((name.lower().replace(" ", "-"), name, "lee") for name in CSMS)]:
            members.insert_person(tx, Person(id, name, leader=leader))

    opened.write(people, "test")
    yield opened
    opened.close()


def put(store: Store, kept: dict[str, tuple[int, int]], months=MONTHS, measure: str = COUNTED, segment: str = "", load: str = "l1") -> None:
    """The counts of each person, in each of the months."""
    rows = [(measure, month, segment, "", name, None, *pair) for month in months for name, pair in kept.items()]
    store.write(lambda tx: loads.add_figures(tx, load, rows), "test")


def usual(**other: tuple[int, int]) -> dict[str, tuple[int, int]]:
    return {name: (34, 40) for name in CSMS} | {name.replace("_", " "): pair for name, pair in other.items()}


def one(store: Store, actor: Actor, today: date = TODAY) -> context.Shown:
    return context.read(store, actor, today, [COUNTED]).shown[0]


def names_of(shown: context.Shown) -> list[str]:
    return [row.name for row in shown.rows]


# -- whose rows


def test_a_leader_sees_the_rows_of_those_they_lead_in_the_order_of_last_names(store):
    put(store, usual())
    assert names_of(one(store, LEADER)) == ["Flo Usher", "Eve Vale", "Dee Wolf", "Cy Xu", "Bo Yang", "Ada Zorn"]


@pytest.mark.parametrize("actor, rows", [(ADA, ["Ada Zorn"]), (OTHER, []), (ANALYST, []), (VIEWER, []), (Actor("", "operator", "leader"), [])], ids=lambda one: getattr(one, "name", ""))
def test_others_see_their_own_row_or_the_team_alone(store, actor, rows):
    put(store, usual())
    found = context.read(store, actor, TODAY, [COUNTED])
    assert names_of(found.shown[0]) == rows and found.shown[0].people == 6 and found.shown[0].whole.lines == ()
    assert found.sees == ("own" if rows else "team")
    assert [row[1] for row in people_funnel.people_table(found).rows] == rows and len(people_funnel.team_table(found).rows) == 1


def test_a_change_of_leader_counts_at_once(store):
    put(store, usual())
    store.write(lambda tx: members.update_person(tx, replace(members.person(tx, "bo-yang"), leader="max")), "test")
    assert "Bo Yang" not in names_of(one(store, LEADER)) and names_of(one(store, OTHER)) == ["Bo Yang"]


def test_a_name_that_two_people_have_or_nobody_has_is_seen_by_nobody_and_still_counts_in_the_team(store):
    put(store, usual(Gus_Nobody=(10, 40)))
    store.write(lambda tx: members.insert_person(tx, Person("ada-2", "ADA ZORN", leader="max")), "test")
    found = context.read(store, LEADER, TODAY, [COUNTED])
    assert "Ada Zorn" not in names_of(found.shown[0]) and found.strangers == 2 and found.shown[0].people == 7
    assert found.shown[0].whole.denominator == 7 * 12 * 40
    assert not one(store, ADA).rows


def test_figures_may_call_a_person_by_their_address(store):
    store.write(lambda tx: members.update_person(tx, replace(members.person(tx, "cy-xu"), email="cy@x.example")), "test")
    put(store, {**{name: pair for name, pair in usual().items() if name != "Cy Xu"}, "CY@x.example": (34, 40)})
    assert "Cy Xu" in names_of(one(store, LEADER))
    with store.read() as tx:
        assert whose.sight(tx, LEADER).may_see("") and not whose.sight(tx, VIEWER).may_see("Cy Xu")


# -- what is counted


def test_twelve_complete_months_are_added_up_and_a_person_is_the_sum_of_their_parts(store):
    put(store, usual(), [MONTHS[0].shift(-1), *MONTHS, MONTHS[-1].shift(1)])  # a thirteenth month, and one that is not over
    put(store, {"Ada Zorn": (30, 40)}, MONTHS[:1], load="l2")  # restated: the newest figure counts
    shown = one(store, LEADER)
    assert (shown.first, shown.last) == (MONTHS[0], MONTHS[-1])
    line = next(row.line for row in shown.rows if row.name == "Ada Zorn")
    assert (line.numerator, line.n) == (11 * 34 + 30, 12 * 40)


def test_parts_of_a_person_count_where_there_is_no_row_of_the_person_alone(store):
    put(store, usual(), segment="North")
    put(store, usual(), segment="South")
    put(store, {"Ada Zorn": (34, 40)})
    lines = {row.name: row.line for row in one(store, LEADER).rows}
    assert (lines["Bo Yang"].n, lines["Ada Zorn"].n) == (960, 480)


def test_money_scores_and_windows_are_no_counts_of_cases(store):
    put(store, usual())
    put(store, {name: (1000, 2000) for name in CSMS}, measure=MONEY)
    assert [measure.name for measure in context.read(store, LEADER, TODAY).offered] == [COUNTED]
    known = measures.current(store)
    assert not context.counts(known[MONEY]) and context.counts(known["contact_schedule_kept"]) == "share" and not context.counts(known["trust_score"])
    assert not context.counts(replace(known[COUNTED], window="trailing-3")) and context.counts(replace(known[COUNTED], chart="u")) == "rate"


def test_without_counts_by_person_nothing_is_shown_and_a_step_is_told(store):
    found = context.read(store, LEADER, TODAY)
    assert not found.offered and not found.shown and found.sentences == ()
    assert people_funnel.second_line(found) == "Names in alphabetical order, nobody is ranked"


@pytest.mark.parametrize("kept", [{name: (34, 40) for name in CSMS[:4]}, {name: (1, 1) for name in CSMS}], ids=["four people", "twelve cases each"])
def test_with_fewer_than_five_people_or_twenty_cases_each_only_the_team_is_read(store, kept):
    put(store, kept)
    found = context.read(store, LEADER, TODAY, [COUNTED])
    assert not found.shown[0].rows and not found.shown[0].whole.enough
    assert [one.text for one in found.sentences] == [f"Only the team is read on development plans kept ({found.shown[0].pooled}): fewer than five CSMs have 20 cases each."]


# -- what is said


def test_nobody_differs_where_all_do_as_the_team_does(store):
    put(store, usual())
    shown = one(store, LEADER)
    assert {row.line.verdict for row in shown.rows} == {WITHIN} and shown.too_few == 0
    assert context.sentences([shown])[0].text == "Nobody differs from the team beyond chance, on development plans kept (85.0%). What differs is in the system, and that is where to work."


def test_one_who_differs_is_counted_and_never_named(store):
    put(store, usual(Dee_Wolf=(29, 40)))
    found = context.read(store, VIEWER, TODAY, [COUNTED])
    assert found.sentences[0].bold == "One CSM differs from the team beyond chance," and "Ask what is different in the work before asking about the person." in found.sentences[0].rest
    assert "Dee" not in found.sentences[0].text
    drawn = people_funnel.drawn(one(store, LEADER))
    assert "pf-ring worse" in drawn and "Dee Wolf: 72.5% (348 of 480), differs beyond chance" in drawn and "Dee" not in people_funnel.drawn(one(store, VIEWER))
    assert next(row.line.verdict for row in one(store, LEADER).rows if row.name == "Dee Wolf") == DIFFERS


def test_who_has_too_few_cases_is_told_so_and_what_is_worth_noticing_is_edited_with_the_measure(store):
    put(store, usual(Ada_Zorn=(3, 4)))
    shown = one(store, LEADER)
    assert [row.name for row in shown.rows if row.line.verdict == TOO_FEW] == ["Ada Zorn"] and shown.too_few == 1
    assert "One of six has too few accounts to tell." in context.sentences([shown])[0].rest
    assert people_funnel.beside(shown.rows[-1].line, shown).endswith("too few accounts to tell")
    known = measures.current(store)[COUNTED]
    measures.save_measure(store, Actor("lee", "Lee Able", "leader"), replace(known, worth_noticing=0.3), "Thirty points matter here", metrics_version(store), TODAY)
    assert one(store, LEADER).too_few == 0 and one(store, LEADER).whole.worth_noticing == 0.3


def metrics_version(store: Store) -> int:
    return len(measures.history(store, COUNTED))


def test_hostile_names_are_escaped_in_the_drawing(store):
    store.write(lambda tx: members.insert_person(tx, Person("bad", "<img src=x> Zed", leader="lee")), "test")
    put(store, usual() | {"<img src=x> Zed": (34, 40)})
    found = context.read(store, LEADER, TODAY, [COUNTED])
    assert "<img" not in people_funnel.drawn(found.shown[0]) + people_funnel.means(found.shown[0]) + people_funnel.table(found)


# -- the same rows elsewhere


def test_figures_by_csm_are_told_to_the_person_and_their_leader_in_alphabetical_order(store):
    put(store, usual())

    def told(actor: Actor) -> list[str]:
        return list(dict.fromkeys(row["csm"] for row in metrics.figures(store, actor, COUNTED, "csm", None, None, TODAY)["rows"]))

    assert (told(LEADER), told(ADA), told(VIEWER), told(OTHER)) == (sorted(CSMS), ["Ada Zorn"], [], [])
    with pytest.raises(NotAllowed, match="--as PERSON"):
        told(Actor("", "operator (command line)", "leader"))
    assert len(metrics.figures(store, VIEWER, COUNTED, "", None, None, TODAY)["rows"]) == 12
    with store.read() as tx:
        looks = tx.all("SELECT actor, object FROM audit WHERE action = 'look at file' ORDER BY object")
    assert looks == [("Lee Able", f"person:{name.lower().replace(' ', '-')}") for name in CSMS]


def test_what_a_file_would_change_of_a_person_is_told_without_the_stored_figure(store, analyst):
    put(store, usual())
    path = store.backups.parent / "again.csv"
    path.write_text("measure,period,csm,numerator,denominator\n" + f"{COUNTED},2026-10,Ada Zorn,30,40\n", "utf-8")
    proposal = loading.propose(store, analyst, path, "again.csv", TODAY)
    assert len(proposal.changed) == 1 and loading.was_text(proposal.changed[0], proposal.definitions[COUNTED]) == "a person's figure"
    assert "34 of 40" not in intake_tables._changed(proposal)


def test_people_who_differ_more_than_counting_explains_widen_the_limits_and_it_is_said(store):
    names = [f"Nan {letter}name" for letter in "BCDFGHJKLMNP"]
    kept = (66, 71, 67, 69, 68, 68, 66, 71, 67, 70, 65, 71)
    put(store, {name: (top, 80) for name, top in zip(names, kept, strict=True)})
    shown = one(store, VIEWER)
    assert shown.whole.dispersion.factor > 1 and shown.differing == 0
    said = context.sentences([shown])[0].rest
    assert f"the limits are {shown.whole.dispersion.factor:.1f} times as wide: look at what their accounts differ in." in said and "of 100" not in said
    assert "chance alone" not in people_funnel.notes(shown) and "times as wide" in people_funnel.notes(shown)
    longer = context.read(store, VIEWER, TODAY, [COUNTED], 24).shown[0]
    assert (longer.months, longer.times, shown.times) == (12, "years", "years")


def test_rows_behind_a_number_name_those_csms_whose_figures_the_reader_may_see(store):
    facts.put(store, account=[{"account_id": "A1", "csm": "Bo Yang"}],
              contact=[{"account_id": "A1", "due_on": date(2026, 10, 9), "done_on": date(2026, 10, 9), "csm": name} for name in CSMS[:3]])
    measure, october = measures.current(store)["contact_schedule_kept"], Period(date(2026, 10, 1), "month")
    ann = Actor("ann", "Ann", "analyst")

    def told(actor: Actor) -> list[str]:
        found = metrics.behind(store, actor, measure, october)
        return sorted(row[found.columns.index("csm")] or "" for row in found.rows)

    assert (told(LEADER), told(ADA), told(ann)) == (sorted(CSMS[:3]), ["", "", "Ada Zorn"], ["", "", ""])


def test_a_restated_figure_of_a_person_is_told_without_the_person_and_the_figure(store, analyst):
    at = store.backups.parent / "figures.csv"
    for kept in (30, 31):
        at.write_text(f"measure,period,csm,numerator,denominator\n{COUNTED},2026-09,Ada Zorn,{kept},40\n", "utf-8")
        loading.accept(store, analyst, loading.propose(store, analyst, at, f"figures-{kept}.csv", TODAY), TODAY)
    changes = health.look(store, analyst, TODAY).changes
    assert [(one.what, one.was, one.now) for one in changes] == [("Development plans kept, one person", "not shown here", "not shown here")]

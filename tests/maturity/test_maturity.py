"""Cycles of maturity: answered alone, saved as chosen, sent once, shown when nothing can be told from it about one person."""

from __future__ import annotations

import threading
from datetime import date

import pytest

from scorecard import maturity, places
from scorecard.errors import NotAllowed, ScorecardError, StaleEdit, UsageError
from scorecard.store import members
from scorecard.store.members import Person
from tests import stores
from tests.conftest import make_actor

TODAY, END = date(2026, 9, 1), date(2026, 9, 30)
LEADER = make_actor("leader", "you", "You")
PEOPLE = tuple(f"rater-{n}" for n in range(8))


def make_team(folder) -> None:
    """A folder with a store that has the model and nine people who may answer: a leader and eight members."""
    stores.make_beginning(folder)
    store = stores.opened(folder)
    maturity.record_file(store, places.ROOT / "data" / "maturity.toml", "first start")

    def people(tx):
        for id in PEOPLE:
            members.insert_person(tx, Person(id, id.title()))
            members.insert_member(tx, id, "member")

    store.write(people, "You")
    store.close()


@pytest.fixture(scope="session")
def team_folder(tmp_path_factory):
    return stores.once(tmp_path_factory, "raters", make_team)


@pytest.fixture
def team(team_folder, tmp_path):
    opened = stores.opened(stores.copied(team_folder, tmp_path / "raters"))
    yield opened
    opened.close()


def opened(store, mode: str = "named", kind: str = "quick", people=(*PEOPLE, "you"), **more) -> maturity.Cycle:
    return maturity.open_cycle(store, LEADER, title="September 2026", kind=kind, mode=mode, people=people, closes=END,
                               today=TODAY, **more)


def rater(id: str):
    return LEADER if id == "you" else make_actor("member", id, id.title())


def answer(store, cycle, person: str, level: int | None, systems=None) -> None:
    """One person answers everything in the same way, and sends it."""
    for part in maturity.sheet(store, rater(person), cycle.id).parts:
        for practice in part.practices:
            met = [text for texts in practice.gates.values() for text in texts]
            maturity.save(store, rater(person), cycle.id, practice.id, chosen=level, met=met, evidence="The records." if (level or 0) > 3 else "")
    maturity.finish(store, rater(person), cycle.id)


def system(store, cycle, name: str, who=LEADER) -> maturity.SystemResult:
    return next(one for one in maturity.results(store, who, cycle.id).systems if one.system == name)


def test_answers_are_kept_as_they_are_chosen_in_any_order_and_survive_a_restart(team, tmp_path):
    cycle = opened(team, kind="full", systems=["work"])
    first = maturity.save(team, rater(PEOPLE[0]), cycle.id, "W6", chosen=3, evidence="Hand-overs have owners.")
    maturity.save(team, rater(PEOPLE[0]), cycle.id, "W1", chosen=None)
    assert first.version == 1
    team.close()
    again = stores.opened(tmp_path / "raters")
    sheet = maturity.sheet(again, rater(PEOPLE[0]), cycle.id)
    assert (sheet.answered, sheet.questions) == (2, 6) and sheet.drafts["W6"].evidence == "Hand-overs have owners."
    assert [left.answered for left in maturity.waiting(again, PEOPLE[0], TODAY)] == [2]
    again.close()


def test_what_is_sent_needs_every_answer_and_evidence_above_level_three(team):
    cycle = opened(team, kind="full", systems=["work"])
    me = rater(PEOPLE[0])
    with pytest.raises(ScorecardError, match="W1, W2, W3, W4, W5 and W6 have no answer yet"):
        maturity.finish(team, me, cycle.id)
    for practice in ("W1", "W2", "W3", "W4", "W5", "W6"):
        maturity.save(team, me, cycle.id, practice, chosen=4 if practice == "W2" else 2, met=["Before and after are measured"])
    with pytest.raises(ScorecardError, match="Evidence is missing for W2"):
        maturity.finish(team, me, cycle.id)
    maturity.save(team, me, cycle.id, "W2", chosen=4, met=["Before and after are measured"], evidence="The redesign of May.")
    maturity.finish(team, me, cycle.id)
    with pytest.raises(ScorecardError, match="You have finished"):
        maturity.save(team, me, cycle.id, "W2", chosen=1)


def test_what_does_not_apply_needs_a_reason_and_neither_it_nor_dont_know_moves_the_score(team):
    cycle = opened(team, kind="quick", systems=["work"])
    with pytest.raises(UsageError, match="Say why it does not apply"):
        maturity.save(team, rater(PEOPLE[0]), cycle.id, "work", chosen=None, applicable=False)
    maturity.save(team, rater(PEOPLE[0]), cycle.id, "work", chosen=None, applicable=False, reason="I am new.")
    maturity.finish(team, rater(PEOPLE[0]), cycle.id)
    answer(team, cycle, PEOPLE[1], None)
    answer(team, cycle, PEOPLE[2], 4)
    answer(team, cycle, "you", 4)
    found = system(team, cycle, "work")
    assert (found.score.n, found.score.median) == (2, 4.0)


def test_a_level_does_not_stand_while_one_of_its_criteria_is_not_met(team):
    cycle = opened(team, kind="full", systems=["work"])
    for person, met in ((PEOPLE[0], []), ("you", ["Every hand-off has an owner"])):
        for practice in ("W1", "W2", "W3", "W4", "W5", "W6"):
            maturity.save(team, rater(person), cycle.id, practice, chosen=5, met=met, evidence="x")
        maturity.finish(team, rater(person), cycle.id)
    practice = next(one for one in maturity.results(team, LEADER, cycle.id).practices if one.practice == "W6")
    assert practice.score.counts == (0, 1, 1, 0, 0)


def test_a_rater_with_two_tabs_is_told_and_loses_nothing(team):
    cycle = opened(team, kind="quick")
    maturity.save(team, rater(PEOPLE[0]), cycle.id, "work", chosen=2, seen_version=0)
    with pytest.raises(StaleEdit, match="in another tab meanwhile .level 2."):
        maturity.save(team, rater(PEOPLE[0]), cycle.id, "work", chosen=4, seen_version=0)
    assert maturity.sheet(team, rater(PEOPLE[0]), cycle.id).drafts["work"].chosen == 2


def test_a_cycle_that_is_closed_while_somebody_types_says_so_and_counts_only_what_was_sent(team):
    cycle = opened(team)
    answer(team, cycle, PEOPLE[0], 3)
    maturity.save(team, rater(PEOPLE[1]), cycle.id, "work", chosen=5)
    maturity.close(team, LEADER, cycle.id)
    with pytest.raises(ScorecardError, match="Not saved: September 2026 was closed by You.*Your text is kept here"):
        maturity.save(team, rater(PEOPLE[1]), cycle.id, "metrics", chosen=5)
    found = maturity.results(team, LEADER, cycle.id)
    assert (found.asked, found.finished) == (9, 1)
    assert maturity.close(team, LEADER, cycle.id).state == "closed"


def test_saving_and_closing_at_the_same_moment_leave_no_answer_after_the_end(team):
    cycle = opened(team)
    start, refused = threading.Barrier(2), []

    def save():
        start.wait()
        try:
            maturity.save(team, rater(PEOPLE[0]), cycle.id, "work", chosen=5)
        except ScorecardError as error:
            refused.append(str(error))

    def close():
        start.wait()
        maturity.close(team, LEADER, cycle.id)

    both = [threading.Thread(target=work) for work in (save, close)]
    [one.start() for one in both]
    [one.join() for one in both]
    with team.read() as tx:
        assert tx.one("SELECT COUNT(*) FROM maturity_draft") == (0,)


def test_an_anonymous_cycle_shows_nothing_before_its_end_and_keeps_no_name_with_an_answer(team):
    cycle = opened(team, "anonymous")
    for n, person in enumerate(PEOPLE):
        answer(team, cycle, person, 1 + n % 5)
    for who in (LEADER, rater(PEOPLE[0]), make_actor("viewer", "karen", "Karen Holt")):
        with pytest.raises(NotAllowed, match="shows its results when it is closed"):
            maturity.results(team, who, cycle.id)
    with team.read() as tx:
        raters = {row[0] for row in tx.all("SELECT DISTINCT rater FROM maturity_answer")}
        assert not raters & {*PEOPLE, "you"} and len(raters) == 8
        assert tx.one("SELECT COUNT(*) FROM maturity_draft") == (0,)
        said = tx.all("SELECT COALESCE(before_json, '') || COALESCE(after_json, '') FROM audit WHERE action = 'answered'")
        assert all("chosen" not in text and "level" not in text for (text,) in said) and len(said) == 8
    maturity.close(team, LEADER, cycle.id)
    assert system(team, cycle, "work").score.n == 8


def test_leaders_and_team_are_shown_apart_only_when_both_are_large_enough(team):
    cycle = opened(team, "anonymous")
    for person in (*PEOPLE, "you"):
        answer(team, cycle, person, 3)
    maturity.close(team, LEADER, cycle.id)
    found = maturity.results(team, LEADER, cycle.id)
    assert all(not one.parts for one in found.systems)
    assert found.hidden == "Leaders (1 answer) are below five: neither they nor the rest are shown apart."


def test_an_anonymous_cycle_with_fewer_than_five_answers_shows_nothing_at_all(team):
    cycle = opened(team, "anonymous", people=PEOPLE)
    for person in PEOPLE[:4]:
        answer(team, cycle, person, 5)
    maturity.close(team, LEADER, cycle.id)
    found = maturity.results(team, LEADER, cycle.id)
    assert all(one.score.hidden and one.score.median is None and one.percent is None for one in found.systems)
    assert all(one.score.hidden and not one.evidence and one.gap is None for one in found.practices)
    assert found.percent is None and found.hidden == "Hidden: fewer than five people have answered."
    with pytest.raises(UsageError, match="at least 5 people"):
        opened(team, "anonymous", people=PEOPLE[:4])


def test_in_a_named_cycle_one_sees_the_others_after_one_has_finished(team):
    cycle = opened(team)
    answer(team, cycle, PEOPLE[0], 3)
    with pytest.raises(NotAllowed, match="after you have finished"):
        maturity.results(team, rater(PEOPLE[1]), cycle.id)
    assert maturity.results(team, rater(PEOPLE[0]), cycle.id).finished == 1


def test_results_give_the_change_since_the_last_cycle_the_way_to_the_target_and_the_disagreement(team):
    first = opened(team)
    for person in (*PEOPLE, "you"):
        answer(team, first, person, 2)
    maturity.close(team, LEADER, first.id)
    second = maturity.open_cycle(team, LEADER, title="March 2027", kind="quick", mode="named", people=[*PEOPLE, "you"],
                                 closes=date(2027, 3, 30), today=date(2027, 3, 1))
    for n, person in enumerate((*PEOPLE, "you")):
        answer(team, second, person, 1 if n < 4 else 5)
    maturity.close(team, LEADER, second.id)
    found = maturity.results(team, LEADER, second.id)
    work = next(one for one in found.systems if one.system == "work")
    assert (work.last, work.first, work.score.median, work.change, work.target) == (2.0, 2.0, 5.0, 3.0, 4.0)
    assert work.score.agreed is False and work.score.spread == pytest.approx(1.975, abs=1e-3)
    assert found.percent == 1.0 and [title for title, _ in found.trend] == ["September 2026", "March 2027"]
    assert found.sentences[0].bold.endswith("rose most:") and "since September 2026" in found.sentences[0].rest
    assert found.sentences[1].bold == "People see 7 systems very differently."
    assert len(found.disagreements) == 7 and not found.gaps


def test_a_changed_model_is_a_new_version_and_an_old_cycle_keeps_its_own(team):
    cycle = opened(team)
    with team.read() as tx:
        version, model = maturity.model(tx)
    text = (places.ROOT / "data" / "maturity.toml").read_text("utf-8").replace('label = "Work"', 'label = "How we work"', 1)
    assert maturity.save_model(team, LEADER, text, "Our words") == version + 1
    assert maturity.sheet(team, rater(PEOPLE[0]), cycle.id).model.systems["work"].label == "Work"
    with team.read() as tx:
        assert maturity.model(tx)[1].systems["work"].label == "How we work"


def test_only_leaders_open_close_and_agree_and_only_who_was_asked_answers(team):
    cycle = opened(team, people=PEOPLE)
    member = rater(PEOPLE[0])
    for act in (
        lambda: opened_by(team, member),
        lambda: maturity.close(team, member, cycle.id),
        lambda: maturity.remind(team, member, cycle.id),
        lambda: maturity.agree(team, member, cycle.id, "work", level=3),
        lambda: maturity.save(team, LEADER, cycle.id, "work", chosen=3),
        lambda: maturity.sheet(team, LEADER, cycle.id),
        lambda: maturity.save(team, make_actor("viewer", PEOPLE[0]), cycle.id, "work", chosen=3),
    ):
        with pytest.raises(NotAllowed):
            act()
    assert set(maturity.remind(team, LEADER, cycle.id)) == set(PEOPLE)


def opened_by(store, who):
    return maturity.open_cycle(store, who, title="x", kind="quick", mode="named", people=[PEOPLE[0]], closes=END, today=TODAY)


def test_what_the_team_agrees_stands_beside_the_ratings_and_two_facilitators_see_each_other(team):
    cycle = opened(team)
    answer(team, cycle, PEOPLE[0], 2)
    answer(team, cycle, PEOPLE[1], 5)
    with pytest.raises(ScorecardError, match="revealed at once"):
        maturity.agree(team, LEADER, cycle.id, "work", level=3)
    maturity.close(team, LEADER, cycle.id)
    kept = maturity.agree(team, LEADER, cycle.id, "work", level=3, strengths="Owners", minority="One says 5.", seen_version=0)
    with pytest.raises(StaleEdit, match="You wrote what was agreed on work meanwhile .level 3."):
        maturity.agree(team, LEADER, cycle.id, "work", level=4, seen_version=0)
    found = next(one for one in maturity.results(team, LEADER, cycle.id).practices if one.practice == "work")
    assert found.agreed == kept and found.score.counts == (0, 1, 0, 0, 1)

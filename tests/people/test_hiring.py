"""Hiring: everybody asks the same, each scores alone, nobody outside the panel sees a candidate, and nothing is added up."""

from __future__ import annotations

import pytest

from scorecard import registers
from scorecard.errors import NotAllowed, UsageError
from scorecard.output import people_hiring
from scorecard.people import hiring
from tests.people.team import INES, KAREN, KENJI, LUC, MEI, RANA, TODAY, make_team
from tests.stores import copied, once, opened


@pytest.fixture
def store(tmp_path, tmp_path_factory):
    made = opened(copied(once(tmp_path_factory, "small-team", make_team), tmp_path / "store"))
    registers.add(made, RANA, "opening", {"title": "A CSM more", "position": "csm", "panel": ["kenji", "mei"], "owner": "rana"}, today=TODAY, id="opening")
    for id, name in (("b", "Bea Zorn"), ("a", "Zed Adams")):
        registers.add(made, RANA, "candidate", {"name": name, "opening": "opening"}, today=TODAY, id=id)
    yield made
    made.close()


def score(store, actor, candidate: str = "a", trait: int = 4, recommend: str = "yes"):
    return hiring.score(store, actor, candidate, education=3, experience=4, traits={"Keeps a word": (trait, "")}, recommend=recommend, today=TODAY)


def candidates(store, actor) -> dict[str, hiring.Candidate]:
    return {one.id: one for opening in hiring.read(store, actor) for one in opening.candidates}


def test_the_score_of_another_is_seen_after_ones_own(store):
    score(store, KENJI)
    assert candidates(store, MEI)["a"].own_missing and candidates(store, MEI)["a"].done == 1 and not candidates(store, MEI)["a"].criteria
    assert "Shown after your own score" in people_hiring.opening(hiring.read(store, MEI)[0])
    score(store, MEI, recommend="no")
    assert candidates(store, MEI)["a"].recommends == {"Mei Lin": "no", "Kenji Sato": "yes"}
    assert len(people_hiring.scores_table(hiring.read(store, RANA)).rows) == 6


@pytest.mark.parametrize("actor", [LUC, INES, KAREN])
def test_nobody_outside_the_panel_sees_a_candidate_or_scores_one(store, actor):
    score(store, KENJI)
    assert candidates(store, actor) == {} and "Zed" not in people_hiring.opening(hiring.read(store, actor)[0])
    with pytest.raises((NotAllowed, UsageError)):
        score(store, actor)


def test_who_leads_the_opening_and_does_not_interview_scores_nobody(store):
    with pytest.raises(NotAllowed, match="Only the interviewers"):
        score(store, RANA)


@pytest.mark.parametrize(("scores", "apart"), [((4, 2), True), ((4, 3), False), ((5, 3), True), ((1, 1), False)])
def test_interviewers_are_far_apart_beyond_the_published_cut_off(store, scores, apart):
    # Burke and Dunlap (2002): five options, an average deviation above 0.8 is no agreement; 4 and 2 deviate by 1, 4 and 3 by 0.5.
    for actor, given in zip((KENJI, MEI), scores, strict=True):
        score(store, actor, trait=given)
    found = candidates(store, RANA)["a"]
    assert next(one.apart for one in found.criteria if one.name == "Keeps a word") is apart
    assert [one.bold for one in hiring.sentences(hiring.read(store, RANA))] == (["Zed Adams: the interviewers are far apart on Keeps a word."] if apart else [])


def test_a_score_is_given_once_and_answers_every_question(store):
    with pytest.raises(UsageError, match="A score is missing: Keeps a word"):
        hiring.score(store, KENJI, "a", education=3, experience=3, traits={}, recommend="yes", today=TODAY)
    with pytest.raises(UsageError, match="'Extraversion' is not asked"):
        hiring.score(store, KENJI, "a", education=3, experience=3, traits={"Keeps a word": (3, ""), "Extraversion": (5, "")}, recommend="yes", today=TODAY)
    score(store, KENJI)
    with pytest.raises(UsageError, match="given already"):
        score(store, KENJI)


def test_candidates_stand_in_alphabetical_order_whatever_was_scored_and_nothing_is_added_up(store):
    for actor in (KENJI, MEI):
        score(store, actor, "a", trait=5)
        score(store, actor, "b", trait=1)
    orders = [[one.name for one in hiring.read(store, RANA)[0].candidates]]
    drawn = people_hiring.opening(hiring.read(store, RANA)[0])
    assert orders == [["Bea Zorn", "Zed Adams"]] and drawn.index("Bea Zorn") < drawn.index("Zed Adams")
    assert not any(word in drawn.lower() for word in ("total", "average", "sum", "rank"))

"""The consensus session: one practice at a time, votes shown to everybody at one moment, nobody's told without names."""

from __future__ import annotations

import threading
from datetime import date

import pytest

from scorecard import maturity
from scorecard.errors import NotAllowed, ScorecardError, StaleEdit, UsageError
from scorecard.maturity import session
from scorecard.maturity.session import NOT_YET, SHOWN, TALK, VOTE
from tests import stores
from tests.conftest import make_actor
from tests.maturity.test_maturity import LEADER, PEOPLE, answer, opened, rater, team_folder  # noqa: F401

VIEWER = make_actor("viewer", "karen", "Karen Holt")


def make_closed(folder, source) -> None:
    """A folder with two closed quick cycles, one named and one anonymous, in which eight people answered."""
    store = stores.opened(stores.copied(source, folder))
    for mode in ("named", "anonymous"):
        cycle = opened(store, mode, people=(*PEOPLE[:7], "you"))
        for n, person in enumerate((*PEOPLE[:7], "you")):
            answer(store, cycle, person, 1 + n % 4)
        maturity.close(store, LEADER, cycle.id)
    store.close()


@pytest.fixture(scope="session")
def closed_folder(tmp_path_factory, team_folder):  # noqa: F811
    return stores.once(tmp_path_factory, "sessions", lambda folder: make_closed(folder, team_folder))


@pytest.fixture
def talks(closed_folder, tmp_path):
    store = stores.opened(stores.copied(closed_folder, tmp_path / "sessions"))
    yield store
    store.close()


def closed(store, mode: str = "named"):
    """The closed cycle of a mode."""
    with store.read() as tx:
        return next(one for one in maturity.cycles(tx) if one.mode == mode)


def voting(store, cycle, practice: str = "work"):
    """A session in which everybody may vote on a practice."""
    at = session.begin(store, LEADER, cycle.id)
    at = session.choose(store, LEADER, at.id, practice, at.version)
    return session.call(store, LEADER, at.id, at.version)


def cast(store, at, levels) -> None:
    for person, level in zip(PEOPLE, levels, strict=False):
        session.vote(store, rater(person), at.id, at.practice, at.round, level)


def test_two_raters_and_a_facilitator_at_once_lose_nothing_and_see_the_votes_at_the_same_moment(talks):
    at = voting(talks, closed(talks))
    start, seen = threading.Barrier(3), []

    def rate(person: str, level: int) -> None:
        start.wait()
        session.vote(talks, rater(person), at.id, "work", at.round, level)
        seen.append(session.room(talks, rater(person), at.id))

    def facilitate() -> None:
        start.wait()
        seen.append(session.room(talks, LEADER, at.id))

    three = [threading.Thread(target=rate, args=(PEOPLE[0], 2)), threading.Thread(target=rate, args=(PEOPLE[1], 5)),
             threading.Thread(target=facilitate)]
    [one.start() for one in three]
    [one.join() for one in three]
    assert len(seen) == 3 and all(one.score is None and not one.by_name for one in seen)
    before = session.room(talks, LEADER, at.id)
    assert (before.voted, before.score, before.own) == (2, None, NOT_YET)
    session.reveal(talks, LEADER, at.id, at.version)
    rooms = [session.room(talks, who, at.id) for who in (LEADER, rater(PEOPLE[0]), rater(PEOPLE[1]))]
    assert all(one.session.step == SHOWN and one.score.counts == (0, 1, 0, 0, 1) for one in rooms)
    assert rooms[0].by_name == (("Rater-0", 2), ("Rater-1", 5))


def test_a_vote_may_be_changed_until_it_is_shown_and_is_refused_afterwards_in_words(talks):
    at = voting(talks, closed(talks))
    me = rater(PEOPLE[0])
    session.vote(talks, me, at.id, "work", at.round, 1)
    session.vote(talks, me, at.id, "work", at.round, None)
    assert (session.room(talks, me, at.id).own, session.room(talks, me, at.id).voted) == (None, 1)
    session.vote(talks, me, at.id, "work", at.round, 4)
    session.reveal(talks, LEADER, at.id, at.version)
    with pytest.raises(ScorecardError, match="the votes on work were shown meanwhile, by You"):
        session.vote(talks, me, at.id, "work", at.round, 5)
    assert session.room(talks, me, at.id).by_name == (("Rater-0", 4),)


def test_voting_and_showing_at_the_same_moment_leave_no_vote_that_was_not_shown(talks):
    at = voting(talks, closed(talks, "anonymous"))
    cast(talks, at, [2, 2, 3, 3, 4])
    start, refused = threading.Barrier(2), []

    def late() -> None:
        start.wait()
        try:
            session.vote(talks, rater(PEOPLE[6]), at.id, "work", at.round, 5)
        except ScorecardError as error:
            refused.append(str(error))

    def show() -> None:
        start.wait()
        session.reveal(talks, LEADER, at.id, at.version)

    both = [threading.Thread(target=late), threading.Thread(target=show)]
    [one.start() for one in both]
    [one.join() for one in both]
    assert session.room(talks, LEADER, at.id).score.n == 6 - len(refused)
    with talks.read() as tx:
        assert tx.one("SELECT COUNT(*) FROM maturity_vote WHERE NOT shown") == (0,)


def test_votes_without_names_lose_every_tie_to_a_person_when_they_are_shown(talks):
    at = voting(talks, closed(talks, "anonymous"))
    cast(talks, at, [1, 1, 2, 5, 5])
    session.reveal(talks, LEADER, at.id, at.version)
    found = session.room(talks, rater(PEOPLE[0]), at.id)
    assert found.score.counts == (2, 1, 0, 0, 2) and found.by_name == () and found.own == NOT_YET
    with talks.read() as tx:
        kept = {row[0] for row in tx.all("SELECT voter FROM maturity_vote")}
        said = tx.all("SELECT COALESCE(before_json, '') || COALESCE(after_json, '') FROM audit WHERE action = 'voted'")
    assert len(kept) == 5 and not kept & {*PEOPLE, "you"}
    assert len(said) == 5 and all("level" not in text for (text,) in said)


@pytest.mark.parametrize("levels", [[1, 2, 3, 4], [3, 3, 3, 3, None], [None]])
def test_fewer_than_five_votes_without_names_are_never_shown_and_not_kept(talks, levels):
    at = voting(talks, closed(talks, "anonymous"))
    cast(talks, at, levels)
    session.reveal(talks, LEADER, at.id, at.version)
    found = session.room(talks, LEADER, at.id)
    assert found.score.hidden and found.score.counts == () and found.voted == 0
    with talks.read() as tx:
        assert tx.one("SELECT COUNT(*) FROM maturity_vote") == (0,)


def test_without_names_a_practice_is_counted_once_with_names_as_often_as_wanted(talks):
    quiet = voting(talks, closed(talks, "anonymous"))
    cast(talks, quiet, [1, 1, 2, 5, 5])
    shown = session.reveal(talks, LEADER, quiet.id, quiet.version)
    with pytest.raises(ScorecardError, match="A second count without names would show who changed"):
        session.call(talks, LEADER, quiet.id, shown.version)
    ended = session.end(talks, LEADER, quiet.id, shown.version)
    again = session.begin(talks, LEADER, ended.cycle)
    again = session.choose(talks, LEADER, again.id, "work", again.version)
    with pytest.raises(ScorecardError, match="shown once"):
        session.call(talks, LEADER, again.id, again.version)
    open_one = voting(talks, closed(talks))
    session.vote(talks, rater(PEOPLE[0]), open_one.id, "work", 1, 2)
    shown = session.reveal(talks, LEADER, open_one.id, open_one.version)
    second = session.call(talks, LEADER, open_one.id, shown.version)
    assert (second.round, second.step, session.room(talks, LEADER, second.id).voted) == (2, VOTE, 0)


def test_going_on_deletes_votes_that_nobody_saw_and_coming_back_shows_those_that_were(talks):
    at = voting(talks, closed(talks))
    cast(talks, at, [1, 2])
    shown = session.reveal(talks, LEADER, at.id, at.version)
    other = session.choose(talks, LEADER, at.id, "people", shown.version)
    assert (other.step, session.room(talks, LEADER, at.id).score) == (TALK, None)
    called = session.call(talks, LEADER, at.id, other.version)
    session.vote(talks, rater(PEOPLE[0]), at.id, "people", called.round, 5)
    back = session.choose(talks, LEADER, at.id, "work", called.version)
    assert back.step == SHOWN and session.room(talks, LEADER, at.id).score.counts == (1, 1, 0, 0, 0)
    with talks.read() as tx:
        assert tx.one("SELECT COUNT(*) FROM maturity_vote WHERE practice = 'people'") == (0,)


def test_a_second_facilitator_is_told_who_went_on(talks):
    at = voting(talks, closed(talks))
    session.choose(talks, LEADER, at.id, "people", at.version)
    with pytest.raises(StaleEdit, match="You took the session further meanwhile; it talks about people"):
        session.reveal(talks, LEADER, at.id, at.version)


def test_who_may_do_what_in_a_session(talks):
    cycle = closed(talks)
    at = voting(talks, cycle)
    for command in (session.reveal, session.end, session.call):
        with pytest.raises(NotAllowed):
            command(talks, rater(PEOPLE[0]), at.id, at.version)
    with pytest.raises(NotAllowed):
        session.choose(talks, rater(PEOPLE[0]), at.id, "people", at.version)
    with pytest.raises(NotAllowed):
        session.begin(talks, rater(PEOPLE[0]), cycle.id)
    with pytest.raises(NotAllowed):
        session.room(talks, VIEWER, at.id)
    with pytest.raises(NotAllowed, match="Its session is for those who were"):
        session.vote(talks, rater(PEOPLE[7]), at.id, "work", 1, 3)
    with pytest.raises(UsageError, match="no level"):
        session.vote(talks, rater(PEOPLE[0]), at.id, "work", 1, 6)


def test_a_session_is_about_a_closed_cycle_and_there_is_one_at_a_time(talks):
    running = opened(talks)
    with pytest.raises(ScorecardError, match="is open. A session talks"):
        session.begin(talks, LEADER, running.id)
    cycle = closed(talks)
    first = session.begin(talks, LEADER, cycle.id)
    assert session.begin(talks, LEADER, cycle.id).id == first.id == session.under_way(talks, cycle.id).id
    session.end(talks, LEADER, first.id, first.version)
    assert session.under_way(talks, cycle.id) is None
    with pytest.raises(ScorecardError, match="was ended by You"):
        session.choose(talks, LEADER, first.id, "work", first.version + 1)


def test_what_is_agreed_stands_beside_the_ratings_and_changes_none(talks):
    cycle = closed(talks)
    at = voting(talks, cycle)
    before = maturity.results(talks, LEADER, cycle.id)
    kept = maturity.agree(talks, LEADER, cycle.id, "work", level=3, strengths="Maps.", opportunities="Owners.", minority="Two see 4.",
                          seen_version=0)
    assert session.room(talks, rater(PEOPLE[0]), at.id).agreed == kept
    after = maturity.results(talks, LEADER, cycle.id)
    assert [one.score for one in after.practices] == [one.score for one in before.practices]
    with pytest.raises(StaleEdit, match="wrote what was agreed on work meanwhile .level 3."):
        maturity.agree(talks, LEADER, cycle.id, "work", level=4, seen_version=0)


def test_an_agreed_level_is_for_a_closed_cycle_only(talks):
    cycle = maturity.open_cycle(talks, LEADER, title="x", kind="quick", mode="named", people=["you"], closes=date(2026, 9, 30),
                                today=date(2026, 9, 1))
    with pytest.raises(ScorecardError, match="revealed at once, when it is closed"):
        maturity.agree(talks, LEADER, cycle.id, "work", level=3)

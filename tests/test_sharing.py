from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from scorecard import access, sharing
from scorecard.core.periods import Period
from scorecard.errors import ConstraintBroken, NotAllowed, ScorecardError, StaleEdit
from scorecard.store import definitions, shares
from tests.conftest import make_actor

TODAY = date(2026, 11, 22)
OCTOBER = Period(date(2026, 10, 1), "month")


@pytest.fixture
def board(store):
    store.write(lambda tx: definitions.insert_scorecard(tx, "board", "Board", ""), "test")
    return store


def make_link(store, ends_on=date(2026, 12, 12), segment=""):
    return sharing.make(store, make_actor("leader"), "board", OCTOBER, segment, ends_on, TODAY)


def test_a_new_link_opens_what_it_was_made_for(board):
    made = make_link(board, segment="Enterprise")
    share = sharing.opened(board, made.token, TODAY)
    assert (share.scorecard, share.period, share.segment, share.made_by) == (
        "board",
        OCTOBER,
        "Enterprise",
        "Rana Amari",
    )


def test_the_token_is_nowhere_in_the_store(board):
    made = make_link(board)
    with board.read() as tx:
        stored = [str(cell) for table in ("share", "audit") for row in tx.all(f"SELECT * FROM {table}") for cell in row]
    assert not [cell for cell in stored if made.token in cell]
    assert sharing.hash_of(made.token) in stored


def test_tokens_are_long_and_never_the_same(board):
    tokens = {make_link(board).token for _ in range(20)}
    assert len(tokens) == 20 and min(map(len, tokens)) >= 43


@pytest.mark.parametrize("role", [role for role in access.ROLES if role != "leader"])
@pytest.mark.parametrize(
    "act",
    [
        lambda store, actor, id: sharing.make(store, actor, "board", OCTOBER, "", TODAY, TODAY),
        lambda store, actor, id: sharing.change_end(store, actor, id, TODAY, TODAY),
        lambda store, actor, id: sharing.revoke(store, actor, id),
    ],
    ids=["make", "change the end", "revoke"],
)
def test_only_a_leader_makes_and_ends_links(board, role, act):
    made = make_link(board)
    with pytest.raises(NotAllowed, match="Ask a leader"):
        act(board, make_actor(role), made.share.id)


def test_nobody_makes_no_link(board):
    with pytest.raises(NotAllowed):
        sharing.make(board, None, "board", OCTOBER, "", TODAY, TODAY)


def test_a_link_answers_to_the_end_of_its_last_day_and_not_after(board):
    made = make_link(board, ends_on=date(2026, 12, 12))
    assert sharing.opened(board, made.token, date(2026, 12, 12)).id == made.share.id
    with pytest.raises(NotAllowed, match="This link ended on 12 Dec 2026. Ask Rana Amari for a new one."):
        sharing.opened(board, made.token, date(2026, 12, 13))


def test_a_revoked_link_answers_no_more(board):
    made = make_link(board)
    sharing.revoke(board, make_actor("leader"), made.share.id)
    with pytest.raises(NotAllowed, match="This link ended on"):
        sharing.opened(board, made.token, TODAY)


def test_revoking_twice_keeps_the_first_moment(board):
    made = make_link(board)
    first = sharing.revoke(board, make_actor("leader"), made.share.id)
    assert sharing.revoke(board, make_actor("leader"), made.share.id).revoked_at == first.revoked_at


@pytest.mark.parametrize("token", ["", "x", "../etc", "a" * 43])
def test_a_guessed_token_opens_nothing(board, token):
    make_link(board)
    with pytest.raises(NotAllowed, match="does not exist"):
        sharing.opened(board, token, TODAY)


@pytest.mark.parametrize("ends_on", [TODAY - timedelta(days=1), TODAY + timedelta(days=367)])
def test_a_link_ends_between_today_and_a_year_from_now(board, ends_on):
    with pytest.raises(ScorecardError, match="A link ends between today and 23 Nov 2027"):
        make_link(board, ends_on=ends_on)


def test_a_link_to_no_scorecard_is_refused_with_those_that_exist(board):
    with pytest.raises(ScorecardError, match="'wall' does not exist. There is: board"):
        sharing.make(board, make_actor("leader"), "wall", OCTOBER, "", TODAY, TODAY)


def test_changing_an_end_that_somebody_else_changed_is_a_stale_edit(board):
    made, leader = make_link(board), make_actor("leader")
    sharing.change_end(board, leader, made.share.id, date(2026, 12, 1), TODAY, seen=date(2026, 12, 12))
    with pytest.raises(StaleEdit, match="somebody else changed this link"):
        sharing.change_end(board, leader, made.share.id, date(2026, 12, 24), TODAY, seen=date(2026, 12, 12))


def test_a_revoked_link_gets_no_new_end(board):
    made, leader = make_link(board), make_actor("leader")
    sharing.revoke(board, leader, made.share.id)
    with pytest.raises(ScorecardError, match="Make a new one"):
        sharing.change_end(board, leader, made.share.id, date(2026, 12, 1), TODAY)


def test_openings_are_counted_without_names(board):
    made = make_link(board)
    sharing.count(board, made.share.id, 3, datetime(2026, 11, 22, 8, 14))
    sharing.count(board, made.share.id, 2, datetime(2026, 11, 23, 9, 0))
    (share,) = sharing.listed(board, make_actor("viewer"))
    assert (share.openings, share.last_opened) == (5, datetime(2026, 11, 23, 9, 0))


def test_each_change_of_a_link_is_in_the_audit(board):
    made, leader = make_link(board), make_actor("leader")
    sharing.change_end(board, leader, made.share.id, date(2026, 12, 1), TODAY)
    sharing.revoke(board, leader, made.share.id)
    with board.read() as tx:
        rows = tx.all("SELECT actor, action FROM audit WHERE object = $1 ORDER BY seq", (f"share:{made.share.id}",))
    assert rows == [("Rana Amari", "share_made"), ("Rana Amari", "share_end_changed"), ("Rana Amari", "share_revoked")]


def test_a_link_that_does_not_exist_says_where_all_links_are(board):
    with board.read() as tx, pytest.raises(ScorecardError, match="share list"):
        shares.one(tx, "nothing")


def test_a_link_says_whether_it_is_live_and_what_it_is_for(board):
    made = sharing.make(board, make_actor("leader"), "board", OCTOBER, "", TODAY, TODAY, live=True, label="  Board\u202e room ")
    share = sharing.opened(board, made.token, TODAY)
    assert (share.live, share.wall, share.label) == (True, False, "Board room")


def test_a_wall_of_all_scorecards_needs_none_and_a_page_does(board):
    wall = sharing.make(board, make_actor("leader"), "", OCTOBER, "", TODAY, TODAY, wall=True)
    assert wall.path == f"/share/{wall.token}/wall" and sharing.opened(board, wall.token, TODAY).scorecard == ""
    with pytest.raises(ScorecardError, match="does not exist"):
        sharing.make(board, make_actor("leader"), "", OCTOBER, "", TODAY, TODAY)


def test_counting_openings_empties_no_cache(board):
    made = make_link(board)
    version = board.data_version
    sharing.count(board, made.share.id, 3, datetime(2026, 11, 22, 8, 14))
    assert board.data_version == version


def test_openings_are_told_by_their_day(board):
    made = make_link(board)
    for last in (datetime(2026, 11, 22, 8, 14), datetime(2026, 11, 22, 17, 0), datetime(2026, 11, 23, 9, 0)):
        sharing.count(board, made.share.id, 2, last)
    assert sharing.days(board, make_actor("viewer")) == {made.share.id: [(date(2026, 11, 23), 2), (date(2026, 11, 22), 4)]}


@pytest.mark.parametrize("segment", ["Petra Berg", "petra-berg", "PETRA BERG", "petra@larkfield.example"])
def test_no_link_is_made_to_the_figures_of_a_person(board, segment):
    board.write(lambda tx: tx.run("INSERT INTO person (id, name, sort_name, email, team, leader, version) VALUES ('petra-berg', 'Petra Berg', 'Berg, Petra', 'petra@larkfield.example', '', '', 1)"), "test")
    with pytest.raises(NotAllowed, match="no link shows them"):
        make_link(board, segment=segment)


@pytest.mark.parametrize("wall", [False, True])
def test_no_link_is_made_to_a_scorecard_whose_rows_are_people(board, wall):
    def add(tx):
        tx.run("INSERT INTO person (id, name, sort_name, email, team, leader, version) VALUES ('petra-berg', 'Petra Berg', 'Berg, Petra', '', '', '', 1)")
        tx.run("INSERT INTO slot (scorecard, slot, measure) VALUES ('board', 1, 'csat')")
        tx.run("INSERT INTO figure (measure, grain, starts, segment, team, csm, value, load, loaded_at) VALUES ('csat', 'month', '2026-10-01', 'Petra Berg', '', '', 0.9, 'x', '2026-11-01')")

    board.write(add, "test")
    with pytest.raises(NotAllowed, match="Petra Berg: figures of people"):
        sharing.make(board, make_actor("leader"), "" if wall else "board", OCTOBER, "", TODAY, TODAY, wall=wall)


def test_the_table_of_links_holds_links_to_scorecards_only(board):
    made = make_link(board)
    with pytest.raises(ConstraintBroken):
        board.write(lambda tx: tx.run("UPDATE share SET shows = 'people' WHERE id = $1", (made.share.id,)), "test")


def test_a_token_that_never_was_and_one_that_is_nearly_right_get_one_answer_for_the_same_work(board, monkeypatch):
    token, asked = make_link(board).token, []
    monkeypatch.setattr(sharing.hmac, "compare_digest", lambda one, other: asked.append((one, other)) or one == other)
    said = []
    for wrong in ("", "x", "A" * 43, "%00", "../../", token[:-1] + ("a" if token[-1] != "a" else "b"), token + "=", token.swapcase(), "é" * 5_000):
        with pytest.raises(sharing.LinkClosed) as refusal:
            sharing.opened(board, wrong, TODAY)
        said.append((str(refusal.value), refusal.value.share))
    assert len(set(said)) == 1 and len(asked) == len(said) and all(len(one) == len(other) for one, other in asked)

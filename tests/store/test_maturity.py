"""Cycles, personal links, sessions and projects on both engines; no row, nor its place, tells whose an answer is."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from datetime import datetime

import pytest

from scorecard import maturity, places
from scorecard.errors import ScorecardError, StaleEdit
from scorecard.maturity import exchange, invitations, session
from scorecard.output import maturity_book
from scorecard.store import backup, members
from scorecard.store import maturity as cycles
from scorecard.store.members import Person
from tests.maturity.test_maturity import LEADER, PEOPLE, TODAY, answer, opened, rater

ASIDE = "Only Oskar would say it like this."


@pytest.fixture
def raters(store):
    """Nine people who may answer, and the model."""
    maturity.record_file(store, places.ROOT / "data" / "maturity.toml", "first start")

    def people(tx):
        for id in (*PEOPLE, "you"):
            if members.person(tx, id) is None:
                members.insert_person(tx, Person(id, id.title()))
            if members.member(tx, id) is None:
                members.insert_member(tx, id, "leader" if id == "you" else "member")

    store.write(people, "You")
    return store


def test_a_cycle_goes_alike_from_its_opening_to_what_was_agreed(raters):
    cycle = opened(raters, "anonymous", "quick", PEOPLE, systems=["work", "metrics"])
    links = invitations.invite(raters, LEADER, cycle.id, (), TODAY)
    guest = invitations.opened(raters, links[0].token, TODAY).actor
    maturity.save(raters, guest, cycle.id, "work", chosen=4, evidence=ASIDE)
    with pytest.raises(StaleEdit, match="in another tab"):
        maturity.save(raters, guest, cycle.id, "work", chosen=2, seen_version=0)
    invitations.revoke(raters, LEADER, links[1].invitation.id)
    assert len(invitations.listed(raters, LEADER, cycle.id)) == len(PEOPLE) - 1
    sheet = exchange.template(raters, LEADER, cycle.id)
    assert [row[1] for row in sheet.rows] == ["work", "metrics"]
    taken = exchange.import_answers(raters, LEADER, cycle.id, b"rater,practice,level\nx,work,5\nx,metrics,1\n", "late.csv")
    assert (taken.raters, taken.answers) == (1, 2)
    for person in PEOPLE:
        answer(raters, cycle, person, 3)
    assert maturity.remind(raters, LEADER, cycle.id) == maturity.late(raters, LEADER, cycle.id) == []
    maturity.close(raters, LEADER, cycle.id)
    found = maturity.results(raters, LEADER, cycle.id)
    assert [(one.system, one.score.n, one.score.median, one.score.highest) for one in found.systems] == [("work", 9, 3, 5), ("metrics", 9, 3, 3)]
    assert all(maturity_book.file(raters, LEADER, cycle.id, kind)[1] for kind in ("json", "csv", "xlsx"))
    assert [one.finished for one in maturity.standings(raters, LEADER)] == [8]


def test_a_session_shows_votes_alike_and_ends(raters):
    cycle = opened(raters, "anonymous", "quick", PEOPLE, systems=["work"])
    for person in PEOPLE:
        answer(raters, cycle, person, 3)
    maturity.close(raters, LEADER, cycle.id)
    at = session.begin(raters, LEADER, cycle.id)
    at = session.choose(raters, LEADER, at.id, "work", at.version)
    at = session.call(raters, LEADER, at.id, at.version)
    for n, person in enumerate(PEOPLE):
        session.join(raters, rater(person), at.id)
        session.vote(raters, rater(person), at.id, "work", at.round, None if n == 7 else 1 + n % 5)
    session.vote(raters, rater(PEOPLE[0]), at.id, "work", at.round, 5)
    at = session.reveal(raters, LEADER, at.id, at.version)
    room = session.room(raters, rater(PEOPLE[0]), at.id)
    assert (room.score.n, room.score.unsure, len(room.present)) == (7, 1, 9)
    kept = maturity.agree(raters, LEADER, cycle.id, "work", level=3, strengths="Owners are named.", seen_version=0)
    assert session.room(raters, LEADER, at.id).agreed == kept
    assert session.end(raters, LEADER, at.id, at.version).ended_at is not None and session.under_way(raters, cycle.id) is None


def test_where_rows_of_an_anonymous_cycle_lie_and_what_they_are_called_says_nothing_of_who_came_when(raters, somewhere):
    cycle, keys, place = opened(raters, "anonymous"), [], "rowid" if somewhere.on_duckdb else "ctid"
    for person in PEOPLE:
        answer(raters, cycle, person, 3)
        with raters.read() as tx:
            keys.append({key for (key,) in tx.all("SELECT DISTINCT rater FROM maturity_answer")})
    with raters.read() as tx:
        lying = [key for (key,) in tx.all(f"SELECT rater FROM maturity_answer ORDER BY {place}")]
        if place == "ctid":
            assert tx.one("SELECT COUNT(DISTINCT CAST(xmin AS VARCHAR)) FROM maturity_answer") == (1,)
    beside = sum(one == other for one, other in zip(lying, lying[1:], strict=False))
    assert len(lying) == 8 * 7 and beside < 28, "48 rows lie beside one of the same rater when nothing is mixed"
    assert [len(one) for one in keys] == [*range(1, 9)]
    assert all(not now & later for now, later in zip(keys, keys[1:], strict=False))


def test_answers_with_names_stay_as_they_came(raters):
    cycle = opened(raters, "named", people=PEOPLE[:2], systems=["work"])
    for person in PEOPLE[:2]:
        answer(raters, cycle, person, 3)
    with raters.read() as tx:
        assert tx.all("SELECT rater FROM maturity_answer ORDER BY rater") == [(PEOPLE[0],), (PEOPLE[1],)]


def test_no_backup_holds_what_stands_under_a_name_where_no_name_is_kept(raters, somewhere):
    quiet, named = opened(raters, "anonymous"), opened(raters, "named")
    for cycle, words in ((quiet, ASIDE), (named, "In the open.")):
        maturity.save(raters, rater(PEOPLE[0]), cycle.id, "work", chosen=5, evidence=words)
    made = backup.make(raters.engines, raters.backups, datetime(2026, 9, 2))
    assert made.rows["state.duckdb"]["maturity_draft"] == 1
    files = [path for path in made.path.iterdir() if path.is_file()]
    assert sorted(path.name for path in files) == ["backup.json", "facts.duckdb", "state.duckdb"]
    held = b"".join(path.read_bytes() for path in files)
    assert b"In the open." in held and ASIDE.encode() not in held
    assert maturity.sheet(raters, rater(PEOPLE[0]), quiet.id).answered == 1


def test_eight_who_send_and_a_leader_who_closes_at_once_lose_nothing_and_are_told(raters):
    cycle = opened(raters, "anonymous", people=PEOPLE, systems=["work", "metrics"])
    for person in PEOPLE:
        for system in ("work", "metrics"):
            maturity.save(raters, rater(person), cycle.id, system, chosen=2)
    start, told = threading.Barrier(len(PEOPLE) + 1), {}

    def send(person: str) -> None:
        start.wait()
        told[person] = refusal(lambda: maturity.finish(raters, rater(person), cycle.id))

    def close() -> None:
        start.wait()
        time.sleep(0.02)
        told["you"] = refusal(lambda: maturity.close(raters, LEADER, cycle.id))

    everybody = [*(threading.Thread(target=send, args=(person,)) for person in PEOPLE), threading.Thread(target=close)]
    [one.start() for one in everybody]
    [one.join() for one in everybody]
    sent = sum(not words for person, words in told.items() if person != "you")
    assert told["you"] == "" and all("was closed by You" in words for words in told.values() if words), told
    with raters.read() as tx:
        assert tx.one("SELECT COUNT(*), COUNT(DISTINCT rater) FROM maturity_answer") == (2 * sent, sent)
        assert tx.one("SELECT COUNT(*) FROM maturity_asked WHERE finished") == (sent,)
        assert tx.one("SELECT COUNT(*) FROM maturity_draft") == (0,)


def refusal(work) -> str:
    try:
        work()
    except ScorecardError as error:
        return str(error)
    return ""


KILLED = """
import os, signal, sys
from scorecard import maturity
from scorecard.store import maturity as rows
from scorecard.store.engine import open_store
from tests.maturity.test_maturity import rater
if sys.argv[4] == "before":
    rows.finished = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
store = open_store(*sys.argv[1:3])
maturity.finish(store, rater("rater-0"), sys.argv[3])
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize(("moment", "kept"), [("before", (7, 0, False)), ("after", (0, 7, True))])
def test_who_is_sending_when_the_server_is_killed_has_sent_everything_or_has_everything_still_to_send(raters, somewhere, moment, kept):
    cycle = opened(raters, "anonymous", people=PEOPLE)
    for part in maturity.sheet(raters, rater(PEOPLE[0]), cycle.id).parts:
        maturity.save(raters, rater(PEOPLE[0]), cycle.id, part.system.id, chosen=2)
    raters.close()
    done = subprocess.run([sys.executable, "-c", KILLED, somewhere.state, somewhere.facts, cycle.id, moment], cwd=places.ROOT, check=False)
    assert done.returncode == -signal.SIGKILL
    again = somewhere.open()
    with again.read() as tx:
        drafts, sent = (tx.one(f"SELECT COUNT(*) FROM {table}")[0] for table in ("maturity_draft", "maturity_answer"))
        assert (drafts, sent, cycles.asked(tx, cycle.id)[PEOPLE[0]].finished) == kept
    assert again.verify().ok
    again.close()

"""Sessions end after eight hours, after thirty idle minutes and when somebody ends them; links sign in once; who may do which."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from unittest.mock import patch

import pytest

from scorecard import organisation
from scorecard.errors import NotAllowed, StoreError, UsageError
from scorecard.signin import links, sessions
from scorecard.store import feedback, signin
from scorecard.store.members import Person
from tests.conftest import make_actor

NOW = datetime(2026, 11, 23, 9, 0)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
ADMIN = make_actor("admin", "administrator", "Administrator")
RANA = make_actor("leader", "rana-amari", "Rana Amari")
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture(scope="module")
def house(tmp_path_factory, beginning):
    from tests import stores

    opened = stores.opened(stores.copied(beginning, tmp_path_factory.mktemp("sessions")))
    for name, role in (("Rana Amari", "leader"), ("Petra Berg", "member"), ("Karen Holt", "leader"), ("Jo Lind", "member")):
        organisation.add_member(opened, ADMIN, Person("", name, leader="karen-holt" if name == "Jo Lind" else ""), role)
    yield opened
    opened.close()


def begin(store, secret: str, person: str = "petra-berg", at: datetime = NOW):
    return sessions.begin(store, sessions.key_of(secret), person, "link", FIREFOX, at)


def member(store, id: str):
    return next(one for one in organisation.member_list(store) if one.person.id == id)


def test_a_session_holds_for_eight_hours_of_use_and_not_a_second_longer(house):
    key = begin(house, "eight hours").id
    at = NOW
    while at < NOW + 8 * HOUR - 20 * MINUTE:
        at += 20 * MINUTE
        assert sessions.find(house, key, at)
    assert sessions.find(house, key, NOW + 8 * HOUR - timedelta(seconds=1))
    assert sessions.find(house, key, NOW + 8 * HOUR) is None
    assert sessions.look(house, key, NOW + 8 * HOUR - MINUTE).over == "eight hours"  # A clock put back wakes nobody up.


def test_thirty_minutes_without_a_click_end_a_session_for_good(house):
    key = begin(house, "idle").id
    assert sessions.find(house, key, NOW + 29 * MINUTE)
    assert sessions.find(house, key, NOW + 58 * MINUTE)
    assert sessions.look(house, key, NOW + 88 * MINUTE).over == "idle"
    assert sessions.find(house, key, NOW + 60 * MINUTE) is None


def test_looking_is_written_once_a_minute_and_empties_no_cache(house):
    key = begin(house, "quiet").id
    before = house.data_version
    with patch.object(house, "write", wraps=house.write) as write:
        for second in range(0, 180, 10):
            sessions.find(house, key, NOW + timedelta(seconds=second))
    assert write.call_count == 2 and house.data_version == before


def test_on_a_full_disk_people_go_on_reading(house):
    key = begin(house, "full disk").id
    with patch.object(house, "write", side_effect=StoreError("no room")):
        assert sessions.find(house, key, NOW + 2 * MINUTE)


def test_the_secret_is_stored_nowhere(house):
    begin(house, "the secret itself")
    with house.read() as tx:
        stored = str(tx.all("SELECT * FROM signin_session")) + str(tx.all("SELECT * FROM audit"))
    assert "the secret itself" not in stored and hashlib.sha256(b"the secret itself").hexdigest() in stored


@pytest.mark.parametrize("key", ["", "unknown", sessions.key_of(""), sessions.key_of("never seen")])
def test_nobody_is_known_by_a_key_that_was_never_given(house, key):
    assert sessions.find(house, key, NOW) is None and sessions.look(house, key, NOW) is None


def test_a_role_counts_from_the_next_look_and_a_suspended_member_is_out_for_good(house):
    key = begin(house, "role", "jo-lind").id
    assert sessions.look(house, key, NOW).person.role == "member"
    organisation.set_role(house, ADMIN, "jo-lind", "viewer", member(house, "jo-lind").version)
    assert sessions.look(house, key, NOW).person.role == "viewer"
    organisation.suspend(house, ADMIN, "jo-lind", member(house, "jo-lind").version)
    assert sessions.find(house, key, NOW) is None
    organisation.reactivate(house, ADMIN, "jo-lind", member(house, "jo-lind").version)
    assert sessions.find(house, key, NOW) is None
    organisation.set_role(house, ADMIN, "jo-lind", "member", member(house, "jo-lind").version)


def test_an_ended_session_cannot_be_begun_again_with_its_old_secret(house):
    key = begin(house, "copied cookie").id
    assert sessions.end(house, key, NOW + MINUTE) and not sessions.end(house, key, NOW + MINUTE)
    assert begin(house, "copied cookie", at=NOW + 2 * MINUTE).ended_at is not None
    assert sessions.find(house, key, NOW + 2 * MINUTE) is None


def test_rows_are_kept_longer_than_a_cookie_lives_and_then_forgotten(house):
    key = begin(house, "old").id
    sessions.end(house, key, NOW)
    begin(house, "31 days later", at=NOW + timedelta(days=31))
    assert sessions.row(house, key)
    assert sessions.sweep(house, NOW + timedelta(days=33)) >= 1 and sessions.row(house, key) is None


def test_two_tabs_that_come_at_once_begin_one_session(house):
    with ThreadPoolExecutor(4) as pool:
        found = {one.id for one in pool.map(lambda _: begin(house, "two tabs"), range(8))}
    with house.read() as tx:
        assert len(found) == 1 == len(tx.all("SELECT 1 FROM signin_session WHERE id = $1", (found.pop(),)))


def test_one_sees_and_ends_ones_own_sessions_an_admin_those_of_everybody(house):
    petra = make_actor("member", "petra-berg", "Petra Berg")
    first, second = begin(house, "laptop"), begin(house, "phone")
    assert {first.mark, second.mark} <= {one.mark for one in sessions.of(house, petra, "petra-berg", NOW)}
    assert sessions.revoke(house, petra, "petra-berg", first.mark, NOW) == 1
    assert sessions.find(house, first.id, NOW) is None and sessions.find(house, second.id, NOW)
    assert sessions.revoke(house, ADMIN, "petra-berg", now=NOW) >= 1 and sessions.find(house, second.id, NOW) is None
    with pytest.raises(UsageError, match="There is no session"):
        sessions.revoke(house, petra, "petra-berg", first.mark, NOW)


@pytest.mark.parametrize(("actor", "whom"), [
    (None, "petra-berg"), (make_actor("member", "petra-berg"), "rana-amari"), (make_actor("analyst", "sam"), "petra-berg"),
    (make_actor("viewer", "", "Nobody"), "petra-berg"),
    (RANA, "administrator"), (RANA, "karen-holt"), (RANA, "jo-lind"),  # An admin, another leader, another leader's own.
])
def test_nobody_signs_others_in_or_out_who_may_not(house, actor, whom):
    for work in (lambda: sessions.of(house, actor, whom, NOW), lambda: sessions.revoke(house, actor, whom, now=NOW),
                 lambda: links.issue(house, actor, whom, NOW), lambda: links.revoke(house, actor, whom, NOW)):
        with pytest.raises(NotAllowed):
            work()


@pytest.mark.parametrize(("text", "words"), [
    (FIREFOX, "Firefox on Windows"), ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.0 Safari/605.1.15", "Safari on Mac"),
    ("Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Windows"), ("", "unknown"), ("<script>alert(1)</script>" * 90, "unknown"),
])
def test_a_browser_is_named_in_a_few_words(text, words):
    assert sessions.agent_words(text) == words


# -- personal links

def test_a_link_signs_one_person_in_once(house):
    made = links.issue(house, RANA, "petra-berg", NOW)
    assert links.opened(house, made.token, NOW).person.id == "petra-berg" == links.opened(house, made.token, NOW).person.id
    entered = links.enter(house, made.token, FIREFOX, NOW + HOUR)
    assert sessions.find(house, sessions.key_of(entered.secret), NOW + HOUR).person == "petra-berg"
    assert entered.secret not in made.token and links.enter(house, made.token, FIREFOX, NOW + HOUR) is None and links.opened(house, made.token, NOW + HOUR) is None
    with house.read() as tx:
        stored = str(tx.all("SELECT * FROM signin_link")) + str(tx.all("SELECT * FROM signin_session")) + str(tx.all("SELECT * FROM audit"))
    assert made.token not in stored and entered.secret not in stored


def test_of_two_who_press_at_once_one_comes_in(house):
    made = links.issue(house, ADMIN, "petra-berg", NOW)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: links.enter(house, made.token, FIREFOX, NOW), range(6)))
    assert sum(one is not None for one in found) == 1


def test_a_link_ends_in_time_when_it_is_revoked_when_a_newer_one_is_made_and_with_the_member(house):
    made = links.issue(house, RANA, "petra-berg", NOW)
    assert links.opened(house, made.token, NOW + timedelta(days=3)) is None
    newer = links.issue(house, RANA, "petra-berg", NOW)
    assert links.opened(house, made.token, NOW) is None
    assert [one.id for one, _ in links.listed(house, RANA, NOW)] == [newer.link.id]
    assert links.revoke(house, RANA, "petra-berg", NOW) == 1 and links.enter(house, newer.token, FIREFOX, NOW) is None
    third = links.issue(house, ADMIN, "jo-lind", NOW)
    organisation.suspend(house, ADMIN, "jo-lind", member(house, "jo-lind").version)
    assert links.opened(house, third.token, NOW) is None
    with pytest.raises(UsageError, match="suspended"):
        links.issue(house, ADMIN, "jo-lind", NOW)
    organisation.reactivate(house, ADMIN, "jo-lind", member(house, "jo-lind").version)
    assert links.enter(house, third.token, FIREFOX, NOW) is None


@pytest.mark.parametrize("token", ["", "x", "A" * 43, "../../etc/passwd", "\0"])
def test_a_token_that_never_was_signs_nobody_in(house, token):
    assert links.opened(house, token, NOW) is None and links.enter(house, token, FIREFOX, NOW) is None


@pytest.mark.parametrize("lasts", [timedelta(0), timedelta(days=15), timedelta(days=-1)])
def test_a_link_lasts_neither_for_ever_nor_not_at_all(house, lasts):
    with pytest.raises(UsageError, match="lasts from five minutes to 14 days"):
        links.issue(house, ADMIN, "petra-berg", NOW, lasts)


def test_what_is_done_about_signing_in_stands_in_the_audit(house):
    with house.read() as tx:
        done = {action for (action,) in tx.all("SELECT DISTINCT action FROM audit")}
    assert {"sign in", "sign out", "end sessions", "issue sign-in link", "revoke sign-in link"} <= done


def test_a_row_says_nothing_of_a_session_that_its_mark_does_not(house):
    with house.read() as tx:
        assert all(len(one.mark) == 10 and one.id.startswith(one.mark) for one in signin.sessions(tx))


def test_a_backup_that_is_put_back_brings_no_session_and_no_link_back(house):
    made, key = links.issue(house, RANA, "petra-berg", NOW), begin(house, "in the backup").id
    house.write(lambda tx: signin.close_all(tx, "a backup was put back"), "Marek")
    assert links.opened(house, made.token, NOW) is None and sessions.look(house, key, NOW).over == "a backup was put back"


def test_who_gets_the_id_of_somebody_taken_out_gets_nothing_else_of_them(house):
    key = begin(house, "taken out", "jo-lind").id
    house.write(lambda tx: signin.forget(tx, "jo-lind"), "Marek")
    assert sessions.look(house, key, NOW) is None and not sessions.of(house, ADMIN, "jo-lind", NOW)


def test_nobody_makes_a_link_for_who_still_has_to_say_how_they_lead(house):
    before = links.issue(house, RANA, "petra-berg", NOW)
    asked = feedback.Round("r1", "Autumn", "rana-amari", "", "", NOW.date(), NOW.date(), "open", "Rana Amari", NOW, "", None, 1)
    house.write(lambda tx: feedback.insert(tx, asked, [feedback.Asked("petra-berg", "", "reports", False)]), "Rana Amari")
    assert links.opened(house, before.token, NOW) is None and links.enter(house, before.token, FIREFOX, NOW) is None
    with pytest.raises(NotAllowed, match="Petra Berg is asked for feedback about you .* Ask an admin"):
        links.issue(house, RANA, "petra-berg", NOW)
    assert links.opened(house, links.issue(house, ADMIN, "petra-berg", NOW).token, NOW).person.id == "petra-berg"
    house.write(lambda tx: feedback.close(tx, "r1"), "Rana Amari")
    assert links.issue(house, RANA, "petra-berg", NOW)

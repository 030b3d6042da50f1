"""`member` on the command line, as far as signing in goes."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner

from scorecard import places
from scorecard.cli import main
from scorecard.signin import links, sessions
from scorecard.store.engine import Store


def call(*arguments: str):
    return CliRunner().invoke(main, ["member", *arguments])


def told(*arguments: str) -> dict:
    result = call(*arguments, "--json")
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)


@pytest.fixture
def rana(begun, monkeypatch) -> Store:
    """The store, with a leader; commands find it open."""
    monkeypatch.setenv(places.ADDRESS, "https://scorecard.corp.example/")
    told("add", "Rana Amari", "--role", "leader", "--email", "rana@corp.example")
    return begun


def test_the_first_leader_signs_in_with_a_link_made_on_the_host(rana):
    printed = call("link", "rana@corp.example").stdout
    token = re.match(r"https://scorecard\.corp\.example/signin/([\w-]{43})\nFor Rana Amari, once, until ", printed)[1]
    assert [one["name"] for one in told("links")["links"]] == ["Rana Amari"] and token not in call("links").stdout
    entered = links.enter(rana, token, "Firefox/1 Linux", now())
    assert told("links")["links"] == [] and call("links").stdout == "No sign-in link answers.\n"
    held = told("sessions", "rana-amari")["sessions"]
    assert [(one["name"], one["way"], one["browser"]) for one in held] == [("Rana Amari", "link", "Firefox on Linux")] and entered.secret not in str(held)
    assert call("revoke", "rana-amari", "--session", "0123456789").exit_code == 2
    assert told("revoke", "rana-amari", "--session", held[0]["session"])["ended"] == 1 and call("sessions").stdout == "Nobody is signed in.\n"
    assert sessions.find(rana, sessions.key_of(entered.secret), now()) is None


def test_a_link_that_went_to_the_wrong_person_is_ended(rana):
    told("link", "rana-amari", "--hours", "1")
    assert told("unlink", "Rana Amari") == {"name": "Rana Amari", "ended": 1} and told("links")["links"] == []
    assert call("unlink", "rana-amari").stdout == "0 links of Rana Amari answer no more.\n"


def test_what_is_known_of_a_member_is_changed_field_by_field(rana):
    told("add", "Petra Berg")
    changed = told("change", "petra-berg", "--email", "Petra@Corp.Example", "--leader", "rana@corp.example", "--role", "analyst")
    assert (changed["email"], changed["role"], changed["name"]) == ("petra@corp.example", "analyst", "Petra Berg")
    assert call("change", "petra-berg", "--name", "Petra Berg-Falk").stdout == "Petra Berg-Falk is saved: analyst, petra@corp.example.\n"
    assert told("change", "petra-berg", "--email", "")["email"] == ""


@pytest.mark.parametrize(("arguments", "status", "why"), [
    (("link", "nobody"), 2, "There is no member 'nobody'"), (("link", "rana-amari", "--hours", "0"), 2, "range"), (("link", "rana-amari", "--hours", "999"), 2, "range"),
    (("change", "rana-amari", "--leader", "nobody"), 2, "Nobody of the people is called 'nobody'"), (("change", "rana-amari", "--role", "boss"), 2, "boss"),
    (("change", "rana-amari", "--email", "rana"), 1, "not an e-mail address"), (("forget-account",), 2, "Name a member, or --all"),
    (("forget-account", "rana-amari", "--all"), 2, "Name a member, or --all"),
])
def test_what_cannot_be_done_is_refused_in_words(rana, arguments, status, why):
    result = call(*arguments)
    assert result.exit_code == status and why in result.stderr


def test_forgetting_an_account_that_never_was_changes_nothing(rana):
    assert told("forget-account", "rana-amari") == {"forgotten": 0} == told("forget-account", "--all")

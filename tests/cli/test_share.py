"""`share` and `health`, without a running server."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest
from click.testing import CliRunner

from scorecard import sharing
from scorecard.cli import main
from scorecard.store.engine import open_store

pytestmark = pytest.mark.usefixtures("at_work")


def run(*words: str):
    return CliRunner().invoke(main, list(words))


def json_of(*words: str) -> dict:
    done = run(*words, "--json")
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def test_a_link_is_made_listed_given_another_end_and_revoked(nothing_yet):
    made = json_of("share", "make", "--until", (date.today() + timedelta(days=7)).isoformat())
    assert made["path"].startswith("/share/") and made["url"] is None
    later = (date.today() + timedelta(days=9)).isoformat()
    assert json_of("share", "end", made["id"], "--until", later)["ends_on"] == later
    assert [(one["id"], one["open"]) for one in json_of("share", "list")["links"]] == [(made["id"], True)]
    assert json_of("share", "revoke", made["id"])["revoked_at"]
    assert [one["open"] for one in json_of("share", "list")["links"]] == [False]


def test_the_list_never_shows_a_token(closed, tmp_path):
    made = json_of("share", "make")
    token = made["path"].rsplit("/", 1)[1]
    assert token not in run("share", "list", "--json").output + run("share", "list").output
    store = open_store(tmp_path / "state.duckdb", tmp_path / "facts.duckdb")
    assert sharing.opened(store, token, date.today()).id == made["id"]
    store.close()


@pytest.mark.parametrize(
    "words, told, status",
    [
        (("share", "make", "--month", "soon"), "'soon' is not a period. Write months as 2026-10", 2),
        (("share", "make", "--segment", "Nobody"), "There is no segment 'Nobody'", 2),
        (("share", "make", "--scorecard", "wall"), "There is no scorecard 'wall'", 2),
        (("share", "make", "--until", "2020-01-01"), "A link ends between today and", 1),
        (("share", "revoke", "nothing"), "Share link 'nothing' does not exist", 1),
    ],
)
def test_a_refusal_says_what_is_allowed(words, told, status):
    done = run(*words)
    assert done.exit_code == status and told in done.stderr and not done.stdout


def test_health_of_a_new_store_is_ok():
    found = json_of("health")
    assert (found["status"], found["figures"], found["open_links"]) == ("ok", False, 0)
    assert run("health").output.startswith("The store answers: ")


def test_a_live_link_and_a_wall_are_told_apart():
    live = json_of("share", "make", "--live", "--label", "Board")
    wall = json_of("share", "make", "--wall")
    assert (live["live"], live["wall"], live["label"]) == (True, False, "Board") and wall["path"].endswith("/wall")
    assert "live, Board" in run("share", "list").stdout


def test_one_month_is_not_live():
    done = run("share", "make", "--live", "--month", "2026-10")
    assert done.exit_code == 2 and "Leave one of them out" in done.stderr

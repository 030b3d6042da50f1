"""`action`, without a running server."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest
from click.testing import CliRunner

from scorecard.cli import main

pytestmark = pytest.mark.usefixtures("at_work")

SOON = (date.today() + timedelta(days=9)).isoformat()


def run(*words: str):
    return CliRunner().invoke(main, ["action", *words])


def json_of(*words: str) -> dict:
    done = run(*words, "--json")
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def test_an_action_is_written_listed_and_finished(nothing_yet):
    made = json_of("add", "Renewal desk pilot", "--owner", "you", "--due", SOON, "--measure", "renewal_rate", "--effect", "0.02")
    assert (made["state"], made["owner_name"], made["effect"]) == ("not_started", "You", 0.02)
    assert [one["id"] for one in json_of("list")["actions"]] == [made["id"]]
    assert "Renewal desk pilot" in run("list").output
    assert json_of("done", made["id"])["state"] == "done"
    assert json_of("list")["actions"] == [] and len(json_of("list", "--which", "done")["actions"]) == 1
    told = json_of("verdicts", "--until", f"{date.today():%Y-%m}")
    assert [one["verdict"] for one in told["verdicts"]] == ["too_few"] and told["year"]["finished"] == 1
    assert "1 action finished" in run("verdicts", "--until", f"{date.today():%Y-%m}").output


@pytest.mark.parametrize(
    ("words", "told", "status"),
    [
        (("add", "x", "--owner", "nobody", "--due", SOON), "There is no person 'nobody'", 2),
        (("add", "x", "--owner", "you", "--due", SOON, "--measure", "renewal_rat"), "renewal_rate", 1),
        (("add", "x", "--owner", "you", "--due", "2020-01-01"), "cannot be due before", 2),
        (("done", "nothing"), "There is no action 'nothing'", 2),
    ],
)
def test_a_refusal_says_what_is_allowed(words, told, status):
    done = run(*words)
    assert done.exit_code == status and told in " ".join(done.stderr.split()) and not done.stdout

"""`python -m scorecard review`: the agenda, a decision, the signature, a note beside it."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from scorecard.cli import main
from tests import stores
from tests.reviews.conftest import make_folder


@pytest.fixture(scope="module")
def reviewed(tmp_path_factory):
    return stores.once(tmp_path_factory, "month", make_folder)


def test_a_month_is_decided_and_signed_on_the_command_line(reviewed, tmp_path):
    stores.copied(reviewed, tmp_path)

    def run(*words: str, expect: int = 0) -> str:
        done = CliRunner().invoke(main, ["review", *words])
        assert done.exit_code == expect, done.output
        return done.output

    shown = json.loads(run("show", "--month", "2026-10", "--json"))
    assert [one["state"] for one in shown["items"]] == ["not_started"] * 3
    assert "no decision yet" in run("sign", "--month", "2026-10", "--as", "you", expect=1)
    for place in ("1", "2", "3"):
        run("decide", place, "find_the_cause", "--month", "2026-10", "--as", "you")
    assert "not an active member" in run("sign", "--month", "2026-10", "--as", "nobody", expect=1)
    signed = json.loads(run("sign", "--month", "2026-10", "--as", "you", "--json"))
    assert signed["signature"]["name"] == "You" and signed["signature"]["matches"]
    run("note", "A duplicate ticket.", "--month", "2026-10", "--as", "you")
    shown = run("show", "--month", "2026-10")
    assert signed["signature"]["fingerprint"] in shown and "matches" in shown

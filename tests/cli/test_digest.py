"""`digest`, without a running server: nothing leaves unless it is asked for and a channel is live."""

from __future__ import annotations

import pytest

from tests import outside
from tests.cli.test_share import json_of, run

pytestmark = pytest.mark.usefixtures("at_work")


def test_without_a_channel_the_digest_is_shown_and_nobody_is_told(nothing_yet):
    done = run("digest")
    assert done.exit_code == 0 and "There is no channel, so nobody is told" in done.stderr


def test_a_channel_is_added_changed_listed_and_removed():
    made = json_of("digest", "channel", "add", "--email", "a@b.example", "--about", "overdue")
    assert (made["live"], made["about"]) == (False, ["overdue"])
    changed = json_of("digest", "channel", "change", made["id"], "--live", "--repeat-after", "7")
    assert (changed["live"], changed["repeat_after"], changed["about"]) == (True, 7, ["overdue"])
    assert "SCORECARD_SMTP" in json_of("digest", "channel", "list")["channels"][0]["lacks"]
    assert "is told nothing any more" in run("digest", "channel", "remove", made["id"]).stdout


def test_one_kind_of_recipient_is_named():
    done = run("digest", "channel", "add")
    assert done.exit_code == 2 and "--email and --webhook" in done.stderr


def test_a_digest_is_sent_to_a_live_channel_when_it_is_asked_for(monkeypatch):
    with outside.serving(outside.MailServer()) as server:
        monkeypatch.setenv("SCORECARD_SMTP", server.address)
        monkeypatch.setenv("SCORECARD_SMTP_FROM", "scorecard@b.example")
        run("diary", "list")
        json_of("digest", "channel", "add", "--email", "a@b.example", "--live")
        assert json_of("digest", "--send") == {"channels": 1, "sent": 0, "unsent": 0, "messages": [], "concerns": []}
    assert server.letters == []

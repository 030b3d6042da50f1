"""What is read for one person is held in their session only, and asked again once something of it has changed."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from scorecard import registers
from scorecard.ui import own_reads
from tests.people.team import KENJI, MEI, RANA, TODAY, make_team
from tests.stores import copied, once, opened


@pytest.fixture
def store(tmp_path, tmp_path_factory):
    made = opened(copied(once(tmp_path_factory, "small-team", make_team), tmp_path / "store"))
    yield made
    made.close()


@pytest.fixture
def asked(store, monkeypatch):
    """Asks for the skill levels that somebody sees; `asks` counts how often the store was asked."""
    session: dict = {}
    monkeypatch.setattr(own_reads, "st", SimpleNamespace(session_state=session))
    monkeypatch.setattr(own_reads, "get_script_run_ctx", lambda **_: object())

    def ask(actor, today=TODAY) -> list[str]:
        def levels() -> list[str]:
            ask.asks += 1
            with store.read() as tx:
                return [one.values["level"] for one in registers.entries(tx, "skill_level", actor=actor)]

        return own_reads.read(SimpleNamespace(actor=actor, today=today, store=store), "levels", levels)

    ask.asks, ask.session = 0, session
    return ask


def test_it_is_asked_once_and_again_when_a_row_changed_and_not_for_what_others_write_elsewhere(store, asked):
    registers.add(store, KENJI, "skill_level", {"skill": "integrations", "level": "alone", "on": "2026-08-01"}, today=TODAY)
    assert [asked(KENJI), asked(KENJI)] == [["alone"], ["alone"]] and asked.asks == 1
    registers.add(store, MEI, "plan_voice", {"title": "An idea"}, today=TODAY)
    assert asked(KENJI) == ["alone"] and asked.asks == 1
    registers.add(store, KENJI, "skill_level", {"skill": "renewal", "level": "teach", "on": "2026-08-02"}, today=TODAY)
    assert asked(KENJI) == ["teach", "alone"] and asked.asks == 2


def test_a_change_of_leader_counts_at_once(store, asked):
    registers.add(store, KENJI, "skill_level", {"skill": "integrations", "level": "alone", "on": "2026-08-01"}, today=TODAY)
    assert asked(RANA) == ["alone"]
    store.write(lambda tx: (tx.run("UPDATE person SET leader = '' WHERE id = 'kenji'"), tx.audit("test", "person:kenji")), "Rana")
    assert asked(RANA) == []


def test_nothing_of_one_person_is_left_for_the_next_and_nothing_is_held_where_there_is_no_session(store, asked, monkeypatch):
    registers.add(store, KENJI, "skill_level", {"skill": "integrations", "level": "alone", "on": "2026-08-01"}, today=TODAY)
    assert asked(KENJI) == ["alone"] and asked(MEI) == [] and asked.asks == 2
    assert [value for held in asked.session.values() for value, *_ in held.values.values()] == [[]]
    assert asked(KENJI) == ["alone"] and asked.asks == 3
    monkeypatch.setattr(own_reads, "get_script_run_ctx", lambda **_: None)
    asked.session.clear()
    assert asked(KENJI) == ["alone"] and not asked.session

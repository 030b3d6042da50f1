"""Actions and comments as rows, on both engines."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from scorecard.core.periods import Period
from scorecard.store import actions, members, orphans
from scorecard.store.actions import Action, Comment
from scorecard.store.members import Person

AT = datetime(2026, 10, 8, 9, 30)


def make_action(id: str = "a1", **fields) -> Action:
    usual = {
        "title": "Renewal desk", "kind": "process", "owner": "jo", "owner_name": "Jo Lind", "due": date(2026, 12, 4), "measure": "",
        "segment": "", "effect": None, "effect_by": None, "first_reading": None, "state": "not_started", "started": None,
        "ended": None, "origin": "", "origin_words": "", "made_by": "Rana", "made_at": AT, "changed_by": "Rana", "changed_at": AT,
        "version": 1,
    }  # fmt: skip
    return Action(id=id, **(usual | fields))


def put(store, *found: Action) -> None:
    def work(tx) -> None:
        members.insert_person(tx, Person("jo", "Jo Lind"))
        for one in found:
            actions.insert(tx, one)

    store.write(work, "Rana")


def test_an_action_comes_back_whole_and_is_found_by_state_and_origin(store):
    full = make_action(effect=-0.5, effect_by=date(2027, 1, 31), first_reading=Period(date(2027, 1, 1), "month"),
                       started=date(2026, 10, 9), state="in_progress", origin="review:card:2026-10:x")  # fmt: skip
    done = make_action("a2", state="done", ended=date(2026, 11, 1), due=date(2026, 11, 1))
    put(store, full, done)
    with store.read() as tx:
        assert actions.one(tx, "a1") == full and actions.one(tx, "a3") is None
        assert actions.listed(tx) == [done, full] and actions.listed(tx, open_only=True) == [full]
        assert actions.by_origin(tx, "review:card:2026-10") == [full]


def test_a_row_is_changed_only_from_the_version_that_was_seen(store):
    put(store, make_action())
    changed = replace(make_action(title="Other"), version=2)
    assert store.write(lambda tx: actions.update(tx, changed, 1), "Rana")
    assert not store.write(lambda tx: actions.update(tx, changed, 1), "Rana")


def test_a_comment_is_kept_and_taken_back(store):
    new = Comment("c1", "action:a1", "Two lines\nof words", "Jo", AT, None)
    store.write(lambda tx: actions.add_comment(tx, new), "Jo", AT)
    store.write(lambda tx: actions.withdraw_comment(tx, "c1"), "Jo", AT)
    with store.read() as tx:
        assert actions.comments(tx, "action:a1") == [replace(new, withdrawn_at=AT)]


def test_an_action_of_nobody_or_of_no_measure_is_found(store):
    put(store, make_action(), make_action("a2", owner="gone", measure="gone_too"))
    with store.read() as tx:
        found = orphans.find(tx)
    assert "Action 'a2' is owned by person 'gone', who does not exist." in found
    assert "An action should move measure 'gone_too', which has no definition." in found

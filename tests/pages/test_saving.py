"""Fields that save themselves: quick choices are kept in their order, and a stopped run neither loses nor overtakes one."""

from __future__ import annotations

import threading

import pytest

from scorecard.errors import StaleEdit, UsageError
from scorecard.ui.saving import Saving

NAME = "answer of one practice"


class Stored:
    """An answer with its version, as a store keeps it."""

    def __init__(self) -> None:
        self.said, self.version = None, 0

    def save(self, said: object, seen: int) -> int:
        if seen != self.version:
            raise StaleEdit("Not saved: another tab answered meanwhile.")
        self.said, self.version = said, self.version + 1
        return self.version


def test_a_choice_made_while_the_one_before_is_still_being_saved_is_no_other_tab():
    stored, saves, begun, go_on = Stored(), Saving(), threading.Event(), threading.Event()

    def slowly(said: object, seen: int) -> int:
        begun.set()
        assert go_on.wait(10)
        return stored.save(said, seen)

    first = threading.Thread(target=saves.keep, args=(NAME, lambda: 3, slowly))
    first.start()
    assert begun.wait(10)
    second = threading.Thread(target=saves.keep, args=(NAME, lambda: 4, stored.save))
    second.start()
    go_on.set()
    first.join(10)
    second.join(10)
    assert (stored.said, stored.version, saves.versions[NAME], saves.troubles) == (4, 2, 2, {})


def test_a_run_that_comes_late_does_not_overtake_a_later_choice():
    stored, saves, asked, go_on = Stored(), Saving(), threading.Event(), threading.Event()

    def late() -> int:
        asked.set()
        assert go_on.wait(10)
        return 3

    first = threading.Thread(target=saves.keep, args=(NAME, late, stored.save))
    first.start()
    assert asked.wait(10)
    saves.keep(NAME, lambda: 4, stored.save)
    go_on.set()
    first.join(10)
    assert (stored.said, stored.version) == (4, 1)


def test_what_a_stopped_run_did_not_come_to_save_is_missed_until_it_is_saved():
    class Stopped(BaseException):
        pass

    def stop(said: object, seen: int) -> int:
        raise Stopped

    stored, saves = Stored(), Saving()
    saves.shown(NAME, 2)
    with pytest.raises(Stopped):
        saves.keep(NAME, lambda: 3, stop)
    assert saves.missed(NAME, 3) and not saves.missed(NAME, 2) and not saves.missed(NAME, None) and not saves.missed("another", 3)
    saves.keep(NAME, lambda: 3, stored.save)
    assert (stored.said, saves.missed(NAME, 3), saves.handled(NAME)) == (3, False, 3)


@pytest.mark.parametrize(("refusal", "stale"), [(StaleEdit("Answered in another tab."), True), (UsageError("Say why."), False)])
def test_a_refusal_is_kept_with_its_kind_until_it_is_saved_or_given_up(refusal: Exception, stale: bool):
    def refuse(said: object, seen: int) -> int:
        raise refusal

    stored, saves = Stored(), Saving()
    saves.keep(NAME, lambda: 3, refuse)
    assert saves.troubles == {NAME: (str(refusal), stale)} and not saves.missed(NAME, 3)
    saves.keep(NAME, lambda: None, refuse)
    assert stored.version == 0
    saves.keep(NAME, lambda: 3, stored.save)
    assert saves.troubles == {} and stored.said == 3
    saves.keep(NAME, lambda: 4, refuse)
    saves.take(NAME, 7)
    assert (saves.troubles, saves.versions[NAME], saves.handled(NAME)) == ({}, 7, None)

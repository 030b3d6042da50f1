"""What is in a menu is drawn once it is opened, and what was typed into it is there when it is opened again."""

from __future__ import annotations

import pytest

from scorecard.ui import menus


def shut(at, label: str):
    at.session_state[menus.opened(label)] = False
    return at.run()


def opened(at, label: str):
    at.session_state[menus.opened(label)] = True
    return at.run()


@pytest.mark.parametrize("name", ["scorecard", "review", "measure", "sensory", "work", "planning", "people", "leadership", "improvement", "sponsors", "advocacy", "ledger", "audit"])
def test_files_of_a_page_are_drawn_when_their_menu_is_open_and_not_before(see, name):
    at = see(name, **({"measure": "nps"} if name == "measure" else {}))
    offered = [one.label for one in at.get("download_button")] + [one.label for one in at.button if one.key and one.key.startswith("export ")]
    shut(at, menus.EXPORT)
    left = [one.label for one in at.get("download_button")] + [one.label for one in at.button if one.key and one.key.startswith("export ")]
    assert not at.exception and len(offered) > len(left)
    again = opened(at, menus.EXPORT)
    assert [one.label for one in again.get("download_button")] == [label for label in offered if label in {one.label for one in again.get("download_button")}]
    assert len(again.get("download_button")) + sum(bool(one.key and one.key.startswith("export ")) for one in again.button) == len(offered)


def test_what_was_typed_into_the_menu_share_is_there_when_it_is_opened_again(see):
    at = see("scorecard", "leader")
    at.text_input("link label").set_value("Support room").run()
    shut(at, menus.SHARE)
    assert not any(one.key == "link label" for one in at.text_input)
    assert opened(at, menus.SHARE).text_input("link label").value == "Support room"

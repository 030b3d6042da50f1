"""Leadership on its page: empty, written in a few presses, refused in words, and seen by who may."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from streamlit.testing.v1 import AppTest

from scorecard import registers
from scorecard.leadership import motivation
from scorecard.store import members
from scorecard.store.members import Person
from scorecard.ui import state
from tests import stores
from tests.conftest import make_actor
from tests.pages.test_pages import labels, press, said

LEADER, MEMBER = make_actor("leader", "test-leader", "Test leader"), make_actor("member", "test-member", "Test member")


def form_script() -> None:
    """The form that thanks somebody, in the open: AppTest closes a dialog with the next thing that is done in it."""
    from scorecard.ui import forms, leadership_recognition, state

    page = state.page("read_scorecard")
    forms.begin()
    leadership_recognition.form(page)
    forms.settle()


def moves_script() -> None:
    """The form of what moves oneself."""
    from scorecard.ui import forms, leadership_motivation, state

    page = state.page("read_scorecard")
    forms.begin()
    leadership_motivation.form(page)
    forms.settle()


def word_script() -> None:
    """Purpose and values with the reader's own word."""
    from scorecard.ui import forms, leadership_direction, state

    page = state.page("read_scorecard")
    forms.begin()
    leadership_direction.draw(page)
    forms.settle()


@pytest.fixture
def filled(tmp_path, without_figures):
    """A store without figures, in which each role has a member."""
    stores.copied(without_figures, tmp_path)
    yield state.store()
    state.close()


def run(of: Callable[[], None], role: str = "member") -> AppTest:
    at = AppTest.from_function(of, default_timeout=60)
    at.session_state[state.PERSON] = f"test-{role}"
    return at.run()


def drawn(at: AppTest) -> str:
    """Every block that the page draws."""
    return "\n".join(one.proto.json for one in at.get("bidi_component"))


def test_an_empty_page_says_what_each_part_is_for_with_one_step_for_who_may(look):
    at = look("leadership", "leader", empty=True)
    assert not at.exception and {"Write the purpose", "Write the first value", "Write the first change", "Recognise someone"} <= set(labels(at))
    assert "Nobody was recognised yet." in drawn(at) and "Nothing was due yet." in said(at)
    viewer = look("leadership", "viewer", empty=True)
    assert not {"Write the purpose", "Write the first value", "Write the first change", "Recognise someone"} & set(labels(viewer))


def test_people_stand_in_alphabetical_order_and_no_row_counts_what_a_person_was_given(look):
    at = look("leadership", "viewer")
    assert not at.exception
    rows = next(one.proto.json for one in at.get("bidi_component") if "ld-recognition" in one.proto.json)
    names = ("Adeyemi", "Berg", "Duarte", "Haddad", "Kowal", "Lin", "Osei", "Patel", "Renard", "Ruiz", "Sato", "Vidal")
    assert [rows.index(name) for name in names] == sorted(rows.index(name) for name in names)
    assert "What moves them" not in drawn(at) and "yet: Hana Patel" not in said(at)


def test_somebody_is_thanked_and_without_words_the_form_says_what_is_missing_and_stores_nothing(filled):
    at = run(form_script)
    at.selectbox(key="recognise to").set_value("test-leader")
    at = press(at, "Save")
    assert "missing" in at.error[0].value
    at.text_area(key="recognise words").set_value("Told the bad news first.")
    at = press(at, "Save")
    with filled.read() as tx:
        (one,) = registers.entries(tx, "recognition")
    assert (one.values["to"], one.values["by"], one.values["side"]) == ("test-leader", "test-member", "colleague")


def test_what_moves_a_person_is_changed_over_the_version_they_saw_and_what_was_typed_stays(filled):
    today = state.today(filled)
    motivation.state(filled, MEMBER, {"moves": ["learning"], "share_with": "leader"}, today)
    at = run(moves_script)
    motivation.state(filled, MEMBER, {"words": "From the other window."}, today, seen_version=1)
    at.text_area(key="moves words 1").set_value("From here.")
    at = press(at, "Save")
    assert "You saw version 1, version 2 is in force." in at.error[0].value and at.text_area(key="moves words 1").value == "From here."
    at = press(at, "Save")
    with filled.read() as tx:
        assert motivation.read(tx, MEMBER, today).own.values["words"] == "From here."


def test_a_reader_says_that_they_can_explain_the_purpose_with_one_press(filled):
    today = state.today(filled)
    registers.add(filled, LEADER, "purpose", {"text": "Evenings back.", "since": today - timedelta(9)}, today=today)
    filled.write(lambda tx: (members.insert_person(tx, Person("fifth", "Test fifth")), members.insert_member(tx, "fifth", "member")), "Test leader")
    at = run(word_script)
    assert "nobody of 5 said yet that they can explain it" in drawn(at)
    at = press(at, "I can explain it to others")
    assert "that you can explain it" in said(at) and "1 of 5 people said" in drawn(at) and "I can explain it to others" not in labels(at)

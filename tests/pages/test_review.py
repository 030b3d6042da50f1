"""The page Monthly review, in every role: read, discuss, decide, sign; two people at once; once signed, frozen."""

from __future__ import annotations

from datetime import date, time

import pytest

from streamlit.testing.v1 import AppTest

from scorecard import access, drafts, reviews
from scorecard.store import engine
from scorecard.ui import state
from tests import stores
from tests.conftest import make_actor
from tests.menus import with_open_menus
from tests.pages.test_pages import BROKEN, labels, press, said
from tests.reviews.conftest import CARD, OCTOBER, make_folder

REPLY = "measure:first_reply"
OTHER = make_actor("leader", "test-admin", "Petra Berg")


def now():
    """The review as the store has it."""
    return reviews.review_view(state.store(), CARD, OCTOBER, state.today(state.store()))


def item(id: str):
    return next(one for one in now().month.items if one.id == id)


def decide_all(actor=OTHER) -> None:
    """Every item that is open, decided."""
    for one in now().month.items:
        if not one.decision:
            reviews.decide(state.store(), actor, CARD, OCTOBER, one.id, one.suggested, "", one.title, None)


def test_the_review_of_the_sample_stands_in_the_frame_and_its_open_items_are_counted_there(see):
    at = see("review")
    assert not at.exception and BROKEN not in said(at) and at.title[0].value == "October 2026 review"
    links = [one.proto.label for one in at.sidebar.get("page_link")]
    assert any(one.startswith("Monthly review :gray[") for one in links)


def page_alone() -> None:
    """The script of the page without the frame around it."""
    import runpy

    from scorecard import places
    from scorecard.errors import ScorecardError
    from scorecard.ui import forms

    forms.begin()
    try:
        runpy.run_path(str(places.ROOT / "pages" / "review.py"))
    except ScorecardError as error:
        import streamlit as st

        st.error(str(error))
    finally:
        forms.settle()


def with_roles(folder) -> None:
    make_folder(folder)
    stores.add_roles(folder)


@pytest.fixture
def filled(tmp_path, tmp_path_factory):
    """A store with four measures to review, three of them on the agenda, in which each role has a member."""
    stores.copied(stores.once(tmp_path_factory, "month with roles", with_roles), tmp_path)
    yield state.store()
    state.close()


@pytest.fixture
def review(filled):
    """Opens the review without the frame: `review("member", item=…)`."""

    def open_review(role: str = "leader", **query: str):
        at = with_open_menus(AppTest.from_function(page_alone, default_timeout=60))
        at.session_state[state.PERSON] = f"test-{role}"
        for key, value in query.items():
            at.query_params[key] = value
        return at.run()

    return open_review


@pytest.mark.parametrize("role", access.ROLES)
def test_everybody_reads_the_review_and_only_leaders_decide_and_sign(review, role):
    at = review(role)
    assert not at.exception and not at.error and at.title[0].value == "October 2026 review"
    leads = role == "leader"
    assert ("Decide" in labels(at)) is leads and ("Sign off October review" in labels(at)) is leads
    assert ("A leader decides and signs." in said(at)) is not leads
    talks = any(area.key.startswith("said ") for area in at.text_area)
    assert talks is access.may(make_actor(role), "assess")


def key_of(at, kind: str, begins: str) -> str:
    return next(one.key for one in getattr(at, kind) if one.key.startswith(begins))


def choose(at, decision: str):
    at.radio(key=key_of(at, "radio", "decision")).set_value(decision).run()
    return at


def test_an_item_is_decided_and_opened_again(review):
    at = press(choose(review(item=REPLY), "find_the_cause"), "Decide")
    assert not at.exception and not at.error
    assert (item(REPLY).decision, item(REPLY).decided_by) == ("find_the_cause", "Test leader")
    press(at, "Undo the decision")
    assert not at.error and item(REPLY).state != "decided"


def test_an_action_of_an_item_is_written_in_its_place_and_another_can_follow(review):
    at = review(item=REPLY)
    at.text_input(key=f"act {OCTOBER} {REPLY} field title").set_value("Answer within a day")
    press(at, "Save action")
    assert not at.exception and not at.error
    (made,) = item(REPLY).actions
    assert (made.title, made.measure, made.origin) == ("Answer within a day", "first_reply", f"review:{CARD}:{OCTOBER}:{REPLY}")
    assert "Save action" not in labels(at)
    assert "Save action" in labels(press(at, "Add another"))


def test_watching_one_more_month_asks_what_would_settle_it(review):
    at = press(choose(review(item=REPLY), "watch"), "Decide")
    assert "Say what would settle it" in at.error[0].value
    at.text_input(key=key_of(at, "text_input", "settle")).set_value("Fewer than 60 in November.")
    press(at.run(), "Decide")
    assert not at.error and item(REPLY).settle == "Fewer than 60 in November."


def test_what_is_said_is_saved_as_the_field_is_left(review):
    at = review("member", item=REPLY)
    at.text_area(key=key_of(at, "text_area", "said")).set_value("41 of them are faults.").run()
    assert not at.exception and not at.error and item(REPLY).discussion == "41 of them are faults."


def test_two_people_who_write_about_one_item_see_both_texts_and_choose(review):
    at = review(item=REPLY)
    reviews.discuss(state.store(), OTHER, CARD, OCTOBER, REPLY, "Theirs.", None)
    field = key_of(at, "text_area", "said")
    at.text_area(key=field).set_value("Mine.").run()
    assert "Petra Berg" in at.error[0].value and "Theirs." in at.error[0].value and "Mine." in at.error[0].value
    assert item(REPLY).discussion == "Theirs." and at.text_area(key=field).value == "Mine."
    press(at.run(), "Save mine over theirs")
    assert not at.error and item(REPLY).discussion == "Mine."


def test_theirs_can_be_taken_instead(review):
    at = review(item=REPLY)
    reviews.discuss(state.store(), OTHER, CARD, OCTOBER, REPLY, "Theirs.", None)
    field = key_of(at, "text_area", "said")
    at.text_area(key=field).set_value("Mine.").run()
    press(at, "Take theirs")
    assert not at.error and at.text_area(key=field).value == "Theirs." and item(REPLY).discussion == "Theirs."


def test_what_was_typed_and_never_left_waits_for_the_readers_word_and_is_shown_to_nobody_else(review, monkeypatch):
    page, form = review(item=REPLY), f"said {CARD} {OCTOBER} {REPLY}"
    page.text_area(key=key_of(page, "text_area", "said")).set_value("Old.").run()
    for person, told in (("test-leader", "41 are fa"), ("test-member", "Mine alone.")):
        drafts.keep(state.store(), make_actor("leader", person), form, {"text": told, "base": "Old."})
    at, writes = review(item=REPLY), []
    field, write = key_of(at, "text_area", "said"), engine.Store.write
    monkeypatch.setattr(engine.Store, "write", lambda *given, **more: writes.append(given) or write(*given, **more))
    at.run()
    assert (item(REPLY).discussion, at.text_area(key=field).value, writes) == ("Old.", "41 are fa", [])
    assert any("did not save. Only you see it." in one.value for one in at.caption)
    press(at, "Save it")
    assert not at.error and item(REPLY).discussion == "41 are fa" and "Save it" not in labels(at)
    assert drafts.of(state.store(), make_actor("leader", "test-leader"), form) is None
    at.session_state[state.PERSON] = "test-member"
    assert at.run().text_area(key=key_of(at, "text_area", "said")).value == "Mine alone.", "the next person at the keyboard sees another's words"
    drafts.keep(state.store(), make_actor("leader", "test-leader"), form, {"text": "Mine.", "base": "Old."})
    assert "Save mine over theirs" in labels(review(item=REPLY)), "what was written meanwhile was written over"


def test_what_somebody_else_wrote_is_shown_when_one_wrote_nothing(review):
    at = review(item=REPLY)
    reviews.discuss(state.store(), OTHER, CARD, OCTOBER, REPLY, "Theirs.", None)
    at.run()
    assert at.text_area(key=key_of(at, "text_area", "said")).value == "Theirs." and not at.error


def test_two_tabs_that_decide_one_item_keep_the_first_and_say_so_to_the_second(review):
    at = choose(review(item=REPLY), "find_the_cause")
    reviews.decide(state.store(), OTHER, CARD, OCTOBER, REPLY, "change_the_goal", "", "First reply", None)
    press(at, "Decide")
    assert "Petra Berg changed this item meanwhile" in at.error[0].value
    assert item(REPLY).decision == "change_the_goal"
    press(at, "Take theirs")
    assert not at.error and at.radio(key=key_of(at, "radio", "decision")).value == "change_the_goal"


def test_the_leader_orders_the_agenda_gives_minutes_and_takes_off_an_own_item(review):
    last = now().month.items[-1].id
    at = press(review(item=last), "Earlier")
    assert now().month.items[-2].id == last
    minutes = at.number_input(key=key_of(at, "number_input", "minutes"))
    minutes.set_value(25).run()
    assert item(last).minutes == 25
    own = reviews.add_item(state.store(), OTHER, CARD, OCTOBER, "The offsite", "")
    press(review(item=own), "Take it off")
    assert own not in [one.id for one in now().month.items]


def test_signing_waits_for_every_decision_then_freezes_once(review):
    at = review()
    assert next(one for one in at.button if one.label == "Sign off October review").disabled
    decide_all()
    at.run()
    press(at, "Sign off October review")
    assert not at.exception and not at.error and now().state == "signed"
    assert "read from the frozen copy" in said(at) and "Decide" not in labels(at)
    assert len(reviews.signed(state.store())) == 1


def test_a_page_left_open_over_the_signature_says_who_signed(review):
    at = choose(review(item=REPLY), "find_the_cause")
    decide_all()
    reviews.sign(state.store(), OTHER, CARD, OCTOBER, state.today(state.store()))
    at.run()
    assert not at.exception and "read from the frozen copy" in said(at)


@pytest.mark.parametrize("role", ["member", "viewer"])
def test_a_note_is_added_beside_a_signed_review(review, role):
    decide_all()
    reviews.sign(state.store(), OTHER, CARD, OCTOBER, state.today(state.store()))
    at = review(role)
    fields = [one for one in at.text_area if one.key.startswith("note beside")]
    assert bool(fields) is access.may(make_actor(role), "assess")
    if fields:
        fields[0].set_value("One ticket was a duplicate.")
        press(at, "Save the note")
        assert [one.text for one in now().month.beside] == ["One ticket was a duplicate."]


def test_the_commentary_is_drafted_edited_counted_and_drafted_again(review):
    at = review()
    field = at.text_area(key=key_of(at, "text_area", "commentary"))
    assert 100 <= len(field.value.split()) <= 300
    field.set_value("Short.").run()
    assert "1 words; 100 to 300 are asked for" in said(at)
    press(at, "Save the commentary")
    assert now().month.commentary == "Short."
    press(at.run(), "Draft it again")
    assert now().month.commentary == ""


def test_a_quarter_shows_its_months(review):
    at = review("viewer", kind="Quarter")
    chosen = at.selectbox(key="quarter")
    assert not at.exception and at.title[0].value == f"{chosen.value} review" and chosen.value[:4] in ("Q1 2", "Q2 2", "Q3 2", "Q4 2")
    assert {"Q2 2026", "Q3 2026"} <= set(chosen.options)


def test_the_reading_view_has_no_controls(review):
    at = review("viewer", present="1")
    assert not at.exception and [one.label for one in at.button] == ["Close"]


def test_an_earlier_month_is_reviewed_as_well(review):
    at = review(month="August 2026")
    assert not at.exception and at.title[0].value == "August 2026 review"


def form(name: str) -> None:
    """The script of one form: its dialog is opened in each run."""
    from scorecard.ui import review_meeting, review_views, state

    page = state.page("read_scorecard")
    view = review_views.review(page, review_views.asked(page))
    if name == "contract":
        review_meeting.contract(page, "first_reply", "First reply")
    else:
        getattr(review_meeting, name)(page, view)


@pytest.fixture
def edit(filled):
    """Opens a form as a leader."""

    def open_form(name: str):
        at = AppTest.from_function(form, args=(name,), default_timeout=60)
        at.session_state[state.PERSON] = "test-leader"
        return at.run()

    return open_form


def test_the_meeting_gets_its_day_time_chair_and_people(edit):
    at = edit("meeting")
    at.date_input(key="held on").set_value(date(2026, 11, 12))
    at.time_input(key="begins").set_value(time(14, 0))
    at.selectbox(key="chair").set_value("test-leader")
    at.multiselect(key="attendees").set_value(["test-leader", "test-member"])
    press(at, "Save the meeting")
    assert not at.exception and not at.error
    month = now().month
    assert (month.held_on, month.begins, month.chair) == (date(2026, 11, 12), "14:00", "Test leader")
    assert month.attendees == ("Test leader", "Test member")


def test_what_is_said_meanwhile_is_no_change_of_the_meeting(filled):
    at = AppTest.from_function(stale_meeting, default_timeout=60)
    at.session_state[state.PERSON] = "test-leader"
    at.run()
    reviews.discuss(state.store(), OTHER, CARD, OCTOBER, REPLY, "Something.", None)
    at.selectbox(key="chair").set_value("test-leader")
    press(at, "Save the meeting")
    assert not at.error and now().month.chair == "Test leader"


def test_an_item_of_the_leaders_own_is_added(edit):
    at = edit("add_item")
    at.text_input(key="new item title").set_value("The offsite")
    press(at, "Add the item")
    assert not at.error and now().month.items[-1].title == "The offsite"


def test_what_was_agreed_beforehand_is_written_and_shown(edit):
    at = edit("contract")
    at.text_input(key="contract act").set_value("We find the cause within a week.").run()
    at.multiselect(key="contract act decisions").set_value(["find_the_cause"])
    at.text_input(key="contract why").set_value("Agreed in the January planning.")
    press(at, "Save what is agreed")
    assert not at.exception and not at.error
    assert "We find the cause within a week." in item(REPLY).commitment


def stale_meeting() -> None:
    """The script of a dialog that was opened before somebody else saved."""
    import streamlit as st

    from scorecard.ui import review_meeting, review_views, state

    page = state.page("read_scorecard")
    opened = st.session_state.setdefault("opened", review_views.review(page, review_views.asked(page)))
    review_meeting.meeting(page, opened)


def test_a_meeting_that_two_people_change_is_refused_with_what_is_stored(filled):
    at = AppTest.from_function(stale_meeting, default_timeout=60)
    at.session_state[state.PERSON] = "test-leader"
    at.run()
    reviews.save_meeting(filled, OTHER, CARD, OCTOBER, held_on=date(2026, 11, 13), begins="09:00", minutes=45,
                         chair="test-admin", attendees=(), seen_version=None)  # fmt: skip
    at.selectbox(key="chair").set_value("test-leader")
    press(at, "Save the meeting")
    assert "somebody changed this review meanwhile" in at.error[0].value and now().month.chair == "Test admin"
    assert "Now stored: Friday 13 November" in said(at) and "chaired by Test admin" in said(at)

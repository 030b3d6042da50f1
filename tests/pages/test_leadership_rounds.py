"""Feedback to a leader on its page and behind a personal link: who sees what, and one answer from the choice to the sending."""

from __future__ import annotations

from datetime import timedelta

import pytest
from streamlit.testing.v1 import AppTest

from scorecard import whose
from scorecard.access import Actor
from scorecard.leadership import round_answers, round_results, rounds
from scorecard.output import leadership_rounds as drawn
from scorecard.store import feedback as rows
from scorecard.ui import block, leadership_guest, leadership_rounds, state
from tests.conftest import make_actor
from tests.menus import with_open_menus
from tests.pages.conftest import SHELL
from tests.pages.test_pages import labels, press, said

RANA = Actor("rana-amari", "Rana Amari", "leader", "larkfield-customer-success")
ADA = Actor("ada-brandt", "Ada Brandt", "viewer")
NEWEST = "sample-feedback-2026"


def as_person(at: AppTest, id: str) -> AppTest:
    at.session_state[state.PERSON] = id
    return at.run()


def quiet(person: str, role: str) -> state.Page:
    opened = state.store()
    return state.Page(opened, make_actor(role, person), state.today(opened), state.now(), (), "", None, "")


def test_only_the_leader_reads_what_was_said_and_everybody_else_sees_that_they_may_be_asked(look):
    at = as_person(look("leadership"), "rana-amari")
    assert not at.exception and not at.error and "Ask for feedback" in labels(at) and "Agree on an aim" not in labels(at)
    own, other = leadership_rounds.here(quiet("rana-amari", "leader")), leadership_rounds.here(quiet("amara-osei", "member"))
    assert own.shown.sentence.rest.endswith("Both are in the development plan.") and other.shown is None and other.people == {}
    assert [table.title for table in leadership_rounds.tables(quiet("rana-amari", "leader"))] == ["Feedback", "Aims from feedback"]
    assert leadership_rounds.tables(quiet("karen-holt", "viewer")) == [] == leadership_rounds.tables(quiet("marek-zielinski", "admin"))


def test_who_leads_somebody_in_a_role_that_does_not_read_people_data_is_told_so_and_nobody_else_is(look):
    told = "and your role, viewer, does not read what is written about people: nothing of it is shown to you."
    assert told in said(as_person(look("people"), "karen-holt")).replace("\\", "")
    everyone = state.house(state.store()).members.values()
    assert told in drawn.nobody(whose.unread(Actor("karen-holt", "Karen Holt", "viewer"), everyone)) and drawn.NOBODY in drawn.nobody()
    others = [Actor(one.person.id, one.person.name, one.role) for one in everyone if one.person.id != "karen-holt"]
    assert whose.unread(None, everyone) == "" and not [one.name for one in others if whose.unread(one, everyone)]


def test_the_people_lead_alone_is_led_to_what_two_superiors_wrote(look):
    look("leadership", "viewer")
    at = as_person(look("leadership", "viewer"), "ada-brandt")
    assert "you pass on what they wrote" in said(at) and "Read it" in labels(at)
    assert "Read it" not in labels(as_person(look("leadership", "viewer"), "karen-holt"))


def test_the_drawing_says_what_it_shows_and_nothing_of_two_superiors(look):
    look("leadership")
    found = round_results.results(state.store(), RANA, NEWEST)
    html = drawn.section(found)
    assert "Feedback to Rana Amari" in html and "October 2026, October 2025 hollow" in html
    assert 'aria-label="Reports 2.9 of 9, from 2 to 4, middle half 2 to 4; Peers 3.2 of 6, from 3 to 4, middle half 3 to 3; last round 3.1; self 4."' in html
    assert html.count("fb-apart") == 2 and "−1.1" in html and "−1.0" in html and "<b>Superiors: not shown.</b> Two answers, fewer than five." in html
    assert "Henrik" not in html and "Say no to more" not in drawn.words(found) and drawn.words(found).count("<li>") == 12


def test_a_round_that_is_over_says_so_and_offers_no_form(look):
    at = as_person(look("leadership", view="answer", round=NEWEST), "mei-lin")
    assert not at.exception and not at.get("button_group") and "Send" not in labels(at)
    assert at.info[0].value == "October 2026 was closed on 26 Oct 2026. Nobody answers any more."
    assert "The round was closed on 26 Oct 2026." in drawn.sent(round_answers.sheet(state.store(), Actor("jo-lind", "Jo Lind", "member"), NEWEST))


@pytest.mark.parametrize(("done", "told"), [(4, "the next round can begin at once"), (5, "can begin 90 days later")])
def test_who_closes_a_round_is_told_when_the_next_can_begin(done, told):
    assert told in leadership_rounds._after(rounds.Standing(None, "Rana Amari", {"reports": (9, done), "self": (1, 1)}, ()))


def test_who_comes_by_a_link_answers_that_round_and_sees_nothing_else(see):
    see("leadership")
    store = state.store()
    today = state.today(store)
    later = today + timedelta(days=100)
    with store.read() as tx:
        last = rows.one(tx, NEWEST).closed_at.date()
    today = max(today, last + timedelta(days=rounds.APART_DAYS))
    people = {"reports": ["camila-duarte", "jonas-kowal", "mei-lin", "tolu-adeyemi", "hana-patel"]}
    of = rounds.open_round(store, RANA, person="rana-amari", title="Spring", people=people, closes=later + timedelta(days=30), today=today, hand_to="ada-brandt")
    (made,) = rounds.invite(store, ADA, of.id, ["camila-duarte"], today)
    guest = framed(made.token)
    assert not guest.exception and not guest.error and not guest.sidebar.selectbox and guest.title[0].value == "How does Rana Amari lead?"
    camila = Actor("camila-duarte", "Camila Duarte", "viewer")
    guest.get("button_group")[0].set_value(4).run()
    press(guest, "Send")
    assert "“Explains why before what”, “Keeps promises”, “Listens before deciding” and 4 more have no answer yet" in guest.error[0].value
    # Whoever made the link could open it, too: what is begun behind it stands nowhere.
    assert round_answers.sheet(store, camila, of.id).drafts == {} and framed(made.token).get("button_group")[0].value is None
    for group in guest.get("button_group")[1:]:
        group.set_value(3)
    guest.text_area(key=f"feedback {of.id} camila-duarte more").set_value("Reasons first.").run()
    press(guest, "Send")
    with store.read() as tx:
        assert [one.level for one in rows.answers(tx, of.id) if one.item == "direction"] == [4] and [one.text for one in rows.words(tx, of.id)] == ["Reasons first."]
    assert round_answers.sheet(store, camila, of.id).finished and not guest.exception
    with pytest.raises(ValueError, match=r"Known pages: \['[^']*answer.py'\]"):
        guest.switch_page(block.page_file("leadership"))
    rounds.close(store, RANA, of.id)
    assert "Spring was closed on" in said(framed(made.token)) and "Ask Ada" not in said(framed(made.token)) and "This link does not exist" in said(framed("x" * 40))


def framed(token: str) -> AppTest:
    """What the browser of somebody with a link gets."""
    at = with_open_menus(AppTest.from_file(str(SHELL), default_timeout=60))
    at.session_state[leadership_guest.PINNED] = token
    return at.run()

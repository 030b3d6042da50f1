"""The page Maturity, in every role: cycles, the sheet of one rater, two tabs, a cycle closed meanwhile; the form behind a link."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import date, timedelta

import pytest
from streamlit.testing.v1 import AppTest

from scorecard import access, maturity
from scorecard.errors import NotAllowed
from scorecard.maturity import invitations
from scorecard.signin.modes import Mode
from scorecard.store import maturity as maturity_rows
from scorecard.ui import block, maturity_guest, state
from tests import stores
from tests.conftest import make_actor
from tests.maturity.test_maturity import PEOPLE, make_team
from tests.menus import with_open_menus
from tests.pages.conftest import SHELL
from tests.pages.test_pages import BROKEN, labels, press, said

LEADER = make_actor("leader", "test-leader", "Test leader")
MEMBER = make_actor("member", "test-member", "Test member")
ASKED = ("test-leader", "test-analyst", "test-member", *PEOPLE)


def page_alone(name: str = "maturity") -> None:
    """The script of a page without the frame around it."""
    import runpy

    from scorecard import places
    from scorecard.errors import ScorecardError
    from scorecard.ui import forms

    forms.begin()
    try:
        runpy.run_path(str(places.ROOT / "pages" / f"{name}.py"))
    except ScorecardError as error:
        import streamlit as st

        st.error(str(error))
    finally:
        forms.settle()


def dialog(which: str, cycle: str = "") -> None:
    """The script of one dialog: AppTest runs the whole script for what is done in a part of it."""
    from scorecard import maturity
    from scorecard.ui import forms, maturity_cycles, maturity_quick, state
    from scorecard.ui.maturity_assess import Desk

    page = state.page("read_scorecard")
    forms.begin()
    if which == "new":
        maturity_cycles.new(page)
    elif which == "words":
        maturity_quick.words(Desk(page, lambda: page, cycle, str), maturity.sheet(page.store, page.actor, cycle))
    else:
        one = next(one for one in maturity.standings(page.store, page.actor) if one.cycle.id == cycle)
        getattr(maturity_cycles, which)(page, one)
    forms.settle()


def with_cycles(folder) -> None:
    make_team(folder)
    stores.add_roles(folder)
    store = stores.opened(folder)
    for title, kind, systems in (("Full", "full", ["work"]), ("Quick", "quick", ["work", "metrics"])):
        maturity.open_cycle(store, LEADER, title=title, kind=kind, mode="named", people=ASKED, systems=systems,
                            closes=date.today() + timedelta(9), today=date.today())
    store.close()


@pytest.fixture
def filled(tmp_path, tmp_path_factory):
    """A store with an open full cycle about Work and an open quick one."""
    stores.copied(stores.once(tmp_path_factory, "cycles with roles", with_cycles), tmp_path)
    yield state.store()
    state.close()


@pytest.fixture
def see_maturity(filled):
    def open_page(role: str = "member", **query: str) -> AppTest:
        at = with_open_menus(AppTest.from_function(page_alone, default_timeout=60))
        at.session_state[state.PERSON] = f"test-{role}"
        for key, value in query.items():
            at.query_params[key] = value
        return at.run()

    return open_page


def cycle_of(store, title: str) -> maturity.Cycle:
    with store.read() as tx:
        return next(one for one in maturity.cycles(tx) if one.title == title)


def draft(store, practice: str, title: str = "Full") -> maturity.Draft | None:
    return maturity.sheet(store, MEMBER, cycle_of(store, title).id).drafts.get(practice)


def field(store, practice: str, name: str, title: str = "Full") -> str:
    return f"answer {cycle_of(store, title).id} test-member {practice} {name}"


@pytest.fixture
def form(filled):
    """Opens a dialog as somebody."""

    def open_form(role: str, which: str, cycle: str = "") -> AppTest:
        at = AppTest.from_function(dialog, args=(which, cycle), default_timeout=60)
        at.session_state[state.PERSON] = f"test-{role}"
        return at.run()

    return open_form


@pytest.fixture
def sheet(see_maturity, filled):
    """The sheet of the member, with W2 open."""
    return see_maturity(view="assess", cycle=cycle_of(filled, "Full").id, practice="W2")


@pytest.mark.parametrize("role", access.ROLES)
def test_everybody_reads_the_cycles_and_only_a_leader_opens_and_closes_them(see_maturity, role):
    at = see_maturity(role)
    assert not at.exception and not at.error and BROKEN not in said(at) and at.title[0].value == "Cycles of maturity"
    leads = access.may(make_actor(role), "decide")
    assert all((label in labels(at)) is leads for label in ("Open a cycle", "Personal links", "Remind", "Close the cycle"))


@pytest.mark.parametrize("role", ["viewer", "admin"])
def test_who_may_not_assess_is_told_who_may(see_maturity, role):
    assert "Ask a member" in see_maturity(role, view="assess").error[0].value


def test_a_level_is_saved_as_it_is_chosen_with_its_criteria_evidence_and_links(sheet, filled):
    key = lambda name: field(filled, "W2", name)  # noqa: E731
    sheet.radio(key=key("level")).set_value(4).run()
    assert not sheet.exception and draft(filled, "W2").chosen == 4 and draft(filled, "W2").met == ()
    sheet.checkbox(key=key("met 0")).check().run()
    sheet.text_area(key=key("words")).set_value("The redesign of May.").run()
    press_link(sheet, key("link"), "javascript:alert(1)")
    assert "A link begins with https://" in sheet.error[0].value.replace("\u2060", "")
    press_link(sheet, key("link"), "https://wiki.larkfield.example/may")
    kept = draft(filled, "W2")
    assert kept.met and kept.evidence == "The redesign of May.\nhttps://wiki.larkfield.example/may" and kept.chosen == 4


def press_link(at: AppTest, key: str, text: str) -> None:
    at.text_input(key=key).set_value(text)
    press(at, "Attach it")


def test_what_does_not_apply_is_saved_with_its_reason_and_dont_know_at_once(sheet, filled):
    sheet.radio(key=field(filled, "W2", "level")).set_value("not applicable").run()
    assert draft(filled, "W2") is None
    sheet.text_input(key=field(filled, "W2", "reason")).set_value("We have no partners.").run()
    assert (draft(filled, "W2").applicable, draft(filled, "W2").reason) == (False, "We have no partners.")
    sheet.radio(key=field(filled, "W2", "level")).set_value("unsure").run()
    assert (draft(filled, "W2").applicable, draft(filled, "W2").chosen, draft(filled, "W2").reason) == (True, None, "")


def test_words_that_come_before_a_level_are_no_answer_and_are_saved_with_it(sheet, filled):
    sheet.text_area(key=field(filled, "W2", "words")).set_value("We did one.").run()
    assert draft(filled, "W2") is None and "Not saved yet: choose a line" in said(sheet)
    sheet.radio(key=field(filled, "W2", "level")).set_value(2).run()
    assert draft(filled, "W2").evidence == "We did one."


def test_two_tabs_are_told_plainly_and_the_rater_chooses_which_answer_stands(sheet, filled):
    maturity.save(filled, MEMBER, cycle_of(filled, "Full").id, "W2", chosen=1)
    sheet.radio(key=field(filled, "W2", "level")).set_value(3).run()
    assert "you answered W2 in another tab meanwhile (level 1)" in sheet.error[0].value and draft(filled, "W2").chosen == 1
    assert sheet.radio(key=field(filled, "W2", "level")).value == 3
    press(sheet, "Save mine over it")
    assert not sheet.error and draft(filled, "W2").chosen == 3


def test_a_tab_that_changed_nothing_takes_what_the_other_tab_saved(sheet, filled):
    maturity.save(filled, MEMBER, cycle_of(filled, "Full").id, "W2", chosen=1)
    sheet.run()
    assert sheet.radio(key=field(filled, "W2", "level")).value == 1 and not sheet.error


def test_another_person_at_the_same_keyboard_sees_and_saves_only_their_own_answers(sheet, filled):
    sheet.radio(key=field(filled, "W2", "level")).set_value(2).run()
    sheet.session_state[state.PERSON] = "test-analyst"
    theirs = field(filled, "W2", "level").replace("test-member", "test-analyst")
    assert sheet.run().radio(key=theirs).value is None
    sheet.radio(key=theirs).set_value(5).run()
    assert draft(filled, "W2").chosen == 2


def test_a_cycle_that_closes_while_somebody_types_leaves_the_text_on_the_screen(sheet, filled):
    sheet.radio(key=field(filled, "W2", "level")).set_value(2).run()
    maturity.close(filled, LEADER, cycle_of(filled, "Full").id)
    sheet.text_area(key=field(filled, "W2", "words")).set_value("A long thought.").run()
    assert "Not saved: Full was closed by Test leader" in sheet.error[0].value
    assert sheet.text_area(key=field(filled, "W2", "words")).value == "A long thought."


def test_a_closed_cycle_says_so_and_one_in_which_nobody_asked_is_refused_in_words(see_maturity, filled):
    quick = cycle_of(filled, "Quick")
    maturity.close(filled, LEADER, quick.id)
    assert "Quick was closed by Test leader" in said(see_maturity(view="assess", cycle=quick.id))
    assert "There is no cycle" in see_maturity(view="assess", cycle="nothing").error[0].value


def test_everything_is_sent_at_the_end_and_what_is_missing_is_named(see_maturity, filled):
    cycle = cycle_of(filled, "Full").id
    at = press(see_maturity(view="assess", cycle=cycle), "Save and finish")
    assert "Not sent: W1, W2, W3, W4, W5 and W6 have no answer yet" in at.error[0].value
    for n in range(1, 7):
        maturity.save(filled, MEMBER, cycle, f"W{n}", chosen=2)
    assert not press(at, "Save and finish").error
    assert maturity.sheet(filled, MEMBER, cycle).finished


def test_the_quick_form_saves_each_choice_takes_words_and_is_sent(see_maturity, form, filled):
    cycle = cycle_of(filled, "Quick").id
    at = see_maturity(view="assess", cycle=cycle)
    at.button_group(key=field(filled, "work", "level", "Quick")).set_value(4).run()
    at.button_group(key=field(filled, "metrics", "level", "Quick")).set_value("unsure").run()
    assert (draft(filled, "work", "Quick").chosen, draft(filled, "metrics", "Quick").chosen) == (4, None)
    say = form("member", "words", cycle)
    say.selectbox(key="words about").set_value("work").run()
    say.text_area(key="words of work").set_value("Since May.")
    press(say, "Save the words")
    assert (draft(filled, "work", "Quick").evidence, draft(filled, "work", "Quick").chosen) == ("Since May.", 4)
    press(at.run(), "Send")
    assert maturity.sheet(filled, MEMBER, cycle).finished


def test_a_leader_opens_a_cycle_reminds_and_closes_it_in_forms(form, filled):
    at = form("leader", "new")
    at.text_input(key="cycle title").set_value("Spring")
    press(at, "Open the cycle")
    new = cycle_of(filled, "Spring")
    assert not at.error and (new.kind, new.mode, len(new.systems)) == ("full", "anonymous", 7)
    reminding = form("leader", "remind", new.id)
    assert "12 people have not finished Spring." in reminding.code[0].value and not any(id in reminding.code[0].value for id in ASKED)
    assert not press(reminding, "Note that they were reminded").error
    press(form("leader", "end", new.id), "Close it")
    assert not cycle_of(filled, "Spring").open


def test_links_are_shown_once_and_who_comes_by_one_sees_only_the_form(form, filled):
    cycle = cycle_of(filled, "Full").id
    at = press(form("leader", "links", cycle), "Make the links")
    line = next(one for one in at.code[0].value.splitlines() if one.startswith("Test member: "))
    token = line.partition("invitation=")[2]
    assert token not in form("leader", "links", cycle).main.__repr__()
    guest = framed(token)
    assert not guest.exception and not guest.error and not guest.sidebar.selectbox
    guest.radio(key=field(filled, "W1", "level")).set_value(2).run()
    assert guest.radio(key=field(filled, "W1", "level")).value == 2 and framed(token).radio(key=field(filled, "W1", "level")).value is None
    with filled.read() as tx:
        assert not maturity_rows.drafts(tx, cycle, MEMBER.person), "whoever made the link reads no draft, also where names stand with answers"
    with pytest.raises(ValueError, match=r"Known pages: \['[^']*answer.py'\]"):
        guest.switch_page(block.page_file("settings"))
    (link,) = [one for one, name in invitations.listed(filled, LEADER, cycle) if name == "Test member"]
    press_end(form("leader", "links", cycle), link.id)
    assert "This link ended on" in said(framed(token)) and "This link does not exist" in said(framed("x" * 40))


def test_where_people_sign_in_the_maker_of_a_link_is_told_to_send_it_instead_of_answering_in_its_persons_name(filled, monkeypatch):
    cycle, today = cycle_of(filled, "Full").id, date.today()
    token = invitations.invite(filled, LEADER, cycle, [MEMBER.person], today)[0].token
    monkeypatch.setattr(maturity_guest.mode, "current", lambda: Mode("link"))
    for who in (LEADER, MEMBER, None):
        monkeypatch.setattr(maturity_guest.gate, "who", lambda store, who=who: who)
        with pytest.raises(NotAllowed, match="Nobody answers in another's name") if who == LEADER else nullcontext():
            assert maturity_guest._opened(token).actor.person == MEMBER.person


def press_end(at: AppTest, link: str) -> None:
    at.button(key=f"end {link}").click().run()


def framed(token: str) -> AppTest:
    """What the browser of somebody with a link gets."""
    at = with_open_menus(AppTest.from_file(str(SHELL), default_timeout=60))
    at.session_state[maturity_guest.PINNED] = token
    return at.run()


def test_behind_a_link_to_an_anonymous_cycle_nothing_begun_is_read_by_whoever_else_has_the_link(filled):
    today = date.today()
    cycle = maturity.open_cycle(filled, LEADER, title="Unnamed", kind="quick", mode="anonymous", people=ASKED, systems=["work"], closes=today + timedelta(9), today=today)
    maturity.save(filled, MEMBER, cycle.id, "work", chosen=1, evidence="Begun in the app.")
    token = invitations.invite(filled, LEADER, cycle.id, [MEMBER.person], today)[0].token
    own, level = framed(token), field(filled, "work", "level", "Unnamed")
    assert own.button_group(key=level).value is None
    own.button_group(key=level).set_value(4).run()
    assert draft(filled, "work", "Unnamed").chosen == 1 and "stays in this browser until you send it" in said(own)
    assert own.button_group(key=level).value == 4 and framed(token).button_group(key=level).value is None, "another window with the same link"
    press(own, "Send")
    with filled.read() as tx:
        assert [(one.chosen, one.evidence) for one in maturity_rows.answers(tx, cycle.id)] == [(4, "")]
    assert maturity.sheet(filled, MEMBER, cycle.id).finished

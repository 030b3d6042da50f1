"""Every page, in every role, on an empty store and with figures."""

from __future__ import annotations

from datetime import date

from dataclasses import replace

import pytest

from scorecard import access, measures, metrics, sharing
from scorecard.ui import foot, forms, measure_forms, state
from tests.conftest import make_actor

PAGES = ("start", "scorecard", "measure", "metrics", "sensory", "maturity", "marks", "data", "settings")
BROKEN = "Something went wrong"


def said(at) -> str:
    """All text that Streamlit's own elements show."""
    kinds = (at.title, at.caption, at.markdown, at.info, at.error, at.warning, at.subheader)
    return "\n".join(str(one.value) for kind in kinds for one in kind)


def labels(at) -> list[str]:
    """The buttons and menus on the page."""
    return [one.label for one in at.button] + [one.label for one in at.get("menu_button")]


@pytest.mark.parametrize("empty", [True, False], ids=["empty", "with figures"])
@pytest.mark.parametrize("role", access.ROLES)
@pytest.mark.parametrize("page", PAGES)
def test_every_page_opens_in_its_frame_in_every_role(look, page, role, empty):
    at = look(page, role, empty, **({"measure": "renewal_rate"} if page == "measure" else {}))
    assert not at.exception and BROKEN not in said(at)
    assert foot.NO_SIGN_IN in said(at)
    assert at.sidebar.selectbox(key=state.PERSON).value == f"test-{role}"


def test_the_person_at_the_keyboard_is_a_leader_unless_another_is_chosen(look):
    at = look("scorecard")
    del at.session_state[state.PERSON]
    assert access.may(state.actor(state.store()), "change_goals")


def test_an_empty_store_offers_two_ways_to_begin(look):
    at = look("start", empty=True)
    assert at.title[0].value == "Nothing is loaded yet."
    assert {"Look at the sample", "Choose a file"} <= set(labels(at))


@pytest.mark.parametrize(
    "role, may", [("viewer", False), ("member", False), ("analyst", True), ("leader", True), ("admin", True)]
)
def test_loading_is_offered_to_who_may_load(look, role, may):
    at = look("start", role, empty=True)
    button = next(one for one in at.button if one.label == "Look at the sample")
    assert button.disabled is not may
    assert ("Loading needs an analyst" in said(at)) is not may


def test_the_start_page_leads_on_once_figures_are_there(look):
    assert look("start").title[0].value == "Scorecard"


def test_the_scorecard_says_from_when_its_figures_are(look):
    at = look("scorecard")
    assert at.caption[0].value.startswith("Data to 31 Oct")
    assert at.selectbox(key=state.MONTH).value == "October 2026"


@pytest.mark.parametrize(
    "asked, shown",
    [
        ("August 2026", "August 2026"),
        ("rubbish", "October 2026"),
        ("October 1999", "October 2026"),
        ("<script>", "October 2026"),
    ],
)
def test_the_month_in_the_address_is_shown_and_a_wrong_one_is_not(look, asked, shown):
    at = look("scorecard", month=asked)
    assert not at.exception and at.selectbox(key=state.MONTH).value == shown


def test_month_and_segment_survive_a_visit_to_another_page(look):
    at = look("scorecard")
    at.selectbox(key=state.MONTH).select("August 2026").run()
    at.switch_page(page_of("settings")).run()
    at.switch_page(page_of("scorecard")).run()
    assert at.selectbox(key=state.MONTH).value == "August 2026"


def page_of(name: str) -> str:
    from scorecard.ui import block

    return block.page_file(name)


@pytest.mark.parametrize("role", access.ROLES)
def test_a_link_is_offered_to_who_may_make_links(look, role):
    offered = "Make the link" in labels(look("scorecard", role))
    assert offered is access.may(make_actor(role), "make_links")


def test_a_link_that_was_made_is_shown_once_and_opens_its_month(see):
    at = see("scorecard", month="August 2026")
    next(one for one in at.button if one.label == "Make the link").click().run()
    address = at.code[0].value
    share = sharing.opened(state.store(), address.rsplit("/", 1)[1], date.today())
    assert str(share.period) == "2026-08"
    assert not at.run().code


@pytest.mark.parametrize("role", access.ROLES)
def test_a_measure_offers_what_the_role_may_decide(look, role):
    offered = labels(look("measure", role, measure="renewal_rate"))
    actor = make_actor(role)
    assert ("Save the note" in offered) is access.may(actor, "log_records")
    assert ("Limits" in offered) is (access.may(actor, "lock_limits") or access.may(actor, "change_goals"))


def test_an_unknown_measure_in_the_address_gets_a_sentence(look):
    assert "There is no such measure" in said(look("measure", measure="nothing"))


def write_note(at, text: str):
    next(area for area in at.text_area if area.label == "What happened").set_value(text)
    at.date_input(key="note day").set_value(date(2026, 10, 12))
    return next(one for one in at.button if one.label == "Save the note").click().run()


def notes_of(measure: str) -> list[str]:
    view = metrics.measure_view(state.store(), measure, None, "", date.today())
    return [note.text for note in view.notes]


def test_a_note_is_written_beside_its_month(see):
    at = write_note(see("measure", "member", measure="renewal_rate"), "The desk opened.")
    assert not at.exception and "The desk opened." in notes_of("renewal_rate")


def test_an_empty_note_is_refused_and_the_page_says_why(look):
    at = write_note(look("measure", "member", measure="renewal_rate"), "   ")
    assert "This needs a few words" in at.error[0].value


def test_a_second_click_on_a_form_writes_nothing(fill, see, monkeypatch):
    fill()
    store, leader, written = state.store(), make_actor("leader"), []

    def write(once):
        written.append(metrics.add_note(once, leader, "renewal_rate", date(2026, 10, 12), "Once.", _october()))

    monkeypatch.setattr(forms.st, "rerun", lambda: None)
    kept = {}
    monkeypatch.setattr(forms.st, "session_state", kept)
    forms.save("note", store, write)
    mark = "a second click comes with the mark of the form that was shown"
    kept[forms.MARKS]["note"] = mark
    forms.save("note", store, write)
    kept[forms.MARKS]["note"] = mark
    forms.save("note", store, write)
    assert notes_of("renewal_rate").count("Once.") == 2 and len(written) == 2


def _october():
    return state.period_of("2026-10")


def test_a_save_that_was_cut_off_does_not_swallow_the_next_one(look):
    """Its mark stays behind in the session; the next run, which is no second click, forgets it."""
    page = look("measure", measure="renewal_rate")
    page.session_state[forms.MARKS] = {"note": "used"}
    page.run()
    assert page.session_state[forms.MARKS] == {}


def test_a_stale_goal_shows_that_somebody_else_was_first(fill):
    fill()
    store, leader, october = state.store(), make_actor("leader"), _october()
    metrics.set_goal(store, leader, "renewal_rate", october, 0.95, "plan", "Higher.", seen=0)
    with pytest.raises(Exception, match="changed meanwhile"):
        metrics.set_goal(store, leader, "renewal_rate", october, 0.96, "plan", "Higher.", seen=0)


def test_a_form_that_showed_no_goal_says_so_when_it_saves(look):
    look("scorecard")
    view = metrics.measure_view(state.store(), "trust_score", None, "", date.today())
    assert measure_forms.seen_goal(view, _october().shift(7)) == 0
    assert all(measure_forms.seen_goal(view, goal.start) == goal.version for goal in view.goals)


@pytest.mark.parametrize("role", access.ROLES)
def test_the_list_of_measures_offers_changes_to_who_may_edit(look, role):
    offered = labels(look("metrics", role))
    may = access.may(make_actor(role), "edit_measures")
    assert ("New measure" in offered) is may and ("Trade in" in offered) is may


def test_a_trade_in_puts_one_measure_in_the_slot_of_another(see):
    at = see("metrics", "analyst")
    next(one for one in at.selectbox if one.label == "Comes in").select("promises_kept")
    next(one for one in at.selectbox if one.label.startswith("Goes out")).select("trust_score")
    at.text_input[0].set_value("Promises tell us earlier.")
    next(one for one in at.button if one.label == "Trade in").click().run()
    assert not at.exception and not at.error
    card = next(card for card in measures.scorecards(state.store()) if card.id == "customer-success")
    assert "promises_kept" in card.measures and "trust_score" not in card.measures


def test_a_trade_in_without_a_reason_is_refused_in_words(look):
    at = look("metrics", "analyst")
    next(one for one in at.button if one.label == "Trade in").click().run()
    assert at.error and "reason" in at.error[0].value


def test_the_sample_is_removed_with_one_question(see):
    at = see("scorecard")
    next(one for one in at.button if one.label == "Remove it").click().run()
    assert not at.exception and state.is_empty(state.store())


def dialog(module: str, name: str, measure: str) -> None:
    """The script of one dialog: AppTest cannot choose from a menu, so each run opens it."""
    import importlib

    from scorecard.ui import state, views

    page = state.page("read_scorecard")
    view = views.measure(page, measure)
    shown = getattr(importlib.import_module(module), name)
    shown(page, view) if module.endswith("measure_forms") else shown(page)


@pytest.fixture
def decide(fill):
    """Opens a dialog as a leader: `decide("set_goal", "renewal_rate")`."""
    from streamlit.testing.v1 import AppTest

    def open_dialog(name: str, measure: str = "renewal_rate", module: str = "scorecard.ui.measure_forms"):
        fill()
        return AppTest.from_function(dialog, args=(module, name, measure), default_timeout=60).run()

    return open_dialog


def press(at, label: str):
    return next(one for one in at.button if one.label == label).click().run()


def view_of(measure: str):
    return metrics.measure_view(state.store(), measure, None, "", date.today())


def test_a_goal_is_set_in_the_unit_that_is_shown(decide):
    at = decide("set_goal")
    at.number_input(key="goal value").set_value(94.5)
    at.text_area[0].set_value("The plan changed.")
    press(at, "Save the goal")
    assert not at.exception and not at.error
    assert [goal.value for goal in view_of("renewal_rate").goals].count(0.945) == 1


def test_the_old_limits_stay_when_a_question_is_answered_no(decide):
    at = decide("begin", "time_to_first_value")
    at.text_input(key="begin title").set_value("Kick-off checklist")
    press(at, "Save the answers")
    assert not at.exception and not at.error and not view_of("time_to_first_value").phases


def test_new_limits_begin_when_all_four_questions_are_answered_yes(decide):
    at = decide("begin", "time_to_first_value")
    at.text_input(key="begin title").set_value("Kick-off checklist")
    for question in metrics.QUESTIONS:
        at.radio(key=f"begin {question}").set_value("Yes")
    press(at, "Save the answers")
    assert not at.exception and not at.error
    assert [phase.title for phase in view_of("time_to_first_value").phases] == ["Kick-off checklist"]


@pytest.mark.parametrize(
    "name, button", [("lock", "Lock the limits"), ("leave_out", "Leave it out"), ("set_goal", "Save the goal")]
)
def test_a_decision_without_its_reason_is_refused_in_words(decide, name, button):
    at = press(decide(name, "trust_score"), button)
    assert not at.exception and "This needs" in at.error[0].value


def test_limits_are_locked_with_a_reason(decide):
    at = decide("lock", "trust_score")
    at.text_area[0].set_value("Two steady years.")
    press(at, "Lock the limits")
    assert not at.exception and not at.error
    assert view_of("trust_score").limits[-1].reason == "Two steady years."


def test_a_month_left_out_can_be_counted_again(decide):
    at = decide("leave_out", "trust_score")
    at.text_area[0].set_value("The survey was broken.")
    press(at, "Leave it out")
    assert [one.cause for one in view_of("trust_score").exclusions] == ["The survey was broken."]
    at = decide("count_again", "trust_score")
    at.text_area[0].set_value("It was not.")
    press(at, "Count it again")
    assert not at.exception and not view_of("trust_score").exclusions


def test_a_note_is_withdrawn(decide):
    before = [note for note in view_of_notes(decide) if note.withdrawn_at is None]
    press(decide("withdraw", "adoption_30d"), "Withdraw it")
    after = [note for note in view_of("adoption_30d").notes if note.withdrawn_at is None]
    assert len(after) == len(before) - 1


def view_of_notes(decide):
    decide("withdraw", "adoption_30d")
    return view_of("adoption_30d").notes


def test_a_new_measure_is_written_without_a_slot(decide):
    at = decide("new_measure", module="scorecard.ui.slot_forms")
    at.text_input(key="new label").set_value("Calls returned")
    at.text_area(key="new description").set_value("Calls returned within a day.")
    at.text_input(key="new reason").set_value("Customers ask for it.")
    press(at, "Save the measure")
    assert not at.exception and [one.value for one in at.error] == []
    assert measures.current(state.store())["calls_returned"].label == "Calls returned"


def test_a_further_scorecard_has_its_own_slots(decide):
    at = decide("new", module="scorecard.ui.card_forms")
    at.text_input(key="card name").set_value("Support")
    at.multiselect(key="card measures").select("trust_score")
    press(at, "Save the scorecard")
    assert not at.exception and not at.error
    assert [card.measures for card in measures.scorecards(state.store()) if card.name == "Support"] == [
        ("trust_score",)
    ]


def card_of(id: str):
    return next(card for card in measures.scorecards(state.store()) if card.id == id)


def test_a_scorecard_is_renamed_for_a_team_and_its_slots_change_places(decide):
    at = decide("rename", module="scorecard.ui.card_forms")
    at.text_input(key="card name customer-success").set_value("Success team")
    at.selectbox(key="card audience customer-success").set_value("team:larkfield-customer-success")
    press(at, "Save the name")
    assert (card_of("customer-success").name, card_of("customer-success").audience) == ("Success team", "team:larkfield-customer-success")
    at = decide("order", module="scorecard.ui.card_forms")
    at.selectbox(key="moved").set_value("trust_score").run()
    at.number_input(key="place of trust_score").set_value(2)
    press(at, "Save the order")
    assert not at.exception and not at.error
    assert card_of("customer-success").measures[:3] == ("renewal_rate", "trust_score", "net_revenue_retention")


def test_scorecards_are_linked_and_taken_apart_and_the_upper_one_may_call_a_measure_otherwise(decide):
    at = decide("link", module="scorecard.ui.card_forms")
    assert card_of("customer-success").parent == "larkfield-company"
    at.selectbox(key="customer-success adoption_30d into larkfield-company").set_value("logo_retention")
    press(at, "Save the link")
    assert not at.exception and not at.error
    assert card_of("customer-success").named == (("adoption_30d", "logo_retention"),)
    at = decide("link", module="scorecard.ui.card_forms")
    at.selectbox(key="parent of customer-success").set_value("").run()
    press(at, "Save the link")
    assert (card_of("customer-success").parent, card_of("customer-success").named) == ("", ())


def editing(name: str) -> None:
    from scorecard.ui import slot_forms, state, views

    page = state.page("read_scorecard")
    slot_forms.edit_measure(page, [line for line in views.overview(page).lines if line.measure.name == name])


def test_a_measure_is_edited_with_a_reason_and_its_statement_and_goals_stay(fill):
    from streamlit.testing.v1 import AppTest

    fill()
    before = measures.current(state.store())["trust_score"]
    at = AppTest.from_function(editing, args=("trust_score",), default_timeout=60).run()
    at.text_input(key="edit owner trust_score").set_value("Jo Lind")
    refused = press(at, "Save the changes")
    assert "reason is empty" in refused.error[0].value and measures.current(state.store())["trust_score"] == before
    at.text_input(key="edit reason").set_value("Hana went to Sales.")
    press(at, "Save the changes")
    after = measures.current(state.store())["trust_score"]
    assert not at.exception and after == replace(before, owner="Jo Lind")
    assert measures.history(state.store(), "trust_score")[0].reason == "Hana went to Sales."

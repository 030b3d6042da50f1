"""Forms and boards of registers: written quickly, changed by two at once, brought in from a file."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import httpx
import pytest
from starlette.applications import Starlette
from streamlit.testing.v1 import AppTest

from scorecard import registers, web
from scorecard.store import measures
from scorecard.ui import forms, state
from tests import stores
from tests.conftest import make_actor
from tests.pages.test_pages import labels, press, said

LEADER = make_actor("leader", "test-leader", "Test leader")
TODAY = date(2026, 11, 22)


def board_script(register: str) -> None:
    """A page with one board. AppTest runs the whole script for what is done in a part of it."""
    import streamlit as st

    from scorecard.errors import ScorecardError
    from scorecard.ui import forms, register_board, register_forms, state

    page = state.page("read_scorecard")
    forms.begin()
    register_board.board(page, register, size=5)
    try:
        register_forms.asked(page)
    except ScorecardError as error:
        st.error(str(error))
    forms.settle()


def form_script(register: str, id: str) -> None:
    """A page with one form."""
    from scorecard import registers
    from scorecard.ui import forms, register_forms, state

    page = state.page("read_scorecard")
    forms.begin()
    with page.store.read() as tx:
        entry = registers.one(tx, register, id) if id else None
    register_forms.form(page, register, entry, {"department": "sales"} if not id else None, key="f")
    forms.settle()


def file_script(register: str) -> None:
    """A page with the dialog that reads a file."""
    from scorecard import registers
    from scorecard.ui import forms, register_board, state

    page = state.page("read_scorecard")
    forms.begin()
    register_board._import(page, registers.register(register), "b")
    forms.settle()


@pytest.fixture
def filled(tmp_path, without_figures):
    """A store without figures, in which each role has a member."""
    stores.copied(without_figures, tmp_path)
    yield state.store()
    state.close()


@pytest.fixture
def run(filled):
    def open_script(script, *args: str, role: str = "member", **query: str) -> AppTest:
        at = AppTest.from_function(script, default_timeout=60, args=args)
        at.session_state[state.PERSON] = f"test-{role}"
        for key, value in query.items():
            at.query_params[key] = value
        return at.run()

    return open_script


def put(store, count: int = 1, **values) -> list[registers.Entry]:
    return [registers.add(store, LEADER, "finding", {"title": f"Finding {n}", "found_on": TODAY - timedelta(n)} | values, today=TODAY)
            for n in range(count)]


def found(store, register: str = "finding") -> list[registers.Entry]:
    with store.read() as tx:
        return registers.entries(tx, register)


@pytest.mark.parametrize("role", ["viewer", "member"])
def test_an_empty_board_says_what_it_is_for_and_who_may_write_begins(run, role):
    at = run(board_script, "finding", role=role)
    assert not at.exception and not at.error and "Findings" in said(at)
    assert ("New finding" in labels(at)) is (role == "member") and ("Read from a file" in labels(at)) is (role == "member")
    if role == "member":
        at = press(at, "New finding")
        assert not at.exception and at.text_input[0].label == "Finding"


def test_a_new_entry_needs_few_words_and_the_rest_is_filled_in(run, filled):
    at = run(form_script, "finding", "")
    at.text_input(key="f 0 title").set_value("Exports are slow")
    at.button_group(key="f 0 priority").set_value("high")
    press(at, "Save")
    (one,) = found(filled)
    assert not at.error and not at.exception and one.state == "open" and one.made_by == "Test member"
    today = state.today(filled)
    assert one.values == {"title": "Exports are slow", "priority": "high", "department": "sales", "owner": "test-member", "found_on": today.isoformat()}
    assert at.text_input(key="f 1 title").value == "", "the form is empty for the next one"


def test_a_finding_that_is_changed_counts_at_once_in_the_age_of_its_months(run, filled):
    (one,) = put(filled, found_on="2026-09-10")
    at = run(form_script, "finding", one.id)
    at.text_input(key="f 0 title").set_value("Exports are slower")
    press(at, "Save")
    with filled.read() as tx:
        ages = {str(figure.period): figure.value for figure in measures.figures(tx, ["finding_age"])}
    assert not at.error and not at.exception and (ages["2026-09"], ages["2026-10"]) == (20, 51)


def test_what_is_missing_is_said_and_what_was_typed_stays(run, filled):
    at = run(form_script, "finding", "")
    at.text_area(key="f 0 what").set_value("They wait for minutes.")
    press(at, "Save")
    assert "Finding is missing. Every finding needs it." in at.error[0].value and found(filled) == []
    assert at.text_area(key="f 0 what").value == "They wait for minutes."


def test_a_double_click_writes_one_entry(run, filled):
    at = run(form_script, "finding", "")
    at.text_input(key="f 0 title").set_value("Once")
    at.session_state[forms.MARKS] = {"record f": "same click"}
    press(at, "Save")
    again = run(form_script, "finding", "")
    again.text_input(key="f 0 title").set_value("Once")
    again.session_state[forms.MARKS] = {"record f": "same click"}
    press(again, "Save")
    assert len(found(filled)) == 1 and not again.error


def test_of_two_people_the_second_sees_both_versions_and_then_saves_only_what_they_changed(run, filled):
    (one,) = put(filled, what="First words")
    at = run(form_script, "finding", one.id)
    at.text_input(key="f 0 title").set_value("Mine")
    registers.change(filled, LEADER, "finding", one.id, {"title": "Theirs", "what": "Their words"}, seen_version=1)
    press(at, "Save")
    assert "Test leader changed the finding 'Theirs'" in at.error[0].value and "You saw version 1, version 2 is in force" in at.error[0].value
    assert "Now stored: Finding Theirs. Yours: Finding Mine." in at.error[0].value
    press(at, "Save")
    (now,) = found(filled)
    assert not at.error and now.version == 3 and (now.values["title"], now.values["what"]) == ("Mine", "Their words")


def test_a_state_asks_for_what_it_needs(run, filled):
    (one,) = put(filled)
    at = run(form_script, "finding", one.id)
    at.button_group(key="f 0 state").set_value("sent")
    press(at, "Save")
    assert "A finding that is sent says: Department, Sent on." in at.error[0].value
    at.selectbox(key="f 0 department").set_value("development")
    at.date_input(key="f 0 sent_on").set_value(TODAY)
    press(at, "Save")
    (now,) = found(filled)
    assert not at.error and (now.state, now.values["sent_on"]) == ("sent", "2026-11-22")


def test_rows_of_a_table_are_written_a_line_each_and_come_back_as_they_were(run, filled):
    at = run(form_script, "cause_analysis", "")
    at.text_input(key="f 0 problem").set_value("Tickets come back")
    at.text_area(key="f 0 causes").set_value("process | No steps to repeat | | is a cause\nPeople | New on the desk")
    press(at, "Save")
    (one,) = found(filled, "cause_analysis")
    assert not at.error and one.values["causes"] == [
        {"branch": "process", "cause": "No steps to repeat", "found": "yes"}, {"branch": "people", "cause": "New on the desk"}]  # fmt: skip
    again = run(form_script, "cause_analysis", one.id)
    assert again.text_area(key="f 0 causes").value == "process | No steps to repeat |  | is a cause\npeople | New on the desk |  | "
    press(again, "Save")
    assert not again.error and found(filled, "cause_analysis") == [one]


def test_the_form_of_a_trigger_asks_for_the_condition_of_the_chosen_kind_only(run, filled):
    at = run(form_script, "trigger", "")
    assert {"Measure", "Segment"} <= {one.label for one in at.selectbox} and not [one for one in at.text_input if one.label.startswith("Words in the entry")]
    at.pills(key="f 0 watches").set_value("environment").run()
    assert not {"Measure", "Segment"} & {one.label for one in at.selectbox} and "The figure" not in {one.label for one in at.number_input}
    at.text_input(key="f 0 title").set_value("Cheaper offers")
    at.text_input(key="f 0 words").set_value("cheaper")
    press(at, "Save")
    (one,) = found(filled, "trigger")
    assert not at.error and (one.title, one.values["words"]) == ("Cheaper offers", "cheaper") and "side" not in one.values


def test_every_register_has_a_form_that_opens(run, filled):
    for register in registers.registers():
        at = run(form_script, register, "")
        assert not at.exception and not at.error, register


def test_a_long_board_is_read_by_pages_searched_and_narrowed(run, filled):
    put(filled, 7)
    registers.change(filled, LEADER, "finding", found(filled)[0].id, {"department": "sales", "sent_on": TODAY}, seen_version=1, state="sent")
    at = run(board_script, "finding")
    assert "1 to 5 of 7" in said(at)
    at.button_group(key="board finding state").set_value("sent").run()
    assert not at.exception and "of 7" not in said(at)
    at.button_group(key="board finding state").set_value("all")
    at.text_input(key="board finding words").set_value("no such words").run()
    assert "Nothing is found" in said(at)


def test_a_link_opens_an_entry_and_an_unknown_one_gets_a_sentence(run, filled):
    (one,) = put(filled)
    at = run(board_script, "finding", record=f"finding:{one.id}")
    assert not at.exception and "Withdraw the finding" in labels(at)
    assert "There is no finding 'gone'" in run(board_script, "finding", record="finding:gone").error[0].value
    assert "There is no register 'nothing'" in run(board_script, "finding", record="nothing:x").error[0].value


def test_a_file_is_shown_before_it_is_stored_with_the_rows_that_are_refused(run, filled):
    at = run(file_script, "finding")
    at.file_uploader[0].upload("f.csv", b"Finding,Priority,Found on\nA,high,2026-11-01\nB,urgent,2026-11-02\n", "text/csv").run()
    assert not at.exception and "1 new and 0 changed are ready; 0 known already, 1 refused" in said(at) and found(filled) == []
    press(at, "Store 1 entry")
    assert [one.title for one in found(filled)] == ["A"]


def get(address: str) -> httpx.Response:
    """The answer of the routes to a request."""
    async def asked() -> httpx.Response:
        transport = httpx.ASGITransport(Starlette(routes=web.ROUTES))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await client.get(address)

    with ThreadPoolExecutor(1) as own:  # a page test before this one may have left its loop in the main thread
        return own.submit(asyncio.run, asked()).result(60)


def test_a_register_has_its_twins_and_what_is_not_for_everybody_has_none(filled, monkeypatch, tmp_path):
    put(filled, 3, what="=1+1")
    told = get("/api/records/finding?words=finding&limit=2&since=2026-11-01").json()
    assert (told["total"], [one["title"] for one in told["entries"]]) == (3, ["Finding 0", "Finding 1"])
    answer = get("/api/records/finding.csv?state=open")
    assert answer.headers["content-type"].startswith("text/csv") and answer.text.count("'=1+1") == 3
    path = tmp_path / "registers.toml"
    path.write_text(registers.FILE.read_text("utf-8").replace('practices = ["S3", "S4"]', 'practices = ["S4"]\nrows = "own"').replace(
        'default = "me"},\n    {name = "found_on"', 'default = "me", required = true},\n    {name = "found_on"'), "utf-8")
    monkeypatch.setattr(registers, "FILE", path)
    for address in ("/api/records/finding", "/api/records/finding.csv"):
        refused = get(address)
        assert refused.status_code == 403 and "not for everybody" in refused.json()["error"]

"""The tab Data health: sentences, the grid of what arrived, findings, and the rows one click away."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from streamlit.testing.v1 import AppTest

from scorecard import places
from scorecard.ui import state
from tests.facts import put
from tests.menus import with_open_menus


def script() -> None:
    """The tab alone, as the page draws it."""
    from scorecard.ui import data_health, state

    data_health.draw(state.page("load_files"), "UTC")


@pytest.fixture
def tab():
    yield with_open_menus(AppTest.from_function(script, default_timeout=60))
    state.close()


def test_an_empty_store_is_said_and_has_no_rows(tab):
    tab.run()
    assert not tab.exception and not tab.expander


def test_the_rows_of_a_finding_are_asked_for_when_it_is_opened(tab):
    put(state.store(), account=[{"account_id": "a", "name": "Arden", "started_on": date(2026, 1, 1)}],
        ticket=[{"ticket_id": "1", "account_id": "a", "opened_at": datetime(2026, 3, 1, 9), "resolved_at": datetime(2026, 3, 2, 9),
                 "status": "open"}])
    tab.run()
    assert not tab.exception
    line = tab.expander[0]
    assert line.label == "1 open ticket has a resolved date" and not tab.dataframe
    tab.session_state["rows open_with_resolved_date"] = True
    tab.run()
    assert not tab.exception
    (shown,) = tab.dataframe
    assert shown.value["ticket_id"].tolist() == ["1"] and shown.value["row"].tolist() == [1]
    tab.text_input(key="note open_with_resolved_date").set_value("Closed at night, the status follows a day later")
    next(one for one in tab.button if one.label == "Settle it").click().run()
    assert not tab.exception and any("Closed at night" in one.value for one in tab.caption)
    next(one for one in tab.button if one.label == "Open it again").click().run()
    assert not tab.exception and tab.text_input(key="note open_with_resolved_date") is not None
    next(one for one in tab.button if one.label == "Check now").click().run()
    assert not tab.exception and [one.label for one in tab.get("download_button")] == [
        "Findings (CSV)", "What arrives (CSV)", "Restated history (CSV)"]


def test_the_page_data_opens_on_it_by_its_address():
    put(state.store(), account=[{"account_id": "a"}, {"account_id": "b"}], ticket=[{"account_id": "z", "opened_at": datetime(2026, 3, 1, 9)}])
    page = AppTest.from_file(str(places.ROOT / "pages" / "data.py"), default_timeout=60)
    page.query_params["tab"] = "Data health"
    page.run()
    state.close()
    assert not page.exception
    assert "rows orphan:ticket:account" in page.session_state and len(page.expander) == 2


def test_a_member_reads_the_health_and_is_offered_nothing_else(see):
    at = see("data", "member")
    assert not at.exception and not at.get("file_uploader") and not at.get("tab")
    assert any("Loading needs an analyst" in one.value for one in at.caption)
    assert [one.label for one in at.button if one.label in ("Settle it", "Check now")] == ["Check now"]

"""The tab Sources and schedules: what is fresh, what is being loaded, what waits for an answer."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from scorecard import arrivals, jobs, loading, organisation, places, sources
from scorecard.output.theme import escape_sentence
from scorecard.ui import state
from scorecard.worker import Worker
from tests.conftest import make_actor

ANALYST = make_actor("analyst", "", "Sam Whitlock")
TWO = "measure,period,value\nrenewal_rate,2026-09,0.9\nrenewal_rate,2026-10,0.91\n"
UNSURE = "measure,period,value\nrenewal_rate,01/02/2026,0.9\nrenewal_rate,01/03/2026,0.91\n"


def script() -> None:
    """The tab alone, as the page draws it."""
    from scorecard.ui import sources, state

    sources.draw(state.page("load_files"), "UTC")


@pytest.fixture
def tab():
    yield AppTest.from_function(script, default_timeout=60)
    state.close()


def make_watched(tmp_path: Path):
    place = tmp_path / "exports"
    place.mkdir()
    return place, sources.add(state.store(), ANALYST, sources.new("Help desk", "folder", str(place), "*.csv"))


def put(place: Path, text: str, name: str = "help-desk-1.csv") -> None:
    """A file in a watched folder, found and done with by a worker."""
    (place / name).write_text(text)
    worker = Worker(state.store(), lambda: datetime.now(UTC).date())
    worker._watcher.look()
    for job in worker._watcher.look():
        worker.do(job.id)


def button(at: AppTest, label: str):
    return next((one for one in at.button if one.label == label), None)


def test_an_empty_store_says_what_a_source_is_for(tab):
    tab.run()
    assert not tab.exception and button(tab, "Add") is not None


def test_a_file_that_waits_is_loaded_with_the_answer_of_the_page(tab, tmp_path):
    place, _ = make_watched(tmp_path)
    put(place, UNSURE)
    tab.run()
    assert not tab.exception and button(tab, "Load it") is None
    tab.get("button_group")[0].set_value("day-first").run()
    button(tab, "Load it").click().run()
    (job,) = jobs.unfinished(state.store())
    assert job.arguments["choices"] == {"dates": "day-first"} and button(tab, "Load it") is None
    Worker(state.store(), lambda: datetime.now(UTC).date()).do(job.id)
    assert loading.recent(state.store())[0].new == 2
    tab.run()
    assert button(tab, "Leave it") is None and not tab.exception


def test_a_file_that_waits_can_be_left_and_stays_where_it_is(tab, tmp_path):
    place, _ = make_watched(tmp_path)
    put(place, UNSURE)
    tab.run()
    button(tab, "Leave it").click().run()
    assert arrivals.waiting(state.store()) == [] and (place / "help-desk-1.csv").exists()
    assert loading.recent(state.store()) == [] and not tab.exception


def test_a_job_is_shown_with_its_progress_and_can_be_stopped(tab, tmp_path):
    _, source = make_watched(tmp_path)
    job = sources.load_now(state.store(), ANALYST, source)
    tab.run()
    assert button(tab, "Cancel") is not None
    button(tab, "Cancel").click().run()
    assert jobs.show(state.store(), job.id).state == "cancelled" and button(tab, "Cancel") is None


def test_no_thread_is_started_by_a_page(tab):
    before = {one.name for one in threading.enumerate()}
    tab.run()
    assert not {one.name for one in threading.enumerate()} - before & {"scorecard worker", "scorecard heart"}
    assert not any(one.name.startswith("scorecard ") for one in threading.enumerate())


def test_a_source_is_added_with_a_folder_of_its_own_beside_the_store(tab):
    tab.run()
    tab.text_input(key="new source name").set_value("Trust survey")
    button(tab, "Add").click().run()
    assert not tab.exception and not tab.error
    made = sources.find(state.store(), "Trust survey")
    assert made.way == "folder" and Path(made.place) == state.store().folder.absolute() / "incoming" / "trust-survey"
    assert Path(made.place).is_dir()


def test_a_source_is_paused_changed_and_removed(tab, tmp_path):
    make_watched(tmp_path)
    tab.run()
    button(tab, "Pause").click().run()
    assert sources.find(state.store(), "Help desk").paused
    button(tab, "Resume").click().run()
    assert not sources.find(state.store(), "Help desk").paused
    tab.text_input[0].set_value("Desk")
    button(tab, "Save").click().run()
    assert sources.find(state.store(), "Desk").name == "Desk"
    button(tab, "Remove it").click().run()
    assert sources.lines(state.store(), datetime.now(UTC).date()) == () and not tab.exception


def test_the_page_says_how_many_sources_are_fresh_on_a_tab_of_its_own(tab):
    at = AppTest.from_function(_whole_page, args=(str(places.ROOT / "pages" / "data.py"),), default_timeout=60).run()
    assert not at.exception and "Sources and schedules" in [one.label for one in at.tabs]
    assert organisation.organisation(state.store()).time_zone


def test_the_scorecard_says_which_source_is_stale_and_what_it_touches():
    opened = state.store()
    sources.add(opened, ANALYST, sources.new("Partner [feedback](http://x)", "file", pattern="partner-*.csv"))
    old = b"measure,period,value\nrenewal_rate,2024-07,0.9\nrenewal_rate,2024-08,0.91\n"
    today = datetime.now(UTC).date()
    loading.accept(opened, ANALYST, loading.propose(opened, ANALYST, old, "partner-1.csv", today), today)
    at = AppTest.from_function(
        _whole_page, args=(str(places.ROOT / "pages" / "scorecard.py"),), default_timeout=60
    ).run()
    age = (today - date(2024, 8, 31)).days
    assert not at.exception
    said = f"Partner [feedback](http://x) is {age} days old; it touches Renewal rate"
    assert escape_sentence(said) in at.caption[0].value and "Partner \\[feedback" in at.caption[0].value
    state.close()


def _whole_page(path: str) -> None:
    import runpy

    runpy.run_path(path)


def test_a_waiting_export_is_mapped_again_looked_at_and_loaded(tab, tmp_path):
    place, _ = make_watched(tmp_path)
    put(place, "account_id,account_name,signup_date,pod\nA1,Alder,01/02/2026,North\nA2,Birch,01/03/2026,South\n", "accounts.csv")
    tab.run()
    assert not tab.exception and button(tab, "Load it") is None
    tab.get("button_group")[0].set_value("day-first").run()
    next(one for one in tab.selectbox if one.label == "pod").set_value("account.csm").run()
    assert button(tab, "Load it") is None and button(tab, "Read it again") is not None
    button(tab, "Read it again").click().run()
    done(jobs.unfinished(state.store()))
    tab.run()
    assert arrivals.waiting(state.store())[0][1].message == arrivals.AS_SAID and not tab.exception
    button(tab, "Load it").click().run()
    done(jobs.unfinished(state.store()))
    with state.store().facts() as tx:
        assert tx.all("SELECT account_id, csm, team FROM account ORDER BY 1") == [("A1", "North", None), ("A2", "South", None)]
    assert sources.find(state.store(), "Help desk").choices == {"dates": "day-first"}


def done(asked) -> None:
    for one in asked:
        Worker(state.store(), lambda: datetime.now(UTC).date()).do(one.id)

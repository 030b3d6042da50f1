"""The Data page: a file is shown, questions are asked, and one button stores all of it."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from scorecard import places
from scorecard.store import loads
from scorecard.ui import state

GOOD = b"measure,period,value\nrenewal_rate,2026-09,0.9\nrenewal_rate,2026-10,0.91\n"


def script(path: str) -> None:
    """The page as Streamlit runs it, without the other pages' folder on the path."""
    import runpy

    runpy.run_path(path)


@pytest.fixture
def page():
    at = AppTest.from_function(script, args=(str(places.ROOT / "pages" / "data.py"),), default_timeout=60).run()
    yield at
    state.close()


def upload(at: AppTest, content: bytes, name: str = "monthly-2026-10.csv") -> AppTest:
    return at.file_uploader[0].upload(name, content, "text/csv").run()


def button(at: AppTest, start: str):
    return next((one for one in at.button if one.label.startswith(start)), None)


def stored() -> tuple[int, int]:
    with state.store().read() as tx:
        return tx.one("SELECT COUNT(*) FROM figure")[0], len(loads.recent(tx))


def test_an_empty_store_says_how_to_begin(page):
    assert [one.value for one in page.title] == ["Data"]
    assert "0 sources" in page.caption[0].value and not page.exception


def test_a_file_is_shown_first_and_stored_with_one_button(page):
    upload(page, GOOD)
    assert not page.error and stored() == (0, 0)
    button(page, "Accept 2 rows").click().run()
    assert not page.exception and stored() == (2, 1)
    assert button(page, "Accept") is None
    assert "1 source, 1 fresh" in page.caption[0].value


def test_the_same_file_again_offers_nothing_to_accept(page):
    upload(page, GOOD)
    button(page, "Accept").click().run()
    upload(page, GOOD)
    assert button(page, "Accept") is None and button(page, "Leave it") is not None


def test_a_question_is_asked_and_its_answer_opens_the_button(page):
    upload(page, b"measure,period,value\nrenewal_rate,01/02/2026,0.9\nrenewal_rate,01/03/2026,0.91\n")
    (asked,) = page.get("button_group")
    assert asked.options == ["01/02/2026 is 1 Feb 2026", "01/02/2026 is 2 Jan 2026"]
    assert button(page, "Accept") is None
    asked.set_value("day-first").run()
    assert not page.exception
    button(page, "Accept 2 rows").click().run()
    assert stored() == (2, 1)


def test_new_measures_can_be_defined_on_the_page(page):
    upload(page, b"month,Login rate (%),Complaints\n2026-09,50,7\n2026-10,55,9\n", "mine.csv")
    assert button(page, "Accept") is None
    page.get("button_group")[0].set_value("define").run()
    button(page, "Accept 4 figures").click().run()
    assert not page.exception and stored() == (4, 1)


def test_refused_rows_can_be_downloaded_and_the_rest_accepted(page):
    upload(page, GOOD + b"renewal_rate,soon,=1+1\n")
    assert [one.label for one in page.get("download_button")] == ["Download the 1 refused"]
    button(page, "Accept 2 rows").click().run()
    assert stored() == (2, 1)


@pytest.mark.parametrize("content, why", [(b"a,b\n", "it holds column names and no rows"), (b"", "the file is empty"),
                                          (b" \n", "the file is empty")])
def test_a_file_that_cannot_be_read_says_why_and_keeps_nothing(page, content, why):
    upload(page, content)
    assert why in page.error[0].value
    assert not list(state.store().staging.glob("*")) and stored() == (0, 0)


def test_leaving_a_file_empties_the_page_and_the_staging_folder(page):
    upload(page, GOOD)
    button(page, "Leave it").click().run()
    assert button(page, "Leave it") is None
    assert not list(state.store().staging.glob("*.parquet")) and stored() == (0, 0)


def test_pasted_rows_are_read_as_a_file(page):
    page.text_area[0].set_value("measure\tperiod\tvalue\nRenewal rate\t2026-10\t91%\n").run()
    button(page, "Accept 1 row").click().run()
    assert not page.exception and stored() == (1, 1)


def test_a_name_with_markup_is_shown_as_text():
    from scorecard.output import intake_tables

    from scorecard.intake.figures import Column

    drawn = intake_tables._columns([Column("<img src=x>", ("<b>",), "Period", True, "one value")])
    assert "<img" not in drawn and "&lt;img src=x&gt;" in drawn and "&lt;b&gt;" in drawn


def test_a_refused_formula_is_guarded_in_the_download():
    from scorecard.output import intake_tables

    assert "'=1+1" in intake_tables.refused_csv([(2, "=1+1", "why")])

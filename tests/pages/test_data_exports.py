"""The Data page with exports: recognised, corrected, questions asked, stored with one button, the map saved."""

from __future__ import annotations

import hashlib

from streamlit.testing.v1 import AppTest

from scorecard.intake.settled import Place
from scorecard.output import export_tables
from scorecard.store import mappings
from scorecard.ui import state
from tests.pages.test_data import button, page, upload  # noqa: F401 - the fixture is used by name
from tests.endurance import in_full_only

ACCOUNTS = b"account_id,account_name,segment,signup_date,pod\nA1,Alder Clinics,Small,2025-01-10,North\nA2,Birch,Large,2025-03-02,South\n"
TICKETS = b"Ticket ID;Created;Status;Prio\n1;17.10.2026 09:14;solved;1\n2;18.10.2026 16:02;open;4\n"


def stored(table: str, columns: str) -> list[tuple]:
    with state.store().facts() as tx:
        return tx.all(f"SELECT {columns} FROM {table} ORDER BY 1")


def test_an_export_is_shown_first_and_stored_with_one_button(page: AppTest):  # noqa: F811
    upload(page, ACCOUNTS, "accounts.csv")
    assert not page.exception and not page.error and stored("account", "account_id") == []
    button(page, "Accept 2 rows").click().run()
    assert not page.exception
    assert stored("account", "account_id, name, team") == [("A1", "Alder Clinics", "North"), ("A2", "Birch", "South")]
    with state.store().read() as tx:
        assert tx.one("SELECT COUNT(*) FROM column_map") == (1,)


@in_full_only
def test_a_column_is_sent_elsewhere_by_its_select_box_and_the_map_keeps_it(page: AppTest):  # noqa: F811
    upload(page, ACCOUNTS, "accounts.csv")
    next(one for one in page.selectbox if one.label == "pod").set_value("account.csm").run()
    button(page, "Accept 2 rows").click().run()
    assert stored("account", "account_id, csm, team") == [("A1", "North", None), ("A2", "South", None)]
    upload(page, ACCOUNTS + b"A3,Cedar,Small,2026-01-01,West\n", "accounts.csv")
    button(page, "Accept 1 row").click().run()
    assert stored("account", "account_id, csm")[-1] == ("A3", "West")


def test_an_unsure_column_is_asked_about_before_anything_can_be_accepted(page: AppTest):  # noqa: F811
    upload(page, TICKETS, "help-desk.csv")
    assert button(page, "Accept") is None
    (asked,) = [one for one in page.get("button_group") if "severe" in one.label]
    asked.set_value("last").run()
    button(page, "Accept 2 rows").click().run()
    assert stored("ticket", "ticket_id, severity") == [("1", "4"), ("2", "1")]


def test_the_kind_can_be_corrected_and_what_lacks_is_asked(page: AppTest):  # noqa: F811
    upload(page, b"nr,wann,betreff\n1,2026-01-31 10:00,open\n2,2026-02-01 11:00,open\n", "liste.csv")
    assert button(page, "Accept") is None and not page.exception
    next(one for one in page.selectbox if one.label == "What the file holds").set_value("ticket").run()
    assert not page.exception
    for label, answer in (("Ticket", "nr"), ("Opened", "wann"), ("Status", "betreff")):
        next(one for one in page.get("button_group") if one.label.startswith(f"Which column is {label}")).set_value(answer).run()
    button(page, "Accept 2 rows").click().run()
    assert not page.exception and stored("ticket", "ticket_id, status") == [("1", "open"), ("2", "open")]


def test_leaving_an_export_empties_the_staging_folder(page: AppTest):  # noqa: F811
    upload(page, ACCOUNTS, "accounts.csv")
    button(page, "Leave it").click().run()
    assert button(page, "Leave it") is None and not list(state.store().staging.glob("*.parquet"))


def test_a_file_that_is_nothing_known_says_what_it_lacks(page: AppTest):  # noqa: F811
    upload(page, b"id,first name,last name\n1,Ada,Byron\n", "people.csv")
    assert "It holds people".lower() in page.error[0].value.lower() and not page.exception


def test_refused_rows_of_an_export_can_be_downloaded(page: AppTest):  # noqa: F811
    upload(page, ACCOUNTS + b"A3,Cedar,Small,soon,West\n", "accounts.csv")
    assert [one.label for one in page.get("download_button")] == ["Download the 1 refused"]
    button(page, "Accept 2 rows").click().run()
    assert len(stored("account", "account_id")) == 2


@in_full_only
def test_the_map_in_the_store_names_who_accepted_it(page: AppTest):  # noqa: F811
    upload(page, ACCOUNTS, "accounts.csv")
    button(page, "Accept 2 rows").click().run()
    with state.store().read() as tx:
        (header,) = tx.one("SELECT header FROM column_map")
        assert mappings.find(tx, header).author == "You"


def test_several_files_are_looked_at_one_by_one_and_each_accepted_once(page: AppTest):  # noqa: F811
    both = [("help-desk.csv", TICKETS, "text/csv"), ("accounts.csv", ACCOUNTS, "text/csv")]
    page.file_uploader[0].set_value(both).run()
    which = next(one for one in page.selectbox if one.label == "File to look at")
    assert which.options == ["help-desk.csv", "accounts.csv"] and button(page, "Accept") is None
    which.set_value(hashlib.sha256(ACCOUNTS).hexdigest()).run()
    button(page, "Accept 2 rows").click().run()
    assert not page.exception and len(stored("account", "account_id")) == 2
    assert not [one for one in page.selectbox if one.label == "File to look at"], "one file is left, and it is shown"
    next(one for one in page.get("button_group") if "severe" in one.label).set_value("last").run()
    button(page, "Accept 2 rows").click().run()
    assert not page.exception and len(stored("ticket", "ticket_id")) == 2 and button(page, "Leave it") is None


def test_names_and_cells_of_a_file_are_shown_as_text():
    place = Place("<img src=x>", ("<b>",), (), "left out", "left out", "<i>")
    drawn = export_tables.named(place) + export_tables.judged(place, "light").partition(">not used")[2]
    assert "<img src=x" not in drawn and "<b><" not in drawn and "<i>" not in drawn and "&lt;img src=x&gt;" in drawn


@in_full_only
def test_what_came_of_all_files_of_a_visit_stands_together_and_is_closed_at_once(page: AppTest):  # noqa: F811
    for content in (ACCOUNTS, ACCOUNTS.replace(b"A1", b"A3").replace(b"A2", b"A4")):
        upload(page, content, "accounts.csv")
        button(page, "Accept 2 rows").click().run()
    assert [one.label for one in page.button].count("Close") == 1
    button(page, "Close").click().run()
    assert button(page, "Close") is None and not page.exception

"""`load` with exports: recognised, accounts first, sure maps used and said, unsure ones written to a file."""

from __future__ import annotations

import json
import os

import pytest
from click.testing import CliRunner

from scorecard import commands
from scorecard.cli import main
from scorecard.metrics import computed
from scorecard.store import catalogue
from tests.cli.conftest import stored

pytestmark = pytest.mark.usefixtures("at_work")
ACCOUNTS = "account_id,account_name,segment,signup_date\nA1,Alder Clinics,Small,2025-01-10\nA2,Birch,Large,2025-03-02\n"
TICKETS = ("Ticket ID;Created;Solved;Status;Prio;Org\n1;04.10.2026 09:14;06.10.2026 11:40;solved;1;Alder Clinics\n"
           "2;17.10.2026 16:02;;open;4;Birch\n")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "accounts.csv").write_text(ACCOUNTS)
    (tmp_path / "help-desk.csv").write_text(TICKETS)
    return tmp_path


def load(*arguments: str):
    return CliRunner().invoke(main, ["load", *arguments])


def rows(sql: str) -> list[tuple]:
    return stored(sql, facts=True)


def test_a_sure_export_is_stored_at_once_and_what_was_understood_is_said(nothing_yet, folder):
    done = load("accounts.csv")
    assert done.exit_code == 0, done.output
    assert "Kind of file: Accounts. Recognised from 4 of 4 column names." in done.output
    assert "account_name is Name" in done.output and "accounts.csv: 2 rows stored (Accounts)." in done.output
    assert rows("SELECT account_id, name FROM account ORDER BY 1") == [("A1", "Alder Clinics"), ("A2", "Birch")]


def test_an_unsure_export_is_written_as_a_map_and_the_map_is_used(folder):
    refused = load("help-desk.csv")
    assert refused.exit_code == 1 and "1 question is open" in refused.output and "--map help-desk.map.toml" in refused.output
    said = (folder / "help-desk.map.toml").read_text()
    assert "1 is most severe" in said and rows("SELECT COUNT(*) FROM ticket") == [(0,)]
    (folder / "help-desk.map.toml").write_text(said.replace('"scale:Prio" = ""', '"scale:Prio" = "last"'))
    done = load("help-desk.csv", "--map", "help-desk.map.toml")
    assert done.exit_code == 0, done.output
    assert rows("SELECT ticket_id, severity FROM ticket ORDER BY 1") == [("1", "4"), ("2", "1")]


def test_an_accepted_map_is_used_again_and_said(folder):
    load("accounts.csv")
    (folder / "accounts.csv").write_text(ACCOUNTS + "A3,Cedar,Small,2026-02-01\n")
    done = load("accounts.csv")
    assert "The map of " in done.output and " is used." in done.output and "1 new" in done.output


def test_an_answer_is_not_asked_for_twice(folder):
    load("help-desk.csv")
    place = folder / "help-desk.map.toml"
    place.write_text(place.read_text().replace('"scale:Prio" = ""', '"scale:Prio" = "first"'))
    load("help-desk.csv", "--map", "help-desk.map.toml")
    (folder / "help-desk.csv").write_text(TICKETS + "3;18.10.2026 10:00;;open;2;Birch\n")
    done = load("help-desk.csv")
    assert done.exit_code == 0 and "1 new" in done.output


def test_yes_accepts_what_is_sure_and_leaves_the_unsure_column_out(folder):
    done = load("help-desk.csv", "--yes")
    assert done.exit_code == 0, done.output
    assert rows("SELECT ticket_id, severity FROM ticket ORDER BY 1") == [("1", None), ("2", None)]
    assert "Prio" in done.output.split("Left out:")[1]


def test_accounts_are_loaded_first_whatever_order_was_given(folder):
    done = load("help-desk.csv", "accounts.csv", "--yes")
    assert done.exit_code == 0, done.output
    assert done.output.index("accounts.csv:") < done.output.index("help-desk.csv:")
    assert rows("SELECT account_id FROM ticket ORDER BY ticket_id") == [("A1",), ("A2",)]


def test_measures_are_computed_once_after_several_files_and_as_after_one_each(folder, monkeypatch):
    (folder / "more.csv").write_text(ACCOUNTS.replace("A1", "A3").replace("A2", "A4").replace("2025", "2026"))
    asked, refresh = [], computed.refresh
    monkeypatch.setattr(computed, "refresh", lambda *given: asked.append(given[3]) or refresh(*given))
    done = load("help-desk.csv", "accounts.csv", "more.csv", "none.csv", "--yes", "--json")
    told = json.loads(done.stdout)
    assert len(asked) == 1 and set(asked[0]) == {"account", "ticket"} and done.exit_code == 1
    assert told["computed"]["changed"] > 0 and len(told["files"]) == 3 and len(told["errors"]) == 1
    assert json.loads(load("accounts.csv", "--json").stdout).get("computed") is None
    assert commands.call("measure_compute")["changed"] == 0


def test_a_measure_that_cannot_be_computed_is_said(folder, monkeypatch):
    monkeypatch.setenv(catalogue.SECONDS, "never")
    done = load("accounts.csv", "help-desk.csv", "--yes")
    assert done.exit_code == 0 and "is not computed: SCORECARD_MEASURE_SECONDS is 'never'." in done.output


def test_a_map_that_was_written_before_is_never_overwritten(folder):
    (folder / "help-desk.map.toml").write_text("mine")
    refused = load("help-desk.csv")
    assert "--map help-desk-2.map.toml" in refused.output and (folder / "help-desk.map.toml").read_text() == "mine"


def test_rows_that_are_refused_stay_in_quarantine_unless_they_are_most(folder):
    (folder / "accounts.csv").write_text(ACCOUNTS + "A3,Cedar,Small,soon\n")
    assert "1 row refused; they stay in quarantine" in load("accounts.csv").output
    assert rows("SELECT COUNT(*) FROM account") == [(2,)]
    assert rows("SELECT COUNT(*) FROM source_row") == [(1,)]


def test_a_file_most_of_whose_rows_are_refused_is_not_stored_unasked(folder):
    dates = ["soon,", "later,", "2025-01-10,no", "2025-01-10,never", "2025-01-10,2026-01-01"]
    lines = [f"B{number},Name {number},{cells}" for number, cells in enumerate(dates)]
    lines[0], lines[1] = f"{lines[0]}2026-01-01", f"{lines[1]}2026-01-01"
    (folder / "accounts.csv").write_text("\n".join(["account_id,account_name,signup_date,churn_date", *lines, ""]))
    refused = load("accounts.csv")
    assert refused.exit_code == 1 and "4 rows of 5 are refused" in refused.output
    assert load("accounts.csv", "--leave-out").exit_code == 0
    assert rows("SELECT COUNT(*) FROM account") == [(1,)]


def test_json_tells_the_mapping(folder):
    told = json.loads(load("accounts.csv", "--json").output)
    (one,) = told["files"]
    assert (one["shape"], one["kinds"], one["stored"], one["accepted"]) == ("facts", ["account"], 2, True)
    assert {place["name"]: place["targets"] for place in one["columns"]}["account_name"] == ["account.name"]


def test_a_map_belongs_to_one_file(folder):
    (folder / "m.toml").write_text("")
    assert load("accounts.csv", "help-desk.csv", "--map", "m.toml").exit_code == 2


def test_a_file_of_figures_still_asks_before_it_is_stored(folder):
    (folder / "monthly.csv").write_text("measure,period,value\nrenewal_rate,2026-09,0.9\n")
    refused = load("monthly.csv")
    assert refused.exit_code == 1 and "Use --yes to accept" in refused.output
    assert load("monthly.csv", "--yes").exit_code == 0


def test_ravenstack_loads_with_one_command(tmp_path, monkeypatch, shared_data):
    monkeypatch.chdir(tmp_path)
    files = sorted(str(path) for path in (shared_data / "ravenstack").glob("*.csv"))
    done = load(*files, "--json")
    assert done.exit_code == 0, done.output
    told = {os.path.basename(one["file"]): one for one in json.loads(done.output)["files"]}
    assert [name.split("_", 1)[1] for name in told][:2] == ["accounts.csv", "churn_events.csv"]
    counts = [rows(f"SELECT COUNT(*) FROM {table}")[0][0] for table in ("account", "subscription", "usage", "ticket")]
    assert counts == [500, 5000, 24_958, 2000]
    assert told["ravenstack_feature_usage.csv"]["refused_rows"] == 42


def test_rows_that_are_not_meant_are_counted_and_the_column_is_named(folder):
    (folder / "sf.csv").write_text("_fivetran_synced,_fivetran_active,account_source,billing_country,owner_id,name,id,is_deleted\n"
                                   "2026-01-01,true,,UK,o1,Alder,A1,false\n2026-01-01,true,,UK,o1,Birch,A2,true\n")
    done = load("sf.csv")
    assert done.exit_code == 0, done.output
    assert "1 of 2 rows are passed over: they are not meant by _fivetran_active, is_deleted." in done.output
    assert rows("SELECT account_id FROM account") == [("A1",)]

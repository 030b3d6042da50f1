"""`check`, `measure` and `member` on the command line: what they print, what they change, and their exit status."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from scorecard import auditing, organisation, places
from scorecard.cli import main
from scorecard.errors import NotAllowed
from scorecard.store import definitions
from scorecard.store.audit_rows import ALL
from scorecard.store.engine import open_store

pytestmark = pytest.mark.usefixtures("at_work")

SHIPPED = places.ROOT / "data" / "measures.toml"
MEASURES = definitions.read_file(SHIPPED)


@pytest.fixture
def file(tmp_path, monkeypatch):
    """A copy of the shipped file of definitions that a test may change."""
    copy = tmp_path / "measures.toml"
    copy.write_text(SHIPPED.read_text("utf-8"), "utf-8")
    monkeypatch.setenv(places.MEASURES, str(copy))
    return copy


def call(*arguments: str):
    return CliRunner().invoke(main, list(arguments))


def told(*arguments: str) -> dict:
    result = call(*arguments, "--json")
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def change(file, old: str, new: str) -> None:
    file.write_text(file.read_text("utf-8").replace(old, new, 1), "utf-8")


def opened():
    return open_store(places.state_place(), places.facts_place())


# -- check

def test_check_says_that_file_and_store_agree(nothing_yet, file):
    result = call("check")
    assert result.exit_code == 0
    assert result.stdout == f"measures.toml: {len(MEASURES)} measures, written correctly.\nThe file and the store say the same.\n"


def test_check_names_each_mistake_on_standard_error_with_status_1(file):
    change(file, 'system = "work"', 'system = "wrok"')
    change(file, 'kind = "lagging"', "down_is_good = true")
    result = call("check")
    assert result.exit_code == 1 and result.stdout == ""
    assert 'Measure \'renewal_rate\' in measures.toml: unknown key \'down_is_good\'. Use improvement_direction = "decrease".' in result.stderr
    assert 'Did you mean "work"?' in result.stderr
    as_json = call("check", "--json")
    assert as_json.exit_code == 1
    assert json.loads(as_json.stdout)["ok"] is False and len(json.loads(as_json.stdout)["errors"]) == 2


def test_check_tells_a_difference_and_overwrites_nothing(file):
    call("check")
    change(file, 'label = "Trust score"', 'label = "Trust"')
    result = call("check")
    assert result.exit_code == 0
    assert 'Measure \'trust_score\': label is "Trust" in measures.toml and "Trust score" in the store.' in result.stdout
    assert "Decide with --take file" in result.stdout
    assert told("check")["differences"] == told("check")["differences"] != []


def test_check_takes_the_file(file):
    call("check")
    change(file, 'label = "Trust score"', 'label = "Trust"')
    change(file, 'value = 0.93, source = "Annual plan"}]\ndrivers', 'value = 0.94, source = "Annual plan"}]\ndrivers')
    found = told("check", "--take", "file")
    assert (found["taken"], found["differences"]) == (["renewal_rate", "trust_score"], [])
    assert told("measure", "show", "trust_score")["definition"]["label"] == "Trust"
    assert told("measure", "show", "renewal_rate")["definition"]["targets"][0]["value"] == 0.94


def test_check_takes_the_store_and_keeps_the_comments_of_the_file(file):
    call("measure", "edit", "trust_score", "owner=Hana Patel", "--reason", "named")
    call("measure", "add", "effort", "label=Recommendation score", "unit=score", "--reason", "asked")
    found = told("check", "--take", "store")
    assert (sorted(found["taken"]), found["differences"]) == (["effort", "trust_score"], [])
    text = file.read_text("utf-8")
    assert 'owner = "Hana Patel"' in text and "[effort]" in text and text.startswith("# The measures of your scorecard.")
    assert definitions.parse(text)["trust_score"].owner == "Hana Patel"


def test_check_reports_rows_that_point_at_nothing(closed, file):
    call("check")
    store = opened()
    store.write(lambda tx: tx.run("UPDATE slot SET measure = 'gone' WHERE slot = 1"), "test")
    store.close()
    result = call("check")
    assert result.exit_code == 1 and "holds measure 'gone', which has no definition" in result.stdout


def test_check_without_the_file_says_which_one_is_missing(tmp_path, monkeypatch):
    monkeypatch.setenv(places.MEASURES, str(tmp_path / "none.toml"))
    result = call("check")
    assert result.exit_code == 1 and "none.toml cannot be read: no such file or directory" in result.stderr


# -- measure

def test_measure_list_is_a_plain_table_in_a_pipe(file):
    lines = call("measure", "list").stdout.splitlines()
    assert lines[0] == "Id\tLabel\tKind\tOwner\tSlot"
    assert lines[1] == "renewal_rate\tRenewal rate\tlagging\t\tcustomer-success 1"
    assert len(lines) == len(MEASURES) + 1


def test_measure_list_as_json_has_every_scorecard(file):
    found = told("measure", "list")
    assert found["scorecards"][0]["measures"][0] == "renewal_rate" and len(found["measures"]) == len(MEASURES)


def test_measure_show_prints_what_the_file_would_say(file):
    printed = call("measure", "show", "Trust score").stdout
    assert '[trust_score]\nlabel = "Trust score"' in printed and "first start with measures.toml" in printed


@pytest.mark.parametrize(("arguments", "status", "words"), [
    (("measure", "show", "trust_scor"), 1, "Did you mean 'trust_score'?"),
    (("measure", "edit", "trust_score", "unit=apples", "--reason", "x"), 1, 'unit is "apples". Use "percent"'),
    (("measure", "edit", "trust_score", "down_is_good=true", "--reason", "x"), 1, 'Use improvement_direction = "decrease".'),
    (("measure", "edit", "trust_score", "owner", "--reason", "x"), 2, "'owner' is not KEY=VALUE"),
    (("measure", "edit", "trust_score", "owner=x"), 2, "--reason"),
    (("measure", "slot", "promises_kept"), 1, "Ten measures are in use on Customer Success. Choose one to retire first"),
    (("measure", "slot", "promises_kept", "--scorecard", "x"), 2, "There is no scorecard 'x'"),
    (("member", "role", "nobody", "viewer"), 2, "There is no member 'nobody'"),
    (("member", "suspend", "you"), 1, "You is the last active leader."),
    (("member", "add", "Tolu", "--email", "x"), 1, "'x' is not an e-mail address"),
])
def test_a_refusal_is_one_line_on_standard_error(file, arguments, status, words):
    result = call(*arguments)
    assert result.exit_code == status and words in result.stderr and result.stdout == ""


def test_measure_edit_keeps_the_currency_of_the_organisation_open(closed, file):
    call("measure", "edit", "cost_to_serve", "owner=Sam Whitlock", "--reason", "named")
    store = opened()
    with store.read() as tx:
        (body,) = tx.one("SELECT body FROM definition WHERE measure = 'cost_to_serve' AND version = 2")
    store.close()
    assert "currency" not in json.loads(body)


def test_measure_trade_in_and_retire_change_the_slots(file):
    assert told("measure", "trade-in", "cost_to_serve", "promises_kept", "--reason", "no signal")["slots"]["4"] == "promises_kept"
    assert "4" not in told("measure", "retire", "promises_kept", "--reason", "no use")["slots"]
    assert told("measure", "slot", "resolution_time")["slots"]["4"] == "resolution_time"


# -- member

def test_member_add_names_the_first_leader_on_the_host(closed, file):
    assert told("member", "add", "Rana Amari", "--role", "leader", "--email", "rana@larkfield.example")["id"] == "rana-amari"
    store = opened()
    assert organisation.who(store, "rana-amari").role == "leader"
    row = auditing.page(store, organisation.who(store, "rana-amari"), ALL).rows[0]
    assert row.action == "add member" and row.actor.endswith("(command line)")
    store.close()


def test_member_role_suspend_and_reactivate(file):
    told("member", "add", "Tolu Adeyemi")
    assert told("member", "role", "Tolu Adeyemi", "analyst")["role"] == "analyst"
    assert told("member", "suspend", "tolu-adeyemi")["active"] is False
    assert told("member", "reactivate", "tolu-adeyemi")["active"] is True
    assert call("member", "list").stdout.splitlines()[1:] == [
        "tolu-adeyemi\tTolu Adeyemi\tanalyst\t\t", "administrator\tAdministrator\tadmin\t\t", "you\tYou\tleader\t\t"]


@pytest.mark.parametrize("name", ["member_add", "member_change", "measure_save", "measure_slot", "take_file"])
def test_a_member_who_asks_for_more_than_the_role_allows_is_refused(file, name):
    from scorecard import commands

    told("member", "add", "Karen Holt", "--role", "viewer")
    arguments = {
        "member_add": {"name": "X", "role": "viewer", "email": "", "team": ""}, "member_change": {"member": "you", "role": "viewer"},
        "measure_save": {"measure": "effort", "table": {"label": "Score"}, "reason": "x", "new": True},
        "measure_slot": {"scorecard": "", "measure": "promises_kept"}, "take_file": {"text": SHIPPED.read_text("utf-8"), "name": "m"}}[name]
    with pytest.raises(NotAllowed):
        commands.call(name, person="karen-holt", **arguments)


def test_markup_and_control_characters_do_not_reach_the_terminal(file):
    told("member", "add", "\x1b[31mRed\x1b[0m [bold]x")
    printed = call("member", "list").stdout
    assert "\x1b" not in printed and "[bold]x" in printed

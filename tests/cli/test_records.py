"""`record`, without a running server."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from scorecard.cli import main

pytestmark = pytest.mark.usefixtures("at_work")


def run(*words: str):
    return CliRunner().invoke(main, ["record", *words])


def json_of(*words: str) -> dict:
    done = run(*words, "--json")
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def test_an_entry_is_written_listed_changed_withdrawn_and_brought_back(nothing_yet):
    made = json_of("add", "finding", "title=Exports are slow", "priority=High", "owner=you")
    assert (made["state"], made["values"]["priority"], made["values"]["owner"]) == ("open", "high", "you")
    assert "Exports are slow" in run("list", "finding").output
    sent = json_of("change", "finding", made["id"], "department=Development", "sent_on=2026-11-20", "--state", "sent", "--reason", "agreed")
    assert (sent["state"], sent["version"]) == ("sent", 2)
    assert [one["reason"] for one in json_of("history", "finding", made["id"])["versions"]] == ["agreed", ""]
    assert json_of("list", "finding", "--state", "open")["total"] == 0 and json_of("list", "finding", "--person", "you")["total"] == 1
    assert "withdrawn" in run("withdraw", "finding", made["id"]).output and json_of("list", "finding")["total"] == 0
    assert "brought back, sent" in run("withdraw", "finding", made["id"], "--restore").output


def test_a_file_is_looked_at_stored_once_and_refused_rows_say_why(tmp_path):
    file = tmp_path / "comments.csv"
    file.write_text('What was said,Where,Date,Mood\n"=1+1, they\nsaid",CRM,2026-11-02,x\nSlow,fax,2026-11-03,\nSlow,Call,3.11.2026,\n', "utf-8")
    looked = run("import", "comment", str(file)).output
    assert "1 new and 0 changed are ready" in looked and "Nothing is stored yet" in looked and "passed over: Mood" in looked
    assert "'fax' is not among the choices" in looked and "'3.11.2026' is not a day" in looked
    done = json_of("import", "comment", str(file), "--yes")
    assert (done["added"], done["stored"], len(done["refused"])) == (1, True, 2)
    assert json_of("import", "comment", str(file), "--yes")["known"] == 1
    exported = run("export", "comment")
    text = exported.stdout
    assert "\"'=1+1, they" in text
    back = tmp_path / "back.csv"
    assert run("export", "comment", "--out", str(back)).exit_code == 0
    again = json_of("import", "comment", str(back), "--yes")
    assert (again["added"], again["changed"], again["known"], again["refused"], again["passed_over"]) == (0, 0, 1, [], [])


def test_the_registers_are_listed_with_their_fields():
    found = {one["id"]: one for one in json_of("registers")["registers"]}
    assert {"listening_post", "comment", "finding", "fault"} <= set(found) and "title*" in " ".join(run("registers").output.split())
    assert found["finding"]["states"] == ["open", "sent", "answered", "closed"]


@pytest.mark.parametrize(("words", "told", "status"), [
    (("list", "findings"), "There is no register 'findings'. Did you mean 'finding'?", 2),
    (("add", "finding", "titel=x"), "Findings have no field 'titel'. Did you mean 'title'?", 2),
    (("add", "finding", "x"), "'x' says no value. Write FIELD=VALUE", 2),
    (("add", "finding", "title=x", "owner=jo"), "Owner: there is no person 'jo'", 2),
    (("add", "finding", "title=x", "--state", "closed"), "A finding that is closed says: Answer, Customer told on. Fill that in first.", 2),
    (("change", "finding", "nothing", "title=x"), "There is no finding 'nothing'", 2),
    (("history", "finding", "nothing"), "There is no finding 'nothing', and there was none.", 2),
])  # fmt: skip
def test_a_refusal_says_what_is_allowed(words, told, status):
    done = run(*words)
    assert done.exit_code == status and told in " ".join(done.stderr.split()) and not done.stdout

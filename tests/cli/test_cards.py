"""`card`: scorecards from the command line, as the pages change them."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner, Result

from scorecard.cli import main

pytestmark = pytest.mark.usefixtures("at_work")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["card", *arguments])


def done(*arguments: str) -> dict:
    result = run(*arguments, "--json")
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def test_a_scorecard_is_made_renamed_ordered_linked_and_taken_out_again(nothing_yet):
    made = done("make", "Company", "--measure", "mrr", "--measure", "renewal_rate")
    assert (made["id"], made["measures"], made["parent"]) == ("company", ["mrr", "renewal_rate"], "")
    assert done("order", "company", "renewal_rate")["measures"] == ["renewal_rate", "mrr"]
    assert done("rename", "company", "The company", "--audience", "role:viewer")["audience"] == "role:viewer"
    linked = done("link", "customer-success", "The company", "--as", "mrr_expansion=mrr")
    assert (linked["parent"], linked["named"]) == ("company", {"mrr_expansion": "mrr"})
    shown = run("list")
    assert "customer-success, Customer Success, rolls up into company; mrr_expansion as mrr: renewal_rate" in shown.stdout
    assert done("link", "customer-success")["parent"] == ""


@pytest.mark.parametrize(("arguments", "status", "words"), [
    (("link", "customer-success", "customer-success"), 1, "cannot roll up into"),
    (("link", "wall"), 2, "There is no scorecard 'wall'. Known are: customer-success."),
    (("link", "customer-success", "--as", "mrr"), 2, "is not MEASURE=MEASURE"),
    (("make", "Customer success"), 1, "already"), (("order", "customer-success", "mrr"), 2, "Name each measure")])
def test_what_cannot_be_done_is_refused_in_words(arguments, status, words):
    result = run(*arguments)
    assert result.exit_code == status and words in result.stderr and result.stdout == ""

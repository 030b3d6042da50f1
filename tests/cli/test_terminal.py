"""What commands draw where a person reads: tables, and a question."""

from __future__ import annotations

import click.testing
import pytest
from click.testing import CliRunner, Result

from scorecard.cli import main
from tests.cli import conftest

HEAD = "measure,period,value\n"


@pytest.fixture
def terminal(at_work, monkeypatch, tmp_path):
    """A function that runs a command as at a terminal of 120 columns."""
    monkeypatch.setattr(click.testing._NamedTextIOWrapper, "isatty", lambda self: True)
    monkeypatch.setenv("COLUMNS", "120")

    def run(*words: str, answer: str = "") -> Result:
        return CliRunner().invoke(main, words, input=answer, catch_exceptions=False)

    return run


def test_what_was_understood_changed_and_refused_stands_in_tables_before_the_question(terminal, tmp_path):
    (tmp_path / "a.csv").write_text(HEAD + "renewal_rate,2026-09,0.9\nrenewal_rate,2026-10,0.91\n")
    (tmp_path / "b.csv").write_text(HEAD + "renewal_rate,2026-09,0.8\nrenewal_rate,2026-10,much\n")
    assert terminal("load", str(tmp_path / "a.csv"), answer="y\n").exit_code == 0
    again = terminal("load", str(tmp_path / "b.csv"), answer="n\n")
    for words in ("What was understood", "Changed", "90.0% → 80.0%", "Refused", "'much' is not a number"):
        assert words in again.stdout
    assert again.exit_code == 1 and "Nothing is stored" in again.output
    assert conftest.stored("SELECT COUNT(*) FROM figure") == [(2,)]


def test_names_are_no_styles_and_move_no_cursor(terminal, begun):
    begun.write(lambda tx: tx.run("UPDATE person SET name = $1 WHERE id = 'you'", ["[red]Jo[/red]\x1b[2J"]), "Rana")
    shown = terminal("member", "list").output
    assert "[red]Jo[/red][2J" in shown and "\x1b[2J" not in shown


def test_sources_stand_in_a_table_that_reads_their_names_as_they_are(terminal, tmp_path):
    (tmp_path / "inbox").mkdir()
    made = terminal("source", "add", "[b]Inbox[/b]", "--folder", str(tmp_path / "inbox"))
    assert made.exit_code == 0, made.output
    shown = terminal("source", "list").output
    assert "Covers to" in shown and "[b]Inbox[/b]" in shown

"""Answers that come out of a file: the product's own sheet, filled in, comes in whole or not at all."""

from __future__ import annotations

import io
import json
import re

import openpyxl
import pytest

from scorecard import maturity
from scorecard.errors import FileRefused, NotAllowed, ScorecardError
from scorecard.maturity import exchange
from scorecard.output import maturity_book
from scorecard.store import maturity as rows
from tests.conftest import make_actor
from tests.maturity.test_maturity import LEADER, PEOPLE, opened, system, team, team_folder  # noqa: F401

HEAD = "rater,practice,level,group,reason,evidence"


def table(*lines: str, head: str = HEAD) -> bytes:
    return "\n".join([head, *lines, ""]).encode()


def take(store, cycle, *lines: str, name: str = "answers.csv", **more) -> exchange.Imported:
    return exchange.import_answers(store, LEADER, cycle.id, table(*lines), name, **more)


def kept(store, cycle) -> list[rows.Given]:
    with store.read() as tx:
        return rows.answers(tx, cycle.id)


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_the_sheet_that_the_product_writes_is_read_back_when_it_is_filled_in(team, kind):
    cycle = opened(team, kind="full", systems=["work"])
    asked = exchange.template(team, LEADER, cycle.id)
    assert [row[1] for row in asked.rows] == ["W1", "W2", "W3", "W4", "W5", "W6"]
    levels = ["3", "4", "", "n/a", "1", "?"]
    if kind == "xlsx":
        book = openpyxl.load_workbook(io.BytesIO(maturity_book.template_book(asked)))
        for n, level in enumerate(levels, 2):
            book.active.cell(n, asked.level + 1, int(level) if level.isdecimal() else level)
            book.active.cell(n, asked.level + 2, "We have no partners.")
            book.active.cell(n, asked.level + 3, "The redesign of May.")
        out = io.BytesIO()
        book.save(out)
        content = out.getvalue()
    else:
        lines = maturity_book.template_csv(asked).splitlines()
        filled = [f"{line.removesuffix(',,,').removesuffix(',,')},{level},None here.,The redesign of May." for line, level in
                  zip((re.sub(r",*$", "", line) for line in lines[1:]), levels, strict=True)]
        content = "\n".join([lines[0], *filled]).encode()
    done = exchange.import_answers(team, LEADER, cycle.id, content, f"sheet.{kind}", rater=PEOPLE[0])
    assert done == exchange.Imported(1, 6, ())
    said = {one.practice: (one.level, one.applicable) for one in kept(team, cycle)}
    assert said == {"W1": (3, True), "W2": (4, True), "W3": (None, True), "W4": (None, False), "W5": (1, True), "W6": (None, True)}


def test_a_rater_of_a_named_cycle_is_a_member_by_id_or_name_and_is_asked_and_finished_then(team):
    cycle = opened(team, systems=["work"], people=["you"])
    take(team, cycle, f"{PEOPLE[0]},work,3,,,", "Rater-1,work,5,,,")
    assert {one.rater: one.level for one in kept(team, cycle)} == {PEOPLE[0]: 3, PEOPLE[1]: 5}
    with team.read() as tx:
        assert {id: one.finished for id, one in rows.asked(tx, cycle.id).items()} == {"you": False, PEOPLE[0]: True, PEOPLE[1]: True}
    assert maturity.waiting(team, PEOPLE[0], cycle.opens) == ()
    maturity.close(team, LEADER, cycle.id)
    assert system(team, cycle, "work").score.median == 4


def test_an_anonymous_cycle_keeps_no_name_of_a_file_in_any_table(team):
    cycle = opened(team, mode="anonymous", systems=["work", "people"])
    lines = [f"Quill Marrow {n},{system},{1 + n % 5},{'leader' if n < 6 else ''},," for n in range(12) for system in ("work", "people")]
    assert take(team, cycle, *lines).raters == 12
    found = kept(team, cycle)
    assert all(re.fullmatch("[0-9a-f]{32}", one.rater) for one in found) and len({one.rater for one in found}) == 12
    with team.read() as tx:
        tables = [row[0] for row in tx.all("SELECT table_name FROM information_schema.tables WHERE table_schema = 'main'")]
        everything = json.dumps([tx.all(f"SELECT * FROM {name}") for name in tables], default=str)
    assert "Quill" not in everything and "Marrow" not in everything
    maturity.close(team, LEADER, cycle.id)
    shown = maturity.results(team, LEADER, cycle.id)
    assert (shown.finished, shown.asked) == (12, 12) and {part.group: part.n for part in shown.systems[0].parts} == {"leader": 6, "team": 6}


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        (["nobody-here,W1,3,,,"], "'nobody-here' is not an active member: write the id or the name of one: row 2."),
        ([f"{PEOPLE[0]},W1,3,,,", f"{PEOPLE[0]},Z9,3,,,", f"{PEOPLE[1]},Z9,2,,,"], "'Z9' is not asked in September 2026: rows 3, 4."),
        ([f"{PEOPLE[0]},W1,5,,,"], "above level 3 without evidence: row 2."),
        ([f"{PEOPLE[0]},W1,n/a,,,"], "not applicable without a reason: row 2."),
        ([f"{PEOPLE[0]},W1,9,,,"], "'9' is no level from 1 to 5: row 2."),
        ([",W1,3,,,"], "no rater: row 2."),
        ([f"{PEOPLE[0]},W1,2,,,", "Rater-0,W2,2,,,"], "Rater-0 stands under two names: rows 2, 3."),
        ([f"{PEOPLE[0]},W1,2,,,{'x' * 2001}"], "a text of more than 2,000 signs: row 2."),
    ],
)
def test_a_row_that_breaks_a_rule_is_named_with_it_and_nothing_of_the_file_is_stored(team, lines, sentence):
    cycle = opened(team, kind="full", systems=["work"])
    with pytest.raises(FileRefused, match=re.escape(sentence)):
        take(team, cycle, *lines)
    assert kept(team, cycle) == []
    with team.read() as tx:
        assert not any(one.finished for one in rows.asked(tx, cycle.id).values())


def test_groups_of_an_anonymous_file_are_leader_or_team_and_one_for_each_rater(team):
    cycle = opened(team, mode="anonymous", systems=["work", "people"])
    with pytest.raises(FileRefused, match="'boss' is no group: it is leader or team: row 2. b stands in two groups: row 4."):
        take(team, cycle, "a,work,3,boss,,", "b,work,3,leader,,", "b,people,3,team,,")


def test_the_same_file_and_a_rater_who_has_answered_or_begun_are_not_taken_twice(team):
    cycle = opened(team, systems=["work", "people"], mode="anonymous")
    take(team, cycle, "a,work,3,,,", "a,people,3,,,")
    with pytest.raises(FileRefused, match="its answers are in September 2026 already"):
        take(team, cycle, "a,work,3,,,", "a,people,3,,,", name="again.csv")
    named = opened(team, systems=["work"])
    take(team, named, f"{PEOPLE[0]},work,3,,,")
    with pytest.raises(FileRefused, match="Rater-0 has answered already: row 2."):
        take(team, named, f"{PEOPLE[0]},work,4,,,")
    maturity.save(team, make_actor("member", PEOPLE[1], "Rater-1"), named.id, "work", chosen=2)
    with pytest.raises(FileRefused, match="Rater-1 has begun to answer here: that would be lost: row 2."):
        take(team, named, f"{PEOPLE[1]},work,4,,,")


def test_only_a_leader_imports_and_only_into_an_open_cycle(team):
    cycle = opened(team, systems=["work"])
    with pytest.raises(NotAllowed):
        exchange.import_answers(team, make_actor("member", PEOPLE[0]), cycle.id, table(), "a.csv")
    maturity.close(team, LEADER, cycle.id)
    with pytest.raises(ScorecardError, match="September 2026 was closed by You"):
        take(team, cycle, f"{PEOPLE[0]},work,3,,,")


def test_a_file_that_is_no_table_is_refused_by_the_safe_reader(team):
    cycle = opened(team, systems=["work"])
    with pytest.raises(FileRefused, match="its name says .csv, and it is a zip archive"):
        exchange.import_answers(team, LEADER, cycle.id, b"PK\x03\x04" + b"0" * 40, "answers.csv")


def closed_cycle(store, mode: str = "anonymous"):
    cycle = opened(store, kind="full", mode=mode, systems=["work"])
    lines = [f"r{n},W{p},{1 + (n * p) % 3},{'leader' if n < 3 else 'team'},," for n in range(13) for p in range(1, 7)]
    if mode == "anonymous":
        take(store, cycle, *lines)
    return maturity.close(store, LEADER, cycle.id)


def test_the_workbook_of_a_cycle_says_what_its_results_say_and_the_same_input_gives_the_same_bytes(team):
    cycle = closed_cycle(team)
    name, content = maturity_book.file(team, LEADER, cycle.id, "xlsx")
    assert (name, content) == maturity_book.file(team, LEADER, cycle.id, "xlsx")
    assert re.fullmatch(r"maturity-September-2026-[0-9a-f]{8}\.xlsx", name)
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert book.sheetnames == ["Systems", "Practices", "Disagreement", "Gaps", "Agreed", "Leaders and team", "Trend", "Model", "About"]
    found = maturity.results(team, LEADER, cycle.id)
    lines = list(book["Practices"].values)
    shown = {line[0]: dict(zip(lines[0], line, strict=True)) for line in lines[1:]}
    for one in found.practices:
        assert (shown[one.practice]["Answers"], shown[one.practice]["Median"]) == (one.score.n, one.score.median)
        assert tuple(shown[one.practice][f"At {n}"] for n in range(1, 6)) == one.score.counts
    assert "neither of them is shown apart" in book["Leaders and team"]["A2"].value
    assert len(list(book["Model"].values)) == 7


def test_json_of_a_cycle_has_the_keys_of_a_scored_table_and_csv_a_line_a_subject(team):
    cycle = closed_cycle(team)
    told = json.loads(maturity_book.file(team, LEADER, cycle.id, "json")[1])
    keys = {"n", "median", "mean", "min", "max", "spread", "agreed", "hidden", "percent_to_target"}
    assert keys <= set(told["practices"][0]) and keys <= set(told["systems"][0])
    assert told["cycle"]["answered"] == 13 and told["systems"][0]["parts"] == {}
    lines = maturity_book.file(team, LEADER, cycle.id, "csv")[1].decode().splitlines()
    assert len(lines) == 8 and lines[1].startswith("work,") and lines[2].startswith("W1,")

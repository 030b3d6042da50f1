"""What the page Improvement draws: words with their figures, names escaped, drawings told in words."""

from __future__ import annotations

import io
import re

import pytest
from openpyxl import load_workbook

from scorecard import worth
from scorecard.core.simulation import Change
from scorecard.improvement import faults, projects, simulate, value
from scorecard.output import improvement_board, improvement_causes, improvement_simulation, improvement_twins, improvement_value, part_tables
from tests.improvement.test_projects import make_line
from tests.improvement.test_simulate import make_history
from tests.improvement.test_value import ACCOUNTS, FIRST, LAST, REVENUE, make_entry, make_fault

HOSTILE = '<img src=x onerror="a">&'


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_the_board_shows_expected_and_verified_value_with_the_verdict():
    found = [make_line(240e3, 310e3, outcome="finished", stage="control", title="Guided onboarding"), make_line(90e3, stage="define", title=HOSTILE)]
    drawn = improvement_board.board(projects.columns(found), (), "$", lambda id: f"improvement?project={id}")
    assert "expected $240k verified $310k" in words(drawn) and "+1.5 → +2.5 points" in words(drawn) and "Worked" in words(drawn)
    assert "Finished 1 · $240k a year, verified $310k" in words(drawn)
    assert "<img" not in drawn


def test_an_empty_board_says_how_to_begin():
    assert "No project yet." in improvement_board.board(projects.columns([]), (), "$", str)


ROWS = [{"category": "Import", "count": 31, "cost": 12_000}, {"category": "Other", "count": 3}, {"category": "Admin", "count": 14}, {"category": "Import", "count": 2}]


def test_a_pareto_adds_up_puts_the_largest_first_and_says_how_few_are_most():
    assert improvement_causes.ordered(ROWS) == [("Import", 33, pytest.approx(0.66)), ("Admin", 14, pytest.approx(0.94)), ("Other", 3, 1.0)]
    assert "2 of 3 categories make up 94% of 50." in improvement_causes.pareto(ROWS)
    assert improvement_causes.pareto([]) == "" and "All 3 are Other." in improvement_causes.pareto([ROWS[1]])


def test_cause_and_effect_is_told_in_words_too_and_marks_what_was_checked():
    rows = [{"branch": "people", "cause": "No owner", "found": "yes"}, {"branch": "product", "cause": HOSTILE, "behind": "Pilot"}, {"branch": "people", "cause": "No time", "found": "no"}]
    drawn = improvement_causes.fishbone(rows, "Slow start")
    assert "People: No owner (is a cause), No time (is none)" in drawn and "(not checked yet, behind it Pilot)" in drawn
    assert "<img" not in drawn and drawn.count('class="dot"') == 1 and drawn.count('class="no"') == 1


def test_an_analysis_shows_what_was_written_and_nothing_else():
    drawn = improvement_causes.analysis(make_entry("cause_analysis", done_on="2026-10-01", root_cause="No owner", proven="trial", whys=[{"why": "First", "evidence": "Calls"}, {"why": "Last"}]), "x")
    assert "Root cause: No owner proven by a trial" in words(drawn) and "First Calls Last" in words(drawn) and "Pareto" not in drawn
    assert "No root cause is named yet." in improvement_causes.analysis(make_entry("cause_analysis", done_on="2026-10-01"), "")


def test_cost_to_serve_ends_with_a_sum_and_says_by_what_costs_were_shared_out():
    rules = {"support": value.Rule("tickets", 0.1, 0.2)}
    found = value.shared_out([("support", "", 9_000.0)], {"tickets": {"Large": 20, "Small": 70}}, ACCOUNTS, REVENUE, rules, FIRST, LAST)
    said = words(improvement_value.serving(found, "$"))
    assert "All $9,000 $9,000 $8,100 to $11k 40 $225 5.6%" in said and "support: tickets opened" in said
    assert "No costs are loaded yet." in improvement_value.serving(None, "$")


def test_the_worth_of_advocacy_names_the_solved_input_as_solved():
    said = words(improvement_value.advocacy(worth.worth_of([]), "$"))
    assert "Retention gained by advocacy solved for, not published 0.6% 1.2% 1.8%" in said and "$4.0M over 3 years" in said


def test_faults_are_counted_with_the_revenue_behind_them():
    said = words(improvement_value.faults(faults.told([make_fault("development", "use", accounts=["a"])], {"a": 50_000.0}), "$"))
    assert "Faults 1 $50k 0 0 0 0" in said and "1 of 1 faults that customers met could have been caught before" in said


def test_a_simulation_is_read_in_ranges_with_its_check_in_words():
    history = make_history()
    still = words(improvement_simulation.section(simulate.ask(history, Change()), history, False, "$"))
    assert "Would it have been right?" in still and "With the change" not in still and "measures of the past period lay where nine runs of ten said" in still
    changed = improvement_simulation.section(simulate.ask(history, Change(cycle=0.5)), history, True, "$")
    assert "With the change" in words(changed) and "−" in words(changed) and "nan" not in changed


def test_a_simulation_leaves_the_page_with_every_figure_that_is_drawn():
    found = simulate.ask(make_history(), Change(cycle=0.5))
    table = improvement_twins.simulation(found)
    rows = {(row[0], row[1]): row[2:] for row in table.rows}
    middle = found.after.spread("time_to_value").middle
    assert rows["with the change", "Median days from arrival to the end"][1] == middle < rows["as it is", "Median days from arrival to the end"][1]
    assert rows["as it is", "Open at the end of month 1"][1] == found.before.by_month()[0].middle
    assert [row[5] for row in table.rows if row[0] == "last quarter"] == [one.came for one in found.checks]
    assert "nan" not in part_tables.csv(table).decode("utf-8-sig").casefold()


def test_every_part_is_written_as_csv_and_excel_and_no_name_becomes_a_formula():
    lines = [make_line(240e3, 310e3, outcome="finished", stage="control", title="=1+1")]
    tables = [improvement_twins.projects(lines), improvement_twins.faults(faults.told([make_fault(accounts=["a"])], {"a": 5.0})), improvement_twins.serving(None),
              improvement_twins.advocacy(worth.worth_of([]))]
    assert "'=1+1," in part_tables.csv(tables[0]).decode("utf-8-sig").splitlines()[1]
    book = load_workbook(io.BytesIO(part_tables.workbook(tables, "x")))
    assert book.sheetnames == ["Projects", "Faults and requests", "Cost to serve", "Worth of advocacy"]
    assert all(cell.data_type != "f" for sheet in book for row in sheet.iter_rows() for cell in row)

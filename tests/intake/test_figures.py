"""What a file of figures says, what it leaves open, and what is refused."""

from __future__ import annotations

from datetime import date

import pytest

from scorecard.core.periods import Period
from scorecard.errors import FileRefused
from scorecard.intake import figures
from tests.intake.making import make_understood

OCTOBER = Period(date(2026, 10, 1), "month")


def long(*rows: str, head: str = "measure,period,value") -> str:
    return "\n".join((head, *rows)) + "\n"


def says(understood):
    return [(row.measure, str(row.period), row.value) for row in understood.figures]


def test_a_long_file_gives_a_figure_a_row(tmp_path):
    found = make_understood(tmp_path, long("renewal_rate,2026-10,0.896", "Tickets open,2026-10,68", "EXPANSION REVENUE,2026-10,473000"))
    assert says(found) == [("renewal_rate", "2026-10", 0.896), ("tickets", "2026-10", 68.0), ("revenue", "2026-10", 473000.0)]
    assert (found.shape, found.grain, found.refused, found.questions) == ("long", "month", (), ())


def test_a_figure_of_a_month_that_has_not_begun_is_refused(tmp_path):
    found = make_understood(tmp_path, long("renewal_rate,2026-11,0.9", "renewal_rate,2027-05,0.9"), today=date(2026, 11, 22))
    assert says(found) == [("renewal_rate", "2026-11", 0.9)]
    assert [(one.row, one.reason) for one in found.refused] == [(3, "May 2027 has not begun: correct the date")]


def test_a_wide_file_gives_a_figure_a_cell_and_blank_stays_missing(tmp_path):
    found = make_understood(tmp_path, "Month;Renewal rate;Tickets open\n2026-09;89,6%;\n2026-10;90,1%;68\n")
    assert says(found) == [("renewal_rate", "2026-09", 0.896), ("renewal_rate", "2026-10", 0.901), ("tickets", "2026-10", 68.0)]
    assert (found.shape, found.blank) == ("wide", 1)


def test_numerators_and_denominators_are_kept_and_give_the_value(tmp_path):
    found = make_understood(tmp_path, long("renewal_rate,2026-10,94,104,Small business,Onboarding,Tolu Adeyemi",
                                           head="measure,period,numerator,denominator,segment,team,csm"))
    (row,) = found.figures
    assert row.says == (94 / 104, 94.0, 104.0)
    assert (row.segment, row.team, row.csm) == ("Small business", "Onboarding", "Tolu Adeyemi")


def test_a_share_of_nothing_is_kept_without_a_value(tmp_path):
    found = make_understood(tmp_path, long("renewal_rate,2026-10,0,0", head="measure,period,numerator,denominator"))
    assert found.figures[0].says == (None, 0.0, 0.0)


@pytest.mark.parametrize("period, grain, start", [
    ("2026-10", "month", "2026-10-01"), ("2026-W42", "week", "2026-10-12"), ("2026-Q4", "quarter", "2026-10-01"), ("31 Oct 2026", "month", "2026-10-01"),
])
def test_months_weeks_and_quarters_are_grains(tmp_path, period, grain, start):
    found = make_understood(tmp_path, long(f"tickets,{period},5"))
    assert (found.grain, found.figures[0].period.start.isoformat()) == (grain, start)


@pytest.mark.parametrize("values, read, words", [
    (["0.896", "0.91"], [0.896, 0.91], "0.896 is 89.6%"), (["89.6", "91"], [0.896, 0.91], "89.6 is 89.6%"),
    (["89.6%", "91%"], [0.896, 0.91], "written with a % sign"), (["0", "91"], [0.0, 0.91], "91 is 91%"),
])
def test_the_unit_of_a_share_is_understood_and_said(tmp_path, values, read, words):
    found = make_understood(tmp_path, long(*(f"renewal_rate,2026-0{i},{v}" for i, v in enumerate(values, 1))))
    assert [row.value for row in found.figures] == pytest.approx(read)
    assert any(topic == "Units" and words in rest for topic, _, rest in found.facts)


@pytest.mark.parametrize("measure, values", [
    ("renewal_rate", ["0.9", "91"]), ("renewal_rate", ["0.9", "91%"]), ("net_revenue_retention", ["1.04", "104"]),
])
def test_mixed_units_are_asked_about_and_the_answer_is_used(tmp_path, measure, values):
    text = long(*(f"{measure},2026-0{i},{v}" for i, v in enumerate(values, 1)))
    found = make_understood(tmp_path, text)
    assert [one.id for one in found.questions] == [f"units:{measure}"] and not found.figures
    answered = make_understood(tmp_path, text, **{f"units:{measure}": "percent"})
    assert not answered.questions and answered.figures[0].value == pytest.approx(float(values[0]) / 100)


def test_a_share_that_may_pass_a_hundred_percent_is_read_both_ways(tmp_path):
    assert make_understood(tmp_path, long("net_revenue_retention,2026-10,1.04")).figures[0].value == 1.04
    assert make_understood(tmp_path, long("net_revenue_retention,2026-10,104")).figures[0].value == 1.04


def test_a_unit_in_brackets_after_a_name_is_the_unit(tmp_path):
    assert make_understood(tmp_path, "month,Renewal rate (%)\n2026-10,0.5\n").figures[0].value == 0.005


def test_an_order_of_dates_that_stays_open_is_asked_and_never_guessed(tmp_path):
    text = long("tickets,01/02/2026,5", "tickets,01/03/2026,6")
    found = make_understood(tmp_path, text)
    assert found.questions[0].options == (("day-first", "01/02/2026 is 1 Feb 2026"), ("month-first", "01/02/2026 is 2 Jan 2026"))
    assert not found.figures
    assert [str(row.period) for row in make_understood(tmp_path, text, dates="day-first").figures] == ["2026-02", "2026-03"]


def test_a_decimal_mark_that_stays_open_is_asked_and_never_guessed(tmp_path):
    text = "month;Tickets open\n2026-09;1.210\n2026-10;900\n"
    found = make_understood(tmp_path, text)
    assert found.questions[0].options == ((".", "1.210 is 1.21"), (",", "1.210 is 1,210"))
    assert make_understood(tmp_path, text, decimal=",").figures[0].value == 1210


def test_a_file_without_a_measure_asks_which_one_it_is(tmp_path):
    text = "period,value\n2026-10,5\n"
    assert make_understood(tmp_path, text).questions[0].id == "measure"
    assert says(make_understood(tmp_path, text, measure="tickets")) == [("tickets", "2026-10", 5.0)]


@pytest.mark.parametrize("rows, head, reasons", [
    (["tickets,2026-09,5", "tickets,2026-10,n/a"], "measure,period,value", ["row 3: 'n/a' is not a number (value)"]),
    (["tickets,2026-09,5", "tickets,soon,5"], "measure,period,value", ["row 3: 'soon' is not a date or period (period)"]),
    (["tickets,2026-09,5", "tickets,,5"], "measure,period,value", ["row 3: a blank cell is not a date or period (period)"]),
    (["tickets,2026-10,5", "tickets,2026-10,6"], "measure,period,value",
     ["rows 2 and 3: Tickets open, October 2026, stands more than once: rows 2 and 3 say 5 and 6"]),
    (["renewal_rate,2026-10,9,8"], "measure,period,numerator,denominator", ["row 2: numerator 9 above denominator 8 (Renewal rate)"]),
    (["renewal_rate,2026-10,9,"], "measure,period,numerator,denominator", ["row 2: a numerator without a denominator"]),
    (["renewal_rate,2026-10,-1,8"], "measure,period,numerator,denominator", ["row 2: −12.5% is below 0%, the least that Renewal rate can be"]),
    (["renewal_rate,2026-10,1,0"], "measure,period,numerator,denominator", ["row 2: a denominator of 0 with a numerator of 1"]),
    (["tickets,2026-10,5%"], "measure,period,value", ["row 2: a % sign, and Tickets open is no share (it is count)"]),
    (["revenue,2026-10,€5"], "measure,period,value", ["row 2: an amount in €, and Expansion revenue is in $"]),
    (["tickets,2026-10,$5"], "measure,period,value", ["row 2: an amount in $, and Tickets open is count"]),
    (["tickets,2026-10,-5"], "measure,period,value", ["row 2: −5 is below 0, the least that Tickets open can be"]),
    (["tickets,2026-10,nan"], "measure,period,value", ["row 2: 'nan' is not a number (value)"]),
    (["tickets,2026-10,1e999"], "measure,period,value", ["row 2: '1e999' is not a number (value)"]),
    (["tickets,2026-09,1", "tickets,2026-10,2", "tickets,2026-08"], "measure,period,value",
     ["row 4: 2 fields where the column names have 3"]),
    (["renewal_rate,2026-10,0.5,94,104"], "measure,period,value,numerator,denominator",
     ["row 2: the value 50.0% is not numerator divided by denominator, 90.4% (Renewal rate)"]),
    (["tickets,2026-10,5,a\u202eb"], "measure,period,value,segment", ["row 2: the segment holds invisible characters"]),
    ([",2026-10,5"], "measure,period,value", ["row 2: no measure is named"]),
])
def test_a_row_that_breaks_a_rule_is_refused_with_its_number_and_the_rule(tmp_path, rows, head, reasons):
    found = make_understood(tmp_path, long(*rows, head=head))
    assert [f"{which}: {reason}" for _, reason, which in figures.grouped(found.refused)] == reasons


def test_rows_that_say_the_same_are_one_figure_that_names_both(tmp_path):
    found = make_understood(tmp_path, long("tickets,2026-10,5", "tickets,Oct 2026,5.0"))
    assert [row.rows for row in found.figures] == [(2, 3)] and found.twice == 1 and not found.refused


@pytest.mark.parametrize("content, told", [
    ("period,note\n2026-10,hello\n", "no column holds figures"), ("a,b\n1,2\n", "no column holds periods"),
    ("tickets,2026-10\n1,2\n", "no column holds periods"), ("2026-10,5\n2026-11,6\n", "the first row holds figures"),
    (long("tickets,2026-10,5", "tickets,2026-Q4,6"), "mixed grains: row 2 is a month, row 3 is a quarter"),
    (long("tickets,2026-10-01,5", "tickets,2026-10-02,6", "tickets,2026-10-03,6"), "the figures are daily. Roll them up"),
    (long("tickets,soon,5"), "row 2: 'soon' is not a date or period \\(period\\), and no other row has one"),
    (long("tickets,31/10/2026,5", "tickets,10/31/2026,6"), "the dates mix two orders"),
    ("month,Tickets open,tickets\n2026-10,5,6\n", "are the same measure, tickets"),
])
def test_a_file_that_cannot_be_figures_is_refused_as_a_whole(tmp_path, content, told):
    with pytest.raises(FileRefused, match=f"^figures.csv: .*{told}"):
        make_understood(tmp_path, content)


def test_a_measure_without_a_definition_is_named_with_a_near_one(tmp_path):
    found = make_understood(tmp_path, long("renewal_rat,2026-10,0.9", "tickets,2026-10,5"))
    assert [(one.text, one.hint) for one in found.unknown] == [("renewal_rat", " Did you mean 'renewal_rate'?")]


@pytest.mark.parametrize("head, cells, unit, aggregate", [
    ("Login rate", ["0.5", "0.75"], "percent", "none"), ("Login rate", ["50", "75"], "percent", "none"), ("Seats (%)", ["50", "75"], "percent", "none"),
    ("Share won", ["40%", "45%"], "percent", "none"), ("Spend", ["$5", "$6"], "money", "sum"), ("Spend (€)", ["5", "6"], "money", "sum"),
    ("Days to answer", ["5", "6.5"], "days", "none"), ("Complaints", ["5", "6"], "count", "sum"), ("Score", ["7.5", "8.1"], "number", "none"),
])
def test_a_new_measure_gets_a_label_and_a_guessed_unit(tmp_path, head, cells, unit, aggregate):
    text = f"month,{head}\n2026-09,{cells[0]}\n2026-10,{cells[1]}\n"
    found = make_understood(tmp_path, text, unknown="define")
    (one,) = found.new_measures
    assert (one.unit, one.aggregate, one.improvement_direction) == (unit, aggregate, "neutral")
    assert one.label == head.partition(" (")[0] and one.name.isidentifier()
    assert len(found.figures) == 2 and not found.unknown and not found.refused


def test_unknown_measures_can_be_left_out(tmp_path):
    found = make_understood(tmp_path, "month,Tickets open,Thing\n2026-10,5,6\n", unknown="leave")
    assert says(found) == [("tickets", "2026-10", 5.0)] and not found.unknown


def test_a_column_of_text_in_a_wide_file_is_left_out_and_said(tmp_path):
    found = make_understood(tmp_path, "month,Tickets open,Comment\n2026-10,5,fine\n")
    assert [(c.name, c.goes_to) for c in found.columns] == [("month", "Period"), ("Tickets open", "Tickets open"), ("Comment", "left out")]


def test_a_period_that_has_not_ended_is_said_to_be_partial(tmp_path):
    found = make_understood(tmp_path, long("tickets,2026-10,5", "tickets,2026-11,2"), today=date(2026, 11, 22))
    assert ("Period", "October 2026 to November 2026.", "November 2026 is partial and gives no signals.") in found.facts


def test_total_and_blank_segments_are_the_whole(tmp_path):
    found = make_understood(tmp_path, long("tickets,2026-10,5,Total", "tickets,2026-09,5,", head="measure,period,value,segment"))
    assert [row.segment for row in found.figures] == ["", ""]

"""The plan in money: each quarter begins with what the one before ended with; what came out is held against every case."""

from __future__ import annotations

import pytest

from scorecard.core import pro_forma
from scorecard.core.pro_forma import Assumption, Quarter


def assume(line: str, low: float, base: float, high: float, quarter: int = 1) -> Assumption:
    return Assumption(line, quarter, low, base, high, "a source")


WHOLE = (assume("opening", 1000, 1000, 1000), assume("retention", 0.90, 0.95, 0.99), assume("expansion", 0.02, 0.04, 0.06),
         assume("new", 10, 20, 30), assume("cost", 60, 50, 40))  # fmt: skip


def test_the_base_case_is_what_the_arithmetic_on_paper_gives():
    first, second = pro_forma.cases(WHOLE, 2)["base"]
    assert (first.opening, first.kept, first.expansion, first.new, first.closing) == (1000, 950, 40, 20, 1010)
    assert (first.billed, first.margin) == (251.25, 201.25), "a quarter of the mean of 1000 and 1010, less 50"
    assert (second.opening, round(second.closing, 4)) == (1010, round(1010 * 0.95 + 1010 * 0.04 + 20, 4))


def test_the_statement_of_net_retention_holds():
    """Start 1,000, churn 60, contraction 40, expansion 120, new 200: gross 90.0%, net 102.0%, closing 1,220 (statistics, section 7)."""
    quarter = Quarter(1000, 900, 120, 200, None)
    assert (quarter.retention, (quarter.kept + quarter.expansion) / quarter.opening, quarter.closing) == (0.90, 1.02, 1220)


def test_an_assumption_holds_from_its_quarter_on_and_the_last_word_on_it_counts():
    changed = (*WHOLE, assume("new", 100, 200, 300, quarter=2), assume("new", 1, 2, 3, quarter=2))
    assert [one.new for one in pro_forma.expected(changed, 3, "base")] == [20, 2, 2]


def test_an_opening_that_is_stated_again_begins_anew():
    again = (*WHOLE, assume("opening", 500, 600, 700, quarter=2))
    assert [one.opening for one in pro_forma.expected(again, 3, "high")][:2] == [1000, 700]


def test_what_lacks_is_named_in_the_order_of_the_lines():
    assert pro_forma.lacking(WHOLE[:2]) == ("expansion", "new", "cost")
    assert pro_forma.lacking((*WHOLE[:4], assume("cost", 1, 1, 1, quarter=2))) == ("cost",), "the first quarter has none"


@pytest.mark.parametrize(("value", "side"), [(41, ""), (40, ""), (39.9, "below"), (60.1, "above"), (None, "")])
def test_a_cost_is_held_against_its_least_and_its_most_whichever_case_has_which(value, side):
    assert pro_forma.outside(WHOLE[4], value) == side

"""Numbers as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from scorecard.intake.numbers import decimal_mark, is_blank, read_number


@pytest.mark.parametrize("text, decimal, value", [
    ("1234.5", ".", 1234.5), ("1,234.5", ".", 1234.5), ("1.234,5", ",", 1234.5), ("1 234,5", ",", 1234.5),
    ("1\u00a0234,5", ",", 1234.5), ("1\u202f234,5", ",", 1234.5), ("1'234.50", ".", 1234.5), ("1’234", ".", 1234.0),
    ("(1,200)", ".", -1200.0), ("-5", ".", -5.0), ("−5", ".", -5.0), ("5-", ".", -5.0), ("+3", ".", 3.0), (".5", ".", 0.5),
    (",5", ",", 0.5), ("5.", ".", 5.0), ("1e3", ".", 1000.0), ("1.5E-02", ".", 0.015), ("  42  ", ".", 42.0),
    ("$1,234", ".", 1234.0), ("-$5", ".", -5.0), ("$-5", ".", -5.0), ("(€ 3,50)", ",", -3.5), ("3,50 €", ",", 3.5),
    ("USD 12", ".", 12.0), ("12 GBP", ".", 12.0), ("1,234,567", ".", 1234567.0), ("0", ".", 0.0), ("007", ".", 7.0),
])
def test_a_number_is_read_as_it_was_meant(text, decimal, value):
    assert read_number(text, decimal).value == value


@pytest.mark.parametrize("text, value", [("89.6%", 0.896), ("89.6 %", 0.896), ("0.1%", 0.001), ("110%", 1.1), ("(5%)", -0.05)])
def test_a_percent_sign_makes_a_fraction_without_noise(text, value):
    number = read_number(text)
    assert (number.value, number.percent) == (value, True)


@pytest.mark.parametrize("text", [
    "NA", "NO", "n/a", "N/A", "NULL", "None", "nan", "NaN", "inf", "-inf", "Infinity", "1e999", "-", "–", "abc", "12 months",
    "$473k", "1,23,456", "12,34.5", "1.2.3.4", "--5", "(5", "5)", "$5€", "1 2", "0x1F", "1_000", "TRUE", "٣", "²", "½", "%",
    "5%%", "", "-5-", "3 apples", "=1+1",
])
def test_what_is_no_number_is_text(text):
    assert read_number(text) is None


@pytest.mark.parametrize("texts, mark", [
    (["1.5", "2"], "."), (["1,5", "2"], ","), (["1,234.5"], "."), (["1.234,5"], ","), (["1,234,567"], "."), (["1.234.567"], ","),
    (["74", "1.210", "9"], "?"), (["1,234"], "?"), (["1,234", "0.5"], "."), (["1.210", "0,5"], ","), (["0.896"], "."),
    (["0,896"], ","), (["1.5", "1,5"], "!"), (["1", "2"], "."), (["n/a"], "."), (["1234.567"], "."), (["12,3456"], ","),
])
def test_the_decimal_mark_is_decided_by_all_numbers_together(texts, mark):
    assert decimal_mark(texts) == mark


@pytest.mark.parametrize("text, blank", [("", True), ("  ", True), ("\t", True), ("\u00a0", True), ("NA", False), ("-", False), ("0", False)])
def test_only_nothing_is_blank(text, blank):
    assert is_blank(text) is blank


@given(st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=-10**9, max_value=10**9))
def test_every_number_comes_back_from_both_ways_of_writing_it(number):
    english, german = f"{number:,.3f}", f"{number:,.3f}".translate(str.maketrans(",.", ".,"))
    assert read_number(english, ".").value == read_number(german, ",").value == float(number)


@given(st.text(max_size=40))
def test_any_text_is_a_finite_number_or_none(text):
    for mark in ".,":
        number = read_number(text, mark)
        assert number is None or abs(number.value) < float("inf")
    assert decimal_mark([text]) in (".", ",", "?", "!")

"""Text becomes facts: typed, checked, each key once; what is refused says its row and why; the dialect does not matter."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from scorecard.core.facts import KINDS
from scorecard.core.mapping import Mapping, Rule, Spread, as_json, from_json
from scorecard.errors import FileRefused
from scorecard.intake import cells, dates, numbers, reader, typing, typing_child
from scorecard.intake.cells import Way
from scorecard.intake.table import UPLOAD, Limits
from scorecard.store.facts import Staged
from tests.endurance import in_full
from tests.intake.making import make_table

ACCOUNTS = Mapping("account", {"account_id": "id", "name": "name", "started_on": "since"})
SUBSCRIPTIONS = Mapping("subscription", {"subscription_id": "id", "account_id": "account", "started_on": "start", "ended_on": "end",
                                         "mrr": "mrr", "trial": "trial"})


@pytest.fixture(autouse=True)
def typed_in_this_process(monkeypatch):
    """The child process has one test of its own; the others do the same work here."""

    def answer(module: str, job: dict, limits: Limits, watch) -> dict:
        plain = json.loads(json.dumps(job))
        return json.loads(json.dumps(typing_child.type_file(typing_child.connect(limits, Path(job["spill"])), plain)))

    monkeypatch.setattr(reader, "ask_child", answer)


def make_typed(folder: Path, text: str | bytes, *mappings: Mapping, name: str = "export.csv"):
    return typing.read(make_table(folder, text, name), mappings)


def facts_of(part: typing.Part, *names: str) -> list[tuple]:
    read = parquet.read_table(part.path, use_threads=False)
    return sorted(zip(*(read.column(name).to_pylist() for name in names)), key=str)


def make_one(folder: Path, type_: str, *texts: str, **rule):
    """What one column of this type becomes, cell by cell: (values, reasons)."""
    column = {"date": "started_on", "money": "mrr", "flag": "trial", "text": "plan", "number": "seats"}[type_]
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["id", "cell"])
    writer.writerows([f"s{i}", text] for i, text in enumerate(texts))
    mapping = Mapping("subscription", {"subscription_id": "id", column: "cell"}, {column: Rule(**rule)} if rule else {}, part=True)
    typed = make_typed(folder, out.getvalue(), mapping)
    values = [value for _, value in facts_of(typed.parts[0], "row_number", column)] if typed.parts else []
    return values, [reason for _, _, reason in typed.refused_rows()] if not typed.questions else list(typed.questions)


# -- one cell

@pytest.mark.parametrize(("type_", "text", "value"), [
    ("date", "2026-10-31", date(2026, 10, 31)), ("date", "31/10/2026", date(2026, 10, 31)), ("date", "10/31/2026", date(2026, 10, 31)),
    ("date", "31.10.26", date(2026, 10, 31)), ("date", "31 Oct 2026", date(2026, 10, 31)), ("date", "Oct 31, 2026", date(2026, 10, 31)),
    ("date", "2026-10-31T23:59:59+02:00", date(2026, 10, 31)), ("date", "46326", date(2026, 10, 31)), ("date", "20261031", date(2026, 10, 31)),
    ("money", "1234.5", 1234.5), ("money", "$1,234.50", 1234.5), ("money", "1.234,50 €", 1234.5), ("money", "1 234,50", 1234.5),
    ("number", "12%", 0.12), ("number", "1e3", 1000.0), ("number", "007", 7.0), ("flag", "TRUE", True), ("flag", "no", False),
    ("flag", "0", False), ("flag", "Ja", True), ("text", "  Café \u00a0 Noir ", "Café Noir"), ("text", "NO", "NO"), ("text", "NA", "NA"),
    ("text", "Zoe\u0308", "Zoë"), ("text", "=1+1", "=1+1"), ("number", "", None), ("text", "\u00a0", None), ("flag", "", None),
])
def test_a_cell_is_read_as_people_write_it(tmp_path, type_, text, value):
    assert make_one(tmp_path, type_, text) == ([value], [])


@pytest.mark.parametrize(("type_", "text", "reason"), [
    ("date", "2026-02-30", "Starts: '2026-02-30' is not a date"), ("date", "soon", "Starts: 'soon' is not a date"),
    ("date", "2026-10", "Starts: '2026-10' is a month, and a day is needed"), ("date", "1850-01-01", "Starts: '1850-01-01' lies outside 1900 to 2099"),
    ("money", "NaN", "MRR: 'NaN' is not a number"), ("money", "inf", "MRR: 'inf' is not a number"), ("money", "5%", "MRR: '5%' is a percentage, and an amount is needed"),
    ("money", "-1", "MRR -1.0 is below 0"), ("money", "", "MRR is blank"), ("flag", "NA", "Trial: 'NA' is neither yes nor no"),
    ("text", "a\u202eb", "Plan: 'ab' holds invisible characters"), ("number", "1_000", "Seats: '1_000' is not a number"),
])
def test_a_cell_that_cannot_be_read_refuses_its_row_and_says_why(tmp_path, type_, text, reason):
    assert make_one(tmp_path, type_, text) == ([], [reason])


def test_a_refused_row_keeps_its_number_in_the_file_and_its_text(tmp_path):
    text = "Export of 2 November\n\nid,name,since\na,Arden,2026-01-01\n\nb,Birch,never\n"
    typed = make_typed(tmp_path, text, ACCOUNTS)
    assert typed.refused_rows() == [(6, "b,Birch,never", "Customer since: 'never' is not a date")]
    assert facts_of(typed.parts[0], "row_number", "account_id") == [(4, "a")]
    assert typed.reasons == (typing.Reason(1, "Customer since: 'never' is not a date", (6,)),)


def test_a_row_at_fault_in_two_ways_says_both(tmp_path):
    typed = make_typed(tmp_path, "id,account,start,end,mrr,trial\ns,a,x,,y,no\n", SUBSCRIPTIONS)
    assert typed.refused_rows()[0][2] == "Starts: 'x' is not a date; MRR: 'y' is not a number"


def test_rows_that_do_not_fit_the_columns_are_refused_with_the_others(tmp_path):
    typed = make_typed(tmp_path, "id,name,since\na,Arden,2026-01-01\nb,Birch\nc,Cedar,2026-01-01\n", ACCOUNTS)
    assert typed.refused_rows() == [(3, "b,Birch", "2 fields where the column names have 3")]


@pytest.mark.parametrize(("row", "reason"), [
    ("s,a,2026-02-01,2026-01-31,1,no", "Ended 2026-01-31 lies before Starts 2026-02-01"), ("s,,2026-02-01,,1,no", "Account is blank"),
    (",a,2026-02-01,,1,no", "Subscription is blank"),
])
def test_a_row_has_to_keep_to_the_rules_of_its_kind(tmp_path, row, reason):
    typed = make_typed(tmp_path, f"id,account,start,end,mrr,trial\n{row}\nok,a,2026-01-01,,1,no\n", SUBSCRIPTIONS)
    assert [why for _, _, why in typed.refused_rows()] == [reason] and typed.parts[0].rows == 1


@pytest.mark.parametrize(("question", "score", "fits"), [("nps", 11, False), ("nps", 0, True), ("csat", 0, False), ("csat", 5, True), ("csat", 6, False),
                                                         ("mood", 5, False)])
def test_a_score_outside_its_scale_is_refused(tmp_path, question, score, fits):
    mapping = Mapping("survey", {"answer_id": "id", "answered_on": "day", "score": "score", "question": "question"})
    typed = make_typed(tmp_path, f"id,day,question,score\n1,2026-01-01,{question},{score}\n2,2026-01-01,NPS,9\n", mapping)
    assert (typed.refused == 0) is fits


# -- the whole column decides

def test_day_or_month_first_is_decided_by_the_whole_column(tmp_path):
    assert make_one(tmp_path, "date", "01/02/2026", "13/02/2026")[0] == [date(2026, 2, 1), date(2026, 2, 13)]
    assert make_one(tmp_path, "date", "01/02/2026", "02/13/2026")[0] == [date(2026, 1, 2), date(2026, 2, 13)]


def test_a_column_that_proves_the_order_speaks_for_the_other_columns_of_the_file(tmp_path):
    typed = make_typed(tmp_path, "id,account,start,end,mrr,trial\ns,a,01/02/2026,25/02/2026,1,no\n", SUBSCRIPTIONS)
    assert facts_of(typed.parts[0], "started_on") == [(date(2026, 2, 1),)]


def test_an_order_that_stays_open_is_asked_and_nothing_is_typed(tmp_path):
    typed = make_typed(tmp_path, "id,name,since\na,Arden,01/02/2026\n", ACCOUNTS)
    assert [one.id for one in typed.questions] == ["dates:since"] and typed.parts == ()
    told = replace(ACCOUNTS, rules={"started_on": Rule(date_order="month-first")})
    assert facts_of(make_typed(tmp_path, "id,name,since\na,Arden,01/02/2026\n", told).parts[0], "started_on") == [(date(2026, 1, 2),)]


def test_a_column_that_mixes_two_orders_is_refused(tmp_path):
    with pytest.raises(FileRefused, match=r"export.csv: Customer since \(since\): the dates mix two orders"):
        make_typed(tmp_path, "id,name,since\na,Arden,13/02/2026\nb,Birch,02/13/2026\n", ACCOUNTS)


@pytest.mark.parametrize(("texts", "values"), [
    (("1.234,5", "2.000"), [1234.5, 2000.0]), (("1,234.5", "2,000"), [1234.5, 2000.0]), (("1234,5", "2"), [1234.5, 2.0]), (("0.125", "2.500"), [0.125, 2.5]),
])
def test_the_decimal_mark_is_decided_by_all_numbers_of_the_file(tmp_path, texts, values):
    assert make_one(tmp_path, "money", *texts) == (values, [])


def test_a_decimal_mark_that_stays_open_is_asked(tmp_path):
    (question,) = make_one(tmp_path, "money", "1.234", "2.500")[1]
    assert question.id == "decimal"
    assert make_one(tmp_path, "money", "1.234", "2.500", decimal=",") == ([1234.0, 2500.0], [])
    assert make_one(tmp_path, "money", "1.234", "2.500", decimal=".") == ([1.234, 2.5], [])


def test_amounts_in_cents_or_for_a_year_are_divided(tmp_path):
    assert make_one(tmp_path, "money", "1999", "€ 20", divide=100.0)[0] == [19.99, 0.2]


@pytest.mark.parametrize(("texts", "value"), [
    ("2026-10-31 13:45:10", datetime(2026, 10, 31, 13, 45, 10)), ("2026-10-31T13:45:10Z", datetime(2026, 10, 31, 13, 45, 10)),
    ("2026-10-31T13:45:10.250+02:00", datetime(2026, 10, 31, 11, 45, 10, 250000)), ("2026-10-31 13:45:10 UTC", datetime(2026, 10, 31, 13, 45, 10)),
    ("2026-10-31", datetime(2026, 10, 31)), ("31/10/2026 13:45", datetime(2026, 10, 31, 13, 45)), ("Oct 31, 2026 1:45 PM", datetime(2026, 10, 31, 13, 45)),
    ("1793454310", datetime(2026, 10, 31, 13, 45, 10)), ("1793454310000", datetime(2026, 10, 31, 13, 45, 10)), ("46326.5", datetime(2026, 10, 31, 12)),
])
def test_a_moment_is_kept_in_utc(tmp_path, texts, value):
    typed = make_typed(tmp_path, f'id,at\nt,"{texts}"\n', Mapping("ticket", {"ticket_id": "id", "opened_at": "at"}))
    assert facts_of(typed.parts[0], "opened_at") == [(value,)]


def test_a_moment_without_an_offset_is_in_the_zone_that_was_named(tmp_path):
    mapping = Mapping("ticket", {"ticket_id": "id", "opened_at": "at"}, {"opened_at": Rule(zone="Europe/Berlin")})
    typed = make_typed(tmp_path, "id,at\n1,2026-07-01 12:00:00\n2,2026-12-01 12:00:00\n3,2026-12-01T12:00:00Z\n", mapping)
    assert facts_of(typed.parts[0], "opened_at") == [
        (datetime(2026, 12, 1, 11),), (datetime(2026, 12, 1, 12),), (datetime(2026, 7, 1, 10),)]


# -- what a mapping can say

def test_words_of_the_file_become_ours_and_ids_get_a_prefix(tmp_path):
    mapping = Mapping("survey", {"answer_id": "id", "answered_on": "day", "score": "score", "question": "about"},
                      {"answer_id": Rule(prefix="web:"), "question": Rule(values={"Would you recommend us?": "nps"})})
    typed = make_typed(tmp_path, "id,day,about,score\n1,2026-01-01,would you recommend us?,9\n", mapping)
    assert facts_of(typed.parts[0], "answer_id", "question", "score") == [("web:1", "nps", 9.0)]


def test_one_file_feeds_several_kinds_and_a_blank_answer_is_no_answer(tmp_path):
    tickets = Mapping("ticket", {"ticket_id": "id", "opened_at": "opened", "satisfaction": "stars"})
    answers = Mapping("survey", {"answer_id": "id", "answered_on": "opened", "score": "stars"}, {"question": Rule(constant="csat")}, only_when=("score",))
    typed = make_typed(tmp_path, "id,opened,stars\n1,2026-01-01,5\n2,2026-01-02,\n", tickets, answers)
    assert [(part.kind.table, part.read, part.rows) for part in typed.parts] == [("ticket", 2, 2), ("survey", 1, 1)]
    assert facts_of(typed.parts[1], "answer_id", "question", "score") == [("1", "csat", 5.0)]


def test_a_row_that_two_kinds_refuse_is_quarantined_once_with_both_reasons(tmp_path):
    tickets = Mapping("ticket", {"ticket_id": "id", "opened_at": "opened"})
    answers = Mapping("survey", {"answer_id": "id", "answered_on": "opened", "score": "stars"}, {"question": Rule(constant="csat")})
    typed = make_typed(tmp_path, "id,opened,stars\n1,soon,5\n2,2026-01-02,4\n", tickets, answers)
    assert typed.refused_rows() == [(2, "1,soon,5", "Answered: 'soon' is not a date; Opened: 'soon' is not a date")]


def test_rows_of_other_kinds_are_passed_over(tmp_path):
    mapping = Mapping("account", {"account_id": "id"}, where={"type": ("customer",)}, where_not={"stage": ("Lost",)})
    typed = make_typed(tmp_path, "id,type,stage\n1,Customer,Won\n2,Partner,Won\n3,customer,lost\n", mapping)
    assert facts_of(typed.parts[0], "account_id") == [("1",)] and typed.refused == 0


def test_a_column_a_month_becomes_a_row_a_month(tmp_path):
    mapping = Mapping("mrr_month", {"account_id": "id"}, spread=Spread("month", "mrr", {"Jan 26": "2026-01", "Feb 26": "2026-02"}))
    typed = make_typed(tmp_path, "id,Jan 26,Feb 26\na,10,\nb,5,6\n", mapping)
    assert facts_of(typed.parts[0], "row_number", "account_id", "month", "mrr") == [
        (2, "a", date(2026, 1, 1), 10.0), (3, "b", date(2026, 1, 1), 5.0), (3, "b", date(2026, 2, 1), 6.0)]


def test_a_column_a_month_of_use_counts_on_the_first_day_of_the_month(tmp_path):
    mapping = Mapping("usage", {"account_id": "id"}, {"event": Rule(constant="use")}, spread=Spread("used_on", "quantity", {"Jan 26": "2026-01"}))
    typed = make_typed(tmp_path, "id,Jan 26\na,10\nb,\n", mapping)
    assert typed.refused == 0 and facts_of(typed.parts[0], "account_id", "used_on", "quantity") == [("a", date(2026, 1, 1), 10.0)]


def test_a_month_is_its_first_day_however_it_is_written(tmp_path):
    mapping = Mapping("mrr_month", {"account_id": "id", "month": "month", "mrr": "mrr"})
    typed = make_typed(tmp_path, "id,month,mrr\na,2026-01,1\nb,2026-01-31,1\nc,Jan 2026,1\n", mapping)
    assert {month for (month,) in facts_of(typed.parts[0], "month")} == {date(2026, 1, 1)}


def test_the_latest_state_of_a_key_stays_when_the_mapping_says_so(tmp_path):
    mapping = Mapping("account", {"account_id": "id", "ended_on": "lost"}, latest_by="ended_on")
    typed = make_typed(tmp_path, "id,lost\na,2026-03-01\na,2026-05-01\na,\nb,2026-01-01\n", mapping)
    assert facts_of(typed.parts[0], "account_id", "ended_on") == [("a", date(2026, 5, 1)), ("b", date(2026, 1, 1))]
    assert (typed.parts[0].older, typed.refused) == (2, 0)


def test_the_same_row_twice_counts_once_and_a_contradiction_is_refused(tmp_path):
    typed = make_typed(tmp_path, "id,name,since\na,Arden,2026-01-01\na,Arden,2026-01-01\nb,Birch,2026-01-01\nb,Beech,2026-01-01\n", ACCOUNTS)
    assert facts_of(typed.parts[0], "account_id") == [("a",)] and typed.parts[0].repeated == 1
    assert [(row, reason) for row, _, reason in typed.refused_rows()] == [
        (4, "Account 'b' has 2 rows that differ (4 to 5)"), (5, "Account 'b' has 2 rows that differ (4 to 5)")]


def test_rows_without_an_id_get_one_that_does_not_depend_on_their_order(tmp_path):
    mapping = Mapping("usage", {"account_id": "account", "used_on": "day", "quantity": "n"})
    rows = ["a,2026-01-01,2", "a,2026-01-01,1", "a,2026-01-01,1", "b,2026-01-02,5"]
    there, back = (make_typed(tmp_path, "\n".join(["account,day,n", *those]), mapping) for those in (rows, rows[::-1]))
    wanted = facts_of(there.parts[0], "usage_id", "quantity")
    assert wanted == facts_of(back.parts[0], "usage_id", "quantity")
    assert wanted == [("a|2026-01-01#2", 1.0), ("a|2026-01-01#3", 2.0), ("a|2026-01-01", 1.0), ("b|2026-01-02", 5.0)]


def test_a_mapping_without_what_every_row_needs_is_refused(tmp_path):
    with pytest.raises(FileRefused, match="Subscriptions: no column goes to Starts and MRR, which every row needs"):
        make_typed(tmp_path, "id,account\ns,a\n", Mapping("subscription", {"subscription_id": "id", "account_id": "account"}))


def test_a_mapping_of_a_column_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(FileRefused, match="names a column 'ident', and the file has none of that name"):
        make_typed(tmp_path, "id,name,since\na,b,2026-01-01\n", Mapping("account", {"account_id": "ident"}))


def test_names_with_quotes_and_sql_are_data(tmp_path):
    nasty = "x'); DROP TABLE refused; --"
    typed = make_typed(tmp_path, f'id,"{nasty}"\n"{nasty}","O\'Neil"\n', Mapping("account", {"account_id": "id", "name": nasty}))
    assert facts_of(typed.parts[0], "account_id", "name") == [(nasty, "O'Neil")]


def test_a_mapping_survives_being_kept_as_json():
    mapping = Mapping("mrr_month", {"account_id": "id"}, {"mrr": Rule(divide=100, true=("a",))}, {"x": ("1",)}, {"y": ("2",)}, ("mrr",), ("account_id",),
                      "month", Spread("month", "mrr", {"Jan": "2026-01"}), True)
    assert from_json(json.loads(json.dumps(as_json(mapping)))) == mapping


# -- the fast way and the careful way agree

@settings(max_examples=30 if in_full() else 15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.one_of(st.from_regex(r"-?[0-9]{1,12}(\.[0-9]{1,6})?", fullmatch=True), st.from_regex(r"[0-9.,+-]{1,8}", fullmatch=True),
                          st.floats(allow_nan=False, allow_infinity=False, width=32).map(repr)), min_size=1, max_size=12))
def test_numbers_are_read_as_the_careful_reader_reads_them(tmp_path, texts):
    mark = numbers.decimal_mark(texts)
    if mark in "?!":
        return
    wanted = [found.value if (found := numbers.read_number(text, mark)) else None for text in texts]
    typed = make_typed(tmp_path, "id,n\n" + "".join(f'{i},"{text}"\n' for i, text in enumerate(texts)),
                       Mapping("mrr_movement", {"movement_id": "id", "amount": "n"}, part=True))
    assert [value for _, value in facts_of(typed.parts[0], "row_number", "amount")] == sorted_by_row(wanted)
    assert typed.refused == wanted.count(None)


def sorted_by_row(values: list) -> list:
    """Values that were read, in the order in which rows sort as text."""
    return [value for _, value in sorted(((i, value) for i, value in enumerate(values, 2) if value is not None), key=str)]


def few_or_many(cells):
    """Columns of a few of these cells, and of dozens: what a file costs, its first cell costs."""
    return st.one_of(st.lists(cells, min_size=1, max_size=3), st.lists(cells, min_size=12, max_size=40))


day_texts = st.one_of(st.dates(date(1890, 1, 1), date(2110, 1, 1)).map(str), st.from_regex(r"20[0-9]{2}-[0-9]{2}-[0-9]{2}", fullmatch=True),
                      st.sampled_from(["2026-1-5", "31 Dec 2026", "2026/12/31", "2026-13-01", "x", "-026-01-01", "2026-10"]))


@settings(max_examples=20 if in_full() else 10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(few_or_many(day_texts))
def test_days_are_read_as_the_careful_reader_reads_them(tmp_path, texts):
    def careful(text):
        found = dates.written(text)
        return found.day if found and found.grain == "date" and 1900 <= found.day.year <= 2099 else None

    values, reasons = make_one(tmp_path, "date", *texts)
    wanted = [careful(text) for text in texts]
    assert values == sorted_by_row(wanted) and len(reasons) == wanted.count(None)


@settings(max_examples=20 if in_full() else 10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(few_or_many(st.text(st.characters(codec="utf-8", exclude_characters='\0\r\n"'), min_size=1, max_size=12)))
def test_texts_are_read_as_the_careful_reader_reads_them(tmp_path, texts):
    wanted = [cells.read(text, Way("text", Rule())) for text in texts]
    values, reasons = make_one(tmp_path, "text", *texts)
    refused = [fault for _, fault in wanted if fault]
    assert len(reasons) == len(refused)
    assert sorted(value for value in values if value is not None) == sorted(value for value, fault in wanted if value is not None and not fault)


# -- the same facts in another dialect

def write(rows: list[dict], dialect: dict) -> bytes:
    """The rows as a program with these habits would write them."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=dialect["delimiter"], quoting=csv.QUOTE_ALL if dialect["quoted"] else csv.QUOTE_MINIMAL, lineterminator=dialect["line"])
    names = {"id": "Ident", "account": "Konto", "start": "Beginn", "end": "Ende", "mrr": "Betrag", "trial": "Test"} if dialect["renamed"] else {}
    order = list(reversed(rows[0])) if dialect["reversed"] else list(rows[0])
    writer.writerow([names.get(name, name) for name in order])
    for row in rows:
        said = {"id": row["id"], "account": row["account"], "start": row["start"].strftime(dialect["date"]),
                "end": row["end"].strftime(dialect["date"]) if row["end"] else "",
                "mrr": f"{row['mrr']:.2f}".replace(".", dialect["decimal"]), "trial": dialect["flags"][row["trial"]]}
        writer.writerow([said[name] for name in order])
    return out.getvalue().encode(dialect["encoding"])


dialects = st.fixed_dictionaries({
    "delimiter": st.sampled_from(",;\t|"), "quoted": st.booleans(), "line": st.sampled_from(["\n", "\r\n"]), "renamed": st.booleans(),
    "reversed": st.booleans(), "date": st.sampled_from(["%Y-%m-%d", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d %b %Y"]),
    "decimal": st.sampled_from(".,"), "flags": st.sampled_from([{True: "TRUE", False: "FALSE"}, {True: "yes", False: "no"}, {True: "1", False: "0"}]),
    "encoding": st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"])})
subscription_rows = st.lists(st.fixed_dictionaries({
    "account": st.sampled_from(["Café", "Birch", "Müller & Co"]), "start": st.dates(date(2024, 1, 1), date(2025, 12, 31)),
    "end": st.one_of(st.none(), st.dates(date(2026, 1, 1), date(2026, 12, 31))), "mrr": st.integers(0, 10**7).map(lambda cents: cents / 100),
    "trial": st.booleans()}), min_size=1, max_size=8)


@settings(max_examples=24 if in_full() else 12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(subscription_rows, dialects, st.randoms())
def test_the_same_facts_in_another_dialect_and_order_give_the_same_rows(tmp_path, drawn, dialect, random):
    rows = [{"id": f"S{i}", **row} for i, row in enumerate(drawn)]
    # A 25th proves the order of the days, as it does in any real export.
    rows.append({"id": "proof", "account": "Birch", "start": date(2024, 1, 25), "end": None, "mrr": 0.5, "trial": False})
    shuffled = random.sample(rows, len(rows))
    columns = dict(SUBSCRIPTIONS.columns)
    if dialect["renamed"]:
        columns = dict(zip(columns, ("Ident", "Konto", "Beginn", "Ende", "Betrag", "Test")))
    typed = make_typed(tmp_path, write(shuffled, dialect), replace(SUBSCRIPTIONS, columns=columns))
    assert typed.refused == 0
    wanted = sorted(((r["id"], r["account"], r["start"], r["end"], r["mrr"], r["trial"]) for r in rows), key=str)
    assert facts_of(typed.parts[0], "subscription_id", "account_id", "started_on", "ended_on", "mrr", "trial") == wanted


# -- the child process

def test_the_work_is_done_in_a_child_with_limits(tmp_path, monkeypatch):
    monkeypatch.undo()
    table = make_table(tmp_path, "id,name,since\na,Arden,2026-01-01\nb,Birch,x\n")
    typed = typing.read(table, [ACCOUNTS])
    assert (typed.parts[0].kind, typed.parts[0].rows, typed.refused) == (KINDS["account"], 1, 1)
    typing.discard(typed)
    assert list(tmp_path.glob("*.parquet")) == [table.path] and not list(tmp_path.glob("*.spill"))


def test_a_child_that_is_stopped_leaves_nothing(tmp_path, monkeypatch):
    monkeypatch.undo()
    table = make_table(tmp_path, "id,name,since\na,Arden,2026-01-01\n")

    def stop():
        raise KeyboardInterrupt

    monkeypatch.setattr(reader, "LOOK_SECONDS", 0.01)
    with pytest.raises(KeyboardInterrupt):
        typing.read(table, [ACCOUNTS], UPLOAD, stop)
    assert list(tmp_path.glob("*.parquet")) == [table.path]


def test_plain_cells_are_typed_as_all_others(tmp_path):
    text = "id,account,start,end,mrr,trial\ns 1,a,2026-01-01,,10,no\ns2,,2026-02-01,,1.5,yes\ns3,c,31/01/2026,,x,no\ns4," + "n" * 201 + ",2026-01-01,,1,no\n"
    table = make_table(tmp_path, text, "export.csv")
    plain, looked_at = (typing.read(replace(table, plain=told), [SUBSCRIPTIONS]) for told in (True, False))
    assert plain.refused_rows() == looked_at.refused_rows() and plain.refused == 3
    assert facts_of(plain.parts[0], "subscription_id", "account_id", "mrr") == facts_of(looked_at.parts[0], "subscription_id", "account_id", "mrr")


# -- rows that are taken as they stand in the text

PLAIN = "id,account,start,end,mrr,trial\ns1,a,2026-01-01,,10,\ns2,b,2026-02-01 10:30,2026-03-01,1.5,\ns3,c,2026-02-01,,0,\n"


def make_standing(folder: Path, monkeypatch, text: str, *mappings: Mapping) -> typing.Typed:
    monkeypatch.setattr(typing_child, "STANDS_FROM", 1)
    return make_typed(folder, text, *mappings)


def as_the_store_reads(part: typing.Part) -> list[tuple]:
    return duckdb.execute(f"SELECT * FROM {Staged(part.path, part.reading).rows()} AS staged ORDER BY row_number", [str(part.path)]).fetchall()


def test_rows_in_their_plainest_form_are_not_written_again(tmp_path, monkeypatch):
    (standing,) = make_standing(tmp_path, monkeypatch, PLAIN, SUBSCRIPTIONS).parts
    (typed,) = make_typed(tmp_path, PLAIN.replace("2026-03-01", "1 Mar 2026"), SUBSCRIPTIONS).parts
    assert standing.reading and not typed.reading
    assert as_the_store_reads(standing) == as_the_store_reads(typed)
    assert [replace(one, path=Path(), reading=()) for one in (standing, typed)][0] == replace(typed, path=Path())


@pytest.mark.parametrize(("change", "mapping"), [
    (("2026-03-01", "31.03.2026"), {}), (("s2,b", "s1,b"), {}), (("s2,b", "s 2,\u00e9"), {}), (("2026-03-01", "2026-01-01"), {}), (("1.5", "-1"), {}),
    (("s2,b", "s2,"), {}), (("", ""), {"where": {"account": ("a",)}}), (("", ""), {"only_when": ("ended_on",)}), (("10,\n", "10,no\n"), {}),
])
def test_rows_that_have_to_be_read_judged_or_left_out_are_typed(tmp_path, monkeypatch, change, mapping):
    typed = make_standing(tmp_path, monkeypatch, PLAIN.replace(*change, 1), replace(SUBSCRIPTIONS, **mapping))
    assert not typed.parts[0].reading
    assert as_the_store_reads(typed.parts[0]) == as_the_store_reads(make_typed(tmp_path, PLAIN.replace(*change, 1), replace(SUBSCRIPTIONS, **mapping)).parts[0])


def test_a_moment_is_typed_since_it_depends_on_the_zone_of_who_reads_it(tmp_path, monkeypatch):
    mapping = Mapping("ticket", {"ticket_id": "id", "opened_at": "opened"})
    assert not make_standing(tmp_path, monkeypatch, "id,opened\nt1,2026-01-01 10:00:00\n", mapping).parts[0].reading


def test_text_that_stands_is_left_to_its_owner(tmp_path, monkeypatch):
    typed = make_standing(tmp_path, monkeypatch, PLAIN, SUBSCRIPTIONS)
    typing.discard(typed)
    assert typed.parts[0].path.exists() and not typed.refused_path.exists()


CELLS = st.tuples(st.sampled_from(["a", "b c", "", " d", "é", "x" * 201]), st.sampled_from(["2026-01-31", "2026-02-30", "2026-01-31T25:00", "31/01/2026", "0026-01-01", ""]),
                  st.sampled_from(["1", "2.5", "-3", "1,5", "007", "", "1e3"]))


@settings(max_examples=12 if in_full() else 6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(CELLS, min_size=1, max_size=6), st.sampled_from(["", "x-"]))
def test_what_stands_says_the_same_as_what_is_typed(tmp_path, monkeypatch, rows, prefix):
    text = "id,account,start,mrr,end,trial\n" + "".join(f's{n},{account},{start},"{mrr}",,\n' for n, (account, start, mrr) in enumerate(rows))
    mapping = replace(SUBSCRIPTIONS, part=True, rules={"account_id": Rule(prefix=prefix)} if prefix else {})
    found = []
    for least in (1, 1 << 40):
        monkeypatch.setattr(typing_child, "STANDS_FROM", least)
        typed = make_typed(tmp_path, text, mapping)
        found.append(([as_the_store_reads(part) for part in typed.parts], typed.refused_rows(), typed.questions))
    assert found[0] == found[1]

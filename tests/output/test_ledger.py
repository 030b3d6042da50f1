"""Ledgers as they are drawn and written: each mark where it belongs, every text escaped, files that hold the same figures."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from datetime import date

import openpyxl
import pytest

from scorecard.core import ledger as core
from scorecard.core.ledger import Ask, Deposit
from scorecard.output import ledger_marks, ledger_tables, ledger_twins, part_tables
from scorecard.output.ledger_tables import Ways
from scorecard.relations import ledger, readiness, trust
from scorecard.relations.ledger import Ledger, Line
from scorecard.relations.readiness import Beside, Moment
from scorecard.relations.trust import Promise, Recovery, Trust
from scorecard.store.ledger import Head
from tests.core.test_ledger import ASKED, GAVE

TODAY = date(2026, 11, 20)
HOSTILE = '<img src=x onerror=alert(1)> & "x"'
WAYS = Ways(lambda record: f"ledger?record={record}", lambda key: f"ledger?keep={key}", "ledger?view=entries")


def make_ledger(deposits: list[Deposit] = GAVE, asks: list[Ask] = ASKED, what: str = "") -> Ledger:
    """The ledger of the design, or another one; every name is `what` where it is given."""
    head = Head("A1", what or "Brightwater Foods", "Enterprise", "Jonas Kowal", None, 412_000.0, date(2027, 2, 28))
    lines = [Line(one.id, "deposit", one.on, what or one.id, "", what or "Jonas Kowal", "", 1.0, 2, None, (True, False, True), what) for one in deposits]
    lines += [Line(one.id, "ask", one.on, what or one.id, what, what or "Rana Amari", one.state, 1.0, outcome=what) for one in asks]
    return ledger._told(head, TODAY, lines, deposits, asks, None)


def ready_of(found: Ledger) -> list:
    known = Beside((Moment(date(2026, 10, 12), "training"),), (3, 0), ((date(2026, 10, 1), 48), (date(2026, 7, 1), 59)))
    return [readiness._ready(one, found, known) for one in found.planned]


def make_trust(what: str = "Promise") -> Trust:
    """A promise of each kind, and two things that went wrong."""
    kinds = ((core.KEPT, date(2026, 9, 30), ""), (core.LATE, date(2026, 10, 23), "before"), (core.BROKEN, None, "not"), (core.OVERDUE, None, ""), (core.OPEN, None, ""))
    own = [Promise(f"P{n}", "", what, what, what, date(2026, 9, 30), done, told, became) for n, (became, done, told) in enumerate(kinds)]
    return Trust(tuple(own), (Recovery("r1", what, date(2026, 3, 3), what, True, 1, 2, 4, ""), Recovery("r2", what, date(2026, 3, 3), "", False, None, None, None, "")))


def test_deposits_stand_above_the_line_and_asks_below_in_their_looks():
    found = make_ledger(what="")
    drawn = ledger_marks.timeline(found)
    picture = drawn.split('class="lg-line"')[1].split("</svg>")[0]
    circles = [float(y) for y in re.findall(r'<circle class="m-inkfill" cx="[\d.]+" cy="([\d.]+)"', picture)]
    diamonds = re.findall(r'<path class="(lg-ask[^"]*)" d="M[\d.]+ ([\d.]+)L', picture)
    assert all(y < ledger_marks.AXIS for y in circles) and all(float(top) >= ledger_marks.AXIS for _, top in diamonds)
    looks = [kind for kind, _ in diamonds]
    assert [looks.count(kind) for kind in ("lg-ask lg-full", "lg-ask", "lg-ask lg-bare", "lg-ask lg-planned")] == [3, 1, 1, 3]
    assert "no deposit before" in drawn and "ask with no deposit before it" in drawn


def test_many_entries_are_all_drawn_and_their_labels_never_leave_the_picture():
    many = [Deposit(f"Gift number {n:03}", date.fromordinal(date(2025, 11, 25).toordinal() + 3 * n)) for n in range(120)]
    picture = ledger_marks.timeline(make_ledger(many, [])).split('class="lg-line"')[1].split("</svg>")[0]
    assert picture.count("<circle") == 120
    assert all(0 <= float(x) <= ledger_marks.WIDTH for x in re.findall(r'<text [^>]*x="(-?[\d.]+)"', picture))


def test_the_balance_says_both_shares_and_that_no_customer_sees_it():
    drawn = ledger_marks.balance(make_ledger())
    assert "58 / 42" in drawn and "7 deposits, 5 asks: mutual." in drawn and ledger_marks.FOR_THE_TEAM in drawn
    assert "Nothing yet" in ledger_marks.balance(make_ledger([], []))


def test_the_checks_say_yes_wait_and_caution_in_words_and_why():
    found = make_ledger()
    drawn = ledger_tables.may_we_ask(ready_of(found), found)
    assert re.findall(r"<td><b>(Yes|Wait)</b></td>", drawn) == ["Yes", "Wait", "Wait"] and drawn.count("caution</span>") == 3
    assert "48, was 59 in July" in drawn and "can follow from 4 January" in drawn
    assert readiness.sentence(ready_of(found)).text == ("case study on 24 November is ready, with one caution: health fell 11 points in three months. Ask about that first.")


def test_what_was_not_kept_is_never_left_out_and_only_what_is_open_can_be_kept():
    many = Trust(tuple(replace(make_trust().promises[0], number=f"K{n}") for n in range(9)) + make_trust().promises[1:], ())
    drawn = ledger_tables.promises(many, WAYS)
    assert "late, told before" in drawn and "broken, not told" in drawn and "overdue" in drawn and "7 earlier promises, all kept." in drawn
    assert drawn.count("Keep it") == 3 and "Keep it" not in ledger_tables.promises(many, replace(WAYS, keep=None))


@pytest.mark.parametrize("part", ["timeline", "page", "second line"])
def test_names_that_look_like_markup_stay_text(part):
    found = make_ledger(what=HOSTILE)
    said = [ledger.balance_sentence(found), trust.sentence(make_trust(HOSTILE))]
    drawn = {"timeline": lambda: ledger_marks.reciprocity(found), "second line": lambda: "",
             "page": lambda: ledger_tables.page(found, ready_of(found), make_trust(HOSTILE), "", said, WAYS)}[part]()
    assert "<img" not in drawn


def test_the_files_hold_every_entry_check_and_promise_and_no_formula():
    found = make_ledger(what="=1+1")
    tables = ledger_twins.account(found, ready_of(found), make_trust("@x"))
    text = part_tables.csv(tables[0]).decode("utf-8-sig")
    assert text.count("'=1+1") and "\r\n=1" not in text and len(text.splitlines()) == 1 + len(found.lines)
    book = openpyxl.load_workbook(io.BytesIO(part_tables.workbook(tables, ledger_twins.MARK)))
    assert book.sheetnames == ["Entries", "Balance", "May we ask", "Promises", "When things went wrong"]
    assert all(cell.data_type != "f" for sheet in book for row in sheet.iter_rows() for cell in row)
    assert [row[1].value for row in book["Balance"].iter_rows(min_row=2, max_row=3)] == [7, 5]


def test_the_part_of_the_page_work_names_the_account_the_next_ask_and_the_way_to_the_ledger():
    found = make_ledger()
    drawn = ledger_marks.part(found, ledger_tables.second_line(found, "$"), readiness.sentence(ready_of(found)), "ledger?account=A1")
    assert "Reciprocity: Brightwater Foods" in drawn and "Enterprise · $412k, renews 28 Feb 2027" in drawn and 'href="ledger?account=A1"' in drawn
    assert "is ready, with one caution:" in drawn and "58 / 42" in drawn


def test_the_menu_names_every_table_of_the_files_in_their_order():
    assert [one.title for one in ledger_twins.account(make_ledger(), (), make_trust())] == list(ledger_twins.ACCOUNT)

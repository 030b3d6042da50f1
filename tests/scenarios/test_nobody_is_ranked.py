"""Nobody is ranked: every table, export and answer of the sample company, in every role, keeps its order of people whatever their results."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import date
from html.parser import HTMLParser

import openpyxl
import pytest
from streamlit.testing.v1 import AppTest

from scorecard import metrics, places
from scorecard.access import Actor
from scorecard.core import names
from scorecard.output import twins
from scorecard.ui import block, part_menu, state
from tests import stores
from tests.menus import with_open_menus
from tests.pages.conftest import SHELL, close_stores_in

TODAY = date(2026, 11, 23)
LEADER = Actor("rana-amari", "Rana Amari", "leader", "larkfield-customer-success")
ROLES = {"leader": "rana-amari", "member": "mei-lin", "analyst": "test-analyst", "viewer": "test-viewer", "admin": "test-admin"}
CSMS = ("Tolu Adeyemi", "Petra Berg", "Camila Duarte", "Elias Haddad", "Jonas Kowal", "Mei Lin", "Amara Osei", "Hana Patel", "Luc Renard", "Marta Ruiz", "Kenji Sato", "Ines Vidal")
# Shares kept that follow no alphabet, of names or of last names, up or down; then the same shares dealt out otherwise.
DRAWN = (0.81, 0.93, 0.76, 0.88, 0.97, 0.71, 0.90, 0.84, 0.79, 0.95, 0.74, 0.86)
DEALT = (*DRAWN[5:], *DRAWN[:5])
PAGES = tuple(name for name in block.PAGES if name not in ("answer", "start", "log", "marks"))
ABOUT_PEOPLE = {role: ("people", "leadership") if role == "leader" else ("people",) for role in ROLES}


PEOPLE_HEADS = ("name", "person")


class _Rows(HTMLParser):
    """The first cell of each row of each table, and the items of each list."""

    def __init__(self) -> None:
        super().__init__()
        self.tables: list[list[str]] = []
        self._open: list[list[str]] = []
        self._cells = 0
        self._reading = False

    def handle_starttag(self, tag: str, attrs: list) -> None:
        if tag in ("table", "ul", "ol", "svg"):
            self._open.append([])
        if tag in ("tr", "li", "g") and self._open:
            self._open[-1].append("")
            self._cells = 0
        if tag in ("td", "th"):
            self._cells += 1
        self._reading = bool(self._open and self._open[-1]) and self._cells < 2

    def handle_endtag(self, tag: str) -> None:
        if tag in ("table", "ul", "ol", "svg") and self._open:
            self.tables.append(self._open.pop())

    def handle_data(self, data: str) -> None:
        if self._reading and self._open and self._open[-1]:
            self._open[-1][-1] += data


def named(cell: str) -> str:
    """The CSM whose name begins the text, else nothing."""
    return next((name for name in CSMS if cell.strip().startswith(name)), "")


def of_people(heads: Sequence[str]) -> list[str]:
    """The people in the order in which they head rows; nothing where fewer than three do, or other rows stand between them."""
    found = [name for cell in heads if (name := named(cell))]
    return list(dict.fromkeys(found)) if len(set(found)) > 2 else []


def in_html(text: str) -> Iterator[list[str]]:
    parser = _Rows()
    parser.feed(text)
    yield from filter(None, map(of_people, parser.tables))


def in_file(ending: str, content: bytes) -> Iterator[list[str]]:
    """The orders of people in an export: in each column that says of whom the row is. An owner is of no order: the row is a plan's, an action's."""
    if ending.endswith(".csv"):
        sheets = [list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))]
    else:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True)
        sheets = [[[str(cell or "") for cell in row] for row in sheet.iter_rows(values_only=True)] for sheet in book]
    for rows in sheets:
        for head, *column in zip(*(row for row in rows if len(row) == len(rows[0])), strict=True):
            yield from filter(None, [of_people(column)] if head.casefold() in PEOPLE_HEADS else [])


def alphabetical(order: Sequence[str]) -> bool:
    """Whether the order is that of last names, or of names."""
    return list(order) in (sorted(order, key=lambda one: names.order(names.sort_name(one))), sorted(order, key=names.order))


@pytest.fixture(scope="module")
def folder(tmp_path_factory, company):
    folder = stores.copied(company, tmp_path_factory.mktemp("ranked") / "files")
    stores.add_roles(folder)
    yield folder
    close_stores_in(folder)


class Look:
    """What one person sees and takes along of some pages: the orders of people in it, by where they were found."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.found: dict[str, list[list[str]]] = {}
        self.text: dict[str, str] = {}
        self.page = ""
        monkeypatch.setattr(block, "draw", lambda content, key: self._drawn(content, key))
        monkeypatch.setattr(part_menu, "files", lambda name, offered: [self._file(one) for one in offered])

    def _drawn(self, content: str, key: str) -> None:
        self.text[f"{self.page} {key}"] = content
        self._note(f"{self.page} {key}", in_html(content))

    def _file(self, one: part_menu.File) -> None:
        if one.ending.endswith(".csv") or one.ending.endswith(".xlsx") and self.page in ABOUT_PEOPLE["leader"]:
            self._note(f"{self.page} {one.ending}", in_file(one.ending, one.build()))

    def _note(self, where: str, orders: Iterator[list[str]]) -> None:
        found = list(orders)
        if found:
            self.found[where] = found

    def at(self, person: str, pages: Sequence[str]) -> dict[str, list[list[str]]]:
        self.found, self.text = {}, {}
        run = with_open_menus(AppTest.from_file(str(SHELL), default_timeout=60))
        run.session_state[state.PERSON] = person
        for self.page in pages:
            run.switch_page(str(places.ROOT / "pages" / f"{self.page}.py")).run()
            assert not run.exception, (person, self.page)
        return self.found


@pytest.fixture
def look(folder, monkeypatch) -> Look:
    monkeypatch.setenv(places.STATE, str(folder / "state.duckdb"))
    monkeypatch.setenv(places.FACTS, str(folder / "facts.duckdb"))
    return Look(monkeypatch)


def deal(shares: Sequence[float]) -> None:
    """Nothing; every counted figure of each CSM is this share of its cases now."""
    which = " ".join(f"WHEN '{name}' THEN {share}" for name, share in zip(CSMS, shares, strict=True))
    state.store().write(lambda tx: tx.run(f"UPDATE figure SET numerator = FLOOR(denominator * CASE csm {which} END), value = NULL "
                                          "WHERE csm <> '' AND numerator <= denominator AND denominator > 0"), "test")


def test_the_shares_that_are_dealt_out_follow_no_alphabet():
    for shares in (DRAWN, DEALT):
        by_result = [name for _, name in sorted(zip(shares, CSMS, strict=True))]
        assert not alphabetical(by_result) and not alphabetical(by_result[::-1])


def test_no_table_and_no_export_orders_people_by_a_result_in_any_role(look):
    orders, said = {DRAWN: {}, DEALT: {}}, {}
    for shares, found in orders.items():
        deal(shares)
        for role, person in ROLES.items():
            found[role] = look.at(person, ABOUT_PEOPLE[role])
            said[role] = "".join(text for where, text in look.text.items() if "context" in where)
    assert orders[DRAWN] == orders[DEALT]
    for role, found in orders[DRAWN].items():
        assert [(role, where, one) for where, many in found.items() for one in many if not alphabetical(one)] == []
    told = orders[DRAWN]["leader"]
    assert [list(CSMS)] in told.values() and any(where.endswith("people in context") for where in told) and any(".xlsx" in where for where in told)
    assert not any(where.startswith("people") and "context" in where for role in ("member", "analyst", "viewer", "admin") for where in orders[DRAWN][role])
    # Who may not see a row finds no name beside a figure; a member finds their own.
    assert {role: {name for name in CSMS if name in text} for role, text in said.items()} == {"leader": set(CSMS), "member": {"Mei Lin"}, "analyst": set(), "viewer": set(), "admin": set()}


def test_on_every_page_the_rows_of_people_are_in_alphabetical_order(look):
    found = look.at(ROLES["leader"], PAGES)
    assert [(where, one) for where, many in found.items() for one in many if not alphabetical(one)] == []


def test_answers_of_the_commands_and_the_api_have_no_order_by_result(look):
    store = state.store()
    orders = []
    for shares in (DRAWN, DEALT):
        deal(shares)
        rows = metrics.figures(store, LEADER, "contact_schedule_kept", "csm", None, None, TODAY)["rows"]
        orders.append(list(dict.fromkeys(row["csm"] for row in rows)))
        view = metrics.measure_view(store, "contact_schedule_kept", None, "", TODAY)
        answers = (twins.json_text(twins.measure_json(view)), twins.measure_csv(view), twins.json_text(twins.scorecard_json(metrics.scorecard_view(store, "customer-success", None, "", TODAY))))
        for text in answers:
            assert not re.search("|".join(f'"(csm|name|segment)": "{name}"' for name in CSMS), text)
    assert orders[0] == orders[1] and alphabetical(orders[0]) and len(orders[0]) == 12
    assert json.loads(answers[0])["segments"]


def test_a_ranking_would_be_found():
    rows = "".join(f"<tr><th>{name}</th><td>1</td></tr>" for name in ("Mei Lin", "Kenji Sato", "Tolu Adeyemi"))
    assert [alphabetical(one) for one in in_html(f"<table>{rows}</table>")] == [False]
    assert [alphabetical(one) for one in in_file(".csv", "a,name\n1,Mei Lin\n2,Kenji Sato\n3,Tolu Adeyemi\n".encode())] == [False]
    with suppress(StopIteration):
        assert next(in_html("<ul><li>Mei Lin</li><li>Kenji Sato</li><li>Tolu Adeyemi</li></ul>")) == ["Mei Lin", "Kenji Sato", "Tolu Adeyemi"]

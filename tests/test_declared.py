"""Every page and every route says who may come, in its first lines; without it the build fails."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from scorecard import access, places, ways, web
from scorecard.ui import block

FILES = sorted((places.ROOT / "pages").glob("*.py"))
GUESTS = {"answer"}  # asks for a personal link instead of a role


def first_line(path: Path) -> ast.stmt | None:
    """What a page does first, after its docstring and its imports."""
    body = ast.parse(path.read_text("utf-8")).body[1:]
    return next((line for line in body if not isinstance(line, ast.Import | ast.ImportFrom)), None)


def declared(path: Path) -> str:
    """The action of `page = state.page("…")`, "guests" for `state.guests()`, or "" when the first line is something else."""
    line = first_line(path)
    call = getattr(line, "value", None)
    if not isinstance(call, ast.Call):
        return ""
    if ast.unparse(call) == "state.guests()" and isinstance(line, ast.Expr):
        return "guests"
    named = call.args[0].value if call.args and isinstance(call.args[0], ast.Constant) else ""
    ours = isinstance(line, ast.Assign) and ast.unparse(line.targets[0]) == "page" and ast.unparse(call.func) == "state.page"
    return named if ours and isinstance(named, str) else ""


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_page_names_in_its_first_line_what_one_has_to_be_allowed_to_see_it(path):
    said = declared(path)
    assert said in access.ACTIONS or (said == "guests") is (path.stem in GUESTS) is True, (
        f'pages/{path.name}: begin with `page = state.page("read_scorecard")`, or with another action of access.ACTIONS.')


@pytest.mark.parametrize("text", [
    '"""A page."""\nimport streamlit as st\nst.title("A")\npage = state.page("read_scorecard")\n',
    '"""A page."""\nfrom scorecard.ui import state\nrows = state.store()\npage = state.page("read_scorecard")\n',
    '"""A page."""\npage = state.page("read_everything")\n',
    '"""A page."""\npage = state.page(ACTION)\n',
    '"""A page."""\nstate.page("read_scorecard")\n',
    '"""A page."""\npage = other.page("read_scorecard")\n',
    '"""A page."""\n',
])  # fmt: skip
def test_a_page_that_names_it_later_or_not_at_all_is_found(tmp_path, text):
    (tmp_path / "new.py").write_text(text, "utf-8")
    assert declared(tmp_path / "new.py") not in access.ACTIONS


def test_every_page_is_known_to_the_frame_and_no_other():
    assert {path.stem for path in FILES} == {*block.PAGES, "start"} and len(block.PAGES) == len(set(block.PAGES))


def test_every_page_stands_in_the_frame():
    shell = (places.ROOT / "scorecard" / "ui" / "shell.py").read_text("utf-8")
    assert set(re.findall(r'_page\("(\w+)"', shell)) == {*block.PAGES, "start"}


# ---- routes


def test_every_route_has_declared_what_it_asks_for():
    for route in web.ROUTES:
        assert isinstance(route, ways.Way), f"{route.path}: write it as way(path, work, asks) in web.py."
        assert route.asks in access.ACTIONS or route.asks in ways.KEYS


@pytest.mark.parametrize("asks", ["", "read_everything", None])
def test_a_route_that_asks_for_nothing_known_stops_the_start(asks):
    with pytest.raises(ValueError, match="asks for"):
        web.way("/new", lambda request: None, asks)


def test_the_server_has_no_route_beside_those_that_declare():
    """A route that is written into app.py, or mounted elsewhere, would be outside of the one function that authorises."""
    for path in (places.ROOT / "app.py", *(places.ROOT / "scorecard").glob("**/*.py")):
        if path.name == "ways.py":
            continue
        called = {node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
                  for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)}
        assert not called & {"Route", "Mount", "WebSocketRoute", "add_route", "add_websocket_route", "mount"}, f"{path}: declare it with web.way."
    assert "routes=web.ROUTES" in (places.ROOT / "app.py").read_text("utf-8")

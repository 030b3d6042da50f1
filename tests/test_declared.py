"""Every page and every route says who may come, in its first lines; without it the build fails."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from scorecard import access, places, ways, web
from scorecard.ui import block
from tests import asking

FILES = sorted((places.ROOT / "pages").glob("*.py"))
GUESTS = {"answer"}  # asks for a personal link instead of a role
# Of what is kept for everybody, what is no part of the question, and why that changes nothing.
LEFT_OUT = {
    ("maturity_results._results", "_actor"): "whoever calls has asked whether this person may see the cycle, and it is the same for all who may",
    ("maturity_results._shown", "_actor"): "the same, and of the actor only what the role may, which is part of the question",
    ("maturity_results._practices", "_actor"): "the same",
    ("register_board._labels", "_found"): "the entries that the question names with their versions",
}
# What knows who is looking; without it people's own rows are refused to whoever reads them.
LOOKING = re.compile(r"\b(?:st|gate|own_reads|mode)\.|(?<!\.)\bpage\b|\bstate\.(?!house\(|period_of\()")


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
    listed = (places.ROOT / "scorecard" / "ui" / "sitemap.py").read_text("utf-8")
    assert set(re.findall(r'_page\("(\w+)"', listed)) == {*block.PAGES, "start"}


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
        found = re.search(r"\b(Route|Mount|WebSocketRoute|add_route|add_websocket_route|mount)\(", path.read_text("utf-8"))
        assert not found or path.name == "ways.py", f"{path}: declare it with web.way."
    assert "routes=web.ROUTES" in (places.ROOT / "app.py").read_text("utf-8")


# ---- where the work is done

# What writes without asking who may, and whose callers do not ask either, each with its reason.
UNASKED = {
    "scorecard.delivery._try": "the server sends what was asked for when the message was planned",
    "scorecard.larkfield.maturity.On.write": "the store itself, while the sample is loaded",
    "scorecard.maturity.cycles.record_file": "the first start",
    "scorecard.organisation.first_start": "the first start",
    "scorecard.packs.tidy": "files and jobs whose day is over",
    "scorecard.sharing.count": "how often a link was opened",
    "scorecard.signin.links.enter": "a personal sign-in link is what is asked for",
    "scorecard.signin.sessions._note": "when a person was last here, and that a session is over by itself",
    "scorecard.signin.sessions.begin": "a session begins for who has signed in",
    "scorecard.signin.sessions.sweep": "sessions that are long over",
    "scorecard.ui.forms.Once.write": "the store itself, for a form",
    "scorecard.worker.Worker._beat": "jobs, which were asked for",
    "scorecard.worker.Worker._claim": "jobs, which were asked for",
    "scorecard.worker.Worker._end": "jobs, which were asked for",
    "scorecard.worker.Worker._take_up": "jobs, which were asked for",
}


def unasked(code: asking.Code) -> set[str]:
    """Every function that writes and does not ask, and that somebody calls who does not ask either."""
    asks = code.asking()

    def asked(name: str, below: tuple[str, ...] = ()) -> bool:
        callers = code.callers.get(name, set()) - {name, *below}
        return name in asks or bool(callers) and all(asked(one, (*below, name)) for one in callers)

    return {name for name in code.writing() if not asked(name)}


def test_whatever_changes_the_store_asks_who_may_or_is_called_by_what_has_asked():
    found = unasked(asking.read())
    assert found <= set(UNASKED), f"{sorted(found - set(UNASKED))[0]} writes, and nobody asks who may: call access.require first."
    assert set(UNASKED) <= found, f"{sorted(set(UNASKED) - found)[0]} asks now, or is gone: take it out of UNASKED."


def test_a_command_that_asks_nobody_is_found(tmp_path):
    write = "\ndef change(store, actor):\n    {}\n    return store.write(lambda tx: None, actor.name)\n"
    begins = {"asks": "access.require(actor, 'decide')", "hands": "_check(actor)", "forgets": "pass", "other": "names.require(actor)"}
    for name, first in begins.items():
        text = "from scorecard import access\nfrom scorecard.core import names\n" + write.format(first) + "\ndef _check(actor):\n    access.require(actor, 'decide')\n"
        (tmp_path / f"{name}.py").write_text(text, "utf-8")
    (tmp_path / "page.py").write_text("from scorecard import forgets\n\ndef click(store, actor):\n    forgets.change(store, actor)\n", "utf-8")
    assert unasked(asking.read(tmp_path)) == {"scorecard.forgets.change", "scorecard.other.change"}


def kept_for_all(tree: ast.Module) -> list[ast.FunctionDef]:
    """The functions of a module whose values are kept for everybody."""
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and any(ast.unparse(one).startswith("kept(") for one in node.decorator_list)]


def of_somebody(module: str, node: ast.FunctionDef) -> str:
    """Why what a function returns may be one person's, and is kept for others; "" when it is not."""
    left = [one.arg for one in node.args.args if one.arg.startswith("_") and (f"{module}.{node.name}", one.arg) not in LEFT_OUT]
    seen = LOOKING.search("\n".join(map(ast.unparse, node.body)))
    return left[0] if left else seen[0] if seen else ""


def test_what_is_kept_for_everybody_knows_nobody_who_looks():
    found = {path.stem: kept_for_all(ast.parse(path.read_text("utf-8"))) for path in sorted((places.ROOT / "scorecard" / "ui").glob("*.py"))}
    assert sum(map(len, found.values())) > 70
    assert {f"{module}.{node.name}": why for module, nodes in found.items() for node in nodes if (why := of_somebody(module, node))} == {}
    assert set(LEFT_OUT) == {(f"{module}.{node.name}", one.arg) for module, nodes in found.items() for node in nodes for one in node.args.args if one.arg.startswith("_")}


@pytest.mark.parametrize("text", [
    "def f(store, _actor): return read(store, _actor)", "def f(store): return st.session_state['a']", "def f(store): return state.actor(store)",
    "def f(store, page): return page.actor.name", "def f(store): return read(store, gate.who(store))",
])  # fmt: skip
def test_what_is_one_persons_and_kept_for_everybody_is_found(text):
    (node,) = kept_for_all(ast.parse(f"@kept(8)\n{text}"))
    assert of_somebody("new", node)

"""Every command that changes something writes its row in the audit, in the same transaction: read in the code, and watched in the tests of commands."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import pytest

from scorecard.store.engine import Store
from tests import audited
from tests.test_layers import ROOT, module_of, sources, tree

SQL = re.compile(r"\s*(INSERT|UPDATE|DELETE)\b")
Place = tuple[str, str]


@cache
def files() -> dict[str, str]:
    """The file of each module in which something is written to a store, or handed a transaction."""
    return {module_of(file): file for file in sources() if file.endswith("__init__.py") or re.search(r"\btx\b|\bstate\b.*audit|store\.write\(", (ROOT / file).read_text("utf-8"))}


@cache
def functions() -> dict[Place, ast.AST]:
    """Every function of the product by its module and the names around it."""
    found: dict[Place, ast.AST] = {}

    def look(module: str, node: ast.AST, names: tuple[str, ...]) -> None:
        for child in ast.iter_child_nodes(node):
            inner = (*names, child.name) if isinstance(child, (ast.FunctionDef, ast.ClassDef)) else names
            if isinstance(child, ast.FunctionDef):
                found[module, ".".join(inner)] = child
            look(module, child, inner)

    for module, file in files().items():
        look(module, tree(file), ())
    return found


@cache
def imported(module: str) -> dict[str, tuple[str, str]]:
    """What a module calls by a name of its own: (module, "") for a module, (module, function) for a function."""
    modules = files()
    found = {}
    for node in tree(modules[module]).body if module in modules else ():
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                found[alias.asname or alias.name] = (whole, "") if whole in modules else (node.module, alias.name)
    return found


@cache
def meant(module: str, inside: str, name: str) -> Place | None:
    """The function that a name means where it stands."""
    around = inside.split(".") if inside else []
    for depth in range(len(around), -1, -1):
        place = (module, ".".join((*around[:depth], name)))
        if place in functions():
            return place
    there, original = imported(module).get(name, ("", ""))
    return meant(there, "", original) if original else None


@cache
def methods() -> dict[Place, list[Place]]:
    """The methods of each module by their name alone."""
    found: dict[Place, list[Place]] = {}
    for module, inside in functions():
        outer, _, name = inside.rpartition(".")
        if outer:
            found.setdefault((module, name), []).append((module, inside))
    return found


@dataclass(frozen=True)
class Code:
    """What a piece of code does itself: whether it writes a row in the audit, changes rows by SQL, and what it comes to."""

    audits: bool
    changes: bool
    calls: frozenset[Place]


def read(module: str, inside: str, node: ast.AST) -> Code:
    """What stands in a piece of code, functions that are handed on among it."""
    audits, changes, calls = False, False, set()
    for one in ast.walk(node):
        if isinstance(one, ast.Name):
            calls.add(meant(module, inside, one.id))
        elif isinstance(one, ast.Attribute):
            there, original = imported(module).get(one.value.id, ("", "")) if isinstance(one.value, ast.Name) else ("", "")
            calls.add(meant(there, "", one.attr) if there and not original else None)
            calls.update(methods().get((module, one.attr), ()))
        elif isinstance(one, ast.Call) and isinstance(one.func, ast.Attribute):
            audits = audits or one.func.attr == "audit" and len(one.args) >= 2
            changes = changes or one.func.attr in ("run", "many", "one", "all") and bool(one.args) and any(
                isinstance(text, ast.Constant) and isinstance(text.value, str) and SQL.match(text.value) for text in ast.walk(one.args[0]))
    return Code(audits, changes, frozenset(calls - {None}))


@cache
def known(place: Place) -> Code:
    """What a function does itself."""
    return read(*place, functions()[place])


def reached(code: Code) -> list[Code]:
    """The piece of code and every function that it comes to."""
    found, todo, seen = [], [code], set()
    while todo:
        found.append(here := todo.pop())
        todo += [known(place) for place in here.calls - seen]
        seen |= here.calls
    return found


def writes() -> Iterator[tuple[str, str, ast.AST]]:
    """(module, function, work) of every write to a store, each once, in the outermost function around it."""
    seen = set()
    for (module, inside), node in functions().items():
        for one in ast.walk(node):
            if isinstance(one, ast.Call) and isinstance(one.func, ast.Attribute) and one.func.attr in ("write", "_note") and one.args and one not in seen:
                work = one.args[0]
                place = meant(module, inside, work.id) if isinstance(work, ast.Name) else None
                if place or isinstance(work, ast.Lambda):
                    seen.add(one)
                    yield module, inside, functions()[place] if place else work.body


def test_every_write_comes_to_a_row_in_the_audit_or_has_its_reason():
    found = [(f"{module} {inside}", reached(read(module, inside, work))) for module, inside, work in writes()]
    assert len(found) > 140, "The writes of the product are written down in another way: this test does not see them any more."
    silent = {name for name, code in found if any(one.changes for one in code) and not any(one.audits for one in code)}
    assert silent - set(audited.WITHOUT) == set()


def test_each_reason_is_for_a_write_that_is_there():
    there = {f"{module} {inside}" for module, inside in functions()}
    assert {name for name in audited.WITHOUT if name.partition(" ")[0] in files()} <= there and all(len(reason) > 10 for reason in audited.WITHOUT.values())


def test_a_write_without_a_row_fails_wherever_a_test_comes_to_it(store, monkeypatch):
    def work(tx):
        tx.run("INSERT INTO team VALUES ('a', 'A', 0)")

    monkeypatch.setattr(audited, "name_of", lambda work: "scorecard.organisation save_team")
    with pytest.raises(AssertionError, match="save_team changes the store without a row in the audit"):
        store.write(work, "Rana Amari")
    with store.read() as tx:
        assert tx.one("SELECT COUNT(*) FROM team") == (0,)
    assert Store._commit.__qualname__.startswith("watch")


def test_the_work_of_a_write_is_known_by_the_function_around_it():
    from scorecard import organisation

    inner = next(code for code in organisation.seen.__code__.co_consts if hasattr(code, "co_code"))
    assert audited.name_of(lambda: None) == "" and audited.name_of(print) == ""
    assert audited.name_of(type("Work", (), {"__code__": inner})) == "scorecard.organisation seen"

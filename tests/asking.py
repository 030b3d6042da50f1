"""Who asks whether somebody may, read from the code: which function calls which, by name, through all modules of the product."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from pathlib import Path

from scorecard import places

BELOW = ("core", "intake", "output", "store")  # what asks nobody: it is called by what has asked
ASKING = frozenset({"scorecard.access.require", "scorecard.access.may"})


@dataclass
class Code:
    """The functions of the product by their full names, what each calls, and who calls it."""

    functions: dict[str, ast.FunctionDef] = field(default_factory=dict)
    calls: dict[str, set[str]] = field(default_factory=dict)
    callers: dict[str, set[str]] = field(default_factory=dict)

    def asking(self) -> set[str]:
        """Every function that asks the table of roles, itself or through another that it calls."""
        found = set(ASKING)
        while fresh := {name for name, called in self.calls.items() if name not in found and called & found}:
            found |= fresh
        return found

    def writing(self) -> set[str]:
        """Every function that opens a transaction which writes."""
        return {name for name, node in self.functions.items() if any(map(_is_write, ast.walk(node)))}


def _is_write(node: ast.AST) -> bool:
    return (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "write"
            and "store" in ast.unparse(node.func.value).lower())


def read(folder: Path = places.ROOT / "scorecard") -> Code:
    """The code of the product above the store, without running it."""
    code, names = Code(), {}
    for path in sorted(folder.rglob("*.py")):
        if path.relative_to(folder).parts[0] in BELOW:
            continue
        module = ".".join(("scorecard", *path.relative_to(folder).with_suffix("").parts)).removesuffix(".__init__")
        tree = ast.parse(path.read_text("utf-8"))
        names[module] = {alias.asname or alias.name: f"{node.module}.{alias.name}" for node in tree.body if isinstance(node, ast.ImportFrom) for alias in node.names}
        for name, node in _functions(tree):
            names[module].setdefault(name, f"{module}.{name}")
            code.functions[f"{module}.{name}"] = node
            code.calls[f"{module}.{name}"] = {module}
    for name, node in code.functions.items():
        (module,) = code.calls[name]
        found = {_called(one, names[module]) for one in ast.walk(node)} - {""}
        code.calls[name] = {_whole(one, code, names) for one in found}
        for called in code.calls[name]:
            code.callers.setdefault(called, set()).add(name)
    return code


def _whole(name: str, code: Code, names: dict[str, dict[str, str]]) -> str:
    """The name where a function is written, of one that a package hands on."""
    package, _, last = name.rpartition(".")
    beyond = "" if name in code.functions else names.get(package, {}).get(last, "")
    return _whole(beyond, code, names) if beyond and beyond != name else name


def _functions(tree: ast.Module) -> list[tuple[str, ast.FunctionDef]]:
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    own = [(node.name, node) for node in tree.body if isinstance(node, kinds)]
    return own + [(f"{kind.name}.{node.name}", node) for kind in tree.body if isinstance(kind, ast.ClassDef) for node in kind.body if isinstance(node, kinds)]


def _called(node: ast.AST, own: dict[str, str]) -> str:
    """The full name of what a call, or a function that is handed on, names; "" for everything else."""
    if isinstance(node, ast.Name):
        return own.get(node.id, "")
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in own:
        return f"{own[node.value.id]}.{node.attr}"
    return ""

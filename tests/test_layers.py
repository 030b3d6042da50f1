"""The shape of the code: which way imports go, who may touch what, how long a page is."""

from __future__ import annotations

import ast
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

# From the top down: a layer may import itself and everything below it, never what stands above.
LAYERS: tuple[tuple[str, frozenset[str]], ...] = (
    ("edges", frozenset({"app", "pages", "scorecard.cli", "scorecard.web", "scorecard.entering", "scorecard.monitoring", "scorecard.shared", "scorecard.ways", "scorecard.delivery", "scorecard.worker", "scorecard.upkeep", "scorecard.commands",
                         "scorecard.__main__"})),
    ("ui", frozenset({"scorecard.ui"})),
    ("output", frozenset({"scorecard.output", "scorecard.packs"})),
    ("sample", frozenset({"scorecard.sample", "scorecard.larkfield"})),
    ("reviews", frozenset({"scorecard.reviews", "scorecard.maturity", "scorecard.digest"})),
    ("product", frozenset({"scorecard.loading", "scorecard.loading_facts", "scorecard.loading_facts", "scorecard.exports", "scorecard.jobs",
                           "scorecard.arrivals", "scorecard.auditing", "scorecard.backups", "scorecard.handover", "scorecard.moves", "scorecard.warehouses", "scorecard.unattended", "scorecard.sources", "scorecard.signin", "scorecard.sharing", "scorecard.metrics", "scorecard.measures",
                           "scorecard.organisation", "scorecard.health", "scorecard.sensory", "scorecard.improvement", "scorecard.leadership", "scorecard.planning", "scorecard.people", "scorecard.work", "scorecard.relations"})),
    ("records", frozenset({"scorecard.actions", "scorecard.drafts", "scorecard.diary", "scorecard.plan_links", "scorecard.projects", "scorecard.registers", "scorecard.looking", "scorecard.worth"})),
    ("access", frozenset({"scorecard.access", "scorecard.whose"})),
    ("store", frozenset({"scorecard.store", "scorecard.intake", "scorecard.watch", "scorecard.logs", "scorecard.memory"})),
    ("core", frozenset({"scorecard.core"})),
    ("errors", frozenset({"scorecard.errors"})),
)
ORDER = [name for name, _ in LAYERS]
EDGES_AND_UI = frozenset({"edges", "ui"})
OWN_PLACE = {"scorecard", "scorecard.places"}  # the bare package; the places of the files, for edges only

SYSTEMS = {f"scorecard.{name}" for name in (
    "sensory", "planning", "people", "work", "metrics", "improvement", "leadership",
    "trust", "reciprocity", "sponsors", "advocacy")}
ALLOWED_IN = {
    "streamlit": ("app.py", "pages/", "scorecard/ui/", "scorecard/web.py", "scorecard/ways.py"),
    "plotly": ("scorecard/output/charts.py",),
    # In intake it is the reader of files: of CSV and staged text, and of another's database, each in a child process.
    "duckdb": ("scorecard/store/", "scorecard/intake/bulk.py", "scorecard/intake/casts.py", "scorecard/intake/typing_child.py", "scorecard/intake/native.py", "scorecard/intake/counted.py",
               "scorecard/intake/warehouse_child.py"),
    "psycopg": ("scorecard/store/",),
    "click": ("scorecard/cli/", "scorecard/__main__.py"),
    "rich": ("scorecard/cli/",),
    "typst": ("scorecard/output/pdf_child.py",),
    "pptx": ("scorecard/output/slides.py", "scorecard/output/slide_charts.py"),
    "xlsxwriter": ("scorecard/output/workbook.py", "scorecard/output/sheets.py", "scorecard/output/maturity_book.py", "scorecard/output/part_tables.py"),
}
CLOCK = {"now", "utcnow", "today", "time", "localtime", "gmtime", "ctime"}
CLOCK_OWNERS = {"datetime", "date", "time"}
CLOCK_PLACES = ("app.py", "pages/", "scorecard/cli/", "scorecard/web.py", "scorecard/commands.py", "scorecard/ui/",
                "scorecard/store/")
ENVIRONMENT_PLACES = ("app.py", "scorecard/places.py", "scorecard/cli/", "scorecard/web.py", "scorecard/ui/",
                      "scorecard/store/", "scorecard/intake/")
IMPURE = {"os", "pathlib", "io", "socket", "subprocess", "tempfile", "shutil", "urllib", "http", "requests", "httpx",
          "sqlite3", "logging", "threading", "time"}
EMPTY_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "tools", "base", "manager", "lib"}
LONGEST_PAGE = 150
LONGEST_FUNCTION = 60
# The edges of the process and of its worker: a fault is logged, and said with its id.
LAST_RESORT = ("scorecard/web.py", "scorecard/worker.py", "scorecard/upkeep.py")
SCRIPTS = {"scorecard/ui/shell.py"}  # Streamlit runs it from top to bottom, as it does the pages


@dataclass(frozen=True)
class Line:
    """One import, or one call, and where it stands."""

    file: str
    number: int
    name: str

    def __str__(self) -> str:
        return f"{self.file}:{self.number}"


@cache
def sources() -> tuple[str, ...]:
    found = [ROOT / "app.py", *ROOT.glob("pages/*.py"), *ROOT.glob("scorecard/**/*.py")]
    return tuple(sorted(str(path.relative_to(ROOT)) for path in found if path.exists()))


@cache
def tree(file: str) -> ast.Module:
    return ast.parse((ROOT / file).read_text("utf-8"), file)


def module_of(file: str) -> str:
    return file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def layer_of(module: str) -> str | None:
    for name, members in LAYERS:
        if any(module == member or module.startswith(f"{member}.") for member in members):
            return name
    return None


@cache
def nodes(file: str) -> tuple[ast.AST, ...]:
    """Every node of a file: to walk them anew costs each test a second."""
    return tuple(ast.walk(tree(file)))


@cache
def imports(file: str) -> tuple[Line, ...]:
    found = []
    for node in nodes(file):
        if isinstance(node, ast.Import):
            found += [Line(file, node.lineno, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}:{node.lineno}: write the import in full, from scorecard on."
            found += [Line(file, node.lineno, target(node.module or "", alias.name)) for alias in node.names]
    return tuple(found)


@cache
def target(module: str, name: str) -> str:
    """The module that `from module import name` reaches: the name itself when it is one, else where it stands."""
    whole = f"{module}.{name}"
    path = ROOT / whole.replace(".", "/")
    return whole if path.with_suffix(".py").exists() or path.is_dir() else module


def ours(line: Line) -> bool:
    return line.name.split(".")[0] in ("scorecard", "pages", "app")


def product_imports() -> list[Line]:
    return [line for file in sources() for line in imports(file) if ours(line)]


def test_every_module_has_a_layer():
    homeless = [file for file in sources() if module_of(file) not in OWN_PLACE and layer_of(module_of(file)) is None]
    assert not homeless, (
        f"{homeless[0]} belongs to no layer. Name it in LAYERS of tests/test_layers.py, or move it into a folder.")


def test_imports_only_go_down():
    for line in product_imports():
        here, there = layer_of(module_of(line.file)), layer_of(line.name)
        if here and there:
            assert ORDER.index(here) <= ORDER.index(there), (
                f"{line}: {here} may not import {there} ({line.name}). Imports go down: {' → '.join(ORDER)}. "
                f"Pass it in as an argument, or move this line up to {there}.")


def test_the_store_and_the_intake_do_not_know_each_other():
    for line in product_imports():
        pair = {part for part in ("scorecard.store", "scorecard.intake")
                if module_of(line.file).startswith(part) or line.name.startswith(part)}
        assert len(pair) < 2 or layer_of(module_of(line.file)) != "store", (
            f"{line}: reading a file and keeping its figures are two things; scorecard/loading.py joins them.")


def test_systems_never_import_one_another():
    for line in product_imports():
        assert not (module_of(line.file) in SYSTEMS and line.name in SYSTEMS - {module_of(line.file)}), (
            f"{line}: a system may not import {line.name}. Systems feed one another through the store's tables.")


def test_no_two_modules_import_each_other_in_a_circle():
    graph = {module_of(file): {line.name for line in imports(file) if ours(line)} - {module_of(file)}
             for file in sources()}

    def visit(module: str, path: tuple[str, ...]) -> None:
        circle = " → ".join((*path[path.index(module):], module)) if module in path else ""
        assert not circle, f"A circle of imports: {circle}. Cut it at its weakest line."
        if module not in safe:
            for below in graph.get(module, ()):
                visit(below, (*path, module))
            safe.add(module)

    safe: set[str] = set()
    for start in graph:
        visit(start, ())


@pytest.mark.parametrize("package", ALLOWED_IN)
def test_a_package_stays_where_it_belongs(package):
    for file in sources():
        for line in imports(file):
            assert line.name.split(".")[0] != package or file.startswith(ALLOWED_IN[package]), (
                f"{line}: {package} belongs in {', '.join(ALLOWED_IN[package])}, and nowhere else.")


def clock_calls(file: str) -> list[Line]:
    return [Line(file, node.lineno, ast.unparse(node)) for node in nodes(file)
            if isinstance(node, ast.Attribute) and node.attr in CLOCK
            and ast.unparse(node.value).split(".")[-1] in CLOCK_OWNERS]


def test_the_clock_is_read_at_the_edges_only():
    for file in sources():
        for line in clock_calls(file):
            assert file.startswith(CLOCK_PLACES), (
                f"{line}: {line.name} reads the clock. Take `today: date` or `now: datetime` as an argument; "
                "a page, a command or a route passes it down.")


def test_the_environment_is_read_at_the_edges_only():
    for file in sources():
        for node in nodes(file):
            reads = isinstance(node, ast.Attribute) and ast.unparse(node) in ("os.environ", "os.getenv")
            assert not reads or file.startswith(ENVIRONMENT_PLACES), (
                f"{file}:{node.lineno}: {ast.unparse(node)} belongs in scorecard/places.py; pass the value down.")


def test_only_the_edges_ask_where_the_files_are():
    for line in product_imports():
        assert line.name != "scorecard.places" or layer_of(module_of(line.file)) in EDGES_AND_UI, (
            f"{line}: scorecard.places is for pages and commands. Take the path as an argument.")


def test_the_core_is_pure():
    for file in sources():
        if file.startswith("scorecard/core/"):
            for line in imports(file):
                assert line.name.split(".")[0] not in IMPURE, (
                    f"{line}: {line.name} reaches outside. The core takes data and gives data; "
                    "do this in the store or at an edge.")


@pytest.mark.parametrize("page", [file for file in sources() if file.startswith("pages/")])
def test_a_page_is_short(page):
    count = len((ROOT / page).read_text("utf-8").splitlines())
    assert count <= LONGEST_PAGE, (
        f"{page} has {count} lines; {LONGEST_PAGE} is the most. A page reads state, makes one call and draws: "
        "move forms to scorecard/ui/, drawing to scorecard/output/, rules to the system.")


@pytest.mark.parametrize("page", [file for file in sources() if file.startswith("pages/")])
def test_a_page_reaches_no_table_and_no_statistics(page):
    for line in imports(page):
        assert not line.name.startswith(("scorecard.store", "scorecard.core.spc", "scorecard.intake")), (
            f"{line}: a page asks a system (scorecard/metrics.py …) and draws; {line.name} is below that.")


def functions() -> list[tuple[str, ast.FunctionDef]]:
    return [(file, node) for file in sources() for node in nodes(file)
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def test_no_function_is_long():
    for file, node in functions():
        count = node.end_lineno - node.lineno + 1
        assert count <= LONGEST_FUNCTION, (
            f"{file}:{node.lineno}: {node.name} has {count} lines; {LONGEST_FUNCTION} is the most. "
            "Name its second half.")


def test_no_broad_except_hides_an_error():
    for file in set(sources()) - set(LAST_RESORT):
        for node in nodes(file):
            if isinstance(node, ast.ExceptHandler):
                kinds = ast.unparse(node.type) if node.type else "everything"
                reraised = any(isinstance(inner, ast.Raise) for inner in ast.walk(node))
                assert reraised or kinds not in ("everything", "Exception", "BaseException"), (
                    f"{file}:{node.lineno}: except {kinds} swallows what nobody foresaw. "
                    "Name the errors that can be answered.")


def test_a_test_runs_no_loop_of_its_own_in_the_thread_of_the_browser():
    own = [str(path.relative_to(ROOT)) for path in (ROOT / "tests").rglob("*.py") if "asyncio.run(" in path.read_text("utf-8")]
    assert sorted(own) == ["tests/benchmarks/many.py", "tests/test_layers.py"]


def test_no_file_has_an_empty_name():
    for file in sources():
        for part in Path(file).with_suffix("").parts:
            assert part not in EMPTY_NAMES, f"{file}: '{part}' says nothing. Name the file after what it is about."


def test_no_file_beside_the_shell_hides_a_package():
    taken = set(sys.stdlib_module_names) | set(packages_distributions())
    for file in sources():
        if file.startswith("scorecard/ui/"):
            assert Path(file).stem not in taken - {"__init__"}, (
                f"{file}: Streamlit puts scorecard/ui first on sys.path, so this hides the package "
                f"'{Path(file).stem}'. Rename it.")


IMPORT_ALL = """
import sys
written = []
def watch(event, args):
    if event == "open" and isinstance(args[1], str) and set(args[1]) & set("wax+"):
        written.append(f"opens {args[0]} to write")
    elif event in ("socket.connect", "socket.bind", "subprocess.Popen", "os.mkdir", "os.remove", "os.rename"):
        written.append(f"{event} {args[:2]}")
import streamlit, duckdb, plotly.graph_objects, pandas  # what these do at import is theirs
import threading
before = threading.active_count()
sys.addaudithook(watch)
import importlib
for name in sys.argv[1:]:
    importlib.import_module(name)
    assert not written, f"{name}, when imported, {written[0]}. Do it in a function."
    assert threading.active_count() == before, f"{name} starts a thread when imported. Do it in a function."
"""


def test_every_module_imports_with_an_empty_environment_and_does_nothing(tmp_path):
    modules = [module_of(file) for file in sources()
               if not file.startswith("pages/") and file not in SCRIPTS and not file.endswith("__main__.py")]
    run = subprocess.run([sys.executable, "-B", "-c", IMPORT_ALL, *modules], capture_output=True, text=True,
                         cwd=tmp_path, env={"PYTHONPATH": str(ROOT), "HOME": str(tmp_path)}, check=False)
    assert run.returncode == 0, run.stderr.strip().splitlines()[-1]
    assert run.stdout == "", f"An import prints: {run.stdout[:200]!r}. A module says nothing when imported."
    assert not list(tmp_path.iterdir()), f"An import leaves {next(tmp_path.iterdir()).name} behind."

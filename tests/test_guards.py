"""The modules that guard others are wholly tried by their own tests: every branch is taken, and most small faults are noticed.

Only in a run of endurance, each takes minutes: `python -m pytest -m endurance tests/test_guards.py -s` says what was not noticed.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from scorecard.places import ROOT
from tests import endurance

# Each guard with the tests that are its own. They run once for each small fault: slow ones stay out.
GUARDS = {
    "access": ("scorecard/access.py", ("tests/test_access.py",)),
    "routes": ("scorecard/ways.py", ("tests/server/test_ways.py",)),
    "escaping": ("scorecard/output/theme.py", ("tests/output/test_theme.py",)),
    "export": ("scorecard/output/twins.py", ("tests/output/test_twins.py",)),
    "uploads": ("scorecard/intake/reader.py", ("tests/intake/test_guard.py",)),
    "packed": ("scorecard/intake/packed.py", ("tests/intake/test_guard.py",)),
    "audit": ("scorecard/store/audit.py", ("tests/store/test_audit.py",)),
    "verifying": ("scorecard/store/verifying.py", ("tests/store/test_verifying.py",)),
    "periods": ("scorecard/core/periods.py", ("tests/core/test_periods.py",)),
}
NOTICED = 0.9
QUIET = ("-n", "0", "-q", "-p", "no:cacheprovider")
# A fault that makes a test wait for ever counts as noticed, one that meets a slow machine does not: `timeout_constant`.
SETTINGS = """
[tool.mutmut]
source_paths = ["scorecard"]
only_mutate = ["{module}"]
timeout_constant = 4.0
pytest_add_cli_args = ["-n", "0", "-p", "no:cacheprovider"]
pytest_add_cli_args_test_selection = {tests}
also_copy = ["app.py", "pages", "data", "docs", "deploy", "README.md", ".streamlit", ".ci", "requirements.txt"]
"""
LEFT_OUT = shutil.ignore_patterns(".git", ".venv", "__pycache__", ".hypothesis", "*.duckdb*", "mutants", "backups", "staging")

pytestmark = [
    pytest.mark.endurance,
    pytest.mark.skipif(not endurance.in_full(), reason="each guard takes minutes: python -m pytest -m endurance tests/test_guards.py"),
]


def ran(folder: Path, *command: str) -> str:
    """What a module of Python wrote, without the settings of this run: the same examples each time (CI), on DuckDB."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("SCORECARD_", "PYTEST_"))}
    done = subprocess.run([sys.executable, "-m", *command], cwd=folder, env=kept | {"CI": "true"}, capture_output=True, text=True)
    assert done.returncode == 0, f"{' '.join(command)}:\n{done.stdout[-4_000:]}\n{done.stderr[-4_000:]}"
    return done.stdout


@pytest.mark.parametrize("guard", GUARDS)
def test_every_branch_of_a_guard_is_taken_by_its_own_tests(guard, tmp_path):
    module, tests = GUARDS[guard]
    data, report = f"--data-file={tmp_path / 'coverage'}", tmp_path / "coverage.json"
    ran(ROOT, "coverage", "run", "--branch", f"--include={module}", data, "-m", "pytest", *QUIET, *tests)
    ran(ROOT, "coverage", "json", data, "-o", str(report))
    found = json.loads(report.read_text("utf-8"))["files"][module]
    assert not found["missing_lines"] and not found["missing_branches"], (
        f"{module}: nothing takes line {found['missing_lines']}, branch {found['missing_branches']}")


@pytest.mark.parametrize("guard", GUARDS)
def test_nine_of_ten_small_faults_in_a_guard_are_noticed_by_its_own_tests(guard, tmp_path):
    module, tests = GUARDS[guard]
    copy = tmp_path / "copy"
    shutil.copytree(ROOT, copy, ignore=LEFT_OUT)
    with (copy / "pyproject.toml").open("a", encoding="utf-8") as settings:
        settings.write(SETTINGS.format(module=module, tests=json.dumps(tests)))
    ran(copy, "mutmut", "run")
    ran(copy, "mutmut", "export-cicd-stats")
    found = json.loads((copy / "mutants" / "mutmut-cicd-stats.json").read_text("utf-8"))
    noticed, made = found["killed"] + found["timeout"], found["total"] - found["skipped"]
    told = f"{module}: {noticed} of {made} small faults noticed. Not noticed:\n{ran(copy, 'mutmut', 'results')}"
    sys.stdout.write(f"\n{told}")
    assert made and noticed / made >= NOTICED, told

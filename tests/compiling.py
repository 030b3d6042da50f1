"""What a fresh checkout lacks, made before the workers begin: each of them would compile all modules, at the same time.

`python -m tests.compiling 0 2` makes the first half of it: tests with their asserts rewritten, as pytest keeps them, the modules
of the product, as Python does, and the constants in those, as Hypothesis does.
"""

from __future__ import annotations

import compileall
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

from _pytest.assertion import rewrite
from hypothesis.internal.constants_ast import constants_from_module

ROOT = Path(__file__).resolve().parent.parent


def is_fresh() -> bool:
    """Whether no test of this checkout has been compiled."""
    return not any((ROOT / "tests").glob("core/__pycache__/test_*"))


def compile_all() -> None:
    """Nothing; every module of the checkout is compiled, by as many processes as there are cores."""
    parts = os.cpu_count() or 1
    children = [subprocess.Popen([sys.executable, "-m", "tests.compiling", str(part), str(parts)], cwd=ROOT) for part in range(parts)]
    for child in children:
        child.wait()


def compile_part(part: int, parts: int) -> None:
    """Nothing; each file of that part is compiled, where it is not."""
    found = sorted(path for folder in ("tests", "scorecard", "pages") for path in (ROOT / folder).rglob("*.py"))
    for path in found[part::parts]:
        if path.name.startswith("test_") or path.name == "conftest.py":
            _rewrite(path)
        else:
            compileall.compile_file(path, quiet=2)
            _look_for_constants(path)


def _rewrite(path: Path) -> None:
    """Nothing; the compiled test is where pytest looks for it."""
    kept = rewrite.get_cache_dir(path) / (path.stem + rewrite.PYC_TAIL)
    if rewrite._read_pyc(path, kept) is None and rewrite.try_makedirs(kept.parent):
        source_hash, code = rewrite._rewrite_test(path, None)
        rewrite._write_pyc(None, code, source_hash, kept)


def _look_for_constants(path: Path) -> None:
    """Nothing; Hypothesis has kept the constants of a module of the product."""
    if ROOT / "tests" not in path.parents:  # It keeps none of tests.
        module = ModuleType(path.stem)
        module.__file__ = str(path)
        constants_from_module(module)


if __name__ == "__main__":
    compile_part(*map(int, sys.argv[1:]))

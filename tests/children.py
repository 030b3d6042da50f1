"""What the children that read strangers' files do, done in this process: a child loads its libraries for 0.1 to 0.2 s each time.

That the work is done in a child, within limits, is the matter of tests/intake and of one test in each file that uses this.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb

from scorecard.errors import FileRefused
from scorecard.intake import parser, reader, typing_child, warehouse_child
from scorecard.intake.reader import Watch
from scorecard.intake.table import Limits

ask_child = reader.ask_child


def _typed(job: dict[str, Any], limits: Limits) -> dict[str, Any]:
    with typing_child.connect(limits, Path(job["spill"])) as con:
        return typing_child.type_file(con, job)


def _of_warehouse(job: dict[str, Any], limits: Limits) -> dict[str, Any]:
    with duckdb.connect(config={"autoinstall_known_extensions": False, "autoload_known_extensions": False}) as con:
        con.execute("SET TimeZone = 'UTC'")
        return warehouse_child.answer_to(con, job, limits)


WORK = {"scorecard.intake.parser": parser.answer_to, "scorecard.intake.typing_child": _typed, "scorecard.intake.warehouse_child": _of_warehouse}


def answer(module: str, job: dict[str, Any], limits: Limits, watch: Watch) -> dict[str, Any]:
    """As `reader.ask_child`: what the child of this module answers. `watch` is called before the work and twice after it."""
    watch()
    try:
        found = WORK[module](json.loads(json.dumps(job)), limits)
    except FileRefused as error:
        found = {"refused": str(error)}
    watch()
    watch()
    said = json.loads(json.dumps(found))
    if "refused" in said:
        raise FileRefused(said["refused"])
    return said

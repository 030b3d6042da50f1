"""Files and tables for the tests of what comes in."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from pathlib import Path

from scorecard.core.definition import Definition
from scorecard.intake import figures, parser, reader
from scorecard.intake.table import UPLOAD, Limits, OddRow, Table

MEASURES = {one.name: one for one in (
    Definition("renewal_rate", "Renewal rate", unit="percent", bounds=(0.0, 1.0), aggregate="ratio"),
    Definition("net_revenue_retention", "Net revenue retention", unit="percent", bounds=(0.0, None)),
    Definition("tickets", "Tickets open", unit="count", bounds=(0.0, None)),
    Definition("revenue", "Expansion revenue", unit="money", currency="$"),
)}


def make_table(folder: Path, content: str | bytes, name: str = "figures.csv", choices: Mapping[str, str] | None = None,
               limits: Limits = UPLOAD) -> Table:
    """The staged table of a file, parsed in this process (the child process has tests of its own)."""
    folder.mkdir(exist_ok=True)
    source, out = folder / f"{uuid.uuid4().hex}.in", folder / f"{uuid.uuid4().hex}.parquet"
    source.write_bytes(content if isinstance(content, bytes) else content.encode())
    kind = reader.kind_of(name, source.read_bytes()[:16])
    found = parser.parse(source, kind, out, limits, dict(choices or {}))
    questions = ()
    if "question" in found:
        identity, text, options, flag = found["question"]
        questions = (figures.Question(identity, text, tuple(options), flag),)
    return Table(name, kind, "0" * 64, source.stat().st_size, out, tuple(found.get("columns", ())), found.get("rows", 0),
                 found["seen"], tuple(OddRow(*row) for row in found.get("odd", ())), questions)


def make_understood(folder: Path, content: str | bytes, name: str = "figures.csv", measures=MEASURES, today=None,
                    **choices: str) -> figures.Understood:
    """What a file says, with these answers."""
    return figures.understand(make_table(folder, content, name, choices), measures, choices, today)

"""The lines that a report export writes under its rows: totals, confidentiality, copyright. They are never rows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

Record = tuple[int, list[str]]

_SURE = re.compile(r"grand totals? \([\d.,]+ records?\)|confidential information - do not distribute|"
                   r"copyright (\(c\)|©).*salesforce.*", re.I)
_TOTAL = re.compile(r"(grand )?totals?:?( \([\d.,]+ records?\))?", re.I)


def without_footers(rows: Iterable[Record], dropped: list[str]) -> Iterator[Record]:
    """The rows above the footer; what is left out is added to `dropped`. A row called Total in the middle stays a row."""
    held: list[Record] = []
    for number, row in rows:
        first = next((cell.strip() for cell in row if cell.strip()), "")
        if _SURE.fullmatch(first) or _TOTAL.fullmatch(first) or held and not first:
            held.append((number, row))
            continue
        yield from held
        held = []
        yield number, row
    texts = [" ".join(cell.strip() for cell in row if cell.strip()) for _, row in held]
    if any(_SURE.match(text) for text in texts):
        dropped += [text[:80] for text in texts if text]
    else:
        yield from held

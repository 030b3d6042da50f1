"""The files that a month can leave as: one table of formats, and the name that a file gets from its content."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

from scorecard.reviews.model import Month


@dataclass(frozen=True)
class Format:
    """A kind of file: what people call it, what is in it, and `module:function` that makes it.

    The module is imported when a file is made: the libraries that write files are heavy, and most runs need none.
    """

    kind: str
    label: str
    told: str
    function: str

    def build(self, month: Month) -> bytes:
        """The file of a month. The same month gives the same bytes."""
        module, _, name = self.function.partition(":")
        made: Callable[[Month], str | bytes] = getattr(import_module(module), name)
        content = made(month)
        return content.encode() if isinstance(content, str) else content


_PACKAGE = "scorecard.output"
FORMATS = {
    one.kind: one
    for one in (
        Format("pdf", "PDF pack", "a page a measure", f"{_PACKAGE}.pdf:document"),
        Format("pptx", "PowerPoint", "a slide a topic", f"{_PACKAGE}.slides:deck"),
        Format("xlsx", "Excel", "figures, limits, goals", f"{_PACKAGE}.workbook:book"),
        Format("html", "HTML file", "one file to send", f"{_PACKAGE}.html_pack:page"),
        Format("json", "JSON", "every figure", f"{_PACKAGE}.pack:as_json"),
        Format("csv", "CSV", "a line a measure", f"{_PACKAGE}.pack:as_csv"),
    )
}


def named(scorecard: str, period: str, mark: str, kind: str) -> str:
    """`customer-success-2026-10-5f3a9c01.pdf`; `mark` tells files of other content apart."""
    safe = re.sub(r"[^\w-]+", "-", f"{scorecard}-{period}-{mark}", flags=re.ASCII).strip("-")
    return f"{safe}.{kind}"


def name_of(month: Month, kind: str, content: bytes) -> str:
    """The name of a file that was made, with eight signs of the hash of its content."""
    return named(month.scorecard, str(month.period), hashlib.sha256(content).hexdigest()[:8], kind)

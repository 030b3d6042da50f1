"""The process that lays out one PDF and ends: what typst keeps for a next time is given back with it.

Run as `python pdf_child.py`; it reads a job in JSON from standard input and writes the file to standard output. It
imports typst and nothing of the product.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import typst

STANDARD = "ua-1"
SIGNS = frozenset("ƒȘșȚț–—‘’‚“”„†•…‰′″‹›€₹₽№™←↑→↓↗∆−∞≈≠≤≥✓")
LATIN = 0x180


def laid_out(job: dict[str, Any]) -> bytes:
    """The PDF of a job: `template` and `fonts` are paths, `content` is what is shown, `timestamp` seconds of UTC.

    Letters that the fonts of the pack lack are taken from the machine's; those that it lacks too become "?".
    """
    content = job["content"]
    for own, shown in ((True, content), (False, content), (True, known_letters(content))):
        try:
            return _compiled(job, shown, own)
        except typst.TypstError as error:
            last = error
    raise last


def _compiled(job: dict[str, Any], content: Any, own_fonts: bool) -> bytes:
    return typst.compile(
        job["template"],
        format="pdf",
        font_paths=[job["fonts"]],
        ignore_system_fonts=own_fonts,
        sys_inputs={"pack": json.dumps(content, ensure_ascii=False)},
        pdf_standards=[STANDARD],
        timestamp=job["timestamp"],
    )


def known_letters(content: Any) -> Any:
    """The content with a question mark for every letter that the fonts of the pack lack."""
    if isinstance(content, str):
        return "".join(sign if ord(sign) < LATIN or sign in SIGNS else "?" for sign in content)
    if isinstance(content, list):
        return [known_letters(one) for one in content]
    if isinstance(content, dict):
        return {key: known_letters(one) for key, one in content.items()}
    return content


if __name__ == "__main__":
    sys.stdout.buffer.write(laid_out(json.load(sys.stdin)))

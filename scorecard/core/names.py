"""Names that people type or files bring: cleaned once, compared and ordered the same everywhere."""

from __future__ import annotations

import re
import unicodedata

from scorecard.errors import DefinitionError

LIMIT = 200
_JOINERS = "\u200c\u200d"  # part of correct spelling in Persian and the Indic scripts


def clean(text: str, what: str = "name", limit: int = LIMIT) -> str:
    """The text in NFC on one line, without control, bidi or invisible characters. Raises DefinitionError when too long."""
    spaced = " ".join(unicodedata.normalize("NFC", str(text)).split())
    kept = "".join(c for c in spaced if c in _JOINERS or unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co", "Cn"))
    result = unicodedata.normalize("NFC", " ".join(kept.split()))
    if len(result) > limit:
        raise DefinitionError(f"The {what} has {len(result):,} characters; {limit} are allowed. Shorten it.")
    return result


def required(text: str, what: str = "name", limit: int = LIMIT) -> str:
    """The cleaned text; raises DefinitionError when nothing is left of it."""
    result = clean(text, what, limit)
    if not result.strip(_JOINERS):
        raise DefinitionError(f"The {what} is empty. Write one.")
    return result


def bare(text: str) -> str:
    """The text without accents and case: what a search and an order compare."""
    parts = unicodedata.normalize("NFKD", text)
    return "".join(c for c in parts if not unicodedata.combining(c)).casefold()


def order(text: str) -> tuple[str, str]:
    """The key that sorts names alphabetically: without accents and case first, then as written."""
    return bare(text), text


def sort_name(name: str) -> str:
    """`Tolu Adeyemi` as `Adeyemi, Tolu`: the last word leads."""
    first, _, last = name.rpartition(" ")
    return f"{last}, {first}" if first else last


def slug(text: str, taken: set[str] | frozenset[str] = frozenset()) -> str:
    """An id of small letters, figures and hyphens, not among `taken`."""
    stem = re.sub(r"[^a-z0-9]+", "-", bare(text)).strip("-")[:60] or "x"
    candidate, count = stem, 1
    while candidate in taken:
        count += 1
        candidate = f"{stem}-{count}"
    return candidate

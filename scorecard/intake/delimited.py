"""Text files: which encoding and which delimiter, decided here and said, then every record as it stands.

Nothing is left to a sniffer that turns `NO` into a boolean or three rows into one.
"""

from __future__ import annotations

import codecs
import csv
from collections import Counter
from pathlib import Path
from typing import Iterator

from scorecard.errors import FileRefused
from scorecard.intake.table import Question

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}
SAMPLE = 256 * 1024
LONGEST_FIELD = 100_000
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig", "UTF-8 with a byte-order mark"),
    (codecs.BOM_UTF32_LE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF32_BE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"),
)


def encoding(path: Path) -> tuple[str, str]:
    """(codec, words) of a text file: by its mark, else UTF-16 by its zeros, else UTF-8, else a Western code page."""
    with path.open("rb") as file:
        head = file.read(4096)
    for mark, codec, words in _MARKS:
        if head.startswith(mark):
            return codec, words
    pairs = len(head) // 2
    if pairs and head[1::2].count(0) > 0.7 * pairs:
        return "utf-16-le", "UTF-16"
    if pairs and head[0::2].count(0) > 0.7 * pairs:
        return "utf-16-be", "UTF-16"
    if _decodes(path, "utf-8"):
        return "utf-8", "UTF-8"
    if _holds_c1(path) and _decodes(path, "cp1252"):
        return "cp1252", "Windows-1252, because it is not UTF-8"
    return "latin-1", "Latin-1, because it is not UTF-8"


def _decodes(path: Path, codec: str) -> bool:
    decoder = codecs.getincrementaldecoder(codec)()
    try:
        with path.open("rb") as file:
            while chunk := file.read(1 << 20):
                decoder.decode(chunk)
            decoder.decode(b"", True)
    except UnicodeDecodeError:
        return False
    return True


def _holds_c1(path: Path) -> bool:
    c1 = bytes(range(0x80, 0xA0))
    with path.open("rb") as file:
        return any(len(chunk) != len(chunk.translate(None, c1)) for chunk in iter(lambda: file.read(1 << 20), b""))


def _widths(sample: str, delimiter: str, whole: bool) -> list[int]:
    """Fields in each record of a sample; blank lines are left out, and the last record of a cut sample."""
    csv.field_size_limit(SAMPLE)
    try:
        found = [len(row) for _, row in zip(range(500), csv.reader(sample.splitlines(True), delimiter=delimiter)) if row]
    except csv.Error:
        return []
    return found if whole or len(found) >= 500 or len(found) < 2 else found[:-1]


def _fit(widths: list[int]) -> tuple[int, float]:
    """(tier, share): 2 when all records are as wide as the first, 1 when all after a title are, else 0."""
    if not widths or max(widths) < 2:
        return -1, 0.0
    if widths[0] >= 2 and len(set(widths)) == 1:
        return 2, 1.0
    body = widths[next(i for i, width in enumerate(widths) if width >= 2):]
    if len(set(body)) == 1 and len(body) > 1:
        return 1, 1.0
    return 0, Counter(body)[body[0]] / len(widths)


def delimiter(sample: str, whole: bool, told: str = "", extension: str = "") -> tuple[str, Question | None]:
    """(delimiter, None), or a question when two delimiters fit equally well. Empty when the text has one column."""
    if told:
        return told, None
    fits = {d: _fit(_widths(sample, d, whole)) for d in DELIMITERS}
    best = max(fits.values())
    if best[0] < 0:
        return "", None
    equal = [d for d in DELIMITERS if fits[d] == best]
    if len(equal) == 1:
        return equal[0], None
    if "\t" in equal:
        return "\t", None
    options = tuple((d, DELIMITERS[d]) for d in equal)
    return "", Question("delimiter", "Which character separates the columns?", options, "--delimiter")


def declared(sample: str) -> str:
    """The delimiter that a first line `sep=;` names, as Excel writes it, or nothing."""
    first = sample.split("\n", 1)[0].strip("\r\ufeff ")
    return first[4] if first.lower().startswith("sep=") and len(first) == 5 and first[4] in DELIMITERS else ""


def sample_of(path: Path, codec: str) -> tuple[str, bool]:
    """(the first 256 kB of text, whether that is all)."""
    try:
        with path.open(encoding=codec, newline="") as file:
            text = file.read(SAMPLE)
            return text, not file.read(1)
    except UnicodeError:
        raise FileRefused("the text is damaged: it begins as UTF-16 and does not go on as such. Save it again as UTF-8.")


def records(path: Path, codec: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """(row number, fields) of every record; blank lines are counted and left out.

    Raises FileRefused with the row when quotes do not close or a zero byte is found, and when the number of records
    differs from the lines outside quotes of the raw file.
    """
    csv.field_size_limit(LONGEST_FIELD)
    number = 0
    try:
        with path.open(encoding=codec, newline="") as file:
            for number, row in enumerate(csv.reader(file, delimiter=delimiter, strict=True), 1):
                if any("\0" in cell for cell in row):
                    raise FileRefused(f"row {number:,} holds a zero byte, which no text file has. Export it again.")
                if row:
                    yield number, row
    except csv.Error as error:
        raise FileRefused(f"row {number + 1:,}: {_fault(str(error))}") from None
    except UnicodeError:
        raise FileRefused(f"after row {number:,} the text is damaged. Save it again as UTF-8.") from None
    lines = raw_records(path, codec)
    if lines != number:
        raise FileRefused(f"{number:,} rows were read, and the file has {lines:,} lines outside quotation marks. "
                          "A quotation mark stands alone somewhere. Double it, or remove it.")


def _fault(error: str) -> str:
    if "field larger" in error:
        return f"a field is longer than {LONGEST_FIELD:,} characters. A quotation mark may be open."
    if "end of data" in error:
        return "a quotation mark is opened and never closed."
    return "text follows a closing quotation mark. Write a quotation mark inside a field twice."


def raw_records(path: Path, codec: str) -> int:
    """The number of lines of a text file that end outside quotation marks, counted without parsing."""
    count, inside, last = 0, False, ""
    with path.open(encoding=codec, newline="") as file:
        carry = ""
        while chunk := file.read(1 << 20):
            chunk, carry = carry + chunk, ""
            if chunk.endswith("\r"):
                chunk, carry = chunk[:-1], "\r"
            for i, part in enumerate(chunk.replace("\r\n", "\n").replace("\r", "\n").split('"')):
                inside ^= i > 0
                count += 0 if inside else part.count("\n")
            last = chunk[-1:] or last
    if carry:
        return count + (0 if inside else 1)
    return count + (1 if last not in ("\n", "") else 0)

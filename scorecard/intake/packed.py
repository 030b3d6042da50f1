"""Text packed with gzip, unpacked in the child process within the limits of its size."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path

from scorecard.errors import FileRefused
from scorecard.intake.table import Limits

UNPACKED = ".text.in"
CHUNK = 1 << 20
BINARY = (b"PK\x03\x04", b"PK\x05\x06", b"PAR1", b"\xd0\xcf\x11\xe0", b"\x1f\x8b", b"%PDF", b"BZh", b"\xfd7zXZ", b"SQLite format 3", b"\x7fELF")


def unpack(path: Path, text: Path, kind: str, limits: Limits) -> None:
    """Nothing; the text is in `text`. Raises FileRefused as soon as it is larger than allowed, or no text."""
    most = min(limits.unpacked, max(limits.ratio * path.stat().st_size, CHUNK))
    try:
        with gzip.open(path) as source, text.open("wb") as out:
            size = 0
            while chunk := source.read(CHUNK):
                if not size and chunk.startswith(BINARY):
                    raise FileRefused(f"what is packed in it is no {kind.upper()}. Unpack it, and load the file in it.")
                size += len(chunk)
                if size > most:
                    raise FileRefused(_too_large(limits, most))
                out.write(chunk)
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise FileRefused("the gzip file is damaged or cut off. Export it again.") from None


def _too_large(limits: Limits, most: int) -> str:
    if most == limits.unpacked:
        return f"it unpacks to more than {limits.unpacked / 1e6:,.0f} MB, the most that is allowed."
    return f"it unpacks to more than {limits.ratio:,} times its size, as no export does."

"""The memory of this process: how much there is in use, and how what is free goes back to the system."""

from __future__ import annotations

import ctypes
import gc
import resource
from contextlib import suppress
from pathlib import Path

MMAP_THRESHOLD = -3  # M_MMAP_THRESHOLD of GNU's mallopt(3)
BIG_BYTES = 1 << 20


def resident() -> int:
    """Bytes of this process that are in memory; 0 where the system does not say."""
    told = Path("/proc/self/statm")
    return int(told.read_text("ascii").split()[1]) * resource.getpagesize() if told.exists() else 0


def keep_big_blocks_apart() -> None:
    """Big blocks, as a file that was handed in, go back to the system as soon as they are free, whatever lies around them."""
    with suppress(OSError, AttributeError):  # Another C library than GNU's has its own way.
        ctypes.CDLL(None).mallopt(MMAP_THRESHOLD, BIG_BYTES)


def give_back() -> None:
    """Garbage is collected, and pages that are free go back to the system, also those between others that are in use."""
    gc.collect()
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)

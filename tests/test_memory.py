"""What is free goes back to the system."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from scorecard import memory, places

MB = 1_000_000
HANDED_IN = """
import sys, threading
from scorecard import memory

def read():
    content = b"x" * 20_000_000
    kept.append(str(len(kept)) * 1000)
    text = content.decode()
    del content, text

memory.keep_big_blocks_apart()
memory.give_back()
before, kept = memory.resident(), []
for _ in range(10):
    threads = [threading.Thread(target=read) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
print(memory.resident() - before)
memory.give_back()
print(memory.resident() - before)
"""


def left_behind() -> tuple[int, int]:
    """Bytes that forty files of 20 MB leave, read by four threads at a time: at once, and after what is free was given back."""
    said = subprocess.run([sys.executable, "-c", HANDED_IN], cwd=places.ROOT, capture_output=True, text=True, check=True, timeout=60).stdout
    first, last = said.split()
    return int(first), int(last)


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is read from /proc")
def test_what_files_took_is_free_for_the_system_as_soon_as_they_are_read():
    at_once, later = left_behind()
    assert at_once < 4 * MB and later < 4 * MB


def test_memory_in_use_is_told_in_bytes_or_as_nothing_where_the_system_does_not_say(monkeypatch):
    assert memory.resident() > 20 * MB or not Path("/proc/self/statm").exists()
    monkeypatch.setattr(memory, "Path", lambda place: Path("/nowhere/statm"))
    assert memory.resident() == 0


def test_another_c_library_is_left_as_it_is(monkeypatch):
    monkeypatch.setattr(memory.ctypes, "CDLL", lambda name: object())
    memory.keep_big_blocks_apart()
    memory.give_back()

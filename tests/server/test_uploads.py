"""Broken, re-encoded, shuffled and exploding uploads, sent to a running server as a browser sends them.

They go to Streamlit's own address for uploads, and a run of the page Data reads each; nothing is accepted.
"""

from __future__ import annotations

import os
import random
import re
from contextlib import nullcontext
from pathlib import Path

import pytest

from scorecard import commands
from scorecard.store.engine import Store, open_store
from tests.intake.test_mutated_uploads import FIGURES, GOOD, MB, TICKETS, UPLOADS, everything, mutated, text_of, workbook, zip_bomb
from tests.server.visitor import Visitor

OFFERED = ("csv", "tsv", "txt", "xlsx", "parquet", "gz")
ROOM = 96 * MB
TOLD_FROM = 100  # so many uploads are tried by somebody who wants to see what memory did
WARM = ((workbook(FIGURES), "good.xlsx"), (text_of(TICKETS).encode(), "tickets.csv"), (GOOD, "good.csv"))


def resident(process: int) -> int:
    """Bytes that a process holds in memory now."""
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def faults(log: str) -> set[str]:
    """The kinds of errors in a server's log."""
    return set(re.findall(r"^ *([\w.]+(?:Error|Exception|Exit))$", log, re.M))


def seen(visitor: Visitor, content: bytes, name: str) -> list[str]:
    """What the page says of an upload. A name that no browser offers there spoils its tab, so it gets a tab of its own."""
    if Path(name).suffix.removeprefix(".") in OFFERED:
        return visitor.upload(content, name)
    with Visitor(visitor.url, visitor.page) as other:
        return other.upload(content, name)


def opened(folder: Path) -> Store:
    return open_store(folder / "state.duckdb", folder / "facts.duckdb")


@pytest.fixture
def begun(tmp_path):
    """A folder with a store in which nothing is loaded, and every row of it."""
    store = opened(tmp_path)
    commands.prepare(store)
    rows = everything(store)
    store.close()
    return tmp_path, rows


@pytest.mark.endurance
@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is read from /proc")
def test_mutated_uploads_leave_the_server_up_its_memory_where_it_was_and_the_store_untouched(start, begun, capsys):
    folder, before = begun
    server = start(folder=folder)
    with Visitor(server.url, "data") as visitor:
        assert [visitor.upload(*file) for file in WARM] == [[], [], []]
        held, most, refused = resident(server.process.pid), 0, 0
        for number in range(UPLOADS):
            content, name = mutated(number)
            said = seen(visitor, content, name)
            assert all(one.rstrip().endswith((".", "?", ")")) for one in said), f"upload {number} ({name}): {said}"
            refused += bool(said)
            most = max(most, resident(server.process.pid) - held)
            assert most < ROOM, f"upload {number} ({name}) leaves {most / MB:.0f} MB behind"
        after = resident(server.process.pid) - held
        (bomb,) = visitor.upload(*zip_bomb(random.Random(1)))
        assert bomb.startswith("upload.xlsx: the workbook unpacks to more than 200 times its size.") and bomb.endswith("Nothing is stored.")
        assert visitor.upload(GOOD, "good.csv") == [] and server.get("/healthz").status_code == 200
    assert server.process.poll() is None and faults(server.log.read_text()) <= {"streamlit.errors.StreamlitAPIException"}
    with capsys.disabled() if UPLOADS > TOLD_FROM else nullcontext():
        print(f"\n{UPLOADS} uploads, {refused} refused; the server holds {after / MB:+.0f} MB, at most {most / MB:+.0f} MB, of {held / MB:.0f} MB")
    server.process.terminate()
    server.process.wait(20)
    store = opened(folder)
    try:
        assert everything(store) == before and len(list(store.staging.glob("*"))) <= 1  # the last file waits for an answer
    finally:
        store.close()

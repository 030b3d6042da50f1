"""Three people work while the disk of the server is full: nothing that was acknowledged is lost, and it goes on when there is room."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from scorecard.errors import StoreReadOnly
from scorecard.store import relay
from tests import endurance, stores
from tests.server.conftest import Server
from tests.server.test_survival import status, until
from tests.server.visitor import Visitor

SIZE = 8_000_000
ROUNDS = endurance.counted(10)
BANNER = "Nothing can be saved at the moment"


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A disk of 8 MB of its own."""
    place = tmp_path_factory.mktemp("disk")
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(place)], capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"this account may not make a disk ({done.stderr.strip()}); tests/store/test_failures.py limits the size of files instead")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=False)


def fill(place: Path) -> Path:
    """A file that takes all the room there is."""
    filler = place / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (100_000, 4096, 512, 1):
            try:
                while True:
                    file.write(b"x" * size)
            except OSError:
                continue
    return filler


class Writing:
    """Three people who write through the running server, each a word of their own at a time."""

    def __init__(self, folder: Path):
        self.door = relay.find(folder / "state.duckdb", folder / "facts.duckdb")
        self.acknowledged: list[str] = []
        self.refused: list[str] = []
        self.count = 0

    def once(self) -> None:
        """One try of each of the three; what is too large for what is left is refused."""
        for person in range(3):
            self.count += 1
            title = f"entry {person}-{self.count}"
            asked = {"command": "diary_add", "arguments": {"kind": "other", "title": title, "on": "2026-12-01", "object": os.urandom(60).hex(), "begins": "", "owner": "you"},
                     "person": "", "operator": "test"}
            try:
                relay.ask(self.door, asked)
                self.acknowledged.append(title)
            except StoreReadOnly as refusal:
                self.refused.append(str(refusal))


@pytest.mark.endurance
def test_a_full_disk_loses_nothing_that_was_acknowledged_and_saving_works_again_without_a_new_start(start, disk, tmp_path):
    server: Server = start(folder=disk)
    writing = Writing(disk)
    with Visitor(server.url, "settings") as one, Visitor(server.url, "data") as two, Visitor(server.url, "log") as three:
        visitors = (one, two, three)
        for _ in range(ROUNDS):
            writing.once()
            filler = fill(disk)
            refused = len(writing.refused)
            until(lambda refused=refused: _written(writing, refused), "the disk was never full")
            for visitor in visitors:
                assert any(said.startswith(BANNER) for said in visitor.run()), visitor.said
            assert status(int(server.url.rpartition(":")[2]), "/healthz/ready") == 503
            filler.unlink()
            until(lambda: status(int(server.url.rpartition(":")[2]), "/healthz/ready") == 200, "saving does not work again")
            for visitor in visitors:
                assert not any(said.startswith(BANNER) for said in visitor.run()), visitor.said
            before = len(writing.acknowledged)
            writing.once()
            assert len(writing.acknowledged) == before + 3
        assert server.process.poll() is None and "Traceback" not in server.log.read_text()
    assert all("Free space on the disk, then try again." in said for said in writing.refused)
    server.process.kill()
    server.process.wait(20)
    for path in disk.glob("*.duckdb*"):
        shutil.copyfile(path, tmp_path / path.name)
    store = stores.opened(tmp_path)
    try:
        with store.read() as tx:
            there = {title for (title,) in tx.all("SELECT title FROM calendar_entry")}
        assert set(writing.acknowledged) <= there and store.verify().ok
    finally:
        store.close()


def _written(writing: Writing, refused: int) -> bool:
    writing.once()
    return len(writing.refused) > refused



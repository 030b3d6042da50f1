"""What the running server does when its files are damaged, and when they come back."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import httpx
import pytest

from scorecard import places
from scorecard.store import backup, restoring
from tests import stores
from tests.server.conftest import PLAIN, launch, settings_of, stop
from tests.server.visitor import Visitor

PATIENCE = 40.0


def command(folder: Path, *words: str) -> subprocess.CompletedProcess:
    """`python -m scorecard …` for the store of a folder."""
    return subprocess.run([sys.executable, "-m", "scorecard", *words], cwd=places.ROOT, env=settings_of(folder),
                          capture_output=True, text=True, timeout=120)


def until(true: Callable[[], bool], what: str) -> None:
    """Nothing, once it is true."""
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, what
        time.sleep(0.2)


def status(port: int, path: str = "/healthz") -> int:
    """The status of an answer; 0 without one."""
    try:
        return httpx.get(f"http://127.0.0.1:{port}{path}", timeout=5, verify=PLAIN).status_code
    except httpx.TransportError:
        return 0


def damage(path: Path, place: int = 4096 + 10) -> None:
    """Nothing; sixty bytes of the file are others."""
    content = bytearray(path.read_bytes())
    content[place : place + 60] = bytes(byte ^ 0x55 for byte in content[place : place + 60])
    path.write_bytes(content)


@pytest.fixture
def damaged(beginning, tmp_path):
    """A server on damaged files, its port, its folder, and the backup that was made before."""
    store = stores.opened(stores.copied(beginning, tmp_path))
    made = backup.make(store.engines, store.backups, datetime.now())
    store.close()
    damage(tmp_path / "state.duckdb")
    process, port, log = launch(tmp_path)
    yield port, tmp_path, made.path, log
    stop(process)


def test_a_server_on_damaged_files_says_on_every_page_what_to_do_and_comes_back_once_that_is_done(damaged):
    port, folder, made, log = damaged
    until(lambda: status(port) == 503, "the server does not say that it is not ready")
    before = (folder / "state.duckdb").read_bytes()
    for page in ("scorecard", "settings", "log"):
        with Visitor(f"http://127.0.0.1:{port}", page) as visitor:
            assert visitor.said[0].startswith("The files of this server are damaged.")
            assert f"python -m scorecard restore {made}" in visitor.codes
    refused = command(folder, "backup")
    assert refused.returncode == 1 and f"newest verified backup is {made}" in refused.stderr
    assert (folder / "state.duckdb").read_bytes() == before and "Traceback" not in log.read_text()
    restoring.restore(folder / "state.duckdb", folder / "facts.duckdb", made, "Marek Zielinski", datetime.now())
    until(lambda: status(port) == 200, "the server does not come back")
    with Visitor(f"http://127.0.0.1:{port}", "settings") as visitor:
        assert visitor.said == []

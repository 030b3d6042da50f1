"""A real server on a free port, with its own files, started from another working directory."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from scorecard import places

PATIENCE = 60.0
# Without a certificate to check: reading those of the world would take 30 ms of each request.
PLAIN = False


@dataclass
class Server:
    """A running server: its address, its process, the folder of its files."""

    url: str
    process: subprocess.Popen
    folder: Path
    log: Path

    def get(self, path: str, **options) -> httpx.Response:
        return httpx.get(self.url + path, timeout=20, verify=PLAIN, **options)

    def post(self, path: str, **options) -> httpx.Response:
        return httpx.post(self.url + path, timeout=20, verify=PLAIN, **options)

    def interact(self, **body) -> dict:
        """One run of a page through Streamlit's interface for programs."""
        for _ in range(10):
            answer = self.post("/_stcore/agent/interact", json=body)
            if answer.status_code != 202:
                return answer.json()
            body = {"session_id": answer.json()["session_id"]}
        raise AssertionError("the page did not finish")


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def settings_of(folder: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("STREAMLIT_", "SCORECARD_"))}
    return kept | {places.STATE: str(folder / "state.duckdb"), places.FACTS: str(folder / "facts.duckdb")}


def launch(folder: Path, *options: str, port: int | None = None, **settings: str) -> tuple[subprocess.Popen, int, Path]:
    """A starting server, with these variables besides: its process, its port, its log."""
    port = port or free_port()
    log = folder / f"server-{port}.log"
    command = [
        sys.executable,
        "-m",
        "streamlit",
        "run",
        str(places.ROOT / "app.py"),
        "--server.port",
        str(port),
        "--server.headless",
        "true",
        *options,
    ]
    with log.open("w") as out:
        process = subprocess.Popen(command, cwd=folder, env=settings_of(folder) | settings, stdout=out, stderr=out, text=True)
    return process, port, log


def stop(process: subprocess.Popen) -> None:
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(5)


def ready(process: subprocess.Popen, port: int, log: Path) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if process.poll() is not None:
            raise AssertionError(f"the server stopped:\n{log.read_text()}")
        try:
            if httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=2, verify=PLAIN).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.2)
    raise AssertionError(f"the server did not start:\n{log.read_text()}")


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Server]]:
    """Starts servers; stops them at the end of the module."""
    running: list[subprocess.Popen] = []

    def begin(*options: str, folder: Path | None = None, **settings: str) -> Server:
        place = folder or tmp_path_factory.mktemp("served")
        process, port, log = launch(place, *options, **settings)
        running.append(process)
        ready(process, port, log)
        return Server(f"http://127.0.0.1:{port}", process, place, log)

    yield begin
    for process in running:
        stop(process)

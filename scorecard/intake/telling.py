"""How a child process says how far it is: the rows read so far, as lines in a pipe that its parent looks into."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

EVERY_SECONDS = 0.2


class Database(Protocol):
    """What is asked of a connection to DuckDB."""

    def execute(self, sql: str) -> Any: ...

    def query_progress(self) -> float: ...


class Teller:
    """The child's end of the pipe; silent without one."""

    def __init__(self, pipe: int | None = None):
        self._pipe = pipe

    def rows(self, count: int) -> None:
        """Nothing; the parent can know that this many rows are read."""
        if self._pipe is None:
            return
        try:
            os.write(self._pipe, b"%d\n" % count)
        except OSError:
            self._pipe = None  # The parent does not listen any more, or not fast enough: no reason to wait.

    @contextmanager
    def following(self, con: Database, rows: int) -> Iterator[None]:
        """While the block runs: as many of these rows are told as DuckDB says that it has read."""
        if self._pipe is None:
            yield
            return
        over = threading.Event()
        thread = threading.Thread(target=self._follow, args=(con, rows, over), daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def _follow(self, con: Database, rows: int, over: threading.Event) -> None:
        told = 0
        while not over.wait(EVERY_SECONDS):
            read = int(rows * min(max(con.query_progress(), 0.0), 100.0) / 100)
            if read > told:
                told = read
                self.rows(told)


def measurable(con: Database) -> None:
    """Nothing; from now on the connection can be asked for its progress, and prints none."""
    con.execute("SET enable_progress_bar = true")
    con.execute("SET enable_progress_bar_print = false")

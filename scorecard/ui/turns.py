"""How many pages are drawn at the same moment: so many as help, and the next in the order in which they were asked for.

Python runs one thread at a time. Twenty pages that are drawn at once take turns a thousand times a second, and all are late;
two at once leave a processor to the database while the other draws, and the first are ready when the last begin.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

AT_ONCE, LONG_SECONDS = 2, 1.0


class Turns:
    """Turns for work that is short. What lasts longer than `long` seconds no longer keeps others waiting."""

    def __init__(self, at_once: int = AT_ONCE, long: float = LONG_SECONDS, clock: Callable[[], float] = monotonic):
        self._at_once, self._long, self._clock = at_once, long, clock
        self._lock = threading.Lock()
        self._waiting: deque[threading.Event] = deque()
        self._begun: dict[threading.Event, float] = {}

    @contextmanager
    def turn(self) -> Iterator[None]:
        """The block is run when it is its turn."""
        mine = threading.Event()
        with self._lock:
            self._waiting.append(mine)
        while not self._begin(mine):
            mine.wait(self._pause(mine))
            mine.clear()
        try:
            yield
        finally:
            with self._lock:
                del self._begun[mine]
                self._call_next()

    def _begin(self, mine: threading.Event) -> bool:
        with self._lock:
            if self._waiting[0] is not mine or len(self._short()) >= self._at_once:
                return False
            self._waiting.popleft()
            self._begun[mine] = self._clock()
            self._call_next()
            return True

    def _pause(self, mine: threading.Event) -> float | None:
        """Seconds until the first in the row looks again; the others are called."""
        with self._lock:
            short = self._short()
            if self._waiting[0] is not mine:
                return None
            return max(0.0, min(short) + self._long - self._clock()) if short else 0.0

    def _short(self) -> list[float]:
        return [begun for begun in self._begun.values() if self._clock() - begun < self._long]

    def _call_next(self) -> None:
        if self._waiting:
            self._waiting[0].set()

"""Attempts to write run side by side; one that keeps losing gets a turn alone, so that everybody gets there."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

WAIT_SECONDS = 5.0


class Turns:
    """A gate for writers. Nobody waits for ever: after WAIT_SECONDS an attempt goes ahead beside the others."""

    def __init__(self) -> None:
        self._gate, self._together, self._alone, self._mine = threading.Condition(), 0, False, threading.local()

    @contextmanager
    def together(self) -> Iterator[None]:
        """Beside other writers, while nobody has a turn alone."""
        with self._gate:
            # A write inside a write must not wait for itself.
            if not getattr(self._mine, "depth", 0):
                self._gate.wait_for(lambda: not self._alone, timeout=WAIT_SECONDS)
            self._count(1)
        try:
            yield
        finally:
            with self._gate:
                self._count(-1)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """While nobody else writes."""
        with self._gate:
            free = self._gate.wait_for(lambda: not self._alone, timeout=WAIT_SECONDS)
            self._alone = True
            own = getattr(self._mine, "depth", 0)
            self._gate.wait_for(lambda: self._together <= own, timeout=WAIT_SECONDS if free else 0)
        try:
            with self._inside():
                yield
        finally:
            with self._gate:
                self._alone = False
                self._gate.notify_all()

    @contextmanager
    def _inside(self) -> Iterator[None]:
        with self._gate:
            self._count(1)
        try:
            yield
        finally:
            with self._gate:
                self._count(-1)

    def _count(self, change: int) -> None:
        self._together += change
        self._mine.depth = getattr(self._mine, "depth", 0) + change
        self._gate.notify_all()

"""What this process has done since it started, counted in memory: numbers only, with nothing in them about people.

Labels are words of the product (a page, a route, a kind of job), never what somebody typed.
"""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import perf_counter

from scorecard.core.openmetrics import Family, Spread, counter, gauge, histogram

BOUNDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
Labels = tuple[tuple[str, str], ...]


class Watch:
    """The counts of one process. Every method may be called from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._reruns: dict[Labels, list[int]] = defaultdict(lambda: [0] * (len(BOUNDS) + 1))
        self._seconds: Counter[Labels] = Counter()
        self._requests: Counter[Labels] = Counter()
        self._jobs: Counter[Labels] = Counter()
        self._faults: Counter[Labels] = Counter()
        self._open = 0

    def reran(self, page: str, part: str, seconds: float) -> None:
        """A page was drawn, whole (`part` is "page") or in part ("fragment")."""
        labels = (("page", page), ("part", part))
        with self._lock:
            self._reruns[labels][bisect_left(BOUNDS, seconds)] += 1
            self._seconds[labels] += seconds

    def answered(self, route: str, status: int) -> None:
        """A request was answered; `route` as it is declared, never with what stood in its place."""
        with self._lock:
            self._requests[(("route", route), ("status", str(status)))] += 1

    def ended(self, kind: str, outcome: str) -> None:
        """A job ended: done, failed or cancelled."""
        with self._lock:
            self._jobs[(("kind", kind), ("outcome", outcome))] += 1

    def fault(self, where: str) -> None:
        """Something broke that nobody had foreseen: in a page, a route, a job, a message."""
        with self._lock:
            self._faults[(("where", where),)] += 1

    @contextmanager
    def connected(self) -> Iterator[None]:
        """While the block runs, one browser more is connected."""
        with self._lock:
            self._open += 1
        try:
            yield
        finally:
            with self._lock:
                self._open -= 1

    def families(self) -> tuple[Family, ...]:
        """All of it, as it is at this moment."""
        with self._lock:
            spreads = {labels: Spread(BOUNDS, tuple(counts), self._seconds[labels]) for labels, counts in self._reruns.items()}
            return (
                histogram("scorecard_rerun_seconds", "Time to draw a page, whole or in part.", spreads, "seconds"),
                counter("scorecard_requests", "Requests answered, by route and status.", dict(self._requests)),
                counter("scorecard_jobs_ended", "Jobs that ended (loads, messages, backups), by kind and outcome.", dict(self._jobs)),
                counter("scorecard_faults", "Faults that nobody had foreseen; each is in the log with its id.", dict(self._faults)),
                gauge("scorecard_browsers", "Browser windows that are connected.", {(): self._open}),
            )


here = Watch()


@contextmanager
def timed(page: Callable[[], str], part: str) -> Iterator[None]:
    """How long the block takes is counted as one drawing of the page, which is asked for at its end, however that comes."""
    begun = perf_counter()
    try:
        yield
    finally:
        here.reran(page(), part, perf_counter() - begun)

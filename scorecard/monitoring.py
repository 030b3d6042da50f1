"""What watches the server from outside: alive, ready, figures as OpenMetrics; and the line in the log for each request."""

from __future__ import annotations

import hmac
import logging
import os
import resource
import secrets
import shutil
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from time import perf_counter
from typing import Any, Protocol

from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Match, Route

from scorecard import logs, memory, places, shared, sources, watch
from scorecard.core import openmetrics
from scorecard.core.openmetrics import Family, gauge
from scorecard.errors import StoreDamaged, StoreError
from scorecard.signin import sessions
from scorecard.store import audit, jobs, loads, signin, space
from scorecard.store.engine import Store
from scorecard.ui import block, mode, state

log = logging.getLogger("scorecard.requests")
NO_STORE = {"cache-control": "no-store"}
MODES = ("open", "read-only", "safe")
FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip", "via")
QUIET = ("/healthz", "/metrics", "/static", "/_stcore")
STREAMLITS_METRICS = "/_stcore/metrics"
STREAMLITS = ("/_stcore", "/static", "/media", "/component", "/app/static")


class Moded(Protocol):
    """A store, or what looks after one."""

    @property
    def mode(self) -> str: ...


class Alive(Protocol):
    """What can be asked whether it still works."""

    def is_alive(self) -> bool: ...


_workers: list[Alive] = []


def begin(worker: Alive | None) -> None:
    """From now on the server counts as ready for jobs while this worker lives."""
    _workers[:] = [worker] if worker else []


# Alive and ready


def live(request: Request) -> Response:
    """200 while the process answers at all; whoever gets nothing here should start it again."""
    return JSONResponse({"status": "ok"}, headers=NO_STORE)


def ready(request: Request) -> Response:
    """200 while people can work: the store answers and can be written, jobs are done; else 503 and what is missing."""
    missing = _missing()
    if missing:
        return JSONResponse({"status": "not ready", "missing": missing}, 503, headers=NO_STORE)
    return JSONResponse({"status": "ok", "data_version": state.store().data_version}, headers=NO_STORE)


def _missing() -> list[str]:
    """What keeps people from working, in words that name no place and nobody."""
    try:
        store = state.store()
        with store.read() as tx:
            tx.one("SELECT 1")
    except StoreDamaged:
        return ["the store is in safe mode"]
    except StoreError:
        return ["the store does not answer"]
    found = [] if store.mode == "open" else [f"the store is {store.mode}"]
    return found + (["the worker has stopped"] if not all(one.is_alive() for one in _workers) else [])


# Figures


def metrics(request: Request) -> Response:
    """The figures of the process and of the store, for who `may_read` them."""
    families = [*watch.here.families(), *of_process(), *_of_state()]
    return Response(openmetrics.text(families), headers={"content-type": openmetrics.MEDIA_TYPE, **NO_STORE})


def may_read(request: HTTPConnection) -> bool:
    """Whether the request holds the token; without one, whether nobody signs in here and it comes from this machine."""
    token = places.metrics_token()
    if token:
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        return hmac.compare_digest(token.encode(), given.encode("utf-8", "replace"))
    if not mode.current().local:
        return False  # A proxy on this machine comes from this machine as well, and need not say that it is one.
    through = any(name in request.headers for name in FORWARDED)
    return shared.is_loopback(request.client.host if request.client else "") and not through


def of_process() -> list[Family]:
    """Processor time, memory, open files and the start of this process."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    found = [
        openmetrics.counter("process_cpu_seconds", "Processor time of the server, without its children.",
                            {(): used.ru_utime + used.ru_stime}, "seconds"),
        gauge("scorecard_build", "The version that runs, and where it keeps what people write.",
              {(("engine", "postgresql" if places.on_postgres() else "duckdb"), ("version", places.version())): 1}),
    ]
    if held := memory.resident():
        found += [gauge("process_resident_memory_bytes", "Memory of the server, without its children.", {(): held}, "bytes"),
                  gauge("process_open_fds", "Files and connections that are open.", {(): len(os.listdir("/proc/self/fd"))})]
    return found


def _of_state() -> list[Family]:
    """The figures of the store; of one that does not answer only that."""
    try:
        store = state.store()
        return [_up(store.mode), *of_store(store, state.now(), state.today(store))]
    except StoreDamaged:
        return [_up("safe")]
    except StoreError:
        return [_up("")]


def _up(mode: str) -> Family:
    known = {(("mode", one),): float(one == mode) for one in MODES}
    return gauge("scorecard_store_mode", "1 for the mode that the store is in; all 0 while it does not answer.", known)


def of_store(store: Store, now: datetime, today: Any) -> list[Family]:
    """What waits, how fresh each source is, how large the store is and how old its last backup."""
    with store.read() as tx:
        open_jobs, head, last = jobs.unfinished(tx), audit.newest(tx), loads.recent(tx, 1)
        alive = [one for one in signin.sessions(tx) if now < min(one.ends_at, one.seen_at + sessions.IDLE)]
    waiting = [one for one in open_jobs if one.state == "queued"]
    found = [
        gauge("scorecard_queue", "Jobs that wait or run.", {(("state", "queued"),): len(waiting), (("state", "running"),): len(open_jobs) - len(waiting)}),
        gauge("scorecard_queue_oldest_seconds", "How long the oldest waiting job has waited.",
              {(): max(((now - one.asked_at).total_seconds() for one in waiting), default=0.0)}, "seconds"),
        gauge("scorecard_worker", "1 while the worker that does jobs is alive.", {(): float(bool(_workers) and all(one.is_alive() for one in _workers))}),
        gauge("scorecard_sessions", "Sessions of people who signed in and may still click.", {(): len(alive)}),
        gauge("scorecard_audit_rows", "Rows of the audit.", {(): head.seq}),
        gauge("scorecard_data_version", "Committed changes since the start.", {(): store.data_version}),
        *_freshness(store, today),
        *_sizes(store),
    ]
    if last:
        found.append(gauge("scorecard_last_load_seconds", "Time since the last load.", {(): (now - last[0].loaded_at).total_seconds()}, "seconds"))
    made = space.last_backup(store.backups)
    if made:
        found.append(gauge("scorecard_last_backup_seconds", "Time since the last backup was made.", {(): (now - made).total_seconds()}, "seconds"))
    return found


def _freshness(store: Store, today: Any) -> list[Family]:
    """How old the figures of each declared source are, and whether they are late."""
    declared = [line for line in sources.lines(store, today) if line.source is not None]
    ages = {(("source", line.name),): line.age for line in declared if line.covers_to}
    late = {(("source", line.name),): float(line.state in ("late", "stale")) for line in declared}
    return [gauge("scorecard_source_age_days", "Days since the last day that the figures of a source cover.", ages, "days"),
            gauge("scorecard_source_late", "1 for a source whose figures were due and have not come.", late)]


def _sizes(store: Store) -> list[Family]:
    """Bytes of the two databases, and what is free on the disk beside them."""
    sizes = {(("part", part),): space.taken(engine) for part, engine in zip(("state", "facts"), store.engines, strict=True)}
    free = {(): shutil.disk_usage(store.folder).free}
    return [gauge("scorecard_store_bytes", "Size of state and facts.", sizes, "bytes"),
            gauge("scorecard_disk_free_bytes", "Free on the disk of the folder of the store.", free, "bytes")]


ROUTES: list[tuple[str, Callable[[Request], Response]]] = [
    ("/healthz", ready),
    ("/healthz/live", live),
    ("/healthz/ready", ready),
    ("/metrics", metrics),
]


# Requests


class Recorder:
    """Middleware around all others: each request has an id, is counted by its route, and leaves a line without its address."""

    def __init__(self, app: Any, routes: Iterable[Route] = ()):
        self._app, self._routes = app, tuple(routes)

    async def __call__(self, scope: dict, receive: Callable, send: Callable) -> None:
        if scope["type"] == "websocket":
            with watch.here.connected():
                return await self._app(scope, receive, send)
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        mark, begun, seen = secrets.token_hex(8), perf_counter(), [500]

        async def noting(message: dict) -> None:
            if message["type"] == "http.response.start":
                seen[0] = message["status"]
                message = message | {"headers": [*message.get("headers", []), (b"x-request-id", mark.encode())]}
            await send(message)

        token = logs.REQUEST.set(mark)
        closed = STREAMLITS_METRICS in scope["path"] and not may_read(HTTPConnection(scope))
        try:
            await (PlainTextResponse("Not found.", 404) if closed else self._app)(scope, receive, noting)
        finally:
            self._note(scope, seen[0], perf_counter() - begun)
            logs.REQUEST.reset(token)
        return None

    def _note(self, scope: dict, status: int, seconds: float) -> None:
        route = self.route_of(scope)
        watch.here.answered(route, status)
        if status >= 400 or not route.startswith(QUIET):
            logs.event(log, "request", method=scope["method"], route=route, status=status, ms=round(seconds * 1000, 1))

    def route_of(self, scope: dict) -> str:
        """The address as it is declared: `/share/{token}`, `/{page}`, Streamlit's own by their beginning; else "other"."""
        path = scope.get("path", "")
        for route in self._routes:
            if route.matches(scope)[0] is not Match.NONE:
                return route.path
        ours = next((start for start in STREAMLITS if path.startswith(start)), "")
        return ours or ("/{page}" if path.strip("/") in ("", *block.PAGES) else "other")


def started(store: Moded) -> None:
    """A line that the server is up, and in which mode its store is."""
    logs.event(logging.getLogger("scorecard.server"), "started", version=places.version(), mode=store.mode)


def stopped() -> None:
    """A line that the server has stopped in good order."""
    logs.event(logging.getLogger("scorecard.server"), "stopped")

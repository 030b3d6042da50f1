"""The routes beside the pages: share links, CSV and JSON twins, health, commands; and what guards every route."""

from __future__ import annotations

import hashlib
import json
import logging
import secrets
import sys
from collections.abc import Callable, Iterable
from datetime import date
from inspect import iscoroutinefunction
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Match

from scorecard import access, commands, entering, metrics, monitoring, registers, shared, sharing, watch, ways
from scorecard.core.periods import Period
from scorecard.errors import NotAllowed, ScorecardError, StoreError
from scorecard.output import messages, register_tables, theme, twins
from scorecard.store import definitions, relay
from scorecard.store.engine import Store
from scorecard.ui import block, downloads, gate, inside, mode, onward, state
from scorecard.ways import ENTRY, FIGURES, HOST, LINK, NOTHING, Way, authorised, person_of  # noqa: F401  (person_of is asked for here)

log = logging.getLogger("scorecard")
MOST_RECORDS = 10_000
FIRST_PAGES = ("scorecard", "start")
# The hash is that of the one inline line in Streamlit 1.67's page (`window.prerenderReady = false`).
CONTENT_POLICY = (
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval' "
    "'sha256-THxz9J9+wf7rhwR2YkXJoSZ13UCmYyC+3lNDv2+8ugA='; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; "
    "media-src 'self' blob:; object-src 'none'; frame-src 'self'; base-uri 'self'; form-action 'self'; "
    "frame-ancestors 'none'"
)
# Of what is no page: nothing in it is run, shown or fetched, should a browser open it.
DATA_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
DATA = ("/api/", "/healthz", "/media/", "/_stcore/", relay.ROUTE)
HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "content-security-policy": CONTENT_POLICY,
}


class Guard:
    """Middleware on every route: who comes in at all by the mode of the server, and the safety headers on every answer."""

    def __init__(self, app: Any):
        self.app = app

    async def __call__(self, scope: dict, receive: Callable, send: Callable) -> None:
        if scope["type"] == "lifespan":
            return await self.app(scope, receive, _plain_failure(send))
        refusal = refused(scope) or inside.too_much(scope) or await _kept_back(scope)
        if refusal and scope["type"] == "websocket":
            return await send({"type": "websocket.close", "code": 1008, "reason": "refused"})
        if refusal:
            return await PlainTextResponse(refusal, 403)(scope, receive, _with_headers(send, scope))
        longer = written_out(scope)
        if longer:
            return await RedirectResponse(longer)(scope, receive, _with_headers(send, scope))
        if scope["type"] == "websocket":
            scope, receive = scope if mode.current().local else ways.own_window(scope), _only_wanted(receive, ways.Socket(scope))
        try:
            await self.app(scope, receive, send if scope["type"] == "websocket" else _with_headers(send, scope))
        except Exception as error:  # noqa: BLE001  The edge of the process: a fault is logged, and said with its id.
            await fault(error)(scope, receive, _with_headers(send, scope))


def _only_wanted(receive: Callable, socket: ways.Socket) -> Callable:
    """What a browser sends over the socket, without what no page of this server asks for."""

    async def wrapped() -> dict:
        while True:
            message = await receive()
            if message["type"] != "websocket.receive":
                return message
            sent = message.get("bytes") or b""
            frame = socket.passed(sent) if mode.current().local else await run_in_threadpool(socket.passed, sent)
            if frame is not None:
                return message | {"bytes": frame}

    return wrapped


def fault(error: Exception) -> Response:
    """What the reader gets when a route breaks: a sentence with an id that is also in the log."""
    mark = secrets.token_hex(4)
    watch.here.fault("route")
    log.error("fault %s", mark, exc_info=error)
    return JSONResponse({"error": f"Something went wrong here. The log has the details under {mark}."}, 500)


def written_out(scope: dict) -> str:
    """The address of a page as the page writes it, or "" when it is: `2026-10` becomes `October 2026`, the first page `/`.

    Streamlit knows its default page by no other address; whether that is the scorecard depends on what is loaded.
    """
    asked_for = scope.get("path", "").strip("/")
    name = "" if asked_for in FIRST_PAGES else asked_for
    if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD") or (name and name not in block.PAGES):
        return ""
    query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    period = state.period_of(dict(query).get(state.MONTH, ""))
    written = [(key, period.label if key == state.MONTH and period else value) for key, value in query]
    if name == asked_for and written == query:
        return ""
    return f"/{name}?{urlencode(written)}" if written else f"/{name}"


def refused(scope: dict) -> str:
    """Why the mode of this server refuses a request, as a sentence; "" when it does not."""
    impersonal = any(not way.personal and way.matches(scope)[0] is not Match.NONE for way in ROUTES) if scope["type"] == "http" else False
    return ways.refused(scope, mode.current(), not impersonal)


async def _kept_back(scope: dict) -> str:
    """Why a file that was uploaded or handed out is not for who asks; "" when it is, and for everything else."""
    path = scope.get("path", "")
    if scope["type"] != "http" or mode.current().local or not path.startswith(ways.KEPT):
        return ""
    if path.startswith(inside.UPLOADS) and gate.of_another(path.removeprefix(inside.UPLOADS).partition("/")[0], HTTPConnection(scope).cookies):
        return "These files belong to another window."
    try:
        person = await run_in_threadpool(ways.person_of, HTTPConnection(scope))
    except StoreError:
        return "The store does not answer, so nobody can be told from anybody."
    return "" if access.may(person, "read_scorecard") else "Nobody is signed in. Sign in first."


def _with_headers(send: Callable, scope: dict) -> Callable:
    path = scope.get("path", "")
    given = HEADERS | ({"content-security-policy": DATA_POLICY} if path.startswith(DATA) else {}) | ({"cache-control": "private, no-store"} if path.startswith(ways.KEPT) else {})

    async def wrapped(message: dict) -> None:
        if message["type"] == "http.response.start":
            present = {name.lower() for name, _ in message.get("headers", [])}
            extra = [(name.encode(), value.encode()) for name, value in given.items() if name.encode() not in present]
            message = message | {"headers": [*_secured(onward.led(scope, message.get("headers", []))), *extra]}
        await send(message)

    return wrapped


def _secured(headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """The headers; where people come over TLS a cookie is for TLS only, also one of Streamlit's own, and browsers come no other way again."""
    found = list(headers)
    if not mode.current().secure:
        return found
    only = [(name, value + b"; Secure") if name.lower() == b"set-cookie" and b"; secure" not in value.lower() else (name, value) for name, value in found]
    return [*only, (b"strict-transport-security", b"max-age=31536000")]


_failure: list[str] = []


def _plain_failure(send: Callable) -> Callable:
    """A refused start is said in the sentence of its error, not in a traceback."""

    async def wrapped(message: dict) -> None:
        if message["type"] == "lifespan.startup.failed" and _failure:
            message = message | {"message": _failure.pop()}
        await send(message)

    return wrapped


def fail_plainly(error: ScorecardError) -> None:
    """Remembers the sentence with which the start is refused."""
    _failure.append(str(error))


def check_address(address: str | None, argv: list[str] | None = None) -> None:
    """Nothing, when the server may be bound so in its mode, and its secrets are strong. Raises ScorecardError otherwise."""
    given = argv if argv is not None else sys.argv
    for at, word in enumerate(given):
        if word == "--host" and at + 1 < len(given):
            address = given[at + 1]
        elif word.startswith("--host="):
            address = word.partition("=")[2]
    mode.begin(address)


# Answers


def failure(error: ScorecardError) -> Response:
    """A refusal as JSON: 403 not allowed, 503 no store, 404 for what does not exist."""
    status = 403 if isinstance(error, NotAllowed) else 503 if isinstance(error, StoreError) else 404
    return JSONResponse({"error": str(error)}, status)


def way(path: str, work: Callable[[Request], Any], asks: str, methods: tuple[str, ...] = ("GET",)) -> Way:
    """A route that works for who brings what it asks for, beside the event loop, and answers refusals in plain words."""

    def let_in(request: Request) -> None:
        request.state.granted = authorised(request, asks)

    def admitted(request: Request) -> Response:
        let_in(request)
        return work(request)

    async def endpoint(request: Request) -> Response:
        try:
            if not iscoroutinefunction(work):
                return await run_in_threadpool(admitted, request)
            await run_in_threadpool(let_in, request)
            return await work(request)
        except sharing.LinkClosed as refusal:
            return shared.closed(refusal.share)
        except ScorecardError as error:
            return failure(error)

    return Way(path, work, asks, endpoint, methods)


def asked(request: Request, store: Store) -> tuple[str, Period | None, str]:
    """Scorecard, period and segment of a request. Raises ScorecardError that says what is allowed."""
    query = request.query_params
    text = query.get("month", "")
    period = state.period_of(text)
    if text and period is None:
        raise ScorecardError(f"month={text[:40]!r} is not a period. Write 2026-10, 2026-W42 or 2026-Q4.")
    with store.read() as tx:
        cards = definitions.scorecards(tx)
    wanted = query.get("scorecard", cards[0].id if cards else "")
    if wanted not in [card.id for card in cards]:
        raise ScorecardError(
            f"scorecard={wanted[:40]!r} does not exist. There is: {', '.join(card.id for card in cards) or 'none yet'}."
        )
    segment = query.get("segment", "")
    return wanted, period, "" if segment == state.ALL else segment


def scorecard_view(request: Request) -> metrics.ScorecardView:
    """The view that the page of the same address shows."""
    store = state.store()
    card, period, segment = asked(request, store)
    view = metrics.scorecard_view(store, card, period, segment, state.today(store))
    _check_asked(period, segment, view.periods, view.segments)
    return view


def measure_view(request: Request) -> metrics.MeasureView:
    """The view of one measure that its page shows."""
    store = state.store()
    name = request.path_params["name"]
    _, period, segment = asked(request, store)
    with store.read() as tx:
        known = definitions.current(tx)
    if name not in known:
        raise ScorecardError(f"Measure {name[:40]!r} does not exist. There is: {', '.join(known)}.")
    view = metrics.measure_view(store, name, period, segment, state.today(store))
    _check_asked(period, segment, view.periods, tuple(part.name for part in view.segments))
    return view


def _check_asked(period: Period | None, segment: str, periods: tuple, segments: tuple) -> None:
    if period is not None and period not in periods:
        raise ScorecardError(
            f"No figures for {period}. There are figures from {periods[0]} to {periods[-1]}."
            if periods
            else "Nothing is loaded yet."
        )
    if segment and segment not in segments:
        raise ScorecardError(
            f"segment={segment[:40]!r} does not exist. There is: {', '.join(segments) or 'no segment'}."
        )


def as_json(body: dict) -> Response:
    return Response(twins.json_text(body), media_type="application/json", headers={"cache-control": "no-store"})


def as_csv(text: str, name: str) -> Response:
    return Response(
        text,
        media_type="text/csv; charset=utf-8",
        headers={"cache-control": "no-store", "content-disposition": f'attachment; filename="{downloads.named(f"{name}.csv", text.encode())}"'},
    )


def api_scorecard(request: Request) -> Response:
    return as_json(twins.scorecard_json(scorecard_view(request)))


def api_scorecard_csv(request: Request) -> Response:
    view = scorecard_view(request)
    return as_csv(twins.scorecard_csv(view), f"{view.id}-{view.period}")


def api_measure(request: Request) -> Response:
    return as_json(twins.measure_json(measure_view(request)))


def api_measure_csv(request: Request) -> Response:
    view = measure_view(request)
    return as_csv(twins.measure_csv(view), f"{view.row.measure.name}-{view.row.period}")


def open_register(request: Request) -> registers.Register:
    """The register of a request, when everybody who reads the scorecard may read it whole. Raises NotAllowed otherwise."""
    of = registers.register(request.path_params["register"])
    if of.rows != "all" or of.read != "read_scorecard":
        raise NotAllowed(f"{of.label} are not given to other programs: they are not for everybody.")
    return of


def wanted_records(request: Request) -> dict[str, Any]:
    """Which entries are asked for, by type. Raises ScorecardError that says how a parameter is written."""
    query = request.query_params
    found: dict[str, Any] = {name: query[name][:200] for name in ("account", "person", "state", "words") if query.get(name)}
    for name in ("since", "until"):
        if query.get(name):
            try:
                found[name] = date.fromisoformat(query[name])
            except ValueError as error:
                raise ScorecardError(f"{name}={query[name][:40]!r} is not a day. Write 2026-10-31.") from error
    return found


def api_records(request: Request) -> Response:
    of, query, wanted, store = open_register(request), request.query_params, wanted_records(request), state.store()
    limit, offset = (query.get(name, usual) for name, usual in (("limit", "100"), ("offset", "0")))
    if not (limit.isdecimal() and offset.isdecimal() and 1 <= int(limit[:9]) <= MOST_RECORDS):
        raise ScorecardError(f"limit is a whole number from 1 to {MOST_RECORDS:,}, offset one from 0 on.")
    with store.read() as tx:
        found = registers.entries(tx, of.id, **wanted, limit=int(limit), offset=int(offset[:9]))
        total = registers.count(tx, of.id, **wanted)
    return as_json({"register": of.id, "total": total, "entries": [registers.described(one) for one in found]})


def api_records_csv(request: Request) -> Response:
    of, store = open_register(request), state.store()
    return as_csv(register_tables.csv(store, None, of.id, state.today(store), **wanted_records(request)), of.id)


def api_guide(request: Request) -> Response:
    """The page that documents the routes."""
    return HTMLResponse(messages.api_page(mode.current().local), headers={"cache-control": "no-cache"})


def style(request: Request) -> Response:
    """The stylesheet of the parts of a page. A browser asks each time whether it is still the same."""
    mark = f'"{hashlib.sha256(theme.css().encode()).hexdigest()[:16]}"'
    headers = {"cache-control": "no-cache", "etag": mark}
    if request.headers.get("if-none-match", "") == mark:
        return Response(status_code=304, headers=headers)
    return Response(theme.css(), media_type="text/css", headers=headers)


# Commands

def listen(port: int) -> None:
    """From now on commands on this host reach the store through this server."""
    ways.open_door(commands.announce(f"http://127.0.0.1:{port}"))


def stop_listening() -> None:
    """Commands open the files themselves again."""
    while token := ways.close_door():
        commands.withdraw(token)


async def command(request: Request) -> Response:
    """A command of the command line, for who holds the token that is readable by the owner of the files only."""
    try:
        body = json.loads(await request.body())
    except ValueError:
        body = None
    token = ways.token_of_door()
    return JSONResponse(*(await run_in_threadpool(_commanded, token, request.headers.get(relay.HEADER, ""), body))[::-1])


def _commanded(token: str, given: str, body: Any) -> tuple[int, dict[str, Any]]:
    """(status, answer) of a command; in safe mode the refusal that names the backup, for who holds the token."""
    try:
        return commands.handle(state.store(), token, given, body)
    except StoreError as error:
        return relay.refused(token, given, error)


def port_of(configured: int, argv: list[str] | None = None) -> int:
    """The port of this server: uvicorn's own option when it was started by uvicorn, else Streamlit's setting."""
    given = argv if argv is not None else sys.argv
    program = Path(given[0])
    if "uvicorn" not in (program.stem, program.parent.name):
        return configured
    named = [
        word.partition("=")[2] or (given[at + 1] if at + 1 < len(given) else "")
        for at, word in enumerate(given)
        if word == "--port" or word.startswith("--port=")
    ]
    return int(named[-1]) if named else 8000


ROUTES = [
    way(relay.ROUTE, command, HOST, ("POST",)),
    *(way(path, work, FIGURES if path == "/metrics" else NOTHING) for path, work in monitoring.ROUTES),
    way("/api", api_guide, NOTHING),
    way("/style.css", style, NOTHING),
    way("/api/scorecard", api_scorecard, "read_scorecard"),
    way("/api/scorecard.csv", api_scorecard_csv, "read_scorecard"),
    way("/api/measure/{name}.csv", api_measure_csv, "read_scorecard"),
    way("/api/measure/{name}", api_measure, "read_scorecard"),
    way("/api/records/{register}.csv", api_records_csv, "read_scorecard"),
    way("/api/records/{register}", api_records, "read_scorecard"),
    *(way(path, work, LINK if "{token}" in path else "read_scorecard") for path, work in shared.ROUTES),
    way(*entering.KEPT, NOTHING),
    *(way(path, work, ENTRY, methods) for path, work, methods in entering.ROUTES),
]

"""How a command on the command line reaches the store: through the server that has it open, or by opening it here.

A running server writes a token file beside the state, readable by its owner only: its address and a random token. A
command posts its name and arguments there as JSON. When the server was killed, its file is stale, nobody answers, and
the command opens the files itself.
"""

from __future__ import annotations

import hmac
import json
import os
import secrets
import stat
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, is_dataclass
from datetime import date, datetime
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from scorecard import errors
from scorecard.errors import ScorecardError, StoreBusy, StoreError, UsageError
from scorecard.store import audit
from scorecard.store.engine import Store, open_here, open_store
from scorecard.store.lock import cannot_write
from scorecard.store.places import token_file

ROUTE = "/_scorecard/command"
HEADER = "x-scorecard-token"
LOOPBACK = ("127.0.0.1", "::1", "localhost")
WRONG_TOKEN = {"error": "NotAllowed", "message": "This is not the token of this server."}
CONNECT_SECONDS, ANSWER_SECONDS, BUSY_SECONDS = 3, 3600, 5.0
Run = Callable[[Store, dict[str, Any]], Any]
Prepare = Callable[[Store], None]


@dataclass(frozen=True)
class Door:
    """The address of a running server and the word that opens it."""

    url: str
    token: str


class NoServer(StoreError):
    """Nobody answers at the address in the token file."""


def announce(state: str | Path, facts: str | Path, url: str) -> str:
    """The token of this server, written beside the state with its address, readable by its owner only."""
    token, path = secrets.token_urlsafe(32), token_file(state, facts)
    if path is None:
        return token
    try:
        path.unlink(missing_ok=True)
        audit.write_whole(path, json.dumps({"url": url, "token": token, "process": os.getpid()}) + "\n", mode=0o600)
    except OSError as error:
        raise cannot_write(path, error) from error
    return token


def withdraw(state: str | Path, facts: str | Path, token: str) -> None:
    """The token file is gone, if it is this server's."""
    door = find(state, facts)
    path = token_file(state, facts)
    if path is not None and door is not None and hmac.compare_digest(door.token, token):
        path.unlink(missing_ok=True)


def find(state: str | Path, facts: str | Path) -> Door | None:
    """Where a server said that it is; None without a token file, or with one that somebody else could have written."""
    path = token_file(state, facts)
    if path is None:
        return None
    try:
        with path.open(encoding="utf-8") as file:
            about = os.fstat(file.fileno())
            content = json.load(file)
        door = Door(str(content["url"]), str(content["token"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
    private = not stat.S_IMODE(about.st_mode) & 0o077 and about.st_uid in (os.geteuid(), 0)
    return door if private and urlsplit(door.url).hostname in LOOPBACK else None


def handle(store: Store, token: str, given: str, request: Any, run: Run) -> tuple[int, dict[str, Any]]:
    """(HTTP status, JSON) for a posted command: 200 with its result, 403 for a wrong token, 422 with the refusal."""
    if not _same(token, given):
        return 403, WRONG_TOKEN
    if not isinstance(request, dict):
        return 422, {"error": "UsageError", "message": "A command is a JSON object."}
    try:
        return 200, {"result": as_json(run(store, request))}
    except ScorecardError as error:
        return refused(token, given, error)


def refused(token: str, given: str, error: ScorecardError) -> tuple[int, dict[str, Any]]:
    """(HTTP status, JSON) of a command that could not be done, with why for who holds the token."""
    return (422, {"error": type(error).__name__, "message": str(error)}) if _same(token, given) else (403, WRONG_TOKEN)


def _same(token: str, given: str) -> bool:
    return hmac.compare_digest(token.encode(), str(given).encode())


def ask(door: Door, request: dict[str, Any]) -> Any:
    """What the running server's command returned. Raises its refusal, or NoServer when no server of ours answers."""
    parts = urlsplit(door.url)
    # Not urllib: a proxy in the environment must never see the token.
    connection = HTTPConnection(parts.hostname or "127.0.0.1", parts.port or 80, timeout=CONNECT_SECONDS)
    try:
        connection.connect()
        connection.sock.settimeout(ANSWER_SECONDS)
        headers = {HEADER: door.token, "content-type": "application/json"}
        connection.request("POST", parts.path.rstrip("/") + ROUTE, json.dumps(as_json(request)), headers)
        answer = connection.getresponse()
        status, body = answer.status, answer.read()
    except (OSError, HTTPException) as error:
        raise NoServer(f"The server at {door.url} does not answer ({error}).") from error
    finally:
        connection.close()
    return _understood(status, body, door)


def _understood(status: int, body: bytes, door: Door) -> Any:
    try:
        content = json.loads(body)
    except ValueError:
        content = None
    if not isinstance(content, dict) or not content.keys() & {"result", "error"}:
        raise NoServer(f"What answers at {door.url} is not our server.")
    if status == 200:
        return content["result"]
    if status == 403:
        raise NoServer(f"The server at {door.url} is another one than the token file says.")
    kind = getattr(errors, str(content.get("error")), ScorecardError)
    known = isinstance(kind, type) and issubclass(kind, ScorecardError)
    # A fault says only where the log has it, as on every route; a refusal has its kind and its message.
    raise (kind if known else ScorecardError)(str(content.get("message") or content["error"]))


def call(state: str | Path, facts: str | Path, request: dict[str, Any], run: Run, prepare: Prepare) -> Any:
    """What the command returns, as JSON values: through the running server, else with the store opened here."""
    here = open_here(state, facts)
    if here is not None:
        return as_json(run(here, request))
    until = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            return _through_server_or_files(state, facts, request, run, prepare)
        except StoreBusy:
            # Another command may be about to end, or a server about to answer.
            if time.monotonic() > until:
                raise
            time.sleep(0.2)


def _through_server_or_files(state: str | Path, facts: str | Path, request: dict[str, Any], run: Run,
                             prepare: Callable[[Store], None]) -> Any:
    door = find(state, facts)
    if door is not None:
        try:
            return ask(door, request)
        except NoServer:
            pass
    store = open_store(state, facts)
    try:
        prepare(store)
        return as_json(run(store, request))
    finally:
        store.close()


def as_json(value: Any) -> Any:
    """The value as JSON knows it: dates as ISO text, records as objects, tuples as lists."""
    return json.loads(json.dumps(value, default=_plain, allow_nan=False))


def _plain(value: Any) -> Any:
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    raise UsageError(f"A command returned {type(value).__name__}, which has no JSON form.")

"""The ways in beside the pages: each route says what it asks for, and one function tells whether that was brought.

A route asks for an action of the role × action table, or for one of the keys below. Streamlit's own addresses ask for
nothing, except those under KEPT: they hold what somebody uploaded or was handed.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable
from contextlib import suppress
from urllib.parse import urlsplit

from google.protobuf.message import DecodeError
from starlette.requests import HTTPConnection, Request
from starlette.routing import Match, Route
from starlette.types import Scope
from streamlit.proto.BackMsg_pb2 import BackMsg

from scorecard import access, monitoring, sharing
from scorecard.access import Actor
from scorecard.errors import NotAllowed, StoreError
from scorecard.sharing import Share
from scorecard.signin import modes
from scorecard.store import relay
from scorecard.ui import gate, mode, state

NOTHING, LINK, HOST, FIGURES, ENTRY = "nothing", "a share link", "the token of this host", "the token of the figures", "a personal sign-in link"
KEPT = ("/media/", "/_stcore/upload_file/")
SIGNING = ("/auth/login", "/auth/logout")  # nobody is signed in or out by a link on another site
MESSAGES = ("rerun_script", "stop_script", "app_heartbeat", "file_urls_request")
OPERATIONS = ("deferred_file", "dataframe_chunk")
_PROTOCOLS = b"sec-websocket-protocol"
_NOT_IN_A_HOST = frozenset("/@?#\\")
_door: list[str] = []


class Way(Route):
    """A route that has declared what it asks for. `work` is called for who brought it."""

    def __init__(self, path: str, work: Callable, asks: str, endpoint: Callable, methods: tuple[str, ...] = ("GET",)):
        if asks not in KEYS and asks not in access.ACTIONS:
            raise ValueError(f"{path} asks for {asks!r}: name an action of access.ACTIONS, or a key of ways.KEYS.")
        self.asks, self.work = asks, work
        super().__init__(path, endpoint, methods=list(methods))

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether this route answers. The figures of the server share their address with the page Metrics: a browser that
        asks for a page gets the page."""
        accepted = dict(scope.get("headers", ())).get(b"accept", b"")
        return (Match.NONE, {}) if self.asks == FIGURES and b"text/html" in accepted else super().matches(scope)

    @property
    def personal(self) -> bool:
        """Whether it gives what somebody may see; else it may be asked for by any name of the server, and without TLS."""
        return self.asks not in (NOTHING, HOST, FIGURES)


def person_of(request: HTTPConnection) -> Actor | None:
    """Who asks: where people sign in, whose session the cookie stands for; else who is at the keyboard of this machine."""
    if not mode.current().local:
        return gate.known(state.store(), request.cookies, clicked=True)
    return state.keyboard(state.store()) if from_here(request) else None


def from_here(request: HTTPConnection) -> bool:
    """Whether the request comes from this machine."""
    return modes.is_loopback(request.client.host if request.client else "")


def authorised(request: Request, asks: str) -> Actor | Share | None:
    """The member, or the share link, that came with what is asked for; None where nobody has to be known. Raises NotAllowed."""
    if asks in KEYS:
        return KEYS[asks](request)
    person = person_of(request)
    if person is None:
        raise NotAllowed("This address answers on its own machine only. Ask for a link." if mode.current().local else
                         "Nobody is signed in. Open the first page in this browser and sign in, then ask again.")
    access.require(person, asks)
    return person


def _nothing(request: Request) -> None:
    return None


def _link(request: Request) -> Share:
    store = state.store()
    return sharing.opened(store, request.path_params.get("token", ""), state.today(store))


def _host(request: Request) -> None:
    given = request.headers.get(relay.HEADER, "")
    if not (from_here(request) and hmac.compare_digest(token_of_door().encode(), given.encode("utf-8", "replace"))):
        raise NotAllowed("This is not the token of this server.")


def _figures(request: Request) -> None:
    if not monitoring.may_read(request):
        raise NotAllowed("The figures of the server are for this machine only, or for who sends its token "
                         "(SCORECARD_METRICS_TOKEN): Authorization: Bearer …")


def _entry(request: Request) -> None:
    if mode.current().name != modes.LINK:
        raise NotAllowed("Nobody signs in with a personal link here.")


KEYS: dict[str, Callable[[Request], Share | None]] = {NOTHING: _nothing, LINK: _link, HOST: _host, FIGURES: _figures, ENTRY: _entry}


# Commands of this host


def open_door(token: str) -> None:
    """From now on this token opens the route of commands."""
    _door.append(token)


def close_door() -> str:
    """The token that opened it, which opens nothing any more; "" when it is closed."""
    return _door.pop() if _door else ""


def token_of_door() -> str:
    """The token that opens the route of commands; one that nobody knows while it is closed."""
    return _door[-1] if _door else secrets.token_hex()


# What comes in at all


def refused(scope: dict, of: modes.Mode, personal: bool = True) -> str:
    """Why a request is turned away before any route sees it, as a sentence; "" when it is not."""
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    why = _stranger(scope, headers) if of.local else _astray(scope, headers, of) if personal else ""
    changes = scope["type"] == "websocket" or scope.get("method") not in ("GET", "HEAD", "OPTIONS")
    origin = headers.get("origin")
    if not why and changes and origin is not None and not _own(origin, headers.get("host", ""), of):
        return "This request comes from another site."
    if not why and scope.get("path") in SIGNING and headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
        return "This request comes from another site."
    return why


def _own(origin: str, host: str, of: modes.Mode) -> bool:
    """Whether an Origin is that of this server; one without TLS is not, where people come over TLS."""
    same = origin == of.address or "//" in origin and netloc_of(origin) == host
    return bool(origin) and same and not (of.secure and not origin.startswith("https://"))


def wanted(frame: bytes) -> bool:
    """Whether what a browser sends over the socket is something that pages of this server ask for.

    Streamlit would also empty the caches of everybody, tell what is in the folder of the program, or write into it, for whoever asks.
    """
    try:
        message = BackMsg.FromString(frame)
    except DecodeError:
        return False
    kind = message.WhichOneof("type")
    return kind in MESSAGES or kind == "backend_operation_request" and message.backend_operation_request.WhichOneof("payload") in OPERATIONS


def own_window(scope: Scope) -> Scope:
    """The scope of a socket that asks for no window of somebody else: it gets a new one, as every first visit does."""
    cookies = HTTPConnection(scope).cookies
    return {**scope, "headers": [(name, _own_only(value, cookies) if name == _PROTOCOLS else value) for name, value in scope["headers"]]}


def _own_only(protocols: bytes, cookies: dict[str, str]) -> bytes:
    """What Streamlit's browser says as protocols: a name, a token, and the window that it comes back to."""
    said = protocols.split(b",")
    another = any(gate.of_another(one.strip().decode("latin-1"), cookies) for one in said[2:])
    return b",".join(said[:2]) if another else protocols


class Socket:
    """What a browser sends over one socket, as far as a page of this server asks for it."""

    def __init__(self, scope: dict):
        self._cookies, self._person, self._first = HTTPConnection(scope).cookies, None, True

    def passed(self, frame: bytes) -> bytes | None:
        """The frame; None for one that nobody needs.

        A part of a page is drawn alone for whom the page was drawn, and for nobody else: when somebody's role has changed, or their session is
        over, the whole page is drawn, and with the session goes what was typed in it.
        """
        if not wanted(frame):
            return None
        message = BackMsg.FromString(frame)
        if mode.current().local or message.WhichOneof("type") != "rerun_script":
            return frame
        before, first, self._first = self._person, self._first, False
        with suppress(StoreError):  # The frame of the page says what is wrong with the store.
            self._person = gate.known(state.store(), self._cookies, clicked=not message.rerun_script.is_auto_rerun)
        if self._person == before and not first:
            return frame
        message.rerun_script.fragment_id = ""
        if self._person is None and before is not None:
            message.rerun_script.ClearField("widget_states")
        return message.SerializeToString()


def _stranger(scope: dict, headers: dict[str, str]) -> str:
    """Why one machine alone does not answer."""
    ends = [scope[side][0] for side in ("server", "client") if scope.get(side)]
    if not all(modes.is_loopback(end) for end in ends) or any(name in headers for name in monitoring.FORWARDED):
        return "This server answers on its own machine only."
    if not modes.is_loopback(host_of(headers.get("host", ""))):
        return "This server answers to localhost and 127.0.0.1 only."
    return ""


def _astray(scope: dict, headers: dict[str, str], of: modes.Mode) -> str:
    """Why a server where people sign in does not answer: another name, or no TLS."""
    if host_of(headers.get("host", "")) not in of.hosts:
        return "This server does not answer to this name."
    peer = scope["client"][0] if scope.get("client") else ""
    if of.secure and not of.over_tls(scope.get("scheme", ""), peer, headers.get("x-forwarded-proto", "")):
        return f"This server answers over TLS only: {of.address}"
    return ""


def host_of(value: str) -> str:
    """The host of a Host header, in small letters and without its port; "" when anything else stands in it."""
    return "" if set(value) & _NOT_IN_A_HOST else _parts(value)[1]


def netloc_of(value: str) -> str:
    """The host of an Origin with its port; "" when it is none."""
    return _parts(value)[0]


def _parts(value: str) -> tuple[str, str]:
    try:
        parts = urlsplit(value if "//" in value else f"//{value}")
        return parts.netloc, parts.hostname or ""
    except ValueError:
        return "", ""

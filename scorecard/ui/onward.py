"""The page that somebody asked for before they signed in: kept by their browser on the way in, and opened once they are in.

The browser keeps it in a cookie that this server signs, for ten minutes and one sign-in. What comes back is written anew from
the name of a page of this app and its parameters, so that it can lead nowhere else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from urllib.parse import parse_qsl, urlencode

from itsdangerous import BadData, URLSafeTimedSerializer
from starlette.requests import HTTPConnection
from starlette.responses import Response
from streamlit.web.server.server_util import get_cookie_secret

from scorecard.leadership import rounds
from scorecard.maturity import invitations
from scorecard.signin import modes
from scorecard.ui import block, mode

PATH = "/asked"
COOKIE, SECURE_COOKIE = "scorecard_asked", "__Host-scorecard_asked"
FIRST = "/"
KEPT_SECONDS, LONGEST, MOST_PARAMETERS = 600, 1_000, 20
PERSONAL = frozenset({invitations.TOKEN, rounds.TOKEN})  # who has one of these need not sign in
_NO_ADDRESS = re.compile(r"[\x00-\x20\x7f\\]")


def safe(address: str) -> str:
    """The address as this app writes it, when it is one of its pages and not too long; "" for every other."""
    if len(address) > LONGEST or not address.startswith("/") or _NO_ADDRESS.search(address):
        return ""
    page, _, query = address[1:].partition("?")
    if page == invitations.PAGE or page and page not in block.PAGES:
        return ""
    try:
        given = parse_qsl(query, keep_blank_values=True, max_num_fields=MOST_PARAMETERS, errors="strict")
    except ValueError:
        return ""
    kept = [(name, value) for name, value in given if name not in PERSONAL]
    return f"/{page}?{urlencode(kept)}" if kept else f"/{page}"


def image(page: str, query: Mapping[str, str]) -> str:
    """The address of an image whose answer makes the browser keep the page that it is on; the first page for what cannot be kept."""
    given = urlencode(dict(query))
    return f"{PATH}/{_signer().dumps(safe(f'/{page}?{given}' if given else f'/{page}') or FIRST)}"


def read(token: str) -> str:
    """The address that this server signed in the last ten minutes; "" for anything else."""
    try:
        found = _signer().loads(token, max_age=KEPT_SECONDS)
    except BadData:
        return ""
    return safe(found) if isinstance(found, str) else ""


def name() -> str:
    """The name of the cookie. The prefix keeps other hosts of the domain from setting it."""
    return SECURE_COOKIE if mode.current().secure else COOKIE


def keep(answer: Response, token: str) -> None:
    """Nothing; the browser that gets this answer keeps the address for ten minutes."""
    answer.set_cookie(name(), token, max_age=KEPT_SECONDS, path="/", secure=mode.current().secure, httponly=True, samesite="lax")


def forget(answer: Response) -> None:
    """Nothing; the browser that gets this answer keeps no address any more."""
    answer.delete_cookie(name(), path="/", secure=mode.current().secure, httponly=True, samesite="lax")


def of(cookies: Mapping[str, str]) -> str:
    """Where a browser goes on to that has just signed in: the page that was asked for, else the first one."""
    return read(cookies.get(name(), "")) or FIRST


def led(scope: dict, headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """The headers of an answer; that to who comes back from the provider leads to the page that they asked for, once.

    Streamlit itself would lead everybody to the first page.
    """
    found = list(headers)
    if scope.get("path") != modes.CALLBACK or (b"location", FIRST.encode()) not in found:
        return found
    answer = Response(headers={"location": of(HTTPConnection(scope).cookies)})
    forget(answer)
    added = [one for one in answer.raw_headers if one[0] in (b"location", b"set-cookie")]
    return [*(one for one in found if one[0] != b"location"), *added]


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(get_cookie_secret(), salt=COOKIE)

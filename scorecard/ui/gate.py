"""Who asks, where people sign in: known by the session that a cookie stands for, read again at every run and request.

Nobody is known by a header, by an address, or by what a provider said: only by a row of the session table that still
holds, of a member who is still active.
"""

from __future__ import annotations

import json
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import streamlit as st
from itsdangerous import BadData, URLSafeTimedSerializer
from streamlit.auth_util import get_cookie_with_chunks, get_origin_from_redirect_uri
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.web.server.server_util import get_cookie_secret
from streamlit.web.server.starlette.starlette_app_utils import decode_xsrf_token_string

from scorecard.access import Actor
from scorecard.errors import NotAllowed, StoreError
from scorecard.signin import admission, modes, sessions
from scorecard.signin.admission import Claims
from scorecard.signin.sessions import Seen
from scorecard.store.engine import Store
from scorecard.ui import mode

# Of Streamlit itself, which writes it after st.login; and ours, of link mode. The prefix keeps other hosts of the domain from setting it.
PROVIDER_COOKIE = "_streamlit_user"
COOKIE, SECURE_COOKIE = "scorecard_session", "__Host-scorecard_session"
OWNER = "signed in as"
_COOKIE_SECONDS = 31 * 24 * 60 * 60
_RECENT_SECONDS, _RECENT_KEPT = 1.0, 512
_XSRF, _WINDOWS_KEPT = "_streamlit_xsrf", 8_192
_OVER = {sessions.IDLE_WORDS: "You were away for thirty minutes.", sessions.OVER_WORDS: "Eight hours are over.",
         sessions.OUT_WORDS: "You are signed out.", sessions.SUSPENDED: "You are suspended here. Ask an admin."}


@dataclass(frozen=True)
class Standing:
    """Who asks, or nobody and why: a sentence, or "" for somebody who has not tried yet."""

    person: Actor | None
    why: str = ""


# -- the key of a session

def key_of(cookies: Mapping[str, str], of: modes.Mode) -> str:
    """The key of the session that cookies stand for; "" when they stand for none. It says nothing about whether that holds."""
    if of.name == modes.LINK:
        return sessions.key_of(cookies.get(SECURE_COOKIE if of.secure else COOKIE, ""))
    claims = claims_of(cookies) if of.name == modes.OIDC else None
    return claims.key if claims else ""


def claims_of(cookies: Mapping[str, str]) -> Claims | None:
    """What the provider said, from the cookie that this server signed; None without one that is whole and for this address."""
    moments: list[datetime] = []

    def part(name: str) -> bytes | None:
        signer = URLSafeTimedSerializer(get_cookie_secret(), salt=name)
        try:
            text, moment = signer.loads(cookies.get(name, ""), max_age=_COOKIE_SECONDS, return_timestamp=True)
        except BadData:
            return None
        moments.append(moment.astimezone(UTC).replace(tzinfo=None))
        return text.encode() if isinstance(text, str) else None

    whole = get_cookie_with_chunks(part, PROVIDER_COOKIE) if PROVIDER_COOKIE in cookies else None
    said = _parsed(whole)
    if said is None or said.get("origin") != get_origin_from_redirect_uri() or said.get("is_logged_in") is not True:
        return None
    return Claims(str(said.get("provider", "")), said, min(moments))


def _parsed(content: bytes | None) -> dict[str, Any] | None:
    try:
        found = json.loads(content) if content else None
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


# -- who it belongs to

_recent: OrderedDict[tuple[int, str], tuple[int, float, Seen | None]] = OrderedDict()
_recent_lock = threading.Lock()
_left: set[str] = set()  # sessions whose end could not be written


def _look(store: Store, key: str, clicked: bool = False) -> Seen | None:
    """Who the key belongs to. One run asks many times: an answer holds for a second, and not past a change of the data or a click that is not noted."""
    if not key or key in _left:
        return None
    at, version, moment, now = (id(store), key), store.data_version, time.monotonic(), _now()
    with _recent_lock:
        found = _recent.get(at)
    noted = not (clicked and found and found[2] and sessions.unseen(found[2].session, now))
    if found and found[0] == version and moment - found[1] < _RECENT_SECONDS and noted:
        return found[2]
    seen = sessions.look(store, key, now, clicked)
    with _recent_lock:
        _recent[at] = (version, moment, seen)
        while len(_recent) > _RECENT_KEPT:
            _recent.popitem(last=False)
    return seen


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)


def known(store: Store, cookies: Mapping[str, str], clicked: bool = False) -> Actor | None:
    """Who sends these cookies, where people sign in. None in local mode, where nobody signs in.

    `clicked` is said where a click comes in, at a socket or a route, and nowhere else: thirty minutes without one end a session.
    """
    seen = _look(store, key_of(cookies, mode.current()), clicked)
    return seen.person if seen else None


def who(store: Store) -> Actor | None:
    """Who looks at the page of this run, where people sign in; None is nobody."""
    return known(store, _cookies())


def again(store: Store) -> Callable[[], Actor | None]:
    """A question that can be put later, outside of a run: who is it now that this page was drawn for?"""
    key = key_of(_cookies(), mode.current())

    def now() -> Actor | None:
        seen = _look(store, key)
        return seen.person if seen else None

    return now


def _cookies() -> Mapping[str, str]:
    return st.context.cookies


# -- whose window it is

_windows: OrderedDict[str, str] = OrderedDict()  # Streamlit's id of a window -> the browser that it was drawn for


def hold_window() -> None:
    """Nothing; the window of this run is that of this browser, as it is signed in now, and of no other that learns its id."""
    here = get_script_run_ctx(suppress_warning=True)
    if here is None or mode.current().local:
        return
    with _recent_lock:
        _windows.setdefault(here.session_id, _browser(_cookies()))
        while len(_windows) > _WINDOWS_KEPT:
            _windows.popitem(last=False)


def of_another(window: str, cookies: Mapping[str, str]) -> bool:
    """Whether a window was drawn for another browser, or for somebody else in this one."""
    with _recent_lock:
        held = _windows.get(window)
    return held is not None and held != _browser(cookies)


def _browser(cookies: Mapping[str, str]) -> str:
    """What tells one browser from another: its own cookie against requests from other sites, and its session."""
    token, _ = decode_xsrf_token_string(cookies.get(_XSRF, ""))  # The cookie is written anew with each answer, under another mask.
    return f"{token.hex() if token else ''} {key_of(cookies, mode.current())}"


# -- coming in and going out

def enter(store: Store) -> Standing:
    """Who looks, at the beginning of a run of the frame; a sign-in that is seen for the first time begins a session here."""
    of, cookies = mode.current(), _cookies()
    key = key_of(cookies, of)
    seen = _look(store, key)
    claims = claims_of(cookies) if seen is None and of.name == modes.OIDC and key not in _left else None
    if claims is not None and _confirmed(claims):
        try:
            admission.admit(store, of, claims, st.context.headers.get("User-Agent", ""), _now())
        except NotAllowed as refusal:
            return Standing(None, str(refusal))
        seen = _look(store, key)
    if seen is None or seen.person is None:
        return Standing(None, _OVER.get(seen.over, "Your session was ended.") if seen else "")
    _own(seen.person)
    return Standing(seen.person)


def _confirmed(claims: Claims) -> bool:
    """Whether Streamlit has taken the same cookie for this window: it has compared the origin, and the token against other sites."""
    return bool(st.user.get("is_logged_in")) and st.user.get("sub") == claims.text("sub") and st.user.get("nonce") == claims.text("nonce")


def _own(person: Actor) -> None:
    """Nothing; what another person left in this window's state is gone."""
    if st.session_state.get(OWNER, person.person) != person.person:
        st.session_state.clear()
    st.session_state[OWNER] = person.person


def leave(store: Store) -> None:
    """Ends the session of this browser; the provider is told where it wants to be."""
    of = mode.current()
    key = key_of(_cookies(), of)
    try:
        sessions.end(store, key, _now())
    except StoreError:
        _left.add(key)  # A full disk keeps nobody signed in.
    if of.name == modes.OIDC:
        st.logout()
    else:
        st.rerun()

"""What a browser sends over its socket, and where a request says that it comes from, without a server."""

from __future__ import annotations

from collections import OrderedDict
from types import SimpleNamespace

import pytest
from starlette.requests import Request
from starlette.routing import Match
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from streamlit.web.server.starlette.starlette_app_utils import generate_xsrf_token_string

from scorecard import monitoring, sharing, ways, web
from scorecard.errors import NotAllowed, StoreBusy
from scorecard.signin import modes
from scorecard.store import relay
from scorecard.ui import gate, mode, state
from tests import loops
from tests.conftest import make_actor

SCOPE = {"type": "websocket", "headers": [(b"cookie", b"a=b")]}


def rerun(fragment: str = "part") -> bytes:
    message = BackMsg()
    message.rerun_script.fragment_id = fragment
    message.rerun_script.widget_states.widgets.append(WidgetState(id="save", trigger_value=True))
    return message.SerializeToString()


@pytest.mark.parametrize("kind", ["clear_cache", "set_run_on_save", "load_git_info", "debug_disconnect_websocket", "debug_shutdown_runtime"])
def test_what_no_page_asks_for_is_dropped(kind):
    assert not ways.wanted(BackMsg(**{kind: True}).SerializeToString())


@pytest.mark.parametrize("operation", ["install_skills", "dismiss_skills_nudge", ""])
def test_an_operation_that_writes_into_the_program_is_dropped(operation):
    message = BackMsg()
    message.backend_operation_request.request_id = "1"
    if operation:
        getattr(message.backend_operation_request, operation).SetInParent()
    assert not ways.wanted(message.SerializeToString())


@pytest.mark.parametrize("frame", [b"", b"\xff\xff", b"text"])
def test_what_is_no_message_is_dropped(frame):
    assert not ways.wanted(frame)


def test_what_pages_ask_for_passes():
    download = BackMsg()
    download.backend_operation_request.deferred_file.file_id = "1"
    files = BackMsg()
    files.file_urls_request.request_id = "1"
    for frame in (rerun(), download.SerializeToString(), files.SerializeToString(), BackMsg(stop_script=True).SerializeToString(), BackMsg(app_heartbeat=True).SerializeToString()):
        assert ways.wanted(frame) and ways.Socket(SCOPE).passed(frame) == frame  # on one machine
    assert ways.Socket(SCOPE).passed(b"") is None


def test_while_the_store_does_not_answer_nobody_is_taken_for_another(monkeypatch):
    def known(store, cookies, clicked):
        raise StoreBusy("later")

    monkeypatch.setattr(mode, "current", lambda: modes.Mode("link", "https://a.example", ("a.example",)))
    monkeypatch.setattr(state, "store", lambda: None)
    socket = ways.Socket(SCOPE)
    with monkeypatch.context() as patch:
        patch.setattr(gate, "known", lambda store, cookies, clicked: make_actor())
        socket.passed(rerun())
        patch.setattr(gate, "known", known)
        assert socket.passed(rerun()) == rerun()


@pytest.mark.parametrize("origin", ["", "http://", "file://", "localhost"])
@pytest.mark.parametrize("of", [modes.Mode(), modes.Mode("link", "http://localhost:8501", ("localhost",))])
def test_an_origin_without_a_host_is_another_site(origin, of):
    headers = [(b"host", b"localhost:8501"), (b"origin", origin.encode())]
    scope = {"type": "http", "method": "POST", "path": "/", "headers": headers, "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 1)}
    assert ways.refused(scope, of) == "This request comes from another site."


@pytest.mark.parametrize("site, told", [("cross-site", True), ("same-site", True), ("same-origin", False), ("none", False), (None, False)])
@pytest.mark.parametrize("path", ways.SIGNING)
def test_nobody_is_signed_in_or_out_by_a_link_on_another_site(path, site, told):
    headers = [(b"host", b"localhost")] + ([(b"sec-fetch-site", site.encode())] if site else [])
    scope = {"type": "http", "method": "GET", "path": path, "headers": headers, "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 1)}
    assert (ways.refused(scope, modes.Mode()) == "This request comes from another site.") is told


@pytest.mark.parametrize("value", ["somebody@localhost", "localhost/elsewhere", "localhost?a", "localhost#a", "http://localhost", "evil.example\\@localhost"])
def test_a_host_with_anything_else_in_it_is_none(value):
    assert ways.host_of(value) == ""


@pytest.mark.parametrize("value", ["http://[::1", "//[", "http://a.example:port]["])
def test_a_host_that_is_none_is_none(value):
    assert ways.host_of(value) == ways.netloc_of(value) == ""


# -- routes, and what they ask for

SIGNED_IN = modes.Mode("link", "https://a.example", ("a.example",), ("10.0.0.5",))
OTHER_SITE = "This request comes from another site."


async def nowhere(request: Request) -> None:
    """Nothing."""


def make_way(asks: str, **more) -> ways.Way:
    return ways.Way("/metrics", print, asks, nowhere, **more)


@pytest.fixture
def here(monkeypatch):
    """The server in a mode, with a store that is only a name; nobody is signed in, and a leader sits at the keyboard."""
    def of(mode_of: modes.Mode = modes.Mode()) -> None:
        monkeypatch.setattr(mode, "current", lambda: mode_of)

    monkeypatch.setattr(state, "store", lambda: "the store")
    monkeypatch.setattr(state, "keyboard", lambda store: make_actor("leader") if store == "the store" else None)
    monkeypatch.setattr(gate, "known", lambda store, cookies, clicked: make_actor(cookies["who"]) if store == "the store" and "who" in cookies else None)
    of()
    return of


def make_request(client: str | None = "127.0.0.1", token: str = "", **headers: str) -> Request:
    sent = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "headers": sent, "client": (client, 5000) if client else None, "path_params": {"token": token} if token else {}})


def test_a_route_that_does_not_say_what_it_asks_for_is_no_route():
    with pytest.raises(ValueError, match=r"^/metrics asks for 'everything': name an action of access\.ACTIONS, or a key of ways\.KEYS\.$"):
        make_way("everything")


@pytest.mark.parametrize(("asks", "personal"), [(ways.NOTHING, False), (ways.HOST, False), (ways.FIGURES, False), (ways.LINK, True), (ways.ENTRY, True), ("decide", True)])
def test_a_route_says_what_it_asks_for_and_whether_that_is_personal(asks, personal):
    way = make_way(asks)
    assert (way.asks, way.work, way.personal, way.path, way.endpoint, way.methods) == (asks, print, personal, "/metrics", nowhere, {"GET", "HEAD"})
    assert make_way(asks, methods=("POST",)).methods == {"POST"}


@pytest.mark.parametrize(("asks", "accept", "answers"), [
    (ways.FIGURES, b"text/html,*/*", False), (ways.FIGURES, b"application/openmetrics-text", True), (ways.FIGURES, None, True), ("decide", b"text/html", True),
])
def test_a_browser_that_asks_for_a_page_gets_the_page_and_no_figures(asks, accept, answers):
    scope = {"type": "http", "method": "GET", "path": "/metrics", "headers": [(b"accept", accept)] if accept else []}
    assert make_way(asks).matches(scope)[0] is (Match.FULL if answers else Match.NONE)
    assert make_way(asks).matches({"type": "http", "method": "GET", "path": "/metrics"})[0] is Match.FULL


def test_on_one_machine_who_is_at_the_keyboard_asks(here):
    assert ways.authorised(make_request(), "decide") == make_actor("leader")
    for client in ("192.168.1.9", None):
        with pytest.raises(NotAllowed, match=r"^This address answers on its own machine only\. Ask for a link\.$"):
            ways.authorised(make_request(client), "decide")


def test_where_people_sign_in_the_session_of_the_cookie_asks(here):
    here(SIGNED_IN)
    assert ways.authorised(make_request(cookie="who=viewer"), "read_scorecard") == make_actor("viewer")
    with pytest.raises(NotAllowed, match=r"may not do this: decide, sign a month\. Ask a leader\.$"):
        ways.authorised(make_request(cookie="who=viewer"), "decide")
    with pytest.raises(NotAllowed, match=r"^Nobody is signed in\. Open the first page in this browser and sign in, then ask again\.$"):
        ways.authorised(make_request(), "read_scorecard")


def test_what_asks_for_nobody_knows_nobody(here):
    assert ways.authorised(make_request(None), ways.NOTHING) is None


def test_a_share_link_is_opened_by_its_token_today(here, monkeypatch):
    monkeypatch.setattr(state, "today", lambda store: f"today in {store}")
    monkeypatch.setattr(sharing, "opened", lambda *asked: asked)
    assert ways.authorised(make_request(token="t"), ways.LINK) == ("the store", "t", "today in the store")
    assert ways.authorised(make_request(), ways.LINK) == ("the store", "", "today in the store")


def test_only_the_token_of_this_host_from_this_host_opens_the_door_while_it_is_open(here):
    told = r"^This is not the token of this server\.$"
    closed, ways._door[:] = list(ways._door), []
    try:
        assert len(ways.token_of_door()) == 64 and ways.token_of_door() != ways.token_of_door() and ways.close_door() == ""
        ways.open_door("first")
        ways.open_door("tok\u00e9n")
        right = Request({"type": "http", "headers": [(relay.HEADER.encode(), "tok\u00e9n".encode("latin-1"))], "client": ("127.0.0.1", 1)})
        assert ways.token_of_door() == "tok\u00e9n" and ways.authorised(right, ways.HOST) is None
        elsewhere = Request(dict(right.scope) | {"client": ("192.168.1.9", 1)})
        for request in (elsewhere, make_request(), make_request(**{relay.HEADER: "first"}), make_request(**{relay.HEADER: ""})):
            with pytest.raises(NotAllowed, match=told):
                ways.authorised(request, ways.HOST)
        assert ways.close_door() == "tok\u00e9n" and ways.token_of_door() == "first" and ways.close_door() == "first"
        with pytest.raises(NotAllowed, match=told):
            ways.authorised(right, ways.HOST)
    finally:
        ways._door[:] = closed


def test_the_figures_are_for_whom_monitoring_lets_in(here, monkeypatch):
    request = make_request()
    monkeypatch.setattr(monitoring, "may_read", lambda asked: asked is request)
    assert ways.authorised(request, ways.FIGURES) is None
    with pytest.raises(NotAllowed) as refused:
        ways.authorised(make_request(), ways.FIGURES)
    assert str(refused.value) == "The figures of the server are for this machine only, or for who sends its token (SCORECARD_METRICS_TOKEN): Authorization: Bearer …"


def test_a_personal_link_signs_in_only_where_people_sign_in_with_links(here):
    here(SIGNED_IN)
    assert ways.authorised(make_request(), ways.ENTRY) is None
    for other in (modes.Mode(), modes.Mode("oidc", "https://a.example")):
        here(other)
        with pytest.raises(NotAllowed, match=r"^Nobody signs in with a personal link here\.$"):
            ways.authorised(make_request(), ways.ENTRY)


# -- what comes in at all

def make_scope(host: str = "localhost:8501", kind: str = "http", method: str | None = "GET", scheme: str = "http", client: str | None = "127.0.0.1", path: str = "/", **headers: str) -> dict:
    sent = [(b"Host", host.encode("latin-1"))] + [(name.replace("_", "-").encode(), value.encode("latin-1")) for name, value in headers.items()]
    scope = {"type": kind, "path": path, "scheme": scheme, "headers": sent, "server": ("127.0.0.1", 8501), "client": (client, 1) if client else None}
    return scope | ({"method": method} if method else {})


@pytest.mark.parametrize(("scope", "told"), [
    (make_scope(), ""), (make_scope(client=None), ""), (make_scope("[::1]:8501"), ""), (make_scope("\xe9vil.example"), "This server answers to localhost and 127.0.0.1 only."),
    *((make_scope(**{name.replace("-", "_").title(): "x"}), "This server answers on its own machine only.") for name in monitoring.FORWARDED),
    ({"type": "http", "path": "/", "headers": [(b"host", b"localhost")], "method": "GET"}, ""),
    ({"type": "http", "path": "/", "headers": [], "method": "GET"}, "This server answers to localhost and 127.0.0.1 only."),
])
def test_one_machine_answers_itself_only(scope, told):
    assert ways.refused(scope, modes.Mode()) == told


NO_TLS, OTHER_NAME = "This server answers over TLS only: https://a.example", "This server does not answer to this name."


@pytest.mark.parametrize(("scope", "told"), [
    (make_scope("a.example", scheme="https"), ""), (make_scope("A.example:443", kind="websocket", method=None, scheme="wss"), ""),
    (make_scope("a.example"), NO_TLS), (make_scope("a.example", client="10.0.0.5", X_Forwarded_Proto="https"), ""), (make_scope("a.example", client="10.0.0.5"), NO_TLS),
    (make_scope("a.example", client="10.0.0.6", X_Forwarded_Proto="https"), NO_TLS), (make_scope("a.example", client=None, X_Forwarded_Proto="https"), NO_TLS),
    (make_scope("b.example", scheme="https"), OTHER_NAME), (make_scope("localhost", scheme="https"), OTHER_NAME),
    ({"type": "http", "path": "/", "headers": [(b"host", b"a.example")], "method": "GET"}, NO_TLS), ({"type": "http", "path": "/", "headers": [], "method": "GET"}, OTHER_NAME),
])
def test_where_people_sign_in_the_server_answers_to_its_name_and_over_tls(scope, told):
    assert ways.refused(scope, SIGNED_IN) == told
    assert ways.refused(scope, SIGNED_IN, personal=False) == ""


@pytest.mark.parametrize(("origin", "method", "told"), [
    ("https://a.example", "POST", ""), ("http://a.example", "POST", OTHER_SITE), ("https://b.example", "DELETE", OTHER_SITE), ("null", "PUT", OTHER_SITE),
    ("https://b.example", "GET", ""), ("https://b.example", "HEAD", ""), ("https://b.example", "OPTIONS", ""), ("https://b.example", None, OTHER_SITE),
])
def test_a_change_comes_from_a_page_of_this_server(origin, method, told):
    kind = "http" if method else "websocket"
    assert ways.refused(make_scope("a.example", kind, method, "https", Origin=origin), SIGNED_IN) == told


def test_the_address_of_the_server_counts_behind_a_proxy_that_asks_for_another_name():
    of = modes.Mode("link", "https://a.example", ("a.example", "inner"), ())
    assert ways.refused(make_scope("inner", method="POST", scheme="https", origin="https://a.example"), of) == ""
    assert ways.refused(make_scope("inner", method="POST", scheme="https", origin="https://inner"), of) == ""
    assert ways.refused({**make_scope("inner", method="POST", scheme="https", origin="https://inner"), "headers": [(b"origin", b"https://inner")]}, of, personal=False) == OTHER_SITE


def test_other_addresses_may_be_linked_from_anywhere():
    assert ways.refused(make_scope(path="/planning", Sec_Fetch_Site="cross-site"), modes.Mode()) == ""


@pytest.mark.parametrize(("value", "host", "netloc"), [
    ("LOCALHOST:8501", "localhost", "LOCALHOST:8501"), ("https://A.example:1", "", "A.example:1"), ("[::1]:80", "::1", "[::1]:80"), ("", "", ""), ("a.example", "a.example", "a.example"),
])
def test_a_host_is_read_without_its_port_in_small_letters(value, host, netloc):
    assert (ways.host_of(value), ways.netloc_of(value)) == (host, netloc)


# -- one socket, and who it was drawn for

def parts_of(frame: bytes) -> tuple[str, int]:
    """The part of the page that the frame asks for, and how many widgets it brings."""
    message = BackMsg.FromString(frame).rerun_script
    return message.fragment_id, len(message.widget_states.widgets)


def test_a_part_of_a_page_is_drawn_for_whom_the_page_was_drawn(here, monkeypatch):
    here(SIGNED_IN)
    known = [make_actor("leader"), make_actor("leader"), make_actor("viewer"), make_actor("viewer"), None, None, make_actor("viewer")]
    seen: list = []
    monkeypatch.setattr(gate, "known", lambda store, cookies, clicked: seen.append((store, cookies)) or known[len(seen) - 1])
    socket = ways.Socket(SCOPE)
    assert [parts_of(socket.passed(rerun())) for _ in known] == [("", 1), ("part", 1), ("", 1), ("part", 1), ("", 0), ("part", 1), ("", 1)]
    assert seen == [("the store", {"a": "b"})] * 7


def test_whoever_is_not_signed_in_yet_keeps_what_was_typed(here):
    here(SIGNED_IN)
    assert parts_of(ways.Socket(SCOPE).passed(rerun())) == ("", 1)


def test_what_is_no_run_of_a_page_passes_as_it_came(here):
    here(SIGNED_IN)
    socket, beat = ways.Socket(SCOPE), BackMsg(app_heartbeat=True).SerializeToString()
    assert socket.passed(beat) == beat and parts_of(socket.passed(rerun())) == ("", 1)


def test_what_a_person_does_is_a_click_and_what_a_page_does_by_itself_is_none(here, monkeypatch):
    here(SIGNED_IN)
    told: list[bool] = []
    monkeypatch.setattr(gate, "known", lambda store, cookies, clicked: told.append(clicked))
    by_itself = BackMsg.FromString(rerun())
    by_itself.rerun_script.is_auto_rerun = True
    socket = ways.Socket(SCOPE)
    for frame in (rerun(), by_itself.SerializeToString(), rerun()):
        socket.passed(frame)
    ways.person_of(make_request())
    assert told == [True, False, True, True]


# -- a window, and the browser that it was drawn for

def cookies(browser: int, session: str) -> dict[str, str]:
    """What a browser holds: its token against other sites, under a mask of the moment, and the session."""
    return {"_streamlit_xsrf": generate_xsrf_token_string(bytes([browser] * 16), 1), gate.SECURE_COOKIE: session}


@pytest.fixture
def drawn(here, monkeypatch):
    """A window that was drawn for browser 1, signed in as rana."""
    here(SIGNED_IN)
    monkeypatch.setattr(gate, "_windows", OrderedDict())
    monkeypatch.setattr(gate, "get_script_run_ctx", lambda **_: SimpleNamespace(session_id="rana's window"))
    for holder in (cookies(1, "rana"), cookies(2, "petra")):  # who comes later does not make it theirs
        monkeypatch.setattr(gate, "_cookies", lambda holder=holder: holder)
        gate.hold_window()


def handshake(protocols: str, who: dict[str, str]) -> dict:
    said = "; ".join(f"{name}={value}" for name, value in who.items())
    return {"type": "websocket", "headers": [(b"cookie", said.encode()), (b"sec-websocket-protocol", protocols.encode())]}


@pytest.mark.parametrize(("browser", "session", "own"), [(1, "rana", True), (2, "petra", False), (2, "rana", False), (1, "petra", False), (1, "", False)])
def test_a_window_is_given_back_to_the_browser_that_it_was_drawn_for_and_to_no_other(drawn, browser, session, own):
    asked = handshake("streamlit, token, rana's window", cookies(browser, session))
    assert dict(ways.own_window(asked)["headers"])[b"sec-websocket-protocol"] == (b"streamlit, token, rana's window" if own else b"streamlit, token")
    upload = {"type": "http", "path": "/_stcore/upload_file/rana's window/1", "headers": asked["headers"][:1]}
    assert (loops.ran(web._kept_back(upload)) == "These files belong to another window.") is not own


@pytest.mark.parametrize("protocols", ["streamlit", "streamlit, token", "streamlit, token, a window that nobody drew", ""])
def test_any_other_socket_passes_as_it_came(drawn, protocols):
    asked = handshake(protocols, cookies(2, "petra"))
    assert ways.own_window(asked) == asked

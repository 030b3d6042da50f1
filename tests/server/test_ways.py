"""What a browser sends over its socket, and where a request says that it comes from, without a server."""

from __future__ import annotations

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState

from scorecard import ways
from scorecard.errors import StoreBusy
from scorecard.signin import modes
from scorecard.ui import gate, mode, state
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
    def known(store, cookies):
        raise StoreBusy("later")

    monkeypatch.setattr(mode, "current", lambda: modes.Mode("link", "https://a.example", ("a.example",)))
    monkeypatch.setattr(state, "store", lambda: None)
    socket = ways.Socket(SCOPE)
    with monkeypatch.context() as patch:
        patch.setattr(gate, "known", lambda store, cookies: make_actor())
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


@pytest.mark.parametrize("value", ["http://[::1", "//[", "http://a.example:port]["])
def test_a_host_that_is_none_is_none(value):
    assert ways.host_of(value) == ways.netloc_of(value) == ""

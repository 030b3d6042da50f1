"""Commands reach the store through the running server, or open it themselves when none runs."""

from __future__ import annotations

import json
import threading
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import import_module
from pathlib import Path

import pytest

from scorecard import commands
from scorecard.errors import NotAllowed, ScorecardError, StoreBusy, StoreDamaged, UsageError
from scorecard.store import relay

REQUEST = {"command": "count", "arguments": {}}


def count(store, request):
    """A command: how many teams there are, and which day it was given."""
    with store.read() as tx:
        return {"teams": tx.one("SELECT COUNT(*) FROM team")[0], "day": date(2026, 11, 22), "given": request}


def refuse(store, request):
    raise StoreDamaged("the sentence")


def no_preparation(store) -> None:
    """Nothing to prepare."""


def call(places, request=REQUEST, run=count):
    return relay.call(places.state, places.facts, request, run, no_preparation)


class Served:
    """A running server with the command route, in this process but reached over the network only."""

    def __init__(self, places, run=count, answer=None):
        self.places, self.asked = places, []
        self.store = places.open()
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), self._handler(run, answer))
        self.url = f"http://127.0.0.1:{self.http.server_port}"
        self.token = relay.announce(places.state, places.facts, self.url)
        threading.Thread(target=self.http.serve_forever, args=(0.02,), daemon=True).start()

    def _handler(served, run, answer):  # noqa: N805
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                served.asked.append(self.path)
                status, content = answer or relay.handle(
                    served.store, served.token, self.headers[relay.HEADER] or "", body, run
                )
                written = content if isinstance(content, bytes) else json.dumps(content).encode()
                self.send_response(status)
                self.send_header("content-length", str(len(written)))
                self.end_headers()
                self.wfile.write(written)

            def log_message(self, *_args):
                """Quiet."""

        return Handler

    def stop(self):
        self.http.shutdown()
        self.http.server_close()
        self.store.close()


@pytest.fixture
def elsewhere(monkeypatch):
    """As in another process: the open store of this one is not seen."""
    monkeypatch.setattr(relay, "open_here", lambda *_places: None)
    monkeypatch.setattr(relay, "BUSY_SECONDS", 0.3)


@pytest.fixture
def served(somewhere, elsewhere):
    server = Served(somewhere)
    yield server
    server.stop()


def test_without_a_server_the_files_are_opened_and_closed_again(somewhere):
    assert call(somewhere) == {"teams": 0, "day": "2026-11-22", "given": REQUEST}
    somewhere.open().close()


def test_with_a_server_the_command_is_done_there(somewhere, served):
    served.store.write(lambda tx: tx.run("INSERT INTO team VALUES ('a', 'A', 0)"), "Rana Amari")
    assert call(somewhere)["teams"] == 1
    assert served.asked == [relay.ROUTE]


def test_the_token_file_is_for_its_owner_only(served, somewhere):
    (path,) = Path(somewhere.folder).glob("*.token")
    assert oct(path.stat().st_mode)[-3:] == "600"


def test_a_wrong_token_opens_nothing(served):
    assert relay.handle(served.store, served.token, "wrong", REQUEST, count)[0] == 403
    assert relay.handle(served.store, served.token, "", REQUEST, count)[0] == 403


@pytest.mark.parametrize("request_", [None, [], "text", 7])
def test_a_request_that_is_no_object_is_refused(served, request_):
    status, answer = relay.handle(served.store, served.token, served.token, request_, count)
    assert (status, answer["error"]) == (422, "UsageError")


def test_a_refusal_in_the_server_is_the_same_refusal_here(somewhere, elsewhere):
    server = Served(somewhere, refuse)
    try:
        with pytest.raises(StoreDamaged, match="^the sentence$"):
            call(somewhere)
    finally:
        server.stop()


def test_a_fault_in_the_server_is_said_with_the_id_that_its_log_has(somewhere, elsewhere):
    server = Served(somewhere, answer=(500, {"error": "Something went wrong here. The log has the details under 1a2b3c4d."}))
    try:
        with pytest.raises(ScorecardError, match="under 1a2b3c4d"):
            call(somewhere)
    finally:
        server.stop()


def test_the_token_file_of_a_killed_server_is_no_obstacle(somewhere, elsewhere):
    server = Served(somewhere)
    server.stop()
    assert relay.find(somewhere.state, somewhere.facts) is not None
    assert call(somewhere)["teams"] == 0


def test_another_program_at_the_old_address_is_not_believed(somewhere, elsewhere):
    server = Served(somewhere, answer=(200, b"<html>hello</html>"))
    try:
        with pytest.raises(StoreBusy, match="is in use by"):
            call(somewhere)
        server.store.close()
        assert call(somewhere)["teams"] == 0
    finally:
        server.stop()


def test_another_server_of_ours_at_the_old_address_does_not_answer_for_this_one(somewhere, elsewhere):
    server = Served(somewhere, answer=(403, {"error": "NotAllowed", "message": "no"}))
    try:
        server.store.close()
        assert call(somewhere)["teams"] == 0
    finally:
        server.stop()


def test_a_server_takes_only_its_own_token_file_away(somewhere):
    first = relay.announce(somewhere.state, somewhere.facts, "http://127.0.0.1:1")
    second = relay.announce(somewhere.state, somewhere.facts, "http://127.0.0.1:2")
    relay.withdraw(somewhere.state, somewhere.facts, first)
    assert relay.find(somewhere.state, somewhere.facts).token == second
    relay.withdraw(somewhere.state, somewhere.facts, second)
    assert relay.find(somewhere.state, somewhere.facts) is None


@pytest.mark.parametrize(
    ("content", "mode"),
    [
        ('{"url": "http://127.0.0.1:8501", "token": "x"}', 0o644),
        ('{"url": "http://example.com:8501", "token": "x"}', 0o600),
        ('{"url": "http://127.0.0.1:8501"}', 0o600),
        ("half a fi", 0o600),
        ("[]", 0o600),
    ],
)
def test_a_token_file_that_others_could_have_written_is_not_used(on_disk, content, mode):
    path = on_disk.folder / "state.duckdb.token"
    path.write_text(content)
    path.chmod(mode)
    assert relay.find(on_disk.state, on_disk.facts) is None


def test_a_proxy_in_the_environment_never_sees_the_token(somewhere, served, monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert call(somewhere)["teams"] == 0


def test_inside_the_process_that_has_the_store_open_it_is_used(somewhere, store):
    assert call(somewhere)["teams"] == 0
    assert not store.closed


def test_a_short_wait_lets_another_command_end(somewhere, monkeypatch):
    monkeypatch.setattr(relay, "open_here", lambda *_places: None)
    other = somewhere.open()
    threading.Timer(0.5, other.close).start()
    assert call(somewhere)["teams"] == 0


@pytest.mark.parametrize("value", [object(), {"a": lambda: None}])
def test_a_result_without_a_json_form_is_refused(value):
    with pytest.raises(UsageError, match="which has no JSON form"):
        relay.as_json(value)


@pytest.mark.parametrize("name", sorted(commands.COMMANDS))
def test_every_command_is_where_its_name_points(name):
    module, _, function = commands.COMMANDS[name].function.partition(":")
    assert callable(getattr(import_module(module), function))


def test_an_unknown_command_is_refused(store):
    with pytest.raises(UsageError, match="There is no command 'nonsense'"):
        commands.run(store, {"command": "nonsense"})


def test_somebody_who_is_no_member_cannot_be_asked_for(store):
    with pytest.raises(NotAllowed, match="'nobody' is not an active member"):
        commands.run(store, {"command": "backup", "person": "nobody"})


def test_a_command_in_a_members_name_says_in_the_audit_whose_hands_it_was(store):
    commands.prepare(store)
    for person in ("you", ""):
        commands.run(store, {"command": "share_list", "arguments": {}, "person": person, "operator": "root"})
    with store.read() as tx:
        rows = tx.all("SELECT actor, object, after_json FROM audit WHERE action = 'act as'")
    assert rows == [("root (command line)", "member:you", '{"command": "share_list"}')]


def test_a_member_who_may_not_is_refused_on_the_command_line_too(store):
    commands.prepare(store)
    with pytest.raises(NotAllowed, match="may not do this"):
        commands.run(store, {"command": "backup", "person": "you"})


def test_the_operator_of_the_host_is_named_in_the_audit(store):
    made = commands.run(store, {"command": "backup", "operator": "rana"})
    with store.read() as tx:
        assert tx.one("SELECT actor, action, object FROM audit ORDER BY seq DESC LIMIT 1") == (
            "rana (command line)",
            "backup",
            f"backup:{Path(made['path']).name}",
        )

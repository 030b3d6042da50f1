"""Role × action × way in. What is expected comes from the role × action table and from what each way in declares, and from nothing else.

Ways in: a command, a route (with a session, a stale one, a copied one, forged headers, a tampered address), a page over
the websocket without a browser, a file handed out by a page.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Self

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect

from scorecard import access, commands, maturity, places, registers, shared, ways, web
from scorecard.access import Actor
from scorecard.core.feedback import PEERS
from scorecard.errors import NotAllowed, StoreDamaged
from scorecard.leadership import rounds
from scorecard.maturity import invitations
from scorecard.signin import modes, sessions
from scorecard.store import feedback as round_rows
from scorecard.store import members, relay, signin
from scorecard.store.engine import Store
from scorecard.store.members import Person
from scorecard.ui import block, gate, mode, state
from scorecard.ways import ENTRY, FIGURES, HOST, LINK, NOTHING
from tests import stores
from tests.conftest import make_actor
from tests.endurance import in_full
from tests.server.conftest import Server, free_port, launch, ready, stop
from tests.server.visitor import Visitor
from tests.test_declared import declared, first_line

TOKENS, TODAY = "tokens.json", date.today()
HOST_NAME, NOW = "scorecard.company.example", datetime.now(UTC).replace(tzinfo=None, microsecond=0)
TABLE = {action: allowed for action, (_, allowed) in access.ACTIONS.items()}


# ---- commands -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def called(monkeypatch):
    """The roles in which a command was done; what it would do is left out."""
    done: list[str] = []

    class Everything:
        def __getattr__(self, name: str) -> Callable:
            return lambda store, actor, today, **given: done.append(actor.role)

    monkeypatch.setattr(commands, "import_module", lambda name: Everything())
    monkeypatch.setattr(commands, "_today", lambda store: date(2026, 11, 23))
    monkeypatch.setattr(commands, "_lent", lambda store, actor, request: None)
    monkeypatch.setattr(commands.organisation, "who", lambda store, person: make_actor(person, person) if person in (*access.ROLES, "owner", "") else None)
    return done


def test_a_command_is_done_for_the_roles_of_its_action_and_for_nobody_else(called):
    for name, command in commands.COMMANDS.items():
        for person in (*access.ROLES, "owner", "nobody"):
            if person in TABLE[command.asks]:
                commands.run(None, {"command": name, "person": person})
            else:
                with pytest.raises(NotAllowed):
                    commands.run(None, {"command": name, "person": person})
        assert called == [role for role in access.ROLES if role in TABLE[command.asks]], name
        called.clear()


def test_the_operator_asks_in_a_role_that_may(called):
    for name, command in commands.COMMANDS.items():
        assert command.role in TABLE[command.asks], name
        commands.run(None, {"command": name, "operator": "root"})
    assert called == [command.role for command in commands.COMMANDS.values()]


def test_a_command_that_declares_nothing_is_for_who_manages_members():
    assert TABLE[commands.Command("somewhere:something").asks] == {"admin"}


# ---- routes -------------------------------------------------------------------------------------------------------------


def make_house(folder: Path) -> None:
    """Nothing; the folder holds a store with a member of each role, their sessions, sessions that hold no more, and a link."""
    stores.make_beginning(folder)
    stores.add_roles(folder)
    store = stores.opened(folder)

    def people(tx) -> None:
        members.insert_person(tx, Person("gone", "Gone Away"))
        members.insert_member(tx, "gone", "admin")
        members.insert_person(tx, Person("no-member", "No Member"))
        tx.run("UPDATE member SET active = FALSE WHERE person = 'gone'")
        for kind, (person, made, ended) in SESSIONS.items():
            signin.insert_session(tx, signin.Session(sessions.key_of(secret_of(kind)), person, "link", made, made, made + sessions.LONGEST, ended))

    store.write(people, "host")
    (folder / TOKENS).write_text(json.dumps(_invited(store)), "utf-8")
    store.close()


def _invited(store: Store) -> dict[str, str]:
    """The tokens of two personal links: one to a maturity cycle, one to feedback for a leader."""
    leader, between = (Actor(f"test-{role}", f"Test {role}", role) for role in ("leader", "viewer"))
    cycle = maturity.open_cycle(store, leader, title="Asked now", kind="quick", mode="named", people=["test-member"], closes=TODAY + timedelta(days=9), today=TODAY)
    asked = {PEERS: ["Ida", "Kim", "Lou", "Max", "Noa"]}
    held = rounds.open_round(store, leader, person="test-leader", title="Autumn", people={}, outside=asked, closes=TODAY + timedelta(days=29), today=TODAY, hand_to="test-viewer")
    with store.read() as tx:
        someone = next(id for id, each in round_rows.asked(tx, held.id).items() if each.name)
    return {"invitation": invitations.invite(store, leader, cycle.id, ["test-member"], TODAY)[0].token,
            "feedback": rounds.invite(store, between, held.id, [someone], TODAY)[0].token}


def _odd(tx) -> None:
    """Nothing; two members have roles that the table does not know."""
    for role in ("owner", ""):
        members.insert_person(tx, Person(f"odd-{role}", f"Odd {role}"))
        members.insert_member(tx, f"odd-{role}", role)


AGO = {"idle": timedelta(minutes=31), "over": timedelta(hours=8, minutes=1)}
SESSIONS = {role: (f"test-{role}", NOW, None) for role in access.ROLES} | {
    "ended": ("test-leader", NOW, NOW), "idle": ("test-leader", NOW - AGO["idle"], None), "over": ("test-leader", NOW - AGO["over"], None),
    "suspended": ("gone", NOW, None), "no member": ("no-member", NOW, None), "unknown role": ("odd-owner", NOW, None), "empty role": ("odd-", NOW, None)}  # fmt: skip
NOBODY = ("no cookie", "guessed", *(kind for kind in SESSIONS if kind not in access.ROLES))


def secret_of(kind: str) -> str:
    """What the browser of somebody has, without which nobody is known; "" for who has nothing."""
    return {"no cookie": "", "guessed": "x" * 43}.get(kind, hashlib.sha256(f"secret of {kind}".encode()).hexdigest())


def cookie_of(kind: str) -> str:
    return f"{gate.SECURE_COOKIE}={secret_of(kind)}"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the house, to be copied."""
    place = tmp_path_factory.mktemp("matrix")
    make_house(place)
    return place


@pytest.fixture(scope="module")
def house(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The store of the house, as the server opens it."""
    folder = stores.copied(folder, tmp_path_factory.mktemp("asked") / "house")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(places.STATE, str(folder / "state.duckdb"))
        patch.setenv(places.FACTS, str(folder / "facts.duckdb"))
        state.store().write(_odd, "host")
        yield state.store()
        state._stores.pop((str(folder / "state.duckdb"), str(folder / "facts.duckdb"))).close()


@pytest.fixture
def ask(house, monkeypatch) -> Iterator[Callable[..., httpx.Response]]:
    """Asks a route of a server where people sign in by link, over TLS and from elsewhere unless told otherwise."""
    monkeypatch.setenv(places.STATE, house.place)
    monkeypatch.setenv(places.FACTS, str(Path(house.place).with_name("facts.duckdb")))
    monkeypatch.setattr(mode, "current", lambda: modes.Mode("link", f"https://{HOST_NAME}", (HOST_NAME,), ("10.0.0.5",)))
    app = Starlette(routes=[*web.ROUTES, *OTHERS], middleware=[Middleware(web.Guard)])
    with ThreadPoolExecutor(1) as alone:
        loop = alone.submit(asyncio.new_event_loop).result()

        def asked(path: str, *, method: str = "GET", peer: str = "203.0.113.9", scheme: str = "https", host: str = HOST_NAME, **headers: str) -> httpx.Response:
            async def once() -> httpx.Response:
                transport = httpx.ASGITransport(app, client=(peer, 1))
                async with httpx.AsyncClient(transport=transport, base_url=f"{scheme}://{host}") as client:
                    return await client.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})

            return alone.submit(loop.run_until_complete, once()).result(60)

        yield asked
        alone.submit(loop.close).result()


# A route for each action of the table: those of the product ask for few of them.
OTHERS = [web.way(f"/asks/{action}", lambda request: Response("in"), action) for action in access.ACTIONS]


def filled(path: str) -> str:
    """The address of a route with something in each of its holes: a link that never was, a measure, a register."""
    return path.replace("{token}", "A" * 43).replace("{name}", "renewal_rate").replace("{register}", "finding")


def expected(asks: str, role: str | None, here: bool) -> bool:
    """Whether a request is let in: by the table for a member of this role, else by the key, which nobody brings here."""
    if asks in TABLE:
        return role in TABLE[asks]
    return {NOTHING: True, FIGURES: here, HOST: False, LINK: False, ENTRY: False}[asks]


def let_in(answer: httpx.Response, asks: str) -> bool:
    """Whether an answer is one to somebody who was let in; a link or an entry that never was answers as what does not exist."""
    return answer.status_code not in ((403, 404, 410) if asks in (LINK, ENTRY) else (403,))


def cases() -> list[tuple[str, str, str]]:
    """(path, method, what it asks for) of every route."""
    return [(filled(route.path), method, route.asks) for route in (*web.ROUTES, *OTHERS) for method in sorted(route.methods - {"HEAD"})]


def test_each_route_lets_in_the_roles_that_it_declares_and_nobody_else(ask):
    for path, method, asks in cases():
        for kind in (*access.ROLES, *NOBODY):
            answer = ask(path, method=method, cookie=cookie_of(kind))
            role = kind if kind in access.ROLES else None
            assert let_in(answer, asks) is expected(asks, role, here=False), (method, path, kind, answer.status_code)
            assert role or "set-cookie" not in answer.headers, (path, kind)


FORGED = (
    {"x_streamlit_user": "test-admin"}, {"x_forwarded_user": "test-admin"}, {"remote_user": "test-admin"}, {"x_forwarded_email": "a@b.example"},
    {"authorization": "Bearer test-admin"}, {"authorization": "Basic dGVzdC1hZG1pbjo="}, {"x_forwarded_for": "127.0.0.1"}, {"forwarded": "for=127.0.0.1;proto=https"},
    {"x_real_ip": "127.0.0.1"}, {"x_scorecard_token": ""}, {"x_original_url": "/healthz"}, {"x_rewrite_url": "/healthz"},
    {"cookie": f"{gate.SECURE_COOKIE}={sessions.key_of(secret_of('admin'))}"},  # the row of the session, as who reads a backup has it
    {"cookie": f"{gate.COOKIE}={secret_of('admin')}"},  # under the name that any host of the domain may set
    {"cookie": f"{gate.PROVIDER_COOKIE}={secret_of('admin')}"}, {"cookie": "person=test-admin; user=test-admin"},
)  # fmt: skip
ADDED = ("?person=test-admin", "?actor=test-admin&role=admin", f"?session={secret_of('admin')}", f"?{gate.SECURE_COOKIE}={secret_of('admin')}")


def test_no_forged_header_and_no_word_in_the_address_makes_anybody_of_nobody(ask):
    for path, method, asks in cases():
        for forged in FORGED:
            assert let_in(ask(path, method=method, **forged), asks) is expected(asks, None, here=False), (path, forged)
        for words in ADDED:
            assert let_in(ask(path + words, method=method), asks) is expected(asks, None, here=False), (path, words)


def test_a_session_that_is_ended_opens_nothing_from_the_next_request_on_and_its_copy_neither(ask, house):
    guarded = [(path, method) for path, method, asks in cases() if "leader" in TABLE.get(asks, ())]
    secret = secret_of("copied")
    sessions.begin(house, sessions.key_of(secret), "test-leader", "link", "", NOW)
    ours, copied = ({"cookie": f"{gate.SECURE_COOKIE}={secret}", "user_agent": agent} for agent in ("Firefox/1", "curl/8"))
    assert guarded and all(ask(path, method=method, **ours).status_code != 403 for path, method in guarded)
    sessions.end(house, sessions.key_of(secret), NOW)
    for path, method in guarded:
        assert ask(path, method=method, **ours).status_code == ask(path, method=method, **copied).status_code == 403


def test_a_role_that_is_taken_away_counts_at_the_next_request(ask, house):
    def role(to: str) -> None:
        house.write(lambda tx: tx.run("UPDATE member SET role = $1 WHERE person = 'test-member'", (to,)), "test")

    paths = [path for path, method, asks in cases() if asks == "read_scorecard"]
    for given in ("owner", "member", "viewer"):
        role(given)
        for path in paths:
            assert let_in(ask(path, cookie=cookie_of("member")), "read_scorecard") is (given in TABLE["read_scorecard"]), (path, given)
    role("member")


@pytest.mark.parametrize("path", ["/media/0123.csv", "/_stcore/upload_file/a/b"])
def test_files_that_were_handed_in_or_out_are_for_who_has_signed_in(ask, path):
    for kind in (*access.ROLES, *NOBODY):
        for method in ("GET", "PUT", "DELETE"):
            assert (ask(path, method=method, cookie=cookie_of(kind)).status_code == 403) is (kind in NOBODY), (kind, method)


def test_while_the_store_does_not_answer_nobody_gets_a_file_or_a_route_that_is_about_somebody(ask, monkeypatch):
    def damaged() -> Store:
        raise StoreDamaged("The files are damaged.")

    monkeypatch.setattr(state, "store", damaged)
    assert ask("/media/0123.csv", cookie=cookie_of("admin")).status_code == 403
    for path, method, asks in cases():
        if asks in TABLE:
            assert ask(path, method=method, cookie=cookie_of("admin")).status_code == 503, path


def test_another_name_or_no_tls_is_turned_away_before_any_route_that_is_about_somebody(ask):
    for path, method, asks in cases():
        personal = asks not in (NOTHING, HOST, FIGURES)
        for how in ({"host": "evil.example"}, {"host": "localhost"}, {"host": f"{HOST_NAME}.evil.example"}, {"host": f"x{HOST_NAME}"}, {"scheme": "http"},
                    {"scheme": "http", "x_forwarded_proto": "https"}, {"scheme": "http", "x_forwarded_proto": "https", "peer": "10.0.0.6"}):  # fmt: skip
            answer = ask(path, method=method, cookie=cookie_of("leader"), **how)
            assert not personal or answer.status_code == 403 and "This server" in answer.text, (path, how)
        behind = ask(path, method=method, cookie=cookie_of("leader"), scheme="http", peer="10.0.0.5", x_forwarded_proto="https")
        assert let_in(behind, asks) is expected(asks, "leader", here=False), path


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://scorecard.company.example", f"https://{HOST_NAME}:8443"])
def test_a_change_that_another_site_asks_for_is_refused(ask, origin):
    for path, method, asks in cases():
        if method != "GET":
            answer = ask(path, method=method, cookie=cookie_of("leader"), origin=origin)
            assert (answer.status_code, answer.text) == (403, "This request comes from another site."), path


def test_where_nobody_signs_in_routes_answer_this_machine_alone(ask, monkeypatch):
    monkeypatch.setattr(mode, "current", modes.Mode)
    for path, method, asks in cases():
        here = {"method": method, "scheme": "http", "peer": "127.0.0.1", "host": "localhost"}
        answer = ask(path, **here)
        assert let_in(answer, asks) is expected(asks, "leader", here=True) and (answer.status_code == 403 or asks != ENTRY), path
        for changed in ({"peer": "203.0.113.9"}, {"host": "evil.example"}, {"x_forwarded_for": "127.0.0.1"}, {"forwarded": "for=1.2.3.4"}, {"via": "1.1 proxy"}):
            assert ask(path, **here | changed).status_code == 403, (path, changed)


def test_the_token_of_this_host_opens_the_route_of_commands_to_this_machine_only(ask):
    ways.open_door("the token")
    try:
        sent = {"method": "POST", "x_scorecard_token": "the token"}
        assert [ask(relay.ROUTE, peer=peer, **sent).status_code for peer in ("127.0.0.1", "::1", "203.0.113.9", "10.0.0.5")] == [422, 422, 403, 403]
        assert ask(relay.ROUTE, method="POST", peer="127.0.0.1", x_scorecard_token="another").status_code == 403
    finally:
        ways.close_door()
    assert ask(relay.ROUTE, peer="127.0.0.1", **sent).status_code == 403


@pytest.mark.parametrize("granted", [None, make_actor("owner")])
def test_what_stands_behind_a_link_is_shown_to_nobody_who_was_not_let_in(house, granted):
    request = Request({"type": "http", "method": "GET", "path": "/wall", "headers": [], "query_string": b"", "state": {"granted": granted}})
    with pytest.raises(NotAllowed):
        shared.admitted(request, house)


def test_only_registers_that_everybody_reads_are_given_to_other_programs(ask):
    for of in registers.registers().values():
        open_to_all = of.rows == "all" and of.read == "read_scorecard"
        for path, role in ((f"/api/records/{of.id}?limit=1", "leader"), (f"/api/records/{of.id}.csv", "admin")):
            assert (ask(path, cookie=cookie_of(role)).status_code == 403) is not open_to_all, (path, role)


# ---- pages, over the websocket without a browser -------------------------------------------------------------------------

SIGN_IN, REFUSAL = "You sign in here with a personal link", "may not do this:"


class Caller(Visitor):
    """Somebody who speaks to the server's socket without a browser, and keeps all that was sent to them."""

    def __init__(self, url: str, cookie: str = "", **headers: str) -> None:
        self.url, self.page, self.uploader, self.said = url, "", "", []
        self.client = httpx.Client(base_url=url, timeout=30, verify=False, headers={"cookie": cookie})
        address = url.replace("http", "ws") + "/_stcore/stream"
        sent = {"Cookie": cookie} | {name.replace("_", "-"): value for name, value in headers.items()}
        self.opening = connect(address, subprotocols=["streamlit"], additional_headers=sent, max_size=None)
        self.session, self.heard, self.buttons, self.fragments = "", b"", {}, []

    def __enter__(self) -> Self:
        self.socket = self.opening.__enter__()
        return self

    def look(self, page: str, query: str = "", fragment: str = "") -> bytes:
        """All that the server sends for a page, or for a part of it that is drawn by itself."""
        message = BackMsg()
        message.rerun_script.page_name, message.rerun_script.query_string, message.rerun_script.fragment_id = page, query, fragment
        self.socket.send(message.SerializeToString())
        self.heard, self.buttons, self.fragments = b"", {}, []
        while True:
            got = self._next()
            if got.WhichOneof("type") == "script_finished" and got.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                self.whole = got.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY
                return self.heard

    def take(self, file: str) -> str:
        """The address of a file that a page offers, "" when the server does not make it."""
        message = BackMsg()
        message.backend_operation_request.request_id, message.backend_operation_request.session_id = "1", self.session
        message.backend_operation_request.deferred_file.file_id = file
        self.socket.send(message.SerializeToString())
        while True:
            got = self._next()
            if got.WhichOneof("type") == "backend_operation_response":
                return got.backend_operation_response.deferred_file.url

    def _next(self) -> ForwardMsg:
        received = self.socket.recv(30)
        self.heard += received
        got = ForwardMsg.FromString(received)
        if got.WhichOneof("type") == "new_session":
            self.session = got.new_session.initialize.session_id or self.session
        if got.WhichOneof("type") == "delta" and got.delta.fragment_id:
            self.fragments.append(got.delta.fragment_id)
        element = got.delta.new_element if got.WhichOneof("type") == "delta" else None
        if element is not None and element.WhichOneof("type") == "download_button":
            self.buttons[element.download_button.label] = element.download_button.deferred_file_id
        return got


@pytest.fixture(scope="module")
def served(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A running server in which people sign in by link, on this machine."""
    place, port = stores.copied(folder, tmp_path_factory.mktemp("served") / "house"), free_port()
    secrets = place / "secrets.toml"
    secrets.write_text(f'[signin]\nmode = "link"\naddress = "http://127.0.0.1:{port}"\n', "utf-8")
    secrets.chmod(0o600)
    process, _, log = launch(place, "--secrets.files", str(secrets), port=port)
    try:
        ready(process, port, log)
        yield Server(f"http://127.0.0.1:{port}", process, place, log)
    finally:
        stop(process)


def plain_cookie(kind: str) -> str:
    return f"{gate.COOKIE}={secret_of(kind)}"


def asks_of(page: str) -> tuple[str, str]:
    """(action, words for who may not) that the first line of a page declares; ("guests", "") for the page of personal links."""
    path = places.ROOT / "pages" / f"{page}.py"
    given = first_line(path).value.args
    return declared(path), str(given[1].value) if len(given) > 1 else REFUSAL


PAGES_ASKED = [page for page in (*block.PAGES, "start") if asks_of(page)[0] in TABLE]
KEPT = [page for page in PAGES_ASKED if TABLE[asks_of(page)[0]] != set(access.ROLES)]


@pytest.mark.endurance
def test_each_page_opens_for_the_roles_that_it_declares_and_says_to_others_who_may(served):
    for role in access.ROLES:
        with Caller(served.url, plain_cookie(role)) as caller:
            for page in PAGES_ASKED if in_full() or role == "viewer" else KEPT:
                asks, words = asks_of(page)
                heard = caller.look(page, "person=test-admin&role=admin")
                assert (words.encode() in heard) is (role not in TABLE[asks]), (page, role)
                assert SIGN_IN.encode() not in heard and f"Test {role}".encode() in heard and b"Something went wrong" not in heard, (page, role)


@pytest.mark.endurance
def test_who_has_no_session_that_holds_gets_the_sign_in_page_at_every_address_and_no_word_of_the_store(served):
    brought = [*({"Cookie": plain_cookie(kind)} for kind in NOBODY[1:]), *(FORGED if in_full() else FORGED[::3])]
    for n, headers in enumerate(brought):
        _nobody(served, block.PAGES[n % len(block.PAGES)], **headers)
    with Caller(served.url) as caller:
        for page in block.PAGES:
            _is_nothing(page, caller.look(page, "person=test-admin&record=finding:1&view=model"))


def _nobody(served: Server, page: str, **headers: str) -> None:
    cookie = next((headers.pop(name) for name in ("Cookie", "cookie") if name in headers), "").replace(gate.SECURE_COOKIE, gate.COOKIE)
    cookie = cookie if secret_of("admin") not in cookie else cookie.replace(gate.COOKIE, "other")
    with Caller(served.url, cookie, **headers) as caller:
        _is_nothing(page, caller.look(page))


def _is_nothing(page: str, heard: bytes) -> None:
    assert page == "answer" or SIGN_IN.encode() in heard, page
    for word in (b"Test admin", b"Test leader", b"Gone Away", b"Your organisation", b"download_button"):
        assert word not in heard, (page, word)


def test_who_comes_by_a_personal_link_sees_its_form_and_nothing_else_signed_in_or_not(served, folder):
    tokens = json.loads((folder / TOKENS).read_text("utf-8"))
    for (name, token), kind, form in zip(tokens.items(), ("member", "no cookie"), (b"Asked now", b"Autumn"), strict=True):
        with Caller(served.url, plain_cookie(kind)) as caller:
            for page, query in (("answer", f"{name}={token}"), ("scorecard", ""), ("settings", ""), ("answer", f"{name}={token}&person=test-admin&view=results")):
                heard = caller.look(page, query)
                assert form in heard and SIGN_IN.encode() not in heard, (name, page)
                for word in (b"Test admin", b"Test analyst", b"Gone Away", b"Members", b"Log a touch", b"page_link", b"download_button"):
                    assert word not in heard, (name, page, word)
    for name, token in tokens.items():
        with Caller(served.url, plain_cookie("admin")) as caller:
            heard = caller.look("answer", f"{name}={token}")
            assert b"you are signed in as Test admin" in heard and b"Asked now" not in heard and b"Autumn" not in heard
    for query in ("", "invitation=guessed", "feedback=guessed", "invitation=" + "x" * 5000):
        with Caller(served.url) as caller:
            heard = caller.look("answer", query)
            assert b"This link does not answer" in heard
            _is_nothing("answer", heard)


def test_a_file_is_for_who_saw_its_button_as_long_as_they_may_and_its_name_is_that_of_its_content(served):
    with Caller(served.url, plain_cookie("member")) as caller:
        caller.look("maturity", "view=model")
        button = caller.buttons["The model as a file"]
        place = caller.take(button)
        answer = caller.client.get(place)
        assert answer.status_code == 200 and hashlib.sha256(answer.content).hexdigest()[:12] in answer.headers["content-disposition"]
        assert [httpx.get(served.url + place, headers={"cookie": plain_cookie(kind)}).status_code for kind in ("viewer", "no cookie", "ended")] == [200, 403, 403]
        change_role(served, "test-member", "viewer")
        assert caller.take(button) == ""
        change_role(served, "test-member", "member")
        assert caller.take(button)


def change_role(served: Server, member: str, role: str) -> None:
    door = relay.find(served.folder / "state.duckdb", served.folder / "facts.duckdb")
    relay.ask(door, {"command": "member_change", "arguments": {"member": member, "role": role}, "operator": "test"})


def test_a_session_that_ends_while_the_page_is_open_sees_nothing_at_the_next_click(served):
    with Caller(served.url, plain_cookie("analyst")) as caller, Caller(served.url, plain_cookie("analyst")) as other:
        for one in (caller, other):
            assert SIGN_IN.encode() not in one.look("log")
        (part, *_), (own, *_) = caller.fragments, other.fragments
        assert caller.look("log", fragment=part) and not caller.whole, "no part was drawn by itself: then this test is about whole pages"
        change_role(served, "test-analyst", "viewer")
        assert REFUSAL.encode() in caller.look("log", fragment=part)
        change_role(served, "test-analyst", "analyst")
        relay.ask(relay.find(served.folder / "state.duckdb", served.folder / "facts.duckdb"),
                  {"command": "member_revoke", "arguments": {"member": "test-analyst"}, "operator": "test"})
        _is_nothing("log", caller.look("log"))
        _is_nothing("log", other.look("log", fragment=own))
    with Caller(served.url, plain_cookie("analyst")) as caller:
        _is_nothing("settings", caller.look("settings"))


def test_the_socket_does_nothing_that_no_page_asks_for(served):
    """Streamlit would empty the caches of everybody, or tell what is in the folder of the program, for who has not signed in."""
    with Caller(served.url) as caller:
        for kind in ("clear_cache", "load_git_info"):
            caller.socket.send(BackMsg(**{kind: True}).SerializeToString())
        caller.socket.send(b"\xff\xffnonsense")
        heard = caller.look("scorecard")
        assert SIGN_IN.encode() in heard and b"git_info" not in heard

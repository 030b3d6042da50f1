"""Who is known by a cookie: made here by this server's own hand, for its own address; and what comes over a socket when that has changed."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

import httpx
import pytest
from itsdangerous import URLSafeTimedSerializer
from starlette.applications import Starlette
from starlette.middleware import Middleware
from streamlit import config
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.runtime.secrets import secrets_singleton

from scorecard import organisation, places, ways, web
from scorecard.access import Actor
from scorecard.errors import NotAllowed, StoreError
from scorecard.signin import links, sessions
from scorecard.signin.modes import Mode
from scorecard.store.members import Person
from scorecard.ui import gate, mode, onward, state
from tests import loops, stores

SECRET, OTHER = "r7Kq2mZt9XwL4bVn8PcY3hJd6GsF1aQe", "Z" * 20 + "q7Kq2mZt9XwL4bVn"
ORIGIN = "https://scorecard.corp.example"
SAID = {"iss": "https://id.corp.example", "sub": "1", "aud": "seven", "nonce": "n", "iat": 1_795_424_400, "email": "rana@corp.example",
        "email_verified": True, "origin": ORIGIN, "is_logged_in": True, "provider": "default"}
OIDC = Mode("oidc", ORIGIN, ("scorecard.corp.example",), ("10.0.0.5",))
LINK = Mode("link", ORIGIN, ("scorecard.corp.example",), ("10.0.0.5",))
LEADER = Actor("rana-amari", "Rana Amari", "leader")


@pytest.fixture
def signing(monkeypatch) -> None:
    """Streamlit signs and reads its cookie as with these secrets."""
    monkeypatch.setattr(gate, "get_cookie_secret", lambda: SECRET)
    monkeypatch.setattr(gate, "get_origin_from_redirect_uri", lambda: ORIGIN)


def cookie(said: dict, secret: str = SECRET, name: str = gate.PROVIDER_COOKIE) -> dict[str, str]:
    return {name: URLSafeTimedSerializer(secret, salt=name).dumps(json.dumps(said))}


def in_parts(said: dict, count: int = 3) -> dict[str, str]:
    """A long cookie as Streamlit writes it: its length, and its parts."""
    text, name = json.dumps(said), gate.PROVIDER_COOKIE
    size = len(text) // count + 1
    parts = {f"{name}_{n + 1}": text[n * size:(n + 1) * size] for n in range(count)}
    return {key: URLSafeTimedSerializer(SECRET, salt=key).dumps(value) for key, value in ({name: f"chunks-{count}"} | parts).items()}


def test_a_cookie_of_this_server_says_what_the_provider_said_whole_or_in_parts(signing):
    whole, parts = gate.claims_of(cookie(SAID)), gate.claims_of(in_parts(SAID))
    assert whole.said == parts.said == SAID and whole.key == parts.key and len(whole.key) == 64
    assert abs(whole.made_at - datetime.now(UTC).replace(tzinfo=None)) < timedelta(minutes=1)


def broken() -> dict[str, dict[str, str]]:
    name, good = gate.PROVIDER_COOKIE, cookie(SAID)
    value = good[name]
    return {
        "none": {}, "empty": {name: ""}, "text": {name: "rana@corp.example"}, "another secret": cookie(SAID, OTHER),
        "signed for another cookie": {name: cookie(SAID, name="_streamlit_user_tokens")["_streamlit_user_tokens"]},
        "changed": {name: value[:10] + ("A" if value[10] != "A" else "B") + value[11:]}, "cut": {name: value[:-3]},
        "of another address": cookie(SAID | {"origin": "https://other.corp.example"}), "without an address": cookie({k: v for k, v in SAID.items() if k != "origin"}),
        "not logged in": cookie(SAID | {"is_logged_in": False}), "logged in by a word": cookie(SAID | {"is_logged_in": "yes"}),
        "a list": cookie([SAID]), "a part is missing": {k: v for k, v in in_parts(SAID).items() if not k.endswith("_2")},
        "endless parts": {name: URLSafeTimedSerializer(SECRET, salt=name).dumps("chunks-99999999")},
    }


@pytest.mark.parametrize("kind", broken())
def test_any_other_cookie_says_nothing(signing, kind):
    assert gate.claims_of(broken()[kind]) is None and gate.key_of(broken()[kind], OIDC) == ""


def test_a_cookie_written_otherwise_is_the_same_session_and_another_sign_in_is_another(signing):
    name = gate.PROVIDER_COOKIE
    again, later = cookie(SAID | {"name": "Rana"}), cookie(SAID | {"nonce": "m"})
    assert gate.key_of(cookie(SAID), OIDC) == gate.key_of(again, OIDC) != gate.key_of(later, OIDC)
    assert gate.key_of({**cookie(SAID), f"{name}_9": "x", "other": "y"}, OIDC) == gate.key_of(cookie(SAID), OIDC)


def test_a_cookie_of_one_mode_is_nothing_in_another(signing):
    held = {gate.SECURE_COOKIE: "secret", gate.COOKIE: "secret", **cookie(SAID)}
    assert gate.key_of(held, Mode()) == ""
    assert gate.key_of(held, LINK) == sessions.key_of("secret") and gate.key_of({gate.COOKIE: "secret"}, LINK) == ""
    assert gate.key_of({gate.SECURE_COOKIE: "secret"}, replace(LINK, address="http://localhost:8501")) == ""


@pytest.mark.parametrize(("user", "taken"), [
    ({"is_logged_in": True, "sub": "1", "nonce": "n"}, True), ({"is_logged_in": True, "sub": "2", "nonce": "n"}, False),
    ({"is_logged_in": True, "sub": "1", "nonce": "of another window"}, False), ({"is_logged_in": False}, False), ({}, False),
])
def test_a_session_begins_only_with_the_cookie_that_streamlit_took_for_this_window(signing, user, taken):
    with patch.object(gate.st, "user", user):
        assert gate._confirmed(gate.claims_of(cookie(SAID))) is taken


def test_on_a_full_disk_who_signs_out_is_out(house, monkeypatch):
    secret = {gate.SECURE_COOKIE: "full disk"}
    monkeypatch.setattr(mode, "current", lambda: LINK)
    monkeypatch.setattr(gate, "_cookies", lambda: secret)
    monkeypatch.setattr(gate.st, "rerun", lambda: None)
    sessions.begin(house, sessions.key_of("full disk"), "rana-amari", "link", "", state.now())
    assert gate.who(house).person == "rana-amari"
    with patch.object(house, "write", side_effect=StoreError("no room")):
        gate.leave(house)
        assert gate.who(house) is None and gate.known(house, secret) is None
    gate._left.clear()


# -- the routes of a personal link

@pytest.fixture(scope="module")
def house(tmp_path_factory, beginning) -> Iterator[object]:
    folder = stores.copied(beginning, tmp_path_factory.mktemp("gate"))
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv(places.STATE, str(folder / "state.duckdb"))
        patched.setenv(places.FACTS, str(folder / "facts.duckdb"))
        opened = state.store()
        for name, role in (("Rana Amari", "leader"), ("Petra <b>Berg</b>", "member")):
            organisation.add_member(opened, stores.ADMIN, Person("", name), role)
        yield opened
        state._stores.pop((str(folder / "state.duckdb"), str(folder / "facts.duckdb"))).close()


@dataclass
class Asker:
    """Somebody's browser at an address, without a socket between."""

    app: Starlette
    address: str = ORIGIN
    peer: str = "203.0.113.9"

    def ask(self, method: str, path: str, headers: dict[str, str]) -> httpx.Response:
        async def once() -> httpx.Response:
            async with httpx.AsyncClient(transport=httpx.ASGITransport(self.app, client=(self.peer, 1)), base_url=self.address) as client:
                return await client.request(method, path, headers=headers)

        return loops.ran(once())

    def get(self, path: str, **headers: str) -> httpx.Response:
        return self.ask("GET", path, {name.replace("_", "-"): value for name, value in headers.items()})

    def post(self, path: str, **headers: str) -> httpx.Response:
        return self.ask("POST", path, {name.replace("_", "-"): value for name, value in headers.items()})


@pytest.fixture
def link_mode(house, monkeypatch) -> Asker:
    """A browser of somebody elsewhere, where people sign in by link."""
    folder = os.path.dirname(house.place)
    monkeypatch.setenv(places.STATE, os.path.join(folder, "state.duckdb"))
    monkeypatch.setenv(places.FACTS, os.path.join(folder, "facts.duckdb"))
    monkeypatch.setattr(mode, "current", lambda: LINK)
    return Asker(Starlette(routes=web.ROUTES, middleware=[Middleware(web.Guard)]))


def test_the_page_of_the_button_lets_a_browser_say_where_its_form_comes_from(house, link_mode):
    page = link_mode.get(links.issue(house, stores.ADMIN, "petra-b-berg-b", state.now()).path)
    said = re.findall(r'<meta name="referrer" content="([^"]*)"', page.text) + [page.headers["referrer-policy"]]
    assert set(said) == {"same-origin"}, "without a referrer a browser sends Origin: null, and the form is refused"


def test_the_button_of_a_link_signs_in_once_with_a_secret_that_is_made_then(house, link_mode):
    made = links.issue(house, stores.ADMIN, "petra-b-berg-b", state.now())
    page = link_mode.get(made.path)
    assert page.status_code == 200 and "Petra &lt;b&gt;Berg" in page.text and "<b>Berg" not in page.text
    assert "set-cookie" not in page.headers and page.headers["referrer-policy"] == "same-origin" and "noindex" in page.headers["x-robots-tag"]
    assert page.headers["content-security-policy"].startswith("default-src 'none'") and page.headers["cache-control"] == "no-store"
    done = link_mode.post(made.path, origin=ORIGIN, cookie=f"{gate.SECURE_COOKIE}=put there before")
    assert (done.status_code, done.headers["location"]) == (303, "/")
    given = done.headers["set-cookie"]
    assert given.startswith(gate.SECURE_COOKIE) and all(word in given for word in ("HttpOnly", "Secure", "SameSite=lax", "Path=/", "Max-Age=28800"))
    assert "Domain" not in given and "put there" not in given
    secret = given.partition("=")[2].partition(";")[0]
    known = gate.known(house, {gate.SECURE_COOKIE: secret})
    assert known.person == "petra-b-berg-b" and gate.known(house, {gate.SECURE_COOKIE: made.token}) is None
    again, never = link_mode.post(made.path, origin=ORIGIN), link_mode.get("/signin/" + "A" * 43)
    assert again.status_code == never.status_code == 404 and again.text == never.text and "set-cookie" not in again.headers


def test_who_signs_in_by_a_link_lands_on_the_page_that_this_browser_asked_for_once(house, link_mode):
    kept = link_mode.get(onward.image("review", {"month": "October 2026"}), sec_fetch_site="same-origin")
    held = kept.headers["set-cookie"].partition(";")[0]
    assert kept.status_code == 200 and kept.headers["cache-control"] == "no-store" and held.startswith(onward.SECURE_COOKIE)
    done = link_mode.post(links.issue(house, stores.ADMIN, "petra-b-berg-b", state.now()).path, origin=ORIGIN, cookie=held)
    assert done.headers["location"] == "/review?month=October+2026" and f'{onward.SECURE_COOKIE}=""' in done.headers["set-cookie"]
    for path, site in ((onward.image("review", {}), "cross-site"), (f"{onward.PATH}/A", "same-origin")):
        assert "set-cookie" not in link_mode.get(path, sec_fetch_site=site).headers


@pytest.mark.parametrize("sent", [{"origin": "https://evil.example"}, {"origin": "null"}, {"origin": "http://scorecard.corp.example"},
                                  {"sec_fetch_site": "cross-site"}, {"sec_fetch_site": "same-site", "origin": ORIGIN}])
def test_a_form_on_another_site_signs_nobody_in_and_uses_nothing_up(house, link_mode, sent):
    made = links.issue(house, stores.ADMIN, "rana-amari", state.now())
    assert link_mode.post(made.path, **sent).status_code in (403, 404)
    assert links.opened(house, made.token, state.now()) is not None


def test_a_link_answers_over_tls_only(house, link_mode):
    made = links.issue(house, stores.ADMIN, "rana-amari", state.now())
    plain = replace(link_mode, address="http://scorecard.corp.example")
    assert plain.get(made.path).status_code == 403 == plain.get(made.path, x_forwarded_proto="https").status_code
    assert replace(plain, peer="10.0.0.5").get(made.path, x_forwarded_proto="https").status_code == 200


def test_where_people_come_over_tls_every_cookie_is_for_tls_only():
    given = [(b"Set-Cookie", b"_streamlit_user=x; HttpOnly"), (b"set-cookie", b"a=b; secure"), (b"content-type", b"text/html")]
    with patch.object(mode, "current", lambda: OIDC):
        assert web._secured(given) == [(b"Set-Cookie", b"_streamlit_user=x; HttpOnly; Secure"), *given[1:], (b"strict-transport-security", b"max-age=31536000")]
    with patch.object(mode, "current", Mode):
        assert web._secured(given) == given


# -- what was drawn for somebody, and is clicked later

def test_a_page_asks_anew_who_it_was_drawn_for():
    now: list[Actor | None] = [LEADER]
    page = state.Page(None, LEADER, None, None, (), "", None, "", lambda: now[0])
    now[0] = replace(LEADER, role="viewer")
    assert page.actor.role == "viewer" and replace(page, segment="x").actor.role == "viewer"
    now[0] = None
    with pytest.raises(NotAllowed, match="Your session is over"):
        page.actor  # noqa: B018
    assert state.Page(None, LEADER, None, None, (), "", None, "").actor == LEADER


def rerun(fragment: str = "part", auto: bool = False) -> bytes:
    message = BackMsg()
    message.rerun_script.is_auto_rerun = auto
    message.rerun_script.page_name, message.rerun_script.fragment_id = "people", fragment
    message.rerun_script.widget_states.widgets.add(id="w", string_value="typed")
    return message.SerializeToString()


def passed(socket: ways.Socket, person: Actor | None) -> tuple[str, int]:
    """(the part that is asked for, how many typed values come along) of what reaches the server."""
    with patch.object(gate, "known", lambda store, cookies, clicked: person), patch.object(state, "store", lambda: None), patch.object(mode, "current", lambda: LINK):
        got = BackMsg.FromString(socket.passed(rerun()))
    return got.rerun_script.fragment_id, len(got.rerun_script.widget_states.widgets)


def test_a_part_of_a_page_is_drawn_alone_only_for_whom_the_page_was_drawn():
    socket = ways.Socket({"type": "websocket", "headers": []})
    assert passed(socket, LEADER) == ("", 1)  # The first message of a socket: nobody was drawn for on it.
    assert passed(socket, LEADER) == ("part", 1)
    assert passed(socket, replace(LEADER, role="member")) == ("", 1)
    assert passed(socket, replace(LEADER, role="member")) == ("part", 1)
    assert passed(socket, None) == ("", 0)
    assert passed(socket, None) == ("part", 1)  # Of the page to sign in: there is no part of another on it.


def test_a_page_that_refreshes_itself_keeps_nobody_signed_in_and_a_click_does(house, monkeypatch, link_mode):
    cookies, start = {gate.SECURE_COOKIE: "left open"}, datetime(2026, 11, 23, 9)
    key, now = sessions.key_of("left open"), [start]
    monkeypatch.setattr(gate, "_now", lambda: now[0])
    monkeypatch.setattr(gate, "_cookies", lambda: cookies)
    sessions.begin(house, key, "rana-amari", "link", "", start)
    socket = ways.Socket({"type": "websocket", "headers": [(b"cookie", f"{gate.SECURE_COOKIE}=left open".encode())]})

    def at(minute: int, auto: bool) -> str:
        """What comes in at a minute, and the run that follows; the part of the page that is drawn, or why the session is over."""
        now[0] = start + timedelta(minutes=minute)
        part = BackMsg.FromString(socket.passed(rerun(auto=auto))).rerun_script.fragment_id
        return part if gate.who(house) else gate.enter(house).why

    assert at(1, False) == "" and [at(minute, True) for minute in (10, 20)] == ["part", "part"] and sessions.row(house, key).seen_at == start + timedelta(minutes=1)
    assert at(20, False) == "part" and sessions.row(house, key).seen_at == start + timedelta(minutes=20), "also within a second of a refresh"
    assert at(45, True) == "part"
    gate._recent.clear()
    assert at(50, True) == "You were away for thirty minutes."


def test_on_one_machine_a_socket_passes_what_pages_ask_for_as_it_is():
    socket = ways.Socket({"type": "websocket", "headers": []})
    assert socket.passed(rerun()) == rerun() and socket.passed(b"\xff") is None


# -- the start

@pytest.fixture
def settings(tmp_path, monkeypatch):
    """Writes secrets.toml and says with what the server would start."""
    file = tmp_path / "secrets.toml"
    before = {name: config.get_option(name) for name in ("secrets.files", "server.allowedHosts", "server.enableXsrfProtection")}

    def begin(text: str, bound: str = "0.0.0.0", file_mode: int = 0o600, **options: object) -> Mode:
        file.write_text(text, "utf-8")
        file.chmod(file_mode)
        secrets_singleton._reset()
        for name, value in ({"secrets_files": [str(file)]} | options).items():
            config.set_option(name.replace("_", ".", 1), value)
        web.check_address(bound, [])
        return mode.current()

    yield begin
    secrets_singleton._reset()
    mode._mode.cache_clear()
    for name, value in before.items():
        config.set_option(name, value)


FILE = f"""[auth]
redirect_uri = "{ORIGIN}/oauth2callback"
cookie_secret = "{SECRET}"
client_id = "seven"
client_secret = "s"
server_metadata_url = "https://id.corp.example/.well-known/openid-configuration"
[signin]
proxies = ["10.0.0.5"]
"""


def test_a_server_of_a_team_starts_and_answers_to_its_name(settings):
    assert settings(FILE).name == "oidc" and "scorecard.corp.example" in config.get_option("server.allowedHosts")


@pytest.mark.parametrize(("text", "options", "said"), [
    (FILE, {"file_mode": 0o644}, "others on this host may read or change it"), (FILE, {"file_mode": 0o620}, "others on this host"),
    (FILE.replace(SECRET, "short"), {}, "too weak"), (FILE.replace(SECRET, "s" * 40), {}, "too weak"),
    (FILE.replace('client_secret = "s"', f'client_secret = "{SECRET}"'), {}, "also used as another secret"),
    (FILE, {"server_enableXsrfProtection": False}, "server.enableXsrfProtection"),
    (FILE.replace('proxies = ["10.0.0.5"]', ""), {}, "nobody would bring TLS"),
    ("", {}, "nobody has to sign in here"), ('[signin]\nmode = "link"\n', {}, "address under \\[signin\\] is missing"),
])
def test_a_server_with_weak_settings_does_not_start(settings, text, options, said):
    with pytest.raises(StoreError, match=said):
        settings(text, **options)


def test_a_secret_that_stands_in_the_documentation_is_no_secret(settings, monkeypatch):
    monkeypatch.setattr(mode, "_PUBLISHED", ("tests/signin/test_gate.py",))
    with pytest.raises(StoreError, match="stands in tests/signin/test_gate.py"):
        settings(FILE)


def test_the_environment_names_the_mode_before_the_file(settings, monkeypatch):
    monkeypatch.setenv("SCORECARD_MODE", "local")
    assert settings(FILE, "127.0.0.1").local
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "*")
    monkeypatch.setenv("SCORECARD_MODE", "oidc")
    with pytest.raises(StoreError, match="FORWARDED_ALLOW_IPS"):
        settings(FILE)

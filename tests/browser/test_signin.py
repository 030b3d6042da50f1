"""Signing in with a real provider, in a real browser; and what those try who should not come in."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
from itsdangerous import URLSafeTimedSerializer
from joserfc import jwt
from joserfc.jwk import OctKey
from playwright.sync_api import Browser, Page, expect

from scorecard import commands, entering, organisation
from scorecard.output import signin_pages
from scorecard.signin import sessions
from scorecard.signin.admission import Claims
from scorecard.store import relay, signin
from scorecard.store.members import Person
from scorecard.ui import onward
from tests import stores
from tests.browser import driving
from tests.server import conftest as serving
from tests.server import oidc_provider
from tests.server.visitor import Visitor

RANA = "rana-amari"
VERIFIED = {"email_verified": True}
ACCOUNTS: dict[str, dict[str, Any]] = {
    "rana": {"sub": "1", "email": "Rana@corp.example", **VERIFIED},
    "marek": {"sub": "2", "email": "marek@corp.example", **VERIFIED},
    "petra": {"sub": "3", "email": "petra@corp.example", "name": "Petra Berg", "groups": ["cs"], **VERIFIED},
    "stranger": {"sub": "4", "email": "stranger@corp.example", **VERIFIED},
    "unverified": {"sub": "5", "email": "rana@corp.example", "email_verified": False},
    "second": {"sub": "6", "email": "rana@corp.example", **VERIFIED},
    "forged": {"sub": "1", "email": "rana@corp.example", "!forged": True, **VERIFIED},
    "replayed": {"sub": "1", "email": "rana@corp.example", "!claims": {"nonce": "of another time"}, **VERIFIED},
    "elsewhere": {"sub": "1", "email": "rana@corp.example", "!claims": {"aud": "another-program"}, **VERIFIED},
    "impostor": {"sub": "1", "email": "rana@corp.example", "!claims": {"iss": "https://id.evil.example"}, **VERIFIED},
    "ahead": {"sub": "1", "email": "rana@corp.example", "!clock": 600, **VERIFIED},
    "behind": {"sub": "1", "email": "rana@corp.example", "!clock": -3600, **VERIFIED},
    "slightly": {"sub": "2", "email": "marek@corp.example", "!clock": 60, **VERIFIED},
}
COOKIE = "_streamlit_user"
# Sessions of Marek, and how long ago each began and saw a click.
BEFORE = {"holds": (timedelta(hours=7), timedelta(minutes=29)), "idle": (timedelta(hours=1), timedelta(minutes=31)), "over": (timedelta(hours=8, minutes=1), timedelta(minutes=1))}
GROUPS = 'proxies = []\n[signin.groups.default]\nclaim = "groups"\nroles = { cs = "member" }'


@dataclass
class Place:
    """A running server in which people sign in with the provider beside it."""

    folder: Path
    port: int
    secrets: Path
    provider: oidc_provider.Running

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def secret(self) -> str:
        return re.search(r'cookie_secret = "([^"]+)"', self.secrets.read_text("utf-8"))[1]

    def cookie(self, name: str) -> dict[str, str]:
        """The cookie of a session that Marek began before the server did."""
        said = claims_of(name, self.provider.issuer) | {"origin": self.url, "is_logged_in": True, "provider": "default"}
        return {COOKIE: URLSafeTimedSerializer(self.secret, salt=COOKIE).dumps(json.dumps(said))}

    def command(self, name: str, **arguments: Any) -> Any:
        """What a command of the host returns, through the running server."""
        request = {"command": name, "arguments": arguments, "person": "", "operator": "operator"}
        return relay.call(self.folder / "state.duckdb", self.folder / "facts.duckdb", request, commands.run, commands.prepare)


def claims_of(name: str, issuer: str) -> dict[str, Any]:
    return {"iss": issuer, "aud": oidc_provider.CLIENT, "nonce": name, "iat": 1_795_424_400} | ACCOUNTS["marek"]


def begin_before(store: Any, issuer: str) -> None:
    """Nothing; the sessions of BEFORE are in the store."""
    now = datetime.now(UTC).replace(tzinfo=None)
    for name, (began, seen) in BEFORE.items():
        key, began = Claims("default", claims_of(name, issuer), now).key, now - began
        new = signin.Session(key, "marek-zielinski", "oidc", began, now - seen, began + sessions.LONGEST)
        store.write(lambda tx, new=new: signin.insert_session(tx, new), "test")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, beginning: Path) -> Iterator[Place]:
    folder = stores.copied(beginning, tmp_path_factory.mktemp("signin"))
    port = serving.free_port()
    store = stores.opened(folder)
    for name, role in (("Rana Amari", "leader"), ("Marek Zielinski", "admin")):
        organisation.add_member(store, stores.ADMIN, Person("", name, email=f"{name.split()[0].lower()}@corp.example"), role)
    rana = signin.Account(RANA, f"http://127.0.0.1:{port}", ACCOUNTS["rana"]["sub"], False, datetime(2026, 11, 1))
    store.write(lambda tx: signin.bind(tx, rana), "test")  # Rana has been here before.
    begin_before(store, f"http://127.0.0.1:{port}")
    store.close()
    with oidc_provider.running(folder, port) as provider:
        provider.know(**ACCOUNTS)
        found = Place(folder, serving.free_port(), folder / "secrets.toml", provider)
        found.secrets.write_text(provider.secrets(found.url, signin=GROUPS), "utf-8")
        found.secrets.chmod(0o600)
        process, _, log = serving.launch(folder, "--secrets.files", str(found.secrets), port=found.port)
        serving.ready(process, found.port, log)
        yield found
        serving.stop(process)


# -- without a browser: the provider's answers, and what becomes of them

def login_address(place: Place) -> str:
    """Where the button of the page leads: signed by the server's own secret, for two minutes."""
    token = jwt.encode({"alg": "HS256"}, {"provider": "default", "exp": int(time.time()) + 60}, OctKey.import_key(place.secret))
    return f"{place.url}/auth/login?provider={token}"


def to_provider(place: Place, client: httpx.Client, account: str) -> str:
    """The address with a code to which the provider sends a browser back."""
    there = client.get(login_address(place)).headers["location"]
    return client.get(f"{there}&{urlencode({'login_hint': account})}").headers["location"]


@contextmanager
def signed_in(place: Place, account: str) -> Iterator[httpx.Client]:
    """A browser's cookies after the provider's answer about an account."""
    with httpx.Client(verify=False, timeout=20) as client:
        client.get(to_provider(place, client, account))
        yield client


@pytest.mark.parametrize("account", ["forged", "replayed", "elsewhere", "impostor", "ahead", "behind"])
def test_an_answer_that_does_not_hold_signs_nobody_in(place, account):
    with signed_in(place, account) as client:
        assert "_streamlit_user" not in client.cookies


def test_a_clock_that_is_a_minute_wrong_is_forgiven(place):
    with signed_in(place, "slightly") as client:
        assert "_streamlit_user" in client.cookies


def test_a_sign_in_is_no_session_before_the_page_has_taken_it_and_a_route_asks_for_the_session(place):
    with signed_in(place, "rana") as client:
        assert "_streamlit_user" in client.cookies
        answer = client.get(f"{place.url}/api/scorecard")
        assert answer.status_code == 403 and "Nobody is signed in" in answer.text


def test_a_code_and_a_state_are_good_for_one_browser_and_once(place):
    with httpx.Client(verify=False, timeout=20) as rana, httpx.Client(verify=False, timeout=20) as other:
        back = to_provider(place, rana, "rana")
        to_provider(place, other, "stranger")
        other.get(back)  # A link with somebody else's answer in it, opened in this browser.
        assert "_streamlit_user" not in other.cookies
        rana.get(back)
        assert "_streamlit_user" in rana.cookies
        once = rana.cookies["_streamlit_user"]
        rana.get(back)
        assert rana.cookies.get("_streamlit_user") in (None, once)
    assert parse_qs(urlsplit(back).query).keys() == {"code", "state"}


@pytest.mark.parametrize("path", ["/auth/login", "/auth/logout"])
@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_another_site_neither_signs_in_nor_out(place, path, site):
    assert httpx.get(place.url + path, headers={"sec-fetch-site": site}, verify=False).status_code == 403


def test_a_link_of_the_other_mode_signs_nobody_in(place):
    assert httpx.get(f"{place.url}/signin/{'x' * 43}", verify=False).status_code == 403


def refusal(place: Place, cookies: dict[str, str]) -> str:
    """What somebody with these cookies reads on the first page instead of it; "" when it is the page."""
    with Visitor(place.url, "", cookies) as visitor:
        return " ".join(visitor.said).replace("\u2060", "")


@pytest.mark.parametrize(("account", "why"), [("unverified", "rana@corp.example is not verified"), ("second", "rana@corp.example came here with another account before")])
def test_who_does_not_come_in_reads_why(place, account, why):
    with signed_in(place, account) as client:
        assert why in refusal(place, dict(client.cookies))
        assert client.get(f"{place.url}/api/scorecard").status_code == 403


@pytest.mark.parametrize(("name", "why"), [("holds", ""), ("idle", "You were away for thirty minutes."), ("over", "Eight hours are over.")])
def test_a_session_outlives_a_restart_of_the_server_and_ends_in_time(place, name, why):
    assert refusal(place, place.cookie(name)) == why
    assert (httpx.get(f"{place.url}/api/scorecard", cookies=place.cookie(name), verify=False).status_code == 403) is bool(why)


# -- in a browser

def sign_in(visit: driving.Visit, account: str, name: str = "") -> None:
    """Through the button and the provider; with a name until the person is in."""
    visit.page.get_by_role("button", name="Sign in", exact=True).click()
    visit.page.get_by_role("button", name=account, exact=True).click()
    visit.page.wait_for_url(f"{visit.server.address}/**")
    expect(visit.page.get_by_test_id("stMain")).to_contain_text(re.compile(r"\w"), timeout=driving.PATIENCE)
    if name:
        expect(visit.page.get_by_test_id("stSidebar")).to_contain_text(name, timeout=driving.PATIENCE)


def asked_to_sign_in(page: Page, why: str = "") -> None:
    expect(page.get_by_role("button", name="Sign in", exact=True)).to_be_visible(timeout=driving.PATIENCE)
    expect(page.get_by_test_id("stMain")).to_contain_text(why, timeout=driving.PATIENCE)
    expect(page.get_by_test_id("stSidebar")).not_to_be_visible()


def click(page: Page, words: str) -> None:
    page.get_by_test_id("stSidebar").get_by_role("link", name=words, exact=True).click()


def test_from_the_button_to_the_page_and_out_again_and_no_copy_of_the_cookie_comes_back(place, browser):
    with driving.visit(browser, driving.Server(place.url, place.folder)) as tab:
        asked_for = "settings?month=October+2026&item=%2F%2Fevil.example"
        tab.go(asked_for)
        asked_to_sign_in(tab.page)
        sign_in(tab, "rana", "Rana Amari · leader")
        assert tab.page.url == f"{place.url}/{asked_for}"
        held = {cookie["name"]: cookie for cookie in tab.context.cookies()}
        assert onward.COOKIE not in held, "the address is forgotten once it was used"
        assert held[COOKIE]["httpOnly"] and held[COOKIE]["sameSite"] == "Lax"
        copy = {COOKIE: held[COOKIE]["value"]}
        assert refusal(place, copy) == "" and httpx.get(f"{place.url}/api/scorecard", cookies=copy, verify=False).status_code != 403
        tab.page.get_by_role("button", name="Sign out").click()
        asked_to_sign_in(tab.page)
        assert COOKIE not in {cookie["name"] for cookie in tab.context.cookies()}
        assert refusal(place, copy) == "You are signed out." and httpx.get(f"{place.url}/api/scorecard", cookies=copy, verify=False).status_code == 403
        sign_in(tab, "stranger")
        asked_to_sign_in(tab.page, "corp.example is not a member here")
        _role_and_suspension(place, tab)
        assert not tab.complaints


def _role_and_suspension(place: Place, tab: driving.Visit) -> None:
    """A role counts at the next click, a suspended member is out at the next one, and a group that is left lets nobody in."""
    sign_in(tab, "petra", "Petra Berg · member")
    place.command("member_change", member="petra-berg", role="viewer")
    click(tab.page, "Maturity")
    expect(tab.page.get_by_test_id("stSidebar")).to_contain_text("Petra Berg · viewer", timeout=driving.PATIENCE)
    place.command("member_change", member="petra-berg", active=False)
    click(tab.page, "Settings")
    asked_to_sign_in(tab.page, "You are suspended here.")
    place.command("member_change", member="petra-berg", active=True)
    assert refusal(place, {COOKIE: next(one["value"] for one in tab.context.cookies() if one["name"] == COOKIE)}) == "You are suspended here. Ask an admin."
    place.provider.know(petra=ACCOUNTS["petra"] | {"groups": []})
    with signed_in(place, "petra") as client:
        assert "is in no group that comes in here" in refusal(place, dict(client.cookies))


class ButtonPage(BaseHTTPRequestHandler):
    """The page of a personal sign-in link, as the server sends it; notes where a browser says that its form comes from."""

    said: list[str | None] = []

    def do_GET(self) -> None:
        self.send_response(200)
        for name, value in {**entering.HEADERS, "content-type": "text/html; charset=utf-8"}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(signin_pages.button_page("Rana", "Larkfield").encode())

    def do_POST(self) -> None:
        self.said.append(self.headers["Origin"])
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Nothing."""


def test_a_browser_says_where_the_button_of_a_personal_link_comes_from(browser: Browser):
    with ThreadingHTTPServer(("127.0.0.1", 0), ButtonPage) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        page, here = browser.new_page(), f"http://127.0.0.1:{server.server_port}"
        page.goto(f"{here}/signin/token")
        with page.expect_response(lambda answer: answer.request.method == "POST"):
            page.get_by_role("button", name="Sign in").click()
        page.close()
        server.shutdown()
    assert ButtonPage.said == [here]

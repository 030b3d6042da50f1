"""Signing in with a real provider, in a real browser; and what those try who should not come in."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import OctKey
from playwright.sync_api import Browser, BrowserContext, Page, expect

from scorecard import commands, organisation
from scorecard.store import relay, signin
from scorecard.store.members import Person
from tests import stores
from tests.browser import driving
from tests.server import conftest as serving
from tests.server import oidc_provider

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
GROUPS = 'proxies = []\n[signin.groups.default]\nclaim = "groups"\nroles = { cs = "member" }'


@dataclass
class Place:
    """A running server in which people sign in with the provider beside it."""

    folder: Path
    port: int
    secrets: Path
    provider: oidc_provider.Running
    process: Any = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        self.process, _, log = serving.launch(self.folder, "--secrets.files", str(self.secrets), port=self.port)
        serving.ready(self.process, self.port, log)

    def stop(self) -> None:
        serving.stop(self.process)

    def command(self, name: str, **arguments: Any) -> Any:
        """What a command of the host returns, through the running server."""
        request = {"command": name, "arguments": arguments, "person": "", "operator": "operator"}
        return relay.call(self.folder / "state.duckdb", self.folder / "facts.duckdb", request, commands.run, commands.prepare)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, beginning: Path) -> Iterator[Place]:
    folder = stores.copied(beginning, tmp_path_factory.mktemp("signin"))
    port = serving.free_port()
    store = stores.opened(folder)
    for name, role in (("Rana Amari", "leader"), ("Marek Zielinski", "admin")):
        organisation.add_member(store, stores.ADMIN, Person("", name, email=f"{name.split()[0].lower()}@corp.example"), role)
    rana = signin.Account(RANA, f"http://127.0.0.1:{port}", ACCOUNTS["rana"]["sub"], False, datetime(2026, 11, 1))
    store.write(lambda tx: signin.bind(tx, rana), "test")  # Rana has been here before.
    store.close()
    with oidc_provider.running(folder, port) as provider:
        provider.know(**ACCOUNTS)
        found = Place(folder, serving.free_port(), folder / "secrets.toml", provider)
        found.secrets.write_text(provider.secrets(found.url, signin=GROUPS), "utf-8")
        found.secrets.chmod(0o600)
        found.start()
        yield found
        found.stop()


# -- without a browser: the provider's answers, and what becomes of them

def login_address(place: Place) -> str:
    """Where the button of the page leads: signed by the server's own secret, for two minutes."""
    secret = re.search(r'cookie_secret = "([^"]+)"', place.secrets.read_text("utf-8"))[1]
    token = jwt.encode({"alg": "HS256"}, {"provider": "default", "exp": int(time.time()) + 60}, OctKey.import_key(secret))
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


# -- in a browser

@pytest.fixture
def tab(place: Place, browser: Browser) -> Iterator[driving.Visit]:
    with driving.visit(browser, driving.Server(place.url, place.folder)) as visit:
        yield visit


def sign_in(visit: driving.Visit, account: str, name: str = "") -> None:
    """Through the button and the provider; with a name until the person is in."""
    visit.page.get_by_role("button", name="Sign in", exact=True).click()
    visit.page.get_by_role("button", name=account, exact=True).click()
    visit.page.wait_for_url(f"{visit.server.address}/**")
    expect(visit.page.get_by_test_id("stMain")).to_contain_text(re.compile(r"\w"), timeout=driving.PATIENCE)
    if name:
        expect(visit.page.get_by_test_id("stSidebar")).to_contain_text(name, timeout=driving.PATIENCE)
    visit.settle()


def asked_to_sign_in(page: Page, why: str = "") -> None:
    expect(page.get_by_role("button", name="Sign in", exact=True)).to_be_visible(timeout=driving.PATIENCE)
    expect(page.get_by_test_id("stMain")).to_contain_text(why)
    expect(page.get_by_test_id("stSidebar")).not_to_be_visible()


def click(page: Page, words: str) -> None:
    page.get_by_test_id("stSidebar").get_by_role("link", name=words, exact=True).click()


def cookies_of(context: BrowserContext) -> dict[str, Any]:
    return {cookie["name"]: cookie for cookie in context.cookies()}


def test_from_the_button_to_the_page_and_out_again_and_no_copy_of_the_cookie_comes_back(place, tab, browser):
    tab.go("settings")
    asked_to_sign_in(tab.page)
    sign_in(tab, "rana", "Rana Amari")
    cookie = cookies_of(tab.context)["_streamlit_user"]
    assert cookie["httpOnly"] and cookie["sameSite"] == "Lax"
    copy = {"Cookie": f"_streamlit_user={cookie['value']}"}
    assert httpx.get(f"{place.url}/api/scorecard", headers=copy, verify=False).status_code != 403
    with driving.visit(browser, tab.server) as thief:
        thief.context.add_cookies([one for one in tab.context.cookies()])
        thief.go()
        expect(thief.page.get_by_test_id("stSidebar")).to_contain_text("Rana Amari")
        tab.page.get_by_role("button", name="Sign out").click()
        asked_to_sign_in(tab.page)
        assert "_streamlit_user" not in cookies_of(tab.context)
        click(thief.page, "Settings")
        asked_to_sign_in(thief.page, "You are signed out.")
        thief.go()
        asked_to_sign_in(thief.page, "You are signed out.")
    assert httpx.get(f"{place.url}/api/scorecard", headers=copy, verify=False).status_code == 403
    assert not tab.complaints


def test_who_does_not_come_in_reads_why(tab):
    tab.go()
    for account, why in (("stranger", "corp.example is not a member here"), ("unverified", "corp.example is not verified"),
                         ("second", "corp.example came here with another account before")):
        sign_in(tab, account)
        asked_to_sign_in(tab.page, why)


def test_a_role_counts_at_the_next_click_and_a_suspended_member_is_out_at_the_next_one(place, tab):
    tab.go()
    sign_in(tab, "petra", "Petra Berg · member")
    click(tab.page, "Settings")
    tab.settle()
    place.command("member_change", member="petra-berg", role="viewer")
    click(tab.page, "Maturity")
    expect(tab.page.get_by_test_id("stSidebar")).to_contain_text("Petra Berg · viewer")
    place.command("member_change", member="petra-berg", active=False)
    click(tab.page, "Settings")
    asked_to_sign_in(tab.page, "You are suspended here.")
    place.command("member_change", member="petra-berg", active=True)
    tab.page.reload()
    asked_to_sign_in(tab.page)
    place.provider.know(petra=ACCOUNTS["petra"] | {"groups": []})
    sign_in(tab, "petra")
    asked_to_sign_in(tab.page, "is in no group that comes in here")


def test_an_admin_ends_a_session_in_settings(place, tab, browser):
    tab.go()
    sign_in(tab, "marek", "Marek Zielinski")
    with driving.visit(browser, tab.server) as other:
        other.go()
        sign_in(other, "rana", "Rana Amari")
        click(tab.page, "Settings")
        tab.page.get_by_role("button", name="Sign-in").click()
        driving.choose(tab.page, tab.page.get_by_role("combobox", name="Member"), "Rana Amari")
        expect(tab.page.get_by_text("Signs in with an account of")).to_contain_text(urlsplit(place.provider.issuer).netloc)
        tab.page.get_by_role("button", name="End", exact=True).first.click()
        expect(tab.page.get_by_text("Rana Amari is signed out there.")).to_be_visible(timeout=driving.PATIENCE)
        click(other.page, "Settings")
        asked_to_sign_in(other.page, "Your session was ended.")


def test_a_session_outlives_a_restart_and_ends_after_thirty_minutes_without_a_click(place, tab, browser):
    tab.go()
    sign_in(tab, "marek", "Marek Zielinski")
    with driving.visit(browser, tab.server) as idle:
        idle.go()
        sign_in(idle, "rana", "Rana Amari")
        place.stop()
        store = stores.opened(place.folder)
        back = timedelta(minutes=31)
        with store.read() as tx:
            seen = {id: moment for id, moment in tx.all("SELECT id, seen_at FROM signin_session WHERE person = $1 AND ended_at IS NULL", (RANA,))}
        store.write(lambda tx: [tx.run("UPDATE signin_session SET seen_at = $1 WHERE id = $2", (moment - back, id)) for id, moment in seen.items()], "test")
        store.close()
        place.start()
        idle.go()
        asked_to_sign_in(idle.page, "You were away for thirty minutes.")
        tab.go("settings")
        expect(tab.page.get_by_test_id("stSidebar")).to_contain_text("Marek Zielinski")
        sign_in(idle, "rana", "Rana Amari")

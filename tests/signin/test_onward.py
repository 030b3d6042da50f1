"""Where somebody lands who has just signed in: on the page of this app that they asked for, and nowhere else."""

from __future__ import annotations

import time
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.responses import Response

from scorecard.signin.modes import CALLBACK, Mode
from scorecard.ui import block, mode, onward

SECRET = "r7Kq2mZt9XwL4bVn8PcY3hJd6GsF1aQe"


@pytest.fixture(autouse=True)
def signing(monkeypatch) -> None:
    monkeypatch.setattr(onward, "get_cookie_secret", lambda: SECRET)
    monkeypatch.setattr(mode, "current", lambda: Mode("oidc", "https://scorecard.corp.example"))


@pytest.mark.parametrize(("address", "written"), [
    ("/review?month=October+2026&item=renewal_rate", "/review?month=October+2026&item=renewal_rate"), ("/", "/"), ("/settings", "/settings"),
    ("/?month=October%202026", "/?month=October+2026"), ("/review?item=//evil.example&x=a%0d%0ab", "/review?item=%2F%2Fevil.example&x=a%0D%0Ab"),
    ("/maturity?invitation=secret&view=results&feedback=secret", "/maturity?view=results"),
])
def test_a_page_of_the_app_is_kept_with_its_parameters_and_without_the_key_of_a_link(address, written):
    assert onward.safe(address) == written and onward.read(onward._signer().dumps(address)) == written


HOSTILE = ("", "review", "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example", "/%2f%2fevil.example", "%2f%2fevil.example", "/%5cevil.example",
           "https://evil.example/review", "https:/evil.example", "javascript:alert(1)", "/javascript:alert(1)", "/review\r\nset-cookie: a=b", "/review?a=b\r\nlocation: //evil",
           "/\t/evil.example", " /review", "/review ", "/review/../../evil", "/./review", "/review/", "/Review", "/review#//evil", "/review;x", "/reviewer", "/evil.example", "/@evil.example",
           "/answer?invitation=secret", "/answer", "/auth/logout", "/signin/" + "A" * 43, "/api/scorecard", "/share/" + "A" * 43, "/review?x=%ff", "/review?" + "a" * 1_000,
           "/review?" + "&".join(f"a{n}=1" for n in range(21)), "/r\x00eview", "/revіew")  # fmt: skip


@pytest.mark.parametrize("address", HOSTILE)
def test_any_other_address_leads_to_the_first_page_also_when_this_server_had_signed_it(address):
    assert onward.safe(address) == "" and onward.of({onward.SECURE_COOKIE: onward._signer().dumps(address)}) == "/"
    assert onward.read(onward.image(address, {}).removeprefix(onward.PATH + "/")) in ("/", *(f"/{page}" for page in block.PAGES))


@settings(max_examples=60)
@given(st.text(max_size=40), st.dictionaries(st.text(max_size=9), st.text(max_size=30), max_size=4))
def test_whatever_is_asked_for_one_lands_on_a_page_of_this_app(page, query):
    led = onward.read(onward.image(page, query).removeprefix(onward.PATH + "/"))
    assert led.isascii() and led.isprintable() and led.partition("?")[0].removeprefix("/") in ("", *block.PAGES)


def test_a_cookie_of_another_hand_or_of_eleven_minutes_ago_leads_to_the_first_page():
    name, token = onward.SECURE_COOKIE, onward.image("review", {"month": "October 2026"}).removeprefix(onward.PATH + "/")
    assert onward.of({name: token}) == "/review?month=October+2026"
    with patch.object(onward, "get_cookie_secret", lambda: "another secret"):
        assert onward.of({name: token}) == "/"
    assert onward.of({onward.COOKIE: token}) == onward.of({name: "/review"}) == onward.of({name: token[:-1]}) == onward.of({}) == "/"
    late = time.time() + 11 * 60
    with patch("itsdangerous.timed.time.time", lambda: late):
        assert onward.of({name: token}) == "/"


def led(path: str, location: str, cookie: str) -> dict[str, str]:
    scope = {"type": "http", "path": path, "headers": [(b"cookie", f"{onward.SECURE_COOKIE}={cookie}".encode())]}
    return {name.decode(): value.decode() for name, value in onward.led(scope, [(b"location", location.encode()), (b"x-other", b"stays")])}


def test_only_the_way_back_from_the_provider_is_led_on_and_the_address_is_forgotten_with_it():
    token = onward.image("review", {}).removeprefix(onward.PATH + "/")
    found = led(CALLBACK, "/", token)
    assert found["location"] == "/review" and found["x-other"] == "stays"
    assert found["set-cookie"].startswith(f'{onward.SECURE_COOKIE}="";') and all(word in found["set-cookie"] for word in ("Max-Age=0", "Secure", "HttpOnly", "Path=/"))
    assert led(CALLBACK, "/", "nothing")["location"] == "/"
    for path, location in (("/auth/login", "/"), ("/", "/"), (CALLBACK, "https://id.corp.example/x")):
        assert led(path, location, token) == {"location": location, "x-other": "stays"}


def test_the_cookie_is_kept_ten_minutes_for_this_host_alone_and_no_script_reads_it():
    answer = Response()
    onward.keep(answer, "token")
    assert answer.headers["set-cookie"] == "__Host-scorecard_asked=token; HttpOnly; Max-Age=600; Path=/; SameSite=lax; Secure"

"""The mode of a server, read from its settings, and the settings with which it does not start."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scorecard.errors import StoreError, UsageError
from scorecard.signin import modes
from scorecard.signin.modes import Mode, Surroundings

STRONG = "r7Kq2mZt9XwL4bVn8PcY3hJd6GsF1aQe"
PROVIDER = {"client_id": "seven", "client_secret": "s", "server_metadata_url": "https://id.corp.example/.well-known/openid-configuration"}
AUTH = {"redirect_uri": "https://scorecard.corp.example/oauth2callback", "cookie_secret": STRONG, **PROVIDER}
BEHIND = {"proxies": ["10.0.0.5"]}


def around(**change) -> Surroundings:
    return replace(Surroundings("0.0.0.0", AUTH["redirect_uri"], STRONG, ("s",)), **change)


def oidc(auth: dict | None = None, **ours) -> Mode:
    return modes.read({"auth": AUTH | (auth or {}), "signin": BEHIND | ours})


def link(**ours) -> Mode:
    return modes.read({"signin": {"mode": "link", "address": "https://scorecard.corp.example"} | BEHIND | ours})


def test_without_settings_this_is_one_machine():
    assert modes.read({}).local and modes.read({}).name == "local"


def test_a_provider_in_the_secrets_means_that_people_sign_in_with_it():
    of = oidc()
    assert (of.name, of.address, of.hosts, of.secure) == ("oidc", "https://scorecard.corp.example", ("scorecard.corp.example",), True)
    assert [one.name for one in of.providers] == ["default"]


def test_several_providers_have_names_of_their_own():
    of = modes.read({"auth": {"redirect_uri": AUTH["redirect_uri"], "cookie_secret": STRONG, "okta": PROVIDER, "entra": PROVIDER},
                     "signin": {"labels": {"entra": "Microsoft"}}})
    assert [(one.name, one.label) for one in of.providers] == [("okta", "Okta"), ("entra", "Microsoft")]


@pytest.mark.parametrize(("settings", "named", "said"), [
    ({"signin": {"mode": "open"}}, "", "'open' does not exist"),
    ({}, "password", "'password' does not exist"),
    ({"signin": {"hostss": []}}, "", "'hostss', which does not exist"),
    ({"signin": {"proxies": ["0.0.0.0/0"]}}, "link", "which is everybody"),
    ({"signin": {"proxies": ["proxy.corp.example"]}}, "link", "Write the proxy's address"),
    ({"signin": {"proxies": [5]}}, "link", "a list of texts"),
    ({"signin": "oidc"}, "", "a table of settings"),
    ({"auth": AUTH, "signin": {"vouched": ["okta"]}}, "", "which \\[auth\\] does not have"),
    ({"auth": AUTH, "signin": {"groups": {"default": {"roles": {"cs": "boss"}}}}}, "", "the role 'boss'"),
    ({"auth": AUTH, "signin": {"groups": {"default": {"role": {"cs": "leader"}}}}}, "", "has claim and roles"),
    ({"auth": AUTH | {"client_id": ""}}, "", "has no client_id"),
    ({"auth": {"redirect_uri": "x", "cookie_secret": STRONG, "my_own": PROVIDER}}, "", "letters, figures and hyphens"),
    ({"auth": AUTH | {"server_metadata_url": "https://login.microsoftonline.com/common/v2.0/.well-known/openid-configuration"}, "signin": {"vouched": ["default"]}}, "",
     "nobody can vouch"),
])
def test_settings_that_say_nothing_clear_are_refused(settings, named, said):
    with pytest.raises(UsageError, match=said):
        modes.read(settings, named)


def test_a_provider_of_one_tenant_may_be_vouched_for():
    of = oidc({"server_metadata_url": "https://login.microsoftonline.com/2f6c/v2.0/.well-known/openid-configuration"}, vouched=["default"])
    assert of.providers[0].vouched


@pytest.mark.parametrize(("of", "at"), [
    (Mode(), around(bound="127.0.0.1")), (Mode(), around(bound="::1")), (Mode(), around(bound="localhost")),
    (oidc(), around()), (link(), around()), (link(proxies=[]) and replace(link(proxies=[]), tls=True), around()),
    (oidc({"redirect_uri": "http://localhost:8501/oauth2callback"}, proxies=[]), around(redirect_uri="http://localhost:8501/oauth2callback")),
    (link(address="http://localhost:8501", proxies=[]), around()),
])
def test_strong_settings_start(of, at):
    modes.check(of, at)


@pytest.mark.parametrize(("of", "at", "said"), [
    (Mode(), around(), "reachable from other machines \\(address 0.0.0.0\\), and nobody has to sign in"),
    (Mode(), around(bound=None), "reachable from other machines"),
    (Mode(), around(bound="192.168.1.4"), "reachable from other machines"),
    (oidc(), around(cookie_secret=""), "cookie_secret is missing"),
    (oidc(), around(cookie_secret="k7Qm2Zt9"), "too weak"),
    (oidc(), around(cookie_secret="ab" * 30), "too weak"),
    (oidc(), around(cookie_secret="change-me-r7Kq2mZt9XwL4bVn8PcY3hJd6"), "looks like an example"),
    (oidc(), around(cookie_secret="your_cookie_secret_r7Kq2mZt9XwL4bVn8"), "looks like an example"),
    (oidc(), around(other_secrets=(STRONG,)), "also used as another secret"),
    (oidc(), around(published=("docs/sign-in.md",)), "stands in docs/sign-in.md"),
    (oidc(), around(readable=("/srv/secrets.toml",)), "others on this host may read or change it. Run: chmod 600 /srv/secrets.toml"),
    (link(), around(readable=("/srv/secrets.toml",)), "chmod 600"),
    (oidc(), around(weakened=("server.enableXsrfProtection",)), "server.enableXsrfProtection takes a protection away"),
    (oidc(), around(redirect_uri=""), "redirect_uri is missing"),
    (oidc(), around(redirect_uri="http://scorecard.corp.example/oauth2callback"), "over https only"),
    (oidc(), around(redirect_uri="https://scorecard.corp.example/"), "ends with /oauth2callback"),
    (oidc(), around(redirect_uri="https://user@scorecard.corp.example/oauth2callback"), "no address of a server"),
    (oidc(proxies=[]), around(), "nobody would bring TLS"),
    (oidc({"server_metadata_url": "http://id.corp.example/x"}), around(), "It begins with https"),
    (replace(oidc(), providers=()), around(), "names no provider"),
    (link(address=""), around(), "address under \\[signin\\] is missing"),
    (link(address="http://scorecard.corp.example"), around(), "over https only"),
    (link(address="https://scorecard.corp.example/app"), around(), "without a path"),
    (link(proxies=[]), around(), "nobody would bring TLS"),
])
def test_weak_settings_stop_the_start_and_say_what_to_write(of, at, said):
    with pytest.raises(StoreError, match=f"^Not started: .*{said}"):
        modes.check(of, at)


@pytest.mark.parametrize(("scheme", "peer", "forwarded", "over"), [
    ("https", "10.0.0.9", "", True), ("wss", "10.0.0.9", "", True), ("http", "10.0.0.5", "https", True), ("http", "10.0.0.5", "HTTPS ", True),
    ("http", "10.0.0.5", "http", False), ("http", "10.0.0.9", "https", False), ("http", "", "https", False), ("http", "10.0.0.5", "", False),
    ("http", "10.0.0.5.example", "https", False),
])
def test_who_says_that_a_request_came_over_tls_is_believed_from_the_proxy_only(scheme, peer, forwarded, over):
    assert link().over_tls(scheme, peer, forwarded) is over


def test_the_highest_role_of_a_persons_groups_counts_and_no_group_gives_none():
    provider = oidc(groups={"default": {"claim": "groups", "roles": {"cs": "member", "cs-leaders": "leader", "it": "viewer"}}}).providers[0]
    assert provider.role(frozenset({"cs", "cs-leaders", "other"})) == "leader"
    assert provider.role(frozenset({"CS-LEADERS"})) == "" and provider.role(frozenset()) == ""

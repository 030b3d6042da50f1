"""The three ways of being known to the server, read from settings, and the settings that are too weak to start with.

`local` is one machine: who reaches loopback chooses a person. `oidc` signs in with the company's own provider, `link`
with a personal single-use link. Nothing here reads the environment or a file: an edge does, and passes it in.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from scorecard import access
from scorecard.errors import StoreError, UsageError

LOCAL, OIDC, LINK = "local", "oidc", "link"
NAMES = (LOCAL, OIDC, LINK)
CALLBACK = "/oauth2callback"
SHORTEST_SECRET, FEWEST_CHARACTERS = 32, 12
DEFAULT = "default"
_PROVIDER_KEYS = ("client_id", "client_secret", "server_metadata_url")
_SHARED_KEYS = frozenset({"redirect_uri", "cookie_secret", "expose_tokens", "client_kwargs", *_PROVIDER_KEYS})
_OURS = frozenset({"mode", "address", "hosts", "proxies", "vouched", "groups", "labels"})
_EXAMPLES = re.compile(r"x{3}|change|replace|example|secret|password|your|put.?here|todo|insert|cookie|123456|abcdef", re.I)
_MANY_TENANTS = re.compile(r"^/(common|organizations|consumers)(/|$)", re.I)


@dataclass(frozen=True)
class Provider:
    """One OpenID Connect provider. `vouched`: the operator says that its e-mails are its own, where it does not say so itself."""

    name: str
    label: str
    client_id: str
    metadata: str
    vouched: bool = False
    claim: str = ""
    roles: Mapping[str, str] = field(default_factory=dict)

    def role(self, groups: frozenset[str]) -> str:
        """The highest role that one of the groups gives; "" when none does."""
        given = {self.roles[group] for group in groups if group in self.roles}
        return next((role for role in reversed(access.ROLES) if role in given), "")


@dataclass(frozen=True)
class Mode:
    """How people are known. `address` is what their browsers ask for, such as https://scorecard.company.example.

    `hosts` are the names that the server answers to, `proxies` the addresses whose X-Forwarded-Proto is believed, `tls`
    whether the server has a certificate of its own.
    """

    name: str = LOCAL
    address: str = ""
    hosts: tuple[str, ...] = ()
    proxies: tuple[str, ...] = ()
    providers: tuple[Provider, ...] = ()
    tls: bool = False

    @property
    def local(self) -> bool:
        """Whether this is one machine and nobody signs in."""
        return self.name == LOCAL

    @property
    def secure(self) -> bool:
        """Whether browsers come over TLS: cookies are then for TLS only."""
        return self.address.startswith("https://")

    def provider(self, name: str) -> Provider | None:
        """The provider of this name."""
        return next((one for one in self.providers if one.name == name), None)

    def over_tls(self, scheme: str, peer: str, forwarded: str) -> bool:
        """Whether a request came over TLS: `forwarded` (X-Forwarded-Proto) counts from the configured proxies only."""
        if scheme in ("https", "wss"):
            return True
        return believed(peer, self.proxies) and forwarded.strip().lower() == "https"


@dataclass(frozen=True)
class Surroundings:
    """What a start is checked against: where the server is bound, and how its secrets are kept."""

    bound: str | None = "127.0.0.1"
    redirect_uri: str = ""
    cookie_secret: str = ""
    other_secrets: tuple[str, ...] = ()
    readable: tuple[str, ...] = ()  # files with secrets that others on the host may read or write
    published: tuple[str, ...] = ()  # files of the project in which the cookie secret stands
    weakened: tuple[str, ...] = ()  # settings of Streamlit that take a protection away


def is_loopback(host: str | None) -> bool:
    """Whether a host name or address can only be this machine."""
    name = (host or "").strip("[]").lower()
    try:
        return name == "localhost" or ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def believed(peer: str, proxies: tuple[str, ...]) -> bool:
    """Whether the address belongs to a configured proxy, by address or by network."""
    try:
        there = ipaddress.ip_address(peer)
        return any(there in ipaddress.ip_network(one, strict=False) for one in proxies)
    except (ValueError, TypeError):
        return False


# -- reading

def read(settings: Mapping[str, Any], named: str = "", tls: bool = False, outside: str = "") -> Mode:
    """The mode that settings (`[signin]` and `[auth]`) describe; `named` and `outside` are what the environment says of the mode and of the address.

    Raises UsageError.
    """
    ours, auth = _table(settings, "signin"), _table(settings, "auth")
    unknown = sorted(set(ours) - _OURS)
    if unknown:
        raise UsageError(f"[signin] has the key {unknown[0]!r}, which does not exist. There is: {', '.join(sorted(_OURS))}.")
    name = (named or str(ours.get("mode", ""))).strip().lower() or (OIDC if auth else LOCAL)
    if name not in NAMES:
        raise UsageError(f"Sign-in mode {name!r} does not exist. Use {', '.join(NAMES)}.")
    if name == LOCAL:
        return Mode()
    redirect = str(auth.get("redirect_uri", "")) if name == OIDC else ""
    address = _origin(redirect) or (str(ours.get("address", "")) or outside).rstrip("/")
    hosts = _texts(ours, "hosts") or tuple(filter(None, (urlsplit(address).hostname,)))
    providers = _providers(auth, ours) if name == OIDC else ()
    return Mode(name, address, tuple(host.lower() for host in hosts), _networks(ours), providers, tls)


def _table(settings: Mapping[str, Any], name: str) -> dict[str, Any]:
    found = settings.get(name, {})
    if not isinstance(found, Mapping):
        raise UsageError(f"[{name}] is a table of settings. See docs/sign-in.md.")
    return dict(found)


def _texts(table: Mapping[str, Any], key: str) -> tuple[str, ...]:
    given = table.get(key, ())
    given = (given,) if isinstance(given, str) else given
    if not isinstance(given, list | tuple) or not all(isinstance(one, str) for one in given):
        raise UsageError(f"{key} under [signin] is a list of texts.")
    return tuple(one.strip() for one in given if one.strip())


def _networks(ours: Mapping[str, Any]) -> tuple[str, ...]:
    found = _texts(ours, "proxies")
    for one in found:
        try:
            network = ipaddress.ip_network(one, strict=False)
        except ValueError:
            raise UsageError(f"proxies under [signin] has {one!r}. Write the proxy's address such as 10.0.0.5, or its network such as 10.0.0.0/24.") from None
        if network.prefixlen == 0:
            raise UsageError(f"proxies under [signin] has {one!r}, which is everybody. Name the proxy.")
    return found


def _origin(address: str) -> str:
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme and parts.netloc else ""


def _providers(auth: Mapping[str, Any], ours: Mapping[str, Any]) -> tuple[Provider, ...]:
    sections = {name: table for name, table in auth.items() if isinstance(table, Mapping) and name not in _SHARED_KEYS}
    if any(key in auth for key in _PROVIDER_KEYS):
        sections = {DEFAULT: auth} | sections
    vouched, groups, labels = _texts(ours, "vouched"), _sub(ours, "groups"), _sub(ours, "labels")
    for name in (*vouched, *groups, *labels):
        if name not in sections:
            raise UsageError(f"[signin] speaks of the provider {name!r}, which [auth] does not have. There is: {', '.join(sections) or 'none'}.")
    return tuple(_provider(name, table, name in vouched, groups.get(name, {}), str(labels.get(name, ""))) for name, table in sections.items())


def _sub(ours: Mapping[str, Any], key: str) -> dict[str, Any]:
    found = ours.get(key, {})
    if not isinstance(found, Mapping):
        raise UsageError(f"[signin.{key}] is a table with a part for each provider. See docs/sign-in.md.")
    return dict(found)


def _provider(name: str, table: Mapping[str, Any], vouched: bool, groups: Any, label: str) -> Provider:
    missing = [key for key in _PROVIDER_KEYS if not str(table.get(key, "")).strip()]
    if missing:
        raise UsageError(f"The provider {name!r} in secrets.toml has no {missing[0]}. It needs {', '.join(_PROVIDER_KEYS)}.")
    if not re.fullmatch(r"[A-Za-z0-9-]{1,40}", name):
        raise UsageError(f"The provider {name!r} is named with letters, figures and hyphens only.")
    claim, roles = _group_map(name, groups)
    metadata = str(table["server_metadata_url"])
    if vouched and urlsplit(metadata).hostname in ("login.microsoftonline.com",) and _MANY_TENANTS.match(urlsplit(metadata).path):
        raise UsageError(f"The provider {name!r} lets accounts of every company in, so nobody can vouch for its e-mails. Name your own tenant in server_metadata_url.")
    return Provider(name, label or ("" if name == DEFAULT else name.replace("-", " ").title()), str(table["client_id"]), metadata, vouched, claim, roles)


def _group_map(name: str, given: Any) -> tuple[str, dict[str, str]]:
    """The claim that names the groups of a person, and the role that each gives."""
    if not isinstance(given, Mapping):
        raise UsageError(f"[signin.groups.{name}] is a table: claim = \"groups\", and roles.")
    if not given:
        return "", {}
    unknown, roles = sorted(set(given) - {"claim", "roles"}), given.get("roles", {})
    if unknown or not isinstance(roles, Mapping) or not roles:
        raise UsageError(f"[signin.groups.{name}] has claim and roles, such as roles = {{ \"cs-leaders\" = \"leader\" }}.")
    for group, role in roles.items():
        if role not in access.ROLES:
            raise UsageError(f"[signin.groups.{name}] gives the group {group!r} the role {role!r}. Use {', '.join(access.ROLES)}.")
    return str(given.get("claim", "groups")), {str(group): str(role) for group, role in roles.items()}


# -- refusing weak settings

def check(mode: Mode, around: Surroundings) -> None:
    """Nothing, when the server may start so. Raises StoreError that says what is weak and what to write instead."""
    for refuse in (_check_bound, _check_weakened, _check_address, _check_files, _check_secret, _check_providers):
        told = refuse(mode, around)
        if told:
            raise StoreError(f"Not started: {told}")


def _check_bound(mode: Mode, around: Surroundings) -> str:
    if mode.local and not is_loopback(around.bound):
        return (f"the server would be reachable from other machines (address {around.bound or '0.0.0.0'}), and nobody has to sign in here. "
                "Use --server.address 127.0.0.1 (with uvicorn: --host 127.0.0.1), or let people sign in: docs/sign-in.md.")
    return ""


def _check_weakened(mode: Mode, around: Surroundings) -> str:
    if mode.local or not around.weakened:
        return ""
    return f"the setting {around.weakened[0]} takes a protection away that sign-in needs. Remove it."


def _check_address(mode: Mode, around: Surroundings) -> str:
    if mode.local:
        return ""
    key, given = ("redirect_uri", around.redirect_uri) if mode.name == OIDC else ("address under [signin]", mode.address)
    if not given:
        return f"{key} is missing. It is the address that people's browsers ask for, such as https://scorecard.company.example{CALLBACK if mode.name == OIDC else ''}."
    parts = urlsplit(given)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.query or parts.fragment:
        return f"{key} is {given!r}, which is no address of a server."
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        return f"{key} is {given!r}. People sign in over https only; http is for trying it on this machine (localhost)."
    if mode.name == OIDC and parts.path != CALLBACK:
        return f"redirect_uri ends with {CALLBACK}, and is the same as the provider has it; here it is {given!r}."
    if mode.name == LINK and parts.path not in ("", "/"):
        return f"{key} is {given!r}. Write it without a path."
    if not is_loopback(parts.hostname) and not mode.tls and not mode.proxies:
        return ("nobody would bring TLS. Name the proxy that does with proxies under [signin], such as proxies = [\"127.0.0.1\"], or give the "
                "server a certificate (server.sslCertFile and server.sslKeyFile).")
    return ""


def _check_files(mode: Mode, around: Surroundings) -> str:
    if mode.local or not around.readable:
        return ""
    return f"{around.readable[0]} holds secrets, and others on this host may read or change it. Run: chmod 600 {around.readable[0]}"


def _check_secret(mode: Mode, around: Surroundings) -> str:
    if mode.name != OIDC:
        return ""
    secret, make = around.cookie_secret, 'Make one with: python -c "import secrets; print(secrets.token_urlsafe(48))"'
    if not secret:
        return f"cookie_secret is missing. {make}"
    if len(secret) < SHORTEST_SECRET or len(set(secret)) < FEWEST_CHARACTERS:
        return f"cookie_secret is too weak: it needs {SHORTEST_SECRET} characters or more, at random. {make}"
    if _EXAMPLES.search(secret):
        return f"cookie_secret looks like an example. {make}"
    if secret in around.other_secrets:
        return f"cookie_secret is also used as another secret. {make}"
    if around.published:
        return f"cookie_secret stands in {around.published[0]}, where others can read it. {make}"
    return ""


def _check_providers(mode: Mode, around: Surroundings) -> str:
    if mode.name != OIDC:
        return ""
    if not mode.providers:
        return f"[auth] names no provider. It needs {', '.join(_PROVIDER_KEYS)}; see docs/sign-in.md."
    for one in mode.providers:
        parts = urlsplit(one.metadata)
        if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(parts.hostname)):
            return f"server_metadata_url of the provider {one.name!r} is {one.metadata!r}. It begins with https."
    return ""

"""The mode of this server, read from the environment and from Streamlit's secrets; and what its start is checked against."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from streamlit import config
from streamlit.runtime.secrets import secrets_singleton

from scorecard.places import ADDRESS, ROOT
from scorecard.signin import modes
from scorecard.signin.modes import Mode, Surroundings

MODE = "SCORECARD_MODE"
# What each setting of Streamlit must be where people sign in.
_NEEDED: dict[str, Any] = {"server.enableXsrfProtection": True, "server.enableCORS": True, "server.trustedUserHeaders": {}, "server.enableAgentApi": False,
                           "global.developmentMode": False}
_PUBLISHED = ("README.md", "docs/*.md", "deploy/*", ".streamlit/config.toml", "data/*.toml")
_LARGEST = 1_000_000
_settled: list[Mode] = []


def current() -> Mode:
    """The mode of this process. Raises UsageError when the settings cannot be read."""
    return _settled[0] if _settled else _mode(os.environ.get(MODE, ""), os.environ.get(ADDRESS, ""), _stamp())


@lru_cache(maxsize=8)
def _mode(named: str, outside: str, stamp: tuple) -> Mode:
    """Read once for each state of the files."""
    return modes.read(settings(), named, bool(config.get_option("server.sslCertFile")), outside.strip())


def settle(settled: bool = True) -> None:
    """The mode stays as it is now until it is unsettled: a server that runs asks with every element and request, and Streamlit looks for files each time."""
    _settled[:] = [current()] if settled else []


def _stamp() -> tuple:
    # Streamlit itself reads secrets once in the life of a process; a test may point it elsewhere.
    return tuple(str(path) for path in config.get_option("secrets.files"))


def settings() -> Mapping[str, Any]:
    """The tables of secrets.toml; none of them when there is no such file."""
    return secrets_singleton.to_dict() if secrets_singleton.load_if_toml_exists() else {}


def surroundings(bound: str | None) -> Surroundings:
    """What the start is checked against, with the address that the server is bound to."""
    auth = settings().get("auth", {})
    secret = str(auth.get("cookie_secret", ""))
    others = tuple(str(table["client_secret"]) for table in (auth, *auth.values()) if isinstance(table, Mapping) and table.get("client_secret"))
    return Surroundings(bound, str(auth.get("redirect_uri", "")), secret, others, _readable(), _published(secret), _weakened())


def _readable() -> tuple[str, ...]:
    """The files with secrets that others than their owner may read or change."""
    found = [Path(path) for path in config.get_option("secrets.files")]
    return tuple(str(path) for path in found if path.is_file() and stat.S_IMODE(path.stat().st_mode) & 0o027)


def _published(secret: str) -> tuple[str, ...]:
    if not secret:
        return ()
    files = [path for pattern in _PUBLISHED for path in sorted(ROOT.glob(pattern)) if path.is_file() and path.stat().st_size <= _LARGEST]
    return tuple(str(path.relative_to(ROOT)) for path in files if secret in path.read_text("utf-8", errors="replace"))


def _weakened() -> tuple[str, ...]:
    found = [name for name, needed in _NEEDED.items() if (config.get_option(name) or type(needed)()) != needed]
    return (*found, *(["FORWARDED_ALLOW_IPS=*"] if "*" in os.environ.get("FORWARDED_ALLOW_IPS", "") else []))


def begin(bound: str | None) -> None:
    """Nothing, when the server may start in its mode, bound to this address; Streamlit then answers to the names of the mode. Raises ScorecardError."""
    of = current()
    modes.check(of, surroundings(bound))
    if not of.local:
        config.set_option("server.allowedHosts", [*of.hosts, "localhost", "127.0.0.1", "::1"])

"""Where the files are: read from the environment at call time, by the edges only."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STATE = "SCORECARD_STATE"
FACTS = "SCORECARD_FACTS"
MEASURES = "SCORECARD_MEASURES"
SMTP, SMTP_PASSWORD, SMTP_FROM = "SCORECARD_SMTP", "SCORECARD_SMTP_PASSWORD", "SCORECARD_SMTP_FROM"
WEBHOOKS, WEBHOOK_PRIVATE = "SCORECARD_WEBHOOKS", "SCORECARD_WEBHOOK_PRIVATE"
ADDRESS = "SCORECARD_ADDRESS"


def data_folder() -> Path:
    """The folder that holds the definitions, the sample and, by default, the two stores."""
    return ROOT / "data"


def state_place() -> str:
    """A path, or `postgresql://…`, of what people write."""
    return os.environ.get(STATE) or str(data_folder() / "state.duckdb")


def facts_place() -> str:
    """The path of what exports bring."""
    return os.environ.get(FACTS) or str(data_folder() / "facts.duckdb")


def measures_file() -> Path:
    """The file of definitions."""
    return Path(os.environ.get(MEASURES) or data_folder() / "measures.toml")


def smtp() -> str:
    """The mail server, as `smtp://name@host:587` or `smtps://host`; "" without one."""
    return os.environ.get(SMTP, "").strip()


def smtp_password() -> str:
    """The password for the mail server."""
    return os.environ.get(SMTP_PASSWORD, "")


def smtp_from() -> str:
    """The e-mail address that messages come from."""
    return os.environ.get(SMTP_FROM, "").strip()


def webhooks() -> dict[str, str]:
    """Webhooks by name, written as `team=https://… board=https://…`."""
    pairs = (one.partition("=") for one in os.environ.get(WEBHOOKS, "").split())
    return {name: address for name, equals, address in pairs if equals}


def webhook_private() -> bool:
    """Whether a webhook may stand at a private address."""
    return os.environ.get(WEBHOOK_PRIVATE, "").strip().lower() == "yes"


def address() -> str:
    """The address of the server as people open it, for the links in messages."""
    return os.environ.get(ADDRESS, "").strip() or "http://localhost:8501"

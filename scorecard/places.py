"""Where the files are: read from the environment at call time, by the edges only."""

from __future__ import annotations

import os
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
STATE = "SCORECARD_STATE"
FACTS = "SCORECARD_FACTS"
MEASURES = "SCORECARD_MEASURES"
SMTP, SMTP_PASSWORD, SMTP_FROM = "SCORECARD_SMTP", "SCORECARD_SMTP_PASSWORD", "SCORECARD_SMTP_FROM"
WEBHOOKS, WEBHOOK_PRIVATE = "SCORECARD_WEBHOOKS", "SCORECARD_WEBHOOK_PRIVATE"
ADDRESS = "SCORECARD_ADDRESS"
LOG, LOG_DETAIL = "SCORECARD_LOG", "SCORECARD_LOG_DETAIL"
METRICS_TOKEN = "SCORECARD_METRICS_TOKEN"


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


def maturity_file() -> Path:
    """The file of the maturity model as it is shipped: a store that has none begins with it."""
    return data_folder() / "maturity.toml"


def log_form() -> str:
    """How the log is written: "text", or "json" for one object a line."""
    return "json" if os.environ.get(LOG, "").strip().lower() == "json" else "text"


def log_detail() -> bool:
    """Whether the log holds the messages of errors, which may hold what people wrote."""
    return os.environ.get(LOG_DETAIL, "").strip().lower() == "yes"


def metrics_token() -> str:
    """What a program sends to read the figures of the server; "" when only this machine reads them."""
    return os.environ.get(METRICS_TOKEN, "").strip()


def on_postgres() -> bool:
    """Whether what people write is in PostgreSQL."""
    return state_place().startswith(("postgresql://", "postgres://"))


@cache
def version() -> str:
    """The version of the program."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]


def outside() -> dict[str, Any]:
    """How this host reaches others: the mail server, webhooks by name (`team=https://… board=https://…`), its own address."""
    pairs = (one.partition("=") for one in os.environ.get(WEBHOOKS, "").split())
    return {
        "smtp": os.environ.get(SMTP, "").strip(),
        "password": os.environ.get(SMTP_PASSWORD, ""),
        "sender": os.environ.get(SMTP_FROM, "").strip(),
        "webhooks": {name: address for name, equals, address in pairs if equals},
        "private": os.environ.get(WEBHOOK_PRIVATE, "").strip().lower() == "yes",
        "address": os.environ.get(ADDRESS, "").strip() or "http://localhost:8501",
    }

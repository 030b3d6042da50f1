"""Where the files are: read from the environment at call time, by the edges only."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

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


def maturity_file() -> Path:
    """The file of the maturity model as it is shipped: a store that has none begins with it."""
    return data_folder() / "maturity.toml"


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

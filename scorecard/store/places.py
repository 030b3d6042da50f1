"""Which files belong to a store, from its two places."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

MEMORY = ":memory:"


def is_postgres(place: object) -> bool:
    """True for `postgresql://…` and `postgres://…`."""
    return str(place).startswith(("postgresql://", "postgres://"))


def shown(place: object) -> str:
    """A place without user, password and options: for messages."""
    if not is_postgres(place):
        return str(place)
    parts = urlsplit(str(place))
    return f"postgresql://{parts.hostname or 'localhost'}{parts.path}"


def data_folder(state: str | Path, facts: str | Path) -> Path | None:
    """The folder of backups, staging, head and token: beside the state file, else beside the facts; None in memory."""
    for place in (state, facts):
        if not is_postgres(place) and str(place) != MEMORY:
            return Path(place).parent
    return None


def head_file(state: str | Path, folder: Path) -> Path | None:
    """Where the head of the audit chain is kept outside the store; None for a store in memory."""
    return None if str(state) == MEMORY else beside(state, folder, "head")


def token_file(state: str | Path, facts: str | Path) -> Path | None:
    """Where a running server says how commands reach it; None for a store in memory."""
    folder = data_folder(state, facts)
    return None if folder is None or str(state) == MEMORY else beside(state, folder, "token")


def beside(state: str | Path, folder: Path, ending: str) -> Path:
    """A file named after the state: `state.duckdb.head`, or `<database>.head` for PostgreSQL."""
    if not is_postgres(state):
        return folder / f"{Path(state).name}.{ending}"
    parts = urlsplit(str(state))
    words = (parts.hostname or "localhost", parts.path.strip("/") or "postgres", _schema(parts.query))
    name = "-".join(word for word in words if word)
    return folder / f"{''.join(letter if letter.isalnum() or letter in '-_.' else '_' for letter in name)}.{ending}"


def _schema(query: str) -> str:
    options = parse_qs(query).get("options", [""])[0]
    return options.partition("search_path=")[2].split()[0] if "search_path=" in options else ""

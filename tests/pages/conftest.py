"""Pages run in their frame, as a person of a role, on an empty store or on the sample company."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from scorecard import access, commands, organisation, places, sample
from scorecard.store.engine import open_store
from scorecard.store.members import Person
from scorecard.ui import state
from tests.conftest import make_actor

SHELL = places.ROOT / "scorecard" / "ui" / "shell.py"
PATIENCE = 60


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sample company's files, which no process has open."""
    folder = tmp_path_factory.mktemp("company") / "files"
    folder.mkdir()
    store = open_store(folder / "state.duckdb", folder / "facts.duckdb")
    commands.prepare(store)
    sample.load(store, make_actor("analyst", "sam", "Sam Whitlock"), date.today())
    add_roles(store)
    store.close()
    return folder


@pytest.fixture(scope="session")
def beginning(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an empty store in which each role has a member."""
    folder = tmp_path_factory.mktemp("beginning") / "files"
    folder.mkdir()
    store = open_store(folder / "state.duckdb", folder / "facts.duckdb")
    commands.prepare(store)
    add_roles(store)
    store.close()
    return folder


def add_roles(store) -> None:
    for role in access.ROLES:
        organisation.add_member(store, make_actor("admin"), Person("", f"Test {role}"), role)


@pytest.fixture
def see(tmp_path: Path, company: Path, beginning: Path) -> Iterator[Callable[..., AppTest]]:
    """Opens a page as somebody: `see("metrics", "viewer")`, with figures or on an empty store."""
    filled: list[Path] = []

    def open_page(name: str, role: str = "leader", empty: bool = False, **query: str) -> AppTest:
        if not filled:
            filled.append(shutil.copytree(beginning if empty else company, tmp_path, dirs_exist_ok=True))
        at = AppTest.from_file(str(SHELL), default_timeout=PATIENCE)
        at.session_state[state.PERSON] = f"test-{role}"
        for key, value in query.items():
            at.query_params[key] = value
        at.run()
        for key, value in query.items():
            at.query_params[key] = value
        return at.switch_page(str(places.ROOT / "pages" / f"{name}.py")).run()

    yield open_page
    state.close()

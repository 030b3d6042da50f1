"""What several folders of tests share: a store in a temporary folder, actors, the shared example data."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from scorecard import places
from scorecard.store.engine import Store, open_store
from tests import stores

SHARED = places.ROOT.parent / "shared" / "data"


def make_actor(role: str = "leader", person: str = "rana", name: str = "Rana Amari", team: str = ""):
    """Somebody with this role."""
    from scorecard.access import Actor

    return Actor(person=person, name=name, role=role, team=team)


def make_store(folder: Path) -> Store:
    """A new, empty, migrated store in a folder."""
    stores.begin(folder / "state.duckdb", folder / "facts.duckdb")
    return open_store(folder / "state.duckdb", folder / "facts.duckdb")


@pytest.fixture(autouse=True)
def no_outside_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No test reads or writes the stores of the person who runs it."""
    monkeypatch.setenv(places.STATE, str(tmp_path / "state.duckdb"))
    monkeypatch.setenv(places.FACTS, str(tmp_path / "facts.duckdb"))
    monkeypatch.delenv(places.MEASURES, raising=False)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = make_store(tmp_path)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def beginning(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a store as after the first start, to be copied."""
    return stores.once(tmp_path_factory, "beginning", stores.make_beginning)


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a store that holds the sample company, to be copied."""
    return stores.once(tmp_path_factory, "company", stores.make_company)


@pytest.fixture
def leader():
    return make_actor("leader")


@pytest.fixture
def analyst():
    return make_actor("analyst", "sam", "Sam Whitlock")


@pytest.fixture
def admin():
    return make_actor("admin", "marek", "Marek Zielinski")


@pytest.fixture
def viewer():
    return make_actor("viewer", "karen", "Karen Holt")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real example data that is not part of the project."""
    if not SHARED.is_dir():
        pytest.skip(f"the example data are not beside the project ({SHARED})")
    return SHARED

"""What several folders of tests share: a store in a temporary folder, actors, the shared example data."""

from __future__ import annotations

import gc
import os
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from scorecard import places
from scorecard.store.engine import Store
from tests import audited, endurance, stores

# Servers, commands and children that tests start keep what they have compiled: 0.9 s of each, where the outside forbids it.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
SHARED = places.ROOT.parent / "shared" / "data"
# The files that take longest, the longest first: begun last they would run on one core while the others are idle.
LONGEST = ("pages/test_pages.py", "scenarios/test_sample.py", "server/test_worker.py", "browser/test_accessibility.py", "server/test_server.py",
           "browser/test_first_visit.py", "browser/test_review.py", "browser/test_sensory.py", "browser/test_work_map.py", "browser/test_log.py",
           "browser/test_ledger.py", "browser/test_signin.py", "browser/test_maturity.py", "browser/test_improvement.py", "browser/test_advocacy.py",
           "browser/test_work_handoffs.py", "browser/test_leadership.py", "browser/test_metrics.py", "browser/test_actions.py", "scenarios/test_work.py", "scenarios/test_people_privacy.py", "scenarios/test_practices.py", "scenarios/test_nobody_is_ranked.py", "browser/test_planning.py",
           "test_metrics.py", "pages/test_links.py", "cli/test_load_exports.py",
           "pages/test_review.py", "test_jobs.py", "intake/test_typing.py", "server/test_uploads.py", "test_loading_facts.py", "cli/test_load.py",
           "cli/test_sample.py", "store/test_backup.py", "reviews/test_sign.py", "pages/test_data_exports.py", "test_health.py",
           "store/test_catalogue.py", "store/test_failures.py", "improvement/test_drivers.py", "pages/test_settings.py", "server/test_shared.py",
           "test_loading.py", "intake/test_dialects.py", "intake/test_mutated_uploads.py",
           "store/test_engine.py")
_PLACE = {places.ROOT / "tests" / name: number for number, name in enumerate(LONGEST)}


def pytest_configure(config: pytest.Config) -> None:
    """A run of endurance repeats in full, in its workers and children too. What commands change is watched."""
    endurance.begin(config.option.markexpr)
    audited.watch()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first, then those with the most tests; the order within a file stays."""
    tests = Counter(item.path for item in items)
    items.sort(key=lambda item: (_PLACE.get(item.path, len(LONGEST)), -tests[item.path], str(item.path)))


def pytest_collection_finish() -> None:
    """Tests and modules live as long as the process: no collection of garbage looks at them again, and at the rest more seldom."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def pytest_sessionfinish() -> None:
    """What was frozen may go."""
    gc.unfreeze()


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Bytes are not part of a test's name: what is packed or drawn anew each time would have other names in each worker."""
    return argname if isinstance(val, bytes) else None


def make_actor(role: str = "leader", person: str = "rana", name: str = "Rana Amari", team: str = ""):
    """Somebody with this role."""
    from scorecard.access import Actor

    return Actor(person=person, name=name, role=role, team=team)


def make_store(folder: Path) -> Store:
    """A new, empty, migrated store in a folder."""
    stores.begin(folder / "state.duckdb", folder / "facts.duckdb")
    return stores.opened(folder)


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
def begun(beginning: Path, tmp_path: Path) -> Iterator[Store]:
    """A store of this test alone, as after the first start."""
    opened = stores.opened(stores.copied(beginning, tmp_path))
    yield opened
    opened.close()


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

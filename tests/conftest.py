"""What several folders of tests share: a store in a temporary folder, actors, the shared example data."""

from __future__ import annotations

import gc
import os
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

from scorecard import places
from scorecard.store.engine import Store
from tests import audited, compiling, endurance, stores

# Servers, commands and children that tests start keep what they have compiled: 0.9 s of each, where the outside forbids it.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
SHARED = places.ROOT.parent / "shared" / "data"
# The files that take longest, the longest first: begun last they would run on one core while the others are idle. Two of the
# first four need no sample company, which is made meanwhile.
LONGEST = ("browser/test_accessibility.py", "browser/test_review.py", "store/test_backup.py", "cli/test_load_exports.py",
           "pages/test_pages.py", "scenarios/test_sample.py", "server/test_worker.py", "server/test_server.py", "scenarios/test_matrix.py",
           "pages/test_review.py", "pages/test_data_exports.py", "test_metrics.py", "store/test_catalogue.py", "server/test_survival.py",
           "store/test_engine.py", "store/test_moving.py", "intake/test_typing.py", "scenarios/test_people_privacy.py",
           "scenarios/test_practices.py", "scenarios/test_nobody_is_ranked.py", "pages/test_hostile.py", "pages/test_settings.py",
           "pages/test_links.py", "test_loading_facts.py", "test_jobs.py", "cli/test_load.py", "test_health.py", "store/test_maturity.py",
           "store/test_failures.py", "test_loading.py", "server/test_shared.py", "server/test_uploads.py", "intake/test_dialects.py",
           "intake/test_mutated_uploads.py", "reviews/test_sign.py", "improvement/test_drivers.py", "cli/test_sample.py")
# One worker walks through these in its browser, another through the rest of tests/browser: a browser and a server with the sample each.
WALKS = ("accessibility", "actions", "advocacy", "feedback", "first_visit", "signin", "wall")
_PLACE = {places.ROOT / "tests" / name: number for number, name in enumerate(LONGEST)}


def pytest_configure(config: pytest.Config) -> None:
    """A run of endurance repeats in full, in its workers and children too. What commands change is watched."""
    endurance.begin(config.option.markexpr)
    if config.getvalue("dist") != "no" and not hasattr(config, "workerinput") and compiling.is_fresh():
        compiling.compile_all()
    audited.watch()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first, then those with the most tests; the order within a file stays. Properties draw what the run asks for."""
    tests = Counter(item.path for item in items)
    items.sort(key=lambda item: (_PLACE.get(item.path, len(LONGEST)), -tests[item.path], str(item.path)))
    for item in items:
        if endurance.fewer_examples(getattr(item, "function", None)):
            item.add_marker(pytest.mark.endurance)


class ByFile(LoadFileScheduling):
    """A file stays with one worker, and so do the walks in a browser."""

    def _split_scope(self, nodeid: str) -> str:
        file = super()._split_scope(nodeid)
        place, _, walk = file.removesuffix(".py").rpartition("/test_")
        return f"{place} {walk in WALKS}" if place == "tests/browser" else file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadFileScheduling | None:
    """Who gives the tests out to the workers; None for what was asked for on the command line."""
    return ByFile(config, log) if config.getvalue("dist") == "loadfile" else None


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
def read_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are read in this process."""
    from scorecard.intake import reader
    from tests import children

    monkeypatch.setattr(reader, "ask_child", children.answer)


@pytest.fixture
def read_by_child(read_here: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are read by a child, as they are outside the tests."""
    from scorecard.intake import reader
    from tests import children

    monkeypatch.setattr(reader, "ask_child", children.ask_child)


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

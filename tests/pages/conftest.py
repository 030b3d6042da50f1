"""Pages run in their frame, as a person of a role, on an empty store or on the sample company."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest, local_script_runner

from scorecard import access, organisation, places
from scorecard.access import Actor
from scorecard.store.engine import Store
from scorecard.ui import state
from tests.menus import with_open_menus
from tests import stores

SHELL = places.ROOT / "scorecard" / "ui" / "shell.py"
PATIENCE = 60
# Each AppTest would read the metadata of every installed package again.
manifest_scanner.scan_component_manifests = cache(manifest_scanner.scan_component_manifests)
_look_each_millisecond = local_script_runner.require_widgets_deltas


def _wait_for_the_end(runner: local_script_runner.LocalScriptRunner, timeout: float = PATIENCE) -> None:
    """Nothing; the script's thread has ended. AppTest itself looks a thousand times a second, which costs a tenth of a page."""
    if runner._script_thread is not None:
        runner._script_thread.join(timeout)
    _look_each_millisecond(runner, timeout if runner.script_stopped() else 0)


local_script_runner.require_widgets_deltas = _wait_for_the_end


class Place(str):
    """The place of a store. What pages keep of a copy they keep of its source, while nobody has written to the copy: the
    pages of two tests with copies of the same files are worked out once, as for two readers of one server."""

    def encode(self, *how: str) -> bytes:
        """What stands for the place in the key of what Streamlit keeps."""
        return (_source(self) or str(self)).encode(*how)


def _source(place: str) -> str:
    """The source of a copy as it was copied; "" of any other store."""
    copy = stores.copies.get(place)
    versions = [opened.data_version for (state_place, _), opened in state._stores.items() if state_place == place]
    return copy.source if copy and versions == [0] and copy.written == stores.written(Path(place).parent) else ""


def _state_place(ask: Callable[[], str] = places.state_place) -> str:
    return Place(ask())


places.state_place = _state_place


def _open_store(state_place: str, facts_place: str, ask: Callable[..., Store] = state.open_store) -> Store:
    folder = Path(state_place).parent
    if [Path(state_place), Path(facts_place)] != [folder / name for name in stores.FILES]:
        return ask(state_place, facts_place)
    stores.begin(state_place, facts_place)
    return stores.opened(folder)


# Pages open a copy as all tests do.
state.open_store = _open_store


@pytest.fixture(scope="session")
def with_figures(tmp_path_factory: pytest.TempPathFactory, company: Path) -> Path:
    """A folder with the sample company's files, in which each role has a member."""
    return with_roles(tmp_path_factory, company)


@pytest.fixture(scope="session")
def without_figures(tmp_path_factory: pytest.TempPathFactory, beginning: Path) -> Path:
    """A folder with an empty store in which each role has a member."""
    return with_roles(tmp_path_factory, beginning)


def with_roles(places_of_tests: pytest.TempPathFactory, source: Path) -> Path:
    folder = stores.copied(source, places_of_tests.mktemp(source.name) / "files")
    stores.add_roles(folder)
    _have_been_here(folder)
    return folder


def _have_been_here(folder: Path) -> None:
    """Nothing; each role's member has looked at a page today: the first look of a day is written down."""
    store = stores.opened(folder)
    for role in access.ROLES:
        organisation.seen(store, Actor(f"test-{role}", f"Test {role}", role, ""), state.now())
    store.close()


@pytest.fixture
def fill(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Callable[..., None]]:
    """Puts the sample company, or an empty store, at the places of this test, once."""
    filled: list[Path] = []

    def put(empty: bool = False) -> None:
        if not filled:
            source = request.getfixturevalue("without_figures" if empty else "with_figures")
            filled.append(stores.copied(source, tmp_path))

    yield put
    close_stores_in(tmp_path)


@pytest.fixture
def see(fill: Callable[..., None]) -> Callable[..., AppTest]:
    """Opens a page as somebody: `see("metrics", "viewer")`, with figures or on an empty store."""

    def open_page(name: str, role: str = "leader", empty: bool = False, **query: str) -> AppTest:
        fill(empty)
        return visit(name, role, **query)

    return open_page


def visit(name: str, role: str, **query: str) -> AppTest:
    """A page in its frame, with its menus open, as somebody of a role sees it who follows a link to it, with these words in its address."""
    at = with_open_menus(AppTest.from_file(str(SHELL), default_timeout=PATIENCE))
    at.session_state[state.PERSON] = f"test-{role}"
    for key, value in query.items():
        at.query_params[key] = value
    return at.switch_page(str(places.ROOT / "pages" / f"{name}.py")).run()


@pytest.fixture(scope="module")
def looked_at(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Path]]:
    """The folders of the stores that the tests of a file look at together, by their name."""
    folders: dict[str, Path] = {}
    yield folders
    for folder in folders.values():
        close_stores_in(folder)


@pytest.fixture
def look(looked_at: dict[str, Path], tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest,
         monkeypatch: pytest.MonkeyPatch) -> Callable[..., AppTest]:
    """Opens a page as `see` does, on a store that stays open for the next test: for tests that change nothing."""

    def open_page(name: str, role: str = "leader", empty: bool = False, **query: str) -> AppTest:
        source = "without_figures" if empty else "with_figures"
        if source not in looked_at:
            looked_at[source] = stores.copied(request.getfixturevalue(source), tmp_path_factory.mktemp(source) / "looked at")
        monkeypatch.setenv(places.STATE, str(looked_at[source] / "state.duckdb"))
        monkeypatch.setenv(places.FACTS, str(looked_at[source] / "facts.duckdb"))
        return visit(name, role, **query)

    return open_page


def close_stores_in(folder: Path) -> None:
    """Nothing; the stores of this process whose files are in the folder are closed."""
    for place in [place for place in state._stores if Path(place[0]).parent == folder]:
        state._stores.pop(place).close()

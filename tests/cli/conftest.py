"""The store that the commands of these tests find: as after the first start, unless a test says that there is none yet."""

from __future__ import annotations

from pathlib import Path

import pytest

from scorecard import places
from scorecard.store.engine import open_here, open_store
from tests import stores


@pytest.fixture
def nothing_yet() -> None:
    """The first command of the test makes the store."""


@pytest.fixture
def closed() -> None:
    """Nobody has the store open: the test opens it itself between the commands."""


@pytest.fixture(autouse=True)
def first_start(request: pytest.FixtureRequest, beginning: Path, tmp_path: Path) -> None:
    """The files of the store are there, and nobody has them open."""
    if not {"nothing_yet", "begun", "store"} & set(request.fixturenames):
        stores.copied(beginning, tmp_path)


@pytest.fixture
def at_work(request: pytest.FixtureRequest) -> None:
    """The store is open in this process, as in a server's, and files are read here: commands open nothing and start no child.
    Not in a test of a store that is not there yet, or closed."""
    if not {"nothing_yet", "closed", "store"} & set(request.fixturenames):
        request.getfixturevalue("begun")
        request.getfixturevalue("read_here")


def stored(sql: str, facts: bool = False) -> list[tuple]:
    """Rows of the state or the facts that the commands work on."""
    places_of = places.state_place(), places.facts_place()
    here = open_here(*places_of)
    store = here or open_store(*places_of)
    try:
        with store.facts() if facts else store.read() as tx:
            return tx.all(sql)
    finally:
        if here is None:
            store.close()

"""One Chromium and one server with the sample company for all browser tests; skipped where there is no Chromium."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests import stores
from tests.browser import driving

MISSING = "no Chromium on this machine (Debian: apt-get install chromium-headless-shell)"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser" in str(item.path):
            item.add_marker(pytest.mark.browser)
            if driving.CHROMIUM is None:
                item.add_marker(pytest.mark.skip(reason=MISSING))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = driving.launch(playwright)
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def larkfield(company: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[driving.Server]:
    """A server with the sample company, for tests that only look."""
    folder = stores.copied(company, tmp_path_factory.mktemp("larkfield"))
    with driving.running_server(folder) as server:
        yield server


@pytest.fixture
def empty_server(tmp_path: Path) -> Iterator[driving.Server]:
    with driving.running_server(tmp_path) as server:
        yield server

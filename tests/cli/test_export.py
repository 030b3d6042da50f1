"""`export`: a month as a file, from the store of this host."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from scorecard import places
from scorecard.cli import main
from scorecard.output import pack_files
from tests import stores


@pytest.fixture(scope="module")
def larkfield(company: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of a store that holds the sample company, open in this process."""
    folder = stores.copied(company, tmp_path_factory.mktemp("larkfield"))
    store = stores.opened(folder)
    yield folder
    store.close()


@pytest.fixture
def at_hand(larkfield: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands find the open store with the sample company."""
    for name, file in zip((places.STATE, places.FACTS), stores.FILES, strict=True):
        monkeypatch.setenv(name, str(larkfield / file))


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def run(*words: str):
    return CliRunner().invoke(main, ["export", *words])


def test_a_month_is_written_here_under_a_name_with_the_hash_of_its_content(company, here, tmp_path):
    stores.copied(company, tmp_path)
    done = run("--month", "2026-10", "--format", "json")
    assert done.exit_code == 0, done.output
    file = next(here.iterdir())
    assert file.name == f"customer-success-2026-10-{hashlib.sha256(file.read_bytes()).hexdigest()[:8]}.json"
    assert done.output.startswith(f"{file.name}: 2026-10, not signed: it may still change, ")
    assert json.loads(file.read_bytes())["period"] == "2026-10"


def test_a_month_goes_to_a_place_or_to_standard_output(at_hand, here):
    assert run("--format", "csv", "--out", "pack.csv").exit_code == 0
    assert run("--format", "csv", "--out", "-").stdout_bytes == Path("pack.csv").read_bytes()
    assert [file.name for file in here.iterdir()] == ["pack.csv"]


@pytest.mark.parametrize(
    "words, told, status",
    [
        (("--month", "soon"), "'soon' is not a period. Write 2026-10 or 2026-Q4.", 2),
        (("--month", "2019-01"), "There are no figures for January 2019. There are figures from November 2023", 2),
        (("--scorecard", "wall"), "There is no scorecard 'wall'", 2),
        (("--format", "doc"), "'doc' is not one of", 2),
        (("--format", "csv", "--out", "/nowhere/pack.csv"), "/nowhere/pack.csv cannot be written", 1),
    ],
)
def test_a_refusal_says_what_is_allowed_and_leaves_no_file(at_hand, here, words, told, status):
    done = run(*words)
    assert done.exit_code == status and told in done.stderr and not done.stdout
    assert list(here.iterdir()) == []


def test_a_name_of_a_file_holds_letters_and_lines_only():
    assert pack_files.named("../x y", "2026-10", "ab", "pdf") == "x-y-2026-10-ab.pdf"

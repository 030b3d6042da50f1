"""Customers are never shown a debt: nothing of a ledger is on a share link, in a digest or in a pack."""

from __future__ import annotations

import io
import zipfile
from datetime import date, timedelta

import pytest

from scorecard import digest, places, reviews, sharing
from scorecard.output import html_pack, pack, slides, workbook
from scorecard.relations import ledger
from scorecard.ui import state
from tests import packs, stores, test_layers
from tests.conftest import make_actor
from tests.relations import ledgers
from tests.server.test_shared import loop, reader  # noqa: F401 (fixtures)

LEADER, MARK = make_actor("leader", "rana-amari"), "zzledger "
OUTSIDE = ("scorecard/shared.py", "scorecard/digest.py", "scorecard/delivery.py", "scorecard/sharing.py")
DRAWS = ("scorecard.output.ledger_", "scorecard.relations", "scorecard.ui.ledger_")


@pytest.fixture(scope="module")
def told(company, tmp_path_factory):
    """The sample company with a ledger, whose every text begins with a mark, in an account."""
    folder = stores.copied(company, tmp_path_factory.mktemp("never") / "shown")
    store = stores.opened(folder)
    ledgers.write(store, LEADER, "A1001", mark=MARK)
    assert any(one.what.startswith(MARK) for one in ledger.read(store, "A1001", ledgers.TODAY).lines)
    store.close()
    return folder


@pytest.fixture
def place(told, monkeypatch):
    monkeypatch.setenv(places.STATE, str(told / "state.duckdb"))
    monkeypatch.setenv(places.FACTS, str(told / "facts.duckdb"))
    yield state.store()
    state.close()


def unpacked(content: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        return "\n".join(file.read(name).decode("utf-8", "replace") for name in file.namelist())


def test_no_pack_share_link_or_digest_has_a_word_of_a_ledger(place, reader):  # noqa: F811
    month = reviews.month(place, packs.CARD, packs.OCTOBER, stores.TODAY)
    today = date.today()
    link = sharing.make(place, LEADER, packs.CARD, packs.OCTOBER, "", today + timedelta(9), today)
    texts = {"page": html_pack.page(month), "json": str(pack.as_json(month)), "csv": str(pack.as_csv(month)), "slides": unpacked(slides.deck(month)),
             "workbook": unpacked(workbook.book(month)), "link": reader().get(link.path).text,
             "digest": "\n".join(digest.body(one, "") for one in digest.concerns(place, stores.TODAY))}  # fmt: skip
    for name, text in texts.items():
        assert text.strip(), name
        assert MARK.strip() not in text and "58 / 42" not in text and "Account ledgers" not in text, name


def test_what_leaves_the_team_draws_no_ledger():
    files = [*OUTSIDE, *(file for file in test_layers.sources() if file.startswith(("scorecard/output/pack", "scorecard/output/html", "scorecard/output/pdf",
                                                                                   "scorecard/output/slide", "scorecard/output/workbook", "scorecard/output/wall",
                                                                                   "scorecard/output/message")))]  # fmt: skip
    for file in files:
        for line in test_layers.imports(file):
            assert not line.name.startswith(DRAWS), f"{line}: {line.name} is for the team only, and {file} leaves it."

"""Kept maps of columns: one for each set of column names, every version kept, the last one used."""

from __future__ import annotations

import pytest

from scorecard.errors import NotAllowed
from scorecard.store import mappings
from tests.conftest import make_actor


def keep(store, body: str, actor: str = "Sam Whitlock") -> bool:
    return store.write(lambda tx: mappings.keep(tx, "h1", "help-desk.csv", body), actor)


def test_the_last_map_for_the_same_columns_is_found_with_its_author(store):
    keep(store, "one")
    keep(store, "two", "Rana Amari")
    with store.read() as tx:
        found = mappings.find(tx, "h1")
        assert (found.body, found.author, found.version) == ("two", "Rana Amari", 2)
        assert [one.body for one in mappings.history(tx, "h1")] == ["two", "one"]
        assert mappings.find(tx, "h2") is None


def test_a_map_that_says_the_same_is_kept_once(store):
    assert keep(store, "one") and not keep(store, "one")


def test_keeping_a_map_is_audited(store):
    keep(store, "one")
    with store.read() as tx:
        assert tx.one("SELECT actor FROM audit WHERE action = 'keep map'") == ("Sam Whitlock",)


def test_looking_at_an_export_needs_the_right_to_load(store):
    from scorecard import exports

    with pytest.raises(NotAllowed):
        exports.look(store, make_actor("viewer"), None)
    with pytest.raises(NotAllowed):
        exports.accept(store, make_actor("member"), None, None)

"""What somebody typed and did not save is found again by them alone, after a restart too, and in no backup."""

from __future__ import annotations

from datetime import timedelta

import pytest

from scorecard import drafts, registers
from scorecard.errors import NotAllowed
from scorecard.store import backup
from scorecard.ui import register_forms
from tests import stores
from tests.conftest import make_actor

FORM = "finding:new:"
TYPED = {"title": "Invoices come late", "words": "Three of them say so."}


def test_a_draft_outlives_a_restart_and_is_shown_to_nobody_else(beginning, tmp_path):
    folder = stores.copied(beginning, tmp_path)
    store, writer = stores.opened(folder), make_actor("member", "you")
    version = store.data_version
    drafts.keep(store, writer, FORM, TYPED)
    assert store.data_version == version, "a draft makes every page read anew"
    store.close()
    again = stores.opened(folder)
    assert drafts.of(again, writer, FORM).content == TYPED
    for other in (make_actor("leader", "rana"), make_actor("admin", "marek"), make_actor("leader", "")):
        assert drafts.of(again, other, FORM) is None
    with pytest.raises(NotAllowed):
        drafts.of(again, None, FORM)
    again.close()


def test_a_draft_ends_with_the_save_with_an_emptied_form_and_after_a_month(begun):
    writer = make_actor("member", "you")
    drafts.keep(begun, writer, FORM, TYPED)
    drafts.drop(begun, writer, FORM)
    assert drafts.of(begun, writer, FORM) is None
    drafts.keep(begun, writer, FORM, TYPED)
    drafts.keep(begun, writer, FORM, {"title": " ", "words": ""})
    assert drafts.of(begun, writer, FORM) is None
    drafts.keep(begun, writer, FORM, TYPED)
    old = drafts.of(begun, writer, FORM).saved_at - timedelta(days=drafts.KEPT_DAYS, seconds=1)
    begun.write(lambda tx: (tx.run("UPDATE form_draft SET saved_at = $1", (old,)), tx.audit("test", "x")), "x")
    drafts.keep(begun, writer, "another", TYPED)
    assert drafts.of(begun, writer, FORM) is None and drafts.of(begun, writer, "another")


def test_no_draft_gets_into_a_backup(begun):
    drafts.keep(begun, make_actor("member", "you"), FORM, {"words": "Nobody may read this in a copy"})
    made = backup.make(begun.engines, begun.backups, drafts.of(begun, make_actor("member", "you"), FORM).saved_at)
    assert made.rows["state.duckdb"]["form_draft"] == 0
    assert b"Nobody may read this in a copy" not in (made.path / "state.duckdb").read_bytes()


def test_each_form_has_a_draft_of_its_own_and_takes_only_the_text_that_it_still_has_fields_for(begun):
    new = register_forms.draft_of("finding", None, None)
    assert new == register_forms.draft_of("finding", None, {}) == FORM
    about = register_forms.draft_of("touch", None, {"account": "A1"})
    assert about != register_forms.draft_of("touch", None, {"account": "A2"}) and about.startswith("touch:new:")
    drafts.keep(begun, make_actor("member", "you"), new, {**TYPED, "gone": "x", "priority": "high"})
    of = registers.register("finding")
    texts = {field.name for field in of.fields if field.kind in register_forms.TYPED}
    kept = register_forms._typed(of, drafts.of(begun, make_actor("member", "you"), new))
    assert set(kept) <= texts and "gone" not in kept and "priority" not in kept

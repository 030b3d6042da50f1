"""One click behind the number of a measure: definition and SQL for everybody, rows for members and up."""

from __future__ import annotations

import pytest

from scorecard import metrics
from scorecard.access import Actor
from scorecard.store import definitions
from scorecard.ui import state
from tests.facts import day, put
from tests.pages.test_pages import said


def with_promises(see, role: str):
    see("start", role, True)
    store = state.store()
    put(store, account=[{"account_id": "a", "name": "=1+1", "segment": "Small"}], promise=[
        {"promise_id": "=cmd|' /C calc'!A0", "account_id": "a", "due_on": day("2026-10-15"), "kept_on": day("2026-10-15")},
        {"promise_id": "p2", "account_id": "a", "due_on": day("2026-10-31")}])
    metrics.refresh(store, Actor("x", "X", "analyst"), day("2026-11-22"))
    return see("measure", role, True, measure="promises_kept")


@pytest.mark.parametrize(("role", "rows"), [("viewer", False), ("member", True), ("analyst", True), ("leader", True)])
def test_the_definition_is_for_everybody_and_the_rows_for_members(see, role, rows):
    at = with_promises(see, role)
    next(one for one in at.button if one.label == "Behind the number").click().run()
    assert not at.exception
    text = said(at)
    assert "Promises to customers kept by their date" in text.replace("\\", "")
    assert "FROM promise" in at.code[0].value
    assert bool(at.dataframe) is rows
    assert ("for members and up" in text) is not rows


def test_the_file_of_rows_guards_what_a_spreadsheet_would_run(see):
    from scorecard.core.periods import Period
    from scorecard.output import twins

    with_promises(see, "member")
    store = state.store()
    with store.read() as tx:
        measure = definitions.current(tx)["promises_kept"]
    found = metrics.behind(store, Actor("x", "X", "member"), measure, Period(day("2026-10-01"), "month"))
    assert "\n" in twins.csv_text(found.columns, found.rows) and ",'=cmd" in twins.csv_text(found.columns, found.rows).replace('"', "")

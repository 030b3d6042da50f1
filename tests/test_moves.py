"""What moves is told before accepting: the very figures that accepting then changes, and nothing is stored by telling."""

from __future__ import annotations

from datetime import date

import pytest

from scorecard import exports, loading, loading_facts, moves
from scorecard.metrics import computed
from scorecard.output import intake_tables
from scorecard.store import measures
from tests.conftest import make_actor
from tests.facts import put

TODAY = date(2026, 11, 22)
SAM = make_actor("analyst", "", "Sam Whitlock")
TICKETS = b"""Ticket ID,Account ID,Created at,Solved at,Status
T1,A1,2026-09-01 09:00,2026-09-02 09:00,solved
T2,A1,2026-10-01 09:00,2026-10-20 09:00,solved
T3,A2,2026-11-02 09:00,,open
"""


@pytest.fixture
def store(begun):
    store = begun
    put(store, account=[{"account_id": "A1", "started_on": date(2026, 1, 1)}, {"account_id": "A2", "started_on": date(2026, 1, 1)}],
        ticket=[{"ticket_id": "T1", "account_id": "A1", "opened_at": "2026-09-01 09:00", "resolved_at": "2026-09-02 09:00", "status": "solved"},
                {"ticket_id": "T2", "account_id": "A1", "opened_at": "2026-10-01 09:00", "status": "open"}])
    computed.refresh(store, SAM, TODAY)
    return store


def whole(store, name: str) -> dict[str, float | None]:
    with store.read() as tx:
        return {one.period.short: one.value for one in measures.figures(tx, [name]) if not (one.segment or one.team or one.csm)}


def test_what_is_told_is_what_accepting_changes_and_telling_stores_nothing(store):
    table = loading.read(store, SAM, TICKETS, "tickets.csv")
    offered = exports.offer(store, SAM, table)
    before, version = whole(store, "ticket_backlog"), store.data_version
    found = moves.of_facts(store, SAM, offered.proposal)
    told = {(one.measure.name, one.period.short): (one.was, one.now) for one in found.changed}
    assert whole(store, "ticket_backlog") == before and store.data_version == version
    with store.facts() as tx:
        assert tx.one("SELECT COUNT(*) FROM ticket") == (2,) and tx.one("SELECT COUNT(*) FROM fact_load WHERE load = 'tried'") == (0,)
    exports.accept(store, SAM, offered, TODAY)
    after = whole(store, "ticket_backlog")
    assert told[("ticket_backlog", "Oct 2026")] == (before["Oct 2026"], after["Oct 2026"]) == (1.0, 0.0)
    assert {month for name, month in told if name == "ticket_backlog"} == {month for month in before if before[month] != after[month]}
    assert any(one.name == "ticket_backlog" and [p.short for p in periods] == ["Nov 2026"] for one, periods in found.fresh)


def test_nothing_is_worked_out_where_it_would_take_too_long(store, monkeypatch):
    offered = exports.offer(store, SAM, loading.read(store, SAM, TICKETS, "tickets.csv"))
    monkeypatch.setattr(moves, "MOST_BROUGHT", 1)
    assert moves.of_facts(store, SAM, offered.proposal) is None and "too long" in intake_tables.moves(None)
    monkeypatch.undo()
    monkeypatch.setattr(loading_facts, "TRY_SECONDS", 0.01)
    with loading_facts._one_at_a_time:
        assert moves.of_facts(store, SAM, offered.proposal) is None
    exports.discard(offered)


def test_a_segment_that_changes_moves_the_whole(store):
    head = "measure,period,segment,numerator,denominator\n"
    first = loading.propose(store, SAM, f"{head}development_plans_kept,2026-10,East,6,10\ndevelopment_plans_kept,2026-10,West,8,10\n".encode(),
                            "plans.csv", TODAY, choices={"unknown": "define"})
    name = first.new[0].measure
    loading.accept(store, SAM, first, TODAY)
    again = loading.propose(store, SAM, f"{head}development_plans_kept,2026-10,East,4,10\ndevelopment_plans_kept,2026-11,East,9,10\n".encode(),
                            "plans.csv", TODAY)
    found = moves.of_figures(store, SAM, again)
    ((one),) = found.changed
    assert (one.measure.name, one.period.short, one.was, one.now) == (name, "Oct 2026", 0.7, 0.6)
    assert [[p.short for p in periods] for _, periods in found.fresh] == [["Nov 2026"]]
    drawn = intake_tables.moves(found)
    assert "70.0% → 60.0%" in drawn and "What moves, 1" in drawn

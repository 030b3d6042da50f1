"""Measures that come from records, by hand arithmetic: they follow every change of an entry, and no figure is overwritten."""

from __future__ import annotations

import json
from datetime import date, datetime

import pytest

from scorecard import loading_facts, registers, reviews
from scorecard.cli import records
from scorecard.core.periods import Period
from scorecard.improvement.faults import UPSTREAM_SHARE
from scorecard.places import measures_file
from scorecard.reviews import recorded
from scorecard.sensory.measured import AGE, CLOSURE
from scorecard.store import definitions, measures
from tests.reviews.test_sign import LEADER, signed_month

TODAY = date(2026, 11, 22)
TOLD = {"answer": "fixed", "answered_on": "2026-06-01"}
FINDINGS = (("in time", "2026-05-01", TOLD | {"told_on": "2026-06-15"}), ("late", "2026-05-11", TOLD | {"told_on": "2026-10-10"}), ("open", "2026-10-21", {}))
FAULTS = (("2026-09-03", "use"), ("2026-09-20", "validation"), ("2026-10-02", "definition"), ("2026-10-31", None), ("2026-11-05", "use"))


@pytest.fixture
def kept(store, leader):
    """Three findings (one closed in time, one late, one open); five faults, of which one came this month; a request."""
    definitions.record_file(store, measures_file(), "first start")
    for title, found_on, more in FINDINGS:
        values = {"title": title, "found_on": found_on, "department": "development", "owner": None, **more}
        registers.add(store, leader, "finding", values, state="closed" if more else "open", today=TODAY)
    for found_on, caught_in in FAULTS:
        registers.add(store, leader, "fault", fault(found_on, caught_in=caught_in), today=TODAY)
    registers.add(store, leader, "fault", fault("2026-10-03", kind="request"), today=TODAY)
    return store


def fault(found_on: str, **more) -> dict:
    return {"title": f"of {found_on}", "kind": "fault", "found_on": found_on, "owner": None, **more}


def figures(store) -> dict[tuple[str, str], tuple]:
    with store.read() as tx:
        found = measures.figures(tx, [AGE, CLOSURE, UPSTREAM_SHARE])
    return {(one.measure, str(one.period)): (one.value, one.numerator, one.denominator) for one in found}


def stored(store) -> int:
    with store.read() as tx:
        return tx.one("SELECT COUNT(*) FROM figure")[0]


def test_age_and_closure_are_counted_at_the_end_of_each_month(kept, leader):
    loading_facts.refresh(kept, leader, TODAY, ["account"])
    told = figures(kept)
    # At the end of May both are open, 30 and 20 days old; on 9 August the 90 days of the second one end, and it is open.
    assert told[AGE, "2026-05"][0] == 25 and told[AGE, "2026-06"][0] == 50 and told[AGE, "2026-10"][0] == 10
    assert told[CLOSURE, "2026-07"] == (1.0, 1.0, 1.0) and told[CLOSURE, "2026-08"] == (0.0, 0.0, 1.0)
    assert (CLOSURE, "2026-06") not in told


def test_the_share_caught_upstream_is_of_all_faults_of_the_month(kept, leader):
    recorded.refresh(kept, leader, TODAY)
    told = {month: figure for (name, month), figure in figures(kept).items() if name == UPSTREAM_SHARE}
    assert told == {"2026-09": (0.5, 1.0, 2.0), "2026-10": (0.5, 1.0, 2.0)}


def test_a_month_has_no_figure_before_its_end(kept, leader):
    recorded.refresh(kept, leader, date(2026, 10, 31))
    assert max(month for _, month in figures(kept)) == "2026-09"
    recorded.refresh(kept, leader, date(2026, 11, 1))
    assert max(month for _, month in figures(kept)) == "2026-10"


def test_what_did_not_change_is_not_written_again(kept, leader):
    assert recorded.refresh(kept, leader, TODAY).changed == 10
    assert recorded.refresh(kept, leader, TODAY).changed == 0 and stored(kept) == 10


def test_without_records_nothing_is_written(store, leader):
    definitions.record_file(store, measures_file(), "first start")
    assert recorded.refresh(store, leader, TODAY).changed == 0 and stored(store) == 0


def test_an_entry_that_changes_moves_the_figure_of_its_month_and_the_old_one_stays(kept, leader):
    recorded.refresh(kept, leader, TODAY)
    with kept.read() as tx:
        missed = next(one for one in registers.entries(tx, "fault") if one.title == "of 2026-09-03")
    records.change_record(kept, leader, TODAY, "fault", missed.id, {"caught_in": "development"}, "", "", 0)
    assert figures(kept)[UPSTREAM_SHARE, "2026-09"] == (1.0, 2.0, 2.0) and stored(kept) == 11
    records.withdraw_record(kept, leader, TODAY, "fault", missed.id, "twice", False)
    assert figures(kept)[UPSTREAM_SHARE, "2026-09"] == (1.0, 1.0, 1.0)
    records.withdraw_record(kept, leader, TODAY, "fault", missed.id, "", True)
    assert figures(kept)[UPSTREAM_SHARE, "2026-09"] == (1.0, 2.0, 2.0)
    records.add_record(kept, leader, TODAY, "fault", fault("2026-09-30"), "")
    assert figures(kept)[UPSTREAM_SHARE, "2026-09"] == (2 / 3, 2.0, 3.0)


def test_entries_of_a_file_count_at_once(store, leader, tmp_path):
    definitions.record_file(store, measures_file(), "first start")
    (tmp_path / "faults.csv").write_text("title,kind,found_on,caught_in\nslow,fault,2026-10-05,use\n", "utf-8")
    done = records.import_records(store, leader, TODAY, "fault", str(tmp_path / "faults.csv"), {}, True)
    assert done["added"] == 1, json.dumps(done)
    assert figures(store) == {(UPSTREAM_SHARE, "2026-10"): (0.0, 0.0, 1.0)}


def test_a_month_whose_last_entry_was_withdrawn_has_no_figure_any_more(store, leader):
    definitions.record_file(store, measures_file(), "first start")
    added = records.add_record(store, leader, TODAY, "fault", fault("2026-10-05", caught_in="use"), "")
    records.withdraw_record(store, leader, TODAY, "fault", added["id"], "no fault", False)
    assert figures(store) == {(UPSTREAM_SHARE, "2026-10"): (None, None, None)} and stored(store) == 2
    assert recorded.refresh(store, leader, TODAY).changed == 0


def test_this_months_entry_and_other_registers_write_nothing(kept, leader):
    recorded.refresh(kept, leader, TODAY)
    records.add_record(kept, leader, TODAY, "fault", fault("2026-11-20", caught_in="use"), "")
    assert recorded.entry_changed(kept, leader, "comment", TODAY).changed == 0 and stored(kept) == 10


def test_a_month_that_is_prepared_has_the_figures_of_its_records(kept, leader):
    with kept.read() as tx:
        card = definitions.scorecards(tx)[0].id
    reviews.open_review(kept, leader, card, Period(date(2026, 10, 1), "month"), held_on=TODAY, now=datetime(2026, 11, 22, 9))
    assert figures(kept)[UPSTREAM_SHARE, "2026-10"] == (0.5, 1.0, 2.0) and stored(kept) == 10


def test_signing_writes_the_figures_of_the_records_first(open_month):
    definition = definitions.read_file(measures_file())[UPSTREAM_SHARE]
    open_month.write(lambda tx: definitions.record(tx, definition, "file", "first start"), "Analyst")
    registers.add(open_month, LEADER, "fault", fault("2026-10-05", caught_in="validation"), today=date(2026, 11, 12))
    assert not figures(open_month)
    signed_month(open_month)
    assert figures(open_month) == {(UPSTREAM_SHARE, "2026-10"): (1.0, 1.0, 1.0)}

"""Figures and decisions in the store: the newest counts, nothing is overwritten. On both engines."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scorecard.core.periods import Period
from scorecard.store import loads, measures
from scorecard.store.engine import Store, Tx
from scorecard.store.measures import LimitsRecord

FIRST = Period(date(2026, 1, 1), "month")
GRAINS = {"renewal": "month", "trust": "month"}


def make_load(store: Store, id: str, rows: list[tuple], day: int) -> None:
    """Rows of (measure, period, segment, value) as one load of a day in February 2026."""
    full = [(m, period, segment, "", "", value, None, None) for m, period, segment, value in rows]
    store.write(lambda tx: loads.add_figures(tx, id, full), "Sam", datetime(2026, 2, day))


def values_of(store: Store, as_of: datetime | None = None) -> list[tuple]:
    with store.read() as tx:
        return [
            (f.measure, str(f.period), f.segment, f.value) for f in measures.figures(tx, ["renewal", "trust"], as_of)
        ]


def make_limits(version: int = 0, **fields) -> LimitsRecord:
    values = {
        "measure": "renewal",
        "segment": "",
        "version": version,
        "start": FIRST,
        "end": None,
        "baseline_from": FIRST,
        "baseline_to": FIRST.shift(23),
        "n": 23,
        "excluded": (FIRST.shift(3),),
        "centre": 0.9,
        "lower": None,
        "upper": 0.95,
        "range_centre": 0.02,
        "range_upper": 0.065,
        "sigma_z": None,
        "factor": 2.66,
        "method": "xmr",
        "author": "Rana",
        "reason": "Why",
        "baseline_hash": "ab",
        "recorded_at": None,
    }
    return LimitsRecord(**(values | fields))


def test_the_newest_figure_counts_and_the_earlier_one_is_told(store):
    make_load(store, "one", [("renewal", FIRST, "", 0.9)], 1)
    make_load(store, "two", [("renewal", FIRST, "", 0.8)], 2)
    with store.read() as tx:
        (one,) = measures.figures(tx, ["renewal"])
    assert (one.value, one.earlier, one.load, one.restated) == (0.8, (0.9, None, None), "two", True)


def test_as_of_reads_what_was_known_at_a_moment(store):
    make_load(store, "one", [("renewal", FIRST, "", 0.9)], 1)
    make_load(store, "two", [("renewal", FIRST, "", 0.8), ("renewal", FIRST.shift(1), "", 0.7)], 5)
    assert values_of(store, datetime(2026, 2, 4)) == [("renewal", "2026-01", "", 0.9)]
    assert values_of(store, datetime(2026, 1, 4)) == []
    assert values_of(store) == [("renewal", "2026-01", "", 0.8), ("renewal", "2026-02", "", 0.7)]


def test_a_second_version_with_the_same_numbers_is_not_restated(store):
    make_load(store, "one", [("renewal", FIRST, "", 0.9)], 1)
    make_load(store, "two", [("renewal", FIRST, "", 0.9)], 2)
    with store.read() as tx:
        assert not measures.figures(tx, ["renewal"])[0].restated


def test_figures_come_in_order_of_measure_time_and_segment(store):
    make_load(
        store,
        "one",
        [
            ("trust", FIRST, "", 7.0),
            ("renewal", FIRST.shift(1), "", 0.9),
            ("renewal", FIRST, "B", 0.9),
            ("renewal", FIRST, "A", 0.9),
        ],
        1,
    )
    assert [row[:3] for row in values_of(store)] == [
        ("renewal", "2026-01", "A"),
        ("renewal", "2026-01", "B"),
        ("renewal", "2026-02", ""),
        ("trust", "2026-01", ""),
    ]


def test_no_measures_are_no_query(store):
    with store.read() as tx:
        assert measures.figures(tx, []) == [] and measures.goals(tx, {}) == [] and measures.recorded(tx, [], None) == {}


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=st.lists(st.tuples(st.integers(0, 2), st.sampled_from(["", "A"]), st.floats(0, 1)), min_size=1, max_size=12)
)
def test_every_moment_reads_the_last_value_before_it(store, steps):
    store.write(lambda tx: tx.run("DELETE FROM figure"), "Sam")
    for day, (at, segment, value) in enumerate(steps, 1):
        make_load(store, f"load {day}", [("renewal", FIRST.shift(at), segment, value)], day)
    for day in range(1, len(steps) + 1):
        known = {(at, segment): value for at, segment, value in steps[:day]}
        expected = sorted((str(FIRST.shift(at)), segment, value) for (at, segment), value in known.items())
        assert [row[1:] for row in values_of(store, datetime(2026, 2, day))] == expected


def test_every_version_of_a_goal_stays(store):
    for value in (0.9, 0.95, None):
        store.write(
            lambda tx, value=value: measures.add_goal(tx, "renewal", FIRST, value, None, None, "Plan", "Why"), "Rana"
        )
    with store.read() as tx:
        found = measures.goals(tx, GRAINS)
    assert [(one.version, one.value, one.author) for one in found] == [
        (1, 0.9, "Rana"),
        (2, 0.95, "Rana"),
        (3, None, "Rana"),
    ]


def test_limits_get_the_next_version_and_come_back_whole(store):
    for _ in range(2):
        record = store.write(lambda tx: measures.add_limits(tx, make_limits()), "Rana", datetime(2026, 2, 1))
    with store.read() as tx:
        found = measures.limits(tx, GRAINS)
    assert [one.version for one in found] == [1, 2]
    assert found[1] == record == make_limits(2, recorded_at=datetime(2026, 2, 1))


def test_versions_are_counted_for_each_segment(store):
    for segment in ("", "A"):
        record = store.write(lambda tx, segment=segment: measures.add_limits(tx, make_limits(segment=segment)), "Rana")
        assert record.version == 1


def test_ending_limits_closes_the_open_records_before_a_new_phase(store):
    store.write(lambda tx: measures.add_limits(tx, make_limits()), "Rana")
    store.write(lambda tx: measures.add_limits(tx, make_limits(segment="A")), "Rana")
    store.write(lambda tx: measures.end_limits(tx, "renewal", "", FIRST.shift(5)), "Rana")
    with store.read() as tx:
        assert {one.segment: one.end for one in measures.limits(tx, GRAINS)} == {"": FIRST.shift(5), "A": None}


def test_a_decision_about_a_phase_replaces_the_one_before_about_the_same_start(store):
    for title, yes in (("Maybe", False), ("New desk", True)):
        store.write(
            lambda tx, title=title, yes=yes: measures.put_phase(tx, "renewal", "", FIRST, title, {"wanted": yes}),
            "Rana",
        )
    with store.read() as tx:
        (one,) = measures.phases(tx, GRAINS)
    assert (one.title, one.approved, one.start) == ("New desk", True, FIRST)


def test_a_phase_without_answers_is_not_approved(store):
    store.write(lambda tx: measures.put_phase(tx, "renewal", "", FIRST, "Desk", {}), "Rana")
    with store.read() as tx:
        assert not measures.phases(tx, GRAINS)[0].approved


def test_every_word_on_an_exclusion_stays(store):
    for out, cause in ((True, "Strike"), (False, "It was none")):
        store.write(
            lambda tx, out=out, cause=cause: measures.add_exclusion(tx, "renewal", "", FIRST, out, cause), "Rana"
        )
    with store.read() as tx:
        assert [(one.version, one.excluded, one.cause) for one in measures.exclusions(tx, GRAINS)] == [
            (1, True, "Strike"),
            (2, False, "It was none"),
        ]


def test_a_withdrawn_note_is_read_by_its_id_only(store):
    store.write(lambda tx: measures.add_note(tx, "n1", "renewal", FIRST, date(2026, 1, 5), "Desk opened"), "Rana")
    store.write(lambda tx: measures.withdraw_note(tx, "n1"), "Rana", datetime(2026, 2, 1))
    with store.read() as tx:
        assert measures.notes(tx, GRAINS) == []
        assert measures.note(tx, "n1").withdrawn_at == datetime(2026, 2, 1)
        assert measures.note(tx, "n2") is None


def test_the_first_word_about_a_period_stays(store):
    key = ("renewal", "", FIRST.start)
    for body in ("first", "second"):
        store.write(lambda tx, body=body: measures.record_readings(tx, {key: body}), "Rana")
    with store.read() as tx:
        assert measures.recorded(tx, ["renewal"]) == {key: "first"}
        assert measures.recorded_keys(tx, ["renewal"]) == {key}


def test_records_are_read_by_period_and_segment(store):
    bodies = {("renewal", part, FIRST.shift(n).start): f"{part}{n}" for part in ("", "A") for n in range(3)}
    store.write(lambda tx: measures.record_readings(tx, bodies), "Rana")
    with store.read() as tx:
        assert set(measures.recorded(tx, ["renewal"], [FIRST.start, FIRST.shift(2).start], "A").values()) == {
            "A0",
            "A2",
        }
        assert measures.recorded(tx, ["renewal"], []) == {}


@pytest.mark.parametrize("count", [1, measures.CHUNK, measures.CHUNK + 1, 3 * measures.CHUNK])
def test_many_records_are_all_stored(store, count):
    bodies = {("renewal", f"s{n}", FIRST.start): "x" for n in range(count)}
    store.write(lambda tx: measures.record_readings(tx, bodies), "Rana")
    with store.read() as tx:
        assert len(measures.recorded_keys(tx, ["renewal"])) == count


def test_names_in_the_data_are_never_part_of_the_statement(store):
    nasty = "x'); DROP TABLE figure; --"
    make_load(store, "one", [(nasty, FIRST, nasty, 1.0)], 1)
    with store.read() as tx:
        assert [one.segment for one in measures.figures(tx, [nasty])] == [nasty]


def test_an_organisation_before_the_first_start_has_defaults(store):
    with store.read() as tx:
        assert measures.organisation(tx) == ("wheeler", "UTC", False)


def test_a_measure_without_figures_has_no_grain(store):
    with store.read() as tx:
        assert measures.grain(tx, "renewal") is None


def test_a_write_that_fails_leaves_nothing(store):
    def work(tx: Tx) -> None:
        measures.add_goal(tx, "renewal", FIRST, 0.9, None, None, "", "Why")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        store.write(work, "Rana")
    with store.read() as tx:
        assert measures.goals(tx, GRAINS) == []


def test_the_counts_of_a_person_are_the_newest_of_the_person_alone_or_the_sum_of_their_parts(store):
    def put(load: str, day: int, *rows: tuple[Period, str, str, float, float]) -> None:
        full = [("renewal", period, segment, "", csm, None, top, bottom) for period, segment, csm, top, bottom in rows]
        store.write(lambda tx: loads.add_figures(tx, load, full), "Sam", datetime(2026, 2, day))

    put("old", 1, (FIRST, "", "Ada", 1, 9), (FIRST.shift(-20), "", "Ada", 5, 9), (FIRST, "North", "Bo", 2, 4), (FIRST, "South", "Bo", 3, 4), (FIRST, "North", "", 7, 9))
    put("new", 2, (FIRST, "", "Ada", 4, 9), (FIRST, "North", "Ada", 1, 1))
    with store.read() as tx:
        assert [(one.csm, one.numerator, one.denominator, one.partial) for one in measures.person_counts(tx, ["renewal"], date(2025, 1, 1), date(2026, 2, 9))] == [("Ada", 4, 9, False), ("Bo", 5, 8, False)]
        assert measures.with_people(tx, date(2026, 2, 9)) == {"renewal": date(2026, 1, 1)} and measures.person_counts(tx, [], date(2025, 1, 1), date(2026, 2, 9)) == []

"""What the scorecard and a measure say, and that nothing said about the past changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scorecard import metrics
from scorecard.core import spc
from scorecard.core.periods import between
from scorecard.errors import NotAllowed, ScorecardError, StaleEdit, UsageError
from scorecard.metrics import words
from scorecard.store import definitions
from scorecard.store.engine import Store, Tx
from tests.conftest import make_actor
from tests.endurance import in_full
from tests.scorecards import FIRST, goal, load, make_definition, make_noise, make_scorecard, month, monthly

CARD = "customer-success"
YES = dict.fromkeys(metrics.QUESTIONS, True)
LATEST = month(2026, 12)
BEFORE = month(2026, 11)
TODAY = date(2027, 1, 20)


@pytest.fixture(autouse=True)
def commands_are_given_on_that_day(monkeypatch):
    monkeypatch.setattr("scorecard.store.engine.utc_now", lambda: datetime(2027, 1, 20, 9))


def make_shifted(count: int = 36, months: int = 9, size: float = -0.009) -> list[float]:
    """A stable series whose last months lie on one side of the centre, inside the limits."""
    values = make_noise(count)
    return values[:-months] + [0.90 + size + 0.001 * (n % 2) for n in range(months)]


def make_loaded(store: Store, values: dict | None = None, today: date = date(2027, 1, 2), **fields) -> None:
    """One measure, `renewal_rate`, with 36 months of figures up to December 2026."""
    make_scorecard(store, make_definition("renewal_rate", **({"targets": (goal(2024, 1, 0.93),)} | fields)))
    load(store, {("renewal_rate", ""): monthly(values or make_noise(36))}, today)


def view_of(store: Store, period=None, segment: str = "", today: date = TODAY) -> metrics.ScorecardView:
    return metrics.scorecard_view(store, CARD, period, segment, today)


def row_of(store: Store, period=None, segment: str = "", today: date = TODAY) -> metrics.Row:
    return view_of(store, period, segment, today).rows[0]


def said(view: metrics.ScorecardView) -> tuple:
    """Everything that a reader of a closed month sees, but for the marks that it is a record or was restated."""
    rows = (
        replace(row, measure=replace(row.measure, targets=()), read_then=False, restated=False) for row in view.rows
    )
    return tuple(rows), view.sentences, view.counts, view.footer


# ---- what a scorecard says ----------------------------------------------------------------------------------------


def test_the_scorecard_opens_on_the_latest_complete_month(store):
    make_loaded(store, make_noise(37), today=date(2027, 1, 20))
    view = view_of(store)
    assert view.period == LATEST
    assert view.periods[-1] == month(2027, 1)
    assert view.data_to == date(2026, 12, 31)


def test_a_running_month_is_shown_in_part_and_never_signals(store):
    make_loaded(store, [*make_noise(36), 0.2], today=date(2027, 1, 20))
    view = view_of(store, month(2027, 1))
    (row,) = view.rows
    assert row.partial and row.value == 0.2
    assert row.reading.signal is None and row.reading.status == "not_yet"
    assert view.notices == ("January 2027 is not over: its figures are partial and give no signal.",)


def test_the_row_carries_figure_unit_and_goal_as_they_are_written(store):
    make_loaded(
        store,
        [27.0 + n % 3 for n in range(36)],
        unit="days",
        improvement_direction="decrease",
        targets=(goal(2024, 1, 28),),
    )
    row = row_of(store)
    assert (row.value_text, row.unit_word, row.goal_text) == ("29", "days", "goal ≤ 28")


def test_the_goal_of_a_month_is_the_one_that_counted_then(store):
    make_loaded(store, targets=(goal(2024, 1, 0.85), goal(2026, 12, 0.95)))
    assert [row_of(store, p).goal_text for p in (BEFORE, LATEST)] == ["goal ≥ 85%", "goal ≥ 95%"]


def test_results_and_drivers_keep_the_order_of_their_slots(store):
    kinds = ("leading", "lagging", "leading", "lagging")
    measures = [make_definition(f"m{n}", kind=kind) for n, kind in enumerate(kinds)]
    make_scorecard(store, *measures)
    load(store, {(one.name, ""): monthly(make_noise(30)) for one in measures}, date(2026, 7, 2))
    view = view_of(store, today=date(2026, 7, 20))
    assert [(row.measure.name, row.slot) for row in view.results] == [("m1", 2), ("m3", 4)]
    assert [row.measure.name for row in view.drivers] == ["m0", "m2"]


def test_a_total_is_pooled_and_never_a_mean_of_rates(store):
    make_scorecard(store, make_definition("renewal_rate"))
    load(
        store,
        {
            ("renewal_rate", "Enterprise"): monthly([(90, 100)] * 12),
            ("renewal_rate", "Small business"): monthly([(5, 10)] * 12),
        },
        date(2025, 1, 2),
    )
    row = row_of(store, today=date(2025, 1, 20))
    assert row.value == pytest.approx(95 / 110)
    assert (row.numerator, row.denominator) == (95, 110)


def test_a_loaded_total_wins_over_its_segments(store):
    make_scorecard(store, make_definition("renewal_rate"))
    load(
        store,
        {("renewal_rate", ""): monthly([0.5] * 12), ("renewal_rate", "Enterprise"): monthly([(90, 100)] * 12)},
        date(2025, 1, 2),
    )
    assert row_of(store, today=date(2025, 1, 20)).value == 0.5


def test_a_count_is_added_up_and_a_score_without_rule_has_no_total(store):
    make_scorecard(
        store,
        make_definition("tickets", unit="count", aggregate="sum"),
        make_definition("trust", unit="score", aggregate="none"),
    )
    load(
        store,
        {(name, part): monthly([3.0] * 12) for name in ("tickets", "trust") for part in ("A", "B")},
        date(2025, 1, 2),
    )
    tickets, trust = view_of(store, today=date(2025, 1, 20)).rows
    assert tickets.value == 6
    assert trust.value is None and trust.value_text == "–"


def test_segments_are_those_of_the_data_in_alphabetical_order(store):
    make_scorecard(store, make_definition("renewal_rate"))
    load(
        store,
        {("renewal_rate", part): monthly([(9, 10)] * 12) for part in ("small", "Enterprise", "Mid-market")},
        date(2025, 1, 2),
    )
    view = view_of(store, segment="Mid-market", today=date(2025, 1, 20))
    assert view.segments == ("Enterprise", "Mid-market", "small")
    assert view.rows[0].value == 0.9


def test_a_segment_that_alone_shows_the_signal_is_named(store):
    make_scorecard(store, make_definition("renewal_rate", targets=(goal(2024, 1, 0.93),)))
    calm, fallen = make_noise(36), make_shifted()
    load(
        store,
        {
            ("renewal_rate", ""): monthly(fallen),
            ("renewal_rate", "Enterprise"): monthly(calm),
            ("renewal_rate", "Small business"): monthly(fallen),
        },
        date(2027, 1, 2),
    )
    view = view_of(store)
    assert view.rows[0].carried_by == "Small business"
    assert view.sentences[0].text.endswith("Small business carries it.")


def test_a_signal_that_two_segments_show_is_carried_by_neither(store):
    make_scorecard(store, make_definition("renewal_rate"))
    load(store, {("renewal_rate", part): monthly(make_shifted()) for part in ("", "A", "B")}, date(2027, 1, 2))
    assert row_of(store).reading.signal and not row_of(store).carried_by


def test_a_changed_status_says_what_it_was(store):
    make_loaded(store, [*make_noise(35), 0.80], targets=(goal(2024, 1, 0.90),))
    row = row_of(store)
    assert (row.was_status, row.reading.status) == ("watch", "act")


def test_the_first_status_after_the_wait_for_limits_is_no_change(store):
    make_loaded(store, make_noise(6))
    assert row_of(store, today=date(2024, 7, 20)).was_status is None


def test_a_measure_that_cannot_be_charted_as_defined_does_not_take_the_page_with_it(store):
    make_scorecard(store, make_definition("renewal_rate", chart="p"), make_definition("trust"))
    load(store, {(name, ""): monthly(make_noise(30)) for name in ("renewal_rate", "trust")}, date(2026, 7, 2))
    renewal, trust = view_of(store, today=date(2026, 7, 20)).rows
    assert (renewal.chart.type, trust.chart.type) == ("xmr", "xmr")
    assert "needs a numerator and a denominator" in renewal.reading.notices[0] and renewal.reading.notices[0].endswith(
        "XmR chart."
    )
    assert trust.reading.notices == ()


def test_a_share_with_denominators_is_charted_with_limits_of_its_own_for_each_month(store, leader):
    make_scorecard(store, make_definition("renewal_rate", chart="p"))
    load(store, {("renewal_rate", ""): monthly([(900 + n % 5, 1000 + 10 * n) for n in range(30)])}, date(2026, 7, 2))
    points = row_of(store, today=date(2026, 7, 20)).chart.points
    assert len({point.upper for point in points}) > 20
    view = metrics.measure_view(store, "renewal_rate", None, "", date(2026, 7, 20))
    assert view.limits[0].factor == 3 and view.baseline_changed == ""


# ---- sentences ----------------------------------------------------------------------------------------------------


def make_many(store: Store, series: list[list[float]], goals: list[float | None], **fields) -> metrics.ScorecardView:
    measures = [
        make_definition(f"m{n}", label=f"Measure {n}", targets=(goal(2024, 1, g),) if g else (), **fields)
        for n, g in enumerate(goals)
    ]
    make_scorecard(store, *measures)
    load(
        store, {(one.name, ""): monthly(values) for one, values in zip(measures, series, strict=True)}, date(2027, 1, 2)
    )
    return view_of(store)


def test_the_worst_act_measures_come_first_and_the_others_are_counted(store):
    calm, fallen = make_noise(36), make_shifted()
    view = make_many(store, [calm, calm, calm, calm, fallen], [0.99] * 5)
    assert len(view.sentences) == 3
    assert view.sentences[0].bold.startswith("Measure 4")
    assert view.sentences[2].text.endswith("And 2 more: Measure 2 and Measure 3.")


def test_the_best_news_closes_the_sentences_and_there_are_four_at_most(store):
    calm, risen = make_noise(36), make_shifted(size=0.009)
    view = make_many(store, [calm, calm, calm, calm, risen, risen], [0.99] * 4 + [0.5] * 2)
    assert len(view.sentences) == 4
    assert view.sentences[3].bold.startswith("Measure 4 has settled higher")


def test_a_better_level_that_was_recorded_and_has_held_is_better_news_than_a_signal(store, leader):
    risen = make_shifted(size=0.009)
    view = make_many(store, [risen, risen], [0.5, 0.5])
    assert view.sentences[-1].bold.startswith("Measure 0 has settled higher")
    metrics.rebase(store, leader, "m1", "", month(2026, 4), "New desk", YES)
    assert view_of(store).sentences[-1].bold.startswith("Measure 1 moved from")


def test_a_worsening_signal_is_told_even_when_the_goal_is_within_reach(store):
    view = make_many(store, [make_shifted(), make_noise(36)], [0.5, 0.5])
    assert view.rows[0].reading.status == "watch"
    assert view.sentences[0].bold.startswith("Measure 0 has settled lower")


def test_a_signal_without_a_wanted_direction_is_told_too(store):
    view = make_many(store, [make_shifted(), make_noise(36)], [None, None], improvement_direction="neutral")
    assert view.sentences[0].bold.startswith("Measure 0 has settled lower")


def test_a_quiet_month_says_so(store):
    view = make_many(store, [make_noise(36)] * 2, [0.5, 0.5])
    assert [one.text for one in view.sentences] == [
        "No signals, and every measure can reach its goal. Leave the work as it is."
    ]


def test_a_quiet_month_with_goals_in_reach_of_chance_counts_them(store):
    view = make_many(store, [make_noise(36)] * 2, [0.9, 0.9])
    assert (
        view.sentences[0].text == "No signals in December: routine variation. Two may hit or miss their goal by chance."
    )


def test_the_footer_computes_the_false_alarm_budget_from_what_is_on_the_page(store):
    view = make_many(store, [make_noise(36)] * 10, [0.9] * 10)
    assert view.footer[1].text == "With ten measures, chance alone gives a signal in about 1 month of 4."
    assert "locked on the first 24 months" in view.footer[0].text


def test_measures_without_limits_do_not_count_towards_the_false_alarms(store):
    view = make_many(store, [make_noise(36), [0.9] * 36], [None, None])
    assert view.footer[1].text.startswith("With one measure,")


@pytest.mark.parametrize(
    ("chance", "text"),
    [
        (0.27, "about 1 month of 4"),
        (0.43, "about 4 months of 10"),
        (0.08, "about 1 month of 12"),
        (0.19, "about 1 month of 5"),
        (0.58, "about 6 months of 10"),
        (0.0001, "less than 1 month of 200"),
        (0.96, "about 1 month of 1"),
    ],
)
def test_a_chance_is_said_in_months(chance, text):
    assert words.often(chance, "month") == text


@given(st.floats(0.0, 1.0))
def test_a_chance_in_words_is_within_a_quarter_of_the_chance(chance):
    said = words.often(chance, "week")
    if said.startswith("about"):
        count, total = (int(part) for part in said.split() if part.isdigit())
        assert count / total == pytest.approx(chance, rel=0.25)


# ---- late, missing, lacking, restated -----------------------------------------------------------------------------


def test_a_month_that_is_due_and_not_loaded_is_named(store):
    make_loaded(store)
    assert view_of(store, today=date(2027, 2, 3)).notices == (
        "No figures for January yet. Load the file, or wait for the next load.",
    )


def test_a_measure_that_is_missing_in_the_month_is_named_and_not_judged(store):
    make_scorecard(store, make_definition("renewal_rate"), make_definition("trust", label="Trust score"))
    load(
        store, {("renewal_rate", ""): monthly(make_noise(36)), ("trust", ""): monthly(make_noise(35))}, date(2027, 1, 2)
    )
    view = view_of(store)
    trust = view.rows[1]
    assert (trust.value_text, trust.reading.status, trust.chart.points[-1].period) == ("–", "not_yet", BEFORE)
    assert view.notices == ("No figures for December yet: Trust score.",)


def test_a_month_without_any_figure_says_that_first(store):
    make_loaded(store)
    view = view_of(store, month(2027, 1), today=date(2027, 2, 3))
    assert view.sentences[0].text == "No figures for January yet. Load the file, or wait for the next load."


def test_a_scorecard_without_figures_is_a_view_all_the_same(store):
    make_scorecard(store, make_definition("renewal_rate"))
    view = view_of(store)
    assert view.data_to is None and view.loaded_at is None and view.periods == ()
    assert view.period == LATEST and view.rows[0].value is None


def test_a_total_that_lacks_a_segment_is_partial_and_says_so(store):
    make_scorecard(store, make_definition("tickets", unit="count", aggregate="sum", improvement_direction="decrease"))
    load(
        store,
        {("tickets", "A"): monthly([30.0 + n % 4 for n in range(36)]), ("tickets", "B"): monthly([30.0] * 35)},
        date(2027, 1, 2),
    )
    view = view_of(store)
    assert view.rows[0].partial and view.rows[0].reading.signal is None
    assert view.notices == ("Tickets for December lacks B: shown in part.",)


def test_a_restated_figure_of_the_latest_month_is_shown_with_what_it_was(store):
    make_loaded(store)
    was = row_of(store).value
    load(store, {("renewal_rate", ""): {LATEST: 0.893}}, date(2027, 1, 10))
    view = view_of(store)
    assert view.rows[0].restated and view.rows[0].value == 0.893
    assert view.notices == (f"Renewal rate for December was restated on 10 Jan 2027: {was:.1%} → 89.3%.",)


# ---- nothing repaints the past ------------------------------------------------------------------------------------


def restate(store: Store) -> None:
    load(store, {("renewal_rate", ""): {month(2024, 3): 0.5, BEFORE: 0.5, month(2027, 1): 0.9}}, date(2027, 2, 2))


CHANGES = {
    "a new phase": lambda store, who: metrics.rebase(store, who, "renewal_rate", "", month(2026, 4), "New desk", YES),
    "an exclusion": lambda store, who: metrics.exclude(store, who, "renewal_rate", "", month(2026, 10), "Strike"),
    "an exclusion in the baseline": lambda store, who: metrics.exclude(
        store, who, "renewal_rate", "", month(2024, 5), "Strike"
    ),
    "new limits": lambda store, who: metrics.lock_limits(
        store, who, "renewal_rate", "", "Redone", baseline=(month(2025, 1), BEFORE)
    ),
    "another goal": lambda store, who: metrics.set_goal(store, who, "renewal_rate", FIRST, 0.5, "Plan", "Too hard"),
    "a goal from last year on": lambda store, who: metrics.set_goal(
        store, who, "renewal_rate", month(2026, 1), 0.99, "Plan", "More"
    ),
    "another rule set": lambda store, who: metrics.set_rule_set(store, who, CARD, "limits-only"),
    "a restated load": lambda store, who: restate(store),
}


@pytest.mark.parametrize("change", CHANGES)
def test_months_that_were_read_say_the_same_after(store, leader, change):
    closed = [BEFORE, month(2026, 5), month(2025, 12), month(2024, 8)]
    make_loaded(store, make_shifted())
    before = {str(period): said(view_of(store, period)) for period in closed}
    CHANGES[change](store, leader)
    after = {str(period): view_of(store, period, today=date(2027, 2, 20)) for period in closed}
    assert {period: said(view) for period, view in after.items()} == before
    assert all(view.rows[0].read_then for view in after.values())


def test_a_month_that_was_read_keeps_the_definition_it_was_read_with(store):
    make_loaded(store)
    before = view_of(store, BEFORE)
    other = make_definition(
        "renewal_rate", improvement_direction="decrease", unit="number", targets=(goal(2024, 1, 0.93),)
    )

    def work(tx: Tx) -> None:
        metrics.before_change(tx, ["renewal_rate"], TODAY)
        definitions.record(tx, other, "app", "Turned round")

    store.write(work, "Rana Amari")
    assert said(view_of(store, BEFORE)) == said(before)
    assert row_of(store).measure.unit == "number"
    measure = metrics.measure_view(store, "renewal_rate", BEFORE, "", TODAY).row.measure
    assert (measure.unit, measure.improvement_direction) == ("percent", "increase")


@pytest.mark.parametrize("change", [name for name in CHANGES if name != "a restated load"])
def test_the_latest_month_is_live_and_is_kept_as_it_was_last_shown(store, leader, change):
    make_loaded(store, make_shifted())
    before = view_of(store)
    CHANGES[change](store, leader)
    shown = view_of(store)
    load(store, {("renewal_rate", ""): {month(2027, 1): 0.9}}, date(2027, 2, 2))
    assert said(view_of(store, LATEST, today=date(2027, 2, 20))) == said(shown)
    if change not in ("an exclusion in the baseline", "an exclusion"):
        assert said(shown) != said(before)


def test_a_load_in_the_running_month_leaves_the_latest_one_live(store):
    make_loaded(store)
    load(store, {("renewal_rate", ""): {LATEST: 0.85, month(2027, 1): 0.7}}, date(2027, 1, 15))
    shown = view_of(store)
    assert shown.rows[0].value == 0.85
    assert said(view_of(store, LATEST, today=date(2027, 2, 3))) == said(shown)


def test_a_restated_past_month_keeps_what_was_read_and_shows_both(store):
    make_loaded(store)
    was = row_of(store, BEFORE).value_text
    restate(store)
    view = view_of(store, BEFORE, today=date(2027, 2, 20))
    assert view.rows[0].restated and view.rows[0].value_text == was
    assert f"Renewal rate: {was} when November was read, 50.0% since the load of 2 Feb 2027." in view.notices


def test_months_of_a_first_load_are_read_with_the_data_up_to_them(store):
    make_loaded(store)
    row = row_of(store, month(2024, 9))
    assert row.chart.points[-1].period == month(2024, 9)
    assert row.chart.phases[-1].baseline.state == "trial"
    assert row_of(store, month(2025, 12)).chart.phases[-1].baseline.state == "locked"


def test_the_first_goal_of_a_measure_counts_for_the_months_it_covers(store, leader):
    make_loaded(store, targets=())
    assert row_of(store, BEFORE).goal_text == ""
    metrics.set_goal(store, leader, "renewal_rate", FIRST, 0.5, "Plan", "First goal")
    assert row_of(store, BEFORE).goal_text == "goal ≥ 50%"


def test_two_scorecards_with_other_rules_each_keep_their_own_reading(store, leader):
    one = make_definition("renewal_rate", targets=(goal(2024, 1, 0.5),))
    make_scorecard(store, one, rules="wheeler")
    make_scorecard(store, one, rules="limits-only", id="board", name="Board")
    load(store, {("renewal_rate", ""): monthly(make_shifted())}, date(2027, 1, 2))
    load(store, {("renewal_rate", ""): {month(2027, 1): 0.891}}, date(2027, 2, 2))
    views = [metrics.scorecard_view(store, card, LATEST, "", date(2027, 2, 20)) for card in (CARD, "board")]
    assert [view.rows[0].reading.variation for view in views] == ["worsening", "routine"]
    assert [view.rule_set for view in views] == ["wheeler", "limits-only"]
    assert all(view.rows[0].read_then for view in views)


@settings(max_examples=4 if in_full() else 2, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    values=st.lists(st.one_of(st.none(), st.floats(0, 1)), min_size=14, max_size=20).filter(
        lambda v: v[0] is not None and v[-1] is not None
    ),
    at=st.integers(8, 12),
)
def test_reading_the_past_never_depends_on_what_came_later(tmp_path_factory, values, at):
    from tests.conftest import make_store

    seen = []
    for upto in (at, len(values) - 1):
        store = make_store(tmp_path_factory.mktemp("store"))
        make_scorecard(store, make_definition("renewal_rate"))
        load(store, {("renewal_rate", ""): monthly(values[: upto + 1])}, FIRST.shift(upto + 1).start)
        seen.append(row_of(store, FIRST.shift(at), today=FIRST.shift(upto + 1).start))
        store.close()
    early, late = seen
    assert (early.chart, early.reading, early.value) == (late.chart, late.reading, late.value)


# ---- locks --------------------------------------------------------------------------------------------------------


def limits_of(store: Store) -> tuple[metrics.LimitsRecord, ...]:
    return metrics.measure_view(store, "renewal_rate", None, "", date(2028, 1, 1)).limits


def test_limits_lock_by_themselves_when_24_months_are_complete(store):
    make_loaded(store, make_noise(23), today=date(2025, 12, 2))
    assert limits_of(store) == ()
    load(store, {("renewal_rate", ""): {month(2025, 12): 0.9}}, date(2026, 1, 2))
    (record,) = limits_of(store)
    assert (record.author, record.reason, record.n, record.version) == (
        "automatic",
        "24 months of figures are complete.",
        24,
        1,
    )
    assert (record.baseline_from, record.baseline_to, record.factor) == (FIRST, month(2025, 12), spc.MEAN_RANGE_FACTOR)


def test_a_month_in_progress_does_not_complete_a_baseline(store):
    make_loaded(store, make_noise(24), today=date(2025, 12, 20))
    assert limits_of(store) == ()


def test_twenty_weeks_lock(store):
    from scorecard.core.periods import Period

    make_scorecard(store, make_definition("renewal_rate"))
    weeks = Period(date(2026, 1, 5), "week")
    load(store, {("renewal_rate", ""): monthly(make_noise(22), weeks)}, date(2026, 7, 1))
    (record,) = limits_of(store)
    assert (record.n, str(record.baseline_to)) == (20, "2026-W21")


@settings(max_examples=4 if in_full() else 2, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(later=st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=12))
def test_new_data_never_move_a_locked_limit(tmp_path_factory, later):
    from tests.conftest import make_store

    store = make_store(tmp_path_factory.mktemp("store"))
    make_loaded(store, make_noise(24), today=date(2026, 1, 2), unit="number")
    locked = row_of(store, today=date(2026, 1, 20)).chart.phases[0]
    load(store, {("renewal_rate", ""): monthly(later, month(2026, 1))}, date(2027, 2, 2))
    now = row_of(store, today=date(2027, 2, 20)).chart.phases[0]
    assert (now.centre, now.lower, now.upper) == (locked.centre, locked.lower, locked.upper)
    assert len(limits_of(store)) == 1
    store.close()


def test_a_restated_baseline_keeps_its_limits_and_shows_both_sets(store):
    make_loaded(store)
    locked = row_of(store).chart.phases[0]
    load(store, {("renewal_rate", ""): {month(2024, 6): 0.70}}, date(2027, 1, 10))
    view = metrics.measure_view(store, "renewal_rate", None, "", TODAY)
    assert (view.row.chart.phases[0].lower, view.row.chart.phases[0].upper) == (locked.lower, locked.upper)
    assert "Baseline data changed since the lock of 2 Jan" in view.baseline_changed
    assert "87.6% to 92.4%, centre 90.0%" in view.baseline_changed and "centre 89.2%" in view.baseline_changed
    assert "Baseline data changed since the lock: Renewal rate. The limits stay." in view_of(store).notices


def test_locking_again_needs_a_reason_and_makes_a_new_version(store, leader):
    make_loaded(store)
    with pytest.raises(UsageError, match="needs a reason"):
        metrics.lock_limits(store, leader, "renewal_rate", "", "  ")
    load(store, {("renewal_rate", ""): {month(2024, 6): 0.70}}, date(2027, 1, 10))
    record = metrics.lock_limits(store, leader, "renewal_rate", "", "June 2024 was restated", seen=1)
    view = metrics.measure_view(store, "renewal_rate", None, "", TODAY)
    assert (record.version, record.author, record.reason) == (2, "Rana Amari", "June 2024 was restated")
    assert view.baseline_changed == "" and view.row.chart.phases[0].upper == record.upper
    assert [one.version for one in view.limits] == [1, 2]


def test_a_lock_decided_on_an_older_version_is_refused(store, leader):
    make_loaded(store)
    with pytest.raises(StaleEdit, match="you saw version 0, version 1 is in force"):
        metrics.lock_limits(store, leader, "renewal_rate", "", "Again", seen=0)


def test_too_few_months_cannot_be_locked(store, leader):
    make_loaded(store, make_noise(11))
    with pytest.raises(
        ScorecardError,
        match="11 months of figures are too few to lock limits on: at least 12, and 24 lock by themselves",
    ):
        metrics.lock_limits(store, leader, "renewal_rate", "", "Early")


def test_an_excluded_month_is_not_in_the_limits_that_lock_after_it(store, leader):
    make_loaded(store, make_noise(23), today=date(2025, 12, 2))
    metrics.exclude(store, leader, "renewal_rate", "", month(2024, 2), "Strike", now=datetime(2025, 12, 5))
    load(store, {("renewal_rate", ""): monthly(make_noise(2), month(2025, 12))}, date(2026, 2, 2))
    (record,) = limits_of(store)
    assert record.excluded == (month(2024, 2),) and record.baseline_to == month(2026, 1)


# ---- phases, exclusions, notes, goals -----------------------------------------------------------------------------


def test_four_times_yes_begins_a_phase_with_its_own_limits(store, leader):
    make_loaded(store, make_shifted())
    before = metrics.measure_view(store, "renewal_rate", None, "", TODAY)
    assert before.proposal.start == month(2026, 4)
    assert metrics.rebase(store, leader, "renewal_rate", "", before.proposal.start, "New desk", YES)
    view = metrics.measure_view(store, "renewal_rate", None, "", TODAY)
    assert [(one.start, one.title, one.author) for one in view.phases] == [(month(2026, 4), "New desk", "Rana Amari")]
    assert [phase.start for phase in view.row.chart.phases] == [FIRST, month(2026, 4)]
    assert view.proposal is None and view.limits[0].end == month(2026, 3)
    assert view.row.reading.signal is None


def test_a_change_of_the_whole_measure_begins_a_phase_in_each_segment(store, leader):
    make_loaded(store, make_shifted())
    load(store, {("renewal_rate", name): monthly(make_shifted()) for name in ("East", "West")}, TODAY)
    metrics.rebase(store, leader, "renewal_rate", "", month(2026, 4), "New desk", YES)
    view = metrics.measure_view(store, "renewal_rate", None, "", TODAY)
    assert [[phase.start for phase in part.chart.phases] for part in view.segments] == [[FIRST, month(2026, 4)]] * 2
    assert metrics.measure_view(store, "renewal_rate", None, "East", TODAY).limits[0].end == month(2026, 3)


def test_a_change_of_one_segment_leaves_the_others_alone(store, leader):
    make_loaded(store, make_shifted())
    load(store, {("renewal_rate", name): monthly(make_shifted()) for name in ("East", "West")}, TODAY)
    metrics.rebase(store, leader, "renewal_rate", "East", month(2026, 4), "New desk", YES)
    view = metrics.measure_view(store, "renewal_rate", None, "", TODAY)
    assert [len(part.chart.phases) for part in view.segments] == [2, 1] and len(view.row.chart.phases) == 1


@pytest.mark.parametrize("question", metrics.QUESTIONS)
def test_one_no_keeps_the_old_limits_and_the_signal(store, leader, question):
    make_loaded(store, make_shifted())
    before = row_of(store)
    assert not metrics.rebase(store, leader, "renewal_rate", "", month(2026, 4), "", YES | {question: False})
    view = metrics.measure_view(store, "renewal_rate", None, "", TODAY)
    assert row_of(store) == before and view.phases == () and view.proposal is None
    assert view.history[0].what == "No new phase from April 2026: the old limits stay"


def test_a_new_phase_locks_with_its_own_24_months(store, leader):
    make_loaded(store, make_noise(36))
    metrics.rebase(store, leader, "renewal_rate", "", month(2026, 6), "New desk", YES)
    load(store, {("renewal_rate", ""): monthly(make_noise(17, 0.8), month(2027, 1))}, date(2028, 6, 2))
    view = metrics.measure_view(store, "renewal_rate", None, "", date(2028, 6, 20))
    assert [(one.version, one.start, one.n) for one in view.limits] == [(1, FIRST, 24), (2, month(2026, 6), 24)]


@pytest.mark.parametrize(
    ("start", "words"), [(FIRST, "cannot begin in January 2024"), (month(2030, 1), "cannot begin in January 2030")]
)
def test_a_phase_begins_inside_the_figures(store, leader, start, words):
    make_loaded(store)
    with pytest.raises(UsageError, match=words):
        metrics.rebase(store, leader, "renewal_rate", "", start, "New desk", YES)


def test_a_phase_needs_all_four_answers(store, leader):
    make_loaded(store)
    with pytest.raises(UsageError, match="Four questions are asked"):
        metrics.rebase(store, leader, "renewal_rate", "", month(2026, 4), "New desk", {"wanted": True})


def test_an_excluded_month_stays_on_the_chart_and_can_count_again(store, leader):
    make_loaded(store, [*make_noise(35), 0.5])
    assert row_of(store).reading.signal == "beyond_limit"
    metrics.exclude(store, leader, "renewal_rate", "", LATEST, "Strike in the call centre")
    point = row_of(store).chart.points[-1]
    assert point.excluded and point.value == 0.5 and row_of(store).reading.signal is None
    metrics.include(store, leader, "renewal_rate", "", LATEST, "It was no strike")
    assert row_of(store).reading.signal == "beyond_limit"
    causes = [change.reason for change in metrics.measure_view(store, "renewal_rate", None, "", TODAY).history]
    assert "Strike in the call centre" in causes and "It was no strike" in causes


def test_an_exclusion_needs_a_cause_and_a_figure(store, leader):
    make_loaded(store)
    with pytest.raises(UsageError, match="needs the cause"):
        metrics.exclude(store, leader, "renewal_rate", "", LATEST, "")
    with pytest.raises(UsageError, match="has no figure for January 2030"):
        metrics.exclude(store, leader, "renewal_rate", "", month(2030, 1), "Strike")


def test_notes_stand_beside_their_month_until_they_are_withdrawn(store, leader):
    make_loaded(store)
    id = metrics.add_note(store, leader, "renewal_rate", date(2026, 11, 3), "E-mails cut to three")
    metrics.add_note(store, leader, "renewal_rate", date(2026, 2, 2), "Guided onboarding starts", month(2026, 2))
    notes = metrics.measure_view(store, "renewal_rate", None, "", TODAY).notes
    assert [(one.period, one.text) for one in notes] == [
        (month(2026, 2), "Guided onboarding starts"),
        (BEFORE, "E-mails cut to three"),
    ]
    metrics.withdraw_note(store, leader, id)
    assert len(metrics.measure_view(store, "renewal_rate", None, "", TODAY).notes) == 1


def test_a_note_of_another_person_is_withdrawn_by_a_leader_only(store, leader, analyst):
    make_loaded(store)
    id = metrics.add_note(store, leader, "renewal_rate", date(2026, 11, 3), "E-mails cut to three")
    with pytest.raises(NotAllowed):
        metrics.withdraw_note(store, analyst, id)
    own = metrics.add_note(store, analyst, "renewal_rate", date(2026, 11, 4), "File was late")
    metrics.withdraw_note(store, analyst, own)
    metrics.withdraw_note(store, leader, id)


def test_a_goal_can_be_taken_back(store, leader):
    make_loaded(store, targets=(goal(2024, 1, 0.85), goal(2026, 6, 0.95)))
    metrics.set_goal(store, leader, "renewal_rate", month(2026, 6), None, "", "Withdrawn by the board")
    view = metrics.measure_view(store, "renewal_rate", None, "", TODAY)
    assert view.row.goal_text == "goal ≥ 85%"
    assert [(one.start, one.value) for one in view.goals] == [(FIRST, 0.85)]


def test_thresholds_of_the_plan_decide_the_status_and_show_how_often_they_flicker(store, leader):
    make_loaded(store)
    metrics.set_goal(store, leader, "renewal_rate", month(2026, 1), 0.93, "Plan", "Board", red=0.88, yellow=0.92)
    view = metrics.measure_view(store, "renewal_rate", None, "", TODAY)
    assert view.row.reading.basis == "plan" and 0 < view.flicker < 1
    with pytest.raises(UsageError, match="worse of the two"):
        metrics.set_goal(store, leader, "renewal_rate", month(2026, 1), 0.93, "Plan", "Board", red=0.92, yellow=0.88)
    with pytest.raises(UsageError, match="both thresholds"):
        metrics.set_goal(store, leader, "renewal_rate", month(2026, 1), 0.93, "Plan", "Board", red=0.92)


def test_a_goal_changed_meanwhile_is_not_overwritten(store, leader):
    make_loaded(store)
    metrics.set_goal(store, leader, "renewal_rate", month(2026, 6), 0.95, "Plan", "More", seen=0)
    with pytest.raises(StaleEdit, match="The goal of Renewal rate from June 2026"):
        metrics.set_goal(store, leader, "renewal_rate", month(2026, 6), 0.96, "Plan", "More", seen=0)


@pytest.mark.parametrize("text", ["", "   ", "x" * 501])
def test_reasons_are_neither_empty_nor_endless(store, leader, text):
    make_loaded(store)
    with pytest.raises(UsageError):
        metrics.set_goal(store, leader, "renewal_rate", month(2026, 6), 0.95, "Plan", text)


def test_the_history_tells_who_changed_what_and_why_the_newest_first(store, leader):
    make_loaded(store)
    metrics.set_goal(
        store, leader, "renewal_rate", month(2026, 12), 0.95, "Board", "More is possible", now=datetime(2027, 1, 5)
    )
    history = metrics.measure_view(store, "renewal_rate", None, "", TODAY).history
    assert [(one.who, one.what) for one in history[:2]] == [
        ("Rana Amari", "Goal ≥ 95% from December 2026"),
        ("automatic", "Limits locked, version 1: 87.6% to 92.4%, centre 90.0%, from 24 months, Jan 2024 to Dec 2025"),
    ]
    assert history[0].reason == "More is possible. Board"


def test_the_source_of_a_figure_is_its_file_and_the_time_where_the_organisation_is(store):
    make_loaded(store)
    assert (
        metrics.measure_view(store, "renewal_rate", None, "", TODAY).source == "load-2027-01-02.csv, loaded 2 Jan 06:00"
    )
    store.write(
        lambda tx: tx.run(
            """INSERT INTO organisation (id, name, time_zone, currency, fiscal_start, week_start, rule_set, sample,
                   version, changed_by, changed_at) VALUES (1, 'Larkfield', 'Europe/Berlin', '$', 1, 'Monday', 'wheeler', FALSE,
                                     1, 'Rana', $1)""",
            [tx.now],
        ),
        "Rana",
    )
    assert (
        metrics.measure_view(store, "renewal_rate", None, "", TODAY).source == "load-2027-01-02.csv, loaded 2 Jan 07:00"
    )


def test_the_segments_of_a_measure_are_small_multiples_in_alphabetical_order(store):
    make_scorecard(store, make_definition("renewal_rate"))
    load(
        store,
        {("renewal_rate", part): monthly([(90 + n % 3, 100) for n in range(30)]) for part in ("B", "A")},
        date(2026, 7, 2),
    )
    view = metrics.measure_view(store, "renewal_rate", None, "", date(2026, 7, 20))
    assert [(one.name, one.value_text) for one in view.segments] == [("A", "92.0%"), ("B", "92.0%")]


def test_a_measure_of_another_grain_is_read_at_the_end_of_the_month(store):
    from scorecard.core.periods import Period

    make_scorecard(
        store,
        make_definition("renewal_rate"),
        make_definition("nps"),
        make_definition("calls", unit="count", aggregate="sum"),
    )
    load(store, {("renewal_rate", ""): monthly(make_noise(36)), ("nps", ""): monthly(make_noise(36))}, date(2027, 1, 2))
    load(
        store,
        {("calls", ""): monthly([5.0 + n % 3 for n in range(54)], Period(date(2025, 12, 29), "week"))},
        date(2027, 1, 12),
    )
    calls = view_of(store).rows[2]
    assert str(calls.period) == "2026-W52" and calls.value is not None


def test_the_last_signal_of_each_measure_is_known(store):
    calm, risen = make_noise(36), make_shifted(size=0.009)
    make_many(store, [calm, risen], [0.5, 0.5])
    assert metrics.last_signals(store, ["m0", "m1", "nothing"], TODAY) == {"m0": None, "m1": LATEST, "nothing": None}
    lines = metrics.measure_lines(store, CARD, TODAY)
    assert [(line.slot, line.last_signal, line.last_side) for line in lines] == [
        (1, None, ""),
        (2, LATEST, "improving"),
    ]


# ---- access, audit, queries ---------------------------------------------------------------------------------------

COMMANDS = {
    "set_goal": lambda store, who: metrics.set_goal(store, who, "renewal_rate", month(2026, 1), 0.9, "Plan", "Why"),
    "lock_limits": lambda store, who: metrics.lock_limits(store, who, "renewal_rate", "", "Why"),
    "exclude": lambda store, who: metrics.exclude(store, who, "renewal_rate", "", LATEST, "Why"),
    "include": lambda store, who: metrics.include(store, who, "renewal_rate", "", LATEST, "Why"),
    "rebase": lambda store, who: metrics.rebase(store, who, "renewal_rate", "", month(2026, 4), "Why", YES),
    "set_rule_set": lambda store, who: metrics.set_rule_set(store, who, CARD, "nhs"),
}


@pytest.mark.parametrize("role", ["viewer", "member", "analyst", "admin"])
@pytest.mark.parametrize("command", COMMANDS)
def test_only_a_leader_changes_goals_and_limits(store, command, role):
    make_loaded(store)
    before = store.data_version
    with pytest.raises(NotAllowed):
        COMMANDS[command](store, make_actor(role))
    assert store.data_version == before


def test_a_viewer_adds_no_note(store, viewer):
    make_loaded(store)
    with pytest.raises(NotAllowed):
        metrics.add_note(store, viewer, "renewal_rate", date(2026, 11, 3), "Hello")


@pytest.mark.parametrize("command", [name for name in COMMANDS if name != "include"])
def test_every_change_leaves_an_audit_row_with_its_author(store, leader, command):
    make_loaded(store)
    COMMANDS[command](store, leader)
    with store.read() as tx:
        actor, action, what = tx.one("SELECT actor, action, object FROM audit ORDER BY seq DESC LIMIT 1")
    assert (actor, action) == ("Rana Amari", command)
    assert what == ("scorecard:customer-success" if command == "set_rule_set" else "measure:renewal_rate")


def test_an_unknown_measure_scorecard_or_rule_set_is_named(store, leader):
    make_loaded(store)
    with pytest.raises(ScorecardError, match="Did you mean 'renewal_rate'"):
        metrics.set_goal(store, leader, "renewal_rat", FIRST, 0.9, "Plan", "Why")
    with pytest.raises(UsageError, match="There is no scorecard 'bord'. There are: customer-success."):
        metrics.scorecard_view(store, "bord", None, "", TODAY)
    with pytest.raises(UsageError, match="Use one of: limits-only, wheeler"):
        metrics.set_rule_set(store, leader, CARD, "six-sigma")


def test_a_scorecard_of_ten_measures_and_three_segments_reads_its_figures_in_one_query(store, monkeypatch):
    measures = [make_definition(f"m{n}") for n in range(10)]
    make_scorecard(store, *measures)
    load(
        store,
        {(one.name, part): monthly(make_noise(8)) for one in measures for part in ("", "A", "B", "C")},
        date(2024, 9, 2),
    )
    seen: list[str] = []
    for name in ("all", "one"):
        original = getattr(Tx, name)
        monkeypatch.setattr(
            Tx, name, lambda tx, sql, params=(), original=original: (seen.append(sql), original(tx, sql, params))[1]
        )
    view_of(store, today=date(2024, 9, 20))
    assert sum("FROM figure" in sql for sql in seen) == 1
    assert len(seen) < 24


def test_records_exist_for_every_closed_month_and_segment_after_the_next_load(store):
    make_scorecard(store, make_definition("renewal_rate"))
    load(store, {("renewal_rate", part): monthly(make_noise(12)) for part in ("", "A")}, date(2025, 1, 2))
    load(store, {("renewal_rate", part): {month(2025, 1): 0.9} for part in ("", "A")}, date(2025, 2, 2))
    with store.read() as tx:
        rows = tx.all("SELECT segment, starts FROM reading ORDER BY segment, starts")
    assert rows == [(part, p.start) for part in ("", "A") for p in between(FIRST, month(2024, 12))]


def test_a_goal_that_was_taken_back_can_be_set_again_by_who_sees_none(store, leader):
    make_loaded(store)
    seen = metrics.set_goal(store, leader, "renewal_rate", month(2026, 6), 0.95, "Plan", "More")
    metrics.set_goal(store, leader, "renewal_rate", month(2026, 6), None, "", "Withdrawn", seen=seen)
    metrics.set_goal(store, leader, "renewal_rate", month(2026, 6), 0.96, "Plan", "More", seen=0)

"""Loading figures: shown first, all or nothing, append-only, and the same file twice is one load."""

from __future__ import annotations

import threading
from collections import defaultdict
from csv import DictReader
from datetime import date

import pytest

from scorecard import loading
from scorecard.errors import FileRefused, NotAllowed
from scorecard.intake import figures
from scorecard.store import definitions, measures
from scorecard.store.engine import Store

TODAY = date(2026, 11, 22)
TWO = "measure,period,value\nrenewal_rate,2026-09,0.9\nrenewal_rate,2026-10,0.91\n"


@pytest.fixture
def store(begun: Store, read_here: None) -> Store:
    return begun


def make_proposal(store, actor, text=TWO, name="monthly-2026-10.csv", sample=False, **choices):
    return loading.propose(store, actor, text.encode() if isinstance(text, str) else text, name, TODAY, choices=choices, sample=sample)


def load(store, actor, text=TWO, name="monthly-2026-10.csv", **choices):
    return loading.accept(store, actor, make_proposal(store, actor, text, name, **choices), TODAY)


def figures_of(store, *names, as_of=None):
    with store.read() as tx:
        return {(one.measure, str(one.period), one.segment): one.value for one in measures.figures(tx, list(names or ["renewal_rate"]), as_of)}


def counts(store):
    with store.read() as tx:
        return tuple(tx.one(f"SELECT COUNT(*) FROM {table}")[0] for table in ("figure", "load"))


def test_nothing_is_stored_before_it_is_accepted(store, read_by_child, leader):
    proposal = make_proposal(store, leader)
    assert (len(proposal.new), proposal.changed, proposal.known, proposal.open) == (2, (), 0, False)
    assert counts(store) == (0, 0)


def test_accepted_figures_carry_their_load_and_the_settings_it_was_read_under(store, analyst):
    done = load(store, analyst)
    assert figures_of(store) == {("renewal_rate", "2026-09", ""): 0.9, ("renewal_rate", "2026-10", ""): 0.91}
    (kept,) = loading.recent(store)
    assert (kept.id, kept.file_name, kept.author, kept.new, kept.covers_to) == (done.load.id, "monthly-2026-10.csv", "Sam Whitlock", 2, date(2026, 10, 31))
    assert (kept.time_zone, kept.fiscal_start) == ("UTC", 1)


def test_the_same_file_twice_is_one_load_and_changes_nothing(store, leader):
    first, version = load(store, leader), store.data_version
    again = make_proposal(store, leader)
    assert (again.ready, again.known, again.before.id) == (0, 2, first.load.id)
    second = loading.accept(store, leader, again, TODAY)
    assert second.changed_nothing and second.load.id == first.load.id
    assert counts(store) == (2, 1) and version <= store.data_version


def test_a_double_click_on_accept_is_one_load(store, leader):
    proposals = [make_proposal(store, leader) for _ in range(2)]
    done = []
    threads = [threading.Thread(target=lambda p=p: done.append(loading.accept(store, leader, p, TODAY))) for p in proposals]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(one.changed_nothing for one in done) == [False, True]
    assert counts(store) == (2, 1)


def test_a_changed_figure_is_shown_and_appended_and_the_past_can_still_be_read(store, leader):
    then = load(store, leader).load.loaded_at
    proposal = make_proposal(store, leader, TWO.replace("0.91", "0.92"))
    (change,) = proposal.changed
    assert (change.was[0], change.figure.value, proposal.known) == (0.91, 0.92, 1)
    loading.accept(store, leader, proposal, TODAY)
    assert figures_of(store)[("renewal_rate", "2026-10", "")] == 0.92
    assert figures_of(store, as_of=then)[("renewal_rate", "2026-10", "")] == 0.91
    assert counts(store) == (3, 2)


def test_refused_rows_stay_in_quarantine_with_their_text_and_reason(store, leader):
    done = load(store, leader, TWO + "renewal_rate,soon,0.9\nrenewal_rate,2026-08\n")
    assert loading.quarantined(store, done.load.id) == [
        (4, "renewal_rate,soon,0.9", "'soon' is not a date or period (period)"),
        (5, "renewal_rate,2026-08", "2 fields where the column names have 3")]
    assert done.refused == 2 and counts(store) == (2, 1)


def test_a_load_that_fails_half_way_leaves_nothing(store, leader, monkeypatch):
    def fail(tx, touched, today):
        raise FileRefused("stopped on purpose")

    monkeypatch.setattr(loading.metrics, "after_load", fail)
    proposal = make_proposal(store, leader, TWO + "renewal_rate,soon,0.9\n")
    with pytest.raises(FileRefused, match="on purpose"):
        loading.accept(store, leader, proposal, TODAY)
    assert counts(store) == (0, 0)
    with store.facts() as tx:
        assert tx.one("SELECT COUNT(*) FROM source_row") == (0,)


def test_a_session_that_is_killed_while_accepting_leaves_nothing(store, leader, monkeypatch):
    class Stopped(BaseException):
        pass

    def stop(tx, load, rows):
        raise Stopped

    monkeypatch.setattr(loading.loads, "add_figures", stop)
    with pytest.raises(Stopped):
        load(store, leader)
    assert counts(store) == (0, 0)


def test_an_open_question_is_not_answered_by_accepting(store, leader):
    proposal = make_proposal(store, leader, "measure,period,value\nrenewal_rate,01/02/2026,0.9\n")
    with pytest.raises(FileRefused, match="a question is open.*01/02/2026 is 1 Feb 2026.*--dates"):
        loading.accept(store, leader, proposal, TODAY)
    assert counts(store) == (0, 0)


def test_unknown_measures_are_refused_with_a_near_name(store, leader):
    with pytest.raises(FileRefused, match="measure 'renewal_rat' is not in the definitions. Did you mean 'renewal_rate'\\?"):
        load(store, leader, TWO.replace("renewal_rate,2026-10", "renewal_rat,2026-10"))
    assert counts(store) == (0, 0)


def test_a_newcomers_own_measures_are_defined_and_take_the_slots_of_a_first_load(store, leader):
    done = load(store, leader, "month,Login rate (%),Complaints\n2026-09,50,7\n2026-10,55,9\n", unknown="define")
    assert done.placed == ("login_rate", "complaints")
    with store.read() as tx:
        known, card = definitions.current(tx), definitions.scorecards(tx)[0]
    assert (known["login_rate"].label, known["login_rate"].unit, card.measures) == ("Login rate", "percent", ("login_rate", "complaints"))
    assert figures_of(store, "login_rate")[("login_rate", "2026-10", "")] == 0.55


def test_a_first_file_keeps_the_measures_that_it_brings_figures_for(store, leader):
    done = load(store, leader, "month,Renewal rate,Complaints\n2026-10,90%,9\n", unknown="define")
    with store.read() as tx:
        assert set(definitions.scorecards(tx)[0].measures) == {"renewal_rate", "complaints"}
    assert done.placed == ("complaints",)


def test_after_the_first_load_new_measures_take_free_slots_only(store, leader):
    load(store, leader)
    with store.read() as tx:
        before = definitions.scorecards(tx)[0].measures
    done = load(store, leader, "month,Login rate (%)\n2026-10,55\n", unknown="define")
    with store.read() as tx:
        after = definitions.scorecards(tx)[0].measures
    assert "renewal_rate" in after and after[: len(before)] == before and len(done.placed) == len(after) - len(before)


def test_a_definition_that_was_guessed_is_a_valid_one(store, leader):
    from scorecard.core import measures_file

    load(store, leader, "month,Login rate (%),Spend ($),Days to answer,Score\n2026-10,55,9,3.5,7.1\n", unknown="define")
    with store.read() as tx:
        known = definitions.current(tx)
    for name in ("login_rate", "spend", "days_to_answer", "score"):
        assert measures_file.parse_one(name, measures_file.as_table(known[name]), None).name == name


def test_a_file_of_another_grain_than_the_stored_figures_is_refused(store, leader):
    load(store, leader)
    with pytest.raises(FileRefused, match="mixed grains: .* is stored by month, and the file has quarters"):
        make_proposal(store, leader, "measure,period,value\nrenewal_rate,2026-Q4,0.9\n")


@pytest.mark.parametrize("text, bold", [
    ("measure,period,value\nrenewal_rate,2026-10,0.91\n", "Fewer rows than last time:"),
    (TWO + "renewal_rate,2026-07,0.9\n", "A gap:"), (TWO + "renewal_rate,2026-11,0.9\n", "An overlap:"),
    ("measure,period,value,segment\nrenewal_rate,2026-11,0.9,\nrenewal_rate,2026-12,0.9,\n", "The columns changed since last time."),
])
def test_what_is_odd_beside_the_last_load_is_said_before_it_is_accepted(store, leader, text, bold):
    load(store, leader)
    assert bold in [said for said, _ in make_proposal(store, leader, text, "monthly-2026-11.csv").notices]


def test_figures_of_another_size_than_before_are_questioned(store, leader):
    load(store, leader, "measure,period,value\n" + "".join(f"mrr_expansion,2026-0{m},{400_000 + m}\n" for m in range(1, 5)))
    proposal = make_proposal(store, leader, "measure,period,value\nmrr_expansion,2026-05,410\n")
    assert any(bold == "Another unit?" and "976 times as small" in rest for bold, rest in proposal.notices)


def test_an_old_figure_that_comes_back_is_a_change_and_not_known(store, leader):
    for value in ("0.91", "0.92", "0.91"):
        load(store, leader, TWO.replace("0.91", value))
    assert figures_of(store)[("renewal_rate", "2026-10", "")] == 0.91 and counts(store) == (4, 3)


@pytest.mark.parametrize("role", ["viewer", "member"])
def test_only_those_who_may_load_files_can_propose_and_accept(store, leader, role):
    from tests.conftest import make_actor

    proposal = make_proposal(store, leader)
    for act in (lambda who: make_proposal(store, who), lambda who: loading.accept(store, who, proposal, TODAY)):
        with pytest.raises(NotAllowed):
            act(make_actor(role))
    assert counts(store) == (0, 0)


def test_own_figures_never_mix_with_the_sample_company(store, leader):
    proposal = make_proposal(store, leader)
    store.write(lambda tx: tx.run("UPDATE organisation SET sample = TRUE WHERE id = 1"), "test")
    for act in (lambda: make_proposal(store, leader), lambda: loading.accept(store, leader, proposal, TODAY)):
        with pytest.raises(FileRefused, match="Remove the sample first"):
            act()
    assert counts(store) == (0, 0)
    loading.accept(store, leader, make_proposal(store, leader, sample=True), TODAY, sample=True)
    assert counts(store) == (2, 1)


@pytest.mark.parametrize("name, source", [("help-desk-2026-11-17.csv", "help-desk"), ("monthly.csv", "monthly"), ("2026-11.csv", "2026-11"),
                                          ("Figures (3).xlsx", "Figures"), ("KPI_2026_10_final.csv", "KPI_final")])
def test_a_source_is_known_by_its_name_without_numbers(name, source):
    assert loading.source_of(name) == source


def test_a_measure_is_found_by_label_and_the_staged_rows_are_gone_after_accepting(store, leader):
    proposal = make_proposal(store, leader, TWO.replace("renewal_rate", "RENEWAL RATE"))
    assert proposal.table.path.exists()
    loading.accept(store, leader, proposal, TODAY)
    assert not list(store.staging.glob("*.parquet"))


# -- real input

def test_the_national_four_hour_performance_loads(store, leader, shared_data):
    seen = defaultdict(lambda: [0, 0])
    with (shared_data / "nhs-ae-monthly" / "ae_attendances.csv").open() as file:
        for row in DictReader(file):
            seen[row["period"]][0] += int(row["attendances"]) - int(row["breaches"])
            seen[row["period"]][1] += int(row["attendances"])
    text = "measure,period,numerator,denominator\n" + "".join(f"Four-hour performance,{p},{a},{b}\n" for p, (a, b) in sorted(seen.items()))
    done = load(store, leader, text, "nhs.csv", unknown="define")
    assert (done.new, done.refused, done.placed) == (36, 0, ("four_hour_performance",))
    with store.read() as tx:
        assert definitions.current(tx)["four_hour_performance"].unit == "percent"
        (last,) = [one for one in measures.figures(tx, ["four_hour_performance"]) if str(one.period) == max(seen)[:7]]
    top, bottom = seen[max(seen)]
    assert (last.numerator, last.denominator, last.value) == (top, bottom, top / bottom)


def test_ten_measures_of_the_airlines_load_from_one_long_file(store, leader, shared_data):
    totals = defaultdict(lambda: defaultdict(float))
    columns = ("arr_flights", "arr_del15", "arr_cancelled", "arr_diverted", "arr_delay", "carrier_ct", "weather_ct", "nas_ct", "late_aircraft_ct")
    with (shared_data / "airline-ontime-bts" / "Airline_Delay_Cause.csv").open() as file:
        for row in DictReader(file):
            for column in columns:
                totals[f"{row['year']}-{int(row['month']):02d}"][column] += float(row[column] or 0)
    pairs = {"Late share": ("arr_del15", "arr_flights"), "Cancelled share": ("arr_cancelled", "arr_flights"),
             "Diverted share": ("arr_diverted", "arr_flights"), "Carrier share": ("carrier_ct", "arr_del15"),
             "Weather share": ("weather_ct", "arr_del15"), "Airspace share": ("nas_ct", "arr_del15"),
             "Late aircraft share": ("late_aircraft_ct", "arr_del15"), "Minutes per late flight": ("arr_delay", "arr_del15")}
    lines = ["measure,period,value,numerator,denominator"]
    for month, sums in sorted(totals.items()):
        lines += [f"{name},{month},,{sums[top]:.2f},{sums[bottom]:.2f}" for name, (top, bottom) in pairs.items()]
        lines += [f"Flights,{month},{sums['arr_flights']:.0f},,", f"Cancelled,{month},{sums['arr_cancelled']:.0f},,"]
    done = load(store, leader, "\n".join(lines) + "\n", "airline.csv", unknown="define")
    assert (done.new, done.refused, len(done.placed)) == (370, 0, 10)
    with store.read() as tx:
        units = {name: one.unit for name, one in definitions.current(tx).items()}
    assert (units["late_share"], units["flights"], units["minutes_per_late_flight"]) == ("percent", "count", "number")


def test_grouped_reasons_name_their_rows():
    refused = tuple(figures.Refused(row, "'n/a' is not a date") for row in (31, 32, 702, 1640))
    assert figures.grouped(refused) == [(4, "'n/a' is not a date", "rows 31, 32, 702 and 1,640")]

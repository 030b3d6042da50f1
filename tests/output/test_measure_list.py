"""The page of all measures: list, balance, how a figure goes up, benchmarks."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scorecard.core.definition import SYSTEMS
from scorecard.metrics import Carrier, MeasureLine, Part, Rollup, Upward
from scorecard.output import comparisons, linked, measure_list
from tests.output import make
from tests.output.test_tables import HOSTILE, parsed, words

BENCHMARK = {
    "source": "Rota group, 14 vendors",
    "from": "2026-09-01",
    "low": 0.88,
    "median": 0.91,
    "high": 0.94,
    "note": "Theirs counts contracts, ours counts value",
}


def href(name: str) -> str:
    return f"measure?measure={name}"


def make_line(
    at: int = 0, slot: int | None = 1, used: tuple[str, ...] = ("Customer Success",), **fields
) -> MeasureLine:
    row = make.make_row(make.CASES[at], slot or 1)
    measure = replace(row.measure, **fields)
    return MeasureLine(measure, slot, row.reading, None, "", used, row.value, row.value_text, 3)


def test_a_line_says_definition_owner_system_kind_use_and_status():
    line = make_line(description="Value renewed over value due.", owner="Nora Falk", system="planning", kind="lagging")
    shown = words(measure_list.table([line], href))
    for text in (
        "Value renewed over value due.",
        "Nora Falk",
        "Planning and review",
        "lagging",
        "Customer Success",
        "Act",
    ):
        assert text in shown


def test_a_measure_without_a_slot_has_no_status_and_says_that_no_scorecard_uses_it():
    shown = words(measure_list.table([make_line(slot=None, used=())], href))
    assert "on no scorecard" in shown and "no slot, no status" in shown and " Act" not in shown


def test_gaps_are_named():
    lines = [make_line(0, system="work", kind="leading"), make_line(1, system="planning", kind="lagging")]
    said = " ".join(one.text for one in measure_list.sentences(lines))
    assert "Five systems have no measure at all: Sensory, People, Metrics, Improvement and Leadership." in said
    assert "Work has drivers and no result of their own." in said


def test_a_line_says_what_its_measure_led_to_and_one_that_led_to_nothing_is_named_above():
    busy = replace(make_line(), led_to=("Renewal desk pilot", "Call before the notice"), last_signal=None)
    idle = replace(make_line(1, 2), last_signal=None)
    assert "Renewal desk pilot +1 and 1 more" in words(measure_list.table([busy], href))
    said = measure_list.sentences([busy, idle])[0]
    assert said.bold == "One of two slots gave no signal in 24 periods and led to no action:" and idle.measure.label in said.rest
    assert busy.measure.label not in said.rest


def test_a_new_level_is_no_silence():
    line = replace(make_line(), last_signal=None, new_level=make.OCTOBER.shift(-8))
    assert not measure_list.silent(line) and "new level, Feb 2026" in words(measure_list.table([line], href))
    assert measure_list.silent(replace(line, new_level=make.OCTOBER.shift(-30)))


def test_a_system_without_a_measure_is_hatched():
    drawn = measure_list.balance([make_line(0, system="work", kind="leading")])
    assert words(drawn).count("none") == 13
    assert drawn.count('class="hatch"') == 2 * (len(SYSTEMS) - 1) - 1


def test_balance_counts_those_with_and_without_a_slot():
    lines = [make_line(0, 1, system="work", kind="leading"), make_line(1, None, system="work", kind="leading")]
    assert 'aria-label="1 with a slot, 1 without"' in measure_list.balance(lines)


# --- how a figure goes up --------------------------------------------------------------------------------------------


def make_rollup(**fields) -> Rollup:
    measure = replace(
        make.make_definition(make.CASES[0]),
        aggregate="ratio",
        numerator_label="value renewed",
        denominator_label="value due",
    )
    parts = tuple(
        Part(name, "segment", counted, value, f"{value:.1%}")
        for name, counted, value in (
            ("Enterprise", "1,129k of 1,204k", 0.938),
            ("Small business", "695k of 877k", 0.792),
        )
    )
    whole = Part("", "segment", "1,824k of 2,081k", 0.876, "87.6%")
    carriers = (
        Carrier("company", "Company", "", 4, 10, whole),
        Carrier("customer-success", "Customer Success", "", 10, 10, whole),
        Carrier("enterprise", "Enterprise team", "Enterprise", 3, 10, parts[0]),
    )
    return Rollup(
        **(
            {
                "measure": measure,
                "period": make.OCTOBER,
                "parts": parts,
                "whole": whole,
                "carriers": carriers,
                "mean_text": "86.5%",
            }
            | fields
        )
    )


def test_a_rate_goes_up_from_its_counts_and_the_mean_of_rates_is_named_as_never_used():
    shown = words(linked.table(make_rollup(), "customer-success"))
    assert "Enterprise 1,129k of 1,204k 93.8%" in shown and "Customer Success 1,824k of 2,081k 87.6%" in shown
    assert "Rolled up from value renewed and value due." in shown
    assert "The mean of the two rates, 86.5%, is never used." in shown


def test_scorecards_that_share_measures_say_how_many_and_a_team_shows_its_own_part():
    shown = words(linked.table(make_rollup(), "customer-success"))
    assert "Company takes 4 of these ten 87.6%" in shown
    assert "Enterprise team of the team Enterprise 93.8%" in shown


@pytest.mark.parametrize(
    ("aggregate", "told"), [("sum", "Added up from its parts."), ("none", "It cannot be added up")]
)
def test_what_is_no_ratio_says_how_its_whole_is_made(aggregate, told):
    found = make_rollup()
    assert told in linked.told(replace(found, measure=replace(found.measure, aggregate=aggregate), mean_text=""))


def test_a_scorecard_over_others_stands_last_and_says_where_they_come_to_another_figure():
    below = Part("", "below", "1,129k of 1,204k", 0.938, "93.8%")
    whole = make_rollup().whole
    found = make_rollup(carriers=(
        Carrier("company", "Company", "Company", 4, 10, whole, below, ("Enterprise team",), "Group rate"),
        Carrier("customer-success", "Customer Success", "", 10, 10, whole),
    ))
    shown = words(linked.table(found, "customer-success"))
    assert shown.index("Customer Success") < shown.index("Company takes 4 of these ten, this one as Group rate 87.6%")
    assert "Company shows 87.6%; Enterprise team below it come to 93.8% (1,129k of 1,204k)." in shown
    said = words(linked.upwards([Upward("Customer Success", "Company", (("Renewal rate", "Renewal rate"), ("Team NPS", "NPS")))]))
    assert said == "Customer Success rolls up into Company : Renewal rate, Team NPS as NPS."


def test_teams_that_are_the_segments_are_said_once():
    parts = make_rollup().parts
    twice = make_rollup(parts=(*parts, *(replace(one, kind="team") for one in parts)))
    assert words(linked.table(twice, "customer-success")) == words(linked.table(make_rollup(), "customer-success"))


def test_a_team_without_figures_says_so():
    found = make_rollup(carriers=(Carrier("team", "Renewals", "Renewals", 2, 10, None),))
    assert "no figure of the team Renewals yet" in words(linked.table(found, "customer-success"))


# --- benchmarks ------------------------------------------------------------------------------------------------------


def test_a_benchmark_says_source_date_range_and_how_its_definition_differs():
    shown = words(comparisons.table([make_line(benchmarks=(BENCHMARK,))], href))
    assert "Rota group, 14 vendors, Sep 2026" in shown and "88 to 94%, median 91%" in shown
    assert "Theirs counts contracts, ours counts value" in shown and "≥ 93%" in shown


@pytest.mark.parametrize(
    ("one", "said"),
    [
        ({"source": "x", "median": 0.91}, "91%"),
        ({"source": "x", "low": 0.88, "high": 0.94}, "88 to 94%"),
        ({"source": "x", "high": 0.94}, "94%"),
    ],
)
def test_a_benchmark_of_one_figure_or_of_a_middle_half_is_shown_as_it_is(one, said):
    measure = make.make_definition(make.CASES[0])
    assert comparisons.others(one, measure) == said
    parsed(comparisons.strip(0.9, None, one, measure))


def test_goal_and_benchmark_have_marks_of_their_own():
    drawn = comparisons.strip(0.896, 0.93, BENCHMARK, make.make_definition(make.CASES[0]))
    assert (
        drawn.count('class="m-goal"') == 1
        and drawn.count('class="b-half"') == 1
        and drawn.count('class="b-median"') == 1
    )


def test_a_benchmark_never_sets_a_status():
    with_one, without = make_line(benchmarks=({"source": "x", "median": 0.5},)), make_line()
    assert with_one.reading == without.reading
    assert comparisons.NEVER in words(comparisons.table([with_one], href))


def test_what_has_no_benchmark_yet_is_counted_among_the_slots():
    lines = [make_line(0, 1, benchmarks=(BENCHMARK,)), make_line(1, 2), make_line(2, None)]
    assert comparisons.missing(lines) == "1 of 2 has no benchmark yet."


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_text_stays_text_in_the_list_and_beside_it(text):
    line = make_line(
        label=text,
        owner=text,
        description=text,
        numerator_label=text,
        denominator_label=text,
        benchmarks=({**BENCHMARK, "source": text, "note": text},),
        used=(text,),
    )
    rolled = make_rollup(
        parts=(Part(text, "segment", text, 0.9, text),), carriers=(Carrier("a", text, text, 1, 1, None),)
    )
    for drawn in (measure_list.table([line], href), comparisons.section([line], href), linked.table(rolled, "a")):
        tags = {node.tag.rpartition("}")[2] for node in parsed(drawn).iter()}
        assert not {"script", "img", "iframe"} & tags

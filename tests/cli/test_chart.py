"""`chart FILE`: the command that others script against. Its JSON, each option, and each refusal with its exit status."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from scorecard import places
from scorecard.cli import main
from scorecard.core import reading, spc
from scorecard.errors import FileRefused
from scorecard.intake import parser, reader

STEADY = [10, 12, 9, 11, 13, 10, 8, 11, 12, 10, 9, 12]
KEYS = {"type", "rules", "phases", "points", "variation", "capability", "status", "verb", "sentence", "notices"}


@pytest.fixture(autouse=True)
def read_in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """The child that opens files is another suite's matter; one test below goes through it."""

    def answer(module: str, job: dict, limits, *more) -> dict:
        try:
            found = parser.parse(Path(job["path"]), job["kind"], Path(job["out"]), limits, job["choices"])
        except FileRefused as error:
            found = {"refused": str(error)}
        if "refused" in found:
            raise FileRefused(found["refused"])
        return json.loads(json.dumps(found))

    monkeypatch.setattr(reader, "ask_child", answer)


def months(n: int, first: int = 2024) -> list[str]:
    return [f"{first + i // 12}-{i % 12 + 1:02d}" for i in range(n)]


def write(folder: Path, text: str, name: str = "figures.csv") -> str:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def write_values(folder: Path, values, periods=None) -> str:
    rows = zip(periods or months(len(values)), values)
    return write(folder, "period,value\n" + "".join(f"{p},{'' if v is None else v}\n" for p, v in rows))


def write_pairs(folder: Path, pairs) -> str:
    return write(folder, "period,numerator,denominator\n" + "".join(f"{p},{a},{b}\n" for p, (a, b) in zip(months(len(pairs)), pairs)))


def run(*args: str):
    return CliRunner().invoke(main, ["chart", *args])


def chart(*args: str) -> dict:
    done = run(*args, "--json")
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def refused(*args: str, status: int = 1) -> str:
    done = run(*args)
    assert done.exit_code == status, done.output
    assert done.stdout == ""
    return done.stderr


# ---- the JSON ------------------------------------------------------------------------------------------------------------


def test_the_answer_is_one_json_object_with_the_documented_keys(tmp_path: Path) -> None:
    out = chart(write_values(tmp_path, STEADY * 2 + [30]))
    assert set(out) == KEYS
    assert set(out["phases"][0]) == {"from", "to", "centre", "lower", "upper", "range_centre", "range_upper", "baseline"}
    assert out["phases"][0]["baseline"] == {"from": "2024-01", "to": "2025-12", "n": 24, "state": "locked"}
    assert all(set(p) == {"period", "value", "range", "centre", "lower", "upper", "excluded", "signals"} for p in out["points"])
    assert out["points"][-1]["signals"] == [{"rule": "beyond_limit", "strength": "strong", "completes": True},
                                            {"rule": "range_beyond_limit", "strength": "strong", "completes": True}]
    assert (out["variation"], out["capability"], out["status"], out["verb"]) == ("changing", "cannot_say", "watch", "find_the_cause")


def test_the_command_goes_through_the_process_that_opens_files(tmp_path: Path) -> None:
    path = write_values(tmp_path, STEADY * 2)
    done = subprocess.run([sys.executable, "-m", "scorecard", "chart", path, "--json"], capture_output=True, text=True, cwd=places.ROOT,
                          env=os.environ | {"PYTHONPATH": str(places.ROOT)}, timeout=120)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == chart(path)


def test_numbers_have_full_precision(tmp_path: Path) -> None:
    out = chart(write_values(tmp_path, [1, 2, 2] * 4), "--baseline", "all")
    assert out["phases"][0]["centre"] == math.fsum([1, 2, 2] * 4) / 12
    assert out["phases"][0]["upper"] == out["points"][3]["upper"] == pytest.approx(5 / 3 + 2.66 * 7 / 11, rel=1e-14)


def test_a_limit_that_does_not_exist_is_null(tmp_path: Path) -> None:
    few = chart(write_values(tmp_path, STEADY[:5]))
    assert [few["phases"][0][k] for k in ("lower", "upper", "range_centre", "range_upper")] == [None] * 4
    bounded = chart(write_values(tmp_path, [1, 9, 2, 8] * 6), "--bounds", "0:")
    assert bounded["phases"][0]["lower"] is None and {p["lower"] for p in bounded["points"]} == {None}
    assert bounded["phases"][0]["upper"] > 9


def test_limits_of_rates_are_per_point(tmp_path: Path) -> None:
    out = chart(write_pairs(tmp_path, [(10 + i % 5, 100 + 20 * (i % 3)) for i in range(24)]), "--type", "p")
    assert len({p["upper"] for p in out["points"]}) == 3 and len({p["centre"] for p in out["points"]}) == 1
    assert out["phases"][0]["upper"] == out["points"][-1]["upper"]


def test_a_missing_period_is_on_the_axis_with_nulls(tmp_path: Path) -> None:
    periods = [p for p in months(25) if p != "2024-07"]
    out = chart(write_values(tmp_path, STEADY * 2, periods))
    gap = next(p for p in out["points"] if p["period"] == "2024-07")
    assert (gap["value"], gap["range"], gap["signals"]) == (None, None, [])
    assert any("July 2024" in n for n in out["notices"])


def test_a_blank_value_is_a_missing_period_and_no_zero(tmp_path: Path) -> None:
    out = chart(write_values(tmp_path, STEADY[:6] + [None] + STEADY[6:]))
    assert out["points"][6]["value"] is None and out["phases"][0]["baseline"]["n"] == 12


def test_every_point_of_a_window_is_listed_and_one_completes_it(tmp_path: Path) -> None:
    out = chart(write_values(tmp_path, STEADY * 2 + [9] + [11.5] * 9))
    marks = {p["period"]: s["completes"] for p in out["points"] for s in p["signals"] if s["rule"] == "run_of_8"}
    assert list(marks) == [f"2026-{m:02d}" for m in range(2, 11)]
    assert [p for p, completes in marks.items() if completes] == ["2026-09"]


def test_a_partial_period_is_marked_and_never_signals(tmp_path: Path) -> None:
    rows = "".join(f"{p},{v},{'yes' if i == 24 else ''}\n" for i, (p, v) in enumerate(zip(months(25), STEADY * 2 + [99])))
    out = chart(write(tmp_path, "period,value,partial\n" + rows))
    assert out["points"][-1]["partial"] is True and out["points"][-1]["signals"] == []
    assert out["variation"] == "routine"


# ---- options -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", list(spc.TYPES))
def test_every_type_of_chart_can_be_asked_for(tmp_path: Path, kind: str) -> None:
    pairs = [(10 + i % 5, 100 + i % 3) for i in range(24)]
    path = write_pairs(tmp_path, pairs) if kind in spc.FRACTION_TYPES else write_values(tmp_path, STEADY * 2)
    out = chart(path, "--type", kind)
    assert out["type"] == kind and out["phases"][0]["upper"] > out["phases"][0]["centre"]
    assert ("sigma_z" in out["phases"][0]) == (kind in ("pp", "up"))


@pytest.mark.parametrize("rules", list(spc.RULE_SETS))
def test_every_rule_set_can_be_asked_for_and_uses_its_own_ids(tmp_path: Path, rules: str) -> None:
    out = chart(write_values(tmp_path, STEADY * 2 + [9] + [11.5] * 9 + [30]), "--rules", rules)
    found = {s["rule"] for p in out["points"] for s in p["signals"]}
    assert out["rules"] == rules and found and found <= set(spc.RULE_SETS[rules])


def test_help_prints_the_table_of_rules_and_strengths() -> None:
    text = run("--help").stdout
    for name, ids in spc.RULE_SETS.items():
        assert f"{name}:" in text
        assert all(any(id in line and spc.RULES[id].strength in line for line in text.splitlines()) for id in ids)


@pytest.mark.parametrize(("args", "numbers"), [
    (["--centre", "median"], {"centre": 10.5}), (["--ranges", "median"], {"range_centre": 2.0, "range_upper": 7.73}),
    (["--screen"], {"centre": 127 / 12})])
def test_centre_ranges_and_screening_are_options(tmp_path: Path, args, numbers) -> None:
    phase = chart(write_values(tmp_path, STEADY * 2), *args)["phases"][0]
    assert {key: phase[key] for key in numbers} == pytest.approx(numbers)


def test_screening_narrows_limits_that_one_wild_point_widened(tmp_path: Path) -> None:
    path = write_values(tmp_path, [1, 2, 1, 2, 10, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1])
    plain, screened = (chart(path, "--baseline", "all", *more)["phases"][0] for more in ([], ["--screen"]))
    assert [round(x, 2) for x in (plain["upper"], plain["lower"], screened["upper"], screened["lower"])] == [6.95, -3.06, 4.6, -0.72]


@pytest.mark.parametrize(("args", "baseline"), [
    (["--baseline", "10"], {"from": "2024-01", "to": "2024-10", "n": 10, "state": "locked"}),
    (["--baseline", "2024-03:2025-02"], {"from": "2024-03", "to": "2025-02", "n": 12, "state": "locked"}),
    (["--baseline", "all"], {"from": "2024-01", "to": "2026-12", "n": 36, "state": "all"}),
    (["--lock-after", "15"], {"from": "2024-01", "to": "2025-03", "n": 15, "state": "locked"}),
    (["--lock-after", "40"], {"from": "2024-01", "to": "2026-12", "n": 36, "state": "provisional"}),
    (["--exclude", "2024-02", "--exclude", "2024-05"], {"from": "2024-01", "to": "2026-02", "n": 24, "state": "locked"})])
def test_the_points_that_set_the_limits_can_be_chosen(tmp_path: Path, args, baseline) -> None:
    out = chart(write_values(tmp_path, STEADY * 3), *args)
    assert out["phases"][0]["baseline"] == baseline
    assert [p["period"] for p in out["points"] if p["excluded"]] == [a for a in args[1:] if a.startswith("2024-0") and "--exclude" in args]


def test_each_phase_has_limits_of_its_own(tmp_path: Path) -> None:
    out = chart(write_values(tmp_path, STEADY + [x + 30 for x in STEADY] + [x + 60 for x in STEADY]), "--rebase", "2025-01", "--rebase", "2026-01")
    assert [(p["from"], p["to"]) for p in out["phases"]] == [("2024-01", "2024-12"), ("2025-01", "2025-12"), ("2026-01", "2026-12")]
    assert [p["centre"] for p in out["phases"]] == pytest.approx([127 / 12, 127 / 12 + 30, 127 / 12 + 60])
    assert [p["baseline"]["state"] for p in out["phases"]] == ["provisional"] * 3


@pytest.mark.parametrize(("direction", "goal", "answer"), [
    ("increase", "30", ("routine", "will_miss", "act", "change_the_process")), ("decrease", "30", ("routine", "will_meet", "on_course", "leave_alone")),
    ("increase", "11", ("routine", "hit_or_miss", "watch", "change_the_process")), ("neutral", "11", ("routine", "cannot_say", "on_course", "leave_alone"))])
def test_direction_and_goal_give_capability_status_and_verb(tmp_path: Path, direction, goal, answer) -> None:
    out = chart(write_values(tmp_path, STEADY * 2), "--direction", direction, "--goal", goal)
    assert (out["variation"], out["capability"], out["status"], out["verb"]) == answer


@pytest.mark.parametrize("window", ["trailing-12", "trailing-3", "cumulative"])
def test_a_trailing_window_gets_no_limits_and_says_why(tmp_path: Path, window: str) -> None:
    out = chart(write_values(tmp_path, STEADY * 2 + [90]), "--window", window)
    assert out["variation"] == "not_assessable" and out["phases"][0]["upper"] is None
    assert not any(p["signals"] for p in out["points"]) and spc.window_notice(window) in out["notices"]


@pytest.mark.parametrize(("periods", "written"), [
    ([f"2024-W{w:02d}" for w in range(1, 25)], "2024-W01"), ([f"{2018 + i // 4}-Q{i % 4 + 1}" for i in range(24)], "2018-Q1")])
def test_weeks_and_quarters_lock_at_twenty(tmp_path: Path, periods, written) -> None:
    base = chart(write_values(tmp_path, STEADY * 2, periods))["phases"][0]["baseline"]
    assert base == {"from": written, "to": periods[19], "n": 20, "state": "locked"}


def test_one_measure_of_a_long_or_a_wide_file_is_chosen_by_name(tmp_path: Path) -> None:
    long = write(tmp_path, "measure,period,value\n" + "".join(f"NPS,{p},{v}\nCSAT,{p},{v + 50}\n" for p, v in zip(months(12), STEADY)), "long.csv")
    wide = write(tmp_path, "period,NPS,CSAT\n" + "".join(f"{p},{v},{v + 50}\n" for p, v in zip(months(12), STEADY)), "wide.csv")
    for path in (long, wide):
        out = chart(path, "--measure", "csat")
        assert out["phases"][0]["centre"] == pytest.approx(127 / 12 + 50)
    assert chart(long, "--measure", "csat")["sentence"].startswith("CSAT: ")


def test_percent_signs_and_decimal_commas_are_understood(tmp_path: Path) -> None:
    rows = "".join(f"{p};{80 + v},5%\n" for p, v in zip(months(12), STEADY))
    out = chart(write(tmp_path, "period;value\n" + rows), "--goal", "90%", "--direction", "increase")
    assert out["points"][0]["value"] == pytest.approx(0.905) and out["capability"] == "hit_or_miss"
    assert "%" in out["sentence"]


def test_for_people_the_sentence_comes_first_then_the_numbers(tmp_path: Path) -> None:
    path = write_values(tmp_path, STEADY * 2 + [30])
    text = run(path, "--direction", "decrease").stdout
    assert text.replace("\n", " ").startswith(chart(path, "--direction", "decrease")["sentence"][:40])
    assert f"Status: {reading.STATUSES['act']}. {reading.VERBS['find_the_cause']}." in text
    assert "beyond_limit (complete)" in text and "Limits from 2024-01: locked, 24 points, 2024-01 to 2025-12." in text


# ---- refusals ------------------------------------------------------------------------------------------------------------

REFUSALS = {
    "an empty file": ("", [], ["figures.csv", "empty"]),
    "only column names": ("period,value\n", [], ["figures.csv", "no rows"]),
    "one column": ("value\n1\n2\n", [], ["figures.csv", "only one column", "value"]),
    "no period column": ("when,value\n2024-01,1\n2024-02,2\n", [], ["figures.csv", "when, value", "'period'"]),
    "text in a number column": ("period,value\n2024-01,1\n2024-02,lots\n", [], ["figures.csv", "row 3", "'lots'", "value"]),
    "text in a numerator": ("period,numerator,denominator\n2024-01,1,2\n2024-02,n/a,3\n", [], ["row 3", "'n/a'", "numerator"]),
    "a period that is no date": ("period,value\n2024-01,1\nsoon,2\n", [], ["figures.csv", "row 3", "'soon'", "period", "2026-10"]),
    "a month that does not exist": ("period,value\n2024-01,1\n2024-13,2\n", [], ["row 3", "'2024-13'"]),
    "a period twice with different values": ("period,value\n2024-01,1\n2024-02,2\n2024-01,3\n", [], ["rows 2 and 4", "2024-01", "1", "3"]),
    "a numerator above its denominator": ("period,numerator,denominator\n2024-01,1,3\n2024-02,5,4\n", ["--type", "p"], ["2024-02", "numerator 5", "denominator 4"]),
    "a numerator above its denominator in a share": ("period,numerator,denominator\n2024-01,1,3\n2024-02,5,4\n", ["--bounds", "0:1"], ["2024-02", "numerator 5", "denominator 4"]),
    "half of a pair": ("period,numerator,denominator\n2024-01,1,\n2024-02,3,4\n", [], ["row 2", "blank"]),
    "a negative denominator": ("period,numerator,denominator\n2024-01,1,-3\n2024-02,3,4\n", [], ["row 2", "denominator -3"]),
    "mixed grains": ("period,value\n2024-01,1\n2024-Q2,2\n", [], ["figures.csv", "month", "quarter"]),
    "dates that could be read two ways": ("period,value\n01/02/2024,1\n01/03/2024,2\n", [], ["day or the month first", "2026-10-31"]),
    "a separator that could be two": ("period,value;x\n2024-01,1;2\n2024-02,3;4\n", [], ["Which character separates"]),
    "several measures and none named": ("measure,period,value\nnps,2024-01,1\ncsat,2024-01,2\n", [], ["2 measures", "csat, nps"]),
    "several columns and none named": ("period,nps,csat\n2024-01,1,4\n2024-02,2,5\n", [], ["--measure", "nps, csat"]),
    "a measure that is not in a long file": ("measure,period,value\nnps,2024-01,1\nnps,2024-02,2\n", ["--measure", "npss"], ["no measure 'npss'", "Did you mean 'nps'?"]),
    "a measure that is not in a wide file": ("period,nps,csat\n2024-01,1,4\n2024-02,2,5\n", ["--measure", "csats"], ["no measure 'csats'", "Did you mean 'csat'?"]),
    "segments without a total": ("period,segment,value\n2024-01,A,1\n2024-01,B,2\n", [], ["2024-01", "groups", "numerators and denominators"]),
    "a rate without denominators": ("period,value\n2024-01,1\n2024-02,2\n", ["--type", "p"], ["p chart", "numerator and a denominator"]),
    "a count below zero": ("period,value\n2024-01,1\n2024-02,-2\n", ["--type", "c"], ["c chart", "below 0"]),
    "too few points for the baseline": ("period,value\n2024-01,1\n2024-02,2\n", ["--baseline", "24"], ["baseline of 24", "there are 2"]),
    "a baseline outside the figures": ("period,value\n2024-01,1\n2024-02,2\n", ["--baseline", "2030-01:2030-06"], ["2030-01 to 2030-06", "2024-01 and 2024-02"]),
    "a new start outside the figures": ("period,value\n2024-01,1\n2024-02,2\n", ["--rebase", "2025-01"], ["no period 2025-01", "2024-01 to 2024-02"]),
    "an exclusion outside the figures": ("period,value\n2024-01,1\n2024-02,2\n", ["--exclude", "2025-01"], ["no period 2025-01", "2024-01 to 2024-02"]),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_bad_input_is_refused_with_what_was_found_and_where(tmp_path: Path, case: str) -> None:
    text, args, words = REFUSALS[case]
    message = refused(write(tmp_path, text), *args)
    assert [word for word in words if word not in message] == []
    assert message.startswith("Error: ") and "Traceback" not in message


def test_json_is_not_printed_when_the_file_is_refused(tmp_path: Path) -> None:
    assert refused(write(tmp_path, ""), "--json")


def test_a_file_that_is_not_there_and_one_of_another_kind_are_refused(tmp_path: Path) -> None:
    assert "there is no such file" in refused(str(tmp_path / "none.csv"))
    assert "'.pdf' is not a kind of file" in refused(write(tmp_path, "x", "figures.pdf"))


USAGE = {
    "a baseline of one": ["--baseline", "1"], "a baseline of words": ["--baseline", "half"], "a baseline of another grain": ["--baseline", "2024-Q1:2024-Q2"],
    "a new start that is no month": ["--rebase", "soon"], "an exclusion of another grain": ["--exclude", "2024-W03"],
    "a goal that is no number": ["--goal", "high"], "bounds without a colon": ["--bounds", "1"], "bounds the wrong way round": ["--bounds", "5:1"],
    "a window of words": ["--window", "rolling"], "a window of nothing": ["--window", "trailing-0"], "a type that is none": ["--type", "x"],
    "rules that are none": ["--rules", "shewhart"], "a direction that is none": ["--direction", "up"], "a lock of one": ["--lock-after", "1"],
    "an option that is none": ["--colour"],
}


@pytest.mark.parametrize("case", USAGE)
def test_a_call_that_is_wrong_ends_with_status_2_and_names_the_option(tmp_path: Path, case: str) -> None:
    message = refused(write_values(tmp_path, STEADY), *USAGE[case], status=2)
    assert USAGE[case][0] in message


def test_the_same_period_twice_with_the_same_value_is_one_point(tmp_path: Path) -> None:
    out = chart(write(tmp_path, "period,value\n2024-01,1\n2024-02,2\n2024-01,1\n"))
    assert [p["value"] for p in out["points"]] == [1, 2]


def test_segments_with_denominators_are_pooled_and_a_total_row_wins(tmp_path: Path) -> None:
    pooled = chart(write(tmp_path, "period,segment,numerator,denominator\n2024-01,A,1,4\n2024-01,B,5,8\n2024-02,A,2,4\n"))
    assert pooled["points"][0]["value"] == pytest.approx(6 / 12)
    total = chart(write(tmp_path, "period,segment,value\n2024-01,A,1\n2024-01,,7\n2024-02,,8\n"))
    assert total["points"][0]["value"] == 7


def make_line(args) -> str:
    return " ".join(run(*args).output.split())


@pytest.mark.parametrize(("option", "text"), [("--goal", "50"), ("--bounds", "0:100")])
def test_a_plain_50_beside_percentages_is_asked_and_not_taken_for_5000_percent(tmp_path, option, text):
    path = write(tmp_path, "period,value\n" + "".join(f"{p},4{i % 7}%\n" for i, p in enumerate(months(12))))
    refused = run(path, option, text)
    assert refused.exit_code == 2 and f"Write {text.rpartition(':')[2]}% or" in refused.output + refused.stderr
    assert run(path, option, f"{text}%").exit_code == 0


def test_a_run_with_figures_past_the_limit_is_not_called_only_close_to_it(tmp_path):
    path = write_values(tmp_path, STEADY * 2 + [16, 17, 14.5])
    said = make_line([path, "--direction", "decrease"])
    assert "close to the upper limit or beyond it since" in said


def test_one_point_is_one_point_and_no_goal_is_no_goal(tmp_path):
    said = make_line([write_values(tmp_path, [5])])
    assert "none, 1 point," in said and "Goal: none set." in said


def test_the_first_other_value_counts_every_equal_one_before_it(tmp_path):
    said = make_line([write_values(tmp_path, [5] * 25 + [6])])
    assert "after 25 months at 5" in said and "after 25 that did not" in said


def test_one_figure_over_one_period_is_no_trailing_window(tmp_path):
    assert run(write_values(tmp_path, STEADY), "--window", "trailing-1").exit_code == 2

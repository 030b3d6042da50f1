"""Published figures of agreement and of the way to a target, each with its source in a file under maturity/."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

from scorecard.cli import main
from scorecard.core import rubric

FOLDER = Path(__file__).parent / "maturity"
AGREEMENT = tomllib.loads((FOLDER / "agreement.toml").read_text("utf-8"))
ROADMAP = tomllib.loads((FOLDER / "roadmap.toml").read_text("utf-8"))


@pytest.mark.parametrize(("options", "printed"), AGREEMENT["cut_offs"].items())
def test_the_cut_off_of_agreement_is_the_published_one(options, printed):
    assert rubric.cut_off(int(options)) == printed


@pytest.mark.parametrize("case", AGREEMENT["deviations"], ids=lambda case: str(case["levels"]))
def test_the_average_deviation_is_the_published_one(case):
    assert rubric.average_deviation(case["levels"]) == pytest.approx(case["printed"], abs=1e-9)


@pytest.mark.parametrize(("levels", "agreed"), [([2, 2, 4, 4, 3], True), ([2, 2, 2, 4, 4], False)])
def test_a_spread_of_exactly_the_cut_off_is_agreement_and_more_is_not(levels, agreed):
    """2, 2, 3, 4, 4 deviate by 0.8 on average, as much as five options allow; 2, 2, 2, 4, 4 by 0.96."""
    answers = [rubric.Answer(str(n), "W1", level) for n, level in enumerate(levels)]
    (found,) = rubric.score(answers, {"W1": "work"}).practices
    assert found.agreed is agreed


def test_percent_to_target_is_what_a_published_roadmap_gives():
    targets = {str(n): target for n, target in enumerate(ROADMAP["targets"])}
    now = {str(n): target - gap for n, (target, gap) in enumerate(zip(ROADMAP["targets"], ROADMAP["gaps"], strict=True))}
    assert rubric.percent_to_target(now, targets) == pytest.approx(ROADMAP["printed"], abs=0.0005)


def test_the_command_counts_the_way_to_the_targets_as_the_published_roadmap_does(tmp_path):
    """Levels run from 1 and SAMM's scores from 0, so its own three targets cannot be typed: the same gaps on higher ones."""
    path = tmp_path / "answers.csv"
    path.write_text("rater,practice,level,target\na,S1,1,1.75\na,S2,1,2\na,S3,1,1.5\n", "utf-8")
    done = CliRunner().invoke(main, ["assess", "score", str(path), "--json"])
    found = json.loads(done.output)
    assert found["percent_to_target"] == pytest.approx(1 - (0.75 + 1 + 0.5) / 5.25)
    assert [one["percent_to_target"] for one in found["practices"]] == [pytest.approx(1 / 1.75), 0.5, pytest.approx(1 / 1.5)]

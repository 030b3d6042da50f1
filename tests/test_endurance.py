"""What is repeated in full, and what a tenth."""

import pytest

from tests import endurance


@pytest.mark.parametrize("expression, full", [
    ("endurance", True), ("endurance and not browser", True), ("browser or endurance", True),
    ("", False), ("not endurance", False), ("not browser", False), ("browser and not endurance", False)])
def test_only_a_run_that_asks_for_endurance_repeats_in_full(monkeypatch, expression, full):
    monkeypatch.setenv(endurance.FULL, "")
    endurance.begin(expression)
    assert (endurance.in_full(), endurance.counted(200), endurance.counted(3)) == (full, 200 if full else 20, 3 if full else 1)

"""The maturity model: complete as it ships, and a fault in it is named with its place."""

from __future__ import annotations

import re

import pytest

from scorecard import places
from scorecard.core import maturity_file
from scorecard.errors import DefinitionError

TEXT = (places.ROOT / "data" / "maturity.toml").read_text("utf-8")
PRACTICES = {"S": 8, "P": 8, "E": 8, "W": 6, "M": 9, "I": 8, "L": 8, "T": 5, "R": 4, "X": 2, "A": 4}


@pytest.fixture(scope="module")
def model():
    return maturity_file.parse(TEXT)


def test_the_model_has_seven_systems_with_55_practices_and_the_relationships_as_an_optional_eighth_part(model):
    assert len(model.systems) == 8 and model.optional == ("relationships",)
    counted = {letter: sum(id[0] == letter for id in model.practices) for letter in PRACTICES}
    assert counted == PRACTICES and len(model.practices) == 70
    assert sum(one.system != "relationships" for one in model.practices.values()) == 55


def test_every_practice_has_a_question_five_different_levels_evidence_and_a_gate(model):
    for one in model.practices.values():
        assert one.question.endswith("?") and one.evidence.endswith("."), one.id
        assert len(set(one.levels)) == 5 and all(text.endswith(".") for text in one.levels), one.id
        assert one.gates and all(2 <= level <= 5 for level in one.gates), one.id
        assert all(len(text.split()) <= 26 for text in one.levels), one.id


def test_every_system_has_a_question_for_the_quick_form_and_a_target(model):
    for one in model.systems.values():
        assert one.question.endswith("?") and len(one.levels) == 5 and 1 <= one.target <= 5


def test_a_practice_takes_its_own_target_before_that_of_its_system(model):
    own = maturity_file.parse(TEXT.replace('[practices.W1]\n', '[practices.W1]\ntarget = 2\n', 1))
    assert (own.target("W1"), own.target("W2"), model.target("W1")) == (2.0, 4.0, 4.0)


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("evidence =", "evidenc =", "'evidenc' is unknown, did you mean 'evidence'?"),
        ('system = "work"', 'system = "wrok"', "'wrok' is unknown, did you mean 'work'?"),
        ("target = 3.5", "target = 7", "target must be a level from 1 to 5"),
        ("gates = {3 =", "gates = {9 =", "a gate is a level from 2 to 5"),
        ("names = [", 'names = ["More", ', "levels.names must be 5 texts"),
    ],
)
def test_a_fault_in_the_model_is_named_with_its_place(old, new, sentence):
    with pytest.raises(DefinitionError, match=re.escape(sentence)):
        maturity_file.parse(TEXT.replace(old, new, 1))

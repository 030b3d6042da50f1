"""The form of feedback rounds: the shipped file is right, and each fault of a changed one is named with what is meant."""

from __future__ import annotations

import pytest

from scorecard import places
from scorecard.core.feedback_form import parse
from scorecard.errors import DefinitionError

SHIPPED = (places.ROOT / "data" / "feedback.toml").read_text("utf-8")
ITEM = '[[items]]\nid = "why"\nlabel = "Explains why"\n'


def test_the_shipped_form_has_eight_statements_two_questions_and_words_for_its_ends():
    form = parse(SHIPPED)
    assert [item.label for item in form.items][:2] == ["Sets a clear direction", "Explains why before what"] and len(form.items) == 8
    assert (len(form.questions), form.lowest, form.highest, form.label("why"), form.label("gone")) == (2, "never", "always", "Explains why before what", "gone")


@pytest.mark.parametrize(("text", "fault"), [
    ("", "items is empty"), ("[[items", "the form cannot be read"), (f"{ITEM}{ITEM}", "the id 'why' stands twice"),
    (ITEM.replace("why", "Why!"), "id 'Why!' is not small letters"), (ITEM.replace("label", "lable"), "unknown key 'lable'. Did you mean 'label'"),
    (ITEM.replace("Explains why", " "), "label is empty"), (ITEM.replace("Explains why", "x" * 161), "more than 160 signs"),
    (f'{ITEM}[[question]]\nid = "a"\n', "unknown key 'question'"), ("".join(ITEM.replace('"why"', f'"i{n}"') for n in range(21)), "at most 20"),
    (f"items = 3\n{SHIPPED.partition('[[items]]')[0]}", "items are written as"), (f'items = ["why"]\n{SHIPPED.partition("[[items]]")[0]}', "items are written as"),
    (f"{ITEM}[scale]\nlowest = 3\n", "lowest is no text")])  # fmt: skip
def test_each_fault_of_a_form_is_named(text, fault):
    with pytest.raises(DefinitionError, match=fault.replace("[", r"\[")):
        parse(text)

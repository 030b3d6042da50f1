"""Themes: one for each comment, by rules first, then by the phrases that the rest has in common; always the same."""

from __future__ import annotations

import pytest

from scorecard.core import themes
from scorecard.core.themes import PROCESS, PRODUCT, Matcher, Rule
from scorecard.errors import DefinitionError

RULES = (Rule("price", "Price", PROCESS, ("price*", "too expensive")), Rule("slow", "Slow", PRODUCT, ("slow*", "rota fail*", "very slow")))


def theme_of(text: str) -> str:
    place = Matcher(RULES).place(themes.words_of(text))
    return "" if place is None else RULES[place].id


@pytest.mark.parametrize("text, theme", [
    ("The PRICES went up", "price"), ("It is too expensive.", "price"), ("too much, and expensive", ""), ("Slowly it dies", "slow"),
    ("The rota failed again", "slow"), ("The rota is failing", ""), ("A fail of the rota", ""), ("Überpriced", ""), ("", ""),
    ("price of a very slow thing", "slow"), ("price or slow", "price")])
def test_a_comment_belongs_to_the_rule_with_most_of_its_words(text, theme):
    assert theme_of(text) == theme


COMMENTS = ["Shift swap needs two clicks", "the shift swap is hidden", "Please fix the shift swap", "Holiday calendar lacks Bavaria",
            "holiday calendar is wrong", "Our holiday calendar again", "one of a kind"]


def test_what_no_rule_catches_is_grouped_by_the_phrases_that_it_shares():
    found = themes.found([themes.words_of(text) for text in COMMENTS])
    assert {one.phrase: one.comments for one in found} == {"holiday calendar": (3, 4, 5), "shift swap": (0, 1, 2)}


def test_the_same_comments_give_the_same_themes():
    words = [themes.words_of(text) for text in COMMENTS]
    assert themes.found(words) == themes.found(words)


def test_a_word_of_fewer_than_three_comments_is_no_theme():
    assert themes.found([themes.words_of(text) for text in COMMENTS[:2]]) == []


def test_words_lose_accents_and_case():
    assert themes.words_of("L’été, DON'T-stop 24h!") == ["l'ete", "don't", "stop", "24h"]


def test_rules_survive_being_written_down():
    assert themes.from_json(themes.as_json(RULES)) == RULES and themes.checked(themes.DEFAULT) == themes.DEFAULT


@pytest.mark.parametrize("rule, told", [
    (Rule("a", "Price", PROCESS, ("x",)), "Two themes have the name 'price'"), (Rule("price", "Other", PROCESS, ("x",)), "Two themes have the id 'price'"),
    (Rule("a", "A", "mood", ("x",)), "'mood' is no kind of theme. There is: product, process, praise"),
    (Rule("a", "A", PROCESS, ()), "it needs 1 to 60 words"), (Rule("a", "A", PROCESS, ("*",)), "each with a letter in it"),
    (Rule("a", " ", PROCESS, ("x",)), "The name of the theme is empty")])
def test_rules_that_cannot_be_are_refused_with_what_can(rule, told):
    with pytest.raises(DefinitionError) as refused:
        themes.checked([*RULES, rule])
    assert told in str(refused.value)

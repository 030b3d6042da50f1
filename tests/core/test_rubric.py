"""Scores of maturity: agreement, systems, distance to the target, and what is never shown."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorecard.core import rubric
from scorecard.core.rubric import ALL, Answer


def answers(practice: str, levels: str, group: str = "", first: int = 0) -> list[Answer]:
    """One answer a sign: a digit is a level, "?" is don't know."""
    return [
        Answer(f"r{first + n}", practice, None if sign == "?" else int(sign), group) for n, sign in enumerate(levels)
    ]


def test_the_average_deviation_is_the_mean_distance_from_the_mean():
    assert rubric.average_deviation([1, 2, 3, 4, 5]) == pytest.approx(1.2)
    assert rubric.average_deviation([3, 3, 3]) == 0


@pytest.mark.parametrize(("options", "expected"), [(5, 0.8), (7, 1.2), (9, 1.5), (11, 1.8)])
def test_the_cut_off_of_agreement_is_a_sixth_of_the_options(options, expected):
    assert rubric.cut_off(options) == expected


def test_percent_to_target_counts_gaps_only_and_a_surplus_never_pays_for_one():
    gaps = {"a": 0.75, "b": 1.0, "c": 0.5}
    targets = {"a": 1.0, "b": 1.5, "c": 1.0}
    now = {name: targets[name] - gap for name, gap in gaps.items()}
    assert rubric.percent_to_target(now, targets) == pytest.approx(0.357, abs=0.0005)
    assert rubric.percent_to_target(now | {"a": 5.0}, targets) == pytest.approx(1 - 1.5 / 3.5)
    assert rubric.percent_to_target(now, {}) is None


def test_a_practice_with_two_camps_is_not_agreed_and_its_range_is_shown_beside_the_median():
    (one,) = rubric.score(answers("E4", "1222224444455"), {"E4": "people"}).practices
    assert (one.n, one.median, one.lowest, one.highest, one.agreed) == (13, 4, 1, 5, False)
    assert one.spread == pytest.approx(1.2189, abs=1e-4)
    assert one.counts == (1, 5, 0, 5, 2)


def test_dont_know_and_not_applicable_are_counted_and_do_not_lower_the_score():
    found = rubric.score([*answers("W1", "44?"), Answer("r9", "W1", None, applicable=False)], {"W1": "work"})
    (one,) = found.practices
    assert (one.n, one.median, one.unsure) == (2, 4, 1)


def test_the_score_of_a_system_is_the_median_of_what_each_rater_says_on_average():
    given = [*answers("W1", "135"), *answers("W2", "333"), *answers("W3", "5")]
    system = rubric.score(given, {"W1": "work", "W2": "work", "W3": "work"}).of("work")
    assert (system.n, system.median, system.lowest, system.highest) == (3, 3, 3, 4)


def test_a_level_is_not_reached_while_one_of_its_criteria_is_not_met():
    criteria = {2: [True], 3: [True, False], 4: [True]}
    assert rubric.reached(criteria, 4) == 2
    assert rubric.reached({2: [True], 3: [True, True], 4: []}, 5) == 5
    assert rubric.reached({2: [False]}, 1) == 1


def test_fewer_than_five_answers_are_hidden_in_anonymous_mode_and_shown_in_named_mode():
    given = answers("S1", "2345")
    assert rubric.score(given, {"S1": "sensory"}).of("S1").n == 4
    hidden = rubric.score(given, {"S1": "sensory"}, anonymous=True)
    assert hidden.of("S1").hidden and hidden.of("S1").n is None and hidden.of("S1").median is None
    assert hidden.of("sensory").hidden


def test_a_small_group_is_hidden_and_so_is_the_rest_that_would_reveal_it():
    given = [*answers("L1", "345", "leaders"), *answers("L1", "2222233333", "team", 10)]
    found = rubric.score(given, {"L1": "leadership"}, anonymous=True)
    assert not found.of("L1").hidden
    assert found.of("L1", "leaders").hidden and found.of("L1", "team").hidden
    assert found.of("leadership", "leaders").hidden and found.of("leadership", "team").hidden


def test_two_small_groups_that_are_five_together_leave_the_others_to_be_shown():
    assert rubric.withheld({ALL: 16, "a": 3, "b": 3, "c": 10}) == {"a", "b"}
    assert rubric.withheld({ALL: 14, "a": 3, "b": 5, "c": 6}) == {"a", "b"}
    assert rubric.withheld({ALL: 4, "a": 4}) == {ALL, "a"}
    assert rubric.withheld({ALL: 10, "a": 5, "b": 5}) == set()
    assert rubric.withheld({ALL: 12, "a": 5, "b": 5}) == {"a"}


@given(sizes=st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 12), min_size=1), without=st.integers(0, 6))
def test_no_subtraction_of_shown_groups_leaves_between_one_and_four_people(sizes, without):
    everybody = {ALL: sum(sizes.values()) + without, **sizes}
    hidden = rubric.withheld(everybody)
    if ALL in hidden:
        return
    shown = {name: size for name, size in sizes.items() if name not in hidden}
    assert all(size == 0 or size >= rubric.THRESHOLD for size in shown.values())
    rest = everybody[ALL] - sum(shown.values())
    can_be_hidden = everybody[ALL] >= rubric.THRESHOLD
    assert rest == 0 or rest >= rubric.THRESHOLD or not can_be_hidden
    for count in range(1, len(shown) + 1):
        for some in combinations(shown.values(), count):
            left = everybody[ALL] - sum(some)
            assert left == 0 or left >= rubric.THRESHOLD


LEVELS = st.lists(st.one_of(st.none(), st.integers(1, 5)), min_size=1, max_size=14)


@given(first=LEVELS, second=LEVELS, groups=st.lists(st.sampled_from(["a", "b", "c"]), min_size=14, max_size=14))
def test_a_hidden_answer_moves_nothing_that_is_shown_about_a_system(first, second, groups):
    """Whoever is behind a hidden practice of a group may have said anything: the group's system figures stay the same."""
    given_ = [Answer(f"r{n}", "W1", level, groups[n]) for n, level in enumerate(first)]
    given_ += [Answer(f"r{n}", "W2", level, groups[n]) for n, level in enumerate(second)]
    systems = {"W1": "work", "W2": "work"}
    found = rubric.score(given_, systems, anonymous=True)
    turned = [
        Answer(one.rater, one.practice, 6 - one.level if one.level else None, one.group)
        if found.of(one.practice, one.group).hidden
        else one
        for one in given_
    ]
    again = rubric.score(turned, systems, anonymous=True)
    for group in ("a", "b", "c"):
        if found.of("work", group):
            assert found.of("work", group) == again.of("work", group)


def test_dont_know_is_an_answer_too_so_three_who_do_not_know_are_hidden_and_so_is_the_rest():
    given_ = [*answers("L1", "???", "leaders"), *answers("L1", "2222233333", "team", 10)]
    found = rubric.score(given_, {"L1": "leadership"}, anonymous=True)
    assert found.of("L1").unsure == 3
    assert found.of("L1", "leaders").hidden and found.of("L1", "leaders").unsure is None
    assert found.of("L1", "team").hidden


def test_three_who_find_it_not_applicable_are_hidden_and_so_is_the_rest():
    given_ = [Answer(f"x{n}", "L1", None, "leaders", applicable=False) for n in range(3)]
    found = rubric.score([*given_, *answers("L1", "222223333", "team", 10)], {"L1": "leadership"}, anonymous=True)
    assert found.of("L1", "leaders").hidden and found.of("L1", "team").hidden


def test_a_practice_to_which_only_a_few_answered_at_all_is_hidden_even_when_nobody_gave_a_level():
    found = rubric.score(answers("L1", "????"), {"L1": "leadership"}, anonymous=True)
    assert found.of("L1").hidden and found.of("L1").unsure is None and found.of("leadership").hidden
    assert rubric.score(answers("L1", "?????"), {"L1": "leadership"}, anonymous=True).of("L1").unsure == 5


def test_a_group_that_is_hidden_on_one_practice_is_hidden_on_all_of_its_system():
    given_ = [*answers("W1", "345345", "leaders"), *answers("W1", "2222233333", "team", 10),
              *answers("W2", "34????", "leaders"), *answers("W2", "2222233333", "team", 10),
              *answers("M1", "345345", "leaders"), *answers("M1", "2222233333", "team", 10)]
    found = rubric.score(given_, {"W1": "work", "W2": "work", "M1": "metrics"}, anonymous=True)
    assert all(found.of(subject, "leaders").hidden for subject in ("W1", "W2", "work"))
    assert not found.of("M1", "leaders").hidden and found.of("metrics", "team").n == 10


def test_a_practice_counts_in_its_system_as_much_as_its_weight_says():
    given_ = [*answers("W1", "1"), *answers("W2", "4")]
    systems = {"W1": "work", "W2": "work"}
    assert rubric.score(given_, systems).of("work").median == 2.5
    assert rubric.score(given_, systems, weights={"W2": 2.0}).of("work").median == 3.0

"""The results of a cycle are drawn with their exact figures, and what is hidden is nowhere in the text."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pytest

from scorecard.core.rubric import Score
from scorecard.output import maturity_marks, maturity_practices, maturity_tables
from scorecard.output.maturity_tables import Noted, Ways
from tests.output import make_maturity
from tests.output.test_tables import words

FOUND, MODEL = make_maturity.results(), make_maturity.model()
WAYS = Ways(lambda system: f"maturity?system={system}", lambda one: f"maturity?talk={one}", lambda one: f"maturity?project={one}",
            frozenset({"I6"}), frozenset({"S5"}))
NOTED = Noted({"S5": ("None challenged in 2026.",), "W4": ("1 of 3 has a measure.",)}, {"W4": "Level 4 was chosen, but no review was signed."})


def rows(text: str, mark: str) -> dict[str, str]:
    """The words of each row, by what its mark says."""
    return {key: words(body) for key, body in re.findall(rf'<tr {mark}="(\w+)"[^>]*>(.*?)</tr>', text, re.S)}


@pytest.mark.parametrize("text", [
    maturity_tables.page(FOUND, MODEL.level_names, NOTED, WAYS),
    maturity_tables.progress(FOUND) + maturity_tables.apart(FOUND),
    *(maturity_practices.page(one, FOUND, MODEL, NOTED, WAYS) for one in FOUND.systems),
], ids=["page", "progress", *(one.system for one in FOUND.systems)])  # fmt: skip
def test_what_is_drawn_is_well_formed_and_holds_no_markup_of_a_user(text):
    ET.fromstring(f"<div>{text}</div>")
    assert "<script>" not in text and "<b>exist</b>" not in text


def test_a_system_has_now_last_change_target_and_agreement():
    told = rows(maturity_tables.board(FOUND, MODEL.level_names, WAYS), "data-measure")
    assert told["metrics"] == "Metrics 4.0 3.0 +1.0 4.0 good"
    assert told["leadership"] == "Leadership 3.0 3.4 −0.4 3.5 1 to talk about"
    assert list(told) == ["sensory", "planning", "people", "work", "metrics", "improvement", "leadership"]


def test_a_system_says_in_words_what_its_line_shows():
    score = Score("work", "", 13, 3.7, 3.5, 2.3, 4.0, 0.4, True, False, 0, (), (3.2, 3.8))
    assert maturity_marks.told(score, 2.6, 4.0) == (
        "Median 3.7 of 13; all from 2.3 to 4.0; middle half 3.2 to 3.8; last cycle 2.6; target 4.0.")
    drawn = maturity_marks.levels(score, 2.6, 4.0)
    # Level 1 stands at 5.5% and level 5 at 94.5% of the axis: 22.25% a level.
    assert 'class="lv-last" cx="41.10%"' in drawn and 'class="m-inkfill" cx="65.58%"' in drawn
    assert 'class="lv-target" x1="72.25%"' in drawn and 'class="lv-all" x1="34.42%" x2="72.25%"' in drawn
    assert 'class="b-half" x="54.45%"' in drawn and 'width="13.35%"' in drawn


def test_the_head_names_the_five_levels_and_the_last_cycle_without_its_year():
    text = words(maturity_tables.board(FOUND, MODEL.level_names))
    assert text.index("1 Ad hoc") < text.index("5 Improving") < text.index("Now March Change Target Agreement")
    assert make_maturity.HIDDEN.rstrip(".") in text
    assert maturity_tables.short("A long title of a cycle", "September 2026") == "Last"


def test_five_practices_are_far_apart_the_widest_first_with_a_square_for_each_person():
    text = maturity_tables.disagreement(FOUND, WAYS)
    told = rows(text, "data-practice")
    assert list(told) == ["E4", "I6", "S5", "W4", "L6"]
    assert [re.search(r"\d\.\d\d", row).group() for row in told.values()] == ["1.29", "1.22", "1.08", "0.93", "0.92"]
    assert text.count('class="m-fill"') == 5 * 13
    assert "People: level 1: 1, level 2: 5, level 3: 0, level 4: 4, level 5: 3" in text
    assert "add to review : Statistics in context" in told["E4"] and "on the agenda" in told["I6"]


@pytest.mark.parametrize("most", [1, 8, 9, 20, 60, 150])
def test_squares_stay_in_their_place_however_many_people_chose_a_level(most):
    places = re.findall(r'<rect class="m-fill" x="([\d.-]+)" y="([\d.-]+)"', maturity_marks.squares((most, 0, 0, 0, 0)))
    assert len(places) == len(set(places)) == most
    assert all(0 <= float(x) <= maturity_marks.SLOT and float(y) >= 0 for x, y in places)


def test_gaps_are_the_farthest_first_with_what_the_records_say():
    told = rows(maturity_tables.gaps(FOUND, NOTED, WAYS), "data-practice")
    assert list(told)[:2] == ["S5", "W4"]
    assert "Records: none challenged in 2026" in told["S5"] and "2.5" in told["S5"] and "in a project" in told["S5"]
    assert "2.0" in told["W4"] and "start a project : Partners managed" in told["W4"]


def test_the_way_to_the_targets_and_since_the_first_cycle_is_told():
    text = words(maturity_tables.progress(FOUND))
    assert "All practices together: 84% of the way to the targets, 71% in March 2026" in text
    assert "3.0 4.0 +1.0 M1 4.0 4.00 80%" in text
    assert "June 2026." in words(maturity_tables.apart(FOUND)) and "never joined" in words(maturity_tables.apart(FOUND))


def test_leaders_and_team_are_drawn_apart_only_where_they_are_given():
    assert maturity_tables.parts(FOUND) == ""
    both = tuple(Score("work", part, n, level, level, 1.0, 5.0, 0.5, True, False) for part, n, level in (("leader", 5, 2.5), ("team", 8, 4.0)))
    assert "Work 2.5 5 4.0 8" in words(maturity_tables.parts(make_maturity.results(parts=both)))


def test_of_fewer_than_five_answers_nothing_is_drawn():
    found = make_maturity.results(raters=4)
    text = maturity_tables.page(found, MODEL.level_names, NOTED, WAYS) + maturity_practices.page(found.systems[3], found, MODEL, NOTED, WAYS)
    assert 'class="m-fill"' not in text and 'class="m-inkfill"' not in re.sub(r'<div class="legend.*?</div>', "", text)
    assert text.count("Hidden: fewer than five answers.") == 7 + 2 + 6
    assert not re.search(r"[Mm]edian \d", text)


def test_a_practice_is_opened_with_its_range_its_lowest_beside_the_mean_and_who_did_not_say():
    text = words(maturity_practices.page(FOUND.systems[4], FOUND, MODEL, NOTED, WAYS))
    assert "12 people gave a level; 1 did not know" in text
    assert "13 people gave a level, for 1 it does not apply" not in text and "for 1 it does not apply" in text
    work = words(maturity_practices.page(FOUND.systems[3], FOUND, MODEL, NOTED, WAYS))
    assert "Median 2.0 , from 1 to 4" in work and "lowest 1 beside a mean of 2.23" in work and "spread 0.93: to talk about" in work


def test_a_practice_shows_its_evidence_the_records_what_contradicts_and_what_was_agreed():
    text = words(maturity_practices.page(FOUND.systems[3], FOUND, MODEL, NOTED, WAYS))
    assert "A list of partners." in text and "1 of 3 has a measure." in text
    assert "Level 4 was chosen, but no review was signed." in text
    assert "Level 3: Defined Rana Amari; the ratings stay as they are" in text and "A minority sees: Two see level 4." in text
    assert "No records yet." in text

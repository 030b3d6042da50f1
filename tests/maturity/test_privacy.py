"""Whoever has everything that is published about anonymous cycles, and subtracts, learns nothing of fewer than five people.

What is published is read back from results, JSON, CSV, XLSX, the pack and the command line as cells: (subject, group, figures). A set
of people is told when the cells give it by adding and subtracting groups. In each cycle people answer anew, so the
unknowns of one cycle are not those of another.
"""

from __future__ import annotations

import csv
import io
import json
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import combinations

import numpy as np
import openpyxl
import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from scorecard import maturity
from scorecard.cli.assess import told as score_json
from scorecard.core import rubric
from scorecard.core.rubric import ALL, Answer
from scorecard.intake.answers import Answers
from scorecard.output import maturity_book, pack_maturity
from scorecard.reviews import maturity_part
from scorecard.store import maturity as rows
from scorecard.store.maturity import Cycle, Given
from tests.conftest import make_actor
from tests.endurance import in_full
from tests.maturity.test_maturity import LEADER, PEOPLE, team, team_folder  # noqa: F401

PRACTICES = {"W1": "work", "W2": "work", "M1": "metrics"}
UNKNOWN, NOT_APPLICABLE, NO_ROW = "unknown", "not applicable", "no row"
SAYS = st.sampled_from([1, 2, 3, 4, 5, 3, UNKNOWN, NOT_APPLICABLE, NO_ROW])
FIGURES = ("n", "median", "mean", "min", "max", "spread", "unsure", "counts", "not_applicable")


@dataclass(frozen=True)
class Cell:
    """One published line: a practice or system, for everybody ("") or a group, with whatever figures stand in it."""

    subject: str
    group: str
    figures: tuple[tuple[str, float], ...]


@st.composite
def crowds(draw: st.DrawFn, groups: Sequence[str]) -> list[Answer]:
    """People in groups of every size, some with few or no levels, some without a row for a practice."""
    found, rater = [], 0
    for group in groups:
        mood = draw(st.sampled_from([SAYS, SAYS, st.just(UNKNOWN), st.sampled_from([2, 4])]))
        for _ in range(draw(st.integers(0, 9))):
            rater += 1
            found += [_answer(f"r{rater}", practice, group, draw(mood)) for practice in PRACTICES]
    return [one for one in found if one]


def _answer(rater: str, practice: str, group: str, said: int | str) -> Answer | None:
    if said == NO_ROW:
        return None
    return Answer(rater, practice, said if isinstance(said, int) else None, group, said != NOT_APPLICABLE)


# --- what can be told from cells -------------------------------------------------------------------------------------


def assert_nothing_is_told(cells: Iterable[Cell], answers: Sequence[Answer]) -> None:
    """Fails when subtracting published groups gives the levels, or the answers, of one to four people."""
    shown: dict[str, set[str]] = {}
    for cell in cells:
        if cell.figures:
            shown.setdefault(cell.subject, set()).add(cell.group)
    for subject, groups in shown.items():
        # A system is made of the practices that are shown; what was said to a hidden one is in no figure.
        own = [one for one in answers if subject == one.practice or subject == PRACTICES[one.practice] and ALL in shown.get(one.practice, ())]
        everybody = sorted({one.group for one in own})
        published = [[1.0 if group in (ALL, one) else 0.0 for one in everybody] for group in groups]
        for size in range(1, len(everybody) + 1):
            for some in combinations(everybody, size):
                gave = {one.rater for one in own if one.group in some and one.level is not None and one.applicable}
                said = {one.rater for one in own if one.group in some}
                if 0 < len(gave) < rubric.THRESHOLD or 0 < len(said) < rubric.THRESHOLD:
                    assert not _follows(published, [1.0 if one in some else 0.0 for one in everybody]), (subject, some)


def _follows(published: Sequence[Sequence[float]], wanted: Sequence[float]) -> bool:
    """Whether the wanted sum of groups is a sum of multiples of published ones."""
    if not published:
        return False
    before = np.linalg.matrix_rank(np.array(published))
    return np.linalg.matrix_rank(np.array([*published, wanted])) == before


# --- the command line, with any groups -------------------------------------------------------------------------------


def cells_of(value: object, group: str = ALL) -> Iterator[Cell]:
    """Every line with figures in JSON, however deep: groups stand under "groups" and "parts"."""
    if isinstance(value, dict):
        if "hidden" in value:
            figures = tuple((name, str(value[name])) for name in FIGURES if value.get(name) not in (None, [], 0))
            yield Cell(value.get("practice") or value.get("system") or "?", group, figures)
        for key, inner in value.items():
            if key in ("groups", "parts"):
                for name, part in inner.items():
                    whole = part if "practices" in part else {**part, "practice": value.get("practice"), "system": value.get("system")}
                    yield from cells_of(whole, name)
            else:
                yield from cells_of(inner, group)
    elif isinstance(value, list):
        for inner in value:
            yield from cells_of(inner, group)


def scored(answers: Sequence[Answer]) -> dict:
    # The command finds the system of a practice by its letter: W and M are the work and metrics of PRACTICES.
    return json.loads(json.dumps(score_json(Answers(tuple(answers), {}), 4.0, anonymous=True)))


FEW_KNOW = [Answer(f"l{n}", "W1", None, "a") for n in range(3)] + [Answer(f"t{n}", "W1", 3, "b") for n in range(9)]
LINKED = [Answer(f"l{n}", p, None if p == "W2" and n > 1 else 5, "a") for n in range(6) for p in ("W1", "W2")] + \
    [Answer(f"t{n}", p, 1, "b") for n in range(9) for p in ("W1", "W2")]


@settings(max_examples=120, deadline=None)
@example(answers=FEW_KNOW)
@example(answers=LINKED)
@given(answers=crowds(("a", "b", "c", "")))
def test_a_scored_table_tells_nothing_of_fewer_than_five_by_subtraction(answers):
    assert_nothing_is_told(cells_of(scored(answers)), answers)


@settings(max_examples=80, deadline=None)
@example(answers=LINKED, seed=1)
@given(answers=crowds(("a", "b", "c")), seed=st.integers(0, 5))
def test_who_of_those_not_shown_apart_is_in_which_group_changes_nothing_that_is_published(answers, seed):
    """Two people of groups that are hidden in a system change places: what is published of it stays, so it cannot say who."""
    found = rubric.score(answers, PRACTICES, anonymous=True)
    for system in sorted(set(PRACTICES.values())):
        hidden = {one.group for one in found.systems if one.subject == system and one.group and one.hidden}
        raters = sorted({(one.rater, one.group) for one in answers if one.group in hidden and PRACTICES[one.practice] == system})
        if len(raters) < 2:
            continue
        (first, mine), (second, theirs) = raters[0], raters[-1 - seed % (len(raters) - 1)]
        moved = {first: theirs, second: mine}
        again = rubric.score([replace(one, group=moved.get(one.rater, one.group)) for one in answers], PRACTICES, anonymous=True)
        both = [{(one.subject, one.group): one for one in (*scores.practices, *scores.systems)
                 if one.group not in hidden and system in (one.subject, PRACTICES.get(one.subject))} for scores in (found, again)]
        # Who is hidden may differ, since it is the counts that decide; what is shown of the others may not.
        assert all(both[1][key] == one or both[1][key].hidden or one.hidden for key, one in both[0].items() if key in both[1])


# --- cycles in the store: results, JSON, CSV, XLSX ------------------------------------------------------------------


def kept(store, title: str, answers: Sequence[Answer], day: int, mode: str = "anonymous") -> Cycle:
    """A closed cycle with these answers, as raters would have sent them; the group "" is the team."""

    def work(tx) -> str:
        version, _ = maturity.model(tx)
        new = Cycle(secrets.token_hex(4), title, "full", mode, version, ("work", "metrics"), date(2026, 1, day), date(2026, 12, 1), "open",
                    "You", tx.now, "", None, 1)
        rows.insert_cycle(tx, new)
        rows.ask(tx, new.id, [(person, "team") for person in PEOPLE])
        rows.add_answers(tx, new, [
            Given(one.rater, one.practice, one.group, one.level, one.level, one.applicable, "", f"text {one.rater}") for one in answers])
        rows.close_cycle(tx, new.id)
        return new.id

    id = store.write(work, "You")
    with store.read() as tx:
        return rows.cycle(tx, id)


def published(store, cycle: Cycle) -> dict[str, set[Cell]]:
    """The cells of each way out."""
    out = json.loads(maturity_book.file(store, LEADER, cycle.id, "json")[1])
    found = maturity.results(store, make_actor("viewer", "somebody"), cycle.id)
    shown = {Cell(score.subject, score.group, _told(score)) for one in (*found.systems, *found.practices) for score in (one.score, *one.parts)}
    return {"results": shown, "json": set(cells_of(out)), "csv": set(_of_csv(store, cycle)), "xlsx": set(_of_xlsx(store, cycle)),
            "pack": set(_of_pack(found))}


def _of_pack(found: maturity.Results) -> Iterator[Cell]:
    """What a signed month keeps, and its page in words; a hidden system says so and nothing else."""
    told = maturity_part.told(found)
    labels = {one.label: one.system for one in found.systems}
    for one, line in zip(told.systems, pack_maturity.build(told).systems.rows, strict=True):
        assert not one.hidden or {cell.text for cell in line[1:]} <= {"–", pack_maturity.HIDDEN, f"{one.target:.1f}", line[2].text}
        yield Cell(labels[one.label], ALL, (("now", one.now),) if one.now is not None else ())
    for one in (*told.talk, *told.gaps):
        yield Cell(one.id, ALL, (("now", one.now), ("counts", one.counts)))


def _told(score: rubric.Score) -> tuple:
    return tuple((name, value) for name, value in (("n", score.n), ("unsure", score.unsure), ("counts", score.counts)) if value)


def _of_csv(store, cycle: Cycle) -> Iterator[Cell]:
    for line in csv.DictReader(io.StringIO(maturity_book.file(store, LEADER, cycle.id, "csv")[1].decode())):
        figures = tuple((name, line[name]) for name in ("n", "median", "dont_know", "not_applicable") if line[name] not in ("", "0"))
        yield Cell(line["id"], line["group"], figures)


def _of_xlsx(store, cycle: Cycle) -> Iterator[Cell]:
    book = openpyxl.load_workbook(io.BytesIO(maturity_book.file(store, LEADER, cycle.id, "xlsx")[1]))
    labels = {"Work": "work", "Metrics": "metrics"}
    for sheet, key in (("Systems", "System"), ("Practices", "Id"), ("Leaders and team", "System")):
        heads, *lines = book[sheet].values
        for line in (dict(zip(heads, one, strict=True)) for one in lines if one[1] is not None or key == "Id"):
            figures = tuple((name, line[name]) for name in ("Answers", "Median", "Don’t know") if line.get(name))
            group = {"Leaders": "leader", "Team": "team"}.get(line.get("Part", ""), ALL)
            yield Cell(labels.get(line[key], line[key]), group, figures)


# Not shrunk: each example writes cycles and workbooks.
@settings(max_examples=6 if in_full() else 3, deadline=None, phases=[Phase.generate], suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=crowds(("leader", "team")), second=crowds(("leader", "team")), added=st.sampled_from(["leader", "team"]))
def test_nothing_that_leaves_the_product_about_several_cycles_tells_of_fewer_than_five(team, first, second, added):
    """The second cycle is the first with one more person, the third is another one; each is published in every way."""
    more = [*first, *(Answer("one more", practice, 5, added) for practice in PRACTICES)]
    for day, answers in enumerate((first, more, second), 1):
        cycle = kept(team, f"{secrets.token_hex(3)} 2026", answers, day)
        for way, cells in published(team, cycle).items():
            assert {cell.subject for cell in cells if cell.figures} <= {*PRACTICES, *PRACTICES.values()}, way
            assert_nothing_is_told(cells, answers)


def test_a_cycle_that_was_hidden_stays_hidden_when_a_later_one_with_one_more_person_is_shown(team):
    four = [Answer(f"r{n}", practice, 2 + n % 3, "team") for n in range(4) for practice in PRACTICES]
    before = kept(team, "March 2026", four, 1)
    after = kept(team, "September 2026", [*four, *(Answer("r9", practice, 5, "team") for practice in PRACTICES)], 2)
    found = maturity.results(team, LEADER, after.id)
    assert all(one.score.n == 5 and one.last is None and one.first is None for one in found.systems)
    assert all(one.last is None for one in found.practices) and found.first_percent is None
    assert dict(found.trend)["March 2026"] == {}
    told = maturity_book.file(team, LEADER, before.id, "json")[1].decode()
    assert '"n": null' in told and "text r" not in told


@pytest.mark.parametrize("kind", ["json", "csv", "xlsx"])
def test_no_text_of_a_hidden_practice_leaves(team, kind):
    answers = [Answer(f"r{n}", "W1", 3, "team") for n in range(6)] + [Answer(f"r{n}", "W2", 4, "team") for n in range(3)]
    cycle = kept(team, "May 2026", answers, 1)
    content = maturity_book.file(team, LEADER, cycle.id, kind)[1]
    if kind == "xlsx":
        book = openpyxl.load_workbook(io.BytesIO(content))
        lines = {line[0]: line for line in book["Practices"].values}
        assert "text" not in str(lines["W2"]) and "text r0" in str(lines["W1"]) and lines["W2"][3] is None
    else:
        assert content.decode().count("text r") in (6, 0)


def test_the_attack_finds_what_a_careless_product_would_publish():
    """The same subtraction on named results: three leaders are told, so the tests above would see it."""
    answers = [Answer(f"r{n}", "W1", 3, "leader" if n < 3 else "team") for n in range(12)]
    cells = list(cells_of(json.loads(json.dumps(score_json(Answers(tuple(answers), {}), None, anonymous=False)))))
    with pytest.raises(AssertionError, match="leader"):
        assert_nothing_is_told(cells, answers)
    only_team = [cell for cell in cells if cell.group != "leader"]
    with pytest.raises(AssertionError, match="leader"):
        assert_nothing_is_told(only_team, answers)


def hidden_of(answers: Sequence[Answer]) -> Mapping[str, set[str]]:
    found = rubric.score(answers, PRACTICES, anonymous=True)
    return {subject: {one.group for one in (*found.practices, *found.systems) if one.subject == subject and one.hidden}
            for subject in (*PRACTICES, *PRACTICES.values())}


def test_a_group_shown_on_one_practice_and_hidden_on_another_would_be_told_by_the_system_and_is_not():
    assert hidden_of(LINKED)["W1"] == hidden_of(LINKED)["W2"] == hidden_of(LINKED)["work"] == {"a", "b"}

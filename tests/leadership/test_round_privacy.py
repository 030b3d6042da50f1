"""Whoever has everything that is published about feedback rounds learns nothing of fewer than five people.

Two attacks. What fewer than five said is changed: everything published has to stay the same, to the letter. And published
groups are added and subtracted in every way: no set of one to four people may come of it.
"""

from __future__ import annotations

import ast
import csv
import io
import json
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import combinations, pairwise

import numpy as np
import openpyxl
import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from scorecard import places
from scorecard.core import feedback
from scorecard.core.feedback import GROUPS, PEERS, REPORTS, SELF, SUPERIORS, Answer, Words
from scorecard.core.rubric import THRESHOLD
from scorecard.leadership import round_answers, round_results, rounds
from scorecard.output import leadership_rounds, part_tables
from scorecard.store import feedback as rows
from scorecard.store.feedback import Asked, Round
from tests.leadership.test_rounds import ITEMS, RANA, TEAM, ask, led, led_store, say, who  # noqa: F401

ASKED = ITEMS[:3]
OTHERS = {None: 4, 1: 5, 2: 1, 3: None, 4: 2, 5: 3}
LEVELS = st.sampled_from([1, 2, 3, 4, 5, None])


@dataclass(frozen=True)
class Crowd:
    """Who said and wrote what in one round."""

    answers: tuple[Answer, ...]
    words: tuple[Words, ...]


@st.composite
def crowds(draw: st.DrawFn) -> Crowd:
    """Groups of every size; some cannot say much, some write and some do not."""
    answers, words = [], []
    for group in (*GROUPS, SELF):
        mood = draw(st.sampled_from([LEVELS, LEVELS, st.just(None), st.sampled_from([2, 4])]))
        for n in range(draw(st.integers(0, 8)) if group != SELF else draw(st.integers(0, 1))):
            answers += [Answer(f"{group} {n}", group, item, draw(mood)) for item in ASKED]
            words += [Words(group, question, f"{question} of {group} {n}") for question in ("keep", "more") if draw(st.booleans())]
    return Crowd(tuple(answers), tuple(words))


def crowd(**sizes: int) -> Crowd:
    """Groups of these sizes in which everybody says 3, but the last rater of each, who cannot say."""
    return Crowd(tuple(Answer(f"{group} {n}", group, item, 3 if n or item != ASKED[0] else None) for group, size in sizes.items() for n in range(size) for item in ASKED),
                 tuple(Words(group, "keep", f"{group} {n}") for group, size in sizes.items() for n in range(size)))  # fmt: skip


def hidden_of(of: Crowd) -> set[tuple[str, str]]:
    """(statement, group) of which nothing may be known: told here from the counts alone, and not by the code under test."""
    raters = {group: {one.rater for one in of.answers if one.group == group} for group in GROUPS}
    levels = {(item, group): sum(one.level is not None for one in of.answers if (one.item, one.group) == (item, group)) for item in ASKED for group in GROUPS}
    return {pair for pair, n in levels.items() if 0 < len(raters[pair[1]]) < THRESHOLD or 0 < n < THRESHOLD}


def otherwise(of: Crowd) -> Crowd:
    """The same round in which all that fewer than five said or wrote is another thing."""
    hidden, small = hidden_of(of), {group for group in GROUPS if 0 < len({one.rater for one in of.answers if one.group == group}) < THRESHOLD}
    few = {one.question for one in of.words if sum(each.question == one.question and each.group not in (*small, SELF) for each in of.words) < THRESHOLD}

    def other(one: Answer) -> Answer:
        if (one.item, one.group) not in hidden:
            return one
        # In a group that is shown, who gave no level stays silent: else five would have given one, and it would be shown.
        return replace(one, level=OTHERS[one.level] if one.group in small else (OTHERS[one.level] or 1) if one.level else None)

    words = [replace(one, text="something else") if one.group in small or one.question in few else one for one in of.words]
    return Crowd(tuple(map(other, of.answers)), tuple(words))


# -- the arithmetic alone


@settings(max_examples=150, deadline=None)
@example(of=crowd(reports=9, peers=6, superiors=2))
@example(of=crowd(reports=5, peers=4, superiors=4))
@given(of=crowds())
def test_what_fewer_than_five_said_changes_nothing(of):
    other = otherwise(of)
    assert feedback.seen(of.answers, ASKED) == feedback.seen(other.answers, ASKED)
    hidden = feedback.hidden_groups(of.answers)
    assert hidden == feedback.hidden_groups(other.answers) and feedback.words(of.words, hidden) == feedback.words(other.words, hidden)


@settings(max_examples=80, deadline=None)
@given(of=crowds())
def test_published_groups_added_and_subtracted_in_every_way_give_no_one_to_four_people(of):
    for item, found in _by_item(feedback.seen(of.answers, ASKED)).items():
        own = [one for one in of.answers if one.item == item and one.level is not None and one.group != SELF]
        raters = sorted({one.rater for one in own})
        published = [[1.0 if rater.startswith(f"{group} ") else 0.0 for rater in raters] for group, seen in found.items() if seen.mean is not None]
        assert all(seen.mean is None or seen.n >= THRESHOLD for seen in found.values())
        for some in _subsets(raters):
            assert not _follows(published, [1.0 if rater in some else 0.0 for rater in raters]), (item, some)


def _by_item(seen: dict) -> dict[str, dict[str, feedback.Seen]]:
    return {item: {group: seen[item, group] for group in GROUPS} for item in ASKED}


def _subsets(raters: Sequence[str]) -> Iterator[set[str]]:
    """Every single rater, and sets of two to four at the ends of the list and across groups: the sums are blocks, others follow."""
    for size in range(1, THRESHOLD):
        for start in range(len(raters) - size + 1):
            yield set(raters[start:start + size])
    yield from ({one, other} for one, other in combinations(raters[:3] + raters[-3:], 2))


def _follows(published: Sequence[Sequence[float]], wanted: Sequence[float]) -> bool:
    if not published:
        return False
    return np.linalg.matrix_rank(np.array([*published, wanted])) == np.linalg.matrix_rank(np.array(published))


def test_the_attack_finds_what_a_careless_total_would_publish():
    raters = [f"reports {n}" for n in range(9)] + [f"superiors {n}" for n in range(2)]
    everybody, reports = [1.0] * 11, [1.0] * 9 + [0.0] * 2
    assert _follows([everybody, reports], [1.0 if rater.startswith("superiors") else 0.0 for rater in raters])


# -- everything that leaves the product


def kept(store, title: str, of: Crowd, opens: date, hand_to: str = "") -> Round:
    """A closed round with these answers, as raters would have sent them."""
    form = rounds.FILE.read_text("utf-8")

    def work(tx) -> Round:
        new = Round(secrets.token_hex(4), title, "rana", form, hand_to, opens, opens, "open", "You", datetime.combine(opens, datetime.min.time()), "", None, 1)
        people = {one.rater: Asked(one.rater, one.rater, one.group, True) for one in of.answers}
        rows.insert(tx, new, people.values())
        rows.put_all(tx, new.id, of.answers, of.words)
        rows.close(tx, new.id)
        return rows.one(tx, new.id)

    return store.write(work, "You")


def published(store, id: str) -> dict[str, object]:
    """Every way out of a round, but for its random id and the moment; words are in an order that means nothing."""
    found = round_results.results(store, RANA, id)
    tables = leadership_rounds.tables(found, ())
    book = openpyxl.load_workbook(io.BytesIO(part_tables.workbook(tables, "Leadership")))
    words = [(question.id, sorted(texts) if texts is not None else None) for question, texts in found.words]
    return {
        "lines": found.lines, "hidden": found.hidden, "counts": found.counts, "words": words, "sentence": round_results.sentence(found),
        "page": leadership_rounds.section(found), "csv": [part_tables.csv(one) for one in tables], "xlsx": [list(sheet.values) for sheet in book],
    }  # fmt: skip


# Not shrunk: each example writes rounds and workbooks.
@settings(max_examples=5, deadline=None, phases=[Phase.explicit, Phase.generate], suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(first=crowd(reports=9, peers=6, superiors=2, self=1), second=crowd(reports=6, peers=3, self=1))
@given(first=crowds(), second=crowds())
def test_nothing_that_leaves_the_product_about_two_rounds_depends_on_what_fewer_than_five_said(led, first, second):  # noqa: F811
    """The last round stands in the next one as hollow circles: what is hidden in either is in neither."""
    seen = []
    for one, two in ((first, second), (otherwise(first), otherwise(second))):
        ids = [kept(led, title, of, on).id for title, of, on in (("October 2025", one, date(2025, 10, 1)), ("October 2026", two, date(2026, 10, 1)))]
        seen.append([published(led, id) for id in ids])
        led.write(lambda tx, ids=ids: rows.forget(tx, ids), "You")
    assert seen[0] == seen[1]


@settings(max_examples=5, deadline=None, phases=[Phase.explicit, Phase.generate], suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(of=crowd(reports=9, peers=6, superiors=2))
@given(of=crowds())
def test_no_text_of_a_hidden_group_leaves_and_none_says_whose_it_is(led, of):  # noqa: F811
    id = kept(led, "October 2026", of, date(2026, 10, 1), hand_to="ada").id
    found = round_results.results(led, RANA, id)
    out = leadership_rounds.section(found) + leadership_rounds.words(found) + str(published(led, id))
    for group in found.hidden:
        assert not any(one.text in out for one in of.words if one.group == group)
    assert not any(one.text in out for one in of.words if one.group == SELF)
    for _, texts in found.words:
        assert texts is None or len(texts) >= THRESHOLD
    led.write(lambda tx: rows.forget(tx, [id]), "You")


# -- the tables and the audit


def test_no_order_and_no_key_joins_an_answer_to_who_sent_it(led):  # noqa: F811
    of = ask(led)
    keys = []
    for n, id in enumerate(TEAM[:6]):
        say(led, of, who(id), 1 + n % 5, f"words of {n}")
        with led.read() as tx:
            keys.append({key for (key,) in tx.all("SELECT rater FROM feedback_answer")})
    with led.read() as tx:
        lying = [key for (key,) in tx.all("SELECT rater FROM feedback_answer ORDER BY rowid")]
        written = [text for (text,) in tx.all("SELECT text FROM feedback_words ORDER BY id")]
        columns = {name for (name,) in tx.all("SELECT column_name FROM information_schema.columns WHERE table_name IN ('feedback_answer', 'feedback_words')")}
        told = tx.all("SELECT action, object, before_json, after_json FROM audit WHERE object = $1", [f"feedback:{of.id}"])
    assert [len(one) for one in keys] == [*range(1, 7)] and all(not now & later for now, later in pairwise(keys))
    assert sum(one == other for one, other in pairwise(lying)) < 25, "42 rows lie beside one of the same rater when nothing is mixed"
    assert columns == {"round", "rater", "part", "item", "level", "id", "text"} and sorted(written) == [f"words of {n}" for n in range(6)]
    assert {json.dumps(json.loads(after)) for action, _, _, after in told if action == "answered"} == {json.dumps({"person": id}) for id in TEAM[:6]}
    assert not any(f'"{text}"' in str(told) for text in (*ITEMS, "level")) and "words of" not in str(told)


def test_answers_and_words_are_read_in_one_place_where_everything_hidden_is_hidden():
    """Whatever else leaves the product, an API, an export, a pack, cannot have them: nothing else reads them."""
    readers = set()
    for path in sorted((places.ROOT / "scorecard").rglob("*.py")):
        text = path.read_text("utf-8")
        if "feedback_answer" in text or "feedback_words" in text:
            readers.add(path.relative_to(places.ROOT).as_posix())
        if "import feedback as rows" in text:
            calls = {node.func.attr for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
                     and isinstance(node.func.value, ast.Name) and node.func.value.id == "rows"}  # fmt: skip
            assert not calls & {"answers", "answers_of", "words"} or path.name == "round_results.py", path
    assert readers == {"scorecard/store/feedback.py", "scorecard/store/migrations.py", "scorecard/store/people_data.py"}


def test_a_group_of_four_is_hidden_and_one_of_five_is_shown():
    for n, shown in ((4, False), (5, True)):
        found = feedback.seen([Answer(f"p{k}", PEERS, "why", 3) for k in range(n)], ["why"])
        assert (found["why", PEERS].mean is not None) is shown and found["why", REPORTS].n == 0 == found["why", SUPERIORS].n


@pytest.mark.parametrize(("texts", "told"), [(4, None), (5, 5)])
def test_words_are_shown_together_from_five_on(texts, told):
    found = feedback.words([Words((REPORTS, PEERS)[n % 2], "keep", f"text {n}") for n in range(texts)], frozenset())
    assert (found["keep"] if told is None else len(found["keep"])) == told


def test_the_form_tells_a_small_group_before_it_writes_who_reads_what(led):  # noqa: F811
    of = ask(led, hand_to="ada")
    sheet = round_answers.sheet(led, who("karen"), of.id)
    assert sheet.small and sheet.hand_to == "Ada Brandt"
    assert "Your group is smaller: your levels are shown to nobody, and Ada Brandt alone reads what you write" in leadership_rounds.foot(sheet, True)
    assert "what you say is shown to nobody" in leadership_rounds.foot(round_answers.sheet(led, who("nora"), of.id), True)
    assert "no group smaller than five" in leadership_rounds.foot(round_answers.sheet(led, who(TEAM[0]), of.id), True)


def test_the_csv_twin_holds_a_line_for_each_statement_and_group_and_no_figure_of_a_hidden_one(led):  # noqa: F811
    found = round_results.results(led, RANA, kept(led, "October 2026", crowd(reports=9, peers=6, superiors=2, self=1), date(2026, 10, 1)).id)
    lines = list(csv.DictReader(io.StringIO(part_tables.csv(leadership_rounds.tables(found, ())[0]).decode("utf-8-sig"))))
    assert len(lines) == len(ITEMS) * 3
    for line in lines:
        figures = {line[name] for name in ("answers", "mean", "lowest", "highest", "middle half from", "middle half to")}
        assert (figures == {""} and line["hidden"] == "fewer than five") is (line["group"] == SUPERIORS)

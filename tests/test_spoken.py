"""What speaks in one person's name is written and taken back by them, or taken back by a leader; what stands once, stands once."""

from __future__ import annotations

import threading
from datetime import date

import pytest

from scorecard import registers
from scorecard.core import registers_file
from scorecard.errors import DefinitionError, NotAllowed, UsageError
from scorecard.people import hiring
from scorecard.planning import plans
from tests.people.team import KENJI, MEI, RANA, make_team
from tests.stores import copied, once, opened

TODAY = date(2026, 11, 23)


@pytest.fixture
def store(tmp_path, tmp_path_factory):
    made = opened(copied(once(tmp_path_factory, "small-team", make_team), tmp_path / "store"))
    yield made
    made.close()


def add(store, actor, register: str, **values) -> registers.Entry:
    return registers.add(store, actor, register, values, today=TODAY)


def agreement(store) -> registers.Entry:
    plan = add(store, RANA, "plan", title="Plan", first_year=2026, last_year=2028)
    return plans.agree(store, MEI, plan.id, 1, "Yes", TODAY)


def contribution(store) -> registers.Entry:
    return add(store, MEI, "plan_voice", title="An idea")


def thanks(store) -> registers.Entry:
    return add(store, MEI, "recognition", to="kenji", words="Well done.")


@pytest.mark.parametrize("spoken", [agreement, contribution, thanks])
def test_what_a_person_said_is_taken_back_by_them_or_by_a_leader_and_by_nobody_else(store, spoken):
    one = spoken(store)
    with pytest.raises(NotAllowed, match="taken back by that person or by a leader"):
        registers.withdraw(store, KENJI, one.register, one.id, seen_version=1)
    assert [registers.may_withdraw(store, actor, one) for actor in (KENJI, MEI, RANA)] == [False, True, True]
    registers.withdraw(store, MEI, one.register, one.id, seen_version=1)
    with pytest.raises(NotAllowed, match="in one person's name"):
        registers.restore(store, KENJI, one.register, one.id)
    again = registers.restore(store, MEI, one.register, one.id)
    registers.withdraw(store, RANA, one.register, one.id, seen_version=again.version)


@pytest.mark.parametrize(("register", "values"), [("plan_voice", {"title": "Theirs", "person": "mei", "about": "tactic", "said_on": "2026-11-01"}),
                                                 ("recognition", {"to": "kenji", "words": "Thanks", "by": "mei", "side": "colleague", "on": "2026-11-01"})])
def test_nobody_speaks_in_the_name_of_a_colleague_by_a_form_a_change_or_a_file(store, register, values):
    with pytest.raises(NotAllowed, match="by that person or by a leader"):
        add(store, KENJI, register, **values)
    assert "in one person's name" in registers.import_rows(store, KENJI, register, [values], TODAY).refused[0].reason
    theirs = registers.add(store, MEI, register, values, today=TODAY)
    with pytest.raises(NotAllowed):
        registers.change(store, KENJI, register, theirs.id, {registers.register(register).title: "Other words"}, seen_version=1)


def test_a_contribution_is_answered_by_whoever_tends_the_plan_and_an_agreement_is_nobody_elses_to_word(store):
    said = contribution(store)
    assert registers.change(store, KENJI, "plan_voice", said.id, {"became": "A tactic"}, seen_version=1, state="taken").state == "taken"
    agreed = agreement(store)
    with pytest.raises(NotAllowed, match="by that person alone"):
        registers.change(store, RANA, "plan_read", agreed.id, {"words": "No"}, seen_version=1)


def test_what_people_said_to_purpose_and_values_is_theirs_alone(store):
    add(store, RANA, "purpose", kind="purpose", text="We keep our word.")
    with store.read() as tx:
        (version,) = registers.entries(tx, "purpose")
    said = add(store, MEI, "purpose_read", purpose=version.id, said="read")
    for actor in (KENJI, RANA):
        with pytest.raises((NotAllowed, UsageError)):
            registers.withdraw(store, actor, "purpose_read", said.id, seen_version=1)


# -- once


@pytest.fixture
def candidate(store) -> str:
    opening = add(store, RANA, "opening", title="A CSM more", position="csm", panel=["kenji", "mei"], owner="rana")
    return add(store, RANA, "candidate", name="Bea Zorn", opening=opening.id).id


def test_an_interviewer_scores_a_candidate_once_whatever_the_form_and_the_way_in(store, candidate):
    hiring.score(store, KENJI, candidate, education=3, experience=3, traits={"Keeps a word": (3, "")}, recommend="yes", today=TODAY)
    with pytest.raises(UsageError, match="with the same candidate and interviewer already"):
        add(store, KENJI, "candidate_score", candidate=candidate, recommend="no")
    row = {"candidate": candidate, "interviewer": "kenji", "recommend": "no", "scored_on": "2026-11-01"}
    assert "already" in registers.import_rows(store, KENJI, "candidate_score", [row], TODAY).refused[0].reason
    assert add(store, MEI, "candidate_score", candidate=candidate, recommend="no").version == 1


def test_of_two_scores_sent_at_the_same_moment_one_is_kept(store, candidate, monkeypatch):
    both, come, insert = threading.Barrier(2, timeout=5), [], registers.rows.insert

    def late(tx, new) -> None:
        if len(come) < 2:
            come.append(new)
            both.wait()  # both have looked, and neither has written
        insert(tx, new)

    def send() -> None:
        try:
            came.append(add(store, KENJI, "candidate_score", candidate=candidate, recommend="yes"))
        except UsageError as refused:
            came.append(refused)

    monkeypatch.setattr(registers.rows, "insert", late)
    came: list = []
    threads = [threading.Thread(target=send) for _ in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(20)
    with store.read() as tx:
        assert registers.count(tx, "candidate_score", actor=KENJI) == 1
    assert sorted(type(one).__name__ for one in came) == ["Entry", "UsageError"]


def test_a_row_brought_again_is_known_and_one_that_contradicts_another_of_the_file_is_refused(store, candidate):
    rows = [{"candidate": candidate, "interviewer": "mei", "recommend": said, "scored_on": "2026-11-01"} for said in ("yes", "no")]
    first = registers.import_rows(store, MEI, "candidate_score", rows, TODAY)
    again = registers.import_rows(store, MEI, "candidate_score", rows[:1], TODAY)
    assert (first.added, len(first.refused), again.added, again.known) == (1, 1, 0, 1)


@pytest.mark.parametrize(("line", "sentence"), [
    ('speaks = "title"', "r.speaks: 'title' is unknown"), ('rows = "own"\nspeaks = "who"', "writers says who writes them"), ('answers = ["title"]', "only a register that speaks"),
    ('speaks = "who"\nanswers = ["tittle"]', "did you mean 'title'?"), ('once = ["note"]', "It is a required field with one value"),
])  # fmt: skip
def test_a_fault_in_who_speaks_and_what_stands_once_is_named(line, sentence):
    text = f"""[r]\nlabel = "R"\none = "r"\npage = "people"\n{line}
fields = [{{name = "title", label = "T", kind = "text", required = true}}, {{name = "who", label = "W", kind = "person", required = true}}, {{name = "note", label = "N", kind = "text"}}]"""
    with pytest.raises(DefinitionError) as told:
        registers_file.parse(text)
    assert sentence in str(told.value)

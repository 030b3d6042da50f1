"""What was planted in Larkfield's leadership: who was not thanked, a sponsor who fell silent, one who cannot explain the purpose."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from scorecard import registers
from scorecard.access import Actor
from scorecard.core.feedback import SUPERIORS
from scorecard.leadership import (
    accountability,
    direction,
    initiatives,
    motivation,
    recognition,
    round_page,
    round_results,
)
from scorecard.store import members
from scorecard.store.engine import Store
from tests import stores

TODAY = date(2026, 11, 22)
RANA, AMARA = Actor("rana-amari", "Rana Amari", "leader"), Actor("amara-osei", "Amara Osei", "member", "larkfield-small-business")


@pytest.fixture(scope="module")
def store(company, tmp_path_factory) -> Iterator[Store]:
    opened = stores.opened(stores.copied(company, tmp_path_factory.mktemp("leadership") / "own"))
    yield opened
    opened.close()


def test_three_of_twelve_were_not_recognised_in_ninety_days(store):
    found = recognition.read(store, TODAY)
    assert found.sentences[0].text == ("9 of 12 people were recognised in the last 90 days. Not yet: Camila Duarte, Luc Renard and Ines Vidal. "
                                       "This shows coverage, it is not a contest.")  # fmt: skip
    assert found.sides == {"leader": 16, "colleague": 15, "customer": 10} and sum(found.values.values()) == 41
    assert (found.beside, found.beside_not) == (("Jo Lind",), ("Rana Amari", "Sam Whitlock"))


def test_the_purpose_is_in_its_second_version_and_one_of_fifteen_cannot_explain_it_yet(store):
    found = direction.read(store, TODAY)
    assert (found.purpose.version, found.purpose.since, len(found.values)) == (2, date(2026, 1, 9), 4)
    assert (found.words.explain, found.words.asked, found.words.last.month) == (14, 15, 9)
    with store.read() as tx:
        assert direction.heard(tx, RANA, found.purpose.id, members.members(tx)).waiting == ("Hana Patel",)


def test_the_sponsor_who_was_not_seen_since_june_is_named_with_the_act_that_did_not_take_place(store):
    found = initiatives.read(store, TODAY)
    assert [one.text for one in found.sentences] == [
        "“One owner for what stays open” has not seen its sponsor for 153 days. “Asks both teams how it goes” of 14 Sep 2026 did not take place; "
        "next is “Decides what becomes of it”, 8 Dec 2026."]  # fmt: skip
    assert [one.label for one in found.under_way] == ["sponsored", "tried"] and [one.label for one in found.ended] == ["stopped", "kept"]


def test_the_leaders_own_commitments_come_first_and_no_person_has_a_sum(store):
    found = accountability.read(store, TODAY)
    assert found.leader_count == 3 and found.leaders[0].kind == accountability.ACTIONS and found.leaders[0].due > 5
    assert {one.who for one in found.own} <= {"Rana Amari", "Luc Renard", "Marta Ruiz"} and found.own[0].late > 0
    assert all(whole.due >= own.due for own, whole in zip(found.leaders, found.together, strict=False))


def test_what_moves_people_is_seen_by_whom_they_chose(store):
    with store.read() as tx:
        rana, amara = motivation.read(tx, RANA, TODAY), motivation.read(tx, AMARA, TODAY)
    assert "Amara Osei" not in [one.name for one in rana.shared] and len(rana.shared) == 9
    assert [one.name for one in amara.shared] == ["Petra Berg"] and amara.own.values["share_with"] == "nobody"
    assert [one.name for one in rana.due] == ["Mei Lin"]


def test_the_leaders_own_view_differs_on_two_statements_and_two_superiors_are_not_shown(store):
    here = round_page.read(store, RANA, "", TODAY)
    assert here.shown.sentence.text == ("The team sees two things differently from Rana: “explains why before what” and “makes time for growth”. "
                                        "Both are in the development plan.")  # fmt: skip
    found = here.shown.found
    assert [(line.item, round(line.gap, 1)) for line in found.apart] == [("why", -1.1), ("growth", -1.0)] and found.hidden == (SUPERIORS,)
    assert [round(line.last, 1) for line in found.lines] == [4.1, 3.1, 4.1, 3.4, 3.5, 2.9, 3.5, 3.4]
    assert round_results.hidden_words(found, SUPERIORS)[1] == "Two answers, fewer than five. Their written notes reach Rana through Ada Brandt."
    assert [(one.said("help"), one.plan.state) for one in here.shown.agreed] == [("Karen Holt", "agreed"), ("Luc Renard", "agreed")]
    assert [(one.label, round(one.now - one.then, 1)) for one in here.shown.again] == [("Listens before deciding", 0.8), ("Leads change openly", 0.4)]


def test_two_people_grow_into_leading_and_one_has_finished(store):
    with store.read() as tx:
        found = registers.entries(tx, "leader_growth", actor=RANA)
        assert [(one.person, one.state) for one in found] == [("amara-osei", "under_way"), ("luc-renard", "under_way"), ("marta-ruiz", "done")]
        assert [one.person for one in registers.entries(tx, "leader_growth", actor=AMARA)] == ["amara-osei"]

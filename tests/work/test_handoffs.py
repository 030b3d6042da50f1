"""Hand-offs: what is recorded and answered, what the page says of it, what the scorecard measures of it."""

from __future__ import annotations

import io
from datetime import date, timedelta

import openpyxl
import pytest

from scorecard import places, registers
from scorecard.access import Actor
from scorecard.core.periods import Period
from scorecard.errors import NotAllowed, UsageError
from scorecard.output import work_handoff_twins, work_handoffs, work_lifecycle
from scorecard.output.work_handoffs import Ways
from scorecard.reviews import recorded
from scorecard.store import definitions, measures
from scorecard.store.engine import Store
from scorecard.work import handoffs, lifecycle, touchpoints
from tests import stores
from tests.facts import put as put_facts

TODAY = date(2026, 11, 22)
LEADER = Actor("", "Rana Amari", "leader", "")
VIEWER = Actor("", "Vic Noor", "viewer", "")
HERE = Ways(lambda id: f"c?{id}", lambda id: f"h?{id}", "all")
FAULTS = ["steps to reproduce", "version"]


def make_contract(store: Store, id: str = "faults", **more) -> registers.Entry:
    usual = {"what": f"Confirmed {id}", "sender": "support", "receiver": "development", "days": 2, "goal": 0.15, "owner": None,
             "fields": [{"name": name, "needed": True} for name in FAULTS], "before": "answer, confirm", "after": "fix, tell"}  # fmt: skip
    return registers.add(store, LEADER, handoffs.CONTRACT, usual | more, today=TODAY, id=id)


def make_past(store: Store, contract: str, each: int, sent_back: dict[str, int], months: int = 24) -> None:
    """`each` hand-offs a month up to October 2026, of which so many were sent back as `sent_back` says, else one."""
    rows = []
    for n in range(months):
        month = Period(date(2026, 10, 1), "month").shift(-n)
        for k in range(each):
            on = month.start + timedelta(days=k % 25)
            row = {"contract": contract, "account": "A1", "sent_on": on.isoformat(), "words": f"{month} {k}"}
            back = k < sent_back.get(str(month), 1)
            done = (on + timedelta(1)).isoformat()
            rows.append(row | ({"state": "completed", "missing": FAULTS[k % 3 == 2], "completed_on": done} if back else {"state": "accepted", "accepted_on": done}))
    assert not registers.import_rows(store, LEADER, handoffs.REGISTER, rows, TODAY).refused


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """A store with two years of two hand-offs; that of faults broke in October."""
    def make(folder):
        stores.begin(*(folder / name for name in stores.FILES))
        store = stores.opened(folder)
        definitions.record_file(store, places.ROOT / "data" / "measures.toml", "first start")
        put_facts(store, account=[{"account_id": "A1", "name": "<b>Alder</b>", "segment": "SMB"}, {"account_id": "A2", "name": "Birch", "segment": "Enterprise"}])
        make_contract(store, place=2)
        make_contract(store, "terms", sender="success", receiver="accounting", place=1, before="", after="")
        make_past(store, "faults", 20, {"2026-10": 10})
        make_past(store, "terms", 20, {})
        store.close()

    store = stores.opened(stores.once(tmp_path_factory, "handoffs", make))
    yield store
    store.close()


def record(store: Store, contract: str = "faults", actor=LEADER, **more) -> registers.Entry:
    return handoffs.record(store, actor, contract, today=TODAY, **more)


def test_accounts_of_which_nothing_is_dated_stand_on_the_map_with_no_days(house):
    found = lifecycle.read(house, TODAY)
    said = [one.text for one in work_lifecycle.sentences(found)]
    assert (found.accounts, found.of("engagement").now) == (2, 2) and said == ["Too few months are known to say what is usual in any stage."]
    assert "not known yet" in work_lifecycle.section(found)


# -- what is recorded


def test_what_is_sent_back_names_fields_of_its_contract_and_says_when(store):
    make_contract(store)
    one = record(store, outcome="returned", missing=["Steps to  reproduce", "version"])
    assert one.state == "returned" and one.values["missing"] == "steps to reproduce\nversion" and one.values["returned_on"] == "2026-11-22"
    assert handoffs.handoff_of(one).missing == ("steps to reproduce", "version") and handoffs.handoff_of(one).defective


@pytest.mark.parametrize(("more", "sentence"), [
    ({"outcome": "returned"}, "Which field was missing\\? .*steps to reproduce, version"),
    ({"outcome": "returned", "missing": ["colour"]}, "has no field 'colour'. It has: steps to reproduce, version"),
    ({"outcome": "lost"}, "'lost' is no outcome of a hand-off. Use one of: sent, accepted, returned"),
    ({"contract": "none"}, "There is no hand-off contract 'none'"),
])  # fmt: skip
def test_a_hand_off_that_is_not_in_order_is_refused_in_words(store, more, sentence):
    make_contract(store)
    with pytest.raises(UsageError, match=sentence):
        record(store, **more)


def test_who_may_not_log_records_neither_records_nor_answers(store):
    make_contract(store)
    one = record(store)
    for command in (lambda: record(store, actor=VIEWER), lambda: handoffs.answer(store, VIEWER, one.id, "accepted", seen_version=1, today=TODAY)):
        with pytest.raises(NotAllowed):
            command()


def test_once_sent_back_it_can_be_completed_and_is_never_right_first_time(store):
    make_contract(store)
    one = record(store, sent_on=TODAY - timedelta(5))
    back = handoffs.answer(store, LEADER, one.id, "returned", missing=["version"], seen_version=1, today=TODAY - timedelta(4))
    with pytest.raises(UsageError, match="A hand-off that is sent back cannot become accepted"):
        handoffs.answer(store, LEADER, one.id, "accepted", seen_version=back.version, today=TODAY)
    done = handoffs.handoff_of(handoffs.answer(store, LEADER, one.id, "completed", seen_version=back.version, today=TODAY))
    assert (done.defective, done.answered, done.open, done.days) == (True, True, False, 5)
    # The generic form can say "accepted" of what lacked a field: it counts as sent back all the same.
    forced = registers.change(store, LEADER, handoffs.REGISTER, one.id, {"accepted_on": "2026-11-20"}, state="accepted", seen_version=3)
    assert handoffs.handoff_of(forced).defective


# -- what the page says


def test_the_broken_hand_off_is_the_worst_and_named_with_its_field_and_examples(house):
    found = handoffs.read(house, TODAY)
    faults = found.lines[1]
    assert [one.contract.id for one in found.lines] == ["terms", "faults"] and found.worst is faults and found.beyond_chance
    assert (faults.share.hits, faults.share.n, faults.status, faults.reading.variation) == (12, 60, "act", "worsening")
    assert faults.missing[0][0] == "steps to reproduce" and all(one.defective for one in found.examples)
    assert [one.text for one in found.sentences] == [
        "Support to Development broke: 50% came back in October 2026, 0 to 24% is normal. Most lacked steps to reproduce.",
        "Support to Development is the worst hand-off: 12 of 60 came back in 3 months (20%), 5% of all others.",
    ]


def test_what_is_not_complete_waits_on_the_page_the_overdue_first(store):
    make_contract(store)
    make_contract(store, "slow", days=30)
    for contract, days in (("slow", 20), ("faults", 1), ("faults", 6)):
        record(store, contract, sent_on=TODAY - timedelta(days))
    record(store, outcome="accepted", sent_on=TODAY - timedelta(9))
    found = handoffs.read(store, TODAY)
    assert [(one.days, one.overdue) for one in found.waiting] == [(6, True), (20, False), (1, False)]
    assert [(one.waiting, one.overdue) for one in found.lines] == [(2, 1), (1, 0)]


def test_a_few_hand_offs_show_counts_and_no_evidence(store):
    make_contract(store)
    record(store, outcome="returned", missing=["version"], sent_on=date(2026, 10, 5))
    found = handoffs.read(store, TODAY)
    drawn = work_handoffs.section(found, HERE, {})
    assert found.lines[0].chart is None and found.lines[0].status == "not_yet" and not found.beyond_chance
    assert "No evidence yet" in drawn and found.sentences[0].text == "Support to Development: 1 of 1 came back in 3 months (100%). Most lacked version."


def test_the_segment_that_is_asked_for_narrows_what_is_counted(house):
    assert handoffs.read(house, TODAY, handoffs.of_segment(house, "SMB")).all == handoffs.read(house, TODAY).all
    assert handoffs.read(house, TODAY, handoffs.of_segment(house, "Enterprise")).all.n == 0


def test_a_sender_who_was_not_told_is_pointed_out(house, store):
    assert "Nobody told Support in 90 days what is missing (never so far)" in work_handoffs.loop(handoffs.read(house, TODAY).lines[1])
    make_contract(store)
    record(store, outcome="returned", missing=["version"])
    registers.add(store, LEADER, handoffs.FEEDBACK, {"contract": "faults", "what": "Versions", "by": None, "told_on": "2026-11-01"}, today=TODAY)
    assert "Support was told once in 90 days, last on 1 Nov 2026" in work_handoffs.loop(handoffs.read(store, TODAY).lines[0])


def test_the_drawing_has_every_lane_once_and_escapes_what_people_wrote(house, store):
    make_contract(store, what="<img src=x>", before="<b>", after="<i>", fields=[{"name": "<u>"}])
    record(store, outcome="returned", missing=["<u>"], words="<s>", sent_on=date(2026, 10, 20))
    found = handoffs.read(store, TODAY)
    drawn = work_handoffs.section(found, HERE, {"": "<em>"}) + work_handoffs.whole(found.lines[0], "x")
    assert not any(tag in drawn for tag in ("<img", "<i>", "<u>", "<s>", "<em>")) and "&lt;img src=x&gt;" in drawn
    lanes = work_handoffs.lanes(handoffs.read(house, TODAY).lines)
    assert [lanes.count(f'y="{y}">{name}</text>') for y, name in ((25.0, "CS"), (67.0, "Accounting"), (109.0, "Support"), (151.0, "Development"))] == [1] * 4


def test_the_csv_twin_has_every_point_and_no_formula(house):
    text = work_handoff_twins.csv(handoffs.read(house, TODAY))
    assert "Confirmed faults,Support,Development,2026-10,defective,0.5,10.0,20.0,,0.238" in text and text.count(",mean days,") >= 48
    assert "missing,0.75,9,12,,,steps to reproduce" in text


def test_excel_has_the_hand_offs_and_what_people_wrote_is_no_formula(house):
    registers.add(house, LEADER, "touch_point", {"name": "=1+1", "owner": None}, today=TODAY)
    book = openpyxl.load_workbook(io.BytesIO(work_handoff_twins.workbook(handoffs.read(house, TODAY), touchpoints.read(house, TODAY), "test")))
    assert book.sheetnames == ["Sentences", "Hand-offs", "Touch points"]
    (name,) = [cell for row in book["Touch points"] for cell in row if cell.value and "1+1" in str(cell.value)]
    assert name.data_type == "s" and any(cell.value == "Confirmed faults" for row in book["Hand-offs"] for cell in row)


# -- what the scorecard measures


def test_first_pass_and_delay_are_written_from_the_records_and_follow_a_change(house):
    recorded.entry_changed(house, LEADER, handoffs.REGISTER, TODAY)

    def latest() -> dict[str, tuple]:
        with house.read() as tx:
            return {one.measure: (one.numerator, one.denominator) for one in measures.figures(tx, [handoffs.FIRST_PASS, handoffs.DELAY])
                    if str(one.period) == "2026-10"}  # fmt: skip

    assert latest() == {handoffs.FIRST_PASS: (29.0, 40.0), handoffs.DELAY: (40.0, 40.0)}
    one = record(house, outcome="accepted", sent_on=date(2026, 10, 30))
    recorded.entry_changed(house, LEADER, handoffs.REGISTER, TODAY)
    assert latest() == {handoffs.FIRST_PASS: (30.0, 41.0), handoffs.DELAY: (40.0, 40.0)}  # it was complete in November
    registers.withdraw(house, LEADER, handoffs.REGISTER, one.id, seen_version=1)
    recorded.entry_changed(house, LEADER, handoffs.REGISTER, TODAY)
    assert latest()[handoffs.FIRST_PASS] == (29.0, 40.0)


def test_a_file_of_hand_offs_names_contracts_in_words_and_reads_missing_fields_as_people_write_them(store):
    make_contract(store)
    rows = [{"Hand-off": "Confirmed faults", "Sent on": "2026-10-05", "Missing fields": "version; steps to reproduce", "state": "sent back"},
            {"Hand-off": "Confirmed faults", "Sent on": "2026-10-06", "state": "sent back"}, {"Hand-off": "Other", "Sent on": "2026-10-06"}]  # fmt: skip
    told = registers.import_rows(store, LEADER, handoffs.REGISTER, rows, TODAY)
    assert told.added == 1 and [one.row for one in told.refused] == [3, 4] and "Missing fields" in told.refused[0].reason
    assert handoffs.read(store, TODAY).lines[0].missing == (("steps to reproduce", 1), ("version", 1))


def test_a_hand_off_that_is_still_open_after_its_time_is_late_like_one_that_was_completed_late(store):
    make_contract(store)
    record(store, sent_on=date(2026, 10, 1))
    entry = record(store, sent_on=date(2026, 10, 2), outcome="accepted")
    registers.change(store, LEADER, handoffs.REGISTER, entry.id, {"accepted_on": "2026-10-03"}, seen_version=1)
    assert handoffs.read(store, TODAY).lines[0].late == (1, 2)


@pytest.mark.parametrize(("given", "said"), [
    ({"sent_on": "2026-11-20", "accepted_on": "2026-11-19"}, "Accepted on: 19 Nov 2026 lies before sent on, 20 Nov 2026"),
    ({"sent_on": "2027-01-05"}, "Sent on: 5 Jan 2027 is still to come"),
])  # fmt: skip
def test_a_hand_off_ends_on_no_day_before_it_began_and_begins_on_none_to_come(store, given, said):
    contract = make_contract(store).id
    with pytest.raises(UsageError, match=said):
        registers.add(store, LEADER, handoffs.REGISTER, {"contract": contract, "by": None} | given, state="accepted", today=TODAY)

"""Trust over all accounts: answers with intervals, corners, and policies told apart only with enough cases."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from scorecard import registers
from scorecard.output import ledger_trust
from scorecard.relations import confidence
from tests import facts

TODAY = date(2026, 11, 22)


@pytest.fixture
def asked(store):
    """Two segments: 40 answers of 8 and 9 in one, three in the other; half a year before all of them were 6."""
    accounts = [{"account_id": id, "name": name, "segment": segment} for id, name, segment in (("A1", "Brightwater", "Enterprise"), ("A2", "Dale <b>", "Small business"))]
    answers = [{"answer_id": f"n{n}", "account_id": "A1", "answered_on": date(2026, 9, 1), "question": "trust", "score": 8 + n % 2} for n in range(40)]
    answers += [{"answer_id": f"s{n}", "account_id": "A2", "answered_on": date(2026, 10, 31), "question": "trust", "score": 5} for n in range(3)]
    answers += [{"answer_id": f"b{n}", "account_id": "A1", "answered_on": date(2026, 3, 1), "question": "trust", "score": 6} for n in range(10)]
    answers += [{"answer_id": "other", "account_id": "A1", "answered_on": date(2026, 9, 1), "question": "nps", "score": 0}]
    facts.put(store, account=accounts, survey=answers)
    with store.facts() as tx:
        tx.run("INSERT INTO health_recorded (month, version, recorded_at, accounts, kinds) VALUES (DATE '2026-10-01', 1, $1, 2, '')", [datetime(2026, 11, 1)])
        for account, use, trust in (("A1", 1.2, 8.5), ("A2", 1.0, 7.4)):
            tx.run("""INSERT INTO health_month (account_id, month, segment, version, score, readings, points, possible)
                      VALUES ($1, DATE '2026-10-01', 'Enterprise', 1, 50, $2, [1], [1])""", [account, [use, None, None, None, trust, None]])
    return store


def test_answers_have_their_mean_interval_and_what_they_were_before(asked):
    first, second = confidence.answers(asked, date(2026, 10, 31))
    assert (first.n, first.mean, first.before) == (40, 8.5, 6.0) and second.few and not first.few
    # Mean 8.5, standard deviation 0.5 of 40: half a width of 1.96 × 0.5 / √40 = 0.155.
    assert first.interval == pytest.approx((8.345, 8.655), abs=0.001)
    assert "too few answers to say" in ledger_trust.answers(confidence.read(asked, TODAY))


def test_use_without_trust_is_watched_by_name_and_every_account_is_counted(asked):
    found = confidence.read(asked, TODAY)
    assert [one.name for one in found.corners.watched] == ["Dale <b>"] and sum(found.corners.counts.values()) == 2
    drawn = ledger_trust.page(found, lambda id: f"ledger?account={id}", "ledger?view=policies")
    assert "use without trust 1" in drawn and "Watch the one with use and without trust:" in drawn and "Dale &lt;b&gt;" in drawn and "<b>Dale" not in drawn


def test_policies_are_told_apart_by_segment_only_beyond_chance(asked, leader):
    assert "No case is written down" in ledger_trust.page(confidence.read(asked, TODAY), str, "")
    for n in range(24):
        account, exception = ("A1", n < 22) if n % 2 == 0 else ("A2", n < 2)
        registers.add(asked, leader, "policy_case", {"account": account, "policy": "refund", "applied": "exception" if exception else "written", "why": "as agreed",
                                                     "on": "2026-10-01", "by": None}, today=TODAY)  # fmt: skip
    found = confidence.policies(asked, TODAY)
    assert {one.segment: (one.exceptions, one.cases, one.differs) for one in found.together} == {"Enterprise": (11, 12, True), "Small business": (1, 12, True)}
    assert not found.each
    registers.add(asked, leader, "policy_case", {"account": "A1", "policy": "notice", "applied": "written", "why": "as agreed", "on": "2026-10-01", "by": None}, today=TODAY)
    assert [name for name, _ in confidence.policies(asked, TODAY).each] == ["refund or credit"], "one case of another policy says nothing"
    assert confidence.sentences(confidence.read(asked, TODAY))[-1].bold == "Enterprise is treated differently beyond chance:"


def test_without_answers_and_cases_nothing_is_claimed(store):
    found = confidence.read(store, TODAY)
    assert found.whole is None and not confidence.sentences(found)
    drawn = ledger_trust.page(found, str, "")
    assert "Trust was never asked" in drawn and "Nothing to draw yet" in drawn


def test_promises_of_exports_and_written_ones_are_counted_once_by_segment(asked, leader):
    days = ((date(2026, 9, 1), date(2026, 9, 1)), (date(2026, 9, 2), date(2026, 9, 9)), (date(2026, 9, 3), None), (date(2026, 11, 10), None), (date(2026, 12, 10), None),
            (date(2025, 9, 1), None), (date(2026, 10, 1), None))  # fmt: skip
    facts.put(asked, promise=[{"promise_id": f"P{n}", "account_id": "A1", "due_on": due, "kept_on": kept} for n, (due, kept) in enumerate(days)])
    base = {"account": "A1", "what": "A letter", "by": None, "made_on": "2026-01-01"}
    # P6 was late, which somebody wrote down; another is broken and was told before; one is open and ahead.
    registers.add(asked, leader, "promise", base | {"due": "2026-10-01", "done_on": "2026-10-05", "number": "P6", "told": "after"}, state="done", today=TODAY)
    registers.add(asked, leader, "promise", base | {"account": "A2", "due": "2026-10-01", "told": "before"}, state="broken", today=TODAY)
    registers.add(asked, leader, "promise", base | {"due": "2026-12-24"}, today=TODAY)
    first, second = confidence.promised(asked, TODAY)
    assert (first.due, first.kept, first.late, first.broken, first.told, first.told_before) == (5, 1, 2, 1, 1, 0)
    assert (second.segment, second.due, second.broken, second.told_before) == ("Small business", 1, 1, 1)
    # Somebody wrote down a promise of the exports and not that it was kept; the exports say that.
    facts.put(asked, promise=[{"promise_id": "P7", "account_id": "A2", "due_on": date(2026, 9, 3), "kept_on": date(2026, 9, 3)}])
    registers.add(asked, leader, "promise", base | {"account": "A2", "due": "2026-09-03", "number": "P7"}, today=TODAY)
    assert confidence.promised(asked, TODAY)[1].kept == 1, "as on the page of the account"
    with asked.read() as tx:
        extra = next(one for one in registers.entries(tx, "promise") if one.values.get("number") == "P7")
    registers.withdraw(asked, leader, "promise", extra.id, seen_version=1)
    with asked.facts() as tx:
        tx.run("DELETE FROM promise WHERE promise_id = 'P7'")
    assert confidence.sentences(confidence.read(asked, TODAY))[1].text == "1 of 6 promises were kept by their day, 17% (3% to 56% is possible); 2 were broken."


def test_what_went_wrong_is_told_in_medians(asked, leader):
    assert confidence.mended(asked, TODAY) is None
    for taken, solved, words in (("2026-03-03", "2026-03-07", 2), ("2026-03-09", "2026-03-13", 5), (None, None, None)):
        values = {"account": "A1", "what": "Outage", "on": "2026-03-03", "taken_on": taken, "solved_on": solved, "words": words, "by": None}
        registers.add(asked, leader, "recovery", values, state="solved" if solved else "open", today=TODAY)
    found = confidence.mended(asked, TODAY)
    assert (found.cases, found.owned, found.words, found.days, found.open) == (3, 1, 3.5, 7, 1)
    assert confidence.mended(asked, TODAY, "Enterprise") == found and confidence.mended(asked, TODAY, "Small business") is None
    assert "1 of 3 were owned up to by the next day; they were told 3.5 times unasked; it took 7 days (medians). 1 is not solved yet." in ledger_trust.mended(found)

"""Health scores of a store: computed in SQL as the core says, recorded once, told when restated, frozen at churn."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from scorecard.core import health_score
from scorecard.core.health_score import BLANK, DEFAULT, READINGS, REWEIGHT, ZERO
from scorecard.core.periods import Period, between
from scorecard.errors import NotAllowed, ScorecardError, StaleEdit
from scorecard.sensory import scoring
from scorecard.store import health_scores as rows
from tests import facts
from tests.conftest import make_actor

MONTHS = between(Period(date(2026, 1, 1), "month"), Period(date(2026, 10, 1), "month"))
TODAY, LOADED = date(2026, 11, 2), datetime(2026, 11, 2, 6)
LAST = MONTHS[-1]
SAM = make_actor("analyst", "sam", "Sam Whitlock")
SEED = 7


def month(text: str) -> Period:
    return Period(date.fromisoformat(f"{text}-01"), "month")


def use(account: str, amounts: dict[str, float], **more) -> list[dict]:
    return [{"usage_id": f"{account} {text}", "account_id": account, "used_on": month(text).end, "event": "use", "quantity": amount, **more}
            for text, amount in amounts.items()]


def steady(account: str, amount: float = 10, months=MONTHS) -> list[dict]:
    return use(account, {str(one): amount for one in months})


def make_account(id: str, started: str = "2025-01-15", **more) -> dict:
    return {"account_id": id, "name": f"{id} Ltd", "segment": "Small", "started_on": date.fromisoformat(started), **more}


def put(store, loaded=LOADED, **tables) -> None:
    facts.put(store, loaded, **tables)


@pytest.fixture
def small(store):
    """Two customers who use the product steadily, one of them heavily asked for and helped."""
    put(store, account=[make_account("A"), make_account("B", segment="Large")], usage=steady("A") + steady("B", 4),
        ticket=[{"ticket_id": "t", "account_id": "B", "opened_at": datetime(2026, 10, 31, 9), "resolved_at": datetime(2026, 10, 31, 15)}],
        survey=[{"answer_id": "s", "account_id": "B", "answered_on": LAST.end, "question": "nps", "score": 6}],
        contact=[{"contact_id": "c", "account_id": "B", "due_on": LAST.end, "window_from": LAST.start, "window_to": LAST.end, "done_on": LAST.end}])
    return store


def score_of(store, account: str, text: str = "2026-10", today: date = TODAY) -> int | None:
    return scoring.account(store, account, month(text), today).score


def test_scores_are_recorded_for_every_month_that_the_facts_tell_of(small):
    done = scoring.refresh(small, SAM, TODAY)
    assert [str(one) for one in done.months] == [str(one) for one in MONTHS[3:]]  # three months of use come first
    health = scoring.account(small, "B", LAST, TODAY)
    # By hand: use as usual 0.8 of 40; 6 of 10 half of 25; one ticket 0.85 of 20; contacts all of 15. 32 + 12.5 + 17 + 15 = 76.5.
    assert [(part.value, part.points, part.possible) for part in health.parts[:4]] == [(1.0, 32, 40), (6.0, 13, 25), (1.0, 17, 20), (1.0, 15, 15)]
    assert (health.score, health.band, health.rule.version) == (77, "green", 1)


def test_a_missing_input_is_left_out_and_the_others_weigh_more(small):
    scoring.refresh(small, SAM, TODAY)
    health = scoring.account(small, "A", LAST, TODAY)
    assert [(part.name, part.points, part.possible) for part in health.parts if part.possible] == [("Usage", 54, 67), ("Tickets", 33, 33)]
    assert health.parts[1].missing == REWEIGHT and health.score == 87


def test_use_that_stops_is_none_and_use_that_was_never_seen_is_missing(store):
    put(store, account=[make_account("A"), make_account("B")], usage=steady("A", months=MONTHS[:-1]) + steady("C"))
    scoring.refresh(store, SAM, TODAY)
    assert (scoring.account(store, "A", LAST, TODAY).parts[0].value, score_of(store, "B")) == (0.0, None)


def test_nothing_is_known_of_a_month_before_its_end(small):
    scoring.refresh(small, SAM, TODAY)
    before = [row for row in everything(small) if row.month < LAST.start]
    put(small, ticket=[{"ticket_id": f"late {n}", "account_id": "A", "opened_at": datetime(2026, 10, 30, 9)} for n in range(9)],
        usage=use("A", {"2026-10": 900}, event="more"))
    with small.facts() as tx:
        rows.forget(tx)
    scoring.refresh(small, SAM, TODAY)
    assert [row for row in everything(small) if row.month < LAST.start] == before


def test_what_is_done_after_a_month_s_end_tells_nothing_of_that_month(store):
    """A contact kept in a window that was still open, a reply and an end of a ticket that came later, an answer of the next day."""
    waiting = {"ticket_id": "old", "account_id": "A", "opened_at": datetime(2026, 10, 1, 9), "first_response_minutes": 30}
    unanswered = {"ticket_id": "late", "account_id": "A", "opened_at": datetime(2026, 10, 31, 12)}
    due = {"contact_id": "c", "account_id": "A", "due_on": date(2026, 10, 30), "window_from": date(2026, 10, 28), "window_to": date(2026, 11, 6)}
    put(store, account=[make_account("A")], usage=steady("A"), ticket=[waiting, unanswered], contact=[due],
        survey=[{"answer_id": "s", "account_id": "A", "answered_on": date(2026, 10, 5), "question": "nps", "score": 6}])
    scoring.refresh(store, SAM, TODAY)
    before = everything(store)
    with store.facts() as tx:
        tx.run("UPDATE ticket SET resolved_at = TIMESTAMP '2026-11-01 09:00', satisfaction = 1, first_response_minutes = COALESCE(first_response_minutes, 2000)")
        tx.run("UPDATE contact SET done_on = DATE '2026-11-01'")
        tx.run("UPDATE account SET ended_on = DATE '2026-11-01'")
        rows.forget(tx)
    put(store, usage=use("A", {"2026-11": 900}), survey=[{"answer_id": "s2", "account_id": "A", "answered_on": date(2026, 11, 1), "question": "nps", "score": 0}])
    scoring.refresh(store, SAM, TODAY)
    assert [row for row in everything(store) if row.month <= LAST.start] == before and before[-1].readings[2] == 3.0


def everything(store) -> list[rows.Row]:
    with store.read_facts() as tx:
        return [row for one in rows.recorded(tx) for row in rows.of_month(tx, one)]


def test_a_later_load_changes_later_months_only_and_what_it_restates_is_told(small):
    scoring.refresh(small, SAM, TODAY)
    before = everything(small)
    put(small, LOADED + timedelta(days=30), usage=steady("A", 1, [LAST]) + use("A", {"2026-11": 5}) + use("B", {"2026-11": 4}),
        ticket=[{"ticket_id": "t2", "account_id": "B", "opened_at": datetime(2026, 11, 30, 9)}],
        survey=[{"answer_id": "s2", "account_id": "B", "answered_on": date(2026, 11, 30), "question": "nps", "score": 9}],
        contact=[{"contact_id": "c2", "account_id": "B", "due_on": date(2026, 11, 30), "done_on": date(2026, 11, 30)}])
    done = scoring.refresh(small, SAM, date(2026, 12, 2))
    assert [str(one) for one in done.months] == ["2026-11"] and done.restated == 1
    assert [row for row in everything(small) if row.month <= LAST.start] == before
    health = scoring.account(small, "A", LAST, TODAY)
    assert health.restated and health.now is not None and health.now > health.score
    assert "Its facts were restated since; they would make it" in scoring.sentence(health)
    assert scoring.restated(small) == [(LAST, 1)]


def test_computing_again_changes_nothing(small):
    scoring.refresh(small, SAM, TODAY)
    before = everything(small)
    assert scoring.refresh(small, SAM, TODAY) == scoring.Refreshed((), 0) and everything(small) == before


def test_a_new_version_counts_from_the_next_month_and_its_part_of_the_change_is_told(small):
    scoring.refresh(small, SAM, TODAY)
    before = everything(small)
    ours = scoring.history(small)[0]
    weights = dict(zip(READINGS, (10, 55, 20, 15, 0, 0), strict=True))
    made = scoring.save_rule(small, SAM, replace(ours, inputs=tuple(replace(one, weight=weights[one.reading]) for one in ours.inputs)),
                             1, "Use told us nothing")
    november = date(2026, 11, 30)
    put(small, datetime(2026, 12, 2), usage=use("A", {"2026-11": 10}) + use("B", {"2026-11": 4}),
        ticket=[{"ticket_id": "t2", "account_id": "A", "opened_at": datetime(2026, 11, 30, 9)}],
        survey=[{"answer_id": "s2", "account_id": "B", "answered_on": november, "question": "nps", "score": 6}],
        contact=[{"contact_id": "c2", "account_id": "B", "due_on": november, "window_from": november, "window_to": november, "done_on": november}])
    scoring.refresh(small, SAM, date(2026, 12, 2))
    assert [row for row in everything(small) if row.month <= LAST.start] == before
    health = scoring.account(small, "B", month("2026-11"), date(2026, 12, 2))
    moved = {one.name: one.points for one in health.change}
    # By hand: from 76.5 to 0.8 × 10 + 0.5 × 55 + 17 + 15 = 67.5.
    assert (made.version, health.rule.version, health.score) == (2, 2, 68) and moved["The rule changed (version 2)"] == -9
    assert sum(moved.values()) == 68 - 77
    assert [(one.version, one.author, one.reason) for one in scoring.history(small)] == [
        (2, "Sam Whitlock", "Use told us nothing"), (1, "Seven Systems", "as shipped")]


def test_a_score_is_frozen_when_the_account_leaves(store):
    put(store, account=[make_account("A", ended_on=date(2026, 8, 20)), make_account("B")], usage=steady("A") + steady("B"))
    scoring.refresh(store, SAM, TODAY)
    gone = scoring.account(store, "A", LAST, TODAY)
    assert (str(gone.frozen), gone.score) == ("2026-07", score_of(store, "A", "2026-07"))
    assert scoring.sentence(gone) == f"A Ltd (A) has left; {gone.score} was its score in July 2026, its last whole month."
    with store.read_facts() as tx:
        assert max(row.month for row in rows.of_account(tx, "A")) == date(2026, 7, 1)


def test_a_score_is_frozen_at_churn_also_where_only_the_subscription_says_when_and_months_were_recorded_after_it(store):
    put(store, account=[make_account("A"), make_account("B")], usage=steady("A") + steady("B"))
    scoring.refresh(store, SAM, TODAY)
    put(store, subscription=[{"subscription_id": "s", "account_id": "A", "started_on": date(2025, 1, 15), "ended_on": date(2026, 8, 20)}])
    with store.facts() as tx:
        tx.run("UPDATE account SET churned = TRUE WHERE account_id = 'A'")
    gone = scoring.account(store, "A", LAST, TODAY)
    assert (str(gone.frozen), gone.score) == ("2026-07", score_of(store, "A", "2026-07"))
    assert scoring.account(store, "A", month("2026-07"), TODAY).frozen is None


def test_a_month_that_is_completed_later_keeps_the_rule_by_which_it_was_recorded(store):
    put(store, account=[make_account("A")], usage=steady("A"))
    scoring.refresh(store, SAM, TODAY)
    ours = scoring.history(store)[0]
    scoring.save_rule(store, SAM, replace(ours, green=80), 1, "stricter")
    put(store, ticket=[{"ticket_id": "t", "account_id": "A", "opened_at": datetime.combine(one.end, datetime.min.time())} for one in (MONTHS[0], LAST)])
    assert len(scoring.refresh(store, SAM, TODAY).months) == 7
    assert {row.version for row in everything(store)} == {1}


def test_a_month_waits_for_every_kind_of_facts_that_counts_and_no_longer_than_its_grace(small):
    scoring.refresh(small, SAM, TODAY)
    put(small, datetime(2026, 12, 1, 6), usage=use("A", {"2026-11": 10}) + use("B", {"2026-11": 4}))
    assert scoring.refresh(small, SAM, date(2026, 12, 1)).months == ()
    assert [str(one) for one in scoring.refresh(small, SAM, date(2027, 1, 6)).months] == ["2026-11"]


def test_months_from_before_the_first_load_take_in_a_kind_that_comes_soon_after_it(store):
    put(store, account=[make_account("A")], usage=steady("A"))
    scoring.refresh(store, SAM, TODAY)
    tickets = [{"ticket_id": str(one), "account_id": "A", "opened_at": datetime.combine(one.end, datetime.min.time()),
                "resolved_at": datetime.combine(one.end, datetime.max.time())} for one in MONTHS]
    put(store, ticket=tickets)
    assert scoring.refresh(store, SAM, TODAY + timedelta(days=scoring.SETTLING_DAYS + 1)).months == ()
    assert len(scoring.refresh(store, SAM, TODAY).months) == 7 and scoring.account(store, "A", LAST, TODAY).parts[2].value == 3.0


def test_an_input_that_says_the_same_of_everybody_is_named(store):
    put(store, account=[make_account(f"A{n}") for n in range(6)],
        usage=[row for n in range(6) for row in steady(f"A{n}", 10 + n, MONTHS[:-1]) + steady(f"A{n}", 3 * n + 1, [LAST])],
        ticket=[{"ticket_id": f"{n}", "account_id": f"A{n}", "opened_at": datetime(2026, 10, 31 - n)} for n in range(5)])
    scoring.refresh(store, SAM, TODAY)
    assert [one.name for one in scoring.dead(store, LAST)] == ["First replies"]
    assert scoring.dead(store, LAST)[0].sentence == (
        "First replies (only watched, no points) was 0 for all 6 accounts in 12 months: it cannot tell one account from another.")


def test_segments_have_the_mean_of_their_accounts_and_the_segment_of_the_time(small):
    scoring.refresh(small, SAM, TODAY)
    with small.facts() as tx:
        tx.run("UPDATE account SET segment = 'Other'")
    found = scoring.segments(small, LAST, LAST)
    assert {name: (one.accounts, one.mean) for name, [one] in found.items()} == {"": (2, 82.0), "Small": (1, 87.0), "Large": (1, 77.0)}
    parts = scoring.segment_parts(small, LAST)
    assert parts["Large"].points[:4] == (32, 13, 17, 15) and parts[""].points[0] == 86


def test_accounts_that_lost_most_come_first(small):
    with small.facts() as tx:
        tx.run("UPDATE usage SET quantity = 5 WHERE account_id = 'A' AND used_on = $1", [LAST.end])
    scoring.refresh(small, SAM, TODAY)
    assert [(one.account, one.change) for one in scoring.fallen(small, LAST)] == [("A", 33 - 80), ("B", 77 - 80)]


@pytest.mark.parametrize("role", ["viewer", "member"])
def test_who_may_not_edit_measures_may_not_change_the_rule(small, role):
    scoring.refresh(small, SAM, TODAY)
    with pytest.raises(NotAllowed):
        scoring.save_rule(small, make_actor(role), scoring.history(small)[0], 1, "no")


def test_a_rule_that_somebody_changed_meanwhile_is_not_overwritten(small):
    ours = scoring.ready(small)
    scoring.save_rule(small, SAM, replace(ours, green=75), 1, "stricter")
    with pytest.raises(StaleEdit, match="Sam Whitlock saved version 2"):
        scoring.save_rule(small, SAM, replace(ours, green=80), 1, "stricter still")
    with small.read() as tx:
        assert tx.one("SELECT COUNT(*) FROM audit WHERE action = 'change health score'") == (2,)


@pytest.mark.parametrize("account, text, told", [("Z", "2026-10", "There is no account 'Z'"), ("A", "2024-10", "was no customer at the end of October 2024")])
def test_what_has_no_score_is_refused_with_a_reason(small, account, text, told):
    with pytest.raises(ScorecardError, match=told):
        scoring.account(small, account, month(text), TODAY)


def make_history(chance: random.Random, accounts: int) -> dict[str, list[dict]]:
    """Facts of accounts at random: some without use, answers, tickets or contacts in some months."""
    found: dict[str, list[dict]] = {"account": [], "usage": [], "ticket": [], "survey": [], "contact": []}
    for n in range(accounts):
        id = f"R{n}"
        found["account"].append(make_account(id, started=str(date(2025, 1, 1) + timedelta(chance.randrange(500)))))
        for one in MONTHS:
            day = one.start + timedelta(chance.randrange(28))
            at = datetime.combine(day, datetime.min.time()) + timedelta(hours=9)
            if chance.random() < 0.8:
                found["usage"].append({"usage_id": f"u{id}{one}", "account_id": id, "used_on": day, "event": "use", "quantity": chance.randrange(40)})
            for t in range(chance.choice((0, 0, 1, 2))):
                solved = at + timedelta(days=chance.randrange(40)) if chance.random() < 0.8 else None
                found["ticket"].append({"ticket_id": f"t{t}{id}{one}", "account_id": id, "opened_at": at, "resolved_at": solved,
                                        "first_response_minutes": chance.randrange(3000), "satisfaction": chance.choice((None, None, 1, 3, 5))})
            if chance.random() < 0.3:
                question = chance.choice(("nps", "csat", "trust"))
                found["survey"].append({"answer_id": f"s{id}{one}", "account_id": id, "answered_on": day, "question": question, "score": chance.randint(1, 5)})
            for c in range(chance.choice((0, 1, 2))):
                found["contact"].append({"contact_id": f"c{c}{id}{one}", "account_id": id, "due_on": day, "window_from": day, "window_to": day + timedelta(7),
                                         "done_on": day + timedelta(chance.randrange(12)), "cancelled_by_customer": chance.random() < 0.2})
    return found


def by_hand(history: dict[str, list[dict]], account: str, end: date) -> list[float | None]:
    """The readings of an account at the end of a month, counted row by row as their words say."""
    def own(kind: str) -> list[dict]:
        return [row for row in history[kind] if row["account_id"] == account]

    begun = next(row["started_on"] for row in history["account"] if row["account_id"] == account).replace(day=1)

    def recent(kind: str, on: str, months: int) -> list[dict]:
        first = max(Period(end.replace(day=1), "month").shift(1 - months).start, begun)
        return [row for row in own(kind) if first <= _day(row[on]) <= end]

    used = {one: sum(row["quantity"] for row in recent_of(own("usage"), one)) for one in MONTHS}
    seen = [one for one in MONTHS if recent_of(own("usage"), one)]
    usual = [used[one] for one in MONTHS if seen and max(seen[0].start, begun) <= one.start < end.replace(day=1)]
    amount = used[Period(end.replace(day=1), "month")]
    use_ratio = round(amount / (sum(usual) / len(usual)), 6) if len(usual) >= 3 and sum(usual) else None
    said = [row["score"] if row["question"] == "nps" else (row["score"] - 1) * 2.5
            for row in recent("survey", "answered_on", 6) if row["question"] != "trust"]
    scored = [{**row, "at": row["resolved_at"] or row["opened_at"]} for row in own("ticket") if row["satisfaction"]]
    first = max(Period(end.replace(day=1), "month").shift(-5).start, begun)
    said += [(row["satisfaction"] - 1) * 2.5 for row in scored if first <= row["at"].date() <= end]
    trust = [row["score"] for row in recent("survey", "answered_on", 6) if row["question"] == "trust"]
    opened = recent("ticket", "opened_at", 3)
    night = datetime.combine(end + timedelta(1), datetime.min.time())
    old = [row for row in own("ticket") if row["opened_at"] < night - timedelta(14) and not (row["resolved_at"] and row["resolved_at"] < night)]
    due = [row for row in recent("contact", "window_to", 3) if not row["cancelled_by_customer"]]
    kept = [row for row in due if row["window_from"] <= row["done_on"] <= row["window_to"]]
    first = max(Period(end.replace(day=1), "month").shift(-2).start, begun)
    slow = [row for row in own("ticket") if row["first_response_minutes"] > 24 * 60 and first <= _day(row["opened_at"] + timedelta(hours=24)) <= end]
    return [use_ratio, round(sum(said) / len(said), 6) if said else None, float(len(opened) + len(old)),
            round(len(kept) / len(due), 6) if due else None, round(sum(trust) / len(trust), 6) if trust else None, float(len(slow))]


def recent_of(found: list[dict], one: Period) -> list[dict]:
    return [row for row in found if one.start <= row["used_on"] <= one.end]


def _day(value) -> date:
    return value.date() if isinstance(value, datetime) else value


def test_the_statement_says_what_counting_by_hand_and_the_core_say(store):
    history = make_history(random.Random(SEED), 25)
    put(store, **history)
    inputs = tuple(replace(one, missing=missing, weight=weight) for one, missing, weight in zip(
        DEFAULT.inputs, (BLANK, REWEIGHT, ZERO, REWEIGHT, REWEIGHT, REWEIGHT), (33, 19, 17, 13, 11, 7), strict=True))
    scoring.ready(store)
    scoring.save_rule(store, SAM, replace(DEFAULT, inputs=inputs), 1, "every input counts")
    scoring.refresh(store, SAM, TODAY)
    found = everything(store)
    assert len(found) > 150 and sum(row.score is not None for row in found) > 100
    rule = scoring.history(store)[0]
    for row in found:
        end = Period(row.month, "month").end
        assert list(row.readings) == by_hand(history, row.account, end), (row.account, row.month)
        scored = health_score.score(rule, row.readings)
        assert (row.score, row.points, row.possible) == (scored.score, scored.points, scored.possible)

"""Advocacy on records: who may be asked, the sheet of an ask, what presses, what is kept when it is asked."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from scorecard import registers
from scorecard.core.advocacy import PRINCIPLES
from scorecard.errors import NotAllowed, ScorecardError
from scorecard.output import advocacy_tables
from scorecard.relations import advocacy, ledger, persuasion, readiness
from tests import facts
from tests.conftest import make_actor

TODAY = date(2026, 11, 20)
LEADER = make_actor("leader", "", "Rana Amari")
ACCOUNTS = [{"account_id": "A1", "name": "Brightwater Foods", "segment": "Enterprise", "industry": "food", "started_on": date(2020, 1, 1)},
            {"account_id": "A2", "name": "Calder Hospitals", "segment": "Enterprise", "industry": "health", "started_on": date(2021, 1, 1)},
            {"account_id": "A3", "name": "Kestrel Foods", "segment": "Enterprise", "industry": "food", "started_on": date(2021, 1, 1)},
            {"account_id": "A4", "name": "Small Shop", "segment": "Small business", "industry": "food", "started_on": date(2021, 1, 1)}]  # fmt: skip


@pytest.fixture
def team(begun):
    """A store with four accounts, three of them active references, and the function that writes an entry."""
    facts.put(begun, account=ACCOUNTS, mrr_month=[{"account_id": id, "month": date(2026, 10, 1), "mrr": 1_000.0} for id in ("A1", "A2", "A3", "A4")])

    def add(register: str, state: str | None = None, **values):
        return registers.add(begun, LEADER, register, values, state=state, today=TODAY)

    for id in ("A2", "A3", "A4"):
        add("advocate", "active", account=id, who="Ellen Marsh", kinds=["call"])
    return begun, add


def make_ask(add, **more):
    return add("ask", account="A1", what="Case study", on="2026-11-24", **more)


def test_a_sheet_says_what_the_records_say_and_nothing_else(team):
    store, add = team
    ask = make_ask(add)
    bare = persuasion.prepare(store, ask.id, TODAY)
    assert {name for name in PRINCIPLES if bare.texts[name]} == {"social_proof"} and bare.used == ("social_proof",)
    assert bare.texts["social_proof"] == "Kestrel Foods and Calder Hospitals, both in Enterprise, speak for us already.", "the same industry first, no other segment"
    assert bare.warnings == ("Nothing was given since the last ask. Give first.",)
    assert "Nothing true to say." in advocacy_tables.sheet(bare)
    add("deposit", account="A1", what="Night-shift training", on="2026-10-12", outcome="11 planners came")
    add("ask", "agreed", account="A1", what="Public review", on="2026-07-08")
    add("advocate", account="A1", who="Ellen Marsh", shared="Both began as shift planners.", together="In the planners' council since March.", drawback="the payroll link is late",
        result="9 to 4 hours a week")
    full = persuasion.prepare(store, ask.id, TODAY)
    assert full.texts == {
        "reciprocity": "Night-shift training on 12 Oct 2026: 11 planners came. One deposit since the last ask.", "commitment": "They agreed to public review on 8 Jul 2026.",
        "social_proof": bare.texts["social_proof"], "liking": "Both began as shift planners.",
        "authority": "One honest drawback first: the payroll link is late. Then their own figure: 9 to 4 hours a week.", "unity": "In the planners' council since March.", "scarcity": "",
    }  # fmt: skip
    assert set(full.used) == set(PRINCIPLES) - {"scarcity"} and full.warnings == ()


def test_what_would_make_an_ask_press_is_said(team):
    store, add = team
    facts.put(store, renewal=[{"account_id": "A1", "due_on": date(2027, 2, 28), "value_due": 1.0}],
              ticket=[{"account_id": "A1", "opened_at": datetime(2026, 11, 1), "severity": "critical", "status": "open"}])
    with store.facts() as tx:
        for month, score in ((date(2026, 7, 1), 82), (date(2026, 8, 1), 80), (date(2026, 9, 1), 78), (date(2026, 10, 1), 71)):
            health_month(tx, month, score)
    for day in ("2026-10-01", "2026-11-12"):
        add("ask", "agreed", account="A1", what="Call", on=day)
    told = persuasion.prepare(store, make_ask(add).id, TODAY).warnings
    assert told == (
        "The renewal on 28 Feb 2027 is not mentioned, and the ask does not depend on it.", "Health has fallen 11 points: ask how things are first.",
        "A severe ticket is open: wait until it is solved.", "They were asked 2 times in 90 days, and rest until 10 Feb 2027.", "Nothing was given since the last ask. Give first.",
    )  # fmt: skip


def test_a_renewal_that_the_exports_do_not_name_yet_is_expected_a_year_after_the_last(team):
    store, add = team
    facts.put(store, renewal=[{"account_id": "A1", "due_on": date(2026, 1, 28), "value_due": 1.0}])
    add("deposit", account="A1", what="Training", on="2026-10-12")
    told = persuasion.prepare(store, make_ask(add).id, TODAY).warnings
    assert told == ("A renewal may come on 28 Jan 2027, a year after the last. It is not mentioned, and the ask does not depend on it.",)


def health_month(tx, month: date, score: int) -> None:
    """Nothing; the account has this score in a month. Its readings are of no interest here."""
    tx.run("INSERT INTO health_month (account_id, month, segment, version, score, readings, points, possible) VALUES ('A1', $1, 'Enterprise', 1, $2, [], [], [])", [month, score])


def test_a_gift_just_before_an_ask_is_said_to_look_like_a_price(team):
    store, add = team
    add("deposit", account="A1", what="Hamper", on="2026-11-18")
    assert persuasion.prepare(store, make_ask(add).id, TODAY).warnings == ("What was given lies just before this ask: it can look like a price.",)


def test_what_was_used_is_kept_and_a_candidate_was_asked_then(team):
    store, add = team
    person = add("advocate", account="A1", who="Ellen Marsh")
    sheet = persuasion.prepare(store, make_ask(add).id, TODAY)
    texts = sheet.texts | {"liking": "Both began as shift planners."}
    with pytest.raises(ScorecardError, match="Unity is used and says nothing"):
        persuasion.mark_asked(store, LEADER, sheet, texts, ["liking", "unity"], sheet.commitment, TODAY)
    with pytest.raises(NotAllowed):
        persuasion.mark_asked(store, make_actor("viewer"), sheet, texts, ["liking"], sheet.commitment, TODAY)
    persuasion.save(store, LEADER, sheet, texts, ["liking"], {"active": "They write two sentences themselves."}, TODAY)
    kept = persuasion.prepare(store, sheet.ask.id, TODAY)
    assert kept.used == ("liking",) and kept.commitment["active"] == "They write two sentences themselves." and kept.saved
    persuasion.mark_asked(store, LEADER, kept, kept.texts, kept.used, kept.commitment, TODAY)
    with store.read() as tx:
        asked, advocate, sheets = registers.one(tx, "ask", sheet.ask.id), registers.one(tx, "advocate", person.id), registers.entries(tx, "ask_sheet")
    assert (asked.state, asked.values["on"], advocate.state, len(sheets)) == ("asked", "2026-11-20", "asked", 1)
    assert "Give first" in sheets[0].values["warnings"], "what was warned about is kept beside what was used"
    with pytest.raises(ScorecardError, match="no longer planned"):
        persuasion.mark_asked(store, LEADER, kept, kept.texts, kept.used, kept.commitment, TODAY)


def test_what_is_written_anew_is_used_and_what_was_emptied_is_left_out(team):
    store, add = team
    sheet = persuasion.prepare(store, make_ask(add).id, TODAY)
    assert persuasion.used_of(sheet, sheet.texts | {"liking": "x"}, sheet.used) == ("social_proof", "liking")
    assert persuasion.used_of(sheet, sheet.texts | {"social_proof": " "}, sheet.used) == () == persuasion.used_of(sheet, sheet.texts, ())


def test_two_who_prepare_the_same_ask_do_not_write_over_each_other(team):
    store, add = team
    mine = yours = persuasion.prepare(store, make_ask(add).id, TODAY)
    persuasion.save(store, LEADER, mine, mine.texts, mine.used, mine.commitment, TODAY)
    with pytest.raises(ScorecardError):
        persuasion.save(store, LEADER, yours, yours.texts | {"liking": "x"}, ["liking"], yours.commitment, TODAY)


@pytest.mark.parametrize("agreed", [True, False])
def test_an_answer_moves_the_advocate_who_was_asked(team, agreed):
    store, add = team
    person = add("advocate", account="A1", who="Ellen Marsh")
    sheet = persuasion.prepare(store, make_ask(add).id, TODAY)
    with pytest.raises(ScorecardError, match="not asked yet"):
        persuasion.answer(store, LEADER, sheet, agreed, "", TODAY)
    persuasion.mark_asked(store, LEADER, sheet, sheet.texts, sheet.used, sheet.commitment, TODAY)
    assert [one.id for one in advocacy.read(store, TODAY).open] == [sheet.ask.id]
    persuasion.answer(store, LEADER, persuasion.prepare(store, sheet.ask.id, TODAY), agreed, "after the season", TODAY)
    with store.read() as tx:
        ask, advocate = registers.one(tx, "ask", sheet.ask.id), registers.one(tx, "advocate", person.id)
    assert ask.state == advocate.state == ("agreed" if agreed else "declined") and ask.values["outcome"] == "after the season"


def test_an_ask_waits_until_a_later_day_with_its_reason(team):
    store, add = team
    sheet = persuasion.prepare(store, make_ask(add).id, TODAY)
    with pytest.raises(ScorecardError, match="still to come"):
        persuasion.wait(store, LEADER, sheet, TODAY, "", TODAY)
    persuasion.wait(store, LEADER, sheet, date(2027, 3, 1), "after the renewal", TODAY)
    with store.read() as tx:
        newest = registers.history(tx, "ask", sheet.ask.id)[0]
    assert (newest.entry.state, newest.entry.values["on"], newest.reason) == ("planned", "2027-03-01", "after the renewal")


def test_who_may_be_asked_follows_the_rule_that_is_in_force_and_the_kinds_that_count(team):
    store, add = team
    renewal = add("ledger_kind", name="renewal", side="ask")
    for on, more in (("2026-10-01", {}), ("2026-11-12", {}), ("2026-11-16", {"kind": renewal.id})):
        add("ask", "agreed", account="A2", what="Call", on=on, **more)
    add("ask", "declined", account="A3", what="Call", on="2026-11-01")
    found = advocacy.read(store, TODAY)
    assert [(one.name, one.full_until, one.left) for one in found.references] == [("Calder Hospitals", date(2027, 2, 14), 0), ("Kestrel Foods", None, 1), ("Small Shop", None, 2)]
    assert found.capacity == 3 and found.references[1].asks == (False,)
    assert [one.bold for one in advocacy.sentences(found)] == ["3 of 4 asks were agreed.", "1 of 3 active references is at their limit until 14 Feb 2027 or later."]
    add("asking_rule", most=2, within=90, rest=90, needed=9, uncounted=[renewal.id], why="renewals are not favours", since="2026-11-20")
    add("asking_rule", most=1, within=30, rest=30, why="from the next year on", since="2027-01-01")
    found = advocacy.read(store, TODAY)
    assert found.references[0].full_until == date(2027, 2, 10) and "9 are expected to be needed. That is more than they can give." in advocacy.sentences(found)[1].rest
    assert [one.name for one in advocacy.read(store, TODAY, "Small business").references] == ["Small Shop"]


def test_referrals_and_thanks_are_counted_by_what_happened_in_twelve_months(team):
    store, add = team
    add("referral", "won", account="A2", to="Ferry Lines", asked_on="2025-09-01", given_on="2025-12-01", won_on="2026-03-01", revenue=40_000.0)
    add("referral", "asked", account="A2", to="Bus Lines", asked_on="2026-05-01")
    add("thanks", account="A2", side="given", how="a letter", on="2026-05-02")
    add("thanks", account="A1", side="received", how="named us on stage", on="2026-05-02", public=True)
    add("thanks", account="A2", side="observed", how="newsletter", on="2024-05-02")
    found = advocacy.read(store, TODAY)
    assert (found.referrals.asked, found.referrals.given, found.referrals.won, found.referrals.revenue) == (1, 1, 1, 40_000.0)
    assert (found.thanks.given, found.thanks.received, found.thanks.observed, found.thanks.public, found.thanks.thanked, found.thanks.advocates) == (1, 1, 0, 1, 1, 3)


def test_the_worth_of_a_year_comes_from_the_records_and_every_assumption_can_be_changed(team):
    store, add = team
    add("ask", "agreed", account="A2", what="Call", on="2026-05-01")
    add("deposit", account="A2", what="Training", on="2026-05-01", hours=10, cost=50.0)
    add("deposit", account="A1", what="Training", on="2026-05-01", hours=99)
    made = advocacy.worth_of_year(store, advocacy.read(store, TODAY))
    assert (made.recorded.agreed, made.recorded.advocates, made.recorded.revenue, made.recorded.hours, made.recorded.gifts, made.recorded.deal) == (1, 3, 36_000.0, 10.0, 50.0, None)
    assert made.total("base") == pytest.approx(0.7 * 36_000 * 0.01 - 10 * 65 - 50)
    registers.add(store, make_actor("analyst"), "worth_input", {"input": "points", "base": 5, "source": "Finance", "since": "2026-11-01"}, today=TODAY)
    made = advocacy.worth_of_year(store, advocacy.read(store, TODAY))
    assert made.total("base") == pytest.approx(0.7 * 36_000 * 0.05 - 10 * 65 - 50) and made.sources["points"] == "Finance"
    assert "edited here: Finance" in advocacy_tables.worth(made, "$", "improvement")


def test_names_of_customers_never_become_markup_on_any_part(team):
    store, add = team
    hostile = '<img src=x onerror="a">&'
    with store.facts() as tx:
        tx.run("UPDATE account SET name = $1, segment = $1", [hostile])
    add("ask", account="A1", what=hostile, on="2026-11-24")
    found = advocacy.read(store, TODAY)
    sheet = persuasion.prepare(store, found.planned[0].id, TODAY)
    drawn = [advocacy_tables.references(found, found.references, str), advocacy_tables.planned(found.planned, str, ""), advocacy_tables.sheet(sheet),
             advocacy_tables.document(sheet, "today").decode()]
    assert all("<img" not in one and "&lt;img" in one for one in drawn)


def test_who_left_is_not_asked_and_is_no_proof_to_others(team):
    store, add = team
    facts.put(store, account=[{"account_id": "A9", "name": "Ashdown Ferries", "segment": "Enterprise", "industry": "food", "started_on": date(2020, 1, 1), "ended_on": date(2026, 3, 1)}])
    add("advocate", "active", account="A9", who="Tom Reyes")
    found = advocacy.read(store, TODAY)
    assert [(one.name, one.gone, one.left) for one in found.references][0] == ("Ashdown Ferries", date(2026, 3, 1), 0)
    assert found.capacity == 6 and "1 more is at accounts that left" in advocacy.sentences(found)[0].text
    assert "left on 1 Mar 2026" in advocacy_tables.references(found, found.references, str)
    assert "Ashdown" not in persuasion.prepare(store, make_ask(add).id, TODAY).texts["social_proof"]
    theirs = add("ask", account="A9", what="Case study", on="2026-11-24")
    assert "The account left on 1 Mar 2026: do not ask." in persuasion.prepare(store, theirs.id, TODAY).warnings
    (one,) = readiness.read(store, ledger.read(store, "A9", TODAY))
    assert not one.may and one.reasons[0] == "the account left on 1 Mar 2026"


def test_two_references_of_one_account_are_asked_as_one_and_thanks_in_public_are_those_received(team):
    store, add = team
    add("advocate", "active", account="A2", who="Dana Okafor")
    for side, public in (("received", True), ("received", False), ("given", True), ("observed", True)):
        add("thanks", account="A2", side=side, how="A letter", public=public)
    found = advocacy.read(store, TODAY)
    assert len(found.references) == 4 and found.capacity == 6, "two asks in 90 days at each of three accounts"
    assert (found.thanks.received, found.thanks.public) == (2, 1)


def test_an_ask_whose_day_has_passed_is_looked_at_as_of_today(team):
    store, add = team
    add("ask", "agreed", account="A1", what="Review", on="2026-09-15")
    late = add("ask", account="A1", what="Case study", on="2026-09-01")
    add("deposit", account="A1", what="Training", on="2026-10-12", outcome="11 planners came")
    (one,) = readiness.read(store, ledger.read(store, "A1", TODAY))
    assert one.found.checks["gave"] == "yes" and one.found.ask.on == TODAY and one.found.apart == 39
    assert readiness.sentence([one]).text.startswith("Case study, planned for 1 September and not asked yet, is ready")
    assert "Training" in persuasion.prepare(store, late.id, TODAY).texts["reciprocity"]


def test_asks_of_kinds_that_do_not_count_are_prepared_all_the_same(team):
    store, add = team
    kind = add("ledger_kind", name="Product feedback", side="ask")
    add("asking_rule", most=2, within=90, rest=90, why="As agreed", uncounted=[kind.id], since="2026-01-01")
    planned, asked = make_ask(add, kind=kind.id), add("ask", "asked", account="A2", what="Feedback", on="2026-11-10", kind=kind.id)
    found = advocacy.read(store, TODAY)
    assert [one.id for one in found.planned] == [planned.id] and [one.id for one in found.open] == [asked.id]
    assert found.capacity == 6 and found.waiting == 0, "they take nothing from what may be asked"

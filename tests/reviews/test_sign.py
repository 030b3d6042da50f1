"""A signed month never changes: what is frozen, who may, what happens on a double click, in two tabs, on a kill."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scorecard import diary, metrics, reviews
from scorecard.core import frozen
from scorecard.errors import AlreadyDone, ScorecardError, StaleEdit
from scorecard.reviews.habits import MEASURE
from scorecard.store import reviews as rows
from tests import stores
from tests.conftest import make_actor
from tests.endurance import in_full, in_full_only
from tests.reviews.conftest import CARD, OCTOBER, TODAY, restate
from tests.scorecards import load, monthly, month

ROOT = Path(__file__).resolve().parents[2]
LEADER = make_actor("leader", "you", "You")


def decide_all(store, period=OCTOBER) -> None:
    """Every item gets the decision that is suggested."""
    for item in reviews.review_view(store, CARD, period, TODAY).month.items:
        if item.state != "decided":
            decision = item.suggested or "change_the_process"
            reviews.decide(store, LEADER, CARD, period, item.id, decision, "", item.title, item.version)


def signed_month(store):
    decide_all(store)
    return reviews.sign(store, LEADER, CARD, OCTOBER, TODAY)


def body_of(store, period=OCTOBER) -> str:
    with store.read() as tx:
        return rows.copy(tx, CARD, period)[1]


def test_a_month_is_signed_only_when_every_item_has_a_decision(month_anywhere):
    with pytest.raises(ScorecardError, match="3 items have no decision yet. Decide on 1, 2 and 3."):
        reviews.sign(month_anywhere, LEADER, CARD, OCTOBER, TODAY)
    found = signed_month(month_anywhere)
    assert (found.name, found.role, len(found.fingerprint), found.matches) == ("You", "leader", 64, True)
    assert month_anywhere.verify().ok


def test_a_month_that_is_not_over_cannot_be_signed(open_month):
    with pytest.raises(ScorecardError, match="is not over"):
        reviews.sign(open_month, LEADER, CARD, month(2026, 11), TODAY)


def test_the_fingerprint_is_the_sha256_of_the_canonical_content_and_stands_in_the_audit(month_anywhere):
    found = signed_month(month_anywhere)
    assert frozen.fingerprint(body_of(month_anywhere)) == found.fingerprint
    with month_anywhere.read() as tx:
        after, head = tx.one("SELECT after_json, hash FROM audit WHERE action = 'sign_review'")
    told = reviews.month(month_anywhere, CARD, OCTOBER, TODAY)
    assert json.loads(after)["fingerprint"] == found.fingerprint and told.signature.audit == head
    assert reviews.canonical(told) == body_of(month_anywhere)


def test_the_same_records_give_the_same_bytes_whenever_the_content_is_built(open_month):
    decide_all(open_month)
    reviews.open_review(open_month, LEADER, CARD, OCTOBER, held_on=TODAY, chair="you")
    first = reviews.canonical(reviews.month(open_month, CARD, OCTOBER, TODAY))
    for day in (TODAY, date(2026, 11, 20), date(2027, 3, 1)):
        assert reviews.canonical(reviews.month(open_month, CARD, OCTOBER, day)) == first


@in_full_only
def test_another_process_builds_the_same_bytes(open_month, tmp_path):
    decide_all(open_month)
    reviews.open_review(open_month, LEADER, CARD, OCTOBER, held_on=TODAY, chair="you")
    first = reviews.canonical(reviews.month(open_month, CARD, OCTOBER, TODAY))
    open_month.close()
    code = f"""
import sys; sys.path.insert(0, {str(ROOT)!r})
from datetime import date
from pathlib import Path
from scorecard import reviews
from scorecard.core import frozen
from tests import stores
store = stores.opened(Path({str(tmp_path / "month")!r}))
told = reviews.month(store, {CARD!r}, reviews.period_of("2026-10"), date(2026, 11, 12))
print(frozen.fingerprint(reviews.canonical(told)))
store.close()
"""
    for seed in ("1",):
        run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env={**os.environ, "PYTHONHASHSEED": seed})
        assert run.stdout.strip() == frozen.fingerprint(first), run.stderr[-2000:]


def test_scorecard_measure_and_month_read_the_frozen_copy_whatever_is_loaded_later(month_anywhere):
    signed_month(month_anywhere)
    before = metrics.scorecard_view(month_anywhere, CARD, OCTOBER, "", TODAY)
    page = metrics.measure_view(month_anywhere, "first_reply", OCTOBER, "", TODAY, CARD)
    restate(month_anywhere, 0.95)
    load(month_anywhere, {("first_reply", ""): monthly([0.9], month(2026, 11))}, date(2026, 12, 2))
    later = date(2026, 12, 10)
    after = metrics.scorecard_view(month_anywhere, CARD, OCTOBER, "", later)
    assert after.rows == before.rows and after.sentences == before.sentences and after.counts == before.counts
    assert metrics.measure_view(month_anywhere, "first_reply", OCTOBER, "", later, CARD).row == page.row
    assert "First reply: 80.0% as signed, 95.0% since the load of 12 Nov 2026" in " ".join(after.notices)
    told = reviews.month(month_anywhere, CARD, OCTOBER, later)
    assert [one.kind for one in told.beside] == ["restated"] and told.signature.matches


def test_goals_limits_definitions_and_notes_of_a_signed_month_stay_as_they_were(open_month):
    signed_month(open_month)
    page = metrics.measure_view(open_month, "first_reply", OCTOBER, "", TODAY, CARD)
    metrics.set_goal(open_month, LEADER, "first_reply", month(2024, 1), 0.5, "Plan", "A lower goal")
    metrics.add_note(open_month, LEADER, "first_reply", date(2026, 10, 5), "A release")
    metrics.exclude(open_month, LEADER, "first_reply", "", OCTOBER, "A release")
    again = metrics.measure_view(open_month, "first_reply", OCTOBER, "", TODAY, CARD)
    assert (again.row, again.goals, again.notes, again.exclusions) == (page.row, page.goals, page.notes, page.exclusions)
    assert metrics.scorecard_view(open_month, CARD, OCTOBER, "", TODAY).rows[0].goal_text == "goal ≥ 90%"


def test_after_the_signature_nothing_in_the_review_can_be_changed_and_a_note_stands_beside_it(open_month):
    signed_month(open_month)
    body = body_of(open_month)
    for act in (
        lambda: reviews.decide(open_month, LEADER, CARD, OCTOBER, "measure:first_reply", "change_the_goal", "", "", None),
        lambda: reviews.discuss(open_month, LEADER, CARD, OCTOBER, "measure:first_reply", "x", None),
        lambda: reviews.reorder(open_month, LEADER, CARD, OCTOBER, ["measure:trust"]),
        lambda: reviews.save_commentary(open_month, LEADER, CARD, OCTOBER, "x", None),
        lambda: reviews.open_review(open_month, LEADER, CARD, OCTOBER),
        lambda: reviews.sign(open_month, LEADER, CARD, OCTOBER, TODAY),
    ):
        with pytest.raises(ScorecardError, match="October 2026 is signed and frozen, by You on 12 Nov 2026"):
            act()
    reviews.add_note(open_month, LEADER, CARD, OCTOBER, "One ticket was a duplicate: 67, not 68.")
    told = reviews.month(open_month, CARD, OCTOBER, TODAY)
    assert [one.text for one in told.beside] == ["One ticket was a duplicate: 67, not 68."]
    assert body_of(open_month) == body and reviews.canonical(told) == body


def test_a_copy_that_was_changed_outside_the_product_is_said_wherever_it_is_read(month_anywhere):
    signed_month(month_anywhere)
    body = body_of(month_anywhere)

    def forge(tx):
        forged = body.replace('"80.0%"', '"90.0%"', 1)
        assert forged != body
        tx.run("UPDATE signed_month SET body = $1, fingerprint = $2", [forged, frozen.fingerprint(forged)])

    month_anywhere.write(forge, "somebody")
    assert not reviews.month(month_anywhere, CARD, OCTOBER, TODAY).signature.matches
    view = metrics.scorecard_view(month_anywhere, CARD, OCTOBER, "", TODAY)
    assert not view.signature.matches and "changed it outside the product" in view.notices[0]


def test_a_double_click_on_sign_is_one_signature(open_month):
    decide_all(open_month)
    both = []

    class Once:
        def __getattr__(self, name):
            return getattr(open_month, name)

        def write(self, work, actor, now=None, nonce="", quiet=False):
            return open_month.write(work, actor, now, "form-1", quiet)

    def click():
        try:
            both.append(reviews.sign(Once(), LEADER, CARD, OCTOBER, TODAY))
        except (AlreadyDone, ScorecardError) as error:
            both.append(error)

    clicks = [threading.Thread(target=click) for _ in range(2)]
    [one.start() for one in clicks]
    [one.join() for one in clicks]
    with open_month.read() as tx:
        assert tx.one("SELECT COUNT(*) FROM signed_month") == (1,)
        assert tx.one("SELECT COUNT(*) FROM audit WHERE action = 'sign_review'") == (1,)
    assert sum(isinstance(one, frozen.Signature) for one in both) == 1


def test_a_decision_and_a_signature_at_the_same_moment_never_pass_each_other(month_anywhere):
    """Either the decision is in the copy, or it is refused: none is lost, none comes after the signature."""
    decide_all(month_anywhere)
    start, outcome = threading.Barrier(2), {}

    def change():
        start.wait()
        try:
            reviews.decide(month_anywhere, LEADER, CARD, OCTOBER, "measure:first_reply", "change_the_goal", "", "", None)
            outcome["decided"] = True
        except ScorecardError as error:
            outcome["decided"] = "is signed and frozen" not in str(error)

    def sign():
        start.wait()
        reviews.sign(month_anywhere, LEADER, CARD, OCTOBER, TODAY)

    both = [threading.Thread(target=work) for work in (change, sign)]
    [one.start() for one in both]
    [one.join() for one in both]
    told = reviews.month(month_anywhere, CARD, OCTOBER, TODAY)
    decision = next(item.decision for item in told.items if item.id == "measure:first_reply")
    assert (decision == "change_the_goal") == outcome["decided"]
    assert reviews.canonical(told) == body_of(month_anywhere)


def test_two_tabs_deciding_the_same_item_leave_one_decision_and_one_refusal(month_anywhere):
    start, outcome = threading.Barrier(2), []

    def tab(decision):
        start.wait()
        try:
            reviews.decide(month_anywhere, LEADER, CARD, OCTOBER, "measure:first_reply", decision, "", "", 0)
            outcome.append(decision)
        except StaleEdit:
            outcome.append("")

    both = [threading.Thread(target=tab, args=(one,)) for one in ("find_the_cause", "change_the_process")]
    [one.start() for one in both]
    [one.join() for one in both]
    (kept,) = [one for one in outcome if one]
    items = reviews.review_view(month_anywhere, CARD, OCTOBER, TODAY).month.items
    assert next(item.decision for item in items if item.id == "measure:first_reply") == kept


def test_a_process_that_is_killed_while_signing_leaves_the_month_signed_or_open_and_nothing_between(open_month, tmp_path):
    decide_all(open_month)
    open_month.close()
    code = f"""
import sys; sys.path.insert(0, {str(ROOT)!r})
from datetime import date
from pathlib import Path
from scorecard import reviews
from scorecard.access import Actor
from tests import stores
store = stores.opened(Path({str(tmp_path / "month")!r}))
print("ready", flush=True)
reviews.sign(store, Actor("you", "You", "leader"), {CARD!r}, reviews.period_of("2026-10"), date(2026, 11, 12))
print("signed", flush=True)
"""
    for wait in (0.05, 0.4):
        run = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
        assert run.stdout.readline().strip() == "ready"
        time.sleep(wait)
        run.send_signal(signal.SIGKILL)
        rest = run.stdout.read()
        run.wait()
        store = stores.opened(tmp_path / "month")
        told = reviews.month(store, CARD, OCTOBER, TODAY)
        assert store.verify().ok
        with store.read() as tx:
            audited = tx.one("SELECT COUNT(*) FROM audit WHERE action = 'sign_review'")[0]
        assert audited == (told.signature is not None)
        assert told.signature is None or told.signature.matches
        assert "signed" not in rest or told.signature
        store.close()
        if told.signature:
            break


def test_a_signature_holds_the_entry_of_the_calendar_and_writes_the_measure_of_the_review(open_month):
    from scorecard.store import definitions
    from tests.scorecards import make_definition

    open_month.write(lambda tx: definitions.record(tx, make_definition(MEASURE), "file", "first start"), "You")
    diary.add(open_month, LEADER, kind="monthly_review", title="Review of October", planned=date(2026, 11, 12),
              object="review:customer-success:2026-10")
    signed_month(open_month)
    with open_month.read() as tx:
        (entry,) = [one for one in diary.listed(tx) if one.object == "review:customer-success:2026-10"]
        figure = tx.one("SELECT numerator, denominator FROM figure WHERE measure = $1", [MEASURE])
    assert (entry.state, entry.held_on) == ("held", TODAY)
    (habit,) = reviews.habits(open_month, CARD, TODAY)
    assert (habit.on_time, habit.items, habit.decided, habit.signed) == (True, 3, 3, True)
    assert figure == (4, 4) == (habit.kept, habit.due)


def test_the_next_review_tells_what_changed_since_the_signature(open_month):
    signed_month(open_month)
    restate(open_month, 0.95)
    load(open_month, {(name, ""): monthly([0.9], month(2026, 11)) for name in ("first_reply", "trust")}, date(2026, 12, 2))
    told = reviews.month(open_month, CARD, month(2026, 11), date(2026, 12, 10))
    assert told.changes.since == OCTOBER
    assert told.changes.restated == ("First reply for October: 80.0% → 95.0%. The signed copy keeps its figure.",)
    assert any("ended" in text for text in told.changes.ended_signals)


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("restate"), st.sampled_from(["first_reply", "trust", "plans_kept"]), st.floats(0, 1)),
        st.tuples(st.just("load"), st.integers(0, 3), st.floats(0, 1)),
        st.tuples(st.just("goal"), st.floats(0.1, 0.9), st.just(0)),
        st.tuples(st.just("decide"), st.sampled_from(["find_the_cause", "change_the_goal"]), st.integers(0, 2)),
        st.tuples(st.just("sign"), st.just(0), st.just(0)),
        st.tuples(st.just("note"), st.just(0), st.just(0)),
    ),
    min_size=3,
    max_size=7,
)


@settings(max_examples=4 if in_full() else 2, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=STEPS)
def test_a_signed_month_never_changes_under_any_sequence_of_loads_decisions_and_restatements(month_folder, tmp_path_factory, steps):
    store = stores.opened(stores.copied(month_folder, tmp_path_factory.mktemp("steps") / "month"))
    signed_month(store)
    body, view = body_of(store), metrics.scorecard_view(store, CARD, OCTOBER, "", TODAY)
    for at, (what, first, second) in enumerate(steps):
        day = date(2026, 12, 1 + at)
        try:
            _step(store, what, first, second, day)
        except ScorecardError:
            pass
        assert body_of(store) == body
        now = metrics.scorecard_view(store, CARD, OCTOBER, "", date(2027, 3, 1))
        assert (now.rows, now.sentences, now.footer, now.signature) == (view.rows, view.sentences, view.footer, view.signature)
    assert store.verify().ok
    store.close()


def _step(store, what: str, first, second, day: date) -> None:
    if what == "restate":
        restate(store, second, first, day=day)
    elif what == "load":
        load(store, {("trust", ""): {month(2026, 11).shift(first): second}}, day, f"load {day}")
    elif what == "goal":
        metrics.set_goal(store, LEADER, "trust", month(2024, 1), first, "Plan", "why")
    elif what == "decide":
        item = ("first_reply", "renewal_rate", "plans_kept")[second]
        reviews.decide(store, LEADER, CARD, OCTOBER, f"measure:{item}", first, "", "", None)
    elif what == "sign":
        reviews.sign(store, LEADER, CARD, OCTOBER, day)
    else:
        reviews.add_note(store, LEADER, CARD, OCTOBER, "A note")


def test_the_whole_month_goes_into_the_copy_with_every_segment(open_month):
    told = reviews.month(open_month, CARD, OCTOBER, TODAY)
    assert {page.row.measure.name for page in told.measures} == {row.measure.name for row in told.view.rows}
    assert reviews.measure_page(told, "trust").row.value_text == next(
        row.value_text for row in told.view.rows if row.measure.name == "trust"
    )

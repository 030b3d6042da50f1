"""Experiments in the store: the rule before the start, arms by chance, one reading, looks that are told."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from scorecard.core.experiments import Arm, Sample
from scorecard.errors import DefinitionError, NotAllowed, ScorecardError, StaleEdit, StudyRefused, UsageError
from scorecard.improvement import experiments
from scorecard.improvement.experiments import Counts, Design, Guard
from scorecard.output import study_experiments as output
from tests import facts, stores
from tests.conftest import make_actor

BEFORE, STARTS, ENDS, AFTER = date(2026, 3, 24), date(2026, 4, 1), date(2026, 9, 30), date(2026, 10, 5)
LEADER, MEMBER, VIEWER = make_actor(), make_actor("member", "tom", "Tom"), make_actor("viewer", "eve", "Eve")
TALK = Design("Renewal talk at 90 days", "Talk at 90 days", "Talk at 45 days", STARTS, ENDS, 0.78, 0.92, 100, segment="Small business", strata=("segment", "csm"),
              guards=(Guard("tickets"),))


@pytest.fixture(scope="module")
def company(tmp_path_factory):
    folder = tmp_path_factory.mktemp("experiments")
    stores.begin(*(folder / name for name in stores.FILES))
    store = stores.opened(folder)
    ids = [f"S{number:03d}" for number in range(206)]
    due = {id: STARTS + timedelta(number % 180) for number, id in enumerate(ids)}
    facts.put(store, account=[{"account_id": id, "name": id, "segment": "Small business", "csm": ("Ada", "Ben")[number % 2], "started_on": date(2024, 1, 1)} for number, id in enumerate(ids)]
              + [{"account_id": "E1", "segment": "Enterprise", "started_on": date(2024, 1, 1)}],
              renewal=[{"renewal_id": id, "account_id": id, "due_on": due[id], "value_due": 100.0} for id in ids]
              + [{"renewal_id": f"old {n}", "account_id": "E1", "due_on": date(2025, 3 + n, 1), "value_due": 1.0, "status": "lost" if n % 4 == 0 else "renewed"} for n in range(8)],
              ticket=[{"ticket_id": f"t{number}", "account_id": id, "opened_at": datetime(2026, 5, 1)} for number, id in enumerate(ids) if number % 3])
    store.close()
    return folder


@pytest.fixture
def store(company, tmp_path):
    opened = stores.opened(stores.copied(company, tmp_path / "files"))
    yield opened
    opened.close()


def make_running(store, plan: Design = TALK):
    made = experiments.design(store, MEMBER, plan, now=datetime(2026, 3, 20))
    return experiments.freeze(store, LEADER, made.id, 1, BEFORE, now=datetime(2026, 3, 24, 9))


def decide_outcomes(store, id: str, lost_a: int, lost_b: int, of: int = 999) -> None:
    """The first accounts of each arm are lost, the rest renewed; only so many of each are decided."""
    with store.read() as tx:
        placed = experiments.units(tx, id)
    for arm, lost in (("a", lost_a), ("b", lost_b)):
        with store.facts() as tx:
            for number, one in enumerate([one for one in placed if one.arm == arm][:of]):
                tx.run("UPDATE renewal SET status = $1 WHERE renewal_id = $2", ["lost" if number < lost else "renewed", one.unit])


def test_an_experiment_goes_from_its_rule_to_its_decision(store):
    frozen = make_running(store)
    placed = experiments.draw(store, MEMBER, frozen.id, BEFORE)
    assert len(placed) == 206 and abs(sum(one.arm == "a" for one in placed) * 2 - 206) <= 2
    for stratum in ("Small business / Ada", "Small business / Ben"):
        arms = [one.arm for one in placed if one.stratum == stratum]
        assert abs(arms.count("a") - arms.count("b")) <= 1
    decide_outcomes(store, frozen.id, lost_a=23, lost_b=10)
    assert experiments.told(store, frozen.id, AFTER).reading is None, "nobody sees it before the look is recorded"
    told = experiments.look(store, MEMBER, frozen.id, AFTER)
    assert told.decision.verdict == "adopt" and told.reading.lower > 0 and told.guards[0].state == "held" and told.early == 0
    done = experiments.conclude(store, LEADER, frozen.id, "Adopt from 1 December", frozen.version, AFTER)
    assert done.state == "concluded" and done.conclusion.verdict == "adopt" and done.conclusion.by == "Rana Amari"
    assert done.frozen.words.startswith("Adopt “Talk at 90 days” if the share that renewed is up, its interval above 0 and no guardrail moves (tickets)")
    assert done.frozen.by == "Rana Amari" and done.frozen.at == "2026-03-24T09:00:00"


def test_figures_of_a_concluded_experiment_stay_as_they_were(store):
    frozen = make_running(store)
    experiments.draw(store, MEMBER, frozen.id, BEFORE)
    decide_outcomes(store, frozen.id, 23, 10)
    with pytest.raises(ScorecardError, match="Record the look"):
        experiments.conclude(store, LEADER, frozen.id, "Adopt", 2, AFTER)
    experiments.look(store, MEMBER, frozen.id, AFTER)
    experiments.conclude(store, LEADER, frozen.id, "Adopt", 2, AFTER)
    before = experiments.told(store, frozen.id, AFTER)
    decide_outcomes(store, frozen.id, 0, 90)
    with store.facts() as tx:
        tx.run("DELETE FROM ticket")
    after = experiments.told(store, frozen.id, AFTER)
    assert after.reading == before.reading and after.guards == before.guards and after.guards[0].a is not None


def test_the_rule_is_frozen_before_the_start_by_who_may_decide(store):
    made = experiments.design(store, MEMBER, TALK)
    with pytest.raises(NotAllowed):
        experiments.freeze(store, MEMBER, made.id, 1, BEFORE)
    with pytest.raises(ScorecardError, match="not written before the start"):
        experiments.freeze(store, LEADER, made.id, 1, STARTS)
    with pytest.raises(NotAllowed):
        experiments.design(store, VIEWER, TALK)


def test_nothing_of_a_frozen_rule_changes(store):
    frozen = make_running(store)
    with pytest.raises(ScorecardError, match="agreed before the start and does not change"):
        experiments.change(store, LEADER, frozen.id, replace(TALK, least=0.0, per_arm=10), frozen.version)


@pytest.mark.parametrize("tampered", [{"per_arm": 20}, {"better": "down"}, {"ends": "2026-12-31"}, {"segment": ""}, {"least": 0.05}, {"guards": []}])
def test_a_rule_that_was_changed_behind_its_back_is_not_read(store, tampered):
    frozen = make_running(store)
    experiments.draw(store, MEMBER, frozen.id, BEFORE)
    decide_outcomes(store, frozen.id, 23, 10)

    def tamper(tx):
        (body,) = tx.one("SELECT body FROM experiment WHERE id = $1", [frozen.id])
        changed = json.loads(body)
        changed["design"] |= tampered
        tx.run("UPDATE experiment SET body = $1 WHERE id = $2", [json.dumps(changed), frozen.id])

    store.write(tamper, "somebody")
    told = experiments.told(store, frozen.id, AFTER)
    assert not told.intact and told.reading is None and told.decision is None
    with pytest.raises(ScorecardError, match="not the one that was frozen"):
        experiments.conclude(store, LEADER, frozen.id, "Adopt", frozen.version, AFTER)


def test_before_its_moment_the_difference_is_not_told_and_a_look_decides_nothing(store):
    frozen = make_running(store)
    experiments.draw(store, MEMBER, frozen.id, BEFORE)
    decide_outcomes(store, frozen.id, 30, 0, of=60)
    told = experiments.told(store, frozen.id, date(2026, 8, 1))
    assert 0 < told.share < 1 and told.reading is None and told.decision.verdict == "go_on"
    looked = experiments.look(store, MEMBER, frozen.id, date(2026, 8, 1))
    assert looked.early == 1 and looked.looks[0].author == "Tom" and looked.looks[0].body["agreed"] is False
    with pytest.raises(ScorecardError, match="gives no answer yet"):
        experiments.conclude(store, LEADER, frozen.id, "Adopt early", frozen.version, date(2026, 8, 1))
    decide_outcomes(store, frozen.id, 23, 10)
    assert experiments.told(store, frozen.id, AFTER).early == 1


def test_a_look_that_was_agreed_has_to_pass_its_boundary(store):
    frozen = make_running(store, replace(TALK, looks=(0.5, 1.0), guards=()))
    experiments.draw(store, MEMBER, frozen.id, BEFORE)
    decide_outcomes(store, frozen.id, 12, 4, of=60)
    half = experiments.look(store, MEMBER, frozen.id, ENDS)
    assert half.reading is not None and half.decision.verdict == "go_on" and half.decision.boundary > abs(half.reading.z) > 1.96
    decide_outcomes(store, frozen.id, 24, 4, of=60)
    assert experiments.told(store, frozen.id, ENDS).reading == half.reading, "between looks nothing is told"
    assert experiments.look(store, MEMBER, frozen.id, ENDS).decision.verdict == "adopt"
    decide_outcomes(store, frozen.id, 4, 24)
    assert experiments.told(store, frozen.id, AFTER).decision.verdict == "adopt", "past its boundary it has ended"
    with pytest.raises(ScorecardError, match="past the boundary agreed: a second reading"):
        experiments.look(store, MEMBER, frozen.id, AFTER)


def test_a_fixed_horizon_is_read_once_and_waiting_for_a_luckier_day_changes_nothing(store):
    frozen = make_running(store, replace(TALK, guards=()))
    experiments.draw(store, MEMBER, frozen.id, BEFORE)
    decide_outcomes(store, frozen.id, 20, 14)
    read = experiments.look(store, MEMBER, frozen.id, AFTER)
    assert read.decision.verdict == "no_evidence" and not experiments.may_look(read, AFTER)
    decide_outcomes(store, frozen.id, 30, 0)
    later = experiments.told(store, frozen.id, AFTER)
    assert later.reading == read.reading and later.decision == read.decision
    with pytest.raises(ScorecardError, match="a second reading would decide nothing"):
        experiments.look(store, MEMBER, frozen.id, AFTER)
    assert experiments.conclude(store, LEADER, frozen.id, "Keep", frozen.version, AFTER).conclusion.verdict == "no_evidence"


def test_one_that_ended_too_small_says_so_instead_of_asking_to_go_on(store):
    frozen = make_running(store)
    experiments.draw(store, MEMBER, frozen.id, BEFORE)
    decide_outcomes(store, frozen.id, 30, 0, of=60)
    said = experiments.told(store, frozen.id, AFTER).decision.sentence
    assert said.startswith("It ended on 30 Sep 2026 with 60 of 100 in the smaller arm") and "Stop it without a result" in said


def test_counts_that_are_typed_anew_count_and_are_told_for_ever(store):
    frozen = make_running(store, replace(TALK, metric="counts", guards=()))
    experiments.look(store, MEMBER, frozen.id, AFTER, Counts(Arm(102, 102), Arm(94, 104)))
    told = experiments.look(store, MEMBER, frozen.id, AFTER, Counts(Arm(80, 102), Arm(94, 104)))
    assert told.reading.a == Arm(80, 102) and told.decision.verdict == "adopt"
    html = output.section(told)
    assert "typed anew after the size was reached" in html and "94 of 104 against 102 of 102" in html


@pytest.mark.parametrize("today, a, says", [(BEFORE, Arm(80, 102), "starts on 1 Apr 2026"), (AFTER, Arm(120, 102), "120 of 102 is no share")])
def test_counts_that_cannot_be_are_refused(store, today, a, says):
    frozen = make_running(store, replace(TALK, metric="counts", guards=()))
    with pytest.raises(ScorecardError, match=says):
        experiments.look(store, MEMBER, frozen.id, today, Counts(a, Arm(0, 0)))


def test_an_account_whose_outcome_is_known_already_is_not_drawn(store):
    later = STARTS + timedelta(30)
    ahead = [id for id, *_ in experiments.eligible(store, TALK, later)]
    assert len(ahead) == sum(number % 180 >= 30 for number in range(206))
    with store.facts() as tx:
        tx.run("UPDATE renewal SET status = 'renewed' WHERE renewal_id = $1", [ahead[0]])
    assert [id for id, *_ in experiments.eligible(store, TALK, later)] == ahead[1:]


def test_arms_are_drawn_once_and_later_accounts_fill_up(store):
    made = experiments.design(store, MEMBER, TALK)
    with pytest.raises(ScorecardError, match="drawn once the rule is frozen"):
        experiments.draw(store, MEMBER, made.id, BEFORE)
    experiments.freeze(store, LEADER, made.id, 1, BEFORE)
    first = experiments.draw(store, MEMBER, made.id, BEFORE)
    facts.put(store, account=[{"account_id": "new", "segment": "Small business", "csm": "Ada", "started_on": date(2026, 1, 1)}],
              renewal=[{"renewal_id": "new", "account_id": "new", "due_on": date(2026, 9, 1), "value_due": 1.0}])
    second = experiments.draw(store, MEMBER, made.id, BEFORE)
    assert set(first) < set(second) and [one.unit for one in second if one not in first] == ["new"]
    with pytest.raises(ScorecardError, match="nobody is drawn any more"):
        experiments.draw(store, MEMBER, made.id, AFTER)


def test_arms_that_lost_accounts_on_one_side_cannot_be_read(store):
    frozen = make_running(store, replace(TALK, per_arm=40))
    experiments.draw(store, MEMBER, frozen.id, BEFORE)
    decide_outcomes(store, frozen.id, 5, 1)
    with store.read() as tx:
        gone = [one.unit for one in experiments.units(tx, frozen.id) if one.arm == "b"][:55]
    with store.facts() as tx:
        for id in gone:
            tx.run("UPDATE renewal SET status = NULL WHERE renewal_id = $1", [id])
    told = experiments.told(store, frozen.id, AFTER)
    assert told.decision.verdict == "broken" and told.reading is None and 'data-verdict="broken"' in output.section(told)


def test_a_guardrail_that_moved_keeps_what_is(store):
    frozen = make_running(store)
    experiments.draw(store, MEMBER, frozen.id, BEFORE)
    decide_outcomes(store, frozen.id, 23, 10)
    with store.read() as tx:
        changed = [one.unit for one in experiments.units(tx, frozen.id) if one.arm == "b"]
    facts.put(store, ticket=[{"ticket_id": f"{id} {n}", "account_id": id, "opened_at": datetime(2026, 6, 1 + n)} for id in changed for n in range(2)])
    told = experiments.look(store, MEMBER, frozen.id, AFTER)
    assert told.guards[0].state == "worse" and told.decision.verdict == "keep" and "guardrail moved: tickets" in told.decision.sentence


def test_typed_counts_are_read_as_the_picture_has_them(store):
    frozen = make_running(store, replace(TALK, metric="counts", counted="renewed", guards=(Guard("CSM hours", "typed", margin=1.0),)))
    hours = {"CSM hours": (Sample(2.3, 0.8, 102), Sample(2.4, 0.9, 104))}
    told = experiments.look(store, MEMBER, frozen.id, AFTER, Counts(Arm(80, 102), Arm(94, 104), hours))
    assert round(told.reading.difference * 100, 1) == 12.0 and told.guards[0].state == "held" and told.decision.verdict == "adopt"
    assert experiments.conclude(store, LEADER, frozen.id, "Adopt", frozen.version, AFTER).state == "concluded"


def test_means_that_are_typed_stand_beside_outcomes_from_the_facts(store):
    frozen = make_running(store, replace(TALK, guards=(Guard("CSM hours", "typed", margin=0.1),)))
    experiments.draw(store, MEMBER, frozen.id, BEFORE)
    decide_outcomes(store, frozen.id, 23, 10)
    assert experiments.told(store, frozen.id, AFTER).decision.verdict == "go_on"  # A guardrail has no figures yet.
    typed = {"CSM hours": (Sample(2.3, 0.2, 103), Sample(2.0, 0.2, 103))}
    told = experiments.look(store, MEMBER, frozen.id, AFTER, Counts(Arm(0, 0), Arm(0, 0), typed))
    assert told.counts.a.n == 103 and told.guards[0].state == "held" and told.decision.verdict == "adopt"
    with pytest.raises(UsageError, match="read from the facts"):
        experiments.look(store, MEMBER, frozen.id, AFTER, Counts(Arm(1, 2), Arm(1, 2)))


def test_volumes_and_size_come_from_the_facts(store):
    past = experiments.volume(store, "renewed", "Enterprise", date(2025, 12, 1))
    assert past.cases == 1 and past.base == 0.0  # An account counts once in a span: its first renewal.
    found = experiments.sizing(store, 0.85, 0.90, 0.8, (1.0,), experiments.Volume(((date(2026, 1, 1), 100, 80),)), 206)
    assert found.plan.per_arm == 683 and found.duration.usual == 14 and found.smallest[1] > 0.9
    assert len(experiments.eligible(store, TALK, BEFORE)) == 206


def test_two_people_do_not_overwrite_each_other_and_every_version_stays(store):
    made = experiments.design(store, MEMBER, TALK)
    experiments.change(store, LEADER, made.id, replace(TALK, per_arm=120), 1, "more accounts")
    with pytest.raises(StaleEdit, match="Rana Amari changed"):
        experiments.change(store, MEMBER, made.id, replace(TALK, per_arm=90), 1)
    with store.read() as tx:
        assert [(one.version, one.reason) for one in experiments.history(tx, made.id)] == [(2, "more accounts"), (1, "")]
        assert tx.one("SELECT COUNT(*) FROM audit WHERE object = $1", [made.origin]) == (2,)


def test_a_stopped_experiment_keeps_its_reason_and_is_not_read(store):
    frozen = make_running(store)
    stopped = experiments.stop(store, LEADER, frozen.id, "The price changed for everybody", frozen.version)
    assert stopped.conclusion.words == "The price changed for everybody"
    with pytest.raises(ScorecardError, match="not read any more"):
        experiments.look(store, MEMBER, frozen.id, AFTER)


@pytest.mark.parametrize("wrong, says", [({"title": " "}, "title"), ({"ends": STARTS}, "cannot end"), ({"per_arm": 1}, "at least 2"), ({"looks": (0.5,)}, "the last is 1"),
                                         ({"looks": (0.8, 0.5, 1.0)}, "rising"), ({"metric": "luck"}, "metric"), ({"strata": ("country",)}, "balanced within"),
                                         ({"guards": (Guard("x"), Guard("x"))}, "name of its own"), ({"guards": (Guard("x", "stars"),)}, "read from"), ({"to": 0.78}, "nothing to notice")])
def test_a_design_that_cannot_be_is_refused_with_what_can(wrong, says):
    with pytest.raises((UsageError, StudyRefused, DefinitionError), match=says):
        experiments.checked(replace(TALK, **wrong))


@pytest.mark.parametrize("days, warned", [(182, True), (400, True), (420, False)])
def test_a_span_too_short_for_the_size_is_said_while_it_is_planned(store, days, warned):
    past = experiments.Volume(tuple((date(2026, month, 1), 100, 80) for month in range(1, 13)))
    found = experiments.sizing(store, 0.85, 0.90, 0.8, (1.0,), past, 206)
    assert found.duration.usual == 14 and ("it would end before they are in" in output.sizes(found, past, days)) is warned

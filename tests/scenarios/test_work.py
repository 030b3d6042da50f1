"""What was planted in Larkfield's work: the product's own readings find the slow stage, the hand-off that broke, and what lacked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest

from scorecard import registers
from scorecard.store.engine import Store
from scorecard.work import handoffs, lifecycle, partners
from tests import stores

TODAY = date(2026, 11, 22)


@pytest.fixture(scope="module")
def store(company, tmp_path_factory) -> Iterator[Store]:
    opened = stores.opened(stores.copied(company, tmp_path_factory.mktemp("work") / "own"))
    yield opened
    opened.close()


def test_of_all_stages_only_renewal_became_slow(store):
    found = lifecycle.read(store, TODAY)
    slow = {one.stage.name: one for one in found.stages if one.reading and one.reading.variation == "worsening"}
    assert list(slow) == ["Renewal"]
    one = slow["Renewal"]
    assert one.reading.shape == "outside" and one.reading.value > one.limits[1] and one.now > 50


def test_every_account_stands_somewhere_and_stages_that_are_logged_are_not_empty(store):
    found = lifecycle.read(store, TODAY)
    assert found.accounts == 412 and found.map.version == 2 and found.map.since == date(2026, 2, 2)
    renamed = replace(found.map, stages=tuple(replace(one, name=f"Our {one.name}") for one in found.map.stages))
    assert [one.now for one in lifecycle.read(store, TODAY, found=renamed).stages] == [one.now for one in found.stages]  # Logged moves follow the stage.
    assert all(found.of(id).now for id in ("onboarding", "training", "engagement", "renewal", "upselling", "cross_selling"))


def test_the_hand_off_that_broke_is_named_with_the_field_that_most_of_them_lacked(store):
    found = handoffs.read(store, TODAY)
    broke, better = found.sentences[0], found.sentences[1]
    assert broke.bold == "Support to Development broke:" and "Most lacked steps to reproduce." in broke.rest
    assert better.bold.endswith("to Sales got better:")
    assert found.worst.contract.what == "Confirmed faults" and found.worst.status == "act" and found.examples
    (field, count), *rest = found.worst.missing
    assert field == "steps to reproduce" and count > 2 * sum(n for _, n in rest)


def test_the_other_hand_offs_run_as_usual(store):
    others = [one for one in handoffs.read(store, TODAY).lines if one.contract.what not in ("Confirmed faults", "Growth leads")]
    assert len(others) == 3 and all(one.reading.shape == "routine" for one in others)


def test_five_moments_are_critical_and_the_renewal_talk_feels_worst(store):
    with store.read() as tx:
        points = registers.entries(tx, "touch_point")
        felt = {one.id: [int(each.values["score"]) for each in registers.entries(tx, "feeling", where={"touch_point": one.id})] for one in points}
    assert sum(bool(one.values.get("critical")) for one in points) == 5
    means = {one.title: sum(felt[one.id]) / len(felt[one.id]) for one in points}
    assert min(means, key=means.get) == "Renewal talk" and means["Renewal talk"] < 3


def test_a_competency_that_rests_on_one_person_slides_and_a_partner_misses_what_was_agreed(store):
    with store.read() as tx:
        payroll = next(one for one in registers.entries(tx, "competency") if one.title == "Links to payroll systems")
        reviews = registers.entries(tx, "partner_review", where={"partner": "sample-partner-payroll"}, order="date")
    values = [row["value"] for row in payroll.values["readings"]]
    assert payroll.values["risk"] == "one" and values == sorted(values, reverse=True) and values[-1] < payroll.values["goal"]
    live = next(one for one in partners.read(store, TODAY).competencies if one.name == "Going live without a consultant").read
    assert live.charted and live.unit == "days" and live.readings[-1] == (date(2026, 10, 31), 27.0) and live.meets  # Its readings are those of its measure.
    faults = [row["reading"] for one in reviews for row in one.values["readings"] if row["measure"] == "Faults in links"]
    assert faults == sorted(faults) and len(faults) == 4

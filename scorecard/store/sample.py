"""The sample company in the store: what stood before it, and everything recorded since it came, taken away again."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from scorecard.core.definition import Definition
from scorecard.core.periods import Period
from scorecard.store import definitions, feedback, measures, members, registers, signin, studies
from scorecard.store.engine import Tx
from scorecard.store.maturity import Draft
from scorecard.store.members import Organisation, Person, Team

OWN = "sample-"
LOADED, REMOVED = "load sample", "remove sample"
OBJECT = "organisation"
REASON = "the sample company"
SETTINGS = ("name", "time_zone", "currency", "fiscal_start", "week_start", "rule_set", "figures_due", "review_day")

# Table and the column that says when a row came: what is newer than the sample goes with it.
RECORDED = {"figure": "loaded_at", "load": "loaded_at", "goal": "recorded_at", "phase": "recorded_at",
            "limits": "recorded_at", "exclusion": "recorded_at", "note": "recorded_at", "reading": "recorded_at",
            "action": "made_at", "comment": "recorded_at",
            "share": "made_at", "arrival": "arrived_at", "calendar_entry": "made_at", "message": "made_at",
            "settled_finding": "recorded_at", "health_rule": "recorded_at", "theme_rule": "recorded_at", "lifecycle_map": "recorded_at", "maturity_model": "recorded_at", "project": "made_at",
            "driver_model": "made_at", "experiment": "made_at"}
# Tables of which a store that takes the sample has no rows, so that all rows are the sample's, whatever day they carry.
ASSESSED = ("maturity_cycle", "maturity_asked", "maturity_draft", "maturity_answer", "maturity_agreed", "maturity_session", "maturity_present",
            "maturity_vote", "maturity_invitation")
WHOLE = ("figure", "reading", "limits", "review", "review_item", "commentary", "signed_month", "added_later", "commitment",
         *ASSESSED)


@dataclass(frozen=True)
class Came:
    """When the sample came (UTC), and what it took the place of."""

    since: datetime
    settings: dict[str, object]
    slots: list[tuple[int, str]]
    measures: list[str]
    people: list[str]
    teams: list[str]
    resting: list[str]
    cards: dict[str, str] | None


@dataclass(frozen=True)
class Card:
    """A further scorecard of the sample; the scorecards that it `takes` roll up into it."""

    id: str
    name: str
    audience: str
    measures: tuple[str, ...]
    takes: tuple[str, ...]


def settle(tx: Tx, organisation: Organisation, teams: Sequence[Team], people: Sequence[tuple[Person, str]],
           names: Sequence[str], cards: Sequence[Card] = ()) -> None:
    """Nothing; organisation, teams, members (person, role) and slots are the sample's. `names` are its measures, slots first.

    Who was a member before rests meanwhile, so that one of the sample's people sits at the keyboard; but not where people sign in.
    """
    old = members.organisation(tx) or Organisation("Your organisation")
    card = definitions.scorecard(tx, definitions.FIRST_SCORECARD)
    resting = [] if signin.used(tx) else [id for (id,) in tx.all("SELECT person FROM member WHERE active ORDER BY person")]
    for person in resting:
        tx.run("UPDATE member SET active = FALSE WHERE person = $1", [person])
    for team in teams:
        members.insert_team(tx, team)
    for person, role in people:
        members.insert_person(tx, person)
        members.insert_member(tx, person.id, role)
    members.update_organisation(tx, replace(organisation, sample=True, version=old.version))
    definitions.put_slots(tx, definitions.FIRST_SCORECARD, list(enumerate(names[:definitions.SLOTS], 1)))
    parents = {one.id: one.parent for one in definitions.scorecards(tx)}
    for one in cards:
        _add_card(tx, one)
    before = {"settings": _settings(old), "slots": list(card.slots) if card else [], "resting": resting, "cards": parents}
    tx.audit(LOADED, OBJECT, before, {"settings": _settings(organisation), "measures": list(names),
                                      "people": [person.id for person, _ in people], "teams": [t.id for t in teams]})


def _add_card(tx: Tx, one: Card) -> None:
    definitions.insert_scorecard(tx, one.id, one.name, one.audience)
    definitions.put_slots(tx, one.id, list(enumerate(one.measures, 1)))
    for child in one.takes:
        definitions.put_parent(tx, child, one.id)


def _settings(organisation: Organisation) -> dict[str, object]:
    return {key: value for key, value in asdict(organisation).items() if key in SETTINGS}


def define(tx: Tx, found: Mapping[str, Definition]) -> None:
    """Nothing; the sample's definitions and goals are recorded."""
    known = definitions.current(tx)
    for one in found.values():
        _withdraw_goals(tx, one, known.get(one.name))
        definitions.record(tx, one, "sample", REASON)


def _withdraw_goals(tx: Tx, one: Definition, known: Definition | None) -> None:
    """Goals that the sample does not have are taken back: its story has its own dates."""
    kept = {goal.start for goal in one.targets}
    for goal in known.targets if known else ():
        if goal.start not in kept:
            measures.add_goal(tx, one.name, Period(goal.start, "day"), None, None, None, "", REASON)


def draft(tx: Tx, cycle: str, written: Sequence[tuple[str, Sequence[Draft]]]) -> None:
    """Nothing; what people have written in a cycle and not sent is kept, at once."""
    tx.many("INSERT INTO maturity_draft VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            [(cycle, person, one.practice, one.chosen, one.applicable, json.dumps(list(one.met)), one.reason, one.evidence, tx.now, 1)
             for person, drafts in written for one in drafts])


def came(tx: Tx) -> Came | None:
    """What the audit says about the sample that is loaded now; None when there is none."""
    here = members.organisation(tx)
    row = tx.one("""SELECT occurred_at, before_json, after_json FROM audit
                    WHERE action = $1 ORDER BY seq DESC LIMIT 1""", [LOADED])
    if here is None or not here.sample or row is None:
        return None
    before, after = json.loads(row[1]), json.loads(row[2])
    return Came(row[0], before["settings"], [(slot, measure) for slot, measure in before["slots"]],
                after["measures"], after["people"], after["teams"], before["resting"], before.get("cards"))


def clear(tx: Tx, sample: Came) -> list[str]:
    """The ids of the loads that went. What stood before the sample stands again; the audit keeps both."""
    loads = [id for (id,) in tx.all("SELECT id FROM load WHERE loaded_at >= $1", [sample.since])]
    tx.run("DELETE FROM load WHERE id IN (SELECT load FROM figure)")
    for table, column in RECORDED.items():
        tx.run(f"DELETE FROM {table} WHERE {column} >= $1", [sample.since])
    registers.forget_since(tx, sample.since)
    feedback.forget_since(tx, sample.since, OWN)
    for table in WHOLE:
        tx.run(f"DELETE FROM {table}")
    tx.run("DELETE FROM calendar_entry WHERE SUBSTRING(object, 1, 7) = 'review:' OR SUBSTRING(object, 1, 6) = 'cycle:'")
    # The sample's own actions, projects and studies were written before it came.
    for table in ("action", "project", "driver_model", "experiment", "calendar_entry"):
        tx.run(f"DELETE FROM {table} WHERE SUBSTRING(id, 1, $2) = $1", [OWN, len(OWN)])
    studies.forget_orphans(tx)
    # Loads take turns by the load before them: with that one gone, its turn is free again.
    tx.run("DELETE FROM nonce WHERE used_at >= $1 AND id LIKE 'load after %'", [sample.since])
    for measure in sample.measures:
        tx.run("DELETE FROM definition WHERE measure = $1 AND recorded_at >= $2", [measure, sample.since])
    for person in sample.people:
        signin.forget(tx, person)
        tx.run("DELETE FROM member WHERE person = $1", [person])
        tx.run("DELETE FROM person WHERE id = $1", [person])
    for team in sample.teams:
        tx.run("DELETE FROM team WHERE id = $1", [team])
    for person in sample.resting:
        tx.run("UPDATE member SET active = TRUE WHERE person = $1", [person])
    definitions.put_slots(tx, definitions.FIRST_SCORECARD, sample.slots)
    if sample.cards is not None:
        _restore_cards(tx, sample.cards)
    now = members.organisation(tx)
    members.update_organisation(tx, replace(now, **sample.settings, sample=False))
    tx.audit(REMOVED, OBJECT, None, {"settings": sample.settings, "loads": len(loads)})
    return loads


def _restore_cards(tx: Tx, parents: Mapping[str, str]) -> None:
    """Nothing; scorecards made since are gone, and the others roll up as they did."""
    for one in definitions.scorecards(tx):
        if one.id not in parents:
            definitions.drop_scorecard(tx, one.id)
        elif one.parent != parents[one.id]:
            definitions.put_parent(tx, one.id, parents[one.id])

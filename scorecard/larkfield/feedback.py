"""Feedback to Larkfield's team leader, by the commands that the app uses; what was said is drawn anew over the people for each statement."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date, datetime, time
from pathlib import Path
from random import Random
from typing import Any

from scorecard import registers
from scorecard.access import Actor
from scorecard.core.feedback import GROUPS, SELF, Answer, Words
from scorecard.larkfield import records
from scorecard.larkfield.maturity import On
from scorecard.leadership import round_aims, rounds
from scorecard.store import feedback as rows
from scorecard.store import sample as stored
from scorecard.store.engine import Store, Tx

FILE = "feedback.toml"
LEVELS = {"?": None, **{str(n): n for n in range(1, 6)}}
AGREED, AFTERNOON = "Agreed by both", time(16)
Said = dict[str, Any]


def ask(store: Store, actors: Mapping[str, Actor], folder: Path) -> None:
    """Nothing; the rounds and who grows into leading are in the store. `actors` are the company's people by id."""
    if not (folder / FILE).exists():
        return
    said = tomllib.loads((folder / FILE).read_text("utf-8"))
    for one in said.pop("round"):
        _hold(store, actors[one["person"]], one)
    records.put_all(store, actors, said)


def _hold(store: Store, leader: Actor, one: Said) -> None:
    opened, id = one["opened"], f"{stored.OWN}{one['id']}"
    rounds.open_round(On(store, opened), leader, person=leader.person, title=one["title"], people={group: one[group] for group in GROUPS}, outside=one["outside"],
                      closes=one["closes"], today=opened.date(), hand_to=one.get("hand_to", ""), id=id)  # fmt: skip
    store.write(lambda tx: _answer(tx, id, one), leader.name, one["closed"])
    rounds.close(On(store, one["closed"]), leader, id)
    for aim in one["aims"]:
        _agree(store, leader, id, aim)


def _answer(tx: Tx, id: str, one: Said) -> None:
    """Everybody who answers has; who did is in the audit, and with no answer."""
    given: list[Answer] = []
    for group, levels in one["levels"].items():
        for item, signs in levels.items():
            drawn = Random(f"{id} {group} {item}").sample(signs, len(signs))
            given += [Answer(f"{group} {n}", group, item, LEVELS[sign]) for n, sign in enumerate(drawn)]
    rows.put_all(tx, id, given, [Words(each["group"], each["question"], each["text"]) for each in one["words"]])
    asked = rows.asked(tx, id)
    for group in (*GROUPS, SELF):
        finished = len({each.rater for each in given if each.group == group})
        for person in sorted(each.person for each in asked.values() if each.group == group)[:finished]:
            rows.finished(tx, id, person)
            tx.audit("answered", f"feedback:{id}", None, {"person": person})


def _agree(store: Store, leader: Actor, id: str, aim: Said) -> None:
    """An aim, agreed by both on the same day; what was done since closes its step and its plan."""
    plan, step, on = f"{stored.OWN}{aim['id']}", f"{stored.OWN}{aim['id']}-step", aim["at"].date()
    round_aims.agree(On(store, aim["at"]), leader, id, aim["item"], does=aim["does"], due=aim["due"], today=on, helper=aim["with"], known_by=aim["known_by"],
                     plan_id=plan, step_id=step)  # fmt: skip
    both = {"person_agreed_on": on.isoformat(), "leader_agreed_on": on.isoformat()}
    _alter(store, leader, round_aims.PLAN, plan, both, 1, "agreed", on, AGREED)
    if done := aim.get("done_on"):
        _alter(store, leader, round_aims.STEP, step, {"done_on": done.isoformat(), "learned": aim["learned"]}, 1, "kept", done)
        _alter(store, leader, round_aims.PLAN, plan, {"came_of_it": aim["learned"]}, 2, "closed", done)


def _alter(store: Store, leader: Actor, register: str, id: str, values: Said, seen: int, state: str, on: date, reason: str = "") -> None:
    of, at = registers.register(register), datetime.combine(on, AFTERNOON)
    store.write(lambda tx: registers.alter(store, tx, leader, of, id, values, seen, reason, state), leader.name, at)

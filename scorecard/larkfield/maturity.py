"""Larkfield's assessments and what it made of them, by the commands that the app uses, each on its own day."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, time, timedelta
from itertools import permutations
from pathlib import Path
from typing import Any

from scorecard import maturity, projects
from scorecard.access import Actor
from scorecard.larkfield.raters import NOT_APPLICABLE, SHORT, UNSURE
from scorecard.maturity import Cycle, Draft, Practice
from scorecard.maturity.answering import EVIDENCE_ABOVE, questions
from scorecard.store import sample as stored
from scorecard.store.engine import Store

CYCLES, ANSWERS = "maturity.toml", "answers.toml"
PROJECT = ("title", "owner", "measure", "effect", "effect_by", "practice", "cycle", "phase")
CHOSEN = {short: level + 1 for level, short in SHORT.items()}
Said = dict[str, Any]


class On:
    """The store on a day of the past: what the commands record carries that moment."""

    def __init__(self, store: Store, moment: datetime):
        self._store, self._moment = store, moment

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def write(self, work: Any, actor: str, now: datetime | None = None, **more: Any) -> Any:
        return self._store.write(work, actor, now or self._moment, **more)


def assess(store: Store, actors: Mapping[str, Actor], folder: Path) -> None:
    """Nothing; the cycles of the folder are in the store. `actors` are the company's people by id."""
    if not (folder / CYCLES).exists():
        return
    said, drawn = (tomllib.loads((folder / name).read_text("utf-8")) for name in (CYCLES, ANSWERS))
    leader = next(actor for actor in actors.values() if actor.role == "leader")
    for one in said["cycle"]:
        told = one | {"evidence": said["evidence"], "answers": one.get("answers") or drawn[one["title"]]}
        _hold(store, leader, actors, told)
    with store.read() as tx:
        cycles = {one.title: one.id for one in maturity.cycles(tx)}
    for one in said["project"]:
        _improve(store, leader, actors[one["owner"]], one | {"cycle": cycles[one["cycle"]]})


def project_of(practice: str) -> str:
    """The id of the sample's project that should raise a practice."""
    return f"{stored.OWN}{practice.lower()}"


def _improve(store: Store, leader: Actor, owner: Actor, one: Said) -> None:
    """A project, started by the leader and moved on by its owner."""
    made, given = one["made"], {key: one[key] for key in PROJECT}
    new = projects.Project(id=project_of(one["practice"]), stage="define", owner_name="", began=None, ended=None, outcome="", reason="",
                           made_by=leader.name, made_at=made, changed_by=leader.name, changed_at=made, version=1, **given)
    store.write(lambda tx: projects.put(tx, new, made.date()), leader.name, made)
    for version, (stage, on) in enumerate(one.get("moved", {}).items(), 1):
        projects.move(store, owner, new.id, stage, on, version, now=datetime.combine(on, time(9)))


def _hold(store: Store, leader: Actor, actors: Mapping[str, Actor], one: Said) -> None:
    opened = one["opened"]
    cycle = maturity.open_cycle(On(store, opened), leader, title=one["title"], kind=one["kind"], mode=one["mode"], people=one["asked"],
                                closes=one["closes"], today=opened.date())
    with store.read() as tx:
        model = maturity.model_at(tx, cycle.model)
    asked = [practice for own in questions(model, cycle).values() for practice in own]
    _answer(store, leader, actors, cycle, asked, one)
    if "closed" in one:
        maturity.close(On(store, one["closed"]), leader, cycle.id)
    for agreed in one.get("agreed", ()):
        texts = {key: value for key, value in agreed.items() if key != "at"}
        maturity.agree(On(store, agreed["at"]), leader, cycle.id, **texts)


def _answer(
    store: Store, leader: Actor, actors: Mapping[str, Actor], cycle: Cycle, asked: Sequence[Practice], one: Said
) -> None:
    """Everybody who answers writes and sends; who has begun has written."""
    written = [(person, _drafts(asked, one, place)) for place, person in enumerate(one["answered"])]
    if begun := one.get("begun"):
        own = [practice for practice in asked if practice.id in begun["answers"]]
        written.append((begun["person"], _drafts(own, one | {"answers": begun["answers"]}, 0)))

    store.write(lambda tx: stored.draft(tx, cycle.id, written), leader.name, begun["at"] if begun else one["opened"])
    for moment, person in zip(_moments(one), one["answered"], strict=False):
        maturity.finish(On(store, moment), actors[person], cycle.id)


def _moments(one: Said) -> Iterator[datetime]:
    """When each of those who answer sends: one after another, on the days on which the cycle is open."""
    opens, closes = one["opened"].date(), one["closes"]
    days = (closes - opens).days + 1 if "closed" in one else len(one["answered"]) // 2
    for place in range(len(one["answered"])):
        yield datetime.combine(opens + timedelta(place * days // len(one["answered"])), time(10 + place % 6, 7 * place % 60))


def _drafts(asked: Sequence[Practice], one: Said, place: int) -> list[Draft]:
    nobody = UNSURE * len(one["asked"])  # a practice that an organisation has added is none that Larkfield knows
    return [_draft(practice, one["answers"].get(practice.id, nobody), place, one) for practice in asked]


def _draft(practice: Practice, signs: str, place: int, one: Said) -> Draft:
    """The answer at a place of the signs: with the criteria of every level that it stands on, evidence and reason."""
    sign = signs[place]
    if sign == UNSURE:
        return Draft(practice.id, None)
    if sign == NOT_APPLICABLE:
        return Draft(practice.id, None, applicable=False, reason=one["reasons"][practice.id])
    chosen = CHOSEN.get(sign) or int(sign)
    stands = chosen - (sign in CHOSEN)
    met = tuple(text for level, texts in practice.gates.items() if level <= stands for text in texts)
    before = sum(_chosen(other) > EVIDENCE_ABOVE for other in signs[:place])
    told = _evidence(one["evidence"][practice.id], before) if chosen > EVIDENCE_ABOVE and one["kind"] == "full" else ""
    return Draft(practice.id, chosen, met=met, evidence=told)


def _chosen(sign: str) -> int:
    return CHOSEN.get(sign) or (int(sign) if sign.isdigit() else 0)


def _evidence(texts: list[str], number: int) -> str:
    """One text or two of them: nobody says the same before all has been said."""
    told = [(text,) for text in texts] + list(permutations(texts, 2))
    return " ".join(told[number % len(told)])

"""Larkfield's projects, what they are worth, and its experiment: by the commands that the app uses, each on its own day.

What a project brought and what an experiment says is not in the file: both are read by the product.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import datetime, time
from pathlib import Path
from typing import Any

from scorecard import projects
from scorecard.access import Actor
from scorecard.core.experiments import Arm, Sample
from scorecard.improvement import experiments
from scorecard.improvement import projects as worth
from scorecard.improvement.experiments import Counts, Design, Guard
from scorecard.maturity import loop
from scorecard.store import definitions
from scorecard.store import sample as stored
from scorecard.store.engine import Store

FILE = "improvement.toml"
GIVEN = ("title", "owner", "measure", "effect", "effect_by")
MORNING = time(9)
Said = dict[str, Any]


def improve(store: Store, actors: Mapping[str, Actor], folder: Path) -> None:
    """Nothing; the file's projects, their cases and the experiment are in the store. `actors` are the company's people by id."""
    if not (folder / FILE).exists():
        return
    said = tomllib.loads((folder / FILE).read_text("utf-8"))
    leader = next(actor for actor in actors.values() if actor.role == "leader")
    for one in said["project"]:
        _project(store, leader, one)
    for one in said["case"]:
        worth.save_case(store, leader, stored.OWN + one["project"], {key: one[key] for key in one if key in worth.EDITABLE}, seen_version=0,
                        today=one["at"].date(), now=one["at"])
    _verify(store, [one for one in said["case"] if "verified" in one], actors)
    for one in said["experiment"]:
        _try(store, leader, one)


def _project(store: Store, leader: Actor, one: Said) -> None:
    """A project, started and moved on by the leader; finished where it is."""
    made, id = one["made"], stored.OWN + one["id"]
    new = projects.Project(id=id, stage="define", owner_name="", practice="", cycle="", phase="", began=None, ended=None, outcome="", reason="",
                           made_by=leader.name, made_at=made, changed_by=leader.name, changed_at=made, version=1, **{key: one[key] for key in GIVEN})
    store.write(lambda tx: projects.put(tx, new, made.date()), leader.name, made)
    seen = 1
    for stage, on in one.get("moved", {}).items():
        seen = projects.move(store, leader, id, stage, on, seen, now=datetime.combine(on, MORNING)).version
    if "finished" in one:
        projects.finish(store, leader, id, one["finished"], seen, now=datetime.combine(one["finished"], MORNING))


def _verify(store: Store, found: list[Said], actors: Mapping[str, Actor]) -> None:
    """The value of finished projects, as the charts of their measures have it, by somebody who does not own them."""
    for one in found:
        told = one["verified"]
        with store.read() as tx:
            standing = [known for known in loop.standings_in(tx, told["at"].date()) if known.project.id == stored.OWN + one["project"]]
            (line,) = worth.lines(standing, worth.cases(tx), definitions.current(tx))
        worth.verify(store, actors[told["by"]], line, told["checked_by"], told["at"].date(), seen_version=line.case.entry.version, now=told["at"])


def _try(store: Store, leader: Actor, one: Said) -> None:
    """An experiment: designed, frozen before its start, looked at when its counts were in, and concluded."""
    guards = tuple(Guard(said["name"], "typed", said["better"], said["margin"]) for said in one["guard"])
    plan = Design(**one["design"], strata=("csm",), guards=guards)
    made = experiments.design(store, leader, plan, id=stored.OWN + one["id"], now=one["made"])
    frozen = experiments.freeze(store, leader, made.id, made.version, one["frozen"].date(), now=one["frozen"])
    typed = {said["name"]: (Sample(*said["a"]), Sample(*said["b"])) for said in one["guard"]}
    experiments.look(store, leader, made.id, one["read"].date(), Counts(Arm(*one["a"]), Arm(*one["b"]), typed), now=one["read"])
    experiments.conclude(store, leader, made.id, one["words"], frozen.version, one["concluded"].date(), project=stored.OWN + one["project"], now=one["concluded"])

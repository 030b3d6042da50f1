"""Larkfield's calendar beside its reviews: each entry planned, held or missed by the command that the app uses, on its own day."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from scorecard import diary
from scorecard.access import Actor
from scorecard.store import sample as stored
from scorecard.store.engine import Store

FILE = "calendar.toml"
PLANNED_BEFORE = timedelta(days=120)
NOON = time(12)
OF_ENTRY = ("kind", "title", "object", "planned", "begins", "ends")


def keep(store: Store, actors: Mapping[str, Actor], folder: Path) -> None:
    """Nothing; the entries of the file are in the calendar. `actors` are the company's people by id."""
    if not (folder / FILE).exists():
        return
    leader = next(actor for actor in actors.values() if actor.role == "leader")
    for one in tomllib.loads((folder / FILE).read_text("utf-8")).get("entry", []):
        _keep(store, leader, one)


def _keep(store: Store, leader: Actor, one: dict[str, Any]) -> None:
    said = {key: value for key, value in one.items() if key in OF_ENTRY}
    made = diary.add(store, leader, owner=leader.person, id=f"{stored.OWN}{one['id']}",
                      now=_at(one.get("planned_at", one["planned"] - PLANNED_BEFORE)), **said)  # fmt: skip
    if "held_on" in one:
        diary.held(store, leader, made.id, one["held_on"], made.version, now=_at(one["held_on"]))
    elif "missed" in one:
        diary.missed(store, leader, made.id, made.version, one["missed"], now=_at(one["planned"] + timedelta(days=1)))


def _at(day: date) -> datetime:
    return datetime.combine(day, NOON)

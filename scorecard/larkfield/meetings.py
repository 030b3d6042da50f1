"""What Larkfield's leaders agreed beforehand, and their reviews: each by the command that the app uses, on its own day."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from scorecard import diary, reviews
from scorecard.access import Actor
from scorecard.core.periods import Period
from scorecard.reviews import Commitment, Item
from scorecard.reviews.month import agenda_in, warnings_of
from scorecard.store.definitions import FIRST_SCORECARD as CARD
from scorecard.store.engine import Store

KEPT_KEYS = ("measure", "at", "reason")


def last_signature(path: Path) -> datetime:
    """The moment of the last signature in the file, the beginning of time without one: what came later it did not know."""
    found = tomllib.loads(path.read_text("utf-8")).get("review", []) if path.exists() else []
    return max((one["signed"] for one in found if "signed" in one), default=datetime.min)


def meet(store: Store, actors: Mapping[str, Actor], path: Path) -> None:
    """Nothing; the commitments and reviews of the file are in the store. `actors` are the company's people by id."""
    if not path.exists():
        return
    said = tomllib.loads(path.read_text("utf-8"))
    leader = next(actor for actor in actors.values() if actor.role == "leader")
    for one in said.get("commitment", []):
        agreed = {key: Commitment(**_listed(line)) for key, line in one.items() if key not in KEPT_KEYS}
        reviews.set_commitment(store, leader, one["measure"], agreed, one["reason"], now=one["at"])
    for one in said.get("review", []):
        _hold(store, actors, one)


def _listed(line: dict[str, Any]) -> dict[str, Any]:
    return line | {"decisions": tuple(line.get("decisions", ()))}


def _hold(store: Store, actors: Mapping[str, Actor], one: dict[str, Any]) -> None:
    period, chair = reviews.period_of(one["month"]), actors[one["chair"]]
    diary.add(store, chair, kind="monthly_review", title="Monthly review, Customer Success", planned=one["planned"],
              object=f"review:{CARD}:{period}", begins=one["begins"], owner=one["chair"], now=one["planned_at"])
    held = datetime.combine(one["held_on"], datetime.strptime(one["begins"], "%H:%M").time())
    reviews.open_review(store, chair, CARD, period, held_on=one["held_on"], begins=one["begins"], chair=one["chair"],
                        attendees=one["attendees"], now=min(held, one.get("signed", held)))
    if "signed" not in one:
        return
    _decide(store, chair, period, one.get("said", {}), held)
    reviews.actions_read(store, chair, CARD, period, now=held)
    reviews.sign(store, chair, CARD, period, one["signed"].date(), now=one["signed"])
    for note in one.get("note", []):
        reviews.add_note(store, actors[note["author"]], CARD, period, note["text"], now=note["at"])


def _decide(store: Store, chair: Actor, period: Period, said: dict[str, Any], held: datetime) -> None:
    """Every item is decided as the file says, else as its reading suggests."""
    warnings = warnings_of(store, CARD, period, held.date())
    with store.read() as tx:
        items = agenda_in(tx, CARD, period, held.date(), warnings)
    for item in items:
        own = said.get(item.measure, {})
        _say(store, chair, period, replace(item, decision=own.get("decision", item.suggested)), own.get("discussion", ""), held)


def _say(store: Store, chair: Actor, period: Period, item: Item, discussion: str, held: datetime) -> None:
    if discussion:
        reviews.discuss(store, chair, CARD, period, item.id, discussion, None, now=held)
    settle = "Another month of the same would settle it." if item.decision == "watch" else ""
    reviews.decide(store, chair, CARD, period, item.id, item.decision, settle, item.title, None, now=held)

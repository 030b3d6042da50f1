"""Larkfield's hand-offs between departments, drawn the same each time, and its map of the lifecycle: by the commands that the app uses.

Planted: one hand-off broke in its last month, and one field causes most of what came back; another got better with a form.
Nothing here is read by the product, which has to find it.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from random import Random

from scorecard import registers
from scorecard.access import Actor
from scorecard.core.lifecycle import LifecycleMap
from scorecard.core.periods import Period, between, containing
from scorecard.registers import Past
from scorecard.store import sample as stored
from scorecard.store.engine import Store
from scorecard.work import lifecycle

ACCOUNTS = Path("exports") / "crm_accounts.csv"
REGISTER, SEED = "handoff", 20_261_122
FIRST, LAST = containing(date(2024, 11, 1), "month"), containing(date(2026, 11, 1), "month")
WRITTEN_UNTIL, WAITING_SINCE = date(2026, 11, 20), date(2026, 11, 12)
NOON = time(12)
REDESIGN = date(2026, 2, 2)


@dataclass(frozen=True)
class Drawn:
    """Hand-offs of one contract: about how many a month, the share that comes back (from a month on another), its fields by how often
    each is missing, who writes them down, and the seed of their numbers: the first without a false alarm."""

    contract: str
    a_month: int
    defective: float
    by: tuple[str, ...]
    missing: tuple[tuple[str, float], ...]
    since: Period | None = None
    then: float = 0.0
    seed: int = 1

    def months(self) -> list[tuple[Period, int, int]]:
        """(month, hand-offs, those that come back): each comes back by chance, on its own."""
        chance = Random(f"{self.contract} {self.seed}")
        numbers = [(month, self.a_month + chance.randrange(-2, 3)) for month in between(FIRST, LAST)]
        return [(month, n, sum(chance.random() < self.share(month) for _ in range(n))) for month, n in numbers]

    def share(self, month: Period) -> float:
        return self.then if self.since and month >= self.since else self.defective


OCTOBER, FORM = containing(date(2026, 10, 1), "month"), containing(REDESIGN, "month")
HANDOFFS = (
    Drawn("handoff-goals", 12, 0.13, ("kenji-sato", "hana-patel", "marta-ruiz"), (("named goal of the buyer", 0.7), ("contacts", 0.2), ("start date", 0.1))),
    Drawn("handoff-issues", 11, 0.09, ("jo-lind",), (("priority", 0.7), ("what was tried", 0.3)), seed=2),
    Drawn("handoff-faults", 22, 0.13, ("jo-lind",), (("steps to reproduce", 0.75), ("version", 0.15), ("accounts concerned", 0.1)), OCTOBER, 0.5),
    Drawn("handoff-terms", 12, 0.08, ("ines-vidal", "amara-osei"), (("purchase order number", 0.8), ("term", 0.2))),
    Drawn("handoff-leads", 14, 0.28, ("luc-renard", "camila-duarte"), (("decision maker", 0.7), ("budget", 0.3)), FORM, 0.10, seed=12),
)


def work(store: Store, actors: Mapping[str, Actor], folder: Path) -> None:
    """Nothing; the hand-offs and the map are in the store, where the company's contracts of hand-offs are."""
    leader = next(actor for actor in actors.values() if actor.role == "leader")
    with store.read() as tx:
        agreed = registers.count(tx, "handoff_contract")
    if not agreed:
        return
    found = drawn(actors, _accounts(folder / ACCOUNTS))
    store.write(lambda tx: registers.put_past(store, tx, REGISTER, found), leader.name)
    _redraw(store, leader)


def _accounts(path: Path) -> list[str]:
    with path.open(encoding="utf-8", newline="") as file:
        return [row["Account ID"] for row in csv.DictReader(file) if not row["Customer Until"]]


def drawn(actors: Mapping[str, Actor], accounts: Sequence[str]) -> list[Past]:
    """Every version of every hand-off, in order of time within each."""
    chance, found = Random(SEED), []
    for one in HANDOFFS:
        for month, many, back in one.months():
            for number in range(many):
                sent = month.start + timedelta(chance.randrange((month.end - month.start).days + 1))
                found += _handed(chance, one, actors, accounts, f"{one.contract}-{month}-{number + 1}", sent, number < back)
    return found


def _handed(chance: Random, one: Drawn, actors: Mapping[str, Actor], accounts: Sequence[str], id: str, sent: date, back: bool) -> list[Past]:
    actor, account, took = actors[chance.choice(one.by)], chance.choice(accounts), chance.randrange(3)
    lacking, later = chance.choices([name for name, _ in one.missing], [weight for _, weight in one.missing])[0], 3 + chance.randrange(6)
    if sent > WRITTEN_UNTIL:
        return []
    said = {"contract": f"{stored.OWN}{one.contract}", "account": account, "sent_on": sent}
    at = datetime.combine(min(sent + timedelta(took), WRITTEN_UNTIL), NOON)
    if not back:
        waits = sent >= WAITING_SINCE and took == 2
        return [Past(stored.OWN + id, actor, at, said if waits else said | {"accepted_on": at.date()}, "sent" if waits else "accepted")]
    told = said | {"missing": lacking, "returned_on": at.date()}
    done = sent + timedelta(took + later)
    if done > WRITTEN_UNTIL:
        return [Past(stored.OWN + id, actor, at, told, "returned")]
    return [Past(stored.OWN + id, actor, datetime.combine(done, NOON), told | {"completed_on": done}, "completed")]


def _redraw(store: Store, leader: Actor) -> None:
    """The map since guided onboarding: what its first stage is, and over which channels. Kept on the day of the load, so that it goes with it."""
    before = lifecycle.current(store)
    lifecycle.save_map(store, leader, _redesigned(before), before.version, "Guided onboarding: the first weeks are met in the product and by video", REDESIGN)


def _redesigned(before: LifecycleMap) -> LifecycleMap:
    changed = {"onboarding": {"words": "kick-off to first value", "channels": ("video", "product", "email")}}
    return replace(before, stages=tuple(replace(one, **changed.get(one.id, {})) for one in before.stages))

"""Silence: how many accounts of each segment were heard through each kind of facts, for the matrix of listening posts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from scorecard.core.facts import KINDS
from scorecard.sensory.scoring import NO_SEGMENT
from scorecard.store import comments as rows
from scorecard.store.engine import Store

DAYS = 90


@dataclass(frozen=True)
class Heard:
    """A kind of facts in a segment: its accounts, how many of them were heard, and the last day on which one was."""

    kind: str
    segment: str
    accounts: int
    heard: int
    last: date | None

    @property
    def label(self) -> str:
        """The kind of facts, for people."""
        return KINDS[self.kind].label

    @property
    def share(self) -> float:
        return self.heard / self.accounts if self.accounts else 0.0

    @property
    def silent(self) -> bool:
        """Whether nobody of the segment was heard."""
        return self.heard == 0


def read(store: Store, until: date, days: int = DAYS) -> dict[tuple[str, str], Heard]:
    """By (kind of facts, segment): how many of a day's customers were heard in the days up to it."""
    with store.read_facts() as tx:
        found = rows.heard(tx, until, days)
    return {(kind, segment or NO_SEGMENT): Heard(kind, segment or NO_SEGMENT, *rest) for kind, segment, *rest in found}


def sentence(found: dict[tuple[str, str], Heard]) -> str:
    """How many of the channels are silent, and where."""
    silent = [one for one in found.values() if one.silent]
    if not silent:
        return f"None of {len(found)} channels is silent."
    where = ", ".join(f"{one.label.lower()} in {one.segment}" for one in silent)
    return f"{len(silent)} of {len(found)} channels {'is' if len(silent) == 1 else 'are'} silent: {where}."

"""Two versions of the lifecycle side by side: what was changed at each stage, and whether its days moved since (W2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from scorecard.core import spc, verdict
from scorecard.core.lifecycle import CHANNELS, LifecycleMap, Stage, mark_words
from scorecard.core.spc import Figure, Options
from scorecard.core.verdict import Span, Verdict
from scorecard.work import lifecycle

if TYPE_CHECKING:
    from scorecard.store.engine import Store
    from scorecard.work.lifecycle import Standing


@dataclass(frozen=True)
class Compared:
    """One stage in two versions, None where it is missing; `verdict` reads its days by the newer rule, before and since."""

    name: str
    older: Stage | None
    newer: Stage | None
    verdict: Verdict | None

    @property
    def changed(self) -> tuple[str, ...]:
        """What is different, in words; nothing when the stage stayed as it was."""
        if self.older is None or self.newer is None:
            return ("new stage",) if self.newer else ("taken out",)
        pairs = (("begins", mark_words(self.older.begin), mark_words(self.newer.begin)), ("ends", mark_words(self.older.end, True), mark_words(self.newer.end, True)),
                 ("channels", _channels(self.older), _channels(self.newer)), ("name", self.older.name, self.newer.name))  # fmt: skip
        return tuple(f"{what}: {was or 'none'} → {now or 'none'}" for what, was, now in pairs if was != now)


def _channels(stage: Stage) -> str:
    return ", ".join(CHANNELS.get(one, one) for one in stage.channels)


def read(store: Store, today: date, older: LifecycleMap, newer: LifecycleMap, segment: str = "") -> tuple[Compared, ...]:
    """Every stage of two versions in the order of the newer one; stages that were taken out come last."""
    found = lifecycle.read(store, today, segment, newer)
    standing = {one.stage.id: one for one in found.stages} if found else {}
    kept = [Compared(one.name, older.stage(one.id), one, _verdict(standing.get(one.id), newer.since)) for one in newer.stages]
    return (*kept, *(Compared(one.name, one, None, None) for one in older.stages if newer.stage(one.id) is None))


def _verdict(one: Standing | None, since: date | None) -> Verdict | None:
    """The verdict on the days of a stage since the newer version holds; None without a day, or without figures before it."""
    if one is None or since is None:
        return None
    first = verdict.first_period(since, "month")
    series = lifecycle.figures([cohort for cohort in one.cohorts if cohort.value is not None])
    before, after = [each for each in series if each.period < first], [each for each in series if each.period >= first]
    return verdict.read(_chart(before, one), after, frozenset(), Span(first), lifecycle.measure(one.stage)) if before and after else None


def _chart(before: Sequence[Figure], one: Standing) -> spc.Chart:
    return spc.read_series(before, Options(direction=lifecycle.measure(one.stage).improvement_direction, bounds=(0.0, None)))

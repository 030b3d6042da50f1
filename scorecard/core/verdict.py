"""What a measure's own chart says about an action (the rule is in `read`)."""

from __future__ import annotations

from dataclasses import dataclass

from scorecard.core.periods import Period
from scorecard.core.reading import Sentence

VERDICTS = {"worked": "Worked", "no_evidence": "No evidence yet", "worse": "Worse", "too_few": "Too few months"}


@dataclass(frozen=True)
class Verdict:
    """`months` counts the points after the start, `wanted` those that are needed before a verdict; `size` is the mean since
    the start minus the old centre, in the unit of the measure; `shared` names the other actions that overlap on it."""

    verdict: str
    months: int
    wanted: int
    completed: Period | None
    rule: str
    old_centre: float | None
    mean: float | None
    size: float | None
    sentence: Sentence
    figures: str
    later: str = ""
    shared: tuple[str, ...] = ()

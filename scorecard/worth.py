"""The assumptions on what advocacy is worth: the published study, and the figures that people put in their place. For all pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from scorecard import registers
from scorecard.core import value
from scorecard.core.value import CASES, Assumption, Worth
from scorecard.registers import Entry
from scorecard.store.engine import Store

WORTH_INPUT = "worth_input"
PERCENT = ("share",)


@dataclass(frozen=True)
class Advocacy:
    """The assumptions that hold, what they come to by case, and what a tenth more or less of each alone would change."""

    assumptions: tuple[Assumption, ...]
    sources: Mapping[str, str]
    worth: Mapping[str, Worth]
    sensitivity: Mapping[str, tuple[float, float]]


def advocacy(store: Store) -> Advocacy:
    """The published study with the figures that were put in its place. Raises StudyRefused when they cannot go together."""
    with store.read() as tx:
        return worth_of(registers.entries(tx, WORTH_INPUT))


def worth_of(found: Sequence[Entry]) -> Advocacy:
    """The same of entries."""
    made, sources = replaced(value.study_assumptions(), found)
    return Advocacy(made, sources, {case: value.advocacy(made, case) for case in CASES}, value.sensitivity(made))


def replaced(given: Sequence[Assumption], found: Sequence[Entry]) -> tuple[tuple[Assumption, ...], dict[str, str]]:
    """(the assumptions with what people put in their place, where that comes from); of two for one the one that holds since the
    later day counts. Entries for other assumptions are passed over."""
    units = {one.id: one.unit for one in given}
    changes: dict[str, dict[str, float]] = {}
    sources: dict[str, str] = {}
    for one in sorted(found, key=lambda one: (one.at, one.recorded_at, one.id)):
        said = one.values
        if said["input"] in units:
            by = 100.0 if units[said["input"]] in PERCENT else 1.0
            changes[said["input"]] = {case: said[case] / by for case in CASES if said.get(case) is not None}
            sources[said["input"]] = said.get("source", "")
    return value.edited(given, changes), sources

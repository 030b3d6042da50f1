"""Figures of a running process as OpenMetrics text: families of samples, and how they are written down."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

MEDIA_TYPE = "application/openmetrics-text; version=1.0.0; charset=utf-8"
KINDS = ("counter", "gauge", "histogram", "info")


@dataclass(frozen=True)
class Sample:
    """One line: its labels, its value, and what is added to the name of its family (`_total`, `_bucket` …)."""

    labels: tuple[tuple[str, str], ...]
    value: float
    ending: str = ""


@dataclass(frozen=True)
class Family:
    """What belongs together under one name; `unit` ends the name, or is ""."""

    name: str
    kind: str
    help: str
    samples: tuple[Sample, ...]
    unit: str = ""


@dataclass(frozen=True)
class Spread:
    """How many fell into each bucket (the last one is open), and their sum."""

    bounds: tuple[float, ...]
    counts: tuple[int, ...]
    total: float


def gauge(name: str, help: str, values: Mapping[tuple[tuple[str, str], ...], float], unit: str = "") -> Family:
    """A family of what may go up and down, one sample for each set of labels."""
    return Family(name, "gauge", help, tuple(Sample(labels, value) for labels, value in sorted(values.items())), unit)


def counter(name: str, help: str, values: Mapping[tuple[tuple[str, str], ...], float], unit: str = "") -> Family:
    """A family of what only grows, one sample for each set of labels."""
    found = tuple(Sample(labels, value, "_total") for labels, value in sorted(values.items()))
    return Family(name, "counter", help, found, unit)


def histogram(name: str, help: str, spreads: Mapping[tuple[tuple[str, str], ...], Spread], unit: str = "") -> Family:
    """A family of buckets that hold all that is at most their bound, with count and sum."""
    found = tuple(one for labels, spread in sorted(spreads.items()) for one in _of(labels, spread))
    return Family(name, "histogram", help, found, unit)


def _of(labels: tuple[tuple[str, str], ...], spread: Spread) -> Iterable[Sample]:
    below = 0
    for bound, count in zip((*map(repr, spread.bounds), "+Inf"), spread.counts, strict=True):
        below += count
        yield Sample((*labels, ("le", bound)), below, "_bucket")
    yield Sample(labels, below, "_count")
    yield Sample(labels, spread.total, "_sum")


def text(families: Iterable[Family]) -> str:
    """The whole answer, with the line that says that nothing is missing."""
    return "\n".join([line for family in families for line in _lines(family)] + ["# EOF", ""])


def _lines(family: Family) -> Iterable[str]:
    yield f"# TYPE {family.name} {family.kind}"
    if family.unit:
        yield f"# UNIT {family.name} {family.unit}"
    yield f"# HELP {family.name} {_quoted(family.help)}"
    for one in family.samples:
        words = ",".join(f'{key}="{_quoted(value)}"' for key, value in one.labels)
        yield f"{family.name}{one.ending}{f'{{{words}}}' if words else ''} {number(one.value)}"


def _quoted(value: str) -> str:
    return value.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')


def number(value: float) -> str:
    """A figure as the format writes it: 0.25, 3, 1200000000."""
    return str(int(value)) if float(value).is_integer() else repr(float(value))

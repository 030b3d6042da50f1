"""What the records say about finding causes and proving changes."""

from __future__ import annotations

from scorecard import projects
from scorecard.core.periods import day
from scorecard.maturity.records.kept import Kept
from scorecard.maturity.records.model import Records, none_yet
from scorecard.maturity.records.words import has, listing, of, plural, since

STAGES = tuple(projects.STAGES)


def improvement(kept: Kept) -> list[Records]:
    """The records of I1 to I8."""
    return [_method(kept), _chosen(kept), _proved(kept), none_yet("I4"), _analysed(kept), _modelled(kept), _tried(kept), none_yet("I8")]


def _method(kept: Kept) -> Records:
    """Projects by stage: all of them go through the same five."""
    open_ones = [one for one in kept.projects if one.open]
    ended = [one for one in kept.projects if not one.open]
    lines = [f"{plural(len(open_ones), 'project')} under way, {len(ended):,} finished or stopped"]
    stages = [f"{stage} {n}" for stage in STAGES if (n := sum(one.stage == stage for one in open_ones))]
    if stages:
        lines.append(f"By stage: {listing(stages, 5)}")
    return Records("I1", tuple(lines), len(kept.projects))


def _chosen(kept: Kept) -> Records:
    stated = sum(one.effect is not None for one in kept.projects)
    gaps = sum(bool(one.practice) for one in kept.projects)
    if not kept.projects:
        return Records("I2", ("No project yet",), 0)
    total = len(kept.projects)
    lines = (f"{of(stated, total, 'project')} {'states' if stated == 1 else 'state'} the effect that is expected",
             f"{of(gaps, total, 'project')} {'closes' if gaps == 1 else 'close'} a gap of the maturity results")  # fmt: skip
    return Records("I2", lines, stated)


def _proved(kept: Kept) -> Records:
    """What the charts say about the actions finished in the last twelve months."""
    done = [one for one in kept.finished() if one.measure]
    read = [verdict for one in done if (verdict := kept.verdict(one))]
    lines = [f"{plural(len(done), 'finished action')} with a measure {since(kept.year)}"]
    if done:
        lines.append(f"{len(read):,} {has(len(read))} a verdict: {read.count('worked'):,} worked, {read.count('worse'):,} made it worse, "
                     f"{read.count('no_evidence'):,} without evidence yet")  # fmt: skip
    return Records("I3", tuple(lines), len(read))


def _analysed(kept: Kept) -> Records:
    """Stated causes of results, which the product tests on the figures with an interval."""
    links = [(one.name, driver.measure) for one in kept.used for driver in one.drivers]
    if not links:
        return Records("I5", ("No stated cause of a result is tested",), 0)
    results = len({effect for effect, _ in links})
    return Records("I5", (f"{plural(len(links), 'stated cause')} of {plural(results, 'result')} tested on the figures, with intervals",),
                   len(links))  # fmt: skip


def _modelled(kept: Kept) -> Records:
    """Models of what goes with losing customers that were kept under a name."""
    if not kept.models:
        return none_yet("I6")
    last = max(one.made_at for one in kept.models).date()
    return Records("I6", (f"{plural(len(kept.models), 'model')} of what drives churn kept, the last on {day(last)}",), len(kept.models))


def _tried(kept: Kept) -> Records:
    """Experiments by state: the rule of one under way was frozen before it began."""
    if not kept.experiments:
        return none_yet("I7")
    frozen, concluded = (sum(one.state == state for one in kept.experiments) for state in ("frozen", "concluded"))
    lines = (f"{plural(len(kept.experiments), 'experiment')}, {frozen:,} of them under way by a frozen rule, {concluded:,} concluded",)
    return Records("I7", lines, len(kept.experiments))

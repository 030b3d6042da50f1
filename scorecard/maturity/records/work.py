"""What the records say about how value reaches the customer."""

from __future__ import annotations

from scorecard.core import fmt
from scorecard.core.periods import day
from scorecard.maturity.records.kept import ALL_HAND_OFFS, HAND_OFFS, SCHEDULE_KEPT, Kept
from scorecard.maturity.records.model import Records, none_yet
from scorecard.maturity.records.words import listing, of, plural, since


def work(kept: Kept) -> list[Records]:
    """The records of W1 to W6."""
    return [_mapped(kept), _redesigned(kept), none_yet("W3"), none_yet("W4"), _lifecycle(kept), _hand_offs(kept)]


def _mapped(kept: Kept) -> Records:
    """The map of the lifecycle with its version and its day."""
    if not kept.maps:
        return none_yet("W1")
    last = kept.maps[-1]
    held = f" in force since {day(last.since)}" if last.since else ""
    return Records("W1", (f"Map of {plural(len(last.stages), 'stage')}, version {last.version}{held}",), len(kept.maps))


def _redesigned(kept: Kept) -> Records:
    """Finished actions that changed how the work is done, what the measures say about them, and new versions of the map."""
    changed = [one for one in kept.finished() if one.kind == "process"]
    read = [verdict for one in changed if (verdict := kept.verdict(one))]
    lines = [f"{plural(len(changed), 'change')} of how the work is done {since(kept.year)}"]
    if changed:
        lines.append(f"{of(len(read), len(changed), 'has', 'have')} a verdict; {read.count('worked'):,} worked")
    drawn = [one for one in kept.maps[1:] if one.since and kept.year <= one.since <= kept.today]
    if drawn:
        lines.append(f"{plural(len(drawn), 'new version')} of the lifecycle, the last since {day(drawn[-1].since)}: {drawn[-1].reason}")
    return Records("W2", tuple(lines), len(changed) + len(drawn))


def _lifecycle(kept: Kept) -> Records:
    found, lines = kept.facts, []
    stages = {"onboarding": sum(found.milestones.values()), "contact": found.contacts_done, "renewal": found.renewals}
    told = [f"{name} ({n:,})" for name, n in stages.items() if n]
    if not told:
        return Records("W5", (f"No onboarding step, contact or renewal {since(kept.year)}",), 0)
    lines.append(f"Records {since(kept.year)}: {listing(told)}")
    if found.channels:
        lines.append(f"{plural(len(found.channels), 'channel')}: {listing(found.channels, 6)}")
    schedule = kept.figures.get(SCHEDULE_KEPT)
    if schedule:
        measure = kept.definitions[SCHEDULE_KEPT]
        lines.append(f"{measure.label}, {schedule.last.label}: {fmt.value(schedule.value, measure)}")
    return Records("W5", tuple(lines), len(told))


def _hand_offs(kept: Kept) -> Records:
    """Hand-offs whose faults are a measure of the catalogue, and what the records of all of them say together."""
    each, together = ([name for name in names if name in kept.figures and name in kept.definitions] for names in (HAND_OFFS, ALL_HAND_OFFS))
    if not each and not together:
        return Records("W6", ("No hand-off has a monthly defect rate",), 0)
    lines = [f"{plural(len(each), 'hand-off')} with a monthly defect rate"] if each else []
    lines += [f"{kept.definitions[name].label}, {kept.figures[name].last.label}: "
              f"{fmt.with_unit(kept.figures[name].value, kept.definitions[name])}" for name in (*each, *together)]  # fmt: skip
    return Records("W6", tuple(lines), len(each) + len(together))

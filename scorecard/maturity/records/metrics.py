"""What the records say about the critical few."""

from __future__ import annotations

from scorecard.maturity.records.kept import Kept
from scorecard.maturity.records.model import Records
from scorecard.maturity.records.words import has, of, plural, since

SIGNED_KINDS = {"month": "monthly", "quarter": "quarterly", "week": "weekly"}


def metrics(kept: Kept) -> list[Records]:
    """The records of M1 to M9."""
    return [_linked(kept), _few(kept), _calibrated(kept), _acted_on(kept), _benchmarked(kept), _driven(kept), _ten(kept),
            _coloured(kept), _seen(kept)]  # fmt: skip


def _linked(kept: Kept) -> Records:
    cards = [one for one in kept.cards if one.measures]
    below = [one for one in cards if one.parent]
    by_id = {one.id: one for one in kept.cards}
    rolled = sum(bool(one.goes_into(name, by_id[one.parent])) for one in below if one.parent in by_id for name in one.measures)
    lines = (f"{of(len(below), len(cards), 'scorecard')} {'rolls' if len(below) == 1 else 'roll'} up into another",
             f"{plural(rolled, 'measure')} recomputed at the level above")  # fmt: skip
    return Records("M1", lines, len(below))


def _few(kept: Kept) -> Records:
    lines = []
    for card in kept.cards:
        own = [kept.definitions[name] for name in card.measures if name in kept.definitions]
        results = sum(one.kind == "lagging" for one in own)
        if own:
            lines.append(f"{card.name}: {plural(results, 'result')}, {plural(len(own) - results, 'driver')}")
    owned = sum(bool(one.owner) for one in kept.used)
    lines.append(f"{of(owned, len(kept.used), 'measure')} in use {has(owned)} an owner")
    return Records("M2", tuple(lines), len(kept.used))


def _calibrated(kept: Kept) -> Records:
    locked = sum(one.name in kept.limits for one in kept.used)
    lines = (f"{of(locked, len(kept.used), 'measure')} in use {has(locked)} locked limits",
             "Every scorecard states at its foot how often its rules give a false alarm")  # fmt: skip
    return Records("M3", lines, locked)


def _acted_on(kept: Kept) -> Records:
    """Reviews signed in six months, and what came of the actions they decided."""
    signed = kept.signed(kept.half)
    ours = [one for one in kept.actions if one.origin.startswith("review:") and one.made_at.date() >= kept.year]
    closed = [one for one in ours if not one.open]
    read = sum(bool(kept.verdict(one)) for one in ours)
    late = sum(bool(one.days_late(kept.today)) for one in ours)
    lines = [f"{plural(len(signed), 'review')} signed {since(kept.half)}",
             f"{plural(len(ours), 'action')} decided in reviews {since(kept.year)}: {len(closed):,} closed, {late:,} overdue"]  # fmt: skip
    if closed:
        lines.append(f"{of(read, len(closed), 'closed action')} {has(read)} a verdict from the chart of its measure")
    lines.append(f"{of(len(kept.committed), len(kept.used), 'measure')} {has(len(kept.committed))} written commitments")
    return Records("M4", tuple(lines), len(signed))


def _benchmarked(kept: Kept) -> Records:
    n = sum(bool(one.benchmarks) for one in kept.used)
    return Records("M5", (f"{n:,} of {len(kept.used):,} {has(n)} a benchmark",), n)


def _driven(kept: Kept) -> Records:
    results = [one for one in kept.used if one.kind == "lagging"]
    driven = [one for one in results if one.drivers]
    links = sum(len(one.drivers) for one in driven)
    lines = [f"{of(len(driven), len(results), 'result')} in use {has(len(driven))} stated drivers"]
    if links:
        lines.append(f"{plural(links, 'link')} with sign and delay, tested on the figures of each month")
    return Records("M6", tuple(lines), len(driven))


def _ten(kept: Kept) -> Records:
    lines = [f"{one.name}: {plural(len(one.measures), 'measure')}" for one in kept.cards if one.measures]
    split = sum(one.name in kept.by_person for one in kept.used)
    lines.append(f"{of(split, len(kept.used), 'measure')} {'is' if split == 1 else 'are'} recomputed from everybody's figures")
    return Records("M7", tuple(lines), max((len(one.measures) for one in kept.cards), default=0))


def _coloured(kept: Kept) -> Records:
    goals = sum(kept.goal(one) for one in kept.used)
    locked = sum(one.name in kept.limits for one in kept.used)
    lines = (f"{of(goals, len(kept.used), 'measure')} in use {has(goals)} a dated goal",
             f"{of(locked, len(kept.used), 'measure')} in use {has(locked)} limits from their own history")  # fmt: skip
    return Records("M8", lines, goals)


def _seen(kept: Kept) -> Records:
    links = [one for one in kept.shares if one.open_on(kept.today)]
    walls, opened = sum(one.wall for one in links), sum(one.openings for one in links)
    met = [one for one in kept.reviews if one.held_on and kept.quarter <= one.held_on <= kept.today]
    people = {person for one in met for person in one.attendees}
    lines = (f"{plural(len(met), 'review')} held {since(kept.quarter)}, with {plural(len(people), 'person', 'people')}",
             f"{plural(len(links), 'link')} to the scorecard in use, {walls:,} for a wall screen, opened {plural(opened, 'time')}")  # fmt: skip
    return Records("M9", lines, len(met))

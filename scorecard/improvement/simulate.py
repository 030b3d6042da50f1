"""What a change of capacity, cycle time or adoption would do to onboarding and to renewals, drawn from the store's own past.

How long cases took and how many arrived are those of the last twelve months before a day; places are the most cases that were
open at once, unless somebody says otherwise. The same model is asked about the last quarter from what was known before it.
"""

from __future__ import annotations

import math
from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median

from scorecard.core import simulation
from scorecard.core.simulation import Change, Check, Kept, Outcome, Process
from scorecard.errors import StudyRefused
from scorecard.store import pasts
from scorecard.store.engine import Store
from scorecard.store.pasts import Past

KINDS = {"onboarding": "Onboarding queue", "renewals": "Renewal pipeline"}
LEAD, VALUE_WITHIN = 90, 30
MONTHS_PAST, MONTHS_AHEAD, QUARTER = 12, 6, 3
GIVEN_UP = 90  # Days after which an account without first value counts as given up, no longer as open.
PRIOR = 4  # Cases by which a small group's share is drawn to that of all.
SEED, RUNS = 20261, 300


@dataclass(frozen=True)
class History:
    """The cases of a process and the month after its facts end: what is known goes up to the day before `until`."""

    kind: str
    cases: tuple[Past, ...]
    until: date


@dataclass(frozen=True)
class Answer:
    """The process as it is, what the coming months bring without and with the change, and the check against the last quarter."""

    process: Process
    before: Outcome
    after: Outcome
    checks: tuple[Check, ...]
    quarter: tuple[date, date]


def history(store: Store, kind: str) -> History | None:
    """The past of a process, None without any case."""
    with store.read_facts() as tx:
        cases = pasts.onboardings(tx) if kind == "onboarding" else pasts.renewals(tx, LEAD)
        last = pasts.reach(tx, kind, LEAD)
    if not cases or last is None:
        return None
    return History(kind, tuple(cases), _month_after(last))


def _month_after(day: date) -> date:
    """The first day after the last whole month that a day closes."""
    return (day + timedelta(1)).replace(day=1)


def months_before(until: date, count: int) -> list[date]:
    """The first days of so many months before a first day of a month, the earliest first."""
    found = []
    for back in range(count, 0, -1):
        ordinal = until.year * 12 + until.month - 1 - back
        found.append(date(ordinal // 12, ordinal % 12 + 1, 1))
    return found


def process_of(found: History, until: date) -> Process:
    """The process as it was known on a day: twelve months before it. Raises StudyRefused when there is too little to draw from."""
    months = months_before(until, MONTHS_PAST)
    known = [one for one in found.cases if one.arrived < until]
    recent = [one for one in known if one.arrived >= months[0]]
    done = [(one.done - one.arrived).days for one in known if one.done and months[0] <= one.done < until and one.done >= one.arrived]
    # A lost renewal has no day of its own: it counts as open until its date.
    open_now = [one for one in known if _open_on(found.kind, one, until)]
    volumes = [sum(1 for one in known if start <= one.arrived < end) for start, end in zip(months, [*months[1:], until], strict=True)]
    if len(done) < simulation.FEWEST or sum(volumes) == 0:
        raise StudyRefused(f"{len(done)} cases of {KINDS[found.kind].lower()} were finished in the twelve months before {until:%B %Y}; "
                           f"at least {simulation.FEWEST} are needed to draw from.")
    due = LEAD if found.kind == "renewals" else VALUE_WITHIN
    adopted = sum(one.adopted for one in recent) / len(recent) if recent else 0.0
    settled = [one for one in known if one.arrived + timedelta(365 if found.kind == "onboarding" else due) <= until]
    return Process(volumes, [max(days, 1) for days in done], places_of(found, until), due, [one.value for one in recent] or [0.0], adopted,
                   _kept(settled, found.kind, due), len(open_now), [_moment(one.arrived) for one in recent])  # fmt: skip


def _moment(day: date) -> float:
    """When in its month a day lies, from 0 to 1, at noon: many clocks start on the first."""
    return (day.day - 0.5) / monthrange(day.year, day.month)[1]


def _open_on(kind: str, one: Past, day: date) -> bool:
    """Whether a case was open when a day began; one that nobody ended counts as given up after its time."""
    within = LEAD if kind == "renewals" else GIVEN_UP
    ended = one.done or one.arrived + timedelta(within)
    return one.arrived < day <= ended


def places_of(found: History, until: date) -> int:
    """The most cases that were open at once in the twelve months before a day, looked at after each arrival.

    Days of work hold what cases waited, so fewer places would count the waiting twice.
    """
    first = months_before(until, MONTHS_PAST)[0]
    looked = {one.arrived + timedelta(1) for one in found.cases if first <= one.arrived < until}
    recent = [one for one in found.cases if first - timedelta(LEAD) <= one.arrived < until]
    return max([1, *(sum(_open_on(found.kind, one, day) for one in recent) for day in looked)])


def _kept(settled: Sequence[Past], kind: str, due: int) -> Kept:
    """The chances to stay; of renewals time does not enter, since what was lost has no day on which it was decided."""
    hits, known = pasts.kept_share(settled)
    overall = hits / known if known else 1.0

    def chance(adopted: bool, late: bool | None) -> float:
        own = [one for one in settled if late is None or _late(one, due) is late]
        kept, count = pasts.kept_share(own, adopted)
        return (kept + PRIOR * overall) / (count + PRIOR)

    timed = kind == "onboarding"
    return Kept(chance(True, False if timed else None), chance(False, False if timed else None), chance(True, True if timed else None), chance(False, True if timed else None))


def _late(one: Past, due: int) -> bool:
    return one.done is None or (one.done - one.arrived).days > due


def came(found: History, first: date, until: date) -> dict[str, float]:
    """What a past period brought: arrivals, open at its end, median days of those that arrived in it and ended in it or later."""
    own = [one for one in found.cases if first <= one.arrived < until]
    # An account without first value has taken longer than any with it; a lost renewal is never done.
    asked = [one for one in own if one.done or found.kind != "renewals"]
    days = median([(one.done - one.arrived).days if one.done else math.inf for one in asked]) if asked else math.inf
    told = {"arrived": float(len(own)), "backlog": float(sum(_open_on(found.kind, one, until) for one in found.cases))}
    return told | ({"time_to_value": float(days)} if math.isfinite(days) else {})


def ask(found: History, change: Change, months: int = MONTHS_AHEAD, places: int | None = None) -> Answer:
    """The coming months without and with a change, and how the same model would have done in the last quarter."""
    process = process_of(found, found.until)
    if places is not None:
        change = Change(places - process.places, change.cycle, change.volume, change.adoption)
    before = simulation.simulate(process, Change(), months, RUNS, SEED)
    after = simulation.simulate(process, change, months, RUNS, SEED)
    began = months_before(found.until, QUARTER)[0]
    checks = simulation.back_test(process_of(found, began), came(found, began, found.until), QUARTER, RUNS, SEED)
    return Answer(process, before, after, tuple(checks), (began, found.until - timedelta(1)))

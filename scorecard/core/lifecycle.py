"""The lifecycle of accounts as a map of stages, and its arithmetic: who is where, who came and went, how many days it took.

A *stay* is what a stage's own rule says: from its begin to its end, in days. Where an account *stands* follows from all
stays: in the last stage of the map whose stay is open, in the resting stage when there is none, and in stages that run
beside the others as long as their own stays last. So every account that is a customer stands in one stage of the main
way; and of each stage, those there before and those who came are those who went and those still there.

Accounts are numbers from 0, days are ordinals (`date.toordinal`), and OPEN is the end of what has none yet.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any

import numpy as np

from scorecard.core import names
from scorecard.core.periods import Period
from scorecard.core.survival import kaplan_meier, passed_by
from scorecard.errors import DefinitionError

Array = np.ndarray

MOST_STAGES, LONGEST_NAME, LONGEST_WORDS, LONGEST_REASON = 12, 40, 60, 300
LONG = 0.1  # A wait is long when only this share of stays takes as long; limits of a median say nothing of one account.
LATEST_COHORT_DAYS = 90  # After so many days a month whose half has not ended yet is "not reached".
MOST_NOTICE = 365
SHIFT = 22
OPEN = (1 << SHIFT) - 1
GONE, STILL, NOWHERE = -2, -3, -1

CHANNELS = {"phone": "phone", "email": "e-mail", "video": "video", "visit": "visits", "event": "events", "webinar": "webinars", "social": "social media",
            "product": "in the product"}
# What channels are called in the tools whose contacts are read.
SPOKEN = {"call": "phone", "phone": "phone", "telephone": "phone", "e-mail": "email", "email": "email", "mail": "email", "video": "video", "video call": "video",
          "visit": "visit", "meeting": "visit", "on site": "visit", "event": "event", "webinar": "webinar", "social": "social", "social media": "social",
          "in-app": "product", "product": "product", "chat": "product"}
WANTED = {"fewer": "fewer days are better", "more": "more days are better", "neither": "neither"}
DIRECTIONS = {"fewer": "decrease", "more": "increase", "neither": "neutral"}

BEGINS = {
    "customer": "becomes a customer", "clock": "clock of a milestone starts", "reached": "milestone is reached", "contact": "a contact is made",
    "use": "the product is used", "notice": "days before a renewal is due", "renewal": "a renewal is decided", "subscription": "a subscription starts",
    "growth": "MRR grows", "moved": "is logged as come here", "above": "the stage before it ends",
}  # fmt: skip
ENDS = {
    "reached": "milestone is reached", "contact": "a contact is made", "use": "the product is used", "renewal": "a renewal is decided",
    "subscription_end": "a subscription ends", "growth": "MRR grows", "clock": "clock of a milestone starts", "moved": "is logged as gone from here",
    "open": "another stage begins, or the customer leaves",
}  # fmt: skip
NAMED = ("clock", "reached", "contact", "use")  # Kinds that a name narrows: a milestone, a channel, an event.
ALREADY = ("reached", "use")  # An end of these kinds that lies before the begin leaves nothing to wait for.


@dataclass(frozen=True)
class Mark:
    """What begins or ends a stage. `name` narrows milestones, channels and events; `days` is the notice before a renewal."""

    kind: str
    name: str = ""
    days: int = 0


@dataclass(frozen=True)
class Stage:
    """A stage of the map. `rest`: where accounts stand that are in no other; `beside`: runs beside the others."""

    id: str
    name: str
    begin: Mark
    end: Mark
    words: str = ""
    channels: tuple[str, ...] = ()
    wanted: str = "fewer"
    rest: bool = False
    beside: bool = False

    @property
    def paired(self) -> bool:
        """Whether begin and end stand in the same row of the facts."""
        pair = (self.begin.kind, self.end.kind)
        return pair in (("notice", "renewal"), ("subscription", "subscription_end")) or pair == ("clock", "reached") and self.begin.name == self.end.name


@dataclass(frozen=True)
class LifecycleMap:
    """The stages in their order. `version` 0 is one that nobody has saved; `since` is the day from which work goes by it."""

    stages: tuple[Stage, ...]
    since: date | None = None
    version: int = 0
    author: str = ""
    reason: str = ""
    recorded_at: datetime | None = None

    def stage(self, id: str) -> Stage | None:
        return next((one for one in self.stages if one.id == id), None)

    @property
    def main(self) -> tuple[Stage, ...]:
        """The stages of the main way: an account stands in one of them."""
        return tuple(one for one in self.stages if not one.beside)


SHIPPED = LifecycleMap((
    Stage("onboarding", "Onboarding", Mark("clock"), Mark("reached"), "clock to milestone", ("video", "phone", "email")),
    Stage("training", "Training", Mark("moved"), Mark("moved"), "first course to last", ("webinar", "video", "product"), beside=True),
    Stage("engagement", "Engagement", Mark("contact"), Mark("contact"), "between contacts", ("email", "phone", "visit", "event"), "neither", rest=True),
    Stage("renewal", "Renewal", Mark("notice", days=60), Mark("renewal"), "60 days before, to signature", ("phone", "video", "visit")),
    Stage("upselling", "Upselling", Mark("moved"), Mark("growth"), "interest to order", ("video", "visit"), beside=True),
    Stage("cross_selling", "Cross-selling", Mark("moved"), Mark("growth"), "interest to order", ("video", "webinar"), beside=True),
))  # fmt: skip


# -- a map


def checked(found: LifecycleMap) -> LifecycleMap:
    """The map, its texts cleaned, ids given. Raises DefinitionError with what is wrong and what is allowed."""
    if not 1 <= len(found.stages) <= MOST_STAGES:
        raise DefinitionError(f"A map has {len(found.stages)} stages. It takes 1 to {MOST_STAGES}.")
    stages = tuple(_checked_stage(one, place) for place, one in enumerate(found.stages))
    named: list[Stage] = []
    for one in stages:
        named.append(replace(one, id=_id(one, named)))
    _check_together(named)
    return replace(found, stages=tuple(named))


def _id(one: Stage, before: Sequence[Stage]) -> str:
    """The id that the stage has, or one from its name; versions of a map are compared by it."""
    taken = {other.id for other in before}
    return one.id if one.id and one.id not in taken else names.slug(one.name, taken)


def _checked_stage(one: Stage, place: int) -> Stage:
    name = names.required(one.name, "name of a stage", LONGEST_NAME)
    for kind, known, which in ((one.begin.kind, BEGINS, "begin"), (one.end.kind, ENDS, "end")):
        if kind not in known:
            raise DefinitionError(f"{name}: {kind!r} is no {which} of a stage. There is: {', '.join(known)}.")
    if one.begin.kind == "above" and place == 0:
        raise DefinitionError(f"{name} is the first stage; it cannot begin when the stage before it ends.")
    if one.begin.kind == "notice" and not 1 <= one.begin.days <= MOST_NOTICE:
        raise DefinitionError(f"{name}: {one.begin.days} days before a renewal. It takes 1 to {MOST_NOTICE}.")
    if one.wanted not in WANTED or set(one.channels) - CHANNELS.keys():
        raise DefinitionError(f"{name}: channels are {', '.join(CHANNELS.values())}; wanted is one of {', '.join(WANTED)}.")
    if one.rest and one.beside:
        raise DefinitionError(f"{name} cannot both take who is in no other stage and run beside the others.")
    marks = (replace(mark, name=names.clean(mark.name, "name in a rule", LONGEST_WORDS) if mark.kind in NAMED else "", days=mark.days if mark.kind == "notice" else 0)
             for mark in (one.begin, one.end))
    begin, end = marks
    return replace(one, name=name, words=names.clean(one.words, "words", LONGEST_WORDS), begin=begin, end=end)


def _check_together(stages: Sequence[Stage]) -> None:
    bare = [names.bare(one.name) for one in stages]
    twice = next((one.name for one in stages if bare.count(names.bare(one.name)) > 1), "")
    if twice:
        raise DefinitionError(f"Two stages are called {twice}. Each has a name of its own.")
    if sum(one.rest for one in stages) > 1:
        raise DefinitionError("Two stages take who is in no other. One may.")
    if all(one.beside for one in stages):
        raise DefinitionError("All stages run beside others. At least one is of the main way.")


def as_json(found: LifecycleMap) -> str:
    """The stages and the day since which they hold, as the store keeps them."""
    return json.dumps({"since": found.since.isoformat() if found.since else None, "stages": [asdict(one) for one in found.stages]},
                      ensure_ascii=False, separators=(",", ":"))


def from_json(body: str, version: int, author: str, reason: str, recorded_at: datetime) -> LifecycleMap:
    """The map that `as_json` wrote."""
    read = json.loads(body)
    stages = tuple(_stage(one) for one in read["stages"])
    return LifecycleMap(stages, date.fromisoformat(read["since"]) if read["since"] else None, version, author, reason, recorded_at)


def _stage(one: Mapping[str, Any]) -> Stage:
    return Stage(**{**one, "begin": Mark(**one["begin"]), "end": Mark(**one["end"]), "channels": tuple(one["channels"])})


def mark_words(mark: Mark, ending: bool = False) -> str:
    """`clock of a milestone starts: first value`, `60 days before a renewal is due`."""
    words = (ENDS if ending else BEGINS)[mark.kind]
    if mark.kind == "notice":
        return f"{mark.days} {words}"
    return f"{words}: {mark.name}" if mark.name else words


# -- stays


@dataclass(frozen=True)
class Stays:
    """Stays in one stage by account and begin, no two of an account at once. `done`: ended by the stage's own end."""

    account: Array
    begin: Array
    end: Array
    done: Array

    def __len__(self) -> int:
        return len(self.account)

    @property
    def keys(self) -> Array:
        return _key(self.account, self.begin)


def _key(account: Array, day: Array) -> Array:
    """Account and day in one number that sorts by both."""
    return (np.asarray(account, np.int64) << SHIFT) | np.asarray(day, np.int64)


def _distinct(keys: Array) -> Array:
    """The keys once each, in order; with millions of them sorting takes a tenth of what numpy's table of hashes takes."""
    ordered = np.sort(keys)
    return ordered[np.concatenate([[True], ordered[1:] != ordered[:-1]])] if len(ordered) else ordered


def stays(account: Array, begin: Array, end: Array, done: Array | None = None) -> Stays:
    """The stays of these spans; those of an account that overlap are one, those that touch are two."""
    account, begin, end = (np.asarray(one, np.int64) for one in (account, begin, end))
    done = end < OPEN if done is None else np.asarray(done, bool)
    keep = end >= begin
    account, begin, end, done = account[keep], begin[keep], end[keep], done[keep]
    order = np.lexsort((end, begin, account))
    account, begin, end, done = account[order], begin[order], end[order], done[order]
    if not len(account):
        return Stays(account, begin, end, done)
    reach = np.maximum.accumulate(_key(account, end))
    fresh = np.concatenate([[True], (account[1:] != account[:-1]) | (begin[1:] >= (reach[:-1] & OPEN))])
    first = np.flatnonzero(fresh)
    last = np.concatenate([first[1:], [len(account)]]) - 1
    whole = reach[last] & OPEN
    ended = np.logical_or.reduceat(done & (end == np.repeat(whole, np.diff(np.concatenate([first, [len(account)]])))), first)
    return Stays(account[first], begin[first], whole, ended)


def paired(begins: tuple[Array, Array], ends: tuple[Array, Array], *, same: bool = False, already: bool = False) -> tuple[Stays, tuple[Array, Array]]:
    """Stays from each begin to the first end on or after it, and (account, day) of those who had nothing to wait for.

    `same`: begin and end are the same thing, and an end comes after its begin; `already`: an end before the begin counts.
    """
    starts, stops = _distinct(_key(*begins)), _distinct(_key(*ends))
    account = starts >> SHIFT
    place = np.searchsorted(stops, starts, "right" if same else "left")
    padded = np.concatenate([stops, [np.int64(-1)]])
    found = padded[place] >> SHIFT == account
    end = np.where(found, padded[place] & OPEN, OPEN)
    passed = np.zeros(len(starts), bool)
    if already and len(stops):
        before = np.searchsorted(stops, starts, "left") - 1
        passed = (before >= 0) & (stops[before] >> SHIFT == account)
    made = stays(account[~passed], (starts & OPEN)[~passed], end[~passed])
    return made, (account[passed], (starts & OPEN)[passed])


def within(found: Stays, first: Array, left: Array, until: int) -> Stays:
    """The stays as far as the account was a customer (from `first` to `left`, by account) and as they are known on a day."""
    begin = np.maximum(found.begin, first[found.account])
    gone = np.where(left[found.account] <= until, left[found.account], OPEN)
    own = np.where(found.end <= until, found.end, OPEN)
    end = np.minimum(own, gone)
    keep = (begin <= until) & (begin < gone) & (found.end >= begin)
    return Stays(found.account[keep], begin[keep], end[keep], (found.done & (own <= gone) & (own < OPEN))[keep])


# -- where accounts stand


@dataclass(frozen=True)
class Visits:
    """Where accounts stood: stage (its place on the map, NOWHERE between stages) from begin to end.

    `to` is the next stage, GONE for who left as a customer, STILL for who is there, NOWHERE for what follows no stage.
    """

    account: Array
    stage: Array
    begin: Array
    end: Array
    to: Array


def standing(found: Sequence[Stays], stages: Sequence[Stage], first: Array, left: Array, until: int) -> Visits:
    """Where every account stood on the main way, from the day it became a customer to the day it left. Stays are `within`."""
    life = np.where(left <= until, left, OPEN)
    alive = np.flatnonzero((first <= until) & (first < life))
    main = [place for place, one in enumerate(stages) if not one.beside and not one.rest]
    cuts = [_key(alive, first[alive])]
    for place in main:
        ended = found[place].end < OPEN
        cuts += [found[place].keys, _key(found[place].account[ended], found[place].end[ended])]
    cut = _distinct(np.concatenate(cuts))
    account, day = cut >> SHIFT, cut & OPEN
    known = (day >= first[account]) & (day < life[account])
    cut, account, day = cut[known], account[known], day[known]
    stage = np.full(len(cut), next((place for place, one in enumerate(stages) if one.rest), NOWHERE))
    for place in main:  # The last stage of the map whose stay is open.
        stage[_covered(found[place], cut)] = place
    return _collapsed(account, day, stage, life)


def _covered(found: Stays, cut: Array) -> Array:
    """Whether an account is inside a stay on a day."""
    if not len(found):
        return np.zeros(len(cut), bool)
    at = np.searchsorted(found.keys, cut, "right") - 1
    return (at >= 0) & (found.account[at] == cut >> SHIFT) & (found.end[at] > (cut & OPEN))


def _collapsed(account: Array, day: Array, stage: Array, life: Array) -> Visits:
    """One visit for days in the same stage that follow one another."""
    if not len(account):
        return Visits(account, stage, day, day, stage)
    fresh = np.concatenate([[True], (account[1:] != account[:-1]) | (stage[1:] != stage[:-1])])
    account, day, stage = account[fresh], day[fresh], stage[fresh]
    follows = np.concatenate([account[1:] == account[:-1], [False]])
    end = np.where(follows, np.concatenate([day[1:], [OPEN]]), life[account])
    to = np.where(follows, np.concatenate([stage[1:], [STILL]]), np.where(end < OPEN, GONE, STILL))
    return Visits(account, stage, day, end, to)


def beside(found: Stays, place: int, left: Array) -> Visits:
    """The stays of a stage beside the main way as visits: an account is in it as long as its stay lasts."""
    gone = (found.end < OPEN) & ~found.done & (found.end == left[found.account])
    to = np.where(gone, GONE, np.where(found.end < OPEN, NOWHERE, STILL))
    return Visits(found.account, np.full(len(found), place), found.begin, found.end, to)


def joined(found: Sequence[Visits]) -> Visits:
    """All of them together."""
    return Visits(*(np.concatenate([getattr(one, name) for one in found]) for name in ("account", "stage", "begin", "end", "to")))


@dataclass(frozen=True)
class Flow:
    """A stage in a stretch of days: there before it, came, went on (by the next stage), left as customers, there after it.

    before + came = sum(went) + lost + after.
    """

    before: int
    came: int
    went: Mapping[int, int]
    lost: int
    after: int

    @property
    def out(self) -> int:
        """All who left the stage."""
        return sum(self.went.values()) + self.lost


def flow(found: Visits, stage: int, first: int, last: int) -> Flow:
    """What happened in a stage from one day to another, both counted."""
    own = found.stage == stage
    begin, end, to = found.begin[own], found.end[own], found.to[own]
    out = (end >= first) & (end <= last)
    next_, count = np.unique(to[out & (to != GONE)], return_counts=True)
    return Flow(int(((begin < first) & (end >= first)).sum()), int(((begin >= first) & (begin <= last)).sum()),
                dict(zip(next_.tolist(), count.tolist(), strict=True)), int((out & (to == GONE)).sum()), int(((begin <= last) & (end > last)).sum()))


def there(found: Visits, stage: int, day: int) -> Array:
    """The accounts that stand in a stage at the end of a day."""
    return np.unique(found.account[(found.stage == stage) & (found.begin <= day) & (found.end > day)])


def stood(found: Visits, account: Array, day: Array) -> Array:
    """The stage in which each account stood on a day, NOWHERE where it was no customer. `found` is of the main way."""
    keys = _key(found.account, found.begin)
    at = np.searchsorted(keys, _key(account, day), "right") - 1
    inside = (at >= 0) & (found.account[at] == account) & (found.end[at] > day)
    return np.where(inside, found.stage[at], NOWHERE)


# -- days


@dataclass(frozen=True)
class Cohort:
    """Stays that began in a month: how many, how many have ended by themselves, the median days (None: not known)."""

    month: Period
    n: int
    ended: int
    median: float | None
    reached: bool

    @property
    def value(self) -> float | None:
        """What the chart shows: the median, once half have ended or LATEST_COHORT_DAYS have passed."""
        return self.median if self.reached else None


def cohorts(found: Stays, months: Sequence[Period], until: int) -> list[Cohort]:
    """The stays by the month in which they began: Kaplan-Meier, who is still there counts for the days so far."""
    starts = np.array([one.start.toordinal() for one in months] + [months[-1].end.toordinal() + 1])
    month = np.searchsorted(starts, found.begin, "right") - 1
    inside = (month >= 0) & (month < len(months))
    days = np.minimum(found.end, until) - found.begin
    told, count = np.unique((month[inside] << SHIFT + 1) | (days[inside] << 1) | found.done[inside], return_counts=True)
    times: dict[int, list[tuple[float, bool, int]]] = {}
    for one, n in zip(told.tolist(), count.tolist(), strict=True):
        times.setdefault(one >> SHIFT + 1, []).append((float(one >> 1 & OPEN), bool(one & 1), n))
    return [_cohort(one, times.get(place, ()), until) for place, one in enumerate(months)]


def _cohort(month: Period, times: Sequence[tuple[float, bool, int]], until: int) -> Cohort:
    curve = kaplan_meier(times)
    late = until - month.end.toordinal() >= LATEST_COHORT_DAYS
    return Cohort(month, curve.n, curve.reached, curve.median, bool(curve.n) and (2 * curve.reached >= curve.n or late))


def long_wait(found: Stays, since: int, until: int) -> float | None:
    """The days by which nine of ten stays that began since a day are over (Kaplan-Meier); None where fewer than nine of ten ever are."""
    own = (found.begin >= since) & (found.begin <= until)
    told, count = np.unique(((np.minimum(found.end, until) - found.begin)[own] << 1) | found.done[own], return_counts=True)
    return passed_by(((float(one >> 1), bool(one & 1), n) for one, n in zip(told.tolist(), count.tolist(), strict=True)), LONG)


def open_days(found: Stays, until: int) -> Array:
    """The days that open stays have lasted so far."""
    return until - found.begin[found.end == OPEN]

"""The customers of Larkfield and their money: the drawn revenue of each month, spread over accounts to the dollar.

An account does one thing a month at most: it leaves, is cut at its renewal, grows, is cut between renewals, or stays.
So what is drawn for a segment is exactly what its accounts add up to.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np

from scorecard.larkfield.figures import CONTACTS_DUE_IN_A_YEAR, MONTHS, SEGMENTS, YEAR, Revenue

SIZES_SD = 0.7
PLACES = ("Alder", "Ash", "Birch", "Brook", "Cedar", "Clover", "Dale", "Elm", "Fern", "Glen", "Hazel", "Heath", "Ivy", "Juniper",
          "Larch", "Linden", "Maple", "Marsh", "Moor", "Oak", "Pine", "Reed", "Rowan", "Sand", "Thorn", "Willow")
ENDINGS = ("bridge", "bury", "combe", "field", "ford", "gate", "ham", "hurst", "leigh", "mere", "stead", "wick")
TRADES = {"Health care": ("Clinics", "Care Homes", "Hospital"), "Retail": ("Stores", "Markets"),
          "Hospitality": ("Hotels", "Kitchens"), "Logistics": ("Freight", "Depots"), "Public sector": ("Council",)}
COUNTRIES = ("Germany", "Netherlands", "United Kingdom", "Ireland", "Denmark", "Austria")
FIRST_CONTRACT, LAST_OLD_CONTRACT = date(2018, 1, 8), date(2023, 9, 25)
MOST_CUT_AT_RENEWAL, MOST_CUT_BETWEEN, MOST_GROWTH = 0.6, 0.4, 0.6
GROWING, CUT_AT_RENEWAL, CUT_BETWEEN = (8, 13, 16), (2, 3, 4), (3, 4, 4)
SMALLEST_MRR = 150


class Unspread(ValueError):
    """A drawn month that no company of this size could have had: another seed is needed."""


@dataclass(eq=False)
class Account:
    """One customer. `owing` is the part of its contract that comes up for renewal next month, 0 for none."""

    id: str
    name: str
    segment: int
    csm: str
    since: date
    mrr: int
    industry: str
    country: str
    until: date | None = None
    owing: int = 0

    def served(self, month: int) -> bool:
        """Whether it was a customer from a month before this one to its end (months counted from the first)."""
        first = MONTHS[month].shift(-1).start
        return self.since <= first and (self.until is None or self.until > MONTHS[month].end)


@dataclass(frozen=True)
class Renewal:
    """A contract that came up for renewal, in value a year."""

    account: Account
    due_on: date
    due: int
    renewed: int
    renewed_on: date | None


@dataclass
class Customers:
    """All accounts, the MRR of each at the end of each month (from the month before the first on), and renewals."""

    accounts: list[Account] = field(default_factory=list)
    mrr: list[tuple[str, int, int]] = field(default_factory=list)
    renewals: list[Renewal] = field(default_factory=list)

    def served(self, month: int, segment: int) -> list[Account]:
        return [one for one in self.accounts if one.segment == segment and one.served(month)]


def customers(money: Revenue, chance: np.random.RandomState) -> Customers:
    """The customers who had this revenue. Raises Unspread when nobody could have had it."""
    all_of_them = Customers()
    for segment in range(len(SEGMENTS)):
        _Segment(segment, money, chance, all_of_them).live()
    all_of_them.renewals.sort(key=lambda one: (one.due_on, one.account.id))
    return all_of_them


class _Segment:
    """The accounts of one segment, month by month; those next to renew stand first in the queue."""

    def __init__(self, segment: int, money: Revenue, chance: np.random.RandomState, everyone: Customers) -> None:
        self.segment, self.money, self.chance, self.everyone = segment, money, chance, everyone
        self.queue: deque[Account] = deque()
        self.csms = {name: due for name, (own, due) in CONTACTS_DUE_IN_A_YEAR.items() if own == segment}

    def live(self) -> None:
        """Nothing; the accounts of the opening and of 36 months, with their MRR and renewals, are with everyone."""
        at_start = int(self.money.accounts[0, self.segment])
        weights = np.exp(SIZES_SD * self.chance.standard_normal(at_start))
        for mrr in split(self._drawn("start", 0) - SMALLEST_MRR * at_start, weights):
            days = self.chance.randint((LAST_OLD_CONTRACT - FIRST_CONTRACT).days)
            self._join(mrr + SMALLEST_MRR, FIRST_CONTRACT + timedelta(int(days)))
        self._note(-1)
        for month in range(len(MONTHS)):
            self._month(month)
            self._note(month)

    def _drawn(self, what: str, month: int) -> int:
        return int(getattr(self.money, what)[month, self.segment])

    def _note(self, month: int) -> None:
        self.everyone.mrr += [(one.id, month, one.mrr) for one in self.queue]

    def _join(self, mrr: int, since: date) -> None:
        number = len(self.everyone.accounts)
        held = {name: sum(one.csm == name for one in self.queue) for name in self.csms}
        csm = min(self.csms, key=lambda name: (held[name] + 1) / self.csms[name])
        place, industry, trade = _name(number)
        one = Account(f"A{1001 + number}", f"{place} {trade}", self.segment, csm, since, mrr, industry,
                      COUNTRIES[self.chance.randint(len(COUNTRIES))])
        self.everyone.accounts.append(one)
        self.queue.append(one)

    def _month(self, month: int) -> None:
        leaving = self._leaving(self._drawn("gone", month), self._drawn("lost", month))
        due = self._due(self._drawn("due", month))
        cut = self._cut_at_renewal(due, leaving, self._drawn("lost", month) - sum(one.mrr for one in leaving))
        changed = set(leaving) | set(cut)
        grown = self._spread(self._drawn("expansion", month), [one for one in self._all(due) if one not in changed],
                             GROWING[self.segment], MOST_GROWTH)
        renewing = {one for one, _ in due}
        calm = [one for one in self._all(due) if one not in changed and one not in grown and one not in renewing]
        less = self._spread(self._drawn("downgraded", month), calm, CUT_BETWEEN[self.segment], MOST_CUT_BETWEEN)
        self._record(month, due, leaving, cut, grown)
        for one in self._all(due):
            one.mrr += grown.get(one, 0) - cut.get(one, 0) - less.get(one, 0)
        self.queue.extend(one for one, _ in due if one not in leaving and one not in self.queue)
        self._newcomers(month)

    def _all(self, due: Sequence[tuple[Account, int]]) -> list[Account]:
        """The accounts of the start of the month, in order of their ids."""
        return sorted({*self.queue, *(one for one, _ in due)}, key=lambda one: one.id)

    def _due(self, target: int) -> list[tuple[Account, int]]:
        """The contracts that come up in a month, with the MRR that they are about; they leave the queue.

        The last one may be up in part; the account then stays first in the queue, with the rest for next month.
        """
        taken = []
        while target > 0:
            one = self.queue.popleft()
            whole = min(one.owing or one.mrr, one.mrr)
            part = min(whole, target)
            taken.append((one, part))
            target, one.owing = target - part, whole - part
            if one.owing:
                self.queue.appendleft(one)
        return taken

    def _leaving(self, count: int, lost: int) -> list[Account]:
        """The accounts that leave: the next in the queue that are not more than was lost; their turn is now."""
        found = [one for one in self.queue if not one.owing and one.mrr * count <= lost][:count]
        if len(found) < count:
            raise Unspread(f"{count} accounts of {SEGMENTS[self.segment]} cannot leave with {lost}.")
        for one in reversed(found):
            self.queue.remove(one)
            self.queue.insert(1 if self.queue[0].owing else 0, one)
        return found

    def _cut_at_renewal(self, due: Sequence[tuple[Account, int]], leaving: Sequence[Account], lost: int) -> dict[Account, int]:
        parts = {one: part for one, part in due if one not in leaving}
        return self._spread(lost, list(parts), CUT_AT_RENEWAL[self.segment], MOST_CUT_AT_RENEWAL, parts)

    def _spread(self, total: int, pool: Sequence[Account], count: int, most: float,
                parts: dict[Account, int] | None = None) -> dict[Account, int]:
        """An amount over a few accounts, as many as it takes when none may change by more than a share of what it has."""
        order = [pool[i] for i in self.chance.permutation(len(pool))]
        room = [int(most * (parts[one] if parts else one.mrr)) for one in order]
        while count < len(order) and sum(room[:count]) < total:
            count += 1
        if sum(room[:count]) < total:
            raise Unspread(f"{total} is more than {len(order)} accounts of {SEGMENTS[self.segment]} can take.")
        weights = np.array(room[:count]) * (0.3 + self.chance.random_sample(min(count, len(order))))
        return {one: amount for one, amount in zip(order, split(total, weights, room[:count]), strict=False) if amount}

    def _record(self, month: int, due: Sequence[tuple[Account, int]], leaving: Sequence[Account],
                cut: dict[Account, int], grown: dict[Account, int]) -> None:
        last = MONTHS[month].end.day
        for place, (one, part) in enumerate(due):
            due_on = MONTHS[month].start.replace(day=last if place == 0 else 1 + int(self.chance.randint(last)))
            early = timedelta(int(self.chance.randint(1, 40)))
            if one in leaving:
                one.until = due_on
                self.everyone.renewals.append(Renewal(one, due_on, YEAR * part, 0, None))
            else:
                renewed = part - cut.get(one, 0) + grown.get(one, 0)
                self.everyone.renewals.append(Renewal(one, due_on, YEAR * part, YEAR * renewed, due_on - early))

    def _newcomers(self, month: int) -> None:
        count, total = self._drawn("new", month), self._drawn("new_mrr", month)
        weights = np.exp(SIZES_SD / 2 * self.chance.standard_normal(count))
        for mrr in split(total, weights) if count else ():
            day = 1 if self.chance.random_sample() < 0.6 else int(self.chance.randint(2, 26))
            self._join(mrr, MONTHS[month].start.replace(day=day))


def _name(number: int) -> tuple[str, str, str]:
    """A place that does not exist, a trade, and what such a customer is called; no two numbers share a name."""
    place = PLACES[number % len(PLACES)] + ENDINGS[(number // len(PLACES) + number) % len(ENDINGS)]
    trades = [(industry, called) for industry, names in TRADES.items() for called in names]
    industry, called = trades[(number // (len(PLACES) * len(ENDINGS)) + number * 7) % len(trades)]
    return place, industry, called


def split(total: int, weights: Iterable[float], most: Sequence[int] | None = None) -> list[int]:
    """Whole parts that add up to the total, by weight, none over its `most`."""
    share = np.asarray(list(weights), dtype=float)
    room = np.array(most if most is not None else [total] * len(share), dtype=int)
    parts = np.minimum(np.floor(total * share / share.sum()).astype(int), room)
    for i in np.argsort(-share, kind="stable").tolist() * 2:
        parts[i] += min(room[i] - parts[i], total - int(parts.sum()))
    return [int(part) for part in parts]

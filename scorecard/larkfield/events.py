"""What happened at Larkfield's customers: people who went live, new sites, tickets, contacts, answers and costs.

Each maker turns one drawn figure of a month into single rows that come to exactly that figure by the definition of its
measure. Rows that no measure counts (people too young, tickets answered in time, blank answers) stand between them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
import pandas as pd

from scorecard.larkfield.accounts import Account, Customers, split
from scorecard.larkfield.figures import CONTACTS_DUE_IN_A_YEAR, LAST, MONTHS, SEGMENTS

END = LAST.end
ADOPTION, FIRST_VALUE = "rota published", "first value"
ADOPTION_DAYS, NEW_SITES = 30, (5, 9, 13)
LATE_ADOPTERS, LATEST_ADOPTION = 0.4, 75
SPREAD_OF_DAYS = 9.0
OLD_DAYS, QUICK_DAYS = 14, 11
QUICK_TICKETS, STILL_OPEN = (45, 60, 65), 0.4
WINDOW_DAYS, LATE_CONTACTS, CANCELLED = 7, 0.6, 0.04
CHANNELS = ("call", "video call", "visit", "e-mail")
PRIORITIES, PRIORITY_SHARES = ("low", "normal", "high", "urgent"), (0.2, 0.55, 0.2, 0.05)
TRUST_SD, BLANK_ANSWERS, BEST_ANSWER = 2.1, 0.02, 10
COST_SHARES = {"success": 0.42, "onboarding": 0.16, "support": 0.30, "renewal": 0.12}


@dataclass(frozen=True)
class Month:
    """What one maker needs: the month, the segment, the accounts served in it, and a source of chance."""

    number: int
    segment: int
    accounts: Sequence[Account]
    chance: np.random.RandomState

    @property
    def start(self) -> date:
        return MONTHS[self.number].start

    @property
    def end(self) -> date:
        return MONTHS[self.number].end

    def any_day(self) -> date:
        """A day of the month."""
        return self.start + timedelta(int(self.chance.randint((self.end - self.start).days + 1)))

    def day_between(self, first: date, last: date) -> date:
        return first + timedelta(int(self.chance.randint((last - first).days + 1)))

    def any_account(self) -> Account:
        return self.accounts[self.chance.randint(len(self.accounts))]


def months(customers: Customers, chance: np.random.RandomState) -> list[Month]:
    """Each month of each segment, in order of time."""
    return [Month(number, segment, customers.served(number, segment), chance)
            for number in range(len(MONTHS)) for segment in range(len(SEGMENTS))]


class Figures:
    """The drawn figures of one measure, by month and segment or CSM."""

    def __init__(self, rows: pd.DataFrame, measure: str) -> None:
        own = rows[rows["measure"] == measure]
        self._of = {(row.period, row.segment, row.csm): row for row in own.itertuples()}

    def at(self, month: Month, what: str, csm: str = "") -> int:
        return int(getattr(self._of[str(MONTHS[month.number]), SEGMENTS[month.segment], csm], what))

    def value(self, month: Month, segment: str) -> float:
        return self._of[str(MONTHS[month.number]), segment, ""].value


def _known(day: date) -> date | None:
    """A day that has come when the files are written, else nothing."""
    return day if day <= END else None


# ---------------------------------------------------------------- product


def adoption(drawn: pd.DataFrame, all_months: Sequence[Month]) -> list[tuple]:
    """(account, user, milestone, went live, reached): users whose day 30 fell in the month, and those still too young."""
    figures = Figures(drawn, "adoption_30d")
    rows: list[tuple] = []
    for month in all_months:
        due, adopted = figures.at(month, "denominator"), figures.at(month, "numerator")
        for place in range(due):
            live = month.any_day() - timedelta(ADOPTION_DAYS)
            rows.append(_user(month, live, place < adopted, len(rows)))
        for _ in range(due if month.number == len(MONTHS) - 1 else 0):
            live = END - timedelta(int(month.chance.randint(ADOPTION_DAYS)))
            rows.append(_user(month, live, month.chance.random_sample() < adopted / due, len(rows)))
    return sorted(rows, key=lambda row: (row[3], row[1]))


def _user(month: Month, live: date, adopts: bool, number: int) -> tuple:
    days = None
    if adopts:
        days = int(month.chance.triangular(1, 12, ADOPTION_DAYS - 1))
    elif month.chance.random_sample() < LATE_ADOPTERS:
        days = int(month.chance.randint(ADOPTION_DAYS + 3, LATEST_ADOPTION))
    reached = _known(live + timedelta(days)) if days is not None else None
    return month.any_account().id, f"U{10001 + number}", ADOPTION, live, reached


def new_sites(drawn: pd.DataFrame, all_months: Sequence[Month]) -> list[tuple]:
    """(account, administrator, milestone, started, reached): new sites of a month, whose median of days is the drawn one."""
    figures = Figures(drawn, "time_to_first_value")
    rows: list[tuple] = []
    for number in range(len(MONTHS)):
        three = [month for month in all_months if month.number == number]
        middles = [figures.value(month, SEGMENTS[month.segment]) for month in three]
        for month, days in zip(three, _with_medians(middles, figures.value(three[0], ""), three[0].chance), strict=True):
            order = month.chance.permutation(len(month.accounts))
            for place, day in zip(order, days, strict=False):
                reached = _known(month.start + timedelta(int(day)))
                rows.append((month.accounts[place].id, f"R{1001 + len(rows)}", FIRST_VALUE, month.start, reached))
    return rows


def _with_medians(middles: Sequence[float], whole: float, chance: np.random.RandomState) -> list[list[int]]:
    """Days for each segment: its own median in the middle, and the median of all where it was drawn.

    A median that is not known yet (the last month) is put beyond what can be seen.
    """
    latest = (END - LAST.start).days
    middles = [latest + 3 + 3 * (2 - i) if np.isnan(one) else int(one) for i, one in enumerate(middles)]
    whole = latest + 1 if np.isnan(whole) else int(whole)
    found = []
    for middle, count in zip(middles, NEW_SITES, strict=True):
        gaps = np.abs(chance.standard_normal(count - 1)) * SPREAD_OF_DAYS
        below = [max(1, middle - int(gap)) for gap in gaps[:count // 2]]
        found.append([*below, middle, *(middle + int(1.3 * gap) for gap in gaps[count // 2:])])
    _move_median(found, whole)
    return found


def _move_median(days: list[list[int]], whole: int) -> None:
    """Nothing; days are moved to the wanted median of all, each only on its own side of its segment's median."""
    most = sum(len(own) for own in days) // 2
    for own in days:
        middle = own[len(own) // 2]
        for i, day in enumerate(own):
            below, above = sum(d < whole for o in days for d in o), sum(d > whole for o in days for d in o)
            upper = i > len(own) // 2
            if above > most and day > whole and (middle <= whole if upper else i < len(own) // 2):
                own[i] = whole
            if below > most and day < whole and (upper if middle < whole else i < len(own) // 2 and middle >= whole):
                own[i] = whole


# ---------------------------------------------------------------- help desk


def tickets(drawn: pd.DataFrame, all_months: Sequence[Month]) -> list[tuple]:
    """(account, opened, first reply in minutes, solved, priority, satisfaction), in order of opening."""
    figures = Figures(drawn, "tickets_over_14_days")
    rows: list[tuple] = []
    waiting: dict[int, list[tuple[Account, datetime]]] = {segment: [] for segment in range(len(SEGMENTS))}
    for month in all_months:
        rows += _old_tickets(month, waiting[month.segment], int(figures.value(month, SEGMENTS[month.segment])))
        rows += [_quick_ticket(month) for _ in range(int(month.chance.poisson(QUICK_TICKETS[month.segment])))]
    for month in all_months[-len(SEGMENTS):]:
        rows += [_ticket(month, account, opened, None) for account, opened in waiting[month.segment]]
    return sorted(rows, key=lambda row: (row[1], row[0]))


def _old_tickets(month: Month, waiting: list[tuple[Account, datetime]], count: int) -> list[tuple]:
    """The old tickets solved in the month; `waiting` becomes those older than 14 days at its end."""
    served = {one.id for one in month.accounts}
    stay = [one for one in waiting if one[0].id in served and month.chance.random_sample() < STILL_OPEN][:count]
    solved = [_ticket(month, account, opened, _at(month, month.day_between(month.start, month.end - timedelta(1))))
              for account, opened in waiting if (account, opened) not in stay]
    first = month.start if month.number == 0 else month.start - timedelta(OLD_DAYS - 2)
    last = month.end - timedelta(OLD_DAYS + 2)
    new = [(month.any_account(), _at(month, month.day_between(first, last))) for _ in range(count - len(stay))]
    waiting[:] = [*stay, *new]
    return solved


def _quick_ticket(month: Month) -> tuple:
    opened = _at(month, month.any_day())
    solved = opened + timedelta(hours=min(float(month.chance.lognormal(3.4, 0.9)), QUICK_DAYS * 24))
    return _ticket(month, month.any_account(), opened, solved if solved.date() <= END else None)


def _ticket(month: Month, account: Account, opened: datetime, solved: datetime | None) -> tuple:
    chance = month.chance
    reply = int(min(chance.lognormal(4.6, 0.8), 20 * 60))
    if solved:
        reply = min(reply, int((solved - opened).total_seconds() // 120))
        solved = solved.replace(second=0, microsecond=0)
    score = int(chance.choice(5, p=(0.04, 0.06, 0.14, 0.36, 0.40))) + 1 if solved and chance.random_sample() < 0.3 else None
    priority = PRIORITIES[chance.choice(4, p=PRIORITY_SHARES)]
    return account.id, opened, max(reply, 1), solved, priority, score


def _at(month: Month, day: date) -> datetime:
    """A minute of the working day (UTC)."""
    return datetime(day.year, day.month, day.day, 7) + timedelta(minutes=int(month.chance.randint(10 * 60)))


# ---------------------------------------------------------------- success team


def contacts(drawn: pd.DataFrame, all_months: Sequence[Month]) -> list[tuple]:
    """(account, due, window from, window to, done, cancelled by the customer, channel, CSM), in order of the date due."""
    figures = Figures(drawn, "contact_schedule_kept")
    rows: list[tuple] = []
    for month in all_months:
        for csm in (name for name, (segment, _) in CONTACTS_DUE_IN_A_YEAR.items() if segment == month.segment):
            own = [one for one in month.accounts if one.csm == csm]
            kept, due = figures.at(month, "numerator", csm), figures.at(month, "denominator", csm)
            cancelled = int(month.chance.poisson(CANCELLED * due))
            order = month.chance.permutation(len(own))
            for place in range(due + cancelled):
                account = own[order[place % len(own)]]
                rows.append(_contact(month, account, place < kept, place >= due))
    return sorted(rows, key=lambda row: (row[1], row[0], row[7]))


def _contact(month: Month, account: Account, kept: bool, cancelled: bool) -> tuple:
    due = month.any_day()
    first, last = due - timedelta(WINDOW_DAYS), due + timedelta(WINDOW_DAYS)
    done = None
    if kept:
        done = month.day_between(first, min(last, END))
    elif not cancelled and month.chance.random_sample() < LATE_CONTACTS:
        done = _known(last + timedelta(int(month.chance.randint(1, 25))))
    channel = CHANNELS[month.chance.randint(len(CHANNELS))]
    return account.id, due, first, last, done, cancelled, channel, account.csm


def answers(drawn: pd.DataFrame, all_months: Sequence[Month]) -> list[tuple]:
    """(account, date, question, score): answers to the trust question, a few of them blank, in order of the date."""
    figures = Figures(drawn, "trust_score")
    rows: list[tuple] = []
    for month in all_months:
        count, total = figures.at(month, "denominator"), figures.at(month, "numerator")
        scores: list[int | None] = [*_scores(count, total, month.chance)]
        scores += [None] * int(month.chance.poisson(BLANK_ANSWERS * count))
        rows += [(month.any_account().id, month.any_day(), "trust", score) for score in scores]
    return sorted(rows, key=lambda row: (row[1], row[0]))


def _scores(count: int, total: int, chance: np.random.RandomState) -> list[int]:
    """Whole answers from 0 to 10 with this sum."""
    scores = np.clip(np.round(total / count + TRUST_SD * chance.standard_normal(count)), 0, BEST_ANSWER).astype(int)
    while (missing := total - int(scores.sum())) != 0:
        step = 1 if missing > 0 else -1
        i = chance.randint(count)
        scores[i] = min(max(scores[i] + step, 0), BEST_ANSWER)
    return [int(score) for score in scores]


def costs(drawn: pd.DataFrame, all_months: Sequence[Month]) -> list[tuple]:
    """(month, segment, kind, amount): the cost of serving the segment, by kind of work."""
    figures = Figures(drawn, "cost_to_serve")
    rows = []
    for month in all_months:
        wobble = 1 + 0.06 * month.chance.standard_normal(len(COST_SHARES))
        amounts = split(figures.at(month, "numerator"), np.array(list(COST_SHARES.values())) * wobble)
        rows += [(month.start, SEGMENTS[month.segment], kind, amount)
                 for kind, amount in zip(COST_SHARES, amounts, strict=True)]
    return rows

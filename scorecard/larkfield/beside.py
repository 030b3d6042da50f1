"""What stands beside the ten measures at Larkfield: how the product was used, who would recommend it, what was promised.

Use is planted: it slides in Small business from March 2026, and fades in half of the accounts that are about to leave,
which the health score has to find. Nothing else is. A stream of chance of its own leaves every other file as it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np

from scorecard.larkfield.accounts import Account, Customers
from scorecard.larkfield.events import END, Month
from scorecard.larkfield.figures import FIRST, MONTHS

# Active users: about one for so many dollars of MRR, fewer in summer and at the turn of the year, and in half of the
# accounts that are about to leave; the other half is busy to the end.
DOLLARS_A_USER, KEENNESS_SD, WOBBLE_SD = 160, 0.35, 0.10
QUIET_MONTHS, QUIET = (8, 12), 0.85
FADING_MONTHS, FADING, FADES = 9, 0.86, 0.5
SLIDES, SLIDES_FROM, FIRST_STEP, EACH_MONTH = 2, date(2026, 3, 1), 0.93, 0.982

WEEK, FIRST_WEEKS = 7, 26
KEEN, USED_IN_A_WEEK = 0.55, 0.88
ROTAS_A_WEEK = 4.0

# Answers a month, and the shares of 9 and 10 and of 0 to 6, by segment.
ANSWERS, PROMOTERS, DETRACTORS = (14, 22, 26), (0.50, 0.45, 0.41), (0.12, 0.15, 0.18)
SAYS_WHY = 0.22
PRAISE = ("Rotas are done before lunch now", "Our manager always calls back", "Swapping shifts by phone saves us an hour a day",
          "The kick-off was well prepared", "Support knew our sites by name")
MIXED = ("Good, but the report of overtime takes too long", "We would like to copy a rota to another site",
         "Works well once it is set up", "The app is fine, the price went up")
BLAME = ("Publishing a rota failed twice this month", "We wait too long for an answer", "Nobody told us about the new release",
         "Our contact changed again", "Too many clicks to move a shift")

PROMISES_A_MONTH, KEPT = (24, 22, 24), (0.86, 0.84, 0.80)
LATE_AT_LAST, LATEST, SHORTEST, LONGEST = 0.6, 21, 4, 26
PROMISED = ("An answer from Development about overtime rules", "A training for new planners", "A fix of the holiday import",
            "Figures for the board meeting", "A visit at the new site", "A proposal for the next year",
            "A list of open tickets with dates", "An introduction to another customer", "A second look at the invoice",
            "Templates for rotas of night shifts")


def use_by_month(everyone: Customers, chance: np.random.RandomState) -> list[tuple]:
    """A row an account: its id, then its active users in each month; nothing in months that it was not a customer in whole."""
    mrr = {(account, month): amount for account, month, amount in everyone.mrr}
    rows = []
    for one in everyone.accounts:
        keenness = np.exp(KEENNESS_SD * chance.standard_normal()) / DOLLARS_A_USER
        fades = chance.random_sample() < FADES
        wobble = 1 + WOBBLE_SD * chance.standard_normal(len(MONTHS))
        used = [_users(one, number, mrr.get((one.id, number)), keenness * wobble[number], fades) for number in range(len(MONTHS))]
        rows.append((one.id, *used))
    return rows


def _users(one: Account, number: int, mrr: int | None, keenness: float, fades: bool) -> int | None:
    """The active users of a month; nothing in a month that the account did not begin as a customer."""
    month = MONTHS[number]
    if mrr is None or one.since > month.start:
        return None
    quiet = QUIET if month.start.month in QUIET_MONTHS else 1.0
    left = _months_left(one, month.start)
    faded = FADING ** (FADING_MONTHS - left) if fades and left is not None and left < FADING_MONTHS else 1.0
    return max(1, round(mrr * keenness * quiet * faded * _slide(one, month.start)))


def _slide(one: Account, start: date) -> float:
    if one.segment != SLIDES or start < SLIDES_FROM:
        return 1.0
    return FIRST_STEP * EACH_MONTH ** ((start.year - SLIDES_FROM.year) * 12 + start.month - SLIDES_FROM.month)


def _months_left(one: Account, start: date) -> int | None:
    return None if one.until is None else (one.until.year - start.year) * 12 + one.until.month - start.month


def first_weeks(everyone: Customers, chance: np.random.RandomState) -> list[tuple]:
    """(week ending, account, feature, rotas published) of the first 26 weeks of each new customer; a week without is no row.

    A week ends on a Sunday, and of any seven days one is a Sunday: so weeks of the calendar are weeks of the customer.
    """
    rows = []
    for one in (one for one in everyone.accounts if one.since >= FIRST.start):
        keen = chance.random_sample() < KEEN
        sunday = one.since + timedelta(6 - one.since.weekday())
        for week in range(FIRST_WEEKS):
            day, rotas = sunday + timedelta(WEEK * week), 1 + int(chance.poisson(ROTAS_A_WEEK))
            used = keen or chance.random_sample() < USED_IN_A_WEEK
            if used and day <= min(END, one.until or END):
                rows.append((day, one.id, "rota published", rotas))
    return sorted(rows)


def recommendations(all_months: Sequence[Month]) -> list[tuple]:
    """(account, date, score from 0 to 10, comment): answers to the question whether they would recommend Larkfield."""
    rows = [_recommendation(month) for month in all_months for _ in range(int(month.chance.poisson(ANSWERS[month.segment])))]
    return sorted(rows, key=lambda row: (row[1], row[0]))


def _recommendation(month: Month) -> tuple:
    chance, likes, dislikes = month.chance, PROMOTERS[month.segment], DETRACTORS[month.segment]
    drawn = chance.random_sample()
    if drawn < likes:
        score, words = 9 + int(chance.randint(2)), PRAISE
    elif drawn < 1 - dislikes:
        score, words = 7 + int(chance.randint(2)), MIXED
    else:
        score, words = int(chance.randint(2, 7)), BLAME
    comment = words[chance.randint(len(words))] if chance.random_sample() < SAYS_WHY else None
    return month.any_account().id, month.any_day(), score, comment


def promises(all_months: Sequence[Month]) -> list[tuple]:
    """(account, made, due, kept, what was promised, owner), in order of the date due."""
    rows = [_promise(month) for month in all_months for _ in range(int(month.chance.poisson(PROMISES_A_MONTH[month.segment])))]
    return sorted(rows, key=lambda row: (row[2], row[0], row[1]))


def _promise(month: Month) -> tuple:
    chance, account, due = month.chance, month.any_account(), month.any_day()
    made = due - timedelta(int(chance.randint(SHORTEST, LONGEST)))
    kept = None
    if chance.random_sample() < KEPT[month.segment]:
        kept = month.day_between(made + timedelta(1), due)
    elif chance.random_sample() < LATE_AT_LAST:
        late = due + timedelta(int(chance.randint(1, LATEST)))
        kept = late if late <= END else None
    return account.id, made, due, kept, PROMISED[chance.randint(len(PROMISED))], account.csm

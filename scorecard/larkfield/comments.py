"""What Larkfield's customers write in their tickets: what is planted to be heard, and what a score cannot see.

A stream of chance of its own leaves every other column as it was. Accounts that are about to leave often say why.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import numpy as np

from scorecard.larkfield.accounts import Account, Customers
from scorecard.larkfield.figures import FIRST, LAST

SAYS_SOMETHING = 0.3
PUBLISHING = ("Publishing the rota fails with an error", "Publishing is slow on Monday mornings", "The rota crashed while publishing")
PRICE = ("The price rise came as a surprise", "Nobody told us that the price goes up", "The new price is too expensive for our sites")
REPORTS = ("We cannot export the overtime report", "The export to a spreadsheet loses columns", "Reports are hard to export for the board")
ROLES = ("It was unclear who does what at the start", "Roles at the kick-off were unclear")
NO_WORD = ("No word on our open ticket", "We heard nothing since last week", "Still no answer to the ticket of last month")
PAYROLL = ("The payroll link breaks every month", "Payroll integration lost two shifts")
SPONSOR = ("Our sponsor has left the company", "Your champion here has left", "A successor of our sponsor decides from now on")
SMALLER = ("The night view is missing", "A night view would help the wards", "Please add a night view", "The holiday calendar is wrong for Bavaria",
           "Holiday calendar again without the new day", "Our holiday calendar shows last year", "Shift swap needs two phones",
           "A shift swap cannot be undone", "Shift swap by text message, please")
# Weights of the themes before the bad release of October 2026, and in it.
THEMES = (PUBLISHING, PRICE, REPORTS, ROLES, NO_WORD, PAYROLL, SMALLER)
USUAL, AFTER_THE_RELEASE, RELEASE = (26, 30, 33, 24, 19, 14, 35), (62, 38, 33, 24, 22, 14, 35), date(2026, 10, 1)
PRICE_RISE, WEIGHT_BEFORE_IT = date(2026, 2, 1), 8

# What accounts that are about to leave say in the months before: a reason that no input of the score tells of, or nothing.
LAST_WORDS_DAYS, PRICE_LEAVES, SPONSOR_LEAVES = 150, 0.32, 0.22
# A sponsor has left long before the account does; and some accounts lose theirs and stay, for so many days of talk about it.
SPONSOR_DAYS, LOSES_ITS_SPONSOR, TALK_DAYS = 270, 0.10, 120


def with_comments(tickets: Sequence[tuple], everyone: Customers, chance: np.random.RandomState, other: np.random.RandomState) -> list[tuple]:
    """The rows of tickets (account, opened, …), each with what the customer wrote, None for nothing."""
    accounts = {one.id: one for one in everyone.accounts}
    reasons = {one.id: _reason(chance) for one in everyone.accounts if one.until}
    talk = {one.id: _sponsor_left(one, reasons.get(one.id, ()), other) for one in everyone.accounts}
    return [(*row, _words(accounts[row[0]], row[1], reasons.get(row[0], ()), talk[row[0]], chance)) for row in tickets]


def _sponsor_left(one: Account, reason: tuple[str, ...], other: np.random.RandomState) -> tuple[date, date] | None:
    """The days in which an account talks about a sponsor who has left; None where nobody did."""
    loses, when = other.random_sample(), other.random_sample()
    if one.until:
        return (one.until - timedelta(SPONSOR_DAYS), one.until) if reason is SPONSOR else None
    first = FIRST.start + timedelta(int(when * (LAST.end - FIRST.start).days))
    return (first, first + timedelta(TALK_DAYS)) if loses < LOSES_ITS_SPONSOR else None


def _reason(chance: np.random.RandomState) -> tuple[str, ...]:
    drawn = chance.random_sample()
    return PRICE if drawn < PRICE_LEAVES else SPONSOR if drawn < PRICE_LEAVES + SPONSOR_LEAVES else ()


def _words(one: Account, opened: datetime, reason: tuple[str, ...], talk: tuple[date, date] | None, chance: np.random.RandomState) -> str | None:
    says, place, which = chance.random_sample(), chance.random_sample(), chance.random_sample()
    if talk and talk[0] < opened.date() < talk[1]:
        return _one_of(SPONSOR, which)
    if reason and one.until and one.until - opened.date() < timedelta(LAST_WORDS_DAYS):
        return _one_of(reason, which)
    return _one_of(THEMES[_theme(opened.date(), place)], which) if says < SAYS_SOMETHING else None


def _theme(day: date, place: float) -> int:
    weights = np.array(AFTER_THE_RELEASE if day >= RELEASE else USUAL, dtype=float)
    if day < PRICE_RISE:
        weights[THEMES.index(PRICE)] = WEIGHT_BEFORE_IT
    return int(np.searchsorted(np.cumsum(weights) / weights.sum(), place))


def _one_of(words: tuple[str, ...], place: float) -> str:
    return words[int(place * len(words))]

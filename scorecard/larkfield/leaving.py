"""What goes before a loss at Larkfield: tickets that wait, fewer contacts, users who start badly.

Rows change hands between accounts of the same segment, or of the same CSM, on the same days: what a month comes to stays as
it was drawn. A stream of chance of its own leaves every other row as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta

import numpy as np

from scorecard.larkfield.accounts import Account, Customers
from scorecard.larkfield.events import ADOPTION_DAYS, OLD_DAYS

BEFORE_DAYS, SETTLED_DAYS, NEW_DAYS = 300, 400, 35
WAITS, LESS_CONTACT, BAD_START = 0.08, 0.20, 0.55
Own = Callable[[Account], bool]


class Leaving:
    """Who is about to leave on a day, and who stays: the accounts from which and to which rows go."""

    def __init__(self, everyone: Customers, chance: np.random.RandomState) -> None:
        self.accounts, self.chance = {one.id: one for one in everyone.accounts}, chance
        self.leavers = [one for one in everyone.accounts if one.until]

    def tickets(self, rows: Sequence[tuple]) -> list[tuple]:
        """The tickets, of those that wait for weeks more from accounts that are about to leave."""
        return sorted((self._ticket(row) for row in rows), key=lambda row: (row[1], row[0]))

    def contacts(self, rows: Sequence[tuple]) -> list[tuple]:
        """The contacts, fewer of them with accounts that are about to leave."""
        return sorted((self._contact(row) for row in rows), key=lambda row: (row[1], row[0], row[7]))

    def adoption(self, rows: Sequence[tuple]) -> list[tuple]:
        """The users, fewer of those who start well from accounts that are about to leave."""
        return [self._user(row) for row in rows]

    def _ticket(self, row: tuple) -> tuple:
        account, opened, solved = self.accounts[row[0]], row[1], row[3]
        if self._lasts(opened, solved) and self.chance.random_sample() < WAITS:
            done = solved.date() if solved else None
            return self._given(row, [one for one in self.leavers if one.segment == account.segment and _leaves(one, opened.date(), done)])
        return row

    def _lasts(self, opened: datetime, solved: datetime | None) -> bool:
        return solved is None or solved - opened > timedelta(OLD_DAYS)

    def _contact(self, row: tuple) -> tuple:
        account, due = self.accounts[row[0]], row[1]
        if _leaves(account, due) and self.chance.random_sample() < LESS_CONTACT:
            return self._given(row, self._staying(due, lambda one: one.csm == account.csm))
        return row

    def _user(self, row: tuple) -> tuple:
        account, live, reached = self.accounts[row[0]], row[3], row[4]
        good = reached is not None and reached - live <= timedelta(ADOPTION_DAYS)
        if good and _leaves(account, live) and self.chance.random_sample() < BAD_START:
            return self._given(row, self._staying(live, lambda one: one.segment == account.segment))
        return row

    def _staying(self, day: date, own: Own) -> list[Account]:
        return [one for one in self.accounts.values() if own(one) and one.since <= day - timedelta(NEW_DAYS)
                and (one.until is None or one.until > day + timedelta(SETTLED_DAYS))]

    def _given(self, row: tuple, pool: Sequence[Account]) -> tuple:
        """The row, of an account of the pool where there is one."""
        return (pool[self.chance.randint(len(pool))].id, *row[1:]) if pool else row


def _leaves(one: Account, day: date, done: date | None = None) -> bool:
    """Whether an account was there on a day (and when it was done), and left in the months after."""
    return one.until is not None and one.since <= day - timedelta(NEW_DAYS) and (done or day) < one.until <= day + timedelta(BEFORE_DAYS)

"""Share links as rows: the hash of a token, what it shows, when it ends, how often it was opened."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from scorecard.core.periods import Period
from scorecard.errors import ScorecardError, StaleEdit
from scorecard.store.engine import Tx


@dataclass(frozen=True)
class Share:
    """A read-only link to one period of a scorecard. `segment` "" is all; `made_by` is a name.

    A `live` one shows the latest complete period of the day it is opened on, a `wall` one fills a screen. `scorecard` ""
    (walls only) is every scorecard in turn. `label` says what it is for, such as Support room.
    """

    id: str
    scorecard: str
    period: Period
    segment: str
    made_by: str
    made_at: datetime
    ends_on: date
    revoked_at: datetime | None
    openings: int
    last_opened: datetime | None
    live: bool = False
    wall: bool = False
    label: str = ""

    def open_on(self, today: date) -> bool:
        """Whether the link still answers: to the end of its last day, unless revoked."""
        return self.revoked_at is None and today <= self.ends_on

    @property
    def ended_on(self) -> date:
        """The day it was revoked, else its last day."""
        return self.revoked_at.date() if self.revoked_at else self.ends_on


_COLUMNS = """id, scorecard, starts, grain, segment, made_by, made_at, ends_on, revoked_at, openings, last_opened,
              live, wall, label"""


def _share(row: tuple) -> Share:
    return Share(row[0], row[1], Period(row[2], row[3]), *row[4:-3], bool(row[-3]), bool(row[-2]), row[-1] or "")


def insert(tx: Tx, share: Share, token_hash: str) -> None:
    """Stores a new link; the token itself is never stored."""
    tx.run(
        f"""INSERT INTO share ({_COLUMNS}, token_hash, shows)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, 'scorecard')""",
        (
            share.id,
            share.scorecard,
            share.period.start,
            share.period.grain,
            share.segment,
            share.made_by,
            share.made_at,
            share.ends_on,
            share.revoked_at,
            share.openings,
            share.last_opened,
            share.live,
            share.wall,
            share.label,
            token_hash,
        ),
    )


def every(tx: Tx) -> list[Share]:
    """All links, the newest first."""
    return [_share(row) for row in tx.all(f"SELECT {_COLUMNS} FROM share ORDER BY made_at DESC, id")]


def one(tx: Tx, share_id: str) -> Share:
    """The link with this id. Raises ScorecardError when there is none."""
    row = tx.one(f"SELECT {_COLUMNS} FROM share WHERE id = $1", (share_id,))
    if row is None:
        raise ScorecardError(
            f"Share link {share_id!r} does not exist. `python -m scorecard share list` shows all links."
        )
    return _share(row)


def by_hash(tx: Tx, token_hash: str) -> tuple[Share, str] | None:
    """The link whose token has this hash, with the hash as stored; None when there is none."""
    row = tx.one(f"SELECT {_COLUMNS}, token_hash FROM share WHERE token_hash = $1", (token_hash,))
    return (_share(row[:-1]), row[-1]) if row else None


def end_on(tx: Tx, share: Share, ends_on: date) -> None:
    """The link ends on another day. Raises StaleEdit when the end was changed meanwhile, or the link revoked."""
    row = tx.one(
        """UPDATE share SET ends_on = $1 WHERE id = $2 AND ends_on = $3 AND revoked_at IS NULL RETURNING id""",
        (ends_on, share.id, share.ends_on),
    )
    if row is None:
        raise StaleEdit("Not changed: somebody else changed this link meanwhile. Look at it again.")


def revoke(tx: Tx, share_id: str) -> None:
    """The link answers no more, from the moment of the transaction."""
    tx.run("UPDATE share SET revoked_at = $1 WHERE id = $2 AND revoked_at IS NULL", (tx.now, share_id))


def add_openings(tx: Tx, share_id: str, count: int, last: datetime) -> None:
    """Counts openings, in all and of the day; who opened is never known."""
    tx.run("UPDATE share SET openings = openings + $1, last_opened = $2 WHERE id = $3", (count, last, share_id))
    tx.run(
        """INSERT INTO share_opening VALUES ($1, $2, $3)
            ON CONFLICT (share, opened_on) DO UPDATE SET openings = share_opening.openings + excluded.openings""",
        (share_id, last.date(), count),
    )


def days(tx: Tx) -> dict[str, list[tuple[date, int]]]:
    """Link -> (day, openings) of each day on which it was opened, the newest first."""
    found: dict[str, list[tuple[date, int]]] = {}
    for share_id, opened_on, openings in tx.all("SELECT share, opened_on, openings FROM share_opening ORDER BY share, opened_on DESC"):
        found.setdefault(share_id, []).append((opened_on, openings))
    return found


def parts_of(tx: Tx, scorecard: str) -> list[str]:
    """The segments of the figures of a scorecard; of all scorecards without one."""
    return [segment for (segment,) in tx.all(
        """SELECT DISTINCT segment FROM figure WHERE segment <> '' AND measure IN (SELECT measure FROM slot WHERE $1 = '' OR scorecard = $1)""",
        (scorecard,))]

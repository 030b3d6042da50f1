"""Share links: read-only pages of a month, of the latest month or for a wall, for people without the product; each ends."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from scorecard import access
from scorecard.access import Actor
from scorecard.core import names
from scorecard.core.periods import Period, day
from scorecard.errors import NotAllowed, ScorecardError
from scorecard.store import definitions, members, shares
from scorecard.store.engine import Store, Tx
from scorecard.store.shares import Share

LONGEST = 366
LONGEST_LABEL = 80
TOKEN_BYTES = 32
_NONE = "0" * 64  # the hash of no token: who has a wrong one waits as long as who has a right one


class LinkClosed(NotAllowed):
    """A link that does not answer; `share` is None when there never was one."""

    def __init__(self, sentence: str, share: Share | None = None):
        super().__init__(sentence)
        self.share = share


@dataclass(frozen=True)
class Made:
    """A new link. The token is shown once: only its hash is kept."""

    share: Share
    token: str

    @property
    def path(self) -> str:
        """The path of the page below the address of the server."""
        return f"/share/{self.token}/wall" if self.share.wall else f"/share/{self.token}"


def hash_of(token: str) -> str:
    """SHA-256 of a token, in hex. The token has 256 random bits, so no salt or stretching is needed."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def make(
    store: Store,
    actor: Actor,
    scorecard: str,
    period: Period,
    segment: str,
    ends_on: date,
    today: date,
    *,
    live: bool = False,
    wall: bool = False,
    label: str = "",
) -> Made:
    """A new link with its token: to one period of a scorecard, `live` to the latest complete one, `wall` for a screen."""
    access.require(actor, "make_links")
    _check_end(ends_on, today)
    token, told = secrets.token_urlsafe(TOKEN_BYTES), names.clean(label, "label", LONGEST_LABEL)

    def work(tx: Tx) -> Share:
        if scorecard or not wall:
            _check_scorecard(tx, scorecard)
        check_nobody(tx, scorecard, segment)
        share = Share(secrets.token_hex(4), scorecard, period, segment, actor.name, tx.now, ends_on, None, 0, None,
                      live, wall, told)
        shares.insert(tx, share, hash_of(token))
        tx.audit("share_made", f"share:{share.id}", None, described(share))
        return share

    return Made(store.write(work, actor.name), token)


def listed(store: Store, actor: Actor) -> list[Share]:
    """All links, the newest first."""
    access.require(actor, "read_scorecard")
    with store.read() as tx:
        return shares.every(tx)


def days(store: Store, actor: Actor) -> dict[str, list[tuple[date, int]]]:
    """Link -> (day, openings) of each day on which it was opened, the newest first; nothing about who did."""
    access.require(actor, "read_scorecard")
    with store.read() as tx:
        return shares.days(tx)


def check_nobody(tx: Tx, scorecard: str, segment: str) -> None:
    """Nothing, when what a link shows is of no single person. Raises NotAllowed; asked when it is made, and whenever its page is drawn."""
    called = {names.bare(text) for one in members.people(tx) for text in (one.id, one.name, one.email) if text}
    found = [one for one in dict.fromkeys((segment, *shares.parts_of(tx, scorecard))) if one and names.bare(one) in called]
    if found:
        raise NotAllowed(f"{', '.join(found[:3])}: figures of people are for them and their leaders, and no link shows them. "
                         "Choose a scorecard whose segments are groups of customers.")


def change_end(
    store: Store, actor: Actor, share_id: str, ends_on: date, today: date, seen: date | None = None
) -> Share:
    """The link with its new end. `seen` is the end the person saw; another one meanwhile is a StaleEdit."""
    access.require(actor, "make_links")
    _check_end(ends_on, today)

    def work(tx: Tx) -> Share:
        before = shares.one(tx, share_id)
        if before.revoked_at:
            raise ScorecardError(f"This link was revoked on {day(before.revoked_at.date())}. Make a new one.")
        shares.end_on(tx, _as_seen(before, seen), ends_on)
        after = shares.one(tx, share_id)
        tx.audit("share_end_changed", f"share:{share_id}", described(before), described(after))
        return after

    return store.write(work, actor.name)


def revoke(store: Store, actor: Actor, share_id: str) -> Share:
    """The link, ended now. A second time changes nothing."""
    access.require(actor, "make_links")

    def work(tx: Tx) -> Share:
        before = shares.one(tx, share_id)
        if before.revoked_at:
            return before
        shares.revoke(tx, share_id)
        tx.audit("share_revoked", f"share:{share_id}", described(before), described(shares.one(tx, share_id)))
        return shares.one(tx, share_id)

    return store.write(work, actor.name)


def opened(store: Store, token: str, today: date) -> Share:
    """The link behind a token, when it still answers. Raises LinkClosed with a sentence that says what to do."""
    asked = hash_of(token)
    with store.read() as tx:
        found = shares.by_hash(tx, asked)
    if not hmac.compare_digest(found[1] if found else _NONE, asked) or found is None:
        raise LinkClosed("This link does not exist. Check that the address is complete, or ask for a new one.")
    share = found[0]
    if not share.open_on(today):
        raise LinkClosed(f"This link ended on {day(share.ended_on)}. Ask {share.made_by} for a new one.", share)
    return share


def count(store: Store, share_id: str, openings: int, last: datetime) -> None:
    """Adds openings to a link; nothing about who opened it. No cached page is emptied by it."""
    store.write(lambda tx: shares.add_openings(tx, share_id, openings, last), "share link", quiet=True)


def described(share: Share) -> dict:
    """The link as text for the audit and for `--json`: never the token."""
    return {
        "id": share.id,
        "scorecard": share.scorecard,
        "period": str(share.period),
        "segment": share.segment,
        "live": share.live,
        "wall": share.wall,
        "label": share.label,
        "made_by": share.made_by,
        "made_at": share.made_at.isoformat(timespec="seconds"),
        "ends_on": share.ends_on.isoformat(),
        "revoked_at": share.revoked_at.isoformat(timespec="seconds") if share.revoked_at else None,
        "openings": share.openings,
    }


def _as_seen(share: Share, seen: date | None) -> Share:
    return share if seen is None else Share(**{**vars(share), "ends_on": seen})


def _check_end(ends_on: date, today: date) -> None:
    if not today <= ends_on <= today + timedelta(days=LONGEST):
        raise ScorecardError(
            f"A link ends between today and {day(today + timedelta(days=LONGEST))}; "
            f"{day(ends_on)} is outside. Choose another day."
        )


def _check_scorecard(tx: Tx, scorecard: str) -> None:
    known = [card.id for card in definitions.scorecards(tx)]
    if scorecard not in known:
        raise ScorecardError(f"Scorecard {scorecard!r} does not exist. There is: {', '.join(known) or 'none yet'}.")

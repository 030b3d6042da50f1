"""Channels, and the messages that went, wait or would have gone to them. No password and no address of a webhook is here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from scorecard.errors import StaleEdit, UsageError
from scorecard.store.tx import Tx

_CHANNEL = "id, way, recipient, about, live, repeat_after, version, changed_by, changed_at"
_MESSAGE = """id, about, kind, channel, recipient, subject, body, state, attempts, said, made_at, next_at, sent_at, version,
              members, ended"""


@dataclass(frozen=True)
class Channel:
    """Where messages go. `recipient` is an e-mail address or the name of a webhook whose address the host knows.

    `about` are the kinds it hears of, `repeat_after` days (0: never again). Without `live` nothing leaves.
    """

    id: str
    way: str
    recipient: str
    about: tuple[str, ...]
    live: bool
    repeat_after: int
    version: int
    changed_by: str
    changed_at: datetime | None


@dataclass(frozen=True)
class Message:
    """One message to one channel. `about` names the concern, `members` what it told of; `over` says that it is past.

    `state` is dry_run, waiting, sent, failed (given up) or recovered (no longer needed). `said` is the answer, times are UTC.
    """

    id: str
    about: str
    kind: str
    channel: str
    recipient: str
    subject: str
    body: str
    state: str
    attempts: int
    said: str
    made_at: datetime
    next_at: datetime | None
    sent_at: datetime | None
    version: int
    members: frozenset[str] = frozenset()
    over: bool = False


def _channel(row: tuple) -> Channel:
    return Channel(*row[:3], tuple(filter(None, row[3].split(","))), *row[4:])


def _message(row: tuple) -> Message:
    return Message(*row[:14], frozenset(filter(None, (row[14] or "").split("\n"))), bool(row[15]))


# -- channels


def channels(tx: Tx) -> list[Channel]:
    """All channels by way and recipient."""
    return [_channel(row) for row in tx.all(f"SELECT {_CHANNEL} FROM channel ORDER BY way, recipient, id")]


def channel(tx: Tx, identity: str) -> Channel:
    """One channel. Raises UsageError when there is none."""
    row = tx.one(f"SELECT {_CHANNEL} FROM channel WHERE id = $1", [identity])
    if row is None:
        raise UsageError(f"There is no channel {identity!r}. List them with: python -m scorecard digest channel list")
    return _channel(row)


def insert_channel(tx: Tx, new: Channel) -> None:
    """Nothing; the channel is written at version 1."""
    tx.run(
        f"INSERT INTO channel ({_CHANNEL}) VALUES ($1, $2, $3, $4, $5, $6, 1, $7, $8)",
        [new.id, new.way, new.recipient, ",".join(new.about), new.live, new.repeat_after, tx.actor, tx.now],
    )


def update_channel(tx: Tx, new: Channel) -> None:
    """Nothing; the channel is changed where it still has `new.version`. Raises StaleEdit otherwise."""
    row = tx.one(
        """UPDATE channel SET about = $1, live = $2, repeat_after = $3, changed_by = $4, changed_at = $5,
                  version = version + 1 WHERE id = $6 AND version = $7 RETURNING version""",
        [",".join(new.about), new.live, new.repeat_after, tx.actor, tx.now, new.id, new.version],
    )
    if row is None:
        now = channel(tx, new.id)
        raise StaleEdit(f"Not saved: {now.changed_by} changed the channel to {now.recipient} meanwhile. Look at it again.")


def delete_channel(tx: Tx, identity: str) -> None:
    """Nothing; the channel is gone, and what still waited for it is no longer needed. What it was told stays."""
    tx.run("DELETE FROM channel WHERE id = $1", [identity])
    tx.run(
        """UPDATE message SET state = 'recovered', said = 'The channel was taken away.', version = version + 1
           WHERE channel = $1 AND state IN ('waiting', 'failed')""",
        [identity],
    )


# -- messages


def insert(tx: Tx, new: Message) -> None:
    """Nothing; the message is written at version 1."""
    tx.run(
        f"""INSERT INTO message ({_MESSAGE})
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, '', $9, $10, NULL, 1, $11, $12)""",
        [new.id, new.about, new.kind, new.channel, new.recipient, new.subject, new.body, new.state, tx.now, new.next_at,
         "\n".join(sorted(new.members)), new.over],
    )


def told_anew(tx: Tx, old: Message, subject: str, body: str, members: frozenset[str]) -> None:
    """Nothing; a message that still waits says what is so now."""
    tx.run(
        """UPDATE message SET subject = $1, body = $2, members = $3, version = version + 1
           WHERE id = $4 AND state = 'waiting'""",
        [subject, body, "\n".join(sorted(members)), old.id],
    )


def no_longer_needed(tx: Tx, old: Message) -> None:
    """Nothing; a message that was not sent need not be any more."""
    tx.run(
        """UPDATE message SET state = 'recovered', version = version + 1 WHERE id = $1 AND state IN ('waiting', 'failed')""",
        [old.id],
    )


def last(tx: Tx, channel: Channel) -> dict[str, Message]:
    """Concern -> the newest message about it that this channel heard of, or that waits for it. For a live one only live ones."""
    rows = tx.all(
        f"""SELECT {_MESSAGE} FROM message WHERE channel = $1 AND state <> 'recovered' AND ($2 OR state <> 'dry_run')
            ORDER BY made_at, version""",
        [channel.id, not channel.live],
    )
    return {one.about: one for one in map(_message, rows)}


def get(tx: Tx, identity: str) -> Message:
    """One message. Raises UsageError when there is none."""
    row = tx.one(f"SELECT {_MESSAGE} FROM message WHERE id = $1", [identity])
    if row is None:
        raise UsageError(f"There is no message {identity!r}.")
    return _message(row)


def recent(tx: Tx, count: int = 50) -> list[Message]:
    """The last messages, the newest first."""
    return [_message(row) for row in tx.all(f"SELECT {_MESSAGE} FROM message ORDER BY made_at DESC, id LIMIT $1", [count])]


def due(tx: Tx, now: datetime) -> list[Message]:
    """What waits and may be tried now, the oldest first."""
    rows = tx.all(
        f"""SELECT {_MESSAGE} FROM message WHERE state = 'waiting' AND (next_at IS NULL OR next_at <= $1)
            ORDER BY made_at, id""",
        [now],
    )
    return [_message(row) for row in rows]


def claim(tx: Tx, one: Message, next_at: datetime) -> bool:
    """Whether this sender has the message now: it is tried once more, and not before `next_at` by anybody else."""
    row = tx.one(
        """UPDATE message SET attempts = attempts + 1, next_at = $1, version = version + 1
           WHERE id = $2 AND version = $3 AND state = 'waiting' RETURNING version""",
        [next_at, one.id, one.version],
    )
    return row is not None


def settle(tx: Tx, identity: str, state: str, said: str, next_at: datetime | None = None) -> None:
    """Nothing; the message was sent, failed for good, or waits until `next_at`, with what was answered."""
    tx.run(
        """UPDATE message SET state = $1, said = $2, next_at = $3, sent_at = $4, version = version + 1
           WHERE id = $5 AND state = 'waiting'""",
        [state, said, next_at, tx.now if state == "sent" else None, identity],
    )


def try_again(tx: Tx, identity: str) -> None:
    """Nothing; a message that was given up, or waits for its next try, is tried at once, with a new count."""
    tx.run(
        """UPDATE message SET state = 'waiting', attempts = 0, next_at = NULL, version = version + 1
           WHERE id = $1 AND state IN ('failed', 'waiting')""",
        [identity],
    )


def unsent(tx: Tx) -> list[Message]:
    """What was tried and did not go, in channels to which nothing went since."""
    rows = tx.all(
        f"""SELECT {_MESSAGE} FROM message AS one
            WHERE (state = 'failed' OR (state = 'waiting' AND attempts > 0 AND said <> ''))
                AND NOT EXISTS (SELECT 1 FROM message AS later
                    WHERE later.channel = one.channel AND later.state = 'sent' AND later.sent_at > one.made_at)
            ORDER BY made_at, id"""
    )
    return [_message(row) for row in rows]


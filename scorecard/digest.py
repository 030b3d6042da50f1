"""The digest: what channels are told about signals, overdue actions, a signed month and late figures, and when.

Nothing leaves before somebody adds a channel; a new channel is a dry run. What a message says is decided here, sending it
is the work of `delivery.py`. A concern is told once, again when something joins it, again after some days if the channel
asks for that, and once more when it is over.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from scorecard import access, actions, maturity, metrics, reviews, sources
from scorecard.access import Actor
from scorecard.core import names, rhythm
from scorecard.core.periods import day
from scorecard.core.reading import STATUSES
from scorecard.errors import UsageError
from scorecard.metrics import ScorecardView
from scorecard.store import definitions, members
from scorecard.store import messages as rows
from scorecard.store.engine import Store, Tx
from scorecard.store.messages import Channel, Message

KINDS = {
    "signals": "the month’s signals",
    "overdue": "overdue actions",
    "signed": "a signed month",
    "stale": "late figures",
    "maturity": "reminders of a maturity cycle",
}
WAYS = {"email": "E-mail", "webhook": "Webhook"}
FRESH_DAYS = 7
MOST_LINES = 20
LONGEST_REPEAT = 90
_ADDRESS = re.compile(r"[^@\s,;<>\"]+@[^@\s,;<>\"]+\.[^@\s,;<>\"]+")
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


@dataclass(frozen=True)
class Outside:
    """How the host reaches others: `smtp` as smtp://user@host:587 or smtps://…, webhooks by name, the server's address.

    It comes from the environment (`places.outside`) and is never stored.
    """

    smtp: str = ""
    password: str = ""
    sender: str = ""
    webhooks: dict[str, str] | None = None
    private: bool = False
    address: str = ""

    def ready(self, way: str, recipient: str) -> str:
        """Why nothing can be sent this way; "" when it can be tried."""
        if way == "email":
            return "" if self.smtp and self.sender else "SCORECARD_SMTP and SCORECARD_SMTP_FROM are not set on the server."
        known = recipient in (self.webhooks or {})
        return "" if known else f"SCORECARD_WEBHOOKS on the server names no webhook {recipient!r}."


@dataclass(frozen=True)
class Concern:
    """Something to tell. `members` are what it is made of: none means that all is well, and `lines` say so.

    `path` is the page it is about; one that is not `lasting` (a signature) is told once and never over.
    """

    kind: str
    about: str
    members: frozenset[str]
    subject: str
    lines: tuple[str, ...]
    path: str
    lasting: bool = True


@dataclass(frozen=True)
class Planned:
    """A message that would be written: to which channel, why (new, more, again, over), what it says."""

    channel: Channel
    concern: Concern
    why: str
    subject: str
    body: str


# -- what there is to say


def concerns(store: Store, today: date) -> list[Concern]:
    """Everything that a channel can hear of today, in the order of KINDS."""
    with store.read() as tx:
        cards = [card for card in definitions.scorecards(tx) if card.slots]
        late = actions.overdue(actions.listed(tx, open_only=True), today)
        figures_due = (members.organisation(tx) or members.Organisation("")).figures_due
    views = [metrics.scorecard_view(store, card.id, None, "", today) for card in cards]
    views = [view for view in views if view.periods]
    signed = [one for one in map(_signed, reviews.signed(store)) if one and _is_fresh(one[1], today)]
    return [*map(_signals, views), _overdue(late, today), *(one for one, _ in signed), _stale(store, views, figures_due, today)]


def _signals(view: ScorecardView) -> Concern:
    moved = {f"{view.period} {row.measure.name} {row.reading.variation}" for row in view.rows
             if row.reading.variation in ("worsening", "improving", "changing")}
    counts = ", ".join(f"{view.counts[status]} {STATUSES[status]}" for status in ("act", "watch", "on_course") if view.counts.get(status))
    title = f"{view.name}, {view.period.label}"
    subject = f"{title}: {counts}" if moved else f"{title}: no signals"
    lines = (*(one.text for one in view.sentences), *view.notices)
    return Concern("signals", f"signals:{view.id}", frozenset(moved), subject, lines, f"?scorecard={view.id}")


def _overdue(late: Sequence[actions.Action], today: date) -> Concern:
    ordered = sorted(late, key=lambda one: (one.due, one.title))
    lines = [f"{one.title}: {one.owner_name}, was due on {day(one.due)}, {_days(one.days_late(today))} late." for one in ordered]
    subject = f"{len(late)} {'action is' if len(late) == 1 else 'actions are'} overdue" if late else "No action is overdue any more"
    found = frozenset(one.id for one in late)
    return Concern("overdue", "overdue", found, subject, _cut(lines) or ("Every action is done, or still has time.",), "actions")


def _signed(one: tuple) -> tuple[Concern, date] | None:
    scorecard, period, signature = one
    if signature is None:
        return None
    subject = f"{period.label} is signed by {signature.name}"
    lines = (f"The month is frozen under the fingerprint {signature.short}. Its pack is on the page of the review.",)
    path = f"review?month={period}&scorecard={scorecard}"
    concern = Concern("signed", f"signed:{scorecard}:{period}", frozenset({signature.fingerprint}), subject, lines, path, False)
    return concern, signature.signed_at.date()


def _is_fresh(on: date, today: date) -> bool:
    """Whether a signature is news: a channel that is added later does not hear of every month of the past."""
    return today - timedelta(days=FRESH_DAYS) <= on


def _stale(store: Store, views: Sequence[ScorecardView], figures_due: int, today: date) -> Concern:
    stale = [line for line in sources.lines(store, today) if line.state == "stale" and line.expected]
    labels = sources.scorecard_labels(store) if stale else {}
    lines = {f"source {line.name}": sources.stale_sentence(line, labels) for line in stale}
    for view in views:
        late = rhythm.overdue(view.period, figures_due, today)
        if late:
            lines[f"figures {view.id} {late[0]}"] = f"{view.name}: {late[0].label} was due on {day(late[1])}; figures reach to {view.period.label}."
    subject = "Figures are late" if lines else "The figures are there again"
    told = _cut(list(lines.values())) or ("Every source is fresh, and the latest month is there.",)
    return Concern("stale", "stale", frozenset(lines), subject, told, "data")


def _cut(lines: list[str]) -> tuple[str, ...]:
    more = len(lines) - MOST_LINES
    return (*lines[:MOST_LINES], *((f"And {more} more.",) if more > 0 else ()))


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"


# -- when to say it


def why_now(concern: Concern, last: Message | None, repeat_after: int, today: date) -> str:
    """Why a channel is told now: new, more (something joined), again (it lasts), over; "" when it knows already."""
    told = last is not None and not last.over
    if not concern.members:
        return "over" if told and concern.lasting else ""
    if not told:
        return "new"
    if concern.members - last.members:
        return "more"
    lasts = repeat_after and concern.lasting and today - last.made_at.date() >= timedelta(days=repeat_after)
    return "again" if lasts else ""


def planned(store: Store, today: date, address: str, only: Iterable[Channel] | None = None) -> list[Planned]:
    """What each channel would be told now; `address` is that of the server, for the link."""
    with store.read() as tx:
        asked = rows.channels(tx) if only is None else list(only)
        last = {one.id: rows.last(tx, one) for one in asked}
    found = concerns(store, today) if asked else []
    told = []
    for one in asked:
        for concern in found:
            why = why_now(concern, last[one.id].get(concern.about), one.repeat_after, today) if concern.kind in one.about else ""
            if why:
                told.append(Planned(one, concern, why, _subject(concern, why), body(concern, address)))
    return told


def _subject(concern: Concern, why: str) -> str:
    return f"Still: {concern.subject}" if why == "again" else concern.subject


def body(concern: Concern, address: str) -> str:
    """The lines and the link, with what the link needs."""
    link = f"{address.rstrip('/')}/{concern.path}"
    here = "" if not _is_local(address) else " (opens on the server's own machine only)"
    return "\n".join((*concern.lines, "", f"{link}{here}"))


def _is_local(address: str) -> bool:
    return "//localhost" in address or "//127." in address or "//[::1]" in address


def plan(store: Store, actor: Actor, today: date, address: str) -> list[Planned]:
    """What was written for the channels: waiting for a live one, a dry run for another. Nothing when all know already."""
    access.require(actor, "make_links")
    found = planned(store, today, address)
    if found:
        store.write(lambda tx: _write(tx, found, today), actor.name)
    return found


def _write(tx: Tx, found: Sequence[Planned], today: date) -> None:
    """What still has to be told, written: meanwhile a channel may have gone, and another worker may have told it."""
    standing = {one.id: rows.last(tx, one) for one in rows.channels(tx)}
    for told in found:
        old = standing.get(told.channel.id, {}).get(told.concern.about)
        if told.channel.id in standing and why_now(told.concern, old, told.channel.repeat_after, today):
            _tell(tx, told, old)


def _tell(tx: Tx, told: Planned, old: Message | None) -> None:
    """A new message; one that waits still is told anew, or, when the concern is over, is no longer needed."""
    if old is not None and old.state in ("waiting", "failed") and old.sent_at is None:
        if told.why == "over":
            rows.no_longer_needed(tx, old)
            return
        if old.state == "waiting":
            rows.told_anew(tx, old, told.subject, told.body, told.concern.members)
            return
        rows.no_longer_needed(tx, old)
    state = "waiting" if told.channel.live else "dry_run"
    new = Message(secrets.token_hex(8), told.concern.about, told.concern.kind, told.channel.id, told.channel.recipient,
                  told.subject, told.body, state, 0, "", tx.now, None, None, 1, told.concern.members, told.why == "over")
    rows.insert(tx, new)


# -- reminders of a maturity cycle


def reminder(cycle: maturity.Cycle, left: int, address: str) -> tuple[str, str]:
    """(subject, text) of a reminder: how many are missing, until when, where; it names nobody."""
    people = "1 person has" if left == 1 else f"{left} people have"
    path = f"maturity?view=assess&cycle={cycle.id}"
    lines = (f"{people} not finished {cycle.title}. It closes on {day(cycle.closes)}.",
             "One system takes about five minutes; every answer is saved as it is chosen." if cycle.kind == "full"
             else "It takes under two minutes; every answer is saved as it is chosen.")
    return f"{cycle.title}: {people} not finished", body(Concern("maturity", "", frozenset(), "", lines, path), address)


def remind(store: Store, actor: Actor, cycle_id: str, address: str) -> list[Channel]:
    """The channels that were told that a cycle waits; whoever has not finished counts as reminded once more."""
    access.require(actor, "decide")

    def work(tx: Tx) -> list[Channel]:
        late, cycle = maturity.reminded(tx, cycle_id), maturity.cycle(tx, cycle_id)
        subject, text = reminder(cycle, len(late), address)
        told = [one for one in rows.channels(tx) if "maturity" in one.about]
        for channel in told if late else ():
            rows.insert(tx, Message(secrets.token_hex(8), f"maturity:{cycle_id}", "maturity", channel.id, channel.recipient, subject, text,
                                    "waiting" if channel.live else "dry_run", 0, "", tx.now, None, None, 1))
        return told

    return store.write(work, actor.name)


# -- channels


def channels(store: Store) -> list[Channel]:
    """All channels."""
    with store.read() as tx:
        return rows.channels(tx)


def recent(store: Store, count: int = 50) -> list[Message]:
    """The last messages, the newest first."""
    with store.read() as tx:
        return rows.recent(tx, count)


def unsent_words(store: Store) -> tuple[str, ...]:
    """What the scorecard says below its title when messages did not go; nothing when all went."""
    with store.read() as tx:
        left = rows.unsent(tx)
    if not left:
        return ()
    return (f"{len(left)} {'message' if len(left) == 1 else 'messages'} could not be sent",)


def add_channel(
    store: Store, actor: Actor, *, way: str, recipient: str, about: Iterable[str], repeat_after: int = 0, live: bool = False
) -> Channel:
    """The new channel: a dry run unless it is `live`."""
    access.require(actor, "make_links")
    new = Channel(secrets.token_hex(4), way, _recipient(way, recipient), _about(about), live, _repeat(repeat_after), 1, "", None)

    def work(tx: Tx) -> Channel:
        if any((one.way, one.recipient) == (new.way, new.recipient) for one in rows.channels(tx)):
            raise UsageError(f"There is a channel to {new.recipient} already. Change that one.")
        rows.insert_channel(tx, new)
        tx.audit("add channel", f"channel:{new.id}", None, described(new))
        return rows.channel(tx, new.id)

    return store.write(work, actor.name)


def change_channel(
    store: Store, actor: Actor, identity: str, seen_version: int, *,
    about: Iterable[str] | None = None, repeat_after: int | None = None, live: bool | None = None,
) -> Channel:
    """The channel with what is named changed."""
    access.require(actor, "make_links")

    def work(tx: Tx) -> Channel:
        old = rows.channel(tx, identity)
        new = replace(old, version=seen_version, about=old.about if about is None else _about(about),
                      repeat_after=old.repeat_after if repeat_after is None else _repeat(repeat_after),
                      live=old.live if live is None else live)
        rows.update_channel(tx, new)
        tx.audit("change channel", f"channel:{identity}", described(old), described(new))
        return rows.channel(tx, identity)

    return store.write(work, actor.name)


def remove_channel(store: Store, actor: Actor, identity: str) -> Channel:
    """The channel that went. What it was told stays, what still waited is no longer needed."""
    access.require(actor, "make_links")

    def work(tx: Tx) -> Channel:
        old = rows.channel(tx, identity)
        rows.delete_channel(tx, identity)
        tx.audit("remove channel", f"channel:{identity}", described(old), None)
        return old

    return store.write(work, actor.name)


def try_again(store: Store, actor: Actor, identity: str) -> None:
    """Nothing; a message that did not go is tried at once."""
    access.require(actor, "make_links")

    def work(tx: Tx) -> None:
        rows.try_again(tx, rows.get(tx, identity).id)
        tx.audit("try message again", f"message:{identity}")

    store.write(work, actor.name)


def described(one: Channel) -> dict:
    """A channel as text, for the audit and for `--json`."""
    return {"id": one.id, "way": one.way, "recipient": one.recipient, "about": list(one.about), "live": one.live,
            "repeat_after": one.repeat_after}


def _recipient(way: str, text: str) -> str:
    told = names.required(text, "recipient")
    if way == "email":
        if not _ADDRESS.fullmatch(told):
            raise UsageError(f"{told!r} is not an e-mail address. Write one such as team@company.example.")
        return told
    if way != "webhook":
        raise UsageError(f"{way!r} is not a way to send. Use {', '.join(WAYS)}.")
    if not _NAME.fullmatch(told):
        raise UsageError("A webhook is named here, such as team-chat; its address is a secret and belongs in SCORECARD_WEBHOOKS.")
    return told


def _about(kinds: Iterable[str]) -> tuple[str, ...]:
    asked = tuple(dict.fromkeys(kinds))
    unknown = [one for one in asked if one not in KINDS]
    if unknown or not asked:
        raise UsageError(f"A channel hears of one or more of: {', '.join(KINDS)}." + (f" {unknown[0]!r} is none of them." if unknown else ""))
    return tuple(one for one in KINDS if one in asked)


def _repeat(days: int) -> int:
    if not 0 <= days <= LONGEST_REPEAT:
        raise UsageError(f"Say it again after 1 to {LONGEST_REPEAT} days, or 0 for never; {days} is neither.")
    return days

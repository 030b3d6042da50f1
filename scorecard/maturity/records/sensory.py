"""What the records say about hearing early what is changing."""

from __future__ import annotations

from scorecard.core.periods import MONTHS, day
from scorecard.maturity.records.facts import QUESTIONS
from scorecard.maturity.records.kept import COMMENTS, Kept
from scorecard.maturity.records.model import Records
from scorecard.maturity.records.words import has, listing, of, plural, since


def sensory(kept: Kept) -> list[Records]:
    """The records of S1 to S8."""
    return [_both(kept), _posts(kept), _segments(kept), _used(kept), _blind_spots(kept), _health(kept), _mined(kept), _sessions(kept)]


def _both(kept: Kept) -> Records:
    found, window = kept.facts, since(kept.year)
    lines = (
        f"{plural(found.answers, 'survey answer')} {window}, {sum(one.remarks for one in found.surveys.values()):,} with a remark",
        f"{plural(found.tickets.n, 'ticket')} {window}, {found.tickets.remarks:,} with a remark",
        f"{plural(found.contacts.n, 'contact')} {window}, {found.contacts.remarks:,} with a remark",
    )
    return Records("S1", lines, found.remarks)


def _posts(kept: Kept) -> Records:
    """Channels in which something was heard in the last twelve months, and when each was heard last."""
    found = kept.facts
    posts = {f"{QUESTIONS[name]} survey": one for name, one in found.surveys.items() if one.n}
    posts |= {name: one for name, one in (("tickets", found.tickets), ("contacts", found.contacts)) if one.n}
    if not posts:
        return Records("S2", (f"No survey, ticket or contact {since(kept.year)}",), 0)
    lines = [f"{plural(len(posts), 'listening post')} with data {since(kept.year)}: {listing(list(posts), 5)}"]
    lines.append("Last heard: " + listing([f"{name} {day(one.last)}" for name, one in posts.items()], 5))
    if kept.sources:
        owned = sum(bool(one.owner) for one in kept.sources)
        lines.append(f"{of(owned, len(kept.sources), 'source')} of data {has(owned)} an owner")
    return Records("S2", tuple(lines), len(posts))


def _segments(kept: Kept) -> Records:
    split = [one for one in kept.used if kept.segments.get(one.name)]
    lines = [f"{of(len(split), len(kept.used), 'measure')} in use {'is' if len(split) == 1 else 'are'} read by segment"]
    if kept.facts.segments:
        lines.append(f"{plural(kept.facts.accounts, 'account')} in {plural(kept.facts.segments, 'segment')}")
    return Records("S3", tuple(lines), len(split))


def _used(kept: Kept) -> Records:
    """Decisions of reviews on what customers say."""
    heard = {f"measure:{name}" for name, one in kept.definitions.items() if one.system == "sensory"}
    decided, sessions = sum(item in heard for item in kept.decided), kept.fed_back(kept.year)
    lines = (
        f"{plural(decided, 'review decision')} on Sensory measures {since(kept.year)}",
        f"{plural(sessions, 'feedback session')} held {since(kept.year)}",
    )
    return Records("S4", lines, decided + sessions)


def _blind_spots(kept: Kept) -> Records:
    """What was challenged in this calendar year, as the plan of the year goes."""
    held, ahead = kept.challenged(kept.today.replace(month=1, day=1)), kept.challenges_ahead()
    lines = [f"{plural(held, 'challenge')} held in {kept.today.year}" if held else f"None challenged in {kept.today.year}"]
    lines.append(f"Next one on {day(ahead[0])}" if ahead else "No day is set for the next one")
    return Records("S5", tuple(lines), held)


def _health(kept: Kept) -> Records:
    """The health scores of accounts, each month kept as it was known then."""
    months, last, accounts = kept.facts.health
    if not months:
        return Records("S6", ("No health score is recorded",), 0)
    return Records("S6", (f"Health recorded for {plural(months, 'month')}, the last {MONTHS[last.month - 1]} {last.year}",
                          f"{plural(accounts, 'account')} scored in it"), months)  # fmt: skip


def _mined(kept: Kept) -> Records:
    n = kept.facts.remarks
    if not n and not kept.written.recent.get(COMMENTS):
        return Records("S7", (f"No remark of a customer {since(kept.year)}",), 0)
    return Records("S7", (f"{plural(n, 'remark')} of customers in surveys, tickets and contacts {since(kept.year)}",), n)


def _sessions(kept: Kept) -> Records:
    held, ahead = kept.fed_back(kept.year), kept.sessions_ahead()
    lines = [f"{plural(held, 'feedback session')} held {since(kept.year)}"]
    if ahead:
        lines.append(f"Next one on {day(ahead[0])}")
    return Records("S8", tuple(lines), held)

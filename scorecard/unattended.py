"""A file that is loaded while nobody looks: figures or facts, what it would bring, and why it is not sure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from scorecard import exports, loading
from scorecard.access import Actor
from scorecard.exports import Offer
from scorecard.intake import figures, reader
from scorecard.intake.reader import Watch
from scorecard.intake.table import COMMAND_LINE, Question, Table
from scorecard.loading import Proposal
from scorecard.store.engine import Store

DEFINE = (("define", "Define them"), ("leave", "Leave them out"))
# Not wrong, yet not sure: somebody should look before these are stored.
WORTH_A_LOOK = ("Fewer rows than last time:", "The columns changed since last time.", "Another unit?")
MOST_REASONS, MOST_PLACES = 20, 60


@dataclass(frozen=True)
class Stored:
    """What accepting did: `load` is the id of its record, "" when the content was never loaded; `kinds` of facts that changed."""

    load: str
    new: int
    changed: int
    known: int
    refused: int
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True)
class Brought:
    """One file, read and compared with the store, nothing of it stored. Close it, whatever comes of it."""

    table: Table
    proposal: Proposal | None
    offer: Offer | None

    @property
    def questions(self) -> tuple[Question, ...]:
        """What has to be answered first."""
        if self.offer:
            return tuple(self.offer.proposed.questions)
        asked = list(self.proposal.understood.questions)
        if self.proposal.understood.unknown:
            names = ", ".join(one.text for one in self.proposal.understood.unknown[:5])
            asked.append(Question("unknown", f"No definition has these measures: {names}.", DEFINE))
        return tuple(asked)

    @property
    def notices(self) -> tuple[tuple[str, str], ...]:
        """What to look at, in words."""
        if self.offer:
            return self.offer.proposal.notices if self.offer.proposal else ()
        return self.proposal.notices

    @property
    def refused(self) -> list[tuple[int, str, str]]:
        """(how many, the reason, which rows) for each reason."""
        if self.offer is None:
            return figures.grouped(self.proposal.understood.refused)[:MOST_REASONS]
        reasons = self.offer.proposal.typed.reasons if self.offer.proposal else ()
        return [(one.rows, one.text, _rows(one.numbers, one.rows)) for one in reasons[:MOST_REASONS]]

    @property
    def counts(self) -> tuple[int, int, int]:
        """(new, changed, known)."""
        if self.offer:
            made = self.offer.proposal
            return (made.new, made.changed, made.known) if made else (0, 0, 0)
        return len(self.proposal.new), len(self.proposal.changed), self.proposal.known

    @property
    def kind(self) -> str:
        """What it was taken for, in the words of the first line of what was understood."""
        if self.offer:
            return next((bold.rstrip(".") for _, bold, _ in self.offer.proposed.said), "Facts")
        return "Figures"


def bring(store: Store, actor: Actor, path: Path, today: date, choices: Mapping[str, str], watch: Watch) -> Brought:
    """The file, read. Raises FileRefused when it is neither figures nor facts; nothing staged is left then."""
    return taken(store, actor, loading.read(store, actor, path, path.name, COMMAND_LINE, choices, watch), today, choices, watch)


def taken(store: Store, actor: Actor, table: Table, today: date, choices: Mapping[str, str], watch: Watch) -> Brought:
    """The same of a table that is staged already."""
    try:
        watch()
        offer = exports.offer(store, actor, table, choices, limits=COMMAND_LINE, watch=watch)
        proposal = None if offer else loading.compare(store, actor, table, today, choices)
        return Brought(table, proposal, offer)
    except BaseException:
        reader.discard(table)
        raise


def why_unsure(brought: Brought, leave_out: bool, looked_at: bool) -> str:
    """Why nobody should accept this file unasked, as a sentence; "" when it is sure."""
    if brought.questions:
        return brought.questions[0].text
    if brought.refused and not leave_out:
        number, reason, which = brought.refused[0]
        return f"{number:,} {'row is' if number == 1 else 'rows are'} refused: {which}: {reason.rstrip('.')}."
    if looked_at:
        return ""
    if brought.offer and brought.offer.mostly_refused:
        return "More rows are refused than are in order: the columns may have been taken for others."
    odd = [" ".join(notice) for notice in brought.notices if notice[0] in WORTH_A_LOOK]
    return odd[0] if odd and sum(brought.counts[:2]) else ""


def accept(store: Store, actor: Actor, brought: Brought, today: date, watch: Watch) -> Stored:
    """What was stored: all that is in order, or nothing. Of facts the caller has the measures computed, once after all files."""
    if brought.offer:
        done = exports.accept(store, actor, brought.offer, today, watch, compute=False)
    else:
        done = loading.accept(store, actor, brought.proposal, today, watch=watch)
    kinds = done.kinds if brought.offer else ()
    return Stored(done.load.id if done.load else "", done.new, done.changed, done.known, done.refused, kinds)


def said(brought: Brought) -> dict[str, Any]:
    """What is kept of a file for people: its kind, questions, warnings and counts, as JSON."""
    new, changed, known = brought.counts
    proposed = brought.offer.proposed if brought.offer else None
    places = sorted(proposed.places, key=lambda one: one.confidence == "left out")[:MOST_PLACES] if proposed else []
    return {
        **({"kinds": list(proposed.kinds), "places": [asdict(one) for one in places]} if proposed else {}),
        "kind": brought.kind,
        "questions": [asdict(one) for one in brought.questions],
        "warnings": [" ".join(notice) for notice in brought.notices],
        "new": new,
        "changed": changed,
        "known": known,
        "refused": [{"count": count, "reason": reason, "rows": rows} for count, reason, rows in brought.refused],
    }


def close(brought: Brought) -> None:
    """Everything staged for the file is gone."""
    exports.discard(brought.offer)
    reader.discard(brought.table)


def _rows(numbers: tuple[int, ...], count: int) -> str:
    shown = ", ".join(f"{number:,}" for number in numbers[:3])
    more = f" and {count - 3:,} more" if count > 3 else ""
    return f"row{'' if count == 1 else 's'} {shown}{more}"

"""Files of facts before they are loaded: what kind they are, where each column goes, which kept map is used.

A table of figures is nothing for this module: `look` then answers None.
"""

from __future__ import annotations

from collections.abc import Mapping as Dictionary
from dataclasses import dataclass, replace
from datetime import UTC, date
from zoneinfo import ZoneInfo

from scorecard import access, loading_facts
from scorecard.access import Actor
from scorecard.core import periods
from scorecard.core.definition import Definition
from scorecard.core.facts import KINDS
from scorecard.errors import FileRefused
from scorecard.intake import aliases, columns as figure_columns, mapfile, mapping, reader, settled, typing
from scorecard.intake.mapping import Draft
from scorecard.intake.profile import Content
from scorecard.intake.reader import Watch
from scorecard.intake.settled import Accounts, Proposed
from scorecard.intake.table import UPLOAD, Limits, Table
from scorecard.store import definitions, mappings, members
from scorecard.store.engine import Store
from scorecard.store.mappings import Kept

ORDER = tuple(KINDS)


@dataclass(frozen=True)
class Offer:
    """A file of facts before it is loaded: what it is taken for and, when nothing is open, what accepting would do."""

    proposed: Proposed
    proposal: loading_facts.Proposal | None = None

    @property
    def ready(self) -> int:
        """How many facts accepting would store."""
        return self.proposal.ready if self.proposal else 0

    @property
    def mostly_refused(self) -> bool:
        """Whether more rows are refused than are in order: the map may be wrong."""
        return bool(self.proposal) and self.proposal.refused > self.proposal.ready + self.proposal.known


def look(store: Store, actor: Actor, table: Table, choices: Dictionary[str, str] | None = None, map_text: str = "",
         map_name: str = "") -> Proposed | None:
    """What a staged file of facts is taken for, None when it is one of figures. A map that is given is used before a kept one,
    a kept one before what the names say. Raises FileRefused, in a sentence that names the file, when it is neither."""
    access.require(actor, "load_files")
    given = dict(choices or {})
    if table.questions:
        return None
    with store.read() as tx:
        known = definitions.current(tx)
        kept = mappings.find(tx, mapping.header_of(table.columns))
        organisation = members.organisation(tx)
    zone = organisation.time_zone if organisation else settled.UTC
    told = bool(map_text or given.get("kind"))
    if not told and not kept and mapping.holds_figures(table, known, given):
        return None
    try:
        return _looked(store, table, given, kept, zone, map_text, map_name)
    except FileRefused as error:
        if told or kept or mapping.looks_like_an_export(table):
            raise FileRefused(f"{table.name}: {error}") from None
        why = _no_figures(table, known, given)
        if not why:
            return None
        raise FileRefused(f"{table.name}: {error} As figures: {why}") from None


def _no_figures(table: Table, known: Dictionary[str, Definition], choices: dict[str, str]) -> str:
    """Why the table cannot be one of figures either: no period, or no figure. Other faults are said where figures are read."""
    try:
        figure_columns.refuse_headless(table)
        figure_columns.lay_out(table, known, choices)
    except FileRefused as error:
        return str(error) if str(error).startswith("no column holds") else ""
    return ""


def _looked(store: Store, table: Table, choices: dict[str, str], kept: Kept | None, zone: str, map_text: str, map_name: str) -> Proposed:
    names = aliases.load()
    content = Content(table, names.yes, names.no)
    said, answers = "", {}
    if map_text:
        draft, answers = mapfile.read(map_text, map_name, table)
        draft, said = mapping.corrected(draft, table, {**answers, **choices}), f"The map {map_name} is used."
    elif kept and not choices.get("kind"):
        draft, answers = mapfile.remembered(kept.body)
        draft, said = mapping.corrected(_with_spread(draft, table, content), table, choices), _kept_words(kept, zone)
    else:
        draft = mapping.draft(table, content, names, choices)
    accounts = _accounts(store) if any(kind != "account" for kind in draft.kinds) else Accounts()
    return settled.settle(table, content, names, draft, {**answers, **choices}, accounts, zone, said)


def _with_spread(draft: Draft, table: Table, content: Content) -> Draft:
    """A kept map of months across, with the months of this file."""
    made = tuple(replace(one, spread=replace(one.spread, columns=mapping.months_across(table, content))) if one.spread else one
                 for one in draft.mappings)
    return replace(draft, mappings=made)


def _kept_words(kept: Kept, zone: str) -> str:
    there = kept.saved_at.replace(tzinfo=UTC).astimezone(ZoneInfo(zone))
    return f"The map of {periods.day(there.date())} by {kept.author} is used."


def _accounts(store: Store) -> Accounts:
    """The accounts that are loaded; a name that two accounts share belongs to neither."""
    with store.facts() as tx:
        rows = tx.all("SELECT account_id, name FROM account")
    names: dict[str, str] = {}
    twice: set[str] = set()
    for identity, name in rows:
        plain = (name or "").strip().casefold()
        if plain in names:
            twice.add(plain)
        if plain:
            names[plain] = identity
    return Accounts(frozenset(identity for identity, _ in rows), {name: one for name, one in names.items() if name not in twice})


# -- loading

def offer(store: Store, actor: Actor, table: Table, choices: Dictionary[str, str] | None = None, map_text: str = "",
          map_name: str = "", limits: Limits = UPLOAD, watch: Watch = reader.unwatched) -> Offer | None:
    """What a staged file of facts would bring, None when it is one of figures. With open questions nothing is typed yet."""
    proposed = look(store, actor, table, choices, map_text, map_name)
    if proposed is None:
        return None
    return _offered(store, actor, table, proposed, limits, watch)


def remade(store: Store, actor: Actor, table: Table, body: str, limits: Limits = UPLOAD, watch: Watch = reader.unwatched) -> Offer:
    """What a staged file would bring by a map that was shown and accepted, whatever was kept for its columns since."""
    access.require(actor, "load_files")
    draft, answers = mapfile.remembered(body)
    with store.read() as tx:
        organisation = members.organisation(tx)
    names = aliases.load()
    proposed = settled.settle(table, Content(table, names.yes, names.no), names, draft, answers, _accounts(store),
                              organisation.time_zone if organisation else settled.UTC)
    return _offered(store, actor, table, proposed, limits, watch)


def _offered(store: Store, actor: Actor, table: Table, proposed: Proposed, limits: Limits, watch: Watch) -> Offer:
    if not proposed.sure:
        return Offer(proposed)
    proposal = loading_facts.propose(store, actor, table, proposed.mappings, limits, watch=watch)
    if proposal.open:
        return Offer(replace(proposed, questions=proposal.typed.questions))
    return Offer(proposed, replace(proposal, notices=(*_passed_over(proposal), *proposal.notices)))


def _passed_over(proposal: loading_facts.Proposal) -> list[tuple[str, str]]:
    """How many rows of the file are not meant, and by which columns that was told."""
    if not all(one.where or one.where_not for one in proposal.mappings):
        return []
    read: dict[str, int] = {}
    for share in proposal.shares:
        read[share.part.kind.table] = read.get(share.part.kind.table, 0) + share.part.read
    passed = proposal.table.rows - max(read.values(), default=0)
    if passed <= 0:
        return []
    told = list(dict.fromkeys(name for one in proposal.mappings for name in (*one.where, *one.where_not)))
    return [(f"{passed:,} of {proposal.table.rows:,} rows are passed over:",
             f"they are not meant by {', '.join(told)}.")]


def accept(store: Store, actor: Actor, offered: Offer, today: date, watch: Watch = reader.unwatched,
           compute: bool = True) -> loading_facts.Accepted:
    """What was stored: all that is in order, or nothing. The map is kept with it, so that the next file with these columns
    needs no answer. Raises FileRefused while a question is open."""
    access.require(actor, "load_files")
    if offered.proposal is None:
        one = offered.proposed.questions[0]
        raise FileRefused(f"{offered.proposed.name}: a question is open. {mapfile.question_text(one)}.")
    done = loading_facts.accept(store, actor, offered.proposal, today, watch=watch, compute=compute)
    keep(store, actor, offered.proposed)
    return done


def keep(store: Store, actor: Actor, proposed: Proposed) -> None:
    """Nothing; the map is kept, once for as long as it says the same."""
    body = mapfile.kept(proposed)
    with store.read() as tx:
        last = mappings.find(tx, proposed.header)
    if not last or last.body != body:
        store.write(lambda tx: mappings.keep(tx, proposed.header, proposed.name, body), actor.name)


def discard(offered: Offer | None) -> None:
    """Deletes what was staged for an offer; the text of the file stays with the caller."""
    if offered and offered.proposal:
        typing.discard(offered.proposal.typed)


def map_file(proposed: Proposed, map_name: str) -> str:
    """The map as a file to correct, its open questions in comments."""
    return mapfile.written(proposed, proposed.name, map_name)


def rank(proposed: Proposed | None) -> int:
    """Where a file stands among several: accounts first, then contracts, whatever order they were given in; figures last."""
    if proposed is None:
        return len(ORDER) + 1
    kinds = [ORDER.index(kind) for kind in proposed.kinds]
    return min(kinds) * 2 + (proposed.draft.mappings[0].latest_by != "" or proposed.draft.mappings[0].part)

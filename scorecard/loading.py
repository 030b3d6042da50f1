"""Loading figures: what a file would change is shown first, then accepted as a whole or left.

Figures are append-only. The same file twice is one load and changes nothing; refused rows stay in quarantine.
"""

from __future__ import annotations

import re
import statistics
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from scorecard import access, metrics
from scorecard.access import Actor
from scorecard.core import fmt, periods
from scorecard.core.definition import Definition
from scorecard.core.rollup import StoredFigure
from scorecard.errors import FileRefused
from scorecard.intake import figures, reader
from scorecard.intake.figures import FigureRow, Understood
from scorecard.intake.reader import Watch
from scorecard.intake.table import UPLOAD, Limits, Table
from scorecard.store import definitions, loads, measures, members
from scorecard.store.definitions import SLOTS
from scorecard.store.engine import Store, Tx
from scorecard.store.loads import Load
from scorecard.store.members import Organisation

Key = tuple[str, date, str, str, str]
ByMeasure = Mapping[str, tuple[list[FigureRow], list[StoredFigure]]]


@dataclass(frozen=True)
class Change:
    """A figure that the store has and the file says otherwise."""

    figure: FigureRow
    was: tuple[float | None, float | None, float | None]


@dataclass(frozen=True)
class Proposal:
    """What accepting a file would do. Nothing of it is stored yet."""

    table: Table
    understood: Understood
    new: tuple[FigureRow, ...]
    changed: tuple[Change, ...]
    known: int
    notices: tuple[tuple[str, str], ...]
    definitions: Mapping[str, Definition]
    choices: Mapping[str, str]
    before: Load | None = None

    @property
    def ready(self) -> int:
        """How many figures accepting would store."""
        return len(self.new) + len(self.changed)

    @property
    def open(self) -> bool:
        """Whether something has to be answered first."""
        return bool(self.understood.questions or self.understood.unknown)


@dataclass(frozen=True)
class Accepted:
    """What accepting did. `load` is the record of it, of the first time when the file was known; None when it never was."""

    load: Load | None
    new: int
    changed: int
    known: int
    refused: int
    placed: tuple[str, ...] = ()

    @property
    def changed_nothing(self) -> bool:
        return not self.new and not self.changed


# -- before anything is stored

def propose(store: Store, actor: Actor, source: Path | bytes, name: str, today: date, limits: Limits = UPLOAD,
            choices: Mapping[str, str] | None = None, sample: bool = False, watch: Watch = reader.unwatched) -> Proposal:
    """What a file would change. Raises FileRefused when it cannot be figures; the staged rows are then gone."""
    access.require(actor, "load_files")
    table = read(store, actor, source, name, limits, choices, watch)
    try:
        return compare(store, actor, table, today, choices, sample)
    except BaseException:
        reader.discard(table)
        raise


def read(store: Store, actor: Actor, source: Path | bytes, name: str, limits: Limits = UPLOAD,
         choices: Mapping[str, str] | None = None, watch: Watch = reader.unwatched) -> Table:
    """The rows of a file as text, staged, not yet understood. What `watch` raises stops it."""
    access.require(actor, "load_files")
    wanted = {key: value for key, value in (choices or {}).items() if key in ("delimiter", "sheet")}
    return reader.read(source, name, store.staging, limits, wanted, watch)


def compare(store: Store, actor: Actor, table: Table, today: date, choices: Mapping[str, str] | None = None,
            sample: bool = False) -> Proposal:
    """What a staged file would change, by these choices."""
    access.require(actor, "load_files")
    with store.read() as tx:
        refuse_beside_sample(tx, sample)
        known = definitions.current(tx)
        understood = figures.understand(table, known, choices, today)
        return _compared(tx, table, understood, known, dict(choices or {}), today)


def refuse_beside_sample(tx: Tx, sample: bool) -> None:
    organisation = members.organisation(tx)
    if organisation and organisation.sample and not sample:
        raise FileRefused("The sample company is loaded, and your figures would mix with it. Remove the sample first "
                          "(Settings, or: python -m scorecard sample --remove).")


def _compared(tx: Tx, table: Table, understood: Understood, known: dict[str, Definition], choices: dict[str, str],
              today: date) -> Proposal:
    known = known | {one.name: one for one in understood.new_measures}
    stored = _stored(tx, understood)
    _refuse_other_grain(stored, understood, known)
    new, changed, same = _split(understood, stored)
    before = loads.by_content(tx, table.sha256)
    notices = _notices(tx, understood, stored, known, None if new or changed else before)
    return Proposal(table, understood, tuple(new), tuple(changed), same, tuple(notices), known, choices, before)


def _stored(tx: Tx, understood: Understood) -> dict[Key, StoredFigure]:
    names = sorted({row.measure for row in understood.figures})
    found = measures.figures(tx, names) if names else []
    return {(one.measure, one.period.start, one.segment, one.team, one.csm): one for one in found}


def _split(understood: Understood, stored: Mapping[Key, StoredFigure]) -> tuple[list[FigureRow], list[Change], int]:
    """(new, changed, how many are known already)."""
    new, changed, same = [], [], 0
    for row in understood.figures:
        old = stored.get(row.key)
        says = (old.value, old.numerator, old.denominator) if old else None
        if says is None:
            new.append(row)
        elif says == row.says:
            same += 1
        else:
            changed.append(Change(row, says))
    return new, changed, same


def _refuse_other_grain(stored: Mapping[Key, StoredFigure], understood: Understood, known: Mapping[str, Definition]) -> None:
    for one in stored.values():
        if understood.grain and one.period.grain != understood.grain:
            raise FileRefused(f"{understood.name}: mixed grains: {known[one.measure].label} is stored by {one.period.grain}, "
                              f"and the file has {periods.noun(understood.grain)}. Give it by {one.period.grain}.")


# -- what is said beside the counts

def _notices(tx: Tx, understood: Understood, stored: Mapping[Key, StoredFigure], known: Mapping[str, Definition],
             before: Load | None) -> list[tuple[str, str]]:
    said = []
    if before:
        said.append(("The same file was loaded before,", f"on {periods.day(before.loaded_at.date())} by {before.author}. "
                     "Twice is one load."))
    else:
        said += _against_last(tx, understood)
    by_measure = _by_measure(understood, stored)
    return said + _gaps(by_measure, known) + _overlap(understood, stored) + _jumps(by_measure, known)


def _against_last(tx: Tx, understood: Understood) -> list[tuple[str, str]]:
    """Fewer rows, or other columns, than the last load of the same source."""
    last = next((one for one in loads.recent(tx) if source_of(one.file_name) == source_of(understood.name)), None)
    if last is None or not understood.columns:
        return []
    said = []
    rows, now = last.understood.get("rows", 0), understood.rows
    if now < rows:
        said.append(("Fewer rows than last time:", f"{now:,}, and {rows:,} on {periods.day(last.loaded_at.date())}."))
    old, new = set(last.understood.get("columns", ())), {column.name for column in understood.columns}
    if old and old != new:
        parts = [f"new: {', '.join(sorted(new - old))}"] * bool(new - old) + [f"missing: {', '.join(sorted(old - new))}"] * bool(old - new)
        said.append(("The columns changed since last time.", f"{'; '.join(parts).capitalize()}."))
    return said


def _by_measure(understood: Understood, stored: Mapping[Key, StoredFigure]) -> dict[str, tuple[list[FigureRow], list[StoredFigure]]]:
    """The figures of each measure: (in the file, in the store)."""
    found: dict[str, tuple[list[FigureRow], list[StoredFigure]]] = {}
    for row in understood.figures:
        found.setdefault(row.measure, ([], []))[0].append(row)
    for one in stored.values():
        found[one.measure][1].append(one)
    return found


def _gaps(by_measure: ByMeasure, known: Mapping[str, Definition]) -> list[tuple[str, str]]:
    """Periods between the first and the last that neither the file nor the store has."""
    said = []
    for name, (new, old) in by_measure.items():
        there = {one.period for one in (*new, *old)}
        missing = [p for p in periods.between(min(there), max(there)) if p not in there]
        if missing:
            shown = ", ".join(p.label for p in missing[:3]) + (f" and {len(missing) - 3} more" if len(missing) > 3 else "")
            said.append(("A gap:", f"{known[name].label} has no figure for {shown}. Missing stays missing."))
    return said[:3]


def _overlap(understood: Understood, stored: Mapping[Key, StoredFigure]) -> list[tuple[str, str]]:
    twice = {row.period for row in understood.figures if row.key in stored}
    fresh = {row.period for row in understood.figures} - twice
    if not twice or not fresh:
        return []
    span = min(twice).label if len(twice) == 1 else f"{min(twice).label} to {max(twice).label}"
    return [("An overlap:", f"{span} {'was' if len(twice) == 1 else 'were'} loaded before.")]


def _jumps(by_measure: ByMeasure, known: Mapping[str, Definition]) -> list[tuple[str, str]]:
    """Measures whose figures are 20 times as large or as small as the stored ones: the unit may have changed."""
    said = []
    for name, both in by_measure.items():
        new, old = ([abs(one.value) for one in those if one.value] for those in both)
        if new and len(old) > 2:
            ratio = statistics.median(new) / statistics.median(old)
            if not 0.05 < ratio < 20:
                size = f"{ratio:,.0f} times as large" if ratio > 1 else f"{1 / ratio:,.0f} times as small"
                said.append(("Another unit?", f"{known[name].label} is {size} as before."))
    return said[:3]


def source_of(name: str) -> str:
    """The name of a file without its ending, dates and numbers: `help-desk-2026-11.csv` is `help-desk`."""
    stem = name.rsplit(".", 1)[0]
    return re.sub(r"[-_. (]*\d+\)?", "", stem).strip("-_. ") or stem


# -- accepting

def accept(store: Store, actor: Actor, proposal: Proposal, today: date, sample: bool = False,
           watch: Watch = reader.unwatched) -> Accepted:
    """What was stored: all that is ready, or nothing. Compared again inside the transaction, so that a second click,
    or the same file twice, changes nothing. Raises FileRefused while a question is open; what `watch` raises until the
    commit undoes all of it."""
    access.require(actor, "load_files")
    if proposal.understood.new_measures:
        access.require(actor, "edit_measures")
    _refuse_open(proposal.understood)
    identity = uuid.uuid4().hex
    kept = _refused_rows(proposal)
    with store.facts() as tx:
        loads.quarantine(tx, identity, kept)
    try:
        done = store.write(lambda tx: _store(tx, identity, proposal, today, sample, watch), actor.name)
    except BaseException:
        _release(store, identity)
        raise
    if done.changed_nothing:
        _release(store, identity)
    reader.discard(proposal.table)
    return done


def _release(store: Store, identity: str) -> None:
    with store.facts() as tx:
        loads.release(tx, identity)


def _refuse_open(understood: Understood) -> None:
    if understood.questions:
        one = understood.questions[0]
        words = "; ".join(words for _, words in one.options[:6])
        told = f" Say it with {one.flag}." if one.flag else ""
        raise FileRefused(f"{understood.name}: a question is open. {one.text} ({words}){told}")
    if understood.unknown:
        raise FileRefused(unknown_text(understood))


def unknown_text(understood: Understood) -> str:
    """Which measures are not defined, with near names and the next step."""
    first = understood.unknown[0]
    more = f" {len(understood.unknown) - 1} more are unknown: {', '.join(f'{u.text!r}' for u in understood.unknown[1:5])}." \
        if len(understood.unknown) > 1 else ""
    return (f"{understood.name}: measure '{first.text}' is not in the definitions.{first.hint}{more} "
            "Correct the name, or define what is new with --define.")


def _refused_rows(proposal: Proposal) -> list[tuple[int, str, str]]:
    """(number, text, reasons) of every refused row, once."""
    reasons: dict[int, list[str]] = {}
    for one in proposal.understood.refused:
        reasons.setdefault(one.row, []).append(one.reason)
    odd = {one.number: one.text for one in proposal.table.odd}
    texts = proposal.table.texts(set(reasons) - set(odd)) | odd
    return [(row, texts.get(row, ""), "; ".join(dict.fromkeys(said))) for row, said in sorted(reasons.items())]


def refused_rows(proposal: Proposal) -> list[tuple[int, str, str]]:
    """(number, text, reasons) of every refused row, for a file to correct."""
    return _refused_rows(proposal)


def _store(tx: Tx, identity: str, proposal: Proposal, today: date, sample: bool, watch: Watch) -> Accepted:
    refuse_beside_sample(tx, sample)
    understood = proposal.understood
    for one in understood.new_measures:
        definitions.record(tx, one, "file", f"brought by {understood.name}")
    known = definitions.current(tx)
    now = _compared(tx, proposal.table, understood, known, dict(proposal.choices), today)
    refused = len({one.row for one in understood.refused})
    if not now.ready:
        return Accepted(now.before, 0, 0, now.known, refused)
    watch()
    loads.take_turns(tx)
    touched, first = sorted({row.measure for row in understood.figures}), not loads.with_figures(tx)
    metrics.freeze_readings(tx, touched, today)
    load = _record(identity, now, members.organisation(tx) or Organisation(""), refused)
    loads.add(tx, load)
    rows = [*now.new, *(change.figure for change in now.changed)]
    loads.add_figures(tx, identity, [(r.measure, r.period, r.segment, r.team, r.csm, *r.says) for r in rows])
    placed = _place(tx, [one.name for one in understood.new_measures], first)
    metrics.after_load(tx, touched, today)
    watch()
    return Accepted(replace(load, author=tx.actor, loaded_at=tx.now), load.new, load.changed, load.known, refused, placed)


def _record(identity: str, now: Proposal, organisation: Organisation, refused: int) -> Load:
    understood = now.understood
    covered = [row.period for row in understood.figures]
    said = {"facts": understood.facts, "columns": [column.name for column in understood.columns], "rows": understood.rows,
            "shape": understood.shape, "grain": understood.grain, "choices": dict(now.choices),
            "warnings": [" ".join(notice) for notice in now.notices]}
    return Load(identity, understood.name, understood.sha256, said, len(now.new), len(now.changed), now.known, refused,
                min(covered).start, max(covered).end, "", organisation.time_zone, organisation.fiscal_start, None)


def _place(tx: Tx, new: list[str], first: bool) -> tuple[str, ...]:
    """New measures that were given a slot of the first scorecard. The first load of all also frees slots without figures:
    the ten that the product came with make room for a newcomer's own."""
    cards = definitions.scorecards(tx)
    if not new or not cards:
        return ()
    card, filled = cards[0], loads.with_figures(tx)
    slots = [(slot, name) for slot, name in card.slots if not first or name in filled]
    free = [number for number in range(1, SLOTS + 1) if number not in {slot for slot, _ in slots}]
    added = list(zip(free, new))
    if not added or not definitions.update_scorecard(tx, card.id, card.name, card.audience, card.version):
        return ()
    definitions.put_slots(tx, card.id, sorted([*slots, *added]))
    tx.audit("fill slots", f"scorecard:{card.id}", list(card.measures), [name for _, name in sorted([*slots, *added])])
    return tuple(name for _, name in added)


# -- what was loaded

def recent(store: Store, count: int = 200) -> list[Load]:
    """The last loads, the newest first."""
    with store.read() as tx:
        return loads.recent(tx, count)


def quarantined(store: Store, load: str) -> list[tuple[int, str, str]]:
    """The refused rows of a load: number, text, reason."""
    with store.facts() as tx:
        return loads.quarantined(tx, load)


def was_text(one: Change, measure: Definition) -> str:
    """What the store has; a figure of one person is for them and their leader, not for who brings a file."""
    return "a person's figure" if one.figure.csm else figure_text(one.was, measure)


def figure_text(says: tuple[float | None, float | None, float | None], measure: Definition) -> str:
    """A figure as it stands: `89.6% (94 of 104)`."""
    value, top, bottom = says
    shown = fmt.value(value, measure)
    return shown if bottom is None else f"{shown} ({top:,.10g} of {bottom:,.10g})"

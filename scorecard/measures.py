"""Measures and scorecards: the commands that define a measure, give it a slot, and trade one in for another."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date

from scorecard import access, metrics
from scorecard.access import Actor
from scorecard.core import measures_file, names
from scorecard.core.definition import Definition, Driver
from scorecard.core.measures_file import as_table, parse_one
from scorecard.core.periods import Period
from scorecard.errors import DefinitionError, StaleEdit, UsageError
from scorecard.store import definitions, members
from scorecard.store.definitions import SLOTS, Difference, Recorded, Scorecard
from scorecard.store.engine import Store, Tx

# Keys that only describe: changing them changes no reading.
WORDS_ONLY = frozenset({"label", "description", "owner", "system", "warning", "sql", "benchmarks", "drivers",
                        "numerator_label", "denominator_label", "worth_noticing"})


# -- reads

def current(store: Store) -> dict[str, Definition]:
    """The newest version of every definition by id, those with a slot first."""
    with store.read() as tx:
        return definitions.current(tx)


def history(store: Store, measure: str) -> tuple[Recorded, ...]:
    """Every version of a definition, the newest first."""
    with store.read() as tx:
        return definitions.history(tx, measure)


def scorecards(store: Store) -> tuple[Scorecard, ...]:
    """All scorecards, each with its measures in slot order."""
    with store.read() as tx:
        return tuple(definitions.scorecards(tx))


def last_signals(store: Store, scorecard: str, today: date) -> dict[str, Period | None]:
    """When each measure of a full scorecard last gave a signal, None for never; empty while a slot is free."""
    with store.read() as tx:
        card = _card(tx, scorecard)
    return metrics.last_signals(store, card.measures, today, card.rule_set) if len(card.slots) == SLOTS else {}


def differences(store: Store, file: Mapping[str, Definition]) -> list[Difference]:
    """What the file and the store say differently."""
    with store.read() as tx:
        return definitions.differences(file, tx)


# -- definitions

def save_measure(store: Store, actor: Actor, new: Definition, reason: str, version: int, today: date) -> int:
    """The version under which the definition now stands. `version` is the one that was edited, 0 for a new measure.

    What past months said is recorded first, so that a new rule never repaints them.
    """
    access.require(actor, "edit_measures")
    reason = names.required(reason, "reason", 500)

    def work(tx: Tx) -> int:
        known = definitions.current(tx)
        old = known.get(new.name)
        checked = _checked(new, known)
        _refuse_stale(tx, old, checked, version)
        if checked.targets != (old.targets if old else ()):
            access.require(actor, "change_goals")
        if old and _reads_differently(old, checked):
            metrics.before_change(tx, [new.name], today)
        return definitions.record(tx, checked, "app", reason)

    return store.write(work, actor.name)


def _checked(new: Definition, known: Mapping[str, Definition]) -> Definition:
    checked = parse_one(new.name, as_table(new), known)
    for one in known.values():
        if one.name != new.name and names.bare(one.label) == names.bare(checked.label):
            raise DefinitionError(f"Measure '{new.name}': label {checked.label!r} is the label of '{one.name}' already. Choose another.")
    return checked


def _refuse_stale(tx: Tx, old: Definition | None, new: Definition, version: int) -> None:
    newest = definitions.version_of(tx, new.name)
    if newest == version:
        return
    if old is None:
        raise UsageError(f"There is no measure '{new.name}' to edit. Save it as a new one.")
    if version == 0:
        raise DefinitionError(f"There is a measure '{new.name}' already: {old.label}. Choose another id, or edit that one.")
    last = definitions.history(tx, new.name)[0]
    theirs, yours = as_table(old), as_table(new)
    keys = [key for key in measures_file.KEYS if theirs.get(key) != yours.get(key)]
    raise StaleEdit(f"Not saved: {last.author} changed {old.label} at {last.recorded_at:%H:%M} UTC ({last.reason}). "
                    f"Now stored: {_said(theirs, keys)}. Yours: {_said(yours, keys)}. Look at both, then save again.")


def _said(table: Mapping[str, object], keys: Sequence[str]) -> str:
    return ", ".join(f"{key} {table.get(key, 'not written')}" for key in keys) or "the same"


def _reads_differently(old: Definition, new: Definition) -> bool:
    before, after = as_table(old), as_table(new)
    return any(before.get(key) != after.get(key) for key in measures_file.KEYS if key not in WORDS_ONLY)


def state_link(store: Store, actor: Actor, effect: str, driver: Driver, version: int, today: date) -> int:
    """The version of the effect's definition that states this cause; one of the same cause is replaced."""
    why = names.required(driver.why, "reason", 500)
    old = _known(store, effect)
    others = tuple(one for one in old.drivers if one.measure != driver.measure)
    direction = "both rise together" if driver.sign > 0 else "one falls as the other rises"
    said = f"Link to {driver.measure}, {direction}, lag {driver.lag}: {why}"
    return save_measure(store, actor, replace(old, drivers=(*others, replace(driver, why=why))), said, version, today)


def take_back_link(store: Store, actor: Actor, effect: str, cause: str, why: str, version: int, today: date) -> int:
    """The version of the effect's definition without this cause; the history keeps it."""
    why, old = names.required(why, "reason", 500), _known(store, effect)
    if cause not in {one.measure for one in old.drivers}:
        raise DefinitionError(f"{old.label} has no stated link to {cause!r}. Look at the map again.")
    left = tuple(one for one in old.drivers if one.measure != cause)
    return save_measure(store, actor, replace(old, drivers=left), f"Link to {cause} taken back: {why}", version, today)


def add_benchmark(store: Store, actor: Actor, measure: str, one: Mapping[str, object], version: int, today: date) -> int:
    """The version of the definition with this benchmark: source, from, low, median, high, note."""
    old, source = _known(store, measure), names.required(str(one.get("source", "")), "source", 120)
    if ("low" in one) != ("high" in one):
        raise DefinitionError("The middle half has two ends. Write both, or one figure alone.")
    new = replace(old, benchmarks=(*old.benchmarks, {**one, "source": source}))
    return save_measure(store, actor, new, f"Benchmark of {source}", version, today)


def drop_benchmark(
    store: Store, actor: Actor, measure: str, one: Mapping[str, object], why: str, version: int, today: date
) -> int:
    """The version of the definition without this benchmark; the history keeps it."""
    why, old = names.required(why, "reason", 500), _known(store, measure)
    left = tuple(other for other in old.benchmarks if other != one)
    if len(left) == len(old.benchmarks):
        raise DefinitionError(f"{old.label} has no such benchmark. Look at the page again.")
    return save_measure(store, actor, replace(old, benchmarks=left), f"Benchmark taken away: {why}", version, today)


def _known(store: Store, measure: str) -> Definition:
    found = current(store)
    return found[measure] if measure in found else definitions.find(found, measure)


def take_file(store: Store, actor: Actor, file: Mapping[str, Definition], today: date) -> list[str]:
    """The ids of the measures that now stand in the store as the file writes them; goals need a leader."""
    access.require(actor, "edit_measures")

    def work(tx: Tx) -> list[str]:
        found = definitions.differences(file, tx)
        changed = [name for name in file if any(one.measure == name for one in found)]
        if any(one.key == "targets" for one in found):
            access.require(actor, "change_goals")
        known = definitions.current(tx)
        metrics.before_change(tx, [name for name in changed if name in known and _reads_differently(known[name], file[name])], today)
        for name in changed:
            definitions.record(tx, file[name], "file", "taken from the file")
            _withdraw_goals(tx, known.get(name), file[name])
        return changed

    return store.write(work, actor.name)


def _withdraw_goals(tx: Tx, old: Definition | None, new: Definition) -> None:
    kept = {goal.start for goal in new.targets}
    gone = [replace(goal, value=None, red=None, yellow=None) for goal in (old.targets if old else ()) if goal.start not in kept]
    definitions.record_goals(tx, new.name, gone, "taken from the file")


# -- scorecards and their ten slots

def make_scorecard(store: Store, actor: Actor, name: str, audience: str = "", measures: Sequence[str] = ()) -> Scorecard:
    """The new scorecard. `audience` is `team:<id>`, `role:<role>`, or nothing for everybody."""
    access.require(actor, "edit_measures")
    name = names.required(name, "scorecard's name", 60)

    def work(tx: Tx) -> Scorecard:
        cards = definitions.scorecards(tx)
        _free_name(cards, name, "")
        _check_audience(tx, audience)
        _check_measures(tx, measures, most=SLOTS)
        id = names.slug(name, {card.id for card in cards})
        definitions.insert_scorecard(tx, id, name, audience)
        definitions.put_slots(tx, id, list(enumerate(measures, 1)))
        tx.audit("make scorecard", f"scorecard:{id}", None, {"name": name, "audience": audience, "measures": list(measures)})
        return definitions.scorecard(tx, id)

    return store.write(work, actor.name)


def rename_scorecard(store: Store, actor: Actor, id: str, name: str, audience: str, version: int) -> Scorecard:
    """The scorecard under its new name and for its new audience."""
    access.require(actor, "edit_measures")
    name = names.required(name, "scorecard's name", 60)

    def work(tx: Tx) -> Scorecard:
        card = _card(tx, id)
        _free_name(definitions.scorecards(tx), name, id)
        _check_audience(tx, audience)
        if not definitions.update_scorecard(tx, id, name, audience, version):
            raise _stale_card(tx, card, f"name {name}, for {audience or 'everybody'}")
        tx.audit("rename scorecard", f"scorecard:{id}", {"name": card.name, "audience": card.audience}, {"name": name, "audience": audience})
        return definitions.scorecard(tx, id)

    return store.write(work, actor.name)


def roll_up(store: Store, actor: Actor, id: str, parent: str, version: int, named: Mapping[str, str] | None = None) -> Scorecard:
    """The scorecard, which now rolls up into `parent`; "" takes it out again.

    Measures of the same id are linked by themselves; `named` has those that the parent calls otherwise.
    """
    access.require(actor, "edit_measures")
    pairs = tuple(sorted((named or {}).items()))

    def work(tx: Tx) -> Scorecard:
        cards = {card.id: card for card in definitions.scorecards(tx)}
        card = _card(tx, id)
        if parent:
            _refuse_circle(cards, card, _card(tx, parent))
            _check_named(tx, card, cards[parent], pairs)
        if not definitions.update_scorecard(tx, id, card.name, card.audience, version):
            raise _stale_card(tx, card, f"rolls up into {parent or 'no other'}")
        definitions.put_parent(tx, id, parent, pairs if parent else ())
        tx.audit("roll up", f"scorecard:{id}", {"parent": card.parent, "named": dict(card.named)}, {"parent": parent, "named": dict(pairs)})
        return definitions.scorecard(tx, id)

    return store.write(work, actor.name)


def _refuse_circle(cards: Mapping[str, Scorecard], card: Scorecard, parent: Scorecard) -> None:
    above: Scorecard | None = parent
    while above:
        if above.id == card.id:
            raise DefinitionError(f"{card.name} cannot roll up into {parent.name}, which rolls up into {card.name} itself. Choose another.")
        above = cards.get(above.parent)


def _check_named(tx: Tx, card: Scorecard, parent: Scorecard, pairs: Sequence[tuple[str, str]]) -> None:
    """Raises DefinitionError when a link joins measures that cannot be added up together."""
    known = definitions.current(tx)
    for ours, theirs in pairs:
        _has(card, ours)
        _has(parent, theirs)
        one, other = known[ours], known[theirs]
        if ours != theirs and (one.unit, one.aggregate) != (other.unit, other.aggregate):
            raise DefinitionError(f"{one.label} ({one.unit}, {one.aggregate}) cannot roll up into {other.label} ({other.unit}, "
                                  f"{other.aggregate}): they are not counted alike. Leave the link out, or align the definitions.")
        if ours != theirs and one.aggregate == "none":
            raise DefinitionError(f"{one.label} cannot be added up: its whole comes from all its rows. Leave the link out.")


def add_to_slot(store: Store, actor: Actor, scorecard: str, measure: str, today: date) -> Scorecard:
    """The scorecard with the measure in its first free slot.

    An eleventh is refused with when each of the ten last gave a signal, and a trade-in is offered.
    """
    access.require(actor, "edit_measures")
    signals = last_signals(store, scorecard, today)

    def change(tx: Tx, card: Scorecard) -> list[tuple[int, str]]:
        _check_measures(tx, [*card.measures, measure], twice=f"{measure} has a slot on {card.name} already.")
        taken = dict(card.slots)
        free = [slot for slot in range(1, SLOTS + 1) if slot not in taken]
        if not free:
            raise DefinitionError(_no_slot(card, definitions.current(tx), signals))
        return sorted([*card.slots, (free[0], measure)])

    return _change_slots(store, actor, "give slot", scorecard, change)


def trade_in(store: Store, actor: Actor, scorecard: str, out: str, measure: str, reason: str) -> Scorecard:
    """The scorecard with `measure` in the slot of `out`, whose history and limits are kept."""
    def change(tx: Tx, card: Scorecard) -> list[tuple[int, str]]:
        _has(card, out)
        _check_measures(tx, [*card.measures, measure], twice=f"{measure} has a slot on {card.name} already.")
        return [(slot, measure if name == out else name) for slot, name in card.slots]

    return _change_slots(store, actor, "trade in", scorecard, change, names.required(reason, "reason", 500))


def retire(store: Store, actor: Actor, scorecard: str, measure: str, reason: str) -> Scorecard:
    """The scorecard without the measure, which is still computed and charted."""
    def change(tx: Tx, card: Scorecard) -> list[tuple[int, str]]:
        _has(card, measure)
        return [(slot, name) for slot, name in card.slots if name != measure]

    return _change_slots(store, actor, "retire", scorecard, change, names.required(reason, "reason", 500))


def reorder(store: Store, actor: Actor, scorecard: str, measures: Sequence[str], version: int) -> Scorecard:
    """The scorecard with the same measures in this order, from the first slot on."""
    def change(tx: Tx, card: Scorecard) -> list[tuple[int, str]]:
        if sorted(measures) != sorted(card.measures):
            raise UsageError(f"Name each measure of {card.name} once: {', '.join(card.measures)}.")
        return list(enumerate(measures, 1))

    return _change_slots(store, actor, "reorder", scorecard, change, version=version)


def _change_slots(store: Store, actor: Actor, action: str, id: str, change: Callable[[Tx, Scorecard], list[tuple[int, str]]],
                  reason: str = "", version: int | None = None) -> Scorecard:
    access.require(actor, "edit_measures")

    def work(tx: Tx) -> Scorecard:
        card = _card(tx, id)
        slots = change(tx, card)
        if not definitions.update_scorecard(tx, id, card.name, card.audience, card.version if version is None else version):
            raise _stale_card(tx, card, ", ".join(name for _, name in slots))
        definitions.put_slots(tx, id, slots)
        tx.audit(action, f"scorecard:{id}", dict(card.slots), {"slots": dict(slots), "reason": reason})
        return definitions.scorecard(tx, id)

    return store.write(work, actor.name)


def _card(tx: Tx, id: str) -> Scorecard:
    card = definitions.scorecard(tx, id)
    if card is None:
        known = ", ".join(one.id for one in definitions.scorecards(tx))
        raise UsageError(f"There is no scorecard {id!r}. Known are: {known or 'none yet'}.")
    return card


def _has(card: Scorecard, measure: str) -> None:
    if measure not in card.measures:
        raise DefinitionError(f"{measure} has no slot on {card.name}. Those with a slot: {', '.join(card.measures) or 'none'}.")


def _check_measures(tx: Tx, measures: Sequence[str], twice: str = "", most: int = SLOTS + 1) -> None:
    known = definitions.current(tx)
    for name in measures:
        if name not in known:
            raise DefinitionError(f"Name the measure by its id: {definitions.find(known, name).name}.")
    if len(set(measures)) < len(measures):
        raise DefinitionError(twice or "A measure has one slot on a scorecard. Name each once.")
    if len(measures) > most:
        raise DefinitionError(f"A scorecard has {SLOTS} slots; {len(measures)} measures were named. Choose {SLOTS} or fewer.")


def _free_name(cards: Sequence[Scorecard], name: str, id: str) -> None:
    if any(names.bare(card.name) == names.bare(name) and card.id != id for card in cards):
        raise DefinitionError(f"There is a scorecard {name!r} already. Choose another name.")


def _check_audience(tx: Tx, audience: str) -> None:
    teams = [f"team:{team.id}" for team in members.teams(tx)]
    allowed = ["", *teams, *(f"role:{role}" for role in access.ROLES)]
    if audience not in allowed:
        raise DefinitionError(f"{audience!r} is no team and no role. Use {', '.join(allowed[1:])}, or leave it empty for everybody.")


def _stale_card(tx: Tx, card: Scorecard, yours: str) -> StaleEdit:
    author, at = members.last_change(tx, f"scorecard:{card.id}")
    when = f" at {at:%H:%M} UTC" if at else ""
    return StaleEdit(f"Not saved: {author} changed {card.name}{when}. Now stored: {', '.join(card.measures) or 'no measure'}. "
                     f"Yours: {yours}. Look at both, then save again.")


def _no_slot(card: Scorecard, known: Mapping[str, Definition], last: Mapping[str, Period | None]) -> str:
    told = "; ".join(f"{known[name].label}, {last[name].label if last.get(name) else 'none so far'}" for name in card.measures)
    return (f"Ten measures are in use on {card.name}. Choose one to retire first; its history and limits are kept. "
            f"Last signals: {told}. Trade one in for the new one.")

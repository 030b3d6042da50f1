"""Scenarios: named assumptions, what they do to the goals, and which triggers they trip."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from scorecard import registers
from scorecard.core import names, scenarios
from scorecard.core.definition import Definition
from scorecard.core.reading import Sentence, count_word, plural
from scorecard.core.scenarios import HOLDS, MAY, NO, PERCENT, TRIPS, UNITS, Change, Effect, Level, Tie
from scorecard.planning import triggers
from scorecard.planning.triggers import Watched
from scorecard.registers import Entry
from scorecard.store import definitions, members
from scorecard.store.engine import Store, Tx

REGISTER, PAST = "scenario", "past"
VERDICTS = {TRIPS: "trips", MAY: "may trip", HOLDS: "has tripped already", NO: "does not trip"}


@dataclass(frozen=True)
class Tripped:
    """A trigger on a measure that the scenario moves: `verdict` is a key of VERDICTS, `count` of `months` months would have held."""

    trigger: Watched
    measure: str
    verdict: str
    count: int
    months: int


@dataclass(frozen=True)
class Scenario:
    """One scenario with its effects. `unknown` are names in it that no measure has, or that have no figures yet."""

    id: str
    title: str
    told: str
    months: int
    owner_name: str
    written_on: date
    effects: tuple[Effect, ...]
    tripped: tuple[Tripped, ...]
    unknown: tuple[str, ...]

    @property
    def lost(self) -> tuple[Effect, ...]:
        """The goals that could be met before and cannot be met then."""
        return tuple(one for one in self.effects if one.after == "will_miss" and one.before in ("will_meet", "hit_or_miss"))

    @property
    def trips(self) -> tuple[Tripped, ...]:
        return tuple(one for one in self.tripped if one.verdict == TRIPS)


def measures(store: Store) -> tuple[str, ...]:
    """The ids of the measures that scenarios name: what `read` needs the levels of, beside those that are on a scorecard."""
    with store.read() as tx:
        known = definitions.current(tx)
        named = _by_name(known)
        return tuple(dict.fromkeys(named[key] for one in _open(tx) for row in one.values["changes"] if (key := names.bare(row["measure"])) in named))


def on_scorecards(store: Store) -> tuple[str, ...]:
    """The ids of the measures that stand on a scorecard: the goals that a scenario can touch."""
    with store.read() as tx:
        return tuple(dict.fromkeys(name for card in definitions.scorecards(tx) for name in card.measures))


def read(store: Store, levels: Mapping[str, Level], ties: Iterable[Tie], today: date) -> tuple[Scenario, ...]:
    """Every scenario that is kept in mind, by title, from how the measures stand."""
    ties = tuple(ties)
    with store.read() as tx:
        found = _open(tx)
        if not found:
            return ()
        known, watched = definitions.current(tx), triggers.read_in(tx, today).watched
        people = {one.id: one.name for one in members.people(tx)}
    return tuple(_made(one, known, levels, ties, watched, people) for one in found)


def _open(tx: Tx) -> list[Entry]:
    return [one for one in registers.entries(tx, REGISTER) if one.state != PAST]


def _by_name(known: Mapping[str, Definition]) -> dict[str, str]:
    """Measures by their id and by their label, as people write them."""
    return {names.bare(one.label): id for id, one in known.items()} | {names.bare(id): id for id in known}


def _made(one: Entry, known: Mapping[str, Definition], levels: Mapping[str, Level], ties: Sequence[Tie], watched: Sequence[Watched], people: Mapping[str, str]) -> Scenario:
    said, named = one.values, _by_name(known)
    changes, unknown = [], []
    for row in said["changes"]:
        id = named.get(names.bare(row["measure"]))
        usable = id in levels and levels[id].usual is not None
        (changes if usable else unknown).append(_change(row, known[id]) if usable else row["measure"])
    effects = scenarios.effects(levels, changes, ties)
    months, owner = int(said.get("months", 1)), str(said.get("owner", ""))
    return Scenario(one.id, one.title, str(said.get("told", "")), months, people.get(owner, owner), one.at if "written_on" not in said else date.fromisoformat(said["written_on"]),
                    effects, _tripped(effects, watched, months), tuple(unknown))  # fmt: skip


def _change(row: dict, measure: Definition) -> Change:
    how = row.get("how", UNITS)
    scale = 100 if how == PERCENT or measure.is_share else 1
    return Change(measure.name, row["change"] / scale, how, row["ground"])


def _tripped(effects: Sequence[Effect], watched: Sequence[Watched], months: int) -> tuple[Tripped, ...]:
    by_measure = {one.level.measure.name: one for one in effects}
    found = []
    for trigger in watched:
        effect = by_measure.get(trigger.measure)
        if effect is not None and trigger.condition is not None:
            verdict, count = scenarios.trips(effect, trigger.condition, months, trigger.part)
            found.append(Tripped(trigger, effect.level.measure.label, verdict, count, effect.months))
    return tuple(found)


def sentence(one: Scenario) -> Sentence:
    """What a scenario comes to, in one sentence."""
    goals, follow = ([each.level.measure.label for each in one.lost if bool(each.through) is through] for through in (False, True))
    lost = f"{_listed(goals)} can no longer reach {'their goals' if len(goals) > 1 else 'their goal' if plural(goals[0]) else 'its goal'}" if goals else "no goal that can be met now gets out of reach"
    with_it = f", and {_listed(follow)} with it, as the figures have gone together" if follow else ""
    trips = [each.trigger.title for each in one.trips]
    trip = f"it trips {_listed(trips)}" if trips else "it trips no trigger"
    bare = [each for each in one.trips if not each.trigger.has_plan]
    plan = f" {count_word(len(bare)).capitalize()} of them {'has' if len(bare) == 1 else 'have'} no plan." if bare else ""
    return Sentence(f"{one.title}:", f"{lost}{with_it}; {trip}.{plan}")


def _listed(found: Sequence[str]) -> str:
    return found[0] if len(found) == 1 else f"{', '.join(found[:-1])} and {found[-1]}"

"""The sample company: loaded into a store without figures by the same path as any file, and taken away whole."""

from __future__ import annotations

import csv
import tomllib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from scorecard import access, actions, diary, exports, loading, loading_facts, maturity, metrics
from scorecard.access import Actor
from scorecard.actions import Action
from scorecard.core import fmt, measures_file, names, periods, reading, rollup, spc
from scorecard.core.definition import Definition
from scorecard.errors import ScorecardError
from scorecard.intake.table import Table
from scorecard.larkfield import maturity as assessments
from scorecard.larkfield import calendar, feedback, growing, improving, meetings, records, working
from scorecard.metrics import computed
from scorecard.relations import sponsors
from scorecard.reviews import recorded
from scorecard.sensory import scoring
from scorecard.store import definitions, facts, loads, measures, members
from scorecard.store import sample as stored
from scorecard.store.engine import Store, Tx
from scorecard.store.members import Organisation, Person, Team

FOLDER = Path(__file__).resolve().parent.parent / "data" / "sample"
FIGURES, COMPANY, MEASURES, DRAWN = "figures.csv", "company.toml", "measures.toml", "drawn.csv"
ACTIONS, REVIEWS = "actions.toml", "reviews.toml"
EXPORTS, ACCOUNTS = "exports", "crm_accounts.csv"
CATALOGUE, MODEL = FOLDER.parent / MEASURES, FOLDER.parent / "maturity.toml"
BESIDE = "To look at it beside your own, start a second server with SCORECARD_STATE and SCORECARD_FACTS set to other files."
AT_ONCE = 4
GAP = "Maturity, "
WRITTEN_AT = time(9)
PREVIEWED = ("renewal_rate", "mrr_expansion", "adoption_30d", "tickets_over_14_days")
YES = {"change_plain": True, "cause_known": True, "wanted": True, "will_last": True}


@dataclass(frozen=True)
class Company:
    """What the sample says beside its figures."""

    organisation: Organisation
    figures_came: date
    teams: tuple[Team, ...]
    people: tuple[tuple[Person, str], ...]
    notes: tuple[dict[str, Any], ...]
    phases: tuple[dict[str, Any], ...]
    cards: tuple[stored.Card, ...]

    @property
    def leader(self) -> str:
        """The name of the person who leads the team, and whose measures and goals these are."""
        return next(person.name for person, role in self.people if role == "leader")


@dataclass(frozen=True)
class Loaded:
    """The company's name, and how many facts, figures, measures and people came."""

    name: str
    facts: int
    figures: int
    measures: int
    people: int


def is_loaded(store: Store) -> bool:
    """Whether what the store shows is the sample company."""
    with store.read() as tx:
        return stored.came(tx) is not None


def load(store: Store, actor: Actor, today: date, folder: Path = FOLDER) -> Loaded:
    """What came. All of it or nothing; raises ScorecardError when the store holds figures or facts already."""
    access.require(actor, "load_files")
    company = read_company(folder / COMPANY)
    found = read_measures(folder)

    def settle(tx: Tx) -> None:
        _refuse_unless_empty(tx)
        stored.settle(tx, company.organisation, *_newcomers(tx, company), list(found), _unnamed(tx, company))

    _refuse_beside_facts(store)
    store.write(settle, actor.name)
    try:
        store.write(lambda tx: stored.define(tx, found), company.leader)
        # With a clock that is behind, the last months would be in the future, and loading would ask about them.
        count = _load_exports(store, actor, folder / EXPORTS, today, company.figures_came)
        today = max(today, company.figures_came)
        figures = _load_figures(store, actor, folder / FIGURES, today)
        figures += computed.refresh(store, actor, today).changed
        scoring.refresh(store, actor, today)
        _tell(store, company, today)
        known = _actions(company, folder / ACTIONS)
        signed = meetings.last_signature(folder / REVIEWS)
        _act(store, company, [one for one in known if one.made_at <= signed])
        actors = {person.id: _actor(person, role) for person, role in company.people}
        # Before the reviews: what people saw differently is talked about in the one that came next.
        assess(store, actors, folder)
        records.write_down(store, actors, folder, records.PLAN)
        improving.improve(store, actors, folder)
        records.write_down(store, actors, folder)
        working.work(store, actors, folder)
        growing.grow(store, actors, folder)
        calendar.keep(store, actors, folder)
        feedback.ask(store, actors, folder)
        meetings.meet(store, actors, folder / REVIEWS)
        figures += recorded.refresh(store, actor, company.figures_came).changed
        _act(store, company, [one for one in known if one.made_at > signed])
        leader = Actor("", company.leader, "leader")
        diary.plan(store, leader, today)
        sponsors.keep_calendar(store, leader, today)
    except BaseException:
        _clear(store, actor)
        raise
    return Loaded(company.organisation.name, count, figures, len(found), len(company.people))


def assess(store: Store, actors: Mapping[str, Actor], folder: Path = FOLDER) -> None:
    """Nothing; the company's assessments are in the store, with the model that it was opened with."""
    maturity.record_file(store, MODEL, next(iter(actors.values())).name)
    assessments.assess(store, actors, folder)


def _refuse_unless_empty(tx: Tx) -> None:
    here = members.organisation(tx)
    if here and here.sample:
        raise ScorecardError("The sample company is loaded already. "
                             "Take it away with: python -m scorecard sample --remove.")
    if measures.has_figures(tx):
        raise ScorecardError(f"The sample is for an empty store, and this one holds figures. {BESIDE}")
    if maturity.cycles(tx):
        raise ScorecardError(f"The sample is for an empty store, and this one holds assessments of maturity. {BESIDE}")


def _refuse_beside_facts(store: Store) -> None:
    """Raises ScorecardError when the store holds facts that are not the sample's."""
    with store.read() as tx:
        loaded = stored.came(tx) is not None
    with store.facts() as tx:
        if not loaded and any(facts.counts(tx).values()):
            raise ScorecardError(f"The sample is for an empty store, and this one holds exports. {BESIDE}")


def _newcomers(tx: Tx, company: Company) -> tuple[list[Team], list[tuple[Person, str]]]:
    """The teams and people that are not there yet: a team of the same name is used, a person of the same id stays."""
    known = {team.name: team.id for team in members.teams(tx)}
    used = {team.id: known[team.name] for team in company.teams if team.name in known}
    ids = {person.id for person in members.people(tx)}
    people = [(replace(person, team=used.get(person.team, person.team)), role)
              for person, role in company.people if person.id not in ids]
    return [team for team in company.teams if team.id not in used], people


def _unnamed(tx: Tx, company: Company) -> list[stored.Card]:
    """The company's scorecards whose names are free."""
    taken = {names.bare(one.name) for one in definitions.scorecards(tx)}
    return [one for one in company.cards if names.bare(one.name) not in taken]


def _load_exports(store: Store, actor: Actor, folder: Path, today: date, came: date) -> int:
    """How many facts came, accounts first; read as any export is, by what the names of its columns say."""
    now = datetime.combine(came, time()) + timedelta(days=1) if today <= came else None
    paths = sorted(folder.glob("*.csv"), key=lambda path: (path.name != ACCOUNTS, path.name))
    with ThreadPoolExecutor(AT_ONCE) as pool:  # the work is done in child processes
        tables = list(pool.map(lambda path: loading.read(store, actor, path, path.name), paths))
        count = _accept_export(store, actor, _understood(store, actor, tables[0]), today, now)
        rest = list(pool.map(lambda table: _understood(store, actor, table), tables[1:]))
    return count + sum(_accept_export(store, actor, one, today, now) for one in rest)


def _understood(store: Store, actor: Actor, table: Table) -> loading_facts.Proposal:
    looked = exports.look(store, actor, table)
    if looked is None or not looked.sure:
        raise ScorecardError(f"{table.name} of the sample company is not understood. Draw it again with: "
                             "python -m scorecard sample --write.")
    return loading_facts.propose(store, actor, table, looked.mappings, sample=True)


def _accept_export(store: Store, actor: Actor, proposal: loading_facts.Proposal, today: date, now: datetime | None) -> int:
    return loading_facts.accept(store, actor, proposal, today, sample=True, now=now, compute=False).new


def _load_figures(store: Store, actor: Actor, path: Path, today: date) -> int:
    proposal = loading.propose(store, actor, path, path.name, today, sample=True)
    return loading.accept(store, actor, proposal, today, sample=True).new


def _tell(store: Store, company: Company, today: date) -> None:
    """The notes and decisions of the company's people, each by the command that the app uses."""
    for note in company.notes:
        metrics.add_note(store, _author(company, note), note["measure"], note["happened"], note["text"])
    for phase in company.phases:
        start = periods.containing(phase["starts"], "month")
        metrics.rebase(store, _author(company, phase), phase["measure"], "", start, phase["title"], YES)


def _actions(company: Company, path: Path) -> list[Action]:
    """The actions of the company's people, with the days on which they were written."""
    if not path.exists():
        return []
    return [_action(company, n, **one) for n, one in enumerate(tomllib.loads(path.read_text("utf-8"))["action"], 1)]


def _act(store: Store, company: Company, found: Sequence[Action]) -> None:
    if found:
        store.write(lambda tx: [actions.put(tx, one, one.made_at.date()) for one in found], company.leader)


def _action(company: Company, number: int, title: str, made: date, origin: str, **said: Any) -> Action:
    first = said.pop("first_reading", "")
    usual = {"segment": "", "effect": None, "effect_by": None, "started": None, "ended": None}
    at = datetime.combine(made, WRITTEN_AT)
    return Action(id=f"{stored.OWN}{number:02}", title=title, owner_name="", origin=_origin(origin, made, said["measure"]),
                  origin_words=origin,
                  first_reading=periods.containing(periods.parse(first)[1], "month") if first else None,
                  made_by=company.leader, made_at=at, changed_by=company.leader, changed_at=at, version=1,
                  **(usual | said))


def _origin(words: str, made: date, measure: str) -> str:
    """Where an action was written, when its words name the month of a review or the practice of a project."""
    month = periods.containing(made, "month").shift(-1)
    if words == f"Review of {month.bare}":
        return f"review:{definitions.FIRST_SCORECARD}:{month}:measure:{measure}"
    return f"project:{assessments.project_of(words.removeprefix(GAP))}" if words.startswith(GAP) else ""


def _author(company: Company, said: dict[str, Any]) -> Actor:
    person, role = next(pair for pair in company.people if pair[0].id == said["author"])
    return _actor(person, role)


def _actor(person: Person, role: str) -> Actor:
    return Actor(person.id, person.name, role, person.team)


def remove(store: Store, actor: Actor) -> str:
    """The name of the company that went, with everything recorded since it came; what stood before stands again."""
    access.require(actor, "load_files")
    with store.read() as tx:
        here, sample = members.organisation(tx), stored.came(tx)
    if sample is None:
        raise ScorecardError("There is no sample company to take away.")
    _clear(store, actor)
    return here.name


def _clear(store: Store, actor: Actor) -> None:
    def work(tx: Tx) -> list[str]:
        sample = stored.came(tx)
        return stored.clear(tx, sample) if sample else []

    gone = store.write(work, actor.name)
    with store.facts() as tx:
        facts.take_back(tx, gone)
        for one in gone:
            loads.release(tx, one)


def read_company(path: Path) -> Company:
    """The company as it is written beside its figures."""
    data = tomllib.loads(path.read_text("utf-8"))
    people = tuple((Person(id, name, email=f"{id}@larkfield.example", team=team, leader=leader), role)
                   for id, (name, role, team, leader) in data["people"].items())
    teams = tuple(Team(id, name) for id, name in data["teams"].items())
    cards = tuple(stored.Card(one["id"], one["name"], one["audience"], tuple(one["measures"]), tuple(one["takes"]))
                  for one in data.get("scorecards", ()))
    return Company(Organisation(**data["organisation"]), data["figures_came"], teams, people, tuple(data.get("notes", ())),
                   tuple(data.get("phases", ())), cards)


def read_measures(folder: Path = FOLDER) -> dict[str, Definition]:
    """The company's measures by id: those of the shipped catalogue, with what its own file says otherwise."""
    shipped = definitions.read_file(CATALOGUE)
    own = tomllib.loads((folder / MEASURES).read_text("utf-8"))
    if lacking := [name for name in own if name not in shipped]:
        raise ScorecardError(f"The sample company shows measures that are not in {CATALOGUE}: {', '.join(lacking)}. Put them back, "
                             "or start a second server with the files as they were shipped.")
    tables = {name: measures_file.as_table(shipped[name]) | table for name, table in own.items()}
    return measures_file.parse_tables(tables, f"{FOLDER.name}/{MEASURES}")


def preview(folder: Path = FOLDER) -> tuple[metrics.Row, ...]:
    """Four measures of the company as their rows would stand on the scorecard, read from its files without a store."""
    known = read_measures(folder)
    starts = {phase["measure"]: periods.containing(phase["starts"], "month") for phase in read_company(folder / COMPANY).phases}
    figures = _monthly(folder / DRAWN, known)
    return tuple(_previewed(slot, known[name], figures[name], starts.get(name)) for slot, name in enumerate(PREVIEWED, 1))


def _monthly(path: Path, known: dict[str, Definition]) -> dict[str, list[spc.Figure]]:
    """The previewed measures by month, their segments and people pooled."""
    parts: dict[str, dict[str, list]] = defaultdict(lambda: defaultdict(list))
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["measure"] in PREVIEWED:
                numbers = tuple(float(row[key]) if row[key] else None for key in ("value", "numerator", "denominator"))
                parts[row["measure"]][row["period"]].append(numbers)
    return {name: [_figure(month, rows, known[name].aggregate) for month, rows in sorted(own.items())] for name, own in parts.items()}


def _figure(month: str, rows: list, aggregate: str) -> spc.Figure:
    value, numerator, denominator = rollup.pooled(rows, aggregate if len(rows) > 1 else "one")
    return spc.Figure(periods.parse_column([month])[0], value, numerator, denominator)


def _previewed(slot: int, measure: Definition, figures: list[spc.Figure], start: periods.Period | None) -> metrics.Row:
    chart = spc.read_series(figures, spc.Options(type=measure.chart, bounds=measure.bounds, direction=measure.improvement_direction,
                                                 rebase=(start,) if start else ()))
    said, last = reading.read(chart, measure, measure.targets), figures[-1]
    goal = f"goal {fmt.goal(said.goal.value, measure)}" if said.goal else ""
    return metrics.Row(measure, slot, last.period, last.value, last.numerator, last.denominator, fmt.value(last.value, measure),
                       fmt.unit_word(measure), goal, chart, said, None, False, False, False, "")

"""Experiments on accounts: designed on real volumes, the rule frozen before the start, arms drawn by chance and recorded, read once
(or at the looks that were agreed), concluded by who may decide.

Who logs records designs, draws and looks; leaders freeze and conclude. Nothing of a frozen rule changes: its fingerprint is
compared at every reading. A look before its moment is recorded and decides nothing.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from scorecard import access, actions, projects
from scorecard.access import Actor
from scorecard.actions import Action
from scorecard.core import experiments as core
from scorecard.core import names
from scorecard.core.calibration import Interval
from scorecard.core.experiments import Arm, Decision, Duration, Guardrail, Placed, Plan, Reading, Rule, Sample
from scorecard.core.periods import day
from scorecard.errors import ScorecardError, StaleEdit, StudyRefused, UsageError
from scorecard.store import catalogue, studies
from scorecard.store.engine import Store
from scorecard.store.studies import Look, Version
from scorecard.store.tx import Tx

STATES = {"draft": "Draft", "frozen": "Frozen", "concluded": "Concluded", "stopped": "Stopped"}
METRICS = {"renewed": "renewed", "adopted": "reached adoption in 30 days", "counts": "did it"}
READINGS = {"tickets": "tickets an account", "contacts": "contacts an account", "satisfaction": "satisfaction, 0 to 10", "typed": "typed means"}
STRATA = ("segment", "csm")
ARMS = ("a", "b")
OF_AN_EXPERIMENT = "experiment:"
LONGEST_TITLE, LONGEST_TEXT, MOST_GUARDRAILS = 120, 500, 6
VOLUME_MONTHS = 12


@dataclass(frozen=True)
class Guard:
    """A guardrail: its name, which way is better, what is still borne (own unit), and where its figures come from (READINGS)."""

    name: str
    reading: str = "tickets"
    better: str = "down"
    margin: float = 0.0


@dataclass(frozen=True)
class Design:
    """What is planned. `base` and `to` are shares of the metric; arm a is what is, arm b the change.

    `per_arm` is the size at which it is read, `looks` the shares of it that are agreed ((1,) is a fixed horizon); outcomes count
    that fall from `starts` to `ends`. `counted` is the word for what is counted where counts are typed ("renewed").
    """

    title: str
    change: str
    control: str
    starts: date
    ends: date
    base: float
    to: float
    per_arm: int
    metric: str = "renewed"
    segment: str = ""
    strata: tuple[str, ...] = ("segment",)
    power: float = core.POWER
    least: float = 0.0
    better: str = "up"
    guards: tuple[Guard, ...] = ()
    looks: tuple[float, ...] = (1.0,)
    counted: str = ""
    why: str = ""


@dataclass(frozen=True)
class Frozen:
    """The agreement: the rule in words with its fingerprint, who froze it and when, and the seed of the draw."""

    words: str
    fingerprint: str
    by: str
    at: str
    seed: str


@dataclass(frozen=True)
class Conclusion:
    """What was decided: the verdict of the rule, the figures at that moment, the words, who and when, what follows."""

    verdict: str
    sentence: str
    words: str
    by: str
    on: str
    project: str = ""


@dataclass(frozen=True)
class Experiment:
    """An experiment as it stands."""

    id: str
    version: int
    state: str
    design: Design
    frozen: Frozen | None
    conclusion: Conclusion | None
    made_by: str
    made_at: datetime
    changed_by: str
    changed_at: datetime

    @property
    def origin(self) -> str:
        """The origin of its actions, and its object in the audit."""
        return f"{OF_AN_EXPERIMENT}{self.id}"


@dataclass(frozen=True)
class Counts:
    """Hits and cases of both arms, and the typed means of guardrails: name → (mean, deviation, n) of a and of b."""

    a: Arm
    b: Arm
    guards: Mapping[str, tuple[Sample, Sample]] = field(default_factory=dict)


@dataclass(frozen=True)
class Guarded:
    """A guardrail as it is read: both means, the difference with its interval, `worse`, `held` or `cannot say` (None without figures)."""

    guard: Guard
    a: Sample | None
    b: Sample | None
    difference: Interval | None
    state: str


@dataclass(frozen=True)
class Told:
    """An experiment as it can be told today. `reading` and `decision` are None while it must not be read, or nothing came in.

    `counts` and `share` (of the agreed size) are what is in; `reading` is of the last agreed look. `intact` is False when the rule is
    not the one that was frozen; `early` counts the looks that nobody had agreed to.
    """

    experiment: Experiment
    units: tuple[Placed, ...]
    looks: tuple[Look, ...]
    counts: Counts | None
    share: float
    reading: Reading | None
    decision: Decision | None
    guards: tuple[Guarded, ...]
    smallest: float | None
    intact: bool
    early: int
    actions: tuple[Action, ...] = ()


# -- design


@dataclass(frozen=True)
class Volume:
    """What came in over past months: (month, cases, hits) each, and the base rate of all of them (None without a case)."""

    months: tuple[tuple[date, int, int], ...]

    @property
    def cases(self) -> int:
        return sum(n for _, n, _ in self.months)

    @property
    def base(self) -> float | None:
        return sum(hits for _, _, hits in self.months) / self.cases if self.cases else None


def volume(store: Store, metric: str, segment: str, today: date) -> Volume:
    """The last twelve whole months that the facts tell of."""
    if metric not in studies.OUTCOMES:
        return Volume(())
    with store.read_facts() as tx:
        kind = catalogue.covered(tx).get("renewal" if metric == "renewed" else "milestone")
        if kind is None:
            return Volume(())
        end = min(kind.last, today) + timedelta(1)
        last = end.replace(day=1) - timedelta(1)
        first = (last.replace(day=1) - timedelta(31 * (VOLUME_MONTHS - 1) - 14)).replace(day=1)
        return Volume(tuple(studies.volumes(tx, metric, first, last, today, segment)))


@dataclass(frozen=True)
class Sizing:
    """How many an arm needs and how long that takes at past volumes; `smallest` is what the accounts there are would notice."""

    plan: Plan
    duration: Duration | None
    eligible: int
    smallest: tuple[float | None, float | None]


def sizing(store: Store, base: float, to: float, power: float, looks: Sequence[float], past: Volume, eligible: int) -> Sizing:
    """The size for a change of the share from `base` to `to`. Raises StudyRefused with what is wrong."""
    found = core.plan(base, to, power, at=() if tuple(looks) == (1.0,) else tuple(looks))
    return Sizing(found, core.duration(2 * found.per_arm, [n for _, n, _ in past.months]), eligible, core.smallest_change(base, eligible // 2, power))


def eligible(store: Store, design: Design, today: date) -> list[tuple[str, str, str, str]]:
    """(account, name, segment, CSM) of the accounts that can be drawn."""
    with store.read_facts() as tx:
        return studies.eligible(tx, design.metric, design.starts, design.ends, today, design.segment)


def rule_of(design: Design) -> Rule:
    """The decision rule of a design."""
    return Rule(f"the share that {said_of(design)}", design.better, design.per_arm, design.least,
                tuple(Guardrail(one.name, one.better, one.margin) for one in design.guards), design.looks)


def rule_words(design: Design) -> str:
    """The rule as one sentence, with the name of what is changed."""
    return core.rule_in_words(rule_of(design)).replace("Adopt b ", f"Adopt “{design.change}” ", 1)


def said_of(design: Design) -> str:
    """What the accounts of an experiment did that is counted: `renewed`."""
    return design.counted if design.metric == "counts" and design.counted else METRICS[design.metric]


def checked(design: Design) -> Design:
    """The design, its texts cleaned. Raises UsageError or StudyRefused that names the field and what is allowed."""
    made = replace(design, title=names.required(design.title, "title of the experiment", LONGEST_TITLE), why=names.clean(design.why, "reason"), counted=names.clean(design.counted, "what is counted"),
                   change=names.required(design.change, "what is changed (arm b)", LONGEST_TITLE), control=names.required(design.control, "what stays (arm a)", LONGEST_TITLE))
    for name, allowed in (("metric", METRICS), ("better", ("up", "down"))):
        if getattr(made, name) not in allowed:
            raise UsageError(f"{name}: {getattr(made, name)[:40]!r} is not possible. Use one of: {', '.join(allowed)}.")
    if any(one not in STRATA for one in made.strata):
        raise UsageError(f"Accounts are balanced within: {', '.join(STRATA)}.")
    if made.ends <= made.starts:
        raise UsageError(f"It cannot end on {day(made.ends)}, before it starts on {day(made.starts)}.")
    if made.per_arm < 2:
        raise UsageError("An arm needs at least 2 accounts.")
    core.plan(made.base, made.to, made.power)
    if made.looks[-1:] != (1.0,) or list(made.looks) != sorted(set(made.looks)) or made.looks[0] <= 0:
        raise UsageError("Looks are rising shares of the size, the last is 1. Write for example 0.5, 1.")
    return replace(made, guards=_checked_guards(made.guards))


def _checked_guards(guards: Sequence[Guard]) -> tuple[Guard, ...]:
    made = tuple(replace(one, name=names.required(one.name, "name of the guardrail", LONGEST_TITLE)) for one in guards)
    if len(made) > MOST_GUARDRAILS or len({one.name for one in made}) < len(made):
        raise UsageError(f"At most {MOST_GUARDRAILS} guardrails, each with a name of its own.")
    for one in made:
        if one.reading not in READINGS or one.better not in ("up", "down") or not 0 <= one.margin < 1e9:
            raise UsageError(f"Guardrail {one.name}: read from {', '.join(READINGS)}; better up or down; a margin of 0 or more.")
    return made


# -- reads


def listed(tx: Tx) -> list[Experiment]:
    """All experiments, the newest first."""
    return [_experiment(one) for one in studies.experiments(tx)]


def one(tx: Tx, id: str) -> Experiment:
    """The experiment with this id. Raises UsageError when there is none."""
    found = studies.experiment(tx, id)
    if found is None:
        raise UsageError(f"There is no experiment '{id[:40]}'.")
    return _experiment(found)


def history(tx: Tx, id: str) -> list[Version]:
    """Every version, the newest first."""
    return studies.history(tx, id)


def units(tx: Tx, id: str) -> list[Placed]:
    """Who was drawn into which arm."""
    return studies.units(tx, id)


def names_of(store: Store, placed: Sequence[Placed]) -> dict[str, tuple[str, str]]:
    """(name, CSM) of the accounts that were drawn."""
    with store.read_facts() as tx:
        return studies.names(tx, [one.unit for one in placed])


def _experiment(row: studies.Row) -> Experiment:
    body = row.body
    plan = body["design"]
    design = Design(**{**plan, "starts": date.fromisoformat(plan["starts"]), "ends": date.fromisoformat(plan["ends"]), "strata": tuple(plan["strata"]),
                       "looks": tuple(plan["looks"]), "guards": tuple(Guard(**one) for one in plan["guards"])})
    return Experiment(row.id, row.version, row.state, design, Frozen(**body["frozen"]) if body.get("frozen") else None,
                      Conclusion(**body["conclusion"]) if body.get("conclusion") else None, row.made_by, row.made_at, row.changed_by, row.changed_at)


def _body(of: Experiment) -> dict[str, Any]:
    design = asdict(of.design) | {"starts": of.design.starts.isoformat(), "ends": of.design.ends.isoformat()}
    return {"design": design, "frozen": asdict(of.frozen) if of.frozen else None, "conclusion": asdict(of.conclusion) if of.conclusion else None}


def told(store: Store, id: str, today: date) -> Told:
    """What can be said of an experiment today: of the difference what was recorded at an agreed look, and nothing between looks.

    Who only opens the page sees no fresher figures than the last look has, so nobody can wait for a lucky day.
    """
    with store.read() as tx:
        found, placed, looked = one(tx, id), tuple(studies.units(tx, id)), tuple(studies.looks(tx, id))
        own = tuple(actions.by_origin(tx, OF_AN_EXPERIMENT + id))
    intact = found.frozen is None or found.frozen.fingerprint == _fingerprint(found.design)
    seen = _typed(looked[-1].body["counts"]) if found.state == "concluded" else _counted(store, found, placed, looked, today)
    blank = Told(found, placed, looked, seen, _share(found, seen), None, None, (), _smallest(found.design), intact, sum(not one.body["agreed"] for one in looked), own)
    if not seen or not intact or found.frozen is None or min(seen.a.n, seen.b.n) == 0:
        return blank
    at = _deciding(found, looked)
    return replace(blank, decision=_before(found, seen, blank.share, today)) if at is None else _as_looked(store, blank, at, today)


def _before(found: Experiment, seen: Counts, share: float, today: date) -> Decision:
    """What is said while no agreed look is recorded: why it may not be read yet, or that it may."""
    rule = rule_of(found.design)
    reading = core.read(seen.a, seen.b, rule.planned)
    if reading.mismatched or not _may_read(rule, share):
        said = core.decide(rule, reading, {})
        ended = not reading.mismatched and today > found.design.ends
        return Decision("go_on", f"It ended on {day(found.design.ends)} with {min(seen.a.n, seen.b.n):,} of {rule.per_arm:,} in the smaller arm: too few to be read as agreed. "
                                 "Stop it without a result.") if ended else said
    return Decision("go_on", f"{min(seen.a.n, seen.b.n):,} of {rule.per_arm:,} are in: it may be read. Record the look; what is seen then counts.")


def _as_looked(store: Store, blank: Told, at: Look, today: date) -> Told:
    """The same with the figures of an agreed look; guardrails are read on until it is concluded."""
    found, rule = blank.experiment, rule_of(blank.experiment.design)
    then = replace(_typed(at.body["counts"]), guards=blank.counts.guards if blank.counts else {})
    guards = tuple(_guarded(store, found, blank.units, one, then, today) for one in found.design.guards)
    reading = core.read(then.a, then.b, rule.planned)
    before = _agreed_shares([one for one in blank.looks if one.number < at.number])
    decision = core.decide(rule, reading, {one.guard.name: one.difference for one in guards if one.difference}, before)
    return replace(blank, reading=reading, decision=decision, guards=guards)


def _deciding(found: Experiment, looked: Sequence[Look]) -> Look | None:
    """The look whose figures are told: the last agreed one; of typed counts the last one typed, when it was agreed."""
    if found.design.metric == "counts" and looked and not looked[-1].body["agreed"]:
        return None
    return next((one for one in reversed(looked) if one.body["agreed"]), None)


def _final(found: Experiment, looked: Sequence[Look]) -> Look | None:
    """The look that ended it, where outcomes come from the facts: at the whole size, or past its boundary before. Its figures are settled."""
    if found.design.metric == "counts":
        return None
    return next((one for one in looked if one.body["agreed"] and (one.body["share"] >= 1 or one.body.get("passed"))), None)


def may_look(told: Told, today: date) -> bool:
    """Whether another look can say anything: not before the start, nor once the whole size was read, unless means of guardrails are to be typed."""
    if today < told.experiment.design.starts:
        return False
    return _final(told.experiment, told.looks) is None or any(one.reading == "typed" for one in told.experiment.design.guards)


def _share(found: Experiment, seen: Counts | None) -> float:
    return min(1.0, min(seen.a.n, seen.b.n) / found.design.per_arm) if seen else 0.0


def _may_read(rule: Rule, share: float) -> bool:
    """Whether its moment has come: the whole size, or the first look that was agreed."""
    return share >= min(rule.looks) - 1e-9


def _agreed_shares(looked: Sequence[Look]) -> list[float]:
    found: list[float] = []
    for one in looked:
        if one.body["agreed"] and 0 < one.body["share"] < 1 and one.body["share"] > (found[-1] if found else 0):
            found.append(one.body["share"])
    return found


def _smallest(design: Design) -> float | None:
    """The smallest change (a share) that the size would notice in the wanted direction."""
    below, above = core.smallest_change(design.base, design.per_arm, design.power)
    to = above if design.better == "up" else below
    return abs(to - design.base) if to is not None else None


def _counted(store: Store, found: Experiment, placed: Sequence[Placed], looked: Sequence[Look], today: date) -> Counts | None:
    """Both arms as the facts have them today, by intention: an account counts in the arm that it was drawn into."""
    design = found.design
    typed = next((_typed(one.body["counts"]) for one in reversed(looked) if one.body.get("counts") and one.body.get("typed")), None)
    if design.metric == "counts" or not placed:
        return typed
    if final := _final(found, looked):
        return replace(_typed(final.body["counts"]), guards=typed.guards if typed else {})
    with store.read_facts() as tx:
        hits = studies.outcomes(tx, design.metric, design.starts, design.ends, today)
    arms = [[hits[one.unit] for one in placed if one.arm == arm and one.unit in hits] for arm in ARMS]
    return Counts(*(Arm(sum(own), len(own)) for own in arms), typed.guards if typed else {})


def _with_typed(found: Counts | None, typed: Counts | None, metric: str) -> Counts | None:
    """What is typed now beside what is there: all of it where counts are typed, else only the means of guardrails."""
    if typed is None or metric == "counts":
        return typed or found
    return replace(found, guards=typed.guards) if found else None


def _typed(body: Mapping[str, Any]) -> Counts:
    return Counts(Arm(*body["a"]), Arm(*body["b"]), {name: (Sample(*a), Sample(*b)) for name, (a, b) in body["guards"].items()})


def _guarded(store: Store, found: Experiment, placed: Sequence[Placed], guard: Guard, seen: Counts, today: date) -> Guarded:
    if guard.reading == "typed" or not placed or found.state == "concluded":
        pair = seen.guards.get(guard.name)
    else:
        with store.read_facts() as tx:
            last = min(found.design.ends, today)
            pair = tuple(studies.guard(tx, guard.reading, found.design.starts, last, [one.unit for one in placed if one.arm == arm]) for arm in ARMS)
    if not pair or None in pair or min(pair[0].n, pair[1].n) < 2:
        return Guarded(guard, None, None, None, "no figures")
    difference = core.mean_difference(*pair)
    return Guarded(guard, *pair, difference, core.moved(Guardrail(guard.name, guard.better, guard.margin), difference))


# -- commands


def design(store: Store, actor: Actor, new: Design, *, id: str = "", now: datetime | None = None) -> Experiment:
    """The new experiment, a draft."""
    access.require(actor, "log_records")
    made, own = checked(new), id or secrets.token_hex(6)

    def work(tx: Tx) -> Experiment:
        blank = Experiment(own, 1, "draft", made, None, None, actor.name, tx.now, actor.name, tx.now)
        studies.insert(tx, own, _body(blank), "")
        tx.audit("design_experiment", blank.origin, None, _body(blank)["design"])
        return one(tx, own)

    return store.write(work, actor.name, now)


def change(store: Store, actor: Actor, id: str, new: Design, seen_version: int, reason: str = "", *, now: datetime | None = None) -> Experiment:
    """The draft with another design. Raises ScorecardError once it is frozen."""
    access.require(actor, "log_records")
    made = checked(new)

    def changed(old: Experiment, tx: Tx) -> Experiment:
        if old.state != "draft":
            raise ScorecardError(f"“{old.design.title}” is {STATES[old.state].lower()}: its rule was agreed before the start and does not change. Design a new one.")
        return replace(old, design=made)

    return _change(store, actor, id, seen_version, "change_experiment", changed, reason, now)


def freeze(store: Store, actor: Actor, id: str, seen_version: int, today: date, *, now: datetime | None = None) -> Experiment:
    """The experiment with its rule frozen: only before its start, and for good."""
    access.require(actor, "decide")

    def frozen(old: Experiment, tx: Tx) -> Experiment:
        if old.state != "draft":
            raise ScorecardError(f"“{old.design.title}” is {STATES[old.state].lower()} already.")
        if today >= old.design.starts:
            raise ScorecardError(f"It starts on {day(old.design.starts)}: a rule that is not written before the start proves nothing. Set a later start.")
        agreed = Frozen(rule_words(old.design), _fingerprint(old.design), tx.actor, tx.now.isoformat(timespec="seconds"), secrets.token_hex(8))
        return replace(old, state="frozen", frozen=agreed)

    return _change(store, actor, id, seen_version, "freeze_experiment", frozen, "", now)


def _fingerprint(of: Design) -> str:
    """What is agreed by the freezing: the decision rule, and what the figures are: metric, segment, span, readings of guardrails."""
    return core.fingerprint(replace(rule_of(of), metric=" ".join((of.metric, of.segment, str(of.starts), str(of.ends), *of.strata, *(f"{one.name}:{one.reading}" for one in of.guards)))))


def draw(store: Store, actor: Actor, id: str, today: date, *, seed: str = "", now: datetime | None = None) -> list[Placed]:
    """All who are drawn now: accounts that are there already keep their arm, later ones fill up. Never drawn anew."""
    access.require(actor, "log_records")
    with store.read() as tx:
        planned = one(tx, id)
    there = eligible(store, planned.design, today)

    def work(tx: Tx) -> list[Placed]:
        found = one(tx, id)
        if found.state != "frozen":
            raise ScorecardError(f"“{found.design.title}” is {STATES[found.state].lower()}. Accounts are drawn once the rule is frozen, and until it is concluded.")
        if today > found.design.ends:
            raise ScorecardError(f"It ended on {day(found.design.ends)}: nobody is drawn any more.")
        before = studies.units(tx, id)
        by = {account: _stratum(found.design, segment, csm) for account, _, segment, csm in there}
        after = core.assign(by, seed or found.frozen.seed, ARMS, before)
        known = set(before)
        new = [one for one in after if one not in known]
        studies.place(tx, id, new)
        if new:
            tx.audit("draw_experiment", found.origin, None, {"drawn": len(new), "a": sum(one.arm == "a" for one in after), "b": sum(one.arm == "b" for one in after)})
        return after

    return store.write(work, actor.name, now)


def _stratum(of: Design, segment: str, csm: str) -> str:
    return " / ".join({"segment": segment, "csm": csm}[name] or "none" for name in of.strata)


def look(store: Store, actor: Actor, id: str, today: date, counts: Counts | None = None, *, now: datetime | None = None) -> Told:
    """What is seen now, recorded as a look. One that was not agreed decides nothing, and is told with the result for ever."""
    access.require(actor, "log_records")
    before = told(store, id, today)
    found = before.experiment
    _require_running(found)
    _check_look(before, counts, today)
    seen = _with_typed(before.counts, counts, found.design.metric)
    if not seen:
        raise StudyRefused("Nothing is in yet: no account with an outcome in either arm.")
    rule, share = rule_of(found.design), _share(found, seen)
    reading = core.read(seen.a, seen.b, rule.planned) if min(seen.a.n, seen.b.n) else None
    decision = core.decide(rule, reading, {}, _agreed_shares(before.looks)) if reading else None
    body = {"share": share, "agreed": _may_read(rule, share), "typed": counts is not None, "counts": _counts_json(seen), "verdict": decision.verdict if decision else "",
            "passed": bool(decision and decision.boundary and abs(reading.z) >= decision.boundary), "fingerprint": found.frozen.fingerprint}

    def work(tx: Tx) -> None:
        number = len(studies.looks(tx, id)) + 1
        studies.add_look(tx, id, number, today, body)
        tx.audit("look_at_experiment", found.origin, None, {"look": number, **body})

    store.write(work, actor.name, now)
    return told(store, id, today)


def _check_look(before: Told, counts: Counts | None, today: date) -> None:
    found = before.experiment
    if today < found.design.starts:
        raise ScorecardError(f"It starts on {day(found.design.starts)}: there is nothing to look at before.")
    for arm in (counts.a, counts.b) if counts else ():
        if not 0 <= arm.hits <= arm.n:
            raise UsageError(f"{arm.hits:,} of {arm.n:,} is no share. Type how many did it, and of how many.")
    if not before.intact:
        raise ScorecardError("The rule is not the one that was frozen. It is not read; stop it, and say why.")
    if counts and found.design.metric != "counts" and (counts.a.n or counts.b.n):
        raise UsageError("Its outcomes are read from the facts; only means of guardrails are typed.")
    final = _final(found, before.looks)
    if final and not counts:
        where = "at the size agreed" if final.body["share"] >= 1 else "past the boundary agreed"
        raise ScorecardError(f"It was read on {day(final.on)}, {where}: a second reading would decide nothing. Conclude it.")


def _counts_json(counts: Counts) -> dict[str, Any]:
    return {"a": [counts.a.hits, counts.a.n], "b": [counts.b.hits, counts.b.n],
            "guards": {name: [[a.mean, a.deviation, a.n], [b.mean, b.deviation, b.n]] for name, (a, b) in counts.guards.items()}}


def conclude(store: Store, actor: Actor, id: str, words: str, seen_version: int, today: date, *, project: str = "", now: datetime | None = None) -> Experiment:
    """The experiment, concluded by what the rule says today. Raises ScorecardError while the rule gives no answer."""
    access.require(actor, "decide")
    said = names.required(words, "decision", LONGEST_TEXT)
    seen = told(store, id, today)
    _require_running(seen.experiment)
    if not seen.intact:
        raise ScorecardError("The rule is not the one that was frozen. It cannot be concluded; stop it, and say why.")
    if seen.decision is None or seen.decision.verdict == "go_on":
        why = seen.decision.sentence if seen.decision else "Nothing is in yet."
        raise ScorecardError(f"The rule gives no answer yet. {why} Go on, or stop it without a result.")

    def concluded(old: Experiment, tx: Tx) -> Experiment:
        if project:
            projects.one(tx, project)
        done = Conclusion(seen.decision.verdict, seen.decision.sentence, said, tx.actor, today.isoformat(), project)
        settled = _settled(seen)
        studies.add_look(tx, id, len(studies.looks(tx, id)) + 1, today, {
            "share": _share(old, settled), "agreed": True, "typed": False, "counts": _counts_json(settled), "verdict": done.verdict, "fingerprint": old.frozen.fingerprint})
        return replace(old, state="concluded", conclusion=done)

    return _change(store, actor, id, seen_version, "conclude_experiment", concluded, "", now)


def _settled(seen: Told) -> Counts:
    """The figures that a decision rests on: the arms as they were read, the guardrails as they stand."""
    arms = (seen.reading.a, seen.reading.b) if seen.reading else (seen.counts.a, seen.counts.b)
    return Counts(*arms, {one.guard.name: (one.a, one.b) for one in seen.guards if one.a and one.b})


def stop(store: Store, actor: Actor, id: str, reason: str, seen_version: int, *, now: datetime | None = None) -> Experiment:
    """The experiment, stopped without a result, with the reason."""
    access.require(actor, "decide")
    why = names.required(reason, "reason", LONGEST_TEXT)

    def stopped(old: Experiment, tx: Tx) -> Experiment:
        if old.state not in ("draft", "frozen"):
            raise ScorecardError(f"“{old.design.title}” is {STATES[old.state].lower()} already.")
        return replace(old, state="stopped", conclusion=Conclusion("stopped", "Stopped without a result.", why, tx.actor, tx.now.date().isoformat()))

    return _change(store, actor, id, seen_version, "stop_experiment", stopped, why, now)


def act(store: Store, actor: Actor, id: str, *, title: str, kind: str, owner: str, due: date, today: date, **fields: Any) -> Action:
    """A new action that follows from an experiment."""
    with store.read() as tx:
        found = one(tx, id)
    return actions.add(store, actor, title=title, kind=kind, owner=owner, due=due, origin=found.origin,
                       origin_words=f"Experiment {found.design.title}"[:LONGEST_TITLE], today=today, **fields)  # fmt: skip


def _require_running(found: Experiment) -> None:
    if found.state != "frozen":
        ask = "Freeze its rule first." if found.state == "draft" else "It is not read any more."
        raise ScorecardError(f"“{found.design.title}” is {STATES[found.state].lower()}. {ask}")


def _change(store: Store, actor: Actor, id: str, seen: int, command: str, new: Callable[[Experiment, Tx], Experiment], reason: str, now: datetime | None) -> Experiment:
    """The new version. Raises StaleEdit when somebody was first."""

    def work(tx: Tx) -> Experiment:
        old = one(tx, id)
        if old.version != seen:
            raise StaleEdit(f"Not saved: {old.changed_by} changed “{old.design.title}” meanwhile. You saw version {seen}, version {old.version} is in force. "
                            "Look at it, then try again.")
        made = new(old, tx)
        if not studies.update(tx, id, seen, made.state, _body(made), reason):
            raise StaleEdit(f"Not saved: “{old.design.title}” was changed meanwhile. Look at it, then try again.")
        tx.audit(command, old.origin, {"version": old.version, "state": old.state} | _body(old), {"version": seen + 1, "state": made.state} | _body(made))
        return one(tx, id)

    return store.write(work, actor.name, now)

"""Churn drivers: what goes with losing an account, of what was known before the outcome, and models that are kept.

The case table comes from the store's facts (`store.driver_cases`); reading it is `core.drivers`: refusals, separation, overlap and
"no evidence" are its words. A model is kept with the version of the data that it was made from.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from scorecard import access
from scorecard.access import Actor
from scorecard.core import driver_groups, logistic, names, themes
from scorecard.core import drivers as core
from scorecard.core.calibration import Interval
from scorecard.core.driver_groups import Comparison
from scorecard.core.drivers import Cell, Predictor, Study
from scorecard.errors import StudyRefused, UsageError
from scorecard.store import comments, driver_cases, studies
from scorecard.store.driver_cases import Case
from scorecard.store.engine import Store
from scorecard.store.studies import KeptModel
from scorecard.store.tx import Tx

# What may have happened, in the words of a sentence, and in one word for its count.
OUTCOMES = {"lost": "losing the account", "smaller": "losing the account or part of it"}
COUNTED = {"lost": "lost", "smaller": "lost or smaller"}
AHEAD = (30, 60, 90, 180)
SAID_DAYS, BANDS = 180, 4
NO_SEGMENT, LONGEST_NAME, SCORED_DAYS = "No segment", 80, 180
COHORTS = {"renewals": "Renewals that were decided", "accounts": "Accounts that were customers when a period began"}


@dataclass(frozen=True)
class Source:
    """One predictor of the facts: its label, the step of one odds ratio with its words, and how it is read."""

    label: str
    per: float
    words: str
    help: str


SOURCES: Mapping[str, Source] = {
    "use": Source("Use of the product", 0.1, "each 10 points higher", "the last three whole months as a share of the account's own usual month before them"),
    "adoption": Source("Adoption", 0.1, "each 10 points higher", "share of the users of the last year who reached the milestone within 30 days"),
    "tickets": Source("Unresolved tickets", 1, "each ticket more", "opened before, resolved later or never"),
    "contacts": Source("Contacts a quarter", 1, "each contact more", "contacts made in the 91 days before"),
    "satisfaction": Source("Satisfaction", 1, "each point higher", "mean answer of a year, 0 to 10"),
    "trust": Source("Trust", 1, "each point higher", "mean answer of a year, 0 to 10"),
    "tenure": Source("Years as a customer", 1, "each year more", "since the account started"),
    "price": Source("Price rise above 10%", 1, "yes against no", "within the year before"),
    "sponsor": Source("Sponsor left", 1, "said against not said", f"a comment of the {SAID_DAYS} days before says so, by the rules of the themes"),
    "segment": Source("Segment", 1, "", "as it stood then; each against the first"),
}  # fmt: skip
STANDARD = ("use", "tickets", "contacts")
_FROM_COMMENTS = {"sponsor": "sponsor"}


@dataclass(frozen=True)
class Question:
    """What is asked: a cohort of a span of days, what was known `ahead` days before each renewal, by which predictors.

    For accounts the span is the period itself: customers on its first day, lost by its last; `ahead` says nothing.
    `bands` are predictors cut into bands; `segment` "" is all; `outcome` is a key of OUTCOMES.
    """

    cohort: str = "renewals"
    first: date = date(1900, 1, 1)
    last: date = date(2999, 12, 31)
    ahead: int = 90
    predictors: tuple[str, ...] = STANDARD
    method: str = "firth"
    bands: tuple[str, ...] = ()
    segment: str = ""
    outcome: str = "lost"


@dataclass(frozen=True)
class Table:
    """The cases and, in their order, what was known of each predictor when they began."""

    cases: tuple[Case, ...]
    known: Mapping[str, Sequence[Cell]]
    segments: Sequence[str]


@dataclass(frozen=True)
class Answer:
    """A study with what it was made from. `accounts` counts different ones; `first` and `last` are the days of the outcomes."""

    question: Question
    study: Study
    accounts: int
    cases: int
    first: date | None
    last: date | None
    notices: tuple[str, ...] = field(default=())


def checked(question: Question) -> Question:
    """The question, when it can be asked. Raises StudyRefused with what is allowed."""
    if question.cohort not in COHORTS:
        raise StudyRefused(f"There is no cohort {question.cohort[:40]!r}. Use one of: {', '.join(COHORTS)}.")
    if question.outcome not in OUTCOMES:
        raise StudyRefused(f"There is no outcome {question.outcome[:40]!r}. Use one of: {', '.join(OUTCOMES)}.")
    if question.method not in logistic.METHODS:
        raise StudyRefused(f"There is no method {question.method[:40]!r}. Use one of: {', '.join(logistic.METHODS)}.")
    if unknown := [name for name in (*question.predictors, *question.bands) if name not in SOURCES]:
        raise StudyRefused(f"There is no predictor {unknown[0][:40]!r}. There is: {', '.join(SOURCES)}.")
    if not question.predictors:
        raise StudyRefused("There is no predictor. Choose at least one.")
    if question.first > question.last or question.cohort == "accounts" and question.first == question.last:
        raise StudyRefused(f"The span from {question.first} to {question.last} has no day in it. Choose a later end.")
    if not 0 <= question.ahead <= 730:
        raise StudyRefused(f"{question.ahead} days before is not possible. Choose 0 to 730.")
    return replace(question, predictors=tuple(dict.fromkeys(question.predictors)), bands=tuple(name for name in question.bands if name in question.predictors))


def table(store: Store, question: Question, today: date, cohort: str = "") -> Table:
    """The case table of a question; `cohort` names another than that of outcomes (those at stake now)."""
    asked, own = checked(question), cohort or question.cohort
    # An outcome that lies ahead is no outcome yet.
    last = asked.last if cohort else min(asked.last, today)
    with store.read_facts() as tx:
        found = driver_cases.cases(tx, own, asked.first, last, asked.ahead)
        from_facts = [name for name in dict.fromkeys((*asked.predictors, "segment")) if name not in _FROM_COMMENTS]
        known: dict[str, Sequence[Cell]] = dict(driver_cases.known(tx, own, asked.first, last, asked.ahead, from_facts))
    known |= {name: _said(store, found, _FROM_COMMENTS[name]) for name in asked.predictors if name in _FROM_COMMENTS}
    segments = [str(one or NO_SEGMENT) for one in known["segment"]]
    kept = [i for i, one in enumerate(segments) if asked.segment in ("", one)]
    return Table(tuple(found[i] for i in kept), {name: [known[name][i] for i in kept] for name in asked.predictors}, [segments[i] for i in kept])


def _said(store: Store, found: Sequence[Case], theme: str) -> list[Cell]:
    """Whether an account had said it in the days before a case began; None while no comment at all was there yet."""
    if not found:
        return []
    with store.read() as tx:
        version = next(iter(comments.versions(tx)), None)
    rules = version.rules if version else themes.DEFAULT
    place = next((at for at, rule in enumerate(rules) if rule.id == theme), None)
    with store.read_facts() as tx:
        spoken = comments.said(tx, min(one.begins for one in found) - timedelta(SAID_DAYS), max(one.begins for one in found))
    if place is None or not spoken:
        return [None] * len(found)
    matcher, days = themes.Matcher(rules), {}
    for one in spoken:
        if matcher.place(themes.words_of(one.text)) == place:
            days.setdefault(one.account, []).append(one.said_on)
    earliest = spoken[0].said_on
    return [any(one.begins - timedelta(SAID_DAYS) <= day < one.begins for day in days.get(one.account, ())) if one.begins > earliest else None for one in found]


def predictors(question: Question, known: Mapping[str, Sequence[Cell]]) -> list[Predictor]:
    """The predictors of a question for the regression, with their labels and steps."""
    return [Predictor(SOURCES[name].label, _cells(name, known[name]), SOURCES[name].per, SOURCES[name].words,
                      BANDS if name in question.bands and name not in ("segment", "price", "sponsor") else 0) for name in question.predictors]


def _cells(name: str, cells: Sequence[Cell]) -> list[Cell]:
    if name == "segment":
        return [str(one) if one else NO_SEGMENT for one in cells]
    return [one if one is None or isinstance(one, bool) else float(one) for one in cells]


def study(store: Store, question: Question, today: date) -> Answer:
    """What goes with losing an account. Raises StudyRefused when a predictor cannot be used at all."""
    asked = checked(question)
    made = table(store, asked, today)
    known, unknown = _with_figures(made.known)
    if not known:
        raise StudyRefused(f"The facts know nothing of {_listed(unknown)} before these cases began. Load them, or choose other predictors.")
    one = core.study(OUTCOMES[asked.outcome], _happened(asked, made), predictors(replace(asked, predictors=tuple(known)), known), asked.method)
    days = [case.due for case in made.cases]
    return Answer(asked, one, len({case.account for case in made.cases}), len(made.cases), min(days, default=None), max(days, default=None),
                  tuple(_notices(store, asked, made, unknown, today)))


def _happened(asked: Question, made: Table) -> list[bool | None]:
    found = [case.lost if asked.outcome == "lost" else case.smaller for case in made.cases]
    if found and all(one is None for one in found):
        raise StudyRefused("No case says whether it went on for less: load the values due and renewed, or the MRR of each month.")
    return found


def _with_figures(known: Mapping[str, Sequence[Cell]]) -> tuple[dict[str, Sequence[Cell]], list[str]]:
    """The predictors of which something is known, and the names of the others."""
    there = {name: cells for name, cells in known.items() if not cells or any(one is not None for one in cells)}
    return there, [name for name in known if name not in there]


def _notices(store: Store, asked: Question, made: Table, unknown: Sequence[str], today: date) -> list[str]:
    said = []
    if early := _decided_before(store, asked, today):
        one = early == 1
        said.append(f"{early:,} {'renewal was' if one else 'renewals were'} decided before {'its' if one else 'their'} case began, {asked.ahead} days ahead: left out.")
    if unknown:
        said.append(f"The facts know nothing of {_listed(unknown)} before these cases began: left out.")
    accounts = len({case.account for case in made.cases})
    if accounts < len(made.cases):
        said.append(f"{len(made.cases):,} renewals of {accounts:,} accounts: one that renewed before counts each time, so the intervals are a little too narrow.")
    if "price" in asked.predictors:
        with store.read_facts() as tx:
            if not driver_cases.has_seats(tx):
                said.append("Contracts have no seats here: a price rise is an MRR that grew by more than 10% within the year, growth included.")
    return said


def _decided_before(store: Store, asked: Question, today: date) -> int:
    if asked.cohort != "renewals":
        return 0
    with store.read_facts() as tx:
        return driver_cases.decided_before(tx, asked.first, min(asked.last, today), asked.ahead)


def _listed(unknown: Sequence[str]) -> str:
    labels = [SOURCES[name].label for name in unknown]
    return labels[0] if len(labels) == 1 else f"{', '.join(labels[:-1])} and {labels[-1]}"


def compare(store: Store, question: Question, today: date) -> Comparison:
    """The same study in each segment, and which drivers differ between them."""
    asked = replace(checked(question), segment="", predictors=tuple(name for name in question.predictors if name != "segment"))
    if not asked.predictors:
        raise StudyRefused("Segments are compared by other predictors than the segment itself. Choose one.")
    made = table(store, asked, today)
    known, _ = _with_figures(made.known)
    if not known:
        raise StudyRefused(f"The facts know nothing of {_listed(asked.predictors)} before these cases began.")
    return driver_groups.compare(OUTCOMES[asked.outcome], _happened(asked, made), predictors(replace(asked, predictors=tuple(known)), known), made.segments, asked.method)


def first_question(store: Store) -> Question | None:
    """What is asked before anybody chose: the question of the newest kept model, up to now; without one all decided renewals by the
    standard three; the accounts of the last year where no renewal was ever due; None without accounts."""
    with store.read_facts() as tx:
        reach, accounts = driver_cases.span(tx), driver_cases.reach(tx, "account")
    model = next(iter(kept(store)), None)
    asked = question_of(model) if model else Question()
    if reach and asked.cohort == "renewals":
        return replace(asked, first=max(asked.first, reach[0]), last=reach[1])
    if model:
        return asked
    return Question("accounts", accounts - timedelta(365), accounts) if accounts else None


def segments(store: Store) -> tuple[str, ...]:
    """The segments of the accounts, alphabetical."""
    with store.read_facts() as tx:
        return driver_cases.segments(tx)


def made_from(store: Store) -> str:
    """What a study now would be made from: the loads of facts and the version of the rules of themes, as one text."""
    with store.read_facts() as tx:
        count, newest = driver_cases.loads(tx)
    with store.read() as tx:
        rules = next((one.version for one in comments.versions(tx)), 0)
    return f"{count} loads, the last {newest[:12] or 'none'}; themes version {rules}"


# -- models that are kept, and what they say of those at stake now


@dataclass(frozen=True)
class Scored:
    """One account at stake: when it is decided, about how much a year, the chance of losing it (0 to 1) with its interval."""

    account: str
    name: str
    due: date
    value: float
    chance: Interval | None


def keep(store: Store, actor: Actor, name: str, question: Question, today: date, *, id: str = "", now: datetime | None = None) -> KeptModel:
    """The model, kept under a name with what it was made from. Raises StudyRefused without evidence: such a score would be chance."""
    access.require(actor, "log_records")
    said, answer = names.required(name, "name of the model", LONGEST_NAME), study(store, question, today)
    if answer.study.verdict != "evidence" or answer.study.model is None:
        raise StudyRefused(f"Not kept. {answer.study.sentence}")
    own, source = id or secrets.token_hex(6), made_from(store)
    body = {"question": _question_json(answer.question), "model": core.model_to_json(answer.study.model),
            "study": {key: value for key, value in core.to_json(answer.study).items() if key not in ("beside", "calibration")}}

    def work(tx: Tx) -> KeptModel:
        if any(one.name == said for one in studies.models(tx)):
            raise UsageError(f"There is a model {said!r} already. Give this one another name, or withdraw that one.")
        studies.keep_model(tx, own, said, body, source)
        tx.audit("keep_driver_model", f"driver_model:{own}", None, {"name": said, "made_from": source, "question": body["question"], "sentence": answer.study.sentence})
        return next(one for one in studies.models(tx) if one.id == own)

    return store.write(work, actor.name, now)


def withdraw(store: Store, actor: Actor, id: str, *, now: datetime | None = None) -> None:
    """Nothing; the model is no longer listed. It stays in the store."""
    access.require(actor, "log_records")

    def work(tx: Tx) -> None:
        if not studies.withdraw_model(tx, id):
            raise UsageError(f"There is no model '{id[:40]}'.")
        tx.audit("withdraw_driver_model", f"driver_model:{id}", None, None)

    store.write(work, actor.name, now)


def kept(store: Store) -> list[KeptModel]:
    """The kept models, the newest first."""
    with store.read() as tx:
        return studies.models(tx)


def _question_json(question: Question) -> dict[str, Any]:
    return asdict(question) | {"first": question.first.isoformat(), "last": question.last.isoformat()}


def question_of(model: KeptModel) -> Question:
    """What a kept model answers."""
    body = model.body["question"]
    return Question(**{**body, "first": date.fromisoformat(body["first"]), "last": date.fromisoformat(body["last"]),
                       "predictors": tuple(body["predictors"]), "bands": tuple(body["bands"])})


def scores(store: Store, model: KeptModel, today: date, by_date: bool = False) -> list[Scored]:
    """Those at stake now (renewals of the next half year, or all customers) by a kept model, as known today.

    In the order of the alphabet, or of the dates; never by chance of loss. The chance is None where a cell is missing.
    """
    question = question_of(model)
    span = timedelta(SCORED_DAYS) if question.cohort == "renewals" else question.last - question.first
    now = replace(question, first=today, last=today + span)
    made = table(store, now, today, "ahead" if question.cohort == "renewals" else "customers")
    cells = {SOURCES[name].label: _cells(name, made.known[name]) for name in question.predictors}
    found = core.score(core.model_from_json(model.body["model"]), cells) if made.cases else []
    scored = [Scored(case.account, case.name, case.due, case.value, chance) for case, chance in zip(made.cases, found, strict=True)]
    return sorted(scored, key=lambda one: (one.due, one.name, one.account) if by_date else (one.name, one.account, one.due))

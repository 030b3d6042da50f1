"""Answers that come out of a file, and the sheet that people fill in: all of a file is taken, or nothing."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from scorecard import access
from scorecard.access import Actor
from scorecard.core.maturity_file import Practice
from scorecard.core.periods import day
from scorecard.core.rubric import LEVELS, Answer
from scorecard.errors import FileRefused, ScorecardError
from scorecard.intake import answers, reader
from scorecard.intake.answers import Answers, Said
from scorecard.intake.table import HELD, Limits
from scorecard.maturity.answering import EVIDENCE_ABOVE, LONGEST_TEXT, questions
from scorecard.maturity.cycles import LEADERS, TEAM, model_at, one
from scorecard.store import maturity as rows
from scorecard.store import members
from scorecard.store.engine import Store, Tx
from scorecard.store.maturity import Cycle, Given
from scorecard.store.members import Member

GROUPS = {"": TEAM, "team": TEAM, "leader": LEADERS, "leaders": LEADERS}
ONE_RATER = "the file"
Faults = dict[str, list[int]]


@dataclass(frozen=True)
class Template:
    """The sheet to fill in: column heads, a row a practice, and where the level stands."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    @property
    def level(self) -> int:
        return self.heads.index("level")


@dataclass(frozen=True)
class Imported:
    """What came in: how many people and answers, and the practices of the cycle that nobody in the file answered."""

    raters: int
    answers: int
    unanswered: tuple[str, ...]


@dataclass(frozen=True)
class _People:
    """Who stands behind the names of a file in a cycle."""

    members: Mapping[str, Member]
    asked: Mapping[str, rows.Asked]
    began: frozenset[str]


def template(store: Store, actor: Actor, cycle_id: str) -> Template:
    """The sheet of a cycle: what it asks, with what can be seen at each level; rater, level, reason and evidence are blank."""
    access.require(actor, "assess")
    with store.read() as tx:
        cycle = one(tx, cycle_id)
        model = model_at(tx, cycle.model)
    heads = ("rater", "practice", "system", "title", "question", *(f"{n} {name}" for n, name in enumerate(model.level_names, 1)),
             "only when", "level", "reason", "evidence")
    asked = [practice for own in questions(model, cycle).values() for practice in own]
    return Template(heads, tuple(_row(practice, model.systems[practice.system].label) for practice in asked))


def _row(practice: Practice, system: str) -> tuple[str, ...]:
    criteria = " ".join(f"Level {level}: {'; '.join(texts)}." for level, texts in practice.gates.items())
    return ("", practice.id, system, practice.title, practice.question, *practice.levels, criteria, "", "", "")


def import_answers(
    store: Store, actor: Actor, cycle_id: str, source: Path | bytes, name: str, *, rater: str = "", limits: Limits = HELD
) -> Imported:
    """What of a file is now among the answers of an open cycle. `rater` stands where a row names none.

    In a named cycle a rater is a member; in an anonymous one no name is kept. Raises FileRefused with the rows that
    break a rule: then nothing is stored.
    """
    access.require(actor, "decide")
    with store.read() as tx:
        anonymous = _open(tx, cycle_id).anonymous
    table = reader.read(source, name, store.staging, limits)
    try:
        found = answers.read_answers(table, rater or (ONE_RATER if anonymous else ""))
    finally:
        reader.discard(table)

    def work(tx: Tx) -> Imported:
        rows.take_cycle(tx, cycle_id)
        cycle = _open(tx, cycle_id)
        if rows.imported(tx, cycle_id, table.sha256):
            raise FileRefused(f"{table.name}: its answers are in {cycle.title} already. Nothing is stored twice.")
        return _stored(tx, actor, cycle, found, table.name, table.sha256)

    return store.write(work, actor.name)


def _open(tx: Tx, cycle_id: str) -> Cycle:
    cycle = one(tx, cycle_id)
    if not cycle.open:
        raise ScorecardError(f"{cycle.title} was closed by {cycle.closed_by} on {day(cycle.closed_at.date())}. "
                             "Open a cycle for these answers.")
    return cycle


def _stored(tx: Tx, actor: Actor, cycle: Cycle, found: Answers, name: str, sha256: str) -> Imported:
    asked = {practice.id: practice for own in questions(model_at(tx, cycle.model), cycle).values() for practice in own}
    people = _People({one_.person.id: one_ for one_ in members.members(tx)}, rows.asked(tx, cycle.id), rows.began(tx, cycle.id))
    faults: Faults = {}
    who = {label: _who(label, people, cycle.anonymous) for label in dict.fromkeys(one_.rater for one_ in found.answers)}
    parts = {label: _part(label, who[label], found, people, faults) for label in who}
    for answer in found.answers:
        said = found.beside[answer.rater, answer.practice]
        for fault in (_rater_fault(answer.rater, who, people, cycle), _fault(answer, said, asked, cycle)):
            if fault:
                faults.setdefault(fault, []).append(said.row)
    answers.refuse(name, faults)
    _keep(tx, cycle, found, who, parts)
    # In an anonymous cycle the audit says how many answered, never who: a single rater of a file would stand beside the answers.
    tx.audit("import_answers", f"cycle:{cycle.id}", None, {"sha256": sha256, "raters": len(who), "answers": len(found.answers)})
    answered = {one_.practice for one_ in found.answers}
    return Imported(len(who), len(found.answers), tuple(id for id in asked if id not in answered))


def _who(label: str, people: _People, anonymous: bool) -> str:
    """The id of the member behind a label, "" for nobody. An anonymous cycle knows only people who were asked."""
    known = [id for id, member in people.members.items() if member.active and (not anonymous or id in people.asked)]
    for same in (lambda id: id, lambda id: people.members[id].person.name):
        found = [id for id in known if same(id).casefold() == label.casefold()]
        if len(found) == 1:
            return found[0]
    return ""


def _rater_fault(label: str, who: Mapping[str, str], people: _People, cycle: Cycle) -> str:
    """Why a rater's answers are refused, "" when they are not."""
    person = who[label]
    if not person:
        return "" if cycle.anonymous else f"{label[:40]!r} is not an active member: write the id or the name of one"
    member = people.members[person]
    if not access.may(Actor(person, member.person.name, member.role), "assess"):
        return f"{member.person.name} ({member.role}) cannot be asked: only those who may assess maturity"
    if person in people.asked and people.asked[person].finished:
        return f"{member.person.name} has answered already"
    if person in people.began:
        return f"{member.person.name} has begun to answer here: that would be lost"
    if sum(other == person for other in who.values()) > 1:
        return f"{member.person.name} stands under two names"
    return ""


def _part(label: str, person: str, found: Answers, people: _People, faults: Faults) -> str:
    """Leader or team: by the role of a member, else by the column group, which then says the same in every row."""
    if person:
        asked, member = people.asked.get(person), people.members[person]
        return asked.part if asked else LEADERS if member.role == "leader" else TEAM
    said: dict[str, int] = {}
    for answer in found.answers:
        row = found.beside[answer.rater, answer.practice].row
        if answer.rater == label and answer.group.casefold() not in GROUPS:
            faults.setdefault(f"{answer.group[:20]!r} is no group: it is leader or team", []).append(row)
        elif answer.rater == label:
            said.setdefault(GROUPS[answer.group.casefold()], row)
    if len(said) > 1:
        faults.setdefault(f"{label[:40]} stands in two groups", []).append(max(said.values()))
    return next(iter(said), TEAM)


def _fault(answer: Answer, said: Said, asked: Mapping[str, Practice], cycle: Cycle) -> str:
    """Why an answer is refused, "" when it is not: the same rules as on the page."""
    if answer.practice not in asked:
        return f"{answer.practice[:40]!r} is not asked in {cycle.title}"
    if not answer.applicable and not said.reason:
        return "not applicable without a reason"
    if cycle.kind == "full" and (answer.level or 0) > EVIDENCE_ABOVE and not said.evidence:
        return f"above level {EVIDENCE_ABOVE} without evidence"
    longest = max(len(said.reason), len(said.evidence))
    return f"a text of more than {LONGEST_TEXT:,} signs" if longest > LONGEST_TEXT else ""


def _keep(tx: Tx, cycle: Cycle, found: Answers, who: Mapping[str, str], parts: Mapping[str, str]) -> None:
    asked = rows.asked(tx, cycle.id)
    rows.ask(tx, cycle.id, [(person, parts[label]) for label, person in who.items() if person and person not in asked])
    rows.finished(tx, cycle.id, [person for person in who.values() if person])
    key: Callable[[str], str] = (lambda label: secrets.token_hex(16)) if cycle.anonymous else who.__getitem__
    raters = {label: key(label) for label in who}
    rows.add_answers(tx, cycle, [
        _given(answer, found.beside[answer.rater, answer.practice], raters[answer.rater], parts[answer.rater])
        for answer in found.answers
    ])


def _given(answer: Answer, said: Said, rater: str, part: str) -> Given:
    """An answer as it is kept: who filled in the sheet has met the criteria of the level that was typed."""
    level = answer.level if answer.level in LEVELS else None
    return Given(rater, answer.practice, part, level, level, answer.applicable, said.reason, said.evidence)

"""Hiring (E2, E7): the same questions to everybody, scored by several interviewers before they see one another's scores.

What is asked comes from the position: education, experience, and the traits that the team chose for it. Nothing is added up to a
total, candidates stand in alphabetical order, and no test of personality is scored.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from scorecard import access, registers
from scorecard.core import names
from scorecard.core.reading import Sentence, count_word
from scorecard.core.rubric import average_deviation, cut_off
from scorecard.errors import NotAllowed, UsageError
from scorecard.people import named, positions

if TYPE_CHECKING:
    from scorecard.access import Actor
    from scorecard.registers import Entry
    from scorecard.store.engine import Store
    from scorecard.store.members import Person
    from scorecard.store.tx import Tx

OPENING, CANDIDATE, SCORE, OPEN = "opening", "candidate", "candidate_score", "open"
EDUCATION, EXPERIENCE = "Education", "Experience"
LEAST, MOST = 1, 5
RECOMMENDS = ("yes", "unsure", "no")


@dataclass(frozen=True)
class Question:
    """What everybody is asked: the trait (or education, experience), the question, and what a good answer shows."""

    trait: str
    question: str = ""
    good: str = ""


@dataclass(frozen=True)
class Criterion:
    """One criterion with the score of each interviewer in the order of the panel, None where none was given; `apart` when they see it very differently."""

    name: str
    scores: tuple[int | None, ...]
    apart: bool


@dataclass(frozen=True)
class Candidate:
    """One candidate: who has scored (names), whether the reader's own score is still to come, and what was scored, once the reader may see it.

    `recommends` maps names of interviewers to what they recommend, `words` to what they wrote.
    """

    id: str
    name: str
    state: str
    done: int
    own_missing: bool
    interviewers: tuple[str, ...]
    criteria: tuple[Criterion, ...]
    recommends: Mapping[str, str]
    words: Mapping[str, str]


@dataclass(frozen=True)
class Opening:
    """An open position with its questions and interviewers; candidates only for those who interview or lead it."""

    id: str
    title: str
    position: str
    wanted_by: date | None
    panel: tuple[str, ...]
    questions: tuple[Question, ...]
    candidates: tuple[Candidate, ...]


def open_ones(tx: Tx) -> list[Entry]:
    """The openings that are open."""
    return registers.entries(tx, OPENING, state=OPEN, order="title")


def read(store: Store, actor: Actor) -> tuple[Opening, ...]:
    """The open positions, with the candidates and the scores that the actor may see."""
    with store.read() as tx:
        found = open_ones(tx)
        plans, people = {one.id: one for one in positions.read(tx)}, named.team(tx).people
        candidates = registers.entries(tx, CANDIDATE, actor=actor, order="title") if found else []
        scores = registers.entries(tx, SCORE, actor=actor) if candidates else []
        given = _given(tx) if candidates else {}
    return tuple(_opening(one, plans.get(str(one.values["position"])), people, candidates, scores, given, actor) for one in found)


def _given(tx: Tx) -> dict[str, set[str]]:
    """Who has scored each candidate: for the count, and for knowing whose is missing; not what they scored."""
    rows = tx.all(
        """SELECT c.value, e.person FROM register_entry AS e
           JOIN register_value AS c ON c.register = e.register AND c.entry = e.id AND c.version = e.version AND c.field = 'candidate' WHERE e.register = $1""",
        [SCORE],
    )
    found: dict[str, set[str]] = {}
    for candidate, person in rows:
        found.setdefault(candidate, set()).add(person)
    return found


def questions(position: positions.Position | None) -> tuple[Question, ...]:
    """What everybody is asked for a position, in the order of its plan."""
    return tuple(Question(str(row["trait"]), str(row.get("question", "")), str(row.get("good", ""))) for row in (position.traits if position else ()))


def _opening(one: Entry, position: positions.Position | None, people: Mapping[str, Person], candidates: Sequence[Entry], scores: Sequence[Entry],
             given: Mapping[str, set[str]], actor: Actor) -> Opening:  # fmt: skip
    asked = questions(position)
    panel = [person.name for person in named.alphabetical(people, one.values.get("panel", ()))]
    own = actor.person in one.values.get("panel", ())
    found = tuple(_candidate(each, asked, people, [score for score in scores if score.values.get("candidate") == each.id], given.get(each.id, set()), own, actor)
                  for each in candidates if each.values.get("opening") == one.id)  # fmt: skip
    wanted = one.values.get("wanted_by")
    return Opening(one.id, one.title, position.name if position else "", date.fromisoformat(wanted) if wanted else None, tuple(panel), asked, found)


def _candidate(one: Entry, asked: Sequence[Question], people: Mapping[str, Person], scores: Sequence[Entry], given: set[str], on_panel: bool, actor: Actor) -> Candidate:
    by = {score.person: score for score in scores}
    who = named.alphabetical(people, by)
    open_ = on_panel and actor.person not in given and not _ended(one)
    criteria = tuple(_criterion(name, [_scored(by[person.id], name) for person in who]) for name in (EDUCATION, EXPERIENCE, *(each.trait for each in asked)))
    said = {person.name: by[person.id].values for person in who}
    return Candidate(one.id, one.title, one.state, len(given), open_, tuple(said), criteria if who else (),
                     {name: str(each["recommend"]) for name, each in said.items()}, {name: str(each["words"]) for name, each in said.items() if each.get("words")})  # fmt: skip


def _ended(one: Entry) -> bool:
    state = registers.register(one.register).state(one.state)
    return state is not None and state.ended


def _scored(entry: Entry, name: str) -> int | None:
    if name in (EDUCATION, EXPERIENCE):
        found = entry.values.get(name.lower())
    else:
        found = next((row["score"] for row in entry.values.get("traits", ()) if names.bare(str(row["trait"])) == names.bare(name)), None)
    return None if found is None else int(found)


def _criterion(name: str, scores: Sequence[int | None]) -> Criterion:
    known = [float(one) for one in scores if one is not None]
    return Criterion(name, tuple(scores), len(known) > 1 and average_deviation(known) > cut_off(MOST))


def sentences(found: Sequence[Opening]) -> list[Sentence]:
    """What waits for the reader's own score, and what interviewers see very differently."""
    said = []
    waiting = [one for opening in found for one in opening.candidates if one.own_missing]
    if waiting:
        who = waiting[0].name if len(waiting) == 1 else f"{count_word(len(waiting)).capitalize()} candidates"
        said.append(Sentence(f"{who} {'waits' if len(waiting) == 1 else 'wait'} for your score.", "The scores of the others are shown after yours."))
    for one in (each for opening in found for each in opening.candidates):
        apart = [each.name for each in one.criteria if each.apart]
        if apart:
            said.append(Sentence(f"{one.name}: the interviewers are far apart on {', '.join(apart)}.", "Talk about what each heard before deciding."))
    return said


# -- commands


def score(store: Store, actor: Actor, candidate: str, *, education: int, experience: int, traits: Mapping[str, tuple[int, str]], recommend: str, words: str = "", today: date) -> Entry:
    """The score of this interviewer, given once. `traits` maps each trait of the position to (score, what was heard).

    Raises NotAllowed for who is not on the panel, UsageError when a trait is missing or was not asked, or when they have scored already.
    """
    of = registers.register(SCORE)
    access.require(actor, of.write)

    def work(tx: Tx) -> Entry:
        asked = _asked(tx, actor, candidate)
        if actor.person in _given(tx).get(candidate, set()):
            raise UsageError("Your score is given already. Open it to correct it; its history shows both.")
        rows = _rows(asked, traits)
        said: dict[str, Any] = {"candidate": candidate, "interviewer": actor.person, "education": education, "experience": experience, "recommend": recommend, "scored_on": today}
        said |= ({"traits": rows} if rows else {}) | ({"words": words} if words.strip() else {})
        return registers.put(store, tx, of, said, None, today, secrets.token_hex(6), actor)

    return store.write(work, actor.name)


def _asked(tx: Tx, actor: Actor, candidate: str) -> tuple[Question, ...]:
    """The questions that the candidate is asked. Raises NotAllowed for who does not interview them."""
    one = registers.one(tx, CANDIDATE, candidate, actor)
    opening = registers.one(tx, OPENING, str(one.values["opening"]))
    if actor.person not in opening.values.get("panel", ()):
        raise NotAllowed("Only the interviewers of the opening score its candidates.")
    position = str(opening.values["position"])
    return questions(next((each for each in positions.read(tx) if each.id == position), None))


def _rows(asked: Sequence[Question], traits: Mapping[str, tuple[int, str]]) -> list[dict[str, Any]]:
    wanted = [one.trait for one in asked]
    if missing := [name for name in wanted if name not in traits]:
        raise UsageError(f"A score is missing: {', '.join(missing)}. Everybody is asked the same.")
    if strange := [name for name in traits if name not in wanted]:
        raise UsageError(f"'{strange[0]}' is not asked for this position. It asks: {', '.join(wanted)}.")
    return [{"trait": name, "score": traits[name][0]} | ({"heard": traits[name][1]} if traits[name][1].strip() else {}) for name in wanted]

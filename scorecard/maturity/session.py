"""The consensus session: a facilitator chooses a practice, everybody votes again, the votes are shown to all at one moment.

Votes are new answers and change nothing in the cycle. In a named cycle they are shown with names. In an anonymous one they
are shown without, from five up, and only once for each practice: two counts a moment apart would show who changed.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from scorecard import access
from scorecard.access import Actor
from scorecard.core import rubric
from scorecard.core.rubric import Answer, Score
from scorecard.errors import NotAllowed, ScorecardError, StaleEdit, UsageError
from scorecard.maturity.answering import questions
from scorecard.maturity.cycles import model_at, one
from scorecard.store import maturity as cycle_rows
from scorecard.store import maturity_sessions as rows
from scorecard.store import members
from scorecard.store.engine import Store, Tx
from scorecard.store.maturity import Agreed
from scorecard.store.maturity_sessions import Session, Vote

TALK, VOTE, SHOWN = "talk", "vote", "shown"
NOT_YET = "not yet"


@dataclass(frozen=True)
class Room:
    """What one person in a session sees. `voted` counts the votes of this round; `own` is the person's, "not yet" before.

    `score` holds the votes once they are shown, hidden below five without names; `by_name` who voted what, in named cycles.
    """

    session: Session
    present: tuple[str, ...]
    voted: int
    own: int | None | str
    score: Score | None
    by_name: tuple[tuple[str, int | None], ...]
    agreed: Agreed | None


def begin(store: Store, actor: Actor, cycle_id: str) -> Session:
    """The session of a closed cycle, opened, or the one that is under way."""
    access.require(actor, "decide")

    def work(tx: Tx) -> Session:
        cycle = one(tx, cycle_id)
        if cycle.open:
            raise ScorecardError(f"{cycle.title} is open. A session talks about what was said when the cycle is closed.")
        cycle_rows.take_cycle(tx, cycle_id)  # Two who open one at the same moment get the same.
        under_way = rows.of_cycle(tx, cycle_id)
        if under_way:
            return under_way
        new = Session(secrets.token_hex(4), cycle_id, not cycle.anonymous, "", 0, TALK, actor.name, tx.now, None, actor.name, 1)
        rows.insert(tx, new)
        rows.join(tx, new.id, actor.person)
        tx.audit("open_session", f"cycle:{cycle_id}", None, {"session": new.id, "named": new.named})
        return new

    return store.write(work, actor.name)


def under_way(store: Store, cycle_id: str) -> Session | None:
    """The session of a cycle that has not ended."""
    with store.read() as tx:
        return rows.of_cycle(tx, cycle_id)


def join(store: Store, actor: Actor, session_id: str) -> None:
    """Nothing; the actor is one of those who opened the session."""
    access.require(actor, "assess")

    def work(tx: Tx) -> None:
        at = _running(tx, session_id)
        _may_come(tx, actor, at)
        if rows.join(tx, at.id, actor.person):
            tx.audit("join_session", f"session:{session_id}", None, {"person": actor.person})

    store.write(work, actor.name, quiet=True)


def room(store: Store, actor: Actor, session_id: str) -> Room:
    """What the actor sees now. Nobody sees a vote of somebody else before all are shown."""
    access.require(actor, "assess")
    with store.read() as tx:
        at = _known(tx, session_id)
        cast = rows.votes(tx, at.id, at.practice, at.round) if at.step != TALK else []
        here = [_name(tx, person) for person in rows.present(tx, at.id)]
        agreed = cycle_rows.agreed(tx, at.cycle).get(at.practice)
        by_name = tuple(sorted((_name(tx, one_.voter), one_.level) for one_ in cast)) if at.named and at.step == SHOWN else ()
    own = next((one_.level for one_ in cast if one_.voter == actor.person), NOT_YET) if at.step == VOTE or at.named else NOT_YET
    score = _score(cast, at) if at.step == SHOWN else None
    return Room(at, tuple(here), len(cast), own, score, by_name, agreed)


def _name(tx: Tx, person: str) -> str:
    found = members.person(tx, person)
    return found.name if found else person


def _score(cast: list[Vote], at: Session) -> Score:
    """The votes as a score; votes that were too few to show are not stored, and what is left is hidden."""
    if not cast:
        return Score(at.practice, rubric.ALL, None, None, None, None, None, None, None, True)
    answers = [Answer(one_.voter, at.practice, one_.level) for one_ in cast]
    return rubric.score(answers, {at.practice: at.practice}, not at.named).practices[0]


def choose(store: Store, actor: Actor, session_id: str, practice: str, seen_version: int) -> Session:
    """The session, in which everybody looks at this practice now."""
    access.require(actor, "decide")

    def work(tx: Tx) -> Session:
        at = _seen(tx, session_id, seen_version)
        cycle = one(tx, at.cycle)
        if practice not in {one_.id for own in questions(model_at(tx, cycle.model), cycle).values() for one_ in own}:
            raise UsageError(f"{practice[:40]!r} was not asked in {cycle.title}.")
        _leave(tx, at)
        before = rows.newest_round(tx, at.id, practice)
        tx.audit("choose_practice", f"session:{session_id}", None, {"practice": practice})
        return rows.step(tx, at, practice, before, SHOWN if before else TALK)

    return store.write(work, actor.name, quiet=True)


def _leave(tx: Tx, at: Session) -> None:
    """Votes that nobody has seen are deleted when the session goes on without showing them."""
    if at.step == VOTE:
        rows.forget(tx, at.id, at.practice, at.round)


def call(store: Store, actor: Actor, session_id: str, seen_version: int) -> Session:
    """The session, in which everybody may vote on the practice now."""
    access.require(actor, "decide")

    def work(tx: Tx) -> Session:
        at = _seen(tx, session_id, seen_version)
        if not at.practice or at.step == VOTE:
            raise UsageError("Choose a practice first." if not at.practice else f"The vote on {at.practice} is open already.")
        if not at.named and rows.was_called(tx, at.cycle, at.practice):
            raise ScorecardError(f"The votes on {at.practice} were shown once. A second count without names would show who changed.")
        tx.audit("call_vote", f"session:{session_id}", None, {"practice": at.practice})
        return rows.step(tx, at, at.practice, at.round + 1, VOTE)

    return store.write(work, actor.name, quiet=True)


def vote(store: Store, actor: Actor, session_id: str, practice: str, round: int, level: int | None) -> None:
    """Nothing; the actor's vote stands, until he gives another. `level` None is "I don't know".

    Raises ScorecardError when the votes were shown, or another practice was chosen, meanwhile.
    """
    access.require(actor, "assess")
    if level is not None and level not in rubric.LEVELS:
        raise UsageError(f"{level!r} is no level from 1 to {len(rubric.LEVELS)}.")

    def work(tx: Tx) -> None:
        at = _running(tx, session_id)
        if (at.practice, at.round) != (practice, round) or at.step != VOTE:
            why = "were shown" if at.practice == practice and at.step == SHOWN else "are no longer taken"
            raise ScorecardError(f"Not counted: the votes on {practice[:40]} {why} meanwhile, by {at.changed_by}.")
        _may_come(tx, actor, at)
        rows.join(tx, at.id, actor.person)
        rows.put_vote(tx, at, actor.person, level)
        tx.audit("voted", f"session:{session_id}", None, {"person": actor.person})

    store.write(work, actor.name, quiet=True)


def reveal(store: Store, actor: Actor, session_id: str, seen_version: int) -> Session:
    """The session, in which everybody sees the votes from this moment on.

    Without names they lose every tie to a person in the same transaction; fewer than five are deleted and never shown.
    """
    access.require(actor, "decide")

    def work(tx: Tx) -> Session:
        at = _seen(tx, session_id, seen_version)
        if at.step != VOTE:
            raise UsageError("No vote is open.")
        cast = rows.votes(tx, at.id, at.practice, at.round)
        hidden = not cast or _score(cast, at).hidden
        rows.show(tx, at, [] if hidden else cast)
        tx.audit("show_votes", f"session:{session_id}", None, {"practice": at.practice, "votes": len(cast)})
        return rows.step(tx, at, at.practice, at.round, SHOWN)

    return store.write(work, actor.name, quiet=True)


def end(store: Store, actor: Actor, session_id: str, seen_version: int) -> Session:
    """The session, ended. Votes that were not shown are deleted; what was agreed stays."""
    access.require(actor, "decide")

    def work(tx: Tx) -> Session:
        at = _seen(tx, session_id, seen_version)
        rows.forget_unshown(tx, at.id)
        tx.audit("end_session", f"session:{session_id}", None, {})
        return rows.step(tx, at, at.practice, at.round, TALK, tx.now)

    return store.write(work, actor.name)


def _may_come(tx: Tx, actor: Actor, at: Session) -> None:
    """Nothing for who was asked in the cycle, and for who leads sessions; everybody where nobody was asked by name."""
    asked = cycle_rows.asked(tx, at.cycle)
    if asked and actor.person not in asked and not access.may(actor, "decide"):
        raise NotAllowed(f"{actor.name} was not asked in {one(tx, at.cycle).title}. Its session is for those who were.")


def _known(tx: Tx, session_id: str) -> Session:
    found = rows.session(tx, session_id)
    if found is None:
        raise UsageError(f"There is no session {session_id[:40]!r}.")
    return found


def _running(tx: Tx, session_id: str) -> Session:
    found = _known(tx, session_id)
    if found.ended_at is not None:
        raise ScorecardError(f"The session was ended by {found.changed_by}. What was agreed stands with the results.")
    return found


def _seen(tx: Tx, session_id: str, seen_version: int) -> Session:
    """The session as the facilitator saw it. Raises StaleEdit when it went on meanwhile."""
    at = _running(tx, session_id)
    if at.version != seen_version:
        where = {TALK: "talks about", VOTE: "votes on", SHOWN: "has seen the votes on"}[at.step]
        raise StaleEdit(f"Not done: {at.changed_by} took the session further meanwhile; it {where} {at.practice or 'nothing yet'}. Look at it again.")
    return at

"""Feedback rounds: who works with a leader is asked, by page or personal link, and nobody's name stays with an answer.

A round is about one person. It is opened by that person or by who leads them, and ends for good: results are shown once, when
it is closed, and the next round about the same person begins months later, so that no two rounds differ by a few people.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path

from scorecard import access
from scorecard.access import Actor
from scorecard.core import feedback_form, names
from scorecard.core.feedback import GROUPS, PEERS, REPORTS, SELF, SUPERIORS
from scorecard.core.feedback_form import Form
from scorecard.core.periods import day
from scorecard.core.rubric import THRESHOLD
from scorecard.errors import NotAllowed, ScorecardError, UsageError
from scorecard.sharing import TOKEN_BYTES, hash_of
from scorecard.store import feedback as rows
from scorecard.store import members
from scorecard.store.engine import Store, Tx
from scorecard.store.feedback import Asked, Link, Round
from scorecard.store.members import Person

FILE = Path(__file__).resolve().parents[2] / "data" / "feedback.toml"
PAGE, TOKEN = "answer", "feedback"
APART_DAYS = 90
LONGEST_TITLE, LONGEST_NAME, MOST_PEOPLE = 80, 120, 200
WORDS = {REPORTS: "reports", PEERS: "peers", SUPERIORS: "superiors"}
Outside = Mapping[str, Sequence[str]]


def form() -> Form:
    """The form that a new round begins with. Raises DefinitionError with a line for each fault of the file."""
    return feedback_form.parse(_text(FILE, FILE.stat().st_mtime_ns), FILE.name)


@lru_cache(maxsize=2)
def _text(path: Path, changed: int) -> str:
    return path.read_text("utf-8")


def one(tx: Tx, id: str) -> Round:
    """The round with this id. Raises UsageError."""
    found = rows.one(tx, id)
    if found is None:
        raise UsageError(f"There is no feedback round {id[:40]!r}.")
    return found


def form_of(found: Round) -> Form:
    """The form that a round was opened with."""
    return feedback_form.parse(found.form)


# -- who may


def stands_by(tx: Tx, actor: Actor, person: str) -> bool:
    """Whether the actor is the person, or leads them today and may read what is kept about people."""
    return near(actor, members.person(tx, person))


def near(actor: Actor, about: Person | None) -> bool:
    """The same of a person who is read already."""
    if about is None or not actor.person:
        return False
    return actor.person == about.id or (actor.person == about.leader and access.may(actor, "read_people"))


def require_near(tx: Tx, actor: Actor, person: str) -> None:
    """Nothing, for the person and who leads them. Raises NotAllowed."""
    if not stands_by(tx, actor, person):
        raise NotAllowed("Feedback to a leader is read and asked for by that leader and by who leads them.")


# -- opening


def suggested(store: Store, actor: Actor, person: str) -> dict[str, list[str]]:
    """Group -> ids of the people that the organisation's lines suggest: who reports to the person, has the same leader, leads them."""
    access.require(actor, "decide")
    with store.read() as tx:
        require_near(tx, actor, person)
        everybody = [each.person for each in members.members(tx) if each.active]
        about = members.person(tx, person)
    return {REPORTS: [each.id for each in everybody if each.leader == person],
            PEERS: [each.id for each in everybody if about.leader and each.leader == about.leader and each.id != person],
            SUPERIORS: [each.id for each in everybody if each.id == about.leader]}  # fmt: skip


def open_round(
    store: Store, actor: Actor, *, person: str, title: str, people: Mapping[str, Sequence[str]], closes: date, today: date,
    outside: Outside | None = None, hand_to: str = "", id: str = "",
) -> Round:  # fmt: skip
    """The new round. `people` are members' ids by group, `outside` names by group of who answers by a link and is no member.

    `hand_to` is the go-between: the member who makes the personal links, reads what superiors wrote when fewer than five of them
    answered, and passes it on. Who reads results makes no links: with four of five in hand, the fifth answer could be told.
    """
    access.require(actor, "decide")
    if closes < today:
        raise UsageError(f"A round ends today or later; {day(closes)} is past.")
    text, named = _text(FILE, FILE.stat().st_mtime_ns), names.required(title, "title", LONGEST_TITLE)
    feedback_form.parse(text, FILE.name)

    def work(tx: Tx) -> Round:
        require_near(tx, actor, person)
        asked = _asked(tx, person, people, outside or {})
        _check_sizes(asked)
        _check_between(tx, hand_to, person, asked)
        _check_apart(tx, person, today)
        new = Round(id or secrets.token_hex(6), named, person, text, hand_to, today, closes, "open", actor.name, tx.now, "", None, 1)
        rows.insert(tx, new, asked)
        tx.audit("open feedback", f"feedback:{new.id}", None, {"closes": closes.isoformat(), "asked": len(asked)})
        return new

    return store.write(work, actor.name)


def _asked(tx: Tx, person: str, people: Mapping[str, Sequence[str]], outside: Outside) -> list[Asked]:
    found = {person: Asked(person, "", SELF, False)}
    for group in GROUPS:
        for id in people.get(group, ()):
            member = members.member(tx, id)
            if member is None or not member.active:
                raise UsageError(f"{id!r} is not an active member. Who is none is asked by name, with a personal link.")
            if id in found:
                raise UsageError(f"{member.person.name} is asked in one group only, once.")
            found[id] = Asked(id, "", group, False)
        for told in outside.get(group, ()):
            name = names.required(told, "name", LONGEST_NAME)
            if any(each.name and names.bare(each.name) == names.bare(name) for each in found.values()):
                raise UsageError(f"{name} is asked in one group only, once.")
            id = f"{rows.OUTSIDE}{secrets.token_hex(6)}"
            found[id] = Asked(id, name, group, False)
    if unknown := [group for group in (*people, *outside) if group not in GROUPS]:
        raise UsageError(f"There is no group {unknown[0]!r}. There is: {', '.join(GROUPS)}.")
    return list(found.values())


def _check_sizes(asked: Sequence[Asked]) -> None:
    if len(asked) > MOST_PEOPLE:
        raise UsageError(f"{len(asked) - 1} people are too many for one round; at most {MOST_PEOPLE - 1}.")
    if not any(sum(each.group == group for each in asked) >= THRESHOLD for group in GROUPS):
        raise UsageError(f"Ask at least {THRESHOLD} people of one group: fewer are never shown, so that nobody can be told from their answers.")


def _check_between(tx: Tx, hand_to: str, person: str, asked: Sequence[Asked]) -> None:
    if not hand_to:
        if any(each.name for each in asked):
            raise UsageError("Who is no member answers by a personal link, and only a go-between makes links. Name one who is not asked.")
        return
    found = members.member(tx, hand_to)
    if found is None or not found.active:
        raise UsageError(f"{hand_to!r} is not an active member.")
    about = members.person(tx, person)
    if hand_to in {each.person for each in asked} or found.person.leader == person or hand_to == about.leader:
        raise UsageError(f"{found.person.name} cannot be the go-between: choose somebody who is not asked, reads no results and does not report to the leader.")


def _check_apart(tx: Tx, person: str, today: date) -> None:
    if told := _not_yet(tx, person, today):
        raise ScorecardError(told)


def not_yet(store: Store, actor: Actor, person: str, today: date) -> str:
    """Why no round about a person can begin today, in a sentence; "" when one can."""
    access.require(actor, "decide")
    with store.read() as tx:
        require_near(tx, actor, person)
        return _not_yet(tx, person, today)


def _not_yet(tx: Tx, person: str, today: date) -> str:
    """Two rounds that differ by one person, a few days apart, would tell what that one said. A round that showed nothing is none."""
    past = rows.rounds(tx, person)
    if running := next((each for each in past if each.open), None):
        return f"{running.title} is open until {day(running.closes)}. One round at a time."
    shown = [each for each in past if any(done >= THRESHOLD for group, (_, done) in counts(rows.asked(tx, each.id)).items() if group != SELF)]
    last = max((each.closed_at.date() for each in shown), default=None)
    if last is None or today >= last + timedelta(days=APART_DAYS):
        return ""
    return (f"The last round was closed on {day(last)}. The next can begin on {day(last + timedelta(days=APART_DAYS))}: "
            "two rounds close together would tell what one person said.")  # fmt: skip


# -- while it is open


@dataclass(frozen=True)
class Standing:
    """How far a round is: (asked, finished) by group; `late` are the names of who has not finished, in alphabetical order."""

    round: Round
    name: str
    counts: dict[str, tuple[int, int]]
    late: tuple[tuple[str, str], ...]


def standings(store: Store, actor: Actor) -> list[Standing]:
    """The rounds about the actor and about those they lead, the newest first."""
    access.require(actor, "own_data")
    with store.read() as tx:
        people = {each.id: each for each in members.people(tx)}
        return [standing(tx, each, people) for each in reversed(rows.rounds(tx)) if near(actor, people.get(each.person))]


def standing(tx: Tx, found: Round, people: Mapping[str, Person]) -> Standing:
    """How far a round is; who calls this has asked for permission."""
    asked = rows.asked(tx, found.id)
    names_of = {id: each.name or (people[id].name if id in people else id) for id, each in asked.items() if found.open and not each.finished}
    return Standing(found, people[found.person].name, counts(asked), tuple(sorted(names_of.items(), key=lambda pair: names.order(pair[1]))))


def counts(asked: Mapping[str, Asked]) -> dict[str, tuple[int, int]]:
    """(asked, finished) of each group in which anybody is asked."""
    own = {group: [each for each in asked.values() if each.group == group] for group in (*GROUPS, SELF)}
    return {group: (len(each), sum(who.finished for who in each)) for group, each in own.items() if each}


def _name(tx: Tx, asked: Asked) -> str:
    known = None if asked.name else members.person(tx, asked.person)
    return asked.name or (known.name if known else asked.person)


def close(store: Store, actor: Actor, id: str) -> Round:
    """The round, closed: nobody answers any more, what was not sent is deleted. A second time changes nothing."""
    access.require(actor, "decide")

    def work(tx: Tx) -> Round:
        require_near(tx, actor, one(tx, id).person)
        if rows.close(tx, id):
            tx.audit("close feedback", f"feedback:{id}", None, None)
        return one(tx, id)

    return store.write(work, actor.name)


# -- personal links


@dataclass(frozen=True)
class Made:
    """A new link for somebody. The token is shown once: only its hash is kept."""

    name: str
    token: str

    @property
    def path(self) -> str:
        """The path of the form below the address of the server."""
        return f"/{PAGE}?{TOKEN}={self.token}"


@dataclass(frozen=True)
class Guest:
    """Who came by a link, and the only round that is open to them."""

    actor: Actor
    round: Round


def invite(store: Store, actor: Actor, id: str, people: Sequence[str], today: date) -> list[Made]:
    """A new link for each of the people who have not finished, by name, made by the go-between; their earlier links end."""
    access.require(actor, "own_data")

    def work(tx: Tx) -> list[Made]:
        found = still_open(one(tx, id), today)
        if not found.hand_to or actor.person != found.hand_to:
            raise NotAllowed("Personal links are made by the go-between of a round, who reads no results, and by nobody else.")
        asked = rows.asked(tx, id)
        if strangers := [each for each in people if each not in asked or asked[each].finished]:
            raise UsageError(f"{strangers[0]!r} is not asked in {found.title}, or has finished.")
        made = [_made(tx, found, asked[each]) for each in dict.fromkeys(people)]
        tx.audit("invite feedback", f"feedback:{id}", None, {"links": len(made)})
        return sorted(made, key=lambda each: names.order(each.name))

    return store.write(work, actor.name)


def _made(tx: Tx, found: Round, asked: Asked) -> Made:
    token = secrets.token_urlsafe(TOKEN_BYTES)
    rows.end_links(tx, found.id, asked.person)
    rows.insert_link(tx, Link(secrets.token_hex(6), found.id, asked.person, tx.actor, tx.now, None), hash_of(token))
    return Made(_name(tx, asked), token)


def opened(store: Store, token: str, today: date, signed_in: Actor | None = None) -> Guest:
    """Who has this link, and their round. Raises NotAllowed with a sentence that says what to do.

    Who is `signed_in` as somebody else, such as the go-between who made the link, does not answer in this person's name.
    """
    with store.read() as tx:
        found = rows.link_by_hash(tx, hash_of(token))
        if found is None or not hmac.compare_digest(found[1], hash_of(token)):
            raise NotAllowed("This link does not exist. Check that the address is complete, or ask for a new one.")
        link, of = found[0], one(tx, found[0].round)
        asked = rows.asked(tx, of.id).get(link.person)
        member = members.member(tx, link.person)
        name = _name(tx, asked) if asked else ""
    if link.revoked_at is not None and of.open:
        raise NotAllowed(f"This link ended on {day(link.revoked_at.date())}. Ask {link.made_by} for a new one.")
    try:
        still_open(of, today)
    except ScorecardError as refusal:
        raise NotAllowed(f"{refusal} Nobody answers any more.") from None
    if asked is None or (member is not None and not member.active):
        raise NotAllowed(f"This link ended: you take no part any more. Ask {link.made_by}.")
    if signed_in is not None and signed_in.person != link.person:
        raise NotAllowed(f"This link is for {name} alone, and you are signed in as {signed_in.name}. Nobody answers in another's name: send the link to {name}.")
    return Guest(Actor(link.person, name, "viewer"), of)


def still_open(found: Round, today: date | None) -> Round:
    """The round, when it takes answers. Raises ScorecardError."""
    if not found.open:
        raise ScorecardError(f"{found.title} was closed on {day(found.closed_at.date())}.")
    if today is not None and found.closes < today:
        raise ScorecardError(f"{found.title} ended on {day(found.closes)}.")
    return found

"""What the page Leadership shows one reader of feedback rounds, read at once: nothing of it is kept for another."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from scorecard import access
from scorecard.access import Actor
from scorecard.core.reading import Sentence
from scorecard.leadership import round_aims, round_answers, round_results
from scorecard.leadership.round_aims import Agreed
from scorecard.leadership.round_answers import Left
from scorecard.leadership.round_results import Results
from scorecard.leadership.rounds import Standing, near, standing
from scorecard.store import feedback as rows
from scorecard.store import members
from scorecard.store.engine import Store
from scorecard.store.feedback import Round


@dataclass(frozen=True)
class Shown:
    """The last closed round about a leader, with its aims and those of the round before."""

    found: Results
    agreed: tuple[Agreed, ...]
    again: tuple[Agreed, ...]

    @property
    def sentence(self) -> Sentence | None:
        """What stands first on the page; None when nothing can be said."""
        return round_results.sentence(self.found, frozenset(one.aim.item for one in self.agreed))


@dataclass(frozen=True)
class Here:
    """For one reader: whose feedback they may see (id -> name, by name), the chosen one, their open and their last closed round,
    what waits for an answer of the reader, what the reader passes on, and the open rounds whose go-between the reader is."""

    people: dict[str, str]
    about: str
    open: Standing | None
    shown: Shown | None
    waiting: tuple[Left, ...]
    pass_on: tuple[tuple[Round, str], ...]
    between: tuple[Standing, ...]


def read(store: Store, actor: Actor, asked: str, today: date) -> Here:
    """What the reader sees; `asked` is the id of the leader they chose, "" for themselves, else the first by name."""
    access.require(actor, "own_data")
    with store.read() as tx:
        found = rows.rounds(tx)
        people = {each.id: each for each in members.people(tx)} if found else {}
        offered = {id: one.name for id, one in people.items() if near(actor, one) and any(each.person == id for each in found)}
        about = asked if asked in offered else actor.person if actor.person in offered else next(iter(offered), "")
        own = [each for each in found if about and each.person == about]
        running = next((standing(tx, each, people) for each in own if each.open), None)
        last = next((each for each in reversed(own) if not each.open), None)
        results = round_results.results_in(tx, last, own, people) if last else None
        shown = Shown(results, *round_aims.both_in(tx, results)) if results else None
        waiting = round_answers.waiting_in(tx, actor, today) if any(each.open for each in found) else ()
        between = tuple(standing(tx, each, people) for each in found if each.open and each.hand_to and each.hand_to == actor.person)
        return Here(offered, about, running, shown, waiting, round_results.to_pass_on_in(tx, actor, found, people), between)

"""What a closed round says: means and spread by group, the own view beside them, words, the last round. What is hidden is hidden here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from scorecard import access
from scorecard.access import Actor
from scorecard.core import feedback
from scorecard.core.feedback import GROUPS, REPORTS, SELF, SUPERIORS, Answer, Seen
from scorecard.core.feedback_form import Form, Question
from scorecard.core.periods import day
from scorecard.core.reading import Sentence
from scorecard.core.rubric import THRESHOLD
from scorecard.errors import NotAllowed
from scorecard.leadership.rounds import counts, form_of, one, require_near
from scorecard.store import feedback as rows
from scorecard.store import members
from scorecard.store.engine import Store, Tx
from scorecard.store.feedback import Round
from scorecard.store.members import Person


@dataclass(frozen=True)
class Line:
    """One statement: how each group sees it, the own level, the reports' mean of the last round, reports less own (in levels)."""

    item: str
    label: str
    seen: dict[str, Seen]
    own: int | None
    last: float | None
    gap: float | None

    @property
    def apart(self) -> bool:
        """Whether reports and the person differ by a level or more."""
        return feedback.apart(self.gap)


@dataclass(frozen=True)
class Results:
    """A closed round as it is shown. `counts` are (asked, finished) by group; `hidden` the groups of which nothing is shown.

    `words` are the texts to each question, of all shown groups together; None where fewer than five wrote. `hand_to` is who
    passes on what a small group of superiors wrote, "" when nobody does or nothing is to pass on. `then` are the reports' means of
    the last round, by statement.
    """

    round: Round
    name: str
    form: Form
    counts: dict[str, tuple[int, int]]
    lines: tuple[Line, ...]
    hidden: tuple[str, ...]
    words: tuple[tuple[Question, tuple[str, ...] | None], ...]
    last: Round | None
    then: dict[str, float]
    hand_to: str

    @property
    def apart(self) -> tuple[Line, ...]:
        """The statements that reports and the person see differently, in the order of the form."""
        return tuple(each for each in self.lines if each.apart)

    @property
    def first_name(self) -> str:
        return self.name.split(" ")[0]

    def finished(self, group: str) -> int:
        """How many of a group have answered."""
        return self.counts.get(group, (0, 0))[1]


def results(store: Store, actor: Actor, id: str) -> Results:
    """The results of a closed round, for the person and who leads them. Raises NotAllowed with the reason."""
    access.require(actor, "own_data")
    with store.read() as tx:
        found = one(tx, id)
        require_near(tx, actor, found.person)
        if found.open:
            raise NotAllowed(f"{found.title} is open until {day(found.closes)}. Results are shown when it is closed: before that, "
                             "each new answer could be told from the change.")
        return results_in(tx, found)


def results_in(tx: Tx, found: Round, past: Sequence[Round] | None = None, people: Mapping[str, Person] | None = None) -> Results:
    """The results of a closed round in a transaction of the caller, who has asked for permission and may have read rounds and people."""
    last = _before(rows.rounds(tx, found.person) if past is None else past, found)
    known = {each.id: each for each in members.people(tx)} if people is None else people
    given = rows.answers_of(tx, [found.id, last.id] if last else [found.id])
    form, answers = form_of(found), given[found.id]
    items = [item.id for item in form.items]
    seen, own, then = feedback.seen(answers, items), feedback.of_self(answers), _then(given[last.id]) if last else {}
    hidden = feedback.hidden_groups(answers)
    written = feedback.words(rows.words(tx, found.id), hidden)
    handed = known.get(found.hand_to) if SUPERIORS in hidden else None
    return Results(
        found, known[found.person].name if found.person in known else found.person, form, counts(rows.asked(tx, found.id)),
        tuple(_line(form, item, seen, own, then) for item in items), tuple(group for group in GROUPS if group in hidden),
        tuple((each, written[each.id]) for each in form.questions if each.id in written), last, then, handed.name if handed else "",
    )  # fmt: skip


def _before(past: Sequence[Round], found: Round) -> Round | None:
    """The closed round about the same person before this one."""
    earlier = [each for each in past if each.person == found.person and not each.open and (each.opens, each.opened_at) < (found.opens, found.opened_at)]
    return earlier[-1] if earlier else None


def _then(answers: Sequence[Answer]) -> dict[str, float]:
    """Statement -> the reports' mean, of those that are shown."""
    seen = feedback.seen(answers, dict.fromkeys(each.item for each in answers))
    return {item: one.mean for (item, group), one in seen.items() if group == REPORTS and one.mean is not None}


def _line(form: Form, item: str, seen: dict[tuple[str, str], Seen], own: dict[str, int], then: dict[str, float]) -> Line:
    of = {group: seen[item, group] for group in GROUPS}
    return Line(item, form.label(item), of, own.get(item), then.get(item), feedback.gap(of[REPORTS], own.get(item)))


def handed(store: Store, actor: Actor, id: str) -> tuple[tuple[str, str], ...]:
    """(question, text) that fewer than five superiors wrote, for the one person who was named to pass them on. Raises NotAllowed.

    They were told so before they wrote. Scores of theirs are shown to nobody; every look is in the audit.
    """
    access.require(actor, "own_data")

    def work(tx: Tx) -> tuple[tuple[str, str], ...]:
        found = one(tx, id)
        if not found.hand_to or actor.person != found.hand_to:
            raise NotAllowed("What a small group of superiors wrote is read by who was named to pass it on, and by nobody else.")
        if found.open:
            raise NotAllowed(f"{found.title} is open until {day(found.closes)}. What was written is passed on when it is closed.")
        if SUPERIORS not in feedback.hidden_groups(rows.answers(tx, id)):
            return ()
        labels = {each.id: each.question for each in form_of(found).questions}
        tx.audit("read handed words", f"feedback:{id}", None, {"person": actor.person})
        return tuple((labels.get(each.question, each.question), each.text) for each in rows.words(tx, id) if each.group == SUPERIORS)

    return store.write(work, actor.name, quiet=True)


def to_pass_on(store: Store, actor: Actor) -> tuple[tuple[Round, str], ...]:
    """(round, whom it is about) of the closed rounds in which the actor passes on what superiors wrote."""
    with store.read() as tx:
        return to_pass_on_in(tx, actor, rows.rounds(tx), None)


def to_pass_on_in(tx: Tx, actor: Actor, found: Sequence[Round], people: Mapping[str, Person] | None) -> tuple[tuple[Round, str], ...]:
    """The same, in a transaction of the caller."""
    own = [each for each in reversed(found) if each.hand_to and each.hand_to == actor.person and not each.open]
    known = people or ({each.id: each for each in members.people(tx)} if own else {})
    return tuple((each, known[each.person].name) for each in own if SUPERIORS in feedback.hidden_groups(rows.answers(tx, each.id))
                 and any(text.group == SUPERIORS for text in rows.words(tx, each.id)))  # fmt: skip


# -- words


def sentence(found: Results, in_plan: frozenset[str] = frozenset()) -> Sentence | None:
    """What stands first about a round; `in_plan` are the statements that became aims. None when nothing can be said."""
    if REPORTS in found.hidden or not found.finished(REPORTS):
        return None
    own, wide = found.counts.get(SELF, (0, 0))[1], found.apart
    if not own:
        return Sentence("The own view is missing.", f"{found.first_name} has not answered, so nothing stands beside what others see.")
    if not wide:
        return Sentence(f"The team and {found.first_name} see the same.", "Nothing differs by a level or more.")
    return Sentence(f"The team sees {_things(len(wide))} differently from {found.first_name}:", f"{_quoted(wide)}. {_planned(wide, in_plan, found)}".strip())


def _things(n: int) -> str:
    words = ("one thing", "two things", "three things", "four things")
    return words[n - 1] if n <= len(words) else f"{n} things"


def _quoted(lines: tuple[Line, ...], most: int = 3) -> str:
    shown = [f"“{each.label[:1].lower()}{each.label[1:]}”" for each in lines[:most]] + ([f"{len(lines) - most} more"] if len(lines) > most else [])
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"


def _planned(wide: tuple[Line, ...], in_plan: frozenset[str], found: Results) -> str:
    own = sum(each.item in in_plan for each in wide)
    if own == len(wide):
        return f"{('It is', 'Both are')[own - 1] if own < 3 else 'All are'} in the development plan."
    return f"{own} of {len(wide)} is in the development plan." if own else "Agree on two aims."


def hidden_words(found: Results, group: str) -> tuple[str, str]:
    """(what is hidden, why) of a group below five."""
    n = found.finished(group)
    count = ("No", "One", "Two", "Three", "Four")[n] if n < THRESHOLD else str(n)
    told = f"{count} answer{'' if n == 1 else 's'}, fewer than five."
    passed = f" Their written notes reach {found.first_name} through {found.hand_to}." if group == SUPERIORS and found.hand_to else ""
    return f"{group.capitalize()}: not shown.", f"{told}{passed}"

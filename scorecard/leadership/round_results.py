"""What a closed round says: means and spread by group, the own view beside them, words, the last round. What is hidden is hidden here."""

from __future__ import annotations

from dataclasses import dataclass

from scorecard import access
from scorecard.access import Actor
from scorecard.core import feedback
from scorecard.core.feedback import GROUPS, REPORTS, SELF, SUPERIORS, Seen
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
    passes on what a small group of superiors wrote, "" when nobody does or nothing is to pass on.
    """

    round: Round
    name: str
    form: Form
    counts: dict[str, tuple[int, int]]
    lines: tuple[Line, ...]
    hidden: tuple[str, ...]
    words: tuple[tuple[Question, tuple[str, ...] | None], ...]
    last: Round | None
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


def newest(tx: Tx, person: str) -> Round | None:
    """The last closed round about a person."""
    return next((each for each in reversed(rows.rounds(tx, person)) if not each.open), None)


def results_in(tx: Tx, found: Round) -> Results:
    """The results of a closed round in a transaction of the caller, who has asked for permission."""
    form, answers = form_of(found), rows.answers(tx, found.id)
    items = [item.id for item in form.items]
    seen, own = feedback.seen(answers, items), feedback.of_self(answers)
    last = _before(tx, found)
    then = feedback.seen(rows.answers(tx, last.id), items) if last else {}
    lines = tuple(_line(form, item, seen, own, then) for item in items)
    hidden = feedback.hidden_groups(answers)
    written = feedback.words(rows.words(tx, found.id), hidden)
    handed = members.person(tx, found.hand_to) if found.hand_to and SUPERIORS in hidden else None
    about = members.person(tx, found.person)
    return Results(
        found, about.name if about else found.person, form, counts(rows.asked(tx, found.id)), lines, tuple(group for group in GROUPS if group in hidden),
        tuple((each, written[each.id]) for each in form.questions if each.id in written), last, handed.name if handed else "",
    )  # fmt: skip


def _before(tx: Tx, found: Round) -> Round | None:
    """The closed round about the same person before this one."""
    past = [each for each in rows.rounds(tx, found.person) if not each.open and (each.opens, each.opened_at) < (found.opens, found.opened_at)]
    return past[-1] if past else None


def _line(form: Form, item: str, seen: dict[tuple[str, str], Seen], own: dict[str, int], then: dict[tuple[str, str], Seen]) -> Line:
    of = {group: seen[item, group] for group in GROUPS}
    last = then[item, REPORTS].mean if (item, REPORTS) in then else None
    return Line(item, form.label(item), of, own.get(item), last, feedback.gap(of[REPORTS], own.get(item)))


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
        own = [each for each in reversed(rows.rounds(tx)) if each.hand_to == actor.person and not each.open]
        waiting = [each for each in own if SUPERIORS in feedback.hidden_groups(rows.answers(tx, each.id)) and
                   any(text.group == SUPERIORS for text in rows.words(tx, each.id))]  # fmt: skip
        return tuple((each, members.person(tx, each.person).name) for each in waiting)


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

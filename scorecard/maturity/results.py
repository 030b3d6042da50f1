"""What a cycle says: scores, agreement, gaps, progress. Everything hidden is hidden here, before anything leaves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from scorecard import access
from scorecard.access import Actor
from scorecard.core import rubric
from scorecard.core.maturity_file import Model, Practice
from scorecard.core.periods import day
from scorecard.core.reading import Sentence
from scorecard.core.rubric import ALL, Answer, Score, Scores
from scorecard.errors import NotAllowed, ScorecardError, UsageError
from scorecard.maturity.answering import questions
from scorecard.maturity.cycles import model_at, one
from scorecard.store import maturity as rows
from scorecard.store.engine import Store, Tx
from scorecard.store.maturity import Agreed, Cycle

LONGEST_TEXT = 2000
Earlier = tuple[Cycle, Scores]
Told = tuple[tuple[str, dict[str, float]], ...]
PARTS = {"leader": "Leaders", "team": "The team"}


@dataclass(frozen=True)
class SystemResult:
    """A system in one cycle. `last` and `first` are the medians of the cycle before and of the first one.

    `lowest` is the smallest median of its practices, beside the mean; `talk` counts practices without agreement; `parts`
    hold leaders and team where both may be shown. `percent` is the share of the way to the targets, 0 to 1.
    """

    system: str
    label: str
    score: Score
    last: float | None
    first: float | None
    target: float | None
    percent: float | None
    lowest: tuple[str, float] | None
    talk: int
    parts: tuple[Score, ...]

    @property
    def change(self) -> float | None:
        """Levels since the cycle before."""
        return None if None in (self.score.median, self.last) else self.score.median - self.last


@dataclass(frozen=True)
class PracticeResult:
    """A practice in one cycle; `gap` is the distance to its target in levels, 0 when reached.

    `not_applicable` counts those for whom it does not apply, None where the practice is hidden.
    """

    practice: str
    title: str
    system: str
    score: Score
    last: float | None
    target: float | None
    gap: float | None
    evidence: tuple[str, ...]
    agreed: Agreed | None
    parts: tuple[Score, ...] = ()
    not_applicable: int | None = None

    @property
    def change(self) -> float | None:
        """Levels since the cycle before."""
        return None if None in (self.score.median, self.last) else self.score.median - self.last


@dataclass(frozen=True)
class Results:
    """One cycle as it is shown. `hidden` says in a sentence what is not shown and why, "" when nothing is hidden.

    `trend` holds the medians of the systems in this cycle and those like it before, by title, the oldest first; `apart`
    those of the other kind (quick beside full), which are never joined with them. `first_percent` is the share of the way
    to the targets that the first cycle had.
    """

    cycle: Cycle
    asked: int
    finished: int
    systems: tuple[SystemResult, ...]
    practices: tuple[PracticeResult, ...]
    percent: float | None
    sentences: tuple[Sentence, ...]
    hidden: str
    trend: Told
    apart: Told = ()
    first_percent: float | None = None

    @property
    def last_title(self) -> str:
        """The title of the cycle before this one; "" when this is the first."""
        return self.trend[-2][0] if len(self.trend) > 1 else ""

    @property
    def disagreements(self) -> tuple[PracticeResult, ...]:
        """The practices on which people do not agree, the widest first."""
        wide = [one for one in self.practices if one.score.agreed is False]
        return tuple(sorted(wide, key=lambda one: (-one.score.spread, one.practice)))

    @property
    def gaps(self) -> tuple[PracticeResult, ...]:
        """The practices below their target, the farthest first; of equal ones, that with the lower mean."""
        open_ones = [one for one in self.practices if one.gap]
        return tuple(sorted(open_ones, key=lambda one: (-one.gap, one.score.mean - one.target, one.practice)))


def results(store: Store, actor: Actor, cycle_id: str) -> Results:
    """The results of a cycle. Raises NotAllowed before they may be seen."""
    cycle = admit(store, actor, cycle_id)
    with store.read() as tx:
        return results_in(tx, cycle)


def results_in(tx: Tx, cycle: Cycle) -> Results:
    """The results of a cycle that may be shown, in a transaction of the caller."""
    everybody = rows.asked(tx, cycle.id)
    model = model_at(tx, cycle.model)
    scores = scores_of(tx, cycle)
    past = [one_ for one_ in rows.cycles(tx) if _before(one_, cycle)]
    earlier = [(one_, scores_of(tx, one_)) for one_ in past if one_.kind == cycle.kind]
    other = [(one_, scores_of(tx, one_)) for one_ in past if one_.kind != cycle.kind]
    agreed = rows.agreed(tx, cycle.id)
    given = rows.answers(tx, cycle.id)
    evidence = _evidence(given, scores)
    left_out = Counter(one_.practice for one_ in given if not one_.applicable)
    asked = {practice.id: practice for own in questions(model, cycle).values() for practice in own}
    practices = tuple(_practice(model, cycle, scores, earlier, asked[id], evidence, agreed, left_out) for id in asked)
    systems = tuple(_system(model, scores, earlier, id, [one_ for one_ in practices if one_.system == id]) for id in cycle.systems)
    # Answers out of a file come without people who were asked.
    finished = max(sum(person.finished for person in everybody.values()), len({one_.rater for one_ in given}))
    return Results(cycle, max(len(everybody), finished), finished, systems, practices, _percent(practices),
                   _sentences(systems, practices, cycle, earlier), _hidden(scores, everybody),
                   _trend([*earlier, (cycle, scores)]), _trend(other), _first_percent(earlier, practices))


def admit(store: Store, actor: Actor, cycle_id: str) -> Cycle:
    """The cycle, when its results may be shown to the actor now. Raises NotAllowed with the reason."""
    access.require(actor, "read_scorecard")
    with store.read() as tx:
        cycle = one(tx, cycle_id)
        _may_see(actor, cycle, rows.asked(tx, cycle_id) if cycle.open else {})
    return cycle


def _may_see(actor: Actor, cycle: Cycle, everybody: Mapping[str, rows.Asked]) -> None:
    """Nothing, when the results may be shown. A result that changes with one more rater would tell what that one said."""
    if not cycle.open:
        return
    if cycle.anonymous:
        raise NotAllowed(f"{cycle.title} is open until {day(cycle.closes)}. An anonymous cycle shows its results when it is "
                         "closed: before that, each new answer could be told from the change.")
    mine = everybody.get(actor.person)
    if mine is None or not mine.finished:
        raise NotAllowed(f"{cycle.title} is open. You see what others said after you have finished.")


def scores_of(tx: Tx, cycle: Cycle) -> Scores:
    """The scores of a cycle, with everything withheld that has to be."""
    model = model_at(tx, cycle.model)
    asked = questions(model, cycle)
    systems = {practice.id: system for system, own in asked.items() for practice in own}
    weights = {practice.id: practice.weight for own in asked.values() for practice in own}
    given = [Answer(one_.rater, one_.practice, one_.level, one_.part, one_.applicable) for one_ in rows.answers(tx, cycle.id)]
    return rubric.score(given, systems, cycle.anonymous, weights)


def _before(past: Cycle, cycle: Cycle) -> bool:
    return not past.open and (past.opens, past.opened_at) < (cycle.opens, cycle.opened_at)


def _evidence(given: Sequence[rows.Given], scores: Scores) -> dict[str, tuple[str, ...]]:
    """What was given as evidence, by practice, in the order of the alphabet: never with a name, never of a hidden practice."""
    found: dict[str, list[str]] = {}
    for one_ in given:
        score = scores.of(one_.practice)
        if one_.evidence and score and not score.hidden:
            found.setdefault(one_.practice, []).append(one_.evidence)
    return {practice: tuple(sorted(texts, key=str.casefold)) for practice, texts in found.items()}


def _of(scores: Scores, subject: str) -> Score:
    return scores.of(subject) or Score(subject, ALL, 0, None, None, None, None, None, None, False)


def _last(earlier: Sequence[Earlier], subject: str) -> float | None:
    """The median in the newest earlier cycle that has the subject."""
    return next((found.median for _, scores in reversed(earlier) if (found := scores.of(subject)) and found.median is not None), None)


def _practice(
    model: Model, cycle: Cycle, scores: Scores, earlier: Sequence[Earlier], practice: Practice, evidence: Mapping, agreed: Mapping,
    left_out: Mapping[str, int],
) -> PracticeResult:
    score = _of(scores, practice.id)
    target = model.target(practice.id) if cycle.kind == "full" else practice.target
    gap = None if target is None or score.median is None else max(target - score.median, 0)
    return PracticeResult(practice.id, practice.title, practice.system, score, _last(earlier, practice.id), target, gap,
                          evidence.get(practice.id, ()), agreed.get(practice.id), _apart(scores.practices, practice.id),
                          None if score.hidden else left_out[practice.id])


def _apart(scores: Sequence[Score], subject: str) -> tuple[Score, ...]:
    """Leaders and team of a practice or a system, where they may be shown."""
    return tuple(one_ for one_ in scores if one_.subject == subject and one_.group and not one_.hidden and one_.n)


def _system(
    model: Model, scores: Scores, earlier: Sequence[Earlier], system: str, practices: Sequence[PracticeResult]
) -> SystemResult:
    known = [(one_.practice, one_.score.median) for one_ in practices if one_.score.median is not None]
    first = next((found.median for _, past in earlier if (found := past.of(system)) and found.median is not None), None)
    return SystemResult(
        system,
        model.systems[system].label,
        _of(scores, system),
        _last(earlier, system),
        first,
        model.systems[system].target,
        _percent(practices),
        min(known, key=lambda pair: pair[1], default=None),
        sum(one_.score.agreed is False for one_ in practices),
        _apart(scores.systems, system),
    )


def _percent(practices: Sequence[PracticeResult]) -> float | None:
    now = {one_.practice: one_.score.median for one_ in practices if one_.score.median is not None}
    return rubric.percent_to_target(now, {one_.practice: one_.target for one_ in practices if one_.target is not None})


def _first_percent(earlier: Sequence[Earlier], practices: Sequence[PracticeResult]) -> float | None:
    """The share of the way to today's targets in the first cycle; None when this is the first."""
    if not earlier:
        return None
    medians = {score.subject: score.median for score in earlier[0][1].practices if not score.group and score.median is not None}
    return rubric.percent_to_target(medians, {one_.practice: one_.target for one_ in practices if one_.target is not None})


def _trend(told: Sequence[Earlier]) -> Told:
    return tuple(
        (one_.title, {score.subject: score.median for score in own.systems if not score.group and score.median is not None})
        for one_, own in told
    )


def _hidden(scores: Scores, everybody: Mapping[str, rows.Asked]) -> str:
    """Which parts are not shown apart, and why."""
    if any(one_.hidden and not one_.group for one_ in scores.systems):
        return "Hidden: fewer than five people have answered."
    if not any(one_.hidden for one_ in (*scores.systems, *scores.practices) if one_.group):
        return ""
    sizes = {part: sum(person.finished for person in everybody.values() if person.part == part) for part in PARTS}
    small = [part for part, size in sizes.items() if 0 < size < rubric.THRESHOLD]
    if len(small) == 1:
        verb, they = ("are", "they") if small[0] == "leader" else ("is", "it")
        count = f"{sizes[small[0]]} answer{'s' if sizes[small[0]] > 1 else ''}"
        return f"{PARTS[small[0]]} ({count}) {verb} below five: neither {they} nor the rest are shown apart."
    if small:
        return "Leaders and the team are below five each: they are not shown apart."
    return "Where leaders or the team gave fewer than five answers, neither of them is shown apart."


def _sentences(
    systems: Sequence[SystemResult], practices: Sequence[PracticeResult], cycle: Cycle, earlier: Sequence[Earlier]
) -> tuple[Sentence, ...]:
    if not any(one_.score.median is not None for one_ in systems):
        return (Sentence("Nothing to show yet.", "Hidden: fewer than five answers." if cycle.anonymous else "Nobody has answered."),)
    return tuple(one_ for one_ in (_movement(systems, earlier, cycle), _disagreement(practices)) if one_)


def short(title: str, beside: str) -> str:
    """A cycle's title without its year, where the title beside it ends with the same one: `March` beside `September 2026`."""
    head, _, year = title.rpartition(" ")
    return head if head and year.isdecimal() and len(year) == 4 and beside.endswith(f" {year}") else title


def _movement(systems: Sequence[SystemResult], earlier: Sequence[Earlier], cycle: Cycle) -> Sentence | None:
    far = [one_ for one_ in systems if one_.target is not None and one_.score.median is not None and one_.score.median < one_.target]
    risen = [one_ for one_ in systems if one_.change and one_.change > 0]
    farthest = max(far, key=lambda one_: one_.target - one_.score.median, default=None)
    rest = ""
    if farthest:
        none = "No system has reached its target; " if len(far) == len(systems) else ""
        rest = f"{none}{farthest.label} is farthest, {farthest.score.median:.1f} against {farthest.target:.1f}."
    if risen:
        best = max(risen, key=lambda one_: one_.change)
        since = short(earlier[-1][0].title, cycle.title)
        return Sentence(f"{best.label} rose most:", f"{best.last:.1f} to {best.score.median:.1f} since {since}. {rest}".strip())
    return Sentence("No system rose since the last cycle." if earlier else "This is the first cycle.", rest)


def _disagreement(practices: Sequence[PracticeResult]) -> Sentence | None:
    wide = sorted((one_ for one_ in practices if one_.score.agreed is False), key=lambda one_: -one_.score.spread)
    if not wide:
        return Sentence("People agree on every practice.", "")
    worst, counts = wide[0], wide[0].score.counts
    quick = worst.practice == worst.system
    count = f"{len(wide)} {'system' if quick else 'practice'}{'s' if len(wide) > 1 else ''}"
    low, high = sum(counts[:2]), sum(counts[3:])
    return Sentence(f"People see {count} very differently.",
                    f"Talk about {'them' if len(wide) > 1 else 'it'} before choosing projects: on {worst.title if quick else worst.practice}, {low} of "
                    f"{worst.score.n} say level 1 or 2 and {high} say 4 or more.")


def agree(
    store: Store,
    actor: Actor,
    cycle_id: str,
    practice: str,
    *,
    level: int | None,
    strengths: str = "",
    opportunities: str = "",
    minority: str = "",
    seen_version: int | None = None,
) -> Agreed:
    """What the team agreed on a practice of a closed cycle. Everybody's own ratings stay as they are."""
    access.require(actor, "decide")
    if level is not None and level not in rubric.LEVELS:
        raise UsageError(f"{level!r} is no level from 1 to {len(rubric.LEVELS)}.")
    texts = [text.strip()[:LONGEST_TEXT] for text in (strengths, opportunities, minority)]

    def work(tx: Tx) -> Agreed:
        cycle = one(tx, cycle_id)
        if cycle.open:
            raise ScorecardError(f"{cycle.title} is open: what people said is revealed at once, when it is closed.")
        if practice not in {one_.id for own in questions(model_at(tx, cycle.model), cycle).values() for one_ in own}:
            raise UsageError(f"{practice[:40]!r} was not asked in {cycle.title}.")
        kept = rows.add_agreed(tx, cycle_id, practice, level, *texts, seen_version)
        tx.audit("agree", f"cycle:{cycle_id}:{practice}", None, {"level": level, "minority": bool(minority.strip())})
        return kept

    return store.write(work, actor.name)

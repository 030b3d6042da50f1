"""Where an answer and the records say different things: a closed list of named rules.

A rule says from which level on the records contradict an answer. It never changes one: the sentence stands beside it, and
the team talks about it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from scorecard.maturity.records.kept import COMMENTS, Kept
from scorecard.maturity.records.words import since


@dataclass(frozen=True)
class Rule:
    """One rule: from `level` on, an answer to `practice` is contradicted when `says` finds a sentence ("" otherwise).

    `words` tell the rule itself. A sentence goes on from `Level 4, and …`.
    """

    name: str
    practice: str
    level: int
    words: str
    says: Callable[[Kept], str]


def _no_feedback_session(kept: Kept) -> str:
    missing = not kept.fed_back(kept.year) and not kept.sessions_ahead()
    return f"no feedback session stands in the calendar {since(kept.year)}" if missing else ""


def _sessions_missed(kept: Kept) -> str:
    held, missed = kept.fed_back(kept.year), kept.not_fed_back(kept.year)
    return f"{held} of {held + missed} feedback sessions {since(kept.year)} were held" if held < missed else ""


def _no_challenge(kept: Kept) -> str:
    return "" if kept.challenged(kept.today.replace(month=1, day=1)) else f"no assumption was challenged in {kept.today.year}"


def _no_day_for_assumptions(kept: Kept) -> str:
    return "" if kept.challenges_ahead() else "no day is set for the next challenge of an assumption"


def _nothing_by_segment(kept: Kept) -> str:
    return "" if any(kept.segments.get(one.name) for one in kept.used) else "no measure in use has figures by segment"


def _no_remarks(kept: Kept) -> str:
    return "" if kept.facts.remarks or kept.written.recent.get(COMMENTS) else f"no remark of a customer was recorded {since(kept.year)}"


def _empty_calendar(kept: Kept) -> str:
    return "" if kept.ahead() else "nothing is planned ahead in the calendar"


def _no_review_signed(kept: Kept) -> str:
    return "" if kept.signed(kept.half) else f"no review was signed {since(kept.half)}"


def _nothing_rolls_up(kept: Kept) -> str:
    return "" if any(one.parent for one in kept.cards) else "no scorecard rolls up into another"


def _one_kind_only(kept: Kept) -> str:
    if not kept.used:
        return "no measure stands on a scorecard"
    kinds = {one.kind for one in kept.used}
    return "" if {"lagging", "leading"} <= kinds else f"the scorecards hold only {'results' if 'lagging' in kinds else 'drivers'}"


def _no_benchmark(kept: Kept) -> str:
    return "" if any(one.benchmarks for one in kept.used) else "no measure in use has a benchmark"


def _no_driver(kept: Kept) -> str:
    return "" if any(one.drivers for one in kept.used) else "no result in use has a stated driver"


def _no_goal(kept: Kept) -> str:
    return "" if any(kept.goal(one) for one in kept.used) else "no measure in use has a dated goal"


def _no_review_held(kept: Kept) -> str:
    met = any(one.held_on and kept.quarter <= one.held_on <= kept.today for one in kept.reviews)
    return "" if met else f"no review was held {since(kept.quarter)}"


def _no_project(kept: Kept) -> str:
    return "" if kept.projects else "no project is recorded"


def _no_effect_stated(kept: Kept) -> str:
    return "" if any(one.effect is not None for one in kept.projects) else "no project states the effect that is expected"


def _no_verdict(kept: Kept) -> str:
    read = any(kept.verdict(one) for one in kept.finished())
    return "" if read else f"no action finished {since(kept.year)} has a verdict from its measure"


def _late_more_than_kept(kept: Kept) -> str:
    due = [one for one in kept.actions if one.state != "dropped" and kept.year <= one.due < kept.today]
    kept_ones = sum(one.state == "done" and one.ended is not None and one.ended <= one.due for one in due)
    return f"{kept_ones} of {len(due)} actions due {since(kept.year)} were done by the agreed day" if kept_ones * 2 < len(due) else ""


def _no_promise(kept: Kept) -> str:
    return "" if kept.facts.promises[0] else f"no promise due {since(kept.year)} is logged"


def _promises_without_owner(kept: Kept) -> str:
    due, _, _, owned = kept.facts.promises
    return f"{due - owned:,} of {due:,} promises due {since(kept.year)} have no owner" if owned < due else ""


def _no_trust_answer(kept: Kept) -> str:
    return "" if "trust" in kept.facts.surveys else f"nobody answered a question about trust {since(kept.year)}"


RULES: tuple[Rule, ...] = (
    Rule("no remarks", "S1", 3, "Nothing that a customer said was recorded in twelve months.", _no_remarks),
    Rule("nothing by segment", "S3", 3, "No measure on a scorecard has figures by segment.", _nothing_by_segment),
    Rule("no day for assumptions", "S5", 3, "No challenge of assumptions is planned.", _no_day_for_assumptions),
    Rule("no challenge", "S5", 4, "No challenge of assumptions was held in this calendar year.", _no_challenge),
    Rule("no feedback session", "S8", 3, "No feedback session was held in twelve months, and none is planned.", _no_feedback_session),
    Rule("feedback sessions missed", "S8", 3, "Fewer than half of the feedback sessions of twelve months were held.", _sessions_missed),
    Rule("empty calendar", "P3", 3, "The calendar has nothing planned ahead.", _empty_calendar),
    Rule("reviews not signed", "P8", 3, "No review was signed in six months.", _no_review_signed),
    Rule("nothing rolls up", "M1", 3, "No scorecard rolls up into another.", _nothing_rolls_up),
    Rule("one kind only", "M2", 3, "The scorecards hold only results or only drivers.", _one_kind_only),
    Rule("no review signed", "M4", 4, "No review was signed in six months.", _no_review_signed),
    Rule("no benchmark", "M5", 3, "No measure on a scorecard has a benchmark.", _no_benchmark),
    Rule("no driver", "M6", 3, "No result on a scorecard has a stated driver.", _no_driver),
    Rule("no goal", "M8", 3, "No measure on a scorecard has a goal in force.", _no_goal),
    Rule("no review held", "M9", 3, "No review was held in three months.", _no_review_held),
    Rule("no project", "I1", 3, "No project is recorded.", _no_project),
    Rule("no effect stated", "I2", 3, "No project states its expected effect.", _no_effect_stated),
    Rule("no verdict", "I3", 4, "No action finished in twelve months has a verdict.", _no_verdict),
    Rule("late more than kept", "L7", 4, "Fewer than half of the actions due in twelve months were done by their day.", _late_more_than_kept),
    Rule("no promise", "T1", 3, "No promise due in twelve months is logged.", _no_promise),
    Rule("promises without owner", "T1", 3, "Promises due in twelve months have no owner.", _promises_without_owner),
    Rule("no trust answer", "T5", 3, "Nobody answered a question about trust in twelve months.", _no_trust_answer),
)  # fmt: skip


def found(kept: Kept) -> dict[str, tuple[tuple[int, str], ...]]:
    """Practice -> (level, sentence) of every rule that holds, the lowest level first."""
    told: dict[str, list[tuple[int, str]]] = {}
    for rule in RULES:
        if said := rule.says(kept):
            told.setdefault(rule.practice, []).append((rule.level, said))
    return {practice: tuple(sorted(own)) for practice, own in told.items()}

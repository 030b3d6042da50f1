"""What the records say about deciding, giving it people and money, and checking."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from scorecard.core.periods import day
from scorecard.maturity.records.kept import Kept
from scorecard.maturity.records.model import Records, none_yet
from scorecard.maturity.records.words import has, of, plural, since, was


def planning(kept: Kept) -> list[Records]:
    """The records of P1 to P8."""
    return [_strategic(kept), _linked(kept), _calendar(kept), _triggers(kept), _part(kept), _proposed(kept), _plans(kept), _reviews(kept)]


PARTS, AGREED, CONTRIBUTED = "plan_part", "plan_read", "plan_voice"
TREE = {"objective": "objective", "plan_goal": "goal", "strategy": "strategy", "tactic": "tactic"}
MORE = {"strategy": "strategies"}
CARRIED = {"account_plan": "account plan", "marketing_plan": "marketing plan"}


def _strategic(kept: Kept) -> Records:
    """The plan of several years: its parts, and which of them somebody looked at within twelve months."""
    written = kept.written
    count = sum(written.standing.get(id, 0) for id in ("plan", PARTS, "objective", "plan_goal"))
    if not count:
        return none_yet("P1")
    parts, looked = written.standing.get(PARTS, 0), written.recent.get(PARTS, 0)
    lines = [_named(written.standing, ("objective", "plan_goal"))] if written.standing.get("objective") else ["No objective is written"]
    lines.append(f"{plural(parts, 'part')} of the plan written, {looked:,} of them looked at {since(kept.year)}" if parts else "No part beside the goals is written")
    return Records("P1", tuple(lines), count)


def _named(standing: Mapping[str, int], wanted: Sequence[str]) -> str:
    """`3 objectives and 5 goals in the plan`."""
    told = [plural(standing[id], TREE[id], MORE.get(id, "")) for id in wanted if standing.get(id)]
    return f"{' and '.join(told)} in the plan"


def _proposed(kept: Kept) -> Records:
    """What went into the planning of the whole company, and the strategies and tactics that follow from it."""
    standing = kept.written.standing
    proposals, below = standing.get("plan_proposal", 0), standing.get("strategy", 0) + standing.get("tactic", 0)
    if not proposals + below:
        return none_yet("P6")
    recent = kept.written.recent.get("plan_proposal", 0)
    lines = [f"{plural(proposals, 'proposal')} to enterprise planning, {recent:,} of them {since(kept.year)}" if proposals else "No proposal to enterprise planning"]
    if below:
        lines.append(_named(standing, ("strategy", "tactic")))
    return Records("P6", tuple(lines), proposals + below)


def _linked(kept: Kept) -> Records:
    """Goals that name the plan they come from, and projects that name the practice they close a gap of."""
    goals = [one for one in kept.used if kept.goal(one)]
    named = sum(any(goal.source for goal in one.targets if goal.start <= kept.today) for one in goals)
    lines = [f"{of(named, len(goals), 'goal')} {'names' if named == 1 else 'name'} the plan it comes from" if goals
             else "No goal is in force"]  # fmt: skip
    lines.append(f"{plural(sum(one.open for one in kept.projects), 'project')} under way, each with the measure it should move")
    tree = sum(kept.written.standing.get(id, 0) for id in TREE)
    if tree:
        lines.append(_named(kept.written.standing, tuple(TREE)[2:]) if kept.written.standing.get("strategy") else "No strategy is written under the goals")
    return Records("P2", tuple(lines), named + tree)


def _calendar(kept: Kept) -> Records:
    past = [one for one in kept.entries if kept.year <= one.planned <= kept.today]
    held, ahead = [one for one in past if one.held_on], kept.ahead()
    missed = sum(one.state == "missed" for one in past)
    lines = [f"{plural(len(past), 'entry', 'entries')} in the calendar {since(kept.year)}"]
    if past:
        on_time = sum(one.on_time for one in held)
        lines.append(f"{len(held):,} held, {on_time:,} of them on time; {missed:,} missed")
    lines.append(f"{len(ahead):,} planned ahead, the next on {day(min(one.planned for one in ahead))}" if ahead
                 else "Nothing is planned ahead")  # fmt: skip
    return Records("P3", tuple(lines), len(past) + len(ahead))


WATCHING = ("trigger", "response_plan", "scenario")


def _triggers(kept: Kept) -> Records:
    """What is watched, how far the answers to it are, and what could come."""
    standing, answers = kept.written.standing, kept.written.answers
    count = sum(standing.get(id, 0) for id in WATCHING)
    if not count:
        return none_yet("P4")
    watched, ready = standing.get("trigger", 0), answers.get("ready", 0)
    lines = [f"{plural(watched, 'trigger')} written, {plural(ready, 'response plan')} ready and {answers.get('draft', 0):,} in draft" if watched else "No trigger is written"]
    if used := answers.get("running", 0) + answers.get("done", 0):
        lines.append(f"{plural(used, 'response plan')} used when a trigger fired")
    if standing.get("scenario"):
        lines.append(f"{plural(standing['scenario'], 'scenario')} with what it does to the goals" if standing["scenario"] == 1 else f"{standing['scenario']:,} scenarios with what they do to the goals")
    return Records("P4", tuple(lines), count)


def _part(kept: Kept) -> Records:
    """Who sat in reviews, how much was said in writing, and how many answered the last maturity cycle."""
    met = [one for one in kept.reviews if one.held_on and kept.year <= one.held_on <= kept.today]
    seen = kept.team & {person for one in met for person in one.attendees}
    lines = [f"{of(len(seen), len(kept.team), 'member')} of the team took part in a review {since(kept.year)}"]
    if kept.remarks:
        lines.append(f"{plural(kept.remarks, 'comment or note', 'comments and notes')} written {since(kept.year)}")
    if kept.answered:
        title, asked, finished = kept.answered
        lines.append(f"{of(finished, asked, 'person', 'people')} answered in {title}")
    agreed, brought = (kept.written.recent.get(id, 0) for id in (AGREED, CONTRIBUTED))
    if agreed or brought:
        lines.append(f"{plural(agreed, 'agreement')} with the plan and {plural(brought, 'contribution')} to it {since(kept.year)}")
    return Records("P5", tuple(lines), len(seen) + agreed + brought)


def _plans(kept: Kept) -> Records:
    open_ones = [one for one in kept.actions if one.open]
    late = sum(bool(one.days_late(kept.today)) for one in open_ones)
    carried = {id: kept.written.standing.get(id, 0) for id in CARRIED}
    told = " and ".join(plural(n, CARRIED[id]) for id, n in carried.items() if n)
    lines = (
        *([f"{told} written"] if told else []),
        f"{plural(len(open_ones), 'action')} open, each with an owner and a date; {late:,} overdue",
        f"{plural(len(kept.finished()), 'action')} finished {since(kept.year)}",
        f"{plural(sum(one.open for one in kept.projects), 'improvement project')} under way",
    )
    return Records("P7", lines, len(open_ones) + len(kept.finished()) + len(kept.projects) + sum(carried.values()))


def _reviews(kept: Kept) -> Records:
    months, quarters = len(kept.signed(kept.year, "month")), len(kept.signed(kept.year, "quarter"))
    decided = len(kept.decided)
    due = [one for one in kept.actions if one.state != "dropped" and kept.year <= one.due <= kept.today]
    closed = sum(one.state == "done" and one.ended is not None and one.ended <= one.due for one in due)
    lines = [f"{plural(months, 'monthly review')} and {plural(quarters, 'quarterly review')} signed {since(kept.year)}",
             f"{plural(decided, 'item')} decided {since(kept.year)}"]  # fmt: skip
    if due:
        lines.append(f"{of(closed, len(due), 'action')} due {since(kept.year)} {was(closed)} done by the agreed day")
    unsigned = sum(one.signed_on is None and one.held_on is not None and one.held_on <= kept.today for one in kept.reviews)
    if unsigned:
        lines.append(f"{plural(unsigned, 'review')} {has(unsigned)} a day that has passed, and no signature")
    return Records("P8", tuple(lines), months + quarters)

"""What the records say about deciding, giving it people and money, and checking."""

from __future__ import annotations

from scorecard.core.periods import day
from scorecard.maturity.records.kept import Kept
from scorecard.maturity.records.model import Records, none_yet
from scorecard.maturity.records.words import has, of, plural, since, was


def planning(kept: Kept) -> list[Records]:
    """The records of P1 to P8."""
    return [none_yet("P1"), _linked(kept), _calendar(kept), none_yet("P4"), _part(kept), none_yet("P6"), _plans(kept), _reviews(kept)]


def _linked(kept: Kept) -> Records:
    """Goals that name the plan they come from, and projects that name the practice they close a gap of."""
    goals = [one for one in kept.used if kept.goal(one)]
    named = sum(any(goal.source for goal in one.targets if goal.start <= kept.today) for one in goals)
    lines = [f"{of(named, len(goals), 'goal')} {'names' if named == 1 else 'name'} the plan it comes from" if goals
             else "No goal is in force"]  # fmt: skip
    lines.append(f"{plural(sum(one.open for one in kept.projects), 'project')} under way, each with the measure it should move")
    return Records("P2", tuple(lines), named)


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
    return Records("P5", tuple(lines), len(seen))


def _plans(kept: Kept) -> Records:
    open_ones = [one for one in kept.actions if one.open]
    late = sum(bool(one.days_late(kept.today)) for one in open_ones)
    lines = (
        f"{plural(len(open_ones), 'action')} open, each with an owner and a date; {late:,} overdue",
        f"{plural(len(kept.finished()), 'action')} finished {since(kept.year)}",
        f"{plural(sum(one.open for one in kept.projects), 'improvement project')} under way",
    )
    return Records("P7", lines, len(open_ones) + len(kept.finished()) + len(kept.projects))


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

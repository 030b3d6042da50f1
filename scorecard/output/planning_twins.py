"""The plan as tables, in full precision: its tree, parts, dated goals, who agrees, account and marketing plans."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from scorecard.core.reading import STATUSES
from scorecard.output.part_tables import Table

if TYPE_CHECKING:
    from scorecard.planning.carried import CarriedPlan
    from scorecard.planning.plans import DatedGoal, Edition, Part, Plan, Standing
    from scorecard.planning.tree import GoalNode, Objective, Strategy, Tactic, Tree

TREE = ("Objective", "Owner of the objective", "Goal", "Measure", "Goal figure", "Now", "Period", "Status", "Owner of the goal", "Goal from", "Source of the goal",
        "Days of work for the goal", "Money for the goal", "Strategy", "Owner of the strategy", "Tactic", "Owner of the tactic", "State", "Due", "Done on",
        "Days of work", "Money", "Carried out in")  # fmt: skip
PARTS = ("Part", "In one sentence", "What it says", "Where it stands", "Owner", "Looked at", "Months ago")
GOALS = ("Measure", "From", "Goal", "Source", "Why", "Set by", "Set on", "In force")
AGREE = ("Version", "Agreed on", "People who agreed", "What it changes", "Written by", "Written on")
PEOPLE = ("Person", "Agrees")
CARRIED = ("Kind", "Plan", "Account", "Segments", "Priority", "Owner", "Aims", "Goal of the plan", "Measure", "State", "Days of work", "Money", "How it goes",
           "Tactic", "Who", "Due", "Done on")  # fmt: skip
KINDS = {"account_plan": "account plan", "marketing_plan": "marketing plan"}


def tree(found: Tree | None) -> Table:
    """The tree, a line a tactic; what has nothing below it has a line of its own."""
    rows = [row for one in found.objectives for row in _objective(one)] if found else []
    return Table("Goal tree", TREE, rows, "No plan is written.")


def _objective(one: Objective) -> Iterator[list[Any]]:
    head = [one.title, one.owner]
    if not one.goals:
        yield _filled(head)
    for goal in one.goals:
        yield from _goal(head, goal)


def _goal(head: list[Any], one: GoalNode) -> Iterator[list[Any]]:
    dated = one.dated[-1] if one.dated else None
    told = [*head, one.title, one.measure, dated.value if dated else None, one.value_text, one.period, STATUSES[one.status] if one.measure else "", one.owner,
            dated.start if dated else None, dated.source if dated else "", one.uses.days, one.uses.money]  # fmt: skip
    if not one.strategies:
        yield _filled(told)
    for strategy in one.strategies:
        yield from _strategy(told, strategy)


def _strategy(head: list[Any], one: Strategy) -> Iterator[list[Any]]:
    told = [*head, one.title, one.owner]
    if not one.tactics:
        yield _filled(told)
    for tactic in one.tactics:
        yield [*told, *_tactic(tactic)]


def _tactic(one: Tactic) -> list[Any]:
    return [one.title, one.owner, one.state, one.due, one.done_on, one.uses.days, one.uses.money, ", ".join(link.name for link in one.links)]


def _filled(cells: list[Any]) -> list[Any]:
    return [*cells, *[None] * (len(TREE) - len(cells))]


def parts(found: Sequence[Part]) -> Table:
    """The parts of the plan, those that are not written too."""
    return Table("Parts of the plan", PARTS, [[one.label, one.title, one.says, one.address, one.owner, one.looked_on, one.months] for one in found])


def goals(found: Sequence[DatedGoal]) -> Table:
    """The dated goals of the measures of the plan."""
    rows = [[one.measure.label, str(one.start), one.value, one.source, one.reason, one.author, one.recorded_on, "yes" if one.in_force else "no"] for one in found]
    return Table("Goals and their dates", GOALS, rows)


def editions(found: Sequence[Edition]) -> Table:
    """The versions of the plan."""
    return Table("Versions of the plan", AGREE, [[one.number, one.agreed_on, one.people, one.changed, one.author, one.written_on] for one in found])


def people(plan: Plan | None, found: Standing | None) -> Table:
    """Who agrees with the version in force, in alphabetical order."""
    rows = [[name, ("to older words" if name in found.older else "yes") if name in found.agreed else "not yet"] for name in found.everybody] if plan and found else []
    return Table("Who agrees", PEOPLE, rows)


def carried(found: Sequence[CarriedPlan]) -> Table:
    """Account and marketing plans, a line a tactic."""
    return Table("Account and marketing plans", CARRIED, [row for one in found for row in _carried(one)])


def _carried(one: CarriedPlan) -> Iterator[list[Any]]:
    told = [KINDS[one.kind], one.title, one.account_name, ", ".join(one.segments), one.priority, one.owner, "; ".join(one.aims), one.goal, one.measure, one.state,
            one.days, one.money, one.progress]  # fmt: skip
    for step in one.steps or (None,):
        yield [*told, *((step.what, step.who, step.due, step.done_on) if step else ("", "", None, None))]

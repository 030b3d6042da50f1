"""The goal tree as it is read: nested lists that stand side by side with lines between them, and under one another on a phone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from scorecard.core.periods import SHORT_MONTHS, day
from scorecard.core.reading import STATUSES
from scorecard.output import marks
from scorecard.output.theme import escape

if TYPE_CHECKING:
    from scorecard.planning.tree import GoalNode, Link, Objective, Resources, Strategy, Tactic, Tree

HEADS = ("Objective", "Goal and its measure", "Strategy", "Tactic, owner, due")
KINDS = {"objective": "Objective", "plan_goal": "Goal", "strategy": "Strategy", "tactic": "Tactic"}
LEGEND = ("on_course", "watch", "act")
KEPT_TOGETHER = "\u00a0"
NEAR = 330  # days within which a date needs no year
CARRIED = {"project": "project", "account_plan": "account plan", "marketing_plan": "marketing plan"}


@dataclass(frozen=True)
class Ways:
    """Where the tree leads: an entry of a register, a measure, a project."""

    entry: Callable[[str, str], str]
    measure: Callable[[str], str]
    project: Callable[[str], str]


def section(tree: Tree, ways: Ways, today: date, currency: str) -> str:
    """The tree with its legend and heads; a sentence where the year has no goal."""
    legend = "".join(f"<span>{marks.status_shape(one)}{STATUSES[one]}</span>" for one in LEGEND)
    head = f'<div class="sechead"><h2>From objective to tactic</h2><span class="legend pl-legend">{legend}</span></div>'
    if not tree.objectives:
        when = f"for {tree.year}" if tree.year else "yet"
        return f'<section class="sec">{head}<p class="mut">No objective is written {when}. Edit the plan to write one.</p></section>'
    heads = "".join(f"<span>{text}</span>" for text in HEADS)
    drawn = _Drawn(tree, ways, today, currency)
    body = "".join(drawn.objective(one) for one in tree.objectives)
    return f'<section class="sec">{head}<div class="pl-heads" aria-hidden="true">{heads}</div><ul class="pl-tree">{body}</ul></section>'


class _Drawn:
    """The nodes of one tree."""

    def __init__(self, tree: Tree, ways: Ways, today: date, currency: str):
        self.tree, self.ways, self.today, self.currency = tree, ways, today, currency

    def objective(self, one: Objective) -> str:
        uses = resources(one.uses, self.currency)
        lines = [_owner(one.owner), *([escape(uses)] if uses else [])]
        return self._node("objective", one.id, one.title, lines, [self.goal(goal) for goal in one.goals], "no goal in this year")

    def goal(self, one: GoalNode) -> str:
        below = [self.strategy(strategy) for strategy in one.strategies]
        if not one.measure:
            told = ["in words, no measure", *self._no_owner(one)]
            return self._node("plan_goal", one.id, one.title, told, below, "no strategy yet", marks.status_shape("not_yet"))
        against = f" against {escape(one.against)}" if one.against else ""
        figure = f"{escape(one.value_text)} in {escape(one.period)} · {STATUSES[one.status]}{against}" if one.value_text else "no figure yet"
        lines = [" · ".join([figure, *self._no_owner(one)])]
        words = f"{one.title} {one.goal_text.replace(' ', KEPT_TOGETHER)}" if one.goal_text else f"{one.title}, no goal set"
        return self._node("plan_goal", one.id, words, lines, below, "no strategy yet", marks.status_shape(one.status), self.ways.measure(one.measure),
                          one.path)  # fmt: skip

    def _no_owner(self, one: GoalNode) -> list[str]:
        entry = escape(self.ways.entry("plan_goal", one.id))
        return [] if one.owner else [f'<a class="out" href="{entry}">no owner</a>']

    def strategy(self, one: Strategy) -> str:
        return self._node("strategy", one.id, one.title, [escape(one.owner)] if one.owner else [], [self.tactic(each) for each in one.tactics],
                          f"no tactic in {self.tree.year}" if self.tree.year else "no tactic yet")

    def tactic(self, one: Tactic) -> str:
        parts = [_owner(one.owner), self._when(one), *(self._link(link) for link in one.links)]
        return self._node("tactic", one.id, one.title, [" · ".join(parts)], [], "")

    def _when(self, one: Tactic) -> str:
        if one.done:
            return "done"
        if one.due is None:
            return '<span class="out">no date</span>'
        told = f"due {near(one.due, self.today)}"
        return f'<span class="out">was {told}</span>' if one.late(self.today) else told

    def _link(self, link: Link) -> str:
        href = self.ways.project(link.id) if link.kind == "project" else self.ways.entry(link.kind, link.id)
        return f'<a href="{escape(href)}" title="{escape(link.name)}">{CARRIED[link.kind]}</a>'

    def _node(self, kind: str, id: str, title: str, lines: Sequence[str], below: Sequence[str], none: str, icon: str = "", href: str = "", more: str = "") -> str:
        """One node with what stands under it; `lines` are HTML."""
        words = f'<a class="pl-name" href="{escape(href or self.ways.entry(kind, id))}">{escape(title)}</a>'
        subs = "".join(f'<span class="sub">{line}</span>' for line in (*lines, *([escape(more)] if more else [])) if line)
        inner = f'<span class="pl-icon">{icon}</span>' if icon else ""
        rest = f'<ul>{"".join(below)}</ul>' if below else (f'<ul><li class="pl-leaf"><div class="pl-node"><span class="sub out">{none}</span></div></li></ul>' if none else "")
        return (f'<li class="pl-{kind}" data-entry="{escape(id)}"><div class="pl-node">{inner}<div><span class="vh">{KINDS[kind]}: </span>{words}{subs}</div></div>'
                f"{rest}</li>")  # fmt: skip


def _owner(name: str) -> str:
    return escape(name) if name else '<span class="out">no owner</span>'


def near(when: date, today: date) -> str:
    """`12 Dec`, with its year where that is far."""
    return f"{when.day} {SHORT_MONTHS[when.month - 1]}" if abs((when - today).days) < NEAR else day(when)


def resources(uses: Resources, currency: str) -> str:
    """`142 days, $96k`; "" where nothing is said."""
    told = [f"{uses.days:,.0f} {'day' if uses.days == 1 else 'days'} of work"] if uses.days is not None else []
    if uses.money is not None:
        told.append(f"{currency}{uses.money / 1000:,.0f}k" if uses.money >= 10_000 else f"{currency}{uses.money:,.0f}")
    return ", ".join(told)

"""Cost to serve by segment and activity, out of the facts and of rules that anybody can read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from scorecard import registers
from scorecard.core import value
from scorecard.core.value import CASES, Cost, Served
from scorecard.registers import Entry
from scorecard.store import serving
from scorecard.store.engine import Store

COST_RULE = "cost_rule"
MONTHS = 12
SHARED_BY = {"success": "contacts", "onboarding": "onboardings", "support": "tickets", "renewal": "renewals"}
VOLUMES = {"contacts": "contacts made", "onboardings": "accounts started", "tickets": "tickets opened", "renewals": "renewals due", "accounts": "accounts",
           "named": "segment named in the file"}


@dataclass(frozen=True)
class Rule:
    """By what an activity's cost is shared out, and how far it may be wrong (shares of it)."""

    shared_by: str
    low: float = 0.0
    high: float = 0.0


@dataclass(frozen=True)
class Serving:
    """Cost to serve of the last twelve months with costs, by case; `notes` name what could not be shared out as asked."""

    first: date
    last: date
    activities: tuple[str, ...]
    shared: Mapping[str, str]
    by_case: Mapping[str, tuple[Served, ...]]
    notes: tuple[str, ...]

    @property
    def served(self) -> tuple[Served, ...]:
        return self.by_case["base"]


def serving_costs(store: Store) -> Serving | None:
    """None while no costs, or no accounts, are loaded."""
    with store.read() as tx:
        rules = cost_rules(registers.entries(tx, COST_RULE))
    with store.read_facts() as tx:
        month = serving.last_month(tx)
        if month is None:
            return None
        last = (month.replace(day=28) + timedelta(4)).replace(day=1) - timedelta(1)
        first = date(month.year - 1, month.month, 1) if month.month == 12 else date(month.year - 1, month.month + 1, 1)
        first = date(month.year, 1, 1) if month.month == 12 else first
        rows, volumes = serving.costs(tx, first, last), serving.volumes(tx, first, last)
        accounts, revenue = serving.accounts(tx, first, last), serving.revenue(tx, first, last)
    return shared_out(rows, volumes, accounts, revenue, rules, first, last) if rows and accounts else None


def cost_rules(found: Sequence[Entry]) -> dict[str, Rule]:
    """Activity -> its rule: the newest that is written, else the usual one."""
    rules = {activity: Rule(shared) for activity, shared in SHARED_BY.items()}
    for one in sorted(found, key=lambda one: (one.recorded_at, one.id)):
        said = one.values
        rules[said["activity"]] = Rule(said["shared_by"], said.get("low") or 0.0, said.get("high") or 0.0)
    return rules


def shared_out(
    rows: Sequence[tuple[str, str, float]], volumes: Mapping[str, Mapping[str, float]], accounts: Mapping[str, int], revenue: Mapping[str, float],
    rules: Mapping[str, Rule], first: date, last: date,
) -> Serving:  # fmt: skip
    """Costs that name a segment are its own; all others are shared out by the volume of their activity."""
    costs, by, shared = [], {}, {}
    for activity, segment, amount in rows:
        rule = rules.get(activity, Rule("accounts"))
        own = segment if segment in accounts else ""
        name = f"{activity}\n{own}"
        costs.append(Cost(name, amount, rule.shared_by, amount * (1 - rule.low), amount * (1 + rule.high)))
        by[name] = {own: 1.0} if own else {group: count for group, count in volumes.get(rule.shared_by, {}).items() if group in accounts}
        shared[activity] = "named" if own else rule.shared_by
    by_case, notes = {}, []
    for case in CASES:
        found, notes = value.cost_to_serve(costs, by, accounts, revenue, case)
        by_case[case] = tuple(replace(one, by_activity=_by_activity(one.by_activity)) for one in found)
    activities = tuple(dict.fromkeys(activity for activity, *_ in rows))
    lacking = [name.split("\n")[0] for name in notes if shared[name.split("\n")[0]] != "accounts"]
    return Serving(first, last, activities, shared, by_case, tuple(f"{one.capitalize()} has no volume: its cost is shared out by accounts." for one in lacking))


def _by_activity(parts: Mapping[str, float]) -> dict[str, float]:
    found: dict[str, float] = {}
    for name, amount in parts.items():
        activity = name.split("\n")[0]
        found[activity] = found.get(activity, 0.0) + amount
    return found

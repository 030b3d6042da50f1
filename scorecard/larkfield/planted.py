"""What was planted in Larkfield: a few facts in the last twelve months, and the promise that nothing else is."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True)
class Fact:
    """Something planted, or the promise that nothing is. `rule` completes in the month `reported`."""

    measure: str
    kind: str
    since: str
    reported: str
    rule: str
    text: str
    size: tuple[float, float, float] = (0, 0, 0)
    profile: tuple[float, ...] = (1,)
    carried_by: str = ""


FACTS = (
    Fact("adoption_30d", "step", "2026-02", "2026-02", "beyond_limit",
         "Guided onboarding started: 30-day adoption stepped up in all three segments.", (0.110, 0.100, 0.090)),
    Fact("tickets_over_14_days", "jump", "2026-10", "2026-10", "beyond_limit",
         "A release went wrong: tickets open over 14 days jumped, for this one month.", (6.5, 8.5, 6.5)),
    Fact("renewal_rate", "settled_lower", "2026-03", "2026-10", "run_of_8",
         "The renewal rate slid from March and stayed lower. Only Small business did.",
         (0, 0, -0.036), (0.6, 0.8, 1), "Small business"),
    Fact("time_to_first_value", "settled_lower", "2026-01", "2026-08", "run_of_8",
         "A kick-off checklist: days to first value settled lower, and once more in October.",
         (-3.1, -3.1, -3.0), (1,) * 9 + (1.5,)),
    Fact("mrr_expansion", "rise", "2026-05", "2026-10", "near_limit_3_of_4",
         "Expansion revenue rose from May on.", (2_150, 1_550, 1_850),
         (0.15, 0.3, 0.5, 0.7, 0.85, 1)),
    Fact("development_plans_kept", "cannot_reach", "2023-11", "2025-10", "",
         "Nothing changed: plans are kept about 72 times in 100, and the goal of 90% is out of reach."),
    Fact("cost_to_serve", "nothing", "2023-11", "", "", "Nothing was planted."),
    Fact("net_revenue_retention", "nothing", "2023-11", "", "", "Nothing was planted."),
    Fact("contact_schedule_kept", "nothing", "2023-11", "", "", "Nothing was planted."),
    Fact("trust_score", "nothing", "2023-11", "", "", "Nothing was planted."),
)


# Signatures came late in the last month, after release 9.2: the contracts due in it took as long as their notice allows.
SLOW_MONTH, LATEST_DAYS, USUAL_DAYS = (2026, 10), 9, 39


def signed_on(due_on: date, renewed_on: date | None) -> date | None:
    """The day on which a contract was renewed: of those due in the slow month, only days before they ran out."""
    if renewed_on is None or (due_on.year, due_on.month) != SLOW_MONTH:
        return renewed_on
    return due_on - timedelta(1 + (due_on - renewed_on).days * LATEST_DAYS // USUAL_DAYS)


def facts_text(seed: int) -> str:
    """The planted facts as TOML, for tests only: the product never reads them."""
    blocks = [f"# What was planted (seed {seed}). Only tests read this: the product has to find it.\n"]
    for fact in FACTS:
        keys = {"measure": fact.measure, "kind": fact.kind, "since": fact.since, "reported": fact.reported,
                "rule": fact.rule, "carried_by": fact.carried_by, "text": fact.text}
        lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in keys.items() if value]
        blocks.append("[[fact]]\n" + "\n".join(lines) + "\n")
    return "\n".join(blocks)

"""`python -m tests.scenarios.choose_seed [FROM] [COUNT]`: the seeds of the sample company that tell its story cleanly.

Chance alone flags about one month in four. A sample that is to be read by newcomers should not open with such a flag,
so the shipped seed is the first one whose baseline and unplanted measures are free of signals and whose planted facts
are each found in the month they are listed with. What chance does with all the other seeds is tested in
test_sample.py, on 200 of them.
"""

from __future__ import annotations

import sys

import numpy as np

from scorecard import larkfield
from scorecard.core import spc
from scorecard.larkfield import exports
from scorecard.larkfield.accounts import Unspread

MONTHS = [str(month) for month in larkfield.MONTHS]
QUIET = [fact.measure for fact in larkfield.FACTS if fact.kind in ("nothing", "cannot_reach")]
GOALS = {"renewal_rate": 0.93, "net_revenue_retention": 1.004, "mrr_expansion": 42_000, "cost_to_serve": 450,
         "contact_schedule_kept": 0.90, "time_to_first_value": 28, "tickets_over_14_days": 40, "trust_score": 7.5,
         "development_plans_kept": 0.90}
OUT_OF_REACH = ("renewal_rate", "development_plans_kept")


def latest_rules(values: np.ndarray, month: str) -> list[set[str]]:
    """For each series the rules that its point of a month belongs to, with the figures known by then."""
    end = MONTHS.index(month) + 1
    _, found = spc.read_table(values[:end], "wheeler", larkfield.BASELINE)
    return [{rule for rule, where in found.items() if where.member[-1, i]} for i in range(values.shape[1])]


def history(values: np.ndarray) -> dict[str, list[set[str]]]:
    return {month: latest_rules(values, month) for month in MONTHS[larkfield.BASELINE:]}


def baseline_is_clean(values: np.ndarray) -> bool:
    _, found = spc.read_table(values[:larkfield.BASELINE], "wheeler", larkfield.BASELINE)
    return not any(where.member.any() for where in found.values())


def goals_stand_as_meant(values: np.ndarray) -> bool:
    limits = spc.xmr_limits(values[:larkfield.BASELINE])
    for i, measure in enumerate(larkfield.MEASURES):
        goal, low, high = GOALS.get(measure), limits.lower[i], limits.upper[i]
        if measure in OUT_OF_REACH and high >= goal or measure == "cost_to_serve" and high >= goal:
            return False
        if goal and measure not in (*OUT_OF_REACH, "cost_to_serve") and not low < goal < high:
            return False
    return True


def flagged(months: dict[str, list[set[str]]], i: int, before: str = "2099-01") -> bool:
    return any(rules[i] for month, rules in months.items() if month < before)


def facts_are_found(values: np.ndarray) -> bool:
    months = history(values)
    at = {measure: i for i, measure in enumerate(larkfield.MEASURES)}
    if any(flagged(months, at[measure]) for measure in QUIET):
        return False
    for fact in larkfield.FACTS:
        if fact.rule and (flagged(months, at[fact.measure], fact.since)
                          or fact.rule not in months[fact.reported][at[fact.measure]]
                          or fact.rule in months[before(fact.reported)][at[fact.measure]]):
            return False
    last = months["2026-10"]
    slow = [fact for fact in larkfield.FACTS if fact.kind in ("settled_lower", "rise")]
    return all(month[at[fact.measure]] == {fact.rule} for fact in slow for month in (months[fact.reported], last))


def before(month: str) -> str:
    return MONTHS[MONTHS.index(month) - 1]


def only_small_business_carries_it(rows) -> bool:
    parts = rows[rows["measure"] == "renewal_rate"]
    rate = parts.assign(rate=parts["numerator"] / parts["denominator"])
    values = rate.pivot(index="period", columns="segment", values="rate")[list(larkfield.SEGMENTS)].to_numpy()
    return [bool(rules) for rules in latest_rules(values, "2026-10")] == [False, False, True]


def new_level_holds(values: np.ndarray) -> bool:
    """After the step the nine months are routine against their own trial limits, which meet the goal of 60%."""
    after = values[MONTHS.index("2026-02"):, [larkfield.MEASURES.index("adoption_30d")]]
    limits, found = spc.read_table(after, "wheeler", len(after))
    return limits.lower[0] > 0.60 and not any(where.member.any() for where in found.values())


def tells_its_story(seed: int) -> bool:
    rows = larkfield.generate(seed)
    values = larkfield.totals(rows).to_numpy()
    return (baseline_is_clean(values) and goals_stand_as_meant(values) and facts_are_found(values)
            and new_level_holds(values) and only_small_business_carries_it(rows) and customers_can_be_found(seed))


def customers_can_be_found(seed: int) -> bool:
    """Whether a company of 412 accounts could have had these months."""
    try:
        exports.tables(seed)
    except Unspread:
        return False
    return True


def main(start: int = 1, count: int = 1000) -> None:
    for seed in range(start, start + count):
        if tells_its_story(seed):
            sys.stdout.write(f"{seed}\n")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))

"""The ledger of Brightwater Foods as the design draws it, written into any store that has its account."""

from __future__ import annotations

from datetime import date

from scorecard import registers
from scorecard.access import Actor
from scorecard.store.engine import Store

TODAY = date(2026, 11, 22)
KINDS = {"Training": "deposit", "Recognition": "deposit", "Gift": "deposit", "Reference": "ask", "Event talk": "ask"}
DEPOSITS = (("Peer introduction", "2025-11-23", "", (1, 1, 1), ""), ("Praise to her manager", "2026-01-15", "Recognition", (1, 1, 1), ""),
            ("Course on rota law", "2026-02-26", "Training", (1, 0, 0), ""), ("Free forecasting trial", "2026-04-22", "", (1, 0, 0), "used by 9 planners"),
            ("Digest made for them", "2026-06-10", "", (0, 1, 1), "read by 3 of 5"), ("Planner award", "2026-08-19", "Recognition", (1, 1, 1), "told in their newsletter"),
            ("Night-shift training", "2026-10-12", "Training", (1, 1, 1), "11 planners came"))  # fmt: skip
ASKS = (("Reference call", "2025-12-11", "agreed", "Reference"), ("Product feedback", "2026-03-18", "agreed", ""), ("Executive meeting", "2026-05-06", "declined", ""),
        ("Public review", "2026-07-08", "agreed", ""), ("Event talk", "2026-08-05", "declined", "Event talk"), ("Case study", "2026-11-24", "planned", ""),
        ("Second reference", "2026-12-10", "planned", "Reference"), ("Board talk", "2027-01-15", "planned", ""))  # fmt: skip
PROMISES = (("Fix of the export", "2026-09-30", "2026-09-30", "", "done"), ("Answer on the payroll link", "2026-10-16", "2026-10-23", "before", "done"),
            ("Price letter 90 days before", "2026-07-01", "", "not", "broken"), ("Plan for the new site", "2026-12-05", "", "", "open"))  # fmt: skip


def write(store: Store, actor: Actor, account: str, today: date = TODAY, mark: str = "") -> dict[str, str]:
    """Name of a kind -> its id; the account has its deposits, asks, promises and a recovery, each name with a mark before it."""
    kinds = {name: registers.add(store, actor, "ledger_kind", {"name": name, "side": side}, today=today).id for name, side in KINDS.items()}
    base = {"account": account, "by": None}
    for what, on, kind, marks, outcome in DEPOSITS:
        named = dict(zip(("significant", "unexpected", "personal"), map(bool, marks), strict=True))
        registers.add(store, actor, "deposit", base | named | {"what": mark + what, "on": on, "kind": kinds.get(kind), "outcome": mark + outcome if outcome else None, "hours": 2}, today=today)
    for what, on, state, kind in ASKS:
        registers.add(store, actor, "ask", base | {"what": mark + what, "on": on, "kind": kinds.get(kind)}, state=state, today=today)
    for what, due, done, told, state in PROMISES:
        values = {"what": mark + what, "due": due, "done_on": done or None, "told": told or None, "made_on": "2026-06-01"}
        registers.add(store, actor, "promise", base | values, state=state, today=today)
    registers.add(store, actor, "recovery", base | {"what": mark + "Wrong invoice", "on": "2026-03-03", "taken": True, "taken_on": "2026-03-04", "words": 2,
                                                    "solved_on": "2026-03-07"}, state="solved", today=today)  # fmt: skip
    return kinds

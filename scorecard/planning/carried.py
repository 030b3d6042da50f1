"""Account and marketing plans: their priority, aims, tactics and how far they are (P7)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from scorecard import registers
from scorecard.core import names
from scorecard.core.reading import Sentence, count_word

if TYPE_CHECKING:
    from scorecard.registers import Entry
    from scorecard.store.engine import Store

ACCOUNT, MARKETING = "account_plan", "marketing_plan"
ENDED = ("done", "dropped")
ORDER = {"high": 0, "medium": 1, "low": 2}


@dataclass(frozen=True)
class Step:
    """A tactic of such a plan."""

    what: str
    who: str
    due: date | None
    done_on: date | None


@dataclass(frozen=True)
class CarriedPlan:
    """A plan with one account, or for many. `goal` is the title of the goal that it serves, "" for none."""

    id: str
    kind: str
    title: str
    priority: str
    owner: str
    account: str
    account_name: str
    segments: tuple[str, ...]
    aims: tuple[str, ...]
    steps: tuple[Step, ...]
    goal: str
    measure: str
    progress: str
    state: str
    days: float | None
    money: float | None
    ends_on: date | None

    @property
    def done(self) -> int:
        return sum(one.done_on is not None for one in self.steps)

    @property
    def next(self) -> Step | None:
        """The first tactic that is not done, by its date."""
        return min((one for one in self.steps if one.done_on is None), key=lambda one: one.due or date.max, default=None)

    def late(self, today: date) -> tuple[Step, ...]:
        """The tactics whose day has passed."""
        return tuple(one for one in self.steps if one.done_on is None and one.due and one.due < today)


def read(store: Store, kind: str) -> tuple[CarriedPlan, ...]:
    """The plans of a kind that have not ended: by priority, then by the name of the account or the plan."""
    of = registers.register(kind)
    with store.read() as tx:
        found = [one for one in registers.entries(tx, kind) if one.state not in ENDED]
    named = registers.labels(store, of, found)
    made = [_plan(one, named) for one in found]
    return tuple(sorted(made, key=lambda one: (ORDER.get(one.priority, 3), names.order(one.account_name or one.title), one.id)))


def _plan(entry: Entry, named: dict[tuple[str, str], str]) -> CarriedPlan:
    said = entry.values

    def name(kind: str, field: str) -> str:
        return named.get((kind, str(said.get(field) or "")), "")

    account = str(said.get("account") or "")
    return CarriedPlan(
        entry.id, entry.register, entry.title, str(said.get("priority") or ""), name("person", "owner"), account, name("account", "account") or account,
        tuple(said.get("segments") or ()), tuple(line for line in str(said.get("aims") or "").split("\n") if line.strip()),
        tuple(_step(row) for row in said.get("steps") or ()), name("entry:plan_goal", "goal"), name("measure", "measure"), str(said.get("progress") or ""),
        entry.state, said.get("people"), said.get("money"), _day(said.get("ends_on") or said.get("review_on")),
    )  # fmt: skip


def _step(row: dict[str, Any]) -> Step:
    return Step(str(row.get("what") or ""), str(row.get("who") or ""), _day(row.get("due")), _day(row.get("done_on")))


def _day(text: Any) -> date | None:
    return date.fromisoformat(str(text)) if text else None


def sentence(found: Sequence[CarriedPlan], today: date) -> Sentence | None:
    """How many plans are under way, how many of their tactics are done, and which are late."""
    if not found:
        return None
    steps, done = sum(len(one.steps) for one in found), sum(one.done for one in found)
    accounts = sum(one.kind == ACCOUNT for one in found)
    counts = [f"{n} {word} {'plan' if n == 1 else 'plans'}" for n, word in ((accounts, "account"), (len(found) - accounts, "marketing")) if n]
    late = [(one, step) for one in found for step in one.late(today)]
    told = f"{done} of {steps} tactics in them are done." if steps else "None of them has a tactic yet."
    if late:
        first = "; ".join(f"{step.what} ({one.account_name or one.title})" for one, step in late[:2])
        n = count_word(len(late))
        told += f" {n[:1].upper()}{n[1:]} {'is' if len(late) == 1 else 'are'} late: {first}{f' and {len(late) - 2} more' if len(late) > 2 else ''}."
    return Sentence(f"{' and '.join(counts)} {'is' if len(found) == 1 else 'are'} under way.", told)

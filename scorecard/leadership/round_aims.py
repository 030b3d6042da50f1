"""From feedback to development plan: two aims agreed on a closed round, each a plan with its first step, read again next time."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date, timedelta

from scorecard import access, registers
from scorecard.access import Actor
from scorecard.core import names
from scorecard.core.feedback import REPORTS
from scorecard.core.periods import day
from scorecard.errors import ScorecardError, UsageError
from scorecard.leadership import round_results
from scorecard.leadership.round_results import Results
from scorecard.leadership.rounds import form_of, one, require_near
from scorecard.registers import Entry
from scorecard.store import feedback as rows
from scorecard.store import registers as register_rows
from scorecard.store.engine import Store, Tx
from scorecard.store.feedback import Aim, Round

PLAN, STEP, SOURCE = "development_plan", "development_step", "round"
MOST_AIMS = 2
LOOK_AGAIN_DAYS = 180
LONGEST = 160


@dataclass(frozen=True)
class Agreed:
    """A statement that became an aim, with its step and the plan behind it as they stand; None when they were withdrawn.

    `then` and `now` are the reports' means in the round on which it was agreed and in the next one; None while hidden or to come.
    """

    aim: Aim
    label: str
    plan: Entry | None
    step: Entry | None
    then: float | None
    now: float | None = None

    def said(self, field: str) -> str:
        """A field of the step in words."""
        return str(self.step.values.get(field) or "") if self.step else ""

    @property
    def due(self) -> date | None:
        """The day by which the step is to be done."""
        value = self.said("due")
        return date.fromisoformat(value) if value else None


def agree(
    store: Store, actor: Actor, id: str, item: str, *, does: str, due: date, today: date, helper: str = "", known_by: str = "",
    plan_id: str = "", step_id: str = "",
) -> Aim:  # fmt: skip
    """The aim: a development plan of the person with one step to begin with. At most two a round: a third is no aim, but a list."""
    access.require(actor, "own_data")
    told = names.required(does, "step", LONGEST)

    def work(tx: Tx) -> Aim:
        found = _closed(tx, actor, id)
        label = _label(tx, found, item)
        plan = registers.put(store, tx, registers.register(PLAN), _plan(found, label, today), "draft", today, plan_id or secrets.token_hex(6), actor)
        said = {"person": found.person, "plan": plan.id, "title": told, "due": due.isoformat()}
        said |= {key: names.clean(text, key, LONGEST) for key, text in (("help", helper), ("known_by", known_by)) if text.strip()}
        step = registers.put(store, tx, registers.register(STEP), said, "open", today, step_id or secrets.token_hex(6), actor)
        new = Aim(id, item, step.id, actor.name, tx.now)
        rows.insert_aim(tx, new)
        tx.audit("agree aim", f"feedback:{id}", None, {"step": step.id})
        return new

    return store.write(work, actor.name)


def _closed(tx: Tx, actor: Actor, id: str) -> Round:
    rows.take(tx, id)  # two who agree at the same moment do not make three aims
    found = one(tx, id)
    require_near(tx, actor, found.person)
    if found.open:
        raise ScorecardError(f"{found.title} is open until {day(found.closes)}. Aims are agreed on its results.")
    return found


def _label(tx: Tx, found: Round, item: str) -> str:
    form, agreed = form_of(found), rows.aims(tx, found.id)
    if item not in {each.id for each in form.items}:
        raise UsageError(f"{item[:40]!r} was not asked in {found.title}.")
    if any(each.item == item for each in agreed):
        raise ScorecardError(f"“{form.label(item)}” is an aim already.")
    if len(agreed) >= MOST_AIMS:
        raise ScorecardError(f"{MOST_AIMS} aims are agreed already. Take one back first: more than {MOST_AIMS} are not followed.")
    return form.label(item)


def _plan(found: Round, label: str, today: date) -> dict[str, str]:
    again = today + timedelta(days=LOOK_AGAIN_DAYS)
    return {"person": found.person, "aim": label, "why": f"Feedback to leaders, {found.title}.", "source": SOURCE,
            "begun_on": today.isoformat(), "look_again": again.isoformat()}  # fmt: skip


def take_back(store: Store, actor: Actor, id: str, item: str) -> None:
    """Nothing; the statement is no aim any more. Its plan and step stay in the development plan, where they can be withdrawn."""
    access.require(actor, "own_data")

    def work(tx: Tx) -> None:
        _closed(tx, actor, id)
        rows.drop_aim(tx, id, item)
        tx.audit("take back aim", f"feedback:{id}", {"item": item}, None)

    store.write(work, actor.name)


def agreed(store: Store, actor: Actor, id: str) -> tuple[Agreed, ...]:
    """The aims of a closed round, as they stand in the development plan."""
    return _both(store, actor, id)[0]


def read_again(store: Store, actor: Actor, id: str) -> tuple[Agreed, ...]:
    """The aims of the round before, with the reports' mean then and now."""
    return _both(store, actor, id)[1]


def _both(store: Store, actor: Actor, id: str) -> tuple[tuple[Agreed, ...], tuple[Agreed, ...]]:
    access.require(actor, "own_data")
    with store.read() as tx:
        found = one(tx, id)
        require_near(tx, actor, found.person)
        return ((), ()) if found.open else both_in(tx, round_results.results_in(tx, found))


def both_in(tx: Tx, found: Results) -> tuple[tuple[Agreed, ...], tuple[Agreed, ...]]:
    """(aims of this round, aims of the round before) in a transaction of the caller, who has asked for permission."""
    aims = rows.aims_of(tx, [found.round.id, found.last.id] if found.last else [found.round.id])
    steps = register_rows.known(tx, STEP, [aim.step for aim in aims])
    plans = register_rows.known(tx, PLAN, [str(step.values["plan"]) for step in steps.values()])
    now = {line.item: line.seen[REPORTS].mean for line in found.lines}
    earlier = form_of(found.last) if found.last else found.form

    def told(aim: Aim, label: str, then: float | None, later: float | None) -> Agreed:
        step = steps.get(aim.step)
        return Agreed(aim, label, plans.get(str(step.values["plan"])) if step else None, step, then, later)

    own = tuple(told(aim, found.form.label(aim.item), now.get(aim.item), None) for aim in aims if aim.round == found.round.id)
    again = tuple(told(aim, earlier.label(aim.item), found.then.get(aim.item), now.get(aim.item)) for aim in aims if aim.round != found.round.id)
    return own, again

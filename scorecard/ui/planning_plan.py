"""Below Planning and review: the plan in its parts, who takes part in it, account and marketing plans."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

import streamlit as st

from scorecard import access, metrics, registers
from scorecard.core.definition import Definition
from scorecard.core.reading import Sentence
from scorecard.output import planning_plan, sensory_tables, tables
from scorecard.output.theme import escape_markdown, escape_sentence
from scorecard.planning import carried, plans, tree
from scorecard.planning.carried import CarriedPlan
from scorecard.planning.plans import DatedGoal, Edition, Part, Plan, Standing
from scorecard.store.engine import Store
from scorecard.ui import block, forms, measure_forms, planning_tree, register_board, register_forms
from scorecard.ui.kept import kept
from scorecard.ui.state import Page

VIEW, PART_VIEW, PLANS_VIEW, KEPT = "plan", "part", "plans", 16
TREE = ("objective", "plan_goal", "strategy", "tactic", "plan")
RECORDS = {"plan": VIEW, "plan_part": VIEW, "plan_voice": PART_VIEW, "plan_proposal": PART_VIEW}


@dataclass(frozen=True)
class Shown:
    """The plan beside its tree, as it was read for a version of the data; no parts or versions without a plan."""

    parts: tuple[Part, ...]
    goals: tuple[DatedGoal, ...]
    editions: tuple[Edition, ...]
    standing: Standing | None
    accounts: tuple[CarriedPlan, ...]
    marketing: tuple[CarriedPlan, ...]


def shown(page: Page) -> Shown:
    """What stands beside the tree."""
    return _shown(page.store, page.today, planning_tree.plan(page))


@kept(KEPT)
def _shown(store: Store, today: date, plan: Plan | None) -> Shown:
    accounts, marketing = (_carried(store, kind) for kind in (carried.ACCOUNT, carried.MARKETING))
    if plan is None:
        return Shown((), (), (), None, accounts, marketing)
    named = tree.measures(store)
    with store.read() as tx:
        return Shown(plans.parts(tx, plan, today), plans.dated_goals(tx, named), plans.editions(tx, plan), plans.standing(tx, plan), accounts, marketing)


@kept(KEPT)
def _carried(store: Store, kind: str) -> tuple[CarriedPlan, ...]:
    return carried.read(store, kind)


def of_account(page: Page, account: str) -> None:
    """A line with the plans of one account, for its page; nothing where there is none."""
    found = [one for one in _carried(page.store, carried.ACCOUNT) if one.account == account]
    if found:
        block.draw(planning_plan.in_a_line(found, lambda id: block.address("planning", record=f"{carried.ACCOUNT}:{id}"), page.today), key="account plans")


def sentences(page: Page) -> tuple[Sentence, ...]:
    """What account and marketing plans have come to."""
    found = shown(page)
    said = carried.sentence((*found.accounts, *found.marketing), page.today)
    return (said,) if said else ()


# -- on the page itself


def edit(page: Page) -> None:
    """The button that leads to everything of which the plan is made."""
    words = "Edit the plan" if registers.may_write(page.actor, tree.TACTIC) else "The plan"
    if st.button(words, icon=":material/edit:", key="edit plan"):
        block.follow(block.address("planning", view=VIEW))


def draw(page: Page) -> None:
    """Account and marketing plans, and the ways to the plan in its parts and to who takes part."""
    found = shown(page)
    if said := sentences(page):
        block.draw(tables.says(said), key="plans says")
    block.draw(_plans(page, found), key="carried plans")
    old, missing = sum(one.old for one in found.parts), sum(not one.id for one in found.parts)
    aged = ", ".join(filter(None, (f"{missing} not written" if missing else "", f"{old} not looked at for a year" if old else "")))
    agree = f"{len(found.standing.agreed)} of {found.standing.asked} agree" if found.standing else "nothing to agree with yet"
    ways = {VIEW: f"The plan in {len(found.parts)} parts{f', {aged}' if aged else ''}" if found.parts else "The plan", PART_VIEW: f"Who takes part: {agree}",
            PLANS_VIEW: "All account and marketing plans"}  # fmt: skip
    block.draw(planning_plan.further(ways, lambda view: block.address("planning", view=view)), key="further")


def _plans(page: Page, found: Shown) -> str:
    def entry(kind: str):
        return lambda id: block.address("planning", record=f"{kind}:{id}")

    def ledger(id: str) -> str:
        return block.address("ledger", account=id)

    of = registers.register
    return planning_plan.carried("Account plans", found.accounts, entry(carried.ACCOUNT), ledger, page.today, of(carried.ACCOUNT).help) + planning_plan.carried(
        "Marketing plans", found.marketing, entry(carried.MARKETING), ledger, page.today, of(carried.MARKETING).help)


# -- the views below


def _head(title: str, second: str = "") -> None:
    block.draw(sensory_tables.crumbs((("Planning and review", block.address("planning")),), title), key="crumbs")
    st.title(title, anchor=False)
    if second:
        st.caption(escape_markdown(second))


def records(page: Page) -> None:
    """The plan in its parts, its dated goals, its versions, and everything of which its tree is made."""
    every, found = planning_tree.of_year(page, None), shown(page)
    _head("The plan", every.second_line)
    apart = tree.apart_sentence(every.tree) if every.tree else None
    if said := (*every.sentences, *([apart] if apart else [])):
        block.draw(tables.says(said), key="plan says")
    if every.plan:
        _parts(page, found)
        _goals(page, found.goals)
        st.subheader("Versions", anchor=False)
        block.draw(planning_plan.editions(found.editions), key="editions")
    _boards(page, TREE, "tree register", {"objective": {"plan": every.plan.id}} if every.plan else {})


def _boards(page: Page, offered: tuple[str, ...], key: str, given: Mapping[str, Mapping[str, str]] = MappingProxyType({})) -> None:
    """The boards of registers, one at a time; `given` are the values of a new entry, by register."""
    labels = {id: registers.register(id).label for id in offered}
    chosen = st.segmented_control("Register", list(labels), default=offered[0], required=True, format_func=labels.get, key=key, label_visibility="collapsed")
    register_board.board(page, chosen or offered[0], given=given.get(chosen or offered[0]))


def _parts(page: Page, found: Shown) -> None:
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", gap="small"):
        st.subheader("Parts of the plan", anchor=False, width="content")
        plan = planning_tree.plan(page)
        register_forms.button(page, plans.PART, given={"plan": plan.id} if plan else None)
    new = block.address("planning", view=VIEW, log=plans.PART)
    block.draw(planning_plan.parts(found.parts, lambda id: block.address("planning", record=f"{plans.PART}:{id}"), new), key="parts")


def _goals(page: Page, found: tuple[DatedGoal, ...]) -> None:
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", gap="small"):
        with st.container(horizontal=True, vertical_alignment="bottom", width="content", gap="small"):
            st.subheader("Goals and their dates", anchor=False, width="content")
            st.caption("the goals of the measures themselves: there is no second number", width="content")
        _change_goal(page, {one.measure.name: one.measure for one in found})
    block.draw(planning_plan.goals(found, lambda id: block.address("measure", measure=id)), key="goals")


def _change_goal(page: Page, offered: dict[str, Definition]) -> None:
    """The measure's own form of a goal, for who may change goals."""
    if not offered or not access.may(page.actor, "change_goals"):
        return
    chosen = st.menu_button("Change a goal", [one.label for one in offered.values()], icon=":material/flag:", key="change goal", format_func=escape_sentence)
    name = next((name for name, one in offered.items() if one.label == chosen), "")
    if name:
        measure_forms.set_goal(page, metrics.measure_view(page.store, name, None, "", page.today))


def part(page: Page) -> None:
    """Who agrees with the plan, what people brought into it, and what it brought into the planning of the company."""
    every = planning_tree.of_year(page, None)
    _head("Who takes part", every.second_line)
    if every.taking_part:
        block.draw(tables.says(every.taking_part), key="part says")
    plan = every.plan
    found = shown(page).standing
    if plan and found:
        _agreement(page, plan, found)
    _boards(page, (plans.VOICE, plans.PROPOSAL), "part register")


def _agreement(page: Page, plan: Plan, found: Standing) -> None:
    block.draw(planning_plan.agreed(found, plan.edition), key="agreed")
    if page.actor.person not in found.open_to or not registers.may_write(page.actor, plans.READ):
        return
    with st.popover(f"I agree with version {plan.edition}", icon=":material/how_to_reg:"):
        words = st.text_input("What you want to say :gray[(optional)]", max_chars=300, key="agree words")
        if st.button("I have read it, and I agree", type="primary", key=f"agree {plan.id} {plan.edition}"):  # a press on the version before is none on this one
            forms.save("agree", page.store, lambda store: plans.agree(store, page.actor, plan.id, plan.edition, words, page.today), "Thank you. It is noted.")


def every_plan(page: Page) -> None:
    """Account and marketing plans, those that have ended too."""
    _head("Account and marketing plans")
    if said := sentences(page):
        block.draw(tables.says(said), key="plans says")
    block.draw(_plans(page, shown(page)), key="carried plans")
    _boards(page, (carried.ACCOUNT, carried.MARKETING), "carried register")

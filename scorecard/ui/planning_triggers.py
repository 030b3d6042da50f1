"""Triggers on the page Planning and review: the table, what nobody took up, and the registers behind it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import streamlit as st

from scorecard import access, registers
from scorecard.core.periods import Period, containing
from scorecard.core.reading import Sentence
from scorecard.output import planning_triggers, sensory_tables
from scorecard.output.planning_triggers import Ways
from scorecard.output.theme import escape_markdown
from scorecard.planning import triggers
from scorecard.planning.triggers import RESPONSE, TRIGGER, Fired, Overview, Watched
from scorecard.reviews.commands import bring
from scorecard.store.engine import Store
from scorecard.ui import block, forms, register_board, register_forms
from scorecard.ui.kept import kept
from scorecard.ui.state import Page

KEPT, VIEW, WRITE = 16, "triggers", "write"
RECORDS = dict.fromkeys((TRIGGER, RESPONSE), VIEW)


@dataclass(frozen=True)
class Shown:
    """The triggers of one version of the data: their sentences and their drawing."""

    found: Overview
    sentences: tuple[Sentence, ...]
    drawn: str


def address(**query: str) -> str:
    """The address of the registers of triggers and response plans."""
    return block.address("planning", view=VIEW, **query)


def shown(page: Page) -> Shown:
    """Every trigger tried on its history, read once for each version of the data."""
    return _shown(page.store, page.today, registers.may_write(page.actor, RESPONSE))


@kept(KEPT)
def _shown(store: Store, today: date, may_write: bool) -> Shown:
    found = triggers.read(store, today)
    ways = Ways(lambda id: block.address("planning", record=f"{TRIGGER}:{id}"), lambda id: block.address("planning", record=f"{RESPONSE}:{id}"),
                lambda id: block.address("planning", **{WRITE: id}), may_write)  # fmt: skip
    return Shown(found, tuple(triggers.sentences(found)), planning_triggers.section(found, ways))


def sentences(page: Page) -> tuple[Sentence, ...]:
    """What the page says first about triggers."""
    return shown(page).sentences


def draw(page: Page) -> None:
    """The table with what to do about it, or what to write first."""
    found = shown(page)
    if found.drawn:
        more = f'<p class="cap hf-more"><a href="{address()}">All triggers and response plans</a></p>'
        block.draw(found.drawn + more, key="triggers")
        for one in found.found.watched:
            for each in one.overlooked(page.today):
                _bring(page, one, each)
    else:
        st.subheader("Triggers", anchor=False)
        st.caption("None is written yet: what would make us change the plan, and what we would do then.")
        register_forms.button(page, TRIGGER, "Write the first trigger", key="first trigger")
    _asked(page)


def _asked(page: Page) -> None:
    """Opens the form of a new plan for the trigger that the address names; a link is followed once."""
    asked = st.query_params.get(WRITE, "")[:80]
    if not asked:
        return
    del st.query_params[WRITE]
    one = next((one for one in shown(page).found.found if one.id == asked), None)
    if one and registers.may_write(page.actor, RESPONSE):
        register_forms.new(page, RESPONSE, {"trigger": one.id, "owner": one.owner})


def _bring(page: Page, one: Watched, each: Fired) -> None:
    """The button that puts what was overlooked on the agenda of the next review."""
    if not (page.scorecard and access.may(page.actor, "decide")):
        return
    month = containing(page.today, "month").shift(-1)
    label = f"Put {escape_markdown(one.title)} ({each.period.label}) on the agenda of {month.label}"
    if st.button(label, icon=":material/assignment_add:", key=f"bring {each.item}"):
        forms.save(f"bring {each.item}", page.store, lambda store: _brought(store, page, month, one, each), f"It stands on the agenda of {month.label}.")


def _brought(store: Store, page: Page, month: Period, one: Watched, each: Fired) -> None:
    bring(store, page.actor, page.scorecard, month, each.item, one.title)


def records(page: Page) -> None:
    """The registers of triggers and of the plans that answer them."""
    block.draw(sensory_tables.crumbs((("Planning and review", block.address("planning")),), "Triggers and response plans"), key="crumbs")
    st.title("Triggers and response plans", anchor=False)
    if any(one.watches_log for one in shown(page).found.found):
        st.caption(triggers.AS_IT_STANDS)
    for register in (TRIGGER, RESPONSE):
        register_board.board(page, register)

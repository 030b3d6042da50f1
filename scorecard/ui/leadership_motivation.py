"""What moves people on the page Leadership: the reader's own word, and what others chose to share with them. Nothing of it is kept between readers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from scorecard import looking, registers
from scorecard.core.periods import day
from scorecard.errors import StaleEdit
from scorecard.leadership import motivation
from scorecard.leadership.motivation import Overview
from scorecard.output import leadership_motivation, sensory_tables, tables
from scorecard.output.theme import escape_markdown
from scorecard.store.engine import Store
from scorecard.ui import block, forms, register_board, register_forms
from scorecard.ui.state import Page

VIEW = "motivation"
FIELDS = ("moves", "words", "fits", "more", "share_with")


def address(**query: str) -> str:
    """The address of the registers of what moves people and of work that fits."""
    return block.address("leadership", view=VIEW, **query)


def draw(page: Page) -> None:
    """The way to what moves people. What they say stands on a view of its own, read for each reader alone."""
    block.draw(leadership_motivation.way(address()), key="what moves us")


def view(page: Page) -> None:
    """The reader's own word with its form, what others share with them, and what was agreed."""
    with page.store.read() as tx:
        found, said = motivation.read(tx, page.actor, page.today), registers.entries(tx, motivation.REGISTER, actor=page.actor)
    looking.looked(page.store, page.actor, registers.register(motivation.REGISTER), said, page.today)
    block.draw(sensory_tables.crumbs((("Leadership", block.address("leadership")),), "What moves us"), key="crumbs")
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="top", gap="small"):
        with st.container(gap="xxsmall", width="content"):
            st.title("What moves us", anchor=False)
            st.caption("Said by each person for themselves, seen by whom they choose.")
        with st.container(horizontal=True, width="content", gap="xsmall", key="filters"):
            _buttons(page, found)
    _own(found)
    if found.due:
        block.draw(tables.says([motivation.sentence(found.due)]), key="look again")
    if found.shared:
        block.draw(leadership_motivation.table(found.shared, lambda id: address(record=f"{motivation.FIT}:{id}"), page.today), key="what moves others")
    elif not found.own:
        st.caption("Nobody shares anything with you yet.")
    register_board.board(page, motivation.FIT)


def _buttons(page: Page, found: Overview) -> None:
    label = "Change what I said" if found.own else "Say what moves me"
    may = registers.may_write(page.actor, motivation.REGISTER) and page.actor.person
    if may and st.button(label, icon=":material/edit:", key="what moves me"):
        st.session_state.pop(_seen(page), None)
        st.dialog("What moves me", width="medium")(form)(page)


def _own(found: Overview) -> None:
    if found.own is None:
        st.caption("You have not said what moves you. It is yours alone unless you share it, with your leader or with your team.")
        return
    of, said = registers.register(motivation.REGISTER), found.own.values
    moves = ", ".join(of.field("moves").choices.get(one, one) for one in said["moves"])
    shared = {"nobody": "nobody but you reads it", "leader": "your leader reads it", "team": "your team reads it"}[str(said["share_with"])]
    st.caption(escape_markdown(f"You, on {day(found.own.at)}: {moves}. {said.get('words', '')}").rstrip() + f" :gray[({shared})]")


def form(page: Page) -> None:
    """The reader's own word in a form; it begins with what they said the last time."""
    with page.store.read() as tx:
        own = motivation.own_word(tx, page.actor)
        now = own.version if own else 0
        base, seen = st.session_state.setdefault(_seen(page), (now, now))
        begin = motivation.as_of(tx, page.actor, own, base)
    with st.form("what moves me form", border=False):
        said = {name: register_forms.field(page, motivation.REGISTER, name, begin.get(name), f"moves {name} {base}") for name in FIELDS}
        pressed = st.form_submit_button("Save", type="primary")
    if pressed:
        forms.save("what moves me", page.store, lambda store: _save(page, store, said, base, seen, now), "Your word is saved.")


def _save(page: Page, store: Store, said: Mapping[str, Any], base: int, seen: int, now: int) -> None:
    """Saves over the version this person saw; when they were first in another window, the next try is over that one."""
    try:
        motivation.state(store, page.actor, said, page.today, seen_version=seen)
    except StaleEdit:
        st.session_state[_seen(page)] = (base, now)
        raise
    st.session_state.pop(_seen(page), None)


def _seen(page: Page) -> str:
    """Where the version with which the form was opened is kept, and the one over which it saves."""
    return f"seen what moves {page.actor.person}"

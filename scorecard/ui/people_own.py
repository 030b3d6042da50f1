"""Everything about me: what the store holds about who asks, on the page People and as files; and how long it is kept."""

from __future__ import annotations


import streamlit as st

from scorecard import access
from scorecard.core.reading import Sentence
from scorecard.errors import NotAllowed
from scorecard.output import people_own, sensory_tables, tables
from scorecard.output.theme import escape_markdown, escape_sentence
from scorecard.people import own
from scorecard.ui import block, menus, part_menu
from scorecard.ui.part_menu import File
from scorecard.ui.state import Page

VIEW = "me"
KEPT = ("It is deleted with every earlier version so long after the last word of it, and after its day; the server looks once a day. "
        "What the audit keeps of it is a number that says nothing any more.")  # fmt: skip


def link(page: Page) -> None:
    """The way to it, for everybody."""
    if st.button("Everything about me", icon=":material/badge:", key="everything about me"):
        block.follow(block.address("people", view=VIEW))


def draw(page: Page) -> None:
    """What is held about who asks: one part at a time, all of them in the files."""
    block.draw(sensory_tables.crumbs((("People", block.address("people")),), "Everything about me"), key="crumbs")
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="top", gap="small"):
        with st.container(gap="xxsmall", width="content"):
            st.title("Everything about me", anchor=False)
            st.caption(f"{escape_markdown(page.actor.name)} · nobody else can open this page for you, your leader neither")
        _menu(page)
    try:
        found = own.part(page.store, page.actor, _chosen())
    except NotAllowed as refusal:
        st.info(escape_sentence(refusal))
        return
    block.draw(tables.says([Sentence("What is held about you is yours to read and to take along.", "The files have all of it, every earlier version too.")]), key="own says")
    st.segmented_control("Part", list(own.PARTS), default=own.ABOUT_YOU, required=True, key="own part", label_visibility="collapsed")
    st.caption(escape_markdown(found.sentence))
    block.draw(people_own.part(found), key="own rows")
    st.subheader("How long it is kept", anchor=False)
    retention(page)


def _chosen() -> str:
    chosen = st.session_state.get("own part", own.ABOUT_YOU)
    return chosen if chosen in own.PARTS else own.ABOUT_YOU


def _menu(page: Page) -> None:
    """The files are made when a button is pressed."""
    def inside() -> None:
        part_menu.files("me", [
            File("**Excel**, everything about me", ".xlsx", lambda: people_own.workbook(own.everything(page.store, page.actor))),
            File("**JSON**, everything about me", ".json", lambda: own.as_json(own.everything(page.store, page.actor))),
        ])  # fmt: skip

    menus.draw(inside)


def retention(page: Page) -> None:
    """How long each register of people's own rows is kept, and what is over its time, for who may delete it."""
    if not access.may(page.actor, "own_data"):
        return
    found = own.periods(page.store, page.actor)
    if not found:
        return
    block.draw(people_own.kept(found), key="kept")
    st.caption(KEPT)
    if access.may(page.actor, "manage_members") and (due := sum(one.entries for one in own.due(page.store, page.actor, page.today))):
        st.caption(f"{due:,} {'entry is over its' if due == 1 else 'entries are over their'} time; the server deletes what is due once a day.")

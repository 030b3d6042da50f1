"""The map of the lifecycle is changed here: each stage with what begins and ends it, with a reason, as a new version."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from scorecard import access
from scorecard.core.lifecycle import BEGINS, CHANNELS, ENDS, LONGEST_NAME, LONGEST_REASON, LONGEST_WORDS, MOST_NOTICE, NAMED, WANTED, LifecycleMap, Mark, Stage
from scorecard.output import sensory_tables
from scorecard.output.theme import escape_markdown
from scorecard.store.engine import Store
from scorecard.ui import block, forms
from scorecard.ui.kept import kept
from scorecard.ui.state import Page
from scorecard.work import lifecycle

VIEW, MAP, KEPT, NOTICE = "edit", "map", 8, 60
HELD = "map that is edited"
MAIN, REST, BESIDE = "main", "rest", "beside"
RUNS = {MAIN: "one after the other", REST: "takes who is in no other", BESIDE: "runs beside the others"}
_NEW = Stage("", "", Mark("moved"), Mark("moved"))


def address() -> str:
    """Where the map is changed."""
    return block.address("work", view=VIEW)


def link(page: Page) -> None:
    """The way here, for who may change the map; whoever comes by it begins with the map in force."""
    st.session_state.pop(HELD, None)
    if access.may(page.actor, "edit_measures") and st.button("Edit the map", icon=":material/edit:", key="edit the map"):
        block.follow(address())


def draw(page: Page) -> None:
    """The form of the whole map; who may not change it is told who may."""
    block.draw(sensory_tables.crumbs((("Work", block.address("work")), ("The map", block.address("work", view=MAP))), "Edit"), key="crumbs")
    st.title("Edit the map", anchor=False)
    access.require(page.actor, "edit_measures")
    current = st.session_state.setdefault(HELD, lifecycle.current(page.store))
    _meanwhile(current, lifecycle.current(page.store))
    st.caption("A new version stands beside the old one with its verdict. The past is counted again by both; nothing that was loaded is changed. "
               "An account in several stages of the way counts in the last of them.")
    _form(page, current)


def _meanwhile(held: LifecycleMap, now: LifecycleMap) -> None:
    """Says that somebody saved another version while this one is edited; what was typed stays until the editor begins again."""
    if held.version == now.version:
        return
    st.warning(escape_markdown(f"{now.author} saved version {now.version} of the map meanwhile. What stands here began with version {held.version} and cannot be saved."
                               if now.version else "The map was taken back meanwhile. What stands here cannot be saved."))
    if st.button("Begin again with the map in force", key="map again"):
        st.session_state.pop(HELD, None)
        st.rerun()


def _form(page: Page, current: LifecycleMap) -> None:
    mark, offered = f"map {current.version}", _offered(page.store)
    with st.form(mark, border=False):
        written = [_stage(one, place, offered, f"{mark} {place}") for place, one in enumerate((*current.stages, _NEW))]
        left, right = st.columns((1, 3))
        since = left.date_input("Work goes by it since", page.today, format="DD/MM/YYYY", key=f"{mark} since")
        reason = right.text_input("Reason", max_chars=LONGEST_REASON, key=f"{mark} reason", help="What should become faster, cheaper or better by it.")
        sent = st.form_submit_button(f"Save as version {max(current.version, 1) + 1}", type="primary")
    if not sent:
        return

    def work(store: Store) -> None:
        lifecycle.save_map(store, page.actor, replace(current, stages=_in_order(written)), current.version, reason, since)
        st.session_state.pop(HELD, None)
        st.query_params["view"] = MAP

    forms.save(mark, page.store, work, f"Version {max(current.version, 1) + 1} of the map is saved. It stands beside the one before.")


def _in_order(written: Sequence[tuple[int, Stage | None]]) -> tuple[Stage, ...]:
    """The stages that stay, by the place that was typed; of equal places the one that stood earlier."""
    return tuple(stage for _, stage in sorted(((place, stage) for place, stage in written if stage), key=lambda one: one[0]))


def _stage(one: Stage, place: int, offered: tuple[str, ...], key: str) -> tuple[int, Stage | None]:
    """(place, stage) as they stand in the form; no stage where it was taken out, or a new one has no name."""
    with st.expander(escape_markdown(f"{place + 1}. {one.name}") if one.name else "Add a stage", expanded=False):
        first, second, third = st.columns((2, 1, 2))
        name = first.text_input("Name", one.name, max_chars=LONGEST_NAME, key=f"{key} name")
        at = second.number_input("Place", 1, 13, place + 1, key=f"{key} place")
        runs = third.selectbox("It", list(RUNS), index=list(RUNS).index(REST if one.rest else BESIDE if one.beside else MAIN), format_func=RUNS.get, key=f"{key} runs")
        begin, end = _mark("Begins when", BEGINS, one.begin, offered, f"{key} begin"), _mark("Ends when", ENDS, one.end, offered, f"{key} end")
        left, right = st.columns((3, 2))
        channels = left.multiselect("Channels", list(CHANNELS), list(one.channels), format_func=CHANNELS.get, key=f"{key} channels")
        wanted = right.selectbox("Days", list(WANTED), index=list(WANTED).index(one.wanted), format_func=WANTED.get, key=f"{key} wanted")
        words = st.text_input("What its days are, in a few words", one.words, max_chars=LONGEST_WORDS, key=f"{key} words")
        gone = bool(one.name) and st.checkbox("Take this stage out", key=f"{key} gone")
    made = replace(one, name=name, begin=begin, end=end, channels=tuple(channels), wanted=wanted, words=words, rest=runs == REST, beside=runs == BESIDE)
    return int(at), None if gone or not (one.name or name.strip()) else made


def _mark(label: str, kinds: dict[str, str], found: Mark, offered: tuple[str, ...], key: str) -> Mark:
    """What begins or ends a stage, narrowed to a milestone, a channel or an event where one is named."""
    begins = kinds is BEGINS
    kind_at, name_at, days_at = st.columns((2, 2, 1))
    kind = kind_at.selectbox(label, list(kinds), index=list(kinds).index(found.kind), format_func=kinds.get, key=f"{key} kind")
    known = tuple(dict.fromkeys((*((found.name,) if found.name else ()), *offered)))
    name = name_at.selectbox("Only this milestone, channel or event", known, index=known.index(found.name) if found.name else None, accept_new_options=True,
                             placeholder="any", key=f"{key} name")
    days = days_at.number_input("Days before", 1, MOST_NOTICE, found.days or NOTICE, key=f"{key} days", help="For a renewal that is due.") if begins else 0
    return Mark(kind, (name or "") if kind in NAMED else "", int(days) if kind == "notice" else 0)


@kept(KEPT)
def _offered(store: Store) -> tuple[str, ...]:
    """The names of milestones, channels and events that the facts hold."""
    return lifecycle.offered(store)

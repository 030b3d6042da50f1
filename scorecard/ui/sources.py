"""The tab Sources and schedules of the page Data: how fresh everything is, what is being loaded, what waits."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from scorecard import arrivals, jobs, sources
from scorecard.output import source_tables
from scorecard.output.theme import escape_markdown
from scorecard.sources import CADENCES, MOST_DAYS, Line
from scorecard.store.engine import Store
from scorecard.store.sources import Arrival, Source
from scorecard.ui import block, forms, handed, remapping
from scorecard.ui.state import Page

BUSY_SECONDS, IDLE_SECONDS = 1.0, 5.0
LOADS, JOBS = 30, 10
WATCHED, BROUGHT = "A folder that is watched", "Somebody brings it here"
OPEN = "jobs seen open"


def draw(page: Page, zone: str) -> None:
    """The whole tab."""
    lines, waits = sources.lines(page.store, page.today), arrivals.waiting(page.store)
    said = source_tables.news(lines, waits, sources.scorecard_labels(page.store))
    if said:
        block.draw(said, key="source news")
    working(page)
    for source, one in waits:
        waiting(page, source, one, zone)
    block.draw(source_tables.sources(lines, zone), key="source list")
    manage(page, lines)
    over = [one for one in jobs.recent(page.store, JOBS, jobs.LOADS) if not one.open]
    block.draw(
        source_tables.loads(sources.last_loads(page.store, LOADS), zone) + source_tables.jobs(over, zone),
        key="source loads",
    )


def counted(page: Page) -> str:
    """`8 sources, 7 fresh`."""
    return source_tables.counted(sources.lines(page.store, page.today))


def last(page: Page, zone: str) -> None:
    """Sources and their last loads, for the tab of a file."""
    block.draw(source_tables.sources(sources.lines(page.store, page.today), zone), key="sources")


# -- what is being loaded


def working(page: Page) -> None:
    """What runs and what waits, read again every second while there is something."""
    st.session_state[OPEN] = [one.id for one in jobs.unfinished(page.store) if jobs.is_load(one)]
    seconds = BUSY_SECONDS if st.session_state[OPEN] else IDLE_SECONDS
    st.fragment(_working, run_every=seconds)(page)


def _working(page: Page) -> None:
    found = [one for one in jobs.unfinished(page.store) if jobs.is_load(one)]
    if [one.id for one in found] != st.session_state.get(OPEN):
        st.rerun()  # A job began or ended: the tables beside it are no longer right.
    for one in found:
        handed.job(page, one, "sources")


# -- what waits for an answer


def waiting(page: Page, source: Source, one: Arrival, zone: str) -> None:
    """One file with its question: answer it and load it, or leave it."""
    with st.container(border=True, key=f"waiting {one.sha256[:12]}"):
        block.draw(source_tables.waits(source, one, zone), key=f"waits {one.sha256[:12]}")
        if any(job.arguments.get("sha256") == one.sha256 for job in jobs.unfinished(page.store)):
            st.caption("It is being read again with your answer.")
            return
        answers, whole = remapping.answers(one)
        look = remapping.corrected(one)
        with st.container(horizontal=True, gap="small", vertical_alignment="center"):
            if look and st.button("Read it again", key=f"look {one.sha256[:12]}", help="Nothing of it is stored."):
                _ask(page, source, one, answers, True, "It is being read again.")
            if whole and not look and st.button("Load it", key=f"load {one.sha256[:12]}", type="primary"):
                _ask(page, source, one, answers, False, "It is being loaded.")
            if st.button("Leave it", key=f"leave {one.sha256[:12]}"):
                forms.save(
                    f"leave {one.sha256}",
                    page.store,
                    lambda store: arrivals.leave(store, page.actor, source.id, one.sha256),
                    "Left. The file stays where it is.",
                )
            st.caption(
                "An answer is kept for the next file of this source. Refused rows stay in quarantine with their reason."
            )


def _ask(page: Page, source: Source, one: Arrival, answers: dict[str, str], look: bool, said: str) -> None:
    def ask(store: Store) -> None:
        arrivals.answer(store, page.actor, source.id, one.sha256, answers, look)

    forms.save(f"answer {one.sha256}", page.store, ask, said)


# -- changing what is expected


def manage(page: Page, lines: tuple[Line, ...]) -> None:
    """Choose a source and load, pause, change or remove it; or add one."""
    declared = {line.source.id: line.source for line in lines if line.source}
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        if declared:
            chosen = st.selectbox(
                "Source", list(declared), format_func=lambda one: declared[one].name, key="source chosen", width=240
            )
            _buttons(page, declared.get(chosen) or next(iter(declared.values())))
        with st.popover("Add a source", icon=":material/add:"):
            _add(page)


def _buttons(page: Page, one: Source) -> None:
    if one.place and st.button("Load now", icon=":material/play_arrow:"):
        forms.save(
            "load now", page.store, lambda store: sources.load_now(store, page.actor, one), "It is being loaded."
        )
    words = "Resume" if one.paused else "Pause"
    if one.way == arrivals.FOLDER and st.button(words):
        said = "Its folder is watched again." if one.paused else "Its folder is not watched until you resume."
        _change(page, replace(one, paused=not one.paused), said)
    with st.popover("Change"):
        _edit(page, one)
    with st.popover("Remove"):
        st.write(f"{escape_markdown(one.name)} is forgotten, and which of its files were loaded. What it loaded stays.")
        if st.button("Remove it", key=f"remove {one.id}"):
            forms.save(f"remove {one.id}", page.store, lambda store: sources.remove(store, page.actor, one), "Removed.")


def _change(page: Page, changed: Source, said: str) -> None:
    forms.save(f"change {changed.id}", page.store, lambda store: sources.change(store, page.actor, changed), said)


def _edit(page: Page, one: Source) -> None:
    with st.form(f"edit {one.id} {one.version}", border=False):
        name = st.text_input("Name", one.name)
        pattern = st.text_input("Files named", one.pattern, placeholder="help-desk-*.csv")
        expected = _expected(one.cadence, one.expected_day, one.owner, one.leave_out, f"{one.id} {one.version}")
        if one.place:
            st.caption(
                f"Its place is {escape_markdown(one.place)}. It is changed on the server: "
                "python -m scorecard source change"
            )
        if st.form_submit_button("Save"):
            _change(page, replace(one, name=name, pattern=pattern, **expected), "Saved.")


def _expected(cadence: str, day: int, owner: str, leave_out: bool, key: str) -> dict[str, object]:
    """The inputs of what is expected, as fields of a source."""
    chosen = st.selectbox(
        "How often", list(CADENCES), list(CADENCES).index(cadence), format_func=CADENCES.get, key=f"cadence {key}"
    )
    days = st.number_input("Days after the end of a period", 1, max(MOST_DAYS.values()), day, key=f"day {key}")
    who = st.text_input("Who brings it", owner, key=f"owner {key}")
    leave = st.checkbox("Leave refused rows out, do not wait for me", leave_out, key=f"leave out {key}")
    return {"cadence": chosen, "expected_day": int(days), "owner": who, "leave_out": leave}


def _add(page: Page) -> None:
    """A watched folder beside the store, or files that somebody brings; another folder is named on the server."""
    with st.form("add source", border=False, clear_on_submit=False):
        name = st.text_input("Name", key="new source name", placeholder="Help desk")
        way = st.radio("How it comes", (WATCHED, BROUGHT), key="new source way")
        pattern = st.text_input("Files named", key="new source pattern", placeholder="help-desk-*.csv")
        expected = _expected("month", 3, "", False, "new source")
        st.caption(
            "A watched folder is made beside the store. Another one is named on the server: "
            "python -m scorecard source add NAME --folder PATH"
        )
        if st.form_submit_button("Add"):
            forms.save(
                "add source", page.store, lambda store: _added(store, page, name, way, pattern, expected), "Added."
            )


def _added(store: Store, page: Page, name: str, way: str, pattern: str, expected: dict[str, object]) -> None:
    made = sources.new(name, arrivals.FOLDER if way == WATCHED else "file", "", pattern.strip(), **expected)
    if way == WATCHED and made.name:
        made = replace(made, place=str(sources.own_folder(store, made.name).absolute()))
    sources.add(store, page.actor, made)

"""The menu Export: a month as PDF, PowerPoint, Excel and HTML, made beside the page and kept for a day; as JSON and CSV at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC
from zoneinfo import ZoneInfo

import streamlit as st

from scorecard import access, packs, reviews
from scorecard.core.periods import Period
from scorecard.output import pack_files
from scorecard.output.pack_files import Format
from scorecard.output.theme import escape_markdown, escape_sentence
from scorecard.packs import Order
from scorecard.store.engine import Store
from scorecard.store.jobs import Job
from scorecard.ui import downloads, forms, menus, share_menu, state, views
from scorecard.ui.state import Page

_ICONS = {
    "pdf": "picture_as_pdf",
    "pptx": "slideshow",
    "xlsx": "table",
    "html": "article",
    "json": "data_object",
    "csv": "csv",
}
SECONDS, LISTED, LINE = 0.5, 3, 35
OPEN = "packs open"
Here = Callable[[Store, str], Job]


def draw(page: Page, scorecard: str, period: Period, here: Here, link: bool = False) -> None:
    """The menu for one month, quarter or week of a scorecard; with `link`, leaders make a read-only link here too.

    `here` does a job in place, where no worker of a server does it.
    """
    if link:
        share_menu.show_made()

    def inside() -> None:
        _files(page, scorecard, period, here)
        st.caption("All segments together. A signed month is written as it was signed.")
        if link and access.may(page.actor, "make_links"):
            share_menu.link_form(page, views.month(page))

    menus.draw(inside, gap="small")


def _files(page: Page, scorecard: str, period: Period, here: Here) -> None:
    """The formats; while something is being made, they are drawn again by themselves."""
    found = packs.mine(page.store, page.actor, state.now())
    st.session_state[OPEN] = _open(found)
    seconds = SECONDS if st.session_state[OPEN] else None
    st.fragment(_formats, run_every=seconds)(page, scorecard, period, here, [found])


def _open(found: list[Job]) -> list[str]:
    return [one.id for one in found if one.open]


def _formats(page: Page, scorecard: str, period: Period, here: Here, read: list[list[Job]]) -> None:
    """`read` is what the page has just read; drawn again by itself, this reads it anew."""
    found = read.pop() if read else packs.mine(page.store, page.actor, state.now())
    if _open(found) != st.session_state.get(OPEN):
        st.rerun()  # One began or ended: whether to look again is decided by the whole page.
    shown = []
    with st.container(gap=None):
        for one in pack_files.FORMATS.values():
            if one.kind in packs.FORMATS:
                shown += _pack(page, Order(scorecard, period, one.kind), one, found, here)
            else:
                _button(page, scorecard, period, one)
    _others(page, [one for one in found if one.id not in shown])


# -- made beside the page

def _pack(page: Page, order: Order, told: Format, found: list[Job], here: Here) -> list[str]:
    """The line of one format; what comes back are the jobs that it says something about."""
    ours = [one for one in found if packs.order_of(one) == order]
    now = next((one for one in ours if one.open or one.state == "done" and packs.stands(page.store, one, page.today)), None)
    if now is not None and now.open:
        _being_made(told.label, now)
    elif now is not None:
        _take(page, now, f"**{told.label}: ready, download**", f"ready {order.format}")
    if now is not None:
        return [now.id]
    if st.button(f"**{told.label}**, {told.told}", icon=f":material/{_ICONS[order.format]}:", key=f"export {order.format}", type="tertiary"):
        _ask(page, order, here)
    failed = [one for one in ours[:1] if one.state == "failed"]
    for one in failed:
        st.caption(f"It was not made: {escape_sentence(one.message)}")
    return [one.id for one in failed]


def _ask(page: Page, order: Order, here: Here) -> None:
    def work(store: Store) -> None:
        job = packs.ask(store, page.actor, order, page.today, state.now())
        if job.open and not page.store.attended:
            here(page.store, job.id)

    forms.save(f"pack {order.name}", page.store, work, "")


def _being_made(label: str, job: Job) -> None:
    said = "being made" if job.state == "running" else "waits for its turn"
    with st.container(height=LINE, border=False, vertical_alignment="center"):  # As high as a button: what is below stays where it is.
        st.markdown(f":small[:material/hourglass_top: **{escape_markdown(label)}**: {said}]")


def _take(page: Page, job: Job, label: str, key: str) -> None:
    order = packs.order_of(job)
    downloads.button(label, lambda: packs.content(page.store, page.actor, job.id), order.name, icon=":material/download_done:", key=key, type="tertiary")


def _others(page: Page, found: list[Job]) -> None:
    """Other files that this person asked for within a day, the newest of each: of other months, or of earlier figures."""
    newest = {packs.order_of(one): one for one in reversed(found) if one.state != "cancelled"}
    if not newest:
        return
    told = list(reversed(newest.items()))
    with st.container(gap=None, key="my packs"):
        st.caption("Asked for by you, kept for a day")
        for order, job in told[:LISTED]:
            _other(page, order, job)
        if len(told) > LISTED:
            with st.expander(f"{len(told) - LISTED} more"), st.container(gap=None):
                for order, job in told[LISTED:]:
                    _other(page, order, job)


def _other(page: Page, order: Order, job: Job) -> None:
    if job.open:
        _being_made(order.label, job)
    elif job.state == "failed":
        st.caption(f"{escape_markdown(order.label)} was not made: {escape_sentence(job.message)}")
    else:
        at = job.ended_at.replace(tzinfo=UTC).astimezone(ZoneInfo(state.house(page.store).organisation.time_zone))
        _take(page, job, f"{order.label}, made {at:%H:%M}", f"pack {job.id}")


# -- at once

def _button(page: Page, scorecard: str, period: Period, one: Format) -> None:
    """A button that builds its file when it is pressed."""
    downloads.button(
        f"**{one.label}**, {one.told}",
        lambda: one.build(reviews.month(page.store, scorecard, period, page.today)),
        f"{scorecard}-{period}.{one.kind}",
        icon=f":material/{_ICONS[one.kind]}:",
        key=f"export {one.kind}",
        type="tertiary",
    )

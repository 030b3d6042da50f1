"""The tab Data health of the page Data: what arrives, what speaks against itself, what changed later, and the rows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from weakref import WeakKeyDictionary

import streamlit as st

from scorecard import access, health
from scorecard.core.definition import Definition
from scorecard.health import Finding, Health
from scorecard.output import health_tables, source_tables
from scorecard.output.theme import clean, escape_markdown
from scorecard.store import definitions
from scorecard.store.engine import Store
from scorecard.ui import block, downloads, forms, menus, state
from scorecard.ui.state import Page

_looked: WeakKeyDictionary[Store, tuple[int, date, Health, dict[str, Definition], datetime]] = WeakKeyDictionary()


def draw(page: Page, zone: str) -> None:
    """The whole tab."""
    view, labels, at = looked(page)
    if not view.coverage:
        block.draw(health_tables.empty(), key="health")
        return
    view = health.with_words(page.store, view)
    _tools(page, view, labels, at, zone)
    block.draw(health_tables.page(view, labels, zone), key="health")
    _findings(page, view, zone)


def looked(page: Page) -> tuple[Health, dict[str, Definition], datetime]:
    """The health of the data and when it was asked: once for each version of them and day."""
    version, found = page.store.data_version, _looked.get(page.store)
    if found is None or found[:2] != (version, page.today):
        with st.spinner("The data are checked."):
            with page.store.read() as tx:
                labels = definitions.current(tx)
            found = (version, page.today, health.look(page.store, page.actor, page.today), labels, state.now())
        _looked[page.store] = found
    return found[2:]


def _tools(page: Page, view: Health, labels: dict[str, Definition], at: datetime, zone: str) -> None:
    """When it was checked, checking again, and the tables as files."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(f"checked after every load, last on {source_tables.moment(at, zone)}")
        if st.button("Check now", icon=":material/refresh:"):
            _looked.pop(page.store, None)
            st.rerun()
        menus.draw(lambda: _files(view, labels), gap="small")


def _files(view: Health, labels: dict[str, str]) -> None:
    _file("Findings (CSV)", "findings", lambda: health_tables.findings_csv(view, labels))
    _file("What arrives (CSV)", "what-arrives", lambda: health_tables.coverage_csv(view, labels))
    _file("Restated history (CSV)", "restated-history", lambda: health_tables.changes_csv(view))


def _file(label: str, name: str, build: Callable[[], str]) -> None:
    downloads.button(label, build, f"{name}.csv", key=f"{name} csv", icon=None)


def _findings(page: Page, view: Health, zone: str) -> None:
    """One line a finding; opening it shows its rule, its first rows, and who settled it."""
    if not view.findings:
        return
    st.subheader("The findings one by one", anchor=False)
    for one in view.findings:
        opened = st.expander(escape_markdown(one.what), key=f"rows {one.id}", on_change="rerun")
        if opened.open:
            with opened:
                st.markdown(f"**{escape_markdown(health.DID[one.did])}.** {escape_markdown(one.difference)}")
                _rows(page, one)
                _word(page, one, zone)


def _rows(page: Page, one: Finding) -> None:
    if not one.rows:
        return
    if not access.may(page.actor, "log_records"):
        st.caption("The rows behind it are for members and up.")
        return
    columns, rows = health.rows(page.store, page.actor, one.id)
    said = f"The first {len(rows):,} of {one.count:,}" if one.count > len(rows) else f"{len(rows):,}"
    st.caption(f"{said} {'row' if said == '1' else 'rows'}, with the file and the row where each stood.")
    st.dataframe({name: [clean(cell) if isinstance(cell, str) else cell for cell in column]
                  for name, column in zip(columns, zip(*rows))}, hide_index=True)


def _word(page: Page, one: Finding, zone: str) -> None:
    """Who settled it and why, or a form that settles it; nothing to settle where a rule does."""
    if one.by_rule:
        return
    said = one.settled if one.settled and one.settled.settled else None
    if said:
        grown = f" {one.since:,} more rows since." if one.since else ""
        st.caption(f"Settled on {source_tables.moment(said.at, zone)} by {escape_markdown(said.author)}: {escape_markdown(said.note)}.{grown}")
    if not access.may(page.actor, "load_files"):
        return
    if said and not one.since:
        if st.button("Open it again", key=f"open {one.id}"):
            forms.save(f"open {one.id}", page.store, lambda store: health.open_again(store, page.actor, one), "It waits for an answer again.")
        return
    with st.form(f"settle {one.id}", border=False):
        note = st.text_input("Settle it: why it may stay as it is", max_chars=health.MOST_NOTE, key=f"note {one.id}")
        if st.form_submit_button("Settle it"):
            forms.save(f"settle {one.id}", page.store, lambda store: health.settle(store, page.actor, one, note), "Settled.")

"""The tab Data health of the page Data: what arrives, what speaks against itself, what changed later, and the rows."""

from __future__ import annotations

from datetime import date
from weakref import WeakKeyDictionary

import streamlit as st

from scorecard import access, health
from scorecard.core.definition import Definition
from scorecard.health import Finding, Health
from scorecard.output import health_tables
from scorecard.output.theme import clean, escape_markdown
from scorecard.store import definitions
from scorecard.store.engine import Store
from scorecard.ui import block
from scorecard.ui.state import Page

_looked: WeakKeyDictionary[Store, tuple[int, date, Health, dict[str, Definition]]] = WeakKeyDictionary()


def draw(page: Page, zone: str) -> None:
    """The whole tab."""
    view, labels = looked(page)
    if not view.coverage:
        block.draw(health_tables.empty(), key="health")
        return
    block.draw(health_tables.page(view, labels, zone), key="health")
    _rows(page, view)


def looked(page: Page) -> tuple[Health, dict[str, Definition]]:
    """The health of the data, asked once for each version of them and day."""
    version, found = page.store.data_version, _looked.get(page.store)
    if found is None or found[:2] != (version, page.today):
        with page.store.read() as tx:
            labels = definitions.current(tx)
        found = (version, page.today, health.look(page.store, page.actor, page.today), labels)
        _looked[page.store] = found
    return found[2:]


def _rows(page: Page, view: Health) -> None:
    """One line a finding; opening it asks for its first rows."""
    shown = [one for one in view.findings if one.rows]
    if not shown:
        return
    st.subheader("The rows behind the findings", anchor=False)
    if not access.may(page.actor, "log_records"):
        st.caption("The rows behind them are for members and up.")
        return
    for one in shown:
        opened = st.expander(escape_markdown(one.what), key=f"rows {one.id}", on_change="rerun")
        if opened.open:
            with opened:
                _table(page, one)


def _table(page: Page, one: Finding) -> None:
    columns, rows = health.rows(page.store, page.actor, one.id)
    said = f"The first {len(rows):,} of {one.count:,}" if one.count > len(rows) else f"{len(rows):,}"
    st.caption(f"{said} {'row' if said == '1' else 'rows'}, with the file and the row where each stood.")
    st.dataframe({name: [clean(cell) if isinstance(cell, str) else cell for cell in column]
                  for name, column in zip(columns, zip(*rows))}, hide_index=True)

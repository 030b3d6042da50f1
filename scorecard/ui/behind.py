"""One click behind the number of a measure: its rules, its SQL, what stands beside it, and the rows it counts."""

from __future__ import annotations

import streamlit as st

from scorecard import metrics
from scorecard.metrics import Behind, MeasureView
from scorecard.output import twins
from scorecard.output.theme import clean, escape_markdown, escape_sentence
from scorecard.ui import downloads
from scorecard.ui.state import Page

FILE_ROWS = 100_000


def draw(page: Page, view: MeasureView) -> None:
    """The button Behind the number; nothing is computed before it is pressed."""
    if st.button("Behind the number", icon=":material/database_search:", key="open behind"):
        show(page, view)


@st.dialog("Behind the number", width="large")
def show(page: Page, view: MeasureView) -> None:
    """Definition, rules, SQL and rows of the figure that is shown."""
    measure, row = view.row.measure, view.row
    found = metrics.behind(page.store, page.actor, measure, row.period, view.segment)
    part = f", {view.segment}" if view.segment else ""
    st.markdown(f"**{escape_markdown(measure.label)}, {row.period.label}{escape_markdown(part)}: {escape_markdown(row.value_text)}**")
    if measure.description:
        st.markdown(escape_markdown(measure.description))
    st.markdown("\n".join(f"- {escape_markdown(text)}" for text in (found.words, *found.rules)))
    if found.beside:
        st.markdown("**Beside it**\n" + "".join(f"\n- {escape_markdown(text)}" for text in found.beside))
    if found.problem:
        st.info(escape_sentence(found.problem))
    if found.sql:
        with st.expander("SQL"):
            st.code(found.sql, language="sql", wrap_lines=True)
    if found.columns:
        _rows(page, view, found)


def _rows(page: Page, view: MeasureView, found: Behind) -> None:
    if found.rows is None:
        st.caption("The rows behind it are for members and up.")
        return
    said = f"The first {len(found.rows):,} rows" if found.more else f"{len(found.rows):,} {'row' if len(found.rows) == 1 else 'rows'}"
    st.markdown(f"**{said}**")
    shown = {name: [clean(cell) if isinstance(cell, str) else cell for cell in column]
             for name, column in zip(found.columns, zip(*found.rows))}
    st.dataframe(shown, hide_index=True, height=280)
    downloads.button("Rows as CSV", lambda: _file(page, view), f"{view.row.measure.name}-{view.row.period}-rows.csv", key="download rows")


def _file(page: Page, view: MeasureView) -> str:
    """All rows as CSV; text that a spreadsheet would run as a formula is guarded."""
    found = metrics.behind(page.store, page.actor, view.row.measure, view.row.period, view.segment, FILE_ROWS)
    return twins.csv_text(found.columns, found.rows or ())

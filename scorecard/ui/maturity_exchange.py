"""Maturity as files: the menu Export of a cycle, the sheet to fill in, and the answers that come back in it."""

from __future__ import annotations

import streamlit as st

from scorecard.maturity import Cycle, exchange
from scorecard.output import maturity_book
from scorecard.store.engine import Store
from scorecard.ui import forms
from scorecard.ui.state import Page

_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMATS = {
    "xlsx": ("**Excel**, every figure and the model", _SHEET, "table"),
    "json": ("**JSON**, every figure", "application/json", "data_object"),
    "csv": ("**CSV**, a line a practice", "text/csv", "csv"),
}
OFFERED = ("xlsx", "csv", "tsv")


def export(page: Page, cycle: str) -> None:
    """The menu Export of a cycle whose results the reader may see; each file is built when its button is pressed."""
    with st.popover("Export", icon=":material/download:"), st.container(gap=None):
        for kind, (label, mime, icon) in FORMATS.items():
            st.download_button(
                label,
                data=lambda kind=kind: maturity_book.file(page.store, page.actor, cycle, kind)[1],
                file_name=f"maturity-{cycle}-{page.store.data_version}.{kind}",
                mime=mime,
                icon=f":material/{icon}:",
                type="tertiary",
                on_click="ignore",
                key=f"export maturity {kind}",
            )
        st.caption("Nothing is in it that this page does not show. The PDF of the month has a page on the newest closed cycle.")


def answers(page: Page, cycle: Cycle) -> None:
    """The button of a leader that opens the way for answers out of a file."""
    if st.button("Answers from a file", icon=":material/upload_file:", key=f"answers {cycle.id}"):
        bring(page, cycle)


@st.dialog("Answers from a file", width="medium")
def bring(page: Page, cycle: Cycle) -> None:
    """The sheet to fill in, then the file that came back."""
    names = "no name is kept" if cycle.anonymous else "a rater is a member, by id or name"
    st.caption(f"One row a rater and practice, with a level from 1 to 5; {names}. All of the file is taken, or nothing.")
    with st.container(horizontal=True, gap="small"):
        _sheet(page, cycle, "xlsx", "The sheet for Excel", _SHEET)
        _sheet(page, cycle, "csv", "The sheet as CSV", "text/csv")
    upload = st.file_uploader("Filled-in file", type=list(OFFERED), key=f"answers file {cycle.id}")
    rater = "" if cycle.anonymous else st.text_input("Who answered, where a row names nobody", key=f"answers rater {cycle.id}")
    if st.button("Take the answers", type="primary", disabled=upload is None, key=f"take answers {cycle.id}"):
        content, name = upload.getvalue(), upload.name
        forms.save(f"answers {cycle.id}", page.store, lambda store: _take(store, page, cycle, content, name, rater), "The answers are in.")


def _take(store: Store, page: Page, cycle: Cycle, content: bytes, name: str, rater: str) -> None:
    exchange.import_answers(store, page.actor, cycle.id, content, name, rater=rater.strip())


def _sheet(page: Page, cycle: Cycle, kind: str, label: str, mime: str) -> None:
    st.download_button(
        label,
        data=lambda: maturity_book.sheet(page.store, page.actor, cycle.id, kind),
        file_name=f"maturity-answers-{cycle.id}-{page.store.data_version}.{kind}",
        mime=mime,
        type="tertiary",
        on_click="ignore",
        key=f"sheet {kind} {cycle.id}",
    )

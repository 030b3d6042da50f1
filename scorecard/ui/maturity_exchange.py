"""Maturity as files: the menu Export of a cycle, the sheet to fill in, and the answers that come back in it."""

from __future__ import annotations

import streamlit as st

from scorecard.maturity import Cycle, exchange
from scorecard.output import maturity_book
from scorecard.store.engine import Store
from scorecard.ui import downloads, forms, menus
from scorecard.ui.state import Page

FORMATS = {
    "xlsx": ("**Excel**, every figure and the model", "table"),
    "json": ("**JSON**, every figure", "data_object"),
    "csv": ("**CSV**, a line a practice", "csv"),
}
OFFERED = ("xlsx", "csv", "tsv")


def export(page: Page, cycle: str) -> None:
    """The menu Export of a cycle whose results the reader may see; each file is built when its button is pressed."""
    def inside() -> None:
        for kind, (label, icon) in FORMATS.items():
            downloads.button(label, lambda kind=kind: maturity_book.file(page.store, page.actor, cycle, kind)[1], f"maturity-{cycle}.{kind}",
                             icon=f":material/{icon}:", type="tertiary", key=f"export maturity {kind}")  # fmt: skip
        st.caption("Nothing is in it that this page does not show. The PDF of the month has a page on the newest closed cycle.")

    menus.draw(inside)


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
        _sheet(page, cycle, "xlsx", "The sheet for Excel")
        _sheet(page, cycle, "csv", "The sheet as CSV")
    upload = st.file_uploader("Filled-in file", type=list(OFFERED), key=f"answers file {cycle.id}")
    rater = "" if cycle.anonymous else st.text_input("Who answered, where a row names nobody", key=f"answers rater {cycle.id}")
    if st.button("Take the answers", type="primary", disabled=upload is None, key=f"take answers {cycle.id}"):
        content, name = upload.getvalue(), upload.name
        forms.save(f"answers {cycle.id}", page.store, lambda store: _take(store, page, cycle, content, name, rater), "The answers are in.")


def _take(store: Store, page: Page, cycle: Cycle, content: bytes, name: str, rater: str) -> None:
    exchange.import_answers(store, page.actor, cycle.id, content, name, rater=rater.strip())


def _sheet(page: Page, cycle: Cycle, kind: str, label: str) -> None:
    downloads.button(label, lambda: maturity_book.sheet(page.store, page.actor, cycle.id, kind), f"maturity-answers-{cycle.id}.{kind}",
                     icon=None, type="tertiary", key=f"sheet {kind} {cycle.id}")  # fmt: skip

"""One ask prepared on the page Advocacy: its sheet, the form that changes it, marked as asked, printed, or put off."""

from __future__ import annotations

from datetime import date, timedelta

import streamlit as st

from scorecard import registers
from scorecard.core.advocacy import PRINCIPLES
from scorecard.core.periods import day
from scorecard.errors import UsageError
from scorecard.output import advocacy_tables
from scorecard.output.theme import escape_markdown
from scorecard.relations import persuasion
from scorecard.relations.persuasion import COMMITMENT, PLANNED, Sheet
from scorecard.store.engine import Store
from scorecard.ui import block, downloads, forms, register_forms
from scorecard.ui.kept import kept
from scorecard.ui.state import Page

ASKED = "ask"
KEPT, WAIT_DAYS, ASKED_ALREADY, ANSWERS = 32, 30, "asked", ("agreed", "declined")
HELP = {"active": "What they write or do themselves", "public": "Where others see it", "voluntary": "How they can say no, or stop"}


@kept(KEPT)
def _sheet(store: Store, today: date, ask: str) -> Sheet | None:
    """The sheet of an ask, None when there is no such ask."""
    try:
        return persuasion.prepare(store, ask, today)
    except UsageError:
        return None


def draw(page: Page, ask: str) -> None:
    """The sheet, and what may be done with it."""
    found = _sheet(page.store, page.today, ask)
    if found is None:
        st.caption("There is no such ask. It may have been withdrawn.")
        return
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="bottom", gap="small"):
        st.header(escape_markdown(advocacy_tables.sheet_head(found)), anchor=False, width="content")
        told = ", ".join(filter(None, (found.by, day(found.ask.at)))) + ("" if found.ask.state == PLANNED else f" · {found.ask.state}")
        st.caption(escape_markdown(told), width="content")
    block.draw(advocacy_tables.sheet(found), key="sheet")
    with st.container(horizontal=True, gap="xsmall"):
        if found.ask.state == PLANNED and registers.may_write(page.actor, "ask"):
            _mark(page, found)
        downloads.button("Print the sheet", lambda: advocacy_tables.document(found, day(_prepared_on(page, found))), f"ask-{found.ask.id}.html",
                         icon=":material/print:", key="print the sheet", help="A page of its own: open it and print.")  # fmt: skip
        if registers.may_write(page.actor, "ask_sheet") and st.button("Change the sheet", icon=":material/edit:", key="change the sheet"):
            st.dialog("Sheet of the ask", width="large")(_form)(page, found)
        if registers.may_write(page.actor, "ask"):
            (_wait if found.ask.state == PLANNED else _answer)(page, found)


def _prepared_on(page: Page, found: Sheet) -> date:
    return found.saved.at if found.saved else page.today


def _mark(page: Page, found: Sheet) -> None:
    def asked(store: Store) -> None:
        persuasion.mark_asked(store, page.actor, found, found.texts, found.used, found.commitment, page.today)
        register_forms.settle(page, registers.register(ASKED))

    if st.button("Mark as asked", type="primary", key=f"asked {found.ask.id}"):
        forms.save(f"asked {found.ask.id}", page.store, asked, f"{found.ask.title} is marked as asked; the sheet is kept as it was used.")


def _wait(page: Page, found: Sheet) -> None:
    first = max(found.ask.at, page.today) + timedelta(days=WAIT_DAYS)
    with st.popover("Wait"), st.form(f"wait {found.ask.id}", border=False):
        until = st.date_input("Ask on", first, min_value=page.today + timedelta(days=1), key=f"wait until {found.ask.id}", format="YYYY-MM-DD")
        why = st.text_input("Why", max_chars=registers.LONGEST_REASON, key=f"wait why {found.ask.id}")
        if st.form_submit_button("Put it off", type="primary"):
            forms.save(f"wait {found.ask.id}", page.store, lambda store: persuasion.wait(store, page.actor, found, until, why, page.today), f"Planned for {day(until)}.")


def _answer(page: Page, found: Sheet) -> None:
    """What they answered to an ask that was made."""
    if found.ask.state != ASKED_ALREADY:
        return
    with st.popover("Their answer"), st.form(f"answer {found.ask.id}", border=False):
        how = st.segmented_control("They", ANSWERS, default=ANSWERS[0], required=True, key=f"answer how {found.ask.id}")
        outcome = st.text_input("What came of it", max_chars=200, key=f"answer outcome {found.ask.id}")
        if st.form_submit_button("Save", type="primary"):
            def answered(store: Store) -> None:
                persuasion.answer(store, page.actor, found, how == ANSWERS[0], outcome, page.today)
                register_forms.settle(page, registers.register(ASKED))

            forms.save(f"answer {found.ask.id}", page.store, answered, f"They {how}. Thank them either way, and log it.")


def _form(page: Page, found: Sheet) -> None:
    """What is said for each principle, which are used, and the commitment asked for."""
    id = f"{found.ask.id} {found.saved.version if found.saved else 0}"
    with st.form(f"sheet {id}", border=False):
        st.caption("Say only what is true. What is left empty is left out; what you write anew is used.")
        texts = {name: st.text_area(label, found.texts[name], max_chars=500, height=68, key=f"sheet {id} {name}") for name, label in PRINCIPLES.items()}
        used = st.pills("Used in the ask", list(PRINCIPLES), selection_mode="multi", default=list(found.used), format_func=PRINCIPLES.get, key=f"sheet {id} used")
        asked = {name: st.text_input(f"{label}: {HELP[name][0].lower()}{HELP[name][1:]}", found.commitment[name], max_chars=200, key=f"sheet {id} {name}")
                 for name, label in COMMITMENT.items()}  # fmt: skip
        if st.form_submit_button("Save the sheet", type="primary"):
            taken = persuasion.used_of(found, texts, used)
            forms.save(f"sheet {id}", page.store, lambda store: persuasion.save(store, page.actor, found, texts, taken, asked, page.today), "The sheet is kept.")

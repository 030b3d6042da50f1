"""Data: load an export or a file of figures, and see what came in. Analysts, leaders and admins load; members read its health."""

import streamlit as st

from scorecard import access, handover, loading, moves, organisation
from scorecard.core import periods
from scorecard.errors import FileRefused
from scorecard.loading import Proposal
from scorecard.output import intake_tables
from scorecard.output.theme import escape_sentence
from scorecard.ui import block, data_health, downloads, handed, incoming, incoming_facts, sources, state
from scorecard.worker import Worker

page = state.page("log_records", "What is loaded, and what it is worth, is for members and up. The scorecard says below its title when a source is late.")
zone = organisation.organisation(page.store).time_zone


def here(store, identity: str):
    """The job done in place, where no worker of a server does it."""
    return Worker(store, lambda: page.today).do(identity)


def accepted(proposal: Proposal) -> None:
    """The primary button: everything that is ready, or nothing."""
    def ask(store):
        job = handover.figures(store, page.actor, proposal)
        incoming.forget()
        return job

    handed.accept(page, ask, here)


def actions(proposal: Proposal) -> None:
    """Accept, download what is refused, or leave it."""
    word = intake_tables.noun(proposal)
    rows = loading.refused_rows(proposal)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if proposal.ready and not proposal.open and st.button(f"Accept {intake_tables.count(proposal.ready, word)}", type="primary"):
            accepted(proposal)
        if rows:
            text = intake_tables.refused_csv(rows)
            downloads.button(f"Download the {len(rows):,} refused", lambda: text, "refused.csv", icon=None, key="refused csv")
        if st.button("Leave it"):
            incoming.forget()
            st.rerun()
        st.caption("All or nothing. The same file twice changes nothing. Refused rows stay in quarantine with their reason.")


def show(proposal: Proposal) -> None:
    """The file: sentences, three numbered sections, questions, and what can be done."""
    block.draw(intake_tables.news(proposal), key="news")
    unknown = intake_tables.unknown(proposal.understood.unknown) if proposal.understood.unknown else ""
    if proposal.understood.facts:
        block.draw(intake_tables.understood(proposal, zone) + unknown, key="understood")
    incoming.ask(proposal)
    if not proposal.open:
        block.draw(intake_tables.effect(proposal), key="effect")
        if proposal.ready:
            incoming.moved(page.store, str(proposal.table.path), lambda: moves.of_figures(page.store, page.actor, proposal))
    actions(proposal)


def load_a_file() -> None:
    """The tab with a file before it is accepted."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        uploads = st.file_uploader("Choose a file, or several: CSV, TSV, Excel or Parquet, up to 50 MB", type=list(incoming.OFFERED),
                                   key=incoming.widget("upload"), accept_multiple_files=True)
        with st.popover("Paste text"):
            pasted = st.text_area("Rows from a spreadsheet, with their column names", height=200, key=incoming.widget("paste"))
            st.caption("Click outside the field to read it.")
    table, upload = None, incoming.chosen(uploads)
    try:
        table = incoming.table(page.store, page.actor, upload, pasted)
        if table:
            offered = incoming_facts.offer(page, table)
            if offered:
                incoming_facts.show(page, offered, table, zone, here)
            else:
                show(loading.compare(page.store, page.actor, table, page.today, incoming.choices()))
    except FileRefused as refusal:
        st.error(escape_sentence(f"{refusal} Nothing is stored."))
        incoming.ask()
        if table:
            incoming_facts.correct_kind()


def tabs() -> None:
    """The three tabs; a body that nobody looks at is not made."""
    load_tab, health_tab, sources_tab = st.tabs(["Load a file", "Data health", "Sources and schedules"], key="tab", on_change="rerun",
                                                bind="query-params")
    with load_tab:
        handed.draw(page)
        load_a_file()
        sources.last(page, zone)
    if health_tab.open:
        with health_tab:
            data_health.draw(page, zone)
    if sources_tab.open:
        with sources_tab:
            sources.draw(page, zone)


st.title("Data", anchor=False)
st.caption(f"{periods.day(page.today)} · {sources.counted(page)} · organisation time {zone}")
if access.may(page.actor, "load_files"):
    tabs()
else:
    st.caption("Loading needs an analyst, a leader or an admin. What the data are worth is for everybody who works with them.")
    data_health.draw(page, zone)

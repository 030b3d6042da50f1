"""Activities of the CRM on the page Log: the file, its columns, the rules that one may change, what would come of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from scorecard import places, registers
from scorecard.core import activities as words
from scorecard.core.activities import Rule
from scorecard.errors import ScorecardError
from scorecard.intake import dates
from scorecard.output import log_activities
from scorecard.output.theme import escape_markdown, escape_sentence
from scorecard.relations import activities
from scorecard.relations.activities import Activities
from scorecard.store.engine import Store
from scorecard.ui import block, forms, register_board, register_forms
from scorecard.ui.state import Page

OFFERED = ("csv", "tsv", "txt", "xlsx")
BECOMES = {"touch": "touch", "deposit": "deposit", "promise": "promise", "nothing": "left out"}
PARTS = {"account": "Account", "date": "Date", "type": "Type", "subject": "Subject", "owner": "Owner", "status": "Status", "due": "Due", "id": "Number"}
NOWHERE = "no column"
KEPT = 8


def draw(page: Page) -> None:
    """The steps from a file to entries; nothing is stored before the button that says how many."""
    st.title("Activities of the CRM", anchor=False)
    st.caption("An export of activities from Salesforce, HubSpot or another tool. Rules decide by type and subject what each becomes; a second import adds nothing.")
    upload = st.file_uploader("CSV, TSV or Excel", type=list(OFFERED), key="activities file")
    with page.store.read() as tx:
        known, version = activities.rules(tx)
    if upload is None:
        with st.expander("The rules"):
            _rules(page, known, version)
        register_board.board(page, words.TOUCH)
        return
    try:
        found = _columns(_read(page.store, places.state_place(), page.actor, upload.name, upload.getvalue()))
    except ScorecardError as refusal:
        st.error(escape_sentence(f"{refusal} Nothing is stored."))
        return
    chosen = _rules(page, known, version)
    _outcome(page, found, chosen)


@st.cache_data(max_entries=KEPT, show_spinner="Reading the file …")
def _read(_store: Store, place: str, actor: Any, name: str, content: bytes) -> Activities:
    return activities.read(_store, actor, content, name)


def _columns(found: Activities) -> Activities:
    """The file with its columns as somebody chose them; each choice begins with what the names say."""
    with st.expander(f"{len(found.rows):,} rows; {len(found.columns)} of {len(found.header)} columns say something", expanded=bool(set(words.NEEDED) - set(found.columns))):
        chosen = dict(found.columns)
        for at, (part, label) in enumerate(PARTS.items()):
            if at % 4 == 0:
                places_of_row = st.columns(4)
            offered = [NOWHERE, *found.header]
            now = offered.index(found.columns[part]) if part in found.columns else 0
            said = places_of_row[at % 4].selectbox(label, offered, now, key=f"activities {part} {found.name}")
            chosen = {key: column for key, column in chosen.items() if key != part} | ({part: said} if said != NOWHERE else {})
        settled = activities.with_columns(found, chosen)
        if example := activities.open_order(settled):
            order = st.segmented_control(f"Which comes first in {escape_markdown(example)}?", list(dates.ORDERS), default=dates.ORDERS[0], required=True,
                                         format_func={"day-first": "the day", "month-first": "the month"}.get, key=f"activities order {found.name}")
            settled = activities.with_columns(found, chosen, order)
    return settled


def _rules(page: Page, known: Sequence[Rule], version: int) -> tuple[Rule, ...]:
    """The rules as they are now in the table; the button keeps them for the next file, too."""
    st.subheader("What becomes what", anchor=False)
    st.caption("The first rule that fits decides. A comma stands between words of which one is enough; a word fits where a word of the text begins with it.")
    rows = [{"type": one.type, "subject": one.subject, "becomes": BECOMES[one.becomes], "kind": one.kind} for one in known]
    edited = st.data_editor(
        rows, num_rows="dynamic", hide_index=True, key=f"activities rules {version}", height="content", column_config={
            "type": st.column_config.TextColumn("Type says", max_chars=200), "subject": st.column_config.TextColumn("Subject says", max_chars=200),
            "becomes": st.column_config.SelectboxColumn("Becomes", options=list(BECOMES.values()), required=True, default="touch"),
            "kind": st.column_config.TextColumn("Kind or channel", max_chars=60, help="A kind of deposit of the catalogue, or the channel of a touch."),
        },
    )  # fmt: skip
    stored = {label: id for id, label in BECOMES.items()}
    found = tuple(Rule(_text(row, "type"), _text(row, "subject"), stored[row["becomes"]], _text(row, "kind")) for row in edited if row.get("becomes") in stored)
    if found != tuple(known) and st.button("Keep these rules", key="keep rules"):
        forms.save("activity rules", page.store, lambda once: activities.keep_rules(once, page.actor, found, version, page.today), "The rules are kept.")
    return found


def _text(row: Any, key: str) -> str:
    return " ".join(str(row.get(key) or "").split())


def _outcome(page: Page, found: Activities, rules: Sequence[Rule]) -> None:
    try:
        looked = activities.look(page.store, page.actor, found, rules, page.today)
    except ScorecardError as refusal:
        st.error(escape_sentence(f"{refusal} Nothing is stored."))
        return
    st.markdown(f"**{escape_sentence(log_activities.sentence(looked))}**")
    block.draw(log_activities.examples(looked, rules), key="activities examples")
    if looked.added and st.button(f"Store {looked.added:,} {'entry' if looked.added == 1 else 'entries'}", type="primary", key="store activities"):
        _store(page, found, rules)
    if looked.refused:
        block.draw(log_activities.reasons(looked), key="activities refused")


def _store(page: Page, found: Activities, rules: Sequence[Rule]) -> None:
    def stored(store: Store) -> None:
        activities.take(store, page.actor, found, rules, page.today)
        for register in activities.KEPT_IN:
            register_forms.settle(page, registers.register(register))

    forms.save("activities", page.store, stored, "The activities are stored.")

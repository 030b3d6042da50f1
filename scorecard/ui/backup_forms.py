"""Backups on the page Settings: how it stands with them, one made now, and when they are made by themselves."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from scorecard import access, backups, jobs, organisation
from scorecard.output.theme import escape_markdown
from scorecard.store.backup_plan import Plan
from scorecard.store.engine import Store
from scorecard.ui import forms
from scorecard.ui.state import Page

SHOWN, SAVED = 8, "backup plan saved"


def warning(page: Page) -> None:
    """What is wrong with the backups, above the page, for who can do something about it."""
    if not access.may(page.actor, "manage_members") and not access.may(page.actor, "change_goals"):
        return
    said = backups.standing(page.store, page.now).trouble
    if said:
        st.warning(escape_markdown(said), icon=":material/backup:")
    for notice in dict.fromkeys(page.store.notices[-SHOWN:]):
        st.info(escape_markdown(notice), icon=":material/info:")


def draw(page: Page) -> None:
    """The backups there are, a button that makes one, and the plan."""
    found = organisation.backups(page.store, page.actor)
    st.markdown(f"{len(found)} verified copies in `{page.store.backups}`. "
                "`python -m scorecard restore` puts one back." if found else "No backup yet. Make the first one.")
    for name in found[:SHOWN]:
        st.caption(name)
    if len(found) > SHOWN:
        st.caption(f"and {len(found) - SHOWN} older ones")
    if st.button("Make a backup", type="primary"):
        with st.spinner("Both stores are copied and verified."):
            forms.save("backup", page.store, lambda store: organisation.make_backup(store, page.actor, page.now),
                       "The backup is made and verified.")
    _plan(page, backups.plan(page.store, page.actor))


def _plan(page: Page, stored: Plan) -> None:
    key = f"backup plan {st.session_state.get(SAVED, 0)}"
    stored = st.session_state.setdefault(f"{key} seen", stored)  # As this reader saw it: else a change by somebody else meanwhile would be lost.
    with st.form(key, border=False):
        active = st.checkbox("Every day by itself", stored.active, key=f"{key} active")
        hour = st.selectbox("At", range(24), stored.hour, format_func=lambda hour: f"{hour}:00", key=f"{key} hour")
        columns = st.columns(3, gap="small")
        kept = [column.number_input(label, 1 if label == "Days" else 0, backups.MOST_KEPT, count, key=f"{key} {label}")
                for column, label, count in zip(columns, ("Days", "Weeks", "Months"), (stored.daily, stored.weekly, stored.monthly), strict=True)]
        st.caption("The newest of each of so many days, weeks and months is kept. What somebody made, and what was made before an upgrade, stays.")
        if st.form_submit_button("Save the plan"):
            new = replace(stored, active=active, hour=hour, daily=int(kept[0]), weekly=int(kept[1]), monthly=int(kept[2]))
            forms.save("backup plan", page.store, lambda store: _save(store, page, new), "The plan is saved.")
    last = next((one for one in jobs.recent(page.store) if one.kind == backups.KIND), None)
    if last:
        st.caption(escape_markdown(f"Last by itself: {last.state}. {last.message}"))


def _save(store: Store, page: Page, new: Plan) -> None:
    """Nothing; the plan is stored, or the form shows what somebody else stored meanwhile."""
    try:
        backups.save_plan(store, page.actor, new)
    finally:
        st.session_state[SAVED] = st.session_state.get(SAVED, 0) + 1

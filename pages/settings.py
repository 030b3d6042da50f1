"""Settings: organisation, rule set, members, share links, messages and the calendar. Everybody may read them; leaders and admins change them."""

import streamlit as st

from scorecard import access, metrics, organisation
from scorecard.output import settings
from scorecard.output.theme import escape_markdown
from scorecard.ui import backup_forms, block, diary_forms, forms_settings, messages, people_own, share_links, state

page = state.page("read_scorecard")
stored = organisation.organisation(page.store)
members = organisation.member_list(page.store)
card = next((one for one in page.scorecards if one.id == page.scorecard), None)

with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="top", gap="small"):
    with st.container(gap=None, width="content"):
        st.title("Settings", anchor=False)
        st.caption(f"{escape_markdown(stored.name)} · {len(members)} members · every change is in the audit, with who and when")
    with st.container(horizontal=True, width="content", gap="xsmall"):
        if access.may(page.actor, "read_audit") and st.button("Audit", icon=":material/history:"):
            st.switch_page(block.page_file("audit"))
        if access.may(page.actor, "manage_members"):
            with st.popover("Backups", icon=":material/backup:"):
                backup_forms.draw(page)

backup_forms.warning(page)

general, told, planned = st.tabs(["General", "Messages", "Calendar"])
with general:
    left, right = st.columns([9, 11], gap="large")
    with left:
        forms_settings.organisation_section(page, stored)
    with right:
        if card:
            forms_settings.rule_set_form(page, card)

    if card:
        footer = () if state.is_empty(page.store) else metrics.scorecard_view(page.store, card.id, None, "", page.today).footer
        forms_settings.budget_note(card, footer)

    left, right = st.columns([11, 9], gap="large")
    with left:
        forms_settings.members_section(page, members)
    with right:
        forms_settings.heading("Who may do what", "the same table the product checks")
        block.draw(settings.may_table(), key="who may")
        forms_settings.heading("What is written about people", "how long it is kept")
        people_own.retention(page)

    share_links.draw(page)
with told:
    messages.draw(page)
with planned:
    diary_forms.draw(page, organisation.people(page.store))

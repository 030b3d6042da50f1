"""The tab Messages of the page Settings: where messages go, what was told, what did not go."""

from __future__ import annotations

import streamlit as st

from scorecard import access, digest, places
from scorecard.digest import KINDS, WAYS, Channel, Outside
from scorecard.output import message_tables
from scorecard.output.theme import escape_markdown
from scorecard.ui import block, forms, forms_settings, review_views
from scorecard.ui.state import Page

SHOWN = 20
AGAIN = {0: "never", 1: "1 day", 3: "3 days", 7: "7 days", 14: "14 days", 30: "30 days"}
OFF = "Nothing leaves this machine: no channel is set up. A new one is a dry run, which writes down what it would send."


def draw(page: Page) -> None:
    """The whole tab; only who may make links changes it."""
    found, by = digest.channels(page.store), Outside(**places.outside())
    may = access.may(page.actor, "make_links")
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.header("Channels", anchor=False, width="content")
        if may:
            _menus(page, found, by)
    if found:
        block.draw(message_tables.channels(found, {one.id: by.ready(one.way, one.recipient) for one in found}), key="channels")
    else:
        st.caption(OFF)
    st.caption("Passwords and the addresses of webhooks stay in the environment of the server and are not stored here.")
    _told(page, may)


def _menus(page: Page, found: list[Channel], by: Outside) -> None:
    with st.container(horizontal=True, width="content", gap="xsmall"):
        if found:
            with st.popover("Change a channel", icon=":material/edit:"):
                _change(page, found)
            with st.popover("What would be said now", icon=":material/visibility:"):
                _preview(page, by)
        with st.popover("Add a channel", icon=":material/add:"):
            _add(page, by)


def _add(page: Page, by: Outside) -> None:
    with st.form("channel", border=False):
        way = st.radio("By", list(WAYS), format_func=WAYS.get, horizontal=True, key="channel way")
        email = st.text_input("E-mail address", max_chars=200, key="channel email")
        hooks = sorted(by.webhooks or {})
        hook = st.selectbox("Webhook", hooks, key="channel hook", placeholder="none is set on the server", index=0 if hooks else None)
        about = st.pills("Hears of", list(KINDS), format_func=KINDS.get, selection_mode="multi", default=list(KINDS), key="channel about")
        again = st.selectbox("Say again what lasts", list(AGAIN), format_func=AGAIN.get, key="channel again")
        if st.form_submit_button("Add as a dry run", type="primary"):
            forms.save("channel", page.store, lambda store: digest.add_channel(
                store, page.actor, way=way, recipient=(email if way == "email" else hook) or "", about=about, repeat_after=again),
                "The channel is added as a dry run.")


def _change(page: Page, found: list[Channel]) -> None:
    known = {one.id: one for one in found}
    id = st.selectbox("Channel", list(known), format_func=lambda id: known[id].recipient, key="changed channel")
    one, key = known[id], f"channel {id} {known[id].version}"
    about = st.pills("Hears of", list(KINDS), format_func=KINDS.get, selection_mode="multi", default=list(one.about), key=f"{key} about")
    days = sorted({*AGAIN, one.repeat_after})
    again = st.selectbox("Say again what lasts", days, days.index(one.repeat_after), format_func=lambda day: AGAIN.get(day, f"{day} days"),
                         key=f"{key} again")
    live = st.toggle("Send for real", one.live, key=f"{key} live")
    with st.container(horizontal=True, gap="small"):
        if st.button("Save the channel", type="primary", key="save channel"):
            forms.save("change channel", page.store, lambda store: digest.change_channel(
                store, page.actor, id, one.version, about=about, repeat_after=again, live=live), "The channel is saved.")
        if st.button("Take it away", key="remove channel"):
            forms.save("remove channel", page.store, lambda store: digest.remove_channel(store, page.actor, id),
                       f"{one.recipient} is told nothing any more.")


def _preview(page: Page, by: Outside) -> None:
    told = digest.planned(page.store, page.today, by.address)
    if not told:
        st.markdown("Every channel knows what there is to know.")
    for one in told:
        st.markdown(f"**{escape_markdown(one.subject)}** to {escape_markdown(one.channel.recipient)}")
        st.text(one.body)


def _told(page: Page, may: bool) -> None:
    found = digest.recent(page.store, SHOWN)
    forms_settings.heading("What was told")
    if not found:
        st.caption("No message yet.")
        return
    block.draw(message_tables.messages(found, review_views.clock(page)), key="messages")
    stuck = {one.id: one for one in found if one.state == "failed" or (one.state == "waiting" and one.attempts)}
    if may and stuck:
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            id = st.selectbox("Not sent", list(stuck), format_func=lambda id: f"{stuck[id].subject}, to {stuck[id].recipient}", key="stuck")
            if st.button("Try again", key="try again"):
                forms.save("try again", page.store, lambda store: digest.try_again(store, page.actor, id), "It is tried again.")

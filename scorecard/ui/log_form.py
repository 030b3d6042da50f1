"""The form of the page Log: one component that keeps what is typed in the browser until the server has stored it, once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import streamlit as st

from scorecard import registers
from scorecard.errors import AlreadyDone, ScorecardError
from scorecard.output import log_form, theme
from scorecard.relations import logging as log
from scorecard.relations.logging import Given, Logged
from scorecard.store.engine import Store
from scorecard.ui import block, forms, register_forms, state
from scorecard.ui.kept import kept
from scorecard.ui.pieces import Piece
from scorecard.ui.state import Page

FORM = "log form"
HITS, PICKED, DONE, REFUSED = "log hits", "log picked", "log done", "log refused"
KIND, ACCOUNT = "kind", "account"
FILES = "activities"
KEPT = 64
_HTML = '<div class="log-page"><div class="frame"></div><section class="today"></section></div>\n'
_component = Piece("log_form", _HTML)


@st.fragment
def draw(page: Page) -> None:
    """The form with today's entries; each thing that is done in it draws only this part of the page again."""
    offered, own = _offered(page.store, page.actor, page.today)
    result = _component(
        key=FORM, data={
            "person": page.actor.person, "mode": block.mode(), "form": offered, "own": own, "today": _today(page), "begin": _begin(page),
            "hits": st.session_state.get(HITS), "about": _about(page), "refused": st.session_state.get(REFUSED), **st.session_state.get(DONE, {}),
        },
        on_sought_change=_sought, on_picked_change=_picked, on_saved_change=_saved, on_undone_change=_undone, on_opened_change=lambda: None,
    )  # fmt: skip
    if result.opened:
        block.follow(str(result.opened))


@kept(KEPT)
def _offered(store: Store, actor: Any, today: Any) -> tuple[str, str]:
    """(the empty form, the actor's own accounts as options), kept while the data stay the same."""
    with store.read() as tx:
        form = log_form.form(actor.name, today, log.channels(tx, actor), log.deposit_kinds(tx, actor), log.contracts(tx, actor))
    return form, _own(store, actor)


@kept(KEPT)
def _own(store: Store, actor: Any) -> str:
    own = log.accounts(store, actor, limit=log.OWN)
    return log_form.options(own) if own else ""


def _begin(page: Page) -> dict[str, str]:
    """What the address begins with: a kind, an account."""
    kind, asked = (st.query_params.get(name, "")[:120] for name in (KIND, ACCOUNT))
    found = log.account(page.store, page.actor, asked) if asked else None
    return {"kind": kind if kind in log.KINDS else "", "account": found.id if found else "", "name": found.name if found else ""}


def _about(page: Page) -> dict[str, str] | None:
    chosen = st.session_state.get(PICKED, "")
    found = log.about(page.store, page.actor, chosen, page.today) if chosen else None
    if found is None:
        return None
    return {"account": chosen, "name": found.account.name, "told": log_form.told(found, page.actor.name), "warning": log_form.warning(found, page.today)}


def _today(page: Page) -> str:
    zone = ZoneInfo(state.house(page.store).organisation.time_zone)
    midnight = datetime.combine(page.today, time(), zone).astimezone(UTC).replace(tzinfo=None)

    def clock(moment: datetime) -> str:
        return f"{moment.replace(tzinfo=UTC).astimezone(zone):%H:%M}"

    def address(one: Logged) -> str:
        return block.address("log", record=f"{one.register}:{one.id}")

    return log_form.entries(log.logged(page.store, page.actor, midnight), clock, address, block.address("log", view=FILES))


# ---- what the browser asks for: callbacks, which run before the page is drawn ------------------------------------------


def _told(name: str) -> Any:
    return getattr(st.session_state[FORM], name)


def _sought() -> None:
    page, words = state.quiet_page(), str(_told("sought") or "")[:120]
    if page and words:
        st.session_state[HITS] = {"words": words, "html": log_form.options(log.accounts(page.store, page.actor, words))}


def _picked() -> None:
    st.session_state[PICKED] = str(_told("picked") or "")[:200]


def _saved() -> None:
    page, said = state.quiet_page(), _told("saved")
    if page is None or not isinstance(said, Mapping):
        return
    mark, given = str(said.get("mark", ""))[:80], _given(said)
    try:
        log.save(forms.Once(page.store, f"log {page.actor.person} {mark}"), page.actor, given, page.today)
        register_forms.settle(page, registers.register(given.kind))
    except AlreadyDone:
        pass  # A second click, or a second try after the connection was lost: it is stored.
    except ScorecardError as refusal:
        _refuse(mark, refusal)
        return
    st.session_state[DONE] = {"done": mark, "said": f"{log.KINDS[given.kind]} saved."}


def _given(said: Mapping[str, Any]) -> Given:
    """What the browser sent, by type: nothing of it is trusted."""
    sent = said.get("fields")
    fields = {str(name): [str(one)[:500] for one in found][:50] for name, found in sent.items() if isinstance(found, list)} if isinstance(sent, Mapping) else {}

    def first(*named: str) -> str:
        return next((found[0] for found in map(fields.get, named) if found), "")

    kind = str(said.get("kind", ""))
    choice = {log.TOUCH: "channel", log.DEPOSIT: "deposit", log.HANDOFF: "contract"}.get(kind, "")
    return Given(kind, str(said.get("account", ""))[:200], first("words"), first(choice), tuple(fields.get("marks", ())),
                 first("other_day", "due"), first("outcome") or log.SENT, tuple(fields.get("missing", ())))


def _refuse(mark: str, refusal: ScorecardError) -> None:
    tried = st.session_state.get(REFUSED, {}).get("at", 0)
    st.session_state[REFUSED] = {"mark": mark, "text": f"Not saved. {refusal}", "at": tried + 1}


def _undone() -> None:
    page = state.quiet_page()
    register, _, rest = str(_told("undone") or "")[:200].partition(":")
    id, _, version = rest.rpartition(":")
    if page is None or not version.isdigit():
        return
    try:
        log.undo(page.store, page.actor, register, id, int(version))
        register_forms.settle(page, registers.register(register))
    except ScorecardError as refusal:
        st.toast(theme.escape_sentence(refusal))

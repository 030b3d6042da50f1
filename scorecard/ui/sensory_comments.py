"""Comments on the page Sensory: every theme, the comments of one, search, what is logged, and the rules of themes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import streamlit as st

from scorecard import access
from scorecard.access import Actor
from scorecard.core.periods import containing
from scorecard.core.themes import KINDS, PROCESS, Rule
from scorecard.output import sensory_comments
from scorecard.output.theme import escape_markdown
from scorecard.sensory import themes
from scorecard.store.comments import Comment
from scorecard.store.engine import Store
from scorecard.ui import block, downloads, forms, register_board, register_forms, sensory_views, state
from scorecard.ui.kept import kept
from scorecard.ui.state import Page

SEARCHED_MONTHS, NEW, LONGEST, KEPT = 24, "new", 4000, 16


def account(id: str) -> str:
    """The address of an account."""
    return sensory_views.address(account=id)


def _record(id: str) -> str:
    return sensory_views.address("comments", record=f"comment:{id}")


def draw(page: Page) -> None:
    """Every theme, a search, and what was logged by hand."""
    found = sensory_views.found(page, segment := sensory_views.chosen(page))
    sensory_views.head(page, "Comments", f"{found.said.comments:,} comments, {found.said.first:%B} to {found.said.last:%B}" if found.said else "",
                       by_segment=True)
    symbol = state.house(page.store).organisation.currency
    words = st.text_input("Search what customers said", key="search comments", placeholder="Search what customers said in 24 months", label_visibility="collapsed")
    if words.strip():
        first = containing(page.today, "month").shift(-SEARCHED_MONTHS).start
        hits = themes.search(page.store, words, first, page.today, segment, actor=page.actor)
        st.caption(f"{len(hits):,}{' newest' if len(hits) == 100 else ''} found")
        _listed(hits, "search")
    elif found.said:
        block.draw(sensory_comments.table(found.said, found.lines, lambda id: sensory_views.address(theme=id), symbol), key="themes")
        if found.lines:
            downloads.button("CSV", lambda: sensory_comments.themes_csv(found.said, found.lines).encode("utf-8-sig"), "themes.csv",
                             icon=":material/csv:", type="tertiary", key="themes csv")  # fmt: skip
    block.draw(f'<p><a href="{sensory_views.address("themes")}">Rules of themes</a></p>', key="to rules")
    register_board.board(page, "comment", title="Logged by hand")


def _listed(found: Sequence[Comment], key: str) -> None:
    block.draw(sensory_comments.listed(found, account, _record), key=f"{key} list")
    if found:
        downloads.button("CSV", lambda: sensory_comments.csv(found).encode("utf-8-sig"), f"comments-{key}.csv", icon=":material/csv:", type="tertiary", key=f"{key} csv")


def theme(page: Page, id: str) -> None:
    """One theme with its comments, and the way to a finding."""
    found = sensory_views.found(page, segment := sensory_views.chosen(page))
    line = next((one for one in found.lines if one.theme.id == id), None)
    sensory_views.head(page, line.theme.label if line else "Theme", "", (("Comments", sensory_views.address("comments")),), by_segment=True)
    if line is None:
        st.info("No comment has this theme in these months.")
        return
    symbol = state.house(page.store).organisation.currency
    st.markdown(escape_markdown(sensory_comments.told(line.theme, symbol)))
    if line.back:
        block.draw(sensory_comments.back(line.back, sensory_views.ways().finding), key="what came back")
    until = found.said.last if found.said else page.today
    hits = _behind(page.store, page.today, id, min(until, page.today), segment, page.actor)
    accounts = list(dict.fromkeys(one.account for one in hits if one.account))[:50]
    given = {"title": line.theme.label, "theme": line.theme.label, "accounts": accounts, "revenue": round(line.theme.revenue), "segments": [segment] if segment else []}
    register_forms.button(page, "finding", "Make it a finding", given, key="finding of theme")
    _listed(hits, "theme")


# Kept as it is, not copied: its parts are frozen, and nobody changes the list.
@kept(KEPT)
def _behind(store: Store, today: date, theme: str, until: date, segment: str, actor: Actor) -> list[Comment]:
    return themes.comments_of(store, theme, until, segment=segment, actor=actor)


# --- rules -----------------------------------------------------------------------------------------------------------


def rules(page: Page) -> None:
    """The rules of themes, their history, and for who may edit measures their change."""
    version, own = themes.in_force(page.store)
    said = f"Version {version}" if version else "As shipped"
    sensory_views.head(page, "Rules of themes", f"{said}. A comment has one theme: the rule with most of its phrases in it, the earlier one first",
                       (("Comments", sensory_views.address("comments")),))
    block.draw(sensory_comments.rules(own), key="theme rules")
    if access.may(page.actor, "edit_measures"):
        _edit(page, version, own)
    else:
        st.caption("An analyst or a leader changes the rules.")
    st.subheader("History", anchor=False)
    block.draw(sensory_comments.history(themes.history(page.store)), key="theme history")


def _edit(page: Page, version: int, own: Sequence[Rule]) -> None:
    st.subheader("Change a rule", anchor=False)
    titles = {one.id: one.label for one in own} | {NEW: "A new theme"}
    chosen = st.selectbox("Theme", list(titles), format_func=titles.get, key=f"theme rule {version}")
    one = next((rule for rule in own if rule.id == chosen), Rule("", "", PROCESS, ()))
    mark = f"{chosen} {version}"
    with st.form(f"theme {mark}"):
        label = st.text_input("Name", one.label, max_chars=60, key=f"label {mark}")
        kind = st.segmented_control("About", list(KINDS), default=one.kind, required=True, format_func=KINDS.get, key=f"kind {mark}")
        phrases = st.text_area("Words and phrases, one a line; * is any ending of the last word", "\n".join(one.phrases), max_chars=LONGEST, key=f"phrases {mark}")
        reason = st.text_input("Reason", max_chars=themes.LONGEST_REASON, key=f"reason {mark}")
        with st.container(horizontal=True, gap="small"):
            sent = st.form_submit_button("Save as a new version", type="primary")
            gone = bool(one.id) and st.form_submit_button("Take this theme out")
    if not sent and not gone:
        return
    new = replace(one, label=label, kind=kind, phrases=tuple(filter(None, map(str.strip, phrases.splitlines()))))
    changed = [rule for rule in own if rule.id != one.id] if gone else [new if rule.id == one.id else rule for rule in own] + ([] if one.id else [new])

    def work(store: Store) -> None:
        themes.save_rules(store, page.actor, changed, version, reason)

    forms.save(f"themes {mark}", page.store, work, f"The rules of themes are saved as version {version + 1}.")

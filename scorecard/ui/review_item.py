"""One item of the agenda, open: discuss, decide, act. Who may not decide reads it."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from scorecard import access, actions, reviews
from scorecard.output import review_tables
from scorecard.output.theme import escape_markdown
from scorecard.reviews import DECISIONS, Item, ReviewView
from scorecard.ui import block, forms, review_meeting, review_views
from scorecard.ui.state import Page

BASE, CLOSED = "base:", "none"
NEVER = -1
WIDTHS = (1.29, 1.0, 1.42)


def chosen(items: Sequence[Item]) -> str:
    """The id of the open item: that of the address, else the first without a decision; "" when none is open."""
    asked = st.query_params.get(review_views.ITEM, "")[:200]
    if asked == CLOSED or asked in {item.id for item in items}:
        return "" if asked == CLOSED else asked
    return next((item.id for item in items if item.state != "decided"), "")


def draw(page: Page, view: ReviewView, item: Item, href) -> None:
    """The open item between its neighbours."""
    with st.container(key="item", gap="xsmall"):
        block.draw(review_tables.agenda([item], review_tables.names_of(view.month), href, item.id), key="open item")
        if access.may(page.actor, "decide"):
            _steps(page, view, item)
        else:
            _read(page, view, item)


def _panel(body: str, key: str) -> None:
    block.draw(review_tables.on_panel(body), key=key)


def _steps(page: Page, view: ReviewView, item: Item) -> None:
    first, second, third = st.columns(WIDTHS, gap="medium")
    with first:
        _discuss(page, view, item)
    with second:
        _decide(page, view, item)
    with third:
        _act(page, view, item)
    _place(page, view, item)


def _read(page: Page, view: ReviewView, item: Item) -> None:
    """The item for who may not decide; a member may still write down what is said."""
    left, right = st.columns((1.0, 1.3), gap="medium")
    with left:
        _discuss(page, view, item)
    with right:
        _panel(review_tables.read_item(item, review_tables.names_of(view.month)), "read item")


# --- discuss ---------------------------------------------------------------------------------------------------------


def _discuss(page: Page, view: ReviewView, item: Item) -> None:
    told = review_tables.discuss(item, review_views.measure(view, item), review_views.teams(page, item))
    _panel(told, "discuss")
    if access.may(page.actor, "assess"):
        _said(page, view, item)
    _comments(page, view, item)


def _said(page: Page, view: ReviewView, item: Item) -> None:
    """What is said about it: saved when the reader leaves the field; both texts are shown when somebody else wrote meanwhile."""
    key, base = f"said {page.scorecard} {view.month.period} {item.id}", f"{BASE}{view.month.period} {item.id}"
    if st.session_state.get(key) == st.session_state.get(base):
        st.session_state[key] = st.session_state[base] = item.discussion
    before = st.session_state[base]
    text = st.text_area(
        f"What is said about {escape_markdown(item.title)}",
        key=key,
        height=84,
        max_chars=2000,
        label_visibility="collapsed",
        placeholder="What is known, what is not. It is saved as you leave the field.",
    )
    if text == before:
        return
    taken = item.discussion != before
    mine = taken and st.button("Save mine over theirs", key="save mine")
    # Somebody else wrote since this text was begun: a version that never was makes the store refuse, and show both.
    version = NEVER if taken and not mine else item.version
    _save_said(page, view, item, text, version, base)
    if taken and st.button("Take theirs", key="take theirs"):
        del st.session_state[key], st.session_state[base]
        st.rerun()


def _save_said(page: Page, view: ReviewView, item: Item, text: str, version: int, base: str) -> None:
    def work(store) -> None:
        reviews.discuss(store, page.actor, page.scorecard, view.month.period, item.id, text, version)
        st.session_state[base] = text.strip()

    forms.save(f"said {item.id}", page.store, work, "Saved.")


def _comments(page: Page, view: ReviewView, item: Item) -> None:
    found = review_views.comments(page, object_of(view, item))
    if found:
        _panel(review_tables.comments(found), "comments")
    if not access.may(page.actor, "log_records"):
        return
    with st.popover("Comment", type="tertiary", icon=":material/add_comment:"), st.form("comment", border=False):
        text = st.text_area("Your comment", max_chars=1000, key="comment text")
        sent = st.form_submit_button("Add the comment")
    if sent:
        forms.save(
            "comment",
            page.store,
            lambda store: actions.comment(store, page.actor, object_of(view, item), text),
            "The comment stands beside the item.",
        )


def object_of(view: ReviewView, item: Item) -> str:
    """The name of an item, under which its comments and actions stand."""
    return f"review:{view.month.scorecard}:{view.month.period}:{item.id}"


# --- decide ----------------------------------------------------------------------------------------------------------


def _decide(page: Page, view: ReviewView, item: Item) -> None:
    _panel(review_tables.step(2, "Decide"), "step two")
    offered = list(reviews.decisions_for(item.kind))
    name = f"{view.month.period} {item.id}"
    chosen = st.radio(
        f"Decision on {escape_markdown(item.title)}",
        offered,
        index=offered.index(item.decision) if item.decision in offered else None,
        format_func=lambda one: DECISIONS[one][0],
        captions=[DECISIONS[one][1] for one in offered],
        key=f"decision {name} {item.decision}",
        label_visibility="collapsed",
    )
    _panel(review_tables.suggestion(item), "suggestion")
    settle = ""
    if chosen == "watch":
        settle = st.text_input("What would settle it", item.settle, max_chars=300, key=f"settle {name} {item.settle}")
    _decision(page, view, item, chosen, settle)
    _contract(page, item)


def _decision(page: Page, view: ReviewView, item: Item, chosen: str | None, settle: str) -> None:
    """The buttons that close an item and open it again. What was shown decides whether somebody else was quicker."""
    version = review_views.seen(f"decide {view.month.period} {item.id}", item.version)
    same = (chosen, settle) == (item.decision, item.settle)
    if not same and st.button("Decide", key="decide", disabled=chosen is None):
        forms.save(
            f"decide {item.id}",
            page.store,
            lambda store: reviews.decide(
                store, page.actor, page.scorecard, view.month.period, item.id, chosen, settle, item.title, version
            ),
            f"Decided: {DECISIONS[chosen][0].lower()}.",
        )
    if item.decision and same and st.button("Undo the decision", type="tertiary", key="undo decision"):
        forms.save(
            f"undo {item.id}",
            page.store,
            lambda store: reviews.undo(store, page.actor, page.scorecard, view.month.period, item.id, version),
            "The item is open again.",
        )


def _contract(page: Page, item: Item) -> None:
    """The way to what was agreed beforehand about the measure of the item."""
    if item.row is None or not access.may(page.actor, "change_goals"):
        return
    if st.button("What we agreed beforehand", type="tertiary", key="open contract"):
        review_meeting.contract(page, item.measure, item.row.measure.label)


# --- act -------------------------------------------------------------------------------------------------------------


def _act(page: Page, view: ReviewView, item: Item) -> None:
    names = review_tables.names_of(view.month)
    _panel(review_tables.step(3, "Act") + review_tables.actions_of(item, names), "step three")


# --- its place and its time ------------------------------------------------------------------------------------------


def _place(page: Page, view: ReviewView, item: Item) -> None:
    order = [one.id for one in view.month.items]
    at = order.index(item.id)
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key="place"):
        if st.button("Earlier", icon=":material/arrow_upward:", type="tertiary", disabled=at == 0, key="earlier"):
            _reorder(page, view, _moved(order, at, at - 1))
        if st.button("Later", icon=":material/arrow_downward:", type="tertiary", disabled=at == len(order) - 1, key="later"):
            _reorder(page, view, _moved(order, at, at + 1))
        _minutes(page, view, item)
        if item.kind == "own" and not item.decision and st.button("Take it off", type="tertiary", key="take off"):
            forms.save(
                f"off {item.id}",
                page.store,
                lambda store: reviews.remove_item(store, page.actor, page.scorecard, view.month.period, item.id),
                "The item is off the agenda.",
            )


def _moved(order: list[str], at: int, to: int) -> list[str]:
    rest = [one for one in order if one != order[at]]
    return [*rest[:to], order[at], *rest[to:]]


def _reorder(page: Page, view: ReviewView, order: list[str]) -> None:
    forms.save(
        "order", page.store, lambda store: reviews.reorder(store, page.actor, page.scorecard, view.month.period, order), ""
    )


def _minutes(page: Page, view: ReviewView, item: Item) -> None:
    given = st.number_input(
        "Minutes",
        1,
        240,
        item.minutes,
        step=5,
        key=f"minutes {view.month.period} {item.id} {item.minutes}",
        width=150,
        label_visibility="collapsed",
    )
    st.caption("minutes")
    if given != item.minutes:
        forms.save(
            f"minutes {item.id}",
            page.store,
            lambda store: reviews.set_minutes(store, page.actor, page.scorecard, view.month.period, item.id, int(given)),
            "",
        )

"""One item of the agenda, open: discuss, decide, act. Who may not decide reads it."""

from __future__ import annotations

import streamlit as st

from scorecard import access, reviews
from scorecard.output import review_tables, theme
from scorecard.output.theme import escape_markdown
from scorecard.reviews import DECISIONS, Item, ReviewView
from scorecard.store.drafts import Draft
from scorecard.ui import action_forms, block, drafting, forms, review_meeting, review_views
from scorecard.ui.action_forms import Origin
from scorecard.ui.state import Page

BASE, CLOSED = "base:", "none"
NEVER = -1
WIDTHS = (1.29, 1.0, 1.42)


def chosen(view: ReviewView) -> str:
    """The id of the open item: that of the address, else the first without a decision; "" when none is open.

    It stays open when it is decided, here or by somebody else, so that nobody writes under another head.
    """
    ids = [item.id for item in view.month.items]
    asked, kept = st.query_params.get(review_views.ITEM, "")[:200], f"open item {view.month.scorecard} {view.month.period}"
    if asked not in (CLOSED, *ids):
        first = next((item.id for item in view.month.items if item.state != "decided"), CLOSED)
        asked = st.session_state.get(kept, first) if st.session_state.get(kept, first) in ids else first
    st.session_state[kept] = asked
    return "" if asked == CLOSED else asked


def draw(page: Page, view: ReviewView, item: Item, href) -> None:
    """The open item between its neighbours."""
    with st.container(key="item", gap="xsmall"):
        block.draw(review_tables.agenda([item], review_tables.names_of(view.month), href, item.id), key="open item")
        if access.may(page.actor, "decide"):
            _steps(page, view, item)
        else:
            _read(page, view, item)


def _panel(body: str) -> None:
    """Words on the panel. They hold no drawing and no link, so they need no component, which each widget would pay for."""
    if body:
        st.html(theme.frame(review_tables.on_panel(body), block.mode()))


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
        _panel(review_tables.read_item(item, review_tables.names_of(view.month)))


# --- discuss ---------------------------------------------------------------------------------------------------------


def _discuss(page: Page, view: ReviewView, item: Item) -> None:
    told = review_tables.discuss(item, review_views.measure(view, item), review_views.teams(page, item))
    block.draw(review_tables.on_panel(told), key="discuss")
    if access.may(page.actor, "assess"):
        _said(page, view, item)
    _comments(page, view, item)


def _said(page: Page, view: ReviewView, item: Item) -> None:
    """What is said about it: saved when the reader leaves the field; both texts are shown when somebody else wrote meanwhile.

    What was typed there and never saved is there again after a restart, and waits for the reader's word.
    """
    form = f"said {page.scorecard} {view.month.period} {item.id}"
    key = drafting.field(page, form)
    before = _begun_from(key, item.discussion, drafting.begun(page, form))
    text = st.text_area(
        f"What is said about {escape_markdown(item.title)}",
        key=key,
        height=84,
        max_chars=2000,
        label_visibility="collapsed",
        placeholder="What is known, what is not. It is saved as you leave the field.",
    )
    drafting.hear(key, form, before or "")
    if text == before:
        return
    taken = item.discussion != before
    if not taken and text == drafting.text(page, form) and not _save_draft(page, form):
        return
    mine = taken and st.button("Save mine over theirs", key="save mine")

    def work(store) -> None:
        seen = NEVER if taken and not mine else item.version
        reviews.discuss(store, page.actor, page.scorecard, view.month.period, item.id, text, seen)
        drafting.stored(page, form)
        _saved(key)

    forms.save(key, page.store, work, "Saved.")
    if taken and st.button("Take theirs", key="take theirs"):
        drafting.stored(page, form)
        _forget(key)


def _save_draft(page: Page, form: str) -> bool:
    """Whether the reader saves now what he typed before a restart."""
    drafting.went_on(page, form)
    return st.button("Save it", key="save draft")


def _begun_from(key: str, stored: str | None, draft: Draft | None = None) -> str | None:
    """What was stored when this reader began to change a field. A field that he left as it was takes what is stored now.

    A field that is new on the page goes on from his draft, and from what was stored when he began that.
    """
    typed = draft.content.get(drafting.TEXT, "") if draft else ""
    if key not in st.session_state and typed not in ("", stored):
        st.session_state[key], st.session_state[BASE + key] = typed, draft.content.get(drafting.BASE, "")
    elif key not in st.session_state or st.session_state[key] == st.session_state.get(BASE + key):
        st.session_state[key] = st.session_state[BASE + key] = stored
    return st.session_state[BASE + key]


def _saved(key: str) -> None:
    """From now on the field is as it is stored: the next run takes it from there."""
    st.session_state[BASE + key] = st.session_state[key]


def _forget(key: str) -> None:
    """The field takes what is stored, in a new run."""
    del st.session_state[key], st.session_state[BASE + key]
    st.rerun()


def _comments(page: Page, view: ReviewView, item: Item) -> None:
    about = object_of(view, item)
    found = review_views.comments(page, about)
    if found:
        _panel(review_tables.comments(found))
    if not access.may(page.actor, "log_records"):
        return
    with st.popover("Comment", type="tertiary", icon=":material/add_comment:"), st.form("comment", border=False):
        text = drafting.area(page, action_forms.comment_on(about), "Your comment", max_chars=1000)
        sent = st.form_submit_button("Add the comment")
    if sent:
        forms.save(
            "comment", page.store, lambda store: action_forms.comment(store, page, about, text), "The comment stands beside the item."
        )


def object_of(view: ReviewView, item: Item) -> str:
    """The name of an item, under which its comments and actions stand."""
    return f"review:{view.month.scorecard}:{view.month.period}:{item.id}"


# --- decide ----------------------------------------------------------------------------------------------------------


def _decide(page: Page, view: ReviewView, item: Item) -> None:
    _panel(review_tables.step(2, "Decide"))
    offered = list(reviews.decisions_for(item.kind))
    key = f"decision {page.scorecard} {view.month.period} {item.id}"
    before = _begun_from(key, item.decision or None)
    chosen = st.radio(
        f"Decision on {escape_markdown(item.title)}",
        offered,
        format_func=lambda one: DECISIONS[one][0],
        captions=[DECISIONS[one][1] for one in offered],
        key=key,
        index=None,
        label_visibility="collapsed",
    )
    _panel(review_tables.suggestion(item))
    settle = ""
    if chosen == "watch":
        settle = st.text_input("What would settle it", item.settle, max_chars=300, key=f"settle {key} {item.settle}")
    if not item.decision or (chosen, settle) != (item.decision, item.settle):
        _take_decision(page, view, item, key, (chosen, settle), (item.decision or None) != before)
    elif st.button("Undo the decision", type="tertiary", key="undo decision"):
        _undo(page, view, item, key)
    _contract(page, item)


def _take_decision(page: Page, view: ReviewView, item: Item, key: str, said: tuple[str | None, str], taken: bool) -> None:
    """The button that closes an item; when somebody else decided meanwhile, both decisions and the choice between them."""
    chosen, settle = said
    pressed = st.button("Decide", key="decide", disabled=chosen is None)
    mine = taken and st.button("Decide over theirs", key="decide over")
    if taken and st.button("Take theirs", key="take their decision"):
        _forget(key)

    def work(store) -> None:
        seen = NEVER if taken and not mine else item.version
        period = view.month.period
        reviews.decide(store, page.actor, page.scorecard, period, item.id, chosen, settle, item.title, seen)
        _saved(key)

    if pressed or mine:
        forms.save(key, page.store, work, f"Decided: {DECISIONS[chosen][0].lower()}.")


def _undo(page: Page, view: ReviewView, item: Item, key: str) -> None:
    def work(store) -> None:
        reviews.undo(store, page.actor, page.scorecard, view.month.period, item.id, item.version)
        _saved(key)

    forms.save(f"undo {key}", page.store, work, "The item is open again.")


def _contract(page: Page, item: Item) -> None:
    """The way to what was agreed beforehand about the measure of the item."""
    if item.row is None or not access.may(page.actor, "change_goals"):
        return
    if st.button("What we agreed beforehand", type="tertiary", key="open contract"):
        review_meeting.contract(page, item.measure, item.row.measure.label)


# --- act -------------------------------------------------------------------------------------------------------------


def _act(page: Page, view: ReviewView, item: Item) -> None:
    """The actions of the item, and the form of one more."""
    names = review_tables.names_of(view.month)
    _panel(review_tables.step(3, "Act") + review_tables.actions_of(item, names))
    more = f"another {item.id} {len(item.actions)}"
    if item.actions and not st.session_state.get(more) and not st.button("Add another", icon=":material/add:", key=f"open {more}"):
        return
    st.session_state[more] = True
    words = f"{view.month.period.label} review, {item.title}"
    with st.container(key="act", gap="small"):
        action_forms.inline(page, item.measure, Origin(object_of(view, item), words), f"act {view.month.period} {item.id}")


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
        if item.by_hand and not item.decision and st.button("Take it off", type="tertiary", key="take off"):
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

"""What stands around the agenda: the meeting, signing, last month's actions, the commentary, notes added later."""

from __future__ import annotations

from collections.abc import Callable
from datetime import time
from typing import Any

import streamlit as st

from scorecard import access, reviews
from scorecard.core.periods import Period
from scorecard.output import review_tables, theme
from scorecard.output.theme import escape_markdown
from scorecard.reviews import DECISIONS, STANDINGS, Commitment, ReviewView, decisions_for
from scorecard.store.engine import Store
from scorecard.ui import block, drafting, forms, review_views
from scorecard.ui.state import Page

Change = Callable[[Store], object]


def save(page: Page, view: ReviewView, form: str, command: Callable, said: str, **more) -> None:
    """Runs a command of the review once, with its scorecard and period."""
    month = view.month
    forms.save(
        f"{form} {month.period}",
        page.store,
        lambda store: command(store, page.actor, month.scorecard, month.period, **more),
        said,
    )


def _head(title: str, note: str = "") -> None:
    st.html(theme.frame(review_tables.section(title, "", note), block.mode()))


# --- the meeting -----------------------------------------------------------------------------------------------------


@st.dialog("The meeting")
def meeting(page: Page, view: ReviewView) -> None:
    """When it is held, who chairs and who comes."""
    month, known = view.month, review_views.people(page)
    first = month.period.end
    held = st.date_input("Held on", month.held_on or max(page.today, first), min_value=first, key="held on")
    left, right = st.columns(2)
    begins = left.time_input("Begins", _time(month.begins), step=900, key="begins")
    minutes = right.number_input("Minutes", 5, 480, month.minutes, step=5, key="meeting minutes")
    chair = st.selectbox("Chaired by", ["", *known], _at(known, view.chair), format_func=lambda id: known.get(id, "Nobody yet"), key="chair")
    here = [id for id, _ in view.attendees if id in known]
    attendees = st.multiselect("Who comes", list(known), here, format_func=known.get, key="attendees")
    if st.button("Save the meeting", type="primary", key="save meeting"):
        now = review_views.again(page, view)
        seen = now.version if _of_meeting(now) == _of_meeting(view) else view.version
        save(
            page, view, "meeting", reviews.save_meeting, "The meeting is saved.", held_on=held,
            begins=begins.strftime("%H:%M") if begins else "", minutes=int(minutes), chair=chair, attendees=attendees,
            seen_version=seen,
        )  # fmt: skip
        st.caption(f"Now stored: {escape_markdown(review_tables.second_line(now))}. Close this and open it again to change it.")


def _of_meeting(view: ReviewView) -> tuple:
    """What the form of the meeting shows: a decision that somebody took meanwhile is no change of it."""
    month = view.month
    return month.held_on, month.begins, month.minutes, view.chair, view.attendees


def _time(text: str) -> time | None:
    return time.fromisoformat(text) if text else None


def _at(known: dict[str, str], person: tuple[str, str] | None) -> int:
    return [*known].index(person[0]) + 1 if person and person[0] in known else 0


# --- the agenda as a whole -------------------------------------------------------------------------------------------


@st.dialog("Add an item")
def add_item(page: Page, view: ReviewView) -> None:
    """An item of the leader's own, or a routine measure that is worth the time."""
    labels = {row.measure.name: row.measure.label for row in view.routine}
    measure = st.selectbox("About", ["", *labels], format_func=lambda id: labels.get(id, "Something else"), key="new item measure")
    title = "" if measure else st.text_input("What it is about", max_chars=120, key="new item title")
    if st.button("Add the item", type="primary", key="save new item"):
        save(page, view, "new item", reviews.add_item, "The item is on the agenda.", title=title, measure=measure)


@st.dialog("What was agreed beforehand")
def contract(page: Page, measure: str, label: str) -> None:
    """What each colour, and a signal, of a measure commits the team to."""
    found = review_views.contract(page, measure)
    st.caption(f"{escape_markdown(label)}. A review shows what was agreed before it was opened, and whether it was followed.")
    typed = {key: _commitment(key, found.commitments.get(key) if found else None) for key in STANDINGS}
    reason = st.text_input("Why", max_chars=300, key="contract why")
    if st.button("Save what is agreed", type="primary", key="save contract"):
        forms.save(
            f"contract {measure}",
            page.store,
            lambda store: reviews.set_commitment(store, page.actor, measure, typed, reason),
            "It is written down. It binds the reviews that are opened from now on.",
        )


def agreed(page: Page, measure: str, label: str) -> None:
    """What was agreed beforehand about a measure, for everybody, and the way to change it, for a leader."""
    block.draw(
        review_tables.section("Agreed beforehand", review_tables.contract(review_views.contract(page, measure))), key="agreed"
    )
    if access.may(page.actor, "change_goals") and st.button("Change what is agreed", type="tertiary", key="open contract"):
        contract(page, measure, label)


def _commitment(key: str, before: Commitment | None) -> Commitment:
    one = before or Commitment("")
    text = st.text_input(STANDINGS[key], one.text, max_chars=300, placeholder="We …", key=f"contract {key}")
    if not text.strip():
        return Commitment("")
    left, right = st.columns((3, 1), vertical_alignment="bottom")
    kept = left.multiselect(
        "Decisions that keep to it", list(decisions_for("signal")), list(one.decisions), format_func=lambda name: DECISIONS[name][0],
        placeholder="Any", key=f"contract {key} decisions",
    )  # fmt: skip
    action = right.toggle("An action", one.action, key=f"contract {key} action")
    return Commitment(text, tuple(kept), action)


# --- signing ---------------------------------------------------------------------------------------------------------


def signing(page: Page, view: ReviewView, href: Callable[[str], str]) -> None:
    """The panel Sign-off: progress, what is missing, the button, what signing does, the last signature."""
    _head("Sign-off")
    with st.container(border=True, key="signing"):
        block.draw(review_tables.progress(view), key="progress")
        _read(page, view)
        _sign(page, view)
        block.draw(review_tables.signing(view, review_views.clock(page), href), key="what signing does")


def _read(page: Page, view: ReviewView) -> None:
    """The button that says that the earlier actions were read; nothing when they are, or when there are none."""
    if view.month.actions and not view.checks[1].done and access.may(page.actor, "decide"):
        if st.button("The actions are read", icon=":material/check:", width="stretch", key="actions read"):
            save(page, view, "actions read", reviews.actions_read, "Noted: the earlier actions are read.")


def _sign(page: Page, view: ReviewView) -> None:
    """The button, for who may sign: open when every item has a decision and the period is over."""
    period = view.month.period
    if not access.may(page.actor, "decide"):
        st.caption("A leader decides and signs.")
        return
    over, ready = period.end < page.today, view.decided == len(view.month.items) and review_tables.has_figures(view.month)
    name = f"Sign off {period.bare} review" if period.grain == "month" else f"Sign off {period.label} review"
    kind = "primary" if over and ready else "secondary"
    if st.button(name, icon=":material/lock:", type=kind, disabled=not (over and ready), width="stretch", key="sign"):
        save(page, view, "sign", reviews.sign, f"{period.label} is signed and frozen.", today=page.today)
    if not over:
        st.caption(f"{period.label} is not over yet: it can be prepared, and signed from {review_tables.near(period.shift(1).start)} on.")


# --- last month's actions --------------------------------------------------------------------------------------------


def last_actions(page: Page, view: ReviewView) -> None:
    """What became of earlier actions, and what else changed since the last review."""
    month = view.month
    found = review_tables.last_actions(
        month.actions, review_tables.names_of(month), href=lambda id: block.address("actions", action=id)
    )
    rule = f'<p class="cap after">{review_tables.VERDICT_RULE}</p>' if month.actions else ""
    since = f"Changed since {month.changes.since.bare}" if month.changes.since else "What changed"
    changed = review_tables.section(since, review_tables.changes(month.changes))
    block.draw(review_tables.section(_last(month.period), found + rule) + changed, key="last actions")


def _last(period: Period) -> str:
    return "Last month’s actions" if period.grain == "month" else "Earlier actions"


# --- the commentary --------------------------------------------------------------------------------------------------


def commentary(page: Page, view: ReviewView) -> None:
    """The leader's words: a draft from the readings, edited here; others read what was saved."""
    month = view.month
    if not access.may(page.actor, "decide"):
        if month.commentary:
            block.draw(review_tables.section("Commentary", review_tables.commentary(month.commentary)), key="commentary")
        return
    drafted = not month.commentary
    _head("Commentary", "drafted from the readings, not saved yet" if drafted else "saved")
    version = review_views.seen(f"commentary {month.period}", view.commentary_version)
    form, stored = f"commentary {month.scorecard} {month.period}", month.commentary or view.commentary_draft
    key = drafting.field(page, form, view.commentary_version)
    drafting.told(page, form, lambda: None)
    text = st.text_area(
        "Commentary of 100 to 300 words",
        drafting.text(page, form) or stored,
        height=230,
        key=key,
        label_visibility="collapsed",
    )
    drafting.hear(key, form, stored)
    drafting.follow(page, form, text, stored)
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        if st.button("Save the commentary", key="save commentary"):
            save(page, view, "commentary", _settled(page, form), "The commentary is saved.", text=text, seen_version=version)
        if month.commentary and st.button("Draft it again", type="tertiary", key="draft again"):
            save(page, view, "draft", _settled(page, form), "The draft stands again.", text="", seen_version=version)
        st.caption(_length(text))


def _settled(page: Page, form: str, save: Callable = reviews.save_commentary) -> Callable:
    """The command that saves a text, after which there is no draft of it."""
    def command(*given: Any, **more: Any) -> None:
        save(*given, **more)
        drafting.done(page, form)

    return command


def _length(text: str) -> str:
    found = review_tables.words(text)
    asked = "" if 100 <= found <= 300 else "; 100 to 300 are asked for"
    return f"{found} words{asked}"


# --- a signed review -------------------------------------------------------------------------------------------------


def beside(page: Page, view: ReviewView) -> None:
    """What was added after signing, and the form that adds a note."""
    told = review_tables.section("Added after signing", review_tables.beside(view.month))
    block.draw(f'<div class="upper-line">{told}</div>', key="beside")
    if not access.may(page.actor, "assess"):
        return
    form = f"note beside {view.month.scorecard} {view.month.period}"
    with st.popover("Add a note", icon=":material/add_comment:"), st.form("note beside", border=False):
        text = drafting.area(page, form, "What has to be said beside it", max_chars=2000)
        sent = st.form_submit_button("Save the note", type="primary")
    if sent:
        save(page, view, "note", _settled(page, form, reviews.add_note), "The note stands beside the signed review.", text=text)

"""Actions written and changed from any page: who does what until when, and what it should bring."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import streamlit as st

from scorecard import access, actions
from scorecard.actions import KINDS, STATES, Action
from scorecard.core import fmt
from scorecard.core.definition import Definition
from scorecard.core.periods import Period, containing
from scorecard.errors import StaleEdit
from scorecard.output import action_tables
from scorecard.output.theme import escape_markdown, escape_sentence
from scorecard.store.engine import Store
from scorecard.ui import action_views, block, drafting, forms
from scorecard.ui.action_views import Choices, Whole
from scorecard.ui.state import Page

ACTION, NEW, SEEN = "action", "new", "seen action "
NO_MEASURE, ALL = "no measure", "All"
AHEAD = 12
DUE_AFTER = 14
CAPTIONS = {
    "process": "the steps, the hand-offs or who does them",
    "tool": "something that carries the work",
    "cause": "one fault that is taken away",
    "effort": "the same work, with more attention",
    "training": "people learn to do it",
}


@dataclass(frozen=True)
class Origin:
    """Where an action is written: the name of the place, and its words for people."""

    name: str = ""
    words: str = ""


def may_write(page: Page) -> bool:
    """Whether the person at the keyboard may write actions."""
    return access.may(page.actor, "log_records")


def button(page: Page, measure: str = "", origin: Origin | None = None, label: str = "New action", **look: Any) -> None:
    """The button that opens the form, for who may write actions."""
    if may_write(page) and st.button(label, icon=":material/add:", key=f"new action {measure}", **look):
        new(page, measure, origin or Origin())


def asked(page: Page) -> None:
    """Opens what the address asks for: `action=<id>` or `new=<measure>`; a link is followed once."""
    id, measure = st.query_params.get(ACTION, "")[:80], st.query_params.get(NEW)
    if id:
        del st.query_params[ACTION]
        st.session_state[SEEN + id] = action_views.whole(page, id).action.version
        edit(page, id)
    elif measure is not None:
        del st.query_params[NEW]
        if may_write(page):
            new(page, measure[:200])


@st.dialog("New action", width="medium")
def new(page: Page, measure: str = "", origin: Origin = Origin()) -> None:  # noqa: B008
    """A new action; the form stays open until it is saved."""
    inline(page, measure, origin, "new")


def inline(page: Page, measure: str, origin: Origin, key: str, title: str = "") -> None:
    """The form of a new action, for a dialog or a place of its own; `key` tells several forms on a page apart."""
    written = fields(page, key, None, measure, title)
    if st.button("Save action", type="primary", key=f"{key} save"):
        said = {"origin": origin.name, "origin_words": origin.words, "today": page.today}
        forms.save(
            f"action {key}",
            page.store,
            lambda store: _add(store, page, key, written | said),
            "The action is saved.",
        )


def _add(store: Store, page: Page, key: str, written: dict[str, Any]) -> None:
    """Saves, and empties the form for the next one."""
    actions.add(store, page.actor, **written)
    for name in [name for name in st.session_state if str(name).startswith(f"{key} field ")]:
        del st.session_state[name]


# ---- the fields ------------------------------------------------------------------------------------------------------


def fields(page: Page, key: str, old: Action | None, measure: str = "", title: str = "") -> dict[str, Any]:
    """The fields of an action as they stand in the form, ready for `actions.add` and `actions.change`."""
    offered = action_views.choices(page)
    written: dict[str, Any] = {
        "title": st.text_input(
            "Action", old.title if old else title, max_chars=actions.LONGEST_TITLE, key=f"{key} field title"
        ),
        "kind": _kind(key, old),
    }
    left, right = st.columns(2)
    with left:
        written["owner"] = _owner(page, key, old)
    with right:
        due = old.due if old else page.today + timedelta(days=DUE_AFTER)
        written["due"] = st.date_input("Due", due, min_value=min(due, page.today), key=f"{key} field due")
    written |= _measure(offered, key, old, measure)
    if written["measure"]:
        written |= _expected(page, offered, key, old, written["measure"])
    else:
        written |= {"effect": None, "effect_by": None, "first_reading": None}
    return written


def _kind(key: str, old: Action | None) -> str:
    return st.selectbox(
        "Kind",
        list(KINDS),
        index=list(KINDS).index(old.kind) if old else 0,
        format_func=lambda kind: f"{KINDS[kind]}: {CAPTIONS[kind]}",
        key=f"{key} field kind",
        help="It is chosen now, before anybody knows what comes of it: the year's table compares the kinds.",
    )


def _owner(page: Page, key: str, old: Action | None) -> str:
    people = action_views.people(page)
    if old and old.owner not in people:
        people[old.owner] = old.owner_name
    chosen = old.owner if old else page.actor.person
    return st.selectbox(
        "Owner", list(people), index=list(people).index(chosen), format_func=people.get,
        key=f"{key} field owner",
    )  # fmt: skip


def _measure(offered: Choices, key: str, old: Action | None, measure: str) -> dict[str, str]:
    names = ["", *offered.measures]
    chosen = old.measure if old else measure
    if chosen not in names:
        names.append(chosen)
    name = st.selectbox(
        "Measure it should move", names, index=names.index(chosen),
        format_func=lambda one: _label(offered, one), key=f"{key} field measure",
    )  # fmt: skip
    parts = ["", *offered.segments.get(name, ())]
    part = old.segment if old and old.segment in parts else ""
    if len(parts) > 1:
        part = st.selectbox(
            "In which segment",
            parts,
            index=parts.index(part),
            format_func=lambda one: one or ALL,
            key=f"{key} field segment",
        )
    return {"measure": name, "segment": part if part in parts else ""}


def _label(offered: Choices, name: str) -> str:
    if not name:
        return NO_MEASURE
    return offered.measures[name].label if name in offered.measures else name


def _expected(page: Page, offered: Choices, key: str, old: Action | None, name: str) -> dict[str, Any]:
    measure = offered.measures.get(name) or Definition(name, name)
    same = old if old and old.measure == name else None
    first, second, third = st.columns(3)
    with first:
        effect = st.number_input(
            f"Expected effect{unit_of(measure)}", value=shown_effect(same.effect, measure) if same else None, format="%g",
            key=f"{key} field effect {name}", placeholder="+4 or −8", help="The change you expect; 0 is to keep it as it is.",
        )  # fmt: skip
    with second:
        by = st.date_input("Expected by", same.effect_by if same else None, key=f"{key} field by {name}")
    with third:
        reading = _reading(page, offered.grains.get(name, "month"), key, same, name)
    return {"effect": stored_effect(effect, measure), "effect_by": by, "first_reading": reading}


def _reading(page: Page, grain: str, key: str, old: Action | None, name: str) -> Period | None:
    now = containing(page.today, grain)
    periods: list[Period | None] = [None, *(now.shift(n) for n in range(AHEAD + 1))]
    chosen = old.first_reading if old else None
    if chosen not in periods:
        periods.insert(1, chosen)
    return st.selectbox(
        "First reading", periods, index=periods.index(chosen), format_func=lambda one: one.label if one else "none",
        key=f"{key} field reading {name}",
    )  # fmt: skip


def unit_of(measure: Definition) -> str:
    """The unit in which an effect on a measure is typed, after a comma: `, points`."""
    word = {"percent": "points", "money": measure.currency.strip()}.get(measure.unit, fmt.unit_word(measure))
    return f", {escape_sentence(word)}" if word else ""


def shown_effect(effect: float | None, measure: Definition) -> float | None:
    """An effect as it is typed: of a share in points."""
    return None if effect is None else round(effect * 100, 6) if measure.is_share else effect


def stored_effect(effect: float | None, measure: Definition) -> float | None:
    """An effect as it is stored: of a share as a fraction."""
    return None if effect is None else round(effect / 100, 8) if measure.is_share else effect


# ---- one action ------------------------------------------------------------------------------------------------------


@st.dialog("Action", width="large")
def edit(page: Page, id: str) -> None:
    """One action: how far it is, what it says, what was said about it, who changed what."""
    found = action_views.whole(page, id)
    action = found.action
    st.session_state.setdefault(SEEN + id, action.version)
    st.markdown(f"**{escape_markdown(action.title)}**")
    block.draw(action_tables.told_of(action, page.today, _verdict(page, id)), key="action told")
    if actions.may_set_state(page.actor, action):
        _state(page, action)
    if actions.may_change(page.actor, action):
        with st.expander("Change the action", expanded=action.measure != "" and action.effect is None):
            _change(page, action)
    _talk(page, found)
    shown = action_tables.history(found.history, action_views.people(page))
    if shown:
        with st.expander("Who changed what"):
            block.draw(shown, key="action history")


def _verdict(page: Page, id: str):
    every = action_views.board(page)
    return next((one for one in (*every.open, *every.done) if one.action.id == id), None)


def _save(key: str, page: Page, action: Action, work: Callable[[Store, int], Any], said: str) -> None:
    """Saves what was typed over the version that this person saw; when another was first, the next try is over theirs."""

    def tried(store: Store) -> None:
        try:
            work(store, st.session_state.get(SEEN + action.id, action.version))
        except StaleEdit:
            st.session_state[SEEN + action.id] = action.version
            raise
        st.session_state.pop(SEEN + action.id, None)

    forms.save(key, page.store, tried, said)


def _state(page: Page, action: Action) -> None:
    key = f"state {action.id}"
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        state = st.segmented_control(
            "How far it is", list(STATES), default=action.state, required=True, format_func=STATES.get, key=key
        )
        on = st.date_input("Since", page.today, max_value=page.today, key=f"{key} on", width=140)
        pressed = st.button("Save", key=f"{key} save", disabled=state == action.state)
    if pressed:
        _save(
            key,
            page,
            action,
            lambda store, seen: actions.set_state(store, page.actor, action.id, state, on, seen),
            f"The action is {STATES[state]}.",
        )


def _change(page: Page, action: Action) -> None:
    key = f"edit {action.id}"
    written = fields(page, key, action)
    if action.state != "not_started":
        written["started"] = st.date_input(
            "The work changed on", action.started, key=f"{key} field started",
            help="The verdict reads the periods after this day. Leave it empty while the change is only prepared.",
        )  # fmt: skip
    if st.button("Save action", type="primary", key=f"{key} save"):
        _save(
            key,
            page,
            action,
            lambda store, seen: actions.change(store, page.actor, action.id, seen, **written),
            "The action is saved.",
        )


def _talk(page: Page, found: Whole) -> None:
    """Comments, and a field for one more."""
    said = action_tables.comments(found.comments)
    if said:
        block.draw(said, key="action comments")
    if not may_write(page):
        return
    object = f"action:{found.action.id}"
    with st.form(f"comment {len(found.comments)}", border=False):
        text = drafting.area(page, comment_on(object), "Comment", max_chars=actions.LONGEST_COMMENT, height=80)
        sent = st.form_submit_button("Add the comment")
    drafting.listen(page, comment_on(object))
    if sent:
        forms.save(object, page.store, lambda store: comment(store, page, object, text), "The comment is kept.")
    _withdrawn(page, found)


def comment(store: Store, page: Page, object: str, text: str) -> None:
    """Nothing; the comment is kept, and its draft is gone."""
    actions.comment(store, page.actor, object, text)
    drafting.done(page, comment_on(object))


def comment_on(object: str) -> str:
    """The name of the draft of a comment on an object."""
    return f"comment on {object}"


def _withdrawn(page: Page, found: Whole) -> None:
    """The way to take a comment back, for its author and for a leader."""
    every = access.may(page.actor, "decide")
    own = {
        one.id: one for one in found.comments if one.withdrawn_at is None and (every or one.author == page.actor.name)
    }
    if not own:
        return
    with st.popover("Take a comment back", type="tertiary"):
        chosen = st.selectbox(
            "Comment", list(own), format_func=lambda id: own[id].text[:60], key="comment taken back"
        )
        if st.button("Take it back", key="take comment back"):
            forms.save(
                f"withdraw {chosen}",
                page.store,
                lambda store: actions.withdraw_comment(store, page.actor, chosen),
                "The comment is taken back.",
            )

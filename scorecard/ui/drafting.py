"""What is typed into a form is kept as it is typed, though Streamlit tells of it only when the form is sent."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

import streamlit as st

from scorecard import drafts
from scorecard.core.periods import day
from scorecard.errors import ScorecardError
from scorecard.store.drafts import Draft
from scorecard.store.engine import Store
from scorecard.ui import own_reads
from scorecard.ui.pieces import Piece
from scorecard.ui.state import Page

SHOWN, ROUND, FIELDS = "draft shown ", "round of draft ", "fields with drafts"
TEXT, BASE = "text", "base"

_HTML = """<span class="typed"></span>
"""
_component, _areas = Piece("form_draft", _HTML), Piece("typed_areas", _HTML)
WAIT = 1500


def _mark(page: Page, form: str) -> str:
    """The name of a person's form in a session: another person at the same keyboard has another."""
    return f"{page.actor.person} {form}"


def begun(page: Page, form: str) -> Draft | None:
    """The draft that a form begins with: as it was when the form was opened, since what is typed now is in its fields."""
    shown = SHOWN + _mark(page, form)
    if shown not in st.session_state:
        st.session_state[shown] = own_reads.read(page, ("draft", form), lambda: drafts.of(page.store, page.actor, form))
    return st.session_state[shown]


def told(page: Page, form: str, again: Callable[[], Any]) -> None:
    """A line that the form goes on from a draft, and a button that begins anew."""
    draft = begun(page, form)
    if draft is None:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(_goes_on(draft))
        st.button("Begin anew", type="tertiary", key=f"anew {form}", on_click=_anew, args=(page, form, again))


def _goes_on(draft: Draft) -> str:
    return f"This goes on from what you typed on {day(draft.saved_at.date())} and did not save. Only you see it."


def _anew(page: Page, form: str, again: Callable[[], Any]) -> None:
    done(page, form)
    again()


def watch(page: Page, form: str, labels: Mapping[str, str]) -> None:
    """Keeps what is typed into the fields with these labels, each under its name."""
    if not page.actor.person:
        return
    found = _component(key=f"typed in {form}", data={"form": form, "labels": list(labels), "wait": WAIT}, on_typed_change=lambda: None)
    if not isinstance(found.typed, dict):
        return
    try:
        drafts.keep(page.store, page.actor, form, {labels[label]: str(text) for label, text in found.typed.items() if label in labels})
    except ScorecardError:
        return  # What cannot be kept is said above the page; the text stands in the form.


def follow(page: Page, form: str, typed: str, stored: str) -> None:
    """Keeps the text of a field that stands in no form, when it says something else than what is stored and than before."""
    last = f"draft of {_mark(page, form)}"
    if typed == st.session_state.setdefault(last, typed):
        return
    st.session_state[last] = typed
    try:
        drafts.keep(page.store, page.actor, form, {TEXT: typed} if typed != stored else {})
    except ScorecardError:
        return


def text(page: Page, form: str) -> str:
    """What the draft of a single field says; "" without one."""
    draft = begun(page, form)
    return draft.content.get(TEXT, "") if draft else ""


def opened(page: Page, form: str) -> None:
    """Nothing; the form is opened, and begins with what stands in its draft now."""
    st.session_state.pop(SHOWN + _mark(page, form), None)


def stored(page: Page, form: str) -> None:
    """Nothing; what was typed is stored, its draft is gone, and the field goes on with the same text."""
    opened(page, form)
    drafts.drop(page.store, page.actor, form)


def done(page: Page, form: str) -> None:
    """Nothing; the form was saved or is begun anew, its draft is gone, and its field is empty."""
    stored(page, form)
    mark = ROUND + _mark(page, form)
    st.session_state[mark] = st.session_state.get(mark, 0) + 1


# -- fields of more than a line


def area(page: Page, form: str, label: str, **look: Any) -> str:
    """What stands in the only text field of a form: at first the draft. What is typed is kept once `listen` was called."""
    key = field(page, form)
    found = st.text_area(label, text(page, form), key=key, **look)
    hear(key, form, "")
    went_on(page, form)
    return found


def alone(page: Page, form: str, label: str, **look: Any) -> str:
    """The same of a field in a dialog, where what is typed is kept at once."""
    found = area(page, form, label, **look)
    listen(page, form)
    return found


def ending(page: Page, form: str, save: Callable[[Store], Any]) -> Callable[[Store], None]:
    """The command `save`, after which there is no draft of the form."""
    def command(store: Store) -> None:
        save(store)
        done(page, form)

    return command


def field(page: Page, form: str, version: int | str = "") -> str:
    """The key of that field: for each person, and after each save, another. A new field begins with the draft as it is now."""
    mark = _mark(page, form)
    key = f"{form} {page.actor.person} {st.session_state.get(ROUND + mark, 0)} {version}".strip()
    if key not in st.session_state:
        opened(page, form)
    return key


def went_on(page: Page, form: str) -> None:
    """A line that the field goes on from a draft, when it does."""
    if text(page, form):
        st.caption(_goes_on(begun(page, form)))


def hear(key: str, form: str, base: str) -> None:
    """Nothing; `listen` keeps what is typed into the field with this key, when it says something else than `base`."""
    st.session_state.setdefault(FIELDS, {})[form] = ("st-key-" + re.sub(r"[^a-zA-Z0-9_-]", "-", key.strip()), base)


def listen(page: Page, *forms: str) -> None:
    """Keeps what is typed into the fields of these forms, without forms of all on the page; only this part is drawn anew by it."""
    waiting = st.session_state.get(FIELDS, {})
    found = {form: waiting.pop(form) for form in forms or tuple(waiting) if form in waiting}
    if found and page.actor.person:
        st.fragment(_listen)(page, found, " ".join(forms))


def _listen(page: Page, fields: Mapping[str, tuple[str, str]], name: str) -> None:
    names = [name_of for name_of, _ in fields.values()]
    found = _areas(key=f"typed areas {name}", data={"fields": names, "wait": WAIT}, on_typed_change=lambda: None)
    if not isinstance(found.typed, dict):
        return
    with suppress(ScorecardError):  # What cannot be kept is said above the page; the text stands in the field.
        for form, (name_of, base) in fields.items():
            if name_of in found.typed:
                _keep(page, form, str(found.typed[name_of]), base)


def _keep(page: Page, form: str, typed: str, base: str) -> None:
    """Keeps a text with the one that it began from, so that whoever wrote meanwhile is not written over later."""
    if typed.strip() and typed != base:
        drafts.keep(page.store, page.actor, form, {TEXT: typed, BASE: base})
    else:
        drafts.drop(page.store, page.actor, form)

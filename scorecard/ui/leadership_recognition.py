"""Recognition on the page Leadership: who was not thanked yet, and the dialog that thanks somebody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import streamlit as st

from scorecard import registers
from scorecard.core.reading import Sentence
from scorecard.leadership import recognition
from scorecard.leadership.recognition import Coverage, listed
from scorecard.output import leadership_recognition
from scorecard.store.engine import Store
from scorecard.ui import block, forms, register_forms
from scorecard.ui.kept import kept
from scorecard.ui.state import Page

KEPT = 16
VIEW = "recognition"
FROM = {"me": "Me", "customer": "A customer"}
FIELDS = ("value", "words", "on", "account", "who", "reward")
__all__ = ["VIEW", "address", "button", "draw", "listed", "sentences", "shown"]


@dataclass(frozen=True)
class Shown:
    """The coverage of one version of the data, and its drawing."""

    found: Coverage
    drawn: str


def address(**query: str) -> str:
    """The address of the register of recognition."""
    return block.address("leadership", view=VIEW, **query)


def shown(page: Page) -> Shown:
    """The coverage, read once for each version of the data."""
    return _shown(page.store, page.today)


@kept(KEPT)
def _shown(store: Store, today: date) -> Shown:
    found = recognition.read(store, today)
    return Shown(found, leadership_recognition.section(found, address()))


def sentences(page: Page) -> tuple[Sentence, ...]:
    """What recognition says first on the page."""
    return shown(page).found.sentences


def draw(page: Page) -> None:
    """The picture of coverage."""
    block.draw(shown(page).drawn, key="recognition")


def button(page: Page) -> None:
    """The button of the head, for who may write."""
    if registers.may_write(page.actor, recognition.REGISTER) and st.button("Recognise someone", icon=":material/volunteer_activism:", key="recognise"):
        st.dialog("Recognise someone", width="medium")(form)(page)


def form(page: Page) -> None:
    """Who, from whom, for what: the value that showed and the words; the rest is one click away."""
    with st.form("recognise form", border=False):
        to = register_forms.field(page, recognition.REGISTER, "to", None, "recognise to")
        side = st.segmented_control("From", list(FROM), default="me", required=True, format_func=FROM.get, key="recognise from")
        said = {name: register_forms.field(page, recognition.REGISTER, name, None, f"recognise {name}") for name in FIELDS[:2]}
        with st.expander("More"):
            said |= {name: register_forms.field(page, recognition.REGISTER, name, page.today.isoformat() if name == "on" else None, f"recognise {name}") for name in FIELDS[2:]}
        pressed = st.form_submit_button("Save", type="primary")
    if pressed:
        def saved(store: Store) -> None:
            recognition.give(store, page.actor, {"to": to} | said, customer=side == "customer", today=page.today)

        forms.save("recognise", page.store, saved, "The recognition is saved. Tell them, too.")

"""What changes a scorecard itself: a new one, its name, the order of its slots, the one that it rolls up into."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from scorecard import access, measures, organisation
from scorecard.core.definition import Definition
from scorecard.output.theme import escape_sentence
from scorecard.store.definitions import SLOTS, Scorecard
from scorecard.ui import forms
from scorecard.ui.state import Page

NONE = "no other"
SAME = "nothing"


def menu(page: Page) -> None:
    """The menu Scorecard, for who may edit measures."""
    card = _here(page)
    offered: dict[str, Callable[[Page], None]] = {"New scorecard": new}
    if card:
        offered |= {"Rename it": rename} | ({"Order its slots": order} if len(card.measures) > 1 else {})
    if len(page.scorecards) > 1:
        offered["Link scorecards"] = link
    chosen = st.menu_button("Scorecard", list(offered), icon=":material/dashboard:", key="card menu")
    if chosen:
        offered[chosen](page)


def _here(page: Page) -> Scorecard | None:
    return next((card for card in page.scorecards if card.id == page.scorecard), None)


def _audiences(page: Page) -> dict[str, str]:
    teams = {f"team:{team.id}": f"the team {team.name}" for team in organisation.teams(page.store)}
    return {"": "everybody"} | teams | {f"role:{role}": f"the role {role}" for role in access.ROLES}


def _labels(page: Page) -> dict[str, str]:
    return {id: one.label for id, one in measures.current(page.store).items()}


@st.dialog("New scorecard")
def new(page: Page) -> None:
    """A further scorecard, for a team or a role, with its own ten slots."""
    audiences, known = _audiences(page), _labels(page)
    name = st.text_input("Name", max_chars=60, key="card name")
    audience = st.selectbox("For", list(audiences), format_func=audiences.get, key="card audience")
    chosen = st.multiselect(
        "Measures, at most ten", list(known), format_func=known.get, max_selections=SLOTS, key="card measures"
    )
    if st.button("Save the scorecard", type="primary", key="save card"):
        forms.save(
            "new scorecard",
            page.store,
            lambda store: measures.make_scorecard(store, page.actor, name, audience, chosen),
            f"{name} is made.",
        )


@st.dialog("Rename the scorecard")
def rename(page: Page) -> None:
    """Another name, or other readers; its measures and their history stay."""
    card, audiences = _here(page), _audiences(page)
    name = st.text_input("Name", card.name, max_chars=60, key=f"card name {card.id}")
    ids = list(audiences)
    at = ids.index(card.audience) if card.audience in ids else 0
    audience = st.selectbox("For", ids, at, format_func=audiences.get, key=f"card audience {card.id}")
    if st.button("Save the name", type="primary", key="save rename"):
        forms.save(
            "rename scorecard",
            page.store,
            lambda store: measures.rename_scorecard(store, page.actor, card.id, name, audience, card.version),
            f"The scorecard is called {name.strip()}.",
        )


@st.dialog("Order of the slots")
def order(page: Page) -> None:
    """A measure moves to another place; those between move up or down by one."""
    card, known = _here(page), _labels(page)
    ids = list(card.measures)
    name = st.selectbox("Measure", ids, format_func=lambda id: known.get(id, id), key="moved")
    place = st.number_input("Its new place", 1, len(ids), ids.index(name) + 1, key=f"place of {name}")
    moved = placed(ids, name, int(place))
    st.caption(" · ".join(f"{n} {escape_sentence(known.get(id, id))}" for n, id in enumerate(moved, 1)))
    if st.button("Save the order", type="primary", key="save order"):
        forms.save(
            "order slots",
            page.store,
            lambda store: measures.reorder(store, page.actor, card.id, moved, card.version),
            f"{known.get(name, name)} has place {place}.",
        )


def placed(ids: Sequence[str], name: str, place: int) -> list[str]:
    """The ids with one of them moved to a place, counted from 1."""
    rest = [id for id in ids if id != name]
    return [*rest[: place - 1], name, *rest[place - 1 :]]


@st.dialog("Link scorecards", width="medium")
def link(page: Page) -> None:
    """Which scorecard rolls up into which, and what the upper one calls a measure."""
    cards = {card.id: card for card in page.scorecards}
    st.caption(
        "What both show is linked by itself: the upper figure is recomputed from the numerators and denominators below, "
        "never averaged."
    )
    ids = list(cards)
    at = ids.index(page.scorecard) if page.scorecard in ids else 0
    child = cards[st.selectbox("The scorecard", ids, at, format_func=lambda id: cards[id].name, key="linked card")]
    above = ["", *(id for id in cards if id != child.id)]
    parent = st.selectbox(
        "rolls up into",
        above,
        above.index(child.parent) if child.parent in above else 0,
        format_func=lambda id: cards[id].name if id else NONE,
        key=f"parent of {child.id}",
    )
    named = _named(page, child, cards[parent]) if parent else {}
    if st.button("Save the link", type="primary", key="save card link"):
        forms.save(
            "link cards",
            page.store,
            lambda store: measures.roll_up(store, page.actor, child.id, parent, child.version, named),
            f"{child.name} rolls up into {cards[parent].name if parent else NONE}.",
        )


def _named(page: Page, child: Scorecard, parent: Scorecard) -> dict[str, str]:
    """The measures of the lower scorecard that the upper one calls otherwise, as chosen."""
    known = measures.current(page.store)
    chosen, said = {}, dict(child.named)
    for own in child.measures:
        offered = [into for into in parent.measures if into != own and _alike(known.get(own), known.get(into))]
        if own not in parent.measures and offered:
            options = ["", *offered]
            at = options.index(said[own]) if said.get(own) in options else 0
            into = st.selectbox(
                f"{escape_sentence(known[own].label)} rolls into",
                options,
                at,
                format_func=lambda id: known[id].label if id else SAME,
                key=f"{child.id} {own} into {parent.id}",
            )
            chosen |= {own: into} if into else {}
    return chosen


def _alike(one: Definition | None, other: Definition | None) -> bool:
    return bool(one and other) and one.aggregate != "none" and (one.unit, one.aggregate) == (other.unit, other.aggregate)

"""A file that waits in a source: its questions, and a row a column with the select box of where it goes."""

from __future__ import annotations

from typing import Any

import streamlit as st

from scorecard.core.facts import KINDS
from scorecard.intake.mapping import LEFT_OUT
from scorecard.intake.settled import Place
from scorecard.output.theme import escape_sentence
from scorecard.store.sources import Arrival
from scorecard.ui import incoming_facts


def answers(one: Arrival) -> tuple[dict[str, str], bool]:
    """(what was answered and corrected, whether every question has its answer)."""
    given = _questions(one)
    whole = all(given.values())
    return {**one.said.get("choices", {}), **_corrected(one), **{key: text for key, text in given.items() if text}}, whole


def corrected(one: Arrival) -> bool:
    """Whether a column is sent elsewhere, or the file said to hold something else, than was read last."""
    return bool(_chosen(one))


def _questions(one: Arrival) -> dict[str, str]:
    given = {}
    for asked in one.said.get("questions", ()):
        words = dict(asked["options"])
        key = f"answer {one.sha256[:12]} {asked['id']}"
        if len(words) <= 4:
            given[asked["id"]] = st.segmented_control(escape_sentence(asked["text"]), list(words), format_func=lambda id: escape_sentence(words[id]), key=key) or ""
        else:
            given[asked["id"]] = st.selectbox(escape_sentence(asked["text"]), list(words), format_func=words.get, key=key, index=None,
                                              placeholder="Choose one") or ""
    return given


def _corrected(one: Arrival) -> dict[str, str]:
    """The select boxes, folded; what differs from what was read."""
    places = [Place(**{**told, "samples": tuple(told["samples"]), "targets": tuple(told["targets"])})
              for told in one.said.get("places", ())]
    if not places:
        return {}
    kinds = one.said["kinds"]
    with st.expander("Correct where its columns go"):
        st.selectbox("What the file holds", list(KINDS), list(KINDS).index(kinds[0]), format_func=lambda kind: KINDS[kind].label,
                     key=_key(one, "kind"))
        options = {LEFT_OUT: "Leave it out"} | {
            f"{kind}.{column.name}": column.label if len(kinds) == 1 else f"{column.label} ({KINDS[kind].label})"
            for kind in kinds for column in KINDS[kind].columns}
        incoming_facts.rows(places, lambda place: _box(one, place, options), f"places {one.sha256[:12]}")
    return _chosen(one)


def _box(one: Arrival, place: Place, options: dict[str, str]) -> None:
    words, first = list(options), (place.targets or (LEFT_OUT,))[0]
    st.selectbox(escape_sentence(place.name), words, words.index(first) if first in words else 0, format_func=lambda word: options.get(word, word),
                 key=_key(one, f"column:{place.name}"), label_visibility="collapsed")


def _chosen(one: Arrival) -> dict[str, str]:
    kind = st.session_state.get(_key(one, "kind"))
    if kind and kind != one.said["kinds"][0]:
        return {"kind": kind}  # Its columns are those of another kind: they are proposed anew.
    told: list[dict[str, Any]] = one.said.get("places", ())
    now = {f"column:{place['name']}": (st.session_state.get(_key(one, f"column:{place['name']}")), place) for place in told}
    return {name: chosen for name, (chosen, place) in now.items() if chosen and chosen != (place["targets"] or [LEFT_OUT])[0]}


def _key(one: Arrival, what: str) -> str:
    return f"place {one.sha256[:12]} {one.version} {what}"

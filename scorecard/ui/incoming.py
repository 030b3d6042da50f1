"""The file that waits on the Data page: read once, kept in the staging folder until it is accepted or left."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from scorecard import loading
from scorecard.access import Actor
from scorecard.intake import reader
from scorecard.intake.table import Question, Table
from scorecard.loading import Proposal
from scorecard.moves import Moves
from scorecard.output import intake_tables
from scorecard.store.engine import Store
from scorecard.ui import block

OFFERED = ("csv", "tsv", "txt", "xlsx", "parquet")
DEFINE = (("define", "Define them"), ("leave", "Leave them out"))
_TABLE, _ASKED, _ROUND, _PLACES = "incoming table", "incoming questions", "incoming round", "incoming places"
_MOVES = "incoming moves"
READ_AGAIN = ("delimiter", "sheet")


def widget(name: str) -> str:
    """The key of a widget of this page; it changes when a file is accepted or left, which empties the widget."""
    return f"{name} {st.session_state.get(_ROUND, 0)}"


def table(store: Store, actor: Actor, upload: Any, pasted: str) -> Table | None:
    """The staged table of the upload, else of the pasted text; read only when the content or its delimiter is new."""
    content, name = (upload.getvalue(), upload.name) if upload else (pasted.encode(), "pasted.txt")
    if not content.strip():
        return None
    chosen = {key: value for key, value in choices().items() if key in READ_AGAIN}
    mark = (hashlib.sha256(content).hexdigest(), name, tuple(sorted(chosen.items())))
    kept = st.session_state.get(_TABLE)
    if kept and kept[0] == mark and (kept[1].questions or kept[1].path.exists()):
        return kept[1]
    if kept and kept[0][0] != mark[0]:
        st.session_state.pop(_ASKED, None)
        st.session_state.pop(_PLACES, None)
    _discard(kept)
    st.session_state.pop(_TABLE, None)
    with st.spinner(f"{name} is being read."):
        found = loading.read(store, actor, content, name, choices=chosen)
    st.session_state[_TABLE] = (mark, found)
    return found


def choices() -> dict[str, str]:
    """What was answered so far: question -> answer."""
    asked: Mapping[str, Question] = st.session_state.get(_ASKED, {})
    given = {one: st.session_state.get(widget(f"answer {one}")) for one in asked}
    return {one: answer for one, answer in given.items() if answer} | corrections()


def corrections() -> dict[str, str]:
    """What kind of file somebody said it is and where they sent its columns, where that differs from what was proposed."""
    kind = _corrected("")
    return kind | (_corrected(kind["kind"]) if "kind" in kind else {})


def _corrected(scope: str) -> dict[str, str]:
    proposed: Mapping[str, str] = st.session_state.get(_PLACES, {}).get(scope, {})
    chosen = {one: st.session_state.get(widget(f"answer {scope} {one}")) for one in proposed}
    return {one: answer for one, answer in chosen.items() if answer and answer != proposed[one]}


def correct(key: str, label: str, proposed: str, options: Mapping[str, str], scope: str = "", hidden: bool = False) -> None:
    """A select box that corrects one thing that was proposed. Columns are corrected within the kind that was chosen (`scope`)."""
    places = st.session_state.setdefault(_PLACES, {}).setdefault(scope, {})
    first, words = places.setdefault(key, proposed), list(options)
    st.selectbox(label, words, index=words.index(first) if first in words else 0, format_func=lambda one: options.get(one, one),
                 key=widget(f"answer {scope} {key}"), label_visibility="collapsed" if hidden else "visible")


def questions(proposal: Proposal) -> tuple[Question, ...]:
    """What has to be answered, what to do with measures that nobody has defined included."""
    unknown = proposal.understood.unknown
    if not unknown:
        return proposal.understood.questions
    names = ", ".join(one.text for one in unknown[:3]) + (" …" if len(unknown) > 3 else "")
    return (*proposal.understood.questions, Question("unknown", f"No definition has these measures: {names}", DEFINE))


def ask(proposal: Proposal | None = None, more: tuple[Question, ...] = ()) -> None:
    """Draws every question of this file, answered ones too, so that an answer can be changed."""
    asked: dict[str, Question] = st.session_state.setdefault(_ASKED, {})
    for one in (*(questions(proposal) if proposal else ()), *more):
        asked.setdefault(one.id, one)
    for one in asked.values():
        words = dict(one.options)
        draw = st.segmented_control if len(words) <= 4 else st.selectbox
        extra = {} if len(words) <= 4 else {"index": None, "placeholder": "Choose one"}
        draw(one.text, list(words), format_func=words.get, key=widget(f"answer {one.id}"), **extra)


def moved(store: Store, place: str, ask: Callable[[], Moves | None]) -> None:
    """Draws what moves, worked out once for each set of answers and version of the data."""
    mark = (place, tuple(sorted(choices().items())), store.data_version)
    kept = st.session_state.get(_MOVES)
    if not kept or kept[0] != mark:
        with st.spinner("What moves is worked out."):
            kept = st.session_state[_MOVES] = (mark, ask())
    block.draw(intake_tables.moves(kept[1]), key="moves")


def forget() -> None:
    """Lets go of the file and empties the page's widgets."""
    _discard(st.session_state.pop(_TABLE, None))
    st.session_state.pop(_ASKED, None)
    st.session_state.pop(_PLACES, None)
    st.session_state[_ROUND] = st.session_state.get(_ROUND, 0) + 1


def _discard(kept: tuple | None) -> None:
    if kept:
        reader.discard(kept[1])

"""The file that waits on the Data page: read once, kept in the staging folder until it is accepted or left."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from scorecard import loading
from scorecard.access import Actor
from scorecard.intake import reader
from scorecard.intake.table import Question, Table
from scorecard.loading import Proposal
from scorecard.moves import Moves
from scorecard.output import intake_tables
from scorecard.output.theme import escape_sentence
from scorecard.store.engine import Store
from scorecard.ui import block

OFFERED = ("csv", "tsv", "txt", "xlsx", "parquet", "gz")
DEFINE = (("define", "Define them"), ("leave", "Leave them out"))
_TABLE, _ASKED, _ROUND, _PLACES = "incoming table", "incoming questions", "incoming round", "incoming places"
_MOVES, _TURN, _DONE, _WAITING = "incoming moves", "incoming turn", "incoming done", "incoming waiting"
_SEEN = "incoming seen"
READ_AGAIN = ("delimiter", "sheet")


def widget(name: str) -> str:
    """The key of a widget of this page; it changes when a file is accepted or left, which empties the widget."""
    return f"{name} {st.session_state.get(_ROUND, 0)}"


def _answer(name: str) -> str:
    """The key of a widget about one file; it changes with the file that is looked at."""
    return f"{widget(name)} {st.session_state.get(_TURN, 0)}"


def chosen(uploads: Sequence[Any]) -> Any | None:
    """The file to look at: the only one, or the chosen one of several. Those that were accepted or left are gone."""
    done = st.session_state.setdefault(_DONE, set())
    there = {hashlib.sha256(one.getvalue()).hexdigest(): one for one in uploads}
    waiting = [digest for digest in there if digest not in done]
    st.session_state[_WAITING] = len(waiting)
    if len(waiting) < 2:
        return there[waiting[0]] if waiting else None
    known, _ = st.session_state.get(_SEEN, ((), ""))
    if known != waiting:  # One that was added is looked at, else the first.
        added = [digest for digest in waiting if digest not in known]
        st.session_state[_SEEN] = waiting, added[0] if known and added else waiting[0]
    first = waiting.index(st.session_state[_SEEN][1])
    st.caption(f"{len(waiting)} files wait. Accounts first: then the others find theirs.")
    picked = st.selectbox("File to look at", waiting, first, format_func=lambda digest: there[digest].name,
                          key=widget(f"which {hash(tuple(waiting))}"))
    return there[picked or waiting[0]]


def table(store: Store, actor: Actor, upload: Any, pasted: str) -> Table | None:
    """The staged table of the upload, else of the pasted text; read only when the content or its delimiter is new."""
    content, name = (upload.getvalue(), upload.name) if upload else (pasted.encode(), "pasted.txt")
    if not upload and not content.strip():
        return None
    digest, kept = hashlib.sha256(content).hexdigest(), st.session_state.get(_TABLE)
    if kept and kept[0][0] != digest:
        _turn()
    given = {key: value for key, value in choices().items() if key in READ_AGAIN}
    mark = (digest, name, tuple(sorted(given.items())))
    if kept and kept[0] == mark and (kept[1].questions or kept[1].path.exists()):
        return kept[1]
    _discard(kept)
    st.session_state.pop(_TABLE, None)
    with st.spinner(f"{escape_sentence(name)} is being read."):
        found = loading.read(store, actor, content, name, choices=given)
    st.session_state[_TABLE] = (mark, found)
    return found


def choices() -> dict[str, str]:
    """What was answered so far: question -> answer."""
    asked: Mapping[str, Question] = st.session_state.get(_ASKED, {})
    given = {one: st.session_state.get(_answer(f"answer {one}")) for one in asked}
    return {one: answer for one, answer in given.items() if answer} | corrections()


def corrections() -> dict[str, str]:
    """What kind of file somebody said it is and where they sent its columns, where that differs from what was proposed."""
    kind = _corrected("")
    return kind | (_corrected(kind["kind"]) if "kind" in kind else {})


def _corrected(scope: str) -> dict[str, str]:
    proposed: Mapping[str, str] = st.session_state.get(_PLACES, {}).get(scope, {})
    chosen = {one: st.session_state.get(_answer(f"answer {scope} {one}")) for one in proposed}
    return {one: answer for one, answer in chosen.items() if answer and answer != proposed[one]}


def correct(key: str, label: str, proposed: str, options: Mapping[str, str], scope: str = "", hidden: bool = False) -> None:
    """A select box that corrects one thing that was proposed. Columns are corrected within the kind that was chosen (`scope`)."""
    places = st.session_state.setdefault(_PLACES, {}).setdefault(scope, {})
    first, words = places.setdefault(key, proposed), list(options)
    st.selectbox(escape_sentence(label), words, index=words.index(first) if first in words else 0, format_func=lambda one: options.get(one, one),
                 key=_answer(f"answer {scope} {key}"), label_visibility="collapsed" if hidden else "visible")


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
        draw(one.text, list(words), format_func=words.get, key=_answer(f"answer {one.id}"), **extra)


def moved(store: Store, place: str, ask: Callable[[], Moves | None]) -> None:
    """Draws what moves, worked out once for each set of answers and version of the data."""
    mark = (place, tuple(sorted(choices().items())), store.data_version)
    kept = st.session_state.get(_MOVES)
    if not kept or kept[0] != mark:
        with st.spinner("What moves is worked out."):
            kept = st.session_state[_MOVES] = (mark, ask())
    block.draw(intake_tables.moves(kept[1]), key="moves")


def forget() -> None:
    """Lets go of the file; the page's widgets are emptied unless others wait in them."""
    kept = st.session_state.pop(_TABLE, None)
    _discard(kept)
    _turn()
    if st.session_state.get(_WAITING, 0) > 1 and kept:
        st.session_state[_DONE].add(kept[0][0])
        return
    st.session_state[_DONE] = set()
    st.session_state[_ROUND] = st.session_state.get(_ROUND, 0) + 1


def _turn() -> None:
    """Another file is looked at: what was asked and answered about the one before is not said of it."""
    st.session_state.pop(_ASKED, None)
    st.session_state.pop(_PLACES, None)
    st.session_state[_TURN] = st.session_state.get(_TURN, 0) + 1


def _discard(kept: tuple | None) -> None:
    if kept:
        reader.discard(kept[1])

"""Month, segment and scorecard: chosen top right, kept in the address and across pages."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from scorecard.core.periods import Period
from scorecard.output.theme import escape_sentence
from scorecard.store.definitions import Scorecard
from scorecard.ui.state import ALL, KEPT, MONTH, SCORECARD, SEGMENT


def months(periods: Sequence[Period], latest: Period) -> None:
    """The select box of periods, the latest first; the latest is the default and leaves the address clean."""
    options = [period.label for period in reversed(periods)]
    _seed(MONTH, options)
    st.selectbox(
        "Period",
        options,
        index=options.index(latest.label) if latest.label in options else 0,
        key=MONTH,
        bind="query-params",
        label_visibility="collapsed",
        width=152,
    )
    _keep(MONTH)


def segments(names: Sequence[str]) -> None:
    """The segments side by side, all of them first; nothing when there are none."""
    if not names:
        return
    if SEGMENT not in st.session_state and st.query_params.get(SEGMENT) in names:
        st.session_state[SEGMENT] = st.query_params[SEGMENT]  # the address may hold the name as it is, or as it is written on the page
    _seed(SEGMENT, [ALL, *names])
    st.segmented_control(
        "Segment",
        [ALL, *names],
        key=SEGMENT,
        default=ALL,
        required=True,
        format_func=escape_sentence,
        bind="query-params",
        label_visibility="collapsed",
    )
    _keep(SEGMENT)


def scorecards(cards: Sequence[Scorecard]) -> None:
    """The select box of scorecards; nothing when there is one."""
    if len(cards) < 2:
        return
    ids = {card.id: card.name for card in cards}
    _seed(SCORECARD, list(ids.values()), ids)
    st.selectbox(
        "Scorecard", list(ids.values()), key=SCORECARD, bind="query-params", label_visibility="collapsed", width=190
    )
    _keep(SCORECARD)


def _seed(key: str, options: list[str], short: dict[str, str] | None = None) -> None:
    """Before a bound widget is drawn: puts in a short form from the address, or the choice kept from another page."""
    if st.session_state.get(key) in options or st.query_params.get(key) in options:
        return
    st.session_state.pop(key, None)
    found = (short or {}).get(st.query_params.get(key, "")) or st.session_state.get(KEPT + key)
    if found in options:
        st.session_state[key] = found


def _keep(key: str) -> None:
    st.session_state[KEPT + key] = st.session_state.get(key)

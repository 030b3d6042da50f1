"""What is read for one person, held in their own session until something that it was read from changes, and nowhere else.

Rows about people are in no cache that others share. A session shows one person at a time: for the next one nothing of it is left.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from scorecard import places
from scorecard.store.kept import noting
from scorecard.ui.state import Page

T = TypeVar("T")
HELD, MOST = "read for this person", 80


@dataclass
class _Held:
    """For whom (the person with role and team, the store, the day), and by name: the value, what it was read from, at which change."""

    whose: Hashable
    values: dict[Hashable, tuple[Any, frozenset[str], int]] = field(default_factory=dict)


def read(page: Page, name: Hashable, ask: Callable[[], T]) -> T:
    """What `ask` reads for the person of this page, asked again once something of it has changed, for another person, role or day.

    `name` has everything that the question depends on beside the person. Nobody changes what comes back.
    """
    if get_script_run_ctx(suppress_warning=True) is None:
        return ask()  # a file that is built between two runs: there is no session to hold anything in
    whose, changes = (page.actor, places.state_place(), page.today), page.store.kept.changes
    held = st.session_state.get(HELD)
    if not isinstance(held, _Held) or held.whose != whose:
        held = st.session_state[HELD] = _Held(whose)
    found = held.values.get(name)
    if found is not None and not changes.since(found[1], found[2]):
        return found[0]
    begun = changes.now
    with noting() as marks:
        value = ask()
    held.values.pop(name, None)
    held.values[name] = (value, frozenset(marks), begun)
    while len(held.values) > MOST:
        held.values.pop(next(iter(held.values)))
    return value

"""Fields that save themselves as they are chosen: choices that come faster than they are saved are kept in their order.

Streamlit stops a run when the next choice arrives, and the stopped run may still be saving. What a run has saved is
therefore noted in an object of the tab, which a stopped run can still write, and never in session state, which it cannot.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import streamlit as st

from scorecard.errors import ScorecardError, StaleEdit

_OF_TAB = "saves itself"


class Saving:
    """What one tab has saved, by the name of its forms: the version, and what was refused with whether it was stale."""

    def __init__(self) -> None:
        self.versions: dict[str, int] = {}
        self.troubles: dict[str, tuple[str, bool]] = {}
        self._handled: dict[str, Any] = {}
        self._last: dict[str, int] = {}
        self._tickets = 0
        self._counting, self._turn = threading.Lock(), threading.RLock()

    def keep(self, name: str, read: Callable[[], Any], save: Callable[[Any, int], int]) -> None:
        """Saves what `read` finds in the fields, when it finds something, unless a later choice was saved meanwhile.

        `save` takes that and the version that this tab saw last (0 at first), and returns the new one.
        """
        with self._counting:
            self._tickets += 1
            ticket = self._tickets
        said = read()
        if said is None:
            return
        with self._turn:
            if ticket < self._last.get(name, 0):
                return
            try:
                self.versions[name] = save(said, self.versions.get(name, 0))
            except ScorecardError as refusal:
                self.troubles[name] = (str(refusal), isinstance(refusal, StaleEdit))
            else:
                self.troubles.pop(name, None)
            self._last[name], self._handled[name] = ticket, said

    def handled(self, name: str) -> Any:
        """What the fields said when they were last saved, refused or drawn; None before."""
        return self._handled.get(name)

    def shown(self, name: str, said: Any) -> None:
        """Notes what the fields say as they are drawn: it is stored, or was refused."""
        self._handled[name] = said

    def missed(self, name: str, said: Any) -> bool:
        """Whether the fields say something that no run came to save: the run that should have was stopped before."""
        return said is not None and name in self._handled and said != self._handled[name]

    def take(self, name: str, version: int) -> None:
        """Goes on from what is stored, in this version; what was refused is given up."""
        self.troubles.pop(name, None)
        self._handled.pop(name, None)
        self.versions[name] = version


def of_tab() -> Saving:
    """The saves of this tab. To be asked while drawing, and handed to the callbacks of the fields."""
    if _OF_TAB not in st.session_state:
        st.session_state[_OF_TAB] = Saving()
    return st.session_state[_OF_TAB]

"""What stands above every page while the store is not as it should be, and in the place of every page while there is none."""

from __future__ import annotations

import streamlit as st

from scorecard.core.periods import day
from scorecard.errors import StoreBusy, StoreDamaged, StoreError, StoreReadOnly
from scorecard.output.theme import escape_sentence
from scorecard.store import condition
from scorecard.store.engine import Store
from scorecard.ui import mode, state

LOOK_SECONDS = 5


def trouble(store: Store) -> None:
    """A line above the page while nothing can be saved; it goes by itself."""
    if store.mode != condition.OPEN:
        _trouble(store)


@st.fragment(run_every=LOOK_SECONDS)
def _trouble(store: Store) -> None:
    if store.mode == condition.READ_ONLY:
        store.try_again()
    if store.mode == condition.OPEN or store.closed:
        st.rerun()
    st.warning(escape_sentence(store.trouble), icon=":material/save:")


def no_store(error: StoreError) -> None:
    """The page that stands for all while the store cannot be opened; it looks whether that has changed, and gives way then."""
    found = state.damage()
    if found:
        _safe_mode(found)
    elif isinstance(error, StoreReadOnly):
        st.error(escape_sentence(f"The server cannot begin: its disk is full or refuses writes. {_details(str(error))}"))
    else:
        st.error(escape_sentence(f"The store cannot be opened. {error}"))
    _look(isinstance(error, (StoreDamaged, StoreReadOnly, StoreBusy)))


def _safe_mode(found: condition.Damage) -> None:
    st.title("Safe mode", anchor=False)
    st.error("The files of this server are damaged. Nothing is shown and nothing can be changed, so that nothing is misread. "
             "What was saved before the newest backup is safe.", icon=":material/shield:")
    if found.newest is None:
        st.markdown("There is no verified backup on this server. Who looks after it takes the files from own copies.")
    else:
        when = f"{day(found.newest.made_at.date())}, {found.newest.made_at:%H:%M} UTC"
        st.markdown(f"The newest verified backup is of **{when}**. Who looks after the server puts it back, on the command line "
                    "there and while the server runs; the pages then come back by themselves:")
        place = found.newest.path if mode.current().local else found.newest.path.name
        st.code(f"python -m scorecard restore {place}", language=None)
    st.caption(escape_sentence(_details(found.said)))


def _details(said: str) -> str:
    """What exactly was found, for who sits at the machine; where others come in, only where it is written."""
    return said if mode.current().local else "The log of the server says more."


def _look(soon: bool) -> None:
    st.fragment(_again, run_every=LOOK_SECONDS if soon else None)()


def _again() -> None:
    try:
        state.store()
    except StoreError:
        return
    st.rerun()

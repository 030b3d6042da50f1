"""What Streamlit would do anew for each run, or keep for as long as a window is open, and need not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from streamlit.components.v2.bidi_component.constants import EVENT_DELIM
from streamlit.proto.NewSession_pb2 import CustomThemeConfig
from streamlit.runtime import app_session
from streamlit.runtime.scriptrunner_utils.script_run_context import get_script_run_ctx
from streamlit.runtime.state.common import is_element_id
from streamlit.runtime.state.safe_session_state import SafeSessionState
from streamlit.runtime.state.session_state import STREAMLIT_INTERNAL_KEY_PREFIX, SessionState, _is_stale_widget


def begin() -> None:
    """All of it from now on, in this process; a second call changes nothing. Streamlit has no setting for any of it: three of its functions are wrapped."""
    keep_theme()
    forget_gone()
    read_one()


def forget_gone() -> None:
    """From now on a window gives up what it holds of fields and buttons that are no longer on its page.

    Streamlit forgets their values and keeps all else, with what it refers to: a view of the data as it was, for as long as the window is open.
    """
    remove = SessionState._remove_stale_widgets
    if hasattr(remove, "__wrapped__"):
        return

    def removed(self: SessionState, active_widget_ids: frozenset[str]) -> None:
        remove(self, active_widget_ids)
        run, held = get_script_run_ctx(), self._new_widget_state.widget_metadata
        if run is None:
            return
        stale = {name for name, one in held.items() if is_element_id(name) and _is_stale_widget(one, active_widget_ids, run.fragment_ids_this_run)}
        for gone in [name for name in held if name in stale or _part_of(name) in stale]:
            del held[gone]

    removed.__wrapped__ = remove
    SessionState._remove_stale_widgets = removed


def _part_of(name: str) -> str:
    """The component whose clicks are counted under this name."""
    return name.removeprefix(f"{STREAMLIT_INTERNAL_KEY_PREFIX}_").rpartition(EVENT_DELIM)[0] if name.startswith(STREAMLIT_INTERNAL_KEY_PREFIX) else ""


def read_one() -> None:
    """From now on a field that looks whether its own value was set reads that value alone.

    Streamlit puts together all values of the window for each field that is drawn, and makes a class for each component among them:
    two hundred classes for a page of the review, a megabyte that is garbage when it is drawn.
    """
    whole = SafeSessionState.filtered_state
    if not hasattr(whole.fget, "__wrapped__"):
        single = property(lambda self: Fields(self, whole.fget))
        single.fget.__wrapped__ = whole
        SafeSessionState.filtered_state = single


class Fields(Mapping[str, Any]):
    """The values of a window by the names that pages gave them; each is read when it is asked for."""

    def __init__(self, window: SafeSessionState, whole: Callable[[SafeSessionState], Mapping[str, Any]]):
        self._window, self._whole = window, whole

    def __getitem__(self, name: str) -> Any:
        if name.startswith(STREAMLIT_INTERNAL_KEY_PREFIX):
            raise KeyError(name)
        with self._window._lock:
            return self._window._state[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._whole(self._window))

    def __len__(self) -> int:
        return len(self._whole(self._window))

    def __repr__(self) -> str:
        return repr(self._whole(self._window))


def keep_theme() -> None:
    """From now on the theme is read once, not for each run: two hundred settings that stay as they are, a twentieth of a run."""
    fill, known = app_session._populate_theme_msg, {}
    if hasattr(fill, "__wrapped__"):
        return

    def filled(message: CustomThemeConfig, section: str = "theme") -> None:
        if section not in known:
            made = CustomThemeConfig()
            fill(made, section)
            known[section] = made
        if known[section].ByteSize():
            message.MergeFrom(known[section])

    filled.__wrapped__ = fill
    app_session._populate_theme_msg = filled

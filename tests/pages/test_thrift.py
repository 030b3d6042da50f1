"""A run of a page reads no setting twice, and a window keeps nothing of pages that it no longer shows."""

from __future__ import annotations

import pytest
from streamlit.proto.NewSession_pb2 import CustomThemeConfig
from streamlit.runtime import app_session
from streamlit.runtime.state.safe_session_state import SafeSessionState
from streamlit.runtime.state.session_state import SessionState

from scorecard import places
from scorecard.ui import thrift


@pytest.fixture(autouse=True)
def as_streamlit_is(monkeypatch) -> None:
    """What is wrapped is as it was, also when a server of another test had begun in this process."""
    for place, name in ((app_session, "_populate_theme_msg"), (SessionState, "_remove_stale_widgets")):
        found = getattr(place, name)
        monkeypatch.setattr(place, name, getattr(found, "__wrapped__", found))
    found = SafeSessionState.filtered_state
    monkeypatch.setattr(SafeSessionState, "filtered_state", getattr(found.fget, "__wrapped__", found))


def held(at) -> dict:
    """What a window knows about fields, buttons and parts, by their name."""
    found = at.session_state
    while not isinstance(found, SessionState):
        found = found._state
    return found._new_widget_state.widget_metadata


def go(at, name: str):
    at.switch_page(str(places.ROOT / "pages" / f"{name}.py")).run()
    assert not at.exception
    return at


def test_a_window_that_looked_at_many_pages_holds_no_more_than_one_that_came_at_once(see):
    at = go(see("scorecard", "leader"), "review")
    kept_by_streamlit = set(held(at))
    thrift.forget_gone()
    fresh = set(held(see("review", "leader")))
    for name in ("scorecard", "actions", "metrics", "review"):
        go(at, name)
    assert set(held(at)) <= fresh and len(kept_by_streamlit) > len(fresh)


def test_what_is_on_the_page_still_answers_a_click_after_many_runs(see):
    thrift.begin()
    at = see("review", "leader")
    before = set(held(at))
    for _ in range(3):
        at.run()
    parts = [one.proto.id for one in at.get("bidi_component")]
    assert set(held(at)) == before and parts
    assert all(id in held(at) and any(id in name and name != id for name in held(at)) for id in parts), "a part has its state and its clicks"
    next(one for one in at.button if one.label == "Present").click().run()
    assert not at.exception and "present" in at.query_params


def test_the_values_of_a_window_are_the_same_read_one_by_one(see):
    at = see("review", "leader")
    as_streamlit = dict(at.session_state._state.filtered_state)
    thrift.read_one()
    values = at.session_state._state.filtered_state
    assert set(values) == set(as_streamlit) and len(values) == len(as_streamlit) > 20
    assert all(name in values and repr(values[name]) == repr(value) for name, value in as_streamlit.items())
    assert "$$STREAMLIT_INTERNAL_KEY_x" not in values and "no such field" not in values
    assert repr(values) == repr(dict(at.session_state._state.filtered_state))
    at.text_area[0].set_value("A comment").run()
    assert not at.exception and at.text_area[0].value == "A comment"


def test_the_theme_that_is_kept_is_the_one_that_streamlit_would_read():
    fill = app_session._populate_theme_msg
    thrift.keep_theme()
    for section in ("theme", "theme.light", "theme.dark", "theme.sidebar", "theme.light.sidebar", "theme.dark.sidebar"):
        read = CustomThemeConfig()
        fill(read, section)
        for _ in range(2):
            kept = CustomThemeConfig()
            app_session._populate_theme_msg(kept, section)
            assert kept.SerializeToString(deterministic=True) == read.SerializeToString(deterministic=True), section
    assert app_session._populate_theme_msg is not fill

"""The page behind a personal link is about nobody at the keyboard."""

from __future__ import annotations

from scorecard.ui import block, maturity_guest, state


def test_the_page_behind_a_personal_link_knows_nobody_at_the_keyboard_and_the_next_page_does(look, monkeypatch):
    met = []
    monkeypatch.setattr(maturity_guest, "draw", lambda: met.append((state.actor(state.store()), state.quiet_page())))
    at = look("answer", "admin", empty=True)
    assert met == [(None, None)]
    at.switch_page(block.page_file("marks")).run()
    assert state.GUESTS not in at.session_state

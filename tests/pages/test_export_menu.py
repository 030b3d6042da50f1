"""The menu Export of the scorecard page."""

from __future__ import annotations

import pytest
import streamlit as st

from scorecard import jobs, packs
from scorecard.output import pack_files
from scorecard.output.pack_files import Format
from scorecard.store import jobs as rows
from scorecard.ui import state
from scorecard.worker import Worker

AT_ONCE = ("json", "csv")


@pytest.fixture
def offered(monkeypatch) -> dict[str, dict]:
    """The files that a page offers, by the key of their button."""
    found: dict[str, dict] = {}
    monkeypatch.setattr(st, "download_button", lambda label, **given: found.update({given["key"]: {**given, "label": label}}))
    return found


@pytest.fixture
def built(monkeypatch) -> None:
    """Packs are a few bytes."""
    monkeypatch.setattr(packs.reviews, "month", lambda *asked: asked)
    monkeypatch.setattr(Format, "build", lambda self, month: f"pages as {self.kind}".encode())


def said(at) -> list[str]:
    return [one.value for one in (*at.markdown, *at.caption) if "PDF" in one.value or "not made" in one.value]


def test_everybody_who_reads_the_scorecard_can_take_the_month_in_every_format(see, offered):
    at = see("scorecard", "viewer", month="2026-10")
    assert not at.exception
    assert {key: one["file_name"] for key, one in offered.items()} == {f"export {kind}": f"customer-success-2026-10.{kind}" for kind in AT_ONCE}
    assert offered["export csv"]["data"]().startswith(b"slot,measure,") and offered["export json"]["data"]().startswith(b'{"organisation"')
    assert [kind for kind in pack_files.FORMATS if kind not in AT_ONCE] == [kind for kind in packs.FORMATS if at.button(f"export {kind}")]
    at.button("export html").click().run()
    assert not at.exception
    assert offered["ready html"]["data"]().startswith(b"<!doctype html>") and offered["ready html"]["file_name"] == "customer-success-2026-10.html"


def test_a_pack_is_asked_for_then_being_made_then_ready_also_in_another_window_and_on_another_page(see, offered, built, monkeypatch):
    at = see("scorecard", "viewer", month="2026-10")
    monkeypatch.setattr(state.store(), "attended", True)  # A worker of the server listens.
    at.button("export pdf").click().run()
    (job,) = jobs.unfinished(state.store())
    assert ":small[:material/hourglass_top: **PDF pack**: waits for its turn]" in said(at) and "ready pdf" not in offered
    state.store().write(lambda tx: rows.claim(tx, "a worker"), "worker")
    assert ":small[:material/hourglass_top: **PDF pack**: being made]" in said(at.run())
    Worker(state.store(), state.now().date).do(job.id)
    at.run()
    assert "hourglass" not in "".join(said(at)) and offered["ready pdf"]["data"]() == b"pages as pdf"
    offered.clear()
    again = see("review", "viewer", month="2026-09")
    assert not again.exception and again.button("export pdf")
    assert offered[f"pack {job.id}"]["label"].startswith("PDF pack, October 2026, made ") and offered[f"pack {job.id}"]["data"]() == b"pages as pdf"
    offered.clear()
    see("scorecard", "member", month="2026-10")
    assert set(offered) == {f"export {kind}" for kind in AT_ONCE}, "somebody else is offered nothing of it"


def test_a_pack_that_was_not_made_says_why_and_can_be_asked_for_again(see, offered, built, monkeypatch):
    def refused(*asked):
        raise packs.UsageError("There is no scorecard of this name.")

    monkeypatch.setattr(packs.reviews, "month", refused)
    at = see("scorecard", "viewer", month="2026-10")
    at.button("export pdf").click().run()
    assert said(at) == ["It was not made: There is no scorecard of this name."] and at.button("export pdf")
    assert "PDF pack, October 2026 was not made: There is no scorecard of this name." in said(see("review", "viewer", month="2026-09"))

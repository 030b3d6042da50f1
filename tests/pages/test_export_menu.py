"""The menu Export of the scorecard page."""

from __future__ import annotations

import streamlit as st

from scorecard.output import pack_files


def test_everybody_who_reads_the_scorecard_can_take_the_month_in_every_format(see, monkeypatch):
    offered = {}
    monkeypatch.setattr(st, "download_button", lambda label, **given: offered.setdefault(given["key"], given))
    at = see("scorecard", "viewer", month="2026-10")
    assert not at.exception
    menu = {kind: offered[f"export {kind}"] for kind in pack_files.FORMATS}
    assert [one["file_name"] for one in menu.values()] == [f"customer-success-2026-10.{kind}" for kind in menu]
    assert menu["csv"]["data"]().startswith(b"slot,measure,") and menu["json"]["data"]().startswith(b'{"organisation"')
    assert menu["html"]["data"]().startswith(b"<!doctype html>")

"""Golden files: drawn output that must not change unseen. SCORECARD_GOLDEN=write writes them anew."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent / "golden"


@pytest.fixture
def golden():
    """Compares text with a golden file; says how to accept a wanted change."""

    def compare(name: str, text: str) -> None:
        file = FOLDER / name
        if os.environ.get("SCORECARD_GOLDEN") == "write":
            FOLDER.mkdir(exist_ok=True)
            file.write_text(text, "utf-8")
        known = file.read_text("utf-8") if file.exists() else ""
        assert text == known, f"{name} changed. If that is wanted: SCORECARD_GOLDEN=write pytest tests/output, look at it, commit it."

    return compare

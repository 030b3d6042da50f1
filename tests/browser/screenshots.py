"""`python -m tests.browser.screenshots [FOLDER]`: the pictures of README.md, taken from a server with the sample company."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from scorecard import places
from tests.browser.driving import launch, run_command, running_server, visit

PICTURES = {
    "scorecard": ("", 1440, 900, "light"),
    "scorecard-dark": ("", 1440, 900, "dark"),
    "review": ("review?month=October%202026", 1440, 1000, "light"),
    "maturity": ("maturity", 1440, 1000, "light"),
    "sensory": ("sensory", 1440, 1100, "light"),
    "work": ("work", 1440, 1100, "light"),
    "planning": ("planning", 1440, 1000, "light"),
    "people": ("people", 1440, 1000, "light"),
    "leadership": ("leadership", 1440, 1000, "light"),
    "ledger": ("ledger?account=A1006", 1440, 1100, "light"),
    "measure": ("measure?measure=adoption_30d", 1440, 1200, "light"),
}


def take(folder: Path) -> list[Path]:
    """The pictures, written into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    taken = []
    with tempfile.TemporaryDirectory() as stores, sync_playwright() as playwright:
        run_command(Path(stores), "sample")
        with running_server(Path(stores)) as server:
            browser = launch(playwright)
            for name, (path, width, height, theme) in PICTURES.items():
                with visit(browser, server, width, height, theme) as here:
                    here.go(path)
                    here.page.wait_for_timeout(2500)
                    taken.append(folder / f"{name}.png")
                    here.page.screenshot(path=taken[-1])
    return taken


if __name__ == "__main__":
    for picture in take(Path(sys.argv[1]) if len(sys.argv) > 1 else places.ROOT / "docs"):
        sys.stdout.write(f"{picture}\n")

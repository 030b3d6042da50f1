"""A real server in a temporary folder, and a real Chromium that looks at it."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, Playwright, Request, expect

from scorecard import places

# Without windows it takes a third less of the processor.
CHROMIUM = next(filter(None, map(shutil.which, ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]
PATIENCE = 30_000
LOOK = 50  # ms: with every frame, as a browser would, it draws sixty a second meanwhile
START_SECONDS = 60
QUIET = """() => {
  const app = document.querySelector("[data-testid=stApp]"), now = performance.now()
  if (!window.__watch) {
    window.__changed = now
    window.__watch = new MutationObserver(() => { window.__changed = performance.now() })
    window.__watch.observe(document.body, { subtree: true, childList: true, characterData: true, attributeFilter: ["data-stale", "data-test-script-state"] })
  }
  const done = app?.dataset.testScriptState === "notRunning" && app.dataset.testConnectionState === "CONNECTED"
    && !document.querySelector("[data-stale=true], [data-testid=stSkeleton]")
  if (!done) window.__changed = now
  return now - window.__changed > 400
}"""


@dataclass
class Server:
    """A running server; `folder` holds its stores."""

    address: str
    folder: Path

    def url(self, path: str = "") -> str:
        return f"{self.address}/{path.lstrip('/')}"


def run_command(folder: Path, *arguments: str) -> str:
    """What `python -m scorecard …` prints, on the stores of a folder."""
    done = subprocess.run([sys.executable, "-m", "scorecard", *arguments], cwd=places.ROOT, env=environment(folder),
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def environment(folder: Path) -> dict[str, str]:
    """The environment of a server or a command whose stores are in a folder."""
    return os.environ | {places.STATE: str(folder / "state.duckdb"), places.FACTS: str(folder / "facts.duckdb")}


@contextmanager
def running_server(folder: Path) -> Iterator[Server]:
    """`streamlit run app.py` on a free loopback port, stopped at the end."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = folder / "server.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless=true", f"--server.port={port}"],
            cwd=places.ROOT, env=environment(folder), stdout=output, stderr=subprocess.STDOUT)
        try:
            server = Server(f"http://127.0.0.1:{port}", folder)
            _wait(server, process, log)
            yield server
        finally:
            process.terminate()
            process.wait(20)


def _wait(server: Server, process: subprocess.Popen, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, f"The server ended: {log.read_text('utf-8')[-2000:]}"
        try:
            with urllib.request.urlopen(server.url("healthz"), timeout=5) as answer:
                if answer.status == 200:
                    return
        except (URLError, OSError):
            time.sleep(0.2)
    raise AssertionError(f"No answer in {START_SECONDS} s: {log.read_text('utf-8')[-2000:]}")


@dataclass
class Visit:
    """One browser window and everything it asked for or complained about."""

    context: BrowserContext
    page: Page
    server: Server
    outside: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def listen(self) -> None:
        self.context.on("request", self._asked)
        self.context.on("console", self._said)

    def _asked(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in ("http", "https", "ws", "wss") and parts.netloc != urlsplit(self.server.address).netloc:
            self.outside.append(request.url)

    def _said(self, message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text or "Content-Security-Policy" in message.text:
            self.complaints.append(message.text)

    def go(self, path: str = "") -> None:
        """Opens a page and waits until Streamlit has drawn it."""
        self.page.goto(self.server.url(path))
        expect(self.page.get_by_test_id("stMain")).to_contain_text(re.compile(r"\w"), timeout=PATIENCE)
        self.settle()

    def settle(self) -> None:
        """Waits until the page is connected, its script has run to its end, nothing of an earlier run is left on it, and all of
        that has been so for a while without a change: a run that has still to begin makes the wait start anew."""
        self.page.wait_for_function(QUIET, timeout=PATIENCE, polling=LOOK)


def press(place: Locator, key: str) -> None:
    """Presses a key on what has the focus then, and says so; not on what a later run put in its place."""
    expect(place).to_be_visible(timeout=PATIENCE)
    place.focus()
    expect(place).to_be_focused(timeout=PATIENCE)
    place.press(key)


def choose(page: Page, box: Locator, option: str) -> None:
    """Chooses from a select box, and waits until the box says so: the next list opens when this one is gone."""
    box.click()
    page.get_by_role("option", name=option, exact=True).click()
    expect(box).to_have_value(option, timeout=PATIENCE)
    expect(page.get_by_role("listbox")).to_have_count(0, timeout=PATIENCE)


def launch(playwright: Playwright) -> Browser:
    """The machine's own Chromium."""
    return playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)


@contextmanager
def visit(browser: Browser, server: Server, width: int = 1440, height: int = 900,
          theme: str = "light") -> Iterator[Visit]:
    """A new window of a size, light or dark."""
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=theme, reduced_motion="reduce", locale="en-GB")
    context.set_default_timeout(PATIENCE)
    found = Visit(context, context.new_page(), server)
    found.listen()
    try:
        yield found
    finally:
        context.close()

"""`python -m tests.benchmarks.many`: many people at once on one server, through its own sockets on this machine.

Readers look at another page, month or measure every five seconds; writers log a touch or comment on an item of the
review. Everybody arrives first (30 seconds), with `--round` by a look at every page (two and a half minutes): what a window
keeps of the pages that it has shown is there then, and memory that still grows is lost. Said at the end: reruns, their 50th, 95th and 99th percentile in seconds, the CPU of the server, its memory, errors, and whether
everything that was acknowledged is in the store. Bounded: no more people, and no longer, than it was asked for.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import re
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Delta_pb2 import Delta
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from scorecard import places
from tests.benchmarks.costs import CARD, TODAY

READERS, WRITERS, SECONDS, THINK = 100, 10, 60, 5.0
ROUND = 150.0  # seconds of a look at every page, for everybody
ARRIVING = 30.0  # seconds in which all have come in and what pages keep is there; what is written then counts, the reruns do not
PATIENCE = 60.0
MONTHS = ("", "October 2026", "September 2026", "July 2026", "April 2026")
READ = (
    *(("scorecard", {"month": month}) for month in MONTHS), *(("review", {"month": month}) for month in MONTHS[:3]),
    *(("measure", {"measure": name}) for name in ("renewal_rate", "net_revenue_retention", "adoption_30d")),
    ("actions", {}), ("metrics", {}), ("sensory", {}), ("work", {}), ("planning", {}), ("people", {}), ("leadership", {}), ("improvement", {}),
    ("maturity", {}), ("ledger", {}), ("sponsors", {}), ("advocacy", {}),
)  # fmt: skip


@dataclass
class Seen:
    """What all the people together have seen: reruns by page in seconds, faults, what was acknowledged."""

    reruns: list[tuple[str, float]] = field(default_factory=list)
    accounts: list[str] = field(default_factory=list)
    item: str = ""
    since: float = 0.0
    arriving: float = ARRIVING
    faults: list[str] = field(default_factory=list)
    touches: list[str] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)

    def percentile(self, share: float, page: str = "") -> float:
        """Seconds within which this share of the reruns was over."""
        spent = sorted(seconds for name, seconds in self.reruns if page in ("", name))
        return spent[min(len(spent) - 1, int(share * len(spent)))] if spent else 0.0


class Tab:
    """One open tab: what it shows is read as far as the load needs it."""

    def __init__(self, socket: ClientConnection, seen: Seen):
        self.socket, self.seen = socket, seen
        self.widgets: dict[str, str] = {}
        self.fragment, self.said, self.page = "", "", ""

    async def run(self, page: str, query: dict[str, str], *widgets: WidgetState, fragment: str = "") -> bool:
        """Whether a rerun, counted from asking to its end, showed no fault."""
        message = BackMsg()
        message.rerun_script.page_name, message.rerun_script.fragment_id = page, fragment
        message.rerun_script.query_string = urlencode({name: value for name, value in query.items() if value})
        message.rerun_script.widget_states.widgets.extend(widgets)
        begun, faults = time.perf_counter(), len(self.seen.faults)
        self.said, self.page = "", page
        await self.socket.send(message.SerializeToString())
        ended = False
        while not ended:
            got = ForwardMsg.FromString(await asyncio.wait_for(self.socket.recv(), PATIENCE))
            ended = self._read(got)
        if begun >= self.seen.since:
            self.seen.reruns.append((page, time.perf_counter() - begun))
        return len(self.seen.faults) == faults

    def _read(self, got: ForwardMsg) -> bool:
        kind = got.WhichOneof("type")
        if kind == "delta":
            self._element(got.delta)
        elif kind == "session_event" and got.session_event.WhichOneof("type") == "script_compilation_exception":
            self.seen.faults.append(f"{self.page}: does not compile")
        return kind == "script_finished" and got.script_finished in (ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY)

    def _element(self, delta: Delta) -> None:
        element = delta.new_element
        kind = element.WhichOneof("type")
        if kind == "exception":
            self.seen.faults.append(f"{self.page}: {element.exception.message}")
        elif kind == "alert" and element.alert.format == element.alert.ERROR:
            self.seen.faults.append(f"{self.page}: {element.alert.body}")
        elif kind == "bidi_component" and element.bidi_component.component_name.endswith("log_form"):
            self.widgets["log"], self.fragment = element.bidi_component.id, delta.fragment_id
            self.said = element.bidi_component.json or element.bidi_component.mixed.json
        elif kind in ("text_area", "button"):
            found = getattr(element, kind)
            self.widgets[found.label] = found.id
        elif kind == "toast":
            self.said = element.toast.body


async def person(port: int, seen: Seen, until: float, number: int, writes: bool) -> None:
    """One person from the first look to the end of the time."""
    chance = random.Random(number)
    await asyncio.sleep(chance.uniform(0, THINK))
    options: dict[str, Any] = {"subprotocols": ["streamlit"], "max_size": None, "ping_timeout": None, "open_timeout": PATIENCE}
    page = "the door"
    try:
        async with connect(f"ws://127.0.0.1:{port}/_stcore/stream", **options) as opened:
            tab = Tab(opened, seen)
            if seen.arriving == ROUND and not writes:
                await look_round(tab, chance)
            while time.monotonic() < until:
                await (write(tab, chance) if writes else look(tab, chance))
                page = tab.page
                await asyncio.sleep(chance.uniform(0.5, 1.5) * THINK)
    except (TimeoutError, OSError, WebSocketException) as error:
        seen.faults.append(f"after {page}: {type(error).__name__}")


async def look_round(tab: Tab, chance: random.Random) -> None:
    """Every page once, in an order of one's own."""
    begun, pages = time.monotonic(), chance.sample(READ, len(READ))
    for done, page in enumerate(pages, 1):
        await tab.run(*page)
        await asyncio.sleep(max(0.0, begun + done / len(pages) * (ROUND - THINK) - time.monotonic()))


async def look(tab: Tab, chance: random.Random) -> None:
    """Half of the looks go to the scorecard, the others anywhere."""
    await tab.run(*(chance.choice(READ[: len(MONTHS)]) if chance.random() < 0.5 else chance.choice(READ)))


async def write(tab: Tab, chance: random.Random) -> None:
    """A touch is logged, or a comment made; what the server acknowledges is noted."""
    words = f"Load {secrets.token_hex(6)}"
    if chance.random() < 0.5:
        if "log" not in tab.widgets or tab.page != "log":
            await tab.run("log", {})
        said = {"mark": secrets.token_hex(8), "kind": "touch", "account": chance.choice(tab.seen.accounts), "fields": {"channel": ["phone"], "words": [words]}}
        trigger = WidgetState(id=f"$$STREAMLIT_INTERNAL_KEY_{tab.widgets['log']}__events")
        trigger.json_trigger_value = json.dumps([{"event": "saved", "value": said}])
        form = WidgetState(id=tab.widgets["log"], json_value="{}")
        if await tab.run("log", {}, form, trigger, fragment=tab.fragment) and json.loads(tab.said).get("done") == said["mark"]:
            tab.seen.touches.append(words)
        else:
            tab.seen.faults.append(f"log: not acknowledged: {json.loads(tab.said).get('refused')}")
    else:
        review = {"month": "October 2026", "item": tab.seen.item}
        await tab.run("review", review)
        missing = {"Your comment", "Add the comment"} - tab.widgets.keys()
        if missing:
            return tab.seen.faults.append(f"review: not on the page: {', '.join(sorted(missing))}")
        text, sent = (WidgetState(id=tab.widgets[label]) for label in ("Your comment", "Add the comment"))
        text.string_value, sent.trigger_value = words, True
        if await tab.run("review", review, text, sent):
            tab.seen.comments.append(words)


# The server, and what is left in its store


def started(folder: Path, port: int) -> subprocess.Popen:
    """A server over this folder's files that answers."""
    log = (folder / "server.log").open("w")
    command = [sys.executable, "-m", "streamlit", "run", str(places.ROOT / "app.py"), "--server.port", str(port), "--server.headless", "true"]
    server = subprocess.Popen(command, cwd=folder, env=settings(folder), stdout=log, stderr=log)
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and server.poll() is None:
        try:
            if httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=2, verify=False).status_code == 200:
                return server
        except httpx.TransportError:
            time.sleep(0.2)
    server.kill()
    raise SystemExit(f"The server did not start: {(folder / 'server.log').read_text()}")


def settings(folder: Path) -> dict[str, str]:
    """The environment of a process that works on this folder's files."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("STREAMLIT_", "SCORECARD_"))}
    return kept | {places.STATE: str(folder / "state.duckdb"), places.FACTS: str(folder / "facts.duckdb")}


def cpu_of(process: int) -> float:
    """CPU seconds of a process so far."""
    words = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def memory_of(process: int) -> float:
    """Megabytes of a process that are in memory."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))


def stored(folder: Path) -> tuple[set[str], set[str]]:
    """The words of all touches, and of all comments."""
    from scorecard.store.engine import open_store

    store = open_store(folder / "state.duckdb", folder / "facts.duckdb")
    try:
        with store.read() as tx:
            touches = tx.all("SELECT body FROM register_entry WHERE register = 'touch' AND body LIKE '%Load %'")
            comments = tx.all("SELECT text FROM comment WHERE text LIKE 'Load %'")
    finally:
        store.close()
    return {found for (body,) in touches for found in re.findall(r"Load [0-9a-f]{12}", body)}, {text for (text,) in comments}


def prepare(folder: Path, seen: Seen) -> None:
    """The review of October is opened; its first item and the sample's accounts are noted, for the writers."""
    from scorecard import organisation, reviews
    from scorecard.core.periods import Period
    from scorecard.store.engine import open_store

    store, october = open_store(folder / "state.duckdb", folder / "facts.duckdb"), Period(date(2026, 10, 1), "month")
    try:
        actor = organisation.who(store, organisation.keyboard_default(store))
        reviews.open_review(store, actor, CARD, october, held_on=date(2026, 11, 12), chair=actor.person)
        seen.item = reviews.review_view(store, CARD, october, TODAY).month.items[0].id
        with store.read_facts() as tx:
            seen.accounts = [id for (id,) in tx.all("SELECT account_id FROM account WHERE ended_on IS NULL ORDER BY account_id")]
    finally:
        store.close()


async def everybody(port: int, process: int, seen: Seen, readers: int, writers: int, seconds: float) -> list[float]:
    """All of them at once, counted once they have arrived; the server's megabytes, read ten times from then on."""
    seen.since = time.perf_counter() + seen.arriving
    until, memory = time.monotonic() + seen.arriving + seconds, []

    async def watch() -> None:
        await asyncio.sleep(seen.arriving)
        while time.monotonic() < until:
            memory.append(memory_of(process))
            await asyncio.sleep(seconds / 10)

    people = [person(port, seen, until, number, number >= readers) for number in range(readers + writers)]
    await asyncio.gather(watch(), *people)
    return memory


def measure(readers: int, writers: int, seconds: float, folder: Path, arriving: float = ARRIVING) -> tuple[Seen, list[str]]:
    """What was seen, and lines that say it."""
    subprocess.run([sys.executable, "-m", "scorecard", "sample"], cwd=places.ROOT, env=settings(folder), check=True, stdout=subprocess.DEVNULL)
    seen = Seen(arriving=arriving)
    prepare(folder, seen)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = started(folder, port)
    try:
        before = cpu_of(server.pid)
        memory = asyncio.run(everybody(port, server.pid, seen, readers, writers, seconds))
        spent, wall = cpu_of(server.pid) - before, seconds + arriving
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(30)
    touches, comments = stored(folder)
    lost = [words for words in seen.touches if words not in touches] + [words for words in seen.comments if words not in comments]
    return seen, [
        f"{readers} people reading and {writers} writing for {seconds:.0f} s: {len(seen.reruns)} reruns, {len(seen.reruns) / seconds:.1f} a second",
        f"a rerun: half within {seen.percentile(0.5):.3f} s, 95% within {seen.percentile(0.95):.3f} s, 99% within {seen.percentile(0.99):.3f} s",
        f"the server: {spent:.1f} s CPU in {wall:.0f} s, with everybody's first page: {spent / wall:.2f} cores",
        f"its memory, ten times on the way: {', '.join(f'{one:.0f}' for one in memory)} MB",
        f"written and acknowledged: {len(seen.touches)} touches, {len(seen.comments)} comments; lost: {len(lost)}",
        f"faults: {len(seen.faults)}",
        *sorted(set(seen.faults))[:10],
        *(f"  {page:<12} {seen.percentile(0.5, page):.3f} s, 95% {seen.percentile(0.95, page):.3f} s, {sum(name == page for name, _ in seen.reruns)} reruns"
          for page in sorted({name for name, _ in seen.reruns})),
    ]  # fmt: skip


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--readers", type=int, default=READERS)
    asked.add_argument("--writers", type=int, default=WRITERS)
    asked.add_argument("--seconds", type=float, default=SECONDS)
    asked.add_argument("--round", action="store_const", const=ROUND, default=ARRIVING, help="everybody looks at every page first")
    given = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        _, lines = measure(min(given.readers, 500), min(given.writers, 100), min(given.seconds, 3600), Path(folder), given.round)
    sys.stdout.writelines(f"{line}\n" for line in lines)


if __name__ == "__main__":
    main()

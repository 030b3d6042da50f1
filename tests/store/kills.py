"""Kills a writing process again and again: `python kills.py STATE FACTS COUNT` prints what was acknowledged and lost.

The parent never opens a database. Each child opens the store, checks that everything acknowledged before is there, and
writes until it is killed; it acknowledges a write on a pipe after `write` has returned.
"""

from __future__ import annotations

import json
import os
import random
import select
import signal
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from scorecard.store.engine import Store, open_store  # noqa: E402

INSERT = "INSERT INTO note VALUES ($1, 'm', DATE '2026-01-01', DATE '2026-01-01', $2, 'x', $3, NULL)"


def add(store: Store, number: int) -> None:
    """One change in two tables, with its audit row."""

    def work(tx):
        tx.run(INSERT, (f"{number:09}", "x" * random.randint(0, 3000), tx.now))
        tx.run("INSERT INTO team VALUES ($1, $2, $3)", (f"{number:09}", f"{number:09}", number))
        tx.audit("note", f"note:{number}", None, {"number": number})

    store.write(work, "writer")


def child(places: list[str], acknowledged: int, pipe: int) -> None:
    """Writes until it is killed; first says what of the acknowledged it found."""
    store = open_store(*places)
    with store.read() as tx:
        notes = {int(id) for (id,) in tx.all("SELECT id FROM note")}
        teams = {version for (version,) in tx.all("SELECT version FROM team")}
    whole = notes == teams and store.verify().ok and store.verify().rows == len(notes)
    lost = sorted(set(range(acknowledged)) - notes)
    number = max(notes, default=-1) + 1
    os.write(pipe, (json.dumps({"lost": lost, "whole": whole}) + "\n").encode())
    while True:
        add(store, number)
        os.write(pipe, f"{number}\n".encode())
        number += 1


def one_life(places: list[str], acknowledged: int) -> tuple[dict, int]:
    """(what the child found, how many writes are acknowledged now); it was killed at a random moment."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reader)
        child(places, acknowledged, writer)
    os.close(writer)
    with os.fdopen(reader, encoding="utf-8") as pipe:
        line = pipe.readline()
        select.select([pipe], [], [], random.uniform(0.0, 0.12))
        if random.random() < 0.7:
            pipe.readline()
            select.select([], [], [], random.uniform(0.0, 0.08))
        os.kill(pid, signal.SIGKILL)
        acknowledged = max([acknowledged, *(int(number) + 1 for number in pipe.read().split() if number.isdigit())])
    os.waitpid(pid, 0)
    return json.loads(line) if line.strip() else {"lost": ["did not open"], "whole": False}, acknowledged


def main() -> None:
    """Prints one JSON object."""
    *places, count = sys.argv[1:]
    acknowledged, lives = 0, []
    for _ in range(int(count)):
        found, acknowledged = one_life(places, acknowledged)
        lives.append(found)
    found, acknowledged = one_life(places, acknowledged)
    lives.append(found)
    lost = [number for life in lives for number in life["lost"]]
    print(json.dumps({"acknowledged": acknowledged, "lost": lost, "whole": all(life["whole"] for life in lives)}))


main()

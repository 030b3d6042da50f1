"""Kills a process at work again and again: `python -m tests.killing FOLDER WORK=COUNT …` prints what came of it.

The parent opens no database. Each child opens the store, checks that everything acknowledged before is there and nothing
is half applied, then works until it is killed; it acknowledges on a pipe after the product has said that it is done.
"""

from __future__ import annotations

import json
import os
import random
import select
import shutil
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from scorecard import commands, organisation, reviews, unattended
from scorecard.access import Actor
from scorecard.core.periods import Period
from scorecard.errors import StoreDamaged
from scorecard.intake import reader
from scorecard.store import backup, migrations
from scorecard.store import reviews as review_rows
from scorecard.store.engine import Store, open_store
from tests.scorecards import goal, load, make_definition, make_noise, make_scorecard

ANALYST, LEADER = Actor("sam", "Sam Whitlock", "analyst", ""), Actor("you", "You", "leader", "")
TODAY, CARD, ROWS = date(2026, 11, 22), "customer-success", 300
FIRST, MONTHS = Period(date(2006, 11, 1), "month"), 240
OLD = 24  # how many migrations the old store has had
Say = Callable[[str], None]


def opened(folder: Path) -> Store:
    return open_store(folder / "state.duckdb", folder / "facts.duckdb")


# -- load: figures and facts in turn, each file another one


def begin_load(folder: Path) -> None:
    store = opened(folder)
    commands.prepare(store)
    make_scorecard(store, make_definition("first_reply"), id="support", name="Support")
    store.close()


def file_of(folder: Path, number: int) -> Path:
    """A file of ROWS rows that no other number has: figures for even numbers, accounts for odd ones."""
    path = folder / f"file-{number}.csv"
    if number % 2:
        rows = [f"A{number}-{row},Account {row},Enterprise,2019-01-21" for row in range(ROWS)]
        path.write_text("\n".join(["Account ID,Account Name,Segment,Customer Since", *rows]) + "\n", "utf-8")
    else:
        rows = [f"first_reply,2026-0{1 + row % 9},segment {number}-{row},,{row},{row + 9}," for row in range(ROWS)]
        path.write_text("\n".join(["measure,period,segment,csm,numerator,denominator,value", *rows]) + "\n", "utf-8")
    return path


def check_load(store: Store, acknowledged: list[int]) -> tuple[list[Any], list[str]]:
    """(acknowledged files of which a row is missing, what is half applied)."""
    with store.read() as tx:
        figures = dict(tx.all("SELECT CAST(SPLIT_PART(SPLIT_PART(segment, ' ', 2), '-', 1) AS INTEGER), COUNT(*) FROM figure WHERE segment LIKE 'segment %' GROUP BY 1"))
        recorded = {name for (name,) in tx.all("SELECT file_name FROM load")}
    with store.read_facts() as tx:
        accounts = dict(tx.all("SELECT CAST(SUBSTR(SPLIT_PART(account_id, '-', 1), 2) AS INTEGER), COUNT(*) FROM account GROUP BY 1"))
    there = figures | accounts
    half = [f"file {number} has {count} rows" for number, count in there.items() if count != ROWS]
    half += [f"file {number} has rows and no record" for number in there if f"file-{number}.csv" not in recorded]
    half += [f"{name} is recorded without its figures" for name in recorded if name.startswith("file-") and int(name[5:-4]) % 2 == 0 and int(name[5:-4]) not in figures]
    return [number for number in acknowledged if there.get(number) != ROWS], half


def do_load(store: Store, folder: Path, number: int, say: Say) -> None:
    reader.sweep(store.staging, float("inf"))
    brought = unattended.bring(store, ANALYST, file_of(folder, number), TODAY, {}, reader.unwatched)
    say("ready")
    unattended.accept(store, ANALYST, brought, TODAY, reader.unwatched)


# -- migration: a store of an older version is opened by this one


def begin_migration(folder: Path) -> None:
    steps = migrations.STATE
    migrations.STATE = steps[:OLD]
    backup.STEPS = (migrations.STATE, migrations.FACTS)
    store = opened(folder)
    store.write(lambda tx: [tx.run("INSERT INTO team VALUES ($1, $2, 0)", (f"t{n}", f"Team {n}")) or tx.audit("add", f"team:t{n}") for n in range(200)], "x")
    store.close()
    migrations.STATE = steps
    backup.STEPS = (steps, migrations.FACTS)
    (folder / "new").mkdir()
    store = opened(folder / "new")
    (folder / "columns.json").write_text(json.dumps(columns_of(store)), "utf-8")
    store.close()
    for name in ("state.duckdb", "facts.duckdb", "state.duckdb.head"):
        shutil.copyfile(folder / name, folder / f"old-{name}")


def check_migration(store: Store, acknowledged: list[int]) -> tuple[list[Any], list[str]]:
    """Opened, the store has every migration once, the columns of a new store, and all rows."""
    with store.read() as tx:
        applied, teams = migrations.applied(tx), tx.one("SELECT COUNT(*) FROM team")[0]
    wrong = [] if applied == [name for name, _ in migrations.STATE] else [f"applied: {applied}"]
    wanted = json.loads((store.folder / "columns.json").read_text("utf-8"))
    wrong += [f"{one} is missing or too many" for one in {*columns_of(store)} ^ {*wanted}]
    return ([] if teams == 200 else [f"{teams} of 200 teams"]), wrong


def columns_of(store: Store) -> list[str]:
    """Every column of every table of the state."""
    with store.read() as tx:
        return [f"{table}.{column} {kind}" for table, column, kind in
                tx.all("SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = current_schema()")]


def do_migration(store: Store, folder: Path, number: int, say: Say) -> Store:
    """The old store again, opened: the kill comes while it is migrated."""
    store.close()
    for path in folder.glob("*.wal"):
        path.unlink()
    for name in ("state.duckdb", "facts.duckdb", "state.duckdb.head"):
        shutil.copyfile(folder / f"old-{name}", folder / name)
    if number % 5 == 4:
        shutil.rmtree(folder / "backups", ignore_errors=True)
    say("ready")
    return opened(folder)


# -- sign-off: month after month of one scorecard


def begin_sign(folder: Path) -> None:
    store = opened(folder)
    organisation.first_start(store)
    names = {"first_reply": 0.90, "renewal_rate": 0.85}
    make_scorecard(store, *(make_definition(name, targets=(goal(2024, 1, at),)) for name, at in names.items()))
    series = {FIRST.shift(n): value for n, value in enumerate(make_noise(MONTHS))}
    load(store, {(name, ""): series for name in names}, date(2026, 11, 2))
    store.close()


def check_sign(store: Store, acknowledged: list[int]) -> tuple[list[Any], list[str]]:
    lost, half = [], []
    with store.read() as tx:
        for number in range(max(acknowledged, default=-1) + 2):
            found = review_rows.copy(tx, CARD, signing(number))
            if found and not found[0].matches:
                half.append(f"{signing(number)} is signed and does not have its fingerprint")
            if not found and number in acknowledged:
                lost.append(str(signing(number)))
        signed, audited = (tx.one(f"SELECT COUNT(*) FROM {where}")[0] for where in ("signed_month", "audit WHERE action = 'sign_review'"))
    return lost, half if signed == audited else [*half, f"{signed} months are signed, {audited} by the audit"]


def signing(number: int) -> Period:
    """The month that is signed at this number: October 2026, and then backwards."""
    return FIRST.shift(MONTHS - 1 - number)


def do_sign(store: Store, folder: Path, number: int, say: Say) -> None:
    period = signing(number)
    for item in reviews.review_view(store, CARD, period, TODAY).month.items:
        if item.state != "decided":
            reviews.decide(store, LEADER, CARD, period, item.id, item.suggested or "change_the_process", "", item.title, item.version)
    say("ready")
    reviews.sign(store, LEADER, CARD, period, TODAY)


# -- backup: while others write


def check_backup(store: Store, acknowledged: list[int]) -> tuple[list[Any], list[str]]:
    half = []
    for path in backup.every(store.backups):
        try:
            backup.read(path)
        except StoreDamaged as error:
            half.append(str(error))
    left = [path.name for path in store.backups.iterdir() if path.name.startswith(".")]
    there = {path.name for path in backup.every(store.backups)}
    return [number for number in acknowledged if not any(name.endswith(f"-life{number}") for name in there)], half + [f"{name} is left over" for name in left]


def do_backup(store: Store, folder: Path, number: int, say: Say) -> None:
    stop = threading.Event()

    def write() -> None:
        count = 0
        while not stop.is_set():
            store.write(lambda tx, count=count: (tx.run("INSERT INTO team VALUES ($1, $1, 0)", (f"{number}-{count}",)), tx.audit("add", "team")), "x")
            count += 1

    writer = threading.Thread(target=write, daemon=True)
    writer.start()
    say("ready")
    for path in backup.every(store.backups)[3:]:
        backup.remove(path)
    backup.make(store.engines, store.backups, datetime(2026, 11, 22) + timedelta(seconds=number), f"life{number}")
    stop.set()
    writer.join()


WORKS: dict[str, tuple[Callable, Callable, Callable, float]] = {
    "load": (begin_load, check_load, do_load, 0.12),
    "migration": (begin_migration, check_migration, do_migration, 0.9),
    "sign-off": (begin_sign, check_sign, do_sign, 0.10),
    "backup": (begin_load, check_backup, do_backup, 0.5),
}


def child(work: str, folder: Path, acknowledged: list[int], number: int, pipe: int) -> None:
    """Says what it found, then works until it is killed."""
    _, check, do, _ = WORKS[work]

    def say(word: str) -> None:
        os.write(pipe, f"{word}\n".encode())

    store = opened(folder)
    lost, half = check(store, [one for one in acknowledged if work != "backup" or one >= number - 2])
    verdict = store.verify()
    say(json.dumps({"lost": lost, "half": half, "audit": list(verdict.problems)}))
    while True:
        store = do(store, folder, number, say) or store
        say(str(number))
        number += 1


def lines(pipe: int, word: str) -> Iterator[str]:
    with os.fdopen(pipe, encoding="utf-8") as file:
        for line in file:
            yield line.strip()


def one_life(work: str, folder: Path, acknowledged: list[int], number: int) -> tuple[dict[str, list], list[int]]:
    """(what the child found, what is acknowledged now). It was killed at a random moment of its work."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        try:
            child(work, folder, acknowledged, number, writing)
        except BaseException as error:  # noqa: BLE001  Told to the parent, which reports it.
            os.write(writing, (json.dumps({"lost": [], "half": [f"{type(error).__name__}: {error}"], "audit": []}) + "\n").encode())
        finally:
            os._exit(1)
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8") as pipe:
        found = [pipe.readline().strip()]
        while (line := pipe.readline().strip()) and line != "ready":
            found.append(line)
        if random.random() < 0.4:
            found.append(pipe.readline().strip())
        select.select([], [], [], random.uniform(0.0, WORKS[work][3]))
        os.kill(pid, signal.SIGKILL)
        found += pipe.read().split("\n")
    os.waitpid(pid, 0)
    said = [json.loads(line) for line in found if line.startswith("{")]
    return _merged(said), sorted({*acknowledged, *(int(line) for line in found if line.strip().isdigit())})


def _merged(said: list[dict[str, list]]) -> dict[str, list]:
    if not said:
        return {"lost": [], "half": ["the child said nothing"], "audit": []}
    return {name: [one for each in said for one in each[name]] for name in ("lost", "half", "audit")}


def main() -> None:
    """Prints one JSON object."""
    total = {work: killed(work, Path(sys.argv[1]) / work, int(count)) for work, _, count in (word.partition("=") for word in sys.argv[2:])}
    print(json.dumps(total))


def killed(work: str, place: Path, count: int) -> dict[str, Any]:
    """What came of so many kills at one work, in a folder of its own."""
    place.mkdir()
    pid = os.fork()
    if pid == 0:
        WORKS[work][0](place)
        os._exit(0)
    os.waitpid(pid, 0)
    acknowledged: list[int] = []
    total: dict[str, list] = {"lost": [], "half": [], "audit": []}
    for life in range(count + 1):
        found, acknowledged = one_life(work, place, acknowledged, max(acknowledged, default=-1) + 1 if work == "sign-off" else life * 7)
        total = {name: total[name] + [f"life {life}: {one}" for one in found[name]] for name in total}
    return {"kills": count, "acknowledged": len(acknowledged), **total}


if __name__ == "__main__":
    main()

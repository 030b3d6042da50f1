"""Damages the files of a store in many ways: `python -m tests.damaging FOLDER COUNT` prints what became of each.

The files are a state with a log that was not folded in yet, the facts beside it, and the head of the audit. Each damaged copy
is opened by a process of its own, which reads every row. It is `refused`, `same`, or `told` of what is missing: never misread.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import sys
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from scorecard import commands
from scorecard.errors import StoreError
from scorecard.intake import reader
from scorecard.store import backup
from scorecard.store.engine import Store, open_store
from tests.killing import do_load

FILES = ("state.duckdb", "state.duckdb.wal", "facts.duckdb", "facts.duckdb.wal", "state.duckdb.head")
NOW = datetime(2026, 11, 22, 12)


def begin(folder: Path) -> None:
    """Nothing; the folder holds a store of which a part is in the files and a part in their logs, and a backup."""
    store = _opened(folder)
    commands.prepare(store)
    do_load(store, folder, 1, lambda word: None)
    store.close()
    store = _opened(folder)
    backup.make(store.engines, store.backups, NOW)
    do_load(store, folder, 3, lambda word: None)
    for number in range(150):
        store.write(lambda tx, number=number: (tx.run("INSERT INTO team VALUES ($1, $2, 0)", (f"t{number}", f"Team {number} {'x' * 200}")), tx.audit("add", f"team:{number}")), "x")
    reader.sweep(store.staging, float("inf"))
    os.kill(os.getpid(), 9)


def _opened(folder: Path) -> Store:
    return open_store(folder / "state.duckdb", folder / "facts.duckdb")


def everything(store: Store) -> str:
    """A hash of every row of every table."""
    whole = hashlib.sha256()
    with store.read() as state, store.read_facts() as facts:
        for tx in (state, facts):
            for table in backup.tables(tx):
                whole.update(table.encode())
                for row in sorted(map(repr, tx.all(f"SELECT * FROM {table}"))):
                    whole.update(row.encode())
    return whole.hexdigest()


def _flip(content: bytearray, chance: random.Random) -> None:
    for _ in range(chance.choice((1, 8, 64))):
        content[chance.randrange(len(content))] ^= chance.randrange(1, 256)


def _cut(content: bytearray, chance: random.Random) -> None:
    del content[chance.randrange(len(content)) :]


def _blank(content: bytearray, chance: random.Random) -> None:
    start, size = chance.randrange(len(content)), chance.choice((512, 4096, 65536))
    content[start : start + size] = bytes(len(content[start : start + size]))


def _swap(content: bytearray, chance: random.Random) -> None:
    size = min(4096, len(content) // 4)
    one, two = chance.randrange(0, len(content) - size), chance.randrange(0, len(content) - size)
    content[one : one + size], content[two : two + size] = content[two : two + size], content[one : one + size]


def _grow(content: bytearray, chance: random.Random) -> None:
    content += chance.randbytes(chance.choice((1, 700, 9000)))


def _drop(content: bytearray, chance: random.Random) -> None:
    start = chance.randrange(len(content))
    del content[start : start + chance.choice((1, 100, 4096))]


WAYS: tuple[Callable[[bytearray, random.Random], None], ...] = (_flip, _cut, _blank, _swap, _grow, _drop)


def damage(folder: Path, number: int) -> str:
    """Which file was damaged and how; always the same for one number."""
    chance = random.Random(number)
    name = FILES[number % len(FILES)]
    way = WAYS[number // len(FILES) % len(WAYS)]
    path = folder / name
    content = bytearray(path.read_bytes())
    before = bytes(content)
    while bytes(content) == before:
        way(content, chance)
    path.write_bytes(content)
    return f"{name} {way.__name__.strip('_')}"


def became(folder: Path, wanted: str) -> str:
    """What a new process makes of the files: refused, same, told, or misread."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        os.write(writing, _tried(folder, wanted).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8") as pipe:
        said = pipe.read()
    os.waitpid(pid, 0)
    return said or "died"


def _tried(folder: Path, wanted: str) -> str:
    try:
        store = _opened(folder)
        found = everything(store)
        held = store.verify()
    except StoreError as error:
        return "refused" if "restore" in str(error) or "backup" in str(error) else f"refused without advice: {error}"
    except BaseException as error:  # noqa: BLE001  Told to the parent, which reports it.
        return f"broke: {type(error).__name__}: {error}"
    if found == wanted:
        return "same"
    return "told" if store.notices or not held.ok else "MISREAD"


def main() -> None:
    """Prints one JSON object: how many became what, and what is wrong."""
    place, count = Path(sys.argv[1]), int(sys.argv[2])
    good = place / "good"
    good.mkdir()
    pid = os.fork()
    if pid == 0:
        begin(good)
    os.waitpid(pid, 0)
    shutil.copytree(good, place / "read")
    wanted = _wanted(place / "read")
    results, wrong = Counter(), []
    for number in range(count):
        copy = place / "copy"
        shutil.copytree(good, copy)
        how = damage(copy, number)
        result = became(copy, wanted)
        shutil.rmtree(copy)
        results[result.split(":")[0]] += 1
        if result not in ("refused", "same", "told"):
            wrong.append(f"{number} {how}: {result}")
    print(json.dumps({"files": count, "became": results, "wrong": wrong}))


def _wanted(folder: Path) -> str:
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.write(writing, everything(_opened(folder)).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8") as pipe:
        found = pipe.read()
    os.waitpid(pid, 0)
    return found


if __name__ == "__main__":
    main()

"""Reads a file that somebody brought: CSV, TSV, Excel, Parquet or pasted text, in a process of its own.

The child has its memory and time capped and writes text columns to the staging folder; nothing of the file is
interpreted here. A name is only ever a label: files on disk have random names.
"""

from __future__ import annotations

import ctypes
import hashlib
import json
import logging
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from scorecard import logs
from scorecard.errors import FileRefused
from scorecard.intake.packed import UNPACKED
from scorecard.intake.table import UPLOAD, Limits, OddRow, Question, Table, clean_name, name_fault

PACKED = ".gz"
KINDS = {"csv": "csv", "tsv": "tsv", "tab": "tsv", "txt": "csv", "xlsx": "xlsx", "xlsm": "xlsx", "parquet": "parquet"}
ROOT = Path(__file__).resolve().parents[2]
KEPT_SECONDS = 24 * 3600
LOOK_SECONDS = 0.2
log = logging.getLogger("scorecard.intake")
Watch = Callable[[], None]
GZIP = b"\x1f\x8b"
_MAGIC = (
    (b"PK\x03\x04", "xlsx", "a zip archive or workbook"),
    (b"PK\x05\x06", "xlsx", "an empty zip archive"),
    (b"PAR1", "parquet", "a Parquet file"),
    (b"\xd0\xcf\x11\xe0", "", "an old Excel workbook (.xls) or one with a password"),
    (GZIP, "", "packed with gzip"),
    (b"%PDF", "", "a PDF"),
    (b"BZh", "", "packed with bzip2"),
    (b"\xfd7zXZ", "", "packed with xz"),
    (b"7z\xbc\xaf", "", "packed with 7-Zip"),
    (b"(\xb5/\xfd", "", "packed with zstd"),
    (b"SQLite format 3", "", "a SQLite database"),
    (b"\x89PNG", "", "a picture"),
    (b"\xff\xd8\xff", "", "a picture"),
    (b"\x7fELF", "", "a program"),
)


def is_readable(name: str) -> bool:
    """Whether files whose names end like this are read."""
    plain = name.lower().removesuffix(PACKED)
    kind = KINDS.get(plain.rsplit(".", 1)[-1]) if "." in plain else None
    return kind in ("csv", "tsv") or kind is not None and plain == name.lower()


def kind_of(name: str, head: bytes) -> str:
    """csv, tsv, xlsx or parquet, when the ending of the name and the first bytes agree; of text packed with gzip (`.csv.gz`)
    the kind of the text. Raises FileRefused."""
    if name.lower().endswith(PACKED):
        return _kind_inside(name[:-len(PACKED)], head)
    ending = name.rsplit(".", 1)[-1].lower() if "." in name else ""
    if ending not in KINDS:
        raise FileRefused(f"'.{ending}' is not a kind of file that can be read. "
                          "Use CSV, TSV, Excel (.xlsx) or Parquet, or paste the rows.")
    kind = KINDS[ending]
    found = next(((k, words) for magic, k, words in _MAGIC if head.startswith(magic)), ("", ""))
    if found[1] and found[0] != kind:
        raise FileRefused(f"its name says .{ending}, and it is {found[1]}. Save it as CSV or .xlsx.")
    if kind in ("xlsx", "parquet") and not found[1]:
        raise FileRefused(f"its name says .{ending}, and its first bytes say otherwise. Save it again as .{ending}.")
    return kind


def _kind_inside(name: str, head: bytes) -> str:
    kind = KINDS.get(name.rsplit(".", 1)[-1].lower()) if "." in name else None
    if kind not in ("csv", "tsv"):
        raise FileRefused("of packed files only text is read: .csv.gz, .tsv.gz or .txt.gz. Unpack it first.")
    if not head.startswith(GZIP):
        raise FileRefused("its name says .gz, and it is not packed with gzip. Take .gz off its name.")
    return kind


def unwatched() -> None:
    """Nobody asks to stop."""


@dataclass(frozen=True)
class Counting:
    """A watch that is also told how many rows of a file are read so far."""

    watch: Watch
    told: Callable[[int], None]

    def __call__(self) -> None:
        self.watch()


def read(source: Path | bytes, name: str, staging: Path, limits: Limits = UPLOAD,
         choices: dict[str, str] | None = None, watch: Watch = unwatched) -> Table:
    """The table in a file, staged. Raises FileRefused with the name of the file and the rule that it breaks.

    `watch` is called a few times a second while the child reads; what it raises stops the child, and nothing is left.
    """
    label = clean_name(name)
    if name_fault(label):
        label = "the file." + label.removesuffix(PACKED).rsplit(".", 1)[-1][:10] + PACKED * label.endswith(PACKED)
    staging.mkdir(parents=True, exist_ok=True)
    own = staging / f"{uuid.uuid4().hex}.in"
    own.touch()
    sweep(staging, own.stat().st_mtime)
    try:
        path = _placed(source, own)
        return _read(path, label, staging, limits, choices or {}, watch)
    except FileRefused as error:
        raise FileRefused(f"{label}: {error}") from None
    finally:
        own.unlink(missing_ok=True)
        _give_back()


def _give_back() -> None:
    """Nothing; memory that large files left free goes back to the system, where its C library can do that."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


def _placed(source: Path | bytes, own: Path) -> Path:
    if isinstance(source, bytes):
        own.write_bytes(source)
        return own
    if not source.is_file():
        raise FileRefused("there is no such file.")
    return source


def _read(path: Path, name: str, staging: Path, limits: Limits, choices: dict[str, str], watch: Watch) -> Table:
    size = _checked_size(path, limits)
    with path.open("rb") as file:
        kind = kind_of(name, file.read(16))
    digest = sha256_of(path)
    out = staging / f"{uuid.uuid4().hex}.parquet"
    job = {"path": str(path.resolve()), "kind": kind, "packed": name.lower().endswith(PACKED), "out": str(out.resolve()),
           "limits": asdict(limits), "choices": choices}
    try:
        answer = ask_child("scorecard.intake.parser", job, limits, watch)
        table = _table(answer, name[:-len(PACKED)] if job["packed"] else name, kind, digest, size, out)
        _check_cells(table, limits)
    except BaseException:
        for left in (out, out.with_suffix(".in"), out.with_suffix(UNPACKED)):  # a child that was killed could not tidy its own copy
            left.unlink(missing_ok=True)
        raise
    return table


def _check_cells(table: Table, limits: Limits) -> None:
    cells = table.rows * len(table.columns)
    if limits.cells and cells > limits.cells:
        raise FileRefused(f"it has {table.rows:,} rows of {len(table.columns):,} columns, and {limits.cells:,} cells are allowed. "
                          "Leave out columns that are not needed, or split it.")


def _checked_size(path: Path, limits: Limits) -> int:
    try:
        size = path.stat().st_size
    except OSError as error:
        raise FileRefused(f"it cannot be read ({error.strerror}).") from None
    if size > limits.packed:
        raise FileRefused(f"it has {size / 1e6:,.0f} MB; {limits.packed / 1e6:,.0f} MB are allowed.")
    if not size:
        raise FileRefused("the file is empty. It needs a row of column names and at least one row of figures.")
    return size


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def ask_child(module: str, job: dict[str, Any], limits: Limits, watch: Watch) -> dict[str, Any]:
    """The answer of a child that runs this module. The child is killed when it takes too long, and when this process is interrupted."""
    environment = {"PATH": os.environ.get("PATH", ""), "PYTHONPATH": str(ROOT), "PYTHONSAFEPATH": "1", "LC_ALL": "C.UTF-8",
                   "ARROW_DEFAULT_MEMORY_POOL": "system", "MALLOC_ARENA_MAX": "2", "OMP_NUM_THREADS": "1",
                   "OPENBLAS_NUM_THREADS": "1"}
    with _listening(watch) as (look, ends):
        child = subprocess.Popen([sys.executable, "-m", module], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                 stderr=subprocess.PIPE, env=environment, cwd=ROOT, pass_fds=ends)
        said, errors = _said(child, json.dumps({**job, "tell": ends[0] if ends else None}).encode(), limits.seconds, look)
    if child.returncode == 1 and b"Traceback" in errors and b"emory" not in errors and b"bad_alloc" not in errors:
        log.error("The child %s failed: %s", module, logs.of_child(errors[-4_000:]))
        raise FileRefused("it could not be read; what went wrong is in the log. Nothing is stored. Save it as CSV, and try again.")
    if child.returncode:
        raise FileRefused(f"reading it took more than {limits.memory / 1e6:,.0f} MB of memory or {limits.seconds} seconds, "
                          "and was stopped. Split it, or save it as CSV.")
    answer = json.loads(said)
    if "refused" in answer:
        raise FileRefused(answer["refused"])
    return answer


@contextmanager
def _listening(watch: Watch) -> Iterator[tuple[Watch, tuple[int, ...]]]:
    """(a watch that passes on what the child tells of its rows, the end of the pipe that the child gets)."""
    if not isinstance(watch, Counting):
        yield watch, ()
        return
    ours, childs = os.pipe()
    os.set_blocking(ours, False)
    os.set_blocking(childs, False)

    def look() -> None:
        rows = _last_number(ours)
        if rows:
            watch.told(rows)
        watch()

    try:
        yield look, (childs,)
    finally:
        os.close(ours)
        os.close(childs)


def _last_number(pipe: int) -> int:
    """The newest number in the pipe; 0 when there is none. What a child says is not trusted to be one."""
    try:
        *lines, _ = os.read(pipe, 1 << 16).split(b"\n")
    except BlockingIOError:
        return 0
    return int(lines[-1]) if lines and lines[-1].isdigit() and len(lines[-1]) < 12 else 0


def _said(child: subprocess.Popen, question: bytes | None, seconds: float, watch: Watch) -> tuple[bytes, bytes]:
    """What the child wrote until its end, and its errors. It is killed when that takes too long or `watch` raises."""
    until = time.monotonic() + seconds
    with child:
        try:
            while True:
                try:
                    return child.communicate(question, timeout=LOOK_SECONDS)
                except subprocess.TimeoutExpired:
                    question = None
                watch()
                if time.monotonic() > until:
                    raise FileRefused(f"reading it takes longer than {seconds} seconds. Split it, or save it as CSV.")
        except BaseException:
            child.kill()
            raise


def _table(answer: dict[str, Any], name: str, kind: str, digest: str, size: int, out: Path) -> Table:
    questions = ()
    if "question" in answer:
        identity, text, options, flag = answer["question"]
        questions = (Question(identity, text, tuple((a, b) for a, b in options), flag),)
    return Table(name, kind, digest, size, out, tuple(answer.get("columns", ())), answer.get("rows", 0), answer["seen"],
                 tuple(OddRow(*row) for row in answer.get("odd", ())), questions, answer.get("plain", False))


def sweep(staging: Path, now: float) -> None:
    """Deletes what interrupted sessions left in the staging folder a day before `now` (a file's time) or earlier."""
    for path in staging.glob("*"):
        try:
            if path.suffix in (".in", ".parquet") and now - path.stat().st_mtime > KEPT_SECONDS:
                path.unlink()
        except FileNotFoundError:
            continue


def discard(table: Table) -> None:
    """Deletes the staged rows of a table."""
    table.path.unlink(missing_ok=True)

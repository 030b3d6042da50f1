"""The guard of files that come in, rule by rule, with small children that do what they are told in place of the real reader."""

from __future__ import annotations

import gzip
import hashlib
import os
import re
import time
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from scorecard.errors import FileRefused
from scorecard.intake import packed, reader
from scorecard.intake.table import MB, UPLOAD, OddRow, Question, Table

ANSWER = {"columns": ["a", "b"], "rows": 2, "seen": {"encoding": "UTF-8"}}
HEX = re.compile(r"[0-9a-f]{32}\.parquet")


@pytest.fixture
def child(tmp_path, monkeypatch):
    """Writes a child of these lines; gives what asks it. `job`, `say(answer)` and the usual modules are there for it."""
    monkeypatch.setattr(reader, "ROOT", tmp_path)
    monkeypatch.setattr(reader, "LOOK_SECONDS", 0.02)

    def ask(lines: str, watch=reader.unwatched, seconds: int = 60) -> dict:
        before = "import json, os, sys, time\njob = json.loads(sys.stdin.read())\ndef say(answer): print(json.dumps(answer))\n"
        (tmp_path / "told_child.py").write_text(before + lines, "utf-8")
        return reader.ask_child("told_child", {"path": "x"}, replace(UPLOAD, seconds=seconds), watch)

    return ask


@pytest.fixture
def asked(monkeypatch) -> list:
    """What is asked of the child; it answers ANSWER."""
    jobs: list = []

    def answer(module, job, limits, watch):
        jobs.append((module, job, limits, watch))
        return ANSWER

    monkeypatch.setattr(reader, "ask_child", answer)
    return jobs


# -- what a file is

@pytest.mark.parametrize(("name", "head", "kind"), [
    ("a.csv", b"a,b", "csv"), ("A.TXT", b"a,b", "csv"), ("a.tsv", b"a\tb", "tsv"), ("a.tab", b"a\tb", "tsv"), ("b.c.xlsx", b"PK\x03\x04", "xlsx"),
    ("a.xlsm", b"PK\x05\x06", "xlsx"), ("a.parquet", b"PAR1", "parquet"), ("a.csv.gz", b"\x1f\x8b", "csv"), ("b.TSV.GZ", b"\x1f\x8b", "tsv"), ("a.csv", b"", "csv"),
])
def test_a_name_and_the_first_bytes_say_the_kind(name, head, kind):
    assert reader.kind_of(name, head) == kind


KINDS = "Use CSV, TSV, Excel (.xlsx) or Parquet, or paste the rows."
ONLY_TEXT = "of packed files only text is read: .csv.gz, .tsv.gz or .txt.gz. Unpack it first."


@pytest.mark.parametrize(("name", "head", "told"), [
    ("x.XLS", b"", f"'.xls' is not a kind of file that can be read. {KINDS}"), ("csv", b"a,b", f"'.' is not a kind of file that can be read. {KINDS}"),
    ("x.CSV", b"%PDF-", "its name says .csv, and it is a PDF. Save it as CSV or .xlsx."),
    ("x.xlsx", b"PAR1", "its name says .xlsx, and it is a Parquet file. Save it as CSV or .xlsx."),
    ("x.parquet", b"a,b", "its name says .parquet, and its first bytes say otherwise. Save it again as .parquet."),
    ("x.xlsx.gz", b"\x1f\x8b", ONLY_TEXT), ("csv.gz", b"\x1f\x8b", ONLY_TEXT), (".gz", b"\x1f\x8b", ONLY_TEXT),
    ("x.csv.gz", b"a,b", "its name says .gz, and it is not packed with gzip. Take .gz off its name."),
])
def test_a_file_that_is_not_what_its_name_says_is_refused_in_a_sentence(name, head, told):
    with pytest.raises(FileRefused) as refused:
        reader.kind_of(name, head)
    assert str(refused.value) == told


@pytest.mark.parametrize(("name", "is_read"), [("a.tsv.gz", True), ("a.b.csv", True), ("A.PARQUET", True), ("a.parquet.gz", False), ("gz", False), ("csv.gz", False), ("a.csv.zip", False)])
def test_only_what_can_be_read_is_offered(name, is_read):
    assert reader.is_readable(name) is is_read


# -- what is asked of the child, and what is left

def test_the_child_is_told_where_the_file_is_and_what_it_may_cost(tmp_path, asked):
    source = tmp_path / "a.csv"
    source.write_bytes(b"a,b\n1,2\n")
    table = reader.read(source, "  a\n.csv ", tmp_path / "new" / "staging", choices={"delimiter": ","})
    ((module, job, limits, watch),) = asked
    assert (module, limits, watch) == ("scorecard.intake.parser", UPLOAD, reader.unwatched) and watch() is None
    assert job == {"path": str(source), "kind": "csv", "packed": False, "out": str(table.path), "limits": asdict(UPLOAD), "choices": {"delimiter": ","}}
    assert table == Table("a .csv", "csv", hashlib.sha256(b"a,b\n1,2\n").hexdigest(), 8, table.path, ("a", "b"), 2, {"encoding": "UTF-8"})
    assert table.path.parent == tmp_path / "new" / "staging" and HEX.fullmatch(table.path.name) and list(table.path.parent.iterdir()) == []
    assert source.exists()


def test_bytes_are_placed_under_a_random_name_and_taken_away(tmp_path, asked):
    for _ in range(2):
        table = reader.read(gzip.compress(b"a,b\n1,2\n"), "A.csv.GZ", tmp_path)
    first, second = (job for _, job, _, _ in asked)
    assert first["path"] != second["path"] and re.fullmatch(r"[0-9a-f]{32}\.in", Path(first["path"]).name) and Path(first["path"]).parent == tmp_path
    assert (first["packed"], first["kind"], first["choices"], table.name, table.kind) == (True, "csv", {}, "A.csv", "csv") and list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("name", "label"), [
    ("a\u202evsc.xls", "the file.xls"), ("b" * 200 + ".xls", "the file.xls"), ("\u200b." + "x" * 30, "the file." + "x" * 10), ("\u202ecsv.xls.gz", "the file.xls.gz"), ("../a.xls", "../a.xls"),
])
def test_a_refusal_names_the_file_by_a_name_that_can_be_shown(tmp_path, name, label):
    with pytest.raises(FileRefused) as refused:
        reader.read(b"a,b\n", name, tmp_path)
    assert str(refused.value).startswith(f"{label}: ") and list(tmp_path.iterdir()) == []


def test_whatever_interrupts_the_child_takes_its_files_with_it(tmp_path, monkeypatch):
    def interrupted(module, job, limits, watch):
        for left in ("", ".in", packed.UNPACKED):
            (Path(job["out"]).with_suffix(left) if left else Path(job["out"])).write_bytes(b"x")
        raise KeyboardInterrupt

    monkeypatch.setattr(reader, "ask_child", interrupted)
    with pytest.raises(KeyboardInterrupt):
        reader.read(b"a,b\n1,2\n", "a.csv", tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_more_cells_than_allowed_are_refused(tmp_path, asked):
    assert reader.read(b"a,b\n", "a.csv", tmp_path, replace(UPLOAD, cells=4)).rows == 2
    with pytest.raises(FileRefused) as refused:
        reader.read(b"a,b\n", "a.csv", tmp_path, replace(UPLOAD, cells=3))
    assert str(refused.value) == "a.csv: it has 2 rows of 2 columns, and 3 cells are allowed. Leave out columns that are not needed, or split it."


@pytest.mark.parametrize(("content", "told"), [
    (b"", "a.csv: the file is empty. It needs a row of column names and at least one row of figures."), (b"a" * 2_000_001, "a.csv: it has 2 MB; 2 MB are allowed."),
])
def test_a_file_of_no_bytes_or_of_too_many_is_not_opened(tmp_path, asked, content, told):
    with pytest.raises(FileRefused) as refused:
        reader.read(content, "a.csv", tmp_path, replace(UPLOAD, packed=2_000_000))
    assert (str(refused.value), asked) == (told, [])


def test_a_file_of_as_many_bytes_as_allowed_is_read(tmp_path, asked):
    assert reader.read(b"a,b\n", "a.csv", tmp_path, replace(UPLOAD, packed=4)).size == 4


def test_a_file_that_is_gone_is_refused_in_a_sentence(tmp_path, asked):
    with pytest.raises(FileRefused, match=r"^a\.csv: there is no such file\.$"):
        reader.read(tmp_path / "a.csv", "a.csv", tmp_path / "staging")
    with pytest.raises(FileRefused, match=r"^it cannot be read \(No such file or directory\)\.$"):
        reader._checked_size(tmp_path / "a.csv", UPLOAD)


@pytest.mark.parametrize(("answer", "more"), [
    ({"seen": {}}, {}),
    ({"seen": {"sheet": "A"}, "columns": ["a"], "rows": 3, "odd": [[2, "x", "why"]], "plain": True, "question": ["sheet", "Which?", [["A", "a"], ["B", "b"]], "--sheet"]},
     {"seen": {"sheet": "A"}, "columns": ("a",), "rows": 3, "odd": (OddRow(2, "x", "why"),), "plain": True,
      "questions": (Question("sheet", "Which?", (("A", "a"), ("B", "b")), "--sheet"),)}),
])
def test_what_the_child_answers_becomes_the_table(tmp_path, monkeypatch, answer, more):
    monkeypatch.setattr(reader, "ask_child", lambda *asked: answer)
    table = reader.read(b"a,b\n", "a.csv", tmp_path)
    assert table == Table("a.csv", "csv", hashlib.sha256(b"a,b\n").hexdigest(), 4, table.path, **more)


# -- the child itself

def test_the_child_gets_the_question_and_nothing_of_the_surroundings(child, monkeypatch, tmp_path):
    monkeypatch.setenv("SCORECARD_METRICS_TOKEN", "secret")
    said = child("say({'job': job, 'where': os.getcwd(), 'given': dict(os.environ), 'by': sys.executable})")
    assert (said["job"], said["where"]) == ({"path": "x", "tell": None}, str(tmp_path))
    assert said["given"] == {
        "PATH": os.environ["PATH"], "PYTHONPATH": str(tmp_path), "PYTHONSAFEPATH": "1", "LC_ALL": "C.UTF-8", "ARROW_DEFAULT_MEMORY_POOL": "system",
        "MALLOC_ARENA_MAX": "2", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


OUT_OF_ROOM = "reading it took more than 1,611 MB of memory or 60 seconds, and was stopped. Split it, or save it as CSV."
BROKEN = "it could not be read; what went wrong is in the log. Nothing is stored. Save it as CSV, and try again."


@pytest.mark.parametrize(("lines", "told"), [
    ("say({'refused': 'it is no table.'})", "it is no table."), ("1 / 0", BROKEN), ("raise MemoryError", OUT_OF_ROOM), ("raise OSError('out of memory')", OUT_OF_ROOM),
    ("raise OSError('std::bad_alloc')", OUT_OF_ROOM), ("os.kill(os.getpid(), 9)", OUT_OF_ROOM), ("sys.exit(1)", OUT_OF_ROOM), ("sys.exit('Traceback')", BROKEN),
    ("print('Traceback', file=sys.stderr); sys.exit(2)", OUT_OF_ROOM),
])
def test_each_end_of_a_child_is_told_in_its_sentence(child, lines, told):
    with pytest.raises(FileRefused) as refused:
        child(lines)
    assert str(refused.value) == told


def test_the_log_says_where_a_child_broke_and_nothing_of_the_file(child, caplog):
    with pytest.raises(FileRefused):
        child("print('Rana Amari', 'x' * 5_000, file=sys.stderr)\nraise ValueError('Rana Amari')")
    (line,) = [record.getMessage() for record in caplog.records if record.name == "scorecard.intake"]
    assert line.startswith("The child told_child failed: ") and line.endswith("ValueError") and "told_child.py:5" in line and "Rana" not in line


def test_a_child_that_takes_too_long_is_killed(child):
    started = time.monotonic()
    with pytest.raises(FileRefused, match=r"^reading it takes longer than 1 seconds\. Split it, or save it as CSV\.$"):
        child("time.sleep(30)", seconds=1)
    assert 1 <= time.monotonic() - started < 15


def test_who_asks_to_stop_is_heard_while_the_child_works(child, tmp_path):
    class Enough(Exception):
        """Somebody stopped it."""

    def stop() -> None:
        if (tmp_path / "pid").exists():
            raise Enough

    with pytest.raises(Enough):
        child("open('new', 'w').write(str(os.getpid())); os.rename('new', 'pid'); time.sleep(30)", stop)
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


def test_rows_are_told_while_a_child_reads_and_both_ends_of_the_pipe_are_closed(child, tmp_path):
    told, looked, before = [], [], len(os.listdir("/proc/self/fd"))

    def hear(rows: int) -> None:
        told.append(rows)
        (tmp_path / "heard").touch()

    said = child("assert not os.get_blocking(job['tell'])\nos.write(job['tell'], b'7\\n')\nwhile not os.path.exists('heard'): time.sleep(.01)\nsay({'seen': 1})",
                 reader.Counting(lambda: looked.append(1), hear))
    assert said == {"seen": 1} and told == [7] and looked
    assert len(os.listdir("/proc/self/fd")) == before


@pytest.mark.parametrize(("said", "heard"), [(b"99999999999\n", 99_999_999_999), (b"999999999999\n", 0), (b"1\n\n", 0), (b"5", 0), (b"4\nx" * 20_000, 0)])
def test_a_number_of_rows_has_at_most_eleven_digits_and_a_line_of_its_own(said, heard):
    ours, childs = os.pipe()
    os.set_blocking(ours, False)
    assert reader._last_number(ours) == 0
    os.write(childs, said)
    assert reader._last_number(ours) == heard
    os.close(ours), os.close(childs)


# -- what is left lying about

def test_what_is_left_of_a_day_ago_is_swept_and_nothing_else(tmp_path):
    now = 1_000_000.0
    ages = {"old.in": 86_401, "old.parquet": 86_401, "day.in": 86_400, "new.parquet": 0, "old.txt": 86_401}
    for name, age in ages.items():
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (now - age,) * 2)
    reader.sweep(tmp_path, now)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["day.in", "new.parquet", "old.txt"]


def test_what_another_session_sweeps_meanwhile_stops_nothing(tmp_path):
    (tmp_path / "old.in").touch()

    class Folder:
        def glob(self, pattern: str) -> list[Path]:
            return [tmp_path / "gone.in", *tmp_path.glob(pattern)]

    reader.sweep(Folder(), time.time() + 90_000)
    assert list(tmp_path.iterdir()) == []


def test_rows_are_discarded_once_or_twice(tmp_path):
    (tmp_path / "a.parquet").touch()
    for _ in range(2):
        reader.discard(Table("a.csv", "csv", "", 0, tmp_path / "a.parquet"))
    assert list(tmp_path.iterdir()) == []


# -- text packed with gzip

def unpacked(folder: Path, content: bytes, kind: str = "csv", **limits) -> bytes:
    (folder / "a.gz").write_bytes(content)
    packed.unpack(folder / "a.gz", folder / "a.text.in", kind, replace(UPLOAD, **limits))
    return (folder / "a.text.in").read_bytes()


@pytest.mark.parametrize("size", [0, 6, MB + 2])
def test_packed_text_is_unpacked_whole(tmp_path, size):
    text = os.urandom(size // 2).hex().encode()
    assert unpacked(tmp_path, gzip.compress(text)) == text


@pytest.mark.parametrize("head", [b"PK\x03\x04", b"PAR1", b"\x1f\x8b", b"\x7fELF"])
def test_what_is_packed_and_no_text_is_refused(tmp_path, head):
    with pytest.raises(FileRefused) as refused:
        unpacked(tmp_path, gzip.compress(head), "tsv")
    assert str(refused.value) == "what is packed in it is no TSV. Unpack it, and load the file in it."


def test_bytes_of_a_program_in_the_middle_of_a_text_are_text(tmp_path):
    text = b"a" * MB + b"PAR1"
    assert unpacked(tmp_path, gzip.compress(text), ratio=10_000) == text


@pytest.mark.parametrize(("size", "limits", "told"), [
    (2_000_001, {"unpacked": 2_000_000, "ratio": 10_000}, "it unpacks to more than 2 MB, the most that is allowed."),
    (2 * MB, {"ratio": 3}, "it unpacks to more than 3 times its size, as no export does."),
    (2 * MB, {"ratio": 1_000, "unpacked": MB}, "it unpacks to more than 1 MB, the most that is allowed."),
])
def test_text_that_unpacks_to_more_than_allowed_is_refused_before_it_is_on_the_disk(tmp_path, size, limits, told):
    with pytest.raises(FileRefused) as refused:
        unpacked(tmp_path, gzip.compress(b"a" * size), **limits)
    assert str(refused.value) == told and (tmp_path / "a.text.in").stat().st_size <= MB


@pytest.mark.parametrize(("size", "limits"), [(MB, {"ratio": 1}), (2_000_000, {"unpacked": 2_000_000, "ratio": 10_000})])
def test_text_that_unpacks_to_just_what_is_allowed_is_read(tmp_path, size, limits):
    assert len(unpacked(tmp_path, gzip.compress(b"a" * size), **limits)) == size


@pytest.mark.parametrize("content", [gzip.compress(b"a,b\n")[:-1], b"\x1f\x8b nothing", gzip.compress(b"a,b\n")[:-8] + b"\0" * 8, gzip.compress(b"a,b\n")[:12] + b"\xff" * 12])
def test_a_damaged_packed_file_is_refused(tmp_path, content):
    with pytest.raises(FileRefused, match=r"^the gzip file is damaged or cut off\. Export it again\.$"):
        unpacked(tmp_path, content)

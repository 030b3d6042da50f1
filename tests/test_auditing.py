"""The audit is read a page at a time, verified in a job, and given away so that somebody else can verify it with a few lines of their own."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import openpyxl
import pytest

from scorecard import access, auditing, jobs, places
from scorecard.access import Actor
from scorecard.errors import NotAllowed, UsageError
from scorecard.output import audit_files, audit_tables, twins
from scorecard.store import audit, audit_rows, verifying
from scorecard.store.audit_rows import ALL, Filter, Row
from scorecard.store.verifying import Checked
from scorecard.worker import Worker
from tests.conftest import make_actor, make_store
from tests.store.test_audit import tamper

NOW = datetime(2026, 11, 22, 9, 30)
LEADER, OPERATOR = make_actor("leader"), Actor("", "operator", "admin")
SCRIPT = re.search(r"```python\n(.*?)```", (places.ROOT / "docs" / "audit.md").read_text("utf-8"), re.DOTALL)[1]
NASTY = '=HYPERLINK("http://x")  ünïcode \u2028 "quoted" \\ back\nline'


@pytest.fixture
def store(tmp_path):
    opened = make_store(tmp_path)
    for number in range(7):
        opened.write(lambda tx, n=number: tx.audit("change goal", f"measure:m{n}", {"value": n}, {"value": NASTY}), "Rana Amari" if number % 2 else "=Jo Lind", NOW)
    yield opened
    opened.close()


# -- reading


@pytest.mark.parametrize("role", access.ROLES)
def test_only_leaders_and_admins_read_the_audit_by_whatever_way(store, role):
    actor = make_actor(role)
    ways = (lambda: auditing.page(store, actor, ALL), lambda: auditing.choices(store, actor), lambda: auditing.state(store, actor), lambda: auditing.verify(store, actor),
            lambda: auditing.exported(store, actor, ALL), lambda: auditing.rows(store, actor, 0), lambda: auditing.found(store, actor, "0" * 8),
            lambda: jobs.ask(store, actor, auditing.JOB, {}))  # fmt: skip
    for way in ways:
        if role in ("leader", "admin"):
            try:
                way()
            except UsageError:
                pass
        else:
            with pytest.raises(NotAllowed):
                way()


def test_pages_follow_one_another_to_the_end(store):
    first = auditing.page(store, LEADER, ALL, size=4)
    then = auditing.page(store, LEADER, ALL, first.older, size=4)
    assert ([row.seq for row in first.rows], first.count, [row.seq for row in then.rows], then.older) == ([7, 6, 5, 4], 7, [3, 2, 1], None)


def test_what_is_known_of_many_filters_is_not_kept_without_end(store, monkeypatch):
    monkeypatch.setattr(auditing, "FILTERS", 2)
    for name in ("a", "b", "c"):
        assert auditing.page(store, LEADER, Filter(actor=name)) == auditing.Page((), 0, None)
    assert [one.actor for one in auditing._found[store]] == ["b", "c"]


def test_a_long_chain_is_verified_in_a_job_that_says_what_came_of_it(store):
    asked = jobs.ask(store, OPERATOR, auditing.JOB, {})
    done = Worker(store, lambda: NOW.date()).do(asked.id)
    rows = auditing.state(store, LEADER).checked.rows
    assert (done.state, done.message) == ("done", f"All {rows} rows follow from one another.") and done.result["ok"]
    tamper(store, "UPDATE audit SET actor = 'Nobody' WHERE seq = 2")
    asked = jobs.ask(store, OPERATOR, auditing.JOB, {})
    done = Worker(store, lambda: NOW.date()).do(asked.id)
    assert (done.state, done.message) == ("failed", "The audit does not hold. Audit row 2 was changed after it was written.")


# -- given away


def verified(path: Path, *marks: str) -> tuple[int, str]:
    """The exit status of the script of the documentation, and what it said."""
    done = subprocess.run([sys.executable, "-I", "-c", SCRIPT, str(path), *marks], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def spoilt(text: str, way: str) -> str:
    lines = text.splitlines(keepends=True)
    if way == "a word":
        return text.replace("Rana Amari", "Somebody", 1)
    if way == "a moment":
        return text.replace("09:30:00.000000", "09:31:00.000000", 1)
    if way == "a row left out":
        return "".join(lines[:3] + lines[4:])
    if way == "the last row left out":
        return "".join(lines[:-2] + lines[-1:])
    if way == "the end left out":
        return "".join(lines[:-1])
    first, second = lines[2], lines[3]
    return "".join(lines[:2] + [second, first] + lines[4:])


def test_an_outsider_verifies_the_json_lines_with_the_script_of_the_documentation(store, tmp_path):
    assert len(SCRIPT.strip().splitlines()) <= 20
    text, place = audit_files.json_lines(*auditing.exported(store, LEADER, ALL), NOW), tmp_path / "audit.jsonl"
    place.write_text(text, "utf-8")
    head = store.verify().head
    assert verified(place, head.hash[:8], f"{head.hash[:4]} {head.hash[4:8]}") == (0, f"7 rows hold, 1 to 7. The head is {head.hash}\n")
    assert verified(place, "0" * 9)[0] == 1
    for way in ("a word", "a moment", "a row left out", "the last row left out", "the end left out", "two rows changed places"):
        place.write_text(spoilt(text, way), "utf-8")
        assert verified(place)[0] == 1, way


def test_a_file_of_the_newest_rows_is_verified_from_where_it_begins(store, tmp_path):
    (tmp_path / "audit.jsonl").write_text(audit_files.json_lines(*auditing.exported(store, LEADER, ALL, 3), NOW), "utf-8")
    assert verified(tmp_path / "audit.jsonl")[1].startswith("3 rows hold, 5 to 7.")


def test_the_csv_holds_what_was_hashed_behind_apostrophes_and_ends_with_the_head(store):
    text = audit_files.csv(*auditing.exported(store, LEADER, Filter(actor="=Jo Lind")), NOW)
    heads, *lines, last = csv.reader(io.StringIO(text, newline=""))
    assert tuple(heads) == audit_files.COLUMNS and len(lines) == 4 and lines[0][2] == "'=Jo Lind"
    for line in lines:
        seq, at, *words = [twins.unguarded(cell) for cell in line]
        row = (int(seq), datetime.fromisoformat(at), *(word or None for word in words))
        assert audit.digest(row[:-1]) == row[-1]
    assert (last[0], last[3], last[8]) == ("7", audit_files.HEAD, store.verify().head.hash)


def test_the_book_holds_the_rows_as_text_and_the_head(store):
    book = openpyxl.load_workbook(io.BytesIO(audit_files.workbook(*auditing.exported(store, LEADER, ALL), NOW)))
    assert [sheet.title for sheet in book] == ["Audit", "About"] and book["Audit"].max_row == 8
    assert book["Audit"]["C2"].value == "=Jo Lind" and book["Audit"]["C2"].data_type == "s"
    assert store.verify().head.hash in [cell.value for cell in book["About"]["B"]]


def test_a_row_is_found_by_the_signs_that_stand_on_a_pack(store):
    with store.read() as tx:
        (row,) = audit_rows.rows(tx, (4,))
    assert auditing.found(store, LEADER, f" {row.hash[:4].upper()} {row.hash[4:8]}")["seq"] == 4
    for signs, said in (("67d2", "is no beginning of a hash"), ("xyz12345", "is no beginning of a hash"), ("0" * 20, "was not made from this store")):
        with pytest.raises(UsageError, match=said):
            auditing.found(store, LEADER, signs)


# -- in words


def there(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) + timedelta(hours=1)


def told(checked: Checked | None, rows: int = 12_345) -> str:
    found = auditing.State(audit.Mark(rows, "x"), None, checked)
    return " ".join(one.text for one in audit_tables.told(found, NOW, there))


MARK = audit.Mark(12_345, "x")


@pytest.mark.parametrize(("checked", "words"), [
    (Checked(MARK, 12_345, NOW, NOW, 12_345), "Whole: 12,345 rows, verified today 10:30; the head outside agrees."),
    (Checked(MARK, 12_345, NOW, NOW, None), "Whole: 12,345 rows, verified today 10:30; no head is kept outside."),
    (Checked(audit.Mark(12_300, "x"), 12_300, NOW, NOW, 12_300), "Whole: 12,300 rows, verified today 10:30; the head outside agrees. 45 rows written since then."),
    (Checked(MARK, 12_345, NOW - timedelta(days=3), NOW - timedelta(days=3), 1), "Whole: 12,345 rows, verified on 19 Nov 10:30; the head outside agrees."),
    (Checked(MARK, 12_345, NOW, NOW - timedelta(days=400), 1),
     "Whole: 12,345 rows, verified today 10:30; the head outside agrees. The first row was last read on 18 Oct 2025 10:30."),
    (None, "12,345 rows, not verified yet: nobody has asked whether each follows from the one before."),
])
def test_the_first_sentence_says_whether_it_holds(checked, words):
    assert told(checked) == words


def test_a_chain_that_does_not_hold_is_said_with_what_to_do():
    said = told(Checked(audit.Mark(2, "x"), 12_345, NOW, NOW, 1, ("Audit row 3 was changed after it was written.", "Another.", "A third.")))
    assert said.startswith("The audit does not hold. Audit row 3 was changed after it was written. 2 more like it. Seen today 10:30. What to do:")
    assert "python -m scorecard restore" in said


@pytest.mark.parametrize(("before", "after", "lines"), [
    ('{"active": true, "role": "member"}', '{"active": true, "role": "analyst"}', [("role", "member", "analyst")]),
    (None, '{"name": "Enterprise", "email": ""}', [("name", None, "Enterprise")]),
    ('{"active": true}', '{"active": false}', [("active", "yes", "no")]),
    ('{"a": 1.5}', None, [("a", "1.5", None)]),
    ('{"owner": null}', '{"owner": "jo"}', [("owner", "empty", "jo")]),
    (None, '"just words"', [("", None, "just words")]),
    (None, None, []),
    ('{"version": 1, "state": "open", "values": {"due_on": "2026-01-01"}}', '{"version": 2, "state": "open", "values": {"due_on": "2026-02-01"}}',
     [("due on", "2026-01-01", "2026-02-01")]),
    (None, '{"id": "x", "kind": "sponsor_review", "title": "T"}', [("title", None, "T"), ("kind", None, "sponsor review"), ("id", None, "x")]),
    (None, '{"list": ["a", 2, null], "deep": {"a_b": true}}', [("deep", None, "a b yes"), ("list", None, "a, 2, empty")]),
])
def test_only_what_differs_is_told_and_in_words(before, after, lines):
    assert sorted(audit_tables.changes(before, after), key=lambda one: lines.index(one)) == lines


def drawn(before: str | None, after: str | None, object: str = "member:jo", actor: str = "Rana Amari", action: str = "set_role") -> str:
    row = Row(1_234, NOW, actor, action, object, before, after, "", "")
    return audit_tables.table([row], NOW, there, lambda object: f"audit?object={object}")


@pytest.mark.parametrize(("before", "after"), [(None, '{"version": 1, "sha256": "ab"}'), ('{"version": 1, "sha256": "ab"}', None)])
def test_what_is_written_about_people_is_kept_secret(before, after):
    assert "Kept secret." in drawn(before, after) and "ab" not in re.sub(r"<[^>]*>", "", drawn(before, after))
    assert "Kept secret." not in drawn(None, '{"file": "crm.csv", "sha256": "ab"}')


def test_a_row_says_when_who_what_on_which_object_and_escapes_every_word():
    text = drawn('{"x": "<b>1</b>"}', '{"x": "<img src=x>"}', "record:promise:<i>", "<script>", "do_<u>")
    assert "22 Nov 10:30" in text and "row 1,234" in text and ">Promise</a>" in text
    for tag in ("<b>", "<img", "<i>", "<script>", "<u>"):
        assert tag not in text


def test_long_and_many_values_are_cut_and_open_to_the_whole():
    many = json.dumps({f"part {n}": n for n in range(9)})
    assert "6 more" in drawn(None, many) and "more" not in drawn(None, json.dumps({f"part {n}": n for n in range(4)}))
    long = drawn(None, json.dumps({"text": "w" * 400}))
    assert "all of it" in long and "w" * 400 in long and f"{'w' * 109}…" in long


@pytest.mark.parametrize(("object", "words"), [
    ("measure:adoption_30d", ("Measure", "adoption_30d")), ("record:promise:sample-1", ("Promise", "sample-1")), ("record:unheard_of:1", ("Unheard of", "1")),
    ("organisation", ("Organisation", "")), ("cycle:a:P8", ("Maturity cycle", "a:P8")), ("maturity model:1", ("Maturity model", "1")), ("new thing:1", ("New thing", "1")),
])
def test_an_object_is_named_in_words(object, words):
    assert audit_tables.named(object) == words


def test_a_verification_is_kept_for_the_page(store):
    assert auditing.state(store, OPERATOR).since == 7
    verifying.check(store, NOW)
    assert auditing.state(store, LEADER).since == 0

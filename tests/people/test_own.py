"""Everything about oneself, and what is deleted when its time is over."""

from __future__ import annotations

import io
import json
from datetime import date, datetime

import openpyxl
import pytest

from scorecard import jobs, registers
from scorecard.access import Actor
from scorecard.errors import NotAllowed
from scorecard.output import people_own
from scorecard.people import own
from scorecard.store import people_data
from scorecard.worker import Worker
from tests.own_rows import ADMIN, BO, JO, MEI, NOBODY, RANA, make_house, write

LONG_AGO, LATELY, TODAY = datetime(2022, 3, 4, 9), datetime(2026, 3, 4, 9), date(2026, 11, 23)


@pytest.fixture
def house(tmp_path, monkeypatch):
    monkeypatch.setattr(registers, "FILE", tmp_path / "registers.toml")
    opened = make_house(tmp_path)
    yield opened
    opened.close()


def said(found: own.Everything, title: str) -> str:
    return json.dumps(next(one.rows for one in found.parts if one.title == title), default=str)


def test_everything_about_a_person_has_every_version_of_what_is_about_them_and_nothing_of_others(house):
    aim = write(house, JO, "aim", title="First words")
    registers.change(house, JO, "aim", aim.id, {"title": "Second words"}, seen_version=1, reason="clearer")
    gone = write(house, RANA, "aim", whose="jo", title="Withdrawn words")
    registers.withdraw(house, RANA, "aim", gone.id, seen_version=1)
    write(house, MEI, "aim", title="Words of Mei")
    write(house, BO, "word", whose="jo", title="Praise from Bo")
    write(house, JO, "word", whose="mei", title="Praise for Mei")
    moved = write(house, RANA, "aim", whose="jo", title="Once of Jo")
    registers.change(house, RANA, "aim", moved.id, {"whose": "mei", "title": "Now of Mei"}, seen_version=1)
    found = own.everything(house, JO)
    about, by = said(found, own.ABOUT_YOU), said(found, own.BY_YOU)
    assert all(words in about for words in ("First words", "Second words", "clearer", "Withdrawn words", "Praise from Bo", "Once of Jo"))
    assert "Praise for Mei" in by and "Praise for Mei" not in about and not any(words in about + by for words in ("Words of Mei", "Now of Mei"))
    assert f"record:aim:{aim.id}" in said(found, own.AUDIT)
    with pytest.raises(NotAllowed, match="Only a person who is known here"):
        own.everything(house, NOBODY)


def test_the_scores_that_somebody_gave_a_candidate_stay_with_the_opening(house):
    opening = registers.add(house, RANA, "opening", {"title": "CSM", "panel": ["mei"]}, today=TODAY)
    candidate = write(house, RANA, "candidate", opening=opening.id, title="Candidate from outside")
    write(house, MEI, "score", candidate=candidate.id, title="Heard of the candidate")
    found = own.everything(house, MEI)
    assert "utside" not in json.dumps([one.rows for one in found.parts], default=str) and "Heard" not in said(found, own.BY_YOU)
    assert "CSM" in said(found, own.NAMED)


def test_two_people_of_one_name_are_not_told_what_stands_under_the_name_alone(house):
    house.write(lambda tx: tx.run("UPDATE person SET name = 'Jo Lind' WHERE id = 'bo'"), "Marek")
    write(house, JO, "aim")
    found = own.everything(house, Actor("bo", "Jo Lind", "member"))
    assert not found.alone and "Your name stands in" not in said(found, own.ROWS) and "add record" not in said(found, own.AUDIT)


def test_the_files_hold_every_part_and_no_cell_is_a_formula(house):
    """Oracle: openpyxl, and Python's own reader of JSON."""
    write(house, JO, "aim", title="=1+1")
    found = own.everything(house, JO)
    book = openpyxl.load_workbook(io.BytesIO(people_own.workbook(found)))
    assert book.sheetnames == [one.title for one in found.parts] == list(own.PARTS)
    assert all(cell.data_type != "f" for sheet in book for row in sheet.iter_rows() for cell in row)
    read = json.loads(own.as_json(found))
    assert {title: len(rows) for title, rows in read["parts"].items()} == {one.title: len(one.rows) for one in found.parts} and read["person"] == "jo"


def test_every_column_that_names_people_is_told_to_them_or_says_why_not(house):
    with house.read() as tx:
        found = people_data.columns(tx)
    named = {(table, column) for table, column in found if column in people_data.ID_COLUMNS}
    told = {(one.table, one.column) for one in people_data.BY_ID} | people_data.TOLD | people_data.KEYS
    assert named <= told, f"Say in store/people_data.py what is told of {sorted(named - told)}."
    texts = {column for _, column in found if column.endswith("_by") or column == "author"}
    assert texts - {"claimed_by", "effect_by"} <= people_data.NAME_COLUMNS, "A column with a name in it is not looked through in store/people_data.py."


# -- what is kept no longer


def kept(store, register: str) -> tuple[int, int, int]:
    """How many entries, versions and values a register has."""
    with store.read() as tx:
        return tuple(tx.one(f"SELECT COUNT(*) FROM {table} WHERE register = $1", [register])[0] for table in ("register_entry", "register_version", "register_value"))


def test_what_is_over_its_time_goes_with_versions_values_and_salts_and_the_audit_still_holds(house):
    old = write(house, JO, "aim", now=LONG_AGO)
    withdrawn = write(house, JO, "aim", now=LONG_AGO)
    registers.withdraw(house, JO, "aim", withdrawn.id, seen_version=1, now=LONG_AGO)
    changed = write(house, JO, "aim", now=LONG_AGO, title="Old words")
    registers.change(house, JO, "aim", changed.id, {"title": "Words between"}, seen_version=1, now=datetime(2022, 4, 1))
    registers.change(house, JO, "aim", changed.id, {"title": "New words"}, seen_version=2, now=LATELY)
    before = house.verify()
    looked = own.forget(house, ADMIN, TODAY, dry_run=True)
    assert [(one.id, one.entries, one.versions) for one in looked] == [("aim", 2, 1)] and kept(house, "aim")[:2] == (2, 6)
    assert own.forget(house, ADMIN, TODAY) == looked and own.forget(house, ADMIN, TODAY) == ()
    assert kept(house, "aim") == (1, 2, 4)  # its words of April 2022 were in force until this March
    with house.read() as tx:
        assert registers.history(tx, "aim", old.id, JO) == [] and [one.entry.title for one in registers.history(tx, "aim", changed.id, JO)] == ["New words", "Words between"]
        assert tx.one("SELECT COUNT(*) FROM register_version WHERE salt = ''")[0] == 0
        (told,) = tx.one("SELECT after_json FROM audit WHERE action = 'forget records'")
    assert json.loads(told) == {"entries": 2, "versions": 1} and house.verify().ok and house.verify().rows == before.rows + 1


def test_what_a_younger_entry_refers_to_or_is_still_to_come_is_kept(house):
    aim, alone = write(house, JO, "aim", now=LONG_AGO), write(house, JO, "aim", now=LONG_AGO)
    step = write(house, JO, "step", now=LATELY, aim=aim.id)
    also = write(house, MEI, "aim", now=LONG_AGO)
    write(house, MEI, "step", now=LONG_AGO, aim=also.id)
    done = own.forget(house, ADMIN, TODAY)
    assert [(one.id, one.entries) for one in done] == [("aim", 2), ("step", 1)]
    with house.read() as tx:
        assert [one.id for one in registers.entries(tx, "aim", actor=JO)] == [aim.id] and registers.one(tx, "step", step.id, JO)
        assert registers.history(tx, "aim", alone.id, JO) == []


def test_only_who_keeps_the_house_deletes_and_everybody_may_know_how_long_it_is_kept(house):
    write(house, JO, "aim", now=LONG_AGO)
    for who in (JO, RANA):
        with pytest.raises(NotAllowed):
            own.forget(house, who, TODAY)
    assert [(one.label, one.months) for one in own.periods(house, JO)] == [(label, 36) for label in ("Aims", "Candidates", "Feedback rounds to leaders", "Scores", "Steps", "Wishes", "Words")]
    assert kept(house, "aim")[0] == 1


@pytest.mark.parametrize(("today", "months", "limit"), [(date(2026, 11, 23), 36, date(2023, 11, 23)), (date(2026, 3, 31), 1, date(2026, 2, 28)), (date(2024, 2, 29), 12, date(2023, 2, 28))])
def test_a_period_ends_on_the_same_day_of_the_month_or_on_its_last(today, months, limit):
    assert own.before(today, months).date() == limit


def test_the_server_deletes_once_a_day_what_is_over_its_time(house):
    write(house, JO, "aim", now=LONG_AGO)
    worker = Worker(house, lambda: TODAY)
    for _ in range(3):
        worker.keep()
    (asked,) = jobs.recent(house)
    assert (asked.kind, asked.state) == ("forget_people", "queued")
    assert worker.do(asked.id).state == "done" and kept(house, "aim") == (0, 0, 0)
    Worker(house, lambda: TODAY).keep()
    assert len(jobs.recent(house)) == 1

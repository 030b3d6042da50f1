"""The file of registers: complete as it ships, and a fault in it is named with its place."""

from __future__ import annotations

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorecard import access, places
from scorecard.core import maturity_file, register_values, registers_file
from scorecard.core.registers_file import Field
from scorecard.errors import DefinitionError, ScorecardError

FILE = places.ROOT / "data" / "registers.toml"
TEXT = FILE.read_text("utf-8")
SHIPPED = registers_file.parse(TEXT, actions=access.ACTIONS)
ONE = """
[deposit]
label = "Deposits"
one = "deposit"
page = "ledgers"
fields = [
    {name = "account", label = "Account", kind = "account", required = true},
    {name = "text", label = "What", kind = "text"},
    {name = "mark", label = "Mark", kind = "choices", choices = ["personal", "unexpected"]},
    {name = "given_on", label = "Date", kind = "date", default = "today"},
]
states = {planned = "planned", given = {label = "given", needs = ["given_on"], ended = true}}
"""


def test_the_shipped_registers_speak_for_practices_that_the_model_has():
    model = maturity_file.parse((places.ROOT / "data" / "maturity.toml").read_text("utf-8"))
    for one in SHIPPED.values():
        assert one.practices and set(one.practices) <= set(model.practices), one.id
        assert one.help.endswith(".") and one.page in ("sensory", "improvement", "planning", "people", "work", "leadership", "log", "ledger", "sponsors", "advocacy"), one.id


def test_every_key_is_explained_at_the_top_of_the_file():
    comments = "\n".join(line for line in TEXT.splitlines() if line.startswith("#"))
    for key in (*registers_file._REGISTER, *registers_file._FIELD, *registers_file._STATE, *registers_file.KINDS):
        assert re.search(rf"\b{key}\b", comments), f"{key} is not explained in data/registers.toml."


def test_what_is_not_said_follows_from_the_fields():
    one = registers_file.parse(ONE)["deposit"]
    assert (one.title, one.date, one.account, one.person, one.team) == ("text", "given_on", "account", "", "")
    assert one.newest_first and one.by_date and one.short == ("account",) and one.write == "log_records"
    assert one.field("mark").many and one.field("mark").kind == "choice"
    assert [state.ended for state in one.states] == [False, True] and one.state("given").needs == ("given_on",)


@pytest.mark.parametrize(("old", "new", "sentence"), [
    ('label = "Deposits"', 'lable = "Deposits"', "'lable' is unknown, did you mean 'label'?"),
    ('kind = "account"', 'kind = "acount"', "'acount' is unknown, did you mean 'account'?"),
    ("required = true", "requird = true", "'requird' is unknown, did you mean 'required'?"),
    ('needs = ["given_on"]', 'needs = ["givn_on"]', "'givn_on' is unknown, did you mean 'given_on'?"),
    ('needs = ["given_on"]', 'past = ["givn_on"]', "'givn_on' is unknown, did you mean 'given_on'?"),
    ('default = "today"', 'after = "text"', "'text' is unknown"),
    ('label = "What", kind = "text"', 'label = "What", kind = "text", past = true', "only a day is past"),
    ('page = "ledgers"', 'page = "ledgers"\nwrite = "log_record"', "deposit.write: 'log_record' is unknown, did you mean 'log_records'?"),
    ('page = "ledgers"', 'page = "ledgers"\norder = "accont"', "deposit.order: 'accont' is unknown"),
    ('page = "ledgers"', 'page = "ledgers"\nrows = "own"', "rows is own, and no field says which person"),
    ('page = "ledgers"', 'page = "ledgers"\nauthor = "text"', "deposit.author: only a register whose rows are own has it"),
    ('page = "ledgers"', 'page = "ledgers"\nrows = "own"\nkeep_months = 0', "people's own rows are not kept for good"),
    ('page = "ledgers"', 'page = "ledgers"\nrows = "own"\nthrough = "account"', "deposit.through: 'account' is unknown"),
    ('page = "ledgers"', 'page = "ledgers"\nrows = "own"\nwriters = ["boss"]', "deposit.writers: 'boss' is unknown"),
    ('page = "ledgers"', 'page = "ledgers"\nshown = ["txt"]', "'txt' is unknown, did you mean 'text'?"),
    ('name = "text"', 'name = "account"', "two fields are called 'account'"),
    ('name = "text"', 'name = "state"', "a field cannot be called 'state'"),
    ('name = "text"', 'name = "Text!"', "a field is named with small letters"),
    ('default = "today"', 'default = "now"', "default of a date is 'today' or nothing"),
    (', choices = ["personal", "unexpected"]', "", "choices is missing"),
    ('name = "text", label = "What", kind = "text"', 'name = "text", label = "What", kind = "text", only = {mark = "personal"}', "only: only a field of kind entry has it"),
    ('name = "text", label = "What", kind = "text"', 'name = "text", label = "What", kind = "text"}, {name = "of", label = "Of", kind = "entry", of = "deposit", only = {mrk = "personal"}',
     "'mrk' is unknown, did you mean 'mark'?"),
    ('kind = "text"', 'kind = "text", many = true', "a field of kind text is not many"),
    ('kind = "text"', 'kind = "entry", of = "ask"', "'ask' is unknown"),
    ('kind = "text"', 'kind = "table", columns = [{name = "who", label = "Who", kind = "person"}]', "a column cannot be of kind person"),
    ("[deposit]", "deposit = 3\n[x-y]", "'deposit' is no register"),
])  # fmt: skip
def test_a_fault_is_named_with_its_place_and_what_was_meant(old, new, sentence):
    with pytest.raises(DefinitionError, match=re.escape(sentence)):
        registers_file.parse(ONE.replace(old, new, 1), actions=access.ACTIONS)


def make_field(kind: str, **more) -> Field:
    return Field("f", "Field", kind, **more)


TABLE = make_field("table", columns=(make_field("text"), Field("n", "Number", "number", required=True)))
FIELDS = [make_field("text"), make_field("lines", longest=5000), make_field("date"), make_field("month"), make_field("number"), make_field("share"),
          make_field("money"), make_field("yes_no"), make_field("link", longest=500), make_field("choice", choices={"a": "Alpha", "b": "Beta"}),
          make_field("choice", many=True, choices={"a": "Alpha", "b": "Beta"}), make_field("account", many=True), TABLE]  # fmt: skip
ANYTHING = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=60), st.dates(), st.lists(st.text(max_size=8), max_size=4),
    st.sampled_from(["12%", "1,234.5", "2026-10-31", "2026-10", "yes", "https://a.example/x", "Alpha", "alpha | b", "x | 3", "=1+1", "−4"]),
)  # fmt: skip


@given(field=st.sampled_from(FIELDS), given_value=ANYTHING)
def test_any_value_is_kept_in_one_form_or_refused_in_words_that_name_the_field(field, given_value):
    """What is kept reads the same again, also from the text that a file carries."""
    try:
        value = register_values.read(field, given_value)
    except ScorecardError as error:
        assert "Field" in str(error) or "value" in str(error)
        return
    assert register_values.read(field, value) == value
    assert register_values.read(field, register_values.words(field, value)) == value


@pytest.mark.parametrize(("kind", "given_text", "value"), [
    ("share", "12%", 0.12), ("share", "0.12", 0.12), ("number", "1,234.5", 1234.5), ("number", "−3", -3), ("money", "2e3", 2000),
    ("yes_no", "Yes", True), ("date", date(2026, 10, 31), "2026-10-31"), ("date", "2026-10-31T08:00:00", "2026-10-31"), ("text", " a\u202eb  c ", "ab c"),
    ("lines", "a \n\n b\n", "a\n\nb"), ("number", "", None), ("text", "\u200b", None),
])  # fmt: skip
def test_what_people_write_is_understood(kind, given_text, value):
    assert register_values.read(make_field(kind, longest=200), given_text) == value


@pytest.mark.parametrize(("field", "given_text", "sentence"), [
    (make_field("date"), "31.10.2026", "'31.10.2026' is not a day. Write it as 2026-10-31."),
    (make_field("date"), "2026-02-30", "is not a day"),
    (make_field("date"), "1066-10-14", "lies before 1900"),
    (make_field("month"), "2026-13", "is not a month"),
    (make_field("number"), "about 3", "is not a number"),
    (make_field("number"), float("nan"), "is not a number"),
    (make_field("money", least=0.0), "-1", "Field is −1; it is at least 0."),
    (make_field("share", most=1.0), "120%", "Field is 120%; it is at most 100%."),
    (make_field("link"), "javascript:alert(1)", "is not an address"),
    (make_field("choice", choices={"a": "Alpha"}), "gamma", "'gamma' is not among the choices. Use one of: Alpha."),
    (make_field("yes_no"), "maybe", "is neither yes nor no"),
    (TABLE, "a | 1 | 2", "has 3 cells; there are 2"),
    (TABLE, [{"f": "a"}], "row 1: Number is missing"),
])  # fmt: skip
def test_what_cannot_be_kept_says_why_and_what_to_write(field, given_text, sentence):
    with pytest.raises(ScorecardError, match=re.escape(sentence)):
        register_values.read(field, given_text)

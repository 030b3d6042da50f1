"""The file of definitions: every key, every message, and what the store keeps of it."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scorecard import places
from scorecard.core import measures_file
from scorecard.core.definition import Definition, Driver, Goal
from scorecard.errors import DefinitionError
from scorecard.store import definitions

FILE = places.ROOT / "data" / "measures.toml"

FULL = '''
[retention]
label = "Gross retention"
description = "Kept over start."
system = "work"
kind = "leading"
owner = "Nora Falk"
unit = "percent"
format = "0.00"
currency = "€"
improvement_direction = "increase"
window = "trailing-12"
aggregate = "ratio"
sql = "SELECT 1"
compute = "share"
needs = ["survey|ticket", "account_month"]
event = "usage:first rota"
clock = "subscription"
bounds = [0, 1]
baseline = "2024-01:2025-12"
targets = [{from = "2025-07", value = 0.95, source = "Mid-year plan"}, {from = "2025-01", value = 0.93, source = "Annual plan"}]
action_limits = {red = 0.85, yellow = 0.9}
drivers = [{measure = "adoption", sign = "-", lag = 2}]
warning = "Read beside usage."
chart = "pp"
screen = true
centre = "median"
ranges = "median"
lock_after = 18
worth_noticing = 0.15
benchmarks = [{source = "14 vendors", from = "2026-09", low = 0.88, median = 0.91, high = 0.94, note = "counts contracts"}]
numerator_label = "kept"
denominator_label = "start"

[adoption]
label = "Adoption"

[severe]
label = "Severe tickets"
count = {from = "ticket", where = [{column = "severity", is = "high"}]}

[moved]
label = "Moved"
sum = {from = "mrr_movement", of = "amount"}

[kept]
label = "Kept"
share = {from = "promise", of = [{column = "kept_on", empty = false}]}

[renewed]
label = "Renewed"
ratio = {from = "renewal", over = "value_renewed", under = "value_due"}
'''


def make_text(line: str, label: str = 'label = "Gross retention"') -> str:
    return f'[gross_retention]\n{label}\n{line}\n'


def refusal(text: str) -> str:
    with pytest.raises(DefinitionError) as refused:
        definitions.parse(text, "measures.toml")
    return str(refused.value)


# -- what is accepted

def test_every_key_is_read_into_the_definition():
    assert definitions.parse(FULL)["retention"] == Definition(
        name="retention", label="Gross retention", description="Kept over start.", system="work", kind="leading",
        owner="Nora Falk", unit="percent", format="0.00", improvement_direction="increase", window="trailing-12",
        aggregate="ratio", bounds=(0.0, 1.0), baseline="2024-01:2025-12",
        targets=(Goal(date(2025, 1, 1), 0.93, "Annual plan", 0.85, 0.9), Goal(date(2025, 7, 1), 0.95, "Mid-year plan", 0.85, 0.9)),
        drivers=(Driver("adoption", -1, 2),), warning="Read beside usage.", chart="pp", screen=True, centre="median",
        ranges="median", lock_after=18, worth_noticing=0.15, numerator_label="kept", denominator_label="start", currency="€", sql="SELECT 1",
        compute="share", needs=("survey|ticket", "account_month"), event="usage:first rota", clock="subscription",
        benchmarks=({"source": "14 vendors", "from": "2026-09-01", "low": 0.88, "median": 0.91, "high": 0.94, "note": "counts contracts"},))


def test_the_full_example_names_every_key_there_is():
    assert {line.partition(" = ")[0] for line in FULL.splitlines() if " = " in line} == set(measures_file.KEYS)


def test_a_label_is_all_that_a_measure_needs():
    assert definitions.parse('[a]\nlabel = "A"') == {"a": Definition("a", "A")}


@pytest.mark.parametrize(("line", "field", "value"), [
    ("bounds = {lower = 0}", "bounds", (0.0, None)),
    ("bounds = {upper = 1}", "bounds", (None, 1.0)),
    ("bounds = [-inf, 5]", "bounds", (None, 5.0)),
    ('window = "cumulative"', "window", "cumulative"),
    ("baseline = 24", "baseline", 24),
    ('baseline = "all"', "baseline", "all"),
    ('baseline = "2024-Q1:2025-Q4"', "baseline", "2024-Q1:2025-Q4"),
    ('improvement_direction = "decrease"\ntargets = [{from = 2025-01-01, value = 40}]', "targets", (Goal(date(2025, 1, 1), 40.0),)),
    ('improvement_direction = "decrease"\ntargets = [{from = "2025-W02", value = 40}]', "targets", (Goal(date(2025, 1, 6), 40.0),)),
    ("targets = []", "targets", ()),
    ('label = "Cafe\u0301 \u202e"', "label", "Café"),
])
def test_other_ways_of_writing_a_key_are_read(line, field, value):
    text = f"[a]\n{line}" if line.startswith("label") else f'[a]\nlabel = "A"\n{line}'
    assert getattr(definitions.parse(text)["a"], field) == value


def test_dated_action_limits_stand_from_their_own_period_on():
    text = make_text('improvement_direction = "increase"\ntargets = [{from = "2025-01", value = 0.93, source = "Plan"}]\n'
                     'action_limits = [{from = "2025-01", red = 0.8}, {from = "2026-01", red = 0.85, yellow = 0.9}]')
    assert definitions.parse(text)["gross_retention"].targets == (
        Goal(date(2025, 1, 1), 0.93, "Plan", 0.8, None), Goal(date(2026, 1, 1), 0.93, "Plan", 0.85, 0.9))


def test_sql_that_names_no_fact_is_said_to_compute_nothing():
    found = definitions.parse('[constant]\nlabel = "Constant"\nsql = "SELECT 1"')
    assert definitions.notices(found) == [
        "Measure 'constant': its sql names no kind of fact, so nothing is computed; load its figures."]


def test_a_byte_order_mark_is_no_mistake():
    assert definitions.parse('\ufeff[a]\nlabel = "A"') == {"a": Definition("a", "A")}


# -- what is refused, in which words

BEGIN = "Measure 'gross_retention' in measures.toml: "
UP = 'improvement_direction = "increase"\n'
MESSAGES = [
    ("down_is_good = true", 'unknown key \'down_is_good\'. Use improvement_direction = "decrease".'),
    ("Lower_Is_Better = true", 'unknown key \'Lower_Is_Better\'. Use improvement_direction = "decrease".'),
    ("up_is_good = true", 'unknown key \'up_is_good\'. Use improvement_direction = "increase".'),
    ("goal = 0.9", 'unknown key \'goal\'. Use targets = [{from = "2026-01", value = 0.9, source = "Annual plan"}].'),
    ("max = 1", "unknown key 'max'. Use bounds = [0, 1]."),
    ('lable = "x"', "unknown key 'lable'. Did you mean \"label\"?"),
    ("zzz = 1", "unknown key 'zzz'. Use label, description, system, kind,"),
    ("description = 5", 'description is 5. Write a text in quotes, such as "Renewal rate".'),
    (f'owner = "{"x" * 201}"', "owner has 201 characters; 200 are allowed. Shorten it."),
    ('system = "wrok"', 'system is "wrok". Use "all", "sensory", "planning", "people", "work", "metrics", "improvement" or "leadership". Did you mean "work"?'),
    ('system = "Planning and review"', 'Did you mean "planning"?'),
    ('kind = "result"', 'kind is "result". Use "lagging" or "leading". Did you mean "lagging"?'),
    ('unit = "%"', 'Did you mean "percent"?'),
    ("unit = [1]", 'unit is [1]. Use "percent", "money",'),
    ("format = 2", 'format is 2. Use "0", "0.0" or "0.00": the decimals of a figure.'),
    ('improvement_direction = "up"', 'improvement_direction is "up". Use "increase", "decrease" or "neutral". Did you mean "increase"?'),
    ('window = "trailing-1"', 'window is "trailing-1". Use "period", "trailing-12" (any number of periods from 2) or "cumulative".'),
    ('aggregate = "average"', 'aggregate is "average". Use "ratio", "sum" or "none". Did you mean "ratio"?'),
    ("bounds = [1, 0]", "bounds is [1, 0]. The lower end stands first and is smaller."),
    ("bounds = 1", "bounds is 1. Use [0, 1], or {lower = 0} when only one end exists."),
    ("bounds = {low = 1}", "bounds have an entry with an unknown key 'low'. Did you mean \"lower\"?"),
    ("bounds = [0, nan]", "bounds is nan. Write a number; a percent as a fraction (0.93)."),
    ("baseline = 3", 'baseline is 3. Use a number of periods from 6, "2024-01:2025-12", or "all".'),
    ('baseline = "2025-01:2024-01"', "The first period stands first."),
    ("targets = 0.9", 'targets is 0.9. Write a list of tables: targets = [{from = "2026-01", value = 0.9, source = "Annual plan"}].'),
    (UP + 'targets = [{from = "soon", value = 1}]', 'targets from is "soon". Write the first period in quotes: "2026-01", "2026-Q1", "2026-W01" or "2026-01-15".'),
    (UP + 'targets = [{from = "2026-01"}]', "targets have an entry without value. Write targets = ["),
    (UP + 'targets = [{from = "2026-01", value = "0.9"}]', 'targets have an entry whose value is "0.9". Write a number without quotes; a percent as a fraction (0.93).'),
    (UP + 'targets = [{from = "2026-01", value = true}]', "targets have an entry whose value is true. Write a number"),
    (UP + 'targets = [{from = "2026-01", value = 1, sauce = "x"}]', "targets have an entry with an unknown key 'sauce'. Did you mean \"source\"?"),
    (UP + 'targets = [{from = "2026-01", value = 1}, {from = "2026-01", value = 2}]', "targets have two goals from 2026-01. Keep one."),
    ('targets = [{from = "2026-01", value = 1}]', "targets need a direction in which the measure should go."),
    (UP + 'unit = "percent"\nbounds = [0, 1]\ntargets = [{from = "2026-01", value = 93}]', "targets have value 93 from 2026-01, outside the bounds 0 to 1. A percent is written as a fraction: 0.93."),
    (UP + 'unit = "percent"\ntargets = [{from = "2026-01", value = 93}]', "targets have value 93 from 2026-01 for a percent. A percent is written as a fraction: 0.93."),
    (UP + 'bounds = {lower = 0}\ntargets = [{from = "2026-01", value = -1}]', "targets have value -1 from 2026-01, outside the bounds 0 to no upper end. Correct one of them."),
    ("action_limits = {red = 1}", "action_limits stand without a target. Write the goal of those periods too:"),
    (UP + 'targets = [{from = "2026-01", value = 1}]\naction_limits = [{from = "2025-01", red = 1}]', "action_limits stand without a target."),
    ("action_limits = {green = 1}", "action_limits have an entry with an unknown key 'green'."),
    ("action_limits = [{}]", "action_limits have neither red nor yellow. Write action_limits = {red = 0.85, yellow = 0.9}."),
    (UP + 'targets = [{from = "2026-01", value = 1}]\naction_limits = {red = 0.9, yellow = 0.8}', "action_limits have red 0.9 above yellow 0.8, but more is better. Swap them."),
    ('improvement_direction = "decrease"\ntargets = [{from = "2026-01", value = 1}]\naction_limits = {red = 1, yellow = 2}', "action_limits have red 1 below yellow 2, but less is better. Swap them."),
    ('drivers = [{measure = "gross_retention", sign = "+", lag = 1}]', "drivers name the measure itself. A driver is another measure."),
    ('drivers = [{measure = "adoptoin", sign = "+", lag = 1}]\n[adoption]\nlabel = "Adoption"', "drivers name 'adoptoin', which is no measure here. Did you mean \"adoption\"?"),
    ('drivers = [{measure = "adoption", sign = "up", lag = 1}]', 'drivers have an entry whose sign is "up". Use "+" when both rise together, "-" when one falls as the other rises.'),
    ('drivers = [{measure = "adoption", sign = "+", lag = 99}]', "drivers have an entry whose lag is 99. Use a whole number from 0 to 36: periods until it shows."),
    ('drivers = [{measure = "a", sign = "+", lag = 1}, {measure = "a", sign = "-", lag = 1}]', "drivers name 'a' twice. Keep one."),
    ('chart = "imr"', 'chart is "imr". Use "xmr", "p", "u", "pp", "up", "c", "g" or "t". Did you mean "xmr"?'),
    ('chart = "p"', 'chart = "p" needs a numerator and a denominator. Write aggregate = "ratio", or chart = "xmr".'),
    ('screen = "yes"', 'screen is "yes". Use true or false, without quotes.'),
    ('centre = "average"', 'centre is "average". Use "mean" or "median". Did you mean "mean"?'),
    ("lock_after = 2", "lock_after is 2. Use a whole number from 6 to 500: periods until limits are locked."),
    ('benchmarks = [{source = "x"}]', "benchmarks have no figure. Write benchmarks = ["),
    ('benchmarks = [{source = "x", low = 2, high = 1}]', "benchmarks of x are not in order: low, median, high. Swap them."),
    ("benchmarks = [{median = 1}]", "benchmarks have an entry without source."),
]


@pytest.mark.parametrize(("line", "words"), MESSAGES, ids=[line.splitlines()[-1][:50] for line, _ in MESSAGES])
def test_a_mistake_names_the_measure_what_was_found_and_the_next_step(line, words):
    told = refusal(make_text(line))
    assert told.startswith(BEGIN) and words in told
    assert "\n" not in told


@pytest.mark.parametrize(("text", "words"), [
    ('[a]\nkind = "leading"', "Measure 'a' in measures.toml: label is missing. Write the name that people read, such as label = \"Renewal rate\"."),
    ('[a]\nlabel = " "', "Measure 'a' in measures.toml: label is empty. Write a text."),
    ("renewal_rate = 1", "Measure 'renewal_rate' in measures.toml: 1 is not a table. A measure is a table: write [renewal_rate] above its keys."),
    ('["Renewal Rate"]\nlabel = "A"', "Measure 'Renewal Rate' in measures.toml: the id is not usable. Use small letters, figures and underscores"),
    ('[a]\nlabel = "Á"\n[b]\nlabel = "a"', "Measure 'b' in measures.toml: label 'a' is the label of 'a' already. Choose another."),
    ('[a]\nlabel = Renewal', "measures.toml is not readable as TOML: Invalid value (at line 2, column 9). Look at that line"),
    ('[a]\nlabel = "A"\nlabel = "B"', "measures.toml is not readable as TOML: Cannot overwrite a value (at "),
])
def test_a_mistake_of_the_file_is_told_in_the_same_way(text, words):
    assert words in refusal(text)


def test_all_mistakes_are_told_at_once_a_line_each():
    lines = refusal('[a]\nlabel = "A"\nsystem = "x"\nunit = 3\n[b]\nlabel = "B"\nkind = "y"').splitlines()
    assert [line.partition(" in ")[0] for line in lines] == ["Measure 'a'", "Measure 'a'", "Measure 'b'"]


def test_every_alias_leads_to_a_key_that_exists():
    for alias, line in measures_file.ALIASES.items():
        assert alias not in measures_file.KEYS and line.partition(" = ")[0] in measures_file.KEYS


# -- random tables

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.dates() | st.datetimes() | st.times()
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
    st.sampled_from(["from", "value", "source", "red", "yellow", "measure", "sign", "lag", "lower", "upper", "low", "x"]), inner, max_size=4),
    max_leaves=8)
TABLES = st.dictionaries(st.sampled_from(["a", "b", "A b", ""]) | st.text(max_size=8), VALUES | st.dictionaries(
    st.sampled_from([*measures_file.KEYS, "goal"]) | st.text(max_size=8), VALUES, max_size=6), max_size=3)


@settings(max_examples=150, deadline=None)
@given(TABLES)
def test_random_tables_are_read_or_refused_and_nothing_else(tables):
    try:
        found = measures_file.parse_tables(tables)
    except DefinitionError as error:
        assert str(error)
    else:
        assert list(found) == list(tables)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=80) | st.text(alphabet='[]{}="\n.,#ab01-', max_size=60))
def test_random_text_is_read_or_refused_and_nothing_else(text):
    try:
        definitions.parse(text)
    except DefinitionError as error:
        assert "measures.toml" in str(error)


NUMBERS = st.floats(allow_nan=False, allow_infinity=False, width=32)
DEFINITIONS = st.builds(
    Definition, name=st.just("a"), label=st.text(alphabet=st.characters(categories=("L", "N", "P", "S")), min_size=1, max_size=30),
    description=st.text(alphabet=st.characters(categories=("L", "N", "P", "S")), max_size=60),
    unit=st.sampled_from(["money", "days", "count"]), improvement_direction=st.sampled_from(["increase", "decrease"]),
    bounds=st.sampled_from([(None, None), (-math.inf, math.inf)]).map(lambda _: (None, None)),
    targets=st.lists(st.builds(Goal, st.dates(date(1900, 1, 1), date(2100, 1, 1)), NUMBERS, st.just("Plan")), max_size=3,
                     unique_by=lambda goal: goal.start).map(lambda goals: tuple(sorted(goals, key=lambda goal: goal.start))),
    screen=st.booleans(), lock_after=st.none() | st.integers(6, 500))


@settings(max_examples=100, deadline=None)
@given(DEFINITIONS)
def test_what_is_written_is_read_back_the_same(one):
    one = replace(one, label=measures_file.names.clean(one.label), description=measures_file.names.clean(one.description))
    if one.label:
        assert definitions.parse(measures_file.to_toml(one)) == {"a": one}


def test_one_measure_is_replaced_in_the_text_and_the_comments_stay():
    text = FILE.read_text("utf-8")
    found = definitions.parse(text)
    new = replace(found["trust_score"], label='Trust, "asked" monthly')
    written = measures_file.with_measure(text, new)
    assert definitions.parse(written) == found | {"trust_score": new}
    assert [line for line in written.splitlines() if line.startswith("#")] == [line for line in text.splitlines() if line.startswith("#")]
    added = measures_file.with_measure(text, Definition("brand_new", "Brand new"))
    assert list(definitions.parse(added)) == [*found, "brand_new"]


# -- the file that is shipped

def test_the_shipped_file_has_ten_measures_for_the_slots_and_twenty_seven_beside():
    found = definitions.read_file(FILE)
    assert list(found)[:10] == ["renewal_rate", "net_revenue_retention", "mrr_expansion", "cost_to_serve", "adoption_30d",
                                "contact_schedule_kept", "time_to_first_value", "tickets_over_14_days", "trust_score",
                                "development_plans_kept"]
    assert len(found) == 37
    assert all(one.owner == "" and one.description for one in found.values())


def test_the_shipped_links_are_the_eight_of_the_design():
    links = {(driver.measure, one.name, driver.sign, driver.lag) for one in definitions.read_file(FILE).values() for driver in one.drivers}
    assert links == {
        ("time_to_first_value", "adoption_30d", -1, 1), ("contact_schedule_kept", "adoption_30d", 1, 1),
        ("contact_schedule_kept", "trust_score", 1, 1), ("development_plans_kept", "contact_schedule_kept", 1, 1),
        ("adoption_30d", "mrr_expansion", 1, 4), ("adoption_30d", "renewal_rate", 1, 2),
        ("tickets_over_14_days", "renewal_rate", -1, 1), ("trust_score", "renewal_rate", 1, 2)}


def test_the_shipped_comments_explain_every_key():
    comments = "".join(line for line in FILE.read_text("utf-8").splitlines() if line.startswith("#"))
    assert not [key for key in measures_file.KEYS if key not in comments]


# -- the store

def test_the_first_start_records_all_and_fills_ten_slots(store):
    assert definitions.record_file(store, FILE, "first start") is True
    with store.read() as tx:
        (card,) = definitions.scorecards(tx)
        assert (card.id, card.name, card.rule_set) == ("customer-success", "Customer Success", "wheeler")
        assert card.measures == tuple(definitions.read_file(FILE))[:10] and card.slots[9] == (10, "development_plans_kept")
        assert definitions.current(tx) == {name: replace(one, currency="$") for name, one in definitions.read_file(FILE).items()}


def test_a_second_start_never_overwrites(store, tmp_path):
    definitions.record_file(store, FILE, "first start")
    other = tmp_path / "other.toml"
    other.write_text('[trust_score]\nlabel = "Other"', "utf-8")
    assert definitions.record_file(store, other, "second start") is False
    with store.read() as tx:
        assert definitions.current(tx)["trust_score"].label == "Trust score"


def test_a_file_with_a_mistake_records_nothing(store, tmp_path):
    wrong = tmp_path / "measures.toml"
    wrong.write_text('[a]\nlabel = "A"\n[b]\nlabel = 3', "utf-8")
    with pytest.raises(DefinitionError):
        definitions.record_file(store, wrong, "first start")
    with store.read() as tx:
        assert definitions.current(tx) == {} and definitions.scorecards(tx) == []


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00"])
def test_a_file_that_cannot_be_read_is_named(tmp_path, content):
    path = tmp_path / "measures.toml"
    if content:
        path.write_bytes(content)
    with pytest.raises(DefinitionError, match=f"{path} cannot be read: .*SCORECARD_MEASURES"):
        definitions.read_file(path)


def test_every_version_is_kept_and_the_past_can_be_read(store):
    definitions.record_file(store, FILE, "first start")
    with store.read() as tx:
        first = definitions.history(tx, "trust_score")[0]
        old = definitions.current(tx)["trust_score"]
    moment = first.recorded_at
    store.write(lambda tx: definitions.record(tx, replace(old, label="Trust"), "app", "shorter"), "Sam Whitlock", moment + timedelta(days=1))
    with store.read() as tx:
        found = definitions.history(tx, "trust_score")
        assert [(one.version, one.definition.label, one.source, one.author, one.reason) for one in found][0] == (2, "Trust", "app", "Sam Whitlock", "shorter")
        assert definitions.at(tx, "trust_score", moment).label == "Trust score"
        assert definitions.at(tx, "trust_score", moment - timedelta(days=1)) is None
        assert definitions.current(tx)["trust_score"].label == "Trust"


def test_what_is_recorded_is_built_once_however_often_it_is_read(store, monkeypatch):
    definitions.record_file(store, FILE, "Rana Amari")
    with store.read() as tx:
        first = definitions.current(tx)
    monkeypatch.setattr(measures_file, "build", lambda *args: pytest.fail("built again"))
    with store.read() as tx:
        assert definitions.current(tx) == first


def test_an_unchanged_definition_keeps_its_version(store):
    definitions.record_file(store, FILE, "first start")
    with store.read() as tx:
        one = definitions.current(tx)["trust_score"]
    assert store.write(lambda tx: definitions.record(tx, replace(one, currency=""), "file", "again"), "x") == 1


def test_goals_of_the_file_become_goal_rows_once(store):
    definitions.record_file(store, FILE, "first start")
    new = Goal(date(2024, 1, 1), 0.94, "Annual plan")
    changed = store.write(lambda tx: definitions.record_goals(tx, "renewal_rate", [new], "plan raised"), "Rana Amari")
    again = store.write(lambda tx: definitions.record_goals(tx, "renewal_rate", [new], "plan raised"), "Rana Amari")
    assert (changed, again) == ([new], [])
    with store.read() as tx:
        rows = tx.all("SELECT version, value, author FROM goal WHERE measure = 'renewal_rate' ORDER BY version")
        assert rows == [(1, 0.93, "first start"), (2, 0.94, "Rana Amari")]
        assert definitions.current(tx)["renewal_rate"].targets == (new,)


def test_differences_name_the_measure_the_key_and_both_sides(store, tmp_path):
    definitions.record_file(store, FILE, "first start")
    file = definitions.read_file(FILE)
    file["trust_score"] = replace(file["trust_score"], label="Trust", targets=())
    file["brand_new"] = Definition("brand_new", "Brand new")
    del file["promises_kept"]
    with store.read() as tx:
        told = [str(one) for one in definitions.differences(file, tx)]
    assert told == [
        "Measure 'trust_score': label is \"Trust\" in measures.toml and \"Trust score\" in the store.",
        "Measure 'trust_score': targets is not written in measures.toml and "
        "[{\"from\": \"2024-01-01\", \"value\": 7.5, \"source\": \"Annual plan\"}] in the store.",
        "Measure 'brand_new' is in measures.toml and not in the store.",
        "Measure 'promises_kept' is in the store and not in measures.toml."]


def test_a_measure_without_a_currency_takes_that_of_the_organisation(store):
    from scorecard import organisation

    organisation.first_start(store)
    definitions.record_file(store, FILE, "first start")
    store.write(lambda tx: tx.run("UPDATE organisation SET currency = '€'"), "test")
    with store.read() as tx:
        assert definitions.current(tx)["cost_to_serve"].symbol == "€"
        assert definitions.differences(definitions.read_file(FILE), tx) == []


@pytest.mark.parametrize("text", ["renewal_rate", "Renewal rate", "RENEWAL-RATE", " renewal  rate "])
def test_a_measure_is_found_by_id_or_label_however_it_is_written(text):
    assert definitions.find(definitions.read_file(FILE), text).name == "renewal_rate"


@pytest.mark.parametrize(("text", "words"), [
    ("renewl rate", "There is no measure \"renewl rate\". Did you mean 'renewal_rate'?"),
    ("Zufriedenheit", "There is no measure \"Zufriedenheit\". Known are: renewal_rate, net_revenue_retention,"),
])
def test_a_measure_that_is_not_there_is_refused_with_the_closest(text, words):
    with pytest.raises(DefinitionError) as refused:
        definitions.find(definitions.read_file(FILE), text)
    assert words in str(refused.value)


def test_ten_slots_are_a_fact_of_the_schema(store):
    definitions.record_file(store, FILE, "first start")
    with pytest.raises(Exception, match="(?i)check"):
        store.write(lambda tx: definitions.put_slots(tx, "customer-success", [(11, "promises_kept")]), "test")

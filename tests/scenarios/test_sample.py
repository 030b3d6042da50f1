"""The sample company tells its story: what was planted is found, through the views that the pages draw."""

from __future__ import annotations

import re
import tomllib
from datetime import date
from pathlib import Path

import pytest

from scorecard import larkfield, measures, metrics, organisation, places, registers, sample
from scorecard.core.periods import Period, parse
from scorecard.core.facts import KINDS
from scorecard.errors import FileRefused, NotAllowed, ScorecardError
from scorecard.store import measures as figures
from scorecard.store.engine import Store
from tests import stores
from tests.conftest import make_actor
from tests.endurance import in_full_only
from tests.scenarios import test_sample_exports

TODAY = date(2026, 11, 22)
CARD = "customer-success"
FOLDER = sample.FOLDER
FACTS = tomllib.loads((FOLDER / "facts.toml").read_text("utf-8"))["fact"]
SHAPES = {"step": "outside", "jump": "outside", "settled_lower": "shift", "rise": "near"}
VARIATIONS = {"step": "improving", "jump": "worsening", "rise": "improving"}
LAST_YEAR = larkfield.MONTHS[larkfield.BASELINE:]
FACT_TABLES = (*KINDS, *(f"{kind}_past" for kind in KINDS), "fact_load", "source_row")
ACROSS = "product_use_by_month.csv"
TABLES = ("figure", "load", "goal", "phase", "limits", "exclusion", "note", "reading", "share", "person", "member",
          "team", "definition", "slot", "scorecard", "roll_up")


@pytest.fixture(scope="module")
def larkfield_store(company, tmp_path_factory):
    store = stores.opened(stores.copied(company, tmp_path_factory.mktemp("sample")))
    yield store
    store.close()


@pytest.fixture(scope="module")
def small(tmp_path_factory) -> Path:
    """The sample with three of its exports, for tests of coming and going."""
    folder = tmp_path_factory.mktemp("small")
    stores.make_small(folder)
    return folder


@pytest.fixture
def started(beginning, tmp_path):
    store = stores.opened(stores.copied(beginning, tmp_path))
    yield store
    store.close()


def month(text: str) -> Period:
    return Period(parse(text)[1], "month")


def row(store: Store, measure: str, period: Period | None) -> metrics.Row:
    view = metrics.scorecard_view(store, CARD, period, "", TODAY)
    return next(one for one in (*view.results, *view.drivers) if one.measure.name == measure)


def contents(store: Store) -> dict[str, list[str]]:
    with store.read() as tx:
        written = {table: sorted(map(repr, tx.all(f"SELECT * FROM {table}"))) for table in TABLES}
    with store.facts() as tx:
        return written | {table: sorted(map(repr, tx.all(f"SELECT * FROM {table}"))) for table in FACT_TABLES}


def of_kind(*kinds: str) -> list:
    return [pytest.param(fact, id=f"{fact['measure']} {fact['kind']}") for fact in FACTS if fact["kind"] in kinds]


@pytest.mark.parametrize("fact", of_kind("step", "jump", "settled_lower", "rise"))
def test_a_planted_fact_is_reported_with_its_kind_within_a_month_of_the_list(larkfield_store, fact):
    near = [month(fact["reported"]).shift(step) for step in (-1, 0, 1)]
    found = [one for period in near if period in larkfield.MONTHS
             if (one := row(larkfield_store, fact["measure"], period).reading).shape == SHAPES[fact["kind"]]]
    assert found, f"{fact['measure']} shows no {fact['kind']} near {fact['reported']}."
    completed = [one for one in found if one.completed in near]
    assert completed and completed[0].signal == fact["rule"]
    assert completed[0].variation == VARIATIONS.get(fact["kind"], completed[0].variation)


@pytest.mark.parametrize("fact", of_kind("settled_lower"))
def test_a_level_that_settled_lower_began_when_it_was_planted(larkfield_store, fact):
    reading = row(larkfield_store, fact["measure"], month("2026-10")).reading
    assert reading.signal == "run_of_8" and reading.side == "below"
    assert abs(reading.since.ordinal - month(fact["since"]).ordinal) <= 1


@pytest.mark.parametrize("fact", [param for param in of_kind("settled_lower") if "carried_by" in param.values[0]])
def test_the_segment_that_carries_a_fact_is_named(larkfield_store, fact):
    assert row(larkfield_store, fact["measure"], None).carried_by == fact["carried_by"]


@pytest.mark.parametrize("fact", of_kind("step"))
def test_a_step_becomes_a_new_level_once_it_is_decided(larkfield_store, fact):
    view = metrics.measure_view(larkfield_store, fact["measure"], None, "", TODAY)
    assert view.row.reading.shape == "new_level"
    assert [phase.start for phase in view.phases] == [month(fact["since"])]
    assert {part.reading.shape for part in view.segments} == {"new_level"}


@pytest.mark.parametrize("fact", of_kind("cannot_reach"))
def test_a_goal_out_of_reach_is_said_to_be_out_of_reach(larkfield_store, fact):
    reading = row(larkfield_store, fact["measure"], None).reading
    assert (reading.variation, reading.capability, reading.status) == ("routine", "will_miss", "act")


@pytest.mark.parametrize("fact", of_kind("nothing", "cannot_reach"))
def test_a_measure_in_which_nothing_happened_gives_no_signal_in_the_last_year(larkfield_store, fact):
    said = {str(period): row(larkfield_store, fact["measure"], period).reading.variation for period in LAST_YEAR}
    assert {period: words for period, words in said.items() if words != "routine"} == {}


@pytest.mark.parametrize("fact", of_kind("step", "jump", "settled_lower", "rise"))
def test_nothing_is_reported_before_it_was_planted(larkfield_store, fact):
    before = [period for period in LAST_YEAR if period < month(fact["since"])]
    assert {row(larkfield_store, fact["measure"], period).reading.variation for period in before} <= {"routine"}


def test_the_month_reads_as_three_act_three_watch_four_on_course(larkfield_store):
    view = metrics.scorecard_view(larkfield_store, CARD, None, "", TODAY)
    assert (view.counts["act"], view.counts["watch"], view.counts["on_course"]) == (3, 3, 4)
    assert str(view.period) == "2026-10" and view.sample and len(view.sentences) <= 4
    assert set(view.segments) == set(larkfield.SEGMENTS)
    assert [re.match(r"[\w-]+", one.bold)[0] for one in view.sentences] == ["Renewal", "Tickets", "Development", "30-day"]


def test_the_total_of_a_ratio_is_pooled_from_its_segments(larkfield_store):
    rows = larkfield.generate()
    expected = larkfield.totals(rows).loc["2026-10"]
    for measure in larkfield.MEASURES:
        assert row(larkfield_store, measure, None).value == pytest.approx(expected[measure], rel=1e-12)


def test_every_figure_of_the_story_is_the_drawn_one_in_every_month_and_segment(larkfield_store):
    drawn = larkfield.generate().dropna(subset=["numerator", "value"], how="all")
    parts = drawn.groupby(["measure", "period", "segment"])[["numerator", "denominator", "value"]].sum(min_count=1)
    with larkfield_store.read() as tx:
        stored = {(one.measure, str(one.period), one.segment): one for one in figures.figures(tx, larkfield.MEASURES)
                  if not one.team and not one.csm}
    for (measure, period, segment), row in parts.iterrows():
        one = stored[measure, period, segment]
        assert not one.partial, (measure, period, segment)
        expected = row["value"] if row["denominator"] != row["denominator"] else row["numerator"] / row["denominator"]
        assert one.value == pytest.approx(expected, rel=1e-9), (measure, period, segment)


@pytest.mark.parametrize("part", ["segment", "team"])
@pytest.mark.parametrize("recompute", [*test_sample_exports.BESIDE, test_sample_exports.renewal_rate,
                                       test_sample_exports.contact_schedule_kept], ids=lambda one: one.__name__)
def test_a_figure_of_a_segment_or_team_is_what_pandas_makes_of_the_files(larkfield_store, recompute, part):
    expected = recompute(test_sample_exports.read_exports(part.capitalize()))
    name = recompute.__name__
    with larkfield_store.read() as tx:
        stored = {(str(one.period), getattr(one, part)): (one.numerator, one.denominator) for one in figures.figures(tx, [name])
                  if getattr(one, part)}
        whole = {str(one.period): (one.numerator, one.denominator) for one in figures.figures(tx, [name])
                 if not (one.segment or one.team or one.csm)}
    assert stored == {place: tuple(row) for place, row in zip(expected.index, expected[["numerator", "denominator"]].to_numpy(float))}
    assert whole == {month: tuple(rows.sum()) for month, rows in expected[["numerator", "denominator"]].astype(float).groupby("period")}


def test_a_median_that_the_last_starts_have_not_reached_is_no_figure_yet(larkfield_store):
    with larkfield_store.read() as tx:
        last = [one for one in figures.figures(tx, ["time_to_first_value"]) if str(one.period) == "2026-10"]
    whole = next(one for one in last if not (one.segment or one.team or one.csm))
    waiting = next(one for one in last if one.segment == "Enterprise")
    assert (whole.partial, waiting.value, waiting.partial) == (False, None, True)


def test_nine_of_the_ten_are_computed_and_development_plans_are_loaded_as_figures(larkfield_store):
    lines = (FOLDER / "figures.csv").read_text("utf-8").splitlines()[1:]
    assert {line.partition(",")[0] for line in lines} == {"development_plans_kept"}
    computed = {name for name, one in measures.current(larkfield_store).items() if name in larkfield.MEASURES and one.sql}
    assert computed == set(larkfield.MEASURES) - {"development_plans_kept"}


def test_every_row_of_the_exports_is_a_fact(larkfield_store):
    rows = sum(len(path.read_text("utf-8").splitlines()) - 1 for path in (FOLDER / "exports").iterdir() if path.name != ACROSS)
    across = (FOLDER / "exports" / ACROSS).read_text("utf-8").splitlines()[1:]
    rows += sum(cell != "" for line in across for cell in line.split(",")[1:])
    with larkfield_store.facts() as tx:
        assert sum(tx.one(f"SELECT COUNT(*) FROM {kind}")[0] for kind in KINDS) == rows
        assert tx.one("SELECT COUNT(*) FROM source_row")[0] == 0


def test_no_figure_stands_outside_the_36_months_but_the_revenue_of_the_opening(larkfield_store):
    with larkfield_store.read() as tx:
        names = [name for name in measures.current(larkfield_store) if name != "mrr"]
        periods = {one.period for one in figures.figures(tx, names)}
    assert periods == set(larkfield.MONTHS)


def test_the_people_of_the_sample_are_there_and_its_leader_sits_at_the_keyboard(larkfield_store):
    roles = {one.person.name: one.role for one in organisation.member_list(larkfield_store)}
    assert roles["Rana Amari"] == "leader" and roles["Sam Whitlock"] == "analyst" and roles["Karen Holt"] == "viewer"
    assert set(larkfield.CONTACTS_DUE_IN_A_YEAR) <= set(roles)
    assert organisation.keyboard_default(larkfield_store) == "rana-amari"
    assert organisation.who(larkfield_store, organisation.YOU) is None
    assert organisation.organisation(larkfield_store).name == "Larkfield"


def test_every_measure_has_an_owner_who_works_there(larkfield_store):
    names = {person.name for person in organisation.people(larkfield_store)}
    owners = {one.owner for one in measures.current(larkfield_store).values() if one.name in sample.read_measures()}
    assert owners <= names and "" not in owners


def test_the_files_are_drawn_again_byte_for_byte(tmp_path):
    for made in larkfield.write(tmp_path):
        name = made.relative_to(tmp_path)
        assert made.read_bytes() == (FOLDER / name).read_bytes(), (
            f"data/sample/{name} is not what the generator draws. Run: python -m scorecard sample --write")


def test_every_fact_lies_after_the_baseline():
    assert all(month(fact["since"]) in LAST_YEAR for fact in FACTS if fact["kind"] in SHAPES)


def test_nothing_but_the_generator_knows_the_facts():
    sources = [path for folder in ("scorecard", "pages") for path in (places.ROOT / folder).rglob("*.py")]
    telling = re.compile(r"facts\.toml|larkfield\.FACTS|import FACTS")
    readers = {path.parent.name for path in sources if telling.search(path.read_text("utf-8"))}
    assert readers == {"larkfield"}
    drawers = {path.relative_to(places.ROOT).as_posix() for path in sources if path.parent.name != "larkfield"
               and re.search(r"import .*\blarkfield\b", path.read_text("utf-8"))}
    assert drawers == {"scorecard/cli/sample.py"}


def test_the_sample_says_of_its_measures_only_what_the_catalogue_does_not():
    shipped = tomllib.loads((places.data_folder() / "measures.toml").read_text("utf-8"))
    own = tomllib.loads((FOLDER / "measures.toml").read_text("utf-8"))
    twice = [f"{name}: {key}" for name, table in own.items() for key, said in table.items() if shipped[name].get(key) == said]
    assert twice == [] and not any("sql" in table for table in own.values())
    for name, one in sample.read_measures().items():
        links = [[(link["measure"], link["sign"], link["lag"]) for link in table[name].get("drivers", [])] for table in (own, shipped)]
        assert links[0] == links[1] and one.sql == shipped[name].get("sql", "").strip(), name


def test_a_changed_statement_of_the_catalogue_is_the_sample_s_too(monkeypatch, tmp_path):
    text = (places.data_folder() / "measures.toml").read_text("utf-8")
    (tmp_path / "measures.toml").write_text(text.replace("WHERE due_on IS NOT NULL AND value_due", "WHERE value_due"), "utf-8")
    monkeypatch.setattr(sample, "CATALOGUE", tmp_path / "measures.toml")
    assert "WHERE value_due IS NOT NULL" in sample.read_measures()["renewal_rate"].sql
    assert sample.read_measures()["renewal_rate"].owner == "Nora Falk"


def test_a_catalogue_without_a_measure_of_the_sample_is_refused_by_its_name(monkeypatch, tmp_path):
    text = (places.data_folder() / "measures.toml").read_text("utf-8")
    (tmp_path / "measures.toml").write_text(text.replace("[trust_score]", "[trust]").replace('"trust_score"', '"trust"'), "utf-8")
    monkeypatch.setattr(sample, "CATALOGUE", tmp_path / "measures.toml")
    with pytest.raises(ScorecardError, match="not in .*measures.toml: trust_score"):
        sample.read_measures()


def test_the_team_s_scorecard_rolls_up_into_the_company_s(larkfield_store):
    found = metrics.overview(larkfield_store, CARD, TODAY)
    assert [(one.child, one.parent, len(one.measures)) for one in found.upwards] == [("Customer Success", "Company", 4)]
    rolled = found.rollups["renewal_rate"]
    company = next(one for one in rolled.carriers if one.name == "Company")
    assert (company.shared, company.of, company.under) == (4, 10, ("Customer Success",))
    assert company.below.value == company.part.value == pytest.approx(larkfield.totals(larkfield.generate()).loc["2026-10", "renewal_rate"])
    assert {part.name for part in rolled.parts if part.kind == "team"} == set(larkfield.SEGMENTS)


def test_removing_the_sample_leaves_the_store_as_it_was_and_it_can_come_again(started, small):
    before = contents(started)
    first = sample.load(started, make_actor(), TODAY, small)
    assert sample.is_loaded(started)
    changed = {table for table, rows in contents(started).items() if rows != before[table]}
    assert {"figure", "account", "renewal", "cost", "fact_load"} <= changed
    assert sample.remove(started, make_actor()) == "Larkfield"
    after = contents(started)
    assert {table for table in after if after[table] != before[table]} == set()
    assert not sample.is_loaded(started) and organisation.organisation(started).name == "Your organisation"
    assert sample.load(started, make_actor(), TODAY, small) == first and first.facts > 2000
    assert sample.remove(started, make_actor()) == "Larkfield"


def test_what_was_written_beside_the_sample_goes_with_it(started, leader, small):
    mine = registers.add(started, leader, "finding", {"title": "Mine", "owner": None}, today=TODAY)
    before = {name: rows for name, rows in contents(started).items() if name.startswith("register_")}
    sample.load(started, leader, TODAY, small)
    registers.change(started, leader, "finding", mine.id, {"title": "Changed meanwhile"}, seen_version=1)
    registers.add(started, leader, "comment", {"text": "Of a customer of the sample", "source": "crm", "by": None}, today=TODAY)
    metrics.add_note(started, leader, "renewal_rate", date(2026, 10, 5), "A note of somebody who looked around")
    metrics.set_goal(started, leader, "renewal_rate", month("2026-10"), 0.9, "tried out", "to see what happens")
    sample.remove(started, leader)
    assert contents(started)["note"] == [] and "tried out" not in "".join(contents(started)["goal"])
    assert {name: rows for name, rows in contents(started).items() if name.startswith("register_")} == before


@in_full_only
def test_the_sample_loads_on_a_machine_whose_clock_is_behind(started, leader, small):
    behind = sample.load(started, leader, date(2025, 3, 1), small)
    shown = row(started, "renewal_rate", None)
    assert behind.figures > 500 and str(shown.period) == "2026-10" and not shown.partial


def test_the_sample_is_refused_beside_figures_of_your_own(started, leader, tmp_path):
    from scorecard import loading

    file = tmp_path / "mine.csv"
    file.write_text("measure,period,value\ntrust_score,2026-09,7.5\ntrust_score,2026-10,7.9\n")
    loading.accept(started, leader, loading.propose(started, leader, file, file.name, TODAY), TODAY)
    with pytest.raises(ScorecardError, match="this one holds figures"):
        sample.load(started, leader, TODAY)
    assert not sample.is_loaded(started) and len(contents(started)["figure"]) == 2


def test_the_sample_is_refused_beside_exports_of_your_own(started, leader, small):
    from scorecard import exports, loading

    path = small / "exports" / "costs.csv"
    offered = exports.offer(started, leader, loading.read(started, leader, path, path.name))
    exports.accept(started, leader, offered, TODAY)
    before = contents(started)
    with pytest.raises(ScorecardError, match="this one holds"):
        sample.load(started, leader, TODAY)
    assert not sample.is_loaded(started) and contents(started) == before


def test_a_second_sample_is_refused(larkfield_store):
    with pytest.raises(ScorecardError, match="loaded already"):
        sample.load(larkfield_store, make_actor(), TODAY)


def test_your_own_figures_are_refused_beside_the_sample(larkfield_store, tmp_path):
    from scorecard import loading

    file = tmp_path / "mine.csv"
    file.write_text("measure,period,value\ntrust_score,2026-09,7.5\ntrust_score,2026-10,7.9\n")
    with pytest.raises(FileRefused, match="Remove the sample first"):
        loading.propose(larkfield_store, make_actor(), file, file.name, TODAY)


@pytest.mark.parametrize("role", ["viewer", "member", ""])
def test_who_may_not_load_may_neither_bring_nor_take_the_sample(started, role):
    with pytest.raises(NotAllowed):
        sample.load(started, make_actor(role), TODAY)
    with pytest.raises(NotAllowed):
        sample.remove(started, make_actor(role))


@in_full_only
def test_a_sample_that_fails_half_way_leaves_nothing(started, leader, monkeypatch, small):
    def fail(*args, **kwargs):
        raise KeyboardInterrupt

    before = contents(started)
    monkeypatch.setattr(metrics, "rebase", fail)
    with pytest.raises(KeyboardInterrupt):
        sample.load(started, leader, TODAY, small)
    assert contents(started) == before and not sample.is_loaded(started)


def test_a_store_without_a_sample_has_none_to_take_away(started, leader):
    with pytest.raises(ScorecardError, match="no sample company"):
        sample.remove(started, leader)

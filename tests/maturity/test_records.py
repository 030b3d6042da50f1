"""What the product keeps about each practice, in plain lines; and where it contradicts an answer, by a closed list of rules."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import date, datetime

import pytest

from scorecard import actions, diary, metrics, places, registers
from scorecard.actions import Action
from scorecard.core import maturity_file
from scorecard.core.lifecycle import SHIPPED
from scorecard.core.definition import Driver, Goal
from scorecard.core.periods import Period
from scorecard.core.reading import Sentence
from scorecard.core.rubric import LEVELS, Score
from scorecard.core.verdict import Verdict
from scorecard.maturity import records as said
from scorecard.maturity.records import NOTHING, RULES, SYSTEMS, Records, contradicted, contradictions, contradictions_of, records
from scorecard.maturity.records.facts import Facts, Said, counted
from scorecard.maturity.records.kept import Figured, Kept, Review, Written
from scorecard.maturity.results import PracticeResult, Results
from scorecard.store.definitions import Scorecard
from scorecard.store.diary import Entry
from scorecard.store.projects import Project
from tests import stores
from tests.conftest import make_actor
from tests.scorecards import make_definition

TODAY = date(2026, 11, 22)
NOON = datetime(2026, 10, 1, 12)
MODEL = maturity_file.parse((places.ROOT / "data" / "maturity.toml").read_text("utf-8"))
NO_FACTS = Facts({}, Said(0, 0, None), 0, 0, Said(0, 0, None), 0, (), {}, (0, 0, 0, 0), 0, None, 0, 0, 0)


# -- makers


def make_kept(**fields) -> Kept:
    """Records of a store in which nothing is kept, and what the fields say otherwise."""
    empty = Kept(TODAY, NO_FACTS, {}, (), {}, frozenset(), {}, frozenset(), (), {}, (), (), frozenset(), (), (), (), (),
                 frozenset(), None)  # fmt: skip
    return replace(empty, **fields)


def with_sessions(*states) -> Kept:
    """Feedback sessions of May 2026 with these states."""
    return make_kept(written=Written(sessions=tuple((date(2026, 5, 1), state) for state in states)))


def make_used(*measures, **fields) -> Kept:
    """The same with measures that stand on one scorecard."""
    card = Scorecard("cs", "Customer Success", "", "wheeler", tuple(one.name for one in measures), 1)
    return make_kept(definitions={one.name: one for one in measures}, cards=(card,), **fields)


def make_entry(kind: str, planned: str, held: str = "") -> Entry:
    day, on = date.fromisoformat(planned), date.fromisoformat(held) if held else None
    return Entry(planned, kind, "Session", "", day, "", "", "held" if held else "planned", on, None, "", "x", NOON, "x", NOON, 1)


def make_review(held: str = "", signed: str = "", grain: str = "month", people: tuple[str, ...] = ()) -> Review:
    days = [date.fromisoformat(text) if text else None for text in (held, signed)]
    return Review("cs", grain, date(2026, 9, 1), *days, people)


def make_action(id: str = "a", state: str = "done", due: str = "2026-09-30", ended: str = "2026-09-20", **fields) -> Action:
    end = date.fromisoformat(ended) if ended else None
    one = Action(id, "An action", "process", "rana", "Rana", date.fromisoformat(due), "adoption", "", None, None, None, state,
                 date(2026, 2, 1), end, "", "", "Rana", NOON, "Rana", NOON, 1)  # fmt: skip
    return replace(one, **fields)


def make_verdict(word: str) -> Verdict:
    return Verdict(word, 4, 3, None, "", None, None, None, Sentence(""), "")


def make_project(**fields) -> Project:
    one = Project("p", "A project", "define", "rana", "Rana", "adoption", None, None, "W5", "", "", None, None, "", "", "Rana", NOON,
                  "Rana", NOON, 1)  # fmt: skip
    return replace(one, **fields)


def with_facts(**fields) -> Kept:
    return make_kept(facts=replace(NO_FACTS, **fields))


def of(system: str, practice: str, kept: Kept) -> Records:
    return next(one for one in SYSTEMS[system](kept) if one.practice == practice)


# -- every practice has its records


def test_every_practice_of_the_model_has_records_from_the_function_of_its_system_in_the_models_order():
    for system, told in SYSTEMS.items():
        assert [one.practice for one in told(make_kept())] == [one.id for one in MODEL.of(system)]
    assert set(SYSTEMS) == set(MODEL.systems)


def test_a_store_in_which_nothing_is_kept_says_so_and_counts_nothing():
    for told in SYSTEMS.values():
        for one in told(make_kept()):
            assert one.lines and all(one.lines)
            assert not one.count
            assert (one.lines == (NOTHING,)) is (one.count is None)


def test_lines_are_plain_words_without_a_full_stop_and_never_name_a_person():
    people = make_review("2026-10-08", "2026-10-09", people=("rana",))
    kept = make_used(make_definition("adoption"), reviews=(people,), team=frozenset({"rana"}), actions=(make_action(),))
    for told in SYSTEMS.values():
        for one in told(kept):
            assert all(line == NOTHING or not line.endswith(".") for line in one.lines)
            assert not any("Rana" in line or "rana" in line for line in one.lines)


def test_the_first_line_reads_on_after_the_word_records():
    assert of("sensory", "S5", make_kept()).short == "none challenged in 2026"
    assert of("metrics", "M5", make_used(make_definition("a"), make_definition("b"))).short == "0 of 2 have a benchmark"
    assert Records("X", (NOTHING,), None).short == "no records yet"


def test_windows_are_told_in_words_from_the_month_in_which_they_begin():
    kept = make_kept()
    assert (kept.year, kept.half, kept.quarter) == (date(2025, 11, 1), date(2026, 5, 1), date(2026, 8, 1))
    assert of("metrics", "M4", kept).lines[0] == "0 reviews signed since May 2026"
    assert of("planning", "P8", kept).lines[0] == "0 monthly reviews and 0 quarterly reviews signed since November 2025"
    january = replace(kept, today=date(2026, 1, 31))
    assert (january.year, january.half) == (date(2025, 1, 1), date(2025, 7, 1))


# -- counts, one system at a time


def test_remarks_and_listening_posts_are_counted_from_the_facts():
    kept = with_facts(surveys={"trust": Said(40, 4, date(2026, 10, 3))}, tickets=Said(7, 2, date(2026, 10, 9)))
    assert of("sensory", "S1", kept).count == 6
    posts = of("sensory", "S2", kept)
    assert posts.count == 2 and posts.lines[0] == "2 listening posts with data since November 2025: trust survey and tickets"
    assert posts.lines[1] == "Last heard: trust survey 3 Oct 2026 and tickets 9 Oct 2026"


def test_challenges_of_this_calendar_year_count_and_those_of_the_last_do_not():
    entries = (make_entry("assumption", "2025-12-10", "2025-12-10"), make_entry("assumption", "2026-03-10", "2026-03-12"),
               make_entry("assumption", "2027-01-12"))  # fmt: skip
    found = of("sensory", "S5", make_kept(entries=entries))
    assert (found.count, found.lines) == (1, ("1 challenge held in 2026", "Next one on 12 Jan 2027"))


def test_the_calendar_counts_what_was_held_on_time_missed_and_is_to_come():
    late = replace(make_entry("other", "2026-04-10", "2026-04-20"), moved_from=date(2026, 4, 1))
    missed = replace(make_entry("other", "2026-05-10"), state="missed")
    entries = (make_entry("other", "2026-03-10", "2026-03-10"), late, missed, make_entry("other", "2026-12-10"))
    assert of("planning", "P3", make_kept(entries=entries)).lines == (
        "3 entries in the calendar since November 2025", "2 held, 1 of them on time; 1 missed",
        "1 planned ahead, the next on 10 Dec 2026")  # fmt: skip


def test_who_took_part_counts_members_of_the_team_once_and_guests_not_at_all():
    met = (make_review("2026-09-08", people=("a", "b", "guest")), make_review("2026-10-08", people=("a",)), make_review("2025-01-08", people=("c",)))
    found = of("planning", "P5", make_kept(reviews=met, team=frozenset("abc"), answered=("September 2026", 15, 13), remarks=4))
    assert found.count == 2
    assert found.lines == ("2 of 3 members of the team took part in a review since November 2025",
                           "4 comments and notes written since November 2025",
                           "13 of 15 people answered in September 2026")  # fmt: skip


def test_reviews_signed_and_actions_done_by_their_date_are_counted():
    kept = make_kept(
        reviews=(make_review("2026-10-08", "2026-10-09"), make_review("2026-04-08", "2026-04-09", "quarter"), make_review("2026-11-12")),
        actions=(make_action(), make_action("b", ended="2026-10-20"), make_action("c", "dropped")), decided=("overdue", "data"),
    )  # fmt: skip
    assert of("planning", "P8", kept).lines == (
        "1 monthly review and 1 quarterly review signed since November 2025", "2 items decided since November 2025",
        "1 of 2 actions due since November 2025 was done by the agreed day", "1 review has a day that has passed, and no signature")  # fmt: skip
    assert of("leadership", "L7", kept).lines[0] == "1 of 2 actions due since November 2025 was done by the agreed day"


def test_measures_in_use_are_counted_by_goal_limits_drivers_benchmark_and_person():
    a = make_definition("a", targets=(Goal(date(2024, 1, 1), 0.9, "Annual plan"),), benchmarks=({"source": "x"},),
                        drivers=(Driver("b", 1, 2),))  # fmt: skip
    b = make_definition("b", kind="leading", targets=(Goal(date(2027, 1, 1), 0.9),), owner="")
    kept = make_used(a, b, limits=frozenset({"a"}), by_person=frozenset({"a", "unused"}), segments={"b": 3})
    assert of("metrics", "M3", kept).count == 1 and of("metrics", "M5", kept).count == 1 and of("people", "E4", kept).count == 1
    assert of("metrics", "M8", kept).lines[0] == "1 of 2 measures in use has a dated goal"
    assert of("metrics", "M6", kept).lines == ("1 of 1 result in use has stated drivers",
                                               "1 link with sign and delay, tested on the figures of each month")  # fmt: skip
    assert of("metrics", "M2", kept).lines[0] == "Customer Success: 1 result, 1 driver"
    assert of("sensory", "S3", kept).lines[0] == "1 of 2 measures in use is read by segment"
    assert of("planning", "P2", kept).count == 1


def test_what_charts_say_about_finished_actions_is_counted_and_what_is_too_young_is_not_a_verdict():
    done = tuple(make_action(id) for id in "abc")
    kept = make_kept(actions=done, verdicts={id: make_verdict(word) for id, word in zip("abc", ("worked", "worse", "too_few"), strict=True)})
    found = of("improvement", "I3", kept)
    assert found.count == 2 and found.lines[1] == "2 have a verdict: 1 worked, 1 made it worse, 0 without evidence yet"
    assert of("work", "W2", kept).lines[1] == "2 of 3 have a verdict; 1 worked"


def test_the_map_of_the_lifecycle_and_its_new_versions_speak_for_the_work_system():
    first = replace(SHIPPED, version=1, author="Rana", reason="as shipped")
    kept = make_kept(maps=(first, replace(first, version=2, since=date(2026, 2, 2), reason="Guided onboarding")))
    assert of("work", "W1", kept).lines == ("Map of 6 stages, version 2 in force since 2 Feb 2026",)
    assert of("work", "W2", kept).lines[-1] == "1 new version of the lifecycle, the last since 2 Feb 2026: Guided onboarding"
    assert of("work", "W1", make_kept()).count is None


def test_projects_are_counted_by_stage_and_by_what_they_state():
    found = (make_project(effect=0.02), make_project(stage="improve"), make_project(outcome="stopped", practice=""))
    kept = make_kept(projects=found)
    assert of("improvement", "I1", kept).lines == ("2 projects under way, 1 finished or stopped", "By stage: define 1 and improve 1")
    assert of("improvement", "I2", kept).lines == ("1 of 3 projects states the effect that is expected",
                                                   "2 of 3 projects close a gap of the maturity results")  # fmt: skip


def test_promises_are_counted_as_kept_by_the_day_later_or_not():
    found = of("relationships", "T1", with_facts(promises=(10, 7, 1, 9)))
    assert found.lines == ("7 of 10 promises due since November 2025 were kept by the day", "1 kept later, 2 not kept",
                           "9 of 10 promises have an owner")  # fmt: skip


def test_give_first_and_critical_moments_say_what_the_ledgers_and_the_team_say():
    first, share = (make_definition(name, label=label, unit="percent") for name, label in (("give_first_rate", "Asks after giving first"), ("reciprocity_share", "Reciprocity share")))
    october = Period(date(2026, 10, 1), "month")
    kept = make_used(first, share, figures={"give_first_rate": Figured(8, october, 0.5), "reciprocity_share": Figured(8, october, 0.625)},
                     written=Written(critical=5), facts=replace(NO_FACTS, milestones={"first value": 3}))
    assert of("relationships", "R2", kept).lines == ("Asks after giving first, October 2026: 50.0%",)
    assert of("relationships", "R4", kept).lines == ("Reciprocity share, October 2026: 62.5%",)
    assert of("relationships", "T4", kept).lines[1] == "5 critical moments named"
    assert of("relationships", "R2", make_kept()).count is None


# -- contradictions: a closed list

A = make_definition("a", targets=(Goal(date(2024, 1, 1), 0.9),), benchmarks=({"source": "x"},), drivers=(Driver("b", 1, 2),))
B = make_definition("b", kind="leading")
BARE = make_definition("bare")
LINKED = Scorecard("team", "Team", "", "wheeler", ("a",), 1, parent="cs")
VERDICT = {"verdicts": {"a": make_verdict("no_evidence")}, "actions": (make_action(),)}
LATE = tuple(make_action(id, "in_progress", ended="") for id in "ab")

# Rule -> records that it contradicts with the sentence, and records just good enough for it.
CASES = {
    "no remarks": (make_kept(), "no remark of a customer was recorded since November 2025", with_facts(tickets=Said(1, 1, TODAY))),
    "nothing by segment": (make_used(BARE), "no measure in use has figures by segment", make_used(BARE, segments={"bare": 2})),
    "no day for assumptions": (make_kept(entries=(make_entry("assumption", "2026-11-21"),)), "no day is set for the next challenge of an assumption",
                               make_kept(entries=(make_entry("assumption", "2026-11-22"),))),
    "no challenge": (make_kept(entries=(make_entry("assumption", "2025-12-30", "2025-12-30"),)), "no assumption was challenged in 2026",
                     make_kept(entries=(make_entry("assumption", "2026-01-01", "2026-01-01"),))),
    "no feedback session": (make_kept(entries=(make_entry("feedback", "2025-10-30", "2025-10-30"),)),
                            "no feedback session stands in the calendar since November 2025", make_kept(entries=(make_entry("feedback", "2026-12-01"),))),
    "feedback sessions missed": (with_sessions("held", "missed", "missed", "planned"), "1 of 3 feedback sessions since November 2025 were held",
                                 with_sessions("held", "missed")),
    "empty calendar": (make_kept(entries=(make_entry("other", "2026-11-01"),)), "nothing is planned ahead in the calendar",
                       make_kept(entries=(make_entry("other", "2026-12-01"),))),
    "reviews not signed": (make_kept(reviews=(make_review("2026-10-08"),)), "no review was signed since May 2026",
                           make_kept(reviews=(make_review("2026-05-08", "2026-05-09"),))),
    "nothing rolls up": (make_used(A), "no scorecard rolls up into another", make_kept(cards=(LINKED,))),
    "one kind only": (make_used(A), "the scorecards hold only results", make_used(A, B)),
    "no review signed": (make_kept(reviews=(make_review("2026-04-08", "2026-04-30"),)), "no review was signed since May 2026",
                         make_kept(reviews=(make_review("2026-05-08", "2026-05-01"),))),
    "no benchmark": (make_used(BARE), "no measure in use has a benchmark", make_used(BARE, A)),
    "no driver": (make_used(BARE), "no result in use has a stated driver", make_used(A)),
    "no goal": (make_used(make_definition("later", targets=(Goal(date(2027, 1, 1), 0.9),))), "no measure in use has a dated goal", make_used(A)),
    "no review held": (make_kept(reviews=(make_review("2026-07-31"),)), "no review was held since August 2026",
                       make_kept(reviews=(make_review("2026-08-01"),))),
    "no project": (make_kept(), "no project is recorded", make_kept(projects=(make_project(),))),
    "no effect stated": (make_kept(projects=(make_project(),)), "no project states the effect that is expected",
                         make_kept(projects=(make_project(effect=0.0),))),
    "no verdict": (make_kept(actions=(make_action(),)), "no action finished since November 2025 has a verdict from its measure", make_kept(**VERDICT)),
    "late more than kept": (make_kept(actions=(*LATE, make_action("c"))), "1 of 3 actions due since November 2025 were done by the agreed day",
                            make_kept(actions=(LATE[0], make_action("c")))),
    "no promise": (make_kept(), "no promise due since November 2025 is logged", with_facts(promises=(1, 0, 0, 1))),
    "promises without owner": (with_facts(promises=(10, 9, 0, 8)), "2 of 10 promises due since November 2025 have no owner",
                               with_facts(promises=(10, 0, 0, 10))),
    "no trust answer": (with_facts(surveys={"nps": Said(9, 0, TODAY)}), "nobody answered a question about trust since November 2025",
                        with_facts(surveys={"trust": Said(1, 0, TODAY)})),
}  # fmt: skip


@pytest.mark.parametrize("rule", RULES, ids=[rule.name for rule in RULES])
def test_each_rule_holds_where_it_should_says_so_in_a_sentence_and_only_there(rule):
    broken, sentence, good = CASES[rule.name]
    assert rule.says(broken) == sentence
    assert rule.says(good) == ""


def test_the_rules_are_a_closed_list_of_practices_and_levels_each_with_its_own_name():
    assert {rule.name for rule in RULES} == set(CASES) and len(RULES) == len(CASES)
    for rule in RULES:
        assert rule.practice in MODEL.practices and rule.level in LEVELS and rule.level > 1
        assert rule.words.endswith(".") and (rule.practice, rule.level, rule.says) not in [
            (other.practice, other.level, other.says) for other in RULES if other is not rule]  # fmt: skip


def test_where_two_rules_hold_the_lowest_level_is_told_first():
    assert contradictions_of(make_kept())["S5"] == ((3, "no day is set for the next challenge of an assumption"),
                                                    (4, "no assumption was challenged in 2026"))  # fmt: skip


@pytest.mark.parametrize("level, says", [(None, ""), (3, ""), (4, "Level 4, and no review was signed since May 2026."),
                                         (5, "Level 5, and no review was signed since May 2026.")])  # fmt: skip
def test_an_answer_is_contradicted_from_the_level_of_the_rule_on(level, says):
    known = {"M4": Records("M4", ("0 reviews signed since May 2026",), 0, (4, "no review was signed since May 2026"))}
    assert contradicted(known, "M4", level) == says
    assert contradicted(known, "M9", level) == contradicted({}, "M4", level) == ""


def make_results(**medians: float | None) -> Results:
    practices = tuple(
        PracticeResult(id, MODEL.practices[id].title, MODEL.practices[id].system,
                       Score(id, "", None if median is None else 6, median, median, median, median, 0.0, True, median is None), None, None, None, (), None)
        for id, median in medians.items()
    )  # fmt: skip
    return Results(None, 6, 6, (), practices, None, (), "", ())


def test_a_contradiction_of_the_team_is_named_in_a_sentence_and_hidden_results_have_none():
    known = {id: Records(id, ("x",), 0, (4, "no review was signed since May 2026")) for id in ("M4", "M5", "M6", "M7")}
    found = contradictions(known, make_results(M4=4.0, M5=3.5, M6=None, M8=5.0))
    assert [(one.practice, one.median, one.level) for one in found] == [("M4", 4.0, 4)]
    assert found[0].sentence == "M4 stands at 4.0, and no review was signed since May 2026."


# -- from a store


@pytest.fixture(scope="module")
def larkfield(company, tmp_path_factory):
    """The sample company."""
    store = stores.opened(stores.copied(company, tmp_path_factory.mktemp("kept")))
    yield store
    store.close()


def test_the_counts_of_the_sample_are_those_of_its_tables(larkfield):
    found = records(larkfield, TODAY)
    with larkfield.read_facts() as tx:
        due = tx.one("SELECT COUNT(*) FROM promise WHERE due_on BETWEEN DATE '2025-11-01' AND DATE '2026-11-22'")[0]
        tickets = tx.one("SELECT COUNT(*) FROM ticket WHERE CAST(opened_at AS DATE) BETWEEN DATE '2025-11-01' AND DATE '2026-11-22'")[0]
    with larkfield.read() as tx:
        signed = tx.one("SELECT COUNT(*) FROM signed_month WHERE signed_at >= TIMESTAMP '2026-05-01'")[0]
        planned = tx.one("SELECT COUNT(*) FROM calendar_entry WHERE planned >= DATE '2025-11-01'")[0]
        started = tx.one("SELECT COUNT(*) FROM project")[0]
        grown = tx.one("""SELECT COUNT(*) FROM register_entry WHERE register = 'development_plan' AND state = 'agreed'
                          OR register = 'development_step' AND happened BETWEEN DATE '2025-11-01' AND DATE '2026-11-21'""")[0]
    assert (found["T1"].count, found["T2"].count) == (due, tickets) and due > 500
    assert (found["M4"].count, found["P3"].count, found["I1"].count) == (signed, planned, started)
    assert found["M7"].count == 10 and found["E5"].count == 36 + grown and grown > 10
    assert all(found[id].count for id in ("P1", "E1", "L1"))


def test_what_is_written_shows_at_once_and_facts_are_counted_again_only_when_a_load_came(larkfield, monkeypatch):
    before = records(larkfield, TODAY)
    assert records(larkfield, TODAY) is before
    asked = []
    monkeypatch.setattr("scorecard.maturity.records.facts._count", lambda *window: asked.append(window))
    diary.add(larkfield, make_actor("leader"), kind="feedback", title="Development", planned=date(2026, 12, 3))
    after = records(larkfield, TODAY)
    assert "Next one on 3 Dec 2026" in after["S8"].lines and "Next one on 10 Dec 2026" in before["S8"].lines
    larkfield.write(lambda tx: tx.run("DELETE FROM maturity_draft WHERE person = 'nobody'"), "a draft, of which no record speaks")
    assert records(larkfield, TODAY) is after
    assert asked == []
    counted(larkfield, date(2025, 11, 1), date(2026, 11, 23))
    assert len(asked) == 1


def test_the_records_of_all_practices_cost_little_more_than_the_verdicts_in_them(larkfield):
    with larkfield.read() as tx:
        done = [one for one in actions.listed(tx) if one.state == "done"]
    both = [(anew(larkfield, lambda: metrics.verdicts(larkfield, done, TODAY)), anew(larkfield, lambda: records(larkfield, TODAY))) for _ in range(3)]
    assert min(whole for _, whole in both) < 3 * min(verdicts for verdicts, _ in both)


def anew(store, work) -> float:
    """CPU seconds of the work when something was written since it was done last."""
    store.write(lambda tx: tx.audit("look", "organisation"), "test")
    return cpu(work)


def cpu(work) -> float:
    begun = time.process_time()
    work()
    return time.process_time() - begun


def test_an_empty_store_has_records_too(store):
    found = records(store, TODAY)
    assert len(found) == sum(len(MODEL.of(system)) for system in MODEL.systems)
    assert found["S2"].lines == ("No survey, ticket or contact since November 2025",)
    assert (found["I8"].count, found["I8"].lines) == (0, ("0 entries in Faults and requests since November 2025",))


def test_what_is_written_in_registers_speaks_for_its_practices(store):
    def written(register, state=None, **values):
        registers.add(store, make_actor("leader", "", "Rana Amari"), register, values, state=state, today=TODAY)

    written("comment", text="The rota is late again.", source="crm", said_on="2026-11-02")
    written("fault", title="Rota published twice", kind="fault", found_on="2026-10-02")
    written("fault", title="Rota lost", kind="fault", found_on="2024-10-02")
    written("assumption", title="Heavy users stay", test="Compare with who left.", written_on="2024-02-01", next_challenge="2026-12-01",
            challenged_on="2026-03-01", found="Not so.", state="fails")
    written("feedback_session", title="Development", department="development", held_on="2026-11-30", state="planned")
    found = records(store, TODAY)
    assert found["I8"].count == 1 and found["I8"].lines == ("1 entry in Faults and requests since November 2025",)
    assert found["S1"].contradicts is None and found["S7"].lines == (
        "0 remarks of customers in surveys, tickets and contacts since November 2025", "1 entry in Comments since November 2025")
    assert found["S5"].lines[:2] == ("1 challenge held in 2026", "Next one on 1 Dec 2026") and found["S5"].contradicts is None
    assert found["S8"].lines[:2] == ("0 feedback sessions held since November 2025", "Next one on 30 Nov 2026")
    assert found["S8"].contradicts is None and found["S4"].count == 0


def test_sessions_and_challenges_count_in_the_calendar_and_in_their_registers():
    kept = make_kept(
        entries=(make_entry("feedback", "2026-03-10", "2026-03-10"), make_entry("assumption", "2026-02-10", "2026-02-10")),
        written=Written(sessions=((date(2026, 5, 1), "held"), (date(2026, 6, 1), "missed"), (date(2025, 1, 1), "held")),
                        challenges=((None, date(2026, 4, 1)), (date(2026, 12, 9), date(2025, 4, 1)))),
    )  # fmt: skip
    assert (of("sensory", "S8", kept).count, of("sensory", "S5", kept).count) == (2, 2)
    assert kept.sessions_ahead() == [] and kept.challenges_ahead() == [date(2026, 12, 9)]


def test_a_health_score_counts_by_the_months_that_were_recorded():
    found = of("sensory", "S6", with_facts(health=(24, date(2026, 10, 1), 412)))
    assert (found.count, found.lines) == (24, ("Health recorded for 24 months, the last October 2026", "412 accounts scored in it"))


def test_a_practice_that_an_organisation_added_has_no_records():
    assert said.none_kept("Z1") == Records("Z1", (NOTHING,), None)

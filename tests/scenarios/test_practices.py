"""Every practice has a place in the product: one record of each is written, stands on its page, and counts among what is kept of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from scorecard import (
    access,
    actions,
    diary,
    loading,
    loading_facts,
    measures,
    metrics,
    organisation,
    places,
    projects,
    registers,
    reviews,
)
from scorecard.core import mapping as maps
from scorecard.core import maturity_file
from scorecard.core.definition import Driver
from scorecard.core.periods import Period
from scorecard.improvement import drivers, experiments
from scorecard.leadership import rounds
from scorecard.maturity.records import Records, records
from scorecard.people import growth
from scorecard.sensory import scoring
from scorecard.store.engine import Store
from scorecard.ui import register_forms, state, study_drivers
from tests import stores
from tests.endurance import some
from tests.scenarios.test_people_privacy import shown

PRACTICES = list(maturity_file.parse((places.ROOT / "data" / "maturity.toml").read_text("utf-8")).practices)
TODAY = date.today()
SOON, MONTH = TODAY + timedelta(30), Period(date(2026, 10, 1), "month")  # the last month of the sample
RANA = access.Actor("rana-amari", "Rana Amari", "leader", "larkfield-company")
KENJI = access.Actor("kenji-sato", "Kenji Sato", "member", "larkfield-company")
KAREN = access.Actor("karen-holt", "Karen Holt", "leader", "larkfield-company")
CARD, CARRIED = "zqm7word", "reciprocity_share"
Write = Callable[[Store, str], Any]


@dataclass(frozen=True)
class Place:
    """Where the record of a practice stands, and what writes it with a word of its own, which is looked for there unless something else is `shown`.

    `opened` is what its reader opens on the page.
    """

    page: str
    write: Write
    query: Mapping[str, str] = field(default_factory=dict)
    shown: str = ""
    opened: str = ""
    reader: str = RANA.person


def entry(register: str, state: str | None = None, actor: access.Actor = RANA, text: str = "", **values: Any) -> Write:
    """Writes an entry whose title, or another field, is the word; a value that is a function is asked with the store."""
    of = registers.register(register)

    def write(store: Store, word: str) -> Any:
        given = {name: value(store) if callable(value) else value for name, value in values.items()}
        return registers.add(store, actor, register, {text or of.title: word} | given, state=state, today=TODAY, id=word)

    return write


def first(register: str) -> Callable[[Store], str]:
    """The id of an entry that stands in the sample."""

    def find(store: Store) -> str:
        with store.read() as tx:
            return registers.entries(tx, register, limit=1, actor=RANA)[0].id

    return find


def account(store: Store) -> str:
    with store.read_facts() as tx:
        return tx.one("SELECT MIN(account_id) FROM account WHERE ended_on IS NULL")[0]


def record(register: str, practice: str) -> dict[str, str]:
    """The address of the entry that is written for a practice."""
    return {register_forms.RECORD: f"{register}:{word_of(practice)}"}


def month(back: int) -> dict[str, str]:
    """The address of a review of the own scorecard."""
    return {"scorecard": CARD, "month": str(MONTH.shift(-back))}


def word_of(practice: str) -> str:
    return f"zq{practice.lower()}word"


def unmanned(store: Store) -> str:
    """The id of a position that nobody has planned for."""
    return registers.add(store, RANA, "position_plan", {"name": "A position without a plan of people"}, state="draft", today=TODAY).id


# ---- commands of their own --------------------------------------------------------------------------------------------


def score_a_month(store: Store, word: str) -> None:
    scoring.refresh(store, RANA, TODAY)


def own_card(store: Store, word: str) -> measures.Scorecard:
    """The scorecard of these tests, with a measure that stands on no other."""
    found = {one.id: one for one in measures.scorecards(store)}
    return found.get(CARD) or measures.make_scorecard(store, RANA, CARD, measures=[CARRIED])


def link_a_card(store: Store, word: str) -> None:
    made = measures.make_scorecard(store, RANA, word, measures=["renewal_rate"])
    measures.roll_up(store, RANA, made.id, "customer-success", made.version)


def fill_a_slot(store: Store, word: str) -> None:
    measures.add_to_slot(store, RANA, own_card(store, word).id, "csat", TODAY)


def lock(store: Store, word: str) -> None:
    measures.add_to_slot(store, RANA, own_card(store, word).id, "resolution_time", TODAY)
    metrics.lock_limits(store, RANA, "resolution_time", "", word)


def compare(store: Store, word: str) -> None:
    measures.add_benchmark(store, RANA, "mrr_expansion", {"source": word, "from": MONTH.start, "median": 1_000.0}, _version(store, "mrr_expansion"), TODAY)


def link(store: Store, word: str) -> None:
    effect = "net_revenue_retention"
    measures.state_link(store, RANA, effect, Driver("adoption_30d", 1, 3, word), _version(store, effect), TODAY)


def aim(store: Store, word: str) -> None:
    metrics.set_goal(store, RANA, "nps", MONTH, 40.0, word, "The year's plan")


def _version(store: Store, measure: str) -> int:
    return measures.history(store, measure)[0].version


def sign(back: int) -> Write:
    """Writes the comment of a month of the own scorecard, and signs it."""

    def write(store: Store, word: str) -> None:
        card, month = own_card(store, word).id, MONTH.shift(-back)
        reviews.open_review(store, RANA, card, month, held_on=TODAY, attendees=[RANA.person])
        reviews.save_commentary(store, RANA, card, month, word, None)
        reviews.sign(store, RANA, card, month, TODAY)

    return write


def meet(store: Store, word: str) -> None:
    card = own_card(store, word).id
    reviews.open_review(store, RANA, card, MONTH.shift(-2), held_on=TODAY, attendees=[RANA.person, KENJI.person])
    reviews.save_commentary(store, RANA, card, MONTH.shift(-2), word, None)


def hold_a_session(store: Store, word: str) -> None:
    diary.add(store, RANA, kind="planning", title=word, planned=SOON)


def change_the_process(store: Store, word: str) -> None:
    made = actions.add(store, RANA, title=word, kind="process", owner=RANA.person, due=SOON, measure="nps", today=TODAY)
    actions.set_state(store, RANA, made.id, "done", TODAY, made.version)


def start_a_project(store: Store, word: str) -> None:
    projects.start(store, RANA, practice="I1", title=word, owner=RANA.person, measure="nps", today=TODAY)


def work_out(store: Store, word: str) -> None:
    with store.read() as tx:
        known = {one.values["project"] for one in registers.entries(tx, "project_case")}
        own = next(one.id for one in projects.listed(tx) if one.id not in known)
    registers.add(store, RANA, "project_case", {"project": own, "problem": word}, today=TODAY)


def load_by_person(store: Store, word: str) -> None:
    text = f"measure,period,csm,numerator,denominator\ndevelopment_plans_kept,{MONTH},Kenji Sato,3,4\n"
    proposed = loading.propose(store, RANA, text.encode(), "by-person.csv", TODAY, sample=True)
    loading.accept(store, RANA, proposed, TODAY, sample=True)


def ask_for_trust(store: Store, word: str) -> None:
    text = f"id,account,on,score,words\npractice-t5,{account(store)},{TODAY},9,{word}\n"
    mapped = maps.Mapping("survey", {"answer_id": "id", "account_id": "account", "answered_on": "on", "score": "score", "comment": "words"}, {"question": maps.Rule(constant="trust")})
    proposed = loading_facts.propose(store, RANA, loading.read(store, RANA, text.encode(), "trust.csv"), [mapped], sample=True)
    loading_facts.accept(store, RANA, proposed, TODAY, sample=True)


def keep_a_model(store: Store, word: str) -> None:
    drivers.keep(store, RANA, word, drivers.first_question(store), TODAY)


def plan_an_experiment(store: Store, word: str) -> None:
    experiments.design(store, RANA, experiments.Design(word, "A call before the renewal", "No call", TODAY, TODAY + timedelta(200), 0.8, 0.9, 150))


def agree_on_a_plan(store: Store, word: str) -> None:
    made = entry("development_plan", person=KENJI.person)(store, word)
    for actor in (KENJI, RANA):
        growth.agree(store, actor, made.id, TODAY)


def state_what_moves(store: Store, word: str) -> None:
    """Somebody of whom nothing is known yet says what moves them."""
    with store.read() as tx:
        told = {person for (person,) in tx.all("SELECT person FROM register_entry WHERE register = 'motivator'")}
    who = next(one for one in organisation.people(store) if one.leader == RANA.person and one.id not in told)
    registers.add(store, access.Actor(who.id, who.name, "member", who.team), "motivator", {"words": word, "moves": "learning"}, today=TODAY)


def ask_for_feedback(store: Store, word: str) -> None:
    people = {"reports": ["rana-amari", "ada-brandt", "nora-falk", "jo-lind", "marek-zielinski"]}
    found = rounds.open_round(store, KAREN, person=KAREN.person, title=word, people=people, closes=SOON, today=TODAY)
    rounds.close(store, KAREN, found.id)


# ---- where each has its place -----------------------------------------------------------------------------------------

PLACES: dict[str, Place] = {
    "S1": Place("sensory", entry("environment", field="customer", side="threat"), {"view": "environment"}),
    "S2": Place("sensory", entry("listening_post", channel="survey"), {"view": "posts"}),
    "S3": Place("sensory", entry("finding"), {"view": "findings"}),
    "S4": Place("sensory", entry("feedback_session", "held", department="product"), {"view": "findings"}),
    "S5": Place("sensory", entry("assumption", test="Ask ten customers", next_challenge=SOON), {"view": "assumptions"}),
    "S6": Place("sensory", score_a_month, shown="Health in October 2026"),
    "S7": Place("sensory", entry("comment"), {"view": "comments"}),
    "S8": Place("sensory", entry("feedback_session", "held", department="sales"), {"view": "findings"}),
    "P1": Place("planning", entry("plan_part", plan=first("plan"), part="vision"), record("plan_part", "P1")),
    "P2": Place("planning", entry("strategy", goal=first("plan_goal"))),
    "P3": Place("planning", hold_a_session),
    "P4": Place("planning", entry("response_plan", trigger=first("trigger")), {"view": "triggers"}),
    "P5": Place("planning", entry("plan_voice"), {"view": "part"}),
    "P6": Place("planning", entry("plan_proposal", to="The board"), record("plan_proposal", "P6")),
    "P7": Place("planning", entry("account_plan", account=account, aims="Grow"), {"view": "plans"}),
    "P8": Place("review", sign(0), month(0)),
    "E1": Place("people", entry("staffing_plan", position=unmanned, month=str(MONTH.shift(1))), record("staffing_plan", "E1")),
    "E2": Place("people", entry("opening", position=first("position_plan")), {"view": "hiring"}),
    "E3": Place("people", entry("feedback_talk", person=KENJI.person), {"view": "feedback"}),
    "E4": Place("people", load_by_person, shown="Development plans kept"),
    "E5": Place("people", agree_on_a_plan, {"view": "growth"}),
    "E6": Place("people", entry("skill")),
    "E7": Place("people", entry("position_plan", traits=[{"trait": "Patient", "question": "When did you last wait?"}])),
    "E8": Place("people", entry("feedback_talk", person=KENJI.person, kind="formal"), {"view": "feedback"}),
    "W1": Place("work", entry("handoff_contract", sender="sales", receiver="success")),
    "W2": Place("measure", change_the_process, {"measure": "nps"}),
    "W3": Place("work", entry("competency")),
    "W4": Place("work", entry("partner")),
    "W5": Place("log", entry("touch", account=account)),
    "W6": Place("work", entry("feedback_loop", contract=first("handoff_contract")), {"view": "handoffs"}),
    "M1": Place("metrics", link_a_card),
    "M2": Place("scorecard", fill_a_slot, month(3), shown="CSAT"),
    "M3": Place("measure", lock, {"measure": "resolution_time"}),
    "M4": Place("review", sign(1), month(1)),
    "M5": Place("measure", compare, {"measure": "mrr_expansion"}),
    "M6": Place("measure", link, {"measure": "net_revenue_retention"}),
    "M7": Place("scorecard", own_card, {"scorecard": CARD}),
    "M8": Place("measure", aim, {"measure": "nps"}),
    "M9": Place("review", meet, month(2)),
    "I1": Place("improvement", start_a_project),
    "I2": Place("improvement", work_out, record("project_case", "I2")),
    "I3": Place("improvement", entry("cause_analysis"), record("cause_analysis", "I3")),
    "I4": Place("improvement", entry("fault"), {"view": "faults"}),
    "I5": Place("improvement", entry("cost_rule", activity="success", shared_by="contacts"), {"view": "cost"}),
    "I6": Place("improvement", keep_a_model, opened=study_drivers.MODELS),
    "I7": Place("improvement", plan_an_experiment),
    "I8": Place("improvement", entry("fault", kind="request"), {"view": "faults"}),
    "L1": Place("leadership", entry("purpose", kind="mission"), {"view": "direction"}),
    "L2": Place("leadership", entry("change_initiative", why="Customers wait")),
    "L3": Place("leadership", entry("recognition", to=KENJI.person), {"view": "recognition"}),
    "L4": Place("people", entry("feedback_talk", person=KENJI.person), {"view": "feedback"}),
    "L5": Place("leadership", entry("team_value", words="What we do"), {"view": "direction"}),
    "L6": Place("leadership", state_what_moves, {"view": "motivation"}),
    "L7": Place("leadership", entry("recognition", to=KENJI.person, side="leader"), {"view": "recognition"}),
    "L8": Place("leadership", ask_for_feedback, reader=KAREN.person),
    "T1": Place("ledger", entry("promise", account=account, due=TODAY), {"view": "promises"}),
    "T2": Place("ledger", entry("recovery", account=account), {"view": "wrong"}),
    "T3": Place("ledger", entry("policy_case", account=account, policy="price"), {"view": "policies"}),
    "T4": Place("work", entry("touch_point"), {"view": "touchpoints"}),
    "T5": Place("sensory", ask_for_trust, {"account": "A1001"}),
    "R1": Place("ledger", entry("deposit", account=account), {"view": "entries"}),
    "R2": Place("ledger", entry("ask", account=account), {"view": "entries"}),
    "R3": Place("ledger", entry("deposit", account=account), {"view": "entries"}),
    "R4": Place("ledger", entry("deposit", account=account), {"view": "entries"}),
    "X1": Place("sponsors", entry("sponsorship", account=account, sponsor=RANA.person, customer_executive="Theo Vance")),
    "X2": Place("sponsors", entry("commitment", sponsorship=first("sponsorship"), due=TODAY), record("commitment", "X2")),
    "A1": Place("advocacy", entry("advocate", account=account), record("advocate", "A1")),
    "A2": Place("advocacy", entry("ask_sheet", ask=first("ask")), {"view": "records"}),
    "A3": Place("advocacy", entry("thanks", account=account), {"view": "records"}),
    "A4": Place("advocacy", entry("referral", account=account), {"view": "records"}),
}


# ---- written once, looked for by each test ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Written:
    """What was kept before and after, and the words that were written."""

    folder: Path
    before: dict[str, Records]
    after: dict[str, Records]


@pytest.fixture(scope="module")
def written(company: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Written]:
    """The sample company's store with one record more of each practice, open as the pages open it."""
    folder = stores.copied(company, tmp_path_factory.mktemp("practices") / "own")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(places.STATE, str(folder / "state.duckdb"))
        patch.setenv(places.FACTS, str(folder / "facts.duckdb"))
        store = state.store()
        _forget_a_month(store)
        before = records(store, TODAY)
        for practice, place in PLACES.items():
            place.write(store, word_of(practice))
        yield Written(folder, before, records(store, TODAY))
        state._stores.pop((str(folder / "state.duckdb"), str(folder / "facts.duckdb"))).close()


def _forget_a_month(store: Store) -> None:
    """The last month of health scores is not recorded yet: there is one to record."""
    with store.facts() as tx:
        (month,) = tx.one("SELECT MAX(month) FROM health_recorded")
        for table in ("health_month", "health_recorded"):
            tx.run(f"DELETE FROM {table} WHERE month = $1", [month])


def risen(before: Records, after: Records) -> bool:
    """Whether more is counted than before: in all, or in a line."""
    was = {re.sub(r"\d", "", line): _sum(line) for line in before.lines}
    return (after.count or 0) > (before.count or 0) or any(_sum(line) > was.get(re.sub(r"\d", "", line), 0) for line in after.lines)


def _sum(line: str) -> int:
    return sum(int(number.replace(",", "")) for number in re.findall(r"\d[\d,]*", line))


def test_every_practice_of_the_model_has_a_place():
    assert list(PLACES) == PRACTICES


@pytest.mark.endurance
@pytest.mark.parametrize("practice", some(PRACTICES))
def test_a_record_of_a_practice_counts_among_what_is_kept_of_it(written, practice):
    before, after = written.before[practice], written.after[practice]
    assert risen(before, after), f"{practice}: {before.lines} and then {after.lines}"


@pytest.fixture(scope="module")
def pages(written: Written) -> dict[tuple, str]:
    """What each page that was opened has sent to the browser."""
    return {}


@pytest.mark.endurance
@pytest.mark.parametrize("practice", some(PRACTICES))
def test_a_record_of_a_practice_stands_on_its_page(written, pages, practice, monkeypatch):
    place = PLACES[practice]
    key = place.page, place.reader, place.opened, *place.query.items()
    if key not in pages:
        monkeypatch.setenv(places.STATE, str(written.folder / "state.duckdb"))
        monkeypatch.setenv(places.FACTS, str(written.folder / "facts.duckdb"))
        pages[key] = _shown(place)
    assert (place.shown or word_of(practice)) in pages[key]


def _shown(place: Place) -> str:
    at = AppTest.from_file(str(places.ROOT / "scorecard" / "ui" / "shell.py"), default_timeout=60)
    at.session_state[state.PERSON] = place.reader
    if place.opened:
        at.session_state[place.opened] = True
    for name, value in place.query.items():
        at.query_params[name] = value
    at.switch_page(str(places.ROOT / "pages" / f"{place.page}.py")).run()
    assert not at.exception, f"{place.page}: {at.exception}"
    return shown(at)

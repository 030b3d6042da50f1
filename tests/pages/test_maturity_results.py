"""The results of a cycle, the consensus session and the roadmap on the page, as each role sees them."""

from __future__ import annotations

from datetime import date

import pytest
from streamlit.testing.v1 import AppTest

from scorecard import access, maturity, places, projects
from scorecard.maturity import session, talk
from scorecard.store import maturity as rows
from scorecard.store import members
from scorecard.store.maturity import Given
from scorecard.store.members import Person
from scorecard.ui import block, state
from tests import stores
from tests.conftest import make_actor
from tests.menus import with_open_menus
from tests.output.test_tables import words
from tests.pages.test_maturity import page_alone
from tests.pages.test_pages import BROKEN, press, said
from tests.reviews.conftest import make_folder

LEADER = make_actor("leader", "test-leader", "Test leader")
RATERS = ("test-leader", "test-analyst", "test-member", *(f"rater-{n}" for n in range(5)))
W4 = (1, 1, 1, 2, 4, 4, 5, 5)
THEN, NOW = date(2026, 3, 1), date(2026, 9, 1)


def make_cycles(folder) -> None:
    """A folder with measures, and with cycles about Work: two named and one anonymous that are closed, one that is open."""
    make_folder(folder)
    stores.add_roles(folder)
    store = stores.opened(folder)
    maturity.record_file(store, places.ROOT / "data" / "maturity.toml", "first start")

    def people(tx):
        for id in RATERS[3:]:
            members.insert_person(tx, Person(id, id.title()))
            members.insert_member(tx, id, "member")

    store.write(people, "You")
    close(store, "March 2026", "named", THEN, 2)
    close(store, "September 2026", "named", NOW, 3)
    close(store, "October 2025", "anonymous", date(2025, 10, 1), 3)
    maturity.open_cycle(store, LEADER, title="November 2026", kind="full", mode="anonymous", people=RATERS, closes=date(2026, 12, 1),
                        today=date(2026, 11, 1), systems=["work"])
    store.close()


def close(store, title: str, mode: str, opens: date, usual: int) -> None:
    cycle = maturity.open_cycle(store, LEADER, title=title, kind="full", mode=mode, people=RATERS, closes=opens.replace(day=28), today=opens,
                                systems=["work"])
    for n, person in enumerate(RATERS):
        levels = {f"W{k}": W4[n] if k == 4 else usual for k in range(1, 7)}
        rater = person if mode == "named" else f"{title}{n}"
        part = "leader" if person == "test-leader" else "team"
        given = [Given(rater, id, part, level, level, True, "", "") for id, level in levels.items()]
        store.write(lambda tx, given=given, person=person: rows.submit(tx, cycle, person, given), person)
    maturity.close(store, LEADER, cycle.id)


@pytest.fixture
def filled(tmp_path, tmp_path_factory):
    stores.copied(stores.once(tmp_path_factory, "maturity results", make_cycles), tmp_path)
    yield state.store()
    state.close()


@pytest.fixture
def shown(monkeypatch):
    """What was drawn as HTML in the run that was last, by key."""
    found: dict[str, str] = {}
    monkeypatch.setattr(block, "draw", lambda content, key: found.update({key: content}))
    return found


@pytest.fixture
def visit(filled):
    def open_page(role: str = "leader", **query: str) -> AppTest:
        at = with_open_menus(AppTest.from_function(page_alone, default_timeout=60))
        at.session_state[state.PERSON] = role if role.startswith("rater") else f"test-{role}"
        for key, value in query.items():
            at.query_params[key] = value
        return at.run()

    return open_page


def cycle(store, title: str = "September 2026") -> str:
    with store.read() as tx:
        return next(one.id for one in maturity.cycles(tx) if one.title == title)


@pytest.mark.parametrize("role", access.ROLES)
def test_everybody_reads_the_newest_closed_cycle_and_is_offered_what_the_role_may_do(visit, shown, role):
    at = visit(role)
    assert not at.exception and BROKEN not in said(at)
    assert "September 2026 · 8 of 8 people answered, 6 practices · last cycle March 2026" in said(at)
    text = words(shown["levels now"])
    assert "Work 3.0 2.2 +0.8 4.0 1 to talk about" in text
    assert ("add to review" in text) == (role == "leader")
    assert ("start a project" in text) == (role in ("analyst", "leader"))
    assert ("Talk about them together" in text) == (role in ("member", "analyst", "leader"))


def test_a_system_opens_to_its_practices_and_a_cycle_is_chosen_by_its_address(visit, shown, filled):
    at = visit("viewer", view="results", system="work")
    assert "W4 Partners managed" in words(shown["practices"]) and not at.exception
    at = visit("viewer", view="results", cycle=cycle(filled, "March 2026"))
    assert "March 2026 · 8 of 8 people answered, 6 practices · last cycle October 2025" in said(at)


def test_an_anonymous_cycle_that_is_open_shows_nothing_to_anybody(visit, shown, filled):
    at = visit("leader", view="results", cycle=cycle(filled, "November 2026"))
    assert "An anonymous cycle shows its results when it is closed" in said(at) and "levels now" not in shown
    assert all("November" not in option for box in visit().selectbox for option in box.options)


def test_a_practice_goes_into_the_next_review_with_one_button(filled, shown, visit):
    def dialog(cycle: str) -> None:
        from scorecard.ui import forms, maturity_results, state

        page = state.page("read_scorecard")
        forms.begin()
        one = next(one for one in maturity_results.results(page, cycle).practices if one.practice == "W4")
        maturity_results._into_review(page, cycle, one)
        forms.settle()

    at = AppTest.from_function(dialog, args=(cycle(filled),), default_timeout=60)
    at.session_state[state.PERSON] = "test-leader"
    press(at.run(), "Add to the review")
    with filled.read() as tx:
        assert talk.added(tx, cycle(filled), state.today(filled)) == {"W4"}
    visit()
    assert "on the agenda" in words(shown["levels now"])


def test_a_project_starts_from_a_gap_and_stands_on_the_roadmap(filled, shown, visit):
    def dialog(cycle: str) -> None:
        from scorecard.ui import forms, maturity_results, maturity_roadmap, state

        page = state.page("read_scorecard")
        forms.begin()
        one = next(one for one in maturity_results.results(page, cycle).practices if one.practice == "W1")
        maturity_roadmap.new(page, one, cycle)
        forms.settle()

    at = AppTest.from_function(dialog, args=(cycle(filled),), default_timeout=60)
    at.session_state[state.PERSON] = "test-analyst"
    at.run()
    at.text_input(key="project W1 title").input("Maps that show hand-offs")
    at.selectbox(key="project W1 measure").select("renewal_rate").run()
    at.number_input(key="project W1 effect renewal_rate").set_value(3.0)
    press(at, "Start the project")
    with filled.read() as tx:
        (one,) = projects.listed(tx)
    assert (one.practice, one.measure, one.effect, one.cycle, one.owner) == ("W1", "renewal_rate", 0.03, cycle(filled), "test-analyst")
    visit()
    assert "in a project" in words(shown["levels now"])
    visit("viewer", view="roadmap")
    assert "Maps that show hand-offs closes W1 Process maps define" in words(shown["roadmap"])


def test_a_session_of_three_people_shows_the_votes_to_all_at_the_same_moment(filled, shown, visit):
    id, raters = cycle(filled), ("member", "rater-0")
    lead = press(visit("leader", view="session", cycle=id), "Open the session")
    rooms = [visit(role, view="session", cycle=id) for role in raters]
    assert all("The facilitator chooses the first practice." in said(at) for at in rooms)
    lead.selectbox[-1].select("W4").run()
    press(press(lead, "Show it to everybody"), "Vote again")
    for at, level in zip(rooms, ("2", "5"), strict=True):
        at.run().radio[0].set_value(level).run()
        press(at, "Give your vote")
    assert "Votes are being taken" in words(shown["session votes"]) and "2 people" not in words(shown["session votes"])
    assert "2 of 3 here have voted." in said(lead.run())
    press(lead, "Show the votes to everybody")
    for at in (lead, *rooms):
        at.run()
        assert "median 3.5, spread 1.50, 2 people 2 Test member 5 Rater-0" in words(shown["session votes"])
        assert not at.exception and not at.error
    lead.selectbox(key=f"agreed {id} W4 level").select("3")
    lead.text_area(key=f"agreed {id} W4 minority").input("Two see level 5.")
    press(lead, "Save what is agreed")
    rooms[0].run()
    assert "Level 3: Defined" in words(shown["session agreed"]) and "Two see level 5." in words(shown["session agreed"])


def test_a_facilitator_who_is_late_is_told_and_a_session_without_names_says_what_it_does_with_votes(filled, shown, visit):
    id = cycle(filled, "October 2025")
    lead = press(visit("leader", view="session", cycle=id), "Open the session")
    assert "votes are shown without names, only from five up, and once for each practice" in words(shown["session head"])
    at = session.under_way(filled, id)
    session.choose(filled, LEADER, at.id, "W4", at.version)
    press(lead, "Show it to everybody")
    assert any("Test leader took the session further meanwhile; it talks about W4" in one.value for one in (*lead.error, *lead.warning))


def test_a_vote_that_comes_after_the_votes_were_shown_is_not_counted_and_says_so(filled, shown, visit):
    at = session.begin(filled, LEADER, cycle(filled))
    at = session.choose(filled, LEADER, at.id, "W4", at.version)
    at = session.call(filled, LEADER, at.id, at.version)
    late = visit("member", view="session")
    late.radio[0].set_value("5").run()
    session.reveal(filled, LEADER, at.id, at.version)
    press(late, "Give your vote")
    assert "Not counted: the votes on W4 were shown meanwhile, by Test leader." in said(late)
    assert "Nobody voted." in words(shown["session votes"])


def test_who_was_not_asked_and_who_may_not_assess_stay_outside_a_session(filled, shown, visit):
    session.begin(filled, LEADER, cycle(filled))
    assert "may not do this: assess maturity" in said(visit("viewer", view="session"))
    assert "A consensus session is under way" not in words(" ".join(map(str, shown.values())))
    visit("member")
    assert "A consensus session is under way. Join it" in words(shown["session line"])

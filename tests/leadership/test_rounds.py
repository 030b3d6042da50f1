"""Feedback rounds: asked by page or link, answered alone, closed once, shown to two people, made into two aims."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import date, datetime, timedelta

import pytest
from click.testing import CliRunner

from scorecard.access import Actor
from scorecard.cli import feedback as commands
from scorecard.core.feedback import PEERS, REPORTS, SUPERIORS
from scorecard.errors import NotAllowed, ScorecardError, StaleEdit, UsageError
from scorecard.leadership import round_aims, round_answers, round_results, rounds
from scorecard.maturity.records import facts, kept
from scorecard.maturity.records.leadership import leadership as leadership_records
from scorecard.output import planning_calendar
from scorecard.people import own
from scorecard.planning import calendar
from scorecard.store import backup, members
from scorecard.store import feedback as rows
from scorecard.store.members import Person
from tests import stores
from tests.conftest import make_actor

TODAY, END = date(2026, 10, 1), date(2026, 10, 30)
BOSS = make_actor("leader", "karen", "Karen Holt")
RANA = make_actor("leader", "rana", "Rana Amari")
TEAM = tuple(f"report-{n}" for n in range(9))
PEOPLE_LEAD = make_actor("viewer", "ada", "Ada Brandt")
ITEMS = tuple(item.id for item in rounds.form().items)


def make_team(folder) -> None:
    """A folder with a store in which Rana leads nine people and is led by Karen."""
    stores.make_beginning(folder)
    store = stores.opened(folder)

    def people(tx):
        for id, name, role, leader in (("karen", "Karen Holt", "leader", ""), ("rana", "Rana Amari", "leader", "karen"), ("ada", "Ada Brandt", "viewer", ""),
                                       ("nora", "Nora Falk", "viewer", "karen"), *((id, id.title(), "member", "rana") for id in TEAM)):  # fmt: skip
            members.insert_person(tx, Person(id, name, leader=leader))
            members.insert_member(tx, id, role)

    store.write(people, "You")
    store.close()


@pytest.fixture(scope="module")
def led_store(tmp_path_factory):
    """The store that the tests of a file share: what one of them asks, answers and agrees is gone after it."""
    folder = stores.once(tmp_path_factory, "led", make_team)
    opened = stores.opened(stores.copied(folder, tmp_path_factory.mktemp("led") / "own"))
    yield opened
    opened.close()


@pytest.fixture
def led(led_store):
    yield led_store
    led_store.write(lambda tx: rows.forget(tx, [each.id for each in rows.rounds(tx)]), "You")


def ask(store, actor: Actor = RANA, people=None, outside=None, today: date = TODAY, **more):
    asked = {REPORTS: TEAM, PEERS: ["nora"], SUPERIORS: ["karen"]} if people is None else people
    return rounds.open_round(store, actor, person="rana", title="October 2026", people=asked, outside=outside, closes=today + timedelta(days=29), today=today, **more)


def who(id: str) -> Actor:
    return {"rana": RANA, "karen": BOSS, "ada": PEOPLE_LEAD}.get(id) or make_actor("viewer" if id == "nora" else "member", id, id.title())


def say(store, of, person: Actor, levels: Sequence[int | None] | int, words: str = "", today: date = TODAY) -> None:
    """A person answers everything and sends it."""
    given = [levels] * len(ITEMS) if isinstance(levels, int) else levels
    round_answers.send(store, person, of.id, dict(zip(ITEMS, given, strict=True)) | ({"more": words} if words else {}), today)


def held(store, reports: int = 6, own: int | None = 5, level: int = 3, **more):
    """A closed round in which so many reports say one level and Rana another."""
    of = ask(store, **more)
    for id in TEAM[:reports]:
        say(store, of, who(id), level, f"words of {id}", more.get("today", TODAY))
    if own:
        say(store, of, RANA, own, today=more.get("today", TODAY))
    return rounds.close(store, RANA, of.id)


def test_an_answer_is_kept_as_it_is_chosen_and_sent_once_when_every_statement_has_one(led):
    of = ask(led)
    me = who(TEAM[0])
    first = round_answers.save(led, me, of.id, ITEMS[0], level=4, today=TODAY)
    assert first.version == 1 and [(left.name, left.answered) for left in round_answers.waiting(led, me, TODAY)] == [("Rana Amari", 1)]
    with pytest.raises(ScorecardError, match=r"“Explains why before what”, “Keeps promises”, “Listens before deciding” and 4 more have no answer yet"):
        round_answers.finish(led, me, of.id)
    with pytest.raises(StaleEdit, match="another tab"):
        round_answers.save(led, me, of.id, ITEMS[0], level=2, today=TODAY, seen_version=0)
    for item, level in zip(ITEMS, (4, None, 3, 3, 3, 3, 3, 3), strict=True):
        round_answers.save(led, me, of.id, item, level=level, today=TODAY)
    round_answers.save(led, me, of.id, "keep", text="As it is.", today=TODAY)
    round_answers.finish(led, me, of.id, TODAY)
    with led.read() as tx:
        assert [one.level for one in rows.answers(tx, of.id)].count(3) == 6 and [one.text for one in rows.words(tx, of.id)] == ["As it is."]
    assert round_answers.waiting(led, me, TODAY) == () and round_answers.sheet(led, me, of.id).drafts == {}
    with pytest.raises(ScorecardError, match="what was sent is no longer changed"):
        round_answers.save(led, me, of.id, ITEMS[0], level=1, today=TODAY)


@pytest.mark.parametrize(("person", "item", "level", "text", "refusal"), [
    ("ada", ITEMS[0], 3, "", "is not asked in"), (TEAM[0], "nonsense", 3, "", "is not asked in October 2026"),
    (TEAM[0], ITEMS[0], 6, "", "no level from 1 to 5"), (TEAM[0], "more", None, "x" * 1001, "at most 1,000")])
def test_what_is_not_asked_is_not_answered(led, person, item, level, text, refusal):
    of = ask(led)
    with pytest.raises(ScorecardError, match=refusal):
        round_answers.save(led, who(person), of.id, item, level=level, text=text, today=TODAY)


def test_nobody_answers_after_the_last_day_or_after_it_was_closed_and_what_was_begun_is_deleted(led):
    of = ask(led)
    round_answers.save(led, who(TEAM[0]), of.id, ITEMS[0], level=4, today=TODAY)
    with pytest.raises(ScorecardError, match="October 2026 ended on 30 Oct 2026. Your text is kept here"):
        round_answers.save(led, who(TEAM[0]), of.id, ITEMS[0], level=3, today=END + timedelta(days=1))
    rounds.close(led, RANA, of.id)
    with pytest.raises(ScorecardError, match="was closed on"):
        round_answers.save(led, who(TEAM[0]), of.id, ITEMS[0], level=3, today=TODAY)
    with led.read() as tx:
        assert tx.one("SELECT COUNT(*) FROM feedback_draft") == (0,)
    assert rounds.close(led, RANA, of.id).closed_at is not None


def test_a_round_is_asked_for_by_the_leader_and_by_who_leads_them_and_by_nobody_else(led):
    for actor in (make_actor("leader", "other", "Another Leader"), make_actor("admin", "rana2", "x")):
        with pytest.raises(NotAllowed):
            ask(led, actor)
    assert ask(led, BOSS).opened_by == "Karen Holt"
    assert rounds.suggested(led, RANA, "rana") == {REPORTS: list(TEAM), PEERS: ["nora"], SUPERIORS: ["karen"]}


@pytest.mark.parametrize(("people", "outside", "refusal"), [
    ({REPORTS: TEAM[:4]}, None, "Ask at least 5 people of one group"), ({REPORTS: TEAM, PEERS: [TEAM[0]]}, None, "in one group only"),
    ({REPORTS: ["rana", *TEAM]}, None, "in one group only"), ({REPORTS: ["nobody"]}, None, "is not an active member"),
    ({REPORTS: TEAM}, {PEERS: ["Jo Outside", "jo outside"]}, "in one group only"), ({"friends": TEAM, REPORTS: TEAM}, None, "There is no group 'friends'")])
def test_who_is_asked_stands_in_one_group_and_one_group_has_five(led, people, outside, refusal):
    with pytest.raises(UsageError, match=refusal):
        ask(led, people=people, outside=outside)


def test_who_is_no_member_is_asked_by_name_and_answers_by_a_personal_link_and_nothing_else(led):
    with pytest.raises(UsageError, match="only a go-between makes links"):
        ask(led, outside={SUPERIORS: ["Henrik Moss"]})
    of = ask(led, outside={SUPERIORS: ["Henrik Moss"]}, hand_to="ada")
    (late,) = [pair for pair in rounds.standings(led, RANA)[0].late if pair[1] == "Henrik Moss"]
    (made,) = rounds.invite(led, PEOPLE_LEAD, of.id, [late[0]], TODAY)
    guest = rounds.opened(led, made.token, TODAY)
    assert (guest.actor.name, guest.actor.role, guest.round.id) == ("Henrik Moss", "viewer", of.id) and made.path == f"/answer?feedback={made.token}"
    say(led, of, guest.actor, 4)
    with led.read() as tx:
        assert rows.asked(tx, of.id)[late[0]].finished and made.token not in str(tx.all("SELECT * FROM feedback_link"))
    for act in (lambda: round_results.results(led, guest.actor, of.id), lambda: rounds.close(led, guest.actor, of.id)):
        with pytest.raises(NotAllowed):
            act()


def test_who_is_signed_in_as_somebody_else_answers_in_nobodys_name_and_least_of_all_the_maker_of_the_link(led):
    of = ask(led, outside={SUPERIORS: ["Henrik Moss"]}, hand_to="ada")
    (late,) = [pair for pair in rounds.standings(led, RANA)[0].late if pair[1] == "Henrik Moss"]
    for made in rounds.invite(led, PEOPLE_LEAD, of.id, [TEAM[0], late[0]], TODAY):
        for other in (PEOPLE_LEAD, who(TEAM[1])):
            with pytest.raises(NotAllowed, match=f"This link is for {made.name} alone, and you are signed in as {other.name}"):
                rounds.opened(led, made.token, TODAY, other)
    (own,) = rounds.invite(led, PEOPLE_LEAD, of.id, [TEAM[0]], TODAY)
    assert rounds.opened(led, own.token, TODAY, who(TEAM[0])).actor.person == TEAM[0]


def test_a_link_ends_with_the_round_on_its_last_day_and_when_a_newer_one_is_made(led):
    of = ask(led, hand_to="ada")
    (old,) = rounds.invite(led, PEOPLE_LEAD, of.id, [TEAM[0]], TODAY)
    (new,) = rounds.invite(led, PEOPLE_LEAD, of.id, [TEAM[0]], TODAY)
    for token, day, refusal in ((old.token, TODAY, "This link ended on"), (new.token, END + timedelta(days=1), "ended on 30 Oct 2026"), ("x", TODAY, "does not exist")):
        with pytest.raises(NotAllowed, match=refusal):
            rounds.opened(led, token, day)
    rounds.close(led, RANA, of.id)
    with pytest.raises(NotAllowed):
        rounds.opened(led, new.token, TODAY)
    with pytest.raises(ScorecardError, match="was closed on"):
        rounds.invite(led, PEOPLE_LEAD, of.id, [TEAM[0]], TODAY)


@pytest.mark.parametrize("reader", ["rana", "karen", TEAM[0]])
def test_who_reads_results_makes_no_links_for_with_four_answers_in_hand_the_fifth_could_be_told(led, reader):
    of = ask(led, hand_to="ada")
    with pytest.raises(NotAllowed, match="made by the go-between of a round, who reads no results"):
        rounds.invite(led, who(reader), of.id, [TEAM[0]], TODAY)
    with pytest.raises(NotAllowed):
        round_results.results(led, PEOPLE_LEAD, rounds.close(led, RANA, of.id).id)


def test_results_come_when_the_round_is_closed_and_only_to_the_leader_and_who_leads_them(led):
    of = ask(led)
    with pytest.raises(NotAllowed, match="Results are shown when it is closed"):
        round_results.results(led, RANA, of.id)
    rounds.close(led, RANA, of.id)
    for actor in (who(TEAM[0]), who("nora"), PEOPLE_LEAD, make_actor("admin", "marek"), make_actor("leader", "other"), make_actor("viewer", "karen", "Karen Holt")):
        with pytest.raises(NotAllowed):
            round_results.results(led, actor, of.id)
        assert rounds.standings(led, actor) == []
    assert round_results.results(led, BOSS, of.id).round.id == of.id


def test_the_own_view_stands_beside_the_others_and_a_level_or_more_apart_is_said(led):
    of = ask(led)
    for n, id in enumerate(TEAM[:6]):
        say(led, of, who(id), (4, 3, 4, 4, 4, 3 if n else 4, 4, None))
    say(led, of, RANA, (4, 4, 4, 4, 4, 4, 4, 4))
    found = round_results.results(led, RANA, rounds.close(led, RANA, of.id).id)
    assert [line.item for line in found.apart] == ["why"]
    assert round_results.sentence(found).text == "The team sees one thing differently from Rana: “explains why before what”. Agree on two aims."
    line = found.lines[5]
    assert (line.seen[REPORTS].n, line.seen[REPORTS].lowest, line.seen[REPORTS].highest, line.own) == (6, 3, 4, 4) and line.gap == pytest.approx(-5 / 6)
    assert found.lines[7].seen[REPORTS].n == 0 and found.lines[7].gap is None


def test_superiors_below_five_are_not_shown_and_their_words_are_read_by_who_passes_them_on_alone(led):
    of = ask(led, hand_to="ada")
    for id in TEAM[:6]:
        say(led, of, who(id), 3, f"words of {id}")
    say(led, of, BOSS, 2, "words of a superior")
    assert round_answers.sheet(led, RANA, of.id).hand_to == "" and round_answers.sheet(led, who(TEAM[6]), of.id).hand_to == ""
    with pytest.raises(NotAllowed, match="when it is closed"):
        round_results.handed(led, PEOPLE_LEAD, of.id)
    rounds.close(led, RANA, of.id)
    found = round_results.results(led, RANA, of.id)
    assert found.hidden == (SUPERIORS,) and all(line.seen[SUPERIORS].hidden for line in found.lines)
    assert round_results.hidden_words(found, SUPERIORS) == (
        "Superiors: not shown.", "One answer, fewer than five. Their written notes reach Rana through Ada Brandt.")  # fmt: skip
    assert "superior" not in str(found.words) and len(found.words[0][1]) == 6
    assert [text for _, text in round_results.handed(led, PEOPLE_LEAD, of.id)] == ["words of a superior"]
    assert [(each.id, name) for each, name in round_results.to_pass_on(led, PEOPLE_LEAD)] == [(of.id, "Rana Amari")]
    with led.read() as tx:
        assert tx.one("SELECT COUNT(*) FROM audit WHERE action = 'read handed words' AND actor = 'Ada Brandt'") == (1,)
    for actor in (RANA, BOSS, who(TEAM[0])):
        with pytest.raises(NotAllowed):
            round_results.handed(led, actor, of.id)


@pytest.mark.parametrize("hand_to", ["nora", TEAM[0], "rana", "nobody", "karen"])
def test_who_is_asked_reads_results_or_reports_to_the_leader_is_no_go_between(led, hand_to):
    with pytest.raises(UsageError):
        ask(led, hand_to=hand_to, people={REPORTS: TEAM[1:], PEERS: ["nora"]})


def test_the_next_round_begins_months_after_one_that_showed_anything(led):
    ask(led)
    with pytest.raises(ScorecardError, match="One round at a time"):
        ask(led)
    with led.read() as tx:
        (running,) = rows.rounds(tx, "rana")
    rounds.close(led, RANA, running.id)
    shown = held(led)
    with led.read() as tx:
        closed = rows.one(tx, shown.id).closed_at.date()
    with pytest.raises(ScorecardError, match="two rounds close together would tell what one person said"):
        ask(led, today=closed + timedelta(days=rounds.APART_DAYS - 1))
    ask(led, today=closed + timedelta(days=rounds.APART_DAYS))


def test_two_aims_become_plans_with_a_step_and_are_read_again_in_the_next_round(led):
    first = held(led, level=3)
    due = END + timedelta(days=60)
    round_aims.agree(led, RANA, first.id, "why", does="Opens every change with its reason", due=due, today=END, helper="Karen Holt", known_by="3.5 or more")
    round_aims.agree(led, BOSS, first.id, "growth", does="Two hours a month for each plan", due=due, today=END)
    with pytest.raises(ScorecardError, match="2 aims are agreed already"):
        round_aims.agree(led, RANA, first.id, "listens", does="x", due=due, today=END)
    one, two = round_aims.agreed(led, RANA, first.id)
    assert (one.label, one.said("title"), one.said("help"), one.said("known_by"), one.due) == (
        "Explains why before what", "Opens every change with its reason", "Karen Holt", "3.5 or more", due)  # fmt: skip
    assert (one.plan.values["source"], one.plan.state, two.plan.title) == ("round", "draft", "Makes time for growth")
    with led.read() as tx:
        later = rows.one(tx, first.id).closed_at.date() + timedelta(days=100)
    of = ask(led, today=later)
    for id in TEAM[:5]:
        say(led, of, who(id), (3, 4, 3, 3, 3, 3, 3, 3), today=later)
    second = round_results.results(led, RANA, rounds.close(led, RANA, of.id).id)
    assert [(each.label, each.then, each.now) for each in round_aims.read_again(led, RANA, second.round.id)] == [
        ("Explains why before what", 3.0, 4.0), ("Makes time for growth", 3.0, 3.0)]  # fmt: skip
    assert [line.last for line in second.lines] == [3.0] * 8 and round_aims.agreed(led, RANA, of.id) == ()
    with pytest.raises(NotAllowed):
        round_aims.agreed(led, who(TEAM[0]), first.id)
    round_aims.take_back(led, RANA, first.id, "why")
    assert [each.label for each in round_aims.agreed(led, RANA, first.id)] == ["Makes time for growth"]


def test_an_aim_is_agreed_on_a_closed_round_by_those_who_read_it(led):
    of = ask(led)
    told = {"does": "x", "due": END, "today": TODAY}
    with pytest.raises(ScorecardError, match="Aims are agreed on its results"):
        round_aims.agree(led, RANA, of.id, "why", **told)
    rounds.close(led, RANA, of.id)
    with pytest.raises(NotAllowed):
        round_aims.agree(led, who(TEAM[0]), of.id, "why", **told)
    with pytest.raises(UsageError, match="was not asked"):
        round_aims.agree(led, RANA, of.id, "nonsense", **told)


def test_two_who_agree_at_the_same_moment_do_not_make_three_aims(led):
    of = held(led)
    round_aims.agree(led, RANA, of.id, "why", does="x", due=END, today=END)
    said: list[str] = []

    def work(actor: Actor, item: str) -> None:
        try:
            round_aims.agree(led, actor, of.id, item, does="y", due=END, today=END)
        except ScorecardError as refusal:
            said.append(str(refusal))

    threads = [threading.Thread(target=work, args=pair) for pair in ((RANA, "growth"), (BOSS, "listens"))]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(said) == 1 and len(round_aims.agreed(led, RANA, of.id)) == 2


def test_no_backup_holds_what_was_begun_and_not_sent(led):
    of = ask(led)
    round_answers.save(led, who(TEAM[0]), of.id, "more", text="Only for those who read it later.", today=TODAY)
    made = backup.make(led.engines, led.backups, datetime(2026, 10, 2))
    held_there = b"".join(path.read_bytes() for path in made.path.iterdir() if path.is_file())
    assert b"October 2026" in held_there and b"Only for those" not in held_there


def test_rounds_are_counted_beside_their_practices_without_a_name(led):
    of = held(led)
    round_aims.agree(led, RANA, of.id, "why", does="x", due=END, today=END)
    with led.read() as tx:
        told = {each.practice: each for each in leadership_records(kept.read(tx, facts.counted(led, TODAY, TODAY), TODAY))}
    assert told["L4"].lines == ("1 feedback round to leaders closed since October 2025; 6 of 11 people asked answered",) and told["L4"].count == 1
    assert told["L8"].lines == ("1 aim from 1 feedback round to leaders in development plans since October 2025",) and told["L8"].count == 2
    assert not any(name in str(told) for name in ("Rana", "Karen", "rana"))


def test_behind_a_link_everything_is_sent_at_once_and_nothing_stood_under_a_name_before(led):
    of, me = ask(led), who(TEAM[0])
    with pytest.raises(ScorecardError, match="“Leads change openly” has no answer yet"):
        round_answers.send(led, me, of.id, dict.fromkeys(ITEMS[:-1], 3), TODAY)
    with pytest.raises(UsageError, match="no level from 1 to 5"):
        round_answers.send(led, me, of.id, dict.fromkeys(ITEMS, 7), TODAY)
    round_answers.send(led, me, of.id, dict.fromkeys(ITEMS, 3) | {"more": " Reasons first. "}, TODAY)
    with led.read() as tx:
        assert [one.text for one in rows.words(tx, of.id)] == ["Reasons first."] and len(rows.answers(tx, of.id)) == len(ITEMS)
    with pytest.raises(ScorecardError, match="no longer changed"):
        round_answers.send(led, me, of.id, dict.fromkeys(ITEMS, 3), TODAY)


def test_a_round_is_deleted_with_all_that_was_said_in_it_when_its_time_is_over(led, admin):
    of = held(led)
    with led.read() as tx:
        closed = rows.one(tx, of.id).closed_at.date()
    assert own.forget(led, admin, closed + timedelta(days=365), dry_run=True) == ()
    (due,) = [one for one in own.forget(led, admin, closed + timedelta(days=1200)) if one.id == own.ROUNDS]
    assert (due.id, due.entries, due.months) == ("feedback_round", 1, 36)
    with led.read() as tx:
        assert rows.rounds(tx) == [] and all(tx.one(f"SELECT COUNT(*) FROM {table} WHERE round = $1", [of.id]) == (0,) for table in rows.TABLES)
    assert led.verify().ok


# -- in the calendar, and on the command line


def test_a_round_stands_in_the_calendar_from_its_first_day_to_its_end_without_whom_it_is_about_or_how_many_answered(led):
    of = ask(led)

    def line() -> calendar.Meeting:
        (found,) = [line for line in calendar.read(led, TODAY).lines if line.title == "Feedback to leaders"]
        return found.meetings[0]

    before = line()
    assert (before.on, before.until, before.state, before.counts, before.owner) == (TODAY, TODAY + timedelta(29), "unsaid", False, "")
    say(led, of, who(TEAM[0]), 4)
    assert line() == before, "nothing in it tells that somebody answered"
    assert "under way, 1 Oct 2026 to 30 Oct 2026" in planning_calendar.said(before) and "Rana" not in f"{before}"
    rounds.close(led, RANA, of.id)
    assert line().state == "held" and b"Feedback to leaders" in calendar.file(calendar.read(led, TODAY), datetime(2026, 10, 2))


def test_the_command_line_opens_lists_closes_and_tells_results_to_who_may_read_them_only(led):
    made = commands.open_one(led, RANA, TODAY, "rana", "October 2026", "", {PEERS: ["nora"]}, {}, "")
    assert made["closes"] == "2026-10-15"
    for id in TEAM[:5]:
        say(led, one_of(led, made["id"]), who(id), 3, "Thank you")
    (listed,) = commands.list_all(led, BOSS, TODAY)["rounds"]
    assert {one["group"]: (one["asked"], one["finished"]) for one in listed["groups"]}["reports"] == (9, 5) and listed["closed_on"] is None
    for other in (who(TEAM[0]), PEOPLE_LEAD, Actor("", "root (command line)", "leader")):
        assert commands.list_all(led, other, TODAY)["rounds"] == []
        for refused in (commands.tell_results, commands.close_one):
            with pytest.raises(NotAllowed):
                refused(led, other, TODAY, made["id"])
    with pytest.raises(NotAllowed, match="is open until"):
        commands.tell_results(led, RANA, TODAY, made["id"])
    assert commands.close_one(led, RANA, TODAY, made["id"])["closed_on"]
    found = commands.tell_results(led, BOSS, TODAY, made["id"])
    assert found["name"] == "Rana Amari" and set(found["lines"][0]["groups"]) == {"reports"} and found["lines"][0]["groups"]["reports"]["mean"] == 3
    assert found["words"][0]["texts"] == ["Thank you"] * 5 or any(one["texts"] == ["Thank you"] * 5 for one in found["words"])


def one_of(store, id: str):
    with store.read() as tx:
        return rounds.one(tx, id)


def test_the_command_prints_a_round_in_plain_words(led, monkeypatch):
    of = held(led, reports=5, level=3)
    monkeypatch.setattr(commands.store_commands, "call", lambda name, person, **given: commands.tell_results(led, who(person), TODAY, **given))
    told = CliRunner().invoke(commands.feedback, ["results", of.id, "--as", "rana"]).output
    assert "Feedback to Rana Amari: October 2026. The team sees" in told and "3.0" in told and "−2.0" in told and "Superiors: not shown" not in told
    monkeypatch.setattr(commands.store_commands, "call", lambda name, person, **given: commands.list_all(led, who(person), TODAY))
    assert "reports 5 of 9" in " ".join(CliRunner().invoke(commands.feedback, ["list", "--as", "karen"], env={"COLUMNS": "200"}).output.split())
    refused = CliRunner().invoke(commands.feedback, ["open", "rana", "--title", "x", "--outside", "friends=Bo", "--as", "rana"])
    assert isinstance(refused.exception, UsageError) and "GROUP=NAME" in str(refused.exception)

"""People's own rows: who sees and who writes them, in lists, counts, histories, withdrawn ones, names, files and the audit."""

from __future__ import annotations

import json
from datetime import date, datetime

import pytest

from scorecard import looking, registers
from scorecard.errors import NotAllowed, ScorecardError, UsageError
from scorecard.output import register_tables
from scorecard.store import orphans
from tests.conftest import make_actor
from tests.own_rows import ADMIN, BO, EVERYBODY, JO, KIM, MEI, NOBODY, RANA, TODAY, make_house, write

@pytest.fixture(scope="module")
def house(tmp_path_factory):
    folder = tmp_path_factory.mktemp("own")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(registers, "FILE", folder / "registers.toml")
        opened = make_house(folder)
        yield opened
        opened.close()


def seen(store, register: str, id: str, among=EVERYBODY) -> set[str]:
    """Who sees the entry, having asked every read; a read that says otherwise than the others fails here."""
    found = set()
    for who in among:
        with store.read() as tx:
            told = [id in [one.id for one in registers.entries(tx, register, actor=who)], id in register_tables.csv(store, who, register, TODAY),
                    bool(registers.history(tx, register, id, who)), any(one == id for one, *_ in registers.moves(tx, register, who)) or register != "aim" and None,
                    _finds(lambda tx=tx, who=who: registers.one(tx, register, id, who)), id in registers.offered(store, f"entry:{register}", who)]
            many = registers.count(tx, register, actor=who)
            assert many == len(registers.entries(tx, register, actor=who)) == registers.count(tx, register, actor=who, words="secret")
            assert register != "aim" or many == sum(registers.by_state(tx, register, who).values()) == sum(registers.by_value(tx, register, "whose", who).values())
        said = {one for one in told if one is not None}
        assert len(said) == 1, f"{who.name} is told different things about the {register}: {told}"
        found |= {who.person} if said.pop() else set()
    return found


def _finds(read) -> bool:
    try:
        return bool(read())
    except UsageError:
        return False


def test_a_row_about_a_person_is_seen_by_that_person_and_their_leader_in_every_read(house):
    assert seen(house, "aim", write(house, JO, "aim").id) == {"jo", "rana"}
    assert seen(house, "aim", write(house, KIM, "aim", whose="bo").id) == {"bo", "kim"}


def test_who_changes_the_team_of_a_person_takes_and_gives_the_sight_at_once(house):
    one = write(house, BO, "aim")
    house.write(lambda tx: tx.run("UPDATE person SET leader = 'rana' WHERE id = 'bo'"), "Marek")
    try:
        assert seen(house, "aim", one.id) == {"bo", "rana"}
        with pytest.raises(UsageError, match="There is no aim"):
            registers.change(house, KIM, "aim", one.id, {"title": "x"}, seen_version=1)
    finally:
        house.write(lambda tx: tx.run("UPDATE person SET leader = 'kim' WHERE id = 'bo'"), "Marek")


def test_a_leader_who_is_no_longer_one_by_role_sees_only_what_is_about_themselves(house):
    one = write(house, JO, "aim")
    was = make_actor("member", "rana", "Rana Amari")
    with house.read() as tx:
        assert one.id not in [each.id for each in registers.entries(tx, "aim", actor=was)]
    with pytest.raises(NotAllowed, match="Aims are written by the person it is about and their leader"):
        write(house, was, "aim", whose="jo")


@pytest.mark.parametrize(("actor", "about"), [(MEI, "jo"), (KIM, "jo"), (ADMIN, "jo"), (JO, "rana"), (NOBODY, "jo")])
def test_nobody_else_writes_a_row_about_a_person_by_form_or_by_file(house, actor, about):
    with pytest.raises(NotAllowed, match="Nothing is stored"):
        write(house, actor, "aim", whose=about)
    told = registers.import_rows(house, actor, "aim", [{"title": "A secret", "whose": about}], TODAY)
    assert not told.added and "Nothing is stored" in told.refused[0].reason
    with pytest.raises(NotAllowed), house.read() as tx:
        registers.put(house, tx, registers.register("aim"), {"title": "x", "whose": about}, "open", TODAY, "x")


def test_a_file_read_twice_adds_nothing_and_the_audit_names_no_row_by_what_it_says(house):
    given = [{"title": "A secret from a file", "whose": "jo"}]
    assert [registers.import_rows(house, JO, "aim", given, TODAY).added for _ in range(2)] == [1, 0]
    with house.read() as tx:
        (one,) = registers.entries(tx, "aim", actor=JO, words="from a file")
    assert one.id != registers._content_id(one) and registers.import_rows(house, RANA, "aim", [*given, *given], TODAY).known == 1
    registers.withdraw(house, JO, "aim", one.id, seen_version=1)
    assert registers.import_rows(house, JO, "aim", given, TODAY).added == 0


def test_a_row_is_not_moved_to_another_person_by_who_may_not_write_about_them(house):
    one = write(house, JO, "aim")
    with pytest.raises(NotAllowed):
        registers.change(house, JO, "aim", one.id, {"whose": "mei"}, seen_version=1)
    moved = registers.change(house, RANA, "aim", one.id, {"whose": "mei"}, seen_version=1)
    with house.read() as tx:
        assert [each.entry.version for each in registers.history(tx, "aim", one.id, MEI)] == [moved.version]  # what was said about another stays theirs
        assert registers.history(tx, "aim", one.id, JO) == []


def test_the_author_reads_what_they_wrote_and_alone_changes_it(house):
    one = write(house, BO, "word", whose="jo")
    assert seen(house, "word", one.id) == {"bo", "jo", "rana"}
    for who in (JO, RANA):
        with pytest.raises(NotAllowed, match="Words are written by who wrote it"):
            registers.change(house, who, "word", one.id, {"title": "Kinder"}, seen_version=1)
        with pytest.raises(NotAllowed):  # nor by making themselves its author
            registers.change(house, who, "word", one.id, {"by": who.person}, seen_version=1)
        with pytest.raises(NotAllowed):
            registers.withdraw(house, who, "word", one.id, seen_version=1)
    with pytest.raises(NotAllowed):
        write(house, BO, "word", whose="jo", by="mei")  # nobody writes in another's name


@pytest.mark.parametrize(("to", "who"), [("nobody", {"jo"}), ("leader", {"jo", "rana"}), ("team", {"jo", "rana", "kim", "mei"})])
def test_what_a_person_shares_is_seen_by_whom_they_chose(house, to, who):
    one = write(house, JO, "wish", to=to)
    assert seen(house, "wish", one.id) == who
    with pytest.raises((NotAllowed, UsageError)):
        registers.change(house, RANA, "wish", one.id, {"to": "team"}, seen_version=1)


def test_what_was_kept_to_oneself_before_it_was_shared_is_not_in_the_history_of_others(house):
    one = write(house, JO, "wish", title="A secret kept")
    registers.change(house, JO, "wish", one.id, {"title": "A secret shared", "to": "leader"}, seen_version=1)
    with house.read() as tx:
        assert [each.entry.title for each in registers.history(tx, "wish", one.id, RANA)] == ["A secret shared"]
        assert len(registers.history(tx, "wish", one.id, JO)) == 2
    registers.change(house, JO, "wish", one.id, {"to": "nobody"}, seen_version=2)
    with house.read() as tx:
        assert registers.history(tx, "wish", one.id, RANA) == []


def test_a_withdrawn_row_is_seen_and_brought_back_by_the_same_people_only(house):
    one = write(house, BO, "word", whose="jo")
    registers.withdraw(house, BO, "word", one.id, seen_version=1)
    with house.read() as tx:
        told = {who.person for who in EVERYBODY if any(each.entry.id == one.id for each in registers.withdrawn(tx, "word", who))}
    assert told == {"bo", "jo", "rana"}
    with pytest.raises(UsageError, match="There is no withdrawn word"):
        registers.restore(house, MEI, "word", one.id)
    with pytest.raises(NotAllowed):
        registers.restore(house, JO, "word", one.id)
    assert registers.restore(house, BO, "word", one.id).version == 3


def test_a_candidate_is_seen_by_the_panel_and_who_leads_the_opening_and_a_score_only_after_the_own(house):
    opening = registers.add(house, RANA, "opening", {"title": "CSM", "panel": ["mei", "bo"]}, today=TODAY)
    candidate = write(house, RANA, "candidate", opening=opening.id)
    among = (RANA, MEI, BO, KIM)
    assert seen(house, "candidate", candidate.id, (JO, *among)) == {"rana", "mei", "bo"}
    with pytest.raises(ScorecardError):
        write(house, JO, "candidate", opening=opening.id)
    with pytest.raises(ScorecardError):
        write(house, JO, "score", candidate=candidate.id)  # no panel, no score: not even the name is found
    first = write(house, MEI, "score", candidate=candidate.id)
    assert seen(house, "score", first.id, among) == {"mei", "rana"}  # who leads and does not score sees all; the panel only after its own
    second = write(house, BO, "score", candidate=candidate.id)
    assert seen(house, "score", first.id, among) == seen(house, "score", second.id, among) == {"mei", "bo", "rana"}


def test_forms_are_offered_to_who_may_write_something_and_of_what_they_may_change(house):
    registers.add(house, RANA, "opening", {"title": "CSM", "panel": ["mei"], "owner": "rana"}, today=TODAY)
    assert [registers.may_begin(house, who, "aim") for who in (JO, RANA, ADMIN, NOBODY)] == [True, True, True, False]
    assert [registers.may_begin(house, who, "candidate") for who in (RANA, MEI, JO, ADMIN, NOBODY)] == [True, True, False, False, False]
    word = write(house, BO, "word", whose="jo")
    assert [registers.may_change(house, who, word) for who in (BO, JO, RANA)] == [True, False, False]
    viewer = make_actor("viewer", "jo", "Jo Lind")
    assert registers.may_begin(house, viewer, "aim") and not registers.may_begin(house, viewer, "opening")


def test_a_reference_to_a_row_out_of_sight_is_neither_found_nor_named(house):
    aim = write(house, JO, "aim", title="A secret of Jo")
    for text in (aim.id, "A secret of Jo"):
        with pytest.raises(UsageError, match="there is no aim"):
            write(house, MEI, "step", aim=text)
        told = registers.import_rows(house, MEI, "step", [{"title": "A secret", "aim": text, "whose": "mei"}], TODAY, dry_run=True)
        assert "there is no aim" in told.refused[0].reason
    step = write(house, JO, "step", aim=aim.id)
    of = registers.register("step")
    assert registers.labels(house, of, [step], MEI).get(("entry:aim", aim.id)) is registers.labels(house, of, [step]).get(("entry:aim", aim.id)) is None
    assert registers.labels(house, of, [step], RANA)["entry:aim", aim.id] == "A secret of Jo"


def test_what_refers_to_a_row_is_not_named_to_who_does_not_see_it(house):
    aim = write(house, JO, "aim")
    step = write(house, RANA, "step", aim=aim.id, whose="mei", title="A secret of Mei")
    with pytest.raises(ScorecardError, match="a step that you do not see") as refused:
        registers.withdraw(house, JO, "aim", aim.id, seen_version=1)
    assert "Mei" not in str(refused.value) and step.id not in str(refused.value)


def test_a_past_of_own_rows_comes_with_hashes_and_only_from_who_may_write_it(house):
    past = [registers.Past("past", JO, datetime(2026, 3, 2, 9), {"title": "A secret plan"}), registers.Past("past", RANA, datetime(2026, 4, 2, 9), {"kind": "big"})]
    house.write(lambda tx: registers.put_past(house, tx, "aim", past), "Rana")
    with house.read() as tx:
        told = tx.all("SELECT before_json, after_json FROM audit WHERE object = 'record:aim:past' ORDER BY seq")
    assert all(set(json.loads(text)) == {"version", "sha256"} for row in told for text in row if text) and len(told) == 2
    with pytest.raises(NotAllowed):
        house.write(lambda tx: registers.put_past(house, tx, "aim", [registers.Past("other", MEI, datetime(2026, 3, 2), {"title": "x", "whose": "jo"})]), "Rana")
    assert house.verify().ok


def test_figures_of_the_whole_come_without_a_name_a_word_or_an_order_that_tells_whose_they_are(house):
    with house.read() as tx:
        found = registers.unnamed(tx, "aim")
        assert len(found) == len(tx.all("SELECT 1 FROM register_entry WHERE register = 'aim'"))
    assert all(set(one) <= {"state", "at", "kind"} for one in found) and "secret" not in json.dumps(found, default=str)


def looks(store) -> list[tuple[str, str]]:
    with store.read() as tx:
        return tx.all("SELECT actor, object FROM audit WHERE action = $1 ORDER BY seq", [looking.ACTION])


def test_a_look_at_another_persons_file_is_in_the_audit_once_a_day_however_often_it_is_drawn(house):
    aim, word = write(house, JO, "aim"), write(house, BO, "word", whose="jo")
    day, before = date(2026, 12, 1), len(looks(house))
    house.write(lambda tx: tx.run("INSERT INTO nonce (id, used_at) VALUES ('look of a day that is over', $1)", [datetime(2020, 1, 1)]), "Marek")
    of, said = registers.register("aim"), registers.register("word")
    for _ in range(3):
        looking.looked(house, RANA, of, [aim], day)
        looking.looked(house, JO, of, [aim], day)  # one's own file
        looking.looked(house, BO, said, [word], day)  # what one wrote
    assert looks(house)[before:] == [("Rana Amari", "person:jo")]
    with house.read() as tx:
        assert tx.one("SELECT 1 FROM nonce WHERE id = 'look of a day that is over'") is None
    looking._told.clear()  # the server was started again
    looking.looked(house, RANA, said, [word], day)
    assert len(looks(house)) == before + 1
    looking.at_people(house, RANA, ["jo", "rana"], date(2026, 12, 2))
    assert looks(house)[before + 1:] == [("Rana Amari", "person:jo")] and house.verify().ok


def test_a_file_that_leaves_the_house_is_a_look_too_and_a_wish_shared_with_the_team_is_not(house):
    write(house, BO, "aim")
    wish, other = write(house, JO, "wish", to="team"), write(house, JO, "wish", to="leader")
    before, day, of = len(looks(house)), date(2026, 12, 3), registers.register("wish")
    assert "A secret" in register_tables.csv(house, KIM, "aim", day)
    looking.looked(house, MEI, of, [wish], day)
    looking.looked(house, RANA, of, [other], day)
    assert looks(house)[before:] == [("Kim Oda", "person:bo"), ("Rana Amari", "person:jo")]


def test_a_row_that_names_what_is_gone_is_told_by_its_id_and_not_by_its_words(house):
    one = write(house, JO, "aim", title="A secret fear")
    house.write(lambda tx: tx.run("UPDATE register_value SET value = 'gone' WHERE entry = $1 AND field = 'whose'", [one.id]), "Marek")
    with house.read() as tx:
        told = [said for said in orphans.find(tx) if "gone" in said]
    house.write(lambda tx: tx.run("UPDATE register_value SET value = 'jo' WHERE entry = $1 AND field = 'whose'", [one.id]), "Marek")
    assert told == [f"Entry '{one.id}' of register aim names person 'gone', which does not exist."]

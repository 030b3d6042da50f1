"""Who sees what is written about people: role × person × register × page, export, route and changed address, from the file of registers.

The expectation is computed here from the declaration of a register, apart from the code under test. A register that is added
with rows = "own" is covered by itself.
"""

from __future__ import annotations

import ast
import asyncio
import importlib
import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from streamlit.testing.v1 import AppTest

from scorecard import access, looking, places, registers, web
from scorecard.access import Actor
from scorecard.cli import records
from scorecard.core.registers_file import Field, Register
from scorecard.errors import NotAllowed, ScorecardError
from scorecard.output import part_tables, register_tables
from scorecard.people import own
from scorecard.store import members, people_data
from scorecard.store.engine import Store
from scorecard.store.members import Person
from scorecard.ui import block, leadership_export, people_export, state
from tests.menus import with_open_menus
from tests import stores

TODAY, NOW = date(2026, 11, 23), datetime(2026, 11, 23, 9)
# id: (role, team, leader)
HOUSE = {"lea": ("leader", "one", "boss"), "boss": ("leader", "top", ""), "ada": ("member", "one", "lea"), "ben": ("member", "one", "lea"), "cy": ("member", "two", "max"),
         "max": ("leader", "two", "boss"), "ana": ("analyst", "one", "max"), "vic": ("viewer", "one", "max"), "adm": ("admin", "two", ""), "was": ("member", "", "")}  # fmt: skip
ACTORS = {id: Actor(id, id.title(), role, team) for id, (role, team, _) in HOUSE.items()} | {"": Actor("", "operator", "leader"), "host": Actor("", "operator", "admin")}
OWN = [one.id for one in registers.registers().values() if one.rows == "own"]
ALIKE = ("ana", "vic", "was", "host", "boss", "cy", "")  # nothing is told to them that is not told in the same way to another: one read is enough
STRANGERS = ("adm", "cy", "max", "")
PAGES_WITH_OWN = sorted({registers.register(id).page for id in OWN})
SECRET = re.compile(r"zq\d+secret")


def source_of(page: str) -> str:
    return (places.ROOT / "pages" / f"{page}.py").read_text("utf-8")


@dataclass(frozen=True)
class Made:
    """One entry, the word that only its readers may meet, and who they are."""

    register: str
    id: str
    word: str
    readers: frozenset[str]
    writer: str


# ---- entries of every register, from its declaration ------------------------------------------------------------------


class Maker:
    """Writes an entry of any register, with a word of its own in every text of it."""

    def __init__(self, store: Store):
        self.store, self.made, self.count = store, [], 0

    def make(self, of: Register, about: str, share: str = "") -> Made:
        """An entry about a person, written by who may; of a register with an author by Ben."""
        self.count += 1
        id, word, author = f"entry{self.count}", f"zq{self.count}secret" if of.rows == "own" else "known to all", "ben" if of.author else ""
        values = {field.name: value for field in of.fields if (value := self._value(of, field, word, about, author, share)) is not None}
        writer = author or (about if "person" in of.writers else "lea")
        entry = self.store.write(lambda tx: registers.put(self.store, tx, of, values, None, TODAY, id, ACTORS[writer]), writer.title(), NOW)
        found = Made(of.id, id, word, frozenset(self._readers(of, entry)), writer)
        if of.rows == "own":
            self.made.append(found)
        return found

    def _value(self, of: Register, field: Field, word: str, about: str, author: str, share: str) -> Any:
        if field.name == of.author:
            return author
        if field.name == of.person and of.rows == "own":
            return about
        if field.name == of.share:
            return share
        if field.kind == "entry":
            return self._beyond(of, field, about)
        if field.kind == "person":
            return (["ben"] if field.many else "lea") if of.rows == "all" and field.name in _named_readers(of) else None
        return self._plain(field, word)

    def _beyond(self, of: Register, field: Field, about: str) -> Any:
        """The entry on which one hangs: the one that is there already, else a new one about the same person."""
        if not (field.required or field.name in (of.through, of.blind)):
            return None
        beyond = registers.register(field.of)
        with self.store.read() as tx:
            there = tx.one("SELECT id FROM register_entry WHERE register = $1 AND ($2 OR person = $3 OR $4) ORDER BY made_at, id LIMIT 1",
                           [beyond.id, beyond.rows == "all", about, bool(beyond.through)])
        id = there[0] if there else self.make(beyond, about).id
        return [id] if field.many else id

    def _plain(self, field: Field, word: str) -> Any:
        if field.choices:
            return [next(iter(field.choices))] if field.many else next(iter(field.choices))
        usual = {"text": word, "lines": word, "link": "https://a.example", "date": TODAY, "month": "2026-11", "share": 0.5}
        if field.kind in ("number", "money"):
            return max(1.0, field.least or 0)
        if field.kind == "table":
            return [{column.name: self._plain(column, word) for column in field.columns}]
        return usual.get(field.kind)

    def _readers(self, of: Register, entry: registers.Entry) -> set[str]:
        """Who sees it, as the declaration says."""
        if of.rows == "all":
            return set(HOUSE)
        said = entry.values
        found = {said.get(of.person, ""), said.get(of.author, "")}
        if of.through:
            with self.store.read() as tx:
                beyond = registers.entries(tx, of.field(of.through).of, actor=ACTORS["lea"], limit=99)
            target = next(one for one in beyond if one.id == said[of.through])
            if of.readers:
                found |= {id for name in of.readers for id in _several(target.values.get(name))}
            else:
                found |= self._readers(registers.register(target.register), target)
        else:
            leader = HOUSE[entry.person][2]
            shared = said.get(of.share, "leader")
            found |= {leader} if HOUSE.get(leader, ("",))[0] == "leader" and shared in ("leader", "team") else set()
            found |= {id for id, (_, team, _) in HOUSE.items() if team == HOUSE[entry.person][1]} if shared == "team" else set()
            found |= {id for name in of.readers for id in _several(said.get(name))}
        return found & set(HOUSE)


def _named_readers(of: Register) -> set[str]:
    """The fields of a register that everybody reads, by which another admits its readers."""
    return {name for one in registers.registers().values() if one.through and one.field(one.through).of == of.id for name in one.readers}


def _several(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value] if value else []


def make_people(folder: Path) -> None:
    """Nothing; the folder holds a store with the house and nothing written about anybody."""
    stores.make_beginning(folder)
    opened = stores.opened(folder)

    def people(tx) -> None:
        for id, (role, team, leader) in HOUSE.items():
            members.insert_person(tx, Person(id, id.title(), team=team, leader=leader))
            members.insert_member(tx, id, role)
        for team in ("one", "two", "top"):
            members.insert_team(tx, members.Team(team, team.title()))

    opened.write(people, "host")
    opened.close()


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, list[Made]]]:
    """The store as the pages open it, with an entry about Ada and one about Cy in every register of people's own rows."""
    folder = stores.copied(stores.once(tmp_path_factory, "people", make_people), tmp_path_factory.mktemp("people privacy"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(places.STATE, str(folder / "state.duckdb"))
        patch.setenv(places.FACTS, str(folder / "facts.duckdb"))
        store = state.store()
        maker = Maker(store)
        for id in OWN:
            of = registers.register(id)
            for share in of.field(of.share).choices if of.share else ("",):
                maker.make(of, "ada", share)
            if not of.through:
                maker.make(of, "cy", "leader" if of.share else "")
        yield store, maker.made
        state._stores.pop((str(folder / "state.duckdb"), str(folder / "facts.duckdb"))).close()


@pytest.fixture
def here(house: tuple[Store, list[Made]], monkeypatch: pytest.MonkeyPatch) -> Store:
    """The store, at the places that pages look into."""
    store = house[0]
    monkeypatch.setenv(places.STATE, str(Path(store.place)))
    monkeypatch.setenv(places.FACTS, str(Path(store.place).with_name("facts.duckdb")))
    return store


def words(text: str) -> set[str]:
    return set(SECRET.findall(text))


def allowed(made: list[Made], who: str) -> set[str]:
    return {one.word for one in made if who in one.readers}


# ---- reads, commands, files, the command line -------------------------------------------------------------------------


def test_every_register_of_people_has_an_entry_that_some_see_and_others_do_not(house):
    made = house[1]
    assert {one.register for one in made} == set(OWN) and len(OWN) >= 10
    for one in made:
        assert one.readers and one.readers < set(HOUSE) and not one.readers & {"adm", "was"}, one


@pytest.mark.parametrize("register", OWN)
def test_every_read_gives_each_person_what_is_theirs_to_see_and_nothing_else(house, register):
    store, made = house
    of, mine = registers.register(register), [one for one in made if one.register == register]
    closed = [field.name for field in of.fields if field.choices or field.kind in ("person", "entry")]
    for who, actor in ACTORS.items():
        theirs = {one.id for one in mine if who in one.readers}
        with store.read() as tx:
            assert {one.id for one in registers.entries(tx, register, actor=actor)} == theirs, who
            if who in ALIKE:
                continue
            assert registers.count(tx, register, actor=actor) == len(theirs)
            assert {one.id for one in registers.entries(tx, register, actor=actor, words="secret", since=TODAY, person="ada" if of.person else None)} <= theirs
            assert sum(registers.by_state(tx, register, actor).values()) in (0, len(theirs))
            assert all(sum(registers.by_value(tx, register, name, actor).values()) <= len(theirs) * len(HOUSE) * bool(theirs) for name in closed)
            assert {id for id, *_ in registers.moves(tx, register, actor)} <= theirs
            assert {one.id for one in mine[:3] if registers.history(tx, register, one.id, actor)} == theirs & {one.id for one in mine[:3]}
        assert set(registers.offered(store, f"entry:{register}", actor)) == theirs
        told = json.dumps(records.list_records(store, actor, TODAY, register, "", "", "", "", "", "", 100, 0)) + register_tables.csv(store, actor, register, TODAY)
        assert {one.word for one in mine if one.id in theirs} == words(told) & {one.word for one in mine}, who
        assert words(told) <= allowed(made, who)  # what it refers to is named where it is in sight, too


@pytest.mark.parametrize("register", OWN)
def test_no_read_answers_when_nobody_is_named_who_asks(house, register):
    with house[0].read() as tx:
        for read in (registers.entries, registers.count, registers.by_state, registers.withdrawn, registers.moves):
            with pytest.raises(NotAllowed, match="nobody is named who asks"):
                read(tx, register)
        assert not words(json.dumps(registers.unnamed(tx, register), default=str))


@pytest.mark.parametrize("register", OWN)
def test_nobody_changes_what_they_may_not_see_and_a_refusal_says_nothing_of_it(house, register, caplog):
    store, made = house
    before = _stored(store)
    for one in [one for one in made if one.register == register]:
        for who in [who for who in STRANGERS if who not in one.readers]:
            for tried in _tries(store, one, ACTORS[who]):
                try:
                    done = tried()
                except ScorecardError as refusal:
                    assert not words(str(refusal)), refusal
                else:
                    assert not (done.added or done.changed) and not words(str(done)), (who, done)
    assert _stored(store) == before and not words(caplog.text)


def _tries(store: Store, one: Made, actor: Actor) -> list:
    """The commands with which somebody could try."""
    of = registers.register(one.register)
    stolen = {"id": one.id, "version": "1", of.title: "Mine now", **({of.person: "ada"} if of.person else {})}
    about = {of.person: "ada"} if of.person and not of.author else {of.author: one.writer} if of.author else {}
    return [
        lambda: registers.change(store, actor, of.id, one.id, {of.title: "Mine now"}, seen_version=1),
        lambda: registers.withdraw(store, actor, of.id, one.id, seen_version=1),
        lambda: registers.restore(store, actor, of.id, one.id),
        lambda: registers.import_rows(store, actor, of.id, [stolen], TODAY),
        lambda: registers.import_rows(store, actor, of.id, [{of.title: "About another", **about}], TODAY) if about else _refused(),
        lambda: records.show_history(store, actor, TODAY, of.id, one.id),
    ]


def _refused() -> None:
    raise NotAllowed("there is nobody whom it could be about")


def _stored(store: Store) -> tuple:
    with store.read() as tx:
        return tx.one("SELECT COUNT(*), SUM(version) FROM register_entry"), tx.one("SELECT COUNT(*) FROM register_version")


def test_who_sees_it_and_did_not_write_it_changes_only_what_its_writers_may(house):
    store, made = house
    for one in made:
        of = registers.register(one.register)
        if of.writers not in (("author",), ("person",)):
            continue
        for who in sorted(one.readers - {one.writer}):
            with pytest.raises(NotAllowed):
                registers.withdraw(store, ACTORS[who], of.id, one.id, seen_version=1)


# ---- the rest of the store --------------------------------------------------------------------------------------------


def test_no_word_about_anybody_stands_anywhere_else_in_the_store(house):
    """Neither in the audit nor in messages, jobs, figures or marks of forms."""
    store = house[0]
    with store.read() as tx:
        for table, column in people_data.columns(tx):
            if not table.startswith("register_"):
                (n,) = tx.one(f"SELECT COUNT(*) FROM {table} WHERE POSITION('secret' IN CAST({column} AS VARCHAR)) > 0 AND POSITION('zq' IN CAST({column} AS VARCHAR)) > 0")
                assert n == 0, f"{table}.{column}"
        assert tx.one("SELECT COUNT(*) FROM audit WHERE action = $1", [looking.ACTION])[0] > 0
    assert store.verify().ok


@pytest.mark.parametrize("who", ["ada", "ben", "lea", "adm"])
def test_everything_about_oneself_holds_what_is_about_oneself_and_what_one_wrote(house, who):
    store, made = house
    found = words(own.as_json(own.everything(store, ACTORS[who])).decode())
    outside = {one.word for one in made if registers.register(one.register).through}
    mine = {one.word for one in made if who in one.readers and (one.writer == who or _is_about(store, one, who))} - outside
    assert found == mine


def _is_about(store: Store, one: Made, who: str) -> bool:
    with store.read() as tx:
        return tx.one("SELECT 1 FROM register_entry WHERE register = $1 AND id = $2 AND person = $3", [one.register, one.id, who]) is not None


# Who reads entries past the commands, and why that tells of nobody. Whoever adds a line here has looked at what leaves the function.
PAST_THE_COMMANDS = {
    "scorecard/store": "rows for the commands above", "scorecard/people/feedback.py": "days of talks of those whom the reader leads, no words",
    "scorecard/people/growth.py": "counts of the team, of five people at least", "scorecard/people/skills.py": "counts of the team by skill",
    "scorecard/people/staffing.py": "positions for which somebody is named, not who", "scorecard/people/hiring.py": "who has scored, for the count",
    "scorecard/leadership/direction.py": "counts of who can explain a text", "scorecard/leadership/accountability.py": "counts of the whole team",
    "scorecard/maturity/records": "counts for the practices", "scorecard/relations/logging.py": "registers that everybody reads",
    "scorecard/registers.py": "the commands themselves",
}  # fmt: skip


def test_only_these_files_read_entries_past_the_commands():
    found = {str(path.relative_to(places.ROOT)) for path in (places.ROOT / "scorecard").rglob("*.py") if re.search(r"(FROM|JOIN) register_(entry|version)", path.read_text("utf-8"))}
    strange = [path for path in found if not any(path.startswith(known) for known in PAST_THE_COMMANDS)]
    assert not strange, f"{strange}: read through scorecard.registers, or say here why what is read tells of nobody."


# What is kept from one run of a page to the next and asks who is there: of registers that everybody reads, and of maturity, whose
# results are the same for a role. People's own rows need an actor, so that no other kept function can read them.
KEPT_FOR_AN_ACTOR = {"log_import._read", "log_form._offered", "maturity_results._results", "maturity_results._shown", "maturity_results._practices",
                     "sensory_comments._behind", "sensory_account._opened"}  # fmt: skip


def test_nothing_about_anybody_is_kept_from_one_reader_to_the_next():
    found = set()
    for path in (places.ROOT / "scorecard").rglob("*.py"):
        text = path.read_text("utf-8")
        if not re.search(r"@.*cache", text):
            continue
        for one in (node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)):
            kept = any(word in ast.unparse(each) for each in one.decorator_list for word in ("cache_data", "cache_resource", "lru_cache"))
            if kept and re.search(r"\b_?(actor|whose)\b", ast.unparse(one)):
                found.add(f"{path.stem}.{one.name}")
    assert found <= KEPT_FOR_AN_ACTOR, f"{found - KEPT_FOR_AN_ACTOR}: read what is about people in each run, or say here that it is not."


# ---- routes -----------------------------------------------------------------------------------------------------------


def get(address: str) -> httpx.Response:
    async def asked() -> httpx.Response:
        transport = httpx.ASGITransport(Starlette(routes=web.ROUTES))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await client.get(address)

    with ThreadPoolExecutor(1) as alone:
        return alone.submit(asyncio.run, asked()).result(60)


@pytest.mark.parametrize("register", OWN)
def test_no_route_gives_a_row_about_a_person_whatever_is_asked(here, register):
    for asked in (register, f"{register}.csv?person=ada&actor=lea"):
        answer = get(f"/api/records/{asked}")
        assert answer.status_code == 403 and "not for everybody" in answer.text and not words(answer.text)


def test_what_other_registers_give_away_names_nothing_of_people(here):
    open_ones = [one.id for one in registers.registers().values() if one.rows == "all" and any(field.kind == "entry" for field in one.fields)]
    assert not words("".join(register_tables.csv(here, None, id, TODAY) for id in open_ones))


# ---- pages ------------------------------------------------------------------------------------------------------------


def visit(name: str, reader: str, **query: str) -> AppTest:
    at = with_open_menus(AppTest.from_file(str(places.ROOT / "scorecard" / "ui" / "shell.py"), default_timeout=60))
    at.session_state[state.PERSON] = reader
    for key, value in query.items():
        at.query_params[key] = value
    return at.switch_page(str(places.ROOT / "pages" / f"{name}.py")).run()


def shown(at: AppTest) -> str:
    """Everything that was sent to the browser."""
    found, waiting = [], [at._tree]
    while waiting:
        node = waiting.pop()
        found.append(str(getattr(node, "proto", "")))
        waiting += list(getattr(node, "children", {}).values())
    return "\n".join(found)


def views() -> list[tuple[str, str]]:
    """(page, view) of every view of the pages on which people's own rows stand, "" for the page itself."""
    found = []
    for page in PAGES_WITH_OWN:
        text = source_of(page)
        modules = {name: importlib.import_module(f"scorecard.ui.{name}") for name in set(re.findall(r"(\w+)\.VIEWS?\b", text))}
        names = {view for module in modules.values() for view in getattr(module, "VIEWS", {})} | {module.VIEW for module in modules.values() if isinstance(getattr(module, "VIEW", 0), str)}
        found += [(page, view) for view in ("", *sorted(names))]
    return found


def test_every_view_shows_its_reader_what_is_theirs_and_the_next_reader_nothing_of_it(house, here):
    """The leader comes first: what is kept for one reader is not shown to the next. Each view is asked for about Ada, whoever looks."""
    made, met = house[1], set()
    for n, (page, view) in enumerate(views()):
        for who in ("lea", ("max", "ben", "adm", "ana", "vic")[n % 5]):
            at = visit(page, who, **({"view": view} if view else {}) | {"who": "ada", "person": "ada"})
            found = words(shown(at))
            assert not at.exception and found <= allowed(made, who), f"{who} on {page}?view={view}"
            met |= found
    known = {one.register for one in made if one.word in met}
    assert len(known) >= len(OWN) - 3, f"Nothing was shown of {sorted(set(OWN) - known)}: then this test is about empty pages."


@pytest.mark.parametrize("register", OWN)
def test_a_changed_address_opens_nothing_of_another_and_says_no_word_of_it(house, here, register):
    made = house[1]
    one = next(one for one in made if one.register == register)
    stranger = "max" if "cy" in one.readers else "cy"
    page = registers.register(register).page
    assert not words(shown(visit(page, stranger, record=f"{register}:{one.id}"))) - allowed(made, stranger)
    if register in OWN[::5]:
        assert one.word in shown(visit(page, sorted(one.readers)[0], record=f"{register}:{one.id}"))


@pytest.mark.parametrize("page", [name for name in block.PAGES if "register_forms.asked(" in source_of(name) and name not in PAGES_WITH_OWN][::3])
def test_no_other_page_opens_it_either(here, page):
    assert not words(shown(visit(page, "adm", record=f"{OWN[0]}:entry1")))


def test_the_files_of_the_pages_hold_what_their_reader_sees(house, here):
    store, made = house
    seen: set[str] = set()
    for who in ("lea", "ada", "max", "adm"):
        page = state.Page(store, ACTORS[who], TODAY, NOW, (), "", None, "")
        told = words(" ".join(map(str, _exported(page))))
        assert told <= allowed(made, who), who
        seen |= told
    assert seen  # the files do hold something of somebody


def _exported(page: state.Page) -> Iterator[Any]:
    """Every cell of every table that the menus Export of the two pages offer."""
    built = [build for part in people_export.PARTS for build in part(page).values()]
    yield from (part_tables.csv(one).decode() for one in (*(build() for build in built), *leadership_export.tables(page)))


def test_every_role_is_asked():
    assert {role for role, *_ in HOUSE.values()} == set(access.ROLES)

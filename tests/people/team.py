"""A small team in a store, made once for the tests of a file: Rana leads six people, Karen leads Rana, Jo is led by nobody."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from scorecard import registers
from scorecard.access import Actor
from scorecard.store import members
from scorecard.store.engine import Store, Tx
from scorecard.store.members import Person
from tests.stores import begin, opened

TODAY = date(2026, 11, 23)
RANA, KAREN = Actor("rana", "Rana Amari", "leader"), Actor("karen", "Karen Holt", "viewer")
NAMES = {"zoe": "Zoe Abel", "kenji": "Kenji Sato", "mei": "Mei Lin", "luc": "Luc Renard", "ines": "Ines Vidal", "abe": "Abe Young"}
KENJI, MEI, LUC, INES, ZOE, ABE = (Actor(id, NAMES[id], "member") for id in ("kenji", "mei", "luc", "ines", "zoe", "abe"))
JO = Actor("jo", "Jo Lind", "member")
SKILLS = ("Integrations", "Renewal talks")


def make_team(folder: Path) -> None:
    """Nothing; the folder holds a store with the team, two skills and a position that asks for both."""
    begin(folder / "state.duckdb", folder / "facts.duckdb")
    store = opened(folder)
    store.write(_people, "test")
    for name in SKILLS:
        registers.add(store, RANA, "skill", {"name": name}, today=TODAY, id=name.split()[0].lower())
    registers.add(store, RANA, "position_plan", position(), today=TODAY, id="csm")
    store.close()


def _people(tx: Tx) -> None:
    for id, name, role, leader in (("karen", "Karen Holt", "viewer", ""), ("rana", "Rana Amari", "leader", "karen"), ("jo", "Jo Lind", "member", ""),
                                   *((id, name, "member", "rana") for id, name in NAMES.items())):  # fmt: skip
        members.insert_person(tx, Person(id, name, sort_name=name.split()[-1], leader=leader))
        members.insert_member(tx, id, role)


def position(**more) -> dict:
    """A position plan that says something of everything."""
    return {"name": "CSM", "holders": ["kenji", "mei", "luc"], "needed": 4, "skills": [{"skill": "integrations", "people": 2}, {"skill": "Renewal Talks", "people": 1}],
            "traits": [{"trait": "Keeps a word", "question": "When did you not?"}], "induction": [{"step": "Meet a customer", "day": 5}, {"step": "Purpose", "day": 10}]} | more  # fmt: skip


def know(store: Store, person: str, skill: str, level: str, on: str = "2026-08-01") -> None:
    """The level of a person in a skill, as their leader writes it."""
    registers.add(store, RANA, "skill_level", {"person": person, "skill": skill, "level": level, "on": on}, today=TODAY)

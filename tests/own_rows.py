"""People's own rows as tests write them: a file of registers of every form, six people, a store of both."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from scorecard import registers
from scorecard.store import members
from scorecard.store.engine import Store
from scorecard.store.members import Person
from tests.conftest import make_actor, make_store

TODAY = date(2026, 11, 23)
RANA, KIM = make_actor("leader", "rana", "Rana Amari"), make_actor("leader", "kim", "Kim Oda")
JO, MEI, BO = (make_actor("member", id, name) for id, name in (("jo", "Jo Lind"), ("mei", "Mei Lin"), ("bo", "Bo Falk")))
ADMIN, NOBODY = make_actor("admin", "marek", "Marek"), make_actor("leader", "", "operator")
EVERYBODY = (RANA, KIM, JO, MEI, BO, ADMIN, NOBODY)
FILE = """
[aim]
label = "Aims"
one = "aim"
page = "people"
rows = "own"
write = "own_data"
fields = [{name = "title", label = "Aim", kind = "text", required = true}, {name = "whose", label = "Whose", kind = "person", required = true, default = "me"},
          {name = "kind", label = "Kind", kind = "choice", choices = ["big", "small"], default = "small"}]
states = {open = "open", closed = "closed"}
[step]
label = "Steps"
one = "step"
page = "people"
rows = "own"
write = "own_data"
fields = [{name = "title", label = "Step", kind = "text", required = true}, {name = "aim", label = "Aim", kind = "entry", of = "aim", required = true},
          {name = "whose", label = "Whose", kind = "person", required = true, default = "me"}]
[word]
label = "Words"
one = "word"
page = "people"
rows = "own"
write = "own_data"
author = "by"
fields = [{name = "title", label = "Said", kind = "text", required = true}, {name = "whose", label = "To", kind = "person", required = true},
          {name = "by", label = "By", kind = "person", required = true, default = "me"}]
person = "whose"
[wish]
label = "Wishes"
one = "wish"
page = "people"
rows = "own"
write = "own_data"
share = "to"
fields = [{name = "title", label = "Wish", kind = "text", required = true}, {name = "whose", label = "Whose", kind = "person", required = true, default = "me"},
          {name = "to", label = "To", kind = "choice", required = true, choices = ["leader", "team", "nobody"], default = "nobody"}]
[opening]
label = "Openings"
one = "opening"
page = "people"
person = "owner"
fields = [{name = "title", label = "Opening", kind = "text", required = true}, {name = "panel", label = "Panel", kind = "person", many = true},
          {name = "owner", label = "Led by", kind = "person", required = true, default = "me"}]
[candidate]
label = "Candidates"
one = "candidate"
page = "people"
rows = "own"
write = "own_data"
through = "opening"
readers = ["panel", "owner"]
fields = [{name = "title", label = "Name", kind = "text", required = true}, {name = "opening", label = "Opening", kind = "entry", of = "opening", required = true}]
[score]
label = "Scores"
one = "score"
page = "people"
rows = "own"
write = "own_data"
author = "by"
through = "candidate"
blind = "candidate"
fields = [{name = "title", label = "Heard", kind = "text", required = true}, {name = "candidate", label = "Candidate", kind = "entry", of = "candidate", required = true},
          {name = "by", label = "By", kind = "person", required = true, default = "me"}]
"""


def make_house(folder: Path) -> Store:
    """A store with the people, and the file of registers beside it; who calls this makes it the file of the registers."""
    (folder / "registers.toml").write_text(FILE, "utf-8")
    opened = make_store(folder)

    def people(tx) -> None:
        for one in (Person("rana", "Rana Amari", team="cs"), Person("kim", "Kim Oda", team="cs"), Person("marek", "Marek", team="it"),
                    Person("jo", "Jo Lind", team="cs", leader="rana", email="jo@a.example"), Person("mei", "Mei Lin", team="cs", leader="rana"), Person("bo", "Bo Falk", team="it", leader="kim")):
            members.insert_person(tx, one)

    opened.write(people, "Rana")
    return opened


def write(store: Store, actor, register: str, now=None, **values) -> registers.Entry:
    """A new entry; what it says is a secret unless told otherwise."""
    return registers.add(store, actor, register, {"title": "A secret"} | values, today=now.date() if now else TODAY, now=now)

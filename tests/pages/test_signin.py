"""What people see where they sign in: the entrance, themselves at the foot of the sidebar, and sessions and links in Settings."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from scorecard import organisation
from scorecard.signin import links, modes, sessions
from scorecard.store.members import Person
from scorecard.ui import gate, mode, state
from tests import stores
from tests.menus import with_open_menus
from tests.pages.conftest import PATIENCE, SHELL, places

ORIGIN = "https://scorecard.corp.example"
LINK = modes.Mode("link", ORIGIN, ("scorecard.corp.example",), ("10.0.0.5",))
OIDC = modes.Mode("oidc", ORIGIN, ("scorecard.corp.example",), ("10.0.0.5",),
                  (modes.Provider("okta", "Okta", "x", "https://x"), modes.Provider("entra", "Microsoft", "y", "https://y")))


@pytest.fixture(scope="module")
def folder(tmp_path_factory, beginning: Path) -> Path:
    """A store with a leader, two of her people, another leader and an admin, all signed in somewhere."""
    found = stores.copied(beginning, tmp_path_factory.mktemp("members"))
    store = stores.opened(found)
    for name, role, leader in (("Rana Amari", "leader", ""), ("Petra Berg", "member", "rana-amari"), ("Jo Lind", "member", "karen-holt"), ("Karen Holt", "leader", ""),
                               ("Marek Zielinski", "admin", "")):
        if leader == "karen-holt":
            store.write(lambda tx: tx.run("INSERT INTO person VALUES ('karen-holt', 'Karen Holt', 'Holt, Karen', '', '', '', 1)"), "test")
        person = Person("karen-holt" if name == "Karen Holt" else "", name, leader=leader)
        organisation.add_member(store, stores.ADMIN, person, role)
    for person in ("rana-amari", "petra-berg", "marek-zielinski"):
        sessions.begin(store, sessions.key_of(f"{person}'s secret"), person, "link", "Firefox/1 Linux", state.now())
    store.close()
    return found


@pytest.fixture
def open_page(folder, tmp_path, monkeypatch) -> Iterator[Callable[..., AppTest]]:
    """Opens a page with the session of somebody, or of nobody."""
    stores.copied(folder, tmp_path)

    def opened(name: str, person: str = "", of: modes.Mode = LINK) -> AppTest:
        monkeypatch.setattr(mode, "current", lambda: of)
        monkeypatch.setattr(gate, "_cookies", lambda: {gate.SECURE_COOKIE: f"{person}'s secret"})
        at = with_open_menus(AppTest.from_file(str(SHELL), default_timeout=PATIENCE))
        return at.switch_page(str(places.ROOT / "pages" / f"{name}.py")).run()

    yield opened
    state.close()


def choice(at: AppTest, label: str):
    return next((one for one in at.selectbox if one.label == label), None)


def member(at: AppTest):
    return next((one for one in at.selectbox if one.key == "signed-in member"), None)


def press(at: AppTest, words: str) -> AppTest:
    return next(one for one in at.button if one.label == words).click().run()


def said(at: AppTest) -> str:
    return " ".join(one.value for kind in (at.title, at.info, at.markdown, at.caption, at.code) for one in kind)


@pytest.mark.parametrize("page", ["settings", "audit"])
def test_nobody_sees_the_entrance_and_nothing_of_the_page(open_page, page):
    at = open_page(page)
    assert [one.value for one in at.title] == ["Seven Systems"] and not at.selectbox and not at.sidebar.children
    assert "personal link" in said(at) and not at.button and not at.exception


def test_a_provider_each_has_a_button(open_page):
    assert [one.label for one in open_page("settings", of=OIDC).button] == ["Sign in with Okta", "Sign in with Microsoft"]


def test_who_signed_in_stands_at_the_foot_and_cannot_choose_to_be_somebody_else(open_page):
    at = open_page("settings", "petra-berg")
    at.session_state[state.PERSON] = "marek-zielinski"
    at.run()
    assert "**Petra Berg** · member" in [one.value for one in at.sidebar.caption] and choice(at, "Person at the keyboard") is None
    press(at, "Sign out")
    assert [one.value for one in at.title] == ["Seven Systems"] and "You are signed out." in said(at)


@pytest.mark.parametrize(("person", "of"), [("petra-berg", ["Petra Berg"]), ("rana-amari", ["Petra Berg", "Rana Amari"]),
                                            ("marek-zielinski", ["Administrator", "Rana Amari", "Petra Berg", "Karen Holt", "Jo Lind", "You", "Marek Zielinski"])])
def test_one_sees_ones_own_sessions_a_leader_those_of_her_people_an_admin_all(open_page, person, of):
    at = open_page("settings", person)
    assert sorted(member(at).options) == sorted(of) and "Firefox on Linux" in said(at)


def test_an_admin_makes_a_link_that_is_shown_once_and_ends_it(open_page):
    at = open_page("settings", "marek-zielinski")
    member(at).select("jo-lind").run()
    assert "Jo Lind is signed in nowhere." in said(at)
    press(at, "Make a sign-in link")
    address = next(one.value for one in at.code)
    token = re.fullmatch(re.escape(f"{ORIGIN}/signin/") + r"([\w-]{43})", address)[1]
    assert links.opened(state.store(), token, state.now()).person.id == "jo-lind"
    at.run()
    assert address not in said(at) and "A sign-in link by Marek Zielinski answers until" in said(at)
    press(at, "End the link")
    assert links.opened(state.store(), token, state.now()) is None


def test_somebody_ends_a_session_from_another_browser(open_page):
    at = open_page("settings", "petra-berg")
    store, other = state.store(), sessions.key_of("a lost laptop")
    sessions.begin(store, other, "petra-berg", "link", "Safari/1 Mac OS X", state.now())
    at.run()
    press(at, "End all of them")
    assert sessions.find(store, other, state.now()) is None and [one.value for one in at.title] == ["Seven Systems"]


def test_what_another_person_left_in_this_window_is_gone(open_page, monkeypatch):
    at = open_page("settings", "petra-berg")
    at.session_state["a draft"] = "what Petra wrote"
    at.run()
    assert "a draft" in at.session_state
    monkeypatch.setattr(gate, "_cookies", lambda: {gate.SECURE_COOKIE: "rana-amari's secret"})
    at.run()
    assert "a draft" not in at.session_state and "**Rana Amari** · leader" in [one.value for one in at.sidebar.caption]


def test_on_one_machine_there_is_nothing_to_see_of_signing_in(open_page):
    at = open_page("settings", "marek-zielinski", modes.Mode())
    assert choice(at, "Person at the keyboard") is not None and member(at) is None
    assert not [one for one in at.button if one.label in ("Sign out", "Make a sign-in link", "End")]

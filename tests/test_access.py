"""Who may do what: the table is the one of the design, and the default is no."""

from __future__ import annotations

import pytest

from scorecard import access
from scorecard.access import Actor
from scorecard.errors import NotAllowed

# As drawn in the design: viewer, member, analyst, leader, admin.
DESIGN = {
    "Read the scorecard and packs": "●●●●●",
    "Log touches, deposits, promises": "–●●●●",
    "Assess maturity, comment": "–●●●–",
    "Own data about oneself": "●●●●●",
    "Load files, edit measures": "––●●●",
    "Change goals, lock limits": "–––●–",
    "Decide, sign a month": "–––●–",
    "Read people data of own team": "–––●–",
    "Make and end share links": "–––●–",
    "Sign-in links, ending sessions": "–––●●",
    "Members, roles, backups": "––––●",
    "Read the audit": "–––●●",
}


def make_actor(role: str) -> Actor:
    return Actor("p1", "Tolu Adeyemi", role)


def test_the_table_equals_the_design_row_by_row():
    drawn = {row.words: "".join("●" if yes else "–" for yes in row.allowed) for row in access.table()}
    assert drawn == DESIGN
    assert list(drawn) == list(DESIGN)


@pytest.mark.parametrize("action", access.ACTIONS)
@pytest.mark.parametrize("role", access.ROLES)
def test_require_and_may_agree_with_the_table(role, action):
    words, allowed = access.ACTIONS[action]
    assert access.may(make_actor(role), action) is (role in allowed) is (DESIGN[words][access.ROLES.index(role)] == "●")
    if role in allowed:
        access.require(make_actor(role), action)
    else:
        with pytest.raises(NotAllowed):
            access.require(make_actor(role), action)


def test_actions_that_share_words_share_roles():
    assert len({(words, allowed) for words, allowed in access.ACTIONS.values()}) == len(DESIGN)


@pytest.mark.parametrize("actor", [None, make_actor(""), make_actor("owner"), make_actor("LEADER"), make_actor("leader ")])
@pytest.mark.parametrize("action", access.ACTIONS)
def test_nobody_and_an_unknown_role_may_nothing(actor, action):
    assert not access.may(actor, action)
    with pytest.raises(NotAllowed):
        access.require(actor, action)


@pytest.mark.parametrize("role", access.ROLES)
@pytest.mark.parametrize("action", ["format_disk", "Format_disk", ""])
def test_an_unknown_action_is_refused_to_everybody(role, action):
    assert not access.may(make_actor(role), action)
    with pytest.raises(NotAllowed) as refused:
        access.require(make_actor(role), action)
    assert str(refused.value) == f"Tolu Adeyemi ({role}) may not do this: {action.lower()}. No role may."


@pytest.mark.parametrize(("role", "action", "sentence"), [
    ("member", "lock_limits", "Tolu Adeyemi (member) may not do this: change goals, lock limits. Ask a leader."),
    ("viewer", "load_files", "Tolu Adeyemi (viewer) may not do this: load files, edit measures. Ask an analyst, a leader or an admin."),
    ("analyst", "read_audit", "Tolu Adeyemi (analyst) may not do this: read the audit. Ask a leader or an admin."),
    ("leader", "manage_members", "Tolu Adeyemi (leader) may not do this: members, roles, backups. Ask an admin."),
])
def test_a_refusal_says_who_may_instead(role, action, sentence):
    with pytest.raises(NotAllowed) as refused:
        access.require(make_actor(role), action)
    assert str(refused.value) == sentence


def test_a_refusal_of_nobody_says_that_nobody_is_signed_in():
    with pytest.raises(NotAllowed, match=r"^Nobody is signed in, so this may not be done: decide, sign a month\. Ask a leader\.$"):
        access.require(None, "decide")


def test_the_markdown_table_has_a_line_a_row():
    lines = access.markdown().splitlines()
    assert lines[0] == "| | viewer | member | analyst | leader | admin |"
    assert lines[1] == "|---|---|---|---|---|---|"
    assert lines[2:] == [f"| {words} | {' | '.join('yes' if sign == '●' else sign for sign in signs)} |" for words, signs in DESIGN.items()]

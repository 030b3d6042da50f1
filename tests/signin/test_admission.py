"""Who comes in with an account of a provider, and the many who do not."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from scorecard import organisation
from scorecard.signin import accounts, admission, modes, sessions
from scorecard.signin.admission import Claims, Refused
from scorecard.store import signin
from scorecard.store.members import Person
from tests.conftest import make_actor

NOW = datetime(2026, 11, 23, 9, 0)
ISSUER = "https://id.corp.example"
PROVIDER = {"client_id": "seven", "client_secret": "s", "server_metadata_url": f"{ISSUER}/.well-known/openid-configuration"}
GROUPS = {"groups": {"okta": {"claim": "groups", "roles": {"cs": "member", "cs-leaders": "leader"}}}}
MODE = modes.read({"auth": {"redirect_uri": "https://s.corp.example/oauth2callback", "cookie_secret": "x", "okta": PROVIDER, "entra": PROVIDER | {"client_id": "other"}},
                   "signin": {"vouched": ["entra"], **GROUPS}})
ADMIN = make_actor("admin", "administrator", "Administrator")


def claims(provider: str = "okta", made_at: datetime = NOW, **said) -> Claims:
    base = {"iss": ISSUER, "sub": "rana-1", "aud": "seven", "nonce": "n1", "iat": 1_795_424_400, "email": "rana@corp.example", "email_verified": True}
    return Claims(provider, base | said, made_at)


@pytest.fixture(scope="module")
def house(tmp_path_factory, beginning):
    """A store with some members, shared: each test comes with people of its own."""
    from tests import stores

    opened = stores.opened(stores.copied(beginning, tmp_path_factory.mktemp("admission")))
    for name in ("Rana Amari", "Petra Berg", "Nora Falk", "Jo Lind", "Sam Whitlock", "Karen Holt"):
        organisation.add_member(opened, ADMIN, Person("", name, email=f"{name.split()[0].lower()}@corp.example"), "member")
    yield opened
    opened.close()


def admit(store, of=MODE, now=NOW, **said):
    return admission.admit(store, of, claims(**said), "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0", now)


def test_a_member_with_a_verified_e_mail_comes_in_whatever_the_case_of_its_letters(house):
    session = admit(house, email="Rana@Corp.Example", nonce="case")
    assert (session.person, session.mode, session.agent) == ("rana-amari", "oidc", "Firefox on Linux")
    assert sessions.look(house, session.id, NOW).person.role == "member"
    with house.read() as tx:
        last = tx.all("SELECT actor, action, object FROM audit ORDER BY seq DESC LIMIT 1")[0]
    assert last == ("rana@corp.example (sign-in)", "sign in", "member:rana-amari")


@pytest.mark.parametrize(("said", "why"), [
    ({"email": "mallory@corp.example"}, "mallory@corp.example is not a member here"),
    ({"email_verified": False}, "not verified by the provider"),
    ({"email_verified": None}, "not verified by the provider"),
    ({"email_verified": "false"}, "not verified"),
    ({"email_verified": "yes"}, "not verified"),
    ({"email": ""}, "gave no e-mail"),
    ({"email": None}, "gave no e-mail"),
    ({"email": ["rana@corp.example"]}, "gave no e-mail"),
    ({"email": "rana@corp.example\nnora@corp.example"}, "gave no e-mail"),
    ({"email": "rana@corp.example@evil.example"}, "gave no e-mail"),
    ({"email": "\u212aaren@corp.example"}, "gave no e-mail"),
    ({"email": "\u017fam@corp.example"}, "gave no e-mail"),
    ({"email": "\uff52ana@corp.example"}, "gave no e-mail"),
    ({"email": "r\u0430na@corp.example"}, "is not a member here"),
    ({"email": "rana@corp\u2024example"}, "gave no e-mail"),
    ({"aud": "another-program"}, "made for another program"),
    ({"aud": ["another-program"], "azp": "seven"}, "made for another program"),
    ({"aud": ["seven", "x"], "azp": "x"}, "made for another program"),
    ({"nonce": ""}, "did not say who signed in"),
    ({"sub": ""}, "did not say who signed in"),
    ({"iat": "now"}, "did not say who signed in"),
    ({"provider": "google"}, "not set up here"),
    ({"made_at": NOW - timedelta(minutes=11)}, "too old to begin with"),
    ({"made_at": NOW + timedelta(minutes=5)}, "too old to begin with"),
])
def test_everybody_else_is_told_why_not(house, said, why):
    with pytest.raises(Refused, match=why):
        admit(house, **{"nonce": "else", **said})


def test_a_provider_that_says_nothing_about_verifying_needs_somebody_who_vouches(house):
    entra = {"provider": "entra", "aud": "other", "sub": "jo-1", "email": "jo@corp.example", "nonce": "vouch"}
    assert admit(house, email_verified=None, **entra).person == "jo-lind"
    with pytest.raises(Refused, match="not verified"):
        admit(house, email_verified=False, **entra)


def test_a_second_account_with_the_same_e_mail_is_refused_until_an_admin_forgets_the_first(house):
    first = admit(house, email="nora@corp.example", sub="nora-1", nonce="first")
    for other in ({"sub": "nora-2"}, {"sub": "nora-1", "iss": "https://id.evil.example"}):
        with pytest.raises(Refused, match="came here with another account before"):
            admit(house, **{"email": "nora@corp.example", "nonce": "second", **other})
    with pytest.raises(Refused, match="another account"):
        admit(house, email="petra@corp.example", sub="nora-1", nonce="third")  # One account, another member's e-mail.
    assert accounts.forget(house, ADMIN, "nora-falk", NOW) == 1
    assert sessions.look(house, first.id, NOW).over == "ended by Administrator"
    assert admit(house, email="nora@corp.example", sub="nora-2", nonce="fourth").person == "nora-falk"


def test_an_account_whose_e_mail_changed_at_the_provider_waits_for_the_admin(house):
    admit(house, nonce="before")
    with pytest.raises(Refused, match="rana.new@corp.example is not a member here. This account came with another e-mail before"):
        admit(house, email="rana.new@corp.example", nonce="after")


def test_the_account_of_an_e_mail_goes_with_the_e_mail(house):
    admit(house, email="petra@corp.example", sub="petra-1", nonce="p1")
    member = next(one for one in organisation.member_list(house) if one.person.id == "petra-berg")
    organisation.save_member(house, ADMIN, replace(member.person, email="petra.berg@corp.example"), "member", True, member.version)
    assert accounts.of(house, ADMIN, "petra-berg") is None
    with pytest.raises(Refused, match="is not a member"):
        admit(house, email="petra@corp.example", sub="petra-1", nonce="p2")


def test_two_people_with_one_e_mail_let_nobody_in(house):
    house.write(lambda tx: tx.run("INSERT INTO person VALUES ('twin', 'Twin', 'Twin', 'KAREN@corp.example', '', '', 1)"), "test")
    with pytest.raises(Refused, match="Two people here have the e-mail"):
        admit(house, email="karen@corp.example", sub="karen", nonce="twin")


def test_a_suspended_member_stays_out_also_by_a_group_and_one_of_before_stays_ended(house):
    admit(house, email="sam@corp.example", sub="sam", nonce="s1")
    member = next(one for one in organisation.member_list(house) if one.person.id == "sam-whitlock")
    organisation.suspend(house, ADMIN, "sam-whitlock", member.version)
    with pytest.raises(Refused, match="suspended here"):
        admit(house, email="sam@corp.example", sub="sam", nonce="s2", groups=["cs-leaders"])
    organisation.reactivate(house, ADMIN, "sam-whitlock", member.version + 1)
    assert sessions.look(house, claims(email="sam@corp.example", sub="sam", nonce="s1").key, NOW).over == "suspended"


def test_a_group_makes_a_member_changes_the_role_and_takes_it_away(house):
    new = {"email": "tolu@corp.example", "sub": "tolu", "name": "Tolu  Adeyemi"}
    assert admit(house, groups=["cs"], nonce="g1", **new).person == "tolu-adeyemi"
    assert organisation.who(house, "tolu-adeyemi").role == "member"
    admit(house, groups=["cs", "cs-leaders"], nonce="g2", **new)
    assert organisation.who(house, "tolu-adeyemi").role == "leader"
    for groups in ([], None, "CS", {"cs-leaders": True}, [["cs"]]):
        with pytest.raises(Refused, match="in no group that comes in"):
            admit(house, groups=groups, nonce="g3", **new)


def test_groups_of_a_provider_without_a_map_make_nobody_a_member(house):
    with pytest.raises(Refused, match="is not a member here"):
        admit(house, provider="entra", aud="other", email="camila@corp.example", sub="camila", groups=["cs-leaders"], nonce="m")


def test_groups_give_no_other_role_to_a_member_whom_an_admin_made(house):
    admit(house, groups=["cs-leaders"], nonce="by hand")
    assert organisation.who(house, "rana-amari").role == "member"


@pytest.mark.parametrize(("said", "claim", "found"), [
    ({"groups": ["a", "b", 3]}, "groups", {"a", "b"}), ({"groups": "a"}, "groups", {"a"}), ({}, "groups", set()),
    ({"realm_access": {"roles": ["lead"]}}, "realm_access.roles", {"lead"}), ({"realm_access": "x"}, "realm_access.roles", set()),
    ({"https://corp.example/groups": ["a"]}, "https://corp.example/groups", {"a"}),
])
def test_groups_are_read_as_providers_write_them(said, claim, found):
    assert admission.groups_of(claims(**said), claim) == found


def test_the_same_sign_in_seen_twice_is_one_session_and_an_ended_one_never_comes_back(house):
    first = admit(house, nonce="once")
    assert admit(house, nonce="once", now=NOW + timedelta(minutes=1)).id == first.id
    assert sessions.end(house, first.id, NOW + timedelta(minutes=2))
    again = admit(house, nonce="once", now=NOW + timedelta(minutes=3))
    assert again.ended_at is not None and sessions.find(house, first.id, NOW + timedelta(minutes=3)) is None
    with house.read() as tx:
        assert signin.session(tx, first.id).ended_by == "signed out"

"""The page Settings in every role: what is shown, what may be changed, and that a refusal is told in plain words."""

from __future__ import annotations

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from scorecard import access, measures, organisation, places
from scorecard.organisation import Person
from scorecard.output import settings
from scorecard.ui import state

PAGE = str(places.ROOT / "pages" / "settings.py")
PEOPLE = {"viewer": "Karen Holt", "member": "Tolu Adeyemi", "analyst": "Sam Whitlock", "leader": "Rana Amari", "admin": "Marek Zielinski"}
FORM = "Save organisation"


@pytest.fixture
def opened(admin):
    """A store with one member of each role besides the two of the first start."""
    found = state.store()
    for role, name in PEOPLE.items():
        organisation.add_member(found, admin, Person("", name), role)
    yield found
    state.close()


def make_page(role: str) -> AppTest:
    app = AppTest.from_file(str(places.ROOT / "scorecard" / "ui" / "shell.py"), default_timeout=60)
    app.session_state[state.PERSON] = PEOPLE[role].lower().replace(" ", "-")
    return app.switch_page(PAGE).run()


def button(app: AppTest, label: str):
    return next((one for one in app.button if one.label == label), None)


def typed(elements, end: str, start: str):
    return next(one for one in elements if one.key and one.key.startswith(start) and one.key.endswith(end))


def choice(app: AppTest, label: str):
    return next(one for one in app.selectbox if one.label == label)


@pytest.mark.parametrize("role", access.ROLES)
def test_the_page_opens_without_a_fault_in_every_role(opened, role):
    app = make_page(role)
    assert not app.exception and not app.error
    assert [title.value for title in app.title] == ["Settings"]
    assert any("7 members" in caption.value for caption in app.caption)


@pytest.mark.parametrize("role", access.ROLES)
def test_forms_are_open_to_who_may_change_them_only(opened, role):
    app = make_page(role)
    leads, manages = role == "leader", role == "admin"
    assert (button(app, FORM) is not None) is leads
    assert app.radio[0].disabled is not leads
    for label in ("Add", "Save member", "Save team", "Make a backup"):
        assert (button(app, label) is not None) is manages
    assert (button(app, "Audit") is not None) is (leads or manages)
    assert any(one.label.startswith("Role of ") for one in app.selectbox) is manages


def test_who_opens_a_page_is_seen_today(opened):
    make_page("leader")
    seen = {member.person.name: member.last_seen for member in organisation.member_list(opened)}
    assert seen["Rana Amari"].date() == state.now().date() and seen["Karen Holt"] is None


def test_a_leader_saves_the_organisation(opened):
    app = make_page("leader")
    app.text_input[0].set_value("Larkfield")
    choice(app, "Fiscal year starts in").set_value("April")
    button(app, FORM).click()
    app.run()
    stored = organisation.organisation(opened)
    assert (stored.name, stored.fiscal_start, stored.changed_by) == ("Larkfield", 4, "Rana Amari")
    assert not app.error


def test_a_stale_save_shows_both_versions_and_a_second_save_goes_through(opened, leader):
    app = make_page("leader")
    app.text_input[0].set_value("Larkfield Ltd")
    organisation.save_organisation(opened, leader, replace(organisation.organisation(opened), name="Larkfield"))
    button(app, FORM).click()
    app.run()
    assert organisation.organisation(opened).name == "Larkfield"
    assert "Now stored: name Larkfield. Yours: name Larkfield Ltd." in app.error[0].value
    assert app.text_input[0].value == "Larkfield Ltd"
    button(app, FORM).click()
    app.run()
    assert organisation.organisation(opened).name == "Larkfield Ltd"


def test_a_stale_role_is_refused_and_the_row_shows_what_is_stored(opened, admin):
    app = make_page("admin")
    organisation.set_role(opened, admin, "tolu-adeyemi", "analyst", 1)
    choice(app, "Role of Tolu Adeyemi").set_value("viewer").run()
    assert "Now stored: role analyst. Yours: role viewer." in app.error[0].value
    app.run()
    assert organisation.who(opened, "tolu-adeyemi").role == "analyst"
    assert choice(app, "Role of Tolu Adeyemi").value == "analyst" and not app.error


def test_a_role_that_somebody_else_changed_is_shown_at_the_next_click(opened, admin):
    app = make_page("admin")
    organisation.set_role(opened, admin, "tolu-adeyemi", "analyst", 1)
    app.run()
    assert choice(app, "Role of Tolu Adeyemi").value == "analyst" and not app.error


def test_a_stale_member_form_keeps_what_was_typed(opened, admin):
    app = make_page("admin")
    choice(app, "Member").set_value("tolu-adeyemi").run()
    typed(app.text_input, " email", "change tolu").set_value("tolu@larkfield.example")
    organisation.set_role(opened, admin, "tolu-adeyemi", "analyst", 1)
    button(app, "Save member").click()
    app.run()
    assert "Now stored: role analyst. Yours: role member." in app.error[0].value
    assert typed(app.text_input, " email", "change tolu").value == "tolu@larkfield.example"


def test_a_wrong_name_is_refused_in_plain_words(opened):
    app = make_page("leader")
    app.text_input[0].set_value("\u202e ")
    button(app, FORM).click()
    app.run()
    assert [error.value for error in app.error] == ["The organisation's name is empty. Write one."]


def test_a_leader_chooses_a_rule_set_and_sees_what_it_costs_first(opened):
    app = make_page("leader")
    app.radio[0].set_value("nhs").run()
    assert any("Months that were read keep what they said." in caption.value for caption in app.caption)
    assert measures.scorecards(opened)[0].rule_set == "wheeler"
    button(app, "Use nhs").click()
    app.run()
    assert measures.scorecards(opened)[0].rule_set == "nhs"


def test_an_admin_changes_a_role_in_its_row(opened):
    app = make_page("admin")
    choice(app, "Role of Tolu Adeyemi").set_value("analyst").run()
    assert organisation.who(opened, "tolu-adeyemi").role == "analyst"
    assert not app.error


def test_the_last_administrator_cannot_be_taken_away_and_the_page_says_so(opened, admin):
    organisation.suspend(opened, admin, organisation.ADMINISTRATOR, 1)
    app = make_page("admin")
    choice(app, "Role of Marek Zielinski").set_value("viewer").run()
    assert [error.value for error in app.error] == ["Marek Zielinski is the last active admin. Make somebody else admin first."]
    assert organisation.who(opened, "marek-zielinski").role == "admin"


def test_a_suspended_person_falls_back_to_the_leader_at_the_keyboard(opened, admin):
    app = make_page("admin")
    member = next(one for one in organisation.member_list(opened) if one.person.id == "marek-zielinski")
    organisation.suspend(opened, admin, "marek-zielinski", member.version)
    app.run()
    assert button(app, "Add") is None


def test_an_admin_adds_a_member_in_one_step(opened):
    app = make_page("admin")
    typed(app.text_input, " name", "new ").set_value("Petra Berg")
    typed(app.selectbox, " role", "new ").set_value("viewer")
    button(app, "Add").click()
    app.run()
    assert organisation.who(opened, "petra-berg").role == "viewer"


def test_an_admin_changes_a_person_and_the_role_in_one_save(opened):
    app = make_page("admin")
    choice(app, "Member").set_value("tolu-adeyemi").run()
    typed(app.text_input, " email", "change tolu").set_value("tolu@larkfield.example")
    typed(app.selectbox, " role", "change tolu").set_value("analyst")
    button(app, "Save member").click()
    app.run()
    member = next(one for one in organisation.member_list(opened) if one.person.id == "tolu-adeyemi")
    assert (member.person.email, member.role) == ("tolu@larkfield.example", "analyst")


def test_an_admin_makes_a_team(opened):
    app = make_page("admin")
    typed(app.text_input, " name", "team ").set_value("Enterprise")
    button(app, "Save team").click()
    app.run()
    assert [team.name for team in organisation.teams(opened)] == ["Enterprise"]


def test_an_admin_makes_a_backup(opened):
    app = make_page("admin")
    button(app, "Make a backup").click()
    app.run()
    assert not app.error and not app.exception
    assert len(list(opened.backups.glob("*/backup.json"))) == 1


def test_a_name_with_markup_is_shown_as_it_is_written(opened, admin):
    organisation.add_member(opened, admin, Person("", "<img src=x> **Bold**"), "viewer")
    app = make_page("admin")
    assert not app.exception
    shown = [one.value for one in app.markdown if "img" in one.value]
    assert shown and all("<img" not in text.replace("\\<", "") for text in shown)

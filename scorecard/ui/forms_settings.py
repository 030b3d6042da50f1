"""The forms of the page Settings: organisation, rule set, members, teams. Each saves in one transaction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from zoneinfo import available_timezones

import streamlit as st

from scorecard import access, diary, metrics, organisation
from scorecard.core import rhythm, spc
from scorecard.core.periods import MONTHS, day
from scorecard.core.reading import count_word
from scorecard.metrics.words import often
from scorecard.organisation import CURRENCIES, WEEK_STARTS, Member, Organisation, Person, Team
from scorecard.output import settings
from scorecard.output.theme import escape_markdown, escape_sentence
from scorecard.store.definitions import Scorecard
from scorecard.store.engine import Store
from scorecard.ui import block, forms, member_access
from scorecard.ui.state import Page

LONG, SHORT = 24, 12
NO_ONE, NO_TEAM, NO_DAY = "no leader", "no team", "no day set"
# The native choice and the bars beside it stand on the same rows.
_STYLE = f"""<style>
.st-key-rule-set [data-testid="stRadioGroup"] {{ gap: 0; padding-top: 25px; }}
.st-key-rule-set [data-testid="stRadioGroup"] > div {{ height: {settings.ROW}px; margin: 0; padding: 2px 0; gap: 0; }}
.st-key-rule-set [data-testid="stRadioCaption"] p {{ white-space: nowrap; font-size: 12px; line-height: 16px; }}
</style>"""


# -- what a person has opened

def _opened(name: str, probe: str, *versions: object) -> tuple[str, tuple]:
    """The key of a form's inputs, and the versions of the rows that its reader saw when it was opened.

    These versions, not today's, go with a save: else a change by somebody else meanwhile would be overwritten unseen.
    """
    key = f"{name} {st.session_state.get(f'opened {name}', 0)}"
    if f"{key} {probe}" not in st.session_state:
        st.session_state[f"seen {key}"] = versions
    return key, st.session_state[f"seen {key}"]


def _open_anew(name: str) -> None:
    """The form shows what is stored the next time it is drawn."""
    st.session_state[f"opened {name}"] = st.session_state.get(f"opened {name}", 0) + 1


def _save(name: str, key: str, page: Page, work: Callable[[Store], object], said: str, versions: tuple) -> None:
    """Saves once. A refusal is shown and what was typed stays; `versions` are then those that the refusal told of."""
    def saved(store: Store) -> None:
        work(store)
        _open_anew(name)

    forms.save(key, page.store, saved, said)
    st.session_state[f"seen {key}"] = versions


# -- the organisation

def organisation_section(page: Page, stored: Organisation) -> None:
    """The organisation's settings: a form for leaders, a table for everybody else."""
    heading("Organisation")
    if access.may(page.actor, "change_goals"):
        _organisation_form(page, stored)
        return
    block.draw(settings.organisation_table({
        "Name": stored.name, "Time zone": stored.time_zone, "Currency": CURRENCIES.get(stored.currency, stored.currency),
        "Fiscal year starts in": MONTHS[stored.fiscal_start - 1], "Week starts on": stored.week_start,
        "Figures are due": rhythm.due_words(stored.figures_due), "Monthly review": stored.review_day or NO_DAY}), key="organisation")
    st.caption(f"{_last_change(stored)} A leader changes these.")


def _organisation_form(page: Page, stored: Organisation) -> None:
    key, (version,) = _opened("organisation", "name", stored.version)
    with st.form(key, border=False):
        name = st.text_input("Name", stored.name, max_chars=200, key=f"{key} name")
        left, right = st.columns(2, gap="small")
        zone = left.selectbox("Time zone", zones(), zones().index(stored.time_zone), key=f"{key} zone")
        symbols = list(CURRENCIES)
        currency = right.selectbox("Currency", symbols, symbols.index(stored.currency), format_func=CURRENCIES.get, key=f"{key} currency")
        fiscal = left.selectbox("Fiscal year starts in", MONTHS, stored.fiscal_start - 1, key=f"{key} fiscal")
        week = right.selectbox("Week starts on", WEEK_STARTS, WEEK_STARTS.index(stored.week_start), key=f"{key} week")
        due = left.selectbox("Figures are due", range(rhythm.LAST_DUE + 1), stored.figures_due, format_func=rhythm.due_words, key=f"{key} due")
        days = ("", *rhythm.review_days())
        review = right.selectbox("Monthly review", days, days.index(stored.review_day) if stored.review_day in days else 0,
                                 format_func=lambda day: day or NO_DAY, key=f"{key} review")
        st.caption(_last_change(stored))
        if st.form_submit_button("Save organisation"):
            new = replace(stored, name=name, time_zone=zone, currency=currency, fiscal_start=MONTHS.index(fiscal) + 1, week_start=week,
                          figures_due=due, review_day=review, version=version)
            _save("organisation", key, page, lambda store: _save_and_plan(store, page, new), "The organisation is saved.", (stored.version,))


def _save_and_plan(store: Store, page: Page, new: Organisation) -> None:
    organisation.save_organisation(store, page.actor, new)
    diary.plan(store, page.actor, page.today)


@cache
def zones() -> tuple[str, ...]:
    """Every time zone that is known here."""
    return tuple(sorted(available_timezones()))


def _last_change(stored: Organisation) -> str:
    told = "A new fiscal start changes quarters from then on. The next reviews are planned on the day of the monthly review."
    if stored.version > 1 and stored.changed_at:
        told += f" Last changed {day(stored.changed_at.date())} by {escape_markdown(stored.changed_by)}."
    return told


# -- what counts as a signal

@st.cache_data(show_spinner="Working out the false alarms of each rule set.")
def chances(measures: int) -> dict[str, tuple[float, float]]:
    """For each rule set the chance of at least one false alarm in a month, limits from 24 and from 12 months."""
    return {rules: (spc.false_alarm_budget(rules, measures, LONG), spc.false_alarm_budget(rules, measures, SHORT))
            for rules in spc.RULE_SETS}


def rule_set_form(page: Page, card: Scorecard) -> None:
    """The rule set of a scorecard beside what each costs in false alarms."""
    count = max(1, len(card.measures))
    said = "one measure" if count == 1 else f"at least one of {count_word(count)} measures"
    heading("What counts as a signal", "one rule set for the whole scorecard")
    st.caption(f"Chance that {said} gives a signal in a month in which nothing happened:")
    rules = _choice(page, card, chances(count))
    if rules != card.rule_set:
        now, then = (often(chances(count)[name][0], "month") for name in (card.rule_set, rules))
        st.caption(f"From {now} to {then} once limits are locked. Months that were read keep what they said.")
        if st.button(f"Use {rules}", type="primary"):
            forms.save("rule set", page.store, lambda store: metrics.set_rule_set(store, page.actor, card.id, rules),
                       f"{card.name} is read with {rules} from now on.")


def _choice(page: Page, card: Scorecard, found: dict[str, tuple[float, float]]) -> str:
    """The rule set that is chosen on the page, not yet saved."""
    st.html(_STYLE)
    left, right = st.columns([11, 9], gap="small")
    with left, st.container(key="rule-set"):
        rules = st.radio("Rule set", list(found), list(found).index(card.rule_set), captions=[settings.RULE_WORDS[name] for name in found],
                         key=f"rules of {card.id} {card.version} {card.rule_set}", label_visibility="collapsed",
                         disabled=not access.may(page.actor, "lock_limits"))
    with right:
        block.draw(settings.budgets(found, rules), key="budgets")
    return rules


def heading(title: str, beside: str = "") -> None:
    """The heading of a section with a few words at its right."""
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="bottom"):
        st.header(title, anchor=False, width="content")
        if beside:
            st.caption(beside, width="content")


def budget_note(card: Scorecard, footer: tuple) -> None:
    """Draws the false-alarm budget: of today's limits when there are any, else of limits from 24 months."""
    locked = often(chances(max(1, len(card.measures)))[card.rule_set][0], "month")
    now = next((one.text.strip() for one in footer if "chance alone" in one.text), "")
    told = now or f"With limits from {LONG} months, chance alone gives a signal in {locked}."
    later = "" if locked in told else f" With limits locked at {LONG} months it is {locked}."
    block.draw(settings.budget_note("False-alarm budget now.", f"{told}{later} The rule set is {card.rule_set}. "
                                    "Changing the rule set never repaints a month that was read."), key="budget")


# -- members, people and teams

def members_section(page: Page, found: tuple[Member, ...]) -> None:
    """The members; for an admin with a role to choose in each row, and forms to add and change."""
    teams, people = organisation.teams(page.store), organisation.people(page.store)
    manages = access.may(page.actor, "manage_members")
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.header("Members", anchor=False, width="content")
        if manages or member_access.wanted():
            with st.container(horizontal=True, width="content", gap="small"):
                _member_menus(page, found, teams, people, manages)
    if manages:
        _rows(page, found, teams, people)
    else:
        block.draw(settings.members_table(found, teams, people, page.today), key="members")
    st.caption(f"{len(found)} in alphabetical order. A role that changes takes effect at the next click. "
               "Who leaves is suspended, not deleted." + ("" if manages else " An admin changes members."))


def _member_menus(page: Page, found: tuple[Member, ...], teams: tuple[Team, ...], people: tuple[Person, ...], manages: bool) -> None:
    if manages:
        _member_buttons(page, found, teams, people)
    member_access.menu(page, found)


def _member_buttons(page: Page, found: tuple[Member, ...], teams: tuple[Team, ...], people: tuple[Person, ...]) -> None:
    with st.popover("Add a member", icon=":material/person_add:"):
        _add(page, teams, people)
    with st.popover("Change a member", icon=":material/edit:"):
        _change(page, found, teams, people)
    with st.popover("Teams", icon=":material/groups:"):
        _teams(page, teams)


def _rows(page: Page, found: tuple[Member, ...], teams: tuple[Team, ...], people: tuple[Person, ...]) -> None:
    widths = [3, 2.2, 2.2, 2.2, 1.6]
    for column, head in zip(st.columns(widths, gap="small"), ("Name", "Role", "Team", "Leader", "Last seen"), strict=True):
        column.caption(head)
    with st.container(gap="xxsmall"):
        for member in found:
            name, role, *rest = st.columns(widths, gap="small", vertical_alignment="center")
            name.markdown(f"**{escape_markdown(member.person.name)}**")
            with role:
                _role(page, member)
            told = (*settings.details(member, teams, people), settings.seen(member.last_seen, page.today))
            for column, text in zip(rest, told, strict=True):
                column.markdown(escape_markdown(text))


def _role(page: Page, member: Member) -> None:
    if not member.active:
        st.markdown(settings.role_words(member))
        return
    name = f"role of {member.person.id}"
    known = member.role if member.role in access.ROLES else access.ROLES[0]
    key, (version, shown) = _opened(name, "choice", member.version, known)
    if version != member.version and st.session_state.get(f"{key} choice") == shown:
        _open_anew(name)  # Somebody else changed it, and this reader chose nothing: show what is stored.
        key, (version, shown) = _opened(name, "choice", member.version, known)
    chosen = st.selectbox(f"Role of {escape_sentence(member.person.name)}", access.ROLES, access.ROLES.index(shown), key=f"{key} choice",
                          label_visibility="collapsed")
    if chosen != shown:
        _save(name, key, page, lambda store: organisation.set_role(store, page.actor, member.person.id, chosen, version),
              f"{member.person.name} is {chosen} now.", (member.version, known))
        _open_anew(name)


def _person_inputs(person: Person, teams: tuple[Team, ...], people: tuple[Person, ...], key: str) -> Person:
    """What the inputs say of a person: name, e-mail, team, leader and the name to sort by."""
    name = st.text_input("Name", person.name, max_chars=200, key=f"{key} name")
    left, right = st.columns(2, gap="small")
    sort_name = left.text_input("Sorted as", person.sort_name, max_chars=200, key=f"{key} sort",
                                help="Empty: the last word of the name first.")
    email = right.text_input("E-mail", person.email, max_chars=200, key=f"{key} email")
    names = {"": NO_TEAM} | {team.id: team.name for team in teams}
    team = left.selectbox("Team", list(names), list(names).index(person.team if person.team in names else ""),
                          format_func=names.get, key=f"{key} team")
    leaders = {"": NO_ONE} | {one.id: one.name for one in people if one.id != person.id}
    leader = right.selectbox("Leader", list(leaders), list(leaders).index(person.leader if person.leader in leaders else ""),
                             format_func=leaders.get, key=f"{key} leader")
    return replace(person, name=name, sort_name=sort_name, email=email, team=team, leader=leader)


def _add(page: Page, teams: tuple[Team, ...], people: tuple[Person, ...]) -> None:
    key, _ = _opened("new", "name")
    with st.form(key, border=False):
        person = _person_inputs(Person("", ""), teams, people, key)
        role = st.selectbox("Role", access.ROLES, access.ROLES.index("member"), key=f"{key} role")
        if st.form_submit_button("Add", type="primary"):
            _save("new", key, page, lambda store: organisation.add_member(store, page.actor, person, role),
                  f"{person.name} is a member now.", ())


def _change(page: Page, found: tuple[Member, ...], teams: tuple[Team, ...], people: tuple[Person, ...]) -> None:
    members = {member.person.id: member for member in found}
    member = members[st.selectbox("Member", list(members), format_func=lambda id: members[id].person.name, key="changed member")]
    name = f"change {member.person.id}"
    key, (person_version, version) = _opened(name, "name", member.person.version, member.version)
    with st.form(key, border=False):
        person = replace(_person_inputs(member.person, teams, people, key), version=person_version)
        role = st.selectbox("Role", access.ROLES, access.ROLES.index(member.role), key=f"{key} role")
        active = st.checkbox("Active", member.active, key=f"{key} active", help="Who leaves is suspended: records stay, nothing is deleted.")
        if st.form_submit_button("Save member", type="primary"):
            _save(name, key, page, lambda store: organisation.save_member(store, page.actor, person, role, active, version),
                  f"{person.name} is saved.", (member.person.version, member.version))


def _teams(page: Page, teams: tuple[Team, ...]) -> None:
    names = {"": "a new team"} | {team.id: team.name for team in teams}
    known = {team.id: team for team in teams}
    id = st.selectbox("Team", list(names), format_func=names.get, key="changed team")
    team = known.get(id, Team("", ""))
    key, (version,) = _opened(f"team {id}", "name", team.version)
    with st.form(key, border=False):
        name = st.text_input("Name", team.name, max_chars=200, key=f"{key} name")
        if st.form_submit_button("Save team", type="primary"):
            new = replace(team, name=name, version=version)
            _save(f"team {id}", key, page, lambda store: organisation.save_team(store, page.actor, new), "The team is saved.", (team.version,))

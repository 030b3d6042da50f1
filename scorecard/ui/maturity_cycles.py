"""Cycles: the list of all, and for leaders the way to open, invite, remind and close."""

from __future__ import annotations

from datetime import timedelta

import streamlit as st

from scorecard import access, digest, maturity, organisation, places
from scorecard.core.periods import containing
from scorecard.core.rubric import THRESHOLD
from scorecard.maturity import Model, Standing, answering, invitations
from scorecard.output import assess_tables
from scorecard.output.theme import escape_markdown
from scorecard.store.engine import Store
from scorecard.ui import block, forms, maturity_exchange, maturity_views, state
from scorecard.ui.state import Page

OPEN_FOR = 14
LINKS, AGAIN = "new links:", "dialog to open again"
KINDS = {"full": "All practices", "quick": "One question a system"}
MODES = {"anonymous": "Anonymous", "named": "Named"}
SAID = (
    f"no name is kept with an answer; results when it is closed and {THRESHOLD} have finished",
    "names stand with the answers; for small teams, and for talking about them",
)


def draw(page: Page) -> None:
    """The whole view."""
    leads, found = access.may(page.actor, "decide"), maturity.standings(page.store, page.actor)
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="top", gap="small"):
        with st.container(gap="xxsmall", width="content"):
            block.draw(assess_tables.crumbs((("Maturity", maturity_views.address()), ("Cycles", ""))), key="crumbs")
            st.title("Cycles of maturity", anchor=False)
        with st.container(horizontal=True, width="content", gap="small"):
            if st.button("Model", icon=":material/tune:", key="to model"):
                block.follow(maturity_views.address(maturity_views.MODEL))
            if leads and st.button("Open a cycle", type="primary", icon=":material/add:", key="open cycle"):
                new(page)
    maturity_views.waits(page)
    block.draw(assess_tables.cycles(found, lambda one: maturity_views.address(maturity_views.RESULTS, cycle=one.id), page.today), key="cycles")
    if not leads:
        st.caption("A leader opens cycles and chooses whom to ask.")
        return
    for one in found:
        if one.cycle.open:
            _running(page, one)
    _open_again(page, {one.cycle.id: one for one in found})


def _open_again(page: Page, found: dict[str, Standing]) -> None:
    """After links were made the dialog opens anew and shows them."""
    which, cycle = st.session_state.pop(AGAIN, ("", ""))
    if which == "links" and cycle in found:
        links(page, found[cycle])


def _running(page: Page, one: Standing) -> None:
    """An open cycle for who leads: invite, remind, close."""
    with st.container(border=True, key=f"running {one.cycle.id}", gap="xsmall"):
        st.header(escape_markdown(one.cycle.title), anchor=False)
        block.draw(assess_tables.late(one.late) if one.late else "<p>Everybody has finished.</p>", key=f"late {one.cycle.id}")
        with st.container(horizontal=True, gap="small"):
            if one.late and st.button("Personal links", icon=":material/link:", key=f"invite {one.cycle.id}"):
                st.session_state.pop(f"{LINKS}{one.cycle.id}", None)
                links(page, one)
            if one.late and st.button("Remind", icon=":material/notifications:", key=f"remind {one.cycle.id}"):
                remind(page, one)
            maturity_exchange.answers(page, one.cycle)
            if st.button("Close the cycle", icon=":material/lock:", key=f"close {one.cycle.id}"):
                end(page, one)


# --- personal links --------------------------------------------------------------------------------------------------


@st.dialog("Personal links", width="medium")
def links(page: Page, one: Standing) -> None:
    """Makes links, shows them once, ends them."""
    cycle = one.cycle
    st.caption(f"With a link one person answers {escape_markdown(cycle.title)}, and nothing else. It ends with the cycle, and when you end it.")
    made = st.session_state.get(f"{LINKS}{cycle.id}", "")
    if made:
        st.markdown("**Copy them now:** only their fingerprints are kept, so they are shown once. Send each to its person alone.")
        st.code(made, language=None, wrap_lines=True)
    offered, there = _late(page, cycle.id), invitations.listed(page.store, page.actor, cycle.id)
    people = st.multiselect("For", list(offered), list(offered) if not there else [], format_func=offered.get, key=f"links for {cycle.id}",
                            help="Who has a link already gets a new one; the old one ends.")
    if st.button("Make the links", type="primary", disabled=not people, key=f"make links {cycle.id}"):
        forms.save(f"links {cycle.id}", page.store, lambda store: _made(store, page, cycle.id, people), "")
    for link, name in there:
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", key=f"link {link.id}"):
            st.markdown(f"{escape_markdown(name)} :gray[since {assess_tables.near(link.made_at.date())}]", width="content")
            if st.button("End it", type="tertiary", key=f"end {link.id}"):
                forms.save(f"end {link.id}", page.store, lambda store, id=link.id: invitations.revoke(store, page.actor, id), f"The link of {name} ended.")


def _late(page: Page, cycle: str) -> dict[str, str]:
    """Who has not finished: id and name."""
    names = {id: one.person.name for id, one in state.house(page.store).members.items()}
    return {id: names[id] for id in maturity.late(page.store, page.actor, cycle) if id in names}


def _made(store: Store, page: Page, cycle: str, people: list[str]) -> None:
    """Keeps the links for the one time they are shown."""
    address = places.outside()["address"].rstrip("/")
    made = invitations.invite(store, page.actor, cycle, people, page.today)
    st.session_state[f"{LINKS}{cycle}"] = "\n".join(f"{new.name}: {address}{new.path}" for new in made)
    st.session_state[AGAIN] = ("links", cycle)


# --- reminders -------------------------------------------------------------------------------------------------------


@st.dialog("Remind", width="medium")
def remind(page: Page, one: Standing) -> None:
    """Who has not finished, a text to copy, and the channels that can be told."""
    address = places.outside()["address"]
    block.draw(assess_tables.late(one.late), key="late people")
    _, text = digest.reminder(one.cycle, len(one.late), address)
    st.caption("A text to copy. It names nobody.")
    st.code(text, language=None, wrap_lines=True)
    channels = [channel for channel in digest.channels(page.store) if "maturity" in channel.about]
    told = ", ".join(escape_markdown(f"{channel.recipient}{'' if channel.live else ' (a dry run)'}") for channel in channels)
    st.caption(f"Channels that hear of it: {told}." if channels else "No channel hears of maturity cycles. Settings, Messages adds one.")
    if st.button("Tell the channels" if channels else "Note that they were reminded", type="primary", key=f"tell {one.cycle.id}"):
        forms.save(f"remind {one.cycle.id}", page.store, lambda store: digest.remind(store, page.actor, one.cycle.id, address),
                   "The channels are told." if channels else "It is noted.")


# --- the end ---------------------------------------------------------------------------------------------------------


@st.dialog("Close the cycle")
def end(page: Page, one: Standing) -> None:
    """Asks once, naming what is lost."""
    left = one.asked - one.finished
    st.markdown(f"**{escape_markdown(one.cycle.title)}** shows its results from then on, and nobody answers any more.")
    if left:
        st.markdown(f"{assess_tables.count(left, 'person has', 'people have')} not finished: what they have begun is deleted and does not count.")
    if st.button("Close it", type="primary", key=f"close it {one.cycle.id}"):
        forms.save(f"close {one.cycle.id}", page.store, lambda store: maturity.close(store, page.actor, one.cycle.id), f"{one.cycle.title} is closed.")


# --- a new cycle -----------------------------------------------------------------------------------------------------


@st.dialog("Open a cycle", width="medium")
def new(page: Page) -> None:
    """Who answers what until when."""
    with page.store.read() as tx:
        _, model = maturity.model(tx)
    title = st.text_input("Title", containing(page.today, "month").label, max_chars=80, key="cycle title")
    left, right = st.columns(2)
    kind = left.segmented_control("It asks", list(KINDS), default="full", required=True, format_func=KINDS.get, key="cycle kind")
    closes = right.date_input("It closes on", page.today + timedelta(days=OPEN_FOR), min_value=page.today, key="cycle closes")
    mode = st.radio("Answers are", list(MODES), format_func=MODES.get, captions=SAID, key="cycle mode")
    systems = _systems(model)
    people = _people(page)
    st.caption(_takes(model, kind, systems, people))
    if st.button("Open the cycle", type="primary", key="save cycle"):
        forms.save("open cycle", page.store, lambda store: maturity.open_cycle(
            store, page.actor, title=title, kind=kind, mode=mode, people=people, closes=closes, systems=systems, today=page.today),
            f"{title} is open.")  # fmt: skip


def _systems(model: Model) -> list[str]:
    usual = [id for id in model.systems if id not in model.optional]
    return st.pills("Systems", list(model.systems), selection_mode="multi", default=usual, key="cycle systems",
                    format_func=lambda id: escape_markdown(model.systems[id].label))


def _people(page: Page) -> list[str]:
    """Whom to ask: everybody who may answer, or some teams, or some people."""
    house = state.house(page.store)
    able = {id: one.person for id, one in house.members.items() if access.may(access.Actor(id, one.person.name, one.role), "assess")}
    teams = {id: name for id, name in {one.id: one.name for one in organisation.teams(page.store)}.items() if any(one.team == id for one in able.values())}
    chosen = st.pills("Teams", list(teams), selection_mode="multi", format_func=lambda id: escape_markdown(teams[id]), key="cycle teams") if len(teams) > 1 else []
    some = [id for id, one in able.items() if not chosen or one.team in chosen]
    return st.multiselect("Who is asked", list(able), some, format_func=lambda id: able[id].name, key=f"cycle people {'-'.join(chosen)}")


def _takes(model: Model, kind: str, systems: list[str], people: list[str]) -> str:
    questions = sum(len(model.of(id)) for id in systems) if kind == "full" else len(systems)
    each = assess_tables.minutes(questions * answering.SECONDS[kind])
    return f"{assess_tables.count(questions, 'question')}, {each} a person, {assess_tables.count(len(people), 'person', 'people')}."

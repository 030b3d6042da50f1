"""Feedback rounds on the page Leadership: what was said, what is agreed, and for leaders the way to ask, invite and close."""

from __future__ import annotations

import weakref
from datetime import timedelta

import streamlit as st

from scorecard import access, looking, places, registers, whose
from scorecard.core.feedback import GROUPS, SELF, SUPERIORS
from scorecard.core.periods import containing
from scorecard.core.reading import Sentence
from scorecard.core.rubric import THRESHOLD
from scorecard.leadership import round_aims, round_page, round_results, rounds
from scorecard.leadership.round_page import Here, Shown
from scorecard.leadership.rounds import Standing
from scorecard.output import leadership_rounds, register_tables, sensory_tables
from scorecard.output.part_tables import Table
from scorecard.output.theme import escape_markdown, escape_sentence
from scorecard.registers import Entry
from scorecard.store import members
from scorecard.store.engine import Store
from scorecard.ui import block, forms, leadership_answer, own_reads, register_forms, state
from scorecard.ui.leadership_answer import Desk
from scorecard.ui.state import Page

ANSWER, ROUND, ABOUT, GROWTH = "answer", "round", "about", "growth"
REGISTER = "leader_growth"
OPEN_FOR, MOST_SHOWN = 21, 8
LINKS, AGAIN, OPENED = "feedback links:", "feedback dialog to open again", "feedback just asked for"
ASKED = {"reports": "Who reports to them", "peers": "Peers", "superiors": "Superiors"}


def address(**query: str) -> str:
    """An address of the page."""
    return block.address("leadership", **query)


# Kept for as long as the run that read it, and for nobody else: what is said of a person is in no cache.
_held: dict[int, Here] = {}


def here(page: Page) -> Here:
    """What this run shows, read once in it; a look at another's feedback is in the audit."""
    if id(page) not in _held:
        _held[id(page)] = _read(page)
        weakref.finalize(page, _held.pop, id(page), None)
    return _held[id(page)]


def _read(page: Page) -> Here:
    asked = str(st.session_state.pop(OPENED, "") or st.session_state.get(ABOUT) or st.query_params.get(ABOUT, ""))[:80]
    found = own_reads.read(page, ("feedback", asked), lambda: round_page.read(page.store, page.actor, asked, page.today))
    if found.shown:
        looking.at_people(page.store, page.actor, [found.about], page.today)
    return found


def shown(page: Page) -> Shown | None:
    """The last closed round about the chosen leader; None when there is none."""
    return here(page).shown


def sentences(page: Page) -> tuple[Sentence, ...]:
    """What the last round says first on the page, to who may read it."""
    last = shown(page)
    return (last.sentence,) if last and last.sentence else ()


def tables(page: Page) -> list[Table]:
    """The last round and its aims as rows, for who may read them."""
    last = shown(page)
    return leadership_rounds.tables(last.found, last.agreed) if last else []


# --- the section beside recognition ----------------------------------------------------------------------------------


def draw(page: Page) -> None:
    """What waits for the reader, an open round, and the last closed one."""
    now = here(page)
    for left in now.waiting:
        block.draw(leadership_rounds.waiting(left, address(view=ANSWER, round=left.round.id)), key=f"feedback waits {left.round.id}")
    if len(now.people) > 1:
        st.session_state[ABOUT] = now.about
        st.selectbox("Feedback to", list(now.people), format_func=now.people.get, key=ABOUT)
    if now.shown:
        block.draw(leadership_rounds.section(now.shown.found), key="feedback")
    elif not now.open:
        leads = access.may(page.actor, "decide")
        block.draw(leadership_rounds.head("leaders") + (leadership_rounds.NONE_YET if leads else leadership_rounds.nobody(whose.unread(page.actor, state.house(page.store).members.values()))), key="feedback")
    if now.open:
        _running(page, now.open)
    for one in now.between:
        _between(page, one)
    _pass_on(page, now)
    _open_again(page, now.between)


def section(page: Page) -> None:
    """Below: the words, and from feedback to development plan."""
    last = shown(page)
    if last:
        block.draw(leadership_rounds.aims(last.found, last.agreed, last.again, _plan), key="feedback aims")
        if len(last.agreed) < round_aims.MOST_AIMS and st.button("Agree on an aim", icon=":material/add:", key="agree aim"):
            agree(page, last)
        block.draw(leadership_rounds.words(last.found), key="feedback words")
    growing(page)


def _plan(id: str) -> str:
    """The address of a development plan, opened."""
    return block.address("people", view="growth", record=f"{round_aims.PLAN}:{id}")


def growing(page: Page) -> None:
    """Leaders being developed: those whom the reader leads, or the reader."""
    of = registers.register(REGISTER)
    found, names = own_reads.read(page, REGISTER, lambda: _grown(page))
    if not found and not access.may(page.actor, "read_people"):
        return
    looking.looked(page.store, page.actor, of, found, page.today)
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", gap="small"):
        st.subheader(of.label, anchor=False, width="content")
        register_forms.button(page, REGISTER, "Add one", key="growth new")
    drawn = register_tables.board(of, found, names, href=lambda entry: address(view=GROWTH, record=f"{REGISTER}:{entry.id}")) if found else register_tables.empty(of)
    more = f'<p class="cap"><a href="{address(view=GROWTH)}">All of them</a></p>' if len(found) == MOST_SHOWN else ""
    block.draw(drawn + more, key="growth")


def _grown(page: Page) -> tuple[list[Entry], dict[tuple[str, str], str]]:
    with page.store.read() as tx:
        found = registers.entries(tx, REGISTER, actor=page.actor, limit=MOST_SHOWN)
        return found, {("person", one.id): one.name for one in members.people(tx)} if found else {}


# --- asking ----------------------------------------------------------------------------------------------------------


def button(page: Page) -> None:
    """The button of the head, for leaders."""
    if access.may(page.actor, "decide") and st.button("Ask for feedback", icon=":material/rate_review:", key="ask feedback"):
        ask(page)


@st.dialog("Ask for feedback", width="medium")
def ask(page: Page) -> None:
    """About whom, who is asked in which group, until when."""
    house = state.house(page.store).members
    near = {id: one.person.name for id, one in house.items() if id == page.actor.person or one.person.leader == page.actor.person}
    order = [page.actor.person, *(id for id in near if id != page.actor.person)] if page.actor.person in near else list(near)
    left, right = st.columns(2)
    person = left.selectbox("About", order, format_func=near.get, key="feedback about") if len(order) > 1 else order[0]
    if told := rounds.not_yet(page.store, page.actor, person, page.today):
        st.info(escape_sentence(told))
        return
    closes = right.date_input("It ends on", page.today + timedelta(days=OPEN_FOR), min_value=page.today, key="feedback closes")
    title = st.text_input("Title", containing(page.today, "month").label, max_chars=rounds.LONGEST_TITLE, key="feedback title")
    usual, names = rounds.suggested(page.store, page.actor, person), {id: one.person.name for id, one in house.items() if id != person}
    people, outside = {}, {}
    for group in GROUPS:
        people[group] = st.multiselect(ASKED[group], list(names), usual[group], format_func=names.get, key=f"feedback {group} {person}")
        with st.popover(f"{group.capitalize()} who are no members", icon=":material/person_add:"):
            text = st.text_area("Names, one a line. They answer by a personal link.", key=f"feedback outside {group} {person}", height=88)
            outside[group] = [line for line in text.splitlines() if line.strip()]
    hand_to = _hand_to(page, person, names, people)
    st.caption(_takes(people, outside))
    if st.button("Ask them", type="primary", key="save feedback round"):
        def opened(store: Store) -> None:
            rounds.open_round(store, page.actor, person=person, title=title, people=people, outside=outside, closes=closes, today=page.today, hand_to=hand_to)
            st.session_state[OPENED] = person

        forms.save("ask feedback", page.store, opened, f"{title} is open. People answer on the page Leadership{', or by a link from the go-between' if hand_to else ''}.")


def _hand_to(page: Page, person: str, names: dict[str, str], people: dict[str, list[str]]) -> str:
    """The go-between: somebody who is not asked and reads no results."""
    house = state.house(page.store).members
    free = [id for id in names if not any(id in own for own in people.values()) and house[id].person.leader != person and id != house[person].person.leader]
    return st.selectbox("Go-between", ["", *free], format_func=lambda id: names.get(id, "nobody: all answer on the page"), key=f"feedback hand to {person}",
                        help="Such as a People lead. Makes the personal links, and passes on what superiors write when fewer than five answer; superiors are told so before they write. "
                             "Who reads results makes no links, so that nobody's answer can be told.")  # fmt: skip


def _takes(people: dict[str, list[str]], outside: dict[str, list[str]]) -> str:
    sizes = {group: len(people[group]) + len(outside[group]) for group in GROUPS}
    small = [group for group, n in sizes.items() if 0 < n < THRESHOLD]
    hidden = f" {' and '.join(small).capitalize()}: fewer than five, so they are not shown." if small else ""
    return f"{sum(sizes.values())} people and the leader, {len(rounds.form().items)} statements, about two minutes each.{hidden}"


def _running(page: Page, one: Standing) -> None:
    """An open round for who leads: how far it is, and the end."""
    with st.container(border=True, key=f"feedback running {one.round.id}", gap="xsmall"):
        block.draw(leadership_rounds.running(one, page.today), key=f"feedback running block {one.round.id}")
        if access.may(page.actor, "decide") and st.button("Close the round", icon=":material/lock:", key=f"feedback close {one.round.id}"):
            end(page, one)


def _between(page: Page, one: Standing) -> None:
    """An open round for its go-between: the personal links."""
    with st.container(border=True, key=f"feedback between {one.round.id}", gap="xsmall"):
        block.draw(leadership_rounds.running(one, page.today), key=f"feedback between block {one.round.id}")
        if one.late and st.button("Personal links", icon=":material/link:", key=f"feedback links {one.round.id}"):
            st.session_state.pop(f"{LINKS}{one.round.id}", None)
            links(page, one)


def _open_again(page: Page, found: tuple[Standing, ...]) -> None:
    """After links were made the dialog opens anew and shows them."""
    which = st.session_state.pop(AGAIN, "")
    one = next((each for each in found if each.round.id == which), None)
    if one:
        links(page, one)


@st.dialog("Personal links", width="medium")
def links(page: Page, one: Standing) -> None:
    """Makes links and shows them once."""
    late = dict(one.late)
    st.caption("With a link one person answers this round, and nothing else. It ends with the round; a newer one takes its place.")
    made = st.session_state.get(f"{LINKS}{one.round.id}", "")
    if made:
        st.markdown("**Copy them now:** only their fingerprints are kept, so they are shown once. Send each to its person alone.")
        st.code(made, language=None, wrap_lines=True)
    people = st.multiselect("For", list(late), [] if made else list(late), format_func=late.get, key=f"feedback links for {one.round.id} {bool(made)}")
    if st.button("Make the links", type="primary", disabled=not people, key=f"make feedback links {one.round.id}"):
        forms.save(f"feedback links {one.round.id}", page.store, lambda store: _made(store, page, one.round.id, people), "")


def _made(store: Store, page: Page, round: str, people: list[str]) -> None:
    """Keeps the links for the one time they are shown."""
    base = places.outside()["address"].rstrip("/")
    made = rounds.invite(store, page.actor, round, people, page.today)
    st.session_state[f"{LINKS}{round}"] = "\n".join(f"{new.name}: {base}{new.path}" for new in made)
    st.session_state[AGAIN] = round


@st.dialog("Close the round")
def end(page: Page, one: Standing) -> None:
    """Asks once, naming what is lost."""
    st.markdown(f"**{escape_markdown(one.round.title)}** shows its results from then on, and nobody answers any more. {_after(one)}")
    few = [group for group, (_, done) in one.counts.items() if group != SELF and done < THRESHOLD]
    if few:
        st.markdown(f"{' and '.join(few).capitalize()}: fewer than five have answered, so they will not be shown.")
    if one.late:
        st.markdown(f"{len(one.late)} of those asked have not finished: what they have begun is deleted and does not count.")
    if st.button("Close it", type="primary", key=f"close feedback {one.round.id}"):
        forms.save(f"close {one.round.id}", page.store, lambda store: rounds.close(store, page.actor, one.round.id), f"{one.round.title} is closed.")


def _after(one: Standing) -> str:
    """When the next round can begin: a round of which nothing is shown keeps nobody waiting."""
    shown = any(done >= THRESHOLD for group, (_, done) in one.counts.items() if group != SELF)
    return f"The next round can begin {rounds.APART_DAYS} days later." if shown else "Nothing of it can be shown, so the next round can begin at once."


@st.dialog("Agree on an aim", width="medium")
def agree(page: Page, last: Shown) -> None:
    """A statement becomes a development plan with its first step."""
    taken = {one.aim.item for one in last.agreed}
    open_ones = {line.item: line.label for line in last.found.lines if line.item not in taken}
    first = next((line.item for line in last.found.apart if line.item in open_ones), next(iter(open_ones)))
    item = st.selectbox("What was said", list(open_ones), list(open_ones).index(first), format_func=open_ones.get, key="aim item")
    does = st.text_input(f"What {escape_markdown(last.found.first_name)} does", max_chars=round_aims.LONGEST, key="aim does")
    left, right = st.columns(2)
    helper = left.text_input("With", max_chars=round_aims.LONGEST, key="aim with")
    due = right.date_input("Due", page.today + timedelta(days=90), min_value=page.today, key="aim due")
    known_by = st.text_input("How we will know", max_chars=round_aims.LONGEST, key="aim known")
    st.caption("It becomes a draft in the development plan, which both agree to on the page People. The next round reads it again.")
    if st.button("Agree", type="primary", key="save aim"):
        forms.save("agree aim", page.store, lambda store: round_aims.agree(
            store, page.actor, last.found.round.id, item, does=does, due=due, today=page.today, helper=helper, known_by=known_by), "The aim is in the development plan.")  # fmt: skip


# --- what superiors wrote --------------------------------------------------------------------------------------------


def _pass_on(page: Page, now: Here) -> None:
    for found, name in now.pass_on:
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"pass on {found.id}"):
            st.caption(f"Fewer than five superiors answered about {escape_markdown(name)} ({escape_markdown(found.title)}): you pass on what they wrote.", width="content")
            if st.button("Read it", key=f"read handed {found.id}"):
                handed(page, found.id)


@st.dialog("What superiors wrote", width="medium")
def handed(page: Page, round: str) -> None:
    """The texts, for the one person who was named to pass them on."""
    st.caption(f"Pass it on in your own words: with fewer than {THRESHOLD} {SUPERIORS} nobody should be told from theirs. Each look is in the audit.")
    for question, text in round_results.handed(page.store, page.actor, round):
        st.markdown(f"**{escape_markdown(question)}**  \n{escape_markdown(text)}")


# --- the form --------------------------------------------------------------------------------------------------------


def answer(page: Page) -> None:
    """The form of the round in the address, without one of that which ends first."""
    waiting = here(page).waiting
    round = st.query_params.get(ROUND, "")[:80] or (waiting[0].round.id if waiting else "")
    if not round:
        block.draw(sensory_tables.crumbs((("Leadership", address()),), "Feedback"), key="crumbs")
        st.info("No feedback is asked of you now.")
        return
    leadership_answer.draw(Desk(page, state.quiet_page, round), (("Leadership", address()), ("Feedback", "")))


VIEWS = {ANSWER: answer}

"""The consensus session on the page: what everybody in it sees follows the facilitator's steps within two seconds."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from typing import Any

import streamlit as st

from scorecard import access, maturity
from scorecard.access import Actor
from scorecard.core.rubric import LEVELS
from scorecard.errors import AlreadyDone, NotAllowed, ScorecardError
from scorecard.maturity import PracticeResult, Results, session
from scorecard.maturity.results import admit
from scorecard.maturity.session import NOT_YET, SHOWN, TALK, VOTE, Room
from scorecard.output import maturity_session
from scorecard.output.theme import escape_sentence
from scorecard.store.engine import Store
from scorecard.store.maturity_sessions import Session
from scorecard.ui import block, forms, maturity_results, state
from scorecard.ui.forms import Once
from scorecard.ui.state import Page

EVERY = 2.0
UNSURE = "I don’t know"
CHOICES = {**{str(level): f"{level} {name}" for level, name in LEVELS.items()}, UNSURE: UNSURE}
TOLD = "told in session"


def draw(page: Page, cycle: str) -> None:
    """The session of a cycle, without one of the newest closed cycle."""
    access.require(page.actor, "assess")
    chosen = cycle or next((one.id for one in maturity_results.choices(page) if not one.open), "")
    if not chosen:
        st.title("Consensus session", anchor=False)
        st.info("No cycle is closed yet. A session talks about what was said when a cycle is closed.")
        return
    admit(page.store, page.actor, chosen)
    found = maturity_results.results(page, chosen)
    back = maturity_results.address(cycle=chosen)
    running = session.under_way(page.store, chosen)
    if running is None:
        _before(page, found, back)
        return
    try:
        session.join(page.store, page.actor, running.id)
    except NotAllowed as refusal:
        block.draw(maturity_session.head(found.cycle.title, back, None), key="session head")
        st.info(escape_sentence(refusal))
        return
    _inside(page, found, session.room(page.store, page.actor, running.id), back)


def _before(page: Page, found: Results, back: str) -> None:
    """What is said while no session is under way; a leader opens one."""
    block.draw(maturity_session.head(found.cycle.title, back, None), key="session head")
    if found.cycle.open:
        st.info(escape_sentence(f"{found.cycle.title} is open. A session talks about what was said when it is closed."))
        return
    st.markdown("One practice at a time: talk, vote again, see the votes at the same moment, write down what is agreed. Own ratings stay as they are.")
    if access.may(page.actor, "decide"):
        if st.button("Open the session", type="primary", key="open session"):
            forms.save(
                f"session {found.cycle.id}", page.store, lambda store: session.begin(store, page.actor, found.cycle.id),
                "The session is open. Everybody who opens this page sees what you choose.",
            )  # fmt: skip
    else:
        st.info("No session is under way. A leader opens it; then this page shows it.")
        _wait_for_one(page, found.cycle.id)
    block.draw(maturity_session.list_of(_agenda(found), ""), key="session list")


@st.fragment(run_every=EVERY)
def _wait_for_one(page: Page, cycle: str) -> None:
    """Draws the page anew when a session was opened."""
    if session.under_way(page.store, cycle):
        st.rerun()


def _agenda(found: Results) -> list[PracticeResult]:
    """What to talk about: the practices without agreement, the widest first, then those on which something is agreed."""
    wide = list(found.disagreements)
    return wide + [one for one in found.practices if one.agreed and one not in wide]


def _inside(page: Page, found: Results, room: Room, back: str) -> None:
    at = room.session
    block.draw(maturity_session.head(found.cycle.title, back, room), key="session head")
    refused = st.session_state.pop(TOLD, "")
    if refused:
        st.warning(escape_sentence(refused))
    one = next((practice for practice in found.practices if practice.practice == at.practice), None)
    left, right = st.columns((1, 1.7), gap="large")
    with left:
        block.draw(maturity_session.list_of(_agenda(found), at.practice), key="session list")
        if access.may(page.actor, "decide"):
            _choose(page, found, room)
    with right:
        if one is None:
            st.info("The facilitator chooses the first practice.")
        else:
            _practice(page, room, one)
        _follow(page, at.id, at.version)


@st.fragment(run_every=EVERY)
def _follow(page: Page, id: str, version: int) -> None:
    """How many have voted; when the facilitator took a step, the whole page is drawn anew."""
    room = session.room(page.store, page.actor, id)
    if room.session.version != version or room.session.ended_at is not None:
        st.rerun()
    if room.session.step == VOTE:
        st.caption(f"{room.voted} of {len(room.present)} here have voted.")
    else:
        st.caption(f"{len(room.present)} here.")


def _press(mark: str, work: Callable[[Store, Actor], Any], said: str = "") -> None:
    """Does what was pressed, once. It runs before the page is drawn anew, with what the page showed when it was pressed.

    Else a press on a page that somebody else has taken further meanwhile would be done to what nobody saw, or be lost.
    """
    here = state.quiet_page()
    if here is None:
        return
    try:
        work(Once(here.store, mark), here.actor)
    except AlreadyDone:
        return  # The first of two clicks did it.
    except ScorecardError as refusal:
        st.session_state[TOLD] = str(refusal)
        return
    if said:
        st.toast(escape_sentence(said))


def _step(at: Session, command: Callable[..., Any], said: str = "") -> dict[str, Any]:
    """A step of the facilitator, for a button: taken over the version that the page shows."""
    mark = f"{command.__name__} {at.id} {at.version}"
    return {"on_click": _press, "args": (mark, lambda store, actor: command(store, actor, at.id, at.version), said)}


def _next(at: Session, key: str) -> None:
    """Everybody looks at the practice that the facilitator picked."""
    picked = st.session_state[key]
    _press(f"choose {at.id} {at.version} {picked}", lambda store, actor: session.choose(store, actor, at.id, picked, at.version))


def _choose(page: Page, found: Results, room: Room) -> None:
    """What the facilitator talks about next, and the end of the session."""
    at = room.session
    ids = [one.practice for one in _agenda(found)]
    ids += [one.practice for one in found.practices if one.practice not in ids]
    titles = {one.practice: one.title if one.practice == one.system else f"{one.practice} {one.title}" for one in found.practices}
    later = ids[(ids.index(at.practice) + 1) % len(ids)] if at.practice in ids else ids[0]
    key = f"next {at.id} {at.version}"
    st.selectbox("Next practice", ids, index=ids.index(later), format_func=titles.get, key=key)
    with st.container(horizontal=True, gap="small"):
        st.button("Show it to everybody", type="secondary" if at.practice else "primary", key="choose practice", on_click=_next, args=(at, key))
        ended = "The session has ended. What was agreed stands with the results."
        st.button("End the session", type="tertiary", key="end session", **_step(at, session.end, ended))


def _practice(page: Page, room: Room, one: PracticeResult) -> None:
    """The practice that everybody looks at now."""
    at, leads = room.session, access.may(page.actor, "decide")
    title = one.title if one.practice == one.system else f"{one.practice} {one.title}"
    block.draw(maturity_session.steps(room, title) + maturity_session.before_and_now(one, room), key="session votes")
    if at.step == VOTE:
        _vote(room)
        if leads:
            st.button("Show the votes to everybody", type="primary", key="show votes", **_step(at, session.reveal))
    elif leads and (at.named or at.step == TALK):
        st.button("Vote again", type="primary" if at.step == TALK else "secondary", key="call vote", **_step(at, session.call))
    if room.agreed or (at.step == SHOWN and not leads):
        block.draw(maturity_session.agreed(room.agreed), key="session agreed")
    if leads and at.step != VOTE:
        _agree(room)


def _vote(room: Room) -> None:
    """The own vote: five levels or "I don't know", changed until all are shown."""
    at, key = room.session, f"vote {room.session.id} {room.session.practice} {room.session.round}"
    given = None if room.own == NOT_YET else UNSURE if room.own is None else str(room.own)
    chosen = st.radio("Your vote", list(CHOICES), index=list(CHOICES).index(given) if given else None, format_func=CHOICES.get, key=key)
    words = "Give your vote" if given is None else "Change your vote"
    st.button(words, disabled=chosen is None or chosen == given, key="give vote", on_click=_give, args=(at, key))
    if given is not None:
        st.caption(f"Your vote is kept: {CHOICES[given]}. You can change it until all are shown.")


def _give(at: Session, key: str) -> None:
    chosen = st.session_state[key]
    level = None if chosen == UNSURE else int(chosen)
    mark = f"{key} {secrets.token_hex(8)}"  # The same vote twice is one vote.
    _press(mark, lambda store, actor: session.vote(store, actor, at.id, at.practice, at.round, level))


def _agree(room: Room) -> None:
    """What the team agrees: level, strengths, opportunities, what a minority sees otherwise."""
    at, old = room.session, room.agreed
    key = f"agreed {at.cycle} {at.practice}"
    with st.form(key, border=True):
        levels = ["", *map(str, LEVELS)]
        st.selectbox(
            "Agreed level", levels, index=levels.index(str(old.level)) if old and old.level else 0,
            format_func=lambda one: f"{one} {LEVELS[int(one)]}" if one else "No level agreed", key=f"{key} level",
        )  # fmt: skip
        left, right = st.columns(2)
        left.text_area("Strengths", old.strengths if old else "", max_chars=2000, height=80, key=f"{key} strengths")
        right.text_area("Opportunities", old.opportunities if old else "", max_chars=2000, height=80, key=f"{key} opportunities")
        st.text_area("What a minority sees otherwise", old.minority if old else "", max_chars=2000, height=68, key=f"{key} minority")
        st.form_submit_button("Save what is agreed", on_click=_write, args=(at, key, old.version if old else 0))


def _write(at: Session, key: str, seen: int) -> None:
    """Writes down what is agreed, over the version that the page showed; when somebody was first, both are told."""
    level = st.session_state[f"{key} level"]
    texts = {name: st.session_state[f"{key} {name}"] for name in ("strengths", "opportunities", "minority")}
    same = hashlib.sha256(repr((level, texts)).encode()).hexdigest()[:16]  # The same words twice are one click too many.
    _press(
        f"{key} {seen} {same}",
        lambda store, actor: maturity.agree(
            store, actor, at.cycle, at.practice, level=int(level) if level else None, seen_version=seen, **texts
        ),
        "What is agreed is written down. Own ratings stay as they are.",
    )

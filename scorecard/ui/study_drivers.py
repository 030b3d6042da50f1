"""The section of churn drivers: what is asked, the study as it is drawn, segments beside one another, the CSV twin."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import streamlit as st

from scorecard import access
from scorecard.core.driver_groups import Comparison
from scorecard.core.reading import Sentence
from scorecard.errors import StudyRefused
from scorecard.improvement import drivers
from scorecard.improvement.drivers import COHORTS, COUNTED, OUTCOMES, SOURCES, Answer, Question, Scored
from scorecard.output import study_drivers as output
from scorecard.output.theme import escape_sentence
from scorecard.store.engine import Store
from scorecard.store.studies import KeptModel
from scorecard.ui import block, downloads, forms, state
from scorecard.ui.kept import kept
from scorecard.ui.state import Page

KEPT, MOST = 64, 200
CHOSEN, SEGMENTS, MODELS = "drivers question", "drivers by segment", "drivers models"
METHODS = {"firth": "Firth, finite under separation", "ml": "Maximum likelihood"}
NO_FACTS = "No renewal and no account is loaded yet. Load accounts, renewals and what was known before them under Data."


@dataclass(frozen=True)
class Told:
    """An answer, or why there is none."""

    answer: Answer | None
    refusal: str = ""


def draw(page: Page) -> None:
    """Draws the section: what goes with losing an account, or why nothing can be said."""
    question = asked(page)
    if question is None:
        st.subheader("Churn drivers", anchor=False)
        st.info(NO_FACTS)
        return
    told = _told(page.store, page.today, question)
    if told.answer is None:
        st.subheader("Churn drivers", anchor=False)
        st.info(escape_sentence(told.refusal))
    else:
        block.draw(output.section(told.answer), key="churn drivers")
    _controls(page, question, told)
    if st.session_state.get(SEGMENTS):
        _by_segment(page, question)
    _models(page, question, told)


def news(page: Page) -> Sentence | None:
    """The sentence about drivers for the top of the page; None where there is nothing to say."""
    question = asked(page)
    told = _told(page.store, page.today, question) if question else None
    return output.news(told.answer) if told and told.answer else None


def asked(page: Page) -> Question | None:
    """What this reader asks, else what is asked before anybody chose."""
    return st.session_state.get(CHOSEN) or _first(page.store, page.today)


def _controls(page: Page, question: Question, told: Told) -> None:
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        with st.popover("Cohort and predictors", icon=":material/tune:"):
            _form(page, question)
        st.toggle("Compare segments", key=SEGMENTS)
        if told.answer is not None:
            downloads.button("CSV", lambda: output.csv(told.answer), "churn-drivers.csv", type="tertiary", key="drivers csv")


def _form(page: Page, question: Question) -> None:
    with st.form("drivers", border=False):
        cohort = st.selectbox("Who is looked at", list(COHORTS), list(COHORTS).index(question.cohort), format_func=COHORTS.get)
        outcome = st.radio("What happened to them", list(OUTCOMES), list(OUTCOMES).index(question.outcome), horizontal=True, format_func=COUNTED.get,
                           help="Smaller: renewed for less than was due, or with a lower MRR at the end of the period than before it.")
        left, right = st.columns(2)
        first = left.date_input("From", question.first, max_value=page.today, help="Renewals due from here on; or the day on which accounts were customers.")
        last = right.date_input("To", min(question.last, page.today), max_value=page.today, help="Renewals due until here; or the day by which an account was lost or not.")
        ahead = st.select_slider("Known so many days before the renewal", drivers.AHEAD, question.ahead if question.ahead in drivers.AHEAD else 90)
        predictors = st.multiselect("Predictors", list(SOURCES), list(question.predictors), format_func=lambda name: SOURCES[name].label,
                                    help="; ".join(f"{one.label}: {one.help}" for one in SOURCES.values()))
        bands = st.multiselect("In bands instead of a straight line", list(SOURCES), list(question.bands), format_func=lambda name: SOURCES[name].label)
        names = ["", *_segments(page.store, page.today)]
        segment = st.selectbox("Segment", names, names.index(question.segment) if question.segment in names else 0, format_func=lambda name: name or "All")
        method = st.radio("Method", list(METHODS), list(METHODS).index(question.method), format_func=METHODS.get, horizontal=True)
        pressed = st.form_submit_button("Ask", type="primary")
    if pressed:
        _ask(Question(cohort, first, last, ahead, tuple(predictors), method, tuple(bands), segment, outcome))


def _ask(question: Question) -> None:
    try:
        st.session_state[CHOSEN] = drivers.checked(question)
    except StudyRefused as refusal:
        st.error(escape_sentence(refusal))
        return
    st.rerun()


def _models(page: Page, question: Question, told: Told) -> None:
    """Models that were kept, and what they say of those at stake; the field that keeps the study shown."""
    found = _kept(page.store)
    evident = told.answer is not None and told.answer.study.verdict == "evidence" and access.may(page.actor, "log_records")
    if not found and not evident:
        return
    with st.expander("Models kept, and the accounts at stake", key=MODELS, on_change="rerun") as opened:
        if not opened.open:
            return
        if evident:
            with st.container(horizontal=True, vertical_alignment="bottom"):
                name = st.text_input("Name of the model", max_chars=drivers.LONGEST_NAME, key="model name")
                if st.button("Keep this model", key="keep model"):
                    forms.save("keep model", page.store, lambda store: drivers.keep(store, page.actor, name, question, page.today), "The model is kept.")
        if found:
            _model(page, found)


def _model(page: Page, found: tuple[KeptModel, ...]) -> None:
    ids = {one.id: one for one in found}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = ids[st.selectbox("Model", list(ids), format_func=lambda id: ids[id].name, key="model chosen")]
        by_date = st.segmented_control("Order", ("By name", "By date"), default="By name", key="model order") == "By date"
        scored = _scores(page.store, page.today, chosen.id, by_date)
        downloads.button("CSV", lambda: output.scores_csv(scored), "accounts-at-stake.csv", type="tertiary", key="scores csv")
        if access.may(page.actor, "log_records") and st.button("Withdraw", type="tertiary", key="withdraw model"):
            forms.save(f"withdraw model {chosen.id}", page.store, lambda store: drivers.withdraw(store, page.actor, chosen.id), "The model is withdrawn.")
    block.draw(output.model(chosen, drivers.question_of(chosen), drivers.made_from(page.store)), key="model told")
    if scored:
        counted = COUNTED[drivers.question_of(chosen).outcome]
        block.draw(output.scores(scored[:MOST], state.house(page.store).organisation.currency, counted) + output.more(len(scored), MOST), key="scores")
    else:
        st.caption("Nobody is at stake: no renewal of the next half year is open.")


def _by_segment(page: Page, question: Question) -> None:
    found = _compared(page.store, page.today, replace(question, segment="", bands=()))
    if isinstance(found, str):
        st.info(escape_sentence(found))
    else:
        block.draw(output.segments(found, COUNTED[question.outcome]), key="drivers of segments")


# --- what is kept while the data stay the same -----------------------------------------------------------------------


@kept(KEPT)
def _first(store: Store, today: date) -> Question | None:
    return drivers.first_question(store)


@kept(KEPT, "Reading what was known before each outcome.")
def _told(store: Store, today: date, question: Question) -> Told:
    try:
        return Told(drivers.study(store, question, today))
    except StudyRefused as refusal:
        return Told(None, str(refusal))


@kept(KEPT, "Reading each segment.")
def _compared(store: Store, today: date, question: Question) -> Comparison | str:
    try:
        return drivers.compare(store, question, today)
    except StudyRefused as refusal:
        return str(refusal)


@kept(KEPT)
def _segments(store: Store, today: date) -> tuple[str, ...]:
    return drivers.segments(store)


@kept(KEPT)
def _kept(store: Store) -> tuple[KeptModel, ...]:
    return tuple(drivers.kept(store))


@kept(KEPT, "Reading what is known of each account.")
def _scores(store: Store, today: date, id: str, by_date: bool) -> list[Scored]:
    model = next(one for one in drivers.kept(store) if one.id == id)
    return drivers.scores(store, model, today, by_date)

"""The section of experiments: the newest one drawn, its steps from design to decision, and the form of a new one."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import streamlit as st

from scorecard import access, projects
from scorecard.core.experiments import Arm, Sample
from scorecard.core.reading import Sentence
from scorecard.errors import ScorecardError
from scorecard.improvement import drivers, experiments
from scorecard.improvement.experiments import Counts, Design, Experiment, Guard, Told
from scorecard.output import study_experiments as output
from scorecard.output.theme import escape_markdown, escape_sentence
from scorecard.store.engine import Store
from scorecard.store.studies import Version
from scorecard.ui import action_forms, block, downloads, forms
from scorecard.ui.action_forms import Origin
from scorecard.ui.kept import kept
from scorecard.ui.state import Page

KEPT = 64
EXPERIMENT, CHOSEN, MADE = "experiment", "experiment chosen", "experiment made"
METRICS = {"renewed": "Renewed, from the renewals", "adopted": "Reached adoption within 30 days, from the milestones", "counts": "Something else: counts are typed in"}
LOOKS = {"Once, at the end": (1.0,), "At half and at the end": (0.5, 1.0), "At each third": (1 / 3, 2 / 3, 1.0)}
GUARDS = {"tickets": ("Tickets an account", "down"), "contacts": ("Contacts an account", "up"), "satisfaction": ("Satisfaction", "up")}
STRATA = {"segment": "Segment", "csm": "CSM"}
WHY = "An experiment says what a change does; drivers only say what goes together. It takes a rule before the start, accounts drawn by chance, and one reading."


def draw(page: Page) -> None:
    """Draws the section: one experiment with what can be done next, the others a choice away."""
    if made := st.session_state.pop(MADE, ""):
        st.session_state[CHOSEN] = made
    found = listed(page)
    if not found:
        st.subheader("Experiments", anchor=False)
        st.caption(WHY)
        return
    told = _told(page.store, page.today, _chosen(found).id)
    block.draw(output.section(told, lambda project: block.address("improvement", project=project)), key="experiment")
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        if len(found) > 1:
            ids = [one.id for one in found]
            st.selectbox("Experiment", ids, ids.index(told.experiment.id), format_func={one.id: f"{one.design.title} ({experiments.STATES[one.state].lower()})" for one in found}.get,
                         key=CHOSEN, width=320)
        _steps(page, told)
        _files(page, told)
    _past(page, told)


def news(page: Page) -> Sentence | None:
    """The sentence about the newest experiment that may be read; None without one."""
    for one in listed(page):
        said = output.news(_told(page.store, page.today, one.id))
        if said:
            return said
    return None


def button(page: Page) -> None:
    """The button that opens the form of a new experiment, for who may design one."""
    if access.may(page.actor, "log_records") and st.button("New experiment", icon=":material/science:", key="new experiment"):
        _dialog("New experiment", page, None)


def listed(page: Page) -> tuple[Experiment, ...]:
    """All experiments: what is under way or decided first, then drafts, then what was stopped; the newest first in each."""
    order = ("frozen", "concluded", "draft", "stopped")
    return tuple(sorted(_listed(page.store), key=lambda one: order.index(one.state)))


def _chosen(found: tuple[Experiment, ...]) -> Experiment:
    wanted = str(st.session_state.get(CHOSEN) or st.query_params.get(EXPERIMENT, ""))[:80]
    return next((one for one in found if one.id == wanted), found[0])


def _past(page: Page, told: Told) -> None:
    """Every version of the experiment, read when it is opened."""
    id = told.experiment.id
    with st.expander("History", key=f"experiment history {id}", on_change="rerun") as opened:
        if opened.open:
            block.draw(output.history(_history(page.store, id)), key="experiment versions")


# --- steps -----------------------------------------------------------------------------------------------------------


def _steps(page: Page, told: Told) -> None:
    of, leads, works = told.experiment, access.may(page.actor, "decide"), access.may(page.actor, "log_records")
    if of.state == "draft" and works and st.button("Change the design", key="change experiment"):
        _dialog("Change the design", page, of)
    if of.state == "draft" and leads:
        _freeze(page, of)
    if of.state == "frozen" and works:
        _draw_units(page, told)
        if experiments.may_look(told, page.today):
            _look(page, told)
    if of.state == "frozen" and leads:
        _conclude(page, told)
    if of.state in ("draft", "frozen") and leads:
        _stop(page, of)
    if of.state == "concluded" and works:
        _act(page, of)


def _freeze(page: Page, of: Experiment) -> None:
    with st.popover("Freeze the rule", icon=":material/lock:"):
        st.caption("From then on nothing of it changes, and accounts are drawn. It has to be done before the start.")
        if st.button("Freeze it", type="primary", key="freeze experiment"):
            forms.save(f"freeze {of.id}", page.store, lambda store: experiments.freeze(store, page.actor, of.id, of.version, page.today), "The rule is frozen.")


def _draw_units(page: Page, told: Told) -> None:
    of = told.experiment
    if of.design.metric != "counts" or not told.units:
        label = "Draw later accounts" if told.units else "Draw the accounts"
        if st.button(label, key="draw units", help="Balanced within each stratum. Who was drawn keeps their arm."):
            forms.save(f"draw {of.id}", page.store, lambda store: experiments.draw(store, page.actor, of.id, page.today), "Chance has drawn; the list is a CSV.")


def _look(page: Page, told: Told) -> None:
    of = told.experiment
    typed = [one for one in of.design.guards if one.reading == "typed"]
    with st.popover("Type in figures" if of.design.metric == "counts" or typed else "Record a look"):
        st.caption("Every look is recorded, and its figures are those that count. Before the moment agreed it decides nothing, and the difference is not shown.")
        with st.form(f"look {of.id}", border=False):
            arms = [_typed_arm(name, letter) for letter, name in (("a", of.design.control), ("b", of.design.change))] if of.design.metric == "counts" else [Arm(0, 0)] * 2
            means = {one.name: (_typed_mean(one, of.design.control, "a"), _typed_mean(one, of.design.change, "b")) for one in typed}
            if st.form_submit_button("Record", type="primary"):
                counts = Counts(*arms, means) if of.design.metric == "counts" or typed else None
                forms.save(f"look {of.id}", page.store, lambda store: experiments.look(store, page.actor, of.id, page.today, counts), "The look is recorded.")


def _typed_arm(name: str, letter: str) -> Arm:
    left, right = st.columns(2)
    hits = left.number_input(f"{escape_sentence(name)}: how many", 0, 10_000_000, 0, key=f"hits {letter}")
    return Arm(hits, right.number_input("of how many", 0, 10_000_000, 0, key=f"of {letter}"))


def _typed_mean(guard: Guard, name: str, letter: str) -> Sample:
    one, two, three = st.columns(3)
    mean = one.number_input(escape_sentence(f"{guard.name}, {name}: mean"), value=0.0, key=f"mean {guard.name} {letter}")
    deviation = two.number_input("standard deviation", 0.0, key=f"deviation {guard.name} {letter}")
    return Sample(mean, deviation, three.number_input("of how many", 0, key=f"number {guard.name} {letter}"))


def _conclude(page: Page, told: Told) -> None:
    of = told.experiment
    if told.decision is None or told.decision.verdict == "go_on":
        return
    with st.popover("Conclude", icon=":material/gavel:"), st.form(f"conclude {of.id}", border=False):
        st.caption(escape_markdown(told.decision.sentence))
        words = st.text_input("Decision", placeholder="Adopt from 1 December", max_chars=experiments.LONGEST_TEXT)
        offered = _projects(page.store)
        project = st.selectbox("Project it belongs to", ["", *offered], format_func=lambda id: offered.get(id, "none"))
        if st.form_submit_button("Record the decision", type="primary"):
            forms.save(f"conclude {of.id}", page.store, lambda store: experiments.conclude(store, page.actor, of.id, words, of.version, page.today, project=project), "The decision is recorded.")


def _stop(page: Page, of: Experiment) -> None:
    with st.popover("Stop", type="tertiary"), st.form(f"stop {of.id}", border=False):
        reason = st.text_input("Why it is stopped without a result", max_chars=experiments.LONGEST_TEXT)
        if st.form_submit_button("Stop it"):
            forms.save(f"stop {of.id}", page.store, lambda store: experiments.stop(store, page.actor, of.id, reason, of.version), "It is stopped.")


def _act(page: Page, of: Experiment) -> None:
    action_forms.button(page, origin=Origin(of.origin, f"Experiment {of.design.title}"))


def _files(page: Page, told: Told) -> None:
    of = told.experiment
    downloads.button("CSV", lambda: output.csv(told), "experiment.csv", type="tertiary", key="experiment csv")
    if told.units:
        downloads.button("Who is in which arm", lambda: _arms(page, told), f"experiment-{of.id}-arms.csv", type="tertiary", key="arms csv")


def _arms(page: Page, told: Told) -> str:
    return output.arms_csv(told.experiment, told.units, experiments.names_of(page.store, told.units))


# --- the form --------------------------------------------------------------------------------------------------------


def _dialog(title: str, page: Page, of: Experiment | None) -> None:
    st.dialog(title, width="large")(_form)(page, of)


def _form(page: Page, of: Experiment | None) -> None:
    """Drawn anew with each change, so that the size follows from what is typed."""
    was, key = of.design if of else None, f"design {of.id if of else 'new'}"
    title = st.text_input("Title", was.title if was else "", max_chars=experiments.LONGEST_TITLE, key=f"{key} title")
    left, right = st.columns(2)
    change = left.text_input("What is changed", was.change if was else "", max_chars=experiments.LONGEST_TITLE, key=f"{key} change")
    control = right.text_input("What it is compared with", was.control if was else "", max_chars=experiments.LONGEST_TITLE, key=f"{key} control")
    left, right = st.columns(2)  # Row by row, so that the keyboard and a phone go through them in the order in which they are read.
    metric = left.selectbox("Read from", list(METRICS), list(METRICS).index(was.metric) if was else 0, format_func=METRICS.get, key=f"{key} metric")
    segments = ["", *drivers.segments(page.store)]
    segment = right.selectbox("Segment", segments, segments.index(was.segment) if was and was.segment in segments else 0, format_func=lambda name: name or "All", key=f"{key} segment")
    counted = right.text_input("What is counted, in one word", was.counted if was else "", placeholder="renewed", max_chars=40, key=f"{key} counted") if metric == "counts" else ""
    left, right = st.columns(2)
    starts = left.date_input("Starts", was.starts if was else page.today + timedelta(14), key=f"{key} starts")
    ends = right.date_input("Ends", was.ends if was else page.today + timedelta(14 + 182), key=f"{key} ends")
    past = experiments.volume(page.store, metric, segment, page.today)
    left, right = st.columns(2)
    base = left.number_input("Share as it is, %", 0.1, 99.9, 100 * (was.base if was else _within(past.base)), step=0.5, key=f"{key} base {metric} {segment}",
                             help=f"Of the last year: {past.base:.1%}" if past.base is not None else None) / 100
    to = right.number_input("Smallest share worth having, %", 0.1, 99.9, 100 * (was.to if was else _within(base + 0.05)), step=0.5, key=f"{key} to {metric} {segment}") / 100
    left, right = st.columns(2)
    power = left.select_slider("Power", (0.7, 0.8, 0.9), was.power if was and was.power in (0.7, 0.8, 0.9) else 0.8, format_func=lambda x: f"{x:.0%}", key=f"{key} power")
    looks = right.selectbox("When it is read", list(LOOKS), list(LOOKS.values()).index(was.looks) if was and was.looks in LOOKS.values() else 0, key=f"{key} looks")
    strata = left.multiselect("Balanced within", list(STRATA), list(was.strata) if was else ["segment"], format_func=STRATA.get, key=f"{key} strata")
    guards = _guards(was, key)
    plan = Design(title, change, control, starts, ends, base, to, 2, metric, segment, tuple(strata), power, was.least if was else 0.0, "up" if to > base else "down", guards, LOOKS[looks], counted)
    per_arm = _size(page, plan, past, was, key)
    _save(page, of, plan, per_arm)


def _within(share: float | None) -> float:
    return round(min(0.98, max(0.02, 0.8 if share is None else share)), 3)


def _guards(was: Design | None, key: str) -> tuple[Guard, ...]:
    """The guardrails chosen, each with what is still borne."""
    before = {one.reading: one for one in was.guards} if was else {}
    chosen = st.multiselect("Guardrails: what must not get worse", list(GUARDS), [one for one in before if one in GUARDS] if was else ["tickets"], format_func=lambda one: GUARDS[one][0], key=f"{key} guards")
    own = st.text_input("A guardrail of your own, typed in as means", before["typed"].name if "typed" in before else "", key=f"{key} own guard")
    found = [Guard(GUARDS[one][0], one, GUARDS[one][1], st.number_input(f"{GUARDS[one][0]}: how much worse is still borne", 0.0, value=before[one].margin if one in before else 0.0, key=f"{key} margin {one}")) for one in chosen]
    if own.strip():
        better = st.radio(f"Better for “{escape_sentence(own)}”", ("down", "up"), horizontal=True, key=f"{key} own better")
        found.append(Guard(own, "typed", better, st.number_input("How much worse is still borne", 0.0, value=before["typed"].margin if "typed" in before else 0.0, key=f"{key} own margin")))
    return tuple(found)


def _size(page: Page, plan: Design, past: experiments.Volume, was: Design | None, key: str) -> int:
    """The size an arm, after what it takes is told."""
    there = len(experiments.eligible(page.store, plan, page.today)) if plan.ends > plan.starts else 0
    try:
        found = experiments.sizing(page.store, plan.base, plan.to, plan.power, plan.looks, past, there)
    except ScorecardError as refusal:
        st.error(escape_sentence(refusal))
        return was.per_arm if was else 2
    block.draw(output.sizes(found, past, (plan.ends - plan.starts).days), key=f"{key} sizes")
    return st.number_input("Accounts in each arm at which it is read", 2, 1_000_000, was.per_arm if was else found.plan.per_arm, key=f"{key} size {found.plan.per_arm}")


def _save(page: Page, of: Experiment | None, plan: Design, per_arm: int) -> None:
    made = replace(plan, per_arm=per_arm)
    if of is None and st.button("Save the draft", type="primary", key="save experiment"):
        forms.save("new experiment", page.store, lambda store: _begin(store, page, made), "The draft is saved.")
    if of is not None:
        reason = st.text_input("Why it is changed", max_chars=experiments.LONGEST_TEXT, key=f"reason {of.id}")
        if st.button("Save the change", type="primary", key="save experiment"):
            forms.save(f"change {of.id}", page.store, lambda store: experiments.change(store, page.actor, of.id, made, of.version, reason), "The design is changed.")


def _begin(store: Store, page: Page, made: Design) -> None:
    """Nothing; the new draft is the one that is shown next."""
    st.session_state[MADE] = experiments.design(store, page.actor, made).id


# --- what is kept while the data stay the same -----------------------------------------------------------------------


@kept(KEPT)
def _listed(store: Store) -> tuple[Experiment, ...]:
    with store.read() as tx:
        return tuple(experiments.listed(tx))


@kept(KEPT)
def _history(store: Store, id: str) -> tuple[Version, ...]:
    with store.read() as tx:
        return tuple(experiments.history(tx, id))


@kept(KEPT)
def _told(store: Store, today: date, id: str) -> Told:
    return experiments.told(store, id, today)


@kept(KEPT)
def _projects(store: Store) -> dict[str, str]:
    with store.read() as tx:
        return {one.id: one.title for one in projects.listed(tx)}

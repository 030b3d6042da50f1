"""What a person may decide on the page of a measure: notes, goals, limits, months left out, new limits."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import streamlit as st

from scorecard import access, metrics
from scorecard.core import fmt
from scorecard.core.definition import Definition
from scorecard.core.periods import Period, containing, day, noun
from scorecard.metrics import QUESTIONS, MeasureView, Note
from scorecard.output.theme import escape_markdown, escape_sentence
from scorecard.ui import drafting, forms
from scorecard.ui.state import Page

AHEAD = 12


def note(page: Page, view: MeasureView) -> None:
    """The menu Add a note, for who may log records."""
    if not access.may(page.actor, "log_records"):
        return
    form = f"note on {view.row.measure.name}"
    with st.popover("Add a note", icon=":material/add_comment:"):
        with st.form("note", border=False):
            happened = st.date_input(
                "It happened on", min(page.today, view.row.period.end), max_value=page.today, key="note day"
            )
            text = drafting.area(page, form, "What happened", max_chars=500)
            sent = st.form_submit_button("Save the note", type="primary")
        drafting.listen(page, form)
        if _withdrawable(page, view) and st.button("Withdraw a note", type="tertiary", key="open withdraw"):
            withdraw(page, view)
    if sent:
        period = _holding(view, happened)
        forms.save(
            "note",
            page.store,
            drafting.ending(
                page, form, lambda store: metrics.add_note(store, page.actor, view.row.measure.name, happened, text, period)
            ),
            "The note is saved.",
        )


def limits(page: Page, view: MeasureView) -> None:
    """The menu Limits, with what this person may do."""
    offered = _offered(page, view)
    if offered:
        chosen = st.menu_button("Limits", list(offered), icon=":material/straighten:", key="limits menu")
        if chosen:
            offered[chosen](page, view)


def _offered(page: Page, view: MeasureView) -> dict[str, Callable[[Page, MeasureView], None]]:
    found: dict[str, Callable[[Page, MeasureView], None]] = {}
    if access.may(page.actor, "change_goals"):
        found["Set a goal"] = set_goal
    if access.may(page.actor, "lock_limits") and view.periods:
        found |= {"Lock the limits": lock, "Leave a period out": leave_out}
        if view.exclusions:
            found["Count a period again"] = count_again
        if len(view.periods) > 1:
            found["Begin new limits"] = begin
    return found


def _withdrawable(page: Page, view: MeasureView) -> dict[str, Note]:
    """The notes that this person may take off the charts: the own ones, and for a leader all."""
    every = access.may(page.actor, "change_goals")
    return {one.id: one for one in view.notes if one.withdrawn_at is None and (every or one.author == page.actor.name)}


@st.dialog("Set a goal")
def set_goal(page: Page, view: MeasureView) -> None:
    """A goal that counts from a period on; earlier ones keep their own."""
    measure, row = view.row.measure, view.row
    st.markdown(f"**{_label(measure)}** should {_wanted(measure)}.")
    starts = list(reversed(view.periods)) or [row.period]
    ahead = [starts[0].shift(n) for n in range(AHEAD, 0, -1)]
    start = st.selectbox("From", [*ahead, *starts], index=AHEAD, format_func=lambda p: p.label, key="goal from")
    back = st.toggle("Take back the goal that starts then", key="goal back")
    value = st.number_input(
        f"Goal{unit_of(measure)}",
        value=_shown(row.reading.goal.value if row.reading.goal else None, measure),
        format="%g",
        disabled=back,
        key="goal value",
    )
    source = st.text_input(
        "Where it comes from", placeholder="plan 2026, contract, benchmark", max_chars=80, key="goal source"
    )
    form = f"goal of {view.row.measure.name}"
    reason = drafting.alone(page, form, "Why", max_chars=500)
    if st.button("Save the goal", type="primary", key="save goal"):
        seen = seen_goal(view, start)
        forms.save(
            "goal",
            page.store,
            drafting.ending(
                page,
                form,
                lambda store: metrics.set_goal(
                    store,
                    page.actor,
                    measure.name,
                    start,
                    None if back else stored(value, measure),
                    source,
                    reason,
                    seen=seen,
                ),
            ),
            "The goal is saved.",
        )


def seen_goal(view: MeasureView, start: Period) -> int:
    """The version of the goal from `start` on that the page shows; 0 when it shows none."""
    return next((goal.version for goal in view.goals if goal.start == start), 0)


@st.dialog("Lock the limits")
def lock(page: Page, view: MeasureView) -> None:
    """New limits in force from now on; what past months said stays."""
    st.markdown(
        "Limits are locked on the figures of a stretch of time in which nothing changed. "
        "They stay until you lock again. What past periods said stays as it was."
    )
    phase = view.row.chart.phases[-1] if view.row.chart.phases else None
    first = phase.start if phase else view.periods[0]
    own = [period for period in view.periods if period >= first and period.end < page.today]
    ends = (
        st.select_slider(
            "Figures from, to",
            own,
            (own[0], own[min(len(own), 24) - 1]),
            format_func=lambda p: p.short,
            key="lock baseline",
        )
        if len(own) > 1
        else None
    )
    form = f"limits of {view.row.measure.name}"
    reason = drafting.alone(page, form, "Why", max_chars=500)
    if st.button("Lock the limits", type="primary", key="save lock"):
        forms.save(
            "lock",
            page.store,
            drafting.ending(
                page,
                form,
                lambda store: metrics.lock_limits(
                    store,
                    page.actor,
                    view.row.measure.name,
                    view.segment,
                    reason,
                    baseline=ends,
                    seen=max((one.version for one in view.limits), default=0),
                ),
            ),
            "The limits are locked.",
        )


@st.dialog("Leave a period out")
def leave_out(page: Page, view: MeasureView) -> None:
    """The period counts towards no limit; it stays on the chart, hollow."""
    period = st.selectbox("Period", list(reversed(view.periods)), format_func=lambda p: p.label, key="left out")
    form = f"left out of {view.row.measure.name}"
    cause = drafting.alone(page, form, "What made it different", max_chars=500)
    st.caption("It stays on the chart as a hollow dot, with this cause. The figure itself is not changed.")
    if st.button("Leave it out", type="primary", key="save left out"):
        forms.save(
            "leave out",
            page.store,
            drafting.ending(
                page,
                form,
                lambda store: metrics.exclude(store, page.actor, view.row.measure.name, view.segment, period, cause),
            ),
            f"{period.label} is left out.",
        )


@st.dialog("Count a period again")
def count_again(page: Page, view: MeasureView) -> None:
    """A period that was left out counts again."""
    period = st.selectbox(
        "Period", [one.period for one in view.exclusions], format_func=lambda p: p.label, key="counted"
    )
    form = f"counted again in {view.row.measure.name}"
    cause = drafting.alone(page, form, "Why", max_chars=500)
    if st.button("Count it again", type="primary", key="save counted"):
        forms.save(
            "count again",
            page.store,
            drafting.ending(
                page,
                form,
                lambda store: metrics.include(store, page.actor, view.row.measure.name, view.segment, period, cause),
            ),
            f"{period.label} counts again.",
        )


@st.dialog("Begin new limits")
def begin(page: Page, view: MeasureView) -> None:
    """New limits from a period on, only when all four questions are answered with yes."""
    starts = list(reversed(view.periods[1:]))
    at = starts.index(view.proposal.start) if view.proposal and view.proposal.start in starts else 0
    start = st.selectbox(
        "The first period of the new limits", starts, index=at, format_func=lambda p: p.label, key="begin from"
    )
    title = st.text_input("What was changed", placeholder="Guided onboarding starts", max_chars=80, key="begin title")
    answers = {
        key: st.radio(question, ["No", "Yes"], horizontal=True, key=f"begin {key}") == "Yes"
        for key, question in QUESTIONS.items()
    }
    st.caption("With a no the old limits stay, and the signal stays: the answers are kept beside the chart.")
    if st.button("Save the answers", type="primary", key="save begin"):
        said = (
            f"New limits begin in {start.label}."
            if all(answers.values())
            else "The old limits stay. The answers are kept."
        )
        forms.save(
            "begin",
            page.store,
            lambda store: metrics.rebase(store, page.actor, view.row.measure.name, view.segment, start, title, answers),
            said,
        )


@st.dialog("Withdraw a note")
def withdraw(page: Page, view: MeasureView) -> None:
    """A note comes off the charts; the audit keeps its words."""
    open_notes = _withdrawable(page, view)
    chosen = st.selectbox(
        "Note",
        list(open_notes),
        format_func=lambda id: f"{day(open_notes[id].happened)}: {open_notes[id].text}",
        key="withdrawn note",
    )
    if st.button("Withdraw it", type="primary", key="save withdrawn"):
        forms.save(
            "withdraw",
            page.store,
            lambda store: metrics.withdraw_note(store, page.actor, chosen),
            "The note is withdrawn.",
        )


def proposal(page: Page, view: MeasureView) -> None:
    """The proposal of new limits, when the chart makes one: a question, never an automatic change."""
    found = view.proposal
    if found is None:
        return
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="proposal"):
        grain = found.start.grain
        st.markdown(
            f"**New limits from {found.start.label}?** {found.n} {noun(grain, found.n)} lie {found.side} the centre, "
            f"now {escape_sentence(fmt.with_unit(found.new_mean, view.row.measure))} on average."
        )
        if access.may(page.actor, "lock_limits") and st.button("Answer four questions", key="open proposal"):
            begin(page, view)


def _holding(view: MeasureView, moment: date) -> Period:
    """The period of the measure's grain that holds a day."""
    return containing(moment, view.row.period.grain)


def _label(measure: Definition) -> str:
    """The measure's name, safe in Markdown."""
    return escape_markdown(measure.label)


def _wanted(measure: Definition) -> str:
    return {"increase": "be at least the goal", "decrease": "be at most the goal"}.get(
        measure.improvement_direction, "be near the goal"
    )


def unit_of(measure: Definition) -> str:
    """The unit behind the label of a field: `, %`."""
    word = {"percent": "%", "money": measure.currency.strip()}.get(measure.unit, fmt.unit_word(measure))
    return f", {escape_sentence(word)}" if word else ""


def _shown(value: float | None, measure: Definition) -> float | None:
    return None if value is None else round(value * 100, 6) if measure.is_share else value


def stored(value: float | None, measure: Definition) -> float | None:
    """A typed figure as it is kept: a percent as a fraction."""
    return None if value is None else round(value / 100, 8) if measure.is_share else value

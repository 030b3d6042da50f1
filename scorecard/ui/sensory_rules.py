"""The rules of the health score on the page: read by everybody, changed with a reason; and the report card in full."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import streamlit as st

from scorecard import access
from scorecard.core.health_score import MISSING, READINGS, Input, Rule
from scorecard.core.periods import containing
from scorecard.core.score_check import Proposal
from scorecard.errors import UsageError
from scorecard.output import sensory_marks, sensory_rules, sensory_twins
from scorecard.output.theme import escape_markdown, escape_sentence
from scorecard.sensory import report_card, scoring
from scorecard.sensory.page import MONTHS
from scorecard.sensory.report_card import AHEAD, SIMPLE, VERDICTS, ReportCard
from scorecard.store.engine import Store
from scorecard.ui import block, downloads, forms, sensory_views, state
from scorecard.ui.kept import kept
from scorecard.ui.state import Page

KEPT = 16


def draw(page: Page) -> None:
    """The rule in force, what outcomes propose, its change and its history."""
    with page.store.read() as tx:
        current = scoring.rule(tx)
    said = f"Version {current.version}: {current.reason}" if current.version else "As shipped"
    sensory_views.head(page, "Rules of the health score", f"{said}. A new version counts for months that are recorded after it")
    block.draw(sensory_rules.rule(current), key="health rule")
    block.draw(sensory_rules.proposal(_proposal(page.store, page.today), current), key="proposal")
    if access.may(page.actor, "edit_measures"):
        _edit(page, current)
    else:
        st.caption("An analyst or a leader changes the rule.")
    st.subheader("History", anchor=False)
    versions = scoring.history(page.store)
    block.draw(sensory_rules.history(versions), key="rule history")
    _csv(lambda: sensory_rules.csv(versions or [current]), "health-rule", "CSV, every version")


def _csv(data: Callable[[], str], name: str, label: str) -> None:
    downloads.button(label, lambda: data().encode("utf-8-sig"), f"{name}.csv", icon=":material/csv:", type="tertiary", key=f"{name} csv")


def _edit(page: Page, current: Rule) -> None:
    st.subheader("Change the rule", anchor=False)
    mark = f"rule {current.version}"
    with st.form(mark):
        inputs = [_input(one, f"{mark} {one.reading}") for one in current.inputs]
        left, right = st.columns(2)
        green = left.number_input("Green from", 1, 100, current.green, key=f"{mark} green")
        yellow = right.number_input("Yellow from", 1, 100, current.yellow, key=f"{mark} yellow")
        reason = st.text_input("Reason", max_chars=300, key=f"{mark} reason")
        sent = st.form_submit_button("Save as a new version", type="primary")
    if not sent:
        return

    def work(store: Store) -> None:
        made = tuple(replace(one, weight=int(weight), missing=missing, curve=_curve(one.label, text)) for one, weight, missing, text in inputs)
        scoring.save_rule(store, page.actor, replace(current, inputs=made, green=int(green), yellow=int(yellow)), current.version, reason)

    forms.save(mark, page.store, work, f"The rule is saved as version {current.version + 1}. Months that are recorded keep theirs.")


def _input(one: Input, mark: str) -> tuple[Input, float, str, str]:
    """(input, weight, what a missing one does, curve) as they stand in the form."""
    name, weight, missing, curve = st.columns((1.1, 0.8, 1.8, 2.4), vertical_alignment="bottom")
    name.markdown(f"**{escape_markdown(one.label)}**", help=READINGS[one.reading].words)
    heavy = weight.number_input(f"Weight of {escape_sentence(one.label)}", 0, 100, one.weight, key=f"{mark} weight")
    gone = missing.selectbox(f"{escape_sentence(one.label)} missing", list(MISSING), index=list(MISSING).index(one.missing), format_func=MISSING.get, key=f"{mark} missing")
    drawn = curve.text_input(f"Curve of {escape_sentence(one.label)}", sensory_rules.curve_words(one), max_chars=200, key=f"{mark} curve",
                             help="Reading, a colon, the share of the points; 2 to 8 points in rising order.")
    return one, heavy, gone, drawn


def _curve(label: str, text: str) -> tuple[tuple[float, float], ...]:
    """The points of a curve such as `0.5: 0%, 1: 80%`. Raises UsageError that says which part cannot be read."""
    points = []
    for part in filter(None, map(str.strip, text.replace(";", ",").split(","))):
        reading, _, share = part.partition(":")
        try:
            points.append((float(reading), float(share.strip().removesuffix("%")) / 100))
        except ValueError as error:
            raise UsageError(f"{label}: {part[:40]!r} is no point of a curve. Write a reading, a colon and a share, such as 0.5: 80%.") from error
    return tuple(points)


# --- the report card -------------------------------------------------------------------------------------------------


def report(page: Page) -> None:
    """The report card for 30, 60, 90 and 180 days ahead, and the green accounts that were lost."""
    segment = sensory_views.chosen(page)
    sensory_views.head(page, "Report card of the health score", f"Scores as they were known before each renewal of {MONTHS} months, against what happened", by_segment=True)
    cards = _cards(page.store, page.today, segment)
    if not any(one.renewals for one in cards):
        st.info("No renewal has a score from before it yet. Load renewals; each month that is recorded brings some.")
        return
    symbol = state.house(page.store).organisation.currency
    days = st.segmented_control("Days before the renewal", AHEAD, default=AHEAD[-1], required=True, key="report days")
    card = next(one for one in cards if one.days == days)
    st.markdown(escape_markdown(report_card.sentence(card)))
    drawn = sensory_marks.calibration(card.bands, card.lost, report_card.sentence(card))
    block.draw(sensory_rules.beside(card, drawn), key="calibration")
    block.draw(sensory_rules.horizons(cards, VERDICTS) + f'<p class="foot">The simple rule: {SIMPLE}.</p>', key="horizons")
    block.draw(sensory_rules.missed(card, lambda id: sensory_views.address(account=id), symbol), key="missed")
    _csv(lambda: sensory_twins.cards_csv(cards), "report-card", "CSV, every number of days")


@kept(KEPT)
def _cards(store: Store, today: date, segment: str) -> tuple[ReportCard, ...]:
    since = containing(today, "month").shift(-MONTHS).start
    return tuple(report_card.explained(store, report_card.read(store, today, days, segment=segment, since=since)) for days in AHEAD)


@kept(KEPT)
def _proposal(store: Store, today: date) -> Proposal:
    return report_card.proposal(store, today)

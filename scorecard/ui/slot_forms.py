"""What changes the ten slots and the list of measures: give a slot, trade in, retire, write or edit a measure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from scorecard import access, measures
from scorecard.core import names
from scorecard.core.definition import AGGREGATES, KINDS, SYSTEMS, UNITS, WORTH_NOTICING, Definition
from scorecard.metrics import MeasureLine
from scorecard.output import measure_list
from scorecard.store.definitions import SLOTS
from scorecard.store.engine import Store
from scorecard.ui import forms
from scorecard.ui.state import Page

DIRECTIONS = {"increase": "up is good", "decrease": "down is good", "neutral": "neither"}
_SUMMED = {"ratio": "numerator over denominator, pooled", "sum": "a sum", "none": "cannot be added up"}


def draw(page: Page, lines: Sequence[MeasureLine]) -> None:
    """Trade-in, free slots and retiring, for who may edit measures."""
    if not access.may(page.actor, "edit_measures") or not page.scorecard:
        return
    inside = measure_list.slotted(lines)
    outside = [line for line in lines if not line.slot]
    with st.container(border=True, key="slots"):
        if outside and len(inside) >= SLOTS:
            _trade_in(page, inside, outside)
        elif outside:
            _give(page, inside, outside)
        if inside:
            _retire(page, inside)


def _labels(lines: Sequence[MeasureLine]) -> dict[str, str]:
    return {line.measure.name: line.measure.label for line in lines}


def _trade_in(page: Page, inside: Sequence[MeasureLine], outside: Sequence[MeasureLine]) -> None:
    new, old = _labels(outside), _labels(sorted(inside, key=lambda line: (not measure_list.silent(line), line.slot)))
    st.markdown(
        "**Ten measures are in use.** To give another one a slot, choose one to retire first; its history and limits are kept."
    )
    with st.form("trade in", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.selectbox("Comes in", list(new), format_func=new.get)
        out = st.selectbox("Goes out (those without a signal first)", list(old), format_func=old.get)
        reason = st.text_input("Why", max_chars=500)
        sent = st.form_submit_button("Trade in", type="primary", icon=":material/swap_horiz:")
    if sent:
        forms.save(
            "trade in",
            page.store,
            lambda store: measures.trade_in(store, page.actor, page.scorecard, out, name, reason),
            f"{new[name]} has the slot of {old[out]}.",
        )


def _give(page: Page, inside: Sequence[MeasureLine], outside: Sequence[MeasureLine]) -> None:
    new, free = _labels(outside), SLOTS - len(inside)
    st.markdown(
        f"**{free} of ten slots {'is' if free == 1 else 'are'} free.** Fewer is better: a measure earns its slot by leading to a decision."
    )
    with st.form("give slot", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.selectbox("Measure", list(new), format_func=new.get)
        sent = st.form_submit_button("Give it a slot", type="primary")
    if sent:
        forms.save(
            "give slot",
            page.store,
            lambda store: measures.add_to_slot(store, page.actor, page.scorecard, name, page.today),
            f"{new[name]} has a slot.",
        )


def _retire(page: Page, inside: Sequence[MeasureLine]) -> None:
    labels = _labels(inside)
    with (
        st.expander("Retire a measure without another in its place"),
        st.form("retire", border=False),
        st.container(horizontal=True, vertical_alignment="bottom"),
    ):
        name = st.selectbox("Measure", list(labels), format_func=labels.get)
        reason = st.text_input("Why", max_chars=500)
        sent = st.form_submit_button("Retire it")
    if sent:
        forms.save(
            "retire",
            page.store,
            lambda store: measures.retire(store, page.actor, page.scorecard, name, reason),
            f"{labels[name]} has no slot any more. Its history is kept.",
        )


def new_or_edit(page: Page, lines: Sequence[MeasureLine]) -> None:
    """The two buttons of a measure."""
    if st.button("New measure", icon=":material/add:"):
        new_measure(page)
    if lines and st.button("Edit", icon=":material/edit:", help="Change the words, the owner or the kind of a measure"):
        edit_measure(page, lines)


@st.dialog("New measure", width="medium")
def new_measure(page: Page) -> None:
    """Writes a measure; it gets figures with the next load, and a slot when somebody gives it one."""
    label = st.text_input("Name", max_chars=60, key="new label")
    description = st.text_area("What it counts, in one sentence", max_chars=300, key="new description")
    left, right = st.columns(2)
    with left:
        system = st.selectbox("System", list(SYSTEMS), format_func=SYSTEMS.get, key="new system")
        unit = st.selectbox("Unit", list(UNITS), key="new unit")
        owner = st.text_input("Owner", max_chars=60, key="new owner")
    with right:
        kind = st.selectbox("Kind", list(KINDS), format_func=lambda k: f"{k}, {KINDS[k]}", key="new kind")
        direction = st.selectbox("Which way is good", list(DIRECTIONS), format_func=DIRECTIONS.get, key="new direction")
        added = st.selectbox(
            "Segments add up to", list(AGGREGATES), format_func=lambda a: _SUMMED.get(a, a), key="new aggregate"
        )
    reason = st.text_input("Why it is needed", max_chars=500, key="new reason")
    if st.button("Save the measure", type="primary", key="save new"):
        one = Definition(
            "",
            label.strip(),
            description.strip(),
            system,
            kind,
            owner.strip(),
            unit,
            improvement_direction=direction,
            aggregate=added,
        )
        forms.save("new measure", page.store, lambda store: _write(store, page, one, reason), f"{label} is written.")


def _write(store: Store, page: Page, one: Definition, reason: str) -> None:
    label = names.required(one.label, "measure's name", 60)
    measures.save_measure(
        store,
        page.actor,
        replace(one, name=_id(label, set(measures.current(page.store))), label=label),
        reason,
        0,
        page.today,
    )


def _id(label: str, taken: set[str]) -> str:
    """An id that a definition may have: small letters, figures and underscores, a letter first."""
    hyphened = {name.replace("_", "-") for name in taken}
    found = names.slug(label if label[:1].isalpha() else f"measure {label}", hyphened)
    return found.replace("-", "_")


@st.dialog("Edit a measure", width="medium")
def edit_measure(page: Page, lines: Sequence[MeasureLine]) -> None:
    """Writes a new version of a measure. Where its figures come from, its goals and limits are edited elsewhere."""
    known = {line.measure.name: line for line in lines}
    name = st.selectbox("Measure", list(known), format_func=lambda id: known[id].measure.label, key="edited")
    old = known[name].measure
    changed = _edited(old)
    reason = st.text_input("Why", max_chars=500, key="edit reason")
    if st.button("Save the changes", type="primary", key="save edit"):
        forms.save(
            "edit measure",
            page.store,
            lambda store: measures.save_measure(store, page.actor, changed, reason, known[name].version, page.today),
            f"{changed.label} is changed. What past periods said stays.",
        )


def _edited(old: Definition) -> Definition:
    """The measure as the fields of the form have it; each measure has fields of its own."""

    def key(field: str) -> str:
        return f"edit {field} {old.name}"

    label = st.text_input("Name", old.label, max_chars=60, key=key("label"))
    description = st.text_area("What it counts", old.description, max_chars=2000, key=key("description"))
    left, right = st.columns(2)
    with left:
        owner = st.text_input("Owner", old.owner, max_chars=60, key=key("owner"))
        systems = list(SYSTEMS)
        system = st.selectbox("System", systems, systems.index(old.system), format_func=SYSTEMS.get, key=key("system"))
        above = st.text_input("What stands above the line", old.numerator_label, max_chars=60, key=key("above"))
    with right:
        kinds, ways = list(KINDS), list(DIRECTIONS)
        kind = st.selectbox("Kind", kinds, kinds.index(old.kind), format_func=lambda k: f"{k}, {KINDS[k]}", key=key("kind"))
        at = ways.index(old.improvement_direction)
        direction = st.selectbox("Which way is good", ways, at, format_func=DIRECTIONS.get, key=key("direction"))
        below = st.text_input("What stands below it", old.denominator_label, max_chars=60, key=key("below"))
    worth = _worth_noticing(old, key("worth noticing"))
    warning = st.text_input("A warning for whoever reads it", old.warning, max_chars=500, key=key("warning"))
    return replace(
        old,
        label=label.strip(),
        description=description.strip(),
        owner=owner.strip(),
        system=system,
        kind=kind,
        improvement_direction=direction,
        numerator_label=above.strip(),
        denominator_label=below.strip(),
        warning=warning.strip(),
        worth_noticing=worth,
    )


def _worth_noticing(old: Definition, key: str) -> float | None:
    """The smallest difference of one person from the team that matters, of a measure that counts cases; None stands for the usual one."""
    if old.unit != "percent" or old.aggregate != "ratio":
        return old.worth_noticing
    was = old.worth_noticing or WORTH_NOTICING
    told = "Where fewer cases than it takes to notice it are there, the page People says: too few accounts to tell."
    points = st.number_input("Worth noticing in one person, points", 0.5, 100.0, 100 * was, step=1.0, help=told, key=key)
    return old.worth_noticing if points == 100 * was else round(points / 100, 4)

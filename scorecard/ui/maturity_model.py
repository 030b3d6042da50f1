"""The model on the page: what differs from the shipped one, and for leaders its texts, weights, targets and criteria."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from scorecard import access, places
from scorecard.core.maturity_file import Model, Practice, System, parse
from scorecard.core.periods import day
from scorecard.core.rubric import LEVELS
from scorecard.errors import UsageError
from scorecard.maturity import editing
from scorecard.maturity.editing import Version
from scorecard.output import assess_tables
from scorecard.output.theme import escape_markdown, escape_sentence
from scorecard.store.engine import Store
from scorecard.ui import block, downloads, forms
from scorecard.ui.state import Page

NEW, ITSELF = "new", "itself"
SHOWN = 40
LONGEST = 600


def draw(page: Page) -> None:
    """The whole view."""
    found, shipped = editing.newest(page.store), _shipped()
    with st.container(gap="xxsmall"):
        block.draw(assess_tables.crumbs((("Maturity", block.address("maturity")), ("Model", ""))), key="crumbs")
        st.title("Maturity model", anchor=False)
        st.caption(f"Version {found.number}, {day(found.recorded_at.date())} by {escape_markdown(found.author)}: "
                   f"{escape_markdown(found.reason)}. Cycles keep the version that they were begun with.")
    _differences(page, shipped)
    with st.container(horizontal=True, gap="small"):
        downloads.button("The model as a file", lambda: found.text, f"maturity-model-{found.number}.toml", type="tertiary", key="model file")
        if access.may(page.actor, "decide") and found.model != parse(shipped) and st.button(
                "All back to shipped", icon=":material/undo:", type="tertiary", key="all shipped"):
            back(page, found.number)
    if access.may(page.actor, "decide"):
        _edit(page, found, shipped)
    else:
        st.caption("A leader changes the model.")


def _shipped() -> str:
    return places.maturity_file().read_text("utf-8")


def _differences(page: Page, shipped: str) -> None:
    found = editing.against(page.store, shipped)
    if not found:
        st.markdown("It says what the shipped file says.")
        return
    with st.expander(f"{len(found)} difference{'s' if len(found) > 1 else ''} from the shipped file", key="differences"):
        for one in found[:SHOWN]:
            st.markdown(f"- {escape_markdown(str(one))}")
        if len(found) > SHOWN:
            st.caption(f"And {len(found) - SHOWN} more, in the file.")


@st.dialog("All back to shipped")
def back(page: Page, seen: int) -> None:
    """Asks once, for the reason."""
    st.markdown("A new version says what the shipped file says. Changed texts and added practices stay in the earlier versions.")
    reason = st.text_input("Reason", max_chars=200, key="reason back")
    if st.button("Go back", type="primary", key="go back"):
        forms.save("model back", page.store, lambda store: editing.restore(store, page.actor, _shipped(), reason, seen), "The model is as shipped.")


# --- one system or practice ------------------------------------------------------------------------------------------


def _edit(page: Page, found: Version, shipped: str) -> None:
    model = found.model
    left, right = st.columns(2)
    system = left.selectbox("System", list(model.systems), format_func=lambda id: model.systems[id].label, key="model system")
    titles = {one.id: f"{one.id} {one.title}" for one in model.of(system)} | {ITSELF: "The system itself", NEW: "A new practice"}
    chosen = right.selectbox("What to change", list(titles), format_func=titles.get, key=f"model of {system}")
    # The version stands in the keys: after a save the fields show what is recorded.
    mark = f"{system} {chosen} {found.number}"
    if chosen == ITSELF:
        _system(page, found, model.systems[system], mark)
    else:
        _practice(page, found, model.practices.get(chosen, Practice("", system, "", "", ("",) * len(LEVELS))), mark)
    _shipped_again(page, found, shipped, system if chosen == ITSELF else chosen)


def _system(page: Page, found: Version, one: System, mark: str) -> None:
    with st.form(f"system {mark}"):
        label = st.text_input("Name", one.label, max_chars=60, key=f"label {mark}")
        purpose = st.text_input("What it is for", one.purpose, max_chars=200, key=f"purpose {mark}")
        question = st.text_input("Question of the quick form", one.question, max_chars=200, key=f"question {mark}")
        levels = _levels(found.model, one.levels, mark)
        target = st.text_input("Target, from 1 to 5", _figure(one.target), key=f"target {mark}")
        reason = st.text_input("Reason", max_chars=200, key=f"reason {mark}")
        sent = st.form_submit_button("Save as a new version", type="primary")
    if sent:
        def work(store: Store) -> int:
            new = replace(one, label=label.strip(), purpose=purpose.strip(), question=question.strip(), levels=levels, target=_number(target, "target"))
            return editing.save_system(store, page.actor, new, reason, found.number)

        forms.save(f"model {mark}", page.store, work, f"{label} is saved as version {found.number + 1}.")


def _practice(page: Page, found: Version, one: Practice, mark: str) -> None:
    with st.form(f"practice {mark}"):
        id = one.id or st.text_input("Id, a letter and a number such as W7", max_chars=11, key=f"id {mark}").strip()
        title = st.text_input("Title", one.title, max_chars=80, key=f"title {mark}")
        question = st.text_input("Question", one.question, max_chars=300, key=f"question {mark}")
        levels = _levels(found.model, one.levels, mark)
        evidence = st.text_input("What counts as evidence", one.evidence, max_chars=LONGEST, key=f"evidence {mark}")
        gates = st.text_area("Criteria, one a line: 3: Every hand-off has an owner", _criteria(one), key=f"gates {mark}",
                             help="A level is not reached while one of its criteria, or of those below it, is not met.")
        left, right = st.columns(2)
        weight = left.text_input("Weight in its system", _figure(one.weight), key=f"weight {mark}",
                                 help="2 counts twice as much as 1 in what each person says of the system on average.")
        target = right.text_input("Target, from 1 to 5 (blank: that of the system)", _figure(one.target), key=f"target {mark}")
        reason = st.text_input("Reason", max_chars=200, key=f"reason {mark}")
        with st.container(horizontal=True, gap="small"):
            sent = st.form_submit_button("Save as a new version", type="primary")
            gone = bool(one.id) and st.form_submit_button("Retire this practice")

    def work(store: Store) -> int:
        if id in found.model.practices and not one.id:
            raise UsageError(f"There is a practice {id} already: {found.model.practices[id].title}.")
        new = replace(one, id=id, title=title.strip(), question=question.strip(), levels=levels, evidence=evidence.strip(),
                      gates=_gates(gates), weight=_number(weight, "weight") or 1.0, target=_number(target, "target"))
        return editing.save_practice(store, page.actor, new, reason, found.number)

    if sent:
        forms.save(f"model {mark}", page.store, work, f"{id} is saved as version {found.number + 1}.")
    elif gone:
        forms.save(f"model {mark}", page.store, lambda store: editing.retire(store, page.actor, one.id, reason, found.number),
                   f"{one.id} is not asked from version {found.number + 1} on.")


def _shipped_again(page: Page, found: Version, shipped: str, subject: str) -> None:
    """The way back for one system or practice, and for practices that were retired."""
    old = parse(shipped)
    both = {**old.systems, **old.practices}
    now = {**found.model.systems, **found.model.practices}
    gone = [id for id in old.practices if id not in found.model.practices]
    offered = ([subject] if subject in both and both[subject] != now.get(subject) else []) + gone
    if not offered:
        return
    with st.form(f"shipped {found.number}"):
        which = st.selectbox("Back to shipped", offered, key=f"shipped which {found.number}",
                             format_func=lambda id: f"{id} {old.practices[id].title}" if id in old.practices else old.systems[id].label)
        reason = st.text_input("Reason", max_chars=200, key=f"shipped reason {found.number}")
        sent = st.form_submit_button("Take the shipped one")
    if sent:
        forms.save("model shipped", page.store, lambda store: editing.restore(store, page.actor, shipped, reason, found.number, which),
                   f"{which} is as shipped.")


def _levels(model: Model, texts: tuple[str, ...], mark: str) -> tuple[str, ...]:
    return tuple(st.text_area(f"{n} {escape_sentence(name)}", text, max_chars=LONGEST, height=68, key=f"level {n} {mark}").strip()
                 for n, (name, text) in enumerate(zip(model.level_names, texts, strict=True), 1))


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:g}"


def _number(text: str, what: str) -> float | None:
    """The figure of a field, None when it is blank. Raises UsageError for what is none."""
    if not text.strip():
        return None
    try:
        return float(text.replace(",", "."))
    except ValueError as error:
        raise UsageError(f"{text[:20]!r} is no {what}: write a number such as 2 or 3.5.") from error


def _criteria(one: Practice) -> str:
    return "\n".join(f"{level}: {text}" for level, texts in one.gates.items() for text in texts)


def _gates(text: str) -> dict[int, tuple[str, ...]]:
    """Criteria by level, of lines such as `3: Every hand-off has an owner`."""
    found: dict[int, tuple[str, ...]] = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        level, colon, words = line.partition(":")
        if not colon or level.strip() not in ("2", "3", "4", "5") or not words.strip():
            raise UsageError(f"{line[:60]!r} is no criterion: write the level from 2 to 5, a colon, and what has to be met.")
        found[int(level)] = (*found.get(int(level), ()), words.strip())
    return dict(sorted(found.items()))

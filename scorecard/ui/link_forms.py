"""Forms beside the map and the benchmarks: state a link, take one back, add a benchmark, take one away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import streamlit as st

from scorecard import measures
from scorecard.core.definition import Definition, Driver
from scorecard.core.measures_file import MAX_LAG
from scorecard.metrics import LinkMap, LinkView
from scorecard.output import causes, comparisons
from scorecard.ui import drafting, forms, measure_forms, views
from scorecard.ui.state import Page

MOVES = {1: "both rise together", -1: "one falls as the other rises"}
ONE, HALF = "one figure", "the middle half of several"


@dataclass(frozen=True)
class Edited:
    """A measure as it was shown, with the version that an edit of it starts from."""

    measure: Definition
    version: int


def edited(page: Page) -> dict[str, Edited]:
    """All measures by id, asked when a form is opened."""
    return {line.measure.name: Edited(line.measure, line.version) for line in views.overview(page).lines}


def links(page: Page, found: LinkMap, here: str = "") -> None:
    """The buttons under a map, for who may edit measures. `here` is the measure whose page it is."""
    with st.container(horizontal=True, gap="small", width="content"):
        if st.button("State a link", type="tertiary", icon=":material/add:", key="open link"):
            state_link(page, edited(page), here)
        if found.links and st.button("Take a link back", type="tertiary", icon=":material/remove:", key="open back"):
            take_back(page, edited(page), found)


@st.dialog("State a link")
def state_link(page: Page, known: dict[str, Edited], here: str) -> None:
    """A cause with its sign and lag, said before the figures are asked."""
    st.caption("Say it before you look: direction and delay are part of the claim. A changed one starts a new date.")
    ids = list(known)
    effect = st.selectbox(
        "The effect", ids, ids.index(here) if here in ids else 0, format_func=_labels(known).get, key="link effect"
    )
    others = [name for name in ids if name != effect]
    cause = st.selectbox("Its cause", others, format_func=_labels(known).get, key="link cause")
    sign = st.radio("How they move", list(MOVES), format_func=MOVES.get, horizontal=True, key="link sign")
    lag = st.number_input("Periods until it shows", 0, MAX_LAG, 1, key="link lag")
    form = f"link to {here}"
    why = drafting.alone(page, form, "Why", max_chars=500, placeholder="Customers who reach first value sooner adopt sooner.")
    if st.button("Save the link", type="primary", key="save link"):
        one = known[effect]
        forms.save(
            "link",
            page.store,
            drafting.ending(
                page,
                form,
                lambda store: measures.state_link(
                    store, page.actor, effect, Driver(cause, sign, int(lag), why), one.version, page.today
                ),
            ),
            f"{known[cause].measure.label} is stated as a cause of {one.measure.label}.",
        )


@st.dialog("Take a link back")
def take_back(page: Page, known: dict[str, Edited], found: LinkMap) -> None:
    """A link leaves the map; the history of the effect keeps it."""
    if not found.links:
        st.caption("There is no link any more.")
        return
    chosen = st.selectbox("Link", found.links, format_func=lambda link: _said(found, link), key="link back")
    form = "link back"
    why = drafting.alone(page, form, "Why", max_chars=500)
    if st.button("Take it back", type="primary", key="save link back"):
        version = known[chosen.effect].version
        forms.save(
            "link back",
            page.store,
            drafting.ending(
                page,
                form,
                lambda store: measures.take_back_link(
                    store, page.actor, chosen.effect, chosen.cause, why, version, page.today
                ),
            ),
            "The link is taken back. Its history is kept.",
        )


def _said(found: LinkMap, link: LinkView) -> str:
    return f"{found.label(link.cause)} → {found.label(link.effect)}, {causes.after(link)}"


def benchmarks(page: Page, some: bool, here: str = "") -> None:
    """The buttons under the benchmarks, for who may edit measures. `some`: there are benchmarks already."""
    with st.container(horizontal=True, gap="small", width="content"):
        if st.button("Add a benchmark", type="tertiary", icon=":material/add:", key="open benchmark"):
            add_benchmark(page, edited(page), here)
        if some and st.button("Take one away", type="tertiary", icon=":material/remove:", key="open no benchmark"):
            drop_benchmark(page, edited(page))


@st.dialog("Add a benchmark")
def add_benchmark(page: Page, known: dict[str, Edited], here: str) -> None:
    """What others reach: who says so, when, how their definition differs. It sets no status."""
    ids = list(known)
    name = st.selectbox(
        "Measure", ids, ids.index(here) if here in ids else 0, format_func=_labels(known).get, key="benchmark measure"
    )
    measure = known[name].measure
    source = st.text_input(
        "Whose figures", placeholder="Rota software group, 14 vendors", max_chars=120, key="benchmark source"
    )
    dated = st.date_input("From", page.today, max_value=page.today, key="benchmark day")
    what = st.radio("They give", [HALF, ONE], horizontal=True, key="benchmark kind")
    figures = _figures(measure, what)
    form = f"benchmark beside {here}"
    note = drafting.alone(page, form, "How their definition differs from ours", max_chars=500)
    if st.button("Save the benchmark", type="primary", key="save benchmark"):
        one: dict[str, Any] = {"source": source.strip(), "from": dated.isoformat(), **figures}
        one |= {"note": note.strip()} if note.strip() else {}
        forms.save(
            "benchmark",
            page.store,
            drafting.ending(
                page,
                form,
                lambda store: measures.add_benchmark(store, page.actor, name, one, known[name].version, page.today),
            ),
            f"The benchmark stands beside {measure.label}.",
        )


def _figures(measure: Definition, what: str) -> dict[str, float]:
    """The figures as they are stored, of those that were typed."""
    heads = {"low": "Middle half from", "high": "to", "median": "Median"} if what == HALF else {"median": "The figure"}
    typed = {}
    for column, (key, head) in zip(st.columns(len(heads)), heads.items(), strict=True):
        with column:
            label = head + measure_forms.unit_of(measure)
            typed[key] = st.number_input(label, value=None, format="%g", key=f"benchmark {key}")
    return {key: measure_forms.stored(value, measure) for key, value in typed.items() if value is not None}


@st.dialog("Take a benchmark away")
def drop_benchmark(page: Page, known: dict[str, Edited]) -> None:
    """A benchmark is shown no more; the history of the measure keeps it."""
    offered = [(name, n) for name, one in known.items() for n in range(len(one.measure.benchmarks))]
    if not offered:
        st.caption("There is no benchmark any more.")
        return
    name, at = st.selectbox(
        "Benchmark", offered, format_func=lambda pair: _benchmark(known[pair[0]].measure, pair[1]), key="no benchmark"
    )
    form = "no benchmark"
    why = drafting.alone(page, form, "Why", max_chars=500)
    if st.button("Take it away", type="primary", key="save no benchmark"):
        source = known[name].measure.benchmarks[at]
        forms.save(
            "no benchmark",
            page.store,
            drafting.ending(
                page,
                form,
                lambda store: measures.drop_benchmark(
                    store, page.actor, name, source, why, known[name].version, page.today
                ),
            ),
            "The benchmark is taken away. Its history is kept.",
        )


def _benchmark(measure: Definition, at: int) -> str:
    one = measure.benchmarks[at]
    return ", ".join(part for part in (measure.label, one["source"], comparisons.dated(one)) if part)


def _labels(known: dict[str, Edited]) -> dict[str, str]:
    return {name: one.measure.label for name, one in known.items()}

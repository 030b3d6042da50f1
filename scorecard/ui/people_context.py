"""Each CSM's figures in their statistical context, on the page People: which measures, the funnel, the small intervals."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from scorecard import access, looking
from scorecard.output import people_funnel
from scorecard.output.part_tables import Table
from scorecard.output.theme import escape_sentence
from scorecard.people import context
from scorecard.people.context import Context, Shown
from scorecard.ui import block, own_reads, views
from scorecard.ui.state import Page

MEASURES, SPAN, VIEW, BEGAN, ASKED = "people measures", "people months", "people chart", "people menu began with", "people address"


def read(page: Page) -> Context:
    """The context as this reader may see it. It is people data: held for nobody else."""
    _begin()
    return _read(page, _wanted(), _months())


def _read(page: Page, wanted: tuple[str, ...], months: int) -> Context:
    found = own_reads.read(page, ("context", wanted, months), lambda: context.read(page.store, page.actor, page.today, wanted, months))
    looking.at_people(page.store, page.actor, found.others, page.today)
    return found


def _begin() -> None:
    """Nothing; another address begins with what it asks for, and not with what was chosen before."""
    asked = st.query_params.get("measures", ""), st.query_params.get("months", "")
    if st.session_state.get(ASKED, ("", "")) != asked:
        for key in (MEASURES, SPAN, BEGAN):
            st.session_state.pop(key, None)
    st.session_state[ASKED] = asked


def _wanted() -> tuple[str, ...]:
    """The measures that were chosen, or that the address asks for."""
    chosen = st.session_state.get(MEASURES)
    asked = chosen if chosen is not None else st.query_params.get("measures", "")[:200].split(",")
    return tuple(name for name in asked if name)[: context.MOST_SHOWN]


def _months() -> int:
    """Over how many months, chosen or as the address asks."""
    asked = str(st.session_state.get(SPAN) or st.query_params.get("months", ""))[:3]
    return next((months for months in context.SPANS if str(months) == asked), context.MONTHS)


def tables(page: Page) -> dict[str, Callable[[], Table]]:
    """The team's figures, and those of the people whom this reader may see, for the menu Export. What was chosen is asked for now:
    a file is built between two runs, where no choice can be read."""
    wanted, months = _wanted(), _months()
    return {people_funnel.TEAM: lambda: people_funnel.team_table(_read(page, wanted, months)), people_funnel.PEOPLE: lambda: people_funnel.people_table(_read(page, wanted, months))}


def menu(here: Context) -> None:
    """Which measures are shown, and over how many months: a small book tells more over a longer time."""
    if not here.offered:
        return
    labels = {one.name: one.label for one in here.offered}
    # What the menu began with stays its default: with another one the fields would be new ones, and what was chosen lost.
    chosen, months = st.session_state.setdefault(BEGAN, ([one.measure.name for one in here.shown], _months()))
    with st.popover("Measures"):
        st.multiselect("Measures, the first in the chart", list(labels), default=[name for name in chosen if name in labels], format_func=labels.get, max_selections=context.MOST_SHOWN, key=MEASURES)
        st.segmented_control("Over the last", context.SPANS, default=months, format_func="{} months".format, required=True, key=SPAN)


def draw(page: Page, here: Context) -> None:
    """The funnel of the first measure beside the small intervals of all; of measures with too few people or cases the team's chart."""
    if not here.shown:
        st.caption("No measure has counted figures of single CSMs yet. Load figures with a column CSM, or accounts with their CSM: then each person stands "
                   "in the funnel of the whole team, and nobody in a ranking.")
        if access.may(page.actor, "load_files") and st.button("Load figures", icon=":material/upload_file:", key="load figures of people"):
            block.follow("data")
        return
    compared = [one for one in here.shown if one.whole.enough]
    if compared:
        _compared(here, compared[0])
    alone = [one for one in here.shown if not one.whole.enough]
    if alone:
        block.draw("".join(people_funnel.team_only(one, views.measure(page, one.measure.name), block.address("measure", measure=one.measure.name)) for one in alone), key="teams alone")
    if here.strangers:
        people = "One name in the figures belongs" if here.strangers == 1 else f"{here.strangers} names in the figures belong"
        st.caption(f"{people} to nobody among the people: nobody sees that row. Write the people with the same names in Settings.")


def _compared(here: Context, first: Shown) -> None:
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", gap="small"):
        st.subheader(escape_sentence(people_funnel.title(first)), anchor=False, width="content")
        chosen = st.segmented_control("Chart", [people_funnel.FUNNEL, people_funnel.MEANS], default=people_funnel.FUNNEL, required=True, key=VIEW, label_visibility="collapsed")
    chart = people_funnel.means(first) if chosen == people_funnel.MEANS else people_funnel.drawn(first)
    block.draw(people_funnel.section(chart, people_funnel.table(here), people_funnel.notes(first), len(here.shown)), key="people in context")

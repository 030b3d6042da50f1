"""One measure: chart, numbers, segments, who decided what. Everybody may read it; notes and limits ask for more."""

import streamlit as st

from scorecard import access
from scorecard.output import action_tables, causes, comparisons, heads, measure_tables, twins
from scorecard.output.theme import escape_markdown
from scorecard.ui import action_forms, behind, block, filters, link_forms, measure_forms, menus, review_meeting, share_menu, state, views

page = state.page("read_scorecard")
name = state.asked_measure(page)
if not name:
    st.info("There is no such measure. Choose one on the scorecard or under Metrics.")
    st.stop()
view = views.measure(page, name)
measure, row = view.row.measure, view.row


def files() -> None:
    """The measure as files."""
    file = f"{measure.name}-{row.period}"
    share_menu.download("CSV", file, "csv", lambda: twins.measure_csv(view))
    share_menu.download("JSON", file, "json", lambda: twins.json_text(twins.measure_json(view)))


with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="top", gap="small"):
    with st.container(gap=None, width="stretch"):
        block.draw(heads.measure(view, block.address("metrics")), key="head")
    with st.container(horizontal=True, width="content", gap="xsmall", key="filters"):
        measure_forms.note(page, view)
        measure_forms.limits(page, view)
        behind.draw(page, view)
        menus.draw(files, gap="small")
with st.container(horizontal=True, gap="xsmall", key="second filters"):
    filters.months(view.periods, views.latest_of(page, name))
    filters.segments([part.name for part in view.segments])

block.draw(heads.told(view), key="told")
measure_forms.proposal(page, view)
if two := views.beside_records(page, name):
    st.caption(escape_markdown(two))

if row.chart.points:
    st.plotly_chart(
        views.chart(page, name, block.mode()),
        key="chart",
        theme=None,
        alt=row.reading.sentence.text,
        config={"displayModeBar": False},
    )
    block.draw(measure_tables.below_chart(view, "marks"), key="below")
found = views.links(page, name, row.period)
aside = causes.beside(found, name, lambda other: block.address("measure", measure=other))
block.draw(
    measure_tables.around(view, aside, lambda part: block.address("measure", measure=name, segment=part)), key="around"
)
if access.may(page.actor, "edit_measures"):
    with st.container(horizontal=True, gap="small"):
        link_forms.links(page, found, name)
        link_forms.benchmarks(page, bool(measure.benchmarks), name)
came = action_tables.of_measure(view, lambda id: block.address("actions", action=id))
if came:
    block.draw(came, key="came")
action_forms.button(page, name, action_forms.Origin(f"measure:{name}", measure.label), "Add an action", type="tertiary")
review_meeting.agreed(page, name, measure.label)
others = comparisons.table([row]) if measure.benchmarks else ""
block.draw(measure_tables.records(view, others), key="records")

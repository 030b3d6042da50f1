"""Sample views for the tests of what is drawn: the figures of the pictures, charted by the real engine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from scorecard.core.definition import Definition, Goal
from scorecard.core.fmt import goal as goal_words
from scorecard.core.fmt import unit_word, value
from scorecard.core.periods import Period, from_ordinal
from scorecard.core.reading import Reading, Sentence, read
from scorecard.core.spc import Chart, Figure, Options, Point, read_series
from scorecard.metrics import Change, GoalRecord, MeasureView, Note, PhaseTitle, Row, ScorecardView, SegmentView

RECORDED = datetime(2026, 11, 2, 5, 10)
FIRST = Period(date(2024, 11, 1), "month")
OCTOBER = Period(date(2026, 10, 1), "month")
ADOPTED = (
    691,
    712,
    715,
    659,
    724,
    758,
    674,
    692,
    674,
    676,
    632,
    688,
    602,
    661,
    678,
    759,
    872,
    832,
    825,
    801,
    852,
    784,
    863,
    761,
)
DUE = (
    1186,
    1250,
    1225,
    1165,
    1238,
    1263,
    1180,
    1161,
    1197,
    1167,
    1143,
    1188,
    1123,
    1239,
    1199,
    1100,
    1231,
    1248,
    1177,
    1220,
    1270,
    1145,
    1257,
    1146,
)
VALUES = {
    "renewal_rate": (
        91.1,
        91.2,
        90.8,
        91.4,
        90.8,
        91.4,
        90.8,
        91.1,
        90.6,
        91.4,
        90.3,
        89.6,
        91.0,
        91.2,
        90.9,
        91.3,
        89.7,
        88.3,
        89.3,
        89.2,
        89.5,
        88.8,
        87.9,
        89.6,
    ),
    "net_revenue_retention": (
        104.0,
        105,
        103.0,
        104.8,
        104.3,
        104.1,
        103.4,
        105.2,
        103.2,
        105.8,
        102,
        103,
        103,
        104.5,
        104.4,
        105.1,
        103,
        100.8,
        102.1,
        101.9,
        102.0,
        101.2,
        101.1,
        104.6,
    ),
    "expansion": (
        408,
        406,
        399,
        398,
        420,
        399,
        398,
        445,
        400,
        445,
        382,
        430,
        370,
        406,
        447,
        420,
        419,
        391,
        398,
        417,
        428,
        441,
        452,
        473,
    ),
    "cost": (
        415,
        421,
        416,
        394,
        426,
        422,
        406,
        420,
        416,
        416,
        412,
        417,
        403,
        408,
        404,
        418,
        411,
        409,
        402,
        408,
        410,
        404,
        424,
        422,
    ),
    "contact": (
        86.3,
        84,
        81.9,
        83.8,
        87.6,
        87.2,
        88.6,
        82.9,
        88.5,
        83.9,
        84.5,
        80.9,
        86,
        87.4,
        82.1,
        87.6,
        84.9,
        81.6,
        84.1,
        83.9,
        85.6,
        87.4,
        85.3,
        84.4,
    ),
    "first_value": (33, 31, 34, 30, 28, 29, 30, 33, 30, 36, 29, 33, 29, 36, 26, 27, 26, 27, 24, 26, 29, 26, 27, 27),
    "tickets": (46, 45, 46, 40, 52, 49, 45, 48, 47, 46, 45, 48, 46, 44, 47, 46, 48, 44, 46, 44, 48, 46, 45, 68),
    "trust": (
        7.5,
        7.4,
        7.6,
        7.6,
        7.6,
        7.6,
        7.5,
        7.6,
        7.5,
        7.7,
        7.7,
        7.5,
        7.5,
        7.6,
        7.5,
        7.6,
        7.7,
        7.7,
        7.5,
        7.6,
        7.6,
        7.5,
        7.4,
        7.6,
    ),
    "plans": (71, 70, 67, 75, 66, 74, 70, 69, 75, 70, 74, 82, 67, 73, 71, 79, 74, 75, 81, 70, 73, 72, 81, 75.6),
}


@dataclass(frozen=True)
class Case:
    """One measure of the sample, with the words that a reading gives it."""

    id: str
    label: str
    system: str
    owner: str
    kind: str
    unit: str
    direction: str
    goal: float
    was: str | None = None
    rebase: tuple[Period, ...] = ()


CASES = (
    Case("renewal_rate", "Renewal rate", "all", "Nora Falk", "lagging", "percent", "increase", 93),
    Case("net_revenue_retention", "Net revenue retention", "all", "Nora Falk", "lagging", "percent", "increase", 105),
    Case("expansion", "Expansion revenue", "all", "Luc Renard", "lagging", "money", "increase", 430, "watch"),
    Case("cost", "Cost to serve per account", "all", "Sam Whitlock", "lagging", "money", "decrease", 450),
    Case(
        "adoption",
        "30-day adoption",
        "work",
        "Marta Ruiz",
        "leading",
        "percent",
        "increase",
        60,
        None,
        (Period(date(2026, 2, 1), "month"),),
    ),
    Case("contact", "Contact schedule kept", "work", "Amara Osei", "leading", "percent", "increase", 90),
    Case("first_value", "Days to first value", "work", "Kenji Sato", "leading", "days", "decrease", 28),
    Case("tickets", "Tickets open over 14 days", "sensory", "Jo Lind", "leading", "count", "decrease", 40, "watch"),
    Case("trust", "Trust score", "sensory", "Hana Patel", "leading", "score", "increase", 7.5),
    Case("plans", "Development plans kept", "people", "Luc Renard", "leading", "percent", "increase", 90),
)
SENTENCES = (
    (
        "The renewal rate has settled lower:",
        "8 months below its centre of 90.8%, now 89.0% on average. Small business carries it.",
    ),
    ("Tickets open over 14 days jumped to 68", "in October; 34 to 59 is normal. Ask what happened in October."),
    ("Development plans kept will not reach 90%", "as the work is done now: 60 to 85% is all it can give."),
    (
        "Guided onboarding worked:",
        "30-day adoption moved from 58% to 68% in February 2026 and has held for nine months.",
    ),
)


def make_sentence(bold: str, rest: str) -> Sentence:
    return Sentence(bold, rest)


def make_definition(case: Case) -> Definition:
    return Definition(
        name=case.id,
        label=case.label,
        system=case.system,
        kind=case.kind,
        owner=case.owner,
        unit=case.unit,
        improvement_direction=case.direction,
        description="Licensed users who publish a rota within 30 days of go-live "
        "÷ licensed users whose day 30 fell in the month",
        numerator_label="Users adopted",
        denominator_label="Users due",
    )


def make_figures(values, first: Period = FIRST, scale: float = 1.0, counts: bool = False) -> list[Figure]:
    """Figures of one series; None leaves the period out."""
    periods = [from_ordinal(first.ordinal + i, first.grain) for i in range(len(values))]
    if counts:
        return [Figure(p, a / d, a, d) for p, (a, d) in zip(periods, values)]
    return [Figure(p, v * scale) for p, v in zip(periods, values) if v is not None]


def make_chart(
    values, *, first: Period = FIRST, scale: float = 1.0, baseline=12, counts: bool = False, **options
) -> Chart:
    """A chart of values by the real engine, with limits from the first twelve."""
    return read_series(make_figures(values, first, scale, counts), Options(baseline=baseline, **options))


def make_points(figures: list[Figure]) -> list[Point]:
    """Points without limits, as they would stand on a chart."""
    return [Point(f.period, f.value, None, None, None, None, False, False, (), None, None, 0) for f in figures]


def bare_chart(points: Sequence[Point]) -> Chart:
    """A chart of points without any limits."""
    return Chart("xmr", "wheeler", Options(), (), tuple(points))


def make_case_chart(case: Case) -> Chart:
    if case.id == "adoption":
        return make_chart(
            tuple(zip(ADOPTED, DUE)),
            counts=True,
            baseline=None,
            lock_after=12,
            rebase=case.rebase,
            direction="increase",
            rules="nhs",
        )
    scale = 0.01 if case.unit == "percent" else 1000 if case.id == "expansion" else 1
    return make_chart(
        VALUES[case.id], scale=scale, direction=case.direction, rules="nelson" if case.id == "expansion" else "wheeler"
    )


def make_goal(case: Case) -> Goal:
    scale = 0.01 if case.unit == "percent" else 1000 if case.id == "expansion" else 1
    return Goal(FIRST.start, case.goal * scale, "Annual plan 2026")


def make_reading(case: Case, chart: Chart) -> Reading:
    return read(chart, make_definition(case), [make_goal(case)])


def make_row(case: Case, slot: int, **changes) -> Row:
    """A row of the scorecard; `changes` replace fields."""
    chart, measure = make_case_chart(case), make_definition(case)
    last = chart.points[-1]
    row = Row(
        measure=measure,
        slot=slot,
        period=last.period,
        value=last.value,
        numerator=last.numerator,
        denominator=last.denominator,
        value_text=value(last.value, measure),
        unit_word=unit_word(measure),
        goal_text=f"goal {goal_words(make_goal(case).value, measure)}",
        chart=chart,
        reading=make_reading(case, chart),
        was_status=case.was,
        read_then=False,
        restated=False,
        partial=False,
        carried_by="",
    )
    return replace(row, **changes)


def make_rows() -> list[Row]:
    return [make_row(case, slot) for slot, case in enumerate(CASES, 1)]


def make_view(rows: list[Row] | None = None, **changes) -> ScorecardView:
    """The scorecard of October 2026; `changes` replace fields."""
    rows = make_rows() if rows is None else rows
    counts = {s: sum(r.reading.status == s for r in rows) for s in ("act", "watch", "on_course", "not_yet")}
    view = ScorecardView(
        id="customer-success",
        name="Customer Success",
        period=OCTOBER,
        periods=tuple(from_ordinal(OCTOBER.ordinal - i, "month") for i in range(24)),
        segment="",
        segments=("Enterprise", "Mid-market", "Small business"),
        data_to=date(2026, 10, 31),
        loaded_at=datetime(2026, 11, 2, 5, 10),
        sentences=tuple(make_sentence(*s) for s in SENTENCES),
        counts=counts,
        results=tuple(r for r in rows if r.measure.kind == "lagging"),
        drivers=tuple(r for r in rows if r.measure.kind == "leading"),
        footer=(
            make_sentence(
                "One rule for every status.",
                "The limits set it: will reach = On course, may hit or miss = Watch, will not = Act. "
                "An improving signal lifts it one step, a worsening signal lowers it one step.",
            ),
            make_sentence("", "With ten measures, chance alone gives a signal in about 1 month of 4."),
        ),
        notices=(),
        sample=True,
        rule_set="wheeler",
    )
    return replace(view, **changes)


def make_note(happened: date, text: str, author: str) -> Note:
    return Note(text[:4], "adoption", Period(happened.replace(day=1), "month"), happened, text, author, RECORDED, None)


def make_segment(name: str, shift: float) -> SegmentView:
    chart, case = make_segment_chart(shift), CASES[4]
    last = chart.points[-1]
    return SegmentView(
        name,
        chart,
        make_reading(case, chart),
        last.value,
        last.numerator,
        last.denominator,
        value(last.value, make_definition(case)),
    )


def make_measure_view(id: str = "adoption", **changes) -> MeasureView:
    """Everything the page of one measure shows; `changes` replace fields."""
    row = make_row(next(c for c in CASES if c.id == id), 5)
    goal = row.reading.goal
    view = MeasureView(
        row=row,
        definition_version=3,
        phases=(
            PhaseTitle(
                id,
                "",
                Period(date(2026, 2, 1), "month"),
                "Guided onboarding starts",
                "Marta Ruiz",
                {"plain": True},
                RECORDED,
            ),
        ),
        notes=(
            make_note(date(2025, 11, 3), "Welcome e-mails cut to three", "Petra Berg"),
            make_note(date(2026, 8, 4), "In-app tour for admins", "Kenji Sato"),
        ),
        goals=(GoalRecord(id, FIRST, 1, goal.value, None, None, "Annual plan", "", "Rana Amari", RECORDED),),
        limits=(),
        exclusions=(),
        segments=tuple(
            make_segment(n, s) for n, s in (("Enterprise", 0.015), ("Mid-market", 0.0), ("Small business", -0.045))
        ),
        proposal=None,
        flicker=None,
        history=(
            Change(datetime(2026, 2, 20, 14, 2), "Marta Ruiz", "New limits from February 2026", "Guided onboarding"),
        ),
        source="product usage export, loaded 2 Nov 06:10",
        notices=(),
        baseline_changed="",
    )
    return replace(view, **changes)


def make_segment_chart(shift: float) -> Chart:
    values = [a / d + shift for a, d in zip(ADOPTED, DUE)]
    return make_chart(
        values,
        baseline=None,
        lock_after=12,
        rebase=(Period(date(2026, 2, 1), "month"),),
        direction="increase",
        rules="nhs",
    )


def with_label(row: Row, label: str) -> Row:
    """The row with another name for its measure."""
    return replace(row, measure=replace(row.measure, label=label))

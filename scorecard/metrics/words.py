"""The sentences above, below and beside a scorecard."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from scorecard.core import fmt, spc
from scorecard.core.periods import Period, day, noun, today_period
from scorecard.core.reading import Sentence, count_word
from scorecard.metrics.book import Book, baseline_hash
from scorecard.metrics.row import Row

MOST_ACT = 3
MOST_NAMED = 3
PERIODS_OF_BUDGET = 10


def news(rows: Sequence[Row], period: Period) -> tuple[Sentence, ...]:
    """At most four sentences: the Act measures, worst first, then what else got worse or moved, then the best news."""
    if all(row.value is None for row in rows):
        return (Sentence(f"No figures for {period.bare} yet.", "Load the file, or wait for the next load."),)
    bad = sorted((row for row in rows if row.reading.status == "act"), key=worst_first)
    moved = sorted(
        (row for row in rows if row.reading.variation in ("worsening", "changing") and row not in bad), key=worst_first
    )
    told = [row.reading.sentence for row in (bad + moved)[:MOST_ACT]]
    if len(bad) > MOST_ACT:
        told[-1] = _and_more(told[-1], bad[MOST_ACT:])
    best = min((row for row in rows if _is_good_news(row)), key=_best, default=None)
    if best:
        told.append(best.reading.sentence)
    return tuple(told) or (_quiet(rows, period),)


def worst_first(row: Row) -> tuple:
    """The order of bad news: what got worse, what cannot reach its goal, the strongest signal, the slot."""
    return row.reading.variation != "worsening", row.reading.capability != "will_miss", _strength(row), row.slot


def _best(row: Row) -> tuple:
    """A better level that was recorded and holds its own limits comes before any signal until these are locked: it is
    decided and proven, while a signal is still to be explained."""
    return not _has_held(row), row.reading.variation != "improving", _strength(row), row.slot


def _has_held(row: Row) -> bool:
    return row.reading.shape == "new_level" and row.chart.phases[-1].baseline.state in ("trial", "provisional")


def _strength(row: Row) -> int:
    rule = row.reading.signal
    return spc.STRENGTHS.index(spc.RULES[rule].strength) if rule else len(spc.STRENGTHS)


def _is_good_news(row: Row) -> bool:
    """An improving signal, or a new level that is better than the old one; never a measure that is on Act."""
    if row.reading.status == "act":
        return False
    return row.reading.variation == "improving" or row.reading.shape == "new_level" and _level_is_better(row)


def _level_is_better(row: Row) -> bool:
    before, now = (phase.centre for phase in row.chart.phases[-2:])
    if before is None or now is None or row.measure.improvement_direction == "neutral":
        return False
    return (now > before) == (row.measure.improvement_direction == "increase")


def _and_more(last: Sentence, others: Sequence[Row]) -> Sentence:
    named = named_list([row.measure.label for row in others])
    return Sentence(last.bold, f"{last.rest} And {len(others)} more: {named}.".strip())


def named_list(names: Sequence[str]) -> str:
    """`A`, `A and B`, `A, B and 2 more`."""
    if len(names) > MOST_NAMED:
        return f"{', '.join(names[: MOST_NAMED - 1])} and {len(names) - MOST_NAMED + 1} more"
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _quiet(rows: Sequence[Row], period: Period) -> Sentence:
    """The sentence of a period in which nothing stands out."""
    statuses = [row.reading.status for row in rows]
    if all(status == "not_yet" for status in statuses):
        return Sentence(
            f"Too few {noun(period.grain)} for limits.", "Until then each measure is shown without a status."
        )
    watch = statuses.count("watch")
    if not watch:
        return Sentence("No signals, and every measure can reach its goal.", "Leave the work as it is.")
    rest = f"{count_word(watch).capitalize()} may hit or miss {'its' if watch == 1 else 'their'} goal by chance."
    return Sentence(f"No signals in {period.bare}: routine variation.", rest)


def footer(rows: Sequence[Row], rules: str, grain: str) -> tuple[Sentence, ...]:
    """The one rule for every status, and how often chance alone gives a signal on this scorecard."""
    lock = spc.LOCK_AFTER[grain]
    rule = Sentence(
        "One rule for every status.",
        "The limits set it: will reach = On course, may hit or miss = Watch, will not = Act. An improving signal lifts "
        "it one step, a worsening one lowers it one step. Limits are mean "
        f"± {spc.MEAN_RANGE_FACTOR} × mean moving range, locked on the first "
        f"{lock} {noun(grain)}, or on the {noun(grain)} after a process change.",
    )
    return (rule, *_budget(rows, rules, grain))


def _budget(rows: Sequence[Row], rules: str, grain: str) -> tuple[Sentence, ...]:
    lengths = [phase.baseline.n for row in rows if (phase := _judged(row)) is not None]
    if not lengths:
        return ()
    chance = spc.false_alarm_budget(rules, len(lengths), round(median(lengths)))
    count = "one measure" if len(lengths) == 1 else f"{count_word(len(lengths))} measures"
    return (Sentence("", f"With {count}, chance alone gives a signal in {often(chance, grain)}."),)


def _judged(row: Row) -> spc.Phase | None:
    """The phase whose limits the row was read with, None when it has none."""
    phase = row.chart.phases[-1] if row.chart.phases else None
    return phase if phase is not None and phase.sigma is not None and phase.baseline.state != "none" else None


def often(chance: float, grain: str) -> str:
    """A chance in words: `about 1 month of 4`, `about 4 months of 10`."""
    if chance < 0.005:
        return f"less than 1 {noun(grain, 1)} of 200"
    one_of = round(1 / chance)
    if chance < 0.15 or abs(1 / one_of - chance) <= 0.1 * chance:
        return f"about 1 {noun(grain, 1)} of {one_of}"
    count = round(chance * PERIODS_OF_BUDGET)
    return f"about {count} {noun(grain, count)} of {PERIODS_OF_BUDGET}"


def notices(book: Book, rows: Sequence[Row], segment: str, period: Period, lasting: bool = False) -> tuple[str, ...]:
    """What a reader must know about the data: late, missing, partial and restated figures, changed baselines.

    `lasting` leaves out what is only true today.
    """
    parts = (
        () if lasting else _late(book, period),
        _running(book, rows, period),
        _missing(rows, period),
        _lacking(book, rows, segment),
        _restated(book, rows, segment),
        _baselines(book, rows, segment),
    )
    return tuple(text for part in parts for text in part)


def _late(book: Book, period: Period) -> list[str]:
    """The last complete period has no figure of any measure."""
    due = today_period(book.today, period.grain).shift(-1)
    ends = [latest for name in book.series if (latest := book.latest(name))]
    if not ends or period < max(ends) or max(one.end for one in ends) >= due.start:
        return []
    return [f"No figures for {due.bare} yet. Load the file, or wait for the next load."]


def _running(book: Book, rows: Sequence[Row], period: Period) -> list[str]:
    if period.end < book.today or not any(row.partial for row in rows):
        return []
    return [f"{period.label} is not over: its figures are partial and give no signal."]


def _missing(rows: Sequence[Row], period: Period) -> list[str]:
    """Measures without a figure in a period in which others have one."""
    absent = [row.measure.label for row in rows if row.value is None and not row.partial]
    if not absent or len(absent) == len(rows):
        return []
    return [f"No figures for {period.bare} yet: {named_list(absent)}."]


def _lacking(book: Book, rows: Sequence[Row], segment: str) -> list[str]:
    found = []
    for row in rows:
        point = book.point(row.measure.name, segment, row.period)
        if point and point.lacking and not row.read_then:
            found.append(f"{row.measure.label} for {row.period.bare} lacks {named_list(point.lacking)}: shown in part.")
    return found


def _restated(book: Book, rows: Sequence[Row], segment: str) -> list[str]:
    """Figures of this period that another load changed: what was read, and what is loaded now."""
    found = []
    for row in rows:
        point = book.point(row.measure.name, segment, row.period)
        if not row.restated or point is None:
            continue
        now = fmt.with_unit(point.value, row.measure)
        if row.read_then:
            found.append(
                f"{row.measure.label}: {row.value_text} when {row.period.bare} was read, "
                f"{now} since the load of {day(point.loaded_at.date())}."
            )
        else:
            was = fmt.with_unit(point.earlier, row.measure)
            found.append(
                f"{row.measure.label} for {row.period.bare} was restated on "
                f"{day(point.loaded_at.date())}: {was} → {now}."
            )
    return found


def _baselines(book: Book, rows: Sequence[Row], segment: str) -> list[str]:
    changed = [
        row.measure.label
        for row in rows
        if not row.read_then and changed_baseline(book, row.measure.name, segment, row.period)
    ]
    return [f"Baseline data changed since the lock: {named_list(changed)}. The limits stay."] if changed else []


def changed_baseline(book: Book, measure: str, segment: str, period: Period):
    """The limits record in force in a period when a figure of its baseline was restated since, else None."""
    points = book.points(measure, segment)
    in_force = book.in_force(measure, segment, points[0].period, period) if points else ()
    if not in_force:
        return None
    record = next(one for one in book.limits[measure, segment] if one.version == in_force[-1].version)
    now = baseline_hash(points, record.baseline_from, record.baseline_to, record.excluded)
    return record if now != record.baseline_hash else None

"""Percents as people type them: 97 for 97%, and what is meant by 0.97, 9.7 or 970 where 97 is usual. What can be read in two ways is asked back."""

from __future__ import annotations

from collections.abc import Sequence

from scorecard.errors import UsageError

SLIPS = (100, 10, 0.1, 0.01)  # a fraction instead of a percent, a point that slipped
WHOLE = 100
POINTS = "points"


def read(label: str, typed: float, usual: Sequence[float]) -> float:
    """The percent, when it lies where it usually does, both ends included. Raises UsageError that names both readings; to mean the
    unusual one, somebody writes a percent sign behind it."""
    low, high = usual
    if low <= typed <= high and not 0 < abs(typed) < 1:
        return typed
    said = f"{typed:.10g}"
    other = next((typed * slip for slip in SLIPS if low <= typed * slip <= high), None) if typed else None
    reading = f"If {other:.10g}% is meant, write {other:.10g}; if" if other is not None else f"It usually lies between {low:g}% and {high:g}%. If"
    raise UsageError(f"{label}: {said} is read as {said}%. {reading} {said}% is meant, write {said}% with its sign.")


def check_change(measure: str, typed: float, now: float, least: float | None, most: float | None, sure: bool = False) -> None:
    """Nothing, when a change of a share by so many points is clear. `now` is its last figure, `least` and `most` what it can be, all in percent.

    Raises UsageError with both readings for a part of a point, which may be a fraction, and for what leads beyond the bounds, which may be
    the new level. `sure` says that points were named.
    """
    said, reaches = _signed(typed), now + typed
    if not _within(reaches, least, most):
        level = f" If it goes to {typed:.10g}%, write {_signed(typed - now, 3)}." if typed > 0 and _within(typed, least, most) else ""
        bound = f"at most {most:g}%" if most is not None and reaches > most else f"at least {least:g}%"
        raise UsageError(f"{measure}: {said} is read as a change of {said} points, from {now:.3g}% to {reaches:.4g}%, and it is {bound}.{level}")
    if 0 < abs(typed) < 1 and not sure:
        points = typed * WHOLE
        others = [f"if {_signed(points)} points are meant, write {_signed(points)}"] if _within(now + points, least, most) else []
        others += [f"if it goes to {points:.10g}%, write {_signed(points - now, 3)}"] if points > 0 and _within(points, least, most) else []
        raise UsageError(f"{measure}: {said} is read as a change of {said} points, from {now:.3g}% to {reaches:.4g}%. If that is meant, write '{POINTS}' as what it is in; "
                         f"{'; '.join(others) or 'else write the change in points'}.")  # fmt: skip


def _within(value: float, least: float | None, most: float | None) -> bool:
    return (least is None or value >= least) and (most is None or value <= most)


def _signed(value: float, figures: int = 10) -> str:
    return f"{value:+.{figures}g}".replace("-", "−")


def check_level(label: str, measure: str, typed: float, now: float, most: float | None) -> None:
    """Nothing, when a figure of a share is clear beside its last one, `now`, both in percent. Raises UsageError with both readings for what may be
    a fraction, and for more than `most`."""
    said, fraction = f"{typed:.10g}", typed * WHOLE
    if 0 < typed < 1 and now > 5 * typed and (most is None or fraction <= most):
        raise UsageError(f"{label}: {said} is read as {said}%, and {measure} is {now:.3g}%. If {fraction:.10g}% is meant, write {fraction:.10g}; a figure that far from it would say nothing.")
    if most is not None and typed > most:
        other = next((typed * slip for slip in SLIPS if most / 10 < typed * slip <= most), None)
        raise UsageError(f"{label}: {said} is read as {said}%, and {measure} is at most {most:g}%." + (f" If {other:.10g}% is meant, write {other:.10g}." if other else ""))

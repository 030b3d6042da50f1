"""The health score of an account: what is read, how a reading becomes points, and why the points of two months differ.

A reading is placed on a curve (straight between its points, level outside) and gives a share of the points possible.
Points are whole: those possible add up to 100, those earned to the score, by largest remainder (the exact parts are
rounded down, the points left over go to the largest fractions, the earlier input first).
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from itertools import pairwise
from typing import Any

from scorecard.core import names
from scorecard.errors import DefinitionError

POSSIBLE = 100
REWEIGHT, ZERO, BLANK = "reweight", "zero", "blank"
MISSING = {REWEIGHT: "left out, the other inputs weigh more", ZERO: "counts as 0", BLANK: "leaves the score blank"}
USUAL_MONTHS, FEWEST_USUAL_MONTHS, RECENT_MONTHS, ANSWER_MONTHS = 12, 3, 3, 6
OLD_DAYS, SLOW_REPLY_HOURS = 14, 24
MOST_POINTS_OF_A_CURVE, LONGEST_REASON = 8, 300
GREEN, YELLOW, RED = "green", "yellow", "red"
BANDS = {GREEN: "Green", YELLOW: "Yellow", RED: "Red"}


@dataclass(frozen=True)
class Reading:
    """Something that the facts say of an account at the end of a month; `kind` is the table of facts behind it."""

    label: str
    kind: str
    words: str


# In the order in which a recorded month keeps them: new ones are added at the end.
READINGS: dict[str, Reading] = {
    "use": Reading("Use, against the usual", "usage",
                   f"Use of the product in the month over the account's own mean of the {USUAL_MONTHS} months before it, where there are "
                   f"{FEWEST_USUAL_MONTHS} of them at least. A month without use is 0."),
    "satisfaction": Reading("Satisfaction, 0 to 10", "survey",
                            f"Mean of the answers of {ANSWER_MONTHS} months: recommendation as it is, CSAT and the satisfaction with tickets "
                            "(1 to 5) stretched to 0 to 10."),
    "tickets": Reading("Tickets", "ticket",
                       f"Tickets opened in {RECENT_MONTHS} months; one that is open over {OLD_DAYS} days at the month's end counts once more."),
    "contacts": Reading("Contacts kept", "contact",
                        f"Share of the contacts whose window ended in {RECENT_MONTHS} months that were done inside it; those that the customer "
                        "cancelled are left out."),
    "trust": Reading("Trust, 0 to 10", "survey", f"Mean answer to the trust question in {ANSWER_MONTHS} months."),
    "slow_replies": Reading("Slow first replies", "ticket",
                            f"Tickets whose first reply took over {SLOW_REPLY_HOURS} hours, by the day on which they were that old, in {RECENT_MONTHS} months."),
}
ORDER = tuple(READINGS)


@dataclass(frozen=True)
class Input:
    """One input of the score. `curve` holds (reading, share of the points); a weight of 0 is watched, and gives no points."""

    reading: str
    label: str
    weight: int
    missing: str
    curve: tuple[tuple[float, float], ...]
    event: str = ""

    @property
    def place(self) -> int:
        """Where its reading stands among those of a recorded month."""
        return ORDER.index(self.reading)


@dataclass(frozen=True)
class Rule:
    """How a score is made. `version` 0 is one that nobody has saved yet."""

    inputs: tuple[Input, ...]
    green: int
    yellow: int
    version: int = 0
    author: str = ""
    reason: str = ""
    recorded_at: datetime | None = None

    @property
    def counted(self) -> tuple[Input, ...]:
        """The inputs that give points, in their order."""
        return tuple(one for one in self.inputs if one.weight)

    def band(self, score: float | None) -> str:
        """`green`, `yellow` or `red`; "" for a blank score."""
        if score is None:
            return ""
        return GREEN if score >= self.green else YELLOW if score >= self.yellow else RED


@dataclass(frozen=True)
class Scored:
    """A score of 0 to 100, None when it is blank, with points and points possible for each input of the rule, in order.

    An input that is left out has None points of 0 possible.
    """

    score: int | None
    points: tuple[int | None, ...]
    possible: tuple[int, ...]


@dataclass(frozen=True)
class Moved:
    """A part of the change between two months, in whole points."""

    name: str
    points: int


DEFAULT = Rule((
    Input("use", "Usage", 40, BLANK, ((0.5, 0.0), (1.0, 0.8), (1.2, 1.0))),
    Input("satisfaction", "Satisfaction", 25, REWEIGHT, ((3.0, 0.0), (9.0, 1.0))),
    Input("tickets", "Tickets", 20, REWEIGHT, ((0.0, 1.0), (2.0, 0.7), (6.0, 0.0))),
    Input("contacts", "Contacts", 15, REWEIGHT, ((0.4, 0.0), (1.0, 1.0))),
    Input("trust", "Trust", 0, REWEIGHT, ((3.0, 0.0), (9.0, 1.0))),
    Input("slow_replies", "First replies", 0, REWEIGHT, ((0.0, 1.0), (2.0, 0.0))),
), 70, 50)


# -- a rule

def checked(rule: Rule) -> Rule:
    """The rule, its texts cleaned. Raises DefinitionError with what is wrong and what is allowed."""
    if not rule.counted or sum(one.weight for one in rule.counted) != POSSIBLE or any(one.weight < 0 for one in rule.inputs):
        found = sum(one.weight for one in rule.inputs)
        raise DefinitionError(f"The weights of the health score add up to {found}. Whole weights of 0 and more have to add up to {POSSIBLE}.")
    if len({one.reading for one in rule.inputs}) < len(rule.inputs):
        raise DefinitionError("Two inputs of the health score read the same. Keep one of them.")
    if not 0 < rule.yellow < rule.green <= POSSIBLE:
        raise DefinitionError(f"Yellow begins at {rule.yellow} and green at {rule.green}. Yellow has to begin above 0 and below green, "
                              f"and green at {POSSIBLE} at the most.")
    return replace(rule, inputs=tuple(_checked(one) for one in rule.inputs), reason=names.clean(rule.reason, "reason", LONGEST_REASON))


def _checked(one: Input) -> Input:
    if one.reading not in READINGS:
        raise DefinitionError(f"Nothing is read as {one.reading!r}. There is: {', '.join(READINGS)}.")
    if one.missing not in MISSING:
        raise DefinitionError(f"{one.label}: {one.missing!r} says nothing about a missing input. There is: {', '.join(MISSING)}.")
    places, shares = [x for x, _ in one.curve], [y for _, y in one.curve]
    if not 2 <= len(one.curve) <= MOST_POINTS_OF_A_CURVE or any(b <= a for a, b in pairwise(places)):
        raise DefinitionError(f"{one.label}: its curve needs 2 to {MOST_POINTS_OF_A_CURVE} points whose readings rise.")
    if not all(math.isfinite(x) for x in places) or not all(0 <= y <= 1 for y in shares):
        raise DefinitionError(f"{one.label}: a point of its curve is no number, or gives less than 0% or more than 100% of the points.")
    curve = tuple((float(x), float(y)) for x, y in one.curve)
    return replace(one, label=names.required(one.label, "name of the input", 40), curve=curve, event=names.clean(one.event, "event"))


def as_json(rule: Rule) -> str:
    """What is kept of a rule: its inputs and bands."""
    return json.dumps({"inputs": [asdict(one) for one in rule.inputs], "green": rule.green, "yellow": rule.yellow}, ensure_ascii=False)


def from_json(text: str, version: int = 0, author: str = "", reason: str = "", recorded_at: datetime | None = None) -> Rule:
    """The rule that `as_json` wrote, or somebody by hand. Raises DefinitionError."""
    try:
        said: Mapping[str, Any] = json.loads(text)
        inputs = tuple(Input(**{**one, "curve": tuple((x, y) for x, y in one["curve"])}) for one in said["inputs"])
        return Rule(inputs, said["green"], said["yellow"], version, author, reason, recorded_at)
    except (KeyError, TypeError, ValueError) as error:
        raise DefinitionError(f"This is no rule of a health score: {error}. It has inputs (reading, label, weight, missing, curve), "
                              "green and yellow.") from error


def slopes(one: Input) -> list[tuple[float, float, float, float]]:
    """(from, to, share at from, rise for each unit) of the pieces of a curve."""
    return [(x, next_x, y, (next_y - y) / (next_x - x)) for (x, y), (next_x, next_y) in pairwise(one.curve)]


# -- a score

def share(one: Input, reading: float | None) -> float | None:
    """The share (0 to 1) of the points that a reading gives; None when it is missing."""
    if reading is None:
        return 0.0 if one.missing == ZERO else None
    if reading <= one.curve[0][0]:
        return one.curve[0][1]
    for start, end, base, rise in slopes(one):
        if reading <= end:
            return base + (reading - start) * rise
    return one.curve[-1][1]


def score(rule: Rule, readings: Sequence[float | None]) -> Scored:
    """The score of these readings (in the order of READINGS), exactly as the recorded months have it."""
    shares = {one.reading: share(one, _at(readings, one)) for one in rule.counted}
    counts = {one.reading: one.weight for one in rule.counted if shares[one.reading] is not None}
    blank = not counts or any(one.missing == BLANK and shares[one.reading] is None for one in rule.counted)
    room = dict(zip(counts, _possible(list(counts.values())), strict=True))
    if blank:
        return Scored(None, tuple(None for _ in rule.inputs), tuple(0 for _ in rule.inputs))
    exact = [(shares[name] or 0.0) * room[name] for name in counts]
    total = 0.0
    for part in exact:
        total += part
    whole = math.floor(total + 0.5)
    earned = dict(zip(counts, largest_remainder(exact, whole), strict=True))
    points = tuple(earned.get(one.reading) if one.weight else 0 for one in rule.inputs)
    return Scored(whole, points, tuple(room.get(one.reading, 0) for one in rule.inputs))


def _at(readings: Sequence[float | None], one: Input) -> float | None:
    """A month recorded before a reading was known lacks it."""
    return readings[one.place] if one.place < len(readings) else None


def _possible(weights: Sequence[int]) -> list[int]:
    """Whole points for these weights that add up to 100. Counted in whole numbers: a fraction is a remainder of a division."""
    total = sum(weights)
    floors, rests = [POSSIBLE * one // total for one in weights] if total else [], [POSSIBLE * one % total for one in weights] if total else []
    return _dealt(floors, rests, POSSIBLE - sum(floors))


def largest_remainder(exact: Sequence[float], whole: int) -> list[int]:
    """Whole parts that add up to `whole`, which is the rounded sum of the exact ones; none is further than 1 from its own."""
    floors = [math.floor(one) for one in exact]
    return _dealt(floors, [one - floor for one, floor in zip(exact, floors, strict=True)], whole - sum(floors))


def _dealt(floors: Sequence[int], rests: Sequence[float], left: int) -> list[int]:
    order = sorted(range(len(floors)), key=lambda place: (-rests[place], place))
    lucky = set(order[:max(left, 0)])
    return [floor + (place in lucky) for place, floor in enumerate(floors)]


# -- why it changed

LEFT_OUT, RULE_CHANGED = "Inputs missing or back again", "The rule changed"


def why(before_rule: Rule, before: Sequence[float | None], now_rule: Rule, now: Sequence[float | None]) -> list[Moved]:
    """The change of the score in whole points, which add up to it exactly; empty when one of the scores is blank.

    With the same rule and the same inputs there each part is the difference of the points that the two months show. Else
    each input that was there both times moves first, with the points that were possible; then inputs go missing or come
    back, so that others weigh more or less; then the rule changes.
    """
    was, old, new = score(before_rule, before), score(before_rule, now), score(now_rule, now)
    if was.score is None or new.score is None:
        return []
    if now_rule.inputs == before_rule.inputs and was.possible == new.possible:
        return [Moved(one.label, (then or 0) - (first or 0)) for one, first, then in zip(now_rule.inputs, was.points, new.points, strict=True) if one.weight]
    lines, met = _moves(before_rule, before, now, was, old)
    if now_rule.inputs != before_rule.inputs:
        exact = _exact(now_rule, now, new) - (_exact(before_rule, now, old) if old.score is not None else met)
        lines.append((f"{RULE_CHANGED} (version {now_rule.version})", exact))
    points = largest_remainder([exact for _, exact in lines], new.score - was.score) if lines else []
    fitted = zip(lines, _fitted(points, new.score - was.score), strict=True)
    return [Moved(name, count) for (name, _), count in fitted if count or name != LEFT_OUT]


def _moves(rule: Rule, before: Sequence[float | None], now: Sequence[float | None], was: Scored, old: Scored) -> tuple[list, float]:
    """(name, exact points) of each input and of what is missing, and the exact score once the inputs have moved."""
    lines, met = [], 0.0
    for place, one in enumerate(rule.inputs):
        if not one.weight:
            continue
        first, then = share(one, _at(before, one)), share(one, _at(now, one))
        moved = (then - first) * was.possible[place] if first is not None and then is not None else 0.0
        met += (first or 0.0) * was.possible[place] + moved
        lines.append((one.label, moved))
    if old.score is not None:
        lines.append((LEFT_OUT, _exact(rule, now, old) - met))
    return lines, met


def _exact(rule: Rule, readings: Sequence[float | None], scored: Scored) -> float:
    return sum((share(one, _at(readings, one)) or 0.0) * room for one, room in zip(rule.inputs, scored.possible, strict=True))


def _fitted(points: Sequence[int], change: int) -> list[int]:
    """The same points; two roundings may be a point apart from the change, which the largest part then carries."""
    missing = change - sum(points)
    if not missing or not points:
        return list(points)
    largest = max(range(len(points)), key=lambda place: abs(points[place]))
    return [one + missing * (place == largest) for place, one in enumerate(points)]

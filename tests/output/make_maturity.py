"""Results of a cycle for the tests of what is drawn: thirteen raters, two cycles, the answers of the picture."""

from __future__ import annotations

from datetime import date, datetime
from functools import cache

from scorecard.core import maturity_file, rubric
from scorecard.core.reading import Sentence
from scorecard.core.rubric import Answer, Score, Scores
from scorecard.maturity import Agreed, Cycle, PracticeResult, Results, SystemResult
from scorecard.places import ROOT

SPREAD = {"E4": (1, 5, 0, 4, 3), "I6": (3, 5, 0, 4, 1), "S5": (7, 3, 0, 2, 1), "W4": (4, 5, 1, 3, 0), "L6": (2, 2, 5, 2, 2)}
SAME = {"sensory": 3, "planning": 3, "people": 3, "work": 4, "metrics": 4, "improvement": 2, "leadership": 3}
LAST = {"sensory": 2.2, "planning": 3.0, "people": 3.0, "work": 2.6, "metrics": 3.0, "improvement": 2.1, "leadership": 3.4}
HIDDEN = "Leaders (3 answers) are below five: neither they nor the rest are shown apart."


@cache
def model() -> maturity_file.Model:
    """The model of the product."""
    return maturity_file.parse((ROOT / "data" / "maturity.toml").read_text("utf-8"))


def answers(raters: int = 13) -> list[Answer]:
    """What everybody said: one level in most practices, far apart in five; one does not know M2."""
    given = []
    for id, practice in model().practices.items():
        if practice.system in SAME:
            counts = SPREAD.get(id)
            levels = [n for n, count in enumerate(counts, 1) for _ in range(count)] if counts else [SAME[practice.system]] * 13
            given += [Answer(f"r{n}", id, None if (id, n) == ("M2", 4) else level) for n, level in enumerate(levels[:raters])]
    return given


def scores(raters: int = 13, anonymous: bool = True) -> Scores:
    """The scores of them."""
    return rubric.score(answers(raters), {id: one.system for id, one in model().practices.items()}, anonymous)


def cycle(title: str = "September 2026", kind: str = "full") -> Cycle:
    """A closed anonymous cycle."""
    return Cycle("c2", title, kind, "anonymous", 1, tuple(SAME), date(2026, 9, 1), date(2026, 9, 30), "closed", "Rana Amari",
                 datetime(2026, 9, 1, 8), "Rana Amari", datetime(2026, 9, 30, 17), 2)


def results(raters: int = 13, parts: tuple[Score, ...] = ()) -> Results:
    """The results as the page gets them."""
    found = scores(raters)
    practices = tuple(_practice(one.subject, one) for one in found.practices)
    systems = tuple(_system(one, practices, parts) for one in found.systems if one.subject in SAME)
    now = {one.system: one.score.median for one in systems if one.score.median is not None}
    return Results(cycle(), 15, raters, systems, practices, 0.84, (Sentence("Work rose most:", "2.6 to 3.7 since March."),), HIDDEN,
                   (("March 2026", LAST), ("September 2026", now)), (("June 2026", {"work": 3.0}),), 0.71)


def _practice(id: str, score: Score) -> PracticeResult:
    target = model().target(id)
    gap = None if score.median is None else max(target - score.median, 0)
    agreed = Agreed(id, 1, 3, "Maps <b>exist</b>.", "Suppliers.", "Two see level 4.", "Rana Amari", datetime(2026, 10, 2)) if id == "W4" else None
    evidence = () if score.hidden or id != "W4" else ("A list of partners.", "<script>alert(1)</script>")
    return PracticeResult(id, model().practices[id].title, model().practices[id].system, score, 2.0, target, gap, evidence, agreed, (),
                          None if score.hidden else int(id == "M3"))


def _system(score: Score, practices: tuple[PracticeResult, ...], parts: tuple[Score, ...]) -> SystemResult:
    own = [one for one in practices if one.system == score.subject]
    known = [(one.practice, one.score.median) for one in own if one.score.median is not None]
    system = model().systems[score.subject]
    return SystemResult(system.id, system.label, score, LAST[system.id], LAST[system.id], system.target, 0.8 if known else None,
                        min(known, key=lambda pair: pair[1], default=None), sum(one.score.agreed is False for one in own), parts)

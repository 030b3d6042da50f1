"""A cycle of maturity as an Excel workbook, and the sheet that people fill in. Nothing is in it that results do not show."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from scorecard.access import Actor
from scorecard.core.maturity_file import Model
from scorecard.core.rubric import LEVELS, Score, cut_off
from scorecard.maturity import PracticeResult, Results, SystemResult, model_at, results
from scorecard.maturity.exchange import Template, template
from scorecard.output import maturity_twins, pack_files, twins
from scorecard.output.maturity_tables import PARTS, second_line
from scorecard.output.sheets import OPTIONS, Sheets
from scorecard.output.theme import clean
from scorecard.store.engine import Store

HIDDEN = "Hidden: fewer than five answers."
FIGURES = ("Answers", "Median", "Mean", "Lowest", "Highest", "Spread", "Agreement")
ASK = "A level from 1 to 5; n/a with a reason when it does not apply; left blank it is: I don't know."


def book(found: Results, model: Model) -> bytes:
    """The workbook of a cycle. The same results and model give the same bytes."""
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, OPTIONS) as file:
        file.set_properties({"title": clean(f"Maturity, {found.cycle.title}"), "created": _moment(found)})
        _Cycle(file, found, model).write()
    return content.getvalue()


def _moment(found: Results) -> datetime:
    return found.cycle.closed_at or found.cycle.opened_at


class _Cycle(Sheets):
    """The sheets of a cycle on their way."""

    def __init__(self, file: xlsxwriter.Workbook, found: Results, model: Model) -> None:
        super().__init__(file, second_line(found))
        self.found, self.model = found, model
        self.labels = {one.system: one.label for one in found.systems}

    def write(self) -> None:
        self._systems()
        self._practices()
        self._list("Disagreement", self.found.disagreements, "People agree on every practice.")
        self._list("Gaps", self.found.gaps, "Every practice has reached its target.")
        self._agreed()
        self._parts()
        self._trend()
        self._model()
        self._about()

    def _add(self, name: str, heads: Sequence[str], rows: Iterable[Sequence[Any]], empty: str = "") -> None:
        self.sheet(self.file.add_worksheet(name), heads, list(rows), empty)

    def _systems(self) -> None:
        heads = ("System", *FIGURES, "Last cycle", "First cycle", "Change", "Target", "Way to the targets", "Lowest practice",
                 "Its median", "To talk about", "Not shown")  # fmt: skip
        self._add("Systems", heads, map(self._system, self.found.systems))

    def _system(self, one: SystemResult) -> list[Any]:
        low = one.lowest or ("", None)
        return [one.label, *figures(one.score), _two(one.last), _two(one.first), _two(one.change), one.target, _share(one.percent),
                low[0], low[1], one.talk, HIDDEN if one.score.hidden else ""]  # fmt: skip

    def _practices(self) -> None:
        heads = ("Id", "Practice", "System", *FIGURES, *(f"At {level}" for level in LEVELS), "Don’t know", "Last cycle", "Target",
                 "Gap", "Evidence", "Not shown")  # fmt: skip
        self._add("Practices", heads, map(self._practice, self.found.practices))

    def _practice(self, one: PracticeResult) -> list[Any]:
        counts = one.score.counts or (None,) * len(LEVELS)
        return [one.practice, one.title, self.labels[one.system], *figures(one.score), *counts, one.score.unsure, _two(one.last),
                one.target, _two(one.gap), "\n".join(one.evidence), HIDDEN if one.score.hidden else ""]  # fmt: skip

    def _list(self, name: str, found: Sequence[PracticeResult], empty: str) -> None:
        heads = ("Id", "Practice", "System", "Median", "Spread", "Target", "Gap")
        rows = [[one.practice, one.title, self.labels[one.system], one.score.median, _two(one.score.spread), one.target, _two(one.gap)]
                for one in found]
        self._add(name, heads, rows, HIDDEN if all(one.score.hidden for one in self.found.systems) else empty)

    def _agreed(self) -> None:
        heads = ("Id", "Practice", "Agreed level", "Median", "Strengths", "Opportunities", "Minority note", "By", "Day")
        rows = [[one.practice, one.title, one.agreed.level, one.score.median, one.agreed.strengths, one.agreed.opportunities,
                 one.agreed.minority, one.agreed.author, one.agreed.recorded_at.date()]
                for one in self.found.practices if one.agreed]  # fmt: skip
        self._add("Agreed", heads, rows, "Nothing was agreed in a session yet.")

    def _parts(self) -> None:
        rows = [[PARTS.get(part.group, part.group), one.label, *figures(part)] for one in self.found.systems for part in one.parts]
        self._add("Leaders and team", ("Part", "System", *FIGURES), rows, self.found.hidden or "Nobody answered in parts.")

    def _trend(self) -> None:
        told = [*self.found.apart, *self.found.trend]
        other = {title for title, _ in self.found.apart}
        kind = {True: "quick", False: "full"}
        rows = [[title, kind[(self.found.cycle.kind == "quick") != (title in other)], *(_two(medians.get(one)) for one in self.labels)]
                for title, medians in told]  # fmt: skip
        self._add("Trend", ("Cycle", "Form", *self.labels.values()), rows)

    def _model(self) -> None:
        heads = ("Id", "Practice", "System", "Question", *(f"{n} {name}" for n, name in enumerate(self.model.level_names, 1)),
                 "Criteria", "What counts as evidence", "Weight", "Target")  # fmt: skip
        rows = [
            [one.id, one.title, self.model.systems[one.system].label, one.question, *one.levels,
             " ".join(f"Level {level}: {'; '.join(texts)}." for level, texts in one.gates.items()), one.evidence, one.weight,
             self.model.target(one.id)]
            for one in self.model.practices.values() if one.system in self.found.cycle.systems]  # fmt: skip
        self._add("Model", heads, rows)

    def _about(self) -> None:
        cycle = self.found.cycle
        rows = [["Cycle", second_line(self.found)], ["Answers", f"{cycle.mode}, {cycle.kind} form"], ["Opened", cycle.opens],
                ["Closed", cycle.closed_at.date() if cycle.closed_at else "still open"],
                ["Model", f"{self.model.name}, version {cycle.model}"], ["Way to the targets", _share(self.found.percent)],
                *(["Sentence", one.text] for one in self.found.sentences), ["Not shown", self.found.hidden],
                ["Spread", f"Mean distance from the mean answer, in levels. Above {cut_off():.2f} people do not agree."],
                ["Score of a system", "The median of what each person says on average over its practices, by their weight."],
                ["Way to the targets", "What is missing is added up; a surplus elsewhere never pays for it."]]  # fmt: skip
        self._add("About", ("What", "Definition"), rows)


def figures(score: Score) -> list[Any]:
    """The figures of a score in the order of FIGURES, blank where it is hidden."""
    agreed = {True: "agreed", False: "to talk about", None: ""}[score.agreed]
    return [score.n, score.median, _two(score.mean), score.lowest, score.highest, _two(score.spread), agreed]


def _two(value: float | None) -> float | None:
    return None if value is None else round(value, 2)


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.1%}"


def file(store: Store, actor: Actor, cycle_id: str, kind: str) -> tuple[str, bytes]:
    """(name, content) of the results of a cycle as xlsx, json or csv; the name carries the hash of the content."""
    found = results(store, actor, cycle_id)
    if kind == "xlsx":
        with store.read() as tx:
            content = book(found, model_at(tx, found.cycle.model))
    else:
        content = {"json": as_json, "csv": maturity_twins.csv}[kind](found).encode()
    return pack_files.named("maturity", found.cycle.title, hashlib.sha256(content).hexdigest()[:8], kind), content


# --- JSON ----------------------------------------------------------------------------------------------------

def as_json(found: Results) -> str:
    """The results as one JSON object with a line end, with the keys of `assess score`; the same results give the same bytes."""
    cycle = found.cycle
    return twins.json_text({
        "cycle": {"id": cycle.id, "title": cycle.title, "kind": cycle.kind, "mode": cycle.mode, "model": cycle.model, "opens": cycle.opens,
                  "closes": cycle.closes, "state": cycle.state, "asked": found.asked, "answered": found.finished},
        "anonymous": cycle.anonymous,
        "cut_off": cut_off(),
        "percent_to_target": found.percent,
        "sentences": [one.text for one in found.sentences],
        "not_shown": found.hidden or None,
        "practices": [practice(one) for one in found.practices],
        "systems": [_system(one) for one in found.systems],
        "trend": [{"cycle": title, "medians": medians} for title, medians in found.trend],
        "other_form": [{"cycle": title, "medians": medians} for title, medians in found.apart],
    }) + "\n"  # fmt: skip


def told(score: Score) -> dict[str, Any]:
    """The figures of a score by the names of `assess score`; everything is None when it is hidden."""
    return {"n": score.n, "median": score.median, "mean": score.mean, "min": score.lowest, "max": score.highest,
            "spread": score.spread, "agreed": score.agreed, "hidden": score.hidden}  # fmt: skip


def practice(one: PracticeResult) -> dict[str, Any]:
    """A practice with its figures, evidence and what was agreed."""
    kept = one.agreed
    return {
        "practice": one.practice, "title": one.title, "system": one.system, "target": one.target, **told(one.score),
        "percent_to_target": _way(one), "unsure": one.score.unsure, "not_applicable": one.not_applicable, "counts": list(one.score.counts) or None, "last": one.last,
        "gap": one.gap, "evidence": list(one.evidence), "parts": {part.group: told(part) for part in one.parts},
        "consensus": kept and {"level": kept.level, "strengths": kept.strengths, "opportunities": kept.opportunities,
                               "minority": kept.minority},
    }  # fmt: skip


def _way(one: PracticeResult) -> float | None:
    return None if one.gap is None or not one.target else 1 - one.gap / one.target


def _system(one: SystemResult) -> dict[str, Any]:
    return {
        "system": one.system, "label": one.label, "target": one.target, **told(one.score), "percent_to_target": one.percent,
        "last": one.last, "first": one.first, "change": one.change, "lowest_practice": one.lowest and one.lowest[0],
        "lowest_median": one.lowest and one.lowest[1], "to_talk_about": one.talk,
        "parts": {part.group: told(part) for part in one.parts},
    }  # fmt: skip


# --- the sheet to fill in --------------------------------------------------------------------------------------------


def template_book(asked: Template) -> bytes:
    """The sheet to fill in as a workbook: a row a practice, a level is chosen from a list."""
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, OPTIONS) as file:
        file.set_properties({"title": "Maturity, the answers", "created": datetime(2026, 1, 1)})
        sheet = file.add_worksheet("Answers")
        made = Sheets(file, "Maturity")
        made.sheet(sheet, asked.heads, asked.rows)
        sheet.freeze_panes(1, asked.heads.index("question"))
        _choices(sheet, asked)
    return content.getvalue()


def _choices(sheet: Worksheet, asked: Template) -> None:
    options = {"validate": "list", "source": [*map(str, LEVELS), "n/a"], "input_title": "Level", "input_message": ASK,
               "error_title": "Level", "error_message": ASK}  # fmt: skip
    sheet.data_validation(1, asked.level, len(asked.rows), asked.level, options)


def template_csv(asked: Template) -> str:
    """The sheet to fill in as CSV."""
    return twins.csv_text(asked.heads, asked.rows)


def sheet(store: Store, actor: Actor, cycle_id: str, kind: str) -> bytes:
    """The sheet of a cycle as xlsx or csv."""
    asked = template(store, actor, cycle_id)
    return template_book(asked) if kind == "xlsx" else template_csv(asked).encode()

"""What goes with an outcome such as churn: a logistic regression that first asks whether there is anything to say.

The likelihood-ratio test of the whole model comes first; where it does not pass, the verdict is "no evidence" and nothing
is ranked. Association, never proof. Events for each driver: P. Peduzzi et al., *Journal of Clinical Epidemiology* 49 (1996).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from scorecard.core import logistic
from scorecard.core.calibration import Band, Interval, auc, calibration
from scorecard.core.intervals import Z95
from scorecard.core.logistic import Array, Fit, Inference
from scorecard.core.tails import chdtrc, expit
from scorecard.errors import StudyRefused

FEWEST_EVENTS = 10
ENOUGH_PER_DRIVER = 10
ALPHA = 0.05
BENT = 0.01  # Chance of a bend seen by mistake, over all numbers together.
MOST_LEVELS = 50
LARGEST = 1e100  # Squares of larger figures are none any more.
TOO_GOOD = 0.95
PARTS, SEED = 10, 1
OVERLAP = 10.0  # Variance inflation factor from which two drivers can hardly be told apart.
INTERCEPT = "(Intercept)"
NAMES = {"firth": "Firth's penalised likelihood", "ml": "maximum likelihood"}

Cell = float | str | bool | None


@dataclass(frozen=True)
class Predictor:
    """A column of the table: numbers, yes or no (bool), or texts; None is missing.

    `per` is the step that one odds ratio stands for (10 with words "each 10 points higher"); `bins` cuts numbers into that
    many bands of about equal size; `reference` is the text that the others are compared with, the first in order of the
    alphabet when blank.
    """

    name: str
    values: Sequence[Cell]
    per: float = 1.0
    words: str = ""
    bins: int = 0
    reference: str = ""


@dataclass(frozen=True)
class Column:
    """One column of the regression: a number in steps of `per`, or whether a level holds (a text, or a band from `low` up)."""

    predictor: str
    words: str
    per: float = 1.0
    level: str = ""
    reference: str = ""
    low: float | None = None
    high: float | None = None

    @property
    def name(self) -> str:
        return f"{self.predictor}: {self.level}" if self.level else self.predictor


@dataclass(frozen=True)
class Term:
    """A coefficient (log odds for one step), its standard error, odds ratio with 95% interval, and p.

    None is an estimate that does not exist: the outcome is told apart without an error.
    """

    name: str
    predictor: str
    level: str
    reference: str
    per: float
    words: str
    coef: float | None
    se: float | None
    odds_ratio: float | None
    lower: float | None
    upper: float | None
    p: float | None

    @property
    def clear(self) -> bool:
        """Whether the interval leaves out 1; an end that is None has no limit."""
        above, below = self.lower is not None and self.lower > 1, self.upper is not None and self.upper < 1
        return self.odds_ratio is not None and (above or below)


@dataclass(frozen=True)
class Model:
    """What is needed to score other rows: columns, coefficients, covariance, and which texts were seen."""

    columns: tuple[Column, ...]
    coef: tuple[float, ...]
    covariance: tuple[tuple[float, ...], ...]
    levels: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Study:
    """A regression read in order: enough events? anything at all? then what. `verdict` is a key of VERDICTS.

    `terms` stand in the order asked; `ranking` names the clear ones, the firmest first, and is empty without evidence.
    `auc` is of the rows that set the model, `auc_held_out` of rows that did not, a tenth at a time (None under separation).
    `dropped` counts rows with a missing cell, `missing` where; `left_out` are columns that others determine.
    """

    outcome: str
    n: int
    events: int
    dropped: int
    missing: Mapping[str, int]
    method: str
    converged: bool = False
    separation: tuple[str, ...] = ()
    collinear: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    overlap: Mapping[str, float] | None = None
    non_linear: tuple[str, ...] = ()
    log_likelihood: float | None = None
    statistic: float | None = None
    df: int = 0
    p: float | None = None
    terms: tuple[Term, ...] = ()
    beside: tuple[Term, ...] = ()
    events_per_driver: float | None = None
    auc: Interval | None = None
    auc_held_out: Interval | None = None
    calibration: tuple[Band, ...] = ()
    ranking: tuple[str, ...] = ()
    verdict: str = "refused"
    sentence: str = ""
    notices: tuple[str, ...] = ()
    model: Model | None = None


VERDICTS = {"evidence": "evidence", "no evidence": "no evidence", "refused": "refused"}


def study(outcome: str, happened: Sequence[bool | None], predictors: Sequence[Predictor], method: str = "firth") -> Study:
    """The study of one outcome; `happened` and every predictor have a value or None for each row.

    Rows with a missing cell are left out and counted. Raises StudyRefused when a predictor cannot be used at all; too few
    events are no error but the verdict "refused" with its sentence.
    """
    _check(predictors, method)
    complete, missing = complete_rows(happened, predictors)
    y = np.array([happened[i] for i in complete], float)
    begun = Study(outcome, len(y), int(y.sum()), len(happened) - len(y), missing, method)
    rarer = min(begun.events, begun.n - begun.events)
    if rarer < FEWEST_EVENTS:
        return _refused(begun)
    kept = {one.name: [one.values[i] for i in complete] for one in predictors}
    columns, levels = columns_of(predictors, kept)
    x = design(columns, kept)
    if (large := np.abs(x).max(axis=0) > LARGEST).any():
        raise StudyRefused(f"Predictor {columns[int(large.argmax())].predictor!r} has figures beyond {LARGEST:g}: nothing can be computed with them. Correct the file.")
    return _read(begun, y, x, columns, levels)


def _check(predictors: Sequence[Predictor], method: str) -> None:
    if method not in logistic.METHODS:
        raise StudyRefused(f"There is no method {method!r}. Use one of: {', '.join(logistic.METHODS)}.")
    if not predictors:
        raise StudyRefused("There is no predictor. Name at least one column.")
    names = [one.name for one in predictors]
    twice = next((name for name in names if names.count(name) > 1), "")
    if twice:
        raise StudyRefused(f"Predictor {twice!r} is named twice. Name each once.")


def _missing(cell: Cell) -> bool:
    return cell is None or cell == "" or (isinstance(cell, float) and not math.isfinite(cell))


def complete_rows(happened: Sequence[bool | None], predictors: Sequence[Predictor]) -> tuple[list[int], dict[str, int]]:
    """The rows without a missing cell, and how many cells are missing by column (the outcome under "")."""
    holes = {"": [one is None for one in happened]} | {one.name: [_missing(cell) for cell in one.values] for one in predictors}
    rows = [i for i, row in enumerate(zip(*holes.values(), strict=True)) if not any(row)]
    return rows, {name: sum(found) for name, found in holes.items() if any(found)}


def _refused(begun: Study) -> Study:
    events, others = begun.events, begun.n - begun.events
    rows = f"{_rows(begun.n)} with every predictor known" if begun.dropped else _rows(begun.n)
    counted = (f"{_times(events)} of {begun.outcome} among {rows}" if events <= others
               else f"{others:,} without {begun.outcome} among {rows}")
    short = FEWEST_EVENTS - min(events, others)
    sentence = (f"Refused: {counted}. At least {FEWEST_EVENTS} with and {FEWEST_EVENTS} without are needed before anything can be said "
                f"about drivers; {short} more, or a longer period.")
    return _with(begun, verdict="refused", sentence=sentence)


def _unsettled(begun: Study) -> Study:
    return _with(begun, verdict="refused", sentence=f"Refused: the estimates from {_rows(begun.n)} did not settle, so there is nothing to read. "
                                                    "Choose fewer predictors.")


def _with(one: Study, **changes: Any) -> Study:
    return Study(**{**{name: getattr(one, name) for name in one.__dataclass_fields__}, **changes})


def _rows(n: int) -> str:
    return "1 row" if n == 1 else f"{n:,} rows"


def _times(n: int) -> str:
    return "1 case" if n == 1 else f"{n:,} cases"


# Columns of the regression

def columns_of(predictors: Sequence[Predictor], kept: Mapping[str, list[Cell]]) -> tuple[list[Column], dict[str, tuple[str, ...]]]:
    """The columns of the regression, the intercept first, and the texts seen in each column of texts."""
    columns, levels = [Column(INTERCEPT, "all drivers at 0 or at their reference")], {}
    for one in predictors:
        cells = kept[one.name]
        if any(isinstance(cell, str) for cell in cells):
            own, levels[one.name] = _categories(one, cells)
        elif one.bins:
            own = _bands(one, np.array(cells, float))
        else:
            own = [Column(one.name, one.words or _step(one, cells), one.per)]
        columns += own
    return columns, levels


def _step(one: Predictor, cells: list[Cell]) -> str:
    if all(isinstance(cell, bool) for cell in cells):
        return "yes against no"
    return "each unit higher" if one.per == 1 else f"each {one.per:g} higher"


def _categories(one: Predictor, cells: list[Cell]) -> tuple[list[Column], tuple[str, ...]]:
    found = sorted({str(cell) for cell in cells})
    if len(found) > MOST_LEVELS:
        raise StudyRefused(f"Predictor {one.name!r} has {len(found):,} different texts; {MOST_LEVELS} is the most. "
                           "A column that names rows is no driver: leave it out, or group its texts.")
    reference = one.reference or found[0]
    if reference not in found:
        raise StudyRefused(f"Predictor {one.name!r} has no text {reference!r} to compare with. It has: {', '.join(found[:12])}.")
    return [Column(one.name, f"{level} against {reference}", level=level, reference=reference)
            for level in found if level != reference], tuple(found)


def _bands(one: Predictor, values: Array) -> list[Column]:
    """The bands above the lowest; equal figures stay together, so there may be fewer than asked."""
    edges = np.unique(np.quantile(values, np.linspace(0, 1, one.bins + 1)[1:-1], method="higher"))
    edges = [float(edge) for edge in edges if edge > values.min()]
    reference = f"below {edges[0]:g}" if edges else ""
    return [Column(one.name, f"{_band(low, high)} against {reference}", level=_band(low, high), reference=reference, low=low, high=high)
            for low, high in zip(edges, [*edges[1:], None])] or [Column(one.name, _step(one, []), one.per)]


def _band(low: float, high: float | None) -> str:
    return f"{low:g} and over" if high is None else f"{low:g} to below {high:g}"


def design(columns: Sequence[Column], cells: Mapping[str, Sequence[Cell]]) -> Array:
    """The matrix of the regression, one row for each row of the cells; NaN where a number is missing."""
    n = len(next(iter(cells.values())))
    numbers: dict[str, Array] = {}
    found = []
    for one in columns:
        if one.predictor == INTERCEPT:
            found.append(np.ones(n))
        elif one.level and one.low is None:
            found.append(np.array([cell == one.level for cell in cells[one.predictor]], float))
        else:
            values = numbers.setdefault(one.predictor, np.array([math.nan if cell is None else cell for cell in cells[one.predictor]], float))
            found.append(_between(one, values) if one.level else values / one.per)
    return np.column_stack(found)


def _between(one: Column, values: Array) -> Array:
    inside = (values >= one.low) & (values < (math.inf if one.high is None else one.high))
    return np.where(np.isnan(values), math.nan, inside.astype(float))


# Reading

def _read(begun: Study, y: Array, x: Array, columns: list[Column], levels: dict[str, tuple[str, ...]]) -> Study:
    away = logistic.aliased(x)
    kept = [j for j in range(x.shape[1]) if j not in away]
    if len(kept) == 1:
        raise StudyRefused(f"No predictor varies: {', '.join(columns[j].name for j in away)}. Choose one that differs between rows.")
    left_out = {columns[j].name: [columns[k].name for k in by if k] for j, by in away.items()}
    used, x = [columns[j] for j in kept], x[:, kept]
    fits = {name: _fitted(x, y, name) for name in logistic.METHODS}
    infinite = logistic.separated(x, y) if logistic.gives_away(fits["ml"][1]) else np.zeros(len(used), bool)
    fits["ml"] = _finite(fits["ml"], infinite)
    problem, found = fits[begun.method]
    if not found.converged and not (begun.method == "ml" and infinite.any()):
        return _unsettled(begun)
    statistic, df, p = logistic.whole(problem, found)
    evidence = p < ALPHA and df > 0
    terms = {name: _terms(used, fits[name][1], logistic.infer(*fits[name])) for name in logistic.METHODS}
    other = next(name for name in logistic.METHODS if name != begun.method)
    chance = expit(found.linear)
    return _told(_with(
        begun, converged=found.converged, separation=_names(used, infinite), left_out=tuple(left_out),
        collinear=tuple(dict.fromkeys(name for out, by in left_out.items() for name in (*by, out))),
        overlap=_overlap(used, x), log_likelihood=found.log_likelihood, statistic=statistic, df=df, p=p,
        terms=terms[begun.method], beside=terms[other], events_per_driver=min(begun.events, begun.n - begun.events) / df,
        auc=auc(chance, y), auc_held_out=None if infinite.any() else _held_out(x, y, begun.method), calibration=calibration(chance, y), ranking=_ranking(terms[begun.method]) if evidence else (),
        non_linear=_bent(used, x, y, fits["ml"]) if not infinite.any() else (),
        verdict="evidence" if evidence else "no evidence",
        model=Model(tuple(used), tuple(map(float, found.coef)), tuple(tuple(map(float, row)) for row in found.covariance), levels)), left_out)


def _held_out(x: Array, y: Array, method: str) -> Interval:
    """How well each tenth of the rows is told apart by the model of the other nine; both outcomes are spread over the parts."""
    part, linear = np.empty(len(y), int), np.empty(len(y))
    for side in (0, 1):
        own = np.flatnonzero(y == side)
        part[np.random.default_rng(SEED).permutation(own)] = np.arange(len(own)) % PARTS
    for number in range(PARTS):
        held = part == number
        linear[held] = x[held] @ logistic.fit(logistic.problem(x[~held], y[~held], method)).coef
    return auc(linear, y)


def _fitted(x: Array, y: Array, method: str) -> tuple[logistic.Problem, Fit]:
    asked = logistic.problem(x, y, method)
    return asked, logistic.fit(asked)


def _finite(pair: tuple[logistic.Problem, Fit], infinite: Array) -> tuple[logistic.Problem, Fit]:
    return (pair[0], logistic.without_infinite(*pair, infinite)) if infinite.any() else pair


def _names(columns: list[Column], chosen: Array) -> tuple[str, ...]:
    """The columns chosen; the intercept only when it is alone."""
    found = [one.name for one, yes in zip(columns, chosen) if yes]
    return tuple([name for name in found if name != INTERCEPT] or found)


def _overlap(columns: list[Column], x: Array) -> dict[str, float]:
    found = zip(columns[1:], logistic.inflation(x))
    return {one.name: float(factor) for one, factor in found if factor >= OVERLAP}


def _terms(columns: list[Column], found: Fit, inferred: Inference) -> tuple[Term, ...]:
    return tuple(
        Term(one.name, one.predictor, one.level, one.reference, one.per, one.words, _known(found.coef[j]), _known(found.se[j]),
             _odds(found.coef[j]), _odds(inferred.lower[j]), _odds(inferred.upper[j]), _known(inferred.p[j]))
        for j, one in enumerate(columns))


def _known(x: float) -> float | None:
    return float(x) if math.isfinite(x) else None


def _odds(x: float) -> float | None:
    """The odds ratio of a coefficient, None where there is none or it is too large to write."""
    return float(math.exp(x)) if math.isfinite(x) and x < 700 else None


def _ranking(terms: tuple[Term, ...]) -> tuple[str, ...]:
    """The names of the clear terms by the firmness of the evidence, never by the size of figures in different units."""
    clear = [one for one in terms if one.clear and one.predictor != INTERCEPT]
    return tuple(one.name for one in sorted(clear, key=lambda one: (one.p, -abs(one.coef / one.se))))


def _bent(columns: list[Column], x: Array, y: Array, fitted: tuple[logistic.Problem, Fit]) -> tuple[str, ...]:
    """Numbers whose square adds to the model (likelihood ratio, Bonferroni): bands would say more than a straight line."""
    numbers = [j for j, one in enumerate(columns) if j and not one.level and len(np.unique(x[:, j])) > 5]
    level = BENT / max(1, len(numbers))
    found = []
    for j in numbers:
        centred = (x[:, j] - x[:, j].mean()) / x[:, j].std()
        _, wider = _fitted(np.column_stack([x, centred**2]), y, "ml")
        if wider.converged and chdtrc(1, max(0.0, 2 * (wider.log_likelihood - fitted[1].log_likelihood))) < level:
            found.append(columns[j].name)
    return tuple(found)


# Words

def _told(one: Study, left_out: Mapping[str, list[str]]) -> Study:
    return _with(one, sentence=_sentence(one), notices=tuple(_notices(one, left_out)))


def _sentence(one: Study) -> str:
    tested = f"likelihood-ratio test of the whole model, {_p(one.p)}"
    if one.verdict == "no evidence":
        return (f"No evidence: with {_times(one.events)} of {one.outcome} in {_rows(one.n)} these predictors together tell no more than "
                f"chance would ({tested}; below {ALPHA:g} is needed). No driver is ranked.")
    best = [next(term for term in one.terms if term.name == name) for name in one.ranking[:2]]
    if not best and one.separation and one.method == "ml":
        return (f"{_and(one.separation)} {'tells' if len(one.separation) == 1 else 'tell'} {one.outcome} apart without an error ({tested}): maximum "
                "likelihood has no finite estimate. Use Firth's method. Association, not proof.")
    if not best:
        return (f"Together the predictors tell {one.outcome} apart better than chance ({tested}), but for none of them alone does the "
                "interval leave out 1. Association, not proof.")
    said = " and ".join(f"{term.predictor} ({term.words})" for term in best)
    odds = " and ".join(times(term.odds_ratio) for term in best)
    verb = "goes" if len(best) == 1 else "go"
    return (f"{said} {verb} with {one.outcome} most clearly: the odds of {one.outcome} are {odds} times as high, all else equal ({tested}). "
            "Association, not proof: test it.")


def times(ratio: float) -> str:
    """An odds ratio as it is written: two decimals, more where they would read 1.00 or 0.00, fewer for very large ones."""
    if ratio >= 100:
        return f"{ratio:,.0f}"
    away = abs(ratio - 1)
    digits = 2 if away >= 0.005 or away == 0 else min(6, 1 - math.floor(math.log10(away)))
    return f"{ratio:.{digits}f}" if ratio >= 0.095 else f"{ratio:.2g}"


def _p(p: float) -> str:
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}" if p < 0.1 else f"p = {p:.2f}"


def _notices(one: Study, left_out: Mapping[str, list[str]]) -> list[str]:
    said = []
    if one.dropped:
        where = ", ".join(f"{name or one.outcome} {count:,}" for name, count in one.missing.items())
        said.append(f"{_rows(one.dropped)} with a missing cell left out ({where}); {one.n:,} are read.")
    for name, by in left_out.items():
        said.append(f"{name} is left out: {'it is determined by ' + _and(by) if by else 'it is the same in every row'}.")
    if one.separation:
        said.append(f"{_and(one.separation)} {'tells' if len(one.separation) == 1 else 'tell'} {one.outcome} apart without an error in some or all rows (separation): "
                    + ("maximum likelihood has no finite estimate there; Firth's does." if one.method == "ml" else
                       "only the penalised estimate is finite; read its interval, not its size."))
    if one.overlap:
        said.append(f"{_and(one.overlap)} say nearly the same (variance inflation {OVERLAP:g} or more): which of them it is cannot be told.")
    if one.events_per_driver < ENOUGH_PER_DRIVER:
        said.append(f"{one.events_per_driver:.1f} events for each driver; {ENOUGH_PER_DRIVER} or more are wanted. The odds may come out too extreme.")
    if one.non_linear:
        said.append(f"{_and(one.non_linear)} may not go in a straight line: look at it in bands.")
    if one.auc.value >= TOO_GOOD:
        said.append(f"So good that a predictor may already hold the outcome (AUC {one.auc.value:.2f}): check that each was known beforehand.")
    held = f"; each tenth told apart by the model of the other nine gives {one.auc_held_out.value:.2f}" if one.auc_held_out else ""
    said.append(f"Telling apart and calibration are measured on the same rows that set the model{held}. On new rows expect a little less.")
    return said


def _and(names: Sequence[str] | Mapping[str, Any]) -> str:
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last


def in_words(term: Term, outcome: str) -> str:
    """What a term says: `Sponsor: left against stayed: odds of churn 3.12 times as high (1.78 to 5.45)`."""
    head = f"{term.predictor}, {term.words}: "
    if term.odds_ratio is None:
        return head + "no finite estimate"
    between = f"{_end(term.lower)} to {_end(term.upper)}"
    end = "" if term.clear else ", no evidence either way"
    return f"{head}odds of {outcome} {times(term.odds_ratio)} times as high ({between}){end}"


def _end(ratio: float | None) -> str:
    return "no limit" if ratio is None else times(ratio)


# What others script against

def to_json(one: Study) -> dict[str, Any]:
    """The study as one object; keys are fixed, numbers unrounded, None where there is none."""
    lr = None if one.p is None else {"statistic": one.statistic, "df": one.df, "p": one.p}
    return {
        "outcome": one.outcome, "n": one.n, "events": one.events, "dropped": one.dropped,
        "missing": {name or one.outcome: count for name, count in one.missing.items()},
        "method": one.method, "converged": one.converged, "separation": list(one.separation), "collinear": list(one.collinear),
        "left_out": list(one.left_out), "overlap": dict(one.overlap or {}), "non_linear": list(one.non_linear),
        "log_likelihood": one.log_likelihood, "lr": lr, "terms": [_term_json(term, one.outcome) for term in one.terms],
        "beside": {"method": next(name for name in logistic.METHODS if name != one.method),
                   "terms": [_term_json(term, one.outcome) for term in one.beside]},
        "events_per_driver": one.events_per_driver, "auc": asdict(one.auc) if one.auc else None,
        "auc_held_out": asdict(one.auc_held_out) if one.auc_held_out else None,
        "calibration": [asdict(band) for band in one.calibration], "ranking": list(one.ranking),
        "verdict": one.verdict, "sentence": one.sentence, "notices": list(one.notices),
    }


def _term_json(term: Term, outcome: str) -> dict[str, Any]:
    return asdict(term) | {"sentence": "" if term.predictor == INTERCEPT else in_words(term, outcome)}


def score(model: Model, cells: Mapping[str, Sequence[Cell]]) -> list[Interval | None]:
    """The chance of the outcome for other rows, with its 95% interval; None where a cell is missing or a text was never seen."""
    x = design(model.columns, cells)
    for name, seen in model.levels.items():
        x[[cell not in seen for cell in cells[name]], 0] = math.nan
    linear = x @ np.array(model.coef)
    half = Z95 * np.sqrt(np.einsum("ij,jk,ik->i", x, np.array(model.covariance), x))
    ends = np.column_stack([expit(linear), expit(linear - half), expit(linear + half)])
    return [None if np.isnan(row).any() else Interval(*map(float, row)) for row in ends]


def model_to_json(model: Model) -> dict[str, Any]:
    """The model as plain data, to be kept with the version of the figures that it was made from."""
    return {"columns": [asdict(one) for one in model.columns], "coef": list(model.coef), "covariance": [list(row) for row in model.covariance],
            "levels": {name: list(seen) for name, seen in model.levels.items()}}


def model_from_json(body: Mapping[str, Any]) -> Model:
    """The model that `model_to_json` wrote."""
    return Model(tuple(Column(**one) for one in body["columns"]), tuple(body["coef"]), tuple(tuple(row) for row in body["covariance"]),
                 {name: tuple(seen) for name, seen in body["levels"].items()})

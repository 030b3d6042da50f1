"""A drafted mapping settled by content: day or month first, decimal mark, cents, scales, words, time zone, account names.

What the content proves is used and said; what it leaves open is a question. Nothing is guessed in silence.
"""

from __future__ import annotations

from collections.abc import Mapping as Dictionary
from dataclasses import dataclass, field, replace

from scorecard.core import periods
from scorecard.core.facts import KINDS, Column
from scorecard.core.mapping import Mapping, Rule
from scorecard.intake import dates
from scorecard.intake.aliases import Aliases, bracketed, plain
from scorecard.intake.mapping import LEFT_OUT, Draft, asked_in, header_of
from scorecard.intake.numbers import decimal_mark, evidence, read_number
from scorecard.intake.profile import Content
from scorecard.intake.table import Question, Table

FIRST, LAST = "first", "last"
PER_MINUTE = {"hours": 1 / 60, "hrs": 1 / 60, "h": 1 / 60, "seconds": 60.0, "secs": 60.0}
UTC = "UTC"
MOST_NAMES = 50_000
COUNTED = 100_000


@dataclass(frozen=True)
class Accounts:
    """The accounts that the store has: their ids, and names (any case) that belong to one id only."""

    ids: frozenset[str] = frozenset()
    names: Dictionary[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Place:
    """Where one column of the file goes: samples, `kind.column` targets, words, sure, unsure or left out, what was seen."""

    name: str
    samples: tuple[str, ...]
    targets: tuple[str, ...]
    goes_to: str
    confidence: str
    seen: str


@dataclass(frozen=True)
class Proposed:
    """What a file of facts is taken for. It can be loaded when no question is open."""

    name: str
    sha256: str
    header: str
    draft: Draft
    mappings: tuple[Mapping, ...]
    answers: Dictionary[str, str]
    places: tuple[Place, ...]
    said: tuple[tuple[str, str, str], ...]
    questions: tuple[Question, ...] = ()
    map_of: str = ""

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of facts that the file feeds, each once."""
        return self.draft.kinds

    @property
    def sure(self) -> bool:
        """Whether nothing has to be answered first."""
        return not self.questions


@dataclass
class _Work:
    """What is collected while a draft is settled."""

    table: Table
    content: Content
    aliases: Aliases
    draft: Draft
    choices: dict[str, str]
    accounts: Accounts
    zone: str
    questions: dict[str, Question] = field(default_factory=dict)
    seen: dict[str, str] = field(default_factory=dict)
    unsure: set[str] = field(default_factory=set)
    said: list[tuple[str, str, str]] = field(default_factory=list)
    orders: dict[str, dates.Order] = field(default_factory=dict)
    mark: str = "."

    def ask(self, column: str, question: Question) -> None:
        self.questions.setdefault(question.id, question)
        self.unsure.add(column)


def settle(table: Table, content: Content, aliases: Aliases, draft: Draft, choices: Dictionary[str, str],
           accounts: Accounts = Accounts(), zone: str = UTC, map_of: str = "") -> Proposed:
    """The draft with the rules that its content proves. With the choice `unsure` = `leave`, columns that are unsure and not
    required are left out instead of asked about."""
    work = _Work(table, content, aliases, draft, dict(choices), accounts, zone)
    for question in draft.questions:
        if not work.choices.get(question.id):
            work.questions[question.id] = question
    _orders(work)
    _decimal(work)
    mappings = tuple(_settled(one, work) for one in _rows_chosen(work))
    mappings = tuple(one for one in mappings if one.columns or one.spread)
    answers = {key: value for key, value in work.choices.items() if value and key not in _NOT_KEPT}
    answers |= {"dates": order.order for order in work.orders.values() if order.order in dates.ORDERS}
    said = (_kind_said(work, map_of), _file_said(table), *work.said)
    return Proposed(table.name, table.sha256, header_of(table.columns), draft, mappings, answers, _places(mappings, work),
                    said, tuple(work.questions.values()), map_of)


_NOT_KEPT = {"unsure", "delimiter", "sheet", "kind"}


# -- dates

def _dated(work: _Work) -> dict[str, bool]:
    """File columns that go to a date or a moment; True for moments."""
    found: dict[str, bool] = {}
    for mapping in work.draft.mappings:
        for ours, theirs in mapping.columns.items():
            type = KINDS[mapping.kind].column(ours).type
            if type in ("date", "moment"):
                found[theirs] = found.get(theirs, False) or type == "moment"
    return found


def _orders(work: _Work) -> None:
    """Day or month first in every date column; a column that leaves it open follows the others of its file."""
    proven: dict[str, str] = {}
    for name in _dated(work):
        cells = _cells(name, work) if _numeric_dates(work.content.head(name)) else []
        work.orders[name] = order = dates.order_of(cells)
        if order.order in dates.ORDERS:
            proven.setdefault(order.order, name)
    for name, order in work.orders.items():
        if order.order != "?":
            continue
        told = work.choices.get(f"dates:{name}") or work.choices.get("dates", "")
        if len(proven) == 1:
            (found, by), = proven.items()
            work.orders[name] = dates.Order(found, f"as proven by {by}", order.count)
        elif told in dates.ORDERS:
            work.orders[name] = dates.Order(told, "as said before", order.count)
        else:
            _ask_order(name, work)
    _say_orders(work, proven)


def _cells(name: str, work: _Work) -> list[str]:
    """The cells that decide an order: all of them, in a large file each text once."""
    return work.content.whole(name).to_pylist() if work.table.rows <= COUNTED else work.content.days(name)


def _numeric_dates(cells: list[str]) -> bool:
    return bool(dates.example(cells)) or any(dates.order_of([cell]).count for cell in cells[:200])


def _ask_order(name: str, work: _Work) -> None:
    shown = dates.example(work.content.distinct(name))
    options = tuple((order, f"{shown} is {periods.day(dates.written(shown, order).day)}") for order in dates.ORDERS)
    work.ask(name, Question("dates", f"{name}: the file does not say whether the day or the month stands first.", options, "--dates"))


def _say_orders(work: _Work, proven: Dictionary[str, str]) -> None:
    for order in proven:
        name = proven[order]
        work.said.append(("Dates", f"{'Day' if order == 'day-first' else 'Month'} first,", f"{work.orders[name].words} ({name})."))
    told = [name for name, order in work.orders.items() if order.words == "as said before"]
    if told and not proven:
        first = work.orders[told[0]].order
        work.said.append(("Dates", f"{'Day' if first == 'day-first' else 'Month'} first,", "as said before; the file leaves it open."))


# -- numbers

def _numbers(work: _Work) -> list[str]:
    found = []
    for mapping in work.draft.mappings:
        found += [theirs for ours, theirs in mapping.columns.items() if KINDS[mapping.kind].column(ours).type in ("number", "money")]
        found += list(mapping.spread.columns) if mapping.spread else []
    return list(dict.fromkeys(found))


def _decimal(work: _Work) -> None:
    """Point or comma, by all numbers of the file together."""
    told = {"point": ".", "comma": ","}.get(work.choices.get("decimal", ""), work.choices.get("decimal", ""))
    if work.table.typed:
        return
    names = _numbers(work)
    cells = {name: work.content.distinct(name) for name in names if any(evidence(text) for text in work.content.head(name))}
    found = decimal_mark(text for texts in cells.values() for text in texts)
    if found in ".,":
        work.mark = found
    elif told in (".", ","):
        work.mark = told
    else:
        _ask_decimal(cells, found, work)
    if work.mark == ",":
        shown = next((text for texts in cells.values() for text in texts if "," in text or "." in text), "")
        work.said.append(("Numbers", "Decimal comma:", f"{shown} is {_said(shown, ',')}." if shown else ""))


def _ask_decimal(cells: Dictionary[str, list[str]], found: str, work: _Work) -> None:
    name, shown = next((name, text) for name, texts in cells.items() for text in texts if evidence(text) in ("?", ","))
    options = tuple((mark, f"{shown.strip()} is {_said(shown, mark)}") for mark in ".,")
    why = "does not say which mark is the decimal one" if found == "?" else "has commas and points both as decimal marks"
    work.ask(name, Question("decimal", f"{name}: the file {why}.", options, "--decimal"))


def _said(text: str, mark: str) -> str:
    number = read_number(text, mark)
    return "not a number" if number is None else f"{number.value:,.10g}"


# -- which rows

def _rows_chosen(work: _Work) -> tuple[Mapping, ...]:
    """The mappings, limited to the rows that are meant where a table of a tool mixes several things."""
    said, mappings = work.draft.rows, work.draft.mappings
    name = next((name for name in work.table.columns if said and plain(name) == said["column"]), "")
    if not name:
        return mappings
    words = work.content.words(name)
    meant = tuple(word for word in words if plain(word) in said["words"])
    told = work.choices.get(f"rows:{name}", "")
    if told and told != "*":
        meant = (told,)
    elif not told and not meant:
        options = (("*", "All of them"), *((word, f"Those with {name} {word}") for word in words[:8]))
        work.ask(name, Question(f"rows:{name}", str(said["question"]), options, "--map"))
    return tuple(replace(one, where={**one.where, name: meant}) if meant else one for one in mappings)


# -- one mapping

def _settled(mapping: Mapping, work: _Work) -> Mapping:
    columns, rules = dict(mapping.columns), dict(mapping.rules)
    for ours, theirs in mapping.columns.items():
        column = KINDS[mapping.kind].column(ours)
        rule = _rule(mapping, column, theirs, rules.get(ours, Rule()), work)
        if rule is None:
            del columns[ours]
            rules.pop(ours, None)
        elif rule != Rule():
            rules[ours] = rule
    if mapping.spread and work.mark == ",":
        rules[mapping.spread.value] = replace(rules.get(mapping.spread.value, Rule()), decimal=",")
    settled = replace(mapping, columns=columns, rules=rules)
    return _question_asked(settled, work) if mapping.kind == "survey" else settled


def _rule(mapping: Mapping, column: Column, name: str, rule: Rule, work: _Work) -> Rule | None:
    """How one column is read; None when it is left out after all."""
    required = column.required or column.name in KINDS[mapping.kind].key
    if name in work.draft.doubtful and not _confirmed(mapping, column, name, work) and not required:
        return None
    if column.type in ("date", "moment"):
        return _date_rule(column, name, rule, work, required)
    if column.type in ("number", "money"):
        return _number_rule(column, name, rule, work)
    if column.name in ("severity", "status", "question", "kind"):
        return _word_rule(mapping.kind, column, name, rule, work)
    if column.name in ("account_id", "referred_by") and mapping.kind != "account":
        return _account_rule(name, rule, work)
    return rule


def _confirmed(mapping: Mapping, column: Column, name: str, work: _Work) -> bool:
    target = f"{mapping.kind}.{column.name}"
    if work.choices.get(f"column:{name}"):
        return True
    work.seen[name] = work.draft.doubtful[name]
    options = ((target, f"{column.label} ({KINDS[mapping.kind].label})"), (LEFT_OUT, "Leave it out"))
    work.ask(name, Question(f"column:{name}", f"{name}: is it {column.label}?", options, "--map"))
    return False


def _date_rule(column: Column, name: str, rule: Rule, work: _Work, required: bool) -> Rule | None:
    order = work.orders[name]
    if order.order == "?" and work.choices.get("unsure") == "leave" and not required:
        work.unsure.discard(name)
        return None
    if order.order in dates.ORDERS:
        rule = replace(rule, date_order=order.order)
        work.seen.setdefault(name, f"date, {order.order.replace('-', ' ')}")
    if column.type == "moment":
        rule = replace(rule, zone=_zone(name, work))
    return rule


def _zone(name: str, work: _Work) -> str:
    """The zone of times without one: blank (UTC) where the tool or the name says UTC, or where whole days stand."""
    if work.draft.zone == UTC or "utc" in bracketed(name) or plain(name).endswith(" utc"):
        return ""
    moments = [theirs for theirs, timed in _dated(work).items() if timed]
    if any(work.content.profiles[one].shape == "date" for one in moments):
        return ""
    return "" if work.zone == UTC else work.zone


def _number_rule(column: Column, name: str, rule: Rule, work: _Work) -> Rule | None:
    if column.name == "satisfaction" and not rule.values and _above(work.content.head(name), 5, work.mark):
        work.seen[name] = "runs above 5; 1 to 5 is understood"
        return None
    if work.mark == "," and not work.table.typed:
        rule = replace(rule, decimal=",")
    unit = bracketed(name).removeprefix("in ") or plain(name).split()[-1]
    if column.name.endswith("_minutes") and unit in PER_MINUTE:
        rule = replace(rule, divide=PER_MINUTE[unit])
        _say_once(work, ("Units", f"{name} is in {unit},", "kept in minutes."))
    if column.type == "money":
        rule = _money_rule(name, rule, work)
    return rule


def _money_rule(name: str, rule: Rule, work: _Work) -> Rule:
    minor = {bracketed(name), bracketed(name).removeprefix("in "), plain(name).split()[-1]} & set(work.aliases.minor)
    told = work.choices.get(f"units:{name}", "")
    if told == "cents" or minor and told != "units":
        rule = replace(rule, divide=rule.divide * 100)
        _say_once(work, ("Units", f"{name} is in cents,", "divided by 100."))
    if rule.divide in (12, 1200):
        _say_once(work, ("Units", f"{name} is for a year,", "divided by 12 to a month."))
    return rule


def _say_once(work: _Work, said: tuple[str, str, str]) -> None:
    if said not in work.said:
        work.said.append(said)


def _above(cells: list[str], most: float, mark: str) -> bool:
    numbers = [number.value for text in cells if (number := read_number(text, mark))]
    return bool(numbers) and sorted(numbers)[int(0.9 * (len(numbers) - 1))] > most


# -- words

def _word_rule(kind: str, column: Column, name: str, rule: Rule, work: _Work) -> Rule | None:
    known, words = work.aliases.values.get((kind, column.name)), work.content.words(name)
    if known is None or rule.values:
        return rule
    if column.name == "severity" and _is_scale(words):
        return _scale_rule(name, rule, words, work)
    values = {word: known[plain(word)] for word in words if plain(word) in known and known[plain(word)] != word}
    strange = [word for word in words if plain(word) not in known and word.casefold() not in known.values()]
    if words:
        all_known = "all known" if not strange else f"not known: {', '.join(strange[:3])}"
        work.seen.setdefault(name, f"{len(words)} {'value' if len(words) == 1 else 'values'}, {all_known}")
    return replace(rule, values=values) if values else rule


def _is_scale(words: list[str]) -> bool:
    return len(words) > 1 and all(word.isdigit() and int(word) <= 10 for word in words)


def _scale_rule(name: str, rule: Rule, words: list[str], work: _Work) -> Rule | None:
    """Which end of a scale of numbers is severe: said by the tool, or asked. 1 is the most severe in the store."""
    levels = sorted(words, key=int)
    low, high = levels[0], levels[-1]
    told = work.choices.get(f"scale:{name}") or work.draft.scale
    if not told and work.choices.get("unsure") == "leave":
        told = LEFT_OUT
    if told == LEFT_OUT:
        work.seen[name] = "which end is severe is not said"
        return None
    if told in (FIRST, LAST):
        work.seen[name] = f"{low if told == FIRST else high} is most severe, as {'in ' + work.draft.tool if work.draft.scale else 'you chose'}"
    if told == LAST:
        return replace(rule, values={word: str(int(low) + int(high) - int(word)) for word in levels})
    if told != FIRST:
        options = ((FIRST, f"{low} is most severe"), (LAST, f"{high} is most severe"), (LEFT_OUT, "Leave it out"))
        text = f"{name}: it runs from {low} to {high}, and the file does not say which end is severe. Which is it?"
        work.ask(name, Question(f"scale:{name}", text, options, "--map"))
        work.seen[name] = "which end is severe is not said"
    return rule


def _question_asked(mapping: Mapping, work: _Work) -> Mapping:
    """A file of answers that does not say what was asked: by its score's name or its own name, else asked."""
    rule = mapping.rules.get("question", Rule())
    if "question" in mapping.columns or rule.constant or "score" not in mapping.columns:
        return mapping
    told = work.choices.get("asked", "") or asked_in(plain(work.table.name.rsplit(".", 1)[0]), work.aliases)
    if not told:
        options = (("nps", "How likely they are to recommend us, 0 to 10"), ("csat", "How satisfied they are"), ("trust", "How far they trust us"))
        work.ask(mapping.columns["score"], Question("asked", "Which question do the scores answer?", options, "--map"))
    return replace(mapping, rules={**mapping.rules, "question": Rule(constant=told)})


# -- accounts by name

def _account_rule(name: str, rule: Rule, work: _Work) -> Rule:
    """Account names as ids, where the column holds names that the store knows."""
    if not work.accounts.ids:
        return rule
    cells = [text.strip() for text in work.content.distinct(name)]
    ids = sum(cell in work.accounts.ids for cell in cells)
    named = {cell: work.accounts.names[cell.casefold()] for cell in cells
             if cell not in work.accounts.ids and cell.casefold() in work.accounts.names}
    found = ids + len(named)
    if cells:
        missing = len(cells) - found
        what = "name" if len(named) > ids else "id"
        work.seen[name] = f"every {what} found" if not missing else f"{missing:,} of {len(cells):,} {what}s not among the accounts"
    return replace(rule, values={**rule.values, **named}) if named and len(named) <= MOST_NAMES else rule


# -- what is said

def _kind_said(work: _Work, map_of: str) -> tuple[str, str, str]:
    labels = " and ".join(KINDS[kind].label.lower() if i else KINDS[kind].label for i, kind in enumerate(work.draft.kinds))
    used = {theirs for one in work.draft.mappings for theirs in (*one.columns.values(), *(one.spread.columns if one.spread else ()))}
    title = f"{work.draft.tool} {work.draft.title}".strip()
    from_ = f"Recognised as {title}," if title else "Recognised"
    how = f"{from_} from {len(used):,} of {len(work.table.columns):,} column names."
    return "Kind of file", f"{labels}.", f"{map_of} {how}".strip()


def _file_said(table: Table) -> tuple[str, str, str]:
    seen, total = table.seen, table.rows + len(table.odd)
    titles = f" Left out above the column names: {'; '.join(seen['titles'])}." if seen.get("titles") else ""
    titles += f" Left out below the rows: {'; '.join(seen['footers']).rstrip('.')}." if seen.get("footers") else ""
    if table.kind == "xlsx":
        return "Workbook", f"Sheet {seen['sheet']},", f"{table.rows:,} rows.{titles}"
    if "delimiter" not in seen:
        return "File", f"{'DuckDB' if table.kind == 'duckdb' else table.kind.capitalize()},", f"{table.rows:,} rows.{titles}"
    fits = "All" if not table.odd else f"{table.rows:,} of"
    return ("Delimiter, encoding", f"{seen['delimiter'].capitalize()}, {seen['encoding']}.",
            f"{fits} {total:,} rows have {len(table.columns)} fields.{titles}")


def _places(mappings: tuple[Mapping, ...], work: _Work) -> tuple[Place, ...]:
    return tuple(_place(name, mappings, work) for name in work.table.columns)


def _place(name: str, mappings: tuple[Mapping, ...], work: _Work) -> Place:
    profile = work.content.profiles[name]
    targets = list(dict.fromkeys(f"{one.kind}.{ours}" for one in mappings for ours, theirs in one.columns.items() if theirs == name))
    words = list(dict.fromkeys(KINDS[one.kind].column(ours).label for one in mappings for ours, theirs in one.columns.items()
                               if theirs == name))
    for one in mappings:
        if one.spread and name in one.spread.columns:
            words.append(f"{KINDS[one.kind].column(one.spread.value).label}, {one.spread.columns[name]}")
        if name in one.where or name in one.where_not:
            words = words or ["Chooses the rows"]
    confidence = "unsure" if name in work.unsure else "sure" if words else "left out"
    seen = work.seen.get(name) or _seen(name, bool(words), work)
    return Place(name, profile.samples, tuple(targets), ", ".join(words) or "left out", confidence, seen)


def _seen(name: str, used: bool, work: _Work) -> str:
    if not used and name in work.draft.perhaps:
        return work.draft.perhaps[name]
    profile = work.content.profiles[name]
    if profile.shape == "blank":
        return "blank"
    if not used and profile.flag:
        return "yes or no"
    if not used:
        return {"moment": "times", "date": "dates", "number": "numbers", "text": "text"}.get(profile.shape, profile.shape)
    blank, different = work.content.blank_and_distinct(name)
    if blank:
        share = blank / work.table.rows
        return f"{share:.0%} blank" if share >= 0.01 else f"{blank:,} blank"
    return "one value" if different == 1 else f"{different:,} different values"

"""Which kind of facts a file holds, and where each column goes: from the names of the columns and from what stands in them.

Pure: a staged table, the aliases and what is known already in; mappings, questions and the words for them out. What is
sure is said, what is unsure is asked, and a file that holds no facts is refused in a sentence.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping as Dictionary
from dataclasses import dataclass, field, replace
from hashlib import sha256

from scorecard.core.definition import Definition
from scorecard.core.facts import KINDS
from scorecard.core.mapping import Mapping, Rule, Spread
from scorecard.errors import FileRefused
from scorecard.intake import columns as figure_columns
from scorecard.intake import dates
from scorecard.intake.aliases import Aliases, Known, ToolTable, plain
from scorecard.intake.profile import Content
from scorecard.intake.table import Question, Table

LEFT_OUT = "-"
UNIQUE = 0.95
NEAR = 0.84
MONTHS_ACROSS, MOST_FREE = 3, 12
LEAST_NAMED = 4  # columns of one kind that make a table of it, when its row id is only called `id`
LOADER = {"fivetran synced", "fivetran deleted", "fivetran active"}


@dataclass(frozen=True)
class Draft:
    """Where columns go before their content has been looked at: what is proposed, corrected, and kept for next time."""

    mappings: tuple[Mapping, ...]
    title: str = ""
    tool: str = ""
    zone: str = ""
    scale: str = ""
    doubtful: Dictionary[str, str] = field(default_factory=dict)
    perhaps: Dictionary[str, str] = field(default_factory=dict)
    rows: Dictionary[str, object] = field(default_factory=dict)
    questions: tuple[Question, ...] = ()

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of facts that the file feeds, each once."""
        return tuple(dict.fromkeys(one.kind for one in self.mappings))


@dataclass(frozen=True)
class _Match:
    """One kind tried on a table: fact column -> file column, which of them are doubtful, what lacks, how well it fits."""

    kind: str
    columns: dict[str, str]
    doubtful: dict[str, str]
    lacks: tuple[tuple[str, ...], ...]
    score: float


def header_of(names: Iterable[str]) -> str:
    """The mark of a table's column names, whatever their order and case. Columns called by a month are all one: next month
    has one more of them."""
    plain_names = {"(month)" if _is_month(name) else " ".join(name.casefold().split()) for name in names}
    return sha256("\n".join(sorted(plain_names)).encode()).hexdigest()


def _is_month(name: str) -> bool:
    written = dates.written(name)
    return bool(written) and written.grain in ("month", "date")


def holds_figures(table: Table, definitions: Dictionary[str, Definition], choices: Dictionary[str, str]) -> bool:
    """Whether a table is one of figures: it names measures in rows or columns, and no row of it names an account."""
    if choices.get("measure") or choices.get("period_column"):
        return True
    names = {figure_columns.normal(name) for name in table.columns}

    def has(role: str) -> bool:
        return bool(names & set(figure_columns.NAMES[role]))

    if has("measure") and (has("value") or has("numerator") and has("denominator")):
        return True
    if any(_names_a_row(name) for name in table.columns):
        return False
    return has("period") and bool(names & set(figure_columns.index(definitions)))


def looks_like_an_export(table: Table) -> bool:
    """Whether the columns are those of a tool's own table: row ids, or a loader's marks."""
    return any(_names_a_row(name) for name in table.columns)


def _names_a_row(name: str) -> bool:
    words = plain(name).split()
    return bool(words) and (words[-1] in ("id", "ids", "guid", "uuid") or words[0] in ("fivetran", "customerid", "account"))


# -- drafting

def draft(table: Table, content: Content, aliases: Aliases, choices: Dictionary[str, str]) -> Draft:
    """Where the columns go. Raises FileRefused, saying which kind is nearest and what it lacks, when none fits."""
    told = choices.get("kind", "")
    if told and told not in KINDS:
        raise FileRefused(f"'{told}' is no kind of facts. There are: {', '.join(KINDS)}.")
    known = _tool_table(table, aliases)
    if known and not known.passed and (not told or told in {one["kind"] for one in known.facts}):
        return corrected(_of_tool(table, known), table, choices)
    if known and known.passed and not told:
        raise FileRefused(f"it holds {known.title}. {known.passed}")
    across = months_across(table, content)
    if len(across) >= MONTHS_ACROSS:
        return corrected(_across(table, content, aliases, across, told or choices.get("months", "")), table, choices)
    return corrected(_of_any(table, content, aliases, told), table, choices)


def _tool_table(table: Table, aliases: Aliases) -> ToolTable | None:
    names = {plain(name) for name in table.columns}
    found = [one for one in aliases.tables if one.signs <= names]
    return max(found, key=lambda one: (not one.passed, len(one.signs)), default=None)


def _of_tool(table: Table, known: ToolTable) -> Draft:
    mappings = tuple(_of_part(table, part) for part in known.facts)
    return Draft(mappings, known.title, known.tool, known.zone, known.scale, rows=known.rows)


def _of_part(table: Table, part: Dictionary) -> Mapping:
    names = {plain(name): name for name in reversed(table.columns)}
    columns = {}
    for column, said in part["columns"].items():
        wanted = [said] if isinstance(said, str) else said
        there = next((names[name] for name in wanted if name in names), "")
        if there:
            columns[column] = there
    rules = {column: Rule(divide=float(by)) for column, by in part.get("divide", {}).items()}
    for column, words in part.get("values", {}).items():
        rules[column] = replace(rules.get(column, Rule()), values=words)

    def rows(key: str) -> dict[str, tuple[str, ...]]:
        return {names[name]: tuple(values) for name, values in part.get(key, {}).items() if name in names}

    return Mapping(part["kind"], columns, rules, rows("where"), rows("where_not"), latest_by=part.get("latest_by", ""), part=part.get("part", False))


def _of_any(table: Table, content: Content, aliases: Aliases, told: str) -> Draft:
    tried = [_match(table, content, aliases, known) for name, known in aliases.kinds.items() if told in ("", name)]
    whole = sorted((one for one in tried if not one.lacks), key=lambda one: -one.score)
    if not whole:
        nearest = max(tried, key=lambda one: one.score - 2 * len(one.lacks))
        if not told and not _worth_asking(nearest, table, aliases):
            raise FileRefused(_no_kind(tried))
        return _lacking(nearest, table, content, aliases)
    best, questions = whole[0], []
    rivals = [one for one in whole[1:] if best.score - one.score < 1 and {one.kind, best.kind} != {"account", "subscription"}]
    if rivals and not told:
        options = tuple((one.kind, KINDS[one.kind].label) for one in [best, *rivals][:4])
        questions.append(Question("kind", "What does the file hold?", options, "--map"))
    matches = [best]
    if best.kind in ("account", "subscription") and not told:
        matches = _account_and_contract(best, whole, content)
    used = {column for one in matches for column in one.columns.values()}
    doubtful = {column: text for one in matches for column, text in one.doubtful.items()}
    return Draft(tuple(_mapping(one, aliases) for one in matches), doubtful=doubtful, questions=tuple(questions),
                 perhaps=_perhaps(table, content, aliases.kinds[best.kind], used, best))


def _worth_asking(match: _Match, table: Table, aliases: Aliases) -> bool:
    """Whether one column is all that lacks, in a table that otherwise says what it is."""
    names = {plain(name) for name in table.columns}
    if _from_a_loader(names):
        return False
    key = match.columns.get(KINDS[match.kind].key[0], "id")
    return len(match.lacks) == 1 and bool(names & set(aliases.kinds[match.kind].telling)) and plain(key) not in aliases.row_ids


def _lacking(match: _Match, table: Table, content: Content, aliases: Aliases) -> Draft:
    """A kind with a question for each column that lacks. Raises FileRefused when no column is left that could be it."""
    used, kind, questions = set(match.columns.values()), KINDS[match.kind], []
    for group in match.lacks:
        column = kind.column(group[0])
        free = [name for name in table.columns if (name not in used or column.name in match.columns)
                and content.profiles[name].fits(column.type) and content.profiles[name].shape != "blank"]
        if not free:
            raise FileRefused(_no_kind([match]))
        questions.append(Question(f"place:{match.kind}.{column.name}", f"Which column is {column.label} ({kind.label})?",
                                  tuple((name, name) for name in free[:MOST_FREE]), "--map"))
    return Draft((_mapping(match, aliases),), doubtful={column: text for column, text in match.doubtful.items()},
                 questions=tuple(questions))


def _account_and_contract(best: _Match, whole: list[_Match], content: Content) -> list[_Match]:
    """A list of customers with a start and an amount is both: an account and one contract in each row."""
    account = next((one for one in whole if one.kind == "account"), None)
    contract = next((one for one in whole if one.kind == "subscription"), None)
    if not account or not contract or "subscription_id" in contract.columns or "name" not in account.columns:
        return [best]
    columns = {**contract.columns, "account_id": account.columns["account_id"], "subscription_id": account.columns["account_id"]}
    return [account, replace(contract, columns=columns)]


def _mapping(match: _Match, aliases: Aliases) -> Mapping:
    rules = {column: Rule(divide=by) for column, name in match.columns.items()
             if (by := aliases.kinds[match.kind].divide.get(column, {}).get(plain(name)))}
    if match.kind == "survey" and "question" not in match.columns and "score" in match.columns:
        rules["question"] = Rule(constant=asked_in(plain(match.columns["score"]), aliases))
    return Mapping(match.kind, match.columns, rules)


def asked_in(name: str, aliases: Aliases) -> str:
    """nps, csat or trust when a name says which question was asked, else nothing."""
    known = aliases.values["survey", "question"]
    return next((known[words] for words in sorted(known, key=len, reverse=True) if f" {words} " in f" {name} "), "")


def _no_kind(tried: list[_Match]) -> str:
    nearest = max(tried, key=lambda one: one.score - len(one.lacks))
    labels = [" or ".join(KINDS[nearest.kind].column(name).label for name in group[:4]) for group in nearest.lacks]
    return (f"no kind of facts fits its columns. Nearest is {KINDS[nearest.kind].label}, without a column for "
            f"{', nor one for '.join(labels)}. Name the columns so, or say where they stand with --map.")


# -- one kind on one table

def _match(table: Table, content: Content, aliases: Aliases, known: Known) -> _Match:
    kind = KINDS[known.kind]
    columns, repeated = _by_name(table, content, aliases, known), set()
    if kind.key[0] in columns and len(kind.key) == 1 and known.kind != "account" and content.unique(columns[kind.key[0]]) < UNIQUE:
        repeated = {columns.pop(kind.key[0])}
    if known.kind == "account" and "account_id" not in columns and "name" in columns:
        columns["account_id"] = columns["name"]
    doubtful = _doubtful(table, content, known, columns, repeated)
    columns |= doubtful
    lacks = tuple(group for group in known.needs if not any(name in columns for name in group))
    if known.kind == "ticket" and lacks == (("ticket_id",),) and {"opened_at", "status"} <= columns.keys() \
            and {"resolved_at", "severity", "account_id"} & columns.keys():
        lacks = ()
    lacks += _content_lacks(content, known, columns, aliases) + _unnamed(table, known, columns, aliases)
    return _Match(known.kind, columns, {column: f"near the name of {kind.column(name).label}" for name, column in doubtful.items()},
                  lacks, _score(table, known, columns, doubtful))


def _score(table: Table, known: Known, columns: dict[str, str], doubtful: dict[str, str]) -> float:
    names = {plain(name) for name in table.columns}
    telling = min(2, sum(1 for name in known.telling if name in names)) * 3
    words = plain(table.name.rsplit(".", 1)[0])
    file = 1.5 if any(f" {word} " in f" {words} " for word in known.file) else 0
    key = 2 if KINDS[known.kind].key[0] in columns and known.kind != "account" else 0
    explained = len(set(columns.values())) / max(1, len(table.columns))
    return telling + file + key + 4 * explained + 0.3 * len(columns) - len(doubtful)


def _by_name(table: Table, content: Content, aliases: Aliases, known: Known) -> dict[str, str]:
    """Fact column -> file column by exact names, the best name first; each file column goes to one place."""
    pairs = []
    for name in table.columns:
        for order, column in enumerate(KINDS[known.kind].columns):
            rank = _rank(plain(name), column.name, column.label, known, aliases)
            if rank is not None and content.profiles[name].fits(column.type):
                blank = content.profiles[name].shape == "blank"
                pairs.append((blank, rank - (0.5 if column.required else 0), order, name, column.name))
    found: dict[str, str] = {}
    for _, _, _, name, column in sorted(pairs):
        if column not in found and name not in found.values():
            found[column] = name
    return found


def _rank(name: str, column: str, label: str, known: Known, aliases: Aliases) -> float | None:
    names = [plain(column), *known.columns.get(column, ())]
    if column == KINDS[known.kind].key[0] or known.kind == "account" and column == "account_id":
        names += aliases.row_ids
    if name in names:
        return names.index(name)
    base = _without_unit(name)
    if column.endswith("_minutes") and base in names:
        return names.index(base) + 0.5
    return len(names) if name == plain(label) else None


def _without_unit(name: str) -> str:
    words = [word for word in name.split() if word != "in"]
    return " ".join(words[:-1]) if words and words[-1] in ("hours", "hrs", "h", "seconds", "secs", "minutes", "mins", "min") else " ".join(words)


def _doubtful(table: Table, content: Content, known: Known, columns: dict[str, str], repeated: set[str]) -> dict[str, str]:
    """Required columns whose name is only near one that is known, and whose content fits."""
    found: dict[str, str] = {}
    for group in known.needs:
        if len(group) == 1 and group[0] not in columns:
            near = _nearest(table, content, known, group[0], {*columns.values(), *found.values(), *repeated})
            if near:
                found[group[0]] = near
    return found


def _nearest(table: Table, content: Content, known: Known, column: str, taken: set[str]) -> str:
    type = KINDS[known.kind].column(column).type
    names = {plain(name): name for name in table.columns if name not in taken and content.profiles[name].fits(type)
             and content.profiles[name].shape != "blank"}
    for alias in (plain(column), *known.columns.get(column, ())):
        close = difflib.get_close_matches(alias, list(names), 1, NEAR)
        inside = [name for name in names if len(alias) > 5 and f" {alias} " in f" {name} "]
        if close or inside:
            return names[(close or inside)[0]]
    return ""


def _content_lacks(content: Content, known: Known, columns: dict[str, str], aliases: Aliases) -> tuple[tuple[str, ...], ...]:
    """What the names promise and the content does not keep."""
    if known.kind == "account" and "account_id" in columns and content.unique(columns["account_id"]) < UNIQUE:
        return (("account_id",),)
    if known.kind == "account" and len(set(columns.values())) < 2:
        return (("segment",),)  # A list of names alone can be anybody.
    if known.kind == "cost" and "kind" in columns and not _words_known(content, columns["kind"], aliases, "cost", "kind"):
        return (("kind",),)
    if known.kind == "survey" and "score" in columns:
        if "question" in columns and not _words_known(content, columns["question"], aliases, "survey", "question"):
            columns.pop("question")
        if not {"account_id", "respondent", "answer_id", "comment", "question"} & columns.keys():
            return (("account_id", "respondent"),)
    return ()


def _unnamed(table: Table, known: Known, columns: dict[str, str], aliases: Aliases) -> tuple[tuple[str, ...], ...]:
    """A row id that is only called `id` names rows of anything: more has to say that they are of this kind."""
    key = KINDS[known.kind].key[0]
    names = {plain(name) for name in table.columns}
    if names & set(known.telling):
        return ()
    if _from_a_loader(names) and plain(columns.get(key, "id")) in aliases.row_ids:
        return ((key,),)
    words = f" {plain(table.name.rsplit('.', 1)[0])} "
    bare = plain(columns.get(key, "")) in aliases.row_ids and not any(f" {word} " in words for word in known.file)
    return ((key,),) if bare and len(columns) < LEAST_NAMED else ()


def _from_a_loader(names: set[str]) -> bool:
    return bool(names & LOADER) or {"sys id", "sys created on"} <= names


def _words_known(content: Content, name: str, aliases: Aliases, kind: str, column: str) -> bool:
    words, known = content.words(name), aliases.values[kind, column]
    fits = [word for word in words if plain(word) in known or word.casefold() in known.values()]
    return bool(words) and len(fits) * 5 >= len(words) * 4


def _perhaps(table: Table, content: Content, known: Known, used: set[str], match: _Match) -> dict[str, str]:
    """File column -> why it could be an optional fact column and is not used: a near name, or a name that the content denies."""
    found = {}
    for column in KINDS[known.kind].columns:
        if column.name not in match.columns:
            near = _nearest(table, content, known, column.name, used | set(found))
            if near:
                found[near] = f"perhaps {column.label}"
    for name in table.columns:
        meant = next((column for column in KINDS[known.kind].columns if plain(name) in known.columns.get(column.name, ())), None)
        if meant and name not in used and meant.name not in match.columns and not content.profiles[name].fits(meant.type):
            found[name] = f"named like {meant.label}, and holds {content.profiles[name].shape}"
    return found


# -- months across

def months_across(table: Table, content: Content) -> dict[str, str]:
    """File column -> month, of the columns that are named by a month and hold numbers."""
    found = {}
    for name in table.columns:
        if _is_month(name) and content.profiles[name].shape in ("number", "blank"):
            found[name] = f"{dates.written(name).day:%Y-%m}"
    return found if len(set(found.values())) == len(found) else {}


def _across(table: Table, content: Content, aliases: Aliases, months: dict[str, str], told: str) -> Draft:
    names = [name for name in table.columns if name not in months]
    account = next((name for alias in aliases.accounts for name in names if plain(name) == alias), "")
    if not account:
        raise FileRefused("its columns are months, and none of the others names an account. Call one of them 'account id'.")
    words = f"{plain(table.name.rsplit('.', 1)[0])} {' '.join(map(plain, names))}".split()
    if not told:
        told = "usage" if {"usage", "logins", "events", "use"} & set(words) else "mrr_month" if {"mrr", "revenue"} & set(words) else ""
    spread = Spread("month", "mrr", months)
    rules: dict[str, Rule] = {}
    if told == "usage":
        spread, rules = Spread("used_on", "quantity", months), {"event": Rule(constant="use")}
    options = (("mrr_month", "MRR at the end of each month"), ("usage", "How often the product was used"))
    asked = () if told else (Question("months", "What do the months hold?", options, "--map"),)
    return Draft((Mapping(told or "mrr_month", {"account_id": account}, rules, spread=spread),), questions=asked)


# -- corrections

def corrected(found: Draft, table: Table, choices: Dictionary[str, str]) -> Draft:
    """The draft with the places that somebody chose: `column:Prio` -> `ticket.severity`, or `-` to leave it out."""
    mappings = list(found.mappings)
    doubtful = dict(found.doubtful)
    placed = {choices[key]: key.removeprefix("place:") for key in choices if key.startswith("place:") and choices[key]}
    for name in table.columns:
        target = choices.get(f"column:{name}", "") or placed.get(name, "")
        if target:
            mappings = [_placed(one, name, target) for one in mappings]
            doubtful = {column: near for column, near in doubtful.items() if column != name}
    return replace(found, mappings=tuple(mappings), doubtful=doubtful)


def _placed(mapping: Mapping, name: str, target: str) -> Mapping:
    kind, _, column = target.rpartition(".")
    if target != LEFT_OUT and kind and kind != mapping.kind:
        return mapping
    columns = {ours: theirs for ours, theirs in mapping.columns.items() if theirs != name and ours != column}
    rules = {ours: rule for ours, rule in mapping.rules.items() if ours in columns or rule.constant and ours != column}
    if target == LEFT_OUT:
        return replace(mapping, columns=columns, rules=rules)
    if column not in {one.name for one in KINDS[mapping.kind].columns}:
        raise FileRefused(f"'{target}' is no column of {KINDS[mapping.kind].label}.")
    return replace(mapping, columns={**columns, column: name}, rules=rules)

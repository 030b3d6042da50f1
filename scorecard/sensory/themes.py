"""Comments of customers and what they are about: from tickets, survey answers, contacts, and those that were logged by hand.

Each comment has one theme, so that the shares of the Pareto add up: that of a rule, or of a phrase that the comments which
no rule catches have in common, or none.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from scorecard import access, registers
from scorecard.access import Actor
from scorecard.core import names, themes
from scorecard.core.periods import containing
from scorecard.core.themes import DEFAULT, PRAISE, Matcher, Rule
from scorecard.errors import StaleEdit
from scorecard.store import comments as rows
from scorecard.store.comments import Comment, Version
from scorecard.store.engine import Store
from scorecard.store.tx import Tx

SOURCES = {"ticket": "Tickets", "survey": "Surveys", "contact": "CRM contacts", "logged": "Logged"}
REGISTER, FOUND, NONE = "comment", "found:", "none"
MONTHS, EXAMPLES, YEAR = 3, 3, 12
LONGEST_REASON = 300


@dataclass(frozen=True)
class Theme:
    """One line of the Pareto. `before` counts the same number of months earlier, `together` is the share of this line and
    those above it, `revenue` a year is that of the accounts which said it. `kind` is "" where no rule says it."""

    id: str
    label: str
    kind: str
    count: int
    before: int
    together: float
    accounts: int
    revenue: float
    examples: tuple[Comment, ...]

    @property
    def by_rule(self) -> bool:
        return not self.id.startswith(FOUND) and self.id != NONE


@dataclass(frozen=True)
class Said:
    """What was said from `first` to `last`: the Pareto of themes, those of no theme, and praise, which is no deficiency."""

    first: date
    last: date
    comments: int
    themes: tuple[Theme, ...]
    praise: int
    version: int

    @property
    def counted(self) -> int:
        """The comments that the shares are of: all but praise."""
        return self.comments - self.praise


# -- the rules

def rules(tx: Tx) -> Version | None:
    """The rules in force, None while those that were shipped are."""
    return next(iter(rows.versions(tx)), None)


def history(store: Store) -> list[Version]:
    """Every saved version of the rules with author, time and reason, the newest first."""
    with store.read() as tx:
        return rows.versions(tx)


def in_force(store: Store) -> tuple[int, tuple[Rule, ...]]:
    """(version, rules); version 0 are those that were shipped."""
    with store.read() as tx:
        found = rules(tx)
    return (found.version, found.rules) if found else (0, DEFAULT)


def save_rules(store: Store, actor: Actor, changed: Sequence[Rule], seen_version: int, reason: str, nonce: str = "") -> int:
    """The version of the new rules. Themes are read by it from now on, of all comments. Raises DefinitionError, StaleEdit."""
    access.require(actor, "edit_measures")
    checked, why = themes.checked(changed), names.required(reason, "reason", LONGEST_REASON)

    def work(tx: Tx) -> int:
        current = rules(tx)
        if (current.version if current else 0) != seen_version:
            raise StaleEdit(f"{current.author if current else 'Somebody'} changed the rules of themes meanwhile. Look at them, then change them again.")
        rows.add_version(tx, seen_version + 1, checked, why)
        tx.audit("change theme rules", "theme_rule", {"version": seen_version},
                 {"version": seen_version + 1, "reason": why, "rules": themes.as_json(checked)})
        return seen_version + 1

    return store.write(work, actor.name, nonce=nonce)


# -- reading

def read(store: Store, until: date, months: int = MONTHS, segment: str = "", actor: Actor | None = None) -> Said:
    """What customers said in the months up to the one of `until`, with the months before it for the trend."""
    first, middle, last = _span(until, months)
    version, own = in_force(store)
    placed = _placed(own, _said(store, first, last, segment, actor))
    recent = {theme: [one for one in found if one.said_on >= middle] for theme, found in placed.items()}
    praise = {rule.id for rule in own if rule.kind == PRAISE}
    counted = sum(len(found) for theme, found in recent.items() if theme not in praise)
    lines = sorted((theme for theme, found in recent.items() if found and theme not in praise),
                   key=lambda theme: (theme == NONE, -len(recent[theme]), theme))
    made, together = [], 0
    for theme in lines:
        together += len(recent[theme])
        made.append(_theme(theme, own, recent[theme], len(placed[theme]) - len(recent[theme]), together / counted))
    return Said(middle, last, sum(map(len, recent.values())), tuple(made), sum(len(recent.get(id, ())) for id in praise), version)


def _span(until: date, months: int) -> tuple[date, date, date]:
    """The first day of the months before, of the months asked for, and their last day."""
    month = containing(until, "month")
    return month.shift(1 - 2 * months).start, month.shift(1 - months).start, month.end


def comments_of(store: Store, theme: str, until: date, months: int = MONTHS, segment: str = "", actor: Actor | None = None) -> list[Comment]:
    """The comments behind a line of the Pareto, the newest first."""
    first, middle, last = _span(until, months)
    placed = _placed(in_force(store)[1], _said(store, first, last, segment, actor))
    return [one for one in reversed(placed.get(theme, [])) if one.said_on >= middle]


def search(store: Store, words: str, first: date, last: date, segment: str = "", limit: int = 100, actor: Actor | None = None) -> list[Comment]:
    """The comments with all of these words (their beginnings, without accents and case), the newest first."""
    wanted = themes.words_of(words)
    found = [one for one in _said(store, first, last, segment, actor) if wanted and _has(themes.words_of(one.text), wanted)]
    return found[::-1][:limit]


def of_account(store: Store, account: str, first: date, last: date, actor: Actor | None = None) -> list[tuple[Comment, str]]:
    """(comment, label of its theme by the rules, "" for none) of what an account said or was logged about it, the newest first."""
    own = in_force(store)[1]
    matcher = Matcher(own)
    with store.read_facts() as tx:
        found = rows.said(tx, first, last, account)
        logged = _logged(store, first, last, actor, account)
        place = rows.places(tx).get(account, (account, "", 0.0)) if logged else ()
    found += [Comment("logged", id, about, *place, day, text) for id, about, day, text in logged]
    found.sort(key=lambda one: (one.said_on, one.source, one.id))
    return [(one, own[place].label if (place := matcher.place(themes.words_of(one.text))) is not None else "") for one in reversed(found)]


def labels(store: Store, first: date, last: date, ids: Sequence[str]) -> list[tuple[str, date, str]]:
    """(account, day, label of the theme) of comments in one of these themes by rule, in order of time."""
    own = in_force(store)[1]
    matcher = Matcher(own)
    placed = [(one, matcher.place(themes.words_of(one.text))) for one in _said(store, first, last, "", None)]
    return [(one.account, one.said_on, own[place].label) for one, place in placed if place is not None and own[place].id in ids]


def _has(words: Sequence[str], wanted: Sequence[str]) -> bool:
    return all(any(word.startswith(one) for word in words) for one in wanted)


def _said(store: Store, first: date, last: date, segment: str, actor: Actor | None) -> list[Comment]:
    """Every comment of these days in order of time, those that were logged by hand among them."""
    with store.read_facts() as tx:
        found = rows.said(tx, first, last)
        logged = _logged(store, first, last, actor)
        places = rows.places(tx) if logged else {}
    found += [Comment("logged", id, account, *places.get(account, (account, "", 0.0)), day, text) for id, account, day, text in logged]
    ours = [one for one in found if not segment or one.segment == segment]
    return sorted(ours, key=lambda one: (one.said_on, one.source, one.id)) if logged else ours


def _logged(store: Store, first: date, last: date, actor: Actor | None, account: str | None = None) -> list[tuple[str, str, date, str]]:
    with store.read() as tx:
        return [(one.id, one.account, one.at, str(one.values.get("text", "")))
                for one in registers.entries(tx, REGISTER, account=account, since=first, until=last, actor=actor)]


def _placed(own: Sequence[Rule], found: Sequence[Comment]) -> dict[str, list[Comment]]:
    """The comments by theme, in order of time. The same words are read once."""
    matcher, split, rest = Matcher(own), {}, []
    placed: dict[str, list[Comment]] = defaultdict(list)
    for one in found:
        if one.text not in split:
            words = themes.words_of(one.text)
            split[one.text] = (words, matcher.place(words))
        words, place = split[one.text]
        if place is None:
            rest.append((one, words))
        else:
            placed[own[place].id].append(one)
    taken = set()
    for theme in themes.found([words for _, words in rest]):
        placed[FOUND + theme.phrase] = [rest[at][0] for at in theme.comments]
        taken.update(theme.comments)
    placed[NONE] = [one for at, (one, _) in enumerate(rest) if at not in taken]
    return placed


def _theme(id: str, own: Sequence[Rule], recent: Sequence[Comment], before: int, together: float) -> Theme:
    rule = next((one for one in own if one.id == id), None)
    label = rule.label if rule else id.removeprefix(FOUND).capitalize() if id != NONE else "No theme"
    worth = {one.account: one.mrr for one in recent if one.account}
    examples = tuple({one.text: one for one in reversed(recent)}.values())[:EXAMPLES]
    return Theme(id, label, rule.kind if rule else "", len(recent), before, together, len(worth), YEAR * sum(worth.values()), examples)


def sentence(said: Said) -> str:
    """What customers say most, in one sentence."""
    top = [one for one in said.themes if one.id != NONE][:3]
    if not top or not said.counted:
        return "No customer said anything in these months."
    count = sum(one.count for one in top)
    share = f"{count / said.counted:.0%} of what customers say ({count:,} of {said.counted:,})"
    return f"{top[0].label} makes {share}." if len(top) == 1 else f"{_NUMBERS[len(top)]} themes make {share}: {', '.join(one.label for one in top)}."


_NUMBERS = {2: "Two", 3: "Three"}

"""What comments are about: by rules that people write, and by the phrases that what no rule catches has in common.

A comment has one theme, so that shares add up: the rule with most of its phrases in the comment, the earlier rule first.
The method for the rest is deterministic: phrases of one and two words are weighed by tf-idf (G. Salton and C. Buckley,
"Term-weighting approaches in automatic text retrieval", 1988), and the heaviest takes its comments, until none has enough.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace

from scorecard.core import names
from scorecard.errors import DefinitionError

PRODUCT, PROCESS, PRAISE = "product", "process", "praise"
KINDS = {PRODUCT: "Product", PROCESS: "Process", PRAISE: "Praise"}
MOST_RULES, MOST_PHRASES, LONGEST_LABEL, LONGEST_PHRASE = 60, 60, 60, 60
FEWEST_COMMENTS, MOST_FOUND, MOST_SHARE = 3, 12, 0.5
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
STOP_WORDS = frozenset("""a about after again all also am an and any are as at back be because been before being but by can cannot could did do
does done for from get gets getting give go goes got had has have having he her here him his how i if in into is it its just last let like
made make me month more most much my new no not now of off on one only or other our out over own per please really said same say see she should
since so some still such than that the their them then there these they thing things this those through time to too two under until up us
use used using very want was we week well were what when where which while who why will with would year yet you your""".split())


@dataclass(frozen=True)
class Rule:
    """A theme by words or phrases; a phrase ends in * for any ending of its last word."""

    id: str
    label: str
    kind: str
    phrases: tuple[str, ...]


@dataclass(frozen=True)
class Found:
    """A theme of comments that no rule caught: the phrase that they share, and which comments (by their place)."""

    phrase: str
    comments: tuple[int, ...]


DEFAULT = (
    Rule("price", "Price rise came as a surprise", PROCESS, ("price*", "pricing", "price rise", "price went up", "expensive", "increase of the price")),
    Rule("failing", "Slow or failing", PRODUCT, ("slow*", "fail*", "crash*", "error*", "broken", "down again", "does not load", "freezes", "times out")),
    Rule("export", "Reports hard to export", PRODUCT, ("report*", "export*", "spreadsheet*", "download*")),
    Rule("start", "Roles unclear at the start", PROCESS, ("roles*", "who does what", "unclear*", "kick off*", "onboarding", "handover*")),
    Rule("no_word", "No word on open tickets", PROCESS, ("no word", "no answer", "wait for an answer", "waiting for an answer", "too long for an answer", "nobody answers", "heard nothing", "still open")),
    Rule("integration", "A link to other software breaks", PRODUCT, ("payroll*", "integration*", "sync*", "interface*", "api", "import*")),
    Rule("sponsor", "Our sponsor there has left", PROCESS, ("has left", "left the company", "sponsor*", "champion*", "successor*", "new manager")),
    Rule("contact", "Our contact changes too often", PROCESS, ("contact changed", "new contact", "another csm", "changed again")),
    Rule("praise", "Praise", PRAISE, ("thank*", "great", "excellent", "love*", "happy", "helpful", "well prepared", "saves us", "always calls back", "works well", "knew our")),
)


def words_of(text: str) -> list[str]:
    """The words of a text without accents and case."""
    return _WORD.findall(names.bare(text).replace("’", "'"))


# -- rules

def checked(rules: Sequence[Rule]) -> tuple[Rule, ...]:
    """The rules, their texts cleaned. Raises DefinitionError with what is wrong."""
    if len(rules) > MOST_RULES:
        raise DefinitionError(f"{len(rules)} themes are too many to read; {MOST_RULES} are allowed.")
    made = tuple(_checked(one) for one in rules)
    for what, found in (("id", [one.id for one in made]), ("name", [names.bare(one.label) for one in made])):
        if twice := [name for name, count in Counter(found).items() if count > 1]:
            raise DefinitionError(f"Two themes have the {what} {twice[0]!r}. Change one of them.")
    return made


def _checked(one: Rule) -> Rule:
    label = names.required(one.label, "name of the theme", LONGEST_LABEL)
    if one.kind not in KINDS:
        raise DefinitionError(f"{label}: {one.kind!r} is no kind of theme. There is: {', '.join(KINDS)}.")
    phrases = tuple(dict.fromkeys(names.required(phrase, f"phrase of {label}", LONGEST_PHRASE) for phrase in one.phrases))
    if not 0 < len(phrases) <= MOST_PHRASES or any(not words_of(phrase) for phrase in phrases):
        raise DefinitionError(f"{label}: it needs 1 to {MOST_PHRASES} words or phrases, each with a letter in it.")
    return replace(one, id=one.id or names.slug(label), label=label, phrases=phrases)


def as_json(rules: Sequence[Rule]) -> str:
    """What is kept of the rules."""
    return json.dumps([asdict(one) for one in rules], ensure_ascii=False)


def from_json(text: str) -> tuple[Rule, ...]:
    """The rules that `as_json` wrote."""
    return tuple(Rule(**{**one, "phrases": tuple(one["phrases"])}) for one in json.loads(text))


class Matcher:
    """The rules by the first word of each phrase: a comment costs one look for each of its words."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.rules = rules
        self._exact: dict[str, list[tuple[list[str], bool, int]]] = defaultdict(list)
        self._begins: list[tuple[str, int]] = []
        self._starting: dict[str, list[int]] = {}
        for place, rule in enumerate(rules):
            for phrase in rule.phrases:
                self._add(phrase, place)

    def _add(self, phrase: str, place: int) -> None:
        words, open_end = words_of(phrase), phrase.rstrip().endswith("*")
        if open_end and len(words) == 1:
            self._begins.append((words[0], place))
        else:
            self._exact[words[0]].append((words, open_end, place))

    def place(self, words: Sequence[str]) -> int | None:
        """The place of the rule that a comment belongs to, None for no rule."""
        hits: Counter[int] = Counter()
        for at, word in enumerate(words):
            for own, open_end, place in self._exact.get(word, ()):
                if _fits(words, at, own, open_end):
                    hits[place] += len(own)
            hits.update(self._starts(word))
        return min(hits, key=lambda place: (-hits[place], place)) if hits else None

    def _starts(self, word: str) -> list[int]:
        if word not in self._starting:
            self._starting[word] = [place for stem, place in self._begins if word.startswith(stem)]
        return self._starting[word]


def _fits(words: Sequence[str], at: int, own: Sequence[str], open_end: bool) -> bool:
    there = words[at:at + len(own)]
    if len(there) < len(own) or list(there[:-1]) != list(own[:-1]):
        return False
    return there[-1].startswith(own[-1]) if open_end else there[-1] == own[-1]


# -- what no rule catches

def found(texts: Sequence[Sequence[str]]) -> list[Found]:
    """Themes of comments (each its words), the heaviest phrase first: the same comments give the same themes."""
    where: dict[str, list[int]] = defaultdict(list)
    for place, words in enumerate(texts):
        for phrase in _phrases(words):
            where[phrase].append(place)
    weights = {phrase: _weight(phrase, len(places), len(texts)) for phrase, places in where.items()
               if FEWEST_COMMENTS <= len(places) <= max(FEWEST_COMMENTS, MOST_SHARE * len(texts))}
    return _taken(where, weights)


def _taken(where: Mapping[str, Sequence[int]], weights: Mapping[str, float]) -> list[Found]:
    """The heaviest phrases by what is left of their comments; a phrase's weight only falls, so the order is looked at lazily."""
    order, taken, themes = sorted(weights, key=lambda phrase: (-weights[phrase] * len(where[phrase]), phrase)), set(), []
    while order and len(themes) < MOST_FOUND:
        left = {phrase: [place for place in where[phrase] if place not in taken] for phrase in order[:200]}
        best = min(left, key=lambda phrase: (-weights[phrase] * len(left[phrase]), phrase))
        if len(left[best]) < FEWEST_COMMENTS:
            break
        taken.update(left[best])
        themes.append(Found(best, tuple(left[best])))
        order = [phrase for phrase in order if phrase != best]
    return themes


def _weight(phrase: str, count: int, n: int) -> float:
    """How much a phrase tells of one comment: rare ones more, and two words more than one."""
    return (math.log((1 + n) / (1 + count)) + 0.01) * (1.6 if " " in phrase else 1.0)


def _phrases(words: Sequence[str]) -> Iterable[str]:
    """The distinct words, and pairs of neighbours, that say something."""
    said = [word if len(word) > 2 and word not in STOP_WORDS else "" for word in words]
    pairs = (f"{a} {b}" for a, b in zip(said, said[1:]) if a and b)
    return dict.fromkeys([*(word for word in said if word), *pairs])

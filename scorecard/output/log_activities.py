"""What a file of CRM activities comes to, as HTML and sentences: counts, an example for each rule, refused rows."""

from __future__ import annotations

from collections.abc import Sequence

from scorecard.core.activities import Rule
from scorecard.output.theme import escape
from scorecard.relations import activities, logging as log
from scorecard.relations.activities import Outcome

EXAMPLES = 2
MOST_REASONS = 12


def sentence(found: Outcome) -> str:
    """`31 new: 24 touches, 5 deposits, 2 promises. 3 known already, 8 left out, 4 refused.`"""
    words = {"touch": ("touch", "touches"), "deposit": ("deposit", "deposits"), "promise": ("promise", "promises")}
    kinds = ", ".join(f"{count:,} {words[register][count != 1]}" for register, count in found.new.items() if count)
    done = "are stored" if found.stored else "would be stored; nothing is stored yet"
    new = f"{found.added:,} new{f': {kinds}' if kinds else ''}, {done}." if found.added else "Nothing is new."
    return f"{new} {found.known:,} known already, {found.left_out:,} left out by a rule, {len(found.refused):,} refused."


def examples(found: Outcome, rules: Sequence[Rule]) -> str:
    """For each rule that decided something: what it made of how many, with the words of the first."""
    rows = "".join(
        f'<tr><td>{escape(_asks(rules[place]))}</td><td>{escape(_becomes(rules[place]))}</td><td class="r">{len(made):,}</td>'
        f'<td>{escape("; ".join(one.values["what"] for one in made[:EXAMPLES]))}</td></tr>' for place, made in sorted(found.by_rule.items())
    )  # fmt: skip
    head = '<thead><tr><th scope="col">What its rule asks for</th><th scope="col">Becomes</th><th class="r" scope="col">Activities</th><th scope="col">Such as</th></tr></thead>'
    return f'<table class="dense">{head}<tbody>{rows}</tbody></table>' if rows else ""


def _asks(rule: Rule) -> str:
    """`type: call, phone`; `all others` of a rule that asks for nothing."""
    parts = [f"{part}: {words}" for part, words in (("type", rule.type), ("subject", rule.subject)) if words]
    return "; ".join(parts) or "all others"


def _becomes(rule: Rule) -> str:
    kind = log.KINDS[rule.becomes].lower()
    return f"{kind}, {rule.kind}" if rule.kind else kind


def reasons(found: Outcome) -> str:
    """The reasons of the refused rows, the most frequent first, with the first rows that have each."""
    counts = activities.counted(found).most_common(MOST_REASONS)
    rows = "".join(f'<tr><td class="r">{count:,}</td><td>{escape(reason)}</td><td>{escape(_where(found, reason))}</td></tr>' for reason, count in counts)
    head = '<thead><tr><th class="r" scope="col">Rows</th><th scope="col">Why refused</th><th scope="col">Which</th></tr></thead>'
    more = f'<p class="foot">and {len(activities.counted(found)) - MOST_REASONS:,} more reasons</p>' if len(activities.counted(found)) > MOST_REASONS else ""
    return f'<table class="dense">{head}<tbody>{rows}</tbody></table>{more}' if rows else ""


def _where(found: Outcome, reason: str) -> str:
    numbers = [one.row for one in found.refused if one.reason == reason]
    return ", ".join(f"{number:,}" for number in numbers[:8]) + (" …" if len(numbers) > 8 else "")

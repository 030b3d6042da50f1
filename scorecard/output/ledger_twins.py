"""The numbers behind Account ledgers as tables for CSV and Excel. For the team only, which every file says in its foot."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from scorecard.core import ledger
from scorecard.output.part_tables import Table
from scorecard.relations.book import accepted
from scorecard.relations.ledger import MARKS
from scorecard.relations.readiness import LABELS

if TYPE_CHECKING:
    from scorecard.relations.book import Book
    from scorecard.relations.confidence import Confidence
    from scorecard.relations.ledger import Ledger
    from scorecard.relations.readiness import Ready
    from scorecard.relations.trust import Trust

MARK = "Account ledgers, for the team only: a customer is never shown a balance"
# The titles of the tables below, in their order.
ACCOUNT = ("Entries", "Balance", "May we ask", "Promises", "When things went wrong")
BOOK = ("Accounts", "Acceptance")
TRUST = ("Answers", "Use beside trust", "Promises", "Policies")


def entries(found: Ledger) -> Table:
    """Deposits and asks of twelve months, the oldest first."""
    rows = [[one.on, one.side, one.what, one.kind, one.by, one.state, one.weight, one.hours, one.cost, *(one.marks or (None,) * len(MARKS)), one.outcome,
             one.bare, one.bunched, one.over] for one in found.lines]
    return Table("Entries", ("date", "side", "what", "kind", "by", "state", "counts as", "hours", "cost", *MARKS, "outcome", "no deposit before", "bunched", "above the gift policy"), rows)


def balance(found: Ledger) -> Table:
    """Both shares, and what they are made of."""
    own = found.balance
    rows: list[list[Any]] = [["deposits", own.given], ["asks", own.asked], ["given, weighted", own.gave], ["asked, weighted", own.took], ["our share", own.ours],
                             ["their share", own.theirs], ["reading", ledger.SIDES[own.side]], ["from", found.since], ["to", found.today]]
    return Table("Balance", ("what", "value"), rows)


def checks(ready: Sequence[Ready]) -> Table:
    """The six checks of each planned ask, with what each rests on."""
    rows = [[one.line.what, one.line.on, LABELS[name], one.found.checks[name], one.notes[name]] for one in ready for name in LABELS]
    rows += [[one.line.what, one.line.on, "Answer", "yes" if one.may else "wait", "; ".join(one.reasons)] for one in ready]
    return Table("May we ask", ("ask", "planned for", "check", "answer", "why"), rows)


def promises(found: Trust) -> Table:
    """The promises of twelve months, and those still open."""
    return Table("Promises", ("promise", "to", "by", "due", "done", "became", "told", "number in the exports"),
                 [[one.what, one.to, one.by, one.due, one.done, one.became, one.told, one.number] for one in found.promises])


def recoveries(found: Trust) -> Table:
    """What went wrong, and how it was set right."""
    return Table("When things went wrong", ("what", "date", "owned by", "owned up to it", "days until then", "times told unasked", "days to solve", "outcome"),
                 [[one.what, one.on, one.by, one.taken, one.taken_after, one.words, one.days, one.outcome] for one in found.recoveries])


def account(found: Ledger, ready: Sequence[Ready], trust: Trust) -> tuple[Table, ...]:
    """Every figure of one account, a table a part."""
    return entries(found), balance(found), checks(ready), promises(trust), recoveries(trust)


def accounts(found: Book, named: Sequence[tuple[str, str, str, str]]) -> Table:
    """Each account with a ledger: its standing; `named` are (id, name, segment, CSM), alphabetical."""
    rows = [[id, name, segment, csm, own.balance.given, own.balance.asked, own.balance.ours, ledger.SIDES[own.balance.side], own.bare, own.last, own.next]
            for id, name, segment, csm in named if (own := found.standings.get(id))]  # fmt: skip
    return Table("Accounts", ("account", "name", "segment", "CSM", "deposits", "asks", "our share", "reading", "asks without a deposit before", "last deposit", "next ask"), rows)


def acceptance(found: Book) -> Table:
    """Asks agreed to with and without a deposit before them, and their difference with its interval."""
    said, seen = accepted(found), found.reading
    rows: list[list[Any]] = [["with a deposit before", found.given.hits, found.given.n, None, None, None], ["without one", found.without.hits, found.without.n, None, None, None]]
    rows += [["difference", None, None, seen.difference, seen.lower, seen.upper]] if seen else []
    rows += [[said.text, None, None, None, None, None]] if said else []
    return Table("Acceptance", ("asks", "agreed", "answered", "difference", "lower, 95%", "upper, 95%"), rows)


def trust(found: Confidence) -> tuple[Table, ...]:
    """Answers, use beside trust, and exceptions to policies."""
    lines = [*found.answers, *([found.whole] if found.whole and len(found.answers) != 1 else [])]
    answers = [[one.segment, one.n, one.mean, *(one.interval or (None, None)), one.before] for one in lines]
    points = [[one.account, one.name, one.use, one.trust, one.corner.replace("_", " ")] for one in found.corners.points]
    cases = [[policy, one.segment, one.exceptions, one.cases, *(one.interval or (None, None)), one.differs]
             for policy, own in (("all", found.policies.together), *found.policies.each) for one in own]  # fmt: skip
    kept = [[one.segment, one.due, one.kept, *(one.interval or (None, None)), one.late, one.broken, one.told_before, one.told] for one in found.promised]
    return (Table("Answers", ("segment", "answers", "mean", "lower, 95%", "upper, 95%", "before"), answers),
            Table("Use beside trust", ("account", "name", "use against the usual", "trust", "corner"), points),
            Table("Promises", ("segment", "due", "kept by their day", "lower, 95%", "upper, 95%", "late", "broken", "told before", "telling written down"), kept),
            Table("Policies", ("policy", "segment", "exceptions", "cases", "lower, 95%", "upper, 95%", "differs beyond chance"), cases))

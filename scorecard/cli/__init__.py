"""`python -m scorecard …`: one module a family of commands, each with its list `commands`.

A family is imported when one of its commands is asked for: the help of all of them, and a wrong name, cost no start.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any

import click

from scorecard.errors import ScorecardError, UsageError

FAMILIES = {
    "actions": {"action": "Actions: who does what until when, and what came of it."},
    "assess": {"assess": "Maturity of the seven systems: score a table of answers, run cycles, export results, change the model."},
    "audit": {"audit": "Verify the audit, or write it to a file that somebody else can verify."},
    "cards": {"card": "Scorecards: list, make, rename, order the slots, link one to the one that it rolls up into."},
    "chart": {"chart": "Chart one series of FILE: columns period and value, or period, numerator and denominator."},
    "diary": {"diary": "The calendar of reviews, sessions and cycles: what is planned, held, missed."},
    "digest": {"digest": "Show what channels would be told now; nothing leaves without --send."},
    "drivers": {"drivers": "What goes with an outcome in FILE: odds ratios by logistic regression, or that there is no evidence, and why."},
    "experiment": {"experiment": "Experiments: how many are needed, who goes into which group, and what came of it."},
    "export": {"export": "Write a month of a scorecard as a file: the frozen copy once it is signed, else as it stands."},
    "feedback": {"feedback": "Feedback to leaders, in rounds: open, list, close, results for who may read them."},
    "funnel": {"funnel": "Each group of FILE against the whole: exact limits, intervals, what would be noticed; nobody is ranked."},
    "load": {"load": "Load exports or figures from each FILE: CSV, TSV, Excel (.xlsx) or Parquet."},
    "moving": {"move": "Move what people write from its DuckDB file into PostgreSQL, all of it or nothing; every row is compared."},
    "organisation": {
        "check": "Check the file of definitions, compare it with the store, and look for rows that point at nothing.",
        "measure": "Measures: the figures of one (measure NAME), list, show, compute, add, edit, give a slot, trade in, retire.",
        "member": "Members: list, add, change, suspend; sign-in links, sessions.",
    },
    "project": {"project": "Projects: from a gap to a change that its measure shows."},
    "records": {"record": "Records: what people write down, by register (findings, comments, assumptions, faults …)."},
    "review": {"review": "The monthly review: its agenda, decisions and signature."},
    "sample": {"sample": "Load Larkfield, a fictional company of 412 accounts and 36 months, into a store without figures."},
    "share": {
        "share": "Read-only links to a month, for people without the product.",
        "health": "Say whether the store answers and its audit holds; with --account, the health score of an account.",
    },
    "sources": {"source": "What is expected from where, and how fresh it is."},
    "store": {
        "backup": "Make a verified backup of state and facts, also while the server runs.",
        "restore": "Put a backup in the place of the store; without FOLDER, list the backups.",
    },
}
FAMILY_OF = {name: family for family, own in FAMILIES.items() for name in own}


class Lazily(Mapping[str, click.Command]):
    """Every command by its name, imported when it is asked for."""

    def __getitem__(self, name: str) -> click.Command:
        module = import_module(f"{__name__}.{FAMILY_OF[name]}")
        return next(one for one in module.commands if one.name == name)

    def __contains__(self, name: object) -> bool:
        return name in FAMILY_OF

    def __iter__(self) -> Iterator[str]:
        return iter(FAMILY_OF)

    def __len__(self) -> int:
        return len(FAMILY_OF)


class Commands(click.Group):
    """A group whose refusals are one plain line on standard error: status 1, or 2 when the call is wrong."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except UsageError as error:
            raise click.UsageError(str(error), ctx) from error
        except ScorecardError as error:
            raise click.ClickException(str(error)) from error

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Nothing; the help lists every command in the words written above, without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl(sorted((name, words) for own in FAMILIES.values() for name, words in own.items()))


@click.group(cls=Commands, commands=Lazily(), context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
def main() -> None:
    """The operating scorecard of a customer success team."""

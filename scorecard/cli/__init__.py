"""`python -m scorecard …`: one module a family of commands, each with its list `commands`."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import click

from scorecard.errors import ScorecardError, UsageError

FAMILIES = ("chart", "diary", "load", "organisation", "sample", "share", "sources", "store")


class Commands(click.Group):
    """A group whose refusals are one plain line on standard error: status 1, or 2 when the call is wrong."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except UsageError as error:
            raise click.UsageError(str(error), ctx) from error
        except ScorecardError as error:
            raise click.ClickException(str(error)) from error


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
def main() -> None:
    """The operating scorecard of a customer success team."""


for _family in FAMILIES:
    for _command in import_module(f"{__name__}.{_family}").commands:
        main.add_command(_command)

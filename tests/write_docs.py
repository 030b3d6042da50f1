"""`python -m tests.write_docs`: writes the tables of README.md again, from the code that they describe."""

from __future__ import annotations

import re

import click

from scorecard import access, places
from scorecard.cli import main as commands
from scorecard.core import measures_file

README = places.ROOT / "README.md"
BLOCK = r"(<!-- {name} -->\n).*?(<!-- end -->)"

ROUTES = {
    "/healthz": "200 while people can work (the store answers and can be written, jobs are done), else 503 and what is missing",
    "/healthz/live": "200 while the process answers at all",
    "/healthz/ready": "the same as `/healthz`",
    "/metrics": "the figures of the server as OpenMetrics, for this machine or who sends the token",
    "/api": "this list, with examples",
    "/style.css": "the stylesheet of the parts of a page, which a browser fetches once",
    "/api/scorecard": "the scorecard page as JSON",
    "/api/scorecard.csv": "the same as CSV",
    "/api/measure/{name}": "the page of a measure as JSON",
    "/api/measure/{name}.csv": "the same as CSV",
    "/api/records/{register}": "what people wrote down in a register, as JSON: findings, comments, assumptions …",
    "/api/records/{register}.csv": "the same as CSV, which `record import` reads again",
    "/share/{token}": "a shared month, or the latest one, as its link shows it",
    "/share/{token}/pack.pdf": "its pack as PDF; `?view` shows it in the browser",
    "/share/{token}/wall": "the same full screen, for a wall",
    "/signin/{token}": "a personal sign-in link: a page with one button, which signs in once",
    "/asked/{token}": "an empty image, with which the browser keeps the page that was asked for until somebody has signed in",
    "/wall": "the wall of this machine: every scorecard in turn, or the one that is named",
    "/_scorecard/command": "for the commands of this machine only; needs the token file beside the state",
}


def routes() -> str:
    """The routes of the server as a table, in the order in which they are written above."""
    from scorecard import web

    served = {route.path: route.asks for route in web.ROUTES}
    missing = set(served) - set(ROUTES)
    assert not missing, f"{missing.pop()} is served and not described. Describe it in ROUTES of tests/write_docs.py."
    rows = [f"| `{path}` | {words} | {_asked(served[path])} |" for path, words in ROUTES.items() if path in served]
    return "\n".join(["| address | gives | asks for |", "| --- | --- | --- |", *rows]) + "\n"


def _asked(asks: str) -> str:
    """What a route asks for: the words of its action in the table of roles, or the key that has to be brought."""
    words = access.ACTIONS.get(asks, (asks,))[0]
    return words[0].lower() + words[1:]


def command_table() -> str:
    """Every command with its arguments and options."""
    rows = ["| command | what it does | options |", "| --- | --- | --- |"]
    for name, command in sorted(commands.commands.items()):
        rows += [_row(prefix, one) for prefix, one in _leaves(name, command)]
    return "\n".join(rows) + "\n"


def _leaves(name: str, command: click.Command) -> list[tuple[str, click.Command]]:
    if isinstance(command, click.Group):
        own = [(name, command)] if command.invoke_without_command else []
        return own + [leaf for part, one in sorted(command.commands.items()) for leaf in _leaves(f"{name} {part}", one)]
    return [(name, command)]


def _row(name: str, command: click.Command) -> str:
    context = click.Context(command)
    arguments = [one.make_metavar(context) for one in command.params if isinstance(one, click.Argument)]
    options = [_option(one, context) for one in command.params if isinstance(one, click.Option) and not one.hidden]
    words = (command.help or "").replace("\b", "").strip().partition("\n\n")[0]
    return f"| `{_cell(' '.join([name, *arguments]))}` | {_cell(words)} | {' '.join(options)} |"


def _option(option: click.Option, context: click.Context) -> str:
    names = ", ".join((*option.opts, *option.secondary_opts))
    value = "" if option.is_flag or option.count else f" {option.make_metavar(context)}".replace("[%Y-%m-%d]", "DATE")
    return f"`{_cell(names + value)}`"


def _cell(text: str) -> str:
    return re.sub(r"\s+", " ", text).replace("|", "\\|")


def keys() -> str:
    """Every key that a measure may have."""
    return ", ".join(f"`{key}`" for key in measures_file.KEYS) + ".\n"


WRITERS = {"keys": keys, "commands": command_table, "routes": routes, "roles": access.markdown}


def written(text: str) -> str:
    """The README with its tables as they should be now."""
    for name, writer in WRITERS.items():
        pattern = re.compile(BLOCK.format(name=name), re.DOTALL)
        assert pattern.search(text), f"README.md has no place for {name}: a line <!-- {name} -->, then <!-- end -->."
        made = writer()
        text = pattern.sub(lambda found, made=made: f"{found[1]}{made}{found[2]}", text)
    return text


if __name__ == "__main__":
    README.write_text(written(README.read_text("utf-8")), "utf-8")

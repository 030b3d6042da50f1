"""`audit`: verify the chain, write it to a file, find the head that stands on a signed pack."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from scorecard import commands as store_commands
from scorecard import places
from scorecard.errors import StoreDamaged, UsageError
from scorecard.output import audit_files
from scorecard.store import backup as backups
from scorecard.store.audit import Mark
from scorecard.store.places import data_folder

ENDINGS = ("jsonl", "csv", "xlsx")


@click.command()
@click.option("--file", "path", type=click.Path(path_type=Path), help="Write every row to FILE: .jsonl, which somebody else can verify, .csv or .xlsx.")
@click.option("--mark", default="", metavar="SIGNS", help="Find the row whose hash begins with these signs, such as stand on a signed pack.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
def audit(path: Path | None, mark: str, as_json: bool) -> None:
    """Verify the audit, or write it to a file that somebody else can verify.

    Every row is read and its hash computed again, and the head kept outside is looked for.
    """
    if path is not None:
        _tell(_written(path), as_json, "{rows:,} rows are in {file}. The head of the chain is row {head[seq]:,}, {head[hash]}")
        return
    if mark:
        _tell(store_commands.call("audit_find", mark=mark), as_json, "Row {seq:,} of {at} UTC: {actor}, {action}, {object}. Its hash is {hash}")
        return
    _verify(as_json)


def _tell(said: dict[str, Any], as_json: bool, words: str) -> None:
    click.echo(json.dumps(said, default=str) if as_json else words.format(**said))


def _verify(as_json: bool) -> None:
    verdict = store_commands.call("audit")
    if as_json:
        click.echo(json.dumps(verdict))
    elif verdict["ok"]:
        rows = "1 row" if verdict["rows"] == 1 else f"{verdict['rows']:,} rows"
        click.echo(f"The audit holds: {rows}, each follows from the one before. Head: row {verdict['head']['seq']:,}, {verdict['head']['hash']}")
    if not verdict["ok"]:
        found = " ".join(verdict["problems"][:5])
        folder = (data_folder(places.state_place(), places.facts_place()) or places.data_folder()) / "backups"
        raise StoreDamaged(f"The audit does not hold. {found} {backups.advice(folder)}")


def _written(path: Path) -> dict[str, Any]:
    """What was written: the file appears whole or not at all, and nobody but its owner may read it."""
    ending = path.suffix.removeprefix(".").lower()
    if ending not in ENDINGS:
        raise UsageError(f"{path.name} ends in none of {', '.join(f'.{one}' for one in ENDINGS)}, so it is not known what to write.")
    first = store_commands.call("audit_rows")
    head = Mark(first["head"]["seq"], first["head"]["hash"])
    fresh = path.with_name(f".{path.name}.part")
    try:
        fresh.touch(0o600)
        rows = _write(fresh, ending, first, head)
        fresh.replace(path)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}.") from error
    finally:
        fresh.unlink(missing_ok=True)
    return {"file": str(path), "rows": rows, "head": first["head"]}


def _write(fresh: Path, ending: str, first: dict[str, Any], head: Mark) -> int:
    now = datetime.now(UTC).replace(tzinfo=None)
    if ending == "xlsx":
        rows = [row for page in _pages(_page(max(0, head.seq - audit_files.MOST_IN_A_BOOK), head), head) for row in page]
        fresh.write_bytes(audit_files.workbook(rows, head, now))
        return len(rows)
    counted = _Counted(_pages(first, head))
    with fresh.open("w", encoding="utf-8-sig" if ending == "csv" else "utf-8", newline="") as file:
        if ending == "csv":
            file.writelines(audit_files.csv_lines(counted, head, now))
        else:
            file.writelines(f"{line}\n" for line in audit_files.lines(counted, head, now))
    return counted.rows


class _Counted:
    """Pages, and how many rows went by."""

    def __init__(self, pages: Iterable[list[list[Any]]]):
        self._pages, self.rows = pages, 0

    def __iter__(self) -> Iterator[list[list[Any]]]:
        for page in self._pages:
            self.rows += len(page)
            yield page


def _pages(page: dict[str, Any], head: Mark) -> Iterator[list[list[Any]]]:
    """The rows of a page and of those that follow it, up to the head."""
    while page["rows"]:
        yield page["rows"]
        page = _page(page["rows"][-1][0], head)


def _page(after: int, head: Mark) -> dict[str, Any]:
    return store_commands.call("audit_rows", after=after, upto=head.seq)


commands = [audit]

"""`feedback`: rounds of feedback to a leader: open one, see how far it is, close it, read its results."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from scorecard import commands as store_commands
from scorecard import looking
from scorecard.access import Actor
from scorecard.core.feedback import GROUPS, PEERS, REPORTS, SELF, SUPERIORS
from scorecard.core.periods import day
from scorecard.errors import UsageError
from scorecard.leadership import round_results, rounds
from scorecard.leadership.round_results import Line, Results
from scorecard.store.engine import Store
from scorecard.store.feedback import Round

as_option = click.option("--as", "person", required=True, metavar="PERSON", help="The member who asks: its id, as `member list` shows it.")
json_option = click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
DAYS_OPEN = 14


# What the store does, here or in the running server


def open_one(
    store: Store, actor: Actor, today: date, about: str, title: str, closes: str, people: dict[str, list[str]], outside: dict[str, list[str]], hand_to: str
) -> dict[str, Any]:
    """The new round. A group of which nobody is named has the people whom the lines of the organisation suggest."""
    suggested = rounds.suggested(store, actor, about)
    asked = {group: people.get(group) or suggested[group] for group in GROUPS}
    ends = date.fromisoformat(closes) if closes else today + timedelta(DAYS_OPEN)
    made = rounds.open_round(store, actor, person=about, title=title, people=asked, closes=ends, today=today, outside=outside, hand_to=hand_to)
    return _described(made)


def list_all(store: Store, actor: Actor, today: date) -> dict[str, Any]:
    """The rounds about who asks and about those whom they lead, the newest first: how many were asked and have finished, and no name."""
    found = rounds.standings(store, actor)
    looking.at_people(store, actor, [one.round.person for one in found], today)
    return {"rounds": [_described(one.round) | {"name": one.name, "groups": _groups(one.counts)} for one in found]}


def close_one(store: Store, actor: Actor, today: date, id: str) -> dict[str, Any]:
    """The round, closed for good."""
    return _described(rounds.close(store, actor, id))


def tell_results(store: Store, actor: Actor, today: date, id: str) -> dict[str, Any]:
    """What a closed round says, as its page does: nothing of a group below five."""
    found = round_results.results(store, actor, id)
    looking.at_people(store, actor, [found.round.person], today)
    said = round_results.sentence(found)
    return _described(found.round) | {
        "name": found.name, "groups": _groups(found.counts), "hidden": list(found.hidden), "sentence": said.text if said else "",
        "lines": [_line(found, one) for one in found.lines],
        "words": [{"question": question.question, "texts": list(texts) if texts is not None else None} for question, texts in found.words],
    }  # fmt: skip


def _described(one: Round) -> dict[str, Any]:
    closed = one.closed_at.date().isoformat() if one.closed_at else None
    return {"id": one.id, "title": one.title, "person": one.person, "opens": one.opens.isoformat(), "closes": one.closes.isoformat(), "closed_on": closed}


def _groups(counts: dict[str, tuple[int, int]]) -> list[dict[str, Any]]:
    return [{"group": group, "asked": asked, "finished": finished} for group, (asked, finished) in counts.items()]


def _line(found: Results, one: Line) -> dict[str, Any]:
    seen = {group: one.seen[group] for group in GROUPS if group not in found.hidden and one.seen[group].mean is not None}
    return {"statement": one.label, "own": one.own, "last": one.last, "gap": one.gap, "apart": one.apart,
            "groups": {group: {"n": each.n, "mean": each.mean, "lowest": each.lowest, "highest": each.highest} for group, each in seen.items()}}  # fmt: skip


# The commands


@click.group()
def feedback() -> None:
    """Feedback to leaders, in rounds: open, list, close, results for who may read them."""


@feedback.command("open")
@click.argument("about", metavar="LEADER")
@click.option("--title", required=True, help="What those who are asked read.")
@click.option("--closes", type=click.DateTime(["%Y-%m-%d"]), help=f"The last day; {DAYS_OPEN} days from today without it.")
@click.option("--reports", multiple=True, metavar="PERSON", help="Who reports to the leader; again for each. Suggested without it, as the next two are.")
@click.option("--peers", multiple=True, metavar="PERSON", help="Who works beside the leader.")
@click.option("--superiors", multiple=True, metavar="PERSON", help="Who leads the leader.")
@click.option("--outside", multiple=True, metavar="GROUP=NAME", help="Who is no member and answers by a personal link.")
@click.option("--go-between", "hand_to", default="", metavar="PERSON", help="Who makes the personal links and passes on what few superiors wrote.")
@as_option
@json_option
def open_(about: str, closes: Any, outside: Sequence[str], person: str, as_json: bool, title: str, hand_to: str, **named: Sequence[str]) -> None:
    """Open a round about LEADER (an id, as `member list` shows it); at least five of one group are asked."""
    groups = {REPORTS: list(named["reports"]), PEERS: list(named["peers"]), SUPERIORS: list(named["superiors"])}
    made = store_commands.call("feedback_open", person=person, about=about, title=title, closes=closes.date().isoformat() if closes else "",
                               people=groups, outside=_outside(outside), hand_to=hand_to)  # fmt: skip
    click.echo(json.dumps(made) if as_json else f"{made['title']} is open until {_day(made['closes'])} ({made['id']}).")


def _outside(given: Sequence[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for text in given:
        group, equals, name = text.partition("=")
        if not equals or group.strip() not in GROUPS:
            raise UsageError(f"'{text}' does not say who it is. Write GROUP=NAME with one of {', '.join(GROUPS)}, such as peers=\"Ada Brandt\".")
        found.setdefault(group.strip(), []).append(name.strip())
    return found


@feedback.command("list")
@as_option
@json_option
def list_(person: str, as_json: bool) -> None:
    """List the rounds about oneself and about those whom one leads."""
    found = store_commands.call("feedback_list", person=person)["rounds"]
    if as_json:
        click.echo(json.dumps({"rounds": found}))
        return
    if not found:
        click.echo("There is no round that you may see. Open one with: python -m scorecard feedback open LEADER --title TEXT --as PERSON")
        return
    table = Table("Id", "Round", "About", "Finished", "State", box=None, pad_edge=False)
    for one in found:
        state = f"closed on {_day(one['closed_on'])}" if one["closed_on"] else f"open until {_day(one['closes'])}"
        table.add_row(one["id"], escape(one["title"]), escape(one["name"]), _finished(one["groups"]), state)
    Console().print(table)


@feedback.command("close")
@click.argument("id")
@as_option
@json_option
def close(id: str, person: str, as_json: bool) -> None:
    """Close a round for good: nobody answers any more, and its results are shown."""
    done = store_commands.call("feedback_close", person=person, id=id)
    click.echo(json.dumps(done) if as_json else f"{done['title']} is closed. Read it with: python -m scorecard feedback results {done['id']} --as {person}")


@feedback.command("results")
@click.argument("id")
@as_option
@json_option
def results(id: str, person: str, as_json: bool) -> None:
    """Show the results of a closed round to the leader and to who leads them; a group below five is not shown."""
    found = store_commands.call("feedback_results", person=person, id=id)
    if as_json:
        click.echo(json.dumps(found))
        return
    shown = [group for group in GROUPS if any(group in one["groups"] for one in found["lines"])]
    said = found["sentence"] if shown else "Nothing can be shown: no group has five answers."
    click.echo(f"Feedback to {found['name']}: {found['title']}. {said}".strip())
    if shown:
        table = Table("Statement", *(group.capitalize() for group in shown), "Self", "Gap", box=None, pad_edge=False)
        for one in found["lines"]:
            means = [f"{one['groups'][group]['mean']:.1f}" if group in one["groups"] else "–" for group in shown]
            table.add_row(escape(one["statement"]), *means, "–" if one["own"] is None else str(one["own"]), "–" if one["gap"] is None else f"{one['gap']:+.1f}".replace("-", "−"))
        Console().print(table)
    for group in found["hidden"]:
        click.echo(f"{group.capitalize()}: not shown, fewer than five answers.")
    for one in found["words"]:
        click.echo(f"{one['question']}: " + ("not shown, fewer than five wrote." if one["texts"] is None else f"{len(one['texts'])} said"))
        for text in one["texts"] or ():
            click.echo(f"  {text}")


def _finished(groups: Sequence[dict[str, Any]]) -> str:
    return ", ".join(f"{one['group']} {one['finished']} of {one['asked']}" for one in groups if one["group"] != SELF)


def _day(text: str) -> str:
    return day(date.fromisoformat(text))


commands = [feedback]

"""`card`: scorecards, the order of their slots, and which one rolls up into which."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import click

from scorecard import access, commands as store_commands
from scorecard import measures
from scorecard.access import Actor
from scorecard.errors import UsageError
from scorecard.store.definitions import Scorecard
from scorecard.store.engine import Store

json_option = click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")


# -- the commands as the store's process runs them: plain JSON in, plain JSON out


def list_cards(store: Store, actor: Actor, today: date) -> dict[str, Any]:
    """Every scorecard with its slots and the one that it rolls up into."""
    access.require(actor, "read_scorecard")
    return {"scorecards": [_told(card) for card in measures.scorecards(store)]}


def make_card(store: Store, actor: Actor, today: date, name: str, audience: str, ids: list[str]) -> dict[str, Any]:
    """The new scorecard."""
    return _told(measures.make_scorecard(store, actor, name, audience, ids))


def rename_card(store: Store, actor: Actor, today: date, card: str, name: str, audience: str | None) -> dict[str, Any]:
    """The scorecard under its new name; its readers stay unless others are named."""
    old = _found(store, card)
    said = old.audience if audience is None else audience
    return _told(measures.rename_scorecard(store, actor, old.id, name, said, old.version))


def order_card(store: Store, actor: Actor, today: date, card: str, ids: list[str]) -> dict[str, Any]:
    """The scorecard with these measures in front, in this order; the others follow as they were."""
    old = _found(store, card)
    rest = [name for name in old.measures if name not in ids]
    return _told(measures.reorder(store, actor, old.id, [*ids, *rest], old.version))


def link_card(store: Store, actor: Actor, today: date, card: str, parent: str, named: dict[str, str]) -> dict[str, Any]:
    """The scorecard, which now rolls up into `parent`."""
    old, above = _found(store, card), _found(store, parent).id if parent else ""
    return _told(measures.roll_up(store, actor, old.id, above, old.version, named))


def _found(store: Store, text: str) -> Scorecard:
    """The scorecard of this id or name."""
    cards = measures.scorecards(store)
    for card in cards:
        if text.casefold() in (card.id, card.name.casefold()):
            return card
    raise UsageError(f"There is no scorecard {text!r}. Known are: {', '.join(card.id for card in cards) or 'none yet'}.")


def _told(card: Scorecard) -> dict[str, Any]:
    return {"id": card.id, "name": card.name, "audience": card.audience, "measures": list(card.measures),
            "parent": card.parent, "named": dict(card.named)}


# -- as they are typed


@click.group()
def card() -> None:
    """Scorecards: list, make, rename, order the slots, link one to the one that it rolls up into."""


@card.command("list")
@json_option
def card_list(as_json: bool) -> None:
    """List the scorecards with their measures and what they roll up into."""
    found = store_commands.call("card_list")
    click.echo(json.dumps(found, ensure_ascii=False) if as_json else "\n".join(map(_line, found["scorecards"])))


@card.command("make")
@click.argument("name")
@click.option("--measure", "ids", multiple=True, metavar="ID", help="A measure with a slot on it; several times, at most ten.")
@click.option("--audience", default="", metavar="TEXT", help="team:ID or role:ROLE; everybody without it.")
@json_option
def card_make(name: str, ids: Sequence[str], audience: str, as_json: bool) -> None:
    """Make a further scorecard."""
    _say(store_commands.call("card_make", name=name, audience=audience, ids=list(ids)), as_json)


@card.command("rename")
@click.argument("id")
@click.argument("name")
@click.option("--audience", metavar="TEXT", help="team:ID or role:ROLE; without it the readers stay.")
@json_option
def card_rename(id: str, name: str, audience: str | None, as_json: bool) -> None:
    """Give a scorecard another name."""
    _say(store_commands.call("card_rename", card=id, name=name, audience=audience), as_json)


@card.command("order")
@click.argument("id")
@click.argument("measures", nargs=-1, required=True, metavar="MEASURE...")
@json_option
def card_order(id: str, measures: Sequence[str], as_json: bool) -> None:
    """Put measures in front, in this order; the others follow as they were."""
    _say(store_commands.call("card_order", card=id, ids=list(measures)), as_json)


@card.command("link")
@click.argument("id")
@click.argument("parent", required=False, default="")
@click.option("--as", "named", multiple=True, metavar="MEASURE=MEASURE", help="A measure, and what the upper scorecard calls it; the same id is linked by itself.")
@json_option
def card_link(id: str, parent: str, named: Sequence[str], as_json: bool) -> None:
    """Let a scorecard roll up into PARENT, recomputed from numerators; without PARENT into no other."""
    _say(store_commands.call("card_link", card=id, parent=parent, named=dict(map(_pair, named))), as_json)


def _pair(text: str) -> tuple[str, str]:
    ours, equals, theirs = text.partition("=")
    if not (equals and ours.strip() and theirs.strip()):
        raise UsageError(f"{text!r} is not MEASURE=MEASURE. Write for example --as team_nps=nps.")
    return ours.strip(), theirs.strip()


def _say(done: Mapping[str, Any], as_json: bool) -> None:
    click.echo(json.dumps(done, ensure_ascii=False) if as_json else _line(done))


def _line(one: Mapping[str, Any]) -> str:
    """`customer-success, Customer Success, rolls up into company: renewal_rate, …`."""
    up = f", rolls up into {one['parent']}" if one["parent"] else ""
    named = "".join(f"; {ours} as {theirs}" for ours, theirs in one["named"].items())
    return f"{one['id']}, {one['name']}{up}{named}: {', '.join(one['measures']) or 'no measure'}"


commands = [card]

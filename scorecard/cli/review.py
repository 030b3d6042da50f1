"""`review`: the agenda of a month, decisions, the signature."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from scorecard import commands as store_commands
from scorecard import metrics, reviews
from scorecard.access import Actor
from scorecard.core.frozen import Signature
from scorecard.core.periods import Period
from scorecard.core.reading import STATUSES
from scorecard.errors import UsageError
from scorecard.reviews import DECISIONS, Item
from scorecard.store import definitions
from scorecard.store.engine import Store

json_option = click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
month_option = click.option("--month", default="", metavar="PERIOD", help="2026-10 or 2026-Q4; the latest complete one without it.")
card_option = click.option("--scorecard", default="", metavar="ID", help="A scorecard; the first without it.")
as_option = click.option("--as", "person", required=True, metavar="PERSON", help="The member who does it: its id, as `member list` shows it.")


# What the store does, here or in the running server


def _place(store: Store, scorecard: str, month: str, today: date) -> tuple[str, Period]:
    """(scorecard, period) that were asked for. Raises UsageError."""
    with store.read() as tx:
        cards = [card.id for card in definitions.scorecards(tx)]
    card = scorecard or next(iter(cards), "")
    if card not in cards:
        raise UsageError(f"There is no scorecard {card!r}. There is: {', '.join(cards) or 'none yet'}.")
    return card, reviews.period_of(month) if month else metrics.scorecard_view(store, card, None, "", today).period


def show_review(store: Store, actor: Actor, today: date, scorecard: str, month: str) -> dict[str, Any]:
    """The agenda with what was decided, what changed, and the signature."""
    card, period = _place(store, scorecard, month, today)
    kind = "quarter" if period.grain == "quarter" else "month"
    view = reviews.review_view(store, card, period, today, kind)
    told = view.month
    return {
        "scorecard": card,
        "period": str(told.period),
        "state": view.state,
        "held_on": told.held_on.isoformat() if told.held_on else None,
        "chair": told.chair,
        "attendees": list(told.attendees),
        "headline": [one.text for one in view.headline],
        "items": [_item(one) for one in told.items],
        "routine": [row.measure.name for row in view.routine],
        "moved": [vars(one) for one in told.changes.moved],
        "restated": list(told.changes.restated),
        "commentary": told.commentary or view.commentary_draft,
        "signature": _signature(told.signature),
        "added_later": [{"text": one.text, "author": one.author, "at": one.recorded_at.isoformat()} for one in told.beside],
    }


def _item(one: Item) -> dict[str, Any]:
    return {
        "item": one.id,
        "place": one.place,
        "title": one.title,
        "why": one.why,
        "status": one.status or None,
        "minutes": one.minutes,
        "state": one.state,
        "discussion": one.discussion,
        "decision": one.decision or None,
        "suggested": one.suggested or None,
        "followed": one.followed or None,
        "actions": [{"title": act.title, "owner": act.owner_name, "due": act.due.isoformat()} for act in one.actions],
    }


def _signature(found: Signature | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {"name": found.name, "role": found.role, "at": found.signed_at.isoformat(timespec="seconds"),
            "fingerprint": found.fingerprint, "audit": found.audit, "matches": found.matches}


def decide_item(
    store: Store, actor: Actor, today: date, scorecard: str, month: str, item: str, decision: str, settle: str
) -> dict[str, Any]:
    """The review after the decision; `item` is its number on the agenda or its id."""
    card, period = _place(store, scorecard, month, today)
    items = reviews.review_view(store, card, period, today).month.items
    found = next((one for one in items if item in (one.id, str(one.place))), None)
    if found is None:
        raise UsageError(f"There is no item {item!r}. The agenda has {len(items)}: `python -m scorecard review show`.")
    reviews.decide(store, actor, card, period, found.id, decision, settle, found.title, found.version)
    return show_review(store, actor, today, card, str(period))


def sign_review(store: Store, actor: Actor, today: date, scorecard: str, month: str) -> dict[str, Any]:
    """The signature."""
    card, period = _place(store, scorecard, month, today)
    signed = reviews.sign(store, actor, card, period, today)
    return {"scorecard": card, "period": str(period), "signature": _signature(signed)}


def note_review(store: Store, actor: Actor, today: date, scorecard: str, month: str, text: str) -> dict[str, Any]:
    """What is added beside a signed month."""
    card, period = _place(store, scorecard, month, today)
    reviews.add_note(store, actor, card, period, text)
    return show_review(store, actor, today, card, str(period))


# The commands


@click.group()
def review() -> None:
    """The monthly review: its agenda, decisions and signature."""


@review.command("show")
@month_option
@card_option
@json_option
def show(month: str, scorecard: str, as_json: bool) -> None:
    """Print the agenda of a month and what was decided."""
    _say(store_commands.call("review_show", scorecard=scorecard, month=month), as_json)


@review.command("decide")
@click.argument("item")
@click.argument("decision", type=click.Choice(list(DECISIONS)))
@click.option("--settle", default="", help="What would settle it; needed to watch one more month.")
@month_option
@card_option
@as_option
@json_option
def decide(item: str, decision: str, settle: str, month: str, scorecard: str, person: str, as_json: bool) -> None:
    """Decide an item, by its number on the agenda."""
    _say(store_commands.call("review_decide", person=person, scorecard=scorecard, month=month, item=item, decision=decision,
                             settle=settle), as_json)


@review.command("sign")
@month_option
@card_option
@as_option
@json_option
def sign(month: str, scorecard: str, person: str, as_json: bool) -> None:
    """Sign a month: figures, limits, goals, decisions and notes are frozen as they stand."""
    done = store_commands.call("review_sign", person=person, scorecard=scorecard, month=month)
    mark = done["signature"]
    click.echo(json.dumps(done) if as_json else f"{done['period']} is signed by {mark['name']}. Fingerprint {mark['fingerprint']}")


@review.command("note")
@click.argument("text")
@month_option
@card_option
@as_option
@json_option
def note(text: str, month: str, scorecard: str, person: str, as_json: bool) -> None:
    """Add a note beside a signed month; the copy stays as it is."""
    _say(store_commands.call("review_note", person=person, scorecard=scorecard, month=month, text=text), as_json)


def _say(found: dict[str, Any], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(found))
        return
    for line in found["headline"]:
        click.echo(line)
    table = Table("", "Item", "Status", "Decision", "Actions", box=None, pad_edge=False)
    for one in found["items"]:
        decided = DECISIONS[one["decision"]][0] if one["decision"] else "open"
        table.add_row(str(one["place"]), f"{one['title']}: {one['why']}", STATUSES.get(one["status"] or "", ""), decided,
                      ", ".join(act["title"] for act in one["actions"]))
    if found["items"]:
        Console().print(table)
    mark = found["signature"]
    if mark:
        state = "matches" if mark["matches"] else "DOES NOT MATCH its copy"
        click.echo(f"Signed by {mark['name']} on {mark['at']} UTC. Fingerprint {mark['fingerprint']} {state}.")


commands: list[click.Command] = [review]

"""`share` and `health`, of the store and of an account."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from scorecard import commands as store_commands
from scorecard import access, metrics, places, sharing
from scorecard.access import Actor
from scorecard.core import periods
from scorecard.core.periods import Period
from scorecard.errors import StoreDamaged, UsageError
from scorecard.sensory import scoring
from scorecard.store import definitions, measures, relay, shares
from scorecard.store.engine import Store

DAYS = 30
json_option = click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")


# What the store does, here or in the running server


def make_link(
    store: Store, actor: Actor, today: date, scorecard: str, month: str, segment: str, until: str,
    live: bool = False, wall: bool = False, label: str = "",
) -> dict[str, Any]:
    """The new link with its path, shown this once. A wall without a scorecard shows all of them in turn."""
    with store.read() as tx:
        cards = definitions.scorecards(tx)
    card = scorecard or (cards[0].id if cards else "")
    view = metrics.scorecard_view(store, card, _period(month) if month else None, segment, today)
    if segment and segment not in view.segments:
        raise UsageError(f"There is no segment {segment!r}. There is: {', '.join(view.segments) or 'none'}.")
    ends_on = date.fromisoformat(until) if until else today + timedelta(days=DAYS)
    made = sharing.make(store, actor, card if scorecard or not wall else "", view.period, segment, ends_on, today,
                        live=live, wall=wall, label=label)
    return sharing.described(made.share) | {"path": made.path}


def list_links(store: Store, actor: Actor, today: date) -> dict[str, Any]:
    """All links, the newest first, each with whether it still answers."""
    opened = sharing.days(store, actor)
    return {"links": [sharing.described(one) | {"open": one.open_on(today), "days": {on.isoformat(): n for on, n in opened.get(one.id, ())}}
                      for one in sharing.listed(store, actor)]}


def revoke_link(store: Store, actor: Actor, today: date, id: str) -> dict[str, Any]:
    """The link, ended now."""
    return sharing.described(sharing.revoke(store, actor, id))


def end_link(store: Store, actor: Actor, today: date, id: str, until: str) -> dict[str, Any]:
    """The link with its new end."""
    return sharing.described(sharing.change_end(store, actor, id, date.fromisoformat(until), today))


def health_of(store: Store, actor: Actor, today: date) -> dict[str, Any]:
    """Whether the store answers and its audit holds, with what it says about itself."""
    with store.read() as tx:
        figures, links = measures.has_figures(tx), len([one for one in shares.every(tx) if one.open_on(today)])
    verdict = store.verify()
    return {
        "status": "ok" if verdict.ok else "damaged",
        "place": store.place,
        "figures": figures,
        "open_links": links,
        "audit_rows": verdict.rows,
        "notices": list(store.notices),
        "problems": list(verdict.problems),
    }


def health_score(store: Store, actor: Actor, today: date, account: str, month: str) -> dict[str, Any]:
    """The health of an account in a month, the latest recorded one without it: score, points by input, what changed."""
    access.require(actor, "read_scorecard")
    period = _period(month) if month else scoring.latest(store)
    if period is None or period.grain != "month":
        raise UsageError("No month of health scores is recorded yet. Name one: --month 2026-10." if period is None
                         else f"{month!r} is no month. Write it as 2026-10.")
    return scoring.described(scoring.account(store, account, period, today))


def _period(text: str) -> Period:
    found = periods.parse(text)
    if found is None or found[0] not in periods.GRAINS:
        raise UsageError(f"{text!r} is not a period. Write months as 2026-10, weeks as 2026-W42, quarters as 2026-Q4.")
    return periods.containing(found[1], found[0])


# The commands


@click.group()
def share() -> None:
    """Read-only links to a month, for people without the product."""


@share.command("make")
@click.option(
    "--month", default="", metavar="PERIOD", help="2026-10, 2026-W42 or 2026-Q4; the latest complete one without it."
)
@click.option("--segment", default="", help="One segment; everything without it.")
@click.option("--scorecard", default="", metavar="ID", help="A scorecard; the first without it.")
@click.option(
    "--until", type=click.DateTime(["%Y-%m-%d"]), help=f"The last day of the link; {DAYS} days from now without it."
)
@click.option("--live", is_flag=True, help="Always the latest complete month.")
@click.option("--wall", is_flag=True, help="For a screen: full, without controls; all scorecards in turn without --scorecard.")
@click.option("--label", default="", help="What it is for, such as Support room.")
@json_option
def make(
    month: str, segment: str, scorecard: str, until: Any, live: bool, wall: bool, label: str, as_json: bool
) -> None:
    """Make a link. Its address is shown once: only its fingerprint is kept."""
    if month and (live or wall):
        raise UsageError("--month is one month; --live and --wall always show the latest. Leave one of them out.")
    asked = {"scorecard": scorecard, "month": month, "segment": segment, "until": _day(until)}
    made = store_commands.call("share_make", **asked, live=live, wall=wall, label=label)
    door = relay.find(places.state_place(), places.facts_place())
    made |= {"url": door.url + made["path"] if door else None}
    if as_json:
        click.echo(json.dumps(made))
        return
    click.echo(
        f"{made['url'] or made['path']}\nShows {', '.join(_shown(made))}; "
        f"ends on {made['ends_on']}. The address is shown this once."
    )
    click.echo("It opens on this machine only: the server answers nobody else.", err=True)
    if not door:
        click.echo("No server runs now: put its address before the path.", err=True)


@share.command("list")
@json_option
def list_(as_json: bool) -> None:
    """List the links, the newest first."""
    found = store_commands.call("share_list")
    if as_json:
        click.echo(json.dumps(found))
        return
    table = Table("Id", "Shows", "Made by", "Ends", "Openings", box=None, pad_edge=False)
    for one in found["links"]:
        ends = one["ends_on"] if one["open"] else "revoked" if one["revoked_at"] else f"ended {one['ends_on']}"
        table.add_row(
            one["id"],
            ", ".join(_shown(one)),
            one["made_by"],
            ends,
            f"{one['openings']:,}",
        )
    Console().print(table) if found["links"] else click.echo(
        "No link yet. Make one with: python -m scorecard share make"
    )


@share.command("revoke")
@click.argument("id")
@json_option
def revoke(id: str, as_json: bool) -> None:
    """End a link now. A revoked link cannot be opened again."""
    done = store_commands.call("share_revoke", id=id)
    click.echo(json.dumps(done) if as_json else f"Link {id} is revoked.")


@share.command("end")
@click.argument("id")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), required=True, help="The last day of the link.")
@json_option
def end(id: str, until: Any, as_json: bool) -> None:
    """Give a link another end."""
    done = store_commands.call("share_end", id=id, until=_day(until))
    click.echo(json.dumps(done) if as_json else f"Link {id} ends on {done['ends_on']}.")


@click.command()
@click.option("--account", default="", metavar="ID", help="The health score of this account instead, by its id or its name.")
@click.option("--month", default="", metavar="M", help="The month of the score, such as 2026-10; the latest one without it.")
@json_option
def health(account: str, month: str, as_json: bool) -> None:
    """Say whether the store answers and its audit holds; with --account, the health score of an account.

    Exit status 1 when the store does not. With --account: the health score of that account in a month, with the points of each input, which add up to it, and why
    it changed since the month before.
    """
    if month and not account:
        raise UsageError("--month goes with --account. Name one: health --account A1001 --month 2026-10.")
    if account:
        _show_score(store_commands.call("health_score", account=account, month=month), as_json)
        return
    found = store_commands.call("health")
    if as_json:
        click.echo(json.dumps(found))
    elif found["status"] == "ok":
        click.echo(
            f"The store answers: {found['place']}, {found['audit_rows']:,} audit rows that hold, "
            f"{'with' if found['figures'] else 'without'} figures, {found['open_links']} open links."
        )
        for notice in found["notices"]:
            click.echo(notice)
    if found["status"] != "ok":
        raise StoreDamaged(" ".join(found["problems"][:5]))


def _show_score(found: dict[str, Any], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(found))
        return
    click.echo(found["sentence"])
    table = Table("Input", "Value", "Points", "Of", "Weight", "When missing", box=None, pad_edge=False)
    for one in found["inputs"]:
        value = "–" if one["value"] is None else f"{one['value']:.2f}"
        table.add_row(one["name"], value, "–" if one["points"] is None else str(one["points"]), str(one["points_possible"]),
                      str(one["weight"]), one["missing_words"])
    Console().print(table)
    if found["change"]:
        moved = ", ".join(f"{one['name']} {one['points']:+d}" for one in found["change"]).replace("-", "−")
        click.echo(f"Since {found['change_from']}: {moved}.")


def _shown(one: dict[str, Any]) -> list[str]:
    """What a link shows, in parts: wall, live or its month; what it is for; its segment."""
    kind = "wall" if one["wall"] else "live" if one["live"] else one["period"]
    return [part for part in (kind, one["label"], one["segment"]) if part]


def _day(value: Any) -> str:
    return value.date().isoformat() if value else ""


commands: list[click.Command] = [share, health]

"""The tables of the page Settings: what counts as a signal, members, who may do what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from scorecard import access
from scorecard.core.periods import SHORT_MONTHS, day
from scorecard.organisation import Member, Person, Team
from scorecard.output.theme import escape

# What each rule set looks for, in the reader's words.
RULE_WORDS = {
    "limits-only": "a point beyond a limit",
    "wheeler": "beyond a limit; 3 of 4 nearer the limit; 8 on one side",
    "nhs": "beyond; 7 on one side; 7 rising or falling; 2 of 3 far out",
    "western-electric": "four zone rules",
    "nelson": "eight rules",
}
BAR = 60
ROW = 40
_NAMES = (".ss .ruleset{font-weight:600;display:block;line-height:16px}@media(min-width:641px){.ss .ruleset{position:absolute;width:1px;"
          "height:1px;overflow:hidden;clip-path:inset(50%)}}")


def budgets(chances: Mapping[str, tuple[float, float]], chosen: str) -> str:
    """A bar a rule set for limits from 24 and from 12 months; its rows stand beside the native choice.

    The names are for who listens, and for a phone, where the rows stand below the choice.
    """
    largest = max(chance for pair in chances.values() for chance in pair)
    rows = "".join(_budget(name, pair, name == chosen, largest) for name, pair in chances.items())
    return (f'<style>{_NAMES}</style><table class="dense"><caption class="vh">Chance of a false alarm by rule set</caption><thead>'
            '<tr><th scope="col">Limits from 24 months</th><th scope="col">from 12 months</th></tr>'
            f"</thead><tbody>{rows}</tbody></table>")


def _budget(name: str, pair: tuple[float, float], chosen: bool, largest: float) -> str:
    cells = [_bar(chance, chosen, largest) for chance in pair]
    return (f'<tr><td style="height:{ROW}px;padding-top:0;padding-bottom:0"><span class="ruleset">{escape(name)} </span>{cells[0]}</td>'
            f"<td>{cells[1]}</td></tr>")


def _bar(chance: float, chosen: bool, largest: float) -> str:
    colour, weight = ("var(--series)", "600") if chosen else ("var(--centre)", "400")
    return (f'<span style="white-space:nowrap"><span aria-hidden="true" style="display:inline-block;vertical-align:middle;height:12px;'
            f'margin-right:8px;width:{max(2, round(BAR * chance / largest))}px;background:{colour};opacity:{1 if chosen else 0.5}"></span>'
            f'<span style="font-weight:{weight}">{chance * 100:.0f}%</span></span>')


def budget_note(bold: str, rest: str) -> str:
    """The false-alarm budget as a note across the page."""
    return (f'<div style="background:var(--panel);border-radius:6px;padding:12px 16px;font-size:14px;line-height:22px">'
            f"<b>{escape(bold)}</b> {escape(rest)}</div>")


def may_table() -> str:
    """Who may do what: the table that the product itself checks."""
    heads = "".join(f'<th scope="col" style="text-align:center">{role}</th>' for role in access.ROLES)
    rows = "".join(_may(row) for row in access.table())
    return (f'<div class="scroll"><table class="dense plain"><thead><tr><th scope="col"><span class="vh">Action</span></th>{heads}</tr></thead>'
            f'<tbody>{rows}</tbody></table></div><p class="cap" style="margin-top:10px">Default is no. An admin runs the product and reads '
            "no people data. The organisation and the rule set are changed by who may change goals and lock limits.</p>")


def _may(row: access.Row) -> str:
    cells = "".join(f'<td style="text-align:center">{"<b aria-hidden=true>●</b><span class=vh>yes</span>" if yes else "<span aria-hidden=true class=mut>–</span><span class=vh>no</span>"}</td>'
                    for yes in row.allowed)
    return f'<tr><th scope="row" style="width:44%;white-space:nowrap">{escape(row.words)}</th>{cells}</tr>'


def members_table(members: Sequence[Member], teams: Sequence[Team], people: Sequence[Person], today: date) -> str:
    """The members for those who only read, in alphabetical order."""
    heads = "".join(f'<th scope="col">{head}</th>' for head in ("Name", "Role", "Team", "Leader", "Last seen"))
    rows = "".join(f'<tr><th scope="row">{escape(one.person.name)}</th><td>{escape(role_words(one))}</td>'
                   + "".join(f'<td class="mut">{escape(text)}</td>' for text in details(one, teams, people))
                   + f"<td>{seen(one.last_seen, today)}</td></tr>" for one in members)
    return f'<div class="scroll"><table class="dense"><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>'


def role_words(member: Member) -> str:
    """`analyst`, or `analyst, suspended`."""
    return member.role if member.active else f"{member.role}, suspended"


def details(member: Member, teams: Sequence[Team], people: Sequence[Person]) -> tuple[str, str]:
    """The names of the member's team and leader, empty when there is none."""
    team = {team.id: team.name for team in teams}.get(member.person.team, "")
    leader = {one.id: one.name for one in people}.get(member.person.leader, "")
    return team, leader


def seen(moment: datetime | None, today: date) -> str:
    """`today`, `18 Nov`, `3 Dec 2025`, or a dash."""
    if moment is None:
        return "–"
    if moment.date() == today:
        return "today"
    return day(moment.date()) if moment.year != today.year else f"{moment.day} {SHORT_MONTHS[moment.month - 1]}"


def organisation_table(facts: Mapping[str, str]) -> str:
    """The organisation's settings for those who only read them."""
    rows = "".join(f'<tr><th scope="row" style="width:45%">{escape(name)}</th><td>{escape(value)}</td></tr>' for name, value in facts.items())
    return f'<table class="dense plain"><tbody>{rows}</tbody></table>'

"""Comments as they are read: every theme with its trend, the comments of one, what a search found."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from scorecard.core.periods import day
from scorecard.core.themes import KINDS
from scorecard.output import twins
from scorecard.output.sensory_marks import money, share, signed
from scorecard.output.theme import escape
from scorecard.sensory.themes import SOURCES

if TYPE_CHECKING:
    from scorecard.core.themes import Rule
    from scorecard.sensory.feedback import Back
    from scorecard.sensory.page import Line
    from scorecard.sensory.themes import Said, Theme
    from scorecard.store.comments import Comment, Version

Href = Callable[[str], str]


def table(said: Said, lines: Sequence[Line], href: Href, symbol: str) -> str:
    """Every theme of three months: what it is about, its count, the trend, the accounts and the revenue behind, what came back."""
    if not lines:
        return '<p class="mut"><b>No comment in these months.</b> They come from tickets, surveys and contacts, or are logged by hand.</p>'
    heads = "".join(f'<th scope="col"{side}>{text}</th>' for text, side in (
        ("Theme", ""), ("About", ""), ("Comments", ' class="r"'), ("3 months before", ' class="r"'), ("Change", ' class="r"'),
        ("Together", ' class="r"'), ("Accounts", ' class="r"'), ("A year", ' class="r"'), ("Sent to, what came back", "")))
    body = "".join(_line(one, href, symbol) for one in lines)
    return f'<table class="dense stacks sn-heads"><caption class="vh">Themes, {said.first:%B} to {said.last:%B}</caption><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>'


def _line(one: Line, href: Href, symbol: str) -> str:
    theme = one.theme
    back = f"{one.back.department} {one.back.said}".strip() if one.back else "to nobody yet"
    return (f'<tr><th scope="row"><a class="quiet" href="{escape(href(theme.id))}">{escape(theme.label)}</a></th><td>{about(theme)}</td>'
            f'<td class="r" data-head="comments"><b>{theme.count:,}</b></td><td class="r mut" data-head="before">{theme.before:,}</td>'
            f'<td class="r" data-head="change">{signed(theme.count - theme.before)}</td><td class="r" data-head="together">{share(theme.together)}</td>'
            f'<td class="r" data-head="accounts">{theme.accounts:,}</td><td class="r" data-head="a year">{money(theme.revenue, symbol)}</td><td class="mut">{escape(back)}</td></tr>')


def about(theme: Theme) -> str:
    """Product or process by its rule; a phrase that comments share, where no rule says it."""
    if theme.kind:
        return KINDS[theme.kind]
    return "No theme" if theme.id == "none" else "Shared phrase"


def back(one: Back, finding: Href) -> str:
    """The finding on a theme: where it was sent, and what came back."""
    where = f"Sent to {one.department}" if one.department else "A finding"
    return f'<p><a href="{escape(finding(one.finding))}">{escape(where)}</a>: {escape(one.said)}</p>'


def told(theme: Theme, symbol: str) -> str:
    """The theme in one line."""
    accounts = "1 account" if theme.accounts == 1 else f"{theme.accounts:,} accounts"
    return (f"{about(theme)}. {theme.count:,} comments in three months, {theme.before:,} in the three before; "
            f"{accounts} with {money(theme.revenue, symbol)} a year.")


def listed(found: Sequence[Comment], account: Href, record: Href, most: int = 200) -> str:
    """Comments with day, account and place, the newest first."""
    if not found:
        return '<p class="mut">No comment.</p>'
    rows = "".join(_comment(one, account, record) for one in found[:most])
    more = f'<p class="foot">The newest {most:,} of {len(found):,}.</p>' if len(found) > most else ""
    heads = '<th scope="col">Date</th><th scope="col">Account</th><th scope="col">What was said</th><th scope="col">Where</th>'
    return f'<table class="dense stacks sn-comments"><caption class="vh">Comments</caption><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>{more}'


def _comment(one: Comment, account: Href, record: Href) -> str:
    who = f'<a class="quiet" href="{escape(account(one.account))}">{escape(one.name or one.account)}</a>' if one.account else "no account"
    where = f'<a class="quiet" href="{escape(record(one.id))}">Logged</a>' if one.source == "logged" else SOURCES.get(one.source, one.source)
    return f'<tr><td class="nw mut">{day(one.said_on)}</td><td>{who}</td><td>{escape(one.text)}</td><td class="mut">{where}</td></tr>'


def rules(found: Sequence[Rule]) -> str:
    """The rules of themes in their order."""
    rows = "".join(f'<tr><th scope="row">{escape(one.label)}</th><td>{KINDS[one.kind]}</td><td class="mut">{escape(", ".join(one.phrases))}</td></tr>' for one in found)
    return ('<table class="dense"><caption class="vh">Rules of themes</caption><thead><tr><th scope="col">Theme</th><th scope="col">About</th>'
            f'<th scope="col">Words and phrases; * is any ending</th></tr></thead><tbody>{rows}</tbody></table>')


def history(found: Sequence[Version]) -> str:
    """Every version of the rules, the newest first."""
    if not found:
        return '<p class="mut">The rules are as shipped. Nobody has changed them.</p>'
    rows = "".join(f'<tr><th scope="row">{one.version}</th><td>{day(one.recorded_at.date())}</td><td>{escape(one.author)}</td><td>{escape(one.reason)}</td>'
                   f'<td class="r">{len(one.rules)}</td></tr>' for one in found)
    heads = "".join(f'<th scope="col">{text}</th>' for text in ("Version", "Date", "By", "Reason")) + '<th scope="col" class="r">Themes</th>'
    return f'<table class="dense"><caption class="vh">History of the rules</caption><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>'


def csv(found: Sequence[Comment]) -> str:
    """Comments, a line each."""
    rows = [[one.source, one.id, one.account, one.name, one.segment, str(one.said_on), one.text] for one in found]
    return twins.csv_text(("source", "id", "account", "name", "segment", "said_on", "text"), rows)


def themes_csv(said: Said, lines: Sequence[Line]) -> str:
    """Every theme, a line each, with the months that it was counted in."""
    rows = [[str(said.first), str(said.last), one.theme.label, about(one.theme), one.theme.count, one.theme.before, one.theme.count - one.theme.before, one.theme.together,
             one.theme.accounts, one.theme.revenue, one.back.department if one.back else "", one.back.said if one.back else ""] for one in lines]
    heads = ("first", "last", "theme", "about", "comments", "before", "change", "together", "accounts", "revenue_a_year", "sent_to", "came_back")
    return twins.csv_text(heads, rows)

"""The form of the page Log as HTML: account, four kinds, chips, a few words, marks, one button; today's entries below."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime

from scorecard.core.periods import SHORT_MONTHS
from scorecard.output.theme import escape
from scorecard.relations import logging as log
from scorecard.relations.logging import About, Account, Choice, Logged

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December")
COUNTED = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
OUTCOMES = {log.SENT: "I sent it", log.ACCEPTED: "It was complete", log.RETURNED: "It was sent back"}
LONGEST = 120
_GLASS = '<svg width="18" height="18" viewBox="0 0 18 18" aria-hidden="true" fill="none"><circle cx="7.5" cy="7.5" r="5"/><path d="M11.5 11.5 16 16"/></svg>'
_INFO = '<svg width="18" height="18" viewBox="0 0 18 18" aria-hidden="true" fill="none"><circle cx="9" cy="9" r="7.2"/><path d="M9 8v4.6M9 5.2v.2"/></svg>'
_CROSS = '<svg width="18" height="18" viewBox="0 0 18 18" aria-hidden="true" fill="none"><path d="m4 4 10 10M14 4 4 14"/></svg>'


def form(name: str, today: date, channels: Sequence[Choice], kinds: Sequence[Choice], contracts: Sequence[Choice]) -> str:
    """The empty form for a person; what is chosen and typed in it lives in the browser until it is saved."""
    return (
        f'<header class="loghead"><h1>Log</h1><span class="mut">{escape(name)} · {WEEKDAYS[today.weekday()]} {_near(today)}</span></header>'
        f'<form class="log" novalidate autocomplete="off">{_account()}{_seg("kind", "What was it?", log.KINDS, log.TOUCH)}'
        f"{_chips('channel', log.TOUCH, 'Over which channel?', channels)}{_chips('deposit', log.DEPOSIT, 'Which kind?', kinds)}"
        f"{_chips('contract', log.HANDOFF, 'Which hand-off?', contracts)}{_outcome(contracts)}{_due(log.days(today))}{_words()}{_marks()}"
        '<button class="save" type="submit">Save <span class="what">touch</span></button>'
        '<p class="problem" role="alert" hidden></p><p class="said" role="status"></p><p class="cap hint">Date today, owner you. Change either in the entry later.</p>'
        '<div class="warn" role="status"></div></form>'
    )


def _account() -> str:
    return (
        '<div class="field"><label for="log-account">Account</label>'
        f'<div class="pick">{_GLASS}<input id="log-account" type="text" role="combobox" aria-expanded="false" aria-controls="log-found" '
        'aria-autocomplete="list" placeholder="Name or number" enterkeyhint="next" autocapitalize="off" spellcheck="false">'
        f'<div class="chosen" hidden><span><b></b><span class="sub"></span></span><button type="button" class="other" aria-label="Another account">{_CROSS}</button></div>'
        '</div><ul id="log-found" role="listbox" aria-label="Accounts" hidden></ul></div>'
    )


def _seg(name: str, legend: str, offered: dict[str, str], first: str) -> str:
    parts = "".join(_radio(name, id, words, id == first) for id, words in offered.items())
    return f'<fieldset class="seg"><legend>{legend}</legend><div>{parts}</div></fieldset>'


def _radio(name: str, value: str, words: str, checked: bool = False) -> str:
    return f'<label><input type="radio" name="{name}" value="{escape(value)}"{" checked" if checked else ""}><span>{escape(words)}</span></label>'


def _check(name: str, value: str, words: str) -> str:
    return f'<label><input type="checkbox" name="{name}" value="{escape(value)}"><span>{escape(words)}</span></label>'


def _chips(name: str, kind: str, legend: str, offered: Sequence[Choice]) -> str:
    """The most used as chips, the others one tap away; a chip that is chosen among those stays in sight."""
    if not offered:
        return f'<p class="cap" data-for="{kind}">{_NOTHING[name]}</p>' if name in _NOTHING else ""
    first, rest = offered[: log.MOST_USED], offered[log.MOST_USED :]
    used = f' <span class="mut">Your {COUNTED[len(first)]} most used</span>' if rest else ""
    chips = "".join(_radio(name, one.id, one.name) for one in first)
    more = "".join(_radio(name, one.id, one.name) for one in rest)
    button = '<button type="button" class="more" aria-expanded="false">more …</button>' if rest else ""
    return f'<fieldset class="chips" data-for="{kind}"><legend>{legend}{used}</legend><div>{chips}{button}<span class="rest" hidden>{more}</span></div></fieldset>'


_NOTHING = {
    "deposit": "No kinds of deposits are written down yet; one can be chosen later.",
    "contract": "No hand-off is agreed yet. Write its contract on the page Work.",
}


def _outcome(contracts: Sequence[Choice]) -> str:
    fields = "".join(
        f'<fieldset class="chips fields" data-for="{log.HANDOFF}" data-contract="{escape(one.id)}" hidden><legend>What was missing?</legend>'
        f'<div>{"".join(_check("missing", field, field) for field in one.fields)}</div></fieldset>' for one in contracts if one.fields
    )  # fmt: skip
    return f'<fieldset class="seg three" data-for="{log.HANDOFF}"><legend>How did it go?</legend><div>{"".join(_radio("outcome", id, words, id == log.SENT) for id, words in OUTCOMES.items())}</div></fieldset>{fields}' if contracts else ""


def _due(days: Sequence[date]) -> str:
    chips = "".join(_radio("due", day.isoformat(), f"{WEEKDAYS[day.weekday()]} {_near(day)}") for day in days)
    other = '<label class="day"><span class="vh">Another day</span><input type="date" name="other_day" min="2000-01-01" max="2099-12-31"></label>'
    return f'<fieldset class="chips" data-for="{log.PROMISE}"><legend>Due when?</legend><div>{chips}{other}</div></fieldset>'


def _words() -> str:
    return (
        '<div class="field"><label for="log-words">In a few words <span class="mut">(or hold the microphone key)</span></label>'
        f'<textarea id="log-words" name="words" rows="2" maxlength="{LONGEST}" enterkeyhint="done"></textarea></div>'
    )


def _marks() -> str:
    boxes = "".join(_check("marks", mark, mark) for mark in log.MARKS)
    return f'<fieldset class="seg marks" data-for="{log.DEPOSIT}"><legend>It was <span class="mut">(what makes a good one)</span></legend><div>{boxes}</div></fieldset>'


# ---- what comes while one types --------------------------------------------------------------------------------------


def options(found: Iterable[Account]) -> str:
    """The accounts as options of the search; with none, the sentence that says so."""
    items = [
        f'<li role="option" id="log-option-{n}" aria-selected="false" data-account="{escape(one.id)}" data-name="{escape(one.name)}">'
        f'<b>{escape(one.name)}</b><span class="sub">{escape(whose(one))}</span></li>' for n, one in enumerate(found)
    ]  # fmt: skip
    return "".join(items) or '<li class="none" role="option" aria-disabled="true" aria-selected="false">No account has this name or number.</li>'


def whose(one: Account) -> str:
    """`yours · Enterprise · A1001`."""
    return " · ".join(part for part in ("yours" if one.own else one.csm, one.segment, one.id) if part)


def told(found: About, name: str) -> str:
    """`yours · last deposit 12 Oct, by you`, for the name of who looks; without a name it was the account's own CSM."""
    by = ", by you" if found.by == name else f", by {found.by}" if found.by not in ("", found.account.csm) else ""
    last = f"last deposit {_near(found.last)}{by}" if found.last else "no deposit yet"
    return " · ".join(part for part in ("yours" if found.account.own else found.account.csm, last) if part)


def warning(found: About, today: date) -> str:
    """That an ask is planned soon, and what a gift before it looks like; "" when none is."""
    if found.ask is None:
        return ""
    days = (found.ask - today).days
    when = f"{found.ask.day} {MONTHS[found.ask.month - 1]}"
    ahead = f"{COUNTED[days] if days < len(COUNTED) else days} {'day' if days == 1 else 'days'} before it" if days else "on the same day"
    return f"{_INFO}<p><b>An ask is planned for {when}.</b> A gift {ahead} can look like a price. Give it if you would anyway.</p>"


def entries(found: Sequence[Logged], clock: Callable[[datetime], str], address: Callable[[Logged], str], files: str) -> str:
    """Today's entries, the last first, each with what takes it back; below them the way to files, at the address `files`."""
    rows = "".join(_entry(one, clock, address) for one in found)
    listed = f"<h2>Today</h2><ul>{rows}</ul>" if found else ""
    return f'{listed}<a class="files" href="{escape(files)}">Read activities of the CRM from a file</a>'


def _entry(one: Logged, clock: Callable[[datetime], str], address: Callable[[Logged], str]) -> str:
    kind = log.KINDS[one.register]
    words = ": ".join(part for part in (", ".join(filter(None, (kind, one.account))), one.title if one.title not in _PLAIN else "") if part)
    return (
        f'<li><a href="{escape(address(one))}">{escape(words)}</a><span class="mut">{escape(clock(one.at))}</span>'
        f'<button type="button" class="undo" data-undo="{escape(f"{one.register}:{one.id}:{one.version}")}" aria-label="Undo: {escape(words)}">undo</button></li>'
    )


_PLAIN = ("touch", "hand-off")


def _near(day: date) -> str:
    return f"{day.day} {SHORT_MONTHS[day.month - 1]}"

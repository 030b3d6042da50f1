"""The tables of the tabs Messages and Calendar of the page Settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date

from scorecard.core.periods import SHORT_MONTHS, day
from scorecard.diary import KINDS, Entry
from scorecard.digest import KINDS as ABOUT
from scorecard.digest import WAYS, Channel, Message
from scorecard.output import marks
from scorecard.output.theme import escape

STATES = {
    "dry_run": ("open", "dry run, not sent"),
    "waiting": ("half", "waiting"),
    "sent": ("done", "sent"),
    "failed": ("cross", "given up"),
    "recovered": ("open", "no longer needed"),
}


def channels(found: Sequence[Channel], lacking: Mapping[str, str]) -> str:
    """Where messages go, what about, and whether they really leave. `lacking` says by id what is missing on the server."""
    rows = "".join(_channel(one, lacking.get(one.id, "")) for one in found)
    return _table(("To", "Hears of", "Said again", "State"), rows)


def _channel(one: Channel, lacking: str) -> str:
    again = f"after {one.repeat_after} days" if one.repeat_after else "never"
    about = ", ".join(ABOUT[kind] for kind in one.about)
    state = ("half", "dry run: written down, not sent") if not one.live else ("cross", lacking) if lacking else ("done", "live")
    return (
        f'<tr><th scope="row">{escape(one.recipient)}<span class="sub">{escape(WAYS[one.way])}</span></th>'
        f'<td>{escape(about)}</td><td class="mut">{again}</td><td>{_marked(*state)}</td></tr>'
    )


def messages(found: Sequence[Message], zone: Callable[..., str]) -> str:
    """The last messages: what, to whom, when, and what became of each. `zone` words a moment."""
    rows = "".join(_message(one, zone) for one in found)
    return _table(("Message", "To", "Written", "State"), rows)


def _message(one: Message, zone: Callable[..., str]) -> str:
    mark, words = STATES[one.state]
    if one.state == "waiting" and one.attempts:
        tries = "1 try" if one.attempts == 1 else f"{one.attempts} tries"
        mark, words = "clock", f"{tries}, next at {zone(one.next_at)}" if one.next_at else f"{tries}, next at once"
    said = f'<span class="sub">{escape(one.said)}</span>' if one.said and one.state != "sent" else ""
    return (
        f'<tr><td><b>{escape(one.subject)}</b></td><td class="mut">{escape(one.recipient)}</td>'
        f'<td class="mut">{escape(zone(one.made_at))}</td><td>{_marked(mark, words)}{said}</td></tr>'
    )


def calendar(found: Sequence[Entry], names: Mapping[str, str], today: date) -> str:
    """The entries by day: what, who, and whether it was held."""
    rows = "".join(_entry(one, names, today) for one in found)
    return _table(("Day", "What", "Owner", "State"), rows)


def _entry(one: Entry, names: Mapping[str, str], today: date) -> str:
    kind = "" if one.title.startswith(KINDS[one.kind]) else f'<span class="sub">{escape(KINDS[one.kind])}</span>'
    time = (f" {one.begins}" if one.begins else "") + (f" to {day(one.ends)}" if one.ends else "")
    return (
        f'<tr><td class="nw">{day(one.planned)}{escape(time)}</td><th scope="row">{escape(one.title)}{kind}</th>'
        f'<td class="mut">{escape(names.get(one.owner, one.owner))}</td><td>{_marked(*state(one, today))}</td></tr>'
    )


def state(one: Entry, today: date) -> tuple[str, str]:
    """(mark, words) of an entry: held, held late, missed, planned, moved, or past and not yet said."""
    if one.state == "held":
        late = "" if one.on_time else f", on {_short(one.held_on)}"
        return ("done" if one.on_time else "clock"), f"held{late}"
    if one.state == "missed":
        return "cross", f"missed{f': {one.note}' if one.note and not one.note.startswith('on the review day') else ''}"
    if one.ends is not None and one.planned <= today <= one.ends:
        return "half", "under way"
    if (one.ends or one.planned) < today:
        return "half", "past: was it held?"
    return "planned", f"moved from {_short(one.moved_from)}" if one.state == "moved" and one.moved_from else "planned"


def _short(value: date) -> str:
    return f"{value.day} {SHORT_MONTHS[value.month - 1]}"


def _marked(mark: str, words: str) -> str:
    return f'<span style="display:inline-flex;align-items:center;gap:8px">{marks.mark(mark)}<span>{escape(words)}</span></span>'


def _table(heads: Sequence[str], rows: str) -> str:
    head = "".join(f'<th scope="col">{name}</th>' for name in heads)
    return f'<div class="scroll"><table class="dense"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'

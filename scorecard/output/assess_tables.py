"""Assessing maturity as it is read: the practices of a system, progress, what stands beside them, the list of cycles."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

from scorecard.core.periods import SHORT_MONTHS, Period, day
from scorecard.core.rubric import LEVELS, THRESHOLD
from scorecard.output import marks
from scorecard.output.theme import escape

if TYPE_CHECKING:
    from scorecard.core.maturity_file import Model, Practice
    from scorecard.maturity import Cycle, Draft, Left, Part, Sheet, Standing

Href = Callable[[str], str]
TODAY_NOT_SHOULD = "Say how it is today, not how it should be."
NEVER_CHANGE = "Shown to help you remember. Records never change your answer."


def near(value: date) -> str:
    """`18 Sep`."""
    return f"{value.day} {SHORT_MONTHS[value.month - 1]}"


def count(n: int, one: str, many: str = "") -> str:
    """`1 practice`, `6 practices`."""
    return f"{n:,} {one if n == 1 else many or f'{one}s'}"


def minutes(seconds: int) -> str:
    """How long that is, in words: `10 seconds`, `about 5 minutes`."""
    if seconds < 60:
        return f"{seconds} seconds"
    rounded = round(seconds / 60)
    return f"about {count(rounded, 'minute')}"


# --- the head --------------------------------------------------------------------------------------------------------


def crumbs(steps: Sequence[tuple[str, str]]) -> str:
    """`Maturity › September 2026`: where this page stands; a step without an address leads nowhere."""
    told = ' <span aria-hidden="true">›</span> '.join(
        f'<a href="{escape(href)}">{escape(words)}</a>' if href else escape(words) for words, href in steps
    )
    return f'<p class="cap">{told}</p>'


def purpose(part: Part, seconds: int) -> str:
    """What a system is about, how many practices it has and how long they take: plain text."""
    return f"{part.system.purpose} {count(len(part.practices), 'practice')}, {minutes(seconds)}. {TODAY_NOT_SHOULD}"


def progress(answered: int, questions: int, seconds: int) -> str:
    """How many are answered, how long the rest takes, and the bar."""
    left = "all answered" if answered == questions else "under a minute left" if 30 < seconds < 60 else f"{minutes(seconds)} left"
    share = 100 * answered / max(questions, 1)
    return (
        f'<div class="a-progress"><div class="progress"><span><b>{answered} of {questions}</b> answered</span>'
        f'<span class="mut">{left}</span></div><div class="bar" aria-hidden="true"><span style="width:{share:.1f}%"></span></div></div>'
    )


# --- the practices of a system ---------------------------------------------------------------------------------------


def practices(sheet: Sheet, shown: Iterable[Practice], href: Href, open_one: str = "") -> str:
    """Practices one below the other, each with its answer; `href` gives the address that opens one."""
    rows = "".join(_practice(sheet, one, href, one.id == open_one) for one in shown)
    return f'<ul class="a-list">{rows}</ul>' if rows else ""


def _practice(sheet: Sheet, one: Practice, href: Href, is_open: bool) -> str:
    draft = sheet.drafts.get(one.id)
    state, said = ("done", "answered") if draft else ("open", "not answered yet")
    if sheet.lacks_evidence(one.id):
        state, said = "half", "answered, evidence is missing"
    name = (
        f'<a class="name" aria-expanded="{"true" if is_open else "false"}" href="{escape(href(one.id))}">{escape(one.title)}</a>'
    )
    return (
        f'<li class="a-row{" open" if is_open else ""}" data-practice="{escape(one.id)}" data-state="{state}">'
        f'<span class="a-mark">{marks.mark(state, said)}</span><span class="a-id">{escape(one.id)}</span>'
        f'<span class="a-title">{name}</span>{"" if is_open else _answer(sheet, draft)}{_chevron(is_open)}</li>'
    )


def _answer(sheet: Sheet, draft: Draft | None) -> str:
    if draft is None:
        return '<span class="a-clip"></span><span class="a-dots"></span><span class="a-level"></span>'
    dots, words = ("", "Does not apply" if not draft.applicable else "I don’t know")
    if draft.chosen is not None:
        dots, words = level_dots(draft.chosen), sheet.model.level_names[draft.chosen - 1]
    clip = f'{_CLIP}<span class="vh">evidence given</span>' if draft.evidence else ""
    return f'<span class="a-clip">{clip}</span><span class="a-dots">{dots}</span><span class="a-level">{escape(words)}</span>'


_CLIP = marks.svg(14, 14, '<path class="m-grey" fill="none" stroke-width="1.4" d="M10.6 3.4V9.6A3.4 3.4 0 0 1 3.8 9.6V3.6A2.3 2.3 0 0 1 8.4 3.6V9A1.2 1.2 0 0 1 6 9V4.2"/>')


def level_dots(level: int) -> str:
    """Five circles, the first ones filled."""
    circles = "".join(
        f'<circle class="{"m-inkfill" if n <= level else "m-ink thin"}" cx="{7 + 14 * (n - 1)}" cy="7" r="{4.6 if n <= level else 4.1}"/>'
        for n in LEVELS
    )
    return marks.svg(14 * len(LEVELS), 14, circles, f"Level {level:d} of {len(LEVELS)}")


def _chevron(is_open: bool) -> str:
    path = "M3 9.5L7.5 5 12 9.5" if is_open else "M3 5.5L7.5 10 12 5.5"
    return f'<span class="i-chev">{marks.svg(15, 15, f"""<path class="m-ink" d="{path}"/>""")}</span>'


def standing(chosen: int, stands: int, missing: Sequence[str], names: Sequence[str]) -> str:
    """Which level stands, and what the next one lacks."""
    if stands == chosen:
        return f'<p class="a-stands">{marks.mark("done")}<span><b>Level {chosen} {escape(names[chosen - 1])} stands.</b> All criteria up to it are met.</span></p>'
    lacks = " and ".join(f"“{escape(text)}”" for text in missing)
    return (
        f'<p class="a-stands">{marks.mark("half")}<span><b>Level {stands} {escape(names[stands - 1])} stands for now:</b> '
        f"level {stands + 1} asks for {lacks}.</span></p>"
    )


def attached(lines: Sequence[str]) -> str:
    """The links and records under an evidence text. Links open apart and tell nobody where they came from."""
    return f'<ul class="a-attached">{"".join(f"<li>{_line(one)}</li>" for one in lines)}</ul>' if lines else ""


def _line(text: str) -> str:
    if text.startswith(("https://", "http://")):
        return f'<a href="{escape(text)}" target="_blank" rel="noopener noreferrer nofollow">{escape(text)}</a>'
    return escape(text)


def records(lines: Sequence[str], contradicts: str = "") -> str:
    """What the product's own records show about a practice."""
    told = "".join(f"<li>{escape(line)}</li>" for line in lines)
    against = f'<p class="a-against"><b>{escape(contradicts)}</b></p>' if contradicts else ""
    found = f"<ul>{told}</ul>" if len(lines) > 1 else f"<p>{escape(lines[0])}</p>"
    return f'<aside class="a-records"><h2>What our records show</h2>{found}{against}<p class="cap">{NEVER_CHANGE}</p></aside>'


# --- what stands beside ----------------------------------------------------------------------------------------------


def beside(sheet: Sheet, current: str, days: Mapping[str, date], href: Href, alone: bool = False) -> str:
    """The other systems with a day for each, what becomes of the answers, and the five levels."""
    return (
        f'<div class="a-beside">{_systems(sheet, current, days, href)}<section><h2>{_private_head(sheet.cycle)}</h2>'
        f'<p class="cap">{private(sheet.cycle, alone)}</p></section>{five_levels(sheet.model)}</div>'
    )


def _systems(sheet: Sheet, current: str, days: Mapping[str, date], href: Href) -> str:
    rows = "".join(_system(part, current, days, href) for part in sheet.parts)
    when = "" if sheet.finished else " One every few days." if len(sheet.parts) > 1 else ""
    title = "Your seven systems" if len(sheet.parts) == 7 else "Your systems"
    return (
        f'<section><h2>{title}</h2><p class="cap">{when} Cycle closes {near(sheet.cycle.closes)}.</p>'
        f'<ul class="a-systems">{rows}</ul></section>'
    )


def _system(part: Part, current: str, days: Mapping[str, date], href: Href) -> str:
    here = part.system.id == current
    begun = f"{part.answered} of {len(part.practices)}"
    told = "" if part.done else begun if here or part.answered else near(days[part.system.id]) if part.system.id in days else begun
    mark = marks.mark("done", "done") if part.done else ""
    link = (
        f'<a class="name{" here" if here else ""}"{" aria-current=true" if here else ""} href="{escape(href(part.system.id))}">'
        f"{escape(part.system.label)}</a>"
    )
    return f'<li><span class="a-mark">{mark}</span>{link}<span class="cap">{"<b>" + told + "</b>" if here else told}</span></li>'


def _private_head(cycle: Cycle) -> str:
    return "Private" if cycle.anonymous else "Named"


STAYS = " Until you send, it stays in this browser alone: nobody else who has your link can read it."


def private(cycle: Cycle, alone: bool = False) -> str:
    """Who sees the answers of a cycle, and when; `alone` is for who came by a link and sees no results."""
    link = STAYS if alone else ""
    if cycle.anonymous:
        return (
            "Your name is never shown with an answer. Results appear when the cycle is closed and five people have "
            f"finished, and no group smaller than {_NUMBERS[THRESHOLD]} is ever shown.{link}"
        )
    if alone:
        return f"Your name stands with your answers. Who has finished too sees them; whoever sent you the link shows you the results.{link}"
    return "Your name stands with your answers. You see what others said after you finish, and they see yours after they do."


_NUMBERS = {5: "five"}


def five_levels(model: Model) -> str:
    """The five levels with what each means."""
    rows = "".join(
        f'<tr><td>{n}</td><th scope="row">{escape(name)}</th><td>{escape(words)}</td></tr>'
        for n, (name, words) in enumerate(zip(model.level_names, model.level_words, strict=True), 1)
    )
    return f'<section><h2>The five levels</h2><table class="a-five"><tbody>{rows}</tbody></table></section>'


def sent(cycle: Cycle, finished: int, asked: int, alone: bool = False, link_by: str = "") -> str:
    """What a rater reads who has sent everything; and in the app who made the link by which it came, should it have been somebody else."""
    by = f" They came by the personal link that {escape(link_by)} made. Was that not you? Tell an admin." if link_by and not alone else ""
    return (
        f'<div class="a-sent">{marks.mark("done")}<div><p><b>Thank you, your answers to {escape(cycle.title)} are sent.</b></p>'
        f'<p class="mut">{finished} of {asked} people have finished. The cycle closes {near(cycle.closes)}. '
        f"What was sent is no longer changed.{by} {private(cycle, alone and not cycle.anonymous).removesuffix(STAYS)}</p></div></div>"
    )


def strip(organisation: str, cycle: Cycle | None, after: date | None) -> str:
    """The head of a form that stands alone: whose it is, which cycle, and when the next one is."""
    parts = [organisation, cycle.title if cycle else "", f"next cycle {Period(after.replace(day=1), 'month').label}" if after else ""]
    told = " · ".join(escape(part) for part in parts if part)
    return f'<div class="a-strip"><div>{marks.logo(22)}<b>Seven Systems</b><span>{told}</span></div></div>'


# --- cycles ----------------------------------------------------------------------------------------------------------


def cycles(found: Sequence[Standing], href: Callable[[Cycle], str], today: date) -> str:
    """Cycles with how many people have finished, the newest first; `href` opens the results of a closed one."""
    if not found:
        return '<p class="mut">No cycle yet. A team that answers the same questions twice a year sees what moved.</p>'
    heads = "".join(f'<th scope="col">{name}</th>' for name in ("Cycle", "Asks", "Answers", "Open", "Finished", "State"))
    rows = "".join(_cycle(one, href, today) for one in found)
    return (
        f'<table class="dense stacks a-cycles"><caption class="vh">Cycles, the newest first</caption><thead><tr>{heads}</tr></thead>'
        f"<tbody>{rows}</tbody></table>"
    )


def _cycle(one: Standing, href: Callable[[Cycle], str], today: date) -> str:
    cycle = one.cycle
    asks = "all practices" if cycle.kind == "full" else "one question a system"
    name = f'<a class="name" href="{escape(href(cycle))}">{escape(cycle.title)}</a>' if not cycle.open else f'<span class="name">{escape(cycle.title)}</span>'
    return (
        f'<tr><th scope="row">{name}</th><td>{asks}, {count(len(cycle.systems), "system")}</td><td>{cycle.mode}</td>'
        f'<td>{near(cycle.opens)} to {day(cycle.closes)}</td><td>{one.finished} of {one.asked}</td><td>{_state(cycle, today)}</td></tr>'
    )


def _state(cycle: Cycle, today: date) -> str:
    if cycle.open:
        past = ", past its last day" if cycle.closes < today else ""
        return f'<span class="sig">{marks.mark("half")}Open{past}</span>'
    on = f" {near(cycle.closed_at.date())}" if cycle.closed_at else ""
    return f'<span class="sig">{marks.mark("done")}Closed{on}</span>'


def late(names: Sequence[str]) -> str:
    """Who has not finished, in a sentence."""
    return f'<p><b>{count(len(names), "person has", "people have")} not finished:</b> {escape(", ".join(names))}.</p>'


def waiting(left: Left, href: str, more: int = 0, others: str = "") -> str:
    """The line that leads somebody to a cycle that waits, and to so many more."""
    begun = f"{left.answered} of {left.questions} answered" if left.answered else f"{left.questions} questions"
    rest = f' · <a href="{escape(others)}">{more} more {"waits" if more == 1 else "wait"}</a>' if more > 0 else ""
    return (
        f'<p class="a-waits">{marks.mark("half" if left.answered else "open")}<span><b>{escape(left.cycle.title)} waits for you:</b> '
        f'{begun}, closes {near(left.cycle.closes)}. <a href="{escape(href)}">Answer now</a>{rest}</span></p>'
    )


# --- the quick form --------------------------------------------------------------------------------------------------


def question(part: Part) -> str:
    """A system with its one question."""
    mark = marks.mark("done", "answered") if part.done else marks.mark("open", "not answered yet")
    return (
        f'<div class="q-head"><span class="a-mark">{mark}</span><div><h2>{escape(part.system.label)}</h2>'
        f"<p>{escape(part.system.question)}</p></div></div>"
    )


def quick_foot(sheet: Sheet, alone: bool) -> str:
    """What becomes of the answers, what the quick form is for, who else was asked."""
    practices = sum(len(sheet.model.of(system)) for system in sheet.cycle.systems)
    link = " The link is yours alone and ends with the cycle." if alone else ""
    columns = (
        (_private_head(sheet.cycle), private(sheet.cycle, alone)),
        ("What it is for", f"It shows where to look. It never replaces the full cycle of {practices} practices, and it is drawn apart from it."),
        ("Who else", f"{count(sheet.asked, 'person was', 'people were')} asked, {sheet.have_finished} {'has' if sheet.have_finished == 1 else 'have'} answered.{link}"),
    )
    return '<div class="q-foot">' + "".join(f"<section><h2>{head}</h2><p class=cap>{text}</p></section>" for head, text in columns) + "</div>"

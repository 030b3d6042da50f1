"""The page Advocacy as it is read: the pipeline, who may be asked, one ask prepared, referrals and thanks, what it is worth."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from scorecard.core.advocacy import PRINCIPLES
from scorecard.core.advocacy_worth import LINES
from scorecard.core.periods import day
from scorecard.core.reading import Sentence
from scorecard.core.value import CASES, ORIGINS
from scorecard.output import html, review_tables, tables
from scorecard.output.part_tables import Table
from scorecard.output.improvement_value import amount
from scorecard.output.sensory_marks import money
from scorecard.output.theme import escape
from scorecard.relations import advocacy
from scorecard.relations.advocacy import MOST_MARKS
from scorecard.relations.persuasion import COMMITMENT, NOTHING

if TYPE_CHECKING:
    from scorecard.core.advocacy import Stage, Used
    from scorecard.relations.advocacy import Board, Planned, Reference, Worth
    from scorecard.relations.persuasion import Sheet

Href = Callable[[str], str]
KINDS = {"call": "call", "story": "story", "review": "review", "event": "event", "referral": "referral", "council": "council", "press": "press"}
TITLES = {"candidate": "Candidate", "asked": "Asked", "agreed": "Agreed", "active": "Active", "resting": "Resting"}
TOLD = {
    "candidate": "named, not yet asked", "asked": "asked, no answer yet", "agreed": "said yes, not active yet", "active": "ready when needed",
    "resting": "asked enough for now",
}  # fmt: skip
WENT = {"candidate": "{} of {} were asked", "asked": "{} of {} agreed", "agreed": "{} of {} became active", "active": "{} of {} rest or rested"}
EMPTY = ("<p class=\"mut\"><b>Nobody speaks for us yet, as far as is written here.</b> A reference begins with somebody who had a good moment with us. "
         "Name a candidate; whether to ask comes later.</p>")  # fmt: skip
MONTH_DAYS, LONG_DAYS = 30.44, 120
STUDY = ("A published study, to compare: 20,000 customers, $25,000 a year each, 12% margin, 80% retention: $3,279,799 of retention value in three years. "
         "How much retention was gained is not published; the page Improvement solves for it.")  # fmt: skip


def second_line(found: Board) -> str:
    """`References, referrals and gratitude · 12 months to 20 Nov 2026 · 17 advocates`."""
    n = "1 advocate" if found.advocates == 1 else f"{found.advocates} advocates"
    return f"References, referrals and gratitude · 12 months to {day(found.today)} · {n}"


def says(found: Board, accepted: Sentence | None, worth: Worth | None, currency: str) -> str:
    """The sentences at the top of the page; `accepted` compares asks after a deposit with those without one."""
    first, *rest = advocacy.sentences(found) or [None]
    made = worth_sentence(worth, currency) if worth and not worth.empty else None
    lines = [one for one in (first, accepted, *rest, made) if one]
    return tables.says(lines) if lines else EMPTY


# -- the pipeline


def pipeline(found: Board) -> str:
    """A chevron for each stage: who came into it, how long they stay, how many went on, with the interval."""
    items = "".join(_stage(one) for one in found.stages)
    told = f"came into it since {day(found.since)}; days are medians, those still there counted as waiting"
    return review_tables.section("Pipeline", f'<ul class="av-pipe">{items}</ul>', told)


def _stage(one: Stage) -> str:
    went = WENT.get(one.id)
    share = f" ({one.interval[0] * 100:.0f} to {one.interval[1] * 100:.0f}%)" if one.interval and one.went_on else ""
    conversion = f"<br><b>{went.format(one.went_on, one.came)}{share}</b>" if went and one.came else ""
    return f'<li><div><b>{TITLES[one.id]}</b><b class="n">{one.came}</b></div><p>{stay(one)}<br>{one.now} now: {TOLD[one.id]}{conversion}</p></li>'


def stay(one: Stage) -> str:
    """`41 days at the median`, `7 months at the median`, or why there is none."""
    if not one.stay.n:
        return "nobody yet"
    if one.stay.median is None:
        return "half have not left it yet"
    long = one.stay.median >= LONG_DAYS
    n = round(one.stay.median / MONTH_DAYS) if long else round(one.stay.median)
    return f"{n} {'month' if long else 'day'}{'' if n == 1 else 's'} at the median"


# -- who may be asked


def references(found: Board, shown: Sequence[Reference], href: Href) -> str:
    """Active references by name: their asks of twelve months, the last one, and from when they may be asked."""
    rule = found.guard
    told = f"at most {rule.most} asks in {rule.within} days, then {rule.rest} days of rest"
    if not found.references:
        return review_tables.section("Who may be asked", '<p class="mut">No reference is active. Who agreed and is ready when needed is active.</p>', told)
    heads = "".join(f'<th scope="col">{head}</th>' for head in ("Active reference", "Asks, a year", "Last", '<span class="vh">May be asked</span>'))
    rows = "".join(_reference(one, href) for one in shown)
    of = f"{len(shown)} of {len(found.references)}, " if len(shown) < len(found.references) else ""
    foot = f'<p class="foot">{of}in alphabetical order. Filled agreed, hollow declined, dashed not answered yet.</p>'
    return review_tables.section("Who may be asked", f'<table class="av-list"><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>{foot}', told)


def _reference(one: Reference, href: Href) -> str:
    marks = "".join(f'<i class="{ {True: "yes", False: "no", None: "open"}[answer] }"></i>' for answer in one.asks[-MOST_MARKS:])
    counts = f"{sum(a is True for a in one.asks)} agreed, {sum(a is False for a in one.asks)} declined, {sum(a is None for a in one.asks)} not answered"
    may = f'<span class="mut">left on {day(one.gone)}</span>' if one.gone else f'<span class="av-full">full to {day(one.full_until)}</span>' if one.full_until else f'<span class="av-free">{_check(True)}free</span>'
    kinds = ", ".join(KINDS.get(kind, kind) for kind in one.kinds)
    return (f'<tr><th scope="row"><a class="name" href="{escape(href(one.id))}">{escape(one.name)}</a><span class="sub">{escape(kinds or one.who)}</span></th>'
            f'<td><span class="av-asks" role="img" aria-label="{counts}">{marks}</span></td><td class="nw mut">{day(one.last) if one.last else "never"}</td><td>{may}</td></tr>')


def _check(yes: bool) -> str:
    if yes:
        return '<svg viewBox="0 0 14 14" aria-hidden="true"><circle class="m-inkfill" cx="7" cy="7" r="6.5"/><path class="m-onink" d="M4 7.3 6.2 9.4 10 5"/></svg>'
    return '<svg viewBox="0 0 14 14" aria-hidden="true"><circle class="m-grey" cx="7" cy="7" r="6"/></svg>'


def referrals(found: Board, currency: str) -> str:
    """Referrals and thanks of twelve months."""
    r, t = found.referrals, found.thanks
    loaded = f"; {r.loaded} more accounts name who recommended us" if r.loaded else ""
    every = "" if not t.advocates else f"all {t.advocates} advocates at least once" if t.thanked == t.advocates else f"{t.thanked} of {t.advocates} advocates at least once"
    rows = [
        ("Referrals asked, given, won", f"{r.asked}, {r.given}, {r.won}", f"{money(r.revenue, currency)} a year{loaded}"), ("Thanks given", str(t.given), every),
        ("Thanks received from customers", str(t.received), f"{t.public} with a name in public" if t.public else ""), ("Thanks that other customers saw", str(t.observed), ""),
    ]  # fmt: skip
    body = "".join(f'<tr><th scope="row">{name}</th><td class="r"><b>{count}</b></td><td class="r mut">{escape(told)}</td></tr>' for name, count, told in rows)
    return review_tables.section("Referrals and thanks", f'<table class="av-list"><tbody>{body}</tbody></table>', "12 months")


# -- the sheet


def sheet_head(found: Sheet) -> str:
    """`Ask prepared: case study, Brightwater Foods`."""
    return f"Ask prepared: {found.title}"


def sheet(found: Sheet) -> str:
    """The seven principles with what may be said, the commitment asked for, and what would make it press."""
    heads = '<tr><th scope="col">Principle</th><th scope="col">What the records say, and may be said</th><th scope="col"><span class="vh">Used</span></th></tr>'
    rows = "".join(_principle(name, found) for name in PRINCIPLES)
    parts = " ".join(f"{label}: {found.commitment[name].rstrip('.')}." for name, label in COMMITMENT.items() if found.commitment[name])
    asked = f'<div class="av-box"><b>The commitment asked for</b><span>{escape(parts)}</span></div>' if parts else ""
    press = f'<div class="av-box one"><span><b>No pressure.</b> {escape(" ".join(found.warnings))}</span></div>' if found.warnings else ""
    return f'<table class="av-sheet"><thead>{heads}</thead><tbody>{rows}</tbody></table>{asked}{press}'


def _principle(name: str, found: Sheet) -> str:
    text, used = found.texts[name], name in found.used
    said = escape(text) if text else f'<span class="mut">{NOTHING}</span>'
    word = "used" if used else '<span class="mut">left out</span>'
    return f'<tr><th scope="row">{PRINCIPLES[name]}</th><td>{said}</td><td><span class="used">{_check(used)}{word}</span></td></tr>'


def planned(found: Sequence[Planned], href: Href, opened: str, title: str = "Also planned") -> str:
    """The other asks that are planned, or wait for an answer, each with its sheet one click away."""
    others = [one for one in found if one.id != opened]
    if not others:
        return ""
    items = "".join(f'<li><a href="{escape(href(one.id))}">{escape(one.what)}, {escape(one.name)}</a> <span class="mut">{day(one.on)}</span></li>' for one in others[:8])
    more = f'<p class="foot">and {len(others) - 8} more</p>' if len(others) > 8 else ""
    return f'<section class="sec"><h3>{title}</h3><ul>{items}</ul>{more}</section>'


def document(found: Sheet, today: str) -> bytes:
    """The sheet as a page of its own, to be printed. It is for the person who asks, and says so."""
    foot = f'<p class="foot">For {escape(found.by or "the person who asks")}, prepared {today}. Not for the customer. Say what is true, ask once, thank them whatever they answer.</p>'
    head = f'<h1>{escape(sheet_head(found))}</h1><p class="cap">{escape(" · ".join(filter(None, (found.by, day(found.ask.at), found.kind))))}</p>'
    return html.document(found.title, f'<div class="stack" style="max-width:720px;padding:24px">{head}{sheet(found)}{foot}</div>', parts=["advocacy"]).encode()


# -- acceptance by principle


def principles(found: Board) -> str:
    """How often asks were agreed to with and without each principle; figures only with enough cases."""
    told = f'<p class="foot">{escape(advocacy.principle_sentence(found))}</p>'
    read = [one for one in found.used if one.reading]
    if not read:
        return review_tables.section("Acceptance by principle", told)
    rows = "".join(_used(one) for one in found.used)
    heads = "".join(f'<th scope="col">{head}</th>' for head in ("Principle", "With it", "Without it", "Points apart, 95%"))
    return review_tables.section("Acceptance by principle", f'<table class="av-list"><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>{told}')


def _used(one: Used) -> str:
    if one.reading is None:
        return f'<tr><th scope="row">{PRINCIPLES[one.principle]}</th><td colspan="3" class="mut">too few yet: {one.with_it.n} with it, {one.without.n} without</td></tr>'
    r = one.reading
    apart = f"{r.difference * 100:+.0f} ({r.lower * 100:.0f} to {r.upper * 100:.0f})".replace("-", "−")
    return (f'<tr><th scope="row">{PRINCIPLES[one.principle]}</th><td>{one.with_it.hits} of {one.with_it.n}</td><td>{one.without.hits} of {one.without.n}</td><td>{apart}</td></tr>')


# -- worth


def worth_sentence(found: Worth, currency: str) -> Sentence:
    """`Advocacy was worth about $137k in 12 months, between $19k and $271k as the assumptions go from cautious to hopeful.`"""
    low, base, high = (signed(found.total(case), currency) for case in CASES)
    return Sentence(f"Advocacy was worth about {base} in 12 months,", f"between {low} and {high} as the assumptions go from cautious to hopeful.")


def signed(value: float, currency: str) -> str:
    """Money with its sign: `−$19k`."""
    return f"−{money(-value, currency)}" if value < 0 else money(value, currency)


def worth(found: Worth, currency: str, study_href: str) -> str:
    """Every assumption with where it is from, and the parts of the sum, low, base and high."""
    heads = "".join(f"<th>{head}</th>" for head in ("Assumption", "Low", "Base", "High"))
    rows = "".join(
        f'<tr><th scope="row">{escape(one.label)}<span class="sub">{escape(_origin(found, one.id, one.origin))}</span></th>' + "".join(f"<td>{escape(amount(one, one.value(case), currency))}</td>" for case in CASES) + "</tr>"
        for one in found.assumptions
    )
    results = "".join(
        f'<tr><th scope="row">{label}<span class="sub">{told}</span></th>' + "".join(f"<td>{signed(found.lines[case][name], currency)}</td>" for case in CASES) + "</tr>"
        for name, (label, told) in LINES.items()
    )
    whole = '<tr class="all"><th scope="row">Worth a year</th>' + "".join(f"<td>{signed(found.total(case), currency)}</td>" for case in CASES) + "</tr>"
    left = f'<div class="ip-wide" tabindex="0"><table class="ip-num"><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>'
    right = f'<div class="ip-wide" tabindex="0"><table class="ip-num"><thead><tr>{heads.replace("Assumption", "Result")}</tr></thead><tbody>{results}{whole}</tbody></table></div>'
    study = f'<p class="foot">{STUDY} <a href="{escape(study_href)}">The study with our figures in its place</a></p>'
    return f'<div class="ip-two"><div>{left}</div><div>{right}{study}</div></div>'


def _origin(found: Worth, id: str, origin: str) -> str:
    source = found.sources.get(id)
    return f"{ORIGINS[origin]}: {source}" if source else ORIGINS[origin]


# -- twins

PARTS = ("Pipeline", "References", "Referrals and thanks", "Principles", "Worth")


def twins(found: Board, made: Worth | None) -> list[Table]:
    """The parts of the page as rows: pipeline, references, referrals and thanks, principles, worth."""
    stages = [[TITLES[one.id], one.came, one.went_on, *(one.interval or (None, None)), one.now, one.stay.median] for one in found.stages]
    people = [[one.account, one.name, one.who, ", ".join(one.kinds), one.owner, len(one.asks), sum(a is True for a in one.asks), sum(a is False for a in one.asks), one.last, one.full_until, one.left]
              for one in found.references]
    r, t = found.referrals, found.thanks
    figures = [["referrals asked", r.asked], ["referrals given", r.given], ["referrals won", r.won], ["revenue of referrals won, a year", r.revenue], ["accounts that name who recommended us", r.loaded],
               ["thanks given", t.given], ["thanks received", t.received], ["thanks observed", t.observed], ["thanks with a name in public", t.public], ["advocates thanked", t.thanked]]
    used = [[PRINCIPLES[one.principle], one.with_it.hits, one.with_it.n, one.without.hits, one.without.n, *((one.reading.difference, one.reading.lower, one.reading.upper) if one.reading else (None,) * 3)]
            for one in found.used]
    return [
        Table("Pipeline", ("stage", "came into it", "went on", "low", "high", "now", "median days"), stages),
        Table("References", ("account", "name", "who speaks", "for what", "owner", "asks", "agreed", "declined", "last ask", "full until", "asks left"), people),
        Table("Referrals and thanks", ("figure", "value"), figures),
        Table("Principles", ("principle", "agreed with it", "asks with it", "agreed without", "asks without", "difference", "low", "high"), used),
        *([_worth_table(made)] if made else []),
    ]  # fmt: skip


def _worth_table(made: Worth) -> Table:
    inputs = [["assumption", one.label, one.unit, *(one.value(case) for case in CASES), _origin(made, one.id, one.origin)] for one in made.assumptions]
    results: list[list[object]] = [["result", label, "money", *(made.lines[case][name] for case in CASES), told] for name, (label, told) in LINES.items()]
    whole: Mapping[str, float] = {case: made.total(case) for case in CASES}
    return Table("Worth", ("part", "name", "unit", *CASES, "where from"), [*inputs, *results, ["result", "Worth a year", "money", *whole.values(), "the sum"]])

"""Sample reviews for the tests of what is drawn: the October review of the pictures."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from scorecard.actions import Action
from scorecard.core.frozen import Signature
from scorecard.core.periods import Period
from scorecard.core.verdict import Verdict
from scorecard.reviews.model import Beside, Changes, Check, Item, Month, Moved, ReviewView, Told
from tests.output.make import CASES, OCTOBER, RECORDED, make_measure_view, make_row, make_sentence, make_view

SEPTEMBER = Period(date(2026, 9, 1), "month")
DECIDED_AT = datetime(2026, 11, 12, 13, 20)
SIGNED = Signature("Rana Amari", "rana-amari", "leader", datetime(2026, 11, 12, 14, 2), "67d211850aabf5f2" + "0" * 48, "a1")


def make_action(title: str, measure: str, owner: str = "Amara Osei", **changes) -> Action:
    """An action that is due on 12 December; `changes` replace fields."""
    action = Action(
        title[:8].strip().lower().replace(" ", "-"), title, "process", owner.lower().replace(" ", "-"), owner,
        date(2026, 12, 12), measure, "", None, None, None, "in_progress", date(2026, 11, 12), None,
        "review:customer-success:2026-10", "October 2026 review", "Rana Amari", RECORDED, "Rana Amari", RECORDED, 1,
    )
    return replace(action, **changes)


def make_item(place: int, measure: str, why: str, **changes) -> Item:
    """An item about a measure that is not started; `changes` replace fields."""
    row = make_row(next(case for case in CASES if case.id == measure), place)
    item = Item(
        f"measure:{measure}", place, "signal", measure, row.measure.label, why, row.reading.status, 15, "not_started",
        "", "", "", "find_the_cause", "A single point outside the limits has its own cause.", "", None, 0, (), row,
    )
    return replace(item, **changes)


def decided(item: Item, decision: str, *actions: Action) -> Item:
    """The item with a decision and its actions."""
    return replace(item, state="decided", decision=decision, decided_by="Rana Amari", decided_at=DECIDED_AT, actions=actions)


def make_items() -> tuple[Item, ...]:
    """The five items of the picture: three decided, one in discussion, one not started."""
    pilot = make_action("Pilot goes on, with a price talk 90 days out", "renewal_rate", effect=0.015, effect_by=date(2027, 4, 30))
    play = make_action("Write down the expansion play", "expansion", "Luc Renard", due=date(2026, 11, 30))
    limits = make_action("Set limits again from January 2026", "first_value", "Sam Whitlock", due=date(2026, 11, 16))
    return (
        decided(make_item(1, "renewal_rate", "8 months below its centre of 90.8%; Small business carries it"), "change_the_process", pilot),
        make_item(2, "tickets", "68 in October, 34 to 59 is normal", state="in_discussion", discussion="41 of the 68 are rota-publishing faults."),
        make_item(3, "plans", "Stable, but 60 to 85% cannot reach 90%", kind="unreachable", minutes=10, suggested="change_the_process"),
        decided(make_item(4, "expansion", "Rising 6 months running, $473k in October", minutes=5), "spread_what_works", play),
        decided(make_item(5, "first_value", "10 months below its centre of 31 days", minutes=5), "set_new_limits", limits),
    )


def make_told(title: str, measure: str, verdict: str, figures: str) -> Told:
    """An earlier action with a verdict."""
    said = Verdict(verdict, 8, 6, None, "shift", 31.0, 26.0, -5.0, make_sentence("", ""), figures)
    return Told(make_action(title, measure), said)


def make_changes(**changes) -> Changes:
    """What changed since September; `changes` replace fields."""
    moved = (Moved("tickets", "Tickets open over 14 days", "watch", "act"), Moved("expansion", "Expansion revenue", "watch", "on_course"))
    return replace(Changes(SEPTEMBER, moved, 8, (), (), (), (), (), ()), **changes)


def make_month(**changes) -> Month:
    """The October review, not signed; `changes` replace fields."""
    month = Month(
        "Larkfield", True, "customer-success", OCTOBER, "month", date(2026, 11, 12), "14:00", 60, "Rana Amari",
        ("Rana Amari", "Amara Osei", "Jo Lind"), (make_view(),), (make_measure_view("tickets"),), make_items(),
        (
            make_told("Kick-off checklist", "first_value", "worked", "31 → 26 days"),
            make_told("Renewal desk pilot", "renewal_rate", "too_few", "2 of 6 months run"),
            make_told("Weekly ticket triage", "tickets", "worse", "47 → 68"),
            Told(make_action("Ask the board", ""), None),
        ),
        make_changes(), "October was a month of tickets.",
    )
    return replace(month, **changes)


def make_review(**changes) -> ReviewView:
    """The October review in progress; `changes` replace fields."""
    month = make_month()
    view = ReviewView(
        month, "open", ("rana-amari", "Rana Amari"), (("rana-amari", "Rana Amari"), ("amara-osei", "Amara Osei")),
        tuple(make_row(CASES[n], n + 1) for n in (1, 3, 4, 5, 8)),
        (
            make_sentence("Five measures gave a signal or cannot reach their goal.", "They are the agenda, 50 minutes in all."),
            make_sentence("", "The other five are routine and need no time: Net revenue retention, Cost to serve per account, 30-day adoption, Contact schedule kept, Trust score."),
        ),
        (Check(True, "Figures loaded and checked, 2 Nov"), Check(True, "Last month’s actions read"), Check(False, "Decide items 2 and 3")),
        replace(SIGNED, signed_at=datetime(2026, 10, 14, 14, 5), fingerprint="e9ceff4de13e" + "0" * 52), SEPTEMBER,
        "Ten measures with limits from 24 months: chance alone gives a signal in about 1 review of 4. Before acting, ask what else says so.",
        "A draft.", 0, 3,
    )
    return replace(view, **changes)


def make_signed(**changes) -> ReviewView:
    """The October review signed, with two notes beside it."""
    items = tuple(one if one.decision else decided(one, "find_the_cause") for one in make_items())
    notes = (
        Beside("n1", "note", "New limits for Days to first value are in force from January 2026.", "Sam Whitlock", datetime(2026, 11, 16, 9, 0)),
        Beside("n2", "restated", "One October ticket was a duplicate: 67, not 68.", "Jo Lind", datetime(2026, 11, 18, 9, 0)),
    )
    month = make_month(items=items, signature=SIGNED, beside=notes)
    return replace(make_review(month=month, state="signed"), **changes)

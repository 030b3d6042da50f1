"""Months as they are exported: the sample company's, with a review that was held, decided and signed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

from scorecard import commands, metrics, sample
from scorecard.actions import Action
from scorecard.core.frozen import Signature
from scorecard.core.periods import Period
from scorecard.core.reading import Sentence
from scorecard.core.verdict import Verdict
from scorecard.reviews.model import Beside, Changes, Item, Month, Moved, Told
from scorecard.store.engine import Store, open_store
from tests.conftest import make_actor

TODAY = date(2026, 11, 22)
OCTOBER = Period(date(2026, 10, 1), "month")
CARD = "customer-success"
SIGNED = datetime(2026, 11, 12, 14, 2)
FINGERPRINT = "67d211850aabf5f2" + "0" * 48
AUDIT = "8855233a" + "0" * 56
COMMENTARY = "Renewals fell among small businesses.\n\nThe pilot goes on, with a price talk 90 days out."


def make_company(folder: Path) -> Store:
    """An open store with the sample company."""
    store = open_store(folder / "state.duckdb", folder / "facts.duckdb")
    commands.prepare(store)
    sample.load(store, make_actor("analyst", "sam", "Sam Whitlock"), TODAY)
    return store


def make_action(title: str = "Renewal desk pilot", **fields) -> Action:
    made = datetime(2026, 11, 12, 13, 30)
    action = Action(
        id="a1", title=title, kind="process", owner="amara", owner_name="Amara Osei", due=date(2026, 12, 12),
        measure="renewal_rate", segment="", effect=0.015, effect_by=date(2027, 4, 30), first_reading=OCTOBER.shift(2),
        state="in_progress", started=date(2026, 11, 16), ended=None, origin="review:customer-success:2026-10",
        origin_words="October 2026 review", made_by="Rana Amari", made_at=made, changed_by="Rana Amari",
        changed_at=made, version=1)  # fmt: skip
    return replace(action, **fields)


def make_verdict(**fields) -> Verdict:
    verdict = Verdict(
        verdict="worked", months=9, wanted=3, completed=OCTOBER, rule="beyond_limit", old_centre=0.577, mean=0.681,
        size=0.104, sentence=Sentence("It worked:", "30-day adoption moved from 57.7% to 68.1%."),
        figures="58 → 68%")  # fmt: skip
    return replace(verdict, **fields)


def make_item(row, place: int, **fields) -> Item:
    measure = row.measure
    item = Item(
        id=f"measure:{measure.name}", place=place, kind="signal", measure=measure.name, title=measure.label,
        why=row.reading.behaviour[0], status=row.reading.status, minutes=10, state="decided",
        discussion="41 of the 68 are rota-publishing faults.", decision="change_the_process", settle="",
        suggested="change_the_process", suggested_why="The way of working cannot give more.",
        decided_by="Rana Amari", decided_at=SIGNED, version=2, actions=(make_action(),), row=row)  # fmt: skip
    return replace(item, **fields)


def make_changes() -> Changes:
    moved = Moved("mrr_expansion", "Expansion revenue", "watch", "on_course")
    return Changes(
        OCTOBER.shift(-1), (moved,), 8, ("Tickets open over 14 days: above its limits.",), (), (), (), (), ()
    )


def make_month(store: Store, scorecard: str = CARD, period: Period = OCTOBER, **fields) -> Month:
    """October of the sample company, decided and signed; `fields` replace."""
    view = metrics.scorecard_view(store, scorecard, period, "", TODAY)
    pages = tuple(
        metrics.measure_view(store, row.measure.name, period, "", TODAY, scorecard) for row in view.rows
    )
    acting = [row for row in view.rows if row.reading.status == "act"]
    items = tuple(make_item(row, place) for place, row in enumerate(acting, 1))
    told = (
        Told(make_action(), None),
        Told(make_action("Guided onboarding", id="a2", measure="adoption_30d", effect=None), make_verdict()),
    )
    month = Month(
        organisation="Larkfield", sample=view.sample, scorecard=scorecard, period=period, kind="month",
        held_on=date(2026, 11, 12), begins="14:00", minutes=60, chair="Rana Amari", attendees=("Jo Lind", "Nora Falk"),
        scorecards=(view,), measures=pages, items=items, actions=told, changes=make_changes(), commentary=COMMENTARY,
        signature=Signature("Rana Amari", "rana", "CS leader", SIGNED, FINGERPRINT, AUDIT),
        beside=(Beside("n1", "note", "The churn file came late.", "Sam Whitlock", SIGNED),))  # fmt: skip
    return replace(month, **fields)

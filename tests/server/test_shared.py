"""The routes that people without the product open: each is authorised by its link, and shows what the link was made for."""

from __future__ import annotations

import asyncio
import hashlib
import threading
from collections.abc import Callable, Coroutine, Iterator
from datetime import date, timedelta
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from scorecard import organisation, places, reviews, shared, sharing, web
from scorecard.core.periods import Period
from scorecard.store import definitions
from scorecard.store.members import Person
from scorecard.ui import state
from tests import stores
from tests.conftest import make_actor

CARD, OCTOBER, LEADER = "customer-success", Period(date(2026, 10, 1), "month"), make_actor("leader", "rana-amari")
TODAY = date.today()
UNSIGNED = Period(date(2025, 3, 1), "month")
LATER = TODAY + timedelta(days=9)


class Reader:
    """Somebody without the product, from an address: this machine unless said otherwise."""

    def __init__(self, loop: asyncio.AbstractEventLoop, address: str = "127.0.0.1"):
        transport = httpx.ASGITransport(Starlette(routes=web.ROUTES), client=(address, 1))
        self._loop, self._client = loop, httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1")

    def get(self, path: str, **headers: str) -> httpx.Response:
        return self._run(self._client.get(path, headers=headers))

    def close(self) -> None:
        self._run(self._client.aclose())

    def _run(self, work: Coroutine) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(60)


@pytest.fixture(scope="module")
def signed(company, tmp_path_factory):
    """The sample company with October signed and a note added later, and a second scorecard. A folder."""
    folder = stores.copied(company, tmp_path_factory.mktemp("signed"))
    store = stores.opened(folder)
    reviews.open_review(store, LEADER, CARD, OCTOBER, held_on=date(2026, 11, 12), chair="rana-amari", attendees=["rana-amari"])
    for item in reviews.review_view(store, CARD, OCTOBER, stores.TODAY).month.items:
        reviews.discuss(store, LEADER, CARD, OCTOBER, item.id, "Said behind closed doors.", item.version)
    for item in reviews.review_view(store, CARD, OCTOBER, stores.TODAY).month.items:
        reviews.decide(store, LEADER, CARD, OCTOBER, item.id, "watch", "Two more months settle it.", item.title, item.version)
    reviews.actions_read(store, LEADER, CARD, OCTOBER)
    reviews.sign(store, LEADER, CARD, OCTOBER, stores.TODAY)
    reviews.add_note(store, LEADER, CARD, OCTOBER, "One ticket was a duplicate.")
    store.write(lambda tx: definitions.insert_scorecard(tx, "support", "Support", ""), "test")
    store.write(lambda tx: definitions.put_slots(tx, "support", [(1, "tickets_over_14_days")]), "test")
    store.close()
    yield folder
    state.close()


@pytest.fixture
def place(signed, monkeypatch):
    """The store of the signed company, open for all tests of this file."""
    monkeypatch.setenv(places.STATE, str(signed / "state.duckdb"))
    monkeypatch.setenv(places.FACTS, str(signed / "facts.duckdb"))
    return state.store()


@pytest.fixture(scope="module")
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    """A loop in a thread of its own: the browser of other tests keeps one running in this one."""
    own = asyncio.new_event_loop()
    thread = threading.Thread(target=own.run_forever, daemon=True)
    thread.start()
    yield own
    own.call_soon_threadsafe(own.stop)
    thread.join()
    own.close()


@pytest.fixture
def reader(loop) -> Iterator[Callable[..., Reader]]:
    readers = []

    def make(address: str = "127.0.0.1") -> Reader:
        readers.append(Reader(loop, address))
        return readers[-1]

    yield make
    for one in readers:
        one.close()


def make_link(store, period=OCTOBER, segment="", scorecard=CARD, **uses) -> sharing.Made:
    return sharing.make(store, LEADER, scorecard, period, segment, LATER, TODAY, **uses)


def test_the_signed_month_shows_decisions_notes_and_fingerprint_and_not_what_was_said(place, reader):
    page = reader().get(make_link(place).path).text
    signature = reviews.month(place, CARD, OCTOBER, TODAY).signature
    assert "Decided in the review" in page and "Watch one more month" in page and "Two more months settle it." in page
    assert "Added after signing" in page and "One ticket was a duplicate." in page
    assert f"<code>{signature.short}</code> matches" in page and "signed by Rana Amari, CS leader, on" in page
    assert "Said behind closed doors." not in page


def test_a_month_that_is_not_signed_shows_nothing_of_its_review(place, reader):
    reviews.open_review(place, LEADER, CARD, UNSIGNED, held_on=date(2025, 4, 14), chair="rana-amari", attendees=[])
    page = reader().get(make_link(place, UNSIGNED).path).text
    assert "March 2025" in page and "Decided in the review" not in page and "Fingerprint" not in page


def test_a_link_to_one_segment_of_a_signed_month_shows_no_decisions_about_all(place, reader):
    page = reader().get(make_link(place, segment="Enterprise").path).text
    assert "Enterprise" in page and "Decided in the review" not in page and "signed by Rana Amari" in page


def test_a_live_link_goes_with_the_latest_complete_month_and_a_month_link_stays(place, reader):
    here = reader()
    live, fixed = make_link(place, OCTOBER.shift(-3), live=True), make_link(place, OCTOBER.shift(-3))
    assert "<title>Customer Success scorecard, October 2026</title>" in here.get(live.path).text
    assert "<title>Customer Success scorecard, July 2026</title>" in here.get(fixed.path).text


def test_an_unchanged_page_is_not_sent_again_and_a_note_changes_it(place, reader):
    here, link = reader(), make_link(place)
    tag = here.get(link.path).headers["etag"]
    assert here.get(link.path, **{"if-none-match": tag}).status_code == 304
    shared.openings.flush(place)
    assert here.get(link.path, **{"if-none-match": tag}).status_code == 304, "counting openings sent the page again"
    reviews.add_note(place, LEADER, CARD, OCTOBER, "Another note.")
    assert here.get(link.path, **{"if-none-match": tag}).status_code == 200


@pytest.fixture
def packed(monkeypatch):
    """The months that were asked for as packs; making the PDF is tested where it is made."""
    asked = []
    monkeypatch.setattr(shared.pdf, "document", lambda month: asked.append(month) or b"%PDF-1.7 pack")
    return asked


def test_the_pack_of_a_signed_month_is_kept_or_shown_and_holds_back_who_was_there_and_what_was_said(place, reader, packed):
    here, link = reader(), make_link(place)
    assert f'href="{link.path}/pack.pdf"' in here.get(link.path).text
    answer = here.get(f"{link.path}/pack.pdf")
    assert (answer.content, answer.headers["content-type"]) == (b"%PDF-1.7 pack", "application/pdf")
    assert answer.headers["content-disposition"] == f'attachment; filename="customer-success-2026-10-{hashlib.sha256(answer.content).hexdigest()[:12]}.pdf"'
    assert here.get(f"{link.path}/pack.pdf?view").headers["content-disposition"].startswith("inline")
    assert here.get(f"{link.path}/pack.pdf", **{"if-none-match": answer.headers["etag"]}).status_code == 304
    (month,) = packed
    assert month.signature and month.items and not month.attendees
    assert {item.decision for item in month.items} == {"watch"} and not any(item.discussion for item in month.items)


def test_the_pack_of_an_open_month_holds_back_what_is_being_decided(place, reader, packed):
    reader().get(f"{make_link(place, UNSIGNED).path}/pack.pdf")
    assert packed[-1].signature is None and packed[0].items == () and packed[0].commentary == ""


@pytest.mark.parametrize("uses", [{"segment": "Enterprise"}, {"wall": True}])
def test_a_link_to_one_segment_or_a_wall_gives_no_pack_of_everything(place, reader, packed, uses):
    token = make_link(place, **uses).token
    assert reader().get(f"/share/{token}/pack.pdf").status_code == 403 and packed == []
    assert "pack.pdf" not in reader().get(f"/share/{token}").text


@pytest.mark.parametrize("end", ["/wall", "", "/pack.pdf"])
def test_a_guessed_and_a_revoked_link_show_nothing(place, reader, packed, end):
    here, link = reader(), make_link(place)
    assert here.get(f"/share/{'a' * 43}{end}").status_code == 404
    assert here.get(f"/share/{link.token}{end}").status_code == 200
    sharing.revoke(place, LEADER, link.share.id)
    closed = here.get(f"/share/{link.token}{end}")
    assert closed.status_code == 410 and "This link ended" in closed.text and "Renewal rate" not in closed.text


def test_the_wall_without_a_link_answers_this_machine_only(place, reader):
    assert reader().get("/wall").status_code == 200
    refused = reader("192.0.2.7").get("/wall")
    assert refused.status_code == 403 and "Renewal rate" not in refused.text


def test_a_link_answers_whoever_has_it(place, reader):
    assert reader("192.0.2.7").get(make_link(place).path).status_code == 200


@pytest.mark.parametrize("path", ["", "/wall"])
def test_a_shared_page_runs_nothing_is_not_indexed_and_stays_in_no_cache(place, reader, path):
    answer = reader().get(f"/share/{make_link(place).token}{path}")
    assert answer.headers["content-security-policy"].startswith("default-src 'none'; style-src 'unsafe-inline'")
    assert "script" not in answer.headers["content-security-policy"] and "<script" not in answer.text
    assert answer.headers["x-robots-tag"] == "noindex, nofollow" and answer.headers["cache-control"] == "private, no-cache"


def test_a_link_to_one_scorecard_never_shows_another(place, reader):
    here, link = reader(), make_link(place)
    page = here.get(f"/share/{link.token}/wall?turn=1&scorecard=support").text
    assert "<title>Customer Success, October 2026</title>" in page and "url=" not in page


def test_a_wall_link_shows_every_scorecard_in_turn(place, reader):
    here, link = reader(), make_link(place, scorecard="", wall=True, live=True, label="Support room")
    first = here.get(link.path)
    assert "<title>Customer Success, October 2026</title>" in first.text
    assert f'content="60;url=/share/{link.token}/wall?turn=1"' in first.text
    with place.read() as tx:
        names = [card.name for card in definitions.scorecards(tx) if card.slots]
    last = len(names) - 1
    page = here.get(f"{link.path}?turn={last}").text
    assert "Support" in names and f"<title>{names[last]}, October 2026</title>" in page
    assert f"url=/share/{link.token}/wall?turn=0" in page
    assert here.get(f"/share/{link.token}").headers["location"] == link.path


def test_a_wall_that_refreshes_itself_is_one_opening(place, reader):
    here, link = reader(), make_link(place, scorecard="", wall=True)
    tag = here.get(link.path).headers["etag"]
    assert here.get(link.path, **{"if-none-match": tag}).status_code == 304
    here.get(f"{link.path}?turn=1")
    shared.openings.flush(place)
    assert [one.openings for one in sharing.listed(place, LEADER) if one.id == link.share.id] == [1]


def test_the_wall_says_the_next_review_and_when_figures_are_late(place, reader, monkeypatch):
    monkeypatch.setattr(state, "today", lambda store: date(2026, 11, 22))
    assert "Next review 10 December" in reader().get("/wall").text and "was due on" not in reader().get("/wall").text
    monkeypatch.setattr(state, "today", lambda store: date(2026, 12, 2))
    assert "was due on" not in reader().get("/wall").text
    monkeypatch.setattr(state, "today", lambda store: date(2026, 12, 3))
    assert organisation.organisation(place).figures_due == 2
    assert "Figures to 31 October: November was due on 2 December" in reader().get("/wall").text


def test_what_a_member_saw_on_the_wall_is_never_handed_to_a_link_that_may_not_show_it(place, reader):
    link = make_link(place, segment="Mid-market", wall=True)
    assert reader().get(link.path).status_code == 200
    organisation.add_member(place, stores.ADMIN, Person("", "Mid-market"), "member")  # From now on the segment is called like somebody.
    assert reader().get(f"/wall?scorecard={CARD}&segment=Mid-market").status_code == 200
    assert reader().get(link.path).status_code == 403


@pytest.mark.parametrize("query", ["turn=-1", "turn=x", "every=1", "every=9999", "scorecard=none", "month=nonsense", "turn=²"])
def test_a_wall_that_is_asked_for_wrongly_says_what_is_allowed(place, reader, query):
    answer = reader().get(f"/wall?{query}")
    assert answer.status_code == 404 and answer.json()["error"]

"""The routes that people without the product open: a shared month, its pack, and the wall.

Each shows only what its link was made for, or what the member who asks may see.
"""

from __future__ import annotations

import hashlib
import ipaddress
import threading
from collections import Counter, OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import wraps
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from scorecard import access, diary, metrics, reviews, sharing
from scorecard.core import rhythm
from scorecard.core.periods import Period
from scorecard.errors import NotAllowed, StoreError, UsageError
from scorecard.metrics import ScorecardView
from scorecard.output import html, pdf, wall
from scorecard.reviews import Month
from scorecard.sharing import Share
from scorecard.store import definitions
from scorecard.store import reviews as review_rows
from scorecard.store.engine import Store
from scorecard.ui import downloads, state

POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
HEADERS = {"x-robots-tag": "noindex, nofollow", "cache-control": "private, no-cache", "content-security-policy": POLICY}
HTML = {"content-type": "text/html; charset=utf-8"}
LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
PAGES_KEPT = 64


@dataclass(frozen=True)
class Scope:
    """What a request may see: these scorecards, this period (None: the latest complete one), this segment ("" is all)."""

    scorecards: tuple[str, ...]
    period: Period | None
    segment: str
    link: Share | None = None


def is_loopback(host: str | None) -> bool:
    """Whether a host name or address can only be this machine."""
    name = (host or "").strip("[]").lower()
    if name in LOOPBACK_NAMES:
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def admitted(request: Request, store: Store) -> Scope:
    """What the request may see: what its link was made for, or, for a member, what it asks for. Raises NotAllowed for nobody."""
    brought = getattr(request.state, "granted", None)
    if isinstance(brought, Share):
        cards = (brought.scorecard,) if brought.scorecard else _filled(store)
        return Scope(cards, None if brought.live or brought.wall else brought.period, brought.segment, brought)
    if not access.may(brought, "read_scorecard"):
        raise NotAllowed("This address is for a link, or for who reads the scorecard.")
    return _asked(request, store)


def _filled(store: Store) -> tuple[str, ...]:
    """The scorecards that have measures; all of them when none has."""
    with store.read() as tx:
        cards = definitions.scorecards(tx)
    return tuple(card.id for card in cards if card.slots) or tuple(card.id for card in cards)


def _asked(request: Request, store: Store) -> Scope:
    """What the address of this machine's own wall asks for: one scorecard or all in turn, a month, a segment."""
    query = request.query_params
    period = state.period_of(query.get("month", ""))
    if query.get("month") and period is None:
        raise UsageError(f"month={query['month'][:40]!r} is not a period. Write 2026-10, 2026-W42 or 2026-Q4.")
    cards = _filled(store)
    wanted = query.get("scorecard", "")
    if wanted and wanted not in cards:
        raise UsageError(f"scorecard={wanted[:40]!r} does not exist. There is: {', '.join(cards) or 'none yet'}.")
    segment = query.get("segment", "")
    return Scope((wanted,) if wanted else cards, period, "" if segment == state.ALL else segment)


class Openings:
    """Openings counted in memory and written together: a reader costs no write, and no cache is emptied."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._last: dict[str, datetime] = {}
        self._lock = threading.Lock()

    def add(self, share_id: str, moment: datetime) -> None:
        with self._lock:
            self._counts[share_id] += 1
            self._last[share_id] = moment

    def flush(self, store: Store) -> None:
        """Writes what was counted since the last time."""
        with self._lock:
            counts, self._counts = self._counts, Counter()
            last, self._last = self._last, {}
        while counts:
            share_id, count = counts.popitem()
            try:
                sharing.count(store, share_id, count, last[share_id])
            except StoreError:
                self._keep(Counter({share_id: count}) + counts, last)
                raise

    def _keep(self, counts: Counter[str], last: dict[str, datetime]) -> None:
        """What could not be written is written the next time."""
        with self._lock:
            self._counts += counts
            self._last = last | self._last


openings = Openings()
_pages: OrderedDict[tuple, tuple[str, bytes]] = OrderedDict()
_pages_lock = threading.Lock()


def kept(key: tuple, build: Callable[[], str | bytes]) -> tuple[str, bytes]:
    """(tag, page): built once for each key, the last ones kept."""
    with _pages_lock:
        if key in _pages:
            return _pages[key]
    built = build()
    page = built.encode() if isinstance(built, str) else built
    entry = (f'"{hashlib.sha256(page).hexdigest()[:32]}"', page)
    with _pages_lock:
        _pages[key] = entry
        while len(_pages) > PAGES_KEPT:
            _pages.popitem(last=False)
    return entry


def answer(request: Request, tag: str, page: bytes, more: dict[str, str] | None = None) -> Response:
    """The page, or 304 when the reader has it already."""
    headers = HEADERS | {"etag": tag} | (more or {})
    if tag in [seen.strip().removeprefix("W/") for seen in request.headers.get("if-none-match", "").split(",")]:
        return Response(status_code=304, headers=headers)
    return Response(page, 200, HTML | headers)


def closed(ended: Share | None) -> Response:
    """The plain page of a link that ended, or never was."""
    if ended is None:
        return HTMLResponse(html.refused_page(), 404, HEADERS)
    return HTMLResponse(html.ended_page(ended.made_by, ended.ended_on), 410, HEADERS)


def through(work: Callable[[Request, Store, date, Scope], Response]) -> Callable[[Request], Response]:
    """A route that does its work with what the one who was let in may see."""

    @wraps(work)
    def route(request: Request) -> Response:
        store = state.store()
        return work(request, store, state.today(store), admitted(request, store))

    return route


# A shared month


@through
def share(request: Request, store: Store, today: date, scope: Scope) -> Response:
    """The month as a self-contained page; 304 when the reader has it already; a plain page when the link ended."""
    if scope.link.wall:
        return RedirectResponse(f"{request.url.path}/wall", 303, HEADERS)
    openings.add(scope.link.id, state.now())
    link = scope.link
    tag, page = kept((store.data_version, today, link.id, link.ends_on, request.url.path), lambda: _share_page(store, scope, request.url.path, today))
    return answer(request, tag, page)


def _check(store: Store, scope: Scope) -> None:
    """Nothing, when no link is asked for figures of people: what was loaded since it was made may have brought some."""
    with store.read() as tx:
        for card in scope.scorecards if scope.link else ():
            sharing.check_nobody(tx, card, scope.segment)


def _share_page(store: Store, scope: Scope, path: str, today: date) -> str:
    _check(store, scope)
    pack_at = f"{path}/pack.pdf" if _has_pack(scope) else ""
    signed = _signed_month(store, scope, today)
    view = signed.view if signed else metrics.scorecard_view(store, scope.scorecards[0], scope.period, scope.segment, today)
    if signed is None and view.signature:
        signed = reviews.month(store, view.id, view.period, today)
    return html.share_page(view, scope.link, html.Beside(signed, _moment(store, signed), pack_at))


def _signed_month(store: Store, scope: Scope, today: date) -> Month | None:
    """The frozen copy of one signed month, read once for the table and for what stands beside it; None for anything else."""
    if scope.period is None or scope.segment:
        return None
    with store.read() as tx:
        signature = review_rows.signature(tx, scope.scorecards[0], scope.period)
    return reviews.month(store, scope.scorecards[0], scope.period, today) if signature else None


def _moment(store: Store, month: Month | None) -> str:
    """The moment of a signature where the organisation is, with its zone."""
    if month is None or month.signature is None:
        return ""
    there = month.signature.signed_at.replace(tzinfo=UTC).astimezone(ZoneInfo(state.house(store).organisation.time_zone))
    return f"{html.long_day(there.date())}, {there:%H:%M %Z}"


@through
def pack(request: Request, store: Store, today: date, scope: Scope) -> Response:
    """The pack of the month that a link shows, as PDF: to keep, or with `?view` for the browser to show and print."""
    if not _has_pack(scope):
        raise NotAllowed("This link shows one segment, or a wall. The pack holds all segments: ask for a link to them.")
    _check(store, scope)
    view = metrics.scorecard_view(store, scope.scorecards[0], scope.period, "", today)
    key = (store.data_version, today, view.id, view.period, "pack")
    tag, made = kept(key, lambda: pdf.document(for_others(reviews.month(store, view.id, view.period, today))))
    way = "inline" if "view" in request.query_params else "attachment"
    name = f'{way}; filename="{downloads.named(f"{view.id}-{view.period}.pdf", made)}"'
    return answer(request, tag, made, {"content-type": "application/pdf", "content-disposition": name})


def _has_pack(scope: Scope) -> bool:
    return scope.link is not None and not scope.link.wall and not scope.segment


def for_others(month: Month) -> Month:
    """The month as people without the product may read it: who was there, what was said and how mature the systems are stay inside.

    Before it is signed, what is being decided stays inside too.
    """
    if month.signature is None:
        return replace(month, items=(), attendees=(), commentary="", maturity=None)
    items = tuple(replace(item, discussion="") for item in month.items if not item.stays_inside)
    return replace(month, items=items, attendees=(), maturity=None)


# The wall


@through
def wall_screen(request: Request, store: Store, today: date, scope: Scope) -> Response:
    """The wall of a link, or of this machine: one scorecard, or several in turn. It asks for itself again."""
    turn, every = _number(request, "turn", 0, 0, 10_000), _number(request, "every", wall.EVERY, wall.SHORTEST, wall.LONGEST)
    if scope.link and "turn" not in request.query_params and "if-none-match" not in request.headers:
        openings.add(scope.link.id, state.now())
    if not scope.scorecards:
        raise UsageError("There is no scorecard yet.")
    place = turn % len(scope.scorecards)
    screen = wall.Screen(place=place + 1, of=len(scope.scorecards), every=every, address=_next_address(request, scope, place))
    # A member may see what no link shows: what was drawn for one is never handed to a link.
    key = (store.data_version, today, scope.link.id if scope.link else "", scope.scorecards, scope.period, scope.segment, screen)
    return answer(request, *kept(key, lambda: _wall_page(store, scope, screen, today)))


def _number(request: Request, name: str, otherwise: int, least: int, most: int) -> int:
    text = request.query_params.get(name, "")
    if not text:
        return otherwise
    if not (text.isascii() and text.isdigit()) or not least <= int(text[:9]) <= most:
        raise UsageError(f"{name}={text[:20]!r} is not a number from {least} to {most}.")
    return int(text)


def _next_address(request: Request, scope: Scope, place: int) -> str:
    """Where the wall goes next: the next scorecard of several, else the page itself ("")."""
    if len(scope.scorecards) < 2:
        return ""
    query = dict(request.query_params) | {"turn": str((place + 1) % len(scope.scorecards))}
    return f"{request.url.path}?{urlencode(query)}"


def _wall_page(store: Store, scope: Scope, screen: wall.Screen, today: date) -> str:
    _check(store, scope)
    card = scope.scorecards[screen.place - 1]
    view = metrics.scorecard_view(store, card, scope.period, scope.segment, today)
    return wall.page(view, replace(screen, next_review=_next_review(store, card, today), late=_late(store, view, scope, today)), today)


def _next_review(store: Store, card: str, today: date) -> date | None:
    with store.read() as tx:
        entry = diary.next(tx, "monthly_review", today, f"review:{card}:")
    return entry.planned if entry else None


def _late(store: Store, view: ScorecardView, scope: Scope, today: date) -> tuple[Period, date] | None:
    """What was due and is not there; nothing where the link shows one month."""
    if scope.period is not None or not view.periods:
        return None
    return rhythm.overdue(view.period, state.house(store).organisation.figures_due, today)


ROUTES = (
    ("/share/{token}", share),
    ("/share/{token}/pack.pdf", pack),
    ("/share/{token}/wall", wall_screen),
    ("/wall", wall_screen),
)

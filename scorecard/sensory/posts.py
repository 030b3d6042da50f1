"""Listening posts: those that were written down and the data they are heard through, by segment, with their blind spots."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from scorecard import registers
from scorecard.core.facts import KINDS
from scorecard.sensory import silence
from scorecard.sensory.silence import DAYS, Heard

if TYPE_CHECKING:
    from scorecard.registers import Entry
    from scorecard.store.engine import Store

REGISTER = "listening_post"
# A post that no data bring is silent when it was not heard for its cadence and as long again.
PATIENCE = {"always": 14, "weekly": 21, "monthly": 62, "quarterly": 184, "yearly": 730}


@dataclass(frozen=True)
class Cell:
    """A post in a segment. `share` is that of its accounts heard in the last days; None for a post that no data bring."""

    segment: str
    meant: bool
    accounts: int = 0
    heard: int | None = None
    last: date | None = None
    silent: bool = False

    @property
    def share(self) -> float | None:
        return None if self.heard is None or not self.accounts else self.heard / self.accounts


@dataclass(frozen=True)
class Post:
    """A row of the matrix. `id` is "" for a kind of data that nobody has written down as a post."""

    id: str
    name: str
    third_party: bool
    cells: tuple[Cell, ...]
    owner: str = ""
    channel: str = ""


@dataclass(frozen=True)
class Matrix:
    """The posts by segment; `written` says whether they are those of the register, `unheard` which channels have none."""

    segments: tuple[tuple[str, int], ...]
    posts: tuple[Post, ...]
    written: bool
    unheard: tuple[str, ...]

    @property
    def meant(self) -> int:
        """How many posts there are, counted in each segment where they should be heard."""
        return sum(cell.meant for post in self.posts for cell in post.cells)

    @property
    def silent(self) -> list[tuple[Post, Cell]]:
        return [(post, cell) for post in self.posts for cell in post.cells if cell.silent]


def read(store: Store, until: date, today: date, segment: str = "", days: int = DAYS) -> Matrix:
    """The matrix at the end of the data (`until`), of one segment when it is named; posts that no data bring are asked about `today`."""
    found = {place: one for place, one in silence.read(store, until, days).items() if not segment or one.segment == segment}
    with store.read() as tx:
        entries = registers.entries(tx, REGISTER)
    sizes = _sizes(found)
    if not entries:
        kinds = dict.fromkeys(kind for kind, _ in found)
        return Matrix(sizes, tuple(Post("", KINDS[kind].label, False, _by_data(kind, sizes, found, ())) for kind in kinds), False, ())
    posts = tuple(_post(one, sizes, found, today) for one in entries)
    return Matrix(sizes, posts, True, _unheard(entries))


def _sizes(found: Mapping[tuple[str, str], Heard]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted({one.segment: one.accounts for one in found.values()}.items()))


def _post(one: Entry, sizes: Sequence[tuple[str, int]], found: Mapping[tuple[str, str], Heard], today: date) -> Post:
    meant, kind = tuple(one.values.get("segments") or ()), str(one.values.get("source", ""))
    cells = _by_data(kind, sizes, found, meant) if any(known == kind for known, _ in found) else _by_day(one, sizes, meant, today)
    channel = registers.register(REGISTER).field("channel").choices or {}
    return Post(one.id, one.title, one.values.get("whose") == "third_party", cells, str(one.values.get("owner", "")),
                channel.get(str(one.values.get("channel", "")), ""))


def _by_data(kind: str, sizes: Sequence[tuple[str, int]], found: Mapping[tuple[str, str], Heard], meant: Sequence[str]) -> tuple[Cell, ...]:
    cells = []
    for segment, accounts in sizes:
        heard, wanted = found.get((kind, segment)), not meant or segment in meant
        count = heard.heard if heard else 0
        cells.append(Cell(segment, wanted, accounts, count, heard.last if heard else None, wanted and count == 0))
    return tuple(cells)


def _by_day(one: Entry, sizes: Sequence[tuple[str, int]], meant: Sequence[str], today: date) -> tuple[Cell, ...]:
    text = str(one.values.get("last_heard", ""))
    last = date.fromisoformat(text) if text else None
    late = last is None or (today - last).days > PATIENCE.get(str(one.values.get("cadence", "")), PATIENCE["monthly"])
    return tuple(Cell(segment, not meant or segment in meant, accounts, None, last, late and (not meant or segment in meant))
                 for segment, accounts in sizes)


def _unheard(entries: Sequence[Entry]) -> tuple[str, ...]:
    """The channels of the form in which nobody has a post."""
    channels = registers.register(REGISTER).field("channel").choices or {}
    used = {str(one.values.get("channel", "")) for one in entries}
    return tuple(label for id, label in channels.items() if id not in used and id != "other")


def sentence(found: Matrix) -> tuple[str, str]:
    """(the news, the rest): how many posts are silent, and where most of them are."""
    if not found.meant:
        return "Nobody listens yet.", "Write down where customers are heard."
    silent = found.silent
    if not silent:
        return f"None of {found.meant} listening posts is silent.", _gaps(found)
    by_segment: dict[str, int] = {}
    for _, cell in silent:
        by_segment[cell.segment] = by_segment.get(cell.segment, 0) + 1
    worst = max(by_segment, key=lambda name: by_segment[name])
    where = f"{by_segment[worst]} of them in {worst}." if len(by_segment) > 1 else f"{'It is' if len(silent) == 1 else 'All are'} in {worst}."
    return f"{len(silent)} of {found.meant} listening posts {'is' if len(silent) == 1 else 'are'} silent:", where


def _gaps(found: Matrix) -> str:
    return "" if found.written else "They are the data that are loaded; no post is written down yet."


def blind_spots(found: Matrix) -> list[str]:
    """What nobody hears, a line each: silent posts, segments without a post, channels without one."""
    lines = [f"{post.name} is silent in {cell.segment}{_since(cell)}." for post, cell in found.silent]
    for segment, _ in found.segments:
        if found.written and not any(cell.segment == segment and cell.meant for post in found.posts for cell in post.cells):
            lines.append(f"No post is meant to hear {segment}.")
    if found.unheard:
        lines.append(f"No post in these channels: {', '.join(found.unheard)}.")
    return lines


def _since(cell: Cell) -> str:
    return f", last heard {cell.last.day} {cell.last:%b %Y}" if cell.last else ", never heard"

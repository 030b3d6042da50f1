"""An ask prepared: for each of seven principles what the records say and may be said, the commitment, and warnings about pressure.

Only what is true is said: a principle without a record is left out. Principles: R. B. Cialdini, *Influence* (2021); a commitment
is active, public and voluntary.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from scorecard import access, registers
from scorecard.access import Actor
from scorecard.core import advocacy
from scorecard.core import ledger as arithmetic
from scorecard.core.advocacy import PRINCIPLES
from scorecard.core.periods import day
from scorecard.errors import ScorecardError
from scorecard.registers import Entry
from scorecard.relations import ledger, readiness
from scorecard.relations.advocacy import ACTIVE, ADVOCATE, ANSWERED, ASK, CANDIDATE, MADE, SHEET, guard_of
from scorecard.relations.ledger import Ledger
from scorecard.relations.readiness import Beside
from scorecard.store import advocacy as rows
from scorecard.store.engine import Store, Tx

COMMITMENT = {"active": "Active", "public": "Public", "voluntary": "Voluntary"}
VOLUNTARY = "They can say no, or stop at any point."
RENEWAL_DAYS, NAMED = 100, 2
NOTHING = "Nothing true to say."
PLANNED = "planned"


@dataclass(frozen=True)
class Sheet:
    """One ask prepared. `texts` are what may be said by principle, "" where nothing is true to say; `used` are those that are used;
    `commitment` has the three parts that are asked for; `saved` is what was kept of it before, None when nothing was."""

    ask: Entry
    name: str
    kind: str
    by: str
    texts: Mapping[str, str]
    used: tuple[str, ...]
    commitment: Mapping[str, str]
    warnings: tuple[str, ...]
    saved: Entry | None

    @property
    def title(self) -> str:
        return f"{self.ask.title}, {self.name}"


def prepare(store: Store, id: str, today: date) -> Sheet:
    """The sheet of an ask: as it was kept, else filled from the records. Raises UsageError when there is no such ask."""
    with store.read() as tx:
        ask = registers.one(tx, ASK, id)
        saved = next(iter(registers.entries(tx, SHEET, where={"ask": id})), None)
        advocates = registers.entries(tx, ADVOCATE, account=ask.account)
    book = ledger.read(store, ask.account, today)
    beside = readiness.beside(store, book)
    line = next((one for one in book.lines if one.id == id), None)
    found = _kept(saved) if saved else _filled(store, ask, book, beside, advocates, today)
    used = tuple(saved.values.get("used") or ()) if saved else tuple(name for name in PRINCIPLES if found[name])
    parts = {name: str(saved.values.get(name, "")) for name in COMMITMENT} if saved else {"active": "", "public": "", "voluntary": VOLUNTARY}
    return Sheet(ask, book.head.name, line.kind if line else "", line.by if line else "", found, used, parts, pressure(store, ask, book, beside, today), saved)


def _kept(saved: Entry) -> dict[str, str]:
    return {name: str(saved.values.get(name, "")) for name in PRINCIPLES}


def _filled(store: Store, ask: Entry, book: Ledger, beside: Beside, advocates: Sequence[Entry], today: date) -> dict[str, str]:
    """What the records say for each principle."""
    person = next((one for one in advocates if one.state == ACTIVE), advocates[0] if advocates else None)
    own = person.values if person else {}
    return {
        "reciprocity": _reciprocity(ask, book), "commitment": _before(store, ask, book), "social_proof": _alike(store, ask, today),
        "liking": str(own.get("shared", "")), "authority": _authority(own, beside), "unity": _unity(store, ask, own), "scarcity": "",
    }  # fmt: skip


def _reciprocity(ask: Entry, book: Ledger) -> str:
    """The last deposit and its effect, and how many there were since the last ask."""
    others = [one for one in book.asks if one.id != ask.id]
    before = arithmetic.before(_on(ask, book), readiness.given_by(book), others)
    known = {one.id: one for one in book.lines if one.side == ledger.DEPOSIT}
    last = known.get(before[-1].id) if before else None
    if last is None:
        return ""
    effect = f": {last.outcome.rstrip('.')}" if last.outcome else ""
    count = "One deposit" if len(before) == 1 else f"{ledger.number(len(before)).capitalize()} deposits"
    return f"{last.what} on {day(last.on)}{effect}. {count} since the last ask."


def _before(store: Store, ask: Entry, book: Ledger) -> str:
    """What they agreed to before, and the last of their commitments that they kept."""
    agreed = [one for one in book.lines if one.side == ASK and one.state == "agreed" and one.id != ask.id][-NAMED:]
    with store.read() as tx:
        own = [one.id for one in registers.entries(tx, "sponsorship", account=ask.account, state=ACTIVE)]
        kept = [one for id in own for one in registers.entries(tx, "commitment", state="kept", where={"sponsorship": id, "side": "theirs"}, order="date")]
    told = [f"They agreed to {' and to '.join(f'{_inside(one.what)} on {day(one.on)}' for one in agreed)}."] if agreed else []
    return " ".join(told + ([f"They kept: {_inside(kept[-1].title)}, {day(kept[-1].at)}."] if kept else []))


def _inside(text: str) -> str:
    """A text as it stands within a sentence: `Case study` begins small, `NPS answer` does not."""
    return text[:1].lower() + text[1:] if text[1:2].islower() else text


def _alike(store: Store, ask: Entry, today: date) -> str:
    """Active references of the same segment, those of the same industry first, who do it already."""
    with store.read() as tx:
        active = registers.entries(tx, ADVOCATE, state=ACTIVE)
    accounts = {one.account for one in active} | {ask.account}
    with store.read_facts() as tx:
        known, gone = rows.segments(tx, sorted(accounts)), rows.left(tx, sorted(accounts), today)
    if ask.account not in known or not known[ask.account][1]:
        return ""
    _, segment, industry = known[ask.account]
    alike = sorted({(known[id][2] != industry, known[id][0]) for id in accounts - {ask.account} - set(gone) if id in known and known[id][1] == segment})
    names = [name for _, name in alike][:NAMED]
    if not names:
        return ""
    what = f"both in {segment}, speak" if len(names) > 1 else f"also in {segment}, speaks"
    return f"{' and '.join(names)}, {what} for us already."


def _authority(own: Mapping[str, object], beside: Beside) -> str:
    """One honest drawback first, then their own figure; without a drawback, nothing."""
    drawback = _inside(str(own.get("drawback", "")).rstrip("."))
    if not drawback and beside.tickets and beside.tickets[0]:
        n = beside.tickets[0]
        drawback = "one of their tickets is open" if n == 1 else f"{ledger.number(n)} of their tickets are open"
    if not drawback:
        return ""
    result = _inside(str(own.get("result", "")).rstrip("."))
    return f"One honest drawback first: {drawback}." + (f" Then their own figure: {result}." if result else "")


def _unity(store: Store, ask: Entry, own: Mapping[str, object]) -> str:
    if own.get("together"):
        return str(own["together"])
    with store.read() as tx:
        both = registers.entries(tx, "sponsorship", account=ask.account, state=ACTIVE)
    return f"One plan with two sponsors since {day(both[0].at)}, theirs {both[0].values['customer_executive']}." if both else ""


# -- pressure


def pressure(store: Store, ask: Entry, book: Ledger, beside: Beside, today: date) -> tuple[str, ...]:
    """What would make this ask press: a renewal near, health that fell, a severe ticket open, too many asks, nothing given."""
    found = _renewal(store, ask, book)
    if book.left:
        found.append(f"The account left on {day(book.left)}: do not ask.")
    fell = arithmetic.fell(beside.signs)
    if fell and fell >= arithmetic.FELL:
        found.append(f"Health has fallen {fell} points: ask how things are first.")
    if beside.tickets and beside.tickets[1]:
        found.append("A severe ticket is open: wait until it is solved." if beside.tickets[1] == 1 else f"{beside.tickets[1]} severe tickets are open: wait until they are solved.")
    with store.read() as tx:
        guard, uncounted = guard_of(tx, today)
        own = [one for one in registers.entries(tx, ASK, account=ask.account) if one.state in MADE and one.values.get("kind") not in uncounted]
    full = advocacy.full_until([one.at for one in own], guard, max(today, ask.at))
    if full:
        found.append(f"They were asked {guard.most} times in {guard.within} days, and rest until {day(full)}.")
    on = _on(ask, book)
    before = arithmetic.before(on, readiness.given_by(book), [one for one in book.asks if one.id != ask.id])
    if not before:
        found.append("Nothing was given since the last ask. Give first.")
    elif arithmetic.made_for(on, before):
        found.append("What was given lies just before this ask: it can look like a price.")
    return tuple(found)


def _on(ask: Entry, book: Ledger) -> date:
    """The day on which an ask is made: today, while it is planned for a day that has passed."""
    return max(ask.at, book.today) if ask.state == PLANNED else ask.at


def _renewal(store: Store, ask: Entry, book: Ledger) -> list[str]:
    """That a renewal is near: the next one of the exports, else a year after the last."""
    known = book.head.renewal
    with store.read_facts() as tx:
        last = None if known else rows.last_renewal(tx, ask.account)
    when = known or (ledger.year_before(last).replace(year=last.year + 1) if last else None)
    if when is None or not 0 <= (when - _on(ask, book)).days <= RENEWAL_DAYS:
        return []
    begin = f"The renewal on {day(when)}" if known else f"A renewal may come on {day(when)}, a year after the last. It"
    return [f"{begin} is not mentioned, and the ask does not depend on it."]


# -- commands


def used_of(sheet: Sheet, texts: Mapping[str, str], chosen: Sequence[str]) -> tuple[str, ...]:
    """The principles that are used: those chosen that say something, and those that said nothing before and do now."""
    said = {name for name in PRINCIPLES if texts.get(name, "").strip()}
    return tuple(name for name in PRINCIPLES if name in said and (name in chosen or not sheet.texts[name]))


def save(store: Store, actor: Actor, sheet: Sheet, texts: Mapping[str, str], used: Sequence[str], commitment: Mapping[str, str], today: date) -> Entry:
    """The sheet, kept as it was prepared. A principle that is used has something true to say."""
    access.require(actor, "log_records")
    return store.write(lambda tx: _save(store, tx, actor, sheet, texts, used, commitment, today), actor.name)


def _save(
    store: Store, tx: Tx, actor: Actor, sheet: Sheet, texts: Mapping[str, str], used: Sequence[str], commitment: Mapping[str, str], today: date
) -> Entry:  # fmt: skip
    bare = [PRINCIPLES[name] for name in used if not texts.get(name, "").strip()]
    if bare:
        raise ScorecardError(f"{bare[0]} is used and says nothing. Write what is true, or leave it out.")
    said = {name: texts.get(name, "").strip() or None for name in PRINCIPLES} | {name: commitment.get(name, "").strip() or None for name in COMMITMENT}
    said |= {"used": list(used), "warnings": "\n".join(sheet.warnings) or None, "title": sheet.title[:160]}
    of = registers.register(SHEET)
    if sheet.saved:
        return registers.alter(store, tx, actor, of, sheet.saved.id, said, sheet.saved.version)
    new = said | {"ask": sheet.ask.id, "prepared_on": today.isoformat(), "by": actor.person or None}
    return registers.put(store, tx, of, new, None, today, f"of-{sheet.ask.id}")


def mark_asked(
    store: Store, actor: Actor, sheet: Sheet, texts: Mapping[str, str], used: Sequence[str], commitment: Mapping[str, str], today: date
) -> Entry:  # fmt: skip
    """The ask, asked today, with its sheet as it was used; a candidate of the account becomes one who was asked."""
    access.require(actor, "log_records")

    def work(tx: Tx) -> Entry:
        standing = registers.one(tx, ASK, sheet.ask.id)
        if standing.state != PLANNED:
            raise ScorecardError(f"'{standing.title}' is no longer planned: it is {standing.state}. Open it in the ledger.")
        _save(store, tx, actor, sheet, texts, used, commitment, today)
        for one in registers.entries(tx, ADVOCATE, account=sheet.ask.account, state=CANDIDATE):
            registers.alter(store, tx, actor, registers.register(ADVOCATE), one.id, {}, one.version, state="asked")
        return registers.alter(store, tx, actor, registers.register(ASK), sheet.ask.id, {"on": today.isoformat()}, sheet.ask.version, state="asked")

    return store.write(work, actor.name)


def answer(store: Store, actor: Actor, sheet: Sheet, agreed: bool, outcome: str, today: date) -> Entry:
    """The ask with its answer; an advocate of the account who was asked has agreed, or declined, then."""
    access.require(actor, "log_records")
    state = "agreed" if agreed else "declined"

    def work(tx: Tx) -> Entry:
        if registers.one(tx, ASK, sheet.ask.id).state not in ("asked", *ANSWERED):
            raise ScorecardError(f"'{sheet.ask.title}' was not asked yet. Mark it as asked first.")
        for one in registers.entries(tx, ADVOCATE, account=sheet.ask.account, state="asked"):
            registers.alter(store, tx, actor, registers.register(ADVOCATE), one.id, {}, one.version, state=state)
        return registers.alter(store, tx, actor, registers.register(ASK), sheet.ask.id, {"outcome": outcome} if outcome else {}, sheet.ask.version, state=state)

    return store.write(work, actor.name)


def wait(store: Store, actor: Actor, sheet: Sheet, until: date, why: str, today: date) -> Entry:
    """The ask, planned for a later day, with the reason."""
    access.require(actor, "log_records")
    if until <= today:
        raise ScorecardError("Choose a day that is still to come.")
    return registers.change(store, actor, ASK, sheet.ask.id, {"on": until.isoformat()}, seen_version=sheet.ask.version, reason=why)

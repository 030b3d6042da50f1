"""What the records say about direction, and people who want to follow it. Nothing here is about one person."""

from __future__ import annotations

from scorecard.core import fmt
from scorecard.maturity.records.kept import REVIEWS_KEPT, Kept
from scorecard.maturity.records.model import Records, none_yet
from scorecard.maturity.records.words import listing, of, plural, since, was


SIDES = {"leader": "by leaders", "colleague": "by colleagues", "customer": "by customers"}


def leadership(kept: Kept) -> list[Records]:
    """The records of L1 to L8."""
    return [_told(kept), _changed(kept), _recognised(kept), _given_and_received(kept), _written(kept), _moved(kept), _accountable(kept), _aimed(kept)]


def _told(kept: Kept) -> Records:
    """The purpose in force, and how many said that they can explain it."""
    led = kept.led
    if not led.version:
        return none_yet("L1")
    return Records("L1", (f"{led.explain:,} of {plural(len(kept.team), 'member')} of the team said that they can explain the purpose", f"Purpose in version {led.version}"), led.version)


def _changed(kept: Kept) -> Records:
    """Changes under way by the step they stand at, and those that were kept or stopped."""
    found = kept.led.changes
    if not found:
        return none_yet("L2")
    ended = {name: found.get(name, 0) for name in ("kept", "stopped")}
    under_way = sum(found.values()) - sum(ended.values())
    return Records("L2", (f"{plural(under_way, 'change')} under way, {ended['kept']:,} kept, {ended['stopped']:,} stopped",), sum(found.values()))


def _recognised(kept: Kept) -> Records:
    """Recognition of the last twelve months by side; whose it was is not counted."""
    found, growing = kept.led.given, kept.led.growing
    if not (found or growing):
        return none_yet("L3")
    told = listing([f"{found[side]:,} {words}" for side, words in SIDES.items() if found.get(side)]) if found else "none"
    lines = (f"Recognition {since(kept.year)}: {told}", f"{plural(growing, 'step')} of people who grow into leading" if growing else "")
    return Records("L3", tuple(filter(None, lines)), sum(found.values()) + growing)


def _given_and_received(kept: Kept) -> Records:
    """Talks about people's work, and feedback rounds to leaders with how many of those asked have answered."""
    rounds, asked, answered, _ = kept.led.fed
    if not (rounds or kept.led.talks):
        return none_yet("L4")
    lines = [f"{plural(kept.led.talks, 'talk')} about somebody's work {since(kept.year)}"] if kept.led.talks else []
    if rounds:
        lines.append(f"{plural(rounds, 'feedback round')} to leaders closed {since(kept.year)}; {answered:,} of {plural(asked, 'person', 'people')} asked answered")
    return Records("L4", tuple(lines), rounds + kept.led.talks)


def _aimed(kept: Kept) -> Records:
    """Feedback on leadership that entered development plans."""
    rounds, _, _, aims = kept.led.fed
    if not rounds:
        return none_yet("L8")
    return Records("L8", (f"{plural(aims, 'aim')} from {plural(rounds, 'feedback round')} to leaders in development plans {since(kept.year)}",), rounds + aims)


def _written(kept: Kept) -> Records:
    led = kept.led
    if not (led.version or led.values):
        return none_yet("L5")
    purpose = f"Purpose in version {led.version}" if led.version else "No purpose is written"
    return Records("L5", (f"{purpose}, {plural(led.values, 'value')} held",), led.version + led.values)


def _moved(kept: Kept) -> Records:
    """How many share what moves them, and how many agreements on work that fits there are."""
    led = kept.led
    if not (led.shared or led.fits):
        return none_yet("L6")
    return Records("L6", (f"{led.shared:,} {'person shares' if led.shared == 1 else 'people share'} what moves them",
                          f"{plural(led.fits, 'agreement')} on work that fits"), led.shared + led.fits)  # fmt: skip


def _accountable(kept: Kept) -> Records:
    """Commitments kept of those due; who made them is not counted."""
    due = [one for one in kept.actions if one.state != "dropped" and kept.year <= one.due <= kept.today]
    done = sum(one.state == "done" and one.ended is not None and one.ended <= one.due for one in due)
    if not due:
        return Records("L7", (f"No action was due {since(kept.year)}",), 0)
    lines = [f"{of(done, len(due), 'action')} due {since(kept.year)} {was(done)} done by the agreed day"]
    late = sum(bool(one.days_late(kept.today)) for one in due)
    lines.append(f"{late:,} {'is' if late == 1 else 'are'} overdue today")
    kept_now = kept.figures.get(REVIEWS_KEPT)
    if kept_now:
        measure = kept.definitions[REVIEWS_KEPT]
        lines.append(f"{measure.label}, {kept_now.last.label}: {fmt.value(kept_now.value, measure)}")
    return Records("L7", tuple(lines), done)

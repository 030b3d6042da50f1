"""The agenda of a review: what gave a signal or cannot reach its goal, what is late, what disagrees, what is doubtful."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from scorecard.actions import Action
from scorecard.core import fmt, spc
from scorecard.core.reading import CAPABILITIES, STATUSES, plan_status
from scorecard.maturity.disagreements import Topic
from scorecard.metrics import LinkView, Row, ScorecardView
from scorecard.metrics.words import worst_first
from scorecard.planning.triggers import ITEM as TRIGGER
from scorecard.planning.triggers import Fired, Watched
from scorecard.reviews.model import SPONSOR, START, Contract, Item
from scorecard.reviews.contracts import asked_for, kept_to
from scorecard.reviews.words import count
from scorecard.store.reviews import ItemRow

LONG, MIDDLE, SHORT = 15, 10, 5
SIGNALS = ("improving", "worsening", "changing")
OVERDUE, DATA = "overdue", "data"
# How the items begin whose kind is a disagreement: of figures, of plan and limits, of people.
DISAGREE = ("link", "plan", "maturity", "practice")


@dataclass(frozen=True)
class Grounds:
    """What an agenda is made from. `day` is the day of the meeting; `warnings` are sentences about the data.

    `unsettled` is what raters disagree on, when this review is the one to take it up; `topics` tell of what was put on an
    agenda from the maturity results, by item. `fired` are the triggers that wait for a decision in this review.
    """

    view: ScorecardView
    actions: Sequence[Action]
    links: Sequence[LinkView]
    warnings: Sequence[str]
    contracts: Mapping[str, Contract]
    origin: str
    day: date
    unsettled: Topic | None = None
    topics: Mapping[str, Topic] = field(default_factory=dict)
    fired: Sequence[tuple[Watched, Fired]] = ()


def items(grounds: Grounds, written: Mapping[str, ItemRow]) -> tuple[Item, ...]:
    """The items in the leader's order, else in the product's: Act first, then what moved, what is late, what is doubtful.

    What somebody has written about stays on the agenda, whether or not it would stand there by itself.
    """
    found = [*_measures(grounds), *_triggers(grounds), *_overdue(grounds), *_plans(grounds.view), *_links(grounds), *_raters(grounds), *_data(grounds)]
    known = {item.id for item in found}
    found += [_own(row, grounds.topics) for row in written.values() if row.item not in known and (row.title or row.decision or row.discussion)]
    told = [_told(item, written.get(item.id), grounds) for item in found]
    order = sorted(enumerate(told), key=lambda one: _order(one[0], written.get(one[1].id)))
    return tuple(replace(item, place=place) for place, (_, item) in enumerate(order, 1))


def _order(at: int, row: ItemRow | None) -> tuple:
    unset = row is None or row.place is None
    return unset, at if unset else row.place


def on_agenda(row: Row) -> bool:
    """Whether a measure is discussed: it gave a signal, cannot reach its goal, or is on Act."""
    r = row.reading
    return r.variation in SIGNALS or r.capability == "will_miss" or r.status == "act"


def routine(view: ScorecardView) -> tuple[Row, ...]:
    """The measures that need no time."""
    return tuple(row for row in view.rows if not on_agenda(row))


def _blank(id: str, kind: str, title: str, why: str, minutes: int, suggested: str, suggested_why: str) -> Item:
    return Item(
        id, 0, kind, "", title, why, "", minutes, "not_started", "", "", "", suggested, suggested_why, "", None, 0, (), None
    )


def _measures(grounds: Grounds) -> list[Item]:
    rows = sorted((row for row in grounds.view.rows if on_agenda(row)), key=_urgency)
    return [_measure(row) for row in rows]


def _urgency(row: Row) -> tuple:
    r = row.reading
    ladder = ("act", "watch", "not_yet", "on_course").index(r.status)
    return ladder, *worst_first(row)


def _measure(row: Row) -> Item:
    r = row.reading
    signal = r.variation in SIGNALS
    minutes = (LONG if signal else MIDDLE) if r.status in ("act", "watch") else SHORT
    suggested, because = suggestion(row)
    blank = _blank(f"measure:{row.measure.name}", "signal" if signal else "unreachable", row.measure.label, why(row),
                   minutes, suggested, because)
    return replace(blank, measure=row.measure.name, status=r.status, row=row)


def why(row: Row) -> str:
    """What put a measure on the agenda: `8 months below centre 90.8%, since Mar 2026; Small business carries it`."""
    r = row.reading
    if r.variation not in SIGNALS:
        goal = row.goal_text.removeprefix("goal ") or "its goal"
        if r.capability != "will_miss":
            return f"{row.value_text} is past the plan's threshold"
        return f"Stable, but {_range(row)} cannot reach {goal}"
    carried = f"; {row.carried_by} carries it" if row.carried_by else ""
    head, rest = r.behaviour
    joined = f"{head} {rest}" if head.endswith("centre") else f"{head}, {rest}"
    return f"{row.value_text}: {joined[0].lower()}{joined[1:]}{carried}"


def _range(row: Row) -> str:
    point = spc.latest(row.chart)
    return fmt.range_text(point.lower, point.upper, row.measure) if point else row.value_text


def suggestion(row: Row) -> tuple[str, str]:
    """(decision, why) that the reading suggests; never more than a suggestion."""
    r = row.reading
    if r.variation == "improving":
        if r.shape == "shift" and (found := spc.rebase_proposal(row.chart)):
            return "set_new_limits", (
                f"{count(found.n).capitalize()} points on the better side: the old limits no longer describe the work. "
                "Set new ones, when the change is plain, known, wanted and will last."
            )
        return "spread_what_works", "The figures got better beyond chance. Find out why, and do it everywhere."
    if r.variation in ("worsening", "changing"):
        if r.shape == "outside":
            return "find_the_cause", "A single point outside the limits has its own cause."
        since = f" in {r.since.label}" if r.since else ""
        return "find_the_cause", f"The level has changed since its start{since}: ask what changed then."
    return "change_the_process", (
        "Routine variation has no single cause. Only another way of working moves it; asking for effort does not."
    )


def _overdue(grounds: Grounds) -> list[Item]:
    late = sorted((one for one in grounds.actions if one.days_late(grounds.day)), key=lambda one: (one.due, one.title))
    if not late:
        return []
    verb = "action is" if len(late) == 1 else "actions are"
    said = "; ".join(f"{one.title} ({one.owner_name}, {one.days_late(grounds.day)} days)" for one in late[:3])
    more = f"; and {len(late) - 3} more" if len(late) > 3 else ""
    why_late = "Late work needs a new date that is meant, more hands, or to be dropped aloud."
    return [_blank(OVERDUE, "overdue", f"{count(len(late)).capitalize()} {verb} overdue", said + more, SHORT,
                   "find_the_cause", why_late)]


def _plans(view: ScorecardView) -> list[Item]:
    """Measures whose plan thresholds say another colour than their limits would."""
    found = []
    for row in view.rows:
        goal = row.reading.goal
        if row.reading.basis != "plan" or goal is None or row.value is None or on_agenda(row):
            continue
        plan = plan_status(row.value, goal, row.measure.improvement_direction)
        limits = {"will_meet": "on_course", "hit_or_miss": "watch", "will_miss": "act"}.get(row.reading.capability)
        if limits and limits != plan:
            found.append(replace(
                _blank(f"plan:{row.measure.name}", "disagreement", row.measure.label,
                       f"The plan's thresholds say {STATUSES[plan]}, the limits say: "
                       f"{CAPABILITIES[row.reading.capability].lower()}", SHORT, "change_the_goal",
                       "Two rules for one colour: agree on which one the team acts on."),
                measure=row.measure.name, status=row.reading.status))
    return found


def _links(grounds: Grounds) -> list[Item]:
    """Stated causes that the figures contradict."""
    labels = {row.measure.name: row.measure.label for row in grounds.view.rows}
    return [
        _blank(f"link:{one.cause}:{one.effect}", "disagreement",
               f"{labels[one.cause]} and {labels[one.effect]}",
               f"Said to move {'together' if one.sign > 0 else 'against each other'}; {one.evidence.n} pairs of figures "
               f"say the opposite (r {one.evidence.r:.2f})".replace("-", "−"), SHORT, "find_the_cause",
               "What the team believes and what its figures say differ. One of them is wrong.")
        for one in grounds.links
        if one.evidence.verdict == "contradicted" and one.cause in labels and one.effect in labels
    ]


def _data(grounds: Grounds) -> list[Item]:
    """What is doubtful about the figures, as one item."""
    said = tuple(dict.fromkeys((*grounds.view.notices, *grounds.warnings)))
    if not said:
        return []
    title = "One warning about the data" if len(said) == 1 else f"{count(len(said)).capitalize()} warnings about the data"
    return [_blank(DATA, "data", title, " ".join(said), SHORT, "correct_the_figures",
                   "A figure that may be wrong is settled before it is discussed.")]


def _raters(grounds: Grounds) -> list[Item]:
    """What people see differently, until a review has talked about it."""
    return [_of_people(grounds.unsettled)] if grounds.unsettled else []


def _of_people(topic: Topic) -> Item:
    return _blank(topic.item, "disagreement", topic.title, topic.why, MIDDLE, "find_the_cause",
                  "Different answers are different experiences: hear both sides before anybody is right.")


def _triggers(grounds: Grounds) -> list[Item]:
    """What fired: why, and the plan that answers it."""
    return [_of_trigger(one, each) for one, each in grounds.fired]


def _of_trigger(one: Watched, each: Fired) -> Item:
    plan = f"The answer is {'ready' if one.response.state == 'ready' else 'a draft'}: {one.response.title}" if one.has_plan else "No plan is written"
    lead = f", led by {one.response.owner_name}" if one.has_plan and one.response.owner_name else ""
    suggested = (START, "It was agreed beforehand what to do when this comes.") if one.has_plan else (
        "change_the_process", "Nobody wrote down beforehand what to do: agree on it now, and write it down for the next time.")  # fmt: skip
    return _blank(each.item, TRIGGER, one.title, f"Fired in {each.period.label}: {one.told[:1].lower()}{one.told[1:]}. {plan}{lead}.", MIDDLE, *suggested)


def _own(row: ItemRow, topics: Mapping[str, Topic]) -> Item:
    if row.item in topics:
        return _of_people(topics[row.item])
    if row.item.startswith(f"{TRIGGER}:"):
        return _blank(row.item, TRIGGER, row.title or "A trigger", "It fired, and was written about before.", SHORT, "", "")
    by_hand = {"own:": "Added by hand.", SPONSOR: "Brought from the page Sponsors, where both sides' commitments stand."}
    why_there = next((why for begins, why in by_hand.items() if row.item.startswith(begins)), "")
    kind, why_there = ("own", why_there) if why_there else ("signal", "Written about before; the figures no longer put it here.")
    blank = _blank(row.item, kind, row.title or row.item.partition(":")[2].replace("_", " "), why_there, SHORT, "", "")
    return replace(blank, measure=row.item.removeprefix("measure:") if row.item.startswith("measure:") else "")


def _told(item: Item, row: ItemRow | None, grounds: Grounds) -> Item:
    """The item with what people wrote, its actions, and what the measure's commitments ask for."""
    own = tuple(one for one in grounds.actions if one.origin == f"{grounds.origin}:{item.id}")
    contract = grounds.contracts.get(item.measure)
    if row is None:
        return replace(item, actions=own, commitment=asked_for(contract, item))
    told = replace(
        item,
        minutes=row.minutes or item.minutes,
        state="decided" if row.decision else "in_discussion" if row.discussion else "not_started",
        discussion=row.discussion,
        decision=row.decision,
        settle=row.settle,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        version=row.version,
        actions=own,
    )
    return replace(told, commitment=asked_for(contract, told), followed=kept_to(contract, told))


def undecided(found: Iterable[Item]) -> list[int]:
    """The places of the items without a decision."""
    return [item.place for item in found if item.state != "decided"]

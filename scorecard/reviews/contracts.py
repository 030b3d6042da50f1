"""What the colours and signals of a measure commit the team to, written beforehand, and whether it was followed."""

from __future__ import annotations

from datetime import datetime

from scorecard import access
from scorecard.access import Actor
from scorecard.errors import UsageError
from scorecard.reviews.model import DECISIONS, STANDINGS, Commitment, Contract, Item
from scorecard.reviews.words import named_list
from scorecard.store import definitions, reviews
from scorecard.store.engine import Store, Tx

LONGEST = 300


def contracts(tx: Tx, by: datetime | None = None) -> dict[str, Contract]:
    """The contract of each measure as it was written by a moment, None for the newest."""
    return {
        name: Contract(name, row.version, _read(row.body), row.author, row.reason, row.recorded_at)
        for name, row in reviews.commitments(tx, by).items()
        if row.body
    }


def _read(body: dict) -> dict[str, Commitment]:
    return {key: Commitment(one["text"], tuple(one["decisions"]), one["action"]) for key, one in body.items()}


def set_commitment(
    store: Store, actor: Actor, measure: str, commitments: dict[str, Commitment], reason: str, now: datetime | None = None
) -> int:
    """The version of the contract of a measure: what each standing commits to. An empty text takes its line away."""
    access.require(actor, "change_goals")
    body = {key: _checked(key, one) for key, one in sorted(commitments.items()) if one.text.strip()}
    why = reason.strip()[:LONGEST]
    if not why:
        raise UsageError("Say why: the reason is kept beside the commitment.")

    def work(tx: Tx) -> int:
        if measure not in definitions.current(tx):
            raise UsageError(f"There is no measure '{measure}'.")
        before = reviews.commitments(tx).get(measure)
        version = reviews.add_commitment(tx, measure, body, why)
        tx.audit("set_commitment", f"measure:{measure}", before.body if before else None, body | {"reason": why})
        return version

    return store.write(work, actor.name, now)


def _checked(key: str, one: Commitment) -> dict:
    unknown = [name for name in one.decisions if name not in DECISIONS]
    if key not in STANDINGS or unknown:
        known = ", ".join(STANDINGS if key not in STANDINGS else DECISIONS)
        raise UsageError(f"'{key if key not in STANDINGS else unknown[0]}' is unknown. There is: {known}.")
    return {"text": one.text.strip()[:LONGEST], "decisions": list(one.decisions), "action": one.action}


def binding(contract: Contract | None, item: Item) -> list[tuple[str, Commitment]]:
    """(standing, commitment) that an item's colour and signal call for."""
    if contract is None or item.row is None:
        return []
    signal = ["signal"] if item.row.reading.signal else []
    return [(key, contract.commitments[key]) for key in [item.status, *signal] if key in contract.commitments]


def asked_for(contract: Contract | None, item: Item) -> str:
    """What was agreed beforehand, in words; "" without a commitment."""
    return " ".join(f"{STANDINGS[key]}: {_sentence(one.text)}" for key, one in binding(contract, item))


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else text + "."


def kept_to(contract: Contract | None, item: Item) -> str:
    """Whether a decided item keeps to it: `Followed.`, or what is missing; "" before the decision or without one."""
    asked = binding(contract, item)
    if not asked or item.state != "decided":
        return ""
    missing = [text for _, one in asked for text in _missing(one, item)]
    return f"Not followed: {'; '.join(dict.fromkeys(missing))}." if missing else "Followed."


def _missing(one: Commitment, item: Item) -> list[str]:
    found = []
    if one.decisions and item.decision not in one.decisions:
        agreed = named_list([DECISIONS[name][0].lower() for name in one.decisions]).replace(" and ", " or ")
        found.append(f"agreed was to {agreed}, decided was to {DECISIONS[item.decision][0].lower()}")
    if one.action and not item.actions:
        found.append("agreed was an action, and there is none")
    return found

"""When a backup is made by itself, and how many are kept: one row, or the plan that every store begins with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from scorecard.errors import StaleEdit
from scorecard.store.tx import Tx


@dataclass(frozen=True)
class Plan:
    """Every day at an hour of the organisation's zone; `daily`, `weekly` and `monthly` say how many are kept."""

    active: bool = True
    hour: int = 2
    daily: int = 7
    weekly: int = 5
    monthly: int = 12
    version: int = 0
    changed_by: str = ""


def read(tx: Tx) -> Plan:
    """The plan."""
    row = tx.one("SELECT active, at_hour, keep_daily, keep_weekly, keep_monthly, version, changed_by FROM backup_plan WHERE id = 1")
    return Plan(*row) if row else Plan()


def save(tx: Tx, new: Plan) -> None:
    """Nothing; the plan is stored. Raises StaleEdit when somebody changed it since `new.version`."""
    old = read(tx)
    if old.version != new.version:
        raise StaleEdit(f"{old.changed_by} changed when backups are made: at {old.hour}:00, {old.daily} daily, {old.weekly} weekly, "
                        f"{old.monthly} monthly. Nothing of yours is saved; save again to replace it.")
    tx.run("DELETE FROM backup_plan WHERE id = 1")
    tx.run("INSERT INTO backup_plan VALUES (1, $1, $2, $3, $4, $5, $6, $7, $8)",
           (new.active, new.hour, new.daily, new.weekly, new.monthly, new.version + 1, tx.actor, tx.now))
    tx.audit("plan backups", "backup_plan", _body(old), _body(new))


def _body(plan: Plan) -> dict[str, object]:
    return {"active": plan.active, "hour": plan.hour, "daily": plan.daily, "weekly": plan.weekly, "monthly": plan.monthly}


def began(tx: Tx) -> datetime:
    """When the store was made (UTC)."""
    return tx.one("SELECT MIN(applied_at) FROM migration")[0]

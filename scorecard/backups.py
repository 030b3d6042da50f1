"""Backups that are made by themselves, every day at an hour; how many are kept; and whether the last one succeeded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from scorecard import access, jobs, organisation
from scorecard.access import Actor
from scorecard.core import retention
from scorecard.core.periods import day
from scorecard.errors import StoreDamaged, UsageError
from scorecard.store import backup, backup_plan, verifying
from scorecard.store import jobs as job_rows
from scorecard.store.backup_plan import Plan
from scorecard.store.tx import utc_now

if TYPE_CHECKING:
    from scorecard.jobs import Task
    from scorecard.store.engine import Store
    from scorecard.store.jobs import Job

KEEPER = Actor("", "server", "admin")
KIND, SCHEDULED, DRILL = "make_backup", "scheduled", "drill"
AGAIN_AFTER, LATE = timedelta(hours=1), timedelta(hours=26)
MOST_KEPT = 400


@dataclass(frozen=True)
class Standing:
    """How it stands with backups: the newest folder by name, when it was made, and what is wrong as a sentence, "" when nothing is."""

    name: str
    made_at: datetime | None
    trouble: str


def plan(store: Store, actor: Actor) -> Plan:
    """When backups are made, and how many are kept."""
    access.require(actor, "manage_members")
    with store.read() as tx:
        return backup_plan.read(tx)


def save_plan(store: Store, actor: Actor, new: Plan) -> None:
    """Nothing; the plan is stored. Raises UsageError for one that would keep nothing."""
    access.require(actor, "manage_members")
    if not 0 <= new.hour <= 23:
        raise UsageError("The hour is a whole number from 0 to 23.")
    if not all(0 <= count <= MOST_KEPT for count in (new.weekly, new.monthly)) or not 1 <= new.daily <= MOST_KEPT:
        raise UsageError(f"Keep at least one daily backup, and at most {MOST_KEPT} of each kind.")
    store.write(lambda tx: backup_plan.save(tx, new), actor.name)


def due(store: Store, now: datetime) -> bool:
    """Whether a backup should be made now: its hour has passed since the last one, and no try of it failed within the hour."""
    with store.read() as tx:
        planned, began, tried = backup_plan.read(tx), backup_plan.began(tx), job_rows.last(tx, KIND)
    if not planned.active or (tried and (tried.open or now - tried.asked_at < AGAIN_AFTER)):
        return False
    last = max((_moment(path) for path in _scheduled(store.backups)), default=began)
    return max(last, began) < _planned(store, planned, now)


def _planned(store: Store, planned: Plan, now: datetime) -> datetime:
    """The newest moment before `now` at which the plan asks for a backup (UTC)."""
    zone = ZoneInfo(organisation.organisation(store).time_zone)
    here = now.replace(tzinfo=ZoneInfo("UTC")).astimezone(zone)
    at = datetime.combine(here.date(), time(planned.hour), zone)
    if at > here:
        at = datetime.combine(here.date() - timedelta(days=1), time(planned.hour), zone)
    return at.astimezone(ZoneInfo("UTC")).replace(tzinfo=None)


def ask_when_due(store: Store, now: datetime) -> None:
    """Nothing; a backup that is due is asked for, as a job."""
    if due(store, now):
        jobs.ask(store, KEEPER, KIND, {})


def make(store: Store, task: Task) -> dict[str, Any]:
    """A job: a verified backup, and what is over the plan is gone. What no longer verifies is told."""
    access.require(task.actor, "manage_members")
    task.tell(0.1, "Both stores are copied and compared.")
    made = verifying.backed_up(store, utc_now(), SCHEDULED)
    with store.read() as tx:
        planned = backup_plan.read(tx)
    task.tell(0.7, "Older backups are read again.")
    gone, broken = _retain(store.backups, planned)
    after = {"rows": made.total, "removed": gone}
    store.write(lambda tx: tx.audit("make backup", f"backup:{made.path.name}", None, after), task.actor.name)
    said = [f"{made.path.name}: {made.total:,} rows, verified.", *([f"{len(gone)} older ones are over the plan and gone."] if gone else []),
            *made.problems, *(f"{name} no longer verifies." for name in broken)]
    return {"message": " ".join(said), "backup": made.path.name, "removed": gone, "broken": broken}


def _retain(folder: Path, planned: Plan) -> tuple[list[str], list[str]]:
    """(names that are gone, names that no longer verify): only what was made by itself goes, never the newest that verifies."""
    found, broken = {}, []
    for path in _made_by_themselves(folder):
        try:
            found[backup.read(path).path] = _moment(path)
        except StoreDamaged:
            broken.append(path.name)
    keep = retention.kept(found.values(), planned.daily, planned.weekly, planned.monthly)
    newest = backup.newest(folder)
    gone = [path for path, moment in found.items() if moment not in keep and (newest is None or path != newest.path)]
    for path in gone:
        backup.remove(path)
    return [path.name for path in gone], broken


def _made_by_themselves(folder: Path) -> list[Path]:
    return [path for path in backup.every(folder) if any(f"-{why}" in path.name for why in (SCHEDULED, DRILL))]


def _scheduled(folder: Path) -> list[Path]:
    return [path for path in backup.every(folder) if f"-{SCHEDULED}" in path.name]


def _moment(path: Path) -> datetime:
    """When a backup was made, by its name (UTC)."""
    return datetime.strptime(path.name[:16], "%Y%m%dT%H%M%SZ")


def standing(store: Store, now: datetime) -> Standing:
    """How it stands with the backups of a store."""
    with store.read() as tx:
        planned, began, tried = backup_plan.read(tx), backup_plan.began(tx), job_rows.last(tx, KIND)
    names = backup.every(store.backups)
    made_at = _moment(names[0]) if names else None
    return Standing(names[0].name if names else "", made_at, _trouble(planned, made_at or began, tried, now))


def _trouble(planned: Plan, last: datetime, tried: Job | None, now: datetime) -> str:
    if tried and tried.state == "failed" and tried.asked_at > last:
        return f"The backup of {day(tried.asked_at.date())} failed: {tried.message.rstrip('.')}. It is tried again every hour."
    broken = tried.result.get("broken", []) if tried and tried.state == "done" else []
    if broken:
        return f"{len(broken)} of the backups no longer verify and cannot be restored: {', '.join(broken[:5])}."
    if not planned.active:
        return "No backup is made by itself: the plan is switched off." if now - last > LATE else ""
    return f"No backup was made since {day(last.date())}: the server was not running at its hour." if now - last > LATE else ""

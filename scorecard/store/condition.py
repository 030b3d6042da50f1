"""In what condition a store is: open, read-only while its disk refuses writes, or safe once its files are damaged."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from scorecard.errors import StoreDamaged, StoreReadOnly
from scorecard.store import backup
from scorecard.store.places import MEMORY, beside, data_folder, is_postgres

OPEN, READ_ONLY, SAFE = "open", "read-only", "safe"
ROOM = 1_000_000
FULL = ("Nothing can be saved at the moment: the disk of the server is full or refuses writes. Everything saved before is kept and can "
        "be read. Saving works again by itself as soon as there is room on the disk; nothing has to be started again.")


@dataclass(frozen=True)
class Condition:
    """A mode, and the sentence that says why it is not `open`."""

    mode: str = OPEN
    sentence: str = ""


@dataclass(frozen=True)
class Damage:
    """What was found, and the newest backup that verifies, or None."""

    said: str
    backups: Path
    newest: backup.Backup | None

    @property
    def sentence(self) -> str:
        """What happened and what to do, for who looks after the server."""
        return f"{self.said} {backup.advice_of(self.newest, self.backups)}"


def damage(error: StoreDamaged, backups: Path) -> Damage:
    """The damage that an error tells of. Every backup is read until one verifies: to be asked once."""
    said = str(error)
    for advice in (" Restore a backup with: ", " Name another file, or restore", " The newest verified", " There is no verified"):
        said = said.partition(advice)[0]
    return Damage(f"{said.rstrip('. ')}.", backups, backup.newest(backups))


class Watch:
    """What the last writes and reads say of a store. State and facts may lie on different disks."""

    def __init__(self, backups: Path):
        self._backups, self._lock = backups, threading.Lock()
        self._refusing: set[str] = set()
        self.damage: Damage | None = None

    @property
    def now(self) -> Condition:
        """The worst of what is known."""
        if self.damage:
            return Condition(SAFE, self.damage.sentence)
        return Condition(READ_ONLY, FULL) if self._refusing else Condition()

    @contextmanager
    def reading(self) -> Iterator[None]:
        """While something is read: damage is noticed."""
        try:
            yield
        except StoreDamaged as error:
            self._damaged(error)
            raise

    @contextmanager
    def writing(self, part: str) -> Iterator[None]:
        """While something is written to a part: a disk that refuses is noticed, and one that takes it again. Raises StoreDamaged in safe mode."""
        if self.damage:
            raise StoreDamaged(self.damage.sentence)
        try:
            with self.reading():
                yield
        except StoreReadOnly:
            with self._lock:
                self._refusing.add(part)
            raise

    def written(self, part: str) -> None:
        """Something was written to the part."""
        if self._refusing and self._has_room():
            with self._lock:
                self._refusing.discard(part)

    def _has_room(self) -> bool:
        """Whether the disk takes more than the last few bytes: else what is said above the pages would come and go."""
        try:
            return shutil.disk_usage(self._backups).free >= ROOM
        except OSError:
            return True

    @property
    def refusing(self) -> tuple[str, ...]:
        """The parts that refused the last write to them."""
        return tuple(sorted(self._refusing))

    def _damaged(self, error: StoreDamaged) -> None:
        with self._lock:
            self.damage = self.damage or damage(error, self._backups)




def signature(state: str | Path, facts: str | Path) -> tuple:
    """What tells a replaced or repaired file from the one of before, without opening it."""
    folder = data_folder(state, facts)
    if folder is None:
        return ()
    files = [Path(place) for place in (state, facts) if not is_postgres(place) and str(place) != MEMORY]
    files += [path.with_name(f"{path.name}{ending}") for path in files for ending in (".wal", ".head")] + [beside(state, folder, "head")]
    return tuple(_stamp(path) for path in files)


def _stamp(path: Path) -> tuple:
    try:
        about = path.stat()
    except OSError:
        return ()
    return about.st_ino, about.st_size, about.st_mtime_ns

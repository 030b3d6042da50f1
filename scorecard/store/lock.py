"""One process owns the files: a lock file beside each database, held for as long as the store is open."""

from __future__ import annotations

import errno
import fcntl
import os
import stat
from contextlib import suppress
from pathlib import Path

from scorecard.errors import StoreBusy, StoreError, StoreReadOnly

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class FileLock:
    """`<database>.lock`, held through `flock` by this process until `release` or death.

    DuckDB's own lock on the database is lost when anything in this process opens and closes that file; this one is not.
    """

    def __init__(self, database: Path):
        self.database, self.path = database, database.with_name(database.name + ".lock")
        self._descriptor = self._opened()
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = self._holder()
            os.close(self._descriptor)
            raise StoreBusy(
                f"{database} is in use by {holder}. One process owns the files: stop that one first, "
                "or give the command again while a server runs, which then does the work."
            ) from error
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, str(os.getpid()).encode(), 0)
        for held in (database, database.with_name(database.name + ".wal")):
            _close_to_others(held)

    def _opened(self) -> int:
        try:
            return os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise cannot_write(self.path, error) from error

    def _holder(self) -> str:
        pid = os.pread(self._descriptor, 32, 0).decode("ascii", "replace").strip()
        return f"process {pid}" if pid.isdigit() else "another process"

    def release(self) -> None:
        """Let another process have the files. The lock file stays: removing it would open a race."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def keep_to_oneself() -> None:
    """Nothing; what this process writes from now on is read by its own account alone: stores, backups, uploads, files that are handed out."""
    os.umask(os.umask(0o077) | 0o077)


def _close_to_others(path: Path) -> None:
    """Nothing; other accounts of this machine may not read a file that an earlier version or a loose umask left open to them."""
    with suppress(OSError):
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & 0o007:
            path.chmod(mode & ~0o007)


def cannot_write(path: Path, error: OSError) -> StoreError:
    """A sentence about a place that cannot be written, with what to do."""
    said = f"{path} cannot be written: {(error.strerror or str(error)).lower()}."
    if error.errno in _NO_ROOM:
        return StoreReadOnly(f"{said} Free space on the disk, then try again.")
    return (StoreReadOnly if error.errno == errno.EROFS else StoreError)(
        f"{said} "
        "Give this account write permission there, or name another place with SCORECARD_STATE and SCORECARD_FACTS."
    )


def make_folder(folder: Path) -> Path:
    """The folder, made if it was not there."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise cannot_write(folder, error) from error
    return folder

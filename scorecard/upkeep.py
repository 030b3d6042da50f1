"""What the running server looks after: that the store is open, tried again when it was not, and that its worker works."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from typing import Protocol

from scorecard import logs, watch
from scorecard.errors import StoreDamaged, StoreError, StoreReadOnly
from scorecard.store import condition
from scorecard.store.engine import Store

log = logging.getLogger("scorecard")


class Working(Protocol):
    """A worker of a store."""

    def start(self) -> None: ...

    def stop(self) -> None: ...

    def is_alive(self) -> bool: ...


class Upkeep:
    """The store that the server has open at the moment, with its worker; none in safe mode."""

    def __init__(self, opened: Callable[[], Store], ready: Callable[[Store], None], worker: Callable[[Store], Working]):
        """`opened` gives the store or raises, `ready` prepares for its readers, `worker` makes one for it."""
        self._opened, self._ready, self._make = opened, ready, worker
        self.store: Store | None = None
        self._worker: Working | None = None
        self._said = ""

    def begin(self) -> None:
        """Opens the store. In safe mode when its files are damaged or its disk is full; raises every other StoreError."""
        try:
            self._take(self._opened())
        except (StoreDamaged, StoreReadOnly) as error:
            self._tell(error)

    def look(self) -> None:
        """Nothing; the store is taken up again when it can be, and given up when it was let go."""
        try:
            self._look()
        except StoreError as error:
            self._leave()
            self._tell(error)
        except Exception as error:  # noqa: BLE001  The edge of the process: the server stays up, whatever the files hold.
            watch.here.fault("store")
            log.error("fault %s", secrets.token_hex(4), exc_info=error)

    def _look(self) -> None:
        found = self._opened()
        if found is not self.store:
            self._leave()
            self._take(found)
        elif found.mode == condition.READ_ONLY and found.try_again():
            log.warning("the disk has room again: saving works")

    @property
    def mode(self) -> str:
        """That of the store; `safe` without one."""
        return self.store.mode if self.store else condition.SAFE

    def is_alive(self) -> bool:
        """Whether the worker works."""
        return self._worker is not None and self._worker.is_alive()

    def end(self) -> None:
        """The worker works no more."""
        self._leave()

    def _take(self, store: Store) -> None:
        self._ready(store)
        self._worker = self._make(store)
        self._worker.start()
        self.store, self._said = store, ""
        for notice in store.notices:
            log.warning("the store says: %s", logs.Ours(logs.without_words(notice)))

    def _leave(self) -> None:
        if self._worker is not None:
            self._worker.stop()
        self.store = self._worker = None

    def _tell(self, error: StoreError) -> None:
        if str(error) != self._said:
            self._said = str(error)
            log.error("safe mode: %s", error)

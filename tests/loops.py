"""Coroutines in tests. A browser that the same worker drives has a loop at work in the main thread: they run in another one."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any


def ran(work: Coroutine[Any, Any, Any]) -> Any:
    """What a coroutine gives, or the error that it raises."""
    with ThreadPoolExecutor(1) as beside:
        return beside.submit(asyncio.run, work).result()

"""On which processor cores the server's threads run.

Python lets one thread compute at a time. On several cores the threads of a chat mostly hand its
lock to each other from core to core: measured, the same work took a third to a half less CPU time,
and less time, on one core than on two. So all threads of connections and the writer keep to one.
"""

from __future__ import annotations

import contextlib
import os
import random
from collections.abc import Iterator

_CAN = hasattr(os, "sched_setaffinity")


class Cores:
    """The cores the process may use, and the one for the chat. Where the system cannot say so,
    nothing happens."""

    def __init__(self, *, one: bool) -> None:
        self._all = os.sched_getaffinity(0) if _CAN else set()
        self._one = {random.choice(sorted(self._all))} if one and self._all else self._all

    @contextlib.contextmanager
    def one(self) -> Iterator[None]:
        """Threads that are started inside keep to the chat's core."""
        with self._on(self._one):
            yield

    @contextlib.contextmanager
    def all(self) -> Iterator[None]:
        """The calling thread may compute anywhere meanwhile: what it does, it does without
        Python's lock."""
        with self._on(self._all):
            yield

    @contextlib.contextmanager
    def _on(self, cores: set[int]) -> Iterator[None]:
        if not cores:
            yield
            return
        before = os.sched_getaffinity(0)  # of this thread
        os.sched_setaffinity(0, cores)
        try:
            yield
        finally:
            os.sched_setaffinity(0, before)

"""On which processor cores the server's threads run.

Python lets one thread compute at a time. On several cores the threads of a chat mostly hand its
lock to each other from core to core: measured, the same work took a third to a half less CPU time,
and less time, on one core than on two. So all threads of connections and the writer keep to one,
and move together to another where other programs keep theirs busy. Nor do they interrupt each
other there (SCHED_BATCH): whoever is woken would only find the lock taken and wait again.
"""

from __future__ import annotations

import contextlib
import os
import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

_CAN = hasattr(os, "sched_setaffinity")
_TICKS = os.sysconf("SC_CLK_TCK")  # a second
_STAT = Path("/proc/stat")
_TASKS = Path("/proc/self/task")

OTHERS = 0.3
"""The share of its core that others must take before the chat looks for a better one."""

BETTER = 0.2
"""How much more of that one must have been idle."""


class Load(NamedTuple):
    """What the cores have done since the system started, and this process; in seconds."""

    when: float
    own: float
    busy: dict[int, float]
    idle: dict[int, float]


def load() -> Load:
    """What it is now; of no core where the system does not tell."""
    busy, idle = {}, {}
    with contextlib.suppress(OSError):
        for line in _STAT.read_text().splitlines():
            name, *ticks = line.split()
            if name.startswith("cpu") and name != "cpu":
                numbers = [int(each) / _TICKS for each in ticks[:8]]
                core = int(name[3:])
                idle[core] = numbers[3] + numbers[4]  # idle and waiting for a disk
                busy[core] = sum(numbers) - idle[core]
    return Load(time.monotonic(), time.process_time(), busy, idle)


class Cores:
    """The cores the process may use, and the one for the chat. Where the system cannot say so,
    nothing happens."""

    def __init__(self, *, one: bool) -> None:
        self._all = os.sched_getaffinity(0) if _CAN else set()
        self._one = {random.choice(sorted(self._all))} if one and self._all else self._all
        self._before = load()

    @contextlib.contextmanager
    def one(self) -> Iterator[None]:
        """Threads that are started inside keep to the chat's core, and do not interrupt."""
        with self._on(self._one), _patient():
            yield

    @contextlib.contextmanager
    def all(self) -> Iterator[None]:
        """The calling thread may compute anywhere meanwhile: what it does, it does without
        Python's lock."""
        with self._on(self._all):
            yield

    def balance(self) -> None:
        """Move the chat to another core, where it is worth it. Called every second or so in the
        thread that starts those of the connections, so that none is missed."""
        if len(self._one) == len(self._all):
            return
        before, self._before = self._before, load()
        (core,) = self._one
        better = _better(core, self._all, before, self._before)
        if better is not None:
            self._move({better})

    def _move(self, to: set[int]) -> None:
        here, self._one = self._one, to
        for task in _TASKS.iterdir():
            with contextlib.suppress(OSError):  # a thread that has just ended
                if os.sched_getaffinity(int(task.name)) == here:
                    os.sched_setaffinity(int(task.name), to)

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


@contextlib.contextmanager
def _patient() -> Iterator[None]:
    if not hasattr(os, "SCHED_BATCH"):
        yield
        return
    before = os.sched_getscheduler(0)  # of this thread
    os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
    try:
        yield
    finally:
        os.sched_setscheduler(0, before, os.sched_param(0))


def _better(core: int, all_: set[int], before: Load, now: Load) -> int | None:
    """Another core, where others took much of this one between two moments and that one idled."""
    seconds = now.when - before.when
    if seconds <= 0 or core not in now.busy or core not in before.busy:
        return None
    others = (now.busy[core] - before.busy[core] - (now.own - before.own)) / seconds
    idle = {
        each: (now.idle[each] - before.idle[each]) / seconds
        for each in all_ & now.idle.keys() & before.idle.keys()
    }
    best = max(idle, key=idle.__getitem__)
    return best if others > OTHERS and idle[best] > idle[core] + BETTER else None

"""Rates: how often one caller may use a command. It counts; it neither waits nor refuses."""

from __future__ import annotations

import math
import re
import threading
from collections import deque
from collections.abc import Callable
from typing import NamedTuple

UNITS = {"s": 1, "min": 60, "h": 3_600, "day": 86_400}
"""s"""

MOST = 1_000
"""Times within a rate's span: each of them is remembered."""

_RATE = re.compile(r"([1-9][0-9]{0,3})/([a-z]+)", re.ASCII)


class Rate(NamedTuple):
    """So many times within any ``seconds``."""

    times: int
    seconds: int


def rate_of(text: str) -> Rate:
    """What ``5/min`` means. Raises ValueError with a sentence."""
    match = _RATE.fullmatch(text) if isinstance(text, str) else None
    if not match or match[2] not in UNITS or int(match[1]) > MOST:
        raise ValueError(
            f"the rate is a number up to {MOST} per s, min, h or day, as 5/min; not {text!r}"
        )
    return Rate(int(match[1]), UNITS[match[2]])


class Rates:
    """What each caller has used lately. Safe for threads."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """``clock`` tells seconds, and never goes back."""
        self._clock = clock
        self._lock = threading.Lock()  # guards the rest
        self._used: dict[tuple[str, int], _Used] = {}
        self._sweep_at = 64

    def use(self, verb: str, caller: int, rate: Rate) -> float:
        """0 where this use is within the rate, and counts; else the seconds until the next is, and
        it does not."""
        now = self._clock()
        with self._lock:
            used = self._used.get((verb, caller))
            if used is None:
                if len(self._used) >= self._sweep_at:
                    self._sweep(now)
                used = self._used[verb, caller] = _Used()
            return used.again(now, rate)

    def _sweep(self, now: float) -> None:
        """Forget those whose time is over, when there are twice as many as were left last time."""
        self._used = {key: used for key, used in self._used.items() if used.until > now}
        self._sweep_at = max(64, 2 * len(self._used))

    def __len__(self) -> int:
        """How many callers of how many commands are remembered."""
        return len(self._used)


class _Used:
    """When one caller has used one command."""

    __slots__ = ("times", "until")

    def __init__(self) -> None:
        self.times: deque[float] = deque()
        self.until = 0.0

    def again(self, now: float, rate: Rate) -> float:
        while self.times and self.times[0] + rate.seconds <= now:
            self.times.popleft()
        if len(self.times) >= rate.times:
            # a reload may have made it rarer: then more than one has to grow old
            return self.times[-rate.times] + rate.seconds - now
        self.times.append(now)
        self.until = now + rate.seconds
        return 0.0


def waiting(seconds: float) -> str:
    """``12 s``, ``3 min``, ``2 h``: how long to wait, rounded up so that it is enough."""
    if seconds <= 120:
        return f"{max(1, math.ceil(seconds))} s"
    if seconds <= 7_200:
        return f"{math.ceil(seconds / 60)} min"
    return f"{math.ceil(seconds / 3_600)} h"

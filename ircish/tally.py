"""How a plugin's command or hook does: calls, faults, times; and when it is to be switched off."""

from __future__ import annotations

import statistics
import threading
from collections import deque
from collections.abc import Callable, Hashable

MINUTE = 60.0
"""Seconds in which faults count together."""

CALLERS = 3
"""So many people must meet a fault: one person's odd input must not do it for all."""

NAMELESS = 5
"""So many faults switch off what nobody calls: events and timers."""

STUCK = 4
"""So many calls that do not come back switch a command off, whoever made them."""

KEPT = 500
"""Times of the last calls, for the median."""


class Tally:
    """Of one command or hook. ``clock`` is in seconds, monotonic."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.calls = 0
        self.faults = 0
        self.worst = 0.0
        """seconds"""
        self.off = False
        """Switched off: it is not called any more."""
        self.stuck = 0
        """Calls that were given up and have not come back."""
        self._clock = clock
        self._lock = threading.Lock()
        self._times: deque[float] = deque(maxlen=KEPT)
        self._recent: deque[tuple[float, Hashable]] = deque(maxlen=KEPT)

    @property
    def median(self) -> float:
        """seconds, of the last calls"""
        with self._lock:
            times = list(self._times)
        return statistics.median(times) if times else 0.0

    def ran(self, seconds: float) -> None:
        """A call took so long."""
        with self._lock:
            self.calls += 1
            self.worst = max(self.worst, seconds)
            self._times.append(seconds)

    def fault(self, caller: Hashable = None) -> bool:
        """A call failed, for a caller, or for nobody in particular; whether that was the one that
        switches it off."""
        with self._lock:
            self.faults += 1
            now = self._clock()
            self._recent.append((now, caller))
            recent = [who for when, who in self._recent if now - when <= MINUTE]
            callers = {who for who in recent if who is not None}
            enough = len(callers) >= CALLERS or recent.count(None) >= NAMELESS
            return self._switch_off(enough or self.stuck >= STUCK)

    def _switch_off(self, enough: bool) -> bool:
        switched = enough and not self.off
        self.off = self.off or enough
        return switched

"""Worker: a plugin's own thread, for its events and timers. One that hangs stops that plugin."""

from __future__ import annotations

import heapq
import itertools
import math
import queue
import threading
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from ircish.stuck import Stuck

if TYPE_CHECKING:
    from ircish.plugin import Plugin

EVENTS_WAITING = 10_000
"""Events that may wait for a plugin; those beyond are not told to it."""

TIMERS = 10_000
"""Timers that a plugin may have."""

OFTENEST = 0.1
"""Seconds: no timer comes again sooner."""

NEVER = 3600.0
"""Seconds to sleep where no timer is set; a call wakes it earlier."""

LINGER = 0.02
"""Seconds from one look at what waits to the next: while people talk, the thread wakes fifty times
a second and not once for each event, which would cost each of them a turn of the GIL."""

WAKE = object()
"""Among the events: look at the timers anew. None ends the thread."""


class TooManyTimers(Exception):
    """A plugin has set more timers than it may."""


class Timer:
    """A call to come. ``cancel`` lets it not come."""

    __slots__ = ("call", "cancelled", "due", "every")

    def __init__(self, due: float, call: Callable[[], object], every: float | None) -> None:
        self.due = due
        self.call = call
        self.every = every
        self.cancelled = False

    def cancel(self) -> None:
        """Do not call it (any more); harmless where it is over."""
        self.cancelled = True


class Worker:
    """Tells events and makes the calls of timers, one after another. All of it is for any thread,
    and nothing of it waits for a call."""

    def __init__(
        self,
        name: str,
        tell: Callable[[Any], object],
        guard: Callable[[str, Callable[[], object]], None],
        clock: Callable[[], float],
        linger: float = LINGER,
    ) -> None:
        """``tell`` takes an event; ``guard`` makes each call and catches whatever it raises.
        ``clock`` is in seconds, monotonic. ``name`` is the thread's."""
        self.name = name
        self.since: float | None = None
        """When the call that is being made began; None between calls."""
        self.given_up = False
        """It hangs: nothing more is given to it."""
        self.missed = 0
        """Events that were not told: too many waited, or it hangs."""
        self._tell = tell
        self._guard = guard
        self._clock = clock
        self._linger = linger
        self._stopped = threading.Event()
        self._queue: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._lock = threading.Lock()  # guards _timers and the thread's beginning
        self._timers: list[tuple[float, int, Timer]] = []
        self._numbers = itertools.count()
        self._begun = self._ended = False
        self._thread: threading.Thread | None = None
        self.stuck: Stuck | None = None
        """Its thread, where it hangs."""

    def begin(self, *, tells: bool) -> None:
        """Make calls from now on; the thread begins where it ``tells`` events, or when a timer is
        set."""
        with self._lock:
            self._begun = True
            if tells or self._timers:
                self._run_thread()

    def _run_thread(self) -> None:
        """The lock is held."""
        if self._begun and self._thread is None and not self._ended:
            self._thread = threading.Thread(target=self._run, name=self.name, daemon=True)
            self._thread.start()

    def hangs(self, seconds: float) -> bool:
        """Whether it is at one call for longer than that."""
        since = self.since
        return since is not None and self._clock() - since > seconds

    def give_up(self, plugin: Plugin) -> Stuck:
        """Give it nothing more; its thread."""
        self.given_up = True
        ident = (self._thread and self._thread.ident) or 0
        self.stuck = Stuck(ident, plugin.owns, plugin, "server_event and timers")
        self.stuck.over = not self.alive
        return self.stuck

    @property
    def waiting(self) -> int:
        """Timers that are set."""
        with self._lock:
            return sum(not timer.cancelled for _, _, timer in self._timers)

    @property
    def alive(self) -> bool:
        """Whether it may still be at a call."""
        return self._thread is not None and self._thread.is_alive()

    def give(self, event: Any) -> None:
        """Queue an event; used under the hub's lock."""
        if self.given_up or self._queue.qsize() >= EVENTS_WAITING:
            self.missed += 1
        else:
            self._queue.put(event)

    def after(self, seconds: float, call: Callable[[], object]) -> Timer:
        """Make a call once, after so many seconds. Raises TooManyTimers, ValueError, TypeError."""
        return self._arm(seconds, call, None)

    def every(self, seconds: float, call: Callable[[], object]) -> Timer:
        """Make a call again and again. Raises TooManyTimers, ValueError, TypeError."""
        if seconds < OFTENEST:
            raise ValueError(f"every {seconds} s is too often; {OFTENEST} s is the least")
        return self._arm(seconds, call, seconds)

    def _arm(self, seconds: float, call: Callable[[], object], every: float | None) -> Timer:
        if math.isnan(seconds):
            raise ValueError("a timer's seconds are a number, not nan")
        if not callable(call):
            raise TypeError(f"a timer calls a function, not {call!r}: leave its () away")
        timer = Timer(self._clock() + max(0.0, seconds), call, every)
        with self._lock:
            if self._ended:
                timer.cancel()
                return timer
            if len(self._timers) >= TIMERS:
                self._timers = [each for each in self._timers if not each[2].cancelled]
                heapq.heapify(self._timers)
            if len(self._timers) >= TIMERS:
                raise TooManyTimers(f"it has {TIMERS} timers already")
            first = not self._timers or timer.due < self._timers[0][0]
            heapq.heappush(self._timers, (timer.due, next(self._numbers), timer))
            self._run_thread()
        if first:
            self._queue.put(WAKE)  # it may sleep for longer
        return timer

    def stop(self) -> list[Any]:
        """End after the call that is being made; timers come no more. The events not told."""
        with self._lock:
            self._ended = True
            self._timers.clear()
        self._stopped.set()
        untold = []
        try:
            while True:
                untold.append(self._queue.get_nowait())
        except queue.Empty:
            self._queue.put(None)
        return [each for each in untold if each is not None and each is not WAKE]

    def run_due(self) -> None:
        """Make the calls whose time has come; those that they set are for the next time."""
        now = self._clock()
        due = []
        with self._lock:
            if not self._timers:
                return
            while self._timers and self._timers[0][0] <= now:
                timer = heapq.heappop(self._timers)[2]
                due.append(timer)
                if timer.every and not timer.cancelled:
                    # one that could not keep up comes at once, but once
                    timer.due = max(timer.due + timer.every, now + OFTENEST)
                    heapq.heappush(self._timers, (timer.due, next(self._numbers), timer))
        for timer in due:
            if not (timer.cancelled or self._ended or self.given_up):
                self._make("timer", timer.call)

    def _make(self, what: str, call: Callable[[], object]) -> None:
        self.since = self._clock()
        try:
            self._guard(what, call)
        finally:
            self.since = None

    def _run(self) -> None:
        self._make_calls()
        if self.stuck:
            self.stuck.over = True

    def _make_calls(self) -> None:
        while not (self._ended or self.given_up):
            with self._lock:
                due = self._timers[0][0] if self._timers else None
            pause = NEVER if due is None else max(0.0, min(NEVER, due - self._clock()))
            try:
                event = self._queue.get(timeout=pause)
            except queue.Empty:
                event = WAKE
            while event is not None:
                if event is not WAKE:
                    self._make("server_event", partial(self._tell, event))
                self.run_due()
                if self._ended or self.given_up:
                    return
                try:
                    event = self._queue.get_nowait()
                except queue.Empty:
                    break
            if event is None or self._stopped.wait(self._linger):
                return

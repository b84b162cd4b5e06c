"""Threads that do not come back from a plugin's code: they are waited for no longer, and are asked
to end where an exception harms nobody. Who goes on without them is their callers' affair."""

from __future__ import annotations

import ctypes
import sys
import threading
import time
from collections.abc import Callable
from types import FrameType
from typing import Generic, TypeVar

ASKING = 0.1
"""Seconds for which one who waits no longer asks a thread to end; then others do, now and then."""

T = TypeVar("T")


class GaveUp(BaseException):
    """Raised in a thread that takes too long in a plugin's code: it is to end."""


class TakenOver(BaseException):
    """In a thread that comes back too late: another one has its connection."""


class Exits(Exception):
    """What was called wanted to end the program."""


class TooLong(Exception):
    """What was waited for has not come; its thread goes on, as ``stuck``."""

    def __init__(self, seconds: float, stuck: Stuck) -> None:
        super().__init__(f"it takes longer than {seconds:g} seconds")
        self.stuck = stuck


class Stuck:
    """A thread that nobody waits for any more, until it says that it is ``over``."""

    def __init__(
        self, ident: int, owns: Callable[[str], bool], plugin: object = None, what: str = ""
    ) -> None:
        """``owns`` tells whether a file, by its name, is the plugin's; ``what`` is its command or
        hook."""
        self.ident = ident
        self.plugin = plugin
        self.what = what
        self.over = False
        """Set by the thread when no more of the plugin's code is to come."""
        self._owns = owns

    def ask(self) -> None:
        """Ask it to end, if it is in the plugin's own code just now. Elsewhere an exception could
        come between the taking of a lock and what gives it back: in the chat, in the log."""
        frame = sys._current_frames().get(self.ident)
        file = frame.f_code.co_filename if frame else ""
        if not self._owns(file):
            return
        for frames in iter(sys._current_frames, None):
            # From here to the call no other thread runs: Python lets others only after a call and
            # where a loop begins again. A thread told now is told before it does anything else.
            if not self.over and frames[self.ident].f_code.co_filename == file:
                _raise_in(self.ident, GaveUp)
            break

    def where(self) -> str:
        """The line of the plugin's code that it is in, for the log."""
        frame: FrameType | None = sys._current_frames().get(self.ident)
        while frame and not self._owns(frame.f_code.co_filename):
            frame = frame.f_back
        if frame is None:
            return "nobody knows where"
        code = frame.f_code
        return f"{code.co_filename}, line {frame.f_lineno}, in {code.co_name}"


_raise_in = ctypes.pythonapi.PyThreadState_SetAsyncExc
_raise_in.argtypes = (ctypes.c_ulong, ctypes.py_object)


class _Call(Generic[T]):
    """A call in a thread of its own, and what came of it."""

    def __init__(self, call: Callable[[], T], owns: Callable[[str], bool], name: str) -> None:
        self._call = call
        self._owns = owns
        self.came = threading.Event()
        self.result: T
        self.error: BaseException | None = None
        self.stuck: Stuck
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        self.stuck = Stuck(threading.get_ident(), self._owns)
        try:
            self.result = self._call()
        except BaseException as error:
            self.error = error
        self.stuck.over = True
        self.came.set()

    def wait(self, seconds: float) -> T:
        if not self.came.wait(seconds):
            deadline = time.monotonic() + ASKING
            while time.monotonic() < deadline:
                self.stuck.ask()
                if self.came.wait(0.005):
                    break
            raise TooLong(seconds, self.stuck)
        if isinstance(self.error, Exception):
            raise self.error
        if self.error:  # not this thread's to obey
            raise Exits(f"{type(self.error).__name__}: {self.error}") from self.error
        return self.result


def within(seconds: float, call: Callable[[], T], owns: Callable[[str], bool], name: str) -> T:
    """What ``call`` returns or raises, made in a thread of that ``name``. Raises TooLong;
    Exits for a SystemExit and the like."""
    return _Call(call, owns, name).wait(seconds)

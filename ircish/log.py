"""What `ircish serve` logs, on a terminal or as plain lines; keeping it is left to others."""

from __future__ import annotations

import logging
import queue
import re
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TextIO

from ircish.text import UNSAFE

WAITING = 10_000
"""Records not written yet."""

LAST = 1.0
"""Seconds at the end for writing them."""

LEVEL_STYLES = {"debug": "dim", "info": "green", "warning": "yellow"}


ASIDE = "sandbox"
"""What begins the names of threads in which things are only tried: they log nothing."""


def logger(name: str) -> logging.Logger:
    """The logger of that name, which does not hear what is only tried."""
    found = logging.getLogger(name)
    found.addFilter(_is_real)
    return found


def _is_real(record: logging.LogRecord) -> bool:
    return not (record.threadName or "").startswith(ASIDE)


def clean(text: str) -> str:
    r"""`text` as one line that no terminal obeys: unsafe characters become \x1b or \u202e."""
    return UNSAFE.sub(escape, text) if UNSAFE.search(text) else text


def escape(match: re.Match[str]) -> str:
    return match[0].encode("unicode_escape").decode()


def lines(record: logging.LogRecord) -> list[str]:
    """The record's message as one clean line, then its traceback's lines, clean and indented."""
    below = []
    if record.exc_info and record.exc_info[0]:
        below.append(logging.Formatter().formatException(record.exc_info))
    if record.stack_info:
        below.append(record.stack_info)
    indented = ["    " + clean(line) for text in below for line in text.split("\n")]
    return [clean(record.getMessage()), *indented]


def plain(record: logging.LogRecord) -> str:
    """`2026-11-22T09:50:00Z info message`, in UTC."""
    when = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.created))
    return f"{when} {record.levelname.lower()} " + "\n".join(lines(record)) + "\n"


def coloured(stream: TextIO) -> Callable[[logging.LogRecord], str]:
    """A function that formats for the terminal behind `stream`: local time, level, and the
    message with its subject, the first word, in bold."""
    from rich.console import Console
    from rich.text import Text

    console = Console(file=stream)

    def format_record(record: logging.LogRecord) -> str:
        level = record.levelname.lower()
        first, *below = lines(record)
        subject, space, rest = first.partition(" ")
        line = Text.assemble(
            (time.strftime("%H:%M:%S ", time.localtime(record.created)), "dim"),
            (f"{level:<8}", LEVEL_STYLES.get(level, "bold red")),
            (subject, "bold"),
            space + rest,
            *(("\n" + text, "dim") for text in below),
        )
        # Captured, because Console itself ends the program when its stream is a broken pipe.
        with console.capture() as captured:
            console.print(line, soft_wrap=True)
        return captured.get()

    return format_record


class LineHandler(logging.Handler):
    """Writes each record to `stream` at once and in one piece, and never raises."""

    def __init__(self, stream: TextIO, format_record: Callable[[logging.LogRecord], str]) -> None:
        super().__init__()
        self.stream = stream
        self.format_record = format_record

    def emit(self, record: logging.LogRecord) -> None:
        try:
            text = self.format_record(record)
        except Exception as error:  # a mistake in the call, such as too few arguments
            record.msg = f"{record.pathname}:{record.lineno} could not log: {type(error).__name__}"
            record.args = record.exc_info = record.stack_info = None
            text = plain(record)
        encoding = getattr(self.stream, "encoding", None) or "utf-8"
        with suppress(Exception):  # a broken pipe, a full disk, a closed stream: nowhere to say so
            self.stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
            self.stream.flush()


class Behind(logging.Handler):
    """Passes records to `handler` in a thread of its own, so that nobody who logs waits for a
    terminal that is stopped or a pipe that nobody reads; those beyond WAITING are lost."""

    def __init__(self, handler: logging.Handler) -> None:
        super().__init__()
        self._handler = handler
        self._queue: queue.Queue[logging.LogRecord | None] = queue.Queue(WAITING)
        self._thread = threading.Thread(target=self._run, name="log", daemon=True)
        self._thread.start()

    def emit(self, record: logging.LogRecord) -> None:
        with suppress(queue.Full):
            self._queue.put_nowait(record)

    def finish(self, seconds: float) -> bool:
        """Let what was logged so far be written, for so long at most, and end the thread; whether
        it has ended."""
        with suppress(queue.Full):
            self._queue.put(None, timeout=seconds)
            self._thread.join(seconds)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while (record := self._queue.get()) is not None:
            self._handler.handle(record)


def configure(
    level: str, stream: TextIO | None = None, *, behind: bool = False
) -> Callable[[], bool]:
    """Sends the logger "ircish" and all below it, from `level` ("debug", "info", "warning",
    "error") up, to `stream` (None: standard error) instead of where they went before; where
    `behind`, without those who log waiting for it. Returns what to call at the end, which
    says whether all could be written."""
    logger = logging.getLogger("ircish")
    logger.setLevel(level.upper())
    logger.propagate = False
    for handler in logger.handlers[:]:
        logger.removeHandler(handler)
        handler.close()
    out = stream or sys.stderr
    if out is None:  # the shell closed it: 2>&-
        logger.addHandler(logging.NullHandler())
    else:
        handler = LineHandler(out, coloured(out) if out.isatty() else plain)
        if behind:
            later = Behind(handler)
            logger.addHandler(later)
            return lambda: later.finish(LAST)
        logger.addHandler(handler)
    return lambda: True

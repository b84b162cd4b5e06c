"""A program in a terminal of its own: a real pty, typed into and read, with pyte as the screen.

``Pty`` is the terminal without a screen, for those who measure; ``Terminal`` knows what it shows.
It does not know DCS (left out of what is shown) and has no job control.
"""

from __future__ import annotations

import copy
import fcntl
import os
import re
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyte
from pyte.screens import Char

PATIENCE = 20.0  # seconds that anything may take on a busy machine
AS_SESSION_LEADER = 'exec "$@" <>"$0" >&0 2>&0'  # whose first tty becomes the controlling one
KEYS = {
    "backspace": "\x7f",
    "delete": "\x1b[3~",
    "down": "\x1b[B",
    "end": "\x1b[F",
    "enter": "\r",
    "escape": "\x1b",
    "home": "\x1b[H",
    "insert": "\x1b[2~",
    "left": "\x1b[D",
    "pagedown": "\x1b[6~",
    "pageup": "\x1b[5~",
    "right": "\x1b[C",
    "s-tab": "\x1b[Z",
    "space": " ",
    "tab": "\t",
    "up": "\x1b[A",
    "a-left": "\x1b[1;3D",
    "a-right": "\x1b[1;3C",
    "a-home": "\x1b[1;3H",
    "a-end": "\x1b[1;3F",
    "wheel-up": "\x1b[<64;5;5M",
    "wheel-down": "\x1b[<65;5;5M",
    "focus-in": "\x1b[I",
    "focus-out": "\x1b[O",
}
OSC = re.compile(rb"\x1b\]([^\x07\x1b]*)(?:\x07|\x1b\\)")
UNKNOWN = re.compile(rb"\x1bP.*?\x1b\\|\x1b\[[<=>][0-9;]*[ -/]*[@-~]", re.DOTALL)
UNFINISHED = re.compile(rb"\x1b(P.*|\[[<=>]?[0-9;]*)?\Z", re.DOTALL)


def key(name: str) -> str:
    """What a terminal sends for ``enter``, ``c-a`` (Ctrl), ``a-n`` (Alt), or a character."""
    if name in KEYS:
        return KEYS[name]
    if name.startswith("c-") and len(name) == 3:
        return chr(ord(name[2]) & 0x1F)
    if name.startswith("a-"):
        return "\x1b" + key(name[2:])
    if len(name) != 1:
        raise KeyError(name)
    return name


class Pty:
    """A program whose terminal we are: what it writes is collected in ``output``."""

    def __init__(
        self,
        argv: Sequence[str],
        columns: int = 100,
        rows: int = 30,
        env: Mapping[str, str] | None = None,
        cwd: str | Path | None = None,
    ) -> None:
        """Start it. ``env`` comes on top of our own environment, TERM and LANG included."""
        self.output = bytearray()
        self.ended = False
        self._fd, theirs = os.openpty()
        self._size(columns, rows)
        modes = termios.tcgetattr(theirs)
        modes[3] &= ~termios.ECHO  # what is seen is the program's doing, not the kernel's
        termios.tcsetattr(theirs, termios.TCSANOW, modes)
        self.process = subprocess.Popen(
            ["/bin/sh", "-c", AS_SESSION_LEADER, os.ttyname(theirs), *argv],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
            cwd=cwd,
            env={**os.environ, "TERM": "xterm-256color", "LANG": "C.UTF-8", **(env or {})},
        )
        os.close(theirs)
        self._poll = select.poll()
        self._poll.register(self._fd, select.POLLIN)

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _size(self, columns: int, rows: int) -> None:
        fcntl.ioctl(self._fd, termios.TIOCSWINSZ, struct.pack("4H", rows, columns, 0, 0))

    def resize(self, columns: int, rows: int) -> None:
        """Change the size; the program gets SIGWINCH."""
        self._size(columns, rows)

    def read(self, seconds: float) -> bytes:
        """What it wrote, waiting so long for it at most; b"" for nothing, or when it has ended."""
        if self.ended or not self._poll.poll(max(0.0, seconds) * 1000):
            return b""
        try:
            data = os.read(self._fd, 1 << 16)
        except OSError:  # EIO: nobody holds the other side any more
            data = b""
        self.ended = not data
        self.output += data
        return data

    def type(self, text: str) -> None:
        """Write text as it would be typed; a newline is Enter."""
        self.send(text.replace("\n", "\r").encode())

    def keys(self, *names: str) -> None:
        """Press keys: see ``key``. All go in one write: "escape", "b" is Alt-B."""
        self.send("".join(map(key, names)).encode())

    def paste(self, text: str) -> None:
        """A bracketed paste."""
        self.send(b"\x1b[200~" + text.replace("\n", "\r").encode() + b"\x1b[201~")

    def send(self, data: bytes) -> None:
        """Write bytes to the program, reading meanwhile what it writes."""
        while data:
            _, writable, _ = select.select([], [self._fd], [], 0.1)
            if writable:
                data = data[os.write(self._fd, data[:512]) :]
            elif not self.read(0) and self.ended:
                raise AssertionError("the program has ended")

    @property
    def oscs(self) -> list[str]:
        """Every operating system command it sent: ``8;;https://...``, ``52;c;...``."""
        return [found.decode(errors="replace") for found in OSC.findall(self.output)]

    def cpu(self) -> float:
        """Seconds of CPU time that it took so far, user and system."""
        return time.clock_gettime((~self.process.pid << 3) | 2)  # see clock_getcpuclockid(3)

    def rss(self) -> float:
        """Resident memory in MiB."""
        pages = Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE") / (1 << 20)

    def wait(self, patience: float = PATIENCE) -> int:
        """Read until it ends by itself; its exit code."""
        deadline = time.monotonic() + patience
        while not self.ended and time.monotonic() < deadline:
            self.read(deadline - time.monotonic())
        assert self.ended, f"still running after {patience} s"
        return self.process.wait(patience)

    def close(self) -> None:
        """End it, gently at first."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGHUP)
            deadline = time.monotonic() + 0.5
            while not self.ended and time.monotonic() < deadline:
                self.read(deadline - time.monotonic())
            if not self.ended:
                self.process.kill()
            self.process.wait(PATIENCE)
        if self._fd >= 0:
            os.close(self._fd)
            self._fd, self.ended = -1, True


class Shown(pyte.Screen):
    """pyte's screen, with an alternate screen and answers to what a program asks."""

    def __init__(self, columns: int, rows: int, answer: Callable[[bytes], None]) -> None:
        self._answer = answer
        self._main: Any = None
        super().__init__(columns, rows)

    def write_process_input(self, data: str) -> None:
        """An answer: the cursor's position, what kind of terminal this is."""
        self._answer(data.encode())

    def set_mode(self, *modes: int, **kwargs: Any) -> None:
        if 1049 in modes and kwargs.get("private") and self._main is None:
            self._main = copy.deepcopy(self.buffer), copy.copy(self.cursor)
            self.erase_in_display(2)
        super().set_mode(*modes, **kwargs)

    def reset_mode(self, *modes: int, **kwargs: Any) -> None:
        if 1049 in modes and kwargs.get("private") and self._main is not None:
            self.buffer, self.cursor = self._main
            self._main = None
        super().reset_mode(*modes, **kwargs)


class Terminal(Pty):
    """A program and what its terminal shows."""

    def __init__(
        self,
        argv: Sequence[str],
        columns: int = 100,
        rows: int = 30,
        env: Mapping[str, str] | None = None,
        cwd: str | Path | None = None,
    ) -> None:
        self.shown = Shown(columns, rows, self.send)
        self._stream = pyte.ByteStream(self.shown)
        self._rest = b""
        super().__init__(argv, columns, rows, env, cwd)

    def read(self, seconds: float) -> bytes:
        data = super().read(seconds)
        known = UNKNOWN.sub(b"", self._rest + data)
        end = UNFINISHED.search(known)
        at = end.start() if end else len(known)
        known, self._rest = known[:at], known[at:]
        if known:
            self._stream.feed(known)
        return data

    def resize(self, columns: int, rows: int) -> None:
        """Change the size, of the screen too."""
        self.shown.resize(rows, columns)
        super().resize(columns, rows)

    def screen(self) -> list[str]:
        """The rows as they are shown now, with the spaces at their ends."""
        line = self.shown.buffer
        columns = range(self.shown.columns)
        return ["".join(line[y][x].data for x in columns) for y in range(self.shown.lines)]

    def __str__(self) -> str:
        return "\n".join(row.rstrip() for row in self.screen())

    @property
    def cursor(self) -> tuple[int, int]:
        """Row and column, from 0."""
        return self.shown.cursor.y, self.shown.cursor.x

    def attributes(self, row: int, column: int) -> Char:
        """A cell: its data, fg, bg, bold, italics, underscore, strikethrough, reverse, blink."""
        return self.shown.buffer[row][column]

    def find(self, text: str) -> tuple[int, int]:
        """Row and column where the text is shown. Raises AssertionError where it is not."""
        for number, row in enumerate(self.screen()):
            if (at := row.find(text)) >= 0:
                return number, at
        raise AssertionError(f"{text!r} is not shown:\n{self}")

    def wait_for(
        self, wanted: str | Callable[[list[str]], object], patience: float = PATIENCE
    ) -> None:
        """Read until the text is shown, or what is shown satisfies the function."""
        deadline = time.monotonic() + patience
        while not self._has(wanted):
            left = deadline - time.monotonic()
            if left <= 0 or not (self.read(left) or not self.ended):
                why = "the program has ended" if self.ended else f"not within {patience} s"
                raise AssertionError(f"{wanted!r}: {why}\n{self}")

    def _has(self, wanted: str | Callable[[list[str]], object]) -> bool:
        rows = self.screen()
        return any(wanted in row for row in rows) if isinstance(wanted, str) else bool(wanted(rows))

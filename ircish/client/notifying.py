"""What the terminal is told beside the screen: notifications, the clipboard, its title, focus.
Texts in, escape sequences out; who writes them to the terminal, and when, is passed in."""

from __future__ import annotations

import base64
import subprocess
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Final, Literal

from ircish.client.settings import Settings
from ircish.text import printable, shortened

BEL: Final = "\a"

MOST_TEXT = 200
"""Characters of a notification or a title."""

MOST_COPIED = 74_994
"""Bytes; hterm takes 100,000 of base64, others no less."""

SCREEN_PART = 250
"""Bytes that GNU screen surely passes through at once; old ones take 256."""

FOCUS_ON, FOCUS_OFF = "\x1b[?1004h", "\x1b[?1004l"
"""Let the terminal tell whether it has the focus, or no more (xterm's "FocusIn/FocusOut")."""

FOCUS_IN, FOCUS_OUT = "\x1b[I", "\x1b[O"
"""What it then sends."""

TITLE_KEEP, TITLE_BACK = "\x1b[22;2t", "\x1b[23;2t"
"""Remember the title, and put it back (xterm's XTWINOPS)."""

Way = Literal["osc9", "osc777", "osc99", "off"]

# The terminal that runs us says so in TERM and TERM_PROGRAM; inside a multiplexer, which has set
# these two anew, the others are left. All of them are the terminals' own documentation's.
BY_TERM: Mapping[str, Way] = {
    "xterm-kitty": "osc99",
    "xterm-ghostty": "osc9",
    "foot": "osc777",
    "rxvt-unicode": "osc777",
    "wezterm": "osc9",
}
BY_PROGRAM: Mapping[str, Way] = {
    "iTerm.app": "osc9",
    "ghostty": "osc9",
    "WezTerm": "osc9",
    "kitty": "osc99",
}
BY_VARIABLE: Mapping[str, Way] = {
    "KITTY_WINDOW_ID": "osc99",
    "GHOSTTY_RESOURCES_DIR": "osc9",
    "WEZTERM_PANE": "osc9",
    "ITERM_SESSION_ID": "osc9",
}


def way_of(terminal: Mapping[str, str]) -> Way:
    """How a terminal, as its environment variables tell, shows notifications."""
    term = terminal.get("TERM", "")
    for name, way in BY_TERM.items():
        if term == name or term.startswith(f"{name}-"):
            return way
    if way_told := BY_PROGRAM.get(terminal.get("TERM_PROGRAM", "")):
        return way_told
    if terminal.get("LC_TERMINAL") == "iTerm2":  # which ssh often hands on
        return "osc9"
    return next((way for name, way in BY_VARIABLE.items() if terminal.get(name)), "off")


def notification(title: str, text: str, terminal: Mapping[str, str], settings: Settings) -> str:
    """What to write to the terminal: the bell, a desktop notification, both or nothing."""
    way = way_of(terminal) if settings.notify == "auto" else settings.notify
    title, text = plain(title), plain(text)
    bell = BEL if settings.bell else ""
    if not title and not text:
        return bell
    if way == "osc9":
        # A number would be one of ConEmu's commands, as "9;4;1;50" shows progress.
        words = _without_fields(": ".join(filter(None, (title, text))))
        words = f"ircish: {words}" if words[0].isdigit() else words
        sequence = passed(f"\x1b]9;{words}\a", terminal)
    elif way == "osc777":
        fields = f"{_without_fields(title)};{_without_fields(text)}"
        sequence = passed(f"\x1b]777;notify;{fields}\a", terminal)
    elif way == "osc99":
        sequence = passed(f"\x1b]99;i=ircish:e=1:d=0;{_base64(title)}\a", terminal)
        sequence += passed(f"\x1b]99;i=ircish:e=1:d=1:p=body;{_base64(text)}\a", terminal)
    else:
        sequence = ""
    return bell + sequence


def copied(text: str, terminal: Mapping[str, str]) -> str:
    """What puts a text on the clipboard (OSC 52); "" where it is too long for that. Whether it
    came there, no terminal tells."""
    data = text.encode("utf-8", "replace")
    if len(data) > MOST_COPIED:
        return ""
    sequence = f"\x1b]52;c;{base64.b64encode(data).decode()}\a"
    # tmux takes it itself where set-clipboard is on, or hands it on: twice does no harm.
    itself = sequence if terminal.get("TMUX") else ""
    return itself + passed(sequence, terminal)


def titled(text: str) -> str:
    """What sets the terminal's title; in a multiplexer, that of its pane or window."""
    return f"\x1b]2;{plain(text)}\a"


def passed(sequence: str, terminal: Mapping[str, str]) -> str:
    """A sequence for the terminal, wrapped where tmux or GNU screen is in between (tmux hands it
    on where its option allow-passthrough is on). It must end in BEL: in screen, ST would end the
    wrapping."""
    term = terminal.get("TERM", "")
    if terminal.get("TMUX") or term.startswith("tmux"):
        return "\x1bPtmux;" + sequence.replace("\x1b", "\x1b\x1b") + "\x1b\\"
    if terminal.get("STY") or term.startswith("screen"):
        # Screen keeps one byte of a character, and that of U+041B is ESC.
        whole = sequence.encode("ascii", "replace").decode()
        parts = [whole[at : at + SCREEN_PART] for at in range(0, len(whole), SCREEN_PART)]
        return "".join(f"\x1bP{part}\x1b\\" for part in parts)
    return sequence


def plain(text: str) -> str:
    """One line that steers no terminal, of at most ``MOST_TEXT`` characters."""
    # Long before it is cut: cleaning costs time, and an 8 KB line is somebody else's idea.
    return shortened(
        " ".join(printable(text[: 8 * MOST_TEXT].replace("\n", " ")).split()), MOST_TEXT
    )


def _without_fields(text: str) -> str:
    return text.replace(";", ",")


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


class Notifier:
    """Tells who looks elsewhere; at most once in ``settings.notify_seconds``. Never raises."""

    def __init__(
        self,
        settings: Settings,
        terminal: Mapping[str, str],
        *,
        write: Callable[[str], object],
        clock: Callable[[], float],
        say: Callable[[str], object],
    ) -> None:
        """``terminal``: its environment variables. ``write`` writes to it, at once. ``clock`` is
        in seconds. ``say`` shows a sentence to the user."""
        self.focused: bool | None = None
        """Whether the terminal has the focus; None where it has not told yet."""
        self._settings = settings
        self._terminal = terminal
        self._write = write
        self._clock = clock
        self._say = say
        self._last: float | None = None
        self._missing = False

    def notify(self, title: str, text: str) -> None:
        """A mention, or a private message."""
        now = self._clock()
        waited = self._last is None or now - self._last >= self._settings.notify_seconds
        if self.focused or not waited:
            return
        self._last = now
        if sequence := notification(title, text, self._terminal, self._settings):
            # A terminal that is gone is noticed elsewhere.
            with suppress(OSError, ValueError):
                self._write(sequence)
        if self._settings.notify_send and not self._missing:
            self._send(plain(title), plain(text))

    def _send(self, title: str, text: str) -> None:
        words = ["notify-send", "--app-name=ircish", "--", title or "ircish", markup(text)]
        try:
            process = subprocess.Popen(
                words,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            self._missing = True
            reason = getattr(error, "strerror", None) or str(error)
            self._say(f"notify-send cannot be started: {reason}; /set notify_send off")
            return
        # Somebody must wait for it, or it stays as a zombie.
        waiting = threading.Thread(target=process.wait, name="notify-send", daemon=True)
        with suppress(RuntimeError):  # no more threads
            waiting.start()


def markup(text: str) -> str:
    """A text as notify-send's body, where some desktops read HTML's tags."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")

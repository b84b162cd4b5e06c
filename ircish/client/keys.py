"""Every key and what it does: what the app binds, `/help keys` tells and the README lists."""

from __future__ import annotations

from typing import Final, NamedTuple


class Key(NamedTuple):
    """Keys that do one thing."""

    keys: str
    """as people write them"""
    does: str
    action: str = ""
    """a method of App; "" where prompt_toolkit does it by itself"""
    sequences: tuple[str, ...] = ()
    """as prompt_toolkit writes them, ``escape a`` for Alt-A"""


KEYS: Final[tuple[Key, ...]] = (
    Key(
        "Alt-1 … Alt-9, Alt-0",
        "go to window 1 … 9, 10",
        "go_to_number",
        tuple(f"escape {digit}" for digit in "1234567890"),
    ),
    Key("Ctrl-N, Alt-Right", "the next window", "go_next", ("c-n", "escape right")),
    Key("Ctrl-P, Alt-Left", "the window before it", "go_back", ("c-p", "escape left")),
    Key("Alt-A", "the next window with something new, mentions first", "go_active", ("escape a",)),
    Key("Alt-/", "the window that was shown before", "go_before", ("escape /",)),
    Key(
        "PgUp, PgDn",
        "scroll; above the oldest line older ones come from the server",
        "page",
        ("pageup", "pagedown"),
    ),
    Key("Shift-Up, Shift-Down", "scroll by a line", "step", ("s-up", "s-down")),
    Key(
        "Alt-Home, Alt-End",
        "the oldest line, the newest one",
        "far",
        ("escape home", "escape end", "c-home", "c-end"),
    ),
    Key("Alt-U", "the first line that you have not read", "go_unread", ("escape u",)),
    Key("Alt-P", "the mention before", "go_mention", ("escape p",)),
    Key(
        "Alt-N",
        "the next mention while scrolled up; else hide the nick list, or show it",
        "go_mention_or_nicks",
        ("escape n",),
    ),
    Key(
        "Ctrl-S",
        "search the log: type, Enter or Ctrl-S for the hit before, Esc ends",
        "find_log",
        ("c-s",),
    ),
    Key(
        "Tab, Shift-Tab",
        "complete nicks, channels, commands and their arguments",
        "complete",
        ("tab", "s-tab"),
    ),
    Key("Up, Down", "lines that you typed here before", "recall", ("up", "down")),
    Key("Ctrl-R", "search the lines that you typed", "", ()),
    Key(
        "Ctrl-A, Ctrl-E, Ctrl-K, Ctrl-U, Ctrl-W, Ctrl-Y, Ctrl-T, Alt-B, Alt-F, Alt-D",
        "edit the line, as in a shell",
        "",
        (),
    ),
    Key("Alt-Enter", "a new line in what you type", "new_line", ("escape enter",)),
    Key("Alt-L", "the bare text alone, to select it with the mouse", "toggle_bare", ("escape l",)),
    Key("Alt-M", "let the mouse wheel scroll, or select text", "toggle_mouse", ("escape m",)),
    Key("Alt-=", "hide joins, quits and modes, or show them", "toggle_noise", ("escape =",)),
    Key("Ctrl-L", "draw the screen again", "repaint", ("c-l",)),
    Key("Ctrl-Z", "suspend; `fg` comes back", "suspend", ("c-z",)),
    Key("Ctrl-C", "empty the line; it never quits (/quit does)", "interrupt", ("c-c", "c-d")),
)


def keys_table() -> str:
    """The keys as a Markdown table."""
    rows = ["| Keys | What they do |", "|---|---|"]
    rows += [f"| {key.keys} | {key.does} |" for key in KEYS]
    return "\n".join(rows) + "\n"

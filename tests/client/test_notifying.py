"""Notifications, clipboard, title: exact sequences, and texts that try to be more than text."""

from __future__ import annotations

import base64
import os
import re
import stat
import threading
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ircish.client.notifying import (
    MOST_COPIED,
    MOST_TEXT,
    Notifier,
    copied,
    notification,
    passed,
    plain,
    titled,
    way_of,
)
from ircish.client.settings import Settings

ITERM = {"TERM": "xterm-256color", "TERM_PROGRAM": "iTerm.app"}
FOOT = {"TERM": "foot"}
KITTY = {"TERM": "xterm-kitty"}
XTERM = {"TERM": "xterm"}
TMUX = {"TERM": "tmux-256color", "TERM_PROGRAM": "tmux", "TMUX": "/tmp/tmux-1/default,1,0"}
SCREEN = {"TERM": "screen.xterm-256color", "STY": "1.pts-0.host"}

HOSTILE = [
    "a\x07b",
    "a\x1b]52;c;cm0gLXJm\x07b",
    "a\x1b\\b",
    "a\x9cb\x9d0;x\x9c",
    "a\nb\r\nc",
    "a\x00b\x7fc",
    "a\u202eb\u2066c\u200bd",
    "a\x02b\x0304,12c\x0f",
    "a\ud800b",
    "\u041b\u0207\u009b\u0107",  # their last bytes are ESC, BEL, CSI
    "a;b;c",
    "4;1;50",
    "x" * 8_000,
    "",
]

OSC = re.compile(r"\x1b\][0-9]+;[^\x00-\x1f\x7f-\x9f]*\x07")


def settings(**values: object) -> Settings:
    result = Settings()
    result.put("bell", False)
    for name, value in values.items():
        result.put(name, value)
    return result


def kitty(title: str, text: str) -> str:
    title, text = (base64.b64encode(each.encode()).decode() for each in (title, text))
    return f"\x1b]99;i=ircish:e=1:d=0;{title}\x07\x1b]99;i=ircish:e=1:d=1:p=body;{text}\x07"


# --- Which terminal takes what ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("terminal", "way"),
    [
        ({}, "off"),
        (XTERM, "off"),
        ({"TERM": "linux"}, "off"),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "Apple_Terminal"}, "off"),
        ({"TERM": "footage"}, "off"),
        (ITERM, "osc9"),
        ({"TERM": "xterm-256color", "LC_TERMINAL": "iTerm2"}, "osc9"),
        ({"TERM": "xterm-ghostty"}, "osc9"),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "ghostty"}, "osc9"),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "WezTerm"}, "osc9"),
        ({"TERM": "wezterm"}, "osc9"),
        (KITTY, "osc99"),
        (FOOT, "osc777"),
        ({"TERM": "foot-extra"}, "osc777"),
        ({"TERM": "rxvt-unicode-256color"}, "osc777"),
        ({**TMUX, "KITTY_WINDOW_ID": "1"}, "osc99"),
        ({**TMUX, "GHOSTTY_RESOURCES_DIR": "/x"}, "osc9"),
        ({**TMUX, "WEZTERM_PANE": "0"}, "osc9"),
        ({**TMUX, "ITERM_SESSION_ID": "w0t0p0"}, "osc9"),
        ({**TMUX, "KITTY_WINDOW_ID": ""}, "off"),
        (TMUX, "off"),
        ({**FOOT, "KITTY_WINDOW_ID": "1"}, "osc777"),  # started from kitty
        ({**ITERM, "KITTY_WINDOW_ID": "1"}, "osc9"),
    ],
)
def test_a_terminal_gets_only_what_it_is_known_to_take(
    terminal: Mapping[str, str], way: str
) -> None:
    assert way_of(terminal) == way


@pytest.mark.parametrize(
    ("terminal", "sequence"),
    [
        (XTERM, ""),
        (ITERM, "\x1b]9;ben in #a: hi; ann\x07".replace("; ", ", ")),
        (FOOT, "\x1b]777;notify;ben in #a;hi, ann\x07"),
        (KITTY, kitty("ben in #a", "hi; ann")),
        ({**TMUX, "WEZTERM_PANE": "0"}, "\x1bPtmux;\x1b\x1b]9;ben in #a: hi, ann\x07\x1b\\"),
        ({**SCREEN, "WEZTERM_PANE": "0"}, "\x1bP\x1b]9;ben in #a: hi, ann\x07\x1b\\"),
    ],
)
def test_a_notification_is_in_the_terminals_own_words(
    terminal: Mapping[str, str], sequence: str
) -> None:
    assert notification("ben in #a", "hi; ann", terminal, settings()) == sequence


@pytest.mark.parametrize(
    ("values", "sequence"),
    [
        ({"bell": True}, "\x07\x1b]9;ben: hi\x07"),
        ({"bell": True, "notify": "off"}, "\x07"),
        ({"notify": "off"}, ""),
        ({"notify": "osc777"}, "\x1b]777;notify;ben;hi\x07"),
        ({"notify": "osc99"}, kitty("ben", "hi")),
    ],
)
def test_the_settings_say_how(values: dict[str, object], sequence: str) -> None:
    assert notification("ben", "hi", ITERM, settings(**values)) == sequence


def test_a_number_does_not_become_a_command_of_osc_9() -> None:
    assert notification("", "4;1;50", ITERM, settings()) == "\x1b]9;ircish: 4,1,50\x07"


def test_nothing_to_say_rings_at_most() -> None:
    assert notification("\x1b", " ", ITERM, settings()) == ""
    assert notification("", "", ITERM, settings(bell=True)) == "\x07"


# --- Hostile texts ----------------------------------------------------------------------------


@pytest.mark.parametrize("terminal", [ITERM, FOOT, KITTY])
@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_leaves_its_sequence(terminal: Mapping[str, str], text: str) -> None:
    for title, body in [(text, "hi"), ("ben", text), (text, text)]:
        sequence = notification(title, body, terminal, settings())
        assert OSC.sub("", sequence) == ""
        if terminal is FOOT and sequence:
            assert sequence.count(";") == 3
    assert OSC.fullmatch("\x1b]2;" + titled(text)[4:])


@given(st.text(st.characters() | st.sampled_from("\x1b\x07\x9c;\\\ud800"), max_size=300))
def test_no_text_at_all_leaves_its_sequence(text: str) -> None:
    for terminal in (ITERM, FOOT, KITTY):
        assert OSC.sub("", notification(text, text, terminal, settings())) == ""
    assert OSC.sub("", titled(text)) == ""
    in_tmux = notification(text, text, TMUX, settings(notify="osc777"))
    assert re.fullmatch(r"(\x1bPtmux;\x1b\x1b\]777;[^\x00-\x1f\x7f-\x9f]*\x07\x1b\\)?", in_tmux)
    in_screen = notification(text, text, SCREEN, settings(notify="osc777"))
    assert re.fullmatch(
        r"(\x1bP\x1b\]777;[ -~]*\x1b\\(\x1bP[ -~]*\x1b\\)*)?",
        in_screen.replace("\x07", ""),
    )
    assert in_screen.count("\x07") in (0, 1)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("  a \t b\nc  ", "a b c"),
        ("a\x02b\x0304,12c", "abc"),
        ("x" * 201, "x" * 199 + "…"),
        ("x" * 1_000_000, "x" * 199 + "…"),
        ("x" * 200, "x" * 200),
        ("héllo 👩‍🚀", "héllo 👩‍🚀"),
    ],
)
def test_a_text_is_one_plain_line_of_bounded_length(text: str, shown: str) -> None:
    assert plain(text) == shown
    assert len(shown) <= MOST_TEXT


# --- Wrapped, copied, titled ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("terminal", "start"),
    [
        (XTERM, "\x1b]9;"),
        (TMUX, "\x1bPtmux;\x1b\x1b]9;"),
        ({"TERM": "screen-256color", "TMUX": "/tmp/x"}, "\x1bPtmux;\x1b\x1b]9;"),
        ({"TERM": "tmux-256color"}, "\x1bPtmux;\x1b\x1b]9;"),  # over ssh
        (SCREEN, "\x1bP\x1b]9;"),
        ({"TERM": "screen"}, "\x1bP\x1b]9;"),
        ({"TERM": "xterm", "STY": "1.x"}, "\x1bP\x1b]9;"),
    ],
)
def test_what_stands_between_is_told_to_hand_it_on(terminal: Mapping[str, str], start: str) -> None:
    wrapped = passed("\x1b]9;hi\x07", terminal)
    assert wrapped == start + "hi\x07" + ("" if terminal is XTERM else "\x1b\\")


def test_screen_gets_long_sequences_in_parts() -> None:
    sequence = "\x1b]52;c;" + "A" * 1_000 + "\x07"
    parts = passed(sequence, SCREEN).split("\x1b\\")
    assert parts.pop() == ""
    assert all(part.startswith("\x1bP") and len(part) <= 256 for part in parts)
    assert "".join(part[2:] for part in parts) == sequence


def test_a_url_is_copied_as_it_is() -> None:
    url = "https://example.org/ä?b;c"
    data = base64.b64encode(url.encode()).decode()
    assert copied(url, XTERM) == f"\x1b]52;c;{data}\x07"
    assert copied(url, SCREEN) == f"\x1bP\x1b]52;c;{data}\x07\x1b\\"
    in_tmux = f"\x1b]52;c;{data}\x07\x1bPtmux;\x1b\x1b]52;c;{data}\x07\x1b\\"
    assert copied(url, TMUX) == in_tmux


def test_only_what_a_terminal_takes_is_copied() -> None:
    assert copied("x" * MOST_COPIED, XTERM) != ""
    assert copied("x" * (MOST_COPIED + 1), XTERM) == ""
    assert copied("ä" * MOST_COPIED, XTERM) == ""
    assert copied("\ud800", XTERM) == "\x1b]52;c;Pw==\x07"


def test_a_title_is_set() -> None:
    assert titled("#a: \x1b]hi") == "\x1b]2;#a: ]hi\x07"


# --- The Notifier -----------------------------------------------------------------------------


class Desk:
    """A Notifier with a clock of its own, and what it wrote and said."""

    def __init__(self, **values: object) -> None:
        self.now = 1_000.0
        self.wrote: list[str] = []
        self.said: list[str] = []
        self.settings = settings(**{"bell": True, "notify": "off", **values})
        self.notifier = Notifier(
            self.settings,
            XTERM,
            write=self.wrote.append,
            clock=lambda: self.now,
            say=self.said.append,
        )


def test_who_looks_is_not_told() -> None:
    desk = Desk(notify_seconds=0)
    for focused, told in [(None, 1), (True, 1), (False, 2), (True, 2)]:
        desk.notifier.focused = focused
        desk.notifier.notify("ben", "hi")
        assert len(desk.wrote) == told


def test_at_most_one_in_so_many_seconds() -> None:
    desk = Desk(notify_seconds=5)
    for seconds, told in [(0, 1), (1, 1), (3.9, 1), (0.1, 2), (4.9, 2), (100, 3)]:
        desk.now += seconds
        desk.notifier.notify("ben", "hi")
        assert len(desk.wrote) == told, desk.now


def test_a_change_of_the_settings_counts_at_once() -> None:
    desk = Desk(notify_seconds=0)
    desk.settings.set("bell", "off")
    desk.notifier.notify("ben", "hi")
    assert desk.wrote == []


@pytest.mark.parametrize("error", [OSError(5, "Input/output error"), ValueError("closed file")])
def test_a_terminal_that_is_gone_stops_nothing(error: Exception) -> None:
    def write(text: str) -> None:
        raise error

    Notifier(settings(bell=True), XTERM, write=write, clock=lambda: 0, say=print).notify("a", "b")


@pytest.fixture
def bin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory that is the whole PATH."""
    directory = tmp_path / "bin"
    directory.mkdir()
    monkeypatch.setenv("PATH", str(directory))
    return directory


def wait_for_all() -> None:
    for thread in threading.enumerate():
        if thread.name == "notify-send":
            thread.join(20)


def test_notify_send_gets_the_words_as_arguments_and_no_shell_sees_them(
    bin: Path, tmp_path: Path
) -> None:
    program = bin / "notify-send"
    program.write_text(f'#!/bin/sh\nfor each; do echo "$each"; done > {tmp_path}/got\necho noise\n')
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    desk = Desk(notify_send=True)
    desk.notifier.notify("--icon=x; touch $HOME", "`id` <b>&amp;</b> \x1b[2J'\"$(id)\n--help")
    wait_for_all()
    assert (tmp_path / "got").read_text().splitlines() == [
        "--app-name=ircish",
        "--",
        "--icon=x; touch $HOME",
        "`id` &lt;b&gt;&amp;amp;&lt;/b&gt; [2J'\"$(id) --help",
    ]
    assert desk.said == []
    with pytest.raises(ChildProcessError):  # no zombie is left
        os.waitpid(-1, os.WNOHANG)


def test_a_notify_send_that_hangs_holds_up_nobody(bin: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    program = bin / "notify-send"
    program.write_text(f"#!/bin/sh\nread line < {tmp_path}/fifo\n")
    program.chmod(0o700)
    desk = Desk(notify_send=True)
    desk.notifier.notify("ben", "hi")  # returns
    assert any(thread.name == "notify-send" for thread in threading.enumerate())
    (tmp_path / "fifo").write_text("go on\n")
    wait_for_all()


def test_a_missing_notify_send_is_said_once(bin: Path) -> None:
    desk = Desk(notify_send=True, notify_seconds=0)
    desk.notifier.notify("ben", "hi")
    desk.notifier.notify("ben", "hi")
    assert desk.said == [
        "notify-send cannot be started: No such file or directory; /set notify_send off"
    ]
    assert desk.wrote == ["\x07", "\x07"]


def test_without_a_thread_to_wait_for_it_notify_send_stops_nothing(
    bin: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = bin / "notify-send"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o700)

    def start(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    waiting = []
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", start)
        patch.setattr(
            threading.Thread, "__init__", lambda self, target, **more: waiting.append(target)
        )
        Desk(notify_send=True).notifier.notify("ben", "hi")
    waiting.pop()()  # what the thread would have done

"""The log: what a line looks like, and that nothing in it can pass for another line."""

from __future__ import annotations

import io
import logging
import re
import threading
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ircish.log import WAITING, clean, configure

LINE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ (debug|info|warning|error|critical) ")
logger = logging.getLogger("ircish")


class Terminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    state = logger.level, logger.propagate, logger.handlers[:]
    yield
    logger.level, logger.propagate, logger.handlers[:] = state
    logger.setLevel(logger.level)  # also forgets which levels are enabled


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "COLORTERM", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    return Terminal()


def without_colour(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


def fail(message: str) -> None:
    raise ValueError(message)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("ann joined #lobby", "ann joined #lobby"),
        ("é 👩\u200d🚀 日本", "é 👩\u200d🚀 日本"),
        ("a\r\nb\tc\0", r"a\r\nb\tc\x00"),
        ("\x1b[2J\x7f", r"\x1b[2J\x7f"),
        ("\x85\x9b1m", r"\x85\x9b1m"),
        ("a\u2028b\u2029c", r"a\u2028b\u2029c"),
        ("\u202eevil\u2066\u200f\u061c", r"\u202eevil\u2066\u200f\u061c"),
        ("a\u200bnn\ufeff\U000e0041", r"a\u200bnn\ufeff\U000e0041"),
        ("\udcff", r"\udcff"),
    ],
)
def test_what_a_terminal_would_obey_or_hide_is_made_visible(text: str, shown: str) -> None:
    assert clean(text) == shown


@given(st.text())
def test_a_cleaned_text_is_one_line_that_can_be_encoded(text: str) -> None:
    cleaned = clean(text)
    assert len(cleaned.splitlines()) <= 1
    assert clean(cleaned) == cleaned
    cleaned.encode()


def test_a_plain_line_has_the_time_in_utc_the_level_and_the_message() -> None:
    out = io.StringIO()
    configure("info", out)
    record = logger.makeRecord("ircish", logging.WARNING, "f", 1, "%s is full", ("disk",), None)
    record.created = 1795341000.9
    logger.handle(record)
    assert out.getvalue() == "2026-11-22T09:50:00Z warning disk is full\n"


def test_only_records_from_the_level_up_are_written_and_no_other_logger_is_touched() -> None:
    out = io.StringIO()
    root = logging.getLogger()
    before = root.level, root.handlers[:]
    configure("warning", out)
    logger.info("quiet")
    logging.getLogger("other").error("not ours")
    logging.getLogger("ircish.plugins.roll").error("loud")
    assert [line[21:] for line in out.getvalue().splitlines()] == ["error loud"]
    assert (root.level, root.handlers) == before
    assert not logger.propagate


def test_configuring_again_replaces_the_stream_and_leaves_the_old_one_open() -> None:
    first, second = io.StringIO(), io.StringIO()
    configure("info", first)
    configure("info", second)
    logger.info("hello")
    assert first.getvalue() == ""
    assert second.getvalue().count("hello") == 1


def test_without_a_stream_it_is_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    configure("info")
    logger.info("hello")
    assert capsys.readouterr().err.endswith("Z info hello\n")


def test_a_closed_standard_error_is_no_reason_not_to_start(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stderr", None)
    configure("info")
    logger.info("hello")
    monkeypatch.undo()
    assert capsys.readouterr() == ("", "")


FORGED = "bye\r\n2026-11-22T09:50:00Z info root became an operator\u2028\x1b[1A"


def test_what_a_user_sends_cannot_make_a_second_line() -> None:
    out = io.StringIO()
    configure("info", out)
    logger.info("ann quit: %s", FORGED)
    logger.info(f"ann quit: {FORGED}")
    assert len(out.getvalue().splitlines()) == 2
    assert out.getvalue().count(r"bye\r\n2026") == 2


def test_a_traceback_follows_indented_and_cannot_forge_a_line() -> None:
    out = io.StringIO()
    configure("info", out)
    try:
        fail(FORGED)
    except ValueError:
        logger.exception("roll failed", stack_info=True)
    first, *below = out.getvalue().splitlines()
    assert first.endswith("error roll failed")
    assert any(line.startswith("    ValueError: bye") for line in below)
    assert any("Stack (most recent call last)" in line for line in below)
    assert all(line.startswith("    ") and not LINE.match(line) for line in below)


def test_an_exception_that_is_not_there_adds_nothing() -> None:
    out = io.StringIO()
    configure("info", out)
    logger.error("odd", exc_info=True)
    assert len(out.getvalue().splitlines()) == 1


def test_a_terminal_gets_colours_and_the_same_words(terminal: Terminal) -> None:
    configure("info", terminal)
    logger.info("ann joined #lobby")
    logger.error("[red]disk[/red] full :smile: 'x' %s", "/a/path")
    written = terminal.getvalue()
    assert "\x1b[1mann\x1b[0m joined #lobby" in written
    assert "\x1b[32minfo " in written
    assert "\x1b[1;31merror " in written
    info, error = without_colour(written).splitlines()
    assert re.fullmatch(r"\d\d:\d\d:\d\d info    ann joined #lobby", info)
    assert re.fullmatch(
        r"\d\d:\d\d:\d\d error   \[red\]disk\[/red\] full :smile: 'x' /a/path", error
    )


def test_a_terminal_cannot_be_attacked_nor_a_line_be_forged_on_it(terminal: Terminal) -> None:
    configure("info", terminal)
    try:
        fail(FORGED)
    except ValueError:
        logger.exception("ann quit: %s %s", FORGED, "long " * 100)
    first, *below = without_colour(terminal.getvalue()).splitlines()
    assert r"bye\r\n2026" in first
    assert first.rstrip().endswith("long")
    assert all(line.startswith("    ") for line in below)
    assert "\x1b" not in without_colour(terminal.getvalue())


def test_a_terminal_without_colours_gets_none(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "dumb")
    configure("info", terminal)
    logger.info("ann joined")
    assert "\x1b" not in terminal.getvalue()


class Broken(io.StringIO):
    def write(self, text: str) -> int:
        raise BrokenPipeError


class BrokenTerminal(Broken):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("stream", [Broken(), BrokenTerminal()])
def test_a_broken_pipe_does_not_reach_who_logs(
    stream: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    configure("info", stream)
    logger.info("hello")
    assert capsys.readouterr() == ("", "")


def test_a_closed_stream_does_not_reach_who_logs(capsys: pytest.CaptureFixture[str]) -> None:
    out = io.StringIO()
    configure("info", out)
    out.close()
    logger.info("hello")
    assert capsys.readouterr() == ("", "")


def test_a_mistaken_call_is_logged_as_such_and_does_not_raise() -> None:
    out = io.StringIO()
    configure("info", out)
    logger.info("%s and %s", *["one"])
    assert re.search(r"info \S*test_log\.py:\d+ could not log: TypeError\n$", out.getvalue())


def test_a_stream_that_cannot_show_a_character_shows_its_escape() -> None:
    raw = io.BytesIO()
    configure("info", io.TextIOWrapper(raw, "ascii"))
    logger.info("café")
    assert raw.getvalue().endswith(b"info caf\\xe9\n")


class Stopped(io.StringIO):
    """A terminal on which somebody pressed Ctrl-S."""

    def __init__(self) -> None:
        super().__init__()
        self.goes_on = threading.Event()

    def write(self, text: str) -> int:
        self.goes_on.wait(10)
        return super().write(text)


def test_nobody_who_logs_waits_for_a_stopped_terminal() -> None:
    terminal = Stopped()
    finish = configure("info", terminal, behind=True)
    for number in range(WAITING + 100):
        logging.getLogger("ircish").info("line %d", number)
    assert terminal.getvalue() == ""
    terminal.goes_on.set()
    finish()
    lines = terminal.getvalue().splitlines()
    assert lines[0].endswith("info line 0")
    assert WAITING <= len(lines) <= WAITING + 1


def test_what_was_logged_is_written_before_the_end() -> None:
    stream = io.StringIO()
    finish = configure("info", stream, behind=True)
    logging.getLogger("ircish").info("the last word")
    finish()
    assert "the last word" in stream.getvalue()

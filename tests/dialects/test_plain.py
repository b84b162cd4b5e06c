"""The plain dialect: one readable line for everything that happens."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from ircish import replies
from ircish.chat.modes import CHANMODES, STATUS, USER_MODES
from ircish.dialects.plain import ALONE, ELSEWHERE, HERE, retold
from ircish.events import (
    AwaySet,
    Event,
    Invited,
    Joined,
    Kicked,
    ModeSet,
    Opered,
    Parted,
    Quit,
    Registered,
    Renamed,
    Said,
    Source,
    Stamped,
    TopicSet,
    Wallops,
)

ANN = Source("ann", "ann", "host.example")
SERVER = Source("chat.example")
DAY = 86_400_000
NOON = 1_795_348_800_000  # 2026-11-22T12:00Z


def stamped(event: Event, source: Source = ANN, time: int = NOON) -> Stamped:
    return Stamped(7, time, "m7", event, source)


def read(event: Event, source: Source = ANN) -> str:
    return HERE.render(stamped(event, source)).decode()


@pytest.mark.parametrize(
    ("event", "line"),
    [
        (Said(1, "#lobby", "hello"), "<ann> hello"),
        (Said(1, "#lobby", "\x01ACTION waves\x01"), "* ann waves"),
        (Said(1, "#lobby", "\x01ACTION waves"), "* ann waves"),
        (Said(1, "#lobby", "hello", "notice"), "-ann- hello"),
        (Said(1, "ben", "psst"), "*ann* psst"),
        (Said(1, "ben", "psst", "notice"), "-ann- psst"),
        (Said(1, "ben", "\x01ACTION nods\x01"), "*ann* * ann nods"),
        (Said(1, "ben", "\x01VERSION\x01"), "*ann* (asks your program for VERSION)"),
        (Said(1, "ben", "\x01PING 123\x01"), "*ann* (asks your program for PING)"),
        (Joined(1, "#lobby"), "*** ann joined #lobby"),
        (Parted(1, "#lobby"), "*** ann left #lobby"),
        (Parted(1, "#lobby", "bye"), "*** ann left #lobby (bye)"),
        (Quit(1, "Connection lost"), "*** ann left the chat (Connection lost)"),
        (Quit(1, ""), "*** ann left the chat"),
        (Renamed(1, "anna"), "*** ann is called anna now"),
        (Kicked(1, "#lobby", "ben"), "*** ben was put out of #lobby by ann"),
        (Kicked(1, "#lobby", "ben", "loud"), "*** ben was put out of #lobby by ann (loud)"),
        (TopicSet(1, "#lobby", "tea"), "*** ann set the topic of #lobby: tea"),
        (TopicSet(1, "#lobby", ""), "*** ann removed the topic of #lobby"),
        (ModeSet(1, "#l", (("+", "o", "ben"),)), "*** ann made ben an operator of #l"),
        (ModeSet(1, "#l", (("-", "o", "ben"),)), "*** ben is no longer an operator of #l, by ann"),
        (ModeSet(1, "#l", (("+", "k", "x"),)), "*** ann locked #l: one needs the key x to come in"),
        (ModeSet(1, "#l", (("-", "k", "*"),)), "*** ann unlocked #l: one needs no key to come in"),
        (ModeSet(1, "#l", (("+", "b", "b!*@*"),)), "*** ann banned b!*@* from #l"),
        (ModeSet(1, "#l", (("+", "b", "m:b!*@*"),)), "*** ann silenced b!*@* in #l"),
        (ModeSet(1, "#l", (("+", "Z", "x"),)), "*** ann set the modes of #l: +Z x"),
        (ModeSet(1, "ann", (("+", "B", ""),)), "*** You are marked as a bot now."),
        (
            ModeSet(1, "#l", (("+", "o", "ben"), ("-", "l", ""))),
            "*** ann made ben an operator of #l\r\n*** ann lifted the limit of #l",
        ),
        (Invited(1, "#dev", "ben"), "*** ann asks ben into #dev"),
        (Wallops(1, "tea is ready"), "*** ann tells all: tea is ready"),
    ],
)
def test_what_others_do_is_one_readable_line(event: Event, line: str) -> None:
    assert read(event) == f"{line}\r\n"


def test_every_change_of_a_mode_has_words_of_its_own() -> None:
    letters = [*CHANMODES.replace(",", ""), *STATUS]
    changes = [(sign, letter, "5") for sign in "+-" for letter in letters]
    own = [(sign, letter, "") for sign in "+-" for letter in USER_MODES if sign + letter != "+o"]
    for target, each in (("#l", changes), ("ann", own)):
        lines = read(ModeSet(1, target, tuple(each))).splitlines()
        assert len(set(lines)) == len(each)
        assert not any("modes of" in line for line in lines)


def test_whom_somebody_asks_in_is_told_how_to_come() -> None:
    asked = ALONE.render(stamped(Invited(1, "#dev", "ben")))
    assert asked == b"*** ann asks you into #dev. JOIN #dev to go there.\r\n"


@pytest.mark.parametrize(
    "event",
    [
        Said(1, "#lobby", "", "tagmsg"),
        Said(1, "#lobby", "\x01VERSION\x01"),
        ModeSet(1, "#lobby", ()),
        AwaySet(1, "lunch"),
        Opered(1, "admin"),
        Registered(1, "ann", "ann", "host", "Ann"),
    ],
)
def test_what_is_nothing_to_people_is_not_shown(event: Event) -> None:
    assert read(event) == ""
    assert ELSEWHERE.render(stamped(event)) == b""


def test_what_the_server_says_looks_like_nobodys_words() -> None:
    assert read(Said(0, "#lobby", "ann rolled 6", "notice"), SERVER) == "*** ann rolled 6\r\n"


def test_what_is_said_in_another_channel_is_marked_with_it() -> None:
    said = stamped(Said(1, "#dev", "hello"))
    assert ELSEWHERE.render(said) == b"[#dev] <ann> hello\r\n"
    assert ELSEWHERE.render(stamped(Said(1, "ben", "psst"))) == b"*ann* psst\r\n"
    assert ELSEWHERE.render(stamped(Joined(1, "#dev"))) == b"*** ann joined #dev\r\n"
    assert HERE.inside(False) is ELSEWHERE
    assert ELSEWHERE.inside(True) is HERE


@pytest.mark.parametrize(
    ("event", "line"),
    [
        (Parted(1, "#lobby", "bye"), "*** You left #lobby.\r\n"),
        (Renamed(1, "anna"), "*** You are called anna now.\r\n"),
        (Said(1, "#lobby", "hello"), ""),
        (Joined(1, "#lobby"), ""),
        (Quit(1, "bye"), ""),
        (Invited(1, "#dev", "ben"), ""),
        (TopicSet(1, "#lobby", "tea"), "*** ann set the topic of #lobby: tea\r\n"),
        (Kicked(1, "#lobby", "ben"), "*** ben was put out of #lobby by ann\r\n"),
    ],
)
def test_the_own_deeds_are_told_where_what_was_typed_does_not_say_it(
    event: Event, line: str
) -> None:
    assert HERE.own(stamped(event)).decode() == line


@pytest.mark.parametrize(
    "event",
    [
        Said(1, "#lobby", "\x1b[2J\x9b\u202ehi\u2028\x07\r"),
        Said(1, "#lobby", "\x01ACTION \x1b[2Jhi\x01"),
        Parted(1, "#lobby", "\x1b[2Jhi"),
        Quit(1, "\x1b[2Jhi"),
        Kicked(1, "#lobby", "ben", "\x1b[2Jhi"),
        TopicSet(1, "#lobby", "\x1b[2Jhi"),
    ],
)
def test_nobodys_terminal_can_be_attacked(event: Event) -> None:
    line = read(event)
    assert line.endswith("\r\n")
    assert line[:-2].isprintable()
    assert "hi" in line


def test_replies_begin_with_what_they_are() -> None:
    assert HERE.reply("ann", replies.NOBODY, {}) == b"*** Nobody.\r\n"
    assert HERE.reply("ann", replies.NO_SUCH_NICK, {"nick": "b\x1bn"}) == (
        b"!!! Nobody here is called bn.\r\n"
    )
    assert HERE.reply("ann", replies.HISTORY_LINE, {"line": "[12:00] <ann> hi"}) == (
        b"[12:00] <ann> hi\r\n"
    )
    assert HERE.reply("ann", replies.WELCOME, {"server": "x", "prefix": "y"}) == b""
    assert HERE.reply("ann", replies.GOODBYE, {"reason": "Quit"}) == b"*** Goodbye.\r\n"


def test_labels_are_for_programs() -> None:
    assert HERE.labelled([b"a\r\n"], "l", "r") == [b"a\r\n"]


@pytest.fixture
def in_utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("in_utc")
def test_the_past_has_its_times_and_its_dates_where_it_is_not_todays() -> None:
    past = [
        stamped(Said(1, "#lobby", "old"), time=NOON - DAY),
        stamped(AwaySet(1, ""), time=NOON),
        stamped(Said(1, "#lobby", "new"), time=NOON + 60_000),
    ]
    assert retold(past, NOON + 120_000) == [
        "[2026-11-21 12:00] <ann> old",
        "[12:01] <ann> new",
    ]
    assert retold(past[2:], NOON, here=False) == ["[12:01] [#lobby] <ann> new"]
    assert HERE.replay(past[2:], "#lobby", "r", NOON) == [b"[12:01] <ann> new\r\n"]

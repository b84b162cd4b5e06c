"""MARKREAD: how far one has read (IRCv3 read-marker)."""

from __future__ import annotations

import pytest

from ircish.chat.talk import MARKERS
from ircish.testing import Chat, IrcClient

CAPS = ["draft/read-marker"]
OLD, NEW = "timestamp=2019-01-04T14:33:26.123Z", "timestamp=2020-06-01T12:00:00.000Z"


@pytest.fixture
def ann(chat: Chat) -> IrcClient:
    return chat.irc("ann", CAPS, join="#dev")


def marked(client: IrcClient, *words: str) -> tuple[str, ...]:
    """What the one MARKREAD says that answers."""
    (message,) = client.messages(" ".join(["MARKREAD", *words]))
    assert (message.verb, message.source) == ("MARKREAD", "chat.example")
    return message.params


@pytest.mark.parametrize("target", ["#dev", "#nowhere", "ben", "nobody", "*"])
def test_how_far_one_has_read_is_what_one_said_last(ann: IrcClient, target: str) -> None:
    assert marked(ann, target) == (target, "*")
    assert marked(ann, target, OLD) == (target, OLD)
    assert marked(ann, target) == (target, OLD)
    assert marked(ann, target, NEW) == (target, NEW)
    assert marked(ann, target, OLD) == (target, NEW)
    assert marked(ann, target.upper()) == (target.upper(), NEW)
    assert marked(ann, "#other") == ("#other", "*")


def test_nobody_has_read_what_is_not_said_yet(ann: IrcClient) -> None:
    _, moment = marked(ann, "#dev", "timestamp=2999-01-01T00:00:00.000Z")
    assert NEW < moment < "timestamp=2999"


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("", "NEED_MORE_PARAMS :Missing parameters"),
        (":", "NEED_MORE_PARAMS :Missing parameters"),
        ("#dev *", "INVALID_PARAMS #dev * :Say timestamp="),
        ("#dev timestamp=*", "INVALID_PARAMS #dev timestamp=* :Say timestamp="),
        ("#dev timestamp=noon", "INVALID_PARAMS #dev timestamp=noon :Say timestamp="),
        ("#dev msgid=1", "INVALID_PARAMS #dev msgid=1 :Say timestamp="),
        ("#dev 2019-01-04T14:33:26.123Z", "INVALID_PARAMS #dev 2019-01-04T14:33:26.123Z :Say"),
    ],
)
def test_what_is_no_time_is_told_and_changes_nothing(
    ann: IrcClient, typed: str, answer: str
) -> None:
    (line,) = ann.ask(f"MARKREAD {typed}")
    assert line.startswith(f":chat.example FAIL MARKREAD {answer}")
    assert marked(ann, "#dev") == ("#dev", "*")


def test_who_comes_into_a_channel_is_told_how_far_they_had_read(chat: Chat) -> None:
    ann = chat.irc("ann", CAPS)
    old = chat.irc("old", join="#dev")
    for moment in ("*", OLD):
        lines = ann.ask("JOIN #DEV")
        marker = f":chat.example MARKREAD #dev {moment}"
        assert marker in lines
        end = next(number for number, line in enumerate(lines) if " 366 " in line)
        assert 0 < lines.index(marker) < end
        assert marked(ann, "#dev", OLD) == ("#dev", OLD)
        ann.ask("PART #dev")
    assert not any("MARKREAD" in line for line in old.ask("PART #dev", "JOIN #dev"))


def test_nobody_hears_how_far_another_has_read(chat: Chat, ann: IrcClient) -> None:
    ben, again = chat.irc("ben", CAPS, join="#dev"), None
    ann.lines()
    marked(ann, "#dev", OLD), marked(ann, "ben", OLD)
    assert ben.lines() == []
    assert marked(ben, "#dev") == ("#dev", "*")
    chat.settled()
    assert not any("2019" in row.text for row in chat.server.history.latest("#dev", 9))
    ann.send("QUIT")
    ann.rest()
    again = chat.irc("ann", CAPS)
    assert marked(again, "#dev") == ("#dev", "*")


def test_of_very_many_targets_the_ones_longest_unchanged_are_forgotten(ann: IrcClient) -> None:
    for start in range(0, MARKERS + 1, 91):
        ann.ask(*[f"MARKREAD #{number} {OLD}" for number in range(start, start + 91)])
    assert marked(ann, "#0") == ("#0", "*")
    assert marked(ann, f"#{MARKERS}") == (f"#{MARKERS}", OLD)

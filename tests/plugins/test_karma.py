"""The bundled karma."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ircish.testing import Chat

Noticed = Callable[[Chat], None]


def karma(chat: Chat, noticed: Noticed, nick: str) -> int:
    noticed(chat)
    asker = chat.nc("asker")
    (line,) = asker.ask(f"KARMA {nick}")[-1:]
    asker.send("QUIT")
    asker.rest()
    return int(line.removeprefix(f"*** {nick} has ").split()[0])


@pytest.mark.parametrize(
    ("text", "points"),
    [
        ("ann++", 1),
        ("thanks, Ann++!", 1),
        ("ann++ ann++", 1),
        ("ann--", -1),
        ("ann-- (not really)", -1),
        ("ann +", 0),
        ("++", 0),
        ("ann+", 0),
        ("ann++x", 0),
        ("joann++", 0),
    ],
)
def test_who_is_thanked_in_a_channel_gets_a_point(
    chat: Chat, noticed: Noticed, text: str, points: int
) -> None:
    chat.nc("ann")
    chat.nc("ben").say(text)
    assert karma(chat, noticed, "ann") == points


def test_who_thanks_themselves_or_somebody_absent_does_it_in_vain(
    chat: Chat, noticed: Noticed
) -> None:
    ann = chat.nc("ann")
    ann.say("ann++ dora++")
    assert karma(chat, noticed, "ann") == 0
    assert karma(chat, noticed, "dora") == 0


def test_what_is_said_in_private_or_as_a_notice_does_not_count(
    chat: Chat, noticed: Noticed
) -> None:
    chat.nc("ann")
    ben = chat.irc("ben", join="#lobby")
    ben.ask("PRIVMSG ann :ann++", "NOTICE #lobby :ann++", "TOPIC #lobby :ann++")
    assert karma(chat, noticed, "ann") == 0
    ben.ask("PRIVMSG #lobby :ann++")
    assert karma(chat, noticed, "ann") == 1


def test_those_with_most_are_listed_first(chat: Chat, noticed: Noticed) -> None:
    ann, ben, cas = chat.nc("ann"), chat.nc("ben"), chat.nc("cas")
    assert ann.ask("KARMA top")[-1] == "*** Nobody has points; say ann++ to thank."
    cas.say("ann++")
    cas.say("ben++ ben++, and ann++")
    ben.say("cas--")
    noticed(chat)
    assert ann.ask("KARMA top")[-1] == "*** ann 2, ben 1, cas -1"
    assert ann.ask("KARMA") == ["*** ann has 2 points."]


def test_karma_survives_a_restart_and_none_is_forgotten(chat: Chat, noticed: Noticed) -> None:
    chat.nc("ann")
    ben = chat.nc("ben")
    ben.say("ann++")
    noticed(chat)
    chat.restart()
    assert karma(chat, noticed, "ann") == 1
    chat.nc("ann")
    chat.nc("ben").say("ann--")
    noticed(chat)
    assert list(chat.server.plugins.plugins["karma"].storage) == []

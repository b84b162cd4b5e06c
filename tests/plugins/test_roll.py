"""The bundled dice."""

from __future__ import annotations

import re

import pytest

from ircish.testing import Chat


def test_a_throw_is_seen_by_everyone_in_the_servers_name(chat: Chat) -> None:
    ben, irc, ann = chat.nc("ben"), chat.irc("irc", join="#lobby"), chat.nc("ann")
    ben.lines()
    irc.lines()
    (line,) = ann.ask("ROLL 3d6")
    assert re.fullmatch(r"\*\*\* ann rolled 3d6: [1-6] \+ [1-6] \+ [1-6]", line)
    assert ben.lines() == [line]
    assert irc.lines() == [f":chat.example NOTICE #lobby :{line.removeprefix('*** ')}"]


def test_dice_are_one_with_six_sides_unless_said_otherwise(chat: Chat) -> None:
    ann = chat.nc("ann")
    assert re.fullmatch(r"\*\*\* ann rolled 1d6: [1-6]", ann.ask("ROLL")[0])
    assert re.fullmatch(r"\*\*\* ann rolled d20: [0-9]+", ann.ask("/roll d20")[0])


@pytest.mark.parametrize("dice", ["6", "2d0", "0d6", "100d6", "２d6", "d", "-1d6", "1d99999"])
def test_what_are_not_dice_is_refused(chat: Chat, dice: str) -> None:
    ben, ann = chat.nc("ben"), chat.nc("ann")
    ben.lines()
    assert ann.ask(f"ROLL {dice}") == [f"!!! {dice} is not dice; try 2d6"]
    assert ben.lines() == []


def test_an_irc_client_in_one_channel_rolls_there_and_in_several_is_asked_where(
    chat: Chat,
) -> None:
    ben = chat.irc("ben")
    assert ben.ask("ROLL") == [":chat.example 461 ben ROLL :Not enough parameters"]
    ben.ask("JOIN #dev")
    assert ben.ask("ROLL 1d1") == [":chat.example NOTICE #dev :ben rolled 1d1: 1"]
    ben.ask("JOIN #two")
    assert ben.ask("ROLL") == [":chat.example 461 ben ROLL :Say which channel"]


def test_a_throw_is_in_the_history(chat: Chat) -> None:
    ann = chat.nc("ann")
    ann.ask("ROLL 1d1")
    assert ann.ask("HISTORY")[0].endswith("] *** ann rolled 1d1: 1")

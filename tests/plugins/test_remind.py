"""The bundled reminders."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from ircish.testing import Chat

Noticed = Callable[[Chat], None]


@pytest.fixture
def chat(chat: Chat) -> Chat:
    """Its clock stands still, so that what is listed does not depend on the machine."""
    now = chat.server.clock()
    chat.server.clock = lambda: now
    return chat


@pytest.fixture
def later(noticed: Noticed) -> Callable[[Chat, float], None]:
    """``later(chat, 600)`` lets ten minutes pass, for the server and for the plugin's timers."""

    def later(chat: Chat, seconds: float) -> None:
        worker = chat.server.plugins.plugins["remind"].worker
        wall, monotonic = chat.server.clock, worker._clock
        chat.server.clock = lambda: wall() + seconds
        worker._clock = lambda: monotonic() + seconds
        noticed(chat)

    return later


def test_one_is_told_when_it_is_time_and_nobody_else(chat: Chat, later: Callable) -> None:
    ben, ann = chat.nc("ben"), chat.nc("ann")
    ben.lines()
    assert ann.ask("REMIND 10m tea and cake") == ["*** 1: tea and cake, in 10m"]
    later(chat, 590)
    assert ann.lines() == []
    later(chat, 11)
    assert ann.lines() == ["*** Reminder: tea and cake"]
    assert ann.ask("REMIND") == ["*** You have no reminders; REMIND 10m tea makes one."]
    assert ben.lines() == []


def test_a_timer_of_real_seconds_comes_by_itself(chat: Chat) -> None:
    ann = chat.nc("ann")
    ann.ask("REMIND 1s tea")
    assert ann.expect("Reminder") == "*** Reminder: tea"


def test_an_irc_client_is_told_too(chat: Chat, later: Callable) -> None:
    irc = chat.irc("irc")
    assert irc.ask("REMIND 1h :tea time") == [":chat.example NOTICE irc :1: tea time, in 1h"]
    later(chat, 3600)
    assert irc.lines() == [":chat.example NOTICE irc :Reminder: tea time"]


def test_reminders_are_listed_and_taken_back_by_their_numbers(chat: Chat, later: Callable) -> None:
    ann = chat.nc("ann")
    ann.ask("REMIND 10m tea", "REMIND 2h cake")
    later(chat, 60)
    assert ann.ask("REMIND") == ["*** 1: tea, in 9m", "*** 2: cake, in 1h59m"]
    assert ann.ask("REMIND cancel 1") == ["*** You will not be told: tea"]
    assert ann.ask("REMIND cancel 1") == ["!!! You have no reminder 1; REMIND lists them."]
    assert ann.ask("REMIND") == ["*** 2: cake, in 1h59m"]
    later(chat, 3600)
    assert ann.lines() == []


def test_nobody_sees_or_cancels_those_of_others(chat: Chat) -> None:
    ben, ann = chat.nc("ben"), chat.nc("ann")
    ann.ask("REMIND 10m tea")
    assert ben.ask("REMIND cancel 1")[-1] == "!!! You have no reminder 1; REMIND lists them."
    assert ann.ask("REMIND") == ["*** 1: tea, in 10m"]


def test_who_is_away_when_it_is_time_is_told_on_coming_back(
    chat: Chat, later: Callable, noticed: Noticed
) -> None:
    ann = chat.nc("ann")
    ann.ask("REMIND 10m tea")
    ann.send("QUIT")
    ann.rest()
    later(chat, 3600)
    ann = chat.nc("Ann")
    noticed(chat)
    lines = [*ann.welcome, *ann.lines()]
    assert [line for line in lines if "Reminder" in line] == ["*** Reminder: tea (50m ago)"]
    assert ann.ask("REMIND") == ["*** You have no reminders; REMIND 10m tea makes one."]


def test_who_takes_their_old_nick_again_is_told(
    chat: Chat, later: Callable, noticed: Noticed
) -> None:
    ann = chat.nc("ann")
    ann.ask("REMIND 10m tea", "NICK busy")
    later(chat, 600)
    assert ann.lines() == []
    lines = ann.ask("NICK ann")
    noticed(chat)
    lines += ann.lines()
    assert [line for line in lines if "Reminder" in line] == ["*** Reminder: tea"]


def test_reminders_survive_a_restart(chat: Chat, later: Callable) -> None:
    chat.nc("ann").ask("REMIND 10m tea")
    chat.restart()
    ann = chat.nc("ann")
    (line,) = ann.ask("REMIND")
    assert re.fullmatch(r"\*\*\* 1: tea, in (10m|9m[0-9]+s)", line)
    later(chat, 600)
    assert ann.lines() == ["*** Reminder: tea"]


def test_what_nobody_came_back_for_in_a_month_is_forgotten(chat: Chat) -> None:
    plugin = chat.server.plugins.plugins["remind"]
    now = chat.server.clock()
    plugin.storage["ann"] = {"1": [now - 40 * 86_400, "tea"], "2": [now + 9, "cake"]}
    plugin.storage["ben"] = {"1": [now - 40 * 86_400, "tea"]}
    chat.restart()
    storage = chat.server.plugins.plugins["remind"].storage
    assert list(storage) == ["ann"]
    assert list(storage["ann"]) == ["2"]


def test_a_person_can_have_so_many_and_no_more(open_with: Callable[..., Chat]) -> None:
    chat = open_with({})
    ann = chat.nc("ann")
    ann.ask(*(f"REMIND {hours}h tea" for hours in range(1, 21)))
    chat.server.rates._used.clear()  # 20 in a minute are allowed
    (line,) = ann.ask("REMIND 1h tea")
    assert line == "!!! There is no room for more; REMIND cancel 1 takes one back."


@pytest.mark.parametrize("words", ["tea", "10m", "cancel", "tea 10m"])
def test_what_says_not_when_or_not_what_is_refused(chat: Chat, words: str) -> None:
    assert chat.nc("ann").ask(f"REMIND {words}") == [
        "!!! Say when and of what: REMIND 10m tea, or REMIND cancel 1."
    ]


def test_a_text_that_would_not_fit_into_a_line_is_refused(chat: Chat) -> None:
    (line,) = chat.nc("ann").ask(f"REMIND 10m {'tea ' * 90}")
    assert line == "!!! That is too long to be told in one line."

"""About the server: MOTD, TIME, VERSION, LUSERS."""

from __future__ import annotations

import re
from collections.abc import Callable

from ircish import __version__
from ircish.testing import Chat


def test_the_message_of_the_day_is_read_again(open_chat: Callable[..., Chat]) -> None:
    chat = open_chat({"server.motd": "Be kind.\n\nTea at five."})
    assert chat.nc("ann").ask("MOTD") == ["*** Be kind.", "***", "*** Tea at five."]
    assert chat.irc("ben").ask("MOTD chat.example")[2] == ":chat.example 372 ben :- "


def test_where_there_is_no_message_of_the_day_it_says_so(chat: Chat) -> None:
    assert chat.nc("ann").ask("MOTD") == ["*** There is no message of the day."]
    assert chat.irc("ben").ask("MOTD") == [":chat.example 422 ben :There is no message of the day"]


def test_the_time_is_the_servers_local_one(chat: Chat) -> None:
    pattern = r"It is \w+day [0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:]{8} [+-][0-9]{4} on chat\.example\."
    (line,) = chat.nc("ann").ask("TIME")
    assert re.fullmatch(rf"\*\*\* {pattern}", line)
    (line,) = chat.irc("ben").ask("TIME")
    assert line.startswith(":chat.example 391 ben chat.example :")


def test_the_version_is_told(chat: Chat) -> None:
    assert chat.nc("ann").ask("VERSION") == [f"*** chat.example runs ircish {__version__}."]
    (line,) = chat.irc("ben").ask("VERSION")
    assert line.startswith(f":chat.example 351 ben ircish-{__version__} chat.example :")


def test_lusers_counts(chat: Chat) -> None:
    chat.nc("ann")
    assert chat.irc("ben").ask("LUSERS") == [
        ":chat.example 251 ben :There are 2 users and 0 invisible on 1 servers",
        ":chat.example 254 ben 1 :channels formed",
        ":chat.example 255 ben :I have 2 clients and 0 servers",
    ]


def test_what_is_more_than_a_command_takes_is_refused_to_people(chat: Chat) -> None:
    assert chat.nc("ann").ask("TIME flies") == [
        "!!! That is more than TIME takes: flies. Usage: TIME"
    ]
    assert len(chat.irc("ben").ask("TIME flies")) == 1

"""About the server: MOTD, TIME, VERSION, INFO, ADMIN, LINKS, LUSERS, STATS."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from ircish import __version__
from ircish.testing import Chat

OpenChat = Callable[..., Chat]


def numerics(lines: list[str]) -> list[str]:
    return [line.split(" ")[1] for line in lines]


def test_the_message_of_the_day_is_read_again(open_chat: OpenChat) -> None:
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


def test_the_version_is_told_and_to_irc_clients_what_is_built(chat: Chat) -> None:
    assert chat.nc("ann").ask("VERSION") == [f"*** chat.example runs ircish {__version__}."]
    ben = chat.irc("ben")
    line, *rest = ben.ask("VERSION")
    assert line.startswith(f":chat.example 351 ben ircish-{__version__} chat.example :")
    assert rest == [line for line in ben.welcome if " 005 " in line]


def test_what_runs_here_is_told(chat: Chat) -> None:
    assert chat.nc("ann").ask("INFO")[0].startswith(f"*** ircish {__version__}, a chat")
    lines = chat.irc("ben").ask("INFO")
    assert numerics(lines) == ["371", "371", "371", "374"]


def test_who_runs_it_is_told_where_that_is_configured(open_chat: OpenChat) -> None:
    chat = open_chat({"server.admin": ["Example Ltd.", "irc@example.org"]})
    assert chat.nc("ann").ask("ADMIN") == ["*** Example Ltd.", "*** irc@example.org"]
    assert chat.irc("ben").ask("ADMIN") == [
        ":chat.example 256 ben chat.example :Administrative info",
        ":chat.example 257 ben :Example Ltd.",
        ":chat.example 258 ben :irc@example.org",
    ]


def test_who_runs_it_is_not_known_where_that_is_not_configured(chat: Chat) -> None:
    assert chat.nc("ann").ask("ADMIN") == ["!!! Nobody has said who runs this server."]
    assert numerics(chat.irc("ben").ask("ADMIN")) == ["423"]


def test_the_network_is_this_server(chat: Chat) -> None:
    ben = chat.irc("ben")
    link = ":chat.example 364 ben chat.example chat.example :0 ircish chat"
    assert ben.ask("LINKS") == [link, ":chat.example 365 ben * :End of LINKS"]
    assert ben.ask("LINKS *.EXAMPLE") == [link, ":chat.example 365 ben *.EXAMPLE :End of LINKS"]
    assert ben.ask("LINKS other.*") == [":chat.example 365 ben other.* :End of LINKS"]


def test_lusers_counts_the_invisible_strangers_operators_and_how_many_there_were(
    open_chat: OpenChat,
) -> None:
    chat = open_chat(operators={"admin": "sesame"})
    ann, ben = chat.irc("ann", join="#dev"), chat.irc("ben")
    ann.ask("OPER admin sesame")
    ben.ask("MODE ben +i")
    cyd = chat.nc("cyd")
    cyd.send("QUIT")
    cyd.rest()
    stranger = chat.connect()
    stranger.ask("CAP LS")
    assert ben.ask("LUSERS") == [
        ":chat.example 251 ben :There are 1 users and 1 invisible on 1 servers",
        ":chat.example 252 ben 1 :operators online",
        ":chat.example 253 ben 1 :unknown connections",
        ":chat.example 254 ben 1 :channels formed",
        ":chat.example 255 ben :I have 2 clients and 0 servers",
        ":chat.example 265 ben 2 3 :Current local users 2, max 3",
        ":chat.example 266 ben 2 3 :Current global users 2, max 3",
    ]
    stranger.send("QUIT")
    stranger.rest()
    assert not [line for line in ben.ask("LUSERS") if " 253 " in line]


def test_stats_tell_how_long_the_server_has_been_up(chat: Chat) -> None:
    (line,) = chat.nc("ann").ask("STATS")
    assert re.fullmatch(r"\*\*\* Up for 0 days 0:00:[0-9]{2}\.", line)
    ben = chat.irc("ben")
    assert numerics(ben.ask("STATS u")) == ["242", "219"]
    assert ben.ask("STATS x") == [":chat.example 219 ben x :End of STATS"]


def test_who_may_be_an_operator_only_operators_are_told(open_chat: OpenChat) -> None:
    chat = open_chat(operators={"admin": "sesame"})
    ben = chat.irc("ben")
    assert numerics(ben.ask("STATS o")) == ["481"]
    ben.ask("OPER admin sesame")
    assert ben.ask("STATS o")[0] == ":chat.example 243 ben O * * admin 0 0"


def test_what_stats_there_are_people_are_told(chat: Chat) -> None:
    assert chat.nc("ann").ask("STATS x")[0].startswith("!!! There are STATS u")


@pytest.mark.parametrize(
    "verb", ["MOTD", "TIME", "VERSION", "INFO", "ADMIN", "LUSERS *", "STATS u"]
)
def test_of_another_server_nothing_is_known(chat: Chat, verb: str) -> None:
    ben = chat.irc("ben")
    assert ben.ask(f"{verb} other.example") == [
        ":chat.example 402 ben other.example :No such server"
    ]
    for ours in ("chat.example", "CHAT.*", "ben"):
        assert "402" not in numerics(ben.ask(f"{verb} {ours}"))


def test_what_is_more_than_a_command_takes_is_refused_to_people(chat: Chat) -> None:
    assert chat.nc("ann").ask("TIME flies") == [
        "!!! That is more than TIME takes: flies. Usage: TIME"
    ]
    assert len(chat.irc("ben").ask("TIME flies")) == 1

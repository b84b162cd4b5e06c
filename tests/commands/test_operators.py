"""Operators of the server: OPER, KILL, WALLOPS, CHGHOST, REHASH, and what +s tells them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest

from ircish.config import Config, ConfigError
from ircish.testing import Chat, Client

OpenChat = Callable[..., Chat]


@pytest.fixture
def chat(open_chat: OpenChat) -> Chat:
    """One with an operator, admin, whose password is sesame."""
    return open_chat(operators={"admin": "sesame"})


def operator(client: Client) -> Client:
    assert "You are" in client.ask("OPER admin sesame")[-1]
    return client


def test_the_right_password_makes_an_operator(chat: Chat) -> None:
    assert chat.nc("ann").ask("OPER admin sesame") == [
        "*** You are an operator of this server now."
    ]
    assert chat.irc("ben").ask("OPER admin sesame") == [
        ":chat.example MODE ben +o",
        ":chat.example 381 ben :You are now a server operator",
    ]


@pytest.mark.parametrize("typed", ["OPER admin guess", "OPER ann sesame"])
def test_a_wrong_name_or_password_makes_none(chat: Chat, typed: str) -> None:
    assert chat.nc("ann").ask(typed) == ["!!! That is not the password."]
    assert chat.irc("ben").ask(typed) == [":chat.example 464 ben :Password incorrect"]


@pytest.mark.parametrize(
    "typed", ["KILL ann tea", "WALLOPS tea", "CHGHOST ann a tea.example", "REHASH"]
)
def test_only_operators_may(chat: Chat, typed: str) -> None:
    ann = chat.nc("ann")
    assert ann.ask(typed) == ["!!! Only an operator of this server may."]
    (line,) = chat.irc("ben").ask(typed)
    assert line.startswith(":chat.example 481 ben :Permission denied")
    assert [person.prefix for person in chat.server.snapshots.people() if person.nick == "ann"] == [
        "ann!ann@127.0.0.1"
    ]


# KILL -------------------------------------------------------------------------------------------


def test_who_is_taken_out_while_their_password_is_looked_at_is_no_operator(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = chat.nc("ann")
    monkeypatch.setattr(chat.server, "is_operator", lambda name, password: True)
    assert ann.ask("OPER gone sesame")[-1] == "!!! That is not the password."
    assert ann.ask("WALLOPS hi") == ["!!! Only an operator of this server may."]


def test_who_is_killed_reads_why_and_so_do_the_others(chat: Chat) -> None:
    ann, ben = chat.irc("ann", join="#dev"), chat.irc("ben", join="#dev")
    cyd = chat.irc("cyd", join="#dev")
    operator(cyd)
    ann.lines()
    assert cyd.ask("KILL BEN :too much tea") == [
        ":ben!~ben@127.0.0.1 QUIT :Killed (cyd (too much tea))",
        ":chat.example NOTICE cyd :ben's connection is ended.",
    ]
    assert ben.rest()[-1] == "ERROR :Closing Link: 127.0.0.1 (Killed (cyd (too much tea)))"
    assert ann.lines() == [":ben!~ben@127.0.0.1 QUIT :Killed (cyd (too much tea))"]
    chat.irc("ben")  # the nick is free again


def test_people_may_kill_and_be_killed(chat: Chat) -> None:
    ann, ben, cyd = operator(chat.nc("ann")), chat.nc("ben"), chat.irc("cyd")
    ben.lines()
    assert ann.ask("KILL ben too much tea")[-1] == "*** ben's connection is ended."
    assert ben.rest()[-1] == "*** ann has ended your connection: too much tea"
    assert "*** cyd's connection is ended." in ann.ask("KILL cyd")
    assert cyd.rest() == [
        "ERROR :Closing Link: 127.0.0.1 (Killed (ann (no reason given)))",
    ]


def test_who_kills_themself_is_gone(chat: Chat) -> None:
    ann = chat.irc("ann")
    operator(ann)
    ann.send("KILL ann :enough", "PING tea")
    assert ann.rest() == ["ERROR :Closing Link: 127.0.0.1 (Killed (ann (enough)))"]


def test_neither_a_server_nor_nobody_can_be_killed(chat: Chat) -> None:
    ann = chat.irc("ann")
    operator(ann)
    assert ann.ask("KILL chat.example :no", "KILL nobody :no", "KILL") == [
        ":chat.example 483 ann :You can't kill a server!",
        ":chat.example 401 ann nobody :No such nick or channel",
        ":chat.example 461 ann KILL :Not enough parameters",
    ]


# WALLOPS, CHGHOST -------------------------------------------------------------------------------


def test_wallops_are_for_those_who_want_them(chat: Chat) -> None:
    ann, ben, cyd = chat.irc("ann"), chat.irc("ben"), chat.irc("cyd")
    operator(ann)
    ben.ask("MODE ben +w")
    assert ann.ask("WALLOPS :the tea is cold") in (
        [],
        [":ann!~ann@127.0.0.1 WALLOPS :the tea is cold"],
    )
    assert ben.lines() == [":ann!~ann@127.0.0.1 WALLOPS :the tea is cold"]
    assert cyd.lines() == []


def test_an_operator_gives_somebody_another_host(chat: Chat) -> None:
    ann, ben = chat.irc("ann", join="#dev"), chat.irc("ben", ["chghost"], join="#dev")
    operator(ann)
    assert ann.ask("CHGHOST ben tea tea.example")[-1] == (
        ":chat.example NOTICE ann :ben is tea@tea.example now."
    )
    assert ben.lines() == [":ben!~ben@127.0.0.1 CHGHOST tea tea.example"]
    assert ben.ask("PRIVMSG #dev :hi") == []
    assert ":ben!tea@tea.example PRIVMSG #dev :hi" in ann.lines()


def test_what_cannot_be_a_host_is_refused(chat: Chat) -> None:
    ann = chat.irc("ann")
    operator(ann)
    (line,) = ann.ask("CHGHOST ann a tea@example")
    assert "NOTICE ann :ann is" not in line
    assert chat.server.snapshots.person("ann").host == "127.0.0.1"


# What +s tells ----------------------------------------------------------------------------------


def test_an_operator_with_s_hears_of_coming_going_and_failed_attempts(chat: Chat) -> None:
    ann = chat.irc("ann")
    operator(ann)
    ann.ask("MODE ann +s")
    ben = chat.irc("ben")
    ben.ask("OPER admin guess")
    ben.send("QUIT :bye")
    ben.rest()
    came, tried, left = ann.lines()
    assert "ben!~ben@127.0.0.1" in came
    assert tried == ":chat.example NOTICE ann :*** ben!~ben@127.0.0.1 tried to be operator admin"
    assert "Quit: bye" in left
    ann.ask("MODE ann -s")
    chat.irc("cyd")
    assert ann.lines() == []


# REHASH -----------------------------------------------------------------------------------------


def rereads(chat: Chat, wanted: Config | Exception) -> None:
    def read() -> Config:
        if isinstance(wanted, Exception):
            raise wanted
        return wanted

    chat.server._reread = read


def test_who_guesses_passwords_has_to_wait(chat: Chat) -> None:
    client = chat.irc("ann")
    answers = client.ask(*["OPER nobody guess"] * 10, "OPER admin sesame")
    assert [answer.split()[1] for answer in answers] == ["464"] * 10 + ["263"]


def test_an_operator_has_the_configuration_read_again(chat: Chat) -> None:
    ann, ben = chat.nc("ann"), chat.irc("ben")
    operator(ann), operator(ben)
    config = chat.server.config
    server = dataclasses.replace(config.server, motd="New.", port=7000, name="new.example")
    rereads(chat, dataclasses.replace(config, server=server))
    waits = [
        "server.port takes effect at the next start.",
        "server.name takes effect at the next start.",
    ]
    read = "The configuration has been read again."
    assert ann.ask("REHASH") == [f"*** {text}" for text in (read, *waits)]
    assert ben.ask("REHASH") == [
        ":chat.example 382 ben ircish.toml :Rehashing",
        *(f":chat.example NOTICE ben :{text}" for text in (read, *waits)),
    ]
    assert ann.ask("MOTD") == ["*** New."]


def test_where_the_configuration_is_wrong_the_old_one_stays(chat: Chat) -> None:
    ann = operator(chat.nc("ann"))
    before = chat.server.config
    rereads(chat, ConfigError("server.port is tea; it must be a number."))
    assert ann.ask("REHASH") == [
        "!!! The configuration stays as it was. server.port is tea; it must be a number."
    ]
    assert chat.server.config is before


def test_a_server_that_was_given_its_configuration_has_none_to_read(chat: Chat) -> None:
    assert "no file" in operator(chat.nc("ann")).ask("REHASH")[0]

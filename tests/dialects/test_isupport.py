"""ISUPPORT: the line 005 tells what there is."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from ircish.config import Config
from ircish.dialects.isupport import NAME_LENGTH, TOKENS_A_LINE, tokens
from ircish.testing import Chat, IrcClient
from ircish.wire import MAX_LINE, parse

OpenChat = Callable[..., Chat]


def told(lines: list[str]) -> list[str]:
    return [
        token
        for line in lines
        if (message := parse(line)) and message.verb == "005"
        for token in message.params[1:-1]
    ]


def test_it_says_what_is_built_and_configured(open_chat: OpenChat) -> None:
    settings = {
        "server.default_channel": "#hall",
        "server.network": "tea-net",
        "limits.nick_length": 9,
        "limits.monitor": 7,
        "limits.bans": 8,
    }
    client = open_chat(settings).irc("ben")
    assert {
        "BOT=B",
        "CASEMAPPING=ascii",
        "CHANMODES=beI,k,l,Cimnst",
        "CHANTYPES=#",
        "CHATHISTORY=100",
        "EXCEPTS=e",
        "HOSTLEN=63",
        "INVEX=I",
        "MAXLIST=beI:8",
        "MONITOR=7",
        "MSGREFTYPES=msgid,timestamp",
        f"NAMELEN={NAME_LENGTH}",
        "NETWORK=tea-net",
        "NICKLEN=9",
        "PREFIX=(qov)~@+",
        "STATUSMSG=~@+",
        "UTF8ONLY",
        "WHOX",
        "ircish/DEFAULTCHANNEL=#hall",
    } <= set(told(client.welcome))
    assert client.ask("NICK tenletters") == [":chat.example 432 ben tenletters :Erroneous nickname"]


def test_no_token_is_told_twice_or_cut(chat: Chat) -> None:
    client = chat.irc("ben")
    assert told(client.welcome) == list(tokens(chat.config))
    names = [token.partition("=")[0] for token in tokens(chat.config)]
    assert len(set(names)) == len(names)
    for line in client.welcome:
        if " 005 " in line:
            assert line.endswith(":are supported by this server")
            assert len(line.encode()) <= MAX_LINE - 2
            assert len(told([line])) <= TOKENS_A_LINE


def test_the_lines_fit_where_everything_is_as_long_as_it_may_be() -> None:
    longest = dataclasses.replace(
        Config().server, network="n" * 50, name="s" * 59 + ".net", default_channel="#" + "é" * 49
    )
    config = dataclasses.replace(Config(), server=longest)
    for start in range(0, len(list(tokens(config))), TOKENS_A_LINE):
        words = " ".join(list(tokens(config))[start : start + TOKENS_A_LINE])
        head = f":{longest.name} 005 {'n' * 30} {words} :are supported by this server\r\n"
        assert len(head.encode()) <= MAX_LINE


def rehashed(chat: Chat, **limits: int) -> None:
    changed = dataclasses.replace(chat.server.config.limits, **limits)
    chat.server._reread = lambda: dataclasses.replace(chat.server.config, limits=changed)
    chat.server.rehash("a test")


def news(client: IrcClient) -> list[str]:
    return told(client.lines())


def test_who_is_here_is_told_the_tokens_that_a_rehash_has_changed(chat: Chat) -> None:
    ann, ben, stranger = chat.nc("ann"), chat.irc("ben"), chat.connect()
    stranger.ask("CAP LS")
    rehashed(chat, nick_length=12, topic_length=100, flood_burst=20)
    assert news(ben) == ["NICKLEN=12", "TOPICLEN=100"]
    assert ann.lines() == stranger.lines() == []
    rehashed(chat, nick_length=12)
    assert news(ben) == []

"""What a plugin's command can do with its context, seen by its caller and by the others."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ircish.testing import Chat

PLUGIN = '''
"""A command for each thing that a context can do."""
from typing import Literal

from ircish import Channel, Context, Nick, Rest, command, hookimpl


@command("REPLY")
def reply(ctx: Context) -> None:
    """Answer in two lines."""
    ctx.reply(f"one for {ctx.nick}\\ntwo")


@command("SAYS")
def says(ctx: Context, text: Rest) -> None:
    """Speak as the caller."""
    ctx.say(text)


@command("SAYDEV")
def say_dev(ctx: Context) -> None:
    """Speak in #dev."""
    ctx.say("hi", "#dev")


@command("TELL")
def tell(ctx: Context, channel: Channel, text: Rest) -> None:
    """Announce something."""
    ctx.announce(text)


@command("REFUSE")
def refuse(ctx: Context) -> None:
    """Refuse, in what would be two lines."""
    raise ctx.refuse("no\\nway")


@command("COUNT")
def count(ctx: Context) -> None:
    """Count people."""
    ctx.reply(f"{len(ctx.members())} in {ctx.channel}, {len(ctx.users())} in all")
    ctx.reply(f"{ctx.user.nick} {ctx.user.host} {ctx.dialect}")


@command("MINE", allow="member")
def mine(ctx: Context, channel: Channel) -> None:
    """For members."""
    ctx.reply("a member")


@command("LEAD", allow="op")
def lead(ctx: Context, channel: Channel) -> None:
    """For operators of the channel."""
    ctx.reply("an operator")


@command("RULE", allow="oper")
def rule(ctx: Context) -> None:
    """For operators."""
    ctx.log.warning("ruling")
    ctx.reply("an operator of the server")


@command("TYPES")
def types(
    ctx: Context, whole: int, part: float, way: Literal["up", "down"], who: Nick, rest: Rest = "-"
) -> None:
    """Take arguments of every type."""
    ctx.reply(repr((whole, part, way, who, rest)))


@hookimpl
def server_commands():
    return [reply, says, say_dev, tell, refuse, count, mine, lead, rule, types]
'''


@pytest.fixture
def chat(open_chat: Callable[..., Chat], tmp_path: Path) -> Chat:
    (tmp_path / "able.py").write_text(PLUGIN)
    return open_chat({"server.plugins": [str(tmp_path)]})


def test_reply_is_read_by_the_caller_alone_a_line_each(chat: Chat) -> None:
    ben, ann, irc = chat.nc("ben"), chat.nc("ann"), chat.irc("irc")
    ben.lines()
    assert ann.ask("REPLY") == ["*** one for ann", "*** two"]
    assert irc.ask("REPLY") == [
        ":chat.example NOTICE irc :one for irc",
        ":chat.example NOTICE irc :two",
    ]
    assert ben.lines() == []


def test_say_is_read_by_everyone_and_the_caller_too(chat: Chat) -> None:
    ben, ann = chat.nc("ben"), chat.nc("ann")
    irc = chat.irc("irc", join="#lobby")
    for each in (ben, ann):
        each.lines()
    assert ann.ask("SAYS hello there") == ["<ann> hello there"]
    assert ben.lines() == ["<ann> hello there"]
    assert irc.ask("SAYS :and hello") == [
        ":ann!ann@127.0.0.1 PRIVMSG #lobby :hello there",
        ":irc!~irc@127.0.0.1 PRIVMSG #lobby :and hello",
    ]


def test_say_in_another_channel_names_it(chat: Chat) -> None:
    ann = chat.nc("ann")
    ann.ask("JOIN #dev", "JOIN #lobby")
    assert ann.ask("SAYDEV") == ["[#dev] <ann> hi"]


def test_announce_is_in_the_servers_name_and_only_where_the_caller_is(chat: Chat) -> None:
    ben, irc, ann = chat.nc("ben"), chat.irc("irc", join="#lobby"), chat.nc("ann")
    ben.ask("JOIN #dev")
    irc.lines()
    assert ann.ask("TELL tea is ready") == ["*** tea is ready"]
    assert ben.lines()[-1] == "[#lobby] *** tea is ready"
    assert irc.lines() == [":chat.example NOTICE #lobby :tea is ready"]
    assert ann.ask("TELL #dev tea is ready") == ["!!! You are not in #dev. JOIN #dev first."]
    assert ben.lines() == []


def test_a_refusal_is_one_line(chat: Chat) -> None:
    assert chat.nc("ann").ask("REFUSE") == ["!!! 'no\\nway'"]
    assert chat.irc("irc").ask("REFUSE") == [":chat.example NOTICE irc :'no\\nway'"]


def test_a_command_sees_who_is_here(chat: Chat) -> None:
    chat.nc("ben").ask("JOIN #dev")
    ann = chat.nc("ann")
    assert ann.ask("COUNT") == ["*** 2 in #lobby, 2 in all", "*** ann 127.0.0.1 plain"]
    irc = chat.irc("irc")
    assert irc.ask("COUNT") == [":chat.example 461 irc COUNT :Not enough parameters"]
    irc.ask("JOIN #dev")
    assert irc.ask("COUNT")[0] == ":chat.example NOTICE irc :2 in #dev, 3 in all"
    irc.ask("JOIN #lobby")
    assert irc.ask("COUNT") == [":chat.example 461 irc COUNT :Say which channel"]


def test_only_who_may_can_do_a_command(chat: Chat, caplog: pytest.LogCaptureFixture) -> None:
    ben, ann = chat.nc("ben"), chat.nc("ann")
    ben.ask("JOIN #dev")
    assert ann.ask("MINE", "MINE #dev", "LEAD", "LEAD #dev", "RULE") == [
        "*** a member",
        "!!! You are not in #dev. JOIN #dev first.",
        "!!! Only an operator of #lobby may.",
        "!!! You are not in #dev. JOIN #dev first.",
        "!!! Only an operator of this server may.",
    ]
    assert ben.ask("LEAD")[-1] == "*** an operator"
    ann.ask(f"OPER admin {chat.server.one_time_password}")
    assert ann.ask("LEAD", "RULE") == ["*** an operator", "*** an operator of the server"]
    assert ("ircish.plugin.able", 30, "ruling") in caplog.record_tuples


def test_who_may_is_said_in_the_help(chat: Chat) -> None:
    ann = chat.nc("ann")
    assert ann.ask("HELP LEAD")[0] == "*** LEAD [#channel] (channel operators)"
    assert any(line.endswith("For operators. (operators)") for line in ann.ask("HELP"))


def test_arguments_have_the_types_that_were_asked_for(chat: Chat) -> None:
    ann, irc = chat.nc("ann"), chat.irc("irc")
    assert ann.ask("TYPES -3 2.5 up ben") == ["*** (-3, 2.5, 'up', 'ben', '-')"]
    assert ann.ask("types 3 2 down ben and  so on") == ["*** (3, 2.0, 'down', 'ben', 'and  so on')"]
    assert irc.ask("TYPES 3 2 up ben :and so on") == [
        ":chat.example NOTICE irc :(3, 2.0, 'up', 'ben', 'and so on')"
    ]


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("TYPES", "<whole> is missing."),
        ("TYPES 3 2 up", "<who> is missing."),
        ("TYPES x 2 up ben", "whole is a whole number, not x."),
        ("TYPES ３ 2 up ben", "whole is a whole number, not ３."),
        ("TYPES 3 nan up ben", "part is a number, not nan."),
        ("TYPES 3 2 left ben", "way is one of up, down, not left."),
    ],
)
def test_a_wrong_argument_is_named_with_the_usage(chat: Chat, typed: str, answer: str) -> None:
    assert chat.nc("ann").ask(typed) == [
        f"!!! {answer} Usage: TYPES <whole> <part> <up|down> <who> [<rest>]"
    ]

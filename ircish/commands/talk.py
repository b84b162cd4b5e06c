"""Talking: MSG and ME for people, PRIVMSG, NOTICE and TAGMSG for IRC clients."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from ircish import replies
from ircish.command import Command, Rest, command
from ircish.context import Context
from ircish.errors import Refused
from ircish.events import ACTION, Said
from ircish.hookspecs import hookimpl
from ircish.wire import NO_TAGS

MAX_TARGETS = 8
"""Targets of one PRIVMSG, NOTICE or TAGMSG (TARGMAX in ISUPPORT)."""


@command(
    "MSG",
    dialects=["plain"],
    examples={
        "MSG hello": "",
        "MSG @ann note to self": "*ann* note to self",
        "MSG :ann is my name": "",
    },
)
def msg(ctx: Context, text: Rest) -> None:
    """Speak: MSG hello here, MSG #dev hello in #dev, MSG @ben hello to ben alone.

    MSG :text says exactly that text, where it begins with a #, an @ or somebody's nick.
    """
    target, text = _addressed(ctx, text)
    ctx.publish(Said(ctx.connection.user_id, target, text))
    _tell_if_away(ctx, target)


@command("ME", dialects=["plain"], examples={"ME waves": ""})
def me(ctx: Context, text: Rest) -> None:
    """Tell what you do: ME waves. Takes #dev or @ben first, like MSG."""
    target, text = _addressed(ctx, text)
    ctx.publish(Said(ctx.connection.user_id, target, f"{ACTION}{text}\x01"))


def _addressed(ctx: Context, text: str) -> tuple[str, Rest]:
    """Whom a typed text is for, and the text itself."""
    first, _, rest = text.partition(" ")
    rest = rest.strip(" ")
    if first[:1] in ("#", "@") and len(first) > 1:
        if not rest:
            raise Refused(replies.NO_TEXT, usage=ctx.command.usage)
        return first.removeprefix("@"), rest
    snapshots = ctx.server.snapshots
    if first[:1] == ":" and (first[1:2] in ("#", "@") or snapshots.is_here(first[1:])):
        text = text[1:]
    elif ctx.command.verb == "MSG" and rest and snapshots.is_here(first):
        nick = snapshots.person(first).nick
        raise Refused(replies.PERSON_OR_ALL, nick=nick, said=rest, channel=ctx.channel)
    return ctx.channel, text


@command("PRIVMSG", aliases=["MSG"], dialects=["irc"], hidden=True)
def privmsg(ctx: Context, targets: str = "", text: Rest = "") -> None:
    """Say something to channels or nicks (RFC 2812 §3.3.1)."""
    _check(ctx, targets, text)
    _to_each(ctx, targets, text, "message")


@command("PRIVMSG", dialects=["plain"], hidden=True)
def privmsg_typed(ctx: Context, targets: str, text: Rest) -> None:
    """PRIVMSG #dev :text, as IRC writes it."""
    _to_each(ctx, targets, text.removeprefix(":"), "message")


@command("NOTICE", dialects=["irc"], hidden=True)
def notice(ctx: Context, targets: str = "", text: Rest = "") -> None:
    """Say something that nobody answers automatically (RFC 2812 §3.3.2)."""
    if text:
        _to_each(ctx, targets, text, "notice")


@command("TAGMSG", dialects=["irc"], hidden=True)
def tagmsg(ctx: Context, targets: str) -> None:
    """Tags without text (IRCv3 message-tags)."""
    if "message-tags" not in ctx.connection.caps:
        raise Refused(replies.UNKNOWN_COMMAND, verb="TAGMSG", hint="")
    _to_each(ctx, targets, "", "tagmsg")


def _check(ctx: Context, targets: str, text: str) -> None:
    if not targets:
        raise Refused(replies.NO_RECIPIENT, verb=ctx.message.verb, usage=ctx.command.usage)
    if not text:
        raise Refused(replies.NO_TEXT, usage=ctx.command.usage)


def _to_each(
    ctx: Context, targets: str, text: str, kind: Literal["message", "notice", "tagmsg"]
) -> None:
    told = kind != "notice"  # which never gets an error
    names = list(dict.fromkeys(targets.split(",")))
    for target in names[:MAX_TARGETS]:
        try:
            _say(ctx, target, text, kind)
        except Refused as refused:
            ctx.refused(refused, told=told)
            continue
        if kind == "message":
            _tell_if_away(ctx, target)
    if beyond := ",".join(names[MAX_TARGETS:]):
        many = Refused(replies.TOO_MANY_TARGETS, targets=beyond, most=MAX_TARGETS)
        ctx.refused(many, told=told)


def _say(
    ctx: Context, target: str, text: str, kind: Literal["message", "notice", "tagmsg"]
) -> None:
    tags = client_tags(ctx) if ctx.message.tags else NO_TAGS
    ctx.publish(Said(ctx.connection.user_id, target, text, kind, tags))


def client_tags(ctx: Context) -> Mapping[str, str]:
    """The tags that are passed on: those that begin with ``+`` (IRCv3 message-tags)."""
    if "message-tags" not in ctx.connection.caps:
        return NO_TAGS
    tags = {key: value for key, value in ctx.message.tags.items() if key[0] == "+"}
    return tags or NO_TAGS


def _tell_if_away(ctx: Context, target: str) -> None:
    if target[:1] != "#":
        person = ctx.server.snapshots.person(target)
        if person.away:
            ctx.answer(replies.IS_AWAY, nick=person.nick, text=person.away)


@hookimpl
def server_commands() -> list[Command]:
    return [msg, me, privmsg, privmsg_typed, notice, tagmsg]

"""Talking: MSG and ME for people, PRIVMSG, NOTICE and TAGMSG for IRC clients."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Literal

from ircish import phrases, replies
from ircish.chat.modes import to_channel
from ircish.chat.names import fold
from ircish.command import Command, Rest, command
from ircish.context import Context
from ircish.dialects.irc import JOINED
from ircish.dialects.isupport import MAX_TARGETS
from ircish.errors import Refused
from ircish.events import ACTION, Said
from ircish.hookspecs import hookimpl
from ircish.wire import NO_TAGS

PART = 0.25
"""What one line of a message of several counts, in lines, where a connection sends too fast."""

SaidAs = Literal["message", "notice", "tagmsg"]


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

    MSG @#dev hello tells only the operators of #dev, MSG +#dev hello those with a voice too.

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
    if len(first) > 1 and _is_addressed(first):
        if not rest:
            raise Refused(replies.NO_TEXT, usage=ctx.command.usage)
        return first if to_channel(first) else first.removeprefix("@"), rest
    snapshots = ctx.server.snapshots
    if first[:1] == ":" and (_is_addressed(first[1:]) or snapshots.is_here(first[1:])):
        text = text[1:]
    elif ctx.command.verb == "MSG" and rest and snapshots.is_here(first):
        nick = snapshots.person(first).nick
        raise Refused(replies.PERSON_OR_ALL, nick=nick, said=rest, channel=ctx.channel)
    return ctx.channel, text


def _is_addressed(word: str) -> bool:
    """Whether it is ``#dev``, ``+#dev`` or ``@ben``."""
    return word[:1] == "@" or to_channel(word)


@command("PRIVMSG", aliases=["MSG"], dialects=["irc"], hidden=True)
def privmsg(ctx: Context, targets: str = "", text: Rest = "") -> None:
    """Say something to channels or nicks (RFC 2812 §3.3.1)."""
    if "batch" in ctx.message.tags:
        _add_line(ctx, targets, text)
        return
    if not targets:
        raise Refused(replies.NO_RECIPIENT, verb=ctx.message.verb, usage=ctx.command.usage)
    if not text:
        raise Refused(replies.NO_TEXT, usage=ctx.command.usage)
    _to_each(ctx, targets, text, "message")


@command("PRIVMSG", dialects=["plain"], hidden=True)
def privmsg_typed(ctx: Context, targets: str, text: Rest) -> None:
    """PRIVMSG #dev :text, as IRC writes it."""
    _to_each(ctx, targets, text.removeprefix(":"), "message")


@command("NOTICE", dialects=["irc"], hidden=True)
def notice(ctx: Context, targets: str = "", text: Rest = "") -> None:
    """Say something that nobody answers automatically (RFC 2812 §3.3.2)."""
    if "batch" in ctx.message.tags:
        _add_line(ctx, targets, text)
    elif text:
        _to_each(ctx, targets, text, "notice")


@command("TAGMSG", dialects=["irc"], hidden=True)
def tagmsg(ctx: Context, targets: str) -> None:
    """Tags without text (IRCv3 message-tags)."""
    if not ctx.connection.reader.kind.tags:
        raise Refused(replies.UNKNOWN_COMMAND, verb="TAGMSG", hint="")
    if "batch" in ctx.message.tags:
        _add_line(ctx, targets, "")
    else:
        _to_each(ctx, targets, "", "tagmsg")


def _add_line(ctx: Context, target: str, text: str) -> None:
    """A line of a message of several, which BATCH began and will end."""
    connection, tags = ctx.connection, ctx.message.tags
    draft = connection.draft
    if draft is None:
        raise Refused(replies.BAD_BATCH, wrong=phrases.NO_SUCH_BATCH)
    if draft.void:
        return
    try:
        draft.check(tags["batch"], time.monotonic())
        draft.add(ctx.command.verb, target, text, joined=JOINED in tags)
    except Refused:
        draft.void = True
        ctx.label = draft.label
        raise
    connection.count(PART - 1)


def _to_each(ctx: Context, targets: str, text: str, kind: SaidAs) -> None:
    names, tags = [targets], client_tags(ctx)
    if "," in targets:
        each: dict[str, str] = {}
        for name in targets.split(","):
            each.setdefault(fold(name), name)
        names = list(each.values())
    for target in names[:MAX_TARGETS]:
        speak(ctx, Said(ctx.connection.user_id, target, text, kind, tags))
    if beyond := ",".join(names[MAX_TARGETS:]):
        many = Refused(replies.TOO_MANY_TARGETS, targets=beyond, most=MAX_TARGETS)
        ctx.refused(many, told=kind != "notice")


def speak(ctx: Context, said: Said) -> None:
    """Say it, and tell the caller what came of it, but for a notice, which is never answered
    (RFC 2812 §3.3.2)."""
    try:
        ctx.publish(said)
    except Refused as refused:
        ctx.refused(refused, told=said.kind != "notice")
        return
    if said.kind == "message":
        _tell_if_away(ctx, said.target)


def client_tags(ctx: Context) -> Mapping[str, str]:
    """The tags that are passed on: those that begin with ``+`` (IRCv3 message-tags)."""
    if not ctx.message.tags or not ctx.connection.reader.kind.tags:
        return NO_TAGS
    tags = {key: value for key, value in ctx.message.tags.items() if key[0] == "+"}
    return tags or NO_TAGS


def _tell_if_away(ctx: Context, target: str) -> None:
    if target[:1] != "#" and not to_channel(target):
        nick, away = ctx.server.snapshots.away(target)
        if away:
            ctx.answer(replies.IS_AWAY, nick=nick, text=away)


@hookimpl
def server_commands() -> list[Command]:
    return [msg, me, privmsg, privmsg_typed, notice, tagmsg]

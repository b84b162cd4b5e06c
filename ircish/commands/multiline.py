"""BATCH: several lines of an IRC client as one message (IRCv3 client-batch, multiline).

The lines between come by talk.
"""

from __future__ import annotations

import re
import time
from typing import Literal

from ircish import phrases, replies
from ircish.command import Command, command
from ircish.commands.talk import client_tags, speak
from ircish.context import Context
from ircish.dialects.irc import MULTILINE
from ircish.errors import Refused
from ircish.events import Said
from ircish.hookspecs import hookimpl
from ircish.multiline import Draft

PATIENCE = 60.0
"""Seconds in which a batch must be complete."""

_REFERENCE = re.compile(r"[A-Za-z0-9-]+")
"""IRCv3 batch."""


@command("BATCH", dialects=["irc"], hidden=True)
def batch(ctx: Context, reference: str, kind: str = "", target: str = "") -> None:
    """Begin a message of several lines, BATCH +1 draft/multiline #dev, or end it, BATCH -1."""
    if "batch" in ctx.message.tags:
        raise Refused(replies.BAD_BATCH, wrong=phrases.BATCH_WITHIN)
    if reference[:1] == "+":
        _begin(ctx, reference[1:], kind, target)
    elif reference[:1] == "-":
        _end(ctx, reference[1:])
    else:
        raise Refused(replies.BAD_REFERENCE, reference=reference)


def _begin(ctx: Context, reference: str, kind: str, target: str) -> None:
    """One at a time: of two, the first is void."""
    connection, limits = ctx.connection, ctx.server.config.limits
    before = connection.draft
    draft = connection.draft = Draft(
        reference,
        target,
        client_tags(ctx),
        ctx.label,
        most=limits.multiline_lines,
        size=limits.multiline_bytes,
        until=time.monotonic() + PATIENCE,
    )
    fault = _fault(reference, kind, target)
    draft.void = fault is not None
    if before and not before.void:
        ctx.label = before.label
        ctx.refused(Refused(replies.BAD_BATCH, wrong=phrases.BATCH_NOT_ENDED))
    elif not fault:
        ctx.label = ""  # the answer is that to the whole
    if fault:
        raise fault


def _fault(reference: str, kind: str, target: str) -> Refused | None:
    """Why nothing can begin so."""
    if not _REFERENCE.fullmatch(reference):
        return Refused(replies.BAD_REFERENCE, reference=reference)
    if kind != MULTILINE:
        return Refused(replies.UNKNOWN_BATCH, reference=reference, kind=kind)
    if not target:
        return Refused(replies.BAD_BATCH, wrong=phrases.NO_BATCH_TARGET)
    return None


def _end(ctx: Context, reference: str) -> None:
    connection = ctx.connection
    draft, connection.draft = connection.draft, None
    if draft is None:
        raise Refused(replies.BAD_BATCH, wrong=phrases.NO_SUCH_BATCH)
    if draft.void:
        return
    ctx.label = draft.label
    draft.check(reference, time.monotonic())
    text, breaks = draft.whole()
    kind: Literal["message", "notice"] = "notice" if draft.verb == "NOTICE" else "message"
    speak(ctx, Said(connection.user_id, draft.target, text, kind, draft.tags, breaks))


@hookimpl
def server_commands() -> list[Command]:
    return [batch]

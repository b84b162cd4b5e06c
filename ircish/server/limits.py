"""Limits: the part of the configuration that the chat and the hub are told; not how it is read."""

from __future__ import annotations

from ircish.chat.state import Bounds
from ircish.config import Config


def bounds(config: Config) -> Bounds:
    """The sizes that the rules of the chat enforce."""
    limits = config.limits
    return Bounds(
        nick_length=limits.nick_length,
        channel_length=limits.channel_length,
        channels_per_user=limits.channels_per_user,
        topic_length=limits.topic_length,
        lines=limits.multiline_lines,
        size=limits.multiline_bytes,
        default_channel=config.server.default_channel,
        bans=limits.bans,
        monitored=limits.monitor,
        whowas=limits.whowas,
    )


def remembered(config: Config) -> int:
    """How many of a channel's last messages are held in memory."""
    keep = config.history
    return min(keep.memory, keep.keep_messages or keep.memory)

"""A welcome for who comes into a channel. Nothing is said until ircish.toml has a text:

[plugins.welcome]
text = "Hello {nick}, {channel} is about tea."
channels = ["#tea"]
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from ircish import Joined, Plugin, Refused, Stamped, fold, hookimpl


@dataclass(frozen=True)
class Config:
    """``[plugins.welcome]`` in ircish.toml."""

    text: str
    channels: tuple[str, ...] = ()  # none named: in each


@hookimpl
def server_event(event: Stamped[Joined], plugin: Plugin) -> None:
    config, joined = plugin.config, event.event
    if config.channels and fold(joined.channel) not in map(fold, config.channels):
        return
    # not str.format, which would do whatever somebody writes between { and }
    text = config.text.replace("{channel}", joined.channel).replace("{nick}", event.source.nick)
    with suppress(Refused):  # they have left, or have another nick
        for line in text.splitlines():
            plugin.tell(event.source.nick, line)

"""ircish: a chat server for netcat, IRC clients and its own console client.

What a plugin imports is here; the rest of the package is the server's own.
"""

from typing import TYPE_CHECKING

from ircish.command import Allow, Command, command
from ircish.context import Context
from ircish.errors import Gone, Refused
from ircish.events import (
    AwaySet,
    Event,
    Invited,
    Joined,
    Kicked,
    ModeSet,
    Opered,
    Parted,
    Quit,
    Registered,
    Renamed,
    Said,
    Stamped,
    TopicSet,
)
from ircish.hookspecs import hookimpl
from ircish.parameters import Between, Channel, Duration, Nick, Rest, spelt
from ircish.text import printable

if TYPE_CHECKING:
    from ircish.chat.masks import matches
    from ircish.chat.names import fold
    from ircish.client.client import Client
    from ircish.client.command import Mistake, SlashCommand, slash_command
    from ircish.client.log import Entry
    from ircish.client.session import Session
    from ircish.plugin import Plugin
    from ircish.server.snapshots import Person
    from ircish.storage import StorageError, StorageFull
    from ircish.worker import Timer, TooManyTimers

    __version__: str
else:
    _WHERE = {
        "Client": "client.client",
        "Entry": "client.log",
        "Mistake": "client.command",
        "Person": "server.snapshots",
        "Plugin": "plugin",
        "Session": "client.session",
        "SlashCommand": "client.command",
        "StorageError": "storage",
        "StorageFull": "storage",
        "Timer": "worker",
        "TooManyTimers": "worker",
        "fold": "chat.names",
        "matches": "chat.masks",
        "slash_command": "client.command",
    }

    def __getattr__(name: str) -> object:
        """What is not needed by everyone, when it is asked for: to import it takes time. So does
        to look up ``__version__``, 30 ms."""
        if name in _WHERE:
            from importlib import import_module

            found = getattr(import_module(f"ircish.{_WHERE[name]}"), name)
        elif name == "__version__":
            from importlib.metadata import PackageNotFoundError, version

            try:
                found = version("ircish")
            except PackageNotFoundError:  # a bare checkout
                found = "0.1.0"
        else:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        globals()[name] = found
        return found


__all__ = [
    "Allow",
    "AwaySet",
    "Between",
    "Channel",
    "Client",
    "Command",
    "Context",
    "Duration",
    "Entry",
    "Event",
    "Gone",
    "Invited",
    "Joined",
    "Kicked",
    "Mistake",
    "ModeSet",
    "Nick",
    "Opered",
    "Parted",
    "Person",
    "Plugin",
    "Quit",
    "Refused",
    "Registered",
    "Renamed",
    "Rest",
    "Said",
    "Session",
    "SlashCommand",
    "Stamped",
    "StorageError",
    "StorageFull",
    "Timer",
    "TooManyTimers",
    "TopicSet",
    "__version__",
    "command",
    "fold",
    "hookimpl",
    "matches",
    "printable",
    "slash_command",
    "spelt",
]

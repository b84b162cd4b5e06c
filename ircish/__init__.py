"""ircish: a chat server for netcat, IRC clients and its own console client.

What a plugin imports is here; the rest of the package is the server's own.
"""

from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as _version

from ircish.command import Allow, Channel, Command, Nick, Rest, command
from ircish.context import Context
from ircish.errors import Gone, Refused
from ircish.events import Event, Stamped
from ircish.hookspecs import hookimpl

try:
    __version__ = _version("ircish")
except PackageNotFoundError:  # a bare checkout
    __version__ = "0.1.0"

__all__ = [
    "Allow",
    "Channel",
    "Command",
    "Context",
    "Event",
    "Gone",
    "Nick",
    "Refused",
    "Rest",
    "Stamped",
    "__version__",
    "command",
    "hookimpl",
]

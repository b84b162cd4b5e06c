"""ircish: a chat server for netcat, IRC clients and its own console client.

What a plugin imports is here; the rest of the package is the server's own.
"""

from typing import TYPE_CHECKING

from ircish.command import Allow, Channel, Command, Nick, Rest, command
from ircish.context import Context
from ircish.errors import Gone, Refused
from ircish.events import Event, Stamped
from ircish.hookspecs import hookimpl

if TYPE_CHECKING:
    __version__: str
else:

    def __getattr__(name: str) -> str:
        """``__version__``, when it is asked for: to look it up costs 30 ms."""
        if name != "__version__":
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib.metadata import PackageNotFoundError, version

        try:
            found = version("ircish")
        except PackageNotFoundError:  # a bare checkout
            found = "0.1.0"
        globals()["__version__"] = found
        return found


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

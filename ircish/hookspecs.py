"""Every hook of the server, one line each: what a plugin can take part in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    from ircish.command import Command
    from ircish.events import Event, Stamped
    from ircish.server.server import Server
    from ircish.server.snapshots import Person

hookspec = pluggy.HookspecMarker("ircish")
hookimpl = pluggy.HookimplMarker("ircish")


@hookspec
def server_commands() -> Sequence[Command]:  # type: ignore[empty-body]
    """The commands that this plugin adds; asked once, when it is loaded."""


@hookspec
def server_started(server: Server) -> None:
    """The server listens."""


@hookspec
def server_stopping(server: Server) -> None:
    """The server is about to end."""


@hookspec(firstresult=True)
def server_refuse(user: Person, event: Event) -> str | None:
    """A reason to refuse what ``user`` is about to do, or None. Asked in the user's own thread."""


@hookspec
def server_event(event: Stamped) -> None:
    """Something has happened. Told in order, in a thread of the plugin's own."""

"""Every hook, one line each: what a plugin can take part in, in the server (``server_``) and in our
client (``client_``), where all of them are called in its one thread and so must not wait.

An implementation names the arguments that it wants, in any order; ``plugin`` is the plugin itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    from rich.console import RenderableType

    from ircish.client.command import SlashCommand
    from ircish.client.events import ClientEvent
    from ircish.client.log import Entry
    from ircish.client.session import Session
    from ircish.command import Command
    from ircish.events import Event, Stamped
    from ircish.plugin import Plugin
    from ircish.server.server import Server
    from ircish.server.snapshots import Person

hookspec = pluggy.HookspecMarker("ircish")
hookimpl = pluggy.HookimplMarker("ircish")

# In the server ------------------------------------------------------------------------------------


@hookspec
def server_commands() -> Sequence[Command]:  # type: ignore[empty-body]
    """The commands that this plugin adds; asked once, when it is loaded."""


@hookspec
def server_started(server: Server, plugin: Plugin) -> None:
    """The server listens, or the plugin was loaded while it does: the time to set timers."""


@hookspec
def server_stopping(server: Server, plugin: Plugin) -> None:
    """The server is about to end."""


@hookspec(firstresult=True)
def server_refuse(user: Person, event: Event, plugin: Plugin) -> str | None:
    """A reason to refuse what ``user`` is about to do, or None. Asked in the user's own thread."""


@hookspec
def server_event(event: Stamped, plugin: Plugin) -> None:
    """Something has happened. Told in order, in a thread of the plugin's own."""


# In the client ------------------------------------------------------------------------------------


@hookspec
def client_commands() -> Sequence[SlashCommand]:  # type: ignore[empty-body]
    """The slash-commands that only the client needs; asked once, when the plugin is loaded."""


@hookspec
def client_started(session: Session) -> None:
    """A server has let us in; told anew for each connection, which has a Session of its own."""


@hookspec
def client_event(event: ClientEvent, session: Session) -> None:
    """The server has told something. Told in order, before it is shown."""


@hookspec(firstresult=True)
def client_render(event: Entry) -> RenderableType | None:
    """What to show for a line of a window (``event`` is that line, an Entry), or None: as usual."""


@hookspec(firstresult=True)
def client_typed(text: str) -> str | None:
    """What to take for what was typed, or None."""


@hookspec
def client_complete(word: str, session: Session | None) -> Sequence[str]:  # type: ignore[empty-body]
    """What the word before the cursor could become; ``session`` is None before there is one."""

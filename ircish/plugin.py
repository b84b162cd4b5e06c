"""Plugin: one plugin that is loaded, and what it is given: storage, timers, configuration, a voice.

A hook gets it by naming an argument ``plugin``; a command's Context has the same things.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ircish.events import SERVER, Event, Said, Stamped
from ircish.hooks import Implementation
from ircish.log import logger
from ircish.tally import Tally
from ircish.worker import LINGER, Timer, Worker

if TYPE_CHECKING:
    from ircish.command import Command
    from ircish.server.server import Server
    from ircish.server.snapshots import Person
    from ircish.storage import Storage


class Plugin:
    """One plugin. All of it may be used from any thread."""

    def __init__(
        self,
        name: str,
        module: Any,
        origin: str,
        hooks: Mapping[str, Implementation],
        *,
        config: Any,
        clock: Callable[[], float],
        guard: Callable[[Plugin, str, Callable[[], object]], None],
        threads: str = "plugin",
        linger: float = LINGER,
        needs: str = "",
    ) -> None:
        """``origin`` is where it came from: ``built in``, a package or a file's path. ``guard``
        makes a call in its name; ``clock`` is in seconds, monotonic."""
        self.name = name
        self.module = module
        self.origin = origin
        self.hooks = hooks
        self.config = config
        """Its ``Config``, made of ``[plugins.NAME]``; where it declares none, that table."""
        self.needs = needs
        """The settings without which it takes part in nothing, as ``[plugins.welcome] text``; ""
        where it has all."""
        self.commands: tuple[Command, ...] = ()
        self.tallies: dict[str, Tally] = {}
        """How its commands and hooks do, by verb and by name."""
        self.server: Server
        self.worker = Worker(
            f"{threads} {name}",
            lambda event: self.call("server_event", event=event),
            lambda what, call: guard(self, what, call),
            clock,
            linger,
        )
        """Its thread, which begins when it has been told that the server listens."""
        self._clock = clock
        self._storage: Storage | None = None

    def __repr__(self) -> str:
        return f"<plugin {self.name}>"

    # What it is given ---------------------------------------------------------------------------

    @property
    def log(self) -> logging.Logger:
        """The log, under its name."""
        return logger(f"ircish.plugin.{self.name}")

    @property
    def storage(self) -> Storage:
        """What it keeps from one run to the next: a mapping of str to what JSON can hold."""
        if self._storage is None:
            self._storage = self.server.store.of(self.name)
        return self._storage

    def after(self, seconds: float, call: Callable[[], object]) -> Timer:
        """Call back once, in so many seconds, in the plugin's own thread; never after it was
        unloaded or the server has ended. Raises TooManyTimers."""
        return self.worker.after(seconds, call)

    def every(self, seconds: float, call: Callable[[], object]) -> Timer:
        """Call back again and again, every so many seconds (0.1 at least). Raises TooManyTimers."""
        return self.worker.every(seconds, call)

    def announce(self, channel: str, text: str) -> None:
        """Tell a channel something in the server's name. Raises Refused where there is none."""
        self.publish(Said(SERVER, channel, text, "notice"))

    def tell(self, nick: str, text: str) -> None:
        """Tell one person something in the server's name. Raises Refused where nobody is called
        that."""
        self.publish(Said(SERVER, nick, text, "notice"))

    def users(self) -> list[Person]:
        """Everyone on the server."""
        return self.server.snapshots.people()

    def members(self, channel: str) -> list[Person]:
        """Who is in a channel. Raises Refused where there is none."""
        return self.server.snapshots.members(channel)

    def publish(self, event: Event) -> Stamped:
        """Let something happen, by nobody's command. Raises Refused where it may not."""
        return self.server.hub.publish(event)

    # For the manager ----------------------------------------------------------------------------

    def tally(self, what: str) -> Tally:
        """That of a command or hook."""
        return self.tallies.get(what) or self.tallies.setdefault(what, Tally(self._clock))

    def begin(self) -> None:
        """The server listens, and it has been told: events and timers may come."""
        self.worker.begin(tells="server_event" in self.hooks)

    def owns(self, file: str) -> bool:
        """Whether a file is its own: its module's, or one of its package's."""
        own = getattr(self.module, "__file__", None) or ""
        if hasattr(self.module, "__path__"):
            return file.startswith(str(Path(own).parent) + os.sep)
        return file == own

    def call(self, hook: str, **arguments: Any) -> Any:
        """What its implementation of a hook returns; whatever it raises is raised."""
        arguments["plugin"] = self
        implementation = self.hooks[hook]
        return implementation.function(*[arguments[name] for name in implementation.takes])

    def renew_storage(self) -> None:
        """What a thread of the plugin's former self holds on to, or changes, is not this one's."""
        self._storage = self.server.store.anew(self.name)

"""Calling what plugins take part in: one implementation at a time, each fault its own plugin's;
what hangs or fails for several people is switched off. Where plugins come from is pluginmanager's.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from ircish.errors import Gone, Refused
from ircish.events import Event, Stamped
from ircish.log import logger
from ircish.plugin import Plugin
from ircish.stuck import Stuck, TakenOver
from ircish.wire import one_line

if TYPE_CHECKING:
    from ircish.server.server import Server
    from ircish.server.snapshots import Person
    from ircish.server.watching import GivenUp

Watched = Callable[[Plugin, str, Callable[[], Any]], Any]
"""Makes a plugin's call for somebody who does not wait for ever."""

KINDS = tuple(Event.__subclasses__())
"""Of what can happen."""

NOTIFYING = 1.0
"""Seconds for all plugins together to be told that the server starts or stops."""

ASKED = 5
"""So often is a thread that hangs asked to end, each time that they are looked at."""

log = logger("ircish.plugins")


class PluginCalls:
    """The calls of one server's plugins. All of it may be used from any thread."""

    def __init__(self, threads: str) -> None:
        """``threads`` begins the names of its threads."""
        self.plugins: Mapping[str, Plugin] = {}
        """By name, those that ship with ircish first. Never changed: a new one replaces it."""
        self._threads = threads
        self._server: Server | None = None
        self._hooks: Mapping[str, tuple[Plugin, ...]] = {}
        self._lock = threading.RLock()  # guards all that is replaced; nothing waits under it
        self._stuck: list[Stuck] = []
        self._leaving: list[Plugin] = []
        """Taken out, but still at a call."""

    def notify(self, hook: str) -> None:
        """Tell every plugin, one after the other; the fault of one is its own. All together are
        waited for no longer than NOTIFYING: one that hangs keeps nobody from coming or going."""
        deadline = time.monotonic() + NOTIFYING
        for plugin in self._hooks.get(hook, ()):
            call = partial(plugin.call, hook, server=self._server)
            telling = threading.Thread(
                target=self._guarded, args=(plugin, hook, call), name=self._threads, daemon=True
            )
            telling.start()
            telling.join(max(0.0, deadline - time.monotonic()))
            if telling.is_alive():
                log.error("plugin %s: %s takes long and is not waited for", plugin.name, hook)

    def refuses(self) -> bool:
        """Whether any plugin wants to be asked before something happens."""
        return "server_refuse" in self._hooks

    def refusal(self, user: Person, event: Event, watched: Watched) -> str | None:
        """The first reason that a plugin gives; a fault counts as none. Raises Gone, TakenOver."""
        for plugin in self._hooks.get("server_refuse", ()):
            if plugin.tally("server_refuse").off:
                continue
            call = partial(plugin.call, "server_refuse", user=user, event=event)
            try:
                reason = watched(plugin, "server_refuse", call)
                if reason is None:
                    continue
                if isinstance(reason, str) and one_line(reason):
                    reason.encode()
                    return reason
                raise TypeError(f"it gave {reason!r}; a reason is one line of text")
            except (Gone, TakenOver):
                raise
            except BaseException:
                self.fault(plugin, "server_refuse", user.id)
        return None

    def observers(self) -> Mapping[type[Event], tuple[Callable[[Stamped], None], ...]]:
        """What to call with each kind of event, in order: it queues and returns."""
        told: dict[type[Event], list[Callable[[Stamped], None]]] = {kind: [] for kind in KINDS}
        for plugin in self._hooks.get("server_event", ()):
            for kind in plugin.hooks["server_event"].events or KINDS:
                told.setdefault(kind, []).append(plugin.worker.give)
        return {kind: tuple(those) for kind, those in told.items() if those}

    # Faults -------------------------------------------------------------------------------------

    def _guarded(self, plugin: Plugin, what: str, call: Callable[[], object]) -> None:
        """Make a call that nobody waits for: whatever it raises is logged and goes no further."""
        tally = plugin.tally(what)
        if tally.off:
            return
        began = time.monotonic()
        try:
            call()
        except Refused as refused:  # nobody is there to be told
            log.warning("plugin %s: %s was refused: %s", plugin.name, what, refused.logged)
        except Gone:  # the server stops
            log.debug("plugin %s: %s came too late", plugin.name, what)
        except BaseException:
            self.fault(plugin, what, None)
        finally:
            tally.ran(time.monotonic() - began)

    def fault(self, plugin: Plugin, what: str, caller: int | None) -> None:
        """Log the exception being handled as a plugin's, and switch off what has failed for
        several people."""
        log.exception("plugin %s: %s failed", plugin.name, what)
        if plugin.tally(what).fault(caller):
            self._switched_off(plugin, what, "it failed again and again")

    def stuck_in(self, plugin: Plugin) -> list[Stuck]:
        """Threads that hang in a plugin; the lock is held."""
        return [each for each in self._stuck if each.plugin is plugin and not each.over]

    def gave_up(self, given_up: GivenUp, caller: int) -> None:
        """A command or hook did not come back to its caller: see that its thread ends, if it can,
        and switch off what does so often."""
        plugin, what = given_up.call.plugin, given_up.call.what
        log.error("plugin %s: %s does not come back: %s", plugin.name, what, given_up.where())
        with self._lock:
            self._stuck.append(given_up)
            tally = plugin.tally(what)
            tally.stuck = sum(each.what == what for each in self.stuck_in(plugin))
        if tally.fault(caller):
            self._switched_off(plugin, what, "it does not come back")

    def _switched_off(self, plugin: Plugin, what: str, why: str) -> None:
        """Say that something of a plugin is not called any more."""
        text = f"{what} of plugin {plugin.name} is switched off: {why}."
        self._tell(f"{text} PLUGIN load {plugin.name} brings it back.")

    def _tell(self, text: str) -> None:
        if self._server:
            self._server.alarm(text)
        else:
            log.error("%s", text)

    def watch(self, seconds: float) -> bool:
        """Give up workers that are at one call for longer than ``seconds``, and ask threads that
        hang to end; whether there are any."""
        for plugin in [*self.plugins.values(), *self._leaving]:
            worker = plugin.worker
            if worker.hangs(seconds) and not worker.given_up:
                stuck = worker.give_up(plugin)
                why = f"a call takes longer than {seconds:g} s ({stuck.where()})"
                with self._lock:
                    self._stuck.append(stuck)
                self._switched_off(plugin, "server_event and timers", why)
            elif missed := worker.missed:
                worker.missed = 0
                if not worker.given_up:
                    log.error("plugin %s: %d events were not told to it", plugin.name, missed)
        with self._lock:
            self._leaving = [each for each in self._leaving if each.worker.alive]
            self._stuck = stuck_still = [each for each in self._stuck if not each.over]
        for each in stuck_still:
            for _ in range(ASKED):
                each.ask()
                time.sleep(0)
        return bool(stuck_still)

"""Plugins: found, loaded, exchanged and taken out. pluggy declares, a dict dispatches: what a hook
consists of is collected at load. How they are called, and kept from harming anyone: plugincalls."""

from __future__ import annotations

import difflib
import functools
import importlib
import pkgutil
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar

from ircish import plugin_config
from ircish.command import Command, CommandTable, Taken
from ircish.config import ConfigError
from ircish.hooks import HookError, implementations
from ircish.log import logger
from ircish.plugin import Plugin
from ircish.plugincalls import PluginCalls
from ircish.pluginfiles import Source, all_sources, forget
from ircish.stuck import Exits, TooLong, within
from ircish.worker import LINGER

if TYPE_CHECKING:
    from ircish.server.server import Server

T = TypeVar("T")

Examine = Callable[[Source], list[str]]
"""Runs a plugin's examples, and gives what is wrong, a sentence each."""

BUILT_IN = "built in"

log = logger("ircish.plugins")


class NotLoaded(Exception):
    """Why a plugin is not loaded: one sentence."""


class PluginManager(PluginCalls):
    """The plugins of one server. All of it may be used from any thread.

    A plugin's code is run in a thread of its own while it is loaded, with no lock held and for
    ``patience`` at most: only to put it in takes the lock, and no time.
    """

    def __init__(
        self,
        *,
        directories: Iterable[Path] = (),
        without: Collection[str] = (),
        tables: Mapping[str, Mapping[str, Any]] = MappingProxyType({}),
        clock: Callable[[], float] = time.monotonic,
        examine: Examine | None = None,
        patience: float = 10.0,
        threads: str = "plugin",
        linger: float = LINGER,
    ) -> None:
        """``tables`` are the plugins' own settings; ``examine`` tries each that is loaded (None:
        no examples are run). ``patience``, in seconds, is for
        its import, its hooks and its ``server_started``. ``threads`` begins its threads' names,
        ``linger`` is how long they wait between two looks at what has happened."""
        super().__init__(threads)
        self.table = CommandTable()
        self.failed: Mapping[str, str] = {}
        """Those that could not be loaded, and why. Never changed either."""
        self._directories = tuple(directories)
        self._without = frozenset(without)
        self._tables = tables
        self._clock = clock
        self._examine = examine
        self._patience = patience
        self._linger = linger
        self._started = False

    def configure(
        self, tables: Mapping[str, Mapping[str, Any]], examine: Examine, patience: float
    ) -> None:
        """Other settings, for what is loaded or reloaded from now on."""
        self._tables, self._examine, self._patience = tables, examine, patience

    @property
    def names(self) -> list[str]:
        """The plugins that are loaded."""
        return list(self.plugins)

    # The server ---------------------------------------------------------------------------------

    def attach(self, server: Server) -> None:
        """The server whose plugins they are."""
        self._server = server
        for plugin in self.plugins.values():
            plugin.server = server

    def started(self) -> None:
        """Tell every plugin that the server listens."""
        with self._lock:
            self._started = True
            plugins = self.plugins
        self.notify("server_started")
        for plugin in plugins.values():
            plugin.begin()

    def stop(self) -> None:
        """End the plugins' threads and timers."""
        for plugin in self.plugins.values():
            plugin.worker.stop()
            forget(plugin.module)

    # Loading ------------------------------------------------------------------------------------

    def load_builtin(self) -> None:
        """The commands that the protocol promises: failing to load here is fatal."""
        package = importlib.import_module("ircish.commands")
        for info in pkgutil.iter_modules(package.__path__):
            module = importlib.import_module(f"ircish.commands.{info.name}")
            self.register(info.name, module, BUILT_IN)

    def load_all(self, examine: Examine | None = None) -> None:
        """The bundled plugins, those in the directories and installed ones. A broken one is logged
        and left out: it never keeps the server from starting. ``examine`` tries all of them."""
        for source in all_sources(self._directories, self._without):
            try:
                self.load(source, examine)
            except NotLoaded as problem:
                log.error("plugin %s is not loaded: %s", source.name, problem)
        self._name_unknown()

    def _name_unknown(self) -> None:
        """Settings of a plugin that is not there, and one to leave out that is not: misspelt."""
        named = {*self._tables, *self._without}
        if not named:
            return
        there = {source.name for source in all_sources(self._directories, ())}
        for name in sorted(named - there):
            near = difflib.get_close_matches(name, there, 1)
            hint = f"; did you mean {near[0]}?" if near else ""
            log.warning("the configuration names a plugin %s, which is not there%s", name, hint)

    def find(self, name: str) -> Source | None:
        """Where a plugin of this name is: where it was loaded from, if it was."""
        loaded = self.plugins.get(name)
        for without in (self._without, ()):
            for source in all_sources(self._directories, without):
                if source.name == name and (loaded is None or loaded.origin == source.origin):
                    return source
        return None

    def load(self, source: Source, examine: Examine | None = None) -> Plugin:
        """Load a plugin, or put a newer one in its place. Raises NotLoaded, and leaves all as it
        was."""
        try:
            plugin = self._limited(
                lambda: self._made(source.name, source.load(), source.origin),
                lambda file: file == source.origin,
            )
            try:
                self._load(plugin, source, examine or self._examine)
            except BaseException:
                self._forget(plugin)
                raise
        except Exception as error:
            why = _said(error)
            self._fails(source.name, why)
            if not isinstance(error, EXPECTED):
                log.debug("plugin %s", source.name, exc_info=error)
            raise NotLoaded(why) from error
        self._fails(source.name, None)
        return plugin

    def _load(self, plugin: Plugin, source: Source, examine: Examine | None) -> None:
        self._with(plugin)
        if examine and any(command.examples for command in plugin.commands):
            problems = examine(source)
            if problems:
                raise NotLoaded(" ".join(problems))
        self._put_in(plugin)

    def _fails(self, name: str, why: str | None) -> None:
        with self._lock:
            others = {each: said for each, said in self.failed.items() if each != name}
            self.failed = {**others, name: why} if why else others

    def _limited(self, call: Callable[[], T], owns: Callable[[str], bool]) -> T:
        """What a plugin's call gives, in a thread of its own. Raises NotLoaded where that takes too
        long, and whatever it raises."""
        try:
            return within(self._patience, call, owns, f"{self._threads}: loading")
        except TooLong as problem:
            with self._lock:
                self._stuck.append(problem.stuck)
            raise NotLoaded(f"{problem}.") from problem

    def register(self, name: str, module: Any, origin: str) -> Plugin:
        """Make a plugin of a module and put it in, in the place of the one of that name; or raise,
        and change nothing."""
        plugin = self._made(name, module, origin)
        self._put_in(plugin)
        return plugin

    def _made(self, name: str, module: Any, origin: str) -> Plugin:
        hooks = (_built_in if origin == BUILT_IN else implementations)(module, "server")
        if origin != BUILT_IN and not hooks and not implementations(module, "client"):
            raise NotLoaded("it has no hook: nothing in it is marked with @hookimpl")
        declared, table = getattr(module, "Config", None), self._tables.get(name)
        needs = "" if table is not None else plugin_config.needs(name, declared)
        plugin = Plugin(
            name,
            module,
            origin,
            {} if needs else hooks,
            config=None if needs else plugin_config.read(name, table or {}, declared),
            clock=self._clock,
            guard=self._guarded,
            threads=self._threads,
            linger=self._linger,
            needs=needs,
        )
        if self._server:
            plugin.server = self._server
        plugin.commands = tuple(self._commands(plugin))
        return plugin

    def _commands(self, plugin: Plugin) -> Iterable[Command]:
        if "server_commands" not in plugin.hooks:
            return
        for each in plugin.call("server_commands"):
            if not isinstance(each, Command):
                raise NotLoaded(f"server_commands gave {each!r}, which is no @command")
            built_in = plugin.origin == BUILT_IN
            yield each.of(plugin, None if built_in else plugin.tally(each.verb))

    # Putting in and taking out ------------------------------------------------------------------

    def _with(self, plugin: Plugin) -> tuple[Mapping[str, Plugin], CommandTable]:
        """All plugins with a new one, and their commands. Raises NotLoaded and Taken."""
        old = self.plugins.get(plugin.name)
        if old and old.origin != plugin.origin:
            raise NotLoaded(
                f"there is a plugin {plugin.name} already, from {old.origin}; rename this one "
                f"({plugin.origin}), or leave out the other: --without {plugin.name}"
            )
        plugins = {**self.plugins, plugin.name: plugin}
        return plugins, CommandTable([one for each in plugins.values() for one in each.commands])

    def _put_in(self, plugin: Plugin) -> None:
        """In the place of the one before, if there is one. Raises NotLoaded and Taken."""
        with self._lock:
            old = self.plugins.get(plugin.name)
            self._replace(*self._with(plugin), old, plugin)
            started = self._started
        if started:
            self._start(plugin, old)

    def _replace(
        self,
        plugins: Mapping[str, Plugin],
        table: CommandTable,
        old: Plugin | None,
        new: Plugin | None,
    ) -> None:
        """Let these be the plugins, in one step; the lock is held. Events that the old one was not
        told yet are the new one's."""
        hooks: dict[str, list[Plugin]] = {}
        for plugin in plugins.values():
            for hook in plugin.hooks:
                hooks.setdefault(hook, []).append(plugin)
        for hook, those in hooks.items():
            those.sort(key=lambda each: each.hooks[hook].order)
        self.plugins, self.table = plugins, table
        self._hooks = {hook: tuple(those) for hook, those in hooks.items()}
        if self._server:
            with self._server.hub.lock:
                self._hand_over(old, new)
                self._server.hub.observers = self.observers()
            self._server.replace_commands(table)
        if old:
            self._forget(old)

    def _hand_over(self, old: Plugin | None, new: Plugin | None) -> None:
        events = old.worker.stop() if old else []
        if old and new:
            if self.stuck_in(old):
                new.renew_storage()
            if hook := new.hooks.get("server_event"):
                for event in events:
                    if hook.events is None or isinstance(event.event, hook.events):
                        new.worker.give(event)

    def _start(self, plugin: Plugin, old: Plugin | None) -> None:
        """Tell a plugin that came late that the server listens; the old one comes back where it
        fails. Raises NotLoaded."""
        try:
            if "server_started" in plugin.hooks:
                call = partial(plugin.call, "server_started", server=self._server)
                self._limited(call, plugin.owns)
        except Exception as error:
            log.exception("plugin %s: server_started failed", plugin.name)
            why = f"its server_started failed: {_said(error)}"
            raise NotLoaded(why + self._bring_back(plugin, old)) from error
        plugin.begin()

    def _bring_back(self, plugin: Plugin, old: Plugin | None) -> str:
        """Put the old one in the place of one that did not start; a sentence on it."""
        again = None
        if old:
            again = self._limited(lambda: self._made(old.name, old.module, old.origin), old.owns)
        with self._lock:
            if self.plugins.get(plugin.name) is not plugin:
                return ""  # somebody else was faster
            if again is None:
                self._take_out(plugin)
                return ""
            self._replace(*self._with(again), plugin, again)
        self._start(again, None)
        return " The one before is loaded again."

    def unload(self, name: str) -> None:
        """Take a plugin out; its storage stays. Raises KeyError, or NotLoaded for one that is
        built in."""
        with self._lock:
            plugin = self.plugins[name]
            if plugin.origin == BUILT_IN:
                raise NotLoaded(f"{name} is built in and cannot be taken out")
            self._take_out(plugin)

    def _take_out(self, plugin: Plugin) -> None:
        left = {name: each for name, each in self.plugins.items() if each is not plugin}
        table = CommandTable([command for each in left.values() for command in each.commands])
        self._replace(left, table, plugin, None)

    def _forget(self, plugin: Plugin) -> None:
        plugin.worker.stop()
        if plugin.worker.alive:
            with self._lock:
                self._leaving.append(plugin)
        forget(plugin.module)


_built_in = functools.cache(implementations)  # these modules never change

EXPECTED = (NotLoaded, Taken, HookError, ConfigError, TypeError, Exits)
"""What says by itself what is wrong with a plugin."""


def _said(error: BaseException) -> str:
    """An error as a sentence."""
    text = " ".join(str(error).split()) or type(error).__name__
    if not isinstance(error, EXPECTED):
        text = f"{type(error).__name__}: {text}"
    return text if text.endswith(".") else f"{text}."

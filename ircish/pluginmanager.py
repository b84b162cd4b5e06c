"""Plugins: found, loaded, and kept from harming anyone. pluggy declares, a dict dispatches.

Each implementation is called by itself and its fault caught, because pluggy lets one that raises
stop the rest.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import importlib.metadata
import importlib.util
import logging
import pkgutil
import queue
import sys
import threading
import time
import tomllib
from collections.abc import Callable, Collection, Iterable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pluggy

from ircish import hookspecs
from ircish.command import Command, CommandTable, Taken

EVENTS_WAITING = 10_000
"""Events that may wait for a plugin's ``server_event``; those beyond are not told to it."""

NOTIFYING = 1.0
"""Seconds for all plugins together to be told that the server starts or stops."""

ENTRY_POINTS = "ircish.plugins"

log = logging.getLogger("ircish.plugins")


class PluginManager:
    """The plugins of one server."""

    def __init__(self) -> None:
        self._pluggy = pluggy.PluginManager("ircish")
        self._pluggy.add_hookspecs(hookspecs)
        self._commands: list[Command] = []
        self._observers: dict[str, Observer] = {}
        self.table = CommandTable()
        self._refuses = False

    @property
    def names(self) -> list[str]:
        """The plugins that are loaded, those that ship with ircish first."""
        return [name for name, _ in self._pluggy.list_name_plugin()]

    # Loading -------------------------------------------------------------------------------------

    def load_builtin(self) -> None:
        """The commands that the protocol promises: failing to load here is fatal."""
        package = importlib.import_module("ircish.commands")
        for info in pkgutil.iter_modules(package.__path__):
            self.register(info.name, importlib.import_module(f"ircish.commands.{info.name}"))

    def load_all(self, directories: Iterable[Path], without: Collection[str]) -> None:
        """The bundled plugins, installed ones, and those in ``directories``. A broken one is
        logged and left out."""
        for path in files(directories, without):
            self.try_load(path.stem, functools.partial(load_file, path))
        for entry in installed(without):
            self.try_load(entry.name, entry.load)

    def try_load(self, name: str, load: Callable[[], Any]) -> bool:
        """Load one plugin; whether it could be. What is wrong is logged under its name."""
        try:
            self.register(name, load())
        except Taken as taken:
            log.error("plugin %s is not loaded: %s", name, taken)
        except BaseException as error:  # SystemExit in a file must not end the server
            if isinstance(error, KeyboardInterrupt):
                raise
            log.exception("plugin %s is not loaded", name)
        else:
            return True
        return False

    def register(self, name: str, plugin: Any) -> None:
        """Add a plugin whole, or raise and add nothing."""
        if name in self.names:
            raise ValueError(f"there is a plugin {name} already")
        try:
            self._pluggy.register(plugin, name=name)
            self._check_hooks(plugin)
            commands = []
            if hook := getattr(plugin, "server_commands", None):
                for each in hook():
                    if not isinstance(each, Command):
                        raise TypeError(f"server_commands gave {each!r}, which is no @command")
                    commands.append(each.of(name))
            self.table = CommandTable([*self._commands, *commands])
            self._commands += commands
        except BaseException:
            if self._pluggy.is_registered(plugin):
                self._pluggy.unregister(plugin)
            raise
        self._refuses = bool(self._pluggy.hook.server_refuse.get_hookimpls())
        for each in self._pluggy.hook.server_event.get_hookimpls():
            if each.plugin is plugin:
                observe = functools.partial(_observe, each)
                self._observers[name] = Observer(name, observe)

    def _check_hooks(self, plugin: Any) -> None:
        """A hook's name misspelt passes silently with pluggy until it is asked, and a hook
        without its mark always."""
        self._pluggy.check_pending()
        for hook in vars(hookspecs):
            function = getattr(plugin, hook, None)
            unmarked = not self._pluggy.parse_hookimpl_opts(plugin, hook)
            if hook.startswith("server_") and callable(function) and unmarked:
                raise TypeError(f"{hook} is not marked: write @hookimpl above it")

    # Calling -------------------------------------------------------------------------------------

    def notify(self, hook: str, **arguments: Any) -> None:
        """Tell every plugin, one after the other; the fault of one is its own. All together are
        waited for no longer than NOTIFYING: one that hangs keeps nobody from coming or going."""
        deadline = time.monotonic() + NOTIFYING
        for name, implementation in self._implementations(hook):
            telling = threading.Thread(
                target=self._tell, args=(name, hook, implementation, arguments), daemon=True
            )
            telling.start()
            telling.join(max(0.0, deadline - time.monotonic()))
            if telling.is_alive():
                log.error("plugin %s: %s takes long and is not waited for", name, hook)

    def _tell(self, name: str, hook: str, implementation: Any, arguments: dict[str, Any]) -> None:
        with self.guard(name, hook):
            _call(implementation, arguments)

    def started(self, server: Any) -> None:
        """Tell every plugin that the server listens."""
        self.notify("server_started", server=server)

    def refuses(self) -> bool:
        """Whether any plugin wants to be asked before something happens."""
        return self._refuses

    def refusal(self, **arguments: Any) -> str | None:
        """The first reason that a plugin gives; a fault counts as none."""
        for name, implementation in self._implementations("server_refuse"):
            with self.guard(name, "server_refuse"):
                if reason := _call(implementation, arguments):
                    return str(reason)
        return None

    def observers(self) -> tuple[Callable[[Any], None], ...]:
        """What to call with every event, in order: it queues and returns."""
        return tuple(observer.tell for observer in self._observers.values())

    def stop(self) -> None:
        """End the observers' threads."""
        for observer in self._observers.values():
            observer.stop()

    def _implementations(self, hook: str) -> Iterator[tuple[str, Any]]:
        for implementation in reversed(getattr(self._pluggy.hook, hook).get_hookimpls()):
            yield implementation.plugin_name, implementation

    @contextlib.contextmanager
    def guard(self, name: str, what: str) -> Iterator[None]:
        """Whatever is raised inside is logged under a plugin's name and goes no further."""
        try:
            yield
        except BaseException:
            log.exception("plugin %s: %s failed", name, what)


def _call(implementation: Any, arguments: dict[str, Any]) -> Any:
    return implementation.function(*[arguments[name] for name in implementation.argnames])


def _observe(implementation: Any, event: Any) -> None:
    _call(implementation, {"event": event})


class Observer:
    """A plugin's ``server_event``: a bounded queue and a thread, so that one that hangs stops
    only itself."""

    def __init__(self, name: str, observe: Callable[[Any], None]) -> None:
        self._name = name
        self._observe = observe
        self._queue: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._missed = 0
        self._thread = threading.Thread(target=self._run, name=f"plugin {name}", daemon=True)
        self._thread.start()

    def tell(self, event: Any) -> None:
        """Queue an event; called under the hub's lock."""
        if self._queue.qsize() < EVENTS_WAITING:
            self._queue.put(event)
        else:
            self._missed += 1

    def stop(self) -> None:
        """End the thread after what it is doing."""
        self._queue.put(None)

    def _run(self) -> None:
        while (event := self._queue.get()) is not None:
            try:
                self._observe(event)
            except BaseException:
                log.exception("plugin %s: server_event failed", self._name)
            if self._missed:
                log.error("plugin %s: %d events were not told to it", self._name, self._missed)
                self._missed = 0


def files(directories: Iterable[Path], without: Iterable[str]) -> Iterator[Path]:
    """The bundled plugins and those in ``directories``, but for those ``without``."""
    unwanted = {"__init__", *without}
    for directory in (bundled(), *directories):
        for path in sorted(directory.glob("*.py")):
            if path.stem not in unwanted:
                yield path


def installed(without: Iterable[str]) -> Iterator[importlib.metadata.EntryPoint]:
    """The plugins of installed packages, to be loaded one by one: they fail one by one."""
    unwanted = set(without)
    for entry in importlib.metadata.entry_points(group=ENTRY_POINTS):
        if entry.name not in unwanted:
            yield entry


def load_file(path: Path) -> ModuleType:
    """The module in a file, imported under a name of its own."""
    name = f"ircish_plugin_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} is not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def bundled() -> Path:
    """Where the plugins are that ship with ircish: in a checkout beside the package, else in it."""
    package = Path(__file__).parent
    project = package.parent / "pyproject.toml"
    with contextlib.suppress(OSError, ValueError, KeyError):
        if tomllib.loads(project.read_text())["project"]["name"] == "ircish":
            return package.parent / "plugins"
    return package / "plugins"

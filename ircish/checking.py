"""`ircish plugins list` and `check`: what would be loaded and what would not, and why; no flags."""

from __future__ import annotations

import logging
import re
import sys
import traceback
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from ircish.command import Typed
from ircish.config import Config
from ircish.hooks import implementations
from ircish.pluginfiles import bundled, files, of_file
from ircish.pluginmanager import NotLoaded, PluginManager
from ircish.sandbox import Sandbox
from ircish.text import printable

if TYPE_CHECKING:
    from ircish.plugin import Plugin

COLLECTING = ("server_commands", "client_commands")
"""Hooks that are shown by what they give."""

AT_LINE = re.compile(r" \([^()]*, line [0-9]+\)(?=\.$)")
"""What a SyntaxError says of where it is."""


def show(config: Config) -> int:
    """Print the plugins as a server would load them: name, where from, commands and other hooks;
    then those that are not loaded. The exit code: 1 where there are such."""
    from ircish.server.server import loaded

    log = logging.getLogger("ircish")
    log.addHandler(logging.NullHandler())
    log.propagate = False  # what is not loaded is said below
    manager = loaded(config)
    manager.stop()
    rows = []
    failed = {}
    for name, why in manager.failed.items():
        found = manager.find(name)
        failed[f"{name} ({found.origin})" if found else name] = why
    for plugin in manager.plugins.values():
        try:
            rows.append((plugin.name, source(plugin.origin), does(plugin)))
        except NotLoaded as problem:
            failed[f"{plugin.name} ({plugin.origin})"] = str(problem)
    name_width, source_width = (max(len(row[column]) for row in rows) for column in (0, 1))
    for name, origin, what in rows:
        print(printable(f"{name:{name_width}}  {origin:{source_width}}  {what}").rstrip())
    for name, why in failed.items():
        print(printable(f"ircish: {name} is not loaded: {why}"), file=sys.stderr)
    return 1 if failed else 0


def source(origin: str) -> str:
    """Where a plugin comes from: built in, bundled, a file's path, a package."""
    return "bundled" if Path(origin).parent == bundled() else origin


def does(plugin: Plugin) -> str:
    """A plugin's commands and other hooks: ``KARMA; server_event``. Raises NotLoaded."""
    if plugin.needs:
        return f"not configured: needs {plugin.needs}"
    hooks = [*plugin.hooks, *implementations(plugin.module, "client")]
    others = [hook for hook in hooks if hook not in COLLECTING]
    return "; ".join(filter(None, [" ".join(verbs(plugin)), " ".join(others)]))


def verbs(plugin: Plugin) -> list[str]:
    """What a plugin's commands are called; in the client they have a slash. Raises NotLoaded where
    the client could not have its commands."""
    found = [each.verb for each in plugin.commands]
    if "client_commands" in implementations(plugin.module, "client"):
        from ircish.client.command import SlashCommand

        try:
            commands = list(plugin.module.client_commands())
        except Exception as error:
            raise NotLoaded(f"client_commands failed: {type(error).__name__}: {error}.") from error
        for each in commands:
            if not isinstance(each, SlashCommand):
                raise NotLoaded(f"client_commands gave {each!r}, which is no @slash_command.")
            found.append(each.verb)
    return list(dict.fromkeys(found))


def check(paths: Sequence[Path], config: Config) -> int:
    """Load each file as a server would, beside what ships with ircish, and run its examples. Prints
    that it is well, or what is not. The exit code: 1 where something is not."""
    wrong = False
    for path in paths:
        try:
            found = f": ok ({'; '.join(well(path, config))})"
        except Wrong as problem:
            wrong = True
            found = str(problem)
        for line in found.split("\n"):
            print(printable(f"{path}{line}"))
    return 1 if wrong else 0


class Wrong(Exception):
    """What is wrong in a file, in lines: ``:12: sentence``, or ``: sentence`` where the number is
    not known."""


def well(path: Path, config: Config) -> list[str]:
    """What the plugin in a file does, and how many examples it has. Raises Wrong."""
    if not path.is_file():
        raise Wrong(": there is no such file.")
    here = of_file(path.absolute())
    manager = shipped(config.plugins, path)
    try:
        plugin = manager.load(here)
        what = does(plugin)
    except NotLoaded as problem:
        sentence = AT_LINE.sub("", one_line(problem))
        raise Wrong(f"{line(problem, here.origin)}: {sentence}") from problem
    finally:
        manager.stop()
    if plugin.needs:
        return [what]
    if left_out := set(own_verbs(plugin)) - set(verbs(plugin)):
        names = " and ".join(sorted(left_out))
        raise Wrong(f": {names} will not be there: server_commands does not give it.")
    with Sandbox(config.plugins) as sandbox:
        if problems := sandbox.problems(here):
            raise Wrong("\n".join(f": {one_line(problem)}" for problem in problems))
    count = sum(len(each.examples) for each in plugin.commands)
    examples = f"{count} example{'' if count == 1 else 's'}" if plugin.commands else ""
    return [part for part in (what, examples) if part]


def shipped(
    tables: Mapping[str, Mapping[str, Any]] = MappingProxyType({}), but: Path | None = None
) -> PluginManager:
    """The plugins that ship with ircish, loaded, ``but`` for a file."""
    manager = PluginManager(tables=tables)
    manager.load_builtin()
    for path in files((), ()):
        if but is None or not path.samefile(but):
            with suppress(NotLoaded):
                manager.load(of_file(path))
    return manager


def own_verbs(plugin: Plugin) -> list[str]:
    """The commands that stand in a plugin's file, whether they are given to anyone or not."""
    return [each.verb for each in vars(plugin.module).values() if isinstance(each, Typed)]


def line(problem: BaseException, file: str) -> str:
    """``:12``, the line of a file that a problem came from; "" where there is none."""
    cause: BaseException | None = problem
    while cause:
        if isinstance(cause, SyntaxError) and cause.filename == file and cause.lineno:
            return f":{cause.lineno}"
        for frame in reversed(traceback.extract_tb(cause.__traceback__)):
            if frame.filename == file:
                return f":{frame.lineno}"
        cause = cause.__cause__
    return ""


def one_line(problem: object) -> str:
    return " ".join(str(problem).split())

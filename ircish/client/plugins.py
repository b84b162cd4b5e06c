"""Plugins in the client: its hooks, each called by itself, so that one that fails or dawdles is
named, then switched off. What a file is and where there are some is pluginmanager's."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ircish.text import cleaned, printable, shortened

if TYPE_CHECKING:
    from ircish.client.command import SlashCommand
    from ircish.client.events import ClientEvent
    from ircish.client.log import Entry
    from ircish.client.session import Session
    from ircish.client.styling import Row

SLOW, TOO_SLOW = 0.05, 1.0
"""Seconds for one call of a hook: from here on it is named, or switched off at once."""

PATIENCE = 3
"""Faults of a hook, or slow calls, with which it is switched off."""

REMINDING = 60.0
"""Seconds in which a slow hook is named once."""

MOST_WORDS = 100
"""Completions that one plugin may offer at once."""

MOST_SAID = 200
"""Characters of what an error says that are shown; the log has all of it."""

log = logging.getLogger("ircish.client")
log.addHandler(logging.NullHandler())  # or Python would write on the screen


class Wrong(Exception):
    """A hook returned what it should not."""


def log_into(path: Path) -> None:
    """Let the tracebacks of plugins' faults go into a file, made when there is one to write."""
    from ircish.log import plain

    class Formatter(logging.Formatter):
        def format(self, record: logging.LogRecord) -> str:
            return plain(record).rstrip("\n")

    class Handler(logging.FileHandler):
        def handleError(self, record: logging.LogRecord) -> None:
            """A full disk: nowhere to say so."""

    path.parent.mkdir(parents=True, exist_ok=True)
    handler = Handler(path, encoding="utf-8", errors="backslashreplace", delay=True)
    handler.setFormatter(Formatter())
    log.addHandler(handler)
    log.propagate = False


@dataclass(slots=True, eq=False)
class Part:
    """What one plugin does at one hook."""

    plugin: str
    hook: str
    function: Callable[..., Any]
    takes: tuple[int, ...]
    """which of the hook's arguments it wants, by their places"""
    faults: int = 0
    slow: int = 0
    named_at: float | None = None
    """when its slowness was told last"""


class Plugins:
    """The plugins of one client. ``report`` shows a sentence; ``clock`` is in seconds."""

    def __init__(
        self,
        report: Callable[[str], object] = lambda sentence: None,
        *,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.report = report
        self._clock = clock
        self._listeners: tuple[Callable[[ClientEvent], object], ...] = ()
        self._names: tuple[str, ...] = ()
        self._commands: tuple[tuple[str, SlashCommand], ...] = ()
        self._put({})

    def _put(self, parts: Mapping[str, tuple[Part, ...]]) -> None:
        """The parts of each hook, in the order in which they are called."""
        self._parts = parts
        self._started = parts.get("client_started", ())
        self._event = parts.get("client_event", ())
        self._render = parts.get("client_render", ())
        self._typed = parts.get("client_typed", ())
        self._complete = parts.get("client_complete", ())

    @property
    def names(self) -> tuple[str, ...]:
        """The plugins that have a part in the client."""
        return self._names

    def commands(self) -> tuple[tuple[str, SlashCommand], ...]:
        """The plugins' slash-commands, each with the name of its plugin; one plugin's follow each
        other."""
        return self._commands

    # Loading ------------------------------------------------------------------------------------

    def load(
        self, directories: Iterable[Path] | None = None, without: Collection[str] = ()
    ) -> list[str]:
        """Load all there are: the bundled ones, those in ``directories`` (None: ``plugins/`` in the
        user's configuration directory) and installed ones. Returns what could not be loaded, a
        sentence each. It takes long: call it once, when the screen is there, and best in a thread.
        """
        loading = _Loading()
        if directories is None:
            from ircish.pluginfiles import own_directory

            directories = (own_directory(),)
        for name, load in _found(directories, without):
            try:
                loading.add(name, load())
            except KeyboardInterrupt:
                raise
            except BaseException as error:  # SystemExit in a file must not end the client
                log.error("plugin %s is not loaded", name, exc_info=error)
                loading.problems.append(f"Plugin {printable(name)} is not loaded: {said(error)}")
        self._names, self._commands = tuple(loading.names), tuple(loading.commands)
        self._put(loading.parts())
        return loading.problems

    # Calling ------------------------------------------------------------------------------------

    def started(self, session: Session) -> None:
        """A server has let us in."""
        for part in self._started:
            self._call(part, (session,), _anything)

    def event(self, event: ClientEvent, session: Session | None) -> None:
        """The server has told something."""
        for part in self._event:
            self._call(part, (event, session), _anything)
        for listener in self._listeners:
            listener(event)

    def listen(self, listener: Callable[[ClientEvent], object]) -> None:
        """Tell a part of the client's own every event, once the plugins know it."""
        self._listeners = (*self._listeners, listener)

    def typed(self, text: str) -> str:
        """What is to be taken for what was typed."""
        for part in self._typed:
            other: str | None = self._call(part, (text,), _text)
            if other is not None:
                return other
        return text

    def render(self, entry: Entry, draw: Callable[[Any], list[Row]]) -> list[Row] | None:
        """What ``draw`` makes of the Rich renderable that a plugin has for an entry, or None. What
        fails only in drawing is the plugin's fault as well."""
        for part in self._render:
            drawn: list[Row] | None = self._call(part, (entry,), lambda made: _drawn(made, draw))
            if drawn is not None:
                return drawn
        return None

    def complete(self, word: str, session: Session | None) -> list[str]:
        """What the word before the cursor could become."""
        found: dict[str, None] = {}
        for part in self._complete:
            found.update(dict.fromkeys(self._call(part, (word, session), _words) or ()))
        return list(found)

    def _call(
        self, part: Part, arguments: tuple[Any, ...], check: Callable[[Any], Any]
    ) -> Any | None:
        """What a part returns, as ``check`` makes it; None where it fails."""
        begun = self._clock()
        try:
            return check(part.function(*[arguments[place] for place in part.takes]))
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            self._failed(part, error)
            return None
        finally:
            took = self._clock() - begun
            if took > SLOW:
                self._dawdled(part, took)

    def _failed(self, part: Part, error: BaseException) -> None:
        part.faults += 1
        log.error("plugin %s: %s failed", part.plugin, part.hook, exc_info=error)
        sentence = f"Plugin {printable(part.plugin)}: {part.hook} failed: {said(error)}"
        if part.faults >= PATIENCE:
            self._switch_off(part)
            sentence = f"{sentence} It is switched off until the next start."
        self.report(sentence)

    def _dawdled(self, part: Part, took: float) -> None:
        part.slow += 1
        now = self._clock()
        off = (part.slow >= PATIENCE or took > TOO_SLOW) and self._switch_off(part)
        log.warning("plugin %s: %s took %.3f s", part.plugin, part.hook, took)
        if off or part.named_at is None or now - part.named_at >= REMINDING:
            part.named_at = now
            ending = "; it is switched off until the next start." if off else ", and you waited."
            took_ms = f"{took * 1000:.0f} ms"
            self.report(f"Plugin {printable(part.plugin)}: {part.hook} took {took_ms}{ending}")

    def _switch_off(self, part: Part) -> bool:
        """Call it no more; False where that was so already."""
        parts = self._parts.get(part.hook, ())
        left = tuple(each for each in parts if each is not part)
        self._put({**self._parts, part.hook: left})
        return left != parts


# Loading ------------------------------------------------------------------------------------------


def _found(
    directories: Iterable[Path], without: Collection[str]
) -> Iterator[tuple[str, Callable[[], Any]]]:
    """The plugins there are, by name, and what loads them."""
    from ircish import pluginfiles

    for path in pluginfiles.files(directories, without):
        yield path.stem, lambda path=path: _load(path)  # type: ignore[misc]
    for entry in pluginfiles.installed(without):
        yield entry.name, entry.load


def _load(path: Path) -> Any | None:
    """The plugin in a file; None where it is for the server only, which then is not run here."""
    from ircish import pluginfiles

    source = path.read_bytes()
    if b"server_" in source and b"client_" not in source:
        return None
    return pluginfiles.import_file(path)


class _Loading:
    """Plugins on their way in: nothing of one that cannot be loaded stays."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.commands: list[tuple[str, SlashCommand]] = []
        self.problems: list[str] = []
        self._seen: set[str] = set()
        self._parts: dict[str, list[tuple[int, Part]]] = {}

    def add(self, name: str, plugin: Any) -> None:
        """Take in a plugin, or raise."""
        if plugin is None:
            return
        from ircish.hooks import arguments, implementations

        if name in self._seen:
            raise Wrong("there is a plugin of that name already.")
        found = implementations(plugin, "client")
        commands = _commands(plugin)
        self._seen.add(name)
        for hook, each in found.items():
            takes = tuple(arguments(hook).index(argument) for argument in each.takes)
            part = Part(name, hook, each.function, takes)
            self._parts.setdefault(hook, []).insert(0, (each.order, part))
        if found:
            self.names.append(name)
            self.commands += [(name, command) for command in commands]

    def parts(self) -> dict[str, tuple[Part, ...]]:
        """What each hook consists of, in pluggy's order: the last loaded first."""
        return {
            hook: tuple(part for _, part in sorted(those, key=lambda each: each[0]))
            for hook, those in self._parts.items()
        }


def _commands(plugin: Any) -> list[SlashCommand]:
    """What a plugin's client_commands gives. Raises Wrong."""
    collect = getattr(plugin, "client_commands", None)
    if collect is None:
        return []
    from ircish.client.command import SlashCommand

    commands = list(collect())
    for each in commands:
        if not isinstance(each, SlashCommand):
            raise Wrong(f"client_commands gave {_shown(each)}, which is no @slash_command.")
    return commands


# What comes back ----------------------------------------------------------------------------------


def _anything(result: Any) -> None:
    """Nobody looks at it."""


def _text(result: Any) -> str | None:
    """A text that could have been typed; it may have several lines."""
    if result is None:
        return None
    if not isinstance(result, str):
        raise Wrong(f"it gave {_shown(result)}, which is no text.")
    return "\n".join(map(cleaned, result.split("\n")))


def _words(result: Any) -> list[str]:
    """Words that can be put into the line."""
    if result is None:
        return []
    if isinstance(result, str) or not isinstance(result, Iterable):
        raise Wrong(f"it gave {_shown(result)}, which is no list of words.")
    words = list(islice(result, MOST_WORDS))
    for word in words:
        if not isinstance(word, str):
            raise Wrong(f"it gave {_shown(word)} among the words.")
    return [clean for word in words if (clean := printable(word))]


def _drawn(result: Any, draw: Callable[[Any], list[Row]]) -> list[Row] | None:
    if result is None:
        return None
    from rich.protocol import is_renderable
    from rich.text import Text

    if isinstance(result, str):  # Rich would take it for markup
        result = Text(printable(result))
    if not is_renderable(result):
        raise Wrong(f"it gave {_shown(result)}, which Rich cannot show.")
    return draw(result)


def said(error: BaseException) -> str:
    """What an error says, as the end of a sentence."""
    from ircish.hooks import HookError

    kind = "" if isinstance(error, Wrong | HookError) else f"{type(error).__name__}: "
    try:
        text = str(error)
    except Exception:  # the plugin's own error may fail as well
        text = ""
    words = " ".join(printable(f"{kind}{text}".replace("\n", " ")).split())
    return f"{shortened(words.rstrip('.: '), MOST_SAID)}."


def _shown(value: Any) -> str:
    """A value in a sentence."""
    try:
        return shortened(printable(repr(value)), 40)
    except Exception:
        return f"a {type(value).__name__}"

"""Plugins in the client: found, asked, and unable to harm anyone."""

from __future__ import annotations

import importlib.metadata
import logging
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ircish import hookimpl, hookspecs, pluginfiles
from ircish.client import plugins as module
from ircish.client.events import Pong
from ircish.client.log import Entry
from ircish.client.plugins import PATIENCE, Plugins, log_into
from ircish.pluginfiles import own_directory

EVENT = Pong("x")
SESSION: Any = object()


class World:
    """Plugins from files and objects, a clock that hooks can turn, and what was reported."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.reported: list[str] = []
        self.time = 0.0
        self.installed: list[Any] = []
        self.plugins = Plugins(self.reported.append, clock=lambda: self.time)

    def load(self, **sources: str) -> list[str]:
        """Files, given as names and sources; what could not be loaded."""
        for name, source in sources.items():
            text = f"from ircish import hookimpl\n{source}"
            (self.directory / f"{name}.py").write_text(text)
        return self.plugins.load([self.directory])

    def hooks(self, plugin: str = "it", /, **implementations: Callable[..., Any]) -> None:
        """A plugin, installed as a package, with these hooks: functions, for hookimpl marks
        them."""
        marked = {name: hookimpl(each) for name, each in implementations.items()}
        found = SimpleNamespace(name=plugin, load=lambda: SimpleNamespace(**marked))
        self.installed.append(found)
        assert self.load() == []


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """No plugins but those of the test."""
    directory = tmp_path / "own"
    directory.mkdir()
    world = World(directory)
    monkeypatch.setattr(pluginfiles, "bundled", lambda: tmp_path / "nowhere")
    monkeypatch.setattr(importlib.metadata, "entry_points", lambda group: world.installed)
    yield world
    for name in [name for name in sys.modules if name.startswith("ircish_plugin_")]:
        del sys.modules[name]


def fails(*arguments: object) -> Any:
    raise ValueError("a plugin fails")


# Loading ------------------------------------------------------------------------------------------

GOOD = "@hookimpl\ndef client_typed(text):\n    return text.upper()\n"


def test_a_file_in_the_users_directory_is_a_plugin(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    own_directory().mkdir(parents=True)
    (own_directory() / "loud.py").write_text(f"from ircish import hookimpl\n{GOOD}")
    assert world.plugins.typed("hello") == "hello"
    assert world.plugins.load() == []
    assert world.plugins.names == ("loud",)
    assert world.plugins.typed("hello") == "HELLO"


def test_bundled_and_installed_plugins_are_loaded_and_unwanted_ones_left_out(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundled = tmp_path / "bundled"
    bundled.mkdir()
    monkeypatch.setattr(pluginfiles, "bundled", lambda: bundled)
    for name in ("one", "two"):
        (bundled / f"{name}.py").write_text(f"from ircish import hookimpl\n{GOOD}")
    installed = SimpleNamespace(client_typed=hookimpl(lambda text: None))
    world.installed += [
        SimpleNamespace(name="three", load=lambda: installed),
        SimpleNamespace(name="four", load=fails),
    ]
    assert world.plugins.load([], ["two", "four"]) == []
    assert world.plugins.names == ("one", "three")


def test_what_is_only_the_servers_is_neither_run_nor_listed(world: World) -> None:
    assert world.load(theirs="raise ValueError\n# server_event\n") == []
    assert world.load(both=f"{GOOD}@hookimpl\ndef server_event(event): ...\n", none="") == []
    assert world.plugins.names == ("both",)


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("raise ValueError('broken at import')", "ValueError: broken at import."),
        ("import sys; sys.exit('left at import')", "SystemExit: left at import."),
        ("raise BaseException", "BaseException."),
        ("def", "SyntaxError: invalid syntax"),
        ("import nothing_of_that_name", "ModuleNotFoundError: No module named"),
        ("@hookimpl\ndef client_evnt(): ...", "unknown hook 'client_evnt'"),
        ("@hookimpl\ndef client_event(evnt): ...", "evnt"),
        ("def client_event(event): ...", "client_event is not marked: write @hookimpl above it."),
        ("@hookimpl(wrapper=True)\ndef client_typed(): yield", "client_typed is a wrapper"),
        ("@hookimpl\nasync def client_event(): ...", "client_event: write def, not async def."),
        ("raise ValueError('\\x1b[2J\\nsteers')", "ValueError: [2J steers."),
        ("class E(Exception):\n    def __str__(self): 1 / 0\nraise E", "not loaded: E."),
    ],
)
def test_a_file_that_cannot_be_loaded_is_named_and_the_others_are_loaded(
    world: World, source: str, why: str
) -> None:
    (problem,) = world.load(a=GOOD, broken=source, c=GOOD)
    assert problem.startswith("Plugin broken is not loaded: ")
    assert why in problem
    assert "\n" not in problem
    assert world.plugins.names == ("a", "c")


def test_of_two_plugins_of_one_name_the_first_is_loaded(world: World) -> None:
    world.installed.append(SimpleNamespace(name="twin", load=SimpleNamespace))
    (problem,) = world.load(twin=GOOD)
    assert problem == "Plugin twin is not loaded: there is a plugin of that name already."
    assert world.plugins.typed("hello") == "HELLO"


def test_who_stops_the_loading_is_obeyed(world: World) -> None:
    with pytest.raises(KeyboardInterrupt):
        world.load(stop="raise KeyboardInterrupt")


def test_slash_commands_are_collected_with_their_plugins_names(world: World) -> None:
    source = '''
from ircish.client.command import slash_command

@slash_command("shout")
def shout(client, text: str) -> None:
    """Say it louder."""

@hookimpl
def client_commands():
    return [shout]
'''
    assert world.load(loud=source) == []
    ((plugin, command),) = world.plugins.commands()
    assert (plugin, command.name) == ("loud", "shout")


def test_what_is_no_slash_command_is_refused_and_takes_nothing_with_it(world: World) -> None:
    source = f"{GOOD}@hookimpl\ndef client_commands(): return [print]"
    (problem,) = world.load(bad=source)
    assert "client_commands gave <built-in function print>, which is no @slash_command." in problem
    assert world.plugins.commands() == ()
    assert world.plugins.typed("hello") == "hello"


# Asking -------------------------------------------------------------------------------------------


def test_every_plugin_is_told_what_it_wants_to_know(world: World) -> None:
    told: list[Any] = []

    def started(session: Any) -> None:
        told.append(session)

    def both(session: Any, event: Any) -> None:
        told.append((event, session))

    def one(event: Any) -> None:
        told.append(event)

    world.hooks("a", client_started=started, client_event=both)
    world.hooks("b", client_event=one)
    world.hooks("c", client_event=lambda: told.append("nothing"))
    world.plugins.started(SESSION)
    world.plugins.event(EVENT, SESSION)
    assert told == [SESSION, "nothing", EVENT, (EVENT, SESSION)]


def test_a_part_of_the_client_can_listen_too(world: World) -> None:
    told: list[Any] = []
    world.plugins.listen(told.append)
    world.hooks(client_event=fails)
    world.plugins.event(EVENT, SESSION)
    assert told == [EVENT]


def test_the_first_who_has_something_to_show_is_shown(world: World) -> None:
    from rich.text import Text

    world.hooks("a", client_render=lambda event: Text("a") if event.kind == "info" else None)
    world.hooks("b", client_render=lambda event: "[b]b[/b]\x1b" if event.text == "b" else None)
    assert world.plugins.render(Entry(0, "message", "x"), list) is None
    assert world.plugins.render(Entry(0, "info", "x"), lambda text: [text]) == [Text("a")]
    assert world.plugins.render(Entry(0, "info", "b"), lambda text: [str(text)]) == ["[b]b[/b]"]
    assert world.reported == []


def test_what_was_typed_can_be_replaced_by_clean_text_of_several_lines(world: World) -> None:
    world.hooks(client_typed=lambda text: "one\x1b[2J\n\2two\2" if text == "x" else None)
    assert world.plugins.typed("y") == "y"
    assert world.plugins.typed("x") == "one[2J\n\2two\2"
    assert world.reported == []


def test_completions_of_all_are_collected_once_and_clean(world: World) -> None:
    world.hooks("a", client_complete=lambda word: [f"{word}b", "same"])
    world.hooks("b", client_complete=lambda word, session: ("same", "\x1b]0;x\x07", "\n"))
    world.hooks("c", client_complete=lambda: None)
    world.hooks("d", client_complete=lambda: (str(number) for number in range(10**9)))
    found = world.plugins.complete("a", None)
    assert found[:2] == ["0", "1"]
    assert found[module.MOST_WORDS :] == ["same", "]0;x", "ab"]
    assert world.reported == []


# Faults -------------------------------------------------------------------------------------------


def deeper(word: object) -> Any:
    return sorted([1, 2], key=deeper)


class Deep:
    """Endless through C in another way."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self, name + "x")


def exits(*arguments: object) -> Any:
    sys.exit()


FAULTS: dict[str, tuple[Callable[..., Any], str]] = {
    "raises": (fails, "ValueError: a plugin fails."),
    "exits": (exits, "SystemExit."),
    "recurses": (deeper, "RecursionError: maximum recursion depth exceeded"),
    "recurses again": (lambda word: Deep().x, "RecursionError: maximum recursion depth exceeded"),
}

HOOKS: dict[str, Callable[[Plugins], Any]] = {
    "client_started": lambda plugins: plugins.started(SESSION),
    "client_event": lambda plugins: plugins.event(EVENT, SESSION),
    "client_render": lambda plugins: plugins.render(Entry(0, "info", "hello"), list),
    "client_typed": lambda plugins: plugins.typed("hello"),
    "client_complete": lambda plugins: plugins.complete("he", None),
}
"""Every hook that is called again and again, and what calls it."""

USUAL = {"client_typed": "hello", "client_complete": []}
"""What comes out where a plugin has nothing to say."""


def test_these_are_all_hooks_of_the_client() -> None:
    hooks = {hook for hook in vars(hookspecs) if hook.startswith("client_")}
    assert hooks == {*HOOKS, "client_commands"}


@pytest.mark.parametrize("hook", HOOKS)
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_named_and_the_third_switches_the_hook_off(
    world: World, hook: str, fault: str, caplog: pytest.LogCaptureFixture
) -> None:
    function, why = FAULTS[fault]
    calls: list[str] = []
    argument = hookspecs_argument(hook)
    namespace: dict[str, Any] = {"function": function, "calls": calls}
    exec(f"def bad({argument}):\n calls.append('bad'); return function({argument})", namespace)
    exec(f"def good({argument}):\n calls.append('good')", namespace)
    world.hooks("good", **{hook: namespace["good"]})
    world.hooks("bad", **{hook: namespace["bad"]})
    for _ in range(PATIENCE + 2):
        assert HOOKS[hook](world.plugins) == USUAL.get(hook)
    assert calls == ["bad", "good"] * PATIENCE + ["good"] * 2
    assert len(world.reported) == PATIENCE
    for sentence in world.reported:
        assert sentence.startswith(f"Plugin bad: {hook} failed: {why}"[:60])
    assert world.reported[-1].endswith("It is switched off until the next start.")
    assert "switched off" not in world.reported[0]
    assert f"plugin bad: {hook} failed" in caplog.text
    assert "Traceback" in caplog.text


def hookspecs_argument(hook: str) -> str:
    """The first argument of a hook."""
    function = getattr(hookspecs, hook)
    return str(function.__code__.co_varnames[0])


@pytest.mark.parametrize(
    ("hook", "result", "why"),
    [
        ("client_typed", 7, "it gave 7, which is no text."),
        ("client_typed", b"bytes", "it gave b'bytes', which is no text."),
        ("client_complete", 7, "it gave 7, which is no list of words."),
        ("client_complete", "word", "it gave 'word', which is no list of words."),
        ("client_complete", ["word", 7], "it gave 7 among the words."),
        ("client_complete", map(fails, [1]), "ValueError: a plugin fails."),
        ("client_render", 7, "it gave 7, which Rich cannot show."),
    ],
)
def test_nonsense_is_a_fault(world: World, hook: str, result: Any, why: str) -> None:
    world.hooks(**{hook: lambda: result})
    assert HOOKS[hook](world.plugins) == USUAL.get(hook)
    assert world.reported == [f"Plugin it: {hook} failed: {why}"]


def test_what_fails_only_when_it_is_drawn_is_the_plugins_fault(world: World) -> None:
    from rich.text import Text

    world.hooks(client_render=lambda event: Text("x"))
    assert world.plugins.render(Entry(0, "info", "x"), fails) is None
    assert world.reported == ["Plugin it: client_render failed: ValueError: a plugin fails."]


def test_only_the_hook_is_switched_off_and_not_the_plugin(world: World) -> None:
    world.hooks(client_typed=fails, client_complete=lambda: ["word"])
    for _ in range(PATIENCE):
        world.plugins.typed("x")
    assert world.plugins.complete("w", None) == ["word"]


def test_who_interrupts_the_program_is_obeyed(world: World) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    world.hooks(client_event=interrupted)
    with pytest.raises(KeyboardInterrupt):
        world.plugins.event(EVENT, SESSION)


# Slowness -----------------------------------------------------------------------------------------


def test_a_slow_hook_is_named_and_the_third_time_switched_off(world: World) -> None:
    calls: list[float] = []

    def dawdles() -> None:
        calls.append(world.time)
        world.time += 0.06

    world.hooks(client_event=dawdles)
    for _ in range(5):
        world.plugins.event(EVENT, SESSION)
    assert len(calls) == PATIENCE
    assert world.reported == [
        "Plugin it: client_event took 60 ms, and you waited.",
        "Plugin it: client_event took 60 ms; it is switched off until the next start.",
    ]


def test_it_is_named_again_only_after_a_minute(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dawdles() -> None:
        world.time += 0.5

    monkeypatch.setattr(module, "PATIENCE", 1_000)
    world.hooks(client_event=dawdles)
    for _ in range(130):
        world.plugins.event(EVENT, SESSION)
    assert len(world.reported) == 2
    world.time += 60
    world.plugins.event(EVENT, SESSION)
    assert len(world.reported) == 3


def test_a_hook_that_takes_longer_than_a_second_is_switched_off_at_once(world: World) -> None:
    def sleeps(text: str) -> str:
        world.time += 1.1
        return "done"

    world.hooks(client_typed=sleeps)
    assert world.plugins.typed("x") == "done"
    assert world.plugins.typed("x") == "x"
    assert world.reported == [
        "Plugin it: client_typed took 1100 ms; it is switched off until the next start."
    ]


def test_a_quick_hook_is_not_named(world: World) -> None:
    def works() -> None:
        world.time += 0.049

    world.hooks(client_event=works)
    for _ in range(100):
        world.plugins.event(EVENT, SESSION)
    assert world.reported == []


# The log ------------------------------------------------------------------------------------------


def test_tracebacks_go_into_a_file_and_never_onto_the_screen(
    world: World, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    logger = logging.getLogger("ircish.client.plugins")
    before = logger.handlers[:], logger.propagate
    path = tmp_path / "state" / "client.log"
    try:
        log_into(path)
        world.hooks(client_event=fails)
        assert not path.exists()
        world.plugins.event(EVENT, SESSION)
        text = path.read_text()
    finally:
        for handler in logger.handlers[len(before[0]) :]:
            logger.removeHandler(handler)
            handler.close()
        logger.propagate = before[1]
    assert "error plugin it: client_event failed\n    Traceback" in text
    assert "ValueError: a plugin fails" in text
    assert capfd.readouterr() == ("", "")

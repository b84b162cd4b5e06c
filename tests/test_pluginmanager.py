"""Plugins: found, loaded whole or not at all, and unable to harm anyone."""

from __future__ import annotations

import importlib.metadata
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ircish import command, hookimpl, pluginmanager
from ircish.command import Taken
from ircish.pluginmanager import Observer, PluginManager, bundled, load_file

GOOD = '''
from ircish import command, hookimpl

@command("{verb}")
def good(ctx):
    """Do good."""

@hookimpl
def server_commands():
    return [good]
'''


@pytest.fixture
def manager() -> Iterator[PluginManager]:
    manager = PluginManager()
    yield manager
    manager.stop()


@pytest.fixture(autouse=True)
def no_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither bundled plugins nor installed ones, but for the tests of those."""
    monkeypatch.setattr(pluginmanager, "bundled", lambda: tmp_path / "nowhere")
    monkeypatch.setattr(importlib.metadata, "entry_points", lambda group: [])


@pytest.fixture
def load(
    manager: PluginManager, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> Callable[..., str]:
    """Loads files, given as names and sources; what was logged."""

    def load(**sources: str) -> str:
        for name, source in sources.items():
            (tmp_path / f"{name}.py").write_text(source)
        manager.load_all([tmp_path], [])
        return caplog.text

    return load


def hooks(**implementations: Callable[..., Any]) -> SimpleNamespace:
    """A plugin with these hooks: functions, because hookimpl marks them."""
    return SimpleNamespace(**{name: hookimpl(each) for name, each in implementations.items()})


def verbs(manager: PluginManager) -> set[str]:
    return {each.verb for each in manager.table.commands}


# Loading ------------------------------------------------------------------------------------------


def test_a_file_is_a_plugin_and_its_commands_are_its_own(
    manager: PluginManager, load: Callable[..., str]
) -> None:
    load(good=GOOD.format(verb="GOOD"))
    assert manager.names == ["good"]
    found = manager.table.find("plain", "GOOD")
    assert found
    assert found.plugin == "good"
    assert manager.table.find("irc", "GOOD") is found


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("raise ValueError('broken at import')", "broken at import"),
        ("import sys; sys.exit('left at import')", "left at import"),
        ("raise BaseException('even that')", "even that"),
        ("def", "SyntaxError"),
        ("import nothing_of_that_name", "nothing_of_that_name"),
        (
            "from ircish import hookimpl\n@hookimpl\ndef server_comands():\n    return []",
            "server_comands",
        ),
        (
            "from ircish import hookimpl\n@hookimpl\ndef server_refuse(user, evnt): ...",
            "evnt",
        ),
        (
            "from ircish import hookimpl\n@hookimpl\ndef server_commands():\n    return [print]",
            "which is no @command",
        ),
        (
            "from ircish import hookimpl\n@hookimpl\ndef server_commands():\n    exit('no')",
            "SystemExit",
        ),
        (GOOD.format(verb="TAKEN"), "the command TAKEN is early's already"),
        (GOOD.format(verb="bad verb"), "cannot be a verb"),
    ],
)
def test_a_broken_plugin_is_left_out_whole_and_the_others_are_loaded(
    manager: PluginManager, load: Callable[..., str], source: str, why: str
) -> None:
    early, late = GOOD.format(verb="TAKEN"), GOOD.format(verb="LATE")
    log = load(early=early, middle=source, zlate=late)
    assert manager.names == ["early", "zlate"]
    assert verbs(manager) == {"TAKEN", "LATE"}
    assert "plugin middle is not loaded" in log
    assert why in log
    if "import" in why:
        assert "ircish_plugin_middle" not in sys.modules
    assert not manager.refuses()


def test_one_who_stops_the_loading_is_obeyed(manager: PluginManager) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        manager.try_load("x", interrupted)


def test_a_plugin_can_be_left_out_and_a_packages_init_is_none(
    manager: PluginManager, tmp_path: Path
) -> None:
    for name in ("one", "two", "__init__"):
        (tmp_path / f"{name}.py").write_text("")
    (tmp_path / "notes.txt").write_text("")
    manager.load_all([tmp_path], ["two"])
    assert manager.names == ["one"]


def test_of_two_plugins_of_one_name_the_first_is_loaded(
    manager: PluginManager, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for directory, verb in (("a", "FIRST"), ("b", "SECOND")):
        (tmp_path / directory).mkdir()
        (tmp_path / directory / "twin.py").write_text(GOOD.format(verb=verb))
    manager.load_all([tmp_path / "a", tmp_path / "b"], [])
    assert verbs(manager) == {"FIRST"}
    assert "there is a plugin twin already" in caplog.text


def test_a_taken_verb_takes_nothing_with_it(manager: PluginManager) -> None:
    @command("SAME")
    def same(ctx: Any) -> None:
        """Do the same."""

    @command("MORE")
    def more(ctx: Any) -> None:
        """Do more."""

    manager.register("one", hooks(server_commands=lambda: [same]))
    with pytest.raises(Taken):
        manager.register("two", hooks(server_commands=lambda: [more, same]))
    assert verbs(manager) == {"SAME"}
    manager.register("two", hooks(server_commands=lambda: [more]))
    assert verbs(manager) == {"SAME", "MORE"}


def test_installed_plugins_are_loaded_by_name_and_one_that_is_broken_by_itself(
    manager: PluginManager, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken() -> None:
        raise ImportError("half installed")

    entries = [
        SimpleNamespace(name="bad", load=broken),
        SimpleNamespace(name="fine", load=lambda: hooks(server_stopping=lambda server: None)),
        SimpleNamespace(name="unwanted", load=broken),
    ]
    groups: list[str] = []
    monkeypatch.setattr(
        importlib.metadata, "entry_points", lambda group: groups.append(group) or entries
    )
    manager.load_all([], ["unwanted"])
    assert manager.names == ["fine"]
    assert groups == ["ircish.plugins"]
    assert "plugin bad is not loaded" in caplog.text
    assert "half installed" in caplog.text
    assert "unwanted" not in caplog.text


def test_what_the_protocol_promises_is_there(manager: PluginManager) -> None:
    manager.load_builtin()
    assert {"NICK", "MSG", "JOIN", "HELP", "QUIT", "PRIVMSG"} <= verbs(manager)
    assert all(each.plugin in manager.names for each in manager.table.commands)


@pytest.mark.parametrize("name", ["notes.txt", "none.py"])
def test_what_is_no_python_file_is_not_loaded(tmp_path: Path, name: str) -> None:
    (tmp_path / "notes.txt").write_text("")
    with pytest.raises((ImportError, FileNotFoundError)):
        load_file(tmp_path / name)


@pytest.mark.parametrize(
    ("project", "beside"),
    [
        ('[project]\nname = "ircish"\n', True),
        ('[project]\nname = "other"\n', False),
        ("[tool.ruff]\n", False),
        ("not toml", False),
        (None, False),
    ],
)
def test_the_bundled_plugins_are_beside_the_package_only_in_a_checkout_of_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, project: str | None, beside: bool
) -> None:
    package = tmp_path / "ircish"
    package.mkdir()
    if project is not None:
        (tmp_path / "pyproject.toml").write_text(project)
    monkeypatch.setattr(pluginmanager, "__file__", str(package / "pluginmanager.py"))
    assert bundled() == (tmp_path / "plugins" if beside else package / "plugins")


# Calling ------------------------------------------------------------------------------------------


def test_everyone_is_notified_though_one_raises_or_exits(
    manager: PluginManager, caplog: pytest.LogCaptureFixture
) -> None:
    told: list[object] = []

    def note(server: object) -> None:
        told.append(server)

    def raises(server: object) -> None:
        raise ValueError("a plugin fails")

    def exits(server: object) -> None:
        raise SystemExit("a plugin leaves")

    manager.register("a", hooks(server_stopping=note))
    manager.register("b", hooks(server_stopping=raises))
    manager.register("c", hooks(server_stopping=exits))
    manager.register("d", hooks(server_stopping=lambda: told.append("without arguments")))
    manager.notify("server_stopping", server="the server")
    assert sorted(map(str, told)) == ["the server", "without arguments"]
    assert "plugin b: server_stopping failed" in caplog.text
    assert "plugin c: server_stopping failed" in caplog.text


def test_everyone_is_told_that_the_server_listens_though_one_raises(
    manager: PluginManager, caplog: pytest.LogCaptureFixture
) -> None:
    told: list[object] = []

    def note(server: object) -> None:
        told.append(server)

    def raises(server: object) -> None:
        raise ValueError("a plugin fails")

    manager.register("a", hooks(server_started=note))
    manager.register("b", hooks(server_started=raises))
    manager.started("the server")
    assert told == ["the server"]
    assert "plugin b: server_started failed" in caplog.text


def test_who_takes_long_to_be_told_keeps_neither_the_server_nor_the_others(
    manager: PluginManager, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(pluginmanager, "NOTIFYING", 0.05)
    let_go, told = threading.Event(), threading.Event()

    def note(server: object) -> None:
        told.set()

    manager.register("hangs", hooks(server_stopping=lambda: let_go.wait(20)))
    manager.register("other", hooks(server_stopping=note))
    manager.notify("server_stopping", server="the server")
    assert told.wait(5)
    assert "plugin hangs: server_stopping takes long and is not waited for" in caplog.text
    let_go.set()


def test_the_first_reason_refuses_and_a_fault_is_none(
    manager: PluginManager, caplog: pytest.LogCaptureFixture
) -> None:
    assert not manager.refuses()
    assert manager.refusal(user=None, event=None) is None

    def raises(user: object, event: object) -> str:
        raise ValueError("a plugin fails")

    manager.register("a", hooks(server_refuse=lambda event: "no " + event))
    manager.register("b", hooks(server_refuse=lambda user, event: None))
    manager.register("c", hooks(server_refuse=raises))
    assert manager.refuses()
    assert manager.refusal(user="ann", event="shouting") == "no shouting"
    assert "plugin c: server_refuse failed" in caplog.text


# server_event -------------------------------------------------------------------------------------


def test_events_are_told_in_order_though_one_raises(
    manager: PluginManager, caplog: pytest.LogCaptureFixture
) -> None:
    told: list[int] = []
    done = threading.Event()

    def observe(event: int) -> None:
        told.append(event)
        if event == 2:
            raise SystemExit("a plugin leaves")
        if event == 3:
            done.set()

    manager.register("a", hooks(server_event=observe))
    (tell,) = manager.observers()
    for event in (1, 2, 3):
        tell(event)
    assert done.wait(5)
    assert told == [1, 2, 3]
    assert "plugin a: server_event failed" in caplog.text


def test_a_plugin_that_hangs_stops_only_itself(manager: PluginManager) -> None:
    let_go, told = threading.Event(), threading.Event()
    manager.register("hangs", hooks(server_event=lambda event: let_go.wait(20)))
    manager.register("other", hooks(server_event=lambda event: told.set()))
    for _ in range(3):
        for tell in manager.observers():
            tell("an event")  # returns at once
    assert told.wait(5)
    let_go.set()


def test_a_plugin_need_not_look_at_the_event(manager: PluginManager) -> None:
    told = threading.Event()

    def look_away() -> None:
        told.set()

    manager.register("counts", hooks(server_event=look_away))
    for tell in manager.observers():
        tell("an event")
    assert told.wait(5)


def test_what_a_slow_plugin_was_not_told_is_logged(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(pluginmanager, "EVENTS_WAITING", 3)
    busy, let_go = threading.Event(), threading.Event()
    told: list[int] = []

    def observe(event: int) -> None:
        busy.set()
        assert let_go.wait(5)
        told.append(event)

    observer = Observer("slow", observe)
    observer.tell(0)
    assert busy.wait(5)
    for event in range(1, 10):
        observer.tell(event)
    let_go.set()
    observer.stop()
    observer._thread.join(5)
    assert told == [0, 1, 2, 3]
    assert "plugin slow: 6 events were not told to it" in caplog.text


def test_observers_end_when_they_are_told_to(manager: PluginManager) -> None:
    manager.register("a", hooks(server_event=lambda event: None))
    thread = manager._observers["a"]._thread
    assert thread.is_alive()
    manager.stop()
    thread.join(5)
    assert not thread.is_alive()


def test_a_hook_without_its_mark_is_refused(manager: PluginManager) -> None:
    with pytest.raises(TypeError, match="server_event is not marked: write @hookimpl above it"):
        manager.register("bare", SimpleNamespace(server_event=lambda event: None))
    assert "bare" not in manager.names

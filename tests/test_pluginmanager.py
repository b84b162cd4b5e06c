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

from ircish import (
    Gone,
    Joined,
    Refused,
    Said,
    Stamped,
    command,
    hookimpl,
    plugincalls,
    pluginfiles,
    replies,
)
from ircish.command import Taken
from ircish.pluginfiles import bundled, files, import_file
from ircish.pluginmanager import PluginManager

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
def manager(tmp_path: Path) -> Iterator[PluginManager]:
    manager = PluginManager(directories=[tmp_path], linger=0)
    yield manager
    manager.stop()


@pytest.fixture(autouse=True)
def no_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither bundled plugins nor installed ones, but for the tests of those."""
    monkeypatch.setattr(pluginfiles, "bundled", lambda: tmp_path / "nowhere")
    monkeypatch.setattr(importlib.metadata, "entry_points", lambda group: [])


@pytest.fixture
def load(
    manager: PluginManager, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> Callable[..., str]:
    """Loads files, given as names and sources; what was logged."""

    def load(**sources: str) -> str:
        for name, source in sources.items():
            (tmp_path / f"{name}.py").write_text(source)
        manager.load_all()
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


def test_a_plugin_can_be_left_out_and_tests_and_a_packages_init_are_none(tmp_path: Path) -> None:
    for name in ("one", "two", "__init__", "conftest", "test_one"):
        (tmp_path / f"{name}.py").write_text("")
    (tmp_path / "notes.txt").write_text("")
    assert list(files([tmp_path], ["two"])) == [tmp_path / "one.py"]


def test_leaving_out_one_that_is_bundled_frees_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pluginfiles, "bundled", lambda: tmp_path / "bundled")
    for directory in ("bundled", "own"):
        (tmp_path / directory).mkdir()
        (tmp_path / directory / "roll.py").write_text("")
    assert list(files([tmp_path / "own"], ["roll"])) == [tmp_path / "own" / "roll.py"]


def test_of_two_plugins_of_one_name_the_first_is_loaded(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    manager = PluginManager(directories=[tmp_path / "a", tmp_path / "b"])
    for directory, verb in (("a", "FIRST"), ("b", "SECOND")):
        (tmp_path / directory).mkdir()
        (tmp_path / directory / "twin.py").write_text(GOOD.format(verb=verb))
    manager.load_all()
    assert verbs(manager) == {"FIRST"}
    for directory in ("a", "b"):
        assert str(tmp_path / directory / "twin.py") in manager.failed["twin"]
    assert "--without twin" in caplog.text


def test_a_taken_verb_takes_nothing_with_it(manager: PluginManager) -> None:
    @command("SAME")
    def same(ctx: Any) -> None:
        """Do the same."""

    @command("MORE")
    def more(ctx: Any) -> None:
        """Do more."""

    manager.register("one", hooks(server_commands=lambda: [same]), "a test")
    with pytest.raises(Taken):
        manager.register("two", hooks(server_commands=lambda: [more, same]), "a test")
    assert verbs(manager) == {"SAME"}
    manager.register("two", hooks(server_commands=lambda: [more]), "a test")
    assert verbs(manager) == {"SAME", "MORE"}


def test_installed_plugins_are_loaded_by_name_and_one_that_is_broken_by_itself(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken() -> None:
        raise ImportError("half installed")

    def fine() -> object:
        return hooks(server_stopping=lambda server: None)

    entries = [
        SimpleNamespace(name="bad", load=broken, dist=None, value="x"),
        SimpleNamespace(name="fine", dist=None, value="x", load=fine),
        SimpleNamespace(name="unwanted", load=broken, dist=None, value="x"),
    ]
    groups: list[str] = []
    monkeypatch.setattr(
        importlib.metadata, "entry_points", lambda group: groups.append(group) or entries
    )
    manager = PluginManager(without=["unwanted"])
    manager.load_all()
    assert manager.names == ["fine"]
    assert set(groups) == {"ircish.plugins"}
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
        import_file(tmp_path / name)


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
    monkeypatch.setattr(pluginfiles, "__file__", str(package / "pluginmanager.py"))
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

    manager.register("a", hooks(server_stopping=note), "a test")
    manager.register("b", hooks(server_stopping=raises), "a test")
    manager.register("c", hooks(server_stopping=exits), "a test")
    manager.register("d", hooks(server_stopping=lambda: told.append("without arguments")), "a test")
    manager.attach("the server")  # type: ignore[arg-type]
    manager.notify("server_stopping")
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

    manager.register("a", hooks(server_started=note), "a test")
    manager.register("b", hooks(server_started=raises), "a test")
    manager.attach("the server")  # type: ignore[arg-type]
    manager.started()
    assert told == ["the server"]
    assert "plugin b: server_started failed" in caplog.text


def test_who_takes_long_to_be_told_keeps_neither_the_server_nor_the_others(
    manager: PluginManager, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(plugincalls, "NOTIFYING", 0.05)
    let_go, told = threading.Event(), threading.Event()

    def note(server: object) -> None:
        told.set()

    manager.register("hangs", hooks(server_stopping=lambda: let_go.wait(20)), "a test")
    manager.register("other", hooks(server_stopping=note), "a test")
    manager.notify("server_stopping")
    assert told.wait(5)
    assert "plugin hangs: server_stopping takes long and is not waited for" in caplog.text
    let_go.set()


ANN: Any = SimpleNamespace(id=1)


def unwatched(plugin: object, hook: str, call: Callable[[], Any]) -> Any:
    return call()


def test_the_first_reason_refuses_and_a_fault_is_none(
    manager: PluginManager, caplog: pytest.LogCaptureFixture
) -> None:
    assert not manager.refuses()
    assert manager.refusal(ANN, None, unwatched) is None

    def raises(user: object, event: object) -> str:
        raise ValueError("a plugin fails")

    manager.register("c", hooks(server_refuse=raises), "a test")
    manager.register("a", hooks(server_refuse=lambda event: "no " + event), "a test")
    manager.register("b", hooks(server_refuse=lambda user, event: None), "a test")
    assert manager.refuses()
    assert manager.refusal(ANN, "shouting", unwatched) == "no shouting"
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

    manager.register("a", hooks(server_event=observe), "a test")
    manager.started()
    (tell,) = manager.observers()[Said]
    for event in (1, 2, 3):
        tell(event)  # type: ignore[arg-type]
    assert done.wait(5)
    assert told == [1, 2, 3]
    assert "plugin a: server_event failed" in caplog.text


def test_an_observer_need_not_look_and_one_that_hangs_stops_only_itself(
    manager: PluginManager,
) -> None:
    let_go, told = threading.Event(), threading.Event()

    def look_away() -> None:
        told.set()

    manager.register("hangs", hooks(server_event=lambda event: let_go.wait(20)), "a test")
    manager.register("other", hooks(server_event=look_away), "a test")
    manager.started()
    for _ in range(3):
        for tell in manager.observers()[Said]:
            tell("an event")  # type: ignore[arg-type]
    assert told.wait(5)
    let_go.set()


def test_what_a_slow_plugin_was_not_told_is_logged(
    manager: PluginManager, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("ircish.worker.EVENTS_WAITING", 3)
    manager.register("slow", hooks(server_event=lambda event: None), "a test")
    (tell,) = manager.observers()[Said]
    for event in range(9):
        tell(event)  # type: ignore[arg-type]
    manager.watch(10)
    assert "plugin slow: 6 events were not told to it" in caplog.text


def test_observers_end_when_they_are_told_to(manager: PluginManager) -> None:
    worker = manager.register("a", hooks(server_event=lambda event: None), "a test").worker
    manager.started()
    assert worker.alive
    manager.stop()
    assert worker._thread
    worker._thread.join(5)
    assert not worker.alive


def test_a_hook_without_its_mark_is_refused(manager: PluginManager) -> None:
    with pytest.raises(TypeError, match="server_event is not marked: write @hookimpl above it"):
        manager.register("bare", SimpleNamespace(server_event=lambda event: None), "a test")
    assert "bare" not in manager.names


@pytest.mark.parametrize("source", ["while True: pass", "raise KeyboardInterrupt"])
def test_a_file_that_hangs_or_interrupts_is_left_out_in_time(tmp_path: Path, source: str) -> None:
    manager = PluginManager(directories=[tmp_path], patience=0.1)
    (tmp_path / "bad.py").write_text(source)
    (tmp_path / "good.py").write_text(GOOD.format(verb="GOOD"))
    before = threading.active_count()
    manager.load_all()
    assert manager.names == ["good"]
    assert set(manager.failed) == {"bad"}
    assert threading.active_count() == before  # it was ended


def test_an_observer_is_called_for_the_events_it_names_only(manager: PluginManager) -> None:
    def joined(event: Stamped[Joined]) -> None: ...

    def all_of_it(event: Stamped) -> None: ...

    manager.register("door", hooks(server_event=joined), "a test")
    door = manager.plugins["door"].worker
    assert manager.observers() == {Joined: (door.give,)}
    manager.register("all", hooks(server_event=all_of_it), "a test")
    everything = manager.plugins["all"].worker
    assert manager.observers()[Joined] == (door.give, everything.give)
    assert manager.observers()[Said] == (everything.give,)


def test_one_that_needs_settings_has_no_part_until_it_has_them(tmp_path: Path) -> None:
    source = GOOD.format(verb="GOOD").replace(
        "import command",
        "import command as command\nfrom dataclasses import dataclass\nfrom ircish import command",
    )
    (tmp_path / "good.py").write_text(
        source + "\n@dataclass\nclass Config:\n    text: str\n    color: str\n    size: int = 1\n"
    )
    for tables, needs in [
        ({}, "[plugins.good] text, color"),
        ({"good": {"text": "", "color": ""}}, ""),
    ]:
        manager = PluginManager(directories=[tmp_path], tables=tables)
        manager.load_all()
        plugin = manager.plugins["good"]
        assert (plugin.needs, manager.failed) == (needs, {})
        assert [each.verb for each in plugin.commands] == ([] if needs else ["GOOD"])
        manager.stop()
    manager = PluginManager(directories=[tmp_path], tables={"good": {}})
    manager.load_all()
    assert manager.failed["good"].startswith("plugins.good.text is missing; it must be ")


def test_what_comes_too_late_or_is_refused_in_a_timer_is_no_fault(
    manager: PluginManager, caplog: pytest.LogCaptureFixture
) -> None:
    plugin = manager.register("it", hooks(server_event=lambda event: None), "a test")

    def raises(error: BaseException) -> Callable[[], object]:
        def call() -> object:
            raise error

        return call

    plugin.after(0, raises(Refused(replies.NO_CHANNEL, verb="X", usage="X")))
    plugin.after(0, raises(Gone()))
    with caplog.at_level("DEBUG"):
        plugin.worker.run_due()
    assert "plugin it: timer was refused" in caplog.text
    assert "plugin it: timer came too late" in caplog.text
    tally = plugin.tally("timer")
    assert (tally.calls, tally.faults) == (2, 0)
    tally.off = True
    plugin.after(0, raises(ValueError()))
    plugin.worker.run_due()
    assert (tally.calls, tally.faults) == (2, 0)


def test_a_misspelt_plugin_in_the_configuration_is_named(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "filter.py").write_text(GOOD.replace("{verb}", "FILTER"))
    manager = PluginManager(directories=[tmp_path], without=["nosuch"], tables={"filtre": {}})
    manager.load_all()
    manager.stop()
    assert "names a plugin filtre, which is not there; did you mean filter?" in caplog.text
    assert "names a plugin nosuch, which is not there" in caplog.text

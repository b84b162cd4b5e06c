"""What plugins/README.md says, held against the program: every hook, every member and every type is
in it, its plugins load, and its conversations go as shown."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import tomllib
import typing
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ircish import command, hookspecs, newplugin, parameters, rates
from ircish.cli import parse
from ircish.client.command import slash_command
from ircish.client.events import Message
from ircish.client.log import Entry
from ircish.client.plugins import Plugins
from ircish.context import Context
from ircish.events import Event, Source
from ircish.plugin import Plugin
from ircish.pluginfiles import bundled, files, import_file, of_file
from ircish.sandbox import Sandbox
from ircish.server.snapshots import Person
from ircish.testing import Chat

GUIDE = (bundled() / "README.md").read_text("utf-8")
ROOT = Path(__file__).parent.parent

BLOCKS = re.findall(r"(?:^<!-- (\w+): (\w+) -->\n)?^```(\w*)\n(.*?)^```$", GUIDE, re.M | re.S)
"""What a block is, of which plugin, its language, its text."""

PROSE = re.sub(r"^```.*?^```$", "", GUIDE, flags=re.M | re.S)


def blocks(kind: str) -> dict[str, str]:
    """The last block of a kind for each plugin."""
    return {name: text for each, name, _, text in BLOCKS if each == kind}


PLUGINS = blocks("plugin")
CHATS = [(name, text) for kind, name, _, text in BLOCKS if kind == "chat"]


# Everything is in it ------------------------------------------------------------------------------


def hooks() -> list[str]:
    return [name for name in vars(hookspecs) if name.startswith(("server_", "client_"))]


def members(type_: type) -> set[str]:
    """What anybody may use of a class; of an object, what its class does not have."""
    return {name for name in dir(type_) if name[0] != "_"}


@pytest.mark.parametrize("hook", hooks())
def test_every_hook_is_told_of_and_has_an_example(hook: str) -> None:
    takes = ", ".join(
        name for name in getattr(hookspecs, hook).__code__.co_varnames[: _count(hook)]
    )
    assert f"| `{hook}({takes})` |" in PROSE
    assert any(f"@hookimpl\ndef {hook}(" in text for _, _, _, text in BLOCKS)


def _count(hook: str) -> int:
    return int(getattr(hookspecs, hook).__code__.co_argcount)


@pytest.mark.parametrize("member", sorted(members(Context)))
def test_every_member_of_a_context_is_told_of(member: str) -> None:
    assert re.search(rf"`(raise )?ctx\.{member}\b", PROSE)


def test_every_member_of_a_plugin_is_told_of(chat: Chat) -> None:
    plugin = chat.server.plugins.plugins["roll"]
    named = {name for name in vars(plugin) if name[0] != "_"} | members(Plugin)
    assert [name for name in sorted(named) if not re.search(rf"`plugin\.{name}\b", PROSE)] == []


def test_every_type_of_an_argument_is_told_of() -> None:
    names = {name for name, value in vars(parameters).items() if _is_alias(value)}
    names |= {type_.__name__ for type_ in parameters.KINDS if isinstance(type_, type)}
    assert names >= {"str", "int", "Rest", "Nick", "Channel", "Duration"}
    assert len(names) == len(parameters.KINDS)
    rows = "".join(re.findall(r"^\| .*", PROSE.partition("### Arguments")[2], re.M))
    also = {"Literal", "Between", "None", "*nicks: Nick"}
    assert [name for name in names | also if f"`{name}" not in rows and name not in rows] == []


def _is_alias(value: Any) -> bool:
    return any(value is each for each in parameters.KINDS) and not isinstance(value, type)


def test_every_part_of_a_command_is_told_of() -> None:
    for name in command.__kwdefaults__:
        assert f"`{name}`" in PROSE, name
    for who in typing.get_args(__import__("ircish").Allow):
        assert f'`"{who}"`' in PROSE, who
    for unit in rates.UNITS:
        assert f"`{unit}`" in PROSE, unit


def test_every_field_of_a_person_and_every_event_is_told_of() -> None:
    for name in Person._fields:
        assert f"`{name}`" in PROSE, name
    for event in Event.__subclasses__():
        assert f"`{event.__name__}`" in PROSE, event


def test_every_bundled_plugin_is_told_of() -> None:
    listed = re.findall(r"^\| \[`(\w+)`\]\(\1\.py\) ", GUIDE, re.M)
    assert sorted(listed) == [path.stem for path in sorted(bundled().glob("*.py"))]


def test_every_block_of_python_is_one_of_those_that_run_here() -> None:
    kinds = [kind for kind, _, language, _ in BLOCKS if language == "python"]
    assert len(kinds) > 10
    assert set(kinds) == {"new", "plugin", "client", "test"}


# What it shows is so ------------------------------------------------------------------------------


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """A directory with the guide's plugins for the server."""
    directory = tmp_path / "guide"
    directory.mkdir()
    for name, text in PLUGINS.items():
        (directory / f"{name}.py").write_text(text, "utf-8")
    return directory


@pytest.mark.parametrize("name", PLUGINS)
def test_a_plugin_shown_loads_and_its_examples_come_out(written: Path, name: str) -> None:
    with Sandbox() as sandbox:
        assert sandbox.problems(of_file(written / f"{name}.py")) == []


@pytest.mark.parametrize(("name", "shown"), CHATS)
def test_a_conversation_goes_as_shown(
    open_chat: Callable[..., Chat], written: Path, name: str, shown: str
) -> None:
    table = tomllib.loads(blocks("settings").get(name, "[plugins]"))["plugins"]
    settings = {f"plugins.{each}": values for each, values in table.items()}
    settings["server.plugins"] = [str(written)]
    settings["server.without"] = [path.stem for path in bundled().glob("*.py")]
    settings["server.without"] += [each for each in PLUGINS if each != name]
    chat = open_chat(settings, {"admin": "secret"})
    assert chat.server.plugins.failed == {}
    ann = chat.nc("ann")
    for typed, *answers in turns(shown):
        read = [typed, *ann.ask(typed)]
        while len(read) <= len(answers):  # what a plugin says in a thread of its own
            read.append(ann.line())
        assert [untimed(line) for line in read] == [untimed(line) for line in [typed, *answers]]


def turns(shown: str) -> list[list[str]]:
    """Each line that is typed, with those that are read after it."""
    found: list[list[str]] = []
    for line in shown.splitlines():
        if line.startswith(("*** ", "!!! ", "<")):
            found[-1].append(line)
        else:
            found.append([line])
    return found


def untimed(line: str) -> str:
    """The line without what a slow machine makes different."""
    return re.sub(r"again in [0-9]+ s", "again soon", line)


def test_every_plugin_with_commands_is_shown_in_use() -> None:
    assert {name for name, _ in CHATS} == set(PLUGINS)


def test_a_new_plugin_is_the_one_shown() -> None:
    ((name, text),) = blocks("new").items()
    words = {"name": name, "verb": name.upper(), "slash": name}
    assert newplugin.PLUGIN.format(**words) == text


def test_what_check_says_is_shown(written: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "ircish", "plugins", "check", "dice.py"],
        cwd=written,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={"PYTHONPATH": str(ROOT), "XDG_CONFIG_HOME": str(written)},
    )
    assert f"$ ircish plugins check dice.py\n{done.stdout}" in GUIDE


def test_the_test_shown_passes(written: Path) -> None:
    (written / "test_dice.py").write_text(blocks("test")["dice"], "utf-8")
    (written / "conftest.py").write_text('pytest_plugins = ["ircish.testing.pytest_plugin"]\n')
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "pytest", "-p", "no:cacheprovider"],
        cwd=written,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
    )
    assert "2 passed" in done.stdout, done.stdout + done.stderr


def test_the_clients_plugin_does_what_it_says(tmp_path: Path) -> None:
    directory = tmp_path / "client"
    directory.mkdir()
    file = directory / "smile.py"
    file.write_text(blocks("client")["smile"], "utf-8")
    reported: list[str] = []
    plugins = Plugins(reported.append)
    assert plugins.load([directory], [path.stem for path in files((), ())]) == []
    assert plugins.names == ("smile",)
    session: Any = SimpleNamespace(nick="ann")
    plugins.started(session)
    plugins.event(Message("#dev", Source("ben"), "ann: hi"), session)
    assert plugins.typed("have (tea) (smile)") == "have ☕ ☺"
    assert plugins.complete("(s", session) == ["(smile)"]
    drawn: list[str] = []

    def draw(made: Any) -> list[Any]:
        drawn.append(str(made))
        return []

    assert plugins.render(Entry(0, "message", "☕", "ben"), draw) == []
    assert plugins.render(Entry(0, "message", "tea", "ben"), draw) is None
    assert drawn == ["ben has tea"]
    said: list[str] = []
    ((_, smile),) = plugins.commands()
    smile.run(SimpleNamespace(say=said.append), "hello")  # type: ignore[arg-type]
    assert said == ["hello ☺"]
    assert reported == []
    module = import_file(file)
    module.client_event(Message("#dev", Source("ben"), "ann: hi"), session)
    assert module.mentions == ["ann: hi"]


def test_every_command_line_shown_can_be_parsed() -> None:
    lines = re.findall(r"^\$ ircish (.*)$", GUIDE, re.M)
    assert len(lines) >= 3
    lines += re.findall(r"`ircish ([a-z][^`]*)`", PROSE)
    for line in lines:
        assert parse(shlex.split(f"{line} it.py" if line.endswith("check") else line)).run


def test_the_entry_point_shown_is_in_the_group_that_is_looked_in() -> None:
    from ircish.pluginfiles import ENTRY_POINTS

    (shown,) = [text for _, _, language, text in BLOCKS if language == "toml" and "project" in text]
    assert list(tomllib.loads(shown)["project"]["entry-points"]) == [ENTRY_POINTS]


def test_every_file_and_section_linked_to_exists() -> None:
    links = re.findall(r"\]\(([^)]+)\)", GUIDE)
    titles = re.findall(r"^#+ (.+)$", PROSE, re.M)
    anchors = {"#" + re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}
    wrong = [
        link
        for link in links
        if link not in anchors and not (link[0] != "#" and (bundled() / link).exists())
    ]
    assert links
    assert wrong == []


def test_a_slash_command_has_the_parts_told_of() -> None:
    assert set(slash_command.__kwdefaults__) == {"aliases"}

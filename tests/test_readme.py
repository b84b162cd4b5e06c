"""What README.md says, held against the program."""

from __future__ import annotations

import random
import re
import shlex
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from ircish.cli import COMMANDS, parse
from ircish.config import load, settings_table
from ircish.dialects.irc import CAPABILITIES
from ircish.phrases import CHANNEL_MODES_MEAN, WHO_MAY
from ircish.pluginmanager import PluginManager
from ircish.testing import Chat

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")


def marked(name: str) -> str:
    """What is between the markers `<!-- name -->` and `<!-- /name -->`."""
    found = re.search(f"<!-- {name} -->\n(.*?)<!-- /{name} -->", README, re.DOTALL)
    assert found, name
    return found[1]


def blocks(language: str) -> list[str]:
    """The fenced blocks of a language, "" for those that name none."""
    fenced = re.findall(r"^```(\w*)\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)
    return [text for name, text in fenced if name == language]


def verbs_table() -> str:
    plugins = PluginManager()
    plugins.load_builtin()
    rows = ["| Command | What it does |", "|---|---|"]
    for each in plugins.table.listed("plain"):
        rows.append(f"| `{each.usage}` | {each.summary}{WHO_MAY[each.allow]} |")
    return "\n".join(rows) + "\n"


def subcommands_table() -> str:
    rows = ["| Command | What it does |", "|---|---|"]
    rows += [f"| `ircish {name}` | {about} |" for name, (_, _, about) in COMMANDS.items()]
    return "\n".join(rows) + "\n"


def modes_table() -> str:
    rows = ["| Mode | A channel with it |", "|---|---|"]
    rows += [f"| `+{letter}` | {means} |" for letter, means in CHANNEL_MODES_MEAN.items()]
    return "\n".join(rows) + "\n"


@pytest.mark.parametrize(
    ("name", "table"),
    [
        ("modes", modes_table),
        ("verbs", verbs_table),
        ("subcommands", subcommands_table),
        ("settings", settings_table),
    ],
)
def test_a_table_is_what_the_program_says_of_itself(name: str, table: Callable[[], str]) -> None:
    assert marked(name) == table()


def test_the_verbs_said_to_work_before_one_has_a_name_are_those_that_do() -> None:
    plugins = PluginManager()
    plugins.load_builtin()
    early = [each.verb for each in plugins.table.listed("plain") if each.unregistered]
    assert f"{', '.join(early[:-1])} and {early[-1]} work before" in README


def test_the_capabilities_said_to_be_built_are_those_that_are() -> None:
    names = [name for name in sorted(CAPABILITIES) if not name.startswith("ircish/")]
    said = " ".join(README.split())
    assert f"Of IRCv3: {', '.join(names[:-1])} and {names[-1]} are built" in said


CONVERSATION = """
ann: NICK ann
ann: MSG anybody here?
ben: NICK ben
ben: MSG hi ann
ann: MSG @ben psst
ben: MSG @ann what?
ann: MSG ben hello
ann: hello
ann: ROLL 2d6
ben: ME laughs
ben: JOIN #dev
robot: NICK robot
robot: MSG build green
robot: QUIT
ann: SEARCH here
ben: QUIT bye
ann: QUIT
"""
"""Who types what, in the order of the two terminals shown."""


def test_the_conversation_goes_as_shown(open_chat: Callable[..., Chat]) -> None:
    chat = open_chat({"server.name": "localhost.ircish"})
    people = {"ann": chat.connect()}
    seen = {"ann": [people["ann"].line()], "ben": [], "robot": []}  # ann waits for the greeting
    for line in CONVERSATION.strip().splitlines():
        who, _, typed = line.partition(": ")
        if who not in people:
            people[who] = chat.connect()
        people[who].send(typed)
        seen[who].append(typed)
        if typed.startswith("QUIT"):
            seen[who] += people.pop(who).rest()
        else:
            seen[who] += people[who].lines()
        for name, other in people.items():
            if name != who:
                seen[name] += other.lines()
    shown = [text.splitlines()[1:] for text in blocks("") if text.startswith("$ nc ")]
    assert [[undated(line) for line in lines] for lines in shown] == [
        [undated(line) for line in seen[name]] for name in ("ann", "ben")
    ]


def undated(line: str) -> str:
    """The line without what is different each time."""
    line = re.sub(r"^\[[0-9]{2}:[0-9]{2}\]", "[now]", line)
    return re.sub(r"rolled 2d6: [1-6] \+ [1-6]$", "rolled", line)


def test_the_plugin_does_what_is_shown(
    open_chat: Callable[..., Chat], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (plugin,) = blocks("python")
    (tmp_path / "choose.py").write_text(plugin, "utf-8")
    shown = next(each for each in blocks("") if each.startswith("CHOOSE")).splitlines()
    monkeypatch.setattr(random, "choice", lambda options: options[-1])
    ann = open_chat({"server.plugins": [str(tmp_path)]}).nc("ann")
    typed = [line for line in shown if not line.startswith(("***", "!!!"))]
    read = [line for words in typed for line in [words, *ann.ask(words)]]
    assert read == shown
    assert "ann lets chance decide: tea" in ann.ask("CHOOSE tea or tea")[0]


def test_the_example_of_a_plugin_is_ten_lines() -> None:
    (plugin,) = blocks("python")
    assert len([line for line in plugin.splitlines() if line]) == 10


def test_the_settings_shown_are_accepted(tmp_path: Path) -> None:
    example, service, operators = blocks("toml")
    file = tmp_path / "ircish.toml"
    file.write_text(example, "utf-8")
    assert load(file, {}).limits.sendq == 2 << 20
    file.write_text(service, "utf-8")
    assert load(file, {}).server.host == "0.0.0.0"
    assert "operators" in tomllib.loads(operators)


def test_every_command_line_shown_can_be_parsed() -> None:
    text = "\n".join(blocks("") + blocks("ini"))
    lines = re.findall(r"(?:^|[/ ])ircish ([a-z].*)$", text, re.MULTILINE)
    words = [shlex.split(re.split(" [>|] ", line)[0]) for line in lines]
    assert {each[0] for each in words} >= {"serve", "send", "tail", "history"}
    for each in words:
        assert parse(each).run


def test_every_file_linked_to_exists() -> None:
    links = re.findall(r"\]\((?!https?:|#)([^)]+)\)", README)
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_every_section_linked_to_exists() -> None:
    titles = re.findall(r"^#+ (.+)$", README, re.MULTILINE)
    anchors = {title.lower().replace(" ", "-") for title in titles}
    assert set(re.findall(r"\]\(#([^)]+)\)", README)) <= anchors


def test_the_dependencies_are_those_of_the_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = {re.split("[<>=]", each)[0] for each in project["dependencies"]}
    section = README.partition("## Dependencies")[2].partition("## ")[0]
    _, _, *rows = re.findall(r"^\| ?([\w-]+) ?\|", section, re.MULTILINE)
    assert set(rows) == wanted

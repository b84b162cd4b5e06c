"""PLUGIN: seeing, loading, exchanging and taking out plugins while people talk."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ircish.dialects.irc import CATALOGUE
from ircish.testing import Chat, Client

TEA = '''
"""Tea."""
from dataclasses import dataclass
from ircish import command, hookimpl

@dataclass(frozen=True)
class Config:
    sugar: int = {sugar}

@command("{verb}", examples={{"{verb}": "{example}"}})
def tea(ctx):
    """Make tea."""
    ctx.storage["cups"] = ctx.storage.get("cups", 0) + 1
    ctx.reply("{answer}")

@hookimpl
def server_commands():
    return [tea]

@hookimpl
def server_started(plugin):
    {started}
'''
FINE = {"sugar": 1, "verb": "TEA", "answer": "green", "example": "green", "started": "pass"}


class Desk:
    """An operator, with a plugin ``tea`` to change."""

    def __init__(self, chat: Chat, path: Path, op: Client) -> None:
        self.chat, self.path, self.op = chat, path, op

    def write(self, source: str = TEA, **changes: Any) -> None:
        self.path.write_text(source.format(**{**FINE, **changes}) if source is TEA else source)

    def ask(self, line: str) -> list[str]:
        """What PLUGIN answers, in words alone."""
        read = self.op.ask(f"PLUGIN {line}")
        return [re.sub(r"^(\*\*\* |!!! |:chat.example NOTICE op :)", "", each) for each in read]


@pytest.fixture(params=["plain", "irc"])
def desk(open_chat: Callable[..., Chat], tmp_path: Path, request: pytest.FixtureRequest) -> Desk:
    path = tmp_path / "own" / "tea.py"
    path.parent.mkdir()
    path.write_text(TEA.format(**FINE))
    chat = open_chat(
        {"server.plugins": [str(path.parent)], "limits.command_seconds": 1},
        operators={"admin": "secret"},
    )
    op = chat.nc("op") if request.param == "plain" else chat.irc("op")
    op.ask("OPER admin secret", "PART #lobby")
    return Desk(chat, path, op)


def test_plugin_is_for_operators_only(desk: Desk) -> None:
    (said,) = desk.chat.nc("ann").ask("PLUGIN list")
    assert said.startswith("!!! ")
    assert "operator" in said


def test_what_is_loaded_and_what_is_not_is_listed(desk: Desk) -> None:
    (desk.path.parent / "coffee.py").write_text("import nothing_of_that_name")
    assert desk.ask("load coffee") == [
        "Plugin coffee is not loaded: ModuleNotFoundError: No module named 'nothing_of_that_name'."
    ]
    listed = desk.ask("list")
    assert f"tea  TEA  server_started  ({desk.path})" in listed
    assert listed[-1].startswith("coffee  not loaded: ModuleNotFoundError: ")


def test_a_reload_takes_the_new_file_and_storage_stays(desk: Desk) -> None:
    ann = desk.chat.nc("ann")
    assert ann.ask("TEA") == ["*** green"]
    desk.write(answer="black", example="black")
    assert desk.ask("reload tea") == ["Plugin tea is loaded anew: TEA."]
    assert ann.ask("TEA") == ["*** black"]
    storage = desk.chat.server.plugins.plugins["tea"].storage
    assert storage["cups"] == 2


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"source": "def"}, "SyntaxError"),
        ({"source": TEA.format(**FINE).replace('"""Make tea."""', "")}, "TEA has no help"),
        ({"verb": "NICK"}, "tea: the command NICK is registration's already"),
        ({"example": "red"}, "TEA: after 'TEA' ann reads 'green', not 'red'"),
        (
            {"source": TEA.format(**FINE).replace("server_started", "server_startd")},
            "server_startd",
        ),
        (
            {"source": TEA.format(**FINE).replace("sugar: int", "sugar: bytes")},
            "plugins.tea.sugar is declared as",
        ),
        ({"source": "while True: pass"}, "it takes longer than 1 seconds"),
        ({"source": "raise SystemExit('left')"}, "SystemExit: left"),
        ({"source": "x = 1"}, "it has no hook"),
        ({"started": "1 / 0"}, "its server_started failed: ZeroDivisionError"),
    ],
)
def test_a_reload_that_cannot_be_keeps_the_old_one_and_says_why(
    desk: Desk, change: dict[str, Any], why: str
) -> None:
    ann = desk.chat.nc("ann")
    desk.write(**change)
    (said,) = desk.ask("reload tea")
    assert said.startswith("Plugin tea is not loaded: ")
    assert why in said
    assert said.endswith("The one before goes on.")
    assert ann.ask("TEA") == ["*** green"]


def test_a_server_started_that_fails_after_the_swap_brings_the_old_one_back(desk: Desk) -> None:
    desk.write(started="plugin.server.name == 'chat.example' and 1 / 0", answer="x", example="x")
    (said,) = desk.ask("reload tea")
    assert "its server_started failed: ZeroDivisionError: division by zero." in said
    assert "The one before is loaded again." in said
    assert desk.chat.nc("ann").ask("TEA") == ["*** green"]


def test_one_that_needs_settings_is_loaded_and_takes_part_in_nothing(desk: Desk) -> None:
    desk.write(TEA.format(**FINE).replace("sugar: int = 1", "sugar: int"))
    needs = "needs [plugins.tea] sugar"
    assert desk.ask("reload tea") == [f"Plugin tea is loaded anew: not configured, it {needs}."]
    assert f"tea  not configured: {needs}  ({desk.path})" in desk.ask("list")
    assert desk.chat.nc("ann").ask("TEA")[0].startswith("!!! There is no command TEA.")


def test_a_client_is_told_the_catalogue_only_where_it_changed(desk: Desk) -> None:
    client = desk.chat.irc("cli", [CATALOGUE, "batch"])
    client.lines()
    desk.ask("reload tea")
    assert client.lines() == []
    desk.write(TEA.format(**FINE).replace("Make tea.", "Make green tea."))
    desk.ask("reload tea")
    assert any(" COMMANDS TEA anyone * :Make green tea." in line for line in client.lines())


def test_timers_end_with_a_reload_and_are_armed_again_by_the_new_one(desk: Desk) -> None:
    rings = "plugin.every(0.1, lambda: plugin.announce('#lobby', '{}'))"
    desk.write(started=rings.format("old"))
    desk.ask("reload tea")
    ann = desk.chat.nc("ann")
    ann.expect("old")
    before = desk.chat.server.plugins.plugins["tea"]
    desk.write(started=rings.format("new"))
    desk.ask("reload tea")
    assert before.worker.waiting == 0
    before.worker._thread.join(20)  # type: ignore[union-attr]
    ann.lines()
    assert ann.expect("new") == "*** new"
    assert not any("old" in line for line in ann.lines())


def test_a_reload_while_a_handler_hangs_in_a_transaction_gives_the_new_one_its_storage(
    desk: Desk,
) -> None:
    release, inside = threading.Event(), threading.Event()
    hanging = TEA.format(**FINE).replace(
        'ctx.reply("green")',
        "if ctx.nick == 'stuck':\n"
        "        with ctx.storage.transaction() as storage:\n"
        "            storage['cups'] = 99\n"
        "            ctx.server.inside.set()\n"
        "            ctx.server.release.wait()\n"
        '    ctx.reply("green")',
    )
    server: Any = desk.chat.server
    server.inside, server.release = inside, release
    desk.write(hanging)
    desk.ask("reload tea")
    stuck, ann = desk.chat.nc("stuck"), desk.chat.nc("ann")
    assert ann.ask("TEA") == ["*** green"]
    stuck.send("TEA")
    assert inside.wait(20)
    stuck.expect("TEA")  # is told that it takes too long
    desk.write(answer="black", example="black")
    assert desk.ask("reload tea") == ["Plugin tea is loaded anew: TEA."]
    assert ann.ask("TEA") == ["*** black"]
    release.set()
    assert stuck.ask("TEA")[-1:] == ["*** black"]
    storage = server.plugins.plugins["tea"].storage
    assert 3 <= storage["cups"] <= 4  # what hung has changed nothing


@pytest.mark.parametrize(
    ("endless", "why"),
    [
        ("ctx.reply('x' * 400)", "an answer is longer than 1048576 bytes"),
        ("ctx.announce('x', '#lobby')", "one command lets more than 1000 things happen"),
        ("ctx.say('x', '#lobby')", "one command lets more than 1000 things happen"),
        ("ctx.publish(Said(ctx.user.id, '#lobby', 'x'))", "lets more than 1000 things happen"),
    ],
)
def test_an_answer_without_end_is_the_plugins_fault(
    desk: Desk, endless: str, why: str, caplog: pytest.LogCaptureFixture
) -> None:
    flood = "if ctx.nick == 'bob':\n        while True: " + endless
    source = TEA.format(**FINE).replace('ctx.reply("green")', f'{flood}\n    ctx.reply("green")')
    desk.write(source.replace("import command", "import Said, command"))
    assert desk.ask("reload tea") == ["Plugin tea is loaded anew: TEA."]
    bob = desk.chat.nc("bob")
    read = bob.ask("TEA")
    assert read[-1].startswith("!!! TEA ")
    assert sum(map(len, read)) < 2 << 20
    assert len([line for line in read if line.endswith("x")]) <= 2700
    assert why in caplog.text
    assert desk.chat.nc("ann").ask("TEA") == ["*** green"]


def test_unload_and_load(desk: Desk) -> None:
    ann = desk.chat.nc("ann")
    assert desk.ask("unload tea") == ["Plugin tea is unloaded; what it has stored stays."]
    assert ann.ask("TEA")[0].startswith("!!! ")
    assert desk.ask("unload tea") == ["There is no plugin tea to unload. PLUGIN list shows them."]
    assert desk.ask("reload tea") == ["There is no plugin tea to reload; PLUGIN load tea loads it."]
    assert desk.ask("load tea") == ["Plugin tea is loaded: TEA."]
    assert ann.ask("TEA") == ["*** green"]
    assert desk.ask("unload talk") == ["talk is built in and cannot be taken out."]
    assert desk.ask("reload talk") == ["talk is built in and stays as it is."]
    assert desk.ask("load nowhere") == [
        "There is no file nowhere.py where plugins are, and no package has it."
    ]
    assert desk.ask("load") == ["Say which one: PLUGIN load <name>. PLUGIN list shows them."]


def test_stats_count_calls_and_faults(desk: Desk) -> None:
    assert desk.ask("stats roll") == ["Nothing was called since it was loaded."]
    desk.chat.nc("ann").ask("TEA", "TEA")
    lines = desk.ask("stats tea")
    pattern = r"tea  TEA  2 calls  0 faults  median \d+\.\d ms  worst \d+\.\d ms"
    assert any(re.fullmatch(pattern, line) for line in lines)
    assert set(lines) <= set(desk.ask("stats"))
    assert desk.ask("stats nobody") == ["There is no plugin nobody. PLUGIN list shows them."]


def test_a_loaded_plugin_is_in_help_and_in_the_catalogue_of_those_who_know_it(desk: Desk) -> None:
    desk.ask("unload tea")
    client = desk.chat.irc("cli", [CATALOGUE, "batch"])
    client.lines()
    desk.ask("load tea")
    assert any(" COMMANDS TEA anyone * :Make tea." in line for line in client.lines())
    ann = desk.chat.nc("ann")
    assert any(line.startswith("***   TEA ") for line in ann.ask("HELP"))
    desk.ask("unload tea")
    assert not any(line.startswith("***   TEA ") for line in ann.ask("HELP"))


def test_nobody_notices_many_reloads(desk: Desk) -> None:
    ann, ben = desk.chat.nc("ann"), desk.chat.nc("ben")
    over, read = threading.Event(), []

    def talk() -> None:
        number = 0
        while not over.is_set():
            number += 1
            read.extend(ann.ask("TEA", f"MSG {number}"))
        read.append(number)

    talking = threading.Thread(target=talk)
    talking.start()
    modules = set()
    for _ in range(15):
        assert desk.ask("reload tea") == ["Plugin tea is loaded anew: TEA."]
        modules.add(id(desk.chat.server.plugins.plugins["tea"].module))
    over.set()
    talking.join(20)
    count = read.pop()
    assert [line for line in read if line != "*** green" and "came in" not in line] == [
        line for line in read if "ben" in line
    ]
    assert read.count("*** green") == count
    heard = [line for line in ben.lines() if line.startswith("<ann>")]
    assert heard == [f"<ann> {number}" for number in range(1, count + 1)]
    assert len(modules) > 1

"""What plugins are tested with: a chat of the test's own, its people, and the pytest plugin."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

import ircish
from ircish.testing import Chat, Closed

ROOT = Path(ircish.__file__).parent
PLUGIN = ROOT / "testing" / "pytest_plugin.py"

TEA = '''
from dataclasses import dataclass
from ircish import command, hookimpl

@dataclass
class Config:
    sugar: int = 0

@command("TEA")
def tea(ctx):
    """Tea."""
    ctx.reply(f"tea with {ctx.config.sugar}")

@hookimpl
def server_commands():
    return [tea]
'''

BROKEN = """
from ircish import hookimpl

@hookimpl
def server_comands():
    return []
"""


@pytest.fixture
def tea(tmp_path: Path) -> Path:
    file = tmp_path / "tea.py"
    file.write_text(TEA)
    return file


# People -------------------------------------------------------------------------------------------


def test_what_one_says_is_read_by_the_other(chat: Chat) -> None:
    ann, ben = chat.nc("ann"), chat.irc("ben", ["echo-message"], join="#lobby,#dev")
    ann.lines()
    assert ann.say("hello") == []
    assert ben.lines() == [":ann!ann@127.0.0.1 PRIVMSG #lobby :hello"]
    assert ben.say("hi, ann") == [":ben!~ben@127.0.0.1 PRIVMSG #lobby :hi, ann"]
    assert ann.expect("hi") == "<ben> hi, ann"


def test_what_is_typed_in_vain_is_answered(chat: Chat) -> None:
    ann = chat.nc("ann")
    chat.nc("ben")
    ann.lines()
    (line,) = ann.say("ben psst")
    assert line.startswith("!!! ")


def test_who_is_in_no_channel_is_told_how_to_come_into_one(chat: Chat) -> None:
    with pytest.raises(ValueError, match=r'ben is in no channel: chat.irc\("ben", join="#lobby"\)'):
        chat.irc("ben").say("hi")


def test_what_never_comes_is_missed_with_what_came_instead(chat: Chat) -> None:
    ann = chat.nc("ann")
    ann.send("ROLL 1d1")
    ann.socket.settimeout(0.2)
    with pytest.raises(TimeoutError, match=r"0.2 s there came only .*ann rolled 1d1: 1"):
        ann.expect("tea")


def test_who_has_been_put_out_still_has_what_they_read(chat: Chat) -> None:
    ann = chat.nc("ann")
    chat.stop("tea time")
    with pytest.raises(Closed, match="tea time") as closed:
        ann.lines()
    assert "tea time" in closed.value.lines[-1]


def test_who_speaks_to_a_server_that_is_gone_is_told_every_time(chat: Chat) -> None:
    ann = chat.nc("ann")
    chat.stop("tea time")
    assert "tea time" in ann.rest()[-1]
    for _ in range(3):
        with pytest.raises(Closed, match="after"):
            ann.lines()


def test_a_connection_that_is_reset_is_seen_to_leave(chat: Chat) -> None:
    ben, ann = chat.nc("ben"), chat.nc("ann")
    ann.reset()
    assert ben.expect("ann left")


# Chats --------------------------------------------------------------------------------------------


def test_two_chats_have_nothing_in_common(open_chat: Callable[..., Chat]) -> None:
    one, two = open_chat(), open_chat()
    one.nc("ann").say("hello")
    assert two.nc("ann").ask("HISTORY") != one.nc("ben").ask("HISTORY")
    assert one.config.server.data_dir != two.config.server.data_dir


def test_nobodys_own_settings_count(
    open_chat: Callable[..., Chat], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    own = tmp_path / "config" / "ircish" / "ircish.toml"
    own.parent.mkdir(parents=True)
    own.write_text("[server]\nmotd = 'mine'\n")
    assert open_chat().config.server.motd == ""


def test_settings_and_operators_are_those_of_the_test(open_chat: Callable[..., Chat]) -> None:
    chat = open_chat({"server.motd": "tea time"}, operators={"admin": "secret"})
    ann = chat.nc("ann")
    assert any("tea time" in line for line in ann.ask("MOTD"))
    assert "!!!" not in ann.ask("OPER admin secret")[0]


def test_a_plugins_file_is_loaded_with_its_own_settings(
    open_chat: Callable[..., Chat], tea: Path
) -> None:
    chat = open_chat({"plugins.tea": {"sugar": 2}}, plugins=[tea])
    assert chat.nc("ann").ask("TEA") == ["*** tea with 2"]
    chat.restart()
    assert chat.nc("ann").ask("TEA") == ["*** tea with 2"]


def test_a_plugins_file_takes_the_place_of_a_bundled_one(
    open_chat: Callable[..., Chat], tea: Path
) -> None:
    chat = open_chat({"server.without": ["karma"]}, plugins=[tea.rename(tea.with_name("roll.py"))])
    assert chat.nc("ann").ask("TEA") == ["*** tea with 0"]
    assert "karma" not in chat.server.plugins.names
    assert chat.server.commands.find("plain", "ROLL") is None


@pytest.mark.parametrize(
    ("source", "why"),
    [
        (BROKEN, "server_comands"),
        (
            "from ircish import hookimpl\n@hookimpl\ndef server_started(server):\n    1 / 0\n",
            "server_started failed: ZeroDivisionError: division by zero",
        ),
    ],
)
def test_a_plugin_that_cannot_be_loaded_is_the_tests_error(
    open_chat: Callable[..., Chat], tea: Path, source: str, why: str
) -> None:
    tea.write_text(source)
    with pytest.raises(Exception, match=why):
        open_chat(plugins=[tea])


# In an author's own repository --------------------------------------------------------------------

THEIR_TEST = """
import pytest
from pathlib import Path

@pytest.fixture
def ircish_plugins():
    return [Path(__file__).with_name("tea.py")]

def test_tea(chat):
    assert chat.nc("ann").ask("TEA") == ["*** tea with 0"]
"""


def pytest_in(directory: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """pytest as an author runs it, with every warning an error."""
    command = [sys.executable, "-W", "error", "-m", "pytest", "-p", "no:cacheprovider", *words]
    return subprocess.run(
        command,
        cwd=directory,
        env={**os.environ, "PYTHONPATH": str(ROOT.parent)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_an_author_tests_a_plugin_with_a_fixture_of_their_own(tea: Path) -> None:
    tea.with_name("test_tea.py").write_text(THEIR_TEST)
    tea.with_name("conftest.py").write_text('pytest_plugins = ["ircish.testing.pytest_plugin"]\n')
    done = pytest_in(tea.parent)
    assert "1 passed" in done.stdout, done.stdout + done.stderr
    assert "warning" not in done.stdout


def test_an_author_reads_why_a_plugin_is_not_loaded(tea: Path) -> None:
    tea.write_text(BROKEN)
    tea.with_name("test_tea.py").write_text(THEIR_TEST)
    done = pytest_in(tea.parent, "-p", "ircish.testing.pytest_plugin")
    assert done.returncode == 1
    assert "1 error" in done.stdout
    assert "server_comands" in done.stdout


def test_a_run_of_pytest_without_a_chat_does_not_import_ircish(tmp_path: Path) -> None:
    (tmp_path / "pytest_ircish.py").write_bytes(PLUGIN.read_bytes())  # as it is installed
    (tmp_path / "test_it.py").write_text(
        "import sys\n"
        "def test_it():\n"
        "    assert 'pytest_ircish' in sys.modules\n"
        "    assert [name for name in sys.modules if name.startswith('ircish')] == []\n"
    )
    done = pytest_in(tmp_path, "-p", "pytest_ircish")
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_entry_point_is_the_file_that_a_wheel_has_beside_the_package() -> None:
    project = tomllib.loads((ROOT.parent / "pyproject.toml").read_text("utf-8"))
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    assert wheel[str(PLUGIN.relative_to(ROOT.parent))] == "pytest_ircish.py"
    # by its module's name: `-p pytest_ircish` would be an error with another
    assert project["project"]["entry-points"]["pytest11"] == {"pytest_ircish": "pytest_ircish"}

"""The bundled shouting, which only the client has."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from ircish.client.command import Mistake
from ircish.pluginfiles import import_file
from ircish.testing import Chat


@pytest.fixture
def shout(plugin_file: Path) -> ModuleType:
    return import_file(plugin_file)


@pytest.mark.parametrize(
    ("typed", "taken"),
    [
        ("!!tea time", "TEA TIME"),
        ("!!straße", "STRASSE"),
        ("!tea", None),
        ("tea!!", None),
        ("!!", None),
        ("!! ", None),
        ("", None),
    ],
)
def test_two_marks_make_it_loud(shout: ModuleType, typed: str, taken: str | None) -> None:
    assert shout.client_typed(typed) == taken


def test_the_slash_command_says_it_loud(shout: ModuleType) -> None:
    said: list[str] = []
    client: Any = SimpleNamespace(say=said.append, session=None)
    (command,) = shout.client_commands()
    command.run(client, "tea  time")
    assert said == ["TEA  TIME"]
    with pytest.raises(Mistake, match=r"<text> is missing. Usage: /shout <text>"):
        command.run(client, "")


def test_the_server_has_nothing_of_it(chat: Chat) -> None:
    assert "shout" in chat.server.plugins.names
    (line,) = chat.nc("ann").ask("SHOUT tea")
    assert line.startswith("!!!")

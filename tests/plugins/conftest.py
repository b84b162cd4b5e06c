"""Each bundled plugin is tested in a chat that has no other: test_poll.py tests plugins/poll.py."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from ircish.events import Event
from ircish.pluginfiles import bundled
from ircish.testing import PATIENCE, Chat


@pytest.fixture
def plugin_file(request: pytest.FixtureRequest) -> Path:
    """The plugin that the test file is about."""
    name = Path(request.path).stem.removeprefix("test_")
    return bundled() / f"{name}.py"


def required(plugin: str) -> Mapping[str, Any]:
    return {"rules": []} if plugin == "filter" else {}


@pytest.fixture
def open_with(
    open_chat: Callable[..., Chat], plugin_file: Path
) -> Callable[[Mapping[str, Any] | None], Chat]:
    """``open_with({"per_minute": 3})``: a chat in which the plugin has these settings; None is that
    it has no table."""

    def open_with(table: Mapping[str, Any] | None) -> Chat:
        others = [path.stem for path in bundled().glob("*.py") if path != plugin_file]
        settings: dict[str, Any] = {"server.without": others}
        if table is not None:
            settings[f"plugins.{plugin_file.stem}"] = {**required(plugin_file.stem), **table}
        return open_chat(settings, {"admin": "secret"}, [plugin_file])

    return open_with


@pytest.fixture
def chat(open_with: Callable[[Mapping[str, Any] | None], Chat]) -> Chat:
    return open_with({})


class Last:
    """An event that is none, and knows when a plugin has looked at it."""

    def __init__(self) -> None:
        self.seen = threading.Event()

    @property
    def event(self) -> Event:
        self.seen.set()
        return Event()


@pytest.fixture
def noticed() -> Callable[[Chat], None]:
    """``noticed(chat)`` returns when the plugins have been told of all that has happened, and all
    timers whose time has come are done."""

    def noticed(chat: Chat) -> None:
        for plugin in chat.server.plugins.plugins.values():
            if "server_event" in plugin.hooks:
                for _ in range(2):  # timers come after an event
                    last = Last()
                    plugin.worker.give(last)
                    assert last.seen.wait(PATIENCE), plugin

    return noticed

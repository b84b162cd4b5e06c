"""The pytest plugin: ``chat``, a server of the test's own, and ``open_chat`` for others.

pytest imports it in every run where ircish is installed. So that runs without a chat cost nothing,
only the fixtures import ircish, and a wheel has this file beside the package, as ``pytest_ircish``:
to import it from the package would import the package. In a checkout that is not installed,
``pytest_plugins = ["ircish.testing.pytest_plugin"]`` in a conftest.py makes the fixtures known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from ircish.testing import Chat


@pytest.fixture
def ircish_plugins() -> list[Path]:
    """The plugin files that ``chat`` and ``open_chat`` load: none, until a test file or conftest.py
    has an ``ircish_plugins`` of its own that returns some."""
    return []


@pytest.fixture
def open_chat(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ircish_plugins: Iterable[Path]
) -> Iterator[Callable[..., Chat]]:
    """``open_chat({"limits.sendq": 5000}, operators={"admin": "secret"}, plugins=[path])``: a Chat
    with these settings, operators and plugins, closed after the test.

    A plugin that cannot be loaded is the test's error.
    """
    from ircish.testing import Chat

    # nobody's own plugins, neither the server's nor the client's
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    chats: list[Chat] = []

    def open_chat(
        settings: Mapping[str, Any] | None = None,
        operators: Mapping[str, str] | None = None,
        plugins: Iterable[Path] | None = None,
    ) -> Chat:
        files = ircish_plugins if plugins is None else plugins
        chat = Chat(tmp_path / f"data{len(chats)}", settings, operators, files)
        chats.append(chat)
        return chat

    yield open_chat
    for chat in chats:
        chat.close()


@pytest.fixture
def chat(open_chat: Callable[..., Chat]) -> Chat:
    """A Chat: a server on a free port with a data directory of its own. ``chat.nc("ann")`` is a
    person at nc, ``chat.irc("ben")`` an IRC client."""
    return open_chat()

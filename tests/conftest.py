"""Fixtures: ``chat``, a server of the test's own, and ``open_chat`` for one with other settings.

A server costs about 30 ms to start and stop, so every test has its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from chatting import Chat


@pytest.fixture
def open_chat(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Chat]]:
    """``open_chat({"limits.sendq": 5000})``: a chat with these settings."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))  # nobody's own ircish.toml
    chats: list[Chat] = []

    def start(
        settings: dict[str, Any] | None = None, operators: dict[str, str] | None = None
    ) -> Chat:
        chat = Chat(tmp_path / f"data{len(chats)}", settings or {}, operators)
        chats.append(chat)
        return chat

    yield start
    for chat in chats:
        chat.close()


@pytest.fixture
def chat(open_chat: Callable[..., Chat]) -> Chat:
    """A chat with the defaults."""
    return open_chat()

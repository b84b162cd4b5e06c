"""Fixtures of the tests with real IRC clients: a server, and who comes in there. A test is skipped
where a program that it needs is not installed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from clients_in_tmux import Irssi, WeeChat
from programs import Person, Server, need


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A server, which may not have met a fault of its own by the end of the test."""
    home = tmp_path / "server"
    home.mkdir()
    with closing(Server(home)) as server:
        server.start()
        yield server
    assert "Traceback" not in server.log(), server.log()


@pytest.fixture
def nc(request: pytest.FixtureRequest) -> Iterator[Callable[[str], Person]]:
    """``nc("ann")``: a person at nc in #dev."""
    need("nc")
    server = request.getfixturevalue("server")

    def come_in(nick: str) -> Person:
        person = people.enter_context(closing(Person(server.port)))
        person.comes_in(nick)
        return person

    with ExitStack() as people:
        yield come_in


@pytest.fixture
def irssi(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Irssi]:
    """irssi, in #dev as ian."""
    need("tmux", "irssi")
    server = request.getfixturevalue("server")
    with closing(Irssi(tmp_path / "irssi", server.port, "ian")) as irssi:
        irssi.sees("#dev: Total of ")
        yield irssi


@pytest.fixture
def weechat(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[WeeChat]:
    """WeeChat, in #dev as wes."""
    need("tmux", "weechat")
    server = request.getfixturevalue("server")
    with closing(WeeChat(tmp_path / "weechat", server.port, "wes")) as weechat:
        weechat.sees("Channel #dev: ")
        yield weechat

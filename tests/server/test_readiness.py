"""Readiness: both ways tell the writer the same."""

from __future__ import annotations

import contextlib
import os
import select
import socket
import struct
import threading
from collections.abc import Iterator

import pytest

from ircish.server import readiness as module
from ircish.server.readiness import Epoll, Poll, Readiness, Ready, hung_up, readiness

KINDS = [
    Poll,
    pytest.param(Epoll, marks=pytest.mark.skipif(not hasattr(select, "epoll"), reason="Linux")),
]


@pytest.fixture(params=KINDS)
def ready(request: pytest.FixtureRequest) -> Iterator[Readiness]:
    ready = request.param()
    yield ready
    ready.close()


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    here, there = socket.socketpair()
    here.setblocking(False)
    with here, there:
        yield here, there


def fill(sock: socket.socket) -> None:
    try:
        while True:
            sock.send(b"x" * 65536)
    except BlockingIOError:
        pass


def test_nothing_is_ready_where_nothing_happened(ready: Readiness) -> None:
    assert ready.wait(0) == []


def test_a_wake_up_ends_the_wait_once(ready: Readiness) -> None:
    ready.wake()
    ready.wake()
    assert ready.wait(60) == []  # would time out, were it not woken
    assert ready.wait(0) == []
    ready.wake()
    assert ready.wait(60) == []


def test_a_wake_up_from_another_thread_ends_the_wait(ready: Readiness) -> None:
    thread = threading.Thread(target=ready.wake)
    thread.start()
    assert ready.wait(60) == []
    thread.join()


def test_more_wake_ups_than_anything_holds_block_nobody(ready: Readiness) -> None:
    for _ in range(70_000):  # a pipe holds 65,536
        ready.wake()
    assert ready.wait(60) == []


def test_a_socket_that_was_full_is_told_of_when_it_has_room(
    ready: Readiness, pair: tuple[socket.socket, socket.socket]
) -> None:
    here, there = pair
    ready.watch(here.fileno())
    ready.wait(0)
    fill(here)
    ready.want_room(here.fileno(), True)
    assert ready.wait(0) == []
    there.setblocking(False)
    with contextlib.suppress(BlockingIOError):
        while there.recv(1 << 20):
            pass
    assert ready.wait(60) == [Ready(here.fileno(), writable=True, closed=False)]
    ready.want_room(here.fileno(), False)
    assert ready.wait(0) == []


def test_room_that_is_there_already_when_it_is_wanted_is_told_of(
    ready: Readiness, pair: tuple[socket.socket, socket.socket]
) -> None:
    here, _ = pair
    ready.watch(here.fileno())
    ready.wait(0)
    ready.want_room(here.fileno(), True)
    assert [each.writable for each in ready.wait(60)] == [True]
    ready.want_room(here.fileno(), False)


def test_a_descriptor_that_is_forgotten_is_not_told_of(
    ready: Readiness, pair: tuple[socket.socket, socket.socket]
) -> None:
    here, there = pair
    ready.watch(here.fileno())
    ready.want_room(here.fileno(), True)
    ready.forget(here.fileno())
    there.close()
    assert ready.wait(0) == []
    ready.forget(here.fileno())


@pytest.mark.skipif(not hasattr(select, "epoll"), reason="Linux")
def test_a_connection_reset_by_the_other_side_is_told_of_though_nothing_is_wanted() -> None:
    ready = Epoll()
    with socket.create_server(("127.0.0.1", 0)) as server:
        client = socket.create_connection(server.getsockname())
        accepted, _ = server.accept()
        with accepted:
            ready.watch(accepted.fileno())
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            client.close()
            news = ready.wait(60)
            assert [each.closed for each in news] == [True]
            assert news[0].fd == accepted.fileno()
    ready.close()


def test_the_better_way_is_taken_that_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    best = readiness()
    assert isinstance(best, Epoll if hasattr(select, "epoll") else Poll)
    best.close()
    monkeypatch.delattr(select, "epoll", raising=False)
    other = module.readiness()
    assert isinstance(other, Poll)
    other.close()


@pytest.mark.parametrize("kind", KINDS)
def test_closing_leaves_no_descriptor(kind: type[Poll]) -> None:
    before = len(os.listdir("/dev/fd"))
    kind().close()
    assert len(os.listdir("/dev/fd")) == before


@pytest.mark.skipif(not hasattr(select, "POLLRDHUP"), reason="Linux")
def test_a_hang_up_is_seen_behind_what_is_still_to_be_read(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    here, there = pair
    there.send(b"QUIT")
    assert not hung_up(here)
    there.shutdown(socket.SHUT_WR)
    assert hung_up(here)
    assert here.recv(10) == b"QUIT"


def test_a_socket_that_is_closed_here_has_hung_up() -> None:
    here, there = socket.socketpair()
    here.close()
    assert hung_up(here)
    there.close()

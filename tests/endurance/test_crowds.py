"""Many come and go: in turn, all at once, more than there are descriptors for."""

from __future__ import annotations

import random
import re
import resource
import socket
import struct
import threading
import time
from collections.abc import Callable

import pytest
from bystanders import Bystanders
from crowd import Crowd, Member
from process import ServerProcess

pytestmark = pytest.mark.timeout(180)

CYCLES = 10_000
RESET = struct.pack("ii", 1, 0)
"""SO_LINGER with no time: a close becomes a reset."""


def names(crowd: Crowd, member: Member, channel: str) -> set[str]:
    """Who is in a channel, as an IRC client in it is told."""
    mark = len(member.received)
    crowd.send(member, f"NAMES {channel}")
    crowd.settle([member])
    found = re.findall(rb" 353 \S+ = \S+ :([^\r]*)", bytes(member.received[mark:]))
    return {name.lstrip("@") for name in b" ".join(found).decode().split()}


def come_and_go(address: tuple[str, int], first: int, count: int, faults: list[str]) -> None:
    """Connect and leave so many times, in all the ways there are."""
    choose = random.Random(first)
    for number in range(first, first + count):
        try:
            with socket.create_connection(address, 30) as sock:
                nick = f"n{number}"
                plain = f"NICK {nick}\r\nMSG hi\r\nPING here\r\n"
                irc = f"NICK {nick}\r\nUSER {nick} 0 * :n\r\nPING here\r\n"
                joined = irc.replace("PING", "JOIN #lobby,#other\r\nPING")
                said = choose.choice(["", f"NICK {nick}\r\n", irc, irc, irc, joined, plain])
                sock.sendall(said.encode())
                if "PING" in said and choose.random() < 0.5:
                    _read_until(sock, b"here\r\n")
                leaves = choose.choice(["quit", "quit and wait", "close", "reset"])
                if leaves.startswith("quit"):
                    sock.sendall(b"QUIT bye\r\n")
                if leaves == "quit and wait":
                    _read_until(sock, b"")
                if leaves == "reset":
                    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        except OSError as error:
            faults.append(f"{nick}: {error}")


def _read_until(sock: socket.socket, end: bytes) -> None:
    received = b""
    while data := sock.recv(65536):
        received += data
        if end and end in received:
            return


def test_after_ten_thousand_connections_threads_descriptors_and_members_are_as_before(
    serve: Callable[..., ServerProcess], figure: Callable[[str, object], None]
) -> None:
    server = serve()

    def like_before() -> bool:
        return (server.threads(), server.descriptors()) == (threads, descriptors)

    def cycles(first: int, count: int) -> None:
        each = count // 4
        goers = [
            threading.Thread(
                target=come_and_go, args=(server.address, first + n * each, each, faults)
            )
            for n in range(4)
        ]
        for goer in goers:
            goer.start()
        while any(goer.is_alive() for goer in goers):
            crowd.pump(0.1)
        for goer in goers:
            goer.join()

    faults: list[str] = []
    with Crowd(server.address) as crowd:
        watcher = crowd.irc("watcher", "#lobby")
        crowd.settle([watcher])
        threads, descriptors = server.threads(), server.descriptors()
        cycles(0, CYCLES // 10)  # what is made once is made now
        assert crowd.pump(20, like_before), (server.threads(), server.descriptors())
        memory = [server.memory()]
        begun = time.monotonic()
        for half in range(2):
            cycles(CYCLES // 10 + half * CYCLES // 2, CYCLES // 2)
            assert crowd.pump(20, like_before), (server.threads(), server.descriptors())
            memory.append(server.memory())
        took = time.monotonic() - begun
        assert names(crowd, watcher, "#lobby") == {"watcher"}
        assert names(crowd, watcher, "#other") == set()
        listed = len(watcher.received)
        crowd.send(watcher, "LUSERS")
        crowd.settle([watcher])
        assert watcher.has("There are 1 users ", listed)
    assert faults == []
    assert memory[2] - memory[0] < 15
    figure("connections", f"{CYCLES} in {took:.1f} s")
    figure("threads, descriptors, members", f"{threads}, {descriptors}, 1: as before")
    figure("memory", f"{memory[0]:.1f} MiB, then {memory[1]:.1f}, then {memory[2]:.1f}")


def test_four_hundred_reset_at_once_are_gone_soon_and_the_others_notice_nothing(
    serve: Callable[..., ServerProcess], figure: Callable[[str, object], None]
) -> None:
    server = serve()
    with Crowd(server.address) as crowd:
        watcher = crowd.irc("watcher", "#lobby")
        crowd.settle([watcher])
        before = server.descriptors()
        everyone = [
            crowd.irc(f"c{n}", "#lobby") if n % 2 else crowd.plain(f"c{n}") for n in range(400)
        ]
        crowd.settle(everyone)
        assert len(names(crowd, watcher, "#lobby")) == 401
        with Bystanders(server.address) as others:
            crowd.pump(1)
            begun = time.monotonic()
            for each in everyone:
                crowd.close(each, reset=True)
            reset = time.monotonic() - begun
            while names(crowd, watcher, "#lobby") != {"watcher"}:
                assert time.monotonic() - begun < 20
            gone = time.monotonic() - begun
            assert crowd.pump(20, lambda: server.descriptors() == before + 10)
            closed = time.monotonic() - begun
            crowd.pump(1)
    assert gone < 5
    assert watcher.received.count(b" QUIT :") == 400
    figure("400 reset within", f"{reset * 1000:.0f} ms")
    figure("gone from NAMES, descriptors closed", f"{gone:.2f} s, {closed:.2f} s")
    figure("others meanwhile", others)


def test_two_thousand_who_connect_at_once_are_all_served(
    serve: Callable[..., ServerProcess], figure: Callable[[str, object], None]
) -> None:
    if resource.getrlimit(resource.RLIMIT_NOFILE)[0] < 2200:
        pytest.skip("too few descriptors are allowed here")
    server = serve()
    idle = server.memory()
    with Crowd(server.address) as crowd:
        begun = time.monotonic()
        everyone = [crowd.irc(f"c{n}") for n in range(2000)]
        connected = time.monotonic() - begun
        crowd.settle(everyone)
        took = time.monotonic() - begun
        assert all(each.has(" 001 ") for each in everyone)
        memory = server.memory() - idle
    assert took < 20
    figure("2000 connects begun within", f"{connected:.2f} s")
    figure("all have come in after", f"{took:.2f} s")
    figure("memory", f"{memory / 2000 * 1024:.1f} KiB each")


def test_beyond_the_descriptor_limit_all_are_refused_in_words_until_others_leave(
    serve: Callable[..., ServerProcess], figure: Callable[[str, object], None]
) -> None:
    server = serve(descriptors=128)
    room = 128 - 64
    with Crowd(server.address) as crowd:
        inside = [crowd.irc(f"c{n}", "#lobby") for n in range(room)]
        crowd.settle(inside)
        outside = [crowd.connect() for _ in range(100)]
        assert crowd.pump(10, lambda: all(each.closed for each in outside))
        told = sum(each.received == b"ERROR :This server is full; try again later\r\n"
                   for each in outside)  # fmt: skip
        assert told == 100
        busy = _busy(crowd, server)
        for each in inside[:10]:
            crowd.send(each, "QUIT")
        assert crowd.pump(10, lambda: all(each.closed for each in inside[:10]))
        assert crowd.pump(10, lambda: server.threads() <= room - 10 + 8)
        late = [crowd.irc(f"late{n}", "#lobby") for n in range(10)]
        crowd.settle(inside[10:] + late)
    assert busy < 0.3
    figure("descriptors allowed", f"128: {room} clients came in, 100 were told it is full")
    figure("CPU when full", f"{busy:.1%}")


def test_where_descriptors_run_out_connects_wait_and_the_processor_rests(
    serve: Callable[..., ServerProcess], figure: Callable[[str, object], None]
) -> None:
    server = serve()
    with Crowd(server.address) as crowd:
        inside = [crowd.irc(f"c{n}", "#lobby") for n in range(50)]
        crowd.settle(inside)
        limit = server.descriptors() + 5  # lower than it knows
        resource.prlimit(server.pid, resource.RLIMIT_NOFILE, (limit, limit))
        waiting = [crowd.irc(f"w{n}", "#lobby") for n in range(30)]
        assert crowd.pump(10, lambda: "no connection can be accepted" in server.log())
        busy = _busy(crowd, server)
        came_in = sum(each.has(" 366 ") for each in waiting)
        assert came_in < 30
        crowd.settle(inside)  # who is in notices nothing
        for each in inside[:40]:
            crowd.send(each, "QUIT")
        begun = time.monotonic()
        crowd.settle(waiting)
        after = time.monotonic() - begun
        complaints = server.log().count("no connection can be accepted")
    assert busy < 0.3
    figure(
        "connects", f"30, of which {30 - came_in} had to wait; in {after:.2f} s after others left"
    )
    figure("CPU meanwhile", f"{busy:.1%}")
    figure("lines in the log", complaints)


def _busy(crowd: Crowd, server: ServerProcess) -> float:
    """The share of a core that the server takes, over 3 s."""
    cpu, begun = server.cpu(), time.monotonic()
    crowd.pump(3)
    return (server.cpu() - cpu) / (time.monotonic() - begun)

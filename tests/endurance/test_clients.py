"""Clients that do not behave: they never read, never come in, never end a line. Others notice
nothing."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from bystanders import Bystanders
from crowd import Crowd, Member
from process import ServerProcess

pytestmark = pytest.mark.timeout(120)

REGISTRATION = 5.0
"""Seconds to come in, in the test of those who do not."""

GROWTH = 20.0
"""MiB that a server may grow by while it is sent rubbish."""

SENDQ = 1 << 20
"""Bytes that may wait for one who does not read."""

LITTLE = 80 << 10
"""Likewise, where there is room for what others say but not for a part of an answer, too."""

LATE = 170
"""Lines of what others say, which fill it nearly."""

TIMES = 10
"""How often one asks for all there is, without reading it."""

LOUD = "x" * 400
EMPTY = b"\r\n" * 50_000


def test_a_client_that_never_reads_is_dropped_and_the_others_notice_nothing(
    serve: Callable[..., ServerProcess], figure: Callable[[str, object], None]
) -> None:
    server = serve({"limits.sendq": SENDQ})
    with Crowd(server.address) as crowd:
        speaker, watcher = crowd.irc("ann", "#busy"), crowd.irc("ben", "#busy")
        crowd.settle([speaker, watcher])
        with Bystanders(server.address, "#busy") as others:
            before = server.descriptors()
            mute = crowd.irc("mute", "#busy", buffer=4096)
            crowd.settle([mute])
            assert server.descriptors() == before + 1
            crowd.pause(mute)
            start, said, begun, looked, filled = (
                len(watcher.received),
                0,
                time.monotonic(),
                0.0,
                0.0,
            )
            while not watcher.has("SendQ exceeded", start):
                now = time.monotonic()
                assert now - begun < 60, "it is never dropped"
                if said < (now - begun) * 1000:  # a second
                    crowd.send(speaker, f"PRIVMSG #busy :{LOUD}")
                    said += 1
                for _ in crowd.turn(0.001):
                    pass
                if not filled and now - looked > 0.05:
                    looked = now
                    outbox = len(watcher.received) - start - in_kernel(server, mute)
                    filled = now if outbox > SENDQ else 0.0
            dropped = time.monotonic()
            filled = filled or dropped
            heard = len(watcher.received) - start
            assert heard > SENDQ
            assert crowd.pump(15, lambda: server.descriptors() == before)
            closed = time.monotonic()
            crowd.resume(mute)
            assert crowd.pump(10, lambda: mute.closed)
    assert dropped - filled < 10
    assert others.p99 < 100
    figure("said before it was dropped", f"{heard / SENDQ:.1f} MiB, most of it in the kernel")
    figure("dropped, after its outbox was full", f"{dropped - filled:.2f} s")
    figure("its descriptor gone", f"{closed - dropped:.2f} s later")
    figure("others in the channel meanwhile", others)


def in_kernel(server: ServerProcess, member: Member) -> int:
    """Bytes on the way from the server to one, in the system's buffers: proc_net_tcp(5)."""
    port, own = server.address[1], member.socket.getsockname()[1]
    total = 0
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        _, here, there, _, queues, *_ = line.split()
        ends = int(here.partition(":")[2], 16), int(there.partition(":")[2], 16)
        sending, _, receiving = queues.partition(":")
        if ends == (port, own):
            total += int(sending, 16)
        elif ends == (own, port):
            total += int(receiving, 16)
    return total


def test_a_long_answer_to_ones_own_commands_drops_nobody(
    serve: Callable[..., ServerProcess], figure: Callable[[str, object], None]
) -> None:
    channels = 2000
    server = serve({"limits.sendq": LITTLE, "limits.channels_per_user": channels + 1})
    with Crowd(server.address) as crowd:
        founder, speaker = crowd.irc("ann", "#busy"), crowd.irc("ben", "#busy")
        crowd.settle([founder, speaker])
        for number in range(channels):
            crowd.send(founder, f"JOIN #c{number}", f"TOPIC #c{number} :{LOUD[:300]}")
        for number in range(1000):
            crowd.send(speaker, f"PRIVMSG #busy :{number} {LOUD}")
        crowd.settle([founder, speaker])
        with Bystanders(server.address, "#calm") as others:
            slow, person = crowd.irc("sam", "#busy", buffer=65536), crowd.plain("pat")
            crowd.send(person, "JOIN #busy")
            crowd.settle([slow, person])
            crowd.settle([slow, person])
            marks = [len(slow.received), len(person.received)]
            for each, line in ((slow, "LIST"), (person, "HISTORY 1000")):
                crowd.pause(each)
                crowd.send(each, *[line] * TIMES, "PING last")
            crowd.pump(1)  # until answers wait, and what others say has to wait behind them
            for number in range(LATE):
                crowd.send(speaker, f"PRIVMSG #busy :late{number}. {LOUD}")
            crowd.pump(1)
            for each in (slow, person):
                crowd.resume(each)
            assert crowd.pump(30, lambda: slow.has(":last") and person.has("PONG last"))
            crowd.settle([slow, person])
        listed, told = (
            len(each.received) - mark for each, mark in zip((slow, person), marks, strict=True)
        )
        assert slow.received.count(b" 322 ", marks[0]) == TIMES * (channels + 3)
        assert person.received.count(b"<ben> ", marks[1]) >= TIMES * 1000
        for number in range(LATE):
            assert slow.received.count(b":late%d. " % number) == 1
        assert listed > SENDQ
        assert told > SENDQ
    figure("an outbox holds", f"{LITTLE >> 10} KiB of what others say")
    figure("answers not read for 2 s", f"{listed >> 10} KiB of LIST, {told >> 10} KiB of HISTORY")
    figure("others meanwhile", others)


def test_those_who_do_not_come_in_are_closed_at_their_time_however_slowly_they_write(
    serve: Callable[..., ServerProcess], figure: Callable[[str, object], None]
) -> None:
    server = serve({"limits.registration_seconds": REGISTRATION})
    with Bystanders(server.address) as others, Crowd(server.address) as crowd:
        before = server.descriptors()
        begun = time.monotonic()
        slow = [crowd.connect() for _ in range(200)]
        silent = [crowd.connect() for _ in range(200)]
        everyone = slow + silent
        assert crowd.pump(10, lambda: server.descriptors() == before + len(everyone))
        connected = time.monotonic()
        first = last = 0.0
        for byte in b"NICK " + b"slow" * 10:
            for each in slow:
                if not each.closed:
                    crowd.send_bytes(each, bytes([byte]))
            next_byte = time.monotonic() + 1
            while time.monotonic() < next_byte:
                for each in crowd.turn(0.05):
                    if each.closed:
                        last = time.monotonic()
                        first = first or last
            if all(each.closed for each in everyone):
                break
        assert all(each.closed for each in everyone)
        assert all(b"too long" in each.received for each in everyone)
        assert first - begun >= REGISTRATION
        assert last - connected < REGISTRATION + 5
        assert crowd.pump(5, lambda: server.descriptors() == before)
    figure("time to come in", f"{REGISTRATION:.0f} s")
    figure(
        "400 of them closed", f"{first - begun:.1f} to {last - connected:.1f} s after connecting"
    )
    figure("others meanwhile", others)


def test_64_mib_without_a_newline_and_a_million_empty_lines_take_no_memory(
    serve: Callable[..., ServerProcess], figure: Callable[[str, object], None]
) -> None:
    server = serve({"limits.flood_rate": 4, "limits.flood_burst": 100})
    person, page = b"NICK ann\r\nTIME\r\n", b"A" * 65536
    with Bystanders(server.address, rate=200) as others:
        grown = {
            "64 MiB": _grown(server, b"", page, 1024, b"too long"),
            "64 MiB from one who is in": _grown(server, person, page, 1024, b"too long"),
            "a million empty lines": _grown(server, b"", EMPTY, 20, b""),
            "a million empty lines from one who is in": _grown(server, person, EMPTY, 20, b""),
        }
    for name, growth in grown.items():
        figure(name, f"{growth:+.1f} MiB")
    figure("others meanwhile", others)
    assert max(grown.values()) < GROWTH


def _grown(
    server: ServerProcess, coming_in: bytes, rubbish: bytes, times: int, answer: bytes
) -> float:
    """Send rubbish, end the line, and read the answers: by how many MiB the peak grew."""
    before = server.memory()
    most = 0.0
    with socket.create_connection(server.address, 30) as sock:
        sock.sendall(coming_in)
        for number in range(times):
            sock.sendall(rubbish)
            if number % 16 == 0:
                most = max(most, server.memory())
        sock.sendall(b"\r\nPING end\r\nQUIT\r\n")
        received = b""
        while data := sock.recv(65536):
            received += data
    assert received.count(answer) == 1 or not answer, received
    assert b"PONG" in received
    return max(most, server.memory()) - before
